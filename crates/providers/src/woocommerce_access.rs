//! Verifying a key of a WooCommerce shop (docs/contract/providers.md#4.6).

use serde_json::Value;

use crate::access::{Check, Refused, Verified, is_later};
use crate::fields::{Fault, Node};
use crate::request::{Answer, Request};
use crate::woocommerce::API;

const KEY: &str = "consumerKey";
const STORE: &str = "storeUrl";

pub fn checks() -> Vec<Check> {
    let get = |path: &str| Request::get(format!("{API}{path}"));
    vec![
        Check::new(get("/orders").with("per_page", "1"), "orders"),
        Check::new(get("/data/currencies/current"), ""),
        Check::new(get("/webhooks").with("per_page", "1"), "webhooks"),
    ]
}

/// What the answers to [`checks`] mean.
pub fn verified(answers: &[Answer]) -> Result<Verified, Refused> {
    let [orders, _, webhooks] = answers else { return Err(Refused::Later) };
    if let 301 | 302 | 307 | 308 = orders.status {
        let to = orders
            .header("location")
            .and_then(|to| to.split("/wp-json").next())
            .filter(|to| to.starts_with("https://"));
        let why = to.map_or_else(
            || "the shop answers somewhere else".to_owned(),
            |to| format!("the shop answers at {to}; use that"),
        );
        return Err(Refused::field(STORE, &why));
    }
    let code = orders.body.pointer("/code").and_then(|code| code.as_str());
    match (orders.status, code) {
        (401 | 403, Some("woocommerce_rest_authentication_error")) => {
            return Err(Refused::field(KEY, "the shop does not accept this key"));
        }
        (401 | 403, Some(_)) => return Err(Refused::field(KEY, "the key's user may not read orders")),
        (404, _) => {
            return Err(Refused::field(STORE, "no WooCommerce answers there; its permalinks must not be plain"));
        }
        _ if is_later(orders) => return Err(Refused::Later),
        // A page, or a firewall.
        _ if !orders.is_ok() || !orders.body.is_array() => {
            return Err(Refused::field(STORE, "something in front of the shop answers"));
        }
        _ => {}
    }
    let registers = webhooks.is_ok();
    let missing = if registers { Vec::new() } else { vec!["write".to_owned()] };
    Ok(Verified { account: None, registers, missing, test_mode: false, expires_at: None })
}

// ---- By consent

/// The page of the shop that asks its owner for a key and posts it to `callback`.
pub fn consent_url(store: &str, nonce: &str, back: &str, callback: &str) -> String {
    let page = Request::get("/wc-auth/v1/authorize")
        .with("app_name", "Sluice")
        .with("scope", "read_write")
        .with("user_id", nonce)
        .with("return_url", back)
        .with("callback_url", callback);
    format!("{}{}", store.trim_end_matches('/'), page.target())
}

/// What a shop posts after consent. It has no `Debug`, so that the key cannot reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Consent {
    pub nonce: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    /// Whether webhooks may be made with it.
    pub writes: bool,
}

pub fn consent(body: &Value) -> Result<Consent, Fault> {
    let body = Node::new("body", body);
    let secret = |path: &str, prefix: &str| {
        let text =
            body.text(path).filter(|text| text.starts_with(prefix) && text.bytes().all(|byte| byte.is_ascii_graphic()));
        text.map(str::to_owned).ok_or_else(|| body.fault(path, &format!("text that begins with {prefix}")))
    };
    Ok(Consent {
        nonce: body.id("/user_id").ok_or_else(|| body.fault("/user_id", "an id"))?,
        consumer_key: secret("/consumer_key", "ck_")?,
        consumer_secret: secret("/consumer_secret", "cs_")?,
        writes: body.text("/key_permissions").is_some_and(|permissions| permissions.contains("write")),
    })
}
