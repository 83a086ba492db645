//! The request pipeline: match a route, identify the caller, run the handler.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::StreamExt;
use subtle::ConstantTimeEq;

use super::admission::Admission;
use super::agent::{self, Access, AgentCall, Done, Inner, Operation, Routes};
use super::browser::{self, CrossSite, SessionCookie};
use super::call::{AccountCall, Call, Entrance, OpenCall, PageCall, RequestId, SignInCall, WebsiteCall};
use super::encoding::{self, Encoding};
use super::error::{Error, PlainError};
use super::idempotency::{self, Key, KeyLease, Lookup, ResponseState};
use super::input::{BEARER, CALLER_HEADERS, Raw};
use super::recording::{Actor, Entry, Record};
use super::reply::Reply;
use super::route::{self, Door, Found, Handler, Named, Route, Table, WEBSITE_PARAMETER};
use crate::auth::access::{Principal, Refusal};
use crate::auth::failures::{self, ClientAddress};
use crate::auth::limits;
use crate::auth::permission::Required;
use crate::auth::role::Role;
use crate::auth::sliding_window::{Rate, WINDOW_MS};
use crate::auth::token::{RawToken, TokenHash};
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::incoming::BodyStream;
use crate::platform::incoming::{Body, Caller, Incoming};
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{Environment, Id, Timestamp, WebsiteId, WebsiteName, excerpt, kinds};
use sluice_webhook_rules::headers::USER_AGENT_PRODUCT;

/// Answers one request.
pub async fn serve(table: &'static Table, mut incoming: Incoming, platform: Platform) -> Reply {
    let now = platform.now();
    let request_id = RequestId::new(now, platform.random().unwrap_or_default());
    let mut exchange = Exchange { now, request_id, platform, rate: None, took_cookie: false, agent: None };
    incoming.path = route::normalized(&incoming.path);
    let (path, cors, result) = match table.find(&incoming.method, &incoming.path) {
        Found::Nothing => ("", false, Err(Error::not_found(format!("no such path: {}", excerpt(&incoming.path))))),
        Found::OtherMethods(_) if let Some(route) = table.agent_at(&incoming.path) => {
            (route.path, false, exchange.run(table, route, Vec::new(), &mut incoming).await)
        }
        Found::OtherMethods(allow) => match table.cors_methods(&incoming.path) {
            Some(methods) if incoming.method == "OPTIONS" => ("", true, Ok(preflight(methods))),
            open => ("", open.is_some(), Err(Error::MethodNotAllowed { allow })),
        },
        Found::Route(route, parameters) => {
            let result = exchange.run(table, route, parameters, &mut incoming).await;
            (route.path, route.cors, result.or_else(|error| plain(route, error)))
        }
    };
    let mut reply = result.unwrap_or_else(|error| {
        if let Error::Ours(cause) | Error::Stopped { cause, .. } = &error {
            log::failure(&request_id.to_string(), &format!("{} {path}", incoming.method), &cause.to_string());
        }
        let reply = error.into_reply(now);
        if matches!(reply.status, 400 | 404) && is_shown_to_a_person(&incoming) {
            broken_link(reply.status)
        } else {
            reply
        }
    });
    if let Some(rate) = exchange.rate {
        reply = with_rate(reply, &rate, now);
    }
    if exchange.took_cookie {
        reply = of_a_cookie(reply);
    } else if cors {
        reply = reply
            .with_header("access-control-allow-origin", "*")
            .with_header("access-control-expose-headers", "X-Request-Id, X-Sluice-Dropped, Retry-After");
    }
    if incoming.method == "HEAD" {
        reply.body.clear();
        reply.stream = None;
    }
    with_security(reply, exchange.platform.config().environment())
        .with_header("x-request-id", request_id.to_string())
        .with_header("server-timing", exchange.platform.meter().to_string())
}

/// Keeps an answer that a cookie was good for out of every cache, and from other origins.
fn of_a_cookie(mut reply: Reply) -> Reply {
    reply.headers.retain(|(name, _)| !["cache-control", "vary"].contains(name));
    reply.with_header("cache-control", "no-store").with_header("vary", "Cookie, Authorization")
}

/// Whether the request follows a link of a mail in a browser.
fn is_shown_to_a_person(incoming: &Incoming) -> bool {
    let mut parts = incoming.path.split('/').skip(1);
    let is_linked = parts.next().is_some_and(|first| ["invitations", "unsubscribe"].contains(&first));
    is_linked
        && matches!(incoming.method.as_str(), "GET" | "HEAD")
        && incoming.header("accept").is_some_and(|accepted| accepted.contains("text/html"))
}

/// The page behind a link that is cut or altered.
fn broken_link(status: u16) -> Reply {
    let policy = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    Reply::page(status, include_bytes!("broken_link.html").to_vec(), policy)
}

/// How long a browser keeps to HTTPS after it has seen the gateway in production: a year, in seconds.
const HTTPS_SECS: u32 = 365 * 24 * 60 * 60;

/// Keeps responses out of caches unless their handler allows it, and to their own type (docs/contract/README.md#48).
fn with_security(reply: Reply, environment: Environment) -> Reply {
    let is_cacheable = reply.headers.iter().any(|(name, _)| *name == "cache-control");
    let reply = if is_cacheable { reply } else { reply.with_header("cache-control", "no-store") };
    let reply = reply.with_header("x-content-type-options", "nosniff");
    match environment {
        Environment::Production => reply.with_header("strict-transport-security", format!("max-age={HTTPS_SECS}")),
        Environment::Development => reply,
    }
}

/// Refuses what a webhook of a Sluice gateway has sent: it would make a message of every message, without end. Cloudflare's own
/// detection of loops sees nothing of it, since a queue lies between.
fn refuse_own_deliveries(incoming: &Incoming) -> Result<(), Error> {
    let is_ours = |agent: String| agent.trim_start().starts_with(USER_AGENT_PRODUCT);
    if incoming.header("webhook-id").is_some() && incoming.header("user-agent").is_some_and(is_ours) {
        return Err(Error::forbidden("loop detected: a webhook cannot call a Sluice gateway"));
    }
    Ok(())
}

/// The response to a browser's preflight request.
fn preflight(methods: String) -> Reply {
    Reply::empty(204)
        .with_header("access-control-allow-methods", methods)
        .with_header("access-control-allow-headers", "content-type, authorization")
        .with_header("access-control-max-age", "86400")
}

/// Puts a validation error into the form that the route has for it.
fn plain(route: &Route, error: Error) -> Result<Reply, Error> {
    match error {
        Error::Refused { status: status @ (400 | 413 | 415), message } if route.has_plain_errors => {
            Ok(Reply::json(status, &PlainError { error: message }))
        }
        other => Err(other),
    }
}

/// One request while it is being handled.
#[derive(Clone)]
struct Exchange {
    now: Timestamp,
    request_id: RequestId,
    platform: Platform,
    /// The state of the caller's rate limit, once it is known.
    rate: Option<Rate>,
    /// Whether the cookie of a session was looked at.
    took_cookie: bool,
    /// Where a program that calls through a protocol of its own is.
    agent: Option<Option<String>>,
}

impl Exchange {
    async fn run(
        &mut self,
        table: &'static Table,
        route: &Route,
        parameters: Vec<(String, String)>,
        incoming: &mut Incoming,
    ) -> Result<Reply, Error> {
        refuse_own_deliveries(incoming)?;
        match &route.door {
            Door::Public(handler) => {
                let entry = self.entry(route, &parameters, None, incoming)?;
                let raw = read(route, parameters, incoming, self.now).await?;
                handler(self.call(incoming, None, entry), raw).await
            }
            Door::Hook { knows, headers, handler } => {
                knows(&self.platform, &parameters)?;
                let Body::Complete(body) = incoming.body(route.longest_body).await? else {
                    return Err(Error::too_large(route.longest_body));
                };
                let caller = Caller { headers: incoming.headers(headers), ..Caller::default() };
                let raw = Raw { path: parameters, query: incoming.query.clone(), body, caller, ..Raw::default() };
                handler(self.call(incoming, None, None), raw).await
            }
            Door::Open(handler) => self.open(route, handler, parameters, incoming).await,
            Door::Setup(handler) => {
                self.check_setup_secret(incoming).await?;
                let entry = self.entry(route, &parameters, None, incoming)?;
                let raw = read(route, parameters, incoming, self.now).await?;
                handler(self.call(incoming, None, entry), raw).await
            }
            Door::Page(handler) => {
                let raw = read(route, parameters, incoming, self.now).await?;
                let header = |name| incoming.header(name).unwrap_or_default();
                let accepts_html = header("accept").contains("text/html");
                handler(
                    PageCall { call: self.call(incoming, None, None), accepts_html, cookies: header("cookie") },
                    raw,
                )
                .await
            }
            Door::SignIn(handler) => {
                self.check_own_page(incoming)?;
                let entry = self.entry(route, &parameters, None, incoming)?;
                let raw = read(route, parameters, incoming, self.now).await?;
                let earlier = self.earlier(incoming);
                let cookies = incoming.header("cookie").unwrap_or_default();
                let call = self.call(incoming, None, entry);
                // Where Access stands before the console's pages alone, only the cookie comes along.
                let assertion = incoming.header("cf-access-jwt-assertion");
                let assertion = assertion.or_else(|| browser::cookie(&cookies, "CF_Authorization").map(str::to_owned));
                handler(SignInCall { call, earlier, cookies, assertion, client: client(incoming) }, raw).await
            }
            Door::Agent { headers, handler } => {
                let headers = Caller { headers: incoming.headers(headers), ..Caller::default() };
                let body = read(route, Vec::new(), incoming, self.now).await.map(|raw| raw.body);
                let routes = Rc::new(OwnRoutes::new(table, self, incoming));
                let (call, method) = (self.call(incoming, None, None), incoming.method.clone());
                let reply =
                    handler(AgentCall { call, path: route.path, method, headers, body, routes: routes.clone() }).await;
                self.rate = routes.rate.get();
                Ok(reply)
            }
            Door::Account { permissions, handler, .. } => {
                let caller = self.authenticate(route.is_of_console, incoming, None).await?;
                self.account(route, handler, *permissions, caller, parameters, incoming).await
            }
            Door::Website { permissions, named, .. } => {
                let (website, parameters): (Vec<_>, Vec<_>) =
                    parameters.into_iter().partition(|(name, _)| name == WEBSITE_PARAMETER);
                let website = match named {
                    Named::InPath => website.into_iter().next().map(|(_, value)| value),
                    Named::InQuery => in_query(&incoming.query),
                };
                let asked = website.as_ref().and_then(|website| website.parse().ok());
                let caller = self.authenticate(route.is_of_console, incoming, asked).await?;
                self.website(route, *permissions, caller, (website, parameters), incoming).await
            }
        }
    }

    /// Runs the handler of an account's route.
    async fn account(
        &self,
        route: &Route,
        handler: &Handler<AccountCall>,
        permissions: Required,
        Authenticated { principal, token, .. }: Authenticated,
        parameters: Vec<(String, String)>,
        incoming: &mut Incoming,
    ) -> Result<Reply, Error> {
        principal.may_call(permissions, route.keys())?;
        self.check_fresh(route, &principal)?;
        let path = route.path_with(&parameters);
        let entry = self.entry(route, &parameters, Some((&principal, None)), incoming)?;
        let lease = key_lease(&self.platform, route, &path, incoming, &token)?;
        let raw = read(route, parameters, incoming, self.now).await?;
        let call = AccountCall { call: self.call(incoming, lease.clone(), entry.clone()), principal };
        match self.acquire(lease.as_ref(), route, None, raw).await? {
            KeyOutcome::Replay(reply) => Ok(reply),
            KeyOutcome::Run(raw) => {
                self.settle(lease.as_deref(), entry.as_deref(), route, handler(call, raw).await).await
            }
        }
    }

    /// Runs the handler of a website's route.
    async fn website(
        &self,
        route: &Route,
        permissions: Required,
        Authenticated { principal, token, owns }: Authenticated,
        (website, parameters): (Option<String>, Vec<(String, String)>),
        incoming: &mut Incoming,
    ) -> Result<Reply, Error> {
        let Door::Website { role, handler, .. } = &route.door else {
            return Err(PlatformError::new("a route of no website was called as one").into());
        };
        let asked = website.as_ref().and_then(|website| website.parse().ok());
        principal.may_call(permissions, route.keys())?;
        self.check_fresh(route, &principal)?;
        let website_id = match (website, &principal) {
            (Some(website), _) => {
                let name = website.parse().map_err(|why| Error::field(WEBSITE_PARAMETER, &why))?;
                self.find_website(name, &principal).await?
            }
            (None, Principal::WebsiteKey { website_id, .. }) => *website_id,
            (None, Principal::Account { .. }) => {
                return Err(Error::bad_request(
                    "websiteId: required in the query with an account token; a df_ website key needs none",
                ));
            }
        };
        let website = (WEBSITE_PARAMETER.to_owned(), website_id.to_string());
        let path = route.path_with(parameters.iter().chain([&website]));
        let entry = self.entry(route, &parameters, Some((&principal, Some(website_id))), incoming)?;
        let lease = key_lease(&self.platform, route, &path, incoming, &token)?;
        let raw = read(route, parameters, incoming, self.now).await?;
        let call = self.call(incoming, lease.clone(), entry.clone());
        let owns = owns && asked == Some(website_id);
        // Where a route for owners takes keys, these are the owner's.
        let needed = if principal.is_key_of_owner() { (*role).min(Role::Member) } else { *role };
        let call = WebsiteCall { call, principal, website_id, owns, needed };
        match self.acquire(lease.as_ref(), route, Some(call.entrance()), raw).await? {
            KeyOutcome::Replay(reply) => Ok(reply),
            KeyOutcome::Run(raw) => {
                self.settle(lease.as_deref(), entry.as_deref(), route, handler(call, raw).await).await
            }
        }
    }

    /// Runs a handler that is for anybody, with whoever the caller is.
    async fn open(
        &mut self,
        route: &Route,
        handler: &Handler<OpenCall>,
        parameters: Vec<(String, String)>,
        incoming: &mut Incoming,
    ) -> Result<Reply, Error> {
        let own_page = self.check_own_page(incoming);
        let principal = match incoming.header("authorization") {
            Some(_) => Some(self.authenticate(route.is_of_console, incoming, None).await?.principal),
            None if own_page.is_ok() => self.session(incoming).await?,
            None => None,
        };
        // Without a token, what is guessed is something else.
        let guesser = principal.is_none().then(|| client(incoming));
        let limit = limits::failures_per_minute(&self.platform.config());
        if let Some(guesser) = &guesser {
            failures::check_in_memory(guesser, self.now, limit).map_err(Error::RateLimited)?;
        }
        let entry = self.entry(route, &parameters, principal.as_ref().map(|principal| (principal, None)), incoming)?;
        let raw = read(route, parameters, incoming, self.now).await?;
        let earlier = self.earlier(incoming);
        let call = OpenCall { call: self.call(incoming, None, entry), principal, own_page, earlier };
        let result = handler(call, raw).await;
        if let (Some(guesser), Err(Error::Refused { status: 403 | 404, .. })) = (guesser, &result) {
            failures::count_in_memory(&guesser, self.now, limit);
        }
        result
    }

    /// The id of the website that a request names. Costs a look-up only for a tracking id.
    async fn find_website(&self, name: WebsiteName, principal: &Principal) -> Result<WebsiteId, Error> {
        #[derive(serde::Deserialize)]
        struct Found {
            id: WebsiteId,
        }

        let tracking_id = match name {
            WebsiteName::Id(id) => return Ok(id),
            WebsiteName::Tracking(tracking_id) => tracking_id,
        };
        let statement = sql("SELECT id FROM websites WHERE tracking_id = ?1").bind(tracking_id.as_str());
        let found = self.platform.database().rows::<Found>(statement).await?.into_iter().next();
        match (found, principal) {
            (Some(found), _) => Ok(found.id),
            (None, Principal::WebsiteKey { .. }) => Err(Refusal::OtherWebsite.into()),
            (None, Principal::Account { .. }) => {
                Err(Error::not_found(format!("no website {tracking_id} that {} can reach", principal.means())))
            }
        }
    }

    /// Acquires the key, if the request has one, or finds its stored response. The caller's role on the website is read in
    /// the same batch: a response is not replayed to a caller who has lost access since.
    async fn acquire(
        &self,
        lease: Option<&Rc<KeyLease>>,
        route: &Route,
        entrance: Option<Entrance<'_>>,
        mut raw: Raw,
    ) -> Result<KeyOutcome, Error> {
        let Some(lease) = lease else { return Ok(KeyOutcome::Run(raw)) };
        lease.hash_part(&raw.body);
        raw.upload = RefCell::new(raw.upload.take().map(|stream| hashed(stream, lease)));
        let mut batch = Batch::new();
        let membership = entrance.as_ref().map(Entrance::ask).transpose()?.flatten().map(|asked| batch.read(asked));
        let key = lease.acquire(&mut batch, self.platform.now());
        let results = self.platform.database().run(batch).await?;
        let membership = membership.map(|handle| results.first(&handle)).transpose()?.flatten();
        let closed = entrance.map(|entrance| entrance.decide(membership));
        if let Some(Err(closed)) = closed {
            self.finish(route, Ok(vec![lease.release()])).await;
            return Err(closed);
        }
        match lease.lookup(results.first(&key)?.as_ref())? {
            Lookup::New => Ok(KeyOutcome::Run(raw)),
            Lookup::InProgress => Err(idempotency::in_progress()),
            Lookup::Completed(saved) => {
                // An upload is read to its end to compare its hash.
                if let Some(mut upload) = raw.upload.take() {
                    while let Some(part) = upload.next().await {
                        part?;
                    }
                }
                lease.replay(saved).map(KeyOutcome::Replay)
            }
        }
    }

    /// Writes what was done into the audit log, where the handler's own batch could not, stores a success that the handler has not
    /// stored itself, and releases the key after a failure.
    async fn settle(
        &self,
        lease: Option<&KeyLease>,
        entry: Option<&Entry>,
        route: &Route,
        result: Result<Reply, Error>,
    ) -> Result<Reply, Error> {
        let is_done = matches!(&result, Ok(Reply { status: 200..=299, .. }));
        let deed = entry.filter(|_| is_done).and_then(Entry::of_deed);
        let key = match (&result, lease.map(|lease| (lease, lease.state()))) {
            (_, None | Some((_, ResponseState::Saved))) => None,
            (_, Some((_, ResponseState::LeaseLost))) => return Err(idempotency::in_progress()),
            (Ok(reply), Some((lease, ResponseState::Unsaved))) if idempotency::is_saved(reply) => {
                Some(self.platform.random().and_then(|nonce| lease.save(reply, self.platform.now(), nonce)))
            }
            (_, Some((lease, ResponseState::Unsaved))) => Some(Ok(lease.release())),
        };
        self.finish(route, deed.map(Ok).into_iter().chain(key).collect()).await;
        result
    }

    /// Completes or releases a key after the work is done, and writes its row of the audit log. If that fails, the work is done
    /// nevertheless, and the lease expires.
    async fn finish(&self, route: &Route, statements: Result<Vec<Statement>, PlatformError>) {
        let done = match statements {
            Ok(statements) => {
                let mut batch = Batch::new();
                for statement in statements {
                    batch.run(statement);
                }
                self.platform.database().run(batch).await.map(|_| ())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            log::failure(
                &self.request_id.to_string(),
                &format!("{} {}", route.method.as_str(), route.path),
                &error.to_string(),
            );
        }
    }

    /// The request's row of the audit log, if its route has one.
    fn entry(
        &self,
        route: &Route,
        parameters: &[(String, String)],
        caller: Option<(&Principal, Option<WebsiteId>)>,
        incoming: &Incoming,
    ) -> Result<Option<Rc<Entry>>, PlatformError> {
        let Some(record @ (Record::Row(_) | Record::Deed)) = route.record else { return Ok(None) };
        let (principal, website) = caller.map_or((None, None), |(principal, website)| (Some(principal), website));
        let actor = principal.map(Actor::from).unwrap_or(Actor {
            account: None,
            kind: match &route.door {
                Door::Setup(_) => "setup",
                Door::SignIn(_) => "session",
                Door::Open(_) => "invitation",
                _ => "link",
            },
            credential: None,
        });
        // What names a visitor is nowhere once the visitor is erased.
        let named = parameters.iter().rfind(|(name, _)| name != "visitorId").map(|(_, value)| {
            let id = value.parse::<Id<kinds::Request>>().map(|id| id.to_string());
            id.unwrap_or_else(|_| value.clone())
        });
        let whole = || match record {
            Record::Row(_) => website.map(|id| id.to_string()).or_else(|| actor.account.map(|id| id.to_string())),
            _ => None,
        };
        let target = route.recorded_target.map(str::to_owned).or(named).or_else(whole);
        let country = || incoming.caller(&[], self.now).place.country;
        let is_cli = || incoming.header("user-agent").is_some_and(|agent| agent.starts_with("sluice-cli/"));
        let client = match (&self.agent, principal.is_none_or(|principal| principal.session().is_some())) {
            (Some(_), _) => "mcp",
            (None, true) if matches!(route.door, Door::Public(_)) => "mail",
            (None, true) if matches!(route.door, Door::Setup(_)) => "api",
            // Without a token, an own page says that it is one.
            (None, true) if principal.is_none() && self.check_own_page(incoming).is_err() => "api",
            (None, true) => "console",
            (None, false) if is_cli() => "cli",
            (None, false) => "api",
        };
        // A program may call several operations in one request.
        let id = match &self.agent {
            Some(_) => Id::new(self.now, self.platform.random()?),
            None => Id::from_bytes(*self.request_id.as_bytes()),
        };
        Ok(Some(Rc::new(Entry {
            id,
            at: self.now,
            record,
            operation: route.operation,
            client,
            country: self.agent.clone().unwrap_or_else(country),
            website: Cell::new(website),
            actor: RefCell::new(actor),
            target: RefCell::new(target),
            values: RefCell::default(),
            is_done: Cell::new(false),
        })))
    }

    fn call(&self, incoming: &Incoming, lease: Option<Rc<KeyLease>>, entry: Option<Rc<Entry>>) -> Call {
        let public_url = self.platform.config().public_url();
        let own_origins = public_url.iter().chain([&incoming.origin]).cloned().collect();
        let base_url = public_url.unwrap_or_else(|| incoming.origin.clone());
        Call {
            now: self.now,
            request_id: self.request_id,
            base_url,
            own_origins,
            origin: incoming.origin.clone(),
            rate: self.rate,
            platform: self.platform.clone(),
            lease,
            entry,
        }
    }

    fn check_own_page(&self, incoming: &Incoming) -> Result<(), CrossSite> {
        let public_url = self.platform.config().public_url();
        let own: Vec<String> = public_url.into_iter().chain([incoming.origin.clone()]).collect();
        let (site, origin) = (incoming.header("sec-fetch-site"), incoming.header("origin"));
        browser::check_own_page(site.as_deref(), origin.as_deref(), &own)
    }

    /// The value of the session's cookie, if there is one.
    fn cookie(&mut self, incoming: &Incoming) -> Option<String> {
        let cookie = SessionCookie::new(self.platform.config().environment(), &incoming.origin);
        let value = cookie.read(&incoming.header("cookie")?)?.to_owned();
        self.took_cookie = true;
        Some(value)
    }

    /// The session that the browser has, whether it is alive or not.
    fn earlier(&mut self, incoming: &Incoming) -> Option<TokenHash> {
        Some(RawToken::of_session(&self.cookie(incoming)?).ok()?.hash())
    }

    /// Whose session the browser has, if it has one that is alive.
    async fn session(&mut self, incoming: &Incoming) -> Result<Option<Principal>, Error> {
        let Some(token) = self.cookie(incoming).and_then(|text| RawToken::of_session(&text).ok()) else {
            return Ok(None);
        };
        let verdict = Admission::new(&self.platform, &client(incoming), self.now).ask(&token, None).await?;
        self.rate = verdict.rate;
        match verdict.rate {
            Some(rate) if !rate.admitted => Err(Error::RateLimited(rate)),
            _ => Ok(verdict.principal),
        }
    }

    fn check_fresh(&self, route: &Route, principal: &Principal) -> Result<(), Error> {
        if route.wants_fresh && !principal.is_fresh(self.now) { Err(Error::NotFresh) } else { Ok(()) }
    }

    /// Identifies the caller and the token, or refuses: no token, a malformed or unknown one, too many requests. A token in the
    /// `Authorization` header goes before a session's cookie. Asks in the same hop whether the caller owns `website`.
    async fn authenticate(
        &mut self,
        is_of_console: bool,
        incoming: &Incoming,
        website: Option<WebsiteId>,
    ) -> Result<Authenticated, Error> {
        let (client, cookie) = (client(incoming), self.cookie_without_token(incoming)?);
        let (token, unknown) = match cookie {
            Some(text) => (RawToken::of_session(&text), "the session is over; sign in again"),
            None if is_of_console && incoming.header("authorization").is_none() => {
                return Err(Error::unauthorized("sign in to the console"));
            }
            None => (bearer(incoming)?.parse(), UNKNOWN_TOKEN),
        };
        let platform = self.platform.clone();
        let admission = Admission::new(&platform, &client, self.now);
        let token: RawToken = token.map_err(|why| admission.count_malformed(&format!("{INVALID_TOKEN}: {why}")))?;
        let verdict = admission.ask(&token, website).await?;
        self.rate = verdict.rate;
        let principal = match (verdict.principal, verdict.rate) {
            (Some(_), Some(rate)) if !rate.admitted => return Err(Error::RateLimited(rate)),
            (Some(principal), _) => principal,
            (None, _) => return Err(admission.count_unknown(unknown).await),
        };
        if is_of_console && principal.session().is_none() {
            return Err(Error::forbidden("this route is the console's: it takes a session, not a token"));
        }
        Ok(Authenticated { principal, token, owns: verdict.owns })
    }

    /// The session's cookie, if it is what the request is to be authenticated by. One of our own pages must have sent it then.
    fn cookie_without_token(&mut self, incoming: &Incoming) -> Result<Option<String>, CrossSite> {
        if incoming.header("authorization").is_some() {
            return Ok(None);
        }
        let cookie = self.cookie(incoming);
        if cookie.is_some() {
            self.check_own_page(incoming)?;
        }
        Ok(cookie)
    }

    async fn check_setup_secret(&self, incoming: &Incoming) -> Result<(), Error> {
        let Some(secret) = self.platform.config().text("SETUP_SECRET") else {
            return Err(Error::not_found("setting up is switched off: SETUP_SECRET is not set"));
        };
        // `ct_eq` of slices returns at once for different lengths; the length of the secret is not a secret.
        if bearer(incoming)?.as_bytes().ct_eq(secret.as_bytes()).into() {
            return Ok(());
        }
        Err(Admission::new(&self.platform, &client(incoming), self.now).count_unknown("wrong setup secret").await)
    }
}

/// Who calls.
#[derive(Clone)]
struct Authenticated {
    principal: Principal,
    token: RawToken,
    /// Whether the caller is known to own the website that was asked about.
    owns: bool,
}

/// The routes, as the holder of a program's token calls them.
struct OwnRoutes {
    table: &'static Table,
    exchange: Exchange,
    origin: String,
    /// The headers that say who calls.
    headers: Vec<(&'static str, String)>,
    caller: RefCell<Option<Authenticated>>,
    /// The state of the caller's rate limit, once it is known.
    rate: Cell<Option<Rate>>,
}

impl OwnRoutes {
    fn new(table: &'static Table, exchange: &Exchange, incoming: &Incoming) -> Self {
        let headers = incoming.headers(&["authorization", "cf-connecting-ip"]);
        let (mut exchange, origin) = (exchange.clone(), incoming.origin.clone());
        exchange.agent = Some(incoming.caller(&[], exchange.now).place.country);
        Self { table, exchange, origin, headers, caller: RefCell::default(), rate: Cell::default() }
    }
}

impl Routes for OwnRoutes {
    fn authenticate(self: Rc<Self>) -> Pin<Box<dyn Future<Output = Result<Principal, Error>>>> {
        Box::pin(async move {
            let incoming = Incoming::made("POST", &self.origin, "/", self.headers.clone(), None);
            bearer(&incoming)?;
            let mut exchange = self.exchange.clone();
            let caller = exchange.authenticate(false, &incoming, None).await;
            self.rate.set(exchange.rate);
            let caller = caller?;
            let principal = caller.principal.clone();
            self.caller.replace(Some(caller));
            Ok(principal)
        })
    }

    fn find(&self, operation: &str) -> Option<Operation> {
        let route = self.table.operation(operation).filter(|route| !route.is_of_console)?;
        let (permissions, role, is_named_in_query) = match &route.door {
            Door::Account { permissions, .. } => (*permissions, None, false),
            Door::Website { permissions, role, named, .. } => (*permissions, Some(*role), *named == Named::InQuery),
            _ => return None,
        };
        let access = Access { permissions, keys: route.keys(), role, is_named_in_query };
        Some(Operation { path: route.path, reads_body: route.reads_body, access })
    }

    fn run(self: Rc<Self>, operation: &str, request: Inner, by: Option<Required>) -> agent::Pending {
        let route = self.table.operation(operation);
        Box::pin(async move {
            let (Some(route), Some(caller)) = (route, self.caller.borrow().clone()) else {
                return Err(PlatformError::new("a program called what it cannot call").into());
            };
            let mut exchange = self.exchange.clone();
            if request.is_rehearsal {
                exchange.platform = exchange.platform.rehearsing();
            }
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.query).finish();
            let target = format!("{}?{query}", route.path);
            let headers = request.key.map(|key| (idempotency::HEADER, key)).into_iter().collect();
            let mut incoming =
                Incoming::made(route.method.as_str(), &self.origin, &target, headers, Some(request.body));
            let done = match &route.door {
                Door::Account { permissions, handler, .. } => {
                    let permissions = by.unwrap_or(*permissions);
                    exchange.account(route, handler, permissions, caller, request.path, &mut incoming).await
                }
                Door::Website { permissions, .. } => {
                    let website = request.website.map(|website| website.to_string());
                    let permissions = by.unwrap_or(*permissions);
                    exchange.website(route, permissions, caller, (website, request.path), &mut incoming).await
                }
                _ => Err(PlatformError::new("a program called what takes no token").into()),
            };
            match done {
                Ok(reply) => Ok(Done::Answered(reply)),
                Err(Error::Ours(error)) if error.is_rehearsal() => Ok(Done::WouldWrite),
                Err(error) => Err(error),
            }
        })
    }
}

/// The result of acquiring a key.
enum KeyOutcome {
    /// This request is the first: its handler runs on these parts.
    Run(Raw),
    /// The key has this stored response.
    Replay(Reply),
}

/// The lease on the request's `Idempotency-Key`, if the route accepts one and the request has one.
fn key_lease(
    platform: &Platform,
    route: &Route,
    path: &str,
    incoming: &Incoming,
    token: &RawToken,
) -> Result<Option<Rc<KeyLease>>, Error> {
    let Some(sent) = incoming.header(idempotency::HEADER).filter(|_| route.takes_key()) else { return Ok(None) };
    let key: Key = sent.parse().map_err(|why| Error::field(idempotency::HEADER, &why))?;
    let lease = KeyLease::new(token, route.method.as_str(), path, &key, platform.random()?, platform.now())?;
    Ok(Some(Rc::new(lease)))
}

/// An upload whose parts are added to the body's hash as they are read.
fn hashed(stream: BodyStream, lease: &Rc<KeyLease>) -> BodyStream {
    let lease = lease.clone();
    Box::pin(stream.inspect(move |part| part.iter().for_each(|part| lease.hash_part(part))))
}

/// The client's address, as the platform reports it.
fn client(incoming: &Incoming) -> ClientAddress {
    ClientAddress::new(incoming.header("cf-connecting-ip").as_deref())
}

/// What refusals of a token begin with, as clients know it (docs/contract/surface.md#1).
const INVALID_TOKEN: &str = "Invalid API Key";
const UNKNOWN_TOKEN: &str = "Invalid API Key: it is unknown or was revoked";
const NO_TOKEN: &str = "missing Authorization header; send \"Authorization: Bearer dft_…\" or \"Bearer df_…\"";

/// The credential of the `Authorization` header (RFC 6750).
fn bearer(incoming: &Incoming) -> Result<String, Error> {
    let header = incoming.header("authorization").ok_or_else(|| Error::unauthorized(NO_TOKEN))?;
    match header.trim().split_once(' ') {
        Some((scheme, credential)) if scheme.eq_ignore_ascii_case("bearer") => Ok(credential.trim().to_owned()),
        _ => Err(Error::unauthorized("the Authorization header must be \"Bearer\", a space and a token")),
    }
}

/// The website that the query names; the last of several.
fn in_query(query: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| name == WEBSITE_PARAMETER).last().map(|(_, value)| value.into_owned())
}

/// The parts of a request that its route reads.
async fn read(
    route: &Route,
    path: Vec<(String, String)>,
    incoming: &mut Incoming,
    now: Timestamp,
) -> Result<Raw, Error> {
    let mut raw = Raw { path, query: incoming.query.clone(), ..Raw::default() };
    // With a key, bodies are always compared, even on routes that read none.
    let is_compared = route.takes_key() && !route.takes_upload && incoming.header(idempotency::HEADER).is_some();
    let reads = route.reads_body || is_compared;
    let encoding = if reads || route.takes_upload {
        Encoding::of(incoming.header("content-encoding").as_deref())?
    } else {
        Encoding::Identity
    };
    if reads {
        raw.body = match (incoming.body(route.longest_body).await?, encoding) {
            (Body::Complete(body), Encoding::Identity) => body,
            (Body::Complete(body), Encoding::Gzip) => encoding::decode(&body, route.longest_body)?,
            (Body::TooLarge, _) => return Err(Error::too_large(route.longest_body)),
        };
    }
    if route.takes_upload {
        let upload = incoming.stream()?;
        raw.upload = RefCell::new(match encoding {
            Encoding::Identity => upload,
            Encoding::Gzip => upload.map(encoding::decoded),
        });
    }
    if route.reads_caller {
        raw.caller = incoming.caller(&CALLER_HEADERS, now);
    }
    if route.reads_bearer {
        raw.caller.headers.extend(incoming.header(BEARER).map(|bearer| (BEARER, bearer)));
    }
    Ok(raw)
}

/// The rate headers: the de facto ones (docs/contract/README.md#18), and those of draft-ietf-httpapi-ratelimit-headers.
fn with_rate(reply: Reply, rate: &Rate, now: Timestamp) -> Reply {
    let Rate { limit, remaining, .. } = *rate;
    reply
        .with_header("x-ratelimit-limit", limit.to_string())
        .with_header("x-ratelimit-remaining", remaining.to_string())
        .with_header("x-ratelimit-reset", rate.reset_at_secs(now).to_string())
        .with_header("ratelimit-policy", format!("\"default\";q={limit};w={}", WINDOW_MS / 1000))
        .with_header("ratelimit", format!("\"default\";r={remaining};t={}", rate.reset_in_secs()))
}
