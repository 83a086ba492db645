//! How webhooks are delivered in this deployment.

use crate::platform::config::{Config, MAX_WAITING_DELIVERIES};
use sluice_webhook_rules::schedule::Schedule;

/// The most endpoints that a website may have.
pub const MOST_ENDPOINTS: u32 = 20;

/// The settings that a website's object delivers by.
#[derive(Debug, Clone)]
pub struct Rules {
    pub schedule: Schedule,
    /// How many deliveries of a website may wait.
    pub most_waiting: u32,
}

impl Rules {
    pub fn of(config: &Config) -> Self {
        Self { schedule: schedule(config), most_waiting: config.cap(MAX_WAITING_DELIVERIES) }
    }
}

/// `WEBHOOK_RETRY_SCHEDULE` (seconds, separated by commas), `WEBHOOK_TIMEOUT`, `WEBHOOK_BACKOFF_FLOOR` and
/// `WEBHOOK_DISABLE_AFTER` (seconds). An invalid value counts as not set.
pub fn schedule(config: &Config) -> Schedule {
    let usual = Schedule::default();
    let waits = config
        .text("WEBHOOK_RETRY_SCHEDULE")
        .and_then(|list| list.split(',').map(|wait| wait.trim().parse().ok()).collect::<Option<Vec<u32>>>());
    // Unlike the other numbers, the floor may be 0.
    let floor = config.text("WEBHOOK_BACKOFF_FLOOR").and_then(|floor| floor.trim().parse().ok());
    Schedule {
        waits: waits.unwrap_or(usual.waits),
        timeout: config.number("WEBHOOK_TIMEOUT").unwrap_or(usual.timeout),
        floor: floor.unwrap_or(usual.floor),
        disable_after: config.number("WEBHOOK_DISABLE_AFTER").unwrap_or(usual.disable_after),
    }
}
