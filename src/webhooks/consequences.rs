//! The consequences of an attempt for its delivery and its endpoint: the delivery's next attempt, the endpoint's
//! failure streak, the warning at half of it, and disabling.

use std::collections::BTreeMap;

use super::attempt::Outcome;
use super::delivery::{self, Status};
use super::event::{self, EndpointDisabled};
use super::lease::LeasedDelivery;
use super::publish::{self, Outgoing, Share};
use super::settings::Rules;
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use serde::Deserialize;
use sluice_values::{Timestamp, WebhookId, WebsiteId};
use sluice_webhook_rules::schedule::{self, Failure, FailureStreak, GONE, Schedule};

/// Why an endpoint is disabled. Stored by name in `webhooks.disabled_reason`: none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// An endpoint, with its failure streak.
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoint {
    pub id: WebhookId,
    url: String,
    failing_since: Option<Timestamp>,
    warned_at: Option<Timestamp>,
}

impl Endpoint {
    /// Those of these endpoints that there are.
    pub fn select(ids: &[WebhookId]) -> Statement {
        sql("SELECT id, url, failing_since, warned_at FROM webhooks WHERE id IN (SELECT value FROM json_each(?1))")
            .bind_json(ids)
    }
}

/// What is told of an endpoint outside of the object, once the transaction is stored. Stored by name in
/// `webhooks.to_tell`: none is renamed.
pub const WARNED: &str = "warned";
/// See [`WARNED`].
pub const DISABLED: &str = "disabled";

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

/// Attempts whose consequences are stored in one transaction.
pub struct Conclusion<'a> {
    pub rules: &'a Rules,
    pub website: WebsiteId,
    /// The endpoints of the deliveries; they change with each attempt.
    pub endpoints: BTreeMap<String, Endpoint>,
    pub batch: Batch,
}

impl Conclusion<'_> {
    /// Adds the consequences of an attempt that ended at `now`. The delivery was sent under the lease `token`.
    pub fn add(
        &mut self,
        token: &str,
        delivery: &LeasedDelivery,
        outcome: &Outcome,
        now: Timestamp,
        random: &Random,
    ) -> Result<(), PlatformError> {
        let (status, next_attempt_at) = verdict(&self.rules.schedule, delivery, outcome, now, random.jitter_seed);
        let batch = &mut self.batch;
        batch.run(insert_attempt(delivery, outcome));
        if delivery.attempt_count >= ANSWERS_KEPT {
            batch.run(forget_answers(delivery));
        }
        batch.run(
            sql("UPDATE deliveries SET status = ?3, attempt_count = (SELECT max(number) FROM delivery_attempts \
                 WHERE delivery_id = ?1), step = step + 1, \
                 cause = 'automatic', has_slot = 0, next_attempt_at = ?4, due_at = ?4, last_status_code = ?5, \
                 lease = NULL, leased_until = 0, updated_at = ?6 WHERE id = ?1 AND lease = ?2")
            .bind(delivery.id)
            .bind(token)
            .bind(status.as_str())
            .bind(next_attempt_at)
            .bind(outcome.status.map(u32::from))
            .bind(now),
        );
        let Some(endpoint) = self.endpoints.get_mut(&delivery.webhook_id.to_string()) else { return Ok(()) };
        match effect(&self.rules.schedule, endpoint, delivery, outcome, now) {
            Effect::None => {}
            Effect::Recovered => {
                (endpoint.failing_since, endpoint.warned_at) = (None, None);
                let recovered = sql("UPDATE webhooks SET failing_since = NULL, warned_at = NULL WHERE id = ?1");
                batch.run(recovered.bind(delivery.webhook_id));
            }
            Effect::Failing => batch.run(endpoint.begin_streak(outcome)),
            Effect::Warn => {
                batch.run(endpoint.begin_streak(outcome));
                endpoint.warned_at = Some(now);
                batch.run(
                    sql("UPDATE webhooks SET warned_at = ?2, to_tell = coalesce(to_tell, ?3) \
                         WHERE id = ?1 AND warned_at IS NULL AND is_enabled")
                    .bind(delivery.webhook_id)
                    .bind(now)
                    .bind(WARNED),
                );
            }
            Effect::Disable(reason) => {
                batch.run(endpoint.begin_streak(outcome));
                let endpoint = endpoint.clone();
                // The lease alone would stand for every delivery that was leased together.
                let by = format!("{token}/{}", delivery.id);
                self.disable(&endpoint, &by, reason, now, random.message_id)?;
            }
        }
        Ok(())
    }

    fn disable(
        &mut self,
        endpoint: &Endpoint,
        by: &str,
        reason: DisabledReason,
        now: Timestamp,
        message_id: [u8; 16],
    ) -> Result<(), PlatformError> {
        let (website_id, webhook_id) = (self.website, endpoint.id);
        // If another attempt has succeeded meanwhile, the streak has ended and the endpoint stays on.
        let limit = match reason {
            DisabledReason::Gone => 0,
            DisabledReason::Failing => i64::from(self.rules.schedule.disable_after) * 1_000,
        };
        self.batch.run(
            sql("UPDATE webhooks SET is_enabled = 0, disabled_reason = ?2, disabled_by = ?3, disabled_at = ?4, \
                 to_tell = ?6 WHERE id = ?1 AND is_enabled AND failing_since <= ?5")
            .bind(webhook_id)
            .bind(reason.as_str())
            .bind(by)
            .bind(now)
            .bind(now.plus_millis(-limit))
            .bind(DISABLED),
        );
        self.batch.run(delivery::miss_pending(webhook_id, now));
        let event = EndpointDisabled { website_id, webhook_id, url: endpoint.url.clone(), reason: reason.as_str() };
        let message = Outgoing::new(event::body(now, event, false)?, message_id).except_to(webhook_id);
        let disabled = Some((webhook_id, by));
        publish::insert(
            &mut self.batch,
            &[message],
            Share { most: self.rules.most_waiting, waiting: None },
            now,
            disabled,
        );
        Ok(())
    }
}

impl Endpoint {
    fn begin_streak(&mut self, outcome: &Outcome) -> Statement {
        self.failing_since = self.failing_since.or(Some(outcome.started_at));
        sql("UPDATE webhooks SET failing_since = coalesce(failing_since, ?2) WHERE id = ?1")
            .bind(self.id)
            .bind(outcome.started_at)
    }
}

fn verdict(
    schedule: &Schedule,
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
    let next = schedule::next_attempt(schedule, failed, failure, outcome.status, retry_after, now, jitter_seed);
    (if next.is_some() { Status::Pending } else { Status::Failed }, next)
}

/// The attempt of a test delivery, or one that failed in the gateway itself, has no effect on its endpoint.
fn effect(
    schedule: &Schedule,
    endpoint: &Endpoint,
    delivery: &LeasedDelivery,
    outcome: &Outcome,
    now: Timestamp,
) -> Effect {
    if delivery.is_test != 0 || outcome.failure == Some(Failure::Internal) {
        return Effect::None;
    }
    if outcome.failure.is_none() {
        return if endpoint.failing_since.is_some() { Effect::Recovered } else { Effect::None };
    }
    if outcome.status == Some(GONE) {
        return Effect::Disable(DisabledReason::Gone);
    }
    match endpoint.failing_since.map(|since| schedule::streak(schedule, since, now)) {
        Some(FailureStreak::Over) => Effect::Disable(DisabledReason::Failing),
        Some(FailureStreak::HalfWay) if endpoint.warned_at.is_none() => Effect::Warn,
        _ => Effect::Failing,
    }
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
