//! Publishing: a message is stored once, with one delivery for each endpoint that subscribes to it. Everything is SQL
//! in the transaction that stores the event, so that neither exists without the other.
//!
//! `messages.payload` is the JSON that every endpoint receives, byte for byte, on every attempt for 30 days. It is
//! written by the release that published the message and never read back into a type, so payloads may gain fields at
//! any time.

use serde::{Deserialize, Serialize};

use super::event::{Body, EventType};
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_values::{AlertId, DeliveryId, Timestamp, WebhookId, WebsiteId, hex};

/// A message for the endpoints of a website.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outgoing {
    /// `webhook-id`.
    id: String,
    r#type: EventType,
    payload: String,
    /// The completed goal, for endpoints that subscribe to some goals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// An endpoint that receives it whatever its subscriptions are.
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<WebhookId>,
    /// An endpoint that does not receive it.
    #[serde(skip_serializing_if = "Option::is_none")]
    except: Option<WebhookId>,
    /// The number of the outbox entry: an entry that was drained already is not published again.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
}

impl Outgoing {
    pub fn new(body: Body, random: [u8; 16]) -> Self {
        Self {
            id: format!("msg_{}", hex(&random)),
            r#type: body.r#type,
            payload: body.text,
            goal: None,
            also: None,
            except: None,
            seq: None,
        }
    }

    #[must_use]
    pub fn of_goal(self, goal: impl Into<String>) -> Self {
        Self { goal: Some(goal.into()), ..self }
    }

    #[must_use]
    pub fn also_to(self, webhook: Option<WebhookId>) -> Self {
        Self { also: webhook, ..self }
    }

    #[must_use]
    pub fn except_to(self, webhook: WebhookId) -> Self {
        Self { except: Some(webhook), ..self }
    }

    #[must_use]
    pub fn from_outbox(self, seq: i64) -> Self {
        Self { seq: Some(seq), ..self }
    }
}

/// A delivery and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Due {
    pub id: DeliveryId,
    #[serde(rename = "next_attempt_at")]
    pub at: Timestamp,
}

/// The condition for publishing messages.
#[derive(Debug, Clone, Copy)]
pub enum When<'a> {
    Always,
    /// If the endpoint was disabled by the attempt with this lease.
    Disabled(WebhookId, &'a str),
    /// If the alert is still leased until this moment.
    Leased(AlertId, Timestamp),
}

/// Stores messages with their deliveries. The handle gives the deliveries that are to be enqueued.
/// Beyond `most_waiting` deliveries of the website that wait, new ones are `missed`.
pub fn insert(
    batch: &mut Batch,
    website: WebsiteId,
    messages: &[Outgoing],
    most_waiting: u32,
    now: Timestamp,
    when: When,
) -> Handle<Due> {
    batch.run(insert_messages(website, messages, now, when));
    batch.run(insert_deliveries(website, messages, most_waiting, now));
    batch.run(advance_slots(website, messages, now));
    batch.read(select_due(messages))
}

fn insert_messages(website: WebsiteId, messages: &[Outgoing], now: Timestamp, when: When) -> Statement {
    let (disabled, leased) = match when {
        When::Always => (None, None),
        When::Disabled(webhook, by) => (Some((webhook, by)), None),
        When::Leased(alert, until) => (None, Some((alert, until))),
    };
    sql("INSERT INTO messages (id, website_id, type, payload, created_at) \
         SELECT m.value->>'id', :website, m.value->>'type', m.value->>'payload', :now FROM json_each(?1) m \
         WHERE EXISTS (SELECT 1 FROM webhooks WHERE website_id = :website) AND (m.value->>'seq' IS NULL \
           OR m.value->>'seq' > coalesce((SELECT seq FROM news_cursors WHERE website_id = :website), 0)) \
         AND (:disabled IS NULL OR EXISTS (SELECT 1 FROM webhooks WHERE id = :disabled AND disabled_by = :disabled_by)) \
         AND (:alert IS NULL OR EXISTS (SELECT 1 FROM alerts WHERE id = :alert AND leased_until = :leased_until))")
    .bind_json(messages)
    .bind_named("website", website)
    .bind_named("now", now)
    .bind_named("disabled", disabled.map(|(webhook, _)| webhook))
    .bind_named("disabled_by", disabled.map(|(_, by)| by))
    .bind_named("alert", leased.map(|(alert, _)| alert))
    .bind_named("leased_until", leased.map(|(_, until)| until))
}

/// An endpoint with a rate limit gives each delivery a slot behind the last one.
fn insert_deliveries(website: WebsiteId, messages: &[Outgoing], most_waiting: u32, now: Timestamp) -> Statement {
    sql("INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, reason, next_attempt_at, has_slot, \
         created_at, updated_at) \
         SELECT id, website_id, webhook_id, message_id, type, iif(is_enabled AND NOT is_over, 'pending', 'missed'), \
         iif(is_enabled AND is_over, ?5, NULL), iif(is_enabled AND NOT is_over, at, NULL), has_slot, ?3, ?3 FROM ( \
         SELECT printf('%08x', CAST(?3 / 1000 AS INTEGER)) || lower(hex(randomblob(8))) AS id, w.website_id, \
         w.id AS webhook_id, m.id AS message_id, m.type, w.is_enabled, \
         sum(w.is_enabled) OVER (ORDER BY o.key, w.id ROWS UNBOUNDED PRECEDING) + (SELECT count(*) FROM \
           (SELECT 1 FROM deliveries WHERE website_id = ?2 AND status = 'pending' LIMIT ?4)) > ?4 AS is_over, \
         iif(w.slot_ms > 0, \
           max(w.next_slot_at, ?3) + (row_number() OVER (PARTITION BY w.id ORDER BY o.key) - 1) * w.slot_ms, ?3) AS at, \
         w.slot_ms > 0 AS has_slot \
         FROM json_each(?1) o JOIN messages m ON m.id = o.value->>'id' JOIN webhooks w ON w.website_id = ?2 \
         WHERE w.id <> coalesce(o.value->>'except', '') AND (w.id = o.value->>'also' OR ( \
           (w.event_types = '[]' OR EXISTS (SELECT 1 FROM json_each(w.event_types) t WHERE t.value = m.type)) \
           AND (m.type <> 'goal.completed' OR w.goal_names = '[]' \
             OR EXISTS (SELECT 1 FROM json_each(w.goal_names) g WHERE g.value = o.value->>'goal')))))")
    .bind_json(messages)
    .bind(website)
    .bind(now)
    .bind(most_waiting)
    .bind(format!("{most_waiting} deliveries of this website wait already (MAX_WAITING_DELIVERIES)"))
}

/// Moves the next free slot of rate-limited endpoints behind the deliveries that have just been stored.
fn advance_slots(website: WebsiteId, messages: &[Outgoing], now: Timestamp) -> Statement {
    sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, ?3) + slot_ms * (SELECT count(*) FROM deliveries d \
         WHERE d.message_id IN (SELECT value->>'id' FROM json_each(?1)) AND d.webhook_id = webhooks.id) \
         WHERE website_id = ?2 AND slot_ms > 0 AND is_enabled")
    .bind_json(messages)
    .bind(website)
    .bind(now)
}

fn select_due(messages: &[Outgoing]) -> Statement {
    sql("SELECT id, next_attempt_at FROM deliveries \
         WHERE message_id IN (SELECT value->>'id' FROM json_each(?1)) AND status = 'pending'")
    .bind_json(messages)
}

pub fn insert_test_message(website: WebsiteId, message: &Outgoing, now: Timestamp) -> Statement {
    sql("INSERT INTO messages (id, website_id, type, payload, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(message.id.as_str())
        .bind(website)
        .bind(message.r#type.as_str())
        .bind(message.payload.as_str())
        .bind(now)
}

/// Stores the delivery of an example for one endpoint, and returns a row if the endpoint exists.
pub fn insert_test_delivery(
    website: WebsiteId,
    webhook: WebhookId,
    delivery: DeliveryId,
    message: &Outgoing,
    now: Timestamp,
) -> Statement {
    sql("INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, is_test, cause, \
         next_attempt_at, created_at, updated_at) \
         SELECT ?1, website_id, id, ?4, ?5, 'pending', 1, 'manual', ?6, ?6, ?6 FROM webhooks \
         WHERE id = ?2 AND website_id = ?3 RETURNING id")
    .bind(delivery)
    .bind(webhook)
    .bind(website)
    .bind(message.id.as_str())
    .bind(message.r#type.as_str())
    .bind(now)
}
