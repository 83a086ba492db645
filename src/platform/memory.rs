//! A platform in memory, for native tests: D1 is SQLite with all migrations, the clock is the test's own,
//! random bytes repeat from run to run, and outgoing messages are recorded.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use sluice_values::Timestamp;

use super::error::PlatformError;
use super::memory_database::Memory as Database;
use super::outbound::{Ask, Email, Message, Namespace, Post, Queue, Sent, Timed, Unanswered, Whole};
use super::statement::{RowSet, Statement};

/// A request to an external server. One that times out takes all of its time; an answer takes none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub at: Timestamp,
}

type Server = Box<dyn FnMut(&Request) -> Sent>;
type Happening = Box<dyn FnOnce(&Memory)>;
type Object = Box<dyn FnMut(Namespace, &str, &str, Option<&str>) -> Result<String, PlatformError>>;

pub struct Memory {
    pub database: Database,
    pub variables: RefCell<BTreeMap<String, String>>,
    /// Messages in the order in which they were sent.
    pub queued: RefCell<Vec<(Queue, Message)>>,
    pub requests: RefCell<Vec<Request>>,
    pub emails: RefCell<Vec<Email>>,
    /// The error with which the `send_email` binding rejects messages, if it does.
    pub email_refusal: RefCell<Option<String>>,
    /// Whether KV fails.
    pub kv_is_down: Cell<bool>,
    /// How many storage calls pass until one fails, once: 0 is the next one.
    pub fails_after: Cell<Option<u32>>,
    /// The storage calls so far.
    pub calls: Cell<u32>,
    /// What KV holds.
    pub values: RefCell<BTreeMap<String, String>>,
    /// The static assets, by path.
    pub assets: RefCell<BTreeMap<String, String>>,
    server: RefCell<Server>,
    object: RefCell<Object>,
    during_sleep: RefCell<Option<Happening>>,
    now: Cell<i64>,
    /// Whether the clock moves by a millisecond whenever it is read.
    pub ticks: Cell<bool>,
    /// How many times random bytes were drawn: set back, they repeat.
    pub drawn: Cell<u64>,
}

/// In memory, whoever knows a public key can sign: what a signature is worth, the tests of the Worker show.
pub fn sign(key: &[u8], data: &[u8]) -> Vec<u8> {
    let half = |number: u8| Sha256::digest([&[number], key, data].concat());
    // Both halves as numbers that DER writes with as many bytes.
    let (mut r, mut s) = (half(1), half(2));
    (r[0], s[0]) = (0x7f, 0x7f);
    [r, s].concat()
}

impl Memory {
    /// An empty platform over this database; every external server responds 200 without a body.
    pub fn new(database: Database, now: Timestamp) -> Self {
        Self {
            database,
            variables: RefCell::default(),
            queued: RefCell::default(),
            requests: RefCell::default(),
            emails: RefCell::default(),
            email_refusal: RefCell::default(),
            kv_is_down: Cell::default(),
            fails_after: Cell::default(),
            calls: Cell::default(),
            values: RefCell::default(),
            assets: RefCell::default(),
            server: RefCell::new(Box::new(|_| Sent::Answered { status: 200, retry_after: None, body: Vec::new() })),
            object: RefCell::new(Box::new(|namespace, name, _, _| panic!("nothing answers for {namespace:?} {name}"))),
            during_sleep: RefCell::default(),
            now: Cell::new(now.as_millis()),
            ticks: Cell::default(),
            drawn: Cell::new(0),
        }
    }

    /// Sets a variable or secret.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.variables.borrow_mut().insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the response of external servers.
    pub fn serve(&self, server: impl FnMut(&Request) -> Sent + 'static) {
        *self.server.borrow_mut() = Box::new(server);
    }

    /// Sets the response of Durable Objects: namespace, name, path and body to text.
    pub fn answer_objects(
        &self,
        object: impl FnMut(Namespace, &str, &str, Option<&str>) -> Result<String, PlatformError> + 'static,
    ) {
        *self.object.borrow_mut() = Box::new(object);
    }

    /// What happens while somebody sleeps next.
    pub fn during_next_sleep(&self, happening: impl FnOnce(&Self) + 'static) {
        *self.during_sleep.borrow_mut() = Some(Box::new(happening));
    }

    /// Moves the clock forward.
    pub fn advance(&self, millis: i64) {
        assert!(millis >= 0, "time does not run backwards");
        self.now.set(self.now.get() + millis);
    }

    /// The messages sent to a queue since the last call.
    pub fn take_queued(&self, queue: Queue) -> Vec<Message> {
        let (taken, rest) = self.queued.take().into_iter().partition(|(of, _)| *of == queue);
        self.queued.replace(rest);
        let taken: Vec<(Queue, Message)> = taken;
        taken.into_iter().map(|(_, message)| message).collect()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.advance(self.ticks.get().into());
        Timestamp::from_millis(self.now.get())
    }

    // Tests do not wait: the clock moves instead.
    pub(super) fn sleep(&self, millis: u64) {
        self.advance(i64::try_from(millis).unwrap());
        if let Some(happening) = self.during_sleep.take() {
            happening(self);
        }
    }

    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        let drawn = self.drawn.replace(self.drawn.get() + 1);
        let bytes = drawn.to_be_bytes();
        std::array::from_fn(|at| bytes[(8 - N % 8 + at) % 8])
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.borrow().get(name).cloned()
    }

    /// Counts a call of some storage, and fails if its turn has come.
    pub(super) fn call(&self) -> Result<(), PlatformError> {
        self.calls.set(self.calls.get() + 1);
        let left = self.fails_after.get();
        self.fails_after.set(left.and_then(|left| left.checked_sub(1)));
        if left == Some(0) { Err(PlatformError::new("injected failure")) } else { Ok(()) }
    }

    fn call_kv(&self) -> Result<(), PlatformError> {
        self.call()?;
        if self.kv_is_down.get() { Err(PlatformError::new("KV is down")) } else { Ok(()) }
    }

    pub(super) fn run(&self, statements: &[Statement]) -> Result<Vec<RowSet>, PlatformError> {
        self.call()?;
        let rows = self.database.batch::<serde_json::Value>(statements).map_err(PlatformError::new)?;
        Ok(rows.into_iter().map(|rows| RowSet::Json(serde_json::Value::from(rows).to_string())).collect())
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<String>, PlatformError> {
        self.call_kv()?;
        Ok(self.values.borrow().get(key).cloned())
    }

    pub(super) fn put(&self, key: &str, value: &str) -> Result<(), PlatformError> {
        self.call_kv()?;
        self.values.borrow_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    pub(super) fn enqueue(&self, queue: Queue, messages: &[Message]) {
        self.queued.borrow_mut().extend(messages.iter().map(|message| (queue, message.clone())));
    }

    pub(super) fn send_email(&self, email: &Email) -> Result<(), String> {
        if let Some(refusal) = self.email_refusal.borrow().clone() {
            return Err(refusal);
        }
        self.emails.borrow_mut().push(email.clone());
        Ok(())
    }

    pub(super) fn call_object(
        &self,
        namespace: Namespace,
        name: &str,
        path: &str,
        body: Option<&str>,
    ) -> Result<String, PlatformError> {
        self.call()?;
        (self.object.borrow_mut())(namespace, name, path, body)
    }

    pub(super) fn fetch_text(&self, url: &str) -> Result<String, PlatformError> {
        let post = Post { url, headers: Vec::new(), body: "", timeout_ms: 0, longest_answer: usize::MAX };
        match self.post(&post).result {
            Sent::Answered { status: 200, body, .. } => Ok(String::from_utf8(body).unwrap()),
            _ => Err(PlatformError::new(format!("{url} did not answer 200"))),
        }
    }

    pub(super) fn post(&self, post: &Post) -> Timed {
        let headers = post.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let (url, body) = (post.url.to_owned(), post.body.to_owned());
        let request = Request { method: "POST", url, headers, body, at: self.now() };
        let result = (self.server.borrow_mut())(&request);
        self.requests.borrow_mut().push(request);
        let duration_ms = if matches!(result, Sent::TimedOut) { i64::try_from(post.timeout_ms).unwrap() } else { 0 };
        self.advance(duration_ms);
        Timed { duration_ms, result }
    }

    pub(super) fn ask(&self, ask: &Ask) -> Result<Whole, Unanswered> {
        let headers = ask.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let (url, body) = (ask.url.to_owned(), ask.body.unwrap_or_default().to_owned());
        let request = Request { method: ask.method, url, headers, body, at: self.now() };
        let sent = (self.server.borrow_mut())(&request);
        self.requests.borrow_mut().push(request);
        match sent {
            Sent::Answered { body, .. } if body.len() > ask.longest_answer => Err(Unanswered::TooLong),
            Sent::Answered { status, retry_after, body } => {
                let headers = retry_after.map(|after| ("retry-after".to_owned(), after)).into_iter().collect();
                Ok(Whole { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
            }
            Sent::TimedOut => {
                self.advance(i64::try_from(ask.timeout_ms).unwrap());
                Err(Unanswered::TimedOut)
            }
            Sent::Failed(_) | Sent::Invalid(_) => Err(Unanswered::Failed),
        }
    }
}
