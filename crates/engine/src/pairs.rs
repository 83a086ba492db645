//! How many distinct visitors each key has.

/// Distinct pairs of a key and a visitor: an open hash table, whose slots are twice as many as its pairs at least.
pub(crate) struct Pairs {
    /// A visitor's number is never 0, so neither is a pair.
    slots: Vec<u64>,
    len: usize,
}

/// The most pairs that are kept: 16 MB, and 24 while the table grows to that.
const MOST: usize = 1 << 20;
/// Keys below this are counted without sorting them.
const DENSE: i64 = 1 << 20;
/// 2^64 divided by the golden ratio: multiples of it are spread evenly.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Pairs {
    pub fn new() -> Self {
        Self { slots: vec![0; 1 << 10], len: 0 }
    }

    /// Adds a pair. Returns whether there is room for more.
    pub fn insert(&mut self, key: i64, visitor: i64) -> bool {
        let (Ok(key), Ok(visitor)) = (u32::try_from(key), u32::try_from(visitor)) else { return false };
        if 2 * (self.len + 1) > self.slots.len() {
            let larger = vec![0; 2 * self.slots.len()];
            for pair in std::mem::replace(&mut self.slots, larger).into_iter().filter(|pair| *pair != 0) {
                put(&mut self.slots, pair);
            }
        }
        if put(&mut self.slots, u64::from(key) << 32 | u64::from(visitor)) {
            self.len += 1;
        }
        self.len < MOST
    }

    pub fn contains(&self, key: i64, visitor: i64) -> bool {
        let (Ok(key), Ok(visitor)) = (u32::try_from(key), u32::try_from(visitor)) else { return false };
        let pair = u64::from(key) << 32 | u64::from(visitor);
        place(&self.slots, pair).is_some_and(|at| self.slots.get(at) == Some(&pair))
    }

    /// Keys with their visitors, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> {
        let pairs = self.slots.iter().filter(|pair| **pair != 0);
        pairs.filter_map(|pair| Some((i64::try_from(pair >> 32).ok()?, i64::try_from(pair & 0xffff_ffff).ok()?)))
    }

    /// The number of visitors of each key, by key.
    pub fn counts(&self) -> Vec<(i64, i64)> {
        let most = self.iter().map(|(key, _)| key).max().unwrap_or_default();
        if most < DENSE {
            let mut counts = vec![0_i64; usize::try_from(most + 1).unwrap_or_default()];
            for (key, _) in self.iter() {
                if let Some(count) = usize::try_from(key).ok().and_then(|key| counts.get_mut(key)) {
                    *count += 1;
                }
            }
            return (0..).zip(counts).filter(|(_, count)| *count > 0).collect();
        }
        let mut keys: Vec<i64> = self.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        let count = |run: &[i64]| Some((*run.first()?, i64::try_from(run.len()).ok()?));
        keys.chunk_by(PartialEq::eq).filter_map(count).collect()
    }
}

/// The slot that has a pair, or gets it.
fn place(slots: &[u64], pair: u64) -> Option<usize> {
    // The number of slots is a power of two.
    let mask = slots.len() - 1;
    let high = 64 - slots.len().trailing_zeros();
    let mut at = usize::try_from(pair.wrapping_mul(SPREAD) >> high).ok()?;
    loop {
        let slot = *slots.get(at)?;
        if slot == pair || slot == 0 {
            return Some(at);
        }
        at = (at + 1) & mask;
    }
}

/// Puts a pair into the table, and returns whether it is new.
fn put(slots: &mut [u64], pair: u64) -> bool {
    let slot = place(slots, pair).and_then(|at| slots.get_mut(at));
    slot.is_some_and(|slot| std::mem::replace(slot, pair) == 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_key_has_as_many_visitors_as_distinct_pairs(
            pairs in prop::collection::vec((0..6_i64, 1..2_000_i64), 0..4_000), spread in prop::sample::select(vec![1, DENSE / 2]),
        ) {
            let pairs: Vec<_> = pairs.into_iter().map(|(key, visitor)| (key * spread, visitor)).collect();
            let mut table = Pairs::new();
            for (key, visitor) in &pairs {
                prop_assert!(table.insert(*key, *visitor));
            }
            let distinct: BTreeSet<_> = pairs.iter().collect();
            for key in (0..6).map(|key| key * spread) {
                prop_assert_eq!(table.contains(key, 7), distinct.contains(&(key, 7)));
            }
            prop_assert_eq!(table.iter().count(), distinct.len());
            let counts = table.counts();
            prop_assert_eq!(counts.len(), distinct.iter().map(|pair| pair.0).collect::<BTreeSet<_>>().len());
            for (key, count) in counts {
                prop_assert_eq!(usize::try_from(count).unwrap(), distinct.iter().filter(|pair| pair.0 == key).count());
            }
        }
    }
}
