//! Leases of deliveries. Whoever sends a delivery leases its row first, so that a duplicated queue message sends once. A
//! lease that is not returned expires.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::delivery::Cause;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{DeliveryId, Timestamp, WebhookId};
use sluice_webhook_rules::schedule::Schedule;

/// `has_slot` of a delivery whose `next_attempt_at` is its turn at the rate limit: it is sent then without asking
/// again.
const TURN_TAKEN: i64 = 2;
/// How much longer than an attempt may take its lease lasts, in milliseconds.
pub const MARGIN_MS: i64 = 10_000;

/// A leased delivery with its message and its endpoint. Sent between Worker and object: fields may be added with a default,
/// never renamed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeasedDelivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub message_id: String,
    pub attempt_count: u32,
    pub step: u32,
    pub cause: Cause,
    pub is_test: i64,
    pub has_slot: i64,
    pub payload: String,
    pub url: String,
    pub sealed_headers: String,
    pub sealed_secret: String,
    pub sealed_previous_secret: Option<String>,
    pub previous_secret_expires_at: Option<Timestamp>,
    pub slot_ms: i64,
    pub last_sent_at: Timestamp,
}

impl LeasedDelivery {
    const COLUMNS: &str = "d.id, d.webhook_id, d.message_id, d.attempt_count, d.step, d.cause, d.is_test, d.has_slot, \
                           m.payload, w.url, w.sealed_headers, w.sealed_secret, w.sealed_previous_secret, \
                           w.previous_secret_expires_at, w.slot_ms, w.last_sent_at";

    /// What [`super::consequences`] needs of it, once it is sent.
    #[must_use]
    pub fn without_content(self) -> Self {
        let none = String::new;
        Self {
            payload: none(),
            url: none(),
            sealed_headers: none(),
            sealed_secret: none(),
            sealed_previous_secret: None,
            ..self
        }
    }
}

/// Those of the deliveries that are due and not leased, oldest first.
pub fn select_due(ids: &[DeliveryId], now: Timestamp) -> Statement {
    sql(format!(
        "SELECT {} FROM deliveries d JOIN messages m ON m.id = d.message_id JOIN webhooks w ON w.id = d.webhook_id \
         WHERE d.id IN (SELECT value FROM json_each(?1)) AND d.status = 'pending' AND d.leased_until <= ?2 \
         AND d.next_attempt_at <= ?2 AND (w.is_enabled OR d.is_test) ORDER BY d.next_attempt_at, d.created_at, d.webhook_id, d.id",
        LeasedDelivery::COLUMNS
    ))
    .bind_json(ids)
    .bind(now)
}

/// Leases these deliveries for as long as an attempt may take, but for those whose turn at their endpoint's rate limit is
/// later: they wait until then. Returns those that are leased.
///
/// Deliveries take turns one behind the other, however late or often they are looked at.
pub fn take(
    batch: &mut Batch,
    due: Vec<LeasedDelivery>,
    (schedule, token): (&Schedule, &str),
    now: Timestamp,
) -> Vec<LeasedDelivery> {
    let mut turns: BTreeMap<[u8; 12], (WebhookId, Timestamp)> = BTreeMap::new();
    let (mut leased, mut waiting) = (Vec::with_capacity(due.len()), Vec::new());
    for delivery in due {
        if delivery.slot_ms > 0 && delivery.has_slot != TURN_TAKEN {
            let webhook = delivery.webhook_id;
            let (_, last) = turns.entry(*webhook.as_bytes()).or_insert((webhook, delivery.last_sent_at));
            *last = last.plus_millis(delivery.slot_ms).max(now);
            if *last > now {
                waiting.push((delivery.id, *last));
                continue;
            }
        }
        leased.push(delivery);
    }
    for (webhook, last) in turns.into_values() {
        batch.run(sql("UPDATE webhooks SET last_sent_at = ?2 WHERE id = ?1").bind(webhook).bind(last));
    }
    for (id, turn) in waiting {
        let wait = sql("UPDATE deliveries SET next_attempt_at = ?2, due_at = ?2, has_slot = ?3 WHERE id = ?1");
        batch.run(wait.bind(id).bind(turn).bind(TURN_TAKEN));
    }
    let ids: Vec<DeliveryId> = leased.iter().map(|delivery| delivery.id).collect();
    if !ids.is_empty() {
        batch.run(
            sql("UPDATE deliveries SET lease = ?2, leased_until = ?3, due_at = ?3 \
                 WHERE id IN (SELECT value FROM json_each(?1))")
            .bind_json(&ids)
            .bind(token)
            .bind(now.plus_millis(i64::from(schedule.timeout) * 1_000 + MARGIN_MS)),
        );
    }
    leased
}
