//! Requests to a provider's API and its answers, as plain data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::provider::Provider;

/// A request. The platform adds the provider's base address and credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Begins with a slash; ids in it are path segments.
    pub path: String,
    /// Names and values, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    pub body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    None,
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, String)>),
}

impl Request {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), query: Vec::new(), body: Body::None }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::Delete, ..Self::get(path) }
    }

    pub fn post(path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Post, body, ..Self::get(path) }
    }

    /// Path and query, encoded.
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, encoded(&self.query)) }
    }

    /// The body as it is sent, and its media type.
    pub fn content(&self) -> Option<(String, &'static str)> {
        match &self.body {
            Body::None => None,
            Body::Json(json) => Some((json.to_string(), "application/json")),
            Body::Form(fields) => Some((encoded(fields), "application/x-www-form-urlencoded")),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }
}

/// Names and values as a query or a form has them: all but unreserved characters encoded.
fn encoded(fields: &[(&'static str, String)]) -> String {
    let encode = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    fields.join("&")
}

/// The headers that a provider's requests have: who asks, and of which version of the API.
pub fn headers(provider: Provider, credential: &str) -> Vec<(&'static str, String)> {
    let bearer = ("authorization", format!("Bearer {credential}"));
    match provider {
        Provider::Stripe => vec![bearer, ("stripe-version", STRIPE_VERSION.to_owned())],
        Provider::LemonSqueezy => {
            let json_api = "application/vnd.api+json".to_owned();
            vec![bearer, ("accept", json_api.clone()), ("content-type", json_api)]
        }
        Provider::Polar => vec![bearer, ("polar-version", POLAR_VERSION.to_owned())],
        Provider::Paddle => vec![bearer, ("paddle-version", PADDLE_VERSION.to_owned())],
        Provider::Shopify => vec![("x-shopify-access-token", credential.to_owned())],
        // `ck_…:cs_…`
        Provider::WooCommerce => vec![("authorization", format!("Basic {}", BASE64.encode(credential)))],
    }
}

/// A request to a WooCommerce shop whose host strips `Authorization`: the key goes into the query.
#[must_use]
pub fn with_key_in_query(request: Request, consumer_key: &str, consumer_secret: &str) -> Request {
    request.with("consumer_key", consumer_key).with("consumer_secret", consumer_secret)
}

/// The versions of APIs that requests name.
pub const STRIPE_VERSION: &str = "2026-10-28.endive";
pub const POLAR_VERSION: &str = "2026-10";
const PADDLE_VERSION: &str = "1";

/// An answer of a provider's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null if the body is not JSON.
    pub body: Value,
}

impl Answer {
    pub const fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }

    pub const fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// `Retry-After` in seconds; a date is not understood.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.header("retry-after")?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_and_forms_are_encoded() {
        let request = Request::get("/v1/charges/ch_1").with("expand[]", "payment_intent").with("a", "ü &=+/?#");
        assert_eq!(request.target(), "/v1/charges/ch_1?expand%5B%5D=payment_intent&a=%C3%BC%20%26%3D%2B%2F%3F%23");
        assert_eq!(Request::get("/v1/charges").target(), "/v1/charges");
        let form =
            Request::post("/x", Body::Form(vec![("enabled_events[]", "charge.succeeded".into()), ("b", "1 2".into())]));
        let encoded = "enabled_events%5B%5D=charge.succeeded&b=1%202".to_owned();
        assert_eq!(form.content(), Some((encoded, "application/x-www-form-urlencoded")));
        let json = Request::post("/x", Body::Json(json!({ "a": 1 })));
        assert_eq!(json.content(), Some((r#"{"a":1}"#.to_owned(), "application/json")));
        assert_eq!(Request::delete("/x").content(), None);
    }

    #[test]
    fn every_provider_is_told_who_asks() {
        for provider in Provider::ALL {
            let headers = headers(provider, "ck_1:cs_1");
            let expected = match provider {
                Provider::Shopify => ("x-shopify-access-token", "ck_1:cs_1"),
                Provider::WooCommerce => ("authorization", "Basic Y2tfMTpjc18x"),
                _ => ("authorization", "Bearer ck_1:cs_1"),
            };
            assert_eq!((headers[0].0, headers[0].1.as_str()), expected, "{provider}");
        }
    }
}
