//! The resource `deliveries`: the state of each message at each endpoint, and sending it again
//! (docs/contract/automation.md#webhook-endpoints).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::delivery::{Cause, Status};
use super::endpoints::Existing;
use super::event::{self, EventType};
use super::publish::Due;
use super::queue;
use crate::auth::role::Role;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path, Paths, Query};
use crate::http::reply::{BothIds, Data};
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{DeliveryId, Limit, Moment, Offset, Timestamp, WebhookId, WebsiteId, kinds};
use sluice_webhook_rules::schedule::Failure;

// ---- What comes in

/// The query of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// Only deliveries with this status.
    status: Option<Status>,
    /// Only deliveries of this type.
    r#type: Option<EventType>,
    /// Only deliveries created at this time or later.
    since: Option<Moment>,
    /// Only deliveries created at this time or earlier.
    until: Option<Moment>,
    #[serde(default)]
    limit: Limit<50, 100>,
    #[serde(default)]
    offset: Offset,
}

/// The body of resend.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ResendDeliveries")]
pub struct Resend {
    /// Deliveries created at this time or later.
    since: Moment,
    /// Deliveries created at this time or earlier; defaults to now.
    until: Option<Moment>,
    /// Only counts the deliveries.
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
    /// Why it is `missed` although the endpoint was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A delivery with its payload and its attempts.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct DeliveryDetails {
    #[serde(flatten)]
    delivery: Delivery,
    /// The payload, byte for byte as it is sent; viewers do not see the path of an endpoint's address in it.
    #[schemars(with = "serde_json::Value")]
    payload: Option<Box<RawValue>>,
    /// The attempts, in order.
    attempts: Vec<Attempt>,
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
    /// The time until the head of the response arrived or the attempt failed.
    duration_ms: u32,
    status_code: Option<u16>,
    /// Why it failed.
    error: Option<Failure>,
    /// At most 1,000 bytes of the response, of the last three attempts.
    response_body: Option<String>,
}

impl Attempt {
    const COLUMNS: &str = "number, cause, started_at, duration_ms, status_code, error, response_body";
}

/// The response of resend.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resent {
    /// The number of failed and missed deliveries in the time range.
    count: u32,
    /// Whether the deliveries were only counted.
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
    reason: Option<String>,
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
            reason: row.reason,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Row {
    const COLUMNS: &str = "id, website_id, webhook_id, message_id, type, status, attempt_count, next_attempt_at, \
                           last_status_code, reason, created_at, updated_at";
}

/// Each combination of conditions has its own text, so that SQLite picks the matching index.
fn select_page(webhook: WebhookId, filter: &Filter) -> Statement {
    let condition = match (filter.status, filter.r#type) {
        (None, None) => "?2 IS NULL AND ?3 IS NULL",
        (Some(_), None) => "status = ?2 AND ?3 IS NULL",
        (None, Some(_)) => "?2 IS NULL AND type = ?3",
        (Some(_), Some(_)) => "status = ?2 AND type = ?3",
    };
    sql(format!(
        "SELECT {} FROM deliveries WHERE webhook_id = ?1 AND {condition} AND created_at BETWEEN ?4 AND ?5 \
         ORDER BY created_at DESC, id DESC LIMIT ?6 OFFSET ?7",
        Row::COLUMNS
    ))
    .bind(webhook)
    .bind(filter.status.map(Status::as_str))
    .bind(filter.r#type.map(EventType::as_str))
    .bind(filter.since.map_or(Timestamp::from_millis(0), Timestamp::from))
    .bind(filter.until.map_or(END_OF_TIME, Timestamp::from))
    .bind(filter.limit.get())
    .bind(filter.offset.get())
}

/// After every row.
const END_OF_TIME: Timestamp = Timestamp::from_millis(1 << 52);

fn select_one(id: DeliveryId, webhook: WebhookId, website: WebsiteId) -> Statement {
    sql(format!("SELECT {} FROM deliveries WHERE id = ?1 AND webhook_id = ?2 AND website_id = ?3", Row::COLUMNS))
        .bind(id)
        .bind(webhook)
        .bind(website)
}

fn select_payload(id: DeliveryId) -> Statement {
    sql("SELECT payload FROM messages WHERE id = (SELECT message_id FROM deliveries WHERE id = ?1)").bind(id)
}

fn select_attempts(id: DeliveryId) -> Statement {
    sql(format!("SELECT {} FROM delivery_attempts WHERE delivery_id = ?1 ORDER BY number", Attempt::COLUMNS)).bind(id)
}

/// Restarts the retry schedule; with a rate limit, the delivery goes to the end of the line. An attempt under way loses
/// its lease, so that its result does not end the delivery.
pub(super) fn restart(id: DeliveryId, webhook: WebhookId, website: WebsiteId, now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', reason = NULL, lease = NULL, leased_until = 0, has_slot = w.slot_ms > 0, \
         next_attempt_at = iif(w.slot_ms > 0, max(w.next_slot_at, ?4), ?4), updated_at = ?4 \
         FROM (SELECT id AS webhook, slot_ms, next_slot_at FROM webhooks \
           WHERE id = ?2 AND website_id = ?3 AND is_enabled) w \
         WHERE deliveries.id = ?1 AND deliveries.webhook_id = w.webhook RETURNING {}",
        Row::COLUMNS
    ))
    .bind(id)
    .bind(webhook)
    .bind(website)
    .bind(now)
}

const FAILED_OR_MISSED: &str = "SELECT count(*) AS count FROM deliveries \
    WHERE webhook_id = ?1 AND status IN ('failed', 'missed') AND created_at BETWEEN ?2 AND ?3";

fn restart_all(webhook: WebhookId, website: WebsiteId, from: Timestamp, to: Timestamp, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', reason = NULL, has_slot = s.slot_ms > 0, \
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

/// Moves the endpoint's next free slot behind every pending delivery that has one.
fn advance_next_slot(webhook: WebhookId) -> Statement {
    sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, slot_ms + coalesce((SELECT max(next_attempt_at) \
         FROM deliveries WHERE webhook_id = ?1 AND status = 'pending' AND has_slot), 0)) WHERE id = ?1 AND slot_ms > 0")
    .bind(webhook)
}

// ---- Handlers

/// GET: the endpoint's deliveries, newest first.
pub async fn list(call: WebsiteCall, input: Input<(Path<WebhookId>, Query<Filter>)>) -> Result<Data<Delivery>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), Query(filter)): &(Path<WebhookId>, Query<Filter>)| {
        (Existing::read(batch, *id, website), batch.read::<Row>(select_page(*id, filter)))
    };
    let (_, (Path(id), _), (webhook, page), results) = call.enter(input, plan).await?;
    webhook.is_enabled(&results, id)?;
    Ok(Data::many(results.all(&page)?.into_iter().map(Delivery::from).collect()))
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
    let plan = |batch: &mut Batch, website, Paths(webhook, id): &Paths<WebhookId, DeliveryId>| {
        let row = batch.read::<Row>(select_one(*id, *webhook, website));
        (row, batch.read::<Stored>(select_payload(*id)), batch.read::<Attempt>(select_attempts(*id)))
    };
    let (website, Paths(webhook, id), (row, payload, attempts), results) = call.enter(input, plan).await?;
    let row = results.first(&row)?.ok_or_else(|| not_found(id, webhook))?;
    let payload = results.first(&payload)?.map(|stored| stored.payload);
    let shown = |sent: String| if website.role == Role::Viewer { event::without_address(&sent) } else { sent };
    let payload = payload.and_then(|sent| RawValue::from_string(shown(sent)).ok());
    Ok(Data::one(DeliveryDetails { delivery: row.into(), payload, attempts: results.all(&attempts)? }))
}

/// POST: sends one delivery again, whatever its status.
pub async fn resend(call: WebsiteCall, input: Input<Paths<WebhookId, DeliveryId>>) -> Result<Data<Delivery>, Error> {
    let plan = |batch: &mut Batch, website, Paths(webhook, id): &Paths<WebhookId, DeliveryId>| {
        (Existing::read(batch, *webhook, website), batch.read::<Row>(select_one(*id, *webhook, website)))
    };
    let (website, Paths(webhook, id), (existing, row), results) = call.enter(input, plan).await?;
    let is_enabled = existing.is_enabled(&results, webhook)?;
    results.first(&row)?.ok_or_else(|| not_found(id, webhook))?;
    if !is_enabled {
        return Err(is_off());
    }
    let now = website.call.now;
    let mut batch = Batch::new();
    let restarted = batch.read::<Row>(restart(id, webhook, website.id, now));
    batch.run(advance_next_slot(webhook));
    let row = website.run(batch).await?.first(&restarted)?.ok_or_else(is_off)?;
    if let Some(at) = row.next_attempt_at {
        queue::enqueue(&website.call.platform, &[Due { id, at }], now).await;
    }
    Ok(Data::one(row.into()))
}

/// POST: sends every failed or missed delivery of a time range again, or only counts them.
pub async fn resend_all(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Body<Resend>)>,
) -> Result<Data<Resent>, Error> {
    #[derive(Deserialize)]
    struct Count {
        count: u32,
    }
    let now = call.call.now;
    let range = |asked: &Resend| (asked.since.into(), asked.until.map_or(END_OF_TIME, Timestamp::from));
    let plan = |batch: &mut Batch, website, (Path(id), Body(asked)): &(Path<WebhookId>, Body<Resend>)| {
        let (from, to): (Timestamp, Timestamp) = range(asked);
        let count = sql(FAILED_OR_MISSED).bind(*id).bind(from).bind(to);
        (Existing::read(batch, *id, website), batch.read::<Count>(count))
    };
    let (website, (Path(webhook), Body(asked)), (existing, count), results) = call.enter(input, plan).await?;
    let is_enabled = existing.is_enabled(&results, webhook)?;
    if asked.dry_run {
        let count = results.first(&count)?.map_or(0, |row| row.count);
        return Ok(Data::one(Resent { count, dry_run: true }));
    }
    if !is_enabled {
        return Err(is_off());
    }
    let (from, to) = range(&asked);
    let mut batch = Batch::new();
    let restarted = batch.read::<Due>(restart_all(webhook, website.id, from, to, now));
    batch.run(advance_next_slot(webhook));
    let due = website.run(batch).await?.all(&restarted)?;
    queue::enqueue(&website.call.platform, &due, now).await;
    Ok(Data::one(Resent { count: u32::try_from(due.len()).unwrap_or(u32::MAX), dry_run: false }))
}

fn not_found(id: DeliveryId, webhook: WebhookId) -> Error {
    Error::not_found(format!("no delivery {id} of webhook {webhook} on this website"))
}

fn is_off() -> Error {
    Error::conflict("this webhook is switched off; switch it on with isEnabled before anything is sent to it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use crate::webhooks::delivery;

    #[test]
    fn every_statement_uses_an_index() {
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
            (delivery::miss_pending(webhook, END), "deliveries_by_status (webhook_id=? AND status=?"),
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
