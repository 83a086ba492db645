//! Variables and secrets of the deployment, by name. Each feature reads and parses its own; the README's configuration
//! table explains them all.

use sluice_values::Environment;

use super::runtime::Runtime;

/// A cap: the variable that sets it, and its default.
#[derive(Debug, Clone, Copy)]
pub struct Cap {
    pub name: &'static str,
    pub default: u32,
}

/// The websites of an account.
pub const MAX_WEBSITES: Cap = Cap { name: "MAX_WEBSITES", default: 100 };
/// The active funnels of a website.
pub const MAX_FUNNELS: Cap = Cap { name: "MAX_FUNNELS", default: 100 };
/// The deliveries of a website that wait for an attempt.
pub const MAX_WAITING_DELIVERIES: Cap = Cap { name: "MAX_WAITING_DELIVERIES", default: 10_000 };
/// The mails of an alert in an hour.
pub const ALERT_MAILS_PER_HOUR: Cap = Cap { name: "ALERT_MAILS_PER_HOUR", default: 20 };

/// Reads each variable when it is needed: every lookup crosses into JavaScript.
pub struct Config<'a> {
    runtime: &'a Runtime,
}

impl<'a> Config<'a> {
    pub fn new(runtime: &'a Runtime) -> Self {
        Self { runtime }
    }

    /// `ENVIRONMENT`: anything but `development` is production.
    pub fn environment(&self) -> Environment {
        match self.text("ENVIRONMENT").as_deref() {
            Some("development") => Environment::Development,
            _ => Environment::Production,
        }
    }

    /// `PUBLIC_URL`: the gateway's public address, if it differs from the one in requests.
    pub fn public_url(&self) -> Option<String> {
        self.text("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned())
    }

    /// The variable, unless it is missing or empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.runtime.variable(name).filter(|value| !value.is_empty())
    }

    /// A cap on a shared resource (docs/contract/README.md#47): the variable, or this default.
    pub fn cap(&self, cap: Cap) -> u32 {
        self.number(cap.name).unwrap_or(cap.default)
    }

    /// The variable as a number above zero.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok().filter(|number| *number > 0)
    }
}
