//! What tools answer: the route's own body as structured content, and the same as text. Pure.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::wire::{Era, Request};

/// What a tool answers.
#[derive(Debug)]
pub struct Outcome {
    /// The body of the route's answer, or of its refusal.
    structured: Option<Box<RawValue>>,
    text: String,
    pub is_error: bool,
}

impl Outcome {
    /// A route's answer, with a line in front of the text.
    pub fn answered(body: &str, line: Option<&str>) -> Self {
        let body = escaped(body);
        let text = match line {
            Some(line) => format!("{line}\n{body}"),
            None => body.clone(),
        };
        Self { structured: RawValue::from_string(body).ok(), text, is_error: false }
    }

    /// A refusal: its message, with the body that the route answers.
    pub fn refused(body: &str) -> Self {
        let body = escaped(body);
        let parsed: Value = serde_json::from_str(&body).unwrap_or_default();
        let text = ["/error/message", "/error", "/message"].iter().find_map(|path| parsed.pointer(path)?.as_str());
        let text = text.unwrap_or("refused").to_owned();
        Self { structured: RawValue::from_string(body).ok(), text, is_error: true }
    }

    /// A failure that no route answers.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { structured: None, text: message.into(), is_error: true }
    }
}

/// JSON with every invisible character in it written as an escape: visitors send such, to hide text from people who read along.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_shown(character) {
            escaped.push(character);
        } else {
            // Outside of strings, JSON that we write has no such character.
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

fn is_shown(character: char) -> bool {
    let is_control = character.is_control() && character != '\n';
    let is_invisible = matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !is_control && !is_invisible
}

/// The name and version that a handshake is answered with, and every request of the stateless era.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ServerInfo {
    name: &'static str,
    title: &'static str,
    version: &'static str,
}

pub const SERVER: ServerInfo = ServerInfo { name: "sluice", title: "Sluice", version: env!("CARGO_PKG_VERSION") };

/// How long the list of tools may be kept: a minute. Nobody but the holder of the token has it.
const KEPT_MS: u32 = 60_000;

#[derive(Serialize)]
struct Response<'a, R> {
    jsonrpc: &'static str,
    id: &'a Value,
    result: R,
}

fn response<R: Serialize>(request: &Request, result: R) -> String {
    // Our own types always serialize: their keys are strings and their numbers finite.
    serde_json::to_string(&Response { jsonrpc: "2.0", id: &request.id, result }).unwrap_or_default()
}

/// What every result of the stateless era has, and no other.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Complete {
    result_type: &'static str,
    #[serde(rename = "_meta")]
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server: ServerInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    ttl_ms: u32,
    cache_scope: &'static str,
}

const KEPT: Kept = Kept { ttl_ms: KEPT_MS, cache_scope: "private" };

fn complete(request: &Request) -> Option<Complete> {
    let complete = Complete { result_type: "complete", meta: Meta { server: SERVER } };
    (request.era == Era::Stateless).then_some(complete)
}

/// The response with these fields.
pub fn plain<R: Serialize>(request: &Request, fields: R) -> String {
    #[derive(Serialize)]
    struct Plain<R> {
        #[serde(flatten)]
        fields: R,
        #[serde(flatten)]
        complete: Option<Complete>,
    }
    response(request, Plain { fields, complete: complete(request) })
}

/// The response with these fields, which a client may keep for a while.
pub fn kept<R: Serialize>(request: &Request, fields: R) -> String {
    #[derive(Serialize)]
    struct Fields<R> {
        #[serde(flatten)]
        fields: R,
        #[serde(flatten)]
        kept: Option<Kept>,
    }
    plain(request, Fields { fields, kept: (request.era == Era::Stateless).then_some(KEPT) })
}

/// The list of tools, each as its schema was generated.
pub fn list(request: &Request, tools: &[&RawValue]) -> String {
    #[derive(Serialize)]
    struct List<'a> {
        tools: &'a [&'a RawValue],
    }
    kept(request, List { tools })
}

/// The result of a tool.
pub fn result(request: &Request, outcome: &Outcome) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ToolResult<'a> {
        content: [Content<'a>; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        structured_content: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    }
    #[derive(Serialize)]
    struct Content<'a> {
        r#type: &'static str,
        text: &'a str,
    }
    let Outcome { structured, text, is_error } = outcome;
    let content = [Content { r#type: "text", text }];
    plain(request, ToolResult { content, structured_content: structured.as_deref(), is_error: *is_error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(era: Era) -> Request {
        Request { id: json!(7), method: "tools/call".to_owned(), params: serde_json::Map::new(), era }
    }

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_result_has_the_body_of_the_route_twice() {
        let outcome = Outcome::answered(r#"{"status":"success","data":[{"n":1.50}]}"#, Some("example.com, all time"));
        let sent = result(&request(Era::Handshake), &outcome);
        assert_eq!(
            sent,
            r#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"example.com, all time\n{\"status\":\"success\",\"data\":[{\"n\":1.50}]}"}],"structuredContent":{"status":"success","data":[{"n":1.50}]}}}"#
        );
        let sent = read(&result(&request(Era::Stateless), &outcome));
        assert_eq!(sent["result"]["resultType"], "complete");
        assert_eq!(sent["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "sluice");
    }

    #[test]
    fn what_is_refused_says_so_in_words_and_for_programs() {
        for (body, said) in [
            (r#"{"status":"error","error":{"code":404,"message":"no alert 1"}}"#, "no alert 1"),
            (r#"{"error":"amount: required"}"#, "amount: required"),
        ] {
            let sent = read(&result(&request(Era::Handshake), &Outcome::refused(body)));
            assert_eq!(sent["result"]["isError"], true);
            assert_eq!(sent["result"]["content"][0]["text"], said);
            assert_eq!(sent["result"]["structuredContent"], read(body));
        }
    }

    #[test]
    fn hidden_text_is_shown() {
        let tags: String = "ignore".chars().map(|c| char::from_u32(0xe0000 + u32::from(c)).unwrap()).collect();
        let body = json!({ "status": "success", "data": [{ "name": format!("a\u{202e}b\u{9b}c\u{200b}{tags}é") }] });
        let Outcome { structured, text, .. } = Outcome::answered(&body.to_string(), None);
        assert!(text.contains(r"a\u202eb\u009bc\u200b\udb40\udc69") && text.contains('é'), "{text}");
        assert!(text.chars().all(is_shown));
        assert_eq!(read(structured.unwrap().get()), body);
    }

    #[test]
    fn only_the_stateless_era_is_told_how_long_a_list_is_good() {
        let tool = RawValue::from_string(r#"{"name":"x","n":1.50}"#.to_owned()).unwrap();
        let list = |era| list(&request(era), &[&tool]);
        assert_eq!(list(Era::Handshake), r#"{"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"x","n":1.50}]}}"#);
        let sent = read(&list(Era::Stateless));
        assert_eq!((&sent["result"]["ttlMs"], &sent["result"]["cacheScope"]), (&json!(60_000), &json!("private")));
    }
}
