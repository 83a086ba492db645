//! The members of a team: listing, changing roles, removing, leaving (docs/contract/account-api.md#10; docs/contract/README.md#41).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::departure::{self, Left, LeftKey};
use super::invitations::InvitedRole;
use crate::auth::role::Role;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path};
use crate::http::reply::{BothIds, Data};
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{AccountId, InvitationId, Timestamp, WebsiteId, kinds};

// ---- What comes in

/// The body of remove.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RemoveTeamMember")]
pub struct Remove {
    user_id: AccountId,
    /// Whether the keys, webhooks and webhook alerts that they made go too; left out: `true`.
    revoke_keys: Option<bool>,
}

/// The body of a change of role.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UpdateTeamMember")]
pub struct ChangeRole {
    role: InvitedRole,
    /// Whether the keys whose value they know go too, where they become a viewer: a key may change things whatever its maker
    /// may; left out: `true`.
    revoke_keys: Option<bool>,
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

/// Sent with the team's list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct TeamMeta {
    /// Invitations that were not accepted yet; for the owner only.
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
    state: InvitationState,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// Whether an invitation can still be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum InvitationState {
    /// It waits.
    Pending,
    /// Its time is over. It is listed for another week, and can be sent again.
    Expired,
}

/// A member whose role was changed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedMember {
    #[serde(flatten)]
    member: TeamMember,
    /// The keys that went.
    revoked_keys: Vec<LeftKey>,
}

/// What remove and leave answer.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Removed {
    message: &'static str,
    #[serde(flatten)]
    left: Left,
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

impl From<MemberRow> for TeamMember {
    fn from(row: MemberRow) -> Self {
        let MemberRow { id, name, email, image, role, joined_at } = row;
        Self { ids: id.into(), user_id: id, name, email, image, role, joined_at }
    }
}

const MEMBERS: &str = "SELECT accounts.id, name, email, image, role, joined_at FROM members \
                       JOIN accounts ON accounts.id = members.account_id WHERE website_id = ?1";

fn select_members(website: WebsiteId) -> Statement {
    sql(MEMBERS).then(" ORDER BY joined_at, accounts.id").bind(website)
}

fn select_member(website: WebsiteId, account: AccountId) -> Statement {
    sql(MEMBERS).then(" AND accounts.id = ?2").bind(website).bind(account)
}

fn select_invitations(website: WebsiteId) -> Statement {
    sql("SELECT id, email, role, created_at, expires_at FROM invitations WHERE website_id = ?1 ORDER BY created_at, id")
        .bind(website)
}

/// An owner's role is changed by a transfer only.
fn update_role(website: WebsiteId, account: AccountId, role: Role) -> Statement {
    sql("UPDATE members SET role = ?3 WHERE website_id = ?1 AND account_id = ?2 AND role <> 'owner'")
        .bind(website)
        .bind(account)
        .bind(role.as_str())
}

fn delete(website: WebsiteId, account: AccountId) -> Statement {
    sql("DELETE FROM members WHERE website_id = ?1 AND account_id = ?2 AND role <> 'owner' RETURNING account_id")
        .bind(website)
        .bind(account)
}

// ---- Handlers

/// GET: the team, in the order of joining; for the owner also who has been invited.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<TeamMember, TeamMeta>, Error> {
    let now = call.call.now;
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read::<MemberRow>(select_members(website)), batch.read::<InvitationRow>(select_invitations(website)))
    };
    let (website, (), (members, pending), results) = call.enter(input, plan).await?;
    let members = results.all(&members)?.into_iter().map(TeamMember::from);
    let pending = results.all(&pending)?.into_iter().map(|row| PendingInvitation {
        ids: row.id.into(),
        invitation_id: row.id,
        email: row.email,
        role: row.role,
        state: if row.expires_at > now { InvitationState::Pending } else { InvitationState::Expired },
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    let invitations = (website.role == Role::Owner).then(|| pending.collect());
    Ok(Data::with(members.collect(), TeamMeta { invitations }))
}

/// PUT: changes a member's role, from their next request on. What a viewer cannot do, a key of theirs cannot either.
pub async fn change_role(
    call: WebsiteCall,
    input: Input<(Path<AccountId>, Body<ChangeRole>)>,
) -> Result<Data<ChangedMember>, Error> {
    let (website, (Path(user), Body(ChangeRole { role, revoke_keys })), (), _) =
        call.enter(input, |_, _, _| ()).await?;
    let revokes = role == InvitedRole::Viewer && revoke_keys.unwrap_or(true);
    let mut batch = Batch::new();
    let keys = revokes.then(|| departure::plan_keys(&mut batch, (website.id, user), website.call.now));
    batch.run(update_role(website.id, user, role.into()));
    let member = batch.read::<MemberRow>(select_member(website.id, user));
    let results = website.run(batch).await?;
    let row = results.first(&member)?.ok_or_else(|| nobody(user))?;
    if row.role == Role::Owner {
        return Err(Error::bad_request("userId: this is the owner; a website changes hands by a transfer"));
    }
    let revoked_keys = match keys {
        Some(keys) => keys.conclude(&website, &results).await?,
        None => Vec::new(),
    };
    Ok(Data::one(ChangedMember { member: row.into(), revoked_keys }))
}

/// DELETE: removes somebody, with what they made; they are out from the next request on.
pub async fn remove(call: WebsiteCall, input: Input<Body<Remove>>) -> Result<Data<Removed>, Error> {
    let (website, Body(Remove { user_id, revoke_keys }), (), _) = call.enter(input, |_, _, _| ()).await?;
    if user_id == website.principal.account_id() {
        return Err(Error::bad_request("userId: you cannot remove yourself"));
    }
    let removed = depart(&website, user_id, revoke_keys.unwrap_or(true), "Team member removed successfully").await?;
    removed.ok_or_else(|| nobody(user_id))
}

pub(super) fn nobody(user: AccountId) -> Error {
    Error::not_found(format!("userId: nobody on this website's team has the id {user}"))
}

/// DELETE: leaves the team, with what the caller made. Whoever leaves does not decide what stays: that would be a way back.
pub async fn leave(call: WebsiteCall, input: Input<()>) -> Result<Data<Removed>, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    let own = website.principal.account_id();
    let left = depart(&website, own, true, "You have left the team").await?;
    left.ok_or_else(|| Error::bad_request("the owner cannot leave: a website always has one"))
}

/// Takes a member out; nothing where there is no such member, or where it is the owner.
async fn depart(
    website: &EnteredWebsite,
    account: AccountId,
    revokes: bool,
    message: &'static str,
) -> Result<Option<Data<Removed>>, Error> {
    website.call.note_target(&account);
    let mut batch = Batch::new();
    // What they made is asked for while they are still a member.
    let made = departure::plan(&mut batch, (website.id, account), revokes, website.call.now);
    let deleted = batch.read::<IgnoredAny>(delete(website.id, account));
    let results = website.run(batch).await?;
    let is_gone = results.first(&deleted)?.is_some();
    let left = made.conclude(website, &results).await?;
    Ok(is_gone.then(|| Data::one(Removed { message, left })))
}
