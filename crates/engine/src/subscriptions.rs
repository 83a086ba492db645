//! What a website's object knows of its website: the events that endpoints and alerts subscribe to, and how long events are
//! kept.

use serde::{Deserialize, Serialize};
use sluice_values::{Timestamp, WebhookId};

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
    /// The goals of alerts; `None` if an earlier release wrote this, and any goal may be an alert's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_goals: Option<Goals>,
    /// All endpoints of the website, which have a table of their own in the object; `None` if they are not part of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Vec<Endpoint>>,
}

/// An endpoint as D1 has it, secrets sealed. Sent between Worker and object: fields may be added with a default, never
/// renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: WebhookId,
    pub url: String,
    /// JSON arrays of strings; empty ones leave nothing out.
    pub event_types: String,
    pub goal_names: String,
    /// 0 or 1.
    pub is_enabled: i64,
    /// How often it was switched on.
    pub switched_on: i64,
    pub sealed_headers: String,
    pub sealed_secret: String,
    pub sealed_previous_secret: Option<String>,
    pub previous_secret_expires_at: Option<Timestamp>,
    /// Milliseconds between two deliveries; 0 without a limit.
    pub slot_ms: i64,
    /// The failure streak as D1 had it, for an object that does not know the endpoint yet.
    pub failing_since: Option<Timestamp>,
    pub warned_at: Option<Timestamp>,
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
