//! Which values of a dimension a visitor had before, found in a bounded number of rows.
//!
//! Most visitors have few sessions and events, which are searched. A visitor with more is *counted* from then on:
//! `visitor_keys` has the number of sessions, or of events, with each value.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::dimensions::{Dimension, SESSION_DIMENSIONS, session_columns};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::rows::{EventRow, Key, VisitorRow};
use crate::session::Session;
use crate::sets;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use crate::totals::Change;
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

/// The changes to `totals` when a session takes these values (`sign` 1) or loses them (-1). `is_only` means that the visitor
/// has no other session.
pub(crate) fn session_changes<S: Sql>(
    site: &Site<S>,
    session: &Session,
    keys: &[(Dimension, Key)],
    is_counted: bool,
    is_only: bool,
    sign: i64,
) -> Result<Vec<Change>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let change = |(dimension, key): (Dimension, Key), is_first: bool| Change {
        dimension,
        key,
        visitors: sign * i64::from(is_first),
        count: sign,
    };
    let keys = keys.iter().copied();
    if is_counted {
        let counts = add(site, session.visitor, &keys.clone().collect::<Vec<_>>(), sign)?;
        let is_first = |dimension: Dimension| {
            counts.iter().any(|(code, count)| *code == dimension.code() && is_edge(*count, sign))
        };
        return Ok(keys.map(|key| change(key, is_first(key.0))).collect());
    }
    if is_only {
        return Ok(keys.map(|key| change(key, true)).collect());
    }
    let mut elsewhere = held_elsewhere(site, session, &keys.clone().collect::<Vec<_>>())?;
    keys.map(|key| Ok(change(key, !elsewhere.next::<bool>()?))).collect()
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

/// The value of an event `e` in a dimension of events; NULL for events of another kind.
fn is_same(dimension: Dimension) -> String {
    let of_dimension = EVENT_DIMENSIONS.iter().find(|(known, _, _)| *known == dimension);
    of_dimension.map_or_else(
        || "NULL".to_owned(),
        |(_, kind, column)| format!("iif({}, e.{column}, NULL)", is_kind("e", *kind)),
    )
}

/// In how many more of a visitor's sessions, or events, a value is. Visitors go by their number in a list.
#[derive(Default)]
pub(crate) struct Additions(BTreeMap<(usize, Dimension, Key), i64>);

impl Additions {
    pub fn add(&mut self, visitor: usize, (dimension, key): (Dimension, Key), by: i64) {
        *self.0.entry((visitor, dimension, key)).or_default() += by;
    }
}

/// What a visitor who is not counted has before an addition.
type Held = BTreeMap<(Dimension, Key), i64>;

/// The changes to `totals` by additions to these visitors' sessions and events, which are not stored yet.
pub(crate) fn changes<S: Sql>(
    site: &Site<S>,
    visitors: &mut [Visitor],
    Additions(mut additions): Additions,
) -> Result<Vec<Change>, Error> {
    additions.retain(|_, by| *by != 0);
    let mut searched = BTreeMap::new();
    for (visitor, dimension, _) in additions.keys() {
        let (of_sessions, of_events) = searched.entry(*visitor).or_insert((false, false));
        *(if dimension.column().is_some() { of_sessions } else { of_events }) = true;
    }
    let held = held_before(site, visitors, &searched)?;
    let nothing = Held::new();
    let mut changes = Vec::with_capacity(additions.len());
    let mut of_counted = BTreeMap::new();
    for ((number, dimension, key), by) in additions {
        let Some(visitor) = visitors.get(number) else { continue };
        if visitor.counted {
            of_counted.insert((visitor.row, dimension.code(), key), (dimension, by));
            continue;
        }
        let before = held.get(&visitor.row).unwrap_or(&nothing).get(&(dimension, key)).copied().unwrap_or_default();
        changes.push(Change { dimension, key, visitors: edge(before, by), count: by });
    }
    let rows = of_counted
        .iter()
        .map(|((visitor, code, key), (_, by))| vec![(*visitor).into(), (*code).into(), (*key).into(), (*by).into()]);
    let counts = sets::read(
        site,
        "INSERT INTO visitor_keys (visitor, dimension, key, count) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true \
         ON CONFLICT (visitor, dimension, key) DO UPDATE SET count = count + excluded.count \
         RETURNING visitor, dimension, key, count",
        &rows.collect::<Vec<_>>(),
    )?;
    for mut row in counts {
        let (visitor, code, key): (VisitorRow, i64, Key) = (row.next()?, row.next()?, row.next()?);
        let after: i64 = row.next()?;
        if let Some((dimension, by)) = of_counted.get(&(visitor, code, key)) {
            changes.push(Change { dimension: *dimension, key, visitors: edge(after - by, *by), count: *by });
        }
    }
    Ok(changes)
}

/// What an addition to a count changes in the number of visitors who have the value.
fn edge(before: i64, by: i64) -> i64 {
    i64::from(before + by > 0) - i64::from(before > 0)
}

/// The values of those of these visitors who are not counted; those who have many are counted from here on. `searched` says
/// whether to search the visitor's sessions, and events.
fn held_before<S: Sql>(
    site: &Site<S>,
    visitors: &mut [Visitor],
    searched: &BTreeMap<usize, (bool, bool)>,
) -> Result<BTreeMap<VisitorRow, Held>, Error> {
    let mut held: BTreeMap<VisitorRow, Held> = BTreeMap::new();
    let mut of_events = BTreeMap::new();
    for (number, (_, events)) in searched {
        let Some(visitor) = visitors.get_mut(*number).filter(|visitor| !visitor.is_new && !visitor.counted) else {
            continue;
        };
        if visitor.sessions >= MANY_SESSIONS {
            count_all(site, visitor.row)?;
            visitor.counted = true;
        } else if *events {
            of_events.insert(visitor.row, *number);
        }
    }
    let rows: Vec<_> = of_events.keys().map(|row| vec![(*row).into()]).collect();
    let texts = sets::read(site, &EVENTS_BEFORE, &rows)?;
    for mut row in texts {
        let (visitor, texts): (VisitorRow, Option<String>) = (row.next()?, row.next()?);
        let texts = texts.unwrap_or_default();
        if texts.split(' ').nth(usize::try_from(MANY_EVENTS).unwrap_or(usize::MAX)).is_some() {
            count_all(site, visitor)?;
            if let Some(visitor) = of_events.get(&visitor).and_then(|number| visitors.get_mut(*number)) {
                visitor.counted = true;
            }
            continue;
        }
        let values = held.entry(visitor).or_default();
        for (kind, key) in texts.split(' ').filter_map(|text| text.split_once(':')) {
            let dimension = EVENT_DIMENSIONS.iter().find(|(_, known, _)| kind.parse() == Ok(known.code()));
            if let (Some((dimension, _, _)), Ok(key)) = (dimension, key.parse()) {
                *values.entry((*dimension, Key(key))).or_default() += 1;
            }
        }
    }
    let of_sessions = searched.iter().filter(|(_, (sessions, _))| *sessions);
    let of_sessions = of_sessions.filter_map(|(number, _)| visitors.get(*number));
    let of_sessions = of_sessions.filter(|visitor| !visitor.counted && visitor.sessions > 0);
    let rows: Vec<_> = of_sessions.map(|visitor| vec![visitor.row.into()]).collect();
    for mut row in sets::read(site, &SESSIONS_BEFORE, &rows)? {
        let values = held.entry(row.next()?).or_default();
        for of in SESSION_DIMENSIONS {
            if let Some(key) = row.next::<Option<Key>>()? {
                *values.entry((of.dimension, key)).or_default() += 1;
            }
        }
    }
    Ok(held)
}

/// The kinds and values of a visitor's events, one more than [`MANY_EVENTS`] at most.
static EVENTS_BEFORE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT k.value ->> 0, (SELECT group_concat(e.kind || ':' || ifnull(iif({}, e.page, e.name), ''), ' ') FROM \
         (SELECT kind, page, name FROM events INDEXED BY events_visitor WHERE visitor = k.value ->> 0 LIMIT {}) e) \
         FROM json_each(?1) k",
        is_kind("e", Kind::Pageview),
        MANY_EVENTS + 1
    )
});

static SESSIONS_BEFORE: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<_> = session_columns().map(|column| format!("s.{column}")).collect();
    format!(
        "SELECT s.visitor, {} FROM json_each(?1) k CROSS JOIN sessions s INDEXED BY sessions_visitor \
         ON s.visitor = k.value ->> 0",
        columns.join(", ")
    )
});

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
