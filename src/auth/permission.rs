//! The permissions of tokens (docs/contract/account-api.md#1.5).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a permission allows reading or writing.
enum Effect {
    Reads,
    Writes,
}

/// Declares the permissions once: the type, its text, its effect and the list of all.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $effect:ident;)*) => {
        // Stored by name in `access_tokens.permissions`: names may be added; renaming one needs a data migration.
        /// One permission of a token's list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[schemars(inline)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Permission {
            /// Every permission, `*` first.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The permission as text, such as `funnels:read`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Whether the permission allows changes; viewers of a website have no such permission.
            pub const fn is_write(self) -> bool {
                match self { $(Self::$name => matches!(Effect::$effect, Effect::Writes)),* }
            }
        }
    };
}

permissions! {
    /// Full access.
    Full = "*", Writes;
    /// Analytics, visitors, realtime, metadata, funnel analytics; the account.
    AnalyticsRead = "analytics:read", Reads;
    /// Goals and how they are shown.
    GoalsRead = "goals:read", Reads;
    /// Create or delete goal events; change how goals are shown.
    GoalsWrite = "goals:write", Writes;
    /// Payments.
    PaymentsRead = "payments:read", Reads;
    /// Create or delete payments.
    PaymentsWrite = "payments:write", Writes;
    /// Identify visitors from a backend.
    IdentifyWrite = "identify:write", Writes;
    /// List websites.
    WebsitesRead = "websites:read", Reads;
    /// Create websites.
    WebsitesWrite = "websites:write", Writes;
    /// Read website settings and integrations.
    SettingsRead = "settings:read", Reads;
    /// Update website settings, connect integrations.
    SettingsWrite = "settings:write", Writes;
    /// List website keys and account tokens.
    ApiKeysRead = "api-keys:read", Reads;
    /// Create, roll or revoke website keys and account tokens.
    ApiKeysWrite = "api-keys:write", Writes;
    /// List funnels.
    FunnelsRead = "funnels:read", Reads;
    /// Create, update or delete funnels.
    FunnelsWrite = "funnels:write", Writes;
    /// List alerts and their history.
    AlertsRead = "alerts:read", Reads;
    /// Create, update or delete alerts.
    AlertsWrite = "alerts:write", Writes;
    /// List webhooks and their deliveries.
    WebhooksRead = "webhooks:read", Reads;
    /// Create, update, test or delete webhooks, see their secrets, send deliveries again.
    WebhooksWrite = "webhooks:write", Writes;
    /// List team members.
    TeamRead = "team:read", Reads;
    /// Invite or remove team members (owners only).
    TeamWrite = "team:write", Writes;
    /// List notes.
    NotesRead = "notes:read", Reads;
    /// Create, update or delete notes.
    NotesWrite = "notes:write", Writes;
}

impl fmt::Display for Permission {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

/// What a route asks of the permissions of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Each of them.
    All(&'static [Permission]),
    /// Any one of them.
    Any(&'static [Permission]),
}

impl Required {
    /// The permissions, in the order of the table.
    pub const fn list(self) -> &'static [Permission] {
        match self {
            Self::All(list) | Self::Any(list) => list,
        }
    }

    /// The word between two of them.
    pub const fn conjunction(self) -> &'static str {
        match self {
            Self::All(_) => "and",
            Self::Any(_) => "or",
        }
    }

    /// What a token with the permissions `held` lacks; nothing where it may call.
    pub fn missing(self, held: &Permissions) -> Vec<Permission> {
        let is_missing = |wanted: &Permission| !held.allow(*wanted);
        let missing: Vec<_> = self.list().iter().copied().filter(is_missing).collect();
        match self {
            Self::Any(list) if missing.len() < list.len() => Vec::new(),
            _ => missing,
        }
    }
}

/// A list alone asks for all of it.
impl<const N: usize> From<&'static [Permission; N]> for Required {
    fn from(list: &'static [Permission; N]) -> Self {
        Self::All(list)
    }
}

/// The permissions of one token: at least one, without repetitions, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<Permission>")]
#[schemars(inline)]
pub struct Permissions(#[schemars(length(min = 1))] Vec<Permission>);

impl Permissions {
    pub fn full() -> Self {
        Self(vec![Permission::Full])
    }

    /// Whether these include `wanted`, by name or by `*`.
    pub fn allow(&self, wanted: Permission) -> bool {
        self.0.iter().any(|held| *held == wanted || *held == Permission::Full)
    }

    pub fn list(&self) -> &[Permission] {
        &self.0
    }

    /// The first of `wanted` that these do not include, and that a token with these may not grant.
    pub fn first_beyond(&self, wanted: &Self) -> Option<Permission> {
        wanted.0.iter().copied().find(|permission| !self.allow(*permission))
    }
}

impl TryFrom<Vec<Permission>> for Permissions {
    type Error = sluice_values::Invalid;

    fn try_from(sent: Vec<Permission>) -> Result<Self, Self::Error> {
        let mut list = Vec::with_capacity(sent.len());
        for permission in sent {
            if !list.contains(&permission) {
                list.push(permission);
            }
        }
        if list.is_empty() {
            return Err(sluice_values::Invalid::new(
                "expected at least one permission; leave the field out for your own",
            ));
        }
        Ok(Self(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Permissions, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_wildcard_allows_everything_and_a_name_only_itself() {
        let all = Permissions::full();
        let some = parse(r#"["funnels:read"]"#).unwrap();
        for permission in Permission::ALL {
            assert!(all.allow(*permission));
            assert_eq!(some.allow(*permission), *permission == Permission::FunnelsRead);
        }
    }

    #[test]
    fn nothing_beyond_the_callers_own_can_be_granted() {
        let some = parse(r#"["funnels:read","funnels:write"]"#).unwrap();
        assert_eq!(some.first_beyond(&parse(r#"["funnels:write"]"#).unwrap()), None);
        assert_eq!(
            some.first_beyond(&parse(r#"["funnels:read","alerts:read"]"#).unwrap()),
            Some(Permission::AlertsRead)
        );
        assert_eq!(some.first_beyond(&Permissions::full()), Some(Permission::Full));
        assert_eq!(Permissions::full().first_beyond(&some), None);
    }

    #[test]
    fn all_of_a_list_needs_each_and_any_of_it_one() {
        const PAIR: &[Permission; 2] = &[Permission::SettingsRead, Permission::AnalyticsRead];
        for (held, all, any) in [
            (r#"["*"]"#, &[][..], &[][..]),
            (r#"["analytics:read","settings:read"]"#, &[], &[]),
            (r#"["analytics:read"]"#, &[Permission::SettingsRead], &[]),
            (r#"["settings:read"]"#, &[Permission::AnalyticsRead], &[]),
            (r#"["settings:write"]"#, PAIR, PAIR),
        ] {
            let held = parse(held).unwrap();
            assert_eq!(Required::from(PAIR).missing(&held), all, "{held:?}");
            assert_eq!(Required::Any(PAIR).missing(&held), any, "{held:?}");
        }
    }

    #[test]
    fn lists_lose_repetitions_and_may_not_be_empty() {
        let twice = parse(r#"["funnels:read","*","funnels:read"]"#).unwrap();
        assert_eq!(serde_json::to_string(&twice).unwrap(), r#"["funnels:read","*"]"#);
        assert!(parse("[]").is_err());
        assert!(parse(r#"["funnels:delete"]"#).unwrap_err().to_string().contains("analytics:read"));
    }
}
