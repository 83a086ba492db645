//! The Model Context Protocol's messages, of both eras: those with a handshake, and revision 2026-07-28, whose requests each say what
//! they are (docs/contract/mcp.md#3). Pure.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use crate::http::json::{self, DEEPEST};

/// The revision whose requests need no handshake.
pub const STATELESS: &str = "2026-07-28";

/// The revisions with a handshake, newest first.
pub const WITH_HANDSHAKE: [&str; 5] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

/// The one revision that has batches, which is also meant by a request that names none.
const WITH_BATCHES: &str = "2025-03-26";

/// The most messages of a batch.
const LONGEST_BATCH: usize = 10;

/// How much deeper a message is nested than the arguments in it.
const ENVELOPE: usize = 4;

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";

/// The codes of JSON-RPC, and those of the protocol and of the official SDK.
pub mod code {
    pub const PARSE: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const NO_METHOD: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL: i32 = -32603;
    pub const TRANSPORT: i32 = -32000;
    pub const UNAUTHORIZED: i32 = -32001;
    pub const MISMATCH: i32 = -32020;
    pub const UNKNOWN_REVISION: i32 = -32022;
}

/// The headers that say again what a message says.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    pub protocol_version: Option<String>,
    pub method: Option<String>,
    pub name: Option<String>,
}

/// The era of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    Handshake,
    Stateless,
}

/// A request: it has an id and wants a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub id: Value,
    pub method: String,
    pub params: Map<String, Value>,
    pub era: Era,
}

/// What a body is.
#[derive(Debug, PartialEq)]
pub enum Message {
    Request(Request),
    /// Of a batch; what is wrong with one of its messages is answered in its place.
    Requests(Vec<Result<Request, Fault>>),
    /// A notification, or the response to a request that we never make.
    Nothing,
}

/// A JSON-RPC error, and the status that it is sent with.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub status: u16,
    pub code: i32,
    pub message: String,
    pub data: Option<Value>,
    pub id: Value,
}

impl Fault {
    /// An error about no request in particular.
    pub fn new(status: u16, code: i32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), data: None, id: Value::Null }
    }

    fn with_data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    /// The error as the response to a request.
    #[must_use]
    pub fn of(self, id: &Value) -> Self {
        Self { id: id.clone(), ..self }
    }

    /// The method is not known.
    pub fn no_method(request: &Request) -> Self {
        let status = match request.era {
            Era::Handshake => 200,
            Era::Stateless => 404,
        };
        Self::new(status, code::NO_METHOD, "Method not found").of(&request.id)
    }

    /// The message, as it is sent.
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (Some(error), Some(data)) = (error.as_object_mut(), &self.data) {
            error.insert("data".to_owned(), data.clone());
        }
        json!({ "jsonrpc": "2.0", "id": self.id, "error": error })
    }
}

/// Reads a body.
pub fn read(body: &[u8], headers: &Headers) -> Result<Message, Fault> {
    let parsed =
        json::parse(body, DEEPEST + ENVELOPE).map_err(|_| Fault::new(400, code::PARSE, "Parse error: Invalid JSON"))?;
    match parsed {
        Value::Array(messages) => read_batch(messages, headers),
        message => match Raw::of(message)? {
            Raw::Request { id, method, params } => {
                let era = era_of(&id, &method, &params, headers)?;
                Ok(Message::Request(Request { id, method, params, era }))
            }
            Raw::Nothing => Ok(Message::Nothing),
        },
    }
}

fn read_batch(messages: Vec<Value>, headers: &Headers) -> Result<Message, Fault> {
    let invalid = |message: String| Err(Fault::new(400, code::INVALID_REQUEST, message));
    let revision = headers.protocol_version.as_deref().unwrap_or(WITH_BATCHES);
    let is_stateless = |message: &Value| {
        message.get("params").and_then(|params| params.get("_meta")).is_some_and(|meta| meta.get(VERSION_KEY).is_some())
    };
    if revision != WITH_BATCHES || messages.iter().any(is_stateless) {
        return invalid(format!("Bad Request: batches are of revision {WITH_BATCHES} only"));
    }
    if messages.is_empty() || messages.len() > LONGEST_BATCH {
        return invalid(format!("Bad Request: a batch has 1 to {LONGEST_BATCH} messages"));
    }
    let calls = messages.iter().filter(|message| message.get("method").is_some_and(|method| method == "tools/call"));
    // A batch counts as one request against the rate limit.
    if calls.count() > 1 {
        return invalid("Bad Request: a batch calls at most one tool".to_owned());
    }
    let requests = messages.into_iter().filter_map(|message| match Raw::of(message) {
        Ok(Raw::Request { id, method, params }) => Some(Ok(Request { id, method, params, era: Era::Handshake })),
        Ok(Raw::Nothing) => None,
        Err(fault) => Some(Err(fault)),
    });
    let requests: Vec<_> = requests.collect();
    Ok(if requests.is_empty() { Message::Nothing } else { Message::Requests(requests) })
}

/// A message of JSON-RPC.
enum Raw {
    Request { id: Value, method: String, params: Map<String, Value> },
    Nothing,
}

impl Raw {
    fn of(message: Value) -> Result<Self, Fault> {
        let invalid =
            || Fault::new(400, code::INVALID_REQUEST, "Bad Request: the request body is not a valid JSON-RPC message");
        let Value::Object(mut message) = message else { return Err(invalid()) };
        if message.get("jsonrpc").is_none_or(|version| version != "2.0") {
            return Err(invalid());
        }
        let id = message.remove("id");
        let is_response = message.contains_key("result") || message.contains_key("error");
        let params = match message.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(invalid()),
        };
        match (message.remove("method"), id) {
            (Some(Value::String(method)), Some(id @ (Value::String(_) | Value::Number(_)))) if !id.is_f64() => {
                Ok(Self::Request { id, method, params })
            }
            (Some(Value::String(_)), None) => Ok(Self::Nothing),
            (None, Some(_)) if is_response => Ok(Self::Nothing),
            _ => Err(invalid()),
        }
    }
}

/// The era of a request: what it says of itself decides, never the header alone.
fn era_of(id: &Value, method: &str, params: &Map<String, Value>, headers: &Headers) -> Result<Era, Fault> {
    let sent = headers.protocol_version.as_deref();
    let meta = params.get("_meta");
    let Some(version) = meta.and_then(|meta| meta.get(VERSION_KEY)) else {
        return match sent {
            Some(sent) if is_date(sent) && sent >= STATELESS => Err(not_said(sent, meta).of(id)),
            Some(sent) if !WITH_HANDSHAKE.contains(&sent) => Err(Fault::new(
                400,
                code::TRANSPORT,
                format!(
                    "Bad Request: Unsupported protocol version: {sent} (supported versions: {})",
                    WITH_HANDSHAKE.join(", ")
                ),
            )),
            _ => Ok(Era::Handshake),
        };
    };
    check_stateless(method, params, version, headers).map_err(|fault| fault.of(id))?;
    Ok(Era::Stateless)
}

/// A request whose header names a revision without a handshake, and which does not say the same itself.
fn not_said(sent: &str, meta: Option<&Value>) -> Fault {
    let missing = if meta.is_some_and(Value::is_object) { VERSION_KEY } else { "_meta" };
    let message = format!(
        "Invalid params: the MCP-Protocol-Version header names protocol revision {sent}, but the request is missing the required \
         per-request envelope key(s): {missing}"
    );
    Fault::new(400, code::INVALID_PARAMS, message).with_data(json!({ "envelope": { "missing": [missing] } }))
}

fn check_stateless(method: &str, params: &Map<String, Value>, version: &Value, headers: &Headers) -> Result<(), Fault> {
    let malformed = |key: &str, problem: &str| {
        let message = format!("Invalid _meta envelope for protocol revision {STATELESS}: {key}: {problem}");
        let data = json!({ "envelope": { "key": key, "problem": problem } });
        Fault::new(400, code::INVALID_PARAMS, message).with_data(data)
    };
    let Value::String(version) = version else { return Err(malformed(VERSION_KEY, "expected a string")) };
    let of_body = format!("the body envelope names protocol version {version}");
    agree(&of_body, "MCP-Protocol-Version", version, headers.protocol_version.as_deref())?;
    if version != STATELESS {
        let data = json!({ "supported": [STATELESS], "requested": version });
        let message = format!("Unsupported protocol version: {version}");
        return Err(Fault::new(400, code::UNKNOWN_REVISION, message).with_data(data));
    }
    let meta = params.get("_meta");
    match meta.and_then(|meta| meta.get(CAPABILITIES_KEY)) {
        None => return Err(malformed(CAPABILITIES_KEY, "missing")),
        Some(capabilities) if !capabilities.is_object() => {
            return Err(malformed(CAPABILITIES_KEY, "expected an object"));
        }
        Some(_) => {}
    }
    if meta.and_then(|meta| meta.get(CLIENT_KEY)).is_some_and(|client| !client.is_object()) {
        return Err(malformed(CLIENT_KEY, "expected an object"));
    }
    agree(&format!("the body names method {method}"), "Mcp-Method", method, headers.method.as_deref())?;
    if let (true, Some(Value::String(name))) = (method == "tools/call", params.get("name")) {
        let of_body = format!("the body carries params.name=\"{name}\"");
        let sent = headers.name.as_deref().map(|sent| decoded(sent).ok_or(sent));
        return match sent {
            Some(Err(sent)) => {
                Err(mismatch(&of_body, sent, &format!("{of_body} but the Mcp-Name header is no base64")))
            }
            Some(Ok(sent)) => agree(&of_body, "Mcp-Name", name, Some(&sent)),
            None => agree(&of_body, "Mcp-Name", name, None),
        };
    }
    Ok(())
}

/// Whether a header says what the body says.
fn agree(of_body: &str, header: &str, said: &str, sent: Option<&str>) -> Result<(), Fault> {
    match sent {
        Some(sent) if sent == said => Ok(()),
        Some(sent) => Err(mismatch(of_body, sent, &format!("{of_body} but the {header} header names {sent}"))),
        None => {
            let explanation = format!("{of_body} but the required {header} header is absent");
            Err(mismatch(&explanation, "(missing)", &explanation))
        }
    }
}

fn mismatch(body: &str, header: &str, explanation: &str) -> Fault {
    let message = format!("Bad Request: the request headers and body disagree: {explanation}");
    let data = json!({ "mismatch": { "header": header, "body": body } });
    Fault::new(400, code::MISMATCH, message).with_data(data)
}

/// A header's value, which may be `=?base64?…?=`.
fn decoded(sent: &str) -> Option<String> {
    let Some(encoded) = sent.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(sent.to_owned());
    };
    String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()
}

/// Whether a revision is written as revisions are.
fn is_date(revision: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    revision.len() == 10 && revision.bytes().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(version: Option<&str>, method: Option<&str>, name: Option<&str>) -> Headers {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Headers { protocol_version: own(version), method: own(method), name: own(name) }
    }

    fn stateless(method: &str, more: &Value) -> Value {
        let mut params = json!({ "_meta": { VERSION_KEY: STATELESS, CAPABILITIES_KEY: {}, CLIENT_KEY: { "name": "c", "version": "1" } } });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
    }

    fn fault(body: &Value, headers: &Headers) -> Fault {
        read(body.to_string().as_bytes(), headers).unwrap_err()
    }

    /// The exchanges of `docs/contract/mcp-wire.txt`.
    #[test]
    fn what_is_wrong_with_a_message_is_said_as_the_official_sdk_says_it() {
        let modern = |method: &str| headers(Some(STATELESS), Some(method), None);
        let list = stateless("tools/list", &json!({}));
        let call = stateless("tools/call", &json!({ "name": "echo", "arguments": {} }));
        let with = |key: &str, value: Option<Value>| {
            let mut list = list.clone();
            let meta = list["params"]["_meta"].as_object_mut().unwrap();
            match value {
                Some(value) => meta.insert(key.to_owned(), value),
                None => meta.remove(key),
            };
            list
        };
        let plain = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        for (body, headers, status, code, said) in [
            (
                with(VERSION_KEY, Some("2027-01-01".into())),
                headers(Some("2027-01-01"), Some("tools/list"), None),
                400,
                -32022,
                "2027-01-01",
            ),
            (
                list.clone(),
                headers(None, Some("tools/list"), None),
                400,
                -32020,
                "the required MCP-Protocol-Version header is absent",
            ),
            (list.clone(), headers(Some("2025-11-25"), Some("tools/list"), None), 400, -32020, "names 2025-11-25"),
            (
                list.clone(),
                headers(Some(STATELESS), None, None),
                400,
                -32020,
                "the required Mcp-Method header is absent",
            ),
            (
                call.clone(),
                modern("tools/call"),
                400,
                -32020,
                "params.name=\"echo\" but the required Mcp-Name header is absent",
            ),
            (list.clone(), modern("tools/call"), 400, -32020, "the Mcp-Method header names tools/call"),
            (call.clone(), headers(Some(STATELESS), Some("tools/call"), Some("other")), 400, -32020, "names other"),
            (
                call.clone(),
                headers(Some(STATELESS), Some("tools/call"), Some("=?base64?%%?=")),
                400,
                -32020,
                "no base64",
            ),
            (plain.clone(), modern("tools/list"), 400, -32602, "envelope key(s): _meta"),
            (with(VERSION_KEY, None), modern("tools/list"), 400, -32602, VERSION_KEY),
            (with(CAPABILITIES_KEY, None), modern("tools/list"), 400, -32602, "clientCapabilities: missing"),
            (with(CAPABILITIES_KEY, Some(json!([]))), modern("tools/list"), 400, -32602, "expected an object"),
            (with(CLIENT_KEY, Some(json!("c"))), modern("tools/list"), 400, -32602, CLIENT_KEY),
            (with(VERSION_KEY, Some(json!(1))), modern("tools/list"), 400, -32602, VERSION_KEY),
            (
                plain.clone(),
                headers(Some("2020-01-01"), None, None),
                400,
                -32000,
                "Unsupported protocol version: 2020-01-01",
            ),
            (plain, headers(Some("zebra"), None, None), 400, -32000, "Unsupported protocol version: zebra"),
            (json!({ "id": 1, "method": "ping" }), Headers::default(), 400, -32600, "JSON-RPC"),
            (json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }), Headers::default(), 400, -32600, "JSON-RPC"),
            (
                json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": [] }),
                Headers::default(),
                400,
                -32600,
                "JSON-RPC",
            ),
            (json!([]), Headers::default(), 400, -32600, "a batch has 1 to"),
            (json!([list]), Headers::default(), 400, -32600, "batches are of revision"),
            (json!([call, call]), headers(Some("2025-11-25"), None, None), 400, -32600, "batches are of revision"),
        ] {
            let fault = fault(&body, &headers);
            assert_eq!((fault.status, fault.code), (status, code), "{body}");
            assert!(fault.message.contains(said), "{}", fault.message);
            let is_of_request = [-32020, -32022, -32602].contains(&code);
            assert_eq!(fault.id, if is_of_request { json!(1) } else { Value::Null }, "{body}");
        }
        assert_eq!(read(b"{", &Headers::default()).unwrap_err().code, -32700);
    }

    #[test]
    fn a_request_says_itself_of_which_era_it_is() {
        let era = |body: &Value, headers: &Headers| match read(body.to_string().as_bytes(), headers).unwrap() {
            Message::Request(request) => request.era,
            other => panic!("{other:?}"),
        };
        let call = stateless("tools/call", &json!({ "name": "écho" }));
        let encoded = format!("=?base64?{}?=", BASE64_STANDARD.encode("écho"));
        assert_eq!(era(&call, &headers(Some(STATELESS), Some("tools/call"), Some(&encoded))), Era::Stateless);
        let plain = json!({ "jsonrpc": "2.0", "id": "a", "method": "ping" });
        for version in WITH_HANDSHAKE.map(Some).into_iter().chain([None]) {
            assert_eq!(era(&plain, &headers(version, None, None)), Era::Handshake);
        }
    }

    #[test]
    fn what_wants_no_response_gets_none() {
        for body in [
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
            json!([{ "jsonrpc": "2.0", "method": "notifications/initialized" }]),
        ] {
            assert_eq!(read(body.to_string().as_bytes(), &Headers::default()), Ok(Message::Nothing), "{body}");
        }
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let Message::Requests(requests) = read(json!([ping, 1]).to_string().as_bytes(), &Headers::default()).unwrap()
        else {
            panic!("a batch is a batch")
        };
        assert!(requests[0].is_ok() && requests[1].is_err());
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call" });
        assert!(fault(&json!([call, call]), &Headers::default()).message.contains("at most one tool"));
        assert!(fault(&json!(vec![ping; 11]), &Headers::default()).message.contains("1 to 10"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_panics(body in ".*", version in ".*", name in ".*") {
            let headers = headers(Some(&version), Some("tools/call"), Some(&name));
            drop(read(body.as_bytes(), &headers));
            let call = stateless("tools/call", &json!({ "name": name }));
            drop(read(call.to_string().as_bytes(), &headers));
        }
    }
}
