//! The Durable Object of a website: the shell around [`Site`].

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, State, wasm_bindgen};

use crate::erasure;
use crate::objects::site_sql::ObjectSql;
use crate::outbox;
use crate::platform::config::MAX_OBJECT_MB;
use crate::platform::{Platform, PlatformError, clock, log, random};
use crate::webhooks::dispatch::Sender;
use crate::webhooks::object::{self, Call as WebhookCall};
use crate::webhooks::subscriptions;
use crate::websites::{currency, store_fill};
use sluice_engine::protocol::{Request as SiteRequest, SiteCall};
use sluice_engine::{DAY_MS, Site};
use sluice_values::{Timestamp, WebsiteId};

/// How many steps of erasing visitors, of deleting old deliveries, or of looking for what nothing refers to any more, follow each
/// other before events have their turn.
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
/// No alarm is set.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// The object: see the module's documentation.
#[wasm_bindgen]
pub struct SiteObject {
    shell: Rc<Shell>,
}

/// What requests, the alarm and deliveries under way share.
struct Shell {
    state: State,
    env: Env,
    sender: OnceCell<Sender<ObjectSql>>,
    /// When the alarm rings, as far as this instance has set it.
    alarm_at: Cell<Timestamp>,
    /// Whether this instance has looked for deliveries that earlier ones have left.
    has_looked: Cell<bool>,
    /// Whether a heavy report has its turn.
    has_turn: Cell<bool>,
}

type Done<T> = Result<T, PlatformError>;

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl SiteObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let shell = Shell {
            state: State::from(state),
            env,
            sender: OnceCell::new(),
            alarm_at: Cell::new(NEVER),
            has_looked: Cell::default(),
            has_turn: Cell::default(),
        };
        Self { shell: Rc::new(shell) }
    }

    /// The result of a call, both as JSON; `None` after a failure, which is logged.
    pub async fn call(&self, request: String) -> Option<String> {
        let answer = match object::parse(&request) {
            Some(call) => self.shell.deliver(call).await,
            None => self.shell.answer(&request).await,
        };
        answer.inspect_err(|error| log::failure("object", "site", &error.to_string())).ok()
    }

    /// Sends deliveries that are due, folds the inbox, drains the outbox, goes on with changes of the currency and the time zone,
    /// erases visitors, removes events and deliveries that are too old, counts payments, cuts segments, and deletes the salts of
    /// past days, so that anonymous visitors can no longer be recognized. It never fails: the platform gives up an alarm after
    /// some attempts, so what failed is tried again by another alarm.
    pub async fn alarm(&self) {
        let shell = &self.shell;
        shell.alarm_at.set(NEVER);
        let done = shell.work_off().await;
        let next = done.unwrap_or_else(|error| {
            log::failure("object", "site: the alarm's work is tried again", &error.to_string());
            Some(clock::now().plus_millis(RETRY_MS))
        });
        if let Some(next) = next
            && let Err(error) = shell.wake_at(next).await
        {
            log::failure("object", "site: the alarm could not be set", &error.to_string());
        }
    }
}

impl Shell {
    fn sender(&self) -> Done<&Sender<ObjectSql>> {
        if let Some(sender) = self.sender.get() {
            return Ok(sender);
        }
        let opened = Site::open(ObjectSql::new(&self.state)?, random_bytes)?;
        let platform = Platform::new(self.env.clone());
        opened.limit_to(platform.config().bytes(MAX_OBJECT_MB));
        let sender = Sender::new(platform, Rc::new(opened), self.website()?);
        Ok(self.sender.get_or_init(|| sender))
    }

    fn site(&self) -> Done<&Site<ObjectSql>> {
        Ok(&self.sender()?.site)
    }

    /// Answers a call of the engine.
    async fn answer(self: &Rc<Self>, request: &str) -> Done<String> {
        let request = serde_json::from_str::<SiteRequest>(request)
            .map_err(|error| PlatformError::new(format!("no such call: {error}")))?;
        let is_heavy = request.call.is_heavy();
        if is_heavy {
            self.take_turn().await;
        }
        let answer = self.site().and_then(|site| Ok(site.answer(&request)?));
        // Nothing waits in between, so that an event and its messages are stored together.
        let published = self.sender().and_then(|sender| sender.store().publish_outbox());
        if is_heavy {
            self.end_turn().await;
        }
        let answer = answer?;
        let has_published = published.unwrap_or_else(|error| {
            log::failure("object", "webhooks", &error.to_string());
            false
        });
        if has_published || !self.has_looked.replace(true) {
            self.see_to_deliveries().await?;
        }
        self.wake_in_time().await?;
        Ok(answer)
    }

    /// Answers a call about webhooks.
    async fn deliver(self: &Rc<Self>, call: Done<WebhookCall>) -> Done<String> {
        let call = call?;
        self.learn_endpoints().await?;
        let answer = self.sender()?.store().answer(call)?;
        self.see_to_deliveries().await?;
        self.wake_in_time().await?;
        Ok(answer)
    }

    /// Sends what is due, and sets the alarm for what is due later.
    async fn see_to_deliveries(self: &Rc<Self>) -> Done<()> {
        if let Some(started) = self.sender()?.start()? {
            let shell = self.clone();
            self.state.wait_until(async move {
                let stored = async || {
                    if let Err(error) = shell.wake_for_deliveries().await {
                        log::failure("object", "site: the alarm could not be set", &error.to_string());
                    }
                };
                match shell.sender() {
                    Ok(sender) => sender.work(started, stored).await,
                    Err(error) => log::failure("object", "deliveries", &error.to_string()),
                }
            });
        }
        self.wake_for_deliveries().await
    }

    async fn wake_for_deliveries(&self) -> Done<()> {
        match self.sender()?.store().next_due()? {
            Some(at) => self.wake_at(at).await,
            None => Ok(()),
        }
    }

    /// An object of an earlier release does not know its website's endpoints: it asks D1.
    async fn learn_endpoints(&self) -> Done<()> {
        let site = self.site()?;
        if site.knows_endpoints()? {
            return Ok(());
        }
        let subscriptions = subscriptions::load(&self.sender()?.platform, self.website()?).await?;
        let call = subscriptions.into_call();
        site.answer(&SiteRequest { now: clock::now().as_millis(), currency: None, call })?;
        Ok(())
    }

    /// Sets the alarm, unless it rings earlier.
    async fn wake_at(&self, at: Timestamp) -> Done<()> {
        if at >= self.alarm_at.get() {
            return Ok(());
        }
        self.alarm_at.set(at);
        let wait = at.as_millis() - clock::now().as_millis();
        Ok(self.state.storage().set_alarm(wait.max(0)).await?)
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
    async fn wake_in_time(&self) -> Done<()> {
        let site = self.site()?;
        let has_new_salt = site.take_new_salt().is_some();
        if self.alarm_at.get() <= clock::now() {
            return Ok(());
        }
        if has_steps(site) || site.has_outbox() && !site.outbox(1)?.is_empty() {
            self.wake_at(clock::now()).await
        } else if site.has_waiting() {
            self.wake_at(clock::now().plus_millis(FOLD_MS)).await
        } else if has_new_salt {
            let next = self.next_alarm()?;
            self.wake_at(next.unwrap_or_else(clock::now)).await
        } else {
            Ok(())
        }
    }

    /// Does what is due, and returns when there is more to do.
    async fn work_off(self: &Rc<Self>) -> Done<Option<Timestamp>> {
        let site = self.site()?;
        let delivered = self.see_to_deliveries().await;
        site.forget_salts_before(clock::now().as_millis().div_euclid(DAY_MS))?;
        // One that fails does not hold up the others.
        let folded = site.fold().map_err(PlatformError::from);
        let drained = self.drain_outbox().await;
        let converted = self.convert_payments().await;
        // After the outbox, so that nothing of an erased visitor is drained later.
        let erased = self.erase().await;
        let removed = in_steps(|| Ok(site.remove_old(clock::now())?));
        let swept = in_steps(|| Ok(site.has_orphans() && site.sweep()?));
        let counted = in_steps(|| Ok(site.count_money_on()?));
        // A segment takes about as long as events may wait.
        let cut = site.cut_on().map_err(PlatformError::from);
        let rezoned = site.change_zone_on().map_err(PlatformError::from);
        let digested = site.digest_on().map_err(PlatformError::from);
        let told = self.tell_fill().await;
        let switched_off = self.sender()?.store().tell().await;
        let expired = in_steps(|| self.sender()?.store().delete_expired());
        delivered
            .and(folded)
            .and(drained)
            .and(converted)
            .and(erased)
            .and(removed)
            .and(swept)
            .and(counted)
            .and(cut)
            .and(rezoned)
            .and(digested)?;
        told.and(switched_off)?;
        if site.has_outbox() || has_steps(site) || expired? {
            return Ok(Some(clock::now()));
        }
        self.next_alarm()
    }

    /// When a day ends, its salt is deleted, and further events are too old; when a delivery is due, or too old; what has arrived
    /// meanwhile is folded.
    fn next_alarm(&self) -> Done<Option<Timestamp>> {
        let (site, now) = (self.site()?, clock::now());
        let store = self.sender()?.store();
        let salt_ends = site.last_salt()?.map(|day| Timestamp::from_millis((day + 1) * DAY_MS));
        let fold = site.has_waiting().then(|| now.plus_millis(FOLD_MS));
        let next = [fold, salt_ends, site.next_removal(now)?, store.next_due()?, store.next_expiry()?];
        Ok(next.into_iter().flatten().min())
    }

    fn website(&self) -> Done<WebsiteId> {
        let name = self.state.id().name().unwrap_or_default();
        let id = name.split('/').next().unwrap_or_default();
        id.parse().map_err(|why| PlatformError::new(format!("object \"{name}\": {why}")))
    }

    /// Goes on with a change of the website's currency by a slice. After the last one the website changes.
    async fn convert_payments(&self) -> Done<()> {
        match self.site()?.change_currency_on()? {
            Some(change) if change.is_done => {
                currency::converted(&self.sender()?.platform, self.website()?, change.to).await
            }
            _ => Ok(()),
        }
    }

    /// Goes on with erasing visitors, and erases from D1 those who are erased here.
    async fn erase(&self) -> Done<()> {
        let site = self.site()?;
        if !site.has_erasures() {
            return Ok(());
        }
        in_steps(|| Ok(site.erase_on()?))?;
        let sender = self.sender()?;
        while let Some(erased) = site.erased(TRANSACTIONS_AT_ONCE)? {
            erasure::forget(&sender.platform, sender.website, erased.visitor, &erased.transactions).await?;
            sender.store().forget(erased.visitor, &erased.transactions)?;
            site.forget_erased(&erased)?;
        }
        Ok(())
    }

    /// Tells the owner and the operator how full the object is, if that has changed.
    async fn tell_fill(&self) -> Done<()> {
        let site = self.site()?;
        if let Some((fill, before)) = site.fill_to_tell() {
            store_fill::tell(&self.sender()?.platform, self.website()?, fill, before).await?;
            site.fill_was_told(fill)?;
        }
        Ok(())
    }

    async fn drain_outbox(&self) -> Done<()> {
        if self.site()?.has_outbox() {
            self.learn_endpoints().await?;
        }
        outbox::drain_all(&self.sender()?.store()).await
    }
}

/// Takes some steps of work that events must not wait for, and returns whether there are more.
fn in_steps(mut step: impl FnMut() -> Done<bool>) -> Done<bool> {
    for _ in 0..STEPS_AT_ONCE {
        if !step()? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether work waits that is done in steps.
fn has_steps(site: &Site<ObjectSql>) -> bool {
    site.is_changing_currency()
        || site.is_changing_zone()
        || site.has_old_texts()
        || site.fill_to_tell().is_some()
        || site.has_erasures()
        || site.has_old()
        || site.has_orphans()
        || site.has_uncounted()
        || site.has_uncut()
}

fn random_bytes() -> Result<[u8; 32], sluice_engine::Error> {
    random::bytes().map_err(|error| sluice_engine::Error::new(error.to_string()))
}
