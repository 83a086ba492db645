//! How futures are scheduled.

use worker::js_sys::{Reflect, global};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::spawn_local;

/// Makes `wasm-bindgen` wake futures by way of a resolved promise, which costs a fraction of workerd's
/// `queueMicrotask`. It looks for that function once, when the first future is spawned; so for that moment the global
/// object has none. The promise is made here, in the global scope, and so belongs to no request.
pub fn prefer_promises() {
    let (scope, name) = (global(), JsValue::from_str("queueMicrotask"));
    let Ok(original) = Reflect::get(&scope, &name) else { return };
    if Reflect::set(&scope, &name, &JsValue::UNDEFINED).is_ok() {
        spawn_local(async {});
        // Were it to stay away, nobody here would miss it.
        let _ = Reflect::set(&scope, &name, &original);
    }
}
