//! Erases visitors: afterwards all reports are as if the visitor had never been there (docs/contract/README.md#52).
//!
//! The first step takes the id away from the visitor's row, so that an event with this id is a new visitor's. Further
//! steps remove payments and events. `erasures` has the id until the gateway has erased the visitor outside of the
//! object too.

use serde::{Deserialize, Serialize};

use sluice_values::{Timestamp, VisitorId};

use crate::error::Error;
use crate::ledgers;
use crate::outbox;
use crate::placed;
use crate::removal::{self, remove_events};
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;

/// The most events that one step removes.
const EVENTS_AT_ONCE: i64 = 250;
/// The most payments that one step removes.
const PAYMENTS_AT_ONCE: i64 = 500;
/// The most payments of which a provider told that one step removes.
const TOLD_AT_ONCE: i64 = 100;

/// Erases a visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorErasure {
    pub visitor: VisitorId,
    /// Whether the erasure has begun, and takes another step.
    #[serde(default)]
    pub goes_on: bool,
    /// Transactions of which providers told, and which the home of several shards has removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<String>,
}

impl VisitorErasure {
    /// Begins to erase a visitor.
    pub const fn of(visitor: VisitorId) -> Self {
        Self { visitor, goes_on: false, transactions: Vec::new() }
    }

    /// Another step.
    pub const fn further(visitor: VisitorId) -> Self {
        Self { visitor, goes_on: true, transactions: Vec::new() }
    }
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// All events of the visitor, in the first step.
    pub events: i64,
    /// All payments of the visitor, in the first step.
    pub payments: i64,
    /// The transactions of the payments that this step removed.
    pub transactions: Vec<String>,
    /// Whether it was the last step.
    pub is_done: bool,
}

/// A row of `erasures`.
#[derive(Clone, Copy)]
struct Erasure {
    id: i64,
    visitor: VisitorRow,
    uid: VisitorId,
}

/// A visitor who is erased here, and perhaps not yet outside of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedVisitor {
    erasure: i64,
    pub visitor: VisitorId,
    /// Some of the transactions of the visitor's payments.
    pub transactions: Vec<String>,
}

/// Takes the id away from a visitor's row, and what waits in the outbox. `None` if there is no such visitor.
fn begin<S: Sql>(site: &Site<S>, id: VisitorId, now: Timestamp) -> Result<Option<(Erasure, i64, i64)>, Error> {
    let known = site.sql.first(
        "SELECT id, (SELECT count(*) FROM events WHERE visitor = v.id), \
         (SELECT count(*) FROM payments WHERE visitor = v.id) FROM visitors v WHERE uid = ?1",
        &[id.into()],
    )?;
    let Some(mut known) = known else { return Ok(None) };
    let (row, events, payments): (VisitorRow, i64, i64) = (known.next()?, known.next()?, known.next()?);
    let random = (site.random)()?;
    let nobody: Vec<u8> = random.into_iter().take(8).chain(row.0.to_be_bytes()).collect();
    let take_away = "UPDATE visitors SET uid = ?2, profile = NULL, merged = NULL WHERE id = ?1";
    site.sql.run(take_away, &[row.into(), nobody.into()])?;
    let add = "INSERT INTO erasures (visitor, uid) VALUES (?1, ?2) RETURNING id";
    let erasure = site.sql.one(add, &[row.into(), id.into()])?.next()?;
    forget_texts(site, &[id.to_string()])?;
    outbox::add_activity(site, now)?;
    Ok(Some((Erasure { id: erasure, visitor: row, uid: id }, events, payments)))
}

/// Deletes the entries of the outbox, and the events that were put aside, that have one of these texts as a value.
fn forget_texts<S: Sql>(site: &Site<S>, texts: &[String]) -> Result<(), Error> {
    let json = serde_json::to_string(texts).map_err(|error| Error::new(error.to_string()))?;
    for (table, column) in [("news", "happening"), ("news_failed", "happening"), ("inbox_failed", "event")] {
        let delete = format!(
            "DELETE FROM {table} WHERE EXISTS \
             (SELECT 1 FROM json_each(?1) t WHERE instr({column}, json_quote(t.value)) > 0)"
        );
        site.sql.run(&delete, &[json.as_str().into()])?;
    }
    Ok(())
}

/// Notes the transactions of payments that went, and takes away what waits in the outbox about them.
fn forget_transactions<S: Sql>(site: &Site<S>, erasure: i64, transactions: &[String]) -> Result<(), Error> {
    forget_texts(site, transactions)?;
    let json = serde_json::to_string(transactions).map_err(|error| Error::new(error.to_string()))?;
    site.sql.run(
        "INSERT OR IGNORE INTO erased_payments (erasure, transaction_id) SELECT ?1, value FROM json_each(?2)",
        &[erasure.into(), json.into()],
    )
}

/// Takes a step, and returns the transactions of removed payments, and whether the visitor is gone.
fn step<S: Sql>(
    site: &Site<S>,
    Erasure { id, visitor, uid }: Erasure,
    now: Timestamp,
) -> Result<(Vec<String>, bool), Error> {
    // Of several shards, the home has forgotten what was told before (`together.rs`).
    if !site.is_shard() {
        let told = ledgers::erase(site, (uid, visitor.into()), TOLD_AT_ONCE, now)?;
        if !told.is_empty() {
            forget_transactions(site, id, &told)?;
            return Ok((told, false));
        }
    }
    let paid = site.sql.rows(
        "DELETE FROM payments WHERE id IN (SELECT id FROM payments WHERE visitor = ?1 LIMIT ?2) \
         RETURNING transaction_id",
        &[visitor.into(), PAYMENTS_AT_ONCE.into()],
    )?;
    if !paid.is_empty() {
        let transactions = paid.into_iter().map(|mut row| row.next()).collect::<Result<Vec<String>, _>>()?;
        forget_transactions(site, id, &transactions)?;
        return Ok((transactions, false));
    }
    if !site.is_shard() {
        ledgers::forget_named(site, uid)?;
    }
    let events = site.sql.rows(
        &format!("SELECT {} FROM events e WHERE e.visitor = ?1 ORDER BY e.time LIMIT ?2", removal::COLUMNS),
        &[visitor.into(), EVENTS_AT_ONCE.into()],
    )?;
    if !events.is_empty() {
        remove_events(site, events)?;
        return Ok((Vec::new(), false));
    }
    removal::remove_visitor(site, visitor)?;
    site.sql.run("UPDATE erasures SET is_done = 1 WHERE id = ?1", &[id.into()])?;
    Ok((Vec::new(), true))
}

impl<S: Sql> Site<S> {
    /// Begins to erase a visitor, or takes another step. `None` if there is no such visitor.
    pub fn erase(&self, asked: &VisitorErasure, now: Timestamp) -> Result<Option<Erased>, Error> {
        self.has_erasures.set(true);
        self.write(|| {
            let begun = if asked.goes_on {
                let begun = "SELECT id, visitor FROM erasures WHERE uid = ?1 AND is_done = 0 ORDER BY id LIMIT 1";
                let Some(mut begun) = self.sql.first(begun, &[asked.visitor.into()])? else {
                    return Ok(Some(Erased { events: 0, payments: 0, transactions: Vec::new(), is_done: true }));
                };
                Some((Erasure { id: begun.next()?, visitor: begun.next()?, uid: asked.visitor }, 0, 0))
            } else {
                begin(self, asked.visitor, now)?
            };
            let Some((erasure, events, payments)) = begun else { return Ok(None) };
            forget_transactions(self, erasure.id, &asked.transactions)?;
            let (mut transactions, mut is_done) = step(self, erasure, now)?;
            // Few payments and few events are removed at once, and then nothing is left to do.
            for _ in 0..3 {
                if !is_done && events <= EVENTS_AT_ONCE && payments <= TOLD_AT_ONCE && !asked.goes_on {
                    let further = step(self, erasure, now)?;
                    transactions.extend(further.0);
                    is_done = further.1;
                }
            }
            Ok(Some(Erased { events, payments, transactions, is_done }))
        })
    }

    /// Removes some of a visitor's payments of which providers told, at the home of several shards, and returns their transactions: none
    /// once all is forgotten.
    pub(crate) fn erase_told(&self, visitor: VisitorId, now: Timestamp) -> Result<Vec<String>, Error> {
        self.write(|| {
            let told = ledgers::erase(self, (visitor, visitor.into()), TOLD_AT_ONCE, now)?;
            if told.is_empty() {
                ledgers::forget_named(self, visitor)?;
                placed::forget_goals_of(self, visitor)?;
            }
            Ok(told)
        })
    }

    /// Deletes what waits to be told, or was put aside, and has one of these texts as a value: another shard has erased a
    /// visitor.
    pub fn forget_told(&self, texts: &[String]) -> Result<(), Error> {
        self.write(|| forget_texts(self, texts))
    }

    /// Whether a visitor may be erased in part only.
    pub fn has_erasures(&self) -> bool {
        self.has_erasures.get()
    }

    /// Goes on with erasing visitors by a step. Returns whether there is more to do.
    pub fn erase_on(&self, now: Timestamp) -> Result<bool, Error> {
        let begun = "SELECT id, visitor, uid FROM erasures WHERE is_done = 0 ORDER BY id LIMIT 1";
        let Some(mut begun) = self.sql.first(begun, &[])? else { return Ok(false) };
        let erasure = Erasure { id: begun.next()?, visitor: begun.next()?, uid: begun.next()? };
        self.write(|| step(self, erasure, now))?;
        Ok(true)
    }

    /// A visitor who is erased here, with at most `most` transactions. When they are erased outside, too,
    /// [`Site::forget_erased`] is called.
    pub fn erased(&self, most: u32) -> Result<Option<ErasedVisitor>, Error> {
        let erased = "SELECT id, uid FROM erasures WHERE is_done = 1 ORDER BY id LIMIT 1";
        let Some(mut erased) = self.sql.first(erased, &[])? else {
            self.has_erasures.set(self.sql.first("SELECT 1 FROM erasures LIMIT 1", &[])?.is_some());
            return Ok(None);
        };
        let (erasure, visitor): (i64, VisitorId) = (erased.next()?, erased.next()?);
        let paid = "SELECT transaction_id FROM erased_payments WHERE erasure = ?1 ORDER BY transaction_id LIMIT ?2";
        let paid = self.sql.rows(paid, &[erasure.into(), most.into()])?;
        let transactions = paid.into_iter().map(|mut paid| paid.next()).collect::<Result<_, _>>()?;
        Ok(Some(ErasedVisitor { erasure, visitor, transactions }))
    }

    /// Forgets these transactions of an erased visitor, and with the last of them the visitor.
    pub fn forget_erased(&self, erased: &ErasedVisitor) -> Result<(), Error> {
        let json = serde_json::to_string(&erased.transactions).map_err(|error| Error::new(error.to_string()))?;
        self.write(|| {
            self.sql.run(
                "DELETE FROM erased_payments WHERE erasure = ?1 AND transaction_id IN (SELECT value FROM json_each(?2))",
                &[erased.erasure.into(), json.as_str().into()],
            )?;
            self.sql.run(
                "DELETE FROM erasures WHERE id = ?1 AND is_done = 1 \
                 AND NOT EXISTS (SELECT 1 FROM erased_payments WHERE erasure = ?1)",
                &[erased.erasure.into()],
            )
        })
    }
}
