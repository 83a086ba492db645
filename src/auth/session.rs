//! The moments of a session of the console: until when it is alive, and until when it is fresh. Pure.

use serde::{Deserialize, Serialize};
use sluice_values::{ConsoleSessionId, Timestamp};

const MINUTE_MS: i64 = 60 * 1_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long a session lives at most: 30 days.
pub const LIFE_MS: i64 = 30 * DAY_MS;
/// How long a session lives without a request: 7 days.
pub const IDLE_MS: i64 = 7 * DAY_MS;
/// How long after a sign-in secrets are shown and tokens are minted: 15 minutes.
pub const FRESH_MS: i64 = 15 * MINUTE_MS;

/// What a credential object knows of a session. Sent as JSON in a [`Principal`](super::access::Principal): fields may be added
/// with a default, none is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: ConsoleSessionId,
    pub fresh_until: Timestamp,
    /// The end of its life, however much it is used.
    pub expires_at: Timestamp,
    /// Its last request, exact to the minute.
    pub last_seen_at: Timestamp,
}

impl Session {
    /// When it is over if no further request comes.
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.last_seen_at.plus_millis(IDLE_MS))
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at()
    }

    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    /// Notes a request.
    pub fn note_use(&mut self, now: Timestamp) {
        self.last_seen_at = self.last_seen_at.max(now.to_the_minute());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + millis)
    }

    fn session() -> Session {
        Session {
            id: "0000000000000000000000a1".parse().unwrap(),
            fresh_until: at(FRESH_MS),
            expires_at: at(LIFE_MS),
            last_seen_at: at(0),
        }
    }

    #[test]
    fn a_session_without_requests_is_over_after_seven_days() {
        assert!(!session().is_over(at(IDLE_MS - 1)));
        assert!(session().is_over(at(IDLE_MS)));
    }

    #[test]
    fn a_session_in_use_is_over_after_thirty_days() {
        let mut session = session();
        for day in 0..30 {
            assert!(!session.is_over(at(day * DAY_MS)), "day {day}");
            session.note_use(at(day * DAY_MS));
        }
        assert!(!session.is_over(at(LIFE_MS - 1)) && session.is_over(at(LIFE_MS)));
    }

    #[test]
    fn a_sign_in_is_fresh_for_fifteen_minutes_whatever_is_requested() {
        let mut session = session();
        session.note_use(at(FRESH_MS - 1));
        assert!(session.is_fresh(at(FRESH_MS - 1)) && !session.is_fresh(at(FRESH_MS)));
    }

    proptest! {
        #[test]
        fn requests_never_shorten_a_session_and_never_bring_it_back(uses in prop::collection::vec(0..2 * LIFE_MS, 0..50)) {
            let mut session = session();
            let (mut last, mut was_over) = (session.ends_at(), false);
            let mut uses = uses;
            uses.sort_unstable();
            for millis in uses {
                let is_over = session.is_over(at(millis));
                prop_assert!(is_over || !was_over, "alive again");
                was_over = is_over;
                if !is_over {
                    session.note_use(at(millis));
                    prop_assert!(session.ends_at() >= last && session.ends_at() <= session.expires_at);
                    last = session.ends_at();
                }
            }
        }
    }
}
