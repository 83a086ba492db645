//! Rollups: what reports without filters read, updated in the same transaction as the events.
//!
//! - `totals` has, for every value of a dimension, the number of visitors who ever had it.
//! - `days` has sessions, bounces, duration, visitors and pageviews by day of the object's time zone.
//! - `day_pairs` turns distinct counts over any range of days into sums: it counts visitors by pairs of an active day
//!   and the active day before. A visitor who was active in a range of days has exactly one pair whose day is in the
//!   range and whose previous day is before it; a new visitor's has no previous day.

use sluice_values::Timestamp;

use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, DURATION, is_kind};
use crate::rows::{Day, Key, VisitorRow};
use crate::session::Session;
use crate::site::Site;
use crate::sql::{Columns, Sql};
use crate::zone::{self, DAY_MS};

/// A change of `totals`.
pub(crate) struct Change {
    pub dimension: Dimension,
    pub key: Key,
    pub visitors: i64,
    pub count: i64,
}

/// A change of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayTotals {
    pub visitors: i64,
    pub sessions: i64,
    pub bounces: i64,
    /// Milliseconds.
    pub duration: i64,
    /// Counted on the day of the pageview, not of its session.
    pub pageviews: i64,
}

impl DayTotals {
    /// What a session adds to the day on which it started (`sign` 1), or removes from it (-1).
    pub fn of(session: &Session, sign: i64) -> Self {
        Self {
            visitors: 0,
            sessions: sign,
            bounces: sign * i64::from(session.bounces()),
            duration: sign * session.duration(),
            pageviews: 0,
        }
    }
}

/// Applies changes to `totals`.
pub(crate) fn count<S: Sql>(site: &Site<S>, changes: &[Change]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let row = |change: &Change| (change.dimension.code(), change.key, change.visitors, change.count);
    let json = serde_json::to_string(&changes.iter().map(row).collect::<Vec<_>>());
    let json = json.map_err(|error| Error::new(error.to_string()))?;
    site.sql.run(
        "INSERT INTO totals (dimension, key, visitors, count) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true \
         ON CONFLICT (dimension, key) DO UPDATE SET visitors = visitors + excluded.visitors, \
         count = count + excluded.count",
        &[json.into()],
    )
}

/// Adds to the day of a time.
pub(crate) fn count_day<S: Sql>(site: &Site<S>, time: Timestamp, change: &DayTotals) -> Result<(), Error> {
    if *change == DayTotals::default() {
        return Ok(());
    }
    let columns = Columns::new()
        .with("day", zone::day(site, time)?)
        .with("visitors", change.visitors)
        .with("sessions", change.sessions)
        .with("bounces", change.bounces)
        .with("duration", change.duration)
        .with("pageviews", change.pageviews);
    let (insert, values) = columns.insert("days");
    let statement = format!(
        "{insert} ON CONFLICT (day) DO UPDATE SET visitors = visitors + excluded.visitors, \
         sessions = sessions + excluded.sessions, bounces = bounces + excluded.bounces, \
         duration = duration + excluded.duration, pageviews = pageviews + excluded.pageviews"
    );
    site.sql.run(&statement, &values)
}

/// Whether the two times are on different days.
pub(crate) fn is_other_day<S: Sql>(site: &Site<S>, one: Timestamp, other: Timestamp) -> Result<bool, Error> {
    Ok(zone::day(site, one)? != zone::day(site, other)?)
}

/// Records that the visitor was active at this time. Returns how many visitors this adds to the day, which the caller
/// counts. `is_new` means that the visitor has no earlier activity.
pub(crate) fn add_visit_day<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    time: Timestamp,
    is_new: bool,
) -> Result<i64, Error> {
    let day = zone::day(site, time)?;
    let (previous, next) = if is_new { (Day::NEVER, None) } else { neighbours(site, visitor, day)? };
    if previous == day {
        return Ok(0);
    }
    site.sql.run("INSERT INTO visitor_days (visitor, day) VALUES (?1, ?2)", &[visitor.into(), day.into()])?;
    let mut pairs = vec![(day, previous, 1)];
    if let Some(next) = next {
        pairs.extend([(next, previous, -1), (next, day, 1)]);
    }
    count_pairs(site, &pairs)?;
    Ok(1)
}

/// Records that an event of the visitor at this time was deleted; it may have been the only one of its day.
pub(crate) fn remove_visit_day<S: Sql>(site: &Site<S>, visitor: VisitorRow, time: Timestamp) -> Result<(), Error> {
    let day = zone::day(site, time)?;
    let (start, end) = zone::day_bounds(site, day)?;
    let others = site.sql.first(
        "SELECT 1 FROM events WHERE visitor = ?1 AND time >= ?2 AND time < ?3 AND session IS NOT NULL LIMIT 1",
        &[visitor.into(), start.into(), end.into()],
    )?;
    if others.is_some() {
        return Ok(());
    }
    let gone = "DELETE FROM visitor_days WHERE visitor = ?1 AND day = ?2 RETURNING day";
    if site.sql.first(gone, &[visitor.into(), day.into()])?.is_none() {
        return Ok(());
    }
    let (previous, next) = neighbours(site, visitor, day)?;
    count_day(site, time, &DayTotals { visitors: -1, ..DayTotals::default() })?;
    let mut pairs = vec![(day, previous, -1)];
    if let Some(next) = next {
        pairs.extend([(next, day, -1), (next, previous, 1)]);
    }
    count_pairs(site, &pairs)
}

/// The visitor's last active day up to `day`, and the first one after it.
fn neighbours<S: Sql>(site: &Site<S>, visitor: VisitorRow, day: Day) -> Result<(Day, Option<Day>), Error> {
    let mut row = site.sql.one(
        "SELECT (SELECT max(day) FROM visitor_days WHERE visitor = ?1 AND day <= ?2), \
         (SELECT min(day) FROM visitor_days WHERE visitor = ?1 AND day > ?2)",
        &[visitor.into(), day.into()],
    )?;
    Ok((row.next::<Option<Day>>()?.unwrap_or(Day::NEVER), row.next()?))
}

/// Adds to pairs of an active day and the previous one.
fn count_pairs<S: Sql>(site: &Site<S>, changes: &[(Day, Day, i64)]) -> Result<(), Error> {
    for (day, previous, change) in changes {
        site.sql.run(
            "INSERT INTO day_pairs (day, previous, visitors) VALUES (?1, ?2, ?3) \
             ON CONFLICT (day, previous) DO UPDATE SET visitors = visitors + excluded.visitors",
            &[(*day).into(), (*previous).into(), (*change).into()],
        )?;
    }
    Ok(())
}

/// Sets the time zone of the rollups. If it changes, or an earlier version wrote them, they are rebuilt.
pub(crate) fn keep_zone<S: Sql>(site: &Site<S>, wanted: &sluice_values::TimeZone) -> Result<(), Error> {
    let name = wanted.as_str();
    if zone::zone(site)?.iana_name() == Some(name) && are_days_current(site)? {
        return Ok(());
    }
    let zone = zone::named(name)?;
    let done = site.sql.transaction(&mut || {
        site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('zone', ?1)", &[name.into()])?;
        site.sql.run("DELETE FROM meta WHERE key = 'stale_days'", &[])?;
        site.caches.borrow_mut().zone = Some(zone.clone());
        rebuild_days(site)
    });
    match done {
        Ok(()) => site.caches.borrow_mut().are_days_current = true,
        Err(_) => site.caches.borrow_mut().zone = None,
    }
    done
}

/// Whether the rollups of days have every column, which a version of the schema may have added.
fn are_days_current<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    if !site.caches.borrow().are_days_current {
        let stale = site.sql.first("SELECT 1 FROM meta WHERE key = 'stale_days'", &[])?;
        site.caches.borrow_mut().are_days_current = stale.is_none();
    }
    Ok(site.caches.borrow().are_days_current)
}

/// Rebuilds the rollups of days from the events.
pub(crate) fn rebuild_days<S: Sql>(site: &Site<S>) -> Result<(), Error> {
    for table in ["DELETE FROM days", "DELETE FROM visitor_days", "DELETE FROM day_pairs"] {
        site.sql.run(table, &[])?;
    }
    let mut row = site.sql.one("SELECT min(time), max(time) FROM events", &[])?;
    let (Some(first), Some(last)): (Option<Timestamp>, Option<Timestamp>) = (row.next()?, row.next()?) else {
        return Ok(());
    };
    // Between two clock changes, the day is a division.
    let zone = zone::zone(site)?;
    let (mut start, after_last) = (first, last.plus_millis(1));
    while start <= last {
        let change = zone.following(zone::moment(start)?).next();
        let end = change.map_or(after_last, |change| Timestamp::from_millis(change.timestamp().as_millisecond()));
        let end = end.min(after_last);
        let offset = i64::from(zone.to_offset(zone::moment(start)?).seconds()) * 1000;
        let values = [start.into(), end.into(), offset.into(), DAY_MS.into()];
        let day_of = |time: &str| format!("({time} + CAST(?3 AS INTEGER)) / CAST(?4 AS INTEGER)");
        let days = format!(
            "INSERT OR IGNORE INTO visitor_days (visitor, day) SELECT DISTINCT visitor, {} \
             FROM events WHERE time >= ?1 AND time < ?2 AND session IS NOT NULL",
            day_of("time")
        );
        site.sql.run(&days, &values)?;
        let sessions = format!(
            "INSERT INTO days (day, visitors, sessions, bounces, duration) \
             SELECT {}, 0, count(*), sum({BOUNCED}), sum({DURATION}) \
             FROM sessions s WHERE s.started >= ?1 AND s.started < ?2 GROUP BY 1 \
             ON CONFLICT (day) DO UPDATE SET sessions = sessions + excluded.sessions, \
             bounces = bounces + excluded.bounces, duration = duration + excluded.duration",
            day_of("s.started")
        );
        site.sql.run(&sessions, &values)?;
        let pageviews = format!(
            "INSERT INTO days (day, visitors, sessions, bounces, duration, pageviews) \
             SELECT {}, 0, 0, 0, 0, count(*) FROM events e \
             WHERE e.time >= ?1 AND e.time < ?2 AND {} AND e.session IS NOT NULL GROUP BY 1 \
             ON CONFLICT (day) DO UPDATE SET pageviews = pageviews + excluded.pageviews",
            day_of("e.time"),
            is_kind("e", Kind::Pageview)
        );
        site.sql.run(&pageviews, &values)?;
        start = end;
    }
    site.sql.run(
        "INSERT INTO days (day, visitors, sessions, bounces, duration) \
         SELECT day, count(*), 0, 0, 0 FROM visitor_days WHERE true GROUP BY day \
         ON CONFLICT (day) DO UPDATE SET visitors = excluded.visitors",
        &[],
    )?;
    site.sql.run(
        "INSERT INTO day_pairs (day, previous, visitors) SELECT day, previous, count(*) FROM (SELECT day, \
         ifnull(lag(day) OVER (PARTITION BY visitor ORDER BY day), ?1) AS previous FROM visitor_days) GROUP BY 1, 2",
        &[Day::NEVER.into()],
    )
}
