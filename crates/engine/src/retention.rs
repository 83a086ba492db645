//! Removes events that are older than a website keeps them: whole days of the website's time zone. Afterwards reports are as
//! if these events had never been. Payments stay.

use sluice_values::Timestamp;

use crate::blocks;
use crate::error::Error;
use crate::inbox;
use crate::profile;
use crate::removal::{self, remove_events};
use crate::rows::Day;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::subscribed;
use crate::zone;

/// The most events that one step removes.
const EVENTS_AT_ONCE: i64 = 250;

/// The start of the first day whose events are kept; `None` if all are.
fn kept_since<S: Sql>(site: &Site<S>, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    let Some(days) = subscribed::retention_days(site)? else { return Ok(None) };
    let today = zone::day(site, now)?;
    Ok(Some(zone::day_bounds(site, Day(today.0 - i64::from(days)))?.0))
}

/// Removes some of the events before this time, and visitors of whom nothing is left. Returns whether there may be more.
/// Runs within a transaction.
fn step<S: Sql>(site: &Site<S>, before: Timestamp) -> Result<bool, Error> {
    site.sql.run("DELETE FROM inbox_failed WHERE time < ?1", &[before.into()])?;
    let mut parameters = Parameters::default();
    let old = Span { from: Span::ALL.from, to: before.as_millis() - 1 };
    let (events, limit) = (blocks::events(site, old, &mut parameters)?, parameters.bind(EVENTS_AT_ONCE));
    let old =
        format!("SELECT {} FROM {events} WHERE e.time <= {} LIMIT {limit}", removal::COLUMNS, parameters.bind(old.to));
    let events = site.sql.rows(&old, parameters.values())?;
    let has_more = !events.is_empty();
    for visitor in remove_events(site, events)? {
        profile::forget_before(site, visitor, before.as_millis())?;
        let left = "SELECT 1 WHERE EXISTS (SELECT 1 FROM events WHERE visitor = ?1) \
                    OR EXISTS (SELECT 1 FROM payments WHERE visitor = ?1)";
        if site.sql.first(left, &[visitor.into()])?.is_none() {
            removal::remove_visitor(site, visitor)?;
        }
    }
    Ok(has_more)
}

impl<S: Sql> Site<S> {
    /// Removes some of the events that are too old, and returns whether there may be more.
    pub fn remove_old(&self, now: Timestamp) -> Result<bool, Error> {
        let Some(before) = kept_since(self, now)? else { return Ok(false) };
        inbox::fold(self)?;
        let has_more = self.write(|| step(self, before))?;
        self.has_old.set(has_more);
        Ok(has_more)
    }

    /// Removes some of the events before a time, and returns whether there may be more.
    #[cfg(test)]
    pub(crate) fn remove_before(&self, before: Timestamp) -> Result<bool, Error> {
        self.write(|| step(self, before))
    }

    /// Whether events may be too old that have not been looked for since the setting changed.
    pub fn has_old(&self) -> bool {
        self.has_old.get()
    }

    /// When further events become too old: with the next day.
    pub fn next_removal(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        if subscribed::retention_days(self)?.is_none() {
            return Ok(None);
        }
        let today = zone::day(self, now)?;
        Ok(Some(zone::day_bounds(self, today)?.1))
    }
}
