//! What waits for being folded or added, in memory.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::event::Event;

/// The events of the inbox, in the order in which they arrived.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Each with its row in the inbox.
    pub events: Vec<(i64, Rc<Event>)>,
    /// Their ids, as [`crate::id_store::key`] has them.
    pub ids: BTreeSet<Vec<u8>>,
    /// The bytes of their texts in the inbox.
    pub bytes: usize,
}

/// What waits for being added to `totals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitingTotals {
    /// The rows of `waiting_totals`.
    pub rows: i64,
    /// The changes in all of them.
    pub changes: i64,
}
