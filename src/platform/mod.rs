//! Thin wrappers over the bindings of the Workers platform. Beside this folder only `lib.rs` and `objects/` name the `worker`
//! crate; everything that decides is plain Rust, tested natively.

pub mod clock;
pub mod config;
pub mod database;
pub mod email;
mod error;
pub mod incoming;
pub mod key_value;
pub mod log;
#[cfg(test)]
pub mod memory;
pub mod meter;
pub mod microtask;
pub mod objects;
pub mod outgoing;
pub mod queues;
pub mod random;
mod runtime;

use std::rc::Rc;

pub use error::PlatformError;
use meter::Meter;
use runtime::Runtime;
use sluice_values::Timestamp;

/// The platform as one request sees it: bindings, configuration, and a meter of what the request uses.
#[derive(Clone)]
pub struct Platform {
    runtime: Runtime,
    meter: Rc<Meter>,
}

impl Platform {
    /// The platform behind the bindings of one invocation.
    pub fn new(env: worker::Env) -> Self {
        Self { runtime: Runtime::Workers(env), meter: Rc::default() }
    }

    /// A platform in memory, for native tests.
    #[cfg(test)]
    pub fn in_memory(memory: Rc<memory::Memory>) -> Self {
        Self { runtime: Runtime::Memory(memory), meter: Rc::default() }
    }

    /// The present moment. In production it advances with I/O only, so it cannot time computation.
    pub fn now(&self) -> Timestamp {
        self.runtime.now()
    }

    /// Waits for so many milliseconds.
    pub async fn sleep(&self, millis: u64) {
        self.runtime.sleep(millis).await;
    }

    /// `N` bytes from a cryptographically secure source.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], PlatformError> {
        self.runtime.random()
    }

    /// Requests to other people's servers.
    pub fn outgoing(&self) -> outgoing::Outgoing<'_> {
        outgoing::Outgoing::new(&self.runtime)
    }

    /// What this request has used so far.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Variables and secrets.
    pub fn config(&self) -> config::Config<'_> {
        config::Config::new(&self.runtime)
    }

    /// The `send_email` binding.
    pub fn email(&self) -> email::EmailBinding<'_> {
        email::EmailBinding::new(&self.runtime)
    }

    /// The D1 database.
    pub fn database(&self) -> database::Database<'_> {
        database::Database::new(&self.runtime, &self.meter)
    }

    /// The Durable Object of this name.
    pub fn object<'a>(&'a self, namespace: objects::Namespace, name: &'a str) -> objects::Object<'a> {
        objects::Object::new(&self.runtime, &self.meter, namespace, name)
    }

    /// The queues.
    pub fn queues(&self) -> queues::Queues<'_> {
        queues::Queues::new(&self.runtime)
    }

    /// The KV namespace.
    pub fn key_value(&self) -> key_value::KeyValue<'_> {
        key_value::KeyValue::new(&self.runtime, &self.meter)
    }
}
