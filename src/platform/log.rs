//! Structured log lines: one JSON object each, so that Workers Logs can search by field. No line has a value that a client or
//! a visitor sent: error messages quote such values, and what is quoted is left out.

use serde_json::{Value, json};

/// Logs an internal failure: which request, where, what. Never anything that a client sent.
pub fn failure(request_id: &str, route: &str, explanation: &str) {
    let error = without_values(explanation);
    let line: Value = json!({ "level": "error", "requestId": request_id, "route": route, "error": error });
    write(&line, || worker::console_error!("{line}"));
}

/// Logs the use of a tool, without its arguments.
pub fn tool(request_id: &str, tool: &str, outcome: &str) {
    let line: Value = json!({ "level": "info", "requestId": request_id, "tool": tool, "outcome": outcome });
    write(&line, || worker::console_log!("{line}"));
}

/// Logs that a mail could not be sent, without its contents and its recipient, which may be confidential.
pub fn mail_failure(mail_id: &str, reason: &str) {
    let line: Value = json!({ "level": "warn", "mail": mail_id, "error": without_values(reason) });
    write(&line, || worker::console_warn!("{line}"));
}

/// An error message without what it quotes: values in double quotes, and what serde puts between backquotes, except for the
/// names of missing fields, which are ours.
fn without_values(message: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(message.len()), message);
    while let Some(start) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let quote = if quoted.starts_with('"') { '"' } else { '`' };
        let inside = quoted.get(1..).unwrap_or_default();
        let mut is_escaped = false;
        let end = inside.find(|character| {
            let ends = character == quote && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            ends
        });
        let (value, after) = end.map_or((inside, ""), |end| inside.split_at(end));
        kept.push_str(before);
        let shown = if before.ends_with("missing field ") { value } else { "…" };
        kept.extend([quote.to_string().as_str(), shown, quote.to_string().as_str()]);
        rest = after.get(1..).unwrap_or_default();
    }
    kept + rest
}

// Native tests have no console.
fn write(line: &Value, to_console: impl FnOnce()) {
    if cfg!(target_arch = "wasm32") {
        to_console();
    } else {
        eprintln!("{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stored {
        _number: u32,
        _kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        One,
    }

    #[test]
    fn a_message_about_stored_json_says_what_is_wrong_and_nothing_of_it() {
        for (text, shown) in [
            (r#"{"_number":"ada@example.com"}"#, "invalid type: string \"…\", expected u32 at line 1 column 28"),
            (
                r#"{"_number":"a\\\"ada@example.com\" b"}"#,
                "invalid type: string \"…\", expected u32 at line 1 column 37",
            ),
            (r#"{"_number":1,"_kind":"ada@example.com"}"#, "unknown variant `…`, expected `…` at line 1 column 38"),
            (r#"{"ada@example.com":1}"#, "unknown field `…`, expected `…` or `…` at line 1 column 18"),
            (r#"{"_number":123456789012}"#, "invalid value: integer `…`, expected u32 at line 1 column 23"),
            (r#"{"_number":1}"#, "missing field `_kind` at line 1 column 13"),
            (r#"{"_number":"ada"#, "EOF while parsing a string at line 1 column 15"),
        ] {
            let error = serde_json::from_str::<Stored>(text).unwrap_err().to_string();
            assert_eq!(without_values(&error), shown, "{error}");
        }
        assert_eq!(
            without_values("UNIQUE constraint failed: websites.domain"),
            "UNIQUE constraint failed: websites.domain"
        );
        assert_eq!(without_values("a funnel needs 2 steps, got \"Ada"), "a funnel needs 2 steps, got \"…\"");
    }

    proptest! {
        #[test]
        fn whatever_a_value_is_no_message_repeats_it(value in "\\PC*") {
            let value = format!("secret{value}secret");
            let stored = serde_json::json!({ "_number": value, "_kind": "One" }).to_string();
            let error = serde_json::from_str::<Stored>(&stored).unwrap_err().to_string();
            prop_assert!(!without_values(&error).contains("secret"), "{}", error);
        }
    }
}
