//! The functions of `bindings.js`, through which the module reaches what `wrangler.toml` binds.

use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::web_sys::{Headers, Request, Response};
use worker::{Env, wasm_bindgen};

#[wasm_bindgen(module = "/src/platform/bindings.js")]
extern "C" {
    #[wasm_bindgen(js_name = callObject)]
    pub fn call_object(env: &Env, binding: &str, name: &str, path: &str, body: Option<&str>) -> Promise;

    #[wasm_bindgen(js_name = runBatch)]
    pub fn run_batch(env: &Env, binding: &str, statements: &str) -> Promise;

    #[wasm_bindgen(js_name = readAsset)]
    pub fn read_asset(env: &Env, binding: &str, path: &str) -> Promise;

    #[wasm_bindgen(js_name = verifyEs256)]
    pub fn verify_es256(key: &[u8], signature: &[u8], data: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = verifyRs256)]
    pub fn verify_rs256(modulus: &str, exponent: &str, signature: &[u8], data: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = readRequest)]
    pub fn read_request(request: &Request, names: &str) -> String;

    #[wasm_bindgen(js_name = readHeaders)]
    pub fn read_headers(headers: &Headers, names: &str) -> String;

    #[wasm_bindgen(js_name = readBody)]
    pub fn read_body(request: &Request) -> Promise;

    #[wasm_bindgen(catch, js_name = describeClient)]
    pub fn describe_client(request: &Request) -> Result<String, JsValue>;

    pub fn post(url: &str, headers: &str, body: &str, timeout_ms: f64, longest: usize) -> Promise;

    pub fn ask(method: &str, url: &str, headers: &str, body: Option<&str>, timeout_ms: f64, longest: usize) -> Promise;

    #[wasm_bindgen(catch)]
    pub fn respond(body: Option<&[u8]>, init: &str) -> Result<Response, JsValue>;
}
