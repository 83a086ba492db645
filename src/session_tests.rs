//! Sessions of the console over time, with the whole pipeline and a clock that the test moves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use serde_json::{Value as Json, json};

use crate::auth::credential::CredentialCall;
use crate::auth::credential_state::CredentialState;
use crate::auth::identity;
use crate::auth::limits::Limits;
use crate::auth::session::{FRESH_MS, IDLE_MS, LIFE_MS};
use crate::http::reply::Reply;
use crate::http::serve::serve;
use crate::platform::database::memory::Memory as Database;
use crate::platform::database::sql;
use crate::platform::incoming::Incoming;
use crate::platform::memory::Memory;
use crate::platform::{Platform, PlatformError};
use crate::{jobs, routes};
use sluice_values::Timestamp;

/// 2026-05-21T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_779_321_600_000);
const LIMITS: Limits = Limits { requests: 1_000, console: 1_000, failures: 1_000 };
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const SESSION: &str = "/api/v1/console/session";
const ACCOUNT: &str = "/api/v1/admin/account";
const TOKENS: &str = "/api/v1/admin/access-tokens";

type Credentials = Rc<RefCell<BTreeMap<String, CredentialState>>>;

/// A gateway in memory, with one account.
pub(crate) struct World {
    pub(crate) memory: Rc<Memory>,
    pub(crate) platform: Platform,
    credentials: Credentials,
    /// The hashes that objects were told to forget.
    forgotten: Rc<RefCell<Vec<String>>>,
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Json,
}

impl World {
    pub(crate) fn new() -> Self {
        let memory = Memory::new(Database::default(), START).with("SETUP_SECRET", "set-up");
        let memory = Rc::new(memory);
        let platform = Platform::in_memory(memory.clone());
        let (credentials, forgotten) = (Credentials::default(), Rc::<RefCell<Vec<String>>>::default());
        let (known, told, object_platform) = (credentials.clone(), forgotten.clone(), platform.clone());
        memory.answer_objects(move |_, name, path, _| {
            let mut known = known.borrow_mut();
            let state = known.entry(name.to_owned()).or_insert_with(|| CredentialState::new(LIMITS));
            let stored = || Ok::<_, PlatformError>(Vec::new());
            let now = object_platform.now();
            match CredentialCall::of_path(path).unwrap() {
                CredentialCall::Admit(kind, _) => {
                    if !state.is_identified() {
                        state.identify(identity::look_up(&object_platform, kind, name).now_or_never().unwrap()?);
                    }
                    let admission = state.admit(now, stored)?;
                    if let Some(minute) = admission.last_used_at {
                        identity::record_use(&object_platform, kind, name, minute).now_or_never().unwrap()?;
                    }
                    Ok(serde_json::to_string(&admission.verdict).unwrap())
                }
                CredentialCall::CountFailure => {
                    Ok(serde_json::to_string(&state.count_failure(now, stored)?.rate).unwrap())
                }
                CredentialCall::Forget => {
                    told.borrow_mut().push(name.to_owned());
                    state.forget();
                    Ok(String::new())
                }
                CredentialCall::Ping => Ok(String::new()),
            }
        });
        let mut world = Self { memory, platform, credentials, forgotten, token: String::new() };
        let account = json!({ "email": "jane@example.com", "name": "Jane" });
        let made = world.send("POST", "/api/v1/setup", &[("authorization", "Bearer set-up")], Some(account));
        world.token = made.body["data"][0]["key"].as_str().unwrap().to_owned();
        world
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<Json>,
    ) -> Answer {
        self.send_text(method, path, headers, body.map(|body| body.to_string()))
    }

    pub(crate) fn send_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<String>,
    ) -> Answer {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let incoming = Incoming::in_memory(method, path, headers, body.map(String::into_bytes));
        let Reply { status, headers, body, .. } =
            serve(routes::table().unwrap(), incoming, self.platform.clone()).now_or_never().unwrap();
        for work in self.platform.take_deferred() {
            work.now_or_never().unwrap();
        }
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    /// Signs in with the account's token, and answers the cookie.
    fn sign_in(&self, way: Json) -> Result<String, u16> {
        let answer = self.send("POST", SESSION, &[("sec-fetch-site", "same-origin")], Some(way));
        let cookie = answer.headers.into_iter().find(|(name, _)| *name == "set-cookie");
        cookie.map(|(_, value)| value.split(';').next().unwrap().to_owned()).ok_or(answer.status)
    }

    pub(crate) fn by_token(&self) -> String {
        self.sign_in(json!({ "token": self.token })).unwrap()
    }

    pub(crate) fn as_session(&self, cookie: &str, method: &str, path: &str, body: Option<Json>) -> Answer {
        self.send(method, path, &[("cookie", cookie), ("sec-fetch-site", "same-origin")], body)
    }

    fn status(&self, cookie: &str) -> u16 {
        self.as_session(cookie, "GET", ACCOUNT, None).status
    }

    /// All objects lose their memory, as idle ones do.
    fn lose_memory(&self) {
        self.credentials.borrow_mut().clear();
    }

    pub(crate) fn count(&self, table: &str) -> usize {
        self.memory.database.batch::<Json>(&[sql(format!("SELECT * FROM {table}"))]).unwrap()[0].len()
    }

    /// Twenty minutes of cron: a round of housekeeping.
    pub(crate) fn run_cron(&self) {
        for _ in 0..20 {
            let failed = jobs::run(&self.platform, self.platform.now(), self.platform.now()).now_or_never().unwrap();
            assert!(failed.iter().all(|job| *job == "exchange rates"), "{failed:?}");
            self.memory.advance(MINUTE_MS);
        }
    }
}

#[test]
fn a_session_that_is_not_used_is_over_after_seven_days() {
    for loses_memory in [false, true] {
        let world = World::new();
        let (idle, used) = (world.by_token(), world.by_token());
        for days in [3, 3] {
            world.memory.advance(days * DAY_MS);
            assert_eq!(world.status(&used), 200);
        }
        if loses_memory {
            world.lose_memory();
        }
        world.memory.advance(DAY_MS);
        assert_eq!(world.status(&idle), 401, "exactly seven days");
        assert_eq!(world.status(&used), 200);
        world.memory.advance(IDLE_MS - 1);
        if loses_memory {
            world.lose_memory();
        }
        assert_eq!(world.status(&used), 200, "a millisecond less");
    }
}

#[test]
fn a_session_is_over_after_thirty_days_however_much_it_is_used() {
    let world = World::new();
    let cookie = world.by_token();
    for _ in 0..29 {
        world.memory.advance(DAY_MS);
        assert_eq!(world.status(&cookie), 200);
    }
    world.memory.advance(DAY_MS - 1);
    assert_eq!(world.status(&cookie), 200);
    world.memory.advance(1);
    assert_eq!(world.status(&cookie), 401);
    world.lose_memory();
    assert_eq!(world.status(&cookie), 401);
}

#[test]
fn a_session_says_when_it_is_over() {
    let world = World::new();
    let cookie = world.by_token();
    let expires_at = |millis: i64| json!(START.plus_millis(millis).to_string());
    let says = || world.as_session(&cookie, "GET", SESSION, None).body["data"][0]["expiresAt"].clone();
    assert_eq!(says(), expires_at(IDLE_MS));
    for days in 1..=5 {
        world.memory.advance(6 * DAY_MS - MINUTE_MS);
        let used = days * (6 * DAY_MS - MINUTE_MS);
        assert_eq!(says(), expires_at((used + IDLE_MS).min(LIFE_MS)), "{days}");
    }
}

#[test]
fn what_shows_secrets_and_mints_tokens_wants_a_sign_in_of_the_last_fifteen_minutes() {
    let world = World::new();
    let cookie = world.by_token();
    let mint =
        |cookie: &str| world.as_session(cookie, "POST", TOKENS, Some(json!({ "permissions": ["funnels:read"] })));
    world.memory.advance(FRESH_MS - 1);
    assert_eq!(mint(&cookie).status, 200);
    world.memory.advance(1);
    let refused = mint(&cookie);
    assert_eq!((refused.status, &refused.body["error"]["reason"]), (403, &json!("fresh")));
    assert_eq!(world.status(&cookie), 200, "all else goes on");
    assert_eq!(world.as_session(&cookie, "GET", TOKENS, None).status, 200);
    // A token is as good as it ever was.
    let bearer = format!("Bearer {}", world.token);
    assert_eq!(world.send("POST", TOKENS, &[("authorization", &bearer)], Some(json!({}))).status, 200);
    // Signing in again is fresh, and the session before is over.
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let again = world.send("POST", SESSION, &headers, Some(json!({ "token": world.token })));
    let (_, set) = again.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap();
    let fresh = set.split(';').next().unwrap();
    assert_eq!((mint(fresh).status, world.status(&cookie)), (200, 401));
}

#[test]
fn a_fresh_sign_in_is_wanted_by_exactly_these_routes() {
    let table = routes::table().unwrap();
    let wanting: Vec<_> = table.routes().iter().filter(|row| row.wants_fresh).map(|row| row.operation).collect();
    let expected = [
        "createAccessToken",
        "grantAuthorization",
        "addPasskey",
        "createPasskeyOptions",
        "deletePasskey",
        "createWebsiteKey",
        "rollWebsiteKey",
        "createBotToken",
        "rotateBotToken",
        "getWebhookSecret",
        "rotateWebhookSecret",
        "transferWebsite",
    ];
    assert_eq!(wanting, expected);
    let world = World::new();
    let cookie = world.by_token();
    let website = json!({ "domain": "example.com", "timezone": "UTC" });
    let made = world.as_session(&cookie, "POST", "/api/v1/admin/websites", Some(website));
    let website = made.body["data"][0]["websiteId"].as_str().unwrap().to_owned();
    world.memory.advance(FRESH_MS);
    for row in table.routes().iter().filter(|row| row.wants_fresh) {
        let path = row.path.replace("{websiteId}", &website);
        let path =
            path.replace("{apiKeyId}", "000000000000000000000000").replace("{webhookId}", "000000000000000000000000");
        let path = path.replace("{passkeyId}", "000000000000000000000000");
        let refused = world.as_session(&cookie, row.method.as_str(), &path, Some(json!({})));
        assert_eq!((refused.status, &refused.body["error"]["reason"]), (403, &json!("fresh")), "{}", row.operation);
    }
}

#[test]
fn a_ticket_is_good_for_ten_minutes() {
    let world = World::new();
    let ticket = || {
        let email = json!({ "email": "jane@example.com" });
        let made = world.send("POST", "/api/v1/console/tickets", &[("authorization", "Bearer set-up")], Some(email));
        let url = made.body["data"][0]["url"].as_str().unwrap().to_owned();
        json!({ "ticket": url.split("#ticket=").nth(1).unwrap() })
    };
    let (first, second) = (ticket(), ticket());
    world.memory.advance(10 * MINUTE_MS - 1);
    let cookie = world.sign_in(first.clone()).unwrap();
    assert_eq!(world.sign_in(first).unwrap_err(), 401, "it is used up");
    world.memory.advance(1);
    assert_eq!(world.sign_in(second).unwrap_err(), 401);
    assert_eq!(world.status(&cookie), 200);
    world.run_cron();
    assert_eq!(world.count("console_tickets"), 0);
}

#[test]
fn cron_deletes_sessions_that_are_over_and_tells_their_objects() {
    let world = World::new();
    let (idle, used) = (world.by_token(), world.by_token());
    for days in [4, 2] {
        world.memory.advance(days * DAY_MS);
        assert_eq!(world.status(&used), 200);
    }
    world.run_cron();
    assert_eq!((world.count("console_sessions"), world.forgotten.borrow().len()), (2, 0), "they are alive");
    world.memory.advance(DAY_MS);
    world.run_cron();
    world.run_cron();
    assert_eq!((world.count("console_sessions"), world.count("revocations")), (1, 0));
    assert_eq!(world.forgotten.borrow().len(), 1, "its object erases what it has stored");
    assert_eq!((world.status(&idle), world.status(&used)), (401, 200));
    world.memory.advance(LIFE_MS);
    world.run_cron();
    world.run_cron();
    assert_eq!((world.count("console_sessions"), world.forgotten.borrow().len()), (0, 2));
}

#[test]
fn a_session_that_is_over_makes_room_for_another() {
    let world = World::new();
    let cookies: Vec<_> = (0..3).map(|_| world.by_token()).collect();
    world.memory.advance(6 * DAY_MS);
    assert_eq!(world.status(&cookies[2]), 200);
    world.memory.advance(2 * DAY_MS);
    let further = [world.by_token(), world.by_token()];
    let alive: Vec<_> = cookies.iter().chain(&further).map(|cookie| world.status(cookie)).collect();
    assert_eq!(alive, [401, 401, 200, 200, 200]);
}
