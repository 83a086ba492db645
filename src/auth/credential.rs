//! The protocol between Workers and credential objects: who holds this token, and may it call now? During a rollout the two
//! are of different releases: paths may be added, and fields with a default; none is renamed.

use serde::{Deserialize, Serialize};

use super::access::Principal;
use super::sliding_window::Rate;
use super::token::TokenKind;

/// The calls of a credential object. The object is named by its token's hash, or by a client address for
/// `CountFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialCall {
    /// Returns the token's holder, and counts the request if the rate limit admits it.
    Admit(TokenKind),
    /// Forgets the holder of a revoked token, so that the next call reads the database again.
    Forget,
    /// Counts a failed authentication, and returns whether the address may fail again.
    CountFailure,
    /// Answers, to show that Durable Objects work.
    Ping,
}

impl CredentialCall {
    /// Every call, for parsing.
    const ALL: [Self; 5] = [
        Self::Admit(TokenKind::Account),
        Self::Admit(TokenKind::Website),
        Self::Forget,
        Self::CountFailure,
        Self::Ping,
    ];

    /// The call as a path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Admit(TokenKind::Account) => "/admit/dft",
            Self::Admit(TokenKind::Website) => "/admit/df",
            Self::Forget => "/forget",
            Self::CountFailure => "/count-failure",
            Self::Ping => "/ping",
        }
    }

    /// Parses a path.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.path() == path)
    }
}

/// The response to `Admit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The token's holder; `None` for an unknown token, for which nothing was counted.
    pub principal: Option<Principal>,
    /// The state of the token's rate limit; `None` for an unknown token.
    pub rate: Option<Rate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_read_back_from_its_path() {
        for call in CredentialCall::ALL {
            assert_eq!(CredentialCall::of_path(call.path()), Some(call));
        }
        assert_eq!(CredentialCall::of_path("/admit"), None);
    }
}
