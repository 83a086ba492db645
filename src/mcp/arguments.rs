//! A tool's arguments: whether they are what its schema says, and the request that they become. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::tools::{ROWS, Tool};
use crate::http::agent::{Inner, Operation};
use crate::http::error::Error;
use crate::http::route::WEBSITE_PARAMETER;
use sluice_values::excerpt;

/// The argument that names the website.
pub const WEBSITE: &str = WEBSITE_PARAMETER;
/// The argument that says that a preview is not wanted.
pub const CONFIRM: &str = "confirm";
/// The argument that is sent on as the header `Idempotency-Key`.
pub const KEY: &str = "idempotencyKey";
/// The argument that names a range.
pub const PERIOD: &str = "period";
/// The argument with filters, by their names without this prefix.
pub const FILTERS: &str = "filters";
pub const FILTER_PREFIX: &str = "filter_";
/// The argument that chooses a breakdown's operation.
pub const DIMENSION: &str = "dimension";

/// The tools as they are listed, generated from the table and the document by `cargo run --example openapi`.
const LISTED: &str = include_str!(concat!(env!("OUT_DIR"), "/tools.min.json"));

/// A tool as it is listed.
pub struct Listed {
    pub name: String,
    /// The whole object, as it is sent.
    pub json: Box<RawValue>,
    pub schema: InputSchema,
}

/// The part of a tool's schema that is checked here. Everything below is the operation's to check.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct InputSchema {
    pub properties: BTreeMap<String, Property>,
    pub required: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Property {
    r#type: Option<Types>,
    r#enum: Option<Vec<Value>>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    items: Option<Box<Property>>,
    property_names: Option<Box<Property>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Types {
    One(String),
    Several(Vec<String>),
}

impl Types {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

thread_local! {
    // Leaked on purpose: it lives as long as its instance.
    static TOOLS: &'static [Listed] = Box::leak(listed().into_boxed_slice());
}

/// The tools as they are listed, in their order.
pub fn all() -> &'static [Listed] {
    TOOLS.with(|tools| *tools)
}

fn listed() -> Vec<Listed> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Read {
        name: String,
        input_schema: InputSchema,
    }
    // The text is our own; a test reads it.
    let tools: Vec<Box<RawValue>> = serde_json::from_str(LISTED).unwrap_or_default();
    let read = tools.into_iter().filter_map(|json| {
        let Read { name, input_schema } = serde_json::from_str(json.get()).ok()?;
        Some(Listed { name, json, schema: input_schema })
    });
    read.collect()
}

impl InputSchema {
    /// Whether the arguments are what the schema says; the error names the argument.
    pub fn check(&self, arguments: &Map<String, Value>) -> Result<(), Error> {
        for (name, value) in arguments {
            let Some(property) = self.properties.get(name) else {
                let known: Vec<&str> = self.properties.keys().map(String::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Error::bad_request(format!("{}: no such argument; there are: {known}", excerpt(name))));
            };
            property.check(name, value)?;
        }
        match self.required.iter().find(|name| !arguments.contains_key(*name)) {
            Some(missing) => Err(Error::bad_request(format!("{missing}: required, but missing"))),
            None => Ok(()),
        }
    }
}

impl Property {
    fn check(&self, name: &str, value: &Value) -> Result<(), Error> {
        let wrong = |expected: &str| {
            let got = excerpt(&value.to_string());
            Err(Error::bad_request(format!("{name}: expected {expected}, got {got}")))
        };
        if let Some(types) = &self.r#type {
            let names = types.names();
            if !names.iter().any(|name| is_of(name, value)) {
                return wrong(&names.join(" or "));
            }
        }
        if let Some(values) = &self.r#enum
            && !values.contains(value)
        {
            let values: Vec<String> = values.iter().map(Value::to_string).collect();
            return wrong(&format!("one of {}", values.join(", ")));
        }
        if let Some(number) = value.as_f64() {
            if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
                return wrong(&format!("at least {minimum}"));
            }
            if let Some(maximum) = self.maximum.filter(|maximum| number > *maximum) {
                return wrong(&format!("at most {maximum}"));
            }
        }
        if let (Some(items), Value::Array(entries)) = (&self.items, value) {
            entries.iter().enumerate().try_for_each(|(at, entry)| items.check(&format!("{name}[{at}]"), entry))?;
        }
        if let (Some(names), Value::Object(fields)) = (&self.property_names, value) {
            fields.keys().try_for_each(|key| names.check(name, &Value::String(key.clone())))?;
        }
        Ok(())
    }
}

/// Whether a value is of a type of JSON Schema.
fn is_of(r#type: &str, value: &Value) -> bool {
    match r#type {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

/// The text of an argument that must be one.
pub fn take_text(arguments: &mut Map<String, Value>, name: &str) -> Option<String> {
    match arguments.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The request to an operation that the arguments become, once those that are the tools' own are taken out.
pub fn request(tool: &Tool, operation: &Operation, schema: &InputSchema, mut arguments: Map<String, Value>) -> Inner {
    let mut inner = Inner::default();
    for name in operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        if let Some(value) = take_text(&mut arguments, name) {
            inner.path.push((name.to_owned(), value));
        }
    }
    if operation.reads_body {
        let fields: Map<String, Value> =
            arguments.into_iter().map(|(name, value)| (tool.renamed(&name).to_owned(), value)).collect();
        inner.body = Value::Object(fields).to_string().into_bytes();
        return inner;
    }
    if let Some(Value::Object(filters)) = arguments.remove(FILTERS) {
        let filters = filters.iter().filter_map(|(name, value)| Some((format!("{FILTER_PREFIX}{name}"), text(value)?)));
        inner.query.extend(filters);
    }
    for (name, value) in tool.defaults {
        arguments.entry(*name).or_insert_with(|| (*value).into());
    }
    if schema.properties.contains_key("limit") && tool.defaults.is_empty() {
        arguments.entry("limit").or_insert_with(|| ROWS.into());
    }
    inner
        .query
        .extend(arguments.iter().filter_map(|(name, value)| Some((tool.renamed(name).to_owned(), text(value)?))));
    inner
}

/// A value as a query writes it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => Some(values.iter().filter_map(text).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::tools::{PREFIX, TOOLS};
    use serde_json::json;

    #[test]
    fn the_list_that_is_sent_is_of_the_table() {
        let listed: Vec<&str> = all().iter().map(|listed| listed.name.as_str()).collect();
        assert_eq!(listed, TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>());
        assert!(TOOLS.iter().all(|tool| tool.name.starts_with(PREFIX)));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let schema: InputSchema = serde_json::from_value(json!({
            "properties": {
                "limit": { "type": "integer", "minimum": 1, "maximum": 250 },
                "name": { "type": ["string", "null"] },
                "fields": { "type": "array", "items": { "enum": ["a", "b"] } },
                "filters": { "type": "object", "propertyNames": { "enum": ["country"] } },
            },
            "required": ["name"],
        }))
        .unwrap();
        let check = |arguments: Value| {
            let arguments = arguments.as_object().unwrap().clone();
            schema.check(&arguments).map_err(|error| match error {
                Error::Refused { message, .. } => message,
                other => panic!("{other:?}"),
            })
        };
        for right in [
            json!({ "name": null, "limit": 250, "fields": ["a", "b"], "filters": { "country": "FR" } }),
            json!({ "name": "x", "limit": 5.0, "fields": [] }),
        ] {
            assert_eq!(check(right), Ok(()));
        }
        for (wrong, said) in [
            (json!({}), "name: required, but missing"),
            (json!({ "name": "x", "zebra": 1 }), "zebra: no such argument; there are: fields, filters, limit, name"),
            (json!({ "name": 1 }), "name: expected string or null, got 1"),
            (json!({ "name": "x", "limit": 0 }), "limit: expected at least 1, got 0"),
            (json!({ "name": "x", "limit": 251 }), "limit: expected at most 250, got 251"),
            (json!({ "name": "x", "limit": 1.5 }), "limit: expected integer, got 1.5"),
            (json!({ "name": "x", "fields": ["a", "c"] }), "fields[1]: expected one of \"a\", \"b\", got \"c\""),
            (
                json!({ "name": "x", "filters": { "planet": "Mars" } }),
                "filters: expected one of \"country\", got \"planet\"",
            ),
        ] {
            assert_eq!(check(wrong), Err(said.to_owned()));
        }
    }
}
