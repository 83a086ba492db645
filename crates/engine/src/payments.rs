//! Storing payments.

use crate::attribution;
use crate::currency;
use crate::error::Error;
use crate::event::{Payment, hint_keys, stored_event_id};
use crate::site::Site;
use crate::sql::{Columns, Sql};
use crate::visitor;

/// Stores a payment, and returns whether it is new. Runs within a transaction.
pub(crate) fn record<S: Sql>(site: &Site<S>, payment: &Payment) -> Result<bool, Error> {
    let event_id = payment.event_id.as_ref().map(|id| stored_event_id(id, false));
    let refunded = payment.kind.is_refund();
    let refund_id = payment.refund_id.as_deref().unwrap_or_default();
    let known = site.sql.first(
        "SELECT 1 FROM payments WHERE (transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3) OR eid = ?4",
        &[(&payment.transaction_id).into(), refunded.into(), refund_id.into(), event_id.clone().into()],
    )?;
    if known.is_some() {
        return Ok(false);
    }
    let visitor = match payment.visitor {
        Some(id) => Some(visitor::find_or_add(site, id)?),
        None => attribution::hinted(site, &hint_keys(&payment.transaction_id, payment.email.as_deref()))?,
    };
    let session = visitor.map_or(Ok(None), |visitor| attribution::session_by(site, visitor, payment.time))?;
    let columns = Columns::new()
        .with("pid", payment.id.as_bytes().to_vec())
        .with("eid", event_id)
        .with("transaction_id", &payment.transaction_id)
        .with("refunded", refunded)
        .with("refund_id", refund_id)
        .with("time", payment.time)
        .with("kind", payment.kind)
        .with("visitor", visitor)
        .with("session", session)
        .with("named", payment.visitor.is_some())
        .with("amount", payment.amount)
        .with("currency", payment.currency)
        .with("value", payment.value)
        .with("other", currency::other(site, payment.amount, payment.currency, payment.value)?)
        .with("email", payment.email.as_ref().map(|email| email.trim().to_lowercase()))
        .with("name", payment.name.as_deref())
        .with("customer_id", payment.customer_id.as_deref());
    let (insert, values) = columns.insert("payments");
    site.sql.run(&insert, &values)?;
    if let Some(visitor) = visitor {
        visitor::detach(site, visitor)?;
    }
    Ok(true)
}
