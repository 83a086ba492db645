//! Goals of a subscription's life (docs/contract/providers.md#5). None of them is money.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use sluice_values::{Currency, GoalName, Timestamp};

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, SubscriptionId};
use crate::provider::Provider;
use crate::request::{Answer, Request};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    Payment,
    FreeTrial,
    TrialStarted,
    TrialConverted,
    SubscriptionStarted,
    SubscriptionRenewed,
    SubscriptionUpgraded,
    SubscriptionDowngraded,
    SubscriptionCancelScheduled,
    SubscriptionReactivated,
    SubscriptionEnded,
}

impl Milestone {
    pub const ALL: [Self; 11] = [
        Self::Payment,
        Self::FreeTrial,
        Self::TrialStarted,
        Self::TrialConverted,
        Self::SubscriptionStarted,
        Self::SubscriptionRenewed,
        Self::SubscriptionUpgraded,
        Self::SubscriptionDowngraded,
        Self::SubscriptionCancelScheduled,
        Self::SubscriptionReactivated,
        Self::SubscriptionEnded,
    ];

    /// The goal's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => GoalName::PAYMENT,
            Self::FreeTrial => GoalName::FREE_TRIAL,
            Self::TrialStarted => "trial_started",
            Self::TrialConverted => "trial_converted",
            Self::SubscriptionStarted => "subscription_started",
            Self::SubscriptionRenewed => "subscription_renewed",
            Self::SubscriptionUpgraded => "subscription_upgraded",
            Self::SubscriptionDowngraded => "subscription_downgraded",
            Self::SubscriptionCancelScheduled => "subscription_cancel_scheduled",
            Self::SubscriptionReactivated => "subscription_reactivated",
            Self::SubscriptionEnded => "subscription_ended",
        }
    }
}

/// A goal that a subscription reached; its visitor is the subscription's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub milestone: Milestone,
    pub provider: Provider,
    pub subscription: SubscriptionId,
    pub customer: Option<CustomerId>,
    pub time: Timestamp,
}

/// What is remembered of a subscription between two of its events, for providers that do not say what it was before. Stored in the
/// website's object: fields may be added with a default, none is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub price: Option<Price>,
    /// Whether it will end.
    pub ends: bool,
}

/// What a subscription is like, as an event says. What has changed is told apart by what was remembered of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub subscription: SubscriptionId,
    pub customer: Option<CustomerId>,
    pub time: Timestamp,
    pub snapshot: Snapshot,
    /// Whether what has changed is a goal; other events say by themselves what happened.
    pub is_change: bool,
}

impl Seen {
    /// The goals of what has changed since `before`.
    pub fn goals(&self, provider: Provider, before: Option<&Snapshot>) -> Vec<Goal> {
        let milestones = if self.is_change { changes(before, &self.snapshot) } else { Vec::new() };
        goals(milestones, provider, &self.subscription, self.customer.as_ref(), self.time)
    }
}

/// What an event says of a subscription's life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    pub goals: Vec<Goal>,
    pub seen: Option<Seen>,
}

/// What a subscription costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Millionths of the provider's units for a year.
    yearly: i64,
    currency: Currency,
}

impl Price {
    /// `None` for an interval that is not known.
    fn new(amount: i64, quantity: i64, interval: &str, count: i64, currency: Currency) -> Option<Self> {
        let a_year = match interval {
            "day" => 365,
            "week" => 52,
            "month" => 12,
            "year" => 1,
            _ => return None,
        };
        let yearly = i128::from(amount).checked_mul(quantity.into())?.checked_mul(a_year * 1_000_000)?;
        Some(Self { yearly: yearly.checked_div(count.into())?.try_into().ok()?, currency })
    }

    fn plus(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then_some(Self { yearly: self.yearly.checked_add(other.yearly)?, ..self })
    }
}

/// The sum of prices; `None` if one is not known, or there are none.
fn total(prices: impl Iterator<Item = Option<Price>>) -> Option<Price> {
    prices.reduce(|sum, price| sum?.plus(price?)).flatten()
}

/// What an event says of a subscription's life.
pub fn of_event(envelope: &Envelope) -> Result<Heard, Fault> {
    let node = Node::new("body", &envelope.json);
    match envelope.provider {
        Provider::Stripe => stripe(envelope, &node),
        Provider::LemonSqueezy => lemonsqueezy(envelope, &node),
        Provider::Polar => polar(envelope, &node),
        Provider::Paddle => paddle(envelope, &node),
        Provider::Shopify | Provider::WooCommerce => Ok(Heard::default()),
    }
}

/// The milestones of a change of price and of the end, told apart from what was before.
fn changes(before: Option<&Snapshot>, after: &Snapshot) -> Vec<Milestone> {
    let Some(before) = before else {
        return if after.ends { vec![Milestone::SubscriptionCancelScheduled] } else { Vec::new() };
    };
    let prices = before.price.zip(after.price).filter(|(old, new)| old.currency == new.currency);
    let price = prices.and_then(|(old, new)| match new.yearly.cmp(&old.yearly) {
        Ordering::Greater => Some(Milestone::SubscriptionUpgraded),
        Ordering::Less => Some(Milestone::SubscriptionDowngraded),
        Ordering::Equal => None,
    });
    let end = match (before.ends, after.ends) {
        (false, true) => Some(Milestone::SubscriptionCancelScheduled),
        (true, false) => Some(Milestone::SubscriptionReactivated),
        _ => None,
    };
    price.into_iter().chain(end).collect()
}

fn goals(
    milestones: Vec<Milestone>,
    provider: Provider,
    subscription: &SubscriptionId,
    customer: Option<&CustomerId>,
    time: Timestamp,
) -> Vec<Goal> {
    let goal =
        |milestone| Goal { milestone, provider, subscription: subscription.clone(), customer: customer.cloned(), time };
    milestones.into_iter().map(goal).collect()
}

fn subscription(node: &Node<'_>, prefix: &str, path: &str) -> Result<SubscriptionId, Fault> {
    let id = node.need_id(path)?;
    SubscriptionId::new(format!("{prefix}{id}")).ok_or_else(|| node.fault(path, "an id of at most 255 characters"))
}

fn stripe(envelope: &Envelope, body: &Node<'_>) -> Result<Heard, Fault> {
    let object = body.need_object("/data/object", "subscription")?;
    let ends = |node: &Node<'_>| node.is("/cancel_at_period_end") || node.int("/cancel_at").is_some();
    let milestones = match (envelope.kind.as_str(), object.text("/status")) {
        ("customer.subscription.created", Some("active")) => vec![Milestone::SubscriptionStarted],
        ("customer.subscription.updated", status) => {
            let previous = body.object("/data/previous_attributes", "previous_attributes");
            let was = |path: &str| previous.is_some_and(|previous| previous.json().pointer(path).is_some());
            let old_price = previous.filter(|_| was("/items")).and_then(|previous| stripe_price(&previous));
            let now_ends = ends(&object);
            let old_ends = if was("/cancel_at_period_end") || was("/cancel_at") {
                // What is not among the previous attributes was as it is.
                let flag = if was("/cancel_at_period_end") { previous } else { Some(object) };
                let time = if was("/cancel_at") { previous } else { Some(object) };
                flag.is_some_and(|node| node.is("/cancel_at_period_end"))
                    || time.is_some_and(|node| node.int("/cancel_at").is_some())
            } else {
                now_ends
            };
            let before = Snapshot { price: old_price, ends: old_ends };
            let after = Snapshot { price: stripe_price(&object), ends: now_ends };
            let was_incomplete = previous.and_then(|previous| previous.text("/status")) == Some("incomplete");
            let started = was_incomplete && status == Some("active");
            let started = started.then_some(Milestone::SubscriptionStarted);
            started.into_iter().chain(changes(Some(&before), &after)).collect()
        }
        ("customer.subscription.deleted", _) => vec![Milestone::SubscriptionEnded],
        _ => return Ok(Heard::default()),
    };
    let customer = object.id_of("/customer").and_then(CustomerId::new);
    let id = subscription(&object, "", "/id")?;
    let goals = goals(milestones, Provider::Stripe, &id, customer.as_ref(), body.seconds("/created")?);
    // Stripe says what it was before.
    Ok(Heard { goals, seen: None })
}

fn stripe_price(node: &Node<'_>) -> Option<Price> {
    total(node.items("/items/data", "item").map(|item| {
        let price = item.object("/price", "price")?;
        let interval = price.text("/recurring/interval")?;
        let count = price.int("/recurring/interval_count").unwrap_or(1);
        let quantity = item.int("/quantity").unwrap_or(1);
        Price::new(price.int("/unit_amount")?, quantity, interval, count, price.currency("/currency").ok()?)
    }))
}

fn lemonsqueezy(envelope: &Envelope, body: &Node<'_>) -> Result<Heard, Fault> {
    let data = body.need_object("/data", "data")?;
    if data.text("/type") != Some("subscriptions") {
        return Ok(Heard::default());
    }
    let attributes = data.need_object("/attributes", "data.attributes")?;
    let milestones = match (envelope.kind.as_str(), attributes.text("/status")) {
        ("subscription_created", Some("active")) => vec![Milestone::SubscriptionStarted],
        ("subscription_cancelled", _) => vec![Milestone::SubscriptionCancelScheduled],
        ("subscription_resumed", _) => vec![Milestone::SubscriptionReactivated],
        ("subscription_expired", _) => vec![Milestone::SubscriptionEnded],
        _ => return Ok(Heard::default()),
    };
    let customer = attributes.id("/customer_id").and_then(CustomerId::new);
    let id = subscription(&data, "lemonsqueezy:subscription:", "/id")?;
    let time = attributes.moment("/updated_at")?;
    // A change of the variant is told by its price, which has to be asked for: `lemonsqueezy_price`.
    Ok(Heard { goals: goals(milestones, Provider::LemonSqueezy, &id, customer.as_ref(), time), seen: None })
}

/// The request for the price of a subscription whose variant may have changed.
pub fn lemonsqueezy_price(envelope: &Envelope) -> Option<Request> {
    let node = Node::new("body", &envelope.json);
    let is_change = matches!(envelope.kind.as_str(), "subscription_created" | "subscription_updated");
    let price = node.need_id("/data/attributes/first_subscription_item/price_id").ok().filter(|_| is_change)?;
    Some(Request::get(format!("/v1/prices/{price}")))
}

/// What a price that was asked for says.
pub fn lemonsqueezy_priced(envelope: &Envelope, answer: &Answer) -> Result<Option<Seen>, Fault> {
    let node = Node::new("body", &envelope.json);
    let price = Node::new("price", &answer.body);
    let quantity = node.int("/data/attributes/first_subscription_item/quantity").unwrap_or(1);
    let attribute = |name: &str| format!("/data/attributes/{name}");
    let price = price.int(&attribute("unit_price")).zip(price.text(&attribute("renewal_interval_unit"))).and_then(
        |(amount, interval)| {
            let count = price.int(&attribute("renewal_interval_quantity")).unwrap_or(1);
            Price::new(amount, quantity, interval, count, Currency::USD)
        },
    );
    if price.is_none() {
        return Ok(None);
    }
    let data = node.need_object("/data", "data")?;
    Ok(Some(Seen {
        subscription: subscription(&data, "lemonsqueezy:subscription:", "/id")?,
        customer: data.id("/attributes/customer_id").and_then(CustomerId::new),
        time: data.moment("/attributes/updated_at")?,
        // The end has events of its own.
        snapshot: Snapshot { price, ends: false },
        is_change: envelope.kind == "subscription_updated",
    }))
}

fn polar(envelope: &Envelope, body: &Node<'_>) -> Result<Heard, Fault> {
    if !envelope.kind.starts_with("subscription.") {
        return Ok(Heard::default());
    }
    let data = body.need_object("/data", "data")?;
    let price = data.int("/amount").zip(data.text("/recurring_interval")).and_then(|(amount, interval)| {
        let count = data.int("/recurring_interval_count").unwrap_or(1);
        Price::new(amount, 1, interval, count, data.currency("/currency").ok()?)
    });
    let milestones = match envelope.kind.as_str() {
        "subscription.active" => vec![Milestone::SubscriptionStarted],
        "subscription.canceled" => vec![Milestone::SubscriptionCancelScheduled],
        "subscription.uncanceled" => vec![Milestone::SubscriptionReactivated],
        "subscription.revoked" => vec![Milestone::SubscriptionEnded],
        _ => Vec::new(),
    };
    let seen = Seen {
        subscription: subscription(&data, "", "/id")?,
        customer: data.id("/customer_id").and_then(CustomerId::new),
        time: body.moment("/timestamp")?,
        // The end has events of its own.
        snapshot: Snapshot { price, ends: false },
        is_change: envelope.kind == "subscription.updated",
    };
    Ok(seen.with(milestones, Provider::Polar))
}

impl Seen {
    /// With what the event says by itself.
    fn with(self, milestones: Vec<Milestone>, provider: Provider) -> Heard {
        let goals = goals(milestones, provider, &self.subscription, self.customer.as_ref(), self.time);
        Heard { goals, seen: Some(self) }
    }
}

fn paddle(envelope: &Envelope, body: &Node<'_>) -> Result<Heard, Fault> {
    if !envelope.kind.starts_with("subscription.") {
        return Ok(Heard::default());
    }
    let data = body.need_object("/data", "data")?;
    let price = total(data.items("/items", "item").map(|item| {
        let amount = item.text("/price/unit_price/amount")?.parse().ok()?;
        let interval = item.text("/price/billing_cycle/interval")?;
        let count = item.int("/price/billing_cycle/frequency").unwrap_or(1);
        let currency = item.currency("/price/unit_price/currency_code").ok()?;
        Price::new(amount, item.int("/quantity").unwrap_or(1), interval, count, currency)
    }));
    let milestones = match envelope.kind.as_str() {
        "subscription.activated" => vec![Milestone::SubscriptionStarted],
        "subscription.resumed" => vec![Milestone::SubscriptionReactivated],
        "subscription.canceled" => vec![Milestone::SubscriptionEnded],
        _ => Vec::new(),
    };
    let seen = Seen {
        subscription: subscription(&data, "", "/id")?,
        customer: data.id("/customer_id").and_then(CustomerId::new),
        time: body.moment("/occurred_at")?,
        snapshot: Snapshot { price, ends: data.text("/scheduled_change/action") == Some("cancel") },
        is_change: envelope.kind == "subscription.updated",
    };
    Ok(seen.with(milestones, Provider::Paddle))
}
