//! The addresses that a webhook may be sent to (docs/contract/automation.md#addresses).
//!
//! A URL is parsed by the rules of the runtime's own `fetch` (WHATWG), the parsed host is checked, and the request goes
//! to exactly the parsed URL: no second parser can read another host out of the same text. What a name resolves to is
//! not known here; the compatibility flag `global_fetch_strictly_public` covers that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

use sluice_values::Environment;
use sluice_values::{Invalid, excerpt, is_host_label};

/// The longest URL, in characters.
pub const LONGEST: usize = 2_048;

/// The longest host name, in characters (RFC 1035).
const LONGEST_HOST: usize = 253;

/// The end of every error.
const RIGHT: &str = "expected a public https URL such as \"https://example.com/hooks\"";

/// The hosts that development allows in addition, written exactly like this.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// A URL that webhooks may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    sent: String,
    url: Url,
}

impl Destination {
    /// Checks a URL: on create, on update, and again before every attempt.
    pub fn parse(sent: &str, environment: Environment) -> Result<Self, Invalid> {
        let sent = sent.trim();
        let refuse = |why: &str| Invalid::new(format!("{why}; {RIGHT}, got \"{}\"", excerpt(sent)));
        if sent.is_empty() {
            return Err(refuse("must not be empty"));
        }
        let length = sent.chars().count();
        if length > LONGEST {
            return Err(refuse(&format!("a URL has at most {LONGEST} characters, this one {length}")));
        }
        // The parser removes tabs and line breaks anywhere; nobody sends them on purpose.
        if sent.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(refuse("a URL has no spaces, line breaks or control characters"));
        }
        let authority = authority(sent).ok_or_else(|| refuse("not a URL with a scheme and a host"))?;
        // Checked on the text, because the parsed URL does not show an empty user name.
        if authority.contains('@') {
            return Err(refuse("a user name or password in the URL is not allowed; send credentials in \"headers\""));
        }
        // The parser would normalize them to ASCII; their only use is to disguise an address.
        let is_foreign = |character: char| !character.is_ascii() && character.is_numeric();
        if authority.contains(|character| is_foreign(character) || matches!(character, '。' | '．' | '｡')) {
            return Err(refuse("digits and dots of the host must be ASCII"));
        }
        let mut url = Url::parse(sent).map_err(|error| refuse(&format!("not a URL ({error})")))?;
        // Clients never send the fragment.
        url.set_fragment(None);
        if url.port() == Some(0) {
            return Err(refuse("port 0 does not exist; a port is 1 to 65535"));
        }
        let is_loopback = environment == Environment::Development && LOOPBACK.contains(&host_of(authority));
        match url.scheme() {
            "http" | "https" if is_loopback => return Ok(Self { sent: sent.to_owned(), url }),
            "https" => {}
            "http" if environment == Environment::Development => {
                return Err(refuse(
                    "http is for a host written exactly 127.0.0.1, [::1] or localhost; all others need https",
                ));
            }
            scheme => return Err(refuse(&format!("the scheme \"{}\" is not https", excerpt(scheme)))),
        }
        match url.host() {
            Some(Host::Domain(name)) => check_name(name),
            Some(Host::Ipv4(address)) => check_address(address.into()),
            Some(Host::Ipv6(address)) => check_address(address.into()),
            None => Err("the host is missing".to_owned()),
        }
        .map_err(|why| refuse(&why))?;
        Ok(Self { sent: sent.to_owned(), url })
    }

    /// The URL as it was sent, for responses.
    pub fn as_str(&self) -> &str {
        &self.sent
    }

    /// The URL to send to.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether this is at `own`, the address of a gateway. A public host is one server whatever its port (Cloudflare serves a
    /// Worker on several); on a developer's machine the ports are what tells servers apart, and loopback has several names.
    pub fn is_at(&self, own: &str) -> bool {
        let Ok(own) = Url::parse(own) else { return false };
        match (host_name(&self.url), host_name(&own)) {
            (Some(host), Some(own_host)) if is_loopback_name(&host) && is_loopback_name(&own_host) => {
                self.url.port_or_known_default() == own.port_or_known_default()
            }
            (Some(host), Some(own_host)) => host == own_host,
            _ => false,
        }
    }
}

/// Scheme, host and port of a URL: what may be shown of it to whoever must not call it. Paths and queries of webhooks often are
/// credentials.
pub fn origin(url: &str) -> String {
    Url::parse(url.trim()).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

/// The host in one spelling, without the final dot.
fn host_name(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase())
}

/// Whether development knows this machine by that name.
fn is_loopback_name(host: &str) -> bool {
    LOOPBACK.contains(&host)
}

/// What is between `//` and the path: user info, host and port, as written. The parser also accepts fewer or more
/// slashes, as in `https:example.com` and `https:///example.com`; people do not write those.
fn authority(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    (is_scheme && !authority.is_empty()).then_some(authority)
}

/// An authority without its port.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Refuses host names that are not public.
fn check_name(name: &str) -> Result<(), String> {
    // The parser leaves the trailing dot of a fully qualified name; resolvers ignore it.
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if name.len() > LONGEST_HOST {
        return Err(format!("a host name has at most {LONGEST_HOST} characters"));
    }
    if !name.split('.').all(is_host_label) {
        return Err("the host is malformed".to_owned());
    }
    let is_below =
        |suffix: &str| name.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    if let Some((suffix, _)) = INTERNAL_NAMES.iter().find(|(suffix, _)| is_below(suffix)) {
        return Err(format!("names below \"{suffix}\" are not public"));
    }
    if name.contains('.') { Ok(()) } else { Err("a host name of a single label is not public".to_owned()) }
}

/// Refuses addresses that are not public.
fn check_address(address: IpAddr) -> Result<(), String> {
    let kind = match address {
        IpAddr::V4(address) => INTERNAL_V4.iter().find(|(range, _)| range.contains(&address)).map(|(_, kind)| *kind),
        IpAddr::V6(address) => INTERNAL_V6
            .iter()
            .find(|(range, _)| range.contains(&address))
            .map(|(_, kind)| *kind)
            // No other range has been allocated (RFC 4291).
            .or_else(|| (!GLOBAL_UNICAST.contains(&address)).then_some("not global unicast")),
    };
    kind.map_or(Ok(()), |kind| Err(format!("the address {address} is not public ({kind})")))
}

/// Names with a meaning on one machine or in one network only.
const INTERNAL_NAMES: [(&str, &str); 4] = [
    ("localhost", "RFC 6761"),
    ("local", "RFC 6762"),
    ("internal", "ICANN resolution 2024.07.29.06"),
    ("home.arpa", "RFC 8375"),
];

/// Not public unicast: IANA's IPv4 special-purpose address registry, and multicast.
const INTERNAL_V4: [(Ipv4Net, &str); 19] = [
    (v4([0, 0, 0, 0], 8), "this network, RFC 1122"),
    (v4([10, 0, 0, 0], 8), "private, RFC 1918"),
    (v4([100, 64, 0, 0], 10), "carrier-grade NAT, RFC 6598"),
    (v4([127, 0, 0, 0], 8), "loopback, RFC 1122"),
    (v4([169, 254, 0, 0], 16), "link-local and cloud metadata, RFC 3927"),
    (v4([172, 16, 0, 0], 12), "private, RFC 1918"),
    (v4([192, 0, 0, 0], 24), "protocol assignments, RFC 6890"),
    (v4([192, 0, 2, 0], 24), "documentation, RFC 5737"),
    (v4([192, 31, 196, 0], 24), "AS112, RFC 7535"),
    (v4([192, 52, 193, 0], 24), "automatic multicast tunneling, RFC 7450"),
    (v4([192, 88, 99, 0], 24), "6to4 relays, RFC 7526"),
    (v4([192, 168, 0, 0], 16), "private, RFC 1918"),
    (v4([192, 175, 48, 0], 24), "AS112, RFC 7534"),
    (v4([198, 18, 0, 0], 15), "benchmarking, RFC 2544"),
    (v4([198, 51, 100, 0], 24), "documentation, RFC 5737"),
    (v4([203, 0, 113, 0], 24), "documentation, RFC 5737"),
    (v4([224, 0, 0, 0], 4), "multicast, RFC 5771"),
    (v4([255, 255, 255, 255], 32), "broadcast, RFC 919"),
    (v4([240, 0, 0, 0], 4), "reserved, RFC 1112"),
];

/// The range that is allocated for public unicast (RFC 4291).
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// The parts of it that are not public, and well-known ranges outside it by name: IANA's IPv6 special-purpose address
/// registry. Every form that embeds an IPv4 address is refused: a translator on the way would deliver to an address
/// that was never checked.
const INTERNAL_V6: [(Ipv6Net, &str); 24] = [
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "unspecified, RFC 4291"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback, RFC 4291"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), "IPv4-mapped, RFC 4291"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96), "IPv4-translated, RFC 2765"),
    (v6([0, 0, 0, 0], 96), "IPv4-compatible, RFC 4291"),
    (v6([0x64, 0xff9b, 0, 0], 96), "NAT64, RFC 6052"),
    (v6([0x64, 0xff9b, 1, 0], 48), "local NAT64, RFC 8215"),
    (v6([0x100, 0, 0, 0], 64), "discard, RFC 6666"),
    (v6([0x100, 0, 0, 1], 64), "dummy, RFC 9780"),
    (v6([0x2001, 0, 0, 0], 32), "Teredo, RFC 4380"),
    (v6([0x2001, 2, 0, 0], 48), "benchmarking, RFC 5180"),
    (v6([0x2001, 0x10, 0, 0], 28), "ORCHID, RFC 4843"),
    (v6([0x2001, 0x20, 0, 0], 28), "ORCHIDv2, RFC 7343"),
    (v6([0x2001, 0, 0, 0], 23), "protocol assignments, RFC 2928"),
    (v6([0x2001, 0xdb8, 0, 0], 32), "documentation, RFC 3849"),
    (v6([0x2002, 0, 0, 0], 16), "6to4, RFC 3056"),
    (v6([0x2620, 0x4f, 0x8000, 0], 48), "AS112, RFC 7534"),
    (v6([0x3ffe, 0, 0, 0], 16), "6bone, RFC 3701"),
    (v6([0x3fff, 0, 0, 0], 20), "documentation, RFC 9637"),
    (v6([0x5f00, 0, 0, 0], 16), "segment routing, RFC 9602"),
    (v6([0xfc00, 0, 0, 0], 7), "unique local, RFC 4193"),
    (v6([0xfe80, 0, 0, 0], 10), "link-local, RFC 4291"),
    (v6([0xfec0, 0, 0, 0], 10), "site-local, RFC 3879"),
    (v6([0xff00, 0, 0, 0], 8), "multicast, RFC 4291"),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c, d]: [u16; 4], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use Environment::{Development, Production};

    fn why(sent: &str, environment: Environment) -> String {
        match Destination::parse(sent, environment) {
            Ok(destination) => panic!("{sent} was accepted as {}", destination.url()),
            Err(Invalid(why)) => why,
        }
    }

    #[test]
    fn public_hosts_are_stored_as_sent_and_used_as_parsed() {
        for (sent, parsed) in [
            ("https://example.com", "https://example.com/"),
            ("https://example.com/hooks?token=a%20b&x=1", "https://example.com/hooks?token=a%20b&x=1"),
            (" https://example.com/hooks\n", "https://example.com/hooks"),
            ("HTTPS://Hooks.Example.COM/A", "https://hooks.example.com/A"),
            ("https://example.com:443/", "https://example.com/"),
            ("https://example.com:1/", "https://example.com:1/"),
            ("https://example.com:65535/", "https://example.com:65535/"),
            ("https://example.com./x", "https://example.com./x"),
            ("https://example.com/x#part", "https://example.com/x"),
            ("https://example.com\\x\\y", "https://example.com/x/y"),
            ("https://example.com\\@127.0.0.1/", "https://example.com/@127.0.0.1/"),
            ("https://example.com/a/../b", "https://example.com/b"),
            ("https://example.com/a@b", "https://example.com/a@b"),
            ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
            ("https://ex%61mple.com/", "https://example.com/"),
            ("https://a_b.example.com/", "https://a_b.example.com/"),
            ("https://localhost.example.com/", "https://localhost.example.com/"),
            ("https://mylocalhost.com/", "https://mylocalhost.com/"),
            ("https://notinternal.com/", "https://notinternal.com/"),
            ("https://127.0.0.1.example.com/", "https://127.0.0.1.example.com/"),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("https://0x08080808/", "https://8.8.8.8/"),
            ("https://134744072/", "https://8.8.8.8/"),
            ("https://9.255.255.255/", "https://9.255.255.255/"),
            ("https://11.0.0.0/", "https://11.0.0.0/"),
            ("https://100.63.255.255/", "https://100.63.255.255/"),
            ("https://100.128.0.0/", "https://100.128.0.0/"),
            ("https://172.15.255.255/", "https://172.15.255.255/"),
            ("https://172.32.0.0/", "https://172.32.0.0/"),
            ("https://192.0.1.1/", "https://192.0.1.1/"),
            ("https://198.17.255.255/", "https://198.17.255.255/"),
            ("https://198.20.0.0/", "https://198.20.0.0/"),
            ("https://223.255.255.255/", "https://223.255.255.255/"),
            ("https://[2606:4700:4700::1111]:8443/", "https://[2606:4700:4700::1111]:8443/"),
            ("https://[2001:4860:4860::8888]/", "https://[2001:4860:4860::8888]/"),
            ("https://[2a00:1450:4001:0:0:0:0:1]/", "https://[2a00:1450:4001::1]/"),
            ("https://[3fff:1000::1]/", "https://[3fff:1000::1]/"),
        ] {
            for environment in [Production, Development] {
                let destination = Destination::parse(sent, environment).unwrap();
                assert_eq!(destination.url().as_str(), parsed);
                assert_eq!(destination.as_str(), sent.trim());
            }
        }
    }

    /// URLs, each with a part of its error.
    fn are_refused(cases: &[(&str, &str)]) {
        for (sent, part) in cases {
            let error = why(sent, Production);
            assert!(error.contains(part), "{sent}: {error}");
            assert!(error.contains("https://example.com/hooks"), "{sent}: {error}");
            // Development allows three hosts and nothing else.
            if !["https://localhost/", "https://127.0.0.1/", "https://[::1]/"].contains(sent) {
                why(sent, Development);
            }
        }
    }

    #[test]
    fn a_gateway_knows_its_own_address_in_every_spelling() {
        let is_at = |sent: &str, own: &str| Destination::parse(sent, Development).unwrap().is_at(own);
        for (sent, own) in [
            ("https://gw.example.com/api/v1/setup", "https://gw.example.com"),
            ("https://GW.Example.com./", "https://gw.example.com"),
            ("https://gw.example.com:8443/", "https://gw.example.com"),
            ("https://gw.example.com/", "https://gw.example.com:8443/"),
            ("https://gw.example.com/", "http://gw.example.com"),
            ("https://xn--bcher-kva.example/", "https://bücher.example"),
            ("https://134744072/", "https://8.8.8.8"),
            ("https://[2606:4700:4700:0::1111]/", "https://[2606:4700:4700::1111]:1"),
            ("http://127.0.0.1:8787/x", "http://127.0.0.1:8787"),
            ("http://localhost:8787/x", "http://127.0.0.1:8787"),
            ("http://[::1]:8787/x", "http://localhost:8787/"),
        ] {
            assert!(is_at(sent, own), "{sent} is at {own}");
        }
        for (sent, own) in [
            ("https://example.com/", "https://gw.example.com"),
            ("https://a.gw.example.com/", "https://gw.example.com"),
            ("https://gw.example.com.evil.example/", "https://gw.example.com"),
            ("http://127.0.0.1:3000/", "http://127.0.0.1:8787"),
            ("https://gw.example.com/", "nothing"),
        ] {
            assert!(!is_at(sent, own), "{sent} is not at {own}");
        }
    }

    #[test]
    fn an_origin_keeps_no_part_that_may_be_a_credential() {
        for (url, shown) in [
            ("https://hooks.corp.example/T000/B000/s3cr3t?x=y#z", "https://hooks.corp.example"),
            ("https://hooks.corp.example:8443?token=s3cr3t", "https://hooks.corp.example:8443"),
            (" https://user:s3cr3t@hooks.corp.example/ ", "https://hooks.corp.example"),
            ("s3cr3t", ""),
        ] {
            assert_eq!(origin(url), shown);
        }
    }

    #[test]
    fn only_https_urls_without_user_info_are_accepted() {
        are_refused(&[
            ("", "must not be empty"),
            ("  ", "must not be empty"),
            ("example.com", "not a URL"),
            ("//example.com/", "not a URL"),
            ("https:example.com", "not a URL"),
            ("https:///example.com", "not a URL"),
            ("https://", "not a URL"),
            ("https:///", "not a URL"),
            ("https://?x", "not a URL"),
            ("https://:443/", "not a URL"),
            ("https://exa mple.com/", "no spaces"),
            ("https://exam\tple.com/", "no spaces"),
            ("https://example.com/\r\nx", "no spaces"),
            ("https://exam\u{0}ple.com/", "no spaces"),
            (&format!("https://example.com/{}", "a".repeat(LONGEST)), "at most 2048 characters"),
            ("http://example.com/", "https"),
            ("http://8.8.8.8/", "https"),
            ("ftp://example.com/", "\"ftp\" is not https"),
            ("ws://example.com/", "\"ws\" is not https"),
            ("wss://example.com/", "\"wss\" is not https"),
            ("file:///etc/passwd", "not a URL"),
            ("file://example.com/x", "\"file\" is not https"),
            ("gopher://example.com/", "\"gopher\" is not https"),
            ("javascript:alert(1)", "not a URL"),
            ("data:text/plain,x", "not a URL"),
            ("unix://run/x", "\"unix\" is not https"),
            ("blob:https://example.com/x", "not a URL"),
            ("https://user@example.com/", "user name"),
            ("https://user:password@example.com/", "user name"),
            ("https://@example.com/", "user name"),
            ("https://:@example.com/", "user name"),
            ("https://example.com@127.0.0.1/", "user name"),
            ("https://example.com:0/", "port 0"),
            ("https://example.com:65536/", "port"),
            ("https://example.com:-1/", "port"),
            ("https://example.com:x/", "port"),
        ]);
    }

    #[test]
    fn names_that_are_not_public_are_refused() {
        let label = |letters: usize| "a".repeat(letters);
        are_refused(&[
            ("https://localhost/", "\"localhost\""),
            ("https://LOCALHOST/", "\"localhost\""),
            ("https://localhost./", "\"localhost\""),
            ("https://a.localhost/", "\"localhost\""),
            ("https://a.b.localhost./", "\"localhost\""),
            ("https://loc%61lhost/", "\"localhost\""),
            ("https://ⓛocalhost/", "\"localhost\""),
            ("https://printer.local/", "\"local\""),
            ("https://printer.local./", "\"local\""),
            ("https://metadata.google.internal/computeMetadata/v1/", "\"internal\""),
            ("https://router.home.arpa/", "\"home.arpa\""),
            ("https://home.arpa/", "\"home.arpa\""),
            ("https://internal/", "\"internal\""),
            ("https://intranet/", "single label"),
            ("https://com./", "single label"),
            ("https://a..example.com/", "malformed"),
            ("https://.example.com/", "malformed"),
            ("https://example.com../", "malformed"),
            ("https://./", "malformed"),
            ("https://-a.example.com/", "malformed"),
            ("https://a-.example.com/", "malformed"),
            ("https://a*b.example.com/", "malformed"),
            ("https://exam|ple.com/", "not a URL"),
            ("https://exam%00ple.com/", "not a URL"),
            ("https://ex\u{ad}/", "single label"),
            ("https://\u{ad}/", "not a URL"),
            (&format!("https://{}.com/", label(64)), "malformed"),
            (&format!("https://{}com/", "a.".repeat(126)), "at most 253 characters"),
            // Digits and dots only after normalization.
            ("https://１２７.0.0.1/", "must be ASCII"),
            ("https://127。0。0。1/", "must be ASCII"),
            ("https://example．com/", "must be ASCII"),
            ("https://①②⑦.0.0.1/", "must be ASCII"),
            ("https://٨.٨.٨.٨/", "must be ASCII"),
            ("https://8.8.8.8｡/", "must be ASCII"),
            ("https://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/", "loopback"),
        ]);
    }

    #[test]
    fn ipv4_outside_public_unicast_is_refused_in_every_spelling() {
        are_refused(&[
            ("https://127.0.0.1/", "loopback"),
            ("https://127.0.0.1./", "loopback"),
            ("https://127.1/", "loopback"),
            ("https://127.0.1/", "loopback"),
            ("https://2130706433/", "loopback"),
            ("https://0x7f000001/", "loopback"),
            ("https://0x7F.1/", "loopback"),
            ("https://0177.0.0.1/", "loopback"),
            ("https://017700000001/", "loopback"),
            ("https://%31%32%37.0.0.1/", "loopback"),
            ("https://127.255.255.254/", "loopback"),
            ("https://0/", "this network"),
            ("https://0x/", "this network"),
            ("https://0.0.0.0/", "this network"),
            ("https://0.1.2.3/", "this network"),
            ("https://10.0.0.1/", "private"),
            ("https://10.255.255.255/", "private"),
            ("https://167772161/", "private"),
            ("https://172.16.0.1/", "private"),
            ("https://172.31.255.255/", "private"),
            ("https://192.168.0.1/", "private"),
            ("https://192.168.257/", "private"),
            ("https://100.64.0.1/", "carrier-grade"),
            ("https://100.100.100.200/", "carrier-grade"),
            ("https://169.254.169.254/latest/meta-data/", "metadata"),
            ("https://0xa9fea9fe/", "metadata"),
            ("https://192.0.0.192/", "protocol assignments"),
            ("https://192.0.2.1/", "documentation"),
            ("https://198.51.100.1/", "documentation"),
            ("https://203.0.113.1/", "documentation"),
            ("https://192.88.99.1/", "6to4"),
            ("https://192.31.196.1/", "AS112"),
            ("https://192.52.193.1/", "multicast tunneling"),
            ("https://192.175.48.1/", "AS112"),
            ("https://198.18.0.1/", "benchmarking"),
            ("https://198.19.255.255/", "benchmarking"),
            ("https://224.0.0.1/", "multicast"),
            ("https://239.255.255.255/", "multicast"),
            ("https://240.0.0.1/", "reserved"),
            ("https://255.255.255.255/", "broadcast"),
            ("https://256.0.0.1/", "not a URL"),
            ("https://1.2.3.4.5/", "not a URL"),
            ("https://4294967296/", "not a URL"),
            ("https://example.0x1/", "not a URL"),
        ]);
    }

    #[test]
    fn ipv6_outside_public_unicast_is_refused() {
        are_refused(&[
            ("https://[::]/", "unspecified"),
            ("https://[::1]/", "loopback"),
            ("https://[0:0:0:0:0:0:0:1]/", "loopback"),
            ("https://[::ffff:127.0.0.1]/", "IPv4-mapped"),
            ("https://[::ffff:7f00:1]/", "IPv4-mapped"),
            ("https://[::ffff:8.8.8.8]/", "IPv4-mapped"),
            ("https://[::ffff:0:127.0.0.1]/", "IPv4-translated"),
            ("https://[::127.0.0.1]/", "IPv4-compatible"),
            ("https://[::8.8.8.8]/", "IPv4-compatible"),
            ("https://[64:ff9b::7f00:1]/", "NAT64"),
            ("https://[64:ff9b::8.8.8.8]/", "NAT64"),
            ("https://[64:ff9b:1::a00:1]/", "local NAT64"),
            ("https://[64:ff9b:2::1]/", "not global unicast"),
            ("https://[100::1]/", "discard"),
            ("https://[100:0:0:1::1]/", "dummy"),
            ("https://[2001::1]/", "Teredo"),
            ("https://[2001:0:7f00:1::]/", "Teredo"),
            ("https://[2001:2::1]/", "benchmarking"),
            ("https://[2001:10::1]/", "ORCHID"),
            ("https://[2001:1f:ffff::1]/", "ORCHID"),
            ("https://[2001:20::1]/", "ORCHIDv2"),
            ("https://[2001:30::1]/", "protocol assignments"),
            ("https://[2001:1ff::1]/", "protocol assignments"),
            ("https://[2001:db8::1]/", "documentation"),
            ("https://[2002:7f00:1::]/", "6to4"),
            ("https://[2002:808:808::1]/", "6to4"),
            ("https://[2620:4f:8000::1]/", "AS112"),
            ("https://[3ffe::1]/", "6bone"),
            ("https://[3fff::1]/", "documentation"),
            ("https://[3fff:fff:ffff::1]/", "documentation"),
            ("https://[4000::1]/", "not global unicast"),
            ("https://[5f00::1]/", "segment routing"),
            ("https://[1::1]/", "not global unicast"),
            ("https://[fc00::1]/", "unique local"),
            ("https://[fd00:ec2::254]/", "unique local"),
            ("https://[fe80::1]/", "link-local"),
            ("https://[febf::1]/", "link-local"),
            ("https://[fec0::1]/", "site-local"),
            ("https://[ff02::1]/", "multicast"),
            ("https://[fe80::1%25eth0]/", "not a URL"),
            ("https://[::1/", "not a URL"),
            ("https://[]/", "not a URL"),
            ("https://[127.0.0.1]/", "not a URL"),
        ]);
    }

    #[test]
    fn development_accepts_three_loopback_hosts_written_exactly() {
        for sent in [
            "http://127.0.0.1/",
            "http://127.0.0.1:8080/hook?x=1",
            "http://localhost",
            "http://localhost:3000/",
            "http://[::1]:65535/",
            "https://127.0.0.1:8443/",
            "https://localhost/",
            "https://[::1]/",
            "HTTP://localhost:1/",
        ] {
            assert_eq!(Destination::parse(sent, Development).unwrap().as_str(), sent);
            why(sent, Production);
        }
        for sent in [
            "http://127.1/",
            "http://127.0.0.1./",
            "http://127.0.0.2/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://LOCALHOST/",
            "http://localhost./",
            "http://a.localhost/",
            "http://loc%61lhost/",
            "http://[0::1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::]/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://169.254.169.254/",
            "http://localhost:0/",
            "http://127.0.0.1:65536/",
            "http://user@localhost/",
            "http://localhost@example.com/",
            "http://example.com/",
            "http://example.com\\@localhost/",
            "http:localhost/",
            "http:///localhost/",
            "ftp://localhost/",
        ] {
            why(sent, Development);
            why(sent, Production);
        }
    }

    #[test]
    fn a_host_may_have_the_longest_legal_name() {
        let longest = format!("{}com", "a.".repeat(125));
        assert_eq!(longest.len(), LONGEST_HOST);
        for host in [longest, format!("{}.example.com", "a".repeat(63))] {
            assert!(Destination::parse(&format!("https://{host}/"), Production).is_ok(), "{host}");
        }
        let path = "x".repeat(LONGEST - "https://example.com/".len());
        assert!(Destination::parse(&format!("https://example.com/{path}"), Production).is_ok());
        assert!(Destination::parse(&format!("https://example.com/{path}x"), Production).is_err());
    }

    /// Addresses that the standard library knows to be internal; the tables above come from elsewhere.
    fn is_known_internal(host: &Host<&str>) -> bool {
        match host {
            Host::Domain(name) => !name.contains('.') || !name.is_ascii(),
            Host::Ipv4(address) => {
                address.is_private()
                    || address.is_loopback()
                    || address.is_link_local()
                    || address.is_broadcast()
                    || address.is_documentation()
                    || address.is_multicast()
                    || address.is_unspecified()
                    || matches!(address.octets(), [0 | 240..=255, ..] | [100, 64..=127, ..] | [198, 18 | 19, ..])
            }
            Host::Ipv6(address) => {
                address.is_loopback()
                    || address.is_unspecified()
                    || address.is_multicast()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.to_ipv4().is_some()
                    || address.segments()[0] & 0xe000 != 0x2000
                    || matches!(address.segments(), [0x2001, 0 | 0xdb8, ..] | [0x2002, ..])
            }
        }
    }

    /// The spellings of an IPv4 address in a URL.
    fn spellings(address: Ipv4Addr) -> Vec<String> {
        let [a, b, c, d] = address.octets();
        let number = u32::from(address);
        let (low, lower) = (number & 0xff_ffff, number & 0xffff);
        vec![
            address.to_string(),
            format!("{address}."),
            number.to_string(),
            format!("{number:#x}"),
            format!("0{number:o}"),
            format!("{a}.{low}"),
            format!("{a}.{b}.{lower}"),
            format!("{a:#x}.{b:#X}.0{c:o}.{d}").replace("0X", "0x"),
            address.to_string().replace('1', "%31"),
        ]
    }

    proptest! {
        #[test]
        fn the_parser_never_panics_and_accepted_hosts_are_public(text in ".*", host in r"[a-z0-9.:\[\]%@/\\-]{0,24}") {
            for sent in [text.clone(), format!("https://{text}"), format!("https://{host}/"), format!("http://{host}")] {
                if let Ok(destination) = Destination::parse(&sent, Production) {
                    let url = destination.url();
                    prop_assert_eq!(url.scheme(), "https");
                    prop_assert!(url.username().is_empty() && url.password().is_none());
                    prop_assert!(!is_known_internal(&url.host().unwrap()), "{}", url);
                    // It is checked again before every attempt, with the same result.
                    prop_assert_eq!(Destination::parse(destination.as_str(), Production).unwrap(), destination);
                }
                let _ = Destination::parse(&sent, Development);
            }
        }

        #[test]
        fn an_ipv4_literal_is_treated_alike_in_all_spellings(number: u32) {
            let address = Ipv4Addr::from(number);
            let accepted = Destination::parse(&format!("https://{address}/"), Production).is_ok();
            prop_assert!(!(accepted && is_known_internal(&Host::Ipv4(address))), "{}", address);
            for spelling in spellings(address) {
                let spelled = Destination::parse(&format!("https://{spelling}/"), Production);
                prop_assert_eq!(spelled.is_ok(), accepted, "{}", &spelling);
                if let Ok(destination) = spelled {
                    prop_assert_eq!(destination.url().host(), Some(Host::Ipv4(address)));
                }
            }
            // No IPv6 form may lead to IPv4.
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for form in [
                format!("::{address}"),
                format!("::ffff:{address}"),
                format!("::ffff:0:{address}"),
                format!("64:ff9b::{address}"),
                format!("64:ff9b:1::{address}"),
                format!("2002:{high:x}:{low:x}::"),
                format!("2001:0:{high:x}:{low:x}::"),
            ] {
                prop_assert!(Destination::parse(&format!("https://[{form}]/"), Production).is_err(), "{}", form);
            }
        }

        #[test]
        fn an_accepted_ipv6_literal_is_public(number: u128, prefix in 0x2000_u16..0x4000) {
            let mut segments = Ipv6Addr::from(number).segments();
            for address in [Ipv6Addr::from(number), { segments[0] = prefix; Ipv6Addr::from(segments) }] {
                let accepted = Destination::parse(&format!("https://[{address}]/"), Production).is_ok();
                prop_assert!(!(accepted && is_known_internal(&Host::Ipv6(address))), "{}", address);
            }
        }
    }
}
