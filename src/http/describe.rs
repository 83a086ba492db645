//! What the types of requests and answers say about themselves in the OpenAPI document. Native only.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Two schema generators: a type that is read can differ from the same type written (what has a default may be left
/// out when read, but is always written).
pub struct Generators {
    /// For what comes in.
    pub input: SchemaGenerator,
    /// For what goes out.
    pub output: SchemaGenerator,
}

impl Default for Generators {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self { input: settings().into_generator(), output: settings().for_serialize().into_generator() }
    }
}

/// One operation while its parts describe themselves.
#[derive(Debug, Default)]
pub struct Operation {
    pub path_parameters: Vec<Value>,
    pub query: Vec<(String, Value, bool)>,
    pub body: Option<Value>,
    pub needs_a_change: bool,
    /// The fields that the parser of the body reads.
    pub body_fields: Vec<&'static str>,
    pub upload: Option<&'static str>,
    pub answer: Option<(&'static str, Value)>,
}

impl Operation {
    /// The path's parameter, beside the website.
    pub fn path_parameter(&mut self, schema: Schema) {
        self.path_parameters.push(schema.to_value());
    }

    /// The query's parameters, as the properties of `schema`.
    pub fn query_parameters(&mut self, schema: &Schema) {
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let is_required = required.iter().any(|required| required == name);
            self.query.push((name.clone(), without_null(property.clone()), is_required));
        }
    }

    /// One query parameter that may be left out.
    pub fn query_parameter(&mut self, name: &str, schema: Schema) {
        self.query.push((name.to_owned(), schema.to_value(), false));
    }

    /// The JSON body; for a partial update at least one of its fields has to be there.
    pub fn body(&mut self, schema: Schema, fields: Vec<&'static str>, needs_a_change: bool) {
        self.body = Some(schema.to_value());
        self.body_fields = fields;
        self.needs_a_change = needs_a_change;
    }

    /// A body of any length, which is no JSON as a whole.
    pub fn upload(&mut self, content_type: &'static str) {
        self.upload = Some(content_type);
    }

    /// The answer of status 200.
    pub fn answer(&mut self, content_type: &'static str, schema: Option<Schema>) {
        self.answer = schema.map(|schema| (content_type, closed(schema.to_value(), false)));
    }
}

pub fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// A query parameter that may be left out cannot be null.
pub fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema.get("type").and_then(Value::as_array) {
        let rest: Vec<Value> = types.iter().filter(|name| *name != "null").cloned().collect();
        if let [only] = rest.as_slice() {
            let only = only.clone();
            set(&mut schema, "type", only);
        }
    }
    schema
}

/// Closes the objects of an answer: a field that is not in the document must not be in an answer. Members of a
/// combination are left open; the object around them is closed.
pub fn closed(mut schema: Value, member: bool) -> Value {
    let Some(object) = schema.as_object_mut() else {
        return schema;
    };
    let combinations = ["allOf", "anyOf", "oneOf"];
    let combines = combinations.iter().any(|name| object.contains_key(*name));
    for (key, value) in object.iter_mut() {
        let old = value.take();
        *value = match (key.as_str(), old) {
            ("properties" | "$defs", Value::Object(properties)) => properties
                .into_iter()
                .map(|(name, property)| (name, closed(property, false)))
                .collect::<Map<_, _>>()
                .into(),
            ("items", items) => closed(items, false),
            (name, Value::Array(members)) if combinations.contains(&name) => {
                members.into_iter().map(|one| closed(one, true)).collect()
            }
            (_, other) => other,
        };
    }
    if object.contains_key("properties") && !member {
        let keyword = if combines { "unevaluatedProperties" } else { "additionalProperties" };
        object.entry(keyword).or_insert(Value::Bool(false));
    }
    schema
}
