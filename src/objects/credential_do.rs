//! The shell of the Durable Object behind a credential: one for each token's hash, and one for each client address that failed
//! to authenticate. [`CredentialState`] decides; the object's storage outlives it.
//!
//! The token's holder is read from D1 once and then stays in memory until `Forget`. The time of every admitted request is
//! stored, because an idle object loses its memory within seconds while the limit covers a whole rolling minute.

use std::cell::{Cell, RefCell};

use serde::Deserialize;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, SqlStorage, SqlStorageValue, State, wasm_bindgen};

use crate::auth::credential::{CredentialCall, Verdict};
use crate::auth::credential_state::{CredentialState, WindowWrite};
use crate::auth::identity;
use crate::auth::limits::Limits;
use crate::auth::sliding_window::{Rate, SlidingWindow, WINDOW_MS};
use crate::auth::token::TokenKind;
use crate::platform::{Platform, PlatformError, clock, log};
use sluice_values::{Timestamp, WebsiteId};

/// When the storage of an address that failed to authenticate is deleted, in milliseconds after its first failure.
const CLEAN_UP_AFTER_MS: i64 = 2 * WINDOW_MS;

/// A credential object. The class keeps its name, because its objects are stored under it.
#[wasm_bindgen]
pub struct Gate {
    state: State,
    env: Env,
    sql: SqlStorage,
    credential: RefCell<CredentialState>,
    /// Whether this instance knows that the address's alarm is set.
    clean_up_is_set: Cell<bool>,
}

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl Gate {
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let platform = Platform::new(env.clone());
        let limits = Limits::from_config(&platform.config());
        let state = State::from(state);
        Self {
            sql: state.storage().sql(),
            state,
            env,
            credential: CredentialState::new(limits).into(),
            clean_up_is_set: Cell::default(),
        }
    }

    /// The result of the call with this path, as JSON; `None` after a failure, which is logged.
    pub async fn call(&self, path: String) -> Option<String> {
        let answer = match CredentialCall::of_path(&path) {
            Some(CredentialCall::Admit(kind, website)) => {
                self.admit(kind, website).await.and_then(|verdict| to_json(&verdict))
            }
            Some(CredentialCall::CountFailure) => self.count_failure().await.and_then(|rate| to_json(&rate)),
            Some(CredentialCall::Forget) => self.forget().await.map(|()| String::new()),
            Some(CredentialCall::Ping) => Ok(String::new()),
            None => Err(PlatformError::new(format!("no such call: {path}"))),
        };
        answer.inspect_err(|error| log::failure("object", "credential", &error.to_string())).ok()
    }

    /// Cleans up after an address: there may be any number of them, and each would keep its storage for ever.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        Ok(self.clean_up().await.map_err(worker::Error::from)?)
    }
}

impl Gate {
    async fn clean_up(&self) -> Result<(), PlatformError> {
        self.clean_up_is_set.set(false);
        let now = clock::now();
        if SlidingWindow::restored(self.stored_times(now)?).is_idle(now) {
            self.forget().await
        } else {
            self.set_clean_up().await
        }
    }

    async fn admit(&self, kind: TokenKind, website: Option<WebsiteId>) -> Result<Verdict, PlatformError> {
        if !self.credential.borrow().is_identified() {
            self.identify(kind).await?;
        }
        // Nothing is awaited until it is stored, so a `Forget` cannot run between reading the holder and counting.
        let now = clock::now();
        let admission = self.credential.borrow_mut().admit(now, || self.stored_times(now))?;
        self.store(admission.write)?;
        if let Some(minute) = admission.last_used_at {
            self.record_use(kind, minute)?;
        }
        let mut verdict = admission.verdict;
        // What the limit refuses costs no look-up.
        if let Some(website) = website.filter(|_| verdict.rate.is_some_and(|rate| rate.admitted)) {
            verdict.owns = self.owns(website).await?;
        }
        Ok(verdict)
    }

    async fn count_failure(&self) -> Result<Rate, PlatformError> {
        self.set_clean_up().await?;
        let now = clock::now();
        let counted = self.credential.borrow_mut().count_failure(now, || self.stored_times(now))?;
        self.store(counted.write)?;
        Ok(counted.rate)
    }

    async fn forget(&self) -> Result<(), PlatformError> {
        self.credential.borrow_mut().forget();
        Ok(self.state.storage().delete_all().await?)
    }

    async fn set_clean_up(&self) -> Result<(), PlatformError> {
        if !self.clean_up_is_set.replace(true) {
            self.state.storage().set_alarm(CLEAN_UP_AFTER_MS).await?;
        }
        Ok(())
    }

    /// Reads the token's holder from D1. The runtime delivers no other call meanwhile: a `Forget` sent after the row
    /// was deleted runs after this lookup, which therefore cannot undo it.
    async fn identify(&self, kind: TokenKind) -> Result<(), PlatformError> {
        let (platform, hash) = (Platform::new(self.env.clone()), self.name()?);
        let look_up = async move { Ok(identity::look_up(&platform, kind, &hash).await) };
        let found = self.state.block_concurrency_while(look_up).await??;
        self.credential.borrow_mut().identify(found);
        Ok(())
    }

    /// Whether the holder owns the website: read from D1, unless that is known.
    async fn owns(&self, website: WebsiteId) -> Result<bool, PlatformError> {
        let asks = self.credential.borrow().asks_ownership(website, clock::now());
        if let Some(account) = asks {
            let platform = Platform::new(self.env.clone());
            let look_up = async move { Ok(identity::owns(&platform, account, website).await) };
            let owns = self.state.block_concurrency_while(look_up).await??;
            self.credential.borrow_mut().note_ownership(website, owns, clock::now());
        }
        Ok(self.credential.borrow().owns(website, clock::now()) == Some(true))
    }

    /// Records the last use after the response.
    fn record_use(&self, kind: TokenKind, minute: Timestamp) -> Result<(), PlatformError> {
        let (platform, hash) = (Platform::new(self.env.clone()), self.name()?);
        self.state.wait_until(async move {
            if let Err(error) = identity::record_use(&platform, kind, &hash, minute).await {
                log::failure("object", "credential: last-used time", &error.to_string());
            }
        });
        Ok(())
    }

    fn name(&self) -> Result<String, PlatformError> {
        self.state.id().name().ok_or_else(|| PlatformError::new("a credential object without a name"))
    }

    /// The stored times that are still in the window, oldest first.
    fn stored_times(&self, now: Timestamp) -> Result<Vec<Timestamp>, PlatformError> {
        #[derive(Deserialize)]
        struct Admitted {
            at: Timestamp,
        }
        self.sql.exec("CREATE TABLE IF NOT EXISTS admitted (at INTEGER NOT NULL)", None)?;
        self.sql.exec("CREATE INDEX IF NOT EXISTS admitted_at ON admitted (at)", None)?;
        self.delete_up_to(SlidingWindow::horizon(now))?;
        let rows: Vec<Admitted> = self.sql.exec("SELECT at FROM admitted ORDER BY at", None)?.to_array()?;
        Ok(rows.into_iter().map(|row| row.at).collect())
    }

    /// The response leaves only once this is durable.
    fn store(&self, write: Option<WindowWrite>) -> Result<(), PlatformError> {
        let Some(WindowWrite { at, delete_up_to }) = write else { return Ok(()) };
        self.sql.exec("INSERT INTO admitted (at) VALUES (?1)", vec![integer(at)?])?;
        delete_up_to.map_or(Ok(()), |horizon| self.delete_up_to(horizon))
    }

    fn delete_up_to(&self, horizon: Timestamp) -> Result<(), PlatformError> {
        self.sql.exec("DELETE FROM admitted WHERE at <= ?1", vec![integer(horizon)?])?;
        Ok(())
    }
}

fn integer(moment: Timestamp) -> Result<SqlStorageValue, PlatformError> {
    Ok(SqlStorageValue::try_from_i64(moment.as_millis())?)
}

fn to_json(value: &impl serde::Serialize) -> Result<String, PlatformError> {
    serde_json::to_string(value).map_err(|error| PlatformError::new(error.to_string()))
}
