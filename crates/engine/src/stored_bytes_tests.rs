//! What a stranger sends takes no more than four times its bytes, and a little for each event: long texts, each another, of every
//! kind and through every door.

use serde_json::{Value as Json, json};
use sluice_values::{Timestamp, VisitorId};

use crate::Site;
use crate::memory::Memory;
use crate::protocol::{Call, Request};
use crate::sql::Sql;

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
const EVENTS: u16 = 200;
const MOST_TIMES: i64 = 4;
const MOST_BESIDE: i64 = 800;

fn ask(site: &Site<Memory>, call: Json) -> Json {
    let call: Call = serde_json::from_value(call).unwrap();
    serde_json::from_str(&site.answer(&Request { now: NOW, currency: None, call }).unwrap()).unwrap()
}

/// A text of this length, in both cases, that no other event has.
fn text(number: u16, what: &str, length: usize) -> String {
    let start = format!("{what}{number}Ab");
    let mut text = start.repeat(length / start.len() + 1);
    text.truncate(length);
    text
}

/// An event without a text of its own.
fn plain(number: u16) -> Json {
    let mut visitor = [7; 16];
    visitor[..2].copy_from_slice(&number.to_be_bytes());
    json!({
        "id": format!("{number:024x}"), "time": Timestamp::from_millis(NOW + i64::from(number)).to_string(),
        "sender": { "Visitor": VisitorId::of_random(visitor) }, "session": format!("s{number:024x}"), "action": "Pageview",
        "page": { "path": "/", "hostname": "example.com" }, "href": null, "referrer": null, "source": null,
        "campaign": ["", "", "", "", "", "", "", ""], "context": { "country": "FR" },
    })
}

fn payment(number: u16, texts: &Json) -> Json {
    let mut payment = json!({
        "id": format!("{number:024x}"), "event_id": null, "transaction_id": format!("t{number}"), "kind": "New", "visitor": null,
        "time": Timestamp::from_millis(NOW).to_string(), "amount": 100, "currency": "USD", "value": 100, "email": null, "name": null,
        "customer_id": null,
    });
    payment.as_object_mut().unwrap().extend(texts.as_object().unwrap().clone());
    json!({ "Pay": { "payment": payment } })
}

/// A kind of texts: what is sent of them, and the call with a number's texts.
type Kind = (&'static str, usize, fn(u16) -> Json);

/// An event with these fields, as a browser or a backend sends it.
fn event(number: u16, fields: Json) -> Json {
    let Json::Object(fields) = fields else { panic!("fields") };
    let mut event = plain(number);
    event.as_object_mut().unwrap().extend(fields);
    json!({ "Append": { "event": event, "may_drop": true } })
}

fn kinds() -> Vec<Kind> {
    vec![
        ("path", 2_048, |number| {
            let path = format!("/{}", text(number, "path", 2_047));
            event(number, json!({ "page": { "path": path, "hostname": "example.com" } }))
        }),
        ("query", 4_000, |number| {
            event(number, json!({ "href": format!("https://example.com/?q={}", text(number, "q", 4_000)) }))
        }),
        ("path and query", 4_000, |number| {
            let path = format!("/{}", text(number, "path", 2_000));
            let href = format!("https://example.com{path}?{}", text(number, "q", 2_000));
            event(number, json!({ "page": { "path": path, "hostname": "example.com" }, "href": href }))
        }),
        ("referrer", 4_096, |number| {
            let (referrer, host) =
                (text(number, "r", 4_096), format!("{}.example", text(number, "host", 60).to_lowercase()));
            event(number, json!({ "referrer": referrer, "source": { "name": host, "host": host } }))
        }),
        ("campaign", 8 * 250, |number| {
            let texts: Vec<_> = (0..8).map(|at| text(number, &format!("c{at}"), 250)).collect();
            let href = format!("https://example.com/?utm_source={}", texts.join("&utm_medium="));
            event(number, json!({ "campaign": texts, "href": href }))
        }),
        ("goal", 10 * 255 + 1_000, |number| {
            let properties: serde_json::Map<_, _> =
                (0..10).map(|at| (format!("p{at}"), text(number, &format!("v{at}"), 255).into())).collect();
            let goal = json!({ "name": format!("goal{number}"), "properties": properties, "description": text(number, "d", 1_000) });
            event(number, json!({ "action": { "Goal": goal } }))
        }),
        ("traits", 20 * 350, |number| {
            let traits: serde_json::Map<_, _> =
                (0..20).map(|at| (format!("t{at}"), text(number, &format!("v{at}"), 350).into())).collect();
            event(number, json!({ "action": { "Identify": { "user_id": text(number, "u", 200), "traits": traits } } }))
        }),
        ("link", 2_048, |number| {
            let url = format!("https://elsewhere.example/{}", text(number, "link", 2_020));
            event(number, json!({ "action": { "ExternalLink": { "url": url, "text": text(number, "t", 200) } } }))
        }),
        ("hint", 3 * 250, |number| {
            let hint = json!({ "email": text(number, "e", 250), "stripe_session_id": text(number, "s", 250), "polar_checkout_id": text(number, "p", 250) });
            event(number, json!({ "action": { "PaymentHint": hint } }))
        }),
        ("ids", 2 * 128, |number| {
            event(number, json!({ "id": text(number, "id", 128), "session": text(number, "sid", 128) }))
        }),
        ("place", 3 * 200, |number| {
            let context = json!({ "region": text(number, "r", 200), "city": text(number, "c", 200), "adClickIds": { "gclid": text(number, "g", 200) } });
            event(number, json!({ "context": context }))
        }),
        ("payment", 4 * 250, |number| {
            payment(
                number,
                &json!({ "transaction_id": text(number, "t", 250), "email": text(number, "e", 250), "name": text(number, "n", 250), "customer_id": text(number, "c", 250) }),
            )
        }),
    ]
}

/// The bytes of the pages that are in use.
fn used(site: &Site<Memory>) -> i64 {
    let pages = "SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count() p, pragma_freelist_count() f, \
                 pragma_page_size() s";
    site.sql().one(pages, &[]).unwrap().next().unwrap()
}

#[test]
fn what_is_stored_is_at_most_four_times_what_is_sent() {
    for (name, sent, call) in kinds() {
        for is_imported in [false, true] {
            let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
            let before = used(&site);
            let mut items = Vec::new();
            for number in 0..EVENTS {
                let mut call = call(number);
                if !is_imported {
                    ask(&site, call);
                } else if let Some(append) = call.get_mut("Append") {
                    items.push(json!({ "Event": append["event"].take() }));
                } else {
                    items.push(json!({ "Payment": call["Pay"]["payment"].take() }));
                }
            }
            if is_imported {
                ask(&site, json!({ "Import": { "items": items, "zone": "UTC", "may_drop": true } }));
            }
            site.fold().unwrap();
            let stored = (used(&site) - before) / i64::from(EVENTS);
            let most = MOST_TIMES * i64::try_from(sent).unwrap() + MOST_BESIDE;
            assert!(stored <= most, "{name}: {sent} bytes are stored as {stored}");
        }
    }
    // What this constant is for: an event without texts of its own.
    let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
    let before = used(&site);
    for number in 0..EVENTS {
        ask(&site, event(number, json!({})));
    }
    site.fold().unwrap();
    let stored = (used(&site) - before) / i64::from(EVENTS);
    assert!(stored <= MOST_BESIDE, "{stored}");
}
