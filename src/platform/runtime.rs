//! The runtime behind a [`Platform`](super::Platform): Workers, or a platform in memory in native tests.

use std::cell::RefCell;
use std::collections::HashMap;

use sluice_values::Timestamp;
use worker::Env;
use worker::js_sys::Promise;
use worker::wasm_bindgen_futures::JsFuture;

use super::bindings;
use super::error::PlatformError;
#[cfg(test)]
use super::memory::Memory;

thread_local! {
    /// What was read of the environment. It stays the same for as long as an isolate lives.
    static VARIABLES: RefCell<HashMap<String, Option<String>>> = RefCell::default();
}

async fn is_verified(verified: Promise) -> Result<bool, PlatformError> {
    let verified = JsFuture::from(verified).await.map_err(|_| PlatformError::new("WebCrypto failed"))?;
    Ok(verified.is_truthy())
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

    pub async fn verify_es256(&self, key: &[u8], signature: &[u8], data: &[u8]) -> Result<bool, PlatformError> {
        match self {
            Self::Workers(_) => is_verified(bindings::verify_es256(key, signature, data)).await,
            #[cfg(test)]
            Self::Memory(_) => Ok(super::memory::sign(key, data) == signature),
        }
    }

    pub async fn verify_rs256(
        &self,
        (modulus, exponent): (&str, &str),
        signature: &[u8],
        data: &[u8],
    ) -> Result<bool, PlatformError> {
        match self {
            Self::Workers(_) => is_verified(bindings::verify_rs256(modulus, exponent, signature, data)).await,
            #[cfg(test)]
            Self::Memory(_) => Ok(super::memory::sign(modulus.as_bytes(), data) == signature),
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
