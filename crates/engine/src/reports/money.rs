//! Money of a selection.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::event::PaymentKind;
use crate::fragments::{is_sale, payer, value_of};
use crate::sql::Row;

/// Money of a selection, in minor units of the website's currency; each kind is gross and positive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// First payments.
    pub new: i64,
    /// Further payments.
    pub renewal: i64,
    pub refund: i64,
    /// The number of first and further payments above zero.
    pub payments: i64,
}

impl Money {
    /// The columns that [`Self::read`] reads, summed over payments `p`.
    pub(super) fn columns() -> String {
        let sums = [PaymentKind::New, PaymentKind::Renewal, PaymentKind::Refund].map(value_of);
        let sums = sums.into_iter().chain([is_sale()]).map(|what| format!("ifnull(sum({what}), 0)"));
        sums.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn read(row: &mut Row) -> Result<Self, Error> {
        Ok(Self { new: row.next()?, renewal: row.next()?, refund: row.next()?, payments: row.next()? })
    }

    /// [`crate::fragments::revenue`] of these sums.
    pub fn revenue(&self, with_renewals: bool) -> i64 {
        self.new + if with_renewals { self.renewal } else { 0 } - self.refund
    }
}

/// The number of distinct visitors with payments `p` that count for conversion.
pub(super) fn paying_visitors(with_renewals: bool) -> String {
    format!("count(DISTINCT {})", payer(with_renewals))
}
