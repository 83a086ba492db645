//! The record that everything a provider says becomes (docs/contract/providers.md#1).

use serde::{Deserialize, Serialize};

use sluice_values::{Currency, SessionId, Timestamp, VisitorId};

use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId};
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;

/// What a provider says of one movement of money, or of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Record {
    pub provider: Provider,
    pub id: TransactionId,
    pub what: What,
    pub state: State,
    /// When the money moved, or the trial began.
    pub time: Timestamp,
    /// Only where the provider carries them explicitly.
    pub visitor: Option<VisitorId>,
    pub session: Option<SessionId>,
    pub customer: Option<CustomerId>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub subscription: Option<SubscriptionId>,
    /// Other names of the same payment.
    pub ids: Vec<OtherId>,
    /// The provider's time of the last change, or the moment of reading.
    pub version: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    Payment {
        /// What the provider says of it; the set decides.
        renewal: bool,
        sum: Sum,
    },
    Refund {
        /// The payment whose money goes back.
        of: TransactionId,
        cause: Cause,
        sum: Sum,
    },
    /// Without money; the currency is that of the payments to come.
    Trial { currency: Currency },
}

/// Why money went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The seller gave it back.
    Refund,
    /// The customer's bank took it back; a shop does not know of it.
    Chargeback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Counts,
    /// Told of before, and no more.
    Void,
}

impl Record {
    /// A record that does not say whose it is.
    pub fn new(
        provider: Provider,
        id: TransactionId,
        what: What,
        state: State,
        time: Timestamp,
        version: Timestamp,
    ) -> Self {
        Self {
            provider,
            id,
            what,
            state,
            time,
            visitor: None,
            session: None,
            customer: None,
            email: None,
            name: None,
            subscription: None,
            ids: Vec::new(),
            version,
        }
    }

    pub fn is_refund(&self) -> bool {
        matches!(self.what, What::Refund { .. })
    }

    /// Amount and currency; nothing of the currency for a trial.
    pub fn money(&self) -> Money {
        match &self.what {
            What::Payment { sum, .. } | What::Refund { sum, .. } => sum.paid,
            What::Trial { currency } => Money { amount: Minor::NOTHING, currency: *currency },
        }
    }
}

/// The record as JSON has it. `chargeback` is there for chargebacks alone, whose `kind` is `refund`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    provider: Provider,
    transaction_id: TransactionId,
    kind: Kind,
    renewal: bool,
    refund_of: Option<TransactionId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    chargeback: bool,
    state: State,
    amount: Minor,
    currency: Currency,
    tax: Option<Minor>,
    settled: Option<Money>,
    time: Timestamp,
    visitor_id: Option<VisitorId>,
    session_id: Option<SessionId>,
    customer_id: Option<CustomerId>,
    email: Option<String>,
    name: Option<String>,
    subscription_id: Option<SubscriptionId>,
    ids: Vec<OtherId>,
    version: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Payment,
    Refund,
    Trial,
}

impl TryFrom<Fields> for Record {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let sum = Sum {
            paid: Money { amount: fields.amount, currency: fields.currency },
            tax: fields.tax,
            settled: fields.settled,
        };
        let what = match (fields.kind, fields.refund_of) {
            (Kind::Payment, None) => What::Payment { renewal: fields.renewal, sum },
            (Kind::Refund, Some(of)) => {
                let cause = if fields.chargeback { Cause::Chargeback } else { Cause::Refund };
                What::Refund { of, cause, sum }
            }
            (Kind::Trial, None) if fields.amount.is_nothing() => What::Trial { currency: fields.currency },
            (Kind::Trial, None) => return Err("amount: a trial has none"),
            (Kind::Refund, None) => return Err("refundOf: a refund has its payment"),
            (Kind::Payment | Kind::Trial, Some(_)) => return Err("refundOf: only a refund has one"),
        };
        Ok(Self {
            provider: fields.provider,
            id: fields.transaction_id,
            what,
            state: fields.state,
            time: fields.time,
            visitor: fields.visitor_id,
            session: fields.session_id,
            customer: fields.customer_id,
            email: fields.email,
            name: fields.name,
            subscription: fields.subscription_id,
            ids: fields.ids,
            version: fields.version,
        })
    }
}

impl From<Record> for Fields {
    fn from(record: Record) -> Self {
        let money = record.money();
        let (kind, renewal, refund_of, chargeback, tax, settled) = match record.what {
            What::Payment { renewal, sum } => (Kind::Payment, renewal, None, false, sum.tax, sum.settled),
            What::Refund { of, cause, sum } => {
                (Kind::Refund, false, Some(of), cause == Cause::Chargeback, sum.tax, sum.settled)
            }
            What::Trial { .. } => (Kind::Trial, false, None, false, Some(Minor::NOTHING), None),
        };
        Self {
            provider: record.provider,
            transaction_id: record.id,
            kind,
            renewal,
            refund_of,
            chargeback,
            state: record.state,
            amount: money.amount,
            currency: money.currency,
            tax,
            settled,
            time: record.time,
            visitor_id: record.visitor,
            session_id: record.session,
            customer_id: record.customer,
            email: record.email,
            name: record.name,
            subscription_id: record.subscription,
            ids: record.ids,
            version: record.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn payment() -> Value {
        json!({
            "provider": "stripe", "transactionId": "pi_1", "kind": "payment", "renewal": true, "refundOf": null,
            "state": "counts", "amount": 1900, "currency": "EUR", "tax": 303,
            "settled": { "amount": 2204, "currency": "USD" }, "time": "2026-11-28T09:59:48.000Z",
            "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "sessionId": null, "customerId": "cus_1",
            "email": "bo.example@example.com", "name": null, "subscriptionId": "sub_1", "ids": ["ch_1"],
            "version": "2026-11-28T10:00:00.000Z"
        })
    }

    fn with(changes: &Value) -> Value {
        let mut record = payment();
        for (name, value) in changes.as_object().unwrap() {
            record[name] = value.clone();
        }
        record
    }

    #[test]
    fn a_record_is_read_and_written_alike() {
        for sent in [
            payment(),
            with(&json!({ "kind": "refund", "renewal": false, "refundOf": "pi_0" })),
            with(&json!({ "kind": "refund", "renewal": false, "refundOf": "pi_0", "chargeback": true })),
            with(&json!({ "kind": "trial", "renewal": false, "amount": 0, "tax": 0, "settled": null })),
            with(&json!({ "state": "void" })),
        ] {
            let record: Record = serde_json::from_value(sent.clone()).unwrap();
            assert_eq!(serde_json::to_value(record).unwrap(), sent);
        }
    }

    #[test]
    fn impossible_records_are_refused() {
        for wrong in [
            json!({ "kind": "refund" }),
            json!({ "refundOf": "pi_0" }),
            json!({ "kind": "trial", "refundOf": "pi_0", "amount": 0 }),
            json!({ "kind": "trial" }),
            json!({ "amount": -1 }),
            json!({ "amount": 1_000_000_000_001_i64 }),
            json!({ "amount": 19.5 }),
            json!({ "currency": "EURO" }),
            json!({ "transactionId": "" }),
            json!({ "provider": "square" }),
            json!({ "visitorId": "user_42" }),
        ] {
            assert!(serde_json::from_value::<Record>(with(&wrong)).is_err(), "{wrong}");
        }
    }
}
