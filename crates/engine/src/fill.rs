//! How full a store is, and what it still takes.

use serde::{Deserialize, Serialize};

use crate::event::Kind;

// Stored by name in the object and in `websites.store_fill`: none is renamed.
/// How full a store is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Fill {
    /// There is room.
    #[default]
    Ok,
    /// At least 80 % are used.
    NearlyFull,
    /// At least 95 % are used. A website's object drops pageviews.
    Full,
}

impl Fill {
    pub const fn of(bytes: i64, most: i64) -> Self {
        match bytes {
            _ if bytes >= most / 100 * 95 => Self::Full,
            _ if bytes >= most / 100 * 80 => Self::NearlyFull,
            _ => Self::Ok,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NearlyFull => "nearlyFull",
            Self::Full => "full",
        }
    }
}

/// Whether a full store drops events of this kind. What is worth more than its room still goes in.
pub(crate) const fn is_dropped_when_full(kind: Kind) -> bool {
    matches!(kind, Kind::Pageview | Kind::ExternalLink)
}

/// What is known of the store's size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filling {
    /// The most bytes.
    pub most: i64,
    pub now: Fill,
    /// The events until the size is read again.
    pub rests: u32,
    /// What was told last, once it is known.
    pub told: Option<Fill>,
    pub to_tell: Option<Fill>,
}

impl Default for Filling {
    fn default() -> Self {
        Self { most: i64::MAX, now: Fill::Ok, rests: 0, told: None, to_tell: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_nearly_full_from_80_and_full_from_95_percent() {
        for (bytes, fill) in
            [(0, Fill::Ok), (799, Fill::Ok), (800, Fill::NearlyFull), (949, Fill::NearlyFull), (950, Fill::Full)]
        {
            assert_eq!(Fill::of(bytes, 1_000), fill, "{bytes}");
        }
        assert_eq!(Fill::of(i64::MAX / 2, i64::MAX), Fill::Ok);
    }
}
