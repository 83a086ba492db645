//! Outgoing webhooks: endpoints, what they are told, and how it gets there (docs/webhooks.md).

pub mod courier;
pub mod deliveries;
pub mod destination;
pub mod endpoints;
pub mod event;
pub mod headers;
pub mod news;
pub mod notice;
pub mod publish;
pub mod schedule;
pub mod signature;
pub mod watch;
