//! Structured log lines: one JSON object each, so that Workers Logs can search by field.

use serde_json::{Value, json};

/// Logs an internal failure: which request, where, what. Never anything that a client sent.
pub fn failure(request_id: &str, route: &str, explanation: &str) {
    let line: Value = json!({ "level": "error", "requestId": request_id, "route": route, "error": explanation });
    write(&line, || worker::console_error!("{line}"));
}

/// Logs that a mail could not be sent, without its contents and its recipient, which may be confidential.
pub fn mail_failure(mail_id: &str, reason: &str) {
    let line: Value = json!({ "level": "warn", "mail": mail_id, "error": reason });
    write(&line, || worker::console_warn!("{line}"));
}

// Native tests have no console.
fn write(line: &Value, to_console: impl FnOnce()) {
    if cfg!(target_arch = "wasm32") {
        to_console();
    } else {
        eprintln!("{line}");
    }
}
