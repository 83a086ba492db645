//! Ranges of time: presets and dates become what the API takes (docs/contract/cli.md#4-time).

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::failure::{Failure, Outcome};

pub const PERIODS: [&str; 10] =
    ["today", "yesterday", "last24h", "last7d", "last30d", "last12m", "week", "month", "year", "all"];

/// What is sent as `startAt` and `endAt`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    pub start: Option<String>,
    pub end: Option<String>,
}

/// The range of a preset, with days as those of the zone.
pub fn preset(period: &str, now: Timestamp, zone: &TimeZone) -> Range {
    let today = now.to_zoned(zone.clone()).date();
    let days = |start: Date, end: Date| Range { start: Some(start.to_string()), end: Some(end.to_string()) };
    let before = |span: Span| today.saturating_sub(span);
    match period {
        "today" => days(today, today),
        "yesterday" => days(before(Span::new().days(1)), before(Span::new().days(1))),
        "last24h" => {
            let start = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
            Range { start: Some(seconds(start)), end: Some(seconds(now)) }
        }
        "last7d" => days(before(Span::new().days(6)), today),
        "last30d" => days(before(Span::new().days(29)), today),
        "last12m" => days(before(Span::new().months(12)), today),
        "week" => days(before(Span::new().days(today.weekday().since(Weekday::Monday))), today),
        "month" => days(today.first_of_month(), today),
        "year" => days(today.first_of_year(), today),
        _ => Range::default(),
    }
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The range of `--from` and `--to`; `today` is asked for only where it is needed.
pub fn between(from: Option<&str>, to: Option<&str>, today: impl FnOnce() -> Outcome<Date>) -> Outcome<Range> {
    for value in [from, to].into_iter().flatten() {
        check(value)?;
    }
    match (from, to) {
        (None, None) => Ok(Range::default()),
        (None, Some(_)) => Err(Failure::usage("--to needs --from")),
        (Some(from), Some(to)) => Ok(Range { start: Some(from.to_owned()), end: Some(to.to_owned()) }),
        (Some(from), None) => Ok(Range { start: Some(from.to_owned()), end: Some(today()?.to_string()) }),
    }
}

/// A date, or a moment with its offset: a time of day alone could be any zone's.
fn check(value: &str) -> Outcome {
    let is_date = value.len() == 10 && value.parse::<Date>().is_ok();
    if is_date || value.parse::<Timestamp>().is_ok() {
        return Ok(());
    }
    let failure = Failure::usage(format!("{value}: a date or a time with its zone is needed"));
    Err(match value.parse::<jiff::civil::DateTime>() {
        Ok(time) => {
            let time = time.strftime("%Y-%m-%dT%H:%M:%S");
            failure.hint(format!("{time}Z, or {time}+02:00"))
        }
        Err(_) => failure.hint("2026-01-31, or 2026-01-31T12:00:00Z"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(period: &str, now: &str, zone: &str) -> (String, String) {
        let zone = TimeZone::get(zone).expect("a zone");
        let range = preset(period, now.parse().expect("a time"), &zone);
        (range.start.unwrap_or_default(), range.end.unwrap_or_default())
    }

    #[test]
    fn presets_are_days_of_the_websites_zone() {
        // A Thursday evening in New York, and Friday elsewhere.
        let now = "2026-01-02T02:30:00Z";
        let expected = [
            ("today", "2026-01-01", "2026-01-01"),
            ("yesterday", "2025-12-31", "2025-12-31"),
            ("last7d", "2025-12-26", "2026-01-01"),
            ("last30d", "2025-12-03", "2026-01-01"),
            ("last12m", "2025-01-01", "2026-01-01"),
            ("week", "2025-12-29", "2026-01-01"),
            ("month", "2026-01-01", "2026-01-01"),
            ("year", "2026-01-01", "2026-01-01"),
            ("last24h", "2026-01-01T02:30:00Z", "2026-01-02T02:30:00Z"),
            ("all", "", ""),
        ];
        for (period, start, end) in expected {
            assert_eq!(range(period, now, "America/New_York"), (start.to_owned(), end.to_owned()), "{period}");
        }
        assert_eq!(PERIODS.len(), expected.len());
        assert_eq!(range("today", now, "Asia/Tokyo").0, "2026-01-02");
        assert_eq!(range("last12m", "2024-02-29T12:00:00Z", "UTC").0, "2023-02-28");
        assert_eq!(range("week", "2026-01-05T12:00:00Z", "UTC").0, "2026-01-05", "Monday begins its week");
    }

    #[test]
    fn dates_are_left_to_the_gateway() {
        let today = || Ok("2026-05-05".parse().expect("a date"));
        let sent = |from, to| between(from, to, today).map(|range| (range.start, range.end));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(sent(Some("2026-01-01"), None).expect("a range"), (some("2026-01-01"), some("2026-05-05")));
        let moment = "2026-01-01T00:00:00+02:00";
        assert_eq!(sent(Some(moment), Some("2026-02-01")).expect("a range"), (some(moment), some("2026-02-01")));
        assert_eq!(sent(None, None).expect("no range"), (None, None));
        assert_eq!(sent(None, Some("2026-01-01")).expect_err("no start").code, 2);
        let bare = sent(Some("2026-01-01T10:00"), None).expect_err("no zone");
        assert_eq!(bare.hint.as_deref(), Some("2026-01-01T10:00:00Z, or 2026-01-01T10:00:00+02:00"));
        for wrong in ["yesterday", "2026-13-01", "01/02/2026", ""] {
            assert_eq!(sent(Some(wrong), None).expect_err(wrong).code, 2, "{wrong}");
        }
    }
}
