//! Lists of settings, which have a limit.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Entries of a list in settings at most.
const LONGEST: usize = 500;

/// A list of at most 500 entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(Vec<T>);

impl<T> List<T> {
    /// The entries.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let entries = Vec::deserialize(from)?;
        match entries.len() {
            0..=LONGEST => Ok(Self(entries)),
            count => Err(D::Error::custom(format!("at most {LONGEST} entries, got {count}"))),
        }
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let items = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "array", "items": items, "maxItems": LONGEST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_at_most_500_entries() {
        let of = |count| serde_json::from_value::<List<u32>>(vec![1; count].into()).map_err(|error| error.to_string());
        assert_eq!(of(500).unwrap().as_slice().len(), 500);
        assert_eq!(of(501).unwrap_err(), "at most 500 entries, got 501");
    }
}
