//! The money columns of `totals`: what the payments of a value's sessions have brought, so that a breakdown of all time
//! reads no payments.
//!
//! What a visitor's payments have added is kept with the visitor (`counted_money`). Whoever changes a payment (triggers of
//! the schema), or the sessions and pageviews of a visitor with payments, only notes the visitor (`uncounted_money`). The
//! next breakdown of all time counts the noted ones again: it takes out what they had added, and adds what they have now.
//! If there are many, the alarm counts them in steps, and until then breakdowns read the payments.

use std::collections::{BTreeMap, BTreeSet};

use crate::dimensions::{Dimension, SESSION_DIMENSIONS};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::reports::money::Money;
use crate::rows::{SessionRow, VisitorRow};
use crate::session;
use crate::site::{COUNTED_AT_ONCE, Site};
use crate::sql::Sql;
use crate::wire::json;

/// The sums of [`Money::columns`].
type Sums = [i64; 5];

/// The sums by dimension and key.
type Parts = BTreeMap<(i64, i64), Sums>;

/// Notes visitors with payments, whose sessions or pageviews have changed. Runs within a transaction.
pub(crate) fn recount<S: Sql>(site: &Site<S>, visitors: &[VisitorRow]) -> Result<(), Error> {
    if visitors.is_empty() {
        return Ok(());
    }
    let note = "INSERT OR IGNORE INTO uncounted_money (visitor) SELECT value FROM json_each(?1)";
    site.sql.run(note, &[json(&visitors)?.into()])
}

/// [`recount`], of those who have payments.
pub(crate) fn recount_paying<S: Sql>(site: &Site<S>, visitors: &BTreeSet<VisitorRow>) -> Result<(), Error> {
    let note = "INSERT OR IGNORE INTO uncounted_money (visitor) SELECT v.id FROM json_each(?1) k JOIN visitors v \
                ON v.id = k.value WHERE v.detached = 1";
    site.sql.run(note, &[json(visitors)?.into()])
}

/// Counts the noted visitors, at most [`COUNTED_AT_ONCE`] of them, and returns whether all are counted.
pub(crate) fn are_all_counted<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    let noted = site.sql.rows("SELECT visitor FROM uncounted_money LIMIT ?1", &[(COUNTED_AT_ONCE + 1).into()])?;
    let mut noted = noted.into_iter().map(|mut row| row.next()).collect::<Result<Vec<VisitorRow>, _>>()?;
    let are_few = i64::try_from(noted.len()).is_ok_and(|count| count <= COUNTED_AT_ONCE);
    site.has_uncounted.set(!are_few);
    if noted.is_empty() {
        return Ok(true);
    }
    noted.truncate(usize::try_from(COUNTED_AT_ONCE).unwrap_or_default());
    site.write(|| count(site, &noted))?;
    Ok(are_few)
}

/// Takes out what a visitor without payments had added. Runs within a transaction.
pub(crate) fn forget<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    let counted = "SELECT 1 FROM counted_money WHERE visitor = ?1";
    if site.sql.first(counted, &[visitor.into()])?.is_none() {
        return Ok(());
    }
    count(site, &[visitor])
}

/// Counts these visitors again. Runs within a transaction.
fn count<S: Sql>(site: &Site<S>, visitors: &[VisitorRow]) -> Result<(), Error> {
    let mut changes = Parts::new();
    for visitor in visitors {
        let values = [(*visitor).into()];
        let before = site.sql.first("SELECT parts FROM counted_money WHERE visitor = ?1", &values)?;
        let before: Vec<(i64, i64, Sums)> = before.map_or_else(|| Ok(Vec::new()), |mut row| row.json())?;
        let parts = parts_of(site, *visitor)?;
        for (dimension, key, sums) in before {
            add(&mut changes, (dimension, key), &sums, -1);
        }
        for (key, sums) in &parts {
            add(&mut changes, *key, sums, 1);
        }
        if parts.is_empty() {
            site.sql.run("DELETE FROM counted_money WHERE visitor = ?1", &values)?;
        } else {
            let parts: Vec<_> = parts.into_iter().map(|((dimension, key), sums)| (dimension, key, sums)).collect();
            let keep = "INSERT OR REPLACE INTO counted_money (visitor, parts) VALUES (?1, ?2)";
            site.sql.run(keep, &[(*visitor).into(), json(&parts)?.into()])?;
        }
    }
    changes.retain(|_, sums| *sums != Sums::default());
    let changes: Vec<_> = changes.into_iter().map(|((dimension, key), sums)| (dimension, key, sums)).collect();
    site.sql.run(
        "INSERT INTO totals (dimension, key, visitors, count, new, renewal, refund, unrenewal, payments) \
         SELECT value ->> 0, value ->> 1, 0, 0, value ->> '$[2][0]', value ->> '$[2][1]', value ->> '$[2][2]', \
         value ->> '$[2][3]', value ->> '$[2][4]' FROM json_each(?1) WHERE true \
         ON CONFLICT (dimension, key) DO UPDATE SET new = new + excluded.new, renewal = renewal + excluded.renewal, \
         refund = refund + excluded.refund, unrenewal = unrenewal + excluded.unrenewal, \
         payments = payments + excluded.payments",
        &[json(&changes)?.into()],
    )?;
    site.sql.run(
        "DELETE FROM uncounted_money WHERE visitor IN (SELECT value FROM json_each(?1))",
        &[json(&visitors)?.into()],
    )
}

/// What a visitor's payments add to each value of each dimension: a session's money counts once for each of its values.
fn parts_of<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<Parts, Error> {
    let mut parts = Parts::new();
    let paid = format!(
        "SELECT p.session, {} FROM payments p WHERE p.visitor = ?1 AND p.session IS NOT NULL GROUP BY p.session",
        Money::columns()
    );
    let viewed = format!(
        "SELECT DISTINCT e.page FROM events e INDEXED BY events_visitor WHERE e.visitor = ?1 AND e.time BETWEEN ?2 AND ?3 \
         AND {} AND e.session = ?4 AND e.page IS NOT NULL",
        is_kind("e", Kind::Pageview)
    );
    for mut row in site.sql.rows(&paid, &[visitor.into()])? {
        let session: SessionRow = row.next()?;
        let mut sums = Sums::default();
        for sum in &mut sums {
            *sum = row.next()?;
        }
        if sums == Sums::default() {
            continue;
        }
        let session = session::load(site, session)?;
        for (dimension, key) in SESSION_DIMENSIONS.iter().map(|row| row.dimension).zip(&session.keys) {
            if let Some(key) = key {
                add(&mut parts, (dimension.code(), key.0), &sums, 1);
            }
        }
        let values = [visitor.into(), session.started.into(), session.ended.into(), session.row.into()];
        for mut page in site.sql.rows(&viewed, &values)? {
            add(&mut parts, (Dimension::Page.code(), page.next()?), &sums, 1);
        }
    }
    Ok(parts)
}

fn add(parts: &mut Parts, key: (i64, i64), sums: &Sums, sign: i64) {
    for (to, sum) in parts.entry(key).or_default().iter_mut().zip(sums) {
        *to += sign * sum;
    }
}

impl<S: Sql> Site<S> {
    /// Whether the payments of many visitors may have yet to be counted.
    pub fn has_uncounted(&self) -> bool {
        self.has_uncounted.get()
    }

    /// Goes on with counting payments by a step. Returns whether there is more to do.
    pub fn count_money_on(&self) -> Result<bool, Error> {
        Ok(self.has_uncounted.get() && !are_all_counted(self)?)
    }
}
