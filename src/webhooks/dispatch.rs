//! Sending deliveries. The website's object sends what is due by itself, a few at once; the rest, and what goes to slow
//! endpoints, it leaves to the consumer of the queue. The row in the object is the truth and a queue message only a hint.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
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
use sluice_values::{DeliveryId, WebsiteId, hex};
use sluice_webhook_rules::schedule::Schedule;

/// How many deliveries an object sends at once. A slow one holds up no other: what finds none of them free goes to the queue.
/// The platform lets an object wait for six requests at once.
const LANES: usize = 4;
/// How many deliveries the object looks at, at once.
const DUE_AT_ONCE: u32 = 500;
/// An endpoint that took longer than this, in milliseconds, is slow until it answers in less.
const SLOW_MS: i64 = 250;
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
    slow: RefCell<BTreeSet<String>>,
    waiting: Cell<Option<u32>>,
}

/// What [`Sender::start`] took.
pub struct Started {
    token: String,
    own: Vec<(LeasedDelivery, Lane)>,
    rest: Vec<DeliveryId>,
}

/// One of the [`LANES`], until it is dropped.
struct Lane(Rc<Cell<usize>>);

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

    /// Takes what is due: deliveries that are leased and are to be sent here, and others that are left to the queue.
    pub fn start(&self) -> Result<Option<Started>, PlatformError> {
        // Only what was due by now is left for later: the turn of one that has just been told to wait may come meanwhile.
        let now = self.platform.now();
        let due = self.store().due(DUE_AT_ONCE, now)?;
        if due.is_empty() {
            return Ok(None);
        }
        let (mut own, mut rest) = (Vec::new(), Vec::new());
        for due in due {
            let is_slow = self.slow.borrow().contains(&due.webhook_id.to_string());
            let is_own = !is_slow && self.flying.get() + own.len() < LANES;
            if is_own { own.push(due.id) } else { rest.push(due.id) }
        }
        let token = hex(&self.platform.random::<16>()?);
        let leased = if own.is_empty() { Vec::new() } else { self.store().take(&own, &token)? };
        own.retain(|id| leased.iter().all(|leased| leased.id != *id));
        // What cannot be taken is looked at again later, too.
        self.store().leave(rest.iter().chain(&own), now)?;
        let own = leased.into_iter().map(|delivery| (delivery, Lane::take(&self.flying))).collect();
        Ok(Some(Started { token, own, rest }))
    }

    /// Sends what was taken, and what becomes due meanwhile, until nothing is left to do here. `stored` is called after each
    /// attempt is stored. A failure is logged: the leases end, and the object's alarm sends again.
    pub async fn work(&self, started: Started, stored: impl AsyncFn()) {
        let mut sending = FuturesUnordered::new();
        let mut next = Some(started);
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
                        }
                    }
                    Err(error) => log::failure("object", "deliveries", &error.to_string()),
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
            let attempts = sent.iter().map(|(token, attempted)| (token.as_str(), attempted));
            let done = if sent.is_empty() { Ok(()) } else { self.store().record_each(attempts) };
            let started = done.and_then(|()| self.start());
            next = started.unwrap_or_else(|error| {
                log::failure("object", "deliveries", &error.to_string());
                None
            });
            stored().await;
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
