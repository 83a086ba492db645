//! Alerts: triggers from flags, one of the list, and what would have fired as a small chart.

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
/// The hours of one block of the chart.
const BLOCK_HOURS: usize = 3;

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
    let hours: Vec<_> =
        row.get("series").map(Json::list).unwrap_or_default().iter().map(|hour| hour.number("value")).collect();
    let fold = match (call.text("metric"), call.text("below")) {
        (None, _) => |one, other| one + other,
        (_, Some(_)) => f64::min,
        _ => f64::max,
    };
    let chart = blocks(&hours, fold);
    let gap = chart.len().saturating_sub("7 days ago".len());
    screen::print(&format!("{}\n7 days ago{:>gap$}\n", spark(&chart), "now"))?;
    let highest = chart.iter().copied().fold(0.0, f64::max);
    note(&format!("A block is {BLOCK_HOURS} hours; the highest is {highest}."));
    note(&format!("It would have fired {} times.", row.get("count").map(crate::output::raw).unwrap_or_default()));
    if firings.is_empty() {
        return Ok(());
    }
    let meaning = context.meaning(website.as_deref()).unwrap_or_default();
    context.show_rows(firings, &Form { meaning, ..Form::default() })
}

/// The values of the blocks of a chart, each of some hours: their sum for a goal, else the one that is nearest to firing.
fn blocks(hours: &[Option<f64>], fold: fn(f64, f64) -> f64) -> Vec<f64> {
    let block = |hours: &[Option<f64>]| hours.iter().flatten().copied().reduce(fold).unwrap_or_default();
    hours.chunks(BLOCK_HOURS).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_of_three_hours() {
        let hours = [Some(1.0), None, Some(4.0), None, None, None, Some(2.0)];
        assert_eq!(blocks(&hours, f64::max), [4.0, 0.0, 2.0]);
        assert_eq!(blocks(&hours, f64::min), [1.0, 0.0, 2.0]);
        assert_eq!(blocks(&hours, |one, other| one + other), [5.0, 0.0, 2.0]);
    }
}
