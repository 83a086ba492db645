//! The types of webhook events and their payloads (docs/contract/automation.md#webhook-endpoints). A type is an entry
//! in the list of [`event_types!`] and a struct that implements [`EventPayload`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::platform::PlatformError;
use sluice_engine::event::PaymentKind;
use sluice_engine::outbox::{Completion, Goals, OutboxEvent, Subscriptions};
use sluice_values::{AlertId, Decimal, Timestamp, VisitorId, WebhookId, WebsiteId};
use sluice_webhook_rules::destination;

/// Payloads stay shorter than this, in bytes. Free text from the event is left out of longer ones.
pub const LONGEST_PAYLOAD: usize = 20_000;

/// The `data` of one type of event.
pub trait EventPayload: Serialize + Sized {
    const TYPE: EventType;

    /// The example that `…/test` sends.
    fn example(of: &Example) -> Self;

    /// The payload with less text, for one that would reach [`LONGEST_PAYLOAD`].
    #[must_use]
    fn shortened(self) -> Self {
        self
    }

    /// Adds what the website's object must write to its outbox. `goals` are those of the endpoint.
    fn subscribe(_subscriptions: &mut Subscriptions, _goals: Goals) {}
}

/// The endpoint that an example is sent to.
pub struct Example<'a> {
    pub website: WebsiteId,
    pub webhook: WebhookId,
    pub url: &'a str,
    pub now: Timestamp,
}

impl Example<'_> {
    fn visitor_id() -> VisitorId {
        VisitorId::of_random([0xb9; 16])
    }
}

/// The list of types. A name is stored in D1 and known to receivers: it is never changed.
macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// The type of an event.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[schemars(inline)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl EventType {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// See [`EventPayload::subscribe`].
            pub fn subscribe(self, subscriptions: &mut Subscriptions, goals: Goals) {
                match self { $(Self::$name => $name::subscribe(subscriptions, goals)),* }
            }
        }

        /// An example of a type, marked as a test (docs/contract/automation.md#webhook-endpoints, `…/test`).
        pub fn example(r#type: EventType, of: &Example) -> Result<Body, PlatformError> {
            match r#type { $(EventType::$name => body(of.now, $name::example(of), true)),* }
        }

        #[cfg(not(target_arch = "wasm32"))]
        fn payload_schema(r#type: EventType, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            match r#type { $(EventType::$name => generator.subschema_for::<Payload<$name>>()),* }
        }
    };
}

event_types! {
    /// A visitor completed a goal.
    #[default]
    GoalCompleted = "goal.completed",
    /// A payment, a renewal, or the start of a free trial.
    PaymentReceived = "payment.received",
    /// A payment was refunded.
    PaymentRefunded = "payment.refunded",
    /// A visitor was identified as a user, or the user's metadata changed.
    VisitorIdentified = "visitor.identified",
    /// An alert fires.
    AlertFiring = "alert.firing",
    /// A metric alert has resolved.
    AlertResolved = "alert.resolved",
    /// An endpoint was disabled because it kept failing or answered 410.
    EndpointDisabled = "endpoint.disabled",
}

/// The body of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Payload<D> {
    /// The type of the event.
    r#type: EventType,
    /// When it happened.
    timestamp: Timestamp,
    /// The payload of the event's type.
    data: EventData<D>,
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct EventData<D> {
    #[serde(flatten)]
    event: D,
    /// Present and true in requested examples only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("const" = true))]
    test: bool,
}

// ---- goal.completed

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GoalCompleted {
    website_id: WebsiteId,
    event_id: String,
    goal_name: String,
    visitor_id: VisitorId,
    /// The goal's properties.
    metadata: Map<String, Json>,
    timestamp: Timestamp,
}

impl GoalCompleted {
    /// `None` for a goal that a payment completed: endpoints receive the payment.
    fn of(website: WebsiteId, completion: &Completion) -> Option<Self> {
        let visitor_id = completion.visitor_id.filter(|_| !completion.is_payment)?;
        Some(Self {
            website_id: website,
            event_id: completion.event_id.clone(),
            goal_name: completion.goal_name.clone(),
            visitor_id,
            metadata: completion.metadata.clone(),
            timestamp: Timestamp::from_millis(completion.time),
        })
    }
}

impl EventPayload for GoalCompleted {
    const TYPE: EventType = EventType::GoalCompleted;

    fn example(of: &Example) -> Self {
        Self {
            website_id: of.website,
            event_id: "000000000000000000000002".to_owned(),
            goal_name: "signup".to_owned(),
            visitor_id: Example::visitor_id(),
            metadata: Map::from_iter([("plan".to_owned(), "pro".into())]),
            timestamp: of.now,
        }
    }

    fn shortened(self) -> Self {
        Self { metadata: Map::new(), ..self }
    }

    fn subscribe(subscriptions: &mut Subscriptions, goals: Goals) {
        subscriptions.goals.add(goals);
    }
}

// ---- payment.received, payment.refunded

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Paid {
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

impl Paid {
    fn example(of: &Example) -> Self {
        Self {
            website_id: of.website,
            transaction_id: "txn_example".to_owned(),
            amount: Decimal(29.0),
            currency: "USD".to_owned(),
            visitor_id: Some(Example::visitor_id()),
            renewal: false,
            free_trial: false,
            customer_email: Some("jane@example.com".to_owned()),
        }
    }

    fn shortened(self) -> Self {
        Self { customer_email: None, ..self }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
struct PaymentReceived(Paid);

impl EventPayload for PaymentReceived {
    const TYPE: EventType = EventType::PaymentReceived;

    fn example(of: &Example) -> Self {
        Self(Paid::example(of))
    }

    fn shortened(self) -> Self {
        Self(self.0.shortened())
    }

    fn subscribe(subscriptions: &mut Subscriptions, _: Goals) {
        subscriptions.payments = true;
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PaymentRefunded {
    #[serde(flatten)]
    paid: Paid,
    /// The transaction of the payment whose money goes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    original_transaction_id: Option<String>,
}

impl EventPayload for PaymentRefunded {
    const TYPE: EventType = EventType::PaymentRefunded;

    fn example(of: &Example) -> Self {
        Self { paid: Paid::example(of), original_transaction_id: Some("txn_original".to_owned()) }
    }

    fn shortened(self) -> Self {
        Self { paid: self.paid.shortened(), ..self }
    }

    fn subscribe(subscriptions: &mut Subscriptions, _: Goals) {
        subscriptions.payments = true;
    }
}

// ---- visitor.identified

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VisitorIdentified {
    website_id: WebsiteId,
    visitor_id: VisitorId,
    user_id: String,
    /// The user's profile.
    metadata: Map<String, Json>,
}

impl EventPayload for VisitorIdentified {
    const TYPE: EventType = EventType::VisitorIdentified;

    fn example(of: &Example) -> Self {
        Self {
            website_id: of.website,
            visitor_id: Example::visitor_id(),
            user_id: "user_42".to_owned(),
            metadata: Map::from_iter([("name".to_owned(), "Jane".into())]),
        }
    }

    fn shortened(self) -> Self {
        Self { metadata: Map::new(), ..self }
    }

    fn subscribe(subscriptions: &mut Subscriptions, _: Goals) {
        subscriptions.identities = true;
    }
}

// ---- alert.firing, alert.resolved

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertNotice {
    pub website_id: WebsiteId,
    pub alert_id: AlertId,
    pub alert_name: String,
    /// The trigger, as in the alert's notification.
    pub trigger: Json,
    /// The metric's value.
    pub value: Option<Decimal>,
    /// The threshold of the comparison.
    pub threshold: Option<Decimal>,
    /// Why the alert fires or resolves.
    pub reason: String,
    /// The alert's message, filled in.
    pub message: String,
    /// The visitor who completed the goal.
    pub visitor_id: Option<VisitorId>,
}

impl AlertNotice {
    fn example(of: &Example, value: f64, reason: &str) -> Self {
        Self {
            website_id: of.website,
            alert_id: AlertId::new(of.now, [0; 8]),
            alert_name: "Example".to_owned(),
            trigger: json!({
                "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10,
                "for": "0m", "noData": "ok",
            }),
            value: Some(Decimal(value)),
            threshold: Some(Decimal(10.0)),
            reason: format!("an example: visitors {reason} 10"),
            message: "An example of an alert's message.".to_owned(),
            visitor_id: None,
        }
    }

    // A template has at most 2,000 characters and a reason a few dozen, so only a filled-in message can be too long.
    fn shortened(self) -> Self {
        Self { message: self.message.chars().take(2_000).collect(), ..self }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
struct AlertFiring(AlertNotice);

impl EventPayload for AlertFiring {
    const TYPE: EventType = EventType::AlertFiring;

    fn example(of: &Example) -> Self {
        Self(AlertNotice::example(of, 12.0, "above"))
    }

    fn shortened(self) -> Self {
        Self(self.0.shortened())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
struct AlertResolved(AlertNotice);

impl EventPayload for AlertResolved {
    const TYPE: EventType = EventType::AlertResolved;

    fn example(of: &Example) -> Self {
        Self(AlertNotice::example(of, 8.0, "no longer above"))
    }

    fn shortened(self) -> Self {
        Self(self.0.shortened())
    }
}

// ---- endpoint.disabled

/// Leaves only scheme, host and port of an endpoint's address in a payload, because viewers see no more of it; every
/// other byte stays as it was sent.
pub fn without_address(payload: &str) -> String {
    let parsed: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
    let Some(url) = parsed.pointer("/data/url").and_then(serde_json::Value::as_str) else { return payload.to_owned() };
    let written = |url: &str| format!("\"url\":{}", serde_json::Value::from(url));
    payload.replacen(&written(url), &written(&destination::origin(url)), 1)
}

#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointDisabled {
    pub website_id: WebsiteId,
    pub webhook_id: WebhookId,
    /// The disabled endpoint's address.
    pub url: String,
    /// `gone` or `failing`.
    pub reason: &'static str,
}

impl EventPayload for EndpointDisabled {
    const TYPE: EventType = EventType::EndpointDisabled;

    fn example(of: &Example) -> Self {
        Self { website_id: of.website, webhook_id: of.webhook, url: of.url.to_owned(), reason: "failing" }
    }
}

// ---- Bodies

/// A payload as it is sent: every endpoint receives these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub r#type: EventType,
    /// JSON.
    pub text: String,
}

/// The body of an event at `timestamp`.
pub fn body<D: EventPayload>(timestamp: Timestamp, event: D, test: bool) -> Result<Body, PlatformError> {
    let write = |payload: &Payload<D>| {
        serde_json::to_string(payload).map_err(|error| PlatformError::new(format!("payload: {error}")))
    };
    let mut payload = Payload { r#type: D::TYPE, timestamp, data: EventData { event, test } };
    let mut text = write(&payload)?;
    if text.len() >= LONGEST_PAYLOAD {
        payload.data.event = payload.data.event.shortened();
        text = write(&payload)?;
    }
    Ok(Body { r#type: D::TYPE, text })
}

/// The body of an outbox event; `None` for one that endpoints do not receive.
pub fn of_outbox(website: WebsiteId, event: &OutboxEvent) -> Result<Option<Body>, PlatformError> {
    let moment = Timestamp::from_millis;
    match event {
        OutboxEvent::Activity => return Ok(None),
        OutboxEvent::Goal(completion) => match GoalCompleted::of(website, completion) {
            Some(completed) => body(moment(completion.time), completed, false),
            None => return Ok(None),
        },
        OutboxEvent::Payment { time, transaction_id, kind, amount, currency, visitor_id, email, refund_of } => {
            let paid = Paid {
                website_id: website,
                transaction_id: transaction_id.clone(),
                amount: Decimal(currency.major_units(*amount)),
                currency: currency.to_string(),
                visitor_id: *visitor_id,
                renewal: kind.is_renewal(),
                free_trial: *kind == PaymentKind::Trial,
                customer_email: email.clone(),
            };
            if kind.is_refund() {
                let refunded = PaymentRefunded { paid, original_transaction_id: refund_of.clone() };
                body(moment(*time), refunded, false)
            } else {
                body(moment(*time), PaymentReceived(paid), false)
            }
        }
        OutboxEvent::Identified { time, visitor_id, user_id, metadata } => {
            let (user_id, metadata) = (user_id.clone(), metadata.clone());
            let identified = VisitorIdentified { website_id: website, visitor_id: *visitor_id, user_id, metadata };
            body(moment(*time), identified, false)
        }
    }
    .map(Some)
}

/// The body of an alert's event. `test` marks a requested one.
pub fn of_alert(is_firing: bool, now: Timestamp, alert: AlertNotice, test: bool) -> Result<Body, PlatformError> {
    if is_firing { body(now, AlertFiring(alert), test) } else { body(now, AlertResolved(alert), test) }
}

/// The schema of a type's payload, for the OpenAPI document.
#[cfg(not(target_arch = "wasm32"))]
pub fn schema(r#type: EventType, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = payload_schema(r#type, generator);
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
            visitor_id: Some("b971cbbf-7ce2-4925-902b-8f95a5fb3449".parse().unwrap()),
            is_payment: false,
            metadata,
            country: Some("France".to_owned()),
            city: None,
            device: None,
            referrer: None,
        }
    }

    #[test]
    fn a_goal_payload_has_the_fields_of_the_contract_and_no_others() {
        let event = OutboxEvent::Goal(completion(Map::new()));
        let body = of_outbox(website(), &event).unwrap().unwrap();
        assert_eq!(
            body.text,
            r#"{"type":"goal.completed","timestamp":"2026-05-21T00:00:00.007Z","data":{"websiteId":"665f0b3c4d2e1a0012345678","eventId":"e1","goalName":"signup","visitorId":"b971cbbf-7ce2-4925-902b-8f95a5fb3449","metadata":{},"timestamp":"2026-05-21T00:00:00.007Z"}}"#
        );
    }

    #[test]
    fn a_payment_is_in_major_units_and_a_refund_has_a_type_of_its_own() {
        let payload = |kind, amount, currency: &str| {
            let event = OutboxEvent::Payment {
                time: 0,
                transaction_id: "t".to_owned(),
                kind,
                amount,
                currency: currency.parse().unwrap(),
                visitor_id: None,
                email: None,
                refund_of: kind.is_refund().then(|| "paid".to_owned()),
            };
            serde_json::from_str::<Json>(&of_outbox(website(), &event).unwrap().unwrap().text).unwrap()
        };
        let refund = payload(PaymentKind::Refund, 1050, "USD");
        assert_eq!(refund["type"], "payment.refunded");
        assert_eq!(refund["data"]["amount"], 10.5);
        assert_eq!(
            (&refund["data"]["transactionId"], &refund["data"]["originalTransactionId"]),
            (&json!("t"), &json!("paid"))
        );
        let trial = payload(PaymentKind::Trial, 0, "EUR");
        assert_eq!((&trial["type"], &trial["data"]["freeTrial"]), (&json!("payment.received"), &json!(true)));
        assert_eq!(payload(PaymentKind::Renewal, 500, "JPY")["data"]["amount"], 500);
    }

    #[test]
    fn a_payload_without_its_address_is_otherwise_the_same_bytes() {
        let payload = r#"{"type":"endpoint.disabled","data":{"z":1.0,"url":"https://hooks.example:8443/T0/\"s3cret\"?a=b","a":"https"}}"#;
        assert_eq!(
            without_address(payload),
            r#"{"type":"endpoint.disabled","data":{"z":1.0,"url":"https://hooks.example:8443","a":"https"}}"#
        );
        assert_eq!(without_address(r#"{"data":{"b":1,"a":2.50}}"#), r#"{"data":{"b":1,"a":2.50}}"#);
    }

    #[test]
    fn a_goal_that_a_payment_completes_is_no_payload_of_its_own() {
        let paid = Completion { visitor_id: None, is_payment: true, ..completion(Map::new()) };
        assert_eq!(of_outbox(website(), &OutboxEvent::Goal(paid)).unwrap(), None);
    }

    #[test]
    fn every_type_has_an_example_marked_as_a_test() {
        let webhook = "665f0b3c4d2e1a0012345679".parse().unwrap();
        let (url, now) = ("https://example.com", Timestamp::from_millis(0));
        let of = Example { website: website(), webhook, url, now };
        for r#type in EventType::ALL {
            let body = example(*r#type, &of).unwrap();
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
            let event = OutboxEvent::Goal(completion(metadata));
            prop_assert!(of_outbox(website(), &event).unwrap().unwrap().text.len() < LONGEST_PAYLOAD);
        }
    }
}
