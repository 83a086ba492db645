//! `POST` and `DELETE /payments` (docs/contract/website-api.md#3.6 and #3.7, docs/contract/reports.md#14).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value as Json};

use super::goals::{Removal, TimeRange};
use super::stored;
use crate::exchange_rates;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Lenient, LenientBody, Query, Raw};
use crate::http::json;
use crate::http::reply::{Data, Plain};
use crate::platform::database::{Batch, Statement, sql};
use crate::websites::report_context::ReportContext;
use sluice_engine::delete::{DeletedTransactions, PaymentDeletion};
use sluice_engine::event::{Payment, PaymentKind};
use sluice_engine::protocol::RecordPayment;
use sluice_money::{Rates, minor_units};
use sluice_values::{Currency, EventId, Id, Moment, Text, Timestamp, VisitorId, WebsiteId, excerpt, kinds};

// ---- What comes in

/// The body of create.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreatePayment")]
pub struct Create {
    /// Major units; 0 for a free trial.
    #[schemars(schema_with = "amount_schema")]
    #[serde(deserialize_with = "amount")]
    amount: Number,
    currency: Currency,
    /// Sending it again does not create a second payment.
    transaction_id: Text<1, 255>,
    datafast_visitor_id: Option<VisitorId>,
    /// Also used to find the visitor, where none is given.
    email: Option<String>,
    name: Option<String>,
    customer_id: Option<String>,
    #[serde(default)]
    renewal: bool,
    /// Whether this is a refund; the amount stays positive.
    #[serde(default)]
    refunded: bool,
    /// Tells several refunds of one transaction apart.
    refund_id: Option<Text<1, 255>>,
    #[serde(default)]
    is_free_trial: bool,
    /// Defaults to now.
    timestamp: Option<Moment>,
}

impl Lenient for Create {
    fn tidy(body: &mut Map<String, Json>) {
        body.retain(|_, value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()));
        for (from, to) in [("visitorId", "datafast_visitor_id"), ("customer_email", "email"), ("customer_name", "name")]
        {
            json::rename(body, from, to);
        }
    }
}

/// An amount within its limits, also where it is sent as text: `"49.00"`.
fn amount<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Number, D::Error> {
    let sent: Number = match Json::deserialize(from)? {
        Json::Number(number) => number,
        Json::String(text) => {
            let expected = || serde::de::Error::custom(format!("expected a number, got \"{}\"", excerpt(&text)));
            text.trim().parse().map_err(|_| expected())?
        }
        _ => return Err(serde::de::Error::custom("expected a number")),
    };
    match sent.as_f64() {
        Some(0.0..=LARGEST) => Ok(sent),
        _ => Err(serde::de::Error::custom(format!("expected 0 to {LARGEST}, got {sent}"))),
    }
}

fn amount_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": LARGEST, "description": "Major units; 0 for a free trial." })
}

/// The largest amount, in major units.
const LARGEST: f64 = 1e9;

/// The parameters of delete.
#[derive(Debug)]
pub struct Delete {
    transaction: Option<String>,
    visitor: Option<VisitorId>,
    range: Removal,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct DeleteParameters {
    /// The payment, and its refund, of this transaction; no other parameter counts then.
    transaction_id: Option<Text<1, 255>>,
    /// An alias of `transaction_id`.
    tx_id: Option<Text<1, 255>>,
    /// Only this visitor's.
    datafast_visitor_id: Option<VisitorId>,
}

impl FromRaw for Delete {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(sent) = Query::<DeleteParameters>::from_raw(raw)?;
        let transaction = sent.transaction_id.or(sent.tx_id).map(|id| id.as_str().to_owned());
        let range = Removal::from_raw(raw)?;
        if transaction.is_none() && sent.datafast_visitor_id.is_none() && !range.is_given() {
            return Err(Error::bad_request(
                "transaction_id, datafast_visitor_id, startAt and endAt: one of them must say which payments to delete",
            ));
        }
        Ok(Self { transaction, visitor: sent.datafast_visitor_id, range })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<DeleteParameters>::describe(operation, generators);
        Removal::describe(operation, generators);
    }
}

// ---- Rules

impl Create {
    /// The time of the payment, if one was sent: from 1970 to 5 minutes from now.
    pub fn time(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let time = self.timestamp.map(|moment| stored::past(moment.into(), now)).transpose();
        time.map_err(|why| Error::field("timestamp", &why))
    }

    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The payment, with its amount in the website's currency too.
    pub fn payment(
        &self,
        id: Id<kinds::Payment>,
        event_id: Option<EventId>,
        time: Timestamp,
        currency: Currency,
        rates: &Rates,
    ) -> Result<Payment, Error> {
        let amount = minor_units(&self.amount, self.currency.iso())
            .ok_or_else(|| Error::bad_request(format!("amount: expected 0 to {LARGEST}, got {}", self.amount)))?;
        let one = 10_f64.powi(-i32::try_from(self.currency.decimals()).unwrap_or_default());
        if self.amount.as_f64().is_some_and(|sent| 0.0 < sent && sent < one) {
            return Err(Error::bad_request(format!(
                "amount: expected 0 or at least {one} {}, got {}",
                self.currency, self.amount
            )));
        }
        let value = rates.convert(amount, self.currency.iso(), currency.iso()).ok_or_else(|| {
            Error::bad_request(format!("currency: no exchange rate from {} to {currency}", self.currency))
        })?;
        let kind = match self {
            Self { refunded: true, renewal: true, .. } => PaymentKind::RefundedRenewal,
            Self { refunded: true, .. } => PaymentKind::Refund,
            Self { is_free_trial: true, .. } => PaymentKind::Trial,
            _ if amount == 0 => PaymentKind::Trial,
            Self { renewal: true, .. } => PaymentKind::Renewal,
            _ => PaymentKind::New,
        };
        let text = |text: &Option<String>| text.as_deref().and_then(stored::short);
        Ok(Payment {
            id,
            event_id,
            transaction_id: self.transaction_id.as_str().to_owned(),
            refund_id: self.refund_id.as_ref().filter(|_| self.refunded).map(|id| id.as_str().to_owned()),
            time,
            kind,
            visitor: self.datafast_visitor_id,
            amount,
            currency: self.currency,
            value,
            email: self.email.as_deref().and_then(stored::email),
            name: text(&self.name),
            customer_id: text(&self.customer_id),
        })
    }
}

// ---- What goes out

/// The response of create: plain JSON.
// docs/contract/website-api.md#1.2.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CreatedPayment {
    message: &'static str,
    transaction_id: String,
}

/// The response of delete.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedPayments {
    message: String,
    #[serde(rename = "transaction_id", skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(rename = "datafast_visitor_id", skip_serializing_if = "Option::is_none")]
    visitor_id: Option<VisitorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_range: Option<TimeRange>,
    /// The number of deleted payments.
    deleted: i64,
}

fn message(payment: &Payment, is_new: bool) -> &'static str {
    match (is_new, payment.kind, payment.visitor) {
        (false, ..) => "Payment already recorded (duplicate transaction_id)",
        (true, PaymentKind::Refund | PaymentKind::RefundedRenewal, _) => "Refund recorded successfully",
        (true, PaymentKind::Trial, _) => "Free trial recorded successfully",
        (true, _, Some(_)) => "Payment recorded and attributed successfully",
        (true, _, None) => "Payment recorded successfully",
    }
}

// ---- SQL

/// Transactions that one statement forgets.
const FORGOTTEN_AT_ONCE: usize = 1_000;

/// Forgets what payment providers sent about these transactions.
pub fn forget_transactions(website: WebsiteId, transactions: &[String]) -> Statement {
    // Providers call them by their own ids.
    let subjects: Vec<&str> = transactions.iter().map(|id| id.rsplit(':').next().unwrap_or(id)).collect();
    sql("UPDATE provider_events INDEXED BY provider_events_subject SET sealed_body = NULL WHERE website_id = ?1 \
         AND provider IN ('stripe', 'lemonsqueezy', 'polar', 'paddle', 'shopify', 'woocommerce') \
         AND subject IN (SELECT value FROM json_each(?2)) AND sealed_body IS NOT NULL")
    .bind(website)
    .bind_json(&subjects)
}

// ---- Handlers

/// POST: records a payment, a refund or a free trial.
pub async fn create(call: WebsiteCall, input: Input<LenientBody<Create>>) -> Result<Plain<CreatedPayment>, Error> {
    let (website, LenientBody(create), context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    let time = create.time(website.call.now)?.unwrap_or(website.call.now);
    let rates = if create.currency == context.currency {
        Rates::fallback().clone()
    } else {
        exchange_rates::rates(&website.call.platform, time).await?
    };
    let payment = create.payment(website.call.new_id()?, None, time, context.currency, &rates)?;
    let is_new = website.site().ask_in(context.currency, RecordPayment { payment: payment.clone() }).await?;
    Ok(Plain(CreatedPayment { message: message(&payment, is_new), transaction_id: payment.transaction_id }))
}

/// DELETE: deletes payments by transaction, by visitor or by time.
pub async fn delete(call: WebsiteCall, input: Input<Delete>) -> Result<Data<DeletedPayments>, Error> {
    let (website, asked, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    if let Some(transaction) = asked.transaction {
        // First, so that a request that fails between the two can be sent again.
        website.run(Batch::of(forget_transactions(website.id, std::slice::from_ref(&transaction)))).await?;
        let deleted = website.site().ask(PaymentDeletion::Transaction(transaction.clone())).await?;
        if deleted == 0 {
            return Err(Error::not_found(format!("transaction_id: no payment \"{transaction}\" on this website")));
        }
        return Ok(Data::one(DeletedPayments {
            message: "Payment deleted successfully".to_owned(),
            transaction_id: Some(transaction),
            visitor_id: None,
            time_range: None,
            deleted,
        }));
    }
    let span = asked.range.span(&ReportContext::of(&results, &context, website.id)?)?;
    let (which, whose) = match (asked.visitor, span) {
        (Some(visitor), span) => (PaymentDeletion::Visitor(visitor, span), "All payments for visitor"),
        (None, Some(span)) => (PaymentDeletion::Span(span), "All payments"),
        // The parser requires at least one of them.
        (None, None) => return Err(Error::bad_request("startAt, endAt: required")),
    };
    // First, as above.
    let told = website.site().ask(DeletedTransactions { of: which.clone() }).await?;
    for transactions in told.chunks(FORGOTTEN_AT_ONCE) {
        website.run(Batch::of(forget_transactions(website.id, transactions))).await?;
    }
    let deleted = website.site().ask(which).await?;
    if deleted == 0 {
        website.call.note_no_change();
    }
    let within = if span.is_some() { " within time range" } else { "" };
    Ok(Data::one(DeletedPayments {
        message: format!("{whose} deleted successfully{within}"),
        transaction_id: None,
        visitor_id: asked.visitor,
        time_range: span.map(TimeRange::from),
        deleted,
    }))
}
