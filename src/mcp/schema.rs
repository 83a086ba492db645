//! The tools as they are listed, made from their table and the OpenAPI document, so that a tool's arguments and answer are those of
//! its route. Native only.

#![expect(clippy::indexing_slicing, reason = "a field that a JSON value does not have is null")]

use serde_json::{Map, Value, json};

use super::arguments::{CONFIRM, DIMENSION, FILTER_PREFIX, FILTERS, KEY, PERIOD, WEBSITE};
use super::tools::{BREAKDOWN, Confirm, DIMENSIONS, Effect, ROWS, TOOLS, Tool};
use crate::http::idempotency;
use crate::reports::period::Period;

/// All tools, in their order.
pub fn listed(document: &Value) -> Result<Value, String> {
    let tools: Result<Vec<Value>, String> = TOOLS.iter().map(|tool| Schemas { document }.tool(tool)).collect();
    tools.map(Value::Array)
}

/// Where the table of a page begins and ends.
const MARKS: (&str, &str) = ("<!-- tools -->\n", "<!-- /tools -->");

/// The page with the table of the tools as it is now.
pub fn page(page: &str, document: &Value) -> Result<String, String> {
    let (before, rest) = page.split_once(MARKS.0).ok_or("the page has no place for the tools")?;
    let (_, after) = rest.split_once(MARKS.1).ok_or("the page has no end of the tools")?;
    let schemas = Schemas { document };
    let mut table = "| tool | what it does | permission | |\n| --- | --- | --- | --- |\n".to_owned();
    for tool in TOOLS {
        let permissions = &schemas.operation(tool.operation)?["x-access"]["permissions"];
        let wants: Vec<String> = permissions
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|one| format!("`{one}`"))
            .collect();
        let effect = match (tool.effect, tool.confirm) {
            (Effect::Reads, _) => "reads",
            (_, Confirm::Never) => "writes",
            (_, Confirm::Always) => "`confirm`",
            (_, Confirm::Fields(_)) => "`confirm` for some fields",
        };
        table.push_str(&format!("| `{}` | {} | {} | {effect} |\n", tool.name, tool.title, wants.join(" or ")));
    }
    Ok(format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1))
}

struct Schemas<'a> {
    document: &'a Value,
}

impl Schemas<'_> {
    fn tool(&self, tool: &Tool) -> Result<Value, String> {
        let operation = self.operation(tool.operation)?;
        let (properties, mut required) = self.arguments(tool, operation);
        required.extend(tool.requires.iter().map(|name| (*name).to_owned()));
        if let Some(name) = required.iter().find(|name| !properties.contains_key(*name)) {
            return Err(format!("{}: {name} is required, but no argument", tool.name));
        }
        let mut input = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            input["required"] = json!(required);
        }
        let is_idempotent = matches!(tool.effect, Effect::Reads | Effect::Sets | Effect::Removes);
        Ok(json!({
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": input,
            "outputSchema": self.output(tool, operation),
            "annotations": {
                "readOnlyHint": tool.effect == Effect::Reads,
                "destructiveHint": matches!(tool.effect, Effect::Destroys | Effect::Removes),
                "idempotentHint": is_idempotent,
                "openWorldHint": tool.reaches_out,
            },
        }))
    }

    fn operation(&self, id: &str) -> Result<&Value, String> {
        let paths = self.document["paths"].as_object().into_iter().flat_map(Map::values);
        let mut operations = paths.flat_map(|methods| methods.as_object().into_iter().flat_map(Map::values));
        operations.find(|operation| operation["operationId"] == id).ok_or_else(|| format!("no operation {id}"))
    }

    /// What a `$ref` refers to.
    fn meant<'b>(&'b self, value: &'b Value) -> &'b Value {
        match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or(value),
            None => value,
        }
    }

    fn arguments(&self, tool: &Tool, operation: &Value) -> (Map<String, Value>, Vec<String>) {
        let (mut properties, mut required, mut filters) = (Map::new(), Vec::new(), Vec::new());
        let own = |name: &str| {
            tool.renames.iter().find(|(_, theirs)| *theirs == name).map_or(name, |(own, _)| *own).to_owned()
        };
        if !operation["x-access"]["role"].is_null() {
            let description = "Id or domain.";
            properties.insert(WEBSITE.to_owned(), json!({ "type": "string", "description": description }));
        }
        if tool.name == BREAKDOWN {
            let dimensions: Vec<&str> = DIMENSIONS.iter().map(|(name, _)| *name).collect();
            properties.insert(DIMENSION.to_owned(), json!({ "type": "string", "enum": dimensions }));
            required.push(DIMENSION.to_owned());
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten().map(|parameter| self.meant(parameter))
        {
            let Some(name) = parameter["name"].as_str() else { continue };
            let is_header = parameter["in"] == "header";
            if name == WEBSITE || tool.without.contains(&name) || is_header && name != idempotency::HEADER {
                continue;
            }
            if let Some(filter) = name.strip_prefix(FILTER_PREFIX) {
                filters.push(filter);
                continue;
            }
            let schema = &parameter["schema"];
            let described = match name {
                idempotency::HEADER if tool.without.contains(&KEY) => continue,
                idempotency::HEADER => {
                    let text = "The same key makes nothing twice.";
                    properties.insert(KEY.to_owned(), json!({ "type": "string", "description": text }));
                    continue;
                }
                "limit" => {
                    let default = if tool.defaults.is_empty() { json!(ROWS) } else { schema["default"].clone() };
                    json!({ "type": "integer", "minimum": 1, "maximum": tool.most_rows, "default": default })
                }
                "offset" => json!({ "type": "integer", "minimum": 0 }),
                "fields" if tool.name == BREAKDOWN => {
                    json!({ "type": "array", "items": { "type": "string" }, "description": "Columns, such as visitors and revenue." })
                }
                "fields" => fields(schema),
                "startAt" => json!({ "type": "string", "description": "First day or moment (ISO 8601); with endAt." }),
                "endAt" => json!({ "type": "string", "description": "Last day or moment, included." }),
                "timezone" => json!({ "type": "string", "description": "IANA zone; the website's if left out." }),
                _ => self.slim(schema, Depth::Argument),
            };
            if name == "startAt" {
                let periods: Vec<&str> = Period::names().collect();
                properties.insert(PERIOD.to_owned(), json!({ "enum": periods }));
            }
            if parameter["required"] == true {
                required.push(own(name));
            }
            properties.insert(own(name), described);
        }
        if !filters.is_empty() {
            let description =
                "Values by dimension; several by commas; before them is:, is_not:, contains: or does_not_contain:";
            let names = json!({ "enum": filters });
            let values = json!({ "type": "string" });
            let schema = json!({ "type": "object", "propertyNames": names, "additionalProperties": values, "description": description });
            properties.insert(FILTERS.to_owned(), schema);
        }
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body = self.meant(if body["allOf"].is_array() { &body["allOf"][0] } else { body });
        for (name, schema) in body["properties"].as_object().into_iter().flatten() {
            if !tool.without.contains(&name.as_str()) {
                properties.insert(
                    own(name),
                    self.slim(schema, if tool.effect == Effect::Sets { Depth::Changed } else { Depth::Argument }),
                );
            }
        }
        let names = body["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        required.extend(names.map(own));
        if tool.confirm != Confirm::Never {
            properties.insert(CONFIRM.to_owned(), json!({ "type": "boolean", "default": false }));
        }
        (properties, required)
    }

    /// A schema without references, and without what a model does not need to call the tool.
    fn slim(&self, schema: &Value, depth: Depth) -> Value {
        let schema = self.meant(schema);
        let description =
            if depth == Depth::Unexplained { None } else { schema["description"].as_str().and_then(short) };
        let inside = if depth == Depth::Argument { Depth::Inside } else { Depth::Unexplained };
        let mut slim = Map::new();
        if let Some(values) = constants(schema) {
            let is_truth = values.iter().all(|value| value == "true" || value == "false");
            let key = if is_truth { ("type", json!("boolean")) } else { ("enum", json!(values)) };
            slim.insert(key.0.to_owned(), key.1);
        } else {
            for (key, value) in schema.as_object().into_iter().flatten() {
                let kept = match key.as_str() {
                    "properties" => {
                        let properties = value.as_object().into_iter().flatten();
                        let slim = properties.map(|(name, property)| (name.clone(), self.slim(property, inside)));
                        slim.collect::<Map<_, _>>().into()
                    }
                    "items" => self.slim(value, inside),
                    "anyOf" | "oneOf" | "allOf" => {
                        value.as_array().into_iter().flatten().map(|one| self.slim(one, inside)).collect()
                    }
                    "type" | "const" | "minimum" | "maximum" | "minItems" | "maxItems" | "required" => value.clone(),
                    _ => continue,
                };
                slim.insert(key.clone(), kept);
            }
        }
        slim.extend(description.map(|text| ("description".to_owned(), text.into())));
        slim.into()
    }

    /// The envelope of the route's answer. What is in its rows is in the document: a model pays for every tool that is listed.
    fn output(&self, tool: &Tool, operation: &Value) -> Value {
        let answer = self.meant(&operation["responses"]["200"]["content"]["application/json"]["schema"]);
        let mut properties = Map::new();
        for (name, schema) in answer["properties"].as_object().into_iter().flatten() {
            let schema = self.meant(schema);
            let shown = match name.as_str() {
                // The first line of official clients checks refusals against it too.
                "status" if tool.confirm != Confirm::Never => json!({ "enum": ["success", "preview", "error"] }),
                "status" => json!({ "enum": ["success", "error"] }),
                _ => self.outline(schema),
            };
            properties.insert(name.clone(), shown);
        }
        json!({ "type": "object", "properties": properties, "required": ["status"] })
    }

    /// The type of a value, and nothing of what is inside.
    fn outline(&self, schema: &Value) -> Value {
        let mut types = Vec::new();
        self.add_types(schema, &mut types);
        match types.as_slice() {
            [] => json!({}),
            [one] => json!({ "type": one }),
            several => json!({ "type": several }),
        }
    }

    fn add_types(&self, schema: &Value, types: &mut Vec<String>) {
        let schema = self.meant(schema);
        let mut add = |name: &str| {
            if !types.iter().any(|known| known == name) {
                types.push(name.to_owned());
            }
        };
        match &schema["type"] {
            Value::String(name) => add(name),
            Value::Array(names) => names.iter().filter_map(Value::as_str).for_each(add),
            _ => {
                if schema["properties"].is_object() || schema["allOf"].is_array() {
                    add("object");
                } else if schema["const"].is_string() || schema["enum"].is_array() {
                    add("string");
                }
                let parts = ["anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
                for part in parts {
                    self.add_types(part, types);
                }
            }
        }
    }
}

/// The values of a schema that lists them, one by one or at once.
fn constants(schema: &Value) -> Option<Vec<Value>> {
    if let Some(values) = schema["enum"].as_array() {
        return Some(values.iter().filter(|value| !value.is_null()).cloned().collect());
    }
    let parts = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())?;
    let mut values = Vec::new();
    for part in parts {
        if part["type"] == "null" {
            continue;
        }
        match (&part["const"], constants(part)) {
            (Value::Null, Some(more)) => values.extend(more),
            (Value::Null, None) => return None,
            (value, _) => values.push(value.clone()),
        }
    }
    Some(values)
}

/// Where a schema stands, which decides how much of it is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Argument,
    /// An argument of a change: the tool that creates explains what is inside.
    Changed,
    Inside,
    Unexplained,
}

/// The first sentence of a description, unless it says what goes without saying.
fn short(description: &str) -> Option<String> {
    let sentence = description.split(". ").next().unwrap_or_default().trim_end_matches('.');
    (sentence != "Values, separated by commas").then(|| sentence.to_owned())
}

/// A list of columns as an array; the document has their names in a pattern.
fn fields(schema: &Value) -> Value {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    let names = pattern.strip_prefix("^(").and_then(|rest| rest.split(')').next()).unwrap_or_default();
    let names: Vec<&str> = names.split('|').filter(|name| !name.is_empty()).collect();
    json!({ "type": "array", "items": { "enum": names } })
}
