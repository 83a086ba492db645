//! Takes what payment providers tell (docs/contract/providers.md#2), in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde::{Deserialize, Serialize};

use sluice_money::Rates;
use sluice_providers::around::{Link, Seeds};
use sluice_providers::ledger::{self, Ledger, NEWS_MS, Origin, Outcome, is_news};
use sluice_providers::lifecycle::{Goal, Milestone};
use sluice_providers::provider::Provider;
use sluice_providers::record::State;
use sluice_providers::rows::{Payer, Row, RowKind};
use sluice_providers::told::{Key, Teller, Told};
use sluice_values::{Currency, Timestamp};

use crate::currency;
use crate::erased_payers;
use crate::error::Error;
use crate::event::Payment;
use crate::inbox;
use crate::ledgers::{self, settle};
use crate::lifecycle_goals;
use crate::outbox;
use crate::placed;
use crate::retakes::{self, Again};
use crate::seen_subscriptions;
use crate::site::Site;
use crate::sql::Sql;
use crate::told::{self, Loaded, Worth};
use crate::told_rows::{Change, Written, own_worth};

/// What a provider told of one subject. Sent with the website's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Take {
    pub told: Box<ledger::Take>,
    /// When the provider was connected: payments of before are no news.
    pub connected_at: Timestamp,
    /// The exchange rates of days (`2026-05-21`), in the form that [`Rates::parse`] reads: of each day on which something was paid
    /// that has to be converted.
    #[serde(default)]
    pub rates: Vec<(String, String)>,
}

/// What a provider told of many subjects, such as a page of its list. Sent with the website's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeAll {
    pub told: Vec<ledger::Take>,
    /// As of [`Take`].
    pub connected_at: Timestamp,
    /// As of [`Take`].
    #[serde(default)]
    pub rates: Vec<(String, String)>,
}

/// Subjects that are taken in one transaction: what is told of them is loaded together.
const AT_ONCE: usize = 50;

/// What a message changed of the website's payments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// Money that was not known before.
    pub added: usize,
    pub changed: usize,
    /// Rows that are no more.
    pub voided: usize,
    /// Records that changed nothing.
    pub unchanged: usize,
    /// Rows of the message without a visitor.
    pub unattributed: usize,
    /// Why nothing is stored, and will not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The day whose rates are missing: nothing is stored, and the message is to be sent again once there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

impl Taken {
    pub(crate) fn add(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.voided += other.voided;
        self.unchanged += other.unchanged;
        self.unattributed += other.unattributed;
        self.refused = self.refused.take().or(other.refused);
        self.waits_for = self.waits_for.take().or(other.waits_for);
    }
}

/// Lets a provider tell again of what the owner deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreDeleted {
    pub provider: Provider,
}

/// The day of a moment: `2026-05-21`.
pub fn day_of(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

/// The days whose rates a message needs.
pub fn days_to_convert(take: &ledger::Take, currency: Currency) -> BTreeSet<String> {
    let records = take.taking.records.iter().map(|record| Told::new(record.clone()));
    records.filter(|told| is_converted(told, currency)).map(|told| day_of(told.time)).into_set()
}

/// Whether it is money that counts, and nobody says what it is in this currency.
fn is_converted(told: &Told, currency: Currency) -> bool {
    told.state == State::Counts && !told.is_trial() && own_worth(told, currency).is_none()
}

/// What newly told money is worth; the day whose rates are missing for it.
fn worths(
    loaded: &Loaded,
    ledger: &Ledger,
    currency: Currency,
    rates: &BTreeMap<&str, Rates>,
) -> Result<BTreeMap<Key, Option<Worth>>, String> {
    let mut worths = BTreeMap::new();
    for (key, told) in &ledger.told {
        let stored = loaded.stored.get(key);
        let has_worth = |stored: &told::Stored| stored.worth.is_some() && stored.told.sum() == told.sum();
        if key.teller == Teller::Api || stored.is_some_and(|stored| stored.told == *told || has_worth(stored)) {
            continue;
        }
        let worth = if is_converted(told, currency) {
            let paid = told.sum().paid;
            let day = day_of(told.time);
            let rates = rates.get(day.as_str());
            let value = rates.and_then(|rates| rates.convert(paid.amount.units(), paid.currency.iso(), currency.iso()));
            Some(Worth { value: value.ok_or(day)?, currency })
        } else {
            own_worth(told, currency).filter(|_| told.state == State::Counts && !told.is_trial())
        };
        worths.insert(key.clone(), worth);
    }
    Ok(worths)
}

/// On what terms payments are taken.
struct Terms<'a> {
    connected_at: Timestamp,
    currency: Currency,
    rates: BTreeMap<&'a str, Rates>,
}

impl<'a> Terms<'a> {
    fn new(connected_at: Timestamp, rates: &'a [(String, String)], currency: Option<Currency>) -> Result<Self, Error> {
        let currency = currency.ok_or_else(|| Error::new("payments without the website's currency"))?;
        let rates = rates.iter().map(|(day, rates)| {
            let rates = Rates::parse(rates).map_err(|error| Error::new(error.to_string()))?;
            Ok((day.as_str(), rates))
        });
        Ok(Self { connected_at, currency, rates: rates.collect::<Result<_, Error>>()? })
    }
}

impl<S: Sql> Site<S> {
    /// Takes what a provider told.
    pub fn take_told(&self, asked: &Take, currency: Option<Currency>, now: Timestamp) -> Result<Taken, Error> {
        let terms = Terms::new(asked.connected_at, &asked.rates, currency)?;
        self.take_together(std::slice::from_ref(&*asked.told), &terms, now)
    }

    /// Takes what a provider told of many subjects. What waits for rates keeps those after it from being taken.
    pub fn take_all(&self, asked: &TakeAll, currency: Option<Currency>, now: Timestamp) -> Result<Taken, Error> {
        let terms = Terms::new(asked.connected_at, &asked.rates, currency)?;
        let mut all = Taken::default();
        let alike = asked.told.chunk_by(|one, next| one.origin == next.origin);
        for told in alike.flat_map(|told| told.chunks(AT_ONCE)) {
            match self.take_together(told, &terms, now) {
                Ok(taken) => all.add(taken),
                // Too much was told of some of them together.
                Err(_) if told.len() > 1 && !self.elsewhere.borrow().lacks_anything() => {
                    for one in told {
                        all.add(self.take_together(std::slice::from_ref(one), &terms, now)?);
                    }
                }
                Err(error) => return Err(error),
            }
            if all.waits_for.is_some() {
                break;
            }
        }
        Ok(all)
    }

    /// The same in messages of as much as is taken at once.
    pub(crate) fn parts_of(asked: &TakeAll) -> Vec<TakeAll> {
        let alike = asked.told.chunk_by(|one, next| one.origin == next.origin);
        let parts = alike.flat_map(|told| told.chunks(AT_ONCE));
        parts.map(|told| TakeAll { told: told.to_vec(), ..asked.clone() }).collect()
    }

    /// Takes what was told by one provider in one way, in one transaction.
    fn take_together(&self, told: &[ledger::Take], terms: &Terms<'_>, now: Timestamp) -> Result<Taken, Error> {
        let Terms { connected_at, currency, rates } = terms;
        let (currency, connected_at) = (*currency, *connected_at);
        let Some(origin) = told.first().map(|first| first.origin) else { return Ok(Taken::default()) };
        self.write(|| {
            currency::note(self, currency)?;
            let told = &*erased_payers::without(self, told)?;
            let mut seeds = Seeds::default();
            for take in told {
                let Seeds { money, payers } = Seeds::of(&take.taking);
                seeds.money.extend(money);
                seeds.payers.extend(payers);
            }
            let told_payers = seeds.payers.clone();
            let loaded = told::load(self, seeds)?;
            let mut ledger = loaded.ledger.clone();
            ledger.take_all(told);
            let worths = match worths(&loaded, &ledger, currency, rates) {
                Ok(worths) => worths,
                Err(day) => return Ok(Taken { waits_for: Some(day), ..Taken::default() }),
            };
            // The hints about what is known now decide about what was known before, too.
            let mut before = loaded.ledger.clone();
            told::load_hints(self, &loaded, &mut ledger)?;
            before.hints.clone_from(&ledger.hints);
            let outcome = before.take_all(told);
            let change = Change { now, origin, worths: &worths };
            let (written, followed) = settle(self, (&loaded, &ledger), &change)?;
            if !written.rows.is_empty() || written.gone > 0 || followed > 0 {
                outbox::add_activity(self, now)?;
            }
            tell(self, (told, origin, connected_at), (&ledger, &outcome), now)?;
            let mut goals = outcome.goals.clone();
            goals.extend(seen_subscriptions::changes(self, told)?);
            let mut payers = told_payers;
            payers.extend(loaded.payers.keys().cloned());
            if !written.rows.is_empty() {
                goals.extend(trials(&ledger, &written));
                goals.extend(conversions(self, &payers)?);
            }
            let is_live = is_live(origin);
            let is_news = |goal: &Goal| is_live && goal.time >= connected_at && goal.time >= now.plus_millis(-NEWS_MS);
            lifecycle_goals::reach(self, &goals, is_news, now)?;
            lifecycle_goals::again(self, &payers, now)?;
            Ok(Taken {
                added: outcome.added.len(),
                changed: outcome.changed.len() + followed,
                voided: outcome.voided.len(),
                unchanged: outcome.unchanged,
                unattributed: outcome.unattributed,
                refused: None,
                waits_for: None,
            })
        })
    }

    /// Whether payments wait for being worked out again.
    pub fn has_retakes(&self) -> bool {
        self.has_retakes.get()
    }

    /// Goes on with working out payments again, and returns whether there is more to do.
    pub fn retake_on(&self, now: Timestamp) -> Result<bool, Error> {
        // Of several shards, the home has to ask the others.
        if !self.has_retakes.get() || self.is_shard() { Ok(false) } else { self.retake_step(now) }
    }

    /// Works out payments again that what is noted may be about, and returns whether there is more to do.
    pub(crate) fn retake_step(&self, now: Timestamp) -> Result<bool, Error> {
        inbox::fold(self)?;
        let has_more = self.write(|| {
            let Some(Again { payers, changed }) = retakes::step(self, now)? else { return Ok(false) };
            if changed > 0 {
                outbox::add_activity(self, now)?;
            }
            lifecycle_goals::again(self, &payers, now)?;
            Ok(true)
        })?;
        self.has_retakes.set(has_more);
        Ok(has_more)
    }

    /// Works out payments again that hints with these keys are about.
    pub(crate) fn retake_hinted(&self, keys: &[String], now: Timestamp) -> Result<(), Error> {
        self.write(|| {
            if retakes::of_hints(self, keys, now)? > 0 {
                outbox::add_activity(self, now)?;
            }
            Ok(())
        })
    }

    /// Takes what a backend posted, at the home of several shards; `None` if it is nothing that a provider could tell of.
    pub(crate) fn post_shared(&self, payment: &Payment, now: Timestamp) -> Result<Option<bool>, Error> {
        self.write(|| {
            outbox::add_activity(self, now)?;
            ledgers::post(self, payment)
        })
    }

    /// Lets a provider tell again of what was deleted, and returns how much that is.
    pub fn restore_deleted(&self, asked: RestoreDeleted) -> Result<i64, Error> {
        let of = "SELECT r.id FROM removed_payments r, json_each(r.removed, '$.of') p WHERE p.value = ?1";
        self.write(|| {
            let provider = asked.provider.name();
            self.sql.run(&format!("DELETE FROM removed_names WHERE removed IN ({of})"), &[provider.into()])?;
            let lifted = format!("DELETE FROM removed_payments WHERE id IN ({of}) RETURNING id");
            let lifted = self.sql.rows(&lifted, &[provider.into()])?;
            Ok(i64::try_from(lifted.len()).unwrap_or(i64::MAX))
        })
    }
}

const fn is_live(origin: Origin) -> bool {
    matches!(origin, Origin::Webhook | Origin::Poll | Origin::Sweep)
}

/// The goals of trials that a message began.
fn trials(ledger: &Ledger, written: &Written) -> Vec<Goal> {
    let rows = ledger.rows();
    let trials = rows.values().filter(|row| row.kind == RowKind::Trial && written.rows.contains(&row.key));
    let goal = |row: &Row| {
        let Teller::Provider(provider) = row.teller else { return None };
        let (subscription, customer) = (row.subscription.clone()?, row.customer.clone());
        Some(Goal { milestone: Milestone::TrialStarted, provider, subscription, customer, time: row.time })
    };
    trials.filter_map(goal).collect()
}

/// The goals of subscriptions among these payers whose trial was followed by money.
fn conversions<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>) -> Result<Vec<Goal>, Error> {
    let goal = |(link, payer): (Link, Payer)| {
        let Link::Subscription(provider, subscription) = link else { return None };
        let (time, _) = payer.first.filter(|_| payer.has_trial)?;
        Some(Goal { milestone: Milestone::TrialConverted, provider, subscription, customer: None, time })
    };
    Ok(told::payers_besides(site, payers, &[])?.into_iter().filter_map(goal).collect())
}

/// Tells endpoints and alerts of the news of a message.
fn tell<S: Sql>(
    site: &Site<S>,
    (told, origin, connected_at): (&[ledger::Take], Origin, Timestamp),
    (ledger, outcome): (&Ledger, &Outcome),
    now: Timestamp,
) -> Result<(), Error> {
    if !is_live(origin) {
        return Ok(());
    }
    let named: BTreeSet<Key> = told.iter().flat_map(|take| &take.taking.records).map(Key::of).into_set();
    let rows = ledger.rows();
    let added = outcome.added.iter().filter_map(|key| rows.get(key));
    for row in added.filter(|row| row.members.iter().any(|member| named.contains(member))) {
        if is_news(row, origin, connected_at, now) {
            if site.is_shard() {
                placed::tell(site, &row.key)?;
            } else {
                outbox::tell_row(site, row, now)?;
            }
        }
    }
    Ok(())
}
