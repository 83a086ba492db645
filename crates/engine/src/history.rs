//! Which values of a dimension a visitor had before, found in a bounded number of rows.
//!
//! Most visitors have few sessions and events, which are searched. A visitor with more is *counted* from then on:
//! `visitor_keys` has the number of sessions, or of events, with each value.

use crate::dimensions::{Dimension, SESSION_DIMENSIONS};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::rollups::Change;
use crate::rows::{EventRow, Key, VisitorRow};
use crate::session::Session;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use crate::visitor::Visitor;

/// A visitor with this many sessions is counted.
pub(crate) const MANY_SESSIONS: i64 = 32;
/// A visitor with more events than this is counted.
pub(crate) const MANY_EVENTS: i64 = 128;

/// The dimensions of events: the kind of event and the column of its value.
const EVENT_DIMENSIONS: [(Dimension, Kind, &str); 3] = [
    (Dimension::Page, Kind::Pageview, "page"),
    (Dimension::Goal, Kind::Goal, "name"),
    (Dimension::ExitClick, Kind::ExternalLink, "name"),
];

/// Counts a visitor with many sessions, before another one is added.
pub(crate) fn count_if_many<S: Sql>(site: &Site<S>, visitor: &mut Visitor) -> Result<(), Error> {
    if !visitor.counted && visitor.sessions >= MANY_SESSIONS {
        count_all(site, visitor.row)?;
        visitor.counted = true;
    }
    Ok(())
}

/// Counts every value that the visitor had. One statement for each dimension: a SELECT on the platform has at most five terms.
fn count_all<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    let of_sessions = SESSION_DIMENSIONS.iter().map(|row| {
        let (code, column) = (row.dimension.code(), row.column);
        format!(
            "SELECT ?1, {code}, {column}, count(*) FROM sessions WHERE visitor = ?1 AND {column} IS NOT NULL \
             GROUP BY {column}"
        )
    });
    let of_events = EVENT_DIMENSIONS.iter().map(|(dimension, kind, column)| {
        let code = dimension.code();
        format!(
            "SELECT ?1, {code}, {column}, count(*) FROM events e INDEXED BY events_visitor \
             WHERE visitor = ?1 AND {} AND {column} IS NOT NULL GROUP BY {column}",
            is_kind("e", *kind)
        )
    });
    for counts in of_sessions.chain(of_events) {
        let insert = format!("INSERT INTO visitor_keys (visitor, dimension, key, count) {counts}");
        site.sql.run(&insert, &[visitor.into()])?;
    }
    site.sql.run("UPDATE visitors SET counted = 1 WHERE id = ?1", &[visitor.into()])
}

/// Adds to the counts of a counted visitor, and returns the new ones.
fn add<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    keys: &[(Dimension, Key)],
    sign: i64,
) -> Result<Vec<(i64, i64)>, Error> {
    let keys: Vec<_> = keys.iter().map(|(dimension, key)| (dimension.code(), key)).collect();
    let json = serde_json::to_string(&keys).map_err(|error| Error::new(error.to_string()))?;
    let rows = site.sql.rows(
        "INSERT INTO visitor_keys (visitor, dimension, key, count) \
         SELECT ?1, value ->> 0, value ->> 1, ?3 FROM json_each(?2) WHERE true \
         ON CONFLICT (visitor, dimension, key) DO UPDATE SET count = count + excluded.count RETURNING dimension, count",
        &[visitor.into(), json.into(), sign.into()],
    )?;
    rows.into_iter().map(|mut row| Ok((row.next()?, row.next()?))).collect()
}

/// Whether a count that changed by `sign` tells of the first value, or of the last one that is gone.
const fn is_edge(count: i64, sign: i64) -> bool {
    if sign > 0 { count == 1 } else { count == 0 }
}

/// The changes to `totals` when a session is added (`sign` 1) or removed (-1). `is_only` means that the visitor has no
/// other session.
pub(crate) fn session_changes<S: Sql>(
    site: &Site<S>,
    session: &Session,
    is_counted: bool,
    is_only: bool,
    sign: i64,
) -> Result<Vec<Change>, Error> {
    let keys: Vec<(Dimension, Key)> = SESSION_DIMENSIONS
        .iter()
        .zip(&session.keys)
        .filter_map(|(row, key)| key.map(|key| (row.dimension, key)))
        .collect();
    let change = |(dimension, key): (Dimension, Key), is_first: bool| Change {
        dimension,
        key,
        visitors: sign * i64::from(is_first),
        count: sign,
    };
    if is_counted {
        let counts = add(site, session.visitor, &keys, sign)?;
        let is_first = |dimension: Dimension| {
            counts.iter().any(|(code, count)| *code == dimension.code() && is_edge(*count, sign))
        };
        return Ok(keys.into_iter().map(|key| change(key, is_first(key.0))).collect());
    }
    if is_only {
        return Ok(keys.into_iter().map(|key| change(key, true)).collect());
    }
    let mut elsewhere = held_elsewhere(site, session, &keys)?;
    keys.into_iter().map(|key| Ok(change(key, !elsewhere.next::<bool>()?))).collect()
}

/// For each key, whether another session of the visitor has the same value.
fn held_elsewhere<S: Sql>(site: &Site<S>, session: &Session, keys: &[(Dimension, Key)]) -> Result<Row, Error> {
    let mut parameters = Parameters::default();
    let (visitor, this) = (parameters.bind(session.visitor), parameters.bind(session.row));
    let held = keys.iter().map(|(dimension, key)| {
        let column = dimension.column().unwrap_or("NULL");
        format!("EXISTS (SELECT 1 FROM others WHERE {column} = {})", parameters.bind(*key))
    });
    let held = held.collect::<Vec<_>>().join(", ");
    let statement = format!(
        "WITH others AS MATERIALIZED (SELECT * FROM sessions WHERE visitor = {visitor} AND id <> {this}) SELECT {held}"
    );
    site.sql.one(&statement, parameters.values())
}

/// The change to `totals` by the event in row `event`, which has been stored.
pub(crate) fn event_added<S: Sql>(
    site: &Site<S>,
    visitor: &Visitor,
    (dimension, key): (Dimension, Key),
    event: EventRow,
) -> Result<Change, Error> {
    let is_first = if visitor.is_new {
        true
    } else if visitor.counted {
        add(site, visitor.row, &[(dimension, key)], 1)?.first().is_some_and(|(_, count)| is_edge(*count, 1))
    } else {
        is_first_event(site, visitor.row, dimension, key, event)?
    };
    Ok(Change { dimension, key, visitors: i64::from(is_first), count: 1 })
}

fn is_first_event<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    dimension: Dimension,
    key: Key,
    event: EventRow,
) -> Result<bool, Error> {
    let same = is_same(dimension);
    let mut found = site.sql.one(
        &format!(
            "SELECT count(*), ifnull(max({same} = ?2 AND e.id <> ?3), 0) FROM (SELECT id, kind, page, name FROM events \
             INDEXED BY events_visitor WHERE visitor = ?1 LIMIT {}) e",
            MANY_EVENTS + 1
        ),
        &[visitor.into(), key.into(), event.into()],
    )?;
    let (events, held): (i64, bool) = (found.next()?, found.next()?);
    if events <= MANY_EVENTS {
        return Ok(!held);
    }
    // This event and its session are among those that are counted.
    count_all(site, visitor)?;
    let count = "SELECT count FROM visitor_keys WHERE visitor = ?1 AND dimension = ?2 AND key = ?3";
    let values = [visitor.into(), dimension.code().into(), key.into()];
    Ok(is_edge(site.sql.one(count, &values)?.next()?, 1))
}

/// The value of an event `e` in a dimension of events; NULL for events of another kind.
fn is_same(dimension: Dimension) -> String {
    let of_dimension = EVENT_DIMENSIONS.iter().find(|(known, _, _)| *known == dimension);
    of_dimension.map_or_else(
        || "NULL".to_owned(),
        |(_, kind, column)| format!("iif({}, e.{column}, NULL)", is_kind("e", *kind)),
    )
}

/// The change to `totals` when the event in row `event`, which is still stored, is deleted.
pub(crate) fn event_removed<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    (dimension, key): (Dimension, Key),
    event: EventRow,
) -> Result<Change, Error> {
    let mut counted = site.sql.one("SELECT counted FROM visitors WHERE id = ?1", &[visitor.into()])?;
    let was_only = if counted.next()? {
        add(site, visitor, &[(dimension, key)], -1)?.first().is_some_and(|(_, count)| is_edge(*count, -1))
    } else {
        let other = format!(
            "SELECT 1 FROM events e INDEXED BY events_visitor WHERE e.visitor = ?1 AND {} = ?2 AND e.id <> ?3 LIMIT 1",
            is_same(dimension)
        );
        site.sql.first(&other, &[visitor.into(), key.into(), event.into()])?.is_none()
    };
    Ok(Change { dimension, key, visitors: -i64::from(was_only), count: -1 })
}
