//! The way of every request: match the table, tell the caller, let the handler answer.

use std::cell::RefCell;

use subtle::ConstantTimeEq;

use super::call::{AccountCall, Call, RequestId, WebsiteCall};
use super::error::{Error, PlainError};
use super::input::Raw;
use super::reply::Reply;
use super::route::{Door, Found, Named, Route, Table, WEBSITE_PARAMETER};
use crate::auth::access::Principal;
use crate::auth::failures::{self, ClientAddress};
use crate::auth::sliding_window::{Rate, WINDOW_MS};
use crate::auth::token::RawToken;
use crate::platform::incoming::{Body, Incoming};
use crate::platform::{Platform, clock, log, random};
use crate::values::{Timestamp, excerpt};

/// Answers one request.
pub async fn serve(table: &Table, mut incoming: Incoming, platform: Platform) -> Reply {
    let now = clock::now();
    let request_id = RequestId::new(now, random::bytes().unwrap_or_default());
    let mut exchange = Exchange { now, platform, rate: None };
    let (place, cors, result) = match table.find(&incoming.method, &incoming.path) {
        Found::Nothing => ("", false, Err(Error::not_found(format!("no such path: {}", excerpt(&incoming.path))))),
        Found::OtherMethods(allow) => match table.cors_methods(&incoming.path) {
            Some(methods) if incoming.method == "OPTIONS" => ("", true, Ok(preflight(methods))),
            open => ("", open.is_some(), Err(Error::MethodNotAllowed { allow })),
        },
        Found::Route(route, parameters) => {
            let result = exchange.run(route, parameters, &mut incoming).await;
            (route.path, route.cors, result.or_else(|error| plain(route, error)))
        }
    };
    let mut reply = result.unwrap_or_else(|error| {
        if let Error::Ours(cause) = &error {
            log::failure(&request_id.to_string(), &format!("{} {place}", incoming.method), &cause.to_string());
        }
        error.into_reply(now)
    });
    if let Some(rate) = exchange.rate {
        reply = with_rate(reply, &rate, now);
    }
    if cors {
        reply = reply
            .with_header("access-control-allow-origin", "*")
            .with_header("access-control-expose-headers", "X-Request-Id, X-Sluice-Dropped, Retry-After");
    }
    if incoming.method == "HEAD" {
        reply.body.clear();
        reply.stream = None;
    }
    reply
        .with_header("x-request-id", request_id.to_string())
        .with_header("server-timing", exchange.platform.meter().to_string())
}

/// What a browser asks before it calls from another origin.
fn preflight(methods: String) -> Reply {
    Reply::empty(204)
        .with_header("access-control-allow-methods", methods)
        .with_header("access-control-allow-headers", "content-type, authorization")
        .with_header("access-control-max-age", "86400")
}

/// Bad input in the form that the route has for it.
fn plain(route: &Route, error: Error) -> Result<Reply, Error> {
    match error {
        Error::Refused { status: status @ (400 | 413), message } if route.has_plain_errors => {
            Ok(Reply::json(status, &PlainError { error: message }))
        }
        other => Err(other),
    }
}

/// One request while it is being answered.
struct Exchange {
    now: Timestamp,
    platform: Platform,
    /// The state of the caller's window, once it is known.
    rate: Option<Rate>,
}

impl Exchange {
    async fn run(
        &mut self,
        route: &Route,
        parameters: Vec<(String, String)>,
        incoming: &mut Incoming,
    ) -> Result<Reply, Error> {
        match &route.door {
            Door::Public(handler) => {
                let raw = read(route, parameters, incoming).await?;
                handler(self.call(incoming), raw).await
            }
            Door::Setup(handler) => {
                self.check_setup_secret(incoming).await?;
                let raw = read(route, parameters, incoming).await?;
                handler(self.call(incoming), raw).await
            }
            Door::Account { permissions, keys, handler } => {
                let principal = self.authenticate(incoming).await?;
                principal.may_call(permissions, *keys)?;
                let raw = read(route, parameters, incoming).await?;
                handler(AccountCall { call: self.call(incoming), principal }, raw).await
            }
            Door::Website { permissions, keys, role, named, handler } => {
                let principal = self.authenticate(incoming).await?;
                principal.may_call(permissions, *keys)?;
                let (website, parameters): (Vec<_>, Vec<_>) =
                    parameters.into_iter().partition(|(name, _)| name == WEBSITE_PARAMETER);
                let website = match named {
                    Named::InPath => website.into_iter().next().map(|(_, value)| value),
                    Named::InQuery => in_query(&incoming.query),
                };
                let website_id = match (website, &principal) {
                    (Some(website), _) => website.parse().map_err(|why| Error::field(WEBSITE_PARAMETER, &why))?,
                    (None, Principal::WebsiteKey { website_id, .. }) => *website_id,
                    (None, Principal::Account { .. }) => {
                        return Err(Error::bad_request(
                            "websiteId: required in the query with an account token; a df_ website key needs none",
                        ));
                    }
                };
                let raw = read(route, parameters, incoming).await?;
                let call = WebsiteCall { call: self.call(incoming), principal, website_id, needed: *role };
                handler(call, raw).await
            }
        }
    }

    fn call(&self, incoming: &Incoming) -> Call {
        let base_url = self.platform.config().public_url().unwrap_or_else(|| incoming.origin.clone());
        Call { now: self.now, base_url, platform: self.platform.clone() }
    }

    /// Tells who calls, or why that cannot be told: no token, garbage, a token of nobody, too many requests.
    async fn authenticate(&mut self, incoming: &Incoming) -> Result<Principal, Error> {
        let token = match bearer(incoming)?.parse::<RawToken>() {
            Ok(token) => token,
            Err(why) => return Err(self.count_garbage(incoming, why.to_string())),
        };
        let verdict = self.platform.gates().admit(token.hash(), token.kind()).await?;
        self.rate = verdict.rate;
        match (verdict.principal, verdict.rate) {
            (Some(_), Some(rate)) if !rate.admitted => Err(Error::RateLimited(rate)),
            (Some(principal), _) => Ok(principal),
            (None, _) => {
                let failures = self.platform.gates().count_failure(&client(incoming).to_string()).await?;
                Err(refused(failures, "this token is unknown or was revoked".to_owned()))
            }
        }
    }

    async fn check_setup_secret(&self, incoming: &Incoming) -> Result<(), Error> {
        let Some(secret) = self.platform.config().setup_secret() else {
            return Err(Error::not_found("setting up is switched off: SETUP_SECRET is not set"));
        };
        // `ct_eq` of slices answers at once for different lengths; the length of the secret is no secret.
        if bearer(incoming)?.as_bytes().ct_eq(secret.as_bytes()).into() {
            return Ok(());
        }
        let failures = self.platform.gates().count_failure(&client(incoming).to_string()).await?;
        Err(refused(failures, "wrong setup secret".to_owned()))
    }

    /// What cannot be a token is refused, and counted, without touching storage.
    fn count_garbage(&self, incoming: &Incoming, message: String) -> Error {
        let limit = self.platform.config().auth_failure_limit();
        refused(failures::count_in_memory(&client(incoming), self.now, limit), message)
    }
}

/// A failed authentication: 401, or 429 where its address has failed too often.
fn refused(failures: Rate, message: String) -> Error {
    if failures.admitted { Error::unauthorized(message) } else { Error::RateLimited(failures) }
}

/// The address that the platform vouches for.
fn client(incoming: &Incoming) -> ClientAddress {
    ClientAddress::new(incoming.header("cf-connecting-ip").as_deref())
}

/// The credential of the `Authorization` header (RFC 6750).
fn bearer(incoming: &Incoming) -> Result<String, Error> {
    let header = incoming.header("authorization").ok_or_else(|| {
        Error::unauthorized("missing Authorization header; send \"Authorization: Bearer dft_…\" or \"Bearer df_…\"")
    })?;
    match header.trim().split_once(' ') {
        Some((scheme, credential)) if scheme.eq_ignore_ascii_case("bearer") => Ok(credential.trim().to_owned()),
        _ => Err(Error::unauthorized("the Authorization header must be \"Bearer\", a space and a token")),
    }
}

/// The website that a query names; of several the last.
fn in_query(query: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| name == WEBSITE_PARAMETER).last().map(|(_, value)| value.into_owned())
}

/// The parts of a request that its route reads.
async fn read(route: &Route, path: Vec<(String, String)>, incoming: &mut Incoming) -> Result<Raw, Error> {
    let mut raw = Raw { path, query: incoming.query.clone(), ..Raw::default() };
    if route.reads_body {
        raw.body = match incoming.body(route.longest_body).await? {
            Body::Complete(body) => body,
            Body::TooLarge => return Err(Error::too_large(route.longest_body)),
        };
    }
    if route.takes_upload {
        raw.upload = RefCell::new(incoming.stream()?);
    }
    if route.reads_caller {
        raw.caller = incoming.caller();
    }
    Ok(raw)
}

/// The rate headers: the de facto ones (contract decision 18), and those of draft-ietf-httpapi-ratelimit-headers.
fn with_rate(reply: Reply, rate: &Rate, now: Timestamp) -> Reply {
    let Rate { limit, remaining, .. } = *rate;
    reply
        .with_header("x-ratelimit-limit", limit.to_string())
        .with_header("x-ratelimit-remaining", remaining.to_string())
        .with_header("x-ratelimit-reset", rate.reset_at_secs(now).to_string())
        .with_header("ratelimit-policy", format!("\"default\";q={limit};w={}", WINDOW_MS / 1000))
        .with_header("ratelimit", format!("\"default\";r={remaining};t={}", rate.reset_in_secs()))
}
