//! The limit of events from one address to one website (docs/contract/README.md#19). It is far above what a person
//! causes, so it need not be exact and is counted in each isolate.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::auth::failures::ClientAddress;
use crate::auth::sliding_window::{Rate, WINDOW_MS};
use sluice_values::Timestamp;

/// How many pairs of address and website are counted at once.
const MOST_PAIRS: usize = 50_000;

/// The counts of one minute.
#[derive(Default)]
struct Minute {
    began: i64,
    counts: HashMap<(ClientAddress, String), u32>,
}

thread_local! {
    static MINUTE: RefCell<Minute> = RefCell::default();
}

/// Counts an event from an address to a website; an error beyond the limit.
pub fn count(address: &ClientAddress, website: &str, now: Timestamp, limit: u32) -> Result<(), Rate> {
    MINUTE.with_borrow_mut(|minute| minute.take(address, website, now, limit, 1))
}

/// Whether another event would be within the limit; counts nothing.
pub fn check(address: &ClientAddress, website: &str, now: Timestamp, limit: u32) -> Result<(), Rate> {
    MINUTE.with_borrow_mut(|minute| minute.take(address, website, now, limit.saturating_sub(1), 0))
}

impl Minute {
    fn take(
        &mut self,
        address: &ClientAddress,
        website: &str,
        now: Timestamp,
        limit: u32,
        events: u32,
    ) -> Result<(), Rate> {
        let began = now.to_the_minute().as_millis();
        if began != self.began || self.counts.len() >= MOST_PAIRS {
            *self = Self { began, counts: HashMap::new() };
        }
        let count = self.counts.entry((address.clone(), website.to_owned())).or_default();
        *count = count.saturating_add(events);
        if *count <= limit {
            return Ok(());
        }
        let reset_in_ms = WINDOW_MS - (now.as_millis() - began);
        Err(Rate { admitted: false, limit, remaining: 0, reset_in_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_per_minute_address_and_website() {
        let mut minute = Minute::default();
        let mut count = |address: &str, website: &str, millis: i64| {
            let address = ClientAddress::new(Some(address));
            minute.take(&address, website, Timestamp::from_millis(millis), 2, 1).is_ok()
        };
        assert!(count("203.0.113.1", "a", 0));
        assert!(count("203.0.113.1", "a", 59_000));
        assert!(!count("203.0.113.1", "a", 59_999));
        assert!(count("203.0.113.1", "b", 59_999));
        assert!(count("203.0.113.2", "a", 59_999));
        assert!(count("203.0.113.1", "a", 60_000));
    }
}
