//! Thin wrappers over the bindings of the Workers platform. Meta this folder only `lib.rs` and `objects/` name the `worker`
//! crate; everything that decides is plain Rust, tested natively.

pub mod clock;
pub mod config;
pub mod database;
pub mod email;
mod error;
pub mod incoming;
pub mod key_value;
pub mod log;
pub mod meter;
pub mod microtask;
pub mod objects;
pub mod outgoing;
pub mod queues;
pub mod random;

use std::rc::Rc;

pub use error::PlatformError;
use meter::Meter;

/// The platform as one request sees it: bindings, configuration, and a meter of what the request uses.
#[derive(Clone)]
pub struct Platform {
    env: worker::Env,
    meter: Rc<Meter>,
}

impl Platform {
    /// The platform behind the bindings of one invocation.
    pub fn new(env: worker::Env) -> Self {
        Self { env, meter: Rc::default() }
    }

    /// What this request has used so far.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Variables and secrets.
    pub fn config(&self) -> config::Config<'_> {
        config::Config::new(&self.env)
    }

    /// The `send_email` binding.
    pub fn email(&self) -> email::EmailBinding<'_> {
        email::EmailBinding::new(&self.env)
    }

    /// The D1 database.
    pub fn database(&self) -> database::Database<'_> {
        database::Database::new(&self.env, &self.meter)
    }

    /// The Durable Object of this name.
    pub fn object<'a>(&'a self, namespace: objects::Namespace, name: &'a str) -> objects::Object<'a> {
        objects::Object::new(&self.env, &self.meter, namespace, name)
    }

    /// The queues.
    pub fn queues(&self) -> queues::Queues<'_> {
        queues::Queues::new(&self.env)
    }

    /// The KV namespace.
    pub fn key_value(&self) -> key_value::KeyValue<'_> {
        key_value::KeyValue::new(&self.env, &self.meter)
    }
}
