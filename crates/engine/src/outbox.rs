//! The outbox: events with subscribers are also stored here, in the same transaction, and the object's alarm drains
//! them to webhooks and alerts. Nothing that was acknowledged is lost.
//!
//! Imported events are history and do not enter the outbox.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use sluice_providers::ids::TransactionId;
use sluice_providers::rows::Row;
use sluice_values::{Currency, Id, Timestamp, VisitorId, kinds};

use crate::append::{self, Appended};
use crate::endpoints;
use crate::error::Error;
use crate::event::{Action, Event, Payment, PaymentKind, VisitorKey};
use crate::fragments::latest_session_by;
use crate::payments;
use crate::placed::PlacedPayment;
use crate::profile::profile;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;
use crate::subscribed::subscribed_to;
pub use crate::subscriptions::{Endpoint, Goals, Subscriptions};
use crate::told_rows;
use crate::wire::is_false;

/// An entry of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Later entries have higher numbers, and no number is reused.
    pub seq: i64,
    /// When the entry was stored, in milliseconds.
    pub received_at: i64,
    pub event: OutboxEvent,
}

/// An event in the outbox.
///
/// Stored in the object (`news.happening`) until it is drained, possibly by a later version. Fields may be added with a
/// default, never renamed; variants may be added once every object that may be rolled back to knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OutboxEvent {
    /// Any event, which may have changed a metric.
    Activity,
    /// A goal was completed.
    Goal(Completion),
    /// A payment, a refund or a free trial.
    Payment {
        /// In milliseconds.
        time: i64,
        /// The provider's id.
        transaction_id: String,
        kind: PaymentKind,
        /// Minor units.
        amount: i64,
        currency: Currency,
        /// The visitor, if known.
        visitor_id: Option<VisitorId>,
        email: Option<String>,
        /// The provider's id of the payment that a refund is of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund_of: Option<String>,
    },
    /// A visitor was identified as a user, or their profile changed.
    Identified {
        /// In milliseconds.
        time: i64,
        visitor_id: VisitorId,
        /// The website's own id of the user.
        user_id: String,
        /// All fields of the profile.
        metadata: Map<String, Json>,
    },
}

/// A completed goal. Stored in the object as part of [`OutboxEvent`], and in D1 until its alerts are evaluated: fields may be
/// added with a default, none is renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// In milliseconds.
    pub time: i64,
    /// The event's id.
    pub event_id: String,
    pub goal_name: String,
    /// The visitor who completed it; payments may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor_id: Option<VisitorId>,
    /// Whether a payment completed it, which endpoints are told of as a payment only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_payment: bool,
    pub metadata: Map<String, Json>,
    pub country: Option<String>,
    pub city: Option<String>,
    pub device: Option<String>,
    pub referrer: Option<String>,
}

/// The first entry, while it cannot be drained. Stored as JSON in `meta` under `outbox_failing`; only grows.
#[derive(Serialize, Deserialize)]
struct Failing {
    seq: i64,
    times: u32,
}

/// Entries that are kept in `news_failed`; the oldest go.
const MOST_ASIDE: u32 = 1_000;

/// The bytes of the entries that are drained at once: they are in memory several times, and one batch in D1.
const MOST_BYTES: u32 = 256 * 1024;

const OLDEST: &str = "SELECT seq, received_at, happening FROM (SELECT seq, received_at, happening, \
                      sum(length(happening)) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS number \
                      FROM (SELECT * FROM news ORDER BY seq LIMIT ?1)) WHERE bytes <= ?2 OR number = 1 ORDER BY seq";

/// A user's id and profile.
type User = (String, Map<String, Json>);

/// Replaces the subscriptions, unless these are older than the stored ones. Returns those in force.
pub(crate) fn subscribe<S: Sql>(
    site: &Site<S>,
    wanted: &Subscriptions,
    now: Timestamp,
) -> Result<Subscriptions, Error> {
    let known = subscribed_to(site)?;
    if known.version > wanted.version {
        return Ok(known);
    }
    let listed = wanted.endpoints.as_deref();
    let wanted = &Subscriptions { endpoints: None, ..wanted.clone() };
    let json = serde_json::to_string(wanted).map_err(|error| Error::new(error.to_string()))?;
    site.write(|| {
        site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('watch', ?1)", &[json.as_str().into()])?;
        listed.map_or(Ok(()), |listed| endpoints::replace(site, listed, now))
    })?;
    site.has_old.set(wanted.retention_days.is_some() && wanted.retention_days != known.retention_days);
    site.caches.borrow_mut().subscriptions = Some(wanted.clone());
    Ok(wanted.clone())
}

/// Whether an event of this kind may have subscribers, so that it is told of in the transaction that stores it.
pub(crate) fn may_tell<S: Sql>(site: &Site<S>, action: &Action) -> Result<bool, Error> {
    let subscribed = subscribed_to(site)?;
    Ok(match action {
        Action::Goal { name, .. } => subscribed.goals.include(name),
        Action::Identify { .. } => subscribed.identities,
        _ => false,
    })
}

/// Whether the next event is told of as an activity.
pub(crate) fn wants_activity<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    Ok(!site.has_activity.get() && subscribed_to(site)?.activity)
}

/// Appends a live event, and adds it to the outbox if it has subscribers. Runs within a transaction.
pub(crate) fn append<S: Sql>(site: &Site<S>, event: &Event, now: Timestamp) -> Result<Appended, Error> {
    let subscribed = subscribed_to(site)?;
    let user = match (&event.action, &event.sender) {
        (Action::Identify { .. }, VisitorKey::Visitor(id)) if subscribed.identities => Some(*id),
        _ => None,
    };
    let before = user.map(|id| known_user(site, id)).transpose()?.flatten();
    let appended = append::append(site, event, now)?;
    if !appended.is_new {
        return Ok(appended);
    }
    add_activity(site, now)?;
    let time = event.time.as_millis();
    match &event.action {
        Action::Goal { name, properties, .. } if subscribed.goals.include(name) => {
            let mut completion = Completion {
                time,
                event_id: event.id.as_str().to_owned(),
                goal_name: name.clone(),
                visitor_id: Some(appended.visitor),
                is_payment: false,
                metadata: properties.clone(),
                country: None,
                city: None,
                device: None,
                referrer: None,
            };
            describe_visit(site, &mut completion)?;
            add(site, now, &OutboxEvent::Goal(completion))?;
        }
        Action::Identify { .. } if subscribed.identities => {
            let after = known_user(site, appended.visitor)?;
            if after != before
                && let Some((user_id, metadata)) = after
            {
                let identified = OutboxEvent::Identified { time, visitor_id: appended.visitor, user_id, metadata };
                add(site, now, &identified)?;
            }
        }
        _ => {}
    }
    Ok(appended)
}

/// Stores a new payment, and adds it to the outbox if payments have subscribers. Returns whether it is new. Runs within
/// a transaction.
pub(crate) fn record_payment<S: Sql>(site: &Site<S>, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
    if !payments::record(site, payment)? {
        return Ok(false);
    }
    add_activity(site, now)?;
    let paid = Paid {
        id: payment.id,
        time: payment.time,
        transaction_id: &payment.transaction_id,
        kind: payment.kind,
        amount: payment.amount,
        currency: payment.currency,
        email: payment.email.as_deref(),
        // A backend's refund has the id of its payment.
        refund_of: payment.kind.is_refund().then_some(payment.transaction_id.as_str()),
    };
    tell(site, &paid, payment.refund_id.as_deref().unwrap_or_default(), now)?;
    Ok(true)
}

/// Adds a payment that a provider told of to the outbox, if payments have subscribers. Runs within a transaction.
pub(crate) fn tell_row<S: Sql>(site: &Site<S>, row: &Row, now: Timestamp) -> Result<(), Error> {
    let refund = row.key.refund.as_deref();
    let stored = "SELECT pid FROM payments WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3";
    let refund_id = refund.unwrap_or_default();
    let values = [row.key.id.as_str().into(), refund.is_some().into(), refund_id.into()];
    let id: Vec<u8> = site.sql.one(stored, &values)?.next()?;
    let id = id.try_into().map(Id::from_bytes).map_err(|_| Error::new("a payment's id has the wrong length"))?;
    let paid = Paid {
        id,
        time: row.time,
        transaction_id: row.key.id.as_str(),
        kind: told_rows::kind_of(row),
        amount: row.counted.amount.units(),
        currency: row.counted.currency,
        email: row.email.as_deref(),
        refund_of: row.refund_of.as_ref().map(TransactionId::as_str),
    };
    tell(site, &paid, refund_id, now)
}

/// The same, at the shard of its visitor.
pub(crate) fn tell_placed<S: Sql>(site: &Site<S>, placed: &PlacedPayment, now: Timestamp) -> Result<(), Error> {
    let paid = Paid {
        id: placed.id,
        time: placed.time,
        transaction_id: &placed.key.transaction_id,
        kind: placed.kind,
        amount: placed.amount,
        currency: placed.currency,
        email: placed.email.as_deref(),
        refund_of: placed.refund_of.as_deref(),
    };
    tell(site, &paid, &placed.key.refund_id, now)
}

/// A new payment, as it is told of.
struct Paid<'a> {
    id: Id<kinds::Payment>,
    time: Timestamp,
    transaction_id: &'a str,
    kind: PaymentKind,
    amount: i64,
    currency: Currency,
    email: Option<&'a str>,
    refund_of: Option<&'a str>,
}

/// Adds a stored payment to the outbox, if payments have subscribers.
fn tell<S: Sql>(site: &Site<S>, paid: &Paid<'_>, refund_id: &str, now: Timestamp) -> Result<(), Error> {
    let subscribed = subscribed_to(site)?;
    let goal = paid.kind.goal().filter(|goal| subscribed.goals.include(goal));
    if !subscribed.payments && goal.is_none() {
        return Ok(());
    }
    let visitor = site.sql.first(
        "SELECT v.uid FROM payments p JOIN visitors v ON v.id = p.visitor \
         WHERE p.transaction_id = ?1 AND p.refunded = ?2 AND p.refund_id = ?3",
        &[paid.transaction_id.into(), paid.kind.is_refund().into(), refund_id.into()],
    )?;
    let visitor: Option<VisitorId> = visitor.map(|mut row| row.next()).transpose()?;
    if subscribed.payments {
        let told = OutboxEvent::Payment {
            time: paid.time.as_millis(),
            transaction_id: paid.transaction_id.to_owned(),
            kind: paid.kind,
            amount: paid.amount,
            currency: paid.currency,
            visitor_id: visitor,
            email: paid.email.map(str::to_owned),
            refund_of: paid.refund_of.map(str::to_owned),
        };
        add(site, now, &told)?;
    }
    if let Some(goal) = goal {
        let mut completion = completion_of(paid, goal, visitor);
        describe_visit(site, &mut completion)?;
        add(site, now, &OutboxEvent::Goal(completion))?;
    }
    Ok(())
}

/// The goal that a payment completes, with what alerts can tell of it (docs/contract/README.md#37).
fn completion_of(paid: &Paid<'_>, goal: &str, visitor: Option<VisitorId>) -> Completion {
    let decimals = paid.currency.decimals();
    let unit = 10_i64.saturating_pow(decimals);
    let (whole, rest) = (paid.amount / unit, paid.amount % unit);
    let width = usize::try_from(decimals).unwrap_or_default();
    let amount = if decimals == 0 { whole.to_string() } else { format!("{whole}.{rest:0width$}") };
    let metadata = [
        ("amount", amount),
        ("currency", paid.currency.as_str().to_owned()),
        ("transaction_id", paid.transaction_id.to_owned()),
    ];
    Completion {
        time: paid.time.as_millis(),
        event_id: paid.id.to_string(),
        goal_name: goal.to_owned(),
        visitor_id: visitor,
        is_payment: true,
        metadata: metadata.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect(),
        country: None,
        city: None,
        device: None,
        referrer: None,
    }
}

/// A visitor's user id and profile.
fn known_user<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<Option<User>, Error> {
    let Some(mut row) = site.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[id.into()])? else {
        return Ok(None);
    };
    let visitor: VisitorRow = row.next()?;
    Ok(profile(site, visitor)?.map(|profile| (profile.user_id, profile.metadata)))
}

/// Adds place, device and referrer from the visitor's latest session.
fn describe_visit<S: Sql>(site: &Site<S>, completion: &mut Completion) -> Result<(), Error> {
    let Some(visitor) = completion.visitor_id else { return Ok(()) };
    let visit = site.sql.first(
        &format!(
            "SELECT country.text, city.text, device.text, referrer.text FROM visitors v \
             JOIN sessions s ON s.id = {} \
             LEFT JOIN strings country ON country.id = s.country LEFT JOIN strings city ON city.id = s.city \
             LEFT JOIN strings device ON device.id = s.device LEFT JOIN strings referrer ON referrer.id = s.referrer \
             WHERE v.uid = ?1",
            latest_session_by("v.id", "?2")
        ),
        &[visitor.into(), completion.time.into()],
    )?;
    if let Some(mut visit) = visit {
        completion.country = visit.next()?;
        completion.city = visit.next()?;
        completion.device = visit.next()?;
        completion.referrer = visit.next()?;
    }
    Ok(())
}

/// Adds entries of another shard's outbox, each once: numbers of a shard only grow.
pub(crate) fn take_handed<S: Sql>(site: &Site<S>, shard: u32, entries: &[OutboxEntry]) -> Result<(), Error> {
    let key = format!("handed_{shard}");
    site.write(|| {
        let last = site.sql.first("SELECT value FROM meta WHERE key = ?1", &[key.as_str().into()])?;
        let last: i64 = last.map_or(Ok(0), |mut row| row.next())?;
        for entry in entries.iter().filter(|entry| entry.seq > last) {
            add(site, Timestamp::from_millis(entry.received_at), &entry.event)?;
        }
        let handed = entries.iter().map(|entry| entry.seq).max().unwrap_or_default().max(last);
        site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", &[key.as_str().into(), handed.into()])
    })
}

/// Adds an `Activity` entry, unless there is one since the last measurement.
pub(crate) fn add_activity<S: Sql>(site: &Site<S>, now: Timestamp) -> Result<(), Error> {
    if !wants_activity(site)? {
        return Ok(());
    }
    site.has_activity.set(true);
    add(site, now, &OutboxEvent::Activity)
}

fn add<S: Sql>(site: &Site<S>, now: Timestamp, event: &OutboxEvent) -> Result<(), Error> {
    let json = serde_json::to_string(event).map_err(|error| Error::new(error.to_string()))?;
    site.sql.run("INSERT INTO news (received_at, happening) VALUES (?1, ?2)", &[now.into(), json.into()])?;
    site.has_outbox.set(true);
    Ok(())
}

impl<S: Sql> Site<S> {
    /// Whether the outbox may hold entries.
    pub fn has_outbox(&self) -> bool {
        self.has_outbox.get()
    }

    /// Whether the outbox holds entries.
    pub fn has_in_outbox(&self) -> Result<bool, Error> {
        if self.has_outbox.get() {
            self.has_outbox.set(self.sql.first("SELECT 1 FROM news LIMIT 1", &[])?.is_some());
        }
        Ok(self.has_outbox.get())
    }

    /// The oldest entries: at most `most`, and after the first one at most [`MOST_BYTES`] bytes. Those that this release cannot read are put aside.
    pub fn outbox(&self, most: u32) -> Result<Vec<OutboxEntry>, Error> {
        loop {
            let rows = self.sql.rows(OLDEST, &[most.into(), MOST_BYTES.into()])?;
            if rows.is_empty() {
                self.has_outbox.set(false);
                return Ok(Vec::new());
            }
            let mut entries = Vec::with_capacity(rows.len());
            for mut row in rows {
                let (seq, received_at) = (row.next()?, row.next()?);
                match row.json() {
                    Ok(event) => entries.push(OutboxEntry { seq, received_at, event }),
                    Err(error) => self.put_aside(seq, &error.to_string())?,
                }
            }
            if !entries.is_empty() {
                return Ok(entries);
            }
        }
    }

    /// The oldest entry that endpoints have not been told of. Those that this release cannot read are put aside.
    pub fn unpublished(&self) -> Result<Option<OutboxEntry>, Error> {
        while self.has_outbox.get() {
            let after = self.published_up_to.get();
            let oldest = "SELECT seq, received_at, happening FROM news WHERE seq > ?1 AND is_published = 0 \
                          ORDER BY seq LIMIT 1";
            let Some(mut row) = self.sql.first(oldest, &[after.into()])? else { return Ok(None) };
            let (seq, received_at) = (row.next()?, row.next()?);
            match row.json() {
                Ok(event) => return Ok(Some(OutboxEntry { seq, received_at, event })),
                Err(error) => self.put_aside(seq, &error.to_string())?,
            }
        }
        Ok(None)
    }

    /// Notes that endpoints have been told of an entry. It stays if alerts wait for it. Runs within a transaction.
    pub fn mark_published(&self, entry: &OutboxEntry) -> Result<(), Error> {
        let is_of_alerts = match &entry.event {
            OutboxEvent::Activity => true,
            OutboxEvent::Goal(completion) => {
                subscribed_to(self)?.alert_goals.is_none_or(|goals| goals.include(&completion.goal_name))
            }
            OutboxEvent::Payment { .. } | OutboxEvent::Identified { .. } => false,
        };
        let statement = if is_of_alerts {
            "UPDATE news SET is_published = 1 WHERE seq = ?1"
        } else {
            "DELETE FROM news WHERE seq = ?1"
        };
        self.sql.run(statement, &[entry.seq.into()])
    }

    /// Entries up to this one need not be looked at again by [`Self::unpublished`].
    pub fn published_up_to(&self, seq: i64) {
        self.published_up_to.set(seq);
    }

    /// Deletes entries that have been drained.
    pub fn delete_from_outbox(&self, up_to: i64) -> Result<(), Error> {
        self.sql.run("DELETE FROM news WHERE seq <= ?1", &[up_to.into()])
    }

    /// Notes that an entry could not be drained, and returns how often that has been.
    pub fn count_failure(&self, seq: i64) -> Result<u32, Error> {
        let stored = self.sql.first("SELECT value FROM meta WHERE key = 'outbox_failing'", &[])?;
        let stored: Option<Failing> = stored.map(|mut row| row.json()).transpose()?;
        let before = stored.filter(|failing| failing.seq == seq).map_or(0, |failing| failing.times);
        let failing = Failing { seq, times: before.saturating_add(1) };
        let json = serde_json::to_string(&failing).map_err(|error| Error::new(error.to_string()))?;
        self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('outbox_failing', ?1)", &[json.into()])?;
        Ok(failing.times)
    }

    /// Moves an entry to `news_failed`, out of the way of later ones.
    pub fn put_aside(&self, seq: i64, error: &str) -> Result<(), Error> {
        self.write(|| {
            self.sql.run(
                "INSERT OR REPLACE INTO news_failed (seq, received_at, happening, error) \
                 SELECT seq, received_at, happening, ?2 FROM news WHERE seq = ?1",
                &[seq.into(), error.into()],
            )?;
            self.sql.run("DELETE FROM news WHERE seq = ?1", &[seq.into()])?;
            self.sql.run(
                "DELETE FROM news_failed WHERE seq <= \
                 (SELECT seq FROM news_failed ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
                &[MOST_ASIDE.into()],
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn an_entry_that_this_release_cannot_read_is_put_aside_and_the_rest_goes_on() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        for happening in [r#"{"ofALaterRelease":{}}"#, r#""activity""#, "no JSON"] {
            let values = [0_i64.into(), happening.into()];
            site.sql().run("INSERT INTO news (received_at, happening) VALUES (?1, ?2)", &values).unwrap();
        }
        // Also where no entry of those read at once can be read.
        let entries = site.outbox(1).unwrap();
        assert_eq!(entries, [OutboxEntry { seq: 2, received_at: 0, event: OutboxEvent::Activity }]);
        site.delete_from_outbox(2).unwrap();
        assert!(site.outbox(10).unwrap().is_empty());
        assert!(!site.has_outbox());
        let aside = site.sql().rows("SELECT seq, happening FROM news_failed ORDER BY seq", &[]).unwrap();
        let aside: Vec<i64> = aside.into_iter().map(|mut row| row.next().unwrap()).collect();
        assert_eq!(aside, [1, 3]);
    }

    #[test]
    fn the_newest_of_the_entries_put_aside_are_kept() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        for _ in 0..MOST_ASIDE + 5 {
            site.sql().run("INSERT INTO news (received_at, happening) VALUES (0, '?')", &[]).unwrap();
        }
        assert!(site.outbox(10).unwrap().is_empty());
        let mut kept = site.sql().one("SELECT count(*), min(seq) FROM news_failed", &[]).unwrap();
        assert_eq!((kept.next::<i64>().unwrap(), kept.next::<i64>().unwrap()), (i64::from(MOST_ASIDE), 6));
    }

    #[test]
    fn entries_are_drained_by_bytes_oldest_first_and_one_at_least() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        for length in [10, 200_000, 50_000, 50_000, 2_000_000, 10] {
            let user = OutboxEvent::Identified {
                time: 0,
                visitor_id: VisitorId::of_random([1; 16]),
                user_id: "x".repeat(length),
                metadata: Map::new(),
            };
            add(&site, Timestamp::from_millis(0), &user).unwrap();
        }
        let mut drained = Vec::new();
        loop {
            let entries = site.outbox(40).unwrap();
            let Some(last) = entries.last() else { break };
            drained.push(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>());
            site.delete_from_outbox(last.seq).unwrap();
        }
        assert_eq!(drained, [vec![1, 2, 3], vec![4], vec![5], vec![6]]);
    }
}
