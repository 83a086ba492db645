//! Sessions of the console in D1: how they begin, and how they end. One that has ended is refused with the next request, as a
//! revoked token is (docs/contract/README.md#14).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::access::WebsiteScope;
use super::passkeys::Use;
use super::permission::Permissions;
use super::revocation::{self, Revoked};
use super::session::{FRESH_MS, IDLE_MS, LIFE_MS, Session};
use super::token::{RawToken, TokenHash};
use crate::platform::database::{Batch, Handle, Parameter, Results, RowValues, Statement, sql};
use crate::platform::incoming::Caller;
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{AccountId, ConsoleSessionId, PasskeyId, Timestamp, TokenId};

/// The live sessions of an account; a further one ends the oldest.
pub const MOST: u32 = 10;
/// The live sessions that were made from one access token; a further one ends the oldest.
pub const MOST_OF_TOKEN: u32 = 3;
/// How much of a user agent is kept, in characters.
const LONGEST_USER_AGENT: usize = 400;
/// How many sessions one run of cron ends.
const PAGE: u32 = 500;

/// How somebody signed in. Stored by name in `console_sessions.method`: none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Method {
    /// A ticket that the operator had made.
    Ticket,
    /// An access token.
    Token,
    /// An invitation that made the account, or proved its mailbox.
    Invitation,
    /// A code by mail.
    Email,
    Passkey,
    /// What Cloudflare Access says.
    Access,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Token => "token",
            Self::Invitation => "invitation",
            Self::Email => "email",
            Self::Passkey => "passkey",
            Self::Access => "access",
        }
    }
}

/// From what a session has its rights. Whatever it is has to be there still when the session is stored.
pub enum Grant<'a> {
    /// A ticket with this hash: everything that the account may do.
    Ticket(&'a str),
    /// An access token: what the token may do.
    Token { id: TokenId, permissions: &'a Permissions, scope: &'a WebsiteScope },
    /// An invitation, accepted in the same transaction: everything that the account may do.
    Invitation,
    /// A code by mail, which is used up already: everything that the account may do.
    Code,
    /// A passkey: everything that the account may do.
    Passkey(Use<'a>),
    /// What Cloudflare Access says: everything that the account may do.
    Access,
}

impl Grant<'_> {
    pub const fn method(&self) -> Method {
        match self {
            Self::Ticket(_) => Method::Ticket,
            Self::Token { .. } => Method::Token,
            Self::Invitation => Method::Invitation,
            Self::Code => Method::Email,
            Self::Passkey(_) => Method::Passkey,
            Self::Access => Method::Access,
        }
    }

    /// What the session may do, and where.
    pub fn rights(&self) -> (Permissions, WebsiteScope) {
        match self {
            Self::Token { permissions, scope, .. } => ((*permissions).clone(), (*scope).clone()),
            _ => (Permissions::full(), WebsiteScope::default()),
        }
    }

    const fn token(&self) -> Option<TokenId> {
        match self {
            Self::Token { id, .. } => Some(*id),
            _ => None,
        }
    }

    const fn passkey(&self) -> Option<PasskeyId> {
        match self {
            Self::Passkey(used) => Some(used.id),
            _ => None,
        }
    }
}

/// What is kept of the browser that has signed in, for people to recognize it by.
#[derive(Debug, Default)]
pub struct Device {
    pub user_agent: String,
    pub country: Option<String>,
}

impl From<&Caller> for Device {
    fn from(caller: &Caller) -> Self {
        Self { user_agent: caller.header("user-agent").unwrap_or_default(), country: caller.place.country.clone() }
    }
}

/// A session that begins.
pub struct NewSession<'a> {
    pub id: ConsoleSessionId,
    pub account: AccountId,
    pub token: &'a RawToken,
    pub grant: Grant<'a>,
    pub device: &'a Device,
    pub now: Timestamp,
}

/// What a batch has begun and ended.
pub struct Started {
    inserted: Handle<IgnoredAny>,
    /// What the credential objects have to forget.
    pub ended: Vec<Handle<Revoked>>,
}

impl NewSession<'_> {
    /// Adds the session to a batch, and ends those that it replaces: the one with the hash `earlier`, and the oldest beyond the
    /// caps.
    pub fn start(&self, batch: &mut Batch, earlier: Option<TokenHash>) -> Started {
        let (account, now) = (self.account, self.now);
        let mut ended: Vec<_> = earlier.map(|hash| end(batch, &Which::Presented(hash), now)).into_iter().collect();
        ended.push(end(batch, &Which::Surplus { account, now }, now));
        ended.extend(self.grant.token().map(|token| end(batch, &Which::SurplusOfToken { token, now }, now)));
        Started { inserted: batch.read(self.insert()), ended }
    }

    /// The session as it begins.
    pub fn session(&self) -> Session {
        Session {
            id: self.id,
            fresh_until: self.now.plus_millis(FRESH_MS),
            expires_at: self.now.plus_millis(LIFE_MS),
            last_seen_at: self.now.to_the_minute(),
        }
    }

    fn insert(&self) -> Statement {
        let (permissions, scope) = self.grant.rights();
        let Session { id, fresh_until, expires_at, last_seen_at } = self.session();
        let user_agent: String = self.device.user_agent.chars().take(LONGEST_USER_AGENT).collect();
        let row = RowValues::new()
            .with("id", id)
            .with("account_id", self.account)
            .with("token_hash", self.token.hash().to_string())
            .with("method", self.grant.method().as_str())
            .with("granting_token_id", self.grant.token())
            .with("passkey_id", self.grant.passkey())
            .with_json("permissions", &permissions)
            .with_json("website_ids", &scope)
            .with("user_agent", user_agent)
            .with("country", self.device.country.as_deref())
            .with("created_at", self.now)
            .with("last_seen_at", last_seen_at)
            .with("expires_at", expires_at)
            .with("fresh_until", fresh_until)
            .insert_where("console_sessions");
        match self.grant {
            Grant::Ticket(hash) => row
                .then(" WHERE EXISTS (SELECT 1 FROM console_tickets WHERE ticket_hash = :ticket AND expires_at > :now) RETURNING id")
                .bind_named("ticket", hash)
                .bind_named("now", self.now),
            Grant::Token { id, .. } => row
                .then(" WHERE EXISTS (SELECT 1 FROM access_tokens WHERE id = :granting) RETURNING id")
                .bind_named("granting", id),
            Grant::Passkey(used) => row
                .then(&format!(" WHERE {} RETURNING id", Use::CONDITION))
                .bind_named("passkey", used.id)
                .bind_named("count", used.sign_count)
                .bind_named("challenge", used.challenge_hash),
            Grant::Invitation | Grant::Code | Grant::Access => row.then(" RETURNING id"),
        }
    }
}

impl Started {
    /// Makes what was ended be refused, and says whether the session has begun: not where what grants it was gone. What cannot be
    /// told now, cron tells: the session stands.
    pub async fn settle(&self, platform: &Platform, results: &Results) -> Result<bool, PlatformError> {
        for ended in &self.ended {
            if let Err(error) = revocation::forget_all(platform, results, ended).await {
                log::failure("sign-in", "sessions that it ends", &error.to_string());
            }
        }
        Ok(results.first(&self.inserted)?.is_some())
    }
}

/// Sessions that end together.
pub enum Which {
    /// One of an account.
    One(ConsoleSessionId, AccountId),
    /// The one of this cookie.
    Presented(TokenHash),
    /// Those that were made from an access token, if it is gone.
    OfRevoked { token: TokenId, account: AccountId },
    /// Those of an account but the one named.
    OfAccount { account: AccountId, but: Option<ConsoleSessionId> },
    /// Those of an account that were signed in with a passkey, but the one named.
    OfPasskey { passkey: PasskeyId, account: AccountId, but: ConsoleSessionId },
    /// Those named, of an account.
    Named { ids: Vec<ConsoleSessionId>, account: AccountId },
    /// Those of an account that leave no room for a further one.
    Surplus { account: AccountId, now: Timestamp },
    /// Those of an access token that leave no room for a further one.
    SurplusOfToken { token: TokenId, now: Timestamp },
}

impl Which {
    /// The condition, and its parameters.
    fn condition(&self) -> (&'static str, Vec<Parameter>) {
        let newest = |whose: Parameter, now: Timestamp, most: u32| {
            vec![whose, now.into(), now.plus_millis(-IDLE_MS).into(), (most - 1).into()]
        };
        match self {
            Self::One(id, account) => ("id = ?1 AND account_id = ?2", vec![(*id).into(), (*account).into()]),
            Self::Presented(hash) => ("token_hash = ?1", vec![hash.to_string().into()]),
            Self::OfRevoked { token, account } => (
                "granting_token_id = ?1 AND account_id = ?2 AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE id = ?1)",
                vec![(*token).into(), (*account).into()],
            ),
            Self::OfAccount { account, but } => {
                ("account_id = ?1 AND id IS NOT ?2", vec![(*account).into(), (*but).into()])
            }
            Self::OfPasskey { passkey, account, but } => (
                "passkey_id = ?1 AND account_id = ?2 AND id <> ?3",
                vec![(*passkey).into(), (*account).into(), (*but).into()],
            ),
            Self::Named { ids, account } => (
                "account_id = ?1 AND id IN (SELECT value FROM json_each(?2))",
                vec![(*account).into(), serde_json::json!(ids).to_string().into()],
            ),
            Self::Surplus { account, now } => (
                "account_id = ?1 AND id NOT IN (SELECT id FROM console_sessions WHERE account_id = ?1 \
                 AND expires_at > ?2 AND last_seen_at > ?3 ORDER BY created_at DESC, id DESC LIMIT ?4)",
                newest((*account).into(), *now, MOST),
            ),
            Self::SurplusOfToken { token, now } => (
                "granting_token_id = ?1 AND id NOT IN (SELECT id FROM console_sessions WHERE granting_token_id = ?1 \
                 AND expires_at > ?2 AND last_seen_at > ?3 ORDER BY created_at DESC, id DESC LIMIT ?4)",
                newest((*token).into(), *now, MOST_OF_TOKEN),
            ),
        }
    }
}

/// Adds statements to a batch that record the sessions' hashes as revoked, and delete the sessions.
pub fn end(batch: &mut Batch, which: &Which, now: Timestamp) -> Handle<Revoked> {
    let [record, delete] = ending(which, now);
    let revoked = batch.read(record);
    batch.run(delete);
    revoked
}

fn ending(which: &Which, now: Timestamp) -> [Statement; 2] {
    let (condition, values) = which.condition();
    let last = values.len() + 1;
    let bound = |text: String| values.iter().cloned().fold(sql(text), Statement::bind);
    let record = bound(format!(
        "INSERT OR REPLACE INTO revocations (token_hash, revoked_at) SELECT token_hash, ?{last} FROM console_sessions \
         WHERE {condition} RETURNING token_hash"
    ));
    [record.bind(now), bound(format!("DELETE FROM console_sessions WHERE {condition}"))]
}

/// Those whose time is over: their objects already refuse them, and are told to erase what they have stored.
pub async fn end_over(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Row {
        token_hash: String,
    }
    let database = platform.database();
    for (column, before) in [("expires_at", now), ("last_seen_at", now.plus_millis(-IDLE_MS))] {
        let select = sql(format!("SELECT token_hash FROM console_sessions WHERE {column} <= ?1 LIMIT ?2"));
        let hashes: Vec<String> =
            database.rows::<Row>(select.bind(before).bind(PAGE)).await?.into_iter().map(|row| row.token_hash).collect();
        if hashes.is_empty() {
            continue;
        }
        let list = "SELECT value FROM json_each(?1)";
        let record =
            "INSERT OR REPLACE INTO revocations (token_hash, revoked_at) SELECT token_hash, ?3 FROM console_sessions";
        let condition = format!("WHERE token_hash IN ({list}) AND {column} <= ?2");
        let mut batch = Batch::of(sql(format!("{record} {condition}")).bind_json(&hashes).bind(before).bind(now));
        batch.run(sql(format!("DELETE FROM console_sessions {condition}")).bind_json(&hashes).bind(before));
        database.run(batch).await?;
    }
    Ok(())
}
