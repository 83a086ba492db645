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
use crate::site::protocol::{Request, SiteCall};
use crate::values::{Timestamp, WebsiteId};

#[wasm_bindgen]
extern "C" {
    /// A stub as JavaScript has it. The crate's own reads an answer as a stream, chunk by chunk.
    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = fetch)]
    fn send(this: &Stub, url: &str, init: &web_sys::RequestInit) -> Result<js_sys::Promise, JsValue>;
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
        // The host is arbitrary: the stub has already decided where the request goes.
        let answer = text_of(stub.fetch(&format!("https://gate{}", call.path()))).await;
        self.meter.record(Hop::Gate, start, clock::now());
        match answer? {
            (200, text) => Ok(text),
            (status, _) => Err(PlatformError::new(format!("gate answered {status}"))),
        }
    }
}

/// The website objects: one Durable Object for each website's events. The number behind the website's id is that of its
/// shard, of which every website has one so far.
pub struct Sites<'a> {
    env: &'a Env,
    meter: &'a Meter,
}

impl<'a> Sites<'a> {
    /// The objects among these bindings; hops to them count on `meter`.
    pub fn new(env: &'a Env, meter: &'a Meter) -> Self {
        Self { env, meter }
    }

    /// Asks the object of a website.
    pub async fn ask<C: SiteCall>(
        &self,
        website: WebsiteId,
        now: Timestamp,
        call: C,
    ) -> Result<C::Answer, PlatformError> {
        let request = serde_json::to_string(&Request { now: now.as_millis(), call: call.into_call() });
        let request = request.map_err(|error| PlatformError::new(format!("site: {error}")))?;
        let answer = self.send(website, &request).await?;
        serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("site: {error}")))
    }

    async fn send(&self, website: WebsiteId, request: &str) -> Result<String, PlatformError> {
        let stub: Stub = self.env.durable_object("SITE")?.get_by_name(&format!("{website}/0"))?.into_rpc();
        let init = web_sys::RequestInit::new();
        init.set_method("POST");
        init.set_body(&JsValue::from_str(request));
        let start = clock::now();
        let answer = text_of(stub.send("https://site/", &init)).await;
        self.meter.record(Hop::Site, start, clock::now());
        match answer? {
            (200, text) => Ok(text),
            (status, _) => Err(PlatformError::new(format!("site answered {status}"))),
        }
    }
}

/// Status and text of an answer.
async fn text_of(answer: Result<js_sys::Promise, JsValue>) -> Result<(u16, String), PlatformError> {
    let response: web_sys::Response = JsFuture::from(answer?).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), text))
}
