//! Shopify: an app of the owner's own, by its client credentials or, for an app made in the shop's admin, by its token
//! (docs/contract/providers.md#4.5).

use std::str::FromStr;

use schemars::json_schema;
use serde::{Deserialize, Serialize};

use super::Credential;
use super::connection::Connection;
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::request::{Answer, Request};
use sluice_providers::shopify_access::{self, ShopDomain};
use sluice_values::{Environment, Invalid, text_value};

/// The body of connect: `clientId` and `clientSecret`, or `adminApiAccessToken` and `apiSecretKey`.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectShopify")]
pub struct Shopify {
    shop_domain: Domain,
    /// Of an app of the Dev Dashboard that is installed in the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<Credential>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Credential>,
    /// `shpat_…`, of an app that was made in the shop's admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    admin_api_access_token: Option<Credential>,
    /// What the webhooks of such an app are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_secret_key: Option<Credential>,
}

/// A shop's domain, as requests go to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Domain(ShopDomain);

impl Domain {
    fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Domain {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        sent.parse().map(Self)
    }
}

text_value!(
    Domain,
    json_schema!({ "type": "string", "pattern": r"^\s*(https://)?[a-z0-9][a-z0-9-]*\.myshopify\.com/?\s*$", "example": "sluice-demo.myshopify.com" })
);

impl Provider for Shopify {
    const KIND: Kind = Kind::Shopify;
    type Connection = Connection;
}

impl Credentials for Shopify {
    const ANSWERS_CURRENCY: bool = true;
}

impl Verify for Shopify {
    fn check(&self, _: Environment) -> Result<(), Invalid> {
        let missing =
            |field: &str, with: &str| Err(Invalid::new(format!("{field}: required with {with}, but missing")));
        match (&self.client_id, &self.client_secret, &self.admin_api_access_token, &self.api_secret_key) {
            (Some(_), Some(_), None, None) | (None, None, Some(_), Some(_)) => Ok(()),
            (Some(_), None, None, None) => missing("clientSecret", "clientId"),
            (None, Some(_), None, None) => missing("clientId", "clientSecret"),
            (None, None, Some(_), None) => missing("apiSecretKey", "adminApiAccessToken"),
            (None, None, None, Some(_)) => missing("adminApiAccessToken", "apiSecretKey"),
            _ => Err(Invalid::new(
                "clientId: expected clientId and clientSecret, or adminApiAccessToken and apiSecretKey",
            )),
        }
    }

    fn checks(&self) -> Vec<Check> {
        shopify_access::checks()
    }

    fn verified(&self, answers: &[Answer], _: Environment) -> Result<Verified, Refused> {
        let field = if self.client_id.is_some() { "clientId" } else { "adminApiAccessToken" };
        shopify_access::verified(field, &self.shop_domain.0, answers)
    }

    fn token_request(&self) -> Option<Request> {
        let (id, secret) = (self.client_id.as_ref()?, self.client_secret.as_ref()?);
        Some(shopify_access::token_request(id.reveal(), secret.reveal()))
    }

    fn signing_secret(&self) -> Option<&str> {
        self.client_secret.as_ref().or(self.api_secret_key.as_ref()).map(Credential::reveal)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: Value) -> Result<Shopify, String> {
        let shopify: Shopify = serde_json::from_value(body).map_err(|error| error.to_string())?;
        shopify.check(Environment::Production).map_err(|error| error.to_string()).map(|()| shopify)
    }

    #[test]
    fn an_app_is_named_by_one_whole_pair() {
        let shop = "https://sluice-demo.myshopify.com/";
        let app = read(json!({ "shopDomain": shop, "clientId": "id", "clientSecret": "shpss_1" })).unwrap();
        assert_eq!(app.signing_secret(), Some("shpss_1"));
        assert!(app.token_request().is_some());
        assert_eq!(serde_json::to_value(&app).unwrap()["shopDomain"], "sluice-demo.myshopify.com");
        let old = read(json!({ "shopDomain": shop, "adminApiAccessToken": "shpat_1", "apiSecretKey": "s" })).unwrap();
        assert_eq!(old.signing_secret(), Some("s"));
        assert!(old.token_request().is_none());
        for (body, field) in [
            (json!({}), "clientId"),
            (json!({ "clientId": "id" }), "clientSecret"),
            (json!({ "clientSecret": "s" }), "clientId"),
            (json!({ "adminApiAccessToken": "t" }), "apiSecretKey"),
            (json!({ "apiSecretKey": "s" }), "adminApiAccessToken"),
            (json!({ "clientId": "id", "apiSecretKey": "s" }), "clientId"),
        ] {
            let mut sent = body.clone();
            sent["shopDomain"] = shop.into();
            let error = read(sent).unwrap_err();
            assert!(error.starts_with(field), "{body}: {error}");
        }
        for forged in ["evil.example", "sluice-demo.myshopify.com.evil.example", "a.b.myshopify.com", "-.myshopify.com"]
        {
            assert!(read(json!({ "shopDomain": forged, "clientId": "id", "clientSecret": "s" })).is_err(), "{forged}");
        }
    }
}
