//! The members of a team: listing, removing, leaving (docs/contract/account-api.md#10; docs/contract/README.md#41).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::departure::{self, Left};
use crate::auth::role::Role;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
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
    /// Invitations that wait to be accepted; for the owner only.
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

/// DELETE: removes somebody, with what they made; they are out from the next request on.
pub async fn remove(call: WebsiteCall, input: Input<Body<Remove>>) -> Result<Data<Removed>, Error> {
    let (website, Body(Remove { user_id, revoke_keys }), (), _) = call.enter(input, |_, _, _| ()).await?;
    if user_id == website.principal.account_id() {
        return Err(Error::bad_request("userId: you cannot remove yourself"));
    }
    let removed = depart(&website, user_id, revoke_keys.unwrap_or(true), "Team member removed successfully").await?;
    removed.ok_or_else(|| Error::not_found(format!("userId: nobody on this website's team has the id {user_id}")))
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
