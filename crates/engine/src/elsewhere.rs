//! What the home of several shards has to know from all of them while it works on what providers told (`together.rs`): browsers'
//! hints, and payments that backends posted. The home works in one transaction. What it does not know it notes here, and the
//! transaction fails; then it asks the shards, and works again.

use std::collections::{BTreeMap, BTreeSet};

use sluice_providers::hints::Latest;

use crate::event::Payment;

#[derive(Default)]
pub(crate) struct Elsewhere {
    hints: BTreeMap<String, Option<Latest>>,
    /// By transaction, each with its shard.
    posted: BTreeMap<String, Vec<(u32, Payment)>>,
    lacks: Lacks,
}

/// What has to be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lacks {
    /// Keys of hints.
    pub hints: BTreeSet<String>,
    /// Transactions of backends' payments.
    pub posted: BTreeSet<String>,
}

impl Elsewhere {
    pub fn lacks_anything(&self) -> bool {
        self.lacks != Lacks::default()
    }

    /// What is to be asked for, and then told to [`Elsewhere::learn`]. Meanwhile nothing lacks: the home is a shard that is asked,
    /// and takes events.
    pub fn take_lacks(&mut self) -> Lacks {
        std::mem::take(&mut self.lacks)
    }

    /// Takes the answers of shards to what was lacking.
    pub fn learn(&mut self, lacks: Lacks, hints: Vec<(String, Latest)>, posted: Vec<(u32, Payment)>) {
        self.hints.extend(lacks.hints.into_iter().map(|key| (key, None)));
        self.posted.extend(lacks.posted.into_iter().map(|id| (id, Vec::new())));
        for (key, latest) in hints {
            let known = self.hints.entry(key).or_default();
            *known = Some(latest).max(*known);
        }
        for (shard, payment) in posted {
            self.posted.entry(payment.transaction_id.clone()).or_default().push((shard, payment));
        }
    }

    /// The latest hints with these keys, in any shard.
    pub fn hints(&mut self, keys: &BTreeSet<String>) -> Vec<(String, Latest)> {
        let mut found = Vec::new();
        for key in keys {
            match self.hints.get(key) {
                Some(latest) => found.extend(latest.map(|latest| (key.clone(), latest))),
                None => {
                    self.lacks.hints.insert(key.clone());
                }
            }
        }
        found
    }

    /// Backends' payments of these transactions, in any shard, each with its shard.
    pub fn posted(&mut self, ids: &BTreeSet<&str>) -> Vec<(u32, Payment)> {
        let mut found = Vec::new();
        for id in ids {
            match self.posted.get(*id) {
                Some(payments) => found.extend(payments.iter().cloned()),
                None => {
                    self.lacks.posted.insert((*id).to_owned());
                }
            }
        }
        found
    }
}
