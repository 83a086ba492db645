//! Changes of what was told of payments by others than providers: what a backend posts, and what the owner deletes. Each runs
//! within a transaction.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use sluice_providers::around::{Link, Seeds};
use sluice_providers::ids::{CustomerId, TransactionId};
use sluice_providers::ledger::{Ledger, Origin, Posted, PostedKind};
use sluice_providers::money::{Minor, Money, Sum};
use sluice_values::{Timestamp, VisitorId};

use crate::erased_payers;
use crate::error::Error;
use crate::event::{Payment, PaymentKind, stored_event_id};
use crate::placed;
use crate::retakes;
use crate::seen_subscriptions;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::told::{self, Loaded, Worth};
use crate::told_rows::{self, Change, Written};
use crate::wire::json;

/// Deleted at once.
const DELETED_AT_ONCE: usize = 200;

/// Writes a change of the ledger, and what follows from it for other rows: how many these are.
pub(crate) fn settle<S: Sql>(
    site: &Site<S>,
    (loaded, ledger): (&Loaded, &Ledger),
    change: &Change<'_>,
) -> Result<(Written, usize), Error> {
    let written = told_rows::write(site, loaded, ledger, change)?;
    let by_first = retakes::of_transactions(site, &written.firsts, change.now)?;
    let followed = by_first + retakes::of_payers(site, &written.renamed, change.now)?;
    Ok((written, followed))
}

/// What a backend's payment is to providers: whether one told of the same money, and whether the owner has deleted it.
pub(crate) fn is_shared<S: Sql>(site: &Site<S>, id: &str) -> Result<(bool, bool), Error> {
    let shared = "SELECT EXISTS (SELECT 1 FROM told_links WHERE link IN ('m:' || ?1, 'r:' || ?1)), \
                  EXISTS (SELECT 1 FROM removed_names WHERE name = ?1)";
    let mut shared = site.sql.one(shared, &[id.into()])?;
    Ok((shared.next()?, shared.next()?))
}

impl<S: Sql> Site<S> {
    /// What was deleted under this name may be told of again.
    pub(crate) fn lift(&self, id: &str) -> Result<(), Error> {
        self.write(|| lift(self, id))
    }
}

/// What was deleted under this name may be told of again.
pub(crate) fn lift<S: Sql>(site: &Site<S>, id: &str) -> Result<(), Error> {
    let of = "SELECT removed FROM removed_names WHERE name = ?1";
    site.sql.run(&format!("DELETE FROM removed_payments WHERE id IN ({of})"), &[id.into()])?;
    site.sql.run(&format!("DELETE FROM removed_names WHERE removed IN ({of})"), &[id.into()])
}

/// A payment as what the backend tells; `None` if it is nothing that a provider could tell of.
fn posted(payment: &Payment) -> Option<Posted> {
    Some(Posted {
        id: TransactionId::new(payment.transaction_id.as_str())?,
        kind: match payment.kind {
            PaymentKind::New => PostedKind::Payment { renewal: false },
            PaymentKind::Renewal => PostedKind::Payment { renewal: true },
            PaymentKind::Trial => PostedKind::Trial,
            PaymentKind::Refund | PaymentKind::RefundedRenewal => {
                PostedKind::Refund(payment.refund_id.clone().unwrap_or_default())
            }
        },
        sum: Sum {
            paid: Money { amount: Minor::new(payment.amount)?, currency: payment.currency },
            tax: None,
            settled: None,
        },
        time: payment.time,
        visitor: payment.visitor,
        customer: payment.customer_id.as_deref().and_then(CustomerId::new),
        email: payment.email.clone(),
        name: payment.name.clone(),
    })
}

/// Takes a backend's payment of money that a provider told of too. Returns whether it is a row of its own; `None` if it is
/// nothing that a provider could tell of.
pub(crate) fn post<S: Sql>(site: &Site<S>, payment: &Payment) -> Result<Option<bool>, Error> {
    let Some(posted) = posted(payment) else { return Ok(None) };
    let (key, told) = posted.clone().told();
    let mut seeds = Seeds::default();
    seeds.add(&key, &told);
    let loaded = told::load(site, seeds)?;
    let mut ledger = loaded.ledger.clone();
    let Some(outcome) = ledger.post(posted) else { return Ok(Some(false)) };
    told::load_hints(site, &loaded, &mut ledger)?;
    let worth = Worth { value: payment.value, currency: site.currency()? };
    let worths = BTreeMap::from([(key.clone(), Some(worth))]);
    let change = Change { now: payment.time, origin: Origin::Api, worths: &worths };
    settle(site, (&loaded, &ledger), &change)?;
    retakes::note_goals(site, &loaded.payers.keys().cloned().collect())?;
    if let Some(id) = &payment.event_id {
        let refund = key.refund.unwrap_or_default();
        site.sql.run(
            "UPDATE told SET eid = ?1 WHERE teller = 'api' AND transaction_id = ?2 AND refunded = ?3 AND refund_id = ?4",
            &[stored_event_id(id, false), key.id.as_str().into(), payment.kind.is_refund().into(), refund.into()],
        )?;
    }
    Ok(Some(!outcome.added.is_empty()))
}

/// Removes rows of `payments` of which a provider told, with their refunds, and returns the ids of all that went. Providers
/// cannot tell of them again.
pub(crate) fn remove<S: Sql>(
    site: &Site<S>,
    condition: &str,
    values: &[Value],
    now: Timestamp,
) -> Result<Vec<String>, Error> {
    let select = format!(
        "SELECT p.id, p.transaction_id, p.refunded, p.refund_id FROM {} p WHERE ({condition}) \
         AND EXISTS (SELECT 1 FROM told WHERE payment = p.id)",
        placed::table_of(site)
    );
    let mut rows = Vec::new();
    for mut row in site.sql.rows(&select, values)? {
        let id: i64 = row.next()?;
        let key: (String, bool, String) = (row.next()?, row.next()?, row.next()?);
        rows.push((id, key));
    }
    let mut gone = Vec::new();
    for rows in rows.chunks(DELETED_AT_ONCE) {
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let ids = json(&ids)?;
        let seeds = told::seeds_of(site, "t.payment IN (SELECT value FROM json_each(?1))", &[ids.into()])?;
        let loaded = told::load(site, seeds)?;
        let mut ledger = loaded.ledger.clone();
        let keys: BTreeSet<(&str, bool, &str)> =
            rows.iter().map(|(_, (id, refunded, refund))| (id.as_str(), *refunded, refund.as_str())).into_set();
        let went = ledger.remove(|row| {
            let refund = row.key.refund.as_deref();
            keys.contains(&(row.key.id.as_str(), refund.is_some(), refund.unwrap_or_default()))
        });
        told::load_hints(site, &loaded, &mut ledger)?;
        gone.extend(went.iter().map(|id| id.as_str().to_owned()));
        settle(site, (&loaded, &ledger), &Change { now, origin: Origin::Api, worths: &BTreeMap::new() })?;
    }
    Ok(gone)
}

/// The links of what was told under a condition by which more of the same person may be found.
fn personal_links<S: Sql>(site: &Site<S>, condition: &str, values: &[Value]) -> Result<BTreeSet<Link>, Error> {
    let is_personal = |link: &Link| matches!(link, Link::Email(_) | Link::Customer(..) | Link::Subscription(..));
    let told = told::of(site, condition, values)?;
    Ok(told.iter().flat_map(|(key, one)| Link::all(key, &one.told)).filter(is_personal).into_set())
}

/// Removes some payments of a visitor of which a provider told, with what else was told of the same person and counts nothing.
/// Providers cannot tell of it again: a look into the past would bring it back. Returns the ids of the rows that went.
pub(crate) fn erase<S: Sql>(
    site: &Site<S>,
    (id, visitor): (VisitorId, Value),
    most: i64,
    now: Timestamp,
) -> Result<Vec<String>, Error> {
    // What counts nothing now may count once something else is gone.
    forget_uncounted(site, id, now)?;
    let table = placed::table_of(site);
    // What names the visitor goes last: the rest is theirs because of it.
    let some = format!(
        "p.id IN (SELECT p.id FROM {table} p WHERE p.visitor = ?1 AND EXISTS (SELECT 1 FROM told WHERE payment = p.id) \
         ORDER BY p.attributed DESC LIMIT ?2)"
    );
    let values = [visitor, most.into()];
    let own = format!("t.payment IN (SELECT p.id FROM {table} p WHERE {some})");
    let links = personal_links(site, &own, &values)?;
    let gone = remove(site, &some, &values, now)?;
    forget(site, &links)?;
    erased_payers::note(site, links.iter(), now)?;
    let waiting = "DELETE FROM waiting_goals WHERE payer IN (SELECT value FROM json_each(?1))";
    site.sql.run(waiting, &[told::texts(links.iter())?.into()])?;
    seen_subscriptions::forget(site, &links)?;
    Ok(gone)
}

/// What was told and names this visitor.
const NAMED: &str = "t.id IN (SELECT told FROM told_links WHERE link = 'v:' || ?1)";

/// Forgets what names an erased visitor and counts nothing.
fn forget_uncounted<S: Sql>(site: &Site<S>, id: VisitorId, now: Timestamp) -> Result<(), Error> {
    let links = BTreeSet::from([Link::Visitor(id)]);
    let others = personal_links(site, &format!("{NAMED} AND t.payment IS NULL"), &[id.to_string().into()])?;
    forget(site, &links)?;
    forget(site, &others)?;
    erased_payers::note(site, links.iter().chain(&others), now)
}

/// Forgets what names an erased visitor, once [`erase`] finds nothing more: a payment that another visitor made stays theirs.
pub(crate) fn forget_named<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<(), Error> {
    let values = [id.to_string().into()];
    for (_, one) in told::of(site, NAMED, &values)? {
        let (Some(row), mut told) = (one.row, one.told) else { continue };
        told.forget_whose();
        let json = json(&told)?;
        site.sql.run("UPDATE told SET told = ?2 WHERE id = ?1", &[row.into(), json.into()])?;
    }
    site.sql.run("DELETE FROM told_links WHERE link = 'v:' || ?1", &values)
}

/// Removes what was told under these links and has no row.
fn forget<S: Sql>(site: &Site<S>, links: &BTreeSet<Link>) -> Result<(), Error> {
    let without_row = "t.payment IS NULL AND t.id IN \
                       (SELECT l.told FROM json_each(?1) k CROSS JOIN told_links l ON l.link = k.value)";
    for (key, one) in told::of(site, without_row, &[told::texts(links.iter())?.into()])? {
        let Some(row) = one.row else { continue };
        told_rows::remove_alone(site, (&key, &one.told), row)?;
    }
    Ok(())
}
