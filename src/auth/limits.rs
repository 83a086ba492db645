//! The rate limits of this deployment.

use crate::platform::config::Config;

/// Requests per minute where `RATE_LIMIT_PER_MINUTE` is not a number above 0 (docs/contract/README.md#18).
const DEFAULT_RATE_LIMIT: u32 = 60;

/// `RATE_LIMIT_PER_MINUTE`: requests of one credential in any rolling minute.
pub fn requests_per_minute(config: &Config) -> u32 {
    config.number("RATE_LIMIT_PER_MINUTE").unwrap_or(DEFAULT_RATE_LIMIT)
}

/// `AUTH_FAILURES_PER_MINUTE`: failed authentications of one client address in any rolling minute. Defaults to the
/// limit of requests.
pub fn failures_per_minute(config: &Config) -> u32 {
    config.number("AUTH_FAILURES_PER_MINUTE").unwrap_or_else(|| requests_per_minute(config))
}
