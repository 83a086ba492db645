//! The values of a metric at every minute of the past, for the preview of an alert: one pass over the events, minute by
//! minute, instead of one measurement per minute.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use super::measure::Point;
use super::measure::{Amount, Measure, limited_points};
use super::metric::{Counted, Rows, Stream, of_goal, rows_of_goal};
use crate::error::Error;
use crate::selection::{Selection, Span, condition};
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use sluice_values::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Asks for a metric at every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Replay {
    pub measure: Measure,
    /// How many minutes back from now.
    pub minutes: i64,
}

/// Asks for the completions of a goal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completions {
    pub goal: String,
    /// How many minutes back from now.
    pub minutes: i64,
    /// The maximum number of times.
    pub most: u32,
    /// Whether the completions of each hour are counted too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hour: bool,
}

/// The completions of a goal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The latest times, ascending.
    pub times: Vec<i64>,
    /// The number of all completions.
    pub total: i64,
    /// Hours since 1970, and how many completions each has, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<(i64, i64)>,
}

/// What each minute adds, in order: the minute's number, and what is counted.
enum ByMinute {
    Sums(Vec<(i64, i64)>),
    Distinct(Vec<(i64, Vec<i64>)>),
}

/// The contents of a window that slides over a stream.
struct Sliding<'a> {
    stream: &'a ByMinute,
    entered: usize,
    left: usize,
    sum: i64,
    held: HashMap<i64, u32>,
}

impl<'a> Sliding<'a> {
    fn over(stream: &'a ByMinute) -> Self {
        Self { stream, entered: 0, left: 0, sum: 0, held: HashMap::new() }
    }

    /// Slides on to the minutes after `since` up to `until`, and returns the window's value.
    fn slide(&mut self, since: i64, until: i64) -> i64 {
        match self.stream {
            ByMinute::Sums(entries) => {
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
            ByMinute::Distinct(entries) => {
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

/// The minutes that are read: minute `n` ends `n` minutes after `origin`, inclusive.
struct Minutes {
    origin: i64,
    now: i64,
}

impl<S: Sql> Site<S> {
    /// A metric at every minute up to now. Filters by a goal apply to the whole time rather than to each window;
    /// sessions are taken in their final state.
    pub fn replay(&self, asked: &Replay, now: Timestamp) -> Result<Vec<Point>, Error> {
        self.replay_part(asked, now).map(limited_points)
    }

    /// [`Self::replay`] of one shard: parts may be above their wholes.
    pub(crate) fn replay_part(&self, asked: &Replay, now: Timestamp) -> Result<Vec<Point>, Error> {
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
            let amount = |sliding: &mut (Sliding<'_>, Option<Sliding<'_>>), until: i64| {
                let whole = sliding.1.as_mut().map(|whole| whole.slide(until - window, until));
                Amount { part: sliding.0.slide(until - window, until), whole }
            };
            let point = Point {
                at: read.origin + minute * MINUTE_MS,
                current: amount(&mut current, minute),
                base: measure.has_base.then(|| amount(&mut base, minute - window)),
                has_events: events.slide(minute - window, minute) > 0,
            };
            if !points.last().is_some_and(|last| last.is_same(&point)) {
                points.push(point);
            }
        }
        Ok(points)
    }

    /// The completions of a goal.
    pub fn completions(&self, asked: &Completions, now: Timestamp) -> Result<Completed, Error> {
        let mut parameters = Parameters::default();
        let from = parameters.bind(now.as_millis() - asked.minutes * MINUTE_MS);
        let to = parameters.bind(now);
        let rows = rows_of_goal(&asked.goal);
        let of = of_goal(rows, Some(&asked.goal), &mut parameters);
        let all = Selection { span: Span::ALL, filters: Vec::new() };
        let (source, time) = (rows.source(self, &all, true, &mut parameters)?, rows.time());
        let those = format!("FROM {source} AND {time} > {from} AND {time} <= {to}{of}");
        let total = self.sql.one(&format!("SELECT count(*) {those}"), parameters.values())?.next()?;
        let mut hours = Vec::new();
        if asked.by_hour {
            let by_hour = format!(
                "SELECT CAST({time} / {HOUR_MS} AS INTEGER) AS hour, count(*) {those} GROUP BY hour ORDER BY hour"
            );
            for mut row in self.sql.rows(&by_hour, parameters.values())? {
                hours.push((row.next()?, row.next()?));
            }
        }
        let most = parameters.bind(asked.most);
        let latest = format!("SELECT {time} {those} ORDER BY {time} DESC LIMIT {most}");
        let latest = self.sql.rows(&latest, parameters.values())?;
        let mut times = latest.into_iter().map(|mut row| row.next()).collect::<Result<Vec<i64>, _>>()?;
        times.reverse();
        Ok(Completed { times, total, hours })
    }

    /// The part of the metric, and its whole if it is a rate.
    fn streams(&self, measure: &Measure, read: &Minutes) -> Result<(ByMinute, Option<ByMinute>), Error> {
        let span = Span { from: read.origin + 1, to: read.now };
        let selection = Selection { span, filters: measure.filters.clone() };
        let (part, whole) = measure.metric.streams(measure.goal.as_deref());
        let read = |stream: Stream| {
            let goal = measure.goal.as_deref();
            Ok::<_, Error>(match stream.counted {
                Counted::Sum(what) => {
                    let what = format!("sum({})", what(measure.with_renewals));
                    ByMinute::Sums(self.by_minute(stream.rows, &what, goal, &selection, read, Row::next)?)
                }
                Counted::Distinct(what) => {
                    let what = format!("ifnull(group_concat(DISTINCT {}), '')", what(measure.with_renewals));
                    ByMinute::Distinct(self.by_minute(stream.rows, &what, goal, &selection, read, members)?)
                }
            })
        };
        Ok((read(part)?, whole.map(read).transpose()?))
    }

    /// The number of all events and payments.
    fn anything(&self, read: &Minutes) -> Result<ByMinute, Error> {
        let all = Selection { span: Span::ALL, filters: Vec::new() };
        let mut counts = self.by_minute(Rows::Events, "count(*)", None, &all, read, Row::next)?;
        counts.extend(self.by_minute(Rows::Payments, "count(*)", None, &all, read, Row::next)?);
        counts.sort_unstable();
        Ok(ByMinute::Sums(counts))
    }

    /// What each minute adds. A row is a minute: a row per event would cost more than all the rest.
    fn by_minute<T>(
        &self,
        rows: Rows,
        what: &str,
        goal: Option<&str>,
        selection: &Selection,
        read: &Minutes,
        value: impl Fn(&mut Row) -> Result<T, Error>,
    ) -> Result<Vec<(i64, T)>, Error> {
        let mut parameters = Parameters::default();
        let (origin, now) = (parameters.bind(read.origin), parameters.bind(read.now));
        let of = of_goal(rows, goal, &mut parameters);
        let condition = condition(self, selection, &mut parameters)?;
        let read_at_all = Selection { span: Span { from: read.origin + 1, to: read.now }, ..selection.clone() };
        let source = rows.source(self, &read_at_all, !of.is_empty(), &mut parameters)?;
        let time = rows.time();
        let found = self.sql.rows(
            &format!(
                "SELECT ({time} - CAST({origin} AS INTEGER) - 1) / {MINUTE_MS} + 1 AS minute, {what} FROM {source} \
                 AND {time} > {origin} AND {time} <= {now}{of}{condition} GROUP BY minute ORDER BY minute"
            ),
            parameters.values(),
        )?;
        found.into_iter().map(|mut row| Ok((row.next()?, value(&mut row)?))).collect()
    }
}

/// The numbers in a comma-separated list that SQLite has joined.
fn members(row: &mut Row) -> Result<Vec<i64>, Error> {
    let members: String = row.next()?;
    let members = members.split(',').filter(|text| !text.is_empty());
    members.map(|text| text.parse().map_err(|_| Error::new("malformed totals"))).collect()
}
