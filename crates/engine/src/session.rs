//! Rows of sessions.

use sluice_values::Timestamp;

use crate::dimensions::{Dimension, FirstEvent, Reading, SESSION_DIMENSIONS, session_columns};
use crate::error::Error;
use crate::interning;
use crate::rows::{Key, SessionRow, StringRow, VisitorRow};
use crate::site::Site;
use crate::sql::{Row, Sql};

/// The columns of a session's row that writing needs.
pub(crate) struct Session {
    pub row: SessionRow,
    pub visitor: VisitorRow,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub pageviews: i64,
    pub goals: i64,
    /// The host of its first event.
    pub hostname: Option<StringRow>,
    /// The value of each of [`SESSION_DIMENSIONS`].
    pub keys: Vec<Option<Key>>,
}

impl Session {
    /// The session in this row, from the next columns: visitor, start, end, pageviews, goals, host, [`session_columns`].
    pub fn read(row: SessionRow, columns: &mut Row) -> Result<Self, Error> {
        Ok(Self {
            row,
            visitor: columns.next()?,
            started: columns.next()?,
            ended: columns.next()?,
            pageviews: columns.next()?,
            goals: columns.next()?,
            hostname: columns.next()?,
            keys: session_columns().map(|_| columns.next()).collect::<Result<_, _>>()?,
        })
    }

    /// Its values by dimension.
    pub fn values(&self) -> Vec<(Dimension, Key)> {
        let values = SESSION_DIMENSIONS.iter().zip(&self.keys);
        values.filter_map(|(of, key)| key.map(|key| (of.dimension, key))).collect()
    }

    /// Milliseconds from the first to the last event.
    pub fn duration(&self) -> i64 {
        self.ended.as_millis() - self.started.as_millis()
    }

    /// [`crate::fragments::BOUNCED`] for this row.
    pub fn bounces(&self) -> bool {
        self.pageviews == 1 && self.goals == 0
    }
}

/// Reads the session in this row.
pub(crate) fn load<S: Sql>(site: &Site<S>, session: SessionRow) -> Result<Session, Error> {
    let columns = session_columns().collect::<Vec<_>>().join(", ");
    let mut row = site.sql.one(
        &format!("SELECT visitor, started, ended, pageviews, goals, hostname, {columns} FROM sessions WHERE id = ?1"),
        &[session.into()],
    )?;
    Session::read(session, &mut row)
}

/// The value of each of [`SESSION_DIMENSIONS`] that a session takes from its first event.
pub(crate) fn keys<S: Sql>(site: &Site<S>, first: &FirstEvent<'_>) -> Result<Vec<Option<Key>>, Error> {
    let key = |value: &Reading| match value {
        Reading::Text(read) => Ok(interning::optional(site, read(first.context).as_deref())?.map(Key::from)),
        Reading::Row(read) => Ok(read(first)),
    };
    SESSION_DIMENSIONS.iter().map(|row| key(&row.value)).collect()
}

/// The sessions that began before a moment and can have an event after it.
pub(crate) struct Reaching {
    /// When they began, at the earliest; except for long ones.
    pub earliest: i64,
    /// Those that began earlier.
    pub long: Vec<SessionRow>,
}

/// A session that lasts longer than this is found by itself, so that a single one does not make reports read more.
const LONG_MS: i64 = 86_400_000;

/// The sessions that began before `moment` and can have an event after it.
pub(crate) fn reaching<S: Sql>(site: &Site<S>, moment: i64) -> Result<Reaching, Error> {
    let longest = longest(site)?;
    let earliest = moment.saturating_sub(longest.min(LONG_MS));
    if longest <= LONG_MS {
        return Ok(Reaching { earliest, long: Vec::new() });
    }
    let rows = site.sql.rows(
        "SELECT id FROM sessions INDEXED BY sessions_long WHERE ended - started > 86400000 AND ended >= ?1 \
         AND started < ?2",
        &[moment.into(), earliest.into()],
    )?;
    let long = rows.into_iter().map(|mut row| row.next()).collect::<Result<_, _>>()?;
    Ok(Reaching { earliest, long })
}

/// The duration of the longest session ever, in milliseconds.
pub(crate) fn longest<S: Sql>(site: &Site<S>) -> Result<i64, Error> {
    if let Some(longest) = site.caches.borrow().longest {
        return Ok(longest);
    }
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'longest'", &[])?;
    let longest = stored.map_or(Ok(0), |mut row| row.next())?;
    site.caches.borrow_mut().longest = Some(longest);
    Ok(longest)
}

pub(crate) fn record_duration<S: Sql>(site: &Site<S>, duration: i64) -> Result<(), Error> {
    if duration <= longest(site)? {
        return Ok(());
    }
    site.caches.borrow_mut().longest = Some(duration);
    site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('longest', ?1)", &[duration.into()])
}
