//! What handlers receive: a call whose type records which checks have passed.
//!
//! A website's handler starts with a [`WebsiteCall`], which gives no access to data. [`WebsiteCall::enter`] asks for
//! the caller's role and the handler's own rows in one round trip, decides, and only then returns the rows and an
//! [`EnteredWebsite`], through which all writes go. A handler cannot forget the check.

use std::fmt::Display;
use std::rc::Rc;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value as Json;

use super::admission::Admission;
use super::browser::{CrossSite, SessionCookie};
use super::error::Error;
use super::idempotency::KeyLease;
use super::input::Input;
use super::recording::{Entry, kept};
use super::reply::{Answer, Created};
use crate::auth::access::{Principal, Refusal};
use crate::auth::failures::ClientAddress;
use crate::auth::role::Role;
use crate::auth::session::Session;
use crate::auth::sliding_window::Rate;
use crate::auth::token::{RawToken, TokenHash, TokenKind};
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_values::{AccountId, Id, Timestamp, WebsiteId, kinds};

/// What every handler can access.
pub struct Call {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request's id, by which the log names it.
    pub request_id: RequestId,
    /// The gateway's public origin: scheme and host, without a trailing slash.
    pub base_url: String,
    /// The addresses that this gateway has as far as it knows: that of the request and `PUBLIC_URL`.
    pub own_origins: Vec<String>,
    /// The scheme, host and port that the request was addressed to.
    pub origin: String,
    /// The state of the caller's rate limit.
    pub rate: Option<Rate>,
    /// The platform; website handlers reach the database through [`EnteredWebsite`] instead.
    pub platform: Platform,
    /// The lease on the request's `Idempotency-Key`, if it has one.
    pub(super) lease: Option<Rc<KeyLease>>,
    /// Its row of the audit log, if its route has one.
    pub(super) entry: Option<Rc<Entry>>,
}

impl Call {
    /// A new id with the request's timestamp.
    pub fn new_id<Kind>(&self) -> Result<Id<Kind>, PlatformError> {
        Ok(Id::new(self.now, self.platform.random()?))
    }

    /// The cookie of sessions of the console.
    pub fn session_cookie(&self) -> SessionCookie {
        SessionCookie::new(self.platform.config().environment(), &self.origin)
    }

    /// The cookie of a browser that waits for a code.
    pub fn pending_cookie(&self) -> SessionCookie {
        SessionCookie::pending(self.platform.config().environment(), &self.origin)
    }

    pub fn new_token(&self, kind: TokenKind) -> Result<RawToken, PlatformError> {
        // 30 characters take 31 bytes on average; the odds that 64 are not enough are below 10^-30.
        let bytes: [u8; 64] = self.platform.random()?;
        let mut bytes = bytes.into_iter().cycle();
        Ok(RawToken::generate(kind, || bytes.next().unwrap_or_default()))
    }

    /// See [`EnteredWebsite::create_once`].
    async fn create_once<A: Answer>(
        &self,
        mut batch: Batch,
        decides: Statement,
        target: &dyn Display,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.note_target(target);
        let (reply, now) = (answer.into_reply(), self.platform.now());
        let decided: Handle<IgnoredAny> = batch.read(decides);
        let mut saved: Option<Handle<IgnoredAny>> = None;
        if let Some(lease) = &self.lease {
            batch.run_first(lease.renew(now));
            saved = Some(batch.read(lease.save_if_changed(&reply, now, self.platform.random()?)?));
        }
        let results = self.run(batch).await?;
        if let (Some(lease), Some(saved)) = (&self.lease, saved)
            && results.first(&saved)?.is_some()
        {
            lease.mark_saved();
        }
        Ok(results.first(&decided)?.map(|_| Created::new(reply)))
    }

    /// Runs one statement and returns its rows.
    async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        let mut batch = Batch::new();
        let rows = batch.read(statement);
        self.run(batch).await?.all(&rows)
    }

    /// Runs a batch, with the row of the audit log where it changes what the route's row names, and records whether the lease on
    /// the key was lost in the meantime.
    pub async fn run(&self, mut batch: Batch) -> Result<Results, PlatformError> {
        let untouched = self.entry.as_ref().and_then(|entry| entry.add(&mut batch));
        let results = self.run_unrecorded(batch).await?;
        if let (Some(entry), Some(untouched)) = (&self.entry, untouched) {
            entry.is_done.set(results.first(&untouched)?.is_none());
        }
        Ok(results)
    }

    async fn run_unrecorded(&self, batch: Batch) -> Result<Results, PlatformError> {
        let done = self.platform.database().run(batch).await;
        done.inspect_err(|error| self.lease.iter().for_each(|lease| lease.note_failure(error)))
    }

    /// Says for the audit log what the request is done to, where its path does not.
    pub fn note_target(&self, target: &dyn Display) {
        self.entry.iter().for_each(|entry| *entry.target.borrow_mut() = Some(target.to_string()));
    }

    /// Says for the audit log who does it, where no token and no session does.
    pub fn note_account(&self, account: AccountId) {
        self.entry.iter().for_each(|entry| entry.actor.borrow_mut().account = Some(account));
    }

    /// Says for the audit log to which website it is done, where the request does not.
    pub fn note_website(&self, website: WebsiteId) {
        self.entry.iter().for_each(|entry| entry.website.set(Some(website)));
    }

    /// Says that nothing was changed: the audit log gets no row.
    pub fn note_no_change(&self) {
        self.entry.iter().for_each(|entry| entry.is_done.set(true));
    }

    /// Says for the audit log which values a change outside of D1 has found and left, by their names there. Those that are the same are
    /// left out; where all are, nothing was changed.
    pub fn note_values<const N: usize>(&self, before: &[(&str, Json); N], after: &[(&str, Json); N]) {
        let Some(entry) = &self.entry else { return };
        let different = |side: &[(&str, Json); N], other: &[(&str, Json); N]| {
            let values = side.iter().zip(other).filter(|(one, other)| one != other);
            Json::Object(values.map(|((name, value), _)| ((*name).to_owned(), kept(value))).collect())
        };
        if before == after {
            return self.note_no_change();
        }
        *entry.values.borrow_mut() =
            Some([different(before, after), different(after, before)].map(|side| side.to_string()));
    }

    /// Renews the key's lease while a long request is running. Call it as often as convenient: it writes every few
    /// seconds at most, and nothing without a key.
    pub async fn renew_lease(&self) -> Result<(), PlatformError> {
        let now = self.platform.now();
        match &self.lease {
            Some(lease) if lease.is_due(now) => self.run_unrecorded(Batch::of(lease.renew(now))).await.map(|_| ()),
            _ => Ok(()),
        }
    }
}

/// A call of a route for anybody, which a token or a session may go with.
pub struct OpenCall {
    /// The request.
    pub call: Call,
    /// Who calls; nobody where the request has no token and no live session.
    pub principal: Option<Principal>,
    /// Whether one of the gateway's own pages has sent it, or why it may not sign in.
    pub own_page: Result<(), CrossSite>,
    /// The session that the browser has already, whether it is alive or not.
    pub earlier: Option<TokenHash>,
}

/// A call of a route that signs in to the console: one of the gateway's own pages has sent it.
pub struct SignInCall {
    pub call: Call,
    /// The session that the browser has already, whether it is alive or not.
    pub earlier: Option<TokenHash>,
    /// The `Cookie` header.
    pub cookies: String,
    /// What Cloudflare Access says in front of this gateway.
    pub assertion: Option<String>,
    pub client: ClientAddress,
}

impl SignInCall {
    /// Who may pass, and what it counts against the client's address if nobody may.
    pub fn admission(&self) -> Admission<'_> {
        Admission::new(&self.call.platform, &self.client, self.call.now)
    }
}

/// A call of a page of the console.
pub struct PageCall {
    pub call: Call,
    /// Whether it is a browser's address bar or link that asks.
    pub accepts_html: bool,
    /// The `Cookie` header.
    pub cookies: String,
}

/// A call of an account route: its token holds the route's permissions.
pub struct AccountCall {
    pub call: Call,
    /// The caller.
    pub principal: Principal,
}

impl AccountCall {
    pub fn account_id(&self) -> AccountId {
        self.principal.account_id()
    }

    /// The session that calls, on routes that only sessions may call.
    pub fn session(&self) -> Result<&Session, PlatformError> {
        self.principal
            .session()
            .ok_or_else(|| PlatformError::new("a route of the console was called without a session"))
    }

    /// Runs one statement and returns its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        self.call.rows(statement).await
    }

    /// Runs one statement and returns its first row, if any.
    pub async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, PlatformError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Runs `batch`, followed by the statement that `decides`, once per `Idempotency-Key`: see
    /// [`EnteredWebsite::create_once`].
    pub async fn create_once<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        target: &dyn Display,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(batch, decides, target, answer).await
    }
}

/// A call of a website route: its token holds the route's permissions. The role has not been checked yet.
pub struct WebsiteCall {
    pub call: Call,
    /// The caller.
    pub principal: Principal,
    pub(super) website_id: WebsiteId,
    /// Whether the caller is known to own it.
    pub(super) owns: bool,
    pub(super) needed: Role,
}

/// A website that the caller has entered with the role that the route requires.
pub struct EnteredWebsite {
    pub id: WebsiteId,
    /// The caller's role on the website.
    pub role: Role,
    /// The caller.
    pub principal: Principal,
    pub call: Call,
}

impl WebsiteCall {
    /// The website that the request names.
    pub fn website_id(&self) -> WebsiteId {
        self.website_id
    }

    /// What deciding about the caller's access needs.
    pub(super) fn entrance(&self) -> Entrance<'_> {
        Entrance { principal: &self.principal, website_id: self.website_id, owns: self.owns, needed: self.needed }
    }

    /// Enters the website: one round trip for the caller's role and the statements that `plan` adds to the batch.
    /// Returns, in this order of precedence: the refusal to enter, the error in the input, or the website with the
    /// input, the result of `plan` (the handles of its statements) and their rows. Statements planned here must only
    /// read.
    pub async fn enter<T, H>(
        self,
        input: Input<T>,
        plan: impl FnOnce(&mut Batch, WebsiteId, &T) -> H,
    ) -> Result<(EnteredWebsite, T, H, Results), Error> {
        let entrance = self.entrance();
        let mut batch = Batch::new();
        let membership = entrance.ask()?.map(|statement| batch.read(statement));
        let handles = input.peek().map(|input| plan(&mut batch, self.website_id, input));
        let results = self.call.platform.database().run(batch).await?;
        let membership = membership.map(|handle| results.first(&handle)).transpose()?.flatten();
        let role = entrance.decide(membership)?;
        let input = input.release()?;
        let handles = handles.ok_or_else(|| PlatformError::new("input that is right was not there to plan with"))?;
        let website = EnteredWebsite { id: self.website_id, role, principal: self.principal, call: self.call };
        Ok((website, input, handles, results))
    }
}

impl EnteredWebsite {
    /// Runs one statement and returns its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        self.call.rows(statement).await
    }

    /// Runs one statement and returns its first row, if any.
    pub async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, PlatformError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Creates something once per `Idempotency-Key`: runs `batch`, followed by the statement that `decides`, and in the
    /// same transaction stores `answer` under the request's key, if it has one.
    ///
    /// - `decides` is an INSERT, UPDATE or DELETE with `RETURNING`. If it returns no row (for example because a cap
    ///   inside the INSERT was reached), nothing is stored and `None` is returned; the handler then refuses. The
    ///   effects of the statements before it remain.
    /// - A statement that fails, for example on a unique index, rolls all of them back and nothing is stored; the
    ///   handler maps the error.
    /// - The answer is built before anything is written, from ids and tokens that the handler has generated. The
    ///   handler returns it as `Created<Data<…>>`.
    /// - `target` is what the audit log says was made or changed: its id, or its name.
    /// - A request calls this once, after everything that can refuse. A retry does not repeat what follows the call, so
    ///   that must be dispensable, or cron must do it later.
    pub async fn create_once<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        target: &dyn Display,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(batch, decides, target, answer).await
    }
}

/// Decides whether a caller may enter a website.
pub(super) struct Entrance<'a> {
    pub principal: &'a Principal,
    pub website_id: WebsiteId,
    pub owns: bool,
    pub needed: Role,
}

impl Entrance<'_> {
    /// The statement that reads the role of the caller's account, unless the token alone decides or the account is the owner's.
    pub fn ask(&self) -> Result<Option<Statement>, Refusal> {
        if self.principal.own_role(self.website_id).transpose()?.is_some() || self.owns {
            return Ok(None);
        }
        let role = sql("SELECT role FROM members WHERE website_id = ?1 AND account_id = ?2");
        Ok(Some(role.bind(self.website_id).bind(self.principal.account_id())))
    }

    /// The caller's role, or the refusal.
    pub fn decide(&self, membership: Option<Membership>) -> Result<Role, Error> {
        let role = if self.owns { Some(Role::Owner) } else { membership.map(|membership| membership.role) };
        Ok(self.principal.role_on(self.website_id, role, self.needed)?)
    }
}

/// A row of `members`.
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    role: Role,
}

/// The id of a request, returned as `X-Request-Id`.
pub type RequestId = Id<kinds::Request>;
