//! The exact rate limit: a maximum number of requests in any rolling minute. Pure; the time is an argument.

use std::collections::VecDeque;

use sluice_values::Timestamp;

/// The length of the window in milliseconds.
pub const WINDOW_MS: i64 = 60_000;

/// The times of the requests admitted in the last minute, oldest first.
#[derive(Debug, Default)]
pub struct SlidingWindow {
    admitted: VecDeque<Timestamp>,
}

/// The state of the limit after one request. Sent as JSON by the credential object: fields may be added with a default, none
/// is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rate {
    /// Whether this request is admitted.
    pub admitted: bool,
    /// The most requests admitted in any minute.
    pub limit: u32,
    /// How many more requests are admitted now.
    pub remaining: u32,
    /// Milliseconds until the oldest request leaves the window and another is admitted.
    pub reset_in_ms: i64,
}

impl SlidingWindow {
    /// A window with these admitted requests, which must be in order.
    pub fn restored(admitted: impl IntoIterator<Item = Timestamp>) -> Self {
        Self { admitted: admitted.into_iter().collect() }
    }

    /// Admits or refuses a request at `now`; a refused request does not count.
    pub fn admit(&mut self, now: Timestamp, limit: u32) -> Rate {
        let now = self.forget_before(now);
        let used = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        let admitted = used < limit;
        if admitted {
            self.admitted.push_back(now);
        }
        let remaining = limit.saturating_sub(used + u32::from(admitted));
        Rate { admitted, limit, remaining, reset_in_ms: self.reset_in_ms(now) }
    }

    /// Whether a request at `now` would be admitted; it does not count.
    pub fn peek(&mut self, now: Timestamp, limit: u32) -> Rate {
        let now = self.forget_before(now);
        let remaining = limit.saturating_sub(u32::try_from(self.admitted.len()).unwrap_or(u32::MAX));
        Rate { admitted: remaining > 0, limit, remaining, reset_in_ms: self.reset_in_ms(now) }
    }

    fn reset_in_ms(&self, now: Timestamp) -> i64 {
        self.admitted.front().map_or(WINDOW_MS, |oldest| oldest.as_millis() + WINDOW_MS - now.as_millis())
    }

    /// The time of the latest admitted request, as it counts.
    pub fn newest(&self) -> Option<Timestamp> {
        self.admitted.back().copied()
    }

    /// Whether the window is empty at `now`.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.admitted.back().is_none_or(|newest| is_outside(*newest, now))
    }

    /// Entries before this time no longer matter.
    pub fn horizon(now: Timestamp) -> Timestamp {
        now.plus_millis(-WINDOW_MS)
    }

    /// Forgets what has left the window. Returns the time that counts: if the clock steps back, a newer entry must not
    /// outlive an older one.
    fn forget_before(&mut self, now: Timestamp) -> Timestamp {
        let now = self.admitted.back().map_or(now, |newest| now.max(*newest));
        while self.admitted.front().is_some_and(|oldest| is_outside(*oldest, now)) {
            self.admitted.pop_front();
        }
        now
    }
}

/// Whether a request at `then` has left the window that ends at `now`.
fn is_outside(then: Timestamp, now: Timestamp) -> bool {
    then <= SlidingWindow::horizon(now)
}

impl Rate {
    /// Whole seconds until another request is admitted, rounded up and at least 1.
    pub fn reset_in_secs(&self) -> i64 {
        ceil_secs(self.reset_in_ms).max(1)
    }

    /// The Unix second, rounded up, at which another request is admitted.
    pub fn reset_at_secs(&self, now: Timestamp) -> i64 {
        ceil_secs(now.as_millis() + self.reset_in_ms)
    }
}

/// Milliseconds as whole seconds, rounded up.
fn ceil_secs(millis: i64) -> i64 {
    millis.saturating_add(999).div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_limit_holds_until_the_oldest_leaves() {
        let mut window = SlidingWindow::default();
        for used in 1..=60 {
            let rate = window.admit(at(used * 10), 60);
            assert!(rate.admitted);
            assert_eq!(i64::from(rate.remaining), 60 - used);
        }
        let refused = window.admit(at(1_000), 60);
        assert_eq!(refused, Rate { admitted: false, limit: 60, remaining: 0, reset_in_ms: 59_010 });
        assert_eq!((refused.reset_in_secs(), refused.reset_at_secs(at(1_000))), (60, 61));
        assert!(!window.admit(at(60_009), 60).admitted, "the first is still within 60 seconds");
        assert!(window.admit(at(60_010), 60).admitted, "the first has just left");
        assert!(!window.admit(at(60_010), 60).admitted, "and made room for one only");
    }

    #[test]
    fn a_clock_that_steps_back_admits_nothing_extra() {
        let mut window = SlidingWindow::default();
        assert!(window.admit(at(100_000), 1).admitted);
        assert!(!window.admit(at(10_000), 1).admitted);
        assert!(!window.admit(at(159_999), 1).admitted);
        assert!(window.admit(at(160_000), 1).admitted);
    }

    #[test]
    fn a_limit_that_was_lowered_holds_at_once() {
        let mut window = SlidingWindow::restored((0..10).map(at));
        assert_eq!(window.admit(at(20), 5), Rate { admitted: false, limit: 5, remaining: 0, reset_in_ms: 59_980 });
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_in_any_rolling_minute(
            steps in prop::collection::vec(0i64..4_000, 1..400),
            limit in 1u32..30,
        ) {
            let (mut window, mut now, mut passed) = (SlidingWindow::default(), 0, Vec::new());
            for step in steps {
                now += step;
                let within = passed.iter().filter(|then| **then > now - WINDOW_MS).count();
                let rate = window.admit(at(now), limit);
                // Exact in both directions: never too few and never too many.
                prop_assert_eq!(rate.admitted, within < limit as usize);
                prop_assert!(rate.reset_in_secs() >= 1 && rate.reset_in_secs() <= 60);
                if rate.admitted { passed.push(now); }
            }
        }
    }
}
