//! A delivery: a message on its way to one endpoint. Its states, the statements that end pending deliveries, and the
//! deletion of old ones.

use serde::{Deserialize, Serialize};

use crate::platform::database::{Statement, sql};
use sluice_values::{Timestamp, WebhookId};

/// How long a delivery is kept after it was created: 30 days.
pub const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// The most rows of each table that are deleted in one transaction.
pub const DELETED_AT_ONCE: u32 = 500;

// Stored in `deliveries.status`: a name is never changed.
/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// Waits for its next attempt.
    Pending,
    /// The endpoint accepted it.
    Delivered,
    /// Out of attempts, or the endpoint answered 410.
    Failed,
    /// The endpoint was off: not sent automatically.
    Missed,
}

impl Status {
    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }
}

// Stored in `deliveries.cause`: a name is never changed.
/// Why an attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Cause {
    /// The event itself or the retry schedule.
    Automatic,
    /// A request to resend.
    Manual,
}

impl Cause {
    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }
}

/// Pending deliveries of an endpoint that is off become `missed`. Test deliveries stay pending: they are sent anyway.
pub fn miss_pending(webhook: WebhookId, now: Timestamp) -> Statement {
    sql("UPDATE deliveries INDEXED BY deliveries_due SET status = 'missed', next_attempt_at = NULL, lease = NULL, \
         leased_until = 0, updated_at = ?2 WHERE webhook_id = ?1 AND status = 'pending' AND is_test = 0 \
         AND EXISTS (SELECT 1 FROM webhooks WHERE id = ?1 AND NOT is_enabled)")
    .bind(webhook)
    .bind(now)
}

/// Deletes deliveries that ended more than 30 days ago, and messages without a delivery: [`DELETED_AT_ONCE`] of each at most.
pub fn delete_expired(now: Timestamp) -> [Statement; 3] {
    // An old message whose deliveries are not all over is kept with them.
    let ended = "SELECT d.id FROM messages m JOIN deliveries d ON d.message_id = m.id \
                 WHERE m.created_at < ?1 AND d.status <> 'pending' ORDER BY m.created_at, d.id LIMIT ?2";
    [
        format!("DELETE FROM delivery_attempts WHERE delivery_id IN ({ended})"),
        format!("DELETE FROM deliveries WHERE id IN ({ended})"),
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE created_at < ?1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.id) ORDER BY created_at LIMIT ?2) \
         RETURNING id"
            .to_owned(),
    ]
    .map(|text| sql(text).bind(now.plus_millis(-KEPT_MS)).bind(DELETED_AT_ONCE))
}
