//! What arrives at a website, and what was dropped before it arrived, for whoever installs the tracking script.
//!
//! The Worker counts what it drops and tells the object now and then. Strangers decide what is dropped, so there are few rows:
//! of every five minutes, a fixed number, for an hour.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluice_values::Timestamp;
use sluice_values::ordered;

use crate::blocks::Order;
use crate::error::Error;
use crate::event::{Action, Context};
use crate::site::Site;
use crate::sql::Sql;

/// How long what was dropped is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 3_600_000;
/// What is dropped in so many milliseconds has rows of its own.
const SLOT_MS: i64 = 300_000;
/// The most pairs of a reason and a host of such a time. What is dropped of further hosts counts for its reason alone.
const MOST_PAIRS: i64 = 32;
/// The longest reason and the longest host that are kept.
const LONGEST: usize = 253;
/// The hosts are those of so many events that arrived last.
const HOSTS_OF: i64 = 10_000;
/// The most hosts that are answered.
const MOST_HOSTS: usize = 20;
/// The most arrivals that are answered.
const MOST_ARRIVALS: usize = 20;

/// What was dropped for a reason of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// As `X-Sluice-Dropped` says it.
    pub reason: String,
    /// The host that the reason is about; empty if it is about none, or one of too many.
    pub host: String,
    pub count: i64,
    pub last: Timestamp,
}

/// Counts what was dropped.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountDropped {
    pub dropped: Vec<Dropped>,
}

/// Asks what arrives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Installation {}

/// What arrives, and what does not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Installed {
    pub first_event: Option<Timestamp>,
    pub last_event: Option<Timestamp>,
    /// The hosts of the events that arrived last, by their number descending.
    pub hosts: Vec<Host>,
    /// The events that arrived last, the last one first.
    pub arrivals: Vec<Arrival>,
    /// What was dropped in the last hour, the last first.
    pub dropped: Vec<Dropped>,
}

/// A host among the events that arrived last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub hostname: String,
    pub last_seen: Timestamp,
    pub events: i64,
}

/// An event that has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    pub time: Timestamp,
    /// `pageview`, `custom`, …
    pub r#type: String,
    pub hostname: Option<String>,
    pub path: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    pub device: Option<String>,
}

impl Installed {
    /// What several shards have. What was dropped is known by one of them.
    pub(crate) fn merge(shards: Vec<Self>) -> Self {
        let mut all = Self::default();
        let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
        for shard in shards {
            all.first_event = [all.first_event, shard.first_event].into_iter().flatten().min();
            all.last_event = all.last_event.max(shard.last_event);
            for host in shard.hosts {
                hosts
                    .entry(host.hostname.clone())
                    .and_modify(|known| {
                        known.last_seen = known.last_seen.max(host.last_seen);
                        known.events += host.events;
                    })
                    .or_insert(host);
            }
            all.arrivals.extend(shard.arrivals);
            all.dropped.extend(shard.dropped);
        }
        all.hosts = hosts.into_values().collect();
        ordered::sort_by_key(&mut all.hosts, |host| Reverse(host.events));
        all.hosts.truncate(MOST_HOSTS);
        ordered::sort_by_key(&mut all.arrivals, |arrival| Reverse(arrival.time));
        all.arrivals.truncate(MOST_ARRIVALS);
        all
    }
}

const fn slot(time: i64) -> i64 {
    time.div_euclid(SLOT_MS)
}

impl<S: Sql> Site<S> {
    /// Counts what was dropped, and forgets what was dropped long ago.
    pub(crate) fn count_dropped(&self, asked: &CountDropped, now: Timestamp) -> Result<(), Error> {
        let now = slot(now.as_millis());
        self.write(|| {
            let forgotten = now - REMEMBERED_MS / SLOT_MS;
            self.sql.run("DELETE FROM dropped WHERE slot < ?1", &[forgotten.into()])?;
            for Dropped { reason, host, count, last } in &asked.dropped {
                if reason.len().max(host.len()) > LONGEST {
                    continue;
                }
                self.sql.run(
                    "INSERT INTO dropped (slot, reason, host, count, last) VALUES (?1, ?2, iif(?3 = '' OR \
                     EXISTS (SELECT 1 FROM dropped WHERE slot = ?1 AND reason = ?2 AND host = ?3) OR \
                     (SELECT count(*) FROM dropped WHERE slot = ?1 AND host <> '') < ?6, ?3, ''), ?4, ?5) \
                     ON CONFLICT (slot, reason, host) DO UPDATE SET count = count + excluded.count, \
                     last = max(last, excluded.last)",
                    &[now.into(), reason.into(), host.into(), (*count).into(), (*last).into(), MOST_PAIRS.into()],
                )?;
            }
            Ok(())
        })
    }

    /// What arrives, and what does not.
    pub(crate) fn installation(&self, now: Timestamp) -> Result<Installed, Error> {
        Ok(Installed {
            first_event: self.edge_of_events(Order::Earliest)?,
            last_event: self.edge_of_events(Order::Latest)?,
            hosts: self.latest_hosts()?,
            arrivals: self.latest_arrivals()?,
            dropped: self.dropped(now)?,
        })
    }

    fn latest_hosts(&self) -> Result<Vec<Host>, Error> {
        let most = i64::try_from(MOST_HOSTS).unwrap_or(i64::MAX);
        let rows = self.sql.rows(
            "SELECT h.text, max(e.time), count(*) FROM (SELECT time, page FROM events ORDER BY id DESC LIMIT ?1) e \
             JOIN pages p ON p.id = e.page JOIN strings h ON h.id = p.hostname GROUP BY p.hostname ORDER BY 3 DESC, 1 LIMIT ?2",
            &[HOSTS_OF.into(), most.into()],
        )?;
        let host =
            |mut row: crate::sql::Row| Ok(Host { hostname: row.next()?, last_seen: row.next()?, events: row.next()? });
        rows.into_iter().map(host).collect()
    }

    fn latest_arrivals(&self) -> Result<Vec<Arrival>, Error> {
        let most = i64::try_from(MOST_ARRIVALS).unwrap_or(i64::MAX);
        let rows = self.sql.rows(
            "SELECT e.time, h.text, t.text, c.json, e.kind, n.text, e.data, e.description FROM events e \
             LEFT JOIN pages p ON p.id = e.page LEFT JOIN strings h ON h.id = p.hostname \
             LEFT JOIN strings t ON t.id = p.path LEFT JOIN contexts c ON c.id = e.context \
             LEFT JOIN strings n ON n.id = e.name ORDER BY e.id DESC LIMIT ?1",
            &[most.into()],
        )?;
        let arrival = |mut row: crate::sql::Row| {
            let (time, hostname, path) = (row.next()?, row.next()?, row.next()?);
            let Context { country, device, .. } = row.optional_json()?;
            let action = Action::of_columns(row.next()?, row.next()?, row.next()?, row.next()?)?;
            Ok(Arrival { time, r#type: action.type_name().to_owned(), hostname, path, country, device })
        };
        rows.into_iter().map(arrival).collect()
    }

    fn dropped(&self, now: Timestamp) -> Result<Vec<Dropped>, Error> {
        let since = now.as_millis() - REMEMBERED_MS;
        let rows = self.sql.rows(
            "SELECT reason, host, sum(count), max(last) FROM dropped WHERE slot >= ?1 AND last > ?2 \
             GROUP BY reason, host ORDER BY 4 DESC, 1, 2",
            &[slot(since).into(), since.into()],
        )?;
        let dropped = |mut row: crate::sql::Row| {
            Ok(Dropped { reason: row.next()?, host: row.next()?, count: row.next()?, last: row.next()? })
        };
        rows.into_iter().map(dropped).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    const MINUTE: i64 = 60_000;

    fn site() -> Site<Memory> {
        Site::open(Memory::default(), || Ok([7; 32])).unwrap()
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minutes * MINUTE)
    }

    fn dropped(reason: &str, host: &str, count: i64, minutes: i64) -> Dropped {
        Dropped { reason: reason.to_owned(), host: host.to_owned(), count, last: at(minutes) }
    }

    fn count(site: &Site<Memory>, minutes: i64, dropped: Vec<Dropped>) {
        site.count_dropped(&CountDropped { dropped }, at(minutes)).unwrap();
    }

    fn rows(site: &Site<Memory>) -> i64 {
        site.sql().one("SELECT count(*) FROM dropped", &[]).unwrap().next().unwrap()
    }

    #[test]
    fn what_was_dropped_is_added_up_by_reason_and_host_for_an_hour() {
        let site = site();
        count(&site, 0, vec![dropped("bot", "", 2, 0), dropped("hostname", "a.example", 1, 0)]);
        count(&site, 7, vec![dropped("hostname", "a.example", 3, 7), dropped("hostname", "b.example", 1, 6)]);
        let seen = |minutes| site.dropped(at(minutes)).unwrap();
        assert_eq!(
            seen(10),
            [dropped("hostname", "a.example", 4, 7), dropped("hostname", "b.example", 1, 6), dropped("bot", "", 2, 0),]
        );
        assert_eq!(seen(61), [dropped("hostname", "a.example", 3, 7), dropped("hostname", "b.example", 1, 6)]);
        assert_eq!(seen(68), []);
        assert_eq!(rows(&site), 4);
        count(&site, 66, vec![dropped("bot", "", 1, 66)]);
        assert_eq!(rows(&site), 3);
    }

    #[test]
    fn strangers_cannot_make_rows_without_end() {
        let site = site();
        for minute in 0..180 {
            let many = (0..50).map(|host| dropped("hostname", &format!("{minute}-{host}.example"), 1, minute));
            let long = dropped(&"r".repeat(254), "", 1, minute);
            let longer = dropped("hostname", &"h".repeat(254), 1, minute);
            count(&site, minute, many.chain([long, longer, dropped("bot", "", 1, minute)]).collect());
        }
        // Of each of the 13 times: the hosts, and a row for each reason.
        assert_eq!(rows(&site), 13 * (MOST_PAIRS + 2));
        let seen = site.dropped(at(179)).unwrap();
        let of = |reason: &str| seen.iter().filter(|row| row.reason == reason).map(|row| row.count).sum::<i64>();
        assert_eq!((of("hostname"), of("bot")), (60 * 50, 60));
    }
}
