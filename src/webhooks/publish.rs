//! Telling endpoints: a message is stored once, with one delivery for each endpoint that wants it. All of it is SQL in
//! one transaction with whatever is told, so that nothing is told that did not happen, and nothing happens untold.

use serde::{Deserialize, Serialize};

use super::event::{Body, EventType};
use crate::platform::PlatformError;
use crate::platform::database::{Rows, Statement, sql};
use sluice_values::{AlertId, DeliveryId, Timestamp, WebhookId, WebsiteId, hex};

/// A message for the endpoints of a website.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outgoing {
    /// `webhook-id`.
    id: String,
    r#type: EventType,
    payload: String,
    /// The goal that it tells of, for endpoints that want only some.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// An endpoint that gets it whatever it wants otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<WebhookId>,
    /// An endpoint that does not get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    except: Option<WebhookId>,
    /// Its number among the website's news: news that has been told already is not told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
}

impl Outgoing {
    /// A message of this body.
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

    /// The same, of this goal.
    #[must_use]
    pub fn of_goal(self, goal: impl Into<String>) -> Self {
        Self { goal: Some(goal.into()), ..self }
    }

    /// The same, in any case also for this endpoint.
    #[must_use]
    pub fn also_to(self, webhook: Option<WebhookId>) -> Self {
        Self { also: webhook, ..self }
    }

    /// The same, not for this endpoint.
    #[must_use]
    pub fn except_to(self, webhook: WebhookId) -> Self {
        Self { except: Some(webhook), ..self }
    }

    /// The same, as this piece of the website's news.
    #[must_use]
    pub fn from_outbox(self, seq: i64) -> Self {
        Self { seq: Some(seq), ..self }
    }
}

/// A delivery and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Due {
    /// Which.
    pub id: DeliveryId,
    /// When.
    #[serde(rename = "next_attempt_at")]
    pub at: Timestamp,
}

/// What must be true when messages are stored for them to be told at all.
#[derive(Debug, Clone, Copy)]
pub enum When<'a> {
    /// Nothing more.
    Always,
    /// That this endpoint was disabled by the attempt with this lease.
    Disabled(WebhookId, &'a str),
    /// That this alert is still leased until this moment.
    Leased(AlertId, Timestamp),
}

/// How many statements [`insert`] makes.
pub const STATEMENTS: usize = 4;

/// Stores messages with their deliveries. The answer to the last statement is read by [`due`].
pub fn insert(website: WebsiteId, messages: &[Outgoing], now: Timestamp, when: When) -> Vec<Statement> {
    let (disabled, leased) = match when {
        When::Always => (None, None),
        When::Disabled(webhook, by) => (Some((webhook, by)), None),
        When::Leased(alert, until) => (None, Some((alert, until))),
    };
    vec![
        sql("INSERT INTO messages (id, website_id, type, payload, created_at) \
             SELECT m.value->>'id', ?2, m.value->>'type', m.value->>'payload', ?3 FROM json_each(?1) m \
             WHERE EXISTS (SELECT 1 FROM webhooks WHERE website_id = ?2) AND (m.value->>'seq' IS NULL \
               OR m.value->>'seq' > coalesce((SELECT seq FROM news_cursors WHERE website_id = ?2), 0)) \
             AND (?4 IS NULL OR EXISTS (SELECT 1 FROM webhooks WHERE id = ?4 AND disabled_by = ?5)) \
             AND (?6 IS NULL OR EXISTS (SELECT 1 FROM alerts WHERE id = ?6 AND leased_until = ?7))")
        .bind_json(messages)
        .bind(website)
        .bind(now)
        .bind(disabled.map(|(webhook, _)| webhook))
        .bind(disabled.map(|(_, by)| by))
        .bind(leased.map(|(alert, _)| alert))
        .bind(leased.map(|(_, until)| until)),
        // An endpoint with a rate limit gives each its place behind the last one.
        sql(
            "INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, next_attempt_at, has_slot, \
             created_at, updated_at) \
             SELECT printf('%08x', CAST(?3 / 1000 AS INTEGER)) || lower(hex(randomblob(8))), w.website_id, w.id, m.id, \
             m.type, iif(w.is_enabled, 'pending', 'missed'), CASE WHEN NOT w.is_enabled THEN NULL WHEN w.slot_ms > 0 \
               THEN max(w.next_slot_at, ?3) + (row_number() OVER (PARTITION BY w.id ORDER BY o.key) - 1) * w.slot_ms \
               ELSE ?3 END, w.slot_ms > 0, ?3, ?3 \
             FROM json_each(?1) o JOIN messages m ON m.id = o.value->>'id' JOIN webhooks w ON w.website_id = ?2 \
             WHERE w.id <> coalesce(o.value->>'except', '') AND (w.id = o.value->>'also' OR ( \
               (w.event_types = '[]' OR EXISTS (SELECT 1 FROM json_each(w.event_types) t WHERE t.value = m.type)) \
               AND (m.type <> 'goal.completed' OR w.goal_names = '[]' \
                 OR EXISTS (SELECT 1 FROM json_each(w.goal_names) g WHERE g.value = o.value->>'goal'))))",
        )
        .bind_json(messages)
        .bind(website)
        .bind(now),
        sql("UPDATE webhooks SET next_slot_at = max(next_slot_at, ?3) + slot_ms * (SELECT count(*) FROM deliveries d \
             WHERE d.message_id IN (SELECT value->>'id' FROM json_each(?1)) AND d.webhook_id = webhooks.id) \
             WHERE website_id = ?2 AND slot_ms > 0 AND is_enabled")
        .bind_json(messages)
        .bind(website)
        .bind(now),
        sql("SELECT id, next_attempt_at FROM deliveries \
             WHERE message_id IN (SELECT value->>'id' FROM json_each(?1)) AND status = 'pending'")
        .bind_json(messages),
    ]
}

/// The deliveries that [`insert`] made and that wait to be sent.
pub fn due(rows: &mut Rows) -> Result<Vec<Due>, PlatformError> {
    (0..3).for_each(|_| rows.skip());
    rows.all()
}

/// Stores an example for one endpoint. The last statement returns a row.
pub fn insert_test(
    website: WebsiteId,
    webhook: WebhookId,
    delivery: DeliveryId,
    message: &Outgoing,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql("INSERT INTO messages (id, website_id, type, payload, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(message.id.as_str())
            .bind(website)
            .bind(message.r#type.as_str())
            .bind(message.payload.as_str())
            .bind(now),
        sql("INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, is_test, cause, \
             next_attempt_at, created_at, updated_at) \
             SELECT ?1, website_id, id, ?4, ?5, 'pending', 1, 'manual', ?6, ?6, ?6 FROM webhooks \
             WHERE id = ?2 AND website_id = ?3 RETURNING id")
        .bind(delivery)
        .bind(webhook)
        .bind(website)
        .bind(message.id.as_str())
        .bind(message.r#type.as_str())
        .bind(now),
    ]
}
