//! The Durable Object of a website: the shell around [`Site`].

use std::cell::{Cell, OnceCell};

use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, State, wasm_bindgen};

use crate::erasure;
use crate::objects::site_sql::ObjectSql;
use crate::outbox;
use crate::platform::config::MAX_OBJECT_MB;
use crate::platform::{Platform, PlatformError, clock, log, random};
use crate::websites::{currency, store_fill};
use sluice_engine::protocol::Request as SiteRequest;
use sluice_engine::{DAY_MS, Site};
use sluice_values::{Timestamp, WebsiteId};

/// How many steps of erasing visitors, or of looking for what nothing refers to any more, follow each other before events have
/// their turn.
const STEPS_AT_ONCE: usize = 4;
/// How many transactions of an erased visitor are looked for in D1 at once.
const TRANSACTIONS_AT_ONCE: u32 = 200;
/// How long a heavy report pauses before and after its turn, in milliseconds.
const PAUSE_MS: u64 = 2;
/// How long a heavy report waits for its turn.
const LONGEST_WAIT_MS: u64 = 10_000;
/// When the events of the inbox are folded after the first of them, in milliseconds.
const FOLD_MS: i64 = 1_000;
/// When a failed drain is tried again, in milliseconds.
const RETRY_MS: i64 = 10_000;

/// The object: see the module's documentation.
#[wasm_bindgen]
pub struct SiteObject {
    state: State,
    env: Env,
    site: OnceCell<Site<ObjectSql>>,
    /// Whether the alarm for the outbox is already set.
    is_woken: Cell<bool>,
    /// Whether an alarm for the inbox is already set.
    folds_soon: Cell<bool>,
    /// Whether a heavy report has its turn.
    has_turn: Cell<bool>,
}

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl SiteObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        Self {
            state: State::from(state),
            env,
            site: OnceCell::new(),
            is_woken: Cell::default(),
            folds_soon: Cell::default(),
            has_turn: Cell::default(),
        }
    }

    /// The result of a call, both as JSON; `None` after a failure, which is logged.
    pub async fn call(&self, request: String) -> Option<String> {
        let answer = self.answer(&request).await;
        answer.inspect_err(|error| log::failure("object", "site", &error.to_string())).ok()
    }

    /// Folds the inbox, drains the outbox, goes on with changes of the currency and the time zone, erases visitors, removes
    /// events that are too old, counts payments, cuts segments, and deletes the salts of past days, so that anonymous visitors
    /// can no longer be recognized. It never fails: the platform gives up an alarm after some attempts, so what failed is
    /// tried again by another alarm.
    pub async fn alarm(&self) {
        let done = self.work_off().await;
        // From here on, a new outbox entry sets the alarm again.
        self.is_woken.set(false);
        self.folds_soon.set(false);
        let wait = done.unwrap_or_else(|error| {
            log::failure("object", "site: the alarm's work is tried again", &error.to_string());
            Some(RETRY_MS)
        });
        if let Some(wait) = wait
            && let Err(error) = self.state.storage().set_alarm(wait.max(0)).await
        {
            log::failure("object", "site: the alarm could not be set", &error.to_string());
        }
    }
}

impl SiteObject {
    async fn answer(&self, request: &str) -> Result<String, PlatformError> {
        let request = serde_json::from_str::<SiteRequest>(request)
            .map_err(|error| PlatformError::new(format!("no such call: {error}")))?;
        let is_heavy = request.call.is_heavy();
        if is_heavy {
            self.take_turn().await;
        }
        let answer = self.site().and_then(|site| Ok(site.answer(&request)?));
        if is_heavy {
            self.end_turn().await;
        }
        let answer = answer?;
        self.wake_in_time().await?;
        Ok(answer)
    }

    fn site(&self) -> Result<&Site<ObjectSql>, PlatformError> {
        if let Some(site) = self.site.get() {
            return Ok(site);
        }
        let opened = Site::open(ObjectSql::new(&self.state)?, random_bytes)?;
        opened.limit_to(Platform::new(self.env.clone()).config().bytes(MAX_OBJECT_MB));
        Ok(self.site.get_or_init(|| opened))
    }

    /// Waits until no other heavy report has its turn. A turn that has not ended for long is forgotten: its request is gone.
    async fn take_turn(&self) {
        for _ in 0..LONGEST_WAIT_MS / PAUSE_MS {
            // What has arrived meanwhile goes first.
            clock::sleep(PAUSE_MS).await;
            if !self.has_turn.get() {
                break;
            }
        }
        self.has_turn.set(true);
    }

    /// Ends a turn once what has arrived during it had its own.
    async fn end_turn(&self) {
        clock::sleep(PAUSE_MS).await;
        self.has_turn.set(false);
    }

    /// Sets an alarm for draining the outbox, and for deleting a new salt after its day even if no event arrives again.
    /// The alarm is stored in the same transaction as the write.
    async fn wake_in_time(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        let has_new_salt = site.take_new_salt().is_some();
        if self.is_woken.get() {
            return Ok(());
        }
        let wait = if has_steps(site) || site.has_outbox() && !site.outbox(1)?.is_empty() {
            self.is_woken.set(true);
            0
        } else if self.folds_soon.get() {
            return Ok(());
        } else if site.has_waiting() {
            self.folds_soon.set(true);
            FOLD_MS
        } else if has_new_salt {
            next_alarm(site)?.unwrap_or_default()
        } else {
            return Ok(());
        };
        Ok(self.state.storage().set_alarm(wait.max(0)).await?)
    }

    /// Does what is due, and returns when there is more to do, in milliseconds from now.
    async fn work_off(&self) -> Result<Option<i64>, PlatformError> {
        let site = self.site()?;
        site.forget_salts_before(clock::now().as_millis().div_euclid(DAY_MS))?;
        // One that fails does not hold up the others.
        let folded = site.fold().map_err(PlatformError::from);
        let drained = self.drain_outbox().await;
        let converted = self.convert_payments().await;
        // After the outbox, so that nothing of an erased visitor is drained later.
        let erased = self.erase().await;
        let removed = self.remove_old();
        let swept = self.sweep();
        let counted = self.count_money();
        // A segment takes about as long as events may wait.
        let cut = site.cut_on().map_err(PlatformError::from);
        let rezoned = site.change_zone_on().map_err(PlatformError::from);
        let told = self.tell_fill().await;
        folded
            .and(drained)
            .and(converted)
            .and(erased)
            .and(removed)
            .and(swept)
            .and(counted)
            .and(cut)
            .and(rezoned)
            .and(told)?;
        if site.has_outbox() || has_steps(site) {
            return Ok(Some(0));
        }
        next_alarm(site)
    }

    fn website(&self) -> Result<WebsiteId, PlatformError> {
        let name = self.state.id().name().unwrap_or_default();
        let id = name.split('/').next().unwrap_or_default();
        id.parse().map_err(|why| PlatformError::new(format!("object \"{name}\": {why}")))
    }

    /// Goes on with a change of the website's currency by a slice. After the last one the website changes.
    async fn convert_payments(&self) -> Result<(), PlatformError> {
        match self.site()?.change_currency_on()? {
            Some(change) if change.is_done => {
                currency::converted(&Platform::new(self.env.clone()), self.website()?, change.to).await
            }
            _ => Ok(()),
        }
    }

    /// Goes on with erasing visitors, and erases from D1 those who are erased here.
    async fn erase(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        if !site.has_erasures() {
            return Ok(());
        }
        for _ in 0..STEPS_AT_ONCE {
            if !site.erase_on()? {
                break;
            }
        }
        while let Some(erased) = site.erased(TRANSACTIONS_AT_ONCE)? {
            let platform = Platform::new(self.env.clone());
            erasure::forget(&platform, self.website()?, erased.visitor, &erased.transactions).await?;
            site.forget_erased(&erased)?;
        }
        Ok(())
    }

    /// Goes on with removing events that are too old.
    fn remove_old(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        for _ in 0..STEPS_AT_ONCE {
            if !site.remove_old(clock::now())? {
                break;
            }
        }
        Ok(())
    }

    /// Goes on with deleting what nothing refers to any more.
    fn sweep(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        for _ in 0..STEPS_AT_ONCE {
            if !site.has_orphans() || !site.sweep()? {
                break;
            }
        }
        Ok(())
    }

    /// Goes on with counting payments by the values of their sessions.
    fn count_money(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        for _ in 0..STEPS_AT_ONCE {
            if !site.count_money_on()? {
                break;
            }
        }
        Ok(())
    }

    /// Tells the owner and the operator how full the object is, if that has changed.
    async fn tell_fill(&self) -> Result<(), PlatformError> {
        let site = self.site()?;
        if let Some((fill, before)) = site.fill_to_tell() {
            store_fill::tell(&Platform::new(self.env.clone()), self.website()?, fill, before).await?;
            site.fill_was_told(fill)?;
        }
        Ok(())
    }

    async fn drain_outbox(&self) -> Result<(), PlatformError> {
        outbox::drain_all(&Platform::new(self.env.clone()), self.website()?, self.site()?).await
    }
}

/// Whether work waits that is done in steps.
fn has_steps(site: &Site<ObjectSql>) -> bool {
    site.is_changing_currency()
        || site.is_changing_zone()
        || site.fill_to_tell().is_some()
        || site.has_erasures()
        || site.has_old()
        || site.has_orphans()
        || site.has_uncounted()
        || site.has_uncut()
}

/// When a day ends, its salt is deleted, and further events are too old; what has arrived meanwhile is folded. In milliseconds
/// from now.
fn next_alarm(site: &Site<ObjectSql>) -> Result<Option<i64>, PlatformError> {
    let now = clock::now();
    let salt_ends = site.last_salt()?.map(|day| (day + 1) * DAY_MS);
    let removal = site.next_removal(now)?.map(Timestamp::as_millis);
    let days_end = salt_ends.into_iter().chain(removal).min().map(|at| at - now.as_millis());
    Ok(if site.has_waiting() { Some(days_end.map_or(FOLD_MS, |wait| wait.min(FOLD_MS))) } else { days_end })
}

fn random_bytes() -> Result<[u8; 32], sluice_engine::Error> {
    random::bytes().map_err(|error| sluice_engine::Error::new(error.to_string()))
}
