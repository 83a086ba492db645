//! A request as the pipeline needs it, read from the runtime's piece by piece and only when asked.

use futures_util::StreamExt;
use worker::web_sys::{Headers, Request};

use super::PlatformError;

/// A request that has just come in.
pub struct Incoming {
    request: Request,
    headers: Headers,
    /// The method, as sent. (`worker::Method` would turn an unknown one into GET.)
    pub method: String,
    /// The path, percent-encoded, without the query.
    pub path: String,
    /// What follows the question mark, or nothing.
    pub query: String,
    /// Scheme, host and port that the request was addressed to.
    pub origin: String,
}

/// What became of reading a body.
pub enum Body {
    /// It is this.
    Complete(Vec<u8>),
    /// It is longer than the limit; the rest was not read.
    TooLarge,
}

impl Incoming {
    /// Takes a request over from the runtime.
    pub fn new(request: Request) -> Self {
        let (url, method, headers) = (request.url(), request.method(), request.headers());
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let path_at = url.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| after_scheme + at);
        let (origin, target) = url.split_at(path_at);
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query, origin) = (path.to_owned(), query.to_owned(), origin.to_owned());
        Self { request, headers, method, path, query, origin }
    }

    /// The value of a header; several of one name come joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// The body, up to `limit` bytes. Length headers may lie, so what arrives is counted.
    pub async fn body(&mut self, limit: usize) -> Result<Body, PlatformError> {
        if self.request.body().is_none() {
            return Ok(Body::Complete(Vec::new()));
        }
        // Made for bodies alone: it reads `cf`, which is expensive.
        let mut request = worker::Request::from(Clone::clone(&self.request));
        let announced = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        match announced {
            Some(length) if length > limit => return Ok(Body::TooLarge),
            // The runtime enforces an announced length, so the whole can be taken in one piece.
            Some(_) => return Ok(Body::Complete(request.bytes().await?)),
            None => {}
        }
        let mut stream = request.stream()?;
        let mut body = Vec::new();
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk?);
            if body.len() > limit {
                return Ok(Body::TooLarge);
            }
        }
        Ok(Body::Complete(body))
    }
}
