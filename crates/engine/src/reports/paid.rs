//! The payments of a span, for reports that test their sessions and visitors here.

use super::money::Money;
use crate::error::Error;
use crate::event::PaymentKind;
use crate::fragments::{is_sale, payer, value_of};
use crate::packed;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};

/// With more payments than this, SQL sums them.
const MOST: i64 = 100_000;

/// A payment.
pub(super) struct Paid {
    pub time: i64,
    /// 0 if it is in none.
    pub session: i64,
    /// 0 if it is unknown.
    pub visitor: i64,
    /// Whether it makes its visitor a paying one.
    pub is_paying: bool,
    pub money: Money,
}

/// The payments of a span; `None` if they are too many.
pub(super) fn paid<S: Sql>(site: &Site<S>, span: Span, with_renewals: bool) -> Result<Option<Vec<Paid>>, Error> {
    let mut parameters = Parameters::default();
    let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
    let many = format!("SELECT 1 FROM payments WHERE time BETWEEN {from} AND {to} LIMIT 1 OFFSET {MOST}");
    if site.sql.first(&many, parameters.values())?.is_some() {
        return Ok(None);
    }
    let payer = payer(with_renewals);
    let mut columns = vec![
        "p.time".to_owned(),
        "ifnull(p.session, 0)".to_owned(),
        "ifnull(p.visitor, 0)".to_owned(),
        format!("{payer} IS NOT NULL"),
    ];
    columns.extend(
        [PaymentKind::New, PaymentKind::Renewal, PaymentKind::Refund, PaymentKind::RefundedRenewal].map(value_of),
    );
    columns.push(is_sale());
    let mut all = Vec::new();
    let source = format!("payments p WHERE p.time BETWEEN {from} AND {to}");
    packed::each_row(site, (&columns, &source), &parameters, |row| {
        if let [time, session, visitor, is_paying, new, renewal, refund, refunded_renewal, payments] = *row {
            let refund = refund + refunded_renewal;
            let money = Money { new, renewal, refund, refunded_renewal, payments };
            all.push(Paid { time, session, visitor, is_paying: is_paying != 0, money });
        }
    })?;
    Ok(Some(all))
}
