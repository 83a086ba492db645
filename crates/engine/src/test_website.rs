//! A website for tests of what is derived from its rows, and every kind of write to it.

use std::cell::Cell;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use sluice_values::{Timestamp, VisitorId};

use crate::Site;
use crate::error::Error;
use crate::layout::{Layout, Standing};
use crate::memory::Memory;
use crate::merge::gather;
use crate::protocol::{Call, Part, Request};
use crate::together::{finish, share};

/// 2026-05-21T00:00:00Z.
pub const NOW: i64 = 1_779_321_600_000;
const RATES: &str = r#"{"date":"2026-05-20","usd":{"eur":0.5}}"#;

pub fn visitor(number: u8) -> VisitorId {
    VisitorId::of_random([number; 16])
}

/// What a future is ready with at once.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ready) => ready,
        Poll::Pending => panic!("nothing waits here"),
    }
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
    /// The instance is gone, with all that it had in memory.
    Restart,
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
        1 => Just(Write::Restart),
    ]
    .boxed()
}

pub struct Website {
    /// The only object, or the first of several.
    pub site: Site<Memory>,
    /// The other shards.
    others: Vec<Site<Memory>>,
    /// How many questions to shards pass until one fails, once: 0 is the next one. Every other failure loses the answer only.
    pub fails_after: Cell<Option<u32>>,
    currency: &'static str,
    written: usize,
    /// The rows of the segments that are cut.
    pub cut_every: Option<i64>,
}

impl Website {
    pub fn new() -> Self {
        Self {
            site: Self::open(Memory::default()),
            others: Vec::new(),
            fails_after: Cell::default(),
            currency: "USD",
            written: 0,
            cut_every: None,
        }
    }

    /// A website with so many shards.
    pub fn of_shards(count: u32) -> Self {
        let mut website = Self::new();
        let layout = Layout { first: 1, count };
        website.others = (1..count).map(|_| Self::new().site).collect();
        for (shard, site) in (0..).zip(website.sites()) {
            let join = Part::Join { layout, shard, subscriptions: Box::default(), outbox_from: 0 };
            let request = Request { now: NOW, currency: None, call: Call::Part(join) };
            site.answer(&request).unwrap();
        }
        website
    }

    fn sites(&self) -> impl Iterator<Item = &Site<Memory>> {
        std::iter::once(&self.site).chain(&self.others)
    }

    pub fn ask(&self, call: &Json) -> Json {
        let request = json!({ "now": NOW + 86_400_000, "currency": self.currency, "call": call });
        let request: Request = serde_json::from_value(request).unwrap();
        let answer = || match self.site.standing() {
            Standing::Shard(layout, _) => {
                let ask = async |questions| self.ask_shards(layout, questions).await;
                ready(gather(&request, layout, 4, &ask))
            }
            _ => self.site.answer(&request),
        };
        // What fails is sent again.
        let answer = answer().or_else(|_| answer());
        serde_json::from_str(&answer.unwrap()).unwrap()
    }

    /// Finishes what the home has begun, as its alarm does.
    pub fn finish(&self) {
        if let Standing::Shard(layout, _) = self.site.standing() {
            let ask = async |questions| self.ask_each(questions);
            ready(finish(&self.site, layout, Timestamp::from_millis(NOW), &ask)).unwrap();
        }
    }

    async fn ask_shards(&self, layout: Layout, questions: Vec<(u32, String)>) -> Result<Vec<String>, Error> {
        let mut answers = Vec::new();
        for (shard, text) in questions {
            let request: Request = serde_json::from_str(&text).unwrap();
            let one = async |questions| self.ask_each(questions);
            answers.push(match &request.call {
                Call::Part(Part::Home(_)) => share(&self.site, layout, &request, &one).await?,
                _ => self.ask_each(vec![(shard, text)])?.remove(0),
            });
        }
        Ok(answers)
    }

    fn ask_each(&self, questions: Vec<(u32, String)>) -> Result<Vec<String>, Error> {
        let answer = |(shard, text): (u32, String)| {
            let request: Request = serde_json::from_str(&text).unwrap();
            let left = self.fails_after.get();
            self.fails_after.set(left.and_then(|left| left.checked_sub(1)));
            let failure = || Error::new("injected failure");
            if left == Some(0) && text.len() % 2 == 0 {
                return Err(failure());
            }
            let answer = self.sites().nth(shard as usize).unwrap().answer(&request)?;
            if left == Some(0) { Err(failure()) } else { Ok(answer) }
        };
        questions.into_iter().map(answer).collect()
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

    fn restart(&mut self) {
        for site in std::iter::once(&mut self.site).chain(&mut self.others) {
            let gone = std::mem::replace(site, Self::open(Memory::default()));
            *site = Self::open(gone.sql);
        }
    }

    fn open(sql: Memory) -> Site<Memory> {
        Site::open(sql, || Ok([7; 32])).unwrap()
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
                self.sites().for_each(|site| while site.sweep().unwrap() {});
            }
            Write::Forget(minute) => {
                for site in self.sites() {
                    site.fold().unwrap();
                    while site.remove_before(Timestamp::from_millis(NOW + minute * 60_000)).unwrap() {}
                    while site.sweep().unwrap() {}
                }
            }
            Write::Currency(currency) if *currency == self.currency => {}
            Write::Currency(currency) => {
                let change = json!({ "Revalue": { "currency": currency, "from": self.currency, "rates": RATES } });
                assert_eq!(self.ask(&change), json!(0));
                self.currency = currency;
            }
            Write::Restart => self.restart(),
            Write::Read => {
                let selection = json!({ "span": { "from": -(1_i64 << 52), "to": 1_i64 << 52 }, "filters": [] });
                let by = json!({ "Dimension": "Page" });
                self.ask(&json!({ "Breakdown": { "selection": selection, "by": by, "limit": 100, "offset": 0 } }));
                if let Some(rows) = self.cut_every {
                    self.sites().for_each(|site| site.cut_every(rows).unwrap());
                }
            }
        }
    }
}
