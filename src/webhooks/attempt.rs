//! One attempt: checks the address, signs, sends, and classifies the response.

use super::lease::LeasedDelivery;
use super::secrets::EndpointSeal;
use crate::platform::outgoing::{Post, Sent};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use sluice_values::Timestamp;
use sluice_webhook_rules::destination::Destination;
use sluice_webhook_rules::schedule::{self, Failure, Schedule};
use sluice_webhook_rules::signature;

/// How many bytes of a response's body are stored.
const LONGEST_ANSWER: usize = 1_000;
// A gateway knows by its beginning who has sent a request: `headers::USER_AGENT_PRODUCT`.
const USER_AGENT: &str = concat!("Sluice/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// The result of an attempt.
pub struct Outcome {
    pub started_at: Timestamp,
    pub duration_ms: i64,
    pub status: Option<u16>,
    pub failure: Option<Failure>,
    pub retry_after: Option<String>,
    pub answer: Option<String>,
}

impl Outcome {
    /// The attempt could not be made, and no further one can: a seal does not open.
    pub fn internal(now: Timestamp) -> Self {
        Self {
            started_at: now,
            duration_ms: 0,
            status: None,
            failure: Some(Failure::Internal),
            retry_after: None,
            answer: None,
        }
    }
}

/// Makes the attempt. An error means that it cannot be made, now or later.
pub async fn make(
    platform: &Platform,
    keyring: &Keyring,
    schedule: &Schedule,
    delivery: &LeasedDelivery,
) -> Result<Outcome, PlatformError> {
    let started_at = platform.now();
    let blocked = Outcome {
        started_at,
        duration_ms: 0,
        status: None,
        failure: Some(Failure::Blocked),
        retry_after: None,
        answer: None,
    };
    // The rules may have changed since the address was stored.
    let Ok(destination) = Destination::parse(&delivery.url, platform.config().environment()) else {
        return Ok(blocked);
    };
    if platform.config().public_url().is_some_and(|own| destination.is_at(&own)) {
        return Ok(blocked);
    }
    let seal = EndpointSeal::new(keyring, delivery.website_id, delivery.webhook_id);
    let mut secrets = vec![seal.open_secret(&delivery.sealed_secret)?];
    if let Some(sealed) = &delivery.sealed_previous_secret
        && delivery.previous_secret_expires_at.is_some_and(|expires_at| expires_at > started_at)
    {
        secrets.push(seal.open_secret(sealed)?);
    }
    let sent_at = started_at.as_millis().div_euclid(1_000);
    let custom = seal.open_headers(&delivery.sealed_headers)?;
    let mut headers: Vec<(&str, String)> = custom.iter().map(|(name, value)| (name, value.to_owned())).collect();
    headers.extend([
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("webhook-id", delivery.message_id.clone()),
        ("webhook-timestamp", sent_at.to_string()),
        ("webhook-signature", signature::header(&secrets, &delivery.message_id, sent_at, &delivery.payload)),
    ]);
    let post = Post {
        url: destination.url().as_str(),
        headers,
        body: &delivery.payload,
        timeout_ms: u64::from(schedule.timeout) * 1_000,
        longest_answer: LONGEST_ANSWER,
    };
    let sent = platform.outgoing().post(post).await;
    let duration_ms = sent.duration_ms;
    Ok(match sent.result {
        Sent::Answered { status, retry_after, body } => Outcome {
            duration_ms,
            status: Some(status),
            failure: schedule::failure_of(status),
            retry_after,
            answer: Some(String::from_utf8_lossy(&body).into_owned()),
            ..blocked
        },
        Sent::TimedOut => Outcome { duration_ms, failure: Some(Failure::Timeout), ..blocked },
        Sent::Failed(explanation) | Sent::Invalid(explanation) => {
            Outcome { duration_ms, failure: Some(failure_of(&explanation)), ..blocked }
        }
    })
}

/// The kind of a failed fetch, from the runtime's message: it has no error codes.
fn failure_of(explanation: &str) -> Failure {
    let words = explanation.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&["dns", "name resolution", "getaddrinfo", "enotfound", "nxdomain"]) {
        Failure::Dns
    } else if says(&["tls", "ssl", "certificate", "handshake"]) {
        Failure::Tls
    } else {
        Failure::Connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_recognises_what_a_gateway_sends() {
        assert!(USER_AGENT.starts_with(sluice_webhook_rules::headers::USER_AGENT_PRODUCT));
    }

    #[test]
    fn failures_are_classified_by_the_runtimes_messages() {
        for (words, failure) in [
            ("Error: DNS lookup failed.; params.host = nowhere.example", Failure::Dns),
            ("TLS peer's certificate is not trusted; reason = self signed certificate", Failure::Tls),
            ("Network connection lost.", Failure::Connection),
            ("connect(): Connection refused", Failure::Connection),
        ] {
            assert_eq!(failure_of(words), failure, "{words}");
        }
    }
}
