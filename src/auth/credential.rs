//! The protocol between the gateway and its gates: who is this token, and may it call now?

use serde::{Deserialize, Serialize};

use super::access::Principal;
use super::sliding_window::Rate;
use super::token::TokenKind;

/// What a gate can be asked. A gate is named by its token's hash, or by a client address for `CountFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialCall {
    /// Who holds this token, and is there room in its window? Counts the request where there is.
    Admit(TokenKind),
    /// The token was revoked: ask the database again from now on.
    Forget,
    /// An authentication failed; is there still room in this address's window?
    CountFailure,
    /// Are you there?
    Ping,
}

impl CredentialCall {
    /// Every call, for the reading side.
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

    /// The call that a path stands for.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.path() == path)
    }
}

/// What a gate says to `Admit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Who holds the token; `None` where nobody does. Then nothing was counted either.
    pub principal: Option<Principal>,
    /// The state of the token's window; `None` for a token of nobody.
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
