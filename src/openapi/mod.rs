//! The OpenAPI document. It is generated from the table of routes and the types of its handlers by
//! `cargo run --example openapi` and committed; a test fails if it is not current. The build puts it among the static assets without
//! its white space: there it costs the Worker's package nothing.

#[cfg(not(target_arch = "wasm32"))]
pub mod document;
#[cfg(not(target_arch = "wasm32"))]
mod limits;

use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::PlatformError;

/// Where the build has put the document (`console/build.mjs`).
const FILE: &str = "/console/openapi.json";

pub struct OpenApi(String);

impl Answer for OpenApi {
    fn into_reply(self) -> Reply {
        Reply::of(200, Self::CONTENT_TYPE, self.0.into_bytes()).with_header("cache-control", "public, max-age=300")
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "object", "description": "An OpenAPI 3.1 document" }))
    }
}

/// GET: the document.
pub async fn get(call: Call, (): ()) -> Result<OpenApi, Error> {
    let document = call.platform.assets().text(FILE).await?;
    Ok(OpenApi(document.ok_or_else(|| PlatformError::new("the document was not built"))?))
}
