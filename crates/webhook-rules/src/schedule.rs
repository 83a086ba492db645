//! The outcome of an attempt: whether it succeeded, and when the next one is made
//! (docs/contract/automation.md#finer-points; the schedule is Svix's).

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use sluice_values::Timestamp;

/// The retry schedule and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Seconds between a failed attempt and the next. There is one attempt more than there are waits.
    pub waits: Vec<u32>,
    /// Seconds that an endpoint has to send the head of its response.
    pub timeout: u32,
    /// The shortest wait after a timeout or a 429, in seconds.
    pub floor: u32,
    /// Seconds of uninterrupted failures after which an endpoint is disabled.
    pub disable_after: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            waits: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 36_000],
            timeout: 15,
            floor: 60,
            disable_after: 120 * 3_600,
        }
    }
}

// Stored by name in `delivery_attempts.error`: none is renamed.
/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Failure {
    /// The head of the response did not arrive in time.
    Timeout,
    /// The connection was refused or lost.
    Connection,
    /// The host name does not resolve.
    Dns,
    /// The certificate or the handshake was rejected.
    Tls,
    /// The response is a redirect; redirects are not followed.
    Redirect,
    /// The status is not 2xx.
    Status,
    /// Deliveries to this address are not allowed.
    Blocked,
    /// The gateway could not make the attempt: it cannot open what it has sealed.
    Internal,
}

impl Failure {
    /// The name in the database and in responses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::Blocked => "blocked",
            Self::Internal => "internal",
        }
    }
}

/// The failure that a status means; `None` for success.
pub fn failure_of(status: u16) -> Option<Failure> {
    match status {
        200..=299 => None,
        300..=399 => Some(Failure::Redirect),
        _ => Some(Failure::Status),
    }
}

/// The status by which an endpoint asks to be disabled.
pub const GONE: u16 = 410;
const TOO_MANY_REQUESTS: u16 = 429;

/// When the next attempt is made, after one that failed at `now`; `None` if none is left.
///
/// `failed` counts the failed attempts of this run through the schedule. `jitter_seed` is any number.
pub fn next_attempt(
    schedule: &Schedule,
    failed: u32,
    failure: Failure,
    status: Option<u16>,
    retry_after: Option<&str>,
    now: Timestamp,
    jitter_seed: u32,
) -> Option<Timestamp> {
    let position = usize::try_from(failed.checked_sub(1)?).ok()?;
    let base = i64::from(*schedule.waits.get(position)?) * 1_000;
    let wait = match retry_after.and_then(|header| asked_wait(header, now)) {
        Some(asked) => asked.clamp(base, 2 * base),
        None => jittered(base, jitter_seed),
    };
    let floor = match (failure, status) {
        (Failure::Timeout, _) | (_, Some(TOO_MANY_REQUESTS)) => i64::from(schedule.floor) * 1_000,
        _ => 0,
    };
    Some(now.plus_millis(wait.max(floor)))
}

/// 80 to 120 % of a wait, so that deliveries that failed together are not retried together.
fn jittered(base: i64, jitter_seed: u32) -> i64 {
    base * 8 / 10 + base * 4 / 10 * i64::from(jitter_seed % 1_001) / 1_000
}

/// The wait in milliseconds that `Retry-After` asks for: seconds, or a date in one of the three forms of RFC 9110
/// (10.2.3 and 5.6.7).
fn asked_wait(header: &str, now: Timestamp) -> Option<i64> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit exceeds any wait.
        return Some(header.parse::<u32>().map_or(i64::MAX, |seconds| i64::from(seconds) * 1_000));
    }
    let since_epoch = httpdate::parse_http_date(header).ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some((i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX) - now.as_millis()).max(0))
}

/// Whether to disable an endpoint that has failed since `since`, or to warn its owner, at an attempt that failed at
/// at `now`.
pub fn streak(schedule: &Schedule, since: Timestamp, now: Timestamp) -> FailureStreak {
    let (failing, limit) = (now.as_millis() - since.as_millis(), i64::from(schedule.disable_after) * 1_000);
    if failing >= limit {
        FailureStreak::Over
    } else if failing >= limit / 2 {
        FailureStreak::HalfWay
    } else {
        FailureStreak::Left
    }
}

/// How much of the time until an endpoint is disabled has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureStreak {
    /// Less than half.
    Left,
    /// Half or more.
    HalfWay,
    /// All.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    fn wait(
        failed: u32,
        failure: Failure,
        status: Option<u16>,
        retry_after: Option<&str>,
        jitter_seed: u32,
    ) -> Option<i64> {
        let next = next_attempt(&Schedule::default(), failed, failure, status, retry_after, NOW, jitter_seed)?;
        Some((next.as_millis() - NOW.as_millis()) / 1_000)
    }

    #[test]
    fn eight_attempts_are_made_over_27_hours_and_a_half() {
        let waits: Vec<_> = (1..=8).map(|failed| wait(failed, Failure::Status, Some(500), None, 500)).collect();
        let expected = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
        assert_eq!(waits, expected.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
        assert_eq!(wait(0, Failure::Status, None, None, 0), None);
    }

    #[test]
    fn jitter_is_a_fifth_either_way() {
        assert_eq!(wait(2, Failure::Status, None, None, 0), Some(240));
        assert_eq!(wait(2, Failure::Status, None, None, 1_000), Some(360));
    }

    #[test]
    fn retry_after_counts_between_one_and_two_times_the_base() {
        let after = |header| wait(2, Failure::Status, Some(503), Some(header), 0);
        for (header, expected) in [
            ("1", 300),
            ("400", 400),
            ("600", 600),
            ("601", 600),
            ("99999999999999999999", 600),
            ("Thu, 21 May 2026 00:07:30 GMT", 450),
            ("Thursday, 21-May-26 00:07:30 GMT", 450),
            ("Thu May 21 00:07:30 2026", 450),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 300),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 300),
            ("Sun Nov  6 08:49:37 1994", 300),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 600),
            ("Thu, 21 May 2020 00:07:30 GMT", 300),
            // A malformed header is ignored.
            ("soon", 240),
            ("-5", 240),
            ("9.5", 240),
            ("Thu, 21 May 2026 00:07:30 +0200", 240),
            ("Thu, 21 May 2026 25:07:30 GMT", 240),
            ("2026-05-21T00:07:30Z", 240),
            ("400, 500", 240),
            ("", 240),
        ] {
            assert_eq!(after(header), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_timeout_or_a_429_waits_at_least_a_minute() {
        assert_eq!(wait(1, Failure::Timeout, None, None, 0), Some(60));
        assert_eq!(wait(1, Failure::Status, Some(429), Some("2"), 0), Some(60));
        assert_eq!(wait(2, Failure::Status, Some(429), None, 0), Some(240));
        assert_eq!(wait(1, Failure::Connection, None, None, 0), Some(4));
    }

    #[test]
    fn only_2xx_is_success() {
        for status in 100..=599 {
            let expected = match status / 100 {
                2 => None,
                3 => Some(Failure::Redirect),
                _ => Some(Failure::Status),
            };
            assert_eq!(failure_of(status), expected, "{status}");
        }
    }

    #[test]
    fn an_endpoint_is_disabled_after_five_days() {
        let after = |hours: i64| streak(&Schedule::default(), NOW, NOW.plus_millis(hours * 3_600_000));
        assert_eq!([0, 59].map(after), [FailureStreak::Left; 2]);
        assert_eq!([60, 119].map(after), [FailureStreak::HalfWay; 2]);
        assert_eq!([120, 1_000].map(after), [FailureStreak::Over; 2]);
    }

    proptest! {
        #[test]
        fn no_header_moves_a_wait_out_of_bounds(header in ".{0,40}", failed in 1_u32..8, jitter_seed: u32) {
            let base = i64::from(Schedule::default().waits[failed as usize - 1]);
            let waited = wait(failed, Failure::Status, Some(503), Some(&header), jitter_seed).unwrap();
            prop_assert!((base * 8 / 10..=2 * base).contains(&waited), "{waited}");
        }
    }
}
