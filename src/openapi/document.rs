//! Generates the OpenAPI document. Runs natively only; the Worker serves the result.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::auth::access::WebsiteKeys;
use crate::auth::permission::Required;
use crate::http::describe::{Generators, Operation, closed, set};
use crate::http::error::{ErrorEnvelope, PlainError, TooManyRequests};
use crate::http::idempotency;
use crate::http::json::DEEPEST;
use crate::http::route::{Door, Named, Route, Table, WEBSITE_PARAMETER};
use crate::webhooks::event::{self, EventType};
use sluice_values::WebsiteName;

/// The document of `table`, with recorded `examples` by operation.
pub fn document(table: &Table, examples: &Map<String, Value>) -> Value {
    let mut generators = Generators::default();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let error = generators.output.subschema_for::<ErrorEnvelope>().to_value();
    let limited = generators.output.subschema_for::<TooManyRequests>().to_value();
    let plain_error = generators.output.subschema_for::<PlainError>().to_value();
    for route in table.routes().iter().filter(|route| route.is_documented()) {
        let mut operation = Operation::default();
        (route.describe)(&mut operation, &mut generators);
        let method = route.method.as_str().to_lowercase();
        let described = describe(route, operation, examples.get(route.operation));
        paths.entry(route.path).or_default().insert(method, described);
    }
    let parameters = share_parameters(&mut paths);
    let webhooks = webhooks(&mut generators);
    let inputs = generators.input.take_definitions(true).into_iter();
    let mut schemas: Map<String, Value> = inputs.map(|(name, schema)| (name, plain(schema))).collect();
    for (name, schema) in generators.output.take_definitions(true) {
        let clash = schemas.insert(name.clone(), closed(schema, false));
        debug_assert!(clash.is_none(), "{name} is read and written: give the two types names of their own");
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sluice",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A self-hosted gateway that answers the DataFast API. Every answer carries `X-Request-Id`; \
                every authenticated one the state of the credential's rate limit. A wrong method on a known path is \
                405 with `Allow`, an unknown path 404. Every POST of the Account API takes an `Idempotency-Key`.",
        },
        "x-limits": super::limits::limits(),
        "servers": [{ "url": "/", "description": "This gateway" }],
        "tags": tags(table),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "securitySchemes": {
                "DataFastBearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A `dft_` account token or, where the operation says so, a `df_` website key.",
                },
                "ConsoleSession": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-sluice",
                    "description": "The cookie of a session of the console, which one of its own pages sends. In development it is \
                        called `sluice-` and the port.",
                },
                "SetupSecret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The Worker secret `SETUP_SECRET`.",
                },
            },
            "headers": headers(),
            "parameters": parameters,
            "responses": {
                "Error": {
                    "description": "What was wrong, where, and what would be right.",
                    "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
                    "content": { "application/json": { "schema": error } },
                },
                "PlainError": {
                    "description": "What was wrong, where, and what would be right.",
                    "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
                    "content": { "application/json": { "schema": plain_error } },
                },
                "TooManyRequests": {
                    "description": "Too many requests in the last minute.",
                    "headers": reference_headers(&["Retry-After", "X-Request-Id"]),
                    "content": { "application/json": { "schema": limited } },
                },
            },
            "schemas": schemas,
        },
    })
}

/// Moves parameters that several operations share into components, by name, and leaves references to them. If parameters of one
/// name differ, the most frequent one is called by the name alone, each other one also by its first operation.
fn share_parameters(paths: &mut BTreeMap<&str, Map<String, Value>>) -> Map<String, Value> {
    struct Form {
        parameter: Value,
        operation: String,
        uses: usize,
    }
    let mut forms: BTreeMap<String, Vec<Form>> = BTreeMap::new();
    for operation in paths.values().flat_map(Map::values) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let Some(name) = parameter["name"].as_str() else { continue };
            let of_name = forms.entry(name.to_owned()).or_default();
            match of_name.iter_mut().find(|form| form.parameter == *parameter) {
                Some(form) => form.uses += 1,
                None => {
                    let operation = operation["operationId"].as_str().unwrap_or_default().to_owned();
                    of_name.push(Form { parameter: parameter.clone(), operation, uses: 1 });
                }
            }
        }
    }
    let mut shared = Map::from_iter([(idempotency::HEADER.to_owned(), key_parameter())]);
    for (name, mut of_name) in forms {
        of_name.retain(|form| form.uses > 1);
        // The sort is stable: of equally frequent ones, the first operation's comes first.
        of_name.sort_by_key(|form| std::cmp::Reverse(form.uses));
        for (rank, form) in of_name.into_iter().enumerate() {
            let key = if rank == 0 { name.clone() } else { format!("{name}.{}", form.operation) };
            shared.insert(key, form.parameter);
        }
    }
    for parameter in
        paths.values_mut().flat_map(Map::values_mut).filter_map(|operation| operation.get_mut("parameters"))
    {
        for parameter in parameter.as_array_mut().into_iter().flatten() {
            if let Some((key, _)) = shared.iter().find(|(_, form)| *form == parameter) {
                *parameter = json!({ "$ref": format!("#/components/parameters/{key}") });
            }
        }
    }
    shared
}

/// The requests that endpoints receive, by event type.
fn webhooks(generators: &mut Generators) -> Value {
    let header = |name: &str, description: &str| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "header", "required": true, "description": description, "schema": schema })
    };
    let described = EventType::ALL.iter().map(|r#type| {
        let schema = closed(event::schema(*r#type, &mut generators.output).to_value(), false);
        let post = json!({
            "post": {
                "summary": format!("`{}`", r#type.as_str()),
                "tags": ["Webhooks"],
                "parameters": [
                    header("webhook-id", "Of the event: the same on every attempt, and at every endpoint."),
                    header("webhook-timestamp", "Unix seconds of the attempt."),
                    header("webhook-signature", "Standard Webhooks: `v1,` and a signature for each secret, separated by spaces."),
                ],
                "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
                "responses": {
                    "2XX": { "description": "Taken. Everything else is tried again, and nothing is redirected." },
                    "410": { "description": "Never again: the webhook is switched off." },
                },
            },
        });
        (r#type.as_str().to_owned(), post)
    });
    described.collect::<Map<_, _>>().into()
}

fn describe(route: &Route, operation: Operation, example: Option<&Value>) -> Value {
    let mut described = json!({
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [tag(route)],
        "responses": responses(route, &operation, example),
    });
    let mut parameters = Vec::new();
    let mut own_parameters = operation.path_parameters.iter().cloned();
    for name in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let schema = if name == WEBSITE_PARAMETER {
            <WebsiteName as schemars::JsonSchema>::json_schema(&mut Generators::default().input).to_value()
        } else {
            own_parameters.next().unwrap_or_default()
        };
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    if let Door::Website { named: Named::InQuery, .. } = &route.door {
        let mut schema =
            <WebsiteName as schemars::JsonSchema>::json_schema(&mut Generators::default().input).to_value();
        set(&mut schema, "description", "Required with an account token; a website key needs none.".into());
        parameters.push(json!({ "name": WEBSITE_PARAMETER, "in": "query", "required": false, "schema": schema }));
    }
    for (name, schema, required) in operation.query {
        parameters.push(json!({ "name": name, "in": "query", "required": required, "schema": schema }));
    }
    if route.takes_key() {
        parameters.push(json!({ "$ref": format!("#/components/parameters/{}", idempotency::HEADER) }));
    }
    if !parameters.is_empty() {
        set(&mut described, "parameters", parameters.into());
    }
    if let Some(mut schema) = operation.body {
        if operation.needs_a_change {
            let any: Vec<Value> = operation.body_fields.iter().map(|field| json!({ "required": [field] })).collect();
            schema = json!({ "allOf": [schema], "anyOf": any });
        }
        let mut content = json!({ "schema": schema });
        if let Some(request) = example.and_then(|example| example.get("request")) {
            set(&mut content, "example", request.clone());
        }
        let most = format!("JSON of at most {} bytes, also after decoding, and {DEEPEST} levels.", route.longest_body);
        let content = json!({ "application/json": content });
        set(&mut described, "requestBody", json!({ "required": true, "description": most, "content": content }));
    }
    if let Door::Hook { .. } = &route.door {
        let most = format!("What the provider posts: at most {} bytes.", route.longest_body);
        let content = json!({ "*/*": {} });
        set(&mut described, "requestBody", json!({ "required": true, "description": most, "content": content }));
    }
    if let Some(content_type) = operation.upload {
        let content = json!({ content_type: { "schema": { "type": "string" } } });
        set(&mut described, "requestBody", json!({ "required": true, "content": content }));
    }
    let (security, access, prose) = access(route);
    set(&mut described, "security", security);
    set(&mut described, "description", prose.into());
    if let Some(access) = access {
        set(&mut described, "x-access", access);
    }
    described
}

/// The security requirement, the rule for programs, and the rule for people.
fn access(route: &Route) -> (Value, Option<Value>, String) {
    let bearer = if route.is_of_console {
        json!([{ "ConsoleSession": [] }])
    } else {
        json!([{ "DataFastBearer": [] }, { "ConsoleSession": [] }])
    };
    let fresh = if route.wants_fresh { " A session must have been signed in to in the last 15 minutes." } else { "" };
    let names = |required: Required| {
        if required.list().is_empty() {
            return "No permission".to_owned();
        }
        let names: Vec<_> = required.list().iter().map(|one| format!("`{one}`")).collect();
        let noun = if names.len() > 1 && matches!(required, Required::All(_)) { "Permissions" } else { "Permission" };
        format!("{noun} {}", names.join(&format!(" {} ", required.conjunction())))
    };
    let needs = |required: Required| match required {
        Required::All(_) => "all",
        Required::Any(_) => "any",
    };
    let tokens = |keys: WebsiteKeys| match keys {
        _ if route.is_of_console => ["session"].as_slice(),
        WebsiteKeys::Accepted => &["dft_", "df_"],
        WebsiteKeys::Refused => &["dft_"],
    };
    let holders = |keys: WebsiteKeys| {
        if route.is_of_console {
            "Sessions of the console only.".to_owned()
        } else {
            format!("Tokens: {}. Sessions of the console too.", tokens(keys).join(", "))
        }
    };
    match &route.door {
        Door::Public(_) | Door::Page(_) | Door::Agent { .. } => (json!([]), None, "Needs no token.".to_owned()),
        Door::Hook { .. } => (
            json!([]),
            None,
            "Needs no token: the address is secret, and what is posted to it is signed. The body is taken byte for byte."
                .to_owned(),
        ),
        Door::Open(_) => (
            json!([{}, { "DataFastBearer": [] }, { "ConsoleSession": [] }]),
            None,
            "Needs no token; one that is sent must be valid.".to_owned(),
        ),
        Door::SignIn(_) => (
            json!([]),
            None,
            "Needs no token. A page of the gateway itself must have sent it; failures are counted for the client's address."
                .to_owned(),
        ),
        Door::Setup(_) => (json!([{ "SetupSecret": [] }]), None, "Needs the setup secret.".to_owned()),
        Door::Account { permissions, keys, .. } => (
            bearer,
            Some(json!({ "permissions": permissions.list(), "needs": needs(*permissions), "tokens": tokens(*keys) })),
            format!("{}. {}{fresh}", names(*permissions), holders(*keys)),
        ),
        Door::Website { permissions, keys, role, .. } => (
            bearer,
            Some(
                json!({ "permissions": permissions.list(), "needs": needs(*permissions), "tokens": tokens(*keys), "role": role }),
            ),
            format!("{}; role {role} or higher on the website. {}{fresh}", names(*permissions), holders(*keys)),
        ),
    }
}

fn responses(route: &Route, operation: &Operation, example: Option<&Value>) -> Value {
    let authenticated = matches!(route.door, Door::Account { .. } | Door::Website { .. });
    let mut statuses = vec![500];
    let is_named_in_query = matches!(route.door, Door::Website { named: Named::InQuery, .. });
    if route.path.contains('{') || route.reads_body || !operation.query.is_empty() || is_named_in_query {
        statuses.push(400);
    }
    if route.reads_body {
        statuses.push(413);
    }
    if route.reads_body || route.takes_upload {
        statuses.push(415);
    }
    match route.door {
        Door::Public(_) | Door::Page(_) | Door::Agent { .. } => {}
        Door::Hook { .. } => statuses.extend([404, 413]),
        Door::Setup(_) => statuses.extend([401, 429]),
        Door::SignIn(_) | Door::Open(_) | Door::Account { .. } => statuses.extend([401, 403, 429]),
        Door::Website { .. } => statuses.extend([401, 403, 404, 429]),
    }
    if route.takes_key() {
        statuses.extend([400, 409]);
    }
    statuses.extend(route.refusals);
    statuses.sort_unstable();
    statuses.dedup();

    let mut responses = Map::new();
    if let Some((content_type, schema)) = &operation.answer {
        let mut content = json!({ "schema": schema });
        if let Some(answer) = example.and_then(|example| example.get("response")) {
            set(&mut content, "example", answer.clone());
        }
        let rate = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy"];
        let mut names = vec!["X-Request-Id"];
        names.extend(if authenticated { rate.as_slice() } else { &[] });
        names.extend(route.takes_key().then_some("Idempotency-Replayed"));
        let others = operation.other_answers.iter();
        let others = others.map(|(other, schema)| ((*other).to_owned(), json!({ "schema": schema })));
        let contents: Map<String, Value> = others.chain([((*content_type).to_owned(), content)]).collect();
        let success = json!({
            "description": "Success.",
            "headers": reference_headers(&names),
            "content": contents,
        });
        responses.extend(operation.statuses.iter().map(|status| (status.to_string(), success.clone())));
    }
    for status in statuses {
        let kind = match status {
            429 => "TooManyRequests",
            400 | 413 | 415 if route.has_plain_errors => "PlainError",
            _ => "Error",
        };
        // A person behind a broken link sees a page.
        let is_page =
            status == 404 && operation.answer.as_ref().is_some_and(|(content_type, _)| *content_type == "text/html");
        let response = if is_page {
            json!({
                "description": "A page that says that the link is broken.",
                "headers": reference_headers(&["X-Request-Id"]),
                "content": { "text/html": { "schema": { "type": "string" } } },
            })
        } else {
            json!({ "$ref": format!("#/components/responses/{kind}") })
        };
        responses.insert(status.to_string(), response);
    }
    responses.into()
}

/// The group of a route: the first part of its path that distinguishes it from the others.
fn tag(route: &Route) -> &'static str {
    let under = |prefix: &str| route.path.strip_prefix(prefix);
    let resource = under("/api/v1/admin/websites/{websiteId}/").or_else(|| under("/api/v1/admin/")).map(|rest| {
        let end = rest.find('/').unwrap_or(rest.len());
        rest.get(..end).unwrap_or(rest)
    });
    match resource {
        Some("account") => "Account",
        Some("access-tokens") => "Access tokens",
        Some("websites") => "Websites",
        Some("apikeys") => "Website keys",
        Some("goals") => "Goals",
        Some("funnels") => "Funnels",
        Some("audit") => "Audit log",
        Some("notes") => "Notes",
        Some("bot-traffic") => "Bot traffic",
        Some("alerts") => "Alerts",
        Some("webhooks") => "Webhooks",
        Some("team") => "Team",
        Some("integrations") => "Integrations",
        Some("import" | "export") => "Import and export",
        _ if route.path.starts_with("/api/v1/hooks/") => "Integrations",
        _ if route.path.contains("invitations") => "Team",
        _ if route.path.starts_with("/unsubscribe/reports/") => "Websites",
        _ if route.path.starts_with("/unsubscribe/") => "Alerts",
        _ if route.path.starts_with("/api/v1/analytics/bot-traffic") || route.path == "/api/ai-crawls" => "Bot traffic",
        _ if route.path.starts_with("/api/v1/analytics/") || route.path == "/api/v1/mentions" => "Analytics",
        _ if route.path.starts_with("/api/v1/visitors") => "Visitors",
        _ if ["/api/v1/goals", "/api/v1/payments", "/api/v1/identify"].contains(&route.path) => "From a backend",
        _ if route.path == "/api/events" || route.path.starts_with("/js/") => "Tracking",
        _ => "Gateway",
    }
}

fn tags(table: &Table) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for route in table.routes() {
        if !names.contains(&tag(route)) {
            names.push(tag(route));
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn headers() -> Value {
    json!({
        "X-Request-Id": { "description": "Names this request in the gateway's log.", "schema": { "type": "string" } },
        "X-RateLimit-Limit": { "description": "Requests in any rolling minute.", "schema": { "type": "integer" } },
        "X-RateLimit-Remaining": { "description": "Requests that may pass now.", "schema": { "type": "integer" } },
        "X-RateLimit-Reset": { "description": "Unix second at which the oldest request leaves the window.", "schema": { "type": "integer" } },
        "RateLimit": { "description": "draft-ietf-httpapi-ratelimit-headers", "schema": { "type": "string" } },
        "RateLimit-Policy": { "description": "draft-ietf-httpapi-ratelimit-headers", "schema": { "type": "string" } },
        "Idempotency-Replayed": {
            "description": "There, and `true`, where this is the answer to an earlier request with the same key.",
            "schema": { "const": "true" },
        },
        "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } },
    })
}

/// The `Idempotency-Key` header.
fn key_parameter() -> Value {
    json!({
        "name": idempotency::HEADER,
        "in": "header",
        "required": false,
        "description": "Makes it safe to send the request again: for 24 hours the first success is answered again, to \
            the same credential on the same path. The same key with another body, or while the first request still \
            runs, is 409. A request that was refused leaves its key free.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": idempotency::LONGEST_KEY,
            // Spaces at the ends are lost in transit.
            "pattern": "^[!-~]([ -~]*[!-~])?$",
        },
    })
}

fn reference_headers(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })))
        .collect::<Map<_, _>>()
        .into()
}

/// The schema of a request without parser details: that a missing field reads as null, or that a field is not written
/// back.
fn plain(schema: Value) -> Value {
    match schema {
        Value::Object(object) => {
            let kept =
                object.into_iter().filter(|(key, value)| !(key == "writeOnly" || key == "default" && value.is_null()));
            kept.map(|(key, value)| (key, plain(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(entries) => entries.into_iter().map(plain).collect(),
        other => other,
    }
}
