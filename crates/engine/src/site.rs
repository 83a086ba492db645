//! A website's events in one SQLite database, with in-memory caches.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jiff::tz::TimeZone;

use crate::block::{self, Block};
use crate::cache::Cache;
use crate::elsewhere::Elsewhere;
use crate::error::Error;
use crate::event::{Campaign, Page};
use crate::fill::Filling;
use crate::id_store::{self, NewIds};
use crate::layout::Standing;
use crate::parts;
use crate::rows::{CampaignRow, ContextRow, PageRow, StringRow};
use crate::schema;
use crate::sql::Sql;
use crate::subscriptions::Subscriptions;
use crate::value_columns::ValueColumns;
use crate::waiting::{Waiting, WaitingTotals};
use crate::zone_progress::ZoneChange;

/// The most visitors whose payments are counted at once (`counted_money.rs`).
pub(crate) const COUNTED_AT_ONCE: i64 = 100;

/// The source of 32 random bytes.
pub type Random = fn() -> Result<[u8; 32], Error>;

/// A website's events. Other modules add methods.
pub struct Site<S> {
    pub(crate) sql: S,
    pub(crate) random: Random,
    pub(crate) caches: RefCell<Caches>,
    /// The events of the inbox; `None` until they are read.
    pub(crate) waiting: RefCell<Option<Waiting>>,
    /// The day of a salt that was created since this was last read.
    pub(crate) new_salt: Cell<Option<i64>>,
    /// Whether the outbox may have entries: true until it is found empty.
    pub(crate) has_outbox: Cell<bool>,
    /// No entry of the outbox up to this one is unpublished.
    pub(crate) published_up_to: Cell<i64>,
    /// See [`Site::knows_endpoints`].
    pub(crate) knows_endpoints: Cell<bool>,
    /// Whether payments wait for being converted to another currency.
    pub(crate) is_changing_currency: Cell<bool>,
    /// See [`Site::has_old`].
    pub(crate) has_old: Cell<bool>,
    /// Whether `erasures` may have rows.
    pub(crate) has_erasures: Cell<bool>,
    /// Whether `orphans` may have rows.
    pub(crate) has_orphans: Cell<bool>,
    /// See [`Site::has_retakes`].
    pub(crate) has_retakes: Cell<bool>,
    /// See [`Site::has_uncounted`].
    pub(crate) has_uncounted: Cell<bool>,
    /// See [`Site::has_old_texts`].
    pub(crate) has_old_texts: Cell<bool>,
    /// Whether `events` has an index of ids.
    pub(crate) has_id_index: Cell<bool>,
    /// See [`Site::has_time_indexes`].
    pub(crate) has_time_indexes: Cell<bool>,
    /// Whether rollups wait for being built in another time zone.
    pub(crate) is_changing_zone: Cell<bool>,
    /// See [`Site::has_uncut`].
    pub(crate) has_uncut: Cell<bool>,
    /// The rows of a segment, if a test has chosen them.
    pub(crate) segment_rows: Cell<Option<i64>>,
    pub(crate) filling: Cell<Filling>,
    pub(crate) page_sets: RefCell<PageSets>,
    /// What the object is to its website.
    pub(crate) standing: Cell<Standing>,
    /// Whether the outbox already has an `Activity` entry.
    pub(crate) has_activity: Cell<bool>,
    /// What the home knows of other shards.
    pub(crate) elsewhere: RefCell<Elsewhere>,
    /// Whether shards may have to be told of payments or goals: true until there are none.
    pub(crate) has_unplaced: Cell<bool>,
}

/// The rows of the pages that contain one of these values, for the filters of the current call.
pub(crate) type PageSets = HashMap<Vec<String>, Rc<[i64]>>;

/// Values read before. They cannot change without the object's knowledge, because nothing else writes to its database.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) strings: Cache<String, StringRow>,
    pub(crate) pages: Cache<Page, PageRow>,
    pub(crate) contexts: Cache<[u8; 16], ContextRow>,
    pub(crate) campaigns: Cache<Campaign, CampaignRow>,
    pub(crate) zone: Option<TimeZone>,
    /// `Some(None)` if the time zone is not being changed.
    pub(crate) zone_change: Option<Option<ZoneChange>>,
    /// See `ids.rs`.
    pub(crate) ids: Option<NewIds>,
    pub(crate) waiting_totals: Option<WaitingTotals>,
    pub(crate) longest: Option<i64>,
    /// Whether the rollups of days are known to have every column.
    pub(crate) are_days_current: bool,
    pub(crate) last_ids: HashMap<&'static str, i64>,
    /// The last block of each part.
    pub(crate) last_blocks: HashMap<i64, Block>,
    pub(crate) subscriptions: Option<Subscriptions>,
    /// What the columns of payments are in; `Some(None)` if the website never changed its currency.
    pub(crate) money: Option<Option<ValueColumns>>,
}

impl<S: Sql> Site<S> {
    /// Opens the site in this database, and migrates it to the newest schema.
    pub fn open(sql: S, random: Random) -> Result<Self, Error> {
        schema::migrate(&sql)?;
        let mut waiting = sql.one(
            "SELECT EXISTS (SELECT 1 FROM erasures), EXISTS (SELECT 1 FROM orphans), \
             EXISTS (SELECT 1 FROM uncounted_money LIMIT 1 OFFSET ?1), \
             EXISTS (SELECT 1 FROM strings WHERE folded IS NOT NULL) OR EXISTS (SELECT 1 FROM campaigns WHERE key IS NOT NULL), \
             (SELECT value FROM meta WHERE key = 'layout'), EXISTS (SELECT 1 FROM retakes)",
            &[COUNTED_AT_ONCE.into()],
        )?;
        let (has_erasures, has_orphans) = (Cell::new(waiting.next()?), Cell::new(waiting.next()?));
        let (has_uncounted, has_old_texts) = (Cell::new(waiting.next()?), Cell::new(waiting.next()?));
        let standing = Cell::new(waiting.optional_json()?);
        let has_retakes = Cell::new(waiting.next()?);
        let has_time_indexes = block::has_indexes(&sql)?;
        let has_id_index = Cell::new(id_store::has_index(&sql, has_time_indexes)?);
        Ok(Self {
            has_id_index,
            standing,
            has_retakes,
            has_old: Cell::default(),
            has_erasures,
            has_orphans,
            has_uncounted,
            has_old_texts,
            has_time_indexes: Cell::new(has_time_indexes),
            sql,
            random,
            caches: RefCell::default(),
            waiting: RefCell::default(),
            new_salt: Cell::default(),
            has_outbox: Cell::new(true),
            published_up_to: Cell::default(),
            knows_endpoints: Cell::default(),
            is_changing_currency: Cell::default(),
            is_changing_zone: Cell::default(),
            has_uncut: Cell::default(),
            segment_rows: Cell::default(),
            filling: Cell::default(),
            page_sets: RefCell::default(),
            has_activity: Cell::default(),
            elsewhere: RefCell::default(),
            has_unplaced: Cell::new(true),
        })
    }

    /// Whether the website has several objects: the home of them works on what providers told, and the rows of `payments` that come of
    /// it are in the shards of their visitors.
    pub(crate) fn is_shard(&self) -> bool {
        matches!(self.standing(), Standing::Shard(..))
    }

    /// Runs `work` in one transaction. If it fails, the caches are dropped too.
    pub(crate) fn write<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut result = None;
        let done = self.sql.transaction(&mut || {
            result = Some(work()?);
            if self.elsewhere.borrow().lacks_anything() {
                Err(Error::new("other shards have to be asked first"))
            } else {
                Ok(())
            }
        });
        if let Err(error) = done {
            self.caches.replace(Caches::default());
            self.has_activity.set(false);
            return Err(error);
        }
        result.ok_or_else(|| Error::new("a transaction without a result"))
    }

    /// The number of the next row of a table. Counted in memory, because nothing else adds rows.
    pub(crate) fn next_row(&self, table: &'static str) -> Result<i64, Error> {
        let part = parts::of_table(table);
        let last = self.caches.borrow().last_ids.get(table).copied();
        let last = match last {
            Some(last) => last,
            None => {
                let last: i64 = self.sql.one(&format!("SELECT ifnull(max(id), 0) FROM {table}"), &[])?.next()?;
                part.as_ref().map_or(Ok(last), |part| {
                    // The number of a row that was cut is not given to another, even if the row is gone, and no block but the
                    // last one is added to.
                    let cut = "SELECT ifnull(max(last), 0) FROM segments WHERE part = ?1";
                    let cut: i64 = self.sql.one(cut, &[part.code.into()])?.next()?;
                    Ok(last.max(cut).max(block::before_last(&self.sql, part)?))
                })?
            }
        };
        self.caches.borrow_mut().last_ids.insert(table, last + 1);
        if part.is_some_and(|part| (last + 1) % part.rows == 0) {
            self.has_uncut.set(true);
        }
        Ok(last + 1)
    }

    /// The database, for the tables that are not the engine's, and for tests to see what is stored.
    pub fn sql(&self) -> &S {
        &self.sql
    }
}
