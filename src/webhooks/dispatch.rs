//! The dispatcher: leases the deliveries that a queue message names, makes one attempt for each, and stores the
//! consequences.
//!
//! The row in D1 is the truth and a queue message only a hint.

use futures_util::future::join_all;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::consequences::{self, FollowUp, Random};
use super::lease::{EARLY_MS, Lease, LeasedDelivery, TURN_TAKEN};
use super::owner_mail::OwnerMail;
use super::publish::Due;
use super::{attempt, queue, settings};
use crate::platform::config::MAX_WAITING_DELIVERIES;
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_values::{DeliveryId, Timestamp, hex};

/// Sends those of these deliveries that are due, each independently: a slow receiver delays no other.
pub async fn send(platform: &Platform, ids: &[DeliveryId]) -> Result<(), PlatformError> {
    let schedule = settings::schedule(&platform.config());
    let token = hex(&platform.random::<16>()?);
    let most_waiting = platform.config().cap(MAX_WAITING_DELIVERIES);
    let lease = Lease { schedule: &schedule, most_waiting, token: &token };
    let mut batch = Batch::new();
    let leased = lease.take(&mut batch, ids, platform.now());
    let leased = platform.database().run(batch).await?.all(&leased)?;
    if leased.is_empty() {
        return Ok(());
    }
    let keyring = Keyring::from_config(&platform.config())?;
    let dispatcher = Dispatcher { platform, keyring: &keyring, lease };
    for sent in join_all(leased.iter().map(|delivery| dispatcher.dispatch(delivery))).await {
        if let Err(error) = sent {
            log::failure("queue", "deliveries", &error.to_string());
        }
    }
    Ok(())
}

struct Dispatcher<'a> {
    platform: &'a Platform,
    keyring: &'a Keyring,
    lease: Lease<'a>,
}

impl Dispatcher<'_> {
    async fn dispatch(&self, delivery: &LeasedDelivery) -> Result<(), PlatformError> {
        let early = delivery.next_attempt_at.as_millis() - self.platform.now().as_millis();
        if early > 0 {
            self.platform.sleep(early.unsigned_abs()).await;
        }
        if delivery.slot_ms > 0 && delivery.has_slot != TURN_TAKEN {
            // Turns are taken after the wait, in the order in which the waits end.
            let Some(turn) = self.take_turn(delivery).await? else { return Ok(()) };
            match turn.as_millis() - self.platform.now().as_millis() {
                wait if wait > EARLY_MS => return self.enqueue_again(delivery, turn).await,
                wait if wait > 0 => self.platform.sleep(wait.unsigned_abs()).await,
                _ => {}
            }
        } else if early > 0 && !self.is_leased(delivery).await? {
            return Ok(());
        }
        let outcome = match attempt::make(self.platform, self.keyring, self.lease.schedule, delivery).await {
            Ok(outcome) => outcome,
            Err(error) => {
                log::failure("queue", "deliveries", &format!("delivery {}: {error}", delivery.id));
                attempt::Outcome::internal(self.platform.now())
            }
        };
        self.conclude(delivery, &outcome).await
    }

    /// When the delivery's turn is; `None` if the endpoint was switched off or deleted meanwhile.
    async fn take_turn(&self, delivery: &LeasedDelivery) -> Result<Option<Timestamp>, PlatformError> {
        #[derive(Deserialize)]
        struct Turn {
            at: Timestamp,
        }
        let turn = self.lease.take_turn(delivery, self.platform.now());
        let turn = self.platform.database().rows::<Turn>(turn).await?;
        Ok(turn.first().map(|turn| turn.at))
    }

    async fn is_leased(&self, delivery: &LeasedDelivery) -> Result<bool, PlatformError> {
        let rows = self.platform.database().rows::<IgnoredAny>(self.lease.holds(delivery)).await?;
        Ok(!rows.is_empty())
    }

    async fn enqueue_again(&self, delivery: &LeasedDelivery, turn: Timestamp) -> Result<(), PlatformError> {
        self.platform.database().run(Batch::of(self.lease.give_back(delivery, turn))).await?;
        queue::enqueue(self.platform, &[Due { id: delivery.id, at: turn }], self.platform.now()).await;
        Ok(())
    }

    /// Stores the attempt and its consequences in one transaction, then enqueues and sends what follows.
    async fn conclude(&self, delivery: &LeasedDelivery, outcome: &attempt::Outcome) -> Result<(), PlatformError> {
        let now = self.platform.now();
        let random =
            Random { jitter_seed: u32::from_be_bytes(self.platform.random()?), message_id: self.platform.random()? };
        let concluded = consequences::conclude(self.lease, delivery, outcome, now, &random)?;
        let results = self.platform.database().run(concluded.batch).await?;
        if let Some(at) = concluded.next_attempt_at {
            queue::enqueue(self.platform, &[Due { id: delivery.id, at }], now).await;
        }
        let mail = OwnerMail::new(delivery.website_id, delivery.webhook_id, &delivery.url, now);
        match concluded.follow_up {
            FollowUp::None => {}
            FollowUp::WarnOwner(warned) => {
                if results.first(&warned)?.is_some() {
                    mail.warn(self.platform, self.lease.schedule).await;
                }
            }
            FollowUp::Disabled { reason, disabled, due } => {
                if results.first(&disabled)?.is_some() {
                    queue::enqueue(self.platform, &results.all(&due)?, now).await;
                    mail.disabled(self.platform, reason).await;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::rc::Rc;

    use super::super::event::{self, EventType, Example};
    use super::super::lease::MARGIN_MS;
    use super::super::publish::{self, Outgoing, When};
    use super::super::secrets::EndpointSeal;
    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::database::sql;
    use crate::platform::memory::{Memory, Request};
    use crate::platform::outgoing::Sent;
    use crate::platform::queues::Queue;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use futures_util::FutureExt;
    use serde_json::{Value, json};
    use sluice_values::{WebhookId, WebsiteId};
    use sluice_webhook_rules::headers::CustomHeaders;
    use sluice_webhook_rules::signature::Secret;

    const START: Timestamp = Timestamp::from_millis(1_779_321_600_000);
    const SECOND: i64 = 1_000;
    const MINUTE: i64 = 60_000;
    const TIMEOUT_MS: i64 = 15_000;

    fn website() -> WebsiteId {
        "0000000000000000000000d1".parse().unwrap()
    }

    fn webhook(number: u8) -> WebhookId {
        format!("{number:024x}").parse().unwrap()
    }

    fn url(number: u8) -> String {
        format!("https://receiver-{number}.example/hook")
    }

    fn status(status: u16) -> Sent {
        Sent::Answered { status, retry_after: None, body: b"what it said".to_vec() }
    }

    /// A gateway with one endpoint, whose clock the test moves.
    struct Gateway {
        memory: Rc<Memory>,
        platform: Platform,
        /// What receivers answer, one after the other; then 200.
        script: Rc<RefCell<VecDeque<Sent>>>,
        /// Messages in the queue, and when the consumer gets them.
        waiting: RefCell<Vec<(Timestamp, DeliveryId)>>,
    }

    impl Gateway {
        fn new() -> Self {
            Self::with(&[])
        }

        fn with(variables: &[(&str, &str)]) -> Self {
            let database = Database::with_website();
            database.execute("UPDATE accounts SET email = 'owner@example.com'");
            let keys = format!("k1:{}", BASE64.encode([1; 32]));
            let memory = Memory::new(database, START).with("ENCRYPTION_KEYS", &keys).with("EMAIL_FROM", "a@b.co");
            let memory = Rc::new(variables.iter().fold(memory, |memory, (name, value)| memory.with(name, value)));
            let script: Rc<RefCell<VecDeque<Sent>>> = Rc::default();
            let answers = script.clone();
            memory.serve(move |_| answers.borrow_mut().pop_front().unwrap_or_else(|| status(200)));
            let platform = Platform::in_memory(memory.clone());
            let gateway = Self { memory, platform, script, waiting: RefCell::default() };
            gateway.add_endpoint(1);
            gateway
        }

        fn add_endpoint(&self, number: u8) {
            let keyring = Keyring::from_config(&self.platform.config()).unwrap();
            let seal = EndpointSeal::new(&keyring, website(), webhook(number));
            let headers: CustomHeaders = serde_json::from_value(json!({ "X-Team": "growth" })).unwrap();
            self.memory.database.execute(&format!(
                "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers, \
                 sealed_secret, created_at, updated_at) \
                 VALUES ('{}', '{}', '{}', '[]', '[]', 1, '{}', '{}', 0, 0)",
                webhook(number),
                website(),
                url(number),
                seal.seal_headers(&headers, [1; 12]).unwrap(),
                seal.seal_secret(&Secret::new([number; 32]), [2; 12]).unwrap(),
            ));
        }

        /// Receivers answer so, one after the other.
        fn answer(&self, answers: impl IntoIterator<Item = Sent>) {
            self.script.borrow_mut().extend(answers);
        }

        fn example(&self) -> Outgoing {
            let of = Example { website: website(), webhook: webhook(1), url: "", now: self.platform.now() };
            let body = event::example(EventType::PaymentReceived, &of).unwrap();
            Outgoing::new(body, self.platform.random().unwrap())
        }

        /// An event happens, and its deliveries are enqueued.
        fn publish(&self) {
            let (mut batch, now) = (Batch::new(), self.platform.now());
            let due = publish::insert(&mut batch, website(), &[self.example()], self.most_waiting(), now, When::Always);
            let due = self.run(batch).all(&due).unwrap();
            queue::enqueue(&self.platform, &due, now).now_or_never().unwrap();
        }

        fn most_waiting(&self) -> u32 {
            self.platform.config().cap(MAX_WAITING_DELIVERIES)
        }

        fn run(&self, batch: Batch) -> crate::platform::database::Results {
            self.platform.database().run(batch).now_or_never().unwrap().unwrap()
        }

        /// The consumer gets a message that names these deliveries.
        fn send(&self, ids: &[DeliveryId]) {
            send(&self.platform, ids).now_or_never().unwrap().unwrap();
        }

        fn collect(&self) {
            for message in self.memory.take_queued(Queue::Deliveries) {
                let at = self.platform.now().plus_millis(i64::from(message.delay_seconds) * SECOND);
                self.waiting.borrow_mut().push((at, message.body.parse().unwrap()));
            }
        }

        /// Time passes: the queue delivers its messages, and cron runs every minute.
        fn pass(&self, millis: i64) {
            let end = self.platform.now().plus_millis(millis);
            loop {
                self.collect();
                let now = self.platform.now();
                let cron = Timestamp::from_millis((now.as_millis() / MINUTE + 1) * MINUTE);
                let message = self.waiting.borrow().iter().min_by_key(|(at, _)| *at).copied();
                let message = message.filter(|(at, _)| *at <= cron);
                let next = message.map_or(cron, |(at, _)| at.max(now));
                if next > end {
                    break;
                }
                self.memory.advance(next.as_millis() - now.as_millis());
                match message {
                    Some(message) => {
                        let at = self.waiting.borrow().iter().position(|waiting| *waiting == message).unwrap();
                        self.waiting.borrow_mut().swap_remove(at);
                        self.send(&[message.1]);
                    }
                    None => self.cron(),
                }
            }
            self.memory.advance((end.as_millis() - self.platform.now().as_millis()).max(0));
        }

        fn cron(&self) {
            queue::enqueue_overdue(&self.platform, self.platform.now()).now_or_never().unwrap().unwrap();
        }

        /// The messages in the queue are lost.
        fn lose_messages(&self) {
            self.collect();
            self.waiting.take();
        }

        /// What receivers were sent since the last call.
        fn received(&self) -> Vec<Request> {
            self.memory.requests.take()
        }

        /// The seconds since the start at which something was sent since the last call.
        fn seconds(&self) -> Vec<i64> {
            self.received().iter().map(|request| (request.at.as_millis() - START.as_millis()) / SECOND).collect()
        }

        fn query(&self, statement: &'static str) -> Vec<Value> {
            self.memory.database.batch(&[sql(statement)]).unwrap().remove(0)
        }

        /// The deliveries of the first endpoint, oldest first.
        fn deliveries(&self) -> Vec<DeliveryId> {
            let rows = self.query("SELECT id FROM deliveries WHERE substr(webhook_id, -1) = '1' ORDER BY rowid");
            rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
        }

        /// Their states.
        fn states(&self) -> Vec<String> {
            let rows = self.query(
                "SELECT status || ' ' || attempt_count AS state FROM deliveries WHERE substr(webhook_id, -1) = '1' \
                 ORDER BY rowid",
            );
            rows.iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
        }

        /// Number, status and error of all attempts.
        fn attempts(&self) -> Vec<Value> {
            self.query(
                "SELECT number, status_code, error, duration_ms FROM delivery_attempts ORDER BY started_at, number",
            )
        }

        fn subjects(&self) -> Vec<String> {
            self.memory.emails.take().into_iter().map(|email| email.subject).collect()
        }

        /// A message takes the leases and then its consumer crashes.
        fn crash(&self, ids: &[DeliveryId]) {
            let (schedule, mut batch) = (settings::schedule(&self.platform.config()), Batch::new());
            Lease { schedule: &schedule, most_waiting: 1, token: "crashed" }.take(&mut batch, ids, self.platform.now());
            self.run(batch);
        }
    }

    /// The endpoint is switched off as its owner does it.
    fn switch_off(memory: &Memory) {
        let off = sql("UPDATE webhooks SET is_enabled = 0, disabled_reason = 'manual' WHERE id = ?1").bind(webhook(1));
        let miss = super::super::delivery::miss_pending(webhook(1), START);
        memory.database.batch::<Value>(&[off, miss]).unwrap();
    }

    #[test]
    fn a_delivery_is_signed_sent_once_and_recorded() {
        let gateway = Gateway::new();
        gateway.publish();
        gateway.pass(10 * MINUTE);
        let [request] = gateway.received().try_into().unwrap();
        let stored = gateway.query("SELECT id, payload FROM messages").remove(0);
        let (id, payload) = (stored["id"].as_str().unwrap(), stored["payload"].as_str().unwrap());
        assert_eq!((request.url, request.body.as_str(), request.at), (url(1), payload, START));
        let sent_at = START.as_millis() / SECOND;
        let header = |name: &str| request.headers[name].clone();
        assert_eq!([header("webhook-id"), header("X-Team")], [id, "growth"]);
        assert_eq!(header("webhook-timestamp"), sent_at.to_string());
        assert_eq!(header("webhook-signature"), Secret::new([1; 32]).sign(id, sent_at, payload));
        assert_eq!(gateway.states(), ["delivered 1"]);
        let stored = gateway.query("SELECT number, cause, status_code, error, response_body FROM delivery_attempts");
        let attempt = json!({ "number": 1, "cause": "automatic", "status_code": 200, "error": null, "response_body": "what it said" });
        assert_eq!(stored, [attempt]);
    }

    #[test]
    fn a_replaced_secret_signs_too_until_it_expires() {
        let gateway = Gateway::new();
        let expires_at = START.plus_millis(MINUTE).as_millis();
        gateway.memory.database.execute(&format!(
            "UPDATE webhooks SET sealed_previous_secret = sealed_secret, previous_secret_expires_at = {expires_at}"
        ));
        for (wait, signatures) in [(MINUTE, 2), (0, 1)] {
            gateway.publish();
            gateway.pass(wait);
            let [request] = gateway.received().try_into().unwrap();
            assert_eq!(request.headers["webhook-signature"].split(' ').count(), signatures);
        }
    }

    #[test]
    fn failed_attempts_are_repeated_as_the_schedule_has_it_and_then_given_up() {
        let gateway = Gateway::new();
        gateway.answer((0..8).map(|_| status(500)));
        gateway.publish();
        gateway.pass(40 * 60 * MINUTE);
        let sent = gateway.seconds();
        let gaps: Vec<i64> = sent.iter().zip(sent.iter().skip(1)).map(|(one, next)| next - one).collect();
        // What waits longer than a message may stay in the queue is enqueued by cron.
        for (gap, wait) in gaps.iter().zip([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]) {
            assert!((wait * 8 / 10..=wait * 12 / 10 + 66).contains(gap), "{gap} s for {wait} s");
        }
        assert_eq!((gaps.len(), gateway.states()), (7, vec!["failed 8".to_owned()]));
        assert!(gateway.attempts().iter().all(|attempt| attempt["error"] == "status" && attempt["status_code"] == 500));
    }

    #[test]
    fn a_delivery_whose_seal_does_not_open_fails_and_stands_at_no_head() {
        let gateway = Gateway::new();
        gateway.add_endpoint(2);
        gateway.memory.database.execute("UPDATE webhooks SET sealed_secret = 'k0:gone' WHERE substr(id, -1) = '1'");
        gateway.publish();
        gateway.pass(10 * MINUTE);
        assert_eq!(gateway.states(), ["failed 1"]);
        assert_eq!(gateway.received().len(), 1, "the other endpoint's");
        assert_eq!(gateway.query("SELECT count(*) AS n FROM deliveries WHERE status = 'pending'"), [json!({ "n": 0 })]);
        let internal = gateway.attempts().into_iter().find(|attempt| attempt["error"] == "internal");
        assert_eq!(internal.unwrap()["status_code"], Value::Null);
        let streak = gateway.query("SELECT failing_since FROM webhooks WHERE substr(id, -1) = '1'");
        assert_eq!(streak, [json!({ "failing_since": null })]);
    }

    #[test]
    fn what_is_over_a_websites_share_of_waiting_deliveries_is_missed_with_the_reason() {
        let gateway = Gateway::with(&[("MAX_WAITING_DELIVERIES", "3")]);
        for _ in 0..5 {
            gateway.publish();
        }
        assert_eq!(gateway.states(), ["pending 0", "pending 0", "pending 0", "missed 0", "missed 0"]);
        let reasons = gateway.query("SELECT DISTINCT reason FROM deliveries WHERE status = 'missed'");
        assert_eq!(
            reasons,
            [json!({ "reason": "3 deliveries of this website wait already (MAX_WAITING_DELIVERIES)" })]
        );
        gateway.pass(MINUTE);
        gateway.publish();
        assert_eq!(gateway.states().pop().unwrap(), "pending 0");
        assert_eq!(gateway.received().len(), 3);
    }

    #[test]
    fn a_resend_during_an_attempt_is_not_lost() {
        let gateway = Gateway::new();
        gateway.publish();
        let (memory, is_first) = (gateway.memory.clone(), Cell::new(true));
        gateway.memory.serve(move |request| {
            let id = memory.database.batch::<Value>(&[sql("SELECT id FROM deliveries")]).unwrap().remove(0).remove(0);
            if is_first.replace(false) {
                let id = id["id"].as_str().unwrap().parse().unwrap();
                let again = super::super::deliveries::restart(id, webhook(1), website(), request.at);
                memory.database.batch::<Value>(&[again]).unwrap();
            }
            status(200)
        });
        gateway.pass(2 * MINUTE);
        assert_eq!(gateway.received().len(), 2);
        assert_eq!(gateway.states(), ["delivered 2"]);
        let causes = gateway.query("SELECT cause FROM delivery_attempts ORDER BY number");
        assert_eq!(causes, [json!({ "cause": "automatic" }), json!({ "cause": "manual" })]);
    }

    #[test]
    fn the_answers_of_the_last_three_attempts_are_kept() {
        let gateway = Gateway::new();
        gateway.answer((0..8).map(|_| status(500)));
        gateway.publish();
        gateway.pass(40 * 60 * MINUTE);
        let kept =
            gateway.query("SELECT number FROM delivery_attempts WHERE response_body IS NOT NULL ORDER BY number");
        assert_eq!(kept, [json!({ "number": 6 }), json!({ "number": 7 }), json!({ "number": 8 })]);
    }

    #[test]
    fn a_success_ends_the_attempts() {
        let gateway = Gateway::new();
        gateway.answer([status(500), Sent::Failed("connection refused".to_owned()), status(302), status(204)]);
        gateway.publish();
        gateway.pass(5 * 60 * MINUTE);
        assert_eq!(gateway.states(), ["delivered 4"]);
        let errors: Vec<Value> = gateway.attempts().iter().map(|attempt| attempt["error"].clone()).collect();
        assert_eq!(errors, [json!("status"), json!("connection"), json!("redirect"), Value::Null]);
        assert_eq!(gateway.received().len(), 4);
    }

    #[test]
    fn a_timeout_fails_and_gives_the_receiver_a_minute() {
        let gateway = Gateway::new();
        gateway.answer([Sent::TimedOut]);
        gateway.publish();
        gateway.pass(5 * MINUTE);
        assert_eq!(gateway.seconds(), [0, 75], "15 s until the timeout, then at least 60 s");
        assert_eq!(
            gateway.attempts().remove(0),
            json!({ "number": 1, "status_code": null, "error": "timeout", "duration_ms": TIMEOUT_MS })
        );
        assert_eq!(gateway.states(), ["delivered 2"]);
    }

    #[test]
    fn a_receiver_that_asks_for_a_pause_gets_up_to_twice_the_wait() {
        for (asked, second) in [("7", 7), ("100000", 10), ("1", 5)] {
            let gateway = Gateway::new();
            let retry_after = Some(asked.to_owned());
            gateway.answer([Sent::Answered { status: 503, retry_after, body: Vec::new() }]);
            gateway.publish();
            gateway.pass(MINUTE);
            assert_eq!(gateway.seconds(), [0, second], "{asked}");
        }
    }

    #[test]
    fn an_endpoint_that_is_gone_is_switched_off_and_the_others_and_the_owner_learn_of_it() {
        let gateway = Gateway::new();
        gateway.add_endpoint(2);
        gateway.answer([status(500), status(200)]);
        gateway.publish();
        gateway.pass(0);
        assert_eq!(gateway.received().len(), 2);
        gateway.publish();
        gateway.answer([status(410)]);
        gateway.pass(60 * MINUTE);
        // The one that waits for its second attempt is not sent any more, nor is what comes later.
        assert_eq!(gateway.states(), ["missed 1", "failed 1"]);
        gateway.publish();
        gateway.pass(60 * MINUTE);
        assert_eq!(gateway.states(), ["missed 1", "failed 1", "missed 0"]);
        let received = gateway.received();
        let types: Vec<_> = received
            .iter()
            .filter(|request| request.url == url(2))
            .map(|request| serde_json::from_str::<Value>(&request.body).unwrap()["type"].clone())
            .collect();
        assert_eq!(types, ["payment.received", "endpoint.disabled", "payment.received"]);
        assert_eq!(received.len(), 4, "one to the first endpoint: {received:?}");
        assert_eq!(gateway.subjects(), ["A webhook of example.com was switched off"]);
        assert_eq!(gateway.query("SELECT disabled_reason AS why FROM webhooks")[0]["why"], "gone");
    }

    #[test]
    fn a_delivery_whose_endpoint_is_switched_off_or_deleted_while_it_waits_is_not_sent() {
        let delete = |memory: &Memory| {
            let delete = sql("DELETE FROM webhooks WHERE id = ?1").bind(webhook(1));
            let fail = super::super::delivery::fail_pending(webhook(1), START);
            memory.database.batch::<Value>(&[delete, fail]).unwrap();
        };
        let happenings = [(switch_off as fn(&Memory), "missed"), (delete as fn(&Memory), "failed")];
        for ((happening, ended), has_limit) in happenings.into_iter().flat_map(|one| [(one, false), (one, true)]) {
            let gateway = Gateway::new();
            gateway.answer([status(500)]);
            gateway.publish();
            gateway.pass(0);
            if has_limit {
                gateway.memory.database.execute("UPDATE webhooks SET slot_ms = 550, rate_limit = 2");
            }
            // The queue counts in whole seconds, so the dispatcher waits for the rest.
            gateway.memory.during_next_sleep(happening);
            gateway.pass(10 * SECOND);
            assert_eq!(gateway.states(), [format!("{ended} 1")]);
            assert_eq!(gateway.received().len(), 1, "the first attempt only");
        }
    }

    #[test]
    fn a_delivery_whose_endpoint_was_switched_off_before_is_not_sent_unless_it_is_a_test() {
        let gateway = Gateway::new();
        let (message, id) = (gateway.example(), "0000000000000000000000c1".parse().unwrap());
        switch_off(&gateway.memory);
        let mut batch = Batch::of(publish::insert_test_message(website(), &message, START));
        batch.run(publish::insert_test_delivery(website(), webhook(1), id, &message, START));
        gateway.run(batch);
        gateway.answer([status(410)]);
        gateway.send(&[id]);
        assert_eq!((gateway.received().len(), gateway.states()), (1, vec!["failed 1".to_owned()]));
        assert!(gateway.subjects().is_empty(), "a test has no consequences");
    }

    #[test]
    fn a_doubled_queue_message_sends_once() {
        let gateway = Gateway::new();
        gateway.publish();
        let id = gateway.deliveries()[0];
        gateway.send(&[id, id]);
        gateway.send(&[id]);
        gateway.pass(MINUTE);
        assert_eq!(gateway.received().len(), 1);
        assert_eq!(gateway.states(), ["delivered 1"]);
        gateway.send(&["0000000000000000000000c9".parse().unwrap()]);
        assert!(gateway.received().is_empty(), "no such delivery");
    }

    #[test]
    fn a_queue_message_that_comes_during_an_attempt_sends_nothing() {
        let gateway = Gateway::new();
        gateway.publish();
        let (id, platform) = (gateway.deliveries()[0], gateway.platform.clone());
        let sent = Rc::new(RefCell::new(0));
        let count = sent.clone();
        gateway.memory.serve(move |_| {
            *count.borrow_mut() += 1;
            // It would be answered by this very receiver, which is busy: a second request panics.
            send(&platform, &[id]).now_or_never().unwrap().unwrap();
            status(200)
        });
        gateway.pass(MINUTE);
        assert_eq!((*sent.borrow(), gateway.states()), (1, vec!["delivered 1".to_owned()]));
        // The receiver holds the platform.
        gateway.memory.serve(|_| status(200));
    }

    #[test]
    fn a_lost_queue_message_is_replaced_by_cron() {
        let gateway = Gateway::new();
        gateway.publish();
        gateway.lose_messages();
        gateway.pass(MINUTE);
        assert_eq!(gateway.seconds(), [60]);
        assert_eq!(gateway.states(), ["delivered 1"]);
    }

    #[test]
    fn a_crash_before_the_attempt_delays_it_until_the_lease_expires() {
        let gateway = Gateway::new();
        gateway.publish();
        let id = gateway.deliveries()[0];
        gateway.crash(&[id]);
        gateway.pass(TIMEOUT_MS + MARGIN_MS - 1);
        gateway.send(&[id]);
        assert!(gateway.received().is_empty(), "somebody else may still be at it");
        gateway.pass(MINUTE);
        assert_eq!((gateway.seconds().len(), gateway.states()), (1, vec!["delivered 1".to_owned()]));
    }

    #[test]
    fn a_crash_after_the_attempt_repeats_it_under_the_same_id() {
        let gateway = Gateway::new();
        gateway.publish();
        let crash = "CREATE TRIGGER crash BEFORE INSERT ON delivery_attempts BEGIN SELECT RAISE(ABORT, 'crash'); END";
        gateway.memory.database.execute(crash);
        gateway.pass(0);
        assert_eq!(gateway.states(), ["pending 0"]);
        gateway.memory.database.execute("DROP TRIGGER crash");
        gateway.pass(2 * MINUTE);
        let received = gateway.received();
        let ids: Vec<_> = received.iter().map(|request| &request.headers["webhook-id"]).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
        assert_eq!((gateway.states(), gateway.attempts().len()), (vec!["delivered 1".to_owned()], 1));
    }

    #[test]
    fn a_delivery_that_cannot_be_sent_at_all_holds_up_no_other() {
        let gateway = Gateway::new();
        gateway.add_endpoint(2);
        gateway.memory.database.execute("UPDATE webhooks SET sealed_secret = 'x' WHERE substr(id, -1) = '1'");
        gateway.publish();
        let ids: Vec<DeliveryId> =
            gateway.memory.take_queued(Queue::Deliveries).iter().map(|message| message.body.parse().unwrap()).collect();
        gateway.send(&ids);
        let [request] = gateway.received().try_into().unwrap();
        assert_eq!(request.url, url(2));
    }

    #[test]
    fn an_address_that_may_no_longer_be_sent_to_is_an_attempt_that_failed() {
        let gateway = Gateway::new();
        gateway.memory.database.execute("UPDATE webhooks SET url = 'https://10.0.0.1/hook'");
        gateway.publish();
        gateway.pass(0);
        assert!(gateway.received().is_empty());
        assert_eq!(gateway.attempts()[0]["error"], "blocked");
    }

    #[test]
    fn a_rate_limit_spaces_deliveries_however_late_or_often_they_are_enqueued() {
        let gateway = Gateway::new();
        gateway.memory.database.execute("UPDATE webhooks SET slot_ms = 550, rate_limit = 2");
        (0..6).for_each(|_| gateway.publish());
        // The messages are lost, and cron enqueues all of them at once; some come twice.
        gateway.lose_messages();
        gateway.pass(MINUTE);
        gateway.send(&gateway.deliveries());
        (0..3).for_each(|_| gateway.publish());
        gateway.pass(MINUTE);
        let times: Vec<i64> = gateway.received().iter().map(|request| request.at.as_millis()).collect();
        assert_eq!(times.len(), 9);
        for (one, next) in times.iter().zip(times.iter().skip(1)) {
            assert!(next - one >= 550, "{times:?}");
        }
        assert_eq!(gateway.states(), vec!["delivered 1"; 9]);
    }

    #[test]
    fn an_endpoint_that_fails_for_too_long_has_its_owner_warned_and_is_then_disabled() {
        // Disabled after an hour, its owner warned after half of it.
        let gateway = Gateway::with(&[("WEBHOOK_DISABLE_AFTER", "3600"), ("WEBHOOK_RETRY_SCHEDULE", "5")]);
        gateway.answer((0..200).map(|_| status(500)));
        let mut mails = Vec::new();
        for minute in 0..70 {
            gateway.publish();
            gateway.pass(MINUTE);
            mails.extend(gateway.subjects().into_iter().map(|subject| (minute, subject)));
        }
        let expected = [(30, "is failing"), (60, "was switched off")];
        assert_eq!(mails, expected.map(|(minute, what)| (minute, format!("A webhook of example.com {what}"))));
        let endpoint = gateway.query("SELECT is_enabled, disabled_reason FROM webhooks").remove(0);
        assert_eq!(endpoint, json!({ "is_enabled": 0, "disabled_reason": "failing" }));
        let missed: Vec<_> = gateway.states().into_iter().filter(|state| state.starts_with("missed")).collect();
        let expected = ["missed 1"].into_iter().chain(["missed 0"; 9]);
        assert!(missed.iter().eq(expected), "the one that waits for its second attempt and all later ones: {missed:?}");
    }

    #[test]
    fn a_success_ends_the_failure_streak() {
        let gateway = Gateway::with(&[("WEBHOOK_DISABLE_AFTER", "3600"), ("WEBHOOK_RETRY_SCHEDULE", "5")]);
        for minute in 0..155 {
            let answer = if minute % 40 == 39 { 200 } else { 500 };
            gateway.answer([status(answer), status(answer)]);
            gateway.publish();
            gateway.pass(MINUTE);
            gateway.script.take();
        }
        assert_eq!(gateway.subjects(), vec!["A webhook of example.com is failing"; 4], "each streak has its warning");
        assert_eq!(gateway.query("SELECT is_enabled FROM webhooks"), [json!({ "is_enabled": 1 })]);
    }
}
