//! Compares the OpenAPI document with the route table, the parsers and the committed file.

use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

use crate::http::describe::{Generators, Operation, closed};
use crate::http::error::Error;
use crate::http::input::Raw;
use crate::http::route::{Door, Route};
use crate::mcp::schema::listed;
use crate::mcp::tools::{Check, DIMENSIONS, TOOLS};
use crate::openapi::document::document;
use crate::routes::table;

fn recorded() -> Map<String, Value> {
    serde_json::from_str(include_str!("../openapi/examples.json")).unwrap()
}

fn generated() -> Value {
    document(table().unwrap(), &recorded())
}

/// The pages of the console are no part of the API.
fn documented_routes() -> impl Iterator<Item = &'static Route> {
    table().unwrap().routes().iter().filter(|route| route.is_documented())
}

#[test]
fn the_committed_document_is_current() {
    let committed: Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
    assert!(committed == generated(), "openapi.json is not current: run `make openapi`");
}

#[test]
fn the_committed_tools_are_current_and_small() {
    let committed = include_str!("../openapi/tools.json");
    let tools = listed(&generated()).unwrap();
    assert!(
        serde_json::from_str::<Value>(committed).unwrap() == tools,
        "tools.json is not current: run `make openapi`"
    );
    let size = tools.to_string().len();
    assert!(size < 64 * 1024, "{size} bytes");
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
        documented_routes().map(|route| format!("{} {}", route.method.as_str(), route.path)).collect();
    documented.sort();
    routed.sort();
    assert_eq!(documented, routed);
}

#[test]
fn every_operation_has_a_recorded_example() {
    let examples = recorded();
    for route in documented_routes() {
        assert!(examples.contains_key(route.operation), "{} has no example: run `make examples`", route.operation);
    }
    assert_eq!(examples.len(), documented_routes().count(), "an example without an operation");
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
    for route in documented_routes() {
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
    // What a route with a body requires of its query; all others ignore it.
    let query = "client_id=665f0b3c4d2e1a0012345678&redirect_uri=https://client.example/cb".to_owned();
    let path = vec![("id".to_owned(), id)];
    let raw = Raw { path, query, body: body.to_string().into_bytes(), ..Raw::default() };
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
    // The longest formatted text is not simply a run of letters; nor is one with a pattern, unless the pattern says so.
    if is_text && schema.get("format").is_none() && schema.get("examples").is_none() {
        let text = |length: usize| {
            let start = sample.as_str().unwrap_or_default();
            format!("{start}{}", "x".repeat(length - start.chars().count().min(length)))
        };
        let pattern =
            schema.get("pattern").and_then(Value::as_str).map(|pattern| regex_lite::Regex::new(pattern).unwrap());
        let mut try_length = |length: usize, fits: bool| {
            let text =
                if length < sample.as_str().unwrap_or_default().len() { "x".repeat(length) } else { text(length) };
            if text.is_empty() || pattern.as_ref().is_none_or(|pattern| pattern.is_match(&text)) {
                found.push((path.to_owned(), fits, text.into()));
            }
        };
        if let Some(longest) = number("maxLength") {
            try_length(longest, true);
            try_length(longest + 1, false);
        }
        if let Some(shortest) = number("minLength").filter(|shortest| *shortest > 0) {
            try_length(shortest - 1, false);
        }
    }
    let is_number = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
    };
    if is_number("integer") || is_number("number") {
        for (name, beyond) in [("minimum", -1), ("maximum", 1)] {
            if let Some(limit) = schema.get(name).and_then(Value::as_i64) {
                found.push((path.to_owned(), true, limit.into()));
                found.push((path.to_owned(), false, (limit + beyond).into()));
            }
        }
    }
    if let (Some(most), Some(fields)) = (number("maxProperties"), sample.as_object()) {
        let of = |count: usize| {
            let more = (0..count.saturating_sub(fields.len())).map(|number| (format!("x{number}"), "x".into()));
            Value::Object(fields.clone().into_iter().chain(more).collect())
        };
        found.push((path.to_owned(), true, of(most)));
        found.push((path.to_owned(), false, of(most + 1)));
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
            // What an event says beside what happened is ignored if it is odd (docs/contract/README.md#40).
            if path.starts_with("/viewport/") {
                continue;
            }
            let mut body = example.clone();
            // A limit on something that the example does not contain cannot be tried.
            let Some(place) = body.pointer_mut(&path) else { continue };
            *place = value;
            let parsed = parse(route, &body);
            assert_eq!(parsed.is_ok(), fits, "{} {path}: {parsed:?}", route.operation);
            checked += 1;
        }
    }
    assert!(checked > 70, "only {checked} limits were tried");
}

/// A query that the route reads, to which parameters can be added.
fn least_query(route: &Route, parameters: &[(String, Value, bool)]) -> Vec<(String, String)> {
    let mut query: Vec<(String, String)> = parameters
        .iter()
        .filter(|(_, _, is_required)| *is_required)
        .map(|(name, ..)| (name.clone(), if name == "parts" { "overview" } else { "signup" }.to_owned()))
        .collect();
    // Of these, one has to be given; or with some fields.
    match route.operation {
        "deleteGoals" => query.push(("name".to_owned(), "signup".to_owned())),
        "getTimeseries" => query.push(("goalName".to_owned(), "signup".to_owned())),
        "deletePayments" => query.push(("transaction_id".to_owned(), "t".to_owned())),
        _ => {}
    }
    query
}

fn parse_query(route: &Route, query: &[(String, String)]) -> Result<(), String> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let named =
        route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).filter(|name| *name != "websiteId");
    let value = |name: &str| if name == "provider" { "stripe" } else { "665f0b3c4d2e1a0012345678" };
    let path = named.map(|name| (name.to_owned(), value(name).to_owned())).collect();
    (route.parse)(&Raw { path, query, ..Raw::default() }).map_err(|error| match error {
        Error::Refused { status: 400, message } => message,
        other => panic!("{}: {other:?}", route.operation),
    })
}

/// The query parameters of a route, as the document has them.
fn parameters(document: &Value, route: &Route) -> Vec<(String, Value, bool)> {
    let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
    let all = operation["parameters"].as_array().into_iter().flatten().map(|parameter| resolve(document, parameter));
    let of_query = all.filter(|parameter| parameter["in"] == "query" && parameter["name"] != "websiteId");
    let parts =
        |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["schema"].clone(), one["required"] == true);
    of_query.map(parts).collect()
}

fn with_parameter(query: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let rest = query.iter().filter(|(other, _)| other != name).cloned();
    rest.chain([(name.to_owned(), value.to_owned())]).collect()
}

#[test]
fn every_query_documents_the_limits_that_its_parser_enforces() {
    let document = generated();
    let mut checked = 0;
    for route in table().unwrap().routes().iter().filter(|route| !route.reads_body) {
        let parameters = parameters(&document, route);
        let query = least_query(route, &parameters);
        if parameters.is_empty() {
            continue;
        }
        parse_query(route, &query).unwrap_or_else(|error| panic!("{}: {error}", route.operation));
        for (name, schema, is_required) in &parameters {
            if *is_required {
                let without: Vec<_> = query.iter().filter(|(other, _)| other != name).cloned().collect();
                assert!(parse_query(route, &without).unwrap_err().contains(name), "{} {name}", route.operation);
            }
            let mut found = Vec::new();
            limits(&document, schema, "", &Value::Null, &mut found);
            for (_, fits, value) in found {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let parsed = parse_query(route, &with_parameter(&query, name, &value));
                assert_eq!(parsed.is_ok(), fits, "{} {name}={value}: {parsed:?}", route.operation);
                checked += 1;
            }
        }
    }
    assert!(checked > 80, "only {checked} limits were tried");
}

/// Texts that a pattern allows.
fn samples(pattern: &str, count: usize) -> Vec<String> {
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let texts = proptest::string::string_regex(bare).unwrap_or_else(|why| panic!("{pattern}: {why}"));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    (0..count).map(|_| texts.new_tree(&mut runner).unwrap().current()).collect()
}

/// Every text in `schema` that has a pattern: its path and pattern. Codes that nobody has assigned are refused by what they
/// mean, not by their form.
fn patterns(document: &Value, schema: &Value, path: &str, found: &mut Vec<(String, String)>) {
    let schema = resolve(document, schema);
    let is_code = path.contains("urrency") || path.contains("Countries");
    // A pattern without anchors says only what has to be somewhere in the text.
    let is_whole = |pattern: &&str| pattern.starts_with('^');
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str).filter(is_whole).filter(|_| !is_code) {
        found.push((path.to_owned(), pattern.to_owned()));
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        patterns(document, property, &format!("{path}/{name}"), found);
    }
    for one in ["anyOf", "oneOf", "allOf"].iter().filter_map(|name| schema.get(name)?.as_array()).flatten() {
        patterns(document, one, path, found);
    }
    if let Some(items) = schema.get("items") {
        patterns(document, items, &format!("{path}/0"), found);
    }
}

#[test]
fn what_a_pattern_allows_is_not_refused_for_its_form() {
    let (document, examples) = (generated(), recorded());
    let (mut tried, mut known) = (0, std::collections::HashSet::new());
    for route in table().unwrap().routes() {
        if let Some(schema) = body_schema(&document, route) {
            let mut found = Vec::new();
            patterns(&document, schema, "", &mut found);
            for (path, pattern) in found {
                let mut body = examples[route.operation]["request"].clone();
                if body.pointer(&path).is_none() {
                    continue;
                }
                for text in samples(&pattern, 12) {
                    *body.pointer_mut(&path).unwrap() = text.clone().into();
                    let parsed = parse(route, &body);
                    assert!(parsed.is_ok(), "{} {path} {text:?}: {parsed:?}", route.operation);
                    tried += 1;
                }
            }
        }
        let parameters = parameters(&document, route);
        let query = least_query(route, &parameters);
        for (name, schema, _) in parameters.iter().filter(|(name, ..)| !name.contains("hostname")) {
            let Some(pattern) = schema["pattern"].as_str().filter(|pattern| pattern.starts_with('^')) else { continue };
            if !known.insert((name.clone(), pattern.to_owned())) {
                continue;
            }
            // Lists may have a thousand values.
            for text in samples(pattern, 2) {
                let parsed = parse_query(route, &with_parameter(&query, name, &text));
                assert!(parsed.is_ok(), "{} {name}={text:?}: {parsed:?}", route.operation);
                tried += 1;
            }
        }
    }
    assert!(tried > 350, "only {tried} texts were tried");
}

/// Where the document states a limit: under this name in `x-limits`, or in schemas, which the tests above try. Anything
/// else is no limit of requests.
const LIMITS: &[(&str, &str)] = &[
    ("crates/engine/src/cache.rs MOST_BYTES", "memory"),
    ("crates/engine/src/delete.rs MOST_TRANSACTIONS", "what is forgotten at once of what providers sent"),
    ("src/integrations/imports.rs MOST_SWEPT", "what is logged"),
    ("crates/engine/src/export.rs MOST_BYTES", "parts of an export, which the answer joins"),
    ("crates/engine/src/id_store.rs LEAST_NEW", "memory"),
    ("crates/engine/src/id_store.rs MOST_NEW", "memory"),
    ("crates/engine/src/id_store.rs MOST_OF_PAGE", "what is kept in one row"),
    ("crates/engine/src/id_store.rs MOST_OF_ROW", "what is kept in one row"),
    ("crates/engine/src/inbox.rs MOST_ASIDE", "what is put aside"),
    ("crates/engine/src/inbox.rs MOST_BYTES", "what waits to be folded"),
    ("crates/engine/src/inbox.rs MOST_EVENTS", "what waits to be folded"),
    ("crates/engine/src/inbox.rs MOST_OF_FULL", "what waits to be folded"),
    ("crates/engine/src/layout.rs MOST_SHARDS", "what the operator sets"),
    ("crates/engine/src/pairs.rs MOST", "memory"),
    ("crates/engine/src/reports/followed.rs MOST_LEFT", "which way a report takes"),
    ("crates/engine/src/reports/paid.rs MOST", "which way a report takes"),
    ("crates/engine/src/segments.rs MOST_CHANGED", "when a segment is cut again"),
    ("crates/engine/src/segments.rs MOST_UNCUT", "which way a report takes"),
    ("crates/engine/src/sets.rs MOST_BYTES", "parts of a list for one statement"),
    ("src/integrations/tokens.rs LONGEST_RENEWAL_MS", "how long a shop has to give a token"),
    ("src/integrations/imports.rs LONGEST_REST_MS", "how long a shop is left alone"),
    ("crates/engine/src/together.rs MOST_ROUNDS", "how often other shards are asked"),
    ("crates/engine/src/told.rs MOST_TOLD", "what is told of the same money"),
    ("crates/engine/src/totals.rs MOST_CHANGES", "what waits to be added"),
    ("crates/engine/src/totals.rs MOST_ROWS", "what waits to be added"),
    ("crates/engine/src/outbox.rs MOST_ASIDE", "what is put aside"),
    ("crates/engine/src/told.rs MOST_TOLD", "what is told of one payment"),
    ("crates/engine/src/outbox.rs MOST_BYTES", "memory"),
    ("crates/engine/src/reports/counted.rs MOST_COMBINATIONS", "which way a report takes"),
    ("crates/engine/src/reports/exits.rs MOST_SESSIONS", "which way a report takes"),
    ("crates/engine/src/reports/visitors.rs LEAST_DIGITS", "answers"),
    ("crates/engine/src/reports/visitors.rs MOST_IDS", "answers"),
    ("crates/engine/src/reports/visitors.rs MOST_SEARCHED", "x-limits searchedProfiles"),
    ("crates/engine/src/reports/realtime.rs MOST_RECENT", "answers"),
    ("crates/engine/src/reports/realtime.rs MOST_VISITORS", "answers"),
    ("crates/engine/src/reports/visitor.rs MOST_ENTRIES", "answers"),
    ("crates/engine/src/sql.rs MOST_TERMS", "the platform"),
    ("crates/money/src/lib.rs MAX_MINOR", "what an amount can become in another currency"),
    ("crates/providers/src/delivery.rs LONGEST_KEY", "what providers say"),
    ("crates/providers/src/inbound.rs LONGEST_BODY", "what providers say"),
    ("crates/providers/src/ids.rs LONGEST", "what providers say"),
    ("crates/providers/src/money.rs LARGEST", "what providers say"),
    ("crates/values/src/address.rs LONGEST", "schemas"),
    ("crates/values/src/address.rs LONGEST_HOST", "schemas"),
    ("crates/values/src/goal_name.rs LONGEST", "schemas"),
    ("crates/values/src/id.rs LONGEST_TRACKING_ID", "schemas"),
    ("crates/values/src/invalid.rs LONGEST", "answers"),
    ("crates/values/src/list.rs LONGEST", "schemas"),
    ("crates/values/src/page.rs LONGEST", "schemas"),
    ("crates/values/src/visitor.rs LONGEST", "schemas"),
    ("crates/webhook-rules/src/destination.rs LONGEST", "schemas"),
    ("crates/webhook-rules/src/destination.rs LONGEST_HOST", "schemas"),
    ("crates/webhook-rules/src/headers.rs LONGEST_NAME", "schemas"),
    ("crates/webhook-rules/src/headers.rs LONGEST_VALUE", "schemas"),
    ("crates/webhook-rules/src/headers.rs MOST", "schemas"),
    ("src/account/access_tokens.rs MOST", "x-limits accessTokens"),
    ("src/http/recording.rs LONGEST_VALUE", "what is kept of a value: docs/audit.md"),
    ("src/http/recording.rs MOST_PAIRS", "the platform"),
    ("src/public/mod.rs MOST_FRAMING", "who may frame a public page: docs/public-pages.md"),
    ("src/public/mod.rs MOST_KEPT", "memory"),
    ("src/public/page.rs MOST_ENTRIES", "a public page: docs/public-pages.md"),
    ("src/alerts/preview.rs MOST", "answers"),
    ("crates/engine/src/installation.rs LONGEST", "what is kept of what was dropped"),
    ("crates/engine/src/installation.rs MOST_ARRIVALS", "answers"),
    ("crates/engine/src/installation.rs MOST_HOSTS", "answers"),
    ("crates/engine/src/installation.rs MOST_PAIRS", "what is kept of what was dropped"),
    ("src/auth/assertion.rs LONGEST", "what Cloudflare Access says: docs/security.md"),
    ("src/auth/assertion.rs MOST_ASKED", "how often Cloudflare Access is asked"),
    ("src/auth/assertion.rs MOST_KEYS", "memory"),
    ("src/console/access.rs LONGEST_ANSWER", "answers of Cloudflare Access"),
    ("src/auth/passkeys.rs MOST", "x-limits passkeys"),
    ("src/auth/webauthn.rs LONGEST_CREDENTIAL_ID", "x-limits credentialIdBytes"),
    ("src/console/codes.rs MOST_OF_ACCOUNT", "x-limits signInCodes"),
    ("src/console/codes.rs MOST_OF_CLIENT", "x-limits signInCodesOfClient"),
    ("src/console/codes.rs MOST_TRIES", "x-limits signInCodeTries"),
    ("src/console/websites.rs MOST_ASKED", "answers"),
    ("src/console/websites.rs MOST_LISTED", "answers"),
    ("src/tracking/drops.rs LONGEST_AGAIN_MS", "how often an object is told"),
    ("src/tracking/drops.rs MOST_PAIRS", "memory"),
    ("src/tracking/drops.rs MOST_WEBSITES", "memory"),
    ("src/console/reports.rs MOST_PARTS", "x-limits viewParts"),
    ("src/alerts/statements.rs MOST", "x-limits alerts"),
    ("src/auth/credential_state.rs MOST_WEBSITES", "memory"),
    ("src/auth/sessions.rs LONGEST_USER_AGENT", "what is kept of a browser"),
    ("src/auth/sessions.rs MOST", "x-limits consoleSessions"),
    ("src/auth/sessions.rs MOST_OF_TOKEN", "x-limits consoleSessionsOfToken"),
    ("src/auth/failures.rs MOST_ADDRESSES", "memory"),
    ("src/oauth/clients.rs LONGEST_DOCUMENT", "x-limits applicationDocumentBytes"),
    ("src/oauth/clients.rs MOST_UNUSED", "x-limits unusedApplications"),
    ("src/oauth/consent.rs MOST_DAYS", "schemas"),
    ("src/oauth/rules.rs LONGEST_BODY", "x-limits oauthBodyBytes"),
    ("src/oauth/rules.rs LONGEST_REDIRECT", "x-limits redirectBytes"),
    ("src/oauth/rules.rs LONGEST_STATE", "x-limits stateBytes"),
    ("src/oauth/rules.rs MOST_REDIRECTS", "x-limits redirects"),
    ("src/auth/unknown.rs MOST_REMEMBERED", "memory"),
    ("crates/engine/src/profile.rs LONGEST_PROFILE", "what is kept of all identifications"),
    ("src/erasure.rs MOST_STEPS", "steps of one request"),
    ("src/platform/incoming.rs MOST_REMEMBERED", "memory"),
    ("src/site.rs MOST_REMEMBERED", "memory"),
    ("src/integrations/ask.rs LONGEST_ANSWER", "what providers say"),
    ("src/integrations/connections.rs LONGEST_NAME", "what providers say"),
    ("src/integrations/webhook_secrets.rs MOST_SECRETS", "what is kept in one row"),
    ("src/integrations/registration.rs LONGEST_MESSAGE", "answers"),
    ("src/integrations/verification.rs LONGEST_MS", "what providers say"),
    ("src/websites/website.rs LEAST_DAYS", "schemas"),
    ("src/websites/website.rs MOST_DAYS", "schemas"),
    ("src/exchange_rates.rs LONGEST_ANSWER", "answers of the source"),
    ("src/exchange_rates.rs MOST_DAYS", "memory"),
    ("src/exchange_rates.rs MOST_LOOKUPS", "lookups of one request"),
    ("src/http/idempotency.rs LONGEST_KEY", "schemas"),
    ("src/http/tree.rs LARGEST", "what a number of JSON can hold"),
    ("src/http/input.rs LONGEST_BODY", "x-limits bodyBytes"),
    ("src/http/input.rs LONGEST_MESSAGE", "answers"),
    ("src/http/input.rs MOST_REPAIRS", "lone surrogates, which are repaired however many they are"),
    ("src/http/json.rs DEEPEST", "x-limits jsonDepth"),
    ("src/integrations/events.rs LARGEST_BODY", "what is kept of an event"),
    ("src/integrations/events.rs MOST_BODIES", "what is kept of events"),
    ("src/integrations/hooks.rs MOST_WEBSITES", "memory"),
    ("src/integrations/hooks.rs MOST_WRONG", "what providers say"),
    ("src/integrations/imports.rs LONGEST_READ_MS", "how long a message reads"),
    ("src/integrations/imports.rs LONGEST_WAIT_SECS", "how often a provider is asked"),
    ("src/integrations/imports.rs MOST_PATIENCE_SECS", "how often a provider is asked"),
    ("src/integrations/imports.rs MOST_REQUESTS", "requests of one message"),
    ("src/integrations/mod.rs LONGEST", "schemas"),
    ("src/integrations/polling.rs LONGEST_INTERVAL_SECS", "how often a provider is asked"),
    ("src/integrations/polling.rs MOST_PAGES", "requests of one message"),
    ("src/integrations/work.rs LONGEST_DELAY_SECS", "who remembers what is due"),
    ("src/integrations/work.rs MOST_ATTEMPTS", "how often a provider is asked"),
    ("src/integrations/work.rs MOST_REMEMBERED", "memory"),
    ("src/integrations/work.rs MOST_REQUESTS", "requests for one event"),
    ("src/mail/mailer.rs LONGEST_ANSWER", "answers of mail providers"),
    ("src/mail/message.rs LONGEST_ID", "mails"),
    ("src/mail/message.rs LONGEST_SUBJECT", "mails"),
    ("src/mail/mod.rs LONGEST_REASON", "mails"),
    ("src/email_reports/words.rs LONGEST_NAME", "mails"),
    ("src/mail/provider.rs LONGEST_EXPLANATION", "answers of mail providers"),
    ("src/mcp/server.rs MOST_PAGES", "lists that are looked through"),
    ("src/mcp/tools.rs MOST_ROWS", "the schemas of tools"),
    ("src/mcp/websites.rs MOST_LISTED", "answers"),
    ("src/mcp/wire.rs LONGEST_BATCH", "answers"),
    ("src/objects/site_do.rs LONGEST_WAIT_MS", "how long reports take turns"),
    ("src/outbox.rs MOST_FAILURES", "what D1 refuses"),
    ("src/platform/config.rs MAX_DATABASE_MB", "x-limits database"),
    ("src/platform/config.rs MAX_FUNNELS", "x-limits funnels"),
    ("src/platform/config.rs MAX_GOAL_CUSTOMIZATIONS", "x-limits goalCustomizations"),
    ("src/platform/config.rs MAX_BOT_REQUESTS", "x-limits botRequests"),
    ("src/platform/config.rs MAX_NOTES", "x-limits notes"),
    ("crates/engine/src/bots.rs MOST_PAGES", "x-limits crawledPages"),
    ("src/bots/catalogue.rs LONGEST_AGENT", "user agents"),
    ("src/bots/crawls.rs LONGEST_PATH", "x-limits crawledPathBytes"),
    ("src/bots/crawls.rs MOST_FULL", "memory"),
    ("src/bots/usage.rs MOST_ASKED", "answers"),
    ("src/platform/config.rs MAX_OBJECT_MB", "x-limits store"),
    ("src/platform/config.rs MAX_OPEN_INVITATIONS", "x-limits openInvitations"),
    ("src/platform/config.rs MAX_WAITING_DELIVERIES", "x-limits waitingDeliveries"),
    ("src/platform/config.rs MAX_WEBSITES", "x-limits websites"),
    ("src/platform/config.rs MOST_INVITATIONS_PER_DAY", "x-limits invitationsPerDay"),
    ("src/platform/queues.rs MAX_BATCH", "messages to a queue at once"),
    ("src/platform/statement.rs MAX_EXACT", "a number of D1"),
    ("src/reports/filters.rs MOST_FILTERS", "x-limits filters"),
    ("src/reports/filters.rs MOST_LISTED", "x-limits listedValues"),
    ("src/reports/filters.rs MOST_VALUES", "x-limits filterValues"),
    ("src/reports/range.rs MOST_BUCKETS", "x-limits timeseriesBuckets"),
    ("src/team/plain_name.rs LONGEST", "names in mails, which are cut"),
    ("src/tracking/client.rs MAX_LEN", "user agents, which are cut"),
    ("src/tracking/import.rs DEEPEST_LINE", "DEEPEST of a line"),
    ("src/tracking/import.rs LONGEST_LINE", "x-limits importLineBytes"),
    ("src/tracking/import.rs MOST_ERRORS", "x-limits importErrors"),
    ("src/tracking/import.rs MOST_FAILURES", "what the object refuses"),
    ("src/tracking/limit.rs MOST_PAIRS", "memory"),
    ("src/tracking/payments.rs LARGEST", "schemas"),
    ("src/tracking/sanitize.rs LONGEST_NAME", "x-limits goalPropertyNameCharacters"),
    ("src/tracking/sanitize.rs LONGEST_VALUE", "x-limits goalPropertyValueCharacters"),
    ("src/tracking/sanitize.rs MOST_PROPERTIES", "x-limits goalProperties"),
    ("src/tracking/stored.rs LONGEST_CLICK_ID", "x-limits clickIdBytes"),
    ("src/tracking/stored.rs LONGEST_DESCRIPTION", "x-limits goalDescriptionCharacters"),
    ("src/tracking/stored.rs LONGEST_HOST", "x-limits hostBytes"),
    ("src/tracking/stored.rs LONGEST_HREF", "x-limits hrefBytes"),
    ("src/tracking/stored.rs LONGEST_IMAGE", "x-limits imageCharacters"),
    ("src/tracking/stored.rs LONGEST_LINK", "x-limits linkBytes"),
    ("src/tracking/stored.rs LONGEST_PATH", "x-limits pathBytes"),
    ("src/tracking/stored.rs LONGEST_TEXT", "x-limits textCharacters"),
    ("src/tracking/stored.rs LONGEST_TRAITS", "x-limits traitsBytes"),
    ("src/tracking/stored.rs MOST_TRAITS", "x-limits traits"),
    ("src/webhooks/stats.rs MOST_HOURS", "a parameter's description"),
    ("src/webhooks/attempt.rs LONGEST_ANSWER", "answers of receivers"),
    ("src/webhooks/attempt.rs MOST_OPENED", "memory"),
    ("src/webhooks/dispatch.rs LONGEST_BACKLOG_MS", "when a delivery goes to the queue"),
    ("src/webhooks/dispatch.rs MOST_BACKLOG", "when a delivery goes to the queue"),
    ("src/webhooks/endpoints.rs LARGEST_RATE", "schemas"),
    ("src/webhooks/settings.rs MOST_ENDPOINTS", "x-limits webhooks"),
    ("src/webhooks/endpoints.rs MOST_GOALS", "schemas"),
    ("src/webhooks/event.rs LONGEST_PAYLOAD", "x-limits payloadBytes"),
    ("src/webhooks/object.rs MOST_FAILURES", "what an outbox entry is tried"),
    ("src/websites/funnels.rs LEAST_STEPS", "schemas"),
    ("src/websites/funnels.rs MOST_STEPS", "schemas"),
    ("src/websites/goal_customizations.rs LONGEST_BODY", "x-limits goalCustomizationBodyBytes"),
    ("src/websites/keys.rs MOST", "x-limits websiteKeys"),
    ("src/websites/tracking_settings.rs MOST_BYTES", "memory"),
];

/// The constants that look like limits: file and name, with the number if it is written as one.
fn constants() -> Vec<(String, Option<u64>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("crates")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if entry.is_dir() {
                // The command line enforces nothing: it asks for what the gateway would refuse.
                if name != "crates/cli" {
                    folders.push(entry);
                }
                continue;
            }
            if entry.extension().is_none_or(|kind| kind != "rs") || name.ends_with("_tests.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&entry).unwrap();
            for line in source.split("#[cfg(test)]\nmod tests").next().unwrap().lines() {
                let Some((_, declared)) = line.split_once("const ") else { continue };
                let Some((constant, value)) =
                    declared.split_once(": ").and_then(|(name, rest)| Some((name, rest.split_once(" = ")?.1)))
                else {
                    continue;
                };
                let is_limit = ["MOST", "LONGEST", "LEAST", "LARGEST", "DEEPEST", "SHORTEST", "MAX_"]
                    .iter()
                    .any(|word| constant.contains(word));
                if is_limit
                    && constant
                        .chars()
                        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
                {
                    let product =
                        value.trim_end_matches(';').split(" * ").map(|factor| factor.replace('_', "").parse::<u64>());
                    let product = product.collect::<Result<Vec<_>, _>>().ok().map(|factors| factors.iter().product());
                    found.push((format!("{name} {constant}"), product));
                }
            }
        }
    }
    found
}

#[test]
fn every_limit_that_the_code_enforces_is_in_the_document() {
    let document = generated();
    let mut unused: Vec<&str> = LIMITS.iter().map(|(constant, _)| *constant).collect();
    for (constant, value) in constants() {
        let Some((_, place)) = LIMITS.iter().find(|(known, _)| *known == constant) else {
            panic!("{constant}: say in LIMITS where the document states it");
        };
        unused.retain(|known| *known != constant);
        if let Some(name) = place.strip_prefix("x-limits ") {
            let stated = document["x-limits"][name]["value"].as_u64().unwrap_or_else(|| panic!("no limit {name}"));
            assert!(value.is_none_or(|value| value == stated), "{constant}: {value:?}, stated {stated}");
        }
    }
    assert!(unused.is_empty(), "no such constants: {unused:?}");
    let stated = document["x-limits"].as_object().unwrap().keys();
    for name in stated {
        assert!(
            LIMITS.iter().any(|(_, place)| place.strip_prefix("x-limits ") == Some(name)),
            "{name}: of which constant?"
        );
    }
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
            let least = resolve(&document, property)["minimum"].as_f64().unwrap_or_default();
            body[name] = json!(least.max(5.0));
            assert!(body[name].to_string().ends_with(".0"));
            assert_eq!(parse(route, &body), Ok(()), "{} {name}", route.operation);
            tried += 1;
        }
    }
    assert!(tried > 0);
}

#[test]
fn a_path_that_takes_a_key_has_ids_only() {
    // Two spellings of an id name one resource; of other parameters nobody says so. A provider's name has one spelling.
    for route in table().unwrap().routes().iter().filter(|route| route.takes_key()) {
        for parameter in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let is_id = parameter.ends_with("Id") && parameter != "visitorId";
            assert!(is_id || parameter == "provider", "{}", route.operation);
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

#[test]
fn every_tool_calls_a_route_for_tokens() {
    let dimensions = DIMENSIONS.iter().map(|(_, operation)| *operation);
    let checks = TOOLS.iter().flat_map(|tool| tool.checks).filter_map(|check| match check {
        Check::Listed { operation, .. } | Check::Room { operation, .. } | Check::Answers { operation } => {
            Some(*operation)
        }
        Check::BotToken { .. } => Some("getBotToken"),
        Check::Counts => None,
    });
    for operation in TOOLS.iter().map(|tool| tool.operation).chain(dimensions).chain(checks) {
        let route = table().unwrap().operation(operation).unwrap_or_else(|| panic!("no operation {operation}"));
        assert!(
            !route.is_of_console && matches!(route.door, Door::Account { .. } | Door::Website { .. }),
            "{operation}"
        );
    }
}
