//! Counts the hops of one request, for `Server-Timing` and for the tests of the architecture's promises.

use std::cell::Cell;
use std::fmt;

use sluice_values::Timestamp;

/// The kinds of hops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The Durable Object behind a credential.
    Credential,
    /// One round trip to D1, with any number of statements.
    Database,
    /// One operation on KV.
    KeyValue,
    /// A Durable Object with a website's events.
    Site,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    count: u32,
    millis: i64,
}

/// The hops of one request so far.
#[derive(Debug, Default)]
pub struct Meter {
    credential: Cell<Tally>,
    database: Cell<Tally>,
    key_value: Cell<Tally>,
    site: Cell<Tally>,
}

impl Meter {
    /// Records a hop that lasted from `start` to `end`.
    pub fn record(&self, hop: Hop, start: Timestamp, end: Timestamp) {
        let tally = match hop {
            Hop::Credential => &self.credential,
            Hop::Database => &self.database,
            Hop::KeyValue => &self.key_value,
            Hop::Site => &self.site,
        };
        let so_far = tally.get();
        let millis = (end.as_millis() - start.as_millis()).max(0);
        tally.set(Tally { count: so_far.count + 1, millis: so_far.millis + millis });
    }
}

/// The value of `Server-Timing`: the time of each kind of hop, with the number of hops as the description.
impl fmt::Display for Meter {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [credential, database, key_value] = [self.credential.get(), self.database.get(), self.key_value.get()];
        write!(to, "gate;dur={};desc=\"{}\"", credential.millis, credential.count)?;
        write!(to, ", d1;dur={};desc=\"{}\"", database.millis, database.count)?;
        write!(to, ", kv;dur={};desc=\"{}\"", key_value.millis, key_value.count)?;
        let site = self.site.get();
        write!(to, ", site;dur={};desc=\"{}\"", site.millis, site.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_counted_and_timed_by_kind() {
        let meter = Meter::default();
        assert_eq!(
            meter.to_string(),
            "gate;dur=0;desc=\"0\", d1;dur=0;desc=\"0\", kv;dur=0;desc=\"0\", site;dur=0;desc=\"0\""
        );
        let [start, end] = [Timestamp::from_millis(10), Timestamp::from_millis(13)];
        meter.record(Hop::Credential, start, end);
        meter.record(Hop::Database, start, end);
        meter.record(Hop::Database, start, end);
        assert_eq!(
            meter.to_string(),
            "gate;dur=3;desc=\"1\", d1;dur=6;desc=\"2\", kv;dur=0;desc=\"0\", site;dur=0;desc=\"0\""
        );
    }
}
