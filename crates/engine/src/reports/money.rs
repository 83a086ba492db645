//! Money of a selection.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::event::PaymentKind;
use crate::fragments::{is_sale, payer, value_of};
use crate::sql::Row;
use crate::wire::is_zero;

/// Money of a selection, in minor units of the website's currency; each kind is gross and positive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// First payments.
    pub new: i64,
    /// Further payments.
    pub renewal: i64,
    pub refund: i64,
    /// The part of `refund` that gave renewals back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded_renewal: i64,
    /// How many first and further payments are above zero.
    pub payments: i64,
}

impl Money {
    /// The columns that [`Self::read`] reads, summed over payments `p`.
    pub(crate) fn columns() -> String {
        let sums =
            [PaymentKind::New, PaymentKind::Renewal, PaymentKind::Refund, PaymentKind::RefundedRenewal].map(value_of);
        let sums = sums.into_iter().chain([is_sale()]).map(|what| format!("ifnull(sum({what}), 0)"));
        sums.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn read(row: &mut Row) -> Result<Self, Error> {
        let (new, renewal, refund, refunded_renewal): (i64, i64, i64, i64) =
            (row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(Self { new, renewal, refund: refund + refunded_renewal, refunded_renewal, payments: row.next()? })
    }

    /// [`crate::fragments::revenue`] of these sums.
    pub fn revenue(&self, with_renewals: bool) -> i64 {
        self.new - self.refund + if with_renewals { self.renewal } else { self.refunded_renewal }
    }
}

/// The number of distinct visitors with payments `p` that count for conversion, of those for whom `visits` holds: who pays
/// without a visit is not among the visitors (docs/contract/reports.md#4).
pub(super) fn paying_visitors(with_renewals: bool, visits: &str) -> String {
    let payer = payer(with_renewals);
    format!("count(DISTINCT CASE WHEN {payer} IS NOT NULL AND {visits} THEN p.visitor END)")
}
