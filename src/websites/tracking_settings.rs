//! What the edge needs to know about a website for every event: read from KV, which may be a minute behind.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::website::{COLUMNS, Row, Settings, Website};
use crate::platform::database::sql;
use crate::platform::{Platform, PlatformError};
use sluice_values::{Hostname, Timestamp, WebsiteId};

/// How long an isolate caches a configuration, in milliseconds. Together with KV's own 30 seconds, a change takes
/// effect within a minute (docs/contract/reports.md#17).
const REMEMBERED_MS: i64 = 20_000;
/// How long KV may serve a value from its cache, in seconds: the shortest that it allows.
pub const CACHED_SECS: u64 = 30;
/// The most configurations that an isolate caches.
const MOST_REMEMBERED: usize = 10_000;

/// The settings of a website that decide about its events. Stored in KV as JSON, under the website's tracking id and its id,
/// and read by Workers of other releases: fields may be added with a default, none is renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    pub website_id: WebsiteId,
    /// The id that the tracking script sends.
    pub tracking_id: String,
    pub domain: String,
    #[serde(flatten)]
    pub settings: Settings,
}

impl Configuration {
    /// Whether a host is the website's domain, an allowed hostname, or a subdomain of one.
    pub fn owns(&self, host: &str) -> bool {
        let domain = self.domain.strip_prefix("www.").unwrap_or(&self.domain);
        let allowed = self.settings.allowed_hostnames.iter().map(Hostname::normal);
        allowed.chain([domain]).any(|root| is_below(host, root.strip_prefix("www.").unwrap_or(root)))
    }
}

fn is_below(host: &str, root: &str) -> bool {
    host.strip_suffix(root).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

thread_local! {
    static REMEMBERED: RefCell<HashMap<String, (Timestamp, Option<Configuration>)>> = RefCell::default();
}

/// Finds the website with this tracking id or website id.
pub async fn find(platform: &Platform, id: &str, now: Timestamp) -> Result<Option<Configuration>, PlatformError> {
    let is_fresh = |at: &Timestamp| now.as_millis() - at.as_millis() < REMEMBERED_MS;
    let known =
        REMEMBERED.with_borrow(|known| known.get(id).filter(|(at, _)| is_fresh(at)).map(|(_, found)| found.clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let found = match platform.key_value().get(id, CACHED_SECS).await? {
        Some(json) => Some(serde_json::from_str(&json).map_err(|error| PlatformError::new(format!("KV: {error}")))?),
        // KV may not have a new website here yet.
        None => stored(platform, id).await?,
    };
    REMEMBERED.with_borrow_mut(|known| {
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(id.to_owned(), (now, found.clone()));
    });
    Ok(found)
}

/// Writes the configuration to KV, under both of the website's ids.
pub(super) async fn write_through(platform: &Platform, id: WebsiteId, website: Website) -> Result<(), PlatformError> {
    let configuration = Configuration::of(id, website);
    let json = serde_json::to_string(&configuration).map_err(|error| PlatformError::new(error.to_string()))?;
    platform.key_value().put(&[&configuration.tracking_id, &id.to_string()], &json).await
}

/// Reads the configuration from the database, for a website that KV does not have yet.
async fn stored(platform: &Platform, name: &str) -> Result<Option<Configuration>, PlatformError> {
    let statement = sql(format!(
        "SELECT {COLUMNS} FROM websites WHERE tracking_id = ?1 \
             UNION ALL SELECT {COLUMNS} FROM websites WHERE id = ?1"
    ))
    .bind(name);
    let row = platform.database().rows::<Row>(statement).await?.into_iter().next();
    row.map(|row| Ok(Configuration::of(row.id, row.try_into()?))).transpose()
}

/// For how long after a change cron writes it to KV again, in milliseconds: of two concurrent changes the earlier may
/// have been written last.
const SETTLING_MS: i64 = 150_000;

/// Writes recent changes to KV again.
pub async fn settle(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let statement = sql(format!(
        "SELECT {COLUMNS} FROM websites WHERE tracking_changed_at > ?1 ORDER BY tracking_changed_at LIMIT 1000"
    ))
    .bind(now.plus_millis(-SETTLING_MS));
    for row in platform.database().rows::<Row>(statement).await? {
        write_through(platform, row.id, row.try_into()?).await?;
    }
    Ok(())
}

impl Configuration {
    pub(super) fn of(website_id: WebsiteId, website: Website) -> Self {
        Self { website_id, tracking_id: website.tracking_id, domain: website.domain, settings: website.settings }
    }
}

#[cfg(test)]
pub mod tests {
    //! Configurations for tests.

    use super::*;

    /// A website with nothing set.
    pub fn example() -> Configuration {
        Configuration {
            website_id: "665f0b3c4d2e1a0012345678".parse().unwrap(),
            tracking_id: "dfid_1".to_owned(),
            domain: "example.com".to_owned(),
            settings: Settings::default(),
        }
    }

    /// A website with these settings.
    pub fn with(settings: Settings) -> Configuration {
        Configuration { settings, ..example() }
    }

    #[test]
    fn a_configuration_without_a_setting_that_was_added_since_is_read() {
        let stored = r#"{"websiteId":"665f0b3c4d2e1a0012345678","trackingId":"dfid_1","domain":"example.com","isCookieless":true}"#;
        let expected = with(Settings { is_cookieless: true, ..Settings::default() });
        assert_eq!(serde_json::from_str::<Configuration>(stored).unwrap(), expected);
        let written = serde_json::to_value(&expected).unwrap();
        assert_eq!((&written["isCookieless"], &written["excludedIps"]), (&true.into(), &serde_json::json!([])));
    }

    #[test]
    fn a_website_owns_its_domain_and_all_below() {
        let website = with(Settings { allowed_hostnames: vec!["other.org".parse().unwrap()], ..Settings::default() });
        for host in ["example.com", "www.example.com", "a.b.example.com", "other.org", "shop.other.org"] {
            assert!(website.owns(host), "{host}");
        }
        for host in ["badexample.com", "example.com.evil.net", "com", "other.org.uk", ""] {
            assert!(!website.owns(host), "{host}");
        }
    }
}
