//! The Durable Object of a credential: it knows the token's holder and counts its requests exactly.
//!
//! There is one object for each token's hash. The holder is read from D1 once and then stays in memory until `Forget`.
//! The window is stored with every admitted request, because an idle object loses its memory within seconds while the
//! limit covers a whole rolling minute.

#![expect(missing_docs, reason = "the attribute macro adds functions without any")]

use std::cell::{Cell, RefCell};

use serde::Deserialize;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorage, SqlStorageValue, State, console_error, durable_object,
};

use crate::auth::access::{Principal, WebsiteScope};
use crate::auth::credential::{CredentialCall, Verdict};
use crate::auth::limits;
use crate::auth::permission::Permissions;
use crate::auth::sliding_window::{Rate, SlidingWindow, WINDOW_MS};
use crate::auth::token::TokenKind;
use crate::platform::database::{Batch, sql};
use crate::platform::{Platform, PlatformError, clock};
use sluice_values::{AccountId, Timestamp, TokenId, WebsiteId, WebsiteKeyId};

/// Rows that have left the window are deleted once there are this many, not one by one.
const PRUNE_EVERY: u32 = 64;

/// When the storage of an address that failed to authenticate is deleted, in milliseconds after its first failure.
const CLEAN_UP_AFTER_MS: i64 = 2 * WINDOW_MS;

/// The object: see the module's documentation.
#[durable_object(alarm)]
pub struct Gate {
    state: State,
    env: Env,
    sql: SqlStorage,
    limit: u32,
    failure_limit: u32,
    principal: RefCell<Option<Principal>>,
    window: RefCell<Option<SlidingWindow>>,
    since_pruned: Cell<u32>,
    /// Whether this instance knows that the address's alarm is set.
    clean_up_is_set: Cell<bool>,
    /// The minute up to which the last-used time has been recorded.
    recorded: Cell<Option<Timestamp>>,
}

impl DurableObject for Gate {
    fn new(state: State, env: Env) -> Self {
        let platform = Platform::new(env.clone());
        let config = platform.config();
        let (limit, failure_limit) = (limits::requests_per_minute(&config), limits::failures_per_minute(&config));
        Self {
            sql: state.storage().sql(),
            state,
            env,
            limit,
            failure_limit,
            principal: RefCell::default(),
            window: RefCell::default(),
            since_pruned: Cell::default(),
            clean_up_is_set: Cell::default(),
            recorded: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let answer = match CredentialCall::of_path(&request.path()) {
            Some(CredentialCall::Admit(kind)) => self.admit(kind).await.and_then(|verdict| to_json(&verdict)),
            Some(CredentialCall::CountFailure) => self.count_failure().await.and_then(|rate| to_json(&rate)),
            Some(CredentialCall::Forget) => self.forget().await.map(|()| String::new()),
            Some(CredentialCall::Ping) => Ok(String::new()),
            None => return Response::error("no such call", 404),
        };
        match answer {
            Ok(json) => Response::ok(json),
            Err(error) => {
                console_error!("gate: {error}");
                Response::error("credential object failure", 500)
            }
        }
    }

    /// Deletes the storage of an address: there may be any number of them, and their storage would remain forever.
    async fn alarm(&self) -> Result<Response> {
        self.clean_up_is_set.set(false);
        let now = clock::now();
        if self.restore(now)?.is_idle(now) {
            self.erase().await?;
        } else {
            self.set_clean_up().await?;
        }
        Response::empty()
    }
}

impl Gate {
    async fn admit(&self, kind: TokenKind) -> Result<Verdict, PlatformError> {
        if self.principal.borrow().is_none() {
            self.identify(kind).await?;
        }
        // Nothing is awaited after this point, so a `Forget` cannot run between reading the holder and counting.
        let Some(principal) = self.principal.borrow().clone() else {
            return Ok(Verdict { principal: None, rate: None });
        };
        let now = clock::now();
        let rate = self.count(now, self.limit)?;
        if rate.admitted {
            self.record_use(kind, now);
        }
        Ok(Verdict { principal: Some(principal), rate: Some(rate) })
    }

    /// Forgets the holder of a revoked token.
    async fn forget(&self) -> Result<(), PlatformError> {
        self.principal.replace(None);
        self.erase().await
    }

    async fn count_failure(&self) -> Result<Rate, PlatformError> {
        self.set_clean_up().await?;
        self.count(clock::now(), self.failure_limit)
    }

    async fn set_clean_up(&self) -> Result<(), PlatformError> {
        if !self.clean_up_is_set.replace(true) {
            self.state.storage().set_alarm(CLEAN_UP_AFTER_MS).await?;
        }
        Ok(())
    }

    async fn erase(&self) -> Result<(), PlatformError> {
        self.window.replace(None);
        Ok(self.state.storage().delete_all().await?)
    }

    /// Reads the token's holder from D1. The runtime delivers no other call meanwhile: a `Forget` sent after the row
    /// was deleted runs after this lookup, which therefore cannot undo it.
    async fn identify(&self, kind: TokenKind) -> Result<(), PlatformError> {
        let Some(hash) = self.state.id().name() else {
            return Err(PlatformError::new("a gate without a name"));
        };
        let env = self.env.clone();
        let look_up = async move { Ok(look_up(&env, kind, &hash).await) };
        let found = self.state.block_concurrency_while(look_up).await??;
        self.principal.replace(found);
        Ok(())
    }

    /// Counts a request at `now` and stores it; the response leaves only once that is durable.
    fn count(&self, now: Timestamp, limit: u32) -> Result<Rate, PlatformError> {
        let mut window = self.window.borrow_mut();
        let window = match window.as_mut() {
            Some(window) => window,
            None => window.insert(self.restore(now)?),
        };
        let rate = window.admit(now, limit);
        if rate.admitted {
            self.sql.exec("INSERT INTO admitted (at) VALUES (?1)", vec![integer(now)?])?;
            if self.since_pruned.replace(self.since_pruned.get() + 1) >= PRUNE_EVERY {
                self.since_pruned.set(0);
                self.sql.exec("DELETE FROM admitted WHERE at <= ?1", vec![integer(SlidingWindow::horizon(now))?])?;
            }
        }
        Ok(rate)
    }

    /// Reads the window from storage.
    fn restore(&self, now: Timestamp) -> Result<SlidingWindow, PlatformError> {
        #[derive(Deserialize)]
        struct Admitted {
            at: Timestamp,
        }
        self.sql.exec("CREATE TABLE IF NOT EXISTS admitted (at INTEGER NOT NULL)", None)?;
        self.sql.exec("CREATE INDEX IF NOT EXISTS admitted_at ON admitted (at)", None)?;
        self.sql.exec("DELETE FROM admitted WHERE at <= ?1", vec![integer(SlidingWindow::horizon(now))?])?;
        let rows: Vec<Admitted> = self.sql.exec("SELECT at FROM admitted ORDER BY at", None)?.to_array()?;
        Ok(SlidingWindow::restored(rows.into_iter().map(|row| row.at)))
    }

    /// Records in D1 that the token was used, at most once a minute and after the response.
    fn record_use(&self, kind: TokenKind, now: Timestamp) {
        let minute = now.to_the_minute();
        if self.recorded.replace(Some(minute)) == Some(minute) {
            return;
        }
        let (env, name) = (self.env.clone(), self.state.id().name().unwrap_or_default());
        self.state.wait_until(async move {
            let statement = sql(match kind {
                TokenKind::Account => "UPDATE access_tokens SET last_used_at = ?1 WHERE token_hash = ?2",
                TokenKind::Website => "UPDATE website_keys SET last_used_at = ?1 WHERE token_hash = ?2",
            });
            let write = Platform::new(env).database().run(Batch::of(statement.bind(minute).bind(name))).await;
            if let Err(error) = write {
                console_error!("last-used time: {error}");
            }
        });
    }
}

/// Reads the holder of the token with this hash.
async fn look_up(env: &Env, kind: TokenKind, hash: &str) -> Result<Option<Principal>, PlatformError> {
    #[derive(Deserialize)]
    struct AccountToken {
        id: TokenId,
        account_id: AccountId,
        permissions: String,
        website_ids: String,
    }
    #[derive(Deserialize)]
    struct WebsiteKey {
        id: WebsiteKeyId,
        account_id: AccountId,
        website_id: WebsiteId,
        permissions: String,
        created_by: Option<AccountId>,
    }
    let platform = Platform::new(env.clone());
    match kind {
        TokenKind::Account => {
            let statement =
                sql("SELECT id, account_id, permissions, website_ids FROM access_tokens WHERE token_hash = ?1");
            let Some(row) = platform.database().rows::<AccountToken>(statement.bind(hash)).await?.into_iter().next()
            else {
                return Ok(None);
            };
            let permissions: Permissions = from_json(&row.permissions)?;
            let scope: WebsiteScope = from_json(&row.website_ids)?;
            Ok(Some(Principal::Account { id: row.id, account_id: row.account_id, permissions, scope }))
        }
        TokenKind::Website => {
            let statement = sql(
                "SELECT website_keys.id, website_id, owner_id AS account_id, permissions, website_keys.created_by \
                 FROM website_keys JOIN websites ON websites.id = website_id WHERE token_hash = ?1",
            );
            let Some(row) = platform.database().rows::<WebsiteKey>(statement.bind(hash)).await?.into_iter().next()
            else {
                return Ok(None);
            };
            Ok(Some(Principal::WebsiteKey {
                id: row.id,
                account_id: row.account_id,
                website_id: row.website_id,
                permissions: from_json(&row.permissions)?,
                created_by: row.created_by,
            }))
        }
    }
}

fn integer(moment: Timestamp) -> Result<SqlStorageValue, PlatformError> {
    Ok(SqlStorageValue::try_from_i64(moment.as_millis())?)
}

fn to_json(value: &impl serde::Serialize) -> Result<String, PlatformError> {
    serde_json::to_string(value).map_err(|error| PlatformError::new(error.to_string()))
}

fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, PlatformError> {
    serde_json::from_str(json).map_err(|error| PlatformError::new(format!("stored value: {error}")))
}
