//! Turns `openapi.json` into the static list of operations that `crates/cli/src/operations.rs` includes: what each takes, of which
//! type, and what it says about itself. So a new route, parameter or field is a flag without another list.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::{Map, Value};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn main() {
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../openapi.json");
    println!("cargo::rerun-if-changed={}", source.display());
    let document: Value = match fs::read(&source).map(|bytes| serde_json::from_slice(&bytes)) {
        Ok(Ok(document)) => document,
        problem => {
            println!("cargo::error={}: {problem:?}", source.display());
            return;
        }
    };
    let target = Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("operations.rs");
    if let Err(error) = fs::write(&target, operations(&document)) {
        println!("cargo::error={}: {error}", target.display());
    }
}

fn operations(document: &Value) -> String {
    let mut list = String::from("pub static OPERATIONS: &[Operation] = &[\n");
    for (path, item) in object(&document["paths"]) {
        for method in METHODS {
            let operation = &item[method];
            if operation.is_object() {
                list.push_str(&one(document, path, method, operation));
            }
        }
    }
    list.push_str("];\n");
    list
}

fn one(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut ids = Vec::new();
    let mut fields = Vec::new();
    let mut keyed = false;
    for parameter in array(&operation["parameters"]) {
        let parameter = resolve(document, parameter);
        let name = text(&parameter["name"]);
        match text(&parameter["in"]) {
            "path" => ids.push(name),
            "query" => fields.push(field(document, name, &parameter["schema"], parameter["required"] == true, "Query")),
            _ => keyed |= name == "Idempotency-Key",
        }
    }
    let content = object(operation.pointer("/requestBody/content").unwrap_or(&Value::Null));
    let body = content.get("application/json").map(|body| &body["schema"]);
    if let Some(schema) = body {
        properties(document, "", schema, true, &mut fields);
    }
    // A path's ids in the order of the path, whatever the order of the parameters.
    ids.sort_by_key(|id| path.find(&format!("{{{id}}}")));
    let access = &operation["x-access"];
    format!(
        "    Operation {{ id: {:?}, method: {:?}, path: {path:?}, summary: {:?}, ids: &{ids:?}, keyed: {keyed}, \
         body: {}, permissions: &{:?}, tokens: &{:?}, fields: &[\n{}    ] }},\n",
        text(&operation["operationId"]),
        method.to_uppercase(),
        text(&operation["summary"]),
        body.is_some(),
        array(&access["permissions"]).iter().map(text).collect::<Vec<_>>(),
        array(&access["tokens"]).iter().map(text).collect::<Vec<_>>(),
        fields.concat(),
    )
}

/// The fields of a body. What is nested is named as `template.subject`; of alternatives, every field of each.
fn properties(document: &Value, prefix: &str, schema: &Value, required: bool, fields: &mut Vec<String>) {
    let schema = resolve(document, schema);
    let alternatives = ["anyOf", "oneOf"].iter().flat_map(|kind| array(&schema[kind])).collect::<Vec<_>>();
    for part in array(&schema["allOf"]) {
        properties(document, prefix, part, required, fields);
    }
    for part in alternatives {
        properties(document, prefix, part, false, fields);
    }
    for (name, property) in object(&schema["properties"]) {
        let property = resolve(document, property);
        let is_required = required && array(&schema["required"]).iter().any(|one| one == name);
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let is_nested = property["properties"].is_object()
            || ["anyOf", "oneOf"]
                .iter()
                .any(|kind| array(&property[kind]).iter().any(|one| one["properties"].is_object()));
        if is_nested && prefix.is_empty() {
            properties(document, &path, property, is_required, fields);
        } else {
            let line = field(document, &path, property, is_required, "Body");
            let start = line.split(", kind").next().unwrap_or_default().to_owned();
            if !fields.iter().any(|known| known.starts_with(&start)) {
                fields.push(line);
            }
        }
    }
}

fn field(document: &Value, name: &str, schema: &Value, required: bool, place: &str) -> String {
    let schema = resolve(document, schema);
    let is = |wanted: &str| match &schema["type"] {
        Value::Array(types) => types.iter().any(|one| one == wanted),
        one => one == wanted,
    };
    let kind = if is("array") {
        let items = resolve(document, &schema["items"]);
        let is_text = items["type"] == "string" || items["oneOf"].is_array() && items["properties"].is_null();
        if is_text { format!("Kind::List(&{:?})", choices(items)) } else { "Kind::Json".to_owned() }
    } else if is("object") && schema["additionalProperties"] != Value::Bool(false) {
        "Kind::Map".to_owned()
    } else if is("object") {
        "Kind::Json".to_owned()
    } else if is("boolean") || choices(schema) == ["true", "false"] {
        "Kind::Switch".to_owned()
    } else if is("integer") || is("number") {
        "Kind::Number".to_owned()
    } else {
        format!("Kind::Text(&{:?})", choices(schema))
    };
    let nullable = is("null") || place == "Body" && text(&schema["description"]).contains("`null`");
    let mut line = String::new();
    let _ = writeln!(
        line,
        "        Field {{ name: {name:?}, kind: {kind}, place: Place::{place}, required: {required}, nullable: {nullable}, help: {:?} }},",
        text(&schema["description"])
    );
    line
}

fn choices(schema: &Value) -> Vec<&str> {
    let constants = array(&schema["oneOf"]).iter().map(|one| &one["const"]);
    array(&schema["enum"]).iter().chain(constants).filter_map(Value::as_str).collect()
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#'))).unwrap_or(value)
}

fn object(value: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY)
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
