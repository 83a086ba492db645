//! Thin wrappers over the bindings of the Workers platform. Outside this folder only `lib.rs` and `objects/` use the
//! `worker` crate; all decisions are plain Rust, tested natively.

pub mod assets;
mod bindings;
pub mod clock;
pub mod column;
pub mod config;
pub mod database;
pub mod email;
mod error;
pub mod expired;
pub mod incoming;
pub mod key_value;
pub mod log;
#[cfg(test)]
pub mod memory;
#[cfg(test)]
pub mod memory_database;
pub mod meter;
pub mod microtask;
pub mod object_database;
pub mod objects;
pub mod outbound;
pub mod outgoing;
pub mod queues;
pub mod random;
mod runtime;
pub mod statement;

use std::cell::RefCell;
use std::rc::Rc;

pub use error::PlatformError;
use futures_util::future::LocalBoxFuture;
use meter::Meter;
use runtime::Runtime;
use sluice_values::Timestamp;

/// The platform as one request sees it: bindings, configuration, and a meter of the request's hops.
#[derive(Clone)]
pub struct Platform {
    runtime: Runtime,
    meter: Rc<Meter>,
    /// Whether it refuses to write: see [`Platform::rehearsing`].
    is_rehearsal: bool,
    deferred: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
}

impl Platform {
    pub fn new(env: worker::Env) -> Self {
        Self { runtime: Runtime::Workers(env), meter: Rc::default(), is_rehearsal: false, deferred: Rc::default() }
    }

    /// A platform in memory, for native tests.
    #[cfg(test)]
    pub fn in_memory(memory: Rc<memory::Memory>) -> Self {
        Self { runtime: Runtime::Memory(memory), meter: Rc::default(), is_rehearsal: false, deferred: Rc::default() }
    }

    /// The platform for a rehearsal: a batch that would write, and a call of a website's object, fail with
    /// [`PlatformError::rehearsal`]. What a handler checks before is checked.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        Self { is_rehearsal: true, ..self.clone() }
    }

    /// Leaves work for after the answer, so that how long it takes tells whoever asks nothing. What fails is the work's own to log.
    pub fn after_the_answer(&self, work: impl Future<Output = ()> + 'static) {
        self.deferred.borrow_mut().push(Box::pin(work));
    }

    /// The work that was left for after the answer.
    pub fn take_deferred(&self) -> Vec<LocalBoxFuture<'static, ()>> {
        self.deferred.take()
    }

    /// The current time. In production it advances with I/O only, so it cannot time computation.
    pub fn now(&self) -> Timestamp {
        self.runtime.now()
    }

    pub async fn sleep(&self, millis: u64) {
        self.runtime.sleep(millis).await;
    }

    /// `N` bytes from a cryptographically secure source.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], PlatformError> {
        self.runtime.random()
    }

    /// Whether a signature of ES256 (r, then s) over `data` is that of a key: an uncompressed point of P-256.
    pub async fn verify_es256(&self, key: &[u8; 65], signature: &[u8; 64], data: &[u8]) -> Result<bool, PlatformError> {
        self.runtime.verify_es256(key, signature, data).await
    }

    /// Whether a signature of RS256 over `data` is that of a key: its modulus and its exponent, in Base64url.
    pub async fn verify_rs256(&self, key: (&str, &str), signature: &[u8], data: &[u8]) -> Result<bool, PlatformError> {
        self.runtime.verify_rs256(key, signature, data).await
    }

    /// Requests to external servers.
    pub fn outgoing(&self) -> outgoing::Outgoing<'_> {
        outgoing::Outgoing::new(&self.runtime)
    }

    /// The hops of this request so far.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub fn config(&self) -> config::Config<'_> {
        config::Config::new(&self.runtime)
    }

    pub fn email(&self) -> email::EmailBinding<'_> {
        email::EmailBinding::new(&self.runtime)
    }

    /// The static assets that are deployed with the Worker.
    pub fn assets(&self) -> assets::Assets<'_> {
        assets::Assets::new(&self.runtime)
    }

    pub fn database(&self) -> database::Database<'_> {
        database::Database::new(&self.runtime, &self.meter, self.is_rehearsal)
    }

    pub fn object<'a>(&'a self, namespace: objects::Namespace, name: &'a str) -> objects::Object<'a> {
        objects::Object::new(&self.runtime, &self.meter, (namespace, name), self.is_rehearsal)
    }

    pub fn queues(&self) -> queues::Queues<'_> {
        queues::Queues::new(&self.runtime)
    }

    pub fn key_value(&self) -> key_value::KeyValue<'_> {
        key_value::KeyValue::new(&self.runtime, &self.meter)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde::Deserialize;

    use super::*;
    use memory::Memory;
    use memory_database::Memory as Database;
    use statement::{Batch, sql};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        id: String,
    }

    fn platform() -> (Rc<Memory>, Platform) {
        let memory = Rc::new(Memory::new(Database::with_website(), Timestamp::from_millis(1_000)));
        (memory.clone(), Platform::in_memory(memory))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn handles_find_their_rows_in_any_order() {
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
    async fn time_moves_only_by_advance_and_sleep() {
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
