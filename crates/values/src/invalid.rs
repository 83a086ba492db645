//! The error of all parsers.

/// Why a text is not a valid value, phrased to follow a field's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}

/// The first 40 characters of the input, for an error message.
pub fn excerpt(sent: &str) -> String {
    const LONGEST: usize = 40;
    match sent.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", sent.get(..end).unwrap_or_default()),
        None => sent.to_owned(),
    }
}
