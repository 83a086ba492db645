//! How far a change of the time zone is (`zone_change.rs`).

use serde::{Deserialize, Serialize};

/// A change that is going on. Stored as JSON in `meta` under `zone_change`; only grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ZoneChange {
    /// The new time zone; `None` while only what an earlier change left is deleted.
    pub to: Option<String>,
    pub phase: Phase,
    /// The last row of the phase's table that is done.
    pub done_to: i64,
}

/// What is done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Rows of an earlier change are deleted.
    Clear,
    /// Sessions are counted by day.
    Sessions,
    /// Pageviews are counted by day, and the days of visits collected.
    Events,
    /// Visitors are counted by day, and by pairs of days.
    Visitors,
}

impl ZoneChange {
    pub fn to(zone: Option<&str>) -> Self {
        Self { to: zone.map(str::to_owned), phase: Phase::Clear, done_to: 0 }
    }
}
