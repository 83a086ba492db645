//! Ids that browsers and backends send: of visitors, sessions and events.

use std::fmt;
use std::str::FromStr;

use schemars::json_schema;

use crate::id::Id;
use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// A visitor's id: a UUID, as the tracking script generates it (docs/contract/website-api.md#4.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitorId(uuid::Uuid);

impl VisitorId {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// Makes a UUID v4 of these random bytes.
    pub fn of_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl FromStr for VisitorId {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        match uuid::Uuid::try_parse(text) {
            Ok(id) if text.len() == 36 && id.get_version_num() == 4 => Ok(Self(id)),
            _ => Err(Invalid::new(format!(
                "a visitor's id is a UUID v4 such as \"b971cbbf-7ce2-4925-902b-8f95a5fb3449\", got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

impl fmt::Display for VisitorId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl fmt::Debug for VisitorId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl serde::Serialize for VisitorId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for VisitorId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for VisitorId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "VisitorId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        json_schema!({
            "type": "string",
            "format": "uuid",
            "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
        })
    }
}

macro_rules! printable_id {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $type(String);

        impl $type {
            /// The longest id, in characters.
            pub const LONGEST: usize = 128;

            /// The id as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(sent: &str) -> Result<Self, Invalid> {
                let fits = (1..=Self::LONGEST).contains(&sent.chars().count());
                if fits && !sent.chars().any(char::is_control) {
                    Ok(Self(sent.to_owned()))
                } else {
                    Err(Invalid::new(format!(
                        concat!($what, " has 1 to {} characters, got \"{}\""),
                        Self::LONGEST,
                        excerpt(sent)
                    )))
                }
            }
        }

        text_value!($type, json_schema!({ "type": "string", "minLength": 1, "maxLength": $type::LONGEST, "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$" }));
    };
}

printable_id!(
    /// The id that the browser gives a visit.
    SessionId,
    "a session's id"
);
printable_id!(
    /// An event's id: an event that is sent again with the same id is stored once.
    EventId,
    "an event's id"
);

impl<Kind> From<Id<Kind>> for EventId {
    fn from(id: Id<Kind>) -> Self {
        Self(id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_uuids_of_version_4() {
        let id = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
        assert_eq!(id.parse::<VisitorId>().unwrap().to_string(), id);
        assert_eq!(id.to_uppercase().parse::<VisitorId>().unwrap().to_string(), id);
        for wrong in ["", "b971cbbf7ce24925902b8f95a5fb3449", "b971cbbf-7ce2-1925-902b-8f95a5fb3449", "visitor"] {
            assert!(wrong.parse::<VisitorId>().is_err(), "{wrong}");
        }
        let made = VisitorId::of_random([0xff; 16]).to_string();
        assert_eq!(made.parse::<VisitorId>().unwrap().to_string(), made);
    }
}
