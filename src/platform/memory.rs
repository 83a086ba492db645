//! A platform in memory, for native tests of what runs on one: D1 is SQLite with all migrations, the clock is the test's own,
//! random bytes repeat from run to run, and what leaves is recorded.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use sluice_values::Timestamp;

use super::database::memory::Memory as Database;
use super::database::{RowSet, Statement};
use super::email::Email;
use super::error::PlatformError;
use super::objects::Namespace;
use super::outgoing::{Post, Sent, Timed};
use super::queues::{Message, Queue};

/// A request that was sent to somebody else's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub at: Timestamp,
}

type Server = Box<dyn FnMut(&Request) -> Sent>;
type Object = Box<dyn FnMut(Namespace, &str, &str, Option<&str>) -> String>;

pub struct Memory {
    pub database: Database,
    pub variables: RefCell<BTreeMap<String, String>>,
    /// Messages in the order in which they were sent.
    pub queued: RefCell<Vec<(Queue, Message)>>,
    pub requests: RefCell<Vec<Request>>,
    pub emails: RefCell<Vec<Email>>,
    /// Why the `send_email` binding refuses messages, where it does.
    pub email_refusal: RefCell<Option<String>>,
    values: RefCell<BTreeMap<String, String>>,
    server: RefCell<Server>,
    object: RefCell<Object>,
    now: Cell<i64>,
    drawn: Cell<u64>,
}

impl Memory {
    /// An empty platform over this database; every server answers 200 without a body.
    pub fn new(database: Database, now: Timestamp) -> Self {
        Self {
            database,
            variables: RefCell::default(),
            queued: RefCell::default(),
            requests: RefCell::default(),
            emails: RefCell::default(),
            email_refusal: RefCell::default(),
            values: RefCell::default(),
            server: RefCell::new(Box::new(|_| Sent::Answered { status: 200, retry_after: None, body: Vec::new() })),
            object: RefCell::new(Box::new(|namespace, name, _, _| panic!("nothing answers for {namespace:?} {name}"))),
            now: Cell::new(now.as_millis()),
            drawn: Cell::new(0),
        }
    }

    /// Sets a variable or secret.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.variables.borrow_mut().insert(name.to_owned(), value.to_owned());
        self
    }

    /// What other people's servers answer from now on.
    pub fn serve(&self, server: impl FnMut(&Request) -> Sent + 'static) {
        *self.server.borrow_mut() = Box::new(server);
    }

    /// What Durable Objects answer from now on: namespace, name, path and body to text.
    pub fn answer_objects(&self, object: impl FnMut(Namespace, &str, &str, Option<&str>) -> String + 'static) {
        *self.object.borrow_mut() = Box::new(object);
    }

    /// Moves the clock forward.
    pub fn advance(&self, millis: i64) {
        assert!(millis >= 0, "time does not run backwards");
        self.now.set(self.now.get() + millis);
    }

    /// The messages that were sent to a queue since this was asked last.
    pub fn take_queued(&self, queue: Queue) -> Vec<Message> {
        let (taken, rest) = self.queued.take().into_iter().partition(|(of, _)| *of == queue);
        self.queued.replace(rest);
        let taken: Vec<(Queue, Message)> = taken;
        taken.into_iter().map(|(_, message)| message).collect()
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.get())
    }

    /// Nobody waits in a test: the clock moves instead.
    pub(super) fn sleep(&self, millis: u64) {
        self.advance(i64::try_from(millis).unwrap());
    }

    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        let drawn = self.drawn.replace(self.drawn.get() + 1);
        let bytes = drawn.to_be_bytes();
        std::array::from_fn(|at| bytes[(8 - N % 8 + at) % 8])
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.borrow().get(name).cloned()
    }

    pub(super) fn run(&self, statements: &[Statement]) -> Result<Vec<RowSet>, PlatformError> {
        let rows = self.database.batch::<serde_json::Value>(statements).map_err(PlatformError::new)?;
        Ok(rows.into_iter().map(|rows| RowSet::Memory(serde_json::Value::from(rows).to_string())).collect())
    }

    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.values.borrow().get(key).cloned()
    }

    pub(super) fn put(&self, key: &str, value: &str) {
        self.values.borrow_mut().insert(key.to_owned(), value.to_owned());
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

    pub(super) fn call_object(&self, namespace: Namespace, name: &str, path: &str, body: Option<&str>) -> String {
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
        let request = Request { url: post.url.to_owned(), headers, body: post.body.to_owned(), at: self.now() };
        let result = (self.server.borrow_mut())(&request);
        self.requests.borrow_mut().push(request);
        Timed { duration_ms: 0, result }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde::Deserialize;

    use super::*;
    use crate::platform::Platform;
    use crate::platform::database::{Batch, sql};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        id: String,
    }

    fn platform() -> (Rc<Memory>, Platform) {
        let memory = Rc::new(Memory::new(Database::with_website(), Timestamp::from_millis(1_000)));
        (memory.clone(), Platform::in_memory(memory))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn handles_find_their_rows_whatever_runs_before_them() {
        let (_, platform) = platform();
        let mut batch = Batch::new();
        batch.run(sql("UPDATE accounts SET name = 'x'"));
        let websites = batch.read::<Row>(sql("SELECT id FROM websites"));
        let accounts = batch.read::<Row>(sql("SELECT id FROM accounts"));
        batch.run_first(sql("SELECT 1"));
        let results = platform.database().run(batch).await.unwrap();
        assert_eq!(results.first(&accounts).unwrap(), Some(Row { id: "a".to_owned() }));
        assert_eq!(results.all(&websites).unwrap(), [Row { id: "0000000000000000000000d1".to_owned() }]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn time_moves_when_the_test_says_so_or_somebody_sleeps() {
        let (memory, platform) = platform();
        memory.advance(500);
        platform.sleep(250).await;
        assert_eq!(platform.now(), Timestamp::from_millis(1_750));
    }

    #[test]
    fn random_bytes_differ_within_a_run() {
        let (_, platform) = platform();
        let drawn: Vec<[u8; 4]> = (0..3).map(|_| platform.random().unwrap()).collect();
        assert!(drawn.iter().collect::<std::collections::BTreeSet<_>>().len() == 3, "{drawn:?}");
    }
}
