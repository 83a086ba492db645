//! The scheduling of futures.

use worker::js_sys::{Reflect, global};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::spawn_local;

/// Makes `wasm-bindgen` wake futures through a resolved promise, which costs a fraction of workerd's `queueMicrotask`.
/// `wasm-bindgen` looks that function up once, when the first future is spawned; this removes it from the global object
/// for that moment. The promise is created here, in the global scope, so it belongs to no request.
pub fn prefer_promises() {
    let (scope, name) = (global(), JsValue::from_str("queueMicrotask"));
    let Ok(original) = Reflect::get(&scope, &name) else { return };
    if Reflect::set(&scope, &name, &JsValue::UNDEFINED).is_ok() {
        spawn_local(async {});
        // If this failed, nothing in the gateway would need the function.
        let _ = Reflect::set(&scope, &name, &original);
    }
}
