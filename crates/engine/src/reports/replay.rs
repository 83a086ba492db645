//! What a number would have been at every minute of the past: what a preview of an alert needs. One pass over the
//! events, a minute at a time, in place of a measurement for each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::goals;
use super::measure::{Amount, Measure, Metric, of_goal};
use crate::Error;
use crate::Site;
use crate::selection::{Selection, Span, condition};
use crate::sql::{Parameters, Sql};
use sluice_values::Timestamp;

const MINUTE_MS: i64 = 60_000;

/// What is asked: a number at every minute.
#[derive(Debug, Serialize, Deserialize)]
pub struct Replay {
    /// The number.
    pub measure: Measure,
    /// How many minutes back from now.
    pub minutes: i64,
}

/// What it was from a minute on, until the next point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The minute.
    pub at: i64,
    /// As [`super::measure::Measured`] has it.
    pub current: Amount,
    /// As [`super::measure::Measured`] has it.
    pub base: Option<Amount>,
    /// As [`super::measure::Measured`] has it.
    pub has_events: bool,
}

/// What is asked: when a goal was completed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completions {
    /// The goal.
    pub goal: String,
    /// How many minutes back from now.
    pub minutes: i64,
    /// Moments at most.
    pub most: u32,
}

/// When a goal was completed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The latest moments, in order.
    pub times: Vec<i64>,
    /// How many there are in all.
    pub total: i64,
}

/// What came in each minute, in order: the minute's number, and what is counted.
enum Stream {
    Sums(Vec<(i64, i64)>),
    Distinct(Vec<(i64, Vec<i64>)>),
}

/// What is in a window that slides over a stream.
struct Sliding<'a> {
    stream: &'a Stream,
    entered: usize,
    left: usize,
    sum: i64,
    held: HashMap<i64, u32>,
}

impl<'a> Sliding<'a> {
    fn over(stream: &'a Stream) -> Self {
        Self { stream, entered: 0, left: 0, sum: 0, held: HashMap::new() }
    }

    /// Slides on to the minutes after `since` up to `until`, and tells what is in there.
    fn slide(&mut self, since: i64, until: i64) -> i64 {
        match self.stream {
            Stream::Sums(entries) => {
                while let Some((_, amount)) = entries.get(self.entered).filter(|(minute, _)| *minute <= until) {
                    self.sum += amount;
                    self.entered += 1;
                }
                while let Some((_, amount)) = entries.get(self.left).filter(|(minute, _)| *minute <= since) {
                    self.sum -= amount;
                    self.left += 1;
                }
                self.sum
            }
            Stream::Distinct(entries) => {
                while let Some((_, members)) = entries.get(self.entered).filter(|(minute, _)| *minute <= until) {
                    for member in members {
                        *self.held.entry(*member).or_default() += 1;
                    }
                    self.entered += 1;
                }
                while let Some((_, members)) = entries.get(self.left).filter(|(minute, _)| *minute <= since) {
                    for member in members {
                        if let Some(count) = self.held.get_mut(member) {
                            *count -= 1;
                            if *count == 0 {
                                self.held.remove(member);
                            }
                        }
                    }
                    self.left += 1;
                }
                i64::try_from(self.held.len()).unwrap_or(i64::MAX)
            }
        }
    }
}

/// The minutes that are read: number `n` ends `n` minutes after `origin`, that moment included.
struct Minutes {
    origin: i64,
    now: i64,
}

impl<S: Sql> Site<S> {
    /// A number at every minute up to now. Filters by a goal look at the whole time rather than at each window; sessions
    /// are as they ended up.
    pub fn replay(&self, asked: &Replay, now: Timestamp) -> Result<Vec<Point>, Error> {
        let Replay { measure, minutes } = asked;
        let (now, window) = (now.as_millis(), measure.window_ms / MINUTE_MS);
        let reach = if measure.has_base { 2 * window } else { window };
        let read = Minutes { origin: now - (minutes + reach) * MINUTE_MS, now };
        let (part, whole) = self.streams(measure, &read)?;
        let anything = self.anything(&read)?;

        let sliding = || (Sliding::over(&part), whole.as_ref().map(Sliding::over));
        let (mut current, mut base) = (sliding(), sliding());
        let mut events = Sliding::over(&anything);
        let mut points: Vec<Point> = Vec::new();
        for minute in reach..=reach + minutes {
            let amount = |sliding: &mut (Sliding<'_>, Option<Sliding<'_>>), until: i64| Amount {
                part: sliding.0.slide(until - window, until),
                whole: sliding.1.as_mut().map(|whole| whole.slide(until - window, until)),
            };
            let point = Point {
                at: read.origin + minute * MINUTE_MS,
                current: amount(&mut current, minute),
                base: measure.has_base.then(|| amount(&mut base, minute - window)),
                has_events: events.slide(minute - window, minute) > 0,
            };
            let is_same = |last: &Point| Point { at: point.at, ..last.clone() } == point;
            if !points.last().is_some_and(is_same) {
                points.push(point);
            }
        }
        Ok(points)
    }

    /// When a goal was completed of late.
    pub fn completions(&self, asked: &Completions, now: Timestamp) -> Result<Completed, Error> {
        let mut parameters = Parameters::default();
        let from = parameters.bind(now.as_millis() - asked.minutes * MINUTE_MS);
        let to = parameters.bind(now);
        let of = of_goal(&asked.goal, &mut parameters);
        let those = format!("FROM events e WHERE e.kind = 1 AND e.time > {from} AND e.time <= {to}{of}");
        let total = self.sql.one(&format!("SELECT count(*) {those}"), parameters.values())?.next()?;
        let most = parameters.bind(asked.most);
        let latest = format!("SELECT e.time {those} ORDER BY e.time DESC LIMIT {most}");
        let latest = self.sql.rows(&latest, parameters.values())?;
        let mut times = latest.into_iter().map(|mut row| row.next()).collect::<Result<Vec<i64>, _>>()?;
        times.reverse();
        Ok(Completed { times, total })
    }

    /// The number's part, and its whole where it is a rate.
    fn streams(&self, measure: &Measure, read: &Minutes) -> Result<(Stream, Option<Stream>), Error> {
        let span = Span { from: read.origin + 1, to: read.now };
        let selection = Selection { span, filters: measure.filters.clone() };
        let of_payments = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let payments = format!("payments p {of_payments} WHERE 1");
        let begun = || Ok::<_, Error>("sessions s WHERE 1".to_owned());
        let visitors = || {
            let join = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = e.session" };
            let source = format!("events e {join} WHERE e.session IS NOT NULL");
            self.stream("e.time", Counted::Distinct("e.visitor"), &source, None, &selection, read)
        };
        let completed = |counted| {
            let source = format!("events e {} WHERE e.kind = 1", goals::join(&selection));
            self.stream("e.time", counted, &source, measure.goal.as_deref(), &selection, read)
        };
        let sessions = |what| self.stream("s.started", Counted::Sum(what), &begun()?, None, &selection, read);
        let money = |counted| self.stream("p.time", counted, &payments, None, &selection, read);
        Ok(match (measure.metric, &measure.goal) {
            (Metric::Visitors, _) => (visitors()?, None),
            (Metric::Sessions, _) => (sessions("1")?, None),
            (Metric::BounceRate, _) => (sessions("s.pageviews = 1 AND s.goals = 0")?, Some(sessions("1")?)),
            (Metric::Goals, _) => (completed(Counted::Sum("1"))?, None),
            (Metric::Revenue, _) if measure.with_renewals => {
                (money(Counted::Sum("iif(p.kind IN (0, 1), p.value, iif(p.kind = 2, 0 - p.value, 0))"))?, None)
            }
            (Metric::Revenue, _) => {
                (money(Counted::Sum("iif(p.kind = 0, p.value, iif(p.kind = 2, 0 - p.value, 0))"))?, None)
            }
            (Metric::Payments, _) => (money(Counted::Sum("p.kind IN (0, 1) AND p.amount > 0"))?, None),
            (Metric::ConversionRate, Some(_)) => (completed(Counted::Distinct("e.visitor"))?, Some(visitors()?)),
            (Metric::ConversionRate, None) => {
                let payers = if measure.with_renewals {
                    "iif(p.kind IN (0, 1) AND p.amount > 0, p.visitor, NULL)"
                } else {
                    "iif(p.kind = 0 AND p.amount > 0, p.visitor, NULL)"
                };
                (money(Counted::Distinct(payers))?, Some(visitors()?))
            }
        })
    }

    /// Whatever happened at all.
    fn anything(&self, read: &Minutes) -> Result<Stream, Error> {
        let all = Selection { span: Span::ALL, filters: Vec::new() };
        let events = self.stream("e.time", Counted::Sum("1"), "events e WHERE 1", None, &all, read)?;
        let payments = self.stream("p.time", Counted::Sum("1"), "payments p WHERE 1", None, &all, read)?;
        let (Stream::Sums(mut events), Stream::Sums(payments)) = (events, payments) else {
            return Err(Error::new("sums that are none"));
        };
        events.extend(payments);
        events.sort_unstable();
        Ok(Stream::Sums(events))
    }

    /// What came by minute. A row is a minute: a row for each event would cost more than all the rest.
    fn stream(
        &self,
        time: &str,
        counted: Counted,
        source: &str,
        goal: Option<&str>,
        selection: &Selection,
        read: &Minutes,
    ) -> Result<Stream, Error> {
        let mut parameters = Parameters::default();
        let (origin, now) = (parameters.bind(read.origin), parameters.bind(read.now));
        let of = goal.map(|goal| of_goal(goal, &mut parameters)).unwrap_or_default();
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let what = match counted {
            Counted::Sum(what) => format!("sum({what})"),
            Counted::Distinct(what) => format!("ifnull(group_concat(DISTINCT {what}), '')"),
        };
        let rows = self.sql.rows(
            &format!(
                "SELECT ({time} - CAST({origin} AS INTEGER) - 1) / {MINUTE_MS} + 1 AS minute, {what} FROM {source} \
                 AND {time} > {origin} AND {time} <= {now}{of}{condition} GROUP BY minute ORDER BY minute"
            ),
            parameters.values(),
        )?;
        let rows = rows.into_iter();
        Ok(match counted {
            Counted::Sum(_) => {
                let entries = rows.map(|mut row| Ok::<_, Error>((row.next()?, row.next()?)));
                Stream::Sums(entries.collect::<Result<_, _>>()?)
            }
            Counted::Distinct(_) => {
                let entries = rows.map(|mut row| {
                    let minute: i64 = row.next()?;
                    let members: String = row.next()?;
                    let members = members.split(',').filter(|text| !text.is_empty());
                    let members = members.map(|text| text.parse().map_err(|_| Error::new("a visitor's number")));
                    Ok::<_, Error>((minute, members.collect::<Result<Vec<i64>, _>>()?))
                });
                Stream::Distinct(entries.collect::<Result<_, _>>()?)
            }
        })
    }
}

/// What is counted of a minute.
#[derive(Clone, Copy)]
enum Counted {
    /// The sum of this.
    Sum(&'static str),
    /// How many different ones of this there are.
    Distinct(&'static str),
}
