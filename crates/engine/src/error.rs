//! The engine's error.

/// Why the engine could not answer: its database failed, or holds what this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// An error with this explanation for the log.
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}
