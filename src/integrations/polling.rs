//! Looks for the events of Stripe accounts that post none (docs/contract/providers.md#3.7).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::ask::Access;
use super::events::{Arrived, Name, Origin};
use super::failing;
use super::queue::{self, Hint};
use super::tokens::Sealed;
use crate::platform::config::PROVIDER_POLL_INTERVAL;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use sluice_providers::provider::Provider;
use sluice_providers::reading::Trouble;
use sluice_providers::stripe_pages::{events, events_request};
use sluice_values::{Id, Timestamp, WebsiteId};

/// How long a look may take before another one begins, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// The longest time between two looks, in seconds.
const LONGEST_INTERVAL_SECS: u32 = 3_600;
/// The most pages of one look.
const MOST_PAGES: u32 = 30;
/// Connections that one run of cron looks at.
const AT_ONCE: u32 = 20;

/// What a look goes on from. Stored in `integrations.poll_cursor`: fields may be added with a default, none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When the newest event happened that was found.
    since: Timestamp,
    /// Seconds until the next look.
    interval: u32,
}

impl Seen {
    /// After a look: the next one comes soon after one that found something, and else ever later.
    fn after(self, newest: Option<Timestamp>, shortest: u32) -> Self {
        match newest {
            Some(newest) => Self { since: newest.max(self.since), interval: shortest },
            None => Self {
                interval: (self.interval + self.interval / 2).clamp(shortest, LONGEST_INTERVAL_SECS.max(shortest)),
                ..self
            },
        }
    }
}

#[derive(Deserialize)]
struct Row {
    sealed_credentials: String,
    poll_cursor: Option<String>,
    connected_at: Timestamp,
}

#[derive(Deserialize)]
struct Due {
    website_id: WebsiteId,
}

fn select_due(now: Timestamp) -> Statement {
    sql("SELECT website_id FROM integrations WHERE poll_due_at <= ?1 ORDER BY poll_due_at LIMIT ?2")
        .bind(now)
        .bind(AT_ONCE)
}

/// Has the connections looked at whose turn it is.
pub async fn enqueue_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let due: Vec<Due> = platform.database().rows(select_due(now)).await?;
    let hints: Vec<(Hint, u32)> = due.into_iter().map(|due| (Hint::Poll(due.website_id), 0)).collect();
    queue::enqueue(platform, &hints).await;
    Ok(())
}

/// Looks for the events of a website's Stripe account.
pub async fn look(platform: &Platform, website: WebsiteId) -> Result<(), PlatformError> {
    let now = platform.now();
    let take =
        sql("UPDATE integrations SET poll_due_at = ?3 WHERE website_id = ?1 AND provider = ?2 AND poll_due_at <= ?4 \
                    RETURNING sealed_credentials, poll_cursor, connected_at")
        .bind(website)
        .bind(Provider::Stripe.name())
        .bind(now.plus_millis(LEASE_MS))
        .bind(now);
    let Some(row) = platform.database().rows::<Row>(take).await?.pop() else { return Ok(()) };
    let shortest = platform.config().cap(PROVIDER_POLL_INTERVAL);
    let seen = row.poll_cursor.as_deref().and_then(|cursor| serde_json::from_str(cursor).ok());
    let seen = seen.unwrap_or(Seen { since: row.connected_at, interval: shortest });
    let access = Access::open(platform, website, Provider::Stripe, &row.sealed_credentials, &Sealed::none())?;
    let (next, wait) = match all(platform, website, &access, seen.since).await? {
        Ok(newest) => {
            let next = seen.after(newest, shortest);
            (next, u64::from(next.interval))
        }
        Err(Trouble::Later { after_secs }) => {
            (seen, after_secs.unwrap_or(u64::from(shortest)).min(u64::from(LONGEST_INTERVAL_SECS)))
        }
        Err(refused) => {
            failing::refused(platform, (website, Provider::Stripe), &refused).await?;
            (seen, u64::from(LONGEST_INTERVAL_SECS))
        }
    };
    let cursor = serde_json::to_string(&next).map_err(|error| PlatformError::new(format!("cursor: {error}")))?;
    let due = platform.now().plus_millis(i64::try_from(wait).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000));
    let done = sql("UPDATE integrations SET poll_cursor = ?3, poll_due_at = ?4 \
                    WHERE website_id = ?1 AND provider = ?2 AND poll_due_at IS NOT NULL")
    .bind(website)
    .bind(Provider::Stripe.name())
    .bind(cursor)
    .bind(due);
    platform.database().run(Batch::of(done)).await.map(|_| ())
}

/// Stores all events since a time. Returns when the newest of those happened that are new here.
async fn all(
    platform: &Platform,
    website: WebsiteId,
    access: &Access,
    since: Timestamp,
) -> Result<Result<Option<Timestamp>, Trouble>, PlatformError> {
    let keyring = Keyring::from_config(&platform.config())?;
    let (mut newest, mut after, mut hints) = (None, None, Vec::new());
    for _ in 0..MOST_PAGES {
        let answer = access.ask(platform, &events_request(since, after.as_deref())).await;
        let page = match events(&answer) {
            Ok(page) => page,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let mut batch = Batch::new();
        let mut stored = Vec::with_capacity(page.events.len());
        for found in &page.events {
            let name = Name { website, provider: Provider::Stripe, key: found.key.clone() };
            let received_at = platform.now();
            let id = Id::new(received_at, platform.random()?);
            let arrived = Arrived {
                id,
                name: &name,
                origin: Origin::Poll,
                received_at,
                sealed_body: name.seal(&keyring, found.text.as_bytes(), platform.random()?)?,
                read: Ok(&found.envelope),
            };
            stored.push((batch.read::<IgnoredAny>(arrived.store()), id, found.envelope.happened_at));
        }
        let results = platform.database().run(batch).await?;
        for (row, id, happened_at) in stored {
            if results.first(&row)?.is_some() {
                hints.push((Hint::Event(id), 0));
                newest = newest.max(happened_at);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    queue::enqueue(platform, &hints).await;
    Ok(Ok(newest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_ever_later_until_something_is_found() {
        let at = Timestamp::from_millis;
        let mut seen = Seen { since: at(1_000), interval: 300 };
        let intervals: Vec<u32> = std::iter::repeat_with(|| {
            seen = seen.after(None, 300);
            seen.interval
        })
        .take(8)
        .collect();
        assert_eq!(intervals, [450, 675, 1012, 1518, 2277, 3415, 3600, 3600]);
        assert_eq!(seen.after(Some(at(5_000)), 300), Seen { since: at(5_000), interval: 300 });
        assert_eq!(seen.after(Some(at(500)), 300).since, at(1_000), "events are not told in order");
        assert_eq!(Seen { since: at(0), interval: 7_200 }.after(None, 7_200).interval, 7_200);
    }
}
