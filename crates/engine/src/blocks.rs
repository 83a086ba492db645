//! Rows by time without an index of times, which would cost every event a written row. Rows are numbered as they arrive, so
//! those of a span have few runs of neighbouring numbers: `blocks` has the times of every 512 rows of a part.
//!
//! What arrives more than a day after something later has times of its own in its block, so that it does not make the block's
//! span long. Times are rounded away from the block, so that a block is rarely written again. They stay when rows are gone.
//! Objects of an earlier version have indexes of times until the alarm has worked out their blocks (`block.rs`).

use std::collections::BTreeMap;

use sluice_values::Timestamp;

use crate::block::{self, Block, ROWS, number, rounded};
use crate::error::Error;
use crate::parts::{EVENTS, Part, SESSIONS};
use crate::selection::Span;
use crate::session;
use crate::sets;
use crate::site::Site;
use crate::sql::{Parameters, Sql, Value};

/// Notes the times of rows that are added, in the order of their numbers. Runs within a transaction.
pub(crate) fn add<S: Sql>(
    site: &Site<S>,
    part: &Part,
    rows: impl IntoIterator<Item = (i64, Timestamp)>,
) -> Result<(), Error> {
    if site.has_time_indexes.get() {
        return Ok(());
    }
    let mut last = last(site, part)?;
    let mut changed = BTreeMap::new();
    for (row, time) in rows {
        let time = time.as_millis();
        let mut block = match last {
            Some(last) if last.number == number(row) => last,
            last => Block::after(last.as_ref(), number(row), time),
        };
        block.add(time);
        if last != Some(block) {
            changed.insert(block.number, block);
        }
        last = Some(block);
    }
    let changed: Vec<_> = changed.into_values().map(|block| written(part, &block)).collect();
    let insert = "INSERT INTO blocks (part, number, since, until, late_since, late_until) \
                  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?1) WHERE true \
                  ON CONFLICT (part, number) DO UPDATE SET since = excluded.since, until = excluded.until, \
                  late_since = excluded.late_since, late_until = excluded.late_until";
    sets::run(site, insert, &changed)?;
    if let Some(last) = last {
        site.caches.borrow_mut().last_blocks.insert(part.code, last);
    }
    Ok(())
}

fn written(part: &Part, block: &Block) -> Vec<Value> {
    let (late_since, late_until) = block.late.unzip();
    vec![
        part.code.into(),
        block.number.into(),
        block.since.into(),
        block.until.into(),
        late_since.into(),
        late_until.into(),
    ]
}

fn last<S: Sql>(site: &Site<S>, part: &Part) -> Result<Option<Block>, Error> {
    if let Some(last) = site.caches.borrow().last_blocks.get(&part.code) {
        return Ok(Some(*last));
    }
    let last =
        "SELECT number, since, until, late_since, late_until FROM blocks WHERE part = ?1 ORDER BY number DESC LIMIT 1";
    let Some(mut row) = site.sql.first(last, &[part.code.into()])? else { return Ok(None) };
    let (number, since, until) = (row.next()?, row.next()?, row.next()?);
    let (late_since, late_until): (Option<i64>, Option<i64>) = (row.next()?, row.next()?);
    Ok(Some(Block { number, since, until, late: late_since.zip(late_until) }))
}

/// Notes that rows now have these times. Runs within a transaction.
pub(crate) fn moved<S: Sql>(
    site: &Site<S>,
    part: &Part,
    rows: impl IntoIterator<Item = (i64, Timestamp)>,
) -> Result<(), Error> {
    let mut spans: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (row, time) in rows {
        let (from, to) = rounded(time.as_millis());
        let (since, until) = spans.entry(number(row)).or_insert((from, to));
        (*since, *until) = (from.min(*since), to.max(*until));
    }
    let rows: Vec<_> = spans
        .into_iter()
        .map(|(number, (since, until))| vec![part.code.into(), number.into(), since.into(), until.into()])
        .collect();
    if !rows.is_empty() {
        site.caches.borrow_mut().last_blocks.remove(&part.code);
    }
    sets::run(
        site,
        "UPDATE blocks SET late_since = min(ifnull(late_since, k.value ->> 2), k.value ->> 2), \
         late_until = max(ifnull(late_until, k.value ->> 3), k.value ->> 3) FROM json_each(?1) k \
         WHERE blocks.part = k.value ->> 0 AND blocks.number = k.value ->> 1 \
         AND NOT (blocks.since <= k.value ->> 2 AND blocks.until >= k.value ->> 3) \
         AND NOT ifnull(blocks.late_since <= k.value ->> 2 AND blocks.late_until >= k.value ->> 3, 0)",
        &rows,
    )
}

/// The condition that a block `k` may have rows of a span, as SQL.
fn overlaps(from: &str, to: &str) -> String {
    format!("(k.until >= {from} AND k.since <= {to} OR k.late_until >= {from} AND k.late_since <= {to})")
}

/// The runs of numbers, first and last, that the rows of a span may have.
fn runs<S: Sql>(site: &Site<S>, part: &Part, span: Span) -> Result<Vec<(i64, i64)>, Error> {
    let runs = format!(
        "SELECT min(number), max(number) FROM (SELECT number, number - row_number() OVER (ORDER BY number) AS run \
         FROM blocks k WHERE part = ?1 AND {}) GROUP BY run ORDER BY 1",
        overlaps("?2", "?3")
    );
    let runs = site.sql.rows(&runs, &[part.code.into(), span.from.into(), span.to.into()])?;
    runs.into_iter().map(|mut row| Ok((row.next::<i64>()? * ROWS + 1, (row.next::<i64>()? + 1) * ROWS))).collect()
}

/// A table's rows in these runs, to follow FROM.
fn within(part: &Part, name: &str, runs: &[(i64, i64)], to: &mut Parameters) -> String {
    format!(
        "{} runs CROSS JOIN {} {name} NOT INDEXED ON {name}.id BETWEEN runs.value ->> 0 AND runs.value ->> 1",
        to.bind_list(runs),
        part.table
    )
}

/// The events `e` of a span, and perhaps others, to follow FROM.
pub(crate) fn events<S: Sql>(site: &Site<S>, span: Span, to: &mut Parameters) -> Result<String, Error> {
    if span == Span::ALL || site.has_time_indexes.get() {
        return Ok("events e".to_owned());
    }
    Ok(within(&EVENTS, "e", &runs(site, &EVENTS, span)?, to))
}

/// The sessions `s` that begin in a span, and perhaps others, to follow FROM.
pub(crate) fn sessions_begun<S: Sql>(site: &Site<S>, span: Span, to: &mut Parameters) -> Result<String, Error> {
    if span == Span::ALL || site.has_time_indexes.get() {
        return Ok("sessions s".to_owned());
    }
    Ok(within(&SESSIONS, "s", &runs(site, &SESSIONS, span)?, to))
}

/// The sessions `s` that can have an event in a span, and perhaps others, to follow FROM.
pub(crate) fn sessions<S: Sql>(site: &Site<S>, span: Span, to: &mut Parameters) -> Result<String, Error> {
    if span == Span::ALL || site.has_time_indexes.get() {
        return Ok("sessions s".to_owned());
    }
    let reaching = session::reaching(site, span.from)?;
    let mut found = runs(site, &SESSIONS, Span { from: reaching.earliest, to: span.to })?;
    found.extend(reaching.long.iter().map(|row| (row.0, row.0)));
    found.sort_unstable();
    // No session is there twice.
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(found.len());
    for (first, last) in found {
        match all.last_mut() {
            Some((_, before)) if *before >= first => *before = last.max(*before),
            _ => all.push((first, last)),
        }
    }
    Ok(within(&SESSIONS, "s", &all, to))
}

/// The sessions `s` that begin between two times, which are SQL of what comes before, to follow CROSS JOIN.
pub(crate) fn sessions_between<S: Sql>(site: &Site<S>, from: &str, to: &str) -> String {
    let begun = format!("s.started BETWEEN {from} AND {to}");
    if site.has_time_indexes.get() {
        return format!("sessions s ON {begun}");
    }
    format!(
        "blocks k CROSS JOIN sessions s NOT INDEXED ON k.part = {} AND {} \
         AND s.id BETWEEN k.number * {ROWS} + 1 AND k.number * {ROWS} + {ROWS} AND {begun}",
        SESSIONS.code,
        overlaps(from, to)
    )
}

/// In which order rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Earliest,
    Latest,
}

impl Order {
    /// For ORDER BY.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Earliest => "ASC",
            Self::Latest => "DESC",
        }
    }
}

/// Calls `each` with parts of a span in their order, until it has found enough: the first one is of few blocks, and each of
/// twice as many as the one before.
pub(crate) fn in_order<S: Sql>(
    site: &Site<S>,
    part: &Part,
    span: Span,
    order: Order,
    mut each: impl FnMut(Span) -> Result<bool, Error>,
) -> Result<(), Error> {
    if site.has_time_indexes.get() {
        return each(span).map(|_| ());
    }
    let (edge, is_beyond, sorted) = match order {
        Order::Earliest => ("min(k.since, ifnull(k.late_since, k.since))", "> ?2", "ORDER BY 1"),
        Order::Latest => ("max(k.until, ifnull(k.late_until, k.until))", "< ?3", "ORDER BY 1 DESC"),
    };
    let edge = format!(
        "SELECT {edge} FROM blocks k WHERE k.part = ?1 AND {} AND {edge} {is_beyond} {sorted} LIMIT 1 OFFSET ?4",
        overlaps("?2", "?3")
    );
    let (mut rest, mut blocks) = (span, 1_i64);
    while rest.from <= rest.to {
        let values = [part.code.into(), rest.from.into(), rest.to.into(), (blocks - 1).into()];
        let found = site.sql.first(&edge, &values)?.map(|mut row| row.next::<i64>()).transpose()?;
        let window = match (found, order) {
            (None, _) => rest,
            (Some(edge), Order::Earliest) => Span { to: edge - 1, ..rest },
            (Some(edge), Order::Latest) => Span { from: edge + 1, ..rest },
        };
        if each(window)? {
            return Ok(());
        }
        match order {
            Order::Earliest => rest.from = window.to + 1,
            Order::Latest => rest.to = window.from - 1,
        }
        blocks *= 2;
    }
    Ok(())
}

impl<S: Sql> Site<S> {
    /// Whether rows of an earlier version are found by indexes that blocks are to replace.
    pub fn has_time_indexes(&self) -> bool {
        self.has_time_indexes.get()
    }

    /// Goes on with replacing these indexes, and returns whether there is more to do.
    pub fn block_on(&self) -> Result<bool, Error> {
        if !self.has_time_indexes.get() {
            return Ok(false);
        }
        let has_more = self.write(|| block::replace_indexes(&self.sql))?;
        self.has_time_indexes.set(has_more);
        Ok(has_more)
    }

    /// Works out the blocks of rows that were written by others.
    #[cfg(feature = "memory")]
    pub fn block_all(&self) -> Result<(), Error> {
        self.write(|| {
            self.caches.borrow_mut().last_blocks.clear();
            block::fill(&self.sql, &EVENTS, 0, i64::MAX >> 12)?;
            block::fill(&self.sql, &SESSIONS, 0, i64::MAX >> 12).map(drop)
        })
    }
}
