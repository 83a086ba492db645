//! The clock. Read at the doors only; everything else takes the time as an argument.

use crate::values::Timestamp;

/// The present moment. In production it advances with I/O only, so it cannot time computation.
pub fn now() -> Timestamp {
    Timestamp::from_millis(i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX))
}
