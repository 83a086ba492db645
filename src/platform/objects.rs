//! Calls to Durable Objects. Objects in Rust have no RPC, so a call is a fetch whose path or body has a type that both
//! sides share.

use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{js_sys, wasm_bindgen, web_sys};

use super::error::PlatformError;
use super::meter::Meter;
pub use super::outbound::Namespace;
use super::runtime::Runtime;

#[wasm_bindgen]
extern "C" {
    /// A stub's JavaScript API: the `worker` crate's reads a response as a stream, chunk by chunk.
    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str, init: &web_sys::RequestInit) -> Result<js_sys::Promise, JsValue>;
}

pub struct Object<'a> {
    runtime: &'a Runtime,
    meter: &'a Meter,
    namespace: Namespace,
    name: &'a str,
}

impl<'a> Object<'a> {
    pub fn new(runtime: &'a Runtime, meter: &'a Meter, namespace: Namespace, name: &'a str) -> Self {
        Self { runtime, meter, namespace, name }
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
        let binding = self.namespace.binding();
        let start = self.runtime.now();
        let answer = match self.runtime {
            Runtime::Workers(env) => {
                let init = web_sys::RequestInit::new();
                if let Some(body) = body {
                    init.set_method("POST");
                    init.set_body(&JsValue::from_str(body));
                }
                let stub: Stub = env.durable_object(binding)?.get_by_name(self.name)?.into_rpc();
                // The host is arbitrary: the stub already determines the object.
                text_of(stub.fetch(&format!("https://object{path}"), &init)).await
            }
            #[cfg(test)]
            Runtime::Memory(memory) => {
                memory.call_object(self.namespace, self.name, path, body).map(|answer| (200, answer))
            }
        };
        self.meter.record(self.namespace.hop(), start, self.runtime.now());
        match answer? {
            (200, text) => Ok(text),
            (status, _) => Err(PlatformError::new(format!("{binding} answered {status}"))),
        }
    }
}

async fn text_of(answer: Result<js_sys::Promise, JsValue>) -> Result<(u16, String), PlatformError> {
    let response: web_sys::Response = JsFuture::from(answer?).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), text))
}
