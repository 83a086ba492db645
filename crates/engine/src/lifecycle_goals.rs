//! Goals of subscriptions' lives (docs/contract/providers.md#5), as events of the visitor: reports, funnels and alerts see them
//! like any other goal. None of them is money. A goal whose visitor is not known yet waits (`waiting_goals`).

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest, Sha256};

use sluice_providers::around::Link;
use sluice_providers::lifecycle::{Goal, Milestone};
use sluice_values::{EventId, Timestamp, VisitorId, hex};

use crate::append;
use crate::error::Error;
use crate::event::{Action, Event};
use crate::outbox;
use crate::site::Site;
use crate::sql::Sql;
use crate::told;
use crate::wire::json;

/// Goals that are looked at again at once.
const AGAIN_AT_ONCE: i64 = 200;
/// Rows of a subscription among which its visitor is looked for, if it names none.
const LOOKED_AT: i64 = 50;

/// A goal is one event, however often it is told. A subscription is converted once.
fn id_of(goal: &Goal) -> Result<EventId, Error> {
    let Goal { milestone, provider, subscription, time, .. } = goal;
    let moment = if *milestone == Milestone::TrialConverted { 0 } else { time.as_millis() };
    let text = format!("{provider}:{}:{}:{moment}", subscription.as_str(), milestone.name());
    let digest = Sha256::digest(text.as_bytes());
    let id = digest.first_chunk::<12>().map(|bytes| hex(bytes)).unwrap_or_default();
    id.parse().map_err(|why| Error::new(format!("a goal's id: {why}")))
}

fn payers_of(goal: &Goal) -> Vec<Link> {
    let customer = goal.customer.clone().map(|customer| Link::Customer(goal.provider, customer));
    [Link::Subscription(goal.provider, goal.subscription.clone())].into_iter().chain(customer).collect()
}

/// The subscription's visitor: whom it names, then whom the customer names, then whose the subscription's first payments are.
fn visitor_of<S: Sql>(site: &Site<S>, goal: &Goal) -> Result<Option<VisitorId>, Error> {
    let links = payers_of(goal);
    let payers = told::payers_besides(site, &links.iter().cloned().collect(), &[])?;
    let named = |link: &Link| payers.get(link)?.named.as_ref().map(|(_, _, visitor)| *visitor);
    if let Some(visitor) = links.iter().find_map(named) {
        return Ok(Some(visitor));
    }
    let Some(subscription) = links.first() else { return Ok(None) };
    let paid = site.sql.first(
        "SELECT v.uid FROM (SELECT payment, kind, time, transaction_id FROM payers WHERE payer = ?1 AND kind < 2 \
         ORDER BY kind DESC, time, transaction_id LIMIT ?2) p JOIN payments m ON m.id = p.payment \
         JOIN visitors v ON v.id = m.visitor ORDER BY p.time, p.transaction_id LIMIT 1",
        &[subscription.text().into(), LOOKED_AT.into()],
    )?;
    paid.map(|mut row| row.next()).transpose()
}

fn event_of(goal: &Goal, visitor: VisitorId) -> Result<Event, Error> {
    let properties = [("provider", json!(goal.provider)), ("subscription_id", json!(goal.subscription))];
    let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let action = Action::Goal { name: goal.milestone.name().to_owned(), properties, description: None };
    Ok(Event::of_backend(id_of(goal)?, goal.time, visitor, action))
}

/// Stores goals; those that are news are told of. Runs within a transaction.
pub(crate) fn reach<S: Sql>(
    site: &Site<S>,
    goals: &[Goal],
    is_news: impl Fn(&Goal) -> bool,
    now: Timestamp,
) -> Result<(), Error> {
    for goal in goals {
        match visitor_of(site, goal)? {
            Some(visitor) if is_news(goal) => outbox::append(site, &event_of(goal, visitor)?, now).map(|_| ())?,
            Some(visitor) => append::append(site, &event_of(goal, visitor)?, now).map(|_| ())?,
            None => wait(site, goal)?,
        }
    }
    Ok(())
}

fn wait<S: Sql>(site: &Site<S>, goal: &Goal) -> Result<(), Error> {
    let json = json(goal)?;
    for payer in payers_of(goal) {
        site.sql.run(
            "INSERT OR IGNORE INTO waiting_goals (payer, id, goal) VALUES (?1, ?2, ?3)",
            &[payer.text().into(), id_of(goal)?.as_str().into(), json.as_str().into()],
        )?;
    }
    Ok(())
}

/// Stores goals that wait for one of these payers, if their visitor is known now. They are no news any more. Runs within a
/// transaction.
pub(crate) fn again<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>, now: Timestamp) -> Result<(), Error> {
    let waiting =
        "SELECT DISTINCT w.goal FROM json_each(?1) k CROSS JOIN waiting_goals w ON w.payer = k.value LIMIT ?2";
    let waiting = site.sql.rows(waiting, &[told::texts(payers.iter())?.into(), AGAIN_AT_ONCE.into()])?;
    for mut row in waiting {
        let goal: Goal = row.json()?;
        if let Some(visitor) = visitor_of(site, &goal)? {
            append::append(site, &event_of(&goal, visitor)?, now)?;
            site.sql.run("DELETE FROM waiting_goals WHERE id = ?1", &[id_of(&goal)?.as_str().into()])?;
        }
    }
    Ok(())
}
