//! The account itself (docs/contract/account-api.md#2).

use serde::{Deserialize, Serialize};

use super::access_tokens;
use crate::auth::access::Principal;
use crate::auth::passkeys;
use crate::auth::revocation::Revoked;
use crate::auth::sessions::{self, Which};
use crate::http::call::AccountCall;
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::{BothIds, Data};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_values::{AccountId, ConsoleSessionId, Email, Name, Timestamp, TokenId, WebsiteId, kinds};

/// The body of update: only the name can change.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "UpdateAccount")]
pub struct Update {
    name: Name,
}

/// The account with its plan; a self-hosted gateway has only one plan.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    #[serde(flatten)]
    profile: Profile,
    has_access: bool,
    plan_type: Option<&'static str>,
    is_free_trial_active: bool,
    free_trial_start_at: Option<Timestamp>,
    billing_cycle_start_at: Option<Timestamp>,
    billing_cycle_end_at: Option<Timestamp>,
    created_at: Timestamp,
    /// The key's website; only with a `df_` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    website_id: Option<WebsiteId>,
}

/// The person behind an account.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Profile {
    #[serde(flatten)]
    ids: BothIds<kinds::Account>,
    name: Option<String>,
    email: String,
    image: Option<String>,
}

/// The columns of a [`Row`].
const COLUMNS: &str = "id, email, name, image, created_at";

/// A row of `accounts`.
#[derive(Deserialize)]
pub struct Row {
    pub id: AccountId,
    email: String,
    name: Option<String>,
    image: Option<String>,
    created_at: Timestamp,
}

impl From<Row> for Profile {
    fn from(row: Row) -> Self {
        Self { ids: row.id.into(), name: row.name, email: row.email, image: row.image }
    }
}

/// Adds an account; its address must be new. `is_verified` says whether its mailbox is proved.
pub fn insert(id: AccountId, email: &Email, name: &Name, is_verified: bool, now: Timestamp) -> Statement {
    sql(format!(
        "INSERT INTO accounts (id, email, name, created_at, verified_at) \
         VALUES (?1, ?2, ?3, ?4, iif(?5, ?4, NULL)) RETURNING {COLUMNS}"
    ))
    .bind(id)
    .bind(email.as_str())
    .bind(name.as_str())
    .bind(now)
    .bind(is_verified)
}

/// Notes that the mailbox of the account is proved.
pub fn verify(id: AccountId, now: Timestamp) -> Statement {
    sql(format!("UPDATE accounts SET verified_at = coalesce(verified_at, ?2) WHERE id = ?1 RETURNING {COLUMNS}"))
        .bind(id)
        .bind(now)
}

/// Gives an account to who has proved its mailbox: all that others may have made in it is gone, but for the token and the session
/// that are named. The credential objects of what is answered have to forget it.
pub fn give_back(
    batch: &mut Batch,
    account: AccountId,
    (token, session): (Option<TokenId>, Option<ConsoleSessionId>),
    now: Timestamp,
) -> [Handle<Revoked>; 2] {
    batch.run(verify(account, now));
    let revoked = batch.read(access_tokens::insert_revocations(account, token, now));
    batch.run(access_tokens::delete_all(account, token));
    batch.run(access_tokens::delete_codes(account));
    batch.run(passkeys::delete_all(account));
    [revoked, sessions::end(batch, &Which::OfAccount { account, but: session }, now)]
}

/// The account with this address.
pub fn select_by_email(email: &Email) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM accounts WHERE email = ?1")).bind(email.as_str())
}

/// GET: the account behind the token.
pub async fn get(call: AccountCall, (): ()) -> Result<Data<Account>, Error> {
    let select = sql(format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1")).bind(call.account_id());
    let row = call.row::<Row>(select).await?.ok_or_else(|| missing(&call))?;
    let website_id = match call.principal {
        Principal::WebsiteKey { website_id, .. } => Some(website_id),
        Principal::Account { .. } => None,
    };
    Ok(Data::one(Account {
        created_at: row.created_at,
        profile: row.into(),
        has_access: true,
        plan_type: Some("self-hosted"),
        is_free_trial_active: false,
        free_trial_start_at: None,
        billing_cycle_start_at: None,
        billing_cycle_end_at: None,
        website_id,
    }))
}

/// PUT: changes the name.
pub async fn update(call: AccountCall, Body(update): Body<Update>) -> Result<Data<Profile>, Error> {
    let statement = sql(format!("UPDATE accounts SET name = ?2 WHERE id = ?1 RETURNING {COLUMNS}"))
        .bind(call.account_id())
        .bind(update.name.as_str());
    let row = call.row::<Row>(statement).await?.ok_or_else(|| missing(&call))?;
    Ok(Data::one(row.into()))
}

/// Accounts are never deleted, so a token without an account is a fault of the gateway.
fn missing(call: &AccountCall) -> PlatformError {
    PlatformError::new(format!("a token of account {}, which does not exist", call.account_id()))
}
