//! `GET /js/script.js` and its variants: the tracking script, minified by the build (docs/contract/website-api.md#5.1).

use sha2::{Digest, Sha256};

use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::incoming::Caller;
use sluice_values::hex;

/// How long a browser may use its copy without asking, in seconds.
const FRESH_SECS: u32 = 3_600;

/// The script, or the information that the client's copy is current.
pub struct Script {
    code: &'static [u8],
    etag: String,
    is_known: bool,
}

impl Answer for Script {
    const CONTENT_TYPE: &'static str = "text/javascript";

    fn into_reply(self) -> Reply {
        let reply = if self.is_known {
            Reply::empty(304)
        } else {
            Reply::of(200, "text/javascript; charset=utf-8", self.code.to_vec())
        };
        reply
            .with_header("etag", self.etag)
            .with_header("cache-control", format!("public, max-age={FRESH_SECS}"))
            .with_header("cross-origin-resource-policy", "cross-origin")
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

fn script(code: &'static [u8], caller: &Caller) -> Script {
    let digest = Sha256::digest(code);
    let etag = format!("\"{}\"", hex(digest.first_chunk::<16>().map_or(&[], |half| half.as_slice())));
    let is_same = |known: &str| known.trim().trim_start_matches("W/") == etag || known.trim() == "*";
    let is_known = caller.header("if-none-match").is_some_and(|known| known.split(',').any(is_same));
    Script { code, etag, is_known }
}

/// GET: the variant with cookies.
pub async fn default(_: Call, caller: Caller) -> Result<Script, Error> {
    Ok(script(include_bytes!(concat!(env!("OUT_DIR"), "/script.js")), &caller))
}

/// GET: the variant that treats a change of the fragment as a new page.
pub async fn hash(_: Call, caller: Caller) -> Result<Script, Error> {
    Ok(script(include_bytes!(concat!(env!("OUT_DIR"), "/script.hash.js")), &caller))
}

/// GET: the variant without cookies.
pub async fn cookieless(_: Call, caller: Caller) -> Result<Script, Error> {
    Ok(script(include_bytes!(concat!(env!("OUT_DIR"), "/script.cookieless.js")), &caller))
}
