//! The times of neighbouring rows (`blocks.rs`), and how those of an earlier version's rows are worked out: in steps, until
//! which their indexes stay.

use crate::error::Error;
use crate::parts::{EVENTS, Part, SESSIONS};
use crate::sql::Sql;

/// The rows of a block. Stored: never changed. Tests have few rows.
pub(crate) const ROWS: i64 = if cfg!(test) { 4 } else { 512 };
/// What arrives so long after something later is late, in milliseconds.
const LATE_MS: i64 = if cfg!(test) { 300_000 } else { 86_400_000 };
/// Times are rounded to this, in milliseconds.
const ROUNDED_MS: i64 = 60_000;
/// The rows whose blocks are worked out in one step.
const STEP: i64 = 32 * ROWS;

/// The indexes that blocks replace.
const REPLACED: [&str; 3] = ["events_time", "events_pageviews", "sessions_started"];

/// The times of a block's rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    pub number: i64,
    /// Those of the rows that are not late. Later blocks never have an earlier `until`.
    pub since: i64,
    pub until: i64,
    pub late: Option<(i64, i64)>,
}

impl Block {
    /// A block that follows the last one, and begins with a row of this time.
    pub fn after(last: Option<&Self>, number: i64, time: i64) -> Self {
        let newest = last.map_or(rounded(time).0, |last| last.until);
        Self { number, since: newest, until: newest, late: None }
    }

    pub fn add(&mut self, time: i64) {
        let (from, to) = rounded(time);
        if time < self.until - LATE_MS {
            let (since, until) = self.late.unwrap_or((from, to));
            self.late = Some((from.min(since), to.max(until)));
        } else {
            self.since = from.min(self.since);
            self.until = to.max(self.until);
        }
    }
}

/// A time, rounded down and up.
pub(crate) const fn rounded(time: i64) -> (i64, i64) {
    let from = time.div_euclid(ROUNDED_MS) * ROUNDED_MS;
    (from, if from == time { time } else { from + ROUNDED_MS })
}

/// The block of a row.
pub(crate) const fn number(row: i64) -> i64 {
    (row - 1).div_euclid(ROWS)
}

/// Works out the blocks of the rows from this one on, so many at most. Returns the last one, or `None` if there is none.
pub(crate) fn fill(sql: &impl Sql, part: &Part, after: i64, most: i64) -> Result<Option<i64>, Error> {
    let last = format!("SELECT max(id) FROM (SELECT id FROM {} WHERE id > ?1 ORDER BY id LIMIT ?2)", part.table);
    let last: Option<i64> = sql.one(&last, &[after.into(), most.into()])?.next()?;
    let time = part.columns.first().copied().unwrap_or("NULL");
    let fill = format!(
        "INSERT OR REPLACE INTO blocks (part, number, since, until) SELECT ?3, (r.id - 1) / {ROWS}, min({time}), max({time}) \
         FROM {} r WHERE r.id > ?1 AND r.id <= ?2 GROUP BY 2",
        part.table
    );
    sql.run(&fill, &[after.into(), last.into(), part.code.into()])?;
    Ok(last)
}

/// The row before the first one of the last block: rows up to it are not added any more ([`Site::next_row`]).
///
/// [`Site::next_row`]: crate::site::Site::next_row
pub(crate) fn before_last(sql: &impl Sql, part: &Part) -> Result<i64, Error> {
    let last = "SELECT ifnull(max(number), 0) FROM blocks WHERE part = ?1";
    Ok(sql.one(last, &[part.code.into()])?.next::<i64>()? * ROWS)
}

/// Takes a step, and returns whether there is more to do. Runs within a transaction.
pub(crate) fn replace_indexes(sql: &impl Sql) -> Result<bool, Error> {
    let mut has_more = false;
    for part in [EVENTS, SESSIONS] {
        // Rows may have been added to the last block since.
        let filled = fill(sql, &part, before_last(sql, &part)?, STEP)?;
        let rest = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE id > ?1)", part.table);
        has_more |= sql.one(&rest, &[filled.unwrap_or(i64::MAX >> 12).into()])?.next::<bool>()?;
    }
    if has_more {
        return Ok(true);
    }
    // From here on every row is noted as it is added.
    for index in REPLACED {
        sql.run(&format!("DROP INDEX {index}"), &[])?;
    }
    Ok(false)
}

/// Whether rows are found by these indexes. Those of a website with few rows are replaced at once. Runs before anything else.
pub(crate) fn has_indexes(sql: &impl Sql) -> Result<bool, Error> {
    let mut found = sql.one(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?1), \
         max((SELECT ifnull(max(id), 0) FROM events), (SELECT ifnull(max(id), 0) FROM sessions))",
        &[REPLACED.first().copied().into()],
    )?;
    let (has_indexes, last): (bool, i64) = (found.next()?, found.next()?);
    if !has_indexes || last > STEP {
        return Ok(has_indexes);
    }
    sql.transaction(&mut || replace_indexes(sql).map(|_| ()))?;
    Ok(false)
}
