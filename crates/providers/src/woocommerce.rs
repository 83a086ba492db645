//! WooCommerce: orders with their refunds (docs/contract/providers.md#4.6). An order is a complete subject: a refund that it
//! does not list any more is none.

use serde_json::Value;

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId, line};
use crate::mapped::{Context, GONE, Mapped, NOT_USED, NOTHING_PAID, Taking};
use crate::metadata::Explicit;
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, found};
use crate::record::{Cause, Record, State, What};
use crate::request::{Answer, Request};
use crate::units;

pub const TOPICS: [&str; 4] = ["order.created", "order.updated", "order.deleted", "order.restored"];

/// Where a shop's API begins.
pub const API: &str = "/wp-json/wc/v3";

const ORDER: &str = "woocommerce:order:";
const REFUND: &str = "woocommerce:refund:";

/// The work on a delivery.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    Step::of(begin(envelope, context))
}

fn begin(envelope: &Envelope, context: &Context) -> Result<Step, Fault> {
    let order = Node::new("body", &envelope.json);
    match envelope.kind.as_str() {
        // The body has the number alone: the order has no records any more.
        "order.deleted" => {
            let id = order.need_transaction(ORDER, "/id")?;
            let taking = Taking::new(Provider::WooCommerce, id, Vec::new());
            Ok(Mapped::Take(Taking { complete: Some(context.arrived_at), ..taking }).into())
        }
        // What was deleted at our time is there again, whenever it was last changed.
        "order.restored" => order_step(&order, true, context),
        "order.created" | "order.updated" => order_step(&order, false, context),
        _ => Ok(Mapped::ignored(NOT_USED).into()),
    }
}

/// An order. When its refunds happened has to be read.
pub fn order_step(order: &Node<'_>, is_restored: bool, context: &Context) -> Result<Step, Fault> {
    let has_refunds = order.items("/refunds", "refund").next().is_some();
    let mapped = self::order(order, None, is_restored, context)?;
    match mapped {
        Mapped::Take(_) | Mapped::TakeUnlessOf(..) if has_refunds && !is_over(order) => {
            let id = order.need_id("/id")?;
            let next = AfterRefunds { order: order.json().clone(), is_restored };
            Ok(Step::ask(Request::get(format!("{API}/orders/{id}/refunds")), next))
        }
        mapped => Ok(mapped.into()),
    }
}

struct AfterRefunds {
    order: Value,
    is_restored: bool,
}

impl Next for AfterRefunds {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(refunds) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        let order = Node::new("order", &self.order);
        Ok(Mapped::from(self::order(&order, Some(refunds), self.is_restored, context)).into())
    }
}

/// Whether the order is no sale any more.
fn is_over(order: &Node<'_>) -> bool {
    matches!(order.text("/status"), Some("cancelled" | "failed" | "trash"))
}

fn order(order: &Node<'_>, refunds: Option<&Value>, is_restored: bool, context: &Context) -> Result<Mapped, Fault> {
    let waits = matches!(order.need_text("/status")?, "pending" | "on-hold" | "checkout-draft");
    if waits || order.value("/date_paid_gmt").is_none() {
        return Ok(Mapped::ignored("not paid yet"));
    }
    let id = order.need_transaction(ORDER, "/id")?;
    let changed = order.moment_of_utc("/date_modified_gmt")?;
    let version = if is_restored { changed.max(context.arrived_at) } else { changed };
    let currency = order.currency("/currency")?;
    let amount = |node: &Node<'_>, path: &str| {
        let sent = node.text(path).and_then(|sent| units::shop(sent, currency));
        sent.ok_or_else(|| node.fault(path, "a decimal number as text"))
    };
    let paid = Money { amount: amount(order, "/total")?, currency };
    if paid.amount.is_nothing() {
        return Ok(Mapped::ignored(NOTHING_PAID));
    }
    let is_over = is_over(order);
    let explicit = Explicit::of_list(order.value("/meta_data"), "key");
    let renewed =
        order.items("/meta_data", "meta_data").find(|meta| meta.text("/key") == Some("_subscription_renewal"));
    let subscription = renewed.and_then(|meta| meta.id("/value"));
    let name = [order.text("/billing/first_name"), order.text("/billing/last_name")].map(Option::unwrap_or_default);
    let others = ["/order_key", "/transaction_id"].into_iter().filter_map(|path| order.id(path));
    let mut payment = Record {
        provider: Provider::WooCommerce,
        id: id.clone(),
        what: What::Payment {
            renewal: renewed.is_some() || order.text("/created_via") == Some("subscription"),
            sum: Sum { paid, tax: amount(order, "/total_tax").ok(), settled: None },
        },
        state: State::Counts,
        time: order.moment_of_utc("/date_paid_gmt")?,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: order.id("/customer_id").and_then(CustomerId::new),
        email: order.text("/billing/email").and_then(line),
        name: line(&name.join(" ")),
        subscription: subscription.and_then(|number| SubscriptionId::new(format!("woocommerce:subscription:{number}"))),
        ids: others.filter_map(OtherId::new).collect(),
        version,
    };
    if is_over {
        // What is known of it stays known; it says no more than that it is void.
        payment = Record {
            what: What::Payment { renewal: false, sum: Sum { paid, tax: None, settled: None } },
            state: State::Void,
            visitor: None,
            session: None,
            subscription: None,
            ids: Vec::new(),
            ..payment
        };
    }
    let mut records = vec![payment.clone()];
    if !is_over {
        for refund in order.items("/refunds", "refund") {
            // What goes back is written as less than nothing.
            let total =
                refund.text("/total").and_then(|sent| units::shop(sent.strip_prefix('-').unwrap_or(sent), currency));
            let total = total.ok_or_else(|| refund.fault("/total", "a decimal number as text"))?;
            records.extend(refund_record(&refund, &id, refunds, total, &payment)?);
        }
    }
    let taking = Taking { complete: Some(version), ..Taking::new(Provider::WooCommerce, id, records) };
    Ok(Mapped::taken(taking, explicit.website, context))
}

/// A refund of an order, with its time from the list of refunds; one that is not there any more is none.
fn refund_record(
    refund: &Node<'_>,
    of: &TransactionId,
    listed: Option<&Value>,
    amount: Minor,
    payment: &Record,
) -> Result<Option<Record>, Fault> {
    let id = refund.need_id("/id")?;
    let listed = listed.map(|listed| Node::new("refunds", listed));
    let listed = listed.and_then(|listed| listed.items("", "refund").find(|one| one.id("/id").as_ref() == Some(&id)));
    let Some(listed) = listed else { return Ok(None) };
    let currency = payment.money().currency;
    Ok(Some(Record {
        id: refund.need_transaction(REFUND, "/id")?,
        what: What::Refund {
            of: of.clone(),
            cause: Cause::Refund,
            sum: Sum { paid: Money { amount, currency }, tax: None, settled: None },
        },
        time: listed.moment_of_utc("/date_created_gmt")?,
        visitor: None,
        session: None,
        subscription: None,
        ids: Vec::new(),
        ..payment.clone()
    }))
}
