//! Publishing: a message is stored once, with one delivery for each endpoint that subscribes to it, in the database of the
//! website's object and in one transaction with the event.
//!
//! `messages.payload` is the JSON that every endpoint receives, byte for byte, on every attempt for 30 days. It is
//! written by the release that published the message and never read back into a type, so payloads may gain fields at
//! any time.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::event::{Body, EventType};
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{DeliveryId, Timestamp, WebhookId, hex};

/// A message for the endpoints of a website. Sent between Worker and object: fields may be added with a default, never
/// renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// `webhook-id`.
    pub id: String,
    r#type: EventType,
    payload: String,
    /// The completed goal, for endpoints that subscribe to some goals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// An endpoint that receives it whatever its subscriptions are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    also: Option<WebhookId>,
    /// An endpoint that does not receive it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    except: Option<WebhookId>,
}

impl Outgoing {
    pub fn new(body: Body, random: [u8; 16]) -> Self {
        let id = format!("msg_{}", hex(&random));
        Self { id, r#type: body.r#type, payload: body.text, goal: None, also: None, except: None }
    }

    /// A message that is the same one whenever it is published under this name.
    pub fn named(body: Body, name: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(name).into();
        let mut random = [0; 16];
        random.iter_mut().zip(digest).for_each(|(byte, digest)| *byte = digest);
        Self::new(body, random)
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
}

/// A website's share of deliveries that wait.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub most: u32,
    /// How many wait, at most; `None` if the statement is to count them, which reads a row for each.
    pub waiting: Option<u32>,
}

/// Stores messages with their deliveries. Beyond the website's share of deliveries that wait, new ones are `missed`.
/// `disabled` is the condition that this endpoint was disabled by this attempt.
pub fn insert(
    batch: &mut Batch,
    messages: &[Outgoing],
    share: Share,
    now: Timestamp,
    disabled: Option<(WebhookId, &str)>,
) {
    batch.run(insert_messages(messages, now, disabled));
    batch.run(insert_deliveries(messages, share, now));
    batch.run(advance_slots(messages, now));
}

fn insert_messages(messages: &[Outgoing], now: Timestamp, disabled: Option<(WebhookId, &str)>) -> Statement {
    sql("INSERT INTO messages (id, type, payload, created_at) \
         SELECT m.value->>'id', m.value->>'type', m.value->>'payload', :now FROM json_each(?1) m \
         WHERE EXISTS (SELECT 1 FROM webhooks) \
         AND (:disabled IS NULL OR EXISTS (SELECT 1 FROM webhooks WHERE id = :disabled AND disabled_by = :disabled_by))")
    .bind_json(messages)
    .bind_named("now", now)
    .bind_named("disabled", disabled.map(|(webhook, _)| webhook))
    .bind_named("disabled_by", disabled.map(|(_, by)| by))
}

/// An endpoint with a rate limit gives each delivery a slot behind the last one.
fn insert_deliveries(messages: &[Outgoing], share: Share, now: Timestamp) -> Statement {
    sql("INSERT INTO deliveries (id, webhook_id, message_id, type, status, reason, next_attempt_at, due_at, has_slot, \
         created_at, updated_at) \
         SELECT id, webhook_id, message_id, type, iif(is_enabled AND NOT is_over, 'pending', 'missed'), \
         iif(is_enabled AND is_over, ?4, NULL), iif(is_enabled AND NOT is_over, at, NULL), at, has_slot, ?2, ?2 FROM ( \
         SELECT printf('%08x', CAST(?2 / 1000 AS INTEGER)) || lower(hex(randomblob(8))) AS id, \
         w.id AS webhook_id, m.id AS message_id, m.type, w.is_enabled, \
         sum(w.is_enabled) OVER (ORDER BY o.key, w.id ROWS UNBOUNDED PRECEDING) + coalesce(?5, (SELECT count(*) FROM \
           (SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE status = 'pending' LIMIT ?3))) > ?3 AS is_over, \
         iif(w.slot_ms > 0, \
           max(w.next_slot_at, ?2) + (row_number() OVER (PARTITION BY w.id ORDER BY o.key) - 1) * w.slot_ms, ?2) AS at, \
         w.slot_ms > 0 AS has_slot \
         FROM json_each(?1) o JOIN messages m ON m.id = o.value->>'id' CROSS JOIN webhooks w \
         WHERE w.id <> coalesce(o.value->>'except', '') AND (w.id = o.value->>'also' OR ( \
           (w.event_types = '[]' OR EXISTS (SELECT 1 FROM json_each(w.event_types) t WHERE t.value = m.type)) \
           AND (m.type <> 'goal.completed' OR w.goal_names = '[]' \
             OR EXISTS (SELECT 1 FROM json_each(w.goal_names) g WHERE g.value = o.value->>'goal')))))")
    .bind_json(messages)
    .bind(now)
    .bind(share.most)
    .bind(format!("{} deliveries of this website wait already (MAX_WAITING_DELIVERIES)", share.most))
    .bind(share.waiting)
}

/// Moves the next free slot of rate-limited endpoints behind the deliveries that have just been stored.
fn advance_slots(messages: &[Outgoing], now: Timestamp) -> Statement {
    sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, ?2) + slot_ms * (SELECT count(*) FROM deliveries d \
         WHERE d.message_id IN (SELECT value->>'id' FROM json_each(?1)) AND d.webhook_id = webhooks.id) \
         WHERE slot_ms > 0 AND is_enabled")
    .bind_json(messages)
    .bind(now)
}

/// How many deliveries wait, up to `most`.
pub fn count_waiting(most: u32) -> Statement {
    sql("SELECT count(*) AS count FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE status = 'pending' \
         LIMIT ?1)")
    .bind(most)
}

/// Those of the messages that are stored.
pub fn select_stored(messages: &[Outgoing]) -> Statement {
    let ids: Vec<&str> = messages.iter().map(|message| message.id.as_str()).collect();
    sql("SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?1))").bind_json(&ids)
}

/// Stores an example for one endpoint, if the object knows it, whatever its state and its subscriptions are.
pub fn insert_test(batch: &mut Batch, webhook: WebhookId, delivery: DeliveryId, message: &Outgoing, now: Timestamp) {
    batch.run(
        sql("INSERT INTO messages (id, type, payload, created_at) SELECT ?1, ?2, ?3, ?4 \
             WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = ?5)")
        .bind(message.id.as_str())
        .bind(message.r#type.as_str())
        .bind(message.payload.as_str())
        .bind(now)
        .bind(webhook),
    );
    batch.run(
        sql("INSERT INTO deliveries (id, webhook_id, message_id, type, status, is_test, cause, next_attempt_at, due_at, \
             created_at, updated_at) \
             SELECT ?1, id, ?3, ?4, 'pending', 1, 'manual', ?5, ?5, ?5, ?5 FROM webhooks WHERE id = ?2")
        .bind(delivery)
        .bind(webhook)
        .bind(message.id.as_str())
        .bind(message.r#type.as_str())
        .bind(now),
    );
}

/// Deletes some of the messages that have one of these values in a field of their payload's `data`, with their deliveries.
/// The last statement has a row for each message. The expression is that of the index.
pub fn forget(field: &str, values: &[String], most: u32) -> (Vec<Statement>, Statement) {
    let messages = format!(
        "SELECT id FROM messages WHERE json_extract(payload, '$.data.{field}') IN \
         (SELECT value FROM json_each(?1)) LIMIT ?2"
    );
    let bind = |text: String| sql(text).bind_json(values).bind(most);
    let attempts = format!(
        "DELETE FROM delivery_attempts WHERE delivery_id IN \
         (SELECT id FROM deliveries WHERE message_id IN ({messages}))"
    );
    let deliveries = format!("DELETE FROM deliveries WHERE message_id IN ({messages})");
    let messages = format!("DELETE FROM messages WHERE id IN ({messages}) RETURNING id");
    (vec![bind(attempts), bind(deliveries)], bind(messages))
}
