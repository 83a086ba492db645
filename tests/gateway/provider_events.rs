//! What comes of events (docs/contract/providers.md#3.2 and #3.5): work, list, replay, and what a crash leaves behind.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_providers::provider::Provider;

use crate::hooks::{Connected, Sample, sample};
use crate::support::{Caller, NO_SUCH_ID, answer, assert_fields, fields, text, together};

/// The events before the crash.
const EVENTS: usize = 150;

/// The gateways of these tests ask nobody: without a source, payments are converted by the built-in rates.
const SETTINGS: [(&str, &str); 1] = [("EXCHANGE_RATES_URL", "none")];

fn path(website: &str, provider: Provider) -> String {
    format!("/websites/{website}/integrations/{provider}/events")
}

/// The events of a provider, once none waits any more.
async fn settled(caller: &Caller, website: &str, provider: Provider, count: usize) -> Vec<Value> {
    for _ in 0..300 {
        let rows = caller.get(&format!("{}?limit=100", path(website, provider))).await.ok().rows();
        if rows.len() == count && rows.iter().all(|row| row["state"] != "received") {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{provider}: {:?}", caller.get(&path(website, provider)).await.rows());
}

async fn overview(connected: &Connected) -> Value {
    let path = format!("/api/v1/analytics/overview?websiteId={}", connected.website);
    let request = connected.own.gateway.request(reqwest::Method::GET, &path).bearer_auth(&connected.owner.token);
    answer(request).await.ok().row()
}

/// Samples of which nothing has to be read.
fn told() -> Vec<Sample> {
    [
        (Provider::LemonSqueezy, "01-order-created"),
        (Provider::Polar, "01-order-paid-purchase"),
        (Provider::Shopify, "01-orders-paid"),
        (Provider::WooCommerce, "01-order-created-paid"),
    ]
    .map(|(provider, name)| sample(provider, name))
    .into()
}

#[tokio::test]
async fn what_is_posted_becomes_payments_once_and_is_listed_with_its_outcome() {
    let connected = Connected::new(&SETTINGS, "").await;
    let samples = told();
    for _ in 0..2 {
        for sample in &samples {
            assert_eq!(connected.post_sample(sample).await.status, 200);
        }
    }
    for sample in &samples {
        let rows = settled(&connected.owner, &connected.website, sample.provider, 1).await;
        assert_fields(
            &rows[0],
            json!({ "state": "done", "origin": "webhook", "reason": null, "nextAttemptAt": null, "provider": sample.provider.name() }),
        );
        assert_eq!(rows[0]["outcome"]["added"], 1, "{}", rows[0]);
        assert_eq!(rows[0]["id"], rows[0]["_id"]);
    }
    assert_eq!(overview(&connected).await["payments"], json!(4));
    // An event of a type that nobody uses, and one that cannot be mapped.
    let unknown = json!({ "type": "customer.created", "timestamp": "2026-11-28T10:00:00Z", "data": { "id": "c" } });
    let wrong =
        json!({ "type": "order.paid", "timestamp": "2026-11-28T10:00:00Z", "data": { "id": "o", "status": "paid" } });
    for (number, body) in [unknown, wrong].iter().enumerate() {
        let headers = [("webhook-id".to_owned(), format!("msg-{number}"))];
        assert_eq!(connected.post(Provider::Polar, &headers, body.to_string().as_bytes()).await.status, 200);
    }
    let rows = settled(&connected.owner, &connected.website, Provider::Polar, 3).await;
    let states: Vec<String> = rows.iter().map(|row| text(&row["state"])).collect();
    assert_eq!(states, ["failed", "ignored", "done"], "newest first");
    let of_polar = path(&connected.website, Provider::Polar);
    let list = async |query: &str| connected.owner.get(&format!("{of_polar}{query}")).await;
    let failed = list("?state=failed").await.ok().rows();
    assert_eq!(failed, [rows[0].clone()]);
    assert_eq!(list("?limit=1&offset=1").await.ok().rows(), [rows[1].clone()]);
    for wrong in ["?state=lost", "?limit=x"] {
        list(wrong).await.error(400);
    }
    connected.owner.get(&format!("/websites/{}/integrations/square/events", connected.website)).await.error(400);
    assert_eq!(connected.owner.get(&path(&connected.other, Provider::Polar)).await.ok().rows(), [Value::Null; 0]);
}

#[tokio::test]
async fn an_event_shows_its_body_to_those_who_may_see_it_and_is_replayed_as_long_as_it_can_be() {
    let mut connected = Connected::new(&SETTINGS, "").await;
    let sample = sample(Provider::LemonSqueezy, "01-order-created");
    connected.post_sample(&sample).await;
    let row = settled(&connected.owner, &connected.website, Provider::LemonSqueezy, 1).await.remove(0);
    let event = format!("{}/{}", path(&connected.website, Provider::LemonSqueezy), text(&row["id"]));
    let shown = connected.owner.get(&event).await.ok().row();
    assert_eq!(shown["body"], serde_json::from_slice::<Value>(&sample.body).unwrap());
    assert!(!fields(&row).contains(&"body".to_owned()));
    let reader = connected.owner.mint(json!({ "permissions": ["settings:read"] })).await;
    assert_eq!(reader.get(&path(&connected.website, Provider::LemonSqueezy)).await.ok().rows().len(), 1);
    reader.get(&event).await.error(403);
    reader.post(&format!("{event}/replay"), json!({})).await.error(403);
    for nothing in [
        event.replace("lemonsqueezy", "polar"),
        event.replace(&connected.website, &connected.other),
        format!("{}/{NO_SUCH_ID}", path(&connected.website, Provider::LemonSqueezy)),
    ] {
        connected.owner.get(&nothing).await.error(404);
        connected.owner.post(&format!("{nothing}/replay"), json!({})).await.error(404);
    }
    let again = connected.owner.post(&format!("{event}/replay"), json!({})).await.ok().row();
    assert_fields(&again, json!({ "state": "received", "origin": "replay", "attempts": 0 }));
    let row = settled(&connected.owner, &connected.website, Provider::LemonSqueezy, 1).await.remove(0);
    assert_eq!((&row["state"], &row["outcome"]["added"]), (&json!("done"), &json!(0)), "{row}");
    assert_eq!(overview(&connected).await["payments"], json!(1));
    // What is not kept, and has no subject that could be read, is not replayed.
    connected.own.stop();
    connected.state.query("UPDATE provider_events SET sealed_body = NULL, subject = NULL");
    connected.again();
    assert_eq!(connected.owner.get(&event).await.ok().row()["body"], Value::Null);
    connected.owner.post(&format!("{event}/replay"), json!({})).await.error(409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_crash_becomes_payments_after_it() {
    let mut connected = Connected::new(&SETTINGS, "").await;
    let sample = sample(Provider::LemonSqueezy, "01-order-created");
    let body =
        |number: usize| String::from_utf8(sample.body.clone()).unwrap().replace("2201", &format!("9{number:05}"));
    let bodies: Vec<String> = (0..EVENTS).map(body).collect();
    let answers =
        together(bodies.iter().map(|body| connected.post(sample.provider, &sample.headers, body.as_bytes()))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    connected.own.kill();
    tokio::time::sleep(Duration::from_millis(200)).await;
    // What a worker was about keeps its lease for a minute.
    connected.own.stop();
    connected.state.query("UPDATE provider_events SET due_at = 0 WHERE due_at IS NOT NULL");
    connected.again();
    for _ in 0..60 {
        connected.own.cron().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if overview(&connected).await["payments"] == json!(EVENTS) {
            break;
        }
    }
    let states = connected.rows("SELECT state, count(*) AS events FROM provider_events GROUP BY state");
    assert_eq!(states, [json!({ "state": "done", "events": EVENTS })]);
    assert_eq!(overview(&connected).await["payments"], json!(EVENTS));
}
