//! The devices that are signed in to the console, and signing them out.

use serde::{Deserialize, Serialize};

use crate::account::access_tokens::Grant;
use crate::auth::access::Principal;
use crate::auth::revocation;
use crate::auth::session::Session;
use crate::auth::sessions::{self, Method, Which};
use crate::http::call::AccountCall;
use crate::http::error::Error;
use crate::http::input::{Path, Query};
use crate::http::reply::{Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{AccountId, ConsoleSessionId, Timestamp};

// ---- What comes in

/// Which of them to sign out.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Others {
    /// Has to be there: every device but the one that asks.
    others: Option<Yes>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
enum Yes {
    #[serde(rename = "true")]
    True,
}

// ---- What goes out

/// A device that is signed in.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleDevice {
    id: ConsoleSessionId,
    method: Method,
    /// As the browser names itself.
    user_agent: String,
    /// Where it signed in: ISO 3166-1, two letters.
    country: Option<String>,
    created_at: Timestamp,
    /// Exact to the minute.
    last_seen_at: Timestamp,
    /// When it is signed out if it is not used.
    expires_at: Timestamp,
    is_current: bool,
}

// ---- SQL

#[derive(Deserialize)]
struct Row {
    id: ConsoleSessionId,
    method: Method,
    permissions: String,
    website_ids: String,
    user_agent: String,
    country: Option<String>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    fresh_until: Timestamp,
}

impl Row {
    fn session(&self) -> Session {
        let Self { id, fresh_until, expires_at, last_seen_at, .. } = *self;
        Session { id, fresh_until, expires_at, last_seen_at }
    }

    fn grant(&self) -> Result<Grant, PlatformError> {
        let broken = |error| PlatformError::new(format!("console session {}: {error}", self.id));
        let permissions = serde_json::from_str(&self.permissions).map_err(broken)?;
        Ok(Grant::new(permissions, serde_json::from_str(&self.website_ids).map_err(broken)?))
    }
}

fn select_all(account: AccountId) -> Statement {
    sql("SELECT id, method, permissions, website_ids, user_agent, country, created_at, last_seen_at, expires_at, fresh_until \
         FROM console_sessions WHERE account_id = ?1 ORDER BY created_at DESC, id DESC")
    .bind(account)
}

// ---- Handlers

/// The live sessions of the caller's account, newest first.
async fn live(call: &AccountCall) -> Result<Vec<Row>, PlatformError> {
    let rows: Vec<Row> = call.rows(select_all(call.account_id())).await?;
    Ok(rows.into_iter().filter(|row| !row.session().is_over(call.call.now)).collect())
}

fn own_grant(call: &AccountCall) -> Result<Grant, Error> {
    match &call.principal {
        Principal::Account { permissions, scope, .. } => Ok(Grant::new(permissions.clone(), scope.clone())),
        Principal::WebsiteKey { .. } => Err(Error::forbidden("a df_ website key has no sessions")),
    }
}

/// GET: the devices that are signed in, newest first.
pub async fn list(call: AccountCall, (): ()) -> Result<Data<ConsoleDevice>, Error> {
    let current = call.session()?.id;
    let devices = live(&call).await?.into_iter().map(|row| ConsoleDevice {
        id: row.id,
        expires_at: row.session().ends_at(),
        method: row.method,
        user_agent: row.user_agent,
        country: row.country,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        is_current: row.id == current,
    });
    Ok(Data::many(devices.collect()))
}

/// DELETE: signs one device out, if it can do no more than the one that asks.
pub async fn delete(call: AccountCall, Path(id): Path<ConsoleSessionId>) -> Result<Data<Message>, Error> {
    let row = live(&call).await?.into_iter().find(|row| row.id == id);
    let row = row.ok_or_else(|| Error::not_found(format!("no signed-in device {id} of yours")))?;
    own_grant(&call)?.check_covers(&row.grant()?, "session")?;
    end(&call, vec![id]).await?;
    Ok(Message::saying("Signed out"))
}

/// DELETE: signs out every other device that can do no more than the one that asks.
pub async fn delete_others(call: AccountCall, Query(others): Query<Others>) -> Result<Data<Message>, Error> {
    let Some(Yes::True) = others.others else {
        return Err(Error::bad_request(
            "others: expected true; to sign this device out, call DELETE /api/v1/console/session",
        ));
    };
    let (own, current) = (own_grant(&call)?, call.session()?.id);
    let mut ids = Vec::new();
    for row in live(&call).await?.iter().filter(|row| row.id != current) {
        if own.check_covers(&row.grant()?, "session").is_ok() {
            ids.push(row.id);
        }
    }
    let count = ids.len();
    if count == 0 {
        call.call.note_no_change();
    }
    end(&call, ids).await?;
    Ok(Message::saying(format!("{count} other devices signed out")))
}

async fn end(call: &AccountCall, ids: Vec<ConsoleSessionId>) -> Result<(), Error> {
    let mut batch = Batch::new();
    let revoked = sessions::end(&mut batch, &Which::Named { ids, account: call.account_id() }, call.call.now);
    let results = call.run(batch).await?;
    Ok(revocation::forget_all(&call.call.platform, &results, &revoked).await?)
}
