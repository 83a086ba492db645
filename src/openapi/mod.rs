//! The OpenAPI document. It is generated from the table of routes and the types of its handlers by
//! `cargo run --example openapi`, committed, and served without its white space; a test fails if it is not current.

#[cfg(not(target_arch = "wasm32"))]
pub mod document;
#[cfg(not(target_arch = "wasm32"))]
mod limits;

use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};

/// `openapi.json` without its white space.
pub const DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.min.json"));

pub struct OpenApi;

impl Answer for OpenApi {
    fn into_reply(self) -> Reply {
        Reply::of(200, Self::CONTENT_TYPE, DOCUMENT.to_vec()).with_header("cache-control", "public, max-age=300")
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "object", "description": "An OpenAPI 3.1 document" }))
    }
}

/// GET: the document.
pub async fn get(_: Call, (): ()) -> Result<OpenApi, Error> {
    Ok(OpenApi)
}
