//! A failure of storage in any single place of a request: every operation of the table runs once for each of its storage
//! calls, with that call failing. The answer is an error and nothing has changed, or a success and everything has. With an
//! `Idempotency-Key`, a retry then does what one request without a failure does, and nothing twice.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::auth::credential::CredentialCall;
use crate::auth::credential_state::CredentialState;
use crate::auth::identity;
use crate::auth::limits::Limits;
use crate::http::recording::Record;
use crate::platform::database::memory::Memory as Database;
use crate::platform::database::sql;
use crate::platform::incoming::Incoming;
use crate::platform::memory::Memory;
use crate::platform::objects::Namespace;
use crate::platform::{Platform, PlatformError};
use crate::webhooks::object_memory::Object;
use crate::{erasure, http, jobs, outbox, routes};
use sluice_engine::export::{Export, Place};
use sluice_values::Timestamp;

/// 2026-05-21T00:00:00Z.
const START: Timestamp = Timestamp::from_millis(1_779_321_600_000);
const LIMITS: Limits = Limits { requests: 1_000_000, console: 1_000_000, failures: 100 };
const VISITOR: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
const BROWSER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/128.0.0.0 Safari/537.36";

/// In place of a token: the cookie of the session that began last.
pub const COOKIE: &str = "{cookie}";
/// What KV has begins with this in a [`World::state`].
const KV: &str = "kv";

type Sites = Rc<RefCell<BTreeMap<String, Rc<Object>>>>;

/// A gateway in memory: D1 and the websites' objects are SQLite, and each credential has its state.
pub struct World {
    pub memory: Rc<Memory>,
    platform: Platform,
    sites: Sites,
    credentials: Rc<RefCell<BTreeMap<String, CredentialState>>>,
    /// What earlier answers contained, by the names in the script.
    pub known: BTreeMap<&'static str, String>,
}

/// One request of the script.
pub struct Step {
    pub operation: &'static str,
    /// With `{name}` where a value of an earlier answer stands.
    pub path: &'static str,
    body: Option<Json>,
    /// Which field of the first row of the answer is kept, and under which name.
    keeps: &'static [(&'static str, &'static str)],
    /// The name of the token that calls, if any does.
    pub token: Option<&'static str>,
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    status: u16,
    is_replay: bool,
    pub body: String,
    /// The cookie that it sets: name and value.
    cookie: Option<String>,
}

impl World {
    pub fn new() -> Self {
        let keys = format!("k1:{}", BASE64.encode([1; 32]));
        let memory = [
            ("ENCRYPTION_KEYS", keys.as_str()),
            ("SETUP_SECRET", "set-up"),
            ("PUBLIC_URL", "https://gateway.example"),
            ("EMAIL_FROM", "a@b.co"),
            ("RATE_LIMIT_PER_MINUTE", "1000000"),
        ]
        .into_iter()
        .fold(Memory::new(Database::default(), START), |memory, (name, value)| memory.with(name, value));
        let memory = Rc::new(memory);
        memory.assets.borrow_mut().insert("/console/openapi.json".to_owned(), "{}".to_owned());
        let platform = Platform::in_memory(memory.clone());
        let (sites, credentials) = (Sites::default(), Rc::<RefCell<BTreeMap<_, _>>>::default());
        let world = Self {
            platform: platform.clone(),
            sites: sites.clone(),
            credentials: credentials.clone(),
            memory: memory.clone(),
            known: BTreeMap::new(),
        };
        let objects_memory = memory.clone();
        memory.answer_objects(move |namespace, name, path, body| match namespace {
            Namespace::Sites => {
                let mut sites = sites.borrow_mut();
                let object = sites.entry(name.to_owned()).or_insert_with(|| {
                    Object::unaware(objects_memory.clone(), name.split('/').next().unwrap().parse().unwrap())
                });
                object.answer(body.unwrap())
            }
            Namespace::Credentials => {
                let mut credentials = credentials.borrow_mut();
                let state = credentials.entry(name.to_owned()).or_insert_with(|| CredentialState::new(LIMITS));
                let stored = || Ok::<_, PlatformError>(Vec::new());
                let now = platform.now();
                match CredentialCall::of_path(path).unwrap() {
                    CredentialCall::Admit(kind, _) => {
                        if !state.is_identified() {
                            state.identify(identity::look_up(&platform, kind, name).now_or_never().unwrap()?);
                        }
                        Ok(serde_json::to_string(&state.admit(now, stored)?.verdict).unwrap())
                    }
                    CredentialCall::CountFailure => {
                        Ok(serde_json::to_string(&state.count_failure(now, stored)?.rate).unwrap())
                    }
                    CredentialCall::Forget => {
                        state.forget();
                        Ok(String::new())
                    }
                    CredentialCall::Ping => Ok(String::new()),
                }
            }
        });
        world
    }

    pub fn filled(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    pub fn send(&self, step: &Step, key: Option<&str>) -> Answer {
        let route = routes::table().unwrap().routes().iter().find(|route| route.operation == step.operation).unwrap();
        let mut headers = vec![("user-agent", BROWSER.to_owned()), ("cf-connecting-ip", "203.0.113.7".to_owned())];
        headers.push(("sec-fetch-site", "same-origin".to_owned()));
        headers.extend(step.token.map(|token| match self.filled(token) {
            cookie if token == COOKIE => ("cookie", cookie),
            token => ("authorization", format!("Bearer {token}")),
        }));
        headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
        let body = step.body.as_ref().map(|body| match body {
            Json::String(text) => self.filled(text).into_bytes(),
            body => self.filled(&body.to_string()).into_bytes(),
        });
        let incoming = Incoming::in_memory(route.method.as_str(), &self.filled(step.path), headers, body);
        let serve = http::serve::serve(routes::table().unwrap(), incoming, self.platform.clone());
        let mut reply = serve.now_or_never().expect("nothing waits in memory");
        while let Some(part) = reply.stream.as_mut().and_then(|stream| stream.next().now_or_never().flatten()) {
            match part {
                Ok(part) => reply.body.extend(part),
                // A stream that breaks off is an error, whatever the status was.
                Err(_) => reply.status = 500,
            }
        }
        let is_replay = reply.headers.iter().any(|(name, _)| *name == http::idempotency::REPLAYED);
        let set = reply.headers.iter().find(|(name, _)| *name == "set-cookie");
        let cookie = set.and_then(|(_, value)| value.split(';').next()).map(str::to_owned);
        Answer { status: reply.status, is_replay, body: masked(&String::from_utf8(reply.body).unwrap()), cookie }
    }

    /// Sends a request that must succeed, and keeps what later ones need.
    fn run(&mut self, step: &Step) {
        let answer = self.send(step, None);
        self.keep(step, &answer);
    }

    pub fn keep(&mut self, step: &Step, answer: &Answer) {
        let expected = match step.operation {
            "deleteWebsite" => 403,
            "createNote" => 201,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{}: {}", step.operation, answer.body);
        if let Some(cookie) = &answer.cookie {
            self.known.insert("cookie", cookie.clone());
        }
        for (name, field) in step.keeps {
            let body: Json = serde_json::from_str(&answer.body).unwrap();
            let value = body["data"][0][field].as_str().unwrap_or_else(|| panic!("{}: {body}", step.operation));
            let value =
                value.split_once("#code=").or_else(|| value.split_once("#ticket=")).map_or(value, |(_, code)| code);
            self.known.insert(name, value.to_owned());
        }
        self.settle();
    }

    /// What cron makes good a few minutes later.
    fn settle_later(&self) {
        for _ in 0..5 {
            self.memory.advance(60 * 1_000);
            self.settle();
        }
    }

    /// What happens anyway within a minute: the objects' alarms, and cron.
    fn settle(&self) {
        let objects: Vec<Rc<Object>> = self.sites.borrow().values().cloned().collect();
        for object in objects {
            let (site, website) = (&object.sender.site, object.sender.website);
            if site.has_outbox() && !site.knows_endpoints().unwrap() {
                object.learn();
            }
            outbox::drain_all(&object.sender.store()).now_or_never().unwrap().unwrap();
            while site.erase_on(self.platform.now()).unwrap() {}
            while let Some(erased) = site.erased(1_000).unwrap() {
                let forgotten = erasure::forget(&self.platform, website, erased.visitor, &erased.transactions);
                forgotten.now_or_never().unwrap().unwrap();
                object.sender.store().forget(erased.visitor, &erased.transactions).unwrap();
                site.forget_erased(&erased).unwrap();
            }
        }
        jobs::run(&self.platform, self.platform.now(), self.platform.now()).now_or_never().unwrap();
    }

    /// All that is stored.
    fn state(&self) -> BTreeMap<String, Vec<String>> {
        let tables = sql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        let read = |statement: String| self.memory.database.batch::<Json>(&[sql(statement)]).unwrap().remove(0);
        let tables = self.memory.database.batch::<Json>(&[tables]).unwrap().remove(0);
        let mut state: BTreeMap<String, Vec<String>> = tables
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .map(|name| {
                let rows = read(format!("SELECT * FROM {name}"));
                let mut rows: Vec<String> = rows.iter().map(|row| masked(&row.to_string())).collect();
                rows.sort();
                (name.to_owned(), rows)
            })
            .collect();
        for (name, object) in self.sites.borrow().iter() {
            let site = &object.sender.site;
            for table in ["bots", "crawls", "crawl_months", "webhooks", "messages", "deliveries", "delivery_attempts"] {
                let rows = object.query::<Json>(&format!("SELECT * FROM {table}"));
                let mut rows: Vec<String> = rows.iter().map(|row| masked(&row.to_string())).collect();
                rows.sort();
                state.insert(format!("{table} of object {name}"), rows);
            }
            let all = site.export(&Export { after: Place::START, limit: 1_000 }).unwrap();
            let mut lines: Vec<String> = all.lines.lines().map(str::to_owned).collect();
            lines.extend(site.outbox(1_000).unwrap().iter().map(|entry| format!("{entry:?}")));
            state.insert(format!("object {name}"), lines);
        }
        state.extend(
            self.memory.values.borrow().iter().map(|(key, value)| (format!("{KV} {key}"), vec![value.clone()])),
        );
        state
    }
}

/// Every operation once, each with what it needs made before it.
#[expect(clippy::too_many_lines, reason = "it is a list")]
pub fn script() -> Vec<Step> {
    const NONE: &[(&str, &str)] = &[];
    let mut steps = Vec::new();
    let mut add = |operation, path, body, keeps, token| steps.push(Step { operation, path, body, keeps, token });
    let owner = Some("{token}");
    macro_rules! owner {
        ($operation:literal, $path:literal) => {
            add($operation, $path, None, NONE, owner)
        };
        ($operation:literal, $path:literal, $body:expr) => {
            add($operation, $path, Some($body), NONE, owner)
        };
        ($operation:literal, $path:literal, $body:expr, $($name:literal = $field:literal),+) => {
            add($operation, $path, Some($body), &[$(($name, $field)),+], owner)
        };
    }
    let account = json!({ "email": "jane@example.com", "name": "Jane Doe" });
    add("createFirstAccount", "/api/v1/setup", Some(account), &[("token", "key"), ("me", "id")], Some("set-up"));
    add("getHealth", "/healthz", None, NONE, None);
    add("getOpenApi", "/openapi.json", None, NONE, None);
    let session = "/api/v1/console/session";
    add("getConsoleStatus", "/api/v1/console/status", None, NONE, None);
    let email = json!({ "email": "jane@example.com" });
    add("createConsoleTicket", "/api/v1/console/tickets", Some(email), &[("ticket", "url")], Some("set-up"));
    add("signIn", session, Some(json!({ "ticket": "{ticket}" })), &[("device", "id")], None);
    add("getConsoleSession", session, None, NONE, Some(COOKIE));
    add("signIn", session, Some(json!({ "token": "{token}" })), NONE, None);
    add("listConsoleSessions", "/api/v1/console/sessions", None, NONE, Some(COOKIE));
    add("deleteConsoleSession", "/api/v1/console/sessions/{device}", None, NONE, Some(COOKIE));
    // What the browser had before ends; of one token there are three at most.
    for _ in 0..3 {
        add("signIn", session, Some(json!({ "token": "{token}" })), NONE, None);
    }
    add("signIn", session, Some(json!({ "token": "{token}" })), NONE, Some(COOKIE));
    add("deleteOtherConsoleSessions", "/api/v1/console/sessions?others=true", None, NONE, Some(COOKIE));
    add("signOut", session, None, NONE, Some(COOKIE));
    owner!("getAccount", "/api/v1/admin/account");
    owner!("updateAccount", "/api/v1/admin/account", json!({ "name": "Jane" }));
    let website = json!({ "domain": "example.com", "timezone": "America/New_York" });
    owner!("listAudit", "/api/v1/admin/audit");
    owner!("createWebsite", "/api/v1/admin/websites", website, "website" = "websiteId", "tracking" = "trackingId");
    owner!("listWebsites", "/api/v1/admin/websites");
    owner!("getWebsite", "/api/v1/admin/websites/{website}");
    let lines = [
        json!({ "id": "view-1", "timestamp": "2026-05-20T10:00:00Z", "visitorId": VISITOR, "sessionId": "s1",
            "type": "pageview", "href": "https://example.com/" }),
        json!({ "id": "goal-1", "timestamp": "2026-05-20T10:01:00Z", "visitorId": VISITOR, "sessionId": "s1",
            "type": "custom", "href": "https://example.com/", "extraData": { "eventName": "signup" } }),
        json!({ "id": "pay-1", "timestamp": "2026-05-20T10:02:00Z", "type": "payment", "extraData": { "amount": 49,
            "currency": "EUR", "transaction_id": "tx_1", "datafast_visitor_id": VISITOR } }),
    ];
    let lines = Json::String(lines.map(|line| line.to_string()).join("\n"));
    owner!("importEvents", "/api/v1/admin/websites/{website}/import", lines);
    owner!("exportEvents", "/api/v1/admin/websites/{website}/export");
    owner!("updateWebsite", "/api/v1/admin/websites/{website}", json!({ "kpi": "signup", "excludedPaths": ["/x"] }));
    owner!("updateWebsite", "/api/v1/admin/websites/{website}", json!({ "currency": "EUR" }));
    owner!("listWebsiteAudit", "/api/v1/admin/websites/{website}/audit?format=csv");
    owner!("deleteWebsite", "/api/v1/admin/websites/{website}");
    let read_only = json!({ "name": "Agent", "permissions": ["analytics:read"] });
    owner!("createAccessToken", "/api/v1/admin/access-tokens", read_only, "second" = "id", "agent" = "key");
    owner!("listAccessTokens", "/api/v1/admin/access-tokens");
    // It is in use, so that its object has to forget it.
    add("getOverview", "/api/v1/analytics/overview?websiteId={website}", None, NONE, Some("{agent}"));
    owner!("deleteAccessToken", "/api/v1/admin/access-tokens/{second}");
    owner!(
        "createWebsiteKey",
        "/api/v1/admin/websites/{website}/apikeys",
        json!({ "name": "Key" }),
        "key" = "id",
        "df" = "key"
    );
    owner!("listWebsiteKeys", "/api/v1/admin/websites/{website}/apikeys");
    add("getOverview", "/api/v1/analytics/overview", None, NONE, Some("{df}"));
    owner!("rollWebsiteKey", "/api/v1/admin/websites/{website}/apikeys/{key}");
    owner!("deleteWebsiteKey", "/api/v1/admin/websites/{website}/apikeys/{key}");
    let shown = json!({ "goalName": "signup", "displayName": "Signed up", "color": "#8dcdff" });
    owner!("customizeGoal", "/api/v1/admin/websites/{website}/goals/customizations", shown);
    owner!("listGoalCustomizations", "/api/v1/admin/websites/{website}/goals/customizations");
    owner!("listTrackedGoals", "/api/v1/admin/websites/{website}/goals");
    owner!("resetGoal", "/api/v1/admin/websites/{website}/goals/customizations?goalName=signup");
    let steps_of_funnel = json!([{ "name": "Landing", "type": "pageview", "url": "https://example.com/" },
        { "name": "Signed up", "type": "goal", "goalName": "signup" }]);
    let funnel = json!({ "name": "Signup", "steps": steps_of_funnel });
    owner!("createFunnel", "/api/v1/admin/websites/{website}/funnels", funnel, "funnel" = "id");
    owner!("listFunnels", "/api/v1/admin/websites/{website}/funnels");
    let funnel = json!({ "name": "Sign up", "steps": steps_of_funnel });
    owner!("updateFunnel", "/api/v1/admin/websites/{website}/funnels/{funnel}", funnel);
    let note = json!({ "text": "Launch", "timestamp": "2026-05-20", "idempotencyKey": "launch" });
    owner!("createNote", "/api/v1/admin/websites/{website}/notes", note, "note" = "id");
    owner!("listNotes", "/api/v1/admin/websites/{website}/notes?startAt=2026-05-20&endAt=2026-05-20");
    owner!("updateNote", "/api/v1/admin/websites/{website}/notes/{note}", json!({ "timestamp": "2026-05-21" }));
    owner!("deleteNote", "/api/v1/admin/websites/{website}/notes/{note}");
    let crawl =
        json!({ "websiteId": "{tracking}", "href": "https://example.com/x", "ai": { "userAgent": "GPTBot/1.3" } });
    add("trackCrawl", "/api/ai-crawls", Some(crawl), NONE, None);
    owner!("getBotUsage", "/api/v1/admin/bot-traffic/usage");
    owner!("getBotTraffic", "/api/v1/analytics/bot-traffic?websiteId={website}");
    owner!("listBotPages", "/api/v1/analytics/bot-traffic/pages?websiteId={website}");
    owner!("createBotToken", "/api/v1/admin/websites/{website}/bot-traffic/token", json!({}));
    owner!("getBotToken", "/api/v1/admin/websites/{website}/bot-traffic/token");
    let settings = json!({ "requireAuthToken": true });
    owner!("updateBotSettings", "/api/v1/admin/websites/{website}/bot-traffic/settings", settings);
    owner!("getBotSettings", "/api/v1/admin/websites/{website}/bot-traffic/settings");
    owner!("rotateBotToken", "/api/v1/admin/websites/{website}/bot-traffic/token", json!({}));
    owner!("deleteBotToken", "/api/v1/admin/websites/{website}/bot-traffic/token");
    let webhook = json!({ "url": "https://hooks.example.org/x", "headers": { "X-Team": "growth" } });
    owner!("createWebhook", "/api/v1/admin/websites/{website}/webhooks", webhook, "webhook" = "id");
    let alert = json!({ "name": "New signup", "trigger": { "type": "goal", "goalName": "signup" },
        "destination": { "type": "email" }, "template": { "message": "A visitor completed signup." } });
    owner!("createAlert", "/api/v1/admin/websites/{website}/alerts", alert, "alert" = "id");
    let event = json!({ "websiteId": "{tracking}", "domain": "example.com", "visitorId": VISITOR, "sessionId": "s2",
        "type": "custom", "id": "event-1", "href": "https://example.com/pricing", "extraData": { "eventName": "signup" } });
    add("trackEvent", "/api/events", Some(event), NONE, None);
    let goal = json!({ "datafast_visitor_id": VISITOR, "name": "newsletter" });
    owner!("createGoal", "/api/v1/goals?websiteId={website}", goal);
    let payment = json!({ "amount": 49, "currency": "USD", "transaction_id": "p1", "datafast_visitor_id": VISITOR });
    owner!("createPayment", "/api/v1/payments?websiteId={website}", payment);
    let identity = json!({ "user_id": "user_1", "datafast_visitor_id": VISITOR, "name": "Jane Doe" });
    owner!("identifyVisitor", "/api/v1/identify?websiteId={website}", identity);
    owner!("getOverview", "/api/v1/analytics/overview?websiteId={website}");
    owner!("getMetadata", "/api/v1/analytics/metadata?websiteId={website}");
    owner!("getRealtime", "/api/v1/analytics/realtime?websiteId={website}");
    owner!("getRealtimeMap", "/api/v1/analytics/realtime/map?websiteId={website}");
    owner!("getTimeseries", "/api/v1/analytics/timeseries?websiteId={website}&fields=name,visitors&interval=day");
    owner!("listPages", "/api/v1/analytics/pages?websiteId={website}");
    owner!("listEntryPages", "/api/v1/analytics/entry-pages?websiteId={website}");
    owner!("listExitPages", "/api/v1/analytics/exit-pages?websiteId={website}");
    owner!("listChannels", "/api/v1/analytics/channels?websiteId={website}");
    owner!("listReferrers", "/api/v1/analytics/referrers?websiteId={website}");
    owner!("listCountries", "/api/v1/analytics/countries?websiteId={website}");
    owner!("listRegions", "/api/v1/analytics/regions?websiteId={website}");
    owner!("listCities", "/api/v1/analytics/cities?websiteId={website}");
    owner!("listDevices", "/api/v1/analytics/devices?websiteId={website}");
    owner!("listBrowsers", "/api/v1/analytics/browsers?websiteId={website}");
    owner!("listOperatingSystems", "/api/v1/analytics/operating-systems?websiteId={website}");
    owner!("listHostnames", "/api/v1/analytics/hostnames?websiteId={website}");
    owner!("listCampaigns", "/api/v1/analytics/campaigns?websiteId={website}");
    owner!("listExitClicks", "/api/v1/analytics/exit-clicks?websiteId={website}");
    owner!("listGoals", "/api/v1/analytics/goals?websiteId={website}");
    owner!("listGoalProperties", "/api/v1/analytics/goals/properties?websiteId={website}&eventName=signup");
    owner!("getFunnelResult", "/api/v1/analytics/funnels/{funnel}?websiteId={website}");
    owner!("listMentions", "/api/v1/mentions?websiteId={website}");
    owner!("listVisitors", "/api/v1/visitors?websiteId={website}");
    owner!("getVisitor", "/api/v1/visitors/b971cbbf-7ce2-4925-902b-8f95a5fb3449?websiteId={website}");
    owner!("deleteGoals", "/api/v1/goals?websiteId={website}&name=newsletter&startAt=2026-01-01&endAt=2036-01-01");
    owner!("deletePayments", "/api/v1/payments?websiteId={website}&transaction_id=p1");
    owner!("eraseVisitor", "/api/v1/visitors/b971cbbf-7ce2-4925-902b-8f95a5fb3449?websiteId={website}");
    owner!("deleteFunnel", "/api/v1/admin/websites/{website}/funnels/{funnel}");
    owner!("listAlerts", "/api/v1/admin/websites/{website}/alerts");
    let preview = json!({ "trigger": { "type": "goal", "goalName": "signup" } });
    owner!("previewAlert", "/api/v1/admin/websites/{website}/alerts/preview", preview);
    owner!("listAlertTransitions", "/api/v1/admin/websites/{website}/alerts/{alert}/transitions");
    owner!("listAlertHistory", "/api/v1/admin/websites/{website}/alerts/history");
    owner!("updateAlert", "/api/v1/admin/websites/{website}/alerts/{alert}", json!({ "isEnabled": false }));
    owner!("testAlert", "/api/v1/admin/websites/{website}/alerts/{alert}/test");
    owner!("deleteAlert", "/api/v1/admin/websites/{website}/alerts/{alert}");
    owner!("listWebhooks", "/api/v1/admin/websites/{website}/webhooks");
    owner!("getWebhook", "/api/v1/admin/websites/{website}/webhooks/{webhook}");
    owner!(
        "updateWebhook",
        "/api/v1/admin/websites/{website}/webhooks/{webhook}",
        json!({ "eventTypes": [], "description": "CRM" })
    );
    owner!("getWebhookSecret", "/api/v1/admin/websites/{website}/webhooks/{webhook}/secret");
    owner!("rotateWebhookSecret", "/api/v1/admin/websites/{website}/webhooks/{webhook}/secret/rotate", json!({}));
    let of_type = json!({ "type": "goal.completed" });
    owner!(
        "testWebhook",
        "/api/v1/admin/websites/{website}/webhooks/{webhook}/test",
        of_type,
        "delivery" = "deliveryId"
    );
    owner!("listAllDeliveries", "/api/v1/admin/websites/{website}/deliveries");
    owner!("getWebhookStats", "/api/v1/admin/websites/{website}/webhooks/{webhook}/stats");
    owner!("listDeliveries", "/api/v1/admin/websites/{website}/webhooks/{webhook}/deliveries");
    owner!("getDelivery", "/api/v1/admin/websites/{website}/webhooks/{webhook}/deliveries/{delivery}");
    owner!("resendDelivery", "/api/v1/admin/websites/{website}/webhooks/{webhook}/deliveries/{delivery}/resend");
    let since = json!({ "since": "2026-05-01T00:00:00Z" });
    owner!("resendDeliveries", "/api/v1/admin/websites/{website}/webhooks/{webhook}/resend", since);
    owner!("deleteWebhook", "/api/v1/admin/websites/{website}/webhooks/{webhook}");
    let john = json!({ "email": "john@example.com", "role": "member" });
    owner!(
        "inviteTeamMember",
        "/api/v1/admin/websites/{website}/team",
        john,
        "invitation" = "id",
        "code" = "inviteUrl"
    );
    owner!("listTeam", "/api/v1/admin/websites/{website}/team");
    add("getInvitationPage", "/invitations/{invitation}", None, NONE, None);
    let accept = json!({ "code": "{code}", "name": "John Roe" });
    let path = "/api/v1/invitations/{invitation}/accept";
    add("acceptInvitation", path, Some(accept.clone()), &[("john", "key"), ("user", "userId")], None);
    // What a member has made goes with them.
    let theirs = json!({ "name": "John's" });
    let keys = "/api/v1/admin/websites/{website}/apikeys";
    add("createWebsiteKey", keys, Some(theirs.clone()), &[("johns", "key")], Some("{john}"));
    add("getOverview", "/api/v1/analytics/overview", None, NONE, Some("{johns}"));
    owner!("updateTeamMember", "/api/v1/admin/websites/{website}/team/{user}", json!({ "role": "viewer" }));
    owner!("updateTeamMember", "/api/v1/admin/websites/{website}/team/{user}", json!({ "role": "member" }));
    add("createWebsiteKey", keys, Some(theirs), NONE, Some("{john}"));
    let hook = json!({ "url": "https://hooks.example.org/john" });
    add("createWebhook", "/api/v1/admin/websites/{website}/webhooks", Some(hook), NONE, Some("{john}"));
    let hands = |to: &str| json!({ "userId": to, "domain": "example.com" });
    owner!("transferWebsite", "/api/v1/admin/websites/{website}/team/transfer", hands("{user}"));
    let back = hands("{me}");
    add("transferWebsite", "/api/v1/admin/websites/{website}/team/transfer", Some(back), NONE, Some("{john}"));
    owner!("removeTeamMember", "/api/v1/admin/websites/{website}/team", json!({ "userId": "{user}" }));
    let jim = json!({ "email": "jim@example.com" });
    owner!("inviteTeamMember", "/api/v1/admin/websites/{website}/team", jim, "invitation" = "id");
    owner!("cancelInvitation", "/api/v1/admin/websites/{website}/team/invitations/{invitation}");
    owner!(
        "inviteTeamMember",
        "/api/v1/admin/websites/{website}/team",
        json!({ "email": "mary@example.com", "role": "viewer" }),
        "invitation" = "id",
        "code" = "inviteUrl"
    );
    owner!(
        "resendInvitation",
        "/api/v1/admin/websites/{website}/team/invitations/{invitation}/resend",
        json!({}),
        "code" = "inviteUrl"
    );
    add("acceptInvitation", path, Some(accept), &[("mary", "key")], None);
    add("leaveTeam", "/api/v1/admin/websites/{website}/team/me", None, NONE, Some("{mary}"));
    let stripe = json!({ "stripeRak": "rk_live_0123456789" });
    owner!("connectStripe", "/api/v1/admin/websites/{website}/integrations/stripe", stripe);
    owner!("getIntegrations", "/api/v1/admin/websites/{website}/integrations");
    owner!("disconnectStripe", "/api/v1/admin/websites/{website}/integrations/stripe");
    steps
}

/// Operations that are not in the script, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("getAuthorization", "it stores nothing"),
    ("grantAuthorization", "one batch; with what comes of it in `oauth_tests.rs`"),
    ("createSignInCode", "one statement, after the answer; with what comes of it in `sign_in_tests.rs`"),
    ("createSignInOptions", "it stores nothing"),
    ("createPasskeyOptions", "it stores nothing"),
    ("listPasskeys", "it stores nothing"),
    ("addPasskey", "one batch, for what an authenticator answers; with what comes of it in `sign_in_tests.rs`"),
    ("renamePasskey", "one statement"),
    ("deletePasskey", "one batch; with what comes of it in `sign_in_tests.rs`"),
    ("listConsoleWebsites", "it stores nothing"),
    ("getView", "it stores nothing"),
    ("getInstallation", "it stores nothing"),
    ("getUnsubscribePage", "its link is in a mail; it stores nothing"),
    ("unsubscribe", "its link is in a mail; one statement"),
    ("getReportsPage", "its link is in a mail; it stores nothing"),
    ("unsubscribeFromReports", "its link is in a mail; one statement"),
    ("listProviderEvents", "it stores nothing"),
    ("getProviderEvent", "it stores nothing"),
    ("replayProviderEvent", "one statement, for an event that the script has not got"),
    ("receiveProviderEvent", "one statement; what it needs is in a connection that the script does not make"),
    ("getStripe", "it stores nothing"),
    ("setStripeWebhookSecret", "one statement"),
    ("resyncStripe", "one batch"),
    ("getLemonSqueezy", "as Stripe"),
    ("setLemonSqueezyWebhookSecret", "as Stripe"),
    ("resyncLemonSqueezy", "as Stripe"),
    ("getPolar", "as Stripe"),
    ("setPolarWebhookSecret", "as Stripe"),
    ("resyncPolar", "as Stripe"),
    ("getPaddle", "as Stripe"),
    ("setPaddleWebhookSecret", "as Stripe"),
    ("resyncPaddle", "as Stripe"),
    ("getShopify", "as Stripe"),
    ("setShopifyWebhookSecret", "as Stripe"),
    ("resyncShopify", "as Stripe"),
    ("getWooCommerce", "as Stripe"),
    ("setWooCommerceWebhookSecret", "as Stripe"),
    ("resyncWooCommerce", "as Stripe"),
    ("connectShopify", "as Stripe"),
    ("connectWooCommerce", "as Stripe"),
    ("authorizeWooCommerce", "one statement, on a gateway that shops can reach"),
    ("connectLemonSqueezy", "as Stripe"),
    ("connectPolar", "as Stripe"),
    ("connectPaddle", "as Stripe"),
    ("disconnectLemonSqueezy", "as Stripe"),
    ("disconnectPolar", "as Stripe"),
    ("disconnectPaddle", "as Stripe"),
    ("disconnectShopify", "as Stripe"),
    ("disconnectWooCommerce", "as Stripe"),
    ("getScript", "a file"),
    ("getHashScript", "a file"),
    ("getCookielessScript", "a file"),
    ("getInvitationScript", "a file"),
];

/// Operations whose answer may differ after a failure that they survived, with the reason.
const MAY_VARY: &[(&str, &str)] = &[
    ("updateWebsite", "payments are converted to another currency at once or later"),
    ("eraseVisitor", "what names the visitor outside of the object is deleted at once or within minutes"),
    ("listAllDeliveries", "of the same moment, in the order of ids that SQLite draws"),
    ("listDeliveries", "of the same moment, in the order of ids that SQLite draws"),
];

/// Operations whose answer is kept for an `Idempotency-Key` after their work, not in its transaction: when keeping it fails,
/// a retry after the lease does the work again.
const KEPT_AFTERWARDS: &[&str] = &[
    "createBotToken",
    "importEvents",
    "previewAlert",
    "testAlert",
    "testWebhook",
    "resendDelivery",
    "resendDeliveries",
];

/// Operations that are refused to whoever repeats them with their key, with the reason. The refusal changes nothing.
const REFUSED_AGAIN: &[(&str, &str)] =
    &[("transferWebsite", "answers are kept for owners, and the caller is none any more")];

/// Tables that may differ after a failure that an operation survived, with the reason.
const MAY_DIFFER: &[(&str, &str, &str)] = &[
    ("inviteTeamMember", "invitation_sends", "the invitation stands, and its mail is left out"),
    ("resendInvitation", "invitation_sends", "the same"),
    ("deleteWebhook", "deliveries of object", "they end when the object hears of it, at the latest a minute later"),
];

/// Masks ids that SQLite has drawn, which differ from run to run: the test's platform counts, so its ids are low.
fn masked(text: &str) -> String {
    let is_drawn = |part: &&str| {
        part.len() == 24 && part.bytes().all(|digit| digit.is_ascii_hexdigit()) && !part[8..].starts_with("00000000")
    };
    let parts = text.split('"').map(|part| if is_drawn(&part) { "(drawn by SQLite)" } else { part });
    parts.collect::<Vec<_>>().join("\"")
}

fn differences(one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    // KV may have nothing yet: then D1 is asked.
    let is_filled = |name: &&String| !name.starts_with(KV) || one.contains_key(*name) && other.contains_key(*name);
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).filter(is_filled).collect();
    let rows = |state: &BTreeMap<String, Vec<String>>, name: &String| -> BTreeSet<String> {
        state.get(name).into_iter().flatten().cloned().collect()
    };
    names
        .into_iter()
        .flat_map(|name| {
            let (one, other) = (rows(one, name), rows(other, name));
            one.symmetric_difference(&other).map(|row| format!("{name}: {row}")).collect::<Vec<_>>()
        })
        .collect()
}

/// The world before this step.
fn before(steps: &[Step], at: usize) -> World {
    let mut world = World::new();
    steps[..at].iter().for_each(|step| world.run(step));
    world
}

/// Fails each storage call of the step once. Returns what is wrong.
fn check(steps: &[Step], at: usize, key: Option<&str>) -> Vec<String> {
    let step = &steps[at];
    let name = format!("{}{}", step.operation, if key.is_some() { " with a key" } else { "" });
    let mut wrong = Vec::new();
    let clean = before(steps, at);
    let expected = clean.send(step, key);
    clean.settle_later();
    let after = clean.state();
    let mut world = before(steps, at);
    for call in 0.. {
        let (was, drawn) = (world.state(), world.memory.drawn.get());
        // Nobody remembers a credential, so the calls are the same each time.
        world.credentials.borrow_mut().clear();
        crate::health::forget();
        world.memory.fails_after.set(Some(call));
        let answer = world.send(step, key);
        let has_failed = world.memory.fails_after.take().is_none();
        let context = format!("{name}, call {call}: {} {}", answer.status, answer.body);
        if answer.status >= 500 && has_failed {
            let changed = differences(&was, &world.state());
            if !changed.is_empty() {
                wrong.push(format!("{context}\n  an error, and yet changed: {changed:#?}"));
                world = before(steps, at);
            }
            world.memory.drawn.set(drawn);
            continue;
        }
        world.settle_later();
        let differ = differences(&after, &world.state());
        let may_vary = MAY_VARY.iter().any(|(operation, _)| *operation == step.operation);
        // Its row of the audit log comes after what it does, which is not undone for it.
        let route = routes::table().unwrap().operation(step.operation);
        let is_recorded_later = route.is_some_and(|route| matches!(route.record, Some(Record::Deed)));
        let is_kept_later = key.is_some() && KEPT_AFTERWARDS.contains(&step.operation);
        let is_expected = |row: &String| {
            is_kept_later && row.starts_with("idempotency_keys")
                || is_recorded_later && row.starts_with("audit_log")
                || MAY_DIFFER.iter().any(|(name, table, _)| *name == step.operation && row.starts_with(table))
        };
        let differ: Vec<String> = differ.into_iter().filter(|row| !is_expected(row)).collect();
        if answer.status != expected.status || answer.body != expected.body && !may_vary {
            wrong.push(format!("{context}\n  expected {} {}", expected.status, expected.body));
        } else if !differ.is_empty() {
            wrong.push(format!("{context}\n  a success, and yet different: {differ:#?}"));
        } else if key.is_some() && expected.status < 300 && !(has_failed && is_kept_later) {
            let again = world.send(step, key);
            let changed = differences(&after, &world.state()).iter().any(|row| !is_expected(row));
            let is_refused = REFUSED_AGAIN.iter().any(|(name, _)| *name == step.operation) && again.status == 403;
            if !is_refused && (!again.is_replay || again.body != answer.body) || changed {
                wrong.push(format!("{context}\n  and again: {again:?}"));
            }
        }
        if !has_failed {
            return wrong;
        }
        world = before(steps, at);
    }
    wrong
}

#[test]
fn the_script_has_every_operation() {
    let named: BTreeSet<&str> =
        script().iter().map(|step| step.operation).chain(LEFT_OUT.iter().map(|(name, _)| *name)).collect();
    let missing: Vec<_> = routes::table()
        .unwrap()
        .routes()
        .iter()
        .filter(|route| route.is_documented())
        .map(|route| route.operation)
        .filter(|name| !named.contains(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_failure_in_any_single_place_leaves_no_half() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut wrong = Vec::new();
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if at >= script().len() {
                            return wrong;
                        }
                        // Each in a thread of its own, as if in an isolate of its own.
                        let found = std::thread::spawn(move || {
                            let steps = script();
                            let table = routes::table().unwrap();
                            let route =
                                table.routes().iter().find(|route| route.operation == steps[at].operation).unwrap();
                            let mut wrong = check(&steps, at, None);
                            if route.takes_key() {
                                wrong.extend(check(&steps, at, Some("key-1")));
                            }
                            wrong
                        });
                        wrong.extend(
                            found.join().unwrap_or_else(|_| vec![format!("{}: a panic", script()[at].operation)]),
                        );
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}
