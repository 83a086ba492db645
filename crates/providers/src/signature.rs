//! Whether a delivery comes from the provider: the signature over the raw bytes of its body (docs/contract/providers.md#3.1
//! and, for each provider, #4).
//!
//! Comparisons take the same time whatever differs. Any of several signatures may be right, and any of several secrets:
//! after a secret is rolled, both are in use for a while.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use sluice_values::Timestamp;

use crate::headers::Headers;
use crate::provider::Provider;

/// By how much a signed time may differ from ours, in seconds, either way.
const TOLERANCE_SECS: i64 = 300;

/// With and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A secret that a provider signs with. It has no `Debug`, so that it cannot reach a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// `None` for an empty secret, with which anybody could sign.
    pub fn new(secret: impl Into<String>) -> Option<Self> {
        Some(secret.into()).filter(|secret| !secret.is_empty()).map(Self)
    }
}

/// Why a delivery is refused. Every one is answered alike; the reason is for tests and figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A header is missing, or is not of the provider's form.
    Header,
    /// The signed time is too far from ours.
    Time,
    /// No signature is right.
    Signature,
    /// It is about another shop.
    Shop,
}

/// Checks a delivery. `shop` is the domain of the connected shop, which Shopify names in a header.
pub fn verify(
    provider: Provider,
    secrets: &[Secret],
    headers: Headers<'_>,
    body: &[u8],
    now: Timestamp,
    shop: Option<&str>,
) -> Result<(), Refusal> {
    match provider {
        Provider::Stripe => {
            let sent = pairs(headers.get("stripe-signature"), ',', "t", "v1")?;
            timely(sent.time, now)?;
            let signatures = sent.signatures.iter().filter_map(|hex| of_hex(hex));
            any_right(secrets.iter().map(whole), &[sent.time.as_bytes(), b".", body], signatures)
        }
        Provider::Paddle => {
            let sent = pairs(headers.get("paddle-signature"), ';', "ts", "h1")?;
            timely(sent.time, now)?;
            let signatures = sent.signatures.iter().filter_map(|hex| of_hex(hex));
            any_right(secrets.iter().map(whole), &[sent.time.as_bytes(), b":", body], signatures)
        }
        Provider::Polar => {
            let id = headers.get("webhook-id").ok_or(Refusal::Header)?;
            let time = headers.get("webhook-timestamp").ok_or(Refusal::Header)?;
            let sent = headers.get("webhook-signature").ok_or(Refusal::Header)?;
            timely(time, now)?;
            let signatures = sent.split(' ').filter_map(|one| of_base64(one.strip_prefix("v1,")?));
            any_right(
                secrets.iter().flat_map(polar_keys),
                &[id.as_bytes(), b".", time.as_bytes(), b".", body],
                signatures,
            )
        }
        Provider::LemonSqueezy => {
            let sent = headers.get("x-signature").ok_or(Refusal::Header)?;
            any_right(secrets.iter().map(whole), &[body], of_hex(sent).into_iter())
        }
        Provider::Shopify => {
            let sent = headers.any(&["x-shopify-hmac-sha256", "shopify-hmac-sha256"]).ok_or(Refusal::Header)?;
            any_right(secrets.iter().map(whole), &[body], of_base64(sent).into_iter())?;
            let domain = headers.any(&["x-shopify-shop-domain", "shopify-shop-domain"]).ok_or(Refusal::Header)?;
            if shop.is_some_and(|shop| shop.eq_ignore_ascii_case(domain)) { Ok(()) } else { Err(Refusal::Shop) }
        }
        Provider::WooCommerce => {
            let sent = headers.get("x-wc-webhook-signature").ok_or(Refusal::Header)?;
            any_right(secrets.iter().flat_map(woocommerce_keys), &[body], of_base64(sent).into_iter())
        }
    }
}

/// The time and the signatures of a header such as `t=1795860000,v1=68…,v1=a0…`.
struct Signed<'a> {
    time: &'a str,
    signatures: Vec<&'a str>,
}

fn pairs<'a>(header: Option<&'a str>, between: char, time: &str, signature: &str) -> Result<Signed<'a>, Refusal> {
    let parts = header.ok_or(Refusal::Header)?.split(between).filter_map(|part| part.trim().split_once('='));
    let (mut times, mut signatures) = (Vec::new(), Vec::new());
    for (key, value) in parts {
        if key == time {
            times.push(value);
        } else if key == signature {
            signatures.push(value);
        }
    }
    match times.as_slice() {
        [time] if !signatures.is_empty() => Ok(Signed { time, signatures }),
        _ => Err(Refusal::Header),
    }
}

fn timely(secs: &str, now: Timestamp) -> Result<(), Refusal> {
    let is_number = !secs.is_empty() && secs.bytes().all(|byte| byte.is_ascii_digit());
    let signed: i64 = secs.parse().ok().filter(|_| is_number).ok_or(Refusal::Header)?;
    let apart = now.as_millis().div_euclid(1000).saturating_sub(signed).saturating_abs();
    if apart <= TOLERANCE_SECS { Ok(()) } else { Err(Refusal::Time) }
}

/// Whether one of the signatures is the message's under one of the keys.
fn any_right(
    keys: impl Iterator<Item = Vec<u8>>,
    message: &[&[u8]],
    signatures: impl Iterator<Item = Vec<u8>>,
) -> Result<(), Refusal> {
    let signatures: Vec<Vec<u8>> = signatures.collect();
    for key in keys {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { continue };
        for part in message {
            mac.update(part);
        }
        if signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()) {
            return Ok(());
        }
    }
    Err(Refusal::Signature)
}

fn whole(secret: &Secret) -> Vec<u8> {
    secret.0.as_bytes().to_vec()
}

/// Secrets generated since 2026-09-08 are base64 after their prefix; older ones are used as text, prefix included, and
/// some of those begin with `whsec_` too.
fn polar_keys(secret: &Secret) -> Vec<Vec<u8>> {
    let decoded = secret.0.strip_prefix("whsec_").and_then(of_base64).filter(|key| !key.is_empty());
    decoded.into_iter().chain([whole(secret)]).collect()
}

/// WordPress signs with the secret decoded; a pasted one may still be encoded.
fn woocommerce_keys(secret: &Secret) -> Vec<Vec<u8>> {
    const ENTITIES: [(&str, &str); 5] =
        [("&amp;", "&"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#039;", "'")];
    let (mut decoded, mut rest) = (String::new(), secret.0.as_str());
    while let Some(letter) = rest.chars().next() {
        let found = ENTITIES.iter().find_map(|(entity, letter)| Some((rest.strip_prefix(entity)?, *letter)));
        if let Some((after, letter)) = found {
            decoded.push_str(letter);
            rest = after;
        } else {
            decoded.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    [secret.0.clone(), decoded].map(String::into_bytes).into()
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

fn of_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
