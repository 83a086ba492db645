//! Evaluating alerts: cron enqueues the alerts that are due; the consumer of the queue claims each under a lease,
//! evaluates it, sends its notifications and records the result (docs/alert-runs.md).
//!
//! Everything that an evaluation writes depends on the lease. So cron may run late, twice or concurrently: the result
//! is the same.

use futures_util::future::join_all;
use serde::Deserialize;
use sluice_values::ordered::Ordered as _;

use super::claim::{
    COMPLETIONS_AT_ONCE, COUNTED_AT_ONCE, Claimed, ClaimedRow, GoalAlert, MetricAlert, WaitingCompletion, claim,
};
use super::destination::Destination;
use super::notify;
use super::queue as alert_queue;
use super::rendering::{AlertContext, Notification};
use super::state_machine::{self, Budgeted, Event, MailBudget};
use super::template::Facts;
use crate::platform::config::ALERT_MAILS_PER_HOUR;
use crate::platform::database::{Batch, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use crate::websites::owner::Owner;
use crate::websites::report_context::ReportContext;
use sluice_engine::outbox::Completion;
use sluice_values::{AlertId, Timestamp};

/// The most alerts that one cron run enqueues; those that have been due longest come first.
const DUE_AT_ONCE: u32 = 5_000;
/// How long after a cron run due alerts are enqueued again. The run takes that much longer.
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

/// Enqueues due alerts again after a moment. Events that arrived just before this cron run may still have been on their
/// way from the website's object to D1; without this they would wait for the next run.
pub async fn enqueue_due_again(platform: &Platform) -> Result<(), PlatformError> {
    platform.sleep(ENQUEUE_AGAIN_MS).await;
    enqueue_due(platform, platform.now()).await
}

/// Evaluates those of these alerts that are due. A failing one delays no other.
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

/// Measures the metric, and steps the state machine.
async fn evaluate_metric(platform: &Platform, alert: MetricAlert) -> Result<(), PlatformError> {
    let (context, trigger) = (&alert.context, &alert.rule.trigger);
    let (report, owner) = website_of(platform, context).await?;
    let now = platform.now();
    let measure = trigger.measure(report.includes_renewals());
    let measured = site::ask_in(platform, context.website_id, now, report.currency, measure).await?;
    let reading = trigger.reading(&measured, report.currency);
    let mut step = state_machine::step(&alert.rule, alert.memory, reading, now);
    if step.message.is_some() {
        let budget = mail_budget(platform, context, now).await?;
        step = state_machine::held_to_budget(&alert.rule, budget, alert.memory, step);
    }

    let notification = step.message.as_ref().map(|message| {
        let facts = Facts { value: message.value, ..context.facts(&report, message.at) };
        Notification::new(context, message.event, message.at, "", &facts)
            .with_reading(message.value, Some(trigger.threshold))
            .with_reason(message.reason.clone())
    });
    let mut batch = Batch::new();
    alert.record_transition(&mut batch, &step);
    let notifications = notification.as_slice();
    notify::send(platform, (context, alert.lease), &owner, notifications, &mut batch).await?;
    alert.release(&mut batch, &step, MetricAlert::next_evaluation(&step, &measured), now);
    platform.database().run(batch).await.map(|_| ())
}

/// Processes the completions that wait, oldest first, until there are none left.
async fn evaluate_goal(platform: &Platform, mut alert: GoalAlert) -> Result<(), PlatformError> {
    let (report, owner) = website_of(platform, &alert.context).await?;
    loop {
        let now = platform.now();
        let budget = mail_budget(platform, &alert.context, now).await?;
        let most = if budget.left == 0 { COUNTED_AT_ONCE } else { COMPLETIONS_AT_ONCE };
        let waiting: Vec<WaitingCompletion> = platform.database().rows(alert.select_waiting(most)).await?;
        let received: Vec<Timestamp> = waiting.iter().map(|row| row.received_at).collect();
        let planned = state_machine::completions(alert.rule, alert.memory, &received);
        let Budgeted { memory, messages, has_digest } =
            state_machine::within_budget(budget, waiting.len(), planned, alert.memory, &received);
        let mut notifications = Vec::new();
        for message in messages {
            let Some(row) = waiting.get(message.index) else { continue };
            notifications.push(about_completion(&alert.context, &report, row, message.count)?);
        }
        let mut batch = Batch::new();
        let sender = (&alert.context, alert.lease);
        notify::send(platform, sender, &owner, &notifications, &mut batch).await?;
        let processed = waiting.len() - usize::from(has_digest);
        let last = processed.checked_sub(1).and_then(|at| waiting.get(at)).map(|row| row.seq);
        let digest_at = has_digest.then_some(budget.next_at);
        let remaining = alert.release(&mut batch, memory, last, digest_at, now);
        let remaining = platform.database().run(batch).await?.first(&remaining)?;
        match alert.after(memory, remaining) {
            Some(next) if !waiting.is_empty() => alert = next,
            _ => return Ok(()),
        }
    }
}

/// The span in which an alert's mails are counted.
const HOUR_MS: i64 = 3_600_000;

/// How many mails the alert may still send in the hour; as many as there are for other destinations.
async fn mail_budget(platform: &Platform, context: &AlertContext, now: Timestamp) -> Result<MailBudget, PlatformError> {
    #[derive(Deserialize)]
    struct Told {
        triggered_at: Timestamp,
    }
    if context.destination != Destination::Email {
        return Ok(MailBudget { most: usize::MAX, left: usize::MAX, next_at: now });
    }
    let most = platform.config().cap(ALERT_MAILS_PER_HOUR);
    let told =
        sql("SELECT triggered_at FROM alert_history WHERE website_id = ?1 AND alert_id = ?2 AND triggered_at > ?3 \
                    AND destination = ?4 ORDER BY triggered_at DESC LIMIT ?5")
        .bind(context.website_id)
        .bind(context.id)
        .bind(now.plus_millis(-HOUR_MS))
        .bind_json(&Destination::Email)
        .bind(most);
    let told: Vec<Told> = platform.database().rows(told).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let left = most.saturating_sub(told.len());
    // A digest stands for all that comes until the oldest of these mails is an hour old.
    let next_at = told.last().map_or(now, |oldest| oldest.triggered_at).plus_millis(HOUR_MS);
    Ok(MailBudget { most, left, next_at: next_at.max(now) })
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
        visitor_id: completion.visitor_id.map(|visitor| visitor.to_string()),
        visitor_country: completion.country,
        visitor_city: completion.city,
        visitor_device: completion.device,
        visitor_referrer: completion.referrer,
        metadata: completion.metadata.iter().map(|(key, value)| (key.clone(), text(value))).into_map(),
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::platform::outgoing::Sent;
    use crate::platform::queues::Queue;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use sluice_engine::reports::measure::{Amount, Measured};

    use super::super::lease::LEASE_MS;
    use crate::webhooks::object::parse;
    use crate::webhooks::object_memory::Object;

    const ALERT: &str = "0000000000000000000000b1";
    const ENDPOINT: &str = "0000000000000000000000e1";
    const MINUTE: i64 = 60_000;
    const START: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    /// A gateway with one alert, whose clock the test moves.
    struct Gateway {
        memory: Rc<Memory>,
        platform: Platform,
        /// What the website's object measures; `None` if nothing happened.
        metric: Rc<Cell<Option<i64>>>,
        object: Rc<Object>,
        completions: Cell<i64>,
    }

    fn metric_trigger(fields: &Value) -> Value {
        let mut trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above",
            "threshold": 10, "for": "0m", "noData": "ok" });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        trigger
    }

    impl Gateway {
        fn new(trigger: &Value, cooldown: &str) -> Self {
            let database = Database::with_website();
            database.execute(&format!(
                "UPDATE accounts SET email = 'owner@example.com';
                 INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, subject, message,
                   created_at, updated_at, cooldown, notify_resolved, state_since, in_force_since)
                 VALUES ('{ALERT}', '0000000000000000000000d1', 'x', '{trigger}', {}, {}, '{{\"type\":\"email\"}}',
                   '{{{{value}}}}', '{{{{count}}}} at {{{{triggeredAt}}}}', 0, 0, '{cooldown}', 1, 0, 0)",
                trigger["type"].to_string().replace('"', "'"),
                trigger["goalName"].as_str().map_or("NULL".to_owned(), |name| format!("'{name}'")),
            ));
            let settings = [("EMAIL_FROM", "a@b.co"), ("EMAIL_PROVIDER", "resend"), ("EMAIL_API_KEY", "k")];
            let memory =
                settings.iter().fold(Memory::new(database, START), |memory, (name, value)| memory.with(name, value));
            let (memory, metric) = (Rc::new(memory), Rc::new(Cell::new(Some(0))));
            let measured = metric.clone();
            let object = Object::new(memory.clone(), "0000000000000000000000d1".parse().unwrap());
            let webhooks = object.clone();
            memory.answer_objects(move |_, _, _, body| {
                if parse(body.unwrap()).is_some() {
                    return webhooks.answer(body.unwrap());
                }
                let current = Amount { part: measured.get().unwrap_or_default(), whole: None };
                let has_events = measured.get().is_some();
                Ok(serde_json::to_string(&Measured { current, base: None, has_events, changes_at: None }).unwrap())
            });
            let platform = Platform::in_memory(memory.clone());
            Self { memory, platform, metric, object, completions: Cell::new(0) }
        }

        /// Something happens on the website, and the metric has this value from then on.
        fn measure(&self, metric: Option<i64>) {
            self.metric.set(metric);
            let now = self.platform.now().as_millis();
            self.memory.database.execute(&format!("UPDATE alerts SET due_at = {now}, news = news + 1"));
        }

        /// A visitor completes the goal.
        fn complete(&self) {
            let event = json!({ "time": 0, "eventId": "e", "goalName": "signup", "metadata": {}, "country": null,
                "city": null, "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "device": null, "referrer": null });
            let (seq, now) = (self.completions.get() + 1, self.platform.now().as_millis());
            self.completions.set(seq);
            self.memory.database.execute(&format!(
                "INSERT INTO alert_completions VALUES ('{ALERT}', {seq}, {now}, '{event}');
                 UPDATE alerts SET due_at = {now}, news = news + 1"
            ));
        }

        /// A run of cron, and of the queue's consumer.
        fn cron(&self) {
            enqueue_due(&self.platform, self.platform.now()).now_or_never().unwrap().unwrap();
            let ids: Vec<AlertId> =
                self.memory.take_queued(Queue::Alerts).iter().map(|message| message.body.parse().unwrap()).collect();
            evaluate(&self.platform, &ids).now_or_never().unwrap().unwrap();
        }

        /// A queue message that names the alert, whether or not it is due.
        fn evaluate(&self) {
            evaluate(&self.platform, &[ALERT.parse().unwrap()]).now_or_never().unwrap().unwrap();
        }

        /// A run that takes the lease and then crashes.
        fn crash(&self) {
            let statement = claim(&[ALERT.parse().unwrap()], self.platform.now());
            self.memory.database.batch::<Value>(&[statement]).unwrap();
        }

        fn cron_after(&self, millis: i64) -> Vec<String> {
            self.memory.advance(millis);
            self.cron();
            self.mails()
        }

        /// Subject and text of the mails since the last call.
        fn mails(&self) -> Vec<String> {
            let requests = self.memory.requests.take();
            let bodies = requests.iter().map(|request| serde_json::from_str::<Value>(&request.body).unwrap());
            let field =
                |body: &Value, name: &str| body[name].as_str().unwrap().lines().next().unwrap_or_default().to_owned();
            bodies.map(|body| format!("{}: {}", field(&body, "subject"), field(&body, "text"))).collect()
        }

        fn query(&self, statement: &'static str) -> Vec<Value> {
            self.memory.database.batch(&[sql(statement)]).unwrap().remove(0)
        }

        fn state(&self) -> String {
            self.query("SELECT state FROM alerts")[0]["state"].as_str().unwrap().to_owned()
        }

        fn history(&self) -> Vec<(String, String, Value)> {
            let rows = self.query("SELECT event, status, error FROM alert_history ORDER BY triggered_at, id");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            rows.iter().map(|row| (text(&row["event"]), text(&row["status"]), row["error"].clone())).collect()
        }
    }

    fn at(millis: i64) -> Timestamp {
        START.plus_millis(millis)
    }

    #[test]
    fn an_alert_fires_when_the_comparison_has_held_and_resolves() {
        let gateway = Gateway::new(&metric_trigger(&json!({ "for": "2m" })), "0m");
        gateway.measure(Some(12));
        assert!(gateway.cron_after(0).is_empty());
        assert_eq!(gateway.state(), "pending");
        assert!(gateway.cron_after(MINUTE).is_empty());
        assert_eq!(gateway.state(), "pending");
        assert_eq!(gateway.cron_after(MINUTE), [format!("12: unknown at {}", at(2 * MINUTE))]);
        assert_eq!(gateway.state(), "firing");
        gateway.measure(Some(15));
        assert!(gateway.cron_after(MINUTE).is_empty(), "it fires already");
        gateway.measure(Some(10));
        assert_eq!(gateway.cron_after(0), [format!("Resolved: 10: unknown at {}", at(3 * MINUTE))]);
        let states: Vec<_> = gateway.query("SELECT to_state FROM alert_transitions ORDER BY at, rowid");
        assert_eq!(states, ["pending", "firing", "resolved"].map(|state| json!({ "to_state": state })));
        assert_eq!(gateway.history().len(), 2);
    }

    #[test]
    fn a_firing_suppressed_by_the_cooldown_is_sent_when_the_cooldown_ends() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "10m");
        for (metric, mails) in [(12, 1), (9, 1), (13, 0)] {
            gateway.measure(Some(metric));
            assert_eq!(gateway.cron_after(MINUTE).len(), mails, "{metric}");
        }
        assert_eq!(gateway.state(), "firing");
        assert!(gateway.cron_after(7 * MINUTE).is_empty(), "the cooldown began one minute after the start");
        assert_eq!(gateway.cron_after(MINUTE), [format!("13: unknown at {}", at(11 * MINUTE))]);
        // One that ends within the cooldown is never sent.
        for metric in [9, 14, 9] {
            gateway.measure(Some(metric));
            gateway.cron_after(MINUTE);
        }
        assert!(gateway.cron_after(20 * MINUTE).is_empty());
    }

    #[test]
    fn missing_data_is_treated_as_the_trigger_says() {
        for (no_data, state, mails) in [("ok", "nodata", 0), ("alert", "firing", 1), ("keep", "normal", 0)] {
            let gateway = Gateway::new(&metric_trigger(&json!({ "noData": no_data })), "0m");
            gateway.measure(None);
            assert_eq!((gateway.cron_after(0).len(), gateway.state().as_str()), (mails, state), "{no_data}");
        }
    }

    #[test]
    fn each_completion_is_sent_and_the_cooldown_counts_those_within_it() {
        let trigger = json!({ "type": "goal", "goalName": "signup" });
        let gateway = Gateway::new(&trigger, "0m");
        (0..7).for_each(|_| gateway.complete());
        assert_eq!(gateway.cron_after(1).len(), 7, "more than one transaction processes");
        assert_eq!(
            gateway.query("SELECT due_at, leased_until FROM alerts"),
            [json!({ "due_at": null, "leased_until": 0 })]
        );

        let gateway = Gateway::new(&trigger, "5m");
        gateway.complete();
        assert_eq!(gateway.cron_after(0), [format!("unknown: 1 at {}", at(0))]);
        for _ in 0..3 {
            gateway.memory.advance(MINUTE);
            gateway.complete();
            assert!(gateway.cron_after(0).is_empty());
        }
        gateway.memory.advance(2 * MINUTE);
        gateway.complete();
        assert_eq!(gateway.cron_after(0), [format!("unknown: 4 at {}", at(5 * MINUTE))]);
        assert_eq!(gateway.history().len(), 2);
    }

    #[test]
    fn an_alert_sends_20_mails_in_an_hour_and_then_one_digest_that_counts_the_rest() {
        let gateway = Gateway::new(&json!({ "type": "goal", "goalName": "signup" }), "0m");
        for _ in 0..30 {
            gateway.complete();
        }
        let mails = gateway.cron_after(0);
        assert_eq!(mails.len(), 20, "{mails:?}");
        for _ in 0..1_000 {
            gateway.complete();
        }
        for _ in 0..59 {
            assert_eq!(gateway.cron_after(MINUTE), [""; 0]);
        }
        assert_eq!(gateway.query("SELECT count(*) AS n FROM alert_completions"), [json!({ "n": 1 })]);
        let digest = gateway.cron_after(2 * MINUTE);
        assert_eq!(digest, [format!("unknown: 1010 at {}", at(0))]);
        gateway.complete();
        assert_eq!(gateway.cron_after(MINUTE).len(), 1, "the next hour has its own mails");
        assert_eq!(gateway.query("SELECT count(*) AS n FROM alert_completions"), [json!({ "n": 0 })]);
    }

    #[test]
    fn a_metric_that_flaps_sends_20_mails_in_an_hour_and_its_last_state_when_there_is_room_again() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "0m");
        let mut mails = Vec::new();
        for minute in 0..58 {
            gateway.measure(Some(if minute % 2 == 0 { 12 } else { 9 }));
            mails.extend(gateway.cron_after(MINUTE));
        }
        assert_eq!(mails.len(), 20, "{mails:?}");
        assert!(mails.last().unwrap().starts_with("Resolved"), "no firing lacks its end");
        gateway.measure(Some(13));
        assert_eq!(gateway.cron_after(MINUTE), [""; 0]);
        assert_eq!(gateway.state(), "firing");
        let later: Vec<_> = (0..10).flat_map(|_| gateway.cron_after(MINUTE)).collect();
        assert_eq!(later.len(), 1, "{later:?}");
        assert!(later[0].starts_with("13: "), "{later:?}");
        gateway.measure(Some(1));
        assert_eq!(gateway.cron_after(MINUTE).len(), 1);
    }

    #[test]
    fn an_alert_whose_evaluation_crashed_waits_for_the_lease_to_expire() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "0m");
        gateway.measure(Some(12));
        gateway.crash();
        assert!(gateway.cron_after(LEASE_MS - 1).is_empty());
        gateway.evaluate();
        assert!(gateway.mails().is_empty());
        assert_eq!(gateway.cron_after(1).len(), 1);
    }

    #[test]
    fn a_doubled_run_finds_nothing_to_do() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "0m");
        gateway.measure(Some(12));
        enqueue_due(&gateway.platform, START).now_or_never().unwrap().unwrap();
        gateway.cron();
        assert_eq!(gateway.mails().len(), 1);
        gateway.evaluate();
        assert!(gateway.mails().is_empty());
        assert_eq!(gateway.history().len(), 1);
    }

    #[test]
    fn a_crash_between_mail_and_transaction_repeats_the_mail_under_its_id() {
        for trigger in [metric_trigger(&json!({})), json!({ "type": "goal", "goalName": "signup" })] {
            let gateway = Gateway::new(&trigger, "0m");
            if trigger["type"] == "goal" {
                gateway.complete();
            } else {
                gateway.measure(Some(12));
            }
            let crash = "CREATE TRIGGER crash BEFORE INSERT ON alert_history BEGIN SELECT RAISE(ABORT, 'crash'); END";
            gateway.memory.database.execute(crash);
            gateway.cron();
            assert!(gateway.history().is_empty());
            gateway.memory.database.execute("DROP TRIGGER crash");
            // The metric is measured again later, so only a completion keeps its time.
            gateway.memory.advance(LEASE_MS);
            gateway.cron();
            let requests = gateway.memory.requests.take();
            let keys: Vec<_> = requests.iter().map(|request| request.headers.get("Idempotency-Key").unwrap()).collect();
            assert_eq!(keys.len(), 2);
            assert_eq!(keys[0] == keys[1], trigger["type"] == "goal");
            assert_eq!(gateway.history().len(), 1);
        }
    }

    #[test]
    fn a_rejected_mail_is_recorded_as_failed_and_not_retried() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "0m");
        gateway.memory.serve(|_| {
            let body = br#"{"message":"no such domain"}"#.to_vec();
            Sent::Answered { status: 422, retry_after: None, body }
        });
        gateway.measure(Some(12));
        assert_eq!(gateway.cron_after(0).len(), 1);
        let [(event, status, error)] = gateway.history().try_into().unwrap();
        assert_eq!((event.as_str(), status.as_str()), ("firing", "failed"));
        assert!(error.as_str().unwrap().contains("no such domain"), "{error}");
        assert!(gateway.cron_after(20 * MINUTE).is_empty());
    }

    #[test]
    fn a_message_for_an_endpoint_is_stored_once_even_if_the_evaluation_is_repeated() {
        let gateway = Gateway::new(&metric_trigger(&json!({})), "0m");
        gateway.memory.database.execute(&format!(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers,
               sealed_secret, created_at, updated_at)
             VALUES ('{ENDPOINT}', '0000000000000000000000d1', '', '[\"goal.completed\"]', '[]', 1, '', '', 0, 0);
             UPDATE alerts SET destination = '{{\"type\":\"webhook\",\"endpointId\":\"{ENDPOINT}\"}}'"
        ));
        gateway.object.learn();
        gateway.measure(Some(12));
        // The evaluation fails after the message is stored, when it is recorded.
        let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON alert_history BEGIN SELECT RAISE(ABORT, 'refused'); END";
        gateway.memory.database.execute(refuses);
        gateway.cron();
        gateway.memory.database.execute("DROP TRIGGER refuses");
        let ids = gateway.object.query::<Value>("SELECT id FROM messages");
        assert!(gateway.cron_after(LEASE_MS).is_empty(), "no mail");
        let stored = gateway.object.query::<Value>("SELECT webhook_id, type, status FROM deliveries");
        let expected = json!({ "webhook_id": ENDPOINT, "type": "alert.firing", "status": "pending" });
        assert_eq!(stored.last(), Some(&expected));
        assert!(ids.len() <= stored.len());
        assert_eq!(gateway.history(), [("firing".to_owned(), "sent".to_owned(), Value::Null)]);
    }

    #[test]
    fn a_goal_alert_whose_evaluation_is_repeated_tells_an_endpoint_once() {
        let gateway = Gateway::new(&json!({ "type": "goal", "goalName": "signup" }), "0m");
        gateway.memory.database.execute(&format!(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers,
               sealed_secret, created_at, updated_at)
             VALUES ('{ENDPOINT}', '0000000000000000000000d1', '', '[]', '[]', 1, '', '', 0, 0)"
        ));
        gateway.object.learn();
        gateway.complete();
        let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON alert_history BEGIN SELECT RAISE(ABORT, 'refused'); END";
        gateway.memory.database.execute(refuses);
        gateway.cron();
        gateway.memory.database.execute("DROP TRIGGER refuses");
        gateway.cron_after(LEASE_MS);
        let stored = gateway.object.query::<Value>("SELECT type FROM deliveries");
        assert_eq!(stored, [json!({ "type": "alert.firing" })]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn messages_are_the_same_however_cron_runs(
            gaps in prop::collection::vec(0_i64..200, 1..12),
            runs in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 12),
            cooldown in prop_oneof![Just("0m"), Just("1m"), Just("5m")],
        ) {
            let trigger = json!({ "type": "goal", "goalName": "signup" });
            let (messy, clean) = (Gateway::new(&trigger, cooldown), Gateway::new(&trigger, cooldown));
            for (gap, (runs, doubled, crashes)) in gaps.iter().zip(&runs) {
                for gateway in [&messy, &clean] {
                    gateway.memory.advance((gap + 1) * 1_000);
                    gateway.complete();
                }
                if *runs {
                    if *crashes { messy.crash() } else { messy.cron() }
                }
                if *doubled {
                    messy.cron();
                }
            }
            // An evaluation that crashed is repeated once its lease has expired.
            messy.memory.advance(100_000);
            messy.cron();
            messy.cron();
            clean.cron();
            prop_assert_eq!(messy.mails(), clean.mails());
            prop_assert_eq!(messy.query("SELECT count(*) AS n FROM alert_completions"), [json!({ "n": 0 })]);
        }
    }
}
