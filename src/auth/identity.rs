//! The holder of a token and its last use, in D1.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::access::{Principal, WebsiteScope};
use super::permission::Permissions;
use super::session::Session;
use super::token::TokenKind;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_values::{AccountId, ConsoleSessionId, Timestamp, TokenId, WebsiteId, WebsiteKeyId};

/// Reads the holder of the token with this hash.
pub async fn look_up(platform: &Platform, kind: TokenKind, hash: &str) -> Result<Option<Principal>, PlatformError> {
    match kind {
        TokenKind::Account => {
            first(platform, select_account_token(hash)).await?.map(AccountToken::principal).transpose()
        }
        TokenKind::Website => first(platform, select_website_key(hash)).await?.map(WebsiteKey::principal).transpose(),
        TokenKind::Session => first(platform, select_session(hash)).await?.map(ConsoleSession::principal).transpose(),
    }
}

/// Whether the account owns the website.
pub async fn owns(platform: &Platform, account: AccountId, website: WebsiteId) -> Result<bool, PlatformError> {
    let owner = sql("SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?2 AND role = 'owner'");
    Ok(!platform.database().rows::<IgnoredAny>(owner.bind(website).bind(account)).await?.is_empty())
}

/// Records that a token was used in this minute.
pub async fn record_use(
    platform: &Platform,
    kind: TokenKind,
    hash: &str,
    minute: Timestamp,
) -> Result<(), PlatformError> {
    let update = sql(match kind {
        TokenKind::Account => "UPDATE access_tokens SET last_used_at = ?1 WHERE token_hash = ?2",
        TokenKind::Website => "UPDATE website_keys SET last_used_at = ?1 WHERE token_hash = ?2",
        // Two minutes may be written in the wrong order.
        TokenKind::Session => {
            "UPDATE console_sessions SET last_seen_at = ?1 WHERE token_hash = ?2 AND last_seen_at < ?1"
        }
    });
    platform.database().run(Batch::of(update.bind(minute).bind(hash))).await.map(|_| ())
}

/// A row of `access_tokens`; `permissions` and `website_ids` are JSON.
#[derive(Deserialize)]
struct AccountToken {
    id: TokenId,
    account_id: AccountId,
    permissions: String,
    website_ids: String,
    expires_at: Option<Timestamp>,
}

/// A row of `website_keys`, with its website's owner; `permissions` is JSON.
#[derive(Deserialize)]
struct WebsiteKey {
    id: WebsiteKeyId,
    account_id: AccountId,
    website_id: WebsiteId,
    permissions: String,
    created_by: Option<AccountId>,
}

/// A row of `console_sessions`; `permissions` and `website_ids` are JSON.
#[derive(Deserialize)]
struct ConsoleSession {
    id: ConsoleSessionId,
    account_id: AccountId,
    permissions: String,
    website_ids: String,
    fresh_until: Timestamp,
    expires_at: Timestamp,
    last_seen_at: Timestamp,
}

fn select_session(hash: &str) -> Statement {
    sql("SELECT id, account_id, permissions, website_ids, fresh_until, expires_at, last_seen_at \
         FROM console_sessions WHERE token_hash = ?1")
    .bind(hash)
}

fn select_account_token(hash: &str) -> Statement {
    sql("SELECT id, account_id, permissions, website_ids, expires_at FROM access_tokens WHERE token_hash = ?1")
        .bind(hash)
}

fn select_website_key(hash: &str) -> Statement {
    sql("SELECT website_keys.id, website_id, owner_id AS account_id, permissions, website_keys.created_by \
         FROM website_keys JOIN websites ON websites.id = website_id WHERE token_hash = ?1")
    .bind(hash)
}

async fn first<T: DeserializeOwned>(platform: &Platform, statement: Statement) -> Result<Option<T>, PlatformError> {
    Ok(platform.database().rows(statement).await?.into_iter().next())
}

impl AccountToken {
    fn principal(self) -> Result<Principal, PlatformError> {
        let broken = |error| PlatformError::new(format!("token {}: {error}", self.id));
        let permissions: Permissions = serde_json::from_str(&self.permissions).map_err(broken)?;
        let scope: WebsiteScope = serde_json::from_str(&self.website_ids).map_err(broken)?;
        let Self { id, account_id, expires_at, .. } = self;
        Ok(Principal::Account { id, account_id, permissions, scope, session: None, expires_at })
    }
}

impl ConsoleSession {
    fn principal(self) -> Result<Principal, PlatformError> {
        let broken = |error| PlatformError::new(format!("console session {}: {error}", self.id));
        let Self { id, fresh_until, expires_at, last_seen_at, .. } = self;
        Ok(Principal::Account {
            id: TokenId::from_bytes(*id.as_bytes()),
            account_id: self.account_id,
            permissions: serde_json::from_str(&self.permissions).map_err(broken)?,
            scope: serde_json::from_str(&self.website_ids).map_err(broken)?,
            session: Some(Session { id, fresh_until, expires_at, last_seen_at }),
            expires_at: None,
        })
    }
}

impl WebsiteKey {
    fn principal(self) -> Result<Principal, PlatformError> {
        let broken = |error| PlatformError::new(format!("website key {}: {error}", self.id));
        Ok(Principal::WebsiteKey {
            id: self.id,
            account_id: self.account_id,
            website_id: self.website_id,
            permissions: serde_json::from_str(&self.permissions).map_err(broken)?,
            created_by: self.created_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    /// One account with one token and one key.
    fn memory() -> Rc<Memory> {
        let database = Database::default();
        database.execute(
            "INSERT INTO accounts (id, email, created_at) VALUES ('0000000000000000000000a1', 'a', 0);
             INSERT INTO websites (id, owner_id, domain, tracking_id, timezone, currency, created_at)
               VALUES ('0000000000000000000000d1', '0000000000000000000000a1', 'example.com', 't', 'UTC', 'USD', 0);
             INSERT INTO access_tokens (id, account_id, token_hash, display_key, permissions, website_ids, created_at)
               VALUES ('0000000000000000000000e1', '0000000000000000000000a1', 'h1', '', '[\"funnels:read\"]',
               '[\"0000000000000000000000d1\"]', 0), ('0000000000000000000000e2', '0000000000000000000000a1', 'h2', '',
               '[\"no such permission\"]', '[]', 0);
             INSERT INTO website_keys (id, website_id, token_hash, display_key, created_at)
               VALUES ('0000000000000000000000f1', '0000000000000000000000d1', 'h3', '', 0);
             INSERT INTO console_sessions (id, account_id, token_hash, method, permissions, website_ids, user_agent, created_at,
               last_seen_at, expires_at, fresh_until) VALUES ('0000000000000000000000c1', '0000000000000000000000a1', 'h4',
               'ticket', '[\"funnels:read\"]', '[\"0000000000000000000000d1\"]', '', 0, 60000, 2592000000, 900000);",
        );
        Rc::new(Memory::new(database, NOW))
    }

    fn find(kind: TokenKind, hash: &str) -> Result<Value, String> {
        let found = look_up(&Platform::in_memory(memory()), kind, hash).now_or_never().unwrap();
        found.map(|principal| json!(principal)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_found_under_its_hash_and_its_kind_only() {
        assert_eq!(
            find(TokenKind::Account, "h1").unwrap(),
            json!({ "kind": "dft", "id": "0000000000000000000000e1", "account_id": "0000000000000000000000a1",
                "permissions": ["funnels:read"], "scope": ["0000000000000000000000d1"] })
        );
        assert_eq!(
            find(TokenKind::Website, "h3").unwrap(),
            json!({ "kind": "df", "id": "0000000000000000000000f1", "account_id": "0000000000000000000000a1",
                "website_id": "0000000000000000000000d1", "permissions": ["*"], "created_by": null })
        );
        assert_eq!(
            find(TokenKind::Session, "h4").unwrap(),
            json!({ "kind": "dft", "id": "0000000000000000000000c1", "account_id": "0000000000000000000000a1",
                "permissions": ["funnels:read"], "scope": ["0000000000000000000000d1"], "session": {
                "id": "0000000000000000000000c1", "fresh_until": "1970-01-01T00:15:00.000Z",
                "expires_at": "1970-01-31T00:00:00.000Z", "last_seen_at": "1970-01-01T00:01:00.000Z" } })
        );
        for (kind, hash) in [
            (TokenKind::Account, "h3"),
            (TokenKind::Website, "h1"),
            (TokenKind::Account, "h9"),
            (TokenKind::Account, "h4"),
            (TokenKind::Session, "h1"),
        ] {
            assert_eq!(find(kind, hash).unwrap(), Value::Null, "{hash}");
        }
    }

    #[test]
    fn permissions_that_cannot_be_read_give_no_access() {
        let error = find(TokenKind::Account, "h2").unwrap_err();
        assert!(error.starts_with("token 0000000000000000000000e2: unknown variant"), "{error}");
    }

    #[test]
    fn the_last_use_of_one_token_is_recorded() {
        let memory = memory();
        let platform = Platform::in_memory(memory.clone());
        for (kind, hash) in [(TokenKind::Account, "h1"), (TokenKind::Website, "h3"), (TokenKind::Website, "h2")] {
            record_use(&platform, kind, hash, NOW).now_or_never().unwrap().unwrap();
        }
        let used = sql("SELECT token_hash AS hash, last_used_at AS at FROM access_tokens \
                        UNION ALL SELECT token_hash, last_used_at FROM website_keys ORDER BY 1");
        let now = NOW.as_millis();
        let expected = [
            json!({ "hash": "h1", "at": now }),
            json!({ "hash": "h2", "at": null }),
            json!({ "hash": "h3", "at": now }),
        ];
        assert_eq!(memory.database.batch::<Value>(&[used]).unwrap().remove(0), expected);
    }

    #[test]
    fn a_hash_is_found_by_an_index() {
        let database = &memory().database;
        for statement in [select_account_token("h1"), select_website_key("h1"), select_session("h1")] {
            let plan = database.plan(&statement);
            assert!(plan.contains("(token_hash=?)") && !plan.contains("SCAN"), "{plan}");
        }
    }
}
