//! Sessions and events a second time, as columns of numbers: what a report reads that counts many of them.
//!
//! A segment has the rows with the numbers `n * rows + 1 ..= (n + 1) * rows` of a table, each column in one blob
//! (`column.rs`); a row that is gone is a hole of zeros. Segments are cut by the object's alarm. What is not cut yet is read as
//! rows, and so is a row that has changed since it was cut: triggers of the schema note it in `changed_rows`, in the
//! transaction that changes it. Segments with many changed rows, or with rows that are gone, are cut again.

use std::collections::BTreeMap;

use crate::bits::Bits;
use crate::blocks;
use crate::column::{self, Column};
use crate::error::Error;
use crate::packed;
pub(crate) use crate::parts::{EVENTS, Part, SESSIONS, event, of_dimension, of_what, session, what};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};

/// The segments that are read at once.
const AT_ONCE: usize = 8;
/// With more uncut segments than this, reports read the tables.
const MOST_UNCUT: i64 = 4;
/// With more changed rows than this, the segment with most of them is cut again.
const MOST_CHANGED: i64 = 512;
/// A session that has been quiet for so long will hardly change, in milliseconds.
const QUIET_MS: i64 = 1_800_000;

/// Neighbouring rows of a part.
pub(crate) struct Chunk {
    /// The number of the first row.
    pub first: i64,
    rows: usize,
    columns: Vec<Column>,
}

impl Chunk {
    /// How many rows there are.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The number of the row at a position.
    pub fn id(&self, at: usize) -> i64 {
        self.first + i64::try_from(at).unwrap_or_default()
    }

    /// The wanted columns.
    pub fn columns<const COUNT: usize>(&self, wanted: [usize; COUNT]) -> Result<[&Column; COUNT], Error> {
        let found: Vec<_> = wanted.iter().filter_map(|at| self.columns.get(*at)).collect();
        found.try_into().map_err(|_| Error::new("a column that was not asked for"))
    }
}

/// Rows of a chunk, each by its position, with their columns.
type Rows = Vec<(usize, Vec<i64>)>;

/// How far a part is cut.
#[derive(Clone, Copy)]
struct Cut {
    /// The last row that is cut.
    to: i64,
    /// The rows of a segment.
    rows: i64,
}

fn how_far<S: Sql>(site: &Site<S>, part: &Part) -> Result<Cut, Error> {
    let newest = "SELECT last, last / (number + 1) FROM segments WHERE part = ?1 ORDER BY number DESC LIMIT 1";
    match site.sql.first(newest, &[part.code.into()])? {
        Some(mut row) => Ok(Cut { to: row.next()?, rows: row.next()? }),
        None => Ok(Cut { to: 0, rows: site.segment_rows.get().unwrap_or(part.rows) }),
    }
}

fn last_row<S: Sql>(site: &Site<S>, part: &Part) -> Result<i64, Error> {
    site.sql.one(&format!("SELECT ifnull(max(id), 0) FROM {}", part.table), &[])?.next()
}

/// Whether reports can read segments: there are some, and little else.
pub(crate) fn are_ready<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    let mut are_ready = true;
    for part in [EVENTS, SESSIONS] {
        let cut = how_far(site, &part)?;
        let uncut = last_row(site, &part)? - cut.to;
        let changed = "SELECT count(*) FROM (SELECT 1 FROM changed_rows WHERE part = ?1 LIMIT ?2)";
        let changed: i64 = site.sql.one(changed, &[part.code.into(), (4 * MOST_CHANGED).into()])?.next()?;
        if uncut >= cut.rows || changed > MOST_CHANGED {
            site.has_uncut.set(true);
        }
        are_ready &= cut.to > 0 && uncut <= MOST_UNCUT * cut.rows && changed < 4 * MOST_CHANGED;
    }
    Ok(are_ready)
}

/// What a scan reads at least.
pub(crate) struct Reach {
    /// All rows that are there at any time of this span.
    pub span: Span,
    /// And these.
    pub rows: Vec<i64>,
}

impl Reach {
    pub fn of(span: Span) -> Self {
        Self { span, rows: Vec::new() }
    }

    pub fn all() -> Self {
        Self::of(Span::ALL)
    }
}

/// Whether something that lasts `from` to `until` is there at any time of a span. Of what begins before and ends after it,
/// `is_within` says whether it is.
pub(crate) fn is_present(span: Span, (from, until): (i64, i64), is_within: impl Fn() -> bool) -> bool {
    from <= span.to && until >= span.from && (from >= span.from || until <= span.to || is_within())
}

/// The sessions that begin before a span and end after it, and have an event within it.
pub(crate) fn spanning<S: Sql>(site: &Site<S>, span: Span) -> Result<Bits, Error> {
    let reaching = crate::session::reaching(site, span.from)?;
    let mut parameters = Parameters::default();
    let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
    let longest = crate::session::longest(site)?;
    let mut sessions = "sessions s".to_owned();
    let begun = if span.to.saturating_sub(span.from) < longest {
        sessions = blocks::sessions(site, span, &mut parameters)?;
        format!(
            "(s.started BETWEEN {} AND {from} OR s.id IN {})",
            parameters.bind(reaching.earliest),
            parameters.bind_list(&reaching.long)
        )
    } else {
        format!("s.id IN {}", parameters.bind_list(&reaching.long))
    };
    let found = site.sql.rows(
        &format!(
            "SELECT s.id FROM {sessions} WHERE {begun} AND s.started < {from} AND s.ended > {to} \
             AND EXISTS (SELECT 1 FROM events x WHERE x.visitor = s.visitor AND x.session = s.id \
             AND x.time BETWEEN {from} AND {to})"
        ),
        parameters.values(),
    )?;
    found.into_iter().map(|mut row| row.next::<i64>()).collect()
}

/// Reads these columns of all rows of a part that are to be reached, in the order of their numbers; and of some others.
pub(crate) fn scan<S: Sql>(
    site: &Site<S>,
    part: &Part,
    wanted: &[usize],
    reach: &Reach,
    mut each: impl FnMut(&Chunk) -> Result<(), Error>,
) -> Result<(), Error> {
    let Cut { to: cut_to, rows } = how_far(site, part)?;
    let mut of_rows: Vec<i64> = reach.rows.iter().map(|row| (row - 1) / rows).collect();
    of_rows.sort_unstable();
    of_rows.dedup();
    let mut parameters = Parameters::default();
    let (code, rows_bound) = (parameters.bind(part.code), parameters.bind(rows));
    let (from, to) = (parameters.bind(reach.span.from), parameters.bind(reach.span.to));
    // A row that has changed may be there at another time.
    let found = site.sql.rows(
        &format!(
            "SELECT number FROM segments WHERE part = {code} AND ((until >= {from} AND since <= {to}) OR number IN {} \
             OR number IN (SELECT (id - 1) / CAST({rows_bound} AS INTEGER) FROM changed_rows WHERE part = {code})) \
             ORDER BY number",
            parameters.bind_list(&of_rows)
        ),
        parameters.values(),
    )?;
    let numbers = found.into_iter().map(|mut row| row.next()).collect::<Result<Vec<i64>, _>>()?;
    let has_changed = has_changed(site, part)?;
    let is_neighbour = |one: &i64, other: &i64| one + 1 == *other;
    for run in numbers.chunk_by(is_neighbour).flat_map(|run| run.chunks(AT_ONCE)) {
        let Some(first) = run.first() else { continue };
        let mut chunks: Vec<_> = run
            .iter()
            .map(|number| Chunk {
                first: number * rows + 1,
                rows: size(rows),
                columns: Vec::with_capacity(wanted.len()),
            })
            .collect();
        for column in wanted {
            let of_column = column_id(part, *column, 0);
            let blobs = site.sql.rows(
                "SELECT data FROM segment_columns WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
                &[(of_column + first).into(), (of_column + first + last_index(run)).into()],
            )?;
            if blobs.len() != run.len() {
                return Err(Error::new("a segment without one of its columns"));
            }
            for (chunk, mut blob) in chunks.iter_mut().zip(blobs) {
                chunk.columns.push(Column::parse(blob.next()?, size(rows))?);
            }
        }
        for mut chunk in chunks {
            if has_changed {
                overlay(site, part, wanted, rows, &mut chunk)?;
            }
            each(&chunk)?;
        }
    }
    let mut from = cut_to;
    let last = last_row(site, part)?;
    while from < last {
        let count = rows.min(last - from);
        let columns = read(site, part, wanted, from, count)?.iter().map(|values| Column::of(values)).collect();
        each(&Chunk { first: from + 1, rows: size(count), columns })?;
        from += rows;
    }
    Ok(())
}

fn size(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or_default()
}

fn last_index(run: &[i64]) -> i64 {
    i64::try_from(run.len()).unwrap_or_default() - 1
}

/// The row of `segment_columns` with a column of a segment: the columns of neighbours follow each other.
fn column_id(part: &Part, column: usize, number: i64) -> i64 {
    let column = i64::try_from(column).unwrap_or_default();
    (part.code << 48) | (column << 32) | number
}

fn has_changed<S: Sql>(site: &Site<S>, part: &Part) -> Result<bool, Error> {
    let changed = "SELECT 1 FROM changed_rows WHERE part = ?1 LIMIT 1";
    Ok(site.sql.first(changed, &[part.code.into()])?.is_some())
}

/// Replaces the rows of a segment that have changed since it was cut.
fn overlay<S: Sql>(site: &Site<S>, part: &Part, wanted: &[usize], rows: i64, chunk: &mut Chunk) -> Result<(), Error> {
    let range = [part.code.into(), chunk.first.into(), (chunk.first + rows).into()];
    let changed = "SELECT id FROM changed_rows WHERE part = ?1 AND id >= ?2 AND id < ?3";
    let mut changed = site.sql.rows(changed, &range)?;
    if changed.is_empty() {
        return Ok(());
    }
    // What is gone leaves a hole.
    let mut now = BTreeMap::new();
    for row in &mut changed {
        now.insert(position(chunk.first, row.next()?), vec![0; wanted.len()]);
    }
    let (table, columns) = (part.table, packed(part, wanted));
    let packed = site.sql.one(
        &format!(
            "SELECT group_concat({columns}, ' ') FROM changed_rows c CROSS JOIN {table} r ON r.id = c.id \
             WHERE c.part = ?1 AND c.id >= ?2 AND c.id < ?3"
        ),
        &range,
    )?;
    now.extend(unpack(packed, wanted.len(), chunk.first)?);
    for (at, column) in chunk.columns.iter_mut().enumerate() {
        let changed: Vec<_> = now.iter().filter_map(|(row, values)| Some((*row, *values.get(at)?))).collect();
        *column = column.with(&changed);
    }
    Ok(())
}

fn position(first: i64, row: i64) -> usize {
    usize::try_from(row - first).unwrap_or(usize::MAX)
}

/// The number of a row and these columns of it, packed.
fn packed(part: &Part, wanted: &[usize]) -> String {
    let columns = wanted.iter().filter_map(|at| part.columns.get(*at));
    packed::row(&std::iter::once(&"r.id").chain(columns).collect::<Vec<_>>())
}

fn unpack(mut text: Row, width: usize, first: i64) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    packed::unpack(&mut text, width + 1, |values| {
        if let Some((row, columns)) = values.split_first() {
            rows.push((position(first, *row), columns.to_vec()));
        }
    })?;
    Ok(rows)
}

/// Reads these columns of the `rows` rows after a row.
fn read<S: Sql>(site: &Site<S>, part: &Part, wanted: &[usize], after: i64, rows: i64) -> Result<Vec<Vec<i64>>, Error> {
    let mut values = vec![vec![0; size(rows)]; wanted.len()];
    let (table, columns) = (part.table, packed(part, wanted));
    let mut found = site.sql.one(
        &format!("SELECT group_concat({columns}, ' ') FROM {table} r WHERE r.id > ?1 AND r.id <= ?2"),
        &[after.into(), (after + rows).into()],
    )?;
    packed::unpack(&mut found, wanted.len() + 1, |row| {
        let Some((row, row_values)) = row.split_first() else { return };
        for (column, value) in values.iter_mut().zip(row_values) {
            if let Some(to) = column.get_mut(position(after + 1, *row)) {
                *to = *value;
            }
        }
    })?;
    Ok(values)
}

/// Cuts a segment, for the first time or again. Runs within a transaction.
fn cut<S: Sql>(site: &Site<S>, part: &Part, number: i64) -> Result<(), Error> {
    let Cut { rows, .. } = how_far(site, part)?;
    let all: Vec<usize> = (0..part.columns.len()).collect();
    let columns = read(site, part, &all, number * rows, rows)?;
    // A segment of holes is in no span.
    let (mut since, mut until) = (Span::ALL.to + 1, Span::ALL.from - 1);
    if let [begun, lasting, identities, ..] = columns.as_slice() {
        for ((from, duration), identity) in begun.iter().zip(lasting).zip(identities) {
            if *identity != 0 {
                (since, until) = (since.min(*from), until.max(from + duration));
            }
        }
    }
    for (at, values) in columns.iter().enumerate() {
        site.sql.run(
            "INSERT OR REPLACE INTO segment_columns (id, data) VALUES (?1, ?2)",
            &[column_id(part, at, number).into(), column::encode(values).into()],
        )?;
    }
    let last = (number + 1) * rows;
    site.sql.run(
        "INSERT OR REPLACE INTO segments (part, number, last, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[part.code.into(), number.into(), last.into(), since.into(), until.into()],
    )?;
    site.sql.run(
        "DELETE FROM changed_rows WHERE part = ?1 AND id > ?2 AND id <= ?3",
        &[part.code.into(), (number * rows).into(), last.into()],
    )
}

/// The segment that is to be cut next.
fn next<S: Sql>(site: &Site<S>, part: &Part) -> Result<Option<i64>, Error> {
    let Cut { to: cut_to, rows } = how_far(site, part)?;
    let (last, following) = (last_row(site, part)?, cut_to + rows);
    if last >= following && (last >= cut_to + MOST_UNCUT * rows || is_quiet(site, part, cut_to, following)?) {
        return Ok(Some(cut_to / rows));
    }
    let changed = "SELECT count(*), (SELECT (id - 1) / CAST(?2 AS INTEGER) FROM changed_rows WHERE part = ?1 \
                   GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) FROM changed_rows WHERE part = ?1";
    let mut changed = site.sql.one(changed, &[part.code.into(), rows.into()])?;
    let (count, number): (i64, Option<i64>) = (changed.next()?, changed.next()?);
    if count > MOST_CHANGED {
        return Ok(number);
    }
    // Of a row that is gone, nothing stays. While old events are removed, further ones of the segment follow.
    if site.has_old.get() {
        return Ok(None);
    }
    let gone = format!(
        "SELECT (c.id - 1) / CAST(?2 AS INTEGER) FROM changed_rows c WHERE c.part = ?1 \
         AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.id = c.id) LIMIT 1",
        part.table
    );
    let gone = site.sql.first(&gone, &[part.code.into(), rows.into()])?;
    gone.map(|mut row| row.next()).transpose()
}

/// Whether none of these rows is likely to change soon.
fn is_quiet<S: Sql>(site: &Site<S>, part: &Part, after: i64, up_to: i64) -> Result<bool, Error> {
    if part.code != SESSIONS.code {
        return Ok(true);
    }
    let busy = "SELECT 1 FROM sessions WHERE id > ?1 AND id <= ?2 \
                AND ended > (SELECT time FROM events ORDER BY id DESC LIMIT 1) - ?3 LIMIT 1";
    Ok(site.sql.first(busy, &[after.into(), up_to.into(), QUIET_MS.into()])?.is_none())
}

impl<S: Sql> Site<S> {
    /// Whether sessions or events may wait for being kept as columns.
    pub fn has_uncut(&self) -> bool {
        self.has_uncut.get()
    }

    /// Cuts a segment, and returns whether there may be another one to cut.
    pub fn cut_on(&self) -> Result<bool, Error> {
        if !self.has_uncut.get() {
            return Ok(false);
        }
        for part in [EVENTS, SESSIONS] {
            if let Some(number) = next(self, &part)? {
                self.write(|| cut(self, &part, number))?;
                return Ok(true);
            }
        }
        // What is gone is cut again once no more is removed.
        self.has_uncut.set(self.has_old.get());
        Ok(false)
    }

    /// Cuts segments; the first ones determine that all have so many rows. For tests with few.
    #[cfg(any(test, feature = "memory"))]
    pub fn cut_every(&self, rows: i64) -> Result<(), Error> {
        self.segment_rows.set(Some(rows));
        self.has_uncut.set(true);
        while self.cut_on()? {}
        Ok(())
    }
}
