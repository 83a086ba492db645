//! Addresses: domains, hosts, IP ranges, paths, mailboxes.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::json_schema;
use url::Host;

use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// The longest host name, in characters (RFC 1035).
const LONGEST_HOST: usize = 253;

/// The host part of an address, parsed as browsers do; `None` if `sent` contains anything else.
fn host(sent: &str) -> Option<Host> {
    let text = sent.trim();
    // The URL parser accepts what a list of hosts must not: user info, ports, paths, and "0x7f.1" for 127.0.0.1.
    let plain = !text.contains(['/', '\\', '@', '?', '#', '%', ' ']);
    let host = plain.then(|| Host::parse(text).ok()).flatten()?;
    match &host {
        Host::Domain(name) if name.trim_end_matches('.').len() > LONGEST_HOST => None,
        Host::Domain(name) => name.trim_end_matches('.').split('.').all(is_host_label).then_some(host),
        Host::Ipv4(address) => (address.to_string() == text).then_some(host),
        Host::Ipv6(_) => Some(host),
    }
}

/// Whether this is a label of a host name (RFC 1123, and `_` as some name servers have it).
pub fn is_host_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A website's domain: a host name of at least two labels, in lower case, without scheme, port or path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The domain, such as `example.com`; international names in ASCII form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        match host(sent) {
            Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.') => {
                Ok(Self(name.trim_end_matches('.').to_owned()))
            }
            _ => Err(Invalid::new(format!(
                "expected a domain such as \"example.com\", without https://, port or path, got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

text_value!(
    Domain,
    json_schema!({ "type": "string", "description": "A domain without scheme, port or path", "maxLength": 255, "examples": ["example.com"] })
);

/// A host that a page may be served from: a name (one label is enough, as in `localhost`) or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostname(String);

impl Hostname {
    /// The host in lower case, IPv6 in brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hostname {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        host(sent).map(|host| Self(host.to_string())).ok_or_else(|| {
            Invalid::new(format!(
                "expected a hostname such as \"app.example.com\", without https://, port or path, got \"{}\"",
                excerpt(sent)
            ))
        })
    }
}

text_value!(
    Hostname,
    json_schema!({ "type": "string", "description": "A hostname without scheme, port or path", "maxLength": 255, "examples": ["app.example.com"] })
);

/// An IP address (v4 or v6), or a range in CIDR form, stored as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpRange(String);

impl IpRange {
    /// The address or range as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IpRange {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        if text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(format!(
                "expected an IP address or CIDR range such as \"203.0.113.7\", \"10.0.0.0/8\" or \"2001:db8::/32\", got \"{}\"",
                excerpt(sent)
            )))
        }
    }
}

text_value!(
    IpRange,
    json_schema!({ "type": "string", "description": "IPv4 or IPv6 address, or a CIDR range", "maxLength": 64, "examples": ["203.0.113.0/24"] })
);

/// A path of a website, or everything below one: `/pricing`, `/admin/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// The longest pattern, in characters.
    pub const LONGEST: usize = 2048;

    /// The pattern as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PathPattern {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let path = sent.trim();
        let exact = path.strip_suffix("/*").unwrap_or(path);
        let is_path = path.starts_with('/')
            && !exact.contains(['*', '?', '#'])
            && !path.chars().any(|character| character.is_whitespace() || character.is_control())
            && path.chars().count() <= Self::LONGEST;
        if is_path {
            Ok(Self(path.to_owned()))
        } else {
            Err(Invalid::new(format!("expected a path such as \"/admin\" or \"/admin/*\", got \"{}\"", excerpt(sent))))
        }
    }
}

text_value!(
    PathPattern,
    json_schema!({ "type": "string", "description": "A path, or a path followed by /* for everything below it", "maxLength": 2048, "examples": ["/admin/*"] })
);

/// An e-mail address, in lower case (docs/contract/account-api.md#10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let address = sent.trim().to_lowercase();
        // Quoted local parts, domain literals and display names are legal in a mail header, not in an account.
        let options =
            email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
        let parsed = email_address::EmailAddress::parse_with_options(&address, options);
        if parsed.is_ok() && !address.contains('"') {
            Ok(Self(address))
        } else {
            Err(Invalid::new(format!(
                "expected an e-mail address such as \"jane@example.com\", got \"{}\"",
                excerpt(sent)
            )))
        }
    }
}

text_value!(
    Email,
    json_schema!({ "type": "string", "format": "email", "maxLength": 320, "examples": ["member@example.com"] })
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn domains_are_host_names_with_a_dot() {
        for (sent, kept) in [
            ("example.com", "example.com"),
            (" Example.COM. ", "example.com"),
            ("a.b-c.example.co.uk", "a.b-c.example.co.uk"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(sent.parse::<Domain>().unwrap().as_str(), kept);
        }
        for wrong in [
            "",
            "localhost",
            "https://example.com",
            "example.com/",
            "example.com:8080",
            "user@example.com",
            "127.0.0.1",
            "[::1]",
            "exa mple.com",
            "-a.com",
            "a-.com",
            "a..com",
            ".com",
            "example.com?x",
            "0x7f.1",
            "exam%70le.com",
            &format!("{}.com", "a".repeat(64)),
            &format!("{}com", "a.".repeat(130)),
        ] {
            assert!(wrong.parse::<Domain>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn hostnames_may_be_single_labels_and_addresses() {
        for (sent, kept) in [
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("App.Example.com", "app.example.com"),
        ] {
            assert_eq!(sent.parse::<Hostname>().unwrap().as_str(), kept);
        }
        for wrong in ["", "*.example.com", "http://x.com", "x.com:80", "0x7f.0.0.1", "a b"] {
            assert!(wrong.parse::<Hostname>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ip_ranges_are_addresses_or_cidr() {
        for right in ["203.0.113.7", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32"] {
            assert_eq!(right.parse::<IpRange>().unwrap().as_str(), right);
        }
        for wrong in ["", "300.1.1.1", "10.0.0.0/33", "10.0.0", "2001:db8::/129", "example.com", "10.0.0.0-10.0.0.9"] {
            assert!(wrong.parse::<IpRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn path_patterns_have_a_wildcard_only_at_their_end() {
        for right in ["/", "/x", "/x/*", "/*", "/a/b/c", "/ü"] {
            assert_eq!(right.parse::<PathPattern>().unwrap().as_str(), right);
        }
        for wrong in ["", "x", "*", "/x*", "/*/x", "/a b", "/x?y=1", "/x#y", "/x/**"] {
            assert!(wrong.parse::<PathPattern>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn mailboxes_are_lower_case() {
        assert_eq!(" Member@Example.COM ".parse::<Email>().unwrap().as_str(), "member@example.com");
        for wrong in [
            "",
            "a",
            "a@",
            "@b.c",
            "a b@c.d",
            "a@b@c.d",
            "a@localhost",
            "Jane <a@b.co>",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
        ] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_parsers_never_panic_and_accepted_values_parse_again(text in ".*") {
            if let Ok(domain) = text.parse::<Domain>() { prop_assert_eq!(domain.as_str().parse::<Domain>().unwrap(), domain); }
            if let Ok(host) = text.parse::<Hostname>() { prop_assert_eq!(host.as_str().parse::<Hostname>().unwrap(), host); }
            if let Ok(email) = text.parse::<Email>() { prop_assert_eq!(email.as_str().parse::<Email>().unwrap(), email); }
            if let Ok(path) = text.parse::<PathPattern>() { prop_assert_eq!(path.as_str().parse::<PathPattern>().unwrap(), path); }
            let _ = text.parse::<IpRange>();
        }
    }
}
