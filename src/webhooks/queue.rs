//! The queue of deliveries. A message's body is the id of a delivery and nothing else: a message of any release can be
//! read by every other, and one whose body is no id is dropped.

use serde::Deserialize;

use super::publish::Due;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::queues::{Message, Queue};
use crate::platform::{Platform, PlatformError};
use sluice_values::{Timestamp, hex};

/// The longest that a delivery waits in the queue, in milliseconds. Cron enqueues later ones.
const MAX_DELAY_MS: i64 = 15 * 60 * 1_000;
/// How long a delivery is overdue before cron considers its queue message lost, in milliseconds.
const OVERDUE_MS: i64 = 5_000;
/// The most websites whose deliveries one cron run enqueues.
const WEBSITES_AT_ONCE: u32 = 1_000;
/// The most overdue deliveries that one cron run enqueues.
const OVERDUE_AT_ONCE: u32 = 2_000;

/// Enqueues deliveries for the dispatcher, each at its time.
pub async fn enqueue(platform: &Platform, due: &[Due], now: Timestamp) {
    let messages: Vec<_> = due.iter().filter_map(|due| message(due, now)).collect();
    platform.queues().send(Queue::Deliveries, &messages).await;
}

/// Enqueues deliveries that are due and not leased: those whose wait is too long for the queue, and those whose
/// queue message or dispatcher was lost.
pub async fn enqueue_overdue(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    // In a circle from a random website on, in case there are too many for one run.
    let start = hex(&platform.random::<12>()?);
    let mut batch = Batch::new();
    let after = batch.read::<Waiting>(select_websites(&start, END, now));
    let before = batch.read::<Waiting>(select_websites("", &start, now));
    let results = platform.database().run(batch).await?;
    let mut websites: Vec<String> =
        results.all(&after)?.into_iter().chain(results.all(&before)?).map(|waiting| waiting.id).collect();
    websites.truncate(WEBSITES_AT_ONCE as usize);
    if websites.is_empty() {
        return Ok(());
    }
    let due = platform.database().rows(select_overdue(&websites, now)).await?;
    enqueue(platform, &due, now).await;
    Ok(())
}

/// A website with an overdue delivery.
#[derive(Deserialize)]
struct Waiting {
    id: String,
}

/// After every id.
const END: &str = "g";

/// The websites with an overdue delivery, by id. Each is found by the index, whatever the number of its deliveries.
fn select_websites(from: &str, until: &str, now: Timestamp) -> Statement {
    let first = "SELECT min(website_id) FROM deliveries WHERE status = 'pending' AND website_id";
    sql(format!(
        "WITH RECURSIVE waiting (id) AS (SELECT ({first} >= ?1) UNION ALL \
           SELECT ({first} > waiting.id) FROM waiting WHERE waiting.id < ?2) \
         SELECT id FROM waiting WHERE id < ?2 AND EXISTS (SELECT 1 FROM deliveries WHERE website_id = waiting.id \
           AND status = 'pending' AND next_attempt_at <= ?3) LIMIT ?4"
    ))
    .bind(from)
    .bind(until)
    .bind(now.plus_millis(-OVERDUE_MS))
    .bind(WEBSITES_AT_ONCE)
}

/// The oldest overdue deliveries of these websites, equally many of each at most, so that none waits for another's.
fn select_overdue(websites: &[String], now: Timestamp) -> Statement {
    let share = (OVERDUE_AT_ONCE / u32::try_from(websites.len()).unwrap_or(u32::MAX).max(1)).max(1);
    sql("WITH shares AS MATERIALIZED (SELECT w.value AS website, (SELECT next_attempt_at FROM deliveries x \
           WHERE x.website_id = w.value AND x.status = 'pending' AND x.next_attempt_at <= ?2 \
           ORDER BY x.next_attempt_at LIMIT 1 OFFSET ?4 - 1) AS until FROM json_each(?1) w) \
         SELECT id, next_attempt_at FROM (SELECT d.id, d.next_attempt_at, d.leased_until, \
           row_number() OVER (PARTITION BY s.website ORDER BY d.next_attempt_at, d.id) AS place \
           FROM shares s CROSS JOIN deliveries d INDEXED BY deliveries_waiting \
           ON d.website_id = s.website AND d.status = 'pending' AND d.next_attempt_at <= coalesce(s.until, ?2)) \
         WHERE place <= ?4 AND leased_until <= ?3 ORDER BY place, next_attempt_at")
    .bind_json(websites)
    .bind(now.plus_millis(-OVERDUE_MS))
    .bind(now)
    .bind(share)
}

fn message(due: &Due, now: Timestamp) -> Option<Message> {
    let wait = (due.at.as_millis() - now.as_millis()).max(0);
    // Queues delay by whole seconds; the dispatcher waits for the rest.
    (wait <= MAX_DELAY_MS)
        .then(|| Message { body: due.id.to_string(), delay_seconds: u32::try_from(wait / 1_000).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use futures_util::FutureExt;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    /// A gateway on which these websites have so many overdue deliveries.
    fn gateway(waiting: &[(u8, i64)]) -> (Rc<Memory>, Platform) {
        let memory = Rc::new(Memory::new(Database::default(), NOW));
        for (website, count) in waiting {
            memory.database.execute(&format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
                 INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, next_attempt_at, created_at,
                   updated_at) SELECT printf('%08x{website:016x}', i), '{website:024x}', 'h', 'm', 't', 'pending',
                   {} - 10000 - (i % 1000) * 1000, 0, 0 FROM n",
                NOW.as_millis()
            ));
        }
        let platform = Platform::in_memory(memory.clone());
        (memory, platform)
    }

    /// How many deliveries of each website one run of cron enqueues.
    fn enqueued(memory: &Memory, platform: &Platform) -> BTreeMap<u8, usize> {
        enqueue_overdue(platform, NOW).now_or_never().unwrap().unwrap();
        let mut counts = BTreeMap::new();
        for message in memory.take_queued(Queue::Deliveries) {
            *counts.entry(u8::from_str_radix(&message.body[22..], 16).unwrap()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn a_website_with_100_000_overdue_deliveries_delays_no_other() {
        let (memory, platform) = gateway(&[(1, 100_000), (2, 3), (200, 700)]);
        assert_eq!(enqueued(&memory, &platform), BTreeMap::from([(1, 666), (2, 3), (200, 666)]));
        let (memory, platform) = gateway(&[(7, 100_000)]);
        assert_eq!(enqueued(&memory, &platform), BTreeMap::from([(7, 2_000)]));
        let (memory, platform) = gateway(&[]);
        assert!(enqueued(&memory, &platform).is_empty());
    }

    #[test]
    fn deliveries_that_are_leased_or_not_due_are_left_alone() {
        let (memory, platform) = gateway(&[(1, 4), (2, 4)]);
        memory.database.execute(&format!(
            "UPDATE deliveries SET leased_until = {0} WHERE website_id LIKE '%1' AND id LIKE '00000001%';
             UPDATE deliveries SET next_attempt_at = {0} WHERE website_id LIKE '%2'",
            NOW.as_millis() + 1
        ));
        assert_eq!(enqueued(&memory, &platform), BTreeMap::from([(1, 3)]));
    }

    #[test]
    fn overdue_deliveries_are_found_by_their_index() {
        let (memory, _) = gateway(&[]);
        for statement in [select_websites("", END, NOW), select_overdue(&["w".to_owned()], NOW)] {
            let plan = memory.database.plan(&statement);
            assert!(plan.contains("deliveries_waiting (website_id") && !plan.contains("SCAN deliveries"), "{plan}");
        }
    }
}
