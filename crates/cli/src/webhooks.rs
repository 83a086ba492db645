//! The deliveries of a webhook, as a list or as they are made.

use std::collections::HashMap;
use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;

use crate::call::Call;
use crate::context::Context;
use crate::failure::Outcome;
use crate::json::Json;
use crate::output::{Mode, columns, raw, shown, tabs};
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
