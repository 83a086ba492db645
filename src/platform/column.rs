//! Deserializers of columns whose types SQLite lacks, for `#[serde(deserialize_with)]`.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// JSON as text.
pub fn json<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// A boolean as 0 or 1.
pub fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    i64::deserialize(from).map(|number| number != 0)
}
