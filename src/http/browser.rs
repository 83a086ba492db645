//! What a browser sends of itself: the cookie of a session of the console, and which site's page has made a request. Pure.

use crate::auth::session::LIFE_MS;
use crate::auth::token::RawToken;
use sluice_values::Environment;

/// The cookie that holds a session's token, or the secret of a browser that waits for a code.
#[derive(Debug, PartialEq, Eq)]
pub struct SessionCookie {
    name: String,
    is_secure: bool,
}

impl SessionCookie {
    /// The cookie of the gateway at `origin`. Gateways in development share a machine, and cookies are shared by all of its
    /// ports, so the port is part of the name there.
    pub fn new(environment: Environment, origin: &str) -> Self {
        let (scheme, rest) = origin.split_once("://").unwrap_or(("https", origin));
        let is_https = scheme == "https";
        match environment {
            Environment::Production => Self { name: "__Host-sluice".to_owned(), is_secure: true },
            Environment::Development => {
                let port = rest.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
                let usual = if is_https { "443" } else { "80" };
                Self { name: format!("sluice-{}", port.unwrap_or(usual)), is_secure: is_https }
            }
        }
    }

    /// The cookie of a browser that has asked for a code by mail.
    pub fn pending(environment: Environment, origin: &str) -> Self {
        let Self { name, is_secure } = Self::new(environment, origin);
        Self { name: format!("{name}-pending"), is_secure }
    }

    /// The value in a `Cookie` header.
    pub fn read<'a>(&self, header: &'a str) -> Option<&'a str> {
        cookie(header, &self.name)
    }

    /// The `Set-Cookie` header that signs in.
    pub fn set(&self, token: &RawToken) -> String {
        self.header(token.reveal(), LIFE_MS / 1_000)
    }

    /// The `Set-Cookie` header with this value, for so many seconds.
    pub fn keep(&self, value: &str, secs: i64) -> String {
        self.header(value, secs)
    }

    /// The `Set-Cookie` header that signs out.
    pub fn cleared(&self) -> String {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age: i64) -> String {
        let secure = if self.is_secure { " Secure;" } else { "" };
        format!("{}={value}; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age={max_age}", self.name)
    }
}

/// The value of a cookie; the first of several, which is the one with the most specific path.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .find_map(|pair| pair.trim().split_once('=').filter(|(known, _)| *known == name))
        .map(|(_, value)| value)
}

/// Why a request that a browser has sent is not taken for one of the gateway's own pages'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrossSite {
    #[error("a page of another site has sent this request; open the console itself")]
    Foreign,
    #[error("this browser does not say which page has sent the request; open the console in a current browser")]
    Unsaid,
}

/// Whether one of the gateway's own pages has sent a request: what the browser says in `Sec-Fetch-Site`, or in `Origin` where
/// it says nothing there. Another port is another page, though a cookie goes along from there.
pub fn check_own_page(site: Option<&str>, origin: Option<&str>, own: &[String]) -> Result<(), CrossSite> {
    match (site, origin) {
        (Some(site), _) if site.trim() == "same-origin" => Ok(()),
        (None, Some(origin)) if own.iter().any(|own| own == origin.trim()) => Ok(()),
        (None, None) => Err(CrossSite::Unsaid),
        (Some(_), _) | (None, Some(_)) => Err(CrossSite::Foreign),
    }
}

/// Whether an origin's host is this machine.
pub fn is_loopback(origin: &str) -> bool {
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::TokenKind;

    fn token() -> RawToken {
        RawToken::generate(TokenKind::Session, || 7)
    }

    #[test]
    fn in_production_the_cookie_is_bound_to_host_and_https() {
        for origin in ["https://s.example", "https://s.example:8443", "http://127.0.0.1:8787"] {
            let cookie = SessionCookie::new(Environment::Production, origin);
            let value = token().reveal().to_owned();
            assert_eq!(
                cookie.set(&token()),
                format!("__Host-sluice={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000")
            );
            assert_eq!(cookie.cleared(), "__Host-sluice=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
        }
    }

    #[test]
    fn in_development_the_cookie_is_named_after_the_port() {
        for (origin, start, is_secure) in [
            ("http://127.0.0.1:8787", "sluice-8787=", false),
            ("http://[::1]:9000", "sluice-9000=", false),
            ("http://[::1]", "sluice-80=", false),
            ("http://localhost", "sluice-80=", false),
            ("https://tunnel.example", "sluice-443=", true),
        ] {
            let set = SessionCookie::new(Environment::Development, origin).set(&token());
            assert!(set.starts_with(start), "{origin}: {set}");
            assert_eq!(set.contains(" Secure;"), is_secure, "{origin}: {set}");
            assert!(set.ends_with("; HttpOnly; SameSite=Strict; Max-Age=2592000"), "{set}");
        }
    }

    #[test]
    fn a_cookie_is_found_under_its_whole_name_only() {
        let cookie = SessionCookie::new(Environment::Production, "https://s.example");
        for (header, value) in [
            ("__Host-sluice=a", Some("a")),
            ("x=1; __Host-sluice=a; __Host-sluice=b", Some("a")),
            ("x=1;__Host-sluice=a=b", Some("a=b")),
            ("x__Host-sluice=a", None),
            ("__host-sluice=a", None),
            ("__Host-sluice-x=a", None),
            ("__Host-sluice", None),
            ("", None),
        ] {
            assert_eq!(cookie.read(header), value, "{header}");
        }
    }

    #[test]
    fn only_our_own_pages_requests_are_taken() {
        let own = ["https://s.example".to_owned(), "https://public.example".to_owned()];
        let check = |site, origin| check_own_page(site, origin, &own);
        assert_eq!(check(Some("same-origin"), None), Ok(()));
        assert_eq!(check(Some("same-origin"), Some("https://s.example")), Ok(()));
        for own in ["https://s.example", "https://public.example"] {
            assert_eq!(check(None, Some(own)), Ok(()));
        }
        for site in ["same-site", "cross-site", "none", "", "Same-Origin", "same-origin, cross-site"] {
            for origin in [None, Some("https://s.example"), Some("null")] {
                assert_eq!(check(Some(site), origin), Err(CrossSite::Foreign), "{site} {origin:?}");
            }
        }
        for origin in
            ["https://evil.example", "null", "", "http://s.example", "https://s.example:8443", "https://s.example.evil"]
        {
            assert_eq!(check(None, Some(origin)), Err(CrossSite::Foreign), "{origin}");
        }
        assert_eq!(check(None, None), Err(CrossSite::Unsaid));
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for own in
            ["http://127.0.0.1:8787", "http://127.1.2.3", "http://localhost:1", "http://LOCALHOST", "http://[::1]:8787"]
        {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "https://s.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "http://[2001:db8::1]:8787",
            "http://0.0.0.0:8787",
            "",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
