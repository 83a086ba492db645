//! Finds which of several sets of texts occur in a text, in one pass over it: the automaton of Aho and Corasick.

/// Sets of texts to look for, at most 64.
pub(crate) struct Matcher {
    states: Vec<State>,
}

#[derive(Default)]
struct State {
    /// The states that follow this one, by the next byte.
    next: Vec<(u8, usize)>,
    /// The state of the longest proper suffix.
    suffix: usize,
    /// The sets that have a text which ends here, as bits.
    found: u64,
}

const ROOT: usize = 0;

impl Matcher {
    pub fn new<'a>(sets: impl IntoIterator<Item = &'a [String]>) -> Self {
        let mut matcher = Self { states: vec![State::default()] };
        for (number, texts) in sets.into_iter().enumerate() {
            for text in texts {
                matcher.add(text, 1 << number);
            }
        }
        matcher.link();
        matcher
    }

    fn add(&mut self, text: &str, set: u64) {
        let mut at = ROOT;
        for byte in text.bytes() {
            at = match self.step(at, byte) {
                Some(next) => next,
                None => {
                    let added = self.states.len();
                    self.states.push(State::default());
                    if let Some(state) = self.states.get_mut(at) {
                        state.next.push((byte, added));
                    }
                    added
                }
            };
        }
        if let Some(state) = self.states.get_mut(at) {
            state.found |= set;
        }
    }

    /// Sets the suffixes, shorter states first.
    fn link(&mut self) {
        let mut waiting = std::collections::VecDeque::from([ROOT]);
        while let Some(at) = waiting.pop_front() {
            let Some(State { next, suffix, .. }) = self.states.get(at) else { continue };
            let (followers, suffix) = (next.clone(), *suffix);
            for (byte, follower) in followers {
                let of_follower = if at == ROOT { ROOT } else { self.follow(suffix, byte) };
                let inherited = self.states.get(of_follower).map_or(0, |state| state.found);
                if let Some(state) = self.states.get_mut(follower) {
                    state.suffix = of_follower;
                    state.found |= inherited;
                }
                waiting.push_back(follower);
            }
        }
    }

    fn step(&self, at: usize, byte: u8) -> Option<usize> {
        let state = self.states.get(at)?;
        state.next.iter().find(|(known, _)| *known == byte).map(|(_, next)| *next)
    }

    fn follow(&self, mut at: usize, byte: u8) -> usize {
        loop {
            match self.step(at, byte) {
                Some(next) => return next,
                None if at == ROOT => return ROOT,
                None => at = self.states.get(at).map_or(ROOT, |state| state.suffix),
            }
        }
    }

    /// The sets that have a text which occurs in this one, as bits.
    pub fn sets_in(&self, text: &str) -> u64 {
        // An empty text occurs in every text.
        let mut found = self.states.first().map_or(0, |root| root.found);
        let mut at = ROOT;
        for byte in text.bytes() {
            at = self.follow(at, byte);
            found |= self.states.get(at).map_or(0, |state| state.found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn exactly_the_sets_with_a_text_that_occurs_are_found(
            sets in prop::collection::vec(prop::collection::vec("[ab/é]{0,4}", 0..5), 0..6), text in "[abc/é]{0,12}",
        ) {
            let matcher = Matcher::new(sets.iter().map(Vec::as_slice));
            let found = matcher.sets_in(&text);
            for (number, set) in sets.iter().enumerate() {
                prop_assert_eq!(found >> number & 1 == 1, set.iter().any(|part| text.contains(part)), "{:?}", set);
            }
        }
    }
}
