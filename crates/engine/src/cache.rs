//! A cache that holds a bounded number of bytes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// The bytes that the entries of one cache take at most; then it is emptied. Objects share an isolate of 128 MB.
const MOST_BYTES: usize = 4 << 20;
/// What an entry takes beside its key's text.
const ENTRY_BYTES: usize = 96;

/// Values by key.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    entries: HashMap<K, V>,
    bytes: usize,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), bytes: 0 }
    }
}

impl<K: Eq + Hash, V: Copy> Cache<K, V> {
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).copied()
    }

    /// Adds a value, whose key has a text of `bytes` bytes.
    pub fn insert(&mut self, key: K, bytes: usize, value: V) {
        let bytes = bytes + ENTRY_BYTES;
        if self.bytes + bytes > MOST_BYTES {
            self.clear();
        }
        if self.entries.insert(key, value).is_none() {
            self.bytes += bytes;
        }
    }

    pub fn clear(&mut self) {
        // The table itself takes memory too.
        self.entries = HashMap::new();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_take_a_bounded_number_of_bytes() {
        for length in [1, 4_000, MOST_BYTES] {
            let mut cache = Cache::<String, usize>::default();
            let mut most = 0;
            for number in 0..60_000_usize.min(3 * MOST_BYTES / length + 3) {
                let key = format!("{number}{}", "x".repeat(length));
                cache.insert(key.clone(), key.len(), number);
                assert_eq!(cache.get(key.as_str()), Some(number));
                cache.insert(key.clone(), key.len(), number);
                most = most.max(cache.entries.keys().map(|key| key.len() + ENTRY_BYTES).sum());
                if length == 1 && number > 2_000 {
                    break;
                }
            }
            assert!(most <= MOST_BYTES.max(length + ENTRY_BYTES + 6), "{length}: {most}");
        }
        let mut cache = Cache::<u64, u64>::default();
        for number in 0..200_000 {
            cache.insert(number, 16, number);
        }
        assert!(cache.entries.len() * (16 + ENTRY_BYTES) <= MOST_BYTES);
    }
}
