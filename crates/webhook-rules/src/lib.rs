//! The pure rules of webhooks: where a delivery may go, what it carries, how it is signed, and when it is tried again.

pub mod destination;
pub mod headers;
pub mod schedule;
pub mod signature;
