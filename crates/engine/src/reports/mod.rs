//! One file per report: the question, the SQL, the result.

pub mod breakdown;
mod by_channel;
mod counted;
mod exits;
mod followed;
pub mod funnel;
pub mod glance;
pub mod goals;
pub mod measure;
pub mod metric;
#[cfg(test)]
mod metric_tests;
pub mod money;
pub mod overview;
mod paid;
mod paying;
pub mod properties;
pub mod realtime;
pub mod replay;
mod series;
pub mod timeseries;
pub mod visitor;
pub mod visitors;
mod visits;
