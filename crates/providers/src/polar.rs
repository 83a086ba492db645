//! Polar: orders, refunds, lost disputes (docs/contract/providers.md#4.3).

use sluice_values::Timestamp;

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, OtherId, SubscriptionId, line};
use crate::lives;
use crate::mapped::{Context, Mapped, NOT_USED, NOTHING_PAID, Taking};
use crate::metadata::Explicit;
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::reading::Step;
use crate::record::{Cause, Record, State, What};
use crate::units;

pub const EVENTS: [&str; 10] = [
    "order.paid",
    "order.updated",
    "refund.created",
    "refund.updated",
    "subscription.created",
    "subscription.active",
    "subscription.updated",
    "subscription.canceled",
    "subscription.uncanceled",
    "subscription.revoked",
];

/// The work on an event: all of it is in the payload.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    Mapped::from(event(envelope, context)).into()
}

fn event(envelope: &Envelope, context: &Context) -> Result<Mapped, Fault> {
    let data = Node::new("body", &envelope.json).need_object("/data", "data")?;
    match envelope.kind.split_once('.') {
        Some(("order", _)) => order(&data, context),
        Some(("refund", _)) => refund(&data),
        Some(("subscription", _)) => lives::mapped(envelope, data.value("/metadata"), context),
        _ => Ok(Mapped::ignored(NOT_USED)),
    }
}

/// When it was last changed; what never was has the time of its making.
fn version(data: &Node<'_>) -> Result<Timestamp, Fault> {
    if data.value("/modified_at").is_some() { data.moment("/modified_at") } else { data.moment("/created_at") }
}

fn amount(data: &Node<'_>, path: &str) -> Result<Minor, Fault> {
    let sent = data.need_int(path)?;
    units::stripe(sent, data.currency("/currency")?)
        .ok_or_else(|| data.fault(path, "an amount from 0 to 1000000000000 minor units"))
}

/// An order as an event or a list has it.
pub fn order(data: &Node<'_>, context: &Context) -> Result<Mapped, Fault> {
    let status = data.need_text("/status")?;
    if !matches!(status, "paid" | "refunded" | "partially_refunded") {
        let known = ["draft", "pending", "void"].into_iter().find(|known| *known == status);
        return Ok(Mapped::ignored(
            known.map_or("order is not paid".to_owned(), |status| format!("order is {status}")),
        ));
    }
    let reason = data.text("/billing_reason").unwrap_or("purchase");
    let subscription = data.id_of("/subscription_id").or_else(|| data.id_of("/subscription"));
    let has_trial = data.value("/subscription/trial_end").is_some();
    let begins = matches!(reason, "subscription_create" | "subscription_update");
    let due = amount(data, "/due_amount")?;
    let currency = data.currency("/currency")?;
    let renewal = !matches!(reason, "purchase" | "subscription_create");
    let what = if due.is_nothing() && data.need_int("/total_amount")? == 0 && has_trial && begins {
        What::Trial { currency }
    } else if due.is_nothing() {
        return Ok(Mapped::ignored(NOTHING_PAID));
    } else {
        let sum = Sum { paid: Money { amount: due, currency }, tax: amount(data, "/tax_amount").ok(), settled: None };
        What::Payment { renewal, sum }
    };
    let of = |path: &str| Explicit::of(data.value(path));
    let explicit = of("/metadata").or(of("/subscription/metadata")).or(of("/customer/metadata"));
    let time = data.moment("/created_at")?;
    let name = data.text("/customer/name").or_else(|| data.text("/billing_name"));
    let record = Record {
        provider: Provider::Polar,
        id: data.need_transaction("", "/id")?,
        what,
        state: State::Counts,
        time,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: data.id("/customer_id").and_then(CustomerId::new),
        email: data.text("/customer/email").and_then(line),
        name: name.and_then(line),
        subscription: subscription.and_then(SubscriptionId::new),
        ids: data.id("/checkout_id").and_then(OtherId::new).into_iter().collect(),
        version: version(data)?,
    };
    let taking = Taking::of(record.clone());
    let taking = if reason == "subscription_cycle" { taking.renewed_by(&record) } else { taking };
    Ok(Mapped::taken(taking, explicit.website, context))
}

/// A refund as an event or a list has it.
pub fn refund(data: &Node<'_>) -> Result<Mapped, Fault> {
    let state = match data.need_text("/status")? {
        "succeeded" => State::Counts,
        "failed" | "canceled" => State::Void,
        _ => return Ok(Mapped::ignored("refund is pending")),
    };
    returned(data, Cause::Refund, state)
}

/// A dispute as a list has it: only a lost one takes money.
pub fn dispute(data: &Node<'_>) -> Result<Mapped, Fault> {
    if data.need_text("/status")? == "lost" {
        returned(data, Cause::Chargeback, State::Counts)
    } else {
        Ok(Mapped::ignored("dispute is not lost"))
    }
}

/// `amount` is without the tax.
fn returned(data: &Node<'_>, cause: Cause, state: State) -> Result<Mapped, Fault> {
    let net = amount(data, "/amount")?;
    let tax = if data.value("/tax_amount").is_some() { amount(data, "/tax_amount")? } else { Minor::NOTHING };
    let paid = Minor::new(net.units() + tax.units())
        .ok_or_else(|| data.fault("/amount", "an amount from 0 to 1000000000000 minor units"))?;
    let id = data.need_transaction("", "/id")?;
    let of = data.need_transaction("", "/order_id")?;
    let paid = Money { amount: paid, currency: data.currency("/currency")? };
    let what = What::Refund { of, cause, sum: Sum { paid, tax: Some(tax), settled: None } };
    Ok(Mapped::Take(Taking::of(Record {
        customer: data.id("/customer_id").and_then(CustomerId::new),
        subscription: data.id("/subscription_id").and_then(SubscriptionId::new),
        ..Record::new(Provider::Polar, id, what, state, data.moment("/created_at")?, version(data)?)
    })))
}
