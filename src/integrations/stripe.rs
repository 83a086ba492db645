//! Stripe: a restricted API key (<https://docs.stripe.com/keys#create-restricted-api-secret-key>).

use serde::{Deserialize, Serialize};

use super::Credential;
use super::connection::Connection;
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::request::Answer;
use sluice_providers::stripe_access;
use sluice_values::Environment;
use sluice_values::Invalid;

/// The body of connect.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectStripe")]
pub struct Stripe {
    /// A restricted key, `rk_live_…`; `rk_test_…` in development.
    stripe_rak: Credential,
}

impl Provider for Stripe {
    const KIND: Kind = Kind::Stripe;
    type Connection = Connection;
}

impl Credentials for Stripe {
    const ANSWERS_CURRENCY: bool = true;
}

impl Verify for Stripe {
    fn check(&self, environment: Environment) -> Result<(), Invalid> {
        let refuse = |why: &str| Err(Invalid::new(format!("stripeRak: {why}")));
        match self.stripe_rak.reveal().strip_prefix("rk_") {
            None | Some("") => {
                refuse("expected a restricted key, which starts with \"rk_\"; pk_ and sk_ keys are refused")
            }
            Some(rest) if rest.starts_with("test_") && environment == Environment::Production => {
                refuse("test keys are only accepted in development; expected \"rk_live_…\"")
            }
            Some(_) => Ok(()),
        }
    }

    fn checks(&self) -> Vec<Check> {
        stripe_access::checks()
    }

    fn verified(&self, answers: &[Answer], environment: Environment) -> Result<Verified, Refused> {
        let mut verified = stripe_access::verified(answers, environment)?;
        verified.test_mode |= self.stripe_rak.reveal().starts_with("rk_test_");
        Ok(verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_restricted_keys_and_test_keys_only_in_development() {
        let accepted = |key: &str, environment| {
            let stripe = Stripe { stripe_rak: key.to_owned().try_into().unwrap() };
            stripe.check(environment).is_ok()
        };
        for (key, production, development) in [
            ("rk_live_abc", true, true),
            ("rk_test_abc", false, true),
            ("sk_live_abc", false, false),
            ("pk_live_abc", false, false),
            ("rk_", false, false),
            ("live_rk_abc", false, false),
        ] {
            assert_eq!(accepted(key, Environment::Production), production, "{key}");
            assert_eq!(accepted(key, Environment::Development), development, "{key}");
        }
    }
}
