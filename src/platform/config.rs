//! Variables and secrets of the deployment. The README's configuration table explains each.

use worker::Env;

use crate::integrations::vault::Keyring;
use crate::mail::{MailError, provider};
use crate::webhooks::schedule::Schedule;

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

    /// How webhooks are delivered: `WEBHOOK_RETRY_SCHEDULE` (seconds, separated by commas), `WEBHOOK_TIMEOUT`,
    /// `WEBHOOK_BACKOFF_FLOOR` and `WEBHOOK_DISABLE_AFTER` (seconds). What is not usable is as if it were not set.
    pub fn schedule(&self) -> Schedule {
        let usual = Schedule::default();
        let waits = self
            .text("WEBHOOK_RETRY_SCHEDULE")
            .and_then(|list| list.split(',').map(|wait| wait.trim().parse().ok()).collect::<Option<Vec<u32>>>());
        // Unlike other numbers, no floor at all is a floor.
        let floor = self.text("WEBHOOK_BACKOFF_FLOOR").and_then(|floor| floor.trim().parse().ok());
        Schedule {
            waits: waits.unwrap_or(usual.waits),
            timeout: self.number("WEBHOOK_TIMEOUT").unwrap_or(usual.timeout),
            floor: floor.unwrap_or(usual.floor),
            disable_after: self.number("WEBHOOK_DISABLE_AFTER").unwrap_or(usual.disable_after),
        }
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

    /// `EMAIL_FROM`, `EMAIL_PROVIDER`, `EMAIL_API_BASE` and `EMAIL_API_KEY`: how mail goes out.
    pub fn mail(&self) -> Result<provider::Settings, MailError> {
        provider::Settings::read(|name| self.text(name), self.environment())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.env.var(name).ok().map(|value| value.to_string()).filter(|value| !value.is_empty())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok().filter(|number| *number > 0)
    }
}
