//! Goals of subscriptions' lives (docs/contract/providers.md#5), as events of the visitor: reports, funnels and alerts see them
//! like any other goal. None of them is money. A goal whose visitor is not known yet waits (`waiting_goals`), and one that was reached
//! (`reached_goals`) moves to whose it is when more comes to be known.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde_json::json;
use sha2::{Digest, Sha256};

use sluice_providers::around::Link;
use sluice_providers::lifecycle::{Goal, Milestone};
use sluice_values::{EventId, Timestamp, VisitorId, hex};

use crate::append;
use crate::error::Error;
use crate::event::{Action, Event, stored_event_id};
use crate::outbox;
use crate::placed;
use crate::removal;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::told::{self, whole};
use crate::visitor;
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

/// The subscription's visitor: whom it names, then whom the customer names, then whose the subscription's first payments are.
fn visitor_of<S: Sql>(site: &Site<S>, goal: &Goal) -> Result<Option<VisitorId>, Error> {
    let links = Link::of_goal(goal);
    let payers = told::payers_besides(site, &links.iter().cloned().into_set(), &[])?;
    let named = |link: &Link| payers.get(link)?.named.as_ref().map(|(_, _, visitor)| *visitor);
    if let Some(visitor) = links.iter().find_map(named) {
        return Ok(Some(visitor));
    }
    let Some(subscription) = links.first() else { return Ok(None) };
    let (uid, rows) = if site.is_shard() {
        ("m.visitor", "JOIN placed_payments m ON m.id = p.payment AND m.visitor IS NOT NULL")
    } else {
        ("v.uid", "JOIN payments m ON m.id = p.payment JOIN visitors v ON v.id = m.visitor")
    };
    let paid = format!(
        "SELECT {uid} FROM (SELECT payment, kind, time, transaction_id FROM payers WHERE payer = ?1 AND kind < 2 \
         ORDER BY kind DESC, time, transaction_id LIMIT ?2) p {rows} ORDER BY p.time, p.transaction_id LIMIT 1"
    );
    let paid = site.sql.first(&paid, &[subscription.text().into(), LOOKED_AT.into()])?;
    paid.map(|mut row| row.next()).transpose()
}

/// The event that a goal is.
pub(crate) fn event_of(goal: &Goal, visitor: VisitorId) -> Result<Event, Error> {
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
            Some(visitor) => store(site, goal, visitor, is_news(goal), now)?,
            None => wait(site, goal)?,
        }
    }
    Ok(())
}

/// Stores a goal as an event of its visitor, unless it is one already.
fn store<S: Sql>(site: &Site<S>, goal: &Goal, visitor: VisitorId, is_news: bool, now: Timestamp) -> Result<(), Error> {
    let event = event_of(goal, visitor)?;
    let is_new = if site.is_shard() {
        placed::reach(site, goal, &event, visitor, is_news)?
    } else if is_news {
        outbox::append(site, &event, now)?.is_new
    } else {
        append::append(site, &event, now)?.is_new
    };
    if is_new { note(site, goal, visitor) } else { Ok(()) }
}

/// Notes under its payers whose a goal is.
fn note<S: Sql>(site: &Site<S>, goal: &Goal, visitor: VisitorId) -> Result<(), Error> {
    let (owner, eid, json) = (owner(site, visitor)?, stored_event_id(&id_of(goal)?, false), json(goal)?);
    for payer in Link::of_goal(goal) {
        site.sql.run(
            "INSERT OR IGNORE INTO reached_goals (payer, visitor, eid, goal) VALUES (?1, ?2, ?3, ?4)",
            &[payer.text().into(), owner.clone(), eid.clone(), json.as_str().into()],
        )?;
    }
    Ok(())
}

/// A visitor as `reached_goals` has them: their row, or at the home of several shards their id.
fn owner<S: Sql>(site: &Site<S>, visitor: VisitorId) -> Result<Value, Error> {
    if site.is_shard() { Ok(visitor.into()) } else { visitor::find_or_add(site, visitor).map(Into::into) }
}

fn wait<S: Sql>(site: &Site<S>, goal: &Goal) -> Result<(), Error> {
    let json = json(goal)?;
    for payer in Link::of_goal(goal) {
        site.sql.run(
            "INSERT OR IGNORE INTO waiting_goals (payer, id, goal) VALUES (?1, ?2, ?3)",
            &[payer.text().into(), id_of(goal)?.as_str().into(), json.as_str().into()],
        )?;
    }
    Ok(())
}

/// Stores goals that wait for one of these payers, if their visitor is known now, and moves those that were reached to whose they are
/// now. They are no news any more. Runs within a transaction.
pub(crate) fn again<S: Sql>(site: &Site<S>, payers: &BTreeSet<Link>, now: Timestamp) -> Result<(), Error> {
    let waiting =
        "SELECT DISTINCT w.goal FROM json_each(?1) k CROSS JOIN waiting_goals w ON w.payer = k.value LIMIT ?2";
    let waiting = site.sql.rows(waiting, &[told::texts(payers.iter())?.into(), AGAIN_AT_ONCE.into()])?;
    let (count, mut stored) = (waiting.len(), 0);
    for mut row in waiting {
        let goal: Goal = row.json()?;
        if let Some(visitor) = visitor_of(site, &goal)? {
            stored += 1;
            store(site, &goal, visitor, false, now)?;
            site.sql.run("DELETE FROM waiting_goals WHERE id = ?1", &[id_of(&goal)?.as_str().into()])?;
        }
    }
    if stored > 0 && is_full(count) {
        payers.iter().try_for_each(|payer| go_on(site, payer))?;
    }
    let mut has_moved = false;
    for payer in payers {
        has_moved |= move_some(site, payer, now)?;
    }
    if has_moved {
        outbox::add_activity(site, now)?;
    }
    Ok(())
}

/// Moves the goals of a payer that are another visitor's than they were. If there are many, the rest is noted.
fn move_some<S: Sql>(site: &Site<S>, payer: &Link, now: Timestamp) -> Result<bool, Error> {
    let text = payer.text();
    let any = "SELECT goal FROM reached_goals WHERE payer = ?1 LIMIT 1";
    let Some(mut any) = site.sql.first(any, &[text.as_str().into()])? else { return Ok(false) };
    // Whose one of them is, the others mostly are: those are found by the index, and only the rest is read.
    let Some(usual) = visitor_of(site, &any.json()?)? else { return Ok(false) };
    let usual = owner(site, usual)?;
    let others = "SELECT visitor, eid, goal FROM (SELECT visitor, eid, goal FROM reached_goals WHERE payer = ?1 AND visitor < ?2 \
                  UNION ALL SELECT visitor, eid, goal FROM reached_goals WHERE payer = ?1 AND visitor > ?2) LIMIT ?3";
    let others = site.sql.rows(others, &[text.as_str().into(), usual, AGAIN_AT_ONCE.into()])?;
    let count = others.len();
    let (mut moved, mut owners) = (0, BTreeMap::<Vec<Link>, Option<VisitorId>>::new());
    for mut row in others {
        let (from, eid): (Value, Value) = (row.next()?, row.next()?);
        let goal: Goal = row.json()?;
        let links = Link::of_goal(&goal);
        let to = match owners.get(&links) {
            Some(to) => *to,
            None => {
                let to = visitor_of(site, &goal)?;
                owners.insert(links, to);
                to
            }
        };
        let Some(to) = to else { continue };
        if owner(site, to)? != whole(from.clone()) {
            move_one(site, &goal, (from, eid), to, now)?;
            moved += 1;
        }
    }
    if moved > 0 && is_full(count) {
        go_on(site, payer)?;
    }
    Ok(moved > 0)
}

/// Whether there may be more than were looked at.
fn is_full(count: usize) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= AGAIN_AT_ONCE)
}

/// Leaves further goals of a payer to the alarm.
fn go_on<S: Sql>(site: &Site<S>, payer: &Link) -> Result<(), Error> {
    site.sql.run("INSERT OR IGNORE INTO retakes (link, after) VALUES (?1, 0)", &[payer.text().into()])?;
    site.has_retakes.set(true);
    Ok(())
}

/// Makes a goal another visitor's.
fn move_one<S: Sql>(
    site: &Site<S>,
    goal: &Goal,
    (from, eid): (Value, Value),
    to: VisitorId,
    now: Timestamp,
) -> Result<(), Error> {
    if site.is_shard() {
        site.sql.run("DELETE FROM reached_goals WHERE eid = ?1", &[eid])?;
        placed::move_goal(site, &id_of(goal)?, to)?;
        return note(site, goal, to);
    }
    let select =
        format!("SELECT {} FROM events e WHERE e.visitor = ?1 AND e.time = ?2 AND e.eid = ?3", removal::COLUMNS);
    let events = site.sql.rows(&select, &[from, goal.time.into(), eid.clone()])?;
    if events.is_empty() {
        return site.sql.run("DELETE FROM reached_goals WHERE eid = ?1", &[eid]);
    }
    removal::remove_events(site, events)?;
    store(site, goal, to, false, now)
}
