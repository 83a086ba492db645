//! How the types of requests and answers describe themselves in the OpenAPI document. Native only.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Two schema generators: a type can have different schemas for reading and writing (a field with a default may be left
/// out when read, but is always written).
pub struct Generators {
    /// For requests.
    pub input: SchemaGenerator,
    /// For responses.
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

/// One operation, to which its parts add their descriptions.
#[derive(Debug, Default)]
pub struct Operation {
    pub path_parameters: Vec<Value>,
    pub query: Vec<(String, Value, bool)>,
    pub body: Option<Value>,
    pub needs_a_change: bool,
    /// The fields that the body's parser reads.
    pub body_fields: Vec<&'static str>,
    pub upload: Option<&'static str>,
    pub answer: Option<(&'static str, Value)>,
    /// The statuses that it has.
    pub statuses: &'static [u16],
    /// Further media types of the response.
    pub other_answers: Vec<(&'static str, Value)>,
}

impl Operation {
    /// The path parameter other than the website.
    pub fn path_parameter(&mut self, schema: Schema) {
        self.path_parameters.push(schema.to_value());
    }

    /// The query parameters, given as the properties of `schema`.
    pub fn query_parameters(&mut self, schema: &Schema) {
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let is_required = required.iter().any(|required| required == name);
            self.query.push((name.clone(), without_null(property.clone()), is_required));
        }
    }

    /// One optional query parameter.
    pub fn query_parameter(&mut self, name: &str, schema: Schema) {
        self.query.push((name.to_owned(), schema.to_value(), false));
    }

    /// The JSON body; a partial update requires at least one of its fields.
    pub fn body(&mut self, schema: Schema, fields: Vec<&'static str>, needs_a_change: bool) {
        self.body = Some(schema.to_value());
        self.body_fields = fields;
        self.needs_a_change = needs_a_change;
    }

    /// A body of any length that is not one JSON value.
    pub fn upload(&mut self, content_type: &'static str) {
        self.upload = Some(content_type);
    }

    /// The response of a success.
    pub fn answer(&mut self, statuses: &'static [u16], content_type: &'static str, schema: Option<Schema>) {
        self.statuses = statuses;
        self.answer = schema.map(|schema| (content_type, closed(schema.to_value(), false)));
    }

    /// Further media types of the response of a success.
    pub fn other_answers(&mut self, others: Vec<(&'static str, Schema)>) {
        self.other_answers.extend(others.into_iter().map(|(content_type, schema)| (content_type, schema.to_value())));
    }
}

pub fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// An optional query parameter cannot be null.
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

/// Closes the objects of a response: it may not have fields that the document does not list. Members of a combination
/// stay open; the object around them is closed.
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
