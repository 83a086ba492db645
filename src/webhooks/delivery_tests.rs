//! Tests of [`delivery`](super::delivery), in the database of an object.

use std::rc::Rc;

use super::delivery::*;
use crate::platform::database::memory::Memory as Database;
use crate::platform::memory::Memory;
use crate::webhooks::object_memory::Object;
use serde_json::{Value, json};
use sluice_values::Timestamp;

fn object(now: i64) -> Rc<Object> {
    let memory = Memory::new(Database::with_website(), Timestamp::from_millis(now));
    Object::new(Rc::new(memory), "0000000000000000000000d1".parse().unwrap())
}

#[test]
fn all_that_is_old_is_deleted_step_by_step() {
    let object = object(KEPT_MS + 1);
    object.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO messages SELECT 'm' || i, 't', '{}', 0 FROM n",
    );
    object.execute(
        "INSERT INTO deliveries (id, webhook_id, message_id, type, status, created_at, updated_at)
           SELECT id, 'h', id, 't', iif(id = 'm1', 'pending', 'failed'), 0, 0 FROM messages",
    );
    assert!(object.sender.store().next_expiry().unwrap().is_some());
    for _ in 0..9 {
        assert!(object.sender.store().delete_expired().unwrap());
    }
    assert!(!object.sender.store().delete_expired().unwrap());
    let left = "SELECT (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM messages) AS messages";
    assert_eq!(object.query::<Value>(left), [json!({ "deliveries": 1, "messages": 1 })]);
    assert!(object.sender.store().next_expiry().unwrap().unwrap() > object.platform.now(), "not at once again");
}

#[test]
fn ended_deliveries_are_deleted_after_30_days_and_pending_ones_are_kept() {
    let object = object(KEPT_MS + 10);
    for (id, status, made) in [("1", "delivered", 0), ("2", "failed", 5), ("3", "pending", 0), ("4", "missed", 20)] {
        object.execute(&format!("INSERT INTO messages VALUES ('m{id}', 't', '{{}}', {made})"));
        object
            .execute(&format!("INSERT INTO delivery_attempts VALUES ('{id}', 1, 'automatic', 0, 0, NULL, NULL, NULL)"));
        object.execute(&format!(
            "INSERT INTO deliveries (id, webhook_id, message_id, type, status, created_at, updated_at)
               VALUES ('{id}', 'h', 'm{id}', 't', '{status}', {made}, {made})"
        ));
    }
    object.execute("INSERT INTO messages VALUES ('nobody wanted it', 't', '{}', 0)");
    object.sender.store().delete_expired().unwrap();
    let left = |text| {
        let rows = object.query::<Value>(text);
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(left("SELECT id FROM deliveries ORDER BY id"), ["3", "4"]);
    assert_eq!(left("SELECT id FROM messages ORDER BY id"), ["m3", "m4"]);
    assert_eq!(left("SELECT delivery_id AS id FROM delivery_attempts ORDER BY 1"), ["3", "4"]);
}
