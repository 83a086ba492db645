//! A website's object in memory, with the Worker's calls about webhooks, for native tests.

use std::rc::Rc;

use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use sluice_engine::Site;
use sluice_engine::memory::Memory as Storage;
use sluice_engine::protocol::{Request, SiteCall};
use sluice_engine::sql::Sql;
use sluice_values::WebsiteId;

use super::dispatch::{self, Sender};
use super::object;
use super::subscriptions;
use crate::platform::memory::Memory;
use crate::platform::queues::Queue;
use crate::platform::{Platform, PlatformError};

pub struct Object {
    pub memory: Rc<Memory>,
    pub platform: Platform,
    pub sender: Sender<Storage>,
}

impl Object {
    /// The object of a website, which knows the endpoints that D1 has.
    pub fn new(memory: Rc<Memory>, website: WebsiteId) -> Rc<Self> {
        let object = Self::unaware(memory, website);
        object.learn();
        object
    }

    /// An object that does not know the endpoints, as one of an earlier release.
    pub fn unaware(memory: Rc<Memory>, website: WebsiteId) -> Rc<Self> {
        let platform = Platform::in_memory(memory.clone());
        let site = Site::open(Storage::default(), || Ok([7; 32])).unwrap();
        Rc::new(Self { sender: Sender::new(platform.clone(), Rc::new(site), website), memory, platform })
    }

    /// The object after a restart: it has what it stored, and nothing that was in memory.
    #[must_use]
    pub fn restarted(&self) -> Self {
        let sender = Sender::new(self.platform.clone(), self.sender.site.clone(), self.sender.website);
        Self { memory: self.memory.clone(), platform: self.platform.clone(), sender }
    }

    /// It takes the Worker's calls, and no other object does.
    pub fn serve(self: &Rc<Self>) {
        let object = self.clone();
        self.memory.answer_objects(move |_, _, _, body| object.answer(body.unwrap()));
    }

    /// Answers a call as the object's shell does.
    pub fn answer(&self, body: &str) -> Result<String, PlatformError> {
        if let Some(call) = object::parse(body) {
            if !self.sender.site.knows_endpoints()? {
                self.try_to_learn()?;
            }
            return self.sender.store().answer(call?);
        }
        let answer = self.sender.site.answer(&serde_json::from_str::<Request>(body).unwrap());
        self.sender.store().publish_outbox()?;
        Ok(answer?)
    }

    /// Learns of the endpoints, and of changes to them.
    pub fn learn(&self) {
        self.try_to_learn().unwrap();
    }

    fn try_to_learn(&self) -> Result<(), PlatformError> {
        let subscriptions = subscriptions::load(&self.platform, self.sender.website).now_or_never().unwrap()?;
        let now = self.platform.now().as_millis();
        self.sender.site.answer(&Request { now, currency: None, call: subscriptions.into_call() })?;
        Ok(())
    }

    /// Runs a statement without parameters.
    pub fn execute(&self, statement: &str) {
        self.sender.site.sql().run(statement, &[]).unwrap();
    }

    /// The rows of a statement without parameters.
    pub fn query<T: DeserializeOwned>(&self, statement: &str) -> Vec<T> {
        serde_json::from_str(&self.sender.site.sql().objects(statement, &[]).unwrap()).unwrap()
    }

    /// What happens at once: the object sends what is due and tells what there is to tell, and the queue's consumer gets its
    /// messages.
    pub fn settle(&self) {
        loop {
            let started = self.sender.start().unwrap();
            let was_idle = started.is_none();
            if let Some(started) = started {
                self.sender.work(started, async || {}).now_or_never().unwrap();
            }
            self.sender.store().tell().now_or_never().unwrap().unwrap();
            let queued = self.memory.take_queued(Queue::Deliveries);
            if was_idle && queued.is_empty() {
                return;
            }
            for message in queued {
                self.send(&message.body);
            }
        }
    }

    /// The consumer gets this message.
    pub fn send(&self, body: &str) {
        dispatch::send(&self.platform, &[body.to_owned()]).now_or_never().unwrap().unwrap();
    }

    /// Time passes, and the object's alarm rings whenever something is due.
    pub fn pass(&self, millis: i64) {
        let end = self.platform.now().plus_millis(millis);
        loop {
            self.settle();
            let next = self.sender.store().next_due().unwrap().filter(|next| *next <= end);
            let Some(next) = next else { break };
            self.memory.advance((next.as_millis() - self.platform.now().as_millis()).max(0));
        }
        self.memory.advance((end.as_millis() - self.platform.now().as_millis()).max(0));
    }
}
