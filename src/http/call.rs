//! What handlers receive: a call whose type says how far its caller has been let in.
//!
//! A website's handler starts with a [`WebsiteCall`], which has no way to the data. [`WebsiteCall::enter`] asks for the
//! caller's role and the handler's own rows in one round trip, decides, and only then gives out rows and a
//! [`Website`], through which writes go. A handler cannot forget the check.

use serde::Deserialize;

use super::error::Error;
use super::input::Input;
use crate::auth::access::Principal;
use crate::auth::role::Role;
use crate::auth::token::{RawToken, TokenKind};
use crate::platform::database::{Rows, Statement, sql};
use crate::platform::{Platform, PlatformError, random};
use crate::values::{AccountId, Id, Timestamp, WebsiteId, kinds};

/// What every handler may know of its request.
pub struct Call {
    /// When the request came in.
    pub now: Timestamp,
    /// Where people reach this gateway: scheme and host, without a slash at the end.
    pub base_url: String,
    /// The platform; website handlers reach the database through [`Website`] instead.
    pub platform: Platform,
}

impl Call {
    /// A new id of this moment.
    pub fn new_id<Kind>(&self) -> Result<Id<Kind>, PlatformError> {
        Ok(Id::new(self.now, random::bytes()?))
    }

    /// A new token.
    pub fn new_token(&self, kind: TokenKind) -> Result<RawToken, PlatformError> {
        // 30 characters take 31 bytes on average; the odds that 64 do not suffice are below 10^-30.
        let bytes: [u8; 64] = random::bytes()?;
        let mut bytes = bytes.into_iter().cycle();
        Ok(RawToken::generate(kind, || bytes.next().unwrap_or_default()))
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

    /// Runs statements, all in one transaction and one round trip.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        self.call.platform.database().batch(statements).await
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
pub struct Website {
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

    /// Enters the website: one round trip for the caller's role and the statements that `plan` makes of the input.
    /// Answers, in this order of precedence, why the website is closed, why the input is wrong, or the website with
    /// the input and the statements' rows. Statements planned here must only read.
    pub async fn enter<T>(
        self,
        input: Input<T>,
        plan: impl FnOnce(WebsiteId, &T) -> Vec<Statement>,
    ) -> Result<(Website, T, Rows), Error> {
        #[derive(Deserialize)]
        struct Membership {
            role: Role,
        }

        let decided = self.principal.own_role(self.website_id).transpose()?;
        let mut statements = Vec::new();
        if decided.is_none() {
            let role = sql("SELECT role FROM members WHERE website_id = ?1 AND account_id = ?2");
            statements.push(role.bind(self.website_id).bind(self.principal.account_id()));
        }
        if let Some(input) = input.peek() {
            statements.extend(plan(self.website_id, input));
        }
        let mut rows = self.call.platform.database().batch(statements).await?;
        let membership = match decided {
            Some(_) => None,
            None => rows.first::<Membership>()?.map(|membership| membership.role),
        };
        let role = self.principal.role_on(self.website_id, membership, self.needed)?;
        let input = input.release()?;
        let website = Website { id: self.website_id, role, principal: self.principal, call: self.call };
        Ok((website, input, rows))
    }
}

impl Website {
    /// Runs statements, all in one transaction and one round trip.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        self.call.platform.database().batch(statements).await
    }
}

/// The id of a request, as `X-Request-Id` carries it.
pub type RequestId = Id<kinds::Request>;
