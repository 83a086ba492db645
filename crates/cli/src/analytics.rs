//! Reports that are more than a table: time series with spark lines, realtime that is watched, and traits of visitors.

use std::thread::sleep;
use std::time::Duration;

use crate::call::Call;
use crate::context::{Context, Form};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::{Mode, shown, spark};
use crate::screen::{self, note};
use crate::sending;

/// What a time series shows, and how, where nothing else is said.
const SERIES_FIELDS: &str = "visitors,sessions,revenue";
const SERIES_INTERVAL: &str = "day";
const LEAST_PAUSE: u64 = 5;

pub fn timeseries(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (mut request, website) = call.request(context, operation)?;
    let has = |query: &[(String, String)], name: &str| query.iter().any(|(key, _)| key == name);
    if !has(&request.query, "fields") {
        request.query.push(("fields".to_owned(), SERIES_FIELDS.to_owned()));
    }
    if !has(&request.query, "interval") {
        request.query.push(("interval".to_owned(), SERIES_INTERVAL.to_owned()));
    }
    if context.mode == Mode::Json {
        return sending::finish(context, call, operation, &request, website.as_deref());
    }
    let text = if context.all { sending::all(context, &request)? } else { context.client()?.call(&request)?.text };
    let body = Json::parse(&text).unwrap_or(Json::Null);
    let fields =
        request.query.iter().find(|(key, _)| key == "fields").map(|(_, value)| value.clone()).unwrap_or_default();
    let fields: Vec<_> = fields.split(',').filter(|field| *field != "name").map(str::to_owned).collect();
    let form = sending::form(context, call.command, operation, website.as_deref());
    if context.mode == Mode::People {
        let rows = body.get("data").map(Json::list).unwrap_or_default();
        let lines = fields.iter().map(|field| {
            let values: Vec<f64> = rows.iter().map(|row| row.number(field).unwrap_or_default()).collect();
            let total =
                body.get("totals").and_then(|totals| totals.get(field)).map(|total| shown(field, total, &form.meaning));
            format!("{field:<20} {}  {}\n", context.screen.green(&spark(&values)), total.unwrap_or_default())
        });
        screen::print(&(lines.collect::<String>() + "\n"))?;
        sending::tell_range(context, operation, &request, website.as_deref())?;
    }
    // Without what only the chart of the console needs.
    let chosen = std::iter::once("name".to_owned()).chain(fields).collect();
    context.show(&text, &Form { chosen, ..form })
}

pub fn realtime(context: &Context, call: &Call) -> Outcome {
    let Some(seconds) = call.text("watch") else { return sending::send(context, call) };
    let wrong = || Failure::usage(format!("--watch {seconds}: {LEAST_PAUSE} seconds or more"));
    let pause = seconds.parse::<u64>().ok().filter(|seconds| *seconds >= LEAST_PAUSE).ok_or_else(wrong)?;
    loop {
        sending::send(context, call)?;
        sleep(Duration::from_secs(pause));
    }
}

pub fn identify(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (mut request, website) = call.request(context, operation)?;
    let mut body = request.body.as_deref().and_then(Json::parse).unwrap_or(Json::Null);
    for pair in call.texts("set") {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("--set {pair}: key=value is needed")))?;
        if matches!(key, "user_id" | "datafast_visitor_id") {
            note(&format!("{key} is not a trait"));
            continue;
        }
        let Json::Object(entries) = &mut body else { continue };
        entries.push((key.to_owned(), Json::text(value)));
    }
    request.body = Some(body.to_string());
    sending::finish(context, call, operation, &request, website.as_deref())
}
