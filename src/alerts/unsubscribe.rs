//! The link in an alert's mails that switches the alert off (docs/contract/automation.md#e-mail; RFC 8058).
//!
//! The link works without a login, so it carries a proof: the alert's id with an HMAC over it. The keys of the HMAC are
//! derived from `ENCRYPTION_KEYS`. All of them are tried, so that links outlive a rotation. Links are in mails that
//! were sent long ago, so neither the format of a token nor [`LABEL`] may change.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::statements;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Path;
use crate::http::reply::{Answer, Reply};
use crate::mail::message::escape;
use crate::platform::database::{Batch, Statement, sql};
use crate::secrets::keyring::Keyring;
use sluice_values::{AlertId, Invalid};

/// The purpose of the derived key: another purpose has another label, and so another key.
const LABEL: &str = "sluice: unsubscribe from an alert, 1";

const ID_BYTES: usize = 12;
/// Bytes of the proof. Id and proof together fill whole characters of Base64, so that every character counts.
const PROOF_BYTES: usize = 24;

// ---- Rules

/// The address that switches `alert` off. `base_url` is where people reach this gateway.
pub fn link(base_url: &str, keyring: &Keyring, alert: AlertId) -> String {
    format!("{}/unsubscribe/{}", base_url.trim_end_matches('/'), token(keyring, alert))
}

/// The last part of the link: proof that its holder may switch `alert` off.
pub fn token(keyring: &Keyring, alert: AlertId) -> String {
    let mut bytes = alert.as_bytes().to_vec();
    if let Some(proof) = proofs(keyring, alert).next() {
        bytes.extend(proof.finalize().into_bytes().into_iter().take(PROOF_BYTES));
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The alert that a token belongs to, if it was made with any key of the ring.
pub fn verified(keyring: &Keyring, token: &str) -> Option<AlertId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, proof) = bytes.split_at_checked(ID_BYTES)?;
    if proof.len() != PROOF_BYTES {
        return None;
    }
    let alert = AlertId::from_bytes(id.try_into().ok()?);
    // `verify_truncated_left` compares in constant time.
    proofs(keyring, alert).any(|expected| expected.verify_truncated_left(proof).is_ok()).then_some(alert)
}

/// The proof with each key, newest first.
fn proofs(keyring: &Keyring, alert: AlertId) -> impl Iterator<Item = Hmac<Sha256>> {
    keyring.derived(LABEL).filter_map(move |key| {
        // HMAC takes keys of any length.
        let mut proof = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        proof.update(alert.as_bytes());
        Some(proof)
    })
}

// ---- What comes in

/// The last part of a link. Any text parses: an invalid token is answered as not found.
pub struct Token(String);

impl FromStr for Token {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        Ok(Self(sent.to_owned()))
    }
}

impl schemars::JsonSchema for Token {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UnsubscribeToken".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "From the link of an alert's mail" })
    }
}

// ---- What goes out

/// The page behind a link.
pub enum UnsubscribePage {
    /// Asks whether to switch off the alert of this name.
    Question(String),
    /// The alert of this name is switched off.
    Done(String),
    /// The alert no longer exists.
    Gone,
    /// The link is incomplete or was altered.
    Broken,
}

impl UnsubscribePage {
    fn html(&self) -> String {
        let content = match self {
            // The form sends what mail services send (RFC 8058).
            Self::Question(name) => format!(
                "<h1>Switch this alert off?</h1>\n  <p>The alert “{}” will send no more messages, to anybody. It can be \
                 switched on again in its settings.</p>\n  <form method=\"post\"><input type=\"hidden\" \
                 name=\"List-Unsubscribe\" value=\"One-Click\"><button>Switch it off</button></form>",
                escape(name)
            ),
            Self::Done(name) => format!(
                "<h1>Switched off</h1>\n  <p>The alert “{}” sends no more messages. It can be switched on again in its \
                 settings.</p>",
                escape(name)
            ),
            Self::Gone => "<h1>Nothing left to switch off</h1>\n  <p>This alert was deleted, so it sends no more \
                 messages.</p>"
                .to_owned(),
            Self::Broken => "<h1>This link does not work</h1>\n  <p>It is incomplete or was altered. Copy the whole \
                 address from the mail, without a line break.</p>"
                .to_owned(),
        };
        include_str!("unsubscribe.html").replace("{content}", &content)
    }
}

impl Answer for UnsubscribePage {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        let policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
        let status = if matches!(self, Self::Broken) { 404 } else { 200 };
        Reply::page(status, self.html().into_bytes(), policy)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

// ---- SQL

#[derive(Deserialize)]
struct Row {
    name: String,
    is_enabled: i64,
}

fn select(alert: AlertId) -> Statement {
    sql("SELECT name, is_enabled FROM alerts WHERE id = ?1").bind(alert)
}

// ---- Handlers

/// GET: asks and switches nothing off, because mail services follow links to scan them.
pub async fn page(call: Call, Path(token): Path<Token>) -> Result<UnsubscribePage, Error> {
    let Some(alert) = open(&call, &token)? else { return Ok(UnsubscribePage::Broken) };
    let found = call.platform.database().rows::<Row>(select(alert)).await?.into_iter().next();
    Ok(match found {
        Some(row) if row.is_enabled != 0 => UnsubscribePage::Question(row.name),
        Some(row) => UnsubscribePage::Done(row.name),
        None => UnsubscribePage::Gone,
    })
}

/// POST: switches the alert off. The link alone is the proof, so the body is not read: the page's form and mail
/// services (RFC 8058) send the same fields in different encodings.
pub async fn unsubscribe(call: Call, Path(token): Path<Token>) -> Result<UnsubscribePage, Error> {
    let Some(alert) = open(&call, &token)? else { return Ok(UnsubscribePage::Broken) };
    // Cron sends the website's object its new subscriptions; until then it only reports more than is needed.
    let mut batch = Batch::new();
    let switched_off = statements::switch_off(&mut batch, alert, (call.now, call.new_id()?));
    let row = call.platform.database().run(batch).await?.first(&switched_off)?;
    Ok(row.map_or(UnsubscribePage::Gone, |row| UnsubscribePage::Done(row.name)))
}

fn open(call: &Call, Token(token): &Token) -> Result<Option<AlertId>, Error> {
    let keyring = Keyring::from_config(&call.platform.config())?;
    Ok(verified(&keyring, token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use sluice_values::Timestamp;

    fn ring(list: &[u8]) -> Keyring {
        let keys: Vec<_> = list.iter().map(|byte| format!("k{byte}:{}", STANDARD.encode([*byte; 32]))).collect();
        Keyring::parse(&keys.join(",")).unwrap()
    }

    fn alert(random: u8) -> AlertId {
        AlertId::new(Timestamp::from_millis(1_779_321_600_000), [random; 8])
    }

    #[test]
    fn a_link_names_one_alert_and_is_fit_for_an_address() {
        let link = link("https://s.example/", &ring(&[1]), alert(7));
        let token = link.strip_prefix("https://s.example/unsubscribe/").unwrap();
        assert_eq!(token.len(), 48);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{token}");
        assert_eq!(verified(&ring(&[1]), token), Some(alert(7)));
        // python3: hmac(hmac(b"\x01" * 32, LABEL), id)[:24]
        assert_eq!(token, "ag5LAAcHBwcHBwcHMGGxYdFeHasuIZhboMbTGyyycP5_0zir");
    }

    #[test]
    fn links_outlive_a_rotation_but_not_the_key() {
        let token = token(&ring(&[1]), alert(7));
        assert_eq!(verified(&ring(&[2, 1]), &token), Some(alert(7)));
        assert_eq!(verified(&ring(&[2]), &token), None);
        assert_eq!(verified(&ring(&[1]), &super::token(&ring(&[2, 1]), alert(7))), None, "the first key signs");
    }

    #[test]
    fn every_altered_character_is_detected() {
        let token = token(&ring(&[1]), alert(7));
        for at in 0..token.len() {
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. %".chars() {
                let mut altered = token.clone();
                altered.replace_range(at..=at, &other.to_string());
                let expected = (altered == token).then(|| alert(7));
                assert_eq!(verified(&ring(&[1]), &altered), expected, "{altered}");
            }
            assert_eq!(verified(&ring(&[1]), &token[..at]), None);
        }
        assert_eq!(verified(&ring(&[1]), &format!("{token}AAAA")), None);
    }

    #[test]
    fn a_proof_belongs_to_its_alert() {
        let bytes = |alert| URL_SAFE_NO_PAD.decode(token(&ring(&[1]), alert)).unwrap();
        let mixed = [&bytes(alert(7))[..ID_BYTES], &bytes(alert(8))[ID_BYTES..]].concat();
        assert_eq!(verified(&ring(&[1]), &URL_SAFE_NO_PAD.encode(mixed)), None);
    }

    #[test]
    fn pages_show_a_name_as_text_and_only_one_asks() {
        let name = "<script>alert(1)</script> & \"so\"".to_owned();
        let question = UnsubscribePage::Question(name.clone()).html();
        assert!(question.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so&quot;"), "{question}");
        assert!(question.contains("<form method=\"post\">") && !question.contains("<script"), "{question}");
        for page in [UnsubscribePage::Done(name), UnsubscribePage::Gone, UnsubscribePage::Broken] {
            assert!(!page.html().contains("<form") && !page.html().contains("<script"));
        }
    }

    proptest! {
        #[test]
        fn any_alert_is_found_again_and_no_text_panics(second in 0..u32::MAX, random: [u8; 8], text in ".*") {
            let alert = AlertId::new(Timestamp::from_millis(i64::from(second) * 1000), random);
            prop_assert_eq!(verified(&ring(&[1, 2]), &token(&ring(&[2]), alert)), Some(alert));
            prop_assert_eq!(verified(&ring(&[1]), &text), None);
        }
    }
}
