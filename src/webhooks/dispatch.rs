//! Sending: takes deliveries that are due, makes one attempt each, and writes down what came of it.
//!
//! The row in D1 is the truth and a queue's message only a hint. Whoever sends leases the row first, so that a hint that
//! comes twice sends once; a lease that nobody gives back ends by itself, and cron finds what it left behind.

use crate::webhooks::queue;
use crate::webhooks::settings;
use futures_util::future::join_all;
use serde::Deserialize;

use super::deliveries::{Cause, Status, miss_waiting};
use super::event::{self, EndpointDisabled};
use super::publish::{self, Due, Outgoing, When};
use super::{endpoints, owner_mail};
use crate::platform::database::{Statement, sql};
use crate::platform::outgoing::{Post, Sent};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_values::{DeliveryId, Timestamp, WebhookId, WebsiteId, hex};
use sluice_webhook_rules::destination::Destination;
use sluice_webhook_rules::schedule::{self, Failure, FailureStreak, GONE, Schedule};
use sluice_webhook_rules::signature;

/// Bytes of an answer that are kept.
const LONGEST_ANSWER: usize = 20_000;
/// How long before its time a delivery may be taken; the rest is waited for.
const EARLY_MS: i64 = 1_000;
/// `has_slot` of a delivery that goes out at its time without further ado.
const HAS_PASSED: i64 = 2;
/// How much longer than an attempt may take its lease lasts, in milliseconds.
const MARGIN_MS: i64 = 10_000;
/// How long a delivery is overdue before cron takes it for lost by the queue.
const OVERDUE_MS: i64 = 5_000;
/// Overdue deliveries that one cron run hands to the queue.
const OVERDUE_AT_ONCE: u32 = 2_000;

/// A delivery that is ours for now.
#[derive(Deserialize)]
struct Leased {
    id: DeliveryId,
    website_id: WebsiteId,
    webhook_id: WebhookId,
    message_id: String,
    attempt_count: u32,
    step: u32,
    cause: Cause,
    is_test: i64,
    has_slot: i64,
    next_attempt_at: Timestamp,
    payload: String,
    url: String,
    sealed_headers: String,
    sealed_secret: String,
    sealed_previous_secret: Option<String>,
    previous_secret_expires_at: Option<Timestamp>,
    slot_ms: i64,
    failing_since: Option<Timestamp>,
    warned_at: Option<Timestamp>,
}

impl Leased {
    /// Its endpoint, as notices name it.
    fn whose(&self) -> (WebsiteId, WebhookId, &str) {
        (self.website_id, self.webhook_id, &self.url)
    }
}

/// What came of an attempt.
struct Outcome {
    started_at: Timestamp,
    duration_ms: i64,
    status: Option<u16>,
    failure: Option<Failure>,
    retry_after: Option<String>,
    answer: Option<String>,
}

/// Hands deliveries to the queue whose time has come and that nobody is sending: waits that are too long for the queue,
/// and what a crash left behind.
pub async fn enqueue_overdue(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let overdue = sql("SELECT id, next_attempt_at FROM deliveries WHERE status = 'pending' AND next_attempt_at <= ?1 \
                       AND leased_until <= ?2 ORDER BY next_attempt_at LIMIT ?3");
    let overdue = overdue.bind(now.plus_millis(-OVERDUE_MS)).bind(now).bind(OVERDUE_AT_ONCE);
    let due: Vec<Due> = platform.database().batch(vec![overdue]).await?.all()?;
    queue::enqueue(platform, &due, now).await;
    Ok(())
}

/// Sends those of these deliveries that are due. Each is on its own: a slow one holds up no other.
pub async fn send(platform: &Platform, ids: &[DeliveryId]) -> Result<(), PlatformError> {
    let schedule = settings::schedule(&platform.config());
    let token = hex(&platform.random::<16>()?);
    let round = Round { schedule: &schedule, lease: &token };
    let mut rows = platform.database().batch(lease(ids, round, platform.now())).await?;
    rows.skip();
    let leased: Vec<Leased> = rows.all()?;
    if leased.is_empty() {
        return Ok(());
    }
    let keyring = Keyring::from_config(&platform.config())?;
    let courier = Courier { platform, keyring: &keyring, round };
    for failed in join_all(leased.into_iter().map(|delivery| courier.attempt(delivery))).await {
        if let Err(error) = failed {
            log::failure("queue", "deliveries", &error.to_string());
        }
    }
    Ok(())
}

/// Leases those of these deliveries that are due and in nobody's hands. The second statement's rows are ours.
fn lease(ids: &[DeliveryId], round: Round, now: Timestamp) -> Vec<Statement> {
    let until = now.plus_millis(i64::from(round.schedule.timeout) * 1_000 + MARGIN_MS);
    vec![
        sql("UPDATE deliveries SET lease = ?2, leased_until = ?3 WHERE id IN (SELECT value FROM json_each(?1)) \
             AND status = 'pending' AND leased_until <= ?4 AND next_attempt_at <= ?5")
        .bind_json(ids)
        .bind(round.lease)
        .bind(until)
        .bind(now)
        .bind(now.plus_millis(EARLY_MS)),
        sql("SELECT d.id, d.website_id, d.webhook_id, d.message_id, d.attempt_count, d.step, d.cause, d.is_test, \
             d.has_slot, d.next_attempt_at, m.payload, w.url, w.sealed_headers, w.sealed_secret, \
             w.sealed_previous_secret, w.previous_secret_expires_at, w.slot_ms, w.failing_since, w.warned_at \
             FROM deliveries d JOIN messages m ON m.id = d.message_id JOIN webhooks w ON w.id = d.webhook_id \
             WHERE d.id IN (SELECT value FROM json_each(?1)) AND d.lease = ?2 AND (w.is_enabled OR d.is_test)")
        .bind_json(ids)
        .bind(round.lease),
    ]
}

/// What all attempts of one batch share.
struct Courier<'a> {
    platform: &'a Platform,
    keyring: &'a Keyring,
    round: Round<'a>,
}

/// What decides of one batch.
#[derive(Clone, Copy)]
struct Round<'a> {
    schedule: &'a Schedule,
    /// Tells our leases from those of others.
    lease: &'a str,
}

/// What follows from an attempt.
struct Conclusion {
    /// All of it, in one transaction.
    statements: Vec<Statement>,
    /// How many of them are about the delivery alone.
    own: usize,
    next_attempt_at: Option<Timestamp>,
    consequence: Consequence,
}

impl Courier<'_> {
    async fn attempt(&self, delivery: Leased) -> Result<(), PlatformError> {
        let early = delivery.next_attempt_at.as_millis() - self.platform.now().as_millis();
        if early > 0 {
            self.platform.sleep(early.unsigned_abs()).await;
        }
        if delivery.slot_ms > 0 && delivery.has_slot != HAS_PASSED {
            // Only now, or whoever waits the shortest would not be the first to pass.
            let Some(at) = self.pass(&delivery).await? else { return Ok(()) };
            match at.as_millis() - self.platform.now().as_millis() {
                wait if wait > EARLY_MS => return self.wait_for(&delivery, at).await,
                wait if wait > 0 => self.platform.sleep(wait.unsigned_abs()).await,
                _ => {}
            }
        } else if early > 0 && !self.is_ours(&delivery).await? {
            return Ok(());
        }
        let outcome = self.post(&delivery).await?;
        self.record(&delivery, outcome).await
    }

    /// When this one goes out: an endpoint with a rate limit lets one pass after the other, however late or often they
    /// come. Nothing where it was switched off or deleted meanwhile.
    async fn pass(&self, delivery: &Leased) -> Result<Option<Timestamp>, PlatformError> {
        #[derive(Deserialize)]
        struct Passed {
            at: Timestamp,
        }
        let statement = sql("UPDATE webhooks SET last_sent_at = max(last_sent_at + slot_ms, ?2) WHERE id = ?1 \
                             AND EXISTS (SELECT 1 FROM deliveries WHERE id = ?3 AND lease = ?4 AND status = 'pending') \
                             RETURNING last_sent_at AS at");
        let statement =
            statement.bind(delivery.webhook_id).bind(self.platform.now()).bind(delivery.id).bind(self.round.lease);
        let passed: Option<Passed> = self.platform.database().batch(vec![statement]).await?.first()?;
        Ok(passed.map(|passed| passed.at))
    }

    /// Whether the lease still holds, after a wait in which the endpoint may have been switched off or deleted.
    async fn is_ours(&self, delivery: &Leased) -> Result<bool, PlatformError> {
        let statement = sql("SELECT 1 FROM deliveries WHERE id = ?1 AND lease = ?2 AND status = 'pending'");
        let statement = statement.bind(delivery.id).bind(self.round.lease);
        let row = self.platform.database().batch(vec![statement]).await?.first::<serde::de::IgnoredAny>()?;
        Ok(row.is_some())
    }

    /// Gives the lease back until the delivery's moment has come.
    async fn wait_for(&self, delivery: &Leased, at: Timestamp) -> Result<(), PlatformError> {
        let statement =
            sql("UPDATE deliveries SET next_attempt_at = ?3, has_slot = ?4, lease = NULL, leased_until = 0 \
                             WHERE id = ?1 AND lease = ?2");
        let statement = statement.bind(delivery.id).bind(self.round.lease).bind(at).bind(HAS_PASSED);
        self.platform.database().batch(vec![statement]).await?;
        queue::enqueue(self.platform, &[Due { id: delivery.id, at }], self.platform.now()).await;
        Ok(())
    }

    async fn post(&self, delivery: &Leased) -> Result<Outcome, PlatformError> {
        let started_at = self.platform.now();
        let blank = Outcome {
            started_at,
            duration_ms: 0,
            status: None,
            failure: Some(Failure::Blocked),
            retry_after: None,
            answer: None,
        };
        let Ok(destination) = Destination::parse(&delivery.url, self.platform.config().environment()) else {
            return Ok(blank);
        };
        let (website, webhook) = (delivery.website_id, delivery.webhook_id);
        let mut secrets = vec![endpoints::open_secret(self.keyring, website, webhook, &delivery.sealed_secret)?];
        if let Some(sealed) = &delivery.sealed_previous_secret
            && delivery.previous_secret_expires_at.is_some_and(|expires_at| expires_at > started_at)
        {
            secrets.push(endpoints::open_secret(self.keyring, website, webhook, sealed)?);
        }
        let sent_at = started_at.as_millis().div_euclid(1_000);
        let custom = endpoints::open_headers(self.keyring, website, webhook, &delivery.sealed_headers)?;
        let mut headers: Vec<(&str, String)> = custom.iter().map(|(name, value)| (name, value.to_owned())).collect();
        headers.extend([
            ("content-type", "application/json".to_owned()),
            ("user-agent", USER_AGENT.to_owned()),
            ("webhook-id", delivery.message_id.clone()),
            ("webhook-timestamp", sent_at.to_string()),
            ("webhook-signature", signature::header(&secrets, &delivery.message_id, sent_at, &delivery.payload)),
        ]);
        let post = Post {
            url: destination.url().as_str(),
            headers,
            body: &delivery.payload,
            timeout_ms: u64::from(self.round.schedule.timeout) * 1_000,
            longest_answer: LONGEST_ANSWER,
        };
        let sent = self.platform.outgoing().post(post).await;
        let (duration_ms, sent) = (sent.duration_ms, sent.result);
        Ok(match sent {
            Sent::Answered { status, retry_after, body } => Outcome {
                duration_ms,
                status: Some(status),
                failure: schedule::judge(status),
                retry_after,
                answer: Some(String::from_utf8_lossy(&body).into_owned()),
                ..blank
            },
            Sent::TimedOut => Outcome { duration_ms, failure: Some(Failure::Timeout), ..blank },
            Sent::Failed(explanation) | Sent::Invalid(explanation) => {
                Outcome { duration_ms, failure: Some(failure_of(&explanation)), ..blank }
            }
        })
    }

    /// Writes down what came of an attempt, and all that follows from it, in one transaction.
    async fn record(&self, delivery: &Leased, outcome: Outcome) -> Result<(), PlatformError> {
        let now = self.platform.now();
        let jitter_seed = u32::from_be_bytes(self.platform.random()?);
        let concluded = self.round.conclude(delivery, &outcome, now, jitter_seed, self.platform.random()?)?;
        let mut rows = self.platform.database().batch(concluded.statements).await?;
        if let Some(at) = concluded.next_attempt_at {
            queue::enqueue(self.platform, &[Due { id: delivery.id, at }], now).await;
        }
        // The statement after the one that notes since when it fails returns a row to whoever was the first.
        (0..=concluded.own).for_each(|_| rows.skip());
        match concluded.consequence {
            Consequence::None | Consequence::Recovered | Consequence::Failing => {}
            Consequence::Warn => {
                if rows.first::<serde::de::IgnoredAny>()?.is_some() {
                    owner_mail::warn(self.platform, delivery.whose(), self.round.schedule, now).await;
                }
            }
            Consequence::Disable(reason) => {
                if rows.first::<serde::de::IgnoredAny>()?.is_some() {
                    rows.skip();
                    let due = publish::due(&mut rows)?;
                    queue::enqueue(self.platform, &due, now).await;
                    owner_mail::disabled(self.platform, delivery.whose(), reason, now).await;
                }
            }
        }
        Ok(())
    }
}

impl Round<'_> {
    /// What follows from an attempt that ended at `now`. `jitter_seed` is for the jitter, `random` for a message's id.
    fn conclude(
        self,
        delivery: &Leased,
        outcome: &Outcome,
        now: Timestamp,
        jitter_seed: u32,
        random: [u8; 16],
    ) -> Result<Conclusion, PlatformError> {
        let (status, next_attempt_at) = self.verdict(delivery, outcome, now, jitter_seed);
        let mut statements = vec![
            insert_attempt(delivery, outcome),
            sql("UPDATE deliveries SET status = ?3, attempt_count = attempt_count + 1, step = step + 1, \
                 cause = 'automatic', has_slot = 0, next_attempt_at = ?4, last_status_code = ?5, lease = NULL, \
                 leased_until = 0, updated_at = ?6 WHERE id = ?1 AND lease = ?2")
            .bind(delivery.id)
            .bind(self.lease)
            .bind(status.as_str())
            .bind(next_attempt_at)
            .bind(outcome.status.map(u32::from))
            .bind(now),
        ];
        let (own, consequence) = (statements.len(), self.consequence(delivery, outcome, now));
        statements.extend(self.streak(delivery, outcome, consequence, now, random)?);
        Ok(Conclusion { statements, own, next_attempt_at, consequence })
    }

    fn verdict(
        self,
        delivery: &Leased,
        outcome: &Outcome,
        now: Timestamp,
        jitter_seed: u32,
    ) -> (Status, Option<Timestamp>) {
        let Some(failure) = outcome.failure else { return (Status::Delivered, None) };
        if outcome.status == Some(GONE) {
            return (Status::Failed, None);
        }
        let failed = delivery.step + 1;
        let retry_after = outcome.retry_after.as_deref();
        let next =
            schedule::next_attempt(self.schedule, failed, failure, outcome.status, retry_after, now, jitter_seed);
        (if next.is_some() { Status::Pending } else { Status::Failed }, next)
    }

    /// What an attempt means for its endpoint. That of an example means nothing.
    fn consequence(self, delivery: &Leased, outcome: &Outcome, now: Timestamp) -> Consequence {
        if delivery.is_test != 0 {
            return Consequence::None;
        }
        if outcome.failure.is_none() {
            return if delivery.failing_since.is_some() { Consequence::Recovered } else { Consequence::None };
        }
        if outcome.status == Some(GONE) {
            return Consequence::Disable("gone");
        }
        match delivery.failing_since.map(|since| schedule::streak(self.schedule, since, now)) {
            Some(FailureStreak::Over) => Consequence::Disable("failing"),
            Some(FailureStreak::HalfWay) if delivery.warned_at.is_none() => Consequence::Warn,
            _ => Consequence::Failing,
        }
    }

    fn streak(
        self,
        delivery: &Leased,
        outcome: &Outcome,
        consequence: Consequence,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<Vec<Statement>, PlatformError> {
        let webhook = delivery.webhook_id;
        let failing = sql("UPDATE webhooks SET failing_since = coalesce(failing_since, ?2) WHERE id = ?1")
            .bind(webhook)
            .bind(outcome.started_at);
        Ok(match consequence {
            Consequence::None => Vec::new(),
            Consequence::Recovered => {
                vec![sql("UPDATE webhooks SET failing_since = NULL, warned_at = NULL WHERE id = ?1").bind(webhook)]
            }
            Consequence::Failing => vec![failing],
            Consequence::Warn => vec![
                failing,
                sql("UPDATE webhooks SET warned_at = ?2 WHERE id = ?1 AND warned_at IS NULL AND is_enabled RETURNING id")
                    .bind(webhook)
                    .bind(now),
            ],
            Consequence::Disable(reason) => {
                // The lease alone would name every delivery of its batch.
                let by = format!("{}/{}", self.lease, delivery.id);
                // A success that came meanwhile has ended the streak: then the time is not over.
                let limit = if reason == "gone" { 0 } else { i64::from(self.schedule.disable_after) * 1_000 };
                let disable = sql("UPDATE webhooks SET is_enabled = 0, disabled_reason = ?2, disabled_by = ?3, \
                                   updated_at = ?4 WHERE id = ?1 AND is_enabled AND failing_since <= ?5 RETURNING id")
                .bind(webhook)
                .bind(reason)
                .bind(by.as_str())
                .bind(now)
                .bind(now.plus_millis(-limit));
                let url = delivery.url.clone();
                let told = EndpointDisabled { website_id: delivery.website_id, webhook_id: webhook, url, reason };
                let message = Outgoing::new(event::of_disabled(now, told)?, random).except_to(webhook);
                let mut statements = vec![failing, disable, miss_waiting(webhook, now)];
                statements.extend(publish::insert(delivery.website_id, &[message], now, When::Disabled(webhook, &by)));
                statements
            }
        })
    }
}

/// How requests name their sender.
const USER_AGENT: &str = concat!("Sluice/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// What an attempt means for its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consequence {
    /// Nothing changes.
    None,
    /// It had been failing.
    Recovered,
    /// It is failing.
    Failing,
    /// It has been failing for half of the time that it may.
    Warn,
    /// It has been failing for too long, or is gone.
    Disable(&'static str),
}

fn insert_attempt(delivery: &Leased, outcome: &Outcome) -> Statement {
    let cause = match delivery.cause {
        Cause::Automatic => "automatic",
        Cause::Manual => "manual",
    };
    sql("INSERT INTO delivery_attempts (delivery_id, number, cause, started_at, duration_ms, status_code, error, \
         response_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING")
    .bind(delivery.id)
    .bind(delivery.attempt_count + 1)
    .bind(cause)
    .bind(outcome.started_at)
    .bind(outcome.duration_ms)
    .bind(outcome.status.map(u32::from))
    .bind(outcome.failure.map(Failure::as_str))
    .bind(outcome.answer.as_deref())
}

/// What the runtime's words for a fetch that failed mean; it has no codes for it.
fn failure_of(explanation: &str) -> Failure {
    let words = explanation.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&["dns", "name resolution", "getaddrinfo", "enotfound", "nxdomain"]) {
        Failure::Dns
    } else if says(&["tls", "ssl", "certificate", "handshake"]) {
        Failure::Tls
    } else {
        Failure::Connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use proptest::prelude::*;
    use serde_json::Value;

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
        let rows = database.batch::<Value>(&publish::insert(WEBSITE.parse().unwrap(), &messages, now, When::Always));
        rows.unwrap().pop().unwrap().into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    fn take(database: &Memory, round: Round, ids: &[DeliveryId], now: Timestamp) -> Vec<Leased> {
        let rows = database.batch::<Value>(&lease(ids, round, now)).unwrap().pop().unwrap();
        rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    fn outcome(started_at: Timestamp, status: Option<u16>) -> Outcome {
        let failure = status.map_or(Some(Failure::Connection), schedule::judge);
        Outcome { started_at, duration_ms: 5, status, failure, retry_after: None, answer: None }
    }

    fn rows(database: &Memory, statement: &'static str) -> Vec<Value> {
        database.batch::<Value>(&[sql(statement)]).unwrap().remove(0)
    }

    #[test]
    fn an_endpoint_that_is_gone_is_switched_off_once_and_the_others_are_told() {
        let database = database();
        let schedule = Schedule::default();
        let due: Vec<DeliveryId> =
            [1, 2].iter().flat_map(|number| publish(&database, *number, at(0))).map(|due| due.id).collect();
        assert_eq!(due.len(), 4, "one of three is off");
        publish(&database, 3, at(0));
        let round = Round { schedule: &schedule, lease: "ours" };
        let leased = take(&database, round, &due, at(0));
        let mut gone = leased.iter().filter(|delivery| delivery.webhook_id.to_string().ends_with('1'));
        let mut end = |random| {
            let delivery = gone.next().unwrap();
            let concluded = round.conclude(delivery, &outcome(at(0), Some(GONE)), at(1), 0, random).unwrap();
            let answers = database.batch::<Value>(&concluded.statements).unwrap();
            (answers[concluded.own + 1].len(), answers.last().unwrap().len())
        };
        assert_eq!(end([9; 16]), (1, 1), "it was the first to say so, and the third endpoint is told");
        assert_eq!(end([8; 16]), (0, 0), "a twin of the same batch tells nobody");
        let stand = "SELECT substr(webhook_id, -1) || ' ' || type || ' ' || status AS stand FROM deliveries ORDER BY 1";
        let stand = rows(&database, stand);
        let stand: Vec<_> = stand.iter().map(|row| row["stand"].as_str().unwrap()).collect();
        assert_eq!(
            stand,
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
    fn news_that_was_taken_over_is_taken_over_once() {
        let database = database();
        assert_eq!(publish(&database, 1, at(0)).len(), 2);
        database.execute(&format!("INSERT INTO news_cursors VALUES ('{WEBSITE}', 1)"));
        assert!(publish(&database, 1, at(1)).is_empty());
        assert_eq!(publish(&database, 2, at(1)).len(), 2);
        assert_eq!(rows(&database, "SELECT id FROM messages").len(), 2);
    }

    #[test]
    fn a_rate_limit_gives_each_its_place_in_the_order_of_arrival() {
        let database = database();
        database.execute("UPDATE webhooks SET slot_ms = 550, rate_limit = 2 WHERE substr(id, -1) = '1'");
        for number in 1..=4 {
            publish(&database, number, at(0));
        }
        let places = "SELECT next_attempt_at - 1779321600000 AS place, has_slot FROM deliveries \
                      WHERE substr(webhook_id, -1) = '1' ORDER BY message_id";
        let places: Vec<_> = rows(&database, places).iter().map(|row| row["place"].as_i64().unwrap()).collect();
        assert_eq!(places, [0, 550, 1_100, 1_650]);
        let others = "SELECT count(*) AS n FROM deliveries WHERE substr(webhook_id, -1) = '3' AND next_attempt_at > 1779321600000";
        assert_eq!(rows(&database, others)[0]["n"], 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Hints come twice, late, and out of order; couriers crash before they write anything down.
        #[test]
        fn however_hints_come_each_attempt_is_made_by_one_and_each_delivery_ends(
            hints in prop::collection::vec((0_usize..6, 0_i64..8, 0_u8..8), 10..120),
        ) {
            let database = database();
            let schedule = Schedule { waits: vec![2, 4, 8], timeout: 2, floor: 0, disable_after: 1_000_000 };
            let due: Vec<DeliveryId> =
                (1..=3).flat_map(|number| publish(&database, number, at(0))).map(|due| due.id).collect();
            let mut second = 0;
            let mut held: Vec<(DeliveryId, i64)> = Vec::new();
            let tail = (0..60).map(|number| (number % 6, 5, 3));
            for (turn, (which, wait, fate)) in hints.into_iter().chain(tail).enumerate() {
                second += wait;
                let token = turn.to_string();
                let round = Round { schedule: &schedule, lease: &token };
                for delivery in take(&database, round, &[due[which], due[which]], at(second)) {
                    held.retain(|(_, until)| *until > second);
                    prop_assert!(held.iter().all(|(id, _)| *id != delivery.id), "one courier at a time");
                    if fate == 0 {
                        // Crashed: nobody else may try before its lease is over.
                        held.push((delivery.id, second + i64::from(schedule.timeout) + MARGIN_MS / 1_000));
                        continue;
                    }
                    let status = [None, Some(500), Some(429), Some(200)][usize::from(fate) % 4];
                    let concluded = round.conclude(&delivery, &outcome(at(second), status), at(second), 7, [1; 16]);
                    database.batch::<Value>(&concluded.unwrap().statements).unwrap();
                }
            }
            let stand = "SELECT d.status, d.attempt_count, count(a.number) AS made, coalesce(max(a.number), 0) AS last, \
                         sum(a.error IS NULL AND a.number IS NOT NULL) AS successes FROM deliveries d \
                         LEFT JOIN delivery_attempts a ON a.delivery_id = d.id GROUP BY d.id";
            for row in rows(&database, stand) {
                let status = row["status"].as_str().unwrap();
                prop_assert!(["delivered", "failed", "missed"].contains(&status), "{}", row);
                prop_assert_eq!(&row["made"], &row["attempt_count"], "numbered without a gap: {}", row);
                prop_assert_eq!(&row["made"], &row["last"], "{}", row);
                prop_assert_eq!(row["successes"].as_i64().unwrap_or_default(), i64::from(status == "delivered"), "{}", row);
                prop_assert!(row["made"].as_i64().unwrap() <= 4, "{}", row);
            }
        }
    }

    #[test]
    fn failures_are_told_by_the_runtimes_words() {
        for (words, failure) in [
            ("Error: DNS lookup failed.; params.host = nowhere.example", Failure::Dns),
            ("TLS peer's certificate is not trusted; reason = self signed certificate", Failure::Tls),
            ("Network connection lost.", Failure::Connection),
            ("connect(): Connection refused", Failure::Connection),
        ] {
            assert_eq!(failure_of(words), failure, "{words}");
        }
    }
}
