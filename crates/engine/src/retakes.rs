//! Works out payments again, when something else than what was told of them has changed: a hint, an identification, another
//! payment of the same payer. Some at once; where there are many, the rest in steps by the alarm.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use sluice_providers::around::{Link, Seeds};
use sluice_providers::ledger::Origin;
use sluice_values::Timestamp;

use crate::error::Error;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::told;
use crate::told_rows::{self, Change};
use crate::wire::json;

/// What was told that is looked at at once.
const AT_ONCE: i64 = 200;

/// What was worked out again.
#[derive(Debug, Default)]
pub(crate) struct Again {
    pub payers: BTreeSet<Link>,
    /// How many rows have changed.
    pub changed: usize,
}

/// Works out this money again.
fn again<S: Sql>(site: &Site<S>, seeds: Seeds, now: Timestamp) -> Result<Again, Error> {
    if seeds == Seeds::default() {
        return Ok(Again::default());
    }
    let loaded = told::load(site, seeds)?;
    let mut ledger = loaded.ledger.clone();
    told::load_hints(site, &loaded, &mut ledger)?;
    let change = Change { now, origin: Origin::Api, worths: &BTreeMap::new() };
    let written = told_rows::write(site, &loaded, &ledger, &change)?;
    let changed = written.rows.len() + written.gone;
    let payers: BTreeSet<Link> = loaded.payers.into_keys().into_set();
    if changed > 0 {
        note_goals(site, &payers)?;
    }
    Ok(Again { payers, changed })
}

/// Notes payers with goals whose visitor may be another one now: the alarm sees to them.
pub(crate) fn note_goals<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>) -> Result<(), Error> {
    let noted = site.sql.rows(
        "INSERT OR IGNORE INTO retakes (link, after) SELECT k.value, 0 FROM json_each(?1) k \
         WHERE EXISTS (SELECT 1 FROM waiting_goals WHERE payer = k.value) \
         OR EXISTS (SELECT 1 FROM reached_goals WHERE payer = k.value) RETURNING 1",
        &[told::texts(payers.iter())?.into()],
    )?;
    if !noted.is_empty() {
        site.has_retakes.set(true);
    }
    Ok(())
}

/// Works out the payments with these ids again. Runs within a transaction.
pub(crate) fn of_transactions<S: Sql>(site: &Site<S>, ids: &BTreeSet<String>, now: Timestamp) -> Result<usize, Error> {
    let money = ids.iter().map(|id| Link::Money(id.clone())).into_set();
    Ok(again(site, Seeds { money, payers: BTreeSet::new() }, now)?.changed)
}

/// Works out the rows of these payers again that do not name their visitor. Runs within a transaction.
pub(crate) fn of_payers<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>, now: Timestamp) -> Result<usize, Error> {
    if payers.is_empty() {
        return Ok(0);
    }
    of_links(site, told_rows::unnamed(site, payers)?.into_iter(), now)
}

/// Works out again what has one of these links. Runs within a transaction.
pub(crate) fn of_links<'a, S: Sql>(
    site: &Site<S>,
    links: impl Iterator<Item = &'a Link>,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut changed = 0;
    for link in links {
        changed += go_on(site, &link.text(), 0, now)?.changed;
    }
    Ok(changed)
}

/// Works out again what has this link, from a row of `told` on. What is beyond [`AT_ONCE`] is noted.
fn go_on<S: Sql>(site: &Site<S>, link: &str, after: i64, now: Timestamp) -> Result<Again, Error> {
    let values: [Value; 3] = [link.into(), after.into(), AT_ONCE.into()];
    let rows = "SELECT told FROM told_links WHERE link = ?1 AND told > ?2 ORDER BY told LIMIT ?3";
    let rows = site.sql.rows(rows, &values)?;
    let rows = rows.into_iter().map(|mut row| row.next()).collect::<Result<Vec<i64>, _>>()?;
    if let Some(last) = rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|count| count >= AT_ONCE)) {
        site.has_retakes.set(true);
        let note = "INSERT OR REPLACE INTO retakes (link, after) VALUES (?1, ?2)";
        site.sql.run(note, &[link.into(), (*last).into()])?;
    }
    let json = json(&rows)?;
    let seeds = told::seeds_of(site, "t.id IN (SELECT value FROM json_each(?1))", &[json.into()])?;
    again(site, seeds, now)
}

/// Goes on with what was noted; `None` if nothing is left. Runs within a transaction.
pub(crate) fn step<S: Sql>(site: &Site<S>, now: Timestamp) -> Result<Option<Again>, Error> {
    let Some(mut noted) = site.sql.first("SELECT link, after FROM retakes LIMIT 1", &[])? else { return Ok(None) };
    let (link, after): (String, i64) = (noted.next()?, noted.next()?);
    site.sql.run("DELETE FROM retakes WHERE link = ?1", &[link.as_str().into()])?;
    go_on(site, &link, after, now).map(Some)
}

/// Works out again what hints or identifications with these keys may be about. Runs within a transaction.
pub(crate) fn of_hints<S: Sql>(site: &Site<S>, keys: &[String], now: Timestamp) -> Result<usize, Error> {
    let links: BTreeMap<String, Link> =
        keys.iter().flat_map(|key| Link::of_hint(key)).map(|link| (link.text(), link)).into_map();
    let told = "SELECT k.value FROM json_each(?1) k WHERE EXISTS (SELECT 1 FROM told_links WHERE link = k.value)";
    let told = site.sql.rows(told, &[told::texts(links.values())?.into()])?;
    let told = told.into_iter().map(|mut row| row.next()).collect::<Result<Vec<String>, _>>()?;
    of_links(site, told.iter().filter_map(|text| links.get(text)), now)
}
