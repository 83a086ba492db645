//! What a credential object keeps in memory, and what it decides from that: who holds the token, and whether the rate limit
//! admits a request. Plain values; the object (`src/objects/credential_do.rs`) reads and writes its storage as they say.

use std::collections::HashMap;

use super::access::Principal;
use super::credential::Verdict;
use super::limits::Limits;
use super::sliding_window::{Rate, SlidingWindow};
use sluice_values::{AccountId, Timestamp, WebsiteId};

/// Stored times that have left the window are deleted once so many were added, not one by one.
const PRUNE_EVERY: u32 = 64;
/// How long an object does not ask again whether somebody owns a website who did not, in milliseconds.
const NOT_OWNED_MS: i64 = 60_000;
/// How many websites an object knows the ownership of.
const MOST_WEBSITES: usize = 128;

/// The memory of one credential object. An idle object loses it within seconds.
pub struct CredentialState {
    limits: Limits,
    principal: Option<Principal>,
    /// `None` until storage has been read.
    window: Option<SlidingWindow>,
    added_since_pruned: u32,
    /// The minute up to which the token's last use is recorded.
    recorded: Option<Timestamp>,
    /// Which websites the holder owns, or does not own, and when that was read.
    ownership: HashMap<WebsiteId, (bool, Timestamp)>,
}

/// The response to [`Admit`](super::credential::CredentialCall::Admit), and what the object has to do.
#[derive(Debug, PartialEq)]
pub struct Admission {
    pub verdict: Verdict,
    pub write: Option<WindowWrite>,
    /// The minute to record as the token's last use, once in each.
    pub last_used_at: Option<Timestamp>,
}

/// The state of the limit after one request, and what the object has to store.
#[derive(Debug, PartialEq)]
pub struct Counted {
    pub rate: Rate,
    pub write: Option<WindowWrite>,
}

/// What has to be stored before the response leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowWrite {
    /// A time to add.
    pub at: Timestamp,
    /// Stored times up to this one may be deleted.
    pub delete_up_to: Option<Timestamp>,
}

impl CredentialState {
    pub fn new(limits: Limits) -> Self {
        Self { limits, principal: None, window: None, added_since_pruned: 0, recorded: None, ownership: HashMap::new() }
    }

    /// The account whose ownership of this website has to be read.
    pub fn asks_ownership(&self, website: WebsiteId, now: Timestamp) -> Option<AccountId> {
        match &self.principal {
            Some(Principal::Account { account_id, .. }) if self.owns(website, now).is_none() => Some(*account_id),
            _ => None,
        }
    }

    /// Whether the holder owns the website, if that is known. A transfer makes the objects of the former owner forget it.
    pub fn owns(&self, website: WebsiteId, now: Timestamp) -> Option<bool> {
        let (owns, at) = self.ownership.get(&website)?;
        (*owns || (0..NOT_OWNED_MS).contains(&(now.as_millis() - at.as_millis()))).then_some(*owns)
    }

    /// Remembers whether the holder owns the website.
    pub fn note_ownership(&mut self, website: WebsiteId, owns: bool, now: Timestamp) {
        if self.ownership.len() >= MOST_WEBSITES {
            self.ownership.clear();
        }
        self.ownership.insert(website, (owns, now));
    }

    pub fn is_identified(&self) -> bool {
        self.principal.is_some()
    }

    /// Sets the token's holder; `None` for an unknown token.
    pub fn identify(&mut self, principal: Option<Principal>) {
        self.principal = principal;
    }

    /// Forgets everything: the token was revoked. The object erases its storage too.
    pub fn forget(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Counts a request at `now` if somebody holds the token. `stored` reads the stored times, oldest first.
    pub fn admit<E>(
        &mut self,
        now: Timestamp,
        stored: impl FnOnce() -> Result<Vec<Timestamp>, E>,
    ) -> Result<Admission, E> {
        let session = self.principal.as_ref().and_then(Principal::session);
        let limit = if session.is_some() { self.limits.console } else { self.limits.requests };
        if self.principal.as_ref().is_none_or(|principal| principal.is_over(now)) {
            let verdict = Verdict { principal: None, rate: None, owns: false };
            return Ok(Admission { verdict, write: None, last_used_at: None });
        }
        let Counted { rate, write } = self.count(now, limit, stored)?;
        if rate.admitted
            && let Some(Principal::Account { session: Some(session), .. }) = &mut self.principal
        {
            session.note_use(now);
        }
        let minute = now.to_the_minute();
        let is_recorded = !rate.admitted || self.recorded.replace(minute) == Some(minute);
        let verdict = Verdict { principal: self.principal.clone(), rate: Some(rate), owns: false };
        Ok(Admission { verdict, write, last_used_at: (!is_recorded).then_some(minute) })
    }

    /// Counts a failed authentication at `now`. `stored` reads the stored times, oldest first.
    pub fn count_failure<E>(
        &mut self,
        now: Timestamp,
        stored: impl FnOnce() -> Result<Vec<Timestamp>, E>,
    ) -> Result<Counted, E> {
        self.count(now, self.limits.failures, stored)
    }

    fn count<E>(
        &mut self,
        now: Timestamp,
        limit: u32,
        stored: impl FnOnce() -> Result<Vec<Timestamp>, E>,
    ) -> Result<Counted, E> {
        let window = match &mut self.window {
            Some(window) => window,
            None => self.window.insert(SlidingWindow::restored(stored()?)),
        };
        let rate = window.admit(now, limit);
        // The time that counts, which is later than `now` if the clock has stepped back.
        let Some(at) = window.newest().filter(|_| rate.admitted) else { return Ok(Counted { rate, write: None }) };
        self.added_since_pruned += 1;
        let is_time = self.added_since_pruned > PRUNE_EVERY;
        if is_time {
            self.added_since_pruned = 0;
        }
        let delete_up_to = is_time.then(|| SlidingWindow::horizon(at));
        Ok(Counted { rate, write: Some(WindowWrite { at, delete_up_to }) })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::access::WebsiteScope;
    use super::super::permission::Permissions;
    use super::super::session::{FRESH_MS, IDLE_MS, LIFE_MS, Session};
    use super::super::sliding_window::WINDOW_MS;
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + millis)
    }

    fn limits(requests: u32) -> Limits {
        Limits { requests, console: 10 * requests, failures: 2 }
    }

    /// A session that was signed in to at `at(0)`.
    fn session() -> Principal {
        let mut principal = principal();
        if let Principal::Account { session, .. } = &mut principal {
            *session = Some(Session {
                id: "0000000000000000000000c1".parse().unwrap(),
                fresh_until: at(FRESH_MS),
                expires_at: at(LIFE_MS),
                last_seen_at: at(0),
            });
        }
        principal
    }

    fn principal() -> Principal {
        let id = |number: u8| format!("{number:024x}");
        Principal::Account {
            id: id(1).parse().unwrap(),
            account_id: id(2).parse().unwrap(),
            permissions: Permissions::full(),
            scope: WebsiteScope::default(),
            session: None,
            expires_at: None,
        }
    }

    /// An object with its storage, which outlives its memory.
    struct Object {
        state: CredentialState,
        stored: Vec<Timestamp>,
        /// The holder, as D1 has it.
        holder: Principal,
    }

    impl Object {
        fn new(limit: u32) -> Self {
            Self::held_by(principal(), limit)
        }

        fn held_by(holder: Principal, limit: u32) -> Self {
            let mut object = Self { state: CredentialState::new(limits(limit)), stored: Vec::new(), holder };
            object.state.identify(Some(object.holder.clone()));
            object
        }

        /// The object was idle, or moved: it is constructed again, and reads the holder from D1.
        fn lose_memory(&mut self) {
            self.state = CredentialState::new(self.state.limits);
            self.state.identify(Some(self.holder.clone()));
        }

        fn store(&mut self, write: Option<WindowWrite>) {
            let Some(write) = write else { return };
            self.stored.push(write.at);
            self.stored.retain(|at| write.delete_up_to.is_none_or(|horizon| *at > horizon));
        }

        fn admit(&mut self, now: Timestamp) -> Admission {
            let stored = &mut self.stored;
            let read = || {
                stored.retain(|at| *at > SlidingWindow::horizon(now));
                stored.sort_unstable();
                Ok::<_, Infallible>(stored.clone())
            };
            let admission = self.state.admit(now, read).unwrap();
            self.store(admission.write);
            if let (Some(minute), Principal::Account { session: Some(session), .. }) =
                (admission.last_used_at, &mut self.holder)
            {
                session.last_seen_at = session.last_seen_at.max(minute);
            }
            admission
        }

        fn passes(&mut self, now: Timestamp) -> bool {
            self.admit(now).verdict.rate.unwrap().admitted
        }
    }

    #[test]
    fn an_unknown_token_is_answered_without_counting_or_reading() {
        let mut state = CredentialState::new(limits(1));
        state.identify(None);
        for _ in 0..3 {
            let admission = state.admit(at(0), || Err("storage was read")).unwrap();
            assert_eq!(admission.verdict, Verdict { principal: None, rate: None, owns: false });
            assert_eq!((admission.write, admission.last_used_at), (None, None));
        }
    }

    #[test]
    fn a_revoked_token_is_unknown_until_it_is_identified_again() {
        let mut object = Object::new(1);
        assert!(object.passes(at(0)));
        object.state.forget();
        object.stored.clear();
        assert!(!object.state.is_identified());
        assert_eq!(object.admit(at(1)).verdict.principal, None);
        assert!(object.stored.is_empty(), "nothing of it is counted");
        object.state.identify(Some(principal()));
        assert!(object.passes(at(2)), "its window was forgotten too");
    }

    #[test]
    fn who_owns_a_website_is_asked_once_and_who_does_not_once_a_minute() {
        let mut state = CredentialState::new(limits(9));
        state.identify(Some(principal()));
        let [own, other] = [7_u8, 8].map(|number| format!("{number:024x}").parse().unwrap());
        let owns = |state: &CredentialState, website, now| state.owns(website, now) == Some(true);
        assert!(state.asks_ownership(own, at(0)).is_some() && !owns(&state, own, at(0)));
        state.note_ownership(own, true, at(0));
        state.note_ownership(other, false, at(0));
        let year = 365 * 86_400_000;
        assert!(state.asks_ownership(own, at(year)).is_none() && owns(&state, own, at(year)));
        assert!(state.asks_ownership(other, at(59_999)).is_none() && !owns(&state, other, at(59_999)));
        assert!(state.asks_ownership(other, at(60_000)).is_some());
        state.forget();
        assert!(state.asks_ownership(own, at(1)).is_none(), "nobody holds it");
        state.identify(Some(principal()));
        assert!(state.asks_ownership(own, at(1)).is_some(), "a revoked token's websites are forgotten with it");
    }

    #[test]
    fn the_last_use_is_recorded_once_a_minute_and_not_for_refused_requests() {
        let mut object = Object::new(2);
        let recorded = [0, 10, 20, 59_999, 60_000, 60_010, 60_020].map(|millis| object.admit(at(millis)).last_used_at);
        assert_eq!(recorded, [Some(at(0)), None, None, None, Some(at(60_000)), None, None]);
    }

    #[test]
    fn a_token_whose_end_has_come_is_unknown_and_counts_nothing() {
        let mut holder = principal();
        if let Principal::Account { expires_at, .. } = &mut holder {
            *expires_at = Some(at(1_000));
        }
        let mut object = Object::held_by(holder, 2);
        assert!(object.passes(at(999)));
        let admission = object.admit(at(1_000));
        assert_eq!(admission.verdict, Verdict { principal: None, rate: None, owns: false });
        assert_eq!((admission.write, admission.last_used_at), (None, None));
    }

    #[test]
    fn a_session_that_is_over_is_unknown_and_counts_nothing() {
        for lives in [IDLE_MS, IDLE_MS + 1, LIFE_MS, 2 * LIFE_MS] {
            let mut object = Object::held_by(session(), 1);
            let admission = object.admit(at(lives));
            assert_eq!(admission.verdict, Verdict { principal: None, rate: None, owns: false }, "{lives}");
            assert_eq!((admission.write, admission.last_used_at), (None, None));
        }
    }

    #[test]
    fn a_session_has_the_limit_of_the_console() {
        let mut object = Object::held_by(session(), 3);
        let rates: Vec<_> = (0..31).map(|millis| object.admit(at(millis)).verdict.rate.unwrap()).collect();
        assert!(rates.iter().all(|rate| rate.limit == 30));
        assert_eq!(rates.iter().filter(|rate| rate.admitted).count(), 30);
    }

    #[test]
    fn what_the_limit_refuses_keeps_no_session_alive() {
        let mut object = Object::held_by(session(), 1);
        for millis in 0..10 {
            assert!(object.passes(at(59_000 + millis)));
        }
        assert!(!object.passes(at(60_000)), "in the next minute, and refused");
        assert!(object.admit(at(IDLE_MS)).verdict.principal.is_none());
    }

    #[test]
    fn failures_have_a_limit_of_their_own() {
        let mut state = CredentialState::new(limits(60));
        let passed = [0, 1, 2].map(|millis| {
            let counted = state.count_failure(at(millis), || Ok::<_, Infallible>(Vec::new())).unwrap();
            (counted.rate.admitted, counted.rate.limit, counted.write.is_some())
        });
        assert_eq!(passed, [(true, 2, true), (true, 2, true), (false, 2, false)]);
    }

    #[test]
    fn a_storage_that_cannot_be_read_counts_nothing() {
        let mut object = Object::new(1);
        assert_eq!(object.state.admit(at(0), || Err("broken")), Err("broken"));
        assert!(object.passes(at(1)), "the next request reads it again");
    }

    proptest! {
        /// The promise of docs/contract/README.md#18, whenever the object loses its memory and wherever its clock steps.
        #[test]
        fn never_more_and_never_fewer_than_the_limit_in_any_rolling_minute(
            steps in prop::collection::vec((-300_i64..4_000, 0_u8..5), 1..500),
            limit in 1_u32..30,
        ) {
            let (mut object, mut now) = (Object::new(limit), 0);
            let mut passed: Vec<i64> = Vec::new();
            for (step, fate) in steps {
                now += step;
                if fate == 0 {
                    object.lose_memory();
                }
                // A request that comes after the clock has stepped back counts with the newest before it.
                let time = passed.last().map_or(now, |newest| now.max(*newest));
                let within = passed.iter().filter(|then| **then > time - WINDOW_MS).count();
                let admitted = object.passes(at(now));
                prop_assert_eq!(admitted, within < usize::try_from(limit).unwrap(), "{} of {}", within, limit);
                if admitted {
                    passed.push(time);
                }
                let most = limit + PRUNE_EVERY + 1;
                prop_assert!(object.stored.len() <= usize::try_from(most).unwrap(), "storage is bounded");
            }
        }

        /// Seven days without a request, thirty days in all; whenever the object loses its memory, and exactly.
        #[test]
        fn a_session_is_admitted_exactly_while_it_lives(
            steps in prop::collection::vec((0_i64..IDLE_MS + IDLE_MS / 3, 0_u8..3), 1..60),
        ) {
            let (mut object, mut now, mut last_minute) = (Object::held_by(session(), 1_000), 0, 0);
            for (step, fate) in steps {
                // Many short steps, some long ones.
                now += if fate == 1 { step } else { step / 100 };
                if fate == 2 {
                    object.lose_memory();
                }
                let lives = now < LIFE_MS && now - last_minute < IDLE_MS;
                let verdict = object.admit(at(now)).verdict;
                prop_assert_eq!(verdict.principal.is_some(), lives, "at {} after {}", now, last_minute);
                prop_assert_eq!(verdict.rate.is_some_and(|rate| rate.admitted), lives);
                if lives {
                    last_minute = now - now % 60_000;
                }
            }
        }

        /// The exact limit holds for sessions as for tokens, each with its own number.
        #[test]
        fn sessions_and_tokens_are_limited_by_the_same_window(
            steps in prop::collection::vec((0_i64..2_000, 0_u8..5), 1..300),
            limit in 1_u32..4,
            is_session: bool,
        ) {
            let holder = if is_session { session() } else { principal() };
            let most = usize::try_from(if is_session { 10 * limit } else { limit }).unwrap();
            let (mut object, mut now) = (Object::held_by(holder, limit), 0);
            let mut passed: Vec<i64> = Vec::new();
            for (step, fate) in steps {
                now += step;
                if fate == 0 {
                    object.lose_memory();
                }
                let within = passed.iter().filter(|then| **then > now - WINDOW_MS).count();
                let admitted = object.passes(at(now));
                prop_assert_eq!(admitted, within < most);
                if admitted {
                    passed.push(now);
                }
            }
        }
    }
}
