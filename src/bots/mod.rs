//! Bot traffic: requests of crawlers, which a website's servers tell of (docs/contract/account-api.md#12 and
//! docs/contract/website-api.md#4.8).

pub mod catalogue;
pub mod crawls;
pub mod reports;
pub mod settings;
pub mod usage;

use jiff::tz::TimeZone as Rules;
use jiff::{Timestamp as Moment, ToSpan};

use crate::platform::PlatformError;
use crate::platform::config::{Config, MAX_BOT_REQUESTS};
use sluice_engine::bots::BotsAnswer;
use sluice_values::Timestamp;

/// The month of UTC that requests are counted in: its number since January 1970, and its start and end.
fn month_of(now: Timestamp) -> (i64, Timestamp, Timestamp) {
    let date = Moment::from_millisecond(now.as_millis()).unwrap_or_default().to_zoned(Rules::UTC).date();
    let month = (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1;
    let first = date.first_of_month();
    let next = first.checked_add(1.month()).unwrap_or(first);
    let start = |date: jiff::civil::Date| {
        let zoned = date.to_zoned(Rules::UTC).map(|zoned| zoned.timestamp().as_millisecond());
        Timestamp::from_millis(zoned.unwrap_or_default())
    };
    (month, start(first), start(next))
}

/// The requests of a month that a website counts.
fn allowance(config: &Config) -> u32 {
    config.cap(MAX_BOT_REQUESTS)
}

/// What an object should not have answered.
fn unexpected(answer: &BotsAnswer) -> PlatformError {
    PlatformError::new(format!("site: an answer to another question about crawlers: {answer:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_number_and_its_ends() {
        let month = |text: &str| {
            let (number, start, end) = month_of(text.parse().unwrap());
            (number, start.to_string(), end.to_string())
        };
        let of =
            |number, start: &str, end: &str| (number, format!("{start}T00:00:00.000Z"), format!("{end}T00:00:00.000Z"));
        assert_eq!(month("1970-01-01T00:00:00Z"), of(0, "1970-01-01", "1970-02-01"));
        assert_eq!(month("2026-11-29T10:00:00Z"), of(682, "2026-11-01", "2026-12-01"));
        assert_eq!(month("2026-12-31T23:59:59.999Z"), of(683, "2026-12-01", "2027-01-01"));
        assert_eq!(month("2028-02-29T12:00:00Z"), of(697, "2028-02-01", "2028-03-01"));
    }
}
