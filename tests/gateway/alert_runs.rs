//! Alerts end to end: events arrive, cron runs, and messages reach a mail provider and endpoints on this
//! machine (docs/contract/automation.md#alerts-beyond-the-contract, docs/contract/account-api.md#9).
//!
//! Events that must leave a window soon are imported with a time almost as old as the window is long. No test waits
//! longer than necessary: it polls for the expected result, with a cron run each time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::mail::{Received, Service, head, headers, parsed};
use crate::own_gateway::{Cron, OwnGateway, State};
use crate::support::{
    Gateway, Website, all, answer, assert_fields, fields, has_exactly, id_of, is_moment, text, together, unique,
};
use crate::traffic::{Site, moment, visitor, with};

/// How long to poll for an expected result.
const PATIENCE: Duration = Duration::from_mins(1);
/// The pause between two polls.
const PAUSE: Duration = Duration::from_millis(250);
/// How long to wait before concluding that nothing happens.
const SETTLING: Duration = Duration::from_millis(600);
/// The fields of every message in the history.
const HISTORY: [&str; 9] =
    ["alertId", "alertName", "goalName", "status", "error", "visitorId", "triggeredAt", "event", "destination"];
/// The fields of `data` of `alert.firing` and `alert.resolved`.
const MESSAGE: [&str; 9] =
    ["websiteId", "alertId", "alertName", "trigger", "value", "threshold", "reason", "message", "visitorId"];

// ---- Environment and websites

/// A gateway, and the service that receives its mails and deliveries.
#[derive(Clone)]
struct TestEnv {
    gateway: Gateway,
    cron: Cron,
    service: Service,
}

fn service() -> Service {
    let service = Service::start();
    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    service
}

fn settings(service: &Service) -> [(&'static str, &str); 9] {
    [
        ("ENVIRONMENT", "development"),
        ("RATE_LIMIT_PER_MINUTE", "1000000"),
        ("MAX_WEBSITES", "1000000"),
        ("EVENTS_PER_MINUTE", "1000000"),
        ("EXCHANGE_RATES_URL", "none"),
        ("EMAIL_FROM", "alerts@acme.example"),
        ("EMAIL_PROVIDER", "resend"),
        ("EMAIL_API_KEY", "re_key"),
        ("EMAIL_API_BASE", &service.url),
    ]
}

impl TestEnv {
    /// The environment that most tests share: any of them may run cron at any time.
    fn shared() -> Self {
        static SHARED: LazyLock<(OwnGateway, Service)> = LazyLock::new(|| {
            let service = service();
            (OwnGateway::shared("alert_runs", &settings(&service)), service)
        });
        let (own, service) = &*SHARED;
        Self::of(own, service)
    }

    /// Each test opens its own connections.
    fn of(own: &OwnGateway, service: &Service) -> Self {
        let gateway = Gateway::at(own.gateway.url.clone(), own.gateway.setup_secret.clone());
        Self { gateway, cron: own.cron.clone(), service: service.clone() }
    }

    async fn cron(&self) {
        self.cron.run(&self.gateway).await;
    }

    /// Runs cron `count` times concurrently.
    async fn crons(&self, count: usize) {
        together((0..count).map(|_| self.cron())).await;
    }

    /// Runs cron until `ask` succeeds.
    async fn eventually<T>(&self, ask: impl AsyncFn() -> Result<T, String>) -> T {
        patiently(async || {
            let found = ask().await;
            if found.is_err() {
                self.cron().await;
                sleep(PAUSE).await;
            }
            found
        })
        .await
    }

    /// Runs cron a few more times and waits for the effects.
    async fn settle(&self) {
        self.crons(2).await;
        sleep(SETTLING).await;
        self.cron().await;
        sleep(SETTLING / 2).await;
    }

    /// A new website with a new owner.
    async fn site(&self) -> TestSite {
        let owner = self.gateway.account().await;
        let inner = Site::new(&owner).await;
        TestSite { env: self.clone(), inner, email: owner.email }
    }
}

/// Repeats `ask` until it succeeds.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(missing) => assert!(start.elapsed() < PATIENCE, "after {PATIENCE:?}: {missing}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A website whose owner reads their mail.
struct TestSite {
    env: TestEnv,
    inner: Site,
    email: String,
}

impl Deref for TestSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.inner
    }
}

impl TestSite {
    /// The same website after a restart of its gateway.
    fn at(self, env: TestEnv) -> Self {
        let (website, tracking_id) = (self.inner.website, self.inner.tracking_id);
        let owner = env.gateway.caller(&website.owner.token);
        let website = Website { id: website.id, domain: website.domain, owner };
        Self { inner: Site { website, tracking_id }, env, email: self.email }
    }

    /// A new alert, on the goal `signup` unless `fields` have another trigger.
    async fn alert(&self, fields: Value) -> Value {
        let base = json!({ "name": "Alert", "trigger": { "goalName": "signup" },
            "template": { "message": "{{goal}} {{metric}} {{value}} {{threshold}} {{window}} {{count}}" } });
        self.owner.post(&self.path("/alerts"), with(base, fields)).await.ok().row()
    }

    async fn change(&self, alert: &Value, sent: Value) -> Value {
        self.owner.put(&self.path(&format!("/alerts/{}", id_of(alert))), sent).await.ok().row()
    }

    /// The alert's current row.
    async fn now(&self, alert: &Value) -> Value {
        let rows = self.owner.get(&self.path("/alerts")).await.ok().rows();
        rows.into_iter().find(|row| row["id"] == alert["id"]).unwrap()
    }

    /// The alert's messages, newest first.
    async fn history(&self, alert: &Value) -> Vec<Value> {
        let path = self.path(&format!("/alerts/history?limit=100&alertId={}", text(&alert["id"])));
        self.owner.get(&path).await.ok().rows()
    }

    /// The alert's transitions, newest first.
    async fn transitions(&self, alert: &Value) -> Vec<Value> {
        self.owner.get(&self.path(&format!("/alerts/{}/transitions", id_of(alert)))).await.ok().rows()
    }

    /// The states of the transitions, oldest first.
    async fn path_of(&self, alert: &Value) -> Vec<(String, String)> {
        let rows = self.transitions(alert).await;
        rows.iter().rev().map(|row| (text(&row["from"]), text(&row["to"]))).collect()
    }

    /// Waits until the alert has sent exactly `count` messages, and returns its history.
    async fn sent(&self, alert: &Value, count: usize) -> Vec<Value> {
        let rows = self
            .env
            .eventually(async || {
                let rows = self.history(alert).await;
                if rows.len() >= count { Ok(rows) } else { Err(format!("{count} messages: {rows:?} of {alert}")) }
            })
            .await;
        assert_eq!(rows.len(), count, "{rows:?}");
        rows
    }

    /// Waits until the alert is in this state, and returns it.
    async fn becomes(&self, alert: &Value, state: &str) -> Value {
        self.env
            .eventually(async || {
                let row = self.now(alert).await;
                if row["state"] == state { Ok(row) } else { Err(format!("{state}: {row}")) }
            })
            .await
    }

    /// Records a goal from a backend.
    async fn complete(&self, visitor: &str, goal: &str) {
        self.complete_with(visitor, goal, json!({})).await;
    }

    async fn complete_with(&self, visitor: &str, goal: &str, metadata: Value) {
        let sent = json!({ "datafast_visitor_id": visitor, "name": goal, "metadata": metadata });
        self.post("/goals", sent).await.ok();
    }

    /// Mails to the owner, in order of arrival.
    fn mails(&self) -> Vec<Mail> {
        let mine = self.env.service.seen().into_iter().filter(|seen| seen.body["to"] == json!([self.email]));
        mine.map(Mail).collect()
    }

    /// Mails with this subject.
    fn mails_of(&self, subject: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.subject() == subject).collect()
    }

    /// A new endpoint.
    async fn endpoint(&self, fields: Value) -> Endpoint {
        let path = format!("/hook-{}", unique());
        let sent = with(json!({ "url": format!("{}{path}", self.env.service.url) }), fields);
        let row = self.owner.post(&self.path("/webhooks"), sent).await.ok().row();
        Endpoint { id: text(&row["id"]), path, service: self.env.service.clone() }
    }

    /// Imports a pageview for each of `count` new visitors, and returns their ids.
    async fn visitors_ago(&self, count: usize, seconds: i64) -> Vec<String> {
        let visitors: Vec<String> = (0..count).map(|_| visitor()).collect();
        let lines: Vec<_> = visitors
            .iter()
            .map(|id| self.line(id, &moment(-1_000 * seconds), json!({ "userAgent": crate::traffic::AGENT })))
            .collect();
        self.inner.import(&lines).await;
        visitors
    }
}

/// A mail as the provider received it.
struct Mail(Received);

impl Mail {
    fn subject(&self) -> String {
        text(&self.0.body["subject"])
    }

    /// The text part above the footer.
    fn message(&self) -> String {
        let whole = text(&self.0.body["text"]);
        whole.split("\n\n-- \n").next().unwrap().to_owned()
    }

    /// The mail as Python parses it.
    fn parsed(&self) -> Value {
        let body = &self.0.body;
        let more: Vec<_> =
            body["headers"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let head = head(&body["from"], &body["to"][0], &body["subject"], &more);
        parsed(&head, &text(&body["text"]), &text(&body["html"]))
    }

    /// The path of the unsubscribe link.
    fn link(&self) -> String {
        let header = text(&self.0.body["headers"]["List-Unsubscribe"]);
        let url = header.trim_start_matches('<').trim_end_matches('>');
        url.find("/unsubscribe/").map(|at| url[at..].to_owned()).unwrap()
    }

    fn key(&self) -> String {
        self.0.header("idempotency-key").unwrap().to_owned()
    }
}

/// An endpoint, and the messages that it received.
struct Endpoint {
    id: String,
    path: String,
    service: Service,
}

impl Endpoint {
    fn destination(&self) -> Value {
        json!({ "type": "webhook", "endpointId": self.id })
    }

    /// The messages of this type, in order of arrival.
    fn of(&self, r#type: &str) -> Vec<Received> {
        let line = format!("POST {} ", self.path);
        let mut all = self.service.seen();
        all.retain(|seen| seen.line.starts_with(&line) && seen.body["type"] == r#type);
        all
    }

    /// Waits for `count` messages of this type without running cron.
    async fn got(&self, r#type: &str, count: usize) -> Vec<Received> {
        patiently(async || {
            let got = self.of(r#type);
            if got.len() >= count { Ok(got) } else { Err(format!("{count} {type} at {}: {got:?}", self.path)) }
        })
        .await
    }
}

/// The trigger of a metric over five minutes, `above` unless `fields` say otherwise.
fn metric(name: &str, threshold: impl Into<Value>, fields: Value) -> Value {
    let base = json!({ "type": "metric", "metric": name, "window": "5m", "comparison": "above",
        "threshold": threshold.into() });
    with(base, fields)
}

fn column(rows: &[Value], field: &str) -> Vec<Value> {
    rows.iter().map(|row| row[field].clone()).collect()
}

fn pairs(path: &[(&str, &str)]) -> Vec<(String, String)> {
    path.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

// ---- Goals

#[tokio::test]
async fn a_completed_goal_is_mailed_to_the_owner() {
    let site = TestEnv::shared().site().await;
    let hostile = "New\r\nBcc: eve@example.com";
    let plain =
        site.alert(json!({ "name": hostile, "template": { "message": "<b>Somebody</b> signed up & paid." } })).await;
    let full = site
        .alert(json!({ "name": "Full", "template": {
            "subject": "{{alert.name}} in {{visitor.city}}: {{metadata.line}}",
            "message": "{{goal}}|{{alert.name}}|{{website.domain}}|{{website.name}}|{{visitor.id}}|{{visitor.country}}|\
                        {{visitor.city}}|{{visitor.device}}|{{visitor.referrer}}|{{metadata.plan}}|{{metadata.none}}|\
                        {{value}}|{{threshold}}|{{metric}}|{{window}}|{{count}}|{{triggeredAt}}",
        } }))
        .await;
    let other = site.alert(json!({ "name": "Other", "trigger": { "goalName": "purchase" } })).await;
    let visitor = visitor();
    let visit = json!({ "country": "FR", "region": "FR-IDF", "city": "Paris", "device": "tablet",
        "referrer": "https://blog.example.org/post" });
    site.import(&[site.line(&visitor, &moment(-120_000), visit)]).await;
    let before = moment(0);
    let metadata = json!({ "plan": "{{goal}} {{website.domain}}", "line": "one\r\nBcc: eve@example.com" });
    site.complete_with(&visitor, "signup", metadata).await;

    let rows = site.sent(&full, 1).await;
    let after = moment(0);
    has_exactly(&rows[0], &HISTORY);
    let at = text(&rows[0]["triggeredAt"]);
    assert!(is_moment(&rows[0]["triggeredAt"]) && before <= at && at <= after, "{before} {at} {after}");
    assert_eq!(
        rows[0],
        json!({ "alertId": full["id"], "alertName": "Full", "goalName": "signup", "status": "sent", "error": null,
            "visitorId": visitor, "triggeredAt": at, "event": "firing", "destination": { "type": "email" } })
    );
    let rows = site.sent(&plain, 1).await;
    assert_eq!(rows[0]["goalName"], "signup");
    site.env.settle().await;
    assert_eq!(site.mails().len(), 2, "one for each of the two");
    assert_eq!(site.history(&other).await, Vec::<Value>::new());

    let mails = site.mails();
    let [mail] = &mails.iter().filter(|mail| mail.subject().starts_with("Full")).collect::<Vec<_>>()[..] else {
        panic!("one mail of {:?}", mails.iter().map(Mail::subject).collect::<Vec<_>>())
    };
    let domain = &site.domain;
    assert_eq!(
        mail.message(),
        format!(
            "signup|Full|{domain}|Test|{visitor}|France|Paris|tablet|blog.example.org|{{{{goal}}}} {{{{website.domain}}}}|\
             unknown|unknown|unknown|unknown|unknown|1|{at}"
        )
    );
    let found = mail.parsed();
    let names: Vec<_> = headers(&found).into_iter().map(|(name, _)| name).collect();
    let expected = ["From", "To", "Subject", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"];
    assert_eq!(names.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(expected));
    assert_eq!(names.len(), expected.len(), "{names:?}");
    let subject = mail.subject();
    assert!(subject.starts_with("Full in Paris: one") && !subject.contains(['\r', '\n']), "{subject}");
    assert_eq!(mail.0.body["to"], json!([site.email]));

    let [mail] = &mails.iter().filter(|mail| !mail.subject().starts_with("Full")).collect::<Vec<_>>()[..] else {
        panic!("one mail")
    };
    let found = mail.parsed();
    assert!(headers(&found).iter().all(|(name, _)| name != "Bcc"), "{found}");
    let subject = mail.subject().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(subject.starts_with("New Bcc: eve@example.com") && subject.contains("signup"), "{subject}");
    assert_eq!(mail.message(), "<b>Somebody</b> signed up & paid.");
    assert!(text(&found["html"]["shown"]).contains("<b>Somebody</b> signed up & paid."), "{found}");
    assert!(!found["html"]["tags"].as_array().unwrap().contains(&json!("b")), "escaped: {found}");
    assert_eq!(
        found["headers"].as_array().unwrap().iter().filter(|pair| pair[0] == "List-Unsubscribe-Post").count(),
        1
    );
    let keys: BTreeSet<_> = mails.iter().map(Mail::key).collect();
    assert_eq!(keys.len(), 2, "each is a message of its own");
}

#[tokio::test]
async fn a_payment_completes_the_goal_of_an_alert() {
    // docs/contract/README.md#37.
    let env = TestEnv::shared();
    let site = env.site().await;
    let alert = site
        .alert(json!({ "trigger": { "goalName": "payment" },
            "template": { "subject": "{{goal}} {{metadata.amount}} {{metadata.currency}} {{visitor.id}}", "message": "Somebody has paid." } }))
        .await;
    let who = site.visit().await;
    let pay = async |fields: Value| {
        let payment = with(json!({ "amount": 12.5, "currency": "USD", "transaction_id": unique() }), fields);
        assert_eq!(site.post("/payments", payment).await.status, 200);
    };
    pay(json!({ "datafast_visitor_id": who })).await;
    pay(json!({ "amount": 0, "datafast_visitor_id": who })).await;
    pay(json!({ "refunded": true, "datafast_visitor_id": who })).await;
    pay(json!({ "amount": 300, "currency": "JPY" })).await;
    let sent = site.sent(&alert, 2).await;
    assert_eq!(sent.len(), 2);
    let mut subjects: Vec<_> = site.mails().iter().map(Mail::subject).collect();
    subjects.sort();
    assert_eq!(subjects, [format!("payment 12.50 USD {who}"), "payment 300 JPY unknown".to_owned()]);
    let preview = json!({ "trigger": { "goalName": "payment" } });
    assert_eq!(site.owner.post(&site.path("/alerts/preview"), preview).await.ok().row()["count"], 2);
}

#[tokio::test]
async fn every_completion_is_sent_once_and_counted() {
    let site = TestEnv::shared().site().await;
    let alert = site.alert(json!({ "template": { "subject": "once", "message": "{{visitor.id}} {{count}}" } })).await;
    let visitors: BTreeSet<String> = site.visitors_ago(9, 60).await.into_iter().collect();
    for (at, visitor) in visitors.iter().enumerate() {
        if at % 3 == 0 {
            let sent = site.inner.goal(visitor, "Signup");
            site.take(sent).await;
        } else {
            site.complete(visitor, "signup").await;
        }
        if at % 4 == 1 {
            site.env.crons(3).await;
        }
    }
    let rows = site.sent(&alert, 9).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await, rows);
    assert!(rows.iter().all(|row| row["status"] == "sent"), "{rows:?}");
    assert_eq!(column(&rows, "visitorId").iter().map(text).collect::<BTreeSet<_>>(), visitors);
    let moments: Vec<String> = column(&rows, "triggeredAt").iter().map(text).collect();
    assert!(moments.iter().rev().is_sorted(), "newest first: {moments:?}");
    let messages: BTreeSet<String> = site.mails_of("once").iter().map(Mail::message).collect();
    assert_eq!(messages, visitors.iter().map(|visitor| format!("{visitor} 1")).collect());
    assert_eq!(site.mails().len(), 9);

    let page = site.owner.get(&site.path("/alerts/history?limit=4")).await.ok();
    assert_eq!(page.json()["counts"], json!({ "sent": 9, "failed": 0, "total": 9 }), "before the limit");
    assert_eq!(page.rows(), rows[..4]);
    let logs = site.now(&alert).await["recentLogs"].as_array().unwrap().clone();
    assert!(!logs.is_empty(), "{logs:?}");
    for (log, row) in logs.iter().zip(&rows) {
        for field in fields(log) {
            assert_eq!(log[&field], row[&field], "{log} {row}");
        }
    }
}

#[tokio::test]
async fn an_imported_goal_is_history() {
    let site = TestEnv::shared().site().await;
    let alert = site.alert(json!({})).await;
    let visitor = site.visit().await;
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup" } });
    site.import(&[site.line(&visitor, &moment(-1_000), goal)]).await;
    site.complete(&visitor, "signup").await;
    site.sent(&alert, 1).await;
    site.env.settle().await;
    assert_eq!((site.history(&alert).await.len(), site.mails().len()), (1, 1));
}

#[tokio::test]
async fn a_rejected_mail_is_not_retried() {
    let site = TestEnv::shared().site().await;
    site.env.service.answers_about(&site.email, "503 Busy", r#"{"message":"come back later"}"#);
    let alert = site.alert(json!({})).await;
    let visitor = site.visit().await;
    site.complete(&visitor, "signup").await;
    let rows = site.sent(&alert, 1).await;
    assert_fields(&rows[0], json!({ "status": "failed", "visitorId": visitor }));
    assert!(text(&rows[0]["error"]).contains("503"), "{rows:?}");
    site.env.settle().await;
    site.env.settle().await;
    assert_eq!((site.history(&alert).await, site.mails().len()), (rows, 1), "nothing is tried again");
    let log = site.now(&alert).await["recentLogs"][0].clone();
    assert_eq!((&log["status"], log["error"].is_string()), (&json!("failed"), true));

    site.env.service.answers_about(&site.email, "200 OK", r#"{"id":"x"}"#);
    site.complete(&visitor, "signup").await;
    let rows = site.sent(&alert, 2).await;
    assert_eq!(column(&rows, "status"), [json!("sent"), json!("failed")]);
    assert_eq!((&rows[0]["error"], site.mails().len()), (&Value::Null, 2));
    let page = site.owner.get(&site.path("/alerts/history?limit=1")).await.ok();
    assert_eq!(page.json()["counts"], json!({ "sent": 1, "failed": 1, "total": 2 }));
}

#[tokio::test]
async fn the_alerts_endpoint_receives_every_message_and_others_by_type() {
    let site = TestEnv::shared().site().await;
    let chosen = site.endpoint(json!({ "eventTypes": ["payment.received"] })).await;
    let firings = site.endpoint(json!({ "eventTypes": ["alert.firing"], "goalNames": ["other"] })).await;
    let everything = site.endpoint(json!({})).await;
    let deaf = site.endpoint(json!({ "eventTypes": ["goal.completed", "alert.resolved"] })).await;
    let alert = site
        .alert(json!({ "name": "Big one", "destination": chosen.destination(),
            "template": { "message": "{{goal}} by {{visitor.id}} on {{metadata.plan}}" } }))
        .await;
    assert_eq!(alert["destination"], chosen.destination());
    let visitor = site.visit().await;
    site.complete_with(&visitor, "signup", json!({ "plan": "pro" })).await;
    let rows = site.sent(&alert, 1).await;
    let got = chosen.got("alert.firing", 1).await;
    let body = &got[0].body;
    has_exactly(body, &["type", "timestamp", "data"]);
    assert!(is_moment(&body["timestamp"]), "{body}");
    has_exactly(&body["data"], &MESSAGE);
    let reason = text(&body["data"]["reason"]);
    assert!(reason.contains("signup"), "{reason}");
    let expected = json!({ "websiteId": site.id, "alertId": alert["id"], "alertName": "Big one",
        "trigger": alert["trigger"], "value": null, "threshold": null, "reason": reason,
        "message": format!("signup by {visitor} on pro"), "visitorId": visitor });
    assert_eq!(body["data"], expected);
    for copy in [&firings, &everything] {
        let got_too = copy.got("alert.firing", 1).await;
        assert_eq!((&got_too[0].body, got_too[0].header("webhook-id")), (body, got[0].header("webhook-id")));
    }
    let row = &rows[0];
    assert_fields(row, json!({ "status": "sent", "destination": chosen.destination(), "visitorId": visitor }));
    site.env.settle().await;
    let counts = [&chosen, &firings, &everything, &deaf].map(|one| one.of("alert.firing").len());
    assert_eq!(counts, [1, 1, 1, 0]);
    assert_eq!((chosen.of("goal.completed").len(), site.mails().len()), (0, 0));

    let webhook = site.path(&format!("/webhooks/{}", chosen.id));
    let message = site.owner.delete(&webhook).await.error(409);
    assert!(message.contains("Big one"), "{message}");
    site.owner.delete(&site.path(&format!("/webhooks/{}", deaf.id))).await.ok();
    site.change(&alert, json!({ "destination": { "type": "email" } })).await;
    site.owner.delete(&webhook).await.ok();
    site.complete(&visitor, "signup").await;
    let rows = site.sent(&alert, 2).await;
    assert_eq!(column(&rows, "destination"), [json!({ "type": "email" }), chosen.destination()]);
    assert_eq!(site.mails().len(), 1);
}

#[tokio::test]
async fn an_alert_counts_from_its_creation_its_enabling_or_a_change_of_its_goal() {
    let site = TestEnv::shared().site().await;
    let witness = site.alert(json!({ "name": "Witness" })).await;
    let alert = site.alert(json!({ "name": "On and off", "isEnabled": false })).await;
    let visitor = site.visit().await;
    let mut completions = 0;
    let mut messages = 0;
    for (sent, sends) in [
        (json!({ "cooldown": "0m" }), false),
        (json!({ "isEnabled": true }), true),
        (json!({ "isEnabled": false }), false),
        (json!({ "isEnabled": true, "name": "Renamed" }), true),
        (json!({ "trigger": { "goalName": "purchase" } }), false),
        (json!({ "trigger": { "goalName": "signup" } }), true),
    ] {
        site.change(&alert, sent.clone()).await;
        site.complete(&visitor, "signup").await;
        completions += 1;
        site.sent(&witness, completions).await;
        messages += usize::from(sends);
        site.sent(&alert, messages).await;
        if !sends {
            site.env.settle().await;
            assert_eq!(site.history(&alert).await.len(), messages, "{sent}");
        }
    }
    let rows = site.history(&alert).await;
    assert_eq!(column(&rows, "alertName"), [json!("Renamed"), json!("Renamed"), json!("On and off")]);

    site.owner.delete(&site.path(&format!("/alerts/{}", id_of(&alert)))).await.ok();
    site.complete(&visitor, "signup").await;
    site.sent(&witness, completions + 1).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await, rows, "the history stays");
    let counts = site.owner.get(&site.path("/alerts/history")).await.ok().json()["counts"].clone();
    assert_eq!(counts["total"], completions + 1 + messages);
    assert_eq!(site.mails().len(), completions + 1 + messages);
}

#[tokio::test]
async fn the_link_in_a_mail_switches_its_alert_off() {
    let site = TestEnv::shared().site().await;
    let alert = site.alert(json!({ "template": { "subject": "stop me", "message": "Somebody signed up." } })).await;
    let witness = site.alert(json!({ "name": "Witness" })).await;
    let visitor = site.visit().await;
    site.complete(&visitor, "signup").await;
    site.sent(&alert, 1).await;
    let mail = &site.mails_of("stop me")[0];
    let found = mail.parsed();
    let link = mail.link();
    let url = format!("{}{link}", site.env.gateway.url);
    assert_eq!(found["html"]["links"], json!([url]));
    assert!(text(&found["text"]).contains(&url), "{found}");
    let before = site.now(&alert).await;
    assert_eq!(answer(site.env.gateway.request(Method::GET, &link)).await.status, 200);
    assert_eq!(site.now(&alert).await, before);
    let done = answer(site.env.gateway.request(Method::POST, &link).body("List-Unsubscribe=One-Click")).await;
    assert_eq!(done.status, 200, "{done}");
    assert_eq!(site.now(&alert).await["isEnabled"], false);
    site.complete(&visitor, "signup").await;
    site.sent(&witness, 2).await;
    site.env.settle().await;
    assert_eq!((site.history(&alert).await.len(), site.mails_of("stop me").len()), (1, 1));
}

#[tokio::test]
async fn a_test_is_one_marked_message_and_nothing_else() {
    let site = TestEnv::shared().site().await;
    let endpoint = site.endpoint(json!({ "eventTypes": ["payment.received"] })).await;
    let bystander = site.endpoint(json!({})).await;
    let template = json!({ "subject": "Somebody came", "message": "Somebody came, as we\nhad hoped for." });
    let by_mail = site.alert(json!({ "template": template, "isEnabled": false })).await;
    let to_endpoint = site
        .alert(json!({ "template": template, "destination": endpoint.destination(), "cooldown": "1h",
            "trigger": metric("visitors", 5, json!({})) }))
        .await;
    let before = site.becomes(&to_endpoint, "nodata").await;
    let test = async |alert: &Value| {
        site.owner.post(&site.path(&format!("/alerts/{}/test", id_of(alert))), json!({})).await.ok().row()
    };
    test(&by_mail).await;
    let mails = site.mails();
    let [mail] = &mails[..] else { panic!("one mail") };
    assert!(
        mail.subject().to_lowercase().contains("test") && mail.subject().contains("Somebody came"),
        "{}",
        mail.subject()
    );
    assert_eq!(mail.message(), "Somebody came, as we\nhad hoped for.");
    let answered = test(&to_endpoint).await;
    assert!(answered["deliveryId"].is_string(), "{answered}");
    let got = endpoint.got("alert.firing", 1).await;
    let data = &got[0].body["data"];
    has_exactly(data, &[&MESSAGE[..], &["test"]].concat());
    assert_fields(data, json!({ "test": true, "alertId": to_endpoint["id"] }));
    assert_eq!((&data["message"], data["threshold"].as_f64()), (&template["message"], Some(5.0)));
    site.env.settle().await;
    assert_eq!((site.mails().len(), endpoint.of("alert.firing").len()), (1, 1));
    assert_eq!(bystander.of("alert.firing").len(), 0);
    assert_eq!((site.now(&by_mail).await, site.now(&to_endpoint).await), (by_mail, before));
    let history = site.owner.get(&site.path("/alerts/history")).await.ok().json();
    assert_eq!(history["counts"]["total"], 0);
}

// ---- Metrics

/// Four visitors in five sessions, three of which have one page; four goals, three of them `signup`, all by one
/// visitor; two payments, 59.5 in total.
async fn with_traffic(site: &TestSite) -> Vec<String> {
    let visitors: Vec<String> = (0..4).map(|_| visitor()).collect();
    let page = |of: usize, session: &str| {
        let country = if of == 0 { "FR" } else { "US" };
        let fields = json!({ "sessionId": session, "country": country, "userAgent": crate::traffic::AGENT });
        site.line(&visitors[of], &moment(-60_000), fields)
    };
    let goal = |of: usize, session: &str, name: &str| {
        let fields = json!({ "sessionId": session, "type": "custom", "extraData": { "eventName": name } });
        site.line(&visitors[of], &moment(-50_000), fields)
    };
    let pay = |of: usize, amount: f64| {
        let paid = json!({ "amount": amount, "currency": "USD", "transaction_id": unique() });
        json!({ "id": unique(), "timestamp": moment(-40_000), "type": "payment", "visitorId": visitors[of], "extraData": paid })
    };
    site.inner
        .import(&[
            page(0, "a"),
            page(0, "a"),
            page(1, "b"),
            page(2, "c"),
            page(2, "d"),
            page(3, "e"),
            page(3, "e"),
            goal(0, "a", "signup"),
            goal(0, "a", "signup"),
            goal(0, "a", "signup"),
            goal(3, "e", "other"),
            pay(0, 49.5),
            pay(3, 10.0),
        ])
        .await;
    visitors
}

#[tokio::test]
async fn each_metric_fires_beyond_its_threshold_and_not_at_it() {
    let site = TestEnv::shared().site().await;
    with_traffic(&site).await;
    let of_signup = json!({ "goalName": "signup" });
    let cases = [
        ("visitors", json!({}), json!(4), "4"),
        ("sessions", json!({}), json!(5), "5"),
        ("goals", json!({}), json!(4), "4"),
        ("goals", of_signup.clone(), json!(3), "3"),
        ("revenue", json!({}), json!(59.5), "59.5"),
        ("payments", json!({}), json!(2), "2"),
        ("bounce_rate", json!({}), json!(60), "60"),
        ("conversion_rate", json!({}), json!(50), "50"),
        ("conversion_rate", of_signup, json!(25), "25"),
    ];
    // A website has room for 25 alerts.
    let (mut firing, mut calm) = (Vec::new(), Vec::new());
    for (at, (name, fields, value, shown)) in cases.into_iter().enumerate() {
        let number = value.as_f64().unwrap();
        for (comparison, threshold, fires) in
            [("above", number - 0.5, true), ("below", number + 0.5, true), (["above", "below"][at % 2], number, false)]
        {
            let trigger = metric(name, threshold, with(fields.clone(), json!({ "comparison": comparison })));
            if !fires && at > 6 {
                continue;
            }
            let alert =
                site.alert(json!({ "name": format!("{name} {comparison} {threshold}"), "trigger": trigger })).await;
            if fires { firing.push((alert, name, value.clone(), shown, threshold)) } else { calm.push(alert) }
        }
    }
    for (alert, name, value, shown, threshold) in &firing {
        let rows = site.sent(alert, 1).await;
        let goal = alert["trigger"]["goalName"].as_str();
        let row = &rows[0];
        assert_fields(row, json!({ "event": "firing", "status": "sent", "visitorId": null }));
        assert_eq!(row["goalName"].as_str(), goal, "{row}");
        let mails: Vec<_> =
            site.mails().into_iter().filter(|mail| mail.subject().contains(&text(&alert["name"]))).collect();
        assert_eq!(mails.len(), 1, "{alert}");
        let goal = goal.unwrap_or("unknown");
        assert_eq!(mails[0].message(), format!("{goal} {name} {shown} {threshold} 5m unknown"));
        let transitions = site.transitions(alert).await;
        assert_eq!(transitions.len(), 1, "{transitions:?}");
        has_exactly(&transitions[0], &["from", "to", "reason", "value", "at"]);
        assert_fields(&transitions[0], json!({ "from": "normal", "to": "firing" }));
        assert_eq!(transitions[0]["value"].as_f64(), value.as_f64());
        let reason = text(&transitions[0]["reason"]);
        assert!(reason.contains(name) && reason.contains(shown), "{reason}");
        let now = site.now(alert).await;
        assert_fields(&now, json!({ "state": "firing", "stateSince": transitions[0]["at"] }));
    }
    site.env.settle().await;
    assert_eq!(site.mails().len(), firing.len(), "one each");
    for alert in &calm {
        let now = site.now(alert).await;
        assert_eq!((&now["state"], site.history(alert).await.len()), (&json!("normal"), 0), "strictly: {alert}");
    }
}

#[tokio::test]
async fn a_filter_narrows_the_metric_and_an_endpoint_receives_the_value() {
    let site = TestEnv::shared().site().await;
    let visitors = with_traffic(&site).await;
    let endpoint = site.endpoint(json!({ "eventTypes": ["alert.firing"] })).await;
    let filtered =
        |country: &str, threshold: i64| metric("visitors", threshold, json!({ "filters": { "country": country } }));
    let many =
        site.alert(json!({ "name": "US", "trigger": filtered("US", 2), "destination": endpoint.destination() })).await;
    let few = site.alert(json!({ "trigger": filtered("FR", 1) })).await;
    let paid = site.alert(json!({ "trigger": metric("revenue", 49, json!({ "filters": { "country": "FR" } })) })).await;
    assert_eq!(many["trigger"]["filters"], json!({ "country": "US" }));
    site.sent(&many, 1).await;
    let got = endpoint.got("alert.firing", 1).await;
    let data = got.iter().map(|one| &one.body["data"]).find(|data| data["alertName"] == "US").unwrap();
    has_exactly(data, &MESSAGE);
    assert_eq!((data["value"].as_f64(), data["threshold"].as_f64()), (Some(3.0), Some(2.0)));
    assert_eq!(data["visitorId"], Value::Null);
    assert_eq!(data["trigger"], many["trigger"]);
    site.sent(&paid, 1).await;
    assert_eq!(site.transitions(&paid).await[0]["value"], 49.5);
    site.env.settle().await;
    assert_eq!(site.now(&few).await["state"], "normal");
    // A live goal by a visitor from there changes the metric.
    let goals = site.alert(json!({ "trigger": metric("goals", 3, json!({ "filters": { "country": "FR" } })) })).await;
    site.complete(&visitors[3], "signup").await;
    site.env.settle().await;
    assert_eq!(site.history(&goals).await.len(), 0);
    site.complete(&visitors[0], "signup").await;
    site.sent(&goals, 1).await;
}

#[tokio::test]
async fn an_alert_resolves_or_has_no_data_when_events_leave_its_window() {
    let site = TestEnv::shared().site().await;
    let endpoint = site.endpoint(json!({ "eventTypes": ["alert.resolved"] })).await;
    site.visitors_ago(3, 290).await;
    let above = |fields: Value| metric("visitors", 2, fields);
    let make = async |name: &str, trigger: Value, notify: bool| {
        site.alert(json!({ "name": name, "trigger": trigger, "notifyResolved": notify,
            "template": { "subject": name, "message": "{{value}} {{metric}}" } }))
            .await
    };
    let notifies = make("notifies", above(json!({})), true).await;
    let silent = make("silent", above(json!({})), false).await;
    let keeps = make("keeps", above(json!({ "noData": "keep" })), true).await;
    let alarmed = make("alarmed", metric("visitors", 5, json!({ "noData": "alert" })), true).await;
    let below = make("below", metric("visitors", 1, json!({ "comparison": "below" })), true).await;
    for alert in [&notifies, &silent, &keeps] {
        site.sent(alert, 1).await;
    }
    for alert in [&alarmed, &below] {
        assert_eq!((site.now(alert).await["state"].clone(), site.history(alert).await.len()), (json!("normal"), 0));
    }
    let rows = site.sent(&notifies, 2).await;
    assert_eq!(column(&rows, "event"), [json!("resolved"), json!("firing")]);
    assert_eq!(column(&rows, "status"), [json!("sent"), json!("sent")]);
    assert_eq!(site.now(&notifies).await["state"], "resolved");
    site.becomes(&silent, "resolved").await;
    let resolved = endpoint.got("alert.resolved", 1).await;
    has_exactly(&resolved[0].body["data"], &MESSAGE);
    assert_eq!(resolved[0].body["data"]["alertId"], notifies["id"]);
    let rows = site.sent(&alarmed, 1).await;
    assert_eq!(rows[0]["event"], "firing");
    site.sent(&below, 1).await;
    site.env.settle().await;

    assert_eq!(site.path_of(&notifies).await, pairs(&[("normal", "firing"), ("firing", "resolved")]));
    assert_eq!(site.path_of(&silent).await, pairs(&[("normal", "firing"), ("firing", "resolved")]));
    assert_eq!(site.path_of(&keeps).await, pairs(&[("normal", "firing")]), "kept without data");
    assert_eq!(site.history(&silent).await.len(), 1);
    assert_eq!(site.transitions(&alarmed).await[0]["value"], Value::Null);
    assert_eq!(site.transitions(&below).await[0]["value"], 0, "a count of nothing is 0 to below");
    assert_eq!(site.mails_of("alarmed")[0].message(), "unknown visitors");
    assert_eq!(site.mails_of("below")[0].message(), "0 visitors");
    let mails: Vec<_> = site.mails().into_iter().filter(|mail| mail.subject().contains("notifies")).collect();
    assert_eq!(mails.len(), 2);
    assert!(mails[1].subject().to_lowercase().contains("resolved"), "{}", mails[1].subject());
    assert_eq!(endpoint.of("alert.resolved").len(), 1, "one resolved message");
}

#[tokio::test]
async fn without_an_event_in_the_window_there_is_no_data() {
    let site = TestEnv::shared().site().await;
    site.visitors_ago(2, 3_600).await;
    let alert_on = async |trigger: Value| site.alert(json!({ "trigger": trigger })).await;
    let fine = alert_on(metric("visitors", 0, json!({}))).await;
    let rate = alert_on(metric("bounce_rate", 50, json!({ "comparison": "below" }))).await;
    let keeps = alert_on(metric("visitors", 0, json!({ "noData": "keep" }))).await;
    let alarmed = alert_on(metric("bounce_rate", 50, json!({ "comparison": "below", "noData": "alert" }))).await;
    let below = alert_on(metric("revenue", 1, json!({ "comparison": "below" }))).await;
    let based = alert_on(metric("visitors", 0, json!({ "comparison": "decrease_pct" }))).await;
    for alert in [&fine, &rate, &based] {
        site.becomes(alert, "nodata").await;
    }
    for (alert, value) in [(&alarmed, Value::Null), (&below, json!(0))] {
        site.sent(alert, 1).await;
        assert_eq!(site.transitions(alert).await[0]["value"], value);
    }
    site.env.settle().await;
    assert_eq!(site.now(&keeps).await["state"], "normal");
    for alert in [&fine, &rate, &keeps, &based] {
        assert_eq!(site.history(alert).await.len(), 0, "{alert}");
    }
    // With events there is data.
    site.visit().await;
    for alert in [&fine, &keeps] {
        site.sent(alert, 1).await;
    }
    assert_eq!(site.path_of(&fine).await, pairs(&[("normal", "nodata"), ("nodata", "firing")]));
}

#[tokio::test]
async fn a_change_is_measured_against_the_window_just_before() {
    let env = TestEnv::shared();
    let (more, less, new) = (env.site().await, env.site().await, env.site().await);
    more.visitors_ago(2, 450).await;
    more.visitors_ago(5, 100).await;
    less.visitors_ago(4, 450).await;
    less.visitors_ago(1, 100).await;
    new.visitors_ago(3, 100).await;
    let alert_on = async |site: &TestSite, comparison: &str, threshold: i64| {
        site.alert(json!({ "trigger": metric("visitors", threshold, json!({ "comparison": comparison })) })).await
    };
    let cases = [
        (&more, "increase_pct", 149, Some(150)),
        (&more, "increase_pct", 150, None),
        (&more, "decrease_pct", 0, None),
        (&less, "decrease_pct", 74, Some(75)),
        (&less, "decrease_pct", 75, None),
        (&less, "increase_pct", 0, None),
    ];
    let mut alerts = Vec::new();
    for (site, comparison, threshold, fires) in cases {
        alerts.push((site, alert_on(site, comparison, threshold).await, fires));
    }
    let no_base = alert_on(&new, "increase_pct", 1).await;
    new.becomes(&no_base, "nodata").await;
    for (site, alert, fires) in &alerts {
        let Some(value) = fires else { continue };
        site.sent(alert, 1).await;
        assert_eq!(site.transitions(alert).await[0]["value"], json!(value));
    }
    env.settle().await;
    for (site, alert, fires) in &alerts {
        let state = if fires.is_some() { "firing" } else { "normal" };
        let now = site.now(alert).await;
        assert_eq!(
            (&now["state"], site.history(alert).await.len()),
            (&json!(state), usize::from(fires.is_some())),
            "{now}"
        );
    }
}

#[tokio::test]
async fn another_trigger_or_switching_off_ends_a_firing_without_a_message() {
    let site = TestEnv::shared().site().await;
    site.visitors_ago(3, 60).await;
    let make = async |name: &str| {
        site.alert(json!({ "name": name, "trigger": metric("visitors", 2, json!({})), "notifyResolved": true,
            "template": { "subject": name, "message": "{{value}} {{metric}}" } }))
            .await
    };
    let (calmed, still, off) = (make("calmed").await, make("still").await, make("off").await);
    for alert in [&calmed, &still, &off] {
        site.sent(alert, 1).await;
    }
    assert_eq!(site.change(&calmed, json!({ "trigger": { "threshold": 10 } })).await["state"], "normal");
    assert_eq!(site.change(&still, json!({ "trigger": { "threshold": 1 } })).await["state"], "normal");
    let row = site.change(&off, json!({ "isEnabled": false })).await;
    assert_fields(&row, json!({ "state": "normal", "isEnabled": false }));
    // It fires again, within the cooldown of an hour.
    site.becomes(&still, "firing").await;
    site.env.settle().await;
    for alert in [&calmed, &still, &off] {
        assert_eq!(site.history(alert).await.len(), 1, "{alert}");
    }
    assert_eq!(site.mails().len(), 3);
    assert_eq!(site.path_of(&calmed).await, pairs(&[("normal", "firing"), ("firing", "normal")]));
    assert_eq!(site.path_of(&still).await, pairs(&[("normal", "firing"), ("firing", "normal"), ("normal", "firing")]));
    assert_eq!(site.path_of(&off).await, pairs(&[("normal", "firing"), ("firing", "normal")]));
    // A new name and a new message change nothing.
    let renamed = site.change(&still, json!({ "name": "Other", "template": { "subject": "Other" } })).await;
    assert_eq!(renamed["state"], "firing");
    // After it is enabled again, a metric still beyond the threshold fires.
    site.change(&off, json!({ "isEnabled": true, "cooldown": "0m" })).await;
    site.sent(&off, 2).await;
}

#[tokio::test]
async fn the_link_in_a_mail_ends_a_firing_as_switching_off_does() {
    let site = TestEnv::shared().site().await;
    site.visitors_ago(3, 60).await;
    let alert = site.alert(json!({ "trigger": metric("visitors", 2, json!({})), "notifyResolved": true })).await;
    site.sent(&alert, 1).await;
    answer(site.env.gateway.request(Method::POST, &site.mails()[0].link())).await;
    let row = site.now(&alert).await;
    assert_fields(&row, json!({ "state": "normal", "isEnabled": false }));
    site.env.settle().await;
    assert_eq!((site.history(&alert).await.len(), site.mails().len()), (1, 1));
    let transitions = site.transitions(&alert).await;
    assert_eq!(site.path_of(&alert).await, pairs(&[("normal", "firing"), ("firing", "normal")]));
    assert_eq!(transitions[0]["at"], row["stateSince"]);
}

// ---- What takes a minute

/// A goal alert with a cooldown sends the first message at once, and counts the suppressed completions in the next one.
async fn goals_are_held(site: &TestSite) {
    let alert =
        site.alert(json!({ "cooldown": "1m", "template": { "subject": "held", "message": "count {{count}}" } })).await;
    let each =
        site.alert(json!({ "name": "Each", "template": { "subject": "each", "message": "count {{count}}" } })).await;
    let visitors = site.visitors_ago(5, 60).await;
    site.complete(&visitors[0], "signup").await;
    let start = Instant::now();
    site.sent(&alert, 1).await;
    for visitor in &visitors[1..4] {
        site.complete(visitor, "signup").await;
    }
    site.sent(&each, 4).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await.len(), 1);
    sleep(Duration::from_secs(61).saturating_sub(start.elapsed())).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await.len(), 1, "sent with the next, not by themselves");
    site.complete(&visitors[4], "signup").await;
    let rows = site.sent(&alert, 2).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await, rows);
    assert_eq!(column(&rows, "visitorId"), [json!(visitors[4]), json!(visitors[0])]);
    let messages: Vec<_> = site.mails_of("held").iter().map(Mail::message).collect();
    assert_eq!(messages, ["count 1", "count 4"]);
    assert_eq!(site.mails_of("each").len(), 5);
}

/// A firing suppressed by the cooldown is sent when the cooldown ends; a resolution is sent if its firing was sent.
async fn firings_are_held(site: &TestSite) {
    site.visitors_ago(3, 291).await;
    let alert = site
        .alert(json!({ "trigger": metric("visitors", 2, json!({})), "cooldown": "1m", "notifyResolved": true,
            "template": { "subject": "visitors", "message": "{{value}} visitors" } }))
        .await;
    site.sent(&alert, 1).await;
    let start = Instant::now();
    site.sent(&alert, 2).await;
    site.visitors_ago(4, 1).await;
    site.becomes(&alert, "firing").await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await.len(), 2, "held back");
    sleep(Duration::from_secs(55).saturating_sub(start.elapsed())).await;
    assert_eq!(site.history(&alert).await.len(), 2, "still");
    let rows = site.sent(&alert, 3).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await, rows);
    assert_eq!(column(&rows, "event"), [json!("firing"), json!("resolved"), json!("firing")]);
    let path = [("normal", "firing"), ("firing", "resolved"), ("resolved", "firing")];
    assert_eq!(site.path_of(&alert).await, pairs(&path));
    assert_eq!(site.mails().last().unwrap().message(), "4 visitors");
}

/// Neither a firing that ends while it is suppressed nor its resolution is sent.
async fn an_unsent_firing_has_no_resolution(site: &TestSite) {
    let visitor = site.visit().await;
    let alert = site
        .alert(json!({ "trigger": metric("goals", 0, json!({ "goalName": "signup" })), "cooldown": "30d",
            "notifyResolved": true }))
        .await;
    for round in 0..2 {
        site.complete(&visitor, "signup").await;
        site.becomes(&alert, "firing").await;
        site.sent(&alert, [1, 2][round]).await;
        site.delete("/goals?name=signup").await.ok();
        site.becomes(&alert, "resolved").await;
        site.sent(&alert, 2).await;
    }
    site.env.settle().await;
    let rows = site.sent(&alert, 2).await;
    assert_eq!(column(&rows, "event"), [json!("resolved"), json!("firing")]);
    assert_eq!(site.path_of(&alert).await.len(), 4);
    assert_eq!(site.mails().len(), 2);
}

/// With `for`, an alert is pending until its metric has been beyond the threshold for that long.
async fn a_breach_has_to_last(site: &TestSite) {
    let visitor = site.visit().await;
    let alert_on = async |r#for: &str| {
        site.alert(json!({ "name": format!("for {for}"), "trigger": metric("goals", 0, json!({ "for": r#for })) }))
            .await
    };
    let (at_once, lasting, ending) = (alert_on("0m").await, alert_on("1m").await, alert_on("1m").await);
    site.complete(&visitor, "signup").await;
    site.sent(&at_once, 1).await;
    let since = site.becomes(&lasting, "pending").await["stateSince"].clone();
    site.becomes(&ending, "pending").await;
    // A new trigger restarts the alert; earlier goals do not match its filter.
    site.change(&ending, json!({ "trigger": { "goalName": "other" } })).await;
    site.complete(&visitor, "other").await;
    site.becomes(&ending, "pending").await;
    site.delete("/goals?name=other").await.ok();
    site.becomes(&ending, "normal").await;
    site.env.settle().await;
    assert_eq!(site.now(&lasting).await["stateSince"], since);
    let start = text(&since).parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let due =
        Duration::from_millis(u64::try_from(start + 55_000 - jiff::Timestamp::now().as_millisecond()).unwrap_or(0));
    sleep(due).await;
    site.env.cron().await;
    assert_eq!((&site.now(&lasting).await["state"], site.history(&lasting).await.len()), (&json!("pending"), 0));
    let rows = site.sent(&lasting, 1).await;
    let fired = text(&rows[0]["triggeredAt"]).parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert!(fired >= start + 60_000, "{since} {rows:?}");
    assert_eq!(site.path_of(&lasting).await, pairs(&[("normal", "pending"), ("pending", "firing")]));
    assert_eq!(site.path_of(&at_once).await, pairs(&[("normal", "firing")]));
    assert_eq!(site.history(&ending).await.len(), 0);
    assert_eq!(site.path_of(&ending).await.last().unwrap(), &("pending".to_owned(), "normal".to_owned()));
}

/// If a gateway is killed while the provider has the mail, its lease remains. When the lease expires, the mail is
/// sent again with the same idempotency key.
async fn a_kill_in_the_middle_leaves_one_message() {
    let (state, service) = (State::new(), service());
    let own = state.serve(&settings(&service));
    let site = TestEnv::of(&own, &service).site().await;
    let alert = site.alert(json!({})).await;
    let visitor = site.visit().await;
    service.is_silent_about(&site.email);
    site.complete(&visitor, "signup").await;
    site.env
        .eventually(async || if site.mails().is_empty() { Err("a mail on its way".to_owned()) } else { Ok(()) })
        .await;
    own.kill();
    drop(own);
    service.answers_about(&site.email, "200 OK", r#"{"id":"x"}"#);
    let own = state.serve(&settings(&service));
    let site = site.at(TestEnv::of(&own, &service));
    site.env.settle().await;
    sleep(Duration::from_secs(30)).await;
    let rows = site.sent(&alert, 1).await;
    site.env.settle().await;
    assert_eq!(site.history(&alert).await, rows);
    assert_fields(&rows[0], json!({ "status": "sent", "visitorId": visitor }));
    let mails = site.mails();
    assert_eq!(mails.iter().map(Mail::key).collect::<BTreeSet<_>>().len(), 1, "one idempotency key");
    assert!(mails.len() <= 2, "{}", mails.len());
}

#[tokio::test]
async fn a_cooldown_holds_messages_back_and_a_breach_has_to_last() {
    let env = TestEnv::shared();
    let sites = [env.site().await, env.site().await, env.site().await, env.site().await];
    // Starting a gateway blocks its thread.
    let killed = tokio::task::spawn_blocking(|| {
        tokio::runtime::Runtime::new().unwrap().block_on(a_kill_in_the_middle_leaves_one_message());
    });
    tokio::join!(
        goals_are_held(&sites[0]),
        firings_are_held(&sites[1]),
        an_unsent_firing_has_no_resolution(&sites[2]),
        a_breach_has_to_last(&sites[3]),
        async { killed.await.unwrap() },
    );
}

// ---- Preview

#[tokio::test]
async fn a_preview_shows_past_firings_and_saves_nothing() {
    let site = TestEnv::shared().site().await;
    let (day, minute) = (86_400, 60);
    site.visitors_ago(6, 3 * day).await;
    site.visitors_ago(9, 2 * day).await;
    site.visitors_ago(2, day).await;
    site.visitors_ago(7, 8 * day).await;
    site.visitors_ago(8, 2 * minute).await;
    let preview = async |trigger: Value| {
        site.owner.post(&site.path("/alerts/preview"), json!({ "trigger": trigger })).await.ok().row()
    };
    let seen = preview(metric("visitors", 5, json!({}))).await;
    has_exactly(&seen, &["count", "firings", "series"]);
    assert_eq!(seen["count"], 3);
    let firings = seen["firings"].as_array().unwrap();
    assert_eq!(column(firings, "value"), [json!(6), json!(9), json!(8)]);
    let millis = |value: &Value| text(value).parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let now = jiff::Timestamp::now().as_millisecond();
    for (firing, ago) in firings.iter().zip([3 * day, 2 * day, 2 * minute]) {
        has_exactly(firing, &["firedAt", "resolvedAt", "value"]);
        let late = millis(&firing["firedAt"]) - (now - ago * 1_000);
        assert!((-60_000..=120_000).contains(&late), "{firing}: {late}");
        if ago > 300 {
            let lasted = millis(&firing["resolvedAt"]) - millis(&firing["firedAt"]);
            assert!((180_000..=420_000).contains(&lasted), "{firing}");
        } else {
            assert_eq!(firing["resolvedAt"], Value::Null);
        }
    }
    let lasting = preview(metric("visitors", 5, json!({ "for": "10m" }))).await;
    assert_fields(&lasting, json!({ "count": 0, "firings": [] }));
    // Each hour shows the value that is nearest to firing.
    let series = seen["series"].as_array().unwrap();
    let highest = |row: &Value| series.iter().filter(|hour| hour["value"] == row["value"]).count();
    assert_eq!(series.len(), 169);
    assert!(firings.iter().all(|firing| highest(firing) >= 1), "{series:?}");

    let who = &site.visitors_ago(1, 5 * day).await[0];
    let goal = |seconds: i64| {
        site.line(who, &moment(-1_000 * seconds), json!({ "type": "custom", "extraData": { "eventName": "signup" } }))
    };
    site.import(&[goal(8 * day), goal(4 * day), goal(3 * day)]).await;
    let seen = preview(json!({ "goalName": "signup" })).await;
    assert_eq!(seen["count"], 2);
    let completed: f64 = seen["series"].as_array().unwrap().iter().filter_map(|hour| hour["value"].as_f64()).sum();
    assert!((completed - 2.0).abs() < 1e-9);
    for (firing, ago) in seen["firings"].as_array().unwrap().iter().zip([4 * day, 3 * day]) {
        assert_fields(firing, json!({ "resolvedAt": null, "value": null }));
        assert!((millis(&firing["firedAt"]) - (now - ago * 1_000)).abs() < 120_000, "{firing}");
    }
    site.owner.post(&site.path("/alerts/preview"), json!({ "trigger": metric("x", 1, json!({})) })).await.error(400);
    site.env.settle().await;
    assert_eq!(site.owner.get(&site.path("/alerts")).await.ok().rows(), Vec::<Value>::new());
    assert_eq!(site.owner.get(&site.path("/alerts/history")).await.ok().json()["counts"]["total"], 0);
    assert_eq!(site.mails().len(), 0);
}

// ---- Cron under adverse conditions

/// The effects of four completions: the history, the mails, and the messages at an endpoint, without random values.
async fn outcome(env: &TestEnv, during: usize, after: &[usize]) -> [Vec<Value>; 3] {
    let site = env.site().await;
    let endpoint = site.endpoint(json!({ "eventTypes": ["goal.completed", "alert.firing"] })).await;
    let template = json!({ "subject": "{{alert.name}}", "message": "{{alert.name}} {{goal}} {{count}} {{value}}" });
    for fields in [
        json!({ "name": "Each" }),
        json!({ "name": "First", "cooldown": "30d" }),
        json!({ "name": "Endpoint", "destination": endpoint.destination() }),
        json!({ "name": "Metric", "trigger": metric("goals", 3, json!({ "goalName": "signup" })), "notifyResolved": true }),
        json!({ "name": "Other", "trigger": { "goalName": "other" } }),
    ] {
        site.alert(with(fields, json!({ "template": template }))).await;
    }
    let visitors = site.visitors_ago(4, 60).await;
    for visitor in &visitors {
        site.complete(visitor, "signup").await;
        env.crons(during).await;
    }
    // The events have reached D1; only cron remains.
    endpoint.got("goal.completed", 4).await;
    for count in after {
        env.crons(*count).await;
    }
    let history = async || site.owner.get(&site.path("/alerts/history?limit=100")).await.ok().rows();
    patiently(async || {
        let rows = history().await;
        if rows.len() >= 10 { Ok(()) } else { Err(format!("ten messages with {during} and {after:?}: {rows:?}")) }
    })
    .await;
    endpoint.got("alert.firing", 10).await;
    env.settle().await;

    let name = |visitor: &Value| visitors.iter().position(|known| *visitor == json!(known));
    let of_history = |row: Value| {
        json!([
            row["alertName"],
            row["goalName"],
            row["event"],
            row["status"],
            row["error"],
            name(&row["visitorId"]),
            row["destination"]["type"]
        ])
    };
    let of_endpoint = |seen: Received| {
        let data = &seen.body["data"];
        json!([
            data["alertName"],
            data["value"],
            data["threshold"],
            data["reason"],
            data["message"],
            name(&data["visitorId"])
        ])
    };
    let of_mail = |mail: Mail| json!([mail.subject(), mail.message()]);
    let sorted = |mut rows: Vec<Value>| {
        rows.sort_by_key(Value::to_string);
        rows
    };
    [
        sorted(history().await.into_iter().map(of_history).collect()),
        sorted(site.mails().into_iter().map(of_mail).collect()),
        sorted(endpoint.of("alert.firing").into_iter().map(of_endpoint).collect()),
    ]
}

#[tokio::test]
async fn late_doubled_or_overlapping_cron_runs_send_the_same() {
    let (state, service) = (State::new(), service());
    let own = state.serve(&settings(&service));
    let env = TestEnv::of(&own, &service);
    let expected = outcome(&env, 1, &[1]).await;
    let messages: Vec<_> = expected.iter().map(Vec::len).collect();
    assert_eq!(messages, [10, 6, 10], "{expected:?}");
    for (during, after) in [(0, &[1][..]), (8, &[8]), (2, &[1, 1])] {
        assert_eq!(outcome(&env, during, after).await, expected, "{during} {after:?}");
    }
}

#[tokio::test]
async fn completions_that_wait_for_cron_survive_changes_and_kills() {
    let (state, service) = (State::new(), service());
    let own = state.serve(&settings(&service));
    let env = TestEnv::of(&own, &service);
    let site = env.site().await;
    let fence = site.endpoint(json!({ "eventTypes": ["goal.completed"] })).await;
    let endpoint = site.endpoint(json!({ "eventTypes": ["payment.received"] })).await;
    let template = json!({ "subject": "by mail", "message": "{{visitor.id}} {{count}}" });
    let by_mail = site.alert(json!({ "name": "Mail", "template": template })).await;
    let by_endpoint = site.alert(json!({ "name": "Endpoint", "destination": endpoint.destination() })).await;
    let visitors = site.visitors_ago(3, 60).await;

    site.complete(&visitors[0], "signup").await;
    own.kill();
    drop(own);
    let own = state.serve(&settings(&service));
    let site = site.at(TestEnv::of(&own, &service));
    let rows = site.sent(&by_mail, 1).await;
    assert_eq!(rows[0]["visitorId"], visitors[0].as_str());
    site.sent(&by_endpoint, 1).await;
    endpoint.got("alert.firing", 1).await;

    site.complete(&visitors[1], "signup").await;
    fence.got("goal.completed", 2).await;
    own.kill();
    drop(own);
    let own = state.serve(&settings(&service));
    let site = site.at(TestEnv::of(&own, &service));
    site.sent(&by_mail, 2).await;
    site.sent(&by_endpoint, 2).await;
    endpoint.got("alert.firing", 2).await;
    site.env.settle().await;
    assert_eq!((site.mails_of("by mail").len(), endpoint.of("alert.firing").len()), (2, 2));

    // A completed goal waits for cron: changing the alert now must not lose it.
    site.complete(&visitors[2], "signup").await;
    fence.got("goal.completed", 3).await;
    site.change(&by_mail, json!({ "name": "Mail, renamed" })).await;
    site.change(&by_endpoint, json!({ "cooldown": "0m" })).await;
    let counts = async || [site.history(&by_mail).await.len(), site.history(&by_endpoint).await.len()];
    site.env.settle().await;
    site.env.settle().await;
    assert_eq!(counts().await, [3, 3], "a completion was lost");
    assert_eq!(site.mails_of("by mail").len(), 3);
}

#[tokio::test]
async fn a_cron_run_evaluates_only_alerts_with_events() {
    let (state, service) = (State::new(), service());
    let own = state.serve(&settings(&service));
    let env = TestEnv::of(&own, &service);
    let owner = env.gateway.account().await;
    let websites = all((0..300).map(async |at: usize| {
        let website = owner.website().await;
        let trigger =
            if at.is_multiple_of(10) { metric("goals", 0, json!({})) } else { json!({ "goalName": "signup" }) };
        let sent = json!({ "name": format!("Alert {}", website.id), "trigger": trigger,
            "template": { "message": "Somebody signed up." } });
        let alert = owner.post(&website.path("/alerts"), sent).await.ok().row();
        (website, alert)
    }))
    .await;
    let (on_goals, on_numbers): (Vec<_>, Vec<_>) =
        websites.iter().partition(|(_, alert)| alert["trigger"]["type"] == "goal");
    let now = async |websites: &[&(Website, Value)]| {
        all(websites.iter().map(async |(website, _)| owner.get(&website.path("/alerts")).await.ok().row())).await
    };
    // The metric alerts are evaluated for the first time.
    env.eventually(async || {
        let evaluated = now(&on_numbers).await.iter().filter(|row| row["state"] == "nodata").count();
        if evaluated == on_numbers.len() { Ok(()) } else { Err(format!("{evaluated} evaluated")) }
    })
    .await;

    let chosen = [on_goals[0], on_goals[1], on_numbers[0]];
    for (website, _) in &chosen {
        let row = owner.get(&website.path("")).await.ok().row();
        let website = Website { id: website.id.clone(), domain: website.domain.clone(), owner: owner.caller.clone() };
        let tracked = Site { tracking_id: text(&row["trackingId"]), website };
        let visitor = tracked.visit().await;
        tracked.post("/goals", json!({ "datafast_visitor_id": visitor, "name": "signup" })).await.ok();
    }
    sleep(SETTLING).await;
    env.cron().await;
    patiently(async || {
        let rows = now(&chosen).await;
        if rows.iter().all(|row| row["recentLogs"] != json!([])) { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
    let before: BTreeMap<_, _> = websites.iter().map(|(_, alert)| (id_of(alert), &alert["createdAt"])).collect();
    for row in now(&websites.iter().collect::<Vec<_>>()).await {
        let is_chosen = chosen.iter().any(|(_, alert)| alert["id"] == row["id"]);
        assert_eq!(row["recentLogs"].as_array().unwrap().len(), usize::from(is_chosen), "{row}");
        let state = match (row["trigger"]["type"] == "goal", is_chosen) {
            (true, _) => "normal",
            (false, true) => "firing",
            (false, false) => "nodata",
        };
        assert_eq!((&row["state"], &row["updatedAt"]), (&json!(state), before[&id_of(&row)]));
    }
    assert_eq!(service.seen().len(), chosen.len(), "one mail each");
}
