//! The page of the console: one shell for every address and everybody, which the build has written (`console/shell.html`). The
//! Worker adds its headers, and the theme, so that the page comes in the right one.

use sha2::{Digest, Sha256};

use crate::http::browser::cookie;
use crate::http::call::PageCall;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::{Platform, PlatformError};
use sluice_values::hex;

/// Where the build has put the shell.
const PATH: &str = "/console/shell.html";
/// The cookie with the theme that somebody has chosen.
const THEME_COOKIE: &str = "sluice-theme";
/// The theme of the shell as it is built: the system's.
const SYSTEM_THEME: &str = "data-theme=\"system\"";
/// What stands before the address of the script that the shell starts with.
const BEFORE_SCRIPT: &str = "<script type=\"module\" src=\"";
/// How much of the shell's hash tells builds apart, in hexadecimal digits.
const FINGERPRINT: usize = 12;

/// Nothing but what is ours, and no HTML from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TRUSTED_TYPES: &str = "; require-trusted-types-for 'script'; trusted-types 'none'";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), \
                           publickey-credentials-create=(self)";

/// Which page the shell is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of ours.
    Own,
    /// The reference of the API, whose library sets HTML.
    Reference,
}

/// What a page's row answers.
pub enum Page {
    /// The shell as it was built.
    Shell { html: String, theme: Option<Theme>, kind: Kind },
    /// No such file of the console: text, for a script or a style must not be a page.
    NoFile,
    /// To the console.
    Redirect,
}

/// A theme that differs from the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The theme that the browser's cookies ask for.
    pub fn chosen(cookies: &str) -> Option<Self> {
        Self::named(cookie(cookies, THEME_COOKIE)?)
    }

    /// The theme of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    const fn attribute(self) -> &'static str {
        match self {
            Self::Light => "data-theme=\"light\"",
            Self::Dark => "data-theme=\"dark\"",
        }
    }
}

/// A page in the theme that was chosen, which is allowed nothing but files of ours.
pub fn page_of_ours(html: String, theme: Option<Theme>) -> Reply {
    with_headers(html, theme, &format!("{POLICY}{TRUSTED_TYPES}"))
}

fn with_headers(html: String, theme: Option<Theme>, policy: &str) -> Reply {
    let html = theme.map(|theme| html.replacen(SYSTEM_THEME, theme.attribute(), 1)).unwrap_or(html);
    Reply::of(200, "text/html; charset=utf-8", html.into_bytes())
        .with_header("content-security-policy", policy)
        .with_header("cross-origin-opener-policy", "same-origin")
        .with_header("cross-origin-resource-policy", "same-origin")
        .with_header("referrer-policy", "no-referrer")
        .with_header("permissions-policy", PERMISSIONS)
}

/// The address of the script that the shell starts with.
fn script(html: &str) -> Option<&str> {
    html.split_once(BEFORE_SCRIPT)?.1.split('"').next()
}

/// What tells the installed version from another: the gateway's, and what the build of the console has named.
fn version_of(html: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let fingerprint = html.map(|html| hex(&Sha256::digest(html.as_bytes())));
    match fingerprint.as_deref().and_then(|hash| hash.get(..FINGERPRINT)) {
        Some(fingerprint) => format!("{version}+{fingerprint}"),
        None => version.to_owned(),
    }
}

/// The installed version.
pub async fn version(platform: &Platform) -> String {
    version_of(platform.assets().text(PATH).await.ok().flatten().as_deref())
}

impl Answer for Page {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        match self {
            Self::Shell { html, theme, kind } => {
                let preload = script(&html).map(|script| format!("<{script}>; rel=modulepreload"));
                let reply = match kind {
                    Kind::Own => page_of_ours(html, theme),
                    Kind::Reference => with_headers(html, theme, POLICY),
                };
                match preload {
                    Some(preload) => reply.with_header("link", preload),
                    None => reply,
                }
            }
            Self::NoFile => Reply::of(404, "text/plain; charset=utf-8", b"no such file\n".to_vec()),
            Self::Redirect => Reply::empty(302).with_header("location", "/console"),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

// ---- Handlers

/// GET: a page of the console. Which one, the page itself sees.
pub async fn page(call: PageCall, (): ()) -> Result<Page, Error> {
    shell(&call, Kind::Own).await
}

/// GET: the reference of the API.
pub async fn reference(call: PageCall, (): ()) -> Result<Page, Error> {
    shell(&call, Kind::Reference).await
}

async fn shell(call: &PageCall, kind: Kind) -> Result<Page, Error> {
    let html = call.call.platform.assets().text(PATH).await?;
    let html = html.ok_or_else(|| PlatformError::new("the console was not built: there is no console/shell.html"))?;
    Ok(Page::Shell { html, theme: Theme::chosen(&call.cookies), kind })
}

/// GET: a file of the console that is not there; one that is there never gets here.
pub async fn no_file(_: PageCall, (): ()) -> Result<Page, Error> {
    Ok(Page::NoFile)
}

/// GET: who opens the gateway's address wants the console.
pub async fn root(call: PageCall, (): ()) -> Result<Page, Error> {
    if call.accepts_html { Ok(Page::Redirect) } else { Err(Error::not_found("no such path: /")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<!doctype html><html lang=\"en\" data-theme=\"system\"><script type=\"module\" \
                        src=\"/console/assets/main-A1.js\"></script></html>";

    fn reply(cookies: &str) -> (String, Vec<(&'static str, String)>) {
        let page = Page::Shell { html: HTML.to_owned(), theme: Theme::chosen(cookies), kind: Kind::Own };
        let reply = page.into_reply();
        (String::from_utf8(reply.body).unwrap(), reply.headers)
    }

    #[test]
    fn the_shell_comes_in_the_theme_that_was_chosen_and_no_cookie_is_written_into_it() {
        for (cookies, theme) in [
            ("", "system"),
            ("x=1; sluice-theme=dark", "dark"),
            ("sluice-theme=light", "light"),
            ("sluice-theme=\"><script>alert(1)</script>", "system"),
            ("sluice-theme=system", "system"),
        ] {
            let (html, _) = reply(cookies);
            assert_eq!(html, HTML.replace("\"system\"", &format!("\"{theme}\"")), "{cookies}");
        }
    }

    #[test]
    fn the_browser_is_told_of_the_first_script_before_it_has_read_the_page() {
        let (_, headers) = reply("");
        assert!(
            headers.contains(&("link", "</console/assets/main-A1.js>; rel=modulepreload".to_owned())),
            "{headers:?}"
        );
    }

    #[test]
    fn another_build_is_another_version() {
        let (one, other) = (version_of(Some(HTML)), version_of(Some(&HTML.replace("A1", "A2"))));
        assert_ne!(one, other);
        assert!(one.starts_with(&format!("{}+", env!("CARGO_PKG_VERSION"))), "{one}");
        assert_eq!(version_of(None), env!("CARGO_PKG_VERSION"));
    }
}
