//! Values that mean something: ids, names, time zones, hosts. Text from outside becomes one of these at the
//! door or is refused there; inside, nothing pretends to be something by being a string.

mod address;
mod decimal;
pub mod display_names;
mod duration;
mod environment;
mod goal_name;
mod id;
mod limit;
mod place;
mod region;
mod text;
mod timestamp;
mod visitor;

pub use address::is_host_label;
pub use address::{Domain, Email, Hostname, IpRange, PathPattern};
pub use decimal::Decimal;
pub use duration::Duration;
pub use environment::Environment;
pub use goal_name::{GoalName, SpelledGoalName};
pub use id::{
    AccountId, AlertId, DeliveryId, FunnelId, Id, InvitationId, TokenId, WebhookId, WebsiteId, WebsiteKeyId, kinds,
};
pub use limit::{Limit, Offset};
pub use place::Place;
pub use region::{Country, Currency, TimeZone};
pub use text::{Name, Text, Verbatim, slug};
pub use timestamp::{Moment, Timestamp};
pub use visitor::{EventId, SessionId, VisitorId};

/// Why a text is not the value it should be; said in words that fit after the field's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// An explanation of what would be right.
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}

/// Bytes as hexadecimal digits, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |hex, byte| format!("{hex}{byte:02x}"))
}

/// At most 40 characters of what was sent, for an error message.
pub fn excerpt(sent: &str) -> String {
    const LONGEST: usize = 40;
    match sent.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", sent.get(..end).unwrap_or_default()),
        None => sent.to_owned(),
    }
}

/// Makes a string newtype of this module readable and writable as JSON, bindable to SQL, and known to the
/// OpenAPI document. The type brings `FromStr` (the rule) and `as_str`.
#[macro_export]
macro_rules! text_value {
    ($type:ident, $schema:expr) => {
        impl TryFrom<String> for $type {
            type Error = $crate::Invalid;
            fn try_from(sent: String) -> Result<Self, Self::Error> {
                sent.parse()
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let sent = <String as serde::Deserialize>::deserialize(from)?;
                sent.parse().map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str(self.as_str())
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $schema
            }
        }
    };
}
