//! The sessions that a report covers: a range, a time zone and filters.

use super::filters::filters;
use super::range::{Bound, Bounds};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::websites::report_context::ReportContext;
use sluice_engine::selection::{Filter, Selection, Span};
use sluice_values::TimeZone;

/// What nearly all reports read: a range, a time zone and filters.
#[derive(Debug, Clone)]
pub struct Scope {
    pub bounds: Bounds,
    /// The time zone that was asked for.
    pub zone: Option<TimeZone>,
    pub filters: Vec<Filter>,
}

/// The parameters of the range, for the parser and for the document.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RangeParameters {
    /// Requires `endAt`.
    pub start_at: Option<Bound>,
    /// Requires `startAt`.
    pub end_at: Option<Bound>,
    /// Defaults to the website's.
    pub timezone: Option<TimeZone>,
}

impl FromRaw for Scope {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(range) = Query::<RangeParameters>::from_raw(raw)?;
        let bounds = Bounds::new(("startAt", "endAt"), range.start_at, range.end_at)?;
        Ok(Self { bounds, zone: range.timezone, filters: filters(&raw.query)? })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RangeParameters>::describe(operation, generators);
        for field in sluice_engine::selection::FilterField::of_reports() {
            let operators = super::filters::operators(field);
            let description = format!("`[operator:]value,…`; operators: {}.", operators.join(", "));
            let schema = super::filters::filter_schema(field, &description);
            operation.query_parameter(&format!("filter_{}", field.name()), schema);
        }
    }
}

impl Scope {
    /// The time zone of the report.
    pub fn zone(&self, website: &ReportContext) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| website.timezone.clone())
    }

    /// The sessions that the report covers; all time without a range.
    pub fn selection(&self, website: &ReportContext) -> Result<Selection, Error> {
        let span = self.bounds.span(&self.zone(website).rules())?.unwrap_or(Span::ALL);
        Ok(Selection { span, filters: self.filters.clone() })
    }
}
