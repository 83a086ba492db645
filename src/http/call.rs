//! What handlers receive: a call whose type says how far its caller has been let in.
//!
//! A website's handler starts with a [`WebsiteCall`], which has no way to the data. [`WebsiteCall::enter`] asks for the
//! caller's role and the handler's own rows in one round trip, decides, and only then gives out rows and a
//! [`EnteredWebsite`], through which writes go. A handler cannot forget the check.

use std::rc::Rc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::Error;
use super::idempotency::KeyLease;
use super::input::Input;
use super::reply::{Answer, Created};
use crate::auth::access::{Principal, Refusal};
use crate::auth::role::Role;
use crate::auth::token::{RawToken, TokenKind};
use crate::platform::database::{Batch, Handle, Results, Rows, Statement, sql};
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
        statements: Vec<Statement>,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        let (reply, now) = (answer.into_reply(), self.platform.now());
        let mut batch = Vec::with_capacity(statements.len() + 2);
        batch.extend(self.claim.iter().map(|claim| claim.hold(now)));
        batch.extend(statements);
        let before_last = batch.len().saturating_sub(1);
        if let Some(claim) = &self.claim {
            batch.push(claim.keep_if_changed(&reply, now, self.platform.random()?)?);
        }
        let mut rows = self.batch(batch).await?;
        (0..before_last).for_each(|_| rows.skip());
        let is_made = rows.first::<IgnoredAny>()?.is_some();
        if let Some(claim) = &self.claim
            && rows.first::<IgnoredAny>()?.is_some()
        {
            claim.note_kept();
        }
        Ok(is_made.then(|| Created::new(reply)))
    }

    /// See [`EnteredWebsite::create_in`].
    async fn create_in<A: Answer>(
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
            Some(claim) if claim.is_due(now) => self.batch(vec![claim.hold(now)]).await.map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Runs statements as one transaction; where the claim on the key was lost on the way, that is noted.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        let done = self.platform.database().batch(statements).await;
        done.inspect_err(|error| self.claim.iter().for_each(|claim| claim.note(error)))
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

    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Runs `batch` and, right behind it, the statement that `decides`, once for each `Idempotency-Key`: see
    /// [`EnteredWebsite::create_in`].
    pub async fn create_in<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_in(batch, decides, answer).await
    }

    /// Runs statements, all in one transaction and one round trip.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        self.call.batch(statements).await
    }

    /// Makes something, once for each `Idempotency-Key`: see [`EnteredWebsite::create_once`].
    pub async fn create_once<A: Answer>(
        &self,
        statements: Vec<Statement>,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(statements, answer).await
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
    pub async fn enter_with<T, H>(
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

    /// Enters the website: one round trip for the caller's role and the statements that `plan` makes of the input.
    /// Answers, in this order of precedence, why the website is closed, why the input is wrong, or the website with
    /// the input and the statements' rows. Statements planned here must only read.
    pub async fn enter<T>(
        self,
        input: Input<T>,
        plan: impl FnOnce(WebsiteId, &T) -> Vec<Statement>,
    ) -> Result<(EnteredWebsite, T, Rows), Error> {
        let entrance = self.entrance();
        let mut statements = Vec::from_iter(entrance.ask()?);
        if let Some(input) = input.peek() {
            statements.extend(plan(self.website_id, input));
        }
        let mut rows = self.call.platform.database().batch(statements).await?;
        let role = entrance.decide(entrance.read(&mut rows)?)?;
        let input = input.release()?;
        let website = EnteredWebsite { id: self.website_id, role, principal: self.principal, call: self.call };
        Ok((website, input, rows))
    }
}

impl EnteredWebsite {
    /// Runs a batch: one transaction, one round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        self.call.run(batch).await
    }

    /// Runs `batch` and, right behind it, the statement that `decides`, once for each `Idempotency-Key`: see
    /// [`EnteredWebsite::create_in`].
    pub async fn create_in<A: Answer>(
        &self,
        batch: Batch,
        decides: Statement,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_in(batch, decides, answer).await
    }

    /// Runs statements, all in one transaction and one round trip.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        self.call.batch(statements).await
    }

    /// Makes something, once for each `Idempotency-Key`: runs the statements, and in the same transaction keeps `answer`
    /// for the request's key, where it has one. Every POST that creates or changes rows in D1 ends with this.
    ///
    /// - The last statement decides. It has to be an INSERT, UPDATE or DELETE with `RETURNING`, for where it returns no row,
    ///   as a cap that is part of an insert does, nothing is kept and this gives `None`: the handler refuses. What the
    ///   statements before it have done stays done.
    /// - A statement that fails, on a unique index say, undoes them all; nothing is kept, and the handler maps the error.
    /// - The answer is made before anything is written, of the ids and tokens that the handler has drawn, not of rows that
    ///   come back. The handler's type has it as `Created<Data<…>>`.
    /// - It is called once in a request, after everything that can refuse. What follows it is not done again by a retry,
    ///   so it must not matter much, or be taken up by cron.
    ///
    /// A handler that writes nothing to D1, or elsewhere, needs nothing of this: its answer is kept when it has run, and
    /// only a crash in between lets a retry run it again.
    pub async fn create_once<A: Answer>(
        &self,
        statements: Vec<Statement>,
        answer: A,
    ) -> Result<Option<Created<A>>, PlatformError> {
        self.call.create_once(statements, answer).await
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

    /// The next row of `rows`, where [`Self::ask`] made a statement.
    pub fn read(&self, rows: &mut Rows) -> Result<Option<Membership>, PlatformError> {
        match self.principal.own_role(self.website_id) {
            Some(_) => Ok(None),
            None => rows.first(),
        }
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
