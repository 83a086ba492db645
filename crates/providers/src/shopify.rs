//! Shopify: orders, refunds, disputes (docs/contract/providers.md#4.5). Webhooks have the REST form; what is read has
//! GraphQL's and is turned into it first.

use serde_json::{Value, json};

use sluice_values::{Currency, Timestamp};

use crate::delivery::Envelope;
use crate::fields::{Fault, Node};
use crate::ids::{CustomerId, OtherId, TransactionId, line};
use crate::mapped::{Context, GONE, Mapped, NOT_USED, NOTHING_PAID, TEST_MODE, Taking};
use crate::metadata::Explicit;
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, trouble};
use crate::record::{Cause, Record, State, What};
use crate::request::{Answer, Body, Request};
use crate::units;

/// The version of the API, in every path.
pub const VERSION: &str = "2026-07";

/// The topics of webhooks, as GraphQL names them.
pub const TOPICS: [&str; 5] =
    ["ORDERS_PAID", "ORDERS_UPDATED", "ORDERS_CANCELLED", "REFUNDS_CREATE", "APP_UNINSTALLED"];
/// The topics beside, with the scope for disputes.
pub const DISPUTE_TOPICS: [&str; 2] = ["DISPUTES_CREATE", "DISPUTES_UPDATE"];

const ORDER: &str = "shopify:order:";
const REFUND: &str = "shopify:refund:";
const DISPUTE: &str = "shopify:dispute:";

/// A GraphQL request.
pub fn graphql(query: &str, variables: &Value) -> Request {
    let body = json!({ "query": query, "variables": variables });
    Request::post(format!("/admin/api/{VERSION}/graphql.json"), Body::Json(body))
}

/// The data of a GraphQL answer. Errors come with status 200.
pub fn data(answer: &Answer) -> Result<&Value, Trouble> {
    if let Some(trouble) = trouble(answer) {
        return Err(trouble);
    }
    let node = Node::new("body", &answer.body);
    // Names and e-mails may be withheld from an app: they are null then, and nothing else is.
    let matters = |error: &Node<'_>| !(is_about_customers(error) && node.value("/data").is_some());
    let code = node.items("/errors", "error").filter(matters).find_map(|error| error.text("/extensions/code"));
    match (code, node.value("/data")) {
        (Some("ACCESS_DENIED"), _) => {
            let errors = node.items("/errors", "error").filter(matters);
            let scope = errors.map(|error| error.text("/extensions/requiredAccess")).find_map(|scope| scope);
            // `read_orders` access scope …
            let scope = scope.and_then(|text| text.split('`').find(|part| part.starts_with("read_")));
            Err(Trouble::Denied(scope.map(str::to_owned)))
        }
        (Some("THROTTLED"), _) => Err(Trouble::Later { after_secs: restored_after(&node) }),
        (None, Some(data)) => Ok(data),
        _ => Err(Trouble::Later { after_secs: None }),
    }
}

/// Whether access is denied to nothing but what an order says of its customer.
fn is_about_customers(error: &Node<'_>) -> bool {
    let path = error.value("/path").and_then(Value::as_array);
    let is_within = path.is_some_and(|path| path.iter().any(|part| part == "customer" || part == "email"));
    let scope = error.text("/extensions/requiredAccess").is_some_and(|scope| scope.contains("`read_customers`"));
    error.text("/extensions/code") == Some("ACCESS_DENIED") && (is_within || scope)
}

/// Seconds until the points for another query like this one are there.
pub fn rest_secs(answer: &Answer) -> u64 {
    restored_after(&Node::new("body", &answer.body)).unwrap_or_default()
}

/// When the points for a query are there again.
fn restored_after(node: &Node<'_>) -> Option<u64> {
    let cost = node.object("/extensions/cost", "cost")?;
    let whole = |path: &str| {
        let number = cost.value(path)?.as_number()?.to_string();
        number.split('.').next()?.parse::<u64>().ok()
    };
    let missing = whole("/requestedQueryCost")?.saturating_sub(whole("/throttleStatus/currentlyAvailable")?);
    Some(missing.div_ceil(whole("/throttleStatus/restoreRate").filter(|rate| *rate > 0)?))
}

/// The work on a delivery.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    Step::of(begin(envelope, context))
}

fn begin(envelope: &Envelope, context: &Context) -> Result<Step, Fault> {
    let body = Node::new("body", &envelope.json);
    match envelope.kind.split_once('/') {
        Some(("orders", _)) => order_step(&body, context),
        Some(("refunds", _)) => Ok(refund(&body, context)?.into()),
        Some(("disputes", _)) => Ok(dispute(&body, context)?.into()),
        _ => Ok(Mapped::ignored(NOT_USED).into()),
    }
}

// ---- Orders

/// An order of the REST form. What a gift card paid of it has to be read, unless its transactions are there.
pub fn order_step(order: &Node<'_>, context: &Context) -> Result<Step, Fault> {
    let has_gift_card = order
        .value("/payment_gateway_names")
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|name| name.as_str() == Some(GIFT_CARD)));
    let mapped = self::order(order, context)?;
    if !has_gift_card
        || order.value("/transactions").is_some()
        || !matches!(mapped, Mapped::Take(_) | Mapped::TakeUnlessOf(..))
    {
        return Ok(mapped.into());
    }
    let id = json!({ "id": format!("gid://shopify/Order/{}", order.need_id("/id")?) });
    Ok(Step::ask(graphql(TRANSACTIONS, &id), AfterTransactions { order: order.json().clone() }))
}

const GIFT_CARD: &str = "gift_card";

const TRANSACTIONS: &str = "query OrderTransactions($id: ID!) { order(id: $id) { transactions { gateway kind status amountSet { presentmentMoney { amount currencyCode } shopMoney { amount currencyCode } } } } }";

struct AfterTransactions {
    order: Value,
}

impl Next for AfterTransactions {
    fn answered(mut self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let Some(order) = data(answer)?.get("order").filter(|order| order.is_object()) else {
            return Ok(Mapped::ignored(GONE).into());
        };
        let transactions = rest_transactions(order.get("transactions"));
        if let Some(fields) = self.order.as_object_mut() {
            fields.insert("transactions".into(), transactions);
        }
        Ok(Mapped::from(self::order(&Node::new("order", &self.order), context)).into())
    }
}

/// An order of the REST form.
fn order(order: &Node<'_>, context: &Context) -> Result<Mapped, Fault> {
    if !matches!(order.text("/financial_status"), Some("paid" | "partially_refunded" | "refunded")) {
        return Ok(Mapped::ignored("not paid yet"));
    }
    let id = order.need_transaction(ORDER, "/id")?;
    let version = order.moment("/updated_at")?;
    let sum = sum(order)?;
    let explicit = Explicit::of_list(order.value("/note_attributes"), "name");
    let name = [order.text("/customer/first_name"), order.text("/customer/last_name")];
    let tags = order.text("/tags").unwrap_or_default();
    let is_recurring = tags.split(',').any(|tag| tag.trim().eq_ignore_ascii_case("Subscription Recurring Order"));
    let email = ["/email", "/contact_email", "/customer/email"].into_iter().find_map(|path| order.text(path));
    let payment = Record {
        provider: Provider::Shopify,
        id: id.clone(),
        what: What::Payment {
            renewal: is_recurring || order.text("/source_name") == Some("subscription_contract"),
            sum,
        },
        state: State::Counts,
        time: order.moment("/processed_at")?,
        visitor: explicit.visitor,
        session: explicit.session,
        customer: order.id("/customer/id").and_then(CustomerId::new),
        email: email.and_then(line),
        name: line(&name.map(Option::unwrap_or_default).join(" ")),
        subscription: None,
        ids: ["/checkout_token", "/cart_token"]
            .into_iter()
            .filter_map(|path| order.id(path))
            .filter_map(OtherId::new)
            .collect(),
        version,
    };
    let is_nothing = payment.money().amount.is_nothing();
    let mut records = vec![payment];
    for refund in order.items("/refunds", "refund") {
        if let Mapped::Take(taking) = refund_of(&refund, &id, context)? {
            records.extend(taking.records);
        }
    }
    // Refunds with their money are in the order, so one that it does not name is none.
    let is_whole = order.value("/refunds").is_some()
        && order.items("/refunds", "refund").all(|refund| refund.value("/transactions").is_some());
    let complete = is_whole.then_some(version);
    let taking = Taking { complete, ..Taking::new(Provider::Shopify, id, records) };
    Ok(if order.is("/test") && context.ignores_tests() {
        Mapped::ignored_with_refunds(TEST_MODE, taking)
    } else if order.text("/source_name") == Some("pos") {
        Mapped::ignored_with_refunds("sold in a shop", taking)
    } else if is_nothing {
        Mapped::ignored_with_refunds(NOTHING_PAID, taking)
    } else {
        Mapped::taken(taking, explicit.website, context)
    })
}

/// What was paid of an order, without what its gift cards paid: a card was a sale when it was bought.
fn sum(order: &Node<'_>) -> Result<Sum, Fault> {
    let mut paid = money(order, "/total_price_set/presentment_money")?;
    let mut settled = money(order, "/total_price_set/shop_money").ok();
    for transaction in order.items("/transactions", "transaction") {
        let is_payment = matches!(transaction.text("/kind"), Some("sale" | "capture"));
        if transaction.text("/gateway") != Some(GIFT_CARD)
            || !is_payment
            || transaction.text("/status") != Some("success")
        {
            continue;
        }
        let card = money(&transaction, "/presentment_money")?;
        if card.currency == paid.currency {
            paid.amount = paid.amount.less(card.amount);
        }
        settled = settled.map(|settled| match money(&transaction, "/shop_money") {
            Ok(card) if card.currency == settled.currency => {
                Money { amount: settled.amount.less(card.amount), ..settled }
            }
            _ => settled,
        });
    }
    let tax = money(order, "/total_tax_set/presentment_money").ok().map(|tax| tax.amount);
    Ok(Sum { paid, tax, settled })
}

fn money(node: &Node<'_>, path: &str) -> Result<Money, Fault> {
    let currency = node.currency(&format!("{path}/currency_code"))?;
    Ok(Money { amount: amount(node, &format!("{path}/amount"), currency)?, currency })
}

fn amount(node: &Node<'_>, path: &str, currency: Currency) -> Result<Minor, Fault> {
    let sent = node.text(path).and_then(|sent| units::shop(sent, currency));
    sent.ok_or_else(|| node.fault(path, "a decimal number as text"))
}

// ---- Refunds and disputes

/// A refund of the REST form.
fn refund(refund: &Node<'_>, context: &Context) -> Result<Mapped, Fault> {
    refund_of(refund, &refund.need_transaction(ORDER, "/order_id")?, context)
}

fn refund_of(refund: &Node<'_>, of: &TransactionId, context: &Context) -> Result<Mapped, Fault> {
    let moved = |transaction: &Node<'_>| {
        transaction.text("/kind") == Some("refund") && transaction.text("/status") == Some("success")
    };
    let mut moved = refund.items("/transactions", "transaction").filter(moved).peekable();
    let Some(first) = moved.peek() else { return Ok(Mapped::ignored("no money was moved")) };
    if first.is("/test") && context.ignores_tests() {
        return Ok(Mapped::ignored(TEST_MODE));
    }
    let currency = first.currency("/currency")?;
    let mut paid = 0_i64;
    let mut shop: Option<(i64, Currency)> = money(first, "/shop_money").ok().map(|money| (0, money.currency));
    for transaction in moved {
        if transaction.currency("/currency")? != currency {
            return Err(refund.fault("/transactions", "one currency"));
        }
        paid = paid.saturating_add(amount(&transaction, "/amount", currency)?.units());
        let settled = money(&transaction, "/shop_money").ok();
        shop = shop
            .zip(settled)
            .filter(|((_, one), other)| *one == other.currency)
            .map(|((sum, currency), money)| (sum.saturating_add(money.amount.units()), currency));
    }
    let time = refund.moment("/processed_at").or_else(|_| refund.moment("/created_at"))?;
    let total = Minor::new(paid).ok_or_else(|| refund.fault("/transactions", "at most 1000000000000 minor units"))?;
    let settled = shop.and_then(|(sum, currency)| Some(Money { amount: Minor::new(sum)?, currency }));
    let sum = Sum { paid: Money { amount: total, currency }, tax: None, settled };
    let id = refund.need_transaction(REFUND, "/id")?;
    Ok(Mapped::Take(Taking::of(back(id, of, Cause::Refund, sum, State::Counts, time, time))))
}

fn back(
    id: TransactionId,
    of: &TransactionId,
    cause: Cause,
    sum: Sum,
    state: State,
    time: Timestamp,
    version: Timestamp,
) -> Record {
    Record::new(Provider::Shopify, id, What::Refund { of: of.clone(), cause, sum }, state, time, version)
}

/// A dispute. It has no time of its last change, so that is the moment of reading.
fn dispute(dispute: &Node<'_>, context: &Context) -> Result<Mapped, Fault> {
    if dispute.text("/type") != Some("chargeback") || dispute.id("/order_id").is_none() {
        return Ok(Mapped::ignored("no money was moved"));
    }
    let state = match dispute.need_text("/status")? {
        // The refund is told of by itself.
        "won" | "charge_refunded" => State::Void,
        _ => State::Counts,
    };
    let currency = dispute.currency("/currency")?;
    let paid = Money { amount: amount(dispute, "/amount", currency)?, currency };
    let id = dispute.need_transaction(DISPUTE, "/id")?;
    let of = dispute.need_transaction(ORDER, "/order_id")?;
    let sum = Sum { paid, tax: None, settled: None };
    let time = dispute.moment("/initiated_at")?;
    Ok(Mapped::Take(Taking::of(back(id, &of, Cause::Chargeback, sum, state, time, context.now))))
}

// ---- GraphQL

/// An order of GraphQL, in the REST form.
pub fn rest_order(order: &Value) -> Value {
    let at = |path: &str| order.pointer(path).cloned().unwrap_or_default();
    let lower = |path: &str| order.pointer(path).and_then(Value::as_str).map(str::to_ascii_lowercase);
    let tags = order.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let attributes = order.get("customAttributes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let refunds = list(order.get("refunds")).iter().map(|refund| {
        json!({
            "id": number(refund.get("id")),
            "processed_at": refund.get("processedAt").or_else(|| refund.get("createdAt")),
            "transactions": rest_transactions(refund.get("transactions")),
        })
    });
    json!({
        "id": number(order.get("id")),
        "financial_status": lower("/displayFinancialStatus"),
        "test": at("/test"),
        "source_name": at("/sourceName"),
        "tags": tags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        "payment_gateway_names": at("/paymentGatewayNames"),
        "note_attributes": attributes.iter().map(|entry| json!({ "name": entry.get("key"), "value": entry.get("value") })).collect::<Value>(),
        "total_price_set": set(order.get("totalPriceSet")),
        "total_tax_set": set(order.get("totalTaxSet")),
        "email": at("/email"),
        "customer": {
            "id": number(order.pointer("/customer/id")),
            "email": order.pointer("/customer/defaultEmailAddress/emailAddress").or_else(|| order.pointer("/customer/email")),
            "first_name": at("/customer/firstName"),
            "last_name": at("/customer/lastName"),
        },
        "processed_at": at("/processedAt"),
        "updated_at": at("/updatedAt"),
        "refunds": refunds.collect::<Value>(),
        "transactions": rest_transactions(order.get("transactions")),
    })
}

/// A list, or the nodes of a connection.
fn list(value: Option<&Value>) -> &[Value] {
    let nodes = value.and_then(|value| value.get("nodes").or(Some(value))).and_then(Value::as_array);
    nodes.map(Vec::as_slice).unwrap_or_default()
}

fn rest_transactions(transactions: Option<&Value>) -> Value {
    let lower =
        |transaction: &Value, name: &str| transaction.get(name).and_then(Value::as_str).map(str::to_ascii_lowercase);
    let rest = list(transactions).iter().map(|transaction| {
        let amounts = set(transaction.get("amountSet"));
        json!({
            "gateway": transaction.get("gateway"),
            "kind": lower(transaction, "kind"),
            "status": lower(transaction, "status"),
            "test": transaction.get("test"),
            "amount": amounts.pointer("/presentment_money/amount"),
            "currency": amounts.pointer("/presentment_money/currency_code"),
            "presentment_money": amounts.get("presentment_money"),
            "shop_money": amounts.get("shop_money"),
        })
    });
    rest.collect()
}

fn set(set: Option<&Value>) -> Value {
    let money = |name: &str| {
        let money = set?.get(name)?;
        Some(json!({ "amount": money.get("amount"), "currency_code": money.get("currencyCode") }))
    };
    json!({ "presentment_money": money("presentmentMoney"), "shop_money": money("shopMoney") })
}

/// The number at the end of `gid://shopify/Order/5600000000001`.
fn number(gid: Option<&Value>) -> Option<&str> {
    let number = gid?.as_str()?.rsplit('/').next()?.split('?').next()?;
    Some(number).filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
