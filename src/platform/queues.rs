//! Sending to queues. Every message repeats what D1 already holds: it only says that something is due, and cron finds what
//! a lost message was about. So a failure to send is logged, not returned.

use worker::{BatchMessageBuilder, MessageBuilder};

use super::error::PlatformError;
use super::log;
use super::runtime::Runtime;

/// The queues among the bindings (wrangler.toml).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Ids of webhook deliveries that are due.
    Deliveries,
    /// Ids of alerts that are due.
    Alerts,
}

impl Queue {
    const fn binding(self) -> &'static str {
        match self {
            Self::Deliveries => "DELIVERIES",
            Self::Alerts => "ALERTS",
        }
    }

    /// The queue of this name, as a consumer is told it.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sluice-deliveries" => Some(Self::Deliveries),
            "sluice-alerts" => Some(Self::Alerts),
            _ => None,
        }
    }
}

/// A message and after how many seconds the consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub body: String,
    pub delay_seconds: u32,
}

/// Messages that one call may send (the platform's limit).
const MAX_BATCH: usize = 100;

/// The queues of one invocation.
pub struct Queues<'a> {
    runtime: &'a Runtime,
}

impl<'a> Queues<'a> {
    pub fn new(runtime: &'a Runtime) -> Self {
        Self { runtime }
    }

    /// Sends messages, 100 at a time.
    pub async fn send(&self, queue: Queue, messages: &[Message]) {
        for batch in messages.chunks(MAX_BATCH) {
            if let Err(error) = self.send_batch(queue, batch).await {
                log::failure("queue", queue.binding(), &error.to_string());
            }
        }
    }

    async fn send_batch(&self, queue: Queue, messages: &[Message]) -> Result<(), PlatformError> {
        match self.runtime {
            Runtime::Workers(env) => {
                let build = |message: &Message| match message.delay_seconds {
                    0 => MessageBuilder::new(message.body.clone()).build(),
                    seconds => MessageBuilder::new(message.body.clone()).delay_seconds(seconds).build(),
                };
                let batch = BatchMessageBuilder::new().messages(messages.iter().map(build)).build();
                Ok(env.queue(queue.binding())?.send_batch(batch).await?)
            }
            #[cfg(test)]
            Runtime::Memory(memory) => {
                memory.enqueue(queue, messages);
                Ok(())
            }
        }
    }
}
