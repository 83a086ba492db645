//! What became of each message at each endpoint, and sending it again (docs/contract/automation.md#webhook-endpoints).

use crate::webhooks::queue;
use serde::{Deserialize, Serialize};

use super::endpoints;
use super::event::EventType;
use super::publish::Due;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path, Paths, Query};
use crate::http::reply::{BothIds, Data};
use crate::platform::database::{Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_values::{DeliveryId, Limit, Moment, Offset, Timestamp, WebhookId, WebsiteId, kinds};
use sluice_webhook_rules::schedule::Failure;

/// For how long deliveries are kept once they are over: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Deliveries that one cron run forgets at most.
const FORGOTTEN_AT_ONCE: u32 = 1_000;

// ---- What comes in

/// The query of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// Only those that stand like this.
    status: Option<Status>,
    /// Only those of this type.
    r#type: Option<EventType>,
    /// Only those made at this moment or later.
    since: Option<Moment>,
    /// Only those made at this moment or before.
    until: Option<Moment>,
    #[serde(default)]
    limit: Limit<50, 100>,
    #[serde(default)]
    offset: Offset,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// Waits for its next attempt.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// Out of attempts, or the endpoint said that it is gone.
    Failed,
    /// The endpoint was off: not sent by itself.
    Missed,
}

impl Status {
    /// Its name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }
}

/// The body of resend.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ResendDeliveries")]
pub struct Resend {
    /// Deliveries made at this moment or later.
    since: Moment,
    /// Deliveries made at this moment or before; left out: until now.
    until: Option<Moment>,
    /// Only tells how many there are.
    #[serde(default)]
    dry_run: bool,
}

// ---- What goes out

/// A message on its way to one endpoint.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    #[serde(flatten)]
    ids: BothIds<kinds::Delivery>,
    website_id: WebsiteId,
    webhook_id: WebhookId,
    /// `webhook-id`: the same on every attempt, and at every endpoint.
    message_id: String,
    r#type: EventType,
    status: Status,
    attempt_count: u32,
    next_attempt_at: Option<Timestamp>,
    last_status_code: Option<u16>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A delivery with all that is known of it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct DeliveryDetails {
    #[serde(flatten)]
    delivery: Delivery,
    /// What is sent.
    payload: serde_json::Value,
    /// First to last.
    attempts: Vec<Attempt>,
}

/// What set an attempt off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Cause {
    /// The event itself, or the schedule.
    Automatic,
    /// Somebody asked for it.
    Manual,
}

/// One attempt.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Attempt {
    number: u32,
    #[serde(rename(serialize = "trigger", deserialize = "cause"))]
    #[schemars(rename = "trigger")]
    cause: Cause,
    started_at: Timestamp,
    /// Until the head of the answer was there, or there was none.
    duration_ms: u32,
    status_code: Option<u16>,
    /// Why it failed.
    error: Option<Failure>,
    /// At most 20 kB of it.
    response_body: Option<String>,
}

/// What resend answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resent {
    /// Failed and missed deliveries in the time.
    count: u32,
    /// Whether they were only counted.
    dry_run: bool,
}

// ---- SQL

#[derive(Deserialize)]
struct Row {
    id: DeliveryId,
    website_id: WebsiteId,
    webhook_id: WebhookId,
    message_id: String,
    r#type: EventType,
    status: Status,
    attempt_count: u32,
    next_attempt_at: Option<Timestamp>,
    last_status_code: Option<u16>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Delivery {
    fn from(row: Row) -> Self {
        Self {
            ids: row.id.into(),
            website_id: row.website_id,
            webhook_id: row.webhook_id,
            message_id: row.message_id,
            r#type: row.r#type,
            status: row.status,
            attempt_count: row.attempt_count,
            next_attempt_at: row.next_attempt_at,
            last_status_code: row.last_status_code,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! columns {
    () => {
        "id, website_id, webhook_id, message_id, type, status, attempt_count, next_attempt_at, last_status_code, \
         created_at, updated_at"
    };
}

/// One text for each set of conditions, so that each has its index.
macro_rules! listing {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM deliveries WHERE webhook_id = ?1 AND ",
            $condition,
            " AND created_at BETWEEN ?4 AND ?5 ORDER BY created_at DESC, id DESC LIMIT ?6 OFFSET ?7"
        )
    };
}

fn select_page(webhook: WebhookId, filter: &Filter) -> Statement {
    let text = match (filter.status, filter.r#type) {
        (None, None) => listing!("?2 IS NULL AND ?3 IS NULL"),
        (Some(_), None) => listing!("status = ?2 AND ?3 IS NULL"),
        (None, Some(_)) => listing!("?2 IS NULL AND type = ?3"),
        (Some(_), Some(_)) => listing!("status = ?2 AND type = ?3"),
    };
    sql(text)
        .bind(webhook)
        .bind(filter.status.map(Status::as_str))
        .bind(filter.r#type.map(EventType::as_str))
        .bind(filter.since.map_or(Timestamp::from_millis(0), Timestamp::from))
        .bind(filter.until.map_or(END_OF_TIME, Timestamp::from))
        .bind(filter.limit.get())
        .bind(filter.offset.get())
}

/// Later than any row.
const END_OF_TIME: Timestamp = Timestamp::from_millis(1 << 52);

fn select_one(id: DeliveryId, webhook: WebhookId, website: WebsiteId) -> Statement {
    sql(concat!("SELECT ", columns!(), " FROM deliveries WHERE id = ?1 AND webhook_id = ?2 AND website_id = ?3"))
        .bind(id)
        .bind(webhook)
        .bind(website)
}

fn select_payload(id: DeliveryId) -> Statement {
    sql("SELECT payload FROM messages WHERE id = (SELECT message_id FROM deliveries WHERE id = ?1)").bind(id)
}

fn select_attempts(id: DeliveryId) -> Statement {
    sql("SELECT number, cause, started_at, duration_ms, status_code, error, response_body FROM delivery_attempts \
         WHERE delivery_id = ?1 ORDER BY number")
    .bind(id)
}

/// What waits for an endpoint that is off is kept as missed; examples go out nevertheless.
pub fn miss_waiting(webhook: WebhookId, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'missed', next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?2 \
         WHERE webhook_id = ?1 AND status = 'pending' AND is_test = 0 \
         AND EXISTS (SELECT 1 FROM webhooks WHERE id = ?1 AND NOT is_enabled)")
    .bind(webhook)
    .bind(now)
}

/// What waits for an endpoint that is deleted has failed.
pub fn end_waiting(webhook: WebhookId, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'failed', next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?2 \
         WHERE webhook_id = ?1 AND status = 'pending' AND NOT EXISTS (SELECT 1 FROM webhooks WHERE id = ?1)")
    .bind(webhook)
    .bind(now)
}

/// Begins the schedule anew, behind what waits already where the endpoint has a rate limit.
fn restart(id: DeliveryId, webhook: WebhookId, website: WebsiteId, now: Timestamp) -> Statement {
    sql(concat!(
        "UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', has_slot = w.slot_ms > 0, \
         next_attempt_at = iif(w.slot_ms > 0, max(w.next_slot_at, ?4), ?4), updated_at = ?4 \
         FROM (SELECT id AS webhook, slot_ms, next_slot_at FROM webhooks \
           WHERE id = ?2 AND website_id = ?3 AND is_enabled) w \
         WHERE deliveries.id = ?1 AND deliveries.webhook_id = w.webhook RETURNING ",
        columns!()
    ))
    .bind(id)
    .bind(webhook)
    .bind(website)
    .bind(now)
}

const FAILED_OR_MISSED: &str = "SELECT count(*) AS count FROM deliveries \
    WHERE webhook_id = ?1 AND status IN ('failed', 'missed') AND created_at BETWEEN ?2 AND ?3";

fn restart_all(webhook: WebhookId, website: WebsiteId, from: Timestamp, to: Timestamp, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', has_slot = s.slot_ms > 0, \
         next_attempt_at = iif(s.slot_ms > 0, max(s.next_slot_at, ?5) + s.position * s.slot_ms, ?5), updated_at = ?5 \
         FROM (SELECT d.id AS delivery, w.slot_ms, w.next_slot_at, \
             row_number() OVER (ORDER BY d.created_at, d.id) - 1 AS position \
           FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id \
           WHERE d.webhook_id = ?1 AND w.website_id = ?2 AND w.is_enabled AND d.status IN ('failed', 'missed') \
           AND d.created_at BETWEEN ?3 AND ?4) s \
         WHERE deliveries.id = s.delivery RETURNING id, next_attempt_at")
    .bind(webhook)
    .bind(website)
    .bind(from)
    .bind(to)
    .bind(now)
}

/// The next place is behind everything that has one.
fn move_slot(webhook: WebhookId) -> Statement {
    sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, slot_ms + coalesce((SELECT max(next_attempt_at) \
         FROM deliveries WHERE webhook_id = ?1 AND status = 'pending' AND has_slot), 0)) WHERE id = ?1 AND slot_ms > 0")
    .bind(webhook)
}

// ---- Handlers

/// GET: the endpoint's deliveries, newest first.
pub async fn list(call: WebsiteCall, input: Input<(Path<WebhookId>, Query<Filter>)>) -> Result<Data<Delivery>, Error> {
    let plan = |website, (Path(id), Query(filter)): &(Path<WebhookId>, Query<Filter>)| {
        vec![endpoints::exists(*id, website), select_page(*id, filter)]
    };
    let (_, (Path(id), _), mut rows) = call.enter(input, plan).await?;
    endpoints::read_exists(&mut rows)?.ok_or_else(|| endpoints::not_found(id))?;
    Ok(Data::many(rows.all::<Row>()?.into_iter().map(Delivery::from).collect()))
}

/// GET: one delivery with its payload and its attempts.
pub async fn get(
    call: WebsiteCall,
    input: Input<Paths<WebhookId, DeliveryId>>,
) -> Result<Data<DeliveryDetails>, Error> {
    #[derive(Deserialize)]
    struct Stored {
        payload: String,
    }
    let plan = |website, Paths(webhook, id): &Paths<WebhookId, DeliveryId>| {
        vec![select_one(*id, *webhook, website), select_payload(*id), select_attempts(*id)]
    };
    let (_, Paths(webhook, id), mut rows) = call.enter(input, plan).await?;
    let row = rows.first::<Row>()?.ok_or_else(|| not_found(id, webhook))?;
    let stored: Option<Stored> = rows.first()?;
    let payload = stored.and_then(|stored| serde_json::from_str(&stored.payload).ok()).unwrap_or_default();
    Ok(Data::one(DeliveryDetails { delivery: row.into(), payload, attempts: rows.all()? }))
}

/// POST: sends one again, also one that was delivered.
pub async fn resend(call: WebsiteCall, input: Input<Paths<WebhookId, DeliveryId>>) -> Result<Data<Delivery>, Error> {
    let plan = |website, Paths(webhook, id): &Paths<WebhookId, DeliveryId>| {
        vec![endpoints::exists(*webhook, website), select_one(*id, *webhook, website)]
    };
    let (website, Paths(webhook, id), mut rows) = call.enter(input, plan).await?;
    let is_enabled = endpoints::read_exists(&mut rows)?.ok_or_else(|| endpoints::not_found(webhook))?;
    rows.first::<Row>()?.ok_or_else(|| not_found(id, webhook))?;
    if !is_enabled {
        return Err(is_off());
    }
    let now = website.call.now;
    let mut rows = website.batch(vec![restart(id, webhook, website.id, now), move_slot(webhook)]).await?;
    let row = rows.first::<Row>()?.ok_or_else(is_off)?;
    if let Some(at) = row.next_attempt_at {
        queue::enqueue(&website.call.platform, &[Due { id, at }], now).await;
    }
    Ok(Data::one(row.into()))
}

/// POST: sends all that failed or was missed in a time again, or only counts them.
pub async fn resend_all(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Body<Resend>)>,
) -> Result<Data<Resent>, Error> {
    #[derive(Deserialize)]
    struct Count {
        count: u32,
    }
    let now = call.call.now;
    let span = |asked: &Resend| (asked.since.into(), asked.until.map_or(END_OF_TIME, Timestamp::from));
    let plan = |website, (Path(id), Body(asked)): &(Path<WebhookId>, Body<Resend>)| {
        let (from, to): (Timestamp, Timestamp) = span(asked);
        vec![endpoints::exists(*id, website), sql(FAILED_OR_MISSED).bind(*id).bind(from).bind(to)]
    };
    let (website, (Path(webhook), Body(asked)), mut rows) = call.enter(input, plan).await?;
    let is_enabled = endpoints::read_exists(&mut rows)?.ok_or_else(|| endpoints::not_found(webhook))?;
    let counted = rows.first::<Count>()?.map_or(0, |row| row.count);
    if asked.dry_run {
        return Ok(Data::one(Resent { count: counted, dry_run: true }));
    }
    if !is_enabled {
        return Err(is_off());
    }
    let (from, to) = span(&asked);
    let statements = vec![restart_all(webhook, website.id, from, to, now), move_slot(webhook)];
    let due: Vec<Due> = website.batch(statements).await?.all()?;
    queue::enqueue(&website.call.platform, &due, now).await;
    Ok(Data::one(Resent { count: u32::try_from(due.len()).unwrap_or(u32::MAX), dry_run: false }))
}

fn not_found(id: DeliveryId, webhook: WebhookId) -> Error {
    Error::not_found(format!("no delivery {id} of webhook {webhook} on this website"))
}

fn is_off() -> Error {
    Error::conflict("this webhook is switched off; switch it on with isEnabled before anything is sent to it again")
}

// ---- Cron

/// Forgets deliveries that were over 30 days ago, some at a time.
pub async fn forget(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let before = now.plus_millis(-KEPT_MS);
    // A message that nobody wanted has no delivery, so messages are looked for by themselves.
    let old = sql("SELECT 1 FROM deliveries WHERE status <> 'pending' AND created_at < ?1 \
                   UNION ALL SELECT 1 FROM messages WHERE created_at < ?1 LIMIT 1");
    let found = platform.database().batch(vec![old.bind(before)]).await?;
    if { found }.first::<serde::de::IgnoredAny>()?.is_none() {
        return Ok(());
    }
    platform.database().batch(forgetting(before)).await.map(|_| ())
}

fn forgetting(before: Timestamp) -> Vec<Statement> {
    let statements = [
        "DELETE FROM delivery_attempts WHERE delivery_id IN (SELECT id FROM deliveries \
         WHERE status <> 'pending' AND created_at < ?1 ORDER BY created_at LIMIT ?2)",
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries \
         WHERE status <> 'pending' AND created_at < ?1 ORDER BY created_at LIMIT ?2)",
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE created_at < ?1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.id) ORDER BY created_at LIMIT ?2)",
    ];
    statements.into_iter().map(|text| sql(text).bind(before).bind(FORGOTTEN_AT_ONCE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;

    #[test]
    fn what_is_over_for_30_days_is_forgotten_and_what_waits_is_not() {
        let database = Memory::default();
        for (id, status, made) in [("1", "delivered", 0), ("2", "failed", 5), ("3", "pending", 0), ("4", "missed", 20)]
        {
            database.execute(&format!(
                "INSERT INTO messages VALUES ('m{id}', 'w', 't', '{{}}', {made});
                 INSERT INTO delivery_attempts VALUES ('{id}', 1, 'automatic', 0, 0, NULL, NULL, NULL);
                 INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, created_at, updated_at)
                   VALUES ('{id}', 'w', 'h', 'm{id}', 't', '{status}', {made}, {made})"
            ));
        }
        database.execute("INSERT INTO messages VALUES ('nobody wanted it', 'w', 't', '{}', 0)");
        database.batch::<serde_json::Value>(&forgetting(Timestamp::from_millis(10))).unwrap();
        let left = |text| {
            let rows = database.batch::<serde_json::Value>(&[sql(text)]).unwrap().remove(0);
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(left("SELECT id FROM deliveries ORDER BY id"), ["3", "4"]);
        assert_eq!(left("SELECT id FROM messages ORDER BY id"), ["m3", "m4"]);
        assert_eq!(left("SELECT delivery_id AS id FROM delivery_attempts ORDER BY 1"), ["3", "4"]);
    }

    #[test]
    fn every_question_is_answered_by_an_index() {
        let database = Memory::default();
        let (webhook, website) = (WebhookId::new(END, [1; 8]), WebsiteId::new(END, [2; 8]));
        let parsed = |query: &str| serde_json::from_str::<Filter>(query).unwrap();
        for (statement, index) in [
            (select_page(webhook, &parsed("{}")), "deliveries_by_webhook (webhook_id=? AND created_at>?"),
            (
                select_page(webhook, &parsed(r#"{"status":"failed"}"#)),
                "deliveries_by_status (webhook_id=? AND status=?",
            ),
            (
                select_page(webhook, &parsed(r#"{"type":"alert.firing"}"#)),
                "deliveries_by_type (webhook_id=? AND type=?",
            ),
            (restart_all(webhook, website, END, END, END), "deliveries_by_webhook (webhook_id=? AND created_at>?"),
            (miss_waiting(webhook, END), "deliveries_by_status (webhook_id=? AND status=?"),
            (
                sql(FAILED_OR_MISSED).bind(webhook).bind(END).bind(END),
                "deliveries_by_status (webhook_id=? AND status=?",
            ),
        ] {
            let plan = database.plan(&statement);
            assert!(plan.contains(index) && !plan.contains("SCAN deliveries"), "{plan}");
        }
    }

    const END: Timestamp = Timestamp::from_millis(1_779_321_600_000);
}
