//! A change of the website's time zone, in slices. The rollups of days are built a second time beside those that reports
//! read, and take their place when they are complete. Until then reports read the rollups where the days of both zones
//! agree, and else the events, so no report waits and each is exact.

use jiff::tz::TimeZone;
use serde::Serialize;
use sluice_values::Timestamp;

use crate::calendar::{self, NEXT};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, DURATION, is_kind};
use crate::rows::{Day, VisitorRow};
use crate::site::Site;
use crate::sql::{Row, Sql};
use crate::zone;
use crate::zone_progress::{Phase, ZoneChange};

/// Rows read in a slice. A slice may read more of one visitor: their days.
pub(crate) const SLICE: i64 = 2_000;

/// The tables, each with the first column of its key.
const TABLES: [(&str, &str); 3] = [("days", "day"), ("visitor_days", "visitor"), ("day_pairs", "day")];

/// Begins a change to the website's time zone, if it has another one than the rollups, or if an earlier version wrote them. Reports need not wait for its end.
pub(crate) fn want<S: Sql>(site: &Site<S>, wanted: &sluice_values::TimeZone) -> Result<(), Error> {
    want_at_once_below(site, wanted, SLICE)
}

/// [`want`], where a website with at most so many events changes at once.
pub(crate) fn want_at_once_below<S: Sql>(
    site: &Site<S>,
    wanted: &sluice_values::TimeZone,
    few: i64,
) -> Result<(), Error> {
    let name = wanted.as_str();
    let change = calendar::change(site)?;
    let goal = change.as_ref().and_then(|change| change.to.as_deref());
    let is_current = zone::zone(site)?.iana_name() == Some(name) && calendar::are_days_current(site)?;
    if (is_current && goal.is_none()) || (!is_current && goal == Some(name)) {
        return Ok(());
    }
    site.write(|| {
        if is_current {
            return calendar::store_change(site, Some(ZoneChange::to(None)));
        }
        zone::named(name)?;
        calendar::store_change(site, Some(ZoneChange::to(Some(name))))?;
        // For others the alarm goes on.
        let events: i64 = site.sql.one("SELECT ifnull(max(id), 0) FROM events", &[])?.next()?;
        if events <= few {
            while !go_on(site, SLICE)? {}
        }
        Ok(())
    })
}

/// Goes on with a change by a slice. Returns whether there is nothing more to do. Runs within a transaction.
fn go_on<S: Sql>(site: &Site<S>, slice: i64) -> Result<bool, Error> {
    let Some(change) = calendar::change(site)? else { return Ok(true) };
    let done_to = match (&change.to, change.phase) {
        (_, Phase::Clear) => clear(site, slice)?,
        (None, _) => None,
        (Some(to), Phase::Sessions) => count_sessions(site, &zone::named(to)?, change.done_to, slice)?,
        (Some(to), Phase::Events) => read_events(site, &zone::named(to)?, change.done_to, slice)?,
        (Some(_), Phase::Visitors) => count_visitors(site, change.done_to, slice)?,
    };
    let following = match (done_to, change.phase) {
        (Some(done_to), _) => Some(ZoneChange { done_to, ..change }),
        (None, Phase::Clear) if change.to.is_none() => None,
        (None, Phase::Clear) => Some(ZoneChange { phase: Phase::Sessions, done_to: 0, ..change }),
        (None, Phase::Sessions) => Some(ZoneChange { phase: Phase::Events, done_to: 0, ..change }),
        (None, Phase::Events) => Some(ZoneChange { phase: Phase::Visitors, done_to: 0, ..change }),
        (None, Phase::Visitors) => {
            take_over(site, change.to.as_deref().unwrap_or_default())?;
            Some(ZoneChange::to(None))
        }
    };
    let is_done = following.is_none();
    calendar::store_change(site, following)?;
    Ok(is_done)
}

// Each of these does a slice, and returns the last row that is done, or `None` if that was the last slice. What is added
// from then on is counted as it comes, so a change ends however fast events come in.

fn is_below(rows: usize, slice: i64) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows < slice)
}

/// Deletes rows of an earlier change.
fn clear<S: Sql>(site: &Site<S>, slice: i64) -> Result<Option<i64>, Error> {
    for (table, key) in TABLES {
        let last = format!("SELECT max({key}) FROM (SELECT {key} FROM {NEXT}{table} ORDER BY {key} LIMIT ?1)");
        let last: Option<i64> = site.sql.one(&last, &[slice.into()])?.next()?;
        if let Some(last) = last {
            site.sql.run(&format!("DELETE FROM {NEXT}{table} WHERE {key} <= ?1"), &[last.into()])?;
            return Ok(Some(0));
        }
    }
    Ok(None)
}

fn count_sessions<S: Sql>(site: &Site<S>, zone: &TimeZone, done_to: i64, slice: i64) -> Result<Option<i64>, Error> {
    let rows = site.sql.rows(
        &format!(
            "SELECT s.id, s.started, {BOUNCED}, {DURATION} FROM sessions s WHERE s.id > ?1 ORDER BY s.id LIMIT ?2"
        ),
        &[done_to.into(), slice.into()],
    )?;
    let is_last = is_below(rows.len(), slice);
    let mut last = done_to;
    let mut sessions = Vec::with_capacity(rows.len());
    for mut row in rows {
        last = row.next()?;
        let (day, bounced, duration) = (day_of(zone, &mut row)?, row.next::<i64>()?, row.next::<i64>()?);
        sessions.push((day, bounced, duration));
    }
    run_with_list(
        site,
        &format!(
            "INSERT INTO {NEXT}days (day, visitors, sessions, bounces, duration) \
             SELECT value ->> 0, 0, count(*), sum(value ->> 1), sum(value ->> 2) FROM json_each(?1) WHERE true GROUP BY 1 \
             ON CONFLICT (day) DO UPDATE SET sessions = sessions + excluded.sessions, \
             bounces = bounces + excluded.bounces, duration = duration + excluded.duration"
        ),
        &sessions,
    )?;
    Ok((!is_last).then_some(last))
}

fn read_events<S: Sql>(site: &Site<S>, zone: &TimeZone, done_to: i64, slice: i64) -> Result<Option<i64>, Error> {
    let rows = site.sql.rows(
        &format!(
            "SELECT e.id, e.time, e.visitor, e.session IS NOT NULL, {} FROM events e WHERE e.id > ?1 ORDER BY e.id LIMIT ?2",
            is_kind("e", Kind::Pageview)
        ),
        &[done_to.into(), slice.into()],
    )?;
    let is_last = is_below(rows.len(), slice);
    let mut last = done_to;
    let (mut visits, mut pageviews) = (Vec::with_capacity(rows.len()), Vec::new());
    for mut row in rows {
        last = row.next()?;
        let (day, visitor) = (day_of(zone, &mut row)?, row.next::<VisitorRow>()?);
        if row.next()? {
            visits.push((visitor, day));
            if row.next()? {
                pageviews.push(day);
            }
        }
    }
    run_with_list(
        site,
        &format!(
            "INSERT INTO {NEXT}days (day, visitors, sessions, bounces, duration, pageviews) \
             SELECT value, 0, 0, 0, 0, count(*) FROM json_each(?1) WHERE true GROUP BY 1 \
             ON CONFLICT (day) DO UPDATE SET pageviews = pageviews + excluded.pageviews"
        ),
        &pageviews,
    )?;
    visits.sort_unstable();
    visits.dedup();
    run_with_list(
        site,
        &format!(
            "INSERT OR IGNORE INTO {NEXT}visitor_days (visitor, day) SELECT value ->> 0, value ->> 1 FROM json_each(?1)"
        ),
        &visits,
    )?;
    Ok((!is_last).then_some(last))
}

fn count_visitors<S: Sql>(site: &Site<S>, done_to: i64, slice: i64) -> Result<Option<i64>, Error> {
    let last = format!(
        "SELECT count(*), max(visitor) FROM \
         (SELECT visitor FROM {NEXT}visitor_days WHERE visitor > ?1 ORDER BY visitor LIMIT ?2)"
    );
    let mut last = site.sql.one(&last, &[done_to.into(), slice.into()])?;
    let (rows, last): (i64, Option<i64>) = (last.next()?, last.next()?);
    let Some(last) = last else { return Ok(None) };
    let those = [done_to.into(), last.into()];
    site.sql.run(
        &format!(
            "INSERT INTO {NEXT}days (day, visitors, sessions, bounces, duration) \
             SELECT day, count(*), 0, 0, 0 FROM {NEXT}visitor_days WHERE visitor > ?1 AND visitor <= ?2 GROUP BY day \
             ON CONFLICT (day) DO UPDATE SET visitors = visitors + excluded.visitors"
        ),
        &those,
    )?;
    let never = Day::NEVER.0;
    site.sql.run(
        &format!(
            "INSERT INTO {NEXT}day_pairs (day, previous, visitors) SELECT day, previous, count(*) FROM (SELECT day, \
             ifnull(lag(day) OVER (PARTITION BY visitor ORDER BY day), {never}) AS previous FROM {NEXT}visitor_days \
             WHERE visitor > ?1 AND visitor <= ?2) WHERE true GROUP BY 1, 2 \
             ON CONFLICT (day, previous) DO UPDATE SET visitors = visitors + excluded.visitors"
        ),
        &those,
    )?;
    Ok((rows >= slice).then_some(last))
}

/// The new rollups are the ones that reports read from now on; the old ones are deleted in slices.
fn take_over<S: Sql>(site: &Site<S>, to: &str) -> Result<(), Error> {
    for (table, _) in TABLES {
        site.sql.run(&format!("ALTER TABLE {table} RENAME TO last_{table}"), &[])?;
        site.sql.run(&format!("ALTER TABLE {NEXT}{table} RENAME TO {table}"), &[])?;
        site.sql.run(&format!("ALTER TABLE last_{table} RENAME TO {NEXT}{table}"), &[])?;
    }
    site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('zone', ?1)", &[to.into()])?;
    site.sql.run("DELETE FROM meta WHERE key = 'stale_days'", &[])?;
    let mut caches = site.caches.borrow_mut();
    caches.zone = Some(zone::named(to)?);
    caches.are_days_current = true;
    Ok(())
}

fn day_of(zone: &TimeZone, row: &mut Row) -> Result<Day, Error> {
    zone::day_in(zone, row.next::<Timestamp>()?)
}

fn run_with_list<S: Sql, T: Serialize>(site: &Site<S>, statement: &str, list: &[T]) -> Result<(), Error> {
    if list.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(list).map_err(|error| Error::new(error.to_string()))?;
    site.sql.run(statement, &[json.into()])
}

impl<S: Sql> Site<S> {
    /// Whether a change of the time zone has begun and is not done, as far as this instance knows.
    pub fn is_changing_zone(&self) -> bool {
        self.is_changing_zone.get()
    }

    /// Goes on with a change of the time zone by a slice.
    pub fn change_zone_on(&self) -> Result<(), Error> {
        if calendar::change(self)?.is_none() {
            return Ok(());
        }
        self.write(|| go_on(self, SLICE)).map(|_| ())
    }
}

#[cfg(test)]
pub(crate) fn go_on_by<S: Sql>(site: &Site<S>, slice: i64) -> Result<bool, Error> {
    site.write(|| go_on(site, slice))
}
