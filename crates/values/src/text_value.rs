//! What all string newtypes have in common.

/// Implements JSON, `Display` and the OpenAPI schema for a string newtype. The type provides `FromStr`, which is the
/// rule, and `as_str`.
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
