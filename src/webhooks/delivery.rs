//! A delivery: a message on its way to one endpoint. Its states, the statements that end pending deliveries, and the
//! deletion of old ones.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_values::{AccountId, Timestamp, WebhookId, WebsiteId};

/// How long a delivery is kept after it was created: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How long one cron run deletes, in milliseconds.
const TIME_TO_DELETE_MS: i64 = 20_000;
/// The most rows of each table that are deleted in one transaction.
const DELETED_AT_ONCE: u32 = 1_000;

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
    sql("UPDATE deliveries SET status = 'missed', next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?2 \
         WHERE webhook_id = ?1 AND status = 'pending' AND is_test = 0 \
         AND EXISTS (SELECT 1 FROM webhooks WHERE id = ?1 AND NOT is_enabled)")
    .bind(webhook)
    .bind(now)
}

/// Pending deliveries of an endpoint that was deleted fail.
pub fn fail_pending(webhook: WebhookId, now: Timestamp) -> Statement {
    sql("UPDATE deliveries SET status = 'failed', next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?2 \
         WHERE webhook_id = ?1 AND status = 'pending' AND NOT EXISTS (SELECT 1 FROM webhooks WHERE id = ?1)")
    .bind(webhook)
    .bind(now)
}

/// The same for the endpoints that a statement selects, which are about to be deleted; its `?1` is the website, `?2` the
/// account.
pub fn fail_pending_of(endpoints: &str, (website, account): (WebsiteId, AccountId), now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE deliveries SET status = 'failed', next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?3 \
         WHERE webhook_id IN ({endpoints}) AND status = 'pending'"
    ))
    .bind(website)
    .bind(account)
    .bind(now)
}

/// Deletes deliveries that ended more than 30 days ago, [`DELETED_AT_ONCE`] at a time, as long as there is time.
pub async fn delete_expired(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let before = now.plus_millis(-KEPT_MS);
    loop {
        // A message that no endpoint wanted has no delivery, so messages are searched too.
        let old = sql("SELECT 1 FROM deliveries WHERE status <> 'pending' AND created_at < ?1 \
                       UNION ALL SELECT 1 FROM messages WHERE created_at < ?1 \
                       AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.id) LIMIT 1");
        if platform.database().rows::<IgnoredAny>(old.bind(before)).await?.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for statement in delete_before(before) {
            batch.run(statement);
        }
        platform.database().run(batch).await?;
        if platform.now().as_millis() - now.as_millis() > TIME_TO_DELETE_MS {
            return Ok(());
        }
    }
}

fn delete_before(before: Timestamp) -> [Statement; 3] {
    [
        "DELETE FROM delivery_attempts WHERE delivery_id IN (SELECT id FROM deliveries \
         WHERE status <> 'pending' AND created_at < ?1 ORDER BY created_at LIMIT ?2)",
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries \
         WHERE status <> 'pending' AND created_at < ?1 ORDER BY created_at LIMIT ?2)",
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE created_at < ?1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.id) ORDER BY created_at LIMIT ?2)",
    ]
    .map(|text| sql(text).bind(before).bind(DELETED_AT_ONCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;

    #[test]
    fn one_run_of_cron_deletes_all_that_is_old() {
        let database = Memory::default();
        database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
             INSERT INTO messages SELECT 'm' || i, 'w', 't', '{}', 0 FROM n;
             INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, created_at, updated_at)
               SELECT id, 'w', 'h', id, 't', iif(id = 'm1', 'pending', 'failed'), 0, 0 FROM messages",
        );
        let now = Timestamp::from_millis(KEPT_MS + 1);
        let memory = std::rc::Rc::new(crate::platform::memory::Memory::new(database, now));
        let platform = Platform::in_memory(memory.clone());
        futures_util::FutureExt::now_or_never(delete_expired(&platform, now)).unwrap().unwrap();
        let left =
            sql("SELECT (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM messages) AS messages");
        let left = memory.database.batch::<serde_json::Value>(&[left]).unwrap().remove(0);
        assert_eq!(left, [serde_json::json!({ "deliveries": 1, "messages": 1 })]);
    }

    #[test]
    fn ended_deliveries_are_deleted_after_30_days_and_pending_ones_are_kept() {
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
        database.batch::<serde_json::Value>(&delete_before(Timestamp::from_millis(10))).unwrap();
        let left = |text| {
            let rows = database.batch::<serde_json::Value>(&[sql(text)]).unwrap().remove(0);
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(left("SELECT id FROM deliveries ORDER BY id"), ["3", "4"]);
        assert_eq!(left("SELECT id FROM messages ORDER BY id"), ["m3", "m4"]);
        assert_eq!(left("SELECT delivery_id AS id FROM delivery_attempts ORDER BY 1"), ["3", "4"]);
    }
}
