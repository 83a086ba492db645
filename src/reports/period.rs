//! The ranges that have a name (docs/contract/cli.md#4). Pure.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp as Moment, ToSpan};

use sluice_values::{TimeZone, Timestamp};

/// A range that has a name, which ends today or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    Today,
    Yesterday,
    Last24Hours,
    Last7Days,
    Last30Days,
    Last12Months,
    /// From Monday.
    Week,
    Month,
    Year,
    All,
}

/// The periods by the names that they are sent with.
const NAMES: [(&str, Period); 10] = [
    ("today", Period::Today),
    ("yesterday", Period::Yesterday),
    ("last24h", Period::Last24Hours),
    ("last7d", Period::Last7Days),
    ("last30d", Period::Last30Days),
    ("last12m", Period::Last12Months),
    ("week", Period::Week),
    ("month", Period::Month),
    ("year", Period::Year),
    ("all", Period::All),
];

impl Period {
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, period)| *period)
    }

    /// The name that it is sent with.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, period)| *period == self).map_or("", |(name, _)| name)
    }

    /// The names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// `startAt` and `endAt` of the period at `now` in a time zone; none for all time.
    pub fn bounds(self, now: Timestamp, zone: &TimeZone) -> Option<(String, String)> {
        let now = Moment::from_millisecond(now.as_millis()).ok()?;
        if self == Self::Last24Hours {
            return Some(((now - SignedDuration::from_hours(24)).to_string(), now.to_string()));
        }
        let today = now.to_zoned(zone.rules()).date();
        let (first, last) = self.days(today)?;
        Some((first.to_string(), last.to_string()))
    }

    fn days(self, today: Date) -> Option<(Date, Date)> {
        let before = |days: i32| today.checked_sub(days.days()).ok();
        let first = match self {
            Self::All | Self::Last24Hours => return None,
            Self::Yesterday => return before(1).map(|yesterday| (yesterday, yesterday)),
            Self::Today => Some(today),
            Self::Last7Days => before(6),
            Self::Last30Days => before(29),
            Self::Last12Months => today.checked_sub(12.months()).ok(),
            Self::Week => before(i32::from(today.weekday().to_monday_zero_offset())),
            Self::Month => Some(today.first_of_month()),
            Self::Year => Some(today.first_of_year()),
        };
        first.map(|first| (first, today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_of_the_zone_of_its_report() {
        let now: Timestamp = "2026-03-01T03:30:00Z".parse().unwrap();
        let bounds = |name: &str, zone: &str| Period::named(name).unwrap().bounds(now, &zone.parse().unwrap());
        for (name, first, last) in [
            ("today", "2026-03-01", "2026-03-01"),
            ("yesterday", "2026-02-28", "2026-02-28"),
            ("last7d", "2026-02-23", "2026-03-01"),
            ("last30d", "2026-01-31", "2026-03-01"),
            ("last12m", "2025-03-01", "2026-03-01"),
            ("week", "2026-02-23", "2026-03-01"),
            ("month", "2026-03-01", "2026-03-01"),
            ("year", "2026-01-01", "2026-03-01"),
            ("last24h", "2026-02-28T03:30:00Z", "2026-03-01T03:30:00Z"),
        ] {
            assert_eq!(bounds(name, "UTC"), Some((first.to_owned(), last.to_owned())), "{name}");
        }
        assert_eq!(bounds("all", "UTC"), None);
        assert_eq!(bounds("month", "America/New_York"), Some(("2026-02-01".to_owned(), "2026-02-28".to_owned())));
        assert!(Period::named("fortnight").is_none());
    }
}
