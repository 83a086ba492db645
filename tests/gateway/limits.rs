//! What one account, visitor or website can cost all others (docs/contract/README.md#47, docs/limits.md).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::mail::Service;
use crate::own_gateway::{OwnGateway, State};
use crate::support::{Account, answer, assert_fields, id_of, text, unique};
use crate::traffic::{Site, dropped, moment, ndjson, taken, visitor};

/// How long to wait for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(200);

async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = tokio::time::Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "{what}");
        sleep(PAUSE).await;
    }
}

fn serve(state: &State, more: &[(&str, &str)]) -> OwnGateway {
    let settings =
        [("ENVIRONMENT", "development"), ("RATE_LIMIT_PER_MINUTE", "100000"), ("EVENTS_PER_MINUTE", "100000")];
    state.serve(&[&settings, more].concat())
}

// ---- Caps

#[tokio::test]
async fn what_is_over_a_cap_is_403_naming_it() {
    let state = State::new();
    let own = serve(&state, &[("MAX_WEBSITES", "2"), ("MAX_FUNNELS", "2"), ("MAX_GOAL_CUSTOMIZATIONS", "2")]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    owner.website().await;
    let another = json!({ "domain": format!("t-{}.example.com", unique()), "timezone": "UTC", "name": "Test" });
    let refused = owner.post("/websites", another).await.error(403);
    assert!(refused.contains("MAX_WEBSITES"), "{refused}");
    assert_eq!(owner.get("/websites").await.ok().rows().len(), 2);
    // Another account has room of its own.
    own.gateway.account().await.website().await;

    let funnel = |name: &str| {
        let steps = [
            json!({ "name": "a", "type": "pageview", "url": "/" }),
            json!({ "name": "b", "type": "goal", "goalName": "b" }),
        ];
        json!({ "name": name, "steps": steps })
    };
    for name in ["one", "two"] {
        owner.post(&website.path("/funnels"), funnel(name)).await.ok();
    }
    let refused = owner.post(&website.path("/funnels"), funnel("three")).await.error(403);
    assert!(refused.contains("MAX_FUNNELS"), "{refused}");

    let customize = async |goal: &str| {
        let body = json!({ "goalName": goal, "color": "#ef4444" });
        answer(owner.request(Method::PATCH, &website.path("/goals/customizations")).json(&body)).await
    };
    for goal in ["one", "two", "two"] {
        customize(goal).await.ok();
    }
    let refused = customize("three").await.error(403);
    assert!(refused.contains("MAX_GOAL_CUSTOMIZATIONS"), "{refused}");
    customize("one").await.ok();
    let gone = answer(owner.request(Method::DELETE, &website.path("/goals/customizations?goalName=one"))).await;
    assert_eq!(gone.status, 200, "{gone}");
    customize("three").await.ok();
}

/// A website with an endpoint at a closed port: its deliveries go on waiting.
async fn with_endpoint(owner: &Account) -> (Site, String) {
    let site = Site::new(owner).await;
    let row = owner.post(&site.path("/webhooks"), json!({ "url": "http://127.0.0.1:9/" })).await.ok().row();
    let deliveries = site.path(&format!("/webhooks/{}/deliveries", id_of(&row)));
    (site, deliveries)
}

#[tokio::test]
async fn deliveries_beyond_those_that_may_wait_are_missed_with_the_reason() {
    let state = State::new();
    let own = serve(&state, &[("MAX_WAITING_DELIVERIES", "2")]);
    let owner = own.gateway.account().await;
    let (site, deliveries) = with_endpoint(&owner).await;
    let visitor = site.visit().await;
    for number in 0..5 {
        site.take(site.goal(&visitor, &format!("goal-{number}"))).await;
    }
    let with_status = async |status: &str| owner.get(&format!("{deliveries}?status={status}")).await.ok().rows();
    eventually("three are missed", async || with_status("missed").await.len() == 3).await;
    assert_eq!(with_status("pending").await.len(), 2);
    for row in with_status("missed").await {
        assert!(text(&row["reason"]).contains("MAX_WAITING_DELIVERIES"), "{row}");
    }
}

// ---- The outbox

#[tokio::test]
async fn a_completion_that_d1_always_refuses_does_not_hold_up_the_ones_behind_it() {
    let state = State::new();
    let own = serve(&state, &[]);
    let (site, deliveries) = with_endpoint(&own.gateway.account().await).await;
    let goals = ["before", "poison", "behind", "last", "later"];
    for goal in goals {
        let alert = json!({ "name": goal, "trigger": { "goalName": goal }, "template": { "message": "{{goal}} was completed" } });
        site.owner.post(&site.path("/alerts"), alert).await.ok();
    }
    let visitor = site.visit().await;
    drop(own);
    state.query(
        "CREATE TRIGGER refuses BEFORE INSERT ON alert_completions WHEN NEW.event LIKE '%poison%' \
         BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
    let own = serve(&state, &[]);
    let site = site.on(&own.gateway);
    let told = async || {
        own.cron().await;
        let rows = site.owner.get(&site.path("/alerts/history?limit=100")).await.ok().rows();
        let mut goals: Vec<String> = rows.iter().map(|row| text(&row["goalName"])).collect();
        goals.sort_unstable();
        goals
    };
    for goal in &goals[..4] {
        site.take(site.goal(&visitor, goal)).await;
    }
    eventually("three alerts are told", async || told().await == ["before", "behind", "last"]).await;
    site.take(site.goal(&visitor, "later")).await;
    eventually("a later one is, too", async || told().await == ["before", "behind", "last", "later"]).await;
    let rows = site.owner.get(&deliveries).await.ok().rows();
    let goals = rows.iter().filter(|row| row["type"] == "goal.completed");
    assert_eq!(goals.count(), 5, "endpoints are told of all: {rows:?}");
    let aside = state.objects("SELECT happening FROM news_failed");
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(text(&aside[0]).contains("poison"));
    assert!(state.objects("SELECT seq FROM news").is_empty());
    let log = std::fs::read_to_string(state.path().join("log")).unwrap();
    assert!(log.contains("was put aside") && !log.contains(&visitor), "{log}");
}

// ---- The time zone

/// The 40 days of [`evenings`].
const DAYS: i64 = 40;
const A_DAY: i64 = 150;

/// One pageview each of many visitors, all of them at the end of a day in UTC: in Tokyo it is the next day.
fn evenings(site: &Site) -> Vec<Value> {
    let start: jiff::Timestamp = "2026-01-01T20:00:00Z".parse().unwrap();
    let line = |number: i64| {
        let time = start + jiff::SignedDuration::from_mins(number / A_DAY * 24 * 60 + number % A_DAY);
        site.line(&visitor(), &time.to_string(), json!({}))
    };
    (0..DAYS * A_DAY).map(line).collect()
}

#[tokio::test]
async fn no_report_waits_for_a_change_of_the_time_zone_and_each_is_exact() {
    let state = State::new();
    let own = serve(&state, &[]);
    let owner = own.gateway.account().await;
    let site = Site::new(&owner).await;
    site.import(&evenings(&site)).await;
    let counted = async |start: &str, end: &str| {
        let path = format!("/analytics/overview?startAt={start}&endAt={end}");
        site.get(&path).await.ok().row()["visitors"].as_i64().unwrap()
    };
    assert_eq!(counted("2026-01-01", "2026-01-01").await, A_DAY);
    owner.put(&site.path(""), json!({ "timezone": "Asia/Tokyo" })).await.ok();
    let mut rounds = 0;
    eventually("the rollups are those of the new zone", async || {
        rounds += 1;
        assert_eq!(counted("2026-01-01", "2026-01-01").await, 0, "round {rounds}");
        assert_eq!(counted("2026-01-02", "2026-01-03").await, 2 * A_DAY, "round {rounds}");
        assert_eq!(counted("2026-01-01", "2026-02-09").await, (DAYS - 1) * A_DAY, "round {rounds}");
        let series = site.rows("/timeseries?startAt=2026-01-01&endAt=2026-01-04&interval=day&fields=visitors").await;
        let visitors: Vec<_> = series.iter().map(|row| row["visitors"].as_i64().unwrap()).collect();
        assert_eq!(visitors, [0, A_DAY, A_DAY, A_DAY], "round {rounds}");
        // Events come in meanwhile.
        site.visit().await;
        let meta = state.objects("SELECT value FROM meta WHERE key IN ('zone', 'zone_change')");
        meta == [json!("Asia/Tokyo")]
    })
    .await;
    assert_eq!(site.visitors().await, DAYS * A_DAY + rounds);
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap()).date();
    assert_eq!(counted("2026-01-01", &today.to_string()).await, DAYS * A_DAY + rounds);
}

// ---- Near the end of a store

#[tokio::test]
async fn a_full_website_drops_pageviews_and_takes_goals_and_payments_and_its_owner_is_mailed_once() {
    let (state, service) = (State::new(), Service::start());
    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    let own = serve(
        &state,
        &[
            ("MAX_OBJECT_MB", "1"),
            ("EMAIL_FROM", "alerts@acme.example"),
            ("EMAIL_PROVIDER", "resend"),
            ("EMAIL_API_BASE", &service.url),
            ("EMAIL_API_KEY", "re_key"),
        ],
    );
    let owner = own.gateway.account().await;
    let site = Site::new(&owner).await;
    let health = async || answer(own.gateway.request(Method::GET, "/healthz")).await.json();
    assert_eq!(health().await, json!({ "status": "ok" }));
    let visitor = visitor();
    let page = |number: usize| {
        let href = format!("https://{}/{}{number}", site.domain, "x".repeat(1_900));
        site.event(&visitor, json!({ "href": href }))
    };
    let mut stored = 0;
    let refused = loop {
        let sent = site.send(&page(stored)).await;
        if sent.headers.contains_key("x-sluice-dropped") {
            break sent;
        }
        stored += 1;
        assert!(stored < 1_000, "{:?}", state.objects("SELECT count(*) FROM events"));
    };
    assert!(stored > 20, "{stored}");
    assert_eq!(dropped(&refused), "full");

    taken(site.send(&site.goal(&visitor, "signup")).await);
    assert_eq!(site.goals().await, [("signup".to_owned(), 1, 1)]);
    let goal = site.post("/goals", json!({ "datafast_visitor_id": visitor, "name": "paid" })).await;
    assert_eq!(goal.status, 200, "{goal}");
    let payment = json!({ "amount": 49, "currency": "USD", "transaction_id": "t-1", "datafast_visitor_id": visitor });
    let payment = site.post("/payments", payment).await;
    assert_eq!(payment.status, 200, "{payment}");
    assert_fields(&site.overview().await, json!({ "revenue": 49, "payments": 1 }));
    // An import says so, line by line.
    let goal = json!({ "type": "custom", "extraData": { "eventName": "imported" } });
    let lines = [site.line(&visitor, &moment(-60_000), json!({})), site.line(&visitor, &moment(-50_000), goal)];
    let result = site.import_body(ndjson(&lines)).await.ok().row();
    assert_fields(&result, json!({ "accepted": 1, "duplicates": 0, "rejected": 1, "errors.0.line": 1 }));
    assert!(text(&result["errors"][0]["message"]).contains("full"), "{result}");
    // Revocations are stored elsewhere, and go in.
    let token = owner.post("/access-tokens", json!({})).await.ok().row();
    owner.delete(&format!("/access-tokens/{}", text(&token["id"]))).await.ok();

    eventually("the operator sees it", async || health().await["websites"] == json!({ "nearlyFull": 0, "full": 1 }))
        .await;
    for number in 0..40 {
        assert_eq!(dropped(&site.send(&page(10_000 + number)).await), "full");
    }
    let mails = service.take();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].body["subject"], format!("{} is running out of room", site.domain));
    assert!(mails[0].body.to_string().contains(&owner.email));
    let log = std::fs::read_to_string(state.path().join("log")).unwrap();
    assert!(log.contains("MAX_OBJECT_MB"), "{log}");
}

#[tokio::test]
async fn a_database_that_is_nearly_full_shows_in_the_health_check() {
    let state = State::new();
    let own = serve(&state, &[("MAX_DATABASE_MB", "1"), ("MAX_FUNNELS", "1000")]);
    let health = async || answer(own.gateway.request(Method::GET, "/healthz")).await.json();
    assert_eq!(health().await, json!({ "status": "ok" }));
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let url = format!("/{}", "x".repeat(1_900));
    for number in 0..100 {
        let step = |at: usize| json!({ "name": format!("step {at}"), "type": "pageview", "url": url });
        let funnel = json!({ "name": format!("funnel {number}"), "steps": (0..8).map(step).collect::<Vec<_>>() });
        owner.post(&website.path("/funnels"), funnel).await.ok();
        // Eight of them are 125 kB, less than what lies between nearly full and full.
        if number % 8 == 7 {
            sleep(Duration::from_secs(5)).await;
            if !health().await["database"].is_null() {
                break;
            }
        }
    }
    assert_eq!(health().await, json!({ "status": "ok", "database": "nearlyFull" }));
}

// ---- Events during reports

const PAGES: usize = 8_000;

/// A page each of many visitors.
fn many_pages(site: &Site) -> Vec<Value> {
    let line = |number: usize| {
        let href = format!("https://{}/articles/of/{number}", site.domain);
        site.line(&visitor(), "2026-03-01T12:00:00Z", json!({ "href": href }))
    };
    (0..PAGES).map(line).collect()
}

/// The most filters and values that a report may have. Each filter matches other pages than the rest, and nearly all.
fn heaviest() -> String {
    let filter = |number: usize| {
        let (without, twice) = (number % 10, if number < 10 { String::new() } else { (number % 10 * 11).to_string() });
        let digits = (0..10).filter(|digit| *digit != without).map(|digit| digit.to_string());
        let others = (0..).map(|other| format!("none-{number}-{other}"));
        let values: Vec<_> =
            digits.chain(Some(twice).filter(|twice| !twice.is_empty())).chain(others).take(50).collect();
        format!("filter_page=contains:{}", values.join(","))
    };
    (0..20).map(filter).collect::<Vec<_>>().join("&")
}

/// Whether all filters of [`heaviest`] match a page: its number has two different digits.
fn is_matched(number: usize) -> bool {
    let digits = number.to_string();
    digits.bytes().any(|digit| Some(digit) != digits.bytes().next())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_waits_less_than_100_ms_for_the_heaviest_reports() {
    let state = State::new();
    let own = serve(&state, &[]);
    let owner = own.gateway.account().await;
    let site = Site::new(&owner).await;
    site.import(&many_pages(&site)).await;
    let query = heaviest();
    let timed = async || {
        let start = tokio::time::Instant::now();
        site.visit().await;
        start.elapsed()
    };
    // Several reports at once, and an event in the middle of them. Single measurements say little on a busy machine, and
    // all of an attempt may be disturbed, so a few attempts count.
    let mut waits = Vec::new();
    for _ in 0..4 {
        let (mut usual, mut during) = (Vec::new(), Vec::new());
        for round in 0..9 {
            usual.push(timed().await);
            let report = async |name: &str| {
                let path = format!("/analytics/{name}?{query}");
                site.get(&path).await.ok()
            };
            let event = async {
                sleep(Duration::from_millis(20 + 15 * round)).await;
                timed().await
            };
            let (overview, ..) = tokio::join!(report("overview"), report("overview"), report("pages"), async {
                during.push(event.await);
            });
            let matched = (0..PAGES).filter(|number| is_matched(*number)).count();
            assert_fields(&overview.row(), json!({ "sessions": matched }));
        }
        let (usual, during) = (median(usual), median(during));
        if during < usual + Duration::from_millis(100) {
            return;
        }
        waits.push((usual, during));
        sleep(Duration::from_secs(10)).await;
    }
    panic!("an event usually takes, and takes during reports: {waits:?}");
}
