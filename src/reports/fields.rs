//! The `fields` parameter: the columns of the response (docs/contract/website-api.md#1.7).

use std::borrow::Cow;

use serde::Deserialize;

use sluice_values::{Invalid, excerpt};

pub trait Columns {
    /// The names of the columns, in the order of the documentation.
    const NAMES: &'static [&'static str];
    /// Columns that are answered only where they are named (docs/analytics.md).
    const BY_NAME: &'static [&'static str] = &[];
}

/// Every column that can be named.
fn all<C: Columns>() -> impl Iterator<Item = &'static &'static str> {
    C::NAMES.iter().chain(C::BY_NAME)
}

fn listed<C: Columns>(separator: &str) -> String {
    all::<C>().copied().collect::<Vec<_>>().join(separator)
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
            let Some(known) = all::<C>().find(|known| **known == name) else {
                return Err(Invalid::new(format!(
                    "no field \"{}\" here; there are {}",
                    excerpt(name),
                    listed::<C>(", ")
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
        let (what, more) = match (C::NAMES, C::BY_NAME) {
            ([], _) => ("Further columns", String::new()),
            (_, []) => ("Columns to answer", String::new()),
            (_, by_name) => ("Columns to answer", format!(" Without `fields`, all but {}.", by_name.join(", "))),
        };
        schemars::json_schema!({
            "type": "string",
            "description": format!("{what}, separated by commas: {}.{more}", listed::<C>(", ")),
            "pattern": format!("^({0})(,({0}))*$", listed::<C>("|")),
            "examples": [if C::NAMES.is_empty() { listed::<C>(",") } else { C::NAMES.join(",") }]
        })
    }
}
