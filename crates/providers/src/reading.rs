//! Work on an event that may need reading from the provider: a step is either done or asks one request, whose answer gives
//! the next step.

use std::fmt;

use crate::fields::Fault;
use crate::mapped::{Context, Mapped};
use crate::request::{Answer, Request};

#[derive(Debug)]
pub enum Step {
    Done(Mapped),
    Ask(Reading),
}

impl Step {
    pub fn ask(request: Request, next: impl Next + 'static) -> Self {
        Self::Ask(Reading { request, next: Box::new(next) })
    }

    /// Done without a request, or at fault.
    pub fn of(step: Result<Self, Fault>) -> Self {
        step.unwrap_or_else(|fault| Self::Done(fault.into()))
    }
}

impl From<Mapped> for Step {
    fn from(mapped: Mapped) -> Self {
        Self::Done(mapped)
    }
}

/// What is done with the answer to a request.
pub trait Next {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble>;
}

/// A request whose answer is waited for.
pub struct Reading {
    request: Request,
    next: Box<dyn Next>,
}

impl Reading {
    pub const fn request(&self) -> &Request {
        &self.request
    }

    pub fn answered(self, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        self.next.answered(answer, context)
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(to)
    }
}

/// Why an answer does not bring the work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Too many requests, or the provider is down: again later.
    Later { after_secs: Option<u64> },
    /// The credentials are refused: the event waits for the connection.
    Refused,
    /// A permission is missing, by its name where the answer says it.
    Denied(Option<String>),
}

/// The trouble of an answer, if it has any: 404 has none.
pub fn trouble(answer: &Answer) -> Option<Trouble> {
    match answer.status {
        200..=299 | 404 | 410 => None,
        401 => Some(Trouble::Refused),
        400 | 403 if is_paddles_refusal(answer) => Some(Trouble::Refused),
        402 | 403 | 423 => Some(Trouble::Denied(named_permission(answer))),
        _ => Some(Trouble::Later { after_secs: answer.retry_after_secs() }),
    }
}

/// Whether Paddle refuses the key, which it does not say by 401 alone (docs/contract/providers.md#4.4).
fn is_paddles_refusal(answer: &Answer) -> bool {
    let code = answer.body.pointer("/error/code").and_then(serde_json::Value::as_str);
    code.is_some_and(|code| ["authentication_malformed", "invalid_token"].contains(&code))
}

/// The permission that Stripe's error names: `Having the 'rak_charge_read' permission would allow this request …`.
pub fn named_permission(answer: &Answer) -> Option<String> {
    let message = answer.body.pointer("/error/message")?.as_str()?;
    let quoted = message.split('\'').skip(1).step_by(2);
    let is_permission =
        |text: &&str| text.starts_with("rak_") && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    quoted.into_iter().find(is_permission).map(str::to_owned)
}

/// What an answer is read as: nothing if what was asked for is gone.
pub fn found(answer: &Answer) -> Result<Option<&serde_json::Value>, Trouble> {
    match trouble(answer) {
        Some(trouble) => Err(trouble),
        None if answer.is_ok() => Ok(Some(&answer.body)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn answers_are_troubles_of_their_own_kinds() {
        let permission = json!({ "error": { "type": "invalid_request_error", "message":
            "The provided key 'rk_live_***' does not have the required permissions for this endpoint on account 'acct_1'. Having the 'rak_charge_read' permission would allow this request to continue." } });
        let mut slow = Answer::new(429, Value::Null);
        slow.headers.push(("retry-after".into(), "20".into()));
        for (answer, expected) in [
            (Answer::new(200, Value::Null), None),
            (Answer::new(404, Value::Null), None),
            (Answer::new(401, Value::Null), Some(Trouble::Refused)),
            (Answer::new(403, permission), Some(Trouble::Denied(Some("rak_charge_read".into())))),
            (Answer::new(403, json!("<html>")), Some(Trouble::Denied(None))),
            (Answer::new(403, json!({ "error": { "code": "forbidden" } })), Some(Trouble::Denied(None))),
            (Answer::new(403, json!({ "error": { "code": "invalid_token" } })), Some(Trouble::Refused)),
            (Answer::new(400, json!({ "error": { "code": "authentication_malformed" } })), Some(Trouble::Refused)),
            (slow, Some(Trouble::Later { after_secs: Some(20) })),
            (Answer::new(500, Value::Null), Some(Trouble::Later { after_secs: None })),
            (Answer::new(301, Value::Null), Some(Trouble::Later { after_secs: None })),
        ] {
            assert_eq!(trouble(&answer), expected, "{answer:?}");
        }
    }
}
