//! What the edge needs to know about a website for every event: read from KV, which may be a minute behind.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::website::{COLUMNS, Row, Settings, Website};
use crate::platform::database::{Batch, sql};
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{Hostname, Timestamp, WebsiteId};

/// How long an isolate caches a configuration, in milliseconds. Together with KV's own 30 seconds, a change takes
/// effect within a minute (docs/contract/reports.md#17).
const REMEMBERED_MS: i64 = 20_000;
/// How long KV may serve a value from its cache, in seconds: the shortest that it allows.
pub const CACHED_SECS: u64 = 30;
/// The bytes of configurations, as JSON, that an isolate caches at most; then its cache is emptied.
const MOST_BYTES: usize = 8 << 20;
/// What an entry of the cache takes at least.
const ENTRY_BYTES: usize = 512;

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
        owns(&self.domain, &self.settings.allowed_hostnames, host)
    }
}

/// Whether a host is a website's domain, or one of its other hosts, or lies below one.
pub fn owns(domain: &str, allowed: &[Hostname], host: &str) -> bool {
    let domain = domain.strip_prefix("www.").unwrap_or(domain);
    let allowed = allowed.iter().map(Hostname::normal);
    allowed.chain([domain]).any(|root| is_below(host, root.strip_prefix("www.").unwrap_or(root)))
}

fn is_below(host: &str, root: &str) -> bool {
    host.strip_suffix(root).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

thread_local! {
    static REMEMBERED: RefCell<Remembered> = RefCell::default();
}

/// Configurations by id, each with the time when it was read. `None` is a website that does not exist.
#[derive(Default)]
struct Remembered {
    entries: HashMap<String, (Timestamp, Option<Configuration>)>,
    bytes: usize,
}

impl Remembered {
    fn get(&self, id: &str) -> Option<&(Timestamp, Option<Configuration>)> {
        self.entries.get(id)
    }

    fn insert(&mut self, id: &str, now: Timestamp, found: Option<Configuration>) {
        if let Some((_, replaced)) = self.entries.remove(id) {
            self.bytes -= bytes_of(id, replaced.as_ref());
        }
        let bytes = bytes_of(id, found.as_ref());
        if self.bytes + bytes > MOST_BYTES {
            *self = Self::default();
        }
        self.bytes += bytes;
        self.entries.insert(id.to_owned(), (now, found));
    }
}

/// What an entry of the cache takes, about.
fn bytes_of(id: &str, found: Option<&Configuration>) -> usize {
    let json = found.and_then(|found| serde_json::to_string(found).ok());
    ENTRY_BYTES + id.len() + json.map_or(0, |json| json.len())
}

/// Finds the website with this tracking id or website id.
pub async fn find(platform: &Platform, id: &str, now: Timestamp) -> Result<Option<Configuration>, PlatformError> {
    let is_fresh = |at: &Timestamp| now.as_millis() - at.as_millis() < REMEMBERED_MS;
    let known =
        REMEMBERED.with_borrow(|known| known.get(id).filter(|(at, _)| is_fresh(at)).map(|(_, found)| found.clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let found = match in_key_value(platform, id).await {
        Ok(Some(found)) => Some(found),
        // KV may not have a new website here yet.
        Ok(None) => stored(platform, id).await?,
        Err(error) => {
            // No event is lost with KV: an old configuration is better than none.
            log::failure("tracking settings", id, &error.to_string());
            match REMEMBERED.with_borrow(|known| known.get(id).and_then(|(_, found)| found.clone())) {
                Some(old) => Some(old),
                None => stored(platform, id).await?,
            }
        }
    };
    REMEMBERED.with_borrow_mut(|known| known.insert(id, now, found.clone()));
    Ok(found)
}

async fn in_key_value(platform: &Platform, id: &str) -> Result<Option<Configuration>, PlatformError> {
    let json = platform.key_value().get(id, CACHED_SECS).await?;
    let read = |json: String| serde_json::from_str(&json).map_err(|error| PlatformError::new(format!("KV: {error}")));
    json.map(read).transpose()
}

/// Writes the configuration to KV after a change was stored. A failure is logged: the change stands, and cron writes it
/// again.
pub(super) async fn write_through_later(platform: &Platform, id: WebsiteId, website: Website) {
    if let Err(error) = write_through(platform, id, website).await {
        log::failure("tracking settings", &id.to_string(), &error.to_string());
    }
}

/// Writes the configuration to KV, under both of the website's ids.
async fn write_through(platform: &Platform, id: WebsiteId, website: Website) -> Result<(), PlatformError> {
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

/// How long after a change cron writes it to KV again, in milliseconds: of two concurrent changes the earlier may have been
/// written last.
const SETTLING_MS: i64 = 5_000;

/// The most websites whose changes one cron run writes again: each takes two of the 1,000 operations of an invocation.
const SETTLED_AT_ONCE: u32 = 200;

/// A website whose last change has not been written again.
#[derive(Deserialize)]
struct Unsettled {
    #[serde(flatten)]
    row: Row,
    tracking_changed_at: Timestamp,
}

/// Writes changes to KV once more, oldest first. What fails is logged and left for the next run.
pub async fn settle(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let unsettled = sql(format!(
        "SELECT {COLUMNS}, tracking_changed_at FROM websites WHERE tracking_settled = 0 AND tracking_changed_at <= ?1 \
         ORDER BY tracking_changed_at LIMIT ?2"
    ))
    .bind(now.plus_millis(-SETTLING_MS))
    .bind(SETTLED_AT_ONCE);
    let mut settled = Batch::new();
    for Unsettled { row, tracking_changed_at } in platform.database().rows(unsettled).await? {
        let id = row.id;
        let written = match Website::try_from(row) {
            Ok(website) => write_through(platform, id, website).await,
            Err(error) => {
                // It can be read no better in the next run, where it would stand before all others.
                log::failure("cron", "tracking settings", &error.to_string());
                Ok(())
            }
        };
        match written {
            // A later change is written again by a later run.
            Ok(()) => settled.run(
                sql("UPDATE websites SET tracking_settled = 1 WHERE id = ?1 AND tracking_changed_at = ?2")
                    .bind(id)
                    .bind(tracking_changed_at),
            ),
            Err(error) => log::failure("cron", "tracking settings", &error.to_string()),
        }
    }
    platform.database().run(settled).await.map(|_| ())
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
    use crate::platform::memory::Memory;
    use crate::platform::memory_database::Memory as Database;
    use futures_util::FutureExt;

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

    fn platform() -> (std::rc::Rc<Memory>, Platform) {
        let memory = std::rc::Rc::new(Memory::new(Database::with_website(), Timestamp::from_millis(1_000_000)));
        (memory.clone(), Platform::in_memory(memory))
    }

    const WEBSITE: &str = "0000000000000000000000d1";

    #[test]
    fn an_outage_of_kv_loses_no_event() {
        let (memory, platform) = platform();
        let find = |id: &str| find(&platform, id, platform.now()).now_or_never().unwrap();
        memory.kv_is_down.set(true);
        assert_eq!(find(WEBSITE).unwrap().unwrap().domain, "example.com", "D1 has it");
        // After days, with D1 down too, what the isolate remembers counts.
        memory.advance(7 * 86_400_000);
        memory.database.execute("ALTER TABLE websites RENAME TO elsewhere");
        assert_eq!(find(WEBSITE).unwrap().unwrap().domain, "example.com");
        assert!(find("dfid_never_seen").is_err());
    }

    #[test]
    fn what_kv_holds_and_nobody_can_read_is_read_from_the_database() {
        let (_, platform) = platform();
        platform.key_value().put(&["t"], "{}").now_or_never().unwrap().unwrap();
        let found = find(&platform, "t", platform.now()).now_or_never().unwrap();
        assert_eq!(found.unwrap().unwrap().domain, "example.com");
    }

    #[test]
    fn cron_writes_each_change_once_more_and_goes_on_after_a_failure() {
        let (memory, platform) = platform();
        let settle = || settle(&platform, platform.now()).now_or_never().unwrap().unwrap();
        let unsettled = || {
            let rows = sql("SELECT count(*) AS n FROM websites WHERE tracking_settled = 0");
            memory.database.batch::<serde_json::Value>(&[rows]).unwrap().remove(0).remove(0)["n"].as_i64().unwrap()
        };
        memory.database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
             INSERT INTO websites (id, owner_id, domain, tracking_id, timezone, currency, created_at,
               tracking_changed_at, tracking_settled) SELECT printf('%023xf', i), 'a', 'd' || i, 't' || i, 'UTC',
               'USD', 0, i, 0 FROM n; UPDATE websites SET settings = '[' WHERE domain = 'd1'",
        );
        memory.kv_is_down.set(true);
        settle();
        assert_eq!(unsettled(), 299, "the unreadable one is put aside");
        memory.kv_is_down.set(false);
        settle();
        assert_eq!(unsettled(), 99);
        settle();
        assert_eq!(unsettled(), 0);
        let written = platform.key_value().get("t300", CACHED_SECS).now_or_never().unwrap().unwrap();
        assert!(written.unwrap().contains("d300"));
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

    #[test]
    fn an_isolate_caches_a_bounded_number_of_bytes_however_long_settings_are() {
        let long =
            with(serde_json::from_value(serde_json::json!({ "excludedPaths": vec!["/x".repeat(100); 500] })).unwrap());
        let length = serde_json::to_string(&long).unwrap().len();
        let mut cache = Remembered::default();
        for number in 0..100_usize {
            let id = number.to_string();
            for _ in 0..2 {
                cache.insert(&id, Timestamp::from_millis(0), Some(long.clone()));
            }
            assert!(cache.get(&id).is_some());
            assert!(cache.entries.len() * length <= MOST_BYTES, "{number}");
            assert_eq!(
                cache.bytes,
                cache.entries.iter().map(|(id, (_, found))| bytes_of(id, found.as_ref())).sum::<usize>()
            );
        }
        for number in 0..20_000_usize {
            cache.insert(&format!("unknown {number}"), Timestamp::from_millis(0), None);
        }
        assert!(cache.entries.len() * ENTRY_BYTES <= MOST_BYTES);
    }
}
