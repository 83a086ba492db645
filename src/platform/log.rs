//! Structured log lines: one JSON object each, so that Workers Logs can search by field.

use serde_json::{Value, json};

/// Logs a failure of ours: which request, where, what. Never what a client sent.
pub fn failure(request_id: &str, route: &str, explanation: &str) {
    let line: Value = json!({ "level": "error", "requestId": request_id, "route": route, "error": explanation });
    worker::console_error!("{line}");
}
