//! The queue of payment providers. A message says what is due, and D1 has the rest: a message of any release can be read by every
//! other, and one whose body says nothing is dropped.

use super::past::Past;
use crate::platform::Platform;
use crate::platform::queues::{Message, Queue};
use sluice_values::{ProviderEventId, WebsiteId};

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// An event is to be worked on.
    Event(ProviderEventId),
    /// A connection's past is to be read on.
    Past(Past),
    /// A Stripe account's events are to be looked for.
    Poll(WebsiteId),
    /// A connection was made.
    Connected,
}

impl Hint {
    pub fn parse(body: &str) -> Option<Self> {
        match body.split_once(':')? {
            ("event", id) => id.parse().ok().map(Self::Event),
            ("past", past) => past.parse().ok().map(Self::Past),
            ("poll", website) => website.parse().ok().map(Self::Poll),
            ("connected", "") => Some(Self::Connected),
            _ => None,
        }
    }

    fn body(self) -> String {
        match self {
            Self::Event(id) => format!("event:{id}"),
            Self::Past(past) => format!("past:{past}"),
            Self::Poll(website) => format!("poll:{website}"),
            Self::Connected => "connected:".to_owned(),
        }
    }
}

/// Leaves what is due, each in so many seconds, to the consumer of the queue.
pub async fn enqueue(platform: &Platform, hints: &[(Hint, u32)]) {
    let message = |(hint, delay_seconds): &(Hint, u32)| Message { body: hint.body(), delay_seconds: *delay_seconds };
    let messages: Vec<Message> = hints.iter().map(message).collect();
    platform.queues().send(Queue::Providers, &messages).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_says_nothing_is_dropped() {
        for body in ["", "event", "event:", "event:x", "665f0b3c4d2e1a0012345678", "another:665f0b3c4d2e1a0012345678"] {
            assert_eq!(Hint::parse(body), None, "{body}");
        }
        let past = "import:665f0b3c4d2e1a0012345678:stripe".parse().unwrap();
        let (event, website) =
            ("665f0b3c4d2e1a0012345678".parse().unwrap(), "665f0b3c4d2e1a0012345678".parse().unwrap());
        for hint in [Hint::Event(event), Hint::Past(past), Hint::Poll(website), Hint::Connected] {
            assert_eq!(Hint::parse(&hint.body()), Some(hint));
        }
    }
}
