//! What is stored at most, measured in what is stored (docs/contract/README.md#46): one place for events of browsers, goals,
//! payments and identities of backends, and the lines of an import. Pure.
//!
//! Whatever a rule here keeps, it keeps again: an export of it can be imported.

use serde_json::{Map, Value as Json};
use url::Url;

use sluice_engine::event::hint_fields;
use sluice_values::{Invalid, Timestamp, excerpt};

/// Bytes of a page's path.
pub const LONGEST_PATH: usize = 2_048;
/// Bytes of an address, and of a referrer.
pub const LONGEST_HREF: usize = 4_096;
/// Bytes of the address of a link.
pub const LONGEST_LINK: usize = 2_048;
/// Bytes of a host (RFC 1035).
pub const LONGEST_HOST: usize = 253;
/// Characters of a name, a city, a campaign parameter and other short texts.
pub const LONGEST_TEXT: usize = 255;
/// Characters of a goal's description.
pub const LONGEST_DESCRIPTION: usize = 1_000;
/// Bytes of an advertising network's click id.
pub const LONGEST_CLICK_ID: usize = 512;
/// Traits of one identification.
pub const MOST_TRAITS: usize = 20;
/// Bytes of the traits of one identification, as JSON.
pub const LONGEST_TRAITS: usize = 4_096;
/// Characters of the address of a user's image (docs/contract/website-api.md#5.4).
pub const LONGEST_IMAGE: usize = 250;
/// By how much a clock may be fast, in milliseconds.
const LEEWAY_MS: i64 = 5 * 60_000;

/// The first `most` characters, without surrounding white space.
pub fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default().trim_end().to_owned()
}

/// A short text of a sender, of one line; `None` if there is nothing in it.
pub fn short(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|character| !character.is_control()).collect();
    Some(cut(&line, LONGEST_TEXT)).filter(|text| !text.is_empty())
}

/// A payer's address, which is kept in lower case.
pub fn email(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    short(if lower.chars().count() > LONGEST_TEXT { &lower } else { text })
}

/// A backend's words on a goal; `None` if there are none.
pub fn description(text: &str) -> Option<String> {
    Some(cut(text, LONGEST_DESCRIPTION)).filter(|text| !text.is_empty())
}

/// An advertising network's click id.
pub fn click_id(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|character| !character.is_control()).collect();
    let line = line.trim();
    let end = line.floor_char_boundary(LONGEST_CLICK_ID);
    Some(line.get(..end).unwrap_or_default().trim_end().to_owned()).filter(|text| !text.is_empty())
}

/// The address of a link to another website.
pub fn link(sent: &str) -> Result<String, Invalid> {
    let wrong = || Invalid::new(format!("expected an http or https address, got \"{}\"", excerpt(sent)));
    let url = Url::parse(sent.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(wrong)?;
    match url.as_str().len() {
        1..=LONGEST_LINK => Ok(url.into()),
        bytes => Err(Invalid::new(format!("has at most {LONGEST_LINK} bytes, got {bytes}"))),
    }
}

/// A referrer as it was sent; what is too long loses its query, then its path.
pub fn referrer(sent: &str) -> Option<String> {
    let line: String = sent.chars().filter(|character| !character.is_control()).collect();
    let whole = line.trim();
    if whole.len() <= LONGEST_HREF {
        return Some(whole.to_owned()).filter(|whole| !whole.is_empty());
    }
    let mut url = Url::parse(whole).ok()?;
    url.set_fragment(None);
    url.set_query(None);
    if url.as_str().len() > LONGEST_HREF {
        url.set_path("");
    }
    Some(url.into()).filter(|kept: &String| kept.len() <= LONGEST_HREF)
}

/// What a backend knows of a user, beside their id.
#[derive(Debug, serde::Deserialize)]
#[serde(try_from = "Map<String, Json>")]
pub struct Traits(pub Map<String, Json>);

impl TryFrom<Map<String, Json>> for Traits {
    type Error = Invalid;

    fn try_from(sent: Map<String, Json>) -> Result<Self, Invalid> {
        traits(sent).map(Self)
    }
}

impl schemars::JsonSchema for Traits {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Traits".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::<String, Json>::json_schema(generator)
    }
}

/// What a user is known by, beside their id.
pub fn traits(mut sent: Map<String, Json>) -> Result<Map<String, Json>, Invalid> {
    // Script and SDK send an empty name or image if there is none; and whoever shows a profile loads the image.
    if sent.get("name").is_some_and(|name| name == "") {
        sent.remove("name");
    }
    if sent.get("image").is_some_and(|image| !image.as_str().is_some_and(is_image)) {
        sent.remove("image");
    }
    if sent.len() > MOST_TRAITS {
        return Err(Invalid::new(format!("at most {MOST_TRAITS} traits, got {}", sent.len())));
    }
    match serde_json::to_string(&sent).map_or(0, |json| json.len()) {
        bytes if bytes > LONGEST_TRAITS => {
            Err(Invalid::new(format!("traits have at most {LONGEST_TRAITS} bytes of JSON, got {bytes}")))
        }
        _ => Ok(sent),
    }
}

fn is_image(sent: &str) -> bool {
    sent.chars().count() <= LONGEST_IMAGE && Url::parse(sent).is_ok_and(|url| url.scheme() == "https")
}

/// What a browser says of a payment: the keys by which its visitor is found, and nothing else.
pub fn hint(sent: &Map<String, Json>) -> Map<String, Json> {
    let text = |value: &Json| match value {
        Json::String(text) => short(text),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    hint_fields().filter_map(|key| text(sent.get(&key)?).map(|kept| (key, kept.into()))).collect()
}

/// A time that has been, or that a fast clock may have shown (docs/contract/reports.md#14).
pub fn past(time: Timestamp, now: Timestamp) -> Result<Timestamp, Invalid> {
    if time.as_millis() > now.as_millis() + LEEWAY_MS {
        return Err(Invalid::new(format!("{time} lies in the future")));
    }
    if time.as_millis() < 0 {
        return Err(Invalid::new(format!("{time} lies before 1970")));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn map(json: Json) -> Map<String, Json> {
        let Json::Object(map) = json else { panic!("no object") };
        map
    }

    #[test]
    fn links_lead_to_websites_in_one_spelling() {
        assert_eq!(link(" HTTPS://OUT.example:443/x ").unwrap(), "https://out.example/x");
        assert_eq!(link("http://b\u{fc}cher.example").unwrap(), "http://xn--bcher-kva.example/");
        for wrong in ["", "not a url", "javascript:alert(1)", "mailto:a@b.co", "/path", "data:text/html,x", "file:///x"]
        {
            assert!(link(wrong).is_err(), "{wrong}");
        }
        assert!(link(&format!("https://out.example/{}", "x".repeat(2_028))).is_ok());
        assert!(link(&format!("https://out.example/{}", "x".repeat(2_029))).is_err());
        // As it is stored, it is nine times as long.
        assert!(link(&format!("https://out.example/{}", "\u{4e2d}".repeat(300))).is_err());
    }

    #[test]
    fn a_referrer_that_is_too_long_keeps_what_names_it() {
        let long = "x".repeat(5_000);
        assert_eq!(referrer(&format!("https://a.example/p?q={long}#f")).unwrap(), "https://a.example/p");
        assert_eq!(referrer(&format!("https://a.example/{long}")).unwrap(), "https://a.example/");
        assert_eq!(referrer(&long), None);
        assert_eq!(referrer(" \n"), None);
    }

    #[test]
    fn traits_are_few_and_short() {
        let many = |count: usize| (0..count).map(|number| (format!("k{number}"), json!(1))).collect::<Map<_, _>>();
        assert!(traits(many(20)).is_ok());
        assert!(traits(many(21)).unwrap_err().to_string().contains("at most 20"));
        assert!(traits(map(json!({ "a": "x".repeat(4_087) }))).is_ok(), "{{\"a\":\"\"}} are 8 bytes");
        for over in ["x".repeat(4_089), "\u{e9}".repeat(2_100), "\n".repeat(2_100)] {
            assert!(traits(map(json!({ "a": over }))).is_err());
        }
    }

    #[test]
    fn an_image_is_a_short_https_address_or_none() {
        for (sent, is_kept) in [
            (json!("https://a.example/i.png"), true),
            (json!(format!("https://a.example/{}", "i".repeat(232))), true),
            (json!(format!("https://a.example/{}", "i".repeat(233))), false),
            (json!("http://a.example/i.png"), false),
            (json!("javascript:alert(1)"), false),
            (json!("i.png"), false),
            (json!(["https://a.example/i.png"]), false),
            (json!(null), false),
        ] {
            let kept = traits(map(json!({ "image": sent, "plan": "pro" }))).unwrap();
            assert_eq!((kept.contains_key("image"), kept.contains_key("plan")), (is_kept, true), "{sent}");
        }
    }

    #[test]
    fn a_hint_names_a_payment_and_is_none() {
        let sent = map(json!({
            "email": " a@b.co ", "stripe_session_id": 5, "polar_checkout_id": "", "paddle_transaction_id": { "a": 1 },
            "transaction_id": "forged", "amount": 1_000_000, "currency": "USD", "refunded": true, "x": [[[]]],
        }));
        assert_eq!(hint(&sent), map(json!({ "email": "a@b.co", "stripe_session_id": "5" })));
    }

    #[test]
    fn times_lie_between_1970_and_five_minutes_from_now() {
        let now = Timestamp::from_millis(1_000_000);
        for (millis, is_taken) in [(0, true), (-1, false), (1_300_000, true), (1_300_001, false)] {
            assert_eq!(past(Timestamp::from_millis(millis), now).is_ok(), is_taken, "{millis}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(sent in "\\PC{0,20}[\\x00-\\x20\u{3000}]{0,3}(\\PC|[\\x00 ]){200,300}") {
            for rule in [short, email, description, referrer, click_id] {
                let once = rule(&sent);
                prop_assert_eq!(once.as_deref().and_then(rule), once);
            }
            let address = format!("https://{sent}");
            if let Ok(once) = link(&address) {
                prop_assert_eq!(link(&once).unwrap(), once);
            }
            if let Some(once) = referrer(&format!("https://a.example/{}?{sent}", sent.repeat(20))) {
                prop_assert!(once.len() <= LONGEST_HREF);
                prop_assert_eq!(referrer(&once), Some(once));
            }
        }
    }
}
