//! Time ranges and their buckets (docs/contract/website-api.md#1.5 and #2.2, docs/contract/reports.md#6,
//! docs/contract/README.md#24). Pure.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone as Rules;
use jiff::{SignedDuration, Span as Duration, Timestamp as Moment, ToSpan, Zoned};
use serde::Deserialize;

use crate::http::error::Error;
use sluice_engine::selection::Span;
use sluice_values::{Invalid, TimeZone, Timestamp, excerpt, lost_plus};

/// The most buckets of a range: eleven years of hours.
pub const MOST_BUCKETS: usize = 100_000;

/// An end of a range, as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A whole day in the time zone of the report.
    Day(Date),
    Moment(Moment),
    /// A local time in the time zone of the report.
    Clock(DateTime),
}

impl FromStr for Bound {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        if text.len() == 10
            && let Ok(date) = text.parse()
        {
            return Ok(Self::Day(date));
        }
        let has_plain_year = text.bytes().take_while(u8::is_ascii_digit).count() >= 4;
        if let Some(moment) = text.parse().ok().filter(|_| has_plain_year) {
            return Ok(Self::Moment(moment));
        }
        // The last hours of the year 9999, which are beyond jiff's last moment.
        if text.parse::<Timestamp>().is_ok() {
            return Ok(Self::Moment(Moment::MAX));
        }
        match text.parse() {
            Ok(clock) if has_plain_year && text.contains(['T', 't', ' ']) => Ok(Self::Clock(clock)),
            _ => Err(Invalid::new(format!(
                "expected a day such as \"2026-01-31\" or a moment such as \"2026-01-31T12:00:00Z\", got \"{}\"{}",
                excerpt(sent),
                lost_plus(sent)
            ))),
        }
    }
}

/// As a query writes it.
impl fmt::Display for Bound {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => date.fmt(to),
            Self::Moment(moment) => moment.fmt(to),
            Self::Clock(clock) => clock.fmt(to),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Bound {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A day (YYYY-MM-DD, in the report's time zone) or a moment (ISO 8601 with an offset); inclusive.",
            "examples": ["2026-01-31", "2026-01-31T12:00:00Z"]
        })
    }
}

/// Both ends of a range, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds(Option<(Bound, Bound)>);

impl Bounds {
    /// No ends: all time.
    pub const NONE: Self = Self(None);

    /// Builds a range from both ends; `names` are the parameters for errors.
    pub fn new(names: (&str, &str), start: Option<Bound>, end: Option<Bound>) -> Result<Self, Error> {
        match (start, end) {
            (None, None) => Ok(Self(None)),
            (Some(start), Some(end)) => Ok(Self(Some((start, end)))),
            (Some(_), None) => Err(Error::bad_request(format!("{}: required when {} is given", names.1, names.0))),
            (None, Some(_)) => Err(Error::bad_request(format!("{}: required when {} is given", names.0, names.1))),
        }
    }

    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The range in this zone; `None` without ends.
    pub fn span(&self, zone: &Rules) -> Result<Option<Span>, Error> {
        let Some((start, end)) = self.0 else { return Ok(None) };
        let (start, end) = as_days_of_utc(start, end);
        let from = match start {
            Bound::Day(date) => start_of(date, zone)?,
            Bound::Moment(moment) => moment,
            Bound::Clock(clock) => on_clocks(clock, zone)?,
        };
        let to = match end {
            Bound::Day(date) => day_after(date, zone).as_millisecond() - 1,
            Bound::Moment(moment) => moment.min(last_end()).as_millisecond(),
            Bound::Clock(clock) => on_clocks(clock, zone).unwrap_or(Moment::MAX).min(last_end()).as_millisecond(),
        };
        // A moment with a fraction of a millisecond rounds up.
        let from =
            from.as_nanosecond().div_euclid(1_000_000) + i128::from(from.as_nanosecond().rem_euclid(1_000_000) > 0);
        let span = Span { from: i64::try_from(from).unwrap_or(i64::MIN), to };
        if span.from > span.to {
            return Err(Error::bad_request("startAt: lies after endAt"));
        }
        Ok(Some(span))
    }
}

/// A range that another one is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// As long, and right before.
    Previous,
    /// The same dates and times a year before.
    YearBefore,
}

impl Bounds {
    /// The ends of an earlier range in this zone; `None` without ends. A range of whole days has whole days before it,
    /// however long they are.
    pub fn earlier(&self, earlier: Earlier, zone: &Rules) -> Result<Option<(Bound, Bound)>, Error> {
        let (Some((start, end)), Some(span)) = (self.0, self.span(zone)?) else { return Ok(None) };
        let bounds = as_days_of_utc(start, end);
        Ok(Some(match (earlier, bounds) {
            (Earlier::Previous, (Bound::Day(first), Bound::Day(last))) => {
                let days = (last - first).get_days() + 1;
                let before = |date: Date, days: i32| date.checked_sub(days.days()).map(Bound::Day).map_err(beyond);
                (before(first, days)?, before(first, 1)?)
            }
            (Earlier::Previous, _) => {
                let moment = |millis| Moment::from_millisecond(millis).map(Bound::Moment).map_err(beyond);
                (moment(span.from - (span.to - span.from + 1))?, moment(span.from - 1)?)
            }
            (Earlier::YearBefore, (start, end)) => (start.year_before(zone)?, end.year_before(zone)?),
        }))
    }
}

impl Bound {
    fn year_before(self, zone: &Rules) -> Result<Self, Error> {
        let year = 1.year();
        match self {
            Self::Day(date) => date.checked_sub(year).map(Self::Day),
            Self::Clock(clock) => clock.checked_sub(year).map(Self::Clock),
            Self::Moment(moment) => {
                moment.to_zoned(zone.clone()).checked_sub(year).map(|then| Self::Moment(then.timestamp()))
            }
        }
        .map_err(beyond)
    }
}

/// Full UTC days stand for the same days in the report's time zone.
fn as_days_of_utc(start: Bound, end: Bound) -> (Bound, Bound) {
    if let (Bound::Moment(first), Bound::Moment(last)) = (start, end) {
        let (first, last) = (Rules::UTC.to_datetime(first), Rules::UTC.to_datetime(last));
        if first.time() == jiff::civil::Time::midnight() && (last.hour(), last.minute()) == (23, 59) {
            return (Bound::Day(first.date()), Bound::Day(last.date()));
        }
    }
    (start, end)
}

fn start_of(date: Date, zone: &Rules) -> Result<Moment, Error> {
    Ok(date.to_zoned(zone.clone()).map_err(beyond)?.timestamp())
}

/// The start of the next day; after the last one, the end of time.
fn day_after(date: Date, zone: &Rules) -> Moment {
    date.tomorrow()
        .ok()
        .and_then(|next| next.to_zoned(zone.clone()).ok())
        .map_or(Moment::MAX, |start| start.timestamp())
}

/// The last end of a range: a bucket that contains it ends at jiff's last moment.
fn last_end() -> Moment {
    Moment::MAX - SignedDuration::from_millis(1)
}

fn on_clocks(clock: DateTime, zone: &Rules) -> Result<Moment, Error> {
    Ok(clock.to_zoned(zone.clone()).map_err(beyond)?.timestamp())
}

fn beyond(_: jiff::Error) -> Error {
    Error::bad_request("startAt, endAt: beyond the calendar")
}

/// The length of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "as they say")]
pub enum Interval {
    Hour,
    #[default]
    Day,
    Week,
    Month,
}

/// A bucket of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub span: Span,
    /// The label: `14:00`, `18 Dec`, `Dec 2025`.
    pub label: String,
    /// The start, with the zone's offset.
    pub timestamp: String,
}

/// The hours of an hourly time series without ends.
const HOURS: u32 = 24;

/// The range of a time series without ends: 24 hours, 30 days or 12 months, including the current one.
pub fn default_span(interval: Interval, zone: &Rules, now: Timestamp) -> Result<Span, Error> {
    let now = zoned(now.as_millis(), zone)?;
    let today = now.date();
    let from = match interval {
        Interval::Hour => {
            let mut start = start_of_hour(&now);
            for _ in 1..HOURS {
                start = start_of_hour(&zoned(start.as_millisecond() - 1, zone)?);
            }
            start
        }
        Interval::Day | Interval::Week => start_of(today.checked_sub(29.days()).map_err(beyond)?, zone)?,
        Interval::Month => start_of(today.first_of_month().checked_sub(11.months()).map_err(beyond)?, zone)?,
    };
    let to = match interval {
        Interval::Hour => next_hour(&now),
        _ => start_of(today.tomorrow().map_err(beyond)?, zone)?,
    };
    Ok(Span { from: from.as_millisecond(), to: to.as_millisecond() - 1 })
}

/// The interval that is used: a range within one day is shown by hour.
pub fn effective(interval: Interval, span: Span, zone: &Rules) -> Result<Interval, Error> {
    let is_one_day = zoned(span.from, zone)?.date() == zoned(span.to, zone)?.date();
    Ok(if is_one_day { Interval::Hour } else { interval })
}

pub fn buckets(span: Span, interval: Interval, zone: &TimeZone) -> Result<Vec<Bucket>, Error> {
    let rules = zone.rules();
    let mut buckets = Vec::new();
    let mut from = span.from;
    while from <= span.to {
        if buckets.len() == MOST_BUCKETS {
            return Err(Error::bad_request(format!(
                "startAt, endAt: this range has more than {MOST_BUCKETS} buckets; ask for a longer interval or a shorter range"
            )));
        }
        let start = zoned(from, &rules)?;
        let next = match interval {
            Interval::Hour => next_hour(&start),
            Interval::Day => day_after(start.date(), &rules),
            Interval::Week => {
                monday(start.date())?.checked_add(6.days()).map_or(Moment::MAX, |sunday| day_after(sunday, &rules))
            }
            Interval::Month => day_after(start.date().last_of_month(), &rules),
        };
        let to = (next.as_millisecond() - 1).min(span.to);
        buckets.push(Bucket {
            span: Span { from, to },
            label: label(&start, interval)?,
            timestamp: timestamp(&start, zone.is_utc()),
        });
        from = to + 1;
    }
    Ok(buckets)
}

fn zoned(millis: i64, zone: &Rules) -> Result<Zoned, Error> {
    Ok(Moment::from_millisecond(millis).map_err(beyond)?.to_zoned(zone.clone()))
}

fn monday(date: Date) -> Result<Date, Error> {
    let since: Duration = i64::from(date.weekday().to_monday_zero_offset()).days();
    date.checked_sub(since).map_err(beyond)
}

/// The next full hour on the local clock, or the clock change before it.
fn next_hour(now: &Zoned) -> Moment {
    let into = i64::from(now.minute()) * 60_000 + i64::from(now.second()) * 1000 + i64::from(now.millisecond());
    let full = now.timestamp().as_millisecond() + 3_600_000 - into;
    let changed = now
        .time_zone()
        .following(now.timestamp())
        .take_while(|change| change.timestamp().as_millisecond() < full)
        .find(|change| change.offset() != now.offset())
        .map(|change| change.timestamp());
    changed.unwrap_or_else(|| Moment::from_millisecond(full).unwrap_or(Moment::MAX))
}

/// The last full hour on the local clock, or the clock change since then.
fn start_of_hour(now: &Zoned) -> Moment {
    let into = i64::from(now.minute()) * 60_000 + i64::from(now.second()) * 1000 + i64::from(now.millisecond());
    let full = now.timestamp().as_millisecond() - into;
    let full = Moment::from_millisecond(full).unwrap_or(Moment::MIN);
    let changed = now
        .time_zone()
        .preceding(now.timestamp())
        .take_while(|change| change.timestamp() > full)
        .find(|change| change.offset() == now.offset())
        .map(|change| change.timestamp());
    changed.filter(|change| now.time_zone().to_offset(*change - 1.milliseconds()) != now.offset()).unwrap_or(full)
}

fn label(start: &Zoned, interval: Interval) -> Result<String, Error> {
    Ok(match interval {
        Interval::Hour => format!("{:02}:00", start.hour()),
        Interval::Day => start.strftime("%d %b").to_string(),
        Interval::Week => monday(start.date())?.strftime("%d %b").to_string(),
        Interval::Month => start.strftime("%b %Y").to_string(),
    })
}

fn timestamp(start: &Zoned, is_utc: bool) -> String {
    let fraction = if start.millisecond() == 0 { String::new() } else { format!(".{:03}", start.millisecond()) };
    let offset = if is_utc { "Z".to_owned() } else { start.strftime("%:z").to_string() };
    format!("{}{fraction}{offset}", start.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str, zone: &str) -> Span {
        let bounds = Bounds::new(("startAt", "endAt"), Some(start.parse().unwrap()), Some(end.parse().unwrap()));
        bounds.unwrap().span(&zone.parse::<TimeZone>().unwrap().rules()).unwrap().unwrap()
    }

    fn starts(start: &str, end: &str, zone: &str, interval: Interval) -> Vec<String> {
        let buckets = buckets(span(start, end, zone), interval, &zone.parse().unwrap()).unwrap();
        buckets.into_iter().map(|bucket| format!("{} {}", bucket.label, bucket.timestamp)).collect()
    }

    #[test]
    fn days_follow_the_zone_and_include_both_ends() {
        let kolkata = span("2026-01-01", "2026-01-31", "Asia/Kolkata");
        assert_eq!(Timestamp::from_millis(kolkata.from).to_string(), "2025-12-31T18:30:00.000Z");
        assert_eq!(Timestamp::from_millis(kolkata.to).to_string(), "2026-01-31T18:29:59.999Z");
        assert_eq!(span("2026-01-01T00:00:00Z", "2026-01-31T23:59:59.999Z", "Asia/Kolkata"), kolkata);
        assert_eq!(span("2026-01-01T00:00:00Z", "2026-01-31T23:59:00Z", "Asia/Kolkata"), kolkata);
        let exact = span("2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00Z", "UTC");
        assert_eq!(exact.from, exact.to);
    }

    #[test]
    fn ranges_reach_to_the_end_of_9999() {
        for end in [
            "9999-12-31",
            "9999-12-31T23:59:59Z",
            "9999-12-30T22:00:00.999Z",
            "9999-12-31T23:59:59",
            "9999-12-31T23:59:59+14:00",
        ] {
            for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
                let range = span("9999-12-01", end, zone);
                assert!(Timestamp::from_millis(range.to).to_string().starts_with("9999-12-30T"), "{end} {zone}");
                for interval in [Interval::Hour, Interval::Day, Interval::Week, Interval::Month] {
                    let buckets = buckets(range, interval, &zone.parse().unwrap()).unwrap();
                    assert_eq!(buckets.last().unwrap().span.to, range.to, "{end} {zone}");
                }
            }
        }
        for wrong in
            ["-009999-01-01T00:00:00Z", "+009999-01-01T00:00:00Z", "-000001-01-01T00:00:00", "10000-01-01T00:00:00Z"]
        {
            assert!(wrong.parse::<Bound>().is_err(), "{wrong}");
        }
        let lost = "2026-01-01T00:00:00 02:00".parse::<Bound>().unwrap_err().to_string();
        assert!(lost.ends_with("sent as %2B"), "{lost}");
    }

    #[test]
    fn ends_come_in_pairs_and_in_order() {
        let day = |text: &str| Some(text.parse().unwrap());
        assert!(Bounds::new(("startAt", "endAt"), day("2026-01-01"), None).is_err());
        assert!(Bounds::new(("startAt", "endAt"), None, day("2026-01-01")).is_err());
        let backwards = Bounds::new(("startAt", "endAt"), day("2026-01-02"), day("2026-01-01")).unwrap();
        assert!(backwards.span(&Rules::UTC).is_err());
        for wrong in ["", "yesterday", "2026-13-01", "2026-02-30", "20260101", "2026-01-01T25:00:00Z", "1767225600000"]
        {
            assert!(wrong.parse::<Bound>().is_err(), "{wrong}");
        }
    }

    fn earlier(earlier: Earlier, start: &str, end: &str, zone: &str) -> (String, String) {
        let bounds = Bounds::new(("startAt", "endAt"), Some(start.parse().unwrap()), Some(end.parse().unwrap()));
        let zone = zone.parse::<TimeZone>().unwrap().rules();
        let (start, end) = bounds.unwrap().earlier(earlier, &zone).unwrap().unwrap();
        for bound in [start, end] {
            assert_eq!(bound.to_string().parse(), Ok(bound));
        }
        (start.to_string(), end.to_string())
    }

    #[test]
    fn the_range_before_is_as_long_and_ends_where_the_range_begins() {
        for ((start, end, zone), (first, last)) in [
            (("2026-11-01", "2026-11-28", "UTC"), ("2026-10-04", "2026-10-31")),
            (("2026-11-28", "2026-11-28", "UTC"), ("2026-11-27", "2026-11-27")),
            // Days, whatever the clocks did meanwhile.
            (("2026-03-29", "2026-03-30", "Europe/Berlin"), ("2026-03-27", "2026-03-28")),
            (("2026-11-01T00:00:00Z", "2026-11-28T23:59:59.999Z", "Asia/Tokyo"), ("2026-10-04", "2026-10-31")),
            (("2026-11-28", "2026-11-28T09:11:59.999Z", "UTC"), ("2026-11-27T14:48:00Z", "2026-11-27T23:59:59.999Z")),
            (
                ("2026-11-28T12:00:00Z", "2026-11-28T12:59:59.999Z", "UTC"),
                ("2026-11-28T11:00:00Z", "2026-11-28T11:59:59.999Z"),
            ),
        ] {
            assert_eq!(earlier(Earlier::Previous, start, end, zone), (first.to_owned(), last.to_owned()), "{start}");
        }
    }

    #[test]
    fn the_year_before_has_the_same_dates_and_times_on_the_zones_clocks() {
        for ((start, end, zone), (first, last)) in [
            (("2026-11-01", "2026-11-28", "UTC"), ("2025-11-01", "2025-11-28")),
            (("2024-02-29", "2024-02-29", "UTC"), ("2023-02-28", "2023-02-28")),
            (
                ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00", "Europe/Berlin"),
                ("2025-03-28T12:00:00Z", "2025-03-29T12:00:00"),
            ),
            (
                ("2026-03-30T00:00:00+02:00", "2026-03-30T12:00:00+02:00", "Europe/Berlin"),
                ("2025-03-29T23:00:00Z", "2025-03-30T10:00:00Z"),
            ),
            (
                ("2026-03-29T12:00:00+02:00", "2026-03-29T13:00:00+02:00", "Europe/Berlin"),
                ("2025-03-29T11:00:00Z", "2025-03-29T12:00:00Z"),
            ),
        ] {
            assert_eq!(earlier(Earlier::YearBefore, start, end, zone), (first.to_owned(), last.to_owned()), "{start}");
        }
    }

    #[test]
    fn a_range_at_the_beginning_of_the_calendar_has_none_before() {
        for of in [Earlier::Previous, Earlier::YearBefore] {
            let first = Some("-9999-01-02".parse().unwrap_or(Bound::Day(Date::MIN)));
            let bounds = Bounds::new(("startAt", "endAt"), first, Some(Bound::Day(Date::MIN))).unwrap();
            assert!(bounds.earlier(of, &Rules::UTC).is_err());
            assert_eq!(Bounds::NONE.earlier(of, &Rules::UTC).unwrap(), None);
        }
    }

    #[test]
    fn clock_changes_make_days_of_23_and_25_hours() {
        for (zone, day, hours) in [
            ("Europe/Berlin", "2025-03-30", 23),
            ("Europe/Berlin", "2025-10-26", 25),
            ("America/New_York", "2025-03-09", 23),
            ("America/New_York", "2025-11-02", 25),
            ("America/St_Johns", "2025-11-02", 25),
            ("Asia/Kolkata", "2025-03-30", 24),
            ("Asia/Kathmandu", "2025-03-30", 24),
            ("Pacific/Chatham", "2025-04-06", 26), // 25 hours, one of them cut in two: 03:45 becomes 02:45,
            ("America/Sao_Paulo", "2018-11-04", 23),
            ("UTC", "2025-03-30", 24),
        ] {
            assert_eq!(starts(day, day, zone, Interval::Hour).len(), hours, "{zone} {day}");
        }
    }

    #[test]
    fn a_repeated_hour_is_two_buckets() {
        let starts = starts("2025-10-26", "2025-10-26", "Europe/Berlin", Interval::Hour);
        assert_eq!(starts.get(2..4).unwrap(), ["02:00 2025-10-26T02:00:00+02:00", "02:00 2025-10-26T02:00:00+01:00"]);
    }

    #[test]
    fn a_clock_change_within_an_hour_begins_a_bucket() {
        // At 02:00 the clocks of Lord Howe go back to 01:30; in October they go from 02:00 to 02:30.
        let autumn = starts("2025-04-06", "2025-04-06", "Australia/Lord_Howe", Interval::Hour);
        assert_eq!(
            autumn.get(1..4).unwrap(),
            ["01:00 2025-04-06T01:00:00+11:00", "01:00 2025-04-06T01:30:00+10:30", "02:00 2025-04-06T02:00:00+10:30"]
        );
        let spring = starts("2025-10-05", "2025-10-05", "Australia/Lord_Howe", Interval::Hour);
        assert_eq!(
            spring.get(1..4).unwrap(),
            ["01:00 2025-10-05T01:00:00+10:30", "02:00 2025-10-05T02:30:00+11:00", "03:00 2025-10-05T03:00:00+11:00"]
        );
    }

    #[test]
    fn labels_and_first_buckets_are_as_decided() {
        assert_eq!(
            starts("2025-12-17", "2025-12-23", "Asia/Kolkata", Interval::Week),
            ["15 Dec 2025-12-17T00:00:00+05:30", "22 Dec 2025-12-22T00:00:00+05:30"]
        );
        assert_eq!(
            starts("2025-12-18", "2026-01-02", "UTC", Interval::Month),
            ["Dec 2025 2025-12-18T00:00:00Z", "Jan 2026 2026-01-01T00:00:00Z"]
        );
        assert_eq!(
            starts("2025-12-18T14:20:30Z", "2025-12-18T15:00:00Z", "UTC", Interval::Hour),
            ["14:00 2025-12-18T14:20:30Z", "15:00 2025-12-18T15:00:00Z"]
        );
        assert_eq!(
            starts("2025-12-18", "2025-12-19", "UTC", Interval::Day).first().unwrap(),
            "18 Dec 2025-12-18T00:00:00Z"
        );
    }

    #[test]
    fn ranges_without_ends_have_whole_buckets() {
        let now = Timestamp::from_millis(1_766_068_200_000); // 2025-12-18T14:30:00Z
        for (interval, count) in [(Interval::Hour, 24), (Interval::Day, 30), (Interval::Month, 12)] {
            for zone in ["UTC", "Asia/Kolkata", "America/New_York"] {
                let zone: TimeZone = zone.parse().unwrap();
                let span = default_span(interval, &zone.rules(), now).unwrap();
                assert_eq!(buckets(span, interval, &zone).unwrap().len(), count);
            }
        }
    }

    #[test]
    fn an_enormous_range_is_refused() {
        let all = span("0001-01-01", "9998-12-31", "UTC");
        assert!(buckets(all, Interval::Hour, &"UTC".parse().unwrap()).is_err());
        assert!(buckets(all, Interval::Day, &"UTC".parse().unwrap()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn buckets_tile_the_range(
            from in 1_735_000_000_000_i64..1_770_000_000_000,
            length in 0..40_000_000_000_i64,
            zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
            interval in proptest::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week, Interval::Month]),
        ) {
            let span = Span { from, to: from + length };
            let buckets = buckets(span, interval, &zone.parse().unwrap()).unwrap();
            let mut next = from;
            for bucket in buckets {
                proptest::prop_assert_eq!(bucket.span.from, next);
                proptest::prop_assert!(bucket.span.to >= bucket.span.from);
                next = bucket.span.to + 1;
            }
            proptest::prop_assert_eq!(next, span.to + 1);
        }
    }
}
