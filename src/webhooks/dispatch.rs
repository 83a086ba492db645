//! Sending deliveries. The website's object sends what is due by itself, a few at once, as long as receivers answer fast; the rest,
//! and what goes to slow endpoints, it leaves to the consumer of the queue. The row in the object is the truth and a queue message
//! only a hint.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use futures_util::future::{Either, FutureExt, join_all, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, pin_mut};

use super::lease::LeasedDelivery;
use super::object::{self, Attempted, Call, Store};
use super::queue::{self, Hint};
use super::settings::{self, Rules};
use super::{attempt, moving};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_engine::Site;
use sluice_engine::sql::Sql;
use sluice_values::{DeliveryId, Timestamp, WebsiteId, hex};
use sluice_webhook_rules::schedule::Schedule;

/// How many deliveries an object sends at once.
const LANES: usize = 24;
/// How many of them one invocation sends. The platform lets it wait for six requests at once.
const OF_INVOCATION: usize = 4;
/// How many deliveries wait for a lane at most; further ones go to the queue.
const MOST_BACKLOG: usize = 64;
/// How long a delivery waits for a lane before it goes to the queue, in milliseconds.
const LONGEST_BACKLOG_MS: u16 = 250;
/// How many deliveries the object looks at, at once.
const DUE_AT_ONCE: u32 = 500;
/// An endpoint that took longer than this, in milliseconds, is slow until it answers in less.
const SLOW_MS: i64 = 250;
/// How long an attempt is taken to last before there was any, in milliseconds.
const USUAL_MS: i64 = 50;
/// How long the outcome of an attempt waits for others that are stored together with it, in milliseconds.
const GROUP_MS: u64 = 2;

/// Makes an attempt. One that cannot be made ends the delivery.
async fn attempted(
    platform: &Platform,
    keyring: &Keyring,
    schedule: &Schedule,
    website: WebsiteId,
    delivery: LeasedDelivery,
) -> Attempted {
    let outcome = match attempt::make(platform, keyring, schedule, website, &delivery).await {
        Ok(outcome) => outcome,
        Err(error) => {
            log::failure("queue", "deliveries", &format!("delivery {}: {error}", delivery.id));
            attempt::Outcome::internal(platform.now())
        }
    };
    Attempted { delivery: delivery.without_content(), outcome }
}

// ---- The object

/// Sends deliveries from within a website's object.
pub struct Sender<S> {
    pub platform: Platform,
    pub site: Rc<Site<S>>,
    pub website: WebsiteId,
    pub rules: Rules,
    keyring: RefCell<Option<Rc<Keyring>>>,
    flying: Rc<Cell<usize>>,
    /// Deliveries that wait for a lane, with when they began to, oldest first.
    backlog: RefCell<VecDeque<(DeliveryId, Timestamp)>>,
    is_watched: Rc<Cell<bool>>,
    /// How long attempts take of late, in milliseconds.
    pace_ms: Cell<i64>,
    slow: RefCell<BTreeSet<String>>,
    waiting: Cell<Option<u32>>,
}

/// What [`Sender::start`] took.
#[derive(Default)]
pub struct Started {
    token: String,
    pub own: Vec<(LeasedDelivery, Lane)>,
    pub rest: Vec<DeliveryId>,
}

/// Whoever watches the backlog, until it is dropped.
struct Watch(Rc<Cell<bool>>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// One of the [`LANES`], until it is dropped.
pub struct Lane(Rc<Cell<usize>>);

impl Lane {
    fn take(flying: &Rc<Cell<usize>>) -> Self {
        flying.set(flying.get() + 1);
        Self(flying.clone())
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<S: Sql> Sender<S> {
    pub fn new(platform: Platform, site: Rc<Site<S>>, website: WebsiteId) -> Self {
        let rules = Rules::of(&platform.config());
        Self {
            platform,
            site,
            website,
            rules,
            keyring: RefCell::default(),
            flying: Rc::default(),
            backlog: RefCell::default(),
            is_watched: Rc::default(),
            pace_ms: Cell::new(USUAL_MS),
            slow: RefCell::default(),
            waiting: Cell::default(),
        }
    }

    pub fn store(&self) -> Store<'_, S> {
        Store {
            platform: &self.platform,
            site: &self.site,
            website: self.website,
            rules: &self.rules,
            waiting: &self.waiting,
        }
    }

    /// Takes what is due: deliveries that are leased and are to be sent here, and others that are left to the queue. What waits for
    /// a lane is sent by whoever has one.
    pub fn start(&self) -> Result<Option<Started>, PlatformError> {
        // Only what was due by now is left for later: the turn of one that has just been told to wait may come meanwhile.
        let now = self.platform.now();
        let due = self.store().due(DUE_AT_ONCE, now)?;
        if due.is_empty() {
            return Ok(None);
        }
        let most = self.free(0) + self.most_backlog();
        let mut rest = Vec::new();
        for due in &due {
            if self.slow.borrow().contains(&due.webhook_id.to_string()) || self.backlog.borrow().len() >= most {
                rest.push(due.id);
            } else {
                self.backlog.borrow_mut().push_back((due.id, now));
            }
        }
        let mut started = self.take(0)?.unwrap_or_default();
        // What is not sent now is looked at again later.
        let is_sent = |id: DeliveryId| started.own.iter().any(|(sent, _)| sent.id == id);
        let later: Vec<DeliveryId> = due.iter().map(|due| due.id).filter(|id| !is_sent(*id)).collect();
        self.store().leave(later.iter(), now)?;
        started.rest = rest;
        Ok(Some(started))
    }

    /// Takes what waits for a lane, for an invocation that has so many already.
    fn take(&self, flying: usize) -> Result<Option<Started>, PlatformError> {
        let next = self.first_of_backlog(self.free(flying));
        if next.is_empty() {
            return Ok(None);
        }
        let token = hex(&self.platform.random::<16>()?);
        let leased = self.store().take(&next, &token)?;
        let own = leased.into_iter().map(|delivery| (delivery, Lane::take(&self.flying))).collect();
        Ok(Some(Started { token, own, rest: Vec::new() }))
    }

    /// The first so many that wait for a lane, which wait no more.
    fn first_of_backlog(&self, most: usize) -> Vec<DeliveryId> {
        let mut backlog = self.backlog.borrow_mut();
        let count = most.min(backlog.len());
        backlog.drain(..count).map(|(id, _)| id).collect()
    }

    /// How many lanes are free for an invocation that has so many already.
    fn free(&self, flying: usize) -> usize {
        OF_INVOCATION.saturating_sub(flying).min(LANES.saturating_sub(self.flying.get()))
    }

    /// How many deliveries may wait for a lane: as many as are sent before their time is up, if receivers go on as they do.
    fn most_backlog(&self) -> usize {
        let pace = self.pace_ms.get().max(1);
        if pace > SLOW_MS {
            return 0;
        }
        usize::try_from(i64::from(LONGEST_BACKLOG_MS) / pace).map_or(0, |each| (OF_INVOCATION * each).min(MOST_BACKLOG))
    }

    /// Leaves what has waited for a lane for too long to the queue, until nothing waits.
    async fn watch(&self, _watch: Watch) -> Option<(String, Attempted)> {
        while !self.backlog.borrow().is_empty() {
            self.platform.sleep(LONGEST_BACKLOG_MS.into()).await;
            let since = self.platform.now().plus_millis(-i64::from(LONGEST_BACKLOG_MS));
            let count = self.backlog.borrow().partition_point(|(_, from)| *from <= since);
            let late = self.first_of_backlog(count);
            if !late.is_empty() {
                self.pace_ms.set(SLOW_MS + 1);
                queue::enqueue(&self.platform, self.website, &late).await;
            }
        }
        None
    }

    /// Sends what was taken, and what waits for a lane, until nothing is left to do here. `stored` is called when attempts have
    /// failed, of which more may follow. A failure is logged: the leases end, and the object's alarm sends again.
    pub async fn work(&self, started: Started, stored: impl AsyncFn()) {
        let mut sending = FuturesUnordered::new();
        let (mut next, mut flying) = (Some(started), 0);
        loop {
            if let Some(Started { token, own, rest }) = next.take() {
                if !rest.is_empty() {
                    sending.push(self.leave(rest).boxed_local());
                }
                match self.keyring() {
                    Ok(keyring) => {
                        for (delivery, lane) in own {
                            let sent = self.send(keyring.clone(), token.clone(), delivery, lane);
                            sending.push(sent.boxed_local());
                            flying += 1;
                        }
                    }
                    Err(error) => log::failure("object", "deliveries", &error.to_string()),
                }
                if !self.backlog.borrow().is_empty() && !self.is_watched.replace(true) {
                    sending.push(self.watch(Watch(self.is_watched.clone())).boxed_local());
                }
            }
            let Some(first) = sending.next().await else { return };
            let mut sent: Vec<_> = first.into_iter().collect();
            let pause = self.platform.sleep(GROUP_MS);
            pin_mut!(pause);
            while !sent.is_empty() && !sending.is_empty() {
                match select(sending.next(), &mut pause).await {
                    Either::Left((Some(next), _)) => sent.extend(next),
                    _ => break,
                }
            }
            flying -= sent.len();
            let attempts = sent.iter().map(|(token, attempted)| (token.as_str(), attempted));
            let done = if sent.is_empty() { Ok(()) } else { self.store().record_each(attempts) };
            let started = done.and_then(|()| self.take(flying));
            next = started.unwrap_or_else(|error| {
                log::failure("object", "deliveries", &error.to_string());
                None
            });
            if sent.iter().any(|(_, attempted)| attempted.outcome.failure.is_some()) {
                stored().await;
            }
        }
    }

    fn keyring(&self) -> Result<Rc<Keyring>, PlatformError> {
        if let Some(keyring) = &*self.keyring.borrow() {
            return Ok(keyring.clone());
        }
        let keyring = Rc::new(Keyring::from_config(&self.platform.config())?);
        *self.keyring.borrow_mut() = Some(keyring.clone());
        Ok(keyring)
    }

    async fn leave(&self, rest: Vec<DeliveryId>) -> Option<(String, Attempted)> {
        queue::enqueue(&self.platform, self.website, &rest).await;
        None
    }

    async fn send(
        &self,
        keyring: Rc<Keyring>,
        token: String,
        delivery: LeasedDelivery,
        _lane: Lane,
    ) -> Option<(String, Attempted)> {
        let attempted = attempted(&self.platform, &keyring, &self.rules.schedule, self.website, delivery).await;
        self.remember(&attempted);
        Some((token, attempted))
    }

    fn remember(&self, attempted: &Attempted) {
        let webhook = attempted.delivery.webhook_id.to_string();
        // One that took very long does not count for more than a slow one.
        let took = attempted.outcome.duration_ms.min(2 * SLOW_MS);
        self.pace_ms.set((3 * self.pace_ms.get() + took) / 4);
        if attempted.outcome.duration_ms > SLOW_MS {
            self.slow.borrow_mut().insert(webhook);
        } else {
            self.slow.borrow_mut().remove(&webhook);
        }
    }
}

// ---- The consumer

/// Sends the deliveries that messages of the queue name, each independently: a slow receiver delays no other.
pub async fn send(platform: &Platform, bodies: &[String]) -> Result<(), PlatformError> {
    let (mut due, mut are_in_database) = (Vec::new(), false);
    for hint in bodies.iter().filter_map(|body| Hint::parse(body)) {
        match hint {
            Hint::Due(website, ids) => due.push(send_of(platform, website, ids)),
            Hint::InDatabase(_) => are_in_database = true,
        }
    }
    for error in join_all(due).await.into_iter().filter_map(Result::err) {
        log::failure("queue", "deliveries", &error.to_string());
    }
    if are_in_database { moving::move_waiting(platform).await } else { Ok(()) }
}

async fn send_of(platform: &Platform, website: WebsiteId, ids: Vec<DeliveryId>) -> Result<(), PlatformError> {
    let keyring = Keyring::from_config(&platform.config())?;
    let schedule = settings::schedule(&platform.config());
    let token = hex(&platform.random::<16>()?);
    let take = Call::Take { ids, token: token.clone() };
    let leased: Vec<LeasedDelivery> = object::ask(platform, website, &take).await?;
    let sending = leased.into_iter().map(|delivery| attempted(platform, &keyring, &schedule, website, delivery));
    let mut sending: FuturesUnordered<_> = sending.collect();
    while let Some(first) = sending.next().await {
        let mut attempts = vec![first];
        let pause = platform.sleep(GROUP_MS);
        pin_mut!(pause);
        while !sending.is_empty() {
            match select(sending.next(), &mut pause).await {
                Either::Left((Some(next), _)) => attempts.push(next),
                _ => break,
            }
        }
        object::ask::<()>(platform, website, &Call::Record { token: token.clone(), attempts }).await?;
    }
    Ok(())
}
