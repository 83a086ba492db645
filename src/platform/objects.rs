//! Calls to Durable Objects. A call is a fetch whose path or body has a type that both sides share: measured, it costs what an
//! RPC does.

use worker::wasm_bindgen_futures::JsFuture;

use super::bindings;
use super::error::PlatformError;
use super::meter::Meter;
pub use super::outbound::Namespace;
use super::runtime::Runtime;

pub struct Object<'a> {
    runtime: &'a Runtime,
    meter: &'a Meter,
    namespace: Namespace,
    name: &'a str,
    is_rehearsal: bool,
}

impl<'a> Object<'a> {
    pub fn new(
        runtime: &'a Runtime,
        meter: &'a Meter,
        (namespace, name): (Namespace, &'a str),
        is_rehearsal: bool,
    ) -> Self {
        Self { runtime, meter, namespace, name, is_rehearsal }
    }

    /// The object's response to a GET of `path`, as text. Any status but 200 is an error.
    pub async fn get(&self, path: &str) -> Result<String, PlatformError> {
        self.send(path, None).await
    }

    /// The object's response to a POST of `body`, as text. Any status but 200 is an error.
    pub async fn post(&self, body: &str) -> Result<String, PlatformError> {
        self.send("/", Some(body)).await
    }

    async fn send(&self, path: &str, body: Option<&str>) -> Result<String, PlatformError> {
        if self.is_rehearsal {
            return Err(PlatformError::rehearsal());
        }
        let start = self.runtime.now();
        let answer = match self.runtime {
            Runtime::Workers(env) => {
                let answer = bindings::call_object(env, self.namespace.binding(), self.name, path, body);
                JsFuture::from(answer)
                    .await
                    .map(|text| text.as_string().unwrap_or_default())
                    .map_err(PlatformError::from)
            }
            #[cfg(test)]
            Runtime::Memory(memory) => memory.call_object(self.namespace, self.name, path, body),
        };
        self.meter.record(self.namespace.hop(), start, self.runtime.now());
        answer
    }
}
