//! The link in an alert's mails that switches the alert off (docs/contract/automation.md#e-mail; RFC 8058).

use std::str::FromStr;

use serde::Deserialize;

use super::statements;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Path;
use crate::http::reply::{Answer, Reply};
use crate::mail::message::escape;
use crate::mail::unsubscribe::{BROKEN, FORM, Label, POLICY, page as page_with};
use crate::platform::database::{Batch, Statement, sql};
use crate::secrets::keyring::Keyring;
use sluice_values::{AlertId, Invalid};

// In mails that were sent long ago: it never changes.
const LABEL: Label = Label("sluice: unsubscribe from an alert, 1");

// ---- Rules

/// The address that switches `alert` off. `base_url` is where people reach this gateway.
pub fn link(base_url: &str, keyring: &Keyring, alert: AlertId) -> String {
    format!("{}/unsubscribe/{}", base_url.trim_end_matches('/'), token(keyring, alert))
}

/// The last part of the link: proof that its holder may switch `alert` off.
pub fn token(keyring: &Keyring, alert: AlertId) -> String {
    LABEL.token(keyring, *alert.as_bytes())
}

/// The alert that a token belongs to.
pub fn verified(keyring: &Keyring, token: &str) -> Option<AlertId> {
    LABEL.verified(keyring, token).map(AlertId::from_bytes)
}

// ---- What comes in

/// The last part of a link. Any text parses: an invalid token is answered as not found.
pub struct Token(String);

impl Token {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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
        schemars::json_schema!({ "type": "string", "description": "From the link of a mail" })
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
            Self::Question(name) => format!(
                "<h1>Switch this alert off?</h1>\n  <p>The alert “{}” will send no more messages, to anybody. It can be \
                 switched on again in its settings.</p>\n  {FORM}",
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
            Self::Broken => BROKEN.to_owned(),
        };
        page_with(&content)
    }
}

impl Answer for UnsubscribePage {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        let status = if matches!(self, Self::Broken) { 404 } else { 200 };
        Reply::page(status, self.html().into_bytes(), POLICY)
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
    call.note_target(&alert);
    let row = call.run(batch).await?.first(&switched_off)?;
    Ok(row.map_or(UnsubscribePage::Gone, |row| UnsubscribePage::Done(row.name)))
}

fn open(call: &Call, token: &Token) -> Result<Option<AlertId>, Error> {
    let keyring = Keyring::from_config(&call.platform.config())?;
    Ok(verified(&keyring, token.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
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
    fn pages_show_a_name_as_text_and_only_one_asks() {
        let name = "<script>alert(1)</script> & \"so\"".to_owned();
        let question = UnsubscribePage::Question(name.clone()).html();
        assert!(question.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so&quot;"), "{question}");
        assert!(question.contains("<form method=\"post\">") && !question.contains("<script"), "{question}");
        for page in [UnsubscribePage::Done(name), UnsubscribePage::Gone, UnsubscribePage::Broken] {
            assert!(!page.html().contains("<form") && !page.html().contains("<script"));
        }
    }
}
