//! The OpenAPI document, derived from the table of routes and the types of its handlers.

use schemars::Schema;
use serde_json::Value;

/// One operation while its parts describe themselves.
#[derive(Debug, Default)]
pub struct Operation {
    path_parameter: Option<Value>,
    query: Vec<Value>,
    body: Option<Value>,
    answer: Option<(String, Value)>,
}

impl Operation {
    /// The path's parameter.
    pub fn path_parameter(&mut self, schema: Schema) {
        self.path_parameter = Some(schema.to_value());
    }
    /// The query's parameters.
    pub fn query_parameters(&mut self, schema: &Schema) {
        self.query.push(schema.clone().to_value());
    }
    /// The body.
    pub fn body(&mut self, schema: Schema, _one: bool) {
        self.body = Some(schema.to_value());
    }
    /// The answer.
    pub fn answer(&mut self, content_type: &str, schema: Schema) {
        self.answer = Some((content_type.to_owned(), schema.to_value()));
    }
}
