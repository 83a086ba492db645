//! `GET /analytics/timeseries` (docs/contract/website-api.md#2.2).

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::listing::{Page, Pagination};
use super::range::{Bucket, Interval, buckets, default_span, effective};
use super::report::Report;
use super::scope::Scope;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::reports::money::Money;
use sluice_engine::reports::overview::{Overview, Totals};
use sluice_engine::reports::timeseries::{Needs, Series, Timeseries as Call};
use sluice_engine::selection::{Selection, Span};
use sluice_values::{Decimal, SpelledGoalName, Timestamp};

/// The query.
#[derive(Debug)]
pub struct Timeseries {
    scope: Scope,
    interval: Interval,
    fields: Fields<TimeseriesRow>,
    goal: Option<SpelledGoalName>,
    page: Page,
}

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Parameters {
    fields: Fields<TimeseriesRow>,
    interval: Interval,
    /// The goal whose completions the field `completions` has. Payments complete `payment` and `free_trial`.
    #[serde(rename = "goalName")]
    goal_name: Option<SpelledGoalName>,
}

/// The numbers of a bucket, or of all buckets together.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Numbers {
    /// Distinct visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
    /// The number of sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<i64>,
    /// New and, where included, renewal revenue, less refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<Decimal>,
    /// Each kind of revenue, as a positive number.
    #[serde(rename = "revenueBreakdown", skip_serializing_if = "Option::is_none")]
    revenue_breakdown: Option<RevenueBreakdown>,
    /// The number of payments above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<i64>,
    /// Percentage of visitors who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion_rate: Option<Decimal>,
    /// The number of pages viewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pageviews: Option<i64>,
    /// Visitors whose first session ever began here.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_visitors: Option<i64>,
    /// Visitors who had a session before.
    #[serde(skip_serializing_if = "Option::is_none")]
    returning_visitors: Option<i64>,
    /// Percentage of sessions with one pageview and no goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounce_rate: Option<Decimal>,
    /// Milliseconds from first to last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    avg_session_duration: Option<Decimal>,
    /// Revenue per visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_per_visitor: Option<Decimal>,
    /// How often `goalName` was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<i64>,
}

/// Each kind of revenue, as a positive number.
#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct RevenueBreakdown {
    new: Decimal,
    renewal: Decimal,
    refund: Decimal,
}

/// A bucket.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct TimeseriesRow {
    #[serde(flatten)]
    numbers: Numbers,
    /// Such as `14:00`, `18 Dec` or `Dec 2025`.
    name: String,
    /// The bucket's start, with the zone's offset.
    timestamp: String,
}

impl Columns for TimeseriesRow {
    const NAMES: &'static [&'static str] = &[
        "name",
        "visitors",
        "sessions",
        "revenue",
        "payments",
        "conversion_rate",
        "pageviews",
        "new_visitors",
        "returning_visitors",
    ];
    const BY_NAME: &'static [&'static str] =
        &["bounce_rate", "avg_session_duration", "revenue_per_visitor", "completions"];
}

/// The fields of the response besides the buckets.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Meta {
    fields: Vec<&'static str>,
    interval: Interval,
    timezone: String,
    /// The symbol of the website's currency; null if no revenue was asked for.
    currency: Option<String>,
    totals: Numbers,
    pagination: Pagination,
}

impl FromRaw for Timeseries {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(Parameters { fields, interval, goal_name }) = Query::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        let fields = if fields.has("revenue") { fields.with("payments") } else { fields };
        let goal = goal_name.filter(|_| fields.has("completions"));
        if goal.is_none() && fields.has("completions") {
            return Err(Error::bad_request("goalName: required with the field completions"));
        }
        Ok(Self { scope: Scope::from_raw(raw)?, interval, fields, goal, page })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<Parameters>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

/// What a time series consists of: pure, and computed again for the response.
struct Shape {
    interval: Interval,
    span: Span,
    buckets: Vec<Bucket>,
}

impl Timeseries {
    fn shape(&self, website: &ReportContext, now: Timestamp) -> Result<Shape, Error> {
        let zone = self.scope.zone(website);
        let rules = zone.rules();
        let (span, interval) = match self.scope.bounds.span(&rules)? {
            Some(span) => (span, effective(self.interval, span, &rules)?),
            None => (default_span(self.interval, &rules, now)?, self.interval),
        };
        Ok(Shape { interval, span, buckets: buckets(span, interval, &zone)? })
    }

    fn shown<'a>(&self, shape: &'a Shape) -> impl Iterator<Item = &'a Bucket> {
        let (offset, limit) = (self.page.offset.get() as usize, self.page.limit.get() as usize);
        shape.buckets.iter().skip(offset).take(limit)
    }

    fn numbers(&self, website: &ReportContext, totals: &Totals) -> Numbers {
        let fields = &self.fields;
        Numbers {
            visitors: fields.pick("visitors", totals.visitors),
            sessions: fields.pick("sessions", totals.sessions),
            revenue: fields.pick("revenue", website.money(totals.money.revenue(website.includes_renewals()))),
            revenue_breakdown: fields.pick("revenue", breakdown(website, totals.money)),
            payments: fields.pick("payments", totals.money.payments),
            conversion_rate: fields.pick("conversion_rate", Decimal::percent(totals.paying, totals.visitors)),
            pageviews: fields.pick("pageviews", totals.pageviews),
            new_visitors: fields.pick("new_visitors", totals.newcomers),
            returning_visitors: fields.pick("returning_visitors", totals.visitors - totals.newcomers),
            bounce_rate: fields.pick("bounce_rate", Decimal::percent(totals.bounces, totals.sessions)),
            avg_session_duration: fields.pick("avg_session_duration", Decimal::ratio(totals.duration, totals.sessions)),
            revenue_per_visitor: fields.pick(
                "revenue_per_visitor",
                website.money_ratio(totals.money.revenue(website.includes_renewals()), totals.visitors),
            ),
            completions: fields.pick("completions", totals.completions),
        }
    }
}

fn breakdown(website: &ReportContext, money: Money) -> RevenueBreakdown {
    RevenueBreakdown {
        new: website.money(money.new),
        renewal: website.money(money.renewal),
        refund: website.money(money.refund),
    }
}

impl Report for Timeseries {
    type Call = Call;
    type Body = Data<TimeseriesRow, Meta>;

    fn call(&self, website: &ReportContext, now: Timestamp) -> Result<Call, Error> {
        let shape = self.shape(website, now)?;
        let fields = &self.fields;
        let has_rate = fields.has("conversion_rate") || fields.has("revenue_per_visitor");
        let pageviews = fields.has("pageviews");
        let newcomers = fields.has("new_visitors") || fields.has("returning_visitors");
        Ok(Call {
            buckets: self.shown(&shape).map(|bucket| bucket.span).collect(),
            needs: Needs {
                visitors: fields.has("visitors") || has_rate,
                sessions: fields.has("sessions"),
                money: has_rate || fields.has("revenue") || fields.has("payments"),
                pageviews,
                newcomers,
                visits: fields.has("bounce_rate") || fields.has("avg_session_duration"),
            },
            goal: self.goal.as_ref().map(|name| name.as_str().to_owned()),
            overview: Overview {
                selection: Selection { span: shape.span, filters: self.scope.filters.clone() },
                zone: website.timezone.clone(),
                with_renewals: website.includes_renewals(),
                pageviews,
                newcomers,
            },
        })
    }

    fn body(self, website: &ReportContext, now: Timestamp, series: Series) -> Result<Self::Body, Error> {
        let shape = self.shape(website, now)?;
        let rows = self.shown(&shape).zip(&series.buckets).map(|(bucket, totals)| TimeseriesRow {
            numbers: self.numbers(website, totals),
            name: bucket.label.clone(),
            timestamp: bucket.timestamp.clone(),
        });
        let rows = rows.collect();
        let has_money = ["revenue", "payments", "revenue_per_visitor"].iter().any(|name| self.fields.has(name));
        let meta = Meta {
            interval: shape.interval,
            timezone: self.scope.zone(website).as_str().to_owned(),
            currency: has_money.then(|| website.currency.symbol()),
            totals: self.numbers(website, &series.totals),
            pagination: Pagination {
                limit: self.page.limit.get(),
                offset: self.page.offset.get(),
                total: i64::try_from(shape.buckets.len()).unwrap_or(i64::MAX),
            },
            fields: self.fields.names().to_vec(),
        };
        Ok(Data::with(rows, meta))
    }
}
