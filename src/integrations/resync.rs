//! Importing a connected provider's past again (docs/contract/providers.md#3.5).

use std::str::FromStr;

use jiff::civil::Date;
use schemars::json_schema;
use serde::Deserialize;

use super::past::{self, Past};
use super::provider::{Kind, Provider};
use super::queue::{self as hints, Hint};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Data, Message};
use crate::platform::config::Config;
use crate::platform::database::{Batch, Statement, sql};
use crate::site;
use sluice_engine::protocol::RestoreDeleted;
use sluice_providers::pages;
use sluice_values::{Invalid, Timestamp, WebsiteId, excerpt, hex, text_value};

/// A day, which begins at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(Date);

impl Day {
    pub fn start(self) -> Timestamp {
        let at = self.0.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |start| start.timestamp().as_millisecond());
        Timestamp::from_millis(at)
    }
}

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let is_day = sent.len() == 10 && sent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = sent.parse().ok().filter(|_| is_day);
        date.map(Self)
            .ok_or_else(|| Invalid::new(format!("expected a day such as \"2026-01-01\", got \"{}\"", excerpt(sent))))
    }
}

impl TryFrom<String> for Day {
    type Error = Invalid;

    fn try_from(sent: String) -> Result<Self, Invalid> {
        sent.parse()
    }
}

/// The body of a resync; all of it is optional.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ResyncIntegration")]
pub struct Resync {
    /// The day from which on payments are read (UTC); without it, all of them.
    #[serde(default)]
    from: Option<DayText>,
    /// Whether payments come back that were deleted here.
    #[serde(default)]
    restore_deleted: bool,
}

/// A day as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayText(Day, String);

impl DayText {
    fn as_str(&self) -> &str {
        &self.1
    }
}

impl FromStr for DayText {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let day = sent.trim();
        Ok(Self(day.parse()?, day.to_owned()))
    }
}

text_value!(DayText, json_schema!({ "type": "string", "format": "date", "example": "2026-01-01" }));

// ---- SQL

/// How far before its failure a connection is read again, in milliseconds.
const MISSED_MS: i64 = 3 * 86_400_000;

/// An import of a connection, unless one is running.
pub fn queue(of: (WebsiteId, Kind), run: [u8; 12], from: Option<Timestamp>, now: Timestamp) -> Statement {
    insert(of, run, ("?5", "true"), UNLESS_RUNNING, (from, now))
}

const UNLESS_RUNNING: &str = "provider_imports.state <> 'running'";

/// The fifth parameter is a time, which `from` is made of.
fn insert(
    (website, provider): (WebsiteId, Kind),
    run: [u8; 12],
    (from, condition): (&str, &str),
    unless: &str,
    (time, now): (Option<Timestamp>, Timestamp),
) -> Statement {
    sql(format!(
        "INSERT INTO provider_imports (website_id, provider, run, stage, from_time, state, due_at, started_at) \
         SELECT website_id, provider, ?3, ?4, {from}, 'running', ?6, ?6 FROM integrations \
         WHERE website_id = ?1 AND provider = ?2 AND {condition} \
         ON CONFLICT DO UPDATE SET run = excluded.run, stage = excluded.stage, cursor = NULL, done = 0, added = 0, total = NULL, \
           from_time = CASE provider_imports.state WHEN 'running' THEN provider_imports.from_time ELSE excluded.from_time END, state = excluded.state, attempts = 0, slowed = 0, due_at = excluded.due_at, \
           lease = NULL, started_at = excluded.started_at, progressed_at = NULL, finished_at = NULL \
         WHERE {unless}"
    ))
    .bind(website)
    .bind(provider.name())
    .bind(hex(&run))
    .bind(pages::stages(provider).first().copied().unwrap_or_default())
    .bind(time)
    .bind(now)
}

/// The import of a connection that has never had one, from the operator's day on.
pub fn begin(of: (WebsiteId, Kind), run: [u8; 12], from: Option<Timestamp>, now: Timestamp) -> Statement {
    insert(
        of,
        run,
        (
            "?5",
            "NOT EXISTS (SELECT 1 FROM provider_imports p WHERE p.website_id = ?1 AND p.provider = ?2 AND p.kind = 'import' \
             AND p.started_at >= integrations.connected_at)",
        ),
        UNLESS_RUNNING,
        (from, now),
    )
}

/// The import of what a connection missed while it was failing. One that runs goes on; if the connection failed for longer than a
/// look reaches back afterwards, it begins anew.
pub fn catch_up(of: (WebsiteId, Kind), run: [u8; 12], now: Timestamp) -> Statement {
    const OR_TOO_LONG: &str = "provider_imports.state <> 'running' OR excluded.from_time + 2 * ?5 < ?6";
    let missed = Some(Timestamp::from_millis(MISSED_MS));
    insert(of, run, ("failing_since - ?5", "failing_since IS NOT NULL"), OR_TOO_LONG, (missed, now))
}

/// Lets readings go on at once that wait for this connection to be well again.
pub fn wake((website, provider): (WebsiteId, Kind), now: Timestamp) -> Statement {
    sql("UPDATE provider_imports SET due_at = ?3, attempts = 0 WHERE website_id = ?1 AND provider = ?2 AND state = 'running' \
         AND lease IS NULL AND due_at > ?3")
    .bind(website)
    .bind(provider.name())
    .bind(now)
}

/// From when on payments are read if nobody says so: the operator's day, or as far back as a shop lets an app see.
pub fn earliest(config: &Config<'_>, provider: Kind, missing: &[String], now: Timestamp) -> Option<Timestamp> {
    let day = config.provider_import_from().and_then(|day| day.parse::<Day>().ok()).map(Day::start);
    let is_short = provider == Kind::Shopify && missing.iter().any(|missing| missing == "read_all_orders");
    day.max(is_short.then(|| now.plus_millis(-SHORT_MS)))
}

/// How far back an app of Shopify's sees orders without the right to all of them, in milliseconds.
const SHORT_MS: i64 = 60 * 86_400_000;

#[derive(Deserialize)]
struct Connected {
    missing_permissions: String,
}

fn select_connected(website: WebsiteId, provider: Kind) -> Statement {
    sql("SELECT missing_permissions FROM integrations WHERE website_id = ?1 AND provider = ?2")
        .bind(website)
        .bind(provider.name())
}

// ---- Handlers

/// PATCH: queues an import of the past; while one runs, no second one.
pub async fn resync<P: Provider>(call: WebsiteCall, input: Input<Body<Resync>>) -> Result<Data<Message>, Error> {
    let plan =
        |batch: &mut Batch, website, _: &Body<Resync>| batch.read::<Connected>(select_connected(website, P::KIND));
    let (website, Body(Resync { from, restore_deleted }), connected, results) = call.enter(input, plan).await?;
    let Some(Connected { missing_permissions }) = results.first(&connected)? else {
        return Err(Error::not_found(format!("{} is not connected", P::TITLE)));
    };
    let now = website.call.now;
    if restore_deleted {
        site::ask(&website.call.platform, website.id, now, RestoreDeleted { provider: P::KIND }).await?;
    }
    let missing: Vec<String> = serde_json::from_str(&missing_permissions).unwrap_or_default();
    let from = from.map(|DayText(day, _)| day.start());
    let from = from.or_else(|| earliest(&website.call.platform.config(), P::KIND, &missing, now));
    let run = website.call.platform.random()?;
    let mut batch = Batch::of(queue((website.id, P::KIND), run, from, now));
    batch.run(
        sql("UPDATE integrations SET state = 'importing' WHERE website_id = ?1 AND provider = ?2 AND state = 'connected'")
            .bind(website.id)
            .bind(P::KIND.name()),
    );
    website.run(batch).await?;
    let past = Past { website: website.id, provider: P::KIND, kind: past::Kind::Import };
    hints::enqueue(&website.call.platform, &[(Hint::Past(past), 0)]).await;
    Ok(Message::saying(format!("{} payment resync queued", P::TITLE)))
}
