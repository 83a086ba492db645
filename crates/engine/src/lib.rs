//! A website's engine: all its events in one SQLite database, and every report on them (docs/site-object.md).
//!
//! [`Site`] works over any [`sql::Sql`]: the storage of a Durable Object under workerd, SQLite in memory in tests.

pub mod append;
mod attributed;
mod attribution;
mod batch;
mod bits;
mod block;
mod blocks;
#[cfg(test)]
mod blocks_tests;
pub mod bots;
#[cfg(test)]
mod bounded_tests;
mod cache;
mod calendar;
mod channels;
mod chosen;
mod column;
mod counted_money;
#[cfg(test)]
mod counted_money_tests;
pub mod currency;
#[cfg(test)]
mod currency_tests;
pub mod delete;
pub mod dimensions;
mod dispatch;
mod elsewhere;
pub mod endpoints;
mod erased_payers;
pub mod erasure;
#[cfg(test)]
mod erasure_tests;
mod error;
pub mod event;
pub mod export;
pub mod fill;
mod fill_watch;
#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod formats;
mod fragments;
mod heavy;
mod history;
mod id_store;
mod ids;
#[cfg(test)]
mod ids_tests;
mod inbox;
#[cfg(test)]
mod inbox_tests;
pub mod installation;
mod interning;
pub mod layout;
mod ledgers;
mod lifecycle_goals;
pub mod links;
mod matcher;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod merge;
#[cfg(test)]
mod merge_tests;
mod orphans;
pub mod outbox;
mod packed;
mod page_sets;
mod pairs;
mod parts;
mod payments;
mod placed;
mod placing;
pub mod profile;
pub mod protocol;
mod removal;
pub mod reports;
mod retakes;
mod retention;
mod rollups;
mod rows;
pub mod salts;
pub mod schema;
mod seen_subscriptions;
mod segments;
#[cfg(test)]
mod segments_tests;
pub mod selection;
mod session;
mod session_update;
mod sets;
pub mod shard;
mod site;
pub mod sql;
#[cfg(test)]
mod stored_bytes_tests;
mod subscribed;
pub mod subscriptions;
pub mod takes;
#[cfg(test)]
mod takes_tests;
#[cfg(test)]
mod test_website;
mod texts;
pub mod together;
mod told;
mod told_rows;
mod top;
mod totals;
#[cfg(test)]
mod totals_tests;
mod value_columns;
mod visitor;
mod visits;
mod waiting;
mod wire;
mod zone;
mod zone_change;
#[cfg(test)]
mod zone_change_tests;
mod zone_progress;

pub use error::Error;
pub use site::{Random, Site};
pub use zone::DAY_MS;
