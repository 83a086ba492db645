//! All that was told of a website's payments, and what a message adds to it (docs/contract/providers.md#2).
//!
//! The rows are a function of what was told ([`crate::rows`]), so hearing it twice, late or in any order ends in the same
//! rows. The engine loads what is linked to a message ([`crate::around`]), runs it, and writes what differs.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde::{Deserialize, Serialize};

use sluice_values::{Timestamp, VisitorId};

use crate::hints::Hints;
use crate::ids::{CustomerId, TransactionId};
use crate::lifecycle::{Goal, Milestone};
use crate::mapped::Taking;
use crate::money::Sum;
use crate::provider::Provider;
use crate::record::{Cause, Record, State, What};
use crate::rows::{Payers, Row, RowKey, RowKind, rows};
use crate::told::{Key, Teller, Told};

/// How a record was heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Api,
    Webhook,
    Poll,
    Sweep,
    Import,
    Replay,
}

/// A message to the website's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Take {
    #[serde(flatten)]
    pub taking: Taking,
    pub origin: Origin,
    pub known_at: Timestamp,
}

/// A payment or a refund of `POST /payments`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub id: TransactionId,
    pub kind: PostedKind,
    pub sum: Sum,
    pub time: Timestamp,
    pub visitor: Option<VisitorId>,
    pub customer: Option<CustomerId>,
    pub email: Option<String>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostedKind {
    Payment {
        renewal: bool,
    },
    Trial,
    /// `refund_id`, or nothing.
    Refund(String),
}

impl Posted {
    /// What it tells.
    pub fn told(self) -> (Key, Told) {
        let refund = match &self.kind {
            PostedKind::Refund(part) => Some(part.clone()),
            _ => None,
        };
        let key = Key { teller: Teller::Api, id: self.id.clone(), refund };
        let what = match self.kind {
            PostedKind::Payment { renewal } => What::Payment { renewal, sum: self.sum },
            PostedKind::Trial => What::Trial { currency: self.sum.paid.currency },
            PostedKind::Refund(_) => What::Refund { of: self.id.clone(), cause: Cause::Refund, sum: self.sum },
        };
        let told = Told::new(Record {
            // The key says who tells.
            provider: Provider::Stripe,
            id: self.id,
            what,
            state: State::Counts,
            time: self.time,
            visitor: self.visitor,
            session: None,
            customer: self.customer,
            email: self.email,
            name: self.name,
            subscription: None,
            ids: Vec::new(),
            version: self.time,
        });
        (key, told)
    }
}

/// What a message changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows of money that was not known before.
    pub added: Vec<RowKey>,
    pub changed: Vec<RowKey>,
    /// Rows that are no more.
    pub voided: Vec<RowKey>,
    /// Records that changed nothing.
    pub unchanged: usize,
    /// Rows of the message without a visitor.
    pub unattributed: usize,
    /// Goals of subscriptions' lives, of those that the message brought and that the set allows.
    pub goals: Vec<Goal>,
}

/// Which records a subject had when all of it was told. Stored in the website's object: fields may be added with a default, none
/// is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    since: Timestamp,
    named: BTreeSet<Key>,
}

/// Money that the owner deleted, with its other names. Stored in the website's object: fields may be added with a default, none
/// is renamed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Removed {
    pub id: TransactionId,
    pub refund: Option<String>,
    pub aliases: BTreeSet<String>,
    /// The providers that told of it.
    pub of: BTreeSet<Provider>,
}

impl Removed {
    /// The names under which it is found.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// A provider and what it was asked about.
pub type Subject = (Provider, TransactionId);

/// All of it, or the part that is linked to a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    pub told: BTreeMap<Key, Told>,
    pub complete: BTreeMap<Subject, Complete>,
    pub removed: BTreeSet<Removed>,
    pub hints: Hints,
    /// What is known of the payers from what is not in this part.
    pub payers: Payers,
}

impl Ledger {
    pub fn rows(&self) -> BTreeMap<RowKey, Row> {
        let told = self.told.iter().map(|(key, told)| (key, told, self.counts(key, told)));
        rows(told, &self.hints, &self.payers)
    }

    /// What has to be complete for it to be left out.
    pub fn subject(key: &Key, told: &Told) -> Option<Subject> {
        let Teller::Provider(provider) = key.teller else { return None };
        Some((provider, told.refund_of().unwrap_or(&key.id).clone()))
    }

    fn counts(&self, key: &Key, told: &Told) -> bool {
        let Some(subject) = Self::subject(key, told) else { return true };
        let cause = match &told.what {
            What::Refund { cause, .. } => Some(*cause),
            _ => None,
        };
        // A complete order has its refunds, and no chargebacks.
        let left_out = |complete: &Complete| {
            cause != Some(Cause::Chargeback) && told.version <= complete.since && !complete.named.contains(key)
        };
        told.state == State::Counts && !self.complete.get(&subject).is_some_and(left_out)
    }

    /// Takes a message.
    pub fn take(&mut self, take: &Take) -> Outcome {
        self.take_all(std::slice::from_ref(take))
    }

    /// Takes many messages, and says what they changed together.
    pub fn take_all(&mut self, takes: &[Take]) -> Outcome {
        let before = self.rows();
        let known: BTreeSet<Key> = self.told.keys().cloned().into_set();
        let named: Vec<Vec<Key>> = takes.iter().map(|take| self.hear_all(&take.taking)).collect();
        let all: BTreeSet<Key> = named.iter().flatten().cloned().into_set();
        let all: Vec<Key> = all.into_iter().collect();
        let after = self.rows();
        let mut outcome = outcome(&before, &after, &all, &known);
        let goals =
            takes.iter().zip(&named).flat_map(|(take, named)| goals(&take.taking, &after, named, &outcome.added));
        outcome.goals = goals.collect();
        outcome
    }

    /// Hears of all that was told of a subject.
    fn hear_all(&mut self, taking: &Taking) -> Vec<Key> {
        let named: Vec<Key> = taking.records.iter().filter_map(|record| self.hear(record)).collect();
        if let Some(since) = taking.complete {
            let subject = (taking.provider, taking.subject.clone());
            if self.complete.get(&subject).is_none_or(|known| known.since <= since) {
                self.complete.insert(subject, Complete { since, named: named.iter().cloned().into_set() });
            }
        }
        named
    }

    /// Hears of a record, unless the owner deleted it.
    fn hear(&mut self, record: &Record) -> Option<Key> {
        let key = Key::of(record);
        let told = Told::new(record.clone());
        if self.is_removed(&key, &told) {
            return None;
        }
        match self.told.get_mut(&key) {
            Some(known) => known.hear(record.clone()),
            None => {
                self.told.insert(key.clone(), told);
            }
        }
        Some(key)
    }

    fn is_removed(&self, key: &Key, told: &Told) -> bool {
        let is_same = |removed: &Removed| {
            let is_alias = |name: &str| removed.id.is(name) || removed.aliases.contains(name);
            match told.refund_of() {
                _ if removed.id == key.id && removed.refund == key.refund => true,
                // The refund of a payment that was deleted.
                Some(of) => removed.refund.is_none() && is_alias(of.as_str()),
                None => removed.refund.is_none() && told.aliases(key).any(is_alias),
            }
        };
        self.removed.iter().any(is_same)
    }

    /// Takes what a backend posted; `None` if it was posted before. If no row is added, a provider told of it before. What was
    /// deleted may be told again.
    pub fn post(&mut self, posted: Posted) -> Option<Outcome> {
        self.removed.retain(|removed| removed.names().all(|name| !posted.id.is(name)));
        let (key, told) = posted.told();
        if self.told.contains_key(&key) {
            return None;
        }
        let before = self.rows();
        let known: BTreeSet<Key> = self.told.keys().cloned().into_set();
        self.told.insert(key.clone(), told);
        Some(outcome(&before, &self.rows(), &[key], &known))
    }

    /// Deletes rows, and the refunds of payments among them. What providers told of them stays deleted. Returns the ids
    /// of the rows.
    pub fn remove(&mut self, which: impl Fn(&Row) -> bool) -> Vec<TransactionId> {
        let rows = self.rows();
        let named: BTreeSet<&RowKey> = rows.values().filter(|row| which(row)).map(|row| &row.key).into_set();
        let payments: BTreeSet<&TransactionId> =
            named.iter().filter(|key| key.refund.is_none()).map(|key| &key.id).into_set();
        let goes =
            |row: &&Row| named.contains(&row.key) || row.refund_of.as_ref().is_some_and(|of| payments.contains(of));
        let gone: Vec<&Row> = rows.values().filter(goes).collect();
        for row in &gone {
            let aliases = if row.key.refund.is_none() { row.aliases.clone() } else { BTreeSet::new() };
            // A trial and a payment that have one id have one row: both go.
            let alike = self.told.keys().filter(|key| key.id == row.key.id && key.refund == row.key.refund);
            let members: BTreeSet<Key> = row.members.iter().chain(alike).cloned().into_set();
            let providers = members.iter().filter_map(|key| match key.teller {
                Teller::Provider(provider) => Some(provider),
                Teller::Api => None,
            });
            let of: BTreeSet<Provider> = providers.into_set();
            for key in &members {
                self.told.remove(key);
                if key.teller != Teller::Api || members.len() > 1 {
                    self.removed.insert(Removed {
                        id: key.id.clone(),
                        refund: key.refund.clone(),
                        aliases: aliases.clone(),
                        of: of.clone(),
                    });
                }
            }
            // Refunds that count nothing have no row of their own.
            if row.key.refund.is_none() {
                self.told.retain(|_, told| {
                    told.refund_of().is_none_or(|of| !row.key.id.is(of.as_str()) && !row.aliases.contains(of.as_str()))
                });
            }
        }
        gone.iter().map(|row| row.key.id.clone()).collect()
    }

    /// Lets a provider tell again of what was deleted.
    pub fn restore_deleted(&mut self, provider: Provider) {
        self.removed.retain(|removed| !removed.of.contains(&provider));
    }
}

fn outcome(
    before: &BTreeMap<RowKey, Row>,
    after: &BTreeMap<RowKey, Row>,
    named: &[Key],
    known: &BTreeSet<Key>,
) -> Outcome {
    let was: BTreeMap<&Key, &Row> = members(before);
    let is: BTreeMap<&Key, &Row> = members(after);
    let mut outcome = Outcome::default();
    for (key, row) in after {
        let was_there = row.members.iter().any(|member| was.contains_key(member) || known.contains(member));
        if !was_there {
            outcome.added.push(key.clone());
        } else if before.get(key) != Some(row) {
            outcome.changed.push(key.clone());
        }
    }
    let is_gone = |row: &&Row| !row.members.iter().any(|member| is.contains_key(member));
    outcome.voided = before.values().filter(is_gone).map(|row| row.key.clone()).collect();
    outcome.unchanged = named.iter().filter(|key| known.contains(*key) && was.get(key) == is.get(key)).count();
    let rows: BTreeSet<&RowKey> = named.iter().filter_map(|key| Some(&is.get(key)?.key)).into_set();
    let without = |key: &&&RowKey| after.get(**key).is_some_and(|row| row.visitor.is_none());
    outcome.unattributed = rows.iter().filter(without).count();
    outcome
}

/// The goals of a message. The first cycle after a trial is no renewal, and a payment that was known is no news.
fn goals(taking: &Taking, rows: &BTreeMap<RowKey, Row>, named: &[Key], added: &[RowKey]) -> Vec<Goal> {
    let renews = || {
        let added = added.iter().filter_map(|key| rows.get(key)).filter(|row| row.kind == RowKind::Renewal);
        added.flat_map(|row| &row.members).any(|member| named.contains(member))
    };
    let is_true = |goal: &&Goal| goal.milestone != Milestone::SubscriptionRenewed || renews();
    taking.goals.iter().filter(is_true).cloned().collect()
}

fn members(rows: &BTreeMap<RowKey, Row>) -> BTreeMap<&Key, &Row> {
    rows.values().flat_map(|row| row.members.iter().map(move |key| (key, row))).into_map()
}

/// What is older is no news.
pub const NEWS_MS: i64 = 3 * 24 * 60 * 60_000;

/// Whether a row that was added is news: it is told to webhooks and alerts.
pub fn is_news(row: &Row, origin: Origin, connected_at: Timestamp, now: Timestamp) -> bool {
    let is_live = matches!(origin, Origin::Webhook | Origin::Poll | Origin::Sweep);
    is_live && row.time >= connected_at && row.time >= now.plus_millis(-NEWS_MS)
}
