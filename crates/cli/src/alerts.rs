//! Alerts: triggers from flags, one of the list, and what would have fired as a small chart.

use jiff::{SignedDuration, Timestamp};

use crate::call::Call;
use crate::client::Request;
use crate::context::{Context, Form};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::{Mode, spark};
use crate::screen::{self, note};
use crate::{prompt, sending};

/// What a message says that nobody wrote: the API wants ten characters.
const MESSAGE: &str = "Goal {{goal}} was completed.";
const METRIC_MESSAGE: &str = "{{alert.name}}: {{metric}} is {{value}}.";
/// The days of the chart.
const CHART_DAYS: i64 = 30;

const COMPARISONS: [(&str, &str); 4] =
    [("above", "above"), ("below", "below"), ("increase-pct", "increase_pct"), ("decrease-pct", "decrease_pct")];

/// The trigger that the flags describe; nothing where none of them was given.
fn trigger(call: &Call) -> Outcome<Option<Json>> {
    let mut trigger = Json::Object(Vec::new());
    if let Some(metric) = call.text("metric") {
        trigger.set("type", Json::text("metric"));
        trigger.set("metric", Json::text(metric));
    }
    for (flag, field) in [("goal", "goalName"), ("window", "window"), ("for", "for")] {
        if let Some(value) = call.text(flag) {
            trigger.set(field, Json::text(value));
        }
    }
    let mut given = COMPARISONS.iter().filter_map(|(flag, comparison)| Some((*flag, *comparison, call.text(flag)?)));
    if let Some((flag, comparison, value)) = given.next() {
        if let Some((other, ..)) = given.next() {
            return Err(Failure::usage(format!("--{flag} and --{other} exclude each other")));
        }
        if value.parse::<serde_json::Number>().is_err() {
            return Err(Failure::usage(format!("--{flag}: {value} is no number")));
        }
        trigger.set("comparison", Json::text(comparison));
        trigger.set("threshold", Json::Number(value.to_owned()));
    }
    Ok((!trigger.entries().is_empty()).then_some(trigger))
}

pub fn get(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let mut request = Request::new(operation.method, operation.path);
    let website = call.place(context, operation, &mut request)?;
    let id = call.id_or_ask(context, "alertId", website.as_deref())?;
    let answer = context.client()?.call(&request)?;
    let mut body = answer.json()?;
    let Some(Json::List(mut rows)) = body.take("data") else {
        return Err(Failure::failed("the answer has no rows"));
    };
    rows.retain(|row| row.str("id") == Some(&id));
    if rows.is_empty() {
        return Err(Failure::failed(format!("no alert {id}")).hint(format!("{} alerts list", context.name)));
    }
    body.set("data", Json::List(rows));
    let form = sending::form(context, call.command, operation, website.as_deref());
    context.show(&body.to_string(), &Form { is_list: false, ..form })
}

/// Creates or changes one.
pub fn set(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let creates = operation.method == "POST";
    if !creates && context.screen.prompts && !call.has_any_field() {
        return sending::send(context, call);
    }
    let mut trigger = trigger(call)?;
    if creates && trigger.is_none() && !context.screen.prompts {
        return Err(call.missing(context, "--goal"));
    }
    let (mut request, website) = call.request_without(context, operation, "template")?;
    let mut body = request.body.as_deref().and_then(Json::parse).unwrap_or(Json::Null);
    if creates && trigger.is_none() {
        let mut asked = Json::Null;
        asked.set("goalName", Json::Text(prompt::text("Goal:", "The goal that triggers it")?));
        trigger = Some(asked);
    }
    if let Some(trigger) = trigger {
        let is_metric = trigger.get("metric").is_some();
        if creates && body.at("template.message").is_none() {
            body.set("template.message", Json::text(if is_metric { METRIC_MESSAGE } else { MESSAGE }));
        }
        body.set("trigger", trigger);
    }
    if let Some(webhook) = call.text("webhook") {
        body.set("destination.type", Json::text("webhook"));
        body.set("destination.endpointId", Json::text(webhook));
    }
    request.body = Some(body.to_string());
    sending::finish(context, call, operation, &request, website.as_deref())
}

pub fn preview(context: &Context, call: &Call) -> Outcome {
    let Some(trigger) = trigger(call)? else { return Err(call.missing(context, "--goal")) };
    let operation = sending::operation(call)?;
    let mut request = Request::new(operation.method, operation.path);
    request.keyed = operation.keyed;
    let website = call.place(context, operation, &mut request)?;
    let mut body = Json::Null;
    body.set("trigger", trigger);
    request.body = Some(body.to_string());
    let answer = context.client()?.call(&request)?;
    if context.mode != Mode::People {
        return context.show(&answer.text, &Form::default());
    }
    let body = answer.json()?;
    let row = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
    let firings = row.get("firings").map(Json::list).unwrap_or_default();
    let times = firings.iter().filter_map(|firing| firing.str("firedAt")?.parse().ok());
    let now = Timestamp::now();
    let days: Vec<f64> = per_day(times, now).into_iter().map(f64::from).collect();
    screen::print(&format!("{}\n{CHART_DAYS} days ago{:>18}\n", spark(&days), "today"))?;
    note(&format!("It would have fired {} times.", row.get("count").map(crate::output::raw).unwrap_or_default()));
    if firings.is_empty() {
        return Ok(());
    }
    let meaning = context.meaning(website.as_deref()).unwrap_or_default();
    context.show_rows(firings, &Form { meaning, ..Form::default() })
}

/// How many of the times lie in each of the last days.
fn per_day(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> Vec<u32> {
    let mut days = vec![0; usize::try_from(CHART_DAYS).unwrap_or_default()];
    for time in times {
        let ago = now.duration_since(time).as_secs().div_euclid(SignedDuration::from_hours(24).as_secs());
        let index = usize::try_from(CHART_DAYS - 1 - ago).ok();
        if let Some(day) = index.and_then(|index| days.get_mut(index)) {
            *day += 1;
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firings_are_counted_by_the_day() {
        let now: Timestamp = "2026-05-31T12:00:00Z".parse().expect("a time");
        let times = ["2026-05-31T11:00:00Z", "2026-05-31T10:00:00Z", "2026-05-29T13:00:00Z", "2026-01-01T00:00:00Z"];
        let days = per_day(times.iter().map(|time| time.parse().expect("a time")), now);
        assert_eq!(days.len(), 30);
        assert_eq!(days[29], 2);
        assert_eq!(days[28], 1);
        assert_eq!(days.iter().sum::<u32>(), 3, "what is older is not shown");
    }
}
