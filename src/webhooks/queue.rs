//! The queue of deliveries.

use super::publish::Due;
use crate::platform::Platform;
use crate::platform::queues::{Message, Queue};
use sluice_values::Timestamp;

/// The longest that a delivery waits in the queue, in milliseconds. Cron finds what is due later.
const MAX_DELAY_MS: i64 = 15 * 60 * 1_000;

/// Enqueues deliveries for the dispatcher, each at its time.
pub async fn enqueue(platform: &Platform, due: &[Due], now: Timestamp) {
    let messages: Vec<_> = due.iter().filter_map(|due| message(due, now)).collect();
    platform.queues().send(Queue::Deliveries, &messages).await;
}

fn message(due: &Due, now: Timestamp) -> Option<Message> {
    let wait = (due.at.as_millis() - now.as_millis()).max(0);
    // Queues delay by whole seconds; the dispatcher waits for the rest.
    (wait <= MAX_DELAY_MS)
        .then(|| Message { body: due.id.to_string(), delay_seconds: u32::try_from(wait / 1_000).unwrap_or_default() })
}
