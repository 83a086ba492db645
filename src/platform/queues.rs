//! Queues. What is queued is also in D1: a message only says that something is due, and one that is lost is found by
//! cron. So sending needs no answer, and a consumer that finds nothing to do has nothing to do.

use worker::{BatchMessageBuilder, Env, MessageBuilder};

use super::{PlatformError, log};
use crate::values::{AlertId, Timestamp};
use crate::webhooks::publish::Due;

/// The name of the queue of alerts (wrangler.toml).
pub const ALERTS: &str = "sluice-alerts";

/// The longest that a delivery waits in the queue, in milliseconds. What is due later is found by cron.
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1_000;
/// Messages of one batch at most (the platform's limit).
const MOST: usize = 100;

/// The queues among the bindings.
pub struct Queues<'a> {
    env: &'a Env,
}

impl<'a> Queues<'a> {
    /// The queues among these bindings.
    pub fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Hands deliveries to whoever sends them, each at its time.
    pub async fn deliver(&self, due: &[Due], now: Timestamp) {
        let messages = due.iter().filter_map(|due| {
            let wait = (due.at.as_millis() - now.as_millis()).max(0);
            // Whole seconds; the rest is waited for by whoever takes it.
            (wait <= LONGEST_WAIT_MS).then(|| (due.id.to_string(), u32::try_from(wait / 1_000).unwrap_or_default()))
        });
        self.send("DELIVERIES", messages.collect()).await;
    }

    /// Hands alerts to whoever evaluates them.
    pub async fn evaluate(&self, alerts: &[AlertId]) {
        self.send("ALERTS", alerts.iter().map(|alert| (alert.to_string(), 0)).collect()).await;
    }

    async fn send(&self, binding: &str, messages: Vec<(String, u32)>) {
        for chunk in messages.chunks(MOST) {
            if let Err(error) = self.send_chunk(binding, chunk).await {
                log::failure("queue", binding, &error.to_string());
            }
        }
    }

    async fn send_chunk(&self, binding: &str, messages: &[(String, u32)]) -> Result<(), PlatformError> {
        let message = |(id, delay): &(String, u32)| match delay {
            0 => MessageBuilder::new(id.clone()).build(),
            seconds => MessageBuilder::new(id.clone()).delay_seconds(*seconds).build(),
        };
        let batch = BatchMessageBuilder::new().messages(messages.iter().map(message)).build();
        Ok(self.env.queue(binding)?.send_batch(batch).await?)
    }
}
