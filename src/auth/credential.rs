//! The protocol between Workers and credential objects: who holds this token, and may it call now? During a rollout the two
//! are of different releases: paths may be added, and fields with a default; none is renamed.

use serde::{Deserialize, Serialize};

use super::access::Principal;
use super::sliding_window::Rate;
use super::token::TokenKind;
use sluice_values::WebsiteId;

/// The calls of a credential object. The object is named by its token's hash, or by a client address for
/// `CountFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialCall {
    /// Returns the token's holder, and counts the request if the rate limit admits it. Where the request names a website, the
    /// object also says whether the holder owns it.
    Admit(TokenKind, Option<WebsiteId>),
    /// Forgets the holder of a revoked token, so that the next call reads the database again.
    Forget,
    /// Counts a failed authentication, and returns whether the address may fail again.
    CountFailure,
    /// Answers, to show that Durable Objects work.
    Ping,
}

/// The parameter that names the website.
const WEBSITE: &str = "website=";

impl CredentialCall {
    /// The calls without parameters, for parsing.
    const ALL: [Self; 6] = [
        Self::Admit(TokenKind::Account, None),
        Self::Admit(TokenKind::Website, None),
        Self::Admit(TokenKind::Session, None),
        Self::Forget,
        Self::CountFailure,
        Self::Ping,
    ];

    /// The call as a path, with a query where a website is named, which objects of earlier releases ignore.
    pub fn path(self) -> String {
        let query = match self {
            Self::Admit(_, Some(website)) => format!("?{WEBSITE}{website}"),
            _ => String::new(),
        };
        format!("{}{query}", self.name())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Admit(TokenKind::Account, _) => "/admit/dft",
            Self::Admit(TokenKind::Website, _) => "/admit/df",
            Self::Admit(TokenKind::Session, _) => "/admit/dfs",
            Self::Forget => "/forget",
            Self::CountFailure => "/count-failure",
            Self::Ping => "/ping",
        }
    }

    /// Parses a path with its query.
    pub fn of_path(path: &str) -> Option<Self> {
        let (name, query) = path.split_once('?').unwrap_or((path, ""));
        let website = query.strip_prefix(WEBSITE).and_then(|id| id.parse().ok());
        Self::ALL.into_iter().find(|call| call.name() == name).map(|call| match call {
            Self::Admit(kind, _) => Self::Admit(kind, website),
            other => other,
        })
    }
}

/// The response to `Admit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The token's holder; `None` for an unknown token, for which nothing was counted.
    pub principal: Option<Principal>,
    /// The state of the token's rate limit; `None` for an unknown token.
    pub rate: Option<Rate>,
    /// Whether the holder owns the website that the call named. If not, the holder may still have a role there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owns: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_read_back_from_its_path() {
        for call in CredentialCall::ALL {
            assert_eq!(CredentialCall::of_path(&call.path()), Some(call));
        }
        let named = CredentialCall::Admit(TokenKind::Account, Some("665f0b3c4d2e1a0012345678".parse().unwrap()));
        assert_eq!(named.path(), "/admit/dft?website=665f0b3c4d2e1a0012345678");
        assert_eq!(CredentialCall::of_path(&named.path()), Some(named));
        assert_eq!(CredentialCall::of_path("/admit"), None);
    }
}
