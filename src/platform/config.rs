//! Variables and secrets of the deployment. The README's configuration table explains each.

use worker::Env;

use crate::integrations::vault::Keyring;

/// Where the gateway runs; what is allowed only to developers asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real traffic. Everything that is not called `development` is this.
    Production,
    /// Somebody's machine.
    Development,
}

/// Requests a minute where `RATE_LIMIT_PER_MINUTE` says nothing usable (contract decision 18).
const DEFAULT_RATE_LIMIT: u32 = 60;

/// Events a minute where `EVENTS_PER_MINUTE` says nothing usable (contract decision 19).
const DEFAULT_EVENT_LIMIT: u32 = 6_000;

/// Reads the configuration by name, when it is asked for: each look-up crosses into JavaScript.
pub struct Config<'a> {
    env: &'a Env,
}

impl<'a> Config<'a> {
    /// The configuration among these bindings.
    pub fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// `ENVIRONMENT`.
    pub fn environment(&self) -> Environment {
        match self.text("ENVIRONMENT").as_deref() {
            Some("development") => Environment::Development,
            _ => Environment::Production,
        }
    }

    /// `RATE_LIMIT_PER_MINUTE`: requests of one credential in any rolling minute.
    pub fn rate_limit(&self) -> u32 {
        self.number("RATE_LIMIT_PER_MINUTE").unwrap_or(DEFAULT_RATE_LIMIT)
    }

    /// `AUTH_FAILURES_PER_MINUTE`: failed authentications of one client address in any rolling minute; where it is not
    /// set, as many as a credential may make requests.
    pub fn auth_failure_limit(&self) -> u32 {
        self.number("AUTH_FAILURES_PER_MINUTE").unwrap_or_else(|| self.rate_limit())
    }

    /// `EVENTS_PER_MINUTE`: events of one client address on one website in a minute.
    pub fn event_limit(&self) -> u32 {
        self.number("EVENTS_PER_MINUTE").unwrap_or(DEFAULT_EVENT_LIMIT)
    }

    /// `EXCHANGE_RATES_URL`: where exchange rates come from, with `{date}` for the day; `None` where none are fetched.
    pub fn exchange_rates_url(&self) -> Option<String> {
        self.text("EXCHANGE_RATES_URL").filter(|url| url != "none")
    }

    /// `SETUP_SECRET`, or `None` where setting up is switched off.
    pub fn setup_secret(&self) -> Option<String> {
        self.text("SETUP_SECRET")
    }

    /// `PUBLIC_URL`: where people reach this gateway, where that differs from what requests are addressed to.
    pub fn public_url(&self) -> Option<String> {
        self.text("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned())
    }

    /// `ENCRYPTION_KEYS`: what recoverable secrets are sealed with.
    pub fn keyring(&self) -> Result<Keyring, super::PlatformError> {
        let keys =
            self.text("ENCRYPTION_KEYS").ok_or_else(|| super::PlatformError::new("ENCRYPTION_KEYS is not set"))?;
        Keyring::parse(&keys).map_err(|error| super::PlatformError::new(format!("ENCRYPTION_KEYS: {error}")))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.env.var(name).ok().map(|value| value.to_string()).filter(|value| !value.is_empty())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok().filter(|number| *number > 0)
    }
}
