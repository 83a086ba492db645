//! The body of `POST /api/events` and the lines of an import: one format (docs/contract/website-api.md#4 and #5). Pure.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use url::Url;

use super::sanitize;
use super::{client, referrer};
use crate::http::error::Error;
use sluice_engine::event::{Action, CAMPAIGN_KEYS, Campaign, Context, Page, Size, Source};
use sluice_values::display_names;
use sluice_values::{
    Country, EventId, GoalName, Invalid, Place, SessionId, Timestamp, VisitorId, excerpt, host_of, is_unknown_country,
    path_of, route_of,
};

/// The longest address, in characters.
const LONGEST_URL: usize = 8_192;
/// The longest campaign parameter, in characters.
const LONGEST_PARAMETER: usize = 255;
/// The longest user id, in characters.
const LONGEST_USER_ID: usize = 255;
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
    pub visitor_id: Option<String>,
    pub session_id: Option<SessionId>,
    /// The full address of the page.
    pub href: Option<String>,
    /// The page that linked here.
    pub referrer: Option<String>,
    /// The root domain that the script was configured with.
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
    pub language: Option<String>,
    /// The browser's time zone.
    pub timezone: Option<String>,
    /// Whether the visitor must be identified without a cookie.
    #[serde(default)]
    pub cookieless: bool,
    /// Whether the fragment of the address is part of the page's path.
    #[serde(default)]
    pub hash_is_page: bool,
    /// The click ids that advertising networks added to the address.
    pub ad_click_ids: Option<Map<String, Json>>,
    /// The fields that belong to the type.
    #[serde(default)]
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
    pub(super) timestamp: Option<String>,
    pub(super) user_agent: Option<String>,
    browser: Option<String>,
    browser_version: Option<String>,
    os: Option<String>,
    os_version: Option<String>,
    device_vendor: Option<String>,
    device_model: Option<String>,
    #[serde(deserialize_with = "known_country")]
    country: Option<Country>,
    region: Option<String>,
    city: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    pub(super) description: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(super) referrer_source: Option<Option<Source>>,
}

/// A country, or the code by which platforms say that they know none.
fn known_country<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Country>, D::Error> {
    let sent = Option::<String>::deserialize(from)?.filter(|code| !is_unknown_country(code));
    sent.map(|code| code.parse().map_err(serde::de::Error::custom)).transpose()
}

/// Distinguishes `null` from a missing field.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<Source>>, D::Error> {
    Option::deserialize(from).map(Some)
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

impl SentEvent {
    /// The visitor id that the browser sent.
    pub fn visitor(&self) -> Result<VisitorId, Error> {
        let sent = self.visitor_id.as_deref().ok_or_else(|| missing("visitorId"))?;
        sent.parse().map_err(|why| Error::field("visitorId", &why))
    }

    pub fn address(&self) -> Result<Address, Error> {
        let sent = self.href.as_deref().ok_or_else(|| missing("href"))?;
        address(sent, self.hash_is_page).map_err(|why| Error::field("href", &why))
    }

    /// What happened, checked against the event's type.
    pub fn action(&self) -> Result<Action, Error> {
        let mut extra = self.extra_data.clone();
        match self.r#type {
            EventType::Pageview => Ok(Action::Pageview),
            EventType::Custom => {
                let name = extra.remove("eventName").ok_or_else(|| missing("extraData.eventName"))?;
                let name = goal_name(&name).map_err(|why| Error::field("extraData.eventName", &why))?;
                let properties = sanitize::properties(extra).map_err(|why| Error::field("extraData", &why))?;
                Ok(Action::Goal { name, properties, description: self.past.description.clone() })
            }
            EventType::Identify => {
                let user_id = extra.remove("user_id").ok_or_else(|| missing("extraData.user_id"))?;
                let user_id = user_id_of(&user_id).map_err(|why| Error::field("extraData.user_id", &why))?;
                // Both clients send an empty name and image when they have none.
                extra.retain(|name, value| !(matches!(name.as_str(), "name" | "image") && value == ""));
                Ok(Action::Identify { user_id, traits: extra })
            }
            EventType::Payment => Ok(Action::PaymentHint(extra)),
            EventType::ExternalLink => {
                let url = extra.get("url").and_then(Json::as_str).unwrap_or_default().trim();
                if url.is_empty() || url.chars().count() > LONGEST_URL {
                    return Err(Error::bad_request("extraData.url: an external_link needs an address"));
                }
                let text = extra.get("text").and_then(Json::as_str).map(|text| text.chars().take(255).collect());
                Ok(Action::ExternalLink { url: url.to_owned(), text })
            }
        }
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
        let short = |text: &String| {
            Some(text.trim().chars().take(LONGEST_PARAMETER).collect()).filter(|text: &String| !text.is_empty())
        };
        let over = |sent: &Option<String>, otherwise: Option<String>| sent.as_ref().and_then(short).or(otherwise);
        let number = |json: &Option<Json>| json.as_ref().and_then(pixels);
        Context {
            country: past.country.as_ref().map(|country| country.as_str().to_owned()).or(place.country),
            region: over(&past.region, place.region),
            city: over(&past.city, place.city),
            latitude: past.latitude.or(place.latitude),
            longitude: past.longitude.or(place.longitude),
            device: device
                .and_then(Json::as_str)
                .map(|name| name.trim().to_lowercase())
                .filter(|name| !name.is_empty())
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
                .flatten()
                .filter(|(name, _)| AD_CLICK_IDS.contains(&name.as_str()))
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.chars().take(512).collect())))
                .collect(),
        }
    }

    /// The referrer as it was sent, and its display name; both are `None` for the website's own hosts.
    pub fn source(&self, is_own: impl Fn(&str) -> bool) -> (Option<String>, Option<Source>) {
        let sent = self.referrer.as_deref().map(str::trim).filter(|sent| !sent.is_empty());
        let Some(sent) = sent.filter(|sent| sent.chars().count() <= LONGEST_URL) else { return (None, None) };
        let source = match &self.past.referrer_source {
            Some(given) => given.clone(),
            None => referrer::source_name(sent).filter(|source| !is_own(&source.host)),
        };
        (Some(sent.to_owned()), source)
    }

    pub fn past_time(&self) -> Result<Timestamp, Error> {
        let sent = self.past.timestamp.as_deref().ok_or_else(|| missing("timestamp"))?;
        sent.parse().map_err(|why| Error::field("timestamp", &why))
    }
}

fn missing(field: &str) -> Error {
    Error::bad_request(format!("{field}: required, but missing"))
}

/// A goal's name, sent in any case.
fn goal_name(sent: &Json) -> Result<String, Invalid> {
    let text = sent.as_str().ok_or_else(|| Invalid::new("expected a string"))?;
    let name: GoalName = text.trim().to_ascii_lowercase().parse()?;
    if name.as_str() == "identify" {
        return Err(Invalid::new("\"identify\" is reserved"));
    }
    Ok(name.as_str().to_owned())
}

/// The website's own id of a user: text, or a number.
fn user_id_of(sent: &Json) -> Result<String, Invalid> {
    let text = match sent {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return Err(Invalid::new("expected a string")),
    };
    match text.chars().count() {
        1..=LONGEST_USER_ID => Ok(text),
        count => Err(Invalid::new(format!("has 1 to {LONGEST_USER_ID} characters, got {count}"))),
    }
}

fn address(sent: &str, hash_is_page: bool) -> Result<Address, Invalid> {
    let wrong = || Invalid::new(format!("expected the full address of a page, got \"{}\"", excerpt(sent)));
    if sent.chars().count() > LONGEST_URL {
        return Err(Invalid::new(format!("has at most {LONGEST_URL} characters")));
    }
    let url = Url::parse(sent.trim()).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    let hostname = host_of(&url).ok_or_else(wrong)?;
    let mut path = path_of(&url);
    let mut queries = vec![url.query().unwrap_or_default()];
    if hash_is_page && let Some((route, query)) = route_of(&url) {
        if !route.is_empty() {
            path = format!("{path}#{route}");
        }
        queries.extend(query);
    }
    let mut values: [String; 8] = Default::default();
    for (name, value) in queries.into_iter().flat_map(|query| form_urlencoded::parse(query.as_bytes())) {
        // From ??utm_source=… and from links whose & was escaped for HTML twice.
        let name = name.trim_start_matches('?');
        let name = name.strip_prefix("amp;").unwrap_or(name);
        for (key, slot) in CAMPAIGN_KEYS.iter().zip(&mut values) {
            if *key == name && slot.is_empty() {
                *slot = value.trim().chars().take(LONGEST_PARAMETER).collect();
            }
        }
    }
    let plain = format!("https://{hostname}{path}");
    let href = Some(url.as_str().to_owned()).filter(|href| *href != plain);
    Ok(Address { page: Page { path, hostname }, href, campaign: Campaign(values) })
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
        for wrong in ["", "/pricing", "example.com", "file:///x", "javascript:alert(1)"] {
            assert!(sent(&json!({ "href": wrong })).address().is_err(), "{wrong}");
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
