//! Requests of crawlers, as a website's servers tell of them: counted by quarters of an hour, crawler, page and status. Strangers can
//! tell of them too, so rows are bounded: a month takes so many requests, and a website has so many pages.

use serde::{Deserialize, Serialize};
use sluice_values::Timestamp;

use crate::DAY_MS;
use crate::error::Error;
use crate::fill::Fill;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::wire::json;

/// Requests within so many milliseconds are counted together: every offset of a time zone is a multiple.
pub const SLOT_MS: i64 = 900_000;
/// For how many days requests are kept.
pub const KEPT_DAYS: i64 = 400;
/// The most pages of a website. Requests of further ones are counted without their page.
pub const MOST_PAGES: i64 = 10_000;

/// What is asked about crawlers. Sent like [`crate::protocol::Call`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Bots {
    /// A request has come: `Recorded`.
    Record(Crawl),
    /// The settings: `State`.
    State,
    /// Changes settings: `State`, or `Refused` if tokens are to be required and there is none.
    Change(BotChange),
    /// Changes the token: `State`, or `Refused` if there is one already, or none.
    Token(TokenChange),
    /// The requests of a range: `Report`.
    Report(CrawlReport),
    /// The pages that were requested in a range: `Pages`.
    Pages(CrawledPages),
    /// What was counted in a month: `Usage`.
    Usage { month: i64 },
}

/// The answers to [`Bots`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum BotsAnswer {
    Recorded(Recorded),
    State(BotState),
    Refused,
    Report(Crawled),
    Pages(PagesOfCrawlers),
    Usage(BotUsage),
}

/// A request of a crawler.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Crawl {
    pub crawler: String,
    pub is_verified: bool,
    /// The page, unless it is not known.
    pub page: Option<(String, String)>,
    /// The status that it was answered; 0 if it is not known.
    pub status: u16,
    /// The hash of the token that came with it.
    pub token_hash: Option<String>,
    /// Of these months from January 1970 on, each takes so many.
    pub month: i64,
    pub most: u32,
    /// How many were left out since the last one, because there were too many.
    pub dropped: i64,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recorded {
    Counted,
    /// The month has had as many as it takes.
    Full,
    /// The store has no room for what is dropped first.
    NoRoom,
    /// The website requires its token.
    Unauthorized,
    Excluded,
    Unverified,
}

// Stored as JSON in `bots.settings` of a website's object: fields may be added with a default, none is renamed.
/// The settings of bot traffic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is chosen by itself")]
pub struct BotSettings {
    /// Crawlers that are not in the chart.
    pub hidden_crawlers: Vec<String>,
    /// Crawlers that are not counted.
    pub excluded_crawlers: Vec<String>,
    /// Whether only verified requests are counted.
    pub verified_only: bool,
    /// Whether requests without the token are refused.
    pub require_token: bool,
    pub hides_card: bool,
    pub groups_by_company: bool,
}

/// The settings, and the token without what it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BotState {
    pub settings: BotSettings,
    pub token: Option<ShownToken>,
    /// The settings before a change that asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<BotSettings>,
}

/// What is shown of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownToken {
    pub display: String,
    pub created_at: Timestamp,
}

/// A change of settings; what is `None` stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BotChange {
    pub hidden_crawlers: Option<Vec<String>>,
    pub excluded_crawlers: Option<Vec<String>>,
    /// Crawlers that are excluded too, and then those that are not any more.
    pub exclude: Vec<String>,
    pub include: Vec<String>,
    pub verified_only: Option<bool>,
    pub require_token: Option<bool>,
    pub hides_card: Option<bool>,
    pub groups_by_company: Option<bool>,
    /// Whether to answer the settings before the change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asks_for_former: bool,
}

/// A change of the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum TokenChange {
    Create { hash: String, display: String },
    Rotate { hash: String, display: String },
    Delete,
}

/// Which requests count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WhichCrawls {
    pub span: Span,
    /// Only of these crawlers.
    pub crawlers: Option<Vec<String>>,
    pub is_verified: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CrawlReport {
    pub which: WhichCrawls,
    /// The starts of the buckets of the chart, in order.
    pub starts: Vec<i64>,
}

/// The requests of a range.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Crawled {
    /// By crawler, most requests first.
    pub crawlers: Vec<OfCrawler>,
    /// By bucket, without hidden crawlers.
    pub buckets: Vec<i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct OfCrawler {
    pub crawler: String,
    pub requests: i64,
    pub verified: i64,
    pub last: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CrawledPages {
    pub which: WhichCrawls,
    /// What the host with the path contains, in lower case.
    pub search: Option<String>,
    pub limit: u32,
    pub offset: u32,
}

/// The pages that were requested, most requests first.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PagesOfCrawlers {
    pub pages: Vec<OfPage>,
    pub total: i64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct OfPage {
    /// `None` of pages that were too many.
    pub page: Option<(String, String)>,
    pub requests: i64,
    pub verified: i64,
    /// Those that were answered 400 or more.
    pub errors: i64,
    pub last: Timestamp,
}

/// What was counted in a month.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BotUsage {
    pub counted: i64,
    pub dropped: i64,
}

impl<S: Sql> Site<S> {
    pub(crate) fn bots(&self, asked: &Bots, now: Timestamp) -> Result<BotsAnswer, Error> {
        Ok(match asked {
            Bots::Record(crawl) => BotsAnswer::Recorded(self.record_crawl(crawl, now)?),
            Bots::State => BotsAnswer::State(self.bot_state()?.0),
            Bots::Change(change) => self.change_bots(change)?,
            Bots::Token(change) => self.change_bot_token(change, now)?,
            Bots::Report(asked) => BotsAnswer::Report(self.crawled(asked)?),
            Bots::Pages(asked) => BotsAnswer::Pages(self.crawled_pages(asked)?),
            Bots::Usage { month } => BotsAnswer::Usage(self.bot_usage(*month)?),
        })
    }

    /// The settings, and the hash of the token.
    fn bot_state(&self) -> Result<(BotState, Option<String>), Error> {
        let row = self.sql.first("SELECT settings, token_hash, display_token, token_created_at FROM bots", &[])?;
        let Some(mut row) = row else { return Ok((BotState::default(), None)) };
        let (settings, hash) = (row.json()?, row.next::<Option<String>>()?);
        let shown: (Option<String>, Option<Timestamp>) = (row.next()?, row.next()?);
        let token = shown.0.zip(shown.1).map(|(display, created_at)| ShownToken { display, created_at });
        Ok((BotState { settings, token, former: None }, hash))
    }

    fn store_bots(&self, state: &BotState, hash: Option<&str>) -> Result<(), Error> {
        let settings = json(&state.settings)?;
        let token = state.token.as_ref();
        self.sql.run(
            "INSERT OR REPLACE INTO bots (id, settings, token_hash, display_token, token_created_at) VALUES (1, ?1, ?2, ?3, ?4)",
            &[
                settings.into(),
                hash.into(),
                token.map(|token| token.display.as_str()).into(),
                token.map(|token| token.created_at).into(),
            ],
        )
    }

    fn change_bots(&self, change: &BotChange) -> Result<BotsAnswer, Error> {
        self.write(|| {
            let (mut state, hash) = self.bot_state()?;
            if change.require_token == Some(true) && hash.is_none() {
                return Ok(BotsAnswer::Refused);
            }
            let former = change.asks_for_former.then(|| state.settings.clone());
            let BotSettings { hidden_crawlers, excluded_crawlers, .. } = &mut state.settings;
            if let Some(hidden) = &change.hidden_crawlers {
                hidden_crawlers.clone_from(hidden);
            }
            if let Some(excluded) = &change.excluded_crawlers {
                excluded_crawlers.clone_from(excluded);
            }
            for crawler in &change.exclude {
                if !excluded_crawlers.contains(crawler) {
                    excluded_crawlers.push(crawler.clone());
                }
            }
            excluded_crawlers.retain(|crawler| !change.include.contains(crawler));
            let set = |setting: &mut bool, change: Option<bool>| *setting = change.unwrap_or(*setting);
            set(&mut state.settings.verified_only, change.verified_only);
            set(&mut state.settings.require_token, change.require_token);
            set(&mut state.settings.hides_card, change.hides_card);
            set(&mut state.settings.groups_by_company, change.groups_by_company);
            self.store_bots(&state, hash.as_deref())?;
            Ok(BotsAnswer::State(BotState { former, ..state }))
        })
    }

    fn change_bot_token(&self, change: &TokenChange, now: Timestamp) -> Result<BotsAnswer, Error> {
        self.write(|| {
            let (mut state, hash) = self.bot_state()?;
            if hash.is_some() == matches!(change, TokenChange::Create { .. }) {
                return Ok(BotsAnswer::Refused);
            }
            let hash = match change {
                TokenChange::Create { hash, display } | TokenChange::Rotate { hash, display } => {
                    state.token = Some(ShownToken { display: display.clone(), created_at: now });
                    Some(hash.as_str())
                }
                TokenChange::Delete => {
                    state.token = None;
                    state.settings.require_token = false;
                    None
                }
            };
            self.store_bots(&state, hash)?;
            Ok(BotsAnswer::State(state))
        })
    }

    fn bot_usage(&self, month: i64) -> Result<BotUsage, Error> {
        let row = self.sql.first("SELECT counted, dropped FROM crawl_months WHERE month = ?1", &[month.into()])?;
        row.map_or_else(
            || Ok(BotUsage::default()),
            |mut row| Ok(BotUsage { counted: row.next()?, dropped: row.next()? }),
        )
    }

    fn record_crawl(&self, crawl: &Crawl, now: Timestamp) -> Result<Recorded, Error> {
        let (BotState { settings, .. }, hash) = self.bot_state()?;
        if settings.require_token && (hash.is_none() || hash != crawl.token_hash) {
            return Ok(Recorded::Unauthorized);
        }
        if settings.excluded_crawlers.contains(&crawl.crawler) {
            return Ok(Recorded::Excluded);
        }
        if settings.verified_only && !crawl.is_verified {
            return Ok(Recorded::Unverified);
        }
        let is_full = self.bot_usage(crawl.month)?.counted >= i64::from(crawl.most);
        if !is_full && self.fill()? == Fill::Full {
            return Ok(Recorded::NoRoom);
        }
        self.write(|| {
            self.sql.run(
                "INSERT INTO crawl_months (month, counted, dropped) VALUES (?1, ?2, ?3) ON CONFLICT (month) DO UPDATE SET \
                 counted = counted + excluded.counted, dropped = dropped + excluded.dropped",
                &[
                    crawl.month.into(),
                    i64::from(!is_full).into(),
                    crawl.dropped.saturating_add(i64::from(is_full)).into(),
                ],
            )?;
            if is_full {
                return Ok(Recorded::Full);
            }
            let day = now.as_millis().div_euclid(DAY_MS);
            self.forget_crawls(day)?;
            let page = match &crawl.page {
                Some((hostname, path)) => self.crawled_page(hostname, path, day)?,
                None => 0,
            };
            self.sql.run(
                "INSERT INTO crawls (slot, crawler, is_verified, page, status, count, last) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) \
                 ON CONFLICT (slot, crawler, is_verified, page, status) DO UPDATE SET count = count + 1, last = max(last, excluded.last)",
                &[
                    now.as_millis().div_euclid(SLOT_MS).into(),
                    crawl.crawler.as_str().into(),
                    crawl.is_verified.into(),
                    page.into(),
                    i64::from(crawl.status).into(),
                    now.into(),
                ],
            )?;
            Ok(Recorded::Counted)
        })
    }

    /// Once a day, forgets what is older than it is kept.
    fn forget_crawls(&self, day: i64) -> Result<(), Error> {
        let looked = self.sql.first("SELECT value FROM meta WHERE key = 'crawls_day'", &[])?;
        if looked.map_or(Ok(i64::MIN), |mut row| row.next())? >= day {
            return Ok(());
        }
        let kept = day - KEPT_DAYS;
        self.sql.run("DELETE FROM crawls WHERE slot < ?1", &[(kept * (DAY_MS / SLOT_MS)).into()])?;
        self.sql.run("DELETE FROM crawled_pages WHERE last_day < ?1", &[kept.into()])?;
        // Counting them for every new page would read them all.
        self.sql
            .run("INSERT OR REPLACE INTO meta (key, value) SELECT 'crawled_pages', count(*) FROM crawled_pages", &[])?;
        self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('crawls_day', ?1)", &[day.into()])
    }

    /// The row of a page; 0 if there is no room for it.
    fn crawled_page(&self, hostname: &str, path: &str, day: i64) -> Result<i64, Error> {
        let known = self.sql.first(
            "SELECT id, last_day FROM crawled_pages WHERE hostname = ?1 AND path = ?2",
            &[hostname.into(), path.into()],
        )?;
        if let Some(mut row) = known {
            let (id, last): (i64, i64) = (row.next()?, row.next()?);
            if last < day {
                self.sql.run("UPDATE crawled_pages SET last_day = ?2 WHERE id = ?1", &[id.into(), day.into()])?;
            }
            return Ok(id);
        }
        let count: i64 = self.sql.one("SELECT value FROM meta WHERE key = 'crawled_pages'", &[])?.next()?;
        if count >= MOST_PAGES {
            return Ok(0);
        }
        self.sql.run("UPDATE meta SET value = value + 1 WHERE key = 'crawled_pages'", &[])?;
        let added = self.sql.one(
            "INSERT INTO crawled_pages (hostname, path, last_day) VALUES (?1, ?2, ?3) RETURNING id",
            &[hostname.into(), path.into(), day.into()],
        );
        added?.next()
    }

    fn crawled(&self, asked: &CrawlReport) -> Result<Crawled, Error> {
        let mut parameters = Parameters::default();
        let which = asked.which.condition(&mut parameters);
        let rows = self.sql.rows(
            &format!(
                "SELECT crawler, sum(count), sum(iif(is_verified, count, 0)), max(last) FROM crawls WHERE {which} \
                 GROUP BY crawler ORDER BY 2 DESC, 1"
            ),
            parameters.values(),
        )?;
        let of_crawler = |mut row: crate::sql::Row| {
            Ok(OfCrawler { crawler: row.next()?, requests: row.next()?, verified: row.next()?, last: row.next()? })
        };
        let crawlers = rows.into_iter().map(of_crawler).collect::<Result<_, Error>>()?;
        let hidden = parameters.bind_list(&self.bot_state()?.0.settings.hidden_crawlers);
        let slots = self.sql.rows(
            &format!(
                "SELECT slot, sum(count) FROM crawls WHERE {which} AND crawler NOT IN {hidden} \
                 GROUP BY slot ORDER BY slot"
            ),
            parameters.values(),
        )?;
        let mut buckets = vec![0; asked.starts.len()];
        for mut row in slots {
            let (slot, count): (i64, i64) = (row.next()?, row.next()?);
            let at = asked.starts.partition_point(|start| *start <= slot * SLOT_MS);
            if let Some(bucket) = at.checked_sub(1).and_then(|at| buckets.get_mut(at)) {
                *bucket += count;
            }
        }
        Ok(Crawled { crawlers, buckets })
    }

    fn crawled_pages(&self, asked: &CrawledPages) -> Result<PagesOfCrawlers, Error> {
        let mut parameters = Parameters::default();
        let which = asked.which.condition(&mut parameters);
        let search = parameters.bind(asked.search.clone());
        let found = format!(
            "FROM crawls c LEFT JOIN crawled_pages p ON p.id = c.page WHERE {which} \
             AND ({search} IS NULL OR instr(lower(p.hostname || p.path), {search}) > 0)"
        );
        let total: i64 =
            self.sql.one(&format!("SELECT count(DISTINCT c.page) {found}"), parameters.values())?.next()?;
        let (limit, offset) = (parameters.bind(asked.limit), parameters.bind(asked.offset));
        let rows = self.sql.rows(
            &format!(
                "SELECT p.hostname, p.path, sum(c.count), sum(iif(c.is_verified, c.count, 0)), \
                 sum(iif(c.status >= 400, c.count, 0)), max(c.last) {found} \
                 GROUP BY c.page ORDER BY 3 DESC, c.page LIMIT {limit} OFFSET {offset}"
            ),
            parameters.values(),
        )?;
        let of_page = |mut row: crate::sql::Row| {
            let (hostname, path): (Option<String>, Option<String>) = (row.next()?, row.next()?);
            let page = hostname.zip(path);
            let (requests, verified, errors) = (row.next()?, row.next()?, row.next()?);
            Ok(OfPage { page, requests, verified, errors, last: row.next()? })
        };
        Ok(PagesOfCrawlers { pages: rows.into_iter().map(of_page).collect::<Result<_, Error>>()?, total })
    }
}

impl WhichCrawls {
    /// The condition on rows of `crawls`.
    fn condition(&self, parameters: &mut Parameters) -> String {
        // The first slot that begins in the range, and the last one.
        let first = parameters.bind(-(-self.span.from).div_euclid(SLOT_MS));
        let last = parameters.bind(self.span.to.div_euclid(SLOT_MS));
        let mut condition = format!("slot BETWEEN {first} AND {last}");
        if let Some(crawlers) = &self.crawlers {
            condition.extend([" AND crawler IN ", &parameters.bind_list(crawlers)]);
        }
        if let Some(is_verified) = self.is_verified {
            condition.extend([" AND is_verified = ", &parameters.bind(is_verified)]);
        }
        condition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill::Filling;
    use crate::memory::Memory;

    /// 2026-05-21T00:00:00Z.
    const START: i64 = 1_779_321_600_000;
    const ALL: Span = Span { from: 0, to: START * 2 };

    fn site() -> Site<Memory> {
        Site::open(Memory::default(), || Ok([7; 32])).unwrap()
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(START + minutes * 60_000)
    }

    fn crawl(crawler: &str, path: &str) -> Crawl {
        Crawl {
            crawler: crawler.to_owned(),
            is_verified: false,
            page: Some(("example.com".to_owned(), path.to_owned())),
            status: 200,
            token_hash: None,
            month: 676,
            most: 1_000_000,
            dropped: 0,
        }
    }

    fn record(site: &Site<Memory>, minutes: i64, crawl: &Crawl) -> Recorded {
        site.record_crawl(crawl, at(minutes)).unwrap()
    }

    fn of(span: Span) -> WhichCrawls {
        WhichCrawls { span, crawlers: None, is_verified: None }
    }

    fn report(site: &Site<Memory>, which: WhichCrawls, starts: &[i64]) -> Crawled {
        site.crawled(&CrawlReport { which, starts: starts.to_vec() }).unwrap()
    }

    fn counts(crawled: &Crawled) -> Vec<(&str, i64, i64)> {
        crawled.crawlers.iter().map(|one| (one.crawler.as_str(), one.requests, one.verified)).collect()
    }

    fn rows(site: &Site<Memory>, table: &str) -> i64 {
        site.sql().one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().next().unwrap()
    }

    #[test]
    fn requests_are_counted_by_crawler_bucket_and_page() {
        let site = site();
        for (minutes, crawler, path) in
            [(0, "gptbot", "/"), (14, "gptbot", "/"), (15, "gptbot", "/a"), (59, "bingbot", "/a"), (60, "gptbot", "/b")]
        {
            assert_eq!(record(&site, minutes, &crawl(crawler, path)), Recorded::Counted);
        }
        record(&site, 61, &Crawl { is_verified: true, status: 404, page: None, ..crawl("gptbot", "/") });
        let all = || of(ALL);
        let hours = [START, START + 3_600_000];
        let found = report(&site, all(), &hours);
        assert_eq!(counts(&found), [("gptbot", 5, 1), ("bingbot", 1, 0)]);
        assert_eq!((found.crawlers[0].last, &found.buckets[..]), (at(61), &[4, 2][..]));
        let hour = Span { from: START, to: START + 3_599_999 };
        assert_eq!(counts(&report(&site, of(hour), &[])), [("gptbot", 3, 0), ("bingbot", 1, 0)]);
        let only = WhichCrawls { crawlers: Some(vec!["bingbot".to_owned()]), ..all() };
        assert_eq!(report(&site, only, &hours).buckets, [1, 0]);
        for (is_verified, number) in [(true, 1), (false, 5)] {
            let which = WhichCrawls { is_verified: Some(is_verified), ..all() };
            assert_eq!(report(&site, which, &hours).buckets.iter().sum::<i64>(), number);
        }
        let pages = |search: Option<&str>, limit, offset| {
            let search = search.map(str::to_owned);
            let found = site.crawled_pages(&CrawledPages { which: all(), search, limit, offset }).unwrap();
            let pages = found.pages.into_iter().map(|one| (one.page.map(|page| page.1), one.requests, one.errors));
            (pages.collect::<Vec<_>>(), found.total)
        };
        let page = |path: &str, requests| (Some(path.to_owned()), requests, 0);
        assert_eq!(pages(None, 10, 0), (vec![page("/", 2), page("/a", 2), (None, 1, 1), page("/b", 1)], 4));
        assert_eq!(pages(None, 1, 1), (vec![page("/a", 2)], 4));
        assert_eq!(pages(Some("example.com/b"), 10, 0), (vec![page("/b", 1)], 1));
        assert_eq!(pages(Some("%"), 10, 0), (vec![], 0));
    }

    #[test]
    fn a_range_counts_the_quarters_that_begin_in_it() {
        let site = site();
        for minutes in [0, 20, 40] {
            record(&site, minutes, &crawl("gptbot", "/"));
        }
        let count = |from: i64, to: i64| {
            let span = Span { from: START + from, to: START + to };
            report(&site, of(span), &[]).crawlers.first().map_or(0, |one| one.requests)
        };
        assert_eq!(count(0, SLOT_MS - 1), 1);
        assert_eq!(count(1, SLOT_MS), 1);
        assert_eq!(count(SLOT_MS + 1, 2 * SLOT_MS), 1);
        assert_eq!(count(1, SLOT_MS - 1), 0);
    }

    #[test]
    fn settings_decide_what_is_counted_and_shown() {
        let site = site();
        let change = |change: BotChange| site.change_bots(&change).unwrap();
        let settings = || site.bot_state().unwrap().0.settings;
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        change(BotChange {
            exclude: names(&["gptbot", "bingbot", "gptbot"]),
            include: names(&["bingbot"]),
            ..BotChange::default()
        });
        assert_eq!(settings().excluded_crawlers, ["gptbot"]);
        assert_eq!(record(&site, 0, &crawl("gptbot", "/")), Recorded::Excluded);
        assert_eq!(record(&site, 0, &crawl("bingbot", "/")), Recorded::Counted);
        change(BotChange {
            excluded_crawlers: Some(Vec::new()),
            hidden_crawlers: Some(names(&["bingbot"])),
            ..BotChange::default()
        });
        record(&site, 0, &crawl("gptbot", "/"));
        let found = report(&site, of(ALL), &[0]);
        assert_eq!(
            (found.crawlers.len(), found.buckets),
            (2, vec![1]),
            "what is hidden is in no chart, and in every list"
        );
        change(BotChange { verified_only: Some(true), ..BotChange::default() });
        assert_eq!(record(&site, 0, &crawl("gptbot", "/")), Recorded::Unverified);
        assert_eq!(record(&site, 0, &Crawl { is_verified: true, ..crawl("gptbot", "/") }), Recorded::Counted);
        assert_eq!(settings().hidden_crawlers, ["bingbot"], "what is not named stays");
    }

    #[test]
    fn a_token_is_required_once_there_is_one_and_an_old_one_is_worth_nothing() {
        let site = site();
        let token = |change: TokenChange| site.change_bot_token(&change, at(0)).unwrap();
        let of = |hash: &str| (hash.to_owned(), format!("dfbot_{hash}"));
        let require = || BotChange { require_token: Some(true), ..BotChange::default() };
        let sent = |hash: Option<&str>| Crawl { token_hash: hash.map(str::to_owned), ..crawl("gptbot", "/") };
        assert_eq!(site.change_bots(&require()).unwrap(), BotsAnswer::Refused);
        let (hash, display) = of("1");
        assert_eq!(token(TokenChange::Rotate { hash: hash.clone(), display: display.clone() }), BotsAnswer::Refused);
        assert_eq!(token(TokenChange::Delete), BotsAnswer::Refused);
        assert!(matches!(
            token(TokenChange::Create { hash: hash.clone(), display: display.clone() }),
            BotsAnswer::State(_)
        ));
        assert_eq!(token(TokenChange::Create { hash, display }), BotsAnswer::Refused);
        assert_eq!(record(&site, 0, &sent(None)), Recorded::Counted, "not required yet");
        assert!(matches!(site.change_bots(&require()).unwrap(), BotsAnswer::State(_)));
        assert_eq!(record(&site, 0, &sent(None)), Recorded::Unauthorized);
        assert_eq!(record(&site, 0, &sent(Some("2"))), Recorded::Unauthorized);
        assert_eq!(record(&site, 0, &sent(Some("1"))), Recorded::Counted);
        let (hash, display) = of("2");
        token(TokenChange::Rotate { hash, display });
        assert_eq!(record(&site, 0, &sent(Some("1"))), Recorded::Unauthorized);
        assert_eq!(record(&site, 0, &sent(Some("2"))), Recorded::Counted);
        token(TokenChange::Delete);
        let (state, hash) = site.bot_state().unwrap();
        assert_eq!((state.token, state.settings.require_token, hash), (None, false, None));
        assert_eq!(record(&site, 0, &sent(None)), Recorded::Counted);
    }

    #[test]
    fn a_month_takes_so_many_and_the_next_one_as_many_again() {
        let site = site();
        let sent = |month, dropped| Crawl { most: 2, month, dropped, ..crawl("gptbot", "/") };
        let recorded: Vec<_> = (0..4).map(|_| record(&site, 0, &sent(676, 0))).collect();
        assert_eq!(recorded, [Recorded::Counted, Recorded::Counted, Recorded::Full, Recorded::Full]);
        assert_eq!(record(&site, 0, &sent(676, 10)), Recorded::Full);
        assert_eq!(record(&site, 0, &sent(677, 5)), Recorded::Counted);
        assert_eq!(site.bot_usage(676).unwrap(), BotUsage { counted: 2, dropped: 13 });
        assert_eq!(site.bot_usage(677).unwrap(), BotUsage { counted: 1, dropped: 5 });
        assert_eq!(site.bot_usage(678).unwrap(), BotUsage::default());
    }

    #[test]
    fn a_full_store_takes_no_requests_and_counts_none() {
        let site = site();
        site.filling.set(Filling { now: Fill::Full, rests: 10, ..Filling::default() });
        assert_eq!(record(&site, 0, &crawl("gptbot", "/")), Recorded::NoRoom);
        assert_eq!((rows(&site, "crawls"), site.bot_usage(676).unwrap()), (0, BotUsage::default()));
    }

    #[test]
    fn strangers_cannot_make_pages_without_end_and_old_ones_are_forgotten() {
        let site = site();
        for number in 0..MOST_PAGES + 5 {
            record(&site, 0, &crawl("gptbot", &format!("/{number}")));
        }
        assert_eq!((rows(&site, "crawled_pages"), rows(&site, "crawls")), (MOST_PAGES, MOST_PAGES + 1));
        let day = 24 * 60;
        record(&site, day, &crawl("gptbot", "/0"));
        record(&site, (KEPT_DAYS + 1) * day, &crawl("gptbot", "/new"));
        assert_eq!((rows(&site, "crawled_pages"), rows(&site, "crawls")), (2, 2), "yesterday's page, and the new one");
        let counted = "SELECT value FROM meta WHERE key = 'crawled_pages'";
        assert_eq!(site.sql().one(counted, &[]).unwrap().next::<i64>().unwrap(), 2, "there is room again");
        assert_eq!(rows(&site, "meta WHERE key = 'crawls_day'"), 1);
    }
}
