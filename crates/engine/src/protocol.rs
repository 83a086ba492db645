//! What the Worker asks a website's object, and what it answers: plain values, sent as JSON.
//!
//! During a rollout the Worker and an object may run different versions. So this format, and that of every type it names, may
//! only grow: calls may be added, fields may be added with a default, and nothing is renamed or removed while a version that
//! uses it may still run. `formats.rs` reads what the released version wrote.

use serde::{Deserialize, Serialize};

use sluice_values::{Currency, TimeZone, Timestamp, VisitorId};

use crate::append::Appended;
use crate::delete::{GoalDeletion, PaymentDeletion};
use crate::event::{Event, Payment};
use crate::reports::{
    breakdown, funnel, goals, measure, overview, properties, realtime, replay, timeseries, visitor, visitors,
};

/// A line of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// Something that happened.
    Event(Box<Event>),
    Payment(Box<Payment>),
}

/// A call. Each names what it is answered with.
pub trait SiteCall: Serialize {
    /// The answer.
    type Answer: serde::de::DeserializeOwned;

    /// The call among all.
    fn into_call(self) -> Call;
}

/// Declares the calls once: the enum that goes over the wire, and which answer belongs to which call.
macro_rules! calls {
    ($($(#[$doc:meta])* $call:ident -> $answer:ty),* $(,)?) => {
        /// Every call.
        #[derive(Debug, Serialize, Deserialize)]
        pub enum Call {
            $($(#[$doc])* $call($call),)*
        }

        impl Call {
            /// How many kinds of calls there are.
            #[cfg(test)]
            pub(crate) const COUNT: usize = [$(stringify!($call)),*].len();

            /// An answer to this call, read and written again.
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
    /// Store an event.
    Append -> Appended,
    /// Store a goal of a backend's; its visitor must have seen a page.
    PostGoal -> bool,
    /// Store what a backend knows of a visitor; they must have seen a page.
    PostIdentity -> Option<Identified>,
    /// Store a payment; whether it is new.
    #[serde(rename = "Pay")]
    RecordPayment -> bool,
    /// Store what an import brings; of each item whether it is new.
    Import -> Vec<bool>,
    /// The next lines of an export.
    Export -> crate::export::Exported,
    /// Delete goals; how many.
    GoalDeletion -> i64,
    /// Delete payments; how many.
    PaymentDeletion -> i64,
    /// Work out every payment in another currency; how many.
    Revalue -> i64,
    /// Totals of a range.
    Overview -> overview::Totals,
    /// The same by time.
    Timeseries -> timeseries::Series,
    /// Visitors and revenue by the value of a dimension.
    Breakdown -> breakdown::Rows,
    /// Goals, or links followed, with their numbers.
    GoalReport -> goals::Rows,
    /// The properties of a goal, or one's values.
    GoalProperties -> properties::Rows,
    /// The goals that were ever tracked.
    TrackedGoals -> goals::Tracked,
    /// Whether a goal was ever tracked.
    HasGoal -> bool,
    /// How visitors take the steps of a funnel.
    FunnelReport -> funnel::Taken,
    /// Visitors one by one.
    VisitorList -> visitors::Rows,
    /// One visitor.
    VisitorQuery -> Option<visitor::Visitor>,
    /// Who is there now.
    RealtimeCount -> i64,
    /// Who is there now, in detail.
    RealtimeMap -> realtime::Everybody,
    /// What to watch from now on; answered with what counts, which may be newer.
    #[serde(rename = "Watch")]
    Subscriptions -> Subscriptions,
    /// A number over the time up to now.
    Measure -> measure::Measured,
    /// The same at every minute of the past.
    Replay -> Vec<replay::Point>,
    /// When a goal was completed of late.
    Completions -> replay::Completed,
    /// What the object takes and holds.
    Statistics -> Stored,
}

use breakdown::Breakdown;
use funnel::FunnelReport;
use goals::{GoalReport, HasGoal, TrackedGoals};
use measure::Measure;
use realtime::{RealtimeCount, RealtimeMap};
use replay::{Completions, Replay};
use visitor::VisitorQuery;
use visitors::VisitorList;

pub use crate::export::Export;
pub use crate::subscriptions::Subscriptions;

/// See [`Call::Append`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Append {
    pub event: Event,
}

/// See [`Call::PostGoal`].
#[derive(Debug, Serialize, Deserialize)]
pub struct PostGoal {
    /// The goal, without a session.
    pub event: Event,
}

/// See [`Call::PostIdentity`].
#[derive(Debug, Serialize, Deserialize)]
pub struct PostIdentity {
    /// The identification, without a session.
    pub event: Event,
}

/// What an identification did.
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
    /// The website's currency from now on.
    pub currency: Currency,
    /// The rates to use, as [`sluice_money::Rates::parse`] reads them.
    pub rates: String,
}

/// See [`Call::Import`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Import {
    /// In the order of the lines.
    pub items: Vec<Item>,
    /// The website's time zone, by whose days rollups are kept.
    pub zone: TimeZone,
}

/// See [`Call::Statistics`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Statistics {}

/// What an object holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    pub events: i64,
    pub sessions: i64,
    /// Bytes of the database.
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

/// A call with the moment at which it was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The moment, in milliseconds.
    pub now: i64,
    pub call: Call,
}

impl Request {
    /// The moment of the call.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }
}
