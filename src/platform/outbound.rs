//! What leaves through the platform, as plain values: emails, queue messages, calls of objects, requests.

use super::meter::Hop;

/// An email as the binding expects it; the binding builds the MIME message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The name that mail programs show for the sender.
    pub from_name: Option<String>,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub headers: Vec<(&'static str, String)>,
}

/// The queues among the bindings (wrangler.toml).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Ids of webhook deliveries that are due.
    Deliveries,
    /// Ids of alerts that are due.
    Alerts,
    /// What is due for payment providers.
    Providers,
}

impl Queue {
    pub(super) const fn binding(self) -> &'static str {
        match self {
            Self::Deliveries => "DELIVERIES",
            Self::Alerts => "ALERTS",
            Self::Providers => "PROVIDERS",
        }
    }

    /// The queue with this name, as the runtime gives it to a consumer.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sluice-deliveries" => Some(Self::Deliveries),
            "sluice-alerts" => Some(Self::Alerts),
            "sluice-providers" => Some(Self::Providers),
            _ => None,
        }
    }
}

/// A message, and the delay in seconds before the consumer receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub body: String,
    pub delay_seconds: u32,
}

/// The ids that bodies of messages hold; a body that is no id is dropped.
pub fn parse_ids<T: std::str::FromStr>(bodies: &[String]) -> Vec<T> {
    bodies.iter().filter_map(|body| body.parse().ok()).collect()
}

/// The Durable Object namespaces among the bindings (wrangler.toml).
#[derive(Debug, Clone, Copy)]
pub enum Namespace {
    /// One object per credential, and one per client address that failed to authenticate.
    Credentials,
    /// One object per website, with its events.
    Sites,
}

impl Namespace {
    pub(super) const fn binding(self) -> &'static str {
        match self {
            Self::Credentials => "GATE",
            Self::Sites => "SITE",
        }
    }

    pub(super) const fn hop(self) -> Hop {
        match self {
            Self::Credentials => Hop::Credential,
            Self::Sites => Hop::Site,
        }
    }
}

/// A POST request to an external server.
pub struct Post<'a> {
    /// The exact address.
    pub url: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub body: &'a str,
    /// Milliseconds until the head of the response must arrive; the body has the rest of that time.
    pub timeout_ms: u64,
    /// How many bytes of the response are read.
    pub longest_answer: usize,
}

/// The result of a [`Post`].
pub enum Sent {
    /// The server responded. Only the head must be complete.
    Answered {
        /// HTTP status.
        status: u16,
        /// The value of the `Retry-After` header.
        retry_after: Option<String>,
        /// The beginning of the body.
        body: Vec<u8>,
    },
    /// The head did not arrive in time.
    TimedOut,
    /// There was no response; the text is the runtime's.
    Failed(String),
    /// The request cannot be sent; the text is the runtime's.
    Invalid(String),
}

/// The result of a [`Post`], and how long it took.
pub struct Timed {
    /// Milliseconds.
    pub duration_ms: i64,
    pub result: Sent,
}

/// A request to an external server whose whole answer is wanted.
pub struct Ask<'a> {
    pub method: &'static str,
    /// The exact address.
    pub url: &'a str,
    /// Of a name that comes twice the last counts.
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<&'a str>,
    /// Milliseconds until all of the answer must be there.
    pub timeout_ms: u64,
    /// The most bytes that an answer may have.
    pub longest_answer: usize,
}

/// The whole answer to an [`Ask`].
pub struct Whole {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Why an [`Ask`] has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    TimedOut,
    TooLong,
    /// There is no connection, or it broke.
    Failed,
}
