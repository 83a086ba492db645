//! Tests of [`moving`](super::moving): from D1 into an object.

use std::rc::Rc;

use std::collections::BTreeSet;

use super::moving::*;
use crate::platform::database::memory::Memory as Database;
use crate::platform::database::sql;
use crate::platform::memory::Memory;
use crate::platform::{Platform, PlatformError};
use crate::webhooks::object_memory::Object;
use futures_util::FutureExt;
use serde_json::{Value, json};
use sluice_values::Timestamp;

const WEBSITE: &str = "0000000000000000000000d1";
const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

/// A gateway that was updated: deliveries of each state are in D1, to an endpoint that is on and to one that was deleted.
fn gateway() -> (Rc<Memory>, Rc<Object>) {
    let database = Database::with_website();
    database.execute(&format!(
        "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers, sealed_secret, \
         created_at, updated_at) VALUES ('{:024x}', '{WEBSITE}', 'https://a.example', '[]', '[]', 1, '', '', 0, 0)",
        1
    ));
    for (number, webhook, status) in
        [(1, 1, "pending"), (2, 1, "delivered"), (3, 1, "failed"), (4, 1, "missed"), (5, 9, "pending")]
    {
        database.execute(&format!(
            "INSERT INTO messages VALUES ('m{number}', '{WEBSITE}', 'goal.completed', '{{\"data\":{number}}}', {number});
             INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, attempt_count, step, cause,
               next_attempt_at, last_status_code, reason, created_at, updated_at)
             VALUES ('{number:024x}', '{WEBSITE}', '{webhook:024x}', 'm{number}', 'goal.completed', '{status}', 2, 1,
               'manual', iif('{status}' = 'pending', 7, NULL), 503, iif('{status}' = 'missed', 'why', NULL), {number}, 6);
             INSERT INTO delivery_attempts VALUES ('{number:024x}', 1, 'automatic', 5, 3, 503, 'status', 'busy'),
               ('{number:024x}', 2, 'manual', 5, 3, NULL, 'timeout', NULL)"
        ));
    }
    let memory = Rc::new(Memory::new(database, NOW));
    let object = Object::unaware(memory.clone(), WEBSITE.parse().unwrap());
    object.serve();
    (memory, object)
}

fn cron(memory: &Rc<Memory>) -> Result<(), PlatformError> {
    let platform = Platform::in_memory(memory.clone());
    [Which::Waiting, Which::Ended]
        .into_iter()
        .try_for_each(|which| move_some(&platform, which, NOW).now_or_never().unwrap())
}

fn left(memory: &Memory) -> Value {
    let left =
        sql("SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM deliveries) AS deliveries, \
                    (SELECT count(*) FROM delivery_attempts) AS attempts");
    memory.database.batch::<Value>(&[left]).unwrap().remove(0).remove(0)
}

/// All rows of the object, without what only the object has.
fn moved(object: &Object) -> Vec<Value> {
    let mut rows = object.query::<Value>("SELECT id, payload, created_at FROM messages ORDER BY id");
    rows.extend(object.query::<Value>(
        "SELECT id, webhook_id, message_id, status, attempt_count, step, cause, next_attempt_at, last_status_code, reason, \
         created_at FROM deliveries ORDER BY id",
    ));
    rows.extend(object.query::<Value>("SELECT * FROM delivery_attempts ORDER BY delivery_id, number"));
    rows
}

#[test]
fn everything_is_moved_as_it_is_once() {
    let (memory, object) = gateway();
    let before = sql("SELECT id, webhook_id, message_id, status, attempt_count, step, cause, next_attempt_at, \
                      last_status_code, reason, created_at FROM deliveries ORDER BY id");
    let before = memory.database.batch::<Value>(&[before]).unwrap().remove(0);
    cron(&memory).unwrap();
    assert_eq!(left(&memory), json!({ "messages": 0, "deliveries": 0, "attempts": 0 }));
    let rows = moved(&object);
    assert_eq!(rows.len(), 5 + 5 + 10);
    assert_eq!(rows[5..9], before[..4], "their states, attempts and times");
    assert_eq!(rows[9]["status"], "failed", "its endpoint is gone");
    cron(&memory).unwrap();
    assert_eq!(moved(&object), rows);
}

#[test]
fn a_failure_in_any_place_loses_and_doubles_nothing() {
    let (memory, object) = gateway();
    cron(&memory).unwrap();
    let expected = moved(&object);
    for call in 0.. {
        let (memory, object) = gateway();
        memory.fails_after.set(Some(call));
        let _ = cron(&memory);
        let has_failed = memory.fails_after.take().is_none();
        cron(&memory).unwrap();
        assert_eq!(moved(&object), expected, "call {call}");
        assert_eq!(left(&memory), json!({ "messages": 0, "deliveries": 0, "attempts": 0 }));
        if !has_failed {
            assert!(call > 4);
            return;
        }
    }
}

#[test]
fn what_an_earlier_release_is_sending_stays_until_its_lease_ends() {
    let (memory, object) = gateway();
    memory.database.execute(&format!(
        "UPDATE deliveries SET lease = 'x', leased_until = {} WHERE id LIKE '%1'",
        NOW.as_millis() + 10
    ));
    cron(&memory).unwrap();
    assert_eq!(left(&memory), json!({ "messages": 1, "deliveries": 1, "attempts": 2 }));
    memory.advance(10);
    cron(&memory).unwrap();
    assert_eq!(left(&memory), json!({ "messages": 0, "deliveries": 0, "attempts": 0 }));
    assert_eq!(object.query::<Value>("SELECT id FROM deliveries WHERE status = 'pending'").len(), 1);
}

#[test]
fn a_queue_message_of_an_earlier_release_has_what_waits_moved_and_sent() {
    let (memory, object) = gateway();
    memory
        .variables
        .borrow_mut()
        .insert("ENCRYPTION_KEYS".to_owned(), "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned());
    object.send(&format!("{:024x}", 1));
    object.settle();
    let row = object.query::<Value>("SELECT status, attempt_count FROM deliveries WHERE id LIKE '%1'").remove(0);
    // Its seal does not open, which ends it; it was sent from here.
    assert_eq!(row, json!({ "status": "failed", "attempt_count": 3 }));
    assert_eq!(left(&memory)["deliveries"], 3, "what does not wait is left to cron");
}

#[test]
fn a_website_whose_object_fails_holds_up_no_other() {
    let (memory, object) = gateway();
    memory.database.execute(
        "INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, next_attempt_at, created_at, updated_at)
         VALUES ('0000000000000000000000f1', '0000000000000000000000d2', 'h', 'm', 't', 'pending', 0, 0, 0)",
    );
    let good = object.clone();
    memory.answer_objects(move |_, name, _, body| {
        if name.starts_with(WEBSITE) { good.answer(body.unwrap()) } else { Err(PlatformError::new("down")) }
    });
    cron(&memory).unwrap();
    assert_eq!(left(&memory)["deliveries"], 1);
}

#[test]
fn a_run_with_nothing_to_move_reads_next_to_nothing() {
    let database = Database::default();
    for which in [Which::Waiting, Which::Ended] {
        let plan = database.plan(&select(which, &BTreeSet::new(), NOW));
        assert!(plan.contains("USING INDEX deliveries_"), "{plan}");
    }
}
