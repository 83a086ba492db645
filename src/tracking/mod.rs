//! Tracking: events of the tracking script; goals, payments and identities from backends; imports and exports.

pub mod admission;
pub mod client;
pub mod drops;
pub mod event_body;
pub mod events;
pub mod export;
pub mod goals;
pub mod identify;
pub mod import;
pub mod limit;
pub mod parquet;
pub mod payments;
pub mod referrer;
pub mod sanitize;
pub mod script;
pub mod stored;
