//! Rollups: what reports without filters read, kept in the same transaction as the events.
//!
//! - `totals` has, for every value of a dimension, the visitors that ever had it.
//! - `days` has sessions, bounces, time spent and visitors by day of the object's time zone.
//! - `day_pairs` makes distinct counts over any run of days a sum: it counts visitors by a day of theirs and the day on
//!   which they were there before. Whoever was there between two days was there for the first time in that span on
//!   exactly one day, the one whose previous day lies before the span.

use jiff::tz::TimeZone;

use super::append::SessionRow;
use super::event::kind;
use super::sql::{Sql, Value};
use super::{DAY_MS, Site};
use crate::Error;

/// The previous day of who was never there before: earlier than any day.
pub const NEVER: i64 = -1_000_000;

/// What visitors are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Dimension {
    /// The host of a session's first event.
    Hostname,
    /// The source of a session.
    Referrer,
    /// By its long name.
    Country,
    /// By its name.
    Region,
    /// By its name.
    City,
    /// `desktop`, `mobile`, `tablet`.
    Device,
    /// By its name.
    Browser,
    /// By its name.
    OperatingSystem,
    /// All eight parameters together.
    Campaign,
    /// Host and path.
    Page,
    /// By its name.
    Goal,
    /// Where a link led.
    ExitClick,
}

impl Dimension {
    /// Those that a session takes from its first event, in the order of `SessionRow::dimensions`.
    pub const OF_SESSIONS: [Self; 9] = [
        Self::Hostname,
        Self::Referrer,
        Self::Country,
        Self::Region,
        Self::City,
        Self::Device,
        Self::Browser,
        Self::OperatingSystem,
        Self::Campaign,
    ];

    /// Its number in `totals`.
    pub const fn code(self) -> i64 {
        match self {
            Self::Hostname => 1,
            Self::Referrer => 2,
            Self::Country => 3,
            Self::Region => 4,
            Self::City => 5,
            Self::Device => 6,
            Self::Browser => 7,
            Self::OperatingSystem => 8,
            Self::Campaign => 9,
            Self::Page => 10,
            Self::Goal => 11,
            Self::ExitClick => 12,
        }
    }

    /// The column of `sessions`, for those that have one.
    pub const fn column(self) -> Option<&'static str> {
        Some(match self {
            Self::Hostname => "hostname",
            Self::Referrer => "referrer",
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::Device => "device",
            Self::Browser => "browser",
            Self::OperatingSystem => "os",
            Self::Campaign => "campaign",
            Self::Page | Self::Goal | Self::ExitClick => return None,
        })
    }

    /// What an event itself counts for, beside its session.
    pub fn of_event(code: i64, page: Option<i64>, name: Option<i64>) -> Option<(Self, i64)> {
        match code {
            kind::PAGEVIEW => page.map(|page| (Self::Page, page)),
            kind::GOAL => name.map(|name| (Self::Goal, name)),
            kind::EXTERNAL_LINK => name.map(|name| (Self::ExitClick, name)),
            _ => None,
        }
    }
}

/// What is added to `totals`: dimension, key, visitors, count.
pub type Change = (Dimension, i64, i64, i64);

/// What is added to a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub visitors: i64,
    pub sessions: i64,
    pub bounces: i64,
    pub duration: i64,
}

impl Day {
    /// What a session adds to the day on which it started when it comes (`sign` 1), and takes when it goes (-1).
    pub fn of(session: &SessionRow, sign: i64) -> Self {
        Self {
            visitors: 0,
            sessions: sign,
            bounces: sign * i64::from(session.bounces()),
            duration: sign * (session.ended - session.started),
        }
    }
}

impl<S: Sql> Site<S> {
    /// Adds to `totals`.
    pub(super) fn count(&self, changes: &[Change]) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            changes.iter().map(|(dimension, key, visitors, count)| (dimension.code(), key, visitors, count)).collect();
        let json = serde_json::to_string(&rows).map_err(|error| Error::new(error.to_string()))?;
        self.sql.run(
            "INSERT INTO totals (dimension, key, visitors, count) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true \
             ON CONFLICT (dimension, key) DO UPDATE SET visitors = visitors + excluded.visitors, \
             count = count + excluded.count",
            &[json.into()],
        )
    }

    /// Counts a session in (`sign` 1) or out (-1). `is_only` says that its visitor has no other session.
    pub(super) fn count_session(&self, session: &SessionRow, is_only: bool, sign: i64) -> Result<(), Error> {
        self.count_day(session.started, &Day::of(session, sign))?;
        let changes = self.session_changes(session, is_only, sign)?;
        self.count(&changes)
    }

    /// What a session changes of `totals` when it comes (`sign` 1) or goes (-1).
    pub(super) fn session_changes(&self, session: &SessionRow, is_only: bool, sign: i64) -> Result<Vec<Change>, Error> {
        let keys = || Dimension::OF_SESSIONS.into_iter().zip(session.dimensions.iter().copied());
        let held_elsewhere: Vec<bool> = if is_only {
            Vec::new()
        } else {
            let mut values: Vec<Value> = vec![session.visitor.into(), session.id.into()];
            values.extend(keys().map(|(_, key)| Value::from(key)));
            let mut row = self.sql.one(
                "WITH others AS MATERIALIZED (SELECT * FROM sessions WHERE visitor = ?1 AND id <> ?2) \
                 SELECT EXISTS (SELECT 1 FROM others WHERE hostname = ?3), \
                 EXISTS (SELECT 1 FROM others WHERE referrer = ?4), EXISTS (SELECT 1 FROM others WHERE country = ?5), \
                 EXISTS (SELECT 1 FROM others WHERE region = ?6), EXISTS (SELECT 1 FROM others WHERE city = ?7), \
                 EXISTS (SELECT 1 FROM others WHERE device = ?8), EXISTS (SELECT 1 FROM others WHERE browser = ?9), \
                 EXISTS (SELECT 1 FROM others WHERE os = ?10), EXISTS (SELECT 1 FROM others WHERE campaign = ?11)",
                &values,
            )?;
            keys().map(|_| row.next()).collect::<Result<_, _>>()?
        };
        let changes = keys().enumerate().filter_map(|(at, (dimension, key))| {
            let is_first = !held_elsewhere.get(at).copied().unwrap_or(false);
            key.map(|key| (dimension, key, sign * i64::from(is_first), sign))
        });
        Ok(changes.collect())
    }

    /// Adds to the day of a moment.
    pub(super) fn count_day(&self, time: i64, change: &Day) -> Result<(), Error> {
        if *change == Day::default() {
            return Ok(());
        }
        self.sql.run(
            "INSERT INTO days (day, visitors, sessions, bounces, duration) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (day) DO UPDATE SET visitors = visitors + excluded.visitors, \
             sessions = sessions + excluded.sessions, bounces = bounces + excluded.bounces, \
             duration = duration + excluded.duration",
            &[
                self.day(time)?.into(),
                change.visitors.into(),
                change.sessions.into(),
                change.bounces.into(),
                change.duration.into(),
            ],
        )
    }

    /// The visitor was there at this moment. Gives by how many visitors its day has grown, which is for the caller to
    /// count. `is_new` says that they were never there before.
    pub(super) fn add_visit_day(&self, visitor: i64, time: i64, is_new: bool) -> Result<i64, Error> {
        let day = self.day(time)?;
        let (previous, next) = if is_new { (NEVER, None) } else { self.neighbours(visitor, day)? };
        if previous == day {
            return Ok(0);
        }
        let values = [visitor.into(), day.into()];
        self.sql.run("INSERT INTO visitor_days (visitor, day) VALUES (?1, ?2)", &values)?;
        let mut pairs = vec![(day, previous, 1)];
        if let Some(next) = next {
            pairs.extend([(next, previous, -1), (next, day, 1)]);
        }
        self.count_pairs(&pairs)?;
        Ok(1)
    }

    /// An event of the visitor at this moment is gone; perhaps it was the day's only one.
    pub(super) fn remove_visit_day(&self, visitor: i64, time: i64) -> Result<(), Error> {
        let day = self.day(time)?;
        let (start, end) = self.day_bounds(day)?;
        let others = self.sql.first(
            "SELECT 1 FROM events WHERE visitor = ?1 AND time >= ?2 AND time < ?3 AND session IS NOT NULL LIMIT 1",
            &[visitor.into(), start.into(), end.into()],
        )?;
        if others.is_some() {
            return Ok(());
        }
        let values = [visitor.into(), day.into()];
        let gone = "DELETE FROM visitor_days WHERE visitor = ?1 AND day = ?2 RETURNING day";
        if self.sql.first(gone, &values)?.is_none() {
            return Ok(());
        }
        let (previous, next) = self.neighbours(visitor, day)?;
        self.count_day(time, &Day { visitors: -1, ..Day::default() })?;
        let mut pairs = vec![(day, previous, -1)];
        if let Some(next) = next {
            pairs.extend([(next, day, -1), (next, previous, 1)]);
        }
        self.count_pairs(&pairs)
    }

    /// The visitor's last day up to `day`, and the first after it.
    fn neighbours(&self, visitor: i64, day: i64) -> Result<(i64, Option<i64>), Error> {
        let mut row = self.sql.one(
            "SELECT (SELECT max(day) FROM visitor_days WHERE visitor = ?1 AND day <= ?2), \
             (SELECT min(day) FROM visitor_days WHERE visitor = ?1 AND day > ?2)",
            &[visitor.into(), day.into()],
        )?;
        Ok((row.next::<Option<i64>>()?.unwrap_or(NEVER), row.next()?))
    }

    fn count_pairs(&self, changes: &[(i64, i64, i64)]) -> Result<(), Error> {
        for (day, previous, change) in changes {
            self.sql.run(
                "INSERT INTO day_pairs (day, previous, visitors) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (day, previous) DO UPDATE SET visitors = visitors + excluded.visitors",
                &[(*day).into(), (*previous).into(), (*change).into()],
            )?;
        }
        Ok(())
    }

    /// Whether the visitor has an event of this dimension and key beside the one of row `except`.
    pub(super) fn has_other(&self, visitor: i64, dimension: Dimension, key: i64, except: i64) -> Result<bool, Error> {
        let statement = match dimension {
            Dimension::Page => {
                "SELECT 1 FROM events INDEXED BY events_visitor \
                 WHERE visitor = ?1 AND kind = 0 AND page = ?2 AND id <> ?3 LIMIT 1"
            }
            Dimension::Goal => {
                "SELECT 1 FROM events INDEXED BY events_visitor \
                 WHERE visitor = ?1 AND kind = 1 AND name = ?2 AND id <> ?3 LIMIT 1"
            }
            _ => {
                "SELECT 1 FROM events INDEXED BY events_visitor \
                 WHERE visitor = ?1 AND kind = 4 AND name = ?2 AND id <> ?3 LIMIT 1"
            }
        };
        Ok(self.sql.first(statement, &[visitor.into(), key.into(), except.into()])?.is_some())
    }

    /// The day of a moment in the object's time zone, counted from 1970-01-01.
    pub(super) fn day(&self, time: i64) -> Result<i64, Error> {
        let offset = self.zone()?.to_offset(moment(time)?).seconds();
        Ok((time + i64::from(offset) * 1000).div_euclid(DAY_MS))
    }

    /// From when to when (exclusive) a day lasts.
    pub(super) fn day_bounds(&self, day: i64) -> Result<(i64, i64), Error> {
        let zone = self.zone()?;
        let start = |day: i64| -> Result<i64, Error> {
            let date = i64::checked_mul(day, DAY_MS).and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
            let date = date.ok_or_else(|| Error::new("a day beyond the calendar"))?;
            let date = TimeZone::UTC.to_datetime(date).date();
            let begun = date.to_zoned(zone.clone()).map_err(|error| Error::new(error.to_string()))?;
            Ok(begun.timestamp().as_millisecond())
        };
        Ok((start(day)?, start(day + 1)?))
    }

    /// The object's time zone.
    pub(super) fn zone(&self) -> Result<TimeZone, Error> {
        if let Some(zone) = &self.caches.borrow().zone {
            return Ok(zone.clone());
        }
        let stored = self.sql.first("SELECT value FROM meta WHERE key = 'zone'", &[])?;
        let name: String = stored.map_or_else(|| Ok("UTC".to_owned()), |mut row| row.next())?;
        let zone = named_zone(&name)?;
        self.caches.borrow_mut().zone = Some(zone.clone());
        Ok(zone)
    }

    /// Keeps the rollups by the days of this zone from now on; where that is a change, they are made anew.
    pub(super) fn keep_zone(&self, name: &str) -> Result<(), Error> {
        if self.zone()?.iana_name() == Some(name) {
            return Ok(());
        }
        let zone = named_zone(name)?;
        let done = self.sql.transaction(&mut || {
            self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('zone', ?1)", &[name.into()])?;
            self.caches.borrow_mut().zone = Some(zone.clone());
            self.rebuild_days()
        });
        if done.is_err() {
            self.caches.borrow_mut().zone = None;
        }
        done
    }

    pub(super) fn rebuild_days(&self) -> Result<(), Error> {
        for table in ["DELETE FROM days", "DELETE FROM visitor_days", "DELETE FROM day_pairs"] {
            self.sql.run(table, &[])?;
        }
        let mut row = self.sql.one("SELECT min(time), max(time) FROM events", &[])?;
        let (Some(first), Some(last)): (Option<i64>, Option<i64>) = (row.next()?, row.next()?) else { return Ok(()) };
        // Between two changes of the clock a day is a division.
        let zone = self.zone()?;
        let mut start = first;
        while start <= last {
            let next = zone.following(moment(start)?).next();
            let end = next.map_or(last + 1, |change| change.timestamp().as_millisecond()).min(last + 1);
            let offset = i64::from(zone.to_offset(moment(start)?).seconds()) * 1000;
            let values = [start.into(), end.into(), offset.into(), DAY_MS.into()];
            self.sql.run(
                "INSERT OR IGNORE INTO visitor_days (visitor, day) SELECT DISTINCT visitor, (time + CAST(?3 AS INTEGER)) / CAST(?4 AS INTEGER) \
                 FROM events WHERE time >= ?1 AND time < ?2 AND session IS NOT NULL",
                &values,
            )?;
            self.sql.run(
                "INSERT INTO days (day, visitors, sessions, bounces, duration) \
                 SELECT (started + CAST(?3 AS INTEGER)) / CAST(?4 AS INTEGER), 0, count(*), sum(pageviews = 1 AND goals = 0), sum(ended - started) \
                 FROM sessions WHERE started >= ?1 AND started < ?2 GROUP BY 1 \
                 ON CONFLICT (day) DO UPDATE SET sessions = sessions + excluded.sessions, \
                 bounces = bounces + excluded.bounces, duration = duration + excluded.duration",
                &values,
            )?;
            start = end;
        }
        self.sql.run(
            "INSERT INTO days (day, visitors, sessions, bounces, duration) \
             SELECT day, count(*), 0, 0, 0 FROM visitor_days WHERE true GROUP BY day \
             ON CONFLICT (day) DO UPDATE SET visitors = excluded.visitors",
            &[],
        )?;
        self.sql.run(
            "INSERT INTO day_pairs (day, previous, visitors) SELECT day, previous, count(*) FROM (SELECT day, \
             ifnull(lag(day) OVER (PARTITION BY visitor ORDER BY day), ?1) AS previous FROM visitor_days) GROUP BY 1, 2",
            &[NEVER.into()],
        )
    }
}

fn named_zone(name: &str) -> Result<TimeZone, Error> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).map_err(|error| Error::new(error.to_string()))
}

fn moment(time: i64) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_millisecond(time).map_err(|error| Error::new(error.to_string()))
}
