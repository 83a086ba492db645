//! What arrives: events of the tracking script, goals, payments and identities of backends, imports.

pub mod admission;
pub mod client;
pub mod configuration;
pub mod events;
pub mod exchange;
pub mod goals;
pub mod identify;
pub mod import;
pub mod limit;
pub mod payments;
pub mod rates;
pub mod referrer;
pub mod sanitize;
pub mod script;
pub mod wire;
