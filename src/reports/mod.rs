//! The reports of the Website API (docs/contract/website-api.md#2 and docs/contract/reports.md).
//!
//! A report is three pure steps around one call of the website's object: read the query, say what to ask, make the
//! answer of what came back. [`report`] is the handler of them all.

pub mod breakdowns;
pub mod fields;
pub mod filters;
pub mod funnel;
pub mod goals;
pub mod metadata;
pub mod overview;
pub mod range;
pub mod realtime;
pub mod timeseries;
pub mod visitors;

use serde::{Deserialize, Serialize};

pub use range::Bound;

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Query, Raw};
use crate::http::reply::{Answer, Data};
use crate::websites::website::ReportContext;
use fields::{Columns, Fields};
use filters::Scope;
use sluice_engine::protocol::SiteCall;
use sluice_engine::selection::{Selection, Span};
use sluice_values::{Limit, Offset, TimeZone, Timestamp};

/// A report: what is read from the query is the report that is asked for.
pub trait Report: FromRaw {
    /// What the website's object is asked.
    type Call: SiteCall;
    /// What is answered.
    type Body: Answer;

    /// What to ask for a report of `website` at `now`.
    fn call(&self, website: &ReportContext, now: Timestamp) -> Result<Self::Call, Error>;

    /// The answer, of what the object said.
    fn body(
        self,
        website: &ReportContext,
        now: Timestamp,
        answer: <Self::Call as SiteCall>::Answer,
    ) -> Result<Self::Body, Error>;
}

/// GET: any report.
pub async fn report<R: Report>(call: WebsiteCall, input: Input<R>) -> Result<R::Body, Error> {
    let (website, report, mut rows) = call.enter(input, |website, _| vec![ReportContext::select(website)]).await?;
    let context = ReportContext::read(&mut rows, website.id)?;
    let now = website.call.now;
    let answer = website.site().ask(report.call(&context, now)?).await?;
    report.body(&context, now, answer)
}

impl Scope {
    /// The zone that the report is in.
    pub fn zone(&self, website: &ReportContext) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| website.timezone.clone())
    }

    /// The sessions that it is about; all time without a range.
    pub fn selection(&self, website: &ReportContext) -> Result<Selection, Error> {
        let span = self.bounds.span(&self.zone(website).rules())?.unwrap_or(Span::ALL);
        Ok(Selection { span, filters: self.filters.clone() })
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Page {
    /// Rows at most.
    pub limit: Limit<100, 1000>,
    /// Rows passed over.
    pub offset: Offset,
}

/// What every list of rows reads: sessions, columns, and which part of it.
#[derive(Debug)]
pub struct Listing<R> {
    /// Of which sessions.
    pub scope: Scope,
    /// Which part.
    pub page: Page,
    /// Which columns.
    pub fields: Fields<R>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(bound = "")]
#[schemars(bound = "R: Columns")]
struct ListingParameters<R: Columns> {
    #[serde(default)]
    fields: Fields<R>,
}

impl<R: Columns> FromRaw for Listing<R> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(ListingParameters { fields }) = Query::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        Ok(Self { scope: Scope::from_raw(raw)?, page, fields })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<ListingParameters<R>>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

/// Which part of a list was answered.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Pagination {
    /// Rows at most.
    pub limit: u32,
    /// Rows passed over.
    pub offset: u32,
    /// Rows in all.
    pub total: i64,
}

/// What stands beside the rows of a list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Paged {
    pagination: Pagination,
}

impl Page {
    /// The list, with what part of it these rows are.
    pub fn of<T>(&self, rows: Vec<T>, total: i64) -> Data<T, Paged> {
        let pagination = Pagination { limit: self.limit.get(), offset: self.offset.get(), total };
        Data::with(rows, Paged { pagination })
    }
}
