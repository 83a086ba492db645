//! What applications were granted over time, with the whole pipeline and a clock that the test moves.

use serde_json::{Value as Json, json};

use crate::oauth::clients::MOST_UNUSED;
use crate::oauth::grants::ACCESS_MS;
use crate::platform::database::sql;
use crate::platform::outgoing::Sent;
use crate::session_tests::{Answer, DAY_MS, MINUTE_MS, World};

const AUTHORIZATION: &str = "/api/v1/console/authorization";
const TOKENS: &str = "/api/v1/admin/access-tokens";
const REDIRECT: &str = "https://client.example/cb";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl World {
    fn register(&self) -> Answer {
        self.send("POST", "/oauth/register", &[], Some(json!({ "client_name": "Agent", "redirect_uris": [REDIRECT] })))
    }

    fn ask(client: &str) -> String {
        let asked = [
            ("client_id", client),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        format!("{AUTHORIZATION}?{}", form(&asked))
    }

    fn grant(&self, client: &str, days: u32) -> String {
        let body = json!({ "permissions": ["api-keys:read", "websites:read"], "websiteIds": [], "days": days });
        let granted = self.as_session(&self.by_token(), "POST", &Self::ask(client), Some(body));
        assert_eq!(granted.status, 200, "{}", granted.body);
        let to = granted.body["data"][0]["redirectTo"].as_str().unwrap().to_owned();
        to.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
    }

    fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.send_text("POST", "/oauth/token", &[], Some(form(fields)))
    }

    fn exchange(&self, client: &str, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
        ])
    }

    fn refresh(&self, client: &str, pair: &Json) -> Answer {
        let refresh = pair["refresh_token"].as_str().unwrap();
        self.token(&[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", refresh)])
    }

    fn status_of(&self, pair: &Json) -> u16 {
        let bearer = format!("Bearer {}", pair["access_token"].as_str().unwrap());
        self.send("GET", TOKENS, &[("authorization", &bearer)], None).status
    }

    fn client(&self) -> String {
        self.register().body["client_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_code_is_good_for_a_minute() {
    for (waits, status) in [(MINUTE_MS - 1, 200), (MINUTE_MS, 400)] {
        let world = World::new();
        let client = world.client();
        let code = world.grant(&client, 1);
        world.memory.advance(waits);
        let answer = world.exchange(&client, &code);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(world.count("access_tokens"), if status == 200 { 2 } else { 1 });
        world.run_cron();
        assert_eq!(
            world.count("oauth_grants"),
            usize::from(status == 200),
            "a code that nobody exchanged is forgotten"
        );
    }
}

#[test]
fn an_access_token_is_good_for_an_hour_and_its_grant_for_the_days_that_were_chosen() {
    let world = World::new();
    let client = world.client();
    let mut pair = world.exchange(&client, &world.grant(&client, 1)).body;
    assert_eq!(pair["expires_in"], ACCESS_MS / 1_000);
    world.memory.advance(ACCESS_MS - 1);
    assert_eq!(world.status_of(&pair), 200);
    world.memory.advance(1);
    assert_eq!(world.status_of(&pair), 401);
    for _ in 0..22 {
        pair = world.refresh(&client, &pair).body;
        assert_eq!((world.status_of(&pair), &pair["expires_in"]), (200, &json!(3_600)));
        world.memory.advance(ACCESS_MS);
    }
    // The last one is no longer than the grant.
    world.memory.advance(ACCESS_MS / 2);
    pair = world.refresh(&client, &pair).body;
    assert_eq!((world.status_of(&pair), &pair["expires_in"]), (200, &json!(1_800)));
    world.memory.advance(ACCESS_MS / 2);
    assert_eq!(world.status_of(&pair), 401);
    let over = world.refresh(&client, &pair);
    assert_eq!((over.status, &over.body["error"]), (400, &json!("invalid_grant")));
    world.run_cron();
    assert_eq!([world.count("oauth_grants"), world.count("access_tokens"), world.count("revocations")], [0, 1, 0]);
}

#[test]
fn who_repeats_a_refresh_gets_the_same_pair_for_half_a_minute() {
    // The isolate remembers tokens that are revoked, so each world has its own.
    for (waits, is_same, key) in [(0, true, "A"), (30_000, true, "E"), (30_001, false, "I")] {
        let world = World::new();
        let keys = format!("k1:{}=", key.repeat(43));
        world.memory.variables.borrow_mut().insert("ENCRYPTION_KEYS".to_owned(), keys);
        let client = world.client();
        let first = world.exchange(&client, &world.grant(&client, 1)).body;
        world.memory.advance(1_000);
        let second = world.refresh(&client, &first).body;
        world.memory.advance(waits);
        let again = world.refresh(&client, &first);
        let status = if is_same { 200 } else { 400 };
        assert_eq!((again.status, world.status_of(&second)), (status, if is_same { 200 } else { 401 }), "{waits}");
        if !is_same {
            continue;
        }
        for part in ["access_token", "refresh_token", "scope"] {
            assert_eq!(again.body[part], second[part], "{part}");
        }
        assert_eq!(again.body["expires_in"], (ACCESS_MS - waits) / 1_000, "as long as the first answer said");
        assert_eq!(world.count("access_tokens"), 2);
        // The one before that has been heard: both sides have used what replaced it.
        let third = world.refresh(&client, &second).body;
        assert_eq!(world.status_of(&third), 200);
        assert_eq!((world.refresh(&client, &first).status, world.status_of(&third)), (400, 401));
    }
}

#[test]
fn a_failure_of_storage_in_any_place_leaves_a_code_and_a_refresh_token_as_they_were_or_used() {
    for refreshes in [false, true] {
        let mut failed = 0;
        for call in 0.. {
            let world = World::new();
            let client = world.client();
            let code = world.grant(&client, 1);
            let pair = refreshes.then(|| world.exchange(&client, &code).body);
            let send = || match &pair {
                Some(pair) => world.refresh(&client, pair),
                None => world.exchange(&client, &code),
            };
            world.memory.fails_after.set(Some(call));
            let first = send();
            let has_failed = world.memory.fails_after.take().is_none();
            if !has_failed {
                break;
            }
            failed += 1;
            let issued = if first.status == 500 {
                assert_eq!(first.body["error"], "server_error");
                send()
            } else {
                first
            };
            assert_eq!(issued.status, 200, "call {call}: {}", issued.body);
            assert_eq!(world.status_of(&issued.body), 200);
            assert_eq!(world.count("access_tokens"), 2);
        }
        assert!(failed >= 2, "{failed} calls of storage");
    }
}

#[test]
fn nothing_is_stored_that_would_let_anybody_in() {
    let world = World::new();
    let client = world.client();
    let code = world.grant(&client, 1);
    let pair = world.exchange(&client, &code).body;
    let tables = ["oauth_grants", "oauth_clients", "access_tokens", "revocations"]
        .map(|table| world.memory.database.batch::<Json>(&[sql(format!("SELECT * FROM {table}"))]).unwrap().remove(0));
    let stored = json!(tables).to_string();
    for secret in [code.as_str(), pair["access_token"].as_str().unwrap(), pair["refresh_token"].as_str().unwrap()] {
        assert!(!stored.contains(secret) && !stored.contains(&secret[4..40]), "{secret}");
    }
}

#[test]
fn registrations_are_forgotten_unless_they_are_used() {
    let world = World::new();
    let (used, unused) = (world.client(), world.client());
    world.exchange(&used, &world.grant(&used, 365));
    world.memory.advance(DAY_MS);
    let session = world.by_token();
    assert_eq!(world.as_session(&session, "GET", &World::ask(&used), None).status, 200);
    assert_eq!(world.as_session(&session, "GET", &World::ask(&unused), None).status, 400);
    world.run_cron();
    assert_eq!(world.count("oauth_clients"), 1);
    world.memory.advance(400 * DAY_MS);
    world.run_cron();
    assert_eq!(world.count("oauth_clients"), 0);
}

#[test]
fn registrations_are_few_and_none_pushes_out_one_that_was_just_made() {
    let world = World::new();
    let first = world.client();
    for _ in 1..MOST_UNUSED {
        assert_eq!(world.register().status, 201);
    }
    let full = world.register();
    assert_eq!((full.status, &full.body["error"]), (429, &json!("temporarily_unavailable")));
    world.memory.advance(10 * MINUTE_MS);
    let session = world.by_token();
    assert_eq!(world.as_session(&session, "GET", &World::ask(&first), None).status, 200);
    assert_eq!(world.register().status, 201);
    assert_eq!(world.as_session(&session, "GET", &World::ask(&first), None).status, 400, "the oldest made room");
    assert_eq!(world.count("oauth_clients"), MOST_UNUSED as usize);
}

#[test]
fn whoever_takes_an_account_back_ends_what_was_granted() {
    for is_exchanged in [false, true] {
        let world = World::new();
        let client = world.client();
        let code = world.grant(&client, 30);
        let pair = is_exchanged.then(|| world.exchange(&client, &code).body);
        let recovery = json!({ "email": "jane@example.com", "recover": true });
        assert_eq!(
            world.send("POST", "/api/v1/setup", &[("authorization", "Bearer set-up")], Some(recovery)).status,
            200
        );
        assert_eq!(world.count("oauth_grants"), 0);
        match pair {
            Some(pair) => {
                assert_eq!(world.status_of(&pair), 401);
                assert_eq!(world.refresh(&client, &pair).status, 400);
            }
            None => assert_eq!(world.exchange(&client, &code).status, 400),
        }
    }
}

#[test]
fn a_document_about_an_application_is_read_within_limits() {
    let id = "https://client.example/oauth.json";
    let document = json!({ "client_id": id, "client_name": "Agent", "redirect_uris": [REDIRECT] }).to_string();
    let answered = |status, body: &str| Sent::Answered { status, retry_after: None, body: body.as_bytes().to_vec() };
    for (sent, wanted) in [
        (answered(200, &document), None),
        (answered(404, &document), Some("status 404")),
        (answered(301, ""), Some("status 301")),
        (answered(200, "<html>"), Some("is not JSON")),
        (answered(200, &document.replace("oauth.json", "other.json")), Some("another client_id")),
        (
            answered(200, &document.replace("https://client.example/cb", "http://client.example/cb")),
            Some("redirect_uris"),
        ),
        (answered(200, &format!("{document}{}", " ".repeat(16 * 1024))), Some("16 KiB")),
        (Sent::TimedOut, Some("5 seconds")),
        (Sent::Failed(String::new()), Some("cannot be reached")),
    ] {
        let world = World::new();
        let session = world.by_token();
        let sent = std::cell::RefCell::new(Some(sent));
        world.memory.serve(move |_| sent.borrow_mut().take().unwrap());
        let answer = world.as_session(&session, "GET", &World::ask(id), None);
        match wanted {
            None => assert_eq!(answer.body["data"][0]["documentHost"], "client.example"),
            Some(wanted) => {
                let message = answer.body["error"]["message"].as_str().unwrap();
                assert!(answer.status == 400 && message.contains(wanted), "{message}");
            }
        }
        let requests = world.memory.requests.take();
        assert_eq!((requests.len(), requests[0].url.as_str(), requests[0].method), (1, id, "GET"));
    }
    // Nothing is asked at an address that webhooks may not be sent to, nor at one that is not plain.
    let world = World::new();
    let session = world.by_token();
    for id in [
        "http://client.example/oauth.json",
        "https://10.0.0.1/oauth.json",
        "https://localhost/oauth.json",
        "https://client.internal/oauth.json",
        "https://client.example/",
        "https://client.example",
        "https://client.example/a/../oauth.json",
        "https://client.example/oauth.json?x=1",
        "https://client.example/oauth.json#x",
        "https://a@client.example/oauth.json",
        "https://CLIENT.example/oauth.json",
        "file:///etc/passwd",
    ] {
        let answer = world.as_session(&session, "GET", &World::ask(id), None);
        assert_eq!(answer.status, 400, "{id}: {}", answer.body);
    }
    assert!(world.memory.requests.take().is_empty());
}
