//! The reference model of the analytics reports: every report over a plain list of import lines, written from the
//! documents in `docs/contract/` alone. Slow and simple; the property tests compare the gateway's answers with it.
//! A query that must be answered with 400 panics here.

#![allow(dead_code, clippy::pedantic)]

mod filters;
pub mod generate;
mod range;
mod reports;
mod sessions;
mod tests;

use filters::{Filter, Selection};
use jiff::tz::TimeZone;
use range::Range;
use reports::Request;
use serde_json::{Value, json};
use sessions::Store;
use std::fmt;

#[derive(Clone, Debug)]
pub struct Website {
    pub domain: String,
    pub timezone: String,
    /// ISO code
    pub currency: String,
    pub include_renewal_revenue: bool,
    pub name: Option<String>,
    pub kpi: Option<String>,
    pub kpi_color_scheme: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Funnel {
    pub id: String,
    pub name: String,
    pub slug: String,
    /// As the API shows them: `[{id, name, type, url | goalName}]`.
    pub steps: Value,
}

#[derive(Clone)]
pub struct World {
    pub website: Website,
    pub funnels: Vec<Funnel>,
    pub lines: Vec<Value>,
}

/// A failing test prints its world, one line per event.
impl fmt::Debug for World {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "{:?}", self.website)?;
        self.funnels.iter().try_for_each(|funnel| writeln!(out, "funnel {} {}", funnel.id, funnel.steps))?;
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl World {
    /// The body of a successful GET of this path and query, such as
    /// `/analytics/overview?startAt=2026-01-01&endAt=2026-01-31&filter_country=US`. `now_ms` is the current time.
    pub fn answer(&self, now_ms: i64, path_and_query: &str) -> Value {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let on_visitors = path == "/visitors";
        let mut request = Request::new(&self.website.timezone);
        let mut bounds = (None, None);
        let mut filters = Vec::new();
        for (name, value) in sessions::pairs(query) {
            match name.as_str() {
                "startAt" => bounds.0 = Some(value),
                "endAt" => bounds.1 = Some(value),
                "timezone" => request.timezone = value,
                "limit" => request.limit = value.parse().unwrap(),
                "offset" => request.offset = value.parse().unwrap(),
                "fields" => request.fields = Some(value.split(',').map(str::to_owned).collect()),
                "interval" => request.interval = Some(value),
                "eventName" => request.event_name = Some(value),
                "propertyName" => request.property_name = Some(value),
                "goalName" => request.goal_name = Some(value),
                "q" => request.search = value.to_lowercase(),
                "sort" => request.sort = Some(value),
                "websiteId" => {}
                _ => {
                    let filter =
                        if on_visitors { Filter::visitors(&name, &value) } else { Filter::analytics(&name, &value) };
                    filters.push(filter.unwrap_or_else(|| panic!("unknown parameter {name}")));
                }
            }
        }
        // A limit above the maximum is clamped (docs/contract/README.md#23).
        request.limit = request.limit.min(if on_visitors { 250 } else { 1000 });
        assert!(request.limit >= 1);

        let zone = TimeZone::get(&request.timezone).unwrap();
        let range = match bounds {
            (Some(start), Some(end)) => Range::parse(&start, &end, &zone),
            (None, None) if path == "/analytics/timeseries" => Range::recent(request.interval(), now_ms, &zone),
            (None, None) => Range::ALL,
            _ => panic!("one bound only"),
        };
        let store = Store::read(self);
        let selection = Selection::choose(&store, &filters, range);
        let report = reports::Report { website: &self.website, store, selection, range, zone, request };

        let Some(name) = path.strip_prefix("/analytics/") else {
            assert!(on_visitors, "unknown path {path}");
            return report.visitors(&filters);
        };
        match name {
            "overview" => report.overview(),
            "timeseries" => report.timeseries(),
            "goals" => report.goals(),
            "goals/properties" => report.goal_properties(),
            "exit-clicks" => report.exit_clicks(),
            _ => match name.strip_prefix("funnels/") {
                Some(id) => report.funnel(self.funnels.iter().find(|funnel| funnel.id == id).unwrap()),
                None => report.breakdown(name),
            },
        }
    }
}

/// Reduces a gateway response to what the model decides.
pub fn project(path: &str, gateway_answer: Value) -> Value {
    if path.split('?').next() != Some("/visitors") {
        return gateway_answer;
    }
    let decided = |row: &Value| {
        let mut row = row.as_object().unwrap().clone();
        row.retain(|name, _| !["currentUrl", "identity", "acquisition"].contains(&name.as_str()));
        Value::Object(row)
    };
    let rows: Vec<Value> = match gateway_answer["data"].as_array() {
        Some(rows) => rows.iter().map(decided).collect(),
        None => return gateway_answer,
    };
    json!({ "status": gateway_answer["status"], "data": rows, "pagination": gateway_answer["pagination"] })
}

/// Equality that treats 1 and 1.0 as the same number.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
