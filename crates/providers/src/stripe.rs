//! Stripe: what an event leads to reading, and what comes of it (docs/contract/providers.md#4.1).
//!
//! An event only names its subject. It may be built with another version of the API, late, or out of order, so a charge and
//! a trial are read.

use serde_json::Value;

use sluice_values::Timestamp;

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId, line};
use crate::lifecycle::{Goal, Milestone};
use crate::lives;
use crate::mapped::{Context, GONE, Mapped, NOT_USED, NOTHING_PAID, TEST_MODE, Taking};
use crate::metadata::Explicit;
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, found};
use crate::record::{Cause, Record, State, What};
use crate::request::{Answer, Request};
use crate::units;

/// The events that a webhook is registered for, and that polling asks for.
pub const EVENTS: [&str; 13] = [
    "charge.succeeded",
    "charge.captured",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
];

/// The work on an event.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    Step::of(begin(envelope, context))
}

fn begin(envelope: &Envelope, context: &Context) -> Result<Step, Fault> {
    let body = Node::new("body", &envelope.json);
    let object = body.need_object("/data/object", "data.object")?;
    if is_test(&body, context) || is_test(&object, context) {
        return Ok(Mapped::ignored(TEST_MODE).into());
    }
    let happened_at = body.seconds("/created")?;
    match envelope.kind.as_str() {
        "charge.succeeded" | "charge.captured" => {
            let charge = object.need_id("/id")?;
            Ok(Step::ask(charge_request(&charge), AfterCharge))
        }
        "refund.created" | "refund.updated" | "refund.failed" if context.has_close_event => {
            let refund = object.need_id("/id")?;
            Ok(Step::ask(Request::get(format!("/v1/refunds/{refund}")), AfterRefund))
        }
        "refund.created" | "refund.updated" | "refund.failed" => Ok(refund(&object, happened_at)?.into()),
        "charge.dispute.funds_withdrawn" | "charge.dispute.funds_reinstated" => {
            let is_back = envelope.kind.ends_with("reinstated");
            Ok(dispute(&object, Some(is_back), happened_at)?.into())
        }
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => session_step(&object),
        "invoice.paid" => {
            let subscription = object.id_of("/parent/subscription_details/subscription");
            match (object.need_int("/total")?, subscription) {
                (0, Some(_)) => {
                    let subscription = object.need_id("/parent/subscription_details/subscription")?;
                    Ok(trial_step(&subscription, Some(object.json().clone()), None))
                }
                (0, None) => Ok(Mapped::ignored(NOTHING_PAID).into()),
                _ => Ok(Mapped::ignored("the charge tells of it").into()),
            }
        }
        "customer.subscription.created" if object.text("/status") == Some("trialing") => {
            Ok(trial_step(&object.need_id("/id")?, None, None))
        }
        "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted" => {
            Ok(lives::mapped(envelope, object.value("/metadata"), context)?.into())
        }
        _ => Ok(Mapped::ignored(NOT_USED).into()),
    }
}

fn is_test(node: &Node<'_>, context: &Context) -> bool {
    context.ignores_tests() && node.value("/livemode") == Some(&Value::Bool(false))
}

// ---- A charge

fn charge_request(charge: &str) -> Request {
    // The customer's metadata comes along, so that it costs no request when all else is silent.
    let expanded = ["payment_intent", "balance_transaction", "customer"];
    expanded
        .into_iter()
        .fold(Request::get(format!("/v1/charges/{charge}")), |request, field| request.with("expand[]", field))
}

/// The charge of an intent, with what [`charge_request`] reads of it.
fn intent_request(intent: &str) -> Request {
    let expanded = ["latest_charge.balance_transaction", "latest_charge.customer"];
    let request = Request::get(format!("/v1/payment_intents/{intent}"));
    expanded.into_iter().fold(request, |request, field| request.with("expand[]", field))
}

fn session_step(session: &Node<'_>) -> Result<Step, Fault> {
    let keep = Some(session.json().clone());
    if session.id_of("/payment_intent").is_some() {
        let intent = session.need_id("/payment_intent")?;
        return Ok(Step::ask(intent_request(&intent), AfterIntent { session: keep }));
    }
    if session.id_of("/invoice").is_some() {
        let invoice = session.need_id("/invoice")?;
        let request = Request::get("/v1/invoice_payments").with("invoice", invoice).with("expand[]", "data.invoice");
        return Ok(Step::ask(request, AfterSessionsInvoice { session: session.json().clone() }));
    }
    if session.id_of("/subscription").is_some() {
        return Ok(trial_step(&session.need_id("/subscription")?, None, keep));
    }
    Ok(Mapped::ignored(NOTHING_PAID).into())
}

struct AfterSessionsInvoice {
    session: Value,
}

impl Next for AfterSessionsInvoice {
    fn answered(self: Box<Self>, answer: &Answer, _: &Context) -> Result<Step, Trouble> {
        let Some(list) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        let session = Node::new("session", &self.session);
        let list = Node::new("invoice_payments", list);
        let intent =
            list.items("/data", "invoice_payment").find_map(|paid| paid.need_id("/payment/payment_intent").ok());
        Ok(match intent {
            Some(intent) => Step::ask(intent_request(&intent), AfterIntent { session: Some(self.session) }),
            None => match session.need_id("/subscription") {
                Ok(subscription) => trial_step(&subscription, None, Some(self.session.clone())),
                Err(_) => Mapped::ignored(NOTHING_PAID).into(),
            },
        })
    }
}

struct AfterIntent {
    session: Option<Value>,
}

impl Next for AfterIntent {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(intent) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        let mut intent = intent.clone();
        let charge = intent.as_object_mut().and_then(|intent| intent.remove("latest_charge"));
        let Some(mut charge) = charge.filter(Value::is_object) else { return Ok(Mapped::ignored("not paid").into()) };
        if let Some(charge) = charge.as_object_mut() {
            charge.insert("payment_intent".into(), intent);
        }
        Ok(Step::of(charge_step(Parts { charge, session: self.session, ..Parts::default() }, context)))
    }
}

struct AfterCharge;

impl Next for AfterCharge {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(charge) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        Ok(Step::of(charge_step(Parts { charge: charge.clone(), ..Parts::default() }, context)))
    }
}

/// What is known of a charge.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// With its intent and its balance transaction.
    pub charge: Value,
    pub invoice: Option<Value>,
    pub session: Option<Value>,
    pub customer: Option<Value>,
}

impl Parts {
    fn charge(&self) -> Node<'_> {
        Node::new("charge", &self.charge)
    }

    fn invoice(&self) -> Option<Node<'_>> {
        self.invoice.as_ref().map(|invoice| Node::new("invoice", invoice))
    }

    fn session(&self) -> Option<Node<'_>> {
        self.session.as_ref().map(|session| Node::new("session", session))
    }

    /// Why Stripe made the invoice.
    fn reason(&self) -> Option<&str> {
        self.invoice()?.text("/billing_reason")
    }

    fn is_renewal(&self) -> bool {
        let renewals = ["subscription_cycle", "subscription_update", "subscription_threshold", "subscription"];
        self.reason().is_some_and(|reason| renewals.contains(&reason))
    }

    fn subscription(&self) -> Option<String> {
        self.invoice()?.id_of(SUBSCRIPTION_OF_INVOICE)
    }

    /// The charge, its intent, the checkout, the subscription, the customer: the first that names a visitor.
    fn explicit(&self) -> Explicit {
        let charge = self.charge();
        let of = |node: Option<Node<'_>>, path: &str| Explicit::of(node.and_then(|node| node.value(path)));
        of(Some(charge), "/metadata")
            .or(of(Some(charge), "/payment_intent/metadata"))
            .or(of_session(self.session()))
            .or(of_invoice(self.invoice()))
            .or(of(Some(charge), "/customer/metadata"))
            .or(of(self.customer.as_ref().map(|customer| Node::new("customer", customer)), "/metadata"))
    }
}

const SUBSCRIPTION_OF_INVOICE: &str = "/parent/subscription_details/subscription";

fn of_session(session: Option<Node<'_>>) -> Explicit {
    let metadata = Explicit::of(session.and_then(|session| session.value("/metadata")));
    metadata.or(Explicit::reference(session.and_then(|session| session.text("/client_reference_id"))))
}

fn of_invoice(invoice: Option<Node<'_>>) -> Explicit {
    let of = |path: &str| Explicit::of(invoice.and_then(|invoice| invoice.value(path)));
    of("/metadata").or(of("/parent/subscription_details/metadata"))
}

/// The next step for a charge that was read.
fn charge_step(parts: Parts, context: &Context) -> Result<Step, Fault> {
    if let Some(reason) = ignored_charge(&parts.charge(), context)? {
        return Ok(Mapped::ignored(reason).into());
    }
    if parts.charge().id_of("/payment_intent").is_none() {
        return Ok(payment(&parts, context)?.into());
    }
    let intent = parts.charge().need_id("/payment_intent")?;
    let request = Request::get("/v1/invoice_payments")
        .with("payment[type]", "payment_intent")
        .with("payment[payment_intent]", intent)
        .with("expand[]", "data.invoice");
    Ok(Step::ask(request, AfterInvoices { parts }))
}

struct AfterInvoices {
    parts: Parts,
}

impl Next for AfterInvoices {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        if let Some(list) = found(answer)? {
            let list = Node::new("invoice_payments", list);
            let invoice = list.items("/data", "invoice_payment").find_map(|paid| paid.object("/invoice", "invoice"));
            self.parts.invoice = invoice.map(|invoice| invoice.json().clone());
        }
        Ok(Step::of(sessions_step(self.parts, context)))
    }
}

fn sessions_step(parts: Parts, context: &Context) -> Result<Step, Fault> {
    if parts.is_renewal() {
        return Ok(payment(&parts, context)?.into());
    }
    let sessions = Request::get("/v1/checkout/sessions");
    let request = match (parts.subscription(), parts.invoice()) {
        (Some(_), Some(invoice)) => sessions.with("subscription", invoice.need_id(SUBSCRIPTION_OF_INVOICE)?),
        _ => sessions.with("payment_intent", parts.charge().need_id("/payment_intent")?),
    };
    Ok(Step::ask(request, AfterSessions { parts }))
}

/// The session of a list that says whose it is; else the first.
fn session_of(list: &Value) -> Option<Value> {
    let list = Node::new("sessions", list);
    let sessions: Vec<Node<'_>> = list.items("/data", "session").collect();
    let telling = sessions.iter().find(|session| of_session(Some(**session)).visitor.is_some());
    telling.or(sessions.first()).map(|session| session.json().clone())
}

struct AfterSessions {
    parts: Parts,
}

impl Next for AfterSessions {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        // A session that the event itself brought may not be among the listed ones yet.
        self.parts.session = found(answer)?.and_then(session_of).or(self.parts.session);
        Ok(Step::of(customer_step(self.parts, context)))
    }
}

/// The customer is only asked about when all else is silent.
fn customer_step(parts: Parts, context: &Context) -> Result<Step, Fault> {
    let is_known = parts.charge().value("/customer").is_some_and(Value::is_object);
    let is_silent = !is_known && parts.explicit().visitor.is_none();
    let customer = parts.charge().need_id("/customer").ok().filter(|_| is_silent);
    match customer {
        Some(customer) => Ok(Step::ask(Request::get(format!("/v1/customers/{customer}")), AfterCustomer { parts })),
        None => Ok(payment(&parts, context)?.into()),
    }
}

struct AfterCustomer {
    parts: Parts,
}

impl Next for AfterCustomer {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        // Its metadata is worth waiting for, but not worth failing for.
        self.parts.customer = match found(answer) {
            Ok(customer) => customer.cloned(),
            Err(Trouble::Denied(_)) => None,
            Err(trouble) => return Err(trouble),
        };
        Ok(Mapped::from(payment(&self.parts, context)).into())
    }
}

fn ignored_charge(charge: &Node<'_>, context: &Context) -> Result<Option<&'static str>, Fault> {
    Ok(if is_test(charge, context) {
        Some(TEST_MODE)
    } else if !charge.is("/paid") || charge.need_text("/status")? != "succeeded" {
        Some("not paid")
    } else if !charge.is("/captured") {
        Some("not captured")
    } else if charge.need_int("/amount_captured")? == 0 {
        Some(NOTHING_PAID)
    } else {
        None
    })
}

/// The payment of a charge.
pub fn payment(parts: &Parts, context: &Context) -> Result<Mapped, Fault> {
    let (charge, invoice, session) = (parts.charge(), parts.invoice(), parts.session());
    if let Some(reason) = ignored_charge(&charge, context)? {
        return Ok(Mapped::ignored(reason));
    }
    let id = charge.need_transaction("", "/id")?;
    let intent = charge.id_of("/payment_intent").and_then(TransactionId::new);
    let time = charge.seconds("/created")?;
    let currency = charge.currency("/currency")?;
    let amount = |node: &Node<'_>, path: &str| node.int(path).and_then(|sent| units::stripe(sent, currency));
    let tax = match (invoice, session) {
        (Some(invoice), _) => invoice
            .items("/total_taxes", "tax")
            .map(|tax| amount(&tax, "/amount"))
            .try_fold(0, |sum, tax| Some(sum + tax?.units()))
            .and_then(Minor::new),
        (None, Some(session)) => amount(&session, "/total_details/amount_tax"),
        (None, None) => None,
    };
    let settled = charge.object("/balance_transaction", "charge.balance_transaction").and_then(|moved| {
        let currency = moved.currency("/currency").ok()?;
        Some(Money { amount: units::stripe(moved.int("/amount")?, currency)?, currency })
    });
    let sum = Sum {
        paid: Money {
            amount: amount(&charge, "/amount_captured").ok_or_else(|| charge.fault("/amount_captured", AN_AMOUNT))?,
            currency,
        },
        tax,
        settled,
    };
    let subscription = parts.subscription().and_then(SubscriptionId::new);
    let customer = charge.id_of("/customer").and_then(CustomerId::new);
    let explicit = parts.explicit();
    let first = |texts: [Option<&str>; 4]| texts.into_iter().flatten().find_map(line);
    let in_session = |path: &str| session.and_then(|session| session.text(path));
    let in_invoice = |path: &str| invoice.and_then(|invoice| invoice.text(path));
    let others = [
        intent.as_ref().map(|_| id.as_str().to_owned()),
        session.and_then(|session| session.id("/id")),
        invoice.and_then(|invoice| invoice.id("/id")),
    ];
    let record = Record {
        provider: Provider::Stripe,
        id: intent.unwrap_or(id),
        what: What::Payment { renewal: parts.is_renewal(), sum },
        state: State::Counts,
        time,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: customer.clone(),
        email: first([
            charge.text("/billing_details/email"),
            charge.text("/receipt_email"),
            in_session("/customer_details/email"),
            in_invoice("/customer_email"),
        ]),
        name: first([
            charge.text("/billing_details/name"),
            in_session("/customer_details/name"),
            in_invoice("/customer_name"),
            None,
        ]),
        subscription: subscription.clone(),
        ids: others.into_iter().flatten().filter_map(OtherId::new).collect(),
        version: context.now,
    };
    let mut taking = Taking::of(record);
    if let Some(subscription) = subscription.filter(|_| parts.reason() == Some("subscription_cycle")) {
        let milestone = Milestone::SubscriptionRenewed;
        taking.goals.push(Goal { milestone, provider: Provider::Stripe, subscription, customer, time });
    }
    Ok(Mapped::taken(taking, explicit.website, context))
}

/// What an amount that is too large, negative or of another form is told.
const AN_AMOUNT: &str = "an amount from 0 to 1000000000000 minor units";

// ---- A trial

fn trial_step(subscription: &str, invoice: Option<Value>, session: Option<Value>) -> Step {
    let next = AfterSubscription { trial: Trial { invoice, session, ..Trial::default() } };
    Step::ask(Request::get(format!("/v1/subscriptions/{subscription}")).with("expand[]", "customer"), next)
}

/// What is known of a trial.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    pub subscription: Value,
    /// The invoice over nothing.
    pub invoice: Option<Value>,
    pub session: Option<Value>,
    pub customer: Option<Value>,
}

impl Trial {
    fn subscription(&self) -> Node<'_> {
        Node::new("subscription", &self.subscription)
    }

    fn invoice(&self) -> Option<Node<'_>> {
        self.invoice.as_ref().map(|invoice| Node::new("invoice", invoice))
    }

    fn session(&self) -> Option<Node<'_>> {
        self.session.as_ref().map(|session| Node::new("session", session))
    }

    fn explicit(&self) -> Explicit {
        let invoice = self.invoice().and_then(|invoice| invoice.value("/metadata"));
        let customer = self.customer.as_ref().and_then(|customer| customer.pointer("/metadata"));
        Explicit::of(invoice)
            .or(of_session(self.session()))
            .or(Explicit::of(self.subscription().value("/metadata")))
            .or(of_invoice(self.invoice()))
            .or(Explicit::of(self.subscription().value("/customer/metadata")))
            .or(Explicit::of(customer))
    }

    /// When it began, if there is one: on the subscription, or on one of its items.
    fn began(&self) -> Result<Option<Timestamp>, Fault> {
        let subscription = self.subscription();
        if subscription.value("/trial_start").is_some() {
            return subscription.seconds("/trial_start").map(Some);
        }
        let Some(item) =
            subscription.items("/items/data", "subscription.items").find(|item| item.value("/current_trial").is_some())
        else {
            return Ok(None);
        };
        let start = ["/current_trial/start_date", "/current_trial/trial_start"];
        start
            .into_iter()
            .find_map(|path| item.seconds(path).ok())
            .map_or_else(|| subscription.seconds("/created"), Ok)
            .map(Some)
    }
}

struct AfterSubscription {
    trial: Trial,
}

impl Next for AfterSubscription {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(subscription) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        let trial = Trial { subscription: subscription.clone(), ..self.trial };
        let node = trial.subscription();
        if !matches!(trial.began(), Ok(Some(_))) || trial.explicit().visitor.is_some() || trial.session.is_some() {
            return Ok(trial_customer_step(trial, context));
        }
        match node.need_id("/id") {
            Ok(id) => {
                let request = Request::get("/v1/checkout/sessions").with("subscription", id);
                Ok(Step::ask(request, AfterTrialsSessions { trial }))
            }
            Err(fault) => Ok(Mapped::from(fault).into()),
        }
    }
}

struct AfterTrialsSessions {
    trial: Trial,
}

impl Next for AfterTrialsSessions {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        self.trial.session = found(answer)?.and_then(session_of);
        Ok(trial_customer_step(self.trial, context))
    }
}

fn trial_customer_step(trial: Trial, context: &Context) -> Step {
    let is_known = trial.subscription().value("/customer").is_some_and(Value::is_object);
    let is_silent = !is_known && matches!(trial.began(), Ok(Some(_))) && trial.explicit().visitor.is_none();
    let customer = trial.subscription().need_id("/customer").ok().filter(|_| is_silent);
    match customer {
        Some(customer) => Step::ask(Request::get(format!("/v1/customers/{customer}")), AfterTrialsCustomer { trial }),
        None => Mapped::from(trial_record(&trial, context)).into(),
    }
}

struct AfterTrialsCustomer {
    trial: Trial,
}

impl Next for AfterTrialsCustomer {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        self.trial.customer = match found(answer) {
            Ok(customer) => customer.cloned(),
            Err(Trouble::Denied(_)) => None,
            Err(trouble) => return Err(trouble),
        };
        Ok(Mapped::from(trial_record(&self.trial, context)).into())
    }
}

/// The trial of a subscription, if it has one.
pub fn trial_record(trial: &Trial, context: &Context) -> Result<Mapped, Fault> {
    let subscription = trial.subscription();
    if is_test(&subscription, context) {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    let Some(time) = trial.began()? else { return Ok(Mapped::ignored(NOTHING_PAID)) };
    let (invoice, session) = (trial.invoice(), trial.session());
    let currency = match (subscription.currency("/currency"), invoice) {
        (Err(_), Some(invoice)) => invoice.currency("/currency"),
        (currency, _) => currency,
    }?;
    let explicit = trial.explicit();
    let text = |in_invoice: &str, in_session: &str, of_customer: &str| {
        let invoice = invoice.and_then(|invoice| invoice.text(in_invoice));
        let session = session.and_then(|session| session.text(in_session));
        invoice.or(session).or_else(|| subscription.text(of_customer)).and_then(line)
    };
    let id = subscription.need_id("/id")?;
    let others = [session.and_then(|session| session.id("/id")), invoice.and_then(|invoice| invoice.id("/id"))];
    let record = Record {
        provider: Provider::Stripe,
        id: subscription.need_transaction("", "/id")?,
        what: What::Trial { currency },
        state: State::Counts,
        time,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: subscription.id_of("/customer").and_then(CustomerId::new),
        email: text("/customer_email", "/customer_details/email", "/customer/email"),
        name: text("/customer_name", "/customer_details/name", "/customer/name"),
        subscription: SubscriptionId::new(id),
        ids: others.into_iter().flatten().filter_map(OtherId::new).collect(),
        version: context.now,
    };
    Ok(Mapped::taken(Taking::of(record), explicit.website, context))
}

// ---- Refunds and disputes

struct AfterRefund;

impl Next for AfterRefund {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(read) = found(answer)? else { return Ok(Mapped::ignored(GONE).into()) };
        Ok(Mapped::from(refund(&Node::new("refund", read), context.now)).into())
    }
}

/// A refund as an event or a list has it.
pub fn refund(object: &Node<'_>, version: Timestamp) -> Result<Mapped, Fault> {
    let state = match object.need_text("/status")? {
        "succeeded" => State::Counts,
        "failed" | "canceled" => State::Void,
        _ => return Ok(Mapped::ignored("refund is pending")),
    };
    let id = object.need_transaction("", "/id")?;
    Ok(Mapped::Take(Taking::of(returned(object, id, Cause::Refund, amount_of(object)?, state, version)?)))
}

/// A dispute. An event says whether its money came back; of a list's, its movements do.
pub fn dispute(object: &Node<'_>, is_back: Option<bool>, version: Timestamp) -> Result<Mapped, Fault> {
    let is_warning = object.text("/status").is_some_and(|status| status.starts_with("warning_"));
    let moved: Vec<i64> =
        object.items("/balance_transactions", "balance_transaction").filter_map(|moved| moved.int("/amount")).collect();
    let taken: i64 = moved.iter().filter(|amount| **amount < 0).fold(0, |sum, amount| sum.saturating_sub(*amount));
    let back: i64 = moved.iter().filter(|amount| **amount > 0).fold(0, |sum, amount| sum.saturating_add(*amount));
    let whole = amount_of(object)?;
    let (state, amount) = match is_back {
        Some(false) => (State::Counts, whole),
        None if taken == 0 || is_warning => return Ok(Mapped::ignored("no money was moved")),
        None if back == 0 => (State::Counts, whole),
        // Won in part.
        _ if back < taken => {
            let part = Minor::new(taken - back).zip(Minor::new(taken)).map(|(left, taken)| whole.share(left, taken));
            (State::Counts, part.unwrap_or(whole))
        }
        _ => (State::Void, whole),
    };
    let id = object.need_transaction("", "/id")?;
    Ok(Mapped::Take(Taking::of(returned(object, id, Cause::Chargeback, amount, state, version)?)))
}

fn amount_of(object: &Node<'_>) -> Result<Minor, Fault> {
    let amount = units::stripe(object.need_int("/amount")?, object.currency("/currency")?);
    amount.ok_or_else(|| object.fault("/amount", AN_AMOUNT))
}

fn returned(
    object: &Node<'_>,
    id: TransactionId,
    cause: Cause,
    amount: Minor,
    state: State,
    version: Timestamp,
) -> Result<Record, Fault> {
    let currency = object.currency("/currency")?;
    let settled = object.object("/balance_transaction", "balance_transaction").and_then(|moved| {
        let currency = moved.currency("/currency").ok()?;
        Some(Money { amount: units::stripe(moved.int("/amount")?.checked_abs()?, currency)?, currency })
    });
    let of = if object.id_of("/payment_intent").is_some() { "/payment_intent" } else { "/charge" };
    let sum = Sum { paid: Money { amount, currency }, tax: None, settled };
    let what = What::Refund { of: object.need_transaction("", of)?, cause, sum };
    Ok(Record::new(Provider::Stripe, id, what, state, object.seconds("/created")?, version))
}
