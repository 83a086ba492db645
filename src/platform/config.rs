//! Variables and secrets of the deployment, by name. Each feature reads and parses its own; the README's configuration
//! table explains them all.

use sluice_values::Environment;

use super::runtime::Runtime;

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

    /// The variable as a number above zero.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok().filter(|number| *number > 0)
    }
}
