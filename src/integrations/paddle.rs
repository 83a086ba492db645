//! Paddle: an API key (<https://developer.paddle.com/api-reference/about/authentication>).

use serde::{Deserialize, Serialize};

use super::Credential;
use super::connection::{Connection, Details};
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::paddle_access;
use sluice_providers::request::Answer;
use sluice_values::{Environment, Invalid, Timestamp};

/// The body of connect.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectPaddle")]
pub struct Paddle {
    /// `pdl_live_…`; `pdl_sdbx_…` in development.
    paddle_api_key: Credential,
}

impl Provider for Paddle {
    const KIND: Kind = Kind::Paddle;
    type Connection = PaddleConnection;
}

impl Credentials for Paddle {
    const ANSWERS_CURRENCY: bool = true;
}

impl Verify for Paddle {
    fn check(&self, environment: Environment) -> Result<(), Invalid> {
        let key = self.paddle_api_key.reveal();
        let begins = |prefix: &str| key.len() > prefix.len() && key.starts_with(prefix);
        if begins("pdl_live_") || (begins("pdl_sdbx_") && environment == Environment::Development) {
            Ok(())
        } else {
            Err(Invalid::new(
                "paddleApiKey: expected a key that starts with \"pdl_live_\"; \"pdl_sdbx_\" only in development",
            ))
        }
    }

    fn checks(&self) -> Vec<Check> {
        paddle_access::checks(self.paddle_api_key.reveal())
    }

    fn verified(&self, answers: &[Answer], _: Environment) -> Result<Verified, Refused> {
        paddle_access::verified(self.paddle_api_key.reveal(), answers)
    }
}

/// Whether Paddle is connected, and until when its key is valid.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct PaddleConnection {
    #[serde(flatten)]
    connection: Connection,
    key_expires_at: Option<Timestamp>,
}

impl From<Option<Details>> for PaddleConnection {
    fn from(details: Option<Details>) -> Self {
        let key_expires_at = details.as_ref().and_then(Details::key_expires_at);
        Self { connection: details.into(), key_expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_keys_and_sandbox_keys_only_in_development() {
        for (key, production, development) in [
            ("pdl_live_apikey_x", true, true),
            ("pdl_sdbx_apikey_x", false, true),
            ("pdl_live_", false, false),
            ("apikey_x", false, false),
        ] {
            let paddle = Paddle { paddle_api_key: key.to_owned().try_into().unwrap() };
            assert_eq!(paddle.check(Environment::Production).is_ok(), production, "{key}");
            assert_eq!(paddle.check(Environment::Development).is_ok(), development, "{key}");
        }
    }
}
