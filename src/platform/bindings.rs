//! The functions of `bindings.js`, through which the module reaches what `wrangler.toml` binds.

use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::web_sys::Response;
use worker::{Env, wasm_bindgen};

#[wasm_bindgen(module = "/src/platform/bindings.js")]
extern "C" {
    #[wasm_bindgen(js_name = callObject)]
    pub fn call_object(env: &Env, binding: &str, name: &str, path: &str, body: Option<&str>) -> Promise;

    #[wasm_bindgen(js_name = runBatch)]
    pub fn run_batch(env: &Env, binding: &str, statements: &str) -> Promise;

    #[wasm_bindgen(catch)]
    pub fn respond(body: Option<&[u8]>, init: &str) -> Result<Response, JsValue>;
}
