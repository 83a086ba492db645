//! The body of `POST /api/events` and the lines of an import: one format (docs/contract/website-api.md#4 and #5). Pure.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use url::Url;

use super::sanitize;
use super::stored::{self, LONGEST_HOST, LONGEST_HREF, LONGEST_PATH, LONGEST_TEXT, cut, short};
use super::{client, referrer};
use crate::http::error::Error;
use sluice_engine::event::{Action, CAMPAIGN_KEYS, Campaign, Context, Event, Page, Size, Source, VisitorKey};
use sluice_values::display_names;
use sluice_values::{
    Country, EventId, GoalName, Hostname, Invalid, Place, SessionId, Timestamp, VisitorId, excerpt, host_of,
    is_unknown_country, path_of, route_of,
};

/// Pages of apps: their address names no website, so they are pages of the domain that the script was configured with
/// (docs/contract/website-api.md#5.1).
const APP_SCHEMES: [&str; 5] = ["file", "capacitor", "ionic", "app", "tauri"];
/// The click ids that advertising networks add to addresses (docs/contract/website-api.md#4.2).
const AD_CLICK_IDS: [&str; 9] =
    ["gclid", "gclsrc", "wbraid", "gbraid", "li_fat_id", "fbclid", "msclkid", "ttclid", "twclid"];

/// An event as clients send it. Unknown fields are ignored.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TrackedEvent")]
pub struct SentEvent {
    /// The website's tracking id (`dfid_…`), or its id.
    pub website_id: Option<String>,
    /// What happened.
    pub r#type: EventType,
    /// An event with an id is stored once, however often it is sent.
    pub id: Option<EventId>,
    /// A UUID v4; not needed for visitors without cookies.
    #[serde(default, deserialize_with = "text_or_none")]
    pub visitor_id: Option<String>,
    pub session_id: Option<SessionId>,
    /// The full address of the page: a host of at most 253 bytes and a path of at most 2,048, percent-encoded. An address of
    /// more than 4,096 bytes loses its fragment and what its query has beside campaign parameters.
    #[schemars(extend("x-maxBytesOfPath" = LONGEST_PATH, "x-maxBytes" = LONGEST_HREF))]
    pub href: Option<String>,
    /// The page that linked here. One of more than 4,096 bytes loses its query, then its path.
    #[schemars(extend("x-maxBytes" = LONGEST_HREF))]
    #[serde(default, deserialize_with = "text_or_none")]
    pub referrer: Option<String>,
    /// The root domain that the script was configured with.
    #[serde(default, deserialize_with = "text_or_none")]
    pub domain: Option<String>,
    /// The size of the window, in CSS pixels.
    #[schemars(with = "Option<Size>")]
    pub viewport: Option<Json>,
    #[schemars(with = "Option<f64>")]
    /// In CSS pixels.
    pub screen_width: Option<Json>,
    #[schemars(with = "Option<f64>")]
    /// In CSS pixels.
    pub screen_height: Option<Json>,
    /// The browser's language.
    #[serde(default, deserialize_with = "text_or_none")]
    pub language: Option<String>,
    /// The browser's time zone.
    #[serde(default, deserialize_with = "text_or_none")]
    pub timezone: Option<String>,
    /// Whether the visitor must be identified without a cookie.
    #[serde(default, deserialize_with = "flag")]
    #[schemars(with = "Option<bool>")]
    pub cookieless: bool,
    /// Whether the fragment of the address is part of the page's path.
    #[serde(default, deserialize_with = "flag")]
    #[schemars(with = "Option<bool>")]
    pub hash_is_page: bool,
    /// The click ids that advertising networks added to the address.
    #[serde(default, deserialize_with = "object_or_empty")]
    #[schemars(with = "Option<Map<String, Json>>")]
    pub ad_click_ids: Map<String, Json>,
    /// The fields that belong to the type. Of a goal: `eventName`, and at most 10 properties as in `POST /goals`. Of an
    /// identification: `user_id`, and at most 20 traits with 4,096 bytes as JSON. Of a link: `url`, at most 2,048 bytes, and
    /// `text`.
    #[serde(default, deserialize_with = "object_or_empty")]
    #[schemars(with = "Option<Map<String, Json>>")]
    pub extra_data: Map<String, Json>,
    /// `{platform, osVersion, model}` of an app, or one of `desktop`, `mobile`, `tablet`.
    #[schemars(with = "Option<Map<String, Json>>")]
    pub device: Option<Json>,
    /// Empty for live events.
    #[serde(skip)]
    #[schemars(skip)]
    pub(super) past: PastFields,
}

/// Fields that only import lines have. For a live event the platform supplies these values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PastFields {
    timestamp: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    user_agent: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    browser: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    browser_version: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    os: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    os_version: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    device_vendor: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    device_model: Option<String>,
    #[serde(deserialize_with = "known_country")]
    country: Option<Country>,
    #[serde(deserialize_with = "text_or_none")]
    region: Option<String>,
    #[serde(deserialize_with = "text_or_none")]
    city: Option<String>,
    #[serde(deserialize_with = "number_or_none")]
    latitude: Option<f64>,
    #[serde(deserialize_with = "number_or_none")]
    longitude: Option<f64>,
    #[serde(deserialize_with = "text_or_none")]
    description: Option<String>,
    #[serde(deserialize_with = "given")]
    referrer_source: Option<Option<Source>>,
    /// Whether the id is one that a browser chose, as an export says.
    #[serde(deserialize_with = "flag")]
    pub(super) is_public_id: bool,
}

/// A country, or the code by which platforms say that they know none.
fn known_country<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Country>, D::Error> {
    let sent = Option::<String>::deserialize(from)?.filter(|code| !is_unknown_country(code));
    sent.map(|code| code.parse().map_err(serde::de::Error::custom)).transpose()
}

// What an event says beside what happened must not lose it, whatever its type (docs/contract/README.md#40).

fn text_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Json::deserialize(from)? {
        Json::String(text) => Some(text),
        _ => None,
    })
}

fn number_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(Json::deserialize(from)?.as_f64())
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match Json::deserialize(from)? {
        Json::Bool(is_set) => is_set,
        Json::String(text) => text == "true",
        _ => false,
    })
}

fn object_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Json>, D::Error> {
    Ok(match Json::deserialize(from)? {
        Json::Object(object) => object,
        _ => Map::new(),
    })
}

/// Tells `null` from a missing field.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Source>>, D::Error> {
    let sent = Json::deserialize(from)?;
    if sent.is_null() {
        return Ok(Some(None));
    }
    let part = |name: &str| sent.get(name).and_then(Json::as_str).and_then(short);
    Ok(part("name").zip(part("host")).map(|(name, host)| Some(Source { name, host })))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(missing_docs, reason = "they are those of docs/contract/website-api.md#5.2")]
pub enum EventType {
    Pageview,
    Custom,
    Identify,
    Payment,
    ExternalLink,
}

/// The parsed address of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    pub page: Page,
    /// The full address, where it is not just `https://`, host and path.
    pub href: Option<String>,
    pub campaign: Campaign,
}

/// What is known of an event beside its body.
pub struct Received<'a> {
    pub id: EventId,
    pub time: Timestamp,
    pub sender: VisitorKey,
    /// `None` of what a backend sent.
    pub session: Option<SessionId>,
    pub place: Place,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// Whether a host belongs to the website.
    pub owns: &'a dyn Fn(&str) -> bool,
}

impl SentEvent {
    /// The event on this page.
    pub fn event(&self, action: Action, address: Address, received: Received) -> Event {
        let hostname = &address.page.hostname;
        let own = |host: &str| (received.owns)(host) || bare(host) == bare(hostname);
        let (referrer, source) = self.source(own);
        Event {
            id: received.id,
            is_public_id: false,
            time: received.time,
            sender: received.sender,
            session: received.session,
            action,
            page: Some(address.page),
            href: address.href,
            referrer,
            source,
            campaign: address.campaign,
            context: self.context(received.place, received.user_agent),
        }
    }

    /// The visitor id that the browser sent.
    pub fn visitor(&self) -> Result<VisitorId, Error> {
        let sent = self.visitor_id.as_deref().ok_or_else(|| missing("visitorId"))?;
        sent.parse().map_err(|why| Error::field("visitorId", &why))
    }

    pub fn address(&self) -> Result<Address, Error> {
        let sent = self.href.as_deref().ok_or_else(|| missing("href"))?;
        let whole = match self.page_of_app(sent) {
            Some(page) => Cow::Owned(page),
            None => Cow::Borrowed(sent),
        };
        address(&whole, self.hash_is_page).map_err(|why| Error::field("href", &why))
    }

    /// The page of an app's file, on the domain that the script was configured with.
    fn page_of_app(&self, sent: &str) -> Option<String> {
        let url = Url::parse(sent.trim()).ok().filter(|url| APP_SCHEMES.contains(&url.scheme()))?;
        let domain: Hostname = self.domain.as_deref()?.parse().ok()?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        Some(format!("https://{}/{}{query}{fragment}", domain.normal(), url.path().trim_start_matches('/')))
    }

    /// The parsed and validated action.
    pub fn action(&self) -> Result<Action, Error> {
        let mut extra = self.extra_data.clone();
        match self.r#type {
            EventType::Pageview => Ok(Action::Pageview),
            EventType::Custom => {
                let name = extra.remove("eventName").ok_or_else(|| missing("extraData.eventName"))?;
                let name = goal_name(&name).map_err(|why| Error::field("extraData.eventName", &why))?;
                let properties = sanitize::properties(extra).map_err(|why| Error::field("extraData", &why))?;
                let description = self.past.description.as_deref().and_then(stored::description);
                Ok(Action::Goal { name: name.as_str().to_owned(), properties, description })
            }
            EventType::Identify => {
                let user_id = extra.remove("user_id").ok_or_else(|| missing("extraData.user_id"))?;
                let user_id = user_id_of(&user_id).map_err(|why| Error::field("extraData.user_id", &why))?;
                let traits = stored::traits(extra).map_err(|why| Error::field("extraData", &why))?;
                Ok(Action::Identify { user_id, traits })
            }
            EventType::Payment => Ok(Action::PaymentHint(stored::hint(&extra))),
            EventType::ExternalLink => {
                let url = extra.get("url").and_then(Json::as_str).unwrap_or_default();
                let url = stored::link(url).map_err(|why| Error::field("extraData.url", &why))?;
                let text = extra.get("text").and_then(Json::as_str).map(|text| cut(text, LONGEST_TEXT));
                Ok(Action::ExternalLink { url, text })
            }
        }
    }

    /// The action of a browser's event. A browser completes no goal that a payment completes (docs/contract/README.md#37).
    pub fn action_of_browser(&self) -> Result<Action, Error> {
        let action = self.action()?;
        if let Action::Goal { name, .. } = &action {
            GoalName::check_sendable(name).map_err(|why| Error::field("extraData.eventName", &why))?;
        }
        Ok(action)
    }

    /// The visitor's device and place: what the event says, then what the platform says.
    pub fn context(&self, place: Place, user_agent: Option<&str>) -> Context {
        let past = &self.past;
        let device = self.device.as_ref();
        let app = device.and_then(Json::as_object);
        let of_app = |name: &str| app.and_then(|app| app.get(name)?.as_str()).map(str::to_owned);
        let platform = of_app("platform").unwrap_or_default();
        // On the web the SDK puts the user agent where apps put the version of their system.
        let agent_of_web = if platform == "web" { of_app("osVersion") } else { None };
        let agent = past.user_agent.clone().or(user_agent.map(str::to_owned)).or(agent_of_web).unwrap_or_default();
        let mut parsed = if agent.is_empty() { client::Client::default() } else { client::parse(&agent) };
        if let Some(os) = [("ios", "iOS"), ("android", "Android")].into_iter().find(|(name, _)| *name == platform) {
            parsed.os = Some(os.1.to_owned());
            parsed.os_version = of_app("osVersion").or(parsed.os_version);
            parsed.model = of_app("model").or(parsed.model);
            parsed.device = parsed.device.or(Some(client::DeviceType::Mobile));
        }
        let text = |text: &Option<String>| text.as_deref().and_then(short);
        let over = |sent: &Option<String>, otherwise: Option<String>| text(sent).or_else(|| text(&otherwise));
        let degrees = |sent: Option<f64>, platform: Option<f64>, most: f64| {
            sent.or(platform).filter(|degrees| (-most..=most).contains(degrees))
        };
        let number = |json: &Option<Json>| json.as_ref().and_then(pixels);
        Context {
            country: past.country.as_ref().map(|country| country.as_str().to_owned()).or(place.country),
            region: over(&past.region, place.region),
            city: over(&past.city, place.city),
            latitude: degrees(past.latitude, place.latitude, 90.0),
            longitude: degrees(past.longitude, place.longitude, 180.0),
            device: device
                .and_then(Json::as_str)
                .and_then(|name| short(&name.to_lowercase()))
                .or(parsed.device.map(|device| device.as_str().to_owned())),
            vendor: over(&past.device_vendor, parsed.vendor),
            model: over(&past.device_model, parsed.model),
            browser: over(&past.browser, parsed.browser).map(|name| display_names::browser(&name)),
            browser_version: over(&past.browser_version, parsed.browser_version),
            os: over(&past.os, parsed.os),
            os_version: over(&past.os_version, parsed.os_version),
            language: over(&self.language, None),
            timezone: over(&self.timezone, None),
            viewport: self.viewport.as_ref().and_then(size),
            screen: number(&self.screen_width)
                .zip(number(&self.screen_height))
                .map(|(width, height)| Size { width, height }),
            ad_click_ids: self
                .ad_click_ids
                .iter()
                .filter(|(name, _)| AD_CLICK_IDS.contains(&name.as_str()))
                .filter_map(|(name, value)| Some((name.clone(), stored::click_id(value.as_str()?)?)))
                .collect(),
        }
    }

    /// The referrer as it was sent, and its display name; both are `None` for the website's own hosts.
    pub fn source(&self, is_own: impl Fn(&str) -> bool) -> (Option<String>, Option<Source>) {
        let Some(sent) = self.referrer.as_deref().and_then(stored::referrer) else { return (None, None) };
        let source = match &self.past.referrer_source {
            Some(given) => given.clone(),
            None => {
                referrer::source_name(&sent).filter(|source| source.host.len() <= LONGEST_HOST && !is_own(&source.host))
            }
        };
        (Some(sent), source)
    }

    /// When a past event happened.
    pub fn past_time(&self, now: Timestamp) -> Result<Timestamp, Error> {
        let sent = self.past.timestamp.as_deref().ok_or_else(|| missing("timestamp"))?;
        let time = sent.parse().and_then(|time| stored::past(time, now));
        time.map_err(|why| Error::field("timestamp", &why))
    }
}

fn missing(field: &str) -> Error {
    Error::bad_request(format!("{field}: required, but missing"))
}

/// A host without `www.`.
fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// A goal's name, sent in any case.
fn goal_name(sent: &Json) -> Result<GoalName, Invalid> {
    let text = sent.as_str().ok_or_else(|| Invalid::new("expected a string"))?;
    let name: GoalName = text.trim().to_ascii_lowercase().parse()?;
    if name.as_str() == GoalName::IDENTIFY { Err(GoalName::reserved(GoalName::IDENTIFY)) } else { Ok(name) }
}

/// The website's own id of a user: text, or a number.
fn user_id_of(sent: &Json) -> Result<String, Invalid> {
    let text = match sent {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return Err(Invalid::new("expected a string")),
    };
    match text.chars().count() {
        1..=LONGEST_TEXT => Ok(text),
        count => Err(Invalid::new(format!("has 1 to {LONGEST_TEXT} characters, got {count}"))),
    }
}

fn address(sent: &str, hash_is_page: bool) -> Result<Address, Invalid> {
    let wrong = || Invalid::new(format!("expected the full address of a page, got \"{}\"", excerpt(sent)));
    let mut url = Url::parse(sent.trim()).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    // An address that holds a password is nobody's to keep.
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| wrong())?;
    let hostname = host_of(&url).ok_or_else(wrong)?;
    let mut path = path_of(&url);
    let route = if hash_is_page { route_of(&url) } else { None };
    let mut campaign = campaign_of(url.query().into_iter().chain(route.as_ref().and_then(|(_, query)| *query)));
    let route = route.map(|(route, _)| route).filter(|route| !route.is_empty());
    if let Some(route) = &route {
        path = format!("{path}#{route}");
    }
    if hostname.len() > LONGEST_HOST || path.len() > LONGEST_PATH {
        return Err(Invalid::new(format!(
            "a page has a host of at most {LONGEST_HOST} and a path of at most {LONGEST_PATH} bytes"
        )));
    }
    // The rest of the query, and a fragment that is no part of the page, are read by nobody. Parameters in a fragment
    // without a route move to the query, where they are read without knowing that the fragment was a page.
    let has_moved = hash_is_page && route.is_none() && url.fragment().is_some_and(|fragment| fragment.contains('?'));
    if has_moved || url.as_str().len() > LONGEST_HREF {
        url.set_fragment(route.as_deref());
        keep_campaign(&mut url, &mut campaign);
    }
    let plain = format!("https://{hostname}{path}");
    let href = Some(url.into()).filter(|href| *href != plain);
    Ok(Address { page: Page { path, hostname }, href, campaign })
}

/// The page at an address.
pub fn page(href: &str) -> Result<Page, Error> {
    address(href, false).map(|address| address.page).map_err(|why| Error::field("href", &why))
}

/// The campaign parameters of these queries, the first of each name.
fn campaign_of<'a>(queries: impl Iterator<Item = &'a str>) -> Campaign {
    let mut campaign = Campaign::default();
    for (name, value) in queries.flat_map(|query| form_urlencoded::parse(query.as_bytes())) {
        // From ??utm_source=… and from links whose & was escaped for HTML twice.
        let name = name.trim_start_matches('?');
        let name = name.strip_prefix("amp;").unwrap_or(name);
        for (key, slot) in CAMPAIGN_KEYS.iter().zip(&mut campaign.0) {
            if *key == name && slot.is_empty() {
                *slot = cut(&value, LONGEST_TEXT);
            }
        }
    }
    campaign
}

/// Leaves only campaign parameters in the query, as many as an address has room for.
fn keep_campaign(url: &mut Url, campaign: &mut Campaign) {
    url.set_query(None);
    for (key, value) in CAMPAIGN_KEYS.iter().zip(&mut campaign.0).filter(|(_, value)| !value.is_empty()) {
        let more = form_urlencoded::Serializer::new(String::new()).append_pair(key, value).finish();
        let mut longer = url.clone();
        longer.set_query(Some([url.query().unwrap_or_default(), &more].join("&").trim_start_matches('&')));
        if longer.as_str().len() <= LONGEST_HREF {
            *url = longer;
        } else {
            value.clear();
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a screen can have")]
fn pixels(sent: &Json) -> Option<u32> {
    sent.as_f64().filter(|number| number.is_finite()).map(|number| number.clamp(0.0, 100_000.0) as u32)
}

fn size(sent: &Json) -> Option<Size> {
    Some(Size { width: pixels(sent.get("width")?)?, height: pixels(sent.get("height")?)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(fields: &Json) -> SentEvent {
        let mut body = json!({
            "websiteId": "dfid_x", "domain": "example.com", "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
            "sessionId": "sb971cbbf-7ce2-4925-902b-8f95a5fb3449", "href": "https://example.com/", "type": "pageview",
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let past = serde_json::from_value(body.clone()).unwrap();
        SentEvent { past, ..serde_json::from_value(body).unwrap() }
    }

    #[test]
    fn addresses_are_parsed() {
        let event = sent(&json!({ "href": "https://App.Example.com/Pricing?utm_source=x&ref=+y+&utm_source=z#top" }));
        let address = event.address().unwrap();
        assert_eq!(address.page, Page { path: "/Pricing".into(), hostname: "app.example.com".into() });
        assert_eq!(address.campaign.0[0], "x");
        assert_eq!(address.campaign.0[5], "y");
        assert_eq!(
            address.href.as_deref(),
            Some("https://app.example.com/Pricing?utm_source=x&ref=+y+&utm_source=z#top")
        );
        assert_eq!(sent(&json!({})).address().unwrap().href, None);
        let hash = sent(&json!({ "href": "https://example.com/#/pricing", "hashIsPage": true }));
        assert_eq!(hash.address().unwrap().page.path, "/#/pricing");
        for wrong in ["", "/pricing", "example.com", "javascript:alert(1)", "https://"] {
            assert!(sent(&json!({ "href": wrong })).address().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_stored_counts() {
        let address = |href: &str| sent(&json!({ "href": href })).address();
        let long = "x".repeat(9_000);
        for (href, kept) in [
            (format!("https://example.com/edit#pako:{long}"), None),
            (format!("https://example.com/edit?q={long}"), None),
            (format!("https://{long}@example.com/edit"), None),
            (
                format!("https://example.com/edit?utm_source=a&q={long}&ref=b#c"),
                Some("https://example.com/edit?utm_source=a&ref=b"),
            ),
        ] {
            let address = address(&href).unwrap();
            assert_eq!((address.page.path.as_str(), address.href.as_deref()), ("/edit", kept));
        }
        for (length, fits) in [(2_047, true), (2_048, false)] {
            assert_eq!(address(&format!("https://example.com/{}", "x".repeat(length))).is_ok(), fits);
        }
        assert!(address(&format!("https://example.com/{}", "\u{4e2d}".repeat(228))).is_err(), "nine bytes each");
        let hash = json!({ "href": format!("https://example.com/#{long}"), "hashIsPage": true });
        assert!(sent(&hash).address().is_err());
        assert!(address(&format!("https://{long}.example/")).is_err());
        // Eight parameters of nine bytes a character have no room.
        let query = CAMPAIGN_KEYS.map(|key| format!("{key}={}", "\u{4e2d}".repeat(255))).join("&");
        let many = address(&format!("https://example.com/?{query}")).unwrap();
        assert_eq!(many.campaign.0.each_ref().map(String::is_empty), [false, true, true, true, true, true, true, true]);
        let href = many.href.clone().unwrap();
        assert!(href.len() <= LONGEST_HREF);
        assert_eq!(address(&href).unwrap(), many);
    }

    #[test]
    fn a_query_is_read_as_it_was_meant() {
        for query in ["?utm_source=a&amp;utm_medium=b", "??utm_source=a&utm_medium=b", "?&utm_source=a&&utm_medium=b"] {
            let Campaign(values) =
                sent(&json!({ "href": format!("https://example.com/{query}") })).address().unwrap().campaign;
            assert_eq!((values[0].as_str(), values[1].as_str()), ("a", "b"), "{query}");
        }
    }

    #[test]
    fn addresses_have_one_normal_form() {
        let page = |href: &str| {
            let page = sent(&json!({ "href": href })).address().unwrap().page;
            format!("{} {}", page.hostname, page.path)
        };
        for (href, normal) in [
            ("HTTPS://Bücher.Example.:443/über/../caf%c3%a9", "xn--bcher-kva.example /caf%C3%A9"),
            ("https://example.com/%61%2Db", "example.com /a-b"),
            ("https://example.com/a b", "example.com /a%20b"),
        ] {
            assert_eq!(page(href), normal);
        }
        for wrong in ["https://x.example../", "https://a..example.com/"] {
            assert!(sent(&json!({ "href": wrong })).address().is_err(), "{wrong}");
        }
    }

    #[test]
    fn campaign_keys_are_read_wherever_links_have_them() {
        for (href, hash_is_page, path, source, medium) in [
            ("https://example.com/#/pricing?utm_source=x&utm_medium=y", true, "/#/pricing", "x", "y"),
            ("https://example.com/?utm_medium=y#/pricing?utm_source=x", true, "/#/pricing", "x", "y"),
            ("https://example.com/#?utm_source=x", true, "/", "x", ""),
            ("https://example.com/#!/a%2db", true, "/#!/a-b", "", ""),
            ("https://example.com/#/pricing?utm_source=x", false, "/", "", ""),
            ("https://example.com/?utm_source=x&amp;utm_medium=y", false, "/", "x", "y"),
            ("https://example.com/??utm_source=x&utm_medium=y", false, "/", "x", "y"),
        ] {
            let address = sent(&json!({ "href": href, "hashIsPage": hash_is_page })).address().unwrap();
            let campaign = (address.campaign.0[0].as_str(), address.campaign.0[1].as_str());
            assert_eq!((address.page.path.as_str(), campaign), (path, (source, medium)), "{href}");
        }
    }

    #[test]
    fn pages_of_apps_are_pages_of_the_scripts_domain() {
        for (href, path) in [
            ("file:///C:/app/index.html", "/C:/app/index.html"),
            ("file:///home/me/my%20app/?utm_source=x#top", "/home/me/my%20app/"),
            ("capacitor://localhost/pricing", "/pricing"),
            ("capacitor://localhost", "/"),
            ("tauri://localhost/a?b#c", "/a"),
        ] {
            let page = sent(&json!({ "href": href })).address().unwrap().page;
            assert_eq!(page, Page { path: path.to_owned(), hostname: "example.com".to_owned() }, "{href}");
            for domain in [json!(null), json!(5), json!("not a host")] {
                assert!(sent(&json!({ "href": href, "domain": domain })).address().is_err());
            }
        }
        for wrong in ["javascript:alert(1)", "data:text/html,x", "about:blank", "blob:https://example.com/x"] {
            assert!(sent(&json!({ "href": wrong })).address().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_an_event_says_beside_what_happened_never_loses_it() {
        let odd = [json!(null), json!(5), json!(true), json!("x"), json!([1]), json!({ "a": [null] })];
        let beside = [
            "referrer",
            "domain",
            "language",
            "timezone",
            "adClickIds",
            "cookieless",
            "hashIsPage",
            "viewport",
            "screenWidth",
            "screenHeight",
            "device",
            "extraData",
            "userAgent",
            "browser",
            "browserVersion",
            "os",
            "osVersion",
            "deviceVendor",
            "deviceModel",
            "region",
            "city",
            "latitude",
            "longitude",
            "description",
            "referrerSource",
            "visitorFirstSeenAt",
            "visitorSessionNumber",
            "isPublicId",
        ];
        for (name, value) in beside.iter().flat_map(|name| odd.iter().map(move |value| (*name, value))) {
            let event = sent(&json!({ name: value }));
            event.address().unwrap();
            event.action_of_browser().unwrap();
            event.context(Place::default(), None);
            event.source(|_| false);
        }
    }

    #[test]
    fn browsers_do_not_complete_the_goals_of_payments() {
        for name in GoalName::AUTOMATIC {
            let event = sent(&json!({ "type": "custom", "extraData": { "eventName": name.to_uppercase() } }));
            assert!(event.action_of_browser().is_err(), "{name}");
            assert!(event.action().is_ok(), "{name}: an export has them");
        }
    }

    #[test]
    fn goals_are_checked_and_sanitized() {
        let goal = |extra: Json| sent(&json!({ "type": "custom", "extraData": extra })).action();
        let Action::Goal { name, properties, .. } = goal(json!({ "eventName": " SignUp ", "Plan": "<b>pro" })).unwrap()
        else {
            panic!("no goal")
        };
        assert_eq!((name.as_str(), properties.get("plan").unwrap().as_str()), ("signup", Some("bpro")));
        for wrong in [
            json!({}),
            json!({ "eventName": "sign up" }),
            json!({ "eventName": 5 }),
            json!({ "eventName": "identify" }),
        ] {
            assert!(goal(wrong).is_err());
        }
    }

    #[test]
    fn an_apps_own_fields_win_over_its_user_agent() {
        let event = sent(&json!({ "device": { "platform": "ios", "osVersion": "17.2", "model": "iPhone15,2" } }));
        let context = event.context(Place::default(), Some("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0"));
        assert_eq!((context.os.as_deref(), context.os_version.as_deref()), (Some("iOS"), Some("17.2")));
        assert_eq!(context.model.as_deref(), Some("iPhone15,2"));
    }

    #[test]
    fn an_import_lines_own_fields_win_over_its_user_agent() {
        let event = sent(&json!({
            "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
            "device": "Tablet", "browser": "Mobile Safari", "country": "de", "region": "DE-BE",
        }));
        let context = event.context(Place::default(), None);
        assert_eq!(context.device.as_deref(), Some("tablet"));
        assert_eq!(context.browser.as_deref(), Some("Safari"));
        assert_eq!(context.os.as_deref(), Some("Mac OS"));
        assert_eq!(context.country.as_deref(), Some("DE"));
    }

    #[test]
    fn own_hosts_are_not_sources() {
        let event = sent(&json!({ "referrer": "https://www.google.com/search?q=x" }));
        assert_eq!(event.source(|_| false).1.unwrap().name, "Google");
        let event = sent(&json!({ "referrer": "https://shop.example.com/" }));
        assert_eq!(
            event.source(|host| host.ends_with("example.com")),
            (Some("https://shop.example.com/".into()), None)
        );
    }
}
