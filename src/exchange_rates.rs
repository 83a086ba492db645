//! The source of exchange rates: KV by day, refreshed by cron from `EXCHANGE_RATES_URL`; the built-in table where there
//! are none.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::platform::config::Config;
use crate::platform::outgoing::Ask;
use crate::platform::{Platform, PlatformError};
use sluice_money::Rates;
use sluice_values::Timestamp;

/// The most days that an isolate caches.
const MOST_DAYS: usize = 64;
/// How long the rates of a day may be served from KV's cache, in seconds.
const CACHED_SECS: u64 = 3_600;
/// The same where something waits for them.
const SOON_SECS: u64 = 60;
/// How long cron waits after a failed refresh, in seconds.
const PAUSE_SECS: u64 = 3_600;
/// How long the rates of a day are stored, in seconds: about ten years.
const KEPT_SECS: u64 = 10 * 366 * 86_400;

thread_local! {
    static REMEMBERED: RefCell<BTreeMap<String, Rates>> = RefCell::default();
}

/// The rates of the day of `moment`; failing that, the newest; failing that, the built-in ones.
pub async fn rates(platform: &Platform, moment: Timestamp) -> Result<Rates, PlatformError> {
    let day = day_of(moment);
    if let Some(known) = REMEMBERED.with_borrow(|known| known.get(&day).cloned()) {
        return Ok(known);
    }
    for key in [key_of(&day), NEWEST.to_owned()] {
        if let Some(rates) = stored(platform, &key).await? {
            // The rates of the day itself never change again.
            if key != NEWEST {
                remember(&day, &rates);
            }
            return Ok(rates);
        }
    }
    Ok(Rates::fallback().clone())
}

/// A day that ended so long ago has its rates, or the source will never have any, in milliseconds.
const SETTLED_MS: i64 = 3 * 86_400_000;
/// How long a day is not asked for again after the source had nothing, in seconds.
const DAY_PAUSE_SECS: u64 = 600;
/// How long a day counts as one that the source does not have, in seconds.
const ABSENT_SECS: u64 = 30 * 86_400;
const SOURCE_TIMEOUT_MS: u64 = 10_000;
const LONGEST_ANSWER: usize = 1 << 20;

/// The rates of the day of `moment`, fetched from the source if they are not stored. `None` while they may still come: what
/// they are for waits. Days that the source does not go back to have the newest.
pub async fn of_day(platform: &Platform, moment: Timestamp, now: Timestamp) -> Result<Option<Rates>, PlatformError> {
    let (day, store) = (day_of(moment), platform.key_value());
    if let Some(known) = REMEMBERED.with_borrow(|known| known.get(&day).cloned()) {
        return Ok(Some(known));
    }
    if let Some(rates) = stored_within(platform, &key_of(&day), SOON_SECS).await? {
        remember(&day, &rates);
        return Ok(Some(rates));
    }
    let Some(url) = source(&platform.config()) else { return Ok(Some(Rates::fallback().clone())) };
    let is_settled = moment.as_millis() < now.as_millis() - SETTLED_MS;
    let (absent, paused) = (format!("rates:absent:{day}"), format!("rates:paused:{day}"));
    if is_settled && (!url.contains(DATE) || store.get(&absent, SOON_SECS).await?.is_some()) {
        return newest(platform).await.map(Some);
    }
    if store.get(&paused, SOON_SECS).await?.is_some() {
        return Ok(None);
    }
    // Set first, so that the source is not asked for each payment whatever fails.
    store.put_for(&paused, "1", DAY_PAUSE_SECS).await?;
    let ask = Ask {
        method: "GET",
        url: &url.replace(DATE, &day),
        headers: Vec::new(),
        body: None,
        timeout_ms: SOURCE_TIMEOUT_MS,
        longest_answer: LONGEST_ANSWER,
    };
    match platform.outgoing().ask(ask).await {
        Ok(answer) if answer.status == 200 => {
            let rates = Rates::parse(&answer.body).map_err(|error| PlatformError::new(format!("{url}: {error}")))?;
            store.put_for(&key_of(&day), &rates.to_json(), KEPT_SECS).await?;
            remember(&day, &rates);
            Ok(Some(rates))
        }
        Ok(answer) if is_settled && matches!(answer.status, 400..=428 | 430..=499) => {
            store.put_for(&absent, "1", ABSENT_SECS).await?;
            newest(platform).await.map(Some)
        }
        _ => Ok(None),
    }
}

async fn newest(platform: &Platform) -> Result<Rates, PlatformError> {
    Ok(stored(platform, NEWEST).await?.unwrap_or_else(|| Rates::fallback().clone()))
}

/// The most days whose rates an import looks up: an invocation has 1,000 operations on KV.
const MOST_LOOKUPS: usize = 400;

/// The rates of many days, each looked up once.
#[derive(Default)]
pub struct RatesOfDays {
    /// `None` for a day without rates of its own.
    days: BTreeMap<String, Option<Rates>>,
    newest: Option<Rates>,
}

impl RatesOfDays {
    /// The rates of the day of `moment`, as [`rates`] finds them. After too many days, those of the last day before it that
    /// has been looked up.
    pub async fn of(&mut self, platform: &Platform, moment: Timestamp) -> Result<Rates, PlatformError> {
        let day = day_of(moment);
        if !self.days.contains_key(&day) && self.days.len() < MOST_LOOKUPS {
            let found = stored(platform, &key_of(&day)).await?;
            self.days.insert(day.clone(), found);
        }
        let known = match self.days.get(&day) {
            Some(known) => known.as_ref(),
            None => self.days.range(..day).rev().find_map(|(_, known)| known.as_ref()),
        };
        if let Some(known) = known {
            return Ok(known.clone());
        }
        if self.newest.is_none() {
            self.newest = stored(platform, NEWEST).await?;
        }
        Ok(self.newest.get_or_insert_with(|| Rates::fallback().clone()).clone())
    }
}

async fn stored(platform: &Platform, key: &str) -> Result<Option<Rates>, PlatformError> {
    stored_within(platform, key, CACHED_SECS).await
}

async fn stored_within(platform: &Platform, key: &str, cached_secs: u64) -> Result<Option<Rates>, PlatformError> {
    Ok(platform.key_value().get(key, cached_secs).await?.and_then(|json| Rates::parse(&json).ok()))
}

// The rates of each day are stored in KV for years, under `rates:` and the day, in the form that `Rates::to_json` writes:
// a form that `Rates::parse` once read is read for ever.
const NEWEST: &str = "rates:newest";
const PAUSED: &str = "rates:paused";

fn key_of(day: &str) -> String {
    format!("rates:{day}")
}

fn day_of(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

fn remember(day: &str, rates: &Rates) {
    REMEMBERED.with_borrow_mut(|known| {
        if known.len() >= MOST_DAYS {
            known.clear();
        }
        known.insert(day.to_owned(), rates.clone());
    });
}

/// What stands for the day in the source's address.
const DATE: &str = "{date}";

/// `EXCHANGE_RATES_URL`: the source, with `{date}` for the day; `None` if rates are not fetched.
fn source(config: &Config) -> Option<String> {
    config.text("EXCHANGE_RATES_URL").filter(|url| url != "none")
}

/// Fetches today's rates unless they are stored already.
pub async fn refresh(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let Some(url) = source(&platform.config()) else { return Ok(()) };
    let (today, store) = (day_of(now), platform.key_value());
    if store.get(&key_of(&today), CACHED_SECS).await?.is_some() || store.get(PAUSED, 60).await?.is_some() {
        return Ok(());
    }
    // Set first, so that the source is not asked every minute whatever fails.
    store.put_for(PAUSED, "1", PAUSE_SECS).await?;
    let answer = platform.outgoing().fetch_text(&url.replace(DATE, &today)).await?;
    let rates = Rates::parse(&answer).map_err(|error| PlatformError::new(format!("{url}: {error}")))?;
    let json = rates.to_json();
    store.put_for(&key_of(&today), &json, KEPT_SECS).await?;
    store.put(&[NEWEST], &json).await
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::platform::outgoing::Sent;
    use sluice_values::Currency;

    const DAY_MS: i64 = 86_400_000;
    const NOW: i64 = 1_795_860_000_000;

    /// Days before now, and what the source answers for them: a rate of the euro, or a status.
    fn platform(url: &str, serve: fn(&str) -> Result<&'static str, u16>) -> (Rc<Memory>, Platform) {
        let memory = Memory::new(Database::default(), Timestamp::from_millis(NOW)).with("EXCHANGE_RATES_URL", url);
        memory.serve(move |request| {
            let (status, body) = match serve(&request.url) {
                Ok(eur) => (200, format!(r#"{{"date":"2026-01-01","usd":{{"eur":{eur}}}}}"#)),
                Err(status) => (status, String::new()),
            };
            Sent::Answered { status, retry_after: None, body: body.into_bytes() }
        });
        let memory = Rc::new(memory);
        (memory.clone(), Platform::in_memory(memory))
    }

    async fn worth(platform: &Platform, days_ago: i64) -> Option<i64> {
        REMEMBERED.with_borrow_mut(BTreeMap::clear);
        let (eur, usd): (Currency, Currency) = ("EUR".parse().unwrap(), "USD".parse().unwrap());
        let moment = Timestamp::from_millis(NOW - days_ago * DAY_MS);
        of_day(platform, moment, platform.now())
            .await
            .unwrap()
            .map(|rates| rates.convert(100, eur.iso(), usd.iso()).unwrap())
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_day_has_its_own_rates_and_is_asked_for_once() {
        let (memory, platform) = platform("https://rates.example/{date}", |url| {
            Ok(if url.ends_with("2026-11-28") { "0.5" } else { "0.25" })
        });
        assert_eq!([worth(&platform, 0).await, worth(&platform, 400).await], [Some(200), Some(400)]);
        assert_eq!([worth(&platform, 0).await, worth(&platform, 400).await], [Some(200), Some(400)]);
        let asked: Vec<_> = memory.requests.take().into_iter().map(|request| request.url).collect();
        assert_eq!(asked, ["https://rates.example/2026-11-28", "https://rates.example/2025-10-24"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_paid_before_its_rates_are_there_waits_for_them() {
        let (memory, platform) = platform("https://rates.example/{date}", |_| Err(404));
        assert_eq!([worth(&platform, 0).await, worth(&platform, 0).await], [None, None]);
        assert_eq!(memory.requests.take().len(), 1, "not for each payment");
        memory.serve(|_| Sent::Answered {
            status: 200,
            retry_after: None,
            body: br#"{"date":"2026-11-28","usd":{"eur":0.5}}"#.to_vec(),
        });
        memory.values.borrow_mut().remove("rates:paused:2026-11-28");
        assert_eq!(worth(&platform, 0).await, Some(200));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn days_before_the_source_have_the_newest_and_a_source_that_is_down_is_waited_for() {
        let builtin = {
            let (_, platform) = platform("none", |_| Err(500));
            worth(&platform, 0).await.unwrap()
        };
        let (memory, gone) = platform("https://rates.example/{date}", |_| Err(404));
        assert_eq!([worth(&gone, 900).await, worth(&gone, 900).await], [Some(builtin), Some(builtin)]);
        assert_eq!(memory.requests.take().len(), 1);
        let (_, down) = platform("https://rates.example/{date}", |_| Err(503));
        assert_eq!(worth(&down, 900).await, None);
        let (memory, undated) = platform("https://rates.example/today", |_| Ok("0.5"));
        assert_eq!(worth(&undated, 900).await, Some(builtin));
        assert_eq!(memory.requests.take().len(), 0);
    }
}
