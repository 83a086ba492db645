//! What a website's object stores: validated and normalized events and payments. They are also sent between Worker and
//! object: fields may be added with a default, never renamed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::sql::{Field, Value};
use sluice_providers::hints::compared;
use sluice_values::{Currency, EventId, GoalName, Id, SessionId, Timestamp, VisitorId, hex};

/// An event of a website.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// An event is stored once per id.
    pub id: EventId,
    /// Whether a browser chose the id. Such ids are apart from all others, so that no stranger can occupy one of an import.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_public_id: bool,
    /// When it happened.
    pub time: Timestamp,
    /// The visitor who caused it.
    pub sender: VisitorKey,
    /// The visit; `None` for events from a backend, which neither begin nor extend one.
    pub session: Option<SessionId>,
    pub action: Action,
    pub page: Option<Page>,
    /// The full address, if it is not just `https://`, host and path.
    pub href: Option<String>,
    /// The referrer as it was sent.
    pub referrer: Option<String>,
    /// The display name of the referrer; `None` without one, and for the website's own hosts.
    pub source: Option<Source>,
    pub campaign: Campaign,
    /// The sender's place, device and language.
    pub context: Context,
}

impl Event {
    /// An event that a backend reports about a visitor: it neither begins nor extends a session, and has no page.
    pub fn of_backend(id: EventId, time: Timestamp, visitor: VisitorId, action: Action) -> Self {
        Self {
            id,
            is_public_id: false,
            time,
            sender: VisitorKey::Visitor(visitor),
            session: None,
            action,
            page: None,
            href: None,
            referrer: None,
            source: None,
            campaign: Campaign::default(),
            context: Context::default(),
        }
    }
}

/// How a visitor is identified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VisitorKey {
    /// By the id that the browser stores.
    Visitor(VisitorId),
    /// Without cookies: by a keyed hash of this text, under a salt that only the site object knows, for one day.
    Anonymous(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    Pageview,
    Goal {
        name: String,
        properties: Map<String, Json>,
        /// A description sent by a backend.
        description: Option<String>,
    },
    /// The visitor was identified as a user.
    Identify {
        /// The website's own id of the user.
        user_id: String,
        /// All other fields of the profile.
        traits: Map<String, Json>,
    },
    /// A browser reported a payment. The hint links a payment to its visitor; it is not a payment itself.
    PaymentHint(Map<String, Json>),
    /// A link to another website was followed.
    ExternalLink {
        /// The link's address.
        url: String,
        /// The link's text.
        text: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Page {
    /// Funnels and filters test the path.
    pub path: String,
    /// In lower case.
    pub hostname: String,
}

/// A referrer as reports show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The display name, such as `Google`, or the host.
    pub name: String,
    /// The host in lower case, without a leading `www.` and without a port; for an Android app, its package.
    pub host: String,
}

/// The names of the campaign parameters, in the order of docs/contract/website-api.md#2.6.
pub const CAMPAIGN_KEYS: [&str; 8] =
    ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via"];

/// The values of [`CAMPAIGN_KEYS`]; unset ones are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Campaign(pub [String; 8]);

impl Campaign {
    /// Whether no parameter is set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// The sender's place, device and language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Context {
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// As received: a name, or an ISO 3166-2 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// `desktop`, `mobile` or `tablet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The device's maker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// The browser's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The browser's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The window, in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewport: Option<Size>,
    /// The screen, in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<Size>,
    /// The click ids that advertising networks added to the address.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ad_click_ids: BTreeMap<String, String>,
}

/// Width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// A payment that a backend or a provider reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    pub id: Id<sluice_values::kinds::Payment>,
    /// The id of the import line that the payment came from.
    pub event_id: Option<EventId>,
    /// With `kind` being a refund or not, and with `refund_id`: stored once.
    pub transaction_id: String,
    /// Tells several refunds of a transaction apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// When it was made.
    pub time: Timestamp,
    pub kind: PaymentKind,
    /// The payer, if known.
    pub visitor: Option<VisitorId>,
    /// Minor units of `currency`; never negative.
    pub amount: i64,
    pub currency: Currency,
    /// Minor units of the website's currency.
    pub value: i64,
    pub email: Option<String>,
    pub name: Option<String>,
    /// The provider's id for the payer.
    pub customer_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentKind {
    /// A first payment.
    New,
    /// A further payment of a subscription.
    Renewal,
    Refund,
    /// A free trial, without money.
    Trial,
    /// The money of a renewal back.
    RefundedRenewal,
}

impl PaymentKind {
    /// The goal that such a payment completes (docs/contract/README.md#37).
    pub const fn goal(self) -> Option<&'static str> {
        match self {
            Self::New | Self::Renewal => Some(GoalName::PAYMENT),
            Self::Trial => Some(GoalName::FREE_TRIAL),
            Self::Refund | Self::RefundedRenewal => None,
        }
    }

    /// The number in `payments.kind`. Stored in the object: never changed, and never reused for another kind.
    pub const fn code(self) -> i64 {
        match self {
            Self::New => 0,
            Self::Renewal => 1,
            Self::Refund => 2,
            Self::Trial => 3,
            Self::RefundedRenewal => 4,
        }
    }

    const fn of_code(code: i64) -> Self {
        match code {
            1 => Self::Renewal,
            2 => Self::Refund,
            3 => Self::Trial,
            4 => Self::RefundedRenewal,
            _ => Self::New,
        }
    }

    /// Whether the money goes back to the payer.
    pub const fn is_refund(self) -> bool {
        matches!(self, Self::Refund | Self::RefundedRenewal)
    }

    /// Whether it is about a renewal.
    pub const fn is_renewal(self) -> bool {
        matches!(self, Self::Renewal | Self::RefundedRenewal)
    }
}

impl From<PaymentKind> for Value {
    fn from(kind: PaymentKind) -> Self {
        Self::Integer(kind.code())
    }
}

impl Field for PaymentKind {
    fn of(value: Value) -> Result<Self, Value> {
        i64::of(value).map(Self::of_code)
    }
}

/// The kind of an [`Action`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pageview,
    Goal,
    Identify,
    PaymentHint,
    ExternalLink,
}

impl Kind {
    /// The number in `events.kind`. Stored in the object: never changed, and never reused for another kind.
    pub const fn code(self) -> i64 {
        match self {
            Self::Pageview => 0,
            Self::Goal => 1,
            Self::Identify => 2,
            Self::PaymentHint => 3,
            Self::ExternalLink => 4,
        }
    }

    const fn of_code(code: i64) -> Self {
        match code {
            1 => Self::Goal,
            2 => Self::Identify,
            3 => Self::PaymentHint,
            4 => Self::ExternalLink,
            _ => Self::Pageview,
        }
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self::Integer(kind.code())
    }
}

impl Field for Kind {
    fn of(value: Value) -> Result<Self, Value> {
        i64::of(value).map(Self::of_code)
    }
}

/// An action as it is stored.
pub struct StoredAction<'a> {
    pub kind: Kind,
    /// A goal's name, a user's id, or a link's address.
    pub name: Option<&'a str>,
    /// The other fields as JSON, or the text of a link.
    pub data: Option<String>,
    pub description: Option<&'a str>,
}

impl Action {
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Pageview => Kind::Pageview,
            Self::Goal { .. } => Kind::Goal,
            Self::Identify { .. } => Kind::Identify,
            Self::PaymentHint(_) => Kind::PaymentHint,
            Self::ExternalLink { .. } => Kind::ExternalLink,
        }
    }

    pub fn columns(&self) -> Result<StoredAction<'_>, Error> {
        let json = |map: &Map<String, Json>| {
            serde_json::to_string(map).map(Some).map_err(|error| Error::new(error.to_string()))
        };
        let (name, data, description): (Option<&str>, _, Option<&str>) = match self {
            Self::Pageview => (None, None, None),
            Self::Goal { name, properties, description } => {
                let data = if properties.is_empty() { None } else { json(properties)? };
                (Some(name), data, description.as_deref())
            }
            Self::Identify { user_id, traits } => (Some(user_id), json(traits)?, None),
            Self::PaymentHint(hint) => (None, json(hint)?, None),
            Self::ExternalLink { url, text } => (Some(url), text.clone(), None),
        };
        Ok(StoredAction { kind: self.kind(), name, data, description })
    }

    /// Reads an action from these columns.
    pub fn of_columns(
        kind: Kind,
        name: Option<String>,
        data: Option<String>,
        description: Option<String>,
    ) -> Result<Self, Error> {
        let map = |text: Option<&str>| -> Result<Map<String, Json>, Error> {
            serde_json::from_str(text.unwrap_or("{}")).map_err(|error| Error::new(format!("stored: {error}")))
        };
        let name = name.unwrap_or_default();
        Ok(match kind {
            Kind::Pageview => Self::Pageview,
            Kind::Goal => Self::Goal { name, properties: map(data.as_deref())?, description },
            Kind::Identify => Self::Identify { user_id: name, traits: map(data.as_deref())? },
            Kind::PaymentHint => Self::PaymentHint(map(data.as_deref())?),
            Kind::ExternalLink => Self::ExternalLink { url: name, text: data },
        })
    }

    /// The name in the wire format of the tracking script.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Pageview => "pageview",
            Self::Goal { .. } => "custom",
            Self::Identify { .. } => "identify",
            Self::PaymentHint(_) => "payment",
            Self::ExternalLink { .. } => "external_link",
        }
    }

    /// The `extraData` in the wire format of the tracking script.
    pub fn extra_data(self) -> Map<String, Json> {
        match self {
            Self::Pageview => Map::new(),
            Self::Goal { name, mut properties, .. } => {
                properties.insert("eventName".to_owned(), name.into());
                properties
            }
            Self::Identify { user_id, mut traits } => {
                traits.insert("user_id".to_owned(), user_id.into());
                traits
            }
            // Older objects have whatever a browser sent.
            Self::PaymentHint(hint) => {
                let fields: Vec<String> = hint_fields().collect();
                hint.into_iter().filter(|(name, _)| fields.contains(name)).collect()
            }
            Self::ExternalLink { url, text } => {
                let text = text.map(|text| ("text".to_owned(), text.into()));
                [("url".to_owned(), url.into())].into_iter().chain(text).collect()
            }
        }
    }

    /// The email addresses and provider ids by which a hint refers to a payment, in the form of [`hint_keys`].
    pub fn hints(&self) -> Vec<String> {
        let Self::PaymentHint(hint) = self else { return Vec::new() };
        let text = |name: &str| hint.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let ids = hint_fields().skip(1).filter_map(|field| text(&field).map(|id| format!("{field}:{id}")));
        text(EMAIL).map(email_key).into_iter().chain(ids).collect()
    }

    /// The key under which an identification with an address is found.
    pub fn identified(&self) -> Option<String> {
        let Self::Identify { traits, .. } = self else { return None };
        let email = traits.get(EMAIL).and_then(Json::as_str).map(compared).filter(|email| !email.is_empty());
        email.map(|email| format!("identified:{email}"))
    }
}

const EMAIL: &str = "email";

/// What a browser may say of a payment (docs/contract/website-api.md#4.3): the payer's address, then the ids of checkouts.
pub fn hint_fields() -> impl Iterator<Item = String> {
    let ids = CHECKOUTS.iter().map(|checkout| format!("{}_{}", checkout.provider, checkout.id));
    [EMAIL.to_owned()].into_iter().chain(ids)
}

/// How a provider's checkout names its payment: a hint has the id as `<provider>_<id>`.
#[derive(Deserialize)]
struct Checkout {
    provider: String,
    id: String,
}

// The tracking script is built from the same file, which a test reads.
static CHECKOUTS: LazyLock<Vec<Checkout>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../tracker/checkouts.json")).unwrap_or_default());

fn email_key(email: &str) -> String {
    format!("email:{}", compared(email))
}

/// The keys of hints that can identify the visitor of a payment that a backend told of: with the id of any checkout. Hints of
/// earlier releases do not say of which it is.
pub fn hint_keys(transaction_id: &str, email: Option<&str>) -> Vec<String> {
    let ids = hint_fields().skip(1).map(|field| format!("{field}:{transaction_id}"));
    email.map(email_key).into_iter().chain([format!("id:{transaction_id}")]).chain(ids).collect()
}

/// An address as it is stored (`events.href`): what follows `https://`, host and path of the page, or all of it.
pub fn stored_href<'a>(href: &'a str, page: Option<&Page>) -> &'a str {
    let rest = page.and_then(|page| {
        href.strip_prefix("https://")?.strip_prefix(page.hostname.as_str())?.strip_prefix(page.path.as_str())
    });
    rest.filter(|rest| rest.starts_with(['?', '#'])).unwrap_or(href)
}

/// The address that was stored as this; `plain` is `https://`, host and path of the page.
pub fn href(stored: String, plain: Option<&str>) -> String {
    match plain {
        Some(plain) if stored.starts_with(['?', '#']) => format!("{plain}{stored}"),
        _ => stored,
    }
}

// Most ids are UUIDs or hexadecimal numbers, which take half the space as bytes.

/// Before the id that a browser chose. Ids have no control characters, and bytes of such ids are one more than those of
/// others.
const PUBLIC: char = '\u{1}';

/// An event's id as it is stored.
pub fn stored_event_id(id: &EventId, is_public: bool) -> Value {
    match stored(id.as_str(), id.as_str()) {
        stored if !is_public => stored,
        Value::Blob(bytes) => Value::Blob([&[PUBLIC as u8], bytes.as_slice()].concat()),
        _ => Value::Text(format!("{PUBLIC}{id}")),
    }
}

/// The event's id that was stored as this, and whether a browser chose it.
pub fn event_id(value: Value) -> Result<(String, bool), Error> {
    match value {
        Value::Text(text) => Ok(match text.strip_prefix(PUBLIC) {
            Some(id) => (id.to_owned(), true),
            None => (text, false),
        }),
        Value::Blob(bytes) => match bytes.split_first() {
            Some((_, id)) if matches!(bytes.len(), 13 | 17) => Ok((restored(Value::Blob(id.to_vec()), "")?, true)),
            _ => Ok((restored(Value::Blob(bytes), "")?, false)),
        },
        other => Ok((restored(other, "")?, false)),
    }
}

/// A session's id in its stored form.
pub fn stored_session_id(id: &SessionId) -> Value {
    stored(id.as_str(), id.as_str().strip_prefix('s').unwrap_or_default())
}

/// Reads a stored session id.
pub fn session_id(value: Value) -> Result<String, Error> {
    restored(value, "s")
}

fn stored(whole: &str, packed: &str) -> Value {
    if let Ok(uuid) = packed.parse::<uuid::Uuid>()
        && uuid.to_string() == packed
    {
        return Value::Blob(uuid.as_bytes().to_vec());
    }
    match packed.parse::<Id<sluice_values::kinds::Event>>() {
        Ok(id) if id.to_string() == packed => Value::Blob(id.as_bytes().to_vec()),
        _ => Value::Text(whole.to_owned()),
    }
}

fn restored(value: Value, prefix: &str) -> Result<String, Error> {
    let bytes = match Vec::<u8>::of(value) {
        Ok(bytes) => bytes,
        Err(other) => return String::of(other).map_err(|_| Error::new("an id that is neither text nor bytes")),
    };
    if let Ok(bytes) = <[u8; 16]>::try_from(bytes.as_slice()) {
        return Ok(format!("{prefix}{}", uuid::Uuid::from_bytes(bytes)));
    }
    Ok(format!("{prefix}{}", hex(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hint_names_its_payment_by_the_ids_of_all_checkouts() {
        let hint = serde_json::json!({
            "email": " Ada@Example.com", "stripe_session_id": "cs_1", "polar_checkout_id": "p", "order_id": "x",
            "lemonsqueezy_order_id": "7", "paddle_transaction_id": "txn_1", "other_id": "y",
        });
        let Json::Object(hint) = hint else { unreachable!() };
        let hints = Action::PaymentHint(hint).hints();
        assert_eq!(
            hints,
            [
                "email:ada@example.com",
                "stripe_session_id:cs_1",
                "polar_checkout_id:p",
                "lemonsqueezy_order_id:7",
                "paddle_transaction_id:txn_1"
            ]
        );
    }

    proptest! {
        #[test]
        fn addresses_read_back_unchanged(path in "/[a#?]{0,3}", rest in "[a/?#]{0,6}", host in "[a.]{1,3}", other in any::<bool>()) {
            let page = Page { path: path.clone(), hostname: host.clone() };
            let plain = format!("https://{host}{path}");
            let sent = if other { format!("http://{host}{path}{rest}") } else { format!("{plain}{rest}") };
            let stored = stored_href(&sent, Some(&page));
            prop_assert!(other || !rest.starts_with(['?', '#']) || stored == rest);
            prop_assert_eq!(href(stored.to_owned(), Some(&plain)), sent);
        }

        #[test]
        fn stored_ids_read_back_unchanged(id in prop_oneof![
            "[!-~]{1,128}",
            "[0-9a-f]{24}",
            "[0-9A-F]{24}",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        ]) {
            let event: EventId = id.parse().unwrap();
            for is_public in [false, true] {
                prop_assert_eq!(event_id(stored_event_id(&event, is_public)).unwrap(), (id.clone(), is_public));
            }
            prop_assert_ne!(stored_event_id(&event, true), stored_event_id(&event, false));
            for spelled in [id.clone(), format!("s{id}")] {
                if let Ok(session) = spelled.parse::<SessionId>() {
                    prop_assert_eq!(session_id(stored_session_id(&session)).unwrap(), spelled);
                }
            }
        }
    }
}
