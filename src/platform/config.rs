//! Variables and secrets of the deployment, by name. Each feature reads and parses its own; the README's configuration
//! table explains them all.

use sluice_providers::provider::Provider;
use sluice_values::Environment;

use super::error::PlatformError;
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
/// The goals of a website with display settings.
pub const MAX_GOAL_CUSTOMIZATIONS: Cap = Cap { name: "MAX_GOAL_CUSTOMIZATIONS", default: 500 };
/// The requests of crawlers that a website counts in a month.
pub const MAX_BOT_REQUESTS: Cap = Cap { name: "MAX_BOT_REQUESTS", default: 100_000 };
/// The notes of a website.
pub const MAX_NOTES: Cap = Cap { name: "MAX_NOTES", default: 2_000 };
/// The invitations that an account sends in a day.
pub const MOST_INVITATIONS_PER_DAY: Cap = Cap { name: "INVITATIONS_PER_DAY", default: 20 };
/// The invitations of a website that wait to be accepted.
pub const MAX_OPEN_INVITATIONS: Cap = Cap { name: "MAX_OPEN_INVITATIONS", default: 50 };
/// The deliveries of a website that wait for an attempt.
pub const MAX_WAITING_DELIVERIES: Cap = Cap { name: "MAX_WAITING_DELIVERIES", default: 10_000 };
/// The mails of an alert in an hour.
pub const ALERT_MAILS_PER_HOUR: Cap = Cap { name: "ALERT_MAILS_PER_HOUR", default: 20 };

/// The size of a website's object, in megabytes.
pub const MAX_OBJECT_MB: Cap = Cap { name: "MAX_OBJECT_MB", default: 10_000 };
/// The size of D1, in megabytes.
pub const MAX_DATABASE_MB: Cap = Cap { name: "MAX_DATABASE_MB", default: 10_000 };

/// The seconds that a payment provider has for an answer.
pub const PROVIDER_TIMEOUT: Cap = Cap { name: "PROVIDER_TIMEOUT", default: 10 };
/// The seconds between two looks for a payment provider's events, where it posts none.
pub const PROVIDER_POLL_INTERVAL: Cap = Cap { name: "PROVIDER_POLL_INTERVAL", default: 300 };
/// The hours between two looks at what a payment provider has changed lately.
pub const PROVIDER_SWEEP_HOURS: Cap = Cap { name: "PROVIDER_SWEEP_HOURS", default: 24 };
/// The days for which the audit log is kept.
pub const AUDIT_DAYS: Cap = Cap { name: "AUDIT_DAYS", default: 365 };
/// The days for which the body of a payment provider's event is kept.
pub const PROVIDER_EVENT_DAYS: Cap = Cap { name: "PROVIDER_EVENT_DAYS", default: 30 };

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

    /// Another address of a payment provider's API than its own: `https` outside development. WooCommerce's is the shop's.
    pub fn provider_base(&self, provider: Provider) -> Result<Option<String>, PlatformError> {
        let (name, base) = match provider {
            Provider::Stripe => ("STRIPE_API_BASE", self.text("STRIPE_API_BASE")),
            Provider::LemonSqueezy => ("LEMONSQUEEZY_API_BASE", self.text("LEMONSQUEEZY_API_BASE")),
            Provider::Polar => ("POLAR_API_BASE", self.text("POLAR_API_BASE")),
            Provider::Paddle => ("PADDLE_API_BASE", self.text("PADDLE_API_BASE")),
            Provider::Shopify => ("SHOPIFY_API_BASE", self.text("SHOPIFY_API_BASE")),
            Provider::WooCommerce => return Ok(None),
        };
        let base = base.map(|base| base.trim().trim_end_matches('/').to_owned());
        let is_secure = |base: &String| base.starts_with("https://") || self.environment() == Environment::Development;
        if base.as_ref().is_none_or(is_secure) {
            Ok(base)
        } else {
            Err(PlatformError::new(format!("{name}: expected an address that begins with \"https://\"")))
        }
    }

    /// `PROVIDER_IMPORT_FROM`: the day from which on payments of a newly connected provider are imported.
    pub fn provider_import_from(&self) -> Option<String> {
        self.text("PROVIDER_IMPORT_FROM")
    }

    /// The variable, unless it is missing or empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.runtime.variable(name).filter(|value| !value.is_empty())
    }

    /// A cap on a shared resource (docs/contract/README.md#47): the variable, or this default.
    pub fn cap(&self, cap: Cap) -> u32 {
        self.number(cap.name).unwrap_or(cap.default)
    }

    /// A cap in megabytes, in bytes.
    pub fn bytes(&self, cap: Cap) -> i64 {
        i64::from(self.cap(cap)) * 1_000_000
    }

    /// The variable as a number above zero.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok().filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The settings that sources read: what stands in capitals where a setting is looked up or a cap is declared.
    fn read_by_sources(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_by_sources(&path, found);
                continue;
            }
            if path.to_string_lossy().ends_with("_tests.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for look_up in ["text(\"", "number(\"", "setting(\"", "Cap { name: \""] {
                let names = source.split(look_up).skip(1).filter_map(|rest| rest.split('"').next());
                let is_setting = |name: &&str| {
                    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                };
                found.extend(names.filter(is_setting).map(str::to_owned));
            }
        }
    }

    #[test]
    fn the_readme_explains_exactly_the_settings_that_are_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut read = BTreeSet::new();
        read_by_sources(&root.join("src"), &mut read);
        let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
        let section = readme.split("\n## Configuration\n").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), read);
    }
}
