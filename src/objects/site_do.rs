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
use crate::site;
use crate::webhooks::dispatch::Sender;
use crate::webhooks::object::{self, Call as WebhookCall};
use crate::webhooks::subscriptions;
use crate::websites::{currency, store_fill};
use sluice_engine::layout::{Layout, MOST_SHARDS, Standing};
use sluice_engine::protocol::{Call as SiteCall, Part, Request as SiteRequest, SiteCall as _, Subscriptions};
use sluice_engine::{DAY_MS, Site, together};
use sluice_values::{Timestamp, WebsiteId};

/// How many steps of erasing visitors, of deleting old deliveries, or of looking for what nothing refers to any more, follow each
/// other before events have their turn.
const STEPS_AT_ONCE: usize = 4;
/// How many transactions of an erased visitor are looked for in D1 at once.
const TRANSACTIONS_AT_ONCE: u32 = 200;
/// How many entries of its outbox a shard hands to the home at once.
const HANDED_AT_ONCE: u32 = 40;
/// How long a heavy report pauses before and after its turn, in milliseconds.
const PAUSE_MS: u64 = 2;
/// How long a heavy report, or what concerns all shards, waits for its turn.
const LONGEST_WAIT_MS: u64 = 10_000;
/// When the events of the inbox are folded after the first of them, in milliseconds.
const FOLD_MS: i64 = 3_000;
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
    /// Which of the calls that concern all shards has its turn; 0 if none has.
    sharing: Cell<u32>,
    /// How many of them there were.
    shared: Cell<u32>,
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
            sharing: Cell::default(),
            shared: Cell::default(),
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
        if let Standing::Moved(layout) = self.site()?.standing() {
            return site::moved(layout);
        }
        let is_heavy = request.call.is_heavy();
        if is_heavy {
            self.take_turn().await;
        }
        let answer = match &request.call {
            SiteCall::Part(Part::Home(_)) => self.share(&request).await,
            SiteCall::Part(Part::Split { count }) => self.split(*count).await,
            _ => self.site().and_then(|site| Ok(site.answer(&request)?)),
        };
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
        let has_looked = self.has_looked.replace(true);
        if has_published || !has_looked {
            self.see_to_deliveries().await?;
        }
        if !has_looked && self.has_begun_to_share()? {
            self.wake_at(clock::now()).await?;
        }
        self.wake_in_time().await?;
        Ok(answer)
    }

    /// Answers a call about webhooks.
    async fn deliver(self: &Rc<Self>, call: Done<WebhookCall>) -> Done<String> {
        let call = call?;
        if let Standing::Moved(layout) = self.site()?.standing() {
            return site::moved(layout);
        }
        self.learn_endpoints().await?;
        // Whoever takes deliveries makes none due.
        let is_taking = matches!(call, WebhookCall::Take { .. });
        let answer = self.sender()?.store().answer(call)?;
        if is_taking {
            self.wake_for_deliveries().await?;
        } else {
            self.see_to_deliveries().await?;
            self.wake_in_time().await?;
        }
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

    // ---- Several shards

    /// Does what concerns all shards, after what was begun before.
    async fn share(&self, request: &SiteRequest) -> Done<String> {
        let layout = self.as_home()?;
        let turn = self.take_shared_turn().await;
        let ask = async |questions| self.ask_shards(layout, turn, questions).await;
        let done = together::share(self.site()?, layout, request, &ask).await;
        self.end_shared_turn(turn);
        if done.is_err() {
            self.wake_at(clock::now().plus_millis(RETRY_MS)).await?;
        }
        done
    }

    /// Finishes what the home had begun for all shards when it was stopped.
    async fn finish_shared(&self) -> Done<()> {
        if !self.has_begun_to_share()? {
            return Ok(());
        }
        let layout = self.as_home()?;
        let turn = self.take_shared_turn().await;
        let ask = async |questions| self.ask_shards(layout, turn, questions).await;
        let done = together::finish(self.site()?, layout, clock::now(), &ask).await;
        self.end_shared_turn(turn);
        done
    }

    fn has_begun_to_share(&self) -> Done<bool> {
        let site = self.site()?;
        Ok(matches!(site.standing(), Standing::Shard(_, 0)) && site.has_moving()?)
    }

    fn as_home(&self) -> Done<Layout> {
        match self.site()?.standing() {
            Standing::Shard(layout, 0) => Ok(layout),
            other => Err(PlatformError::new(format!("not the home of several shards: {other:?}"))),
        }
    }

    /// Waits until what concerns all shards may begin. What has not ended for long is stopped: its request is gone, or it fails
    /// with its next question.
    async fn take_shared_turn(&self) -> u32 {
        for _ in 0..LONGEST_WAIT_MS / PAUSE_MS {
            if self.sharing.get() == 0 {
                break;
            }
            clock::sleep(PAUSE_MS).await;
        }
        let turn = self.shared.get().wrapping_add(1).max(1);
        self.shared.set(turn);
        self.sharing.set(turn);
        turn
    }

    fn end_shared_turn(&self, turn: u32) {
        if self.sharing.get() == turn {
            self.sharing.set(0);
        }
    }

    /// Asks shards, itself without a hop.
    async fn ask_shards(&self, layout: Layout, turn: u32, questions: Vec<(u32, String)>) -> Done<Vec<String>> {
        if self.sharing.get() != turn {
            return Err(PlatformError::new("another call has taken the turn"));
        }
        let (own, others): (Vec<_>, Vec<_>) =
            questions.into_iter().enumerate().partition(|(_, (shard, _))| *shard == 0);
        let mut answers = Vec::new();
        for (at, (_, text)) in own {
            let request = serde_json::from_str::<SiteRequest>(&text)
                .map_err(|error| PlatformError::new(format!("no such call: {error}")))?;
            answers.push((at, self.site()?.answer(&request)?));
        }
        let (places, questions): (Vec<_>, Vec<_>) = others.into_iter().unzip();
        let sender = self.sender()?;
        let others = site::ask_shards(&sender.platform, sender.website, layout, questions).await?;
        answers.extend(places.into_iter().zip(others));
        answers.sort_unstable();
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Leaves the website to so many new objects, if nothing is stored here. Returns whether it has.
    async fn split(&self, count: u32) -> Done<String> {
        let (site, sender) = (self.site()?, self.sender()?);
        site.fold()?;
        let may_leave =
            site.standing() == Standing::Alone && !site.has_anything()? && (2..=MOST_SHARDS).contains(&count);
        if !may_leave {
            return Ok(false.to_string());
        }
        let layout = Layout { first: self.number()? + 1, count };
        let (subscriptions, outbox_from) = subscriptions::of_new_objects(&sender.platform, sender.website).await?;
        let joins = (0..count).map(|shard| {
            let endpoints = subscriptions.endpoints.clone().filter(|_| shard == 0);
            let subscriptions = Box::new(Subscriptions { endpoints, ..subscriptions.clone() });
            let call = SiteCall::Part(Part::Join { layout, shard, subscriptions, outbox_from });
            Ok((shard, site::question(clock::now(), call)?))
        });
        let joins = joins.collect::<Done<Vec<_>>>()?;
        site::ask_shards(&sender.platform, sender.website, layout, joins).await?;
        // What has come meanwhile stays here, and the website whole.
        Ok(site.leave_to(layout)?.to_string())
    }

    /// Hands the outbox to the home, which tells endpoints and alerts.
    async fn hand_over(&self, layout: Layout, shard: u32) -> Done<()> {
        let (site, sender) = (self.site()?, self.sender()?);
        loop {
            let entries = site.outbox(HANDED_AT_ONCE)?;
            let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
            let call = SiteCall::Part(Part::Handed { shard, entries });
            let question = site::question(clock::now(), call)?;
            site::ask_shards(&sender.platform, sender.website, layout, vec![(0, question)]).await?;
            site.delete_from_outbox(last)?;
        }
    }

    /// An object of an earlier release does not know its website's endpoints: it asks D1.
    async fn learn_endpoints(&self) -> Done<()> {
        let site = self.site()?;
        if site.knows_endpoints()? || !site.standing().is_home() {
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
        if has_steps(site) || site.has_in_outbox()? {
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
        if let Standing::Moved(_) = site.standing() {
            return Ok(None);
        }
        let delivered = self.see_to_deliveries().await;
        site.forget_salts_before(clock::now().as_millis().div_euclid(DAY_MS))?;
        // One that fails does not hold up the others.
        let folded = site.fold().map_err(PlatformError::from);
        let drained = self.drain_outbox().await;
        let finished = self.finish_shared().await;
        let converted = self.convert_payments().await;
        // After the outbox, so that nothing of an erased visitor is drained later.
        let erased = self.erase().await;
        let removed = in_steps(|| Ok(site.remove_old(clock::now())?));
        let swept = in_steps(|| Ok(site.has_orphans() && site.sweep()?));
        let retaken = in_steps(|| Ok(site.retake_on(clock::now())?));
        let counted = in_steps(|| Ok(site.count_money_on()?));
        // A segment takes about as long as events may wait.
        let cut = site.cut_on().map_err(PlatformError::from);
        let rezoned = site.change_zone_on().map_err(PlatformError::from);
        let digested = site.digest_on().map_err(PlatformError::from);
        let blocked = site.block_on().map_err(PlatformError::from);
        let told = self.tell_fill().await;
        let switched_off = self.sender()?.store().tell().await;
        let expired = in_steps(|| self.sender()?.store().delete_expired());
        delivered
            .and(folded)
            .and(drained)
            .and(finished)
            .and(converted)
            .and(erased)
            .and(removed)
            .and(swept)
            .and(retaken)
            .and(counted)
            .and(cut)
            .and(rezoned)
            .and(digested)
            .and(blocked)?;
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

    /// The number of the object among all that the website ever had.
    fn number(&self) -> Done<u32> {
        let name = self.state.id().name().unwrap_or_default();
        let number = name.split('/').nth(1).unwrap_or_default();
        number.parse().map_err(|why| PlatformError::new(format!("object \"{name}\": {why}")))
    }

    /// Goes on with a change of the website's currency by a slice. After the last one the website changes; one with several
    /// shards when cron finds that all are done.
    async fn convert_payments(&self) -> Done<()> {
        match self.site()?.change_currency_on()? {
            Some(change) if change.is_done && self.site()?.standing() == Standing::Alone => {
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
        in_steps(|| Ok(site.erase_on(clock::now())?))?;
        let sender = self.sender()?;
        while let Some(erased) = site.erased(TRANSACTIONS_AT_ONCE)? {
            erasure::forget(&sender.platform, sender.website, erased.visitor, &erased.transactions).await?;
            if site.standing().is_home() {
                sender.store().forget(erased.visitor, &erased.transactions)?;
            } else {
                let transactions = erased.transactions.clone();
                let call = WebhookCall::Forget { visitor: erased.visitor, transactions };
                object::ask::<()>(&sender.platform, sender.website, &call).await?;
            }
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
        if let Standing::Shard(layout, shard @ 1..) = self.site()?.standing() {
            return self.hand_over(layout, shard).await;
        }
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
        || site.has_time_indexes()
        || site.fill_to_tell().is_some()
        || site.has_erasures()
        || site.has_old()
        || site.has_orphans()
        || site.has_retakes()
        || site.has_uncounted()
        || site.has_uncut()
}

fn random_bytes() -> Result<[u8; 32], sluice_engine::Error> {
    random::bytes().map_err(|error| sluice_engine::Error::new(error.to_string()))
}
