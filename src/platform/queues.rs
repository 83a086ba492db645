//! Sending to queues. Every message repeats what D1 already contains: it only says that something is due, and cron
//! finds what a lost message was about. A failure to send is therefore logged, not returned.

use worker::{BatchMessageBuilder, MessageBuilder};

use super::error::PlatformError;
use super::log;
pub use super::outbound::{Message, Queue, parse_ids};
use super::runtime::Runtime;

/// The most messages in one call (the platform's limit).
const MAX_BATCH: usize = 100;

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
