//! A row of the route table, and the search for the row that matches a request.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use sluice_values::ordered::Ordered as _;

use super::agent::AgentCall;
use super::call::{AccountCall, Call, OpenCall, PageCall, SignInCall, WebsiteCall};
use super::error::Error;
use super::input::{FromRaw, Input, LONGEST_BODY, Raw};
use super::recording::Record;
use super::reply::{Answer, Never, Reply};
use crate::auth::access::WebsiteKeys;
use crate::auth::permission::Required;
use crate::auth::role::Role;
use crate::platform::Platform;
use sluice_values::{Id, kinds};

/// The methods that routes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "RFC 9110 says what they are")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as HTTP spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn of(text: &str) -> Option<Self> {
        // A HEAD is a GET whose body is removed before the response is sent.
        let method = if text == "HEAD" { "GET" } else { text };
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete].into_iter().find(|known| known.as_str() == method)
    }
}

/// The future of a handler's response.
pub type Pending = Pin<Box<dyn Future<Output = Result<Reply, Error>>>>;
/// A handler with its types erased: receives the call and the request's raw parts.
pub type Handler<C> = Box<dyn Fn(C, Raw) -> Pending>;

/// The handler of a protocol: it answers whatever is sent, by any method.
pub type AgentHandler = Box<dyn Fn(AgentCall) -> Pin<Box<dyn Future<Output = Reply>>>>;

/// Whether the parameters of a path are of an address that was given out.
pub type Knows = fn(&Platform, &[(String, String)]) -> Result<(), Error>;

/// Who may call a route, and the handler. The call type of the handler follows from the rule, so a website's handler
/// cannot be mounted where no role is checked.
pub enum Door {
    /// Anybody.
    Public(Handler<Call>),
    /// Who knows the address, which is checked before anything else of the request is read. The body is passed on byte for byte.
    Hook {
        knows: Knows,
        /// The headers that the handler reads.
        headers: &'static [&'static str],
        handler: Handler<Call>,
    },
    /// Anybody; a token may go with the request, and must be valid then.
    Open(Handler<OpenCall>),
    /// Callers with the setup secret.
    Setup(Handler<Call>),
    /// Anybody who opens a page of the console. It is no part of the API, and so of no document.
    Page(Handler<PageCall>),
    /// Pages of the gateway's own that sign in to the console.
    SignIn(Handler<SignInCall>),
    /// Programs that speak a protocol of its own: they call other routes through it with the token that they send, or ask for such a
    /// token. What is wrong with the request or its token is the handler's to say. It is no part of the document.
    Agent {
        /// The headers that the handler reads.
        headers: &'static [&'static str],
        handler: AgentHandler,
    },
    /// Tokens with the permissions.
    Account {
        /// What the token must hold.
        permissions: Required,
        /// Whether website keys are accepted.
        keys: WebsiteKeys,
        handler: Handler<AccountCall>,
    },
    /// Tokens with the permissions whose account has the role on the path's website.
    Website {
        /// What the token must hold.
        permissions: Required,
        /// Whether keys of the website are accepted; they count as members.
        keys: WebsiteKeys,
        /// The lowest role that is accepted.
        role: Role,
        named: Named,
        handler: Handler<WebsiteCall>,
    },
}

/// Where a request names its website.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// In the path (Account API).
    InPath,
    /// In the query; a website key need not name its own (Website API).
    InQuery,
}

/// When a route's response is saved for an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SavesAnswer {
    /// In the transaction of what the handler writes: it returns [`Created`](super::reply::Created).
    InTransaction,
    /// After the handler has finished; the row says why that is enough.
    Afterwards,
    /// The row does not say. Such a route cannot accept a key.
    Unstated,
}

/// One endpoint.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub struct Route {
    pub method: Method,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// The operation's id in the OpenAPI document.
    pub operation: &'static str,
    /// What the route does, in one line.
    pub summary: &'static str,
    pub door: Door,
    /// Whether browsers may call it from other origins.
    pub cors: bool,
    /// Whether only sessions of the console may call it.
    pub is_of_console: bool,
    /// Whether a session must have been signed in to lately.
    pub wants_fresh: bool,
    /// Whether the body must be read.
    pub reads_body: bool,
    /// Whether the body is passed on as a stream.
    pub takes_upload: bool,
    /// Whether the handler reads the caller.
    pub reads_caller: bool,
    /// Whether the handler reads the `Authorization` header.
    pub reads_bearer: bool,
    /// The longest body, in bytes.
    pub longest_body: usize,
    /// Whether validation errors are answered as `{"error": …}`.
    pub has_plain_errors: bool,
    /// When the response is saved for an `Idempotency-Key`.
    saves_answer: SavesAnswer,
    /// What the audit log keeps of it. Whatever changes something says so, or why it keeps nothing.
    pub record: Option<Record>,
    /// What it is done to, where that is the same for every request.
    pub recorded_target: Option<&'static str>,
    /// Statuses that the handler itself returns, besides those that follow from the door and the input.
    pub refusals: &'static [u16],
    /// Adds input and answer to the operation's documentation.
    #[cfg(not(target_arch = "wasm32"))]
    pub describe: fn(&mut crate::http::describe::Operation, &mut crate::http::describe::Generators),
    /// The parser alone, for the tests that compare the document with it.
    #[cfg(not(target_arch = "wasm32"))]
    pub parse: fn(&Raw) -> Result<(), Error>,
}

/// The path prefix of the Account API.
const ACCOUNT_API: &str = "/api/v1/admin/";

/// The path parameter that names the website.
pub const WEBSITE_PARAMETER: &str = "websiteId";

impl Route {
    /// A route that anybody may call.
    pub fn public<T, A, F>(row: (Method, &'static str, &'static str, &'static str), handler: fn(Call, T) -> F) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::Public(erase(handler)))
    }

    /// A route for those who know its address.
    pub fn hook<T, A, F>(
        row: (Method, &'static str, &'static str, &'static str),
        (knows, headers): (Knows, &'static [&'static str]),
        handler: fn(Call, T) -> F,
    ) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::Hook { knows, headers, handler: erase(handler) })
    }

    /// A route for anybody, which looks at the caller's token where there is one.
    pub fn open<T, A, F>(row: (Method, &'static str, &'static str, &'static str), handler: fn(OpenCall, T) -> F) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::Open(erase(handler)))
    }

    /// A route that requires the setup secret.
    pub fn setup<T, A, F>(row: (Method, &'static str, &'static str, &'static str), handler: fn(Call, T) -> F) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::Setup(erase(handler)))
    }

    /// A page of the console.
    pub fn page<T, A, F>(row: (Method, &'static str, &'static str, &'static str), handler: fn(PageCall, T) -> F) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::Page(erase(handler)))
    }

    /// A route that signs in to the console.
    pub fn sign_in<T, A, F>(
        row: (Method, &'static str, &'static str, &'static str),
        handler: fn(SignInCall, T) -> F,
    ) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        Self::new::<T, A>(row, Door::SignIn(erase(handler)))
    }

    /// A route through which programs call others.
    pub fn agent<F>(
        row: (Method, &'static str, &'static str, &'static str),
        headers: &'static [&'static str],
        handler: fn(AgentCall) -> F,
    ) -> Self
    where
        F: Future<Output = Reply> + 'static,
    {
        let handler: AgentHandler = Box::new(move |call| Box::pin(handler(call)));
        Self { reads_body: true, ..Self::new::<(), Never>(row, Door::Agent { headers, handler }) }
    }

    /// A route of the account of a `dft_` token.
    pub fn account<T, A, F>(
        row: (Method, &'static str, &'static str, &'static str),
        permissions: impl Into<Required>,
        handler: fn(AccountCall, T) -> F,
    ) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        let permissions = permissions.into();
        let door = Door::Account { permissions, keys: WebsiteKeys::Refused, handler: erase(handler) };
        Self::new::<T, A>(row, door)
    }

    /// A route of one website, for team members with at least `role`. The website's keys count as members, so a route
    /// for owners refuses them.
    pub fn website<T, A, F>(
        row: (Method, &'static str, &'static str, &'static str),
        role: Role,
        permissions: impl Into<Required>,
        handler: fn(WebsiteCall, Input<T>) -> F,
    ) -> Self
    where
        T: FromRaw + 'static,
        A: Answer + 'static,
        F: Future<Output = Result<A, Error>> + 'static,
    {
        let handler: Handler<WebsiteCall> = Box::new(move |call, raw| {
            let answer = handler(call, Input::of(&raw));
            Box::pin(async move { Ok(answer.await?.into_reply()) })
        });
        let keys = if role == Role::Owner { WebsiteKeys::Refused } else { WebsiteKeys::Accepted };
        let (named, permissions) = (Named::InPath, permissions.into());
        Self::new::<T, A>(row, Door::Website { permissions, keys, role, named, handler })
    }

    /// Whether it accepts website keys.
    pub fn keys(&self) -> WebsiteKeys {
        match &self.door {
            Door::Account { keys, .. } | Door::Website { keys, .. } => *keys,
            _ => WebsiteKeys::Refused,
        }
    }

    /// Whether it is part of the API, and so of its document.
    pub fn is_documented(&self) -> bool {
        !matches!(self.door, Door::Page(_) | Door::Agent { .. })
    }

    /// Accepts sessions of the console only, with the permissions and the role that tokens would need.
    #[must_use]
    pub fn of_console(mut self) -> Self {
        self.is_of_console = true;
        self.but_not_for_website_keys()
    }

    /// Wants a sign-in that is fresh from sessions of the console.
    #[must_use]
    pub fn wanting_a_fresh_sign_in(mut self) -> Self {
        self.wants_fresh = true;
        self
    }

    /// Reads the website from the query, or from the website key.
    #[must_use]
    pub fn of_website_api(mut self) -> Self {
        if let Door::Website { named, .. } = &mut self.door {
            *named = Named::InQuery;
        }
        self
    }

    /// Sets the longest body, in bytes.
    #[must_use]
    pub fn with_body_of(mut self, longest: usize) -> Self {
        self.longest_body = longest;
        self
    }

    /// Answers validation errors as `{"error": …}` (payments:
    /// `docs/seeds/001_d5d47b3b15d0db4c.txt#errors`).
    #[must_use]
    pub fn with_plain_errors(mut self) -> Self {
        self.has_plain_errors = true;
        self
    }

    fn new<T: FromRaw, A: Answer>(
        (method, path, operation, summary): (Method, &'static str, &'static str, &'static str),
        door: Door,
    ) -> Self {
        Self {
            method,
            path,
            operation,
            summary,
            door,
            cors: false,
            is_of_console: false,
            wants_fresh: false,
            reads_body: T::READS_BODY,
            takes_upload: T::TAKES_UPLOAD,
            reads_caller: T::READS_CALLER,
            reads_bearer: T::READS_BEARER,
            longest_body: LONGEST_BODY,
            has_plain_errors: false,
            saves_answer: if A::IS_CREATED { SavesAnswer::InTransaction } else { SavesAnswer::Unstated },
            record: None,
            recorded_target: None,
            refusals: &[],
            #[cfg(not(target_arch = "wasm32"))]
            describe: |operation, generators| {
                T::describe(operation, generators);
                operation.answer(A::STATUSES, A::CONTENT_TYPE, A::schema(&mut generators.output));
                operation.other_answers(A::other_schemas());
            },
            #[cfg(not(target_arch = "wasm32"))]
            parse: |raw| T::from_raw(raw).map(|_| ()),
        }
    }

    /// Accepts account tokens only.
    #[must_use]
    pub fn but_not_for_website_keys(mut self) -> Self {
        if let Door::Website { keys, .. } = &mut self.door {
            *keys = WebsiteKeys::Refused;
        }
        self
    }

    /// Accepts, on a route for owners, the website keys that the owner has made.
    #[must_use]
    pub fn also_for_keys_of_the_owner(mut self) -> Self {
        if let Door::Website { keys, .. } = &mut self.door {
            *keys = WebsiteKeys::Accepted;
        }
        self
    }

    /// Accepts website keys too.
    #[must_use]
    pub fn also_for_website_keys(mut self) -> Self {
        if let Door::Account { keys, .. } = &mut self.door {
            *keys = WebsiteKeys::Accepted;
        }
        self
    }

    /// Saves the response for an `Idempotency-Key` only after the handler has finished, not in the transaction of what
    /// it writes: after a crash in between, a retry runs the handler again. `_reason` says why that is harmless.
    #[must_use]
    pub fn saving_its_answer_afterwards(mut self, _reason: &'static str) -> Self {
        self.saves_answer = SavesAnswer::Afterwards;
        self
    }

    /// Says what the audit log keeps of it.
    #[must_use]
    pub fn recording(mut self, record: Record) -> Self {
        self.record = Some(record);
        self
    }

    /// Says what the audit log keeps of it, and what it is done to.
    #[must_use]
    pub fn recording_of(mut self, target: &'static str, record: Record) -> Self {
        self.recorded_target = Some(target);
        self.recording(record)
    }

    /// Allows browsers to call it from any origin.
    #[must_use]
    pub fn with_cors(mut self) -> Self {
        self.cors = true;
        self
    }

    /// Whether it accepts an `Idempotency-Key`: every POST of the Account API does, and nothing else.
    pub fn takes_key(&self) -> bool {
        let has_credential = matches!(self.door, Door::Account { .. } | Door::Website { .. });
        self.method == Method::Post && has_credential && self.path.starts_with(ACCOUNT_API)
    }

    /// The path with these parameters, ids in their one spelling: two spellings of a path that names one resource
    /// become the same text.
    pub fn path_with<'a>(&self, parameters: impl IntoIterator<Item = &'a (String, String)>) -> String {
        parameters.into_iter().fold(self.path.to_owned(), |path, (name, value)| {
            let id = value.parse::<Id<kinds::Request>>().map(|id| id.to_string());
            path.replace(&format!("{{{name}}}"), id.as_deref().unwrap_or(value))
        })
    }

    /// Lists statuses that the handler itself returns.
    #[must_use]
    pub fn refusing(mut self, refusals: &'static [u16]) -> Self {
        self.refusals = refusals;
        self
    }
}

/// Erases a handler's types.
fn erase<C, T, A, F>(handler: fn(C, T) -> F) -> Handler<C>
where
    C: 'static,
    T: FromRaw + 'static,
    A: Answer,
    F: Future<Output = Result<A, Error>> + 'static,
{
    Box::new(move |call, raw| Box::pin(async move { Ok(handler(call, T::from_raw(&raw)?).await?.into_reply()) }))
}

/// All routes, found by path and method.
pub struct Table {
    routes: Vec<Route>,
    paths: matchit::Router<BTreeMap<Method, usize>>,
}

/// What a method and path match.
pub enum Found<'a> {
    /// A route, with the values of its path's parameters.
    Route(&'a Route, Vec<(String, String)>),
    /// The path exists, but not with this method; these are its methods.
    OtherMethods(String),
    /// No such path.
    Nothing,
}

impl Table {
    /// Builds the table. Two routes with the same method and path, paths that cannot be told apart, and a route that
    /// accepts an `Idempotency-Key` without saving its response are errors, and so is one that changes something without saying what
    /// the audit log keeps of it.
    pub fn new(routes: Vec<Route>) -> Result<Self, String> {
        let mut methods: BTreeMap<&str, BTreeMap<Method, usize>> = BTreeMap::new();
        for (index, route) in routes.iter().enumerate() {
            if methods.entry(route.path).or_default().insert(route.method, index).is_some() {
                return Err(format!("{} {} stands twice", route.method.as_str(), route.path));
            }
            if route.takes_key() && route.saves_answer == SavesAnswer::Unstated {
                return Err(format!(
                    "{}: a handler that takes an idempotency key returns Created, or its row says why not",
                    route.operation
                ));
            }
            if route.method != Method::Get && route.record.is_none() {
                return Err(format!(
                    "{}: its row says what the audit log keeps of it, or why it keeps nothing: see src/audit/records.rs",
                    route.operation
                ));
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in methods {
            paths.insert(path, methods).map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(Self { routes, paths })
    }

    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The methods that browsers may call at a path from other origins.
    pub fn cors_methods(&self, path: &str) -> Option<String> {
        let matched = self.paths.at(path).ok()?;
        let open = matched.value.iter().filter(|(_, index)| self.routes.get(**index).is_some_and(|route| route.cors));
        let methods: BTreeMap<Method, usize> = open.map(|(method, index)| (*method, *index)).into_map();
        (!methods.is_empty()).then(|| allow(&methods))
    }

    /// The route that programs call at a path, by any method.
    pub fn agent_at(&self, path: &str) -> Option<&Route> {
        let matched = self.paths.at(path).ok()?;
        let mut routes = matched.value.values().filter_map(|index| self.routes.get(*index));
        routes.find(|route| matches!(route.door, Door::Agent { .. }))
    }

    /// The route of an operation.
    pub fn operation(&self, operation: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.operation == operation)
    }

    /// Finds the route of a request.
    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let Ok(matched) = self.paths.at(path) else {
            return Found::Nothing;
        };
        let wanted = Method::of(method).and_then(|method| matched.value.get(&method));
        match wanted.and_then(|index| self.routes.get(*index)) {
            Some(route) => {
                let own = |text: &str| text.to_owned();
                Found::Route(route, matched.params.iter().map(|(name, value)| (own(name), own(value))).collect())
            }
            None => Found::OtherMethods(allow(matched.value)),
        }
    }
}

/// A path as the table's paths are written: unreserved characters decoded (RFC 3986, 6.2.2.2), and without one trailing
/// slash (docs/contract/README.md#49).
pub fn normalized(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let byte = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unreserved = byte
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte));
        match unreserved {
            Some(byte) => {
                decoded.push(char::from(byte));
                decoded.push_str(piece.get(2..).unwrap_or_default());
            }
            None => {
                decoded.push('%');
                decoded.push_str(piece);
            }
        }
    }
    match decoded.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => decoded,
    }
}

/// The value of the `Allow` header.
fn allow(methods: &BTreeMap<Method, usize>) -> String {
    let names = methods.keys().flat_map(|method| match method {
        Method::Get => vec!["GET", "HEAD"],
        other => vec![other.as_str()],
    });
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (sent, meant) in [
            ("/", "/"),
            ("/healthz", "/healthz"),
            ("/healthz/", "/healthz"),
            ("/healthz//", "/healthz/"),
            ("//", "/"),
            ("/%61pi/v1/%2Dx%2e%5F%7e", "/api/v1/-x._~"),
            ("/api/%2561", "/api/%2561"),
            ("/api/%2Fv1", "/api/%2Fv1"),
            ("/api%2F", "/api%2F"),
            ("/%c3%a9", "/%c3%a9"),
            ("/%", "/%"),
            ("/%6", "/%6"),
            ("/%6é", "/%6é"),
            ("/%zz%61", "/%zza"),
        ] {
            assert_eq!(normalized(sent), meant, "{sent}");
        }
    }

    #[test]
    fn ids_in_a_path_have_one_spelling() {
        async fn handler(_: Call, (): ()) -> Result<Never, Error> {
            Err(Error::not_found("nothing"))
        }
        let route = Route::public((Method::Get, "/a/{x}/b/{y}", "get", ""), handler);
        let path =
            |x: &str, y: &str| route.path_with(&[("y".to_owned(), y.to_owned()), ("x".to_owned(), x.to_owned())]);
        assert_eq!(path("665F0B3C4D2E1A0012345678", "Z"), "/a/665f0b3c4d2e1a0012345678/b/Z");
        assert_eq!(path("665f0b3c4d2e1a0012345678", "z"), "/a/665f0b3c4d2e1a0012345678/b/z");
    }

    proptest! {
        #[test]
        fn normalizing_never_panics_and_keeps_what_is_not_encoded(path in "(/[a-zA-Z0-9._~-]{1,5}){1,4}", other in ".*") {
            prop_assert_eq!(normalized(&path), path.clone());
            let encoded: String = path.bytes().map(|byte| match byte {
                b'/' => "/".to_owned(),
                byte => format!("%{byte:02X}"),
            }).collect();
            prop_assert_eq!(normalized(&encoded), path);
            normalized(&other);
        }
    }
}
