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
/// The goals of a website with display settings.
pub const MAX_GOAL_CUSTOMIZATIONS: Cap = Cap { name: "MAX_GOAL_CUSTOMIZATIONS", default: 500 };
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
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for look_up in ["text(\"", "number(\"", "setting(\"", "Cap { name: \""] {
                let names = source.split(look_up).skip(1).filter_map(|rest| rest.split('"').next());
                let is_setting = |name: &&str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
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
