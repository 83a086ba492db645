//! Failures on the gateway's side of a request.

use worker::d1::D1Error;
use worker::wasm_bindgen::JsValue;

const REHEARSAL: &str = "a rehearsal ends where writing begins";
const UNDECODABLE: &str = "not gzip, as its Content-Encoding says";

/// A failure of the platform. Its text is for the log; clients see a bare 500.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PlatformError(String);

impl PlatformError {
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }

    /// A body that is not what its `Content-Encoding` says: the caller's fault, found while the body is read.
    pub fn undecodable() -> Self {
        Self::new(UNDECODABLE)
    }

    pub fn is_undecodable(&self) -> bool {
        self.0 == UNDECODABLE
    }

    /// A rehearsal has come to where it would write.
    pub fn rehearsal() -> Self {
        Self::new(REHEARSAL)
    }

    pub fn is_rehearsal(&self) -> bool {
        self.0 == REHEARSAL
    }

    /// Whether a statement violated a unique index. D1 has no error code for that, only SQLite's message.
    pub fn is_unique_violation(&self) -> bool {
        self.0.contains("UNIQUE constraint failed")
    }

    /// Whether the database has no room for a write.
    pub fn is_full(&self) -> bool {
        ["Exceeded maximum DB size", "SQLITE_FULL", "database or disk is full"].iter().any(|text| self.0.contains(text))
    }

    /// Whether a statement would have set this `table.column` to NULL.
    pub fn is_null_violation_of(&self, column: &str) -> bool {
        self.0.split_once("NOT NULL constraint failed: ").is_some_and(|(_, named)| named.starts_with(column))
    }
}

impl From<worker::Error> for PlatformError {
    fn from(error: worker::Error) -> Self {
        match &error {
            // The `Display` of a D1 error is a debug dump with a JavaScript stack.
            worker::Error::D1(d1) => Self(D1Error::cause(d1)),
            other => Self(other.to_string()),
        }
    }
}

impl From<JsValue> for PlatformError {
    fn from(error: JsValue) -> Self {
        Self::from(worker::Error::from(error))
    }
}

impl From<worker::kv::KvError> for PlatformError {
    fn from(error: worker::kv::KvError) -> Self {
        Self(format!("KV: {error}"))
    }
}

/// For the handlers that the runtime calls: it logs the error and retries an alarm.
impl From<PlatformError> for worker::Error {
    fn from(error: PlatformError) -> Self {
        Self::RustError(error.0)
    }
}
