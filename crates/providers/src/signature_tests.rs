//! Signatures against the vectors that the providers' own libraries made or accepted, and against everything that is not
//! one.

use proptest::prelude::*;
use serde_json::Value;

use sluice_values::Timestamp;

use crate::headers::Headers;
use crate::provider::Provider;
use crate::signature::{Refusal, Secret, verify};

/// When the vectors were signed.
const SIGNED: i64 = 1_795_860_000;
const SHOP: &str = "sluice-demo.myshopify.com";

struct Vector {
    provider: Provider,
    secret: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Vector {
    fn verify(&self) -> Result<(), Refusal> {
        self.verify_at(SIGNED * 1000)
    }

    fn verify_at(&self, millis: i64) -> Result<(), Refusal> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let secret = Secret::new(self.secret.as_str()).unwrap();
        let now = Timestamp::from_millis(millis);
        verify(self.provider, &[secret], Headers(&headers), &self.body, now, Some(SHOP))
    }

    /// The header that the signature is in.
    fn signature(&mut self) -> &mut String {
        let name = match self.provider {
            Provider::Stripe => "stripe-signature",
            Provider::Paddle => "paddle-signature",
            Provider::Polar => "webhook-signature",
            Provider::LemonSqueezy => "x-signature",
            Provider::WooCommerce => "x-wc-webhook-signature",
            Provider::Shopify => "shopify-hmac-sha256",
        };
        &mut self.headers.iter_mut().find(|(sent, _)| sent.ends_with(name)).unwrap().1
    }
}

fn vectors() -> Vec<Vector> {
    let all: Value = serde_json::from_str(include_str!("../../../docs/contract/providers/vectors.json")).unwrap();
    let of = |(provider, of): (&String, &Value)| -> Vec<Vector> {
        let provider: Provider = provider.parse().unwrap();
        let vector = |vector: &Value| Vector {
            provider,
            secret: vector["secret"].as_str().unwrap().to_owned(),
            headers: vector["header"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body: vector["body"].as_str().unwrap().as_bytes().to_vec(),
        };
        of["vectors"].as_array().unwrap().iter().map(vector).collect()
    };
    let vectors: Vec<Vector> = all.as_object().unwrap().iter().flat_map(of).collect();
    assert_eq!(vectors.len(), 14);
    vectors
}

fn of(provider: Provider) -> Vector {
    vectors().into_iter().find(|vector| vector.provider == provider).unwrap()
}

#[test]
fn every_vector_is_accepted() {
    for vector in vectors() {
        assert_eq!(vector.verify(), Ok(()), "{} {}", vector.provider, vector.secret);
    }
}

#[test]
fn header_names_are_in_any_case() {
    for mut vector in vectors() {
        for (name, _) in &mut vector.headers {
            *name = name.to_uppercase();
        }
        assert_eq!(vector.verify(), Ok(()), "{}", vector.provider);
    }
}

#[test]
fn a_signed_time_may_be_five_minutes_off_either_way() {
    for vector in vectors() {
        let is_timed = matches!(vector.provider, Provider::Stripe | Provider::Paddle | Provider::Polar);
        for (off, is_near) in [
            (0, true),
            (299, true),
            (300, true),
            (-299, true),
            (-300, true),
            (301, false),
            (-301, false),
            (3600, false),
            (-3600, false),
        ] {
            let expected = if is_near || !is_timed { Ok(()) } else { Err(Refusal::Time) };
            assert_eq!(vector.verify_at((SIGNED + off) * 1000), expected, "{} {off}", vector.provider);
        }
    }
}

#[test]
fn another_body_another_secret_and_no_header_are_refused() {
    for index in 0..vectors().len() {
        let refused = |change: &dyn Fn(&mut Vector)| {
            let mut vector = vectors().swap_remove(index);
            change(&mut vector);
            assert!(vector.verify().is_err(), "{} {index}", vector.provider);
        };
        refused(&|vector| vector.body.push(b' '));
        refused(&|vector| vector.body.clear());
        refused(&|vector| vector.secret.push('x'));
        refused(&|vector| vector.secret = "other".into());
        refused(&|vector| vector.headers.clear());
        refused(&|vector| vector.signature().clear());
        refused(&|vector| *vector.signature() = "t=1795860000,v1=".into());
        refused(&|vector| {
            let signature = vector.signature();
            let half = signature.len() - 20;
            signature.truncate(half);
        });
    }
}

#[test]
fn any_of_several_signatures_may_be_right() {
    let wrong = "0".repeat(64);
    let mut stripe = of(Provider::Stripe);
    let right = stripe.signature().split_once("v1=").unwrap().1.to_owned();
    for header in [
        format!("t={SIGNED},v1={wrong},v1={right}"),
        format!("t={SIGNED},v1={right},v1={wrong}"),
        format!("v1={right},t={SIGNED}"),
        format!("t={SIGNED}, v1={right}, v0={wrong}"),
        format!("t={SIGNED},v1=zz,v1=abc,v1={right}"),
    ] {
        stripe.signature().clone_from(&header);
        assert_eq!(stripe.verify(), Ok(()), "{header}");
    }
    for header in [
        format!("t={SIGNED},v0={right}"),
        format!("t={},v1={right}", SIGNED + 1),
        format!("t={SIGNED},t={SIGNED},v1={right}"),
        format!("t=+{SIGNED},v1={right}"),
        format!("t=,v1={right}"),
        format!("v1={right}"),
        format!("t={SIGNED};v1={right}"),
        format!("t={SIGNED}"),
        "t".into(),
    ] {
        stripe.signature().clone_from(&header);
        assert!(stripe.verify().is_err(), "{header}");
    }
    let mut paddle = of(Provider::Paddle);
    let right = paddle.signature().split_once("h1=").unwrap().1.to_owned();
    for header in [format!("ts={SIGNED};h1={wrong};h1={right}"), format!("ts={SIGNED};h1={right};h1={wrong}")] {
        paddle.signature().clone_from(&header);
        assert_eq!(paddle.verify(), Ok(()), "{header}");
    }
    let mut polar = of(Provider::Polar);
    let right = polar.signature().clone();
    let other = right.replacen("v1,", "v1,AAAA", 1);
    for header in [format!("{other} {right}"), format!("{right} {other}"), format!("v1a,{wrong}  {right}")] {
        polar.signature().clone_from(&header);
        assert_eq!(polar.verify(), Ok(()), "{header}");
    }
    *polar.signature() = right.replacen("v1,", "v2,", 1);
    assert_eq!(polar.verify(), Err(Refusal::Signature));
}

#[test]
fn any_of_several_secrets_may_be_in_use() {
    for vector in vectors() {
        let headers: Vec<(&str, &str)> =
            vector.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let [own, other] = [vector.secret.as_str(), "rolled"].map(|secret| Secret::new(secret).unwrap());
        let now = Timestamp::from_millis(SIGNED * 1000);
        let check =
            |secrets: &[Secret]| verify(vector.provider, secrets, Headers(&headers), &vector.body, now, Some(SHOP));
        assert_eq!(check(&[other.clone(), own.clone()]), Ok(()), "{}", vector.provider);
        assert_eq!(check(&[own, other.clone()]), Ok(()), "{}", vector.provider);
        assert_eq!(check(&[other]), Err(Refusal::Signature), "{}", vector.provider);
        assert_eq!(check(&[]), Err(Refusal::Signature), "{}", vector.provider);
    }
    assert!(Secret::new("").is_none());
}

#[test]
fn a_delivery_about_another_shop_is_refused() {
    for mut vector in vectors().into_iter().filter(|vector| vector.provider == Provider::Shopify) {
        let domain = vector.headers.iter_mut().find(|(name, _)| name.ends_with("shop-domain")).unwrap();
        domain.1 = "Sluice-Demo.myshopify.com".into();
        assert_eq!(vector.verify(), Ok(()));
        let domain = vector.headers.iter_mut().find(|(name, _)| name.ends_with("shop-domain")).unwrap();
        domain.1 = "other.myshopify.com".into();
        assert_eq!(vector.verify(), Err(Refusal::Shop));
        vector.headers.retain(|(name, _)| !name.ends_with("shop-domain"));
        assert_eq!(vector.verify(), Err(Refusal::Header));
    }
}

#[test]
fn a_pasted_secret_of_woocommerce_is_tried_as_wordpress_stores_it() {
    let mut vector = vectors().into_iter().rfind(|vector| vector.provider == Provider::WooCommerce).unwrap();
    for (secret, is_right) in
        [(r#"p&"q"#, true), ("p&amp;&quot;q", true), ("p&amp;amp;&quot;q", false), ("p&q", false), ("pä&amp;", false)]
    {
        vector.secret = secret.into();
        assert_eq!(vector.verify().is_ok(), is_right, "{secret}");
    }
}

#[test]
fn the_samples_are_signed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/contract/providers/samples");
    let mut count = 0;
    for provider in Provider::ALL {
        for entry in std::fs::read_dir(format!("{folder}/{provider}")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.ends_with(".expected.json") || name.starts_with("07-ping") {
                continue;
            }
            let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let post = &expected["post"];
            let headers = post["headers"].as_object().unwrap().iter();
            let vector = Vector {
                provider,
                secret: post["secret"].as_str().unwrap().to_owned(),
                headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
                body: std::fs::read(path.with_file_name(name.replace(".expected", ""))).unwrap(),
            };
            assert_eq!(vector.verify_at(post["at"].as_i64().unwrap() * 1000), Ok(()), "{provider} {name}");
            count += 1;
        }
    }
    assert_eq!(count, 49);
}

proptest! {
    #[test]
    fn any_flipped_bit_of_the_body_refuses(which in 0..14_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut vector = vectors().swap_remove(which);
        let at = at.index(vector.body.len());
        vector.body[at] ^= 1 << bit;
        prop_assert_eq!(vector.verify(), Err(Refusal::Signature));
    }

    #[test]
    fn any_other_digit_of_the_signature_refuses(which in 0..14_usize, at in 4..30_usize, digit in "[0-9a-f]") {
        let mut vector = vectors().swap_remove(which);
        let signature = vector.signature();
        let at = signature.len() - at;
        let same = signature[at..=at].eq_ignore_ascii_case(&digit) && signature[at..=at] == digit;
        signature.replace_range(at..=at, &digit);
        prop_assert_eq!(vector.verify().is_ok(), same);
    }

    #[test]
    fn no_header_panics(
        which in 0..14_usize,
        garbage in prop_oneof![any::<String>(), "[tsvh01=,; ]{0,40}", "t(s)?=[0-9]{0,30}[,;](v1|h1)=[0-9a-zA-Z+/=]{0,80}"],
        body in any::<Vec<u8>>(),
    ) {
        let mut vector = vectors().swap_remove(which);
        vector.signature().clone_from(&garbage);
        prop_assert!(vector.verify().is_err());
        for (_, value) in &mut vector.headers {
            value.clone_from(&garbage);
        }
        vector.body = body;
        prop_assert!(vector.verify().is_err());
    }

    #[test]
    fn no_delivery_panics_the_reader(body in prop_oneof![any::<Vec<u8>>(), any::<String>().prop_map(String::into_bytes)], topic in any::<String>()) {
        for provider in Provider::ALL {
            let headers = [("x-shopify-topic", topic.as_str()), ("x-wc-webhook-topic", &topic), ("webhook-id", &topic)];
            let _ = crate::delivery::Envelope::read(provider, Headers(&headers), &body);
            prop_assert!(!crate::delivery::key(provider, Headers(&headers), &body).is_empty());
        }
    }
}
