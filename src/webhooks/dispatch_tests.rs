//! Tests of [`dispatch`](super::dispatch): a gateway with receivers, whose clock the test moves.

use std::collections::VecDeque;

use super::event::{self, EventType, Example};
use super::lease::MARGIN_MS;
use super::object_memory::Object;
use super::publish::Outgoing;
use super::secrets::EndpointSeal;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::object::Call;
use super::queue;
use crate::platform::Platform;
use crate::platform::database::memory::Memory as Database;
use crate::platform::memory::{Memory, Request};
use crate::platform::outgoing::Sent;
use crate::platform::queues::Queue;
use crate::secrets::keyring::Keyring;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::FutureExt;
use serde_json::{Value, json};
use sluice_values::{DeliveryId, WebsiteId};
use sluice_values::{Timestamp, WebhookId};
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
    object: Rc<Object>,
    /// What receivers answer, one after the other; then 200.
    script: Rc<RefCell<VecDeque<Sent>>>,
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
        let object = Object::new(memory.clone(), website());
        object.serve();
        let gateway = Self { memory, platform, object, script };
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
        self.object.learn();
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

    /// An event happens.
    fn publish(&self) {
        self.object.sender.store().answer(Call::Publish { messages: vec![self.example()] }).unwrap();
    }

    /// The consumer gets a message that names these deliveries.
    fn send(&self, ids: &[DeliveryId]) {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.object.send(&format!("{}:{}", website(), ids.join(",")));
    }

    fn pass(&self, millis: i64) {
        self.object.pass(millis);
    }

    /// What receivers were sent since the last call.
    fn received(&self) -> Vec<Request> {
        self.memory.requests.take()
    }

    /// The seconds since the start at which something was sent since the last call.
    fn seconds(&self) -> Vec<i64> {
        self.received().iter().map(|request| (request.at.as_millis() - START.as_millis()) / SECOND).collect()
    }

    fn execute(&self, statement: &str) {
        self.object.execute(statement);
    }

    /// Everything that is due goes to the queue, as if all lanes were taken.
    fn leave_to_the_queue(&self) {
        let store = self.object.sender.store();
        let now = self.platform.now();
        let ids: Vec<DeliveryId> = store.due(100, now).unwrap().iter().map(|due| due.id).collect();
        store.leave(ids.iter(), now).unwrap();
        queue::enqueue(&self.platform, website(), &ids).now_or_never().unwrap();
    }

    fn in_database(&self, statement: &'static str) -> Vec<Value> {
        self.memory.database.batch(&[crate::platform::database::sql(statement)]).unwrap().remove(0)
    }

    fn query(&self, statement: &str) -> Vec<Value> {
        self.object.query(statement)
    }

    /// The deliveries of the first endpoint, oldest first.
    fn deliveries(&self) -> Vec<DeliveryId> {
        let rows = self.query(
            "SELECT d.id FROM deliveries d JOIN messages m ON m.id = d.message_id \
                               WHERE substr(webhook_id, -1) = '1' ORDER BY m.rowid",
        );
        rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Their states.
    fn states(&self) -> Vec<String> {
        let rows = self.query(
            "SELECT status || ' ' || attempt_count AS state FROM deliveries d JOIN messages m ON m.id = d.message_id \
             WHERE substr(webhook_id, -1) = '1' ORDER BY m.rowid",
        );
        rows.iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Number, status and error of all attempts.
    fn attempts(&self) -> Vec<Value> {
        self.query("SELECT number, status_code, error, duration_ms FROM delivery_attempts ORDER BY started_at, number")
    }

    fn subjects(&self) -> Vec<String> {
        self.memory.emails.take().into_iter().map(|email| email.subject).collect()
    }

    /// Somebody takes the leases and then crashes.
    fn crash(&self, ids: &[DeliveryId]) {
        self.object.sender.store().take(ids, "crashed").unwrap();
    }
}

/// The endpoint is switched off as its owner does it.
fn switch_off(object: &Object) {
    let off = format!(
        "UPDATE webhooks SET is_enabled = 0, disabled_reason = 'manual' WHERE id = '{}'; \
         UPDATE websites SET watch_version = watch_version + 1",
        webhook(1)
    );
    object.memory.database.execute(&off);
    object.learn();
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
    gateway.execute(&format!(
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
    for (gap, wait) in gaps.iter().zip([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]) {
        assert!((wait * 8 / 10..=wait * 12 / 10).contains(gap), "{gap} s for {wait} s");
    }
    assert_eq!((gaps.len(), gateway.states()), (7, vec!["failed 8".to_owned()]));
    assert!(gateway.attempts().iter().all(|attempt| attempt["error"] == "status" && attempt["status_code"] == 500));
}

#[test]
fn a_delivery_whose_seal_does_not_open_fails_and_stands_at_no_head() {
    let gateway = Gateway::new();
    gateway.add_endpoint(2);
    gateway.execute("UPDATE webhooks SET sealed_secret = 'k0:gone' WHERE substr(id, -1) = '1'");
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
    assert_eq!(reasons, [json!({ "reason": "3 deliveries of this website wait already (MAX_WAITING_DELIVERIES)" })]);
    gateway.pass(MINUTE);
    gateway.publish();
    assert_eq!(gateway.states().pop().unwrap(), "pending 0");
    assert_eq!(gateway.received().len(), 3);
}

#[test]
fn a_resend_during_an_attempt_is_not_lost() {
    let gateway = Gateway::new();
    gateway.publish();
    let (object, is_first) = (gateway.object.clone(), Cell::new(true));
    gateway.memory.serve(move |_| {
        if is_first.replace(false) {
            let id = object.query::<Value>("SELECT id FROM deliveries")[0]["id"].as_str().unwrap().parse().unwrap();
            object.sender.store().answer(Call::Resend { webhook: webhook(1), id }).unwrap();
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
    let kept = gateway.query("SELECT number FROM delivery_attempts WHERE response_body IS NOT NULL ORDER BY number");
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
    assert_eq!(gateway.in_database("SELECT disabled_reason AS why FROM webhooks")[0]["why"], "gone");
}

#[test]
fn a_delivery_whose_endpoint_is_switched_off_or_deleted_while_it_waits_is_not_sent() {
    let delete = |object: &Object| {
        object.memory.database.execute("DELETE FROM webhooks; UPDATE websites SET watch_version = watch_version + 1");
        object.learn();
    };
    let happenings = [(switch_off as fn(&Object), "missed"), (delete as fn(&Object), "failed")];
    for ((happening, ended), has_limit) in happenings.into_iter().flat_map(|one| [(one, false), (one, true)]) {
        let gateway = Gateway::new();
        gateway.answer([status(500)]);
        gateway.publish();
        gateway.pass(0);
        if has_limit {
            gateway.execute("UPDATE webhooks SET slot_ms = 550");
        }
        happening(&gateway.object);
        gateway.pass(10 * SECOND);
        assert_eq!(gateway.states(), [format!("{ended} 1")]);
        assert_eq!(gateway.received().len(), 1, "the first attempt only");
    }
}

#[test]
fn a_delivery_whose_endpoint_was_switched_off_before_is_not_sent_unless_it_is_a_test() {
    let gateway = Gateway::new();
    let (message, id) = (gateway.example(), "0000000000000000000000c1".parse().unwrap());
    switch_off(&gateway.object);
    let test = Call::Test { webhook: webhook(1), delivery: id, message };
    assert_eq!(gateway.object.sender.store().answer(test).unwrap(), "true");
    gateway.answer([status(410)]);
    gateway.pass(0);
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
    let (id, object) = (gateway.deliveries()[0], gateway.object.clone());
    let sent = Rc::new(RefCell::new(0));
    let count = sent.clone();
    gateway.memory.serve(move |_| {
        *count.borrow_mut() += 1;
        // It would be answered by this very receiver, which is busy: a second request panics.
        object.send(&format!("{}:{id}", website()));
        object.settle();
        status(200)
    });
    gateway.pass(MINUTE);
    assert_eq!((*sent.borrow(), gateway.states()), (1, vec!["delivered 1".to_owned()]));
    // The receiver holds the platform.
    gateway.memory.serve(|_| status(200));
}

#[test]
fn what_finds_no_lane_waits_for_one_and_goes_to_the_queue_if_it_waits_for_long() {
    let gateway = Gateway::new();
    (0..12).for_each(|_| gateway.publish());
    let started = gateway.object.sender.start().unwrap().unwrap();
    assert_eq!((started.own.len(), started.rest.len()), (4, 0));
    assert!(gateway.memory.take_queued(Queue::Deliveries).is_empty());
    assert!(gateway.object.sender.start().unwrap().is_none(), "what waits is not looked at again");
    // Here time passes as soon as somebody waits for it.
    gateway.object.sender.work(started, async || {}).now_or_never().unwrap();
    assert_eq!(gateway.received().len(), 4);
    let queued = gateway.memory.take_queued(Queue::Deliveries);
    assert_eq!(queued.iter().map(|message| message.body.split(',').count()).sum::<usize>(), 8);
    for message in queued {
        gateway.object.send(&message.body);
    }
    assert_eq!(gateway.received().len(), 8);
    assert_eq!(gateway.states(), vec!["delivered 1"; 12]);
    gateway.pass(MINUTE);
    assert!(gateway.received().is_empty(), "each is sent once");
}

#[test]
fn an_object_that_stops_while_deliveries_wait_for_a_lane_sends_them_seconds_later() {
    let gateway = Gateway::new();
    (0..12).for_each(|_| gateway.publish());
    let started = gateway.object.sender.start().unwrap().unwrap();
    drop(started);
    let restarted = gateway.object.restarted();
    assert!(restarted.sender.start().unwrap().is_none());
    gateway.memory.advance(5 * SECOND);
    restarted.pass(MINUTE);
    assert_eq!(gateway.received().len(), 12, "four of them when their lease has ended");
    assert_eq!(gateway.states(), vec!["delivered 1"; 12]);
}

#[test]
fn nothing_waits_for_a_lane_while_receivers_are_slow() {
    let gateway = Gateway::new();
    gateway.answer((0..8).map(|_| Sent::TimedOut));
    (0..8).for_each(|_| gateway.publish());
    gateway.pass(0);
    gateway.add_endpoint(2);
    gateway.received();
    (0..6).for_each(|_| gateway.publish());
    let started = gateway.object.sender.start().unwrap().unwrap();
    // Half of these are for the slow endpoint.
    assert_eq!((started.own.len(), started.rest.len()), (4, 8));
}

#[test]
fn a_lost_queue_message_is_replaced_by_the_alarm() {
    let gateway = Gateway::new();
    gateway.publish();
    gateway.leave_to_the_queue();
    gateway.memory.take_queued(Queue::Deliveries);
    gateway.pass(MINUTE);
    assert_eq!(gateway.seconds(), [5]);
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
    gateway.execute(crash);
    gateway.pass(0);
    assert_eq!(gateway.states(), ["pending 0"]);
    gateway.execute("DROP TRIGGER crash");
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
    gateway.execute("UPDATE webhooks SET sealed_secret = 'x' WHERE substr(id, -1) = '1'");
    gateway.publish();
    gateway.pass(0);
    let [request] = gateway.received().try_into().unwrap();
    assert_eq!(request.url, url(2));
}

#[test]
fn an_address_that_may_no_longer_be_sent_to_is_an_attempt_that_failed() {
    let gateway = Gateway::new();
    gateway.execute("UPDATE webhooks SET url = 'https://10.0.0.1/hook'");
    gateway.publish();
    gateway.pass(0);
    assert!(gateway.received().is_empty());
    assert_eq!(gateway.attempts()[0]["error"], "blocked");
}

#[test]
fn a_rate_limit_spaces_deliveries_however_late_or_often_they_are_enqueued() {
    let gateway = Gateway::new();
    gateway.execute("UPDATE webhooks SET slot_ms = 550");
    (0..6).for_each(|_| gateway.publish());
    // The messages of the queue are late, and some come twice.
    gateway.leave_to_the_queue();
    gateway.memory.advance(3 * SECOND);
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
fn a_delivery_whose_turn_comes_in_a_moment_is_not_left_for_seconds() {
    for moment in 0..8 {
        let gateway = Gateway::new();
        let last_sent = START.as_millis() - 550 + moment;
        gateway.execute(&format!("UPDATE webhooks SET slot_ms = 550, last_sent_at = {last_sent}"));
        gateway.publish();
        gateway.memory.ticks.set(true);
        let started = gateway.object.sender.start().unwrap();
        gateway.memory.ticks.set(false);
        if let Some(started) = started {
            gateway.object.sender.work(started, async || {}).now_or_never().unwrap();
        }
        gateway.pass(SECOND);
        assert_eq!(gateway.received().len(), 1, "{moment} ms before its turn");
    }
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
    let endpoint = gateway.in_database("SELECT is_enabled, disabled_reason FROM webhooks").remove(0);
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
