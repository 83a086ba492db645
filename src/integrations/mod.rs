//! Connections to payment providers: their credentials are checked for form, sealed, and never shown again.
//!
//! Each provider has a file that describes its credentials; [`registry`] lists the providers, and their routes and their
//! fields of the status response follow from it; [`connections`] is common to all. Connecting takes three steps (parse the
//! body, [`Verify::check`](provider::Verify::check) and the provider's own word ([`verification`]), store).
//!
//! `integrations.sealed_credentials` holds the body of connect as JSON, and `integrations.provider` the provider's
//! [`Provider::NAME`](provider::Provider::NAME). Fields may be added with a default, nothing is renamed.

pub mod address;
pub mod ask;
pub mod cleanups;
pub mod connection;
pub mod connections;
pub mod consent;
pub mod consumer;
pub mod events;
pub mod failing;
pub mod hooks;
pub mod imports;
pub mod lemonsqueezy;
pub mod paddle;
pub mod past;
pub mod polar;
pub mod polling;
pub mod provider;
pub mod queue;
pub mod registration;
#[cfg(test)]
mod registration_tests;
pub mod registry;
pub mod resync;
pub mod sealing;
pub mod setup;
pub mod shopify;
pub mod status;
pub mod stored;
pub mod stripe;
pub mod taking;
pub mod tokens;
pub mod verification;
pub mod webhook_secrets;
pub mod woocommerce;
pub mod work;

use std::fmt;

use serde::{Deserialize, Serialize};

use sluice_values::Invalid;

/// A secret that a provider issued: visible ASCII, 1 to `LONGEST` characters. Its `Debug` shows nothing; it is serialized
/// only to be sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Credential<const LONGEST: usize = 500>(String);

impl<const LONGEST: usize> Credential<LONGEST> {
    /// The credential.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl<const LONGEST: usize> TryFrom<String> for Credential<LONGEST> {
    type Error = Invalid;

    fn try_from(sent: String) -> Result<Self, Invalid> {
        let text = sent.trim();
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            // The error echoes nothing of the input, which may be most of a secret.
            Err(Invalid::new(format!("expected 1 to {LONGEST} visible characters without spaces")))
        }
    }
}

impl<const LONGEST: usize> fmt::Debug for Credential<LONGEST> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Credential(…)")
    }
}

impl<const LONGEST: usize> schemars::JsonSchema for Credential<LONGEST> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Credential".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": LONGEST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_visible_ascii_and_never_shown() {
        let parse = |text: &str| serde_json::from_value::<Credential<500>>(text.into());
        let kept = parse(" rk_live_x\n").unwrap();
        assert_eq!((kept.reveal(), format!("{kept:?}").as_str()), ("rk_live_x", "Credential(…)"));
        for wrong in ["", "  ", "rk live", "schlüssel", &"x".repeat(501)] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(wrong.trim().is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
