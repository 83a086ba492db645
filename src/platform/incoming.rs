//! A request, read from the runtime part by part and only when needed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use futures_util::StreamExt;
use futures_util::stream::LocalBoxStream;
use serde::Deserialize;
use sluice_values::{Country, Place, Timestamp, display_names};
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::JsCast;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::Request;

use super::bindings;
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
        /// The values of [`HEADERS`].
        headers: Vec<Option<String>>,
    },
    /// A request that the gateway makes of itself.
    Made { headers: Vec<(&'static str, String)>, body: Option<Vec<u8>> },
}

/// The result of reading a body.
pub enum Body {
    Complete(Vec<u8>),
    /// It is longer than the limit; the rest was not read.
    TooLarge,
}

/// Headers that are read in one call with the request's method and address, because nearly every route needs some of them.
const HEADERS: [&str; 8] = [
    "authorization",
    "webhook-id",
    "user-agent",
    "idempotency-key",
    "content-encoding",
    "content-length",
    "cf-connecting-ip",
    "accept",
];

/// A header's line, as `bindings.js` writes it.
fn value_of(line: &str) -> Option<String> {
    line.strip_prefix('+').map(str::to_owned)
}

impl Incoming {
    pub fn new(request: Request) -> Self {
        let text = bindings::read_request(&request, &HEADERS.join(" "));
        let mut lines = text.split('\n');
        let (method, url) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let headers = lines.map(value_of).collect();
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let path_at = url.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| after_scheme + at);
        let (origin, target) = url.split_at(path_at);
        let target = target.split('#').next().unwrap_or_default();
        Self::with(Source::Workers { request, headers }, method.to_owned(), origin, target)
    }

    /// A request that the gateway makes of itself; `target` is the path with its query.
    pub fn made(
        method: &str,
        origin: &str,
        target: &str,
        headers: Vec<(&'static str, String)>,
        body: Option<Vec<u8>>,
    ) -> Self {
        Self::with(Source::Made { headers, body }, method.to_owned(), origin, target)
    }

    /// A request for native tests; `target` is the path with its query.
    #[cfg(test)]
    pub fn in_memory(method: &str, target: &str, headers: Vec<(&'static str, String)>, body: Option<Vec<u8>>) -> Self {
        Self::made(method, "https://gateway.example", target, headers, body)
    }

    fn with(source: Source, method: String, origin: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { source, method, path: path.to_owned(), query: query.to_owned(), origin: origin.to_owned() }
    }

    /// The value of a header; repeated headers are joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        match &self.source {
            Source::Workers { request, headers } => {
                match HEADERS.iter().position(|known| known.eq_ignore_ascii_case(name)) {
                    Some(at) => headers.get(at)?.clone(),
                    None => request.headers().get(name).ok().flatten(),
                }
            }
            Source::Made { headers, .. } => {
                headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
            }
        }
    }

    /// The body, up to `limit` bytes. Length headers can be wrong, so the bytes that arrive are counted.
    pub async fn body(&mut self, limit: usize) -> Result<Body, PlatformError> {
        let announced = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        let request = match &self.source {
            Source::Workers { request, .. } => request,
            Source::Made { body, .. } => {
                let body = body.clone().unwrap_or_default();
                return Ok(if body.len() > limit { Body::TooLarge } else { Body::Complete(body) });
            }
        };
        match announced {
            Some(length) if length > limit => return Ok(Body::TooLarge),
            // The runtime enforces an announced length, so the body can be read in one piece.
            Some(_) => {
                let bytes = JsFuture::from(bindings::read_body(request)).await?;
                return Ok(Body::Complete(bytes.unchecked_into::<Uint8Array>().to_vec()));
            }
            None => {}
        }
        let mut body = Vec::new();
        let Some(mut stream) = self.stream()? else { return Ok(Body::Complete(body)) };
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
            Source::Made { body, .. } => {
                let parts = body.clone().map(|body| futures_util::stream::iter([Ok(body)]));
                return Ok(parts.map(|parts| -> BodyStream { Box::pin(parts) }));
            }
        };
        let stream = worker::Request::from(Clone::clone(request)).stream()?;
        Ok(Some(Box::pin(stream.map(|chunk| chunk.map_err(PlatformError::from)))))
    }

    /// Those of these headers that were sent.
    pub fn headers(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let values: Vec<Option<String>> = match &self.source {
            Source::Workers { request, .. } => {
                let lines = bindings::read_headers(&request.headers(), &names.join(" "));
                lines.split('\n').skip(1).map(value_of).collect()
            }
            Source::Made { .. } => names.iter().map(|name| self.header(name)).collect(),
        };
        names.iter().zip(values).filter_map(|(name, value)| Some((*name, value?))).collect()
    }

    /// What the platform and these headers say about the client.
    pub fn caller(&self, names: &[&'static str], now: Timestamp) -> Caller {
        let headers = self.headers(names);
        let address = self.header("cf-connecting-ip");
        let Seen { place, bots } = match &address {
            Some(address) => SEEN.with_borrow_mut(|seen| seen.get(address, now, || self.seen())),
            None => self.seen(),
        };
        Caller { address, headers, place, bot_score: bots.score, is_verified_bot: bots.verified_bot }
    }

    fn seen(&self) -> Seen {
        let described = match &self.source {
            Source::Workers { request, .. } => bindings::describe_client(request).ok(),
            Source::Made { .. } => None,
        };
        described.and_then(|json| serde_json::from_str::<Described>(&json).ok()).unwrap_or_default().into()
    }
}

/// What the platform says about a client.
#[derive(Debug, Clone, Default)]
struct Seen {
    place: Place,
    bots: Bots,
}

/// How long the place of an address is remembered.
const REMEMBERED_MS: i64 = 5 * 60 * 1_000;
/// How many places are remembered.
const MOST_REMEMBERED: usize = 2_000;

/// The places of addresses that were seen in the last minutes, because the platform takes long to tell.
#[derive(Default)]
struct Remembered(HashMap<String, (Timestamp, Place)>);

thread_local! {
    static SEEN: RefCell<Remembered> = RefCell::default();
}

impl Remembered {
    /// What was said about the address, or is said now. A score is of a request, so addresses that have one are not remembered.
    fn get(&mut self, address: &str, now: Timestamp, ask: impl FnOnce() -> Seen) -> Seen {
        let is_fresh = |at: Timestamp| (0..REMEMBERED_MS).contains(&(now.as_millis() - at.as_millis()));
        if let Some((_, place)) = self.0.get(address).filter(|(at, _)| is_fresh(*at)) {
            return Seen { place: place.clone(), bots: Bots::default() };
        }
        let seen = ask();
        if seen.bots == Bots::default() {
            if self.0.len() >= MOST_REMEMBERED {
                self.0.clear();
            }
            self.0.insert(address.to_owned(), (now, seen.place.clone()));
        }
        seen
    }
}

/// The fields of `request.cf` that are read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Described {
    country: Option<String>,
    region: Option<String>,
    region_code: Option<String>,
    city: Option<String>,
    latitude: Option<String>,
    longitude: Option<String>,
    bot_management: Option<Bots>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Bots {
    score: Option<u32>,
    verified_bot: bool,
}

impl From<Described> for Seen {
    fn from(described: Described) -> Self {
        // The list of countries has all that imports and settings take; without one, as from Tor, the country is unknown.
        let country =
            described.country.and_then(|code| code.parse::<Country>().ok()).map(|country| country.to_string());
        let code =
            country.as_ref().zip(described.region_code.as_ref()).map(|(country, code)| format!("{country}-{code}"));
        let known = code.filter(|code| display_names::region(code) != *code);
        let place = Place {
            region: known.or(described.region),
            city: described.city,
            latitude: described.latitude.and_then(|degrees| degrees.parse().ok()),
            longitude: described.longitude.and_then(|degrees| degrees.parse().ok()),
            country,
        };
        Self { place, bots: described.bot_management.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(json: &str) -> Seen {
        serde_json::from_str::<Described>(json).unwrap().into()
    }

    #[test]
    fn a_place_is_remembered_for_minutes_and_a_bot_score_never() {
        let at = Timestamp::from_millis;
        let mut remembered = Remembered::default();
        let (berlin, paris) = (r#"{"country":"DE","city":"Berlin"}"#, r#"{"country":"FR","city":"Paris"}"#);
        let mut city =
            |address: &str, now, json| remembered.get(address, at(now), || described(json)).place.city.unwrap();
        assert_eq!(city("a", 0, berlin), "Berlin");
        assert_eq!(city("b", 1, paris), "Paris");
        assert_eq!(city("a", REMEMBERED_MS - 1, paris), "Berlin");
        assert_eq!(city("a", REMEMBERED_MS, paris), "Paris");
        assert_eq!(city("a", 0, berlin), "Berlin", "a clock that steps back");
        for score in [1, 99] {
            let seen = remembered.get("c", at(0), || described(&format!(r#"{{"botManagement":{{"score":{score}}}}}"#)));
            assert_eq!(seen.bots.score, Some(score));
        }
        for number in 0..3 * MOST_REMEMBERED {
            remembered.get(&number.to_string(), at(0), Seen::default);
            assert!(remembered.0.len() <= MOST_REMEMBERED);
        }
    }
}
