//! Writes what was told, and the rows of `payments` that come of it: only what differs. Runs within a transaction.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use sluice_providers::around::Link;
use sluice_providers::ids::{CustomerId, SubscriptionId, TransactionId};
use sluice_providers::ledger::{Ledger, Origin, Removed};
use sluice_providers::money::Minor;
use sluice_providers::rows::{Payer, Payers, Row, RowKey, RowKind};
use sluice_providers::told::{Key, Teller, Told};
use sluice_values::{Currency, Id, Timestamp, kinds};

use crate::attributed::Attributed;
use crate::attribution;
use crate::counted_money;
use crate::currency;
use crate::error::Error;
use crate::event::PaymentKind;
use crate::placed;
use crate::rows::{PaymentRow, VisitorRow};
use crate::sets;
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};
use crate::told::{Loaded, PAYMENT_COLUMNS, PLACED_COLUMNS, Stored, Worth, payers_besides, texts};
use crate::visitor;
use crate::wire::json;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Rows of `payments` that were added or changed.
    pub rows: BTreeSet<RowKey>,
    /// How many rows of `payments` went.
    pub gone: usize,
    /// Payments that are, or were, the first of a payer after a trial.
    pub firsts: BTreeSet<String>,
    /// Payers whose earliest visitor is another.
    pub renamed: BTreeSet<Link>,
    /// Whether anything of what was told has changed.
    pub has_told: bool,
}

/// How a change is made.
pub(crate) struct Change<'a> {
    pub now: Timestamp,
    pub origin: Origin,
    /// What newly told money is worth.
    pub worths: &'a BTreeMap<Key, Option<Worth>>,
}

/// The name of an origin as it is stored: never changed.
const fn name_of(origin: Origin) -> &'static str {
    match origin {
        Origin::Api => "api",
        Origin::Webhook => "webhook",
        Origin::Poll => "poll",
        Origin::Sweep => "sweep",
        Origin::Import => "import",
        Origin::Replay => "replay",
    }
}

pub(crate) fn kind_of(row: &Row) -> PaymentKind {
    match row.kind {
        RowKind::New => PaymentKind::New,
        RowKind::Renewal => PaymentKind::Renewal,
        RowKind::Trial => PaymentKind::Trial,
        RowKind::Refund { of_renewal: false } => PaymentKind::Refund,
        RowKind::Refund { of_renewal: true } => PaymentKind::RefundedRenewal,
    }
}

/// Writes what differs between what was loaded and what the ledger has become.
pub(crate) fn write<S: Sql>(
    site: &Site<S>,
    loaded: &Loaded,
    ledger: &Ledger,
    change: &Change<'_>,
) -> Result<Written, Error> {
    let mut written = Written::default();
    let has_provider = ledger.told.keys().chain(loaded.stored.keys()).any(|key| key.teller != Teller::Api);
    write_removed(site, loaded, ledger)?;
    if !has_provider {
        return Ok(written);
    }
    write_complete(site, loaded, ledger)?;
    let rows = ledger.rows();
    let claims = claims(loaded, &rows);
    delete_unclaimed(site, loaded, &claims, &mut written)?;
    let mut places = BTreeMap::new();
    for row in rows.values() {
        let place = write_row(site, (loaded, ledger), (row, claims.get(&row.key).copied()), change, &mut written)?;
        places.insert(&row.key, place);
    }
    let of_members: BTreeMap<&Key, PaymentRow> = rows
        .values()
        .filter_map(|row| Some((row, *places.get(&row.key)?)))
        .flat_map(|(row, place)| row.members.iter().map(move |member| (member, place)))
        .into_map();
    write_told(site, loaded, ledger, &of_members, change, &mut written)?;
    write_payers(site, loaded, rows.values().filter_map(|row| Some((row, *places.get(&row.key)?))), &mut written)?;
    Ok(written)
}

// ---- Rows of `payments`

/// Which stored row each row goes on with: the one with its id, or else one of its members'.
fn claims(loaded: &Loaded, rows: &BTreeMap<RowKey, Row>) -> BTreeMap<RowKey, PaymentRow> {
    let key_of = |columns: &Vec<Value>| match columns.as_slice() {
        [Value::Text(id), Value::Integer(refunded), Value::Text(refund), ..] => {
            Some((id.clone(), *refunded != 0, refund.clone()))
        }
        _ => None,
    };
    let by_key: BTreeMap<_, PaymentRow> =
        loaded.payments.iter().filter_map(|(row, columns)| Some((key_of(columns)?, *row))).into_map();
    let same = |key: &RowKey| {
        let refund = key.refund.clone().unwrap_or_default();
        by_key.get(&(key.id.as_str().to_owned(), key.refund.is_some(), refund)).copied()
    };
    let mut claims: BTreeMap<RowKey, PaymentRow> =
        rows.keys().filter_map(|key| Some((key.clone(), same(key)?))).into_map();
    let mut claimed: BTreeSet<PaymentRow> = claims.values().copied().into_set();
    for row in rows.values() {
        let own = row.members.iter().filter_map(|member| loaded.stored.get(member)?.payment);
        let free = own.filter(|own| !claimed.contains(own) && loaded.payments.contains_key(own)).min();
        if let Some(own) = free.filter(|_| !claims.contains_key(&row.key)) {
            claims.insert(row.key.clone(), own);
            claimed.insert(own);
        }
    }
    claims
}

/// The values of the first three of [`PAYMENT_COLUMNS`].
fn stored_key(key: &RowKey) -> [Value; 3] {
    [key.id.as_str().into(), key.refund.is_some().into(), key.refund.as_deref().unwrap_or_default().into()]
}

fn delete_unclaimed<S: Sql>(
    site: &Site<S>,
    loaded: &Loaded,
    claims: &BTreeMap<RowKey, PaymentRow>,
    written: &mut Written,
) -> Result<(), Error> {
    let claimed: BTreeSet<PaymentRow> = claims.values().copied().into_set();
    let stored = loaded.stored.values().filter_map(|one| one.payment);
    let gone: BTreeSet<PaymentRow> =
        stored.filter(|row| !claimed.contains(row) && loaded.payments.contains_key(row)).into_set();
    if gone.is_empty() {
        return Ok(());
    }
    written.gone = gone.len();
    let gone = json(&gone)?;
    if site.is_shard() {
        placed::forget(site, &gone)?;
    } else {
        site.sql.run("DELETE FROM payments WHERE id IN (SELECT value FROM json_each(?1))", &[gone.as_str().into()])?;
    }
    site.sql.run("DELETE FROM payers WHERE payment IN (SELECT value FROM json_each(?1))", &[gone.into()])
}

/// The part of a value that counts.
fn share(row: &Row, value: i64) -> i64 {
    match (row.claimed.units(), row.counted.amount.units()) {
        (claimed, counted) if claimed == counted || claimed == 0 => value,
        (claimed, counted) => {
            let share = sluice_values::nearest(i128::from(value) * i128::from(counted), claimed);
            i64::try_from(share).unwrap_or(value)
        }
    }
}

/// What a row is worth in the website's currency.
fn value<S: Sql>(
    site: &Site<S>,
    row: &Row,
    (told, worth): (&Told, Option<Worth>),
    stored: Option<&Vec<Value>>,
) -> Result<i64, Error> {
    let Some(worth) = worth else { return Ok(0) };
    let share = |value: i64| share(row, value);
    let current = site.currency()?;
    if worth.currency == current {
        return Ok(share(worth.value));
    }
    // The website has changed its currency, and converted what it had.
    let is_same = |column: usize, value: &Value| stored.is_some_and(|stored| stored.get(column) == Some(value));
    if is_same(7, &row.counted.amount.units().into())
        && is_same(8, &row.counted.currency.into())
        && let Some(Value::Integer(value)) = stored.and_then(|stored| stored.get(9))
    {
        return Ok(*value);
    }
    let sum = told.sum();
    if let Some(settled) = sum.settled.filter(|settled| settled.currency == current) {
        return Ok(share(settled.amount.units()));
    }
    // The part before the currency, as the shards of a website have it: each step rounds.
    currency::at_change(site, share(worth.value), worth.currency, current)
}

fn worth_of(loaded: &Loaded, change: &Change<'_>, key: &Key) -> Option<Worth> {
    match change.worths.get(key) {
        Some(worth) => *worth,
        None => loaded.stored.get(key)?.worth,
    }
}

/// The values of [`PAYMENT_COLUMNS`].
fn columns(row: &Row, visitor: Value, value: i64) -> [Value; PAYMENT_COLUMNS.len()] {
    let [transaction, refunded, refund] = stored_key(&row.key);
    let provider = match row.teller {
        Teller::Provider(provider) => Some(provider.name()),
        Teller::Api => None,
    };
    let email = row.email.as_deref().map(sluice_providers::hints::compared);
    [
        transaction,
        refunded,
        refund,
        row.time.into(),
        kind_of(row).into(),
        visitor,
        1_i64.into(),
        row.counted.amount.units().into(),
        row.counted.currency.into(),
        value.into(),
        email.into(),
        row.name.as_deref().into(),
        row.customer.as_ref().map(CustomerId::as_str).into(),
        provider.into(),
        row.refund_of.as_ref().map(TransactionId::as_str).into(),
        row.subscription.as_ref().map(SubscriptionId::as_str).into(),
        row.tax.map(Minor::units).into(),
        row.claimed.units().into(),
        row.visitor.map(|(_, known)| Attributed::from(known)).into(),
    ]
}

/// Writes a row of a website with several shards. What it is worth after a change of the currency, its shard knows.
fn place_row<S: Sql>(
    site: &Site<S>,
    (row, place, stored): (&Row, Option<PaymentRow>, Option<&Vec<Value>>),
    (told, worth): (&Told, Option<Worth>),
    change: &Change<'_>,
    written: &mut Written,
) -> Result<PaymentRow, Error> {
    let visitor = row.visitor.map(|(visitor, _)| visitor);
    let settled = told.sum().settled;
    let value = worth.map_or(0, |worth| share(row, worth.value));
    let own = columns(row, visitor.into(), value);
    let placed: [Value; PLACED_COLUMNS.len()] = [
        worth.map(|worth| worth.currency).into(),
        settled.map(|settled| share(row, settled.amount.units())).into(),
        settled.map(|settled| settled.currency).into(),
    ];
    let all: Vec<Value> = own.into_iter().chain(placed).collect();
    if let Some(place) = place.filter(|_| stored == Some(&all)) {
        return Ok(place);
    }
    written.rows.insert(row.key.clone());
    let mut columns = Columns::new();
    for (name, value) in PAYMENT_COLUMNS.into_iter().chain(PLACED_COLUMNS).zip(all) {
        columns = columns.with(name, value);
    }
    let counted = (row.counted.amount.units(), row.counted.currency);
    placed::write(site, place, (&row.key, visitor), counted, columns, name_of(change.origin), change.now)
}

fn write_row<S: Sql>(
    site: &Site<S>,
    (loaded, ledger): (&Loaded, &Ledger),
    (row, place): (&Row, Option<PaymentRow>),
    change: &Change<'_>,
    written: &mut Written,
) -> Result<PaymentRow, Error> {
    let stored = place.and_then(|place| loaded.payments.get(&place));
    let keeper = Key { teller: row.teller, id: row.key.id.clone(), refund: row.key.refund.clone() };
    let worth = worth_of(loaded, change, &keeper);
    let told = ledger.told.get(&keeper).ok_or_else(|| Error::new("a row without what was told of it"))?;
    if site.is_shard() {
        return place_row(site, (row, place, stored), (told, worth), change, written);
    }
    let value = value(site, row, (told, worth), stored)?;
    let visitor = row.visitor.map(|(visitor, _)| visitor::find_or_add(site, visitor)).transpose()?;
    let columns = columns(row, visitor.into(), value);
    if let (Some(place), Some(stored)) = (place, stored)
        && stored.as_slice() == columns.as_slice()
    {
        return Ok(place);
    }
    written.rows.insert(row.key.clone());
    let amount = row.counted.amount.units();
    let mut all = Columns::new();
    for (name, value) in PAYMENT_COLUMNS.into_iter().zip(columns) {
        all = all.with(name, value);
    }
    let session = visitor.map_or(Ok(None), |visitor| attribution::session_by(site, visitor, row.time))?;
    let all = all.with("session", session).with("other", currency::other(site, amount, row.counted.currency, value)?);
    let place = match place {
        Some(place) => {
            let (update, values) = all.update("payments", place);
            site.sql.run(&update, &values)?;
            place
        }
        None => {
            let random = (site.random)()?;
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
            let pid: Id<kinds::Payment> = Id::new(change.now, bytes);
            let all = all.with("pid", pid.as_bytes().to_vec()).with("origin", name_of(change.origin));
            let (insert, values) = all.insert("payments");
            site.sql.one(&format!("{insert} RETURNING id"), &values)?.next()?
        }
    };
    // The triggers do not see a change of the kind.
    let before: Option<VisitorRow> = match stored.and_then(|stored| stored.get(5)) {
        Some(Value::Integer(row)) => Some(VisitorRow(*row)),
        _ => None,
    };
    let visitors: Vec<VisitorRow> = before.into_iter().chain(visitor).collect();
    counted_money::recount(site, &visitors)?;
    if let Some(visitor) = visitor {
        visitor::detach(site, visitor)?;
    }
    Ok(place)
}

// ---- What was told

fn write_told<S: Sql>(
    site: &Site<S>,
    loaded: &Loaded,
    ledger: &Ledger,
    of_members: &BTreeMap<&Key, PaymentRow>,
    change: &Change<'_>,
    written: &mut Written,
) -> Result<(), Error> {
    let mut gone = Vec::new();
    for (key, one) in &loaded.stored {
        if !ledger.told.contains_key(key)
            && let Some(row) = one.row
        {
            gone.push(vec![row.into()]);
        }
    }
    let (mut lost, mut gained): (Vec<Vec<Value>>, Vec<Vec<Value>>) = (Vec::new(), Vec::new());
    for (key, one) in &loaded.stored {
        let after = ledger.told.get(key).map(|told| Link::all(key, told)).unwrap_or_default();
        if let Some(row) = one.row {
            let before = Link::all(key, &one.told);
            lost.extend(before.difference(&after).map(|link| vec![link.text().into(), row.into()]));
            gained.extend(after.difference(&before).map(|link| vec![link.text().into(), row.into()]));
        }
    }
    for (key, told) in &ledger.told {
        let stored = loaded.stored.get(key);
        let payment = of_members.get(key).copied();
        let worth = worth_of(loaded, change, key);
        match stored {
            Some(stored @ Stored { row: Some(row), .. }) => {
                if (&stored.told, stored.payment, stored.worth) != (told, payment, worth) {
                    written.has_told |= stored.told != *told;
                    site.sql.run(
                        "UPDATE told SET told = ?2, value = ?3, currency = ?4, payment = ?5 WHERE id = ?1",
                        &[
                            (*row).into(),
                            json(told)?.into(),
                            worth.map(|worth| worth.value).into(),
                            worth.map(|worth| worth.currency).into(),
                            payment.into(),
                        ],
                    )?;
                }
            }
            _ => {
                written.has_told = true;
                let row = site.next_row("told")?;
                let columns = Columns::new()
                    .with("id", row)
                    .with("teller", key.teller.name())
                    .with("transaction_id", key.id.as_str())
                    .with("refunded", key.refund.is_some())
                    .with("refund_id", key.refund.as_deref().unwrap_or_default())
                    .with("told", json(told)?)
                    .with("value", worth.map(|worth| worth.value))
                    .with("currency", worth.map(|worth| worth.currency))
                    .with("payment", payment)
                    .with("eid", stored.and_then(|stored| stored.eid.clone()));
                let (insert, values) = columns.insert("told");
                site.sql.run(&insert, &values)?;
                gained.extend(Link::all(key, told).iter().map(|link| vec![link.text().into(), row.into()]));
            }
        }
    }
    written.has_told |= !gone.is_empty();
    sets::run(site, "DELETE FROM told WHERE id IN (SELECT value ->> 0 FROM json_each(?1))", &gone)?;
    sets::run(site, UNLINK, &lost)?;
    sets::run(
        site,
        "INSERT OR IGNORE INTO told_links (link, told) SELECT value ->> 0, value ->> 1 FROM json_each(?1)",
        &gained,
    )
}

fn write_complete<S: Sql>(site: &Site<S>, loaded: &Loaded, ledger: &Ledger) -> Result<(), Error> {
    for (subject, complete) in &ledger.complete {
        if loaded.ledger.complete.get(subject) != Some(complete) {
            site.sql.run(
                "INSERT OR REPLACE INTO complete_subjects (subject, provider, complete) VALUES (?1, ?2, ?3)",
                &[subject.1.as_str().into(), subject.0.name().into(), json(complete)?.into()],
            )?;
        }
    }
    Ok(())
}

fn write_removed<S: Sql>(site: &Site<S>, loaded: &Loaded, ledger: &Ledger) -> Result<(), Error> {
    let lifted = loaded.removed.iter().filter(|(removed, _)| !ledger.removed.contains(removed));
    let lifted: Vec<Vec<Value>> = lifted.map(|(_, row)| vec![(*row).into()]).collect();
    sets::run(site, "DELETE FROM removed_payments WHERE id IN (SELECT value ->> 0 FROM json_each(?1))", &lifted)?;
    let by_row = "DELETE FROM removed_names WHERE removed IN (SELECT value ->> 0 FROM json_each(?1))";
    sets::run(site, by_row, &lifted)?;
    let new = ledger.removed.iter().filter(|removed| !loaded.removed.contains_key(removed));
    new.into_iter().try_for_each(|removed| add_removed(site, removed))
}

fn add_removed<S: Sql>(site: &Site<S>, removed: &Removed) -> Result<(), Error> {
    let row = site.next_row("removed_payments")?;
    let insert = "INSERT INTO removed_payments (id, removed) VALUES (?1, ?2)";
    site.sql.run(insert, &[row.into(), json(removed)?.into()])?;
    let names: Vec<Vec<Value>> = removed.names().map(|name| vec![name.into(), row.into()]).collect();
    sets::run(
        site,
        "INSERT OR IGNORE INTO removed_names (name, removed) SELECT value ->> 0, value ->> 1 FROM json_each(?1)",
        &names,
    )
}

/// Removes what was told and has no row; a provider cannot tell of it again.
pub(crate) fn remove_alone<S: Sql>(site: &Site<S>, (key, told): (&Key, &Told), row: i64) -> Result<(), Error> {
    if let Teller::Provider(provider) = key.teller {
        let aliases = match told.refund_of() {
            Some(_) => BTreeSet::new(),
            None => told.aliases(key).map(str::to_owned).collect(),
        };
        let of = BTreeSet::from([provider]);
        add_removed(site, &Removed { id: key.id.clone(), refund: key.refund.clone(), aliases, of })?;
    }
    let links: Vec<Vec<Value>> = Link::all(key, told).iter().map(|link| vec![link.text().into(), row.into()]).collect();
    sets::run(site, UNLINK, &links)?;
    site.sql.run("DELETE FROM told WHERE id = ?1", &[row.into()])
}

const UNLINK: &str =
    "DELETE FROM told_links WHERE (link, told) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))";

// ---- Payers

/// A row of `payers`: the payer, the kind, time and id of the payment, its row, and the visitor whom it names.
type Paid = (String, i64, i64, String, i64, Option<String>);

fn write_payers<'a, S: Sql>(
    site: &Site<S>,
    loaded: &Loaded,
    rows: impl Iterator<Item = (&'a Row, PaymentRow)>,
    written: &mut Written,
) -> Result<(), Error> {
    let (mut wanted, mut places, mut links) = (BTreeSet::<Paid>::new(), BTreeSet::new(), BTreeSet::new());
    places.extend(loaded.stored.values().filter_map(|one| one.payment));
    for (row, place) in rows {
        places.insert(place);
        let kind = match row.kind {
            RowKind::New | RowKind::Renewal => 0,
            RowKind::Trial => 1,
            RowKind::Refund { .. } => 2,
        };
        let named = if kind == 2 { None } else { row.named().map(|visitor| sluice_values::hex(visitor.as_bytes())) };
        for payer in &row.payers {
            links.insert(payer.clone());
            let id = row.key.id.as_str().to_owned();
            wanted.insert((payer.text(), kind, row.time.as_millis(), id, place.0, named.clone()));
        }
    }
    let select = "SELECT payer, kind, time, transaction_id, payment, lower(hex(visitor)), visitor IS NULL FROM payers \
                  WHERE payment IN (SELECT value FROM json_each(?1))";
    let mut stored = BTreeSet::<Paid>::new();
    for mut row in site.sql.rows(select, &[json(&places)?.into()])? {
        let paid = (row.next()?, row.next()?, row.next()?, row.next()?, row.next()?);
        let (named, is_nobody): (Option<String>, bool) = (row.next()?, row.next()?);
        stored.insert((paid.0, paid.1, paid.2, paid.3, paid.4, named.filter(|_| !is_nobody)));
    }
    let values = |paid: &Paid| -> Vec<Value> {
        let (payer, kind, time, id, payment, named) = paid;
        vec![
            payer.into(),
            (*kind).into(),
            (*time).into(),
            id.into(),
            (*payment).into(),
            named.as_ref().map(String::as_str).into(),
        ]
    };
    let gone: Vec<Vec<Value>> = stored.difference(&wanted).map(values).collect();
    let new: Vec<Vec<Value>> = wanted.difference(&stored).map(values).collect();
    sets::run(
        site,
        "DELETE FROM payers WHERE (payer, kind, time, transaction_id, payment) IN (SELECT value ->> 0, value ->> 1, \
         value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1))",
        &gone,
    )?;
    sets::run(
        site,
        "INSERT OR REPLACE INTO payers (payer, kind, time, transaction_id, payment, visitor) SELECT value ->> 0, value ->> 1, \
         value ->> 2, value ->> 3, value ->> 4, unhex(value ->> 5) FROM json_each(?1)",
        &new,
    )?;
    links.extend(loaded.payers.keys().cloned());
    let after = payers_besides(site, &links, &[])?;
    compare(&loaded.payers, &after, written);
    Ok(())
}

/// What has changed of payers that matters to their other rows.
fn compare(before: &Payers, after: &Payers, written: &mut Written) {
    let nothing = Payer::default();
    for (link, after) in after {
        let before = before.get(link).unwrap_or(&nothing);
        let first =
            |payer: &Payer| payer.first.as_ref().filter(|_| payer.has_trial).map(|(_, id)| id.as_str().to_owned());
        if matches!(link, Link::Subscription(..)) && first(before) != first(after) {
            written.firsts.extend(first(before).into_iter().chain(first(after)));
        }
        let named = |payer: &Payer| payer.named.as_ref().map(|(_, _, visitor)| *visitor);
        if named(before) != named(after) {
            written.renamed.insert(link.clone());
        }
    }
}

/// The payers among these of whom some rows do not name their visitor.
pub(crate) fn unnamed<'a, S: Sql>(site: &Site<S>, payers: &'a BTreeSet<Link>) -> Result<Vec<&'a Link>, Error> {
    let by_text: BTreeMap<String, &Link> = payers.iter().map(|link| (link.text(), link)).into_map();
    let select = "SELECT k.value FROM json_each(?1) k WHERE EXISTS \
                  (SELECT 1 FROM payers WHERE payer = k.value AND visitor IS NULL)";
    let found = site.sql.rows(select, &[texts(payers.iter())?.into()])?;
    let found = found.into_iter().map(|mut row| row.next::<String>()).collect::<Result<Vec<_>, _>>()?;
    Ok(found.iter().filter_map(|text| by_text.get(text).copied()).collect())
}

/// The worth of all that was told in this currency where nothing has to be converted.
pub(crate) fn own_worth(told: &Told, currency: Currency) -> Option<Worth> {
    let sum = told.sum();
    let settled = sum.settled.filter(|settled| settled.currency == currency).map(|settled| settled.amount);
    let paid = Some(sum.paid).filter(|paid| paid.currency == currency).map(|paid| paid.amount);
    settled.or(paid).map(|amount| Worth { value: amount.units(), currency })
}
