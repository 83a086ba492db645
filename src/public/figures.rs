//! What public pages show, asked of the website's object: counts, and of what happens now no more than where and on which page.
//! What tells one visitor from another is dropped here.

use futures_util::future::try_join_all;

use super::asked::{LISTS, Only, View};
use crate::http::error::Error;
use crate::platform::Platform;
use crate::reports::range::{Bounds, Bucket, buckets, effective};
use crate::site;
use crate::websites::report_context::ReportContext;
use sluice_engine::event::PaymentKind;
use sluice_engine::reports::breakdown::{Breakdown, By, Group, Order};
use sluice_engine::reports::overview::{Overview, Totals};
use sluice_engine::reports::realtime::{Everybody, RealtimeCount, RealtimeMap};
use sluice_engine::reports::timeseries::{Needs, Timeseries};
use sluice_engine::selection::{Filter, Selection, Test};
use sluice_values::{Currency, Timestamp, WebsiteId, ordered};

/// The rows of a list.
const ROWS: u32 = 10;
/// From how many digits on a part of a path is an id.
const ID_DIGITS: usize = 16;

/// What a page shows.
pub enum Found {
    Dashboard(Figures),
    Realtime(i64),
    Recent(Vec<Entry>),
}

/// What a dashboard shows.
pub struct Figures {
    pub present: i64,
    pub totals: Totals,
    pub buckets: Vec<(Bucket, Totals)>,
    /// In the order of [`LISTS`].
    pub lists: Vec<Vec<Group>>,
}

impl Figures {
    /// Whether a list shows this row.
    pub fn has(&self, only: &Only) -> bool {
        let is_it = |row: &Group| row.key.last() == Some(&only.value);
        let is_there = self.lists.get(only.list).is_some_and(|rows| rows.iter().any(is_it));
        is_there && public_part(&only.value) == only.value
    }
}

/// Something that has happened.
pub struct Entry {
    pub time: Timestamp,
    pub what: Happened,
}

/// What has happened.
pub enum Happened {
    Pageview {
        /// ISO 3166-1 alpha-2.
        country: Option<String>,
        path: String,
    },
    Payment {
        amount: i64,
        currency: Currency,
    },
}

/// Where to ask.
pub struct Ask<'a> {
    pub platform: &'a Platform,
    pub id: WebsiteId,
    pub context: &'a ReportContext,
    pub now: Timestamp,
}

impl Ask<'_> {
    pub async fn present(&self) -> Result<i64, Error> {
        Ok(site::ask(self.platform, self.id, self.now, RealtimeCount {}).await?)
    }

    pub async fn recent(&self) -> Result<Vec<Entry>, Error> {
        let everybody = site::ask(self.platform, self.id, self.now, RealtimeMap {}).await?;
        Ok(entries(everybody, self.context.settings.is_public_data_enabled))
    }

    pub async fn dashboard(&self, view: &View) -> Result<Figures, Error> {
        let Self { platform, id, context, now } = *self;
        let has_money = context.settings.is_public_data_enabled;
        let rules = context.timezone.rules();
        let bound = |text: String| text.parse().map_err(|why| Error::field("period", &why));
        let (start, end) = match view.period.bounds(now, &context.timezone) {
            Some((start, end)) => (Some(bound(start)?), Some(bound(end)?)),
            None => (None, None),
        };
        let span = Bounds::new(("startAt", "endAt"), start, end)?.span(&rules)?;
        let span = span.ok_or_else(|| Error::bad_request("period: without end"))?;
        let buckets = buckets(span, effective(view.interval, span, &rules)?, &context.timezone)?;
        let filter = view.only.as_ref().and_then(|only| {
            let field = LISTS.get(only.list)?.field;
            Some(Filter { field, negated: false, test: Test::Is(vec![only.value.clone()]) })
        });
        let selection = || Selection { span, filters: filter.iter().cloned().collect() };
        let with_renewals = context.includes_renewals();
        let series = Timeseries {
            overview: Overview {
                selection: selection(),
                zone: context.timezone.clone(),
                with_renewals,
                pageviews: true,
                newcomers: false,
            },
            buckets: buckets.iter().map(|bucket| bucket.span).collect(),
            needs: Needs {
                visitors: true,
                sessions: false,
                money: has_money,
                pageviews: false,
                newcomers: false,
                visits: false,
            },
            goal: None,
        };
        let series = site::ask_in(platform, id, now, context.currency, series).await?;
        let lists = LISTS.map(|list| Breakdown {
            selection: selection(),
            by: By::Dimension(list.dimension),
            limit: ROWS,
            offset: 0,
            search: None,
            order: Order::Visitors,
            paying: false,
            with_renewals,
        });
        let lists = lists.map(|list| site::ask_in(platform, id, now, context.currency, list));
        Ok(Figures {
            present: self.present().await?,
            totals: series.totals,
            buckets: buckets.into_iter().zip(series.buckets).collect(),
            lists: try_join_all(lists).await?.into_iter().map(|found| found.rows).collect(),
        })
    }
}

/// A path, or the name of a source, without what may tell who somebody is: an e-mail address, or an id.
pub fn public_part(path: &str) -> String {
    let is_of_somebody = |part: &str| {
        let is_id = part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') && part.len() >= ID_DIGITS;
        is_id || part.contains('@') || part.to_ascii_lowercase().contains("%40")
    };
    let parts = path.split('/').map(|part| if is_of_somebody(part) { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// What has happened lately, newest first: pages that were viewed, and payments where money is public.
fn entries(everybody: Everybody, has_money: bool) -> Vec<Entry> {
    let viewed = everybody.events.into_iter().filter(|event| event.r#type == "pageview");
    let mut entries: Vec<Entry> = viewed
        .filter_map(|event| {
            let what = Happened::Pageview { country: event.country, path: event.path? };
            Some(Entry { time: event.time, what })
        })
        .collect();
    let is_sale = |kind| matches!(kind, PaymentKind::New | PaymentKind::Renewal);
    for paid in everybody.payments {
        if has_money && is_sale(paid.kind) && paid.amount > 0 {
            let what = Happened::Payment { amount: paid.amount, currency: paid.currency };
            entries.push(Entry { time: paid.time, what });
        }
    }
    ordered::sort_by_key(&mut entries, |entry| std::cmp::Reverse(entry.time));
    entries
}

#[cfg(test)]
pub mod tests {
    //! Figures for tests.

    use super::*;
    use sluice_engine::reports::realtime::{Paid, Recent};

    /// A row of a list.
    pub fn group(key: &[&str], visitors: i64) -> Group {
        Group { key: key.iter().map(|part| (*part).to_owned()).collect(), visitors, ..Group::default() }
    }

    fn recent(r#type: &str, secs: i64) -> Recent {
        Recent {
            row: 1,
            r#type: r#type.to_owned(),
            visitor: "665f0b3c-4d2e-4a00-8123-45678912ab12".parse().unwrap(),
            time: Timestamp::from_millis(secs * 1_000),
            path: Some("/pricing".to_owned()),
            country: Some("DE".to_owned()),
            extra: serde_json::Map::new(),
            referrer: None,
        }
    }

    fn paid(kind: PaymentKind, amount: i64, secs: i64) -> Paid {
        Paid {
            id: vec![1],
            time: Timestamp::from_millis(secs * 1_000),
            kind,
            name: Some("Jane".to_owned()),
            email: Some("jane@example.com".to_owned()),
            amount,
            currency: Currency::USD,
            is_first: true,
        }
    }

    #[test]
    fn what_is_told_of_now_is_pages_and_where_money_is_public_sales() {
        let everybody = || Everybody {
            count: 1,
            visitors: Vec::new(),
            events: vec![recent("custom", 9), recent("pageview", 5), recent("identify", 4)],
            payments: vec![
                paid(PaymentKind::New, 4_900, 7),
                paid(PaymentKind::Refund, 4_900, 8),
                paid(PaymentKind::Trial, 0, 8),
                paid(PaymentKind::Renewal, 900, 2),
            ],
        };
        let times = |has_money| {
            entries(everybody(), has_money).iter().map(|entry| entry.time.as_millis() / 1_000).collect::<Vec<_>>()
        };
        assert_eq!(times(false), [5]);
        assert_eq!(times(true), [7, 5, 2]);
    }

    #[test]
    fn a_page_is_narrowed_to_rows_that_it_has() {
        let pages = vec![group(&["example.com", "/pricing"], 3), group(&["example.com", "/u/jane@example.com"], 2)];
        let lists = vec![pages, vec![group(&["Google"], 1)]];
        let figures = Figures { present: 0, totals: Totals::default(), buckets: Vec::new(), lists };
        let has = |list, value: &str| figures.has(&Only { list, value: value.to_owned() });
        assert!(has(0, "/pricing") && has(1, "Google"));
        assert!(!has(0, "/u/jane@example.com"), "a row that is not shown tells nothing");
        assert!(!has(0, "example.com") && !has(0, "/secret") && !has(1, "/pricing") && !has(2, "") && !has(9, ""));
    }
}
