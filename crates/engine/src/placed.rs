//! Payments of providers on a website with several shards. The home works on what was told, and has every row that comes of it in
//! `placed_payments`. The shard of the row's visitor has it in `payments`, where reports count it; the home's own shard has those of
//! whom nobody knows whose they are. A row that was written is sent to its shard after the transaction, and again until that
//! has stored it; each step can be done twice. So are goals of subscriptions' lives (`placed_goals`).

use serde::{Deserialize, Serialize};

use sluice_providers::lifecycle::Goal;
use sluice_providers::rows::RowKey;
use sluice_values::{Currency, EventId, Id, Timestamp, VisitorId, kinds};

use crate::error::Error;
use crate::event::{Event, PaymentKind, event_id, stored_event_id};
use crate::layout::Standing;
use crate::rows::PaymentRow;
use crate::site::Site;
use crate::sql::{Columns, Row, Sql, Value};
use crate::wire::json;

/// By what a row is found, in every shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedKey {
    pub transaction_id: String,
    pub is_refund: bool,
    pub refund_id: String,
}

impl PlacedKey {
    pub(crate) fn values(&self) -> [Value; 3] {
        [self.transaction_id.as_str().into(), self.is_refund.into(), self.refund_id.as_str().into()]
    }
}

/// A row of `payments` as the home tells it to a shard. Sent between objects: fields may be added with a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedPayment {
    pub id: Id<kinds::Payment>,
    pub event_id: Option<EventId>,
    pub key: PlacedKey,
    pub time: Timestamp,
    pub kind: PaymentKind,
    pub visitor: Option<VisitorId>,
    pub amount: i64,
    pub currency: Currency,
    pub value: i64,
    /// What the value is in; `None` of nothing.
    pub valued_in: Option<Currency>,
    /// The provider's own conversion.
    pub settled: Option<(i64, Currency)>,
    /// Whether it counts what it counted before: a change of the website's currency has converted it.
    pub is_converted: bool,
    pub email: Option<String>,
    pub name: Option<String>,
    pub customer_id: Option<String>,
    pub provider: Option<String>,
    pub refund_of: Option<String>,
    pub subscription: Option<String>,
    pub tax: Option<i64>,
    pub claimed: Option<i64>,
    pub attributed: Option<i64>,
    pub origin: Option<String>,
    /// Whether endpoints and alerts are told of it.
    pub is_news: bool,
}

/// A goal of a subscription's life as the home tells it to a shard. Sent between objects: fields may be added with a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedGoal {
    pub event: Event,
    pub is_news: bool,
}

/// The table that has the rows of what was told.
pub(crate) fn table_of<S: Sql>(site: &Site<S>) -> &'static str {
    if site.is_shard() { "placed_payments" } else { "payments" }
}

/// The shard of a visitor, or of nobody.
fn shard_of<S: Sql>(site: &Site<S>, visitor: Option<VisitorId>) -> u32 {
    match (site.standing(), visitor) {
        (Standing::Shard(layout, _), Some(visitor)) => layout.shard_of(visitor),
        _ => 0,
    }
}

// ---- At the home

/// Takes over payments that backends posted under these transactions: they are where they are, and known here. Runs within a
/// transaction.
pub(crate) fn adopt<S: Sql>(site: &Site<S>, ids: &std::collections::BTreeSet<&str>) -> Result<(), Error> {
    let posted = site.elsewhere.borrow_mut().posted(ids);
    for (shard, payment) in posted {
        // What is known here, or was removed just now, is only not settled yet.
        let known = "SELECT 1 FROM told WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3 AND teller = 'api' \
                     UNION ALL SELECT 1 FROM displaced_payments WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3";
        let key = PlacedKey {
            transaction_id: payment.transaction_id.clone(),
            is_refund: payment.kind.is_refund(),
            refund_id: payment.refund_id.clone().unwrap_or_default(),
        };
        if site.sql.first(known, &key.values())?.is_some() {
            continue;
        }
        let columns = Columns::new()
            .with("pid", payment.id.as_bytes().to_vec())
            .with("eid", payment.event_id.as_ref().map(|id| stored_event_id(id, false)))
            .with("transaction_id", &payment.transaction_id)
            .with("refunded", payment.kind.is_refund())
            .with("refund_id", payment.refund_id.as_deref().unwrap_or_default())
            .with("time", payment.time)
            .with("kind", payment.kind)
            .with("visitor", payment.visitor)
            .with("named", payment.visitor.is_some())
            .with("amount", payment.amount)
            .with("currency", payment.currency)
            .with("value", payment.value)
            .with("email", payment.email.as_deref())
            .with("name", payment.name.as_deref())
            .with("customer_id", payment.customer_id.as_deref())
            .with("shard", shard)
            .with("state", State::Adopted.code());
        let (insert, values) = columns.insert("placed_payments");
        site.sql.run(&format!("{insert} ON CONFLICT DO NOTHING"), &values)?;
    }
    Ok(())
}

/// What a row still needs. Stored as a number: never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its shard has it.
    Settled,
    /// Its shard is to be told of it.
    Waiting,
    /// A backend's: it is none of the home's rows unless something was told of it.
    Adopted,
}

impl State {
    const fn code(self) -> i64 {
        match self {
            Self::Settled => 0,
            Self::Waiting => 1,
            Self::Adopted => 2,
        }
    }
}

/// A row before it is written again.
struct Before {
    key: PlacedKey,
    shard: u32,
    amount: i64,
    currency: Currency,
    is_converted: bool,
}

fn before<S: Sql>(site: &Site<S>, place: PaymentRow) -> Result<Before, Error> {
    let select = "SELECT transaction_id, refunded, refund_id, shard, amount, currency, is_converted OR state <> 1 \
                  FROM placed_payments WHERE id = ?1";
    let mut row = site.sql.one(select, &[place.into()])?;
    let key = PlacedKey { transaction_id: row.next()?, is_refund: row.next()?, refund_id: row.next()? };
    let shard: i64 = row.next()?;
    let shard = u32::try_from(shard).unwrap_or_default();
    Ok(Before { key, shard, amount: row.next()?, currency: row.next()?, is_converted: row.next()? })
}

fn remove_from<S: Sql>(site: &Site<S>, key: &PlacedKey, shard: u32) -> Result<(), Error> {
    let [id, refunded, refund] = key.values();
    site.sql.run(
        "INSERT OR IGNORE INTO displaced_payments (transaction_id, refunded, refund_id, shard) VALUES (?1, ?2, ?3, ?4)",
        &[id, refunded, refund, shard.into()],
    )
}

/// Writes a row that its shard is to be told of, and returns its place. Runs within a transaction.
pub(crate) fn write<S: Sql>(
    site: &Site<S>,
    place: Option<PaymentRow>,
    (key, visitor): (&RowKey, Option<VisitorId>),
    (amount, currency): (i64, Currency),
    mut columns: Columns,
    origin: &str,
    now: Timestamp,
) -> Result<PaymentRow, Error> {
    let shard = shard_of(site, visitor);
    columns = columns.with("shard", shard).with("state", State::Waiting.code());
    site.has_unplaced.set(true);
    let Some(place) = place else {
        let random = (site.random)()?;
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        let pid: Id<kinds::Payment> = Id::new(now, bytes);
        let (insert, values) =
            columns.with("pid", pid.as_bytes().to_vec()).with("origin", origin).insert("placed_payments");
        return site.sql.one(&format!("{insert} RETURNING id"), &values)?.next();
    };
    let before = before(site, place)?;
    let is_same = before.key.transaction_id == key.id.as_str()
        && before.key.is_refund == key.refund.is_some()
        && before.key.refund_id == key.refund.as_deref().unwrap_or_default();
    if !is_same || before.shard != shard {
        remove_from(site, &before.key, before.shard)?;
    }
    let is_converted = before.is_converted && (before.amount, before.currency) == (amount, currency);
    let (update, values) = columns.with("is_converted", is_converted).update("placed_payments", place);
    site.sql.run(&update, &values)?;
    Ok(place)
}

/// Removes rows, and has their shards remove them. Runs within a transaction.
pub(crate) fn forget<S: Sql>(site: &Site<S>, gone: &str) -> Result<(), Error> {
    site.has_unplaced.set(true);
    site.sql.run(
        "INSERT OR IGNORE INTO displaced_payments (transaction_id, refunded, refund_id, shard) \
         SELECT transaction_id, refunded, refund_id, shard FROM placed_payments WHERE id IN (SELECT value FROM json_each(?1))",
        &[gone.into()],
    )?;
    site.sql.run("DELETE FROM placed_payments WHERE id IN (SELECT value FROM json_each(?1))", &[gone.into()])
}

/// Has endpoints and alerts told of a row. Runs within a transaction.
pub(crate) fn tell<S: Sql>(site: &Site<S>, key: &RowKey) -> Result<(), Error> {
    let values =
        [key.id.as_str().into(), key.refund.is_some().into(), key.refund.as_deref().unwrap_or_default().into()];
    let news = "UPDATE placed_payments SET is_news = 1 WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3 AND state = 1";
    site.sql.run(news, &values)
}

impl<S: Sql> Site<S> {
    /// Forgets payments of backends that nothing else was told of.
    pub(crate) fn disown(&self) -> Result<(), Error> {
        self.sql.run(
            "DELETE FROM placed_payments WHERE state = 2 AND NOT EXISTS (SELECT 1 FROM told WHERE payment = placed_payments.id)",
            &[],
        )
    }
}

/// Rows that shards are told of at once.
const AT_ONCE: i64 = 100;

/// What shards are to be told.
#[derive(Debug, Default)]
pub(crate) struct Unplaced {
    /// Rows that a shard has to remove.
    pub displaced: Vec<(u32, PlacedKey)>,
    /// Rows that a shard has to store, with their places.
    pub placed: Vec<(u32, PaymentRow, PlacedPayment)>,
}

/// Some of what shards are to be told.
pub(crate) fn unplaced<S: Sql>(site: &Site<S>) -> Result<Unplaced, Error> {
    let displaced = "SELECT shard, transaction_id, refunded, refund_id FROM displaced_payments LIMIT ?1";
    let displaced = site.sql.rows(displaced, &[AT_ONCE.into()])?.into_iter().map(|mut row| {
        let shard = shard(&mut row)?;
        Ok((shard, PlacedKey { transaction_id: row.next()?, is_refund: row.next()?, refund_id: row.next()? }))
    });
    let displaced = displaced.collect::<Result<Vec<_>, Error>>()?;
    // What a shard removes goes first: another row may have its id.
    if !displaced.is_empty() {
        return Ok(Unplaced { displaced, placed: Vec::new() });
    }
    let placed = "SELECT shard, id, pid, eid, transaction_id, refunded, refund_id, time, kind, visitor, amount, currency, value, \
                  valued_in, settled, settled_in, is_converted, email, name, customer_id, provider, refund_of, subscription, tax, \
                  claimed, attributed, origin, is_news FROM placed_payments WHERE state = 1 ORDER BY id LIMIT ?1";
    let placed = site.sql.rows(placed, &[AT_ONCE.into()])?.into_iter().map(|mut row| read(&mut row));
    Ok(Unplaced { displaced, placed: placed.collect::<Result<_, _>>()? })
}

fn shard(row: &mut Row) -> Result<u32, Error> {
    row.next::<i64>().map(|shard| u32::try_from(shard).unwrap_or_default())
}

fn read(row: &mut Row) -> Result<(u32, PaymentRow, PlacedPayment), Error> {
    let (shard, place) = (shard(row)?, row.next()?);
    let id: Vec<u8> = row.next()?;
    let id = id.try_into().map(Id::from_bytes).map_err(|_| Error::new("a payment's id has the wrong length"))?;
    let eid: Option<Value> = row.next()?;
    let eid =
        eid.map(|eid| event_id(eid)?.0.parse().map_err(|why| Error::new(format!("stored: {why}")))).transpose()?;
    let key = PlacedKey { transaction_id: row.next()?, is_refund: row.next()?, refund_id: row.next()? };
    let (time, kind, visitor) = (row.next()?, row.next()?, row.next()?);
    let (amount, currency, value, valued_in) = (row.next()?, row.next()?, row.next()?, row.next()?);
    let (settled, settled_in): (Option<i64>, Option<Currency>) = (row.next()?, row.next()?);
    let payment = PlacedPayment {
        id,
        event_id: eid,
        key,
        time,
        kind,
        visitor,
        amount,
        currency,
        value,
        valued_in,
        settled: settled.zip(settled_in),
        is_converted: row.next()?,
        email: row.next()?,
        name: row.next()?,
        customer_id: row.next()?,
        provider: row.next()?,
        refund_of: row.next()?,
        subscription: row.next()?,
        tax: row.next()?,
        claimed: row.next()?,
        attributed: row.next()?,
        origin: row.next()?,
        is_news: row.next()?,
    };
    Ok((shard, place, payment))
}

/// The shards have been told.
pub(crate) fn settled<S: Sql>(site: &Site<S>, done: &Unplaced) -> Result<(), Error> {
    site.write(|| {
        for (shard, key) in &done.displaced {
            let [id, refunded, refund] = key.values();
            site.sql.run(
                "DELETE FROM displaced_payments WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3 AND shard = ?4",
                &[id, refunded, refund, (*shard).into()],
            )?;
        }
        let places: Vec<PaymentRow> = done.placed.iter().map(|(_, place, _)| *place).collect();
        let settled = "UPDATE placed_payments SET state = ?2, is_news = 0 WHERE id IN (SELECT value FROM json_each(?1))";
        site.sql.run(settled, &[json(&places)?.into(), State::Settled.code().into()])
    })
}

// ---- Goals, at the home

/// Has a goal stored as an event of its visitor. Runs within a transaction.
pub(crate) fn reach<S: Sql>(
    site: &Site<S>,
    goal: &Goal,
    event: &Event,
    visitor: VisitorId,
    is_news: bool,
) -> Result<bool, Error> {
    site.has_unplaced.set(true);
    let known = "UPDATE placed_goals SET state = CASE WHEN state = 0 THEN 1 ELSE state END WHERE eid = ?1 RETURNING 1";
    if !site.sql.rows(known, &[event.id.as_str().into()])?.is_empty() {
        return Ok(false);
    }
    site.sql.run(
        "INSERT INTO placed_goals (eid, goal, visitor, is_news, state) VALUES (?1, ?2, ?3, ?4, 1)",
        &[event.id.as_str().into(), json(goal)?.into(), visitor.into(), is_news.into()],
    )?;
    Ok(true)
}

/// Makes a goal another visitor's. Runs within a transaction.
pub(crate) fn move_goal<S: Sql>(site: &Site<S>, id: &EventId, to: VisitorId) -> Result<(), Error> {
    site.has_unplaced.set(true);
    site.sql.run(
        "UPDATE placed_goals SET id = (SELECT max(id) + 1 FROM placed_goals), former = CASE WHEN former IS NULL THEN visitor ELSE former END, visitor = ?2, \
         state = CASE WHEN state = 0 THEN 2 ELSE state END WHERE eid = ?1",
        &[id.as_str().into(), to.into()],
    )
}

/// A goal that shards are to be told of.
#[derive(Debug)]
pub(crate) struct UnplacedGoal {
    pub id: EventId,
    pub goal: Goal,
    pub visitor: VisitorId,
    pub shard: u32,
    /// Whose it was before, and where.
    pub former: Option<(VisitorId, u32)>,
    pub is_news: bool,
    /// Whether it is moved only if it is still there: the owner may have deleted it.
    pub is_asked_for: bool,
}

pub(crate) fn unplaced_goals<S: Sql>(site: &Site<S>) -> Result<Vec<UnplacedGoal>, Error> {
    let select =
        "SELECT eid, goal, visitor, former, is_news, state FROM placed_goals WHERE state > 0 ORDER BY id LIMIT ?1";
    let goals = site.sql.rows(select, &[AT_ONCE.into()])?.into_iter().map(|mut row| {
        let id: String = row.next()?;
        let goal = row.json()?;
        let (visitor, former): (VisitorId, Option<VisitorId>) = (row.next()?, row.next()?);
        Ok(UnplacedGoal {
            id: id.parse().map_err(|why| Error::new(format!("stored: {why}")))?,
            goal,
            visitor,
            shard: shard_of(site, Some(visitor)),
            former: former.map(|former| (former, shard_of(site, Some(former)))),
            is_news: row.next()?,
            is_asked_for: row.next::<i64>()? == 2,
        })
    });
    goals.collect()
}

/// Goals were found where they were, and are moved; those that were not are gone.
pub(crate) fn found_goals<S: Sql>(site: &Site<S>, found: &[(EventId, bool)]) -> Result<(), Error> {
    site.write(|| {
        for (id, is_there) in found {
            if *is_there {
                site.sql.run("UPDATE placed_goals SET state = 3 WHERE eid = ?1", &[id.as_str().into()])?;
            } else {
                site.sql.run("DELETE FROM placed_goals WHERE eid = ?1", &[id.as_str().into()])?;
                site.sql.run("DELETE FROM reached_goals WHERE eid = ?1", &[stored_event_id(id, false)])?;
            }
        }
        Ok(())
    })
}

/// The shards have been told of goals.
pub(crate) fn settled_goals<S: Sql>(site: &Site<S>, done: &[UnplacedGoal]) -> Result<(), Error> {
    let ids: Vec<&str> = done.iter().map(|goal| goal.id.as_str()).collect();
    let settled =
        "UPDATE placed_goals SET state = 0, former = NULL, is_news = 0 WHERE eid IN (SELECT value FROM json_each(?1))";
    site.write(|| site.sql.run(settled, &[json(&ids)?.into()]))
}

/// Forgets the goals of an erased visitor. Runs within a transaction.
pub(crate) fn forget_goals_of<S: Sql>(site: &Site<S>, visitor: VisitorId) -> Result<(), Error> {
    let gone = "DELETE FROM placed_goals WHERE visitor = ?1";
    site.sql.run(gone, &[visitor.into()])?;
    site.sql.run("DELETE FROM reached_goals WHERE visitor = ?1", &[visitor.into()])
}

impl<S: Sql> Site<S> {
    /// Whether shards may have to be told of something.
    pub(crate) fn has_unplaced(&self) -> Result<bool, Error> {
        if !self.has_unplaced.get() {
            return Ok(false);
        }
        let any = "SELECT EXISTS (SELECT 1 FROM displaced_payments) OR EXISTS (SELECT 1 FROM placed_payments WHERE state = 1) \
                   OR EXISTS (SELECT 1 FROM placed_goals WHERE state > 0)";
        let has_any = self.sql.one(any, &[])?.next()?;
        self.has_unplaced.set(has_any);
        Ok(has_any)
    }
}

/// The latest hints with these keys. Those of a visitor who is being erased are none.
pub(crate) fn latest<S: Sql>(site: &Site<S>, keys: &[String]) -> Result<Vec<(String, Timestamp, VisitorId)>, Error> {
    let erased =
        if site.is_shard() { "WHERE h.visitor NOT IN (SELECT visitor FROM erasures WHERE is_done = 0)" } else { "" };
    let select = format!(
        "SELECT h.key, h.time, v.uid FROM json_each(?1) k CROSS JOIN hints h ON h.key = k.value \
         AND h.time = (SELECT max(time) FROM hints WHERE key = k.value) JOIN visitors v ON v.id = h.visitor {erased}"
    );
    let rows = site.sql.rows(&select, &[json(keys)?.into()])?;
    rows.into_iter().map(|mut row| Ok((row.next()?, row.next()?, row.next()?))).collect()
}
