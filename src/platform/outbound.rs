//! What leaves through the platform, as plain values: e-mails, queue messages, calls of objects, requests.

use super::meter::Hop;

/// A message in the terms of the binding, which makes MIME of it.
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
}

impl Queue {
    pub(super) const fn binding(self) -> &'static str {
        match self {
            Self::Deliveries => "DELIVERIES",
            Self::Alerts => "ALERTS",
        }
    }

    /// The queue of this name, as a consumer is told it.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sluice-deliveries" => Some(Self::Deliveries),
            "sluice-alerts" => Some(Self::Alerts),
            _ => None,
        }
    }
}

/// A message and after how many seconds the consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub body: String,
    pub delay_seconds: u32,
}

/// The Durable Object namespaces among the bindings (wrangler.toml).
#[derive(Debug, Clone, Copy)]
pub enum Namespace {
    /// One object for each credential, and one for each client address that failed to authenticate.
    Credentials,
    /// One object for each website's events.
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

/// A request that somebody else's server is asked to take.
pub struct Post<'a> {
    /// Exactly where to.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(&'a str, String)>,
    /// What is sent.
    pub body: &'a str,
    /// Milliseconds until the head of the answer must be there; the body has what is left of them.
    pub timeout_ms: u64,
    /// Bytes of the answer that are read.
    pub longest_answer: usize,
}

/// What became of a [`Post`].
pub enum Sent {
    /// There is an answer. It counts when its head is there.
    Answered {
        /// HTTP status.
        status: u16,
        /// The header of that name.
        retry_after: Option<String>,
        /// The beginning of its body.
        body: Vec<u8>,
    },
    /// No head in time.
    TimedOut,
    /// No answer, in the runtime's words.
    Failed(String),
    /// Not a request that can be sent, in the runtime's words.
    Invalid(String),
}

/// What became of a [`Post`], and how long it took to know.
pub struct Timed {
    /// Milliseconds.
    pub duration_ms: i64,
    /// What became of it.
    pub result: Sent,
}
