//! The lease on an alert. An evaluation holds it until `leased_until`, and writes its results only while that column
//! still has the same value. A lease that expires or is revoked (by a restart) makes the evaluation worthless: its
//! transaction changes nothing.

use crate::platform::database::{Parameter, Statement};
use sluice_values::{AlertId, Timestamp};

/// How long a lease lasts: longer than an evaluation takes, and short enough for the cron run after a crash.
pub const LEASE_MS: i64 = 45_000;

/// The right to write the results of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub alert: AlertId,
    pub until: Timestamp,
}

/// The condition, on a row of `alerts`, that the lease is still held.
pub const HOLDS_LEASE: &str = "id = :alert AND leased_until = :leased_until";

impl Lease {
    /// Binds the parameters of [`HOLDS_LEASE`].
    pub fn bind(self, statement: Statement) -> Statement {
        statement.bind_named("alert", self.alert).bind_named("leased_until", Parameter::from(self.until))
    }
}
