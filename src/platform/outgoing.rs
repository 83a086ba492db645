//! Hands an answer to the runtime.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use worker::js_sys::{JSON, Uint8Array};
use worker::wasm_bindgen::JsCast;
use worker::web_sys::{Response, ResponseInit};

use super::PlatformError;
use crate::http::reply::Reply;

/// The runtime's form of `reply`.
pub fn response(reply: Reply) -> worker::Result<Response> {
    #[derive(serde::Serialize)]
    struct Init<'a> {
        status: u16,
        headers: BTreeMap<&'static str, &'a str>,
    }

    // Status and headers go over in one piece: each would be a call of its own otherwise.
    let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let init = serde_json::to_string(&Init { status: reply.status, headers })?;
    let init: ResponseInit = JSON::parse(&init)?.unchecked_into();
    if let Some(stream) = reply.stream {
        let stream = stream.map(|chunk| chunk.map_err(worker::Error::from));
        let response: Response = worker::Response::from_stream(stream)?.into();
        return Ok(Response::new_with_opt_readable_stream_and_init(response.body().as_ref(), &init)?);
    }
    let body = (!reply.body.is_empty()).then(|| Uint8Array::from(reply.body.as_slice()));
    Ok(Response::new_with_opt_buffer_source_and_init(body.as_ref().map(AsRef::as_ref), &init)?)
}

/// The text that a GET of `url` answers with status 200.
pub async fn fetch_text(url: &str) -> Result<String, PlatformError> {
    let request = worker::Request::new(url, worker::Method::Get)?;
    let mut response = worker::Fetch::Request(request).send().await?;
    match response.status_code() {
        200 => Ok(response.text().await?),
        status => Err(PlatformError::new(format!("{url} answered {status}"))),
    }
}
