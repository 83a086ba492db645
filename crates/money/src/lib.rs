//! Conversion of money between currencies, by the exchange rates of a day.
//!
//! All arithmetic is on decimal integers: the same amount gives the same cents everywhere, and an amount of exactly
//! half a unit is rounded as such.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sluice_values::ordered::Ordered as _;

use iso_currency::Currency;
use serde_json::{Map, Number, Value, json};

use sluice_values::Invalid;

/// The largest amount, in minor units: beyond it JSON numbers are not exact.
const MAX_MINOR: u128 = 9_000_000_000_000_000;
/// The number of significant digits of a rate.
const RATE_DIGITS: u32 = 7;

/// Units of each currency per US dollar, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    day: String,
    /// By ISO 4217 code.
    units: BTreeMap<&'static str, Decimal>,
}

impl Rates {
    /// The built-in table, used when the source cannot be reached: what npm's `@fawazahmed0/currency-api` published on
    /// [`Rates::day`].
    pub fn fallback() -> &'static Self {
        static FALLBACK: LazyLock<Rates> = LazyLock::new(|| {
            // A test checks that the file is valid.
            Rates::parse(include_str!("rates.json"))
                .unwrap_or_else(|_| Rates { day: "1970-01-01".into(), units: BTreeMap::new() })
        });
        &FALLBACK
    }

    /// The day of the rates: `2026-11-20`.
    pub fn day(&self) -> &str {
        &self.day
    }

    /// Reads `{"date":"2026-11-20","usd":{"eur":0.86}}` (`@fawazahmed0/currency-api`, and [`Rates::to_json`]) or
    /// `{"date":"2026-11-20","base":"EUR","rates":{"USD":1.16}}` (Frankfurter). The base may be any currency if there
    /// is a rate for US dollars. Entries that are not ISO 4217 currencies with minor units, or not possible rates, are
    /// skipped.
    pub fn parse(json: &str) -> Result<Self, Invalid> {
        let invalid = |why: &str| Invalid::new(format!("no exchange rates: {why}"));
        let body: Map<String, Value> = serde_json::from_str(json).map_err(|e| invalid(&e.to_string()))?;
        let day = body.get("date").and_then(Value::as_str).ok_or_else(|| invalid("no date"))?;
        let day: jiff::civil::Date = day.parse().map_err(|_| invalid("the date is invalid"))?;
        let (base, quoted) = match (body.get("base").and_then(Value::as_str), body.get("rates")) {
            (Some(base), Some(Value::Object(rates))) => (known(base), rates),
            _ => body
                .iter()
                .find_map(|(key, value)| Some((Some(known(key)?), value.as_object()?)))
                .ok_or_else(|| invalid("no rates"))?,
        };
        let base = base.ok_or_else(|| invalid("the base is not a currency"))?;
        // Some services can quote more than one unit on request.
        if body.get("amount").is_some_and(|amount| amount.as_f64() != Some(1.0)) {
            return Err(invalid("the amount is not 1"));
        }
        let mut units: BTreeMap<&'static str, Decimal> = quoted
            .iter()
            .filter_map(|(code, rate)| Some((known(code)?.code(), Decimal::rate(&rate.as_number()?.to_string())?)))
            .into_map();
        units.insert(base.code(), Decimal::ONE);
        if base != Currency::USD {
            let dollar = units.get("USD").ok_or_else(|| invalid("no rate for US dollars"))?.to_f64();
            units = units
                .into_iter()
                .filter_map(|(code, rate)| Some((code, Decimal::rate(&format!("{:e}", rate.to_f64() / dollar))?)))
                .collect();
            units.insert("USD", Decimal::ONE);
        }
        if units.len() < 2 {
            return Err(invalid("no currency has a rate"));
        }
        Ok(Self { day: day.to_string(), units })
    }

    /// The rates in the form that [`Rates::parse`] reads, without white space: about 2.5 kB. Stored in KV for years: a form
    /// that was ever written stays readable.
    pub fn to_json(&self) -> String {
        let units: Map<String, Value> =
            self.units.iter().map(|(code, rate)| (code.to_ascii_lowercase(), json!(rate.to_f64()))).collect();
        json!({ "date": self.day, "usd": units }).to_string()
    }

    pub fn knows(&self, currency: Currency) -> bool {
        self.units.contains_key(currency.code())
    }

    /// Converts minor units (such as cents) of `from` to minor units of `to`, rounded half away from zero. `None` if a
    /// currency has no rate, or the result is beyond ±9·10¹⁵. Converting a currency to itself needs no rate.
    pub fn convert(&self, minor: i64, from: Currency, to: Currency) -> Option<i64> {
        if from == to {
            return Some(minor);
        }
        let (one, other) = (self.units.get(from.code())?, self.units.get(to.code())?);
        let power = other.exponent - one.exponent + i32::from(to.exponent()?) - i32::from(from.exponent()?);
        let amount = u128::from(minor.unsigned_abs()).checked_mul(u128::from(other.digits))?;
        let (up, down) = if power >= 0 { (ten(power)?, 1) } else { (1, ten(-power)?) };
        signed(minor < 0, divided(amount.checked_mul(up)?, u128::from(one.digits).checked_mul(down)?)?)
    }
}

/// An amount in minor units (such as cents), rounded half away from zero if it has more decimals than the currency:
/// 19.99 USD is 1999, 1e2 JPY is 100. `None` beyond ±9·10¹⁵, and for currencies without minor units (gold).
pub fn minor_units(amount: &Number, currency: Currency) -> Option<i64> {
    minor_units_of(&amount.to_string(), currency)
}

/// As [`minor_units`], of an amount that is sent as text: `58.31`, `-10`. It has digits, a sign and a point, no exponent.
pub fn minor_units_of_text(amount: &str, currency: Currency) -> Option<i64> {
    let digits = amount.strip_prefix('-').unwrap_or(amount);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(whole) && is_number(fraction) { minor_units_of(amount, currency) } else { None }
}

fn minor_units_of(amount: &str, currency: Currency) -> Option<i64> {
    let (negative, digits, exponent) = decimal(amount)?;
    let power = exponent.checked_add(i32::from(currency.exponent()?))?;
    let minor = match (digits, ten(power.checked_abs()?)) {
        (0, _) => 0,
        (_, Some(ten)) if power >= 0 => digits.checked_mul(ten)?,
        (_, Some(ten)) => divided(digits, ten)?,
        (_, None) if power < 0 => 0,
        (_, None) => return None,
    };
    signed(negative, minor)
}

/// The currency with this code, in either case, if it has minor units.
fn known(code: &str) -> Option<Currency> {
    Currency::from_code(&code.to_ascii_uppercase()).filter(|currency| currency.exponent().is_some())
}

/// A positive rate: `digits` · 10^`exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    digits: u32,
    exponent: i32,
}

impl Decimal {
    const ONE: Self = Self { digits: 1, exponent: 0 };

    /// `None` for what cannot be a rate: zero, a negative number, or one beyond 10^±9.
    fn rate(text: &str) -> Option<Self> {
        let (negative, mut digits, mut exponent) = decimal(text)?;
        let excess = (digits.checked_ilog10()? + 1).saturating_sub(RATE_DIGITS);
        digits = divided(digits, ten(i32::try_from(excess).ok()?)?)?;
        exponent = exponent.checked_add_unsigned(excess)?;
        while digits % 10 == 0 {
            digits /= 10;
            exponent = exponent.checked_add(1)?;
        }
        let rate = Self { digits: u32::try_from(digits).ok()?, exponent };
        (!negative && (1e-9..=1e9).contains(&rate.to_f64())).then_some(rate)
    }

    /// The nearest floating-point number, which with so few digits prints as the same decimal.
    fn to_f64(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or_default()
    }
}

/// Sign, digits and exponent of a JSON number. Digits after the thirtieth are ignored.
fn decimal(text: &str) -> Option<(bool, u128, i32)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.parse().ok()?;
    let (mut digits, mut fraction) = (0_u128, false);
    for c in number.chars() {
        if c == '.' && !fraction {
            fraction = true;
            continue;
        }
        let digit = c.to_digit(10)?;
        if digits < 10_u128.pow(30) {
            digits = digits * 10 + u128::from(digit);
            exponent = exponent.checked_sub(i32::from(fraction))?;
        } else {
            exponent = exponent.checked_add(i32::from(!fraction))?;
        }
    }
    Some((negative, digits, exponent))
}

fn ten(power: i32) -> Option<u128> {
    10_u128.checked_pow(u32::try_from(power).ok()?)
}

/// Rounded half up.
fn divided(amount: u128, by: u128) -> Option<u128> {
    let (whole, rest) = (amount.checked_div(by)?, amount.checked_rem(by)?);
    Some(whole + u128::from(rest >= by - rest))
}

fn signed(negative: bool, minor: u128) -> Option<i64> {
    let minor = i64::try_from(minor).ok().filter(|_| minor <= MAX_MINOR)?;
    Some(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).unwrap()
    }

    fn rates(json: &str) -> Rates {
        Rates::parse(json).unwrap()
    }

    const BODY: &str = r#"{"date":"2026-11-20","usd":{"eur":0.86,"jpy":150,"kwd":0.306,"gbp":0.8,"btc":0.00001,"xau":0.0002,"usd":1}}"#;

    #[test]
    fn the_built_in_table_is_valid() {
        let rates = Rates::fallback();
        assert!(rates.day() > "2026-01-01", "{}", rates.day());
        for code in
            ["USD", "EUR", "GBP", "JPY", "INR", "BRL", "KWD", "CHF", "CAD", "AUD", "CNY", "PLN", "SEK", "TRY", "ZAR"]
        {
            assert!(rates.knows(currency(code)), "{code}");
        }
        assert!(rates.units.len() > 140, "{}", rates.units.len());
        assert!(!rates.knows(currency("XAU")));
        assert_eq!(Rates::parse(&rates.to_json()).as_ref(), Ok(rates));
        assert_eq!(include_str!("rates.json").trim_end(), rates.to_json());
        let euros = rates.convert(10_000, Currency::USD, Currency::EUR).unwrap();
        assert!((6_000..12_000).contains(&euros), "{euros}");
    }

    #[test]
    fn converts() {
        let rates = rates(BODY);
        assert_eq!(rates.day(), "2026-11-20");
        for (minor, from, to, expected) in [
            (10_00, "USD", "EUR", Some(8_60)),
            (8_60, "EUR", "USD", Some(10_00)),
            (10_00, "USD", "JPY", Some(1500)),
            (1500, "JPY", "USD", Some(10_00)),
            (10_00, "USD", "KWD", Some(3_060)),
            (3_060, "KWD", "USD", Some(10_00)),
            (1, "JPY", "KWD", Some(2)), // 0.00204 dinars
            (1, "KWD", "JPY", Some(0)), // 0.49 yen
            (5, "USD", "GBP", Some(4)),
            (1, "USD", "EUR", Some(1)),
            // Halves: 25 · 0.86 = 21.5.
            (25, "USD", "EUR", Some(22)),
            (-25, "USD", "EUR", Some(-22)),
            (-10_00, "USD", "JPY", Some(-1500)),
            (0, "EUR", "JPY", Some(0)),
            // The limits.
            (9_000_000_000_000_000, "USD", "EUR", Some(7_740_000_000_000_000)),
            (9_000_000_000_000_000, "EUR", "USD", None),
            (i64::MAX, "USD", "KWD", None),
            (i64::MIN, "KWD", "JPY", None),
            (i64::MIN, "CHF", "CHF", Some(i64::MIN)),
            // No rate.
            (1, "USD", "CHF", None),
            (1, "CHF", "USD", None),
            (1, "USD", "XAU", None),
        ] {
            assert_eq!(rates.convert(minor, currency(from), currency(to)), expected, "{minor} {from} in {to}");
        }
    }

    #[test]
    fn reads_other_bases() {
        let frankfurter =
            rates(r#"{"amount":1.0,"base":"EUR","date":"2026-11-20","rates":{"USD":1.25,"JPY":187.5,"GBP":1}}"#);
        let other = rates(r#"{"date":"2026-11-20","eur":{"usd":1.25,"jpy":187.5,"gbp":1}}"#);
        assert_eq!(frankfurter, other);
        assert_eq!(frankfurter.to_json(), r#"{"date":"2026-11-20","usd":{"eur":0.8,"gbp":0.8,"jpy":150.0,"usd":1.0}}"#);
        assert_eq!(
            rates(r#"{"base":"USD","date":"2026-11-20","rates":{"EUR":0.8}}"#).convert(
                100,
                Currency::USD,
                Currency::EUR
            ),
            Some(80)
        );
    }

    #[test]
    fn impossible_rates_are_skipped() {
        let rates = rates(
            r#"{"date":"2026-11-20","usd":{"eur":0.86,"jpy":0,"gbp":-1,"chf":"1","cad":null,"inr":1e300,"sek":1e-300,"nok":9.8765432199}}"#,
        );
        assert_eq!(rates.to_json(), r#"{"date":"2026-11-20","usd":{"eur":0.86,"nok":9.876543,"usd":1.0}}"#);
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "<html>",
            r#"{"usd":{"eur":0.86}}"#,
            r#"{"date":"2026-13-20","usd":{"eur":0.86}}"#,
            r#"{"date":20261120,"usd":{"eur":0.86}}"#,
            r#"{"date":"2026-11-20"}"#,
            r#"{"date":"2026-11-20","usd":{}}"#,
            r#"{"date":"2026-11-20","usd":{"btc":1}}"#,
            r#"{"date":"2026-11-20","eur":{"gbp":0.9}}"#,
            r#"{"date":"2026-11-20","base":"QQQ","rates":{"USD":1}}"#,
            r#"{"date":"2026-11-20","base":"EUR","amount":100,"rates":{"USD":116}}"#,
        ] {
            assert!(Rates::parse(text).is_err(), "{text}");
        }
        assert!(Rates::parse("{}").unwrap_err().to_string().starts_with("no exchange rates: "));
    }

    #[test]
    fn counts_minor_units() {
        for (amount, code, expected) in [
            ("19.99", "USD", Some(1999)),
            ("1e2", "JPY", Some(100)),
            ("100", "JPY", Some(100)),
            ("0.5", "JPY", Some(1)),
            ("-0.5", "JPY", Some(-1)),
            ("0.4999", "JPY", Some(0)),
            ("1.2345", "KWD", Some(1235)),
            ("1.005", "USD", Some(101)),
            ("-1.005", "USD", Some(-101)),
            ("0.1", "USD", Some(10)),
            ("4.35", "USD", Some(435)),
            ("1.15", "USD", Some(115)),
            ("0", "USD", Some(0)),
            ("-0.0", "USD", Some(0)),
            ("0e999", "USD", Some(0)),
            ("1e-300", "USD", Some(0)),
            ("1e300", "USD", None),
            ("90000000000000", "USD", Some(9_000_000_000_000_000)),
            ("90000000000000.01", "USD", None),
            ("-90000000000000", "USD", Some(-9_000_000_000_000_000)),
            ("18446744073709551615", "JPY", None),
            ("1", "XAU", None),
        ] {
            let number: Number = serde_json::from_str(amount).unwrap();
            assert_eq!(minor_units(&number, currency(code)), expected, "{amount} {code}");
        }
    }

    #[test]
    fn text_is_counted_without_a_float_in_between() {
        for (amount, code, expected) in [
            ("58.31", "USD", Some(5831)),
            ("-10.00", "EUR", Some(-1000)),
            ("9100", "JPY", Some(9100)),
            ("9100.00", "JPY", Some(9100)),
            ("1.005", "USD", Some(101)),
            ("1.5", "KWD", Some(1500)),
            ("90071992547409.93", "USD", None),
            ("70071992547409.93", "USD", Some(7_007_199_254_740_993)),
            ("", "USD", None),
            ("-", "USD", None),
            (".5", "USD", None),
            ("5.", "USD", None),
            ("1e3", "USD", None),
            ("1,000.00", "USD", None),
            ("+1", "USD", None),
            ("1.2.3", "USD", None),
            ("١", "USD", None),
        ] {
            assert_eq!(minor_units_of_text(amount, currency(code)), expected, "{amount} {code}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses(text in any::<String>()) {
            let _ = Rates::parse(&text);
            let _ = decimal(&text);
        }

        #[test]
        fn any_rate_converts(rate in any::<f64>(), minor in any::<i64>()) {
            if let Ok(rates) = Rates::parse(&json!({ "date": "2026-11-20", "usd": { "eur": rate, "jpy": 150 } }).to_string()) {
                rates.convert(minor, Currency::EUR, Currency::JPY);
                rates.convert(minor, Currency::JPY, Currency::EUR);
                prop_assert_eq!(Rates::parse(&rates.to_json()), Ok(rates));
            }
        }

        #[test]
        fn a_converted_amount_converts_back(minor in -1_000_000_000_i64..1_000_000_000, from in 0..1000_usize, to in 0..1000_usize) {
            let rates = Rates::fallback();
            let codes: Vec<&str> = rates.units.keys().copied().collect();
            let (from, to) = (currency(codes[from % codes.len()]), currency(codes[to % codes.len()]));
            let there = rates.convert(minor, from, to).unwrap();
            let back = rates.convert(there, to, from).unwrap();
            // Rounding removed up to half a unit of the other currency, which may be many units of this one.
            let slack = rates.convert(1, to, from).unwrap() + 1;
            prop_assert!((back - minor).abs() <= slack, "{} {:?} {} {:?} {}", minor, from, there, to, back);
        }

        #[test]
        fn minor_units_round_trip(minor in -4_000_000_000_000_000_i64..=4_000_000_000_000_000, code in prop::sample::select(vec!["USD", "JPY", "KWD", "EUR"])) {
            let major = Number::from_f64(code.parse::<sluice_values::Currency>().unwrap().major_units(minor)).unwrap();
            prop_assert_eq!(minor_units(&major, currency(code)), Some(minor));
        }
    }
}
