//! Which week a report is about, and when the next one is due, on the website's clocks. Pure.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone as Rules;
use jiff::{Timestamp as Moment, ToSpan};
use sluice_engine::selection::Span;
use sluice_values::{TimeZone, Timestamp, WebsiteId};

use crate::platform::PlatformError;

/// The hour of Mondays from which reports are sent. Those of different websites are spread over it.
const HOUR: i8 = 8;
/// A report that could not be sent for so long is left out.
const LATEST_MS: i64 = 2 * 24 * 3_600_000;

/// The last whole week of a website, Monday to Sunday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    pub first: Date,
    pub last: Date,
    pub span: Span,
    pub before: Span,
    /// Whether its report is still news.
    pub is_current: bool,
    /// When the report after it is due.
    pub next_due: Timestamp,
}

impl Week {
    /// The week before this moment.
    pub fn before(now: Timestamp, zone: &TimeZone, website: WebsiteId) -> Result<Self, PlatformError> {
        Self::found(now, &zone.rules(), website).map_err(|error| PlatformError::new(format!("a week: {error}")))
    }

    fn found(now: Timestamp, zone: &Rules, website: WebsiteId) -> Result<Self, jiff::Error> {
        let today = Moment::from_millisecond(now.as_millis())?.to_zoned(zone.clone()).date();
        let monday = today.checked_sub(i32::from(today.weekday().since(Weekday::Monday)).days())?;
        let start = |date: Date| Ok::<_, jiff::Error>(date.to_zoned(zone.clone())?.timestamp().as_millisecond());
        let (first, earlier) = (monday.checked_sub(1.week())?, monday.checked_sub(2.weeks())?);
        let end = start(monday)?;
        let due = |date: Date| {
            let minute = i8::try_from(website.as_bytes().last().copied().unwrap_or_default() % 60).unwrap_or_default();
            let due = date.at(HOUR, minute, 0, 0).to_zoned(zone.clone())?;
            Ok::<_, jiff::Error>(Timestamp::from_millis(due.timestamp().as_millisecond()))
        };
        let this = due(monday)?;
        Ok(Self {
            first,
            last: monday.checked_sub(1.day())?,
            span: Span { from: start(first)?, to: end - 1 },
            before: Span { from: start(earlier)?, to: start(first)? - 1 },
            is_current: now.as_millis() - this.as_millis() < LATEST_MS,
            next_due: if now < this { this } else { due(monday.checked_add(1.week())?)? },
        })
    }

    /// `16–22 November 2026`.
    pub fn name(&self) -> String {
        let (first, last) = (self.first, self.last);
        let end = last.strftime("%-d %B %Y");
        if first.month() == last.month() {
            format!("{}–{end}", first.day())
        } else if first.year() == last.year() {
            format!("{} – {end}", first.strftime("%-d %B"))
        } else {
            format!("{} – {end}", first.strftime("%-d %B %Y"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week(now: &str, zone: &str) -> Week {
        let website = WebsiteId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 75]);
        Week::before(now.parse().unwrap(), &zone.parse().unwrap(), website).unwrap()
    }

    #[test]
    fn a_report_is_about_monday_to_sunday_on_the_websites_clocks() {
        let found = week("2026-11-23T09:00:00Z", "UTC");
        assert_eq!(found.name(), "16–22 November 2026");
        assert_eq!(found.span.to - found.span.from + 1, 7 * 86_400_000);
        assert_eq!(found.before.to + 1, found.span.from);
        assert_eq!(found.next_due.to_string(), "2026-11-30T08:15:00.000Z");
        // It is still Sunday in Chicago.
        assert_eq!(week("2026-11-23T05:00:00Z", "America/Chicago").name(), "9–15 November 2026");
        assert_eq!(week("2026-11-23T05:00:00Z", "America/Chicago").next_due.to_string(), "2026-11-23T14:15:00.000Z");
        // Weeks in which the clocks change have an hour more or less.
        assert_eq!(
            week("2026-11-02T20:00:00Z", "America/Chicago").span.to + 1
                - week("2026-11-02T20:00:00Z", "America/Chicago").span.from,
            7 * 86_400_000 + 3_600_000
        );
        assert_eq!(week("2026-01-05T12:00:00Z", "UTC").name(), "29 December 2025 – 4 January 2026");
        assert_eq!(week("2026-10-05T12:00:00Z", "UTC").name(), "28 September – 4 October 2026");
    }

    #[test]
    fn a_report_that_was_held_up_for_days_is_left_out() {
        assert!(week("2026-11-23T08:15:00Z", "UTC").is_current);
        assert!(week("2026-11-25T08:14:00Z", "UTC").is_current);
        assert!(!week("2026-11-25T08:15:00Z", "UTC").is_current);
    }

    proptest! {
        #[test]
        fn the_next_report_is_due_within_a_week_and_a_clock_change(
            second in 0..4_000_000_000_i64, zone in prop::sample::select(vec!["UTC", "Pacific/Apia", "America/Chicago", "Asia/Kathmandu"]),
        ) {
            let (now, website) = (Timestamp::from_millis(second * 1_000), WebsiteId::from_bytes([3; 12]));
            let week = Week::before(now, &zone.parse().unwrap(), website).unwrap();
            prop_assert!(week.next_due > now && week.next_due.as_millis() - now.as_millis() <= 8 * 86_400_000);
            prop_assert!(week.span.to < now.as_millis() && week.before.from < week.span.from);
        }
    }
}
