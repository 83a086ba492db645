//! Codes by mail, passkeys and Cloudflare Access, with the whole pipeline and a clock that the test moves.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::auth::passkeys::{New, Use, delete_all, select_known};
use crate::console::access;
use crate::console::codes::{MOST_OF_ACCOUNT, MOST_OF_CLIENT, MOST_TRIES};
use crate::platform::database::sql;
use crate::platform::memory::sign;
use crate::platform::outgoing::Sent;
use crate::session_tests::{Answer, MINUTE_MS, START, World};
use sluice_values::{AccountId, PasskeyId};

const SESSION: &str = "/api/v1/console/session";
const CODES: &str = "/api/v1/console/sign-in-codes";
const ACCOUNT: &str = "/api/v1/admin/account";
const EMAIL: &str = "jane@example.com";
const SITE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A gateway that sends mail.
fn world() -> World {
    let world = World::new();
    set(&world, "EMAIL_FROM", "a@b.co");
    world
}

fn set(world: &World, name: &str, value: &str) {
    world.memory.variables.borrow_mut().insert(name.to_owned(), value.to_owned());
}

/// The cookie that an answer sets, as the browser sends it.
fn cookie(answer: &Answer) -> Option<String> {
    let set = answer.headers.iter().find(|(name, _)| *name == "set-cookie");
    set.map(|(_, value)| value.split(';').next().unwrap().to_owned())
}

/// Asks for a code from a client address, in a browser with this cookie.
fn ask_from(world: &World, client: &str, email: &str, cookies: &str) -> Answer {
    let headers = [SITE, ("cookie", cookies), ("cf-connecting-ip", client)];
    world.send("POST", CODES, &headers, Some(json!({ "email": email })))
}

/// Asks for a code in a browser of its own, and answers the code and the browser's cookie.
fn ask(world: &World) -> (String, String) {
    let asked = ask_from(world, "198.51.100.1", EMAIL, "");
    assert_eq!(asked.status, 200);
    (mailed(world).unwrap(), cookie(&asked).unwrap())
}

/// The code of the last mail, if one was sent since the last call.
fn mailed(world: &World) -> Option<String> {
    let mail = world.memory.emails.borrow_mut().pop()?;
    let (_, rest) = mail.text.split_once("#code=").unwrap();
    Some(rest.trim().to_owned())
}

fn enter(world: &World, cookies: &str, code: &str) -> Answer {
    world.send("POST", SESSION, &[SITE, ("cookie", cookies)], Some(json!({ "code": code })))
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let (first, rest) = code.split_at(1);
    format!("{}{rest}", if first == "0" { "1" } else { "0" })
}

#[test]
fn a_code_signs_in_once_and_only_in_the_browser_that_has_asked() {
    let world = world();
    let asked = ask_from(&world, "198.51.100.1", EMAIL, "");
    let (_, set) = asked.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap();
    assert!(set.starts_with("__Host-sluice-pending="), "{set}");
    assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=900"), "{set}");
    let (code, browser) = (mailed(&world).unwrap(), cookie(&asked).unwrap());
    let (_, other) = ask(&world);
    for elsewhere in ["", &other, "__Host-sluice-pending=x", &browser[..browser.len() - 1]] {
        assert_eq!(enter(&world, elsewhere, &code).status, 401, "{elsewhere}");
    }
    // As people type it.
    let typed = format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]);
    let entered = enter(&world, &browser, &typed);
    assert_eq!(entered.status, 200, "{}", entered.body);
    let row = &entered.body["data"][0];
    assert_eq!((&row["method"], &row["permissions"]), (&json!("email"), &json!(["*"])));
    assert_eq!(world.as_session(&cookie(&entered).unwrap(), "GET", SESSION, None).status, 200);
    assert_eq!(enter(&world, &browser, &code).status, 401, "it is used up");
}

#[test]
fn a_code_has_five_tries() {
    for wrong in [MOST_TRIES - 1, MOST_TRIES] {
        let world = world();
        let (code, browser) = ask(&world);
        for _ in 0..wrong {
            assert_eq!(enter(&world, &browser, &other_than(&code)).status, 401);
        }
        let status = enter(&world, &browser, &code).status;
        assert_eq!(status, if wrong < MOST_TRIES { 200 } else { 401 }, "after {wrong}");
    }
}

#[test]
fn a_code_is_good_for_fifteen_minutes() {
    for (millis, status) in [(15 * MINUTE_MS - 1, 200), (15 * MINUTE_MS, 401)] {
        let world = world();
        let (code, browser) = ask(&world);
        world.memory.advance(millis);
        assert_eq!(enter(&world, &browser, &code).status, status, "{millis}");
    }
}

#[test]
fn of_two_codes_that_a_browser_has_asked_for_both_are_good() {
    let world = world();
    let (first, browser) = ask(&world);
    let again = ask_from(&world, "198.51.100.1", EMAIL, &browser);
    assert_eq!(cookie(&again).as_ref(), Some(&browser), "it keeps its secret");
    let second = mailed(&world).unwrap();
    for code in [first, second] {
        assert_eq!(enter(&world, &browser, &code).status, 200);
    }
}

#[test]
fn an_account_and_a_client_have_so_many_codes_an_hour_and_nobody_is_told() {
    let world = world();
    let answer = |asked: &Answer| (asked.status, asked.body.clone());
    let first = answer(&ask_from(&world, "198.51.100.1", EMAIL, ""));
    assert!(mailed(&world).is_some());
    for further in 1..MOST_OF_ACCOUNT + 2 {
        let client = format!("198.51.100.{}", 10 + further);
        assert_eq!(answer(&ask_from(&world, &client, EMAIL, "")), first);
        assert_eq!(mailed(&world).is_some(), further < MOST_OF_ACCOUNT, "{further}");
    }
    world.memory.advance(60 * MINUTE_MS);
    ask_from(&world, "198.51.100.1", EMAIL, "");
    assert!(mailed(&world).is_some(), "an hour later");
    // A client's, whatever the accounts.
    for number in 1..=MOST_OF_CLIENT + 1 {
        let email = format!("jane{number}@example.com");
        let account = json!({ "email": email, "name": "Jane" });
        world.send("POST", "/api/v1/setup", &[("authorization", "Bearer set-up")], Some(account));
        assert_eq!(answer(&ask_from(&world, "2001:db8::1", &email, "")), first);
        assert_eq!(mailed(&world).is_some(), number <= MOST_OF_CLIENT, "{number}");
    }
    world.memory.advance(60 * MINUTE_MS);
    world.run_cron();
    assert_eq!(world.count("sign_in_codes"), 0);
}

#[test]
fn whoever_has_no_account_is_answered_the_same_at_no_cost() {
    let world = world();
    let known = ask_from(&world, "198.51.100.1", EMAIL, "");
    let calls = world.memory.calls.get();
    let unknown = ask_from(&world, "198.51.100.1", "nobody@example.com", "");
    assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));
    let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(names(&unknown), names(&known));
    assert_eq!(cookie(&unknown).unwrap().len(), cookie(&known).unwrap().len());
    assert!(mailed(&world).is_some() & mailed(&world).is_none());
    assert_eq!((world.count("sign_in_codes"), world.memory.calls.get() - calls), (1, 1));
}

#[test]
fn a_flood_from_one_address_is_held_up() {
    let world = world();
    set(&world, "AUTH_FAILURES_PER_MINUTE", "5");
    let statuses: Vec<_> = (0..7).map(|_| ask_from(&world, "203.0.113.77", "nobody@example.com", "").status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
}

#[test]
fn wrong_codes_count_as_failed_authentications() {
    let world = world();
    set(&world, "AUTH_FAILURES_PER_MINUTE", "3");
    let (_, browser) = ask(&world);
    let fail = |code: &str| {
        let headers = [SITE, ("cookie", browser.as_str()), ("cf-connecting-ip", "203.0.113.78")];
        world.send("POST", SESSION, &headers, Some(json!({ "code": code }))).status
    };
    assert_eq!([fail("x"), fail("x"), fail("x"), fail("x")], [401, 401, 401, 429]);
}

#[test]
fn without_mail_there_are_no_codes() {
    let world = World::new();
    let methods = || world.send("GET", "/api/v1/console/status", &[], None).body["data"][0]["methods"].clone();
    let refused = ask_from(&world, "198.51.100.1", EMAIL, "");
    assert_eq!(refused.status, 404);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("EMAIL_FROM is not set"), "{}", refused.body);
    assert_eq!(methods()["email"], json!(false));
    set(&world, "EMAIL_FROM", "a@b.co");
    assert_eq!(methods()["email"], json!(true));
}

#[test]
fn a_mail_that_cannot_be_sent_changes_no_answer() {
    let world = world();
    *world.memory.email_refusal.borrow_mut() = Some("E_SENDER_NOT_VERIFIED".to_owned());
    assert_eq!(ask_from(&world, "198.51.100.1", EMAIL, "").status, 200);
    world.memory.fails_after.set(Some(0));
    assert_eq!(ask_from(&world, "198.51.100.1", EMAIL, "").status, 200);
}

#[test]
fn an_account_that_others_may_have_made_is_given_to_who_reads_its_mailbox() {
    let world = world();
    world.memory.database.execute("UPDATE accounts SET verified_at = NULL");
    let before = world.by_token();
    let (code, browser) = ask(&world);
    let entered = cookie(&enter(&world, &browser, &code)).unwrap();
    assert_eq!(world.count("access_tokens"), 0, "the tokens that were made before");
    assert_eq!(world.as_session(&before, "GET", SESSION, None).status, 401);
    assert_eq!(world.as_session(&entered, "GET", SESSION, None).status, 200);
    // The second time, nothing goes.
    let bearer = json!({});
    assert_eq!(world.as_session(&entered, "POST", "/api/v1/admin/access-tokens", Some(bearer)).status, 200);
    let (code, browser) = ask(&world);
    assert_eq!(enter(&world, &browser, &code).status, 200);
    assert_eq!(world.count("access_tokens"), 1);
}

#[test]
fn the_mail_has_the_code_and_a_link_that_stays_out_of_logs() {
    let world = world();
    set(&world, "PUBLIC_URL", "https://s.example");
    ask_from(&world, "198.51.100.1", EMAIL, "");
    let mail = world.memory.emails.borrow().last().unwrap().clone();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (EMAIL, "Your code to sign in to Sluice"));
    let code = mailed(&world).unwrap();
    assert!(mail.text.starts_with(&format!("Your code to sign in to Sluice: {}-{}\n", &code[..4], &code[4..])));
    assert!(mail.text.ends_with(&format!("https://s.example/console/sign-in#code={code}")), "{}", mail.text);
    // What is stored has neither code nor secret.
    let rows = world.memory.database.batch::<Json>(&[sql("SELECT * FROM sign_in_codes")]).unwrap();
    assert!(!rows[0][0].to_string().contains(&code));
}

// ---- Passkeys

const PASSKEYS: &str = "/api/v1/console/passkeys";
const OPTIONS: &str = "/api/v1/console/passkeys/options";
const SIGN_IN_OPTIONS: &str = "/api/v1/console/session/options";
const ORIGIN: &str = "https://gateway.example";
const HOST: &str = "gateway.example";

/// A gateway whose host is a name.
fn named() -> World {
    let world = world();
    set(&world, "ENCRYPTION_KEYS", &format!("k1:{}", STANDARD.encode([1; 32])));
    set(&world, "PUBLIC_URL", ORIGIN);
    world
}

/// An authenticator with one passkey.
struct Key {
    id: Vec<u8>,
    point: [u8; 65],
    count: u32,
}

impl Key {
    fn new(number: u8) -> Self {
        let mut point = [number; 65];
        point[0] = 4;
        Self { id: vec![number; 16], point, count: 0 }
    }

    fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    fn data(&self, host: &str, flags: u8) -> Vec<u8> {
        [&Sha256::digest(host.as_bytes())[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    /// What a browser answers to a challenge to make it.
    fn made(&self, challenge: &str, origin: &str) -> Json {
        let client_data = json!({ "type": "webauthn.create", "challenge": challenge, "origin": origin });
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&self.data(HOST, 0x45)[..], &[0; 16], &length, &self.id, b"CBOR"].concat();
        let start = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let start = (0..52).step_by(2).map(|at| u8::from_str_radix(&start[at..at + 2], 16).unwrap());
        let key: Vec<u8> = start.chain(self.point).collect();
        json!({ "id": self.id(), "publicKey": URL_SAFE_NO_PAD.encode(key), "name": "Laptop",
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data.to_string()) })
    }

    /// What a browser answers to a challenge to sign in with it.
    fn signed(&self, challenge: &str) -> Json {
        self.signed_as(&json!({ "type": "webauthn.get", "challenge": challenge, "origin": ORIGIN }), HOST, 0x05)
    }

    fn signed_as(&self, client_data: &Json, host: &str, flags: u8) -> Json {
        let (data, client_data) = (self.data(host, flags), client_data.to_string());
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let raw = sign(&self.point, &signed);
        let der = [&[0x30, 68, 2, 32], &raw[..32], &[2, 32], &raw[32..]].concat();
        json!({ "id": self.id(), "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data), "signature": URL_SAFE_NO_PAD.encode(der) })
    }
}

fn challenge(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"][0]["challenge"].as_str().unwrap().to_owned()
}

fn add_options(world: &World, session: &str) -> Answer {
    world.as_session(session, "POST", OPTIONS, None)
}

fn add(world: &World, session: &str, key: &Key) -> Answer {
    let challenge = challenge(&add_options(world, session));
    world.as_session(session, "POST", PASSKEYS, Some(key.made(&challenge, ORIGIN)))
}

fn sign_in_challenge(world: &World) -> String {
    challenge(&world.send("POST", SIGN_IN_OPTIONS, &[SITE], None))
}

fn present(world: &World, assertion: &Json) -> Answer {
    world.send("POST", SESSION, &[SITE], Some(json!({ "passkey": assertion })))
}

fn by_passkey(world: &World, key: &Key) -> Answer {
    present(world, &key.signed(&sign_in_challenge(world)))
}

fn list(world: &World, session: &str) -> Vec<Json> {
    world.as_session(session, "GET", PASSKEYS, None).body["data"].as_array().unwrap().clone()
}

#[test]
fn a_passkey_is_added_and_signs_in() {
    let world = named();
    let (session, key) = (world.by_token(), Key::new(1));
    let options = add_options(&world, &session);
    let row = &options.body["data"][0];
    assert_eq!(
        (&row["rpId"], &row["email"], &row["displayName"], &row["exclude"]),
        (&json!(HOST), &json!(EMAIL), &json!("Jane"), &json!([]))
    );
    let added = add(&world, &session, &key);
    assert_eq!((added.status, &added.body["data"][0]["name"]), (200, &json!("Laptop")), "{}", added.body);
    assert_eq!(add_options(&world, &session).body["data"][0]["exclude"], json!([key.id()]));
    assert_eq!(list(&world, &session)[0]["lastUsedAt"], json!(null));
    world.memory.advance(MINUTE_MS);
    let entered = by_passkey(&world, &key);
    assert_eq!(entered.status, 200, "{}", entered.body);
    let row = &entered.body["data"][0];
    assert_eq!((&row["method"], &row["permissions"]), (&json!("passkey"), &json!(["*"])));
    let used = START.plus_millis(MINUTE_MS).to_string();
    assert_eq!(list(&world, &cookie(&entered).unwrap())[0]["lastUsedAt"], json!(used));
    let other = Key::new(2);
    assert_eq!(by_passkey(&world, &other).status, 401, "an unknown one");
    let forged = Key { id: key.id.clone(), ..other };
    assert_eq!(by_passkey(&world, &forged).status, 401, "another key");
}

#[test]
fn a_challenge_is_answered_once_within_five_minutes() {
    let world = named();
    let (session, key) = (world.by_token(), Key::new(1));
    add(&world, &session, &key);
    let first = key.signed(&sign_in_challenge(&world));
    assert_eq!(present(&world, &first).status, 200);
    assert_eq!(present(&world, &first).status, 401, "replayed");
    let late = sign_in_challenge(&world);
    world.memory.advance(5 * MINUTE_MS - 1);
    assert_eq!(present(&world, &key.signed(&late)).status, 200);
    let late = sign_in_challenge(&world);
    world.memory.advance(5 * MINUTE_MS);
    assert_eq!(present(&world, &key.signed(&late)).status, 401);
    assert_eq!(world.count("spent_challenges"), 3, "none of what was refused, or never answered");
    world.run_cron();
    world.run_cron();
    assert_eq!(world.count("spent_challenges"), 0);
    // One to add with, for one account.
    let adding = challenge(&add_options(&world, &world.by_token()));
    assert_eq!(present(&world, &key.signed(&adding)).status, 401);
    let signing = sign_in_challenge(&world);
    let session = world.by_token();
    let refused = world.as_session(&session, "POST", PASSKEYS, Some(Key::new(2).made(&signing, ORIGIN)));
    assert_eq!(refused.status, 400);
    let made = Key::new(2).made(&adding, ORIGIN);
    assert_eq!(world.as_session(&session, "POST", PASSKEYS, Some(made)).status, 200);
    let made = Key::new(3).made(&adding, ORIGIN);
    assert_eq!(world.as_session(&session, "POST", PASSKEYS, Some(made)).status, 400, "answered before");
}

#[test]
fn what_another_page_another_host_or_nobody_has_signed_is_refused() {
    let world = named();
    let (session, key) = (world.by_token(), Key::new(1));
    add(&world, &session, &key);
    let data = |name: &str, value: Json| {
        let mut data = json!({ "type": "webauthn.get", "challenge": sign_in_challenge(&world), "origin": ORIGIN });
        data[name] = value;
        data
    };
    let right = data("crossOrigin", json!(false));
    for (data, host, flags, status) in [
        (&data("origin", json!("https://evil.example")), HOST, 0x05, 401),
        (&data("type", json!("webauthn.create")), HOST, 0x05, 401),
        (&data("crossOrigin", json!(true)), HOST, 0x05, 401),
        (&data("challenge", json!(sign_in_challenge(&world).replace('A', "B"))), HOST, 0x05, 401),
        (&right, "evil.example", 0x05, 401),
        (&right, HOST, 0x01, 401),
        (&right, HOST, 0x05, 200),
    ] {
        assert_eq!(present(&world, &key.signed_as(data, host, flags)).status, status, "{data} {host} {flags}");
    }
    let mut altered = key.signed(&sign_in_challenge(&world));
    altered["authenticatorData"] = json!(URL_SAFE_NO_PAD.encode(key.data(HOST, 0x15)));
    assert_eq!(present(&world, &altered).status, 401, "not what was signed");
    for made in [Key::new(2).made(&challenge(&add_options(&world, &session)), "https://evil.example"), {
        let mut made = Key::new(2).made(&challenge(&add_options(&world, &session)), ORIGIN);
        made["id"] = json!("AAAA");
        made
    }] {
        assert_eq!(world.as_session(&session, "POST", PASSKEYS, Some(made)).status, 400);
    }
}

#[test]
fn a_counter_goes_forward_where_there_is_one() {
    let world = named();
    let (session, mut key) = (world.by_token(), Key::new(1));
    add(&world, &session, &key);
    for (count, status) in [(0, 200), (0, 200), (7, 200), (7, 401), (6, 401), (0, 401), (8, 200), (u32::MAX, 200)] {
        key.count = count;
        assert_eq!(by_passkey(&world, &key).status, status, "{count}");
    }
}

#[test]
fn an_account_has_ten_passkeys_and_each_only_once() {
    let world = named();
    let session = world.by_token();
    for number in 1..=10 {
        assert_eq!(add(&world, &session, &Key::new(number)).status, 200);
    }
    let refused = add(&world, &session, &Key::new(11));
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("10 passkeys"), "{}", refused.body);
    let first = list(&world, &session)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.as_session(&session, "DELETE", &format!("{PASSKEYS}/{first}"), None).status, 200);
    assert_eq!(add(&world, &session, &Key::new(2)).status, 409);
    assert_eq!(add(&world, &session, &Key::new(11)).status, 200);
    assert_eq!(by_passkey(&world, &Key::new(11)).status, 200);
}

#[test]
fn a_removed_passkey_is_refused_and_what_it_has_signed_in_is_signed_out() {
    let world = named();
    let (session, key, other) = (world.by_token(), Key::new(1), Key::new(2));
    for key in [&key, &other] {
        add(&world, &session, key);
    }
    let sessions = [&key, &key, &other].map(|key| cookie(&by_passkey(&world, key)).unwrap());
    // Of a session whose row is gone, only its object still knows.
    let alive = || sessions.each_ref().map(|session| world.as_session(session, "GET", ACCOUNT, None).status);
    assert_eq!(alive(), [200; 3]);
    let id = list(&world, &session)[0]["id"].as_str().unwrap().to_owned();
    let path = format!("{PASSKEYS}/{id}");
    let renamed = world.as_session(&session, "PUT", &path, Some(json!({ "name": "Old laptop" })));
    assert_eq!(renamed.body["data"][0]["name"], json!("Old laptop"));
    // The session that asks stays, though the passkey has signed it in.
    assert_eq!(world.as_session(&sessions[1], "DELETE", &path, None).status, 200);
    assert_eq!(alive(), [401, 200, 200]);
    assert_eq!(by_passkey(&world, &key).status, 401);
    assert_eq!(by_passkey(&world, &other).status, 200);
    for (method, body) in [("DELETE", None), ("PUT", Some(json!({ "name": "x" })))] {
        assert_eq!(world.as_session(&session, method, &path, body).status, 404);
    }
}

#[test]
fn another_account_reaches_no_passkey_of_ours() {
    let world = named();
    let session = world.by_token();
    add(&world, &session, &Key::new(1));
    let id = list(&world, &session)[0]["id"].as_str().unwrap().to_owned();
    let account = json!({ "email": "mary@example.com", "name": "Mary" });
    let made = world.send("POST", "/api/v1/setup", &[("authorization", "Bearer set-up")], Some(account));
    let token = json!({ "token": made.body["data"][0]["key"] });
    let mary = cookie(&world.send("POST", SESSION, &[SITE], Some(token))).unwrap();
    assert_eq!(list(&world, &mary), [json!(null); 0]);
    for (method, body) in [("DELETE", None), ("PUT", Some(json!({ "name": "x" })))] {
        assert_eq!(world.as_session(&mary, method, &format!("{PASSKEYS}/{id}"), body).status, 404);
    }
    // A challenge is for one account.
    let challenge = challenge(&add_options(&world, &session));
    let made = Key::new(2).made(&challenge, ORIGIN);
    assert_eq!(world.as_session(&mary, "POST", PASSKEYS, Some(made)).status, 400);
    assert_eq!(by_passkey(&world, &Key::new(1)).status, 200);
}

#[test]
fn a_session_with_fewer_rights_adds_and_removes_no_passkey() {
    let world = named();
    let session = world.by_token();
    add(&world, &session, &Key::new(1));
    let id = list(&world, &session)[0]["id"].as_str().unwrap().to_owned();
    let website = json!({ "domain": "example.com", "timezone": "UTC" });
    let made = world.as_session(&session, "POST", "/api/v1/admin/websites", Some(website));
    let website = made.body["data"][0]["websiteId"].clone();
    for rights in [
        json!({ "permissions": ["api-keys:read", "api-keys:write"] }),
        json!({ "permissions": ["*"], "websiteIds": [website] }),
    ] {
        let minted = world.as_session(&session, "POST", "/api/v1/admin/access-tokens", Some(rights));
        let token = json!({ "token": minted.body["data"][0]["key"] });
        let narrow = cookie(&world.send("POST", SESSION, &[SITE], Some(token))).unwrap();
        assert_eq!(add_options(&world, &narrow).status, 403);
        let made = Key::new(2).made("AAAA", ORIGIN);
        assert_eq!(world.as_session(&narrow, "POST", PASSKEYS, Some(made)).status, 403);
        let path = format!("{PASSKEYS}/{id}");
        assert_eq!(world.as_session(&narrow, "DELETE", &path, None).status, 403);
        assert_eq!(world.as_session(&narrow, "PUT", &path, Some(json!({ "name": "x" }))).status, 403);
        assert_eq!(list(&world, &narrow).len(), 1);
    }
}

#[test]
fn an_account_that_is_given_back_has_no_passkeys() {
    let world = named();
    let session = world.by_token();
    add(&world, &session, &Key::new(1));
    let recover = json!({ "email": EMAIL, "recover": true });
    world.send("POST", "/api/v1/setup", &[("authorization", "Bearer set-up")], Some(recover));
    assert_eq!((by_passkey(&world, &Key::new(1)).status, world.count("passkeys")), (401, 0));
}

#[test]
fn a_challenge_for_strangers_costs_no_storage() {
    let world = named();
    let calls = world.memory.calls.get();
    for _ in 0..3 {
        sign_in_challenge(&world);
    }
    assert_eq!(present(&world, &Key::new(1).signed("AAAA")).status, 401);
    assert_eq!(world.memory.calls.get(), calls);
}

#[test]
fn there_are_no_passkeys_at_an_ip_address_or_at_another_address_than_the_public_one() {
    for url in ["https://198.51.100.1", "http://gateway.example", "https://other.example"] {
        let world = named();
        set(&world, "PUBLIC_URL", url);
        let session = world.by_token();
        assert_eq!(world.send("POST", SIGN_IN_OPTIONS, &[SITE], None).status, 404, "{url}");
        assert_eq!(add_options(&world, &session).status, 404, "{url}");
        let status = world.send("GET", "/api/v1/console/status", &[], None);
        assert_eq!(status.body["data"][0]["methods"]["passkey"], json!(false), "{url}");
    }
    // That of `make dev`, though the console is open under the machine's name: in memory, another machine's.
    let world = named();
    set(&world, "PUBLIC_URL", "http://127.0.0.1:8787");
    assert_eq!(by_passkey(&world, &Key::new(1)).status, 401, "unknown, but there are passkeys");
}

#[test]
fn of_a_passkeys_statements_all_use_indexes() {
    let database = crate::platform::database::memory::Memory::default();
    let id = PasskeyId::new(START, [1; 8]);
    let account = AccountId::new(START, [2; 8]);
    let new = New {
        id,
        account,
        credential_id: "c",
        public_key: "k",
        sign_count: 0,
        name: "n",
        challenge_hash: "h",
        now: START,
    };
    let used = Use { id, sign_count: 0, challenge_hash: "h" };
    for statement in [new.insert(), select_known("c"), used.note(START), delete_all(account)] {
        let plan = database.plan(&statement);
        assert!(!plan.contains("SCAN passkeys") & !plan.contains("SCAN spent"), "{plan}");
    }
}

// ---- Cloudflare Access

const TEAM: &str = "https://acme.cloudflareaccess.com";
const AUDIENCE: &str = "32eafc76";

/// A gateway behind Access, whose team publishes these keys: an empty list is an answer without any.
fn behind_access(keys: &'static [u8]) -> World {
    access::forget();
    let world = World::new();
    set(&world, "ACCESS_TEAM_DOMAIN", "acme.cloudflareaccess.com");
    set(&world, "ACCESS_AUD", AUDIENCE);
    publish(&world, keys);
    world
}

fn publish(world: &World, keys: &'static [u8]) {
    world.memory.serve(move |request| {
        let url = "https://acme.cloudflareaccess.com/cdn-cgi/access/certs";
        assert_eq!((request.method, request.url.as_str()), ("GET", url));
        Sent::Answered { status: 200, retry_after: None, body: published(keys) }
    });
}

fn published(keys: &[u8]) -> Vec<u8> {
    let keys = keys.iter().map(|key| {
        json!({ "kid": format!("k{key}"), "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB", "n": modulus(*key) })
    });
    json!({ "keys": keys.collect::<Vec<_>>() }).to_string().into_bytes()
}

fn modulus(key: u8) -> String {
    URL_SAFE_NO_PAD.encode([key; 256])
}

/// What Access says of somebody, signed with a key.
fn assertion(world: &World, key: u8, email: &str) -> String {
    let now = world.platform.now().as_millis() / 1_000;
    let header = json!({ "alg": "RS256", "kid": format!("k{key}"), "typ": "JWT" });
    let claims = json!({ "aud": [AUDIENCE], "email": email, "iss": TEAM, "iat": now, "nbf": now, "exp": now + 86_400, "type": "app" });
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(modulus(key).as_bytes(), signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn through_access(world: &World, assertion: &str) -> Answer {
    let headers = [SITE, ("cf-access-jwt-assertion", assertion)];
    world.send("POST", SESSION, &headers, Some(json!({ "access": true })))
}

fn words(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap()
}

fn asked(world: &World) -> usize {
    world.memory.requests.borrow().len()
}

#[test]
fn whoever_access_has_let_through_signs_in_to_the_account_with_that_address() {
    let world = behind_access(&[1]);
    let entered = through_access(&world, &assertion(&world, 1, "JANE@Example.com"));
    assert_eq!(entered.status, 200, "{}", entered.body);
    let row = &entered.body["data"][0];
    assert_eq!((&row["method"], &row["permissions"]), (&json!("access"), &json!(["*"])));
    assert_eq!(row["freshUntil"], json!(START.plus_millis(15 * MINUTE_MS).to_string()));
    let browser = cookie(&entered).unwrap();
    let devices = world.as_session(&browser, "GET", "/api/v1/console/sessions", None);
    assert_eq!(devices.body["data"][0]["method"], json!("access"));
    let log = world.as_session(&browser, "GET", "/api/v1/admin/audit?operation=signIn", None);
    assert_eq!(log.body["data"][0]["changes"][0]["after"], json!("access"), "{}", log.body);
    // The session is ours: what Access says next of somebody else ends nothing, and signs nobody in by itself.
    assert_eq!(world.as_session(&browser, "DELETE", SESSION, None).status, 200);
    let later = assertion(&world, 1, EMAIL);
    let headers = [SITE, ("cookie", browser.as_str()), ("cf-access-jwt-assertion", later.as_str())];
    assert_eq!(world.send("GET", SESSION, &headers, None).status, 401);
}

#[test]
fn the_cookie_of_access_is_as_good_as_its_header() {
    let world = behind_access(&[1]);
    let cookies = format!("a=b; CF_Authorization={}; c=d", assertion(&world, 1, EMAIL));
    let send = |site, cookies: &str| {
        world
            .send("POST", SESSION, &[("sec-fetch-site", site), ("cookie", cookies)], Some(json!({ "access": true })))
            .status
    };
    assert_eq!(send("same-origin", &cookies), 200);
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(send(site, &cookies), 403, "{site}");
    }
    assert_eq!(send("same-origin", "CF_Authorization="), 401);
    assert_eq!(send("same-origin", ""), 401);
    // The header goes before it.
    let headers = [SITE, ("cookie", cookies.as_str()), ("cf-access-jwt-assertion", "x")];
    assert_eq!(world.send("POST", SESSION, &headers, Some(json!({ "access": true }))).status, 401);
    for body in [json!({ "access": false }), json!({ "access": null }), json!({ "access": true, "token": world.token })]
    {
        assert_eq!(world.send("POST", SESSION, &[SITE, ("cookie", &cookies)], Some(body)).status, 400);
    }
}

#[test]
fn access_signs_in_nobody_whom_it_has_not_signed_or_who_has_no_account() {
    let world = behind_access(&[1]);
    let right = assertion(&world, 1, EMAIL);
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let other = assertion(&world, 1, "mary@example.com");
    for (jwt, why) in [
        (format!("{}.{signature}", other.rsplit_once('.').unwrap().0), "not what it has signed"),
        (format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 256])), "not what it has signed"),
        (format!("{signed}."), "not what it has signed"),
        (signed.to_owned(), "cut, or not a JWT"),
        (other, "no account here has this address"),
        (assertion(&world, 2, EMAIL), "a key that its team does not publish"),
    ] {
        let refused = through_access(&world, &jwt);
        assert_eq!(refused.status, 401, "{why}");
        assert!(words(&refused).contains(why) && cookie(&refused).is_none(), "{}", refused.body);
    }
    assert_eq!((world.count("console_sessions"), world.count("accounts")), (0, 1));
    world.memory.advance(86_400_000 + MINUTE_MS);
    let late = through_access(&world, &right);
    assert!(late.status == 401 && words(&late).contains("is over"), "{}", late.body);
}

#[test]
fn strangers_make_this_gateway_ask_the_team_once_a_minute() {
    let world = behind_access(&[1]);
    assert_eq!(through_access(&world, "x").status, 401);
    assert_eq!(asked(&world), 0, "for what is no JWT of the team's");
    assert_eq!(through_access(&world, &assertion(&world, 1, EMAIL)).status, 200);
    for unknown in 2..=20 {
        assert_eq!(through_access(&world, &assertion(&world, unknown, EMAIL)).status, 401);
    }
    assert_eq!(through_access(&world, &assertion(&world, 1, EMAIL)).status, 200);
    assert_eq!(asked(&world), 1);
    world.memory.advance(MINUTE_MS);
    for unknown in 2..=20 {
        assert_eq!(through_access(&world, &assertion(&world, unknown, EMAIL)).status, 401);
    }
    assert_eq!(asked(&world), 2);
    // What fails counts against the client's address.
    set(&world, "AUTH_FAILURES_PER_MINUTE", "3");
    let fail = || {
        let headers = [SITE, ("cf-connecting-ip", "203.0.113.79"), ("cf-access-jwt-assertion", "x")];
        world.send("POST", SESSION, &headers, Some(json!({ "access": true }))).status
    };
    assert_eq!([fail(), fail(), fail(), fail()], [401, 401, 401, 429]);
}

#[test]
fn the_teams_keys_change_while_the_gateway_runs() {
    let world = behind_access(&[1]);
    let by = |key| through_access(&world, &assertion(&world, key, EMAIL)).status;
    assert_eq!(by(1), 200);
    publish(&world, &[2, 1]);
    assert_eq!(by(2), 401, "in the same minute");
    world.memory.advance(MINUTE_MS);
    assert_eq!([by(2), by(1)], [200, 200]);
    assert_eq!(asked(&world), 2);
    // One that was withdrawn is good for an hour at most.
    publish(&world, &[2]);
    world.memory.advance(60 * MINUTE_MS - 1);
    assert_eq!(by(1), 200);
    world.memory.advance(1);
    assert_eq!([by(1), by(2)], [401, 200]);
}

#[test]
fn without_the_teams_keys_nobody_signs_in_and_it_is_asked_a_few_times_a_minute() {
    let world = behind_access(&[]);
    let jwt = assertion(&world, 1, EMAIL);
    for _ in 0..10 {
        let refused = through_access(&world, &jwt);
        assert_eq!(refused.status, 503, "{}", refused.body);
        assert!(refused.headers.contains(&("retry-after", "60".to_owned())), "{:?}", refused.headers);
    }
    assert_eq!(asked(&world), 5);
    for sent in [
        Sent::TimedOut,
        Sent::Failed(String::new()),
        Sent::Answered { status: 500, retry_after: None, body: published(&[1]) },
        Sent::Answered { status: 302, retry_after: None, body: published(&[1]) },
        Sent::Answered { status: 200, retry_after: None, body: [published(&[1]), vec![b' '; 64 * 1_024]].concat() },
    ] {
        world.memory.advance(MINUTE_MS);
        let mut sent = Some(sent);
        world.memory.serve(move |_| sent.take().unwrap_or(Sent::TimedOut));
        assert_eq!(through_access(&world, &jwt).status, 503);
    }
    // Keys that were read are not good for longer because new ones cannot be had.
    publish(&world, &[1]);
    world.memory.advance(MINUTE_MS);
    assert_eq!(through_access(&world, &jwt).status, 200);
    world.memory.advance(60 * MINUTE_MS);
    publish(&world, &[]);
    assert_eq!((through_access(&world, &jwt).status, world.count("console_sessions")), (503, 1));
}

#[test]
fn access_is_off_until_both_of_its_settings_are_there() {
    for (team, audience, why) in [
        ("", "", "are not set"),
        ("acme.cloudflareaccess.com", "", "but ACCESS_AUD is not"),
        ("", AUDIENCE, "but ACCESS_TEAM_DOMAIN is not"),
        ("https://evil.example", AUDIENCE, "expected the team's domain"),
        // Development's alone.
        ("http://127.0.0.1:9000", AUDIENCE, "expected the team's domain"),
    ] {
        let world = behind_access(&[1]);
        set(&world, "ACCESS_TEAM_DOMAIN", team);
        set(&world, "ACCESS_AUD", audience);
        let refused = through_access(&world, &assertion(&world, 1, EMAIL));
        assert!(refused.status == 404 && words(&refused).contains(why), "{}", refused.body);
        let status = world.send("GET", "/api/v1/console/status", &[], None);
        assert_eq!((&status.body["data"][0]["methods"]["access"], asked(&world)), (&json!(false), 0));
    }
    let status = behind_access(&[1]).send("GET", "/api/v1/console/status", &[], None);
    assert_eq!(status.body["data"][0]["methods"]["access"], json!(true));
}

#[test]
fn an_account_that_others_may_have_made_is_given_to_whom_access_names() {
    let world = behind_access(&[1]);
    world.memory.database.execute("UPDATE accounts SET verified_at = NULL");
    let before = world.by_token();
    let entered = cookie(&through_access(&world, &assertion(&world, 1, EMAIL))).unwrap();
    assert_eq!(world.count("access_tokens"), 0, "the tokens that were made before");
    assert_eq!(world.as_session(&before, "GET", SESSION, None).status, 401);
    assert_eq!(world.as_session(&entered, "GET", SESSION, None).status, 200);
}
