//! What a website's object knows of its website: the events that endpoints and alerts subscribe to, and how long events are
//! kept.

use serde::{Deserialize, Serialize};

/// The events that a website's endpoints and alerts subscribe to.
///
/// Stored in the object (`meta`, key `watch`) and sent between Worker and object. Fields may be added with a default,
/// never renamed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriptions {
    /// The higher version wins.
    pub version: i64,
    pub goals: Goals,
    /// Payments, refunds and free trials.
    pub payments: bool,
    /// Identifications of visitors.
    pub identities: bool,
    /// Any event at all, because it may change a metric.
    pub activity: bool,
    /// For how many days events are kept; `None` for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// The goals whose completions are subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goals {
    Named(Vec<String>),
    All,
}

impl Default for Goals {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

impl Goals {
    /// Adds these subscriptions.
    pub fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Named(known), Self::Named(names)) => {
                for name in names {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
        }
    }

    pub fn include(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|known| known == name),
        }
    }
}
