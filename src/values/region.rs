//! Time zones, currencies and countries, each checked against a real table.

use std::str::FromStr;

use schemars::json_schema;

use super::{Invalid, excerpt, text_value};

/// A zone of the IANA time zone database, spelled as the database spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// The zone's name, such as `America/New_York`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TimeZone {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        // The bundled database alone decides: a zone must not be valid on one machine only.
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(sent.trim()).ok();
        match zone.as_ref().and_then(jiff::tz::TimeZone::iana_name) {
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

/// A currency of ISO 4217, as its three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency of a new website.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// The three-letter code.
    pub fn as_str(&self) -> &'static str {
        self.0.code()
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

/// A country of ISO 3166-1, as its two capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country(String);

impl Country {
    /// The two-letter code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let code = sent.trim().to_ascii_uppercase();
        match rust_iso3166::from_alpha2(&code) {
            Some(country) => Ok(Self(country.alpha2.to_owned())),
            None => Err(Invalid::new(format!(
                "expected an ISO 3166-1 country code such as \"US\" or \"DE\", got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

text_value!(
    Country,
    json_schema!({ "type": "string", "description": "ISO 3166-1 alpha-2 country", "pattern": r"^\s*[A-Za-z]{2}\s*$", "examples": ["DE"] })
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
        for wrong in ["", "Mars/Olympus", "+02:00", "GMT+25", "America", "../etc/passwd"] {
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
    fn countries_are_those_of_iso_3166() {
        assert_eq!("de".parse::<Country>().unwrap().as_str(), "DE");
        for wrong in ["", "ZZ", "DEU", "Germany"] {
            assert!(wrong.parse::<Country>().is_err(), "{wrong}");
        }
    }
}
