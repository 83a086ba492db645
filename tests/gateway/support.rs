//! Shared by all tests: gateways, callers, and the accounts and websites of one test each.

use std::collections::hash_map::RandomState;
use std::env;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// The path prefix of the Account API.
pub const ADMIN: &str = "/api/v1/admin";
/// A well-formed id that does not exist.
pub const NO_SUCH_ID: &str = "000000000000000000000000";
/// The maximum number of concurrent requests of one test.
const AT_ONCE: usize = 48;

/// A running gateway.
#[derive(Clone)]
pub struct Gateway {
    client: Client,
    pub url: String,
    pub setup_secret: String,
}

impl Gateway {
    /// The gateway whose limits no test reaches; it runs as `development`.
    pub fn roomy() -> Self {
        Self::at(variable("SLUICE_URL"), variable("SLUICE_SETUP_SECRET"))
    }

    /// The gateway as deployed: 60 requests a minute, `production`.
    pub fn strict() -> Self {
        Self::at(variable("SLUICE_STRICT_URL"), variable("SLUICE_SETUP_SECRET"))
    }

    pub fn at(url: String, setup_secret: String) -> Self {
        // workerd closes a connection that is idle for five seconds; the client must not pick one up at that moment.
        let idle = Duration::from_secs(2);
        let client =
            Client::builder().no_proxy().pool_idle_timeout(idle).timeout(Duration::from_mins(2)).build().unwrap();
        Self { client, url, setup_secret }
    }

    /// A request to a path of the gateway.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A caller with `token`.
    pub fn caller(&self, token: &str) -> Caller {
        Caller { gateway: self.clone(), token: token.to_owned() }
    }

    /// A new account with a full token.
    pub async fn account(&self) -> Account {
        let email = unique_email();
        let row = self.setup(&email, "Test").await.ok().row();
        Account {
            id: text(&row["id"]),
            email,
            token_id: text(&row["tokenId"]),
            caller: self.caller(&text(&row["key"])),
        }
    }

    /// The response to setting up an account.
    pub async fn setup(&self, email: &str, name: &str) -> Answer {
        let request = self.request(Method::POST, "/api/v1/setup").bearer_auth(&self.setup_secret);
        answer(request.json(&json!({ "email": email, "name": name }))).await
    }
}

impl Gateway {
    /// The response to signing in to the console from one of its own pages.
    pub async fn sign_in(&self, body: Value) -> Answer {
        let request = self.request(Method::POST, "/api/v1/console/session").header("sec-fetch-site", "same-origin");
        answer(request.json(&body)).await
    }

    /// A ticket for the account with this address.
    pub async fn ticket(&self, email: &str) -> String {
        let request = self.request(Method::POST, "/api/v1/console/tickets").bearer_auth(&self.setup_secret);
        let url = text(&answer(request.json(&json!({ "email": email }))).await.ok().row()["url"]);
        url.split_once("/console/sign-in#ticket=").unwrap_or_else(|| panic!("no ticket in {url}")).1.to_owned()
    }

    /// The browser that was signed in by this answer.
    #[track_caller]
    pub fn browser(&self, signed_in: &Answer) -> Browser {
        let cookie = signed_in.header("set-cookie");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert!(cookie.contains("=dfs_"), "{cookie}");
        Browser { gateway: self.clone(), cookie }
    }
}

/// What an authenticator in software answers: see tests/harness/authenticator.mjs.
pub fn authenticator(arguments: &[&str]) -> Value {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/harness/authenticator.mjs");
    let output = std::process::Command::new("node").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A browser that is signed in to the console. Paths are whole.
#[derive(Clone)]
pub struct Browser {
    pub gateway: Gateway,
    /// Its cookie: name and value.
    pub cookie: String,
}

impl Browser {
    /// A request with the cookie, of which the browser does not say where it comes from.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.gateway.request(method, path).header("cookie", &self.cookie)
    }

    /// A request of one of the console's own pages.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("sec-fetch-site", "same-origin")
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// What the session says of itself.
    pub async fn session(&self) -> Value {
        self.get("/api/v1/console/session").await.ok().row()
    }
}

pub fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `node scripts/with-gateways.mjs -- cargo test --test gateway`")
    })
}

/// Sends a request and reads the whole response.
pub async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.expect("a request that can be sent");
    let what = format!("{} {}", request.method(), request.url());
    let response = client.execute(request).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    Answer { what, status, headers, body }
}

/// A token in use. Paths are relative to [`ADMIN`].
#[derive(Clone)]
pub struct Caller {
    pub gateway: Gateway,
    pub token: String,
}

impl Caller {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.gateway.request(method, &format!("{ADMIN}{path}")).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    pub async fn delete_with(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::DELETE, path).json(&body)).await
    }

    /// A new token of the same account; `wanted` is the body of create.
    pub async fn mint(&self, wanted: Value) -> Caller {
        let key = text(&self.post("/access-tokens", wanted).await.ok().row()["key"]);
        self.gateway.caller(&key)
    }
}

/// An account for one test.
pub struct Account {
    pub id: String,
    pub email: String,
    pub token_id: String,
    /// The account's first token, which has every permission.
    pub caller: Caller,
}

impl std::ops::Deref for Account {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Account {
    /// A browser that a ticket of the operator has signed in.
    pub async fn browser(&self) -> Browser {
        let gateway = &self.caller.gateway;
        let ticket = gateway.ticket(&self.email).await;
        gateway.browser(&gateway.sign_in(json!({ "ticket": ticket })).await.ok())
    }

    /// A new website, owned by this account.
    pub async fn website(&self) -> Website {
        let domain = unique_domain();
        let sent = json!({ "domain": domain, "timezone": "UTC", "name": "Test" });
        let row = self.post("/websites", sent).await.ok().row();
        Website { id: text(&row["websiteId"]), domain, owner: self.caller.clone() }
    }
}

/// A website for one test.
pub struct Website {
    pub id: String,
    pub domain: String,
    pub owner: Caller,
}

impl Website {
    /// A path of this website, such as `/funnels`.
    pub fn path(&self, rest: &str) -> String {
        format!("/websites/{}{rest}", self.id)
    }

    /// A new website key.
    pub async fn key(&self) -> Caller {
        let row = self.owner.post(&self.path("/apikeys"), json!({})).await.ok().row();
        self.owner.gateway.caller(&text(&row["key"]))
    }

    /// Adds `account` to the team.
    pub async fn admit(&self, account: &Account, role: &str) {
        let sent = json!({ "email": account.email, "role": role });
        let invitation = self.owner.post(&self.path("/team"), sent).await.ok().row();
        let accepted = accept_as(account, &invitation).await;
        assert_eq!(accepted.status, 200, "{accepted}");
    }

    /// Removes `account` from the team.
    pub async fn remove(&self, account: &Account) {
        let removed = self.owner.delete_with(&self.path("/team"), json!({ "userId": account.id })).await;
        assert_eq!(removed.status, 200, "{removed}");
    }
}

impl Website {
    /// Imports past events, all of which must be accepted.
    pub async fn import(&self, lines: &[Value]) {
        let body: Vec<String> = lines.iter().map(Value::to_string).collect();
        let request = self.owner.request(Method::POST, &self.path("/import"));
        let row = answer(request.header("content-type", "application/x-ndjson").body(body.join("\n"))).await.ok().row();
        assert_fields(&row, json!({ "accepted": lines.len(), "rejected": 0 }));
    }

    /// Imports a pageview of a visitor and a goal that they completed.
    pub async fn track(&self, goal: &str) {
        let line = |id: &str, kind: &str, extra: Value| {
            json!({ "id": id, "timestamp": "2026-06-01T00:00:00Z", "type": kind, "extraData": extra,
                "visitorId": VISITOR, "sessionId": "s1", "href": format!("https://{}/", self.domain) })
        };
        self.import(&[line("p", "pageview", json!({})), line("g", "custom", json!({ "eventName": goal }))]).await;
    }
}

/// The user agent of a browser.
pub const BROWSER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                           Chrome/128.0.0.0 Safari/537.36";

/// A visitor id in the form that browsers send.
pub const VISITOR: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";

/// Accepts an invitation, given the row of its creation.
pub async fn accept(gateway: &Gateway, invitation: &Value, name: &str) -> Answer {
    let path = format!("/api/v1/invitations/{}/accept", text(&invitation["invitationId"]));
    let sent = json!({ "code": invitation_code(invitation), "name": name });
    answer(gateway.request(Method::POST, &path).json(&sent)).await
}

/// Accepts an invitation with the caller's own token.
pub async fn accept_as(caller: &Caller, invitation: &Value) -> Answer {
    let path = format!("/api/v1/invitations/{}/accept", text(&invitation["invitationId"]));
    let request = caller.gateway.request(Method::POST, &path).bearer_auth(&caller.token);
    answer(request.json(&json!({ "code": invitation_code(invitation) }))).await
}

/// The code in an invitation's link.
pub fn invitation_code(invitation: &Value) -> String {
    let url = text(&invitation["inviteUrl"]);
    let code = url.split("code=").nth(1).unwrap_or_else(|| panic!("no code in {url}"));
    code.split(['&', '#']).next().unwrap().to_owned()
}

/// A response.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body, if it is a documented success.
    #[track_caller]
    pub fn ok(self) -> Self {
        // A new note is the one success that is not 200 (docs/contract/README.md#3).
        let is_new_note = self.status == 201 && self.what.ends_with("/notes");
        assert!(self.status == 200 || is_new_note, "{self}");
        let json = self.json();
        assert_eq!(json["status"], "success", "{self}");
        assert!(json["data"].is_array(), "docs/contract/README.md#2: data is an array: {self}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The rows of a list.
    #[track_caller]
    pub fn rows(&self) -> Vec<Value> {
        self.json()["data"].as_array().unwrap_or_else(|| panic!("no data: {self}")).clone()
    }

    /// The only row of `data`.
    #[track_caller]
    pub fn row(&self) -> Value {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "{self}");
        rows[0].clone()
    }

    /// The message of an error, after its envelope is checked.
    #[track_caller]
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self}");
        let json = self.json();
        assert_eq!(json["status"], "error", "{self}");
        assert_eq!(json["error"]["code"], status, "{self}");
        let message = text(&json["error"]["message"]);
        assert!(!message.is_empty(), "{self}");
        message
    }

    /// A header that must be present.
    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {self}"));
        value.to_str().unwrap().to_owned()
    }

    /// The hops of the request, from `Server-Timing`.
    #[track_caller]
    pub fn hops(&self) -> Hops {
        let header = self.header("server-timing");
        let count = |name: &str| -> u32 {
            let part = header.split(',').find(|part| part.trim().starts_with(&format!("{name};")));
            let quoted = part.and_then(|part| part.split("desc=\"").nth(1)?.split('"').next()?.parse().ok());
            quoted.unwrap_or_else(|| panic!("no {name} in {header}: {self}"))
        };
        Hops { gate: count("gate"), d1: count("d1"), kv: count("kv"), site: count("site") }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} answered {} {}", self.what, self.status, self.body)
    }
}

/// Hops of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hops {
    pub gate: u32,
    pub d1: u32,
    pub kv: u32,
    pub site: u32,
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

/// How many of `answers` have each status, by status.
pub fn statuses(answers: &[Answer]) -> Vec<(u16, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

/// Awaits all of them, many concurrently.
pub async fn all<T, F: Future<Output = T>>(work: impl IntoIterator<Item = F>) -> Vec<T> {
    stream::iter(work).buffer_unordered(AT_ONCE).collect().await
}

/// Awaits all of them, with every one started before the first has ended.
pub async fn together<T, F: Future<Output = T>>(work: impl IntoIterator<Item = F>) -> Vec<T> {
    futures_util::future::join_all(work).await
}

/// A number that no other test of any run uses.
pub fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let random = RandomState::new().build_hasher().finish();
    format!("{random:x}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

pub fn unique_email() -> String {
    format!("t-{}@example.com", unique())
}

pub fn unique_domain() -> String {
    format!("t-{}.example.com", unique())
}

/// Whether this is a timestamp as in docs/contract/README.md#4.
pub fn is_moment(value: &Value) -> bool {
    let Some(moment) = value.as_str() else { return false };
    let shape: String = moment.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000Z"
}

/// Whether this is an id as in docs/contract/README.md#5.
pub fn is_id(value: &Value) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    value.as_str().is_some_and(|id| id.len() == 24 && id.bytes().all(is_digit))
}

/// The id of a row, which has it under two names (docs/contract/README.md#1).
#[track_caller]
pub fn id_of(row: &Value) -> String {
    assert!(is_id(&row["id"]), "docs/contract/README.md#5: 24 hexadecimal characters: {row}");
    assert_eq!(row["_id"], row["id"], "docs/contract/README.md#1: both ids: {row}");
    text(&row["id"])
}

/// Asserts that `row` has exactly these values at these paths, such as `device.type` or `steps.0.name`. A failure lists
/// the fields that differ and shows the whole row.
#[track_caller]
pub fn assert_fields(row: &Value, expected: Value) {
    fn step<'a>(at: &'a Value, key: &str) -> Option<&'a Value> {
        if at.is_array() { at.get(key.parse::<usize>().ok()?) } else { at.get(key) }
    }
    let Value::Object(expected) = expected else { panic!("no object: {expected}") };
    let mut differences = Vec::new();
    for (path, value) in expected {
        let found = path.split('.').try_fold(row, step);
        if found != Some(&value) {
            let found = found.map_or("is missing".to_owned(), |found| format!("is {found}"));
            differences.push(format!("{path} {found}, not {value}"));
        }
    }
    assert!(differences.is_empty(), "{}\nin {row:#}", differences.join("\n"));
}

/// The names of an object's fields, sorted.
pub fn fields(row: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        row.as_object().unwrap_or_else(|| panic!("no object: {row}")).keys().cloned().collect();
    names.sort();
    names
}

/// Asserts that `row` has exactly these fields.
#[track_caller]
pub fn has_exactly(row: &Value, names: &[&str]) {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    assert_eq!(fields(row), names, "{row}");
}

#[test]
#[should_panic(expected = "device.type is \"mobile\", not \"desktop\"\nsteps.1.name is missing, not \"x\"\nin {")]
fn fields_that_differ_are_listed_with_the_whole_row() {
    let row = json!({ "device": { "type": "mobile" }, "steps": [{ "name": "y" }], "id": null });
    assert_fields(&row, json!({ "device.type": "desktop", "id": null, "steps.0.name": "y", "steps.1.name": "x" }));
}
