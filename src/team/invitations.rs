//! Invitations: sending and accepting (docs/contract/account-api.md#10; docs/contract/README.md#31 and #47).
//!
//! An invitation has two codes. One is in the link that the inviter is answered, so it proves nothing about who comes with it.
//! The other is only in the mail, so whoever has it reads the mailbox.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::invitation_mail::{self, Occasion};
use crate::account::access_tokens::{self, Grant};
use crate::account::profile;
use crate::auth::access::Principal;
use crate::auth::permission::Permission;
use crate::auth::revocation;
use crate::auth::role::Role;
use crate::auth::sessions::{Device, Grant as Rights, NewSession, Started};
use crate::auth::token::{RawToken, TokenKind};
use crate::http::call::{EnteredWebsite, OpenCall, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path};
use crate::http::reply::{BothIds, Created, Data, WithCookie};
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::config::{Config, MAX_OPEN_INVITATIONS, MOST_INVITATIONS_PER_DAY};
use crate::platform::database::{Batch, Parameter, Statement, sql};
use crate::platform::expired::Expired;
use crate::platform::incoming::Caller;
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{
    AccountId, ConsoleSessionId, Email, InvitationId, Name, Timestamp, TokenId, WebsiteId, hex, kinds,
};

/// How long an invitation can be accepted: 7 days.
pub(super) const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// The time over which mails and invitations are counted: a day.
pub(super) const COUNTED_MS: i64 = 24 * 60 * 60 * 1_000;

// ---- What comes in

/// The body of invite.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "InviteTeamMember")]
pub struct Invite {
    email: Email,
    #[serde(default)]
    role: InvitedRole,
}

/// A role that can be given away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum InvitedRole {
    /// Reads.
    #[default]
    Viewer,
    /// Reads and changes.
    Member,
}

/// The body of accept.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AcceptInvitation")]
pub struct Accept {
    /// From the invitation's link.
    code: String,
    /// The name of the new account; needed only where the address has none.
    name: Option<Name>,
    /// `true`: signs the browser in to the console, by a cookie, and issues no token. One of the gateway's own pages must ask.
    session: Option<bool>,
}

// ---- What goes out

/// What invite answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedInvitation {
    pub(super) message: &'static str,
    #[serde(flatten)]
    pub(super) ids: BothIds<kinds::Invitation>,
    pub(super) invitation_id: InvitationId,
    pub(super) email: Email,
    pub(super) role: InvitedRole,
    /// The link for the invited person; shown this once.
    pub(super) invite_url: String,
    pub(super) expires_at: Timestamp,
    /// Whether a mail with a link of its own goes to the address: where the gateway sends mail, one a day does.
    pub(super) sends_mail: bool,
}

/// What accept answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedInvitation {
    message: &'static str,
    website_id: WebsiteId,
    user_id: AccountId,
    email: String,
    role: Role,
    /// A token of the account, where this made the account or proved its mailbox and no session was asked for; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

// ---- Rules

impl From<InvitedRole> for Role {
    fn from(role: InvitedRole) -> Self {
        match role {
            InvitedRole::Viewer => Self::Viewer,
            InvitedRole::Member => Self::Member,
        }
    }
}

/// What is stored of a code.
pub(super) fn code_hash(code: &str) -> String {
    hex(&Sha256::digest(code.as_bytes()))
}

/// The caps on invitations, which are settable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// Invitations of an account in a day.
    a_day: u32,
    /// Invitations of a website that wait to be accepted.
    open: u32,
}

impl Caps {
    pub(super) fn from_config(config: &Config) -> Self {
        Self { a_day: config.cap(MOST_INVITATIONS_PER_DAY), open: config.cap(MAX_OPEN_INVITATIONS) }
    }

    #[cfg(test)]
    pub(super) fn of(a_day: u32, open: u32) -> Self {
        Self { a_day, open }
    }

    /// The refusal of whoever has reached one.
    pub(super) fn refusal(self, open: u32) -> Error {
        Error::forbidden(if open >= self.open {
            format!("invitation limit reached (MAX_OPEN_INVITATIONS: {} open for each website)", self.open)
        } else {
            format!("invitation limit reached (INVITATIONS_PER_DAY: {} a day for each account)", self.a_day)
        })
    }
}

/// What accepting comes to.
#[derive(Debug, PartialEq, Eq)]
enum Entry<'a> {
    /// The account made by this, whose mailbox may be proved.
    New { name: &'a Name, is_verified: bool },
    /// The account that calls with its own token. With the mail's code, its mailbox is now proved: tokens that others may
    /// have made before are revoked.
    Own { account: AccountId, token: TokenId, session: Option<ConsoleSessionId>, verifies: bool },
    /// An account whose mailbox nobody had proved, now claimed by who reads it.
    Claimed { account: AccountId },
}

impl OpenInvitation {
    /// Who enters, or nobody. An account that is there is entered with its own full token. The one exception is an account
    /// that anybody may have made: it belongs to who reads the mailbox.
    fn entry<'a>(&self, caller: Option<&Principal>, name: Option<&'a Name>) -> Option<Entry<'a>> {
        let is_by_mail = self.is_by_mail != 0;
        match (self.account_id, caller) {
            (Some(account), Some(Principal::Account { id, account_id, permissions, scope, session, .. })) => {
                let is_full = permissions.allow(Permission::Full) && scope.is_all();
                let verifies = is_by_mail && self.verified_at.is_none();
                let session = session.as_ref().map(|session| session.id);
                (*account_id == account && is_full).then_some(Entry::Own { account, token: *id, session, verifies })
            }
            (Some(account), None) if is_by_mail && self.verified_at.is_none() => Some(Entry::Claimed { account }),
            (None, None) => name.map(|name| Entry::New { name, is_verified: is_by_mail }),
            (Some(_), None | Some(Principal::WebsiteKey { .. })) | (None, Some(_)) => None,
        }
    }
}

/// The one answer to whoever may not accept, whether there is an account or not.
fn refused() -> Error {
    Error::forbidden(
        "an invitation is accepted with a [\"*\"] token of the account of its address, not limited to websites; where \
         there is no such account, without a token and with a \"name\" for the new one",
    )
}

fn gone() -> Error {
    Error::not_found("no such invitation: it was used, has expired, or the code is wrong")
}

// ---- SQL

#[derive(Deserialize)]
struct Member {
    id: AccountId,
    role: Role,
}

/// Who on the team has this address.
fn select_member_by_email(website: WebsiteId, email: &Email) -> Statement {
    sql("SELECT accounts.id, role FROM accounts \
         JOIN members ON members.account_id = accounts.id AND members.website_id = ?1 WHERE email = ?2")
    .bind(website)
    .bind(email.as_str())
}

/// Deletes the address's previous invitation if it has expired.
fn delete_expired_invitation(website: &EnteredWebsite, invite: &Invite) -> Statement {
    sql("DELETE FROM invitations WHERE website_id = ?1 AND email = ?2 AND expires_at <= ?3")
        .bind(website.id)
        .bind(invite.email.as_str())
        .bind(website.call.now)
}

/// Counts the sending `id` of an `invitation`, unless a cap is reached. Counting and adding are one statement, so that concurrent
/// requests cannot exceed a cap together.
pub(super) fn insert_send(
    (id, invitation): (InvitationId, InvitationId),
    (website, account): (WebsiteId, AccountId),
    email: &Email,
    caps: Caps,
    now: Timestamp,
) -> Statement {
    sql("INSERT INTO invitation_sends (id, account_id, email, created_at) SELECT ?1, ?2, ?3, ?4 \
         WHERE (SELECT count(*) FROM invitation_sends WHERE account_id = ?2 AND created_at > ?5) < ?6 \
         AND (SELECT count(*) FROM invitations WHERE website_id = ?7 AND expires_at > ?4 AND id <> ?9) < ?8")
    .bind(id)
    .bind(account)
    .bind(email.as_str())
    .bind(now)
    .bind(now.plus_millis(-COUNTED_MS))
    .bind(caps.a_day)
    .bind(website)
    .bind(caps.open)
    .bind(invitation)
}

/// The codes of an invitation: that of the inviter's link and that of the mail.
pub(super) struct Codes {
    pub shown: String,
    pub mailed: String,
}

impl Codes {
    pub fn new(platform: &Platform) -> Result<Self, PlatformError> {
        let code = || Ok::<_, PlatformError>(URL_SAFE_NO_PAD.encode(platform.random::<24>()?));
        Ok(Self { shown: code()?, mailed: code()? })
    }
}

/// The address that a code stands in. Behind the `#`, because servers on the way and their logs do not see what stands there.
pub(super) fn link(base_url: &str, id: InvitationId, code: &str) -> String {
    format!("{base_url}/invitations/{id}#code={code}")
}

/// Adds the invitation if it was counted. The unique index refuses a second one to an address while the first is pending.
fn insert_invitation(
    id: InvitationId,
    website: WebsiteId,
    invite: &Invite,
    codes: &Codes,
    (now, expires_at): (Timestamp, Timestamp),
) -> Statement {
    sql("INSERT INTO invitations (id, website_id, email, role, code_hash, mail_code_hash, created_at, expires_at) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM invitation_sends WHERE id = ?1) \
         RETURNING id")
    .bind(id)
    .bind(website)
    .bind(invite.email.as_str())
    .bind(Role::from(invite.role).as_str())
    .bind(code_hash(&codes.shown))
    .bind(code_hash(&codes.mailed))
    .bind(now)
    .bind(expires_at)
}

#[derive(Deserialize)]
pub(super) struct Count {
    pub open: u32,
}

/// The open invitations of a website besides this one.
pub(super) fn count_open(website: WebsiteId, but: InvitationId, now: Timestamp) -> Statement {
    sql("SELECT count(*) AS open FROM invitations WHERE website_id = ?1 AND expires_at > ?2 AND id <> ?3")
        .bind(website)
        .bind(now)
        .bind(but)
}

/// Finds the mail that an address has had within a day. The address is an expression, in which `?1` is the value.
pub(super) fn select_mailed(address: &str, value: impl Into<Parameter>, now: Timestamp) -> Statement {
    sql(format!(
        "SELECT id FROM invitation_sends WHERE email = {address} AND is_mailed = 1 AND created_at > ?2 LIMIT 1"
    ))
    .bind(value)
    .bind(now.plus_millis(-COUNTED_MS))
}

/// Returns a row if the receiver may get a mail: one a day, whoever invites.
fn claim_mail(id: InvitationId, email: &Email, now: Timestamp) -> Statement {
    sql("UPDATE invitation_sends SET is_mailed = 1 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM invitation_sends \
         WHERE email = ?2 AND is_mailed = 1 AND created_at > ?3) RETURNING id")
    .bind(id)
    .bind(email.as_str())
    .bind(now.plus_millis(-COUNTED_MS))
}

/// An open invitation, and the account that its address has already.
#[derive(Deserialize)]
struct OpenInvitation {
    website_id: WebsiteId,
    email: String,
    role: Role,
    is_by_mail: i64,
    account_id: Option<AccountId>,
    verified_at: Option<Timestamp>,
}

/// One look-up whatever the code is and whether there is an account.
fn select_open(id: InvitationId, code: &str, now: Timestamp) -> Statement {
    sql("SELECT website_id, invitations.email, role, mail_code_hash IS ?2 AS is_by_mail, accounts.id AS account_id, \
         verified_at FROM invitations LEFT JOIN accounts ON accounts.email = invitations.email \
         WHERE invitations.id = ?1 AND (code_hash = ?2 OR mail_code_hash = ?2) AND expires_at > ?3")
    .bind(id)
    .bind(code_hash(code))
    .bind(now)
}

/// The column that [`require_open`] leaves without a value.
const GUARD: &str = "revocations.token_hash";

/// Fails the batch where the invitation has been used meanwhile.
fn require_open(id: InvitationId) -> Statement {
    sql("INSERT INTO revocations (token_hash, revoked_at) SELECT NULL, 0 \
         WHERE NOT EXISTS (SELECT 1 FROM invitations WHERE id = ?1)")
    .bind(id)
}

/// Fails the batch where somebody has proved the mailbox of the account meanwhile.
fn require_unverified(account: AccountId) -> Statement {
    sql("INSERT INTO revocations (token_hash, revoked_at) SELECT NULL, 0 \
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = ?1 AND verified_at IS NULL)")
    .bind(account)
}

/// Makes the account a member by the invitation.
fn insert_membership(id: InvitationId, account: AccountId, now: Timestamp) -> Statement {
    sql("INSERT INTO members (website_id, account_id, role, joined_at) \
         SELECT website_id, ?2, role, ?3 FROM invitations WHERE id = ?1 ON CONFLICT DO NOTHING")
    .bind(id)
    .bind(account)
    .bind(now)
}

fn delete_invitation(id: InvitationId) -> Statement {
    sql("DELETE FROM invitations WHERE id = ?1").bind(id)
}

// ---- Handlers

/// POST: invites somebody.
pub async fn invite(call: WebsiteCall, input: Input<Body<Invite>>) -> Result<Created<Data<CreatedInvitation>>, Error> {
    let (inviter, now) = (call.principal.account_id(), call.call.now);
    let plan = |batch: &mut Batch, website, Body(invite): &Body<Invite>| {
        (
            batch.read::<Member>(select_member_by_email(website, &invite.email)),
            batch.read::<Occasion>(invitation_mail::select(website, inviter)),
            batch.read::<IgnoredAny>(select_mailed("?1", invite.email.as_str(), now)),
        )
    };
    let (website, Body(invite), (member, occasion, mailed), results) = call.enter(input, plan).await?;
    match results.first(&member)? {
        Some(member) if member.id == inviter => return Err(Error::bad_request("email: this is your own address")),
        Some(member) => return Err(Error::conflict(format!("email: already on the team, as {}", member.role))),
        None => {}
    }
    let occasion = results.first(&occasion)?;
    let platform = &website.call.platform;
    let id = website.call.new_id()?;
    let codes = Codes::new(platform)?;
    let expires_at = now.plus_millis(INVITATION_MS);
    let caps = Caps::from_config(&platform.config());
    let link = |code: &str| link(&website.call.base_url, id, code);
    let mail =
        occasion.map(|occasion| occasion.mail(id, invite.email.clone(), invite.role.into(), &link(&codes.mailed)));
    let mut counted = Batch::of(delete_expired_invitation(&website, &invite));
    counted.run(insert_send((id, id), (website.id, inviter), &invite.email, caps, now));
    let insert = insert_invitation(id, website.id, &invite, &codes, (now, expires_at));
    let answer = Data::one(CreatedInvitation {
        message: "Invitation created. Send the invite link to the user.",
        ids: id.into(),
        invitation_id: id,
        email: invite.email.clone(),
        role: invite.role,
        invite_url: link(&codes.shown),
        expires_at,
        sends_mail: mailer::is_set_up(platform) && results.first(&mailed)?.is_none(),
    });
    let made = website.create_once(counted, insert, &id, answer).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::conflict("email: an invitation to this address is waiting to be accepted")
        } else {
            error.into()
        }
    })?;
    let Some(made) = made else {
        let open = website.row::<Count>(count_open(website.id, id, now)).await?;
        return Err(caps.refusal(open.map_or(0, |count| count.open)));
    };
    if let Some(mail) = mail {
        send_mail(&website, id, &invite.email, &mail).await;
    }
    Ok(made)
}

/// Sends the mail of the sending `id`, unless the receiver has had one. The invitation stands: without its mail, the link that
/// the inviter sees leads there too.
pub(super) async fn send_mail(website: &EnteredWebsite, id: InvitationId, email: &Email, mail: &Mail) {
    match website.row::<IgnoredAny>(claim_mail(id, email, website.call.now)).await {
        Ok(Some(_)) => invitation_mail::send(&website.call.platform, mail).await,
        Ok(None) => {}
        Err(error) => log::failure("invitation", &id.to_string(), &error.to_string()),
    }
}

/// Who may enter: whoever the caller is. A session goes along with every request of its browser, so that whoever has the code and
/// is signed in as somebody else may enter as if nobody were.
fn entry<'a>(
    invitation: &OpenInvitation,
    caller: Option<&Principal>,
    name: Option<&'a Name>,
) -> Result<Entry<'a>, Error> {
    let as_nobody = || match caller.and_then(Principal::session) {
        Some(_) => invitation.entry(None, name),
        None => None,
    };
    invitation.entry(caller, name).or_else(as_nobody).ok_or_else(refused)
}

/// What whoever enters gets: a token, or a session.
enum Pass {
    Token(String),
    Session(Started, RawToken),
}

/// POST: accepts an invitation for the address that it was sent to.
pub async fn accept(
    call: OpenCall,
    (Path(id), (caller, Body(accept))): (Path<InvitationId>, (Caller, Body<Accept>)),
) -> Result<WithCookie<Data<AcceptedInvitation>>, Error> {
    let OpenCall { call, principal, own_page, earlier } = call;
    let wants_session = accept.session == Some(true);
    if wants_session {
        own_page?;
    }
    let database = call.platform.database();
    let open = database.rows::<OpenInvitation>(select_open(id, &accept.code, call.now)).await?.into_iter().next();
    let invitation = open.ok_or_else(gone)?;
    let entry = entry(&invitation, principal.as_ref(), accept.name.as_ref())?;

    let mut batch = Batch::of(require_open(id));
    let mut ended = Vec::new();
    let device = Device::from(&caller);
    let start = |batch: &mut Batch, account, grant: Rights<'_>| -> Result<Pass, PlatformError> {
        let token = call.new_token(TokenKind::Session)?;
        let new = NewSession { id: call.new_id()?, account, token: &token, grant, device: &device, now: call.now };
        Ok(Pass::Session(new.start(batch, earlier), token))
    };
    let issue = |batch: &mut Batch, account| -> Result<Pass, PlatformError> {
        if wants_session {
            return start(batch, account, Rights::Invitation);
        }
        let token = call.new_token(TokenKind::Account)?;
        batch.run(access_tokens::insert(call.new_id()?, account, &token, None, &Grant::full(), call.now));
        Ok(Pass::Token(token.reveal().to_owned()))
    };
    let (account, pass) = match entry {
        Entry::New { name, is_verified } => {
            let account = call.new_id()?;
            // Stored as an `Email`, so it still is one.
            let email =
                invitation.email.parse().map_err(|why| PlatformError::new(format!("invitation {id}: {why}")))?;
            batch.run(profile::insert(account, &email, name, is_verified, call.now));
            (account, Some(issue(&mut batch, account)?))
        }
        Entry::Own { account, token, session, verifies } => {
            if verifies {
                ended.extend(profile::give_back(&mut batch, account, (Some(token), session), call.now));
            }
            // Whoever is signed in already stays so.
            let rights = match &principal {
                Some(Principal::Account { id, permissions, scope, session: None, .. }) if wants_session => {
                    Some(Rights::Token { id: *id, permissions, scope })
                }
                _ => None,
            };
            (account, rights.map(|rights| start(&mut batch, account, rights)).transpose()?)
        }
        Entry::Claimed { account } => {
            batch.run(require_unverified(account));
            ended.extend(profile::give_back(&mut batch, account, (None, None), call.now));
            (account, Some(issue(&mut batch, account)?))
        }
    };
    batch.run(insert_membership(id, account, call.now));
    batch.run(delete_invitation(id));
    call.note_account(account);
    call.note_website(invitation.website_id);
    call.note_target(&account);
    let results = call.run(batch).await.map_err(|error| {
        // A concurrent request, perhaps a duplicate of this one, has just used the invitation or created the account.
        if error.is_unique_violation() || error.is_null_violation_of(GUARD) { gone() } else { error.into() }
    })?;
    for ended in &ended {
        revocation::forget_all(&call.platform, &results, ended).await?;
    }
    let (key, cookie) = match pass {
        Some(Pass::Session(started, token)) => {
            let has_begun = started.settle(&call.platform, &results).await?;
            (None, has_begun.then(|| call.session_cookie().set(&token)))
        }
        Some(Pass::Token(key)) => (Some(key), None),
        None => (None, None),
    };
    let accepted = AcceptedInvitation {
        message: "Invitation accepted",
        website_id: invitation.website_id,
        user_id: account,
        email: invitation.email,
        role: invitation.role,
        key,
    };
    Ok(WithCookie::new(Data::one(accepted), cookie))
}

// ---- Cron

/// Expired invitations: the owner sees for as long as they were open that they were not accepted, and can send them again.
pub const EXPIRED: Expired = Expired { table: "invitations", key: "id", time: "expires_at", kept_ms: INVITATION_MS };
/// What the caps no longer count.
pub const UNCOUNTED: Expired =
    Expired { table: "invitation_sends", key: "id", time: "created_at", kept_ms: COUNTED_MS };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::access::WebsiteScope;
    use crate::auth::permission::Permissions;
    use crate::platform::database::memory::Memory;
    use serde_json::Value;
    use sluice_values::Id;

    const WEBSITE: &str = "0000000000000000000000d1";

    fn id<Kind>(number: u8) -> Id<Kind> {
        Id::new(Timestamp::from_millis(0), [number; 8])
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + millis)
    }

    fn open(account: Option<u8>, is_verified: bool, is_by_mail: bool) -> OpenInvitation {
        OpenInvitation {
            website_id: id(9),
            email: "jane@example.com".to_owned(),
            role: Role::Viewer,
            is_by_mail: i64::from(is_by_mail),
            account_id: account.map(id),
            verified_at: is_verified.then(|| at(0)),
        }
    }

    fn caller(account: u8, permissions: &[Permission], websites: &[u8]) -> Principal {
        Principal::Account {
            id: id(5),
            account_id: id(account),
            permissions: permissions.to_vec().try_into().unwrap(),
            scope: WebsiteScope::new(websites.iter().map(|number| id(*number)).collect()),
            session: None,
            expires_at: None,
        }
    }

    #[test]
    fn nobody_enters_an_account_that_is_there_without_a_full_token_of_it() {
        let name: Name = "x".parse().unwrap();
        let full = [Permission::Full];
        let key = Principal::WebsiteKey {
            id: id(5),
            account_id: id(1),
            website_id: id(9),
            permissions: Permissions::full(),
            created_by: Some(id(1)),
        };
        let every_but_full: Vec<_> = Permission::ALL.iter().copied().filter(|one| *one != Permission::Full).collect();
        let wrong = [
            caller(2, &full, &[]),
            caller(1, &every_but_full, &[]),
            caller(1, &full, &[9]),
            caller(2, &full, &[9]),
            key,
        ];
        for is_verified in [false, true] {
            for is_by_mail in [false, true] {
                let there = open(Some(1), is_verified, is_by_mail);
                for caller in &wrong {
                    assert_eq!(there.entry(Some(caller), Some(&name)), None, "{caller:?}");
                    // Where there is no account, the same callers are refused the same way.
                    assert_eq!(open(None, false, is_by_mail).entry(Some(caller), Some(&name)), None);
                }
                let own = there.entry(Some(&caller(1, &full, &[])), None);
                let verifies = is_by_mail && !is_verified;
                assert_eq!(own, Some(Entry::Own { account: id(1), token: id(5), session: None, verifies }));
                let without = there.entry(None, Some(&name));
                assert_eq!(without, verifies.then_some(Entry::Claimed { account: id(1) }));
            }
        }
    }

    #[test]
    fn only_the_mails_code_proves_the_mailbox_of_a_new_account() {
        let name: Name = "x".parse().unwrap();
        for is_by_mail in [false, true] {
            let entry = open(None, false, is_by_mail).entry(None, Some(&name));
            assert_eq!(entry, Some(Entry::New { name: &name, is_verified: is_by_mail }));
            assert_eq!(open(None, false, is_by_mail).entry(None, None), None, "refused as everywhere else");
        }
    }

    #[derive(Deserialize)]
    struct Found {
        is_by_mail: i64,
    }

    fn invite(database: &Memory, number: u8, email: &str, account: u8, now: Timestamp) -> Result<bool, String> {
        let website: WebsiteId = WEBSITE.parse().unwrap();
        let invite = Invite { email: email.parse().unwrap(), role: InvitedRole::Viewer };
        let codes = Codes { shown: format!("shown-{number}"), mailed: format!("mailed-{number}") };
        let caps = Caps { a_day: 3, open: 4 };
        let rows = database.batch::<Value>(&[
            insert_send((id(number), id(number)), (website, id(account)), &invite.email, caps, now),
            insert_invitation(id(number), website, &invite, &codes, (now, now.plus_millis(INVITATION_MS))),
        ])?;
        Ok(!rows[1].is_empty())
    }

    fn is_mailed(database: &Memory, number: u8, email: &str, now: Timestamp) -> bool {
        !database.batch::<Value>(&[claim_mail(id(number), &email.parse().unwrap(), now)]).unwrap()[0].is_empty()
    }

    #[test]
    fn a_code_is_known_by_where_it_was_carried_and_opens_only_its_own_invitation() {
        let database = Memory::with_website();
        assert!(invite(&database, 1, "a@example.com", 1, at(0)).unwrap());
        assert!(invite(&database, 2, "b@example.com", 1, at(0)).unwrap());
        let find = |number: u8, code: &str, now| {
            let rows = database.batch::<Found>(&[select_open(id(number), code, now)]).unwrap().remove(0);
            rows.into_iter().next().map(|row| row.is_by_mail != 0)
        };
        assert_eq!(find(1, "shown-1", at(0)), Some(false));
        assert_eq!(find(1, "mailed-1", at(0)), Some(true));
        for (number, code, now) in [
            (1, "shown-2", at(0)),
            (1, "mailed-2", at(0)),
            (3, "shown-1", at(0)),
            (1, "", at(0)),
            (1, "shown-1", at(INVITATION_MS)),
        ] {
            assert_eq!(find(number, code, now), None, "{number} {code}");
        }
        // An invitation of an earlier release has one code, which the inviter saw.
        database.execute("UPDATE invitations SET mail_code_hash = NULL");
        assert_eq!(find(1, "shown-1", at(0)), Some(false));
    }

    #[test]
    fn invitations_are_capped_by_account_and_day_and_by_website() {
        let database = Memory::with_website();
        for number in 1..=3 {
            assert!(invite(&database, number, &format!("p{number}@example.com"), 1, at(0)).unwrap());
        }
        assert!(!invite(&database, 4, "p4@example.com", 1, at(1)).unwrap(), "the account's fourth of the day");
        assert!(invite(&database, 4, "p4@example.com", 2, at(1)).unwrap());
        assert!(!invite(&database, 5, "p5@example.com", 2, at(1)).unwrap(), "the website's fifth that is open");
        // What was refused is not counted, and a day later there is room again.
        database.execute("DELETE FROM invitations");
        assert!(!invite(&database, 5, "p5@example.com", 1, at(COUNTED_MS - 1)).unwrap(), "accepted ones count too");
        assert!(invite(&database, 5, "p5@example.com", 1, at(COUNTED_MS)).unwrap());
        // Nor is a second one to an address that has one.
        for _ in 0..5 {
            assert!(invite(&database, 6, "p5@example.com", 2, at(COUNTED_MS + 2)).unwrap_err().contains("UNIQUE"));
        }
        assert!(invite(&database, 6, "p6@example.com", 2, at(COUNTED_MS + 2)).unwrap());
        let caps = Caps { a_day: 3, open: 4 };
        for (open, named) in [(4, "MAX_OPEN_INVITATIONS: 4"), (3, "INVITATIONS_PER_DAY: 3")] {
            let Error::Refused { status: 403, message } = caps.refusal(open) else { panic!("403") };
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn a_receiver_gets_one_mail_a_day_whoever_invites() {
        let database = Memory::with_website();
        assert!(invite(&database, 1, "a@example.com", 1, at(0)).unwrap());
        assert!(is_mailed(&database, 1, "a@example.com", at(0)));
        database.execute("DELETE FROM invitations");
        assert!(invite(&database, 2, "a@example.com", 2, at(5)).unwrap());
        assert!(!is_mailed(&database, 2, "a@example.com", at(5)), "another inviter, the same day");
        assert!(invite(&database, 3, "b@example.com", 2, at(5)).unwrap());
        assert!(is_mailed(&database, 3, "b@example.com", at(5)), "another receiver");
        database.execute("DELETE FROM invitations");
        assert!(invite(&database, 4, "a@example.com", 2, at(COUNTED_MS + 5)).unwrap());
        assert!(is_mailed(&database, 4, "a@example.com", at(COUNTED_MS + 5)), "the next day");
    }

    #[test]
    fn an_invitation_that_was_used_meanwhile_undoes_the_whole_entry() {
        let database = Memory::with_website();
        assert!(invite(&database, 1, "a@example.com", 1, at(0)).unwrap());
        database.execute(&format!(
            "INSERT INTO accounts (id, email, created_at) VALUES ('{}', 'a@example.com', 0)",
            id::<kinds::Account>(7)
        ));
        let claim = |invitation: u8| {
            database.batch::<Value>(&[
                require_open(id(invitation)),
                require_unverified(id(7)),
                profile::verify(id(7), at(1)),
                insert_membership(id(invitation), id(7), at(1)),
                delete_invitation(id(invitation)),
            ])
        };
        claim(1).unwrap();
        for _ in 0..2 {
            let error = PlatformError::new(claim(1).unwrap_err());
            assert!(error.is_null_violation_of(GUARD), "{error}");
        }
        // Nor is a mailbox proved twice.
        assert!(invite(&database, 2, "a@example.com", 1, at(2)).unwrap());
        assert!(PlatformError::new(claim(2).unwrap_err()).is_null_violation_of(GUARD));
        let left = database.batch::<Value>(&[sql("SELECT token_hash FROM revocations")]).unwrap();
        assert!(left[0].is_empty());
    }

    #[test]
    fn what_is_counted_and_looked_up_has_its_index() {
        let database = Memory::default();
        let (email, website): (Email, WebsiteId) = ("a@example.com".parse().unwrap(), WEBSITE.parse().unwrap());
        let caps = Caps { a_day: 1, open: 1 };
        for statement in [
            insert_send((id(1), id(1)), (website, id(2)), &email, caps, at(0)),
            claim_mail(id(1), &email, at(0)),
            select_open(id(1), "x", at(0)),
            count_open(website, id(1), at(0)),
            select_mailed("?1", "a@example.com", at(0)),
        ] {
            let plan = database.plan(&statement);
            assert!(!plan.contains("SCAN invitation"), "{plan}");
        }
    }
}
