//! Paddle: transactions and adjustments (docs/contract/providers.md#4.4).

use std::collections::BTreeMap;

use sluice_values::ordered::{self, Ordered as _};

use serde_json::Value;

use sluice_values::Timestamp;

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, SubscriptionId, line};
use crate::lives;
use crate::mapped::{Context, GONE, Mapped, NOT_USED, NOTHING_PAID, Taking};
use crate::metadata::Explicit;
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, found};
use crate::record::{Cause, Record, State, What};
use crate::request::{Answer, Request};
use crate::units;

pub const EVENTS: [&str; 12] = [
    "transaction.completed",
    "adjustment.created",
    "adjustment.updated",
    "subscription.created",
    "subscription.activated",
    "subscription.trialing",
    "subscription.updated",
    "subscription.canceled",
    "subscription.paused",
    "subscription.resumed",
    "api_key.expiring",
    "api_key.expired",
];

/// The request for the decimals of each currency.
pub fn currencies_request() -> Request {
    Request::get("/currencies").with("per_page", "200")
}

/// The decimals by code, as [`Context::decimals`] has them.
pub fn decimals(answer: &Answer) -> BTreeMap<String, u32> {
    let list = Node::new("currencies", &answer.body);
    let of = |currency: Node<'_>| {
        let code = currency.text("/code").or_else(|| currency.text("/currency_code"))?;
        Some((code.to_owned(), u32::try_from(currency.int("/decimal_places")?).ok()?))
    };
    list.items("/data", "currency").filter_map(of).into_map()
}

/// Whether amounts' units are Paddle's to tell (docs/contract/providers.md#9, 4): in an event, or in a page of a list.
pub fn has_doubtful_units(body: &Value) -> bool {
    let currency = |object: &Value| {
        let currency = object.get("currency_code").and_then(Value::as_str);
        currency.is_some_and(|currency| ["HUF", "COP", "TWD"].contains(&currency))
    };
    match body.get("data") {
        Some(Value::Array(objects)) => objects.iter().any(currency),
        Some(object) => currency(object),
        None => false,
    }
}

/// The work on an event.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    Step::of(begin(envelope, context))
}

fn begin(envelope: &Envelope, context: &Context) -> Result<Step, Fault> {
    let data = Node::new("body", &envelope.json).need_object("/data", "data")?;
    match envelope.kind.split_once('.') {
        Some(("transaction", _)) => transaction_step(&data, context),
        Some(("adjustment", _)) => adjustment_step(&data, context),
        Some(("subscription", _)) => Ok(lives::mapped(envelope, data.value("/custom_data"), context)?.into()),
        Some(("api_key", _)) => Ok(Mapped::ignored("no money was moved").into()),
        _ => Ok(Mapped::ignored(NOT_USED).into()),
    }
}

// ---- Transactions

/// A transaction, whose customer is asked for.
pub fn transaction_step(data: &Node<'_>, context: &Context) -> Result<Step, Fault> {
    let mapped = transaction(data, None, context)?;
    if data.id("/customer_id").is_none() || matches!(mapped, Mapped::Ignored { .. }) {
        return Ok(mapped.into());
    }
    let request = Request::get(format!("/customers/{}", data.need_id("/customer_id")?));
    Ok(Step::ask(request, AfterCustomer { transaction: data.json().clone() }))
}

struct AfterCustomer {
    transaction: Value,
}

impl Next for AfterCustomer {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        // Name and address are not worth holding up a payment.
        let customer = answer.body.pointer("/data").filter(|_| answer.is_ok());
        let transaction = Node::new("data", &self.transaction);
        Ok(Mapped::from(self::transaction(&transaction, customer, context)).into())
    }
}

/// A transaction as an event or a list has it.
pub fn transaction(data: &Node<'_>, customer: Option<&Value>, context: &Context) -> Result<Mapped, Fault> {
    if data.need_text("/status")? != "completed" {
        return Ok(Mapped::ignored("not completed"));
    }
    let currency = data.currency("/currency_code")?;
    let amount = |path: &str| {
        let sent = data.text(path).and_then(|sent| units::paddle(sent, currency, &context.decimals));
        sent.ok_or_else(|| data.fault(path, "a whole number from 0 to 1000000000000 as text"))
    };
    let total = amount("/details/totals/grand_total")?;
    let subscription = data.id("/subscription_id").and_then(SubscriptionId::new);
    let has_trial = data.items("/items", "item").any(|item| item.value("/price/trial_period").is_some());
    let origin = data.text("/origin").unwrap_or_default();
    let what = if !total.is_nothing() {
        let renewal = matches!(
            origin,
            "subscription_recurring"
                | "subscription_charge"
                | "subscription_update"
                | "subscription_payment_method_change"
        );
        let sum = Sum {
            paid: Money { amount: total, currency },
            tax: amount("/details/totals/grand_total_tax").ok(),
            settled: settled(data.object("/details/payout_totals", "payout_totals"), "/grand_total", context),
        };
        What::Payment { renewal, sum }
    } else if subscription.is_some() && has_trial {
        What::Trial { currency }
    } else {
        return Ok(Mapped::ignored(NOTHING_PAID));
    };
    let captured = data.items("/payments", "payment").find(|payment| payment.text("/status") == Some("captured"));
    let time = captured.and_then(|payment| payment.moment("/captured_at").ok());
    let time = time.map_or_else(|| data.moment("/billed_at"), Ok)?;
    let explicit = Explicit::of(data.value("/custom_data"));
    let of_customer =
        |path: &str| customer.and_then(|customer| Node::new("customer", customer).text(path)).and_then(line);
    let record = Record {
        provider: Provider::Paddle,
        id: data.need_transaction("", "/id")?,
        what,
        state: State::Counts,
        time,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: data.id("/customer_id").and_then(CustomerId::new),
        email: of_customer("/email"),
        name: of_customer("/name"),
        subscription,
        ids: Vec::new(),
        version: data.moment("/updated_at")?,
    };
    let taking = Taking::of(record.clone());
    let taking = if origin == "subscription_recurring" { taking.renewed_by(&record) } else { taking };
    Ok(Mapped::taken(taking, explicit.website, context))
}

fn settled(totals: Option<Node<'_>>, path: &str, context: &Context) -> Option<Money> {
    let totals = totals?;
    let currency = totals.currency("/currency_code").ok()?;
    Some(Money { amount: units::paddle(totals.text(path)?, currency, &context.decimals)?, currency })
}

// ---- Adjustments

/// An adjustment. One that reverses another does not name it: all of the transaction are read and paired.
pub fn adjustment_step(data: &Node<'_>, context: &Context) -> Result<Step, Fault> {
    match Action::of(data) {
        Action::Takes(_) => Ok(adjustment(data, None, context)?.into()),
        Action::Reverses(_) if data.need_text("/status")? != "approved" => Ok(waiting(data)?.into()),
        Action::Reverses(_) => {
            let transaction = data.need_id("/transaction_id")?;
            Ok(Step::ask(Request::get("/adjustments").with("transaction_id", transaction), AfterAdjustments))
        }
        Action::Other => Ok(Mapped::ignored("no money of the customer moves").into()),
    }
}

fn waiting(data: &Node<'_>) -> Result<Mapped, Fault> {
    let status = data.need_text("/status")?;
    let known = ["pending_approval", "rejected", "reversed"].into_iter().find(|known| *known == status);
    Ok(Mapped::ignored(
        known.map_or("adjustment is not approved".to_owned(), |status| format!("adjustment is {status}")),
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// Money goes back to the customer.
    Takes(Kind),
    Reverses(Kind),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Refund,
    Chargeback,
    Warning,
}

impl Action {
    fn of(data: &Node<'_>) -> Self {
        match data.text("/action") {
            Some("refund") => Self::Takes(Kind::Refund),
            Some("chargeback") => Self::Takes(Kind::Chargeback),
            Some("chargeback_warning") => Self::Takes(Kind::Warning),
            Some("chargeback_reverse") => Self::Reverses(Kind::Chargeback),
            Some("chargeback_warning_reverse") => Self::Reverses(Kind::Warning),
            _ => Self::Other,
        }
    }
}

/// An adjustment that takes money; `reversed` is when it was reversed by another.
fn adjustment(data: &Node<'_>, reversed: Option<Timestamp>, context: &Context) -> Result<Mapped, Fault> {
    let state = match data.need_text("/status")? {
        _ if reversed.is_some() => State::Void,
        "approved" => State::Counts,
        "rejected" | "reversed" => State::Void,
        _ => return waiting(data),
    };
    let currency = data.currency("/currency_code")?;
    let amount = |path: &str| -> Result<Minor, Fault> {
        let sent = data.text(path).and_then(|sent| units::paddle(sent, currency, &context.decimals));
        sent.ok_or_else(|| data.fault(path, "a whole number from 0 to 1000000000000 as text"))
    };
    let cause = if data.text("/action") == Some("refund") { Cause::Refund } else { Cause::Chargeback };
    let sum = Sum {
        paid: Money { amount: amount("/totals/total")?, currency },
        tax: amount("/totals/tax").ok(),
        settled: settled(data.object("/payout_totals", "payout_totals"), "/total", context),
    };
    let updated = data.moment("/updated_at")?;
    let id = data.need_transaction("", "/id")?;
    let what = What::Refund { of: data.need_transaction("", "/transaction_id")?, cause, sum };
    let version = reversed.map_or(updated, |reversed| reversed.max(updated));
    Ok(Mapped::Take(Taking::of(Record {
        customer: data.id("/customer_id").and_then(CustomerId::new),
        subscription: data.id("/subscription_id").and_then(SubscriptionId::new),
        ..Record::new(Provider::Paddle, id, what, state, data.moment("/created_at")?, version)
    })))
}

/// All adjustments of a transaction, which its own page has: those that reverse others need no reading.
pub fn adjustments(transaction: &Node<'_>, context: &Context) -> Vec<Result<Mapped, Fault>> {
    let all: Vec<Node<'_>> = transaction.items("/adjustments", "adjustment").collect();
    let takes = all.iter().filter(|data| matches!(Action::of(data), Action::Takes(_)));
    let mut mapped: Vec<Result<Mapped, Fault>> = takes.map(|data| adjustment(data, None, context)).collect();
    if all.iter().any(|data| matches!(Action::of(data), Action::Reverses(_))) {
        mapped.push(reversed(&all, context));
    }
    mapped
}

struct AfterAdjustments;

impl Next for AfterAdjustments {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(list) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        let list = Node::new("adjustments", list);
        let adjustments = list.need_items("/data", "adjustment").map(Iterator::collect::<Vec<_>>);
        Ok(Mapped::from(adjustments.and_then(|adjustments| reversed(&adjustments, context))).into())
    }
}

/// The adjustments of one transaction that others reverse: each reversal takes the earliest of its kind and amount that is
/// not taken yet.
fn reversed(adjustments: &[Node<'_>], context: &Context) -> Result<Mapped, Fault> {
    let mut all = Vec::new();
    for data in adjustments {
        let amount = data.need_text("/totals/total")?;
        all.push((data.moment("/created_at")?, data.need_id("/id")?, amount, Action::of(data), data));
    }
    ordered::sort_by(&mut all, |one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let mut taken: Vec<&str> = Vec::new();
    let mut records = Vec::new();
    for (_, _, amount, action, reversal) in &all {
        let Action::Reverses(kind) = *action else { continue };
        if reversal.text("/status") != Some("approved") {
            continue;
        }
        let original = all.iter().find(|(_, id, other, action, _)| {
            *action == Action::Takes(kind) && other == amount && !taken.contains(&id.as_str())
        });
        let Some((_, id, _, _, original)) = original else { continue };
        taken.push(id);
        if let Mapped::Take(taking) = adjustment(original, Some(reversal.moment("/updated_at")?), context)? {
            records.extend(taking.records);
        }
    }
    let subject = records.first().map(|record| record.id.clone());
    Ok(match subject {
        Some(subject) => Mapped::Take(Taking::new(Provider::Paddle, subject, records)),
        None => Mapped::ignored("nothing that it reverses"),
    })
}
