//! One attempt: checks the address, signs, sends, and classifies the response.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::lease::LeasedDelivery;
use super::secrets::EndpointSeal;
use crate::platform::outgoing::{Post, Sent};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use sluice_values::{Timestamp, WebsiteId};
use sluice_webhook_rules::destination::Destination;
use sluice_webhook_rules::headers::CustomHeaders;
use sluice_webhook_rules::schedule::{self, Failure, Schedule};
use sluice_webhook_rules::signature::{self, Secret};

/// How many bytes of a response's body are stored.
const LONGEST_ANSWER: usize = 1_000;
// A gateway knows by its beginning who has sent a request: `headers::USER_AGENT_PRODUCT`.
const USER_AGENT: &str = concat!("Sluice/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// The result of an attempt. Sent between Worker and object: fields may be added with a default, never renamed.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// What was opened before, by what it was sealed as: a change of either is another entry.
type Opened<T> = RefCell<HashMap<String, Rc<T>>>;

thread_local! {
    static SECRETS: Opened<Secret> = RefCell::default();
    static HEADERS: Opened<CustomHeaders> = RefCell::default();
}

/// The most sealed values of a kind that stay open in memory.
const MOST_OPENED: usize = 500;

fn opened<T>(
    known: &'static std::thread::LocalKey<Opened<T>>,
    (seal, sealed): (&EndpointSeal, &str),
    open: impl FnOnce() -> Result<T, PlatformError>,
) -> Result<Rc<T>, PlatformError> {
    // With its context, because a value that was copied to another row does not open.
    let name = format!("{} {sealed}", seal.name());
    if let Some(known) = known.with_borrow(|known| known.get(&name).cloned()) {
        return Ok(known);
    }
    let fresh = Rc::new(open()?);
    known.with_borrow_mut(|known| {
        if known.len() >= MOST_OPENED {
            known.clear();
        }
        known.insert(name, fresh.clone());
    });
    Ok(fresh)
}

/// Makes the attempt. An error means that it cannot be made, now or later.
pub async fn make(
    platform: &Platform,
    keyring: &Keyring,
    schedule: &Schedule,
    website: WebsiteId,
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
    let seal = EndpointSeal::new(keyring, website, delivery.webhook_id);
    let open = |sealed: &str| opened(&SECRETS, (&seal, sealed), || seal.open_secret(sealed));
    let secret = open(&delivery.sealed_secret)?;
    let mut secrets = vec![&*secret];
    let previous;
    if let Some(sealed) = &delivery.sealed_previous_secret
        && delivery.previous_secret_expires_at.is_some_and(|expires_at| expires_at > started_at)
    {
        previous = open(sealed)?;
        secrets.push(&*previous);
    }
    let sent_at = started_at.as_millis().div_euclid(1_000);
    let sealed_headers = delivery.sealed_headers.as_str();
    let custom = opened(&HEADERS, (&seal, sealed_headers), || seal.open_headers(sealed_headers))?;
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
