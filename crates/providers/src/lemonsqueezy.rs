//! Lemon Squeezy: orders, invoices of subscriptions, trials (docs/contract/providers.md#4.2).

use sluice_values::{Currency, Timestamp};

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId, line};
use crate::lifecycle::{self, Heard};
use crate::lives;
use crate::mapped::{Context, Mapped, NOT_USED, NOTHING_PAID, TEST_MODE, Taking};
use crate::metadata::Explicit;
use crate::money::{Money, Sum};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, found};
use crate::record::{Cause, Record, State, What};
use crate::request::Answer;
use crate::units::{self, LemonSqueezyUnits};

pub const EVENTS: [&str; 12] = [
    "order_created",
    "order_refunded",
    "subscription_created",
    "subscription_updated",
    "subscription_payment_success",
    "subscription_payment_refunded",
    "subscription_payment_recovered",
    "subscription_cancelled",
    "subscription_resumed",
    "subscription_expired",
    "subscription_paused",
    "subscription_unpaused",
];

const ORDER: &str = "lemonsqueezy:order:";
const INVOICE: &str = "lemonsqueezy:subscription-invoice:";
const SUBSCRIPTION: &str = "lemonsqueezy:subscription:";

/// The work on an event. Of money nothing is read: what the API has more of, it does not say of whom. What a subscription costs is
/// read, since an event names its price only; a trial costs nothing yet.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    let mapped = Mapped::from(event(envelope, context));
    let asks = match &mapped {
        Mapped::Take(taking) | Mapped::TakeUnlessOf(_, taking) => taking.records.is_empty(),
        Mapped::Ignored { reason, .. } => reason != TEST_MODE,
        Mapped::Failed(_) => false,
    };
    match lifecycle::lemonsqueezy_price(envelope).filter(|_| asks) {
        Some(request) => Step::ask(request, AfterPrice { envelope: envelope.clone(), mapped }),
        None => mapped.into(),
    }
}

struct AfterPrice {
    envelope: Envelope,
    /// What becomes of the event without the price.
    mapped: Mapped,
}

impl Next for AfterPrice {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Self { envelope, mapped } = *self;
        let seen = match found(answer)? {
            Some(_) => lifecycle::lemonsqueezy_priced(&envelope, answer).unwrap_or_default(),
            None => None,
        };
        Ok(match (seen, mapped) {
            (None, mapped) => mapped,
            (Some(seen), Mapped::Take(taking)) => Mapped::Take(Taking { seen: Some(seen), ..taking }),
            (Some(seen), Mapped::TakeUnlessOf(name, taking)) => {
                Mapped::TakeUnlessOf(name, Taking { seen: Some(seen), ..taking })
            }
            (Some(seen), Mapped::Ignored { .. }) => {
                let heard = Heard { goals: Vec::new(), seen: Some(seen) };
                lives::of_heard(heard, &envelope, envelope.json.pointer(CUSTOM_DATA), context)
            }
            (Some(_), failed @ Mapped::Failed(_)) => failed,
        }
        .into())
    }
}

const CUSTOM_DATA: &str = "/meta/custom_data";

fn event(envelope: &Envelope, context: &Context) -> Result<Mapped, Fault> {
    let body = Node::new("body", &envelope.json);
    let data = body.need_object("/data", "data")?;
    let explicit = Explicit::of(body.value(CUSTOM_DATA));
    if body.is("/meta/test_mode") && context.ignores_tests() {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    match (data.need_text("/type")?, envelope.kind.as_str()) {
        ("orders", _) => order(&data, explicit, context),
        ("subscription-invoices", _) => invoice(&data, explicit, context),
        ("subscriptions", "subscription_created") if data.text("/attributes/status") == Some("on_trial") => {
            trial(&data, explicit, context)
        }
        ("subscriptions", _) => lives::mapped(envelope, body.value(CUSTOM_DATA), context),
        _ => Ok(Mapped::ignored(NOT_USED)),
    }
}

fn is_test(attributes: &Node<'_>, context: &Context) -> bool {
    attributes.is("/test_mode") && context.ignores_tests()
}

/// An order, and its refund: a complete subject.
pub fn order(data: &Node<'_>, explicit: Explicit, context: &Context) -> Result<Mapped, Fault> {
    let attributes = data.need_object("/attributes", "data.attributes")?;
    if is_test(&attributes, context) {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    let state = match attributes.need_text("/status")? {
        "paid" | "refunded" | "partial_refund" => State::Counts,
        "failed" | "fraudulent" => State::Void,
        "pending" => return Ok(Mapped::ignored("order is pending")),
        _ => return Ok(Mapped::ignored("order is not paid")),
    };
    let others = [data.id("/id"), attributes.id("/identifier")];
    let told = Told {
        id: data.need_transaction(ORDER, "/id")?,
        renewal: false,
        subscription: None,
        ids: others.into_iter().flatten().filter_map(OtherId::new).collect(),
        state,
    };
    paid(told, &attributes, explicit, context)
}

/// An invoice of a subscription. The first one is the order's money.
pub fn invoice(data: &Node<'_>, explicit: Explicit, context: &Context) -> Result<Mapped, Fault> {
    let attributes = data.need_object("/attributes", "data.attributes")?;
    if is_test(&attributes, context) {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    if attributes.text("/billing_reason") == Some("initial") {
        return Ok(Mapped::ignored("the order tells of it"));
    }
    if !matches!(attributes.need_text("/status")?, "paid" | "refunded" | "partial_refund") {
        return Ok(Mapped::ignored("invoice is not paid"));
    }
    let told = Told {
        id: data.need_transaction(INVOICE, "/id")?,
        renewal: true,
        subscription: subscription(attributes.id("/subscription_id")),
        ids: data.id("/id").and_then(OtherId::new).into_iter().collect(),
        state: State::Counts,
    };
    paid(told, &attributes, explicit, context)
}

fn subscription(number: Option<String>) -> Option<SubscriptionId> {
    SubscriptionId::new(format!("{SUBSCRIPTION}{}", number?))
}

struct Told {
    id: TransactionId,
    renewal: bool,
    subscription: Option<SubscriptionId>,
    ids: Vec<OtherId>,
    state: State,
}

/// The payment of an order or an invoice, and the refund of all that went back so far.
fn paid(told: Told, attributes: &Node<'_>, explicit: Explicit, context: &Context) -> Result<Mapped, Fault> {
    let total = attributes.need_int("/total")?;
    if total == 0 {
        return Ok(Mapped::ignored(NOTHING_PAID));
    }
    let sums = Sums::of(attributes)?;
    let version = attributes.moment("/updated_at")?;
    let time = attributes.moment("/created_at")?;
    let payment = Record {
        provider: Provider::LemonSqueezy,
        id: told.id.clone(),
        what: What::Payment { renewal: told.renewal, sum: sums.read("total", Some("tax"))? },
        state: told.state,
        time,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: attributes.id("/customer_id").and_then(CustomerId::new),
        email: attributes.text("/user_email").and_then(line),
        name: attributes.text("/user_name").and_then(line),
        subscription: told.subscription,
        ids: told.ids,
        version,
    };
    let mut records = vec![payment.clone()];
    if attributes.int("/refunded_amount").is_some_and(|back| back > 0) {
        records.push(Record {
            what: What::Refund { of: told.id.clone(), cause: Cause::Refund, sum: sums.read("refunded_amount", None)? },
            time: attributes.moment("/refunded_at").unwrap_or(version),
            visitor: None,
            session: None,
            ids: Vec::new(),
            ..payment.clone()
        });
    }
    let taking = Taking { complete: Some(version), ..Taking::new(Provider::LemonSqueezy, told.id, records) };
    let is_renewal = attributes.text("/billing_reason") == Some("renewal");
    let taking = if is_renewal { taking.renewed_by(&payment) } else { taking };
    Ok(Mapped::taken(taking, explicit.website, context))
}

/// The sums of an order, in its currency where its units are known, else in dollars.
struct Sums<'a> {
    attributes: &'a Node<'a>,
    units: Option<LemonSqueezyUnits>,
}

impl<'a> Sums<'a> {
    fn of(attributes: &'a Node<'a>) -> Result<Self, Fault> {
        let currency = attributes.currency("/currency")?;
        let (total, total_usd) = (attributes.need_int("/total")?, attributes.need_int("/total_usd")?);
        let units = LemonSqueezyUnits::of(currency, total, total_usd, attributes.text("/currency_rate"));
        Ok(Self { attributes, units })
    }

    fn read(&self, name: &str, tax: Option<&str>) -> Result<Sum, Fault> {
        let most = |path: &str| self.attributes.fault(path, "an amount from 0 to 1000000000000 minor units");
        let dollars = |name: &str| {
            let sent = self.attributes.int(&format!("/{name}_usd"))?;
            Some(Money { amount: units::stripe(sent, Currency::USD)?, currency: Currency::USD })
        };
        let path = format!("/{name}");
        let Some(units) = self.units else {
            let paid = dollars(name).ok_or_else(|| most(&format!("{path}_usd")))?;
            return Ok(Sum { paid, tax: tax.and_then(dollars).map(|tax| tax.amount), settled: Some(paid) });
        };
        let own = |path: &str| self.attributes.int(path).and_then(|sent| units.money(sent));
        Ok(Sum {
            paid: own(&path).ok_or_else(|| most(&path))?,
            tax: tax.and_then(|tax| own(&format!("/{tax}"))).map(|tax| tax.amount),
            settled: dollars(name),
        })
    }
}

/// A subscription that begins with a trial.
fn trial(data: &Node<'_>, explicit: Explicit, context: &Context) -> Result<Mapped, Fault> {
    let attributes = data.need_object("/attributes", "data.attributes")?;
    if is_test(&attributes, context) {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    let record = trial_record(data, &attributes, &explicit, attributes.moment("/updated_at")?)?;
    Ok(Mapped::taken(Taking::of(record), explicit.website, context))
}

pub fn trial_record(
    data: &Node<'_>,
    attributes: &Node<'_>,
    explicit: &Explicit,
    version: Timestamp,
) -> Result<Record, Fault> {
    Ok(Record {
        provider: Provider::LemonSqueezy,
        id: data.need_transaction(SUBSCRIPTION, "/id")?,
        // A subscription does not say its currency.
        what: What::Trial { currency: Currency::USD },
        state: State::Counts,
        time: attributes.moment("/created_at")?,
        visitor: explicit.visitor,
        session: explicit.session.clone(),
        customer: attributes.id("/customer_id").and_then(CustomerId::new),
        email: attributes.text("/user_email").and_then(line),
        name: attributes.text("/user_name").and_then(line),
        subscription: subscription(data.id("/id")),
        ids: attributes.id("/order_id").and_then(OtherId::new).into_iter().collect(),
        version,
    })
}
