//! How the visitor of a payment is known, where more than the payment itself says it.

use sluice_providers::rows::Known;

use crate::sql::{Field, Value};

/// A number in `payments.attributed`. Stored in the object: never changed, and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attributed {
    Explicitly,
    ByHint,
    ByPayment,
    ByRelation,
    ByEmail,
}

impl From<Known> for Attributed {
    fn from(known: Known) -> Self {
        match known {
            Known::Explicitly => Self::Explicitly,
            Known::ByHint => Self::ByHint,
            Known::ByPayment => Self::ByPayment,
            Known::ByRelation => Self::ByRelation,
            Known::ByEmail => Self::ByEmail,
        }
    }
}

impl From<Attributed> for Value {
    fn from(attributed: Attributed) -> Self {
        Self::Integer(match attributed {
            Attributed::Explicitly => 0,
            Attributed::ByHint => 1,
            Attributed::ByPayment => 2,
            Attributed::ByRelation => 3,
            Attributed::ByEmail => 4,
        })
    }
}

impl Field for Attributed {
    fn of(value: Value) -> Result<Self, Value> {
        Ok(match i64::of(value)? {
            1 => Self::ByHint,
            2 => Self::ByPayment,
            3 => Self::ByRelation,
            4 => Self::ByEmail,
            _ => Self::Explicitly,
        })
    }
}
