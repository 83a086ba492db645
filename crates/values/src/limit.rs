//! Paging: how many rows a list returns, and from where.

use std::str::FromStr;

use crate::invalid::{Invalid, excerpt};

/// The `limit` parameter: a value above `MAX` means `MAX`, a missing one `DEFAULT` (docs/contract/README.md#23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit<const DEFAULT: u32, const MAX: u32>(u32);

impl<const DEFAULT: u32, const MAX: u32> Limit<DEFAULT, MAX> {
    /// From 1 to `MAX`.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const DEFAULT: u32, const MAX: u32> Default for Limit<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MAX: u32> FromStr for Limit<DEFAULT, MAX> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let digits = sent.trim().trim_start_matches('0');
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::new(format!("expected a whole number from 1 to {MAX}, got \"{}\"", excerpt(sent))));
        }
        // Digits that do not fit the number type exceed any maximum.
        Ok(Self(digits.parse().map_or(MAX, |number: u32| number.min(MAX))))
    }
}

impl<'de, const DEFAULT: u32, const MAX: u32> serde::Deserialize<'de> for Limit<DEFAULT, MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl<const DEFAULT: u32, const MAX: u32> schemars::JsonSchema for Limit<DEFAULT, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "integer",
            "minimum": 1,
            "default": DEFAULT,
            "description": format!("More than {MAX} means {MAX}.")
        })
    }
}

/// The `offset` parameter: how many rows a list skips, up to `MAX`. What is skipped is read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offset<const MAX: u32 = 100_000>(u32);

impl<const MAX: u32> Offset<MAX> {
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MAX: u32> FromStr for Offset<MAX> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let digits = sent.trim();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::new(format!("expected a whole number from 0 on, got \"{}\"", excerpt(sent))));
        }
        match digits.parse() {
            Ok(offset) if offset <= MAX => Ok(Self(offset)),
            _ => {
                let sent = excerpt(digits);
                Err(Invalid::new(format!("at most {MAX}, got {sent}; narrow the range or the filters")))
            }
        }
    }
}

impl<'de, const MAX: u32> serde::Deserialize<'de> for Offset<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl<const MAX: u32> schemars::JsonSchema for Offset<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Offset".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": MAX, "default": 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Of100 = Limit<50, 100>;

    #[test]
    fn an_offset_is_at_most_100_000() {
        for (sent, meant) in [("0", 0), (" 7 ", 7), ("100000", 100_000)] {
            assert_eq!(sent.parse::<Offset>().unwrap().get(), meant);
        }
        for wrong in ["100001", "4294967295", "99999999999999999999", "-1", "", "1e3"] {
            assert!(wrong.parse::<Offset>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_are_clamped_above_and_refused_below() {
        for (sent, meant) in [("1", 1), ("007", 7), ("100", 100), ("101", 100), ("99999999999999999999", 100)] {
            assert_eq!(sent.parse::<Of100>().unwrap().get(), meant);
        }
        for wrong in ["", "0", "000", "-1", "+1", "1.5", "ten", "1e3"] {
            assert!(wrong.parse::<Of100>().is_err(), "{wrong}");
        }
        assert_eq!(Of100::default().get(), 50);
    }
}
