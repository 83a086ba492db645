//! The clock. It is read at the entry points only; everything else receives the time as an argument.

use sluice_values::Timestamp;

/// The current time. In production it advances with I/O only, so it cannot time computation.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, and few enough")]
    Timestamp::from_millis(worker::js_sys::Date::now() as i64)
}

pub async fn sleep(millis: u64) {
    worker::Delay::from(std::time::Duration::from_millis(millis)).await;
}
