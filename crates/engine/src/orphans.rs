//! Texts, pages, campaigns and contexts are stored once, for all who refer to them. When events are removed, those that
//! nothing else refers to are deleted too, so that nothing of a removed event remains.
//!
//! What removed events referred to are candidates (`orphans`). A sweep passes over everything that can refer to one, a
//! step at a time, and strikes out what it meets; so does an event that is stored meanwhile. What is left is deleted.
//! Candidates that are added during a sweep wait for the next one.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rows::StringRow;
use crate::site::Site;
use crate::sql::Sql;

/// The rows that a step passes, or deletes.
const STEP: i64 = 5_000;

/// What events share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    String,
    Page,
    Campaign,
    Context,
}

impl Shared {
    /// The number in `orphans.kind`. Stored: never changed.
    const fn code(self) -> i64 {
        match self {
            Self::String => 0,
            Self::Page => 1,
            Self::Campaign => 2,
            Self::Context => 3,
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::String => "strings",
            Self::Page => "pages",
            Self::Campaign => "campaigns",
            Self::Context => "contexts",
        }
    }
}

/// A stage of a sweep.
enum Stage {
    /// Strikes out what these columns of a table refer to.
    Pass(&'static str, &'static [(Shared, &'static str)]),
    /// Deletes what is left.
    Delete(Shared),
}

const TEXTS_OF_CAMPAIGNS: &[(Shared, &str)] = &[
    (Shared::String, "utm_source"),
    (Shared::String, "utm_medium"),
    (Shared::String, "utm_campaign"),
    (Shared::String, "utm_term"),
    (Shared::String, "utm_content"),
    (Shared::String, "ref"),
    (Shared::String, "source"),
    (Shared::String, "via"),
];

const TEXTS_OF_PAGES: &[(Shared, &str)] = &[(Shared::String, "path"), (Shared::String, "hostname")];

/// Pages and campaigns go before the texts that they refer to.
const STAGES: &[Stage] = &[
    Stage::Pass(
        "events",
        &[
            (Shared::Page, "page"),
            (Shared::String, "name"),
            (Shared::Campaign, "campaign"),
            (Shared::Context, "context"),
            (Shared::String, "referrer"),
            (Shared::String, "source"),
            (Shared::String, "source_host"),
        ],
    ),
    // Everything else that a session refers to, an event of it refers to.
    Stage::Pass(
        "sessions",
        &[
            (Shared::String, "country"),
            (Shared::String, "region"),
            (Shared::String, "city"),
            (Shared::String, "device"),
            (Shared::String, "browser"),
            (Shared::String, "os"),
        ],
    ),
    Stage::Delete(Shared::Page),
    Stage::Delete(Shared::Campaign),
    Stage::Delete(Shared::Context),
    Stage::Pass("pages", TEXTS_OF_PAGES),
    Stage::Pass("campaigns", TEXTS_OF_CAMPAIGNS),
    Stage::Delete(Shared::String),
];

/// How far a sweep is. Stored in the object (`meta`, key `sweep`): fields may be added with a default.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Progress {
    /// The index in [`STAGES`].
    stage: usize,
    /// The last row that was passed.
    after: i64,
}

/// Adds candidates. Runs within a transaction.
pub(crate) fn add<S: Sql>(site: &Site<S>, candidates: &[(Shared, i64)]) -> Result<(), Error> {
    let is_one = |(of, id): &(Shared, i64)| *of != Shared::String || *id != StringRow::DIRECT.0;
    let mut rows: Vec<_> = candidates.iter().filter(|one| is_one(one)).map(|(of, id)| (of.code(), *id)).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(&rows).map_err(|error| Error::new(error.to_string()))?;
    site.has_orphans.set(true);
    site.sql.run(
        "INSERT INTO orphans (kind, id, is_new) SELECT value ->> 0, value ->> 1, \
         EXISTS (SELECT 1 FROM meta WHERE key = 'sweep') FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING",
        &[json.into()],
    )
}

/// Strikes out a row that is referred to again.
pub(crate) fn strike_out<S: Sql>(site: &Site<S>, of: Shared, id: i64) -> Result<(), Error> {
    if !site.has_orphans.get() {
        return Ok(());
    }
    site.sql.run("DELETE FROM orphans WHERE kind = ?1 AND id = ?2", &[of.code().into(), id.into()])
}

/// Begins a sweep, if there are candidates.
fn begin<S: Sql>(site: &Site<S>) -> Result<Option<Progress>, Error> {
    if site.sql.first("SELECT 1 FROM orphans LIMIT 1", &[])?.is_none() {
        return Ok(None);
    }
    site.sql.run("UPDATE orphans SET is_new = 0", &[])?;
    for (of, texts) in [(Shared::Page, TEXTS_OF_PAGES), (Shared::Campaign, TEXTS_OF_CAMPAIGNS)] {
        for (_, column) in texts {
            let insert = format!(
                "INSERT OR IGNORE INTO orphans (kind, id, is_new) SELECT {}, {column}, 0 FROM {} WHERE id IN \
                 (SELECT id FROM orphans WHERE kind = {}) AND {column} IS NOT NULL",
                Shared::String.code(),
                of.table(),
                of.code()
            );
            site.sql.run(&insert, &[])?;
        }
    }
    // What is looked up from now on is struck out.
    let caches = &mut *site.caches.borrow_mut();
    caches.strings.clear();
    caches.pages.clear();
    caches.contexts.clear();
    caches.campaigns.clear();
    Ok(Some(Progress::default()))
}

/// Passes the next rows of a table, and returns the last of them; `None` if there are no more.
fn pass<S: Sql>(site: &Site<S>, (table, columns): (&str, &[(Shared, &str)]), after: i64) -> Result<Option<i64>, Error> {
    let last: Option<i64> = site.sql.one(&format!("SELECT max(id) FROM {table}"), &[])?.next()?;
    if last.is_none_or(|last| after >= last) {
        return Ok(None);
    }
    let up_to = after + STEP;
    for (of, column) in columns {
        let strike_out = format!(
            "DELETE FROM orphans WHERE kind = {} AND id IN \
             (SELECT {column} FROM {table} WHERE id > ?1 AND id <= ?2 AND {column} IS NOT NULL)",
            of.code()
        );
        site.sql.run(&strike_out, &[after.into(), up_to.into()])?;
    }
    Ok(Some(up_to))
}

/// Deletes some of what is left, and returns whether there may be more.
fn delete<S: Sql>(site: &Site<S>, of: Shared) -> Result<bool, Error> {
    let some = format!("SELECT id FROM orphans WHERE kind = {} AND is_new = 0 ORDER BY id LIMIT {STEP}", of.code());
    site.sql.run(&format!("DELETE FROM {} WHERE id IN ({some})", of.table()), &[])?;
    let deleted = format!("DELETE FROM orphans WHERE kind = {} AND id IN ({some}) RETURNING 1", of.code());
    Ok(!site.sql.rows(&deleted, &[])?.is_empty())
}

/// Takes one step. Returns whether there is more to do. Runs within a transaction.
fn step<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'sweep'", &[])?;
    let next = match stored.map(|mut row| row.json::<Progress>()).transpose()? {
        None => begin(site)?,
        Some(at) => match STAGES.get(at.stage) {
            Some(Stage::Pass(table, columns)) => match pass(site, (table, columns), at.after)? {
                Some(after) => Some(Progress { after, ..at }),
                None => Some(Progress { stage: at.stage + 1, after: 0 }),
            },
            Some(Stage::Delete(of)) if delete(site, *of)? => Some(at),
            Some(Stage::Delete(_)) => Some(Progress { stage: at.stage + 1, after: 0 }),
            None => None,
        },
    };
    match next {
        Some(progress) => {
            let json = serde_json::to_string(&progress).map_err(|error| Error::new(error.to_string()))?;
            site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('sweep', ?1)", &[json.into()])?;
        }
        None => site.sql.run("DELETE FROM meta WHERE key = 'sweep'", &[])?,
    }
    let has_more = next.is_some() || site.sql.first("SELECT 1 FROM orphans LIMIT 1", &[])?.is_some();
    site.has_orphans.set(has_more);
    Ok(has_more)
}

impl<S: Sql> Site<S> {
    /// Whether something may be left that nothing refers to.
    pub fn has_orphans(&self) -> bool {
        self.has_orphans.get()
    }

    /// Goes on with deleting what nothing refers to any more, and returns whether there is more to do.
    pub fn sweep(&self) -> Result<bool, Error> {
        self.write(|| step(self))
    }
}
