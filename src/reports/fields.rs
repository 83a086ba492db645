//! The `fields` parameter: the columns of the response (docs/contract/website-api.md#1.7).

use std::borrow::Cow;

use serde::Deserialize;

use sluice_values::{Invalid, excerpt};

pub trait Columns {
    /// The names of the columns, in the order of the documentation.
    const NAMES: &'static [&'static str];
}

/// Columns by name, each once, in the order of the query.
#[derive(Debug, Clone)]
pub struct Fields<C> {
    names: Vec<&'static str>,
    columns: std::marker::PhantomData<C>,
}

impl<C: Columns> Fields<C> {
    /// Whether a column was asked for.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// The value, if its column was asked for.
    pub fn pick<T>(&self, name: &str, value: T) -> Option<T> {
        self.has(name).then_some(value)
    }

    /// The names, in the order of the query.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: &'static str) -> Self {
        if !self.has(name) {
            self.names.push(name);
        }
        self
    }
}

impl<C: Columns> Default for Fields<C> {
    fn default() -> Self {
        Self { names: C::NAMES.to_vec(), columns: std::marker::PhantomData }
    }
}

impl<C: Columns> std::str::FromStr for Fields<C> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let mut names = Vec::new();
        for name in sent.split(',').map(str::trim) {
            let Some(known) = C::NAMES.iter().find(|known| **known == name) else {
                return Err(Invalid::new(format!(
                    "no field \"{}\" here; there are {}",
                    excerpt(name),
                    C::NAMES.join(", ")
                )));
            };
            if !names.contains(known) {
                names.push(*known);
            }
        }
        Ok(Self { names, columns: std::marker::PhantomData })
    }
}

impl<'de, C: Columns> Deserialize<'de> for Fields<C> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<C: Columns> schemars::JsonSchema for Fields<C> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Fields".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": format!("Columns to answer, separated by commas: {}.", C::NAMES.join(", ")),
            "pattern": format!("^({0})(,({0}))*$", C::NAMES.join("|")),
            "examples": [C::NAMES.join(",")]
        })
    }
}
