//! The source of exchange rates: KV by day, refreshed by cron from `EXCHANGE_RATES_URL`; the built-in table where there
//! are none.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::platform::config::Config;
use crate::platform::{Platform, PlatformError};
use sluice_money::Rates;
use sluice_values::Timestamp;

/// The most days that an isolate caches.
const MOST_DAYS: usize = 64;
/// How long the rates of a day may be served from KV's cache, in seconds.
const CACHED_SECS: u64 = 3_600;
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
    Ok(platform.key_value().get(key, CACHED_SECS).await?.and_then(|json| Rates::parse(&json).ok()))
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
    let answer = platform.outgoing().fetch_text(&url.replace("{date}", &today)).await?;
    let rates = Rates::parse(&answer).map_err(|error| PlatformError::new(format!("{url}: {error}")))?;
    let json = rates.to_json();
    store.put_for(&key_of(&today), &json, KEPT_SECS).await?;
    store.put(&[NEWEST], &json).await
}
