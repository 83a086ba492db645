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
        if whole == 0 {
            return Self(0.0);
        }
        let (part, whole) = (i128::from(part) * 200, i128::from(whole));
        let hundredths = (part.abs() + whole.abs()) / (2 * whole.abs());
        let sign = if (part < 0) == (whole < 0) { 1.0 } else { -1.0 };
        Self(sign * (hundredths as f64) / 100.0)
    }

    /// `part` as a percentage of `whole`.
    pub fn percent(part: i64, whole: i64) -> Self {
        Self::ratio(part.saturating_mul(100), whole)
    }
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
