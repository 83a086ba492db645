//! A token of a shop, and verifying it (docs/contract/providers.md#4.5).

use std::str::FromStr;

use serde_json::json;

use sluice_values::{Invalid, excerpt};

use crate::access::{Account, Check, Refused, Verified, complete};
use crate::fields::Node;
use crate::reading::Trouble;
use crate::request::{Answer, Body, Request};
use crate::shopify::{data, graphql};

/// A shop's domain, `sluice-demo.myshopify.com`: requests go nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopDomain(String);

impl ShopDomain {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShopDomain {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        let text = text.strip_prefix("https://").unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        let shop = text.strip_suffix(".myshopify.com").unwrap_or_default();
        let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !shop.is_empty() && !shop.starts_with('-') && shop.bytes().all(is_label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(format!(
                "expected a shop such as \"sluice-demo.myshopify.com\", got \"{}\"",
                excerpt(sent)
            )))
        }
    }
}

/// Where tokens are asked for.
pub const TOKEN_PATH: &str = "/admin/oauth/access_token";

/// The request for a token with an app's own credentials.
pub fn token_request(client_id: &str, client_secret: &str) -> Request {
    let body = json!({ "client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials" });
    Request::post(TOKEN_PATH, Body::Json(body))
}

/// A token, and for how long it is good.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub token: String,
    pub secs: i64,
}

/// What the answer to [`token_request`] means.
pub fn token(answer: &Answer) -> Result<Token, Refused> {
    let node = Node::new("token", &answer.body);
    match (answer.status, node.text("/access_token")) {
        (200..=299, Some(token)) => {
            Ok(Token { token: token.to_owned(), secs: node.int("/expires_in").unwrap_or(86_399) })
        }
        (400..=404, _) => Err(Refused::field(
            "clientId, clientSecret or shopDomain",
            "Shopify gives no token; the app must be installed in this shop, which must be of the app's organization",
        )),
        _ => Err(Refused::Later),
    }
}

const SHOP: &str =
    "query Shop { shop { name myshopifyDomain currencyCode } currentAppInstallation { accessScopes { handle } } }";

pub fn checks() -> Vec<Check> {
    vec![Check::new(graphql(SHOP, &json!({})), "")]
}

/// What the answer to [`checks`] means. `field` is the credential that a refused token came of.
pub fn verified(field: &str, shop: &ShopDomain, answers: &[Answer]) -> Result<Verified, Refused> {
    let Some(answer) = answers.first() else { return Err(Refused::Later) };
    match answer.status {
        401 => return Err(Refused::field(field, "Shopify does not accept it")),
        402 | 423 => return Err(Refused::field("shopDomain", "the shop is frozen or locked")),
        403 => return Err(Refused::field(field, "Shopify refuses the app")),
        404 => return Err(Refused::field("shopDomain", "there is no such shop")),
        _ => {}
    }
    let found = match data(answer) {
        Ok(found) => Node::new("data", found),
        Err(Trouble::Denied(scope)) => {
            complete(field, "app", &[scope.unwrap_or_else(|| "read_orders".into())])?;
            return Err(Refused::Later);
        }
        Err(_) => return Err(Refused::Later),
    };
    let domain = found.text("/shop/myshopifyDomain").unwrap_or_default();
    if !domain.eq_ignore_ascii_case(shop.as_str()) {
        return Err(Refused::field("shopDomain", "the credentials are of another shop"));
    }
    let granted: Vec<&str> = found
        .items("/currentAppInstallation/accessScopes", "scope")
        .filter_map(|scope| scope.text("/handle"))
        .collect();
    // The right to write orders is the right to read them too.
    let lacks =
        |scope: &&str| !granted.contains(scope) && !granted.contains(&scope.replacen("read_", "write_", 1).as_str());
    let named = |scopes: &[&str]| {
        scopes.iter().filter(|scope| lacks(scope)).map(|scope| (*scope).to_owned()).collect::<Vec<_>>()
    };
    complete(field, "app", &named(&["read_orders"]))?;
    let missing = named(&["read_all_orders", "read_customers", "read_shopify_payments_disputes"]);
    let name = found.text("/shop/name").map(str::to_owned);
    let account = Some(Account { id: shop.as_str().to_owned(), name });
    Ok(Verified { account, registers: true, missing, test_mode: false, expires_at: None })
}
