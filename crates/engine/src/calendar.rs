//! The sets of rollups of days: the one that reports read, and the one that a change of the time zone builds.

use jiff::tz::TimeZone;

use crate::error::Error;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;
use crate::zone;
use crate::zone_progress::{Phase, ZoneChange};

/// What the names of the tables begin with that a change of the time zone builds.
pub(crate) const NEXT: &str = "next_";

/// A set of rollups of days: the one that reports read, or the one that a change of zone builds.
pub(crate) struct Calendar {
    pub zone: TimeZone,
    /// What its tables' names begin with.
    pub prefix: &'static str,
    /// The sessions up to this row are counted; later ones will be.
    pub sessions_to: i64,
    /// The pageviews up to this event are counted; later ones will be.
    pub events_to: i64,
    /// Whether it records the days of visits. If not, it will read them from the events.
    pub takes_visits: bool,
    /// The visitors up to this row are counted and have pairs; later ones will be.
    pub visitors_to: i64,
}

impl Calendar {
    pub fn current<S: Sql>(site: &Site<S>) -> Result<Self, Error> {
        let zone = zone::zone(site)?;
        let all = i64::MAX;
        Ok(Self { zone, prefix: "", sessions_to: all, events_to: all, takes_visits: true, visitors_to: all })
    }

    pub fn has(&self, visitor: VisitorRow) -> bool {
        visitor.0 <= self.visitors_to
    }
}

/// The change that is going on, if any.
pub(crate) fn change<S: Sql>(site: &Site<S>) -> Result<Option<ZoneChange>, Error> {
    if let Some(change) = &site.caches.borrow().zone_change {
        return Ok(change.clone());
    }
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'zone_change'", &[])?;
    let change: Option<ZoneChange> = stored.map(|mut row| row.json()).transpose()?;
    site.caches.borrow_mut().zone_change = Some(change.clone());
    site.is_changing_zone.set(change.is_some());
    Ok(change)
}

/// Stores how far a change is; `None` when it is done.
pub(crate) fn store_change<S: Sql>(site: &Site<S>, change: Option<ZoneChange>) -> Result<(), Error> {
    match &change {
        Some(change) => {
            let json = serde_json::to_string(change).map_err(|error| Error::new(error.to_string()))?;
            site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('zone_change', ?1)", &[json.into()])?;
        }
        None => site.sql.run("DELETE FROM meta WHERE key = 'zone_change'", &[])?,
    }
    site.is_changing_zone.set(change.is_some());
    site.caches.borrow_mut().zone_change = Some(change);
    Ok(())
}

/// The rollups that are being built, as far as they are; writes keep them up to date.
pub(crate) fn next<S: Sql>(site: &Site<S>) -> Result<Option<Calendar>, Error> {
    let Some(ZoneChange { to: Some(to), phase, done_to }) = change(site)? else { return Ok(None) };
    let (sessions_to, events_to, visitors_to) = match phase {
        Phase::Clear => return Ok(None),
        Phase::Sessions => (done_to, 0, 0),
        Phase::Events => (i64::MAX, done_to, 0),
        Phase::Visitors => (i64::MAX, i64::MAX, done_to),
    };
    let (zone, takes_visits) = (zone::named(&to)?, phase != Phase::Sessions);
    Ok(Some(Calendar { zone, prefix: NEXT, sessions_to, events_to, takes_visits, visitors_to }))
}

/// Whether the rollups of days have every column, which a version of the schema may have added.
pub(crate) fn are_days_current<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    if !site.caches.borrow().are_days_current {
        let stale = site.sql.first("SELECT 1 FROM meta WHERE key = 'stale_days'", &[])?;
        site.caches.borrow_mut().are_days_current = stale.is_none();
    }
    Ok(site.caches.borrow().are_days_current)
}
