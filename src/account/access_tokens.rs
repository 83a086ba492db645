//! `dft_` account tokens: listing, minting, revoking (docs/contract/account-api.md#3;
//! docs/contract/README.md#12 to #15 and #42).

use serde::{Deserialize, Serialize};

use crate::auth::access::{Means, Principal, WebsiteScope};
use crate::auth::permission::Permissions;
use crate::auth::revocation;
use crate::auth::sessions::{self, Which};
use crate::auth::token::{RawToken, TokenKind};
use crate::http::call::AccountCall;
use crate::http::error::Error;
use crate::http::input::{Body, Path};
use crate::http::reply::{BothIds, Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, RowValues, Statement, sql};
use sluice_values::{AccountId, List, Name, Timestamp, TokenId, WebsiteId, kinds};

/// The most tokens that an account may have.
pub const MOST: u32 = 20;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateAccessToken")]
pub struct Create {
    name: Option<Name>,
    /// Defaults to the caller's own.
    permissions: Option<Permissions>,
    /// If left out or empty, the caller's own scope.
    website_ids: Option<List<WebsiteId>>,
}

// ---- Rules

/// What a new token may do.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    permissions: Permissions,
    scope: WebsiteScope,
}

impl Grant {
    pub fn new(permissions: Permissions, scope: WebsiteScope) -> Self {
        Self { permissions, scope }
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    pub fn scope(&self) -> &WebsiteScope {
        &self.scope
    }

    /// Everything, everywhere: the grant of an account's first token.
    pub fn full() -> Self {
        Self { permissions: Permissions::full(), scope: WebsiteScope::default() }
    }

    /// What a caller who holds `own` can grant; never more than that.
    fn within(own: &Self, means: Means, wanted: &Create) -> Result<Self, Error> {
        let permissions = wanted.permissions.as_ref().unwrap_or(&own.permissions);
        if let Some(beyond) = own.permissions.first_beyond(permissions) {
            return Err(Error::forbidden(format!("permissions: {means} lacks \"{beyond}\" and cannot hand it on")));
        }
        let scope = match wanted.website_ids.as_ref().map(List::as_slice) {
            None | Some([]) => own.scope.clone(),
            Some(websites) => WebsiteScope::new(websites.to_vec()),
        };
        if let Some(beyond) = scope.as_slice().iter().find(|website| !own.scope.includes(**website)) {
            return Err(Error::forbidden(format!("websiteIds: {means} cannot access website {beyond}")));
        }
        Ok(Self { permissions: permissions.clone(), scope })
    }

    /// Whether a caller who holds `self` may revoke a credential with `other`, or what the caller lacks. `caller` is what the
    /// caller holds: a token or a session.
    pub fn check_covers(&self, other: &Self, caller: &str) -> Result<(), Error> {
        if let Some(beyond) = self.permissions.first_beyond(&other.permissions) {
            return Err(Error::forbidden(format!(
                "this {caller} lacks \"{beyond}\", which the other has, and cannot revoke it"
            )));
        }
        if self.scope.is_all() {
            return Ok(());
        }
        if other.scope.is_all() {
            return Err(Error::forbidden(format!(
                "this {caller} is limited to some websites, the other is not; it cannot revoke it"
            )));
        }
        match other.scope.as_slice().iter().find(|website| !self.scope.includes(**website)) {
            Some(website) => Err(Error::forbidden(format!(
                "this {caller} cannot access website {website}, which the other can, and cannot revoke it"
            ))),
            None => Ok(()),
        }
    }
}

// ---- What goes out

/// A token as lists show it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessToken {
    #[serde(flatten)]
    ids: BothIds<kinds::Token>,
    name: Option<String>,
    /// First 7 and last 4 characters.
    display_key: String,
    scope: Scope,
    permissions: Permissions,
    website_ids: WebsiteScope,
    /// Exact to the minute.
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
    /// When an application loses it (OAuth); null for all others.
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Scope {
    User,
}

/// A token as the answer that issues it shows it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct IssuedAccessToken {
    #[serde(flatten)]
    token: AccessToken,
    /// The whole token; shown this once.
    key: String,
}

// ---- SQL

/// A row of `access_tokens`.
#[derive(Deserialize)]
struct Row {
    id: TokenId,
    display_key: String,
    name: Option<String>,
    permissions: String,
    website_ids: String,
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

fn select_all(account: AccountId) -> Statement {
    select("account_id = ?1 ORDER BY created_at, id").bind(account)
}

fn select_one(id: TokenId, account: AccountId) -> Statement {
    select("id = ?1 AND account_id = ?2").bind(id).bind(account)
}

/// Tokens as they are listed. An application renews its token until what it was granted ends.
fn select(condition: &str) -> Statement {
    sql("SELECT id, display_key, name, permissions, website_ids, last_used_at, created_at, coalesce((SELECT ends_at FROM \
         oauth_grants WHERE oauth_grants.id = access_tokens.id), expires_at) AS expires_at FROM access_tokens WHERE ")
    .then(condition)
}

/// Records a token's hash as revoked, and returns it. The caller's own token or session must still exist: of two tokens that
/// revoke each other at once, one is left.
fn insert_revocation(id: TokenId, caller: TokenId, account: AccountId, now: Timestamp) -> Statement {
    sql("INSERT OR REPLACE INTO revocations (token_hash, revoked_at) \
         SELECT token_hash, ?4 FROM access_tokens WHERE id = ?1 AND account_id = ?3 \
         AND (EXISTS (SELECT 1 FROM access_tokens WHERE id = ?2) OR EXISTS (SELECT 1 FROM console_sessions WHERE id = ?2)) \
         RETURNING token_hash")
    .bind(id)
    .bind(caller)
    .bind(account)
    .bind(now)
}

/// Deletes a token whose hash is recorded as revoked.
fn delete_revoked(id: TokenId, account: AccountId) -> Statement {
    sql("DELETE FROM access_tokens WHERE id = ?1 AND account_id = ?2 \
         AND EXISTS (SELECT 1 FROM revocations WHERE revocations.token_hash = access_tokens.token_hash AND is_live = 0)")
    .bind(id)
    .bind(account)
}

/// Records the hashes of all tokens of an account as revoked but of the one named, and returns them.
pub fn insert_revocations(account: AccountId, but: Option<TokenId>, now: Timestamp) -> Statement {
    sql("INSERT OR REPLACE INTO revocations (token_hash, revoked_at) \
         SELECT token_hash, ?3 FROM access_tokens WHERE account_id = ?1 AND id IS NOT ?2 RETURNING token_hash")
    .bind(account)
    .bind(but)
    .bind(now)
}

/// Deletes all tokens of an account but the one named.
pub fn delete_all(account: AccountId, but: Option<TokenId>) -> Statement {
    sql("DELETE FROM access_tokens WHERE account_id = ?1 AND id IS NOT ?2").bind(account).bind(but)
}

/// Deletes what the account has granted to applications that have not fetched their tokens yet.
pub fn delete_codes(account: AccountId) -> Statement {
    sql("DELETE FROM oauth_grants WHERE account_id = ?1 AND family_hash IS NULL").bind(account)
}

/// Adds a token unless the account has reached its cap. Counting and adding are one statement, so that concurrent
/// requests cannot exceed the cap together.
pub fn insert(
    id: TokenId,
    account: AccountId,
    token: &RawToken,
    name: Option<&Name>,
    grant: &Grant,
    now: Timestamp,
) -> Statement {
    RowValues::new()
        .with("id", id)
        .with("account_id", account)
        .with("token_hash", token.hash().to_string())
        .with("display_key", token.display_key())
        .with("name", name.map(Name::as_str))
        .with_json("permissions", &grant.permissions)
        .with_json("website_ids", &grant.scope)
        .with("created_at", now)
        .insert_where("access_tokens")
        .then(" WHERE (SELECT count(*) FROM access_tokens WHERE account_id = :account) < :most RETURNING id")
        .bind_named("account", account)
        .bind_named("most", MOST)
}

impl TryFrom<Row> for AccessToken {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let broken = |error| PlatformError::new(format!("access token {}: {error}", row.id));
        Ok(Self {
            ids: row.id.into(),
            name: row.name,
            display_key: row.display_key,
            scope: Scope::User,
            permissions: serde_json::from_str(&row.permissions).map_err(broken)?,
            website_ids: serde_json::from_str(&row.website_ids).map_err(broken)?,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

// ---- Handlers

/// GET: the caller's tokens, oldest first, masked.
pub async fn list(call: AccountCall, (): ()) -> Result<Data<AccessToken>, Error> {
    let rows: Vec<Row> = call.rows(select_all(call.account_id())).await?;
    Ok(Data::many(rows.into_iter().map(AccessToken::try_from).collect::<Result<_, _>>()?))
}

/// POST: creates a token that is no stronger than the caller's.
pub async fn create(call: AccountCall, Body(wanted): Body<Create>) -> Result<Created<Data<IssuedAccessToken>>, Error> {
    let grant = granted(&call, &wanted).await?;
    let token = call.call.new_token(TokenKind::Account)?;
    let (id, now) = (call.call.new_id()?, call.call.now);
    let statement = insert(id, call.account_id(), &token, wanted.name.as_ref(), &grant, now);
    let made = AccessToken {
        ids: id.into(),
        name: wanted.name.map(|name| name.as_str().to_owned()),
        display_key: token.display_key(),
        scope: Scope::User,
        permissions: grant.permissions,
        website_ids: grant.scope,
        last_used_at: None,
        created_at: now,
        expires_at: None,
    };
    let answer = Data::one(IssuedAccessToken { token: made, key: token.reveal().to_owned() });
    call.create_once(Batch::new(), statement, &id, answer).await?.ok_or_else(|| {
        Error::bad_request(format!("token limit reached (max {MOST} per account); delete one that is no longer used"))
    })
}

/// What the caller can grant of what is wanted.
async fn granted(call: &AccountCall, wanted: &Create) -> Result<Grant, Error> {
    let own = match &call.principal {
        Principal::Account { permissions, scope, .. } => Grant::new(permissions.clone(), scope.clone()),
        // The route refuses website keys; a key would have no permissions to grant.
        Principal::WebsiteKey { .. } => return Err(Error::forbidden("a df_ website key cannot create account tokens")),
    };
    let grant = Grant::within(&own, call.principal.means(), wanted)?;
    check_reach(call, &grant.scope).await?;
    Ok(grant)
}

/// What the caller can grant an application; no websites are all that the caller reaches.
pub async fn granted_to_application(
    call: &AccountCall,
    permissions: Permissions,
    websites: List<WebsiteId>,
) -> Result<Grant, Error> {
    granted(call, &Create { name: None, permissions: Some(permissions), website_ids: Some(websites) }).await
}

/// The account must have a role on every website that a token is restricted to.
async fn check_reach(call: &AccountCall, scope: &WebsiteScope) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Reached {
        website_id: WebsiteId,
    }
    if scope.is_all() {
        return Ok(());
    }
    let select = sql("SELECT website_id FROM members \
         WHERE account_id = ?1 AND website_id IN (SELECT value FROM json_each(?2))")
    .bind(call.account_id())
    .bind_json(scope);
    let reached: Vec<Reached> = call.rows(select).await?;
    let missing = scope.as_slice().iter().find(|website| reached.iter().all(|reached| reached.website_id != **website));
    match missing {
        Some(website) => Err(Error::forbidden(format!("websiteIds: your account has no website {website}"))),
        None => Ok(()),
    }
}

/// DELETE: revokes a token of the caller's: one whose permissions and websites lie within the caller's, or the one that is
/// calling. So the last `["*"]` token can be revoked by itself alone.
pub async fn delete(call: AccountCall, Path(id): Path<TokenId>) -> Result<Data<Message>, Error> {
    let Principal::Account { id: own_id, permissions, scope, .. } = &call.principal else {
        return Err(Error::forbidden("a df_ website key cannot revoke account tokens"));
    };
    let missing = || Error::not_found(format!("no access token {id} of yours"));
    if id != *own_id {
        let row = call.row::<Row>(select_one(id, call.account_id())).await?.ok_or_else(missing)?;
        let other = AccessToken::try_from(row)?;
        let own = Grant { permissions: permissions.clone(), scope: scope.clone() };
        let held = if call.principal.session().is_some() { "session" } else { "token" };
        own.check_covers(&Grant::new(other.permissions, other.website_ids), held)?;
    }
    let now = call.call.now;
    let mut batch = Batch::new();
    let revoked = batch.read(insert_revocation(id, *own_id, call.account_id(), now));
    batch.run(delete_revoked(id, call.account_id()));
    let ended = sessions::end(&mut batch, &Which::OfRevoked { token: id, account: call.account_id() }, now);
    let results = call.run(batch).await?;
    revocation::forget_all(&call.call.platform, &results, &ended).await?;
    if revocation::forget(&call.call.platform, &results, &revoked).await? {
        Ok(Message::saying("Access token deleted successfully"))
    } else {
        Err(missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_values::Id;

    fn website(number: u8) -> WebsiteId {
        Id::new(Timestamp::from_millis(0), [number; 8])
    }

    fn own(permissions: &str, websites: &[u8]) -> Grant {
        Grant {
            permissions: serde_json::from_str(permissions).unwrap(),
            scope: WebsiteScope::new(websites.iter().map(|number| website(*number)).collect()),
        }
    }

    fn mint(own: &Grant, permissions: Option<&str>, websites: Option<&[u8]>) -> Result<Grant, String> {
        let wanted = Create {
            name: None,
            permissions: permissions.map(|list| serde_json::from_str(list).unwrap()),
            website_ids: websites.map(|list| {
                let ids: Vec<_> = list.iter().map(|number| website(*number).to_string()).collect();
                serde_json::from_value(ids.into()).unwrap()
            }),
        };
        Grant::within(own, Means::Token, &wanted).map_err(|error| match error {
            Error::Refused { status: 403, message } => message,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_field_left_out_defaults_to_the_callers_own() {
        let narrow = own(r#"["api-keys:write","funnels:read"]"#, &[1, 2]);
        for websites in [None, Some(&[][..])] {
            assert_eq!(mint(&narrow, None, websites).unwrap(), narrow);
        }
        assert_eq!(mint(&Grant::full(), None, None).unwrap(), Grant::full());
    }

    #[test]
    fn a_token_cannot_grant_more_than_it_has() {
        let narrow = own(r#"["api-keys:write","funnels:read"]"#, &[1, 2]);
        assert!(mint(&narrow, Some(r#"["*"]"#), None).unwrap_err().contains("\"*\""));
        assert!(
            mint(&narrow, Some(r#"["funnels:read","funnels:write"]"#), None).unwrap_err().contains("\"funnels:write\"")
        );
        assert!(mint(&narrow, None, Some(&[1, 3])).unwrap_err().contains(&website(3).to_string()));
        assert_eq!(mint(&narrow, Some(r#"["funnels:read"]"#), Some(&[2])).unwrap(), own(r#"["funnels:read"]"#, &[2]));
    }

    #[test]
    fn a_token_revokes_only_what_lies_within_it() {
        let narrow = own(r#"["api-keys:write","funnels:read"]"#, &[1, 2]);
        let refusal = |other: &Grant| match narrow.check_covers(other, "token") {
            Ok(()) => None,
            Err(Error::Refused { status: 403, message }) => Some(message),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(refusal(&own(r#"["funnels:read"]"#, &[2])), None);
        assert_eq!(refusal(&narrow), None);
        for (permissions, websites, named) in [
            (r#"["*"]"#, &[1][..], "\"*\""),
            (r#"["funnels:read","funnels:write"]"#, &[1], "\"funnels:write\""),
            (r#"["funnels:read"]"#, &[], "limited to some websites"),
            (r#"["funnels:read"]"#, &[1, 3], &website(3).to_string()),
        ] {
            let refusal = refusal(&own(permissions, websites)).unwrap();
            assert!(refusal.contains(named), "{refusal}");
        }
        assert!(Grant::full().check_covers(&Grant::full(), "token").is_ok());
    }

    #[test]
    fn of_two_tokens_that_revoke_each_other_at_once_one_is_left() {
        use crate::platform::database::memory::Memory;
        let database = Memory::with_website();
        let account = "0000000000000000000000a1".parse::<AccountId>().unwrap();
        let id = |number: u8| TokenId::new(Timestamp::from_millis(0), [number; 8]);
        database.execute(&format!("INSERT INTO accounts (id, email, created_at) VALUES ('{account}', 'b', 0)"));
        for number in [1, 2] {
            let id = id(number);
            database.execute(&format!(
                "INSERT INTO access_tokens (id, account_id, token_hash, display_key, permissions, website_ids, created_at) \
                 VALUES ('{id}', '{account}', 'hash-{number}', '', '[\"*\"]', '[]', 0)"
            ));
        }
        let revoke = |target, caller| {
            let now = Timestamp::from_millis(1);
            let statements = [insert_revocation(target, caller, account, now), delete_revoked(target, account)];
            database.batch::<serde_json::Value>(&statements).unwrap()[0].len()
        };
        // Both callers were let in before either statement ran.
        assert_eq!([revoke(id(1), id(2)), revoke(id(2), id(1))], [1, 0]);
        let left = database.batch::<serde_json::Value>(&[sql("SELECT id FROM access_tokens")]).unwrap();
        assert_eq!(left[0], [serde_json::json!({ "id": id(2).to_string() })]);
        assert_eq!(revoke(id(2), id(2)), 1, "itself always");
    }
}
