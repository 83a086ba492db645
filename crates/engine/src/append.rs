//! Appends events: events are stored, and every rollup corrected, in one transaction.

use std::collections::BTreeSet;

use sluice_values::{Timestamp, VisitorId};

use crate::batch::{self, Incoming};
use crate::error::Error;
use crate::event::Event;
use crate::id_store;
use crate::ids;
use crate::site::Site;
use crate::sql::Sql;

/// The result of appending an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Whether the event is new; otherwise an event with its id was stored before.
    pub is_new: bool,
    pub visitor: VisitorId,
}

/// Appends one event. Runs within a transaction.
pub(crate) fn append<S: Sql>(site: &Site<S>, event: &Event, now: Timestamp) -> Result<Appended, Error> {
    let appended = append_all(site, std::iter::once(event), now)?.into_iter().next();
    appended.ok_or_else(|| Error::new("an event without its result"))
}

/// Appends events, and returns the result of each. Runs within a transaction.
pub(crate) fn append_all<'a, S: Sql>(
    site: &Site<S>,
    events: impl Iterator<Item = &'a Event>,
    now: Timestamp,
) -> Result<Vec<Appended>, Error> {
    let incoming: Vec<_> = events.map(|event| Incoming::new(site, event, now)).collect::<Result<_, _>>()?;
    let are_stored = ids::are_stored(site, &incoming.iter().map(|incoming| &incoming.eid).collect::<Vec<_>>())?;
    let (mut seen, mut fresh) = (BTreeSet::new(), Vec::new());
    let mut appended = Vec::with_capacity(incoming.len());
    for (incoming, is_stored) in incoming.into_iter().zip(are_stored) {
        let is_new = !is_stored && seen.insert(id_store::key(&incoming.eid));
        appended.push(Appended { is_new, visitor: incoming.visitor });
        if is_new {
            fresh.push(incoming);
        }
    }
    batch::store(site, &fresh)?;
    Ok(appended)
}
