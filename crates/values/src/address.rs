//! Addresses: domains, hosts, IP ranges, mailboxes.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use schemars::json_schema;
use url::{Host, Url};

use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// The longest host name, in characters (RFC 1035).
const LONGEST_HOST: usize = 253;

/// The host part of an address in normal form (docs/contract/README.md#45), or `None` where `sent` is anything more or
/// less: parsed the way browsers do, without one final dot.
fn host(sent: &str) -> Option<Host> {
    let text = sent.trim();
    // The URL parser accepts what a list of hosts must not: user info, ports, paths, and "0x7f.1" for 127.0.0.1.
    let plain = !text.contains(['/', '\\', '@', '?', '#', '%', ' ']);
    match plain.then(|| Host::parse(text).ok()).flatten()? {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(&name);
            (name.len() <= LONGEST_HOST && name.split('.').all(is_host_label)).then(|| Host::Domain(name.to_owned()))
        }
        Host::Ipv4(address) => {
            let plain = text.strip_suffix('.').unwrap_or(text);
            (address.to_string() == plain).then_some(Host::Ipv4(address))
        }
        Host::Ipv6(address) => Some(Host::Ipv6(address)),
    }
}

/// The host of a parsed address in normal form (docs/contract/README.md#45): without one final dot. `None` where a label
/// of its name is empty.
pub fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    host.split('.').all(|label| !label.is_empty()).then(|| host.to_owned())
}

/// The host that a person means by `written`, which may be a host or a whole address, in normal form and without `www.`;
/// `None` if it is neither.
pub fn host_meant(written: &str) -> Option<String> {
    let host = match Url::parse(written.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => host_of(&url)?,
        _ => host(written)?.to_string(),
    };
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// A host as people read it, where that differs from its normal form: with Punycode decoded.
pub fn host_in_unicode(host: &str) -> Option<String> {
    let unicode = host.contains("xn--").then(|| url::quirks::domain_to_unicode(host))?;
    (!unicode.is_empty() && unicode != host).then_some(unicode)
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
            Some(Host::Domain(name)) if name.contains('.') => Ok(Self(name)),
            _ => Err(Invalid::new(format!(
                "expected a domain such as \"example.com\", without https://, port or path, got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

text_value!(
    Domain,
    json_schema!({ "type": "string", "description": "A domain without scheme, port or path", "format": "idn-hostname", "maxLength": 255, "examples": ["example.com"] })
);

/// A host that a page may be served from: a name (one label is enough, as in `localhost`) or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostname {
    typed: String,
    normal: String,
}

impl Hostname {
    /// The host as it was typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The host as it is matched: in lower case and Punycode, IPv6 in brackets.
    pub fn normal(&self) -> &str {
        &self.normal
    }
}

impl FromStr for Hostname {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        host(sent).map(|host| Self { typed: sent.trim().to_owned(), normal: host.to_string() }).ok_or_else(|| {
            Invalid::new(format!(
                "expected a hostname such as \"app.example.com\", without https://, port or path, got \"{}\"",
                excerpt(sent)
            ))
        })
    }
}

text_value!(
    Hostname,
    json_schema!({ "type": "string", "description": "A hostname without scheme, port or path", "format": "idn-hostname", "maxLength": 255, "examples": ["app.example.com"] })
);

/// One IP address (v4 or v6) or a range of them in CIDR form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpRange {
    typed: String,
    network: IpNet,
}

impl IpRange {
    /// The address or range as it was typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// Whether an address lies in the range. IPv4 and its IPv6-mapped form are one address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let mapped = match (address, self.network) {
            // A mapped range wider than IPv4 itself.
            (IpAddr::V4(v4), IpNet::V6(network)) if network.addr().to_ipv4_mapped().is_some() => {
                network.contains(&v4.to_ipv6_mapped())
            }
            _ => false,
        };
        mapped || self.network.contains(&address)
    }

    fn network(text: &str) -> Option<IpNet> {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
        let IpNet::V6(v6) = network else { return Some(network) };
        // ::ffff:198.51.100.0/120 is 198.51.100.0/24.
        let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
        Some(mapped.and_then(|(v4, prefix)| Ipv4Net::new(v4, prefix).ok()).map_or(network, IpNet::V4))
    }
}

impl FromStr for IpRange {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        if let Some(network) = Self::network(text) {
            Ok(Self { typed: text.to_owned(), network })
        } else {
            Err(Invalid::new(format!(
                "expected an IP address or CIDR range such as \"203.0.113.7\", \"10.0.0.0/8\" or \"2001:db8::/32\", got \"{}\"",
                excerpt(sent)
            )))
        }
    }
}

const IPV4_RANGE: &str = r"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])$";
const IPV6_RANGE: &str =
    r"^(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,7}:)/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$";

text_value!(
    IpRange,
    json_schema!({ "type": "string", "description": "IPv4 or IPv6 address, or a CIDR range", "maxLength": 64, "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }, { "pattern": IPV4_RANGE }, { "pattern": IPV6_RANGE }], "examples": ["203.0.113.0/24"] })
);

/// An e-mail address in one normal form: lower case, the domain in Punycode without a final dot, so that two spellings of a
/// mailbox are one account (docs/contract/account-api.md#10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Characters in the longest address: 64, `@` and 253.
    pub const LONGEST: usize = 320;

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        mailbox(sent).map(Self).ok_or_else(|| {
            Invalid::new(format!("expected an e-mail address such as \"jane@example.com\", got \"{}\"", excerpt(sent)))
        })
    }
}

/// The normal form of a mailbox's address.
fn mailbox(sent: &str) -> Option<String> {
    let (local, domain) = sent.trim().rsplit_once('@')?;
    // Quoted local parts, domain literals and display names are legal in a mail header, not in an account. Letters beyond
    // ASCII have several spellings in a local part, which only the mailbox's own server can compare.
    if !local.is_ascii() || local.contains('"') {
        return None;
    }
    let Some(Host::Domain(domain)) = host(domain) else { return None };
    let domain = domain.trim_end_matches('.');
    // No top-level domain is all digits (RFC 3696), so what looks like an address or a part of one is none.
    let (_, top) = domain.rsplit_once('.')?;
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address = format!("{}@{domain}", local.to_ascii_lowercase());
    let options = email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
    let is_address = email_address::EmailAddress::parse_with_options(&address, options).is_ok();
    (is_address && address.len() <= Email::LONGEST).then_some(address)
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
            "a.com..",
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
            ("example.com.", "example.com"),
            ("Bücher.Example。", "xn--bcher-kva.example"),
            ("XN--Bcher-KVA.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("127.0.0.1.", "127.0.0.1"),
            ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ] {
            let host = sent.parse::<Hostname>().unwrap();
            assert_eq!((host.as_str(), host.normal()), (sent, kept));
        }
        let malformed = ["example.com..", "a..example.com", ".example.com", ".", "xn--ü.example", "127.0.0.1.."];
        for wrong in ["", "*.example.com", "http://x.com", "x.com:80", "0x7f.0.0.1", "a b"].into_iter().chain(malformed)
        {
            assert!(wrong.parse::<Hostname>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_host_of_an_address_has_no_final_dot_and_no_empty_label() {
        for (address, host) in [
            ("https://D:443/cart", Some("d")),
            ("https://Bücher.example.:8443/", Some("xn--bcher-kva.example")),
            ("https://[2001:DB8::1]/", Some("[2001:db8::1]")),
            ("https://x.example../", None),
            ("https://a..b.example/", None),
        ] {
            assert_eq!(host_of(&Url::parse(address).unwrap()).as_deref(), host, "{address}");
        }
        for (written, host) in [
            ("WWW.Bücher.example", Some("xn--bcher-kva.example")),
            ("https://www.bücher.example/list?x", Some("xn--bcher-kva.example")),
            ("Google", Some("google")),
            ("Direct/None", None),
            ("Hacker News", None),
        ] {
            assert_eq!(host_meant(written).as_deref(), host, "{written}");
        }
        assert_eq!(host_in_unicode("xn--bcher-kva.example").as_deref(), Some("bücher.example"));
        assert_eq!(host_in_unicode("example.com"), None);
    }

    #[test]
    fn mapped_ranges_are_ranges_of_ipv4() {
        for (range, address, expected) in [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("::ffff:198.51.100.0/120", "198.51.100.9", true),
            ("::FFFF:c633:6400/120", "198.51.100.255", true),
            ("::ffff:198.51.100.0/120", "198.51.101.9", false),
            ("::ffff:198.51.100.7", "198.51.100.7", true),
            ("::ffff:198.51.100.7/128", "198.51.100.8", false),
            ("::ffff:0:0/96", "8.8.8.8", true),
            ("::ffff:0:0/90", "8.8.8.8", true),
            ("::ffff:0:0/96", "2001:db8::1", false),
            ("::/0", "8.8.8.8", false),
            ("198.51.100.77/24", "198.51.100.1", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let contains = range.parse::<IpRange>().unwrap().contains(address.parse().unwrap());
            assert_eq!(contains, expected, "{address} in {range}");
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

    #[test]
    fn two_spellings_of_a_mailbox_are_one_address() {
        for (kept, spellings) in [
            (
                "fg-two@xn--bcher-kva.example",
                &[
                    "fg-two@bücher.example",
                    "FG-Two@BÜCHER.example",
                    "fg-two@xn--bcher-kva.example",
                    "fg-two@XN--BCHER-KVA.EXAMPLE",
                    "fg-two@bu\u{308}cher.example",
                    "fg-two@bücher。example",
                    "fg-two@bücher.example.",
                    "fg-two@b\u{ad}ücher.example",
                ][..],
            ),
            ("a+b@example.com", &["A+B@Example.COM", " a+b@example.com. ", "a+b@ｅｘａｍｐｌｅ.com"]),
        ] {
            for spelling in spellings {
                assert_eq!(spelling.parse::<Email>().unwrap().as_str(), kept, "{spelling}");
            }
        }
    }

    #[test]
    fn an_address_of_a_machine_is_no_mailbox() {
        for wrong in [
            "a@10.0.0.1",
            "a@0x0a.0.0.1",
            "a@167772161",
            "a@[::1]",
            "a@[IPv6:::1]",
            "a@example.123",
            "a@example.1",
            "a@1.2.3.4.5",
            "a@localhost",
            "a@-a.example",
            "a@a..example",
            "a@example.com:25",
            "a@example.com/x",
            "a@exam ple.com",
            "é@example.com",
            "ａ@example.com",
            "\"a@b\"@example.com",
            &format!("a@{}com", "a.".repeat(130)),
            &format!("{}@example.com", "a".repeat(65)),
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
            let _ = text.parse::<IpRange>();
        }
    }
}
