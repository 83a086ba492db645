//! A website for tests of what is derived from its rows, and every kind of write to it.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use sluice_values::{Timestamp, VisitorId};

use crate::Site;
use crate::memory::Memory;
use crate::protocol::Request;

/// 2026-05-21T00:00:00Z.
pub const NOW: i64 = 1_779_321_600_000;
const RATES: &str = r#"{"date":"2026-05-20","usd":{"eur":0.5}}"#;

pub fn visitor(number: u8) -> VisitorId {
    VisitorId::of_random([number; 16])
}

fn time(minutes: i64) -> String {
    Timestamp::from_millis(NOW + minutes * 60_000).to_string()
}

/// A write.
#[derive(Debug, Clone)]
pub enum Write {
    /// A pageview, or a goal, of a visitor's session at a minute, with a variant of everything else.
    Event {
        of: u8,
        session: u8,
        minute: i64,
        variant: u8,
        is_goal: bool,
    },
    Hint {
        of: u8,
        minute: i64,
        transaction: u8,
    },
    Payment {
        of: Option<u8>,
        minute: i64,
        transaction: u8,
        kind: &'static str,
        amount: i64,
    },
    Import(Vec<Write>),
    DeleteTransaction(u8),
    DeletePaymentsOf(u8),
    DeleteGoals(u8),
    Erase(u8),
    /// Events before this minute are removed.
    Forget(i64),
    /// Reports now name this currency.
    Currency(&'static str),
    /// A breakdown in between, so that visitors have been counted; and segments are cut.
    Read,
}

pub fn write() -> BoxedStrategy<Write> {
    let leaf = prop_oneof![
        8 => (0..4_u8, 0..3_u8, 0..40_i64, 0..4_u8, prop::bool::weighted(0.2)).prop_map(|(of, session, minute, variant, is_goal)| Write::Event { of, session, minute, variant, is_goal }),
        1 => (0..4_u8, 0..40_i64, 0..6_u8).prop_map(|(of, minute, transaction)| Write::Hint { of, minute, transaction }),
        5 => (
            prop::option::weighted(0.8, 0..4_u8), 0..40_i64, 0..6_u8,
            prop::sample::select(vec!["New", "Renewal", "Refund", "RefundedRenewal", "Trial"]), 0..500_i64,
        ).prop_map(|(of, minute, transaction, kind, amount)| Write::Payment { of, minute, transaction, kind, amount }),
    ];
    prop_oneof![
        12 => leaf.clone(),
        1 => prop::collection::vec(leaf, 1..6).prop_map(Write::Import),
        1 => (0..6_u8).prop_map(Write::DeleteTransaction),
        1 => (0..4_u8).prop_map(Write::DeletePaymentsOf),
        1 => (0..4_u8).prop_map(Write::DeleteGoals),
        1 => (0..4_u8).prop_map(Write::Erase),
        2 => (0..40_i64).prop_map(Write::Forget),
        1 => prop::sample::select(vec!["USD", "EUR"]).prop_map(Write::Currency),
        4 => Just(Write::Read),
    ]
    .boxed()
}

pub struct Website {
    pub site: Site<Memory>,
    currency: &'static str,
    written: usize,
    /// The rows of the segments that are cut.
    pub cut_every: Option<i64>,
}

impl Website {
    pub fn new() -> Self {
        Self {
            site: Site::open(Memory::default(), || Ok([7; 32])).unwrap(),
            currency: "USD",
            written: 0,
            cut_every: None,
        }
    }

    pub fn ask(&self, call: &Json) -> Json {
        let request = json!({ "now": NOW + 86_400_000, "currency": self.currency, "call": call });
        let request: Request = serde_json::from_value(request).unwrap();
        serde_json::from_str(&self.site.answer(&request).unwrap()).unwrap()
    }

    fn event(&mut self, of: u8, session: u8, minute: i64, variant: u8, action: &Json) -> Json {
        self.written += 1;
        let country = ["FR", "DE", "US", "IN"][usize::from(variant)];
        let campaign = if variant > 1 { format!("campaign {variant}") } else { String::new() };
        let source = (variant > 0).then(|| json!({ "name": format!("source {variant}"), "host": "a.example" }));
        json!({
            "id": format!("event-{}", self.written), "time": time(minute), "sender": { "Visitor": visitor(of) },
            "session": format!("{of}-{session}"), "action": action,
            "page": { "path": format!("/{variant}"), "hostname": "example.com" },
            "href": null, "referrer": null,
            "source": source,
            "campaign": [campaign, "", "", "", "", "", "", ""],
            "context": {
                "country": country, "region": format!("region {variant}"),
                "city": (variant > 0).then(|| format!("city {variant}")), "device": "desktop",
                "browser": format!("browser {}", variant % 2), "os": "Linux"
            }
        })
    }

    fn item(&mut self, write: &Write) -> Json {
        match write {
            Write::Event { of, session, minute, variant, is_goal } => {
                let goal = json!({ "Goal": { "name": "signup", "properties": {}, "description": null } });
                let action = if *is_goal { goal } else { json!("Pageview") };
                json!({ "Event": self.event(*of, *session, *minute, *variant, &action) })
            }
            Write::Hint { of, minute, transaction } => {
                let hint = json!({ "PaymentHint": { "email": null, "stripe_session_id": format!("t{transaction}") } });
                json!({ "Event": self.event(*of, 0, *minute, 0, &hint) })
            }
            Write::Payment { of, minute, transaction, kind, amount } => {
                self.written += 1;
                json!({ "Payment": {
                    "id": format!("{:024x}", self.written), "event_id": null, "transaction_id": format!("t{transaction}"),
                    "time": time(*minute), "kind": kind, "visitor": of.map(visitor), "amount": amount, "currency": "USD",
                    "value": if self.currency == "USD" { *amount } else { amount / 2 }, "email": null, "name": null,
                    "customer_id": null
                } })
            }
            other => panic!("{other:?} is no line of an import"),
        }
    }

    pub fn write(&mut self, write: &Write) {
        match write {
            Write::Event { .. } | Write::Hint { .. } => {
                let item = self.item(write);
                self.ask(&json!({ "Append": { "event": item["Event"] } }));
            }
            Write::Payment { .. } => {
                let item = self.item(write);
                self.ask(&json!({ "Pay": { "payment": item["Payment"] } }));
            }
            Write::Import(items) => {
                let items: Vec<_> = items.iter().map(|item| self.item(item)).collect();
                self.ask(&json!({ "Import": { "zone": "UTC", "items": items } }));
            }
            Write::DeleteTransaction(transaction) => {
                self.ask(&json!({ "PaymentDeletion": { "Transaction": format!("t{transaction}") } }));
            }
            Write::DeletePaymentsOf(of) => {
                self.ask(&json!({ "PaymentDeletion": { "Visitor": [visitor(*of), null] } }));
            }
            Write::DeleteGoals(of) => {
                self.ask(&json!({ "GoalDeletion": { "visitor": visitor(*of), "name": null, "span": null } }));
            }
            Write::Erase(of) => {
                self.ask(&json!({ "VisitorErasure": { "visitor": visitor(*of), "goes_on": false } }));
                while self.site.sweep().unwrap() {}
            }
            Write::Forget(minute) => {
                while self.site.remove_before(Timestamp::from_millis(NOW + minute * 60_000)).unwrap() {}
                while self.site.sweep().unwrap() {}
            }
            Write::Currency(currency) if *currency == self.currency => {}
            Write::Currency(currency) => {
                let change = json!({ "Revalue": { "currency": currency, "from": self.currency, "rates": RATES } });
                assert_eq!(self.ask(&change), json!(0));
                self.currency = currency;
            }
            Write::Read => {
                let selection = json!({ "span": { "from": -(1_i64 << 52), "to": 1_i64 << 52 }, "filters": [] });
                let by = json!({ "Dimension": "Page" });
                self.ask(&json!({ "Breakdown": { "selection": selection, "by": by, "limit": 100, "offset": 0 } }));
                if let Some(rows) = self.cut_every {
                    self.site.cut_every(rows).unwrap();
                }
            }
        }
    }
}
