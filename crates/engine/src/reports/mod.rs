//! One file per report: the question, the SQL, the result.

pub mod breakdown;
pub mod funnel;
pub mod goals;
pub mod measure;
pub mod metric;
#[cfg(test)]
mod metric_tests;
pub mod money;
pub mod overview;
pub mod properties;
pub mod realtime;
pub mod replay;
pub mod timeseries;
pub mod visitor;
pub mod visitors;
