//! What Cloudflare Access says of whoever it has let through: a JWT of RS256
//! (<https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/>).
//! Pure; whether a signature is right, the platform says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use sluice_values::{Email, Environment, Timestamp};

/// The longest JWT, in bytes: a cookie has half of it.
pub const LONGEST: usize = 8 * 1_024;
/// How far the clocks of Access and of this gateway may be apart, in seconds.
const SKEW_SECS: i64 = 60;
/// The keys of a team that are looked at. It has two: the one that signs, and the one before.
const MOST_KEYS: usize = 16;
/// The bytes of an RSA key's modulus: 2,048 to 4,096 bits. They are also those of its signatures.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

// ---- Settings

/// Whose word is taken: a team's, for one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The scheme and host that stand in `iss`, and at which the keys are.
    pub origin: String,
    audience: String,
}

/// Why nobody can sign in with Cloudflare Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unset {
    #[error("ACCESS_TEAM_DOMAIN and ACCESS_AUD are not set")]
    Both,
    #[error("ACCESS_AUD is set, but ACCESS_TEAM_DOMAIN is not")]
    Team,
    #[error("ACCESS_TEAM_DOMAIN is set, but ACCESS_AUD is not")]
    Audience,
    #[error("ACCESS_TEAM_DOMAIN: expected the team's domain, such as \"acme.cloudflareaccess.com\"")]
    NoTeam,
}

impl Issuer {
    /// Reads the settings. Keys come from Cloudflare, or in development from this machine.
    pub fn read(team: Option<String>, audience: Option<String>, environment: Environment) -> Result<Self, Unset> {
        let (team, audience) = match (team, audience) {
            (Some(team), Some(audience)) => (team, audience.trim().to_owned()),
            (Some(_), None) => return Err(Unset::Audience),
            (None, Some(_)) => return Err(Unset::Team),
            (None, None) => return Err(Unset::Both),
        };
        let team = team.trim().trim_end_matches('/').to_ascii_lowercase();
        let is_here = team.starts_with("http://127.0.0.1:") && environment == Environment::Development;
        if is_here {
            return Ok(Self { origin: team, audience });
        }
        let host = team.strip_prefix("https://").unwrap_or(&team);
        let name = host.strip_suffix(".cloudflareaccess.com").unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| Self { origin: format!("https://{host}"), audience }).ok_or(Unset::NoTeam)
    }
}

// ---- The JWT

/// Why a JWT signs nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("this request has not come through Cloudflare Access")]
    Missing,
    #[error("what Cloudflare Access has sent is cut, or not a JWT")]
    Form,
    #[error("what Cloudflare Access has sent is not signed with RS256")]
    Algorithm,
    #[error("what Cloudflare Access has sent is from another team than that of ACCESS_TEAM_DOMAIN")]
    Issuer,
    #[error("what Cloudflare Access has sent is for another application than that of ACCESS_AUD")]
    Audience,
    #[error("the session at Cloudflare Access is over; reload the page to sign in there again")]
    Over,
    #[error("what Cloudflare Access has sent is not valid yet")]
    Early,
    #[error(
        "Cloudflare Access has let a service through, or somebody without an e-mail address: nobody who has an account here"
    )]
    Nobody,
    #[error("what Cloudflare Access has sent is signed with a key that its team does not publish")]
    Key,
    #[error("what Cloudflare Access has sent is not what it has signed")]
    Signature,
}

/// A JWT that says what it has to. Whether the team has signed it is still to be found out.
#[derive(Debug, PartialEq, Eq)]
pub struct Claimed<'a> {
    pub signed: &'a [u8],
    pub signature: Vec<u8>,
    /// Which key has signed.
    pub key_id: String,
    pub email: Email,
}

impl Issuer {
    /// Reads a JWT, and checks all but its signature.
    pub fn check<'a>(&self, jwt: &'a str, now: Timestamp) -> Result<Claimed<'a>, Wrong> {
        if jwt.len() > LONGEST {
            return Err(Wrong::Form);
        }
        let (signed, signature) = jwt.rsplit_once('.').ok_or(Wrong::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(Wrong::Form)?;
        let (header, claims, signature) = (object(header)?, object(claims)?, decoded(signature)?);
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        // What is critical (RFC 7515, 4.1.11) would have to be understood.
        if text(&header, "alg").as_deref() != Some("RS256") || header.get("crit").is_some() {
            return Err(Wrong::Algorithm);
        }
        let key_id = text(&header, "kid").ok_or(Wrong::Key)?;
        if text(&claims, "iss").as_deref() != Some(&self.origin) {
            return Err(Wrong::Issuer);
        }
        let is_ours = |audience: &Value| audience.as_str() == Some(&self.audience);
        let is_for_us = claims.get("aud").is_some_and(|audience| match audience {
            Value::Array(several) => several.iter().any(is_ours),
            one => is_ours(one),
        });
        if !is_for_us {
            return Err(Wrong::Audience);
        }
        let now = now.as_millis() / 1_000;
        let moment = |name: &str| claims.get(name).map(|moment| moment.as_i64().ok_or(Wrong::Form)).transpose();
        if moment("exp")?.ok_or(Wrong::Form)? <= now - SKEW_SECS {
            return Err(Wrong::Over);
        }
        let starts = moment("iat")?.ok_or(Wrong::Form)?.max(moment("nbf")?.unwrap_or_default());
        if starts > now + SKEW_SECS {
            return Err(Wrong::Early);
        }
        // Of a service token there is a `common_name`, of a team's session a `type` of its own.
        let is_person = claims.get("common_name").is_none() && text(&claims, "type").is_none_or(|kind| kind == "app");
        let email = text(&claims, "email").filter(|_| is_person).and_then(|email| email.parse().ok());
        Ok(Claimed { signed: signed.as_bytes(), signature, key_id, email: email.ok_or(Wrong::Nobody)? })
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Wrong> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Wrong::Form)
}

fn object(text: &str) -> Result<Value, Wrong> {
    serde_json::from_slice(&decoded(text)?).ok().filter(Value::is_object).ok_or(Wrong::Form)
}

// ---- Keys

/// A key of the team, its numbers in Base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    id: String,
    pub modulus: String,
    pub exponent: String,
}

/// The keys for RS256 of a JWK Set (RFC 7517); none where the text is something else.
pub fn keys(text: &str) -> Vec<Key> {
    let set = serde_json::from_str::<Value>(text).unwrap_or_default();
    let listed = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    listed.iter().take(MOST_KEYS).filter_map(key).collect()
}

fn key(jwk: &Value) -> Option<Key> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let is = |name: &str, expected: &str| text(name).is_none_or(|found| found == expected);
    if text("kty") != Some("RSA") || !is("alg", "RS256") || !is("use", "sig") {
        return None;
    }
    let (modulus, exponent) = (text("n")?, text("e")?);
    let is_sized = MODULUS_BYTES.contains(&URL_SAFE_NO_PAD.decode(modulus).ok()?.len());
    let key = || Key {
        id: text("kid").unwrap_or_default().to_owned(),
        modulus: modulus.to_owned(),
        exponent: exponent.to_owned(),
    };
    is_sized.then(key)
}

/// How long keys are known: an hour.
const KNOWN_MS: i64 = 60 * MINUTE_MS;
const MINUTE_MS: i64 = 60 * 1_000;
/// How often a minute the team is asked while none of its keys is known. One that is not among them is looked for once a minute.
const MOST_ASKED: u32 = 5;

/// What an isolate knows of the team's keys.
#[derive(Default)]
pub struct Known {
    keys: Vec<Key>,
    read_at: Option<Timestamp>,
    /// The minute in which the team was asked last, and how often.
    since: Option<Timestamp>,
    asked: u32,
}

impl Known {
    pub fn find(&self, id: &str, now: Timestamp) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id).filter(|_| self.are_known(now))
    }

    /// Whether keys were read, so that one that is not among them is not the team's.
    pub fn are_known(&self, now: Timestamp) -> bool {
        is_within(self.read_at, now, KNOWN_MS)
    }

    /// Whether the team may be asked now: strangers can name any key. Counts it.
    pub fn may_ask(&mut self, now: Timestamp) -> bool {
        if !is_within(self.since, now, MINUTE_MS) {
            (self.since, self.asked) = (Some(now), 0);
        }
        let may = self.asked < if self.are_known(now) { 1 } else { MOST_ASKED };
        self.asked += u32::from(may);
        may
    }

    pub fn learn(&mut self, keys: Vec<Key>, now: Timestamp) {
        (self.keys, self.read_at) = (keys, Some(now));
    }
}

fn is_within(moment: Option<Timestamp>, now: Timestamp, millis: i64) -> bool {
    moment.is_some_and(|moment| (0..millis).contains(&(now.as_millis() - moment.as_millis())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const TEAM: &str = "https://acme.cloudflareaccess.com";
    const AUDIENCE: &str = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);
    const SECS: i64 = 1_779_321_600;

    fn read(team: &str, audience: &str, environment: Environment) -> Result<String, Unset> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Issuer::read(given(team), given(audience), environment).map(|issuer| issuer.origin)
    }

    fn issuer() -> Issuer {
        Issuer { origin: TEAM.to_owned(), audience: AUDIENCE.to_owned() }
    }

    #[test]
    fn a_team_is_a_name_at_cloudflare() {
        for team in ["acme.cloudflareaccess.com", " https://ACME.cloudflareaccess.com/ "] {
            assert_eq!(read(team, AUDIENCE, Environment::Production).as_deref(), Ok(TEAM), "{team}");
        }
        for team in [
            "acme",
            "acme.example",
            "cloudflareaccess.com",
            ".cloudflareaccess.com",
            "http://acme.cloudflareaccess.com",
            "https://evil.example/.cloudflareaccess.com",
            "https://evil.example#.cloudflareaccess.com",
            "a@b.cloudflareaccess.com",
            "a.b.cloudflareaccess.com",
            "https://acme.cloudflareaccess.com:8443",
            "https://acme.cloudflareaccess.com/x",
            "http://127.0.0.1:9000",
        ] {
            assert_eq!(read(team, AUDIENCE, Environment::Production), Err(Unset::NoTeam), "{team}");
        }
        let here = "http://127.0.0.1:9000";
        assert_eq!(read(here, AUDIENCE, Environment::Development).as_deref(), Ok(here));
        assert_eq!(read("http://192.0.2.1:9000", AUDIENCE, Environment::Development), Err(Unset::NoTeam));
    }

    #[test]
    fn one_setting_without_the_other_is_named() {
        let production = Environment::Production;
        for (team, audience, unset) in [("", "", Unset::Both), (TEAM, "", Unset::Audience), ("", AUDIENCE, Unset::Team)]
        {
            assert_eq!(read(team, audience, production), Err(unset));
        }
    }

    // ---- The JWT

    fn encoded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn jwt(header: &Value, claims: &Value) -> String {
        format!("{}.{}.{}", encoded(header), encoded(claims), URL_SAFE_NO_PAD.encode([7; 256]))
    }

    fn header() -> Value {
        json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" })
    }

    /// As Cloudflare documents them.
    fn claims() -> Value {
        json!({ "aud": [AUDIENCE], "email": "Jane@Example.com", "exp": SECS + 60, "iat": SECS - 60, "nbf": SECS - 60,
            "iss": TEAM, "type": "app", "identity_nonce": "6ei69kawdKzMIAPF",
            "sub": "7335d417-61da-459d-899c-0a01c76a2f94", "country": "US" })
    }

    fn with(mut of: Value, name: &str, value: Value) -> Value {
        of[name] = value;
        of
    }

    fn without(mut of: Value, name: &str) -> Value {
        of.as_object_mut().unwrap().remove(name);
        of
    }

    #[test]
    fn a_jwt_is_read_whole() {
        let jwt = jwt(&header(), &claims());
        let claimed = issuer().check(&jwt, NOW).unwrap();
        let signed = jwt.rsplit_once('.').unwrap().0.as_bytes();
        let email = "jane@example.com".parse().unwrap();
        assert_eq!(claimed, Claimed { signed, signature: vec![7; 256], key_id: "k1".to_owned(), email });
    }

    #[test]
    fn what_is_signed_is_as_the_standard_has_it() {
        // RFC 7515, A.2; its claims are not of Access.
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        assert_eq!(issuer().check(jwt, NOW), Err(Wrong::Key), "no kid");
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        assert_eq!(object(claims).unwrap()["exp"], json!(1_300_819_380));
        assert_eq!(decoded(signature).unwrap().len(), 256);
    }

    #[test]
    fn every_claim_has_to_be_right() {
        let check = |claims: &Value| issuer().check(&jwt(&header(), claims), NOW).map(|claimed| claimed.key_id);
        for (name, value) in [
            ("aud", json!(AUDIENCE)),
            ("aud", json!(["other", AUDIENCE])),
            ("exp", json!(SECS - SKEW_SECS + 1)),
            ("iat", json!(SECS + SKEW_SECS)),
            ("nbf", json!(SECS + SKEW_SECS)),
        ] {
            assert_eq!(check(&with(claims(), name, value.clone())).as_deref(), Ok("k1"), "{name} {value}");
        }
        for name in ["nbf", "type", "country"] {
            assert!(check(&without(claims(), name)).is_ok(), "{name}");
        }
        for (name, value, wrong) in [
            ("iss", json!("https://evil.cloudflareaccess.com"), Wrong::Issuer),
            ("iss", json!(format!("{TEAM}/")), Wrong::Issuer),
            ("iss", json!([TEAM]), Wrong::Issuer),
            ("aud", json!(["other"]), Wrong::Audience),
            ("aud", json!([]), Wrong::Audience),
            ("aud", json!([[AUDIENCE]]), Wrong::Audience),
            ("aud", json!({ "0": AUDIENCE }), Wrong::Audience),
            ("aud", json!(format!("{AUDIENCE} ")), Wrong::Audience),
            ("exp", json!(SECS - SKEW_SECS), Wrong::Over),
            ("exp", json!((SECS + 60).to_string()), Wrong::Form),
            ("exp", json!(null), Wrong::Form),
            ("iat", json!(SECS + SKEW_SECS + 1), Wrong::Early),
            ("nbf", json!(SECS + SKEW_SECS + 1), Wrong::Early),
            ("nbf", json!("soon"), Wrong::Form),
            ("type", json!("org"), Wrong::Nobody),
            ("email", json!(""), Wrong::Nobody),
            ("email", json!("jane"), Wrong::Nobody),
            ("email", json!(["jane@example.com"]), Wrong::Nobody),
            // Of a service token, whatever it says besides.
            ("common_name", json!("e367826f93b8d71185e03fe518aff3b4.access"), Wrong::Nobody),
        ] {
            assert_eq!(check(&with(claims(), name, value.clone())), Err(wrong), "{name} {value}");
        }
        for (name, wrong) in [
            ("iss", Wrong::Issuer),
            ("aud", Wrong::Audience),
            ("exp", Wrong::Form),
            ("iat", Wrong::Form),
            ("email", Wrong::Nobody),
        ] {
            assert_eq!(check(&without(claims(), name)), Err(wrong), "without {name}");
        }
    }

    #[test]
    fn only_rs256_with_a_named_key_is_taken() {
        let check = |header: &Value| issuer().check(&jwt(header, &claims()), NOW).map(|claimed| claimed.key_id);
        for algorithm in ["none", "HS256", "RS384", "PS256", "ES256", "rs256", ""] {
            assert_eq!(check(&with(header(), "alg", json!(algorithm))), Err(Wrong::Algorithm), "{algorithm}");
        }
        assert_eq!(check(&without(header(), "alg")), Err(Wrong::Algorithm));
        assert_eq!(check(&with(header(), "crit", json!(["exp"]))), Err(Wrong::Algorithm));
        assert_eq!(check(&without(header(), "kid")), Err(Wrong::Key));
        assert_eq!(check(&with(header(), "kid", json!(7))), Err(Wrong::Key));
    }

    #[test]
    fn what_is_no_jwt_or_too_long_is_refused() {
        let whole = jwt(&header(), &claims());
        let three: Vec<&str> = whole.split('.').collect();
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            three[..2].join("."),
            format!("{whole}.{}", three[2]),
            format!("{whole}="),
            whole.replace('.', " "),
            [&encoded(&json!([])), three[1], three[2]].join("."),
            [three[0], &encoded(&json!("x")), three[2]].join("."),
            [three[0], "e30", three[2], ""].join("."),
        ] {
            assert_eq!(issuer().check(&text, NOW), Err(Wrong::Form), "{text}");
        }
        let padded = |length: usize| {
            let padding = "x".repeat(length);
            jwt(&header(), &with(claims(), "custom", json!(padding)))
        };
        assert!(issuer().check(&padded(4_000), NOW).is_ok());
        assert_eq!(issuer().check(&padded(LONGEST), NOW), Err(Wrong::Form));
    }

    proptest! {
        #[test]
        fn no_text_is_a_fault(text in ".{0,300}", at in 0_usize..700, other: char) {
            let _ = issuer().check(&text, NOW);
            let mut altered: Vec<char> = jwt(&header(), &claims()).chars().collect();
            let at = at % altered.len();
            altered[at] = other;
            let _ = issuer().check(&altered.iter().collect::<String>(), NOW);
            let _ = keys(&text);
        }
    }

    // ---- Keys

    fn jwk(id: &str, bytes: usize) -> Value {
        json!({ "kid": id, "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(vec![0xc1; bytes]) })
    }

    fn ids(set: &Value) -> Vec<String> {
        keys(&set.to_string()).into_iter().map(|key| key.id).collect()
    }

    #[test]
    fn the_keys_of_a_team_are_those_for_rs256() {
        let set =
            json!({ "keys": [jwk("k1", 256), jwk("k2", 512)], "public_cert": { "kid": "k1", "cert": "-----BEGIN" } });
        assert_eq!(ids(&set), ["k1", "k2"]);
        for other in [
            jwk("x", 255),
            jwk("x", 513),
            with(jwk("x", 256), "kty", json!("EC")),
            with(jwk("x", 256), "alg", json!("RS512")),
            with(jwk("x", 256), "use", json!("enc")),
            without(jwk("x", 256), "n"),
            without(jwk("x", 256), "e"),
            with(jwk("x", 256), "n", json!("+/==")),
            json!("x"),
        ] {
            assert_eq!(ids(&json!({ "keys": [other, jwk("k2", 256)] })), ["k2"]);
        }
        assert_eq!(ids(&json!({ "keys": vec![jwk("k", 256); 100] })).len(), MOST_KEYS);
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
            assert_eq!(keys(text), [], "{text}");
        }
    }

    fn at(millis: i64) -> Timestamp {
        NOW.plus_millis(millis)
    }

    #[test]
    fn keys_are_known_for_an_hour() {
        let mut known = Known::default();
        assert!(known.find("k1", NOW).is_none() && !known.are_known(NOW));
        known.learn(keys(&json!({ "keys": [jwk("k1", 256), jwk("k2", 256)] }).to_string()), NOW);
        assert!(known.find("k2", at(KNOWN_MS - 1)).is_some() && known.find("k3", NOW).is_none());
        assert!(known.find("k2", at(KNOWN_MS)).is_none() && known.find("k2", at(-1)).is_none());
    }

    #[test]
    fn a_team_is_asked_once_a_minute_for_a_key_that_it_may_not_have() {
        let mut known = Known::default();
        let asked = (0..10).filter(|_| known.may_ask(NOW)).count();
        assert_eq!(asked, MOST_ASKED as usize, "while there is none at all");
        known.learn(keys(&json!({ "keys": [jwk("k1", 256)] }).to_string()), NOW);
        assert!(!known.may_ask(at(MINUTE_MS - 1)));
        assert!(known.may_ask(at(MINUTE_MS)) && !known.may_ask(at(MINUTE_MS)) && !known.may_ask(at(2 * MINUTE_MS - 1)));
        assert!(known.may_ask(at(2 * MINUTE_MS)));
    }
}
