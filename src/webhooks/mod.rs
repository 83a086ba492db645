//! Outgoing webhooks: endpoints, their events, and delivery (docs/webhooks.md). The pure rules are the crate
//! `sluice-webhook-rules`.

pub mod attempt;
pub mod consequences;
pub mod deliveries;
pub mod delivery;
pub mod dispatch;
pub mod endpoints;
pub mod event;
pub mod lease;
pub mod owner_mail;
pub mod publish;
pub mod queue;
pub mod secrets;
pub mod settings;
pub mod subscriptions;
