//! A request, read from the runtime part by part and only when needed.

use std::net::IpAddr;

use futures_util::StreamExt;
use futures_util::stream::LocalBoxStream;
use serde::Deserialize;
use sluice_values::{Country, Place, display_names};
use worker::js_sys::{JSON, Reflect};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{Headers, Request};

use super::error::PlatformError;

/// The parts of a body, as they arrive.
pub type BodyStream = LocalBoxStream<'static, Result<Vec<u8>, PlatformError>>;

/// What the platform and some headers say about the caller.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The client's address, as the platform reports it.
    pub address: Option<String>,
    /// Some headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    pub place: Place,
    /// The platform's bot score, from 1 (certainly a bot) to 99 (certainly a person).
    pub bot_score: Option<u32>,
    /// Whether the platform has verified the sender as a bot that identifies itself.
    pub is_verified_bot: bool,
}

impl Caller {
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.as_deref()?.trim().parse().ok()
    }

    /// The value of one of the headers that were read.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

pub struct Incoming {
    source: Source,
    /// The method, as sent. (`worker::Method` would turn an unknown one into GET.)
    pub method: String,
    /// The path, percent-encoded, without the query.
    pub path: String,
    /// The part after the question mark, or empty.
    pub query: String,
    /// The scheme, host and port that the request was addressed to.
    pub origin: String,
}

/// Where headers and body come from.
enum Source {
    Workers {
        request: Request,
        headers: Headers,
    },
    #[cfg(test)]
    Memory {
        headers: Vec<(&'static str, String)>,
        body: Option<Vec<u8>>,
    },
}

/// The result of reading a body.
pub enum Body {
    Complete(Vec<u8>),
    /// It is longer than the limit; the rest was not read.
    TooLarge,
}

impl Incoming {
    pub fn new(request: Request) -> Self {
        let (url, method, headers) = (request.url(), request.method(), request.headers());
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let path_at = url.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| after_scheme + at);
        let (origin, target) = url.split_at(path_at);
        let target = target.split('#').next().unwrap_or_default();
        Self::with(Source::Workers { request, headers }, method, origin, target)
    }

    /// A request for native tests; `target` is the path with its query.
    #[cfg(test)]
    pub fn in_memory(method: &str, target: &str, headers: Vec<(&'static str, String)>, body: Option<Vec<u8>>) -> Self {
        Self::with(Source::Memory { headers, body }, method.to_owned(), "https://gateway.example", target)
    }

    fn with(source: Source, method: String, origin: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { source, method, path: path.to_owned(), query: query.to_owned(), origin: origin.to_owned() }
    }

    /// The value of a header; repeated headers are joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        match &self.source {
            Source::Workers { headers, .. } => headers.get(name).ok().flatten(),
            #[cfg(test)]
            Source::Memory { headers, .. } => {
                headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
            }
        }
    }

    /// The body, up to `limit` bytes. Length headers can be wrong, so the bytes that arrive are counted.
    pub async fn body(&mut self, limit: usize) -> Result<Body, PlatformError> {
        let request = match &self.source {
            Source::Workers { request, .. } if request.body().is_none() => return Ok(Body::Complete(Vec::new())),
            Source::Workers { request, .. } => request,
            #[cfg(test)]
            Source::Memory { body, .. } => return Ok(Body::Complete(body.clone().unwrap_or_default())),
        };
        // Created for bodies only: it reads `cf`, which is expensive.
        let mut request = worker::Request::from(Clone::clone(request));
        let announced = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        match announced {
            Some(length) if length > limit => return Ok(Body::TooLarge),
            // The runtime enforces an announced length, so the body can be read in one piece.
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

    /// The body as a stream; `None` if there is none.
    pub fn stream(&mut self) -> Result<Option<BodyStream>, PlatformError> {
        let request = match &self.source {
            Source::Workers { request, .. } if request.body().is_none() => return Ok(None),
            Source::Workers { request, .. } => request,
            #[cfg(test)]
            Source::Memory { body, .. } => {
                let parts = body.clone().map(|body| futures_util::stream::iter([Ok(body)]));
                return Ok(parts.map(|parts| -> BodyStream { Box::pin(parts) }));
            }
        };
        let stream = worker::Request::from(Clone::clone(request)).stream()?;
        Ok(Some(Box::pin(stream.map(|chunk| chunk.map_err(PlatformError::from)))))
    }

    /// What the platform and these headers say about the client.
    pub fn caller(&self, headers: &[&'static str]) -> Caller {
        let headers = headers.iter().copied().filter_map(|name| Some((name, self.header(name)?))).collect();
        let seen = self.seen().unwrap_or_default();
        let bots = seen.bot_management.unwrap_or_default();
        Caller {
            address: self.header("cf-connecting-ip"),
            headers,
            place: seen.place.into_place(),
            bot_score: bots.score,
            is_verified_bot: bots.verified_bot,
        }
    }
}

impl Incoming {
    fn seen(&self) -> Option<Seen> {
        let request = match &self.source {
            Source::Workers { request, .. } => request,
            #[cfg(test)]
            Source::Memory { .. } => return None,
        };
        let cf = Reflect::get(request, &JsValue::from_str("cf")).ok().filter(JsValue::is_object)?;
        serde_json::from_str(&String::from(JSON::stringify(&cf).ok()?)).ok()
    }
}

/// The fields of `request.cf` that are read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Seen {
    #[serde(flatten)]
    place: SeenPlace,
    bot_management: Option<BotManagement>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SeenPlace {
    country: Option<String>,
    region: Option<String>,
    region_code: Option<String>,
    city: Option<String>,
    latitude: Option<String>,
    longitude: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BotManagement {
    score: Option<u32>,
    verified_bot: bool,
}

impl SeenPlace {
    fn into_place(self) -> Place {
        // The list of countries has all that imports and settings take; without one, as from Tor, the country is unknown.
        let country = self.country.and_then(|code| code.parse::<Country>().ok()).map(|country| country.to_string());
        let code = country.as_ref().zip(self.region_code.as_ref()).map(|(country, code)| format!("{country}-{code}"));
        let known = code.filter(|code| display_names::region(code) != *code);
        Place {
            region: known.or(self.region),
            city: self.city,
            latitude: self.latitude.and_then(|degrees| degrees.parse().ok()),
            longitude: self.longitude.and_then(|degrees| degrees.parse().ok()),
            country,
        }
    }
}
