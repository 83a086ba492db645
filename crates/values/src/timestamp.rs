//! Points in time, to the millisecond.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::{DateTimePrinter, Pieces};

use crate::invalid::{Invalid, excerpt};

/// The start of the epoch, as a date and time of UTC. `jiff::Timestamp` ends on 9999-12-30 in order to fit every time
/// zone, so its dates and times are used instead.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Prints RFC 3339, always with three decimals.
static MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// Milliseconds since 1970-01-01T00:00:00Z; serialized as RFC 3339 in UTC with milliseconds
/// (docs/contract/README.md#4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time `millis` later, or earlier if negative.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The start of the minute that contains this time.
    #[must_use]
    pub const fn to_the_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(60_000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = EPOCH.checked_add(SignedDuration::from_millis(self.0)).map_err(|_| fmt::Error)?;
        MILLISECONDS.print_datetime(&moment, StdFmtWrite(&mut *to)).map_err(|_| fmt::Error)?;
        to.write_str("Z")
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// From milliseconds, as databases store them, or from RFC 3339.
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a moment")
            }
            fn visit_i64<E: serde::de::Error>(self, millis: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(millis))
            }
            fn visit_u64<E: serde::de::Error>(self, millis: u64) -> Result<Timestamp, E> {
                i64::try_from(millis).map(Timestamp).map_err(E::custom)
            }
            fn visit_f64<E: serde::de::Error>(self, millis: f64) -> Result<Timestamp, E> {
                #[expect(clippy::cast_possible_truncation, reason = "JavaScript has one kind of number")]
                Ok(Timestamp(millis as i64))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        from.deserialize_any(Visitor)
    }
}

impl FromStr for Timestamp {
    type Err = Invalid;

    /// Parses RFC 3339: a date, a time and an offset. Fractions of a millisecond are dropped.
    fn from_str(sent: &str) -> Result<Self, Invalid> {
        moment(sent.trim()).ok_or_else(|| {
            Invalid::new(format!(
                "expected a moment such as \"2026-05-21T00:00:00Z\", got \"{}\"{}",
                excerpt(sent),
                lost_plus(sent)
            ))
        })
    }
}

/// A moment from 0000-01-01T00:00:00Z to the end of 9999-12-31 UTC.
fn moment(text: &str) -> Option<Timestamp> {
    // Years have four digits; jiff also takes signed ones with six.
    let has_plain_year = text.bytes().take_while(u8::is_ascii_digit).count() >= 4;
    let pieces = Pieces::parse(text).ok().filter(|pieces| has_plain_year && pieces.time_zone_annotation().is_none())?;
    let offset = pieces.to_numeric_offset()?;
    let local = pieces.date().to_datetime(pieces.time()?);
    let utc =
        local.checked_sub(SignedDuration::from_secs(offset.seconds().into())).ok().filter(|utc| utc.year() >= 0)?;
    let since = utc.duration_since(EPOCH).as_nanos().div_euclid(1_000_000);
    i64::try_from(since).ok().map(Timestamp)
}

/// A hint for a moment whose `+` became a space, as a query's does unless it is encoded.
pub fn lost_plus(sent: &str) -> &'static str {
    let before_offset = sent.trim().rsplit_once(' ').filter(|(moment, offset)| {
        moment.contains([':', 'T', 't'])
            && !offset.is_empty()
            && offset.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    });
    before_offset.map_or("", |_| "; a + in a query must be sent as %2B")
}

impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
        })
    }
}

/// A timestamp in a request: RFC 3339 and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc_with_three_decimals() {
        assert_eq!(Timestamp::from_millis(1_779_321_600_000).to_string(), "2026-05-21T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_779_321_600_007).to_string(), "2026-05-21T00:00:00.007Z");
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn moments_reach_to_the_end_of_9999_whatever_their_offset() {
        for (sent, written) in [
            ("2026-05-21T02:00:00.0079+02:00", "2026-05-21T00:00:00.007Z"),
            ("2026-05-21t00:00:00z", "2026-05-21T00:00:00.000Z"),
            ("9999-12-30T22:00:01Z", "9999-12-30T22:00:01.000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z"),
            ("9999-12-31T23:59:59+14:00", "9999-12-31T09:59:59.000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(sent.parse::<Timestamp>().map(|moment| moment.to_string()), Ok(written.to_owned()), "{sent}");
        }
        for wrong in [
            "",
            "2026-05-21",
            "2026-05-21T00:00:00",
            "-009999-01-01T00:00:00Z",
            "+010000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-02-30T00:00:00Z",
            "2026-05-21T00:00:00Z[Europe/Berlin]",
            "now",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_plus_that_became_a_space_gets_a_hint() {
        let why = |sent: &str| sent.parse::<Timestamp>().unwrap_err().to_string();
        assert!(why("2026-05-21T00:00:00 02:00").ends_with("; a + in a query must be sent as %2B"));
        assert!(why("2026-05-21T00:00:00 0200").contains("%2B"));
        for other in ["yesterday", "2026-05-21 00:00:00", "21 May 2026", ""] {
            assert!(!why(other).contains("%2B"), "{other}");
        }
    }

    #[test]
    fn a_minute_begins_at_its_first_millisecond() {
        assert_eq!(Timestamp::from_millis(179_999).to_the_minute(), Timestamp::from_millis(120_000));
        assert_eq!(Timestamp::from_millis(120_000).to_the_minute(), Timestamp::from_millis(120_000));
    }
}
