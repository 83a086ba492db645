//! Ranges and buckets (docs/contract/website-api.md#1.5; docs/contract/reports.md#6; docs/contract/README.md#24).

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Both ends inclusive, milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub from: i64,
    pub to: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interval {
    Hour,
    Day,
    Week,
    Month,
}

#[derive(Debug)]
pub struct Bucket {
    pub range: Range,
    pub name: String,
    pub timestamp: String,
}

/// Every offset and every clock change of the zones in use lies on a quarter of an hour.
const QUARTER: i64 = 15 * 60 * 1000;

impl Range {
    pub const ALL: Range = Range { from: i64::MIN, to: i64::MAX };

    pub fn has(self, at: i64) -> bool {
        self.from <= at && at <= self.to
    }

    pub fn parse(start: &str, end: &str, zone: &TimeZone) -> Range {
        if full_day_bounds(start, end) {
            return Range::days(date(&start[..10]), date(&end[..10]), zone);
        }
        let from = if is_date(start) { Range::days(date(start), date(start), zone).from } else { instant(start) };
        let to = if is_date(end) { Range::days(date(end), date(end), zone).to } else { instant(end) };
        assert!(from <= to, "{start} is after {end}");
        Range { from, to }
    }

    /// Whole days of the zone.
    fn days(first: Date, last: Date, zone: &TimeZone) -> Range {
        let begin = |date: Date| date.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        Range { from: begin(first), to: begin(last.tomorrow().unwrap()) - 1 }
    }

    /// The time series without a range: the last 24 hours, 30 days or 12 months, the current one included.
    pub fn recent(interval: Interval, now: i64, zone: &TimeZone) -> Range {
        let today = local(now, zone).0.date();
        match interval {
            Interval::Hour => {
                let around = Range { from: now - 30 * 4 * QUARTER, to: now + 2 * 4 * QUARTER };
                let buckets = buckets(around, Interval::Hour, zone);
                let current = buckets.iter().position(|bucket| bucket.range.has(now)).unwrap();
                Range { from: buckets[current - 23].range.from, to: buckets[current].range.to }
            }
            Interval::Day | Interval::Week => Range::days(today.checked_sub(29.days()).unwrap(), today, zone),
            Interval::Month => {
                let first = today.first_of_month().checked_sub(11.months()).unwrap();
                Range::days(first, today.last_of_month(), zone)
            }
        }
    }

    /// Whether the range lies within one calendar day of the zone.
    pub fn is_within_a_day(self, zone: &TimeZone) -> bool {
        local(self.from, zone).0.date() == local(self.to, zone).0.date()
    }
}

fn is_date(bound: &str) -> bool {
    bound.len() == 10
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn instant(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

/// The local clock at a moment, and its offset from UTC in seconds.
fn local(at: i64, zone: &TimeZone) -> (DateTime, i32) {
    let moment = Timestamp::from_millisecond(at).unwrap();
    let offset = zone.to_offset(moment);
    (offset.to_datetime(moment), offset.seconds())
}

/// Midnight to 23:59 in UTC is read as the dates (docs/contract/reports.md#6).
fn full_day_bounds(start: &str, end: &str) -> bool {
    let utc = |bound: &str| !is_date(bound) && (bound.ends_with('Z') || bound.ends_with("+00:00"));
    let day = 96 * QUARTER;
    utc(start) && utc(end) && instant(start) % day == 0 && instant(end) % day >= day - 60_000
}

/// What distinguishes a bucket: its date (of the Monday, of the first of the month) and, for hours, the hour and the
/// offset, since the repeated hour of a clock change is two buckets (docs/contract/reports.md#6).
fn unit((clock, offset): (DateTime, i32), interval: Interval) -> (Date, i8, i32) {
    let date = clock.date();
    match interval {
        Interval::Hour => (date, clock.hour(), offset),
        Interval::Day => (date, 0, 0),
        Interval::Week => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            (date.checked_sub(since_monday.days()).unwrap(), 0, 0)
        }
        Interval::Month => (date.first_of_month(), 0, 0),
    }
}

/// All buckets of a range, found by walking through it.
pub fn buckets(range: Range, interval: Interval, zone: &TimeZone) -> Vec<Bucket> {
    // A partial first bucket begins where the range begins (docs/contract/reports.md#6).
    let mut starts = vec![(range.from, unit(local(range.from, zone), interval))];
    let mut at = range.from.div_euclid(QUARTER) * QUARTER + QUARTER;
    while at <= range.to {
        let unit = unit(local(at, zone), interval);
        if unit != starts[starts.len() - 1].1 {
            starts.push((at, unit));
        }
        at += QUARTER;
    }
    let ends: Vec<i64> = starts.iter().skip(1).map(|(start, _)| start - 1).chain([range.to]).collect();
    let bucket = |((from, (date, hour, _)), to): ((i64, (Date, i8, i32)), i64)| Bucket {
        range: Range { from, to },
        // docs/contract/README.md#24
        name: match interval {
            Interval::Hour => format!("{hour:02}:00"),
            Interval::Day | Interval::Week => date.strftime("%d %b").to_string(),
            Interval::Month => date.strftime("%b %Y").to_string(),
        },
        timestamp: timestamp(from, zone),
    };
    starts.into_iter().zip(ends).map(bucket).collect()
}

/// Time-series buckets carry the report's zone offset (docs/contract/README.md#4).
fn timestamp(at: i64, zone: &TimeZone) -> String {
    let (clock, offset) = local(at, zone);
    let fraction = match at.rem_euclid(1000) {
        0 => String::new(),
        milliseconds => format!(".{milliseconds:03}"),
    };
    let minutes = offset / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = match zone.iana_name() {
        Some("UTC") => "Z".to_owned(),
        _ => format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60),
    };
    format!("{}{fraction}{offset}", clock.strftime("%Y-%m-%dT%H:%M:%S"))
}
