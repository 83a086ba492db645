//! The deliveries of a webhook, as a list or as they are made, and how it is doing.

use std::collections::HashMap;
use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;

use crate::call::Call;
use crate::context::{Context, Form};
use crate::failure::Outcome;
use crate::json::Json;
use crate::output::{Mode, columns, raw, shown, spark, tabs};
use crate::screen::{self, note};
use crate::sending;

const PAUSE: Duration = Duration::from_secs(2);
/// How long after it was made a delivery may still change, and be shown again.
const SETTLED_MINUTES: i64 = 10;

pub fn deliveries(context: &Context, call: &Call) -> Outcome {
    if !call.is("follow") {
        return sending::send(context, call);
    }
    let operation = sending::operation(call)?;
    let (request, website) = call.request(context, operation)?;
    let meaning = context.meaning(website.as_deref()).unwrap_or_default();
    let mut since = Timestamp::now();
    let mut known: HashMap<String, String> = HashMap::new();
    note("Following; Ctrl+C ends it.");
    loop {
        let mut page = request.clone();
        if !page.query.iter().any(|(key, _)| key == "since") {
            page = page.query("since", since.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        }
        let body = context.client()?.call(&page)?.json()?;
        let rows = body.get("data").map(Json::list).unwrap_or_default();
        for row in rows.iter().rev() {
            let id = row.str("id").unwrap_or_default().to_owned();
            let state =
                ["status", "attemptCount"].iter().filter_map(|key| row.get(key)).map(raw).collect::<Vec<_>>().join(" ");
            if known.insert(id, state.clone()).as_deref() == Some(state.as_str()) {
                continue;
            }
            let named = columns(rows, call.command.columns, &context.fields);
            match context.mode {
                Mode::Json => screen::print(&format!("{row}\n"))?,
                Mode::People => {
                    let cells =
                        named.iter().map(|column| shown(column, row.at(column).unwrap_or(&Json::Null), &meaning));
                    screen::print(&(cells.collect::<Vec<_>>().join("  ") + "\n"))?;
                }
                Mode::Tabs | Mode::Csv => screen::print(&tabs(std::slice::from_ref(row), &named))?,
            }
        }
        let settled = Timestamp::now() - jiff::SignedDuration::from_mins(SETTLED_MINUTES);
        since = since.max(settled);
        sleep(PAUSE);
    }
}

/// What came of attempts, as small charts and a row for each hour or day in which there was any.
pub fn stats(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (request, website) = call.request(context, operation)?;
    if context.mode == Mode::Json {
        return sending::finish(context, call, operation, &request, website.as_deref());
    }
    let body = context.client()?.call(&request)?.json()?;
    let row = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
    let series = row.get("series").map(Json::list).unwrap_or_default();
    let form = Form { is_list: true, ..sending::form(context, call.command, operation, website.as_deref()) };
    if context.mode != Mode::People {
        return context.show_rows(series, &form);
    }
    for field in ["delivered", "failed", "missed"] {
        let values: Vec<f64> = series.iter().map(|slot| slot.number(field).unwrap_or_default()).collect();
        let total = row.get(field).map(raw).unwrap_or_default();
        screen::print(&format!("{field:<10} {}  {total}\n", context.screen.green(&spark(&values))))?;
    }
    let moment = |field: &str| row.get(field).map(|value| shown(field, value, &form.meaning));
    let says = |field: &str| row.get(field).is_some_and(|value| *value != Json::Null);
    if says("failingSince") {
        let [since, until] = ["failingSince", "disablesAt"].map(|field| moment(field).unwrap_or_default());
        note(&format!("Every attempt has failed since {since}; if that goes on, it is switched off {until}."));
    }
    let counted = |slot: &&Json| ["delivered", "failed", "missed"].iter().any(|field| slot.number(field) > Some(0.0));
    let busy: Vec<Json> = series.iter().filter(counted).cloned().collect();
    if busy.is_empty() { Ok(()) } else { context.show_rows(&busy, &form) }
}
