//! What the answers to a connection's first requests mean (docs/contract/providers.md#3.3): each provider has requests that
//! are made side by side, and a judge of all their answers, which names everything that is missing at once.

use sluice_values::Timestamp;

use crate::fields::Node;
use crate::request::{Answer, Request};

/// A request of a verification, and the permission that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub request: Request,
    /// Empty if it needs none of its own.
    pub permission: &'static str,
}

impl Check {
    pub const fn new(request: Request, permission: &'static str) -> Self {
        Self { request, permission }
    }
}

/// Whose credentials they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub name: Option<String>,
}

/// Credentials that may be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub account: Option<Account>,
    /// Whether webhooks may be registered; if not, the connection polls.
    pub registers: bool,
    /// Permissions that it can do without.
    pub missing: Vec<String>,
    pub test_mode: bool,
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// 400, with the field in front.
    Invalid(String),
    /// 503: the provider does not answer as it should.
    Later,
}

impl Refused {
    pub fn field(field: &str, why: &str) -> Self {
        Self::Invalid(format!("{field}: {why}"))
    }
}

/// The refusal that names all missing permissions, unless none is missing.
pub fn complete(field: &str, credential: &str, missing: &[String]) -> Result<(), Refused> {
    let permissions = if missing.len() == 1 { "permission" } else { "permissions" };
    match missing {
        [] => Ok(()),
        _ => Err(Refused::field(field, &format!("the {credential} lacks the {permissions} {}", missing.join(", ")))),
    }
}

/// Whether a provider is slow, limits, or is down.
pub const fn is_later(answer: &Answer) -> bool {
    matches!(answer.status, 0..=199 | 408 | 425 | 429 | 500..)
}

/// Id and name of an account.
pub fn account(node: &Node<'_>, id: &str, names: &[&str]) -> Option<Account> {
    let name = names.iter().find_map(|path| node.text(path)).map(str::to_owned);
    Some(Account { id: node.id(id)?, name })
}
