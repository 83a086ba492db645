//! At a shard of a website with several: stores and removes the payments and goals that the home tells it of
//! ([`placed`](crate::placed)).

use sluice_values::{Currency, EventId, Id, Timestamp, VisitorId};

use crate::counted_money;
use crate::currency;
use crate::error::Error;
use crate::event::{Payment, event_id, stored_event_id};
use crate::placed::{PlacedGoal, PlacedKey, PlacedPayment};
use crate::rows::{PaymentRow, VisitorRow};
use crate::site::Site;
use crate::sql::{Columns, Row, Sql, Value};
use crate::visitor;
use crate::wire::json;
use crate::{append, attribution, outbox, removal};

/// Backends' payments of these transactions: whom they name, and nobody else.
pub(crate) fn posted<S: Sql>(site: &Site<S>, ids: &[String]) -> Result<Vec<Payment>, Error> {
    let select = "SELECT p.pid, p.eid, p.transaction_id, p.refund_id, p.time, p.kind, iif(p.named, v.uid, NULL), p.amount, \
                  p.currency, p.value, p.email, p.name, p.customer_id FROM json_each(?1) k \
                  CROSS JOIN payments p ON p.transaction_id = k.value LEFT JOIN visitors v ON v.id = p.visitor \
                  WHERE p.provider IS NULL";
    let rows = site.sql.rows(select, &[json(ids)?.into()])?;
    rows.into_iter().map(|mut row| read_posted(&mut row)).collect()
}

fn read_posted(row: &mut Row) -> Result<Payment, Error> {
    let id: Vec<u8> = row.next()?;
    let id = id.try_into().map(Id::from_bytes).map_err(|_| Error::new("a payment's id has the wrong length"))?;
    let eid: Option<Value> = row.next()?;
    let event_id =
        eid.map(|eid| event_id(eid)?.0.parse().map_err(|why| Error::new(format!("stored: {why}")))).transpose()?;
    let transaction_id = row.next()?;
    let refund_id = Some(row.next::<String>()?).filter(|id| !id.is_empty());
    let (time, kind, visitor) = (row.next()?, row.next()?, row.next()?);
    let (amount, currency, value) = (row.next()?, row.next()?, row.next()?);
    let (email, name, customer_id) = (row.next()?, row.next()?, row.next()?);
    Ok(Payment {
        id,
        event_id,
        transaction_id,
        refund_id,
        time,
        kind,
        visitor,
        amount,
        currency,
        value,
        email,
        name,
        customer_id,
    })
}

/// Removes rows and stores others. It can be done again.
pub(crate) fn settle<S: Sql>(
    site: &Site<S>,
    currency: Currency,
    (displaced, placed): (&[PlacedKey], &[PlacedPayment]),
    now: Timestamp,
) -> Result<(), Error> {
    site.write(|| {
        currency::note(site, currency)?;
        outbox::add_activity(site, now)?;
        for key in displaced {
            let delete = "DELETE FROM payments WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3";
            site.sql.run(delete, &key.values())?;
        }
        placed.iter().try_for_each(|payment| store(site, payment, now))
    })
}

/// A row as it was here before.
struct Stored {
    place: PaymentRow,
    visitor: Option<VisitorRow>,
    value: i64,
}

fn store<S: Sql>(site: &Site<S>, placed: &PlacedPayment, now: Timestamp) -> Result<(), Error> {
    let select =
        "SELECT id, visitor, value FROM payments WHERE transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3";
    let stored = site.sql.first(select, &placed.key.values())?;
    let stored = stored
        .map(|mut row| Ok::<_, Error>(Stored { place: row.next()?, visitor: row.next()?, value: row.next()? }))
        .transpose()?;
    let visitor = placed.visitor.map(|visitor| visitor::find_or_add(site, visitor)).transpose()?;
    let value = value(site, placed, stored.as_ref())?;
    let session = visitor.map_or(Ok(None), |visitor| attribution::session_by(site, visitor, placed.time))?;
    let [transaction, refunded, refund] = placed.key.values();
    let columns = Columns::new()
        .with("pid", placed.id.as_bytes().to_vec())
        .with("eid", placed.event_id.as_ref().map(|id| stored_event_id(id, false)))
        .with("transaction_id", transaction)
        .with("refunded", refunded)
        .with("refund_id", refund)
        .with("time", placed.time)
        .with("kind", placed.kind)
        .with("visitor", visitor)
        .with("session", session)
        .with("named", true)
        .with("amount", placed.amount)
        .with("currency", placed.currency)
        .with("value", value)
        .with("other", currency::other(site, placed.amount, placed.currency, value)?)
        .with("email", placed.email.as_deref())
        .with("name", placed.name.as_deref())
        .with("customer_id", placed.customer_id.as_deref())
        .with("provider", placed.provider.as_deref())
        .with("refund_of", placed.refund_of.as_deref())
        .with("subscription", placed.subscription.as_deref())
        .with("tax", placed.tax)
        .with("claimed", placed.claimed)
        .with("attributed", placed.attributed)
        .with("origin", placed.origin.as_deref());
    let (statement, values) = match &stored {
        Some(stored) => columns.update("payments", stored.place),
        None => columns.insert("payments"),
    };
    site.sql.run(&statement, &values)?;
    // The triggers do not see a change of the kind.
    let before = stored.as_ref().and_then(|stored| stored.visitor);
    let visitors: Vec<VisitorRow> = before.into_iter().chain(visitor).collect();
    counted_money::recount(site, &visitors)?;
    if let Some(visitor) = visitor {
        visitor::detach(site, visitor)?;
    }
    if placed.is_news && stored.is_none() {
        outbox::tell_placed(site, placed, now)?;
    }
    Ok(())
}

/// What a row is worth in the website's currency, as the object knows it.
fn value<S: Sql>(site: &Site<S>, placed: &PlacedPayment, stored: Option<&Stored>) -> Result<i64, Error> {
    let current = site.currency()?;
    let Some(valued_in) = placed.valued_in.filter(|valued_in| *valued_in != current) else { return Ok(placed.value) };
    // The website has changed its currency, and converted what it had.
    if placed.is_converted {
        return match stored {
            Some(stored) => Ok(stored.value),
            None => currency::as_converted(site, placed.amount, placed.currency, placed.value),
        };
    }
    match placed.settled.filter(|(_, currency)| *currency == current) {
        Some((settled, _)) => Ok(settled),
        None => currency::at_change(site, placed.value, valued_in, current),
    }
}

/// Stores goals as events. It can be done again.
pub(crate) fn store_goals<S: Sql>(site: &Site<S>, goals: &[PlacedGoal], now: Timestamp) -> Result<(), Error> {
    site.write(|| {
        for PlacedGoal { event, is_news } in goals {
            if *is_news {
                outbox::append(site, event, now)?;
            } else {
                append::append(site, event, now)?;
            }
        }
        outbox::add_activity(site, now)
    })
}

/// Removes goals that are another visitor's now. It can be done again.
pub(crate) fn remove_goals<S: Sql>(site: &Site<S>, goals: &[(VisitorId, Timestamp, EventId)]) -> Result<(), Error> {
    site.write(|| {
        for (visitor, time, id) in goals {
            let select = format!(
                "SELECT {} FROM events e JOIN visitors v ON v.id = e.visitor WHERE v.uid = ?1 AND e.time = ?2 AND e.eid = ?3",
                removal::COLUMNS
            );
            let values = [(*visitor).into(), (*time).into(), stored_event_id(id, false)];
            removal::remove_events(site, site.sql.rows(&select, &values)?)?;
        }
        Ok(())
    })
}
