//! What alerts have sent, or failed to send (docs/contract/account-api.md#9). It outlives the alerts.

use serde::{Deserialize, Serialize};

use super::lease::AlertContext;
use super::notify::Notification;
use super::resource::Destination;
use super::state_machine::Event;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Query};
use crate::http::reply::Data;
use crate::platform::PlatformError;
use crate::platform::database::{Rows, Statement, sql};
use sluice_values::{AlertId, Limit, Timestamp, WebsiteId};

/// Messages that a rule shows of its own.
const RECENT: u32 = 5;

/// The query of history.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Only messages of this alert.
    alert_id: Option<AlertId>,
    #[serde(default)]
    limit: Limit<50, 100>,
}

/// Whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// The mail service took it, or the delivery is stored.
    Sent,
    /// It did not.
    Failed,
}

/// Keeps a notice that was told, or could not be, where the alert's lease is still held.
pub fn insert(letter: &AlertContext, notice: &Notification, error: Option<&str>, until: Timestamp) -> Statement {
    sql("INSERT OR IGNORE INTO alert_history (id, website_id, alert_id, alert_name, goal_name, event, destination, status, \
         error, visitor_id, triggered_at) \
         SELECT ?3, website_id, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM alerts WHERE id = ?1 AND leased_until = ?2")
    .bind(letter.id)
    .bind(until)
    .bind(notice.id)
    .bind(letter.name.as_str())
    .bind(letter.trigger.goal_name())
    .bind(notice.event.as_str())
    .bind_json(&letter.destination)
    .bind(if error.is_some() { "failed" } else { "sent" })
    .bind(error)
    .bind(notice.visitor.map(|visitor| visitor.to_string()))
    .bind(notice.at)
}

/// One message in the history.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRow {
    alert_id: AlertId,
    alert_name: String,
    /// `null` where the alert is not about one goal.
    goal_name: Option<String>,
    /// What it told.
    event: Event,
    /// Where it went.
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

/// One message as its rule shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
#[schemars(inline)]
pub struct Log {
    status: Status,
    error: Option<String>,
    visitor_id: Option<String>,
    triggered_at: Timestamp,
}

/// What stands beside the history's rows.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct BesideHistory {
    /// Of everything that the filter matches, also beyond the limit.
    counts: Counts,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Counts {
    sent: u32,
    failed: u32,
    total: u32,
}

fn select(website: WebsiteId, filter: &Filter) -> Vec<Statement> {
    // Two texts rather than one with `?2 IS NULL OR …`, which no index could serve.
    let (rows, counts) = match filter.alert_id {
        Some(_) => (
            "SELECT alert_id, alert_name, goal_name, event, destination, status, error, visitor_id, triggered_at \
             FROM alert_history \
             WHERE website_id = ?1 AND alert_id = ?2 ORDER BY triggered_at DESC, id LIMIT ?3",
            "SELECT status, count(*) AS count FROM alert_history WHERE website_id = ?1 AND alert_id = ?2 GROUP BY status",
        ),
        None => (
            "SELECT alert_id, alert_name, goal_name, event, destination, status, error, visitor_id, triggered_at \
             FROM alert_history \
             WHERE website_id = ?1 AND ?2 IS NULL ORDER BY triggered_at DESC, id LIMIT ?3",
            "SELECT status, count(*) AS count FROM alert_history WHERE website_id = ?1 AND ?2 IS NULL GROUP BY status",
        ),
    };
    let filtered = |text| sql(text).bind(website).bind(filter.alert_id);
    vec![filtered(rows).bind(filter.limit.get()), filtered(counts)]
}

/// The latest messages of each rule of a website, for [`recent`].
pub fn select_recent(website: WebsiteId) -> Statement {
    sql("SELECT history.alert_id, history.status, history.error, history.visitor_id, history.triggered_at \
         FROM alerts JOIN alert_history AS history ON history.id IN ( \
           SELECT id FROM alert_history WHERE website_id = alerts.website_id AND alert_id = alerts.id \
           ORDER BY triggered_at DESC, id LIMIT ?2) \
         WHERE alerts.website_id = ?1 ORDER BY history.triggered_at DESC, history.id")
    .bind(website)
    .bind(RECENT)
}

/// The answer to [`select_recent`].
pub fn recent(rows: &mut Rows) -> Result<Vec<(AlertId, Log)>, PlatformError> {
    #[derive(Deserialize)]
    struct Recent {
        alert_id: AlertId,
        #[serde(flatten)]
        log: Log,
    }
    Ok(rows.all()?.into_iter().map(|Recent { alert_id, log }| (alert_id, log)).collect())
}

/// GET: the website's messages, newest first.
pub async fn list(call: WebsiteCall, input: Input<Query<Filter>>) -> Result<Data<HistoryRow, BesideHistory>, Error> {
    #[derive(Deserialize)]
    struct Count {
        status: Status,
        count: u32,
    }
    let (_, _, mut rows) = call.enter(input, |website, Query(filter)| select(website, filter)).await?;
    let messages = rows.all::<Row>()?.into_iter().map(HistoryRow::try_from).collect::<Result<_, _>>()?;
    let counted: Vec<Count> = rows.all()?;
    let of = |status| counted.iter().find(|row| row.status == status).map_or(0, |row| row.count);
    let (sent, failed) = (of(Status::Sent), of(Status::Failed));
    Ok(Data::with(messages, BesideHistory { counts: Counts { sent, failed, total: sent + failed } }))
}
