//! What all endpoints share: reading requests, the envelope, errors, and the calls that handlers receive.

pub mod admission;
pub mod agent;
pub mod browser;
pub mod call;
#[cfg(not(target_arch = "wasm32"))]
pub mod describe;
pub mod encoding;
pub mod error;
pub mod idempotency;
pub mod input;
pub mod json;
pub mod recording;
pub mod reply;
pub mod route;
pub mod serve;
mod tree;
