//! Calls of programs that speak a protocol of their own and call other routes through it, as the holder of the token that they send.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::call::Call;
use super::error::Error;
use super::reply::Reply;
use crate::auth::access::{Principal, WebsiteKeys};
use crate::auth::permission::Required;
use crate::auth::role::Role;
use crate::platform::incoming::Caller;
use sluice_values::WebsiteId;

/// A request of a program.
pub struct AgentCall {
    pub call: Call,
    /// The path of the route's row.
    pub path: &'static str,
    /// The method, as sent.
    pub method: String,
    /// The headers that the route's row names.
    pub headers: Caller,
    /// The body, or why it cannot be read.
    pub body: Result<Vec<u8>, Error>,
    /// The routes, as the caller may call them.
    pub routes: Rc<dyn Routes>,
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    pub permissions: Required,
    pub keys: WebsiteKeys,
    /// The lowest role on the website, for routes of a website.
    pub role: Option<Role>,
    /// Whether the query names the website.
    pub is_named_in_query: bool,
}

/// A route, as a program sees it.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The path, with `{parameters}`.
    pub path: &'static str,
    pub reads_body: bool,
    pub access: Access,
}

/// A request to another route.
#[derive(Debug, Clone, Default)]
pub struct Inner {
    pub website: Option<WebsiteId>,
    /// The path parameters besides the website.
    pub path: Vec<(String, String)>,
    /// Names and values of the query.
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
    /// Whether the handler is to stop before it writes or asks anybody else; [`Done::WouldWrite`] says that it has come so far.
    pub is_rehearsal: bool,
}

/// How a request to another route ended.
pub enum Done {
    Answered(Reply),
    /// It was a rehearsal, and everything that comes before the first write is right.
    WouldWrite,
}

/// The future of a request to another route.
pub type Pending = Pin<Box<dyn Future<Output = Result<Done, Error>>>>;

/// The routes that a program can call, as its token's holder. What is refused is refused as by the route itself.
pub trait Routes {
    /// Identifies the holder of the token in the `Authorization` header, and counts the request against its limit. A cookie is no
    /// credential here.
    fn authenticate(self: Rc<Self>) -> Pin<Box<dyn Future<Output = Result<Principal, Error>>>>;

    /// The route of this operation, if there is one for tokens.
    fn find(&self, operation: &str) -> Option<Operation>;

    /// Calls a route. The permission is the route's own, unless the caller has been found to have that of another.
    fn run(self: Rc<Self>, operation: &str, request: Inner, by: Option<Required>) -> Pending;
}
