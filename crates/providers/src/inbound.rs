//! What is answered to a delivery, by all that is known without asking anybody (docs/contract/providers.md#3.1).

use sluice_values::Timestamp;

use crate::delivery::{Envelope, is_woocommerce_ping, key};
use crate::headers::Headers;
use crate::provider::Provider;
use crate::signature::{Secret, verify};

/// Bytes of a delivery's body.
pub const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// What a connection knows of its deliveries.
#[derive(Clone)]
pub struct Connection<'a> {
    /// None before the provider or the owner told one; several while one is being rolled.
    pub secrets: &'a [Secret],
    /// The domain of the connected shop at Shopify.
    pub shop: Option<&'a str>,
}

/// A delivery to an address whose token is right.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// Longer than [`LONGEST_BODY`]: 413.
    TooLong,
    /// What WooCommerce posts while a webhook is made: exactly 200, and nothing is done.
    Ping,
    /// The connection is no more: 410, so that the provider gives up.
    Gone,
    /// Not signed by the provider: 401.
    Unsigned,
    /// Signed, and not the provider's envelope: 400, and stored as failed.
    Failed { key: String, reason: String },
    /// 200, also if it is a double.
    Accepted { key: String, envelope: Box<Envelope> },
}

impl Delivery {
    pub const fn status(&self) -> u16 {
        match self {
            Self::TooLong => 413,
            Self::Ping | Self::Accepted { .. } => 200,
            Self::Gone => 410,
            Self::Unsigned => 401,
            Self::Failed { .. } => 400,
        }
    }
}

/// Whether nobody needs to be asked about this delivery: it is too long, or a ping.
pub fn at_the_door(provider: Provider, headers: Headers<'_>, body: &[u8]) -> Option<Delivery> {
    if body.len() > LONGEST_BODY {
        return Some(Delivery::TooLong);
    }
    let is_ping = provider == Provider::WooCommerce && is_woocommerce_ping(headers, body);
    is_ping.then_some(Delivery::Ping)
}

/// Judges a delivery, one step after the other.
pub fn judge(
    provider: Provider,
    connection: Option<&Connection<'_>>,
    headers: Headers<'_>,
    body: &[u8],
    now: Timestamp,
) -> Delivery {
    if let Some(delivery) = at_the_door(provider, headers, body) {
        return delivery;
    }
    let Some(connection) = connection else { return Delivery::Gone };
    if verify(provider, connection.secrets, headers, body, now, connection.shop).is_err() {
        return Delivery::Unsigned;
    }
    let key = key(provider, headers, body);
    match Envelope::read(provider, headers, body) {
        Ok(envelope) => Delivery::Accepted { key, envelope: Box::new(envelope) },
        Err(fault) => Delivery::Failed { key, reason: fault.0 },
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;
    use sluice_values::hex;

    use super::*;
    use crate::samples::Sample;

    const SIGNED: i64 = 1_795_860_000;

    fn judged(provider: Provider, headers: &[(&str, &str)], body: &[u8], secrets: &[&str], offset: i64) -> Delivery {
        let secrets: Vec<Secret> = secrets.iter().filter_map(|secret| Secret::new(*secret)).collect();
        let connection = Connection { secrets: &secrets, shop: Some("sluice-demo.myshopify.com") };
        judge(provider, Some(&connection), Headers(headers), body, Timestamp::from_millis((SIGNED + offset) * 1000))
    }

    fn of(sample: &Sample, secrets: &[&str], offset: i64) -> Delivery {
        let headers = sample.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        judged(sample.provider, &headers, &sample.body, secrets, offset)
    }

    #[test]
    fn every_sample_is_answered_as_it_says() {
        let mut keys = std::collections::BTreeSet::new();
        for sample in Provider::ALL.into_iter().flat_map(Sample::all) {
            let mut sample = sample;
            if sample.name == "07-ping" {
                sample.body = b"webhook_id=11".to_vec();
            }
            let secret = sample.expected["post"]["secret"].as_str().unwrap().to_owned();
            let delivery = of(&sample, &[&secret], 0);
            assert_eq!(u64::from(delivery.status()), sample.expected["answer"].as_u64().unwrap(), "{}", sample.name);
            if let Delivery::Accepted { key, .. } = delivery {
                assert!(keys.insert((sample.provider, key)), "{}: no double", sample.name);
            }
        }
        assert_eq!(keys.len(), 49);
    }

    #[test]
    fn a_delivery_of_stripe_is_refused_by_time_body_and_header() {
        let sample = Sample::read(Provider::Stripe, "01-charge-succeeded-checkout");
        let secret = sample.expected["post"]["secret"].as_str().unwrap();
        for (offset, status) in [(0, 200), (299, 200), (301, 401), (-301, 401)] {
            assert_eq!(of(&sample, &[secret], offset).status(), status, "{offset}");
        }
        assert_eq!(of(&sample, &[], 0).status(), 401, "no secret is known yet");
        assert_eq!(of(&sample, &["other", secret], 0).status(), 200, "a rolled one");
        assert_eq!(judged(Provider::Stripe, &[], &sample.body, &[secret], 0).status(), 401);
    }

    #[test]
    fn a_ping_needs_no_connection_and_a_form_with_a_signature_is_none() {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let now = Timestamp::from_millis(0);
        assert_eq!(judge(Provider::WooCommerce, None, Headers(&[form]), b"webhook_id=11", now), Delivery::Ping);
        assert_eq!(judge(Provider::Stripe, None, Headers(&[form]), b"webhook_id=11", now), Delivery::Gone);
        let signed = [form, ("X-WC-Webhook-Signature", "pX7y")];
        assert_eq!(judged(Provider::WooCommerce, &signed, b"webhook_id=11", &["secret"], 0).status(), 401);
    }

    #[test]
    fn a_body_is_measured_before_all_else() {
        let long = vec![b' '; LONGEST_BODY + 1];
        for provider in Provider::ALL {
            let now = Timestamp::from_millis(0);
            assert_eq!(judge(provider, None, Headers(&[]), &long, now).status(), 413, "{provider}");
            assert_eq!(judge(provider, None, Headers(&[]), &long[1..], now).status(), 410, "{provider}");
        }
    }

    #[test]
    fn what_is_signed_and_no_envelope_is_kept_for_a_person() {
        for body in ["", "no JSON", "[]", r#"{"data":7}"#] {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
            mac.update(body.as_bytes());
            let signature = hex(&mac.finalize().into_bytes());
            let delivery =
                judged(Provider::LemonSqueezy, &[("X-Signature", &signature)], body.as_bytes(), &["secret"], 0);
            assert!(matches!(&delivery, Delivery::Failed { key, .. } if key.len() == 64), "{body}: {delivery:?}");
        }
    }
}
