//! The consequences of an attempt for its delivery and its endpoint: the delivery's next attempt, the endpoint's
//! failure streak, the warning at half of it, and disabling.

use serde::de::IgnoredAny;

use super::attempt::Outcome;
use super::delivery::{self, Status};
use super::event::{self, EndpointDisabled};
use super::lease::{Lease, LeasedDelivery};
use super::publish::{self, Due, Outgoing, When};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_values::Timestamp;
use sluice_webhook_rules::schedule::{self, Failure, FailureStreak, GONE};

/// Why an endpoint is disabled. Stored by name in `webhooks.disabled_reason`: none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// It answered 410.
    Gone,
    /// Every delivery has failed for too long.
    Failing,
}

impl DisabledReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// The random numbers of one attempt.
pub struct Random {
    pub jitter_seed: u32,
    pub message_id: [u8; 16],
}

/// The consequences of an attempt, to be stored in one transaction.
pub struct Conclusion {
    pub batch: Batch,
    pub next_attempt_at: Option<Timestamp>,
    pub follow_up: FollowUp,
}

/// What to do after the transaction. Of concurrent attempts, only the first one gets a row from the first handle.
pub enum FollowUp {
    None,
    WarnOwner(Handle<IgnoredAny>),
    Disabled { reason: DisabledReason, disabled: Handle<IgnoredAny>, due: Handle<Due> },
}

/// What an attempt means for its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    /// The failure streak ends.
    Recovered,
    /// The failure streak begins or goes on.
    Failing,
    /// The failure streak has lasted for half of the time after which the endpoint is disabled.
    Warn,
    Disable(DisabledReason),
}

/// Computes the consequences of an attempt that ended at `now`.
pub fn conclude(
    lease: Lease,
    delivery: &LeasedDelivery,
    outcome: &Outcome,
    now: Timestamp,
    random: &Random,
) -> Result<Conclusion, PlatformError> {
    let (status, next_attempt_at) = verdict(lease, delivery, outcome, now, random.jitter_seed);
    let mut batch = Batch::new();
    batch.run(insert_attempt(delivery, outcome));
    if delivery.attempt_count >= ANSWERS_KEPT {
        batch.run(forget_answers(delivery));
    }
    batch.run(
        sql("UPDATE deliveries SET status = ?3, attempt_count = (SELECT max(number) FROM delivery_attempts \
             WHERE delivery_id = ?1), step = step + 1, \
             cause = 'automatic', has_slot = 0, next_attempt_at = ?4, last_status_code = ?5, lease = NULL, \
             leased_until = 0, updated_at = ?6 WHERE id = ?1 AND lease = ?2")
        .bind(delivery.id)
        .bind(lease.token)
        .bind(status.as_str())
        .bind(next_attempt_at)
        .bind(outcome.status.map(u32::from))
        .bind(now),
    );
    let follow_up = match effect(lease, delivery, outcome, now) {
        Effect::None => FollowUp::None,
        Effect::Recovered => {
            let recovered = sql("UPDATE webhooks SET failing_since = NULL, warned_at = NULL WHERE id = ?1");
            batch.run(recovered.bind(delivery.webhook_id));
            FollowUp::None
        }
        Effect::Failing => {
            batch.run(begin_streak(delivery, outcome));
            FollowUp::None
        }
        Effect::Warn => {
            batch.run(begin_streak(delivery, outcome));
            FollowUp::WarnOwner(
                batch.read(
                    sql("UPDATE webhooks SET warned_at = ?2 \
                         WHERE id = ?1 AND warned_at IS NULL AND is_enabled RETURNING id")
                    .bind(delivery.webhook_id)
                    .bind(now),
                ),
            )
        }
        Effect::Disable(reason) => {
            batch.run(begin_streak(delivery, outcome));
            disable(&mut batch, lease, delivery, reason, now, random.message_id)?
        }
    };
    Ok(Conclusion { batch, next_attempt_at, follow_up })
}

fn verdict(
    lease: Lease,
    delivery: &LeasedDelivery,
    outcome: &Outcome,
    now: Timestamp,
    jitter_seed: u32,
) -> (Status, Option<Timestamp>) {
    let Some(failure) = outcome.failure else { return (Status::Delivered, None) };
    if outcome.status == Some(GONE) || failure == Failure::Internal {
        return (Status::Failed, None);
    }
    let failed = delivery.step + 1;
    let retry_after = outcome.retry_after.as_deref();
    let next = schedule::next_attempt(lease.schedule, failed, failure, outcome.status, retry_after, now, jitter_seed);
    (if next.is_some() { Status::Pending } else { Status::Failed }, next)
}

/// The attempt of a test delivery, or one that failed in the gateway itself, has no effect on its endpoint.
fn effect(lease: Lease, delivery: &LeasedDelivery, outcome: &Outcome, now: Timestamp) -> Effect {
    if delivery.is_test != 0 || outcome.failure == Some(Failure::Internal) {
        return Effect::None;
    }
    if outcome.failure.is_none() {
        return if delivery.failing_since.is_some() { Effect::Recovered } else { Effect::None };
    }
    if outcome.status == Some(GONE) {
        return Effect::Disable(DisabledReason::Gone);
    }
    match delivery.failing_since.map(|since| schedule::streak(lease.schedule, since, now)) {
        Some(FailureStreak::Over) => Effect::Disable(DisabledReason::Failing),
        Some(FailureStreak::HalfWay) if delivery.warned_at.is_none() => Effect::Warn,
        _ => Effect::Failing,
    }
}

fn begin_streak(delivery: &LeasedDelivery, outcome: &Outcome) -> Statement {
    sql("UPDATE webhooks SET failing_since = coalesce(failing_since, ?2) WHERE id = ?1")
        .bind(delivery.webhook_id)
        .bind(outcome.started_at)
}

fn disable(
    batch: &mut Batch,
    lease: Lease,
    delivery: &LeasedDelivery,
    reason: DisabledReason,
    now: Timestamp,
    message_id: [u8; 16],
) -> Result<FollowUp, PlatformError> {
    let (website_id, webhook_id) = (delivery.website_id, delivery.webhook_id);
    // The lease alone would stand for every delivery of its queue message.
    let by = format!("{}/{}", lease.token, delivery.id);
    // If another attempt has succeeded meanwhile, the streak has ended and the endpoint stays on.
    let limit = match reason {
        DisabledReason::Gone => 0,
        DisabledReason::Failing => i64::from(lease.schedule.disable_after) * 1_000,
    };
    let disabled = batch.read(
        sql("UPDATE webhooks SET is_enabled = 0, disabled_reason = ?2, disabled_by = ?3, updated_at = ?4 \
             WHERE id = ?1 AND is_enabled AND failing_since <= ?5 RETURNING id")
        .bind(webhook_id)
        .bind(reason.as_str())
        .bind(by.as_str())
        .bind(now)
        .bind(now.plus_millis(-limit)),
    );
    batch.run(delivery::miss_pending(webhook_id, now));
    let event = EndpointDisabled { website_id, webhook_id, url: delivery.url.clone(), reason: reason.as_str() };
    let message = Outgoing::new(event::body(now, event, false)?, message_id).except_to(webhook_id);
    let due = publish::insert(batch, website_id, &[message], lease.most_waiting, now, When::Disabled(webhook_id, &by));
    Ok(FollowUp::Disabled { reason, disabled, due })
}

fn insert_attempt(delivery: &LeasedDelivery, outcome: &Outcome) -> Statement {
    sql("INSERT INTO delivery_attempts (delivery_id, number, cause, started_at, duration_ms, status_code, error, \
         response_body) \
         SELECT :delivery, coalesce(max(number), 0) + 1, :cause, :started_at, :duration_ms, :status_code, :error, \
         :response_body FROM delivery_attempts WHERE delivery_id = :delivery \
         HAVING EXISTS (SELECT 1 FROM deliveries WHERE id = :delivery)")
    .bind_named("delivery", delivery.id)
    .bind_named("cause", delivery.cause.as_str())
    .bind_named("started_at", outcome.started_at)
    .bind_named("duration_ms", outcome.duration_ms)
    .bind_named("status_code", outcome.status.map(u32::from))
    .bind_named("error", outcome.failure.map(Failure::as_str))
    .bind_named("response_body", outcome.answer.as_deref())
}

/// The answers of this many attempts are kept.
const ANSWERS_KEPT: u32 = 3;

/// Forgets what the receiver answered to earlier attempts.
fn forget_answers(delivery: &LeasedDelivery) -> Statement {
    sql("UPDATE delivery_attempts SET response_body = NULL WHERE delivery_id = ?1 AND response_body IS NOT NULL \
         AND number <= (SELECT max(number) FROM delivery_attempts WHERE delivery_id = ?1) - ?2")
    .bind(delivery.id)
    .bind(ANSWERS_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use crate::webhooks::lease::MARGIN_MS;
    use proptest::prelude::*;
    use serde_json::Value;
    use sluice_values::DeliveryId;
    use sluice_webhook_rules::schedule::Schedule;

    const WEBSITE: &str = "0000000000000000000000d1";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + seconds * 1_000)
    }

    /// A website with three endpoints, the second of which is off.
    fn database() -> Memory {
        let database = Memory::with_website();
        for (number, is_enabled) in [(1, 1), (2, 0), (3, 1)] {
            database.execute(&format!(
                "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers, \
                 sealed_secret, created_at, updated_at) VALUES ('{number:024x}', '{WEBSITE}', '', '[]', '[]', {is_enabled}, \
                 '', '', 0, 0)"
            ));
        }
        database
    }

    fn publish(database: &Memory, number: u8, now: Timestamp) -> Vec<Due> {
        let body = event::Body { r#type: event::EventType::PaymentReceived, text: "{}".to_owned() };
        let random = u128::from(number) + (u128::try_from(now.as_millis()).unwrap() << 8);
        let messages = [Outgoing::new(body, random.to_be_bytes()).from_outbox(i64::from(number))];
        let mut batch = Batch::new();
        publish::insert(&mut batch, WEBSITE.parse().unwrap(), &messages, 10_000, now, When::Always);
        let rows = database.batch::<Value>(&batch.into_statements());
        rows.unwrap().pop().unwrap().into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    fn take(database: &Memory, lease: Lease, ids: &[DeliveryId], now: Timestamp) -> Vec<LeasedDelivery> {
        let mut batch = Batch::new();
        lease.take(&mut batch, ids, now);
        let rows = database.batch::<Value>(&batch.into_statements()).unwrap().pop().unwrap();
        rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    fn outcome(started_at: Timestamp, status: Option<u16>) -> Outcome {
        let failure = status.map_or(Some(Failure::Connection), schedule::failure_of);
        Outcome { started_at, duration_ms: 5, status, failure, retry_after: None, answer: None }
    }

    fn rows(database: &Memory, statement: &'static str) -> Vec<Value> {
        database.batch::<Value>(&[sql(statement)]).unwrap().remove(0)
    }

    #[test]
    fn an_endpoint_that_is_gone_is_disabled_once_and_the_others_receive_an_event() {
        let database = database();
        let schedule = Schedule::default();
        let due: Vec<DeliveryId> =
            [1, 2].iter().flat_map(|number| publish(&database, *number, at(0))).map(|due| due.id).collect();
        assert_eq!(due.len(), 4, "one of three is off");
        publish(&database, 3, at(0));
        let lease = Lease { schedule: &schedule, most_waiting: 10_000, token: "ours" };
        let leased = take(&database, lease, &due, at(0));
        let mut gone = leased.iter().filter(|delivery| delivery.webhook_id.to_string().ends_with('1'));
        let mut end = |message_id| {
            let delivery = gone.next().unwrap();
            let random = Random { jitter_seed: 0, message_id };
            let concluded = conclude(lease, delivery, &outcome(at(0), Some(GONE)), at(1), &random).unwrap();
            let answers = database.batch::<Value>(&concluded.batch.into_statements()).unwrap();
            (rows(&database, "SELECT disabled_by FROM webhooks ORDER BY id").remove(0), answers.last().unwrap().len())
        };
        let (by_first, published) = end([9; 16]);
        assert_eq!(published, 1, "the first attempt to see it publishes to the third endpoint");
        assert_eq!(end([8; 16]), (by_first, 0), "another delivery of the same lease publishes nothing");
        let states =
            "SELECT substr(webhook_id, -1) || ' ' || type || ' ' || status AS state FROM deliveries ORDER BY 1";
        let states = rows(&database, states);
        let states: Vec<_> = states.iter().map(|row| row["state"].as_str().unwrap()).collect();
        assert_eq!(
            states,
            [
                "1 payment.received failed",
                "1 payment.received missed",
                "1 payment.received missed",
                "2 endpoint.disabled missed",
                "2 payment.received missed",
                "2 payment.received missed",
                "2 payment.received missed",
                "3 endpoint.disabled pending",
                "3 payment.received pending",
                "3 payment.received pending",
                "3 payment.received pending",
            ]
        );
    }

    #[test]
    fn a_drained_outbox_entry_is_published_once() {
        let database = database();
        assert_eq!(publish(&database, 1, at(0)).len(), 2);
        database.execute(&format!("INSERT INTO news_cursors VALUES ('{WEBSITE}', 1)"));
        assert!(publish(&database, 1, at(1)).is_empty());
        assert_eq!(publish(&database, 2, at(1)).len(), 2);
        assert_eq!(rows(&database, "SELECT id FROM messages").len(), 2);
    }

    #[test]
    fn a_rate_limit_gives_each_delivery_a_slot_in_the_order_of_arrival() {
        let database = database();
        database.execute("UPDATE webhooks SET slot_ms = 550, rate_limit = 2 WHERE substr(id, -1) = '1'");
        for number in 1..=4 {
            publish(&database, number, at(0));
        }
        let slots = "SELECT next_attempt_at - 1779321600000 AS slot, has_slot FROM deliveries \
                      WHERE substr(webhook_id, -1) = '1' ORDER BY message_id";
        let slots: Vec<_> = rows(&database, slots).iter().map(|row| row["slot"].as_i64().unwrap()).collect();
        assert_eq!(slots, [0, 550, 1_100, 1_650]);
        let others = "SELECT count(*) AS n FROM deliveries WHERE substr(webhook_id, -1) = '3' AND next_attempt_at > 1779321600000";
        assert_eq!(rows(&database, others)[0]["n"], 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Queue messages arrive twice, late, and out of order; dispatchers crash before they store anything.
        #[test]
        fn in_any_order_of_queue_messages_each_attempt_is_made_once_and_each_delivery_ends(
            messages in prop::collection::vec((0_usize..6, 0_i64..8, 0_u8..8), 10..120),
        ) {
            let database = database();
            let schedule = Schedule { waits: vec![2, 4, 8], timeout: 2, floor: 0, disable_after: 1_000_000 };
            let due: Vec<DeliveryId> =
                (1..=3).flat_map(|number| publish(&database, number, at(0))).map(|due| due.id).collect();
            let mut second = 0;
            let mut held: Vec<(DeliveryId, i64)> = Vec::new();
            let tail = (0..60).map(|number| (number % 6, 5, 3));
            for (turn, (which, wait, fate)) in messages.into_iter().chain(tail).enumerate() {
                second += wait;
                let token = turn.to_string();
                let lease = Lease { schedule: &schedule, most_waiting: 10_000, token: &token };
                for delivery in take(&database, lease, &[due[which], due[which]], at(second)) {
                    held.retain(|(_, until)| *until > second);
                    prop_assert!(held.iter().all(|(id, _)| *id != delivery.id), "one dispatcher at a time");
                    if fate == 0 {
                        // Crashed: no other dispatcher may try before the lease has expired.
                        held.push((delivery.id, second + i64::from(schedule.timeout) + MARGIN_MS / 1_000));
                        continue;
                    }
                    let status = [None, Some(500), Some(429), Some(200)][usize::from(fate) % 4];
                    let random = Random { jitter_seed: 7, message_id: [1; 16] };
                    let concluded = conclude(lease, &delivery, &outcome(at(second), status), at(second), &random);
                    database.batch::<Value>(&concluded.unwrap().batch.into_statements()).unwrap();
                }
            }
            let states = "SELECT d.status, d.attempt_count, count(a.number) AS made, coalesce(max(a.number), 0) AS last, \
                         sum(a.error IS NULL AND a.number IS NOT NULL) AS successes FROM deliveries d \
                         LEFT JOIN delivery_attempts a ON a.delivery_id = d.id GROUP BY d.id";
            for row in rows(&database, states) {
                let status = row["status"].as_str().unwrap();
                prop_assert!(["delivered", "failed", "missed"].contains(&status), "{}", row);
                prop_assert_eq!(&row["made"], &row["attempt_count"], "numbered without a gap: {}", row);
                prop_assert_eq!(&row["made"], &row["last"], "{}", row);
                prop_assert_eq!(row["successes"].as_i64().unwrap_or_default(), i64::from(status == "delivered"), "{}", row);
                prop_assert!(row["made"].as_i64().unwrap() <= 4, "{}", row);
            }
        }
    }
}
