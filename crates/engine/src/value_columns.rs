//! What the amounts of payments are in.

use serde::{Deserialize, Serialize};
use sluice_values::Currency;

/// What the columns are in. Stored as JSON in `meta` under `money`; only grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ValueColumns {
    /// The currency of `value`.
    pub value: Currency,
    /// The currency of `other`.
    pub other: Currency,
    /// The rates that `other` is converted at.
    pub rates: String,
    /// The last payment with an `other`, while there are payments without; `None` when there are none.
    pub filled_to: Option<i64>,
}
