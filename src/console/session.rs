//! The session of the console: signing in, who one is, signing out.

use serde::{Deserialize, Serialize};

use super::access;
use super::codes::{self, Code, Pending};
use super::passkeys::Assertion;
use super::shell;
use super::tickets::{self, Ticket};
use crate::account::profile;
use crate::auth::access::{Principal, WebsiteScope};
use crate::auth::limits;
use crate::auth::passkeys::{Use, spend};
use crate::auth::permission::Permissions;
use crate::auth::revocation::{self, Revoked};
use crate::auth::role::Role;
use crate::auth::session::Session;
use crate::auth::sessions::{self, Device, Grant, Method, NewSession, Which};
use crate::auth::sliding_window::Rate;
use crate::auth::token::{MalformedToken, RawToken, TokenKind};
use crate::http::call::{AccountCall, SignInCall};
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::{Answer, Data, Message, Reply, WithCookie};
use crate::platform::PlatformError;
use crate::platform::column;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::incoming::Caller;
use sluice_values::{AccountId, ConsoleSessionId, Currency, Timestamp, WebsiteId};

// ---- What comes in

/// The body of sign-in: one of them.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct SignIn {
    /// From the address that `POST /api/v1/console/tickets` has answered.
    ticket: Option<String>,
    /// A `dft_` account token; the session can do what the token can.
    token: Option<String>,
    /// From the mail that `POST /api/v1/console/sign-in-codes` has sent, in the browser that has asked for it.
    code: Option<String>,
    /// What a passkey has answered to `POST /api/v1/console/session/options`.
    passkey: Option<Assertion>,
    /// True: what Cloudflare Access says in `Cf-Access-Jwt-Assertion`, or in the cookie `CF_Authorization`.
    access: Option<bool>,
}

/// A way to sign in.
enum Way {
    Ticket(String),
    Token(String),
    Code(String),
    Passkey(Assertion),
    Access,
}

impl SignIn {
    fn way(self) -> Result<Way, Error> {
        match (self.ticket, self.token, self.code, self.passkey, self.access) {
            (Some(ticket), None, None, None, None) => Ok(Way::Ticket(ticket.trim().to_owned())),
            (None, Some(token), None, None, None) => Ok(Way::Token(token.trim().to_owned())),
            (None, None, Some(code), None, None) => Ok(Way::Code(code)),
            (None, None, None, Some(passkey), None) => Ok(Way::Passkey(passkey)),
            (None, None, None, None, Some(true)) => Ok(Way::Access),
            _ => Err(Error::bad_request(
                "body: send one of \"ticket\", \"token\", \"code\", \"passkey\" and \"access\": true",
            )),
        }
    }
}

// ---- What goes out

/// Who is signed in, and to what.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleSession {
    id: ConsoleSessionId,
    account: ConsoleAccount,
    method: Method,
    /// What the session may do at most; on each website, the role decides too.
    permissions: Permissions,
    /// The websites that it reaches, oldest first.
    websites: Vec<ConsoleWebsite>,
    /// Until then it shows secrets and mints tokens.
    fresh_until: Timestamp,
    /// When it is over if it is not used.
    expires_at: Timestamp,
    limit: ConsoleLimit,
    /// The version of the gateway.
    version: String,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ConsoleAccount {
    id: AccountId,
    email: String,
    name: Option<String>,
}

// A row of `select_websites`, and how the session shows it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
#[schemars(inline)]
struct ConsoleWebsite {
    id: WebsiteId,
    tracking_id: String,
    domain: String,
    name: Option<String>,
    role: Role,
    timezone: String,
    currency: Currency,
    /// Whether its visitors are new again every day.
    #[serde(deserialize_with = "column::boolean")]
    is_cookieless: bool,
    created_at: Timestamp,
}

/// The requests of any rolling minute.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ConsoleLimit {
    limit: u32,
    remaining: u32,
}

/// The answer to signing out, after which the browser keeps nothing of the console.
pub struct SignedOut(WithCookie<Data<Message>>);

impl Answer for SignedOut {
    fn into_reply(self) -> Reply {
        // Not "cookies": they are the host's, which may have other gateways on other ports.
        self.0.into_reply().with_header("clear-site-data", "\"cache\", \"storage\"")
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Data::<Message>::schema(generator)
    }
}

// ---- SQL

#[derive(Deserialize)]
struct AccountRow {
    #[serde(flatten)]
    account: ConsoleAccount,
    method: Method,
}

fn select_account(session: ConsoleSessionId) -> Statement {
    sql("SELECT accounts.id, email, name, method FROM console_sessions \
         JOIN accounts ON accounts.id = account_id WHERE console_sessions.id = ?1")
    .bind(session)
}

fn select_websites(account: AccountId, scope: &WebsiteScope) -> Statement {
    sql("SELECT websites.id, tracking_id, domain, name, role, timezone, currency, \
         coalesce(json_extract(settings, '$.isCookieless'), 0) AS is_cookieless, websites.created_at FROM members \
         JOIN websites ON websites.id = website_id WHERE account_id = ?1 \
         AND (?2 = '[]' OR website_id IN (SELECT value FROM json_each(?2))) ORDER BY websites.created_at, websites.id")
    .bind(account)
    .bind_json(scope)
}

// ---- Rules

/// What a session shows of itself, besides what is read from D1.
struct Shown {
    session: Session,
    permissions: Permissions,
    rate: Rate,
    version: String,
}

impl Shown {
    fn with(self, row: AccountRow, websites: Vec<ConsoleWebsite>) -> ConsoleSession {
        ConsoleSession {
            id: self.session.id,
            account: row.account,
            method: row.method,
            permissions: self.permissions,
            websites,
            fresh_until: self.session.fresh_until,
            expires_at: self.session.ends_at(),
            limit: ConsoleLimit { limit: self.rate.limit, remaining: self.rate.remaining },
            version: self.version,
        }
    }
}

fn over() -> Error {
    Error::unauthorized("the session is over; sign in again")
}

/// The rows that a session shows.
fn plan(
    batch: &mut Batch,
    session: ConsoleSessionId,
    account: AccountId,
    scope: &WebsiteScope,
) -> (Handle<AccountRow>, Handle<ConsoleWebsite>) {
    (batch.read(select_account(session)), batch.read(select_websites(account, scope)))
}

// ---- Handlers

/// POST: signs in. A new cookie every time: the session that the browser had before ends.
pub async fn sign_in(
    call: SignInCall,
    (caller, Body(sign_in)): (Caller, Body<SignIn>),
) -> Result<WithCookie<Data<ConsoleSession>>, Error> {
    let (device, admission) = (Device::from(&caller), call.admission());
    match sign_in.way()? {
        Way::Ticket(text) => {
            const UNKNOWN: &str = "this ticket is unknown, was used before, or has expired";
            let ticket = text.parse::<Ticket>().map_err(|_| admission.count_malformed("this is not a whole ticket"))?;
            let Some(account) = tickets::account(&call.call, &ticket).await? else {
                return Err(admission.count_unknown(UNKNOWN).await);
            };
            let hash = ticket.hash();
            let beginning = Beginning { spends: vec![tickets::spend(&ticket)], ..Beginning::default() };
            match begin(&call, account, Grant::Ticket(&hash), beginning, &device).await? {
                Some(answer) => Ok(answer),
                None => Err(admission.count_unknown(UNKNOWN).await),
            }
        }
        Way::Token(text) => {
            const UNKNOWN: &str = "this token is unknown or was revoked";
            let token: RawToken =
                text.parse().map_err(|why: MalformedToken| admission.count_malformed(&why.to_string()))?;
            if token.kind() == TokenKind::Website {
                return Err(Error::bad_request("token: this is a website key; it opens the API, not the console"));
            }
            let verdict = admission.ask(&token, None).await?;
            if let Some(rate) = verdict.rate.filter(|rate| !rate.admitted) {
                return Err(Error::RateLimited(rate));
            }
            let Some(Principal::Account { id, account_id, permissions, scope, session: None, expires_at }) =
                verdict.principal
            else {
                return Err(admission.count_unknown(UNKNOWN).await);
            };
            // A session would outlive it.
            if expires_at.is_some() {
                return Err(Error::forbidden("token: this is an application's; it opens the API, not the console"));
            }
            let grant = Grant::Token { id, permissions: &permissions, scope: &scope };
            match begin(&call, account_id, grant, Beginning::default(), &device).await? {
                Some(answer) => Ok(answer),
                None => Err(admission.count_unknown(UNKNOWN).await),
            }
        }
        Way::Code(text) => {
            const UNKNOWN: &str = "this code is wrong, was used before, or has expired";
            let code = text.parse::<Code>();
            let code = code.map_err(|_| admission.count_malformed("code: expected the 8 characters of the mail"))?;
            let Some(pending) = Pending::of(&call) else {
                return Err(admission.count_malformed("a code works only in the browser that has asked for it"));
            };
            let Some((account, is_unverified)) = codes::account(&call.call, &pending, &code).await? else {
                return Err(admission.count_unknown(UNKNOWN).await);
            };
            begin_as_owner(&call, account, is_unverified, Grant::Code, &device).await
        }
        Way::Access => {
            let issuer = access::issuer(&call.call.platform).map_err(|why| {
                Error::not_found(format!("nobody signs in here with Cloudflare Access ({why}); sign in in another way"))
            })?;
            let email = match access::email(&call, &issuer).await? {
                Ok(email) => email,
                Err(wrong) => return Err(admission.count_malformed(&wrong.to_string())),
            };
            let Some((account, is_unverified)) = access::account(&call.call, &email).await? else {
                let unknown = format!(
                    "Cloudflare Access says that you are {email}: no account here has this address; ask for an invitation to it"
                );
                return Err(admission.count_unknown(&unknown).await);
            };
            begin_as_owner(&call, account, is_unverified, Grant::Access, &device).await
        }
        Way::Passkey(assertion) => {
            const UNKNOWN: &str = "this passkey is not known here; it may have been removed";
            const REPLAYED: &str = "this answer of the passkey was used before, or is older than one that was";
            let checked = match assertion.check(&call) {
                Err(Error::Refused { status: 400, message }) => return Err(admission.count_malformed(&message)),
                checked => checked?,
            };
            let Some(passkey) = checked.passkey(&call.call).await? else {
                return Err(admission.count_unknown(UNKNOWN).await);
            };
            let used = Use { id: passkey.id, sign_count: checked.sign_count, challenge_hash: &checked.challenge_hash };
            let spends = vec![used.note(call.call.now), spend(&checked.challenge_hash, checked.challenge_ends_at)];
            let beginning = Beginning { spends, ..Beginning::default() };
            match begin(&call, passkey.account_id, Grant::Passkey(used), beginning, &device).await? {
                Some(answer) => Ok(answer),
                None => Err(admission.count_unknown(REPLAYED).await),
            }
        }
    }
}

/// Begins a session of who reads the account's mailbox, who owns it, whoever has made it.
async fn begin_as_owner(
    call: &SignInCall,
    account: AccountId,
    is_unverified: bool,
    grant: Grant<'_>,
    device: &Device,
) -> Result<WithCookie<Data<ConsoleSession>>, Error> {
    let mut beginning = Beginning::default();
    if is_unverified {
        let ended = profile::give_back(&mut beginning.batch, account, (None, None), call.call.now);
        beginning.ended.extend(ended);
    }
    let answer = begin(call, account, grant, beginning, device).await?;
    Ok(answer.ok_or_else(|| PlatformError::new("a session did not begin"))?)
}

/// What is done in the transaction of a session's beginning.
#[derive(Default)]
struct Beginning {
    /// Before.
    batch: Batch,
    /// What the credential objects have to forget.
    ended: Vec<Handle<Revoked>>,
    /// Afterwards.
    spends: Vec<Statement>,
}

/// Begins a session; nothing where what grants it was used or revoked meanwhile.
async fn begin(
    call: &SignInCall,
    account: AccountId,
    grant: Grant<'_>,
    Beginning { mut batch, ended, spends }: Beginning,
    device: &Device,
) -> Result<Option<WithCookie<Data<ConsoleSession>>>, Error> {
    let SignInCall { call, earlier, .. } = call;
    let token = call.new_token(TokenKind::Session)?;
    let new = NewSession { id: call.new_id()?, account, token: &token, grant, device, now: call.now };
    let (permissions, scope) = new.grant.rights();
    let mut started = new.start(&mut batch, *earlier);
    started.ended.extend(ended);
    for statement in spends {
        batch.run(statement);
    }
    let (account, websites) = plan(&mut batch, new.id, account, &scope);
    call.note_account(new.account);
    call.note_target(&new.id);
    let results = call.run(batch).await?;
    if !started.settle(&call.platform, &results).await? {
        return Ok(None);
    }
    let row = results.first(&account)?.ok_or_else(|| PlatformError::new("a session that began is not there"))?;
    let limit = limits::console_requests_per_minute(&call.platform.config());
    let rate = Rate { admitted: true, limit, remaining: limit, reset_in_ms: 0 };
    let shown = Shown { session: new.session(), permissions, rate, version: shell::version(&call.platform).await };
    let answer = Data::one(shown.with(row, results.all(&websites)?));
    Ok(Some(WithCookie::new(answer, Some(call.session_cookie().set(&token)))))
}

/// GET: who is signed in.
pub async fn get(call: AccountCall, (): ()) -> Result<Data<ConsoleSession>, Error> {
    let Principal::Account { account_id, permissions, scope, session: Some(session), .. } = &call.principal else {
        return Err(over());
    };
    let mut batch = Batch::new();
    let (account, websites) = plan(&mut batch, session.id, *account_id, scope);
    let results = call.run(batch).await?;
    let row = results.first(&account)?.ok_or_else(over)?;
    let rate = call.call.rate.ok_or_else(|| PlatformError::new("a session was admitted without a rate"))?;
    let version = shell::version(&call.call.platform).await;
    let shown = Shown { session: session.clone(), permissions: permissions.clone(), rate, version };
    Ok(Data::one(shown.with(row, results.all(&websites)?)))
}

/// DELETE: signs out.
pub async fn sign_out(call: AccountCall, (): ()) -> Result<SignedOut, Error> {
    let id = call.session()?.id;
    call.call.note_target(&id);
    let which = Which::One(id, call.account_id());
    let mut batch = Batch::new();
    let revoked = sessions::end(&mut batch, &which, call.call.now);
    let results = call.run(batch).await?;
    revocation::forget_all(&call.call.platform, &results, &revoked).await?;
    let cookie = call.call.session_cookie().cleared();
    Ok(SignedOut(WithCookie::new(Message::saying("Signed out"), Some(cookie))))
}
