//! Names and other texts that people write.

use std::fmt;

use crate::invalid::Invalid;

/// A name of a website, token, key, funnel or person: trimmed, 1 to 100 characters (docs/contract/README.md#10).
pub type Name = Text<1, 100>;

/// A trimmed text of `MIN` to `MAX` characters (Unicode scalar values); otherwise exactly as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> std::str::FromStr for Text<MIN, MAX> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        let length = text.chars().count();
        let is_blank = text.chars().all(is_invisible);
        if (MIN..=MAX).contains(&length) && (MIN == 0 || !is_blank) {
            Ok(Self(text.to_owned()))
        } else if is_blank {
            Err(Invalid::new(format!("must not be empty; {MIN} to {MAX} characters")))
        } else {
            Err(Invalid::new(format!("{MIN} to {MAX} characters, got {length}")))
        }
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> serde::Serialize for Text<MIN, MAX> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de, const MIN: usize, const MAX: usize> serde::Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> schemars::JsonSchema for Text<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        written(MIN, MAX)
    }
}

/// The schema of a text that is not blank, unless it may be empty.
fn written(least: usize, most: usize) -> schemars::Schema {
    let mut schema = schemars::json_schema!({ "type": "string", "minLength": least, "maxLength": most });
    if least > 0 {
        schema.insert("pattern".to_owned(), r"\S".into());
    }
    schema
}

/// Whether nothing is seen of a character: spaces, controls, and what changes others or fills a place.
pub fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The form in which names are compared (Unicode NFC): an accented letter is one letter however it is encoded.
pub fn compared(name: &str) -> std::borrow::Cow<'_, str> {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

/// A text of `MIN` to `MAX` characters that is stored exactly as sent, surrounding space included; it may not be blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Verbatim<MIN, MAX> {
    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MIN: usize, const MAX: usize> serde::Deserialize<'de> for Verbatim<MIN, MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        let length = sent.chars().count();
        if sent.trim().is_empty() {
            Err(serde::de::Error::custom(format!("must not be empty; {MIN} to {MAX} characters")))
        } else if (MIN..=MAX).contains(&length) {
            Ok(Self(sent))
        } else {
            Err(serde::de::Error::custom(format!("{MIN} to {MAX} characters, got {length}")))
        }
    }
}

impl<const MIN: usize, const MAX: usize> schemars::JsonSchema for Verbatim<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Verbatim".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        written(MIN, MAX)
    }
}

/// A name in a form that fits a URL: lower-case letters and digits, with a hyphen for each run of anything else.
/// A name without letters or digits becomes `fallback`.
pub fn slug(name: &str, fallback: &str) -> String {
    let words: Vec<String> = name
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { fallback.to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_trimmed_and_has_1_to_100_characters() {
        assert_eq!("  Jane Doe \n".parse::<Name>().unwrap().as_str(), "Jane Doe");
        assert!("é".repeat(100).parse::<Name>().is_ok(), "characters count, not bytes");
        assert_eq!("x".repeat(101).parse::<Name>().unwrap_err().to_string(), "1 to 100 characters, got 101");
        for invisible in [
            "\u{200b}",
            "\u{feff}\u{2060} \u{200d}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}",
            "\u{e0041}",
            "\u{202e}",
            "\u{7}",
        ] {
            assert!(invisible.parse::<Name>().unwrap_err().to_string().contains("must not be empty"), "{invisible:?}");
        }
        assert_eq!("\u{200b}a".parse::<Name>().unwrap().as_str(), "\u{200b}a");
        assert_eq!(compared("Cafe\u{301}"), "Café");
        assert!(" \t ".parse::<Name>().unwrap_err().to_string().contains("must not be empty"));
    }

    #[test]
    fn a_verbatim_text_keeps_its_space_and_is_not_blank() {
        let parse =
            |text: &str| serde_json::from_value::<Verbatim<3, 5>>(text.into()).map_err(|error| error.to_string());
        assert_eq!(parse(" a\n").unwrap().as_str(), " a\n");
        assert_eq!(parse("ab").unwrap_err(), "3 to 5 characters, got 2");
        assert_eq!(parse("abcdef").unwrap_err(), "3 to 5 characters, got 6");
        assert!(parse("    ").unwrap_err().contains("must not be empty"));
    }

    #[test]
    fn slugs_keep_letters_and_digits_of_every_script() {
        assert_eq!(slug("Signup funnel", "funnel"), "signup-funnel");
        assert_eq!(slug("  A/B -- test #2!", "funnel"), "a-b-test-2");
        assert_eq!(slug("Größe 注册", "funnel"), "größe-注册");
        assert_eq!(slug("!!!", "funnel"), "funnel");
    }

    proptest! {
        #[test]
        fn a_slug_has_no_hyphen_at_an_end_nor_two_in_a_row(name in ".*") {
            let slug = slug(&name, "x");
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--") && !slug.is_empty());
        }
    }
}
