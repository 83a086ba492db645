//! Sets of numbers of rows.

/// A set of small numbers.
#[derive(Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

/// The word of a number, and its bit there; `None` for numbers that no row has.
fn place(number: i64) -> Option<(usize, u64)> {
    let number = usize::try_from(number).ok()?;
    Some((number >> 6, 1 << (number & 63)))
}

impl Bits {
    /// Adds a number, and returns whether it is new.
    pub fn insert(&mut self, number: i64) -> bool {
        let Some((word, bit)) = place(number) else { return false };
        if word >= self.0.len() {
            self.0.resize((word + 1).next_power_of_two(), 0);
        }
        let Some(word) = self.0.get_mut(word) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub fn contains(&self, number: i64) -> bool {
        place(number).is_some_and(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        let numbers = |(word, bits): (i64, &u64)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        (0..).zip(&self.0).flat_map(numbers)
    }

    /// How many numbers are in this set and not in the other.
    pub fn count_without(&self, other: &Self) -> i64 {
        let others = other.0.iter().chain(std::iter::repeat(&0));
        self.0.iter().zip(others).map(|(word, other)| i64::from((word & !other).count_ones())).sum()
    }
}

impl FromIterator<i64> for Bits {
    fn from_iter<I: IntoIterator<Item = i64>>(numbers: I) -> Self {
        let mut bits = Self::default();
        for number in numbers {
            bits.insert(number);
        }
        bits
    }
}
