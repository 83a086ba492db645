//! `Idempotency-Key` (docs/contract/automation.md#idempotency-key). The routes come from the documentation and
//! their bodies from the recorded examples, so a new POST is covered immediately.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::expected::{table, token_routes};
use crate::hooks::an_event;
use crate::own_gateway::State;
use crate::stand_in::Seller;
use crate::support::{
    ADMIN, Account, Answer, Caller, Gateway, Hops, VISITOR, Website, accept, all, answer, assert_fields, id_of,
    statuses, text, together, unique, unique_domain, unique_email,
};

const KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotency-replayed";

/// The POSTs whose response is stored in a round trip of its own after the handler, because nothing else is written to D1: these
/// only look. Where a response is stored afterwards elsewhere, it goes along with the request's row of the audit log.
const KEPT_ALONE: [&str; 2] =
    ["/websites/{websiteId}/alerts/preview", "/websites/{websiteId}/webhooks/{webhookId}/resend"];

/// The POST that only a gateway with a public address answers.
const CONSENT: &str = "/websites/{websiteId}/integrations/woocommerce/authorize";

/// Whoever has given a website away is refused a repetition: tests/gateway/team.rs repeats it.
const TRANSFER: &str = "/websites/{websiteId}/team/transfer";

/// A website has one at most, so it cannot be made again: tests/gateway/bots.rs repeats it.
const BOT_TOKEN: &str = "/websites/{websiteId}/bot-traffic/token";

/// A request that succeeds.
#[derive(Clone)]
struct Case {
    /// The path in the table, below `/api/v1/admin`.
    route: &'static str,
    path: String,
    body: String,
}

impl Case {
    /// A request for each POST of the Account API, independent of earlier requests.
    async fn all(website: &Website) -> Vec<Self> {
        let document = answer(website.owner.gateway.request(Method::GET, "/openapi.json")).await.json();
        let posts = token_routes().into_iter().filter(|route| route.method == "POST" && !route.is_of_website_api());
        let posts = posts.map(|route| route.path).filter(|path| ![CONSENT, BOT_TOKEN, TRANSFER].contains(path));
        let named = Named::make(website).await;
        let cases: Vec<_> = posts.map(|path| Self::of(&document, path, website, &named)).collect();
        assert!(cases.len() >= 18, "{}", cases.len());
        cases
    }

    fn of(document: &Value, route: &'static str, website: &Website, named: &Named) -> Self {
        let path = route
            .replace("{websiteId}", &website.id)
            .replace("{webhookId}", &named.webhook)
            .replace("{deliveryId}", &named.delivery)
            .replace("{alertId}", &named.alert)
            .replace("{provider}", "polar")
            .replace("{eventId}", &named.event)
            .replace("{invitationId}", &named.invitation);
        assert!(!path.contains('{'), "{route}: say here what its path names");
        let mut body = document["paths"][format!("{ADMIN}{route}")]["post"]["requestBody"]["content"]
            ["application/json"]["example"]
            .clone();
        for (field, value) in [("name", unique()), ("domain", unique_domain()), ("email", unique_email())] {
            if body.get(field).is_some() {
                body[field] = json!(value);
            }
        }
        if let Some(fields) = body.as_object_mut() {
            fields.remove("websiteIds");
            // A note's own key would make the second one the first.
            fields.remove("idempotencyKey");
        }
        if route.ends_with("/import") {
            body = line(&unique());
        }
        // The examples' shops are nowhere, or another test's.
        if let Some(shop) = ["shopify", "woocommerce"].into_iter().find(|shop| route.ends_with(shop)) {
            body = Seller::of(shop, true).body;
        }
        if body.is_null() {
            // The route reads no body.
            body = json!({});
        }
        Self { route, path, body: body.to_string() }
    }

    /// The status of its success (docs/contract/README.md#3).
    fn status(&self) -> u16 {
        if self.route.ends_with("/notes") { 201 } else { 200 }
    }

    async fn send(&self, caller: &Caller, key: &str) -> Answer {
        post(caller, &self.path, key, self.body.clone()).await
    }

    /// The number of resources of the kind that the request creates, where it can be read.
    async fn count(&self, owner: &Caller) -> Option<usize> {
        if let Some(website) = self.path.strip_suffix("/import") {
            let export = answer(owner.request(Method::GET, &format!("{website}/export"))).await;
            return Some(export.body.lines().count());
        }
        let is_list =
            table().iter().any(|row| row.method.as_str() == "GET" && row.path == format!("{ADMIN}{}", self.route));
        // A connection is one, however often it is made.
        if !is_list || self.route.contains("/integrations/") {
            return None;
        }
        let list = owner.get(&self.path).await.ok();
        let invitations = list.json()["invitations"].as_array().map(Vec::len);
        Some(list.rows().len() + invitations.unwrap_or_default())
    }
}

/// The ids that paths name besides the website.
struct Named {
    webhook: String,
    delivery: String,
    alert: String,
    event: String,
    invitation: String,
}

impl Named {
    async fn make(website: &Website) -> Self {
        let owner = &website.owner;
        let webhook = owner.post(&website.path("/webhooks"), json!({ "url": "http://127.0.0.1:9/" })).await.ok().row();
        let webhook = id_of(&webhook);
        let test = website.path(&format!("/webhooks/{webhook}/test"));
        let delivery = text(&owner.post(&test, json!({})).await.ok().row()["deliveryId"]);
        let alert = json!({ "name": "x", "trigger": { "goalName": "g" }, "template": { "message": "Ten or more." } });
        let alert = id_of(&owner.post(&website.path("/alerts"), alert).await.ok().row());
        let invitation = owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
        Self { webhook, delivery, alert, event: an_event(website).await, invitation: id_of(&invitation) }
    }
}

/// A line of an import.
fn line(id: &str) -> Value {
    json!({ "id": id, "timestamp": "2026-06-01T00:00:00Z", "type": "pageview", "visitorId": VISITOR, "sessionId": "s",
        "href": "https://example.com/" })
}

/// Lines of an import.
fn lines(ids: impl Iterator<Item = String>) -> String {
    ids.map(|id| format!("{}\n", line(&id))).collect::<Vec<_>>().concat()
}

fn funnel(name: &str) -> Value {
    json!({ "name": name, "steps": [{ "name": "a", "type": "pageview", "url": "/" },
        { "name": "b", "type": "goal", "goalName": "b" }] })
}

async fn post(caller: &Caller, path: &str, key: &str, body: impl ToString) -> Answer {
    answer(caller.request(Method::POST, path).header(KEY, key).body(body.to_string())).await
}

fn is_replayed(answer: &Answer) -> bool {
    let header = answer.headers.get(REPLAYED);
    assert!(header.is_none_or(|value| value == "true"), "{answer}");
    header.is_some()
}

/// Whether this is the 409 of the key, and no other.
#[track_caller]
fn assert_conflict(answer: &Answer) {
    let message = answer.error(409);
    assert!(message.contains("idempotency"), "{message}");
    assert!(!is_replayed(answer), "{answer}");
}

#[track_caller]
fn assert_replay(again: &Answer, first: &Answer) {
    assert!(is_replayed(again), "{again}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
}

async fn is_replayed_and_runs_once(case: &Case, owner: &Caller) {
    let before = case.count(owner).await;
    let key = unique();
    let first = case.send(owner, &key).await;
    assert_eq!(first.status, case.status(), "{first}");
    assert!(!is_replayed(&first), "{first}");
    for _ in 0..2 {
        let again = case.send(owner, &key).await;
        assert_replay(&again, &first);
        // A replay is a request: it has its own id, counts towards the rate limit, and costs only the lookup.
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
        let remaining = |answer: &Answer| answer.header("x-ratelimit-remaining").parse::<i64>().unwrap();
        assert!(remaining(&again) < remaining(&first), "{again}");
        assert_eq!(again.hops(), Hops { gate: 1, d1: 1, kv: 0, site: 0 }, "{again}");
    }
    assert_eq!(case.count(owner).await, before.map(|count| count + 1), "{}", case.path);
    // Every byte of the body counts; equivalent JSON in another spelling is another body.
    for other in [format!("{} ", case.body), String::new(), "{".to_owned()] {
        assert_conflict(&post(owner, &case.path, &key, other).await);
    }
    assert_replay(&case.send(owner, &key).await, &first);
    // Another key is another request, whatever its outcome.
    assert!(!is_replayed(&case.send(owner, &unique()).await));
}

async fn of_twins_only_one_runs(case: &Case, owner: &Caller) {
    let before = case.count(owner).await;
    let key = unique();
    let twins = together((0..8).map(|_| case.send(owner, &key))).await;
    let (done, refused): (Vec<_>, Vec<_>) = twins.into_iter().partition(|twin| twin.status == case.status());
    refused.iter().for_each(assert_conflict);
    let first: Vec<_> = done.iter().filter(|twin| !is_replayed(twin)).collect();
    let [first] = first[..] else { panic!("{} of {} were done, {:?}", first.len(), case.path, statuses(&done)) };
    assert!(done.iter().all(|twin| twin.body == first.body), "{}", case.path);
    assert_eq!(case.count(owner).await, before.map(|count| count + 1), "{}", case.path);
    assert_replay(&case.send(owner, &key).await, first);
}

/// Storing the answer before or after its rows would be one more round trip than acquiring the key.
async fn costs_what_storing_it_costs(with: &Case, without: &Case, owner: &Caller) {
    let with_key = with.send(owner, &unique()).await.ok().hops();
    let usual = answer(owner.request(Method::POST, &without.path).body(without.body.clone())).await.ok().hops();
    let more = if KEPT_ALONE.contains(&with.route) { 2 } else { 1 };
    assert_eq!(with_key, Hops { d1: usual.d1 + more, ..usual }, "{}", with.route);
}

#[tokio::test]
async fn every_post_is_replayed_and_runs_once() {
    let owner = Gateway::roomy().account().await;
    for case in Case::all(&owner.website().await).await {
        is_replayed_and_runs_once(&case, &owner).await;
    }
}

#[tokio::test]
async fn of_concurrent_duplicates_only_one_runs() {
    let owner = Gateway::roomy().account().await;
    for case in Case::all(&owner.website().await).await {
        of_twins_only_one_runs(&case, &owner).await;
    }
}

#[tokio::test]
async fn an_answer_is_stored_in_the_transaction_of_its_rows() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (with, without) in Case::all(&website).await.into_iter().zip(Case::all(&website).await) {
        costs_what_storing_it_costs(&with, &without, &owner).await;
    }
}

#[tokio::test]
async fn the_same_holds_for_asking_a_shop_for_consent() {
    let state = State::new();
    let own = state.serve(&[
        ("ENVIRONMENT", "development"),
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("PUBLIC_URL", "https://gateway.example"),
    ]);
    let owner = own.gateway.account().await;
    let path = CONSENT.replace("{websiteId}", &owner.website().await.id);
    let body = json!({ "storeUrl": "https://shop.example.com" }).to_string();
    let case = Case { route: CONSENT, path, body };
    is_replayed_and_runs_once(&case, &owner).await;
    of_twins_only_one_runs(&case, &owner).await;
    costs_what_storing_it_costs(&case, &case, &owner).await;
}

#[tokio::test]
async fn a_replayed_raw_key_works() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for path in ["/access-tokens".to_owned(), website.path("/apikeys")] {
        let key = unique();
        post(&owner, &path, &key, "{}").await.ok();
        let again = post(&owner, &path, &key, "{}").await.ok();
        assert!(is_replayed(&again));
        owner.gateway.caller(&text(&again.row()["key"])).get("/account").await.ok();
    }
    // The same for the link of an invitation.
    let key = unique();
    let body = json!({ "email": unique_email() });
    post(&owner, &website.path("/team"), &key, &body).await.ok();
    let again = post(&owner, &website.path("/team"), &key, &body).await.ok();
    accept(&owner.gateway, &again.row(), "Guest").await.ok();
    // The row may have been deleted since; the response is the stored one.
    assert_replay(&post(&owner, &website.path("/team"), &key, &body).await, &again);
}

#[tokio::test]
async fn a_key_is_scoped_to_its_credential_path_and_spelling() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let (second, stranger) = (owner.mint(json!({})).await, gateway.account().await);
    let (key, body) = (unique(), "{}");
    let path = website.path("/apikeys");
    let created = [
        post(&owner, &path, &key, body).await,
        // Another token of the same account, a key of the website, another account.
        post(&second, &path, &key, body).await,
        post(&website.key().await, &path, &key, body).await,
        post(&stranger, &stranger.website().await.path("/apikeys"), &key, body).await,
        // Another website, another resource.
        post(&owner, &other.path("/apikeys"), &key, body).await,
        post(&owner, "/access-tokens", &key, body).await,
        // Upper case, and look-alike characters.
        post(&owner, &path, &format!("{key}A"), body).await,
        post(&owner, &path, &format!("{key}a"), body).await,
        post(&owner, &path, &format!("\"{key}\""), body).await,
    ];
    let mut ids: Vec<_> = created.iter().map(|created| id_of(&created.clone().ok().row())).collect();
    assert!(created.iter().all(|created| !is_replayed(created)));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), created.len());
    assert_replay(&post(&owner, &path, &key, body).await, &created[0]);
}

#[tokio::test]
async fn a_refusal_leaves_its_key_free() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let (path, key) = (website.path("/funnels"), unique());
    // Malformed, too large, conflicting: after each the key can be used for something else.
    post(&owner, &path, &key, "{").await.error(400);
    post(&owner, &path, &key, funnel("")).await.error(400);
    post(&owner, &path, &key, format!("{{\"x\":\"{}\"}}", "x".repeat(70_000))).await.error(413);
    owner.post(&path, funnel("taken")).await.ok();
    let message = post(&owner, &path, &key, funnel("taken")).await.error(409);
    assert!(message.starts_with("name:") && !message.contains("idempotency"), "{message}");
    let created = post(&owner, &path, &key, funnel("free")).await.ok();
    assert!(!is_replayed(&created));
    assert_replay(&post(&owner, &path, &key, funnel("free")).await, &created);

    // A cap: refused, and accepted once there is room.
    for path in ["/access-tokens".to_owned(), website.path("/apikeys")] {
        let key = unique();
        let mut created = Vec::new();
        let refused = loop {
            let answer = post(&owner, &path, &unique(), "{}").await;
            match answer.status {
                200 => created.push(id_of(&answer.row())),
                _ => break answer,
            }
        };
        assert!(refused.error(400).contains("limit reached"), "{refused}");
        post(&owner, &path, &key, "{}").await.error(400);
        owner.delete(&format!("{path}/{}", created[0])).await.ok();
        let done = post(&owner, &path, &key, "{}").await.ok();
        assert!(!is_replayed(&done));
        // The cap is reached again, and the response is replayed nevertheless.
        assert_replay(&post(&owner, &path, &key, "{}").await, &done);
    }
}

#[tokio::test]
async fn a_key_is_1_to_255_printable_ascii_characters() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let wrong = ["".as_bytes(), b"   ", "é".as_bytes(), "a\tb".as_bytes(), b"\xff", &[b'x'; 256]];
    let send = async |caller: &Caller, path: &str, key: &[u8], body: &str| {
        let key = HeaderValue::from_bytes(key).unwrap();
        answer(caller.request(Method::POST, path).header(KEY, key).body(body.to_owned())).await
    };
    for case in Case::all(&website).await {
        for key in wrong {
            let message = send(&owner, &case.path, key, &case.body).await.error(400);
            assert!(message.contains("idempotency") && message.contains("255"), "{message}");
        }
    }
    for key in [" ~ !".as_bytes(), b"x", &[b'x'; 255]] {
        let path = website.path("/apikeys");
        let created = send(&owner, &path, key, "{}").await.ok();
        assert_replay(&send(&owner, &path, key, "{}").await, &created);
    }
    // A caller without access is refused first.
    let reader = owner.mint(json!({ "permissions": ["funnels:read"] })).await;
    send(&reader, &website.path("/funnels"), b"", "{}").await.error(403);
    send(&owner.gateway.caller("dft_x"), &website.path("/funnels"), b"", "{}").await.error(401);
}

#[tokio::test]
async fn only_posts_of_the_account_api_read_the_key() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let funnel_id = id_of(&owner.post(&website.path("/funnels"), funnel("x")).await.ok().row());
    let path = website.path(&format!("/funnels/{funnel_id}"));
    // A malformed key, and one that would be replayed.
    for key in ["", "the same"] {
        let call = async |method: Method, path: &str, body: Value| {
            let answer = answer(owner.request(method, path).header(KEY, key).json(&body)).await;
            assert!(!is_replayed(&answer), "{answer}");
            answer
        };
        for name in ["y", "z"] {
            let changed = call(Method::PUT, &path, json!({ "name": name })).await.ok();
            assert_eq!(changed.row()["name"], name);
            call(Method::GET, &website.path("/funnels"), json!({})).await.ok();
            let shown = json!({ "goalName": "g", "description": name });
            call(Method::PATCH, &website.path("/goals/customizations"), shown).await.ok();
            call(Method::DELETE, &website.path("/integrations/stripe"), json!({})).await.ok();
        }
        // The Website API and routes without tokens.
        for number in 0..2 {
            let payment = json!({ "amount": 1, "currency": "USD", "transaction_id": format!("{key}{number}") });
            let path = format!("/api/v1/payments?websiteId={}", website.id);
            let request = gateway.request(Method::POST, &path).bearer_auth(&owner.token);
            let paid = answer(request.header(KEY, key).json(&payment)).await;
            assert_eq!((paid.status, is_replayed(&paid)), (200, false), "{paid}");
            let setup = gateway.request(Method::POST, "/api/v1/setup").bearer_auth(&gateway.setup_secret);
            let setup = setup.header(KEY, key).json(&json!({ "email": unique_email(), "name": "x" }));
            assert!(!is_replayed(&answer(setup).await.ok()));
        }
    }
}

#[tokio::test]
async fn a_caller_without_access_gets_no_stored_response() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&guest, "member").await;
    let (path, key) = (website.path("/apikeys"), unique());
    let created = post(&guest, &path, &key, "{}").await.ok();
    assert_replay(&post(&guest, &path, &key, "{}").await, &created);

    website.remove(&guest).await;
    let refused = post(&guest, &path, &key, "{}").await;
    let message = refused.error(404);
    assert_eq!(message, answer(guest.request(Method::POST, &path).body("{}")).await.error(404), "as without a key");
    assert!(!is_replayed(&refused));
    // Nor does the refusal reveal whether there is a stored response, whatever the body.
    post(&guest, &path, &key, "{ }").await.error(404);

    website.admit(&guest, "viewer").await;
    post(&guest, &path, &key, "{}").await.error(403);
    website.remove(&guest).await;
    website.admit(&guest, "member").await;
    // The refused requests have not removed the stored response.
    assert_replay(&post(&guest, &path, &key, "{}").await, &created);

    // A website where the caller never had a role.
    let closed = owner.website().await.path("/apikeys");
    post(&guest, &closed, &key, "{}").await.error(404);
    // A key of another website, and a revoked one.
    let (own, foreign) = (website.key().await, owner.website().await.key().await);
    let created = post(&own, &path, &key, "{}").await.ok();
    post(&foreign, &path, &key, "{}").await.error(403);
    let own_id = owner.get(&path).await.ok().rows().into_iter().find(|row| {
        let shown = text(&row["displayKey"]);
        own.token.ends_with(shown.rsplit('.').next().unwrap())
    });
    let own_id = id_of(&own_id.unwrap());
    assert_replay(&post(&own, &path, &key, "{}").await, &created);
    owner.delete(&format!("{path}/{own_id}")).await.ok();
    post(&own, &path, &key, "{}").await.error(401);
}

#[tokio::test]
async fn replays_count_against_the_rate_limit() {
    let owner = Gateway::strict().account().await;
    let key = unique();
    let first = post(&owner, "/access-tokens", &key, "{}").await.ok();
    let again = together((0..70).map(|_| post(&owner, "/access-tokens", &key, "{}"))).await;
    assert_eq!(statuses(&again), [(200, 59), (429, 11)]);
    again.iter().filter(|answer| answer.status == 200).for_each(|again| assert_replay(again, &first));
    assert!(again.iter().all(|answer| is_replayed(answer) == (answer.status == 200)));
}

/// An upload that is sent in parts.
struct Slow(TcpStream);

impl Slow {
    fn begin(caller: &Caller, path: &str, key: &str) -> Self {
        let host = caller.gateway.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let head = format!(
            "POST {ADMIN}{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            caller.token
        );
        stream.write_all(head.as_bytes()).unwrap();
        Self(stream)
    }

    fn send(&mut self, piece: &str) {
        self.0.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).unwrap();
        self.0.flush().unwrap();
    }

    /// Ends the body and reads the response: head and body as one text.
    fn end(mut self) -> String {
        self.0.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// Begins an upload with enough lines that some are stored immediately, and waits until they are: the key is leased
/// then.
async fn begin_import(caller: &Caller, website: &Website, key: &str) -> (Slow, String) {
    let mut slow = Slow::begin(caller, &website.path("/import"), key);
    let lines = lines((0..1_000).map(|number| format!("first {number}")));
    slow.send(&lines);
    for _ in 0..200 {
        let export = answer(caller.request(Method::GET, &website.path("/export"))).await;
        if !export.body.is_empty() {
            return (slow, lines);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing is imported");
}

#[tokio::test]
async fn imports_are_distinguished_by_their_whole_bodies() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let (path, key) = (website.path("/import"), unique());
    let lines = |count: usize| lines((0..count).map(|number| number.to_string()));
    let body = lines(5_000);
    let first = post(&owner, &path, &key, &body).await.ok();
    assert_eq!(first.row()["accepted"], 5_000);
    let again = post(&owner, &path, &key, &body).await;
    assert_replay(&again, &first);
    assert_eq!(again.hops(), Hops { gate: 1, d1: 1, kv: 0, site: 0 }, "nothing is imported");
    let last_differs = format!("{}\t", body.trim_end());
    for other in [lines(4_999), lines(5_001), last_differs, String::new()] {
        assert_conflict(&post(&owner, &path, &key, other).await);
    }
    let again = post(&owner, &path, &unique(), &body).await.ok().row();
    assert_fields(&again, json!({ "accepted": 0, "duplicates": 5_000 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_holds_its_key_until_it_ends_however_long_it_takes() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/import");

    // Longer than a lease lasts, with a part now and then.
    let key = format!("k{}", unique());
    let (mut slow, mut body) = begin_import(&owner, &website, &key).await;
    let begun = Instant::now();
    let mut sent = 0;
    while begun.elapsed() < Duration::from_secs(28) {
        assert_conflict(&post(&owner, &path, &key, line("a")).await);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let piece = format!("{}\n", line(&sent.to_string()));
        slow.send(&piece);
        body.push_str(&piece);
        sent += 1;
    }
    let answered = slow.end();
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    assert!(answered.contains(&format!("\"accepted\":{}", 1_000 + sent)), "{answered}");
    let again = post(&owner, &path, &key, body).await.ok();
    assert!(is_replayed(&again) && answered.contains(&again.body), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_crash_left_behind_frees_itself_within_30_seconds() {
    let state = State::new();
    let settings = [("RATE_LIMIT_PER_MINUTE", "100000"), ("MAX_FUNNELS", "100000")];
    let own = state.serve(&settings);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let (path, kept, key) = (website.path("/import"), unique(), format!("k{}", unique()));
    let created = post(&owner, &website.path("/apikeys"), &kept, "{}").await.ok();
    let slow = begin_import(&owner, &website, &key).await;
    own.kill();
    let crashed = Instant::now();
    drop((slow, own));

    let own = state.serve(&settings);
    let caller = own.gateway.caller(&owner.token);
    let body = format!("{}\n", line("a"));
    // A response acknowledged before the crash is replayed.
    assert_replay(&post(&caller, &website.path("/apikeys"), &kept, "{}").await, &created);
    let done = loop {
        let answer = post(&caller, &path, &key, &body).await;
        if answer.status == 200 {
            break answer;
        }
        assert_conflict(&answer);
        assert!(crashed.elapsed() < Duration::from_secs(30), "the key is not free");
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert!(!is_replayed(&done));
    assert_replay(&post(&caller, &path, &key, &body).await, &done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_interrupted_by_a_crash_runs_once_when_repeated() {
    let state = State::new();
    let settings = [("RATE_LIMIT_PER_MINUTE", "100000"), ("MAX_FUNNELS", "100000")];
    let own = state.serve(&settings);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let path = website.path("/funnels");
    // Each has its own credential, so that they do not queue at one credential object, and sends sequentially, so that
    // the crash interrupts each at a different point.
    let callers = all((0..28).map(async |number| match number {
        0..10 => website.key().await,
        _ => owner.mint(json!({})).await,
    }))
    .await;
    let (begun, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let senders: Vec<_> = callers
        .into_iter()
        .map(|caller| {
            let path = path.clone();
            let (begun, answered) = (begun.clone(), answered.clone());
            tokio::spawn(async move {
                let mut sent = Vec::new();
                loop {
                    let name = format!("funnel {}", begun.fetch_add(1, Ordering::Relaxed));
                    let request = caller.request(Method::POST, &path).header(KEY, &name);
                    let answer = match request.body(funnel(&name).to_string()).send().await {
                        Ok(answer) => answer.status().is_success().then_some(answer.text().await.ok()).flatten(),
                        Err(_) => None,
                    };
                    sent.push((caller.clone(), name, answer.clone()));
                    if answer.is_none() {
                        return sent;
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 100 {
        assert!(senders.iter().any(|sender| !sender.is_finished()), "nothing is answered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    own.kill();
    let crashed = Instant::now();
    drop(own);
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.unwrap());
    }

    let own = state.serve(&settings);
    let count = sent.len();
    all(sent.into_iter().map(async |(caller, name, before)| {
        let caller = own.gateway.caller(&caller.token);
        let again = loop {
            let again = post(&caller, &path, &name, funnel(&name)).await;
            if again.status == 200 {
                break again;
            }
            // If something were created without its response, the name would be taken.
            assert_conflict(&again);
            assert!(crashed.elapsed() < Duration::from_secs(30), "the key is not free");
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        if let Some(body) = before {
            assert!(is_replayed(&again) && again.body == body, "{again}");
        }
    }))
    .await;
    let caller = own.gateway.caller(&owner.token);
    assert_eq!(caller.get(&path).await.ok().rows().len(), count);
}

#[tokio::test]
async fn a_response_is_stored_for_a_day_and_deleted_by_cron() {
    let state = State::new();
    let (token, path, first);
    {
        let own = state.serve(&[]);
        let owner = own.gateway.account().await;
        path = owner.website().await.path("/apikeys");
        first = post(&owner, &path, "old", "{}").await.ok();
        post(&owner, &path, "young", "{}").await.ok();
        post(&owner, &path, "used again", "{}").await.ok();
        token = owner.token.clone();
    }
    let age = |hours: &str, places: &str| {
        let age = format!(
            "UPDATE idempotency_keys SET expires_at = expires_at - {hours} * 3600000 \
             WHERE scope IN (SELECT scope FROM idempotency_keys ORDER BY expires_at {places})"
        );
        state.query(&age);
    };
    // All of them have a minute left.
    age("23.98", "LIMIT 3");
    let own = state.serve(&[]);
    let caller = own.gateway.caller(&token);
    assert_replay(&post(&caller, &path, "old", "{}").await, &first);
    drop(own);
    age("0.02", "LIMIT 3");
    let own = state.serve(&[]);
    let caller = own.gateway.caller(&token);
    // It has expired, whether or not cron has deleted it.
    assert!(!is_replayed(&post(&caller, &path, "used again", "{}").await.ok()));
    own.twenty_minutes_of_cron().await;
    own.twenty_minutes_of_cron().await;
    assert!(is_replayed(&post(&caller, &path, "used again", "{}").await.ok()), "cron leaves the rest alone");
    let fresh = post(&caller, &path, "old", "{}").await.ok();
    assert!(!is_replayed(&fresh) && fresh.body != first.body);
    drop(own);
    let rows = state.query("SELECT count(*) AS count FROM idempotency_keys");
    assert_eq!(rows[0], [json!({ "count": 2 })]);
}

#[tokio::test]
async fn what_a_key_costs() {
    let owner: Account = Gateway::roomy().account().await;
    let website = owner.website().await;
    let d1 = |answer: &Answer| (answer.status, answer.hops().gate, answer.hops().d1);
    for (path, body, without) in
        [("/access-tokens".to_owned(), json!({}), 1), (website.path("/funnels"), funnel(&unique()), 1)]
    {
        let key = unique();
        assert_eq!(d1(&post(&owner, &path, &key, &body).await), (200, 1, without + 1), "one more to take it");
        assert_eq!(d1(&post(&owner, &path, &key, &body).await), (200, 1, 1), "and only that to answer again");
        assert_eq!(d1(&post(&owner, &path, &key, "{ }").await), (409, 1, 1));
        assert_eq!(d1(&post(&owner, &path, "", &body).await), (400, 1, 0));
    }
    // One to acquire the key, and one to release it: the owner's role is known.
    assert_eq!(d1(&post(&owner, &website.path("/funnels"), &unique(), "{").await), (400, 1, 2));
    let nowhere = format!("/websites/{}/funnels", crate::support::NO_SUCH_ID);
    assert_eq!(d1(&post(&owner, &nowhere, &unique(), "{}").await), (404, 1, 2));
}

#[tokio::test]
async fn two_spellings_of_a_path_share_their_keys() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let tracking_id = text(&owner.get(&format!("/websites/{}", website.id)).await.row()["trackingId"]);
    let make = async |id: &str, end: &str| {
        let path = format!("/websites/{id}/apikeys{end}");
        answer(owner.request(Method::POST, &path).header(KEY, "one").json(&json!({ "name": "x" }))).await.ok()
    };
    let first = make(&website.id, "").await;
    for (id, end) in [(website.id.to_uppercase(), ""), (website.id.clone(), "/"), (tracking_id, "")] {
        let again = make(&id, end).await;
        assert_eq!((again.body.as_str(), again.header(REPLAYED).as_str()), (first.body.as_str(), "true"));
    }
    assert_eq!(owner.get(&format!("/websites/{}/apikeys", website.id)).await.rows().len(), 1);
}
