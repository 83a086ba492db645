//! The runtime behind a [`Platform`](super::Platform): Workers, or a platform in memory in native tests.

use std::cell::RefCell;
use std::collections::HashMap;

use sluice_values::Timestamp;
use worker::Env;

use super::error::PlatformError;
#[cfg(test)]
use super::memory::Memory;

thread_local! {
    /// What was read of the environment. It stays the same for as long as an isolate lives.
    static VARIABLES: RefCell<HashMap<String, Option<String>>> = RefCell::default();
}

#[derive(Clone)]
pub enum Runtime {
    /// The bindings of one invocation.
    Workers(Env),
    /// A platform in memory, with the test's own clock.
    #[cfg(test)]
    Memory(std::rc::Rc<Memory>),
}

impl Runtime {
    /// The current time. In production it advances with I/O only, so it cannot time computation.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Workers(_) => super::clock::now(),
            #[cfg(test)]
            Self::Memory(memory) => memory.now(),
        }
    }

    pub async fn sleep(&self, millis: u64) {
        match self {
            Self::Workers(_) => super::clock::sleep(millis).await,
            #[cfg(test)]
            Self::Memory(memory) => memory.sleep(millis),
        }
    }

    /// `N` bytes from a cryptographically secure source.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], PlatformError> {
        match self {
            Self::Workers(_) => super::random::bytes(),
            #[cfg(test)]
            Self::Memory(memory) => Ok(memory.random()),
        }
    }

    pub fn variable(&self, name: &str) -> Option<String> {
        match self {
            Self::Workers(env) => VARIABLES.with_borrow_mut(|known| match known.get(name) {
                Some(value) => value.clone(),
                None => {
                    let value = env.var(name).ok().map(|value| value.to_string());
                    known.insert(name.to_owned(), value.clone());
                    value
                }
            }),
            #[cfg(test)]
            Self::Memory(memory) => memory.variable(name),
        }
    }
}
