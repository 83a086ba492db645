//! What the home of several shards has to know from all of them while it works on what providers told (`together.rs`): browsers'
//! hints, and payments that backends posted. The home works in one transaction. What it does not know it notes here, and the
//! transaction fails; then it asks the shards, and works again.

use std::collections::{BTreeMap, BTreeSet};

use sluice_providers::hints::Latest;

use crate::event::Payment;
use crate::layout::Standing;
use crate::site::Site;
use crate::sql::Sql;

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

impl<S: Sql> Site<S> {
    /// Whether the website has several objects: the home of them works on what providers told, and the rows of `payments` that come of
    /// it are in the shards of their visitors.
    pub(crate) fn is_shard(&self) -> bool {
        matches!(self.standing(), Standing::Shard(..))
    }

    pub(crate) fn lacks_anything(&self) -> bool {
        self.elsewhere.borrow().lacks != Lacks::default()
    }

    /// What is to be asked for, to be told to [`Site::learn`].
    pub(crate) fn lacks(&self) -> Lacks {
        self.elsewhere.borrow().lacks.clone()
    }

    /// Takes the answers of shards to what was lacking.
    pub(crate) fn learn(&self, hints: Vec<(String, Latest)>, posted: Vec<(u32, Payment)>) {
        let known = &mut *self.elsewhere.borrow_mut();
        let lacks = std::mem::take(&mut known.lacks);
        known.hints.extend(lacks.hints.into_iter().map(|key| (key, None)));
        known.posted.extend(lacks.posted.into_iter().map(|id| (id, Vec::new())));
        for (key, latest) in hints {
            let known = known.hints.entry(key).or_default();
            *known = Some(latest).max(*known);
        }
        for (shard, payment) in posted {
            known.posted.entry(payment.transaction_id.clone()).or_default().push((shard, payment));
        }
    }

    /// Forgets what was asked for: it may change.
    pub(crate) fn forget_elsewhere(&self) {
        self.elsewhere.take();
    }
}

/// The latest hints with these keys, in any shard.
pub(crate) fn hints<S: Sql>(site: &Site<S>, keys: &BTreeSet<String>) -> Vec<(String, Latest)> {
    let Elsewhere { hints, lacks, .. } = &mut *site.elsewhere.borrow_mut();
    let mut found = Vec::new();
    for key in keys {
        match hints.get(key) {
            Some(latest) => found.extend(latest.map(|latest| (key.clone(), latest))),
            None => {
                lacks.hints.insert(key.clone());
            }
        }
    }
    found
}

/// Backends' payments of these transactions, in any shard, each with its shard.
pub(crate) fn posted<S: Sql>(site: &Site<S>, ids: &BTreeSet<&str>) -> Vec<(u32, Payment)> {
    let Elsewhere { posted, lacks, .. } = &mut *site.elsewhere.borrow_mut();
    let mut found = Vec::new();
    for id in ids {
        match posted.get(*id) {
            Some(payments) => found.extend(payments.iter().cloned()),
            None => {
                lacks.posted.insert((*id).to_owned());
            }
        }
    }
    found
}
