//! Whom browsers and identifications named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use sluice_values::{Timestamp, VisitorId};

/// A visitor who was named, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Latest {
    pub time: Timestamp,
    pub visitor: VisitorId,
}

/// The latest of each key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    by_key: BTreeMap<String, Latest>,
    by_email: BTreeMap<String, Latest>,
    identified: BTreeMap<String, Latest>,
}

impl Hints {
    /// Takes a browser's hint about an id: `stripe_session_id:cs_…`.
    pub fn hint(&mut self, key: &str, latest: Latest) {
        keep(&mut self.by_key, key.to_owned(), latest);
    }

    /// Takes a browser's hint about an e-mail address.
    pub fn hint_email(&mut self, email: &str, latest: Latest) {
        keep(&mut self.by_email, compared(email), latest);
    }

    /// Takes an identification with an e-mail address.
    pub fn identify(&mut self, email: &str, latest: Latest) {
        keep(&mut self.identified, compared(email), latest);
    }

    /// The visitor of the latest hint under any of the keys.
    pub fn hinted<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Option<VisitorId> {
        keys.filter_map(|key| self.by_key.get(key)).max().map(|latest| latest.visitor)
    }

    /// The visitor of the latest hint with an address, then of the latest identification with it.
    pub fn known_by_email(&self, email: &str) -> Option<VisitorId> {
        let email = compared(email);
        self.by_email.get(&email).or_else(|| self.identified.get(&email)).map(|latest| latest.visitor)
    }
}

/// An address as addresses are compared.
pub fn compared(email: &str) -> String {
    email.trim().to_lowercase()
}

fn keep(known: &mut BTreeMap<String, Latest>, key: String, latest: Latest) {
    let known = known.entry(key).or_insert(latest);
    *known = latest.max(*known);
}
