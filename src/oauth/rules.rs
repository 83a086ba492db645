//! The rules of OAuth: addresses that an answer may be sent to, proofs of possession, what an application says of itself. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

use crate::auth::permission::Permission;
use crate::team::plain_name::plain_name;

/// The most addresses that an application may name.
pub const MOST_REDIRECTS: usize = 10;
/// The longest of them, in bytes.
pub const LONGEST_REDIRECT: usize = 512;
/// The longest body that an application sends, in bytes.
pub const LONGEST_BODY: usize = 16 * 1024;
/// The longest `state`, in bytes.
pub const LONGEST_STATE: usize = 1024;
/// Schemes that mean something to browsers or systems, and are no program's own.
const TAKEN_SCHEMES: &str = "about blob chrome chrome-extension data dav edge file filesystem ftp ftps http https intent javascript \
    ldap ldaps moz-extension ms-msdt ms-officecmd nfs res resource search-ms sftp shell smb ssh vbscript view-source ws wss";
/// SHA-256 in base64url.
const CHALLENGE: usize = 43;

/// What applications ask for at the two addresses of tools.
pub const RESOURCES: [&str; 2] = ["/api/mcp", "/mcp"];

// ---- Permissions

/// Whether an application may be granted this: nothing that would outlive its own token.
pub fn is_offered(permission: Permission) -> bool {
    !matches!(permission, Permission::Full | Permission::ApiKeysWrite | Permission::TeamWrite)
}

pub fn offered() -> impl Iterator<Item = Permission> {
    Permission::ALL.iter().copied().filter(|permission| is_offered(*permission))
}

/// The permissions as OAuth lists them.
pub fn scope(permissions: impl Iterator<Item = Permission>) -> String {
    permissions.map(Permission::as_str).collect::<Vec<_>>().join(" ")
}

/// What of a scope can be granted; without one, all that only reads. What is no permission of ours is passed over.
pub fn asked(scope: &str) -> Vec<Permission> {
    let named: Vec<_> =
        offered().filter(|one| scope.split_ascii_whitespace().any(|asked| asked == one.as_str())).collect();
    if named.is_empty() { offered().filter(|one| !one.is_write()).collect() } else { named }
}

// ---- Addresses

/// The address without its port, if it is one of this machine: whoever listens there takes a port that is free (RFC 8252, 7.3).
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| authority.starts_with(host))?;
    let port = authority.get(host.len()..)?;
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0);
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, path))
}

/// Whether an address is one of this machine.
pub fn is_loopback(uri: &str) -> bool {
    without_port(uri).is_some()
}

/// The scheme of an address of a program on this machine, which has it for itself (RFC 8252, 7.1): `cursor` in `cursor://callback`.
pub fn own_scheme(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte));
    let is_taken = TAKEN_SCHEMES.split(' ').any(|taken| taken == scheme);
    (is_scheme && !is_taken && rest.len() > 1 && rest.starts_with('/') && !rest.contains('@')).then_some(scheme)
}

/// Whether an answer goes to a program on the machine of who grants.
pub fn is_on_this_machine(uri: &str) -> bool {
    is_loopback(uri) || own_scheme(uri).is_some()
}

/// Whether an answer may ever be sent to an address: https, or this machine.
pub fn is_redirect(uri: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&byte);
    if uri.len() > LONGEST_REDIRECT || !uri.bytes().all(is_plain) {
        return false;
    }
    let Ok(url) = Url::parse(uri) else { return false };
    let authority = uri.split("//").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let is_https = uri.starts_with("https://") && !authority.is_empty() && !authority.contains('@');
    (url.has_host() && (is_https || is_loopback(uri))) || own_scheme(uri).is_some()
}

/// Whether an address is the one that was registered.
pub fn is_same_redirect(registered: &str, sent: &str) -> bool {
    registered == sent || without_port(registered).is_some_and(|registered| without_port(sent) == Some(registered))
}

/// Host and port of an address, as people read them; of a program's own scheme, that.
pub fn host(uri: &str) -> String {
    if let Some(scheme) = own_scheme(uri) {
        return format!("{scheme}:");
    }
    let host = Url::parse(uri).ok().and_then(|url| {
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_default()
}

/// An address with an answer in its query.
pub fn with_answer(redirect: &str, answer: &[(&str, &str)]) -> String {
    let separator = if redirect.contains('?') { '&' } else { '?' };
    let answer = form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
    format!("{redirect}{separator}{answer}")
}

// ---- Proofs

/// Whether this can be the challenge of a verifier (RFC 7636, 4.2).
pub fn is_challenge(challenge: &str) -> bool {
    challenge.len() == CHALLENGE && URL_SAFE_NO_PAD.decode(challenge).is_ok()
}

/// Whether a verifier is the one that a challenge was made of.
pub fn proves(verifier: &str, challenge: &str) -> bool {
    let is_verifier = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    is_verifier && bool::from(made.as_bytes().ct_eq(challenge.as_bytes()))
}

// ---- Applications

/// What an application says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    /// As people may see it: it may say anything.
    pub name: String,
    pub redirects: Vec<String>,
}

/// Why an application is not taken: the code of RFC 7591, and the words.
pub type Unfit = (&'static str, &'static str);

impl Client {
    /// Reads the metadata of an application.
    pub fn of(metadata: &Value) -> Result<Self, Unfit> {
        const METADATA: &str = "invalid_client_metadata";
        let Some(Value::Array(sent)) = metadata.get("redirect_uris") else {
            return Err(("invalid_redirect_uri", "redirect_uris: expected a list of addresses"));
        };
        if !(1..=MOST_REDIRECTS).contains(&sent.len()) {
            return Err(("invalid_redirect_uri", "redirect_uris: expected 1 to 10 addresses"));
        }
        let redirects: Option<Vec<String>> =
            sent.iter().map(|uri| uri.as_str().filter(|uri| is_redirect(uri)).map(str::to_owned)).collect();
        let redirects = redirects.ok_or((
            "invalid_redirect_uri",
            "redirect_uris: expected https addresses, http ones of 127.0.0.1, [::1] or localhost, or a program's own scheme, of at most 512 bytes and \
             without a fragment",
        ))?;
        let has = |field: &str, wanted: &str| match metadata.get(field) {
            None | Some(Value::Null) => true,
            Some(Value::Array(list)) => list.iter().any(|one| one == wanted),
            Some(_) => false,
        };
        if !has("grant_types", "authorization_code") {
            return Err((METADATA, "grant_types: expected authorization_code among them"));
        }
        if !has("response_types", "code") {
            return Err((METADATA, "response_types: expected code among them"));
        }
        let name = match metadata.get("client_name") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(name)) => plain_name(name),
            Some(_) => return Err((METADATA, "client_name: expected a text")),
        };
        let name = if name.is_empty() { "An application without a name".to_owned() } else { name };
        Ok(Self { name, redirects })
    }

    pub fn may_redirect(&self, sent: &str) -> bool {
        is_redirect(sent) && self.redirects.iter().any(|registered| is_same_redirect(registered, sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_verifier_proves_its_challenge_and_no_other() {
        assert!(is_challenge(CHALLENGE) && proves(VERIFIER, CHALLENGE));
        for other in ["", &VERIFIER[1..], &format!("{VERIFIER}a"), &VERIFIER.replace('d', "e"), CHALLENGE] {
            assert!(!proves(other, CHALLENGE), "{other}");
        }
        // What is too short, too long or written otherwise proves nothing, whatever it hashes to.
        for verifier in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43)), "é".repeat(30)] {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            assert!(!proves(&verifier, &challenge), "{verifier}");
        }
        for other in [
            "",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}A"),
            &CHALLENGE.replace('-', "+"),
            &format!("{}=", &CHALLENGE[1..]),
        ] {
            assert!(!is_challenge(other), "{other}");
        }
    }

    #[test]
    fn answers_go_to_https_and_to_this_machine_only() {
        for uri in [
            "https://a.example/cb",
            "https://a.example:8443/cb?x=1",
            "https://a.example",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:1/cb",
            "http://[::1]:65535/cb",
            "http://localhost:3118/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "vscode://vscode.github-authentication/did-authenticate",
            "com.example.app:/oauth2redirect",
        ] {
            assert!(is_redirect(uri), "{uri}");
        }
        for uri in [
            "",
            "https://",
            "https:a.example/cb",
            "https:///a.example",
            "HTTPS://a.example/cb",
            "http://a.example/cb",
            "http://localhost.a.example/cb",
            "http://127.0.0.1.a.example/cb",
            "http://127.0.0.1@a.example/cb",
            "http://127.0.0.1:80@a.example/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:+80/cb",
            "http://0.0.0.0/cb",
            "http://2130706433/cb",
            "https://a@b.example/cb",
            "https://a.example/cb#x",
            "https://a.example\\@b.example/",
            "https://a.example/ cb",
            "https://a.example/\u{e9}",
            "javascript:alert(1)",
            "data:text/html,x",
            "javascript://a.example/%0aalert(1)",
            "data:/text/html,x",
            "file:///etc/passwd",
            "view-source://a.example",
            "blob:https://a.example/x",
            "ftp://a.example/cb",
            "ws://a.example/cb",
            "mailto:a@b.example",
            "Cursor://callback",
            "cursor:",
            "cursor:/",
            "cursor:callback",
            "cursor://a@b/callback",
            "cursor://callback#x",
            "1cursor://callback",
            "cur sor://callback",
            "://callback",
            "//a.example/cb",
        ] {
            assert!(!is_redirect(uri), "{uri}");
        }
        assert!(!is_redirect(&format!("https://a.example/{}", "a".repeat(LONGEST_REDIRECT))));
    }

    #[test]
    fn an_address_is_the_registered_one_exactly_but_for_the_port_of_this_machine() {
        for (registered, sent) in [
            ("https://a.example/cb", "https://a.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"),
            ("http://127.0.0.1:1/cb?x=1", "http://127.0.0.1:2/cb?x=1"),
            ("http://[::1]:1/cb", "http://[::1]/cb"),
            ("http://localhost:3000/cb", "http://localhost:3001/cb"),
            ("cursor://callback", "cursor://callback"),
        ] {
            assert!(is_same_redirect(registered, sent), "{registered} {sent}");
        }
        for (registered, sent) in [
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/cb?x=1"),
            ("https://a.example/cb", "https://a.example:443/cb"),
            ("https://a.example/cb", "https://A.example/cb"),
            ("https://a.example/cb", "https://b.example/cb"),
            ("https://a.example/cb", "http://a.example/cb"),
            ("https://localhost:1/cb", "https://localhost:2/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other"),
            ("http://127.0.0.1/cb", "http://localhost:1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"),
            ("http://localhost/cb", "http://localhost:1/cb?x=1"),
            ("cursor://callback", "cursor://callback/"),
            ("cursor://callback", "vscode://callback"),
        ] {
            assert!(!is_same_redirect(registered, sent), "{registered} {sent}");
        }
    }

    #[test]
    fn who_grants_sees_where_the_answer_goes() {
        for (uri, host, is_here) in [
            ("https://a.example:8443/cb", "a.example:8443", false),
            ("http://127.0.0.1:1/cb", "127.0.0.1:1", true),
            ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor:", true),
            ("com.example.app:/cb", "com.example.app:", true),
        ] {
            assert_eq!((super::host(uri).as_str(), is_on_this_machine(uri)), (host, is_here), "{uri}");
        }
    }

    #[test]
    fn an_answer_is_added_to_the_query_that_is_there() {
        assert_eq!(
            with_answer("https://a.example/cb", &[("code", "x y"), ("state", "&=é")]),
            "https://a.example/cb?code=x+y&state=%26%3D%C3%A9"
        );
        assert_eq!(with_answer("https://a.example/cb?a=1", &[("code", "c")]), "https://a.example/cb?a=1&code=c");
    }

    #[test]
    fn who_asks_for_nothing_asks_to_read() {
        let reads = asked("");
        assert!(!reads.is_empty() && reads.iter().all(|one| !one.is_write()));
        assert_eq!(asked("offline_access openid * api-keys:write team:write"), reads);
        assert_eq!(asked("goals:write analytics:read zebra"), [Permission::AnalyticsRead, Permission::GoalsWrite]);
        assert_eq!(scope(asked("goals:write analytics:read").into_iter()), "analytics:read goals:write");
    }

    #[test]
    fn an_application_says_where_it_takes_answers() {
        let client = Client::of(
            &json!({ "client_name": "\u{202e}edualC\u{200b}", "redirect_uris": ["http://localhost/cb"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": "x", "logo_uri": 1 }),
        );
        let client = client.unwrap();
        assert_eq!(client.name, "edualC");
        assert!(client.may_redirect("http://localhost:9/cb") && !client.may_redirect("http://localhost:9/cb#x"));
        let uris = json!(["https://a.example/cb"]);
        let unnamed =
            Client::of(&json!({ "redirect_uris": uris, "client_name": "\u{2800}", "grant_types": null })).unwrap();
        assert_eq!(unnamed.name, "An application without a name");
        for (metadata, code) in [
            (json!([]), "invalid_redirect_uri"),
            (json!({}), "invalid_redirect_uri"),
            (json!({ "redirect_uris": "https://a.example/cb" }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": [1] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["https://a.example/cb", "http://a.example/cb"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": vec!["https://a.example/cb"; 11] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": uris, "grant_types": ["client_credentials"] }), "invalid_client_metadata"),
            (json!({ "redirect_uris": uris, "grant_types": "authorization_code" }), "invalid_client_metadata"),
            (json!({ "redirect_uris": uris, "response_types": ["token"] }), "invalid_client_metadata"),
            (json!({ "redirect_uris": uris, "client_name": 1 }), "invalid_client_metadata"),
        ] {
            assert_eq!(Client::of(&metadata).unwrap_err().0, code, "{metadata}");
        }
    }

    proptest! {
        #[test]
        fn no_address_panics_and_every_one_that_is_taken_is_https_or_of_this_machine(text in ".*", host in "[a-z0-9.@:\\[\\]-]{0,20}") {
            for uri in [text.clone(), format!("http://{host}/cb"), format!("https://{host}/cb"), format!("http://127.0.0.1{host}/cb")] {
                is_same_redirect(&uri, &text);
                super::host(&uri);
                if is_redirect(&uri) {
                    let url = Url::parse(&uri).unwrap();
                    let is_own = ["127.0.0.1", "[::1]", "localhost"].contains(&url.host_str().unwrap());
                    prop_assert!(url.scheme() == "https" || url.scheme() == "http" && is_own, "{uri}");
                    prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{uri}");
                }
            }
            proves(&text, &host);
        }
    }
}
