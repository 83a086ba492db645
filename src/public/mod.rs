//! Pages that anybody may see: the dashboard of a website that has switched it on, and its widgets (docs/contract/surface.md#3). They
//! are written here, without a script, and a frame may show them. Strangers ask for them, so an address has a limit, what is found is
//! kept for a minute, and a website's object is asked a few times a minute at most.

pub mod asked;
pub mod figures;
mod page;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::auth::failures::ClientAddress;
use crate::http::call::{Call, PageCall};
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::Platform;
use crate::platform::database::Batch;
use crate::platform::incoming::Caller;
use crate::tracking::{events, limit};
use crate::websites::report_context::ReportContext;
use crate::websites::tracking_settings::Configuration;
use asked::{Asked, View, What};
use figures::{Ask, Found};
use sluice_values::{Hostname, Timestamp, WebsiteId, hex};

/// The public pages that one address gets in a minute.
pub const PAGES_PER_MINUTE: u32 = 300;
/// The pages of one website that an isolate looks up in a minute; others are as old as they are.
pub const LOOKUPS_PER_MINUTE: u32 = 30;
/// For how long a page shows what was found for another, in milliseconds; and after how many seconds one that shows what happens now
/// reads itself anew.
const FRESH_MS: i64 = 60_000;
const REFRESH_SECS: &str = "60";
/// The most pages that an isolate keeps.
const MOST_KEPT: usize = 100;
/// The most hosts whose pages may frame a dashboard: a header has to have an end.
pub const MOST_FRAMING: usize = 100;

/// A page, or that there is none.
pub struct Shown {
    status: u16,
    html: String,
    policy: String,
    headers: Vec<(&'static str, String)>,
}

impl Shown {
    /// Whether a website is missing or keeps its figures to itself is nobody's business.
    fn nothing() -> Self {
        Self::message(404, "Nothing is shown here.")
    }

    fn too_many(secs: i64) -> Self {
        let message = Self::message(429, "Too many requests. Try again in a minute.");
        Self { headers: vec![("retry-after", secs.to_string())], ..message }
    }

    fn message(status: u16, text: &str) -> Self {
        Self { status, html: page::message(text), policy: policy("", "'none'"), headers: Vec::new() }
    }
}

/// Nothing but a style sheet of ours, and the style with this nonce.
fn policy(nonce: &str, ancestors: &str) -> String {
    let nonce = if nonce.is_empty() { String::new() } else { format!(" 'nonce-{nonce}'") };
    format!(
        "default-src 'none'; style-src 'self'{nonce}; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
}

/// Whose pages may frame a dashboard: those whose events are accepted.
fn ancestors(website: &Configuration) -> String {
    if website.settings.is_all_hostnames_allowed {
        return "*".to_owned();
    }
    let hosts = website.settings.allowed_hostnames.iter().map(Hostname::normal);
    let hosts = [website.domain.as_str()].into_iter().chain(hosts).take(MOST_FRAMING);
    let mut sources = Vec::new();
    for host in hosts.map(|host| host.strip_prefix("www.").unwrap_or(host)) {
        let is_written = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        match host.bytes().all(is_written) {
            // A page in development is not encrypted, and a host without a scheme is one with the gateway's.
            true if host == "localhost" => sources.push("http://localhost:*".to_owned()),
            true if host.parse::<std::net::IpAddr>().is_ok() => sources.push(format!("{host}:*")),
            true => sources.push(format!("{host}:* *.{host}:*")),
            false => {}
        }
    }
    sources.join(" ")
}

impl Answer for Shown {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        let Self { status, html, policy, headers } = self;
        let mut reply = Reply::of(status, "text/html; charset=utf-8", html.into_bytes())
            .with_header("content-security-policy", policy)
            .with_header("referrer-policy", "no-referrer")
            .with_header("x-robots-tag", "noindex");
        reply.headers.extend(headers);
        reply
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

// ---- What was found for other pages

/// What was found, and when.
struct Kept {
    at: Timestamp,
    context: ReportContext,
    found: Found,
}

/// A page: the website, whether its money is public, and what is shown.
type Key = (WebsiteId, bool, What);

thread_local! {
    static KEPT: RefCell<HashMap<Key, Rc<Kept>>> = RefCell::default();
}

fn keep(key: Key, found: Kept) -> Rc<Kept> {
    let found = Rc::new(found);
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, found.clone());
    });
    found
}

/// What to show, or why not.
enum Outcome {
    Found(Rc<Kept>),
    Nothing,
    TooMany { secs: i64 },
}

/// What was found within the last minute, or is found now.
async fn look(platform: &Platform, key: Key, now: Timestamp) -> Result<Outcome, Error> {
    let known = KEPT.with_borrow(|kept| kept.get(&key).cloned());
    let is_fresh = |known: &&Rc<Kept>| now.as_millis() - known.at.as_millis() < FRESH_MS;
    if let Some(fresh) = known.as_ref().filter(is_fresh) {
        return Ok(Outcome::Found(fresh.clone()));
    }
    let (id, has_money, what) = &key;
    let nobody = ClientAddress::of(None);
    if let Err(rate) = limit::count(&nobody, &format!("lookups of {id}"), now, LOOKUPS_PER_MINUTE) {
        return Ok(known.map_or(Outcome::TooMany { secs: rate.reset_in_secs() }, Outcome::Found));
    }
    let Some(mut context) = context(platform, *id).await? else { return Ok(Outcome::Nothing) };
    context.settings.is_public_data_enabled &= has_money;
    let ask = Ask { platform, id: *id, context: &context, now };
    let found = match what {
        What::Dashboard(view) => Found::Dashboard(Box::pin(ask.dashboard(view)).await?),
        What::Realtime => Found::Realtime(ask.present().await?),
        What::Recent => Found::Recent(ask.recent().await?),
    };
    Ok(Outcome::Found(keep(key, Kept { at: now, context, found })))
}

/// What the website is now, if it still shows its figures: the edge may be a minute behind.
async fn context(platform: &Platform, id: WebsiteId) -> Result<Option<ReportContext>, Error> {
    let mut batch = Batch::new();
    let context = batch.read(ReportContext::select(id));
    let context: Option<ReportContext> = platform.database().run(batch).await?.first(&context)?;
    Ok(context.filter(|context| context.settings.is_public_dashboard_enabled))
}

/// What is shown of a website: a dashboard is narrowed to no row but one that it lists itself, so that nobody can ask what is not
/// shown.
async fn found(call: &Call, website: &Configuration, what: &mut What) -> Result<Outcome, Error> {
    let key = |what: &What| (website.website_id, website.settings.is_public_data_enabled, what.clone());
    if let What::Dashboard(view @ View { only: Some(_), .. }) = what {
        let only = view.only.take();
        let whole = look(&call.platform, key(&What::Dashboard(view.clone())), call.now).await?;
        match &whole {
            Outcome::Found(kept) => match (&kept.found, only) {
                (Found::Dashboard(figures), Some(only)) if figures.has(&only) => view.only = Some(only),
                _ => return Ok(whole),
            },
            _ => return Ok(whole),
        }
    }
    look(&call.platform, key(what), call.now).await
}

/// GET: the dashboard, or a widget.
pub async fn show(PageCall { call, .. }: PageCall, (asked, caller): (Asked, Caller)) -> Result<Shown, Error> {
    let sender = ClientAddress::new(caller.address.as_deref());
    // Counted before anything is looked up, so that it tells nothing of the website.
    if let Err(rate) = limit::count(&sender, "public pages", call.now, PAGES_PER_MINUTE) {
        return Ok(Shown::too_many(rate.reset_in_secs()));
    }
    let Some(mut what) = asked.what.clone() else { return Ok(Shown::nothing()) };
    let most = events::event_limit(&call.platform.config());
    let website = match events::website_of(&call, &asked.website, &sender, most).await {
        Ok(website) => website,
        Err(Error::Refused { .. }) => return Ok(Shown::nothing()),
        Err(Error::RateLimited(rate)) => return Ok(Shown::too_many(rate.reset_in_secs())),
        Err(other) => return Err(other),
    };
    if !website.settings.is_public_dashboard_enabled {
        return Ok(Shown::nothing());
    }
    let kept = match found(&call, &website, &mut what).await? {
        Outcome::Found(kept) => kept,
        Outcome::Nothing => return Ok(Shown::nothing()),
        Outcome::TooMany { secs } => return Ok(Shown::too_many(secs)),
    };
    let nonce = if page::has_style(&asked.looks) { hex(&call.platform.random::<16>()?) } else { String::new() };
    let ancestors = match what {
        What::Dashboard(_) => ancestors(&website),
        // They have nothing to press, and stand on any page (docs/contract/surface.md#3).
        What::Realtime | What::Recent => "*".to_owned(),
    };
    Ok(Shown {
        status: 200,
        html: page::page(&asked, &what, &kept.context, &kept.found, (call.now, &nonce)),
        policy: policy(&nonce, &ancestors),
        headers: if asked.is_live { vec![("refresh", REFRESH_SECS.to_owned())] } else { Vec::new() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websites::tracking_settings::tests::with;
    use crate::websites::website::Settings;

    fn framing(hosts: &[&str]) -> String {
        let allowed_hostnames = hosts.iter().map(|host| host.parse().unwrap()).collect();
        ancestors(&with(Settings { allowed_hostnames, ..Settings::default() }))
    }

    #[test]
    fn a_dashboard_is_framed_by_the_hosts_whose_events_are_accepted() {
        assert_eq!(framing(&[]), "example.com:* *.example.com:*");
        assert_eq!(
            framing(&["www.other.org", "Bücher.Example", "localhost", "198.51.100.7", "[2001:db8::9]"]),
            "example.com:* *.example.com:* other.org:* *.other.org:* xn--bcher-kva.example:* *.xn--bcher-kva.example:* \
             http://localhost:* 198.51.100.7:*"
        );
        assert_eq!(ancestors(&with(Settings { is_all_hostnames_allowed: true, ..Settings::default() })), "*");
        let many: Vec<String> = (0..500).map(|number| format!("h{number}.example.org")).collect();
        let many = framing(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(many.split(' ').count(), 2 * MOST_FRAMING);
    }

    #[test]
    fn a_host_that_was_stored_before_the_rules_is_no_part_of_the_policy() {
        let mut website = with(Settings::default());
        website.domain = "x.example; script-src *".to_owned();
        assert_eq!(ancestors(&website), "");
        website.domain = "x.example\r\nset-cookie: a".to_owned();
        assert_eq!(policy("", &ancestors(&website)).lines().count(), 1);
    }

    #[test]
    fn nothing_may_run_and_a_style_needs_its_nonce() {
        assert_eq!(
            policy("", "*"),
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
        );
        assert!(policy("ab", "*").contains("style-src 'self' 'nonce-ab';"));
    }
}
