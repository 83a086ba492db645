//! The reports of the Website API (docs/contract/website-api.md#2 and docs/contract/reports.md).
//!
//! A report is three pure steps around one call of the website's object: parse the query, build the call, turn the
//! object's result into the response. [`report::report`] is the handler of all reports.

pub mod breakdowns;
pub mod fields;
pub mod filters;
pub mod funnel;
pub mod goals;
pub mod listing;
pub mod mentions;
pub mod metadata;
pub mod overview;
pub mod period;
pub mod range;
pub mod realtime;
pub mod report;
pub mod scope;
pub mod timeseries;
pub mod visitors;
