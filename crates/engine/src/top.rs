//! The first rows of a list, of rows that come in any order.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A page of a list that is ordered by a rank, descending, then by key. Only rows that may be on it, or before it, are kept.
pub(crate) struct Top<T> {
    /// Last of them first.
    rows: BinaryHeap<Ranked<T>>,
    most: usize,
    offset: usize,
    total: i64,
}

/// A row by its place in the list.
struct Ranked<T>(Reverse<(i64, i64)>, Vec<String>, T);

impl<T> Ranked<T> {
    fn place(&self) -> (Reverse<(i64, i64)>, &[String]) {
        (self.0, &self.1)
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl<T> Top<T> {
    pub fn new(limit: u32, offset: u32) -> Self {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Self { rows: BinaryHeap::new(), most: most.saturating_add(offset), offset, total: 0 }
    }

    pub fn take(&mut self, rank: (i64, i64), key: Vec<String>, row: T) {
        self.total += 1;
        self.rows.push(Ranked(Reverse(rank), key, row));
        if self.rows.len() > self.most {
            self.rows.pop();
        }
    }

    /// The rows of the page, and the number of all rows.
    pub fn page(self) -> (Vec<T>, i64) {
        let rows = self.rows.into_sorted_vec().into_iter().skip(self.offset).map(|Ranked(_, _, row)| row);
        (rows.collect(), self.total)
    }
}
