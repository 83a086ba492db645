//! The documentation: pages for people, a twin of each in Markdown for programs, and `/llms.txt`. The build writes all of them
//! (`console/docs/build.mjs`). They are not served as they lie there, because examples and twins name the gateway's own address,
//! which no file knows, and because a page comes in the theme that somebody has chosen in the console.

use std::str::FromStr;

use crate::console::shell::{Theme, page_of_ours};
use crate::http::call::PageCall;
use crate::http::error::Error;
use crate::http::input::Path;
use crate::http::reply::{Answer, Reply};
use crate::mail::message::escape;
use sluice_values::Invalid;

/// Where the build has put the files.
const FOLDER: &str = "/console/docs";
/// What stands for the gateway's address in them.
const ADDRESS: &str = "https://your-gateway.example";
const MARKDOWN: &str = ".md";
/// The page behind `/docs`.
const START: &str = "start";
/// What the missing page shows.
const MISSING: &str = "missing";

/// The name of a page: letters, digits and hyphens between slashes. Anything else names none.
#[derive(Debug, Clone, PartialEq, Eq, schemars::JsonSchema)]
pub struct Name(Option<String>);

impl Name {
    /// The name, and whether its twin is meant.
    fn file(&self) -> Option<(&str, bool)> {
        let name = self.0.as_deref()?;
        Some(name.strip_suffix(MARKDOWN).map_or((name, false), |page| (page, true)))
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let page = text.strip_suffix(MARKDOWN).unwrap_or(text);
        let is_name = page.split('/').all(|part| {
            let mut bytes = part.bytes();
            !part.is_empty() && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        });
        Ok(Self(is_name.then(|| text.to_owned())))
    }
}

/// What a row answers.
pub enum Document {
    Page { status: u16, html: String, theme: Option<Theme> },
    Text { status: u16, content_type: &'static str, text: String },
}

impl Answer for Document {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        match self {
            Self::Page { status, html, theme } => Reply { status, ..page_of_ours(html, theme) },
            Self::Text { status, content_type, text } => Reply::of(status, content_type, text.into_bytes()),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

async fn file(call: &PageCall, name: &str) -> Result<Option<String>, Error> {
    Ok(call.call.platform.assets().text(&format!("{FOLDER}/{name}")).await?)
}

fn text(status: u16, content_type: &'static str, text: String) -> Document {
    Document::Text { status, content_type, text }
}

async fn page(call: &PageCall, name: Option<&str>) -> Result<Document, Error> {
    let found = match name {
        Some(name) => file(call, &format!("{name}.html")).await?,
        None => None,
    };
    let (status, html) = match found {
        Some(html) if name != Some(MISSING) => (200, Some(html)),
        _ => (404, file(call, &format!("{MISSING}.html")).await?),
    };
    let html = html.ok_or_else(|| Error::not_found("no such page"))?;
    let html = html.replace(ADDRESS, &escape(&call.call.base_url));
    Ok(Document::Page { status, html, theme: Theme::chosen(&call.cookies) })
}

// ---- Handlers

/// GET: the first page.
pub async fn start(call: PageCall, (): ()) -> Result<Document, Error> {
    page(&call, Some(START)).await
}

/// GET: a page, or its twin.
pub async fn any(call: PageCall, Path(name): Path<Name>) -> Result<Document, Error> {
    let Some((name, true)) = name.file() else {
        return page(&call, name.file().map(|(name, _)| name)).await;
    };
    Ok(match file(&call, &format!("{name}{MARKDOWN}")).await? {
        Some(markdown) => text(200, "text/markdown; charset=utf-8", markdown.replace(ADDRESS, &call.call.base_url)),
        None => text(404, "text/plain; charset=utf-8", format!("no such page: see {}/llms.txt\n", call.call.base_url)),
    })
}

/// GET: what a program reads first (<https://llmstxt.org>).
pub async fn index(call: PageCall, (): ()) -> Result<Document, Error> {
    let index = file(&call, "llms.txt").await?.ok_or_else(|| Error::not_found("the documentation was not built"))?;
    Ok(text(200, "text/plain; charset=utf-8", index.replace(ADDRESS, &call.call.base_url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_a_file_in_the_folder() {
        for (text, file) in [
            ("start", Some(("start", false))),
            ("api/website-keys.md", Some(("api/website-keys", true))),
            ("start.html", None),
            ("start.md.md", None),
            ("../shell", None),
            ("a//b", None),
            ("/a", None),
            (".md", None),
            ("a%2fb", None),
            ("A", None),
        ] {
            let name: Name = text.parse().unwrap();
            assert_eq!(name.file(), file, "{text}");
        }
    }
}
