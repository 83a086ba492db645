//! Evaluating alerts: cron enqueues the alerts that are due; the consumer of the queue claims each under a lease, evaluates
//! it, sends its notifications and records the result (docs/alerts.md).
//!
//! Everything that an evaluation writes depends on the lease. So cron may run late, twice or concurrently: the result is
//! the same.

use futures_util::future::join_all;
use serde::Deserialize;

use super::claim::{Claimed, ClaimedRow, GoalAlert, MetricAlert, WaitingCompletion, claim};
use super::notify;
use super::queue as alert_queue;
use super::rendering::{AlertContext, Notification};
use super::state_machine::{self, Event};
use super::template::Facts;
use crate::platform::database::{Batch, Handle, Results, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use crate::webhooks::publish::Due;
use crate::webhooks::queue;
use crate::websites::owner::Owner;
use crate::websites::website::ReportContext;
use sluice_engine::outbox::Completion;
use sluice_values::{AlertId, Timestamp};

/// Alerts that one cron run enqueues at most, those first that have been due longest.
const DUE_AT_ONCE: u32 = 5_000;
/// After how long a cron run looks for due alerts again. The run takes that much longer.
const ENQUEUE_AGAIN_MS: u64 = 1_000;

/// Enqueues the alerts that are due. Its cost grows with those, not with all alerts.
pub async fn enqueue_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct DueAlert {
        id: AlertId,
    }
    let due = sql("SELECT id FROM alerts WHERE due_at IS NOT NULL AND due_at <= ?1 AND is_enabled = 1 \
                   AND leased_until <= ?1 ORDER BY due_at LIMIT ?2");
    let due: Vec<DueAlert> = platform.database().rows(due.bind(now).bind(DUE_AT_ONCE)).await?;
    alert_queue::enqueue(platform, &due.into_iter().map(|due| due.id).collect::<Vec<_>>()).await;
    Ok(())
}

/// Enqueues due alerts again after a moment. Events that arrived just before this cron run may still have been on their way
/// from the website's object to D1; without this they would wait for the next run.
pub async fn enqueue_due_again(platform: &Platform) -> Result<(), PlatformError> {
    platform.sleep(ENQUEUE_AGAIN_MS).await;
    enqueue_due(platform, platform.now()).await
}

/// Evaluates those of these alerts that are due. One that fails holds up no other.
pub async fn evaluate(platform: &Platform, ids: &[AlertId]) -> Result<(), PlatformError> {
    let claimed: Vec<ClaimedRow> = platform.database().rows(claim(ids, platform.now())).await?;
    let evaluations = claimed.into_iter().map(async |row| match row.try_into()? {
        Claimed::Metric(alert) => evaluate_metric(platform, alert).await,
        Claimed::Goal(alert) => evaluate_goal(platform, alert).await,
    });
    for failed in join_all(evaluations).await.into_iter().filter_map(Result::err) {
        log::failure("queue", "alerts", &failed.to_string());
    }
    Ok(())
}

async fn website_of(platform: &Platform, alert: &AlertContext) -> Result<(ReportContext, Owner), PlatformError> {
    let (id, mut batch) = (alert.website_id, Batch::new());
    let (report, owner) = (batch.read(ReportContext::select(id)), batch.read(Owner::select(id)));
    let results = platform.database().run(batch).await?;
    Ok((ReportContext::of(&results, &report, id)?, Owner::of(&results, &owner, id)?))
}

/// Measures the metric, and takes the step that follows.
async fn evaluate_metric(platform: &Platform, alert: MetricAlert) -> Result<(), PlatformError> {
    let (context, trigger) = (&alert.context, &alert.rule.trigger);
    let (report, owner) = website_of(platform, context).await?;
    let now = platform.now();
    let measure = trigger.measure(report.include_renewal_revenue);
    let measured = site::ask(platform, context.website_id, now, measure).await?;
    let reading = trigger.reading(&measured, report.currency);
    let step = state_machine::step(&alert.rule, alert.memory, reading, now);

    let notification = step.message.as_ref().map(|message| {
        let facts = Facts { value: message.value, ..context.facts(&report, message.at) };
        Notification::new(context, message.event, message.at, "", &facts)
            .with_reading(message.value, Some(trigger.threshold))
            .with_reason(message.reason.clone())
    });
    let mut batch = Batch::new();
    alert.record_transition(&mut batch, &step);
    let notifications = notification.as_slice();
    let due = notify::send(platform, (context, alert.lease), &owner, notifications, &mut batch, now).await?;
    alert.release(&mut batch, &step, MetricAlert::next_evaluation(&step, &measured), now);
    commit(platform, batch, due, now).await?;
    Ok(())
}

/// Processes the completions that wait, oldest first, until there are none left.
async fn evaluate_goal(platform: &Platform, mut alert: GoalAlert) -> Result<(), PlatformError> {
    let (report, owner) = website_of(platform, &alert.context).await?;
    loop {
        let now = platform.now();
        let waiting: Vec<WaitingCompletion> = platform.database().rows(alert.select_waiting()).await?;
        let received: Vec<Timestamp> = waiting.iter().map(|row| row.received_at).collect();
        let (memory, messages) = state_machine::completions(alert.rule, alert.memory, &received);
        let mut notifications = Vec::new();
        for message in messages {
            let Some(row) = waiting.get(message.index) else { continue };
            notifications.push(about_completion(&alert.context, &report, row, message.count)?);
        }
        let mut batch = Batch::new();
        let sender = (&alert.context, alert.lease);
        let due = notify::send(platform, sender, &owner, &notifications, &mut batch, now).await?;
        let remaining = alert.release(&mut batch, memory, waiting.last().map(|row| row.seq), now);
        let remaining = commit(platform, batch, due, now).await?.first(&remaining)?;
        match alert.after(memory, remaining) {
            Some(next) if !waiting.is_empty() => alert = next,
            _ => return Ok(()),
        }
    }
}

/// The notification about a completion, and about those before it that the cooldown suppressed: `count` in all.
fn about_completion(
    context: &AlertContext,
    report: &ReportContext,
    row: &WaitingCompletion,
    count: u32,
) -> Result<Notification, PlatformError> {
    let completion: Completion = row.parse()?;
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let facts = Facts {
        visitor_id: Some(completion.visitor_id.to_string()),
        visitor_country: completion.country,
        visitor_city: completion.city,
        visitor_device: completion.device,
        visitor_referrer: completion.referrer,
        metadata: completion.metadata.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        count: Some(count),
        ..context.facts(report, row.received_at)
    };
    let reason = match count {
        1 => format!("the goal {} was completed", completion.goal_name),
        _ => format!("the goal {} was completed {count} times", completion.goal_name),
    };
    let notification = Notification::new(context, Event::Firing, row.received_at, &row.seq.to_string(), &facts);
    Ok(notification.with_reason(reason).of_visitor(completion.visitor_id))
}

/// Runs the batch, and enqueues the deliveries that it made.
async fn commit(
    platform: &Platform,
    batch: Batch,
    due: Option<Handle<Due>>,
    now: Timestamp,
) -> Result<Results, PlatformError> {
    let results = platform.database().run(batch).await?;
    if let Some(due) = due {
        queue::enqueue(platform, &results.all(&due)?, now).await;
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::super::history;
    use super::*;
    use crate::platform::database::memory::Memory;
    use crate::platform::database::sql;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const ALERT: &str = "0000000000000000000000b1";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + seconds * 1_000)
    }

    /// A website with an alert on the goal `signup`.
    fn database(cooldown: &str) -> Memory {
        let database = Memory::with_website();
        database.execute(&format!(
            "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, message, created_at,
               updated_at, cooldown) VALUES ('{ALERT}', '0000000000000000000000d1', 'x',
               '{{\"type\":\"goal\",\"goalName\":\"signup\"}}', 'goal', 'signup', '{{\"type\":\"email\"}}',
               'Ten or more.', 0, 0, '{cooldown}')"
        ));
        database
    }

    fn receive(database: &Memory, seq: i64, second: i64) {
        let event = json!({ "time": 0, "eventId": "e", "goalName": "signup", "metadata": {}, "country": null, "city": null,
            "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "device": null, "referrer": null });
        database.execute(&format!(
            "INSERT INTO alert_completions VALUES ('{ALERT}', {seq}, {}, '{event}');
             UPDATE alerts SET due_at = {}, news = news + 1",
            at(second).as_millis(),
            at(second).as_millis()
        ));
    }

    /// Evaluates the alert if it is due. An evaluation that crashes leaves its lease behind.
    fn run(database: &Memory, now: Timestamp, crashes: bool) {
        let claimed = database.batch::<ClaimedRow>(&[claim(&[ALERT.parse().unwrap()], now)]).unwrap().remove(0).pop();
        let Some(row) = claimed else { return };
        let Claimed::Goal(mut alert) = row.try_into().unwrap() else { panic!("it is on a goal") };
        if crashes {
            return;
        }
        loop {
            let waiting = database.batch::<WaitingCompletion>(&[alert.select_waiting()]).unwrap().remove(0);
            let received: Vec<Timestamp> = waiting.iter().map(|row| row.received_at).collect();
            let (memory, messages) = state_machine::completions(alert.rule, alert.memory, &received);
            let mut batch = Batch::new();
            for message in messages {
                let row = &waiting[message.index];
                let (at, of) = (row.received_at, row.seq.to_string());
                let notification = Notification::new(&alert.context, Event::Firing, at, &of, &Facts::default());
                let count = message.count.to_string();
                batch.run(history::insert(alert.lease, &alert.context, &notification, Some(&count)));
            }
            alert.release(&mut batch, memory, waiting.last().map(|row| row.seq), now);
            let remaining = database.batch::<Value>(&batch.into_statements()).unwrap().pop().unwrap().pop();
            let remaining = remaining.map(|row| serde_json::from_value(row).unwrap());
            match alert.after(memory, remaining) {
                Some(next) if !waiting.is_empty() => alert = next,
                _ => return,
            }
        }
    }

    /// When messages were sent, and how many completions each was about.
    fn sent(database: &Memory) -> Vec<Value> {
        let rows = "SELECT triggered_at, error AS count FROM alert_history ORDER BY triggered_at, id";
        database.batch::<Value>(&[sql(rows)]).unwrap().remove(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn messages_are_the_same_however_cron_runs(
            gaps in prop::collection::vec(0_i64..200, 1..12),
            runs in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 12),
            cooldown in prop_oneof![Just("0m"), Just("1m"), Just("5m")],
        ) {
            let (messy, clean) = (database(cooldown), database(cooldown));
            let mut second = 0;
            for (number, (gap, (runs, doubled, crashes))) in gaps.iter().zip(&runs).enumerate() {
                second += gap + 1;
                let seq = i64::try_from(number).unwrap() + 1;
                receive(&messy, seq, second);
                receive(&clean, seq, second);
                if *runs {
                    run(&messy, at(second), *crashes);
                }
                if *doubled {
                    run(&messy, at(second), false);
                }
            }
            // What a crash left behind is evaluated once its lease has expired.
            run(&messy, at(second + 100), false);
            run(&messy, at(second + 100), false);
            run(&clean, at(second), false);
            prop_assert_eq!(sent(&messy), sent(&clean));
            let left = "SELECT count(*) AS n FROM alert_completions";
            prop_assert_eq!(&messy.batch::<Value>(&[sql(left)]).unwrap()[0][0]["n"], 0);
        }
    }
}
