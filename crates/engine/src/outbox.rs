//! The outbox: events that subscriptions ask for, stored beside the event in its transaction until they have been drained to
//! the event, and handed over by the object's alarm, so that nothing which was acknowledged is ever left untold.
//!
//! What an import brings is history and no news.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Site;
use super::append::Appended;
use super::event::{Action, Event, Payment, PaymentKind};
use super::sql::Sql;
use crate::Error;
use crate::reports::visitors::visitor_id;
use sluice_values::{Timestamp, VisitorId};

/// What a website's endpoints and alerts want to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriptions {
    /// Of two, the later one counts.
    pub version: i64,
    /// Completions of goals.
    pub goals: Goals,
    /// Payments, refunds, free trials.
    pub payments: bool,
    /// Visitors who are told to be a user.
    pub identities: bool,
    /// That anything happened at all, since it may move a metric.
    pub activity: bool,
}

/// Which goals are watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goals {
    /// Those of these names.
    Named(Vec<String>),
    /// Every one.
    All,
}

impl Default for Goals {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

impl Goals {
    fn include(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|known| known == name),
        }
    }
}

/// Something that happened, as it is handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Later news has a higher number, and no number is given twice.
    pub seq: i64,
    /// When it came in, in milliseconds.
    pub received_at: i64,
    /// What happened.
    pub happening: OutboxEvent,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OutboxEvent {
    /// Something that may have moved a metric.
    Activity,
    /// A goal was completed.
    Goal(Completion),
    /// Money was paid, or paid back, or a trial begun.
    Payment {
        /// When, in milliseconds.
        time: i64,
        /// The provider's id.
        transaction_id: String,
        /// What it is.
        kind: PaymentKind,
        /// Minor units.
        amount: i64,
        /// ISO 4217.
        currency: String,
        /// Whose it is, where that is known by now.
        visitor_id: Option<VisitorId>,
        /// The payer's.
        email: Option<String>,
    },
    /// A visitor was told to be a user, or something new of them.
    Identified {
        /// When, in milliseconds.
        time: i64,
        /// Who.
        visitor_id: VisitorId,
        /// The user, in the website's own terms.
        user_id: String,
        /// All that is known of them.
        metadata: Map<String, Json>,
    },
}

/// A completed goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// When, in milliseconds.
    pub time: i64,
    /// The event's id.
    pub event_id: String,
    /// The goal.
    pub goal_name: String,
    /// Who completed it.
    pub visitor_id: VisitorId,
    /// What came with it.
    pub metadata: Map<String, Json>,
    /// Where they are.
    pub country: Option<String>,
    /// Where they are.
    pub city: Option<String>,
    /// What with.
    pub device: Option<String>,
    /// Where they came from.
    pub referrer: Option<String>,
}

/// A user's id, and what else is known of them.
type User = (String, Map<String, Json>);

impl<S: Sql> Site<S> {
    /// What is watched from now on, where this is not older than what is known. Whoever asked is told what counts.
    pub fn set_subscriptions(&self, watch: &Subscriptions) -> Result<Subscriptions, Error> {
        let known = self.watch()?;
        if known.version > watch.version {
            return Ok(known);
        }
        let json = serde_json::to_string(watch).map_err(|error| Error::new(error.to_string()))?;
        self.write(|| {
            self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('watch', ?1)", &[json.as_str().into()])
        })?;
        self.caches.borrow_mut().watch = Some(watch.clone());
        Ok(watch.clone())
    }

    fn watch(&self) -> Result<Subscriptions, Error> {
        if let Some(watch) = &self.caches.borrow().watch {
            return Ok(watch.clone());
        }
        let stored = self.sql.first("SELECT value FROM meta WHERE key = 'watch'", &[])?;
        let watch: Subscriptions = stored.map_or_else(|| Ok(Subscriptions::default()), |mut row| row.json())?;
        self.caches.borrow_mut().watch = Some(watch.clone());
        Ok(watch)
    }

    /// Appends an event that has just happened, and notes what is watched of it. Runs within a transaction.
    pub(super) fn append_with_outbox(&self, event: &Event, now: Timestamp) -> Result<Appended, Error> {
        let watch = self.watch()?;
        let user = match (&event.action, &event.sender) {
            (Action::Identify { .. }, super::event::VisitorKey::Visitor(uid)) if watch.identities => Some(*uid),
            _ => None,
        };
        let before = user.map(|uid| self.known_user(uid)).transpose()?.flatten();
        let appended = self.append(event, now)?;
        if !appended.is_new {
            return Ok(appended);
        }
        self.note_activity(now)?;
        let time = event.time.as_millis();
        match &event.action {
            Action::Goal { name, properties, .. } if watch.goals.include(name) => {
                let mut completion = Completion {
                    time,
                    event_id: event.id.as_str().to_owned(),
                    goal_name: name.clone(),
                    visitor_id: appended.visitor,
                    metadata: properties.clone(),
                    country: None,
                    city: None,
                    device: None,
                    referrer: None,
                };
                self.describe_visit(&mut completion)?;
                self.note(now, &OutboxEvent::Goal(completion))?;
            }
            Action::Identify { .. } if watch.identities => {
                let after = self.known_user(appended.visitor)?;
                if after != before
                    && let Some((user_id, metadata)) = after
                {
                    self.note(now, &OutboxEvent::Identified { time, visitor_id: appended.visitor, user_id, metadata })?;
                }
            }
            _ => {}
        }
        Ok(appended)
    }

    /// Stores a payment that has just been told, and notes it where payments are watched. Runs within a transaction.
    pub(super) fn pay_with_outbox(&self, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
        if !self.pay(payment)? {
            return Ok(false);
        }
        self.note_activity(now)?;
        if self.watch()?.payments {
            let uid = self.sql.first(
                "SELECT v.uid FROM payments p JOIN visitors v ON v.id = p.visitor \
                 WHERE p.transaction_id = ?1 AND p.refunded = ?2",
                &[(&payment.transaction_id).into(), (payment.kind == PaymentKind::Refund).into()],
            )?;
            let visitor_id = uid.map(|mut row| visitor_id(row.next()?)).transpose()?;
            self.note(
                now,
                &OutboxEvent::Payment {
                    time: payment.time.as_millis(),
                    transaction_id: payment.transaction_id.clone(),
                    kind: payment.kind,
                    amount: payment.amount,
                    currency: payment.currency.clone(),
                    visitor_id,
                    email: payment.email.clone(),
                },
            )?;
        }
        Ok(true)
    }

    /// Who a visitor is, and what is known of them.
    fn known_user(&self, uid: VisitorId) -> Result<Option<User>, Error> {
        let Some(mut row) =
            self.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[uid.as_bytes().as_slice().into()])?
        else {
            return Ok(None);
        };
        Ok(self.profile(row.next()?)?.map(|profile| (profile.user_id, profile.metadata)))
    }

    /// Adds what the visitor's latest visit says of them.
    fn describe_visit(&self, completion: &mut Completion) -> Result<(), Error> {
        let visit = self.sql.first(
            "SELECT country.text, city.text, device.text, referrer.text FROM sessions s \
             JOIN visitors v ON v.id = s.visitor \
             LEFT JOIN strings country ON country.id = s.country LEFT JOIN strings city ON city.id = s.city \
             LEFT JOIN strings device ON device.id = s.device LEFT JOIN strings referrer ON referrer.id = s.referrer \
             WHERE v.uid = ?1 AND s.started <= ?2 ORDER BY s.started DESC, s.sid DESC LIMIT 1",
            &[completion.visitor_id.as_bytes().as_slice().into(), completion.time.into()],
        )?;
        if let Some(mut visit) = visit {
            completion.country = visit.next()?;
            completion.city = visit.next()?;
            completion.device = visit.next()?;
            completion.referrer = visit.next()?;
        }
        Ok(())
    }

    /// Notes that a metric may have moved; once, until somebody measures.
    pub(super) fn note_activity(&self, now: Timestamp) -> Result<(), Error> {
        if self.activity_noted.get() || !self.watch()?.activity {
            return Ok(());
        }
        self.activity_noted.set(true);
        self.note(now, &OutboxEvent::Activity)
    }

    /// Somebody measures: whatever happens from now on is news again.
    pub(super) fn activity_seen(&self) {
        self.activity_noted.set(false);
    }

    fn note(&self, now: Timestamp, happening: &OutboxEvent) -> Result<(), Error> {
        let json = serde_json::to_string(happening).map_err(|error| Error::new(error.to_string()))?;
        self.sql.run("INSERT INTO news (received_at, happening) VALUES (?1, ?2)", &[now.into(), json.into()])?;
        self.has_outbox.set(true);
        Ok(())
    }

    /// Whether there may be news that has not been handed over.
    pub fn has_outbox(&self) -> bool {
        self.has_outbox.get()
    }

    /// The oldest news, at most so many.
    pub fn outbox(&self, most: u32) -> Result<Vec<OutboxEntry>, Error> {
        let rows =
            self.sql.rows("SELECT seq, received_at, happening FROM news ORDER BY seq LIMIT ?1", &[most.into()])?;
        if rows.is_empty() {
            self.has_outbox.set(false);
        }
        let news = |mut row: super::sql::Row| {
            Ok(OutboxEntry { seq: row.next()?, received_at: row.next()?, happening: row.json()? })
        };
        rows.into_iter().map(news).collect()
    }

    /// Forgets news that has been handed over.
    pub fn delete_from_outbox(&self, up_to: i64) -> Result<(), Error> {
        self.sql.run("DELETE FROM news WHERE seq <= ?1", &[up_to.into()])
    }
}
