//! The secrets that sign a connection's deliveries, as `integrations.sealed_webhook_secrets` has them: a sealed JSON list, the
//! newest first. Fields may be added with a default, none is renamed.

use serde::{Deserialize, Serialize};

use crate::platform::PlatformError;
use crate::secrets::keyring::{Keyring, NONCE_BYTES};
use sluice_providers::provider::Provider;
use sluice_providers::signature::Secret;
use sluice_values::{Timestamp, WebsiteId};

/// A secret of a webhook. It has no `Debug`, so that it cannot reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    pub secret: String,
    /// Until when it is accepted, once there is a newer one.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// What the secrets of a connection are sealed for. Part of the stored format.
fn scope(website: WebsiteId, provider: Provider) -> String {
    format!("{website}/{provider}/webhook")
}

pub fn seal(
    keyring: &Keyring,
    (website, provider): (WebsiteId, Provider),
    secrets: &[WebhookSecret],
    nonce: [u8; NONCE_BYTES],
) -> Result<String, PlatformError> {
    let json = serde_json::to_vec(secrets).map_err(|error| PlatformError::new(error.to_string()))?;
    let sealed = keyring.seal(&json, &scope(website, provider), nonce);
    sealed.map_err(|error| PlatformError::new(format!("secrets of {provider}'s webhook: {error}")))
}

pub fn open(
    keyring: &Keyring,
    (website, provider): (WebsiteId, Provider),
    sealed: &str,
) -> Result<Vec<WebhookSecret>, PlatformError> {
    let broken = |error: String| PlatformError::new(format!("secrets of {provider}'s webhook: {error}"));
    let json = keyring.open(sealed, &scope(website, provider)).map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&json).map_err(|error| broken(error.to_string()))
}

/// How long a secret that was replaced at the provider is still accepted, in milliseconds.
const FORMER_SECRET_MS: i64 = 24 * 60 * 60 * 1000;

/// A new secret before the former ones, which are accepted for a while.
pub fn renewed(former: Vec<WebhookSecret>, secret: &str, now: Timestamp) -> Vec<WebhookSecret> {
    let until = now.plus_millis(FORMER_SECRET_MS);
    let ends = |former: WebhookSecret| WebhookSecret { until: Some(former.until.unwrap_or(until)), ..former };
    let is_kept = |former: &WebhookSecret| former.secret != secret && former.until.is_none_or(|until| until > now);
    let former = former.into_iter().filter(is_kept).map(ends);
    [WebhookSecret { secret: secret.to_owned(), until: None }].into_iter().chain(former).take(MOST_SECRETS).collect()
}

/// The most secrets that a connection's deliveries are verified with.
const MOST_SECRETS: usize = 4;

/// Those that a delivery may be signed with now.
pub fn accepted(secrets: &[WebhookSecret], now: Timestamp) -> Vec<Secret> {
    let are_due = secrets.iter().filter(|secret| secret.until.is_none_or(|until| now < until));
    are_due.filter_map(|secret| Secret::new(secret.secret.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_open_for_their_connection_only_and_old_ones_end() {
        let keyring = Keyring::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
        let website: WebsiteId = "665f0b3c4d2e1a0012345678".parse().unwrap();
        let at = Timestamp::from_millis;
        let secret = |secret: &str, until| WebhookSecret { secret: secret.to_owned(), until };
        let secrets = [secret("whsec_new", None), secret("whsec_old", Some(at(10)))];
        let sealed = seal(&keyring, (website, Provider::Stripe), &secrets, [7; 12]).unwrap();
        assert!(!sealed.contains("whsec"));
        let opened = open(&keyring, (website, Provider::Stripe), &sealed).unwrap();
        assert!(opened == secrets);
        assert_eq!(accepted(&opened, at(9)).len(), 2);
        assert_eq!(accepted(&opened, at(10)).len(), 1);
        assert!(accepted(&[secret("", None)], at(0)).is_empty());
        assert!(open(&keyring, (website, Provider::Polar), &sealed).is_err());
        assert!(open(&keyring, ("665f0b3c4d2e1a0012345679".parse().unwrap(), Provider::Stripe), &sealed).is_err());
    }
}
