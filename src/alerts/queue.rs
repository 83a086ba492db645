//! The queue of alerts.

use crate::platform::Platform;
use crate::platform::queues::{Message, Queue};
use sluice_values::AlertId;

/// Enqueues alerts for evaluation.
pub async fn enqueue(platform: &Platform, alerts: &[AlertId]) {
    let messages: Vec<_> = alerts.iter().map(|id| Message { body: id.to_string(), delay_seconds: 0 }).collect();
    platform.queues().send(Queue::Alerts, &messages).await;
}
