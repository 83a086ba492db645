//! The static assets that are deployed with the Worker (`[assets]` in wrangler.toml). The platform serves them by itself; this is
//! for those that the Worker adds something to.

use worker::wasm_bindgen_futures::JsFuture;

use super::bindings;
use super::error::PlatformError;
use super::runtime::Runtime;

/// The name of the binding (wrangler.toml).
const BINDING: &str = "ASSETS";

pub struct Assets<'a> {
    runtime: &'a Runtime,
}

impl<'a> Assets<'a> {
    pub fn new(runtime: &'a Runtime) -> Self {
        Self { runtime }
    }

    /// The text of the file at `path`, if there is one.
    pub async fn text(&self, path: &str) -> Result<Option<String>, PlatformError> {
        match self.runtime {
            Runtime::Workers(env) => Ok(JsFuture::from(bindings::read_asset(env, BINDING, path)).await?.as_string()),
            #[cfg(test)]
            Runtime::Memory(memory) => Ok(memory.assets.borrow().get(path).cloned()),
        }
    }
}
