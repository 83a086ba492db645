//! The first account of a new gateway, accounts that its operator adds later, and the way back into one
//! (docs/contract/README.md#31).

use serde::{Deserialize, Serialize};

use super::access_tokens::{self, Grant};
use super::profile::{self, Profile};
use crate::auth::revocation;
use crate::auth::token::TokenKind;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::Data;
use crate::platform::PlatformError;
use crate::platform::database::Batch;
use sluice_values::{Email, Name, TokenId};

/// The body of setup.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Setup")]
pub struct Setup {
    email: Email,
    /// The name of the new account; with `recover` it is not needed.
    name: Option<Name>,
    /// `true`: the account exists and its owner has no way in. Every token of it is revoked and one is issued.
    recover: Option<bool>,
}

/// An account with its one token.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    #[serde(flatten)]
    profile: Profile,
    /// The id of the account's token, which has every permission.
    token_id: TokenId,
    /// The token itself; shown this once.
    key: String,
}

/// POST: makes an account and issues its first token, or gives an account back to its owner. The operator answers for the
/// address, so its mailbox counts as proved.
pub async fn create(call: Call, Body(setup): Body<Setup>) -> Result<Data<NewAccount>, Error> {
    if setup.recover == Some(true) {
        return recover(&call, &setup.email).await;
    }
    let name = setup.name.ok_or_else(|| Error::bad_request("name: required for a new account"))?;
    let (account_id, token_id) = (call.new_id()?, call.new_id()?);
    let token = call.new_token(TokenKind::Account)?;
    let mut batch = Batch::new();
    let account = batch.read::<profile::Row>(profile::insert(account_id, &setup.email, &name, true, call.now));
    batch.run(access_tokens::insert(token_id, account_id, &token, None, &Grant::full(), call.now));
    call.note_account(account_id);
    call.note_target(&token_id);
    let written = call.run(batch).await;
    let account = written.and_then(|results| results.first(&account)).map_err(|error| {
        if error.is_unique_violation() {
            Error::conflict("email: there is an account with this address already")
        } else {
            error.into()
        }
    })?;
    let account = account.ok_or_else(|| PlatformError::new("an insert returned no row"))?;
    Ok(Data::one(NewAccount { profile: account.into(), token_id, key: token.reveal().to_owned() }))
}

/// Revokes every token of the address, ends its sessions, and issues one token.
async fn recover(call: &Call, email: &Email) -> Result<Data<NewAccount>, Error> {
    let missing =
        || Error::not_found("email: there is no account with this address; leave \"recover\" out to make one");
    let database = call.platform.database();
    let account = database.rows::<profile::Row>(profile::select_by_email(email)).await?.into_iter().next();
    let account = account.ok_or_else(missing)?;
    let (token_id, token) = (call.new_id()?, call.new_token(TokenKind::Account)?);
    let mut batch = Batch::new();
    let ended = profile::give_back(&mut batch, account.id, (None, None), call.now);
    batch.run(access_tokens::insert(token_id, account.id, &token, None, &Grant::full(), call.now));
    call.note_account(account.id);
    call.note_target(&token_id);
    let results = call.run(batch).await?;
    for ended in &ended {
        revocation::forget_all(&call.platform, &results, ended).await?;
    }
    Ok(Data::one(NewAccount { profile: account.into(), token_id, key: token.reveal().to_owned() }))
}
