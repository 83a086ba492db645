//! Storing payments.

use crate::attribution;
use crate::currency;
use crate::error::Error;
use crate::event::{Payment, hint_keys, stored_event_id};
use crate::ledgers;
use crate::site::Site;
use crate::sql::{Columns, Sql};
use crate::visitor;
use sluice_values::EventId;

/// Whether a backend's payment is stored: one of this transaction that is a refund or not, with this id of the refund, or from the
/// import line with this id.
pub(crate) fn is_known<S: Sql>(
    site: &Site<S>,
    (transaction, is_refund, refund): (&str, bool, &str),
    event_id: Option<&EventId>,
) -> Result<bool, Error> {
    let event_id = event_id.map(|id| stored_event_id(id, false));
    let known = site.sql.first(
        "SELECT 1 FROM payments WHERE (transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3 \
         AND provider IS NULL) OR eid = ?4 \
         UNION ALL SELECT 1 FROM told WHERE teller = 'api' AND (transaction_id = ?1 AND refunded = ?2 AND refund_id = ?3 \
         OR eid = ?4) LIMIT 1",
        &[transaction.into(), is_refund.into(), refund.into(), event_id.into()],
    )?;
    Ok(known.is_some())
}

/// Stores a payment, and returns whether it is new. Runs within a transaction.
pub(crate) fn record<S: Sql>(site: &Site<S>, payment: &Payment) -> Result<bool, Error> {
    let event_id = payment.event_id.as_ref().map(|id| stored_event_id(id, false));
    let refunded = payment.kind.is_refund();
    let refund_id = payment.refund_id.as_deref().unwrap_or_default();
    if is_known(site, (&payment.transaction_id, refunded, refund_id), payment.event_id.as_ref())? {
        return Ok(false);
    }
    // Of several shards, the home has looked.
    let of_providers = || ledgers::is_shared(site, &payment.transaction_id);
    let (is_shared, is_removed) = if site.is_shard() { (false, false) } else { of_providers()? };
    if is_removed {
        ledgers::lift(site, &payment.transaction_id)?;
    }
    if is_shared && let Some(is_new) = ledgers::post(site, payment)? {
        return Ok(is_new);
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
