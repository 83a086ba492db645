//! What the home of several shards does for all of them. Payments are stored once for each transaction, whoever is named, and
//! follow hints from one shard to another, so no shard decides about them alone: the home asks all, and decides. It does one thing
//! after the other (`site_do.rs`).
//!
//! A payment that moves to another shard is noted in the home before, until it has moved: what is begun is done again.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluice_values::{Currency, EventId, Id, Timestamp, VisitorId, kinds};

use crate::delete::PaymentDeletion;
use crate::error::Error;
use crate::event::{Payment, hint_keys};
use crate::layout::Layout;
use crate::protocol::{Call, RecordPayment, Request};
use crate::shard::{Found, Part, Shared, Sought, Unnamed};
use crate::site::Site;
use crate::sql::Sql;
use crate::wire::json;

/// The most payments that move at once.
const MOVED_AT_ONCE: usize = 50;

/// Payments that are moving. Stored as JSON in `meta` under `moving_payments`; only grows.
#[derive(Serialize, Deserialize)]
struct Moving {
    payments: Vec<Payment>,
    /// What their values are in, if the website ever changed its currency.
    currency: Option<Currency>,
    from: u32,
    to: u32,
}

/// The home, and the shards that it asks; itself, too.
struct Home<'a, S, F> {
    site: &'a Site<S>,
    layout: Layout,
    now: i64,
    currency: Option<Currency>,
    ask: &'a F,
}

/// Does what concerns several shards, and returns the answer as JSON.
pub async fn share<S: Sql, E: From<Error>>(
    site: &Site<S>,
    layout: Layout,
    request: &Request,
    ask: &impl AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>,
) -> Result<String, E> {
    let Call::Part(Part::Home(asked)) = &request.call else {
        return Err(Error::new("a call that one shard answers").into());
    };
    let home = Home { site, layout, now: request.now, currency: request.currency, ask };
    home.finish().await?;
    let answer = match asked {
        Shared::Record { payments, is_import } => json(&home.record(payments, *is_import).await?),
        Shared::Attribute(hints) => json(&home.attribute(hints).await?),
        Shared::Delete(which) => json(&home.delete(which).await?),
    };
    Ok(answer?)
}

/// Finishes what was begun before the home was stopped.
pub async fn finish<S: Sql, E: From<Error>>(
    site: &Site<S>,
    layout: Layout,
    now: Timestamp,
    ask: &impl AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>,
) -> Result<(), E> {
    Home { site, layout, now: now.as_millis(), currency: None, ask }.finish().await
}

impl<S: Sql> Site<S> {
    /// Whether payments have not moved to the end.
    pub fn has_moving(&self) -> Result<bool, Error> {
        Ok(self.sql.first("SELECT 1 FROM meta WHERE key = 'moving_payments'", &[])?.is_some())
    }
}

impl<S: Sql, E: From<Error>, F: AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>> Home<'_, S, F> {
    async fn ask(&self, calls: Vec<(u32, Call)>, currency: Option<Currency>) -> Result<Vec<String>, E> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let texts = calls.into_iter().map(|(shard, call)| {
            let request = Request { now: self.now, currency, call };
            Ok((shard, json(&request)?))
        });
        (self.ask)(texts.collect::<Result<_, Error>>()?).await
    }

    async fn all<T: DeserializeOwned>(&self, part: impl Fn() -> Part) -> Result<Vec<T>, E> {
        let calls = (0..self.layout.count).map(|shard| (shard, Call::Part(part())));
        parse_all(&self.ask(calls.collect(), self.currency).await?)
    }

    // ---- Storing

    async fn record(&self, payments: &[Payment], is_import: bool) -> Result<Vec<bool>, E> {
        let sought = || payments.iter().map(sought).collect();
        let found: Vec<Vec<Found>> = self.all(|| Part::Find(sought())).await?;
        let (mut are_new, mut stored) = (vec![false; payments.len()], BTreeMap::<u32, Vec<usize>>::new());
        let (mut transactions, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for (at, payment) in payments.iter().enumerate() {
            let known = || found.iter().filter_map(|found| found.get(at));
            let id = payment.event_id.as_ref().map(EventId::as_str);
            let transaction = (&payment.transaction_id, payment.kind.is_refund(), &payment.refund_id);
            let is_known = known().any(|found| found.is_known)
                || transactions.contains(&transaction)
                || id.is_some_and(|id| ids.contains(id));
            if !is_known {
                transactions.insert(transaction);
                ids.extend(id);
                stored.entry(self.shard_of(payment, known().filter_map(|found| found.hinted))).or_default().push(at);
            }
        }
        let mut calls = Vec::new();
        for (shard, places) in &stored {
            let payments = places.iter().filter_map(|at| payments.get(*at).cloned());
            if is_import {
                calls.push((*shard, Call::Part(Part::Place(payments.collect()))));
            } else {
                calls.extend(payments.map(|payment| (*shard, Call::RecordPayment(RecordPayment { payment }))));
            }
        }
        self.ask(calls, self.currency).await?;
        for at in stored.into_values().flatten() {
            if let Some(is_new) = are_new.get_mut(at) {
                *is_new = true;
            }
        }
        Ok(are_new)
    }

    /// The shard that has a payment: its visitor's, or the home for those of whom nobody knows whose they are.
    fn shard_of(&self, payment: &Payment, hinted: impl Iterator<Item = (Timestamp, VisitorId)>) -> u32 {
        let hinted = || latest(hinted);
        payment.visitor.or_else(hinted).map_or(0, |visitor| self.layout.shard_of(visitor))
    }

    async fn delete(&self, which: &PaymentDeletion) -> Result<i64, E> {
        let shards = match which {
            PaymentDeletion::Visitor(visitor, _) => {
                let shard = self.layout.shard_of(*visitor);
                shard..shard + 1
            }
            PaymentDeletion::Transaction(_) | PaymentDeletion::Span(_) => 0..self.layout.count,
        };
        let calls = shards.map(|shard| (shard, Call::PaymentDeletion(which.clone()))).collect();
        let deleted: Vec<i64> = parse_all(&self.ask(calls, None).await?)?;
        Ok(deleted.into_iter().sum())
    }

    // ---- Attributing

    /// Gives payments without a named visitor to the visitors of these hints, where one is the latest with any of their keys.
    async fn attribute(&self, hints: &[(String, VisitorId)]) -> Result<(), E> {
        let keys: BTreeSet<&String> = hints.iter().map(|(key, _)| key).collect();
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        let unnamed: Vec<Unnamed> = self.all(|| Part::Unnamed(keys.clone())).await?;
        let all = || unnamed.iter().flat_map(|unnamed| &unnamed.payments);
        if all().next().is_none() {
            return Ok(());
        }
        let found: Vec<Vec<Found>> = self.all(|| Part::Find(all().map(sought).collect())).await?;
        let mut moving = BTreeMap::<(u32, u32), Moving>::new();
        let mut assigned = BTreeMap::<(u32, [u8; 16]), Vec<Id<kinds::Payment>>>::new();
        let places = (0..)
            .zip(&unnamed)
            .flat_map(|(from, unnamed)| unnamed.payments.iter().map(move |payment| (from, payment, unnamed.currency)));
        for (at, (from, payment, currency)) in places.enumerate() {
            let hinted = found.iter().filter_map(|found| found.get(at)?.hinted);
            let Some(visitor) = latest(hinted) else { continue };
            let own = hint_keys(&payment.transaction_id, payment.email.as_deref());
            if !hints.iter().any(|(key, hinting)| *hinting == visitor && own.contains(key)) {
                continue;
            }
            let to = self.layout.shard_of(visitor);
            if to == from {
                assigned.entry((from, *visitor.as_bytes())).or_default().push(payment.id);
            } else {
                let begin = || Moving { payments: Vec::new(), currency, from, to };
                moving.entry((from, to)).or_insert_with(begin).payments.push(payment.clone());
            }
        }
        let assigned = assigned
            .into_iter()
            .map(|((shard, visitor), ids)| (shard, Call::Part(Part::Assign(VisitorId::from_bytes(visitor), ids))));
        self.ask(assigned.collect(), None).await?;
        for Moving { payments, currency, from, to } in moving.into_values() {
            for payments in payments.chunks(MOVED_AT_ONCE) {
                let moving = Moving { payments: payments.to_vec(), currency, from, to };
                let note = "INSERT OR REPLACE INTO meta (key, value) VALUES ('moving_payments', ?1)";
                self.site.sql.run(note, &[json(&moving)?.into()])?;
                self.finish().await?;
            }
        }
        Ok(())
    }

    /// Moves the payments that are noted. It can be done again at any point.
    async fn finish(&self) -> Result<(), E> {
        let noted = self.site.sql.first("SELECT value FROM meta WHERE key = 'moving_payments'", &[])?;
        let Some(mut noted) = noted else { return Ok(()) };
        let Moving { payments, currency, from, to } = noted.json()?;
        let ids: Vec<Id<kinds::Payment>> = payments.iter().map(|payment| payment.id).collect();
        self.ask(vec![(to, Call::Part(Part::Place(payments)))], currency).await?;
        self.ask(vec![(from, Call::Part(Part::Remove(ids)))], None).await?;
        Ok(self.site.sql.run("DELETE FROM meta WHERE key = 'moving_payments'", &[])?)
    }
}

/// The visitor of the latest of these hints.
fn latest(hinted: impl Iterator<Item = (Timestamp, VisitorId)>) -> Option<VisitorId> {
    hinted.max_by_key(|(time, visitor)| (*time, *visitor.as_bytes())).map(|(_, visitor)| visitor)
}

fn sought(payment: &Payment) -> Sought {
    Sought {
        transaction_id: payment.transaction_id.clone(),
        is_refund: payment.kind.is_refund(),
        refund_id: payment.refund_id.clone().unwrap_or_default(),
        event_id: payment.event_id.clone(),
        hints: match payment.visitor {
            Some(_) => Vec::new(),
            None => hint_keys(&payment.transaction_id, payment.email.as_deref()),
        },
    }
}

fn parse_all<T: DeserializeOwned, E: From<Error>>(answers: &[String]) -> Result<Vec<T>, E> {
    let parse = |answer: &String| serde_json::from_str(answer).map_err(|error| Error::new(format!("a shard: {error}")));
    answers.iter().map(parse).collect::<Result<_, Error>>().map_err(E::from)
}
