//! Leases of deliveries. A dispatcher leases a delivery's row before it sends it, so that a duplicated queue message
//! sends once. A lease that is not returned expires.

use serde::Deserialize;

use super::delivery::Cause;
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_values::{DeliveryId, Timestamp, WebhookId, WebsiteId};
use sluice_webhook_rules::schedule::Schedule;

/// How long before its time a delivery may be leased, in milliseconds; the dispatcher waits for the rest.
pub const EARLY_MS: i64 = 1_000;
/// `has_slot` of a delivery whose `next_attempt_at` is its turn at the rate limit: it is sent then without asking
/// again.
pub const TURN_TAKEN: i64 = 2;
/// How much longer than an attempt may take its lease lasts, in milliseconds.
pub const MARGIN_MS: i64 = 10_000;

/// The deliveries that one queue message leased together.
#[derive(Clone, Copy)]
pub struct Lease<'a> {
    pub schedule: &'a Schedule,
    /// How many deliveries of a website may wait.
    pub most_waiting: u32,
    /// Distinguishes this lease from every other.
    pub token: &'a str,
}

/// A leased delivery with its message and its endpoint.
#[derive(Deserialize)]
pub struct LeasedDelivery {
    pub id: DeliveryId,
    pub website_id: WebsiteId,
    pub webhook_id: WebhookId,
    pub message_id: String,
    pub attempt_count: u32,
    pub step: u32,
    pub cause: Cause,
    pub is_test: i64,
    pub has_slot: i64,
    pub next_attempt_at: Timestamp,
    pub payload: String,
    pub url: String,
    pub sealed_headers: String,
    pub sealed_secret: String,
    pub sealed_previous_secret: Option<String>,
    pub previous_secret_expires_at: Option<Timestamp>,
    pub slot_ms: i64,
    pub failing_since: Option<Timestamp>,
    pub warned_at: Option<Timestamp>,
}

impl LeasedDelivery {
    const COLUMNS: &str = "d.id, d.website_id, d.webhook_id, d.message_id, d.attempt_count, d.step, d.cause, d.is_test, \
                           d.has_slot, d.next_attempt_at, m.payload, w.url, w.sealed_headers, w.sealed_secret, \
                           w.sealed_previous_secret, w.previous_secret_expires_at, w.slot_ms, w.failing_since, \
                           w.warned_at";
}

impl Lease<'_> {
    /// Leases those of the deliveries that are due and not leased.
    pub fn take(self, batch: &mut Batch, ids: &[DeliveryId], now: Timestamp) -> Handle<LeasedDelivery> {
        let until = now.plus_millis(i64::from(self.schedule.timeout) * 1_000 + MARGIN_MS);
        batch.run(
            sql("UPDATE deliveries SET lease = ?2, leased_until = ?3 WHERE id IN (SELECT value FROM json_each(?1)) \
                 AND status = 'pending' AND leased_until <= ?4 AND next_attempt_at <= ?5")
            .bind_json(ids)
            .bind(self.token)
            .bind(until)
            .bind(now)
            .bind(now.plus_millis(EARLY_MS)),
        );
        batch.read(
            sql(format!(
                "SELECT {} FROM deliveries d JOIN messages m ON m.id = d.message_id JOIN webhooks w ON w.id = d.webhook_id \
                 WHERE d.id IN (SELECT value FROM json_each(?1)) AND d.lease = ?2 AND (w.is_enabled OR d.is_test)",
                LeasedDelivery::COLUMNS
            ))
            .bind_json(ids)
            .bind(self.token),
        )
    }

    /// Returns a row while the lease holds. An endpoint that is switched off or deleted ends the leases of its
    /// deliveries.
    pub fn holds(self, delivery: &LeasedDelivery) -> Statement {
        sql("SELECT 1 FROM deliveries WHERE id = ?1 AND lease = ?2 AND status = 'pending'")
            .bind(delivery.id)
            .bind(self.token)
    }

    /// Takes the delivery's turn at its endpoint's rate limit, and returns when that is. Deliveries take turns one
    /// behind the other, however late or often they are enqueued. Without a lease there is no row.
    pub fn take_turn(self, delivery: &LeasedDelivery, now: Timestamp) -> Statement {
        sql("UPDATE webhooks SET last_sent_at = max(last_sent_at + slot_ms, ?2) WHERE id = ?1 \
             AND EXISTS (SELECT 1 FROM deliveries WHERE id = ?3 AND lease = ?4 AND status = 'pending') \
             RETURNING last_sent_at AS at")
        .bind(delivery.webhook_id)
        .bind(now)
        .bind(delivery.id)
        .bind(self.token)
    }

    /// Returns the lease until the delivery's turn comes.
    pub fn give_back(self, delivery: &LeasedDelivery, turn: Timestamp) -> Statement {
        sql("UPDATE deliveries SET next_attempt_at = ?3, has_slot = ?4, lease = NULL, leased_until = 0 \
             WHERE id = ?1 AND lease = ?2")
        .bind(delivery.id)
        .bind(self.token)
        .bind(turn)
        .bind(TURN_TAKEN)
    }
}
