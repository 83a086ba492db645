//! The queue of alerts. A message's body is the id of an alert and nothing else: a message of any release can be read by
//! every other, and one whose body is no id is dropped.

use crate::platform::Platform;
use crate::platform::queues::{Message, Queue};
use sluice_values::AlertId;

/// Enqueues alerts for evaluation.
pub async fn enqueue(platform: &Platform, alerts: &[AlertId]) {
    let messages: Vec<_> = alerts.iter().map(|id| Message { body: id.to_string(), delay_seconds: 0 }).collect();
    platform.queues().send(Queue::Alerts, &messages).await;
}
