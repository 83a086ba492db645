//! What handlers receive: a call whose type says how far its caller has been let in.
//!
//! A website's handler starts with a [`WebsiteCall`], which has no way to the data. [`WebsiteCall::enter`] asks for the
//! caller's role and the handler's own rows in one round trip, decides, and only then gives out rows and a
//! [`EnteredWebsite`], through which writes go. A handler cannot forget the check.

use std::rc::Rc;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::error::Error;
use super::idempotency::KeyLease;
use super::input::Input;
use super::reply::{Answer, Created};
use crate::auth::access::{Principal, Refusal};
use crate::auth::role::Role;
use crate::auth::token::{RawToken, TokenKind};
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_values::{AccountId, Id, Timestamp, WebsiteId, kinds};

/// What every handler may know of its request.
pub struct Call {
    /// When the request came in.
    pub now: Timestamp,
    /// Where people reach this gateway: scheme and host, without a slash at the end.
    pub base_url: String,
    /// The platform; website handlers reach the database through [`EnteredWebsite`] instead.
    pub platform: Platform,
    /// The claim on the request's `Idempotency-Key`, where it has one.
    pub(super) claim: Option<Rc<KeyLease>>,
}

impl Call {
    /// A new id of this moment.
    pub fn new_id<Kind>(&self) -> Result<Id<Kind>, PlatformError> {
        Ok(Id::new(self.now, self.platform.random()?))
    }

    /// A new token.
    pub fn new_token(&self, kind: TokenKind) -> Result<RawToken, PlatformError> {
        // 30 characters take 31 bytes on average; the odds that 64 do not suffice are below 10^-30.
        let bytes: [u8; 64] = self.platform.random()?;
        let mut bytes = bytes.into_iter().cycle();
        Ok(RawToken::generate(kind, || bytes.next().unwrap_or_default()))
    }

    /// See [`EnteredWebsite::create_once`].
    async fn create_once<A: Answer>(
        &self,
        mut batch: Batch,
        decides: Statement,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        let (reply, now) = (answer.into_reply(), self.platform.now());
        let decided: Handle<IgnoredAny> = batch.read(decides);
        let mut saved: Option<Handle<IgnoredAny>> = None;
        if let Some(claim) = &self.claim {
            batch.run_first(claim.hold(now));
            saved = Some(batch.read(claim.keep_if_changed(&reply, now, self.platform.random()?)?));
        }
        let results = self.run(batch).await?;
        if let (Some(claim), Some(saved)) = (&self.claim, saved)
            && results.first(&saved)?.is_some()
        {
            claim.note_kept();
        }
        Ok(results.first(&decided)?.map(|_| Created::new(reply)))
    }

    /// Runs one statement and gives its rows.
    async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        let mut batch = Batch::new();
        let rows = batch.read(statement);
        self.run(batch).await?.all(&rows)
    }

    /// Runs a batch; where the lease on the key was lost on the way, that is noted.
    async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        let done = self.platform.database().run(batch).await;
        done.inspect_err(|error| self.claim.iter().for_each(|claim| claim.note(error)))
    }

    /// Says that a request which takes its time is still busy, so that its `Idempotency-Key` stays its own. To be called
    /// again and again while it runs, as often as one likes: it does something every few seconds, and nothing without a
    /// key.
    pub async fn report(&self) -> Result<(), PlatformError> {
        let now = self.platform.now();
        match &self.claim {
            Some(claim) if claim.is_due(now) => self.run(Batch::of(claim.hold(now))).await.map(|_| ()),
            _ => Ok(()),
        }
    }
}

/// A call of an account's route: its token holds one of the route's permissions.
pub struct AccountCall {
    /// The request.
    pub call: Call,
    /// Who calls.
    pub principal: Principal,
}

impl AccountCall {
    /// The account behind the token.
    pub fn account_id(&self) -> AccountId {
        self.principal.account_id()
    }

    /// Runs one statement and gives its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        self.call.rows(statement).await
    }

    /// Runs one statement and gives its first row, if it has one.
    pub async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, PlatformError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Runs `batch` and, right behind it, the statement that `decides`, once for each `Idempotency-Key`: see
    /// [`EnteredWebsite::create_once`].
    pub async fn create_once<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(batch, decides, answer).await
    }
}

/// A call of a website's route: its token holds one of the route's permissions. The role is still open.
pub struct WebsiteCall {
    /// The request.
    pub call: Call,
    /// Who calls.
    pub principal: Principal,
    pub(super) website_id: WebsiteId,
    pub(super) needed: Role,
}

/// A website that the caller has entered, with the role that the route asks for.
pub struct EnteredWebsite {
    /// Its id.
    pub id: WebsiteId,
    /// What the caller is there.
    pub role: Role,
    /// Who calls.
    pub principal: Principal,
    /// The request.
    pub call: Call,
}

impl WebsiteCall {
    /// Which website the path names.
    pub fn website_id(&self) -> WebsiteId {
        self.website_id
    }

    /// The question whether the caller may enter.
    pub(super) fn entrance(&self) -> Entrance<'_> {
        Entrance { principal: &self.principal, website_id: self.website_id, needed: self.needed }
    }

    /// Enters the website: one round trip for the caller's role and the statements that `plan` adds to the batch. Answers,
    /// in this order of precedence, why the website is closed, why the input is wrong, or the website with the input, what
    /// `plan` gave (the handles of its statements) and their rows. Statements planned here must only read.
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
    /// Runs one statement and gives its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        self.call.rows(statement).await
    }

    /// Runs one statement and gives its first row, if it has one.
    pub async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, PlatformError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Creates something once for each `Idempotency-Key`: runs `batch` and, right behind it, the statement that `decides`, and
    /// in the same transaction stores `answer` under the request's key, if it has one.
    ///
    /// - `decides` is an INSERT, UPDATE or DELETE with `RETURNING`. If it returns no row (for example because a cap inside the
    ///   INSERT was reached), nothing is stored and `None` is returned; the handler then refuses. What the statements before
    ///   it have done stays done.
    /// - A statement that fails, for example on a unique index, undoes them all and stores nothing; the handler maps the error.
    /// - The answer is made before anything is written, from ids and tokens that the handler has drawn. The handler's type
    ///   has it as `Created<Data<…>>`.
    /// - A request calls this once, after everything that can refuse. A retry does not repeat what follows it, so that must
    ///   not matter much, or cron must take it up.
    pub async fn create_once<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(batch, decides, answer).await
    }
}

/// The question whether a caller may enter a website.
pub(super) struct Entrance<'a> {
    pub principal: &'a Principal,
    pub website_id: WebsiteId,
    pub needed: Role,
}

impl Entrance<'_> {
    /// The statement that asks for the role of the caller's account, where the token does not decide it by itself.
    pub fn ask(&self) -> Result<Option<Statement>, Refusal> {
        if self.principal.own_role(self.website_id).transpose()?.is_some() {
            return Ok(None);
        }
        let role = sql("SELECT role FROM members WHERE website_id = ?1 AND account_id = ?2");
        Ok(Some(role.bind(self.website_id).bind(self.principal.account_id())))
    }

    /// The caller's role, or why the website is closed.
    pub fn decide(&self, membership: Option<Membership>) -> Result<Role, Error> {
        let role = membership.map(|membership| membership.role);
        Ok(self.principal.role_on(self.website_id, role, self.needed)?)
    }
}

/// A row of `members`.
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    role: Role,
}

/// The id of a request, as `X-Request-Id` carries it.
pub type RequestId = Id<kinds::Request>;
