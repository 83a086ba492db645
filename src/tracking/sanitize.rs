//! Makes the values sent with goals safe to display (docs/contract/website-api.md#3.4 and #5.3).

use serde_json::{Map, Value as Json};

use sluice_values::{Invalid, excerpt};

/// The most properties that a goal may have.
pub const MOST_PROPERTIES: usize = 10;
/// The longest property name, in characters.
const LONGEST_NAME: usize = 64;
/// The longest property value, in characters.
const LONGEST_VALUE: usize = 255;

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

/// A value as text, without anything that a browser would run as markup or script.
fn text(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    let plain: String = text.chars().filter(|c| !matches!(c, '<' | '>' | '\'' | '"' | '&')).collect();
    let harmless = without_handlers(&without_schemes(&plain));
    harmless.trim().chars().take(LONGEST_VALUE).collect()
}

fn without_schemes(text: &str) -> String {
    let mut rest = text.to_owned();
    // Removing one may join the parts of another.
    while let Some((at, scheme)) = ["javascript:", "vbscript:", "data:"]
        .into_iter()
        .find_map(|scheme| Some((rest.to_ascii_lowercase().find(scheme)?, scheme)))
    {
        rest.replace_range(at..at + scheme.len(), "");
    }
    rest
}

/// Removes `onclick=` and the like where they begin a word.
fn without_handlers(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in text.split_inclusive(' ') {
        let name = word.split('=').next().unwrap_or_default();
        let is_handler = word.contains('=')
            && name.len() > 2
            && name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on"))
            && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        kept.push(if is_handler { word.split_once('=').map_or("", |(_, value)| value) } else { word });
    }
    kept.concat()
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

    proptest::proptest! {
        #[test]
        fn nothing_unsafe_is_left(sent in ".*") {
            let kept = text(&sent.into());
            let folded = kept.to_ascii_lowercase();
            proptest::prop_assert!(!folded.contains("javascript:") && !kept.contains(['<', '>', '"']));
        }
    }
}
