//! The queue of deliveries. A message's body is the website and the ids of deliveries in its object:
//! `665f0b3c4d2e1a0012345678:6b02823e638efd93acf1ee7c,…`. Earlier releases wrote the id of one delivery, which is in D1. A
//! body that is neither is dropped.

use crate::platform::Platform;
use crate::platform::queues::{Message, Queue};
use sluice_values::{DeliveryId, WebsiteId};

/// The deliveries of one message. The consumer posts them at the same time, and a Worker may wait for six requests at once.
pub const AT_ONCE: usize = 5;

/// What a message is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Hint {
    /// Deliveries in a website's object.
    Due(WebsiteId, Vec<DeliveryId>),
    /// One of an earlier release.
    InDatabase(DeliveryId),
}

impl Hint {
    /// What the body of a message says.
    pub fn parse(body: &str) -> Option<Self> {
        let Some((website, ids)) = body.split_once(':') else { return body.parse().ok().map(Self::InDatabase) };
        Some(Self::Due(website.parse().ok()?, ids.split(',').filter_map(|id| id.parse().ok()).collect()))
    }
}

/// Leaves deliveries that are due to the consumer of the queue.
pub async fn enqueue(platform: &Platform, website: WebsiteId, ids: &[DeliveryId]) {
    let message = |ids: &[DeliveryId]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        Message { body: format!("{website}:{}", ids.join(",")), delay_seconds: 0 }
    };
    let messages: Vec<Message> = ids.chunks(AT_ONCE).map(message).collect();
    platform.queues().send(Queue::Deliveries, &messages).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_no_hint_is_dropped() {
        for body in ["", "x", "665f0b3c4d2e1a0012345678x", ":6b02823e638efd93acf1ee7c", "x:6b02823e638efd93acf1ee7c"] {
            assert_eq!(Hint::parse(body), None, "{body}");
        }
        let (website, id) = ("665f0b3c4d2e1a0012345678", "6b02823e638efd93acf1ee7c");
        let due = Hint::Due(website.parse().unwrap(), vec![id.parse().unwrap()]);
        assert_eq!(Hint::parse(&format!("{website}:{id},x")), Some(due));
        assert_eq!(Hint::parse(id), Some(Hint::InDatabase(id.parse().unwrap())));
    }
}
