//! WooCommerce: a key of the shop's REST API (docs/contract/providers.md#4.6).

use std::str::FromStr;

use schemars::json_schema;
use serde::{Deserialize, Serialize};

use super::Credential;
use super::ask::store_base;
use super::connection::Connection;
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Account, Check, Refused, Verified};
use sluice_providers::request::Answer;
use sluice_providers::woocommerce_access;
use sluice_values::{Environment, Invalid, text_value};
use sluice_webhook_rules::destination::LONGEST;

/// The body of connect.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectWooCommerce")]
pub struct WooCommerce {
    store_url: StoreUrl,
    /// `ck_…`
    consumer_key: Credential,
    /// `cs_…`
    consumer_secret: Credential,
}

impl WooCommerce {
    /// A shop's credentials, as the shop itself has told them.
    pub fn consented(store: &str, key: String, secret: String) -> Result<Self, Invalid> {
        let (consumer_key, consumer_secret) = (key.try_into()?, secret.try_into()?);
        Ok(Self { store_url: store.parse()?, consumer_key, consumer_secret })
    }
}

/// The address of a shop: `https`, possibly with the path of a WordPress in a folder. Where it may be is judged before each
/// request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreUrl {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let url = sent.trim();
        if (1..=LONGEST).contains(&url.chars().count()) {
            Ok(Self(url.to_owned()))
        } else {
            Err(Invalid::new(format!("expected an address of 1 to {LONGEST} characters")))
        }
    }
}

text_value!(
    StoreUrl,
    json_schema!({ "type": "string", "minLength": 1, "maxLength": LONGEST, "example": "https://shop.example.com" })
);

impl Provider for WooCommerce {
    const KIND: Kind = Kind::WooCommerce;
    type Connection = Connection;
}

impl Credentials for WooCommerce {
    const ANSWERS_CURRENCY: bool = true;
}

impl Verify for WooCommerce {
    fn check(&self, environment: Environment) -> Result<(), Invalid> {
        store_base(self.store_url.as_str(), environment, None)
            .map_err(|why| Invalid::new(format!("storeUrl: {why}")))?;
        for (field, key, prefix) in
            [("consumerKey", &self.consumer_key, "ck_"), ("consumerSecret", &self.consumer_secret, "cs_")]
        {
            if key.reveal().len() <= prefix.len() || !key.reveal().starts_with(prefix) {
                return Err(Invalid::new(format!("{field}: expected a key that starts with \"{prefix}\"")));
            }
        }
        Ok(())
    }

    fn checks(&self) -> Vec<Check> {
        woocommerce_access::checks()
    }

    fn verified(&self, answers: &[Answer], environment: Environment) -> Result<Verified, Refused> {
        let mut verified = woocommerce_access::verified(answers)?;
        // A shop has no other id.
        let base = store_base(self.store_url.as_str(), environment, None);
        verified.account = base.ok().map(|id| Account { id, name: None });
        Ok(verified)
    }

    fn store_url(&self) -> Option<&str> {
        Some(self.store_url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_has_its_prefix_and_a_shop_a_public_address() {
        let check = |store: &str, key: &str, secret: &str| {
            let body = json!({ "storeUrl": store, "consumerKey": key, "consumerSecret": secret });
            let woo: WooCommerce = serde_json::from_value(body).unwrap();
            woo.check(Environment::Production).map_err(|why| why.to_string())
        };
        assert_eq!(check("https://shop.example.com/wp", "ck_1", "cs_1"), Ok(()));
        for (store, key, secret, field) in [
            ("https://shop.example.com", "cs_1", "cs_1", "consumerKey: "),
            ("https://shop.example.com", "ck_1", "cs_", "consumerSecret: "),
            ("http://shop.example.com", "ck_1", "cs_1", "storeUrl: "),
            ("https://10.0.0.5", "ck_1", "cs_1", "storeUrl: "),
            ("https://169.254.169.254", "ck_1", "cs_1", "storeUrl: "),
        ] {
            assert!(check(store, key, secret).unwrap_err().starts_with(field), "{store} {key} {secret}");
        }
    }
}
