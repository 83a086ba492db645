//! Why a command ends without having done what was asked, and with which exit code.

/// The exit codes (docs/contract/cli.md#3-output).
pub const FAILED: u8 = 1;
pub const USAGE: u8 = 2;
pub const NO_CREDENTIAL: u8 = 4;
pub const INTERRUPTED: u8 = 130;

#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    pub message: String,
    pub hint: Option<String>,
    /// The error as the gateway sent it, for `--json`.
    pub envelope: Option<String>,
}

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, envelope: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(FAILED, message)
    }

    /// Ctrl+C: nothing to say.
    pub fn interrupted() -> Self {
        Self::new(INTERRUPTED, "")
    }

    pub fn cancelled() -> Self {
        Self::failed("cancelled")
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
