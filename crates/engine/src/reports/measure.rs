//! One metric over a window that ends now. It counts the same way as the reports.

use serde::{Deserialize, Serialize};
use sluice_values::Timestamp;

pub use super::metric::Metric;
use super::metric::{Counted, Rows, Stream, of_goal};
use crate::blocks::{self, Order};
use crate::error::Error;
use crate::selection::{Filter, Selection, Span, condition, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measure {
    pub metric: Metric,
    pub goal: Option<String>,
    pub filters: Vec<Filter>,
    /// The length of the window up to now.
    pub window_ms: i64,
    /// Whether the window before is measured too.
    pub has_base: bool,
    /// Whether renewals count as revenue and for conversion.
    pub with_renewals: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// In the window.
    pub current: Amount,
    /// In the window before.
    pub base: Option<Amount>,
    /// Whether anything at all happened on the website in the window.
    pub has_events: bool,
    /// The earliest time at which any of this can change without a new event; `None` if nothing can.
    pub changes_at: Option<i64>,
}

/// A count, an amount of money in minor units of the website's currency, or a part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// The count, the amount, or the part.
    pub part: i64,
    /// The whole; for rates only.
    pub whole: Option<i64>,
}

impl Amount {
    /// Who pays or completes a goal without a visit is not among the visitors, and no rate is above 100.
    fn limited(self) -> Self {
        Self { part: self.whole.map_or(self.part, |whole| self.part.min(whole)), whole: self.whole }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.part += other.part;
        self.whole = self.whole.zip(other.whole).map(|(whole, other)| whole + other);
    }
}

impl Measured {
    /// What was counted, as rates may show it.
    pub(crate) fn limited(self) -> Self {
        Self { current: self.current.limited(), base: self.base.map(Amount::limited), ..self }
    }
}

/// What was counted, as rates may show it; a point that then equals the one before is left out.
pub(crate) fn limited_points(points: Vec<Point>) -> Vec<Point> {
    let mut limited: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        let point = Point { current: point.current.limited(), base: point.base.map(Amount::limited), ..point };
        if !limited.last().is_some_and(|last| last.is_same(&point)) {
            limited.push(point);
        }
    }
    limited
}

/// The value of a metric from a minute on, until the next point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub at: i64,
    /// As in [`Measured`].
    pub current: Amount,
    /// As in [`Measured`].
    pub base: Option<Amount>,
    /// As in [`Measured`].
    pub has_events: bool,
}

impl Point {
    /// Whether both have the same value.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.current, self.base, self.has_events) == (other.current, other.base, other.has_events)
    }
}

impl Rows {
    /// The time of the first, or last, row within a span.
    fn edge<S: Sql>(self, site: &Site<S>, span: Span, order: Order) -> Result<Option<i64>, Error> {
        let mut found = None;
        let mut look = |span: Span| {
            let selection = Selection { span, filters: Vec::new() };
            let mut parameters = Parameters::default();
            let source = self.source(site, &selection, false, &mut parameters)?;
            let (time, from, to) = (self.time(), parameters.bind(span.from), parameters.bind(span.to));
            let direction = order.direction();
            let edge = format!(
                "SELECT {time} FROM {source} AND {time} BETWEEN {from} AND {to} ORDER BY 1 {direction} LIMIT 1"
            );
            found = site.sql.first(&edge, parameters.values())?.map(|mut row| row.next()).transpose()?;
            Ok(found.is_some())
        };
        match self.part() {
            Some(part) => blocks::in_order(site, &part, span, order, look)?,
            None => look(span).map(|_| ())?,
        }
        Ok(found)
    }

    /// The time of the first row after a time.
    fn first_after<S: Sql>(self, site: &Site<S>, moment: i64) -> Result<Option<i64>, Error> {
        self.edge(site, Span { from: moment + 1, to: Span::ALL.to }, Order::Earliest)
    }
}

impl<S: Sql> Site<S> {
    /// A metric over the window up to now, and when to measure again.
    pub fn measure(&self, asked: &Measure, now: Timestamp) -> Result<Measured, Error> {
        self.measure_part(asked, now).map(Measured::limited)
    }

    /// [`Self::measure`] of one shard: parts may be above their wholes.
    pub(crate) fn measure_part(&self, asked: &Measure, now: Timestamp) -> Result<Measured, Error> {
        let (now, window) = (now.as_millis(), asked.window_ms);
        // An event exactly as old as the window's length has left it.
        let span = Span { from: now - window + 1, to: now };
        let before = Span { from: span.from - window, to: span.from - 1 };
        let current = self.amount(asked, span)?;
        let base = asked.has_base.then(|| self.amount(asked, before)).transpose()?;
        let last = [Rows::Events.edge(self, span, Order::Latest)?, Rows::Payments.edge(self, span, Order::Latest)?];
        let last = last.into_iter().flatten().max();
        Ok(Measured { current, base, has_events: last.is_some(), changes_at: self.changes_at(asked, now, last)? })
    }

    fn amount(&self, asked: &Measure, span: Span) -> Result<Amount, Error> {
        let (part, whole) = asked.metric.streams(asked.goal.as_deref());
        let whole = whole.map(|whole| self.total(whole, asked, span)).transpose()?;
        Ok(Amount { part: self.total(part, asked, span)?, whole })
    }

    /// The sum of a stream over a span.
    fn total(&self, stream: Stream, asked: &Measure, span: Span) -> Result<i64, Error> {
        let selection = Selection { span, filters: asked.filters.clone() };
        let mut parameters = Parameters::default();
        let condition = condition(self, &selection, &mut parameters)?;
        let rows = if stream.rows == Rows::Visits {
            // Sessions with an event in the span: the same visitors, but fewer rows than their events.
            let present = is_present(self, span, &mut parameters)?;
            let sessions = blocks::sessions(self, span, &mut parameters)?;
            format!("(SELECT s.visitor FROM {sessions} WHERE {present}{condition}) e")
        } else {
            let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
            let of = of_goal(stream.rows, asked.goal.as_deref(), &mut parameters);
            let source = stream.rows.source(self, &selection, !of.is_empty(), &mut parameters)?;
            let time = stream.rows.time();
            format!("{source} AND {time} BETWEEN {from} AND {to}{of}{condition}")
        };
        let total = match stream.counted {
            Counted::Sum(what) => format!("ifnull(sum({}), 0)", what(asked.with_renewals)),
            Counted::Distinct(what) => format!("count(DISTINCT {})", what(asked.with_renewals)),
        };
        self.sql.one(&format!("SELECT {total} FROM {rows}"), parameters.values())?.next()
    }

    /// The time at which the first row enters the window, moves to the window before, or leaves that. It may be too
    /// early, because rows that do not count are considered too, but never too late. `last` is the last event in the
    /// window.
    fn changes_at(&self, asked: &Measure, now: i64, last: Option<i64>) -> Result<Option<i64>, Error> {
        const ANY: &[Rows] = &[Rows::Events, Rows::Payments];
        let (part, whole) = asked.metric.streams(asked.goal.as_deref());
        let mut clocks = part.rows.clocks().to_vec();
        clocks.extend(whole.iter().flat_map(|whole| whole.rows.clocks()));
        // Filters test sessions, which events change.
        let clocks = if asked.filters.is_empty() { clocks.as_slice() } else { ANY };
        let next_after = |rows: &[Rows], edge: i64| -> Result<Option<i64>, Error> {
            let next = rows.iter().map(|rows| rows.first_after(self, edge));
            Ok(next.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min().map(|time| now + (time - edge)))
        };
        // After the last event every metric is zero. Events slightly ahead of the clock enter the window when their
        // time comes.
        let mut earliest = vec![last.map(|last| last + asked.window_ms)];
        earliest.push(next_after(ANY, now)?);
        earliest.push(next_after(clocks, now - asked.window_ms)?);
        if asked.has_base {
            earliest.push(next_after(clocks, now - 2 * asked.window_ms)?);
        }
        Ok(earliest.into_iter().flatten().min())
    }
}
