//! The queue of deliveries. A message's body is the id of a delivery and nothing else: a message of any release can be
//! read by every other, and one whose body is no id is dropped.

use super::publish::Due;
use crate::platform::database::sql;
use crate::platform::queues::{Message, Queue};
use crate::platform::{Platform, PlatformError};
use sluice_values::Timestamp;

/// The longest that a delivery waits in the queue, in milliseconds. Cron enqueues later ones.
const MAX_DELAY_MS: i64 = 15 * 60 * 1_000;
/// How long a delivery is overdue before cron considers its queue message lost, in milliseconds.
const OVERDUE_MS: i64 = 5_000;
/// The most overdue deliveries that one cron run enqueues.
const OVERDUE_AT_ONCE: u32 = 2_000;

/// Enqueues deliveries for the dispatcher, each at its time.
pub async fn enqueue(platform: &Platform, due: &[Due], now: Timestamp) {
    let messages: Vec<_> = due.iter().filter_map(|due| message(due, now)).collect();
    platform.queues().send(Queue::Deliveries, &messages).await;
}

/// Enqueues deliveries that are due and not leased: those whose wait is too long for the queue, and those whose
/// queue message or dispatcher was lost.
pub async fn enqueue_overdue(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let overdue = sql("SELECT id, next_attempt_at FROM deliveries WHERE status = 'pending' AND next_attempt_at <= ?1 \
                       AND leased_until <= ?2 ORDER BY next_attempt_at LIMIT ?3");
    let overdue = overdue.bind(now.plus_millis(-OVERDUE_MS)).bind(now).bind(OVERDUE_AT_ONCE);
    let due = platform.database().rows(overdue).await?;
    enqueue(platform, &due, now).await;
    Ok(())
}

fn message(due: &Due, now: Timestamp) -> Option<Message> {
    let wait = (due.at.as_millis() - now.as_millis()).max(0);
    // Queues delay by whole seconds; the dispatcher waits for the rest.
    (wait <= MAX_DELAY_MS)
        .then(|| Message { body: due.id.to_string(), delay_seconds: u32::try_from(wait / 1_000).unwrap_or_default() })
}
