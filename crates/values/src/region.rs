//! Time zones, currencies and countries, each checked against a real table.

use std::str::FromStr;

use schemars::json_schema;

use crate::countries;
use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// A zone of the IANA time zone database, in the database's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// The zone's name, such as `America/New_York`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TimeZone {
    pub fn rules(&self) -> jiff::tz::TimeZone {
        // Names are checked when they are parsed, so the fallback is never used.
        jiff::tz::TimeZoneDatabase::bundled().get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Whether it is UTC under one of its names.
    pub fn is_utc(&self) -> bool {
        matches!(
            self.0.as_str(),
            "UTC" | "Etc/UTC" | "Etc/UCT" | "UCT" | "Zulu" | "Etc/Zulu" | "Universal" | "Etc/Universal"
        )
    }
}

/// Entries of the database that are no zone: what a machine has before one is set.
const PLACEHOLDERS: [&str; 2] = ["Factory", "Etc/Unknown"];

impl FromStr for TimeZone {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        // Only the bundled database counts: a zone must not be valid on one machine only.
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(sent.trim()).ok();
        let name = zone.as_ref().and_then(jiff::tz::TimeZone::iana_name);
        match name.filter(|name| !PLACEHOLDERS.contains(name)) {
            Some(name) => Ok(Self(name.to_owned())),
            None => Err(Invalid::new(format!(
                "expected an IANA time zone such as \"America/New_York\" or \"UTC\", got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

text_value!(
    TimeZone,
    json_schema!({ "type": "string", "description": "IANA time zone", "examples": ["America/New_York"] })
);

/// An ISO 4217 currency, as its three-letter code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency of a new website.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    pub fn as_str(&self) -> &'static str {
        self.0.code()
    }

    /// The entry in the ISO 4217 table.
    pub const fn iso(self) -> iso_currency::Currency {
        self.0
    }

    /// The symbol written before an amount, such as `$`.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }

    /// The decimals of the major unit: 2 for dollars, 0 for yen.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// Converts minor units to major units, as clients see amounts (docs/contract/README.md#11).
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 minor units")]
    pub fn major_units(self, minor: i64) -> f64 {
        minor as f64 / f64::from(10_u32.pow(self.decimals()))
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let code = sent.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&code).map(Self).ok_or_else(|| {
            Invalid::new(format!("expected an ISO 4217 currency such as \"USD\" or \"EUR\", got \"{}\"", excerpt(sent)))
        })
    }
}

text_value!(
    Currency,
    json_schema!({ "type": "string", "description": "ISO 4217 currency", "pattern": r"^\s*[A-Za-z]{3}\s*$", "examples": ["USD"] })
);

/// A country as its two capital letters: of ISO 3166-1, or one of the codes that databases of IP addresses use beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country(String);

impl Country {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        match countries::of_code(sent.trim()) {
            Some(country) => Ok(Self(country.code.to_owned())),
            None => Err(Invalid::new(format!(
                "expected an ISO 3166-1 country code such as \"US\" or \"DE\", got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

text_value!(
    Country,
    json_schema!({ "type": "string", "description": "ISO 3166-1 alpha-2 country, or a code that databases of IP addresses use beside it, such as XK", "pattern": r"^\s*[A-Za-z]{2}\s*$", "examples": ["DE"] })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_iana_database() {
        for right in ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Etc/GMT+12"] {
            assert_eq!(right.parse::<TimeZone>().unwrap().as_str(), right);
        }
        assert_eq!("europe/berlin".parse::<TimeZone>().unwrap().as_str(), "Europe/Berlin");
        let placeholders = ["Factory", "factory", "Etc/Unknown"];
        for wrong in
            ["", "Mars/Olympus", "+02:00", "GMT+25", "America", "../etc/passwd"].into_iter().chain(placeholders)
        {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!("eur".parse::<Currency>().unwrap().as_str(), "EUR");
        for wrong in ["", "US", "DOLLAR", "QQQ"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn countries_are_those_of_iso_3166_and_of_geoip() {
        for (sent, code) in [("de", "DE"), ("XK", "XK"), (" eu ", "EU"), ("ap", "AP"), ("IC", "IC")] {
            assert_eq!(sent.parse::<Country>().unwrap().as_str(), code);
        }
        for wrong in ["", "ZZ", "XX", "T1", "A1", "DEU", "Germany", "QM"] {
            assert!(wrong.parse::<Country>().is_err(), "{wrong}");
        }
    }
}
