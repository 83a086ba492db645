//! Each provider's units of money, as minor units of ISO 4217 (docs/contract/providers.md#2.6).

use std::collections::BTreeMap;

use sluice_money::minor_units_of_text;
use sluice_values::{Currency, nearest};

use crate::money::{Minor, Money};

/// The decimals of the units of Stripe and Polar.
fn stripe_decimals(currency: Currency) -> u32 {
    match currency.as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND" | "VUV" | "XAF"
        | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount of Stripe or Polar.
pub fn stripe(sent: i64, currency: Currency) -> Option<Minor> {
    shifted(sent, stripe_decimals(currency), currency)
}

/// An amount of Paddle: a whole number as text, in the currency's lowest unit, whose decimals Paddle tells.
pub fn paddle(sent: &str, currency: Currency, decimals: &BTreeMap<String, u32>) -> Option<Minor> {
    let is_number = !sent.is_empty() && sent.bytes().all(|byte| byte.is_ascii_digit());
    let sent: i64 = sent.parse().ok().filter(|_| is_number)?;
    shifted(sent, decimals.get(currency.as_str()).copied().unwrap_or(currency.decimals()), currency)
}

/// An amount of a shop: a decimal number of major units as text.
pub fn shop(sent: &str, currency: Currency) -> Option<Minor> {
    Minor::new(minor_units_of_text(sent.trim(), currency.iso())?)
}

/// Units with `decimals`, as those of ISO 4217.
fn shifted(sent: i64, decimals: u32, currency: Currency) -> Option<Minor> {
    let own = currency.decimals();
    let shift = 10_i64.checked_pow(own.abs_diff(decimals))?;
    let minor =
        if own >= decimals { sent.checked_mul(shift)? } else { i64::try_from(nearest(sent.into(), shift)).ok()? };
    Minor::new(minor)
}

/// How Lemon Squeezy counts a currency. It says "cents" of every one and does not say what that is where ISO 4217 has none,
/// or three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LemonSqueezyUnits {
    currency: Currency,
    decimals: u32,
}

impl LemonSqueezyUnits {
    /// What is known from an order's total, its total in US dollars, and the rate between them; `None` if the three do not
    /// say which units are meant.
    pub fn of(currency: Currency, total: i64, total_usd: i64, rate: Option<&str>) -> Option<Self> {
        const CENTS: u32 = 2;
        let own = currency.decimals();
        if own == CENTS {
            return Some(Self { currency, decimals: CENTS });
        }
        // In units with d decimals, total · rate · 10^(2-d) is the total in cents.
        let (digits, scale) = rate.and_then(decimal)?;
        let fits = |decimals: &u32| {
            let (more, less) = if *decimals <= CENTS { (CENTS - decimals, 0) } else { (0, decimals - CENTS) };
            let product = i128::from(total).checked_mul(digits)?.checked_mul(10_i128.checked_pow(more)?)?;
            let cents = product.checked_div(10_i128.checked_pow(scale.checked_add(less)?)?)?;
            let apart = (i128::from(total_usd) - cents).abs();
            // The rate is rounded, and so are the cents.
            (apart <= cents / 20 + 1).then_some(())
        };
        let possible: Vec<u32> = [CENTS, own].into_iter().filter(|decimals| fits(decimals).is_some()).collect();
        match possible.as_slice() {
            [decimals] => Some(Self { currency, decimals: *decimals }),
            _ => None,
        }
    }

    pub fn money(self, sent: i64) -> Option<Money> {
        Some(Money { amount: shifted(sent, self.decimals, self.currency)?, currency: self.currency })
    }
}

/// Digits and decimals of a number such as `0.00670000`.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = format!("{whole}{fraction}");
    let is_number = !digits.is_empty() && digits.len() <= 24 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let digits = digits.parse().ok().filter(|_| is_number)?;
    Some((digits, u32::try_from(fraction.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn units(amount: Option<Minor>) -> Option<i64> {
        amount.map(Minor::units)
    }

    #[test]
    fn stripes_odd_currencies_become_iso_units() {
        for (sent, code, expected) in [
            (1900, "EUR", Some(1900)),
            (500_000, "ISK", Some(5000)),
            (370_000, "UGX", Some(3700)),
            (1200, "JPY", Some(1200)),
            (1500, "KWD", Some(1500)),
            (40, "MGA", Some(4000)),
            (100, "HUF", Some(100)),
            (-1, "EUR", None),
            (1_000_000_000_000, "USD", Some(1_000_000_000_000)),
            (1_000_000_000_001, "USD", None),
            (1_000_000_000_000, "MGA", None),
            (i64::MAX, "MGA", None),
        ] {
            assert_eq!(units(stripe(sent, currency(code))), expected, "{sent} {code}");
        }
        for code in ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"] {
            assert_eq!(units(stripe(7, currency(code))), Some(7), "{code}");
        }
        for code in ["BHD", "JOD", "KWD", "OMR", "TND"] {
            assert_eq!(units(stripe(7000, currency(code))), Some(7000), "{code}");
        }
    }

    #[test]
    fn paddles_decimals_shift_its_units() {
        let told = BTreeMap::from([("HUF".to_owned(), 0), ("KRW".to_owned(), 2)]);
        for (sent, code, expected) in [
            ("5831", "USD", Some(5831)),
            ("1200", "JPY", Some(1200)),
            ("12", "HUF", Some(1200)),
            ("1250", "KRW", Some(13)),
            ("0", "USD", Some(0)),
            ("", "USD", None),
            ("-1", "USD", None),
            ("+1", "USD", None),
            ("58.31", "USD", None),
            ("99999999999999999999", "USD", None),
        ] {
            assert_eq!(units(paddle(sent, currency(code), &told)), expected, "{sent} {code}");
        }
    }

    #[test]
    fn shops_write_decimals_or_none() {
        for (sent, code, expected) in [
            ("58.31", "USD", Some(5831)),
            ("9100", "JPY", Some(9100)),
            ("9100.00", "JPY", Some(9100)),
            ("-10.00", "EUR", None),
            ("0.005", "EUR", Some(1)),
            ("1e3", "EUR", None),
            ("", "EUR", None),
            ("NaN", "EUR", None),
            ("10000000000.01", "EUR", None),
        ] {
            assert_eq!(units(shop(sent, currency(code))), expected, "{sent} {code}");
        }
    }

    #[test]
    fn lemon_squeezys_dollars_say_which_units_it_means() {
        let amount = |code: &str, total, usd, rate| {
            LemonSqueezyUnits::of(currency(code), total, usd, rate)
                .map(|units| units.money(total).unwrap().amount.units())
        };
        assert_eq!(amount("EUR", 2261, 2623, Some("1.16000000")), Some(2261));
        assert_eq!(amount("EUR", 2261, 0, None), Some(2261), "cents are cents");
        assert_eq!(amount("JPY", 120_000, 804, Some("0.00670000")), Some(1200));
        assert_eq!(amount("JPY", 1200, 804, Some("0.0067")), Some(1200));
        assert_eq!(amount("KWD", 1500, 490, Some("3.27")), Some(1500), "1.5 dinars in thousandths");
        assert_eq!(amount("KWD", 150, 490, Some("3.27")), Some(1500), "1.5 dinars in hundredths");
        for (total, usd, rate) in [
            (1200, 80, Some("0.0067")),
            (120_000, 884, Some("0.0067")),
            (120_000, 724, Some("0.0067")),
            (1200, 804, None),
            (1200, 804, Some("")),
            (1200, 804, Some("x")),
            (1, 1, Some("0.0067")),
            (1200, 0, Some("0")),
        ] {
            assert_eq!(amount("JPY", total, usd, rate), None, "{total} {usd} {rate:?}");
        }
    }
}
