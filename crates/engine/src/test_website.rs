//! A website for tests of what is derived from its rows, and every kind of write to it.

use std::cell::{Cell, RefCell};
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
use crate::sql::Sql;
use crate::together::{finish, share};

/// 2026-05-21T00:00:00Z.
pub const NOW: i64 = 1_779_321_600_000;
/// What [`Website::fails_after`] fails with.
const FAILURE: &str = "injected failure";
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
    /// A visitor says their address; or a browser says the payer's.
    Address {
        of: u8,
        minute: i64,
        address: u8,
        is_hint: bool,
    },
    /// A provider tells of a payment, of a refund of it, or that it is void, and perhaps of the end of its subscription.
    Told {
        provider: &'static str,
        transaction: u8,
        kind: &'static str,
        of: Option<u8>,
        minute: i64,
        amount: i64,
        address: Option<u8>,
        subscription: Option<u8>,
        has_goal: bool,
    },
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

/// The same, and what providers tell.
pub fn write_or_told() -> BoxedStrategy<Write> {
    prop_oneof![
        24 => write(),
        2 => (0..4_u8, 0..40_i64, 0..3_u8, any::<bool>())
            .prop_map(|(of, minute, address, is_hint)| Write::Address { of, minute, address, is_hint }),
        6 => (
            (prop::sample::select(vec!["stripe", "shopify"]), 0..6_u8,
             prop::sample::select(vec!["payment", "payment", "renewal", "refund", "void", "trial"])),
            (prop::option::weighted(0.3, 0..4_u8), 0..40_i64, 1..500_i64),
            (prop::option::weighted(0.4, 0..3_u8), prop::option::weighted(0.5, 0..2_u8), prop::bool::weighted(0.3)),
        ).prop_map(|((provider, transaction, kind), (of, minute, amount), (address, subscription, has_goal))| {
            Write::Told { provider, transaction, kind, of, minute, amount, address, subscription, has_goal }
        }),
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
    /// What shards were asked.
    heard: RefCell<Vec<String>>,
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
            heard: RefCell::default(),
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
            website.heard.borrow_mut().push(serde_json::to_string(&request).unwrap());
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
        let answer = answer().or_else(|error| if error.to_string() == FAILURE { answer() } else { Err(error) });
        serde_json::from_str(&answer.unwrap()).unwrap()
    }

    /// Finishes what was begun, as the alarm does.
    pub fn finish(&self) {
        let now = Timestamp::from_millis(NOW);
        match self.site.standing() {
            Standing::Shard(layout, _) => {
                let ask = async |questions| self.ask_each(questions);
                while self.site.has_moving().unwrap() {
                    ready(finish(&self.site, layout, now, &ask)).unwrap();
                }
            }
            // What waits to be folded may say whose a payment is.
            _ => {
                self.site.fold().unwrap();
                while self.site.retake_on(now).unwrap() {}
            }
        }
    }

    async fn ask_shards(&self, layout: Layout, questions: Vec<(u32, String)>) -> Result<Vec<String>, Error> {
        let mut answers = Vec::new();
        for (shard, text) in questions {
            let request: Request = serde_json::from_str(&text).unwrap();
            self.heard.borrow_mut().push(text.clone());
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
            self.heard.borrow_mut().push(text.clone());
            let left = self.fails_after.get();
            self.fails_after.set(left.and_then(|left| left.checked_sub(1)));
            let failure = || Error::new(FAILURE);
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

    /// What a provider tells, as a message.
    fn told(write: &Write) -> Json {
        let Write::Told { provider, transaction, kind, of, minute, amount, address, subscription, has_goal } = write
        else {
            panic!("{write:?} is told by nobody")
        };
        let is_refund = *kind == "refund";
        let payment =
            if *provider == "stripe" { format!("t{transaction}") } else { format!("shopify:order:{transaction}") };
        let id = if is_refund { format!("refund-{payment}-{}", amount % 2) } else { payment.clone() };
        let is_trial = *kind == "trial";
        let record = json!({
            "provider": provider, "transactionId": id,
            "kind": if is_refund { "refund" } else if is_trial { "trial" } else { "payment" },
            "renewal": *kind == "renewal", "refundOf": is_refund.then_some(&payment), "state": if *kind == "void" { "void" } else { "counts" },
            "amount": if is_trial { 0 } else { *amount }, "currency": "USD", "tax": null,
            "settled": (amount % 3 == 0 && !is_trial).then(|| json!({ "amount": amount / 2, "currency": "EUR" })),
            "time": time(*minute), "visitorId": of.map(visitor), "sessionId": null,
            "customerId": subscription.map(|number| format!("cus_{number}")), "email": address.map(Self::address), "name": null,
            "subscriptionId": subscription.map(|number| format!("sub_{number}")),
            "ids": if is_refund { json!([]) } else { json!([format!("pi_{transaction}"), format!("cs_{transaction}")]) },
            "version": time(*minute),
        });
        let goal = subscription.filter(|_| *has_goal).map(|number| {
            json!({ "milestone": "subscription_ended", "provider": provider, "subscription": format!("sub_{number}"),
                "customer": format!("cus_{number}"), "time": time(*minute) })
        });
        json!({
            "told": { "provider": provider, "subject": id, "complete": null, "records": [record], "goals": goal.into_iter().collect::<Vec<_>>(),
                "origin": "webhook", "knownAt": time(*minute) },
            "connected_at": time(-10), "rates": [["2026-05-21", RATES]],
        })
    }

    fn address(number: u8) -> String {
        format!("a{number}@example.com")
    }

    /// What shards were asked.
    pub fn heard(&self) -> Vec<Json> {
        self.heard.borrow().iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    /// What waits in the outbox of one of the shards.
    pub fn entries(&self) -> Vec<crate::outbox::OutboxEntry> {
        self.sites().map(|site| site.outbox(100).unwrap()).find(|entries| !entries.is_empty()).unwrap_or_default()
    }

    /// The payments and the goals of all objects.
    pub fn rows(&self) -> Vec<String> {
        let payments = "SELECT json_array(p.transaction_id, p.refunded, p.refund_id, p.time, p.kind, lower(hex(v.uid)), p.amount, \
                        p.currency, p.value, p.email, p.customer_id, p.provider, p.refund_of, p.subscription, p.claimed, \
                        (SELECT s.started FROM sessions s WHERE s.id = p.session)) \
                        FROM payments p LEFT JOIN visitors v ON v.id = p.visitor";
        let goals = "SELECT json_array(n.text, e.time, lower(hex(v.uid))) FROM events e JOIN strings n ON n.id = e.name \
                     JOIN visitors v ON v.id = e.visitor WHERE e.kind = 1";
        let mut rows = Vec::new();
        for site in self.sites() {
            site.fold().unwrap();
            crate::currency::be_in(site, self.currency.parse().unwrap()).unwrap();
            for select in [payments, goals] {
                let found = site.sql().rows(select, &[]).unwrap().into_iter();
                rows.extend(found.map(|mut row| row.next::<String>().unwrap()));
            }
        }
        rows.sort();
        rows
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
            Write::Address { of, minute, address, is_hint } => {
                let said = json!({ "email": Self::address(*address) });
                let identify = json!({ "Identify": { "user_id": format!("u{of}"), "traits": said } });
                let action = if *is_hint { json!({ "PaymentHint": said }) } else { identify };
                let event = self.event(*of, 0, *minute, 0, &action);
                self.ask(&json!({ "Append": { "event": event } }));
            }
            Write::Told { .. } => {
                self.ask(&json!({ "Take": Self::told(write) }));
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
