//! The shards of a website: the objects `{websiteId}/{first}` and so on, each with the events of some of its visitors. The
//! first of them is the website's home, which has what is not any visitor's.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sluice_values::VisitorId;

/// The most shards of a website: a report asks them all at once.
pub const MOST_SHARDS: u32 = 32;

/// Which objects are a website's. Sent between Worker and object, and stored in the object: fields may be added with a
/// default, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The number of the first object.
    pub first: u32,
    /// How many objects there are.
    pub count: u32,
}

impl Layout {
    /// A website that was never split.
    pub const ONE: Self = Self { first: 0, count: 1 };

    /// The shard of a visitor. Stored events depend on it: it never changes.
    pub fn shard_of(self, visitor: VisitorId) -> u32 {
        let hash = Sha256::digest(visitor.as_bytes());
        let high = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        u32::try_from((u128::from(high) * u128::from(self.count)) >> 64).unwrap_or_default()
    }
}

/// What an object is to its website. Stored as JSON in `meta` under `layout`, unless it is the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It has all events.
    #[default]
    Alone,
    /// It is one of several, with this number among them.
    Shard(Layout, u32),
    /// It has nothing any more: these are the website's objects.
    Moved(Layout),
}

impl Standing {
    /// Whether the object has what is not any visitor's.
    pub const fn is_home(self) -> bool {
        matches!(self, Self::Alone | Self::Shard(_, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_of_a_visitor_never_changes() {
        let shards = |count: u32| -> Vec<u32> {
            let of = |number: u8| Layout { first: 1, count }.shard_of(VisitorId::of_random([number; 16]));
            (0..12).map(of).collect()
        };
        assert_eq!(shards(1), [0; 12]);
        assert_eq!(shards(2), [1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]);
        assert_eq!(shards(7), [4, 4, 4, 6, 0, 5, 0, 5, 3, 3, 4, 1]);
    }

    #[test]
    fn visitors_are_spread_evenly() {
        let mut counts = [0_u32; 7];
        for number in 0..7_000_u64 {
            let id = VisitorId::of_random((u128::from(number) << 64 | 7).to_be_bytes());
            counts[Layout { first: 0, count: 7 }.shard_of(id) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
    }
}
