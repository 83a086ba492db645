//! The history of notifications, sent or failed (docs/contract/account-api.md#9). It outlives its alerts.

use serde::{Deserialize, Serialize};

use super::destination::Destination;
use super::lease::{HOLDS_LEASE, Lease};
use super::rendering::{AlertContext, Notification};
use super::state_machine::Event;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Query};
use crate::http::reply::Data;
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::expired::Expired;
use sluice_values::{AlertId, Limit, Timestamp, WebsiteId};

/// Messages that an alert shows in its own row.
const RECENT: u32 = 5;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryQuery {
    /// Only messages of this alert.
    alert_id: Option<AlertId>,
    #[serde(default)]
    limit: Limit<50, 100>,
}

// Stored by name in `alert_history.status`: none is renamed.
/// Whether a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// The mail provider accepted the message, or the delivery is stored.
    Sent,
    /// The mail provider rejected the message.
    Failed,
}

/// Records a notification, sent or failed, if the lease is still held.
pub fn insert(lease: Lease, context: &AlertContext, notification: &Notification, error: Option<&str>) -> Statement {
    let insert = sql(format!(
        "INSERT OR IGNORE INTO alert_history (id, website_id, alert_id, alert_name, goal_name, event, destination, status, \
         error, visitor_id, triggered_at) \
         SELECT :id, website_id, id, :name, :goal_name, :event, :destination, :status, :error, :visitor, :at \
         FROM alerts WHERE {HOLDS_LEASE}"
    ));
    lease
        .bind(insert)
        .bind_named("id", notification.id)
        .bind_named("name", context.name.as_str())
        .bind_named("goal_name", context.trigger.goal_name())
        .bind_named("event", notification.event.as_str())
        .bind_named("destination", serde_json::to_string(&context.destination).unwrap_or_default())
        .bind_named("status", if error.is_some() { "failed" } else { "sent" })
        .bind_named("error", error)
        .bind_named("visitor", notification.visitor.map(|visitor| visitor.to_string()))
        .bind_named("at", notification.at)
}

/// One message in the history.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRow {
    alert_id: AlertId,
    alert_name: String,
    /// `null` if the alert is not about one goal.
    goal_name: Option<String>,
    event: Event,
    destination: Destination,
    status: Status,
    error: Option<String>,
    visitor_id: Option<String>,
    triggered_at: Timestamp,
}

/// A row of `alert_history`.
#[derive(Deserialize)]
struct Row {
    alert_id: AlertId,
    alert_name: String,
    goal_name: Option<String>,
    event: Event,
    destination: String,
    status: Status,
    error: Option<String>,
    visitor_id: Option<String>,
    triggered_at: Timestamp,
}

impl TryFrom<Row> for HistoryRow {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let broken = |error| PlatformError::new(format!("history of alert {}: {error}", row.alert_id));
        Ok(Self {
            destination: serde_json::from_str(&row.destination).map_err(broken)?,
            alert_id: row.alert_id,
            alert_name: row.alert_name,
            goal_name: row.goal_name,
            event: row.event,
            status: row.status,
            error: row.error,
            visitor_id: row.visitor_id,
            triggered_at: row.triggered_at,
        })
    }
}

/// One message as its alert shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
#[schemars(inline)]
pub struct Log {
    status: Status,
    error: Option<String>,
    visitor_id: Option<String>,
    triggered_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct HistoryMeta {
    /// The number of all messages that match the query, regardless of the limit.
    counts: Counts,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Counts {
    sent: u32,
    failed: u32,
    total: u32,
}

/// The columns of a [`Row`].
const COLUMNS: &str = "alert_id, alert_name, goal_name, event, destination, status, error, visitor_id, triggered_at";

/// How many messages have this status.
#[derive(Deserialize)]
struct Count {
    status: Status,
    count: u32,
}

fn select(batch: &mut Batch, website: WebsiteId, query: &HistoryQuery) -> (Handle<Row>, Handle<Count>) {
    // Two conditions rather than one with `?2 IS NULL OR …`, which no index could serve.
    let condition = match query.alert_id {
        Some(_) => "website_id = ?1 AND alert_id = ?2",
        None => "website_id = ?1 AND ?2 IS NULL",
    };
    let matching = |text: String| sql(text).bind(website).bind(query.alert_id);
    let rows = matching(format!(
        "SELECT {COLUMNS} FROM alert_history WHERE {condition} ORDER BY triggered_at DESC, id LIMIT ?3"
    ));
    let counts =
        matching(format!("SELECT status, count(*) AS count FROM alert_history WHERE {condition} GROUP BY status"));
    (batch.read(rows.bind(query.limit.get())), batch.read(counts))
}

/// One of the latest messages of an alert.
#[derive(Deserialize)]
pub struct RecentLog {
    pub alert_id: AlertId,
    #[serde(flatten)]
    pub log: Log,
}

/// The latest messages of each alert of a website. Returns [`RecentLog`]s.
pub fn select_recent(website: WebsiteId) -> Statement {
    sql("SELECT history.alert_id, history.status, history.error, history.visitor_id, history.triggered_at \
         FROM alerts JOIN alert_history AS history ON history.id IN ( \
           SELECT id FROM alert_history WHERE website_id = alerts.website_id AND alert_id = alerts.id \
           ORDER BY triggered_at DESC, id LIMIT ?2) \
         WHERE alerts.website_id = ?1 ORDER BY history.triggered_at DESC, history.id")
    .bind(website)
    .bind(RECENT)
}

/// GET: the website's messages, newest first.
pub async fn list(
    call: WebsiteCall,
    input: Input<Query<HistoryQuery>>,
) -> Result<Data<HistoryRow, HistoryMeta>, Error> {
    let plan = |batch: &mut Batch, website, Query(query): &Query<HistoryQuery>| select(batch, website, query);
    let (_, _, (messages, counts), results) = call.enter(input, plan).await?;
    let messages = results.all(&messages)?.into_iter().map(HistoryRow::try_from).collect::<Result<_, _>>()?;
    let counts = results.all(&counts)?;
    let of = |status| counts.iter().find(|row| row.status == status).map_or(0, |row| row.count);
    let (sent, failed) = (of(Status::Sent), of(Status::Failed));
    Ok(Data::with(messages, HistoryMeta { counts: Counts { sent, failed, total: sent + failed } }))
}
/// How long history and transitions are kept: 90 days.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1_000;
/// Old history.
pub const EXPIRED: Expired = Expired { table: "alert_history", key: "id", time: "triggered_at", kept_ms: KEPT_MS };
/// Old transitions.
pub const EXPIRED_TRANSITIONS: Expired =
    Expired { table: "alert_transitions", key: "id", time: "at", kept_ms: KEPT_MS };
