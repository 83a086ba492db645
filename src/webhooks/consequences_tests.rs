//! Tests of [`consequences`](super::consequences), in the database of an object.

use std::rc::Rc;

use super::attempt::Outcome;
use super::event;
use super::lease::LeasedDelivery;
use super::publish::{self, Outgoing};
use crate::platform::database::memory::Memory as Database;
use crate::platform::database::{Batch, sql};
use crate::platform::memory::Memory;
use crate::platform::object_database::run;
use crate::webhooks::lease::MARGIN_MS;
use crate::webhooks::object::Attempted;
use crate::webhooks::object_memory::Object;
use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::Value;
use sluice_values::DeliveryId;
use sluice_values::Timestamp;
use sluice_webhook_rules::schedule::{self, Failure, GONE};

const WEBSITE: &str = "0000000000000000000000d1";
const START: Timestamp = Timestamp::from_millis(1_779_321_600_000);

/// A website with three endpoints, the second of which is off.
fn object(variables: &[(&str, &str)]) -> Rc<Object> {
    let database = Database::with_website();
    database.execute("UPDATE accounts SET email = 'owner@example.com'");
    for (number, is_enabled) in [(1, 1), (2, 0), (3, 1)] {
        database.execute(&format!(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers, \
             sealed_secret, created_at, updated_at) VALUES ('{number:024x}', '{WEBSITE}', '', '[]', '[]', {is_enabled}, \
             '', '', 0, 0)"
        ));
    }
    let memory = variables.iter().fold(Memory::new(database, START), |memory, (name, value)| memory.with(name, value));
    Object::new(Rc::new(memory), WEBSITE.parse().unwrap())
}

/// Publishes a message, and returns the deliveries that wait.
fn publish(object: &Object) -> Vec<DeliveryId> {
    let body = event::Body { r#type: event::EventType::PaymentReceived, text: "{}".to_owned() };
    let message = Outgoing::new(body, object.platform.random().unwrap());
    let (mut batch, id) = (Batch::new(), message.id.clone());
    publish::insert(
        &mut batch,
        &[message],
        publish::Share { most: 10_000, waiting: None },
        object.platform.now(),
        None,
    );
    run(object.sender.site.sql(), &batch).unwrap();
    let rows = "SELECT id FROM deliveries WHERE status = 'pending' AND message_id = ";
    let rows = object.query::<Value>(&format!("{rows} '{id}' ORDER BY webhook_id"));
    rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn attempted(delivery: &LeasedDelivery, started_at: Timestamp, status: Option<u16>) -> Attempted {
    let failure = status.map_or(Some(Failure::Connection), schedule::failure_of);
    let outcome = Outcome { started_at, duration_ms: 5, status, failure, retry_after: None, answer: None };
    Attempted { delivery: delivery.clone().without_content(), outcome }
}

#[test]
fn an_endpoint_that_is_gone_is_disabled_once_and_the_others_receive_an_event() {
    let object = object(&[]);
    let due = [publish(&object), publish(&object)].concat();
    assert_eq!(due.len(), 4, "one of three is off");
    publish(&object);
    let store = object.sender.store();
    let leased = store.take(&due, "ours").unwrap();
    let gone = leased.iter().filter(|delivery| delivery.webhook_id.to_string().ends_with('1'));
    let gone: Vec<Attempted> = gone.map(|delivery| attempted(delivery, START, Some(GONE))).collect();
    assert_eq!(gone.len(), 2);
    store.record("ours", &gone).unwrap();
    let states = "SELECT substr(webhook_id, -1) || ' ' || type || ' ' || status AS state FROM deliveries ORDER BY 1";
    let states = object.query::<Value>(states);
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
fn d1_hears_of_an_endpoint_that_was_disabled_even_if_it_fails_at_first_unless_it_was_switched_on_since() {
    for is_switched_on in [false, true] {
        let object = object(&[]);
        let leased = object.sender.store().take(&publish(&object)[..1], "ours").unwrap();
        object.sender.store().record("ours", &[attempted(&leased[0], START, Some(GONE))]).unwrap();
        object.memory.fails_after.set(Some(0));
        object.sender.store().tell().now_or_never().unwrap().unwrap_err();
        if is_switched_on {
            object.memory.database.execute("UPDATE webhooks SET switched_on = switched_on + 1");
        }
        for _ in 0..2 {
            assert!(is_switched_on || object.sender.store().next_due().unwrap().is_some());
            object.sender.store().tell().now_or_never().unwrap().unwrap();
        }
        let row = sql("SELECT is_enabled, disabled_reason AS reason FROM webhooks ORDER BY id");
        let row = object.memory.database.batch::<Value>(&[row]).unwrap().remove(0).remove(0);
        let expected = if is_switched_on { (1, Value::Null) } else { (0, "gone".into()) };
        assert_eq!((row["is_enabled"].as_i64().unwrap(), row["reason"].clone()), expected);
        // The object learns that it was switched on, and only then sends again.
        object.learn();
        let row = object.query::<Value>("SELECT is_enabled FROM webhooks ORDER BY id").remove(0);
        assert_eq!(row["is_enabled"], i64::from(is_switched_on));
    }
}

#[test]
fn an_endpoint_that_was_disabled_stays_off_when_something_else_of_it_changes() {
    let object = object(&[]);
    let leased = object.sender.store().take(&publish(&object)[..1], "ours").unwrap();
    object.sender.store().record("ours", &[attempted(&leased[0], START, Some(GONE))]).unwrap();
    // D1 does not know yet.
    object.memory.database.execute("UPDATE webhooks SET url = 'https://elsewhere.example'");
    object.learn();
    let row = object.query::<Value>("SELECT url, is_enabled FROM webhooks ORDER BY id").remove(0);
    assert_eq!(row, serde_json::json!({ "url": "https://elsewhere.example", "is_enabled": 0 }));
    assert_eq!(publish(&object).len(), 1);
}

#[test]
fn a_success_among_failures_that_are_stored_together_ends_the_streak() {
    let object = object(&[]);
    let due = [publish(&object), publish(&object)].concat();
    let leased = object.sender.store().take(&due, "ours").unwrap();
    let of_one: Vec<_> = leased.iter().filter(|one| one.webhook_id.to_string().ends_with('1')).collect();
    let both = [attempted(of_one[0], START, Some(500)), attempted(of_one[1], START, Some(200))];
    object.sender.store().record("ours", &both).unwrap();
    let streaks = object.query::<Value>("SELECT failing_since FROM webhooks WHERE failing_since IS NOT NULL");
    assert_eq!(streaks, [""; 0]);
}

#[test]
fn a_rate_limit_gives_each_delivery_a_slot_in_the_order_of_arrival() {
    let object = object(&[]);
    object.execute("UPDATE webhooks SET slot_ms = 550 WHERE substr(id, -1) = '1'");
    for _ in 0..4 {
        publish(&object);
    }
    let slots = "SELECT next_attempt_at - 1779321600000 AS slot, has_slot FROM deliveries \
                  WHERE substr(webhook_id, -1) = '1' ORDER BY message_id";
    let mut slots: Vec<_> = object.query::<Value>(slots).iter().map(|row| row["slot"].as_i64().unwrap()).collect();
    slots.sort_unstable();
    assert_eq!(slots, [0, 550, 1_100, 1_650]);
    let others = "SELECT id FROM deliveries WHERE substr(webhook_id, -1) = '3' AND next_attempt_at > 1779321600000";
    assert!(object.query::<Value>(others).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Queue messages arrive twice, late, and out of order; dispatchers crash before they store anything.
    #[test]
    fn in_any_order_of_queue_messages_each_attempt_is_made_once_and_each_delivery_ends(
        messages in prop::collection::vec((0_usize..6, 0_i64..8, 0_u8..8), 10..120),
    ) {
        let timeout = 2;
        let object = object(&[
            ("WEBHOOK_RETRY_SCHEDULE", "2,4,8"), ("WEBHOOK_TIMEOUT", "2"), ("WEBHOOK_BACKOFF_FLOOR", "0"),
            ("WEBHOOK_DISABLE_AFTER", "1000000"),
        ]);
        let due: Vec<DeliveryId> = (1..=3).flat_map(|_| publish(&object)).collect();
        let mut held: Vec<(DeliveryId, i64)> = Vec::new();
        let tail = (0..60).map(|number| (number % 6, 5, 3));
        for (turn, (which, wait, fate)) in messages.into_iter().chain(tail).enumerate() {
            object.memory.advance(wait * 1_000);
            let now = object.platform.now();
            let token = turn.to_string();
            let taken = object.sender.store().take(&[due[which], due[which]], &token).unwrap();
            prop_assert!(taken.len() <= 1);
            for delivery in taken {
                held.retain(|(_, until)| *until > now.as_millis());
                prop_assert!(held.iter().all(|(id, _)| *id != delivery.id), "one dispatcher at a time");
                if fate == 0 {
                    // Crashed: no other dispatcher may try before the lease has expired.
                    held.push((delivery.id, now.as_millis() + timeout * 1_000 + MARGIN_MS));
                    continue;
                }
                let status = [None, Some(500), Some(429), Some(200)][usize::from(fate) % 4];
                object.sender.store().record(&token, &[attempted(&delivery, now, status)]).unwrap();
            }
        }
        let states = "SELECT d.status, d.attempt_count, count(a.number) AS made, coalesce(max(a.number), 0) AS last, \
                     sum(a.error IS NULL AND a.number IS NOT NULL) AS successes FROM deliveries d \
                     LEFT JOIN delivery_attempts a ON a.delivery_id = d.id GROUP BY d.id";
        for row in object.query::<Value>(states) {
            let status = row["status"].as_str().unwrap();
            prop_assert!(["delivered", "failed", "missed"].contains(&status), "{}", row);
            prop_assert_eq!(&row["made"], &row["attempt_count"], "numbered without a gap: {}", row);
            prop_assert_eq!(&row["made"], &row["last"], "{}", row);
            prop_assert_eq!(row["successes"].as_i64().unwrap_or_default(), i64::from(status == "delivered"), "{}", row);
            prop_assert!(row["made"].as_i64().unwrap() <= 4, "{}", row);
        }
    }
}
