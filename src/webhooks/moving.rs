//! Moves messages and deliveries of earlier releases from D1 into the objects of their websites. They are sent from there:
//! what waits goes first. An object that gets a row twice keeps the first; the row is deleted from D1 after it was handed over,
//! so none is lost.

use std::collections::BTreeSet;

use sluice_values::ordered::Ordered as _;

use serde::Deserialize;

use super::moved::Moved;
use super::object::{self, Call};
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{DeliveryId, Timestamp, WebsiteId};

/// How long one run of cron moves, in milliseconds.
const TIME_TO_MOVE_MS: i64 = 20_000;
/// The deliveries that are moved at once. Each may have a message of 20 kB.
const AT_ONCE: u32 = 40;

/// What is moved next: deliveries that wait and are not being sent by the earlier release, then the newest others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Waiting,
    Ended,
}

#[derive(Deserialize)]
struct Row {
    id: DeliveryId,
    website_id: WebsiteId,
}

pub(super) fn select(which: Which, failed: &BTreeSet<String>, now: Timestamp) -> Statement {
    let condition = match which {
        Which::Waiting => "status = 'pending' AND leased_until <= ?2 ORDER BY next_attempt_at",
        Which::Ended => "status <> 'pending' AND ?2 ORDER BY created_at DESC",
    };
    let failed: Vec<&String> = failed.iter().collect();
    sql(format!(
        "SELECT id, website_id FROM deliveries WHERE website_id NOT IN (SELECT value FROM json_each(?1)) \
         AND {condition} LIMIT ?3"
    ))
    .bind_json(&failed)
    .bind(now)
    .bind(AT_ONCE)
}

/// Moves deliveries, as long as there is time.
pub async fn move_some(platform: &Platform, which: Which, now: Timestamp) -> Result<(), PlatformError> {
    let mut failed = BTreeSet::new();
    while platform.now().as_millis() - now.as_millis() <= TIME_TO_MOVE_MS {
        if !step(platform, which, &mut failed).await? {
            break;
        }
    }
    Ok(())
}

/// Moves deliveries that wait.
pub async fn move_waiting(platform: &Platform) -> Result<(), PlatformError> {
    let mut failed = BTreeSet::new();
    while step(platform, Which::Waiting, &mut failed).await? {}
    Ok(())
}

/// Moves some deliveries, and returns whether there were any. Websites whose object fails are left out from then on.
async fn step(platform: &Platform, which: Which, failed: &mut BTreeSet<String>) -> Result<bool, PlatformError> {
    let rows: Vec<Row> = platform.database().rows(select(which, failed, platform.now())).await?;
    let websites: BTreeSet<String> = rows.iter().map(|row| row.website_id.to_string()).into_set();
    for website in websites {
        let of = |row: &&Row| row.website_id.to_string() == website;
        let ids: Vec<DeliveryId> = rows.iter().filter(of).map(|row| row.id).collect();
        let Some(id) = rows.iter().find(of).map(|row| row.website_id) else { continue };
        if let Err(error) = hand_over(platform, id, &ids).await {
            log::failure("cron", "deliveries of an earlier release", &format!("website {website}: {error}"));
            failed.insert(website);
        }
    }
    Ok(!rows.is_empty())
}

async fn hand_over(platform: &Platform, website: WebsiteId, ids: &[DeliveryId]) -> Result<(), PlatformError> {
    let mut batch = Batch::new();
    let of = |text: &'static str| sql(text).bind_json(ids);
    let messages = batch.read(of("SELECT * FROM messages WHERE id IN (SELECT message_id FROM deliveries \
                                  WHERE id IN (SELECT value FROM json_each(?1)))"));
    let deliveries = batch
        .read(of("SELECT *, next_attempt_at AS due_at FROM deliveries WHERE id IN (SELECT value FROM json_each(?1))"));
    let attempts =
        batch.read(of("SELECT * FROM delivery_attempts WHERE delivery_id IN (SELECT value FROM json_each(?1))"));
    let results = platform.database().run(batch).await?;
    let moved = Moved {
        messages: results.all(&messages)?,
        deliveries: results.all(&deliveries)?,
        attempts: results.all(&attempts)?,
    };
    object::ask::<()>(platform, website, &Call::Move(moved)).await?;
    let mut batch = Batch::new();
    batch.run(of("DELETE FROM delivery_attempts WHERE delivery_id IN (SELECT value FROM json_each(?1))"));
    batch.run(of("DELETE FROM messages WHERE id IN (SELECT message_id FROM deliveries WHERE id IN \
                  (SELECT value FROM json_each(?1))) AND NOT EXISTS (SELECT 1 FROM deliveries d \
                  WHERE d.message_id = messages.id AND d.id NOT IN (SELECT value FROM json_each(?1)))"));
    batch.run(of("DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each(?1))"));
    platform.database().run(batch).await.map(|_| ())
}
