//! Durations, as rules write them.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{Invalid, excerpt};

/// A duration of `LEAST` to `MOST` minutes, written as a whole number and a unit: `5m`, `1h`, `7d`.
// The unit is stored, so that `24h` is returned as `24h` (docs/contract/README.md#10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration<const LEAST: i64, const MOST: i64> {
    amount: i64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minutes,
    Hours,
    Days,
}

impl Unit {
    const ALL: [Self; 3] = [Self::Minutes, Self::Hours, Self::Days];

    const fn minutes(self) -> i64 {
        match self {
            Self::Minutes => 1,
            Self::Hours => 60,
            Self::Days => 1440,
        }
    }

    const fn suffix(self) -> char {
        match self {
            Self::Minutes => 'm',
            Self::Hours => 'h',
            Self::Days => 'd',
        }
    }
}

impl<const LEAST: i64, const MOST: i64> Duration<LEAST, MOST> {
    /// This many minutes, clamped to the limits.
    pub const fn of_minutes(minutes: i64) -> Self {
        let minutes = if minutes < LEAST { LEAST } else { minutes };
        let minutes = if minutes > MOST { MOST } else { minutes };
        let unit = match minutes {
            0 => Unit::Minutes,
            whole if whole % Unit::Days.minutes() == 0 => Unit::Days,
            whole if whole % Unit::Hours.minutes() == 0 => Unit::Hours,
            _ => Unit::Minutes,
        };
        Self { amount: minutes / unit.minutes(), unit }
    }

    /// The regular expression of every duration within the limits, without zeros in front.
    fn pattern() -> String {
        let of_unit = |unit: &Unit| {
            let (least, most) = ((LEAST + unit.minutes() - 1) / unit.minutes(), MOST / unit.minutes());
            (least <= most).then(|| format!("({}){}", numbers(least, most), unit.suffix()))
        };
        format!("^({})$", Unit::ALL.iter().filter_map(of_unit).collect::<Vec<_>>().join("|"))
    }

    pub const fn as_millis(self) -> i64 {
        self.amount * self.unit.minutes() * 60_000
    }
}

/// The regular expression of the whole numbers from `least`, which is not negative, to `most`: runs of numbers whose last
/// digits are free.
fn numbers(least: i64, most: i64) -> String {
    let mut runs = Vec::new();
    let mut from = least;
    while from <= most {
        // The digits that are free in every number of the run, and the digit before them, which may rise.
        let (mut free, mut unit) = (0, 1);
        while from % (unit * 10) == 0 && from >= unit * 10 && from + unit * 10 - 1 <= most {
            (free, unit) = (free + 1, unit * 10);
        }
        let digit = from / unit % 10;
        let last = (digit..=9).take_while(|last| from + (last - digit + 1) * unit - 1 <= most).last().unwrap_or(digit);
        let before = from / unit / 10;
        let before = if before == 0 { String::new() } else { before.to_string() };
        let risen = if digit == last { digit.to_string() } else { format!("[{digit}-{last}]") };
        runs.push(format!("{before}{risen}{}", "[0-9]".repeat(free)));
        from += (last - digit + 1) * unit;
    }
    runs.join("|")
}

impl<const LEAST: i64, const MOST: i64> fmt::Display for Duration<LEAST, MOST> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}{}", self.amount, self.unit.suffix())
    }
}

impl<const LEAST: i64, const MOST: i64> FromStr for Duration<LEAST, MOST> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let refuse = || {
            let (least, most) = (Self::of_minutes(LEAST), Self::of_minutes(MOST));
            let sent = excerpt(sent);
            Invalid::new(format!("expected a time from {least} to {most}, such as 5m, 1h or 7d, got \"{sent}\""))
        };
        let with_unit = |unit: &Unit| Some((*unit, sent.strip_suffix(unit.suffix())?));
        let (unit, digits) = Unit::ALL.iter().find_map(with_unit).ok_or_else(refuse)?;
        // Six digits are more than any limit allows, and cannot overflow.
        if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        let amount: i64 = digits.parse().map_err(|_| refuse())?;
        if (LEAST..=MOST).contains(&(amount * unit.minutes())) { Ok(Self { amount, unit }) } else { Err(refuse()) }
    }
}

impl<const LEAST: i64, const MOST: i64> serde::Serialize for Duration<LEAST, MOST> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de, const LEAST: i64, const MOST: i64> serde::Deserialize<'de> for Duration<LEAST, MOST> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl<const LEAST: i64, const MOST: i64> schemars::JsonSchema for Duration<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (least, most) = (Self::of_minutes(LEAST), Self::of_minutes(MOST));
        schemars::json_schema!({
            "type": "string",
            "pattern": Self::pattern(),
            "description": format!("Minutes, hours or days, from {least} to {most}."),
            "examples": [most.to_string()]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Window = Duration<5, 43_200>;
    type Wait = Duration<0, 1440>;

    #[test]
    fn times_are_whole_numbers_of_one_unit_within_their_limits() {
        for (sent, minutes) in [("5m", 5), ("1h", 60), ("7d", 10_080), ("30d", 43_200), ("720h", 43_200), ("90m", 90)] {
            let window: Window = sent.parse().unwrap();
            assert_eq!((window.as_millis(), window.to_string()), (minutes * 60_000, sent.to_owned()));
        }
        for wrong in [
            "",
            "m",
            "5",
            "4m",
            "0m",
            "31d",
            "43201m",
            "-5m",
            "+5m",
            "5 m",
            "5M",
            "5.5h",
            "1w",
            "60s",
            "é",
            "1h30m",
            "99999999999999d",
        ] {
            let error = wrong.parse::<Window>().unwrap_err().to_string();
            assert!(error.starts_with("expected a time from 5m to 30d"), "{wrong}: {error}");
        }
        assert!("0m".parse::<Wait>().is_ok() && "24h".parse::<Wait>().is_ok() && "25h".parse::<Wait>().is_err());
        assert_eq!("010m".parse::<Window>().unwrap().to_string(), "10m");
    }

    #[test]
    fn minutes_are_written_in_the_largest_unit_that_fits() {
        for (minutes, written) in [(0, "0m"), (5, "5m"), (60, "1h"), (90, "90m"), (1440, "1d")] {
            assert_eq!(Wait::of_minutes(minutes).to_string(), written);
        }
        assert_eq!(Wait::of_minutes(5000), Wait::of_minutes(1440));
    }

    proptest! {
        #[test]
        fn a_duration_is_written_as_it_was_read(sent in "[0-9]{1,5}[mhd]|.*") {
            if let Ok(read) = sent.parse::<Window>() {
                prop_assert_eq!(read.to_string().parse::<Window>().unwrap(), read);
                prop_assert!((300_000..=2_592_000_000).contains(&read.as_millis()));
            }
        }
    }
}
