//! What accounts have granted: from the code, through refresh tokens that each replace the last, to the end.
//!
//! The access token is a row of `access_tokens` under the grant's own id, and gets a new value with every refresh. All refresh
//! tokens of a grant begin with the same text, so that an old one is told from an unknown one: who shows an old one has copied it,
//! or was copied, and the grant ends.

use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use crate::account::access_tokens::{self, Grant};
use crate::auth::revocation::{self, Revoked};
use crate::auth::token::{RawToken, TokenKind, is_token_text, token_text};
use crate::http::call::Call;
use crate::platform::database::{Batch, Handle, RowValues, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::{Keyring, mac};
use sluice_values::{AccountId, Timestamp, TokenId, hex};

/// How long a code is good: a minute.
const CODE_MS: i64 = 60 * 1_000;
/// How long an access token is good: an hour.
pub const ACCESS_MS: i64 = 60 * 60 * 1_000;
/// How long a refresh token that was replaced gets the answer that replaced it.
const REPEAT_MS: i64 = 30 * 1_000;
/// What keys for pairs are derived for.
const PAIRS: &str = "oauth-pairs";
/// What a code begins with.
const CODE: &str = "dfc_";
/// What a refresh token begins with.
const REFRESH: &str = "dfr_";
/// The characters of a refresh token that all of its grant share.
const FAMILY: usize = 40;
/// How many grants one run of cron ends.
const PAGE: u32 = 200;

// ---- Secrets

/// What is stored of a secret.
fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn secret(call: &Call, prefix: &str) -> Result<String, PlatformError> {
    let bytes: [u8; 64] = call.platform.random()?;
    let mut bytes = bytes.into_iter().cycle();
    Ok(token_text(prefix, || bytes.next().unwrap_or_default()))
}

/// Whether a text has the form of a code.
pub fn is_code(text: &str) -> bool {
    is_token_text(CODE, text)
}

/// What all refresh tokens of a grant begin with, if the text has the form of one.
pub fn family_of(text: &str) -> Option<&str> {
    let (family, own) = text.split_at_checked(FAMILY)?;
    (is_token_text(REFRESH, family) && is_token_text("", own)).then_some(family)
}

// ---- SQL

/// A row of `oauth_grants`; `permissions` is JSON.
#[derive(Deserialize)]
pub struct Row {
    pub id: TokenId,
    pub client_id: String,
    pub redirect_uri: String,
    pub resource: String,
    pub permissions: String,
    pub code_challenge: String,
    pub refresh_hash: Option<String>,
    /// What `refresh_hash` was before, and when it was replaced.
    pub replaced_hash: Option<String>,
    pub replaced_at: Option<Timestamp>,
    pub ends_at: Timestamp,
    pub expires_at: Timestamp,
}

fn select(from_where: &str) -> Statement {
    sql(format!(
        "SELECT g.id, client_id, redirect_uri, resource, g.permissions, code_challenge, refresh_hash, replaced_hash, replaced_at, \
         ends_at, g.expires_at FROM oauth_grants g {from_where} = ?1"
    ))
}

/// The grant of a code, whether it was exchanged or not.
pub fn of_code(code: &str) -> Statement {
    select("WHERE code_hash").bind(hash(code))
}

/// The grant of a family of refresh tokens.
pub fn of_family(family: &str) -> Statement {
    select("WHERE family_hash").bind(hash(family))
}

/// The grant of an access token.
pub fn of_token(token: &RawToken) -> Statement {
    select("JOIN access_tokens t ON t.id = g.id WHERE token_hash").bind(token.hash().to_string())
}

/// What is granted.
pub struct New<'a> {
    pub account: AccountId,
    pub client: &'a str,
    pub redirect: &'a str,
    pub resource: &'a str,
    pub challenge: &'a str,
    pub name: &'a str,
    pub grant: &'a Grant,
    pub ends_at: Timestamp,
}

impl New<'_> {
    /// The statement that stores the grant, unless the account has as many tokens as it may, and the code.
    pub fn insert(&self, call: &Call) -> Result<(Statement, String), PlatformError> {
        let (code, id) = (secret(call, CODE)?, call.new_id::<sluice_values::kinds::Token>()?);
        call.note_target(&id);
        let row = RowValues::new()
            .with("id", id)
            .with("account_id", self.account)
            .with("client_id", self.client)
            .with("redirect_uri", self.redirect)
            .with("resource", self.resource)
            .with("name", self.name)
            .with_json("permissions", self.grant.permissions())
            .with_json("website_ids", self.grant.scope())
            .with("code_hash", hash(&code))
            .with("code_challenge", self.challenge)
            .with("created_at", call.now)
            .with("ends_at", self.ends_at)
            .with("expires_at", call.now.plus_millis(CODE_MS));
        let row = row
            .insert_where("oauth_grants")
            .then(" WHERE (SELECT count(*) FROM access_tokens WHERE account_id = :account) < :most RETURNING id")
            .bind_named("account", self.account)
            .bind_named("most", access_tokens::MOST);
        Ok((row, code))
    }
}

// ---- Tokens

/// An access token and the refresh token that replaces it.
pub struct Pair {
    pub access: RawToken,
    pub refresh: String,
    pub expires_at: Timestamp,
}

impl Pair {
    /// The first pair of a grant, and its family.
    fn first(call: &Call, ends_at: Timestamp) -> Result<(Self, String), PlatformError> {
        let family = secret(call, REFRESH)?;
        let pair = Self {
            access: call.new_token(TokenKind::Account)?,
            refresh: format!("{family}{}", secret(call, "")?),
            expires_at: call.now.plus_millis(ACCESS_MS).min(ends_at),
        };
        Ok((pair, family))
    }

    /// The pair that replaces a refresh token at a moment, with a key's HMAC: always the same.
    fn after(mac: &Hmac<Sha256>, sent: &str, at: Timestamp, ends_at: Timestamp) -> Self {
        let family = sent.get(..FAMILY).unwrap_or_default();
        let mut bytes = (0_u16..).flat_map(|block| -> [u8; 32] {
            mac.clone().chain_update(block.to_be_bytes()).chain_update(sent).finalize().into_bytes().into()
        });
        let mut next = || bytes.next().unwrap_or_default();
        Self {
            access: RawToken::generate(TokenKind::Account, &mut next),
            refresh: format!("{family}{}", token_text("", &mut next)),
            expires_at: at.plus_millis(ACCESS_MS).min(ends_at),
        }
    }
}

/// What came of a code or a refresh token.
pub enum Outcome {
    Issued(Pair),
    /// It was used before.
    UsedBefore,
    /// The account has as many tokens as it may.
    TooMany,
}

/// Exchanges the code of a grant. Of two at once, one gets the tokens.
pub async fn exchange(call: &Call, row: &Row) -> Result<Outcome, PlatformError> {
    let (pair, family) = Pair::first(call, row.ends_at)?;
    let mut batch = Batch::new();
    let waits = sql("SELECT 1 FROM oauth_grants WHERE id = ?1 AND family_hash IS NULL").bind(row.id);
    let waited: Handle<IgnoredAny> = batch.read(waits);
    let insert = sql(
        "INSERT INTO access_tokens (id, account_id, token_hash, display_key, name, permissions, website_ids, created_at, expires_at) \
         SELECT id, account_id, ?2, ?3, name, permissions, website_ids, ?4, ?5 FROM oauth_grants WHERE id = ?1 AND family_hash IS NULL \
         AND (SELECT count(*) FROM access_tokens WHERE access_tokens.account_id = oauth_grants.account_id) < ?6 RETURNING id",
    )
    .bind(row.id)
    .bind(pair.access.hash().to_string())
    .bind(pair.access.display_key())
    .bind(call.now)
    .bind(pair.expires_at)
    .bind(access_tokens::MOST);
    let made: Handle<IgnoredAny> = batch.read(insert);
    let update = sql("UPDATE oauth_grants SET family_hash = ?2, refresh_hash = ?3, expires_at = ends_at \
         WHERE id = ?1 AND family_hash IS NULL AND EXISTS (SELECT 1 FROM access_tokens WHERE id = ?1)");
    batch.run(update.bind(row.id).bind(hash(&family)).bind(hash(&pair.refresh)));
    let results = call.platform.database().run(batch).await?;
    Ok(match (results.first(&made)?, results.first(&waited)?) {
        (Some(_), _) => Outcome::Issued(pair),
        (None, Some(_)) => Outcome::TooMany,
        (None, None) => Outcome::UsedBefore,
    })
}

/// Replaces the refresh token of a grant, and its access token; who sends the one before once more gets the same pair for a while.
pub async fn refresh(call: &Call, row: &Row, sent: &str) -> Result<Outcome, PlatformError> {
    // A gateway that has no keys repeats nothing.
    let keyring = Keyring::from_config(&call.platform.config());
    let macs: Vec<_> = keyring.map(|keyring| keyring.macs(PAIRS).collect()).unwrap_or_default();
    let sent_hash = hash(sent);
    if row.refresh_hash.as_deref() != Some(&sent_hash) {
        return Ok(repeated(&macs, row, (sent, &sent_hash), call.now).map_or(Outcome::UsedBefore, Outcome::Issued));
    }
    let mac = macs.first().cloned().map_or_else(|| call.platform.random().map(mac), Ok)?;
    let pair = Pair::after(&mac, sent, call.now, row.ends_at);
    let is_current = "EXISTS (SELECT 1 FROM oauth_grants WHERE id = ?1 AND refresh_hash = ?2)";
    let mut batch = Batch::new();
    let revoked: Handle<Revoked> = batch.read(
        sql(format!(
            "INSERT OR REPLACE INTO revocations (token_hash, revoked_at) SELECT token_hash, ?3 FROM access_tokens \
             WHERE id = ?1 AND {is_current} RETURNING token_hash"
        ))
        .bind(row.id)
        .bind(sent_hash.as_str())
        .bind(call.now),
    );
    batch.run(
        sql(format!(
            "UPDATE access_tokens SET token_hash = ?3, display_key = ?4, expires_at = ?5 WHERE id = ?1 AND {is_current}"
        ))
        .bind(row.id)
        .bind(sent_hash.as_str())
        .bind(pair.access.hash().to_string())
        .bind(pair.access.display_key())
        .bind(pair.expires_at),
    );
    let update = sql("UPDATE oauth_grants SET refresh_hash = ?3, replaced_hash = ?2, replaced_at = ?4 \
         WHERE id = ?1 AND refresh_hash = ?2 RETURNING id");
    let update = update.bind(row.id).bind(sent_hash.as_str()).bind(hash(&pair.refresh)).bind(call.now);
    let updated: Handle<IgnoredAny> = batch.read(update);
    // Another request may have replaced it since the row was read.
    let now: Handle<Row> = batch.read(select("WHERE g.id").bind(row.id));
    let results = call.platform.database().run(batch).await?;
    revocation::forget_all(&call.platform, &results, &revoked).await?;
    if results.first(&updated)?.is_some() {
        return Ok(Outcome::Issued(pair));
    }
    let repeated = results.first(&now)?.and_then(|row| repeated(&macs, &row, (sent, &sent_hash), call.now));
    Ok(repeated.map_or(Outcome::UsedBefore, Outcome::Issued))
}

/// The pair that replaced a refresh token, if that was just now.
fn repeated(macs: &[Hmac<Sha256>], row: &Row, (sent, sent_hash): (&str, &str), now: Timestamp) -> Option<Pair> {
    let at = row.replaced_at.filter(|_| row.replaced_hash.as_deref() == Some(sent_hash))?;
    let is_late = now.as_millis() - at.as_millis() > REPEAT_MS;
    let mut pairs = macs.iter().map(|mac| Pair::after(mac, sent, at, row.ends_at));
    if is_late { None } else { pairs.find(|pair| row.refresh_hash == Some(hash(&pair.refresh))) }
}

// ---- Ends

/// Adds statements to a batch that end grants, with their access tokens.
fn end(batch: &mut Batch, ids: &[TokenId], now: Timestamp) -> Handle<Revoked> {
    let which = "WHERE id IN (SELECT value FROM json_each(?1))";
    let record = sql(format!(
        "INSERT OR REPLACE INTO revocations (token_hash, revoked_at) SELECT token_hash, ?2 FROM access_tokens {which} RETURNING token_hash"
    ));
    let revoked = batch.read(record.bind_json(ids).bind(now));
    for table in ["access_tokens", "oauth_grants"] {
        batch.run(sql(format!("DELETE FROM {table} {which}")).bind_json(ids));
    }
    revoked
}

/// Ends a grant: its tokens are refused from the next request on.
pub async fn revoke(call: &Call, grant: TokenId) -> Result<(), PlatformError> {
    let mut batch = Batch::new();
    let revoked = end(&mut batch, &[grant], call.now);
    let results = call.platform.database().run(batch).await?;
    revocation::forget_all(&call.platform, &results, &revoked).await
}

fn select_over(now: Timestamp) -> Statement {
    sql("SELECT id FROM oauth_grants WHERE expires_at <= ?1 LIMIT ?2").bind(now).bind(PAGE)
}

/// Ends what is over: codes that nobody has exchanged, and grants whose time has passed. Their tokens are refused already.
pub async fn end_over(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Over {
        id: TokenId,
    }
    let over: Vec<TokenId> =
        platform.database().rows::<Over>(select_over(now)).await?.into_iter().map(|row| row.id).collect();
    if over.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::new();
    end(&mut batch, &over, now);
    platform.database().run(batch).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;

    #[test]
    fn grants_are_found_by_indexes() {
        let database = Memory::default();
        let token = RawToken::generate(TokenKind::Account, || 7);
        let mut statements =
            vec![of_code("x"), of_family("x"), of_token(&token), select_over(Timestamp::from_millis(0))];
        statements.push(access_tokens::delete_codes("0000000000000000000000a1".parse().unwrap()));
        for statement in statements {
            let plan = database.plan(&statement);
            assert!(plan.contains("SEARCH") && !plan.contains("SCAN"), "{plan}");
        }
    }

    #[test]
    fn a_refresh_token_says_of_which_family_it_is() {
        let (family, own) = (token_text(REFRESH, || 7), token_text("", || 8));
        let whole = format!("{family}{own}");
        assert_eq!(family_of(&whole), Some(family.as_str()));
        for other in ["", &family, &own, &whole[1..], &whole[..75], &format!("{whole}0"), &token_text(CODE, || 7)] {
            assert_eq!(family_of(other), None, "{other}");
        }
        assert!(is_code(&token_text(CODE, || 7)) && !is_code(&family));
    }
}
