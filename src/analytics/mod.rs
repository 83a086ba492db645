//! The reports of the Website API (contract, website-api 2 and its reports).
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

use serde::{Deserialize, Serialize};

pub use range::Bound;

use crate::account::websites::Reporting;
use crate::http::call::{Website, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Query, Raw};
use crate::http::reply::{Answer, Data};
use crate::platform::PlatformError;
use crate::site::protocol::SiteCall;
use crate::site::selection::{Selection, Span};
use crate::values::{Limit, Offset, TimeZone, Timestamp, WebsiteId};
use fields::{Columns, Fields};
use filters::Scope;

/// A report: what is read from the query is the report that is asked for.
pub trait Report: FromRaw {
    /// What the website's object is asked.
    type Call: SiteCall;
    /// What is answered.
    type Body: Answer;

    /// What to ask for a report of `website` at `now`.
    fn call(&self, website: &Reporting, now: Timestamp) -> Result<Self::Call, Error>;

    /// The answer, of what the object said.
    fn body(
        self,
        website: &Reporting,
        now: Timestamp,
        answer: <Self::Call as SiteCall>::Answer,
    ) -> Result<Self::Body, Error>;
}

/// GET: any report.
pub async fn report<R: Report>(call: WebsiteCall, input: Input<R>) -> Result<R::Body, Error> {
    let (website, report, mut rows) = call.enter(input, |website, _| vec![Reporting::select(website)]).await?;
    let facts = Reporting::read(&mut rows, website.id)?;
    let now = website.call.now;
    let answer = website.site().ask(report.call(&facts, now)?).await?;
    report.body(&facts, now, answer)
}

impl Scope {
    /// The zone that the report is in.
    pub fn zone(&self, website: &Reporting) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| website.timezone.clone())
    }

    /// The sessions that it is about; all time without a range.
    pub fn selection(&self, website: &Reporting) -> Result<Selection, Error> {
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
    fn describe(operation: &mut crate::openapi::Operation, generators: &mut crate::openapi::Generators) {
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

/// A number that is written without decimals where it has none.
#[derive(Debug, Clone, Copy, PartialEq, schemars::JsonSchema)]
#[schemars(transparent, inline)]
pub struct Decimal(pub f64);

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        if self.0.fract() == 0.0 && self.0.abs() <= 9e15 {
            to.serialize_i64(self.0 as i64)
        } else {
            to.serialize_f64(self.0)
        }
    }
}

impl Decimal {
    /// `part` / `whole` with two decimals, half away from zero; 0 of nothing.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 hundredths")]
    pub fn ratio(part: i64, whole: i64) -> Self {
        if whole == 0 {
            return Self(0.0);
        }
        let (part, whole) = (i128::from(part) * 200, i128::from(whole));
        let hundredths = (part.abs() + whole.abs()) / (2 * whole.abs());
        let sign = if (part < 0) == (whole < 0) { 1.0 } else { -1.0 };
        Self(sign * (hundredths as f64) / 100.0)
    }

    /// `part` of `whole` in percent.
    pub fn percent(part: i64, whole: i64) -> Self {
        Self::ratio(part.saturating_mul(100), whole)
    }
}

/// A website's object, as its handlers reach it.
pub struct SiteHandle<'a> {
    website: WebsiteId,
    call: &'a crate::http::call::Call,
}

impl Website {
    /// The website's events.
    pub fn site(&self) -> SiteHandle<'_> {
        SiteHandle { website: self.id, call: &self.call }
    }
}

impl SiteHandle<'_> {
    /// Asks the object.
    pub async fn ask<C: SiteCall>(&self, call: C) -> Result<C::Answer, PlatformError> {
        self.call.platform.sites().ask(self.website, self.call.now, call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_two_decimals_and_round_away_from_zero() {
        for (part, whole, ratio) in [(1, 3, 0.33), (2, 3, 0.67), (1, 8, 0.13), (-1, 8, -0.13), (0, 5, 0.0), (5, 0, 0.0)]
        {
            assert_eq!(Decimal::ratio(part, whole), Decimal(ratio));
        }
        assert_eq!(Decimal::percent(1, 3), Decimal(33.33));
        assert_eq!(serde_json::to_string(&[Decimal(3.0), Decimal(0.5)]).unwrap(), "[3,0.5]");
    }
}
