//! Numbers in sentences. Pure.

use sluice_engine::reports::breakdown::Group;
use sluice_values::{Currency, host_in_unicode};

use crate::mail::message::one_line;

/// The longest name of a page, a source or a goal, in characters.
const LONGEST_NAME: usize = 80;

/// A number with its thousands apart: `1,204`.
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount in minor units: `USD 1,204.50`.
pub fn money(minor: i64, currency: Currency) -> String {
    let decimals = currency.decimals();
    let unit = 10_i64.pow(decimals);
    let (whole, part) = (minor / unit, minor.unsigned_abs() % unit.unsigned_abs());
    let sign = if minor < 0 && whole == 0 { "-" } else { "" };
    let whole = number(whole);
    match usize::try_from(decimals) {
        Ok(0) | Err(_) => format!("{} {sign}{whole}", currency.as_str()),
        Ok(decimals) => format!("{} {sign}{whole}.{part:0decimals$}", currency.as_str()),
    }
}

/// How a number compares with the one before, which `shown` writes: `up 12% from 1,075`.
pub fn compared(now: i64, before: i64, shown: impl Fn(i64) -> String) -> String {
    if now == before {
        return "as many as the week before".to_owned();
    }
    if before <= 0 {
        return format!("{} the week before", if before == 0 { "none".to_owned() } else { shown(before) });
    }
    let change = sluice_values::nearest(i128::from((now - before).abs()) * 100, before);
    format!("{} {change}% from {}", if now > before { "up" } else { "down" }, shown(before))
}

/// One thing or several: `1 visitor`, `2 visitors`.
pub fn counted(count: i64, what: &str) -> String {
    format!("{} {what}{}", number(count), if count == 1 { "" } else { "s" })
}

/// A name that others chose, on one line and not too long.
pub fn name(name: &str) -> String {
    let line = one_line(name);
    let mut short: String = line.chars().take(LONGEST_NAME).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Lines below a heading; nothing without any.
pub fn list(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!("\n\n{heading}\n{}", lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}

/// Pages, or sources, by their visitors.
pub fn groups(groups: &[Group]) -> Vec<String> {
    let line = |group: &Group| {
        // A page's key is host and path.
        let key = match group.key.as_slice() {
            [_, path] => path.clone(),
            [one] => host_in_unicode(one).unwrap_or_else(|| one.clone()),
            other => other.join(" "),
        };
        format!("{} · {}", name(&key), counted(group.visitors, "visitor"))
    };
    groups.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_people_write_them() {
        for (sent, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(number(sent), shown);
        }
        let of = |code: &str| code.parse().unwrap();
        assert_eq!(money(120_450, of("USD")), "USD 1,204.50");
        assert_eq!(money(-5, of("EUR")), "EUR -0.05");
        assert_eq!(money(1_204, of("JPY")), "JPY 1,204");
        assert_eq!(money(1_204_050, of("KWD")), "KWD 1,204.050");
        assert_eq!(counted(1, "visitor"), "1 visitor");
        assert_eq!(counted(1_000, "visitor"), "1,000 visitors");
    }

    #[test]
    fn a_comparison_says_from_what() {
        for (now, before, shown) in [
            (1_204, 1_075, "up 12% from 1,075"),
            (50, 100, "down 50% from 100"),
            (7, 7, "as many as the week before"),
            (0, 0, "as many as the week before"),
            (7, 0, "none the week before"),
            (0, 3, "down 100% from 3"),
            (5, -20, "-20 the week before"),
        ] {
            assert_eq!(compared(now, before, number), shown);
        }
    }

    #[test]
    fn a_hostile_name_stays_on_its_line() {
        assert_eq!(name("/a\r\nBcc: x\u{2028}y"), "/a Bcc: x y");
        assert_eq!(name(&"é".repeat(500)).chars().count(), LONGEST_NAME + 1);
    }
}
