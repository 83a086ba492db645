//! `GET /analytics/realtime` and `/analytics/realtime/map` (docs/contract/website-api.md#2.4 and #2.5).

use super::fields::{Columns, Fields};
use super::report::Report;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::{Data, Single};
use crate::reports::visitors::Parameters as CampaignParameters;
use crate::websites::report_context::ReportContext;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sluice_engine::event::PaymentKind;
use sluice_engine::reports::realtime::{Everybody, Paid, Present, RealtimeCount, RealtimeMap, Recent};
use sluice_values::{Decimal, Timestamp, VisitorId, hex};

/// The query.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Realtime {
    #[serde(default)]
    fields: Fields<RealtimeRow>,
}

/// The number of visitors now.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RealtimeRow {
    /// Distinct visitors of the last ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
}

impl Columns for RealtimeRow {
    const NAMES: &'static [&'static str] = &["visitors"];
}

impl FromRaw for Realtime {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Query::from_raw(raw).map(|Query(asked)| asked)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<Self>::describe(operation, generators);
    }
}

impl Report for Realtime {
    type Call = RealtimeCount;
    type Body = Data<RealtimeRow>;

    fn call(&self, _: &ReportContext, _: Timestamp) -> Result<RealtimeCount, Error> {
        Ok(RealtimeCount {})
    }

    fn body(self, _: &ReportContext, _: Timestamp, visitors: i64) -> Result<Self::Body, Error> {
        Ok(Data::one(RealtimeRow { visitors: self.fields.pick("visitors", visitors) }))
    }
}

/// The query of the map.
#[derive(Debug)]
pub struct MapRequest;

/// The current visitors and their recent events, newest first.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealtimeMapAnswer {
    /// Distinct visitors.
    count: i64,
    visitors: Vec<MapVisitor>,
    /// Always null: Sluice makes no predictions.
    conversion_metrics: Option<Never>,
    has_conversion_predictions: bool,
    recent_events: Vec<MapEvent>,
    recent_payments: Vec<MapPayment>,
}

/// A field that is always null.
#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Never {}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct MapVisitor {
    visitor_id: VisitorId,
    location: Location,
    system: System,
    /// The path of the page that the visitor is on.
    current_url: Option<String>,
    referrer: Option<String>,
    session_start_time: Timestamp,
    visit_count: i64,
    params: CampaignParameters,
    latitude: Option<f64>,
    longitude: Option<f64>,
    is_customer: bool,
    customer_name: Option<String>,
    customer_email: Option<String>,
    profile_data: ProfileData,
    conversion_likelihood: Option<Never>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct Location {
    city: Option<String>,
    region: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct System {
    browser: Named,
    os: Named,
    device: Typed,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Named {
    name: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Typed {
    r#type: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct ProfileData {
    display_name: Option<String>,
    user_id: Option<String>,
    has_profile: bool,
    is_random_name: bool,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct MapEvent {
    #[serde(rename = "_id")]
    id: String,
    r#type: String,
    visitor_id: VisitorId,
    timestamp: Timestamp,
    path: Option<String>,
    country_code: Option<String>,
    extra_data: Map<String, Json>,
    referrer: Option<String>,
    customer_name: Option<String>,
    amount: Option<Decimal>,
    display_name: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct MapPayment {
    #[serde(rename = "_id")]
    id: String,
    r#type: &'static str,
    timestamp: Timestamp,
    name: Option<String>,
    email: Option<String>,
    /// Major units of `currency`.
    amount: Decimal,
    currency: String,
    renewal: bool,
    display_name: Option<String>,
    /// Whether it is the visitor's first payment.
    is_new: bool,
    visible: bool,
}

impl FromRaw for MapRequest {
    fn from_raw(_: &Raw) -> Result<Self, Error> {
        Ok(Self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(_: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {}
}

impl Report for MapRequest {
    type Call = RealtimeMap;
    type Body = Single<RealtimeMapAnswer>;

    fn call(&self, _: &ReportContext, _: Timestamp) -> Result<RealtimeMap, Error> {
        Ok(RealtimeMap {})
    }

    fn body(self, _: &ReportContext, _: Timestamp, found: Everybody) -> Result<Self::Body, Error> {
        Ok(Single::new(RealtimeMapAnswer {
            count: found.count,
            visitors: found.visitors.into_iter().map(MapVisitor::from).collect(),
            conversion_metrics: None,
            has_conversion_predictions: false,
            recent_events: found.events.into_iter().map(MapEvent::from).collect(),
            recent_payments: found.payments.into_iter().map(MapPayment::from).collect(),
        }))
    }
}

impl From<Present> for MapVisitor {
    fn from(present: Present) -> Self {
        let Present { context, profile, customer, .. } = present;
        let display_name = profile.as_ref().and_then(|known| known.metadata.get("name")?.as_str().map(str::to_owned));
        let (customer_name, customer_email) = match &customer {
            Some(customer) => (customer.name.clone(), customer.email.clone()),
            None => (None, None),
        };
        Self {
            visitor_id: present.visitor,
            location: Location { city: context.city, region: context.region, country_code: context.country },
            system: System {
                browser: Named { name: context.browser },
                os: Named { name: context.os },
                device: Typed { r#type: context.device },
            },
            current_url: present.path,
            referrer: present.referrer,
            session_start_time: present.session_start,
            visit_count: present.visits,
            params: present.campaign.into(),
            latitude: context.latitude,
            longitude: context.longitude,
            is_customer: customer.is_some(),
            customer_name,
            customer_email,
            profile_data: ProfileData {
                is_random_name: display_name.is_none(),
                display_name,
                has_profile: profile.is_some(),
                user_id: profile.map(|known| known.user_id),
            },
            conversion_likelihood: None,
        }
    }
}

impl From<Recent> for MapEvent {
    fn from(recent: Recent) -> Self {
        Self {
            // Ids of the script's events may have any form; the pair of second and row is unique per website.
            id: format!("{:08x}{:016x}", recent.time.as_millis() / 1000, recent.row),
            r#type: recent.r#type,
            visitor_id: recent.visitor,
            timestamp: recent.time,
            path: recent.path,
            country_code: recent.country,
            extra_data: recent.extra,
            referrer: recent.referrer,
            customer_name: None,
            amount: None,
            display_name: None,
        }
    }
}

impl From<Paid> for MapPayment {
    fn from(paid: Paid) -> Self {
        let amount = paid.currency.major_units(paid.amount);
        Self {
            id: hex(&paid.id),
            r#type: match paid.kind {
                PaymentKind::New | PaymentKind::Renewal => "payment_received",
                PaymentKind::Refund | PaymentKind::RefundedRenewal => "payment_refunded",
                PaymentKind::Trial => "free_trial",
            },
            timestamp: paid.time,
            name: paid.name,
            email: paid.email,
            amount: Decimal(amount),
            currency: paid.currency.to_string(),
            renewal: paid.kind.is_renewal(),
            display_name: None,
            is_new: paid.is_first,
            visible: true,
        }
    }
}
