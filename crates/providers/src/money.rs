//! Money as records have it: minor units of ISO 4217, from nothing to a trillion.

use serde::{Deserialize, Serialize};

use sluice_values::Currency;

/// Beyond it a person has to look (docs/contract/providers.md#2.6).
const LARGEST: i64 = 1_000_000_000_000;

/// An amount in minor units, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Minor(i64);

impl Minor {
    pub const NOTHING: Self = Self(0);

    pub fn new(units: i64) -> Option<Self> {
        (0..=LARGEST).contains(&units).then_some(Self(units))
    }

    pub const fn units(self) -> i64 {
        self.0
    }

    pub const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// What is left without `part`; nothing if that is more.
    #[must_use]
    pub const fn less(self, part: Self) -> Self {
        Self(if part.0 > self.0 { 0 } else { self.0 - part.0 })
    }

    /// `self` · `part` / `whole`, rounded half away from zero and at most the largest amount; itself if `whole` is nothing.
    #[must_use]
    pub fn share(self, part: Self, whole: Self) -> Self {
        if whole.is_nothing() || part == whole {
            return self;
        }
        let share = sluice_values::nearest(i128::from(self.0) * i128::from(part.0), whole.0);
        Self(i64::try_from(share).unwrap_or(LARGEST).min(LARGEST))
    }
}

impl TryFrom<i64> for Minor {
    type Error = &'static str;
    fn try_from(units: i64) -> Result<Self, Self::Error> {
        Self::new(units).ok_or("an amount is 0 to 1000000000000 minor units")
    }
}

impl From<Minor> for i64 {
    fn from(amount: Minor) -> Self {
        amount.0
    }
}

/// An amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub amount: Minor,
    pub currency: Currency,
}

/// What a customer paid, or got back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// After discounts and account credit, tax included, fees not taken off.
    pub paid: Money,
    /// The part that is tax, where it is known.
    pub tax: Option<Minor>,
    /// The provider's own conversion into the seller's currency.
    pub settled: Option<Money>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_end_at_a_trillion_and_are_never_negative() {
        assert_eq!(Minor::new(LARGEST).map(Minor::units), Some(LARGEST));
        for wrong in [-1, LARGEST + 1, i64::MIN, i64::MAX] {
            assert_eq!(Minor::new(wrong), None);
            assert!(serde_json::from_value::<Minor>(wrong.into()).is_err());
        }
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero() {
        let minor = |units| Minor::new(units).unwrap();
        assert_eq!(minor(3).share(minor(1), minor(2)), minor(2));
        assert_eq!(minor(2204).share(minor(1900), minor(1900)), minor(2204));
        assert_eq!(minor(5).share(minor(1), Minor::NOTHING), minor(5));
        assert_eq!(minor(LARGEST).share(minor(LARGEST), minor(1)), minor(LARGEST));
        assert_eq!(minor(5).less(minor(7)), Minor::NOTHING);
    }
}
