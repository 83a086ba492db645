//! Claims due alerts under a lease, and records the results of their evaluation. Nothing here sends
//! anything.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::alert::read_cooldown;
use super::lease::{HOLDS_LEASE, LEASE_MS, Lease};
use super::rendering::{AlertContext, CONTEXT_COLUMNS, ContextRow, derived_id};
use super::state_machine::{GoalMemory, GoalRule, Memory, Rule, State, Step};
use super::trigger::Trigger;
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_engine::outbox::Completion;
use sluice_engine::reports::measure::Measured;
use sluice_values::{AlertId, Id, Timestamp, kinds};

/// The most completions that are processed in one transaction. Each may send a mail, and a Worker waits for at most six
/// responses at once.
pub const COMPLETIONS_AT_ONCE: u32 = 5;
/// The most completions that are counted in one transaction while no mail may be sent.
pub const COUNTED_AT_ONCE: u32 = 500;

// ---- Claiming

/// An alert under our lease.
#[derive(Debug, Clone)]
pub enum Claimed {
    Metric(MetricAlert),
    Goal(GoalAlert),
}

/// An alert on a metric, under our lease.
#[derive(Debug, Clone)]
pub struct MetricAlert {
    pub context: AlertContext,
    pub rule: Rule,
    pub memory: Memory,
    pub lease: Lease,
    /// The revision of the alert when it was claimed: a later one means that something happened during the evaluation.
    revision: i64,
}

/// An alert on a goal, under our lease.
#[derive(Debug, Clone)]
pub struct GoalAlert {
    pub context: AlertContext,
    pub rule: GoalRule,
    pub memory: GoalMemory,
    pub lease: Lease,
}

/// A row of `alerts` that was claimed.
#[derive(Deserialize)]
pub struct ClaimedRow {
    #[serde(flatten)]
    context: ContextRow,
    cooldown: Option<String>,
    notify_resolved: i64,
    state: State,
    state_since: Timestamp,
    in_force_since: Timestamp,
    last_message_at: Option<Timestamp>,
    is_notified: i64,
    suppressed: u32,
    leased_until: Timestamp,
    revision: i64,
}

impl TryFrom<ClaimedRow> for Claimed {
    type Error = PlatformError;

    fn try_from(row: ClaimedRow) -> Result<Self, PlatformError> {
        let context = AlertContext::try_from(row.context)?;
        let lease = Lease { alert: context.id, until: row.leased_until };
        let cooldown_ms = read_cooldown(row.cooldown.as_deref(), context.trigger.kind()).as_millis();
        Ok(match context.trigger.clone() {
            Trigger::Metric(trigger) => Self::Metric(MetricAlert {
                rule: Rule { trigger, cooldown_ms, notify_resolved: row.notify_resolved != 0 },
                memory: Memory {
                    state: row.state,
                    since: row.state_since,
                    last_message_at: row.last_message_at,
                    is_notified: row.is_notified != 0,
                },
                lease,
                revision: row.revision,
                context,
            }),
            Trigger::Goal(_) => Self::Goal(GoalAlert {
                rule: GoalRule { cooldown_ms, in_force_since: row.in_force_since },
                memory: GoalMemory { last_message_at: row.last_message_at, suppressed: row.suppressed },
                lease,
                context,
            }),
        })
    }
}

/// Takes the lease of those of these alerts that are due and not leased. Returns a [`ClaimedRow`] for each. They are
/// parsed one by one, so that a broken row holds up no other.
pub fn claim(ids: &[AlertId], now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE alerts SET leased_until = ?3 WHERE id IN (SELECT value FROM json_each(?1)) AND is_enabled = 1 \
         AND due_at IS NOT NULL AND due_at <= ?2 AND leased_until <= ?2 \
         RETURNING {CONTEXT_COLUMNS}, cooldown, notify_resolved, state, state_since, in_force_since, last_message_at, \
         firing_told AS is_notified, held AS suppressed, leased_until, news AS revision"
    ))
    .bind_json(ids)
    .bind(now)
    .bind(now.plus_millis(LEASE_MS))
}

// ---- Metrics

impl MetricAlert {
    /// When to evaluate next if nothing happens until then: when the state machine has to, or when the metric changes
    /// by itself, whichever is earlier.
    pub fn next_evaluation(step: &Step, measured: &Measured) -> Option<Timestamp> {
        let changes_at = measured.changes_at.map(Timestamp::from_millis);
        step.due_at.into_iter().chain(changes_at).min()
    }

    /// Records the change of state, if there is one and the lease is still held.
    pub fn record_transition(&self, batch: &mut Batch, step: &Step) {
        let Some(transition) = &step.transition else { return };
        let names = [transition.from.as_str(), transition.to.as_str()];
        let id: Id<kinds::Transition> = derived_id(self.context.id, transition.at, &names);
        let insert = sql(format!(
            "INSERT OR IGNORE INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
             SELECT :id, website_id, id, :from, :to, :reason, :value, :at FROM alerts WHERE {HOLDS_LEASE}"
        ));
        batch.run(
            self.lease
                .bind(insert)
                .bind_named("id", id)
                .bind_named("from", transition.from.as_str())
                .bind_named("to", transition.to.as_str())
                .bind_named("reason", transition.reason.as_str())
                .bind_named("value", transition.value)
                .bind_named("at", transition.at),
        );
    }

    /// Stores the memory and ends the lease; returns a row if the lease was still held. It is the last of the
    /// statements that depend on the lease. If something happened during the evaluation, the alert is due again at
    /// `now`.
    pub fn release(
        &self,
        batch: &mut Batch,
        step: &Step,
        next_evaluation: Option<Timestamp>,
        now: Timestamp,
    ) -> Handle<IgnoredAny> {
        let update = sql(format!(
            "UPDATE alerts SET state = :state, state_since = :since, last_message_at = :last_message_at, \
             firing_told = :is_notified, due_at = iif(news = :revision, :next_evaluation, :now), leased_until = 0 \
             WHERE {HOLDS_LEASE} RETURNING id"
        ));
        batch.read(
            self.lease
                .bind(update)
                .bind_named("state", step.memory.state.as_str())
                .bind_named("since", step.memory.since)
                .bind_named("last_message_at", step.memory.last_message_at)
                .bind_named("is_notified", step.memory.is_notified)
                .bind_named("revision", self.revision)
                .bind_named("next_evaluation", next_evaluation)
                .bind_named("now", now),
        )
    }
}

// ---- Goals

/// A row of `alert_completions`: a completion that the alert has not processed yet.
///
/// Rows are written by `src/outbox.rs`, possibly by an older release than the one that reads them: fields of the JSON
/// may be added with a default, none is renamed.
#[derive(Deserialize)]
pub struct WaitingCompletion {
    pub seq: i64,
    pub received_at: Timestamp,
    /// A [`Completion`] as JSON, as the website's outbox had it.
    event: String,
}

impl WaitingCompletion {
    pub fn parse(&self) -> Result<Completion, PlatformError> {
        serde_json::from_str(&self.event)
            .map_err(|error| PlatformError::new(format!("completion {}: {error}", self.seq)))
    }
}

/// An alert on a goal after [`GoalAlert::release`].
#[derive(Deserialize)]
pub struct Remaining {
    leased_until: Timestamp,
    due_at: Option<Timestamp>,
}

impl GoalAlert {
    /// The oldest completions that wait, `most` at most. Returns [`WaitingCompletion`]s.
    pub fn select_waiting(&self, most: u32) -> Statement {
        sql("SELECT seq, received_at, event FROM alert_completions WHERE alert_id = ?1 ORDER BY seq LIMIT ?2")
            .bind(self.context.id)
            .bind(most)
    }

    /// Removes the completions up to the number `last`, and stores the memory after them. While more are waiting, the
    /// lease is renewed and the alert stays due; otherwise the lease ends. With `digest_at`, the completion after `last` is
    /// kept for the digest at that time, and only later ones count as waiting.
    pub fn release(
        &self,
        batch: &mut Batch,
        memory: GoalMemory,
        last: Option<i64>,
        digest_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Handle<Remaining> {
        let delete = sql(format!(
            "DELETE FROM alert_completions WHERE alert_id = :alert AND seq <= :last \
             AND EXISTS (SELECT 1 FROM alerts WHERE {HOLDS_LEASE})"
        ));
        batch.run(self.lease.bind(delete).bind_named("last", last));
        let update = sql(format!(
            "UPDATE alerts SET last_message_at = :last_message_at, held = :suppressed, \
             leased_until = iif(c.waits, :renewed, 0), due_at = iif(c.waits, :now, :digest_at) \
             FROM (SELECT (SELECT count(*) FROM (SELECT 1 FROM alert_completions WHERE alert_id = :alert LIMIT 2)) \
               > (:digest_at IS NOT NULL) AS waits) c \
             WHERE {HOLDS_LEASE} RETURNING leased_until, due_at"
        ));
        batch.read(
            self.lease
                .bind(update)
                .bind_named("last_message_at", memory.last_message_at)
                .bind_named("suppressed", memory.suppressed)
                .bind_named("renewed", now.plus_millis(LEASE_MS))
                .bind_named("digest_at", digest_at)
                .bind_named("now", now),
        )
    }

    /// The alert as it goes on after some completions: `None` if all are processed or the lease is lost.
    #[must_use]
    pub fn after(self, memory: GoalMemory, remaining: Option<Remaining>) -> Option<Self> {
        let Remaining { leased_until, due_at } = remaining?;
        due_at.filter(|_| leased_until.as_millis() > 0)?;
        Some(Self { memory, lease: Lease { until: leased_until, ..self.lease }, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::super::state_machine::step;
    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use serde_json::{Value, json};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minute * 60_000)
    }

    fn database() -> Database {
        let database = Database::with_website();
        let rows = [
            ("b1", "metric", "null", metric(), at(0).as_millis().to_string()),
            ("b2", "goal", "'signup'", json!({ "type": "goal", "goalName": "signup" }), "NULL".to_owned()),
        ];
        for (id, kind, goal, condition, due) in rows {
            database.execute(&format!(
                "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, message, created_at, \
                 updated_at, due_at, state_since, in_force_since) VALUES ('0000000000000000000000{id}', \
                 '0000000000000000000000d1', 'x', '{condition}', '{kind}', {goal}, '{{\"type\":\"email\"}}', 'Ten or more.', \
                 0, 0, {due}, {0}, {0})",
                at(0).as_millis()
            ));
        }
        database
    }

    fn metric() -> Value {
        json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10,
            "for": "0m", "noData": "ok" })
    }

    fn claimed(database: &Database, now: Timestamp) -> Vec<MetricAlert> {
        let ids = ["b1", "b2"].map(|id| format!("0000000000000000000000{id}").parse().unwrap());
        let rows = database.batch::<ClaimedRow>(&[claim(&ids, now)]).unwrap().remove(0);
        let alerts = rows.into_iter().map(|row| match Claimed::try_from(row).unwrap() {
            Claimed::Metric(alert) => alert,
            Claimed::Goal(_) => panic!("a goal without completions is not due"),
        });
        alerts.collect()
    }

    fn record_activity(database: &Database, now: Timestamp) {
        database
            .execute(&format!("UPDATE alerts SET due_at = {}, news = news + 1 WHERE kind = 'metric'", now.as_millis()));
    }

    /// Writes the results of an evaluation; whether the lease was still held.
    fn release(database: &Database, alert: &MetricAlert, step: &Step, next: Option<Timestamp>, now: Timestamp) -> bool {
        let mut batch = Batch::new();
        alert.record_transition(&mut batch, step);
        alert.release(&mut batch, step, next, now);
        database.batch::<Value>(&batch.into_statements()).unwrap().pop().unwrap().len() == 1
    }

    /// An evaluation that finds the metric at 0.
    fn at_zero(alert: &MetricAlert, now: Timestamp) -> Step {
        step(&alert.rule, alert.memory, Some(0.0), now)
    }

    fn one(database: &Database, statement: &'static str) -> Value {
        database.batch::<Value>(&[sql(statement)]).unwrap().remove(0).remove(0)
    }

    #[test]
    fn an_evaluation_is_recorded_once_and_only_under_its_lease() {
        let database = database();
        let alert = claimed(&database, at(1)).remove(0);
        assert!(claimed(&database, at(1)).is_empty(), "it is leased");
        assert_eq!(alert.rule.cooldown_ms, 3_600_000);
        let step = step(&alert.rule, alert.memory, Some(12.0), at(1));
        assert!(release(&database, &alert, &step, Some(at(6)), at(1)));
        assert!(!release(&database, &alert, &step, Some(at(6)), at(1)), "the lease has ended");
        let row = one(
            &database,
            "SELECT state, state_since, last_message_at, firing_told, due_at, leased_until FROM alerts WHERE kind = 'metric'",
        );
        let moment = at(1).as_millis();
        assert_eq!(
            row,
            json!({ "state": "firing", "state_since": moment, "last_message_at": moment, "firing_told": 1,
                "due_at": at(6).as_millis(), "leased_until": 0 })
        );
        let transition =
            one(&database, "SELECT count(*) AS n, max(value) AS value, max(to_state) AS state FROM alert_transitions");
        assert_eq!(transition, json!({ "n": 1, "value": 12.0, "state": "firing" }));
        assert!(claimed(&database, at(5)).is_empty(), "it is not due");
        let next = claimed(&database, at(6)).remove(0);
        assert_eq!(next.memory, step.memory);
        // The lease of an evaluation that does not end expires, and another one takes over.
        let later = claimed(&database, at(7)).remove(0);
        assert!(!release(&database, &next, &at_zero(&next, at(7)), None, at(7)));
        assert!(release(&database, &later, &at_zero(&later, at(7)), None, at(7)));
        assert_eq!(one(&database, "SELECT due_at FROM alerts WHERE kind = 'metric'")["due_at"], json!(null));
    }

    #[test]
    fn activity_during_an_evaluation_makes_the_alert_due_again() {
        let database = database();
        let alert = claimed(&database, at(1)).remove(0);
        record_activity(&database, at(1));
        assert!(release(&database, &alert, &at_zero(&alert, at(2)), Some(at(60)), at(2)));
        assert_eq!(one(&database, "SELECT due_at FROM alerts WHERE kind = 'metric'")["due_at"], at(2).as_millis());
    }

    #[test]
    fn claiming_uses_an_index() {
        let plan = database().plan(&claim(&[], at(0)));
        assert!(plan.contains("sqlite_autoindex_alerts_1 (id=?)") && !plan.contains("SCAN alerts "), "{plan}");
    }
}
