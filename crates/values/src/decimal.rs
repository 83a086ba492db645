use serde::Serialize;

/// A number that is serialized without decimals if it has none.
#[derive(Debug, Clone, Copy, PartialEq, schemars::JsonSchema)]
#[schemars(transparent, inline)]
pub struct Decimal(pub f64);

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        if self.0.fract() == 0.0 && self.0.abs() <= 9e15 {
            to.serialize_i64(self.0 as i64)
        } else {
            to.serialize_f64(self.0)
        }
    }
}

impl Decimal {
    /// `part` / `whole` with two decimals, rounded half away from zero; 0 if `whole` is 0.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 hundredths")]
    pub fn ratio(part: i64, whole: i64) -> Self {
        Self(nearest(i128::from(part) * 100, whole) as f64 / 100.0)
    }

    /// `part` as a percentage of `whole`.
    pub fn percent(part: i64, whole: i64) -> Self {
        Self::ratio(part.saturating_mul(100), whole)
    }
}

/// `part` / `whole`, rounded to a whole number half away from zero; 0 if `whole` is 0.
pub fn nearest(part: i128, whole: i64) -> i128 {
    let whole = i128::from(whole);
    if whole == 0 {
        return 0;
    }
    let rounded = (2 * part.abs() + whole.abs()) / (2 * whole.abs());
    if (part < 0) == (whole < 0) { rounded } else { -rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_two_decimals_and_round_away_from_zero() {
        for (part, whole, ratio) in [(1, 3, 0.33), (2, 3, 0.67), (1, 8, 0.13), (-1, 8, -0.13), (0, 5, 0.0), (5, 0, 0.0)]
        {
            assert_eq!(Decimal::ratio(part, whole), Decimal(ratio));
        }
        assert_eq!(Decimal::percent(1, 3), Decimal(33.33));
        assert_eq!(serde_json::to_string(&[Decimal(3.0), Decimal(0.5)]).unwrap(), "[3,0.5]");
    }
}
