//! Outgoing traffic: responses, and requests to external servers.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use worker::js_sys::JSON;
use worker::wasm_bindgen::JsCast;
use worker::web_sys::{Response, ResponseInit};

use super::bindings;
use super::error::PlatformError;
use super::incoming::BodyStream;
pub use super::outbound::{Post, Sent, Timed};
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

    let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
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
            Runtime::Workers(_) => send(self.runtime, post).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.post(&post),
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

async fn send(runtime: &Runtime, post: Post<'_>) -> Timed {
    let (start, controller) = (runtime.now(), worker::AbortController::default());
    let elapsed = || (runtime.now().as_millis() - start.as_millis()).max(0);
    let request = match request(&post) {
        Ok(request) => worker::Fetch::Request(request),
        Err(error) => return Timed { duration_ms: 0, result: Sent::Invalid(error.to_string()) },
    };
    let signal = controller.signal();
    let (head, time) = (request.send_with_signal(&signal), worker::Delay::from(Duration::from_millis(post.timeout_ms)));
    pin_mut!(head, time);
    let (response, time) = match select(head, time).await {
        Either::Left((response, time)) => (response, time),
        Either::Right(((), _)) => {
            let duration_ms = elapsed();
            controller.abort();
            return Timed { duration_ms, result: Sent::TimedOut };
        }
    };
    let duration_ms = elapsed();
    let mut response = match response {
        Ok(response) => response,
        Err(error) => return Timed { duration_ms, result: Sent::Failed(error.to_string()) },
    };
    let (status, retry_after) = (response.status_code(), response.headers().get("retry-after").ok().flatten());
    let mut body = Vec::new();
    if let Ok(mut stream) = response.stream() {
        let reading = async {
            while let Some(Ok(chunk)) = stream.next().await {
                body.extend_from_slice(&chunk);
                if body.len() >= post.longest_answer {
                    break;
                }
            }
        };
        pin_mut!(reading);
        select(reading, time).await;
    }
    body.truncate(post.longest_answer);
    // The rest of the response is not needed.
    controller.abort();
    Timed { duration_ms, result: Sent::Answered { status, retry_after, body } }
}

fn request(post: &Post) -> worker::Result<worker::Request> {
    let headers = worker::Headers::new();
    for (name, value) in &post.headers {
        headers.set(name, value)?;
    }
    let mut init = worker::RequestInit::new();
    init.with_method(worker::Method::Post)
        .with_headers(headers)
        .with_body(Some(post.body.into()))
        .with_redirect(worker::RequestRedirect::Manual);
    worker::Request::new_with_init(post.url, &init)
}
