//! `POST /api/events`: what the tracking script and the SDK send (docs/contract/website-api.md#4.7).

use crate::site;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::Map;

use super::admission::{Dropped, VisitorKey as Client, admit, foreign_host};
use super::drops;
use super::event_body::{EventType, Received, SentEvent};
use super::limit;
use crate::auth::failures::ClientAddress;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::{Answer, Reply};
use crate::platform::config::Config;
use crate::platform::incoming::Caller;
use crate::websites::tracking_settings::{self, Configuration};
use sluice_engine::event::{Action, Event, VisitorKey};
use sluice_engine::protocol::Append;
use sluice_values::{Place, VisitorId, WebsiteId, excerpt, kinds};

/// The key under which events are counted that name no known website.
const UNKNOWN: &str = "";

/// The outcome of an event.
pub enum Taken {
    Stored {
        /// The visitor's id, where the browser cannot know it.
        visitor_id: Option<VisitorId>,
    },
    Dropped(Dropped),
}

/// The response to an event.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "EventAnswer")]
struct EventAnswer {
    /// The id of a visitor without cookies, valid today.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor_id: Option<VisitorId>,
}

impl Answer for Taken {
    fn into_reply(self) -> Reply {
        match self {
            Self::Stored { visitor_id } => Reply::json(200, &EventAnswer { visitor_id }),
            Self::Dropped(reason) => {
                Reply::json(200, &EventAnswer { visitor_id: None }).with_header("x-sluice-dropped", reason.as_str())
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<EventAnswer>())
    }
}

/// Events per minute where `EVENTS_PER_MINUTE` is not a number above 0 (docs/contract/README.md#19).
const DEFAULT_EVENT_LIMIT: u32 = 6_000;

/// `EVENTS_PER_MINUTE`: the limit of events per minute from one client address to one website.
pub fn event_limit(config: &Config) -> u32 {
    config.number("EVENTS_PER_MINUTE").unwrap_or(DEFAULT_EVENT_LIMIT)
}

/// POST: accepts an event.
pub async fn take(call: Call, (Body(sent), caller): (Body<SentEvent>, Caller)) -> Result<Taken, Error> {
    let name = sent.website_id.as_deref().ok_or_else(|| Error::bad_request("websiteId: required, but missing"))?;
    let (sender, limit) = (ClientAddress::new(caller.address.as_deref()), event_limit(&call.platform.config()));
    let website = website_of(&call, name, &sender, limit).await?;
    let (client, place) = client_of(&caller, &website);
    let taken = accept(&call, &sent, &website, (&client, place), limit).await;
    if let Some((reason, host)) = dropped(&taken, &sent, &website, &client) {
        drops::count(website.website_id, reason, &host, call.now);
    }
    taken
}

/// The website with this tracking id or id.
pub async fn website_of(call: &Call, name: &str, sender: &ClientAddress, limit: u32) -> Result<Configuration, Error> {
    if !is_website_id(name) {
        return Err(Error::bad_request(format!(
            "websiteId: expected a tracking id (dfid_…) or an id of 24 hexadecimal characters, got \"{}\"",
            excerpt(name)
        )));
    }
    // Made-up names cost lookups, so a sender of too many of them is refused before the next lookup.
    limit::check(sender, UNKNOWN, call.now, limit).map_err(Error::RateLimited)?;
    let Some(website) = tracking_settings::find(&call.platform, &name.to_lowercase(), call.now).await? else {
        limit::count(sender, UNKNOWN, call.now, limit).map_err(Error::RateLimited)?;
        return Err(Error::not_found(format!("websiteId: no website \"{name}\"")));
    };
    Ok(website)
}

/// Accepts an event of a website.
async fn accept(
    call: &Call,
    sent: &SentEvent,
    website: &Configuration,
    (client, place): (&Client, Place),
    limit: u32,
) -> Result<Taken, Error> {
    let sender = ClientAddress::of(client.ip);
    limit::count(&sender, &website.tracking_id, call.now, limit).map_err(Error::RateLimited)?;
    let address = sent.address()?;
    let is_cookieless = website.settings.is_cookieless || sent.cookieless;
    let visitor = if is_cookieless { None } else { Some(sent.visitor()?) };
    let mut action = sent.action_of_browser()?;
    if let Err(reason) = admit(website, client, &address.page) {
        return Ok(Taken::Dropped(reason));
    }
    if is_cookieless && sent.r#type == EventType::Identify {
        // Visitors without cookies have no profiles (docs/contract/website-api.md#3.8). Only their presence may be
        // stored, and a hint without fields stores nothing else.
        action = Action::PaymentHint(Map::new());
    }
    let session = sent.session_id.clone().ok_or_else(|| Error::bad_request("sessionId: required, but missing"))?;
    let received = Received {
        id: match &sent.id {
            Some(id) => id.clone(),
            None => call.new_id::<kinds::Event>()?.into(),
        },
        time: call.now,
        sender: match visitor {
            Some(visitor) => VisitorKey::Visitor(visitor),
            None => VisitorKey::Anonymous(anonymous(client, website)),
        },
        session: Some(session),
        place,
        user_agent: Some(&client.user_agent),
        owns: &|host| website.owns(host),
    };
    let event = Event { is_public_id: sent.id.is_some(), ..sent.event(action, address, received) };
    let append = Append { event, may_drop: true };
    let Some(appended) = site::ask(&call.platform, website.website_id, call.now, append).await? else {
        return Ok(Taken::Dropped(Dropped::Full));
    };
    Ok(Taken::Stored { visitor_id: is_cookieless.then_some(appended.visitor) })
}

/// Why nothing was stored, and the host that this is about; `None` if the event was stored, or the gateway failed.
fn dropped(
    taken: &Result<Taken, Error>,
    sent: &SentEvent,
    website: &Configuration,
    client: &Client,
) -> Option<(&'static str, String)> {
    let page = || sent.address().ok().map(|address| address.page);
    let (reason, host) = match taken {
        Ok(Taken::Dropped(reason @ Dropped::Hostname)) => {
            (reason.as_str(), page().and_then(|page| foreign_host(website, client, &page)))
        }
        Ok(Taken::Dropped(reason)) => (reason.as_str(), page().map(|page| page.hostname)),
        Err(Error::Refused { .. }) => ("invalid", page().map(|page| page.hostname)),
        Err(Error::RateLimited(_)) => ("rate-limit", None),
        Ok(Taken::Stored { .. }) | Err(_) => return None,
    };
    Some((reason, host.unwrap_or_default()))
}

fn is_website_id(name: &str) -> bool {
    let is_hex = |text: &str| text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex(name) && name.parse::<WebsiteId>().is_ok()
        || name.strip_prefix("dfid_").is_some_and(|rest| (1..=64).contains(&rest.len()))
}

/// What identifies a visitor without cookies for a day: address, user agent and website.
fn anonymous(client: &Client, website: &Configuration) -> String {
    let ip = client.ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
    [ip.as_str(), &client.user_agent, &website.domain].join("\n")
}

/// The headers in which a trusted proxy names its client, in the order in which they count.
const FORWARDED: [&str; 3] = ["x-datafast-real-ip", "x-forwarded-for", "x-real-ip"];

/// The client that a header of a trusted proxy names: of a list, the last address that is not a trusted proxy's. Addresses
/// before an entry that is none were not written by a trusted proxy.
fn forwarded(header: &str, is_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let entries = header.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map_while(written_address).find(|ip| !is_proxy(*ip))
}

/// An address as proxies write it: plain, quoted, in brackets, with a zone or a port.
fn written_address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches('"').trim();
    let entry = entry.get(..4).filter(|label| label.eq_ignore_ascii_case("for=")).map_or(entry, |_| &entry[4..]);
    let entry = entry.trim_matches('"').trim();
    let bare = match entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((bare, port)) if port.is_empty() || port.starts_with(':') => bare,
        Some(_) => return None,
        // More than one colon is IPv6 without brackets, where no port can stand.
        None => entry.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(entry, |(bare, _)| bare),
    };
    bare.split('%').next()?.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// The sender and its place. A proxy's header counts where the website trusts the proxy; the platform does not know
/// the place of a proxy's client.
fn client_of(caller: &Caller, website: &Configuration) -> (Client, Place) {
    let mut client = Client {
        ip: caller.ip(),
        origin: caller.header("origin"),
        user_agent: caller.header("user-agent").unwrap_or_default(),
        ..Client::default()
    };
    let is_proxy = |ip: IpAddr| website.settings.trusted_proxies.iter().any(|range| range.contains(ip));
    if client.ip.is_some_and(is_proxy)
        && let Some(forwarded) = FORWARDED.iter().find_map(|name| forwarded(&caller.header(name)?, is_proxy))
    {
        client.ip = Some(forwarded);
        return (client, Place::default());
    }
    client.country.clone_from(&caller.place.country);
    client.bot_score = caller.bot_score;
    client.is_verified_bot = caller.is_verified_bot;
    (client, caller.place.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websites::tracking_settings::tests::with;
    use crate::websites::website::Settings;

    fn client(proxies: &[&str], headers: &[(&'static str, &str)]) -> String {
        let trusted_proxies = proxies.iter().map(|range| range.parse().unwrap()).collect();
        let website = with(Settings { trusted_proxies, ..Settings::default() });
        let caller = Caller {
            address: Some("198.51.100.1".to_owned()),
            headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            ..Caller::default()
        };
        client_of(&caller, &website).0.ip.unwrap().to_string()
    }

    #[test]
    fn every_spelling_of_an_address_counts_from_a_trusted_proxy() {
        for (written, address) in [
            ("203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9:4711 ", "203.0.113.9"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("[203.0.113.9]", "203.0.113.9"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:DB8::9]", "2001:db8::9"),
            ("[2001:db8::9]:443", "2001:db8::9"),
            ("\"[2001:db8::9]:443\"", "2001:db8::9"),
            ("for=\"[2001:db8::9]:443\"", "2001:db8::9"),
            ("fe80::9%eth0", "fe80::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("192.0.2.1, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 198.51.100.2", "203.0.113.9"),
            ("unknown, 203.0.113.9:80, [::ffff:198.51.100.2]:80,", "203.0.113.9"),
            // The proxy's own where it names none.
            ("", "198.51.100.1"),
            ("unknown", "198.51.100.1"),
            ("203.0.113.9, unknown", "198.51.100.1"),
            ("203.0.113.9.1", "198.51.100.1"),
            ("[2001:db8::9]x", "198.51.100.1"),
            ("198.51.100.2, 198.51.100.3", "198.51.100.1"),
        ] {
            for name in FORWARDED {
                assert_eq!(client(&["198.51.100.0/24"], &[(name, written)]), address, "{name}: {written}");
                assert_eq!(client(&["192.0.2.0/24"], &[(name, written)]), "198.51.100.1", "{name}: {written}");
            }
        }
    }

    #[test]
    fn the_headers_of_a_trusted_proxy_count_in_their_order() {
        let all =
            [("x-real-ip", "203.0.113.3"), ("x-forwarded-for", "203.0.113.2"), ("x-datafast-real-ip", "203.0.113.1")];
        let proxies = ["::ffff:198.51.100.0/120"];
        assert_eq!(client(&proxies, &all), "203.0.113.1");
        assert_eq!(client(&proxies, &all[..2]), "203.0.113.2");
        assert_eq!(client(&proxies, &[all[0], ("x-forwarded-for", "198.51.100.1")]), "203.0.113.3");
    }
}
