//! What subscriptions were like when their provider told of them last (`seen_subscriptions`): by that, an event that does not say
//! what has changed becomes a goal (docs/contract/providers.md#5).

use std::collections::BTreeSet;

use sluice_providers::around::Link;
use sluice_providers::ledger::Take;
use sluice_providers::lifecycle::{Goal, Snapshot};
use sluice_values::Timestamp;

use crate::error::Error;
use crate::site::Site;
use crate::sql::Sql;
use crate::told;
use crate::wire::json;

/// The goals of what has changed of subscriptions. What an event says that happened before the last one is of the past. Runs within
/// a transaction.
pub(crate) fn changes<S: Sql>(site: &Site<S>, told: &[Take]) -> Result<Vec<Goal>, Error> {
    let mut goals = Vec::new();
    for take in told {
        let Some(seen) = &take.taking.seen else { continue };
        let provider = take.taking.provider;
        let payer = Link::Subscription(provider, seen.subscription.clone()).text();
        let last = "SELECT time, snapshot FROM seen_subscriptions WHERE payer = ?1";
        let mut before: Option<Snapshot> = None;
        if let Some(mut last) = site.sql.first(last, &[payer.as_str().into()])? {
            if last.next::<Timestamp>()? > seen.time {
                continue;
            }
            before = Some(last.json()?);
        }
        goals.extend(seen.goals(provider, before.as_ref()));
        site.sql.run(
            "INSERT OR REPLACE INTO seen_subscriptions (payer, time, snapshot) VALUES (?1, ?2, ?3)",
            &[payer.into(), seen.time.into(), json(&seen.snapshot)?.into()],
        )?;
    }
    Ok(goals)
}

/// Forgets subscriptions among these payers. Runs within a transaction.
pub(crate) fn forget<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>) -> Result<(), Error> {
    let delete = "DELETE FROM seen_subscriptions WHERE payer IN (SELECT value FROM json_each(?1))";
    site.sql.run(delete, &[told::texts(payers.iter())?.into()])
}
