//! Tokens that nobody holds, as far as this isolate has found out lately: asking again would cost a hop to an object of its own
//! and a look-up in D1 each time. Tokens are random, so none of these comes into being.

use std::cell::RefCell;
use std::collections::HashMap;

use super::token::TokenHash;
use sluice_values::Timestamp;

/// How long a token is taken for unknown, in milliseconds.
const REMEMBERED_MS: i64 = 60_000;
/// How many are remembered at once.
const MOST_REMEMBERED: usize = 4_096;

thread_local! {
    static UNKNOWN: RefCell<HashMap<TokenHash, Timestamp>> = RefCell::default();
}

/// Whether the token was unknown a moment ago.
pub fn is_unknown(hash: TokenHash, now: Timestamp) -> bool {
    UNKNOWN.with_borrow(|unknown| is_fresh(unknown.get(&hash), now))
}

/// Notes that a token is unknown.
pub fn remember(hash: TokenHash, now: Timestamp) {
    UNKNOWN.with_borrow_mut(|unknown| add(unknown, hash, now));
}

fn is_fresh(noted: Option<&Timestamp>, now: Timestamp) -> bool {
    noted.is_some_and(|noted| (0..REMEMBERED_MS).contains(&(now.as_millis() - noted.as_millis())))
}

fn add(unknown: &mut HashMap<TokenHash, Timestamp>, hash: TokenHash, now: Timestamp) {
    if unknown.len() >= MOST_REMEMBERED {
        unknown.clear();
    }
    unknown.insert(hash, now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::{RawToken, TokenKind};

    fn hash(number: u32) -> TokenHash {
        let mut bytes = number.to_be_bytes().into_iter().cycle();
        RawToken::generate(TokenKind::Account, || bytes.next().unwrap_or_default() % 200).hash()
    }

    #[test]
    fn a_token_is_taken_for_unknown_for_a_minute() {
        let at = Timestamp::from_millis;
        remember(hash(1), at(0));
        assert!(is_unknown(hash(1), at(59_999)));
        assert!(!is_unknown(hash(1), at(60_000)) && !is_unknown(hash(2), at(0)));
    }

    #[test]
    fn memory_is_bounded() {
        let (mut unknown, now) = (HashMap::new(), Timestamp::from_millis(0));
        for number in 0..u32::try_from(MOST_REMEMBERED).unwrap() + 10 {
            add(&mut unknown, hash(number), now);
        }
        assert!(unknown.len() <= MOST_REMEMBERED, "{}", unknown.len());
    }
}
