//! What an alert would have done in the last seven days (docs/contract/automation.md#alerts-beyond-the-contract).
//! Nothing is saved or sent.
//!
//! The state machine of real alerts evaluates every minute of the past, as cron would have done. The past is what is known
//! now: events count at their own time, however late they arrived.

use serde::{Deserialize, Serialize};

use super::state_machine::{Memory, Rule, State, step};
use super::trigger::{Comparison, MetricTrigger, SentTrigger, Trigger};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::Data;
use crate::platform::database::Batch;
use crate::websites::report_context::ReportContext;
use sluice_engine::reports::measure::Measured;
use sluice_engine::reports::replay::{Completions, Point, Replay};
use sluice_values::{Currency, Decimal, Timestamp};

/// Seven days.
const MINUTES: i64 = 7 * 1440;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The most firings that are listed.
const MOST: usize = 100;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "PreviewAlert")]
pub struct Preview {
    #[schemars(with = "SentTrigger")]
    trigger: Trigger,
}

/// What an alert would have done.
#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Previewed {
    /// How often the alert would have fired, or how often its goal was completed.
    count: usize,
    /// The latest 100 of these, oldest first.
    firings: Vec<Firing>,
    /// Each hour of the seven days, ascending; the first and the last are not whole.
    series: Vec<HourValue>,
}

/// The metric in an hour, or how often the goal was completed.
#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct HourValue {
    /// The hour's beginning.
    at: Timestamp,
    /// Of the values that the alert would have compared with its threshold, the one that is nearest to firing: the smallest for `below`,
    /// else the largest. `null` without data.
    value: Option<Decimal>,
}

/// One firing.
#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Firing {
    fired_at: Timestamp,
    /// `null` while the alert still fires, and for a goal.
    resolved_at: Option<Timestamp>,
    /// The metric's value when the alert fired; `null` for a goal, and without data.
    value: Option<Decimal>,
}

/// POST: what an alert with this trigger would have done.
pub async fn preview(call: WebsiteCall, input: Input<Body<Preview>>) -> Result<Data<Previewed>, Error> {
    let plan = |batch: &mut Batch, website, _: &_| batch.read(ReportContext::select(website));
    let (website, Body(Preview { trigger }), report, results) = call.enter(input, plan).await?;
    let trigger = trigger.possible()?;
    let report = ReportContext::of(&results, &report, website.id)?;
    let previewed = match trigger {
        Trigger::Goal(goal) => {
            let most = u32::try_from(MOST).unwrap_or(u32::MAX);
            let goal = goal.goal_name.as_str().to_owned();
            let found = website.site().ask(Completions { goal, minutes: MINUTES, most, by_hour: true }).await?;
            let firing = |at| Firing { fired_at: Timestamp::from_millis(at), resolved_at: None, value: None };
            let count = usize::try_from(found.total).unwrap_or_default();
            let series = completions(&found.hours, website.call.now);
            Previewed { count, firings: found.times.into_iter().map(firing).collect(), series }
        }
        Trigger::Metric(trigger) => {
            let measure = trigger.measure(report.includes_renewals());
            let points = website.site().ask_in(report.currency, Replay { measure, minutes: MINUTES }).await?;
            simulate(trigger, &points, report.currency, website.call.now)
        }
    };
    Ok(Data::one(previewed))
}

/// Evaluates every minute. A minute at which neither the metric changes nor the state machine is due would change nothing,
/// and is skipped.
fn simulate(trigger: MetricTrigger, points: &[Point], currency: Currency, now: Timestamp) -> Previewed {
    let rule = Rule { trigger, cooldown_ms: 0, notify_resolved: false };
    let start = now.plus_millis(-MINUTES * MINUTE_MS);
    let mut memory = Memory::new(start);
    let mut firings: Vec<Firing> = Vec::new();
    let mut count = 0;
    let mut due_at = None;
    let mut reading = None;
    let mut hours = Hours { is_below: rule.trigger.comparison == Comparison::Below, series: Vec::new() };
    let mut points = points.iter().peekable();
    for minute in 0..=MINUTES {
        let at = start.plus_millis(minute * MINUTE_MS);
        let mut is_new = false;
        while let Some(point) = points.next_if(|point| point.at <= at.as_millis()) {
            let Point { current, base, has_events, .. } = *point;
            reading = rule.trigger.reading(&Measured { current, base, has_events, changes_at: None }, currency);
            is_new = true;
        }
        hours.add(at, reading);
        if !is_new && due_at.is_none_or(|due| due > at) {
            continue;
        }
        let done = step(&rule, memory, reading, at);
        (memory, due_at) = (done.memory, done.due_at);
        let Some(transition) = done.transition else { continue };
        if transition.to == State::Firing {
            count += 1;
            firings.push(Firing { fired_at: at, resolved_at: None, value: transition.value.map(Decimal) });
        } else if transition.from == State::Firing
            && let Some(firing) = firings.last_mut()
        {
            firing.resolved_at = Some(at);
        }
    }
    let firings = firings.split_off(firings.len().saturating_sub(MOST));
    Previewed { count, firings, series: hours.series }
}

/// The completions of each hour, of which the engine has those that are not zero.
#[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
fn completions(counted: &[(i64, i64)], now: Timestamp) -> Vec<HourValue> {
    let last = now.as_millis().div_euclid(HOUR_MS);
    let mut counted = counted.iter().peekable();
    let value = |hour: i64| {
        let count = counted.next_if(|(one, _)| *one == hour).map_or(0, |(_, count)| *count);
        HourValue { at: Timestamp::from_millis(hour * HOUR_MS), value: Some(Decimal(count as f64)) }
    };
    (last - MINUTES / 60..=last).map(value).collect()
}

/// The values nearest to firing, hour by hour.
struct Hours {
    is_below: bool,
    series: Vec<HourValue>,
}

impl Hours {
    fn add(&mut self, at: Timestamp, reading: Option<f64>) {
        let hour = Timestamp::from_millis(at.as_millis() - at.as_millis().rem_euclid(HOUR_MS));
        if self.series.last().is_none_or(|last| last.at != hour) {
            self.series.push(HourValue { at: hour, value: None });
        }
        let (Some(reading), Some(HourValue { value, .. })) = (reading, self.series.last_mut()) else { return };
        let is_nearer =
            value.as_ref().is_none_or(|held| if self.is_below { reading < held.0 } else { reading > held.0 });
        if is_nearer {
            *value = Some(Decimal(reading));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sluice_engine::reports::measure::Amount;

    const NOW: i64 = 1_779_321_600_000;

    fn simulated(fields: &Value, points: &[(i64, i64, bool)]) -> Value {
        let mut trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above",
            "threshold": 10 });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let Trigger::Metric(trigger) = serde_json::from_value(trigger).unwrap() else { panic!("a metric") };
        let point = |(minute, part, has_events): &(i64, i64, bool)| Point {
            at: NOW - (MINUTES - minute) * MINUTE_MS,
            current: Amount { part: *part, whole: None },
            base: None,
            has_events: *has_events,
        };
        let points: Vec<_> = points.iter().map(point).collect();
        json!(simulate(trigger, &points, "USD".parse().unwrap(), Timestamp::from_millis(NOW)))
    }

    fn at(minute: i64) -> String {
        Timestamp::from_millis(NOW - (MINUTES - minute) * MINUTE_MS).to_string()
    }

    #[test]
    fn firings_have_their_times_and_values() {
        let points = [(0, 0, false), (10, 11, true), (12, 15, true), (20, 10, true), (30, 20, true)];
        let expected = json!([
            { "firedAt": at(10), "resolvedAt": at(20), "value": 11 },
            { "firedAt": at(30), "resolvedAt": null, "value": 20 },
        ]);
        let found = simulated(&json!({}), &points);
        assert_eq!((&found["count"], &found["firings"]), (&json!(2), &expected));
        let lasting = json!([
            { "firedAt": at(17), "resolvedAt": at(20), "value": 15 },
            { "firedAt": at(37), "resolvedAt": null, "value": 20 },
        ]);
        let found = simulated(&json!({ "for": "7m" }), &points);
        assert_eq!((&found["count"], &found["firings"]), (&json!(2), &lasting));
        assert_eq!(simulated(&json!({ "for": "24h" }), &points[..4])["count"], 0);
        let silent = simulated(&json!({ "noData": "alert" }), &points[..2]);
        assert_eq!(silent["firings"], json!([{ "firedAt": at(0), "resolvedAt": null, "value": null }]));
    }

    #[test]
    fn the_series_has_the_value_of_each_hour_that_is_nearest_to_firing() {
        let points = [(0, 0, false), (70, 11, true), (90, 15, true), (100, 10, true), (130, 3, true), (200, 0, false)];
        let value = |found: &Value, hour: usize| found["series"][hour]["value"].clone();
        let found = simulated(&json!({}), &points);
        let series = found["series"].as_array().unwrap();
        // The hour that has just begun is the last one.
        assert_eq!((series.len(), &series[1]["at"]), (7 * 24 + 1, &json!(at(60))));
        assert_eq!(
            [0, 1, 2, 3, 4].map(|hour| value(&found, hour)),
            [json!(null), json!(15), json!(10), json!(3), json!(null)]
        );
        let found = simulated(&json!({ "comparison": "below" }), &points);
        assert_eq!([1, 2, 3].map(|hour| value(&found, hour)), [json!(0), json!(3), json!(0)]);
    }

    #[test]
    fn the_series_of_a_goal_has_every_hour() {
        let last = NOW / HOUR_MS;
        let series = completions(&[(last - 168, 3), (last - 1, 2)], Timestamp::from_millis(NOW));
        let series = json!(series);
        assert_eq!(series.as_array().unwrap().len(), 169);
        assert_eq!(
            [0, 1, 167, 168].map(|hour| series[hour]["value"].clone()),
            [json!(3), json!(0), json!(2), json!(0)]
        );
    }

    #[test]
    fn many_firings_are_counted_and_the_latest_listed() {
        let points: Vec<_> = (0..400).map(|minute| (minute, if minute % 2 == 0 { 11 } else { 0 }, true)).collect();
        let previewed = simulated(&json!({}), &points);
        assert_eq!((&previewed["count"], previewed["firings"].as_array().unwrap().len()), (&json!(200), MOST));
        assert_eq!(previewed["firings"][MOST - 1]["firedAt"], at(398));
    }
}
