//! Metrics: the numbers that alerts evaluate.
//!
//! A metric is a stream of counted rows; a rate has a second stream, the whole of which the first is a part.
//! [`super::measure`] sums the streams over a window, [`super::replay`] walks them minute by minute; both count alike.

use serde::{Deserialize, Serialize};

use crate::blocks;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, completes, is_kind, is_sale, payer, revenue, session_of_event};
use crate::parts::{EVENTS, Part, SESSIONS};
use crate::selection::Selection;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;

/// Rows that arrive over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// All events `e`.
    Events,
    /// Events `e` of sessions, of which only the visitor and the time are read: a measurement reads the sessions instead.
    Visits,
    /// Completed goals `e`.
    Goals,
    /// Sessions `s`, by their start.
    Sessions,
    /// Payments `p`.
    Payments,
    /// Payments `p` that complete a goal.
    PaidGoals,
}

impl Rows {
    /// The expression of their time.
    pub const fn time(self) -> &'static str {
        match self {
            Self::Events | Self::Visits | Self::Goals => "e.time",
            Self::Sessions => "s.started",
            Self::Payments | Self::PaidGoals => "p.time",
        }
    }

    /// The part that they are rows of; `None` for payments, which have an index of times.
    pub const fn part(self) -> Option<Part> {
        match self {
            Self::Events | Self::Visits | Self::Goals => Some(EVENTS),
            Self::Sessions => Some(SESSIONS),
            Self::Payments | Self::PaidGoals => None,
        }
    }

    /// What follows FROM: the table, as far as it may have rows of a span, joined with the rows' sessions if they are filtered,
    /// and the condition. Goals of one name have an index.
    pub fn source<S: Sql>(
        self,
        site: &Site<S>,
        selection: &Selection,
        has_name: bool,
        to: &mut Parameters,
    ) -> Result<String, Error> {
        let events = |to: &mut Parameters| match self {
            Self::Goals if has_name => Ok("events e".to_owned()),
            _ => blocks::events(site, selection.span, to),
        };
        let join = |session: &str| {
            if selection.is_unfiltered() { String::new() } else { format!("JOIN sessions s ON s.id = {session}") }
        };
        Ok(match self {
            Self::Events => format!("{} {} WHERE 1", events(to)?, join("e.session")),
            Self::Visits => format!("{} {} WHERE e.session IS NOT NULL", events(to)?, join("e.session")),
            Self::Goals => {
                format!("{} {} WHERE {}", events(to)?, join(&session_of_event()), is_kind("e", Kind::Goal))
            }
            Self::Sessions => format!("{} WHERE 1", blocks::sessions_begun(site, selection.span, to)?),
            Self::Payments | Self::PaidGoals => format!("payments p {} WHERE 1", join("p.session")),
        })
    }

    /// The rows whose times determine when the number can change. Extra rows make that time too early, never too late.
    pub const fn clocks(self) -> &'static [Self] {
        match self {
            Self::Events | Self::Goals => &[Self::Events],
            Self::Visits => &[Self::Events, Self::Payments],
            Self::Sessions => &[Self::Sessions],
            Self::Payments | Self::PaidGoals => &[Self::Payments],
        }
    }
}

/// The expression that is counted. It may depend on whether renewals are included.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    Sum(fn(with_renewals: bool) -> String),
    Distinct(fn(with_renewals: bool) -> String),
}

/// Rows, and how they are counted.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub rows: Rows,
    pub counted: Counted,
}

impl Stream {
    const VISITORS: Self = Self { rows: Rows::Visits, counted: Counted::Distinct(|_| "e.visitor".to_owned()) };
    const SESSIONS: Self = Self::each(Rows::Sessions);
    const BOUNCES: Self = Self { rows: Rows::Sessions, counted: Counted::Sum(|_| BOUNCED.to_owned()) };
    const COMPLETIONS: Self = Self::each(Rows::Goals);
    /// The visitors who completed a goal.
    const ACHIEVERS: Self = Self { rows: Rows::Goals, counted: Counted::Distinct(|_| "e.visitor".to_owned()) };
    const PAID_COMPLETIONS: Self = Self::each(Rows::PaidGoals);
    /// The visitors whose payments completed a goal.
    const PAID_ACHIEVERS: Self = Self { rows: Rows::PaidGoals, counted: Counted::Distinct(|_| "p.visitor".to_owned()) };
    const REVENUE: Self = Self { rows: Rows::Payments, counted: Counted::Sum(revenue) };
    const SALES: Self = Self { rows: Rows::Payments, counted: Counted::Sum(|_| is_sale()) };
    const PAYERS: Self = Self { rows: Rows::Payments, counted: Counted::Distinct(payer) };

    /// Every row counts once.
    pub const fn each(rows: Rows) -> Self {
        Self { rows, counted: Counted::Sum(|_| "1".to_owned()) }
    }
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Money,
    /// A part of a whole; the whole may be zero.
    Rate,
}

/// How a metric is counted.
struct Definition {
    part: Stream,
    whole: Option<Stream>,
    /// The part, if the metric can be restricted to one goal: completed by events, and by payments.
    of_one_goal: Option<(Stream, Stream)>,
    unit: Unit,
}

impl Definition {
    const fn count(part: Stream) -> Self {
        Self { part, whole: None, of_one_goal: None, unit: Unit::Count }
    }

    const fn money(part: Stream) -> Self {
        Self { unit: Unit::Money, ..Self::count(part) }
    }

    const fn rate(part: Stream, whole: Stream) -> Self {
        Self { whole: Some(whole), unit: Unit::Rate, ..Self::count(part) }
    }

    const fn or_of_one_goal(self, part: Stream, paid: Stream) -> Self {
        Self { of_one_goal: Some((part, paid)), ..self }
    }
}

macro_rules! metrics {
    ($($metric:ident = $name:literal $definition:expr;)*) => {
        /// The metrics. Sent between Worker and object, and stored with alerts: variants may be added,
        /// never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(inline, description = "The numbers that can be watched.")]
        pub enum Metric {
            $($metric,)*
        }

        impl Metric {
            pub const ALL: &[Self] = &[$(Self::$metric),*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$metric => $name,)*
                }
            }

            const fn definition(self) -> Definition {
                match self {
                    $(Self::$metric => $definition,)*
                }
            }
        }
    };
}

metrics! {
    Visitors = "visitors" Definition::count(Stream::VISITORS);
    Sessions = "sessions" Definition::count(Stream::SESSIONS);
    Goals = "goals" Definition::count(Stream::COMPLETIONS).or_of_one_goal(Stream::COMPLETIONS, Stream::PAID_COMPLETIONS);
    Revenue = "revenue" Definition::money(Stream::REVENUE);
    Payments = "payments" Definition::count(Stream::SALES);
    BounceRate = "bounce_rate" Definition::rate(Stream::BOUNCES, Stream::SESSIONS);
    ConversionRate = "conversion_rate"
        Definition::rate(Stream::PAYERS, Stream::VISITORS)
            .or_of_one_goal(Stream::ACHIEVERS, Stream::PAID_ACHIEVERS);
}

impl Metric {
    pub const fn unit(self) -> Unit {
        self.definition().unit
    }

    /// Whether the metric is a rate, whose whole may be zero.
    pub const fn is_rate(self) -> bool {
        matches!(self.unit(), Unit::Rate)
    }

    /// Whether the metric can be restricted to one goal.
    pub const fn may_be_of_one_goal(self) -> bool {
        self.definition().of_one_goal.is_some()
    }

    /// The part, and the whole of a rate.
    pub(super) fn streams(self, goal: Option<&str>) -> (Stream, Option<Stream>) {
        let Definition { part, whole, of_one_goal, .. } = self.definition();
        let part = match (goal, of_one_goal) {
            (Some(goal), Some((_, paid))) if completes(goal).is_some() => paid,
            (Some(_), Some((completed, _))) => completed,
            _ => part,
        };
        (part, whole)
    }
}

/// The rows that complete a goal.
pub(super) fn rows_of_goal(goal: &str) -> Rows {
    if completes(goal).is_some() { Rows::PaidGoals } else { Rows::Goals }
}

/// The condition that completed goals `e`, or payments `p`, are of this goal; empty for other rows, and for all goals.
pub(super) fn of_goal(rows: Rows, goal: Option<&str>, parameters: &mut Parameters) -> String {
    match goal {
        Some(goal) if rows == Rows::PaidGoals => format!(" AND {}", completes(goal).unwrap_or_else(|| "0".to_owned())),
        Some(goal) if rows == Rows::Goals => {
            format!(" AND e.name = {}", texts::same(goal, parameters))
        }
        _ => String::new(),
    }
}
