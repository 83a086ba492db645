//! The rate limits of this deployment.

use crate::platform::config::Config;

/// Requests of a session of the console per minute where `CONSOLE_REQUESTS_PER_MINUTE` is not a number above 0.
const DEFAULT_CONSOLE_LIMIT: u32 = 600;

/// Requests per minute where `RATE_LIMIT_PER_MINUTE` is not a number above 0 (docs/contract/README.md#18).
const DEFAULT_RATE_LIMIT: u32 = 60;

/// `RATE_LIMIT_PER_MINUTE`: requests of one credential in any rolling minute.
pub fn requests_per_minute(config: &Config) -> u32 {
    config.number("RATE_LIMIT_PER_MINUTE").unwrap_or(DEFAULT_RATE_LIMIT)
}

/// `CONSOLE_REQUESTS_PER_MINUTE`: requests of one session of the console in any rolling minute.
pub fn console_requests_per_minute(config: &Config) -> u32 {
    config.number("CONSOLE_REQUESTS_PER_MINUTE").unwrap_or(DEFAULT_CONSOLE_LIMIT)
}

/// `AUTH_FAILURES_PER_MINUTE`: failed authentications of one client address in any rolling minute. Defaults to the
/// limit of requests.
pub fn failures_per_minute(config: &Config) -> u32 {
    config.number("AUTH_FAILURES_PER_MINUTE").unwrap_or_else(|| requests_per_minute(config))
}

/// What a credential object admits in any rolling minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of a token.
    pub requests: u32,
    /// Requests of a session of the console.
    pub console: u32,
    /// Failed authentications of an address.
    pub failures: u32,
}

impl Limits {
    pub fn from_config(config: &Config) -> Self {
        Self {
            requests: requests_per_minute(config),
            console: console_requests_per_minute(config),
            failures: failures_per_minute(config),
        }
    }
}
