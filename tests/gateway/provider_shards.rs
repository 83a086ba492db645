//! Payments of providers on a website that the operator has spread over two objects: all that is told, seen, erased and deleted ends
//! as on a website in one (docs/scale.md).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_providers::provider::Provider;

use crate::hooks::{Connected, Sample, sample};
use crate::support::{Website, text};
use crate::traffic::{Site, moment};

const SETTINGS: [(&str, &str); 2] = [("EXCHANGE_RATES_URL", "none"), ("EVENTS_PER_MINUTE", "1000000")];

/// The visitor whom the samples name.
const NAMED: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";

fn visitor(number: u8) -> String {
    format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{number:02}")
}

/// An order of this number as a sample tells it: of a visitor, or of a customer whom only the address names.
fn order(sample: &Sample, number: u8, of: Option<u8>) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&sample.body).unwrap();
    let (id, text) = (format!("22{number:02}"), |text: &str| format!("{text}-{number}"));
    match of {
        Some(of) => body["meta"]["custom_data"]["datafast_visitor_id"] = json!(visitor(of)),
        None => body["meta"]["custom_data"] = json!({}),
    }
    let data = &mut body["data"];
    data["id"] = json!(id);
    data["attributes"]["identifier"] = json!(text("order"));
    data["attributes"]["customer_id"] = json!(880_000 + i64::from(number));
    data["attributes"]["user_email"] = json!(format!("{}@example.com", text("payer")));
    body.to_string().into_bytes()
}

/// Waits until nothing that was posted is left to work on.
async fn settled(connected: &Connected, count: usize) {
    let path = format!("/websites/{}/integrations/lemonsqueezy/events?limit=100", connected.website);
    for _ in 0..300 {
        let rows = connected.owner.get(&path).await.ok().rows();
        if rows.len() == count && rows.iter().all(|row| row["state"] == "done") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:?}", connected.owner.get(&path).await.rows());
}

/// What the owner sees of payments.
async fn shown(site: &Site) -> Vec<Value> {
    let overview = site.overview().await;
    let mut shown = vec![json!([overview["revenue"], overview["payments"], overview["visitors"]])];
    for line in site.export().await {
        if line["type"] == "payment" {
            let extra = &line["extraData"];
            let fields =
                ["transaction_id", "refund_id", "refund_of", "amount", "currency", "email", "provider", "kind"];
            let mut payment: BTreeMap<&str, &Value> = fields.iter().map(|name| (*name, &extra[*name])).collect();
            payment.insert("visitor", &line["visitorId"]);
            shown.push(json!(payment));
        }
    }
    shown.sort_by_key(Value::to_string);
    for number in 0..6 {
        let path = format!("/visitors/{}", visitor(number));
        let answer = site.get(&path).await;
        let activity = answer.json()["data"]["activity"].as_array().cloned().unwrap_or_default();
        let paid = activity.iter().filter(|one| one["type"] == "payment").count();
        shown.push(json!([answer.status, paid]));
    }
    shown
}

/// What is shown after each step of a story, on a website after this statement of D1.
async fn story(sql: &str) -> (Vec<Vec<Value>>, Vec<Value>) {
    let connected = Connected::new(&SETTINGS, sql).await;
    let owner = connected.owner.clone();
    let row = owner.get(&format!("/websites/{}", connected.website)).await.ok().row();
    let website = Website { id: connected.website.clone(), domain: text(&row["domain"]), owner };
    let site = Site { tracking_id: text(&row["trackingId"]), website };
    connected.own.cron().await;
    for number in 0..6 {
        site.take(site.event(&visitor(number), json!({}))).await;
    }
    let (paid, refunded) = (
        sample(Provider::LemonSqueezy, "01-order-created"),
        sample(Provider::LemonSqueezy, "05-order-refunded-partial"),
    );
    assert!(String::from_utf8_lossy(&paid.body).contains(NAMED));
    let tell = async |sample: &Sample, number: u8, of: Option<u8>| {
        let body = order(sample, number, of);
        assert_eq!(connected.post(sample.provider, &sample.headers, &body).await.status, 200);
    };
    let mut steps = Vec::new();
    // Four orders of visitors, and two of customers.
    for number in 0..4 {
        tell(&paid, number, Some(number)).await;
    }
    for number in [4, 5] {
        tell(&paid, number, None).await;
    }
    settled(&connected, 6).await;
    steps.push(shown(&site).await);
    // A refund, whose order the backend posts too: known.
    tell(&refunded, 1, Some(1)).await;
    settled(&connected, 7).await;
    let again = json!({
        "amount": 58.31, "currency": "USD", "transaction_id": "lemonsqueezy:order:2202", "timestamp": moment(0),
        "datafast_visitor_id": visitor(5)
    });
    assert_eq!(site.post("/payments", again).await.status, 200);
    steps.push(shown(&site).await);
    // Who the customers are: first one of them, then another.
    for of in [2, 3, 5] {
        let said = json!({ "type": "payment", "extraData": { "email": "Payer-4@example.com" } });
        site.take(site.event(&visitor(of), said)).await;
        steps.push(shown(&site).await);
    }
    // A visitor is erased, and told of again; another's payments are deleted, and an order by its name.
    assert_eq!(site.delete(&format!("/visitors/{}", visitor(1))).await.status, 200);
    steps.push(shown(&site).await);
    tell(&refunded, 1, Some(1)).await;
    let known = site.delete(&format!("/payments?datafast_visitor_id={}", visitor(5))).await.ok().row();
    steps.push(vec![known]);
    steps.push(vec![site.delete("/payments?transaction_id=lemonsqueezy:order:2203").await.ok().row()]);
    connected.own.cron().await;
    steps.push(shown(&site).await);
    (steps, connected.state.objects("SELECT count(*) FROM payments"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_of_providers_are_the_same_in_two_objects_as_in_one() {
    let (one, split) = (story("").await, story("UPDATE websites SET shards = 2").await);
    let filled = |(_, counts): &(_, Vec<Value>)| counts.iter().filter(|count| **count != 0).count();
    assert_eq!((filled(&one), filled(&split)), (1, 2), "{:?}, {:?}", one.1, split.1);
    for (number, (found, expected)) in split.0.iter().zip(&one.0).enumerate() {
        assert_eq!(found, expected, "step {number}");
    }
    assert_ne!(one.0[0], one.0[1], "{:?}", one.0[0]);
}
