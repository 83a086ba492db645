//! Deletes rows of D1 whose time is over.

use serde::Deserialize;
use sluice_values::Timestamp;

use super::database::{Batch, sql};
use super::{Platform, PlatformError};

/// The rows that one statement deletes.
const AT_ONCE: u32 = 1_000;
/// How many statements one run of cron deletes with; what is left waits for the next.
const TURNS: usize = 10;

/// Rows of a table that are kept for a time.
#[derive(Debug, Clone, Copy)]
pub struct Expired {
    pub table: &'static str,
    /// The primary key, a text.
    pub key: &'static str,
    /// When a row was made, or when it expires. It has an index.
    pub time: &'static str,
    /// How long after that time rows are kept.
    pub kept_ms: i64,
}

impl Expired {
    /// Deletes the rows whose time is over, oldest first. It costs one row read if there are none.
    pub async fn delete(self, platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
        #[derive(Deserialize)]
        struct Row {
            key: String,
        }
        let Self { table, key, time, .. } = self;
        let before = now.plus_millis(-self.kept_ms);
        for _ in 0..TURNS {
            let select = sql(format!("SELECT {key} AS key FROM {table} WHERE {time} <= ?1 ORDER BY {time} LIMIT ?2"));
            let rows: Vec<Row> = platform.database().rows(select.bind(before).bind(AT_ONCE)).await?;
            if rows.is_empty() {
                break;
            }
            // A row may have been renewed since it was read.
            let delete =
                sql(format!("DELETE FROM {table} WHERE {key} IN (SELECT value FROM json_each(?1)) AND {time} <= ?2"));
            let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
            platform.database().run(Batch::of(delete.bind_json(&keys).bind(before))).await?;
            if rows.len() < AT_ONCE as usize {
                break;
            }
        }
        Ok(())
    }
}
