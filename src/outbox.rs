//! Drains a website's outbox: endpoints have been told of its entries within the object, and those that alerts wait for become
//! completions in D1, in one transaction that also advances the website's cursor. An entry that is drained twice counts once.

use serde::Serialize;

use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::webhooks::object::Store;
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

/// How many entries are drained at once.
const AT_ONCE: u32 = 40;
/// An entry that D1 has refused this often is put aside.
const MOST_FAILURES: u32 = 5;

/// Drains the whole outbox. An entry that D1 refuses again and again, although it accepts others, is put aside, so that
/// it does not hold up the rest.
pub async fn drain_all<S: Sql>(store: &Store<'_, S>) -> Result<(), PlatformError> {
    let Store { platform, site, website, .. } = *store;
    loop {
        // What endpoints are to be told of must not be deleted before.
        store.publish_outbox()?;
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
    let completed = entries.iter().filter_map(|OutboxEntry { seq, received_at, event }| match event {
        OutboxEvent::Goal(event) => {
            Some(Completed { seq: *seq, received_at: *received_at, goal: &event.goal_name, event })
        }
        _ => None,
    });
    let completed: Vec<_> = completed.collect();
    let is_activity = entries.iter().any(|entry| entry.event == OutboxEvent::Activity);

    let mut batch = Batch::new();
    batch.run(complete(website, &completed));
    batch.run(mark_due(website, now, is_activity));
    batch.run(
        sql("INSERT INTO news_cursors (website_id, seq) VALUES (?1, ?2) \
             ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)")
        .bind(website)
        .bind(last.seq),
    );
    platform.database().run(batch).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::webhooks::object_memory::Object;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    /// A website whose endpoint wants every goal, and with an alert on each of these goals, whose completions are in the outbox.
    fn with_outbox(goals: &[&str]) -> Rc<Object> {
        let database = Database::with_website();
        database.execute(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers,
               sealed_secret, created_at, updated_at)
             VALUES ('0000000000000000000000e1', '0000000000000000000000d1', '', '[]', '[]', 1, '', '', 0, 0);",
        );
        for goal in goals {
            database.execute(&format!(
                "INSERT OR IGNORE INTO alerts (id, website_id, name, condition, kind, goal_name, destination, message,
                   created_at, updated_at, state_since, in_force_since)
                 VALUES ('alert-{goal}', '0000000000000000000000d1', 'x', '{{}}', 'goal', '{goal}',
                   '{{\"type\":\"email\"}}', 'x', 0, 0, 0, 0)"
            ));
        }
        let memory = Rc::new(Memory::new(database, Timestamp::from_millis(1_000)));
        let object = Object::new(memory, "0000000000000000000000d1".parse().unwrap());
        for goal in goals {
            complete(&object, goal);
        }
        object
    }

    /// A visitor completes a goal.
    fn complete(object: &Object, goal: &str) {
        let event = json!({ "goal": { "time": 0, "eventId": goal, "goalName": goal, "metadata": {}, "country": null,
            "city": null, "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "device": null, "referrer": null } });
        object.execute(&format!("INSERT INTO news (received_at, happening) VALUES (0, '{event}')"));
    }

    fn try_drain(object: &Object) -> Result<(), PlatformError> {
        drain_all(&object.sender.store()).now_or_never().unwrap()
    }

    /// The goals that alerts were told of.
    fn told(object: &Object) -> Vec<String> {
        let rows = sql("SELECT event ->> 'goalName' AS goal FROM alert_completions ORDER BY seq");
        let rows = object.memory.database.batch::<Value>(&[rows]).unwrap();
        rows[0].iter().map(|row| row["goal"].as_str().unwrap().to_owned()).collect()
    }

    /// The goals that endpoints were told of.
    fn published(object: &Object) -> Vec<String> {
        let rows = object.query::<Value>(
            "SELECT json_extract(payload, '$.data.goalName') AS goal FROM messages m JOIN deliveries d ON d.message_id = m.id \
             ORDER BY m.rowid",
        );
        rows.iter().map(|row| row["goal"].as_str().unwrap().to_owned()).collect()
    }

    const REFUSES: &str = "CREATE TRIGGER refuses BEFORE INSERT ON alert_completions WHEN NEW.event LIKE '%poison%' \
                           BEGIN SELECT RAISE(ABORT, 'refused'); END;";

    /// The entries that were put aside, all of them for being refused.
    fn put_aside(object: &Object) -> Vec<i64> {
        let aside = object.query::<Value>("SELECT seq, error FROM news_failed ORDER BY seq");
        assert!(aside.iter().all(|row| row["error"].as_str().unwrap().starts_with("refused")), "{aside:?}");
        aside.iter().map(|row| row["seq"].as_i64().unwrap()).collect()
    }

    #[test]
    fn what_d1_always_refuses_is_put_aside_and_the_rest_goes_on() {
        let object = with_outbox(&["a", "b", "poison", "c", "poison", "d"]);
        object.memory.database.execute(REFUSES);
        for _ in 1..MOST_FAILURES {
            try_drain(&object).unwrap_err();
            assert_eq!(told(&object), ["a", "b"], "in their order, and each once");
        }
        for _ in 1..MOST_FAILURES {
            try_drain(&object).unwrap_err();
            assert_eq!(told(&object), ["a", "b", "c"]);
        }
        try_drain(&object).unwrap();
        assert_eq!(told(&object), ["a", "b", "c", "d"]);
        assert_eq!(put_aside(&object), [3, 5]);
        assert!(object.sender.site.outbox(1).unwrap().is_empty());
        assert_eq!(published(&object), ["a", "b", "poison", "c", "poison", "d"], "each once, whatever D1 does");
    }

    #[test]
    fn what_d1_refuses_for_a_while_waits_for_it_and_endpoints_do_not() {
        for refuses in [
            // D1 is down, or full.
            "CREATE TRIGGER down BEFORE INSERT ON news_cursors BEGIN SELECT RAISE(ABORT, 'D1 is down'); END;",
            "CREATE TRIGGER full BEFORE INSERT ON alert_completions BEGIN SELECT RAISE(ABORT, 'Exceeded maximum DB size'); END;",
        ] {
            let object = with_outbox(&["a", "b"]);
            object.memory.database.execute(refuses);
            for _ in 0..2 * MOST_FAILURES {
                try_drain(&object).unwrap_err();
            }
            assert_eq!(object.sender.site.outbox(10).unwrap().len(), 2);
            assert_eq!(published(&object), ["a", "b"]);
            object.memory.database.execute("DROP TRIGGER IF EXISTS down; DROP TRIGGER IF EXISTS full;");
            try_drain(&object).unwrap();
            assert_eq!(told(&object), ["a", "b"]);
            assert_eq!(published(&object), ["a", "b"]);
        }
    }

    #[test]
    fn what_the_object_always_refuses_is_put_aside_and_the_rest_goes_on() {
        let object = with_outbox(&["a", "poison", "b"]);
        object.execute(
            "CREATE TRIGGER refuses BEFORE INSERT ON messages WHEN NEW.payload LIKE '%poison%' \
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
        );
        for _ in 1..MOST_FAILURES {
            object.sender.store().publish_outbox().unwrap_err();
            assert_eq!(published(&object), ["a"]);
        }
        object.sender.store().publish_outbox().unwrap();
        assert_eq!(published(&object), ["a", "b"]);
        assert_eq!(put_aside(&object), [2]);
    }

    #[test]
    fn only_what_alerts_wait_for_stays_for_d1() {
        let object = with_outbox(&["signup"]);
        complete(&object, "of no alert");
        let paid = json!({ "payment": { "time": 0, "transactionId": "t", "kind": "New", "amount": 1, "currency": "USD",
            "visitorId": null, "email": null } });
        object.execute(&format!("INSERT INTO news (received_at, happening) VALUES (0, '{paid}')"));
        object.execute("INSERT INTO news (received_at, happening) VALUES (0, '\"activity\"')");
        object.sender.store().publish_outbox().unwrap();
        let left: Vec<i64> = object.sender.site.outbox(10).unwrap().iter().map(|entry| entry.seq).collect();
        assert_eq!(left, [1, 4]);
        let messages = object.query::<Value>("SELECT type FROM messages ORDER BY rowid");
        assert_eq!(messages.len(), 3);
        try_drain(&object).unwrap();
        assert_eq!(told(&object), ["signup"]);
    }

    #[test]
    fn an_object_of_an_earlier_release_publishes_nothing_until_it_knows_the_endpoints() {
        let memory = with_outbox(&[]).memory.clone();
        let object = Object::unaware(memory, "0000000000000000000000d1".parse().unwrap());
        complete(&object, "signup");
        object.sender.store().publish_outbox().unwrap();
        assert_eq!(object.sender.site.outbox(10).unwrap().len(), 1);
        object.learn();
        object.sender.store().publish_outbox().unwrap();
        assert_eq!(published(&object), ["signup"]);
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
