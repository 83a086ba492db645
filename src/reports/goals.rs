//! `GET /analytics/goals`, `/analytics/exit-clicks` and `/analytics/goals/properties`
//! (docs/contract/website-api.md#2.6 to #2.8).

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::listing::{Listing, Page, Paged};
use super::range::Bounds;
use super::report::Report;
use super::scope::RangeParameters;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::reports::goals::{Count, GoalReport, Rows};
use sluice_engine::reports::properties::GoalProperties;
use sluice_engine::selection::Span;
use sluice_values::{SpelledGoalName, Text, Timestamp};

/// A row of counts by name.
pub trait Row: Columns + Sized + Serialize + schemars::JsonSchema + 'static {
    /// Whether the rows are exit links rather than goals.
    const OF_LINKS: bool;

    /// Builds the row of a count.
    fn of(count: Count, fields: &Fields<Self>) -> Self;
}

/// The query.
#[derive(Debug)]
pub struct Counts<R: Row>(Listing<R>);

/// A goal.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct GoalRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// The number of completions.
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<i64>,
    /// The number of distinct visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
}

impl Columns for GoalRow {
    const NAMES: &'static [&'static str] = &["name", "completions", "visitors"];
}

impl Row for GoalRow {
    const OF_LINKS: bool = false;

    fn of(count: Count, fields: &Fields<Self>) -> Self {
        Self {
            goal: fields.pick("name", count.name),
            completions: fields.pick("completions", count.count),
            visitors: fields.pick("visitors", count.visitors),
        }
    }
}

/// A link to another website.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ExitClickRow {
    /// The address of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The number of clicks.
    #[serde(skip_serializing_if = "Option::is_none")]
    clicks: Option<i64>,
    /// The number of distinct visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
}

impl Columns for ExitClickRow {
    const NAMES: &'static [&'static str] = &["url", "clicks", "visitors"];
}

impl Row for ExitClickRow {
    const OF_LINKS: bool = true;

    fn of(count: Count, fields: &Fields<Self>) -> Self {
        Self {
            url: fields.pick("url", count.name),
            clicks: fields.pick("clicks", count.count),
            visitors: fields.pick("visitors", count.visitors),
        }
    }
}

impl<R: Row> FromRaw for Counts<R> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Listing::from_raw(raw).map(Self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Listing::<R>::describe(operation, generators);
    }
}

impl<R: Row> Report for Counts<R> {
    type Call = GoalReport;
    type Body = Data<R, Paged>;

    fn call(&self, website: &ReportContext, _: Timestamp) -> Result<GoalReport, Error> {
        Ok(GoalReport {
            selection: self.0.scope.selection(website)?,
            of_links: R::OF_LINKS,
            limit: self.0.page.limit.get(),
            offset: self.0.page.offset.get(),
            search: self.0.search(),
        })
    }

    fn body(self, _: &ReportContext, _: Timestamp, found: Rows) -> Result<Self::Body, Error> {
        let rows = found.rows.into_iter().map(|count| R::of(count, &self.0.fields)).collect();
        Ok(self.0.page.of(rows, found.total))
    }
}

/// The query for a goal's properties.
#[derive(Debug)]
pub struct Properties {
    goal: SpelledGoalName,
    property: Option<Text<1, 64>>,
    bounds: Bounds,
    zone: Option<sluice_values::TimeZone>,
    page: Page,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PropertiesParameters {
    event_name: SpelledGoalName,
    /// A property to list by value; without it the properties are listed.
    property_name: Option<Text<1, 64>>,
}

/// A property of a goal, or a value of one.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PropertyRow {
    /// The property's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    /// The property's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// How often the goal was completed with it.
    completions: i64,
    /// The number of distinct visitors.
    visitors: i64,
}

impl FromRaw for Properties {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(PropertiesParameters { event_name, property_name }) = Query::from_raw(raw)?;
        let Query(RangeParameters { start_at, end_at, timezone }) = Query::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        let bounds = Bounds::new(("startAt", "endAt"), start_at, end_at)?;
        Ok(Self { goal: event_name, property: property_name, bounds, zone: timezone, page })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<PropertiesParameters>::describe(operation, generators);
        Query::<RangeParameters>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
    }
}

impl Report for Properties {
    type Call = GoalProperties;
    type Body = Data<PropertyRow, Paged>;

    fn call(&self, website: &ReportContext, _: Timestamp) -> Result<GoalProperties, Error> {
        let zone = self.zone.as_ref().unwrap_or(&website.timezone).rules();
        Ok(GoalProperties {
            goal: self.goal.as_str().to_owned(),
            property: self.property.as_ref().map(|name| name.as_str().to_owned()),
            span: self.bounds.span(&zone)?.unwrap_or(Span::ALL),
            limit: self.page.limit.get(),
            offset: self.page.offset.get(),
        })
    }

    fn body(self, _: &ReportContext, _: Timestamp, found: Rows) -> Result<Self::Body, Error> {
        let by_value = self.property.is_some();
        let rows = found.rows.into_iter().map(|Count { name, count, visitors }| PropertyRow {
            value: by_value.then(|| name.clone()),
            property: (!by_value).then_some(name),
            completions: count,
            visitors,
        });
        Ok(self.page.of(rows.collect(), found.total))
    }
}
