//! `totals` has, for every value of a dimension, the number of visitors who ever had it, and of some the number of events.
//!
//! Events that are stored together change many values. What they change waits as one row of `waiting_totals`, and is added to
//! `totals` when a report reads them, or when much waits: so a value that changes often is written once.

use std::collections::BTreeMap;

use crate::dimensions::Dimension;
use crate::error::Error;
use crate::rows::Key;
use crate::schema::WAITING_TOTALS_TABLE;
use crate::sets;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::waiting::WaitingTotals;

/// So many changes are added at once, because a row that waits would save nothing.
const FEW: usize = 2;
/// When so many changes wait, or rows of changes, they are added.
const MOST_CHANGES: i64 = 4_096;
pub(crate) const MOST_ROWS: i64 = 256;
/// A table with so many rows or more is dropped and created, because the platform counts every row that is deleted.
pub(crate) const DROPPED_FROM: i64 = 8;

/// A change of `totals`.
pub(crate) struct Change {
    pub dimension: Dimension,
    pub key: Key,
    pub visitors: i64,
    pub count: i64,
}

/// Applies changes to `totals`. Runs within a transaction.
pub(crate) fn count<S: Sql>(site: &Site<S>, changes: &[Change]) -> Result<(), Error> {
    let mut sums = BTreeMap::new();
    for change in changes {
        let (visitors, count) = sums.entry((change.dimension, change.key)).or_insert((0, 0));
        *visitors += change.visitors;
        *count += if change.dimension.has_count() { change.count } else { 0 };
    }
    sums.retain(|_, sum| *sum != (0, 0));
    let rows = sums.into_iter().map(|((dimension, key), (visitors, count)): (_, (i64, i64))| {
        vec![dimension.code().into(), key.into(), visitors.into(), count.into()]
    });
    let rows: Vec<Vec<Value>> = rows.collect();
    if rows.len() <= FEW {
        let insert = format!(
            "INSERT INTO totals (dimension, key, visitors, count) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true {ADD}"
        );
        return sets::run(site, &insert, &rows);
    }
    let before = waiting(site)?;
    let json = serde_json::to_string(&rows).map_err(|error| Error::new(error.to_string()))?;
    site.sql.run("INSERT INTO waiting_totals (changes) VALUES (?1)", &[json.into()])?;
    let changes = before.changes + i64::try_from(rows.len()).unwrap_or_default();
    let now = WaitingTotals { rows: before.rows + 1, changes };
    site.caches.borrow_mut().waiting_totals = Some(now);
    if now.rows < MOST_ROWS && now.changes < MOST_CHANGES {
        return Ok(());
    }
    add_waiting(site, now)
}

/// How an INSERT into `totals` adds to a value that has a row.
const ADD: &str = "ON CONFLICT (dimension, key) DO UPDATE SET visitors = visitors + excluded.visitors, \
                   count = count + excluded.count";

fn waiting<S: Sql>(site: &Site<S>) -> Result<WaitingTotals, Error> {
    if let Some(waiting) = site.caches.borrow().waiting_totals {
        return Ok(waiting);
    }
    let stored = "SELECT count(*), ifnull(sum(json_array_length(changes)), 0) FROM waiting_totals";
    let mut stored = site.sql.one(stored, &[])?;
    let waiting = WaitingTotals { rows: stored.next()?, changes: stored.next()? };
    site.caches.borrow_mut().waiting_totals = Some(waiting);
    Ok(waiting)
}

/// Adds what waits. Runs within a transaction.
fn add_waiting<S: Sql>(site: &Site<S>, waiting: WaitingTotals) -> Result<(), Error> {
    let add = format!(
        "INSERT INTO totals (dimension, key, visitors, count) SELECT * FROM (SELECT c.value ->> 0, c.value ->> 1, \
         sum(c.value ->> 2) AS visitors, sum(c.value ->> 3) AS count FROM waiting_totals w, json_each(w.changes) c \
         GROUP BY 1, 2) WHERE visitors <> 0 OR count <> 0 {ADD}"
    );
    site.sql.run(&add, &[])?;
    if waiting.rows < DROPPED_FROM {
        site.sql.run("DELETE FROM waiting_totals", &[])?;
    } else {
        site.sql.run("DROP TABLE waiting_totals", &[])?;
        site.sql.run(WAITING_TOTALS_TABLE, &[])?;
    }
    site.caches.borrow_mut().waiting_totals = Some(WaitingTotals { rows: 0, changes: 0 });
    Ok(())
}

/// Adds what waits to `totals`, before they are read.
pub(crate) fn settle<S: Sql>(site: &Site<S>) -> Result<(), Error> {
    let waiting = waiting(site)?;
    if waiting.rows == 0 {
        return Ok(());
    }
    site.write(|| add_waiting(site, waiting))
}
