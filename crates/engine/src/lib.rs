//! A website's own Durable Object: everything that ever happened there, in SQLite (docs/site-object.md).
//!
//! [`Site`] is the whole of it, over any [`sql::Sql`]: under workerd the object's storage, in the tests a SQLite in
//! memory. `object` is the thin shell that the platform sees.

pub mod append;
pub mod delete;
pub mod event;
pub mod export;
#[cfg(test)]
mod formats;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod outbox;
pub mod protocol;
pub mod reports;
pub mod rollups;
pub mod schema;
pub mod selection;
pub mod sql;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use jiff::tz::TimeZone;

use append::Appended;
use event::{Event, Page, Payment, VisitorKey};
use protocol::{Call, Identified, Import, Item, Request, Revalue, Stored};
use sluice_money::Rates;
use sluice_values::{Currency, Timestamp};
use sql::Sql;

/// Milliseconds of a day of 24 hours.
pub const DAY_MS: i64 = 86_400_000;

/// Why the engine could not do what it was asked: its database failed, or holds what it should not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// A failure with this explanation for the log.
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}

/// Where 32 random bytes come from.
pub type Random = fn() -> Result<[u8; 32], Error>;

/// A website's events and what is asked of them.
pub struct Site<S> {
    sql: S,
    random: Random,
    caches: RefCell<Caches>,
    new_salt: Cell<Option<i64>>,
    /// Whether `news` may hold something: true until it was looked at.
    has_outbox: Cell<bool>,
    /// Whether it is noted already that metrics may have moved.
    activity_noted: Cell<bool>,
}

/// What has been read before and cannot change behind the object's back: it alone writes.
#[derive(Default)]
struct Caches {
    strings: HashMap<String, i64>,
    pages: HashMap<Page, i64>,
    contexts: HashMap<[u8; 16], i64>,
    zone: Option<TimeZone>,
    longest: Option<i64>,
    last_ids: HashMap<&'static str, i64>,
    watch: Option<outbox::Subscriptions>,
}

impl<S: Sql> Site<S> {
    /// The site in this database, brought to the newest schema.
    pub fn open(sql: S, random: Random) -> Result<Self, Error> {
        schema::migrate(&sql)?;
        Ok(Self {
            sql,
            random,
            caches: RefCell::default(),
            new_salt: Cell::default(),
            has_outbox: Cell::new(true),
            activity_noted: Cell::default(),
        })
    }

    /// The answer to any call, as JSON.
    pub fn answer(&self, request: &Request) -> Result<String, Error> {
        let now = request.now();
        match &request.call {
            Call::Append(asked) => to_json(&self.append_one(&asked.event, now)?),
            Call::PostGoal(asked) => to_json(&self.post_goal(&asked.event, now)?),
            Call::PostIdentity(asked) => to_json(&self.post_identity(&asked.event, now)?),
            Call::RecordPayment(asked) => to_json(&self.pay_once(&asked.payment, now)?),
            Call::Import(asked) => to_json(&self.import(asked, now)?),
            Call::Export(asked) => to_json(&self.export(asked)?),
            Call::GoalDeletion(asked) => to_json(&self.delete_goals(asked, now)?),
            Call::PaymentDeletion(asked) => to_json(&self.delete_payments(asked, now)?),
            Call::Revalue(asked) => to_json(&self.revalue(asked, now)?),
            Call::Subscriptions(asked) => to_json(&self.set_subscriptions(asked)?),
            Call::Overview(asked) => to_json(&self.overview(asked)?),
            Call::Timeseries(asked) => to_json(&self.timeseries(asked)?),
            Call::Breakdown(asked) => to_json(&self.breakdown(asked)?),
            Call::GoalReport(asked) => to_json(&self.goals(asked)?),
            Call::GoalProperties(asked) => to_json(&self.goal_properties(asked)?),
            Call::TrackedGoals(_) => to_json(&self.tracked_goals()?),
            Call::HasGoal(asked) => to_json(&self.has_goal(&asked.name)?),
            Call::FunnelReport(asked) => to_json(&self.funnel(asked)?),
            Call::VisitorList(asked) => to_json(&self.visitors(asked)?),
            Call::VisitorQuery(asked) => to_json(&self.visitor_of(asked)?),
            Call::RealtimeCount(_) => to_json(&self.present(now)?),
            Call::RealtimeMap(_) => to_json(&self.everybody(now)?),
            Call::Measure(asked) => {
                self.activity_seen();
                to_json(&self.measure(asked, now)?)
            }
            Call::Replay(asked) => to_json(&self.replay(asked, now)?),
            Call::Completions(asked) => to_json(&self.completions(asked, now)?),
            Call::Statistics(_) => to_json(&self.stored()?),
        }
    }

    /// Runs `work` in one transaction. What had been cached of it is forgotten where it fails.
    fn write<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut result = None;
        let done = self.sql.transaction(&mut || {
            result = Some(work()?);
            Ok(())
        });
        if let Err(error) = done {
            self.caches.replace(Caches::default());
            self.activity_seen();
            return Err(error);
        }
        result.ok_or_else(|| Error::new("a transaction without a result"))
    }

    /// Stores an event.
    pub fn append_one(&self, event: &Event, now: Timestamp) -> Result<Appended, Error> {
        self.write(|| self.append_with_outbox(event, now))
    }

    /// Stores a goal of a backend's, and tells whether its visitor has ever seen a page; otherwise nothing is stored.
    pub fn post_goal(&self, event: &Event, now: Timestamp) -> Result<bool, Error> {
        if !self.knows(&event.sender)? {
            return Ok(false);
        }
        self.write(|| self.append_with_outbox(event, now)).map(|_| true)
    }

    /// Stores what a backend knows of a visitor; `None`, and nothing is stored, where they have never seen a page.
    pub fn post_identity(&self, event: &Event, now: Timestamp) -> Result<Option<Identified>, Error> {
        let VisitorKey::Visitor(uid) = &event.sender else { return Ok(None) };
        let Some(visitor) = self.visitor_with_pageview(*uid)? else { return Ok(None) };
        let profile = || -> Result<Option<String>, Error> {
            self.sql.one("SELECT profile FROM visitors WHERE id = ?1", &[visitor.into()])?.next()
        };
        let before = profile()?;
        self.write(|| self.append_with_outbox(event, now))?;
        let profile_id = profile()?.ok_or_else(|| Error::new("an identified visitor without a profile"))?;
        Ok(Some(Identified { created: before.is_none(), profile_id }))
    }

    fn knows(&self, sender: &VisitorKey) -> Result<bool, Error> {
        match sender {
            VisitorKey::Visitor(id) => Ok(self.visitor_with_pageview(*id)?.is_some()),
            VisitorKey::Anonymous(_) => Ok(false),
        }
    }

    /// What the object takes and holds.
    pub fn stored(&self) -> Result<Stored, Error> {
        let mut row = self.sql.one("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM sessions)", &[])?;
        Ok(Stored { events: row.next()?, sessions: row.next()?, bytes: self.sql.size()? })
    }

    /// Forgets the salts of the days before this one.
    pub fn forget_salts_before(&self, day: i64) -> Result<(), Error> {
        self.sql.run("DELETE FROM salts WHERE day < ?1", &[day.into()])
    }

    /// The latest day that has a salt.
    pub fn last_salt(&self) -> Result<Option<i64>, Error> {
        self.sql.one("SELECT max(day) FROM salts", &[])?.next()
    }

    /// The day of a salt that was made since this was asked last.
    pub fn take_new_salt(&self) -> Option<i64> {
        self.new_salt.take()
    }

    /// Stores a payment, and tells whether it is new.
    pub fn pay_once(&self, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
        self.write(|| self.pay_with_outbox(payment, now))
    }

    /// Works every payment out in another currency. One without a rate keeps its value.
    pub fn revalue(&self, asked: &Revalue, now: Timestamp) -> Result<i64, Error> {
        let broken = || Error::new("no currency to work payments out in");
        let to: Currency = asked.currency.parse().map_err(|_| broken())?;
        let rates = Rates::parse(&asked.rates).map_err(|error| Error::new(error.to_string()))?;
        self.write(|| {
            let rows = self.sql.rows("SELECT id, amount, currency, value FROM payments", &[])?;
            let mut changed = 0;
            for mut row in rows {
                let (id, amount): (i64, i64) = (row.next()?, row.next()?);
                let (currency, before): (String, i64) = (row.next()?, row.next()?);
                let from: Currency = currency.parse().map_err(|_| broken())?;
                let Some(value) = rates.convert(amount, from.iso(), to.iso()).filter(|value| *value != before) else {
                    continue;
                };
                self.sql.run("UPDATE payments SET value = ?2 WHERE id = ?1", &[id.into(), value.into()])?;
                changed += 1;
            }
            self.note_activity(now)?;
            Ok(changed)
        })
    }

    /// Stores events and payments in order, and tells of each whether it is new.
    pub fn import(&self, asked: &Import, now: Timestamp) -> Result<Vec<bool>, Error> {
        self.keep_zone(&asked.zone)?;
        self.write(|| {
            self.note_activity(now)?;
            let stored = asked.items.iter().map(|item| match item {
                Item::Event(event) => self.append(event, now).map(|appended| appended.is_new),
                Item::Payment(payment) => self.pay(payment),
            });
            stored.collect()
        })
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(error.to_string()))
}
