//! The link in these mails that switches their setting off (RFC 8058).

use serde::Deserialize;
use sluice_values::WebsiteId;

use crate::alerts::unsubscribe::Token;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Path;
use crate::http::reply::{Answer, Reply};
use crate::mail::message::escape;
use crate::mail::unsubscribe::{BROKEN, FORM, Label, POLICY, page as page_with};
use crate::platform::database::{Batch, Statement, sql};
use crate::secrets::keyring::Keyring;

/// What a website's settings ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Weekly,
    Traffic,
}

impl Kind {
    /// The column of `websites` that says when it is due.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Weekly => "weekly_report_at",
            Self::Traffic => "traffic_look_at",
        }
    }

    /// In mails that were sent long ago: it never changes.
    const fn label(self) -> Label {
        match self {
            Self::Weekly => Label("sluice: unsubscribe from weekly reports, 1"),
            Self::Traffic => Label("sluice: unsubscribe from traffic alerts, 1"),
        }
    }

    const fn setting(self) -> &'static str {
        match self {
            Self::Weekly => "sendWeeklyReports",
            Self::Traffic => "sendViralTrafficAlerts",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Weekly => "weekly reports",
            Self::Traffic => "mails about unusual traffic",
        }
    }

    fn of_token(keyring: &Keyring, token: &str) -> Option<(Self, WebsiteId)> {
        [Self::Weekly, Self::Traffic]
            .into_iter()
            .find_map(|kind| Some((kind, WebsiteId::from_bytes(kind.label().verified(keyring, token)?))))
    }
}

/// The address that switches these mails of a website off. `base_url` is where people reach this gateway.
pub fn link(base_url: &str, keyring: &Keyring, kind: Kind, website: WebsiteId) -> String {
    format!(
        "{}/unsubscribe/reports/{}",
        base_url.trim_end_matches('/'),
        kind.label().token(keyring, *website.as_bytes())
    )
}

// ---- What goes out

/// The page behind a link.
pub enum ReportsPage {
    /// Asks whether to switch these mails about this website off.
    Question(Kind, String),
    /// They are switched off.
    Done(Kind, String),
    /// The website no longer exists.
    Gone,
    /// The link is incomplete or was altered.
    Broken,
}

impl ReportsPage {
    fn html(&self) -> String {
        let content = match self {
            Self::Question(kind, domain) => {
                let (name, domain) = (kind.name(), escape(domain));
                format!(
                    "<h1>Switch these mails off?</h1>\n  <p>There will be no more {name} for {domain}. They can be switched on again in its settings.</p>\n  {FORM}"
                )
            }
            Self::Done(kind, domain) => {
                let (name, domain) = (kind.name(), escape(domain));
                format!(
                    "<h1>Switched off</h1>\n  <p>There are no more {name} for {domain}. They can be switched on again in its settings.</p>"
                )
            }
            Self::Gone => {
                "<h1>Nothing left to switch off</h1>\n  <p>This website was deleted, so there are no more mails about \
                           it.</p>"
                    .to_owned()
            }
            Self::Broken => BROKEN.to_owned(),
        };
        page_with(&content)
    }
}

impl Answer for ReportsPage {
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
    domain: String,
    is_on: i64,
}

fn select(kind: Kind, website: WebsiteId) -> Statement {
    sql(format!("SELECT domain, {} IS NOT NULL AS is_on FROM websites WHERE id = ?1", kind.column())).bind(website)
}

fn switch_off(kind: Kind, website: WebsiteId) -> Statement {
    sql(format!(
        "UPDATE websites SET {} = NULL, settings = json_set(settings, '$.{}', json('false')) WHERE id = ?1 \
         RETURNING domain, 0 AS is_on",
        kind.column(),
        kind.setting()
    ))
    .bind(website)
}

// ---- Handlers

/// GET: asks and switches nothing off, because mail services follow links to scan them.
pub async fn page(call: Call, Path(token): Path<Token>) -> Result<ReportsPage, Error> {
    answer(&call, &token, select).await
}

/// POST: switches the mails off. The link alone is the proof, so the body is not read.
pub async fn unsubscribe(call: Call, Path(token): Path<Token>) -> Result<ReportsPage, Error> {
    answer(&call, &token, switch_off).await
}

async fn answer(call: &Call, token: &Token, statement: fn(Kind, WebsiteId) -> Statement) -> Result<ReportsPage, Error> {
    let keyring = Keyring::from_config(&call.platform.config())?;
    let Some((kind, website)) = Kind::of_token(&keyring, token.as_str()) else { return Ok(ReportsPage::Broken) };
    call.note_target(&website);
    let mut batch = Batch::new();
    let found = batch.read::<Row>(statement(kind, website));
    let found = call.run(batch).await?.first(&found)?;
    Ok(match found {
        Some(Row { domain, is_on: 0 }) => ReportsPage::Done(kind, domain),
        Some(Row { domain, .. }) => ReportsPage::Question(kind, domain),
        None => ReportsPage::Gone,
    })
}
