//! What providers, and backends beside them, told of payments (`told`). The rows of `payments` are a function of it
//! (`sluice_providers::rows`), so a message told twice, late or in any order ends in the same rows.
//!
//! A message changes what is told of the same money, which is loaded whole: what is found by the names of payments and refunds
//! (`told_links`), and what that names. Of the same payers only three figures are loaded, each by one look-up in `payers`: the
//! earliest row with an explicit visitor, whether there is a trial, and the first payment. Where these change, other rows of the
//! payer are worked out again (`retakes.rs`).
//!
//! A payment that only a backend told of has no rows here, until a provider tells of the same money.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use sluice_providers::around::{Link, Seeds};
use sluice_providers::hints::Latest;
use sluice_providers::ids::{CustomerId, TransactionId};
use sluice_providers::ledger::{Complete, Ledger, Posted, PostedKind, Removed, Subject};
use sluice_providers::money::{Minor, Money, Sum};
use sluice_providers::rows::{Payer, Payers};
use sluice_providers::told::{Key, Teller, Told};
use sluice_values::{Currency, Timestamp, VisitorId};

use crate::attributed::Attributed;
use crate::error::Error;
use crate::event::PaymentKind;
use crate::placed;
use crate::rows::PaymentRow;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};
use crate::subscribed::retention_days;
use crate::wire::json;

/// The most that is told of the same money. Refunds of one payment, and other names that payments share, are far fewer.
pub(crate) const MOST_TOLD: usize = 5_000;

/// What is told, in the website's currency of that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Worth {
    /// Of all that was paid, in minor units.
    pub value: i64,
    pub currency: Currency,
}

/// What was told under a key, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// `None` of a payment that only a backend told of.
    pub row: Option<i64>,
    pub told: Told,
    pub worth: Option<Worth>,
    /// The row of `payments` that it is part of.
    pub payment: Option<PaymentRow>,
    /// The id of the import line that a backend's payment came from.
    pub eid: Option<Value>,
}

/// All that was told of the same money.
pub(crate) struct Loaded {
    pub ledger: Ledger,
    pub stored: BTreeMap<Key, Stored>,
    /// Rows of `payments`, of this money or with the same ids: the columns of [`PAYMENT_COLUMNS`].
    pub payments: BTreeMap<PaymentRow, Vec<Value>>,
    /// The payers before a change, whole.
    pub payers: Payers,
    /// The rows of `removed_payments`.
    pub removed: BTreeMap<Removed, i64>,
}

/// What rows of `payments` are compared by.
pub(crate) const PAYMENT_COLUMNS: [&str; 19] = [
    "transaction_id",
    "refunded",
    "refund_id",
    "time",
    "kind",
    "visitor",
    "named",
    "amount",
    "currency",
    "value",
    "email",
    "name",
    "customer_id",
    "provider",
    "refund_of",
    "subscription",
    "tax",
    "claimed",
    "attributed",
];

/// What rows of `placed_payments` are compared by, too.
pub(crate) const PLACED_COLUMNS: [&str; 3] = ["valued_in", "settled", "settled_in"];

fn columns_of<S: Sql>(site: &Site<S>) -> Vec<&'static str> {
    let placed: &[&str] = if site.is_shard() { &PLACED_COLUMNS } else { &[] };
    PAYMENT_COLUMNS.into_iter().chain(placed.iter().copied()).collect()
}

fn stored_as<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::new("stored: what was told of a payment cannot be read"))
}

/// Links as a JSON array of their texts.
pub(crate) fn texts<'a>(links: impl Iterator<Item = &'a Link>) -> Result<String, Error> {
    json(&links.map(Link::text).collect::<Vec<_>>())
}

/// The columns of `told` that [`read`] reads.
const COLUMNS: &str =
    "t.id, t.teller, t.transaction_id, t.refunded, t.refund_id, t.told, t.value, t.currency, t.payment, t.eid";

fn read(row: &mut Row) -> Result<(Key, Stored), Error> {
    let (id, teller, transaction): (i64, String, String) = (row.next()?, row.next()?, row.next()?);
    let (refunded, refund): (bool, String) = (row.next()?, row.next()?);
    let key = Key {
        teller: stored_as(Teller::of_name(&teller))?,
        id: stored_as(TransactionId::new(transaction))?,
        refund: refunded.then_some(refund),
    };
    let told: Told = row.json()?;
    let (value, currency): (Option<i64>, Option<Currency>) = (row.next()?, row.next()?);
    let worth = value.zip(currency).map(|(value, currency)| Worth { value, currency });
    Ok((key, Stored { row: Some(id), told, worth, payment: row.next()?, eid: row.next()? }))
}

/// All that was told under any of the links.
fn find<S: Sql>(site: &Site<S>, links: &BTreeSet<Link>) -> Result<Vec<(Key, Stored)>, Error> {
    let linked = "t.id IN (SELECT l.told FROM json_each(?1) k CROSS JOIN told_links l ON l.link = k.value)";
    let mut found = of(site, linked, &[texts(links.iter())?.into()])?;
    let ids: BTreeSet<&str> = links.iter().filter_map(Link::transaction).into_set();
    let (uid, visitors) = if site.is_shard() {
        placed::adopt(site, &ids)?;
        ("p.visitor", "")
    } else {
        ("v.uid", "LEFT JOIN visitors v ON v.id = p.visitor")
    };
    let posted = format!(
        "SELECT p.id, p.transaction_id, p.refund_id, p.time, p.kind, iif(p.named, {uid}, NULL), p.amount, p.currency, \
         p.value, p.email, p.name, p.customer_id, p.eid FROM json_each(?1) k \
         CROSS JOIN {} p ON p.transaction_id = k.value {visitors} \
         WHERE p.provider IS NULL AND NOT EXISTS (SELECT 1 FROM told WHERE payment = p.id)",
        placed::table_of(site)
    );
    let currency = site.currency()?;
    for mut row in site.sql.rows(&posted, &[json(&ids)?.into()])? {
        found.extend(read_posted(&mut row, currency)?);
    }
    Ok(found)
}

/// A row of `payments` as what the backend told; `None` if it is nothing that a provider could tell of.
fn read_posted(row: &mut Row, in_currency: Currency) -> Result<Option<(Key, Stored)>, Error> {
    let (payment, transaction, refund): (PaymentRow, String, String) = (row.next()?, row.next()?, row.next()?);
    let (time, kind): (Timestamp, PaymentKind) = (row.next()?, row.next()?);
    let (visitor, amount): (Option<VisitorId>, i64) = (row.next()?, row.next()?);
    let (currency, value): (Currency, i64) = (row.next()?, row.next()?);
    let (email, name, customer): (Option<String>, Option<String>, Option<String>) =
        (row.next()?, row.next()?, row.next()?);
    let (Some(id), Some(amount)) = (TransactionId::new(transaction), Minor::new(amount)) else { return Ok(None) };
    let posted = Posted {
        id,
        kind: match kind {
            PaymentKind::New => PostedKind::Payment { renewal: false },
            PaymentKind::Renewal => PostedKind::Payment { renewal: true },
            PaymentKind::Trial => PostedKind::Trial,
            PaymentKind::Refund | PaymentKind::RefundedRenewal => PostedKind::Refund(refund),
        },
        sum: Sum { paid: Money { amount, currency }, tax: None, settled: None },
        time,
        visitor,
        customer: customer.and_then(CustomerId::new),
        email,
        name,
    };
    let (key, told) = posted.told();
    let worth = Some(Worth { value, currency: in_currency });
    Ok(Some((key, Stored { row: None, told, worth, payment: Some(payment), eid: row.next()? })))
}

/// These rows of `told`.
pub(crate) fn of<S: Sql>(site: &Site<S>, condition: &str, values: &[Value]) -> Result<Vec<(Key, Stored)>, Error> {
    let rows = site.sql.rows(&format!("SELECT {COLUMNS} FROM told t WHERE {condition}"), values)?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The money of these rows of `told`.
pub(crate) fn seeds_of<S: Sql>(site: &Site<S>, condition: &str, values: &[Value]) -> Result<Seeds, Error> {
    let mut seeds = Seeds::default();
    for (key, stored) in of(site, condition, values)? {
        seeds.add(&key, &stored.told);
    }
    Ok(seeds)
}

/// Loads all that was told of the same money.
pub(crate) fn load<S: Sql>(site: &Site<S>, seeds: Seeds) -> Result<Loaded, Error> {
    let Seeds { money: mut links, mut payers } = seeds;
    let (mut stored, mut asked) = (BTreeMap::new(), BTreeSet::new());
    while !links.is_empty() {
        let mut next = BTreeSet::new();
        for (key, one) in find(site, &links)? {
            next.extend(Link::of_money(&key, &one.told));
            payers.extend(Link::of_payer(&key, &one.told));
            stored.insert(key, one);
        }
        if stored.len() > MOST_TOLD {
            return Err(Error::new(format!("a payment of which more than {MOST_TOLD} things were told")));
        }
        asked.append(&mut links);
        links = next.difference(&asked).cloned().collect();
    }
    let ids: BTreeSet<&str> = asked.iter().filter_map(Link::transaction).into_set();
    let payments = payments(site, &stored, &ids)?;
    let own: Vec<PaymentRow> = payments.keys().copied().collect();
    let removed = removed(site, &ids)?;
    let ledger = Ledger {
        told: stored.iter().map(|(key, one)| (key.clone(), one.told.clone())).into_map(),
        complete: complete(site, &stored, &ids)?,
        removed: removed.keys().cloned().into_set(),
        payers: payers_besides(site, &payers, &own)?,
        hints: sluice_providers::hints::Hints::default(),
    };
    let payers = payers_besides(site, &payers, &[])?;
    Ok(Loaded { ledger, stored, payments, payers, removed })
}

fn payments<S: Sql>(
    site: &Site<S>,
    stored: &BTreeMap<Key, Stored>,
    ids: &BTreeSet<&str>,
) -> Result<BTreeMap<PaymentRow, Vec<Value>>, Error> {
    let rows: Vec<PaymentRow> = stored.values().filter_map(|one| one.payment).collect();
    let names = columns_of(site);
    let select = format!(
        "SELECT id, {} FROM {} WHERE id IN (SELECT value FROM json_each(?1)) \
         OR transaction_id IN (SELECT value FROM json_each(?2))",
        names.join(", "),
        placed::table_of(site)
    );
    let mut found = BTreeMap::new();
    for mut row in site.sql.rows(&select, &[json(&rows)?.into(), json(ids)?.into()])? {
        let id = row.next()?;
        let columns = names.iter().map(|_| row.next().map(whole)).collect::<Result<_, _>>()?;
        found.insert(id, columns);
    }
    Ok(found)
}

/// JavaScript has only one numeric type.
pub(crate) fn whole(value: Value) -> Value {
    use crate::sql::Field;
    match value {
        Value::Real(_) => match i64::of(value) {
            Ok(number) => Value::Integer(number),
            Err(other) => other,
        },
        other => other,
    }
}

fn complete<S: Sql>(
    site: &Site<S>,
    stored: &BTreeMap<Key, Stored>,
    ids: &BTreeSet<&str>,
) -> Result<BTreeMap<Subject, Complete>, Error> {
    let subjects = stored.iter().filter_map(|(key, one)| Ledger::subject(key, &one.told));
    let subjects: BTreeSet<String> =
        subjects.map(|(_, id)| id.as_str().to_owned()).chain(ids.iter().map(|id| (*id).to_owned())).into_set();
    let select = "SELECT c.subject, c.provider, c.complete FROM json_each(?1) k \
                  CROSS JOIN complete_subjects c ON c.subject = k.value";
    let mut found = BTreeMap::new();
    for mut row in site.sql.rows(select, &[json(&subjects)?.into()])? {
        let (subject, provider): (String, String) = (row.next()?, row.next()?);
        let subject = (stored_as(provider.parse().ok())?, stored_as(TransactionId::new(subject))?);
        found.insert(subject, row.json()?);
    }
    Ok(found)
}

fn removed<S: Sql>(site: &Site<S>, ids: &BTreeSet<&str>) -> Result<BTreeMap<Removed, i64>, Error> {
    let select = "SELECT id, removed FROM removed_payments WHERE id IN \
                  (SELECT n.removed FROM json_each(?1) k CROSS JOIN removed_names n ON n.name = k.value)";
    let mut found = BTreeMap::new();
    for mut row in site.sql.rows(select, &[json(ids)?.into()])? {
        let id: i64 = row.next()?;
        found.insert(row.json()?, id);
    }
    Ok(found)
}

/// What is known of payers from rows that are not among these.
pub(crate) fn payers_besides<S: Sql>(
    site: &Site<S>,
    payers: &BTreeSet<Link>,
    rows: &[PaymentRow],
) -> Result<Payers, Error> {
    let by_text: BTreeMap<String, &Link> = payers.iter().map(|link| (link.text(), link)).into_map();
    let select = "SELECT k.value, \
        (SELECT json_array(time, transaction_id, lower(hex(visitor))) FROM payers WHERE payer = k.value \
         AND visitor IS NOT NULL AND payment NOT IN (SELECT value FROM json_each(?2)) ORDER BY time, transaction_id LIMIT 1), \
        EXISTS (SELECT 1 FROM payers WHERE payer = k.value AND kind = 1 \
         AND payment NOT IN (SELECT value FROM json_each(?2))), \
        (SELECT json_array(time, transaction_id) FROM payers WHERE payer = k.value AND kind = 0 \
         AND payment NOT IN (SELECT value FROM json_each(?2)) ORDER BY time, transaction_id LIMIT 1) \
        FROM json_each(?1) k";
    let keys: Vec<&String> = by_text.keys().collect();
    let mut found = Payers::new();
    for mut row in site.sql.rows(select, &[json(&keys)?.into(), json(&rows)?.into()])? {
        let text: String = row.next()?;
        let named: Option<(i64, String, String)> = row.optional_json()?;
        let has_trial = row.next()?;
        let first: Option<(i64, String)> = row.optional_json()?;
        let named = named.map(|(time, id, visitor)| {
            let visitor = u128::from_str_radix(&visitor, 16).ok().map(|bits| VisitorId::from_bytes(bits.to_be_bytes()));
            Ok::<_, Error>((Timestamp::from_millis(time), stored_as(TransactionId::new(id))?, stored_as(visitor)?))
        });
        let first =
            first.map(|(time, id)| Ok::<_, Error>((Timestamp::from_millis(time), stored_as(TransactionId::new(id))?)));
        if let Some(link) = by_text.get(&text) {
            found.insert((*link).clone(), Payer { named: named.transpose()?, has_trial, first: first.transpose()? });
        }
    }
    Ok(found)
}

/// Loads the hints about what was told.
pub(crate) fn load_hints<S: Sql>(site: &Site<S>, loaded: &Loaded, ledger: &mut Ledger) -> Result<(), Error> {
    let mut keys = BTreeSet::new();
    for (key, told) in &ledger.told {
        keys.extend(told.hint_keys(key));
        if let Some(email) = told.email().map(sluice_providers::hints::compared) {
            keys.extend([format!("email:{email}"), format!("identified:{email}")]);
        }
    }
    let found = if site.is_shard() {
        site.elsewhere.borrow_mut().hints(&keys)
    } else {
        let keys: Vec<String> = keys.into_iter().collect();
        let found = placed::latest(site, &keys)?.into_iter();
        found.map(|(key, time, visitor)| (key, Latest { time, visitor })).collect()
    };
    for (key, latest) in found {
        match key.split_once(':') {
            Some(("email", email)) => ledger.hints.hint_email(email, latest),
            Some(("identified", email)) => ledger.hints.identify(email, latest),
            _ => ledger.hints.hint(&key, latest),
        }
    }
    if retention_days(site)?.is_some() {
        keep_attributions(site, loaded, ledger)?;
    }
    Ok(())
}

/// What a hint has decided stays decided when the website no longer keeps the hint.
fn keep_attributions<S: Sql>(site: &Site<S>, loaded: &Loaded, ledger: &mut Ledger) -> Result<(), Error> {
    let rows: Vec<PaymentRow> = loaded.stored.values().filter_map(|one| one.payment).collect();
    let select = if site.is_shard() {
        "SELECT p.transaction_id, p.email, p.attributed, p.visitor FROM placed_payments p \
         WHERE p.id IN (SELECT value FROM json_each(?1)) AND p.attributed IS NOT NULL AND p.visitor IS NOT NULL"
    } else {
        "SELECT p.transaction_id, p.email, p.attributed, v.uid FROM payments p JOIN visitors v ON v.id = p.visitor \
         WHERE p.id IN (SELECT value FROM json_each(?1)) AND p.attributed IS NOT NULL"
    };
    for mut row in site.sql.rows(select, &[json(&rows)?.into()])? {
        let (id, email): (String, Option<String>) = (row.next()?, row.next()?);
        let (attributed, visitor): (Attributed, VisitorId) = (row.next()?, row.next()?);
        let before_all = Latest { time: Timestamp::from_millis(i64::MIN), visitor };
        match (attributed, email) {
            (Attributed::ByHint, _) => ledger.hints.hint(&format!("id:{id}"), before_all),
            (Attributed::ByEmail, Some(email)) => ledger.hints.identify(&email, before_all),
            _ => {}
        }
    }
    Ok(())
}
