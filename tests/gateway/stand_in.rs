//! The stand-in of the payment providers (tests/providers/stand-in), which test gateways ask in place of the providers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{unique, variable};

/// Tells the stand-in something, or asks it (`stand-in/control.mjs`).
pub async fn tell(order: Value) -> Value {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = answer.post(format!("{}/__control", url("stripe"))).json(&order).send().await.unwrap();
    assert!(answer.status().is_success(), "{order}: {answer:?}");
    answer.json().await.unwrap()
}

/// Where the stand-in of a provider is.
pub fn url(provider: &str) -> String {
    let urls: BTreeMap<String, String> = serde_json::from_str(&variable("SLUICE_STAND_IN")).unwrap();
    urls[provider].clone()
}

/// An account at a provider, of this test alone.
pub struct Seller {
    pub provider: &'static str,
    /// The credential that the stand-in knows it by.
    pub key: String,
    /// The body of connect.
    pub body: Value,
}

impl Seller {
    /// A new account. A shop of WooCommerce is on this machine, which only development allows.
    pub fn of(provider: &'static str, is_development: bool) -> Self {
        let own = unique().replace(['-', '_'], "");
        let mode = if is_development { "test" } else { "live" };
        let (key, body) = match provider {
            "stripe" => {
                let key = format!("rk_{mode}_{own}");
                (key.clone(), json!({ "stripeRak": key }))
            }
            "lemonsqueezy" => {
                let key = format!("eyJ0eXAiOiJKV1Qi{own}");
                (key.clone(), json!({ "lemonsqueezyApiKey": key, "lemonsqueezyStoreId": "12345" }))
            }
            "polar" => {
                let key = format!("polar_oat_{own}");
                let organization = "0d1e2f3a-4b5c-4d7e-8f90-a1b2c3d4e5f6";
                (key.clone(), json!({ "polarAccessToken": key, "polarOrgId": organization }))
            }
            "paddle" => {
                let mode = if is_development { "sdbx" } else { "live" };
                let key = format!("pdl_{mode}_apikey_01{own}_secret_abc");
                (key.clone(), json!({ "paddleApiKey": key }))
            }
            "shopify" => {
                let key = format!("shopify{own}");
                let shop = "sluice-demo.myshopify.com";
                (key.clone(), json!({ "shopDomain": shop, "clientId": key, "clientSecret": format!("shpss_{own}") }))
            }
            _ => {
                let (key, secret) = (format!("ck_{own}"), format!("cs_{own}"));
                let store = url("woocommerce");
                (key.clone(), json!({ "storeUrl": store, "consumerKey": key, "consumerSecret": secret }))
            }
        };
        Self { provider, key, body }
    }

    /// Says something of this account.
    pub async fn tell(&self, action: &str, mut order: Value) -> Value {
        order["do"] = json!(action);
        order["provider"] = json!(self.provider);
        order["key"] = json!(self.key);
        tell(order).await
    }

    /// The requests that were made for this account.
    pub async fn requests(&self) -> Vec<Value> {
        self.tell("requests", json!({})).await["requests"].as_array().unwrap().clone()
    }

    /// The addresses of the webhooks that it has.
    pub async fn webhooks(&self) -> Vec<Value> {
        self.tell("webhooks", json!({ "secrets": true })).await["webhooks"].as_array().unwrap().clone()
    }
}

/// The providers, with a body that connects a new account of each.
pub fn connectable(is_development: bool) -> Vec<(&'static str, Value)> {
    let all = ["stripe", "lemonsqueezy", "polar", "paddle", "shopify", "woocommerce"];
    let shops = usize::from(!is_development);
    all.into_iter().take(6 - shops).map(|provider| (provider, Seller::of(provider, is_development).body)).collect()
}
