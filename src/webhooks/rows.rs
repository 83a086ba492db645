//! The rows of deliveries and attempts as the API shows them, and the statements that list deliveries and send them again.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::delivery::{Cause, Status};
use super::event::EventType;
use crate::platform::database::{Statement, sql};
use sluice_values::{DeliveryId, Timestamp, WebhookId, ordered};
use sluice_webhook_rules::schedule::Failure;

/// A row of `deliveries` that the API shows. Sent between Worker and object: fields may be added with a default, never
/// renamed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub message_id: String,
    pub r#type: EventType,
    pub status: Status,
    pub attempt_count: u32,
    pub next_attempt_at: Option<Timestamp>,
    pub last_status_code: Option<u16>,
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row {
    const COLUMNS: &str = "id, webhook_id, message_id, type, status, attempt_count, next_attempt_at, \
                           last_status_code, reason, created_at, updated_at";
}

/// A row of `delivery_attempts`, as [`Row`].
#[derive(Debug, Serialize, Deserialize)]
pub struct AttemptRow {
    pub number: u32,
    pub cause: Cause,
    pub started_at: Timestamp,
    pub duration_ms: u32,
    pub status_code: Option<u16>,
    pub error: Option<Failure>,
    pub response_body: Option<String>,
}

/// Which deliveries to list: of an endpoint, or of all.
#[derive(Debug, Serialize, Deserialize)]
pub struct Page {
    pub webhook: Option<WebhookId>,
    pub status: Option<Status>,
    pub r#type: Option<EventType>,
    /// In milliseconds, as `to`.
    pub from: i64,
    pub to: i64,
    pub limit: u32,
    pub offset: u32,
}

impl Page {
    /// What an endpoint may contribute to a page of all endpoints.
    #[must_use]
    pub fn share_of(&self, webhook: WebhookId) -> Self {
        Self { webhook: Some(webhook), limit: self.offset + self.limit, offset: 0, ..*self }
    }

    /// The page of all endpoints, from the share of each. Those of one endpoint and moment stay in their order.
    pub fn of_shares(&self, mut rows: Vec<Row>) -> Vec<Row> {
        ordered::sort_by_key(&mut rows, |row| Reverse(row.created_at));
        let [skipped, most] = [self.offset, self.limit].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        rows.into_iter().skip(skipped).take(most).collect()
    }
}

/// Each combination of conditions has its own text, so that SQLite picks the matching index.
pub fn select_page(page: &Page) -> Statement {
    // Only so many may wait, so those are found by when they are due.
    let (index, status) = match page.status {
        None => ("INDEXED BY deliveries_by_webhook", "?2 IS NULL"),
        Some(Status::Pending) => ("INDEXED BY deliveries_due", "status = 'pending' AND ?2 IS NOT NULL"),
        Some(Status::Delivered) => ("INDEXED BY deliveries_by_webhook", "status = ?2"),
        // SQLite takes a partial index only for its own condition.
        Some(Status::Failed | Status::Missed) => {
            ("INDEXED BY deliveries_not_sent", "status IN ('failed', 'missed') AND status = ?2")
        }
    };
    let of_type = if page.r#type.is_some() { "type = ?3" } else { "?3 IS NULL" };
    sql(format!(
        "SELECT {} FROM deliveries {index} WHERE webhook_id = ?1 AND {status} AND {of_type} \
         AND created_at BETWEEN ?4 AND ?5 ORDER BY created_at DESC, id DESC LIMIT ?6 OFFSET ?7",
        Row::COLUMNS
    ))
    .bind(page.webhook)
    .bind(page.status.map(Status::as_str))
    .bind(page.r#type.map(EventType::as_str))
    .bind(page.from)
    .bind(page.to)
    .bind(page.limit)
    .bind(page.offset)
}

pub fn select_one(id: DeliveryId, webhook: WebhookId) -> Statement {
    sql(format!("SELECT {} FROM deliveries WHERE id = ?1 AND webhook_id = ?2", Row::COLUMNS)).bind(id).bind(webhook)
}

pub fn select_payload(id: DeliveryId) -> Statement {
    sql("SELECT payload FROM messages WHERE id = (SELECT message_id FROM deliveries WHERE id = ?1)").bind(id)
}

pub fn select_attempts(id: DeliveryId) -> Statement {
    sql("SELECT number, cause, started_at, duration_ms, status_code, error, response_body FROM delivery_attempts \
         WHERE delivery_id = ?1 ORDER BY number")
    .bind(id)
}

/// Restarts the retry schedule; with a rate limit, the delivery goes to the end of the line. An attempt under way loses
/// its lease, so that its result does not end the delivery.
pub fn restart(id: DeliveryId, webhook: WebhookId, now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', reason = NULL, lease = NULL, \
         leased_until = 0, has_slot = w.slot_ms > 0, \
         next_attempt_at = iif(w.slot_ms > 0, max(w.next_slot_at, ?3), ?3), \
         due_at = iif(w.slot_ms > 0, max(w.next_slot_at, ?3), ?3), updated_at = ?3 \
         FROM (SELECT id AS webhook, slot_ms, next_slot_at FROM webhooks WHERE id = ?2 AND is_enabled) w \
         WHERE deliveries.id = ?1 AND deliveries.webhook_id = w.webhook RETURNING {}",
        Row::COLUMNS
    ))
    .bind(id)
    .bind(webhook)
    .bind(now)
}

/// Deliveries of an endpoint in a time range.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Range {
    pub webhook: WebhookId,
    /// In milliseconds, as `to`.
    pub from: i64,
    pub to: i64,
}

/// How many have failed or were missed.
pub fn count_not_sent(range: Range) -> Statement {
    sql("SELECT count(*) AS count FROM deliveries INDEXED BY deliveries_not_sent \
         WHERE webhook_id = ?1 AND status IN ('failed', 'missed') AND created_at BETWEEN ?2 AND ?3")
    .bind(range.webhook)
    .bind(range.from)
    .bind(range.to)
}

/// [`restart`] for all that have failed or were missed, oldest first.
pub fn restart_all(range: Range, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'pending', step = 0, cause = 'manual', reason = NULL, has_slot = s.slot_ms > 0, \
         next_attempt_at = s.at, due_at = s.at, updated_at = ?4 \
         FROM (SELECT d.id AS delivery, w.slot_ms, iif(w.slot_ms > 0, max(w.next_slot_at, ?4) + \
             (row_number() OVER (ORDER BY d.created_at, d.id) - 1) * w.slot_ms, ?4) AS at \
           FROM deliveries d INDEXED BY deliveries_not_sent JOIN webhooks w ON w.id = d.webhook_id \
           WHERE d.webhook_id = ?1 AND w.is_enabled AND d.status IN ('failed', 'missed') \
           AND d.created_at BETWEEN ?2 AND ?3) s \
         WHERE deliveries.id = s.delivery")
    .bind(range.webhook)
    .bind(range.from)
    .bind(range.to)
    .bind(now)
}

/// Moves the endpoint's next free slot behind every pending delivery that has one.
pub fn advance_next_slot(webhook: WebhookId) -> Statement {
    sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, slot_ms + coalesce((SELECT max(next_attempt_at) \
         FROM deliveries INDEXED BY deliveries_due WHERE webhook_id = ?1 AND status = 'pending' AND has_slot), 0)) \
         WHERE id = ?1 AND slot_ms > 0")
    .bind(webhook)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::{delivery, publish};
    use serde_json::{Value, json};
    use sluice_engine::memory::Memory;
    use sluice_engine::sql::Sql;

    const END: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    #[test]
    fn every_statement_uses_an_index() {
        let sql = Memory::default();
        sluice_engine::schema::migrate(&sql).unwrap();
        let webhook = WebhookId::new(END, [1; 8]);
        let parsed = |narrowed: Value| {
            let page = json!({ "webhook": webhook, "status": null, "type": null, "from": 0, "to": 1, "limit": 9, "offset": 0 });
            let Value::Object(mut page) = page else { panic!("an object") };
            page.extend(narrowed.as_object().unwrap().clone());
            serde_json::from_value::<Page>(page.into()).unwrap()
        };
        let range = Range { webhook, from: 0, to: 1 };
        let [attempts, deliveries, messages] = delivery::delete_expired(END);
        for (statement, index) in [
            (select_page(&parsed(json!({}))), "deliveries_by_webhook (webhook_id=? AND created_at>?"),
            (
                select_page(&parsed(json!({"status":"delivered"}))),
                "deliveries_by_webhook (webhook_id=? AND created_at>?",
            ),
            (select_page(&parsed(json!({"status":"failed"}))), "deliveries_not_sent (webhook_id=? AND status=?"),
            (select_page(&parsed(json!({"status":"pending"}))), "deliveries_due"),
            (
                select_page(&parsed(json!({"type":"alert.firing"}))),
                "deliveries_by_webhook (webhook_id=? AND created_at>?",
            ),
            (restart_all(range, END), "deliveries_not_sent (webhook_id=? AND status=?"),
            (count_not_sent(range), "deliveries_not_sent (webhook_id=? AND status=?"),
            (delivery::miss_pending(webhook, END), "deliveries_due"),
            (attempts, "messages_by_time (created_at<?"),
            (deliveries, "messages_by_time (created_at<?"),
            (messages, "messages_by_time (created_at<?"),
            (publish::forget("visitorId", &["x".to_owned()], 1).1, "messages_by_visitor (<expr>=?"),
            (publish::forget("transactionId", &["x".to_owned()], 1).1, "messages_by_transaction (<expr>=?"),
        ] {
            let (text, values) = statement.parts();
            let values = vec![sluice_engine::sql::Value::Null; values.len()];
            let rows = sql.objects(&format!("EXPLAIN QUERY PLAN {text}"), &values).unwrap();
            assert!(rows.contains(index), "{text}: {rows}");
        }
    }
}
