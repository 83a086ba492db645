//! A delivery that is signed: its key among doubles, its type, and what it is about (docs/contract/providers.md#3.1).

use serde_json::Value;
use sha2::{Digest, Sha256};

use sluice_values::{Timestamp, hex};

use crate::fields::{Fault, Node};
use crate::headers::Headers;
use crate::ids::line;
use crate::provider::Provider;

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// A delivery's body, read as the provider's envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    pub provider: Provider,
    /// `charge.succeeded`, `order_created`, `orders/paid` …
    pub kind: String,
    /// What it is about: `pi_…`, an order's number. Events of one subject need not be read twice.
    pub subject: Option<String>,
    /// When the provider says that it happened.
    pub happened_at: Option<Timestamp>,
    /// The whole body.
    pub json: Value,
}

impl Envelope {
    /// Reads a body. What is not the provider's envelope is a fault: it was signed, so a person should see it.
    pub fn read(provider: Provider, headers: Headers<'_>, body: &[u8]) -> Result<Self, Fault> {
        let json: Value = serde_json::from_slice(body).map_err(|_| Fault("body: expected JSON".into()))?;
        let node = Node::new("body", &json);
        if !json.is_object() {
            return Err(node.fault("", "an object"));
        }
        let (kind, subject, happened_at) = match provider {
            Provider::Stripe => {
                node.need_text("/id")?;
                let object = node.need_object("/data/object", "data.object")?;
                let subject = match object.text("/object") {
                    Some("charge" | "checkout.session") => object.id_of("/payment_intent"),
                    Some("invoice") => object.id_of("/parent/subscription_details/subscription"),
                    _ => None,
                };
                let happened_at = Some(node.seconds("/created")?);
                (node.need_text("/type")?, subject.or_else(|| object.id("/id")), happened_at)
            }
            Provider::LemonSqueezy => {
                let data = node.need_object("/data", "data")?;
                data.need_text("/type")?;
                let id = data.id("/id").ok_or_else(|| data.fault("/id", "an id"))?;
                (node.need_text("/meta/event_name")?, Some(id), data.moment("/attributes/updated_at").ok())
            }
            Provider::Polar => {
                let data = node.need_object("/data", "data")?;
                (node.need_text("/type")?, data.id("/id"), Some(node.moment("/timestamp")?))
            }
            Provider::Paddle => {
                let data = node.need_object("/data", "data")?;
                node.need_text("/event_id")?;
                (node.need_text("/event_type")?, data.id("/id"), Some(node.moment("/occurred_at")?))
            }
            Provider::Shopify => {
                let topic = headers.any(&["x-shopify-topic", "shopify-topic"]);
                let topic = topic.ok_or_else(|| Fault("X-Shopify-Topic: expected a topic".into()))?;
                let is_used = ["orders/", "refunds/", "disputes/"].iter().any(|used| topic.starts_with(used));
                (
                    topic,
                    subject(&node, is_used)?,
                    node.moment("/updated_at").or_else(|_| node.moment("/processed_at")).ok(),
                )
            }
            Provider::WooCommerce => {
                let topic = headers.get("x-wc-webhook-topic");
                let topic = topic.ok_or_else(|| Fault("X-WC-Webhook-Topic: expected a topic".into()))?;
                (topic, subject(&node, topic.starts_with("order."))?, node.moment_of_utc("/date_modified_gmt").ok())
            }
        };
        let kind = line(kind).ok_or_else(|| node.fault("", "a type"))?;
        Ok(Self { provider, kind, subject: subject.and_then(|subject| line(&subject)), happened_at, json })
    }
}

/// What a shop's object is; other topics than those we use need not be about one.
fn subject(node: &Node<'_>, is_used: bool) -> Result<Option<String>, Fault> {
    let id = node.id("/id");
    if is_used && id.is_none() { Err(node.fault("/id", "an id")) } else { Ok(id) }
}

/// The delivery's key: a second delivery with it is a double. A body that is not the provider's has one too.
pub fn key(provider: Provider, headers: Headers<'_>, body: &[u8]) -> String {
    let in_body = |path: &str| {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        json.as_ref().and_then(|json| Node::new("body", json).text(path).map(str::to_owned))
    };
    let own = match provider {
        Provider::Stripe => in_body("/id"),
        Provider::Paddle => in_body("/event_id"),
        Provider::Polar => headers.get("webhook-id").map(str::to_owned),
        Provider::Shopify => {
            let event = headers.any(&["x-shopify-event-id", "shopify-event-id"]);
            let topic = headers.any(&["x-shopify-topic", "shopify-topic"]);
            let delivery = headers.any(&["x-shopify-webhook-id", "shopify-webhook-id"]);
            event.zip(topic).map(|(event, topic)| format!("{event} {topic}")).or_else(|| delivery.map(str::to_owned))
        }
        Provider::LemonSqueezy => None,
        Provider::WooCommerce => {
            // The same order is sent under several topics at once.
            let topic = headers.get("x-wc-webhook-topic").unwrap_or_default();
            Some(digest(&[topic.as_bytes(), b"\n", body]))
        }
    };
    own.filter(|key| key.chars().count() <= LONGEST_KEY).unwrap_or_else(|| digest(&[body]))
}

fn digest(parts: &[&[u8]]) -> String {
    hex(&parts.iter().fold(Sha256::new(), Sha256::chain_update).finalize())
}

/// Whether it is what WooCommerce posts while a webhook is made: an unsigned form, which wants exactly 200.
pub fn is_woocommerce_ping(headers: Headers<'_>, body: &[u8]) -> bool {
    let is_form = headers.get("content-type").is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    let number = body.strip_prefix(b"webhook_id=").unwrap_or_default();
    is_form
        && headers.get("x-wc-webhook-signature").is_none()
        && !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIPE: &str = r#"{"id":"evt_1","type":"charge.succeeded","created":1795859998,"data":{"object":{"id":"ch_1","object":"charge","payment_intent":"pi_1"}}}"#;

    #[test]
    fn a_double_has_the_key_of_the_first() {
        let none = Headers(&[]);
        assert_eq!(key(Provider::Stripe, none, STRIPE.as_bytes()), "evt_1");
        assert_eq!(key(Provider::Paddle, none, br#"{"event_id":"evt_01","notification_id":"ntf_1"}"#), "evt_01");
        assert_eq!(key(Provider::Polar, Headers(&[("Webhook-Id", "5c2f")]), b"{}"), "5c2f");
        let shopify = |event: &'static str, topic: &'static str| {
            let sent = [("X-Shopify-Event-Id", event), ("X-Shopify-Topic", topic), ("X-Shopify-Webhook-Id", "w")];
            key(Provider::Shopify, Headers(&sent), b"{}")
        };
        assert_eq!(shopify("e", "orders/paid"), "e orders/paid");
        assert_eq!(shopify("", "orders/paid"), "w");
        assert_eq!(key(Provider::Shopify, Headers(&[("shopify-event-id", "e"), ("shopify-topic", "t")]), b"{}"), "e t");
        let of_body = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(key(Provider::LemonSqueezy, none, b"{}"), of_body);
        let woocommerce =
            |topic: &'static str| key(Provider::WooCommerce, Headers(&[("X-WC-Webhook-Topic", topic)]), b"{}");
        assert_ne!(woocommerce("order.created"), woocommerce("order.updated"));
        assert_eq!(woocommerce("order.created"), woocommerce("order.created"));
    }

    #[test]
    fn a_body_that_is_no_envelope_has_a_key_too() {
        for provider in Provider::ALL {
            for body in [
                "",
                "no JSON",
                "[]",
                "{}",
                r#"{"id":7,"event_id":null}"#,
                &format!(r#"{{"id":"{}"}}"#, "e".repeat(300)),
            ] {
                let key = key(provider, Headers(&[]), body.as_bytes());
                assert!((1..=LONGEST_KEY).contains(&key.len()), "{provider} {body}");
            }
        }
    }

    #[test]
    fn an_envelope_names_its_type_and_its_subject() {
        let read = |provider, headers: &[(&str, &str)], body: &str| {
            let envelope = Envelope::read(provider, Headers(headers), body.as_bytes()).unwrap();
            (envelope.kind, envelope.subject.unwrap(), envelope.happened_at.map(|time| time.to_string()))
        };
        let at = |time: &str| Some(time.to_owned());
        assert_eq!(
            read(Provider::Stripe, &[], STRIPE),
            ("charge.succeeded".into(), "pi_1".into(), at("2026-11-28T09:59:58.000Z"))
        );
        assert_eq!(
            read(
                Provider::LemonSqueezy,
                &[],
                r#"{"meta":{"event_name":"order_created"},"data":{"type":"orders","id":"2201"}}"#
            ),
            ("order_created".into(), "2201".into(), None)
        );
        assert_eq!(
            read(
                Provider::WooCommerce,
                &[("x-wc-webhook-topic", "order.updated")],
                r#"{"id":727,"date_modified_gmt":"2026-11-28T09:59:45"}"#
            ),
            ("order.updated".into(), "727".into(), at("2026-11-28T09:59:45.000Z"))
        );
    }

    #[test]
    fn json_that_is_not_the_envelope_is_a_fault() {
        for provider in Provider::ALL {
            let sent = [("X-Shopify-Topic", "orders/paid"), ("X-WC-Webhook-Topic", "order.created")];
            for body in ["", "{", "[]", "null", "1", "{}", r#"{"type":1,"data":[]}"#, "\u{feff}{}"] {
                assert!(Envelope::read(provider, Headers(&sent), body.as_bytes()).is_err(), "{provider} {body}");
            }
        }
        for provider in [Provider::Shopify, Provider::WooCommerce] {
            assert!(Envelope::read(provider, Headers(&[]), br#"{"id":727}"#).is_err(), "{provider} without a topic");
            let sent = [("X-Shopify-Topic", "shop/redact"), ("X-WC-Webhook-Topic", "action.done")];
            assert!(Envelope::read(provider, Headers(&sent), b"{}").is_ok(), "{provider}: a topic that is not used");
        }
    }

    #[test]
    fn only_an_unsigned_form_is_a_ping() {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        assert!(is_woocommerce_ping(Headers(&[form]), b"webhook_id=11"));
        assert!(is_woocommerce_ping(
            Headers(&[("content-type", "application/x-www-form-urlencoded; charset=utf-8")]),
            b"webhook_id=11"
        ));
        for (headers, body) in [
            (vec![form, ("X-WC-Webhook-Signature", "pX7y")], "webhook_id=11"),
            (vec![("Content-Type", "application/json")], "webhook_id=11"),
            (vec![], "webhook_id=11"),
            (vec![form], "webhook_id="),
            (vec![form], "webhook_id=11&a=b"),
            (vec![form], "webhook_id=11\n"),
            (vec![form], ""),
        ] {
            assert!(!is_woocommerce_ping(Headers(&headers), body.as_bytes()), "{headers:?} {body:?}");
        }
    }
}
