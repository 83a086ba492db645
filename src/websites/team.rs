//! A website's team and the invitations to it (docs/contract/account-api.md#10; docs/contract/README.md#31).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::invitation_mail::{self, Occasion};
use crate::account::access_tokens::{self, Grant};
use crate::account::profile;
use crate::auth::role::Role;
use crate::auth::token::TokenKind;
use crate::http::call::{Call, EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path};
use crate::http::reply::{Answer, BothIds, Created, Data, Message, Reply};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{AccountId, Email, InvitationId, Name, Timestamp, WebsiteId, hex, kinds};

/// How long an invitation can be accepted: 7 days.
const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1000;

// ---- What comes in

/// The body of invite.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "InviteTeamMember")]
pub struct Invite {
    email: Email,
    #[serde(default)]
    role: InvitedRole,
}

/// A role that an invitation can give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum InvitedRole {
    /// Can read.
    #[default]
    Viewer,
    /// Can read and change.
    Member,
}

/// The body of remove.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RemoveTeamMember")]
pub struct Remove {
    user_id: AccountId,
}

/// The body of accept.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AcceptInvitation")]
pub struct Accept {
    /// From the invitation's link.
    code: String,
    /// The name of the new account; required if the address has no account.
    name: Option<Name>,
}

// ---- What goes out

/// A member of a website's team.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMember {
    #[serde(flatten)]
    ids: BothIds<kinds::Account>,
    user_id: AccountId,
    name: Option<String>,
    email: String,
    image: Option<String>,
    role: Role,
    joined_at: Timestamp,
}

/// Returned with the team's list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct TeamMeta {
    /// Pending invitations; shown to the owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitations: Option<Vec<PendingInvitation>>,
}

/// An invitation that has not been accepted yet.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingInvitation {
    #[serde(flatten)]
    ids: BothIds<kinds::Invitation>,
    invitation_id: InvitationId,
    email: String,
    role: Role,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// The response of invite.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedInvitation {
    message: &'static str,
    #[serde(flatten)]
    ids: BothIds<kinds::Invitation>,
    invitation_id: InvitationId,
    email: Email,
    role: InvitedRole,
    /// The link for the invited person; shown this once.
    invite_url: String,
    expires_at: Timestamp,
}

/// The response of accept.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedInvitation {
    message: &'static str,
    website_id: WebsiteId,
    user_id: AccountId,
    email: String,
    role: Role,
    /// The first token of an account created by this request; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// The page that an invitation's link opens.
pub struct InvitationPage;

impl Answer for InvitationPage {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        Reply::of(200, "text/html; charset=utf-8", include_bytes!("invitation.html").to_vec())
            .with_header("content-security-policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
            // The link's code must not leak in a `Referer` header.
            .with_header("referrer-policy", "no-referrer")
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

// ---- SQL

#[derive(Deserialize)]
struct MemberRow {
    id: AccountId,
    name: Option<String>,
    email: String,
    image: Option<String>,
    role: Role,
    joined_at: Timestamp,
}

#[derive(Deserialize)]
struct InvitationRow {
    id: InvitationId,
    email: String,
    role: Role,
    created_at: Timestamp,
    expires_at: Timestamp,
}

fn select_members(website: WebsiteId) -> Statement {
    sql("SELECT accounts.id, name, email, image, role, joined_at FROM members \
         JOIN accounts ON accounts.id = members.account_id WHERE website_id = ?1 ORDER BY joined_at, accounts.id")
    .bind(website)
}

fn select_pending(website: WebsiteId, now: Timestamp) -> Statement {
    sql("SELECT id, email, role, created_at, expires_at FROM invitations \
         WHERE website_id = ?1 AND expires_at > ?2 ORDER BY created_at, id")
    .bind(website)
    .bind(now)
}

/// Selects the team member with this address.
fn select_member_by_email(website: WebsiteId, email: &Email) -> Statement {
    sql("SELECT accounts.id, name, email, image, role, joined_at FROM accounts \
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

/// The unique index refuses a second invitation to an address while the first is pending.
fn insert_invitation(
    id: InvitationId,
    website: &EnteredWebsite,
    invite: &Invite,
    code: &str,
    expires_at: Timestamp,
) -> Statement {
    sql("INSERT INTO invitations (id, website_id, email, role, code_hash, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id")
    .bind(id)
    .bind(website.id)
    .bind(invite.email.as_str())
    .bind(Role::from(invite.role).as_str())
    .bind(code_hash(code))
    .bind(website.call.now)
    .bind(expires_at)
}

/// A pending invitation, and the account that its address already has.
#[derive(Deserialize)]
struct OpenInvitation {
    website_id: WebsiteId,
    email: String,
    role: Role,
    account_id: Option<AccountId>,
}

fn select_open(id: InvitationId, code: &str, now: Timestamp) -> Statement {
    sql("SELECT website_id, invitations.email, role, accounts.id AS account_id FROM invitations \
         LEFT JOIN accounts ON accounts.email = invitations.email \
         WHERE invitations.id = ?1 AND code_hash = ?2 AND expires_at > ?3")
    .bind(id)
    .bind(code_hash(code))
    .bind(now)
}

/// Makes the account a member by the invitation, if it still exists.
fn insert_membership(id: InvitationId, account: AccountId, now: Timestamp) -> Statement {
    sql("INSERT INTO members (website_id, account_id, role, joined_at) \
         SELECT website_id, ?2, role, ?3 FROM invitations WHERE id = ?1 ON CONFLICT DO NOTHING")
    .bind(id)
    .bind(account)
    .bind(now)
}

/// Returns a row if the invitation still existed.
fn delete_invitation(id: InvitationId) -> Statement {
    sql("DELETE FROM invitations WHERE id = ?1 RETURNING id").bind(id)
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

/// The hash of a code, which is all that is stored.
fn code_hash(code: &str) -> String {
    hex(&Sha256::digest(code.as_bytes()))
}

// ---- Handlers

/// GET: the team in the order of joining; for the owner, pending invitations too.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<TeamMember, TeamMeta>, Error> {
    let now = call.call.now;
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read::<MemberRow>(select_members(website)), batch.read::<InvitationRow>(select_pending(website, now)))
    };
    let (website, (), (members, pending), results) = call.enter(input, plan).await?;
    let members = results.all(&members)?.into_iter().map(|row| TeamMember {
        ids: row.id.into(),
        user_id: row.id,
        name: row.name,
        email: row.email,
        image: row.image,
        role: row.role,
        joined_at: row.joined_at,
    });
    let pending = results.all(&pending)?.into_iter().map(|row| PendingInvitation {
        ids: row.id.into(),
        invitation_id: row.id,
        email: row.email,
        role: row.role,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    let invitations = (website.role == Role::Owner).then(|| pending.collect());
    Ok(Data::with(members.collect(), TeamMeta { invitations }))
}

/// POST: sends an invitation.
pub async fn invite(call: WebsiteCall, input: Input<Body<Invite>>) -> Result<Created<Data<CreatedInvitation>>, Error> {
    let inviter = call.principal.account_id();
    let plan = |batch: &mut Batch, website, Body(invite): &Body<Invite>| {
        (
            batch.read::<MemberRow>(select_member_by_email(website, &invite.email)),
            batch.read::<Occasion>(invitation_mail::select(website, inviter)),
        )
    };
    let (website, Body(invite), (member, occasion), results) = call.enter(input, plan).await?;
    match results.first(&member)? {
        Some(member) if member.id == website.principal.account_id() => {
            return Err(Error::bad_request("email: this is your own address"));
        }
        Some(member) => return Err(Error::conflict(format!("email: already on the team, as {}", member.role))),
        None => {}
    }
    let occasion = results.first(&occasion)?;
    let id = website.call.new_id()?;
    let code = URL_SAFE_NO_PAD.encode(website.call.platform.random::<24>()?);
    let expires_at = website.call.now.plus_millis(INVITATION_MS);
    let expired = delete_expired_invitation(&website, &invite);
    let insert = insert_invitation(id, &website, &invite, &code, expires_at);
    let invite_url = format!("{}/invitations/{id}?code={code}", website.call.base_url);
    let mail = occasion.map(|occasion| occasion.mail(id, invite.email.clone(), invite.role.into(), &invite_url));
    let answer = Data::one(CreatedInvitation {
        message: "Invitation created. Send the invite link to the user.",
        ids: id.into(),
        invitation_id: id,
        email: invite.email,
        role: invite.role,
        invite_url,
        expires_at,
    });
    let made = website.create_once(Batch::of(expired), insert, answer).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::conflict("email: an invitation to this address is waiting to be accepted")
        } else {
            error.into()
        }
    })?;
    let made = made.ok_or_else(|| PlatformError::new("an insert returned no row"))?;
    if let Some(mail) = mail {
        invitation_mail::send(&website.call.platform, &mail).await;
    }
    Ok(made)
}

/// DELETE: removes a member, who is refused from the next request on.
pub async fn remove(call: WebsiteCall, input: Input<Body<Remove>>) -> Result<Data<Message>, Error> {
    let (website, Body(Remove { user_id }), (), _) = call.enter(input, |_, _, _| ()).await?;
    if user_id == website.principal.account_id() {
        return Err(Error::bad_request("userId: you cannot remove yourself"));
    }
    let statement =
        sql("DELETE FROM members WHERE website_id = ?1 AND account_id = ?2 AND role <> 'owner' RETURNING account_id")
            .bind(website.id)
            .bind(user_id);
    let removed = website.row::<serde::de::IgnoredAny>(statement).await?;
    removed
        .map(|_| Message::saying("Team member removed successfully"))
        .ok_or_else(|| Error::not_found(format!("userId: nobody on this website's team has the id {user_id}")))
}

/// GET: the page behind the link. It shows nothing about the invitation, which only the code opens.
pub async fn page(_: Call, _: Path<InvitationId>) -> Result<InvitationPage, Error> {
    Ok(InvitationPage)
}

/// POST: accepts an invitation for the address it was sent to, and creates the account if there is none.
pub async fn accept(
    call: Call,
    (Path(id), Body(accept)): (Path<InvitationId>, Body<Accept>),
) -> Result<Data<AcceptedInvitation>, Error> {
    let gone = || Error::not_found("no such invitation: it was used, has expired, or the code is wrong");
    let database = call.platform.database();
    let open = database.rows::<OpenInvitation>(select_open(id, &accept.code, call.now)).await?.into_iter().next();
    let invitation = open.ok_or_else(gone)?;

    let mut batch = Batch::new();
    let (user_id, key) = match (invitation.account_id, accept.name) {
        (Some(account), _) => (account, None),
        (None, None) => return Err(Error::bad_request("name: required, for this address has no account yet")),
        (None, Some(name)) => {
            let (account, token) = (call.new_id()?, call.new_token(TokenKind::Account)?);
            // It was stored as an `Email`, so it still parses as one.
            let email =
                invitation.email.parse().map_err(|why| PlatformError::new(format!("invitation {id}: {why}")))?;
            batch.run(profile::insert(account, &email, &name, call.now));
            batch.run(access_tokens::insert(call.new_id()?, account, &token, None, &Grant::full(), call.now));
            (account, Some(token.reveal().to_owned()))
        }
    };
    batch.run(insert_membership(id, user_id, call.now));
    let used = batch.read::<serde::de::IgnoredAny>(delete_invitation(id));
    let results = database.run(batch).await.map_err(|error| {
        // A concurrent request, perhaps a duplicate of this one, has just created this address's account.
        if error.is_unique_violation() { gone() } else { error.into() }
    })?;
    results.first(&used)?.ok_or_else(gone)?;
    Ok(Data::one(AcceptedInvitation {
        message: "Invitation accepted",
        website_id: invitation.website_id,
        user_id,
        email: invitation.email,
        role: invitation.role,
        key,
    }))
}
