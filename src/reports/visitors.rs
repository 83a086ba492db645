//! Visitors: the list, and one visitor with all activity (docs/contract/website-api.md#3.2 and #3.3).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Lenient, Path, Query, Raw, Truth, query_of};
use crate::http::json;
use crate::http::reply::{Data, Single};
use crate::reports::fields::{Columns, Fields};
use crate::reports::filters::{filter, limited, pages, values, values_schema};
use crate::reports::listing::{Search, searched};
use crate::reports::range::Bounds;
use crate::reports::report::Report;
use crate::reports::scope::{RangeParameters, Scope};
use crate::websites::report_context::ReportContext;
use sluice_engine::event::{Campaign, Size};
use sluice_engine::reports::visitor::{Completed, Paid, Profile, Visitor, VisitorQuery};
use sluice_engine::reports::visitors::{Rows, Seen, VisitorList};
use sluice_engine::selection::{Filter, FilterField, Test};
use sluice_values::{Currency, Decimal, Limit, Offset, Timestamp, VisitorId};

// ---- What comes in

/// A page of the list.
#[derive(Debug)]
pub struct List {
    scope: Scope,
    completed_goals: Vec<String>,
    more: More,
    page: ListPage,
}

/// What the list tells beside what is documented, what is searched for and what comes first.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct More {
    fields: Fields<ListedVisitor>,
    /// Only visitors with this in their name, address or user id, in any case, or whose id begins with it (4 digits at least).
    q: Option<Search>,
    sort: Sort,
}

/// What comes first: who was seen last, or who brought most revenue in the range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
enum Sort {
    #[default]
    #[serde(rename = "lastSeenAt")]
    LastSeen,
    #[serde(rename = "revenue")]
    Revenue,
}

/// The list's own filters, in addition to [`session_filters`]. Unlike filters of reports, they have no operators.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Filters {
    #[schemars(schema_with = "pages_schema")]
    #[serde(rename = "visitedPage")]
    visited_page: Option<String>,
    /// A substring of a path.
    #[serde(rename = "visitedPageContains")]
    visited_page_contains: Option<String>,
    #[schemars(schema_with = "goals_schema")]
    #[serde(rename = "completedGoal")]
    completed_goal: Option<String>,
    /// Whether the visitor has any payment.
    #[serde(rename = "isCustomer")]
    is_customer: Option<Truth>,
}

fn pages_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    values_schema(FilterField::Page, "Exact paths, separated by commas.")
}

fn goals_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    values_schema(FilterField::Goal, "Goals, separated by commas; cannot be combined with `isCustomer`.")
}

/// The filters on dimensions of sessions and on campaign parameters, by name.
fn session_filters() -> impl Iterator<Item = FilterField> {
    FilterField::of_reports().filter(|field| field.is_of_sessions())
}

/// The page of the list.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
struct ListPage {
    limit: Limit<100, 250>,
    offset: Offset,
}

impl Lenient for Filters {
    fn tidy(query: &mut Map<String, Json>) {
        for (from, to) in [
            ("page", "visitedPage"),
            ("pageContains", "visitedPageContains"),
            ("goal", "completedGoal"),
            ("hasRevenue", "isCustomer"),
        ] {
            json::rename(query, from, to);
        }
    }
}

impl FromRaw for List {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(range) = Query::<RangeParameters>::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        let Query(more) = Query::<More>::from_raw(raw)?;
        let sent = query_of::<Filters>(raw)?;
        if sent.completed_goal.is_some() && sent.is_customer.is_some() {
            return Err(Error::bad_request("completedGoal: cannot be combined with isCustomer or hasRevenue"));
        }
        let is = |name: &str, field: FilterField, sent: &str| -> Result<Filter, Error> {
            let sent = values(name, sent)?.join(",");
            filter(field, &format!("is:{sent}")).map_err(|why| Error::field(name, &why))
        };
        let mut filters = Vec::new();
        if let Some(paths) = &sent.visited_page {
            filters.push(pages("visitedPage", false, values("visitedPage", paths)?)?);
        }
        let pairs: HashMap<_, _> = form_urlencoded::parse(raw.query.as_bytes()).collect();
        for field in session_filters() {
            if let Some(sent) = pairs.get(field.name()) {
                filters.push(is(field.name(), field, sent)?);
            }
        }
        if let Some(part) = sent.visited_page_contains.filter(|part| !part.is_empty()) {
            filters.push(pages("visitedPageContains", true, vec![part])?);
        }
        if let Some(truth) = sent.is_customer {
            let negated = truth == Truth::False;
            filters.push(Filter { field: FilterField::Customer, negated, test: Test::Holds });
        }
        let completed_goals = match &sent.completed_goal {
            Some(sent) => values("completedGoal", sent)?.iter().map(|name| name.to_lowercase()).collect(),
            None => Vec::new(),
        };
        let bounds = Bounds::new(("startAt", "endAt"), range.start_at, range.end_at)?;
        let scope = Scope { bounds, zone: range.timezone, filters: limited(filters)? };
        Ok(Self { scope, completed_goals, more, page })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RangeParameters>::describe(operation, generators);
        let mut schema = <Filters as schemars::JsonSchema>::json_schema(&mut generators.input);
        if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
            let values = |field| values_schema(field, "Values, separated by commas.").to_value();
            properties.extend(session_filters().map(|field| (field.name().to_owned(), values(field))));
        }
        operation.query_parameters(&schema);
        Query::<More>::describe(operation, generators);
        Query::<ListPage>::describe(operation, generators);
    }
}

// ---- What goes out

/// A visitor of the list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedVisitor {
    visitor_id: VisitorId,
    /// The last pageview within the range; with `completedGoal`, the last completion.
    last_seen_at: Timestamp,
    /// Host and path.
    current_url: Option<String>,
    identity: ListedIdentity,
    acquisition: Acquisition,
    /// The name of an identified visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<Option<String>>,
    /// Whether the visitor has any payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_customer: Option<bool>,
    /// What the visitor paid in the range: new and, where included, renewal revenue, less refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<Decimal>,
    /// All visits, regardless of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    visit_count: Option<i64>,
    /// When the first visit began; null if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen_at: Option<Option<Timestamp>>,
}

impl Columns for ListedVisitor {
    const NAMES: &'static [&'static str] = &[];
    const BY_NAME: &'static [&'static str] = &["displayName", "isCustomer", "revenue", "visitCount", "firstSeenAt"];
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ListedIdentity {
    country: Option<String>,
    region: Option<String>,
    city: Option<String>,
    browser: Option<String>,
    os: Option<String>,
    device: Option<String>,
}

/// The source of the first visit.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Acquisition {
    referrer: Option<String>,
    #[serde(flatten)]
    parameters: Parameters,
}

/// Campaign parameters; null if unset.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Parameters {
    pub r#ref: Option<String>,
    pub source: Option<String>,
    pub via: Option<String>,
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub utm_content: Option<String>,
    pub utm_term: Option<String>,
}

impl From<Campaign> for Parameters {
    fn from(Campaign(values): Campaign) -> Self {
        let [utm_source, utm_medium, utm_campaign, utm_term, utm_content, r#ref, source, via] =
            values.map(|value| Some(value).filter(|value| !value.is_empty()));
        Self { r#ref, source, via, utm_source, utm_medium, utm_campaign, utm_content, utm_term }
    }
}

/// The fields of the list besides its rows.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Meta {
    pagination: ListPagination,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct ListPagination {
    limit: u32,
    offset: u32,
    total: i64,
    has_more: bool,
}

/// One visitor.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitorDetail {
    visitor_id: VisitorId,
    identity: Identity,
    activity: Activity,
    /// Only for identified visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ShownProfile>,
    /// Always null: Sluice makes no predictions.
    prediction: Option<Prediction>,
}

/// A field that is always null.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Prediction {}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct Identity {
    country: Option<String>,
    country_code: Option<String>,
    region: Option<String>,
    city: Option<String>,
    /// From the first session.
    params: Parameters,
    ad_click_ids: BTreeMap<String, String>,
    browser: Versioned,
    os: Versioned,
    device: Device,
    viewport: Viewport,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Versioned {
    name: Option<String>,
    version: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Device {
    r#type: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Viewport {
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct Activity {
    visit_count: i64,
    page_view_count: i64,
    /// Milliseconds.
    time_since_first_visit: i64,
    /// Milliseconds.
    time_since_current_visit: i64,
    first_visit_at: Timestamp,
    last_visit_at: Timestamp,
    /// Host and path.
    current_url: Option<String>,
    visited_pages: Vec<VisitedPage>,
    completed_goals: Vec<CompletedGoal>,
    completed_custom_goals: Vec<CompletedCustomGoal>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct VisitedPage {
    /// Host and path.
    url: String,
    timestamp: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct CompletedGoal {
    name: String,
    timestamp: Timestamp,
    /// `manual` or `payment_provider`.
    origin: &'static str,
    description: Option<String>,
    metadata: Map<String, Json>,
    /// Of a payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Decimal>,
    /// The currency of the payment, ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct CompletedCustomGoal {
    name: String,
    description: Option<String>,
    /// Whether a backend sent it.
    is_server: bool,
    timestamp: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct ShownProfile {
    user_id: String,
    metadata: Map<String, Json>,
    identified_at: Timestamp,
}

impl ListedVisitor {
    fn new(seen: Seen, fields: &Fields<Self>, website: &ReportContext) -> Self {
        let context = seen.context;
        let details = seen.details.as_ref();
        let money = details.map(|details| details.money).unwrap_or_default().revenue(website.includes_renewals());
        let profile = details.and_then(|details| details.profile.as_ref());
        let name = profile.and_then(|known| known.metadata.get("name")?.as_str().map(str::to_owned));
        Self {
            display_name: fields.pick("displayName", name),
            is_customer: fields.pick("isCustomer", details.is_some_and(|details| details.is_customer)),
            revenue: fields.pick("revenue", website.money(money)),
            visit_count: fields.pick("visitCount", details.map_or(0, |details| details.visits)),
            first_seen_at: fields.pick("firstSeenAt", details.and_then(|details| details.first_seen)),
            visitor_id: seen.visitor,
            last_seen_at: seen.last_seen,
            current_url: seen.current_url,
            identity: ListedIdentity {
                country: context.country,
                region: context.region,
                city: context.city,
                browser: context.browser,
                os: context.os,
                device: context.device,
            },
            acquisition: Acquisition { referrer: seen.referrer, parameters: seen.campaign.into() },
        }
    }
}

impl From<Profile> for ShownProfile {
    fn from(profile: Profile) -> Self {
        Self {
            user_id: profile.user_id,
            metadata: profile.metadata,
            identified_at: Timestamp::from_millis(profile.identified_at),
        }
    }
}

impl VisitorDetail {
    fn new(visitor_id: VisitorId, found: Visitor, now: Timestamp) -> Self {
        let Visitor { context, first_context, goals, .. } = found;
        let size = context.viewport.map(|Size { width, height }| (width, height));
        let custom = goals.iter().filter(|goal| !goal.is_payment).map(|goal| CompletedCustomGoal {
            name: goal.name.clone(),
            description: goal.description.clone(),
            is_server: goal.is_server,
            timestamp: goal.time,
        });
        let completed_custom_goals = custom.collect();
        let timeline =
            goals.into_iter().map(|Completed { name, time, description, metadata, is_payment, paid, .. }| {
                CompletedGoal {
                    name,
                    timestamp: time,
                    origin: if is_payment { "payment_provider" } else { "manual" },
                    description,
                    metadata,
                    amount: paid.map(|Paid { amount, currency }| Decimal(currency.major_units(amount))),
                    currency: paid.map(|Paid { currency, .. }| currency),
                }
            });
        let visited = |(url, timestamp)| VisitedPage { url, timestamp };
        let pages: Vec<_> = found.pages.into_iter().map(visited).collect();
        Self {
            visitor_id,
            identity: Identity {
                country: context.country.clone(),
                country_code: context.country,
                region: context.region,
                city: context.city,
                params: found.campaign.into(),
                ad_click_ids: first_context.ad_click_ids,
                browser: Versioned { name: context.browser, version: context.browser_version },
                os: Versioned { name: context.os, version: context.os_version },
                device: Device { r#type: context.device, vendor: context.vendor, model: context.model },
                viewport: Viewport { width: size.map(|size| size.0), height: size.map(|size| size.1) },
            },
            activity: Activity {
                visit_count: found.visits,
                page_view_count: found.pageviews,
                time_since_first_visit: now.as_millis() - found.first_visit.as_millis(),
                time_since_current_visit: now.as_millis() - found.last_visit.as_millis(),
                first_visit_at: found.first_visit,
                last_visit_at: found.last_visit,
                current_url: pages.last().map(|page| page.url.clone()),
                visited_pages: pages,
                completed_goals: timeline.collect(),
                completed_custom_goals,
            },
            profile: found.profile.map(ShownProfile::from),
            prediction: None,
        }
    }
}

// ---- Handlers

impl Report for List {
    type Call = VisitorList;
    type Body = Data<ListedVisitor, Meta>;

    fn call(&self, website: &ReportContext, _: Timestamp) -> Result<VisitorList, Error> {
        Ok(VisitorList {
            selection: self.scope.selection(website)?,
            zone: website.timezone.clone(),
            completed_goals: self.completed_goals.clone(),
            limit: self.page.limit.get(),
            offset: self.page.offset.get(),
            search: searched(self.more.q.as_ref()),
            by_revenue: self.more.sort == Sort::Revenue,
            with_renewals: website.includes_renewals(),
            details: !self.more.fields.names().is_empty(),
        })
    }

    fn body(self, website: &ReportContext, _: Timestamp, found: Rows) -> Result<Self::Body, Error> {
        let (limit, offset, total) = (self.page.limit.get(), self.page.offset.get(), found.total);
        let shown = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
        let has_more = i64::from(offset) + shown < total;
        let pagination = ListPagination { limit, offset, total, has_more };
        let fields = &self.more.fields;
        let rows = found.rows.into_iter().map(|seen| ListedVisitor::new(seen, fields, website));
        Ok(Data::with(rows.collect(), Meta { pagination }))
    }
}

/// GET: one visitor.
pub async fn get(call: WebsiteCall, input: Input<Path<VisitorId>>) -> Result<Single<VisitorDetail>, Error> {
    let (website, Path(visitor), (), _) = call.enter(input, |_, _, _| ()).await?;
    detail(&website, visitor).await
}

/// The response about one visitor.
pub async fn detail(website: &EnteredWebsite, visitor: VisitorId) -> Result<Single<VisitorDetail>, Error> {
    let found = website.site().ask(VisitorQuery { visitor, with_amounts: true }).await?;
    let found = found.ok_or_else(|| no_pageviews(visitor))?;
    Ok(Single::new(VisitorDetail::new(visitor, found, website.call.now)))
}

/// 404: a visitor who never came looks the same as one who does not exist.
pub fn no_pageviews(visitor: VisitorId) -> Error {
    Error::not_found(format!("no recorded pageviews of visitor {visitor} on this website"))
}
