//! One file for each report: what is asked, the SQL, what is answered.

pub mod breakdown;
pub mod funnel;
pub mod goals;
pub mod measure;
pub mod overview;
pub mod properties;
pub mod realtime;
pub mod replay;
pub mod timeseries;
pub mod visitor;
pub mod visitors;

use serde::{Deserialize, Serialize};

use super::sql::Row;
use crate::Error;

/// Money of a selection, in minor units of the website's currency, each kind gross and positive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// First payments.
    pub new: i64,
    /// Payments again.
    pub renewal: i64,
    /// Money back.
    pub refund: i64,
    /// First and further payments above zero.
    pub payments: i64,
}

impl Money {
    /// The columns of a payment `p` that [`Self::read`] reads, each to be summed.
    pub(super) const COLUMNS: &str = "ifnull(sum(iif(p.kind = 0, p.value, 0)), 0), \
        ifnull(sum(iif(p.kind = 1, p.value, 0)), 0), ifnull(sum(iif(p.kind = 2, p.value, 0)), 0), \
        ifnull(sum(p.kind IN (0, 1) AND p.amount > 0), 0)";

    pub(super) fn read(row: &mut Row) -> Result<Self, Error> {
        Ok(Self { new: row.next()?, renewal: row.next()?, refund: row.next()?, payments: row.next()? })
    }

    /// Revenue (docs/contract/README.md#25): renewals only where they are included.
    pub fn revenue(&self, with_renewals: bool) -> i64 {
        self.new + if with_renewals { self.renewal } else { 0 } - self.refund
    }
}

/// The visitors who made payments `p` that count for conversion.
pub(super) fn paying_visitors(with_renewals: bool) -> &'static str {
    if with_renewals {
        "count(DISTINCT iif(p.kind IN (0, 1) AND p.amount > 0, p.visitor, NULL))"
    } else {
        "count(DISTINCT iif(p.kind = 0 AND p.amount > 0, p.visitor, NULL))"
    }
}
