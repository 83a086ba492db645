//! `GET …/console/websites`: all websites that a session reaches, with figures. Each website's object is asked for its own, a few
//! objects at once; one that fails shows no figures.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use jiff::{Timestamp as Moment, ToSpan};
use serde::{Deserialize, Serialize};
use sluice_values::ordered;

use crate::auth::access::{Principal, WebsiteScope};
use crate::auth::permission::Permission;
use crate::auth::role::Role;
use crate::http::call::{AccountCall, Call};
use crate::http::error::Error;
use crate::http::input::Query;
use crate::http::reply::Data;
use crate::platform::database::{Statement, sql};
use crate::platform::{PlatformError, log};
use crate::reports::range::{Bound, Bounds, Interval, buckets};
use crate::site;
use crate::websites::website::Settings;
use sluice_engine::DAY_MS;
use sluice_engine::reports::glance::{Glance, Glimpse};
use sluice_engine::reports::overview::Totals;
use sluice_engine::selection::Span;
use sluice_values::{AccountId, Currency, Decimal, Limit, Offset, Text, TimeZone, Timestamp, WebsiteId};

/// How many objects are asked at once.
const AT_ONCE: usize = 8;
/// How many objects one request asks. The order by a figure counts on the figures of all websites up to so many.
const MOST_ASKED: usize = 200;
/// The most websites of one account that are looked at.
const MOST_LISTED: u32 = 2_000;
/// The days of the sparkline, today included.
const DAYS: i64 = 7;

// ---- What comes in

/// Which websites are shown, and in which order.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// The maximum number of websites.
    limit: Limit<50, 50>,
    /// The number of websites to skip.
    offset: Offset,
    /// What comes first: the highest figure, the latest event, the newest website; or domains by their alphabet.
    sort: Sort,
    /// A part of the domain or the name.
    q: Option<Text<0, 100>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Sort {
    /// Visitors of the last 24 hours.
    #[default]
    Visitors,
    /// Revenue of the last 24 hours, whatever its currency.
    Revenue,
    Online,
    WeekVisitors,
    WeekRevenue,
    LastEvent,
    Domain,
    Created,
}

impl Sort {
    /// Whether the order depends on what the objects answer.
    const fn is_by_figures(self) -> bool {
        !matches!(self, Self::Domain | Self::Created)
    }
}

// ---- What goes out

/// A website with its figures, which are null where they are not known.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleListedWebsite {
    id: WebsiteId,
    domain: String,
    name: Option<String>,
    role: Role,
    timezone: TimeZone,
    currency: Currency,
    created_at: Timestamp,
    /// Distinct visitors of the last ten minutes.
    online: Option<i64>,
    /// The last 24 hours, and the 24 hours before.
    day: Option<Compared>,
    /// The last seven days of the website, today included, and the seven days before up to the same time of day.
    week: Option<Compared>,
    /// Distinct visitors of each of these seven days, oldest first.
    sparkline: Option<Vec<i64>>,
    /// The time of the latest event.
    last_event_at: Option<Timestamp>,
    /// Whether there was ever an event.
    has_events: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Compared {
    visitors: i64,
    revenue: Decimal,
    visitors_before: i64,
    revenue_before: Decimal,
}

/// The fields of the list besides its websites.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Meta {
    pagination: WebsitesPagination,
    /// When the figures were read: 24 hours and days end then.
    as_of: Timestamp,
    /// The last 24 hours of all websites together, not only of this page; null if not all were asked.
    totals: Option<Together>,
    /// How many websites were asked for figures and did not answer.
    unavailable: usize,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct WebsitesPagination {
    limit: u32,
    offset: u32,
    total: usize,
}

#[derive(Debug, Default, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Together {
    visitors: i64,
    visitors_before: i64,
    online: i64,
    /// By currency, those with any revenue.
    revenue: Vec<InCurrency>,
}

#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct InCurrency {
    currency: Currency,
    revenue: Decimal,
    revenue_before: Decimal,
}

// ---- SQL

#[derive(Debug, Clone, Deserialize)]
struct Row {
    id: WebsiteId,
    domain: String,
    name: Option<String>,
    role: Role,
    timezone: String,
    currency: Currency,
    settings: String,
    created_at: Timestamp,
}

fn select(account: AccountId, scope: &WebsiteScope) -> Statement {
    sql("SELECT websites.id, domain, name, role, timezone, currency, settings, websites.created_at \
         FROM members JOIN websites ON websites.id = members.website_id \
         WHERE members.account_id = ?1 AND (?2 OR websites.id IN (SELECT value FROM json_each(?3))) \
         ORDER BY domain, websites.id LIMIT ?4")
    .bind(account)
    .bind(scope.is_all())
    .bind_json(scope)
    .bind(MOST_LISTED)
}

// ---- Rules

/// A website as the rules see it.
#[derive(Debug, Clone)]
struct Website {
    row: Row,
    zone: TimeZone,
    with_renewals: bool,
}

impl TryFrom<Row> for Website {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let broken = |what: &str| PlatformError::new(format!("website {} has an invalid {what}", row.id));
        let settings: Settings = serde_json::from_str(&row.settings).map_err(|_| broken("settings"))?;
        // "Factory" could be set once.
        let zone = row.timezone.parse().or_else(|_| "UTC".parse()).map_err(|_| broken("time zone"))?;
        Ok(Self { zone, with_renewals: settings.include_renewal_revenue.0, row })
    }
}

impl Website {
    fn contains(&self, part: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(part);
        has(&self.row.domain) || self.row.name.as_deref().is_some_and(has)
    }

    /// What its object is asked: the last 24 hours, the 24 hours before, the last days, the days before up to the same time of
    /// day, and each of the days.
    fn glance(&self, now: Timestamp) -> Result<Glance, Error> {
        let rules = self.zone.rules();
        let beyond = |error: jiff::Error| PlatformError::new(error.to_string());
        let local = Moment::from_millisecond(now.as_millis()).map_err(beyond)?.to_zoned(rules.clone());
        let today = local.date();
        let days_ago = |days: i64| today.checked_sub(days.days()).map(Bound::Day).map_err(beyond);
        let span = |start: Bound, end: Bound| -> Result<Span, Error> {
            let bounds = Bounds::new(("startAt", "endAt"), Some(start), Some(end))?;
            Ok(bounds.span(&rules)?.ok_or_else(|| PlatformError::new("a range without ends"))?)
        };
        let week = span(days_ago(DAYS - 1)?, Bound::Day(today))?;
        let until = local.checked_sub(DAYS.days()).map_err(beyond)?.timestamp();
        let now = now.as_millis();
        Ok(Glance {
            zone: self.zone.clone(),
            with_renewals: self.with_renewals,
            spans: vec![
                Span { from: now - DAY_MS + 1, to: now },
                Span { from: now - 2 * DAY_MS + 1, to: now - DAY_MS },
                week,
                span(days_ago(2 * DAYS - 1)?, Bound::Moment(until))?,
            ],
            days: buckets(week, Interval::Day, &self.zone)?.into_iter().map(|bucket| bucket.span).collect(),
        })
    }

    fn shown(&self, glimpse: Option<&Glimpse>) -> ConsoleListedWebsite {
        let Row { id, domain, name, role, currency, created_at, .. } = self.row.clone();
        let totals = |at: usize| glimpse.and_then(|glimpse| glimpse.totals.get(at));
        let compared = |at: usize| {
            let (now, before) = (totals(at)?, totals(at + 1)?);
            let revenue = |totals: &Totals| Decimal(currency.major_units(self.revenue(totals)));
            Some(Compared {
                visitors: now.visitors,
                revenue: revenue(now),
                visitors_before: before.visitors,
                revenue_before: revenue(before),
            })
        };
        ConsoleListedWebsite {
            id,
            domain,
            name,
            role,
            timezone: self.zone.clone(),
            currency,
            created_at,
            online: glimpse.map(|glimpse| glimpse.present),
            day: compared(0),
            week: compared(2),
            sparkline: glimpse.map(|glimpse| glimpse.days.clone()),
            last_event_at: glimpse.and_then(|glimpse| glimpse.last_event),
            has_events: glimpse.map(|glimpse| glimpse.last_event.is_some()),
        }
    }

    fn revenue(&self, totals: &Totals) -> i64 {
        totals.money.revenue(self.with_renewals)
    }
}

/// A website, and what its object answered, if it was asked and did.
type Seen = (Website, Option<Glimpse>);

/// The websites in their order: highest figures first, unknown ones last, and then by domain.
fn sort(websites: &mut [Seen], by: Sort) {
    let compare = |one: &Seen, other: &Seen| match by {
        Sort::Domain => Ordering::Equal,
        Sort::Created => other.0.row.created_at.cmp(&one.0.row.created_at),
        _ => Reverse(figure(one, by)).partial_cmp(&Reverse(figure(other, by))).unwrap_or(Ordering::Equal),
    };
    ordered::sort_by(websites, |one, other| {
        let by_name =
            (&one.0.row.domain, one.0.row.id.to_string()).cmp(&(&other.0.row.domain, other.0.row.id.to_string()));
        compare(one, other).then(by_name)
    });
}

/// The figure that decides about the order.
fn figure((website, glimpse): &Seen, by: Sort) -> Option<f64> {
    let glimpse = glimpse.as_ref()?;
    let totals = |at: usize| glimpse.totals.get(at);
    let money = |at: usize| totals(at).map(|totals| website.row.currency.major_units(website.revenue(totals)));
    #[expect(clippy::cast_precision_loss, reason = "counts and moments are below 2^53")]
    let number = |count: i64| count as f64;
    match by {
        Sort::Visitors => totals(0).map(|totals| number(totals.visitors)),
        Sort::WeekVisitors => totals(2).map(|totals| number(totals.visitors)),
        Sort::Revenue => money(0),
        Sort::WeekRevenue => money(2),
        Sort::Online => Some(number(glimpse.present)),
        Sort::LastEvent => glimpse.last_event.map(|time| number(time.as_millis())),
        Sort::Domain | Sort::Created => None,
    }
}

/// The figures of all websites together.
fn together(websites: &[Seen]) -> Together {
    let mut all = Together::default();
    let mut revenue: BTreeMap<&str, (Currency, i64, i64)> = BTreeMap::new();
    for (website, glimpse) in websites {
        let Some(glimpse) = glimpse else { continue };
        all.online += glimpse.present;
        let [now, before, ..] = glimpse.totals.as_slice() else { continue };
        all.visitors += now.visitors;
        all.visitors_before += before.visitors;
        let currency = &website.row.currency;
        let (_, sum, sum_before) = revenue.entry(currency.as_str()).or_insert((*currency, 0, 0));
        *sum += website.revenue(now);
        *sum_before += website.revenue(before);
    }
    let money = revenue.into_values().filter(|(_, now, before)| (*now, *before) != (0, 0));
    all.revenue = money
        .map(|(currency, now, before)| InCurrency {
            currency,
            revenue: Decimal(currency.major_units(now)),
            revenue_before: Decimal(currency.major_units(before)),
        })
        .collect();
    all
}

// ---- Handler

/// GET: the websites that the session reaches, with figures.
pub async fn list(call: AccountCall, Query(asked): Query<Asked>) -> Result<Data<ConsoleListedWebsite, Meta>, Error> {
    let scope = match &call.principal {
        Principal::Account { scope, .. } => scope.clone(),
        Principal::WebsiteKey { website_id, .. } => WebsiteScope::new(vec![*website_id]),
    };
    let rows: Vec<Row> = call.rows(select(call.account_id(), &scope)).await?;
    let part = asked.q.as_ref().map(|part| part.as_str().trim().to_lowercase()).unwrap_or_default();
    let websites = rows.into_iter().map(Website::try_from).collect::<Result<Vec<_>, _>>()?;
    let mut websites: Vec<Seen> =
        websites.into_iter().filter(|website| website.contains(&part)).map(|website| (website, None)).collect();
    let (total, limit) = (websites.len(), asked.limit.get() as usize);
    // Without the order of their figures, only those of the page are asked.
    let is_first_page = asked.offset.get() == 0 && total <= limit;
    let asks_all = asked.sort.is_by_figures() || is_first_page;
    if !asks_all {
        sort(&mut websites, asked.sort);
    }
    let may_see = call.principal.permissions().allow(Permission::AnalyticsRead);
    let (first, most) = if asks_all { (0, MOST_ASKED) } else { (asked.offset.get() as usize, limit) };
    let in_turn: Vec<usize> = (first..total).take(if may_see { most } else { 0 }).collect();
    let mut unavailable = 0;
    for (at, glimpse) in ask(&call.call, &websites, &in_turn).await {
        unavailable += usize::from(glimpse.is_none());
        if let Some((_, seen)) = websites.get_mut(at) {
            *seen = glimpse;
        }
    }
    let totals = (in_turn.len() == total).then(|| together(&websites));
    if asks_all {
        sort(&mut websites, asked.sort);
    }
    let page = websites.iter().skip(asked.offset.get() as usize).take(limit);
    let page = page.map(|(website, glimpse)| website.shown(glimpse.as_ref())).collect();
    let pagination = WebsitesPagination { limit: asked.limit.get(), offset: asked.offset.get(), total };
    Ok(Data::with(page, Meta { pagination, as_of: call.call.now, totals, unavailable }))
}

/// What the objects of these websites answer, as they do. A failure is logged.
async fn ask(call: &Call, websites: &[Seen], wanted: &[usize]) -> Vec<(usize, Option<Glimpse>)> {
    let asked = stream::iter(wanted.iter().copied()).map(|at| async move {
        let (website, _) = websites.get(at)?;
        let answered = match website.glance(call.now) {
            Ok(glance) => site::ask_in(&call.platform, website.row.id, call.now, website.row.currency, glance)
                .await
                .map_err(Error::from),
            Err(error) => Err(error),
        };
        let glimpse = answered.inspect_err(|error| {
            let what = format!("console: figures of website {}", website.row.id);
            log::failure(&call.request_id.to_string(), &what, &format!("{error:?}"));
        });
        Some((at, glimpse.ok()))
    });
    asked.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory as Database;

    fn website(number: u8, domain: &str, zone: &str) -> Website {
        let row = Row {
            id: format!("{number:024x}").parse().unwrap(),
            domain: domain.to_owned(),
            name: Some(format!("Name {number}")),
            role: Role::Viewer,
            timezone: zone.to_owned(),
            currency: Currency::USD,
            settings: "{}".to_owned(),
            created_at: Timestamp::from_millis(i64::from(number)),
        };
        row.try_into().unwrap()
    }

    fn glimpse(visitors: i64, present: i64) -> Glimpse {
        let totals = |visitors| Totals { visitors, ..Totals::default() };
        Glimpse {
            totals: [visitors, 1, visitors * 10, 2].map(totals).to_vec(),
            days: vec![0; 7],
            present,
            last_event: (visitors > 0).then(|| Timestamp::from_millis(visitors)),
        }
    }

    fn seen() -> Vec<Seen> {
        vec![
            (website(1, "b.example", "UTC"), Some(glimpse(5, 0))),
            (website(2, "a.example", "UTC"), Some(glimpse(5, 3))),
            (website(3, "c.example", "UTC"), None),
            (website(4, "d.example", "UTC"), Some(glimpse(0, 1))),
        ]
    }

    #[test]
    fn the_highest_figures_come_first_and_unknown_ones_last() {
        let order = |by: Sort| {
            let mut websites = seen();
            sort(&mut websites, by);
            websites.iter().map(|(website, _)| website.row.domain.get(..1).unwrap().to_owned()).collect::<String>()
        };
        for (by, expected) in [
            (Sort::Visitors, "abdc"),
            (Sort::WeekVisitors, "abdc"),
            (Sort::Online, "adbc"),
            (Sort::LastEvent, "abcd"),
            (Sort::Revenue, "abdc"),
            (Sort::Domain, "abcd"),
            (Sort::Created, "dcab"),
        ] {
            assert_eq!(order(by), expected, "{by:?}");
        }
    }

    #[test]
    fn a_website_without_an_answer_has_no_figures_and_adds_nothing() {
        let mut websites = seen();
        let shown = serde_json::to_value(websites[2].0.shown(None)).unwrap();
        for figure in ["online", "day", "week", "sparkline", "lastEventAt", "hasEvents"] {
            assert!(shown[figure].is_null(), "{figure}: {shown}");
        }
        let new = serde_json::to_value(websites[3].0.shown(websites[3].1.as_ref())).unwrap();
        assert_eq!((&new["hasEvents"], &new["lastEventAt"]), (&false.into(), &serde_json::Value::Null));
        let expected = Together { visitors: 10, visitors_before: 3, online: 4, revenue: Vec::new() };
        assert_eq!(together(&websites), expected);
        for (_, glimpse) in &mut websites {
            if let Some(glimpse) = glimpse {
                glimpse.totals[0].money.new = 150;
            }
        }
        let revenue = InCurrency { currency: Currency::USD, revenue: Decimal(4.5), revenue_before: Decimal(0.0) };
        assert_eq!(together(&websites).revenue, [revenue]);
    }

    #[test]
    fn days_are_the_websites_and_the_week_before_ends_at_the_same_time_of_day() {
        // 2026-03-31T10:30:00Z, two days after the clocks of Berlin changed.
        let now: Timestamp = "2026-03-31T10:30:00.000Z".parse().unwrap();
        let glance = website(1, "a.example", "Europe/Berlin").glance(now).unwrap();
        let spans: Vec<_> = glance
            .spans
            .iter()
            .map(|span| [span.from, span.to].map(|at| Timestamp::from_millis(at).to_string()))
            .collect();
        assert_eq!(
            spans,
            [
                ["2026-03-30T10:30:00.001Z", "2026-03-31T10:30:00.000Z"],
                ["2026-03-29T10:30:00.001Z", "2026-03-30T10:30:00.000Z"],
                ["2026-03-24T23:00:00.000Z", "2026-03-31T21:59:59.999Z"],
                ["2026-03-17T23:00:00.000Z", "2026-03-24T11:30:00.000Z"],
            ]
        );
        assert_eq!(glance.days.len(), 7);
        assert_eq!((glance.days[0].from, glance.days[6].to), (glance.spans[2].from, glance.spans[2].to));
    }

    #[test]
    fn websites_are_found_by_domain_and_name() {
        let website = website(7, "shop.example", "UTC");
        for (part, found) in [("", true), ("shop", true), ("name 7", true), ("example", true), ("x7", false)] {
            assert_eq!(website.contains(part), found, "{part}");
        }
    }

    #[test]
    fn an_accounts_websites_are_found_by_their_index() {
        let plan =
            Database::default().plan(&select("0000000000000000000000d1".parse().unwrap(), &WebsiteScope::default()));
        assert!(plan.contains("members_by_account") && !plan.contains("SCAN websites"), "{plan}");
    }
}
