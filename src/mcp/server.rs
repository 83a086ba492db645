//! The endpoint: the transport, the methods of the protocol, and the call of a tool (docs/contract/mcp.md#2 to #5).

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::arguments::{self, CONFIRM, DIMENSION, KEY, PERIOD, WEBSITE, take_text};
use super::results::{self, Outcome, SERVER};
use super::tools::{self, Check, Confirm, Tool};
use super::websites::{self, About, Website};
use super::wire::{self, Era, Fault, Headers, Message, Request, STATELESS, WITH_HANDSHAKE, code};
use crate::auth::access::{Principal, Refusal};
use crate::auth::role::Role;
use crate::bots::settings as bots;
use crate::http::agent::{AgentCall, Done, Inner, Operation};
use crate::http::error::{Error, OUR_FAULT};
use crate::http::reply::Reply;
use crate::oauth::endpoints::PROTECTED;
use crate::platform::{PlatformError, log};
use crate::reports::period::Period;
use crate::reports::range::{Interval, default_span};
use sluice_engine::bots::KEPT_DAYS;
use sluice_values::{Environment, TimeZone, Timestamp, WebsiteId, excerpt};

/// The headers that are read.
pub const HEADERS: &[&str] =
    &["origin", "content-type", "authorization", "mcp-protocol-version", "mcp-method", "mcp-name"];

/// The rows of a list that are looked at at once for one that is named, and how often: a list has at most so many.
const PAGE: usize = 1000;
const MOST_PAGES: usize = 20;

const ALLOWED_HEADERS: &str =
    "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";
const EXPOSED_HEADERS: &str = "www-authenticate, mcp-session-id, x-request-id, retry-after";

const INSTRUCTIONS: &str = "Call datafast_websites_list first: most tools take the id or the domain of a website. Choose a range for \
     reports with `period`, or with `startAt` and `endAt`; days are those of the website's time zone. The numbers are those of the API, \
     which the pages under /docs explain.";

/// Answers whatever is sent to the endpoint.
pub async fn serve(call: AgentCall) -> Reply {
    let origin = call.headers.header("origin");
    if let Some(origin) = &origin
        && !may_call(origin, &call)
    {
        return refusal(&Fault::new(403, code::TRANSPORT, "Forbidden: pages of this origin may not call"));
    }
    let reply = match call.method.as_str() {
        "POST" => answer(&call).await,
        "OPTIONS" => Reply::empty(204)
            .with_header("access-control-allow-methods", "POST")
            .with_header("access-control-allow-headers", ALLOWED_HEADERS)
            .with_header("access-control-max-age", "86400"),
        _ => refusal(&Fault::new(405, code::TRANSPORT, "Method not allowed.")).with_header("allow", "POST"),
    };
    match origin {
        Some(origin) => reply
            .with_header("access-control-allow-origin", origin)
            .with_header("access-control-expose-headers", EXPOSED_HEADERS)
            .with_header("vary", "Origin"),
        None => reply,
    }
}

/// Whether pages of an origin may call: the gateway's own, those of this machine, and those that the operator allows. Otherwise a
/// page could reach a gateway that only its visitor can reach (DNS rebinding).
fn may_call(origin: &str, call: &AgentCall) -> bool {
    let config = call.call.platform.config();
    let allowed = config.text("MCP_ALLOWED_ORIGINS").unwrap_or_default();
    let public_url = config.public_url();
    // On Cloudflare, the name in a request decides which Worker gets it. On a developer's machine it is whatever the page was
    // reached by.
    let of_request = (config.environment() == Environment::Production).then_some(call.call.origin.as_str());
    let mut known = public_url.as_deref().into_iter().chain(of_request).chain(allowed.split(',').map(str::trim));
    known.any(|known| known.eq_ignore_ascii_case(origin)) || is_loopback(origin)
}

fn is_loopback(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    let host = match host.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

async fn answer(call: &AgentCall) -> Reply {
    let media_type = call.headers.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        let message = "Unsupported Media Type: Content-Type must be application/json";
        return refusal(&Fault::new(415, code::TRANSPORT, message));
    }
    let body = match &call.body {
        Ok(body) => body,
        Err(error) => return of_error(call, error),
    };
    let read = || {
        let header = |name| call.headers.header(name);
        let headers = Headers {
            protocol_version: header("mcp-protocol-version"),
            method: header("mcp-method"),
            name: header("mcp-name"),
        };
        wire::read(body, &headers)
    };
    let principal = match call.routes.clone().authenticate().await {
        Ok(principal) => principal,
        Err(Error::RateLimited(rate)) => {
            // A model can read this; a client's transport gives up on the status.
            if let Ok(Message::Request(request)) = read()
                && request.method == "tools/call"
            {
                let text = format!("rate limit reached: try again in {} seconds", rate.reset_in_secs());
                return sent(200, results::result(&request, &Outcome::failed(text)));
            }
            return Error::RateLimited(rate).into_reply(call.call.now);
        }
        Err(error) => return of_error(call, &error),
    };
    match read() {
        Err(fault) => refusal(&fault),
        Ok(Message::Nothing) => Reply::empty(202),
        Ok(Message::Request(request)) => match respond(call, &principal, &request).await {
            Ok(response) => sent(200, response),
            Err(fault) => refusal(&fault),
        },
        Ok(Message::Requests(requests)) => {
            let mut responses = Vec::with_capacity(requests.len());
            for request in requests {
                let response = match request {
                    Ok(request) => respond(call, &principal, &request).await,
                    Err(fault) => Err(fault),
                };
                responses.push(response.unwrap_or_else(|fault| fault.to_json().to_string()));
            }
            sent(200, format!("[{}]", responses.join(",")))
        }
    }
}

fn sent(status: u16, json: String) -> Reply {
    Reply::of(status, "application/json", json.into_bytes())
}

fn refusal(fault: &Fault) -> Reply {
    sent(fault.status, fault.to_json().to_string())
}

/// Logs what is our doing.
fn log_failure(call: &AgentCall, place: &str, error: &Error) {
    if let Error::Ours(cause) | Error::Stopped { cause, .. } = error {
        log::failure(&call.call.request_id.to_string(), place, &cause.to_string());
    }
}

/// What is wrong with a request as such, in the protocol's form.
fn of_error(call: &AgentCall, error: &Error) -> Reply {
    log_failure(call, "POST /api/mcp", error);
    match error {
        Error::Refused { status: 401, message } => {
            // RFC 6750, 3.1: no error code where no credential was sent.
            let has_credential = call.headers.header("authorization").is_some();
            let metadata = format!("{}{PROTECTED}{}", call.call.base_url, call.path);
            let error = if has_credential { ", error=\"invalid_token\"" } else { "" };
            refusal(&Fault::new(401, code::UNAUTHORIZED, message.clone())).with_header(
                "www-authenticate",
                format!("Bearer realm=\"sluice\"{error}, resource_metadata=\"{metadata}\""),
            )
        }
        Error::Refused { status, message } => refusal(&Fault::new(*status, code::TRANSPORT, message.clone())),
        _ => refusal(&Fault::new(500, code::INTERNAL, OUR_FAULT)),
    }
}

async fn respond(call: &AgentCall, principal: &Principal, request: &Request) -> Result<String, Fault> {
    let capabilities = json!({ "tools": {} });
    match (request.era, request.method.as_str()) {
        (Era::Handshake, "initialize") => {
            let asked = request.params.get("protocolVersion").and_then(Value::as_str);
            let version = WITH_HANDSHAKE.into_iter().find(|known| Some(*known) == asked).unwrap_or(WITH_HANDSHAKE[0]);
            let fields = json!({ "protocolVersion": version, "capabilities": capabilities, "serverInfo": SERVER, "instructions": INSTRUCTIONS });
            Ok(results::plain(request, fields))
        }
        (Era::Handshake, "ping") => Ok(results::plain(request, json!({}))),
        (Era::Stateless, "server/discover") => {
            let fields =
                json!({ "supportedVersions": [STATELESS], "capabilities": capabilities, "instructions": INSTRUCTIONS });
            Ok(results::kept(request, fields))
        }
        (_, "tools/list") => {
            let listed = arguments::all().iter().filter(|listed| {
                let tool = tools::find(&listed.name).map(|(tool, _)| tool);
                tool.is_some_and(|tool| is_for(call, principal, tool))
            });
            let tools: Vec<&RawValue> = listed.map(|listed| &*listed.json).collect();
            Ok(results::list(request, &tools))
        }
        (_, "tools/call") => {
            let invalid = |message: &str| Fault::new(200, code::INVALID_PARAMS, message).of(&request.id);
            let Some(Value::String(name)) = request.params.get("name") else {
                return Err(invalid("Invalid params: name: expected the name of a tool"));
            };
            let arguments = match request.params.get("arguments") {
                None | Some(Value::Null) => Map::new(),
                Some(Value::Object(arguments)) => arguments.clone(),
                Some(_) => return Err(invalid("Invalid params: arguments: expected an object")),
            };
            let Some((tool, dimension)) = tools::find(name) else {
                return Err(invalid(&format!("Tool {} not found", excerpt(name))));
            };
            let outcome = Use { call, principal, tool }.run(dimension, arguments).await;
            log::tool(
                &call.call.request_id.to_string(),
                tool.name,
                if outcome.is_error { "refused" } else { "answered" },
            );
            Ok(results::result(request, &outcome))
        }
        _ => Err(Fault::no_method(request)),
    }
}

/// Whether the caller's token may use a tool, on some website at least.
fn is_for(call: &AgentCall, principal: &Principal, tool: &Tool) -> bool {
    let Some(operation) = call.routes.find(tool.operation) else { return false };
    // What is of an account is not of a website's key, whatever the route answers it.
    let is_within = operation.access.role.is_some() || matches!(principal, Principal::Account { .. });
    // A route for owners takes the keys that they have made.
    let is_within = is_within
        && (operation.access.role != Some(Role::Owner)
            || matches!(principal, Principal::Account { .. })
            || principal.is_key_of_owner());
    is_within && principal.may_call(operation.access.permissions, operation.access.keys).is_ok()
}

/// One use of a tool.
struct Use<'a> {
    call: &'a AgentCall,
    principal: &'a Principal,
    tool: &'a Tool,
}

impl Use<'_> {
    async fn run(&self, dimension: Option<&str>, arguments: Map<String, Value>) -> Outcome {
        match self.ask(dimension, arguments).await {
            Ok(outcome) => outcome,
            Err(error) => {
                log_failure(self.call, self.tool.name, &error);
                let reply = error.into_reply(self.call.call.now);
                Outcome::refused(&String::from_utf8_lossy(&reply.body))
            }
        }
    }

    async fn ask(&self, dimension: Option<&str>, mut arguments: Map<String, Value>) -> Result<Outcome, Error> {
        let listed = arguments::all().iter().find(|listed| listed.name == self.tool.name);
        let schema = &listed.ok_or_else(|| PlatformError::new(format!("{} has no schema", self.tool.name)))?.schema;
        if let Some(dimension) = dimension {
            arguments.insert(DIMENSION.to_owned(), dimension.into());
        }
        // All dimensions ask for the same.
        let access = self.operation(self.tool.operation)?.access;
        if access.role.is_none() && matches!(self.principal, Principal::WebsiteKey { .. }) {
            return Err(Refusal::WebsiteKey.into());
        }
        self.principal.may_call(access.permissions, access.keys)?;
        schema.check(&arguments)?;
        let name = match take_text(&mut arguments, DIMENSION) {
            Some(dimension) => tools::operation_of(&dimension).unwrap_or(self.tool.operation),
            None => self.tool.operation,
        };
        let operation = self.operation(name)?;
        let sent = arguments.clone();
        let is_confirmed = arguments.remove(CONFIRM) == Some(true.into());
        let key = take_text(&mut arguments, KEY);
        let about = match operation.access.role {
            Some(_) => {
                let named = take_text(&mut arguments, WEBSITE);
                Some(websites::find(&self.call.call, self.principal, named.as_deref()).await?)
            }
            None => None,
        };
        let website = about.as_ref().and_then(|about| about.known.as_ref());
        let has_range = schema.properties.contains_key(PERIOD);
        let range = if has_range { self.range(&mut arguments, website)? } else { None };
        let mut inner = arguments::request(self.tool, &operation, schema, arguments);
        inner.website = about.as_ref().map(|about| about.id);
        inner.key = key;
        if operation.access.is_named_in_query {
            inner.query.extend(inner.website.map(|website| (WEBSITE.to_owned(), website.to_string())));
        }
        if !is_confirmed && self.wants_confirmation(&sent) {
            return self.preview(name, inner, about.as_ref(), sent).await;
        }
        let Done::Answered(reply) = self.call.routes.clone().run(name, inner, None).await? else {
            return Err(PlatformError::new(format!("{name} was not to be rehearsed")).into());
        };
        let body = self.shown(reply.body)?;
        if reply.status >= 400 {
            return Ok(Outcome::refused(&body));
        }
        let line = website.filter(|_| self.tool.is_report()).map(|website| line(website, range.as_deref(), &body));
        Ok(Outcome::answered(&body, line.as_deref()))
    }

    fn operation(&self, name: &str) -> Result<Operation, Error> {
        self.call.routes.find(name).ok_or_else(|| PlatformError::new(format!("no operation {name}")).into())
    }

    fn wants_confirmation(&self, sent: &Map<String, Value>) -> bool {
        match self.tool.confirm {
            Confirm::Never => false,
            Confirm::Always => true,
            Confirm::Fields(fields) => fields.iter().any(|field| sent.contains_key(*field)),
        }
    }

    /// Turns a named range into its ends, and returns how the text names the range and its zone.
    fn range(&self, arguments: &mut Map<String, Value>, website: Option<&Website>) -> Result<Option<String>, Error> {
        let period = take_text(arguments, PERIOD).and_then(|name| Period::named(&name));
        let ends = ["startAt", "endAt"].map(|name| arguments.get(name).and_then(Value::as_str).map(str::to_owned));
        if period.is_some() && ends.iter().any(Option::is_some) {
            return Err(Error::bad_request("period: cannot be combined with startAt and endAt"));
        }
        let zone: Option<TimeZone> = match arguments.get("timezone").and_then(Value::as_str) {
            Some(zone) => Some(zone.parse().map_err(|why| Error::field("timezone", &why))?),
            None => website.map(|website| website.timezone.clone()),
        };
        // Without a zone the website is out of reach, which its operation says better.
        let Some(zone) = zone else { return Ok(None) };
        let now = self.call.call.now;
        // Requests of crawlers are kept for so long only, and their reports have another range of their own.
        let default = ["getBotTraffic", "listBotPages"].contains(&self.tool.operation).then_some(Period::Last30Days);
        let ends = match (period, ends) {
            (Some(period), _) => {
                let bounds = period.bounds(now, &zone).or_else(|| default.and_then(|_| kept_days(now, &zone)));
                if let Some((start, end)) = &bounds {
                    arguments.insert("startAt".to_owned(), start.clone().into());
                    arguments.insert("endAt".to_owned(), end.clone().into());
                }
                bounds
            }
            (None, [Some(start), Some(end)]) => Some((start, end)),
            (None, _) if self.tool.operation == "getTimeseries" => days_of_default(arguments, &zone, now)?,
            (None, _) => default.and_then(|period| period.bounds(now, &zone)),
        };
        let range = ends.map_or_else(|| "all time".to_owned(), |(start, end)| format!("{start} to {end}"));
        Ok(Some(format!("{range}, {}", zone.as_str())))
    }

    /// What a tool would do. Everything is checked that comes before the operation's first write, and nothing is written.
    async fn preview(
        &self,
        name: &str,
        inner: Inner,
        about: Option<&About>,
        mut affects: Map<String, Value>,
    ) -> Result<Outcome, Error> {
        affects.remove(CONFIRM);
        affects.remove(KEY);
        if let Some(About { id, known }) = about {
            affects.insert(WEBSITE.to_owned(), id.to_string().into());
            affects.extend(known.as_ref().map(|website| ("domain".to_owned(), website.domain.clone().into())));
        }
        let rehearsal = Inner { key: None, is_rehearsal: true, ..inner.clone() };
        self.call.routes.clone().run(name, rehearsal, None).await?;
        for check in self.tool.checks {
            match *check {
                Check::Listed { operation, argument, field, what } => {
                    let wanted = affects.get(argument).cloned().unwrap_or_default();
                    if !self.is_listed(operation, inner.website, (field, &wanted)).await? {
                        let wanted = excerpt(wanted.as_str().unwrap_or_default());
                        return Err(Error::not_found(format!("{argument}: no {what} has the id {wanted}")));
                    }
                }
                Check::Room { operation, most, what } => {
                    let rows = self.rows(operation, Inner { website: inner.website, ..Inner::default() }).await?;
                    if rows.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                        return Err(Error::bad_request(format!("limit reached: {most} {what}; delete one first")));
                    }
                }
                Check::Answers { operation } => {
                    let Operation { path, .. } = self.operation(operation)?;
                    let mut inner = Inner { website: inner.website, path: inner.path.clone(), ..Inner::default() };
                    inner.path.retain(|(name, _)| path.contains(&format!("{{{name}}}")));
                    self.rows(operation, inner).await?;
                }
                Check::BotToken { is_there, when } => {
                    if when.is_some_and(|argument| affects.get(argument) != Some(&Value::Bool(true))) {
                        continue;
                    }
                    let rows = self.rows("getBotToken", Inner { website: inner.website, ..Inner::default() }).await?;
                    let has_token = rows.first().and_then(|row| row.get("hasToken")) == Some(&Value::Bool(true));
                    match (is_there, when) {
                        _ if has_token == is_there => {}
                        (false, _) => return Err(bots::has_token()),
                        (true, None) => return Err(bots::no_token()),
                        (true, Some(_)) => return Err(bots::wants_token()),
                    }
                }
                Check::Counts => {
                    let mut inner = inner.clone();
                    inner.query.push(("dryRun".to_owned(), "true".to_owned()));
                    let rows = self.rows(name, inner).await?;
                    let deleted = rows.first().and_then(|row| row.get("deleted")).cloned();
                    affects.insert("deleted".to_owned(), deleted.unwrap_or_default());
                }
            }
        }
        let row = json!({
            "tool": self.tool.name,
            "wouldDo": self.tool.title,
            "affects": affects,
            "confirm": "call again with confirm: true",
        });
        Ok(Outcome::answered(&json!({ "status": "preview", "data": [row] }).to_string(), None))
    }

    /// Whether a row of a list has this value in this field.
    async fn is_listed(
        &self,
        operation: &str,
        website: Option<WebsiteId>,
        (field, wanted): (&str, &Value),
    ) -> Result<bool, Error> {
        for page in 0..MOST_PAGES {
            let query =
                [("limit", PAGE), ("offset", page * PAGE)].map(|(name, number)| (name.to_owned(), number.to_string()));
            let rows = self.rows(operation, Inner { website, query: query.into(), ..Inner::default() }).await?;
            if rows.iter().any(|row| row.get(field) == Some(wanted)) {
                return Ok(true);
            }
            // A list without pages has all of its rows in the first answer.
            if rows.len() < PAGE {
                break;
            }
        }
        Ok(false)
    }

    /// The rows that an operation answers, for a caller who may do what the tool does.
    async fn rows(&self, operation: &str, mut inner: Inner) -> Result<Vec<Value>, Error> {
        let permissions = self.operation(self.tool.operation)?.access.permissions;
        if self.operation(operation)?.access.is_named_in_query && !inner.query.iter().any(|(name, _)| name == WEBSITE) {
            inner.query.extend(inner.website.map(|website| (WEBSITE.to_owned(), website.to_string())));
        }
        match self.call.routes.clone().run(operation, inner, Some(permissions)).await? {
            Done::Answered(reply) => {
                let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                Ok(body.get("data").and_then(Value::as_array).cloned().unwrap_or_default())
            }
            Done::WouldWrite => Ok(Vec::new()),
        }
    }

    /// A body without what the tool does not show.
    fn shown(&self, body: Vec<u8>) -> Result<String, Error> {
        let body = String::from_utf8(body).map_err(|_| PlatformError::new("an answer is not UTF-8"))?;
        if self.tool.hides.is_empty() {
            return Ok(body);
        }
        let mut json: Value = serde_json::from_str(&body).map_err(|error| PlatformError::new(error.to_string()))?;
        for row in json.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(fields) = row.as_object_mut() {
                fields.retain(|name, _| !self.tool.hides.contains(&name.as_str()));
            }
        }
        Ok(json.to_string())
    }
}

/// The days of a time series without ends.
fn days_of_default(
    arguments: &Map<String, Value>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<(String, String)>, Error> {
    let interval = arguments.get("interval").cloned().unwrap_or_default();
    let interval: Interval = serde_json::from_value(interval).unwrap_or_default();
    let span = default_span(interval, &zone.rules(), now)?;
    let day = |millis| {
        let moment = jiff::Timestamp::from_millisecond(millis).ok();
        moment.map(|moment| moment.to_zoned(zone.rules()).date().to_string())
    };
    Ok(day(span.from).zip(day(span.to)))
}

/// All days of which requests of crawlers are kept.
fn kept_days(now: Timestamp, zone: &TimeZone) -> Option<(String, String)> {
    let today = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned(zone.rules()).date();
    let first = today.checked_sub(jiff::Span::new().days(KEPT_DAYS)).ok()?;
    Some((first.to_string(), today.to_string()))
}

/// The line in front of a report's text: which website, which range, how many rows.
fn line(website: &Website, range: Option<&str>, body: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Counted {
        #[serde(default)]
        data: Vec<serde::de::IgnoredAny>,
        pagination: Option<Pagination>,
    }
    #[derive(serde::Deserialize)]
    struct Pagination {
        total: Option<u64>,
    }
    let range = range.unwrap_or_else(|| website.timezone.as_str());
    let counted: Option<Counted> = serde_json::from_str(body).ok();
    let rows = counted.and_then(|counted| Some((counted.data.len(), counted.pagination?.total?)));
    let rows = rows.map(|(shown, total)| format!("; {shown} of {total} rows")).unwrap_or_default();
    format!("{}, {range}{rows}", website.domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_known_by_their_host() {
        for origin in
            ["http://localhost:6274", "https://localhost", "http://127.0.0.1:80", "http://127.9.9.9", "http://[::1]:1"]
        {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "http://localhost.evil.example",
            "http://evil.example:80",
            "null",
            "file://",
            "http://127.0.0.1.nip.io",
            "ftp://localhost",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }
}
