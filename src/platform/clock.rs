//! The clock. Read at the doors only; everything else takes the time as an argument.

use sluice_values::Timestamp;

/// The present moment. In production it advances with I/O only, so it cannot time computation.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, and few enough")]
    Timestamp::from_millis(worker::js_sys::Date::now() as i64)
}

/// Waits for so many milliseconds.
pub async fn sleep(millis: u64) {
    worker::Delay::from(std::time::Duration::from_millis(millis)).await;
}
