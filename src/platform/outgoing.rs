//! Outgoing traffic: responses, and requests to external servers.

use std::collections::BTreeMap;

use sluice_values::ordered::Ordered as _;

use futures_util::StreamExt;
use serde::Deserialize;
use worker::js_sys::JSON;
use worker::wasm_bindgen::JsCast;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Response, ResponseInit};

use super::bindings;
use super::error::PlatformError;
use super::incoming::BodyStream;
pub use super::outbound::{Ask, Post, Sent, Timed, Unanswered, Whole};
use super::runtime::Runtime;

/// A response ready to be sent.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Lower-case names, and values.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The body as a stream, in place of `body`.
    pub stream: Option<BodyStream>,
}

/// Converts a response to the runtime's type.
pub fn response(reply: Answer) -> worker::Result<Response> {
    #[derive(serde::Serialize)]
    struct Init<'a> {
        status: u16,
        headers: BTreeMap<&'static str, &'a str>,
    }

    let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_str())).into_map();
    let init = serde_json::to_string(&Init { status: reply.status, headers })?;
    if let Some(stream) = reply.stream {
        let init: ResponseInit = JSON::parse(&init)?.unchecked_into();
        let stream = stream.map(|chunk| chunk.map_err(worker::Error::from));
        let response: Response = worker::Response::from_stream(stream)?.into();
        return Ok(Response::new_with_opt_readable_stream_and_init(response.body().as_ref(), &init)?);
    }
    let body = Some(reply.body.as_slice()).filter(|body| !body.is_empty());
    Ok(bindings::respond(body, &init)?)
}

/// Requests to external servers.
pub struct Outgoing<'a> {
    runtime: &'a Runtime,
}

impl<'a> Outgoing<'a> {
    pub fn new(runtime: &'a Runtime) -> Self {
        Self { runtime }
    }

    /// The text of a GET of `url` that responds with status 200.
    pub async fn fetch_text(&self, url: &str) -> Result<String, PlatformError> {
        match self.runtime {
            Runtime::Workers(_) => fetch_text(url).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.fetch_text(url),
        }
    }

    /// Sends a request. A redirect counts as a response and is not followed.
    pub async fn post(&self, post: Post<'_>) -> Timed {
        match self.runtime {
            Runtime::Workers(_) => send(post)
                .await
                .unwrap_or_else(|error| Timed { duration_ms: 0, result: Sent::Failed(error.to_string()) }),
            #[cfg(test)]
            Runtime::Memory(memory) => memory.post(&post),
        }
    }

    /// Sends a request and reads all of its answer. A redirect counts as an answer and is not followed.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<Whole, Unanswered> {
        match self.runtime {
            Runtime::Workers(_) => send_ask(ask).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.ask(&ask),
        }
    }
}

async fn fetch_text(url: &str) -> Result<String, PlatformError> {
    let request = worker::Request::new(url, worker::Method::Get)?;
    let mut response = worker::Fetch::Request(request).send().await?;
    match response.status_code() {
        200 => Ok(response.text().await?),
        status => Err(PlatformError::new(format!("{url} answered {status}"))),
    }
}

/// What `bindings.js` says of a POST.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    ms: i64,
    answered: Option<Answered>,
    #[serde(default)]
    timed_out: bool,
    failed: Option<String>,
    invalid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: u16,
    retry_after: Option<String>,
    body: String,
}

/// Headers as `bindings.js` takes them. Of a name that comes twice, in whatever case, the last counts.
fn headers_json(headers: &[(&str, String)]) -> Result<String, serde_json::Error> {
    let headers: BTreeMap<String, &str> =
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).into_map();
    serde_json::to_string(&headers)
}

/// What `bindings.js` says of a request whose whole answer is wanted. The runtime's words are not read: they may name the
/// address, in which there may be a key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    answered: Option<Heard>,
    #[serde(default)]
    timed_out: bool,
    #[serde(default)]
    too_long: bool,
}

#[derive(Deserialize)]
struct Heard {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

async fn send_ask(ask: Ask<'_>) -> Result<Whole, Unanswered> {
    let headers = headers_json(&ask.headers).map_err(|_| Unanswered::Failed)?;
    #[expect(clippy::cast_precision_loss, reason = "a timeout is minutes at most")]
    let asked = bindings::ask(ask.method, ask.url, &headers, ask.body, ask.timeout_ms as f64, ask.longest_answer);
    let asked = JsFuture::from(asked).await.map_err(|_| Unanswered::Failed)?.as_string().unwrap_or_default();
    match serde_json::from_str(&asked).map_err(|_| Unanswered::Failed)? {
        Asked { answered: Some(Heard { status, headers, body }), .. } => Ok(Whole { status, headers, body }),
        Asked { timed_out: true, .. } => Err(Unanswered::TimedOut),
        Asked { too_long: true, .. } => Err(Unanswered::TooLong),
        Asked { .. } => Err(Unanswered::Failed),
    }
}

async fn send(post: Post<'_>) -> Result<Timed, PlatformError> {
    let headers = headers_json(&post.headers).map_err(|error| PlatformError::new(error.to_string()))?;
    #[expect(clippy::cast_precision_loss, reason = "a timeout is minutes at most")]
    let posted = bindings::post(post.url, &headers, post.body, post.timeout_ms as f64, post.longest_answer);
    let posted = JsFuture::from(posted).await?.as_string().unwrap_or_default();
    let posted: Posted = serde_json::from_str(&posted).map_err(|error| PlatformError::new(error.to_string()))?;
    let result = match posted {
        Posted { answered: Some(Answered { status, retry_after, body }), .. } => {
            Sent::Answered { status, retry_after, body: body.into_bytes() }
        }
        Posted { timed_out: true, .. } => Sent::TimedOut,
        Posted { invalid: Some(error), .. } => Sent::Invalid(error),
        Posted { failed, .. } => Sent::Failed(failed.unwrap_or_default()),
    };
    Ok(Timed { duration_ms: posted.ms.max(0), result })
}
