//! Paths of pages in one normal form (docs/contract/README.md#45): what the URL parser makes of a path, with unreserved
//! characters decoded and the digits of percent-encoding in capitals. What people type is shown as typed and matched in
//! this form.

use std::str::FromStr;

use schemars::json_schema;
use url::Url;

use crate::address::host_of;
use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// Stands behind a prefix while it is parsed, so that its end is not taken for a dot segment or cut off as a space.
const END: char = 'x';

/// The path of a parsed address, in normal form.
pub fn path_of(url: &Url) -> String {
    let mut path = decoded(url.path());
    // Decoding may have uncovered a dot segment. Each round makes the path shorter.
    while path.contains("/.")
        && let Some(shorter) = in_address(&path).map(|url| decoded(url.path())).filter(|shorter| *shorter != path)
    {
        path = shorter;
    }
    path
}

/// The path that a fragment is, of a website that routes by fragments, and what stands behind its question mark.
pub fn route_of(url: &Url) -> Option<(String, Option<&str>)> {
    let fragment = url.fragment()?;
    let (route, query) = fragment.split_once('?').map_or((fragment, None), |(route, query)| (route, Some(query)));
    Some((decoded(route), query))
}

/// The path of a page as a person writes it in a filter, in normal form.
pub fn written_path(sent: &str) -> Result<String, Invalid> {
    let page = Written::of(sent, sent.trim())?;
    if page.host.is_some() {
        return Err(never(sent, "the path alone names a page here, without scheme and host"));
    }
    Ok(page.with(page.fragment.as_deref()))
}

/// A part of a path as a person writes it in a filter, in normal form.
pub fn written_part(sent: &str) -> Result<String, Invalid> {
    if sent.contains('?') {
        return Err(never(sent, NO_QUERY));
    }
    let mut url = in_address("/").ok_or_else(|| Invalid::new("no part of a path"))?;
    let mut part = String::with_capacity(sent.len());
    for character in sent.chars() {
        if character.is_ascii_alphanumeric() || "-._~/%#".contains(character) {
            part.push(character);
        } else {
            url.set_path(&format!("/{character}"));
            part.push_str(url.path().get(1..).unwrap_or_default());
        }
    }
    Ok(decoded(&part))
}

const NO_QUERY: &str = "a page is counted without its query, so leave out what begins with ?";

fn never(sent: &str, why: &str) -> Invalid {
    Invalid::new(format!("\"{}\" never matches a page: {why}", excerpt(sent)))
}

fn in_address(path: &str) -> Option<Url> {
    Url::parse(&format!("https://page.invalid{path}")).ok()
}

/// Decodes percent-encoded unreserved characters, and makes the digits of the other encoded ones capitals. What has been
/// decoded once stays the same a second time.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        out.push(byte);
        while let Some(plain) = out.last_chunk().copied().and_then(encoded_byte).filter(|byte| is_unreserved(*byte)) {
            out.truncate(out.len() - 3);
            out.push(plain);
        }
    }
    for at in 0..out.len() {
        if let Some(encoded) = out.get_mut(at..at + 3)
            && encoded.first_chunk().copied().and_then(encoded_byte).is_some()
        {
            encoded.make_ascii_uppercase();
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn encoded_byte(text: [u8; 3]) -> Option<u8> {
    let [b'%', high, low] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// A page as a person writes it: a path, or the whole address.
struct Written {
    host: Option<String>,
    path: String,
    fragment: Option<String>,
}

impl Written {
    /// Reads `text`; errors quote `sent`.
    fn of(sent: &str, text: &str) -> Result<Self, Invalid> {
        if sent.chars().any(char::is_control) {
            return Err(never(sent, "it contains control characters"));
        }
        let scheme = text.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        let (url, is_address) = match scheme {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => {
                (Url::parse(text).ok(), true)
            }
            Some(scheme) => {
                return Err(never(sent, &format!("pages have addresses that begin with https://, not {scheme}:")));
            }
            None if text.starts_with(['/', '\\']) => (in_address(text), false),
            None => (in_address(&format!("/{text}")), false),
        };
        let url = url.ok_or_else(|| never(sent, "it is not an address"))?;
        let host = if is_address {
            Some(host_of(&url).ok_or_else(|| never(sent, "its host is not a valid one"))?)
        } else {
            None
        };
        let fragment = route_of(&url);
        if url.query().is_some() || fragment.as_ref().is_some_and(|(_, query)| query.is_some()) {
            return Err(never(sent, NO_QUERY));
        }
        let fragment = fragment.map(|(route, _)| route).filter(|route| !route.is_empty());
        Ok(Self { host, path: path_of(&url), fragment })
    }

    /// The path, with a fragment that is a part of it.
    fn with(&self, fragment: Option<&str>) -> String {
        fragment.map_or_else(|| self.path.clone(), |fragment| format!("{}#{fragment}", self.path))
    }
}

/// Pages as a funnel step names them: a path or an address, with a `*` at its end for anything that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePattern {
    typed: String,
    host: Option<String>,
    path: String,
    is_prefix: bool,
}

impl PagePattern {
    /// Characters in the longest pattern.
    pub const LONGEST: usize = 2048;

    /// The pattern as it was typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The host of the pages; `None` for every host.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Their path, or what it begins with.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether every path that begins so is meant.
    pub const fn is_prefix(&self) -> bool {
        self.is_prefix
    }

    /// Whether a page with this path, in normal form, is meant.
    pub fn covers(&self, path: &str) -> bool {
        if self.is_prefix { path.starts_with(&self.path) } else { path == self.path }
    }
}

impl FromStr for PagePattern {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        let length = text.chars().count();
        if !(1..=Self::LONGEST).contains(&length) {
            return Err(Invalid::new(format!("1 to {} characters, got {length}", Self::LONGEST)));
        }
        let (exact, is_prefix) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
        if exact.contains('*') {
            return Err(never(sent, "a * stands for anything at the end only"));
        }
        let page = if is_prefix {
            // https://example.com* means every page of the host.
            let is_bare_host = exact.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '\\', '?', '#']));
            Written::of(sent, &format!("{exact}{}{END}", if is_bare_host { "/" } else { "" }))?
        } else {
            Written::of(sent, exact)?
        };
        // Other fragments are places on a page. (Of a lone prefix nothing but its end may be left.)
        let is_route = |route: &str| route.starts_with('/') || route.starts_with("!/");
        let route = page.fragment.as_deref().filter(|route| !is_prefix || route.chars().ne([END]));
        if route.is_some_and(|route| !is_route(route)) || route.is_none() && page.fragment.is_some() {
            return Err(never(sent, "of what follows #, only a route such as #/pricing is a part of a page"));
        }
        let mut path = page.with(route);
        if is_prefix {
            path.pop();
        }
        Ok(Self { typed: text.to_owned(), host: page.host, path, is_prefix })
    }
}

text_value!(
    PagePattern,
    json_schema!({ "type": "string", "description": "A path or the address of a page, without a query; a trailing * stands for anything", "minLength": 1, "maxLength": PagePattern::LONGEST, "examples": ["/pricing", "/docs/*", "https://example.com/cart"] })
);

/// A path of a website, or everything below one: `/pricing`, `/admin/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(PagePattern);

impl PathPattern {
    /// The pattern as it was typed.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it covers this path, which is in normal form. `/x` covers itself; `/x/*` everything below, but not `/x`.
    pub fn covers(&self, path: &str) -> bool {
        self.0.covers(path)
    }
}

impl FromStr for PathPattern {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        let is_path = text.starts_with('/') && text.strip_suffix('*').is_none_or(|below| below.ends_with('/'));
        if !is_path {
            let text = excerpt(sent);
            return Err(Invalid::new(format!("expected a path such as \"/admin\" or \"/admin/*\", got \"{text}\"")));
        }
        text.parse().map(Self)
    }
}

text_value!(
    PathPattern,
    json_schema!({ "type": "string", "description": "A path, or a path followed by /* for everything below it", "minLength": 1, "maxLength": PagePattern::LONGEST, "pattern": r"^/([^?#*\x00-\x1f\x7f-\x9f]*|([^?#*\x00-\x1f\x7f-\x9f]*/)?\*)$", "examples": ["/admin/*"] })
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(address: &str) -> String {
        path_of(&Url::parse(address).unwrap())
    }

    #[test]
    fn spellings_of_one_path_have_one_normal_form() {
        for (spelled, normal) in [
            ("/über/x", "/%C3%BCber/x"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/%61%2Db%7e", "/a-b~"),
            ("/a/../b/./c", "/b/c"),
            ("/a/%2e%2E/b", "/b"),
            ("/my page", "/my%20page"),
            ("/a\"b<c>", "/a%22b%3Cc%3E"),
            ("/pl{u}s", "/pl%7Bu%7Ds"),
            ("/100%", "/100%"),
            ("/a%2fb", "/a%2Fb"),
            ("\\a\\b", "/a/b"),
            ("//a", "//a"),
            ("/%%34%31", "/A"),
            ("/a/%%32e%%32E/b", "/b"),
            ("", "/"),
        ] {
            assert_eq!(path(&format!("https://example.com{spelled}")), normal, "{spelled}");
        }
    }

    #[test]
    fn a_step_is_a_path_or_an_address_with_or_without_a_wildcard() {
        for (typed, host, path, is_prefix) in [
            ("/pricing", None, "/pricing", false),
            ("pricing", None, "/pricing", false),
            ("/blog/*", None, "/blog/", true),
            ("/blog*", None, "/blog", true),
            ("*", None, "/", true),
            ("/*", None, "/", true),
            ("/a/..*", None, "/a/..", true),
            ("/my *", None, "/my%20", true),
            ("über/uns", None, "/%C3%BCber/uns", false),
            ("/my page", None, "/my%20page", false),
            ("https://d:443/cart", Some("d"), "/cart", false),
            ("HTTPS://D/cart", Some("d"), "/cart", false),
            ("http://d:80/cart", Some("d"), "/cart", false),
            ("https://d./cart", Some("d"), "/cart", false),
            ("https://Bücher.example", Some("xn--bcher-kva.example"), "/", false),
            ("https://example.com*", Some("example.com"), "/", true),
            ("https://example.com/a*", Some("example.com"), "/a", true),
            ("/#/pricing", None, "/#/pricing", false),
            ("/app#!/x*", None, "/app#!/x", true),
            ("/#/über", None, "/#/%C3%BCber", false),
            ("/x#", None, "/x", false),
        ] {
            let step = typed.parse::<PagePattern>().unwrap();
            assert_eq!((step.as_str(), step.host(), step.path(), step.is_prefix()), (typed, host, path, is_prefix));
        }
        for wrong in [
            "",
            " ",
            "/cart?x=1",
            "/cart?",
            "?x",
            "/cart#top",
            "/cart#*",
            "/cart#to*",
            "/#/a?b=c",
            "/c*t",
            "/**",
            "*/a",
            "/x?*",
            "javascript:alert(1)",
            "mailto:a@b.co",
            "ftp://d/x",
            "https://",
            "https://d../x",
            "https://a b/",
            "/a\nb",
            "https:///",
            "data:text/html,x",
            "file:///etc",
        ] {
            assert!(wrong.parse::<PagePattern>().is_err(), "{wrong}");
        }
        assert!("x".repeat(2049).parse::<PagePattern>().is_err());
    }

    #[test]
    fn path_patterns_have_a_wildcard_only_behind_a_slash_at_their_end() {
        for right in ["/", "/x", "/x/*", "/*", "/a/b/c", "/ü", "/a b", "/#/x"] {
            assert_eq!(right.parse::<PathPattern>().unwrap().as_str(), right);
        }
        for wrong in ["", "x", "*", "/x*", "/*/x", "/x?y=1", "/x#y", "/x/**", "https://d/x", "/x/*?y", "/\u{7}"] {
            assert!(wrong.parse::<PathPattern>().is_err(), "{wrong}");
        }
        let covers = |pattern: &str, path: &str| pattern.parse::<PathPattern>().unwrap().covers(path);
        assert!(covers("/über/*", "/%C3%BCber/x") && covers("/caf%c3%a9", "/caf%C3%A9") && covers("/a/../b", "/b"));
        assert!(covers("/x/*", "/x/") && !covers("/x/*", "/x") && !covers("/x", "/x/") && covers("/*", "/"));
    }

    #[test]
    fn filters_mean_what_people_see() {
        for (written, normal) in
            [("/über", "/%C3%BCber"), ("pricing", "/pricing"), ("/a*b", "/a*b"), ("/x#top", "/x#top")]
        {
            assert_eq!(written_path(written).unwrap(), normal);
        }
        for wrong in ["/x?y", "https://d/x", "javascript:x"] {
            assert!(written_path(wrong).is_err(), "{wrong}");
        }
        for (written, normal) in
            [("ü", "%C3%BC"), ("%c3%bc", "%C3%BC"), ("/../a b", "/../a%20b"), ("\\", "/"), ("#/x", "#/x")]
        {
            assert_eq!(written_part(written).unwrap(), normal);
        }
        assert!(written_part("?utm").is_err());
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in ".*") {
            if let Some(url) = in_address(&format!("/{text}")) {
                let normal = path_of(&url);
                prop_assert_eq!(&path_of(&in_address(&normal).unwrap()), &normal);
                prop_assert!(url.query().is_some() || written_part(&normal).unwrap() == normal);
            }
        }

        #[test]
        fn mixtures_of_encoding_have_one_normal_form(text in "/[%34e2EfFa./é~-]{0,24}") {
            let normal = path_of(&in_address(&text).unwrap());
            prop_assert_eq!(&path_of(&in_address(&normal).unwrap()), &normal);
        }

        #[test]
        fn what_is_typed_parses_again(text in ".*") {
            if let Ok(page) = text.parse::<PagePattern>() { prop_assert_eq!(page.as_str().parse::<PagePattern>().unwrap(), page); }
            if let Ok(path) = text.parse::<PathPattern>() { prop_assert_eq!(path.as_str().parse::<PathPattern>().unwrap(), path); }
        }

        #[test]
        fn every_page_can_be_typed_as_it_is_seen(seen in "/[a-zà-ÿ0-9 _.!$&'()+,;=@-]{1,20}x") {
            let page = path_of(&in_address(&seen).unwrap());
            prop_assert!(seen.parse::<PathPattern>().unwrap().covers(&page));
            prop_assert_eq!(written_path(&seen).unwrap(), page);
        }
    }
}
