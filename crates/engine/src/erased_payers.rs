//! Whose past providers tell nothing of any more: a visitor's who was erased. An import that runs, or a later one, still reads what
//! the provider has of them.
//!
//! Of an erased visitor and of what names them at a provider only digests are kept, under a salt of the object's own. What they pay
//! later is told again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use sha2::{Digest, Sha256};
use sluice_providers::around::Link;
use sluice_providers::ledger::Take;
use sluice_providers::lifecycle::{Goal, Seen};
use sluice_providers::provider::Provider;
use sluice_providers::record::Record;
use sluice_providers::told::{Key, Told};
use sluice_values::{Timestamp, hex};

use crate::error::Error;
use crate::site::Site;
use crate::sql::Sql;
use crate::wire::json;

/// Bytes of a digest.
const BYTES: usize = 16;

fn digest(salt: &[u8], link: &Link) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(link.text()).finalize();
    hex(digest.first_chunk::<BYTES>().map_or(&[], |bytes| bytes))
}

/// The salt of the object; made when a visitor is erased for the first time.
fn salt<S: Sql>(site: &Site<S>) -> Result<Option<Vec<u8>>, Error> {
    let salt = site.sql.first("SELECT value FROM meta WHERE key = 'erased_salt'", &[])?;
    salt.map(|mut row| row.next()).transpose()
}

/// Notes that what has one of these links, and happened before, is not to be told of. Runs within a transaction.
pub(crate) fn note<'a, S: Sql>(
    site: &Site<S>,
    links: impl Iterator<Item = &'a Link>,
    now: Timestamp,
) -> Result<(), Error> {
    let salt = match salt(site)? {
        Some(salt) => salt,
        None => {
            let salt = (site.random)()?.to_vec();
            let insert = "INSERT INTO meta (key, value) VALUES ('erased_salt', ?1)";
            site.sql.run(insert, &[salt.clone().into()])?;
            salt
        }
    };
    let digests: Vec<String> = links.map(|link| digest(&salt, link)).collect();
    site.sql.run(
        "INSERT OR REPLACE INTO erased_payers (digest, at) SELECT unhex(value), ?2 FROM json_each(?1)",
        &[json(&digests)?.into(), now.into()],
    )
}

/// Whom a record is of: the visitor whom it names, or else what else names the payer.
fn payer_of(record: &Record) -> Vec<Link> {
    if let Some(visitor) = record.visitor {
        return vec![Link::Visitor(visitor)];
    }
    let (key, told) = (Key::of(record), Told::new(record.clone()));
    let email = Link::of_hints(&told).into_iter().filter(|link| matches!(link, Link::Email(_)));
    Link::of_payer(&key, &told).into_iter().chain(email).collect()
}

fn payers_of(provider: Provider, seen: &Seen) -> Vec<Link> {
    let customer = seen.customer.clone().map(|customer| Link::Customer(provider, customer));
    [Link::Subscription(provider, seen.subscription.clone())].into_iter().chain(customer).collect()
}

/// What was told, without the past of those who were erased.
pub(crate) fn without<'a, S: Sql>(site: &Site<S>, told: &'a [Take]) -> Result<Cow<'a, [Take]>, Error> {
    let Some(salt) = salt(site)? else { return Ok(Cow::Borrowed(told)) };
    let records = told.iter().flat_map(|take| &take.taking.records).flat_map(payer_of);
    let goals = told.iter().flat_map(|take| &take.taking.goals).flat_map(Link::of_goal);
    let seen =
        told.iter().filter_map(|take| Some(payers_of(take.taking.provider, take.taking.seen.as_ref()?))).flatten();
    let digests: BTreeSet<String> = records.chain(goals).chain(seen).map(|link| digest(&salt, &link)).into_set();
    let select = "SELECT lower(hex(e.digest)), e.at FROM json_each(?1) k CROSS JOIN erased_payers e ON e.digest = unhex(k.value)";
    let mut erased: BTreeMap<String, Timestamp> = BTreeMap::new();
    for mut row in site.sql.rows(select, &[json(&digests)?.into()])? {
        erased.insert(row.next()?, row.next()?);
    }
    if erased.is_empty() {
        return Ok(Cow::Borrowed(told));
    }
    let is_past = |links: Vec<Link>, time: Timestamp| {
        links.iter().any(|link| erased.get(&digest(&salt, link)).is_some_and(|at| time <= *at))
    };
    let mut left = told.to_vec();
    for take in &mut left {
        take.taking.records.retain(|record| !is_past(payer_of(record), record.time));
        take.taking.goals.retain(|goal: &Goal| !is_past(Link::of_goal(goal), goal.time));
        let provider = take.taking.provider;
        take.taking.seen = take.taking.seen.take().filter(|seen| !is_past(payers_of(provider, seen), seen.time));
    }
    Ok(Cow::Owned(left))
}
