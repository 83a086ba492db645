//! Columns whose types SQLite lacks.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error::PlatformError;

/// The JSON of a `T` that is shown as it is stored. It is parsed only where its parts are needed, which a list does not.
#[derive(Debug)]
pub struct Json<T> {
    text: Box<RawValue>,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Json<T> {
    pub fn parse(&self) -> Result<T, PlatformError> {
        serde_json::from_str(self.text.get()).map_err(|error| PlatformError::new(format!("stored JSON: {error}")))
    }
}

impl<T> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

/// From the text of a column.
impl<'de, T> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = RawValue::from_string(String::deserialize(from)?).map_err(D::Error::custom)?;
        Ok(Self { text, of: PhantomData })
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Json<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// A boolean as 0 or 1, for `#[serde(deserialize_with)]`.
pub fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    i64::deserialize(from).map(|number| number != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_json_is_shown_as_it_is_and_refused_if_it_is_none() {
        let column: Json<Vec<u8>> = serde_json::from_str(r#""[1, 2.50]""#).unwrap();
        assert_eq!(serde_json::to_string(&column).unwrap(), "[1, 2.50]");
        assert!(column.parse().is_err(), "of another type");
        assert!(serde_json::from_str::<Json<Vec<u8>>>(r#""[1,""#).is_err());
    }
}
