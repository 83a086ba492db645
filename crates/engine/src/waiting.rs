//! The events that wait in the inbox, in memory.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::event::Event;

/// The events of the inbox, in the order in which they arrived.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Each with its row in the inbox.
    pub events: Vec<(i64, Rc<Event>)>,
    /// Their ids, as [`crate::append::id_key`] has them.
    pub ids: BTreeSet<Vec<u8>>,
    /// The bytes of their texts in the inbox.
    pub bytes: usize,
}
