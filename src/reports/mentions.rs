//! Posts that mention a website (docs/contract/surface.md#1, item 6). Nothing collects them, so there are none; who asks is answered
//! in the documented shape.

use serde::{Deserialize, Serialize};

use super::listing::Page;
use super::range::Bounds;
use super::scope::RangeParameters;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Query, Raw};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_values::{Text, TimeZone, Timestamp, WebsiteId, excerpt};

// ---- What comes in

/// The mentions to list.
#[derive(Debug)]
pub struct Wanted {
    bounds: Bounds,
    zone: Option<TimeZone>,
    page: Page,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Parameters {
    /// Only mentions from there.
    #[serde(rename = "platform")]
    _platform: Option<Platform>,
    /// Only mentions whose text, author, address or subreddit contains this, in any case.
    #[serde(rename = "q")]
    _q: Option<Text<0, 200>>,
    /// By time.
    #[serde(rename = "order", default)]
    _order: Order,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "as they say")]
pub enum Platform {
    X,
    Reddit,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Order {
    Asc,
    #[default]
    Desc,
}

/// Every parameter; anything else is refused, unlike elsewhere.
const PARAMETERS: [&str; 9] =
    ["websiteId", "startAt", "endAt", "timezone", "platform", "q", "order", "limit", "offset"];

impl FromRaw for Wanted {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        check_names(&raw.query)?;
        Query::<Parameters>::from_raw(raw)?;
        let Query(range) = Query::<RangeParameters>::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        let bounds = Bounds::new(("startAt", "endAt"), range.start_at, range.end_at)?;
        Ok(Self { bounds, zone: range.timezone, page })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RangeParameters>::describe(operation, generators);
        Query::<Parameters>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
    }
}

/// Refuses a parameter that there is not, and one that stands twice.
fn check_names(query: &str) -> Result<(), Error> {
    let mut seen = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !PARAMETERS.contains(&&*name) {
            return Err(Error::bad_request(format!(
                "{}: no such parameter; there are {}",
                excerpt(&name),
                PARAMETERS.join(", ")
            )));
        }
        if seen.contains(&name) {
            return Err(Error::bad_request(format!("{name}: given twice")));
        }
        seen.push(name);
    }
    Ok(())
}

// ---- What goes out

/// A post.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    pub id: String,
    pub website_id: WebsiteId,
    pub platform: Platform,
    pub timestamp: Timestamp,
    pub text: String,
    pub url: String,
    pub author: MentionAuthor,
    pub engagement: Engagement,
    /// Of X.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Vec<String>>,
    /// Of X.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_retweet: Option<bool>,
    /// Of Reddit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subreddit: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[expect(missing_docs, reason = "as they say")]
pub struct MentionAuthor {
    pub name: Option<String>,
    pub username: Option<String>,
    pub image: Option<String>,
}

/// How many reacted.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(missing_docs, reason = "as they say")]
pub enum Engagement {
    X { likes: i64, replies: i64, reposts: i64, quotes: i64 },
    Reddit { score: i64, comments: i64 },
}

/// The fields of the list besides its rows.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Meta {
    pagination: Pagination,
    meta: Totals,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Pagination {
    limit: u32,
    offset: u32,
    total: i64,
    has_more: bool,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Totals {
    /// Mentions of the website at any time.
    total_mentions: i64,
}

// ---- Handler

/// GET: the mentions of a range, of which there are none.
pub async fn list(call: WebsiteCall, input: Input<Wanted>) -> Result<Data<Mention, Meta>, Error> {
    let (website, wanted, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    wanted.bounds.span(&wanted.zone.as_ref().unwrap_or(&context.timezone).rules())?;
    let (limit, offset) = (wanted.page.limit.get(), wanted.page.offset.get());
    let pagination = Pagination { limit, offset, total: 0, has_more: false };
    Ok(Data::with(Vec::new(), Meta { pagination, meta: Totals { total_mentions: 0 } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_there_is_not_or_that_stands_twice_is_refused() {
        let parse = |query: &str| {
            let raw = Raw { query: query.to_owned(), ..Raw::default() };
            Wanted::from_raw(&raw).map(|_| ()).map_err(|error| match error {
                Error::Refused { status: 400, message } => message,
                other => panic!("{other:?}"),
            })
        };
        let all = "websiteId=x&startAt=2026-01-01&endAt=2026-01-31&timezone=UTC&platform=reddit&q=a&order=asc&limit=5&offset=5";
        for right in ["", "platform=x", all] {
            assert_eq!(parse(right), Ok(()), "{right}");
        }
        for (wrong, why) in [
            ("query=a", "query: no such parameter; there are websiteId, startAt,"),
            ("Platform=x", "Platform: no such parameter"),
            ("q=a&q=a", "q: given twice"),
            ("platform=mastodon", "platform: "),
            ("order=newest", "order: "),
            ("limit=0", "limit: "),
            ("startAt=2026-01-01", "endAt: required when startAt is given"),
        ] {
            assert!(parse(wrong).unwrap_err().starts_with(why), "{wrong}: {:?}", parse(wrong));
        }
        assert!(parse(&format!("q={}", "x".repeat(201))).unwrap_err().starts_with("q: "));
    }
}
