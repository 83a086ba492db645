//! The health check.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::auth::client::CredentialClient;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::config::MAX_DATABASE_MB;
use crate::platform::database::{Batch, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::websites::store_fill;
use sluice_engine::fill::Fill;
use sluice_values::Timestamp;

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Health {
    status: Ok,
    /// How full D1 is, if it is: `nearlyFull` from 80 % of its size, `full` from 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<Fill>,
    /// How many websites have a store that is that full, if any has.
    #[serde(skip_serializing_if = "Option::is_none")]
    websites: Option<Websites>,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Ok {
    Ok,
}

/// Reads [`store_fill::count`].
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
#[schemars(inline)]
struct Websites {
    nearly_full: u32,
    full: u32,
}

impl Answer for Health {
    fn into_reply(self) -> Reply {
        Reply::json(200, &self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<Self>())
    }
}

/// How long this isolate answers what it found last, in milliseconds: anybody may ask, and asking costs D1 and an object.
const FRESH_MS: i64 = 5_000;

thread_local! {
    static FOUND: RefCell<Option<(Timestamp, Health)>> = const { RefCell::new(None) };
}

/// Forgets what was found, so that the next check asks.
#[cfg(test)]
pub fn forget() {
    FOUND.take();
}

/// GET: 200 when D1 and the Durable Objects answer, or did so less than five seconds ago.
pub async fn get(call: Call, (): ()) -> Result<Health, Error> {
    if let Some(health) = FOUND.with_borrow(|found| fresh(found.as_ref(), call.now).cloned()) {
        return Ok(health);
    }
    let health = ask(&call).await?;
    FOUND.set(Some((call.now, health.clone())));
    Ok(health)
}

fn fresh(found: Option<&(Timestamp, Health)>, now: Timestamp) -> Option<&Health> {
    let is_fresh = |at: &Timestamp| (0..FRESH_MS).contains(&(now.as_millis() - at.as_millis()));
    found.filter(|(at, _)| is_fresh(at)).map(|(_, health)| health)
}

async fn ask(call: &Call) -> Result<Health, Error> {
    let mut batch = Batch::new();
    let websites = batch.read(store_fill::count());
    let results = call.platform.database().run(batch).await?;
    let size = results.database_size().unwrap_or_default();
    let database = Fill::of(size, call.platform.config().bytes(MAX_DATABASE_MB));
    CredentialClient::new(&call.platform).check().await?;
    Ok(Health {
        status: Ok::Ok,
        database: Some(database).filter(|fill| *fill > Fill::Ok),
        websites: results.first(&websites)?.filter(|websites: &Websites| websites.nearly_full + websites.full > 0),
    })
}

/// How often a database that is nearly full is logged.
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// Logs once an hour how full D1 is, if there is little room. Cron calls it every minute.
pub async fn log_database_size(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    if now.as_millis().rem_euclid(HOUR_MS) < MINUTE_MS {
        let size = platform.database().run(Batch::of(sql("SELECT 1"))).await?.database_size().unwrap_or_default();
        if let Some(warning) = warning(size, platform.config().bytes(MAX_DATABASE_MB)) {
            log::failure("cron", "size of the database", &warning);
        }
    }
    Ok(())
}

fn warning(size: i64, most: i64) -> Option<String> {
    let is_filled = Fill::of(size, most) > Fill::Ok;
    is_filled.then(|| format!("D1 uses {} % of its {} MB (MAX_DATABASE_MB)", size * 100 / most, most / 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_answered_for_five_seconds() {
        let found = (Timestamp::from_millis(10_000), Health { status: Ok::Ok, database: None, websites: None });
        let is_fresh = |now| fresh(Some(&found), Timestamp::from_millis(now)).is_some();
        assert!(is_fresh(10_000) && is_fresh(14_999) && !is_fresh(15_000));
        assert!(!is_fresh(9_999), "a clock that steps back");
        assert!(fresh(None, Timestamp::from_millis(0)).is_none());
    }

    #[test]
    fn a_database_that_is_nearly_full_is_logged() {
        assert_eq!(warning(7_999_999, 10_000_000), None);
        assert_eq!(warning(8_000_000, 10_000_000).unwrap(), "D1 uses 80 % of its 10 MB (MAX_DATABASE_MB)");
    }
}
