//! The errors of the API, and the one place that turns them into responses.

use serde::Serialize;

use super::browser::CrossSite;
use super::reply::Reply;
use crate::auth::access::Refusal;
use crate::auth::sliding_window::Rate;
use crate::platform::PlatformError;
use sluice_values::{Invalid, Timestamp};

/// What a caller is told of a failure of ours.
pub const OUR_FAULT: &str = "something went wrong on our side; the X-Request-Id names this request in our log";

/// Why a request fails.
#[derive(Debug)]
pub enum Error {
    /// The caller's fault; the message is for them.
    Refused {
        /// HTTP status, 4xx.
        status: u16,
        /// What is wrong, where, and what would be right (docs/contract/README.md#8).
        message: String,
    },
    /// 403: a session of the console whose sign-in is too old for this.
    NotFresh,
    /// A known path with a method that it does not have.
    MethodNotAllowed {
        /// The methods that the path has.
        allow: String,
    },
    /// Too many requests in the last minute.
    RateLimited(Rate),
    /// 503: somebody else does not answer, or nothing can be stored; the caller tries again.
    Unavailable {
        message: String,
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The gateway's fault: logged in full, answered with a bare 500.
    Ours(PlatformError),
    /// Our doing too, in the middle of something of which a part is done.
    Stopped {
        cause: PlatformError,
        /// Which part, for the caller.
        message: String,
    },
}

impl Error {
    /// 400: the request itself is invalid.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::refused(400, message)
    }

    /// 401: the token is missing or unknown.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::refused(401, message)
    }

    /// 403: the caller is known and lacks permission.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::refused(403, message)
    }

    /// 404: the caller can reach no such resource.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::refused(404, message)
    }

    /// 409: the resource exists already.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::refused(409, message)
    }

    /// 410: what was there is gone for good.
    pub fn gone(message: impl Into<String>) -> Self {
        Self::refused(410, message)
    }

    /// 413: the body is longer than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::refused(413, format!("the body is larger than {} KiB", limit / 1024))
    }

    /// 415: the body has a `Content-Encoding` that is not decoded.
    pub fn unsupported_encoding() -> Self {
        Self::refused(415, "Content-Encoding: expected gzip, or none")
    }

    /// 400 for one named part of the request.
    pub fn field(name: &str, why: &Invalid) -> Self {
        Self::bad_request(format!("{name}: {why}"))
    }

    fn refused(status: u16, message: impl Into<String>) -> Self {
        Self::Refused { status, message: message.into() }
    }

    /// The response to a request at `now` that failed with this error.
    pub fn into_reply(self, now: Timestamp) -> Reply {
        match self {
            Self::Refused { status: 401, message } => envelope(401, message).with_header("www-authenticate", "Bearer"),
            // RFC 9110, 15.5.16.
            Self::Refused { status: 415, message } => envelope(415, message).with_header("accept-encoding", "gzip"),
            Self::Refused { status, message } => envelope(status, message),
            Self::NotFresh => {
                let message = "this wants a sign-in of the last 15 minutes: sign in again".to_owned();
                enveloped(403, ErrorBody { code: 403, message, reason: Some(Reason::Fresh) })
            }
            Self::MethodNotAllowed { allow } => {
                envelope(405, format!("this path takes {allow}")).with_header("allow", allow)
            }
            Self::RateLimited(rate) => {
                // The one error outside the envelope, exactly as in docs/seeds/001_d5d47b3b15d0db4c.txt#errors.
                let body = TooManyRequests {
                    error: "Too many requests",
                    message: "Rate limit exceeded...",
                    limit: rate.limit,
                    remaining: 0,
                    reset: rate.reset_at_secs(now),
                };
                Reply::json(429, &body).with_header("retry-after", rate.reset_in_secs().to_string())
            }
            Self::Unavailable { message, retry_after } => {
                envelope(503, message).with_header("retry-after", retry_after.to_string())
            }
            Self::Stopped { message, .. } => envelope(500, message),
            Self::Ours(_) => envelope(500, OUR_FAULT.to_owned()),
        }
    }
}

impl From<PlatformError> for Error {
    fn from(error: PlatformError) -> Self {
        if error.is_undecodable() { Self::bad_request(format!("body: {error}")) } else { Self::Ours(error) }
    }
}

impl From<CrossSite> for Error {
    fn from(refusal: CrossSite) -> Self {
        Self::forbidden(refusal.to_string())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchWebsite(..) => Self::not_found(refusal.to_string()),
            _ => Self::forbidden(refusal.to_string()),
        }
    }
}

/// `{"status":"error","error":{"code":…,"message":…}}`
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Error")]
pub struct ErrorEnvelope {
    status: ErrorStatus,
    error: ErrorBody,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
enum ErrorStatus {
    Error,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ErrorBody {
    /// The HTTP status.
    code: u16,
    message: String,
    /// What a program can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
enum Reason {
    /// Sign in to the console again.
    Fresh,
}

/// The body of a validation error on a route without the envelope.
#[derive(Serialize, schemars::JsonSchema)]
pub struct PlainError {
    /// What is wrong, where, and what would be right.
    pub error: String,
}

/// The body of a 429.
#[derive(Serialize, schemars::JsonSchema)]
pub struct TooManyRequests {
    error: &'static str,
    message: &'static str,
    /// Requests in any rolling minute.
    limit: u32,
    remaining: u32,
    /// Unix seconds.
    reset: i64,
}

/// An error in its envelope, for answers that are no [`Error`].
pub fn envelope(status: u16, message: String) -> Reply {
    enveloped(status, ErrorBody { code: status, message, reason: None })
}

fn enveloped(status: u16, error: ErrorBody) -> Reply {
    Reply::json(status, &ErrorEnvelope { status: ErrorStatus::Error, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(error: Error) -> (Reply, String) {
        let reply = error.into_reply(Timestamp::from_millis(1_716_249_540_500));
        let body = String::from_utf8(reply.body.clone()).unwrap();
        (reply, body)
    }

    #[test]
    fn refusals_are_in_the_envelope_of_the_seeds() {
        let (reply, body) = reply(Error::conflict("a funnel named \"x\" exists already"));
        assert_eq!(reply.status, 409);
        assert_eq!(body, r#"{"status":"error","error":{"code":409,"message":"a funnel named \"x\" exists already"}}"#);
    }

    #[test]
    fn rate_limiting_answers_exactly_the_body_of_the_seeds() {
        let rate = Rate { admitted: false, limit: 60, remaining: 0, reset_in_ms: 59_500 };
        let (reply, body) = reply(Error::RateLimited(rate));
        assert_eq!(reply.status, 429);
        assert_eq!(
            body,
            r#"{"error":"Too many requests","message":"Rate limit exceeded...","limit":60,"remaining":0,"reset":1716249600}"#
        );
        assert!(reply.headers.contains(&("retry-after", "60".to_owned())));
    }

    #[test]
    fn a_sign_in_that_is_too_old_says_so_to_programs() {
        let (reply, body) = reply(Error::NotFresh);
        assert_eq!(reply.status, 403);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&body["error"]["code"], &body["error"]["reason"]), (&403.into(), &"fresh".into()));
    }

    #[test]
    fn internal_errors_do_not_reveal_their_cause() {
        let (reply, body) = reply(Error::Ours(PlatformError::new("D1_ERROR: no such table: secrets")));
        assert_eq!(reply.status, 500);
        assert!(!body.contains("secrets"), "{body}");
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        let (reply, _) = reply(Error::MethodNotAllowed { allow: "GET, POST".to_owned() });
        assert_eq!(reply.status, 405);
        assert!(reply.headers.contains(&("allow", "GET, POST".to_owned())));
    }
}
