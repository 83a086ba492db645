//! Roles of accounts on websites.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The role of an account on a website; each role includes the ones before it.
// docs/contract/account-api.md#1.6. Stored by name in `members.role` and `invitations.role`: none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Role {
    /// Can read.
    Viewer,
    /// Can read, and change everything except the team.
    Member,
    /// Owns the website; can also decide about the team, and give the website away.
    Owner,
}

impl Role {
    /// The role as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}
