//! The decision whether a caller may use a route: permission ∩ website scope ∩ role. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::permission::{Permission, Permissions, Required};
use super::role::Role;
use super::session::Session;
use sluice_values::{AccountId, Timestamp, TokenId, WebsiteId, WebsiteKeyId};

/// The holder of a request's token, as the credential object returns it. Sent as JSON between Workers and objects of
/// different releases: fields may be added with a default, none is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Principal {
    /// A `dft_` token, or a session of the console.
    #[serde(rename = "dft")]
    Account {
        /// The id of the token; of a session, that of the session, under which there is no token.
        id: TokenId,
        /// The account that holds the token.
        account_id: AccountId,
        permissions: Permissions,
        /// The websites that it may access.
        scope: WebsiteScope,
        /// The session, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<Session>,
        /// When the token is over, where it has an end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A `df_` key: a member of its own website.
    #[serde(rename = "df")]
    WebsiteKey {
        id: WebsiteKeyId,
        /// The account that owns the website.
        account_id: AccountId,
        website_id: WebsiteId,
        /// What it may do there: what the token could that made it.
        // Credential objects of an earlier release answer without the two; their keys had no ceiling.
        #[serde(default = "Permissions::full")]
        permissions: Permissions,
        /// Whose token made it.
        #[serde(default)]
        created_by: Option<AccountId>,
    },
}

// Stored as a JSON array of ids in `access_tokens.website_ids`.
/// The websites that a token is restricted to; an empty list means every website of its account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct WebsiteScope(Vec<WebsiteId>);

impl WebsiteScope {
    /// The scope of exactly these websites, without repetitions; an empty list means all.
    pub fn new(websites: Vec<WebsiteId>) -> Self {
        let mut list = Vec::with_capacity(websites.len());
        for website in websites {
            if !list.contains(&website) {
                list.push(website);
            }
        }
        Self(list)
    }

    /// Whether the scope is every website of the account.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the scope includes `website`.
    pub fn includes(&self, website: WebsiteId) -> bool {
        self.is_all() || self.0.contains(&website)
    }

    pub fn as_slice(&self) -> &[WebsiteId] {
        &self.0
    }
}

/// Whether a route accepts `df_` keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebsiteKeys {
    /// On a website's routes, only the keys of that website.
    Accepted,
    /// The route belongs to an account, or to a website's owner.
    Refused,
}

/// What a caller shows to be let in, as refusals name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// An account's token or a website's key.
    Token,
    /// A session of the console.
    Session,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "this token",
            Self::Session => "this session",
        })
    }
}

/// Why access is refused. The text is for the caller and names what is missing (docs/contract/README.md#8).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Permissions that the route asks for: these are missing, each of them or any one.
    #[error("{by} lacks the permission {}", quoted(.missing, .required.conjunction()))]
    Permission {
        /// What lacks them.
        by: Means,
        /// What the route asks for.
        required: Required,
        /// What of it the caller does not have.
        missing: Vec<Permission>,
    },
    /// A `df_` key on a route that only account tokens may call.
    #[error("this route cannot be called with a df_ website key; use a dft_ account token")]
    WebsiteKey,
    /// A `df_` key on the path of another website.
    #[error("this df_ website key belongs to another website")]
    OtherWebsite,
    /// The website is not in the token's scope.
    #[error("{0} is not allowed to access website {1}")]
    OutOfScope(Means, WebsiteId),
    /// The account is not on the website's team; the caller cannot tell this from a missing website.
    #[error("no website {1} that {0} can reach")]
    NoSuchWebsite(Means, WebsiteId),
    /// The account's role on the website is too low.
    #[error("this needs the role \"{needed}\" on the website, and yours is \"{held}\"")]
    Role {
        /// The lowest role that is accepted.
        needed: Role,
        /// The caller's role.
        held: Role,
    },
}

/// Permissions in quotation marks, with a word between them.
fn quoted(permissions: &[Permission], conjunction: &str) -> String {
    let quoted: Vec<_> = permissions.iter().map(|one| format!("\"{one}\"")).collect();
    quoted.join(&format!(" {conjunction} "))
}

impl Principal {
    /// The account of the token; for a website key, the account of the website's owner.
    pub fn account_id(&self) -> AccountId {
        match self {
            Self::Account { account_id, .. } | Self::WebsiteKey { account_id, .. } => *account_id,
        }
    }

    /// The session of the console, where it is one.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Account { session, .. } => session.as_ref(),
            Self::WebsiteKey { .. } => None,
        }
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Account { session, expires_at, .. } => {
                session.as_ref().is_some_and(|session| session.is_over(now)) || expires_at.is_some_and(|end| now >= end)
            }
            Self::WebsiteKey { .. } => false,
        }
    }

    /// What refusals call it.
    pub fn means(&self) -> Means {
        if self.session().is_some() { Means::Session } else { Means::Token }
    }

    /// Whether it is a website key that the website's owner has made.
    pub fn is_key_of_owner(&self) -> bool {
        matches!(self, Self::WebsiteKey { account_id, created_by: Some(maker), .. } if maker == account_id)
    }

    /// Whether it may do now what wants a sign-in that is fresh. A token always may: it is itself what a sign-in asks for.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.session().is_none_or(|session| session.is_fresh(now))
    }

    /// What the token may do at most.
    pub fn permissions(&self) -> &Permissions {
        match self {
            Self::Account { permissions, .. } | Self::WebsiteKey { permissions, .. } => permissions,
        }
    }

    /// Who answers for what is made with the token; unknown for keys from before makers were stored.
    pub fn maker(&self) -> Option<AccountId> {
        match self {
            Self::Account { account_id, .. } => Some(*account_id),
            Self::WebsiteKey { created_by, .. } => *created_by,
        }
    }

    /// Whether the token itself, before any website is looked at, may call a route.
    pub fn may_call(&self, required: Required, keys: WebsiteKeys) -> Result<(), Refusal> {
        if matches!(self, Self::WebsiteKey { .. }) && keys == WebsiteKeys::Refused {
            return Err(Refusal::WebsiteKey);
        }
        let missing = required.missing(self.permissions());
        if missing.is_empty() { Ok(()) } else { Err(Refusal::Permission { by: self.means(), required, missing }) }
    }

    /// The role on `website`, if the token alone decides it: a key is a member of its own website and has no role on
    /// others. `None` means that the account's membership must be read.
    pub fn own_role(&self, website: WebsiteId) -> Option<Result<Role, Refusal>> {
        match self {
            Self::WebsiteKey { website_id, .. } if *website_id == website => Some(Ok(Role::Member)),
            Self::WebsiteKey { .. } => Some(Err(Refusal::OtherWebsite)),
            Self::Account { .. } => None,
        }
    }

    /// The caller's role on `website`, or the refusal. `membership` is the role of the token's account there.
    pub fn role_on(&self, website: WebsiteId, membership: Option<Role>, needed: Role) -> Result<Role, Refusal> {
        let held = match (self.own_role(website), membership) {
            (Some(decided), _) => decided?,
            (None, Some(role)) => role,
            (None, None) => return Err(Refusal::NoSuchWebsite(self.means(), website)),
        };
        if let Self::Account { scope, .. } = self
            && !scope.includes(website)
        {
            return Err(Refusal::OutOfScope(self.means(), website));
        }
        if held < needed { Err(Refusal::Role { needed, held }) } else { Ok(held) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_values::Id;

    fn id<Kind>(number: u8) -> Id<Kind> {
        Id::new(Timestamp::from_millis(0), [number; 8])
    }

    fn token(permissions: &[Permission], websites: &[WebsiteId]) -> Principal {
        Principal::Account {
            id: id(1),
            account_id: id(2),
            permissions: permissions.to_vec().try_into().unwrap(),
            scope: WebsiteScope::new(websites.to_vec()),
            session: None,
            expires_at: None,
        }
    }

    #[test]
    fn a_website_of_another_team_looks_missing_even_if_the_scope_lists_it() {
        let caller = token(&[Permission::Full], &[id(7)]);
        assert_eq!(caller.role_on(id(7), None, Role::Viewer), Err(Refusal::NoSuchWebsite(Means::Token, id(7))));
    }

    #[test]
    fn the_allow_list_narrows_what_the_account_can_reach() {
        let caller = token(&[Permission::Full], &[id(7)]);
        assert_eq!(caller.role_on(id(7), Some(Role::Owner), Role::Owner), Ok(Role::Owner));
        assert_eq!(
            caller.role_on(id(8), Some(Role::Owner), Role::Viewer),
            Err(Refusal::OutOfScope(Means::Token, id(8)))
        );
    }

    #[test]
    fn roles_are_ordered() {
        let caller = token(&[Permission::Full], &[]);
        for (held, needed, enough) in [
            (Role::Viewer, Role::Viewer, true),
            (Role::Viewer, Role::Member, false),
            (Role::Member, Role::Member, true),
            (Role::Member, Role::Owner, false),
            (Role::Owner, Role::Viewer, true),
        ] {
            assert_eq!(caller.role_on(id(7), Some(held), needed).is_ok(), enough, "{held} for {needed}");
        }
    }

    fn key(permissions: &[Permission]) -> Principal {
        Principal::WebsiteKey {
            id: id(1),
            account_id: id(2),
            website_id: id(7),
            permissions: permissions.to_vec().try_into().unwrap(),
            created_by: Some(id(3)),
        }
    }

    #[test]
    fn a_key_is_a_member_of_its_own_website_and_has_no_role_elsewhere() {
        let key = key(&[Permission::Full]);
        assert_eq!(key.role_on(id(7), None, Role::Member), Ok(Role::Member));
        assert_eq!(
            key.role_on(id(7), Some(Role::Owner), Role::Owner),
            Err(Refusal::Role { needed: Role::Owner, held: Role::Member })
        );
        assert_eq!(key.role_on(id(8), Some(Role::Owner), Role::Viewer), Err(Refusal::OtherWebsite));
        let reads = Required::from(&[Permission::AnalyticsRead]);
        assert_eq!(key.may_call(reads, WebsiteKeys::Refused), Err(Refusal::WebsiteKey));
        assert_eq!(key.may_call(reads, WebsiteKeys::Accepted), Ok(()));
    }

    #[test]
    fn a_key_never_rises_above_its_ceiling() {
        let key = key(&[Permission::FunnelsRead]);
        assert_eq!(key.may_call((&[Permission::FunnelsRead]).into(), WebsiteKeys::Accepted), Ok(()));
        for beyond in Permission::ALL.iter().filter(|one| **one != Permission::FunnelsRead) {
            let only: &'static [Permission] = std::slice::from_ref(beyond);
            let refusal = key.may_call(Required::All(only), WebsiteKeys::Accepted).unwrap_err();
            assert_eq!(refusal.to_string(), format!("this token lacks the permission \"{beyond}\""));
        }
    }

    #[test]
    fn the_principal_of_an_earlier_release_opens_and_has_no_ceiling() {
        let stored = r#"{"kind":"df","id":"000000000101010101010101","account_id":"000000000202020202020202","website_id":"000000000707070707070707"}"#;
        let principal: Principal = serde_json::from_str(stored).unwrap();
        assert_eq!((principal.permissions(), principal.maker()), (&Permissions::full(), None));
        let key = key(&[Permission::FunnelsRead]);
        assert_eq!(serde_json::from_str::<Principal>(&serde_json::to_string(&key).unwrap()).unwrap(), key);
    }

    #[test]
    fn a_session_is_not_called_a_token() {
        let mut caller = token(&[Permission::GoalsRead], &[id(7)]);
        let Principal::Account { session, .. } = &mut caller else { unreachable!() };
        let never = Timestamp::from_millis(0);
        *session = Some(Session { id: id(3), fresh_until: never, expires_at: never, last_seen_at: never });
        let refusal = caller.may_call((&[Permission::FunnelsRead]).into(), WebsiteKeys::Accepted).unwrap_err();
        assert_eq!(refusal.to_string(), "this session lacks the permission \"funnels:read\"");
        let refusal = caller.role_on(id(8), Some(Role::Owner), Role::Viewer).unwrap_err();
        assert_eq!(refusal.to_string(), "this session is not allowed to access website 000000000808080808080808");
    }

    #[test]
    fn any_one_of_the_permissions_of_a_route_is_enough() {
        const EITHER: Required = Required::Any(&[Permission::SettingsRead, Permission::GoalsRead]);
        assert!(token(&[Permission::GoalsRead], &[]).may_call(EITHER, WebsiteKeys::Accepted).is_ok());
        let refusal = token(&[Permission::GoalsWrite], &[]).may_call(EITHER, WebsiteKeys::Accepted).unwrap_err();
        assert_eq!(refusal.to_string(), "this token lacks the permission \"settings:read\" or \"goals:read\"");
    }

    #[test]
    fn a_route_that_asks_for_several_permissions_names_each_that_is_missing() {
        const EACH: Required =
            Required::All(&[Permission::SettingsWrite, Permission::GoalsWrite, Permission::PaymentsWrite]);
        let refusal = token(&[Permission::GoalsWrite], &[]).may_call(EACH, WebsiteKeys::Accepted).unwrap_err();
        assert_eq!(refusal.to_string(), "this token lacks the permission \"settings:write\" and \"payments:write\"");
    }
}
