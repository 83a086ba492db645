//! Lemon Squeezy: an API key and the id of its store.

use std::str::FromStr;

use schemars::json_schema;
use serde::{Deserialize, Serialize};

use super::Credential;
use super::connection::Connection;
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::lemonsqueezy_access;
use sluice_providers::request::Answer;
use sluice_values::Environment;
use sluice_values::{Invalid, text_value};

/// The body of connect.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectLemonSqueezy")]
pub struct LemonSqueezy {
    /// A JSON Web Token of about a thousand characters.
    lemonsqueezy_api_key: Credential<4096>,
    lemonsqueezy_store_id: StoreId,
}

impl Provider for LemonSqueezy {
    const KIND: Kind = Kind::LemonSqueezy;
    type Connection = Connection;
}

impl Credentials for LemonSqueezy {
    const ANSWERS_CURRENCY: bool = true;
}

impl Verify for LemonSqueezy {
    /// Test and live keys look alike.
    fn check(&self, _: Environment) -> Result<(), Invalid> {
        Ok(())
    }

    fn checks(&self) -> Vec<Check> {
        lemonsqueezy_access::checks(self.lemonsqueezy_store_id.as_str())
    }

    fn verified(&self, answers: &[Answer], environment: Environment) -> Result<Verified, Refused> {
        lemonsqueezy_access::verified(answers, environment)
    }
}

/// A store's id: digits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StoreId(String);

impl StoreId {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreId {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let id = sent.trim();
        if (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(id.to_owned()))
        } else {
            Err(Invalid::new("expected the store's number as a string of digits such as \"12345\""))
        }
    }
}

text_value!(StoreId, json_schema!({ "type": "string", "pattern": r"^\s*[0-9]{1,20}\s*$", "examples": ["12345"] }));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_id_is_a_string_of_digits() {
        assert_eq!(" 12345 ".parse::<StoreId>().unwrap().as_str(), "12345");
        for wrong in ["", "12a", "-1", "1.5", &"1".repeat(21)] {
            assert!(wrong.parse::<StoreId>().is_err(), "{wrong}");
        }
    }
}
