//! The pure rules of webhooks: allowed destinations, custom headers, signatures, and the retry schedule.

pub mod destination;
pub mod headers;
pub mod schedule;
pub mod signature;
