//! What the shards of a website are asked by whoever merges their answers (`merge.rs`, `together.rs`). Answers are counts of
//! the shard's own visitors, so that they add up.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sluice_values::{Currency, EventId, Id, Timestamp, VisitorId, kinds};

use crate::attribution;
use crate::currency;
use crate::delete::PaymentDeletion;
use crate::error::Error;
use crate::event::{Payment, PaymentKind, event_id, stored_event_id};
use crate::ids;
use crate::layout::{Layout, Standing};
use crate::outbox::{self, OutboxEntry};
use crate::payments;
use crate::placed::{self, PlacedGoal, PlacedKey, PlacedPayment};
use crate::placing;
use crate::reports::breakdown::Breakdown;
use crate::reports::goals::GoalReport;
use crate::reports::measure::Measure;
use crate::reports::properties::{GoalProperties, select_properties};
use crate::reports::replay::Replay;
use crate::reports::visitors::{Told, VisitorList};
use crate::salts;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};
use crate::subscriptions::Subscriptions;
use crate::takes::{Take, TakeAll};

/// A question to one shard. Sent between Worker and objects: variants may be added, and fields with a default; nothing is
/// renamed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Part {
    /// The object is this shard from now on: `()`. It must be new, or have been told so before.
    Join {
        layout: Layout,
        shard: u32,
        subscriptions: Box<Subscriptions>,
        /// Entries of its outbox have higher numbers than this.
        outbox_from: i64,
    },
    /// The events of the website, which has none yet, go to so many new shards from now on: whether they do. An object that has
    /// anything stays what it is.
    Split { count: u32 },
    /// Entries of the outbox of another shard: `()`. Those that it has been handed before are left out.
    Handed { shard: u32, entries: Vec<OutboxEntry> },
    /// Today's salt for visitors without cookies, in hexadecimal: `String`.
    Salt,
    /// Which events are stored, by id and whether a browser chose it: `Vec<bool>`.
    Known(Vec<(EventId, bool)>),
    /// The groups of a breakdown whose keys come after this one: `Vec<Group>`, in the order of their keys.
    Groups { asked: Breakdown, after: Vec<String>, limit: u32 },
    /// The goals, or exit links, whose names come after this one: `Vec<Count>`, in the order of their names.
    Goals { asked: GoalReport, after: Vec<String>, limit: u32 },
    /// The same of the properties of a goal.
    Properties { asked: GoalProperties, after: Vec<String>, limit: u32 },
    /// Who is on a part of the list of visitors: `Ordered`.
    Visitors(VisitorList),
    /// These visitors of a list up to a time: `Vec<Seen>`, in their order.
    Described {
        seen: Vec<(Timestamp, VisitorId)>,
        until: i64,
        /// The whole of what is told, in place of `until`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<Told>,
    },
    /// A metric over a window up to now, in which a part may be above its whole: `Measured`.
    Measure(Measure),
    /// The same at every minute of the past: `Vec<Point>`.
    Replay(Replay),
    /// The current visitors: `EverybodySeen`.
    Everybody,
    /// What is known of payments: `Vec<Found>`.
    Find(Vec<Sought>),
    /// The payments without a named visitor that have one of these keys: [`Unnamed`].
    Unnamed(Vec<String>),
    /// Stores payments that were elsewhere: `()`.
    Place(Vec<Payment>),
    /// Gives payments of the shard to one of its visitors: `()`.
    Assign(VisitorId, Vec<Id<kinds::Payment>>),
    /// What concerns all shards, which their home is asked for (`together.rs`).
    Home(Shared),
    /// Removes payments that are elsewhere now: `()`.
    Remove(Vec<Id<kinds::Payment>>),
    /// Whether there is a visitor with this id: `bool`.
    HasVisitor(VisitorId),
    /// The latest hints with these keys: `Vec<(String, Timestamp, VisitorId)>`.
    Latest(Vec<String>),
    /// The payments of these transactions that backends posted: `Vec<Payment>`.
    Posted(Vec<String>),
    /// Removes payments of which providers told, then stores others: `()`.
    Settle {
        /// The website's, as the home knows it.
        currency: Currency,
        displaced: Vec<PlacedKey>,
        placed: Vec<PlacedPayment>,
    },
    /// Stores goals of subscriptions' lives as events: `()`.
    Reach(Vec<PlacedGoal>),
    /// Removes goals that are another visitor's now: `()`.
    Leave(Vec<(VisitorId, Timestamp, EventId)>),
}

/// What the home of several shards is asked for, because it concerns all of them. One follows the other. Sent like [`Part`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Shared {
    /// Stores payments, each once: for each whether it is new.
    Record {
        payments: Vec<Payment>,
        /// Whether endpoints and alerts are not told of them.
        #[serde(default)]
        is_import: bool,
    },
    /// Attributes payments without a named visitor after hints, each with its key and its visitor: `()`.
    Attribute(Vec<(String, VisitorId)>),
    /// Deletes payments: their number.
    Delete(PaymentDeletion),
    /// Takes what a provider told: `Taken`.
    Take(Take),
    /// Takes what a provider told of many subjects: `Taken`.
    TakeAll(TakeAll),
    /// Forgets what providers told of a visitor who is erased, and returns the transactions that went: `Vec<String>`.
    Erase(VisitorId),
}

/// A payment that is looked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sought {
    pub transaction_id: String,
    pub is_refund: bool,
    pub refund_id: String,
    pub event_id: Option<EventId>,
    /// The keys of hints, if no visitor is named.
    pub hints: Vec<String>,
}

/// What a shard knows of a payment that is looked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    /// Whether it is stored.
    pub is_known: bool,
    /// The latest hint with one of the keys.
    pub hinted: Option<(Timestamp, VisitorId)>,
}

/// Payments without a named visitor.
#[derive(Debug, Serialize, Deserialize)]
pub struct Unnamed {
    pub payments: Vec<Payment>,
    /// What their values are in, if the website ever changed its currency.
    pub currency: Option<Currency>,
}

impl<S: Sql> Site<S> {
    /// What the object is to its website.
    pub fn standing(&self) -> Standing {
        self.standing.get()
    }

    /// Stores what the object is. Runs within a transaction.
    fn stand(&self, standing: Standing) -> Result<(), Error> {
        let json = serde_json::to_string(&standing).map_err(|error| Error::new(error.to_string()))?;
        self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('layout', ?1)", &[json.into()])
    }

    /// Answers a question to a shard, as JSON.
    pub(crate) fn part(&self, asked: &Part, now: Timestamp) -> Result<Json, Error> {
        match asked {
            Part::Join { layout, shard, subscriptions, outbox_from } => {
                json(&self.join(Standing::Shard(*layout, *shard), subscriptions, *outbox_from, now)?)
            }
            Part::Handed { shard, entries } => json(&outbox::take_handed(self, *shard, entries)?),
            Part::Salt => json(&salts::today(self, now)?),
            Part::Known(ids) => {
                let ids: Vec<Value> = ids.iter().map(|(id, is_public)| stored_event_id(id, *is_public)).collect();
                json(&ids::are_stored(self, &ids.iter().collect::<Vec<_>>())?)
            }
            Part::Groups { asked, after, limit } => json(&self.groups_after(asked, after, *limit)?),
            Part::Goals { asked, after, limit } => {
                json(&self.counted_after(self.select_goals(asked)?, after, *limit)?)
            }
            Part::Properties { asked, after, limit } => match select_properties(asked) {
                Some(select) => json(&self.counted_after(select, after, *limit)?),
                None => Ok(Json::Array(Vec::new())),
            },
            Part::Visitors(asked) => json(&self.order_of_visitors(asked)?),
            Part::Described { seen, until, told } => {
                let until = Told { span: Span { from: Span::ALL.from, to: *until }, details: false };
                json(&self.describe_visitors(seen, told.unwrap_or(until))?)
            }
            Part::Measure(asked) => {
                self.has_activity.set(false);
                json(&self.measure_part(asked, now)?)
            }
            Part::Replay(asked) => json(&self.replay_part(asked, now)?),
            Part::Everybody => json(&self.everybody_seen(now)?),
            Part::Find(sought) => {
                json(&sought.iter().map(|one| self.find_payment(one)).collect::<Result<Vec<_>, _>>()?)
            }
            Part::Unnamed(keys) => json(&self.unnamed(keys)?),
            Part::Place(payments) => json(&self.write(|| {
                outbox::add_activity(self, now)?;
                payments.iter().try_for_each(|payment| payments::record(self, payment).map(|_| ()))
            })?),
            Part::Assign(visitor, ids) => {
                let ids = listed(ids)?;
                json(&self.write(|| attribution::assign(self, *visitor, &ids))?)
            }
            Part::Home(_) | Part::Split { .. } => Err(Error::new("one shard was asked for what concerns all")),
            Part::Remove(ids) => {
                let ids = listed(ids)?;
                let remove = "DELETE FROM payments WHERE pid IN (SELECT unhex(value) FROM json_each(?1))";
                json(&self.write(|| self.sql.run(remove, &[ids.as_str().into()]))?)
            }
            Part::HasVisitor(visitor) => {
                let known = self.sql.first("SELECT 1 FROM visitors WHERE uid = ?1", &[(*visitor).into()])?;
                json(&known.is_some())
            }
            Part::Latest(keys) => json(&placed::latest(self, keys)?),
            Part::Posted(ids) => json(&placing::posted(self, ids)?),
            Part::Settle { currency, displaced, placed } => {
                json(&placing::settle(self, *currency, (displaced, placed), now)?)
            }
            Part::Reach(goals) => json(&placing::store_goals(self, goals, now)?),
            Part::Leave(goals) => json(&placing::remove_goals(self, goals)?),
        }
    }

    fn join(
        &self,
        standing: Standing,
        subscriptions: &Subscriptions,
        outbox_from: i64,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.standing() == standing {
            return Ok(());
        }
        if matches!(self.standing(), Standing::Moved(_)) || self.has_anything()? {
            return Err(Error::new("an object that is in use already"));
        }
        outbox::subscribe(self, subscriptions, now)?;
        self.write(|| {
            // No number of the outbox is used twice.
            let begin = "INSERT INTO news (seq, received_at, happening) VALUES (?1, 0, '')";
            self.sql.run(begin, &[outbox_from.max(1).into()])?;
            self.sql.run("DELETE FROM news", &[])?;
            self.stand(standing)
        })?;
        self.standing.set(standing);
        Ok(())
    }

    /// Leaves the website to these shards, which have joined, if nothing is stored here. Returns whether it has.
    pub fn leave_to(&self, layout: Layout) -> Result<bool, Error> {
        self.fold()?;
        if self.standing() != Standing::Alone || self.has_anything()? {
            return Ok(false);
        }
        self.write(|| self.stand(Standing::Moved(layout)))?;
        self.standing.set(Standing::Moved(layout));
        Ok(true)
    }

    /// Whether anything is stored that another object would have to know.
    pub fn has_anything(&self) -> Result<bool, Error> {
        let anything = "SELECT EXISTS (SELECT 1 FROM events) OR EXISTS (SELECT 1 FROM payments) \
                        OR EXISTS (SELECT 1 FROM told) OR EXISTS (SELECT 1 FROM removed_payments) \
                        OR EXISTS (SELECT 1 FROM visitors) OR EXISTS (SELECT 1 FROM inbox_failed) \
                        OR EXISTS (SELECT 1 FROM erasures) OR EXISTS (SELECT 1 FROM news) OR EXISTS (SELECT 1 FROM messages)";
        self.sql.one(anything, &[])?.next()
    }

    fn find_payment(&self, sought: &Sought) -> Result<Found, Error> {
        let Sought { transaction_id, is_refund, refund_id, event_id, hints } = sought;
        let known = payments::is_known(self, (transaction_id, *is_refund, refund_id), event_id.as_ref())?;
        let hints = serde_json::to_string(hints).map_err(|error| Error::new(error.to_string()))?;
        let latest = "SELECT h.time, v.uid FROM json_each(?1) k CROSS JOIN hints h ON h.key = k.value \
                      AND h.time = (SELECT max(time) FROM hints WHERE key = k.value) JOIN visitors v ON v.id = h.visitor \
                      ORDER BY h.time DESC, h.visitor DESC LIMIT 1";
        let latest = self.sql.first(latest, &[hints.into()])?;
        let latest = latest.map(|mut row| Ok::<_, Error>((row.next()?, row.next()?))).transpose()?;
        Ok(Found { is_known: known, hinted: latest })
    }

    fn unnamed(&self, keys: &[String]) -> Result<Unnamed, Error> {
        const COLUMNS: &str =
            "pid, eid, transaction_id, refund_id, time, kind, amount, currency, value, email, name, customer_id";
        let mut found = Vec::new();
        for key in keys {
            let (column, value) = key.split_once(':').unwrap_or_default();
            let column = if column == "email" { "email" } else { "transaction_id" };
            let select = format!("SELECT {COLUMNS} FROM payments WHERE named = 0 AND {column} = ?1");
            for mut row in self.sql.rows(&select, &[value.into()])? {
                let payment = read(&mut row)?;
                if found.iter().all(|known: &Payment| known.id != payment.id) {
                    found.push(payment);
                }
            }
        }
        Ok(Unnamed { payments: found, currency: currency::of_values(self)? })
    }
}

/// Payments' ids as a JSON array.
fn listed(ids: &[Id<kinds::Payment>]) -> Result<String, Error> {
    serde_json::to_string(ids).map_err(|error| Error::new(error.to_string()))
}

fn read(row: &mut Row) -> Result<Payment, Error> {
    let id: Vec<u8> = row.next()?;
    let id = id.try_into().map(Id::from_bytes).map_err(|_| Error::new("a payment's id has the wrong length"))?;
    let event: Option<Value> = row.next()?;
    let event_id = event.map(|stored| Ok::<_, Error>(event_id(stored)?.0)).transpose()?;
    let event_id = event_id.map(|id| id.parse().map_err(|why| Error::new(format!("stored: {why}")))).transpose()?;
    let transaction_id = row.next()?;
    let refund_id = Some(row.next::<String>()?).filter(|id| !id.is_empty());
    let (time, kind): (Timestamp, PaymentKind) = (row.next()?, row.next()?);
    let (amount, currency, value) = (row.next()?, row.next()?, row.next()?);
    let (email, name, customer_id) = (row.next()?, row.next()?, row.next()?);
    Ok(Payment {
        id,
        event_id,
        transaction_id,
        refund_id,
        time,
        kind,
        visitor: None,
        amount,
        currency,
        value,
        email,
        name,
        customer_id,
    })
}

fn json<T: Serialize>(value: &T) -> Result<Json, Error> {
    serde_json::to_value(value).map_err(|error| Error::new(error.to_string()))
}
