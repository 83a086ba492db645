//! Custom headers of an endpoint, sent with every webhook, such as an `Authorization` header.

use std::collections::BTreeMap;

use sluice_values::ordered::Ordered as _;

use schemars::json_schema;
use serde::{Deserialize, Serialize};

use sluice_values::{Invalid, excerpt};

/// The most headers of one endpoint.
const MOST: usize = 20;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest value, in characters.
const LONGEST_VALUE: usize = 1_000;

/// How the `User-Agent` of every delivery begins: nothing with it and a `webhook-id` may call a gateway.
pub const USER_AGENT_PRODUCT: &str = "Sluice/";

/// Replaces a credential in responses. Not even its end is shown: that may be much of a short password.
const MASK: &str = "********";

/// Names that only the gateway, the connection or the platform may set, in lower case.
const RESERVED: [&str; 21] = [
    // The message (RFC 9110): sender, recipient and date.
    "host",
    "date",
    "user-agent",
    "expect",
    "max-forwards",
    // The connection (RFC 9110, 7.6.1).
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    // The runtime decodes only the encodings that it asked for.
    "accept-encoding",
    "accept-charset",
    // Intermediaries, which a receiver trusts.
    "via",
    "forwarded",
    "x-real-ip",
    "true-client-ip",
    "cdn-loop",
    "alt-used",
    "early-data",
];

/// Reserved beginnings of names.
const RESERVED_PREFIXES: [&str; 6] = ["webhook-", "content-", "proxy-", "cf-", "sec-", "x-forwarded-"];

/// Parts of header names whose values are secret.
const CREDENTIALS: [&str; 10] =
    ["auth", "token", "key", "secret", "password", "passwd", "credential", "cookie", "signature", "session"];

/// Beginnings of values that are credentials in any header (RFC 7617, RFC 6750).
const CREDENTIAL_SCHEMES: [&str; 2] = ["basic ", "bearer "];

/// Header names with their values: legal HTTP, and none reserved. Names differ in more than case, and are stored in the
/// case in which they were sent.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Sent")]
pub struct CustomHeaders(BTreeMap<String, String>);

impl CustomHeaders {
    /// The headers, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The headers for a response: values that look like credentials are masked.
    pub fn masked(&self) -> BTreeMap<String, String> {
        let shown = |name: &str, value: &str| if is_credential(name, value) { MASK } else { value }.to_owned();
        self.iter().map(|(name, value)| (name.to_owned(), shown(name, value))).into_map()
    }

    /// Replaces masks with the values in `stored`, so that a client can read an endpoint, change one header and send
    /// all of them back.
    pub fn unmasked(mut self, stored: &Self) -> Result<Self, Invalid> {
        for (name, value) in &mut self.0 {
            if value == MASK {
                let known = stored.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                let (_, kept) = known.ok_or_else(|| {
                    Invalid::new(format!(
                        "{name}: \"{MASK}\" stands for a stored value, and there is none; send the value"
                    ))
                })?;
                kept.clone_into(value);
            }
        }
        Ok(self)
    }
}

/// Shows no values: they may be credentials.
impl std::fmt::Debug for CustomHeaders {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_set().entries(self.0.keys()).finish()
    }
}

/// The headers as sent, possibly with repeated names.
struct Sent(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> serde::de::Visitor<'de> for Pairs {
            type Value = Sent;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an object of header names and values such as {\"X-Team\":\"growth\"}")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Sent, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Sent(pairs))
            }
        }

        from.deserialize_map(Pairs)
    }
}

impl TryFrom<Sent> for CustomHeaders {
    type Error = Invalid;

    fn try_from(Sent(sent): Sent) -> Result<Self, Invalid> {
        if sent.len() > MOST {
            return Err(Invalid::new(format!("at most {MOST} headers, got {}", sent.len())));
        }
        let mut headers = BTreeMap::new();
        for (name, value) in sent {
            check_name(&name)?;
            // The error echoes nothing of the value, which may be most of a secret.
            check_value(&value).map_err(|Invalid(why)| Invalid::new(format!("{name}: {why}")))?;
            if let Some(twin) = headers.keys().find(|known: &&String| known.eq_ignore_ascii_case(&name)) {
                return Err(Invalid::new(format!("\"{twin}\" and \"{name}\" are one header; send it once")));
            }
            headers.insert(name, value);
        }
        Ok(Self(headers))
    }
}

impl schemars::JsonSchema for CustomHeaders {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CustomHeaders".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let reserved = RESERVED.join(", ");
        let prefixes = RESERVED_PREFIXES.map(|prefix| format!("{prefix}*")).join(", ");
        json_schema!({
            "type": "object",
            "description": format!(
                "Names and values of HTTP headers; visible ASCII, spaces and tabs. Not to be set: {prefixes}, {reserved}."
            ),
            "maxProperties": MOST,
            "propertyNames": { "maxLength": LONGEST_NAME, "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
            "additionalProperties": {
                "type": "string", "maxLength": LONGEST_VALUE, "pattern": r"^([!-~]([\t -~]*[!-~])?)?$"
            },
            "examples": [{ "X-Team": "growth" }]
        })
    }
}

/// A token of RFC 9110 that is not reserved.
fn check_name(name: &str) -> Result<(), Invalid> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(Invalid::new(format!(
            "a header's name has 1 to {LONGEST_NAME} letters, digits or !#$%&'*+-.^_`|~, got \"{}\"",
            excerpt(name)
        )));
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err(Invalid::new(format!(
            "\"{name}\" cannot be set: the gateway or the connection sets it; leave it out"
        )));
    }
    Ok(())
}

/// A field value of RFC 9110, without the bytes that it calls obsolete.
fn check_value(value: &str) -> Result<(), Invalid> {
    if value.len() > LONGEST_VALUE {
        return Err(Invalid::new(format!("at most {LONGEST_VALUE} characters, got {}", value.chars().count())));
    }
    if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return Err(Invalid::new("expected visible ASCII characters, spaces and tabs, without line breaks"));
    }
    // It would not arrive: receivers strip it.
    if value.trim_matches([' ', '\t']).len() != value.len() {
        return Err(Invalid::new("must not begin or end with a space or tab"));
    }
    Ok(())
}

fn is_credential(name: &str, value: &str) -> bool {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    CREDENTIALS.iter().any(|part| name.contains(part))
        || CREDENTIAL_SCHEMES.iter().any(|scheme| value.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn parse(headers: &Value) -> Result<CustomHeaders, String> {
        serde_json::from_str(&headers.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn legal_headers_are_stored_as_sent() {
        for sent in [
            json!({}),
            json!({ "X-Team": "growth", "Authorization": "Bearer a.b-c", "x_y": "", "!#$%&'*+-.^_`|~": "a\tb c" }),
            json!({ "X-Content-Id": "1", "Webhooks": "1", "Webhook": "1", "Hostess": "1", "Tea": "1", "Cookie": "a=b" }),
            json!({ "n".repeat(100): "v".repeat(1_000) }),
            json!((0..20).map(|number| (format!("X-{number}"), json!("x"))).collect::<serde_json::Map<_, _>>()),
        ] {
            let headers = parse(&sent).unwrap();
            assert_eq!(serde_json::to_value(&headers).unwrap(), sent);
            assert_eq!(headers.iter().count(), sent.as_object().unwrap().len());
        }
    }

    #[test]
    fn names_are_tokens_and_not_reserved() {
        for name in
            ["", "X Team", "X:Team", "X-Team:", "Ü", "X\r\nY", "X\0", "(x)", "a/b", "a=b", "\"a\"", &"n".repeat(101)]
        {
            assert!(parse(&json!({ name: "x" })).unwrap_err().contains("a header's name has 1 to 100"), "{name}");
        }
        for name in [
            "webhook-id",
            "Webhook-Signature",
            "WEBHOOK-X",
            "host",
            "Host",
            "content-type",
            "Content-Length",
            "Content-Encoding",
            "connection",
            "Keep-Alive",
            "transfer-encoding",
            "TE",
            "trailer",
            "upgrade",
            "expect",
            "proxy-authorization",
            "Proxy-Connection",
            "cf-connecting-ip",
            "CF-Worker",
            "user-agent",
            "Date",
            "X-Forwarded-For",
            "Forwarded",
            "via",
            "Sec-Fetch-Mode",
            "Accept-Encoding",
            "HTTP2-Settings",
        ] {
            assert!(parse(&json!({ name: "x" })).unwrap_err().contains("cannot be set"), "{name}");
        }
    }

    #[test]
    fn values_are_legal_and_never_echoed() {
        for value in ["secret\r\nX-Other: 1", "secret\n", "secret\0", "sécret", "secret\u{7f}", " secret", "secret\t"]
        {
            let error = parse(&json!({ "X-Team": value })).unwrap_err();
            assert!(error.starts_with("X-Team: ") && !error.contains("cret"), "{error}");
        }
        assert!(parse(&json!({ "X-Team": "v".repeat(1_001) })).unwrap_err().contains("at most 1000 characters"));
        for wrong in [json!({ "X-Team": 7 }), json!({ "X-Team": null }), json!([]), json!("X-Team: 1"), json!(null)] {
            assert!(parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_unique_in_any_case_and_at_most_20() {
        for twice in [r#"{"X-Team":"a","x-team":"b"}"#, r#"{"X-Team":"a","X-Team":"a"}"#] {
            let error = serde_json::from_str::<CustomHeaders>(twice).unwrap_err().to_string();
            assert!(error.contains("are one header"), "{error}");
        }
        let many: serde_json::Map<_, _> = (0..21).map(|number| (format!("X-{number}"), json!("x"))).collect();
        assert!(parse(&many.into()).unwrap_err().contains("at most 20 headers, got 21"));
    }

    #[test]
    fn credentials_are_masked_and_a_mask_sent_back_keeps_them() {
        let stored = parse(&json!({
            "Authorization": "Bearer abc", "X-Api-Key": "k", "X-TOKEN": "t", "X-Hub-Signature": "s", "Cookie": "c=1",
            "Client-Secret": "x", "X-Password": "p", "X-Team": "growth", "X-Upstream": "Basic dXNlcjpwYXNz",
        }))
        .unwrap();
        let masked = stored.masked();
        let open: Vec<_> = masked.iter().filter(|(_, value)| *value != MASK).collect();
        assert_eq!(open, [(&"X-Team".to_owned(), &"growth".to_owned())]);
        assert!(!format!("{stored:?}").contains("growth"), "{stored:?}");

        let back = parse(&json!({ "authorization": MASK, "X-Token": "new", "X-Team": "sales" })).unwrap();
        let merged = back.unmasked(&stored).unwrap();
        let expected = json!({ "authorization": "Bearer abc", "X-Token": "new", "X-Team": "sales" });
        assert_eq!(serde_json::to_value(&merged).unwrap(), expected);
        let error = parse(&json!({ "X-New-Key": MASK })).unwrap().unmasked(&stored).unwrap_err();
        assert!(error.to_string().contains("X-New-Key"), "{error}");
    }

    proptest! {
        #[test]
        fn accepted_headers_are_legal_http(name in "[ -~]{0,12}|.*", value in "[\t -~]{0,12}|.*") {
            if let Ok(headers) = parse(&json!({ &name: &value })) {
                prop_assert!(http::header::HeaderName::from_bytes(name.as_bytes()).is_ok(), "{}", name);
                let legal = http::header::HeaderValue::from_str(&value).unwrap();
                prop_assert_eq!(legal.to_str().unwrap(), value.as_str());
                prop_assert_eq!(parse(&serde_json::to_value(&headers).unwrap()).unwrap(), headers);
            }
        }
    }
}
