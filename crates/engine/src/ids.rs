//! Which ids are stored: an event is stored once (`id_store.rs`).

use std::collections::BTreeSet;

use sluice_values::ordered::Ordered as _;

use crate::error::Error;
use crate::id_store::{self, Id, NewIds, id_of, key};
use crate::sets;
use crate::site::Site;
use crate::sql::{Sql, Value};

fn with_new<S: Sql, T>(site: &Site<S>, work: impl FnOnce(&mut NewIds) -> Result<T, Error>) -> Result<T, Error> {
    let mut ids = match site.caches.borrow_mut().ids.take() {
        Some(ids) => ids,
        None => NewIds::load(&site.sql)?,
    };
    let done = work(&mut ids)?;
    site.caches.borrow_mut().ids = Some(ids);
    Ok(done)
}

/// Which of these ids are stored, in their order.
pub(crate) fn are_stored<S: Sql>(site: &Site<S>, ids: &[&Value]) -> Result<Vec<bool>, Error> {
    if !site.has_id_index.get() {
        let asked: Vec<Id> = ids.iter().map(|id| id_of(&key(id))).collect();
        return with_new(site, |new| new.have(&site.sql, &asked));
    }
    let rows = (0_i64..).zip(ids).map(|(at, id)| {
        let [bytes, text] = sets::id_values(id);
        vec![at.into(), bytes, text]
    });
    let statement =
        format!("SELECT k.value ->> 0 FROM json_each(?1) k CROSS JOIN events e ON e.eid = {}", sets::id("k.value", 1));
    let mut are_stored = vec![false; ids.len()];
    for mut row in sets::read(site, &statement, &rows.collect::<Vec<_>>())? {
        let at: i64 = row.next()?;
        if let Some(is_stored) = usize::try_from(at).ok().and_then(|at| are_stored.get_mut(at)) {
            *is_stored = true;
        }
    }
    Ok(are_stored)
}

/// Notes the ids of events that are stored. Runs within a transaction.
pub(crate) fn add<'a, S: Sql>(site: &Site<S>, ids: impl Iterator<Item = &'a Value>) -> Result<(), Error> {
    if site.has_id_index.get() {
        return Ok(());
    }
    let added: Vec<Id> = ids.map(|id| id_of(&key(id))).collect();
    with_new(site, |new| new.add(&site.sql, &added))
}

/// Forgets the ids of events that are removed. Runs within a transaction.
pub(crate) fn remove<S: Sql>(site: &Site<S>, ids: &[Value]) -> Result<(), Error> {
    if site.has_id_index.get() || ids.is_empty() {
        return Ok(());
    }
    site.caches.borrow_mut().ids = None;
    let gone: BTreeSet<Id> = ids.iter().map(|id| id_of(&key(id))).into_set();
    id_store::remove(&site.sql, &gone)
}
