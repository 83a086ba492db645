//! `POST /api/ai-crawls`: what `@datafast/ai-crawl` and clients by hand send when a crawler has requested a page
//! (docs/contract/website-api.md#4.8). Who the crawler is follows from its user agent alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{allowance, catalogue, month_of, unexpected};
use crate::auth::failures::ClientAddress;
use crate::http::call::Call;
use crate::http::error::{Error, envelope};
use crate::http::input::{Bearer, Body};
use crate::http::reply::{Answer, Reply};
use crate::platform::incoming::Caller;
use crate::site;
use crate::tracking::admission::{Dropped, VisitorKey, admit_page, foreign_host};
use crate::tracking::{event_body, events, limit};
use sluice_engine::bots::{BotsAnswer, Crawl, Recorded};
use sluice_engine::protocol::Bots;
use sluice_values::{Timestamp, WebsiteId, hex};

/// The longest path of a page, in bytes; a request of a longer one is counted without its page.
pub const LONGEST_PATH: usize = 512;

// ---- What comes in

/// A request of a crawler. `referrer`, `ai.provider`, `ai.agent`, `ai.category` and `ai.source` may be sent, and decide nothing.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TrackCrawl")]
pub struct SentCrawl {
    /// The website's tracking id (`dfid_…`), or its id.
    website_id: String,
    /// The page's address.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    href: Json,
    ai: SentCrawler,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TrackCrawler")]
pub struct SentCrawler {
    user_agent: String,
    /// The crawler's address.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    ip: Json,
    /// The status that the request was answered.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    status_code: Json,
}

// ---- What goes out

/// What became of a request of a crawler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Counted,
    /// Why it is not counted, as `X-Sluice-Dropped` says it.
    Dropped(&'static str),
    /// The month has had as many as it takes.
    LimitReached {
        /// Seconds to wait.
        retry_after: i64,
    },
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CrawlAnswer")]
struct CrawlAnswer {
    /// Whether the request is counted; `X-Sluice-Dropped` says why not.
    accepted: bool,
}

impl Answer for Told {
    fn into_reply(self) -> Reply {
        match self {
            Self::Counted => Reply::json(200, &CrawlAnswer { accepted: true }),
            Self::Dropped(reason) => {
                Reply::json(200, &CrawlAnswer { accepted: false }).with_header("x-sluice-dropped", reason)
            }
            // The word that clients in the field know.
            Self::LimitReached { retry_after } => {
                let message =
                    "crawler_limit_reached: this website has had as many requests of crawlers as it counts this month";
                envelope(429, message.to_owned()).with_header("retry-after", retry_after.to_string())
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<CrawlAnswer>())
    }
}

// ---- Websites that count no more

/// How long an object that counts no more is left alone, in milliseconds.
const FULL_FOR_MS: i64 = 60_000;
/// The most of them that an isolate remembers.
const MOST_FULL: usize = 1_000;

thread_local! {
    /// When their objects may be asked again, and how many requests were left out until then.
    static FULL: RefCell<HashMap<WebsiteId, (Timestamp, i64)>> = RefCell::default();
}

/// How many requests of a website were left out since its object was asked last; `None` if it is not to be asked now.
fn left_out(website: WebsiteId, now: Timestamp) -> Option<i64> {
    FULL.with_borrow_mut(|full| {
        let Some((until, count)) = full.get_mut(&website) else { return Some(0) };
        if now < *until {
            *count += 1;
            return None;
        }
        full.remove(&website).map(|(_, count)| count)
    })
}

fn is_full(website: WebsiteId, now: Timestamp) {
    FULL.with_borrow_mut(|full| {
        if full.len() >= MOST_FULL {
            full.clear();
        }
        full.insert(website, (now.plus_millis(FULL_FOR_MS), 0));
    });
}

// ---- Handler

/// POST: counts a request of a crawler.
pub async fn take(
    call: Call,
    (Body(sent), (Bearer(bearer), caller)): (Body<SentCrawl>, (Bearer, Caller)),
) -> Result<Told, Error> {
    let (sender, now) = (ClientAddress::new(caller.address.as_deref()), call.now);
    let most = events::event_limit(&call.platform.config());
    let website = events::website_of(&call, &sent.website_id, &sender, most).await?;
    limit::count(&sender, &format!("crawls of {}", website.tracking_id), now, most).map_err(Error::RateLimited)?;
    let page = sent.href.as_str().map(event_body::page).transpose()?;
    if let Some(page) = &page {
        if foreign_host(&website, &VisitorKey::default(), page).is_some() {
            return Ok(Told::Dropped(Dropped::Hostname.as_str()));
        }
        if let Err(reason) = admit_page(&website, page) {
            return Ok(Told::Dropped(reason.as_str()));
        }
    }
    let Some(crawler) = catalogue::of_user_agent(&sent.ai.user_agent) else {
        return Ok(Told::Dropped("unknown-crawler"));
    };
    let ranges = call.platform.config().text("BOT_IP_RANGES");
    let ip = sent.ai.ip.as_str().and_then(|ip| ip.trim().parse::<IpAddr>().ok());
    let is_verified = ranges.zip(ip).is_some_and(|(ranges, ip)| catalogue::is_verified(&ranges, &crawler, ip));
    let (month, _, end) = month_of(now);
    let reached = Told::LimitReached { retry_after: (end.as_millis() - now.as_millis()) / 1000 + 1 };
    let Some(dropped) = left_out(website.website_id, now) else { return Ok(reached) };
    let crawl = Crawl {
        crawler: crawler.id.to_owned(),
        is_verified,
        page: page.filter(|page| page.path.len() <= LONGEST_PATH).map(|page| (page.hostname, page.path)),
        status: status(&sent.ai.status_code),
        token_hash: bearer.as_deref().and_then(token_hash),
        month,
        most: allowance(&call.platform.config()),
        dropped,
    };
    match site::ask(&call.platform, website.website_id, now, Bots::Record(crawl)).await? {
        BotsAnswer::Recorded(Recorded::Counted) => Ok(Told::Counted),
        BotsAnswer::Recorded(Recorded::Excluded) => Ok(Told::Dropped("excluded-crawler")),
        BotsAnswer::Recorded(Recorded::Unverified) => Ok(Told::Dropped("unverified")),
        BotsAnswer::Recorded(Recorded::NoRoom) => Ok(Told::Dropped(Dropped::Full.as_str())),
        BotsAnswer::Recorded(Recorded::Unauthorized) => {
            Err(Error::unauthorized("this website counts only requests that come with its dfbot_ token"))
        }
        BotsAnswer::Recorded(Recorded::Full) => {
            is_full(website.website_id, now);
            Ok(reached)
        }
        other => Err(unexpected(&other).into()),
    }
}

/// A status of HTTP; 0 for anything else.
fn status(sent: &Json) -> u16 {
    sent.as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..600).contains(status))
        .unwrap_or(0)
}

/// The hash of a `dfbot_` token in an `Authorization` header.
fn token_hash(header: &str) -> Option<String> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(super::settings::PREFIX))
        .then(|| hex(&Sha256::digest(token.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_status_or_token_counts_as_none() {
        for (sent, expected) in
            [("200", 200), ("599", 599), ("99", 0), ("600", 0), ("\"200\"", 0), ("null", 0), ("-1", 0), ("200.5", 0)]
        {
            assert_eq!(status(&serde_json::from_str(sent).unwrap()), expected, "{sent}");
        }
        // printf %s dfbot_x | sha256sum
        let hash = "029cbbf97d481bc8ef496a228fd5949adf0953b609a000f881b47bbb013bf66a";
        for (header, is_token) in [
            ("Bearer dfbot_x", true),
            ("bearer  dfbot_x ", true),
            ("Bearer dft_x", false),
            ("dfbot_x", false),
            ("", false),
        ] {
            assert_eq!(token_hash(header).as_deref(), is_token.then_some(hash), "{header}");
        }
    }

    #[test]
    fn an_object_that_counts_no_more_is_left_alone_for_a_minute() {
        let (one, other) = ("665f0b3c4d2e1a0012345678".parse().unwrap(), "665f0b3c4d2e1a0012345679".parse().unwrap());
        let at = Timestamp::from_millis;
        assert_eq!(left_out(one, at(0)), Some(0));
        is_full(one, at(0));
        assert_eq!(
            (left_out(one, at(1)), left_out(one, at(FULL_FOR_MS - 1)), left_out(other, at(1))),
            (None, None, Some(0))
        );
        assert_eq!(left_out(one, at(FULL_FOR_MS)), Some(2));
        assert_eq!(left_out(one, at(FULL_FOR_MS)), Some(0));
    }
}
