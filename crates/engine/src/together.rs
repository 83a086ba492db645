//! What the home of several shards does for all of them. Payments are stored once for each transaction, whoever is named, and
//! follow hints from one shard to another, so no shard decides about them alone: the home asks all, and decides. It does one thing
//! after the other (`site_do.rs`).
//!
//! A payment that moves to another shard is noted in the home before, until it has moved: what is begun is done again.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluice_providers::hints::Latest;
use sluice_values::{Currency, EventId, Id, Timestamp, VisitorId, kinds};

use crate::currency;
use crate::delete::PaymentDeletion;
use crate::error::Error;
use crate::event::{Payment, hint_keys};
use crate::layout::Layout;
use crate::ledgers;
use crate::lifecycle_goals;
use crate::placed::{self, PlacedGoal, PlacedKey, PlacedPayment, UnplacedGoal};
use crate::protocol::{Call, RecordPayment, Request, TakeAll, Taken};
use crate::shard::{Found, Part, Shared, Sought, Unnamed};
use crate::site::Site;
use crate::sql::Sql;
use crate::wire::json;

/// The most payments that move at once.
const MOVED_AT_ONCE: usize = 50;
/// How often shards are asked for one thing that was told.
const MOST_ROUNDS: usize = 20;
/// How many steps of working out payments again the home takes at once.
const RETAKES_AT_ONCE: usize = 4;

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
    if let Some(currency) = request.currency {
        currency::be_in(site, currency)?;
    }
    let home = Home { site, layout, now: request.now, currency: request.currency, ask };
    home.finish().await?;
    let answer = match asked {
        Shared::Record { payments, is_import } => json(&home.record(payments, *is_import).await?),
        Shared::Attribute(hints) => json(&home.attribute(hints).await?),
        Shared::Delete(which) => json(&home.delete(which).await?),
        Shared::Take(asked) => json(&home.work(|| site.take_told(asked, request.currency, request.now())).await?),
        Shared::TakeAll(asked) => json(&home.take_all(asked).await?),
        Shared::Erase(visitor) => json(&home.erase(*visitor).await?),
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
    let home = Home { site, layout, now: now.as_millis(), currency: None, ask };
    home.finish().await?;
    for _ in 0..RETAKES_AT_ONCE {
        if !site.has_retakes() || !home.work(|| site.retake_step(now)).await? {
            break;
        }
    }
    Ok(())
}

impl<S: Sql> Site<S> {
    /// Whether the home has not done to the end what concerns several shards.
    pub fn has_moving(&self) -> Result<bool, Error> {
        let moving = "SELECT 1 FROM meta WHERE key = 'moving_payments'";
        Ok(self.has_retakes() || self.has_unplaced()? || self.sql.first(moving, &[])?.is_some())
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

    // ---- What providers told

    /// Works on what was told. What other shards have to be asked for is found by working: it is asked for, and the work begins
    /// again. Then the shards are told of what has changed.
    async fn work<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, E> {
        drop(self.site.elsewhere.take());
        for _ in 0..MOST_ROUNDS {
            let done = work();
            if !self.site.elsewhere.borrow().lacks_anything() {
                let done = done?;
                drop(self.site.elsewhere.take());
                self.place().await?;
                return Ok(done);
            }
            if let Err(error) = self.learn().await {
                drop(self.site.elsewhere.take());
                return Err(error);
            }
        }
        drop(self.site.elsewhere.take());
        Err(Error::new("what was told leads from one shard to another without end").into())
    }

    async fn learn(&self) -> Result<(), E> {
        let lacks = self.site.elsewhere.borrow_mut().take_lacks();
        let keys: Vec<String> = lacks.hints.iter().cloned().collect();
        let ids: Vec<String> = lacks.posted.iter().cloned().collect();
        let mut found: Vec<Vec<(String, Timestamp, VisitorId)>> = Vec::new();
        if !keys.is_empty() {
            found = self.all(|| Part::Latest(keys.clone())).await?;
        }
        let mut known: Vec<Vec<Payment>> = Vec::new();
        if !ids.is_empty() {
            known = self.all(|| Part::Posted(ids.clone())).await?;
        }
        let hints = found.into_iter().flatten().map(|(key, time, visitor)| (key, Latest { time, visitor })).collect();
        let of_shards = (0..).zip(known);
        let posted = of_shards.flat_map(|(shard, payments)| payments.into_iter().map(move |payment| (shard, payment)));
        self.site.elsewhere.borrow_mut().learn(lacks, hints, posted.collect());
        Ok(())
    }

    /// Tells the shards of payments and goals that were written.
    async fn place(&self) -> Result<(), E> {
        self.site.disown()?;
        while self.site.has_unplaced()? {
            self.place_payments().await?;
            self.place_goals().await?;
        }
        Ok(())
    }

    async fn place_payments(&self) -> Result<(), E> {
        let unplaced = placed::unplaced(self.site)?;
        let mut of_shards = BTreeMap::<u32, (Vec<PlacedKey>, Vec<PlacedPayment>)>::new();
        for (shard, key) in &unplaced.displaced {
            of_shards.entry(*shard).or_default().0.push(key.clone());
        }
        for (shard, _, payment) in &unplaced.placed {
            of_shards.entry(*shard).or_default().1.push(payment.clone());
        }
        if of_shards.is_empty() {
            return Ok(());
        }
        let currency = self.site.currency()?;
        let part = |(shard, (displaced, placed))| (shard, Call::Part(Part::Settle { currency, displaced, placed }));
        self.ask(of_shards.into_iter().map(part).collect(), self.currency).await?;
        Ok(placed::settled(self.site, &unplaced)?)
    }

    /// Stores goals at their visitors' shards. One that moves goes from where it was first, since an id is stored once; one that
    /// the website's owner has deleted does not move.
    async fn place_goals(&self) -> Result<(), E> {
        let goals = placed::unplaced_goals(self.site)?;
        let asked: Vec<&UnplacedGoal> = goals.iter().filter(|goal| goal.is_asked_for).collect();
        if !asked.is_empty() {
            let known = asked.iter().filter_map(|goal| {
                let (_, shard) = goal.former?;
                Some((shard, Call::Part(Part::Known(vec![(goal.id.clone(), false)]))))
            });
            let known: Vec<Vec<bool>> = parse_all(&self.ask(known.collect(), None).await?)?;
            let known = known.into_iter().map(|known| known.contains(&true));
            let found: Vec<(EventId, bool)> = asked.iter().map(|goal| goal.id.clone()).zip(known).collect();
            return Ok(placed::found_goals(self.site, &found)?);
        }
        if goals.is_empty() {
            return Ok(());
        }
        let (mut reached, mut left) = (BTreeMap::<u32, Vec<PlacedGoal>>::new(), BTreeMap::<u32, Vec<_>>::new());
        for UnplacedGoal { goal, visitor, shard, former, is_news, .. } in &goals {
            let event = lifecycle_goals::event_of(goal, *visitor)?;
            match former {
                // The id is stored there already.
                Some((from, of)) if of == shard && from != visitor => {
                    left.entry(*of).or_default().push((*from, goal.time, event.id.clone()));
                }
                Some((from, of)) if of != shard => {
                    left.entry(*of).or_default().push((*from, goal.time, event.id.clone()));
                }
                _ => {}
            }
            reached.entry(*shard).or_default().push(PlacedGoal { event, is_news: *is_news });
        }
        let leave = |(shard, left)| (shard, Call::Part(Part::Leave(left)));
        let reach = |(shard, goals)| (shard, Call::Part(Part::Reach(goals)));
        self.ask(left.into_iter().map(leave).collect(), None).await?;
        self.ask(reached.into_iter().map(reach).collect(), None).await?;
        Ok(placed::settled_goals(self.site, &goals)?)
    }

    async fn take_all(&self, asked: &TakeAll) -> Result<Taken, E> {
        let mut all = Taken::default();
        for part in Site::<S>::parts_of(asked) {
            let now = Timestamp::from_millis(self.now);
            all.add(self.work(|| self.site.take_all(&part, self.currency, now)).await?);
            if all.waits_for.is_some() {
                break;
            }
        }
        Ok(all)
    }

    async fn erase(&self, visitor: VisitorId) -> Result<Vec<String>, E> {
        let mut gone = Vec::new();
        loop {
            let some = self.work(|| self.site.erase_told(visitor, Timestamp::from_millis(self.now))).await?;
            if some.is_empty() {
                return Ok(gone);
            }
            gone.extend(some);
        }
    }

    // ---- Storing

    async fn record(&self, payments: &[Payment], is_import: bool) -> Result<Vec<bool>, E> {
        let mut are_new = Vec::new();
        for payment in payments {
            are_new.push(self.record_shared(payment).await?);
        }
        let others: Vec<Payment> = payments
            .iter()
            .zip(&are_new)
            .filter(|(_, is_new)| is_new.is_none())
            .map(|(payment, _)| payment.clone())
            .collect();
        let mut stored =
            if others.is_empty() { Vec::new() } else { self.record_others(&others, is_import).await? }.into_iter();
        Ok(are_new.into_iter().map(|is_new| is_new.or_else(|| stored.next()).unwrap_or_default()).collect())
    }

    /// Stores a payment of which providers told, too, and returns whether it is new; `None` if none did.
    async fn record_shared(&self, payment: &Payment) -> Result<Option<bool>, E> {
        let (is_shared, is_removed) = ledgers::is_shared(self.site, &payment.transaction_id)?;
        if !is_shared && !is_removed {
            return Ok(None);
        }
        let is_known = self.all::<Vec<Found>>(|| Part::Find(vec![sought(payment)])).await?;
        if is_known.iter().flatten().any(|found| found.is_known) {
            return Ok(Some(false));
        }
        if is_removed {
            self.site.lift(&payment.transaction_id)?;
        }
        if !is_shared {
            return Ok(None);
        }
        self.work(|| self.site.post_shared(payment, Timestamp::from_millis(self.now))).await
    }

    async fn record_others(&self, payments: &[Payment], is_import: bool) -> Result<Vec<bool>, E> {
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
        let now = Timestamp::from_millis(self.now);
        let told = self.work(|| self.site.delete_told(which, false, now)).await?;
        let deleted = told + self.delete_posted(which).await?;
        match which {
            PaymentDeletion::Transaction(_) if deleted == 0 => {
                self.work(|| self.site.delete_told(which, true, now)).await
            }
            _ => Ok(deleted),
        }
    }

    async fn delete_posted(&self, which: &PaymentDeletion) -> Result<i64, E> {
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
        let keys: BTreeSet<&String> = hints.iter().map(|(key, _)| key).into_set();
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        self.work(|| self.site.retake_hinted(&keys, Timestamp::from_millis(self.now))).await?;
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
        self.place().await?;
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
