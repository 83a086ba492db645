//! `GET /analytics/bot-traffic` and its pages (docs/contract/website-api.md#2.9).

use serde::{Deserialize, Serialize};
use sluice_values::ordered;

use super::catalogue::{self, Category, Company, CrawlerId, crawlers};
use super::unexpected;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Query, Raw};
use crate::http::reply::Data;
use crate::reports::listing::{Page, Paged};
use crate::reports::range::{Bounds, Interval, buckets, default_span, effective};
use crate::reports::scope::RangeParameters;
use crate::websites::report_context::ReportContext;
use sluice_engine::bots::{BotsAnswer, CrawlReport, CrawledPages, OfCrawler, OfPage, WhichCrawls};
use sluice_engine::protocol::Bots;
use sluice_engine::selection::Span;
use sluice_values::{Text, TimeZone, Timestamp};

// ---- What comes in

/// Which requests are asked about.
#[derive(Debug)]
pub struct Asked {
    bounds: Bounds,
    zone: Option<TimeZone>,
    which: Which,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Which {
    #[serde(default)]
    category: WantedCategory,
    #[serde(default)]
    verification: Verification,
    company: Option<Company>,
    crawler_id: Option<CrawlerId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum WantedCategory {
    #[default]
    All,
    AnswerFetch,
    SearchIndex,
    Training,
    AiCrawler,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Verification {
    #[default]
    All,
    /// From one of the crawler's own addresses.
    IpVerified,
    UserAgentOnly,
}

impl FromRaw for Asked {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(range) = Query::<RangeParameters>::from_raw(raw)?;
        let Query(which) = Query::from_raw(raw)?;
        let bounds = Bounds::new(("startAt", "endAt"), range.start_at, range.end_at)?;
        Ok(Self { bounds, zone: range.timezone, which })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RangeParameters>::describe(operation, generators);
        Query::<Which>::describe(operation, generators);
    }
}

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Chart {
    interval: Interval,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// Only pages whose host with the path contains this, in any case.
    page_search: Option<Text<0, 200>>,
}

// ---- The rules

impl Asked {
    fn zone(&self, context: &ReportContext) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| context.timezone.clone())
    }

    /// The range: the last 30 days, today included, unless another is asked for.
    fn span(&self, zone: &TimeZone, now: Timestamp) -> Result<Span, Error> {
        let rules = zone.rules();
        match self.bounds.span(&rules)? {
            Some(span) => Ok(span),
            None => default_span(Interval::Day, &rules, now),
        }
    }

    fn which(&self, span: Span) -> WhichCrawls {
        let Which { category, verification, company, crawler_id } = &self.which;
        let category = match category {
            WantedCategory::All => None,
            WantedCategory::AnswerFetch => Some(Category::AnswerFetch),
            WantedCategory::SearchIndex => Some(Category::SearchIndex),
            WantedCategory::Training => Some(Category::Training),
            WantedCategory::AiCrawler => Some(Category::AiCrawler),
        };
        let wants_some = category.is_some() || company.is_some() || crawler_id.is_some();
        let wanted = crawlers().filter(|crawler| {
            category.is_none_or(|category| category == crawler.category)
                && company.as_ref().is_none_or(|company| company.as_str() == crawler.company)
                && crawler_id.as_ref().is_none_or(|id| id.as_str() == crawler.id)
        });
        WhichCrawls {
            span,
            crawlers: wants_some.then(|| wanted.map(|crawler| crawler.id.to_owned()).collect()),
            is_verified: match verification {
                Verification::All => None,
                Verification::IpVerified => Some(true),
                Verification::UserAgentOnly => Some(false),
            },
        }
    }
}

// ---- What goes out

/// The requests of crawlers in a range.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BotTraffic {
    requests: i64,
    verified_requests: i64,
    /// By what they are for, most first.
    categories: Vec<OfCategory>,
    /// By who runs them, most first.
    companies: Vec<OfCompany>,
    /// By crawler, most first.
    crawlers: Vec<OfOneCrawler>,
    /// By hour, day, week or month, without crawlers that are hidden from the chart.
    timeseries: Vec<BotBucket>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct OfCategory {
    category: Category,
    requests: i64,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct OfCompany {
    company: String,
    requests: i64,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct OfOneCrawler {
    crawler_id: String,
    name: String,
    company: String,
    category: Category,
    requests: i64,
    verified_requests: i64,
    last_seen_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct BotBucket {
    name: String,
    timestamp: String,
    requests: i64,
}

/// A page that crawlers requested.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrawledPage {
    /// `null` of pages beyond the 10,000 that a website has, and of requests that were sent without a page.
    hostname: Option<String>,
    path: Option<String>,
    requests: i64,
    verified_requests: i64,
    /// Those that were answered 400 or more.
    error_requests: i64,
    last_seen_at: Timestamp,
}

/// Adds to the count of a key, in a list that is short.
fn add<K: PartialEq>(counts: &mut Vec<(K, i64)>, key: K, count: i64) {
    match counts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known += count,
        None => counts.push((key, count)),
    }
}

fn by_count<K: PartialEq>(rows: &[OfOneCrawler], key: impl Fn(&OfOneCrawler) -> K) -> Vec<(K, i64)> {
    let mut counts = Vec::new();
    for row in rows {
        add(&mut counts, key(row), row.requests);
    }
    ordered::sort_by_key(&mut counts, |(_, count)| std::cmp::Reverse(*count));
    counts
}

impl From<OfCrawler> for OfOneCrawler {
    fn from(row: OfCrawler) -> Self {
        // One that an earlier catalogue had is its own company.
        let known = catalogue::of_id(&row.crawler);
        Self {
            name: known.map_or_else(|| row.crawler.clone(), |known| known.name.to_owned()),
            company: known.map_or_else(|| row.crawler.clone(), |known| known.company.to_owned()),
            category: known.map_or(Category::AiCrawler, |known| known.category),
            crawler_id: row.crawler,
            requests: row.requests,
            verified_requests: row.verified,
            last_seen_at: row.last,
        }
    }
}

// ---- Handlers

async fn enter<T>(call: WebsiteCall, input: Input<T>) -> Result<(EnteredWebsite, T, ReportContext), Error> {
    let (website, asked, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    Ok((website, asked, context))
}

/// GET: the requests by crawler, and over time.
pub async fn summary(call: WebsiteCall, input: Input<(Asked, Query<Chart>)>) -> Result<Data<BotTraffic>, Error> {
    let (website, (asked, Query(chart)), context) = enter(call, input).await?;
    let zone = asked.zone(&context);
    let span = asked.span(&zone, website.call.now)?;
    let buckets = buckets(span, effective(chart.interval, span, &zone.rules())?, &zone)?;
    let starts = buckets.iter().map(|bucket| bucket.span.from).collect();
    let report = CrawlReport { which: asked.which(span), starts };
    let found = match website.site().ask(Bots::Report(report)).await? {
        BotsAnswer::Report(found) => found,
        other => return Err(unexpected(&other).into()),
    };
    let rows: Vec<OfOneCrawler> = found.crawlers.into_iter().map(OfOneCrawler::from).collect();
    let categories = by_count(&rows, |row| row.category).into_iter();
    let companies = by_count(&rows, |row| row.company.clone()).into_iter();
    let timeseries = buckets.into_iter().zip(found.buckets).map(|(bucket, requests)| BotBucket {
        name: bucket.label,
        timestamp: bucket.timestamp,
        requests,
    });
    Ok(Data::one(BotTraffic {
        requests: rows.iter().map(|row| row.requests).sum(),
        verified_requests: rows.iter().map(|row| row.verified_requests).sum(),
        categories: categories.map(|(category, requests)| OfCategory { category, requests }).collect(),
        companies: companies.map(|(company, requests)| OfCompany { company, requests }).collect(),
        crawlers: rows,
        timeseries: timeseries.collect(),
    }))
}

/// Which requests, of which pages, and which rows.
type AskedPages = (Asked, (Query<Search>, Query<Page>));

/// GET: the requested pages.
pub async fn pages(call: WebsiteCall, input: Input<AskedPages>) -> Result<Data<CrawledPage, Paged>, Error> {
    let (website, (asked, (Query(search), Query(page))), context) = enter(call, input).await?;
    let span = asked.span(&asked.zone(&context), website.call.now)?;
    let search = search.page_search.map(|search| search.as_str().to_lowercase()).filter(|search| !search.is_empty());
    let (limit, offset) = (page.limit.get(), page.offset.get());
    let wanted = CrawledPages { which: asked.which(span), search, limit, offset };
    let found = match website.site().ask(Bots::Pages(wanted)).await? {
        BotsAnswer::Pages(found) => found,
        other => return Err(unexpected(&other).into()),
    };
    let rows = found.pages.into_iter().map(|OfPage { page, requests, verified, errors, last }| {
        let (hostname, path) = page.map_or((None, None), |(hostname, path)| (Some(hostname), Some(path)));
        let (verified_requests, error_requests) = (verified, errors);
        CrawledPage { hostname, path, requests, verified_requests, error_requests, last_seen_at: last }
    });
    Ok(page.of(rows.collect(), found.total))
}
