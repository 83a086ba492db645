//! Calls of the gateway: one credential, no redirect, and repetition where nothing can happen twice.

use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;
use ureq::http::{Request as HttpRequest, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body as HttpBody, SendBody};

use crate::failure::{FAILED, Failure, NO_CREDENTIAL, Outcome};
use crate::json::Json;
use crate::screen::note;

/// How often a request that is refused for now is sent again, and how long it waits at most.
const LIMITED_TIMES: u32 = 5;
const LIMITED_SECONDS: u64 = 65;
/// How often a request that found no gateway is sent again.
const BROKEN_TIMES: u32 = 2;
const BROKEN_PAUSE: Duration = Duration::from_millis(500);
const CONNECT_SECONDS: u64 = 15;
const ANSWER_SECONDS: u64 = 60;
/// What is read of an answer that is shown.
const MOST_BYTES: u64 = 256 << 20;

/// A request, before it has an address and a credential.
#[derive(Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Option<String>,
    pub media_type: Option<&'static str>,
    /// Whether it takes an `Idempotency-Key`.
    pub keyed: bool,
}

impl Request {
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self { method: method.to_owned(), path: path.into(), ..Self::default() }
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Whether sending it twice does what sending it once does.
    fn may_repeat(&self) -> bool {
        self.method == "GET" || self.keyed
    }
}

pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Outcome<Json> {
        Json::parse(&self.text).ok_or_else(|| {
            Failure::failed(format!("the gateway answered {} without JSON", self.status))
                .hint("is this the address of a gateway?")
        })
    }
}

pub struct Client {
    agent: Agent,
    url: String,
    credential: Option<String>,
    pub retry: bool,
    pub verbose: bool,
}

impl Client {
    pub fn new(url: &str, credential: Option<&str>) -> Self {
        let tls = if url.starts_with("https:") { tls() } else { TlsConfig::default() };
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0) // a token goes to the gateway and to nobody else
            .user_agent(concat!("sluice-cli/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS)))
            .timeout_recv_response(Some(Duration::from_secs(ANSWER_SECONDS)))
            .build();
        Self {
            agent: config.new_agent(),
            url: url.to_owned(),
            credential: credential.map(str::to_owned),
            retry: true,
            verbose: false,
        }
    }

    /// The answer to a request that has to succeed.
    pub fn call(&self, request: &Request) -> Outcome<Answer> {
        let answer = self.ask(request)?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(refusal(&answer)) }
    }

    /// The answer, whatever its status.
    pub fn ask(&self, request: &Request) -> Outcome<Answer> {
        let response = self.send(request, &mut || match &request.body {
            Some(body) => SendBody::from_owned_reader(std::io::Cursor::new(body.clone().into_bytes())),
            None => SendBody::none(),
        })?;
        read(response)
    }

    /// The answer as it streams in, of a request that has to succeed.
    pub fn open(&self, request: &Request) -> Outcome<Response<HttpBody>> {
        let response = self.send(request, &mut SendBody::none)?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(&read(response)?)) }
    }

    fn send(&self, request: &Request, body: &mut dyn FnMut() -> SendBody<'static>) -> Outcome<Response<HttpBody>> {
        let key = key()?;
        let (mut limited, mut broken) = (0, 0);
        loop {
            let outcome = self.once(request, &key, body());
            let can_repeat = self.retry && request.may_repeat() && broken < BROKEN_TIMES;
            match outcome {
                Ok(response) if response.status() == 429 && self.retry && limited < LIMITED_TIMES => {
                    limited += 1;
                    let seconds = wait_of(&response).min(LIMITED_SECONDS);
                    note(&format!("too many requests: waiting {seconds} s ({limited} of {LIMITED_TIMES})"));
                    sleep(Duration::from_secs(seconds));
                }
                Ok(response) if matches!(response.status().as_u16(), 502..=504) && can_repeat => {
                    broken += 1;
                    note(&format!(
                        "the gateway answered {}: trying again ({broken} of {BROKEN_TIMES})",
                        response.status().as_u16()
                    ));
                    sleep(BROKEN_PAUSE * broken);
                }
                Ok(response) => return Ok(response),
                Err(error) if can_repeat && !matches!(error, ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
                    broken += 1;
                    note(&format!("no answer ({error}): trying again ({broken} of {BROKEN_TIMES})"));
                    sleep(BROKEN_PAUSE * broken);
                }
                Err(error) => return Err(unreachable(&self.url, &error)),
            }
        }
    }

    fn once(&self, request: &Request, key: &str, body: SendBody) -> Result<Response<HttpBody>, ureq::Error> {
        let started = Timestamp::now();
        let mut address = format!("{}{}", self.url, request.path);
        if !request.query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.query).finish();
            address = format!("{address}{}{query}", if address.contains('?') { '&' } else { '?' });
        }
        let mut builder = HttpRequest::builder().method(request.method.as_str()).uri(&address);
        if let Some(credential) = &self.credential {
            builder = builder.header("authorization", format!("Bearer {credential}"));
        }
        if request.body.is_some() || request.media_type.is_some() {
            builder = builder.header("content-type", request.media_type.unwrap_or("application/json"));
        }
        if request.keyed {
            builder = builder.header("idempotency-key", key);
        }
        let outcome = self.agent.run(builder.body(body)?);
        if self.verbose {
            let milliseconds = Timestamp::now().duration_since(started).as_millis();
            let told = match &outcome {
                Ok(response) => {
                    let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
                    format!("{} {id}", response.status().as_u16())
                }
                Err(error) => error.to_string(),
            };
            note(&format!("{} {address} {told} {milliseconds} ms", request.method));
        }
        outcome
    }
}

/// The machine's own roots, and rustls on graviola.
fn tls() -> TlsConfig {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<Certificate> = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(std::sync::Arc::new(rustls_graviola::default_provider()))
        .build()
}

/// A fresh idempotency key.
fn key() -> Outcome<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Failure::failed(format!("no randomness: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn wait_of(response: &Response<HttpBody>) -> u64 {
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    header.and_then(|value| value.parse().ok()).unwrap_or(1)
}

fn read(response: Response<HttpBody>) -> Outcome<Answer> {
    let status = response.status().as_u16();
    let text = response.into_body().into_with_config().limit(MOST_BYTES).read_to_string();
    let text = text.map_err(|error| Failure::failed(format!("the answer broke off: {error}")))?;
    Ok(Answer { status, text })
}

fn unreachable(url: &str, error: &ureq::Error) -> Failure {
    Failure::failed(format!("{url}: {error}"))
}

/// What the gateway says of a refusal, in each of its three forms.
fn refusal(answer: &Answer) -> Failure {
    let body = Json::parse(&answer.text);
    let message =
        body.as_ref().and_then(|body| body.str("error.message").or(body.str("message")).or(body.str("error")));
    let message = message.map_or_else(|| format!("the gateway answered {}", answer.status), str::to_owned);
    let (code, hint) = match answer.status {
        401 => (NO_CREDENTIAL, Some("sluice login")),
        429 => (FAILED, Some("wait a minute")),
        _ => (FAILED, None),
    };
    let envelope = body.map(|_| answer.text.clone());
    Failure { code, message, hint: hint.map(str::to_owned), envelope }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, text: &str) -> (u8, String) {
        let failure = refusal(&Answer { status, text: text.to_owned() });
        (failure.code, failure.message)
    }

    #[test]
    fn a_refusal_is_told_in_the_gateways_words() {
        let envelope = r#"{"status":"error","error":{"code":404,"message":"no such website"}}"#;
        assert_eq!(told(404, envelope), (1, "no such website".to_owned()));
        let limited = r#"{"error":"Too Many Requests","message":"slow down","limit":1,"remaining":0,"reset":1}"#;
        assert_eq!(told(429, limited), (1, "slow down".to_owned()));
        assert_eq!(told(401, r#"{"error":"who?"}"#), (4, "who?".to_owned()));
        assert_eq!(told(502, "<html>"), (1, "the gateway answered 502".to_owned()));
    }

    #[test]
    fn only_what_cannot_happen_twice_is_repeated() {
        assert!(Request::get("/").may_repeat());
        assert!(Request { keyed: true, ..Request::new("POST", "/") }.may_repeat());
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert!(!Request::new(method, "/").may_repeat(), "{method}");
        }
    }

    #[test]
    fn keys_are_fresh() {
        assert_ne!(key().expect("a key"), key().expect("a key"));
    }
}
