//! Rows of earlier releases, on their way from D1 into the object of their website.

use serde::{Deserialize, Serialize};

use crate::platform::database::{Batch, sql};
use sluice_engine::endpoints::END_STRANDED;
use sluice_values::Timestamp;

/// Rows of D1, column by column. Sent between Worker and object: columns may be added, none is renamed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Moved {
    pub messages: Vec<serde_json::Value>,
    pub deliveries: Vec<serde_json::Value>,
    pub attempts: Vec<serde_json::Value>,
}

impl Moved {
    /// Stores the rows in the object, unless it has them.
    pub fn insert(&self, now: Timestamp) -> Batch {
        let insert = |table: &str, columns: &[&str], rows: &[serde_json::Value]| {
            let values: Vec<String> = columns.iter().map(|name| format!("value ->> '{name}'")).collect();
            let text = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING",
                columns.join(", "),
                values.join(", ")
            );
            sql(text).bind_json(rows)
        };
        let mut batch = Batch::new();
        batch.run(insert("messages", &["id", "type", "payload", "created_at"], &self.messages));
        batch.run(insert("deliveries", DELIVERY, &self.deliveries));
        batch.run(insert("delivery_attempts", ATTEMPT, &self.attempts));
        // Their endpoints may have been switched off or deleted meanwhile.
        batch.run(sql(END_STRANDED).bind(now));
        batch
    }
}

const DELIVERY: &[&str] = &[
    "id",
    "webhook_id",
    "message_id",
    "type",
    "status",
    "is_test",
    "attempt_count",
    "step",
    "cause",
    "has_slot",
    "next_attempt_at",
    "due_at",
    "last_status_code",
    "reason",
    "created_at",
    "updated_at",
];
const ATTEMPT: &[&str] =
    &["delivery_id", "number", "cause", "started_at", "duration_ms", "status_code", "error", "response_body"];
