//! Drains a website's outbox: its entries become messages for endpoints and completions for alerts, in one transaction
//! that also advances the website's cursor. An entry that is drained twice counts once.

use serde::Serialize;

use crate::platform::config::MAX_WAITING_DELIVERIES;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::webhooks::publish::{self, Outgoing, When};
use crate::webhooks::{event, queue};
use sluice_engine::outbox::{Completion, OutboxEntry, OutboxEvent};
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

/// Drains these entries, oldest first.
pub async fn drain(
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
    use super::*;
    use crate::platform::database::memory::Memory;
    use serde_json::{Value, json};

    #[test]
    fn activity_makes_the_metric_alerts_of_a_website_due_by_an_index() {
        let (database, website) = (Memory::with_website(), "0000000000000000000000d1".parse().unwrap());
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
