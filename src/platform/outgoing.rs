//! Hands an answer to the runtime.

use worker::{Headers, Response, ResponseBuilder};

use crate::http::reply::Reply;

/// The runtime's form of `reply`.
pub fn response(reply: Reply) -> worker::Result<Response> {
    let headers = Headers::new();
    for (name, value) in &reply.headers {
        headers.set(name, value)?;
    }
    let builder = ResponseBuilder::new().with_status(reply.status).with_headers(headers);
    Ok(if reply.body.is_empty() { builder.empty() } else { builder.fixed(reply.body) })
}
