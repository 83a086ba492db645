//! Webhook endpoints: fields, refusals and lists. Deliveries are tested by
//! `tests/deliveries`, with real receivers and third-party libraries.

use std::time::Duration;

use serde_json::{Value, json};

use crate::mail::Service;
use crate::support::{Gateway, NO_SUCH_ID, Website, assert_fields, has_exactly, id_of, is_moment, text};
use crate::traffic::Site;

async fn website() -> Website {
    Gateway::roomy().account().await.website().await
}

impl Website {
    fn hooks(&self, rest: &str) -> String {
        self.path(&format!("/webhooks{rest}"))
    }

    async fn hook(&self, body: Value) -> Value {
        self.owner.post(&self.hooks(""), body).await.ok().row()
    }
}

#[tokio::test]
async fn an_endpoint_has_the_documented_fields_and_defaults() {
    let website = website().await;
    let created = website.hook(json!({ "url": "https://example.com/hooks?a=b" })).await;
    let mut fields: Vec<&str> = created.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let documented = [
        "_id",
        "createdAt",
        "createdBy",
        "description",
        "disabledReason",
        "eventTypes",
        "goalNames",
        "headers",
        "id",
        "isEnabled",
        "rateLimit",
        "secret",
        "updatedAt",
        "url",
        "websiteId",
    ];
    assert_eq!(fields, documented);
    assert_eq!(created["_id"], created["id"]);
    assert!(is_moment(&created["createdAt"]) && created["createdAt"] == created["updatedAt"]);
    for (field, value) in [
        ("url", json!("https://example.com/hooks?a=b")),
        ("description", json!(null)),
        ("eventTypes", json!([])),
        ("goalNames", json!([])),
        ("isEnabled", json!(true)),
        ("disabledReason", json!(null)),
        ("headers", json!({})),
        ("rateLimit", json!(null)),
        ("websiteId", json!(website.id)),
    ] {
        assert_eq!(created[field], value, "{field}");
    }
    assert!(text(&created["secret"]).starts_with("whsec_"));
    let its = format!("/{}", text(&created["id"]));
    let got = website.owner.get(&website.hooks(&its)).await.ok().row();
    assert_eq!(got.get("secret"), None, "create alone shows it");
    assert_eq!(got["url"], created["url"]);
    let listed = website.owner.get(&website.hooks("")).await.ok().rows();
    assert_eq!(listed, [got]);
    let secret = website.owner.get(&website.hooks(&format!("{its}/secret"))).await.ok().row();
    assert_eq!(secret, json!({ "secret": created["secret"] }));
}

#[tokio::test]
async fn an_update_changes_only_the_fields_that_were_sent() {
    let website = website().await;
    let created = website
        .hook(json!({ "url": "https://example.com/a", "description": "Ours", "goalNames": ["SignUp "], "rateLimit": 5,
            "headers": { "X-Team": "growth", "Authorization": "Bearer secret" } }))
        .await;
    assert_eq!(created["goalNames"], json!(["signup"]));
    assert_eq!(created["headers"]["X-Team"], "growth");
    assert!(!created.to_string().contains("Bearer secret"), "{created}");
    let its = website.hooks(&format!("/{}", text(&created["id"])));
    let change = async |body: Value| website.owner.put(&its, body).await.ok().row();
    let off = change(json!({ "isEnabled": false })).await;
    assert_fields(&off, json!({ "isEnabled": false, "disabledReason": "manual" }));
    let on = change(json!({ "isEnabled": true, "rateLimit": null, "description": null })).await;
    assert_eq!(on["disabledReason"], json!(null));
    assert_fields(
        &on,
        json!({ "rateLimit": null, "description": null, "url": created["url"], "goalNames": created["goalNames"], "headers": created["headers"] }),
    );
    let masked = change(json!({ "headers": created["headers"] })).await;
    assert_eq!(masked["headers"], created["headers"], "what was masked may be sent back");
    let typed = change(json!({ "eventTypes": ["alert.firing", "alert.firing"], "url": "https://example.com/b" })).await;
    assert_fields(&typed, json!({ "eventTypes": ["alert.firing"], "url": "https://example.com/b" }));
    website.owner.put(&its, json!({})).await.error(400);
    website.owner.delete(&its).await.ok();
    website.owner.get(&its).await.error(404);
    website.owner.delete(&its).await.error(404);
}

#[tokio::test]
async fn an_invalid_body_names_the_field() {
    let website = website().await;
    let created = website.hook(json!({ "url": "https://example.com/" })).await;
    let its = website.hooks(&format!("/{}", text(&created["id"])));
    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": 5 }), "url"),
        (json!({ "url": "example.com" }), "url"),
        (json!({ "url": "ftp://example.com/" }), "url"),
        (json!({ "url": "http://example.com/" }), "url"),
        (json!({ "url": "https://user:pass@example.com/" }), "url"),
        (json!({ "url": "https://10.0.0.1/" }), "url"),
        (json!({ "url": "https://0x7f.1/" }), "url"),
        (json!({ "url": "https://[::ffff:10.0.0.1]/" }), "url"),
        (json!({ "url": "https://metadata.google.internal/" }), "url"),
        (json!({ "url": "https://example.com/", "eventTypes": ["goal.done"] }), "eventTypes"),
        (json!({ "url": "https://example.com/", "eventTypes": "goal.completed" }), "eventTypes"),
        (json!({ "url": "https://example.com/", "goalNames": ["g".repeat(65)] }), "goalNames"),
        (json!({ "url": "https://example.com/", "rateLimit": 0 }), "rateLimit"),
        (json!({ "url": "https://example.com/", "rateLimit": 101 }), "rateLimit"),
        (json!({ "url": "https://example.com/", "rateLimit": 1.5 }), "rateLimit"),
        (json!({ "url": "https://example.com/", "isEnabled": "yes" }), "isEnabled"),
        (json!({ "url": "https://example.com/", "headers": { "webhook-id": "x" } }), "headers"),
        (json!({ "url": "https://example.com/", "headers": { "Host": "x" } }), "headers"),
        (json!({ "url": "https://example.com/", "headers": { "x y": "x" } }), "headers"),
        (json!({ "url": "https://example.com/", "headers": { "x": "a\r\nb: c" } }), "headers"),
    ] {
        let message = website.owner.post(&website.hooks(""), body.clone()).await.error(400);
        assert!(message.starts_with(field), "{body}: {message}");
        if !body.as_object().unwrap().is_empty() {
            website.owner.put(&its, body).await.error(400);
        }
    }
    for query in ["status=waiting", "type=goal.done", "since=yesterday", "until=5", "limit=0", "limit=x", "offset=-1"] {
        let message = website.owner.get(&format!("{its}/deliveries?{query}")).await.error(400);
        let name = query.split('=').next().unwrap();
        assert!(message.starts_with(name), "{query}: {message}");
    }
    for body in [json!({}), json!({ "since": "yesterday" }), json!({ "since": 5 })] {
        website.owner.post(&format!("{its}/resend"), body).await.error(400);
    }
    website.owner.post(&format!("{its}/test"), json!({ "type": "goal.done" })).await.error(400);
}

#[tokio::test]
async fn missing_endpoints_and_deliveries_are_404() {
    let website = website().await;
    let created = website.hook(json!({ "url": "https://example.com/", "isEnabled": false })).await;
    let its = |rest: &str| website.hooks(&format!("/{}{rest}", text(&created["id"])));
    let none = |rest: &str| website.hooks(&format!("/{NO_SUCH_ID}{rest}"));
    let owner = &website.owner;
    for path in
        [none(""), none("/secret"), none("/stats"), none("/deliveries"), none(&format!("/deliveries/{NO_SUCH_ID}"))]
    {
        owner.get(&path).await.error(404);
    }
    owner.get(&its(&format!("/deliveries/{NO_SUCH_ID}"))).await.error(404);
    owner.post(&its(&format!("/deliveries/{NO_SUCH_ID}/resend")), json!({})).await.error(404);
    for rest in ["/secret/rotate", "/test"] {
        owner.post(&none(rest), json!({})).await.error(404);
    }
    owner.post(&none("/resend"), json!({ "since": "2026-01-01T00:00:00Z" })).await.error(404);
    owner.put(&none(""), json!({ "description": "x" })).await.error(404);
    owner.get(&website.hooks("/x")).await.error(400);
    owner.get(&its("/deliveries/x")).await.error(400);
    // Another website's endpoint.
    let other = Gateway::roomy().account().await.website().await;
    let theirs = other.hook(json!({ "url": "https://example.com/" })).await;
    let theirs = website.hooks(&format!("/{}", text(&theirs["id"])));
    owner.get(&theirs).await.error(404);
    owner.get(&format!("{theirs}/deliveries")).await.error(404);
    owner.get(&format!("{theirs}/stats")).await.error(404);
    owner.post(&format!("{theirs}/test"), json!({})).await.error(404);
    // Counting does not send.
    let since = json!({ "since": "2026-01-01T00:00:00Z", "dryRun": true });
    let counted = owner.post(&its("/resend"), since).await.ok().row();
    assert_eq!(counted, json!({ "count": 0, "dryRun": true }));
    owner.post(&its("/resend"), json!({ "since": "2026-01-01T00:00:00Z" })).await.error(409);
}

#[tokio::test]
async fn the_deliveries_of_all_endpoints_are_one_list() {
    let website = website().await;
    let (owner, all) = (&website.owner, website.path("/deliveries"));
    assert_eq!(owner.get(&all).await.ok().rows().len(), 0);
    let mut hooks = Vec::new();
    for name in ["a", "b", "c"] {
        hooks.push(text(&website.hook(json!({ "url": format!("http://127.0.0.1:9/{name}") })).await["id"]));
    }
    let mut sent = Vec::new();
    for at in 0..7 {
        let event = if at % 2 == 0 { "goal.completed" } else { "alert.firing" };
        let path = website.hooks(&format!("/{}/test", hooks[at % 3]));
        sent.push(text(&owner.post(&path, json!({ "type": event })).await.ok().row()["deliveryId"]));
    }
    sent.reverse();
    let ids = async |query: &str| -> Vec<String> {
        owner.get(&format!("{all}{query}")).await.ok().rows().iter().map(|row| text(&row["id"])).collect()
    };
    assert_eq!(ids("").await, sent);
    // Page by page, and narrowed, it is the same list.
    assert_eq!([ids("?limit=3").await, ids("?limit=3&offset=3").await, ids("?limit=3&offset=6").await].concat(), sent);
    let even: Vec<String> = sent.iter().step_by(2).cloned().collect();
    assert_eq!(ids("?type=goal.completed").await, even);
    assert_eq!(ids("?type=goal.completed&limit=2&offset=1").await, even[1..3]);
    assert_eq!(ids("?status=delivered").await, [""; 0]);
    assert_eq!(ids("?status=pending").await, sent);
    assert_eq!(ids("?until=2026-01-01T00:00:00Z").await, [""; 0]);
    let rows = owner.get(&all).await.ok().rows();
    let at = |row: &Value| hooks.iter().position(|id| row["webhookId"] == *id).unwrap();
    assert_eq!(rows.iter().map(at).collect::<Vec<_>>(), [0, 2, 1, 0, 2, 1, 0]);
    let one = owner.get(&website.hooks(&format!("/{}/deliveries", hooks[0]))).await.ok().rows();
    assert_eq!(
        one,
        rows.iter().filter(|row| at(row) == 0).cloned().collect::<Vec<_>>(),
        "each row is that of its endpoint"
    );
    // What belongs to an endpoint that is gone is gone.
    owner.delete(&website.hooks(&format!("/{}", hooks[0]))).await.ok();
    assert_eq!(ids("").await.len(), 4);
    for query in ["offset=1001", "offset=-1", "limit=0", "status=waiting", "type=goal.done", "since=yesterday"] {
        let message = owner.get(&format!("{all}?{query}")).await.error(400);
        assert!(message.starts_with(query.split('=').next().unwrap()), "{query}: {message}");
    }
    let other = Gateway::roomy().account().await.website().await;
    other.owner.get(&all).await.error(404);
}

#[tokio::test]
async fn a_website_has_at_most_twenty_endpoints() {
    let website = website().await;
    let path = website.hooks("");
    let requests = (0..25).map(|_| website.owner.post(&path, json!({ "url": "https://example.com/" })));
    let answers = crate::support::together(requests).await;
    let created = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!((created, refused), (20, 5));
    assert_eq!(website.owner.get(&website.hooks("")).await.ok().rows().len(), 20);
}

#[tokio::test]
async fn an_endpoint_used_by_an_alert_cannot_be_deleted() {
    let website = website().await;
    let created = website.hook(json!({ "url": "https://example.com/" })).await;
    let its = website.hooks(&format!("/{}", text(&created["id"])));
    let alert = json!({ "name": "Big one", "trigger": { "goalName": "g" }, "template": { "message": "Ten or more." },
        "destination": { "type": "webhook", "endpointId": created["id"] } });
    let alert = website.owner.post(&website.path("/alerts"), alert).await.ok().row();
    let message = website.owner.delete(&its).await.error(409);
    assert!(message.contains("Big one"), "{message}");
    let alert = website.path(&format!("/alerts/{}", text(&alert["id"])));
    website.owner.put(&alert, json!({ "destination": { "type": "email" } })).await.ok();
    website.owner.delete(&its).await.ok();
    let gone = json!({ "destination": { "type": "webhook", "endpointId": created["id"] } });
    let message = website.owner.put(&alert, gone).await.error(400);
    assert!(message.starts_with("destination.endpointId"), "{message}");
}

#[tokio::test]
async fn only_development_accepts_loopback_addresses() {
    let roomy = website().await;
    for url in ["http://127.0.0.1:9/", "http://localhost:3000/", "https://[::1]:9/", "http://127.0.0.1/"] {
        roomy.hook(json!({ "url": url })).await;
    }
    for url in ["http://127.1/", "http://0x7f000001/", "http://127.0.0.2/", "http://LOCALHOST.localdomain/"] {
        roomy.owner.post(&roomy.hooks(""), json!({ "url": url })).await.error(400);
    }
    let strict = Gateway::strict().account().await.website().await;
    for url in ["http://127.0.0.1:9/", "https://localhost/", "https://[::1]/"] {
        strict.owner.post(&strict.hooks(""), json!({ "url": url })).await.error(400);
    }
}

/// The text of a delivery's payload in a response, as it stands there.
fn payload_in(body: &str) -> &str {
    let start = body.find("\"payload\":").unwrap() + "\"payload\":".len();
    let end = body.find(",\"attempts\":").unwrap();
    &body[start..end]
}

#[tokio::test]
async fn the_stats_of_an_endpoint_count_its_attempts_by_the_hour_and_say_since_when_it_fails() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let service = Service::start();
    let created = site.hook(json!({ "url": service.url })).await;
    let its = |rest: &str| site.hooks(&format!("/{}{rest}", id_of(&created)));
    let counts = |row: &Value| ["delivered", "failed", "missed"].map(|name| row[name].as_u64().unwrap());
    let reaches = async |wanted: [u64; 3]| -> Value {
        for _ in 0..100 {
            let stats = owner.get(&its("/stats")).await.ok().row();
            if counts(&stats) == wanted {
                return stats;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{}", owner.get(&its("/stats")).await.ok().row());
    };
    let new = reaches([0, 0, 0]).await;
    has_exactly(
        &new,
        &[
            "webhookId",
            "interval",
            "delivered",
            "failed",
            "missed",
            "p50Ms",
            "p95Ms",
            "failingSince",
            "disablesAt",
            "lastDeliveryAt",
            "series",
        ],
    );
    assert_fields(&new, json!({ "interval": "hour", "p50Ms": null, "failingSince": null, "lastDeliveryAt": null }));
    assert_eq!(new["series"].as_array().unwrap().len(), 24);

    service.answers("200 OK", "", "");
    owner.post(&its("/test"), json!({})).await.ok();
    let well = reaches([1, 0, 0]).await;
    assert!(well["p95Ms"].as_u64().is_some_and(|millis| millis >= 10), "{well}");
    assert_eq!(well["failingSince"], Value::Null);

    // A visitor's goal that is refused begins a streak; a test does not.
    service.answers("503 Service Unavailable", "", "");
    owner.post(&its("/test"), json!({})).await.ok();
    assert_eq!(reaches([1, 1, 0]).await["failingSince"], Value::Null);
    let visitor = site.visit().await;
    let goal = || site.event(&visitor, json!({ "type": "custom", "extraData": { "eventName": "signup" } }));
    site.take(goal()).await;
    let failing = reaches([1, 2, 0]).await;
    let at = |row: &Value, name: &str| text(&row[name]).parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at(&failing, "disablesAt").duration_since(at(&failing, "failingSince")).as_hours(), 120);
    assert!(at(&failing, "lastDeliveryAt") <= jiff::Timestamp::now());

    // What waits is missed with the endpoint off, as is what comes then.
    owner.put(&its(""), json!({ "isEnabled": false })).await.ok();
    site.take(goal()).await;
    let off = reaches([1, 2, 2]).await;
    let sums = off["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(counts)
        .fold([0; 3], |sum, slot| [sum[0] + slot[0], sum[1] + slot[1], sum[2] + slot[2]]);
    assert_eq!(sums, [1, 2, 2]);
    let days = owner.get(&its("/stats?interval=day")).await.ok().row();
    assert_eq!(counts(&days), [1, 2, 2]);
    assert!((1..=2).contains(&days["series"].as_array().unwrap().len()));
    for query in
        ["since=yesterday", "until=5", "interval=week", "since=2026-01-01T00:00:00Z", "since=2999-01-01T00:00:00Z"]
    {
        let message = owner.get(&its(&format!("/stats?{query}"))).await.error(400);
        assert!(message.starts_with(query.split('=').next().unwrap()), "{query}: {message}");
    }
}

#[tokio::test]
async fn a_delivery_answers_its_payload_as_the_bytes_that_were_signed() {
    // docs/contract/README.md#50.
    let owner = Gateway::roomy().account().await;
    let viewer = owner.caller.gateway.account().await;
    let site = Site::new(&owner).await;
    site.admit(&viewer, "viewer").await;
    let service = Service::start();
    service.answers("200 OK", "", "");
    let hook = site.hook(json!({ "url": format!("{}/a-secret-path", service.url) })).await;
    let (id, secret) = (id_of(&hook), text(&hook["secret"]));
    let visitor = site.visit().await;
    // Keys whose order is not the alphabet's.
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup", "z": "1.0", "a": "\u{fc}\u{2028}\"</script>" } });
    site.take(site.event(&visitor, goal)).await;
    let test = owner.post(&site.hooks(&format!("/{id}/test")), json!({ "type": "endpoint.disabled" })).await.ok().row();
    let deliveries = site.hooks(&format!("/{id}/deliveries"));
    let mut received = Vec::new();
    for _ in 0..200 {
        received = service.seen();
        let rows = owner.get(&deliveries).await.ok().rows();
        if received.len() == 2 && rows.iter().all(|row| row["status"] == "delivered") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(received.len(), 2);
    let rows = owner.get(&deliveries).await.ok().rows();
    for row in rows {
        let path = format!("{deliveries}/{}", id_of(&row));
        let (shown, seen) = (owner.get(&path).await.ok().body, viewer.get(&path).await.ok().body);
        let is_test = row["id"] == test["deliveryId"];
        let got = received.iter().find(|got| (got.body["type"] == "endpoint.disabled") == is_test).unwrap();
        let header = |name: &str| got.header(name).unwrap().to_owned();
        let secret = sluice_webhook_rules::signature::Secret::parse(&secret).unwrap();
        let sign = |body: &str| secret.sign(&header("webhook-id"), header("webhook-timestamp").parse().unwrap(), body);
        assert_eq!(sign(payload_in(&shown)), header("webhook-signature"), "{shown}");
        if is_test {
            assert!(!seen.contains("a-secret-path"), "{seen}");
            let full = format!("{}/a-secret-path", service.url);
            assert_eq!(payload_in(&seen), payload_in(&shown).replace(&full, &service.url));
        } else {
            assert_eq!(payload_in(&seen), payload_in(&shown));
        }
    }
}
