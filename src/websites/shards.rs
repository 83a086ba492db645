//! Websites that outgrow one object: the operator sets `websites.shards`, and cron has the website split.

use serde::Deserialize;
use sluice_values::{Timestamp, WebsiteId};

use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;

/// How many websites one run of cron splits.
const AT_ONCE: u32 = 10;

/// A website that is to be split.
#[derive(Deserialize)]
struct Unsplit {
    id: WebsiteId,
    shards: u32,
    shards_set: u32,
}

fn select_unsplit() -> Statement {
    sql("SELECT id, shards, shards_set FROM websites WHERE shards <> shards_set ORDER BY id LIMIT ?1").bind(AT_ONCE)
}

/// Splits websites that have no events yet, as the operator wished. The wish for any other is taken back, and logged.
pub async fn split(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    for Unsplit { id, shards, shards_set } in platform.database().rows(select_unsplit()).await? {
        let is_split = if shards_set == 1 { site::split(platform, id, shards, now).await? } else { false };
        let done = if is_split {
            // Subscriptions may have changed after the new objects were told of them.
            "UPDATE websites SET shards_set = ?2, watch_version = watch_version + 1, watch_changed_at = ?3 WHERE id = ?1"
        } else {
            let why = format!("website {id} keeps {shards_set} shards, not {shards}: only one without events is split");
            log::failure("cron", "shards", &why);
            "UPDATE websites SET shards = shards_set WHERE id = ?1 AND shards = ?2 AND ?3 IS NOT NULL"
        };
        platform.database().run(Batch::of(sql(done).bind(id).bind(shards).bind(now))).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;

    #[test]
    fn websites_to_split_are_found_by_their_index() {
        let plan = Memory::default().plan(&select_unsplit());
        assert!(plan.contains("USING INDEX websites_unfinished"), "{plan}");
    }
}
