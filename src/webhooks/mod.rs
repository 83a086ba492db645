//! Outgoing webhooks: endpoints, their events, and delivery (docs/webhooks.md). The pure rules are the crate
//! `sluice-webhook-rules`.

pub mod deliveries;
pub mod dispatch;
pub mod endpoints;
pub mod event;
pub mod owner_mail;
pub mod publish;
pub mod queue;
pub mod settings;
pub mod subscriptions;
