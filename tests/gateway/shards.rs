//! A website that the operator has spread over two objects, beside one with the same traffic in one: both answer alike
//! (docs/scale.md).

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{answer, text};
use crate::traffic::{Site, api, imported, ndjson, post};

const SETTINGS: [(&str, &str); 2] = [("RATE_LIMIT_PER_MINUTE", "100000"), ("EVENTS_PER_MINUTE", "1000000")];

fn visitor(number: u8) -> String {
    format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{number:02}")
}

/// Answers of a website, without what no two websites share.
async fn shown(site: &Site, path: &str) -> Value {
    let answer = site.get(path).await.ok();
    serde_json::from_str(&answer.body.replace(&site.domain, "example.com")).unwrap()
}

/// What is exported, line by line.
async fn exported(site: &Site) -> Vec<Value> {
    let lines = site.export().await;
    lines
        .iter()
        .map(|line| serde_json::from_str(&line.to_string().replace(&site.domain, "example.com")).unwrap())
        .collect()
}

/// Lines of twelve visitors: pageviews of two days, goals, a hint, and payments of which two name nobody.
fn lines(site: &Site) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut add = |number: u8, minute: u32, fields: Value| {
        let timestamp = format!("2026-05-{:02}T{:02}:{:02}:00.000Z", 10 + number % 2, 10 + minute / 60, minute % 60);
        let mut line = site.line(&visitor(number), &timestamp, fields);
        line["id"] = json!(format!("line-{}", lines.len()));
        lines.push(line);
    };
    for number in 0..12 {
        let country = ["FR", "DE", "US"][usize::from(number % 3)];
        let page = |path: &str| json!({ "href": format!("https://{}{path}", site.domain), "country": country });
        add(number, u32::from(number), page("/"));
        add(number, u32::from(number) + 20, page(&format!("/page-{}?utm_source=ads", number % 4)));
        if number % 2 == 0 {
            let goal = json!({ "eventName": format!("goal_{}", number % 4), "plan": "pro" });
            add(number, u32::from(number) + 40, json!({ "type": "custom", "extraData": goal }));
        }
    }
    add(3, 50, json!({ "type": "payment", "extraData": { "stripe_session_id": "tx-3" } }));
    for (number, names) in [(1, true), (2, true), (3, false), (4, false)] {
        let mut extra = json!({ "amount": 10 + number, "currency": "USD", "transaction_id": format!("tx-{number}") });
        if names {
            extra["datafast_visitor_id"] = json!(visitor(number));
        }
        let time = format!("2026-05-11T12:0{number}:00.000Z");
        lines.push(json!({ "id": format!("paid-{number}"), "timestamp": time, "type": "payment", "extraData": extra }));
    }
    lines
}

const REPORTS: [&str; 29] = [
    "/analytics/overview",
    "/analytics/overview?startAt=2026-05-10&endAt=2026-05-10&filter_country=FR",
    "/analytics/timeseries?startAt=2026-05-10&endAt=2026-05-11&interval=hour",
    "/analytics/timeseries?startAt=2026-05-10&endAt=2026-05-11&interval=day&filter_page=/page-1",
    "/analytics/pages",
    "/analytics/pages?limit=2&offset=1",
    "/analytics/pages?startAt=2026-05-10&endAt=2026-05-10&limit=3",
    "/analytics/countries",
    "/analytics/entry-pages",
    "/analytics/exit-pages",
    "/analytics/channels",
    "/analytics/referrers",
    "/analytics/hostnames",
    "/analytics/campaigns",
    "/analytics/goals",
    "/analytics/goals?limit=1&offset=1",
    "/analytics/goals/properties?eventName=goal_0",
    "/analytics/goals/properties?eventName=goal_0&propertyName=plan",
    "/analytics/exit-clicks",
    "/analytics/realtime",
    "/visitors",
    "/visitors?limit=3&offset=4",
    "/visitors?filter_country=DE",
    "/visitors?sort=revenue&fields=revenue,isCustomer,visitCount,firstSeenAt,displayName",
    "/visitors?sort=revenue&limit=2&offset=1",
    "/analytics/pages?q=PAGE-1&sort=revenue&fields=path,revenue,conversion_rate",
    "/analytics/goals?q=GOAL_1",
    "/analytics/devices",
    "/analytics/overview?startAt=2026-05-11&endAt=2026-05-11&filter_goal=payment",
];

async fn paid(site: &Site, payment: Value) {
    let answer = site.post("/payments", payment).await;
    assert_eq!(answer.status, 200, "{answer}");
}

async fn assert_alike(one: &Site, split: &Site, when: &str) {
    for path in REPORTS {
        assert_eq!(shown(split, path).await, shown(one, path).await, "{path} {when}");
    }
    for number in 0..12 {
        let path = format!("/visitors/{}", visitor(number));
        let (found, expected) = (split.get(&path).await, one.get(&path).await);
        assert_eq!(found.status, expected.status, "{path} {when}");
    }
    assert_eq!(exported(split).await, exported(one).await, "{when}");
}

/// What backends and providers tell of visitors in both shards.
async fn of_backends(site: &Site) {
    for number in 0..6 {
        let body = json!({ "datafast_visitor_id": visitor(number), "name": "signup" });
        site.post("/goals", body).await.ok();
    }
    let payment = |number: u8, extra: Value| {
        let mut body = json!({ "amount": 5, "currency": "USD", "transaction_id": format!("live-{number}"), "timestamp": "2026-05-11T13:00:00Z" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    paid(site, payment(0, json!({ "datafast_visitor_id": visitor(0) }))).await;
    for number in 0..12 {
        // A transaction is stored once, whoever is named.
        paid(site, payment(0, json!({ "datafast_visitor_id": visitor(number) }))).await;
    }
    // Whose it is, a later hint says: first one visitor's, then another's.
    paid(site, payment(1, json!({ "email": "ada@example.com" }))).await;
    for number in [5, 6, 7, 8] {
        let hint = json!({ "type": "payment", "extraData": { "email": "Ada@example.com" } });
        site.take(site.event(&visitor(number), hint)).await;
        let paid = site.visitor(&visitor(number)).await;
        assert!(paid.to_string().contains("\"payment\""), "{number}: {paid}");
    }
}

/// Each endpoint has each message once.
async fn assert_told_alike(one: &Site, split: &Site, endpoints: &BTreeMap<String, String>) {
    let told = async |site: &Site| {
        let path = site.path(&format!("/webhooks/{}/deliveries?limit=100", endpoints[&site.id]));
        let rows = site.owner.get(&path).await.ok().rows();
        let mut types: Vec<String> = rows.iter().map(|row| text(&row["type"])).collect();
        types.sort();
        types
    };
    let expected = told(one).await;
    assert_eq!(expected.len(), 8, "{expected:?}");
    for attempt in 0.. {
        let found = told(split).await;
        if found == expected {
            break;
        }
        assert!(attempt < 50 && found.len() < expected.len(), "{found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_website_in_two_objects_answers_as_one_with_the_same_traffic() {
    let state = State::new();
    let (one, split, late) = {
        let own = state.serve(&SETTINGS);
        let account = own.gateway.account().await;
        let sites = (Site::new(&account).await, Site::new(&account).await, Site::new(&account).await);
        sites.2.visit().await;
        own.kill();
        sites
    };
    state.query(&format!("UPDATE websites SET shards = 2 WHERE id IN ('{}', '{}')", split.id, late.id));
    let own = state.serve(&SETTINGS);
    own.cron().await;
    let (one, split, late) = (one.on(&own.gateway), split.on(&own.gateway), late.on(&own.gateway));
    assert_eq!(late.visitors().await, 1, "a website with events stays in one object");

    // Endpoints are told of what happens in any shard, once.
    let mut endpoints = BTreeMap::new();
    for site in [&one, &split] {
        let body = json!({ "url": "https://example.com/hooks", "eventTypes": ["goal.completed", "payment.received"] });
        let row = site.owner.post(&site.path("/webhooks"), body).await.ok().row();
        endpoints.insert(site.id.clone(), text(&row["id"]));
    }

    // History, in two parts and once more.
    for site in [&one, &split] {
        let lines = lines(site);
        let (first, second) = lines.split_at(20);
        site.import(first).await;
        site.import(second).await;
        let again = site.import_body(ndjson(&lines)).await.ok().row();
        assert_eq!(again, imported(0, lines.len()));
        // An id is known with whoever had it.
        let mut other = lines[0].clone();
        for number in 0..12 {
            other["visitorId"] = json!(visitor(number));
            let row = site.import_body(ndjson(&[other.clone()])).await.ok().row();
            assert_eq!(row, imported(0, 1), "{number}");
        }
    }
    let counts = state.objects("SELECT count(*) FROM events");
    let filled = counts.iter().filter(|count| count.as_i64().unwrap() > 5).count();
    assert_eq!(filled, 3, "one of one website, and two of the other: {counts:?}");
    assert_alike(&one, &split, "after the import").await;

    for site in [&one, &split] {
        of_backends(site).await;
    }
    assert_eq!(split.goals().await, one.goals().await);
    assert_eq!(split.overview().await["revenue"], one.overview().await["revenue"]);

    // A page seen without cookies, twice by the same visitor: one hop to the visitor's shard, once the salt is known.
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut event = split.event(&visitor(1), json!({ "cookieless": true }));
        event["visitorId"] = json!(null);
        let taken = split.take(event).await;
        ids.push(text(&taken.json()["visitorId"]));
        assert!(ids.len() == 1 || taken.hops().site == 1, "{taken}");
    }
    assert_eq!(ids[0], ids[1]);
    let taken = split.take(split.event(&visitor(2), json!({}))).await;
    assert_eq!(taken.hops().site, 1, "a pageview goes to its shard at once");

    assert_told_alike(&one, &split, &endpoints).await;

    // Deletions reach every shard.
    for site in [&one, &split] {
        let deleted = site.delete("/goals?name=goal_0").await.ok().row();
        assert_eq!(deleted["deleted"], 3, "{deleted}");
        assert_eq!(site.delete("/payments?transaction_id=tx-4").await.status, 200);
        let erase = api(&site.owner, Method::DELETE, &site.named(&format!("/visitors/{}", visitor(7))));
        answer(erase).await.ok();
    }
    assert_eq!(split.goals().await, one.goals().await);
    assert_eq!(split.overview().await["revenue"], one.overview().await["revenue"]);

    // All of it is there after a restart, which forgets what isolates knew.
    let before = split.goals().await;
    own.kill();
    let own = state.serve(&SETTINGS);
    let split = split.on(&own.gateway);
    assert_eq!(split.goals().await, before);
    let hint = json!({ "datafast_visitor_id": visitor(9), "name": "after" });
    post(&split.owner, &split.named("/goals"), hint).await.ok();
    assert_eq!(split.goals().await.iter().filter(|goal| goal.0 == "after").count(), 1);
}
