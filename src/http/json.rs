//! Reads JSON as clients send it: with a byte order mark, with half an emoji in a text, nested without end.

use std::borrow::Cow;

use serde_json::{Map, Value};

use sluice_values::Invalid;

/// How deep arrays and objects of a body may be nested, the body itself included (docs/contract/README.md#46).
pub const DEEPEST: usize = 16;

/// The same JSON without a leading byte order mark and with U+FFFD for every lone surrogate in an escape
/// (docs/contract/README.md#40).
pub fn repaired(bytes: &[u8], deepest: usize) -> Result<Cow<'_, [u8]>, Invalid> {
    let bytes = without_mark(bytes);
    if std::str::from_utf8(bytes).is_err() {
        return Err(Invalid::new("expected JSON in UTF-8"));
    }
    let scanned = scan(bytes);
    if scanned.depth > deepest {
        return Err(Invalid::new(format!("arrays and objects may be nested at most {deepest} deep")));
    }
    Ok(replaced(bytes, &scanned.lone_surrogates))
}

/// Parses one JSON value in UTF-8, [repaired].
pub fn parse(bytes: &[u8], deepest: usize) -> Result<Value, Invalid> {
    let whole = repaired(bytes, deepest)?;
    serde_json::from_slice(&whole).map_err(|error| Invalid::new(format!("not valid JSON: {error}")))
}

/// Without a leading byte order mark.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Moves the value of a field's second name to its first, which wins where both are sent.
pub fn rename(object: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = object.remove(from)
        && object.get(to).is_none_or(Value::is_null)
    {
        object.insert(to.to_owned(), value);
    }
}

/// What one pass over the text finds.
#[derive(Default)]
struct Scanned {
    depth: usize,
    /// Where the `\uXXXX` of half a character begin.
    lone_surrogates: Vec<usize>,
}

fn scan(bytes: &[u8]) -> Scanned {
    let (mut found, mut depth, mut at, mut is_text) = (Scanned::default(), 0_usize, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => is_text = !is_text,
            b'\\' if is_text => match surrogate(bytes, at) {
                Some(0xd800..0xdc00) if matches!(surrogate(bytes, at + 6), Some(0xdc00..0xe000)) => at += 11,
                Some(_) => {
                    found.lone_surrogates.push(at);
                    at += 5;
                }
                None => at += 1,
            },
            b'[' | b'{' if !is_text => {
                depth += 1;
                found.depth = found.depth.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    found
}

/// The surrogate that is escaped here.
fn surrogate(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}

fn replaced<'a>(bytes: &'a [u8], places: &[usize]) -> Cow<'a, [u8]> {
    if places.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut owned = bytes.to_vec();
    for at in places {
        if let Some(escape) = owned.get_mut(*at..at + 6) {
            escape.copy_from_slice(b"\\ufffd");
        }
    }
    Cow::Owned(owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        parse(text.as_bytes(), DEEPEST).map_err(|why| why.to_string())
    }

    #[test]
    fn half_a_character_becomes_the_replacement_character() {
        for (sent, read_as) in [
            (r#""x\ud83d""#, "x\u{fffd}"),
            (r#""\uD83Dx""#, "\u{fffd}x"),
            (r#""\ude00""#, "\u{fffd}"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\\ud83d""#, r"\ud83d"),
            (r#""\\\ud83d\n""#, "\\\u{fffd}\n"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(read(sent).unwrap(), json!(read_as), "{sent}");
        }
        assert_eq!(read(r#"{"\udead":"\"\ud800"}"#).unwrap(), json!({ "\u{fffd}": "\"\u{fffd}" }));
        assert!(read(r#""\ud83""#).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(read("\u{feff}{}").unwrap(), json!({}));
        assert!(read("\u{feff}\u{feff}{}").is_err());
    }

    #[test]
    fn depth_is_limited_wherever_it_is() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(16)).is_ok());
        assert!(read(&nested(17)).unwrap_err().contains("16 deep"));
        assert!(read(&format!("[{}]", vec![nested(15); 40].join(","))).is_ok());
        assert!(read(&format!("{{\"a\":{{\"b\":{}}}}}", nested(15))).is_err());
        assert!(read(&"[".repeat(60_000)).is_err());
        assert_eq!(read(r#""[[[[[[[[[[[[[[[[[[[[[[{\"[""#).unwrap(), json!("[[[[[[[[[[[[[[[[[[[[[[{\"["));
    }

    #[test]
    fn the_first_name_of_a_field_wins() {
        for (sent, kept) in [
            (json!({ "a": 1, "b": 2 }), json!({ "a": 1 })),
            (json!({ "b": 2 }), json!({ "a": 2 })),
            (json!({ "a": null, "b": 2 }), json!({ "a": 2 })),
            (json!({ "a": 1, "b": null }), json!({ "a": 1 })),
            (json!({}), json!({})),
        ] {
            let mut object = sent.as_object().unwrap().clone();
            rename(&mut object, "b", "a");
            assert_eq!(Value::Object(object), kept, "{sent}");
        }
    }

    proptest! {
        #[test]
        fn whole_texts_stay_as_they_are(text in ".*") {
            prop_assert_eq!(read(&json!(text).to_string()).unwrap(), json!(text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes, DEEPEST);
        }
    }
}
