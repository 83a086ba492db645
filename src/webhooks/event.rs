//! What endpoints are told: the types of events and their payloads (docs/contract/automation.md#webhook-endpoints).

use crate::platform::PlatformError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sluice_engine::event::PaymentKind;
use sluice_engine::outbox::{Completion, OutboxEvent};
use sluice_values::{AlertId, Currency, Decimal, Timestamp, VisitorId, WebhookId, WebsiteId};

/// Bytes of the longest payload. What was sent with an event may be longer; it is then left out.
pub const LONGEST_PAYLOAD: usize = 20_000;

/// Declares the types of events once: the enum, the names on the wire and the list of all.
macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What an endpoint can be told of.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[schemars(inline)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl EventType {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

event_types! {
    /// A visitor completed a goal.
    #[default]
    GoalCompleted = "goal.completed",
    /// A payment, a renewal, or the begin of a free trial.
    PaymentReceived = "payment.received",
    /// Money was paid back.
    PaymentRefunded = "payment.refunded",
    /// A visitor is known to be a user, or something new is known of them.
    VisitorIdentified = "visitor.identified",
    /// An alert has something to tell.
    AlertFiring = "alert.firing",
    /// What a metric alert told of is over.
    AlertResolved = "alert.resolved",
    /// An endpoint was disabled because it kept failing, or said that it is gone.
    EndpointDisabled = "endpoint.disabled",
}

/// What is sent: the body of every delivery.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Payload<D> {
    /// The type of the event.
    pub r#type: EventType,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub data: Told<D>,
}

/// What happened, or an example of it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Told<D> {
    /// What.
    #[serde(flatten)]
    pub what: D,
    /// Only in an example that was asked for, and then true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("const" = true))]
    pub test: bool,
}

/// `data` of `goal.completed`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoalCompleted {
    website_id: WebsiteId,
    event_id: String,
    goal_name: String,
    visitor_id: VisitorId,
    /// What came with the goal.
    metadata: Map<String, Json>,
    timestamp: Timestamp,
}

/// `data` of `payment.received` and `payment.refunded`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    website_id: WebsiteId,
    transaction_id: String,
    /// Major units of the currency, never negative.
    amount: Decimal,
    currency: String,
    visitor_id: Option<VisitorId>,
    renewal: bool,
    free_trial: bool,
    customer_email: Option<String>,
}

/// `data` of `visitor.identified`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitorIdentified {
    website_id: WebsiteId,
    visitor_id: VisitorId,
    user_id: String,
    /// All that is known of the user.
    metadata: Map<String, Json>,
}

/// `data` of `alert.firing` and `alert.resolved`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertNotice {
    /// Whose alert it is.
    pub website_id: WebsiteId,
    /// Which.
    pub alert_id: AlertId,
    /// Its name.
    pub alert_name: String,
    /// What sets it off, as the alert's own row shows it.
    pub trigger: Json,
    /// The metric's value.
    pub value: Option<Decimal>,
    /// What the value was compared with.
    pub threshold: Option<Decimal>,
    /// Why it tells something now.
    pub reason: String,
    /// The alert's message, filled in.
    pub message: String,
    /// Who completed the goal.
    pub visitor_id: Option<VisitorId>,
}

/// `data` of `endpoint.disabled`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointDisabled {
    /// Whose endpoint it was.
    pub website_id: WebsiteId,
    /// Which.
    pub webhook_id: WebhookId,
    /// Where it was.
    pub url: String,
    /// `gone` or `failing`.
    pub reason: &'static str,
}

/// A payload ready to be sent: every endpoint gets these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What it tells of.
    pub r#type: EventType,
    /// JSON.
    pub text: String,
}

/// The body that tells this. `trimmed` is the same with less, for when it would be too long.
fn body<D: Serialize>(
    r#type: EventType,
    timestamp: Timestamp,
    (what, test): (D, bool),
    trimmed: impl FnOnce(D) -> D,
) -> Result<Body, PlatformError> {
    let write = |payload: &Payload<D>| {
        serde_json::to_string(payload).map_err(|error| PlatformError::new(format!("payload: {error}")))
    };
    let mut payload = Payload { r#type, timestamp, data: Told { what, test } };
    let mut text = write(&payload)?;
    if text.len() >= LONGEST_PAYLOAD {
        payload.data.what = trimmed(payload.data.what);
        text = write(&payload)?;
    }
    Ok(Body { r#type, text })
}

/// What endpoints are told of something that happened; `None` where that is nothing.
pub fn of_happening(website: WebsiteId, happening: &OutboxEvent) -> Result<Option<Body>, PlatformError> {
    told(website, happening, false)
}

fn told(website: WebsiteId, happening: &OutboxEvent, test: bool) -> Result<Option<Body>, PlatformError> {
    let moment = Timestamp::from_millis;
    Ok(Some(match happening {
        OutboxEvent::Activity => return Ok(None),
        OutboxEvent::Goal(completion) => {
            let timestamp = moment(completion.time);
            let what = GoalCompleted {
                website_id: website,
                event_id: completion.event_id.clone(),
                goal_name: completion.goal_name.clone(),
                visitor_id: completion.visitor_id,
                metadata: completion.metadata.clone(),
                timestamp,
            };
            let trimmed = |what| GoalCompleted { metadata: Map::new(), ..what };
            body(EventType::GoalCompleted, timestamp, (what, test), trimmed)?
        }
        OutboxEvent::Payment { time, transaction_id, kind, amount, currency, visitor_id, email } => {
            let what = Paid {
                website_id: website,
                transaction_id: transaction_id.clone(),
                amount: Decimal(currency.major_units(*amount)),
                currency: currency.to_string(),
                visitor_id: *visitor_id,
                renewal: *kind == PaymentKind::Renewal,
                free_trial: *kind == PaymentKind::Trial,
                customer_email: email.clone(),
            };
            let is_refund = *kind == PaymentKind::Refund;
            let r#type = if is_refund { EventType::PaymentRefunded } else { EventType::PaymentReceived };
            body(r#type, moment(*time), (what, test), |what| Paid { customer_email: None, ..what })?
        }
        OutboxEvent::Identified { time, visitor_id, user_id, metadata } => {
            let (user_id, metadata) = (user_id.clone(), metadata.clone());
            let what = VisitorIdentified { website_id: website, visitor_id: *visitor_id, user_id, metadata };
            let trimmed = |what| VisitorIdentified { metadata: Map::new(), ..what };
            body(EventType::VisitorIdentified, moment(*time), (what, test), trimmed)?
        }
    }))
}

/// What endpoints are told of an alert. One that was asked for is marked as a test.
pub fn of_alert(is_firing: bool, now: Timestamp, notice: AlertNotice, test: bool) -> Result<Body, PlatformError> {
    let r#type = if is_firing { EventType::AlertFiring } else { EventType::AlertResolved };
    // A message has at most 2,000 characters and a reason some dozens, so that only what is filled in can be too long.
    body(r#type, now, (notice, test), |notice| AlertNotice {
        message: notice.message.chars().take(2_000).collect(),
        ..notice
    })
}

/// What the other endpoints are told when one is disabled.
pub fn of_disabled(now: Timestamp, disabled: EndpointDisabled) -> Result<Body, PlatformError> {
    body(EventType::EndpointDisabled, now, (disabled, false), |disabled| disabled)
}

/// An example of each type, marked as a test (docs/contract/automation.md#webhook-endpoints, `…/test`).
pub fn example(
    website: WebsiteId,
    webhook: WebhookId,
    url: &str,
    r#type: EventType,
    now: Timestamp,
) -> Result<Body, PlatformError> {
    let (time, visitor) = (now.as_millis(), VisitorId::of_random([0xb9; 16]));
    let paid = |kind| OutboxEvent::Payment {
        time,
        transaction_id: "txn_example".to_owned(),
        kind,
        amount: 2_900,
        currency: Currency::USD,
        visitor_id: Some(visitor),
        email: Some("jane@example.com".to_owned()),
    };
    let note = |name: &str, value: &str| Map::from_iter([(name.to_owned(), value.into())]);
    let happening = match r#type {
        EventType::GoalCompleted => OutboxEvent::Goal(Completion {
            time,
            event_id: "000000000000000000000002".to_owned(),
            goal_name: "signup".to_owned(),
            visitor_id: visitor,
            metadata: note("plan", "pro"),
            country: None,
            city: None,
            device: None,
            referrer: None,
        }),
        EventType::PaymentReceived => paid(PaymentKind::New),
        EventType::PaymentRefunded => paid(PaymentKind::Refund),
        EventType::VisitorIdentified => OutboxEvent::Identified {
            time,
            visitor_id: visitor,
            user_id: "user_42".to_owned(),
            metadata: note("name", "Jane"),
        },
        EventType::AlertFiring | EventType::AlertResolved => {
            let is_firing = r#type == EventType::AlertFiring;
            let notice = AlertNotice {
                website_id: website,
                alert_id: AlertId::new(now, [0; 8]),
                alert_name: "Example".to_owned(),
                trigger: json!({
                    "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10,
                    "for": "0m", "noData": "ok",
                }),
                value: Some(Decimal(if is_firing { 12.0 } else { 8.0 })),
                threshold: Some(Decimal(10.0)),
                reason: format!("an example: visitors {} 10", if is_firing { "above" } else { "no longer above" }),
                message: "An example of an alert's message.".to_owned(),
                visitor_id: None,
            };
            return of_alert(is_firing, now, notice, true);
        }
        EventType::EndpointDisabled => {
            let what =
                EndpointDisabled { website_id: website, webhook_id: webhook, url: url.to_owned(), reason: "failing" };
            return body(r#type, now, (what, true), |what| what);
        }
    };
    told(website, &happening, true)?.ok_or_else(|| PlatformError::new("an example of nothing"))
}

/// The shape of the payload of a type, for the OpenAPI document.
#[cfg(not(target_arch = "wasm32"))]
pub fn schema(r#type: EventType, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = match r#type {
        EventType::GoalCompleted => generator.subschema_for::<Payload<GoalCompleted>>(),
        EventType::PaymentReceived | EventType::PaymentRefunded => generator.subschema_for::<Payload<Paid>>(),
        EventType::VisitorIdentified => generator.subschema_for::<Payload<VisitorIdentified>>(),
        EventType::AlertFiring | EventType::AlertResolved => generator.subschema_for::<Payload<AlertNotice>>(),
        EventType::EndpointDisabled => generator.subschema_for::<Payload<EndpointDisabled>>(),
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        let named = json!({ "const": r#type.as_str(), "description": "The type of the event." });
        properties.insert("type".to_owned(), named);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn website() -> WebsiteId {
        "665f0b3c4d2e1a0012345678".parse().unwrap()
    }

    fn completion(metadata: Map<String, Json>) -> Completion {
        Completion {
            time: 1_779_321_600_007,
            event_id: "e1".to_owned(),
            goal_name: "signup".to_owned(),
            visitor_id: "b971cbbf-7ce2-4925-902b-8f95a5fb3449".parse().unwrap(),
            metadata,
            country: Some("France".to_owned()),
            city: None,
            device: None,
            referrer: None,
        }
    }

    #[test]
    fn a_goal_is_told_with_what_the_contract_lists_and_nothing_else() {
        let happening = OutboxEvent::Goal(completion(Map::new()));
        let body = of_happening(website(), &happening).unwrap().unwrap();
        assert_eq!(
            body.text,
            r#"{"type":"goal.completed","timestamp":"2026-05-21T00:00:00.007Z","data":{"websiteId":"665f0b3c4d2e1a0012345678","eventId":"e1","goalName":"signup","visitorId":"b971cbbf-7ce2-4925-902b-8f95a5fb3449","metadata":{},"timestamp":"2026-05-21T00:00:00.007Z"}}"#
        );
    }

    #[test]
    fn a_payment_is_told_in_major_units_and_a_refund_by_its_own_type() {
        let told = |kind, amount, currency: &str| {
            let happening = OutboxEvent::Payment {
                time: 0,
                transaction_id: "t".to_owned(),
                kind,
                amount,
                currency: currency.parse().unwrap(),
                visitor_id: None,
                email: None,
            };
            serde_json::from_str::<Json>(&of_happening(website(), &happening).unwrap().unwrap().text).unwrap()
        };
        let refund = told(PaymentKind::Refund, 1050, "USD");
        assert_eq!(refund["type"], "payment.refunded");
        assert_eq!(refund["data"]["amount"], 10.5);
        let trial = told(PaymentKind::Trial, 0, "EUR");
        assert_eq!((&trial["type"], &trial["data"]["freeTrial"]), (&json!("payment.received"), &json!(true)));
        assert_eq!(told(PaymentKind::Renewal, 500, "JPY")["data"]["amount"], 500);
    }

    #[test]
    fn every_type_has_an_example_that_says_so() {
        let webhook = "665f0b3c4d2e1a0012345679".parse().unwrap();
        for r#type in EventType::ALL {
            let body = example(website(), webhook, "https://example.com", *r#type, Timestamp::from_millis(0)).unwrap();
            let sent: Json = serde_json::from_str(&body.text).unwrap();
            assert_eq!(sent["type"], r#type.as_str());
            assert_eq!(sent["data"]["test"], true);
            assert_eq!(sent["data"]["websiteId"], website().to_string());
        }
    }

    proptest! {
        #[test]
        fn no_payload_is_too_long(text in ".{0,30000}") {
            let metadata = Map::from_iter([("note".to_owned(), text.into())]);
            let happening = OutboxEvent::Goal(completion(metadata));
            prop_assert!(of_happening(website(), &happening).unwrap().unwrap().text.len() < LONGEST_PAYLOAD);
        }
    }
}
