//! Makes the values sent with goals safe to display (docs/contract/website-api.md#3.4 and #5.3).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::stored::cut;
use sluice_values::{Invalid, excerpt};

/// The most properties that a goal may have.
pub const MOST_PROPERTIES: usize = 10;
/// The longest property name, in characters.
pub const LONGEST_NAME: usize = 64;
/// The longest property value, in characters.
pub const LONGEST_VALUE: usize = 255;

/// The properties of a goal, as a backend sends them.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Map<String, Json>")]
pub struct Properties(pub Map<String, Json>);

impl TryFrom<Map<String, Json>> for Properties {
    type Error = Invalid;

    fn try_from(sent: Map<String, Json>) -> Result<Self, Invalid> {
        properties(sent).map(Self)
    }
}

impl schemars::JsonSchema for Properties {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Properties".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "maxProperties": MOST_PROPERTIES,
            "propertyNames": { "pattern": format!("^[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}$") },
            "additionalProperties": true,
        })
    }
}

/// The properties of a goal: at most ten, with lower-case names and sanitized text values.
pub fn properties(sent: Map<String, Json>) -> Result<Map<String, Json>, Invalid> {
    if sent.len() > MOST_PROPERTIES {
        return Err(Invalid::new(format!("at most {MOST_PROPERTIES} properties, got {}", sent.len())));
    }
    sent.into_iter().map(|(name, value)| Ok((property_name(&name)?, text(&value).into()))).collect()
}

/// A property's name as it is stored: in lower case.
pub fn property_name(sent: &str) -> Result<String, Invalid> {
    let name = sent.to_ascii_lowercase();
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(Invalid::new(format!(
        "a property's name has 1 to {LONGEST_NAME} of the characters a-z 0-9 _ -, got \"{}\"",
        excerpt(sent)
    )))
}

/// What a browser would run where it stands in a link.
const SCHEMES: [&str; 3] = ["javascript:", "vbscript:", "data:"];

/// A value as text, without anything that a browser would run as markup or script. One pass, so that the time is linear
/// in the length; and what is kept is kept again, so that an export can be imported.
fn text(value: &Json) -> String {
    let sent = match value {
        Json::String(text) => Cow::Borrowed(text.as_str()),
        Json::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    };
    let mut kept = String::new();
    for character in sent.chars().filter(|c| !matches!(c, '<' | '>' | '\'' | '"' | '&')) {
        kept.push(character);
        // What has been kept contains neither, so only its end can: also where removing one joins the parts of another.
        match character {
            ':' => remove_scheme(&mut kept),
            '=' => remove_handler(&mut kept),
            _ => {}
        }
    }
    cut(&kept, LONGEST_VALUE)
}

fn remove_scheme(kept: &mut String) {
    let start = SCHEMES.iter().find_map(|scheme| {
        let start = kept.len().checked_sub(scheme.len())?;
        kept.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(scheme)).then_some(start)
    });
    if let Some(start) = start {
        kept.truncate(start);
    }
}

/// Removes `onclick=` and the like where they are the beginning of a word.
fn remove_handler(kept: &mut String) {
    let letters = kept.bytes().rev().skip(1).take_while(u8::is_ascii_alphabetic).count();
    let start = kept.len() - 1 - letters;
    let begins_word = |before: &str| before.chars().next_back().is_none_or(char::is_whitespace);
    let is_event = |name: &str| name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on"));
    if letters > 2 && kept.get(..start).is_some_and(begins_word) && kept.get(start..).is_some_and(is_event) {
        kept.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn clean(sent: Json) -> Result<Map<String, Json>, Invalid> {
        match sent {
            Json::Object(map) => properties(map),
            _ => panic!("not an object"),
        }
    }

    #[test]
    fn values_become_short_safe_text() {
        for (sent, kept) in [
            (json!("pro"), "pro"),
            (json!(49), "49"),
            (json!(true), "true"),
            (json!(null), ""),
            (json!("<script>alert(1)</script>"), "scriptalert(1)/script"),
            (json!("javajavascript:script:x"), "x"),
            (json!("a onclick=b c"), "a b c"),
            (json!("on time = money"), "on time = money"),
            (json!("a\tonclick=onload=\u{3000}b"), "a\t\u{3000}b"),
            (json!("\nonclick=x"), "x"),
            (json!("vbscrdata:ipt:x"), "x"),
            (json!("xonclick=y on=z"), "xonclick=y on=z"),
            (json!("x".repeat(300)), &"x".repeat(255)),
        ] {
            assert_eq!(clean(json!({ "Plan": sent })).unwrap(), json!({ "plan": kept }).as_object().unwrap().clone());
        }
    }

    #[test]
    fn there_are_at_most_ten_with_plain_names() {
        let many: Map<_, _> = (0..11).map(|number| (format!("p{number}"), json!(1))).collect();
        assert!(properties(many).is_err());
        for name in ["", "a b", "a.b", "ü", &"x".repeat(65)] {
            assert!(clean(json!({ name: 1 })).is_err(), "{name}");
        }
    }

    #[test]
    fn the_time_is_linear_in_the_length() {
        let step = |part: &str, length: usize| {
            let sent = Json::from(part.repeat(length / part.len()));
            let timed = || {
                #[expect(clippy::disallowed_methods, reason = "a native test")]
                let start = std::time::Instant::now();
                text(&sent);
                start.elapsed()
            };
            (0..3).map(|_| timed()).min().unwrap()
        };
        for part in ["data:", "javajavascript:script:", "onclick=", "x=", "aaaaaaaa", " onload=data:"] {
            let (short, long) = (step(part, 1 << 12), step(part, 1 << 18));
            // 64 times the length; quadratic time would be 4,096 times as long.
            assert!(long < short * 640 + std::time::Duration::from_millis(20), "{part}: {short:?}, {long:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_unsafe_is_left(sent in ".*") {
            let kept = text(&sent.into());
            let folded = kept.to_ascii_lowercase();
            proptest::prop_assert!(!folded.contains("javascript:") && !kept.contains(['<', '>', '"']));
        }
    }
}
