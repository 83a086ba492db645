//! The calls from the Worker to a website's object and their results: plain values, sent as JSON.
//!
//! During a rollout the Worker and an object may run different versions. This format, including every type that it
//! names, may therefore only grow: calls may be added, fields may be added with a default, and nothing is renamed or
//! removed while a version that uses it may still run. `formats.rs` reads what the released version wrote.

use serde::{Deserialize, Serialize};

use sluice_values::{Currency, TimeZone, Timestamp, VisitorId};

use crate::append::Appended;
use crate::delete::{DeletedTransactions, GoalDeletion, PaymentDeletion};
pub use crate::erasure::{Erased, VisitorErasure};
use crate::event::{Event, Payment};
use crate::reports::{
    breakdown, funnel, glance, goals, measure, overview, properties, realtime, replay, timeseries, visitor, visitors,
};

/// An item of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Item {
    Event(Box<Event>),
    Payment(Box<Payment>),
}

/// A call, with the type of its result.
pub trait SiteCall: Serialize {
    type Answer: serde::de::DeserializeOwned;

    /// Wraps the call in the enum of all calls.
    fn into_call(self) -> Call;
}

/// Declares the calls once: the enum for the wire, and the result of each call.
macro_rules! calls {
    ($($(#[$doc:meta])* $call:ident -> $answer:ty),* $(,)?) => {
        /// Every call.
        #[derive(Debug, Serialize, Deserialize)]
        pub enum Call {
            $($(#[$doc])* $call($call),)*
        }

        impl Call {
            /// The number of calls.
            #[cfg(test)]
            pub(crate) const COUNT: usize = [$(stringify!($call)),*].len();

            /// A result of this call, parsed and serialized again.
            #[cfg(test)]
            pub(crate) fn reread(&self, answer: serde_json::Value) -> serde_json::Result<serde_json::Value> {
                match self {
                    $(Self::$call(_) => serde_json::to_value(serde_json::from_value::<$answer>(answer)?),)*
                }
            }
        }

        $(impl SiteCall for $call {
            type Answer = $answer;

            fn into_call(self) -> Call {
                Call::$call(self)
            }
        })*
    };
}

use overview::Overview;
use properties::GoalProperties;
use timeseries::Timeseries;

calls! {
    /// Stores an event; `None` if it was dropped because the store is full.
    Append -> Option<Appended>,
    /// Stores a backend's goal; its visitor must have seen a page.
    PostGoal -> bool,
    /// Stores a backend's profile of a visitor, who must have seen a page.
    PostIdentity -> Option<Identified>,
    /// Stores a payment; returns whether it is new.
    #[serde(rename = "Pay")]
    RecordPayment -> bool,
    /// Stores the items of an import; returns for each whether it is new, or `None` if it was dropped because the store
    /// is full.
    Import -> Vec<Option<bool>>,
    /// Returns the next lines of an export.
    Export -> crate::export::Exported,
    /// Deletes goals; returns their number.
    GoalDeletion -> i64,
    /// Deletes payments; returns their number.
    PaymentDeletion -> i64,
    /// Erases a visitor, a step at a time; `None` if there is none with this id.
    VisitorErasure -> Option<Erased>,
    /// Converts payments to another currency, a slice at a time; returns 0 when all are converted.
    Revalue -> i64,
    /// The totals of a range.
    Overview -> overview::Totals,
    /// The totals of a range and its buckets.
    Timeseries -> timeseries::Series,
    /// Visitors and revenue by the value of a dimension.
    Breakdown -> breakdown::Rows,
    /// Goals, or exit links, with their counts.
    GoalReport -> goals::Rows,
    /// The properties of a goal, or the values of one property.
    GoalProperties -> properties::Rows,
    /// All goals ever tracked.
    TrackedGoals -> goals::Tracked,
    /// Whether a goal was ever tracked.
    HasGoal -> bool,
    /// How many visitors complete the steps of a funnel.
    FunnelReport -> funnel::Taken,
    /// The list of visitors.
    VisitorList -> visitors::Rows,
    /// One visitor.
    VisitorQuery -> Option<visitor::Visitor>,
    /// The number of current visitors.
    RealtimeCount -> i64,
    /// The current visitors and their activity.
    RealtimeMap -> realtime::Everybody,
    /// Replaces the subscriptions; returns those in force, which may be newer.
    #[serde(rename = "Watch")]
    Subscriptions -> Subscriptions,
    /// A metric over a window up to now.
    Measure -> measure::Measured,
    /// A metric at every minute of the past.
    Replay -> Vec<replay::Point>,
    /// The latest completions of a goal.
    Completions -> replay::Completed,
    /// The size of the object.
    Statistics -> Stored,
    /// A question to one shard of several.
    Part -> serde_json::Value,
    /// Takes what a payment provider told.
    Take -> Taken,
    /// The transactions of which providers told that a deletion of payments would delete.
    DeletedTransactions -> Vec<String>,
    /// Takes what a payment provider told of many subjects.
    TakeAll -> Taken,
    /// Lets a payment provider tell again of what the owner deleted; returns how much that is.
    RestoreDeleted -> i64,
    /// Keeps what pages of an import tell about later ones; returns what is wanted of it.
    KeepLinks -> Vec<KeptLink>,
    /// A website at a glance.
    Glance -> glance::Glimpse,
    /// Counts what was dropped before it arrived.
    CountDropped -> (),
    /// What arrives, and what was dropped.
    Installation -> crate::installation::Installed,
    /// What concerns requests of crawlers.
    Bots -> crate::bots::BotsAnswer,
}

use breakdown::Breakdown;
use funnel::FunnelReport;
use glance::Glance;
use goals::{GoalReport, HasGoal, TrackedGoals};
use measure::Measure;
use realtime::{RealtimeCount, RealtimeMap};
use replay::{Completions, Replay};
use visitor::VisitorQuery;
use visitors::VisitorList;

pub use crate::bots::Bots;
pub use crate::export::Export;
pub use crate::installation::{CountDropped, Installation};
pub use crate::links::{KeepLinks, KeptLink};
pub use crate::shard::Part;
pub use crate::subscriptions::Subscriptions;
pub use crate::takes::{RestoreDeleted, Take, TakeAll, Taken};

/// See [`Call::Append`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Append {
    pub event: Event,
    /// Whether the caller understands that an event was dropped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_drop: bool,
}

/// See [`Call::PostGoal`].
#[derive(Debug, Serialize, Deserialize)]
pub struct PostGoal {
    /// A goal without a session.
    pub event: Event,
}

/// See [`Call::PostIdentity`].
#[derive(Debug, Serialize, Deserialize)]
pub struct PostIdentity {
    /// An identification without a session.
    pub event: Event,
}

/// The result of an identification.
#[derive(Debug, Serialize, Deserialize)]
pub struct Identified {
    /// Whether the profile is new.
    pub created: bool,
    pub profile_id: String,
}

/// See [`Call::RecordPayment`].
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordPayment {
    pub payment: Payment,
}

/// See [`Call::Revalue`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Revalue {
    /// The website's new currency.
    pub currency: Currency,
    /// Its currency until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Currency>,
    /// The rates, in the form that [`sluice_money::Rates::parse`] reads.
    pub rates: String,
}

/// See [`Call::Import`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Import {
    /// In the order of the lines.
    pub items: Vec<Item>,
    /// The website's time zone, which determines the days of the rollups.
    pub zone: TimeZone,
    /// Whether the caller understands that an item was dropped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_drop: bool,
}

/// See [`Call::Statistics`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Statistics {}

/// The size of an object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    pub events: i64,
    pub sessions: i64,
    /// The database's size in bytes.
    pub bytes: i64,
}

impl Serialize for Appended {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.is_new, self.visitor).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Appended {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (is_new, visitor) = <(bool, VisitorId)>::deserialize(from)?;
        Ok(Self { is_new, visitor })
    }
}

/// A call with its time.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The time of the call, in milliseconds.
    pub now: i64,
    /// The website's currency, if the call is about money. Answers are in this currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    pub call: Call,
}

impl Request {
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }
}
