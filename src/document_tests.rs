//! Compares the OpenAPI document with the route table, the parsers and the committed file.

use serde_json::{Map, Value, json};

use crate::http::describe::{Generators, Operation, closed};
use crate::http::error::Error;
use crate::http::input::Raw;
use crate::http::route::Route;
use crate::openapi;
use crate::openapi::document::document;
use crate::routes::table;

fn recorded() -> Map<String, Value> {
    serde_json::from_str(include_str!("../openapi/examples.json")).unwrap()
}

fn generated() -> Value {
    document(table().unwrap(), &recorded())
}

#[test]
fn the_committed_document_is_current() {
    let committed: Value = serde_json::from_slice(openapi::DOCUMENT).unwrap();
    assert!(committed == generated(), "openapi.json is not current: run `make openapi`");
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let document = generated();
    let mut documented: Vec<String> = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        documented
            .extend(operations.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let mut routed: Vec<String> =
        table().unwrap().routes().iter().map(|route| format!("{} {}", route.method.as_str(), route.path)).collect();
    documented.sort();
    routed.sort();
    assert_eq!(documented, routed);
}

#[test]
fn every_operation_has_a_recorded_example() {
    let examples = recorded();
    for route in table().unwrap().routes() {
        assert!(examples.contains_key(route.operation), "{} has no example: run `make examples`", route.operation);
    }
    assert_eq!(examples.len(), table().unwrap().routes().len(), "an example without an operation");
}

/// The schema, with references followed.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => resolve(document, document.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// The schema of an operation's body, without the rule that at least one field is required.
fn body_schema<'a>(document: &'a Value, route: &Route) -> Option<&'a Value> {
    let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(resolve(document, schema.pointer("/allOf/0").unwrap_or(schema)))
}

#[test]
fn every_body_documents_the_fields_that_its_parser_reads() {
    let document = generated();
    for route in table().unwrap().routes() {
        let mut operation = Operation::default();
        (route.describe)(&mut operation, &mut Generators::default());
        let Some(schema) = body_schema(&document, route) else {
            assert!(!route.reads_body, "{} reads a body that is not documented", route.operation);
            continue;
        };
        let mut documented: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        // Aliases of a field are not documented, and a parser that accepts any fields has no list.
        let mut parsed = operation.body_fields;
        let is_alias = |name: &str| ["visitorId", "customer_email", "customer_name"].contains(&name);
        parsed.retain(|name| documented.contains(name) || !is_alias(name));
        if route.operation == "identifyVisitor" {
            assert!(parsed.is_empty() && schema.get("additionalProperties").is_none_or(|more| more != false));
            continue;
        }
        documented.sort_unstable();
        parsed.sort_unstable();
        assert_eq!(documented, parsed, "{}", route.operation);
    }
}

fn parse(route: &Route, body: &Value) -> Result<(), String> {
    let id = "665f0b3c4d2e1a0012345678".to_owned();
    let raw = Raw { path: vec![("id".to_owned(), id)], body: body.to_string().into_bytes(), ..Raw::default() };
    (route.parse)(&raw).map_err(|error| match error {
        Error::Refused { status: 400, message } => message,
        other => panic!("{}: {other:?}", route.operation),
    })
}

/// Every limited location in `schema`, with values on both sides of the limit: path, whether it fits, value.
fn limits(document: &Value, schema: &Value, path: &str, sample: &Value, found: &mut Vec<(String, bool, Value)>) {
    let schema = resolve(document, schema);
    let number = |name: &str| schema.get(name).and_then(Value::as_u64).map(|limit| usize::try_from(limit).unwrap());
    let is_text = schema["type"] == "string"
        || schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "string"));
    // The longest patterned or formatted text is not simply a run of letters.
    if is_text && schema.get("format").is_none() && schema.get("examples").is_none() && schema.get("pattern").is_none()
    {
        let text = |length: usize| {
            let start = sample.as_str().unwrap_or_default();
            Value::from(format!("{start}{}", "x".repeat(length - start.chars().count().min(length))))
        };
        if let Some(longest) = number("maxLength") {
            found.push((path.to_owned(), true, text(longest)));
            found.push((path.to_owned(), false, text(longest + 1)));
        }
        if let Some(shortest) = number("minLength").filter(|shortest| *shortest > 0) {
            found.push((path.to_owned(), false, "x".repeat(shortest - 1).into()));
        }
    }
    if let (Some(most), Some(entry)) = (number("maxItems"), sample.get(0)) {
        found.push((path.to_owned(), true, vec![entry.clone(); most].into()));
        found.push((path.to_owned(), false, vec![entry.clone(); most + 1].into()));
    }
    if let (Some(least), Some(entry)) = (number("minItems"), sample.get(0)) {
        found.push((path.to_owned(), true, vec![entry.clone(); least].into()));
        found.push((path.to_owned(), false, vec![entry.clone(); least - 1].into()));
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        limits(document, property, &format!("{path}/{name}"), &sample[name], found);
    }
    if let Some(items) = schema.get("items") {
        limits(document, items, &format!("{path}/0"), &sample[0], found);
    }
}

#[test]
fn every_body_documents_the_limits_that_its_parser_enforces() {
    let (document, examples) = (generated(), recorded());
    let mut checked = 0;
    for route in table().unwrap().routes() {
        let Some(schema) = body_schema(&document, route) else { continue };
        let example = &examples[route.operation]["request"];
        parse(route, example).unwrap_or_else(|error| panic!("{}: {error}", route.operation));
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(required.as_str().unwrap());
            let error = parse(route, &without).unwrap_err();
            assert!(error.contains(required.as_str().unwrap()), "{}: {error}", route.operation);
        }
        let mut found = Vec::new();
        limits(&document, schema, "", example, &mut found);
        for (path, fits, value) in found {
            let mut body = example.clone();
            // A limit on something that the example does not contain cannot be tried.
            let Some(place) = body.pointer_mut(&path) else { continue };
            *place = value;
            let parsed = parse(route, &body);
            assert_eq!(parsed.is_ok(), fits, "{} {path}: {parsed:?}", route.operation);
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} limits were tried");
}

/// Every value of `example` that is at a place of its own: its path.
fn places(example: &Value, path: &str, found: &mut Vec<String>) {
    match example {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(path.clone());
                places(value, &path, found);
            }
        }
        Value::Array(entries) => {
            for (index, value) in entries.iter().enumerate() {
                let path = format!("{path}/{index}");
                found.push(path.clone());
                places(value, &path, found);
            }
        }
        _ => {}
    }
}

/// The documented example of a body, with a value for each of its optional properties, however wrong.
fn full_example(schema: &Value, example: &Value) -> Value {
    let mut full = example.clone();
    for name in schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
        if full.get(name).is_none() {
            full[name] = Value::Null;
        }
    }
    full
}

#[test]
fn no_error_about_a_wrong_type_speaks_of_rust() {
    let words = [
        "u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "f32", "f64", "struct", "enum", "variant",
        "map", "sequence", "unit", "newtype", "tuple", "Option", "Vec", "str", "integer", "floating", "untagged",
        "borrowed",
    ];
    let wrong = [
        json!(null),
        json!(true),
        json!(7),
        json!(-7),
        json!(7.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!([]),
        json!([7]),
        json!([null]),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({ "x": 7 }),
        json!({ "x": null }),
        json!({ "type": 7 }),
        json!({ "type": "x" }),
    ];
    let (document, examples) = (generated(), recorded());
    let (mut refused, mut told) = (0, Vec::new());
    for route in table().unwrap().routes() {
        let Some(schema) = body_schema(&document, route) else { continue };
        let example = full_example(schema, &examples[route.operation]["request"]);
        let mut found = Vec::new();
        places(&example, "", &mut found);
        for path in found {
            let field = path.split('/').nth(1).unwrap();
            for value in &wrong {
                let mut body = example.clone();
                *body.pointer_mut(&path).unwrap() = value.clone();
                let Err(error) = parse(route, &body) else { continue };
                refused += 1;
                let (place, text) = error.split_once(": ").unwrap();
                let is_a_type = |word: &str| {
                    let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
                    word.starts_with(char::is_uppercase) && capitals > 1 && word.chars().any(char::is_lowercase)
                };
                let mut spoken = text.split(|character: char| !character.is_alphanumeric());
                let names_it = place.starts_with(field) || ["body", "type"].contains(&place);
                if !names_it || spoken.any(|word| words.contains(&word) || is_a_type(word)) {
                    told.push(format!("{} {path} {value}: {error}", route.operation));
                }
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(refused > 500, "only {refused} values were refused");
}

#[test]
fn null_in_an_optional_field_is_as_if_left_out() {
    let (document, examples) = (generated(), recorded());
    let mut tried = 0;
    for route in table().unwrap().routes() {
        let Some(schema) = body_schema(&document, route) else { continue };
        let example = &examples[route.operation]["request"];
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, _) in schema["properties"].as_object().unwrap() {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(name);
            let mut body = without.clone();
            body[name] = Value::Null;
            let parsed = parse(route, &body);
            if required.contains(&name.as_str()) {
                assert!(parsed.unwrap_err().contains(&format!("{name}: required")), "{} {name}", route.operation);
            } else {
                // A null that clears a field is a change; nothing else is.
                let clears = parse(route, &without).is_err() && parsed.is_ok();
                assert!(clears || parsed == parse(route, &without), "{} {name}: {parsed:?}", route.operation);
            }
            tried += 1;
        }
    }
    assert!(tried > 80, "only {tried} fields were tried");
}

#[test]
fn whole_numbers_may_be_written_with_a_fraction_of_zero() {
    let (document, examples) = (generated(), recorded());
    let mut tried = 0;
    for route in table().unwrap().routes() {
        let Some(schema) = body_schema(&document, route) else { continue };
        for (name, property) in schema["properties"].as_object().unwrap() {
            let kind = &resolve(&document, property)["type"];
            if kind != "integer" && !kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == "integer")) {
                continue;
            }
            let mut body = examples[route.operation]["request"].clone();
            body[name] = json!(5.0);
            assert_eq!(body[name].to_string(), "5.0");
            assert_eq!(parse(route, &body), Ok(()), "{} {name}", route.operation);
            tried += 1;
        }
    }
    assert!(tried > 0);
}

#[test]
fn a_path_that_takes_a_key_has_ids_only() {
    // Two spellings of an id name one resource; of other parameters nobody says so.
    for route in table().unwrap().routes().iter().filter(|route| route.takes_key()) {
        for parameter in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(parameter.ends_with("Id") && parameter != "visitorId", "{}", route.operation);
        }
    }
}

#[test]
fn only_posts_of_the_account_api_accept_an_idempotency_key() {
    let document = generated();
    for route in table().unwrap().routes() {
        let method = route.method.as_str();
        let takes = method == "POST" && route.path.starts_with("/api/v1/admin/");
        let operation = &document["paths"][route.path][method.to_lowercase()];
        let has = |value: &Value, part: &str| value.to_string().contains(part);
        assert_eq!(has(&operation["parameters"], "/parameters/Idempotency-Key"), takes, "{method} {}", route.path);
        assert_eq!(has(&operation["responses"]["200"]["headers"], "Idempotency-Replayed"), takes, "{}", route.path);
        assert!(!takes || operation["responses"].get("409").is_some(), "{}", route.path);
    }
}

#[test]
fn objects_in_responses_are_closed() {
    let open = json!({ "type": "object", "properties": { "a": { "type": "object", "properties": {} } } });
    let both = closed(open, false);
    assert_eq!(both["additionalProperties"], false);
    assert_eq!(both["properties"]["a"]["additionalProperties"], false);
    let combined = closed(json!({ "properties": {}, "oneOf": [{ "properties": {} }] }), false);
    assert_eq!(combined["unevaluatedProperties"], false);
    assert!(combined["oneOf"][0].get("additionalProperties").is_none());
}
