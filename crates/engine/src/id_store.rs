//! The ids of stored events without an index of ids, which would cost every event a written row.
//!
//! An id is kept as 16 bytes of its digest. Those of the latest events are in `new_ids`, many in a row, and in memory. From
//! there they move on into sorted pages (`id_pages`), a slice of all digests at a time and in turn, so that a page takes many
//! ids whenever it is written. A row of `new_ids` goes when the turn has come around to all of its ids. What has moved on may be
//! found in both, and moves on again after a restart, which changes nothing.
//!
//! An object of an earlier version with many events keeps its index.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::sql::{Sql, Value};
use sluice_values::hex;

/// The most ids of a page, and those of a page that is cut from one with more.
const MOST_OF_PAGE: usize = if cfg!(test) { 8 } else { 512 };
const CUT_OF_PAGE: usize = MOST_OF_PAGE / 2;
/// Further ids are added to a row of `new_ids` with fewer than this.
const MOST_OF_ROW: usize = if cfg!(test) { 6 } else { 256 };
/// The ids that are in memory: at least, for each page, and at most.
const LEAST_NEW: usize = if cfg!(test) { 20 } else { 8_192 };
const NEW_OF_PAGE: usize = 8;
const MOST_NEW: usize = 262_144;
/// So many more ids move on than are added.
const AHEAD: usize = 16;
/// The table is written anew without the index if it has at most so many rows.
const FEW: i64 = if cfg!(test) { 128 } else { 16_384 };
/// Ids that are added at once when the table is written anew.
const AT_ONCE: usize = 512;

const BYTES: usize = 16;
/// The beginnings of digests, by which pages are found, are below this.
const PLACES: i64 = 1 << 48;

/// An id's digest.
pub(crate) type Id = [u8; BYTES];

/// The digest of an id, as [`key`] has it. Stored: never changed.
pub(crate) fn id_of(key: &[u8]) -> Id {
    Sha256::digest(key).first_chunk().copied().unwrap_or_default()
}

/// The beginning of a digest: 48 bits.
fn place(id: &Id) -> i64 {
    id.iter().take(6).fold(0, |place, byte| place << 8 | i64::from(*byte))
}

fn split(bytes: &[u8]) -> impl Iterator<Item = Id> {
    bytes.as_chunks::<BYTES>().0.iter().copied()
}

/// How far ids have moved on. Stored in the object (`meta`, key `ids`): fields may be added with a default.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Turn {
    round: i64,
    /// Places below this one have had their turn in this round.
    next: i64,
}

/// A row of `new_ids`.
struct NewRow {
    row: i64,
    round: i64,
    ids: Vec<u8>,
}

/// The ids that have not moved on, as they are in memory.
pub(crate) struct NewIds {
    new: BTreeSet<Id>,
    last: Option<NewRow>,
    turn: Turn,
    pages: usize,
}

impl NewIds {
    pub fn load(sql: &impl Sql) -> Result<Self, Error> {
        let turn = sql.first("SELECT value FROM meta WHERE key = 'ids'", &[])?;
        let turn = turn.map(|mut row| row.json()).transpose()?.unwrap_or_default();
        let pages: i64 = sql.one("SELECT count(*) FROM id_pages", &[])?.next()?;
        let mut ids =
            Self { new: BTreeSet::new(), last: None, turn, pages: usize::try_from(pages).unwrap_or_default() };
        for mut row in sql.rows("SELECT id, round, ids FROM new_ids ORDER BY id", &[])? {
            let row = NewRow { row: row.next()?, round: row.next()?, ids: row.next()? };
            ids.new.extend(split(&row.ids));
            ids.last = Some(row);
        }
        Ok(ids)
    }

    /// Which of these ids are stored, in their order.
    pub fn have(&self, sql: &impl Sql, asked: &[Id]) -> Result<Vec<bool>, Error> {
        let mut found: Vec<bool> = asked.iter().map(|id| self.new.contains(id)).collect();
        let others = (0_i64..).zip(asked).zip(&found).filter(|(_, is_new)| !**is_new);
        let others: Vec<_> = others.map(|((at, id), _)| (at, place(id), hex(id))).collect();
        if others.is_empty() || self.pages == 0 {
            return Ok(found);
        }
        let json = serde_json::to_string(&others).map_err(|error| Error::new(error.to_string()))?;
        let stored = "SELECT k.value ->> 0 FROM json_each(?1) k WHERE instr((SELECT p.ids FROM id_pages p \
                      WHERE p.first <= k.value ->> 1 ORDER BY p.first DESC LIMIT 1), unhex(k.value ->> 2)) > 0";
        for mut row in sql.rows(stored, &[json.into()])? {
            let at: i64 = row.next()?;
            if let Some(is_stored) = usize::try_from(at).ok().and_then(|at| found.get_mut(at)) {
                *is_stored = true;
            }
        }
        Ok(found)
    }

    /// Adds ids, and lets about as many move on. Runs within a transaction.
    pub fn add(&mut self, sql: &impl Sql, added: &[Id]) -> Result<(), Error> {
        if added.is_empty() {
            return Ok(());
        }
        let round = self.turn.round;
        let last = self.last.take().filter(|last| last.round == round && last.ids.len() < MOST_OF_ROW * BYTES);
        let following: i64 = match &last {
            Some(last) => last.row,
            None => sql.one("SELECT ifnull(max(id), 0) + 1 FROM new_ids", &[])?.next()?,
        };
        let mut ids = last.map(|last| last.ids).unwrap_or_default();
        ids.extend(added.iter().flatten());
        let write = "INSERT INTO new_ids (id, round, ids) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET ids = excluded.ids";
        sql.run(write, &[following.into(), round.into(), ids.as_slice().into()])?;
        self.last = Some(NewRow { row: following, round, ids });
        self.new.extend(added);
        if self.new.len() > LEAST_NEW.max(self.pages * NEW_OF_PAGE).min(MOST_NEW) {
            self.move_on(sql, added.len() + AHEAD)?;
        }
        Ok(())
    }

    /// Lets so many ids move on, and what else belongs to their pages.
    fn move_on(&mut self, sql: &impl Sql, wanted: usize) -> Result<(), Error> {
        let mut moved = 0;
        while moved < wanted {
            let Some(first) = self.new.range(beginning(self.turn.next)..).next().copied() else {
                self.turn = Turn { round: self.turn.round + 1, next: 0 };
                sql.run("DELETE FROM new_ids WHERE round < ?1", &[(self.turn.round - 1).into()])?;
                break;
            };
            let page = Page::of(sql, &first)?;
            let moving: Vec<Id> = self.new.range(first..).take_while(|id| place(id) < page.end).copied().collect();
            moved += moving.len();
            let mut ids: BTreeSet<Id> = page.ids.into_iter().into_set();
            ids.extend(&moving);
            self.pages = self.pages + write_pages(sql, page.first, &ids)? - usize::from(page.is_stored);
            for id in &moving {
                self.new.remove(id);
            }
            self.turn.next = page.end;
        }
        let json = serde_json::to_string(&self.turn).map_err(|error| Error::new(error.to_string()))?;
        sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('ids', ?1)", &[json.into()])
    }
}

/// The least digest with this beginning.
fn beginning(place: i64) -> Id {
    let mut id = [0; BYTES];
    for (to, byte) in id.iter_mut().zip(place.to_be_bytes().into_iter().skip(2)) {
        *to = byte;
    }
    id
}

struct Page {
    first: i64,
    /// Where the next page begins.
    end: i64,
    ids: Vec<Id>,
    is_stored: bool,
}

impl Page {
    /// The page that an id belongs to.
    fn of(sql: &impl Sql, id: &Id) -> Result<Self, Error> {
        let page = "SELECT p.first, p.ids, (SELECT min(n.first) FROM id_pages n WHERE n.first > p.first) FROM id_pages p \
                    WHERE p.first <= ?1 ORDER BY p.first DESC LIMIT 1";
        let Some(mut row) = sql.first(page, &[place(id).into()])? else {
            return Ok(Self { first: 0, end: PLACES, ids: Vec::new(), is_stored: false });
        };
        let (first, ids): (i64, Vec<u8>) = (row.next()?, row.next()?);
        let end: Option<i64> = row.next()?;
        Ok(Self { first, end: end.unwrap_or(PLACES), ids: split(&ids).collect(), is_stored: true })
    }
}

/// Writes ids that belong to the page with this beginning, as several pages if they are many. Returns how many pages.
fn write_pages(sql: &impl Sql, first: i64, ids: &BTreeSet<Id>) -> Result<usize, Error> {
    let is_one = ids.len() <= MOST_OF_PAGE;
    let mut pages: BTreeMap<i64, Vec<u8>> = BTreeMap::from([(first, Vec::new())]);
    let mut last = first;
    for id in ids {
        // Ids with the same beginning are in one page.
        let is_full = pages.get(&last).is_some_and(|page| page.len() >= CUT_OF_PAGE * BYTES);
        let is_other =
            pages.get(&last).and_then(|page| split(page).last()).is_some_and(|before| place(&before) != place(id));
        if !is_one && is_full && is_other {
            last = place(id);
        }
        pages.entry(last).or_default().extend(id);
    }
    for (first, ids) in &pages {
        let write =
            "INSERT INTO id_pages (first, ids) VALUES (?1, ?2) ON CONFLICT (first) DO UPDATE SET ids = excluded.ids";
        sql.run(write, &[(*first).into(), ids.as_slice().into()])?;
    }
    Ok(pages.len())
}

/// Removes ids. What is in memory is to be loaded again. Runs within a transaction.
pub(crate) fn remove(sql: &impl Sql, gone: &BTreeSet<Id>) -> Result<(), Error> {
    let mut rest = gone.iter().next().copied();
    while let Some(first) = rest {
        let page = Page::of(sql, &first)?;
        let left: Vec<u8> = page.ids.iter().filter(|id| !gone.contains(*id)).flatten().copied().collect();
        if left.len() < page.ids.len() * BYTES {
            sql.run("UPDATE id_pages SET ids = ?2 WHERE first = ?1", &[page.first.into(), left.into()])?;
        }
        rest = gone.range(first..).find(|id| place(id) >= page.end).copied();
    }
    for mut row in sql.rows("SELECT id, ids FROM new_ids", &[])? {
        let (row, ids): (i64, Vec<u8>) = (row.next()?, row.next()?);
        let left: Vec<u8> = split(&ids).filter(|id| !gone.contains(id)).flatten().collect();
        if left.len() < ids.len() {
            sql.run("UPDATE new_ids SET ids = ?2 WHERE id = ?1", &[row.into(), left.into()])?;
        }
    }
    Ok(())
}

/// Writes `events` anew without its index of ids. Runs within a transaction.
fn replace_index(sql: &impl Sql) -> Result<(), Error> {
    for statement in [
        "CREATE TABLE new_events (id INTEGER PRIMARY KEY, eid NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL, \
         visitor INTEGER NOT NULL, session INTEGER, owner INTEGER, page INTEGER, name INTEGER, context INTEGER, \
         referrer INTEGER, source INTEGER, source_host INTEGER, campaign INTEGER, href TEXT, data TEXT, description TEXT)",
        "INSERT INTO new_events (id, eid, time, kind, visitor, session, owner, page, name, context, referrer, source, source_host, \
         campaign, href, data, description) SELECT id, eid, time, kind, visitor, session, owner, page, name, context, referrer, \
         source, source_host, campaign, href, data, description FROM events",
        "DROP TABLE events",
        "ALTER TABLE new_events RENAME TO events",
        "CREATE INDEX events_visitor ON events (visitor, time, kind, page, name)",
        "CREATE INDEX events_goals ON events (name, time, visitor) WHERE kind = 1",
        "CREATE INDEX events_links ON events (name, time, visitor) WHERE kind = 4",
        "CREATE TRIGGER events_removed AFTER DELETE ON events \
         WHEN old.id <= (SELECT last FROM segments WHERE part = 0 ORDER BY number DESC LIMIT 1) BEGIN \
         INSERT OR IGNORE INTO changed_rows (part, id) VALUES (0, old.id); END",
    ] {
        sql.run(statement, &[])?;
    }
    let mut stored = Vec::new();
    for mut row in sql.rows("SELECT eid FROM events ORDER BY id", &[])? {
        stored.push(id_of(&key(&row.next()?)));
    }
    let mut ids = NewIds::load(sql)?;
    stored.chunks(AT_ONCE).try_for_each(|stored| ids.add(sql, stored))
}

/// A stored id as bytes.
pub(crate) fn key(id: &Value) -> Vec<u8> {
    match id {
        Value::Blob(bytes) => [&[1], bytes.as_slice()].concat(),
        Value::Text(text) => [&[0], text.as_bytes()].concat(),
        _ => Vec::new(),
    }
}

/// Whether `events` has an index of ids. With few events it is replaced at once. Runs after the blocks of `events` have taken
/// the place of its indexes of times.
pub(crate) fn has_index(sql: &impl Sql, has_time_indexes: bool) -> Result<bool, Error> {
    let mut found = sql.one(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'sqlite_autoindex_events_1'), \
         (SELECT ifnull(max(id), 0) FROM events)",
        &[],
    )?;
    let (has_index, last): (bool, i64) = (found.next()?, found.next()?);
    if !has_index || has_time_indexes || last > FEW {
        return Ok(has_index);
    }
    sql.transaction(&mut || replace_index(sql))?;
    Ok(false)
}
