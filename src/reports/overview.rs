//! `GET /analytics/overview` (docs/contract/website-api.md#2.1).

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::report::Report;
use super::scope::Scope;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::reports::overview::{Overview as Call, Totals};
use sluice_values::{Decimal, Timestamp};

/// The query.
#[derive(Debug)]
pub struct Overview {
    scope: Scope,
    fields: Fields<OverviewRow>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Parameters {
    #[serde(default)]
    fields: Fields<OverviewRow>,
}

/// The totals of a range.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct OverviewRow {
    /// Distinct visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
    /// The number of sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<i64>,
    /// Percentage of sessions with one pageview and no goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounce_rate: Option<Decimal>,
    /// Milliseconds from first to last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    avg_session_duration: Option<Decimal>,
    /// The symbol of the website's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// New and, where included, renewal revenue, less refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<Decimal>,
    /// The number of payments above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<i64>,
    /// Revenue per visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_per_visitor: Option<Decimal>,
    /// Percentage of visitors who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion_rate: Option<Decimal>,
    /// The number of pages viewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pageviews: Option<i64>,
    /// Visitors whose first session ever began in the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_visitors: Option<i64>,
    /// Visitors who had a session before the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    returning_visitors: Option<i64>,
}

impl Columns for OverviewRow {
    const NAMES: &'static [&'static str] = &[
        "visitors",
        "sessions",
        "bounce_rate",
        "avg_session_duration",
        "currency",
        "revenue",
        "payments",
        "revenue_per_visitor",
        "conversion_rate",
        "pageviews",
        "new_visitors",
        "returning_visitors",
    ];
}

impl FromRaw for Overview {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(Parameters { fields }) = Query::from_raw(raw)?;
        Ok(Self { scope: Scope::from_raw(raw)?, fields })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<Parameters>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

impl Report for Overview {
    type Call = Call;
    type Body = Data<OverviewRow>;

    fn call(&self, website: &ReportContext, _: Timestamp) -> Result<Call, Error> {
        Ok(Call {
            selection: self.scope.selection(website)?,
            zone: website.timezone.clone(),
            with_renewals: website.includes_renewals(),
            pageviews: self.fields.has("pageviews"),
            newcomers: self.fields.has("new_visitors") || self.fields.has("returning_visitors"),
        })
    }

    fn body(self, website: &ReportContext, _: Timestamp, totals: Totals) -> Result<Self::Body, Error> {
        let fields = &self.fields;
        let revenue = totals.money.revenue(website.includes_renewals());
        Ok(Data::one(OverviewRow {
            visitors: fields.pick("visitors", totals.visitors),
            sessions: fields.pick("sessions", totals.sessions),
            bounce_rate: fields.pick("bounce_rate", Decimal::percent(totals.bounces, totals.sessions)),
            avg_session_duration: fields.pick("avg_session_duration", Decimal::ratio(totals.duration, totals.sessions)),
            currency: fields.pick("currency", website.currency.symbol()),
            revenue: fields.pick("revenue", website.money(revenue)),
            payments: fields.pick("payments", totals.money.payments),
            revenue_per_visitor: fields.pick("revenue_per_visitor", website.money_ratio(revenue, totals.visitors)),
            conversion_rate: fields.pick("conversion_rate", Decimal::percent(totals.paying, totals.visitors)),
            pageviews: fields.pick("pageviews", totals.pageviews),
            new_visitors: fields.pick("new_visitors", totals.newcomers),
            returning_visitors: fields.pick("returning_visitors", totals.visitors - totals.newcomers),
        }))
    }
}
