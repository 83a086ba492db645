//! The engine's error.

/// A failure of the engine: its database failed, or contains something that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}
