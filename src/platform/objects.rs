//! Calls to Durable Objects. Rust objects have no RPC, so a call is a fetch, and an enum shared by both sides is
//! the protocol (see `auth::gate`).

use worker::Env;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{js_sys, wasm_bindgen, web_sys};

use super::meter::{Hop, Meter};
use super::{PlatformError, clock};
use crate::auth::gate::{GateCall, Verdict};
use crate::auth::sliding_window::Rate;
use crate::auth::token::{TokenHash, TokenKind};

#[wasm_bindgen]
extern "C" {
    /// A stub as JavaScript has it. The crate's own reads an answer as a stream, chunk by chunk.
    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str) -> Result<js_sys::Promise, JsValue>;
}

/// How often a gate is told to forget before the caller is told that it could not be reached.
const FORGET_TRIES: u32 = 3;

/// The gates: one Durable Object for each token's hash, and one for each client address that failed to authenticate.
pub struct Gates<'a> {
    env: &'a Env,
    meter: &'a Meter,
}

impl<'a> Gates<'a> {
    /// The gates among these bindings; hops to them count on `meter`.
    pub fn new(env: &'a Env, meter: &'a Meter) -> Self {
        Self { env, meter }
    }

    /// Asks the gate of `token` who that is and whether they may call now.
    pub async fn admit(&self, token: TokenHash, kind: TokenKind) -> Result<Verdict, PlatformError> {
        let answer = self.call(&token.to_string(), GateCall::Admit(kind)).await?;
        serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("gate: {error}")))
    }

    /// Makes the gate of a revoked token forget whom it belonged to.
    pub async fn forget(&self, token_hash: &str) -> Result<(), PlatformError> {
        let mut tries = 1;
        loop {
            match self.call(token_hash, GateCall::Forget).await {
                Ok(_) => return Ok(()),
                Err(error) if tries == FORGET_TRIES => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Counts a failed authentication of a client address.
    pub async fn count_failure(&self, address: &str) -> Result<Rate, PlatformError> {
        let answer = self.call(&format!("address:{address}"), GateCall::CountFailure).await?;
        serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("gate: {error}")))
    }

    /// Whether Durable Objects answer at all.
    pub async fn check(&self) -> Result<(), PlatformError> {
        self.call("health", GateCall::Ping).await.map(|_| ())
    }

    async fn call(&self, name: &str, call: GateCall) -> Result<String, PlatformError> {
        let stub: Stub = self.env.durable_object("GATE")?.get_by_name(name)?.into_rpc();
        let start = clock::now();
        let answer = async {
            // The host is arbitrary: the stub has already decided where the request goes.
            let response = JsFuture::from(stub.fetch(&format!("https://gate{}", call.path()))?).await?;
            let response: web_sys::Response = response.unchecked_into();
            let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
            match response.status() {
                200 => Ok(text),
                status => Err(PlatformError::new(format!("gate answered {status}"))),
            }
        };
        let answer = answer.await;
        self.meter.record(Hop::Gate, start, clock::now());
        answer
    }
}
