//! What the pages of all providers have in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use sluice_values::Timestamp;

use crate::fields::Fault;
use crate::reading::{Step, Trouble, found};
use crate::request::Answer;

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What changed before is not read.
    pub from: Option<Timestamp>,
    /// When the reading began.
    pub until: Timestamp,
    /// Whether it is the daily sweep, which wants what changed instead of what was made.
    pub is_sweep: bool,
    /// The store of Lemon Squeezy, the organization of Polar.
    pub of: String,
}

/// Where a reading is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which of the provider's stages.
    pub stage: usize,
    /// The last id, the number of the page, or what else a stage counts by; nothing at its beginning.
    pub after: Option<String>,
}

impl Cursor {
    #[must_use]
    pub fn after(&self, after: impl Into<String>) -> Self {
        Self { stage: self.stage, after: Some(after.into()) }
    }

    #[must_use]
    pub const fn next_stage(&self) -> Self {
        Self { stage: self.stage + 1, after: None }
    }

    /// The number of the page, from 1.
    pub fn page(&self) -> u64 {
        self.after.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1)
    }
}

/// What was read on earlier pages about a payment or a subscription, by its id: only Stripe's payments need it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub session: Option<Value>,
    pub invoice: Option<Value>,
}

pub type Links = BTreeMap<String, Link>;

#[derive(Debug, Default)]
pub struct Page {
    /// Each object of the page: done, or still to be read more of.
    pub steps: Vec<Step>,
    pub links: Vec<(String, Link)>,
    pub next: Option<Cursor>,
    /// How many there are, where the provider counts.
    pub total: Option<u64>,
    /// How many were on this page.
    pub done: usize,
}

impl Page {
    pub fn push(&mut self, step: Result<Step, Fault>) {
        self.steps.push(Step::of(step));
    }
}

/// The body of an answer that has to be there.
pub fn body(answer: &Answer) -> Result<&Value, Trouble> {
    found(answer)?.ok_or(Trouble::Later { after_secs: None })
}

/// A list that an answer is not: the provider is asked again.
pub fn unlike(_: Fault) -> Trouble {
    Trouble::Later { after_secs: None }
}
