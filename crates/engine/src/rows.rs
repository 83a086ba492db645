//! Row numbers, and other values that the database stores as numbers, each with its own type.

use serde::{Deserialize, Serialize};

use crate::sql::{Field, Value};

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl From<$name> for Value {
                fn from(number: $name) -> Self {
                    Self::Integer(number.0)
                }
            }

            impl Field for $name {
                fn of(value: Value) -> Result<Self, Value> {
                    i64::of(value).map(Self)
                }
            }
        )*
    };
}

numbers! {
    /// The row of a visitor.
    VisitorRow,
    /// The row of a session.
    SessionRow,
    /// The row of an event.
    EventRow,
    /// The row of a payment.
    PaymentRow,
    /// The row of an interned string.
    StringRow,
    /// The row of a page.
    PageRow,
    /// The row of a combination of campaign parameters.
    CampaignRow,
    /// The row of an event's context.
    ContextRow,
    /// The value of a dimension: a string, a page or a campaign.
    Key,
    /// A day, counted from 1970-01-01.
    Day,
}

impl StringRow {
    /// "Direct/None": the referrer of sessions without one.
    pub const DIRECT: Self = Self(0);
}

impl Day {
    /// The day before a visitor's first day: earlier than any day.
    pub const NEVER: Self = Self(-1_000_000);
}

impl From<StringRow> for Key {
    fn from(row: StringRow) -> Self {
        Self(row.0)
    }
}

impl From<PageRow> for Key {
    fn from(row: PageRow) -> Self {
        Self(row.0)
    }
}

impl From<CampaignRow> for Key {
    fn from(row: CampaignRow) -> Self {
        Self(row.0)
    }
}
