//! Rollups: what reports without filters read, updated in the same transaction as the events.
//!
//! - `totals` has, for every value of a dimension, the number of visitors who ever had it (`totals.rs`).
//! - `days` has sessions, bounces, duration, visitors and pageviews by day of the object's time zone.
//! - `day_pairs` turns distinct counts over any range of days into sums: it counts visitors by pairs of an active day
//!   and the active day before. A visitor who was active in a range of days has exactly one pair whose day is in the
//!   range and whose previous day is before it; a new visitor's has no previous day.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::Timestamp;

use crate::calendar::{self, Calendar};
use crate::error::Error;
#[cfg(any(test, feature = "memory"))]
use crate::event::Kind;
#[cfg(any(test, feature = "memory"))]
use crate::fragments::{BOUNCED, DURATION, is_kind};
use crate::rows::{Day, EventRow, SessionRow, VisitorRow};
use crate::session::Session;
use crate::sets;
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};
use crate::visitor::Visitor;
use crate::zone;
#[cfg(any(test, feature = "memory"))]
use crate::zone::DAY_MS;

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

    fn add(&mut self, other: &Self) {
        self.visitors += other.visitors;
        self.sessions += other.sessions;
        self.bounces += other.bounces;
        self.duration += other.duration;
        self.pageviews += other.pageviews;
    }
}

/// What events that are stored together change in a set of rollups of days.
pub(crate) struct DayChanges {
    calendar: Calendar,
    days: BTreeMap<Day, DayTotals>,
    /// The days on which visitors were active, and whether the visitor is new.
    visits: BTreeMap<(VisitorRow, Day), bool>,
    /// The days on which visitors are known to have been active.
    known: BTreeSet<(VisitorRow, Day)>,
}

impl DayChanges {
    /// Of each set that is kept.
    pub fn of_all<S: Sql>(site: &Site<S>) -> Result<Vec<Self>, Error> {
        let calendars = [Some(Calendar::current(site)?), calendar::next(site)?].into_iter().flatten();
        Ok(calendars
            .map(|calendar| Self { calendar, days: BTreeMap::new(), visits: BTreeMap::new(), known: BTreeSet::new() })
            .collect())
    }

    /// A session that was as `before`, or is new, is now as `after`.
    pub fn count_session(&mut self, before: Option<&Session>, after: &Session) -> Result<(), Error> {
        if after.row.0 > self.calendar.sessions_to {
            return Ok(());
        }
        for (session, sign) in before.map(|before| (before, -1)).into_iter().chain([(after, 1)]) {
            let day = zone::day_in(&self.calendar.zone, session.started)?;
            self.days.entry(day).or_default().add(&DayTotals::of(session, sign));
        }
        Ok(())
    }

    /// An event of a session is added.
    pub fn count_event(
        &mut self,
        event: EventRow,
        is_pageview: bool,
        time: Timestamp,
        visitor: &Visitor,
    ) -> Result<(), Error> {
        let day = zone::day_in(&self.calendar.zone, time)?;
        if is_pageview && event.0 <= self.calendar.events_to {
            self.days.entry(day).or_default().pageviews += 1;
        }
        if self.calendar.takes_visits {
            self.visits.insert((visitor.row, day), visitor.is_new);
        }
        Ok(())
    }

    /// The visitor has an event of a session at this time.
    pub fn was_active(&mut self, visitor: VisitorRow, time: Timestamp) -> Result<(), Error> {
        self.known.insert((visitor, zone::day_in(&self.calendar.zone, time)?));
        Ok(())
    }

    pub fn write<S: Sql>(mut self, site: &Site<S>) -> Result<(), Error> {
        let prefix = self.calendar.prefix;
        let visits: Vec<_> = self.visits.iter().filter(|(visit, _)| !self.known.contains(visit)).collect();
        let asked = visits.iter().filter(|((visitor, _), is_new)| !**is_new && self.calendar.has(*visitor));
        let asked: Vec<_> = asked.map(|((visitor, day), _)| vec![(*visitor).into(), (*day).into()]).collect();
        let mut neighbours = BTreeMap::new();
        let statement = format!(
            "SELECT k.value ->> 0, k.value ->> 1, \
             (SELECT max(day) FROM {prefix}visitor_days WHERE visitor = k.value ->> 0 AND day <= k.value ->> 1), \
             (SELECT min(day) FROM {prefix}visitor_days WHERE visitor = k.value ->> 0 AND day > k.value ->> 1) \
             FROM json_each(?1) k"
        );
        for mut row in sets::read(site, &statement, &asked)? {
            let visit: (VisitorRow, Day) = (row.next()?, row.next()?);
            neighbours.insert(visit, (row.next::<Option<Day>>()?, row.next::<Option<Day>>()?));
        }
        let mut added = Vec::with_capacity(visits.len());
        let mut pairs: BTreeMap<(Day, Day), i64> = BTreeMap::new();
        let mut last: Option<(VisitorRow, Day)> = None;
        for (&(visitor, day), _) in visits {
            let (previous, next) = neighbours.get(&(visitor, day)).copied().unwrap_or_default();
            if previous == Some(day) {
                continue;
            }
            added.push(vec![visitor.into(), day.into()]);
            if !self.calendar.has(visitor) {
                continue;
            }
            // The days of a visitor are added in their order.
            let added_before = last.filter(|(of, _)| *of == visitor).map(|(_, day)| day);
            let previous = previous.max(added_before).unwrap_or(Day::NEVER);
            last = Some((visitor, day));
            *pairs.entry((day, previous)).or_default() += 1;
            if let Some(next) = next {
                *pairs.entry((next, previous)).or_default() -= 1;
                *pairs.entry((next, day)).or_default() += 1;
            }
            self.days.entry(day).or_default().visitors += 1;
        }
        let insert = format!(
            "INSERT OR IGNORE INTO {prefix}visitor_days (visitor, day) SELECT value ->> 0, value ->> 1 FROM json_each(?1)"
        );
        sets::run(site, &insert, &added)?;
        let pairs = pairs.into_iter().filter(|(_, visitors)| *visitors != 0);
        let pairs: Vec<_> =
            pairs.map(|((day, previous), visitors)| vec![day.into(), previous.into(), visitors.into()]).collect();
        let insert = format!(
            "INSERT INTO {prefix}day_pairs (day, previous, visitors) \
             SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true \
             ON CONFLICT (day, previous) DO UPDATE SET visitors = visitors + excluded.visitors"
        );
        sets::run(site, &insert, &pairs)?;
        self.days.retain(|_, change| *change != DayTotals::default());
        let days: Vec<_> = self
            .days
            .iter()
            .map(|(day, DayTotals { visitors, sessions, bounces, duration, pageviews })| {
                let totals = [*visitors, *sessions, *bounces, *duration, *pageviews].map(Value::from);
                [Value::from(*day)].into_iter().chain(totals).collect()
            })
            .collect();
        let insert = format!(
            "INSERT INTO {prefix}days (day, visitors, sessions, bounces, duration, pageviews) SELECT value ->> 0, \
             value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?1) WHERE true {ADD_TO_DAY}"
        );
        sets::run(site, &insert, &days)
    }
}

/// How an INSERT into `days` adds to a day that has a row.
const ADD_TO_DAY: &str = "ON CONFLICT (day) DO UPDATE SET visitors = visitors + excluded.visitors, \
                          sessions = sessions + excluded.sessions, bounces = bounces + excluded.bounces, \
                          duration = duration + excluded.duration, pageviews = pageviews + excluded.pageviews";

/// Adds to a day what an event in this row has changed, in its session.
pub(crate) fn count_day<S: Sql>(
    site: &Site<S>,
    (session, event): (SessionRow, EventRow),
    time: Timestamp,
    change: &DayTotals,
) -> Result<(), Error> {
    if let Some(next) = calendar::next(site)? {
        let pageviews = if event.0 <= next.events_to { change.pageviews } else { 0 };
        let change = DayTotals { visitors: 0, pageviews: 0, ..change.clone() };
        let change = if session.0 <= next.sessions_to { change } else { DayTotals::default() };
        add_to_day(site, next.prefix, zone::day_in(&next.zone, time)?, &DayTotals { pageviews, ..change })?;
    }
    add_to_day(site, "", zone::day(site, time)?, change)
}

/// A session that was as `before` is now as `after`, or gone.
pub(crate) fn recount_session<S: Sql>(site: &Site<S>, before: &Session, after: Option<&Session>) -> Result<(), Error> {
    // It changes no pageviews, so the event does not matter.
    let rows = (before.row, EventRow(0));
    let mut change = DayTotals::of(before, -1);
    if let Some(after) = after {
        if days(site, before.started)? == days(site, after.started)? {
            change.add(&DayTotals::of(after, 1));
        } else {
            count_day(site, rows, after.started, &DayTotals::of(after, 1))?;
        }
    }
    count_day(site, rows, before.started, &change)
}

fn add_to_day<S: Sql>(site: &Site<S>, prefix: &str, day: Day, change: &DayTotals) -> Result<(), Error> {
    if *change == DayTotals::default() {
        return Ok(());
    }
    let columns = Columns::new()
        .with("day", day)
        .with("visitors", change.visitors)
        .with("sessions", change.sessions)
        .with("bounces", change.bounces)
        .with("duration", change.duration)
        .with("pageviews", change.pageviews);
    let (insert, values) = columns.insert(&format!("{prefix}days"));
    site.sql.run(&format!("{insert} {ADD_TO_DAY}"), &values)
}

/// The day of a time in every zone that days are counted in.
pub(crate) fn days<S: Sql>(site: &Site<S>, time: Timestamp) -> Result<(Day, Option<Day>), Error> {
    let next = calendar::next(site)?.map(|next| zone::day_in(&next.zone, time)).transpose()?;
    Ok((zone::day(site, time)?, next))
}

/// Records that an event of the visitor at this time was deleted; it may have been the only one of its day.
pub(crate) fn remove_visit_day<S: Sql>(site: &Site<S>, visitor: VisitorRow, time: Timestamp) -> Result<(), Error> {
    if let Some(next) = calendar::next(site)? {
        remove_visit(site, &next, visitor, time)?;
    }
    remove_visit(site, &Calendar::current(site)?, visitor, time)
}

fn remove_visit<S: Sql>(
    site: &Site<S>,
    calendar: &Calendar,
    visitor: VisitorRow,
    time: Timestamp,
) -> Result<(), Error> {
    let prefix = calendar.prefix;
    let day = zone::day_in(&calendar.zone, time)?;
    let (start, end) = zone::day_bounds_in(&calendar.zone, day)?;
    let others = site.sql.first(
        "SELECT 1 FROM events WHERE visitor = ?1 AND time >= ?2 AND time < ?3 AND session IS NOT NULL LIMIT 1",
        &[visitor.into(), start.into(), end.into()],
    )?;
    if others.is_some() {
        return Ok(());
    }
    let gone = format!("DELETE FROM {prefix}visitor_days WHERE visitor = ?1 AND day = ?2 RETURNING day");
    if site.sql.first(&gone, &[visitor.into(), day.into()])?.is_none() || !calendar.has(visitor) {
        return Ok(());
    }
    let (previous, next) = neighbours(site, prefix, visitor, day)?;
    add_to_day(site, prefix, day, &DayTotals { visitors: -1, ..DayTotals::default() })?;
    let mut pairs = vec![(day, previous, -1)];
    if let Some(next) = next {
        pairs.extend([(next, day, -1), (next, previous, 1)]);
    }
    count_pairs(site, prefix, &pairs)
}

/// The visitor's last active day up to `day`, and the first one after it.
fn neighbours<S: Sql>(
    site: &Site<S>,
    prefix: &str,
    visitor: VisitorRow,
    day: Day,
) -> Result<(Day, Option<Day>), Error> {
    let mut row = site.sql.one(
        &format!(
            "SELECT (SELECT max(day) FROM {prefix}visitor_days WHERE visitor = ?1 AND day <= ?2), \
             (SELECT min(day) FROM {prefix}visitor_days WHERE visitor = ?1 AND day > ?2)"
        ),
        &[visitor.into(), day.into()],
    )?;
    Ok((row.next::<Option<Day>>()?.unwrap_or(Day::NEVER), row.next()?))
}

/// Adds to pairs of an active day and the previous one.
fn count_pairs<S: Sql>(site: &Site<S>, prefix: &str, changes: &[(Day, Day, i64)]) -> Result<(), Error> {
    let insert = format!(
        "INSERT INTO {prefix}day_pairs (day, previous, visitors) VALUES (?1, ?2, ?3) \
         ON CONFLICT (day, previous) DO UPDATE SET visitors = visitors + excluded.visitors"
    );
    for (day, previous, change) in changes {
        site.sql.run(&insert, &[(*day).into(), (*previous).into(), (*change).into()])?;
    }
    Ok(())
}

/// Rebuilds the rollups of days from the events at once, for tests to compare with.
#[cfg(any(test, feature = "memory"))]
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
