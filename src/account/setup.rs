//! The first account of a new gateway, and accounts that its operator adds later.

use serde::{Deserialize, Serialize};

use super::access_tokens::{self, Grant};
use super::profile::{self, Profile};
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
    name: Name,
}

/// A new account with its first token.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    #[serde(flatten)]
    profile: Profile,
    /// The id of the account's first token, which has every permission.
    token_id: TokenId,
    /// The token itself; shown this once.
    key: String,
}

/// POST: creates an account and issues its first token.
pub async fn create(call: Call, Body(setup): Body<Setup>) -> Result<Data<NewAccount>, Error> {
    let (account_id, token_id) = (call.new_id()?, call.new_id()?);
    let token = call.new_token(TokenKind::Account)?;
    let mut batch = Batch::new();
    let account = batch.read::<profile::Row>(profile::insert(account_id, &setup.email, &setup.name, call.now));
    batch.run(access_tokens::insert(token_id, account_id, &token, None, &Grant::full(), call.now));
    let written = call.platform.database().run(batch).await;
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
