//! `df_` website keys: listing, creating, rolling, revoking (docs/contract/account-api.md#5;
//! docs/contract/README.md#41).

use serde::{Deserialize, Serialize};

use crate::auth::permission::Permissions;
use crate::auth::revocation;
use crate::auth::token::{RawToken, TokenKind};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path};
use crate::http::reply::{BothIds, Created, Data};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, RowValues, Statement, sql};
use sluice_values::{AccountId, Name, Timestamp, WebsiteId, WebsiteKeyId, kinds};

/// The most keys that a website may have.
pub const MOST: u32 = 10;

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreateWebsiteKey")]
pub struct Create {
    name: Option<Name>,
}

// ---- What goes out

/// A key as lists show it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebsiteKey {
    #[serde(flatten)]
    ids: BothIds<kinds::WebsiteKey>,
    name: Option<String>,
    /// First 7 and last 4 characters.
    display_key: String,
    website_id: WebsiteId,
    /// The account whose token made the key; `null` for keys from before this was stored.
    created_by: Option<AccountId>,
    /// Exact to the minute.
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// A key as the answer that issues it shows it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct IssuedWebsiteKey {
    #[serde(flatten)]
    described: WebsiteKey,
    /// The whole key; shown this once.
    key: String,
}

/// The response of delete.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Deleted {
    deleted: bool,
}

// ---- SQL

/// A row of `website_keys`.
#[derive(Deserialize)]
struct Row {
    id: WebsiteKeyId,
    website_id: WebsiteId,
    name: Option<String>,
    display_key: String,
    permissions: String,
    created_by: Option<AccountId>,
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// The columns of a [`Row`].
const COLUMNS: &str = "id, website_id, name, display_key, permissions, created_by, last_used_at, created_at";

fn select_all(website: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM website_keys WHERE website_id = ?1 ORDER BY created_at, id")).bind(website)
}

/// Adds a key if the website has room for one more, in one statement.
fn insert(id: WebsiteKeyId, website: &EnteredWebsite, token: &RawToken, name: Option<&Name>) -> Statement {
    RowValues::new()
        .with("id", id)
        .with("website_id", website.id)
        .with("token_hash", token.hash().to_string())
        .with("display_key", token.display_key())
        .with("name", name.map(Name::as_str))
        .with("created_at", website.call.now)
        .with_json("permissions", website.principal.permissions())
        .with("created_by", website.principal.maker())
        .with("rolled_by", website.principal.maker())
        .insert_where("website_keys")
        .then(" WHERE (SELECT count(*) FROM website_keys WHERE website_id = :website) < :most RETURNING id")
        .bind_named("website", website.id)
        .bind_named("most", MOST)
}

fn select_one(id: WebsiteKeyId, website: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM website_keys WHERE id = ?1 AND website_id = ?2")).bind(id).bind(website)
}

/// Records the key's current hash as revoked, and returns it.
fn revoke(id: WebsiteKeyId, website: &EnteredWebsite) -> Statement {
    sql("INSERT OR REPLACE INTO revocations (token_hash, revoked_at) \
         SELECT token_hash, ?3 FROM website_keys WHERE id = ?1 AND website_id = ?2 RETURNING token_hash")
    .bind(id)
    .bind(website.id)
    .bind(website.call.now)
}

fn replace(id: WebsiteKeyId, website: &EnteredWebsite, token: &RawToken) -> Statement {
    sql(format!(
        "UPDATE website_keys SET token_hash = ?3, display_key = ?4, last_used_at = NULL, rolled_by = ?5 \
         WHERE id = ?1 AND website_id = ?2 RETURNING {COLUMNS}"
    ))
    .bind(id)
    .bind(website.id)
    .bind(token.hash().to_string())
    .bind(token.display_key())
    .bind(website.principal.maker())
}

fn remove(id: WebsiteKeyId, website: &EnteredWebsite) -> Statement {
    sql("DELETE FROM website_keys WHERE id = ?1 AND website_id = ?2").bind(id).bind(website.id)
}

impl From<Row> for WebsiteKey {
    fn from(row: Row) -> Self {
        Self {
            ids: row.id.into(),
            name: row.name,
            display_key: row.display_key,
            website_id: row.website_id,
            created_by: row.created_by,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
        }
    }
}

impl Row {
    /// What the key may do at most.
    fn ceiling(&self) -> Result<Permissions, PlatformError> {
        serde_json::from_str(&self.permissions)
            .map_err(|error| PlatformError::new(format!("website key {}: {error}", self.id)))
    }
}

fn issued(described: WebsiteKey, token: &RawToken) -> Data<IssuedWebsiteKey> {
    Data::one(IssuedWebsiteKey { described, key: token.reveal().to_owned() })
}

// ---- Handlers

/// GET: the website's keys, oldest first, masked.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<WebsiteKey>, Error> {
    let (_, (), keys, results) = call.enter(input, |batch, website, ()| batch.read::<Row>(select_all(website))).await?;
    Ok(Data::many(results.all(&keys)?.into_iter().map(WebsiteKey::from).collect()))
}

/// POST: creates a key, no stronger than the caller's token.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<IssuedWebsiteKey>>, Error> {
    let (website, Body(create), (), _) = call.enter(input, |_, _, _| ()).await?;
    let token = website.call.new_token(TokenKind::Website)?;
    let id = website.call.new_id()?;
    let statement = insert(id, &website, &token, create.name.as_ref());
    let made = WebsiteKey {
        ids: id.into(),
        name: create.name.map(|name| name.as_str().to_owned()),
        display_key: token.display_key(),
        website_id: website.id,
        created_by: website.principal.maker(),
        last_used_at: None,
        created_at: website.call.now,
    };
    website.create_once(Batch::new(), statement, &id, issued(made, &token)).await?.ok_or_else(|| {
        Error::bad_request(format!("key limit reached (max {MOST} per website); delete one that is no longer used"))
    })
}

/// PUT: replaces a key's value; the old value is refused from the next request on. Whoever learns the value can do what the
/// key may, so the caller must hold all of that.
pub async fn roll(call: WebsiteCall, input: Input<Path<WebsiteKeyId>>) -> Result<Data<IssuedWebsiteKey>, Error> {
    let plan = |batch: &mut Batch, website, Path(id): &Path<WebsiteKeyId>| batch.read::<Row>(select_one(*id, website));
    let (website, Path(id), stored, results) = call.enter(input, plan).await?;
    // A key's permissions never change, so they can be judged before the write.
    let ceiling = results.first(&stored)?.ok_or_else(|| not_found(id))?.ceiling()?;
    if let Some(beyond) = website.principal.permissions().first_beyond(&ceiling) {
        let means = website.principal.means();
        return Err(Error::forbidden(format!("{means} lacks \"{beyond}\", which the key has, and cannot roll it")));
    }
    let token = website.call.new_token(TokenKind::Website)?;
    let mut batch = Batch::new();
    let revoked = batch.read(revoke(id, &website));
    let replaced = batch.read::<Row>(replace(id, &website, &token));
    let results = website.run(batch).await?;
    revocation::forget(&website.call.platform, &results, &revoked).await?;
    let row = results.first(&replaced)?.ok_or_else(|| not_found(id))?;
    Ok(issued(row.into(), &token))
}

/// DELETE: revokes a key, which may be the caller's own.
pub async fn delete(call: WebsiteCall, input: Input<Path<WebsiteKeyId>>) -> Result<Data<Deleted>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let mut batch = Batch::new();
    let revoked = batch.read(revoke(id, &website));
    batch.run(remove(id, &website));
    let results = website.run(batch).await?;
    if revocation::forget(&website.call.platform, &results, &revoked).await? {
        Ok(Data::one(Deleted { deleted: true }))
    } else {
        Err(not_found(id))
    }
}

fn not_found(id: WebsiteKeyId) -> Error {
    Error::not_found(format!("no key {id} on this website"))
}
