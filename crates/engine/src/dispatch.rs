//! Dispatches the Worker's calls.

use sluice_values::Timestamp;

use crate::append::{self, Appended};
use crate::currency;
use crate::error::Error;
use crate::event::{Event, Payment, VisitorKey};
use crate::fill::{Fill, is_dropped_when_full};
use crate::inbox;
use crate::layout::Standing;
use crate::outbox;
use crate::payments;
use crate::protocol::{Append, Call, Identified, Import, Item, Request, Revalue, Stored};
#[cfg(any(test, feature = "memory"))]
use crate::rollups;
use crate::site::Site;
use crate::sql::Sql;
use crate::visitor;
use crate::wire::json;
use crate::zone_change;

impl<S: Sql> Site<S> {
    /// Runs a call, and returns its result as JSON.
    pub fn answer(&self, request: &Request) -> Result<String, Error> {
        let now = request.now();
        self.page_sets.take();
        if let Some(currency) = request.currency {
            currency::be_in(self, currency)?;
        }
        // Whatever reads or changes something sees every event before it.
        if !matches!(request.call, Call::Append(_) | Call::PostGoal(_) | Call::CountDropped(_) | Call::Bots(_)) {
            inbox::fold(self)?;
        }
        match &request.call {
            Call::Append(asked) => json(&self.append_live(asked, now)?),
            Call::PostGoal(asked) => json(&self.post_goal(&asked.event, now)?),
            Call::PostIdentity(asked) => json(&self.post_identity(&asked.event, now)?),
            Call::RecordPayment(asked) => json(&self.pay_once(&asked.payment, now)?),
            Call::Import(asked) => json(&self.import(asked, now)?),
            Call::Export(asked) => json(&self.export(asked)?),
            Call::GoalDeletion(asked) => json(&self.delete_goals(asked, now)?),
            Call::DeletedTransactions(asked) => json(&self.deleted_transactions(asked)?),
            Call::PaymentDeletion(asked) => json(&self.delete_payments(asked, now)?),
            Call::VisitorErasure(asked) => json(&self.erase(asked, now)?),
            Call::Revalue(asked) => json(&self.revalue(asked, now)?),
            Call::Subscriptions(asked) => json(&outbox::subscribe(self, asked, now)?),
            Call::Overview(asked) => json(&self.overview(asked)?),
            Call::Timeseries(asked) => json(&self.timeseries(asked)?),
            Call::Breakdown(asked) => json(&self.breakdown(asked)?),
            Call::GoalReport(asked) => json(&self.goals(asked)?),
            Call::GoalProperties(asked) => json(&self.goal_properties(asked)?),
            Call::TrackedGoals(_) => json(&self.tracked_goals()?),
            Call::HasGoal(asked) => json(&self.has_goal(&asked.name)?),
            Call::FunnelReport(asked) => json(&self.funnel(asked)?),
            Call::VisitorList(asked) => json(&self.visitors(asked)?),
            Call::VisitorQuery(asked) => json(&self.visitor_of(asked)?),
            Call::RealtimeCount(_) => json(&self.present(now)?),
            Call::RealtimeMap(_) => json(&self.everybody(now)?),
            Call::Measure(asked) => {
                self.has_activity.set(false);
                json(&self.measure(asked, now)?)
            }
            Call::Replay(asked) => json(&self.replay(asked, now)?),
            Call::Completions(asked) => json(&self.completions(asked, now)?),
            Call::Statistics(_) => json(&self.stored()?),
            Call::Part(asked) => json(&self.part(asked, now)?),
            Call::Take(_) | Call::TakeAll(_) if self.standing() != Standing::Alone => {
                Err(Error::new("one object was asked for what concerns several"))
            }
            Call::TakeAll(asked) => json(&self.take_all(asked, request.currency, now)?),
            Call::Take(asked) => json(&self.take_told(asked, request.currency, now)?),
            Call::KeepLinks(asked) => json(&self.keep_links(asked)?),
            Call::Glance(asked) => json(&self.glance(asked, now)?),
            Call::CountDropped(asked) => json(&self.count_dropped(asked, now)?),
            Call::Installation(_) => json(&self.installation(now)?),
            Call::Bots(asked) => json(&self.bots(asked, now)?),
            Call::RestoreDeleted(asked) => json(&self.restore_deleted(*asked)?),
        }
    }

    /// Stores a live event, unless it is one that a full store drops.
    fn append_live(&self, asked: &Append, now: Timestamp) -> Result<Option<Appended>, Error> {
        if self.fill()? == Fill::Full && asked.may_drop && is_dropped_when_full(asked.event.action.kind()) {
            return Ok(None);
        }
        self.take(&asked.event, now).map(Some)
    }

    /// Stores an event in the inbox, or at once if it is told of.
    fn take(&self, event: &Event, now: Timestamp) -> Result<Appended, Error> {
        if outbox::may_tell(self, &event.action)? {
            return self.append_one(event, now);
        }
        let appended = inbox::take(self, event, now)?;
        if self.has_much_waiting() {
            // The event is stored. What fails here is tried again by the next call, or the alarm.
            let _: Result<(), Error> = inbox::fold(self);
        }
        Ok(appended)
    }

    /// Stores an event, after those that wait.
    pub fn append_one(&self, event: &Event, now: Timestamp) -> Result<Appended, Error> {
        inbox::fold(self)?;
        self.write(|| outbox::append(self, event, now))
    }

    /// Stores a backend's goal, and returns whether its visitor has ever seen a page; if not, nothing is stored.
    fn post_goal(&self, event: &Event, now: Timestamp) -> Result<bool, Error> {
        let VisitorKey::Visitor(id) = &event.sender else { return Ok(false) };
        if visitor::with_pageview(self, *id)?.is_none() {
            inbox::fold(self)?;
            if visitor::with_pageview(self, *id)?.is_none() {
                return Ok(false);
            }
        }
        self.take(event, now).map(|_| true)
    }

    /// Stores a backend's profile of a visitor. If the visitor has never seen a page, nothing is stored and `None` is
    /// returned.
    fn post_identity(&self, event: &Event, now: Timestamp) -> Result<Option<Identified>, Error> {
        let VisitorKey::Visitor(id) = &event.sender else { return Ok(None) };
        let Some(visitor) = visitor::with_pageview(self, *id)? else { return Ok(None) };
        let profile = || -> Result<Option<String>, Error> {
            self.sql.one("SELECT profile FROM visitors WHERE id = ?1", &[visitor.into()])?.next()
        };
        let before = profile()?;
        self.append_one(event, now)?;
        let profile_id = profile()?.ok_or_else(|| Error::new("an identified visitor without a profile"))?;
        Ok(Some(Identified { created: before.is_none(), profile_id }))
    }

    /// The size of the object.
    fn stored(&self) -> Result<Stored, Error> {
        let mut row = self.sql.one("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM sessions)", &[])?;
        Ok(Stored { events: row.next()?, sessions: row.next()?, bytes: self.sql.size()? })
    }

    /// Stores a payment, and returns whether it is new.
    pub fn pay_once(&self, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
        self.write(|| outbox::record_payment(self, payment, now))
    }

    /// Converts payments, and returns 0 when all are converted.
    fn revalue(&self, asked: &Revalue, now: Timestamp) -> Result<i64, Error> {
        let Some(from) = asked.from else {
            return currency::change_at_once(self, asked.currency, &asked.rates);
        };
        let is_done = self.write(|| {
            outbox::add_activity(self, now)?;
            currency::change(self, from, asked.currency, &asked.rates)
        })?;
        Ok(i64::from(!is_done))
    }

    /// Stores events and payments in order, and returns for each whether it is new; `None` for what a full store drops.
    fn import(&self, asked: &Import, now: Timestamp) -> Result<Vec<Option<bool>>, Error> {
        let is_full = self.fill()? == Fill::Full && asked.may_drop;
        zone_change::want(self, &asked.zone)?;
        self.write(|| {
            outbox::add_activity(self, now)?;
            let is_dropped = |event: &Event| is_full && is_dropped_when_full(event.action.kind());
            let events = asked.items.iter().filter_map(|item| match item {
                Item::Event(event) if !is_dropped(event) => Some(event.as_ref()),
                _ => None,
            });
            let mut appended = append::append_all(self, events, now)?.into_iter();
            let stored = asked.items.iter().map(|item| match item {
                Item::Event(event) if is_dropped(event) => Ok(None),
                Item::Event(_) => Ok(appended.next().map(|appended| appended.is_new)),
                Item::Payment(payment) => payments::record(self, payment).map(Some),
            });
            stored.collect()
        })
    }

    /// Rebuilds the rollups of days from the events, as a change of the website's time zone does.
    #[cfg(any(test, feature = "memory"))]
    pub fn rebuild(&self) -> Result<(), Error> {
        self.write(|| rollups::rebuild_days(self))
    }
}
