//! Failed authentications are limited per client address, so that guessing is slow (docs/contract/README.md#19).
//!
//! A malformed token, which is recognized without storage, is counted in this isolate's memory. A well-formed but
//! unknown token is counted exactly, in a Durable Object of the address. A valid token is never held up
//! (docs/contract/README.md#33).

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use super::sliding_window::{Rate, SlidingWindow};
use sluice_values::Timestamp;

/// The most addresses counted at once: about 100 bytes each, so well below a megabyte.
const MOST_ADDRESSES: usize = 4096;

thread_local! {
    static WINDOWS: RefCell<HashMap<ClientAddress, SlidingWindow>> = RefCell::default();
}

/// A client, as far as limits can distinguish clients.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// The client at the address that the platform reports. An IPv6 client is its whole /64.
    pub fn new(connecting_ip: Option<&str>) -> Self {
        Self::of(connecting_ip.and_then(|text| text.trim().parse().ok()))
    }

    /// The client at a parsed address.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address {
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
            v4 @ IpAddr::V4(_) => v4,
        }))
    }
}

impl std::fmt::Display for ClientAddress {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(address) => address.fmt(to),
            None => to.write_str("unknown"),
        }
    }
}

/// Counts a failure that was recognized without storage.
pub fn count_in_memory(address: &ClientAddress, now: Timestamp, limit: u32) -> Rate {
    WINDOWS.with_borrow_mut(|windows| count(windows, address, now, limit))
}

/// Whether the address may fail once more; counts nothing.
pub fn check_in_memory(address: &ClientAddress, now: Timestamp, limit: u32) -> Result<(), Rate> {
    let rate = WINDOWS.with_borrow_mut(|windows| windows.get_mut(address).map(|window| window.peek(now, limit)));
    rate.filter(|rate| !rate.admitted).map_or(Ok(()), Err)
}

fn count(
    windows: &mut HashMap<ClientAddress, SlidingWindow>,
    address: &ClientAddress,
    now: Timestamp,
    limit: u32,
) -> Rate {
    if let Some(window) = windows.get_mut(address) {
        return window.admit(now, limit);
    }
    if windows.len() >= MOST_ADDRESSES {
        windows.retain(|_, window| !window.is_idle(now));
        if windows.len() >= MOST_ADDRESSES {
            // Many addresses at once: start over rather than grow.
            windows.clear();
        }
    }
    windows.entry(address.clone()).or_default().admit(now, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn addresses_are_counted_apart_and_ipv6_by_its_64_bit_network() {
        let mut windows = HashMap::new();
        let mut fail = |address: &str| count(&mut windows, &ClientAddress::new(Some(address)), at(0), 1).admitted;
        assert!(fail("203.0.113.1"));
        assert!(!fail("203.0.113.1"));
        assert!(fail("203.0.113.2"));
        assert!(fail("2001:db8::1"));
        assert!(!fail("2001:db8::2"));
        assert!(fail("2001:db8:0:1::1"));
        assert!(fail("not an address"));
        assert!(!fail("nor this"));
    }

    #[test]
    fn memory_is_bounded_and_idle_addresses_are_dropped_first() {
        let mut windows = HashMap::new();
        let address = |number: u32| ClientAddress(Some(IpAddr::V4(number.into())));
        for number in 0..u32::try_from(MOST_ADDRESSES).unwrap() {
            count(&mut windows, &address(number), at(0), 60);
        }
        count(&mut windows, &address(u32::MAX), at(59_999), 60);
        assert_eq!(windows.len(), 1, "all were busy: started over");
        count(&mut windows, &address(0), at(130_000), 60);
        assert_eq!(windows.len(), 2, "there was room");
    }
}
