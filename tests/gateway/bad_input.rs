//! Any input to a route that reads a body is answered with a 4xx in the envelope: never a 5xx, never a partial
//! change. The routes come from the table, so a new route is covered immediately.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sluice::http::route::{Door, Named, Route};

use crate::expected::table;
use crate::support::{Account, Answer, Browser, Gateway, NO_SUCH_ID, Website, all, answer};

const LONGEST_BODY: usize = 64 * 1024;

/// The routes that read a body, with their paths filled in for `website`.
fn writing(website: &Website) -> Vec<(&'static Route, String)> {
    let fill = |route: &Route| {
        let in_query = matches!(route.door, Door::Website { named: Named::InQuery, .. });
        let path = route
            .path
            .split('/')
            .map(|part| match part {
                "{websiteId}" => website.id.as_str(),
                part if part.starts_with('{') => NO_SUCH_ID,
                part => part,
            })
            .collect::<Vec<_>>()
            .join("/");
        match route.operation {
            "grantAuthorization" => format!("{path}?client_id={NO_SUCH_ID}&redirect_uri=https://client.example/cb"),
            _ if in_query => format!("{path}?websiteId={}", website.id),
            _ => path,
        }
    };
    // A protocol of its own has errors of its own, and tests of its own.
    let routes = table().iter().filter(|route| route.reads_body && route.is_documented());
    let routes: Vec<_> = routes.map(|route| (route, fill(route))).collect();
    assert!(routes.len() > 10, "the table has writing routes");
    routes
}

/// Somebody who calls each route as it wants to be called.
struct Sender {
    account: Account,
    /// For the routes of the console.
    browser: Browser,
}

impl Sender {
    async fn new() -> Self {
        let account = Gateway::roomy().account().await;
        let browser = account.browser().await;
        Self { account, browser }
    }
}

impl std::ops::Deref for Sender {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

async fn send(owner: &Sender, route: &Route, path: &str, body: Vec<u8>) -> Answer {
    let token = if matches!(route.door, Door::Setup(_)) { &owner.gateway.setup_secret } else { &owner.token };
    let method: Method = route.method.as_str().parse().unwrap();
    let mut request = if route.is_of_console {
        owner.browser.request(method, path)
    } else {
        owner.gateway.request(method, path).bearer_auth(token)
    };
    if matches!(route.door, Door::SignIn(_)) {
        request = request.header("sec-fetch-site", "same-origin");
    }
    let mut answer = answer(request.body(body)).await;
    if route.has_plain_errors && matches!(answer.status, 400 | 413) {
        // The error of this route, once it is put into the envelope, is like all others.
        let json = answer.json();
        assert_eq!(crate::support::fields(&json), ["error"], "{answer}");
        answer.body =
            json!({ "status": "error", "error": { "code": answer.status, "message": json["error"] } }).to_string();
    }
    answer
}

/// Bodies that every route must refuse.
fn never_right() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |count: usize| format!("{{\"name\":{}{}}}", "[".repeat(count), "]".repeat(count)).into_bytes();
    vec![
        ("no JSON", b"name=x".to_vec()),
        ("cut off", br#"{"name":"x""#.to_vec()),
        ("trailing text", br#"{"name":"x"} and more"#.to_vec()),
        ("two objects", br#"{"name":"x"}{"name":"y"}"#.to_vec()),
        ("a comment", br#"{/* */"name":"x"}"#.to_vec()),
        ("single quotes", b"{'name':'x'}".to_vec()),
        ("a lone comma", br#"{"name":"x",}"#.to_vec()),
        ("not UTF-8", b"{\"name\":\"\xff\xfe\"}".to_vec()),
        ("UTF-16", "{\"name\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("an array", b"[]".to_vec()),
        ("an array of the fields", br#"["x","x"]"#.to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"7".to_vec()),
        ("a string", br#""x""#.to_vec()),
        ("not a number", b"{\"name\":NaN}".to_vec()),
        ("a huge number", format!("{{\"name\":1{}}}", "0".repeat(400)).into_bytes()),
        ("nested too deep", deep(1000)),
        ("zero bytes", vec![0; 16]),
    ]
}

/// The body with a field that the route reads: unknown fields are ignored.
fn about_a_field_of(route: &Route, body: Vec<u8>) -> Vec<u8> {
    match (route.operation, String::from_utf8(body)) {
        ("testWebhook", Ok(text)) => text.replace("\"name\"", "\"type\"").into_bytes(),
        (operation, Ok(text)) if operation.starts_with("resync") => text.replace("\"name\"", "\"from\"").into_bytes(),
        (_, Ok(text)) => text.into_bytes(),
        (_, Err(error)) => error.into_bytes(),
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_400_on_every_route() {
    let owner = Sender::new().await;
    let website = owner.website().await;
    let owner = &owner;
    let cases: Vec<_> = writing(&website)
        .into_iter()
        .flat_map(|(route, path)| {
            never_right()
                .into_iter()
                .map(move |(what, body)| (route, path.clone(), what, about_a_field_of(route, body)))
        })
        .collect();
    all(cases.into_iter().map(async |(route, path, what, body)| {
        let refused = send(owner, route, &path, body).await;
        assert_eq!(refused.status, 400, "{what}: {refused}");
        refused.error(400);
    }))
    .await;
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_one_byte_more_is_413() {
    // docs/contract/README.md#6.
    let owner = Sender::new().await;
    let website = owner.website().await;
    let owner = &owner;
    // An object without any known field.
    let padded = |length: usize| format!("{{\"unknown\":\"{}\"}}", "x".repeat(length - 14)).into_bytes();
    assert_eq!(padded(LONGEST_BODY).len(), LONGEST_BODY);
    let limit = |route: &Route| route.longest_body;
    all(writing(&website).into_iter().map(async |(route, path)| {
        let fits = send(owner, route, &path, padded(limit(route))).await;
        // A route whose fields are all optional accepts it, and then must find what its path names.
        assert!([200, 400, 404].contains(&fits.status), "{fits}");
        let refused = send(owner, route, &path, padded(limit(route) + 1)).await;
        assert!(refused.error(413).contains(&format!("{} KiB", limit(route) / 1024)), "{refused}");
    }))
    .await;
}

/// Sends a request over its own connection, byte by byte as given, and returns the status line.
pub fn send_raw(gateway: &Gateway, head: &str, body: &[u8]) -> String {
    let address = gateway.url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connection.write_all(format!("{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    // The gateway may stop reading and answer before everything has been sent.
    let _ = connection.write_all(body);
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).unwrap();
    line
}

/// A body in chunks (RFC 9112, 7.1).
pub fn chunked(body: &[u8]) -> Vec<u8> {
    let chunk = |chunk: &[u8]| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
    [body.chunks(1000).map(chunk).collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_as_it_arrives() {
    let owner = Gateway::roomy().account().await;
    let head = format!(
        "PUT /api/v1/admin/account HTTP/1.1\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked",
        owner.token
    );
    for (length, status) in [(100, 200), (LONGEST_BODY, 200), (LONGEST_BODY + 1, 413), (20 * LONGEST_BODY, 413)] {
        let body = format!("{{\"name\":\"x\",\"padding\":\"{}\"}}", "x".repeat(length - 25));
        assert_eq!(body.len(), length);
        let line = send_raw(&owner.gateway, &head, &chunked(body.as_bytes()));
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{length} bytes: {line}");
    }
    assert_eq!(owner.get("/account").await.status, 200, "the gateway is well");
}

/// The values that a field may be sent as.
fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(9_007_199_254_740_993_i64),
        json!(""),
        json!(" "),
        json!("x".repeat(300)),
        json!("x".repeat(60_000)),
        json!("\u{0}"),
        json!("' OR 1=1 --"),
        json!([]),
        json!([null]),
        json!(["", ""]),
        json!([[[]]]),
        json!({}),
        json!({ "type": "goal" }),
        json!({ "message": 7, "goalName": [] }),
    ]
}

/// The locations in `value`, including itself, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), all)),
        _ => {}
    }
}

/// The documented example of every body, with each value of [`values`] at each location, one at a time.
fn spoilt(description: &Value, route: &Route) -> Vec<Value> {
    let operation = &description["paths"][route.path][route.method.as_str().to_lowercase()];
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    assert!(example.is_object(), "{} {} has no example", route.method.as_str(), route.path);
    let mut all = Vec::new();
    places(example, "", &mut all);
    let spoil = |(place, value): (&String, Value)| {
        let mut body = example.clone();
        *body.pointer_mut(place).unwrap() = value;
        body
    };
    all.iter().flat_map(|place| values().into_iter().map(move |value| (place, value))).map(spoil).collect()
}

#[tokio::test]
async fn no_value_in_any_place_of_a_body_is_answered_with_a_fault() {
    let owner = Sender::new().await;
    let website = owner.website().await;
    let owner = &owner;
    let description = answer(owner.gateway.request(Method::GET, "/openapi.json")).await.json();
    let description = &description;
    let cases: Vec<_> = writing(&website)
        .into_iter()
        .flat_map(|(route, path)| spoilt(description, route).into_iter().map(move |body| (route, path.clone(), body)))
        .collect();
    assert!(cases.len() > 1000, "only {} cases", cases.len());
    let wrong = all(cases.into_iter().map(async |(route, path, body)| {
        let body = body.to_string();
        let answer = send(owner, route, &path, body.clone().into_bytes()).await;
        // Whoever signs in with what is no token is nobody.
        let is_nobody = matches!(route.door, Door::SignIn(_)) && matches!(answer.status, 401 | 429);
        let known = is_nobody || matches!(answer.status, 200 | 201 | 400 | 403 | 404 | 409 | 413);
        let json = answer.json();
        let enveloped =
            matches!(answer.status, 200 | 201) || (json["status"] == "error" && json["error"]["code"] == answer.status);
        // All of these are valid JSON, so no error may claim otherwise.
        let called_no_json = answer.body.contains("not valid JSON");
        let shown = || format!("{answer} to {}", body.chars().take(200).collect::<String>());
        (!known || !enveloped || called_no_json).then(shown)
    }))
    .await;
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} are wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert_eq!(answer(owner.gateway.request(Method::GET, "/healthz")).await.status, 200);
}

#[tokio::test]
async fn error_messages_stay_short_and_say_nothing_internal() {
    // Messages say what is wrong, where, and what would be right (docs/contract/README.md#8).
    let owner = Sender::new().await;
    let website = owner.website().await;
    for (route, path) in writing(&website) {
        for body in [json!({ "name": "y".repeat(60_000) }), json!({ "name": { "deep": "y".repeat(60_000) } })] {
            let answer = send(&owner, route, &path, body.to_string().into_bytes()).await;
            assert!(answer.body.len() < 2048, "{} bytes", answer.body.len());
            for internal in ["SQL", "D1_ERROR", "panicked", "src/", "serde", "wasm"] {
                assert!(!answer.body.contains(internal), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn queries_and_paths_of_any_shape_are_answered_below_500() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let mut wrong = Vec::new();
    for route in table().iter().filter(|route| route.method.as_str() == "GET") {
        for garbage in ["%", "%zz", "%ff%fe", "%00", "a%2fb", "..", "é", "x".repeat(4000).as_str(), "'", "{", "🦀"] {
            let path = route.path.replace("{websiteId}", &website.id).replace("{funnelId}", NO_SUCH_ID);
            let garbage_of_report = format!(
                "websiteId={}&fields={garbage}&interval={garbage}&startAt={garbage}&endAt={garbage}&timezone={garbage}\
                 &filter_page={garbage}&filter_{garbage}={garbage}&eventName={garbage}&country={garbage}",
                website.id
            );
            for path in [
                path.replace("{invitationId}", garbage).replace("{visitorId}", garbage),
                format!("{path}?{garbage}&limit={garbage}&alertId={garbage}"),
                format!("{path}?{garbage_of_report}"),
                format!("{path}?websiteId={}&filter_page=contains:{garbage}&filter_city={garbage}", website.id),
            ] {
                let answer = answer(owner.gateway.request(Method::GET, &path).bearer_auth(&owner.token)).await;
                if answer.status >= 500 {
                    wrong.push(answer.to_string());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
