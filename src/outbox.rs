//! Drains a website's outbox: its entries become messages for endpoints and completions for alerts, in one transaction
//! that also advances the website's cursor. An entry that is drained twice counts once.

use serde::Serialize;

use crate::platform::config::MAX_WAITING_DELIVERIES;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::webhooks::publish::{self, Outgoing, When};
use crate::webhooks::{event, queue};
use sluice_engine::Site;
use sluice_engine::outbox::{Completion, OutboxEntry, OutboxEvent};
use sluice_engine::sql::Sql;
use sluice_values::{Timestamp, WebsiteId};

/// A completion for alerts. `event` is stored in `alert_completions.event` until its notification has been sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Completed<'a> {
    seq: i64,
    received_at: i64,
    goal: &'a str,
    event: &'a Completion,
}

/// Stores completions for the alerts on these goals that were in force at the time.
fn complete(website: WebsiteId, completed: &[Completed]) -> Statement {
    sql("INSERT INTO alert_completions (alert_id, seq, received_at, event) \
         SELECT a.id, n.value->>'seq', n.value->>'receivedAt', n.value->>'event' \
         FROM json_each(?1) n JOIN alerts a ON a.website_id = ?2 AND a.kind = 'goal' \
           AND a.goal_name = n.value->>'goal' AND a.is_enabled = 1 \
         WHERE a.in_force_since <= n.value->>'receivedAt' \
         AND n.value->>'seq' > coalesce((SELECT seq FROM news_cursors WHERE website_id = ?2), 0)")
    .bind_json(completed)
    .bind(website)
}

/// Makes alerts due that have something to evaluate: goal alerts with stored completions, and all metric alerts after
/// activity.
fn mark_due(website: WebsiteId, now: Timestamp, is_activity: bool) -> Statement {
    sql("UPDATE alerts SET due_at = ?2, news = news + 1 WHERE website_id = ?1 AND is_enabled = 1 AND (\
         (kind = 'goal' AND EXISTS (SELECT 1 FROM alert_completions WHERE alert_id = alerts.id)) \
         OR (kind = 'metric' AND ?3))")
    .bind(website)
    .bind(now)
    .bind(is_activity)
}

/// How many entries are drained at once. Each may become a message of up to 20 kB.
const AT_ONCE: u32 = 40;
/// An entry that D1 has refused this often is put aside.
const MOST_FAILURES: u32 = 5;

/// Drains the whole outbox. An entry that D1 refuses again and again, although it accepts others, is put aside, so that
/// it does not hold up the rest.
pub async fn drain_all<S: Sql>(platform: &Platform, website: WebsiteId, site: &Site<S>) -> Result<(), PlatformError> {
    loop {
        let entries = site.outbox(AT_ONCE)?;
        let Some(last) = entries.last() else { return Ok(()) };
        match drain(platform, website, &entries, platform.now()).await {
            Ok(()) => site.delete_from_outbox(last.seq)?,
            Err(error) if is_writable(platform, website).await => {
                drain_one_by_one(platform, website, site, &entries, error).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Drains these entries each by itself, after all of them together failed with this error.
async fn drain_one_by_one<S: Sql>(
    platform: &Platform,
    website: WebsiteId,
    site: &Site<S>,
    entries: &[OutboxEntry],
    error: PlatformError,
) -> Result<(), PlatformError> {
    for entry in entries {
        let refused = match drain(platform, website, std::slice::from_ref(entry), platform.now()).await {
            Ok(()) => {
                site.delete_from_outbox(entry.seq)?;
                continue;
            }
            Err(refused) => refused,
        };
        // A full database refuses everything that needs room.
        if refused.is_full() || site.count_failure(entry.seq)? < MOST_FAILURES {
            return Err(error);
        }
        site.put_aside(entry.seq, &refused.to_string())?;
        let what = format!("entry {} of website {website} was put aside after {MOST_FAILURES} failures", entry.seq);
        log::failure("alarm", "outbox", &what);
        return Ok(());
    }
    Ok(())
}

/// Whether D1 accepts a write that changes nothing.
async fn is_writable(platform: &Platform, website: WebsiteId) -> bool {
    let cursor = sql("INSERT INTO news_cursors (website_id, seq) VALUES (?1, 0) ON CONFLICT DO UPDATE SET seq = seq");
    platform.database().run(Batch::of(cursor.bind(website))).await.is_ok()
}

/// Drains these entries, oldest first.
async fn drain(
    platform: &Platform,
    website: WebsiteId,
    entries: &[OutboxEntry],
    now: Timestamp,
) -> Result<(), PlatformError> {
    let Some(last) = entries.last() else { return Ok(()) };
    let (mut messages, mut completed) = (Vec::new(), Vec::new());
    for OutboxEntry { seq, received_at, event: happened } in entries {
        let goal = match happened {
            OutboxEvent::Goal(event) => {
                let goal = event.goal_name.as_str();
                completed.push(Completed { seq: *seq, received_at: *received_at, goal, event });
                Some(goal)
            }
            _ => None,
        };
        if let Some(body) = event::of_outbox(website, happened)? {
            let message = Outgoing::new(body, platform.random()?).from_outbox(*seq);
            messages.push(match goal {
                Some(goal) => message.of_goal(goal),
                None => message,
            });
        }
    }
    let is_activity = entries.iter().any(|entry| entry.event == OutboxEvent::Activity);

    let most_waiting = platform.config().cap(MAX_WAITING_DELIVERIES);
    let mut batch = Batch::new();
    let due = publish::insert(&mut batch, website, &messages, most_waiting, now, When::Always);
    batch.run(complete(website, &completed));
    batch.run(mark_due(website, now, is_activity));
    batch.run(
        sql("INSERT INTO news_cursors (website_id, seq) VALUES (?1, ?2) \
             ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)")
        .bind(website)
        .bind(last.seq),
    );
    let due = platform.database().run(batch).await?.all(&due)?;
    queue::enqueue(platform, &due, now).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use futures_util::FutureExt;
    use serde_json::{Value, json};
    use sluice_engine::memory::Memory as Outbox;

    /// A website whose endpoint wants every goal, and whose outbox has a completion of each of these goals.
    fn with_outbox(goals: &[&str]) -> (Rc<Memory>, Platform, Site<Outbox>) {
        let database = Database::with_website();
        database.execute(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers,
               sealed_secret, created_at, updated_at)
             VALUES ('0000000000000000000000e1', '0000000000000000000000d1', '', '[]', '[]', 1, '', '', 0, 0);",
        );
        let memory = Rc::new(Memory::new(database, Timestamp::from_millis(1_000)));
        let site = Site::open(Outbox::default(), || Ok([7; 32])).unwrap();
        for goal in goals {
            let event = json!({ "goal": { "time": 0, "eventId": goal, "goalName": goal, "metadata": {}, "country": null,
                "city": null, "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "device": null, "referrer": null } });
            let values = [0_i64.into(), event.to_string().into()];
            site.sql().run("INSERT INTO news (received_at, happening) VALUES (?1, ?2)", &values).unwrap();
        }
        (memory.clone(), Platform::in_memory(memory), site)
    }

    fn try_drain(platform: &Platform, site: &Site<Outbox>) -> Result<(), PlatformError> {
        let website = "0000000000000000000000d1".parse().unwrap();
        drain_all(platform, website, site).now_or_never().unwrap()
    }

    /// The goals that messages for the endpoint are about.
    fn told(memory: &Memory) -> Vec<String> {
        let rows = memory.database.batch::<Value>(&[sql("SELECT payload FROM messages ORDER BY rowid")]).unwrap();
        let goal = |row: &Value| {
            let payload: Value = serde_json::from_str(row["payload"].as_str().unwrap()).unwrap();
            payload["data"]["goalName"].as_str().unwrap().to_owned()
        };
        rows[0].iter().map(goal).collect()
    }

    const REFUSES: &str = "CREATE TRIGGER refuses BEFORE INSERT ON messages WHEN NEW.payload LIKE '%poison%' \
                           BEGIN SELECT RAISE(ABORT, 'refused'); END;";

    #[test]
    fn what_d1_always_refuses_is_put_aside_and_the_rest_goes_on() {
        let (memory, platform, site) = with_outbox(&["a", "b", "poison", "c", "poison", "d"]);
        memory.database.execute(REFUSES);
        for _ in 1..MOST_FAILURES {
            try_drain(&platform, &site).unwrap_err();
            assert_eq!(told(&memory), ["a", "b"], "in their order, and each once");
        }
        for _ in 1..MOST_FAILURES {
            try_drain(&platform, &site).unwrap_err();
            assert_eq!(told(&memory), ["a", "b", "c"]);
        }
        try_drain(&platform, &site).unwrap();
        assert_eq!(told(&memory), ["a", "b", "c", "d"]);
        let aside = site.sql().rows("SELECT seq, error FROM news_failed ORDER BY seq", &[]).unwrap();
        let mut put_aside = Vec::new();
        for mut row in aside {
            put_aside.push(row.next::<i64>().unwrap());
            assert!(row.next::<String>().unwrap().starts_with("refused"));
        }
        assert_eq!(put_aside, [3, 5]);
        assert!(site.outbox(1).unwrap().is_empty());
    }

    #[test]
    fn what_d1_refuses_for_a_while_waits_for_it() {
        for refuses in [
            // D1 is down, or full.
            "CREATE TRIGGER down BEFORE INSERT ON news_cursors BEGIN SELECT RAISE(ABORT, 'D1 is down'); END;",
            "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'Exceeded maximum DB size'); END;",
        ] {
            let (memory, platform, site) = with_outbox(&["a", "b"]);
            memory.database.execute(refuses);
            for _ in 0..2 * MOST_FAILURES {
                try_drain(&platform, &site).unwrap_err();
            }
            assert_eq!(site.outbox(10).unwrap().len(), 2);
            memory.database.execute("DROP TRIGGER IF EXISTS down; DROP TRIGGER IF EXISTS full;");
            try_drain(&platform, &site).unwrap();
            assert_eq!(told(&memory), ["a", "b"]);
        }
    }

    #[test]
    fn activity_makes_the_metric_alerts_of_a_website_due_by_an_index() {
        let (database, website) = (Database::with_website(), "0000000000000000000000d1".parse().unwrap());
        database.execute(
            "INSERT INTO alerts (id, website_id, name, condition, kind, destination, message, created_at, updated_at,
             state_since, in_force_since) VALUES ('0000000000000000000000b1', '0000000000000000000000d1', 'x', '{}',
             'metric', '{\"type\":\"email\"}', 'Ten or more.', 0, 0, 0, 0)",
        );
        let due = |is_activity| {
            let marked = mark_due(website, Timestamp::from_millis(7), is_activity);
            let row = sql("SELECT due_at, news FROM alerts");
            database.batch::<Value>(&[marked, row]).unwrap().remove(1).remove(0)
        };
        assert_eq!(due(false), json!({ "due_at": null, "news": 0 }));
        assert_eq!(due(true), json!({ "due_at": 7, "news": 1 }));
        let plan = database.plan(&mark_due(website, Timestamp::from_millis(7), true));
        assert!(plan.contains("alerts_by_goal (website_id=?") && !plan.contains("SCAN alerts "), "{plan}");
    }
}
