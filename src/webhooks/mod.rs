//! Outgoing webhooks: endpoints, their events, and delivery (docs/deliveries.md). The pure rules are the crate
//! `sluice-webhook-rules`.

pub mod attempt;
pub mod consequences;
#[cfg(test)]
mod consequences_tests;
pub mod deliveries;
pub mod delivery;
#[cfg(test)]
mod delivery_tests;
pub mod dispatch;
#[cfg(test)]
mod dispatch_tests;
pub mod endpoints;
pub mod event;
pub mod lease;
pub mod moved;
pub mod moving;
#[cfg(test)]
mod moving_tests;
pub mod object;
#[cfg(test)]
pub mod object_memory;
pub mod owner_mail;
pub mod publish;
pub mod queue;
pub mod rows;
pub mod secrets;
pub mod settings;
pub mod stats;
pub mod subscriptions;
