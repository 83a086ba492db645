//! Thin wrappers over what the Workers platform offers. Outside of here only the doors in `lib.rs` and the
//! Durable Objects name the `worker` crate; everything that decides is plain Rust, tested natively.

pub mod clock;
pub mod config;
pub mod database;
mod error;
pub mod incoming;
pub mod key_value;
pub mod log;
pub mod mailer;
pub mod meter;
pub mod microtask;
pub mod object_sql;
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

    /// The way out for mail.
    pub fn mailer(&self) -> mailer::Mailer<'_> {
        mailer::Mailer::new(&self.env)
    }

    /// The D1 database.
    pub fn database(&self) -> database::Database<'_> {
        database::Database::new(&self.env, &self.meter)
    }

    /// The gates, one Durable Object for each credential.
    pub fn gates(&self) -> objects::Gates<'_> {
        objects::Gates::new(&self.env, &self.meter)
    }

    /// The website objects, one Durable Object for each website's events.
    pub fn sites(&self) -> objects::Sites<'_> {
        objects::Sites::new(&self.env, &self.meter)
    }

    /// The queues.
    pub fn queues(&self) -> queues::Queues<'_> {
        queues::Queues::new(&self.env)
    }

    /// The tracking configurations in KV.
    pub fn tracking(&self) -> key_value::Tracking<'_> {
        key_value::Tracking::new(&self.env, &self.meter)
    }
}
