//! What providers tell, taken by a website's object, against the pure rules of `sluice_providers::ledger`.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use sluice_money::Rates;
use sluice_providers::hints::Latest;
use sluice_providers::ids::{CustomerId, OtherId, SubscriptionId, TransactionId};
use sluice_providers::ledger::{self, Ledger, Origin, Posted, PostedKind};
use sluice_providers::lifecycle::{Goal, Milestone};
use sluice_providers::mapped::Taking;
use sluice_providers::money::{Minor, Money, Sum};
use sluice_providers::provider::Provider;
use sluice_providers::record::{Cause, Record, State, What};
use sluice_providers::rows::Row;
use sluice_providers::told::{Key, Teller, Told};
use sluice_values::{Currency, Timestamp, VisitorId};

use crate::Site;
use crate::memory::Memory;
use crate::protocol::Request;
use crate::sql::Sql;
use crate::told_rows::kind_of;

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
const DAY: i64 = 86_400_000;
const RATES: &str = r#"{"date":"2026-05-20","usd":{"eur":0.5,"jpy":150}}"#;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW + millis)
}

fn person(number: u8) -> VisitorId {
    VisitorId::of_random([number; 16])
}

pub fn open() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

fn answer(site: &Site<Memory>, call: &Json) -> Json {
    let request = json!({ "now": NOW, "currency": "USD", "call": call });
    let request: Request = serde_json::from_value(request.clone()).unwrap_or_else(|error| panic!("{error}: {request}"));
    serde_json::from_str(&site.answer(&request).unwrap()).unwrap()
}

fn money(amount: i64, currency: Currency) -> Money {
    Money { amount: Minor::new(amount).unwrap(), currency }
}

fn sum(amount: i64) -> Sum {
    Sum { paid: money(amount, Currency::USD), tax: None, settled: None }
}

fn id(text: &str) -> TransactionId {
    TransactionId::new(text).unwrap()
}

fn record(provider: Provider, name: &str, what: What, time: i64, version: i64) -> Record {
    Record::new(provider, id(name), what, State::Counts, at(time), at(version))
}

fn payment(name: &str, amount: i64, time: i64) -> Record {
    record(Provider::Stripe, name, What::Payment { renewal: false, sum: sum(amount) }, time, time)
}

fn refund(name: &str, of: &str, amount: i64, time: i64) -> Record {
    let what = What::Refund { of: id(of), cause: Cause::Refund, sum: sum(amount) };
    record(Provider::Stripe, name, what, time, time)
}

fn told(taking: Taking, origin: Origin) -> ledger::Take {
    ledger::Take { taking, origin, known_at: at(0) }
}

fn take(site: &Site<Memory>, told: &ledger::Take) -> Json {
    let days = crate::takes::days_to_convert(told, Currency::USD);
    let rates: Vec<(String, &str)> = days.into_iter().map(|day| (day, RATES)).collect();
    answer(site, &json!({ "Take": { "told": told, "connected_at": at(-10 * DAY), "rates": rates } }))
}

fn taken(site: &Site<Memory>, record: Record) -> Json {
    take(site, &told(Taking::of(record), Origin::Webhook))
}

fn post(site: &Site<Memory>, posted: &Posted) -> bool {
    let kind = match posted.kind {
        PostedKind::Payment { renewal: false } => "New",
        PostedKind::Payment { renewal: true } => "Renewal",
        PostedKind::Trial => "Trial",
        PostedKind::Refund(_) => "Refund",
    };
    let refund = match &posted.kind {
        PostedKind::Refund(part) if !part.is_empty() => Some(part),
        _ => None,
    };
    let amount = posted.sum.paid.amount.units();
    let payment = json!({
        "id": format!("{:024x}", amount), "event_id": null, "transaction_id": posted.id, "refund_id": refund,
        "time": posted.time, "kind": kind, "visitor": posted.visitor, "amount": amount, "currency": "USD",
        "value": amount, "email": posted.email, "name": posted.name, "customer_id": posted.customer,
    });
    answer(site, &json!({ "Pay": { "payment": payment } })) == json!(true)
}

fn append(site: &Site<Memory>, number: usize, latest: Latest, action: &Json) {
    let event = json!({
        "id": format!("event-{number}"), "time": latest.time, "sender": { "Visitor": latest.visitor },
        "session": "s-1", "action": action, "page": { "path": "/", "hostname": "example.com" }, "href": null,
        "referrer": null, "source": null, "campaign": vec![""; 8], "context": {}
    });
    answer(site, &json!({ "Append": { "event": event } }));
}

/// A row as the tests compare it: kind, amount, claimed, value, visitor and the rest.
type Shown = BTreeMap<(String, bool, String), String>;

fn shown(site: &Site<Memory>) -> Shown {
    site.fold().unwrap();
    let select = "SELECT p.transaction_id, p.refunded, p.refund_id, ifnull(p.provider, 'api'), p.time, p.kind, p.amount, \
                  p.currency, p.value, v.uid, p.email, p.name, p.customer_id, p.refund_of, p.subscription, p.tax, p.claimed \
                  FROM payments p LEFT JOIN visitors v ON v.id = p.visitor";
    let mut rows = Shown::new();
    for mut row in site.sql().rows(select, &[]).unwrap() {
        let key = (row.next().unwrap(), row.next().unwrap(), row.next().unwrap());
        let teller: String = row.next().unwrap();
        if teller == "api" {
            rows.insert(key, teller);
            continue;
        }
        let (time, kind): (i64, i64) = (row.next().unwrap(), row.next().unwrap());
        let (amount, currency, value): (i64, String, i64) =
            (row.next().unwrap(), row.next().unwrap(), row.next().unwrap());
        let visitor: Option<VisitorId> = row.next().unwrap();
        let texts: Vec<Option<String>> = (0..5).map(|_| row.next().unwrap()).collect();
        let (tax, claimed): (Option<i64>, i64) = (row.next().unwrap(), row.next().unwrap());
        rows.insert(
            key,
            format!("{teller} {time} {kind} {amount} {currency} = {value} {visitor:?} {texts:?} {tax:?} {claimed}"),
        );
    }
    rows
}

fn expected(ledger: &Ledger) -> Shown {
    let rates = Rates::parse(RATES).unwrap();
    let text = |text: Option<&str>| text.map(str::to_owned);
    let shown = |row: &Row| {
        let Teller::Provider(teller) = row.teller else { return "api".to_owned() };
        // What counts in part is worth that part of the whole.
        let key = Key { teller: row.teller, id: row.key.id.clone(), refund: row.key.refund.clone() };
        let sum = ledger.told[&key].sum();
        let whole = match sum.settled {
            Some(settled) if settled.currency == Currency::USD => settled.amount.units(),
            _ => rates.convert(sum.paid.amount.units(), sum.paid.currency.iso(), Currency::USD.iso()).unwrap(),
        };
        let value = Minor::new(whole).unwrap().share(row.counted.amount, row.claimed).units();
        let texts = [
            text(row.email.as_deref()).map(|email| email.trim().to_lowercase()),
            text(row.name.as_deref()),
            text(row.customer.as_ref().map(CustomerId::as_str)),
            text(row.refund_of.as_ref().map(TransactionId::as_str)),
            text(row.subscription.as_ref().map(SubscriptionId::as_str)),
        ];
        format!(
            "{teller} {} {} {} {} = {value} {:?} {:?} {:?} {}",
            row.time.as_millis(),
            kind_of(row).code(),
            row.counted.amount.units(),
            row.counted.currency,
            row.visitor.map(|(visitor, _)| visitor),
            texts.to_vec(),
            row.tax.map(Minor::units),
            row.claimed.units(),
        )
    };
    let key = |row: &Row| {
        (row.key.id.as_str().to_owned(), row.key.refund.is_some(), row.key.refund.clone().unwrap_or_default())
    };
    ledger.rows().values().map(|row| (key(row), shown(row))).collect()
}

// ---- Histories

#[derive(Debug, Clone)]
enum Message {
    Take(ledger::Take),
    Post(Posted),
    Hint(String, Latest),
    HintEmail(String, Latest),
    Identify(String, Latest),
}

/// Tells of many subjects in one message.
fn take_all(site: &Site<Memory>, told: &[ledger::Take]) -> Json {
    let days: BTreeSet<String> =
        told.iter().flat_map(|told| crate::takes::days_to_convert(told, Currency::USD)).collect();
    let rates: Vec<(String, &str)> = days.into_iter().map(|day| (day, RATES)).collect();
    answer(site, &json!({ "TakeAll": { "told": told, "connected_at": at(-10 * DAY), "rates": rates } }))
}

#[derive(Debug, Clone)]
enum Happens {
    Pays {
        amount: i64,
        visitor: Option<u8>,
        cycle: bool,
        shares_invoice: bool,
        posted: bool,
        euros: bool,
        settled: bool,
    },
    Tries {
        visitor: Option<u8>,
    },
    Changes {
        payment: usize,
        amount: i64,
    },
    Refunds {
        payment: usize,
        amount: i64,
        chargeback: bool,
    },
    Fails {
        refund: usize,
    },
    Voids {
        payment: usize,
    },
    Ships {
        payment: usize,
        refund: Option<i64>,
        lists_it_later: bool,
    },
    Hints {
        payment: usize,
        visitor: u8,
    },
    Mails {
        visitor: u8,
        is_hint: bool,
    },
}

fn happens() -> impl Strategy<Value = Vec<Happens>> {
    let amount = 1..100_i64;
    let one = prop_oneof![
        4 => (amount.clone(), prop::option::weighted(0.4, 0..4_u8), any::<(bool, bool, bool, bool, bool)>()).prop_map(
            |(amount, visitor, (cycle, shares_invoice, posted, euros, settled))| Happens::Pays {
                amount, visitor, cycle, shares_invoice, posted, euros, settled
            }
        ),
        1 => prop::option::of(0..4_u8).prop_map(|visitor| Happens::Tries { visitor }),
        1 => (0..4_usize, amount.clone()).prop_map(|(payment, amount)| Happens::Changes { payment, amount }),
        2 => (0..4_usize, amount.clone(), any::<bool>())
            .prop_map(|(payment, amount, chargeback)| Happens::Refunds { payment, amount, chargeback }),
        1 => (0..3_usize).prop_map(|refund| Happens::Fails { refund }),
        1 => (0..4_usize).prop_map(|payment| Happens::Voids { payment }),
        1 => (0..4_usize, prop::option::of(amount), any::<bool>()).prop_map(|(payment, refund, lists_it_later)| {
            Happens::Ships { payment, refund, lists_it_later }
        }),
        1 => (0..4_usize, 0..4_u8).prop_map(|(payment, visitor)| Happens::Hints { payment, visitor }),
        1 => (0..4_u8, any::<bool>()).prop_map(|(visitor, is_hint)| Happens::Mails { visitor, is_hint }),
    ];
    prop::collection::vec(one, 1..8)
}

/// The messages of a history of one payer at one provider.
#[expect(clippy::too_many_lines, reason = "one arm for each thing that happens")]
fn messages(provider: Provider, history: usize, payer: u8, happened: &[Happens]) -> Vec<Message> {
    let (mut found, mut payments, mut refunds) = (Vec::new(), Vec::<Record>::new(), Vec::<Record>::new());
    let email = format!("Payer{}@example.com", payer / 2);
    for (index, one) in happened.iter().enumerate() {
        let version = i64::try_from(index).unwrap() * 60_000 - i64::try_from(history).unwrap() * 1_000;
        let name = format!("{index}_{history}");
        let blank = |id: &str, what: What| {
            let mut record = record(provider, id, what, version, version);
            record.customer = CustomerId::new(format!("customer_{}", payer / 2));
            record.email = Some(email.clone());
            record.name = Some(format!("Payer {payer}"));
            record
        };
        let subscription = || SubscriptionId::new(format!("subscription_{}", payer % 2));
        let latest = |visitor: &u8| Latest { time: at(version), visitor: person(*visitor) };
        match one {
            Happens::Pays { amount, visitor, cycle, shares_invoice, posted, euros, settled } => {
                let currency = if *euros { "EUR".parse().unwrap() } else { Currency::USD };
                let mut sum = Sum { paid: money(*amount, currency), tax: Minor::new(1), settled: None };
                sum.settled = settled.then(|| money(amount * 3, Currency::USD));
                let mut payment = blank(&format!("pi_{name}"), What::Payment { renewal: *cycle, sum });
                payment.visitor = visitor.map(person);
                payment.subscription = cycle.then(subscription).flatten();
                let other = if *shares_invoice { format!("in_{history}") } else { format!("cs_{name}") };
                payment.ids = vec![OtherId::new(other.as_str()).unwrap(), OtherId::new(format!("{index}")).unwrap()];
                if *posted {
                    let id = id(&if *shares_invoice { format!("pi_{name}") } else { other });
                    for kind in [PostedKind::Payment { renewal: false }, PostedKind::Refund("one".into())] {
                        found.push(Message::Post(Posted {
                            id: id.clone(),
                            kind,
                            sum: self::sum(*amount),
                            time: at(version),
                            visitor: (amount % 3 == 0).then(|| person(5)),
                            customer: CustomerId::new("of the backend"),
                            email: (amount % 2 == 0).then(|| "Payer0@example.com".into()),
                            name: Some("Posted".into()),
                        }));
                    }
                }
                found.push(Message::Take(told(Taking::of(payment.clone()), Origin::Webhook)));
                payments.push(payment);
            }
            Happens::Tries { visitor } => {
                let mut trial = blank(&format!("sub_{name}"), What::Trial { currency: Currency::USD });
                trial.visitor = visitor.map(person);
                trial.subscription = subscription();
                found.push(Message::Take(told(Taking::of(trial), Origin::Import)));
            }
            Happens::Changes { payment, amount } => {
                let Some(known) = payments.get_mut(*payment) else { continue };
                known.version = at(version);
                known.visitor = known.visitor.map(|_| person(6));
                if let What::Payment { sum, .. } = &mut known.what {
                    *sum = Sum { paid: money(*amount, sum.paid.currency), tax: None, settled: None };
                }
                found.push(Message::Take(told(Taking::of(known.clone()), Origin::Webhook)));
            }
            Happens::Refunds { payment, amount, chargeback } => {
                let Some(payment) = payments.get(*payment) else { continue };
                let cause = if *chargeback { Cause::Chargeback } else { Cause::Refund };
                let paid = Money { amount: Minor::new(*amount).unwrap(), ..payment.money() };
                let sum = Sum { paid, tax: Minor::new(1), settled: None };
                let refund = blank(&format!("re_{name}"), What::Refund { of: payment.id.clone(), cause, sum });
                found.push(Message::Take(told(Taking::of(refund.clone()), Origin::Poll)));
                refunds.push(refund);
            }
            Happens::Fails { refund } => {
                let Some(refund) = refunds.get_mut(*refund) else { continue };
                (refund.state, refund.version) = (State::Void, at(version));
                found.push(Message::Take(told(Taking::of(refund.clone()), Origin::Webhook)));
            }
            Happens::Voids { payment } => {
                let Some(payment) = payments.get_mut(*payment) else { continue };
                (payment.state, payment.version) = (State::Void, at(version));
                found.push(Message::Take(told(Taking::of(payment.clone()), Origin::Webhook)));
            }
            Happens::Ships { payment, refund, lists_it_later } => {
                let Some(payment) = payments.get(*payment) else { continue };
                let order = format!("woocommerce:order:{name}");
                let woo = |what: What, id: &str| Record { provider: Provider::WooCommerce, ..blank(id, what) };
                let mut paid = woo(What::Payment { renewal: false, sum: sum(42) }, &order);
                paid.ids = vec![OtherId::new(payment.id.as_str()).unwrap()];
                let refund = refund.map(|amount| {
                    let what = What::Refund { of: id(&order), cause: Cause::Refund, sum: sum(amount) };
                    woo(what, &format!("woocommerce:refund:{name}"))
                });
                let whole = |records, version| {
                    let taking = Taking::new(Provider::WooCommerce, id(&order), records);
                    told(Taking { complete: Some(version), ..taking }, Origin::Sweep)
                };
                let records = std::iter::once(paid.clone()).chain(refund).collect();
                found.push(Message::Take(whole(records, paid.version)));
                if !lists_it_later {
                    paid.version = paid.version.plus_millis(500);
                    let version = paid.version;
                    found.push(Message::Take(whole(vec![paid], version)));
                }
            }
            Happens::Hints { payment, visitor } => {
                let Some(payment) = payments.get(*payment) else { continue };
                let id = payment.ids.first().map_or("", OtherId::as_str);
                found.push(Message::Hint(format!("stripe_session_id:{id}"), latest(visitor)));
            }
            Happens::Mails { visitor, is_hint: true } => {
                found.push(Message::HintEmail(email.clone(), latest(visitor)));
            }
            Happens::Mails { visitor, is_hint: false } => found.push(Message::Identify(email.clone(), latest(visitor))),
        }
    }
    found
}

fn tell(site: &Site<Memory>, number: usize, message: &Message) {
    match message {
        Message::Take(told) => {
            take(site, told);
        }
        Message::Post(posted) => {
            post(site, posted);
        }
        Message::Hint(key, latest) => {
            let (field, id) = key.split_once(':').unwrap();
            append(site, number, *latest, &json!({ "PaymentHint": { field: id } }));
        }
        Message::HintEmail(email, latest) => {
            append(site, number, *latest, &json!({ "PaymentHint": { "email": email } }));
        }
        Message::Identify(email, latest) => {
            append(site, number, *latest, &json!({ "Identify": { "user_id": "u", "traits": { "email": email } } }));
        }
    }
}

fn hear(ledger: &mut Ledger, message: &Message) {
    match message {
        Message::Take(told) => {
            ledger.take(told);
        }
        Message::Post(posted) => {
            ledger.post(posted.clone());
        }
        Message::Hint(key, latest) => ledger.hints.hint(key, *latest),
        Message::HintEmail(email, latest) => ledger.hints.hint_email(email, *latest),
        Message::Identify(email, latest) => ledger.hints.identify(email, *latest),
    }
}

/// Only what a provider told of, alone or with a backend, follows the rules of the ledger.
fn of_providers(mut shown: Shown) -> Shown {
    shown.retain(|_, row| row != "api");
    shown
}

/// Several payers, some of them the same one, in an order of their own, some messages twice.
fn shuffled() -> impl Strategy<Value = Vec<Message>> {
    let provider = prop::sample::select(vec![
        Provider::Stripe,
        Provider::LemonSqueezy,
        Provider::Polar,
        Provider::Paddle,
        Provider::Shopify,
    ]);
    let histories = prop::collection::vec((happens(), 0..4_u8), 1..4);
    (provider, histories, prop::collection::vec(any::<prop::sample::Index>(), 0..6)).prop_flat_map(
        |(provider, histories, again)| {
            let mut told = Vec::new();
            for (history, (happened, payer)) in histories.iter().enumerate() {
                told.extend(messages(provider, history, *payer, happened));
            }
            if !told.is_empty() {
                let again: Vec<Message> = again.iter().map(|index| told[index.index(told.len())].clone()).collect();
                told.extend(again);
            }
            Just(told).prop_shuffle()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn an_object_ends_in_the_rows_of_the_rules(messages in shuffled()) {
        let (site, mut ledger) = (open(), Ledger::default());
        for (number, message) in messages.iter().enumerate() {
            tell(&site, number, message);
            hear(&mut ledger, message);
            prop_assert_eq!(of_providers(shown(&site)), of_providers(expected(&ledger)), "after {:?}", message);
        }
        let keys = |shown: Shown| shown.into_keys().collect::<BTreeSet<_>>();
        prop_assert_eq!(keys(shown(&site)), keys(expected(&ledger)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// What pages tell ends in the same rows as one message for each subject, wherever the pages end.
    #[test]
    fn a_page_ends_in_the_rows_of_the_rules(messages in shuffled(), ends in prop::collection::vec(any::<bool>(), 30)) {
        let (site, mut ledger, mut page) = (open(), Ledger::default(), Vec::new());
        for (number, message) in messages.iter().enumerate() {
            hear(&mut ledger, message);
            match message {
                Message::Take(told) => page.push(told.clone()),
                other => tell(&site, number, other),
            }
            if ends[number % ends.len()] {
                take_all(&site, &std::mem::take(&mut page));
            }
        }
        take_all(&site, &page);
        prop_assert_eq!(of_providers(shown(&site)), of_providers(expected(&ledger)));
        let keys = |shown: Shown| shown.into_keys().collect::<BTreeSet<_>>();
        prop_assert_eq!(keys(shown(&site)), keys(expected(&ledger)));
        let again: Vec<ledger::Take> = messages.iter().filter_map(|message| match message {
            Message::Take(told) => Some(told.clone()),
            _ => None,
        }).collect();
        take_all(&site, &again);
        prop_assert_eq!(of_providers(shown(&site)), of_providers(expected(&ledger)), "and again");
    }

    #[test]
    fn what_is_deleted_and_restored_in_between_is_as_the_rules_have_it(
        messages in shuffled(),
        deleted in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..4),
    ) {
        let (site, mut ledger) = (open(), Ledger::default());
        for (number, message) in messages.iter().enumerate() {
            tell(&site, number, message);
            hear(&mut ledger, message);
            for (_, which, restores) in deleted.iter().filter(|(at, ..)| at.index(messages.len()) == number) {
                let rows: Vec<TransactionId> = ledger.rows().into_keys().map(|key| key.id).collect();
                if *restores {
                    ledger.restore_deleted(Provider::WooCommerce);
                    answer(&site, &json!({ "RestoreDeleted": { "provider": "woocommerce" } }));
                } else if !rows.is_empty() {
                    let id = &rows[which.index(rows.len())];
                    let count = ledger.remove(|row| row.key.id == *id).len();
                    prop_assert_eq!(answer(&site, &json!({ "PaymentDeletion": { "Transaction": id } })), json!(count));
                }
            }
            prop_assert_eq!(of_providers(shown(&site)), of_providers(expected(&ledger)), "after {:?}", message);
        }
    }
}

#[test]
fn a_told_payment_is_read_as_it_was_stored() {
    let (key, told) = {
        let record = payment("pi_1", 100, 0);
        (Key::of(&record), Told::new(record))
    };
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Told>(&text).unwrap(), told, "{key:?}");
}

#[test]
fn a_payment_told_twice_and_late_is_one_row() {
    let site = open();
    let all = json!({ "added": 1, "changed": 0, "voided": 0, "unchanged": 0, "unattributed": 1 });
    assert_eq!(taken(&site, payment("pi_1", 5831, 0)), all);
    let again = json!({ "added": 0, "changed": 0, "voided": 0, "unchanged": 1, "unattributed": 1 });
    assert_eq!(taken(&site, payment("pi_1", 5831, 0)), again);
    let refunded = json!({ "added": 1, "changed": 0, "voided": 0, "unchanged": 0, "unattributed": 1 });
    assert_eq!(taken(&site, refund("re_1", "pi_1", 1000, 1000)), refunded);
    let mut named = payment("pi_1", 5831, 0);
    (named.visitor, named.version) = (Some(person(1)), at(5000));
    let changed = json!({ "added": 0, "changed": 2, "voided": 0, "unchanged": 0, "unattributed": 0 });
    assert_eq!(taken(&site, named), changed);
}

#[test]
fn a_payment_without_the_days_rates_waits_and_nothing_of_its_message_is_stored() {
    let site = open();
    let euros = Sum { paid: money(1900, "EUR".parse().unwrap()), tax: None, settled: None };
    let foreign = record(Provider::Stripe, "pi_2", What::Payment { renewal: false, sum: euros }, DAY, 0);
    let taking = Taking::new(Provider::Stripe, id("pi_1"), vec![payment("pi_1", 100, 0), foreign]);
    let told = told(taking, Origin::Webhook);
    let waiting = answer(&site, &json!({ "Take": { "told": told, "connected_at": at(0), "rates": [] } }));
    assert_eq!(waiting["waitsFor"], "2026-05-22");
    let other_day = json!([["2026-05-21", RATES]]);
    let waiting = answer(&site, &json!({ "Take": { "told": told, "connected_at": at(0), "rates": other_day } }));
    assert_eq!(waiting["waitsFor"], "2026-05-22");
    assert_eq!(shown(&site), Shown::new());
    assert_eq!(take(&site, &told)["added"], 2);
    let value = "SELECT value FROM payments WHERE transaction_id = 'pi_2'";
    assert_eq!(site.sql().one(value, &[]).unwrap().next::<i64>().unwrap(), 3800);
    // The rates that it was stored at stay, and it needs no others.
    let again = answer(&site, &json!({ "Take": { "told": told, "connected_at": at(0), "rates": [] } }));
    assert_eq!((&again["unchanged"], &again["waitsFor"]), (&json!(2), &Json::Null));
}

#[test]
fn a_page_says_what_it_changed_and_waits_for_rates_of_any_day() {
    let (site, apart) = (open(), open());
    let page: Vec<ledger::Take> = (0..120)
        .flat_map(|number| {
            let paid = payment(&format!("pi_{number}"), 10 + number, -number * 1_000);
            let back = refund(&format!("re_{number}"), &format!("pi_{}", number * 2), 3, -number * 500);
            [paid, back]
        })
        .map(|record| told(Taking::of(record), Origin::Import))
        .collect();
    let all = take_all(&site, &page);
    assert_eq!((&all["added"], &all["unattributed"], &all["voided"]), (&json!(240), &json!(240), &json!(0)));
    for one in &page {
        take(&apart, one);
    }
    assert_eq!(shown(&site), shown(&apart));
    let again = take_all(&site, &page);
    assert_eq!((&again["added"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(240)));
    let mut euros = payment("pi_euros", 5, -DAY);
    euros.what =
        What::Payment { renewal: false, sum: Sum { paid: money(5, "EUR".parse().unwrap()), tax: None, settled: None } };
    let page = [told(Taking::of(payment("pi_new", 5, 0)), Origin::Import), told(Taking::of(euros), Origin::Import)];
    let waits = answer(&site, &json!({ "TakeAll": { "told": page, "connected_at": at(0), "rates": [] } }));
    assert_eq!(waits["waitsFor"], "2026-05-20");
    assert_eq!(take_all(&site, &page)["added"], 2);
}

#[test]
fn what_the_owner_deleted_stays_away_until_it_is_restored_or_posted() {
    let site = open();
    let messages = [payment("pi_1", 5831, 0), refund("re_1", "pi_1", 1000, 1), payment("pi_2", 100, 2)];
    for record in &messages {
        taken(&site, record.clone());
    }
    assert_eq!(answer(&site, &json!({ "PaymentDeletion": { "Transaction": "pi_1" } })), json!(2), "with its refund");
    let again = |site: &Site<Memory>| -> i64 {
        messages.iter().map(|record| taken(site, record.clone())["added"].as_i64().unwrap()).sum()
    };
    assert_eq!(again(&site), 0);
    let mut shop = record(Provider::WooCommerce, "woocommerce:order:1", messages[0].what.clone(), 0, 0);
    shop.ids = vec![OtherId::new("pi_1").unwrap()];
    assert_eq!(taken(&site, shop)["added"], 0, "under another name too");
    assert_eq!(answer(&site, &json!({ "RestoreDeleted": { "provider": "paddle" } })), json!(0));
    assert_eq!(answer(&site, &json!({ "RestoreDeleted": { "provider": "stripe" } })), json!(2));
    assert_eq!(again(&site), 2);
    let span = json!({ "from": NOW, "to": NOW + DAY });
    assert_eq!(answer(&site, &json!({ "PaymentDeletion": { "Span": span } })), json!(3));
    assert_eq!(again(&site), 0);
    let posted = Posted {
        id: id("pi_1"),
        kind: PostedKind::Payment { renewal: false },
        sum: sum(5831),
        time: at(0),
        visitor: None,
        customer: None,
        email: None,
        name: None,
    };
    assert!(post(&site, &posted));
    // The payment is told of again, and is the same row; its refund was deleted by itself.
    assert_eq!(again(&site), 0);
    assert_eq!(shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>(), ["pi_1"]);
}

#[test]
fn a_backend_that_posted_before_or_after_a_provider_told_has_one_row() {
    let posted = |id: &str, kind| Posted {
        id: self::id(id),
        kind,
        sum: sum(5831),
        time: at(0),
        visitor: Some(person(2)),
        customer: None,
        email: None,
        name: None,
    };
    for (name, posts_first) in [("pi_1", true), ("pi_1", false), ("cs_1", true), ("cs_1", false)] {
        let site = open();
        let mut told = payment("pi_1", 5831, 0);
        told.ids = vec![OtherId::new("cs_1").unwrap()];
        let payment = || posted(name, PostedKind::Payment { renewal: false });
        if posts_first {
            assert!(post(&site, &payment()));
            assert!(!post(&site, &payment()));
        }
        let taken = taken(&site, told);
        assert_eq!(taken["added"], u8::from(!posts_first));
        assert!(!post(&site, &payment()), "{name}: it is known");
        let rows = shown(&site);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert!(
            rows.values().all(|row| row.contains(&person(2).to_string())),
            "the backend knew whose it is: {rows:?}"
        );
        // Its import line, too.
        let refund = posted(name, PostedKind::Refund("one".into()));
        assert!(post(&site, &refund), "while the provider tells of none");
        assert!(!post(&site, &refund));
        assert_eq!(self::taken(&site, self::refund("re_1", "pi_1", 1000, 1))["added"], 1);
        assert_eq!(shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>(), ["pi_1", "re_1"], "{name}");
        // By either name.
        assert_eq!(answer(&site, &json!({ "PaymentDeletion": { "Transaction": name } })), json!(2));
        assert_eq!(shown(&site), Shown::new());
    }
}

#[test]
fn news_are_payments_that_are_new_live_and_recent() {
    let cases = [
        (Origin::Webhook, 0, -DAY, true),
        (Origin::Poll, -2 * DAY, -3 * DAY, true),
        (Origin::Sweep, -2 * DAY, -3 * DAY, true),
        (Origin::Sweep, -4 * DAY, -9 * DAY, false),
        (Origin::Webhook, -DAY, 0, false),
        (Origin::Import, 0, -DAY, false),
        (Origin::Replay, 0, -DAY, false),
    ];
    for (origin, time, connected_at, is_news) in cases {
        let site = open();
        let watch = json!({ "version": 1, "goals": { "Named": ["payment"] }, "payments": true, "identities": false, "activity": false });
        answer(&site, &json!({ "Watch": watch }));
        let tell = |record: Record| {
            let told = told(Taking::of(record), origin);
            answer(&site, &json!({ "Take": { "told": told, "connected_at": at(connected_at), "rates": [] } }));
            let entries = site.outbox(10).unwrap();
            entries.last().inspect(|last| site.delete_from_outbox(last.seq).unwrap());
            entries.into_iter().map(|entry| serde_json::to_value(entry.event).unwrap()).collect::<Vec<_>>()
        };
        let told = tell(payment("pi_1", 5831, time));
        assert_eq!(told.len(), if is_news { 2 } else { 0 }, "{origin:?}: {told:?}");
        // A correction, and a repetition, are none.
        let mut more = payment("pi_1", 6831, time);
        more.version = at(1);
        assert_eq!((tell(more.clone()).len(), tell(more).len()), (0, 0));
        let told = tell(refund("re_1", "pi_1", 1000, time));
        assert_eq!(told.len(), usize::from(is_news), "a refund completes no goal: {told:?}");
        if is_news {
            assert_eq!(told[0]["payment"]["refundOf"], "pi_1");
        }
    }
}

#[test]
fn nothing_of_an_erased_visitor_stays_in_what_was_told_or_comes_back() {
    let site = open();
    let of = |mut record: Record, visitor: Option<u8>| {
        record.visitor = visitor.map(person);
        record.customer = CustomerId::new("cus_secret");
        record.email = Some("Secret@example.com".into());
        record.name = Some("Secret Payer".into());
        record
    };
    let mut failed = of(refund("re_2", "pi_1", 10, 3), None);
    failed.state = State::Void;
    let mut cancelled = of(payment("pi_3", 100, 4), Some(1));
    cancelled.state = State::Void;
    let messages = [
        of(payment("pi_1", 5831, 0), Some(1)),
        of(refund("re_1", "pi_1", 100, 1), None),
        of(payment("pi_2", 7, 2), None),
        failed,
        cancelled,
    ];
    for record in &messages {
        taken(&site, record.clone());
    }
    // A row of another visitor that this one is named in, too.
    let mut shop = record(Provider::WooCommerce, "woocommerce:order:1", messages[0].what.clone(), 0, 0);
    shop.ids = vec![OtherId::new("pi_9").unwrap()];
    shop.visitor = Some(person(2));
    taken(&site, shop);
    let mut charge = payment("pi_9", 5831, 0);
    charge.visitor = Some(person(1));
    taken(&site, charge);
    append(
        &site,
        1,
        Latest { time: at(9), visitor: person(1) },
        &json!({ "Identify": { "user_id": "u", "traits": { "email": "secret@example.com" } } }),
    );
    assert_eq!(shown(&site).len(), 4);
    let erased = answer(&site, &json!({ "VisitorErasure": { "visitor": person(1) } }));
    assert_eq!((&erased["payments"], &erased["is_done"]), (&json!(3), &json!(true)));
    while let Some(erased) = site.erased(100).unwrap() {
        site.forget_erased(&erased).unwrap();
    }
    while site.has_orphans() && site.sweep().unwrap() {}
    let everything = |site: &Site<Memory>| {
        let tables = site.sql().rows("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).unwrap();
        let tables: Vec<String> = tables.into_iter().map(|mut row| row.next().unwrap()).collect();
        let rows = tables.iter().flat_map(|table| {
            let rows = site.sql().objects(&format!("SELECT * FROM {table}"), &[]).unwrap();
            [table.clone(), rows.to_lowercase()]
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    let stored = everything(&site);
    for secret in ["secret", &person(1).to_string(), &sluice_values::hex(person(1).as_bytes())] {
        assert!(!stored.contains(secret), "{secret}");
    }
    assert_eq!(shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>(), ["woocommerce:order:1"]);
    for record in &messages {
        assert_eq!(taken(&site, record.clone())["added"], 0, "a look into the past brings nobody back");
    }
    assert!(!everything(&site).contains("secret"));
}

#[test]
fn a_take_reads_a_bounded_number_of_rows_whatever_the_customers_history() {
    let site = open();
    let of = |name: &str, time: i64, visitor: Option<u8>| {
        let mut record = payment(name, 100, time);
        record.customer = CustomerId::new("cus_1");
        record.subscription = SubscriptionId::new("sub_1");
        record.visitor = visitor.map(person);
        record
    };
    let steps = |record: Record| {
        site.sql().steps.set(0);
        taken(&site, record);
        site.sql().steps.get()
    };
    for number in 0..50 {
        taken(&site, of(&format!("pi_{number}"), 1_000 + number, None));
    }
    let few = steps(of("pi_few", 5_000, None));
    for number in 50..1_000 {
        taken(&site, of(&format!("pi_{number}"), 1_000 + number, None));
    }
    let many = steps(of("pi_many", 6_000, None));
    assert!(many < few + few / 10, "{few} steps, then {many}");
    // An earlier payment names the visitor of all, of some at once and of the rest by the alarm.
    let named = steps(of("pi_first", 0, Some(1)));
    assert!(named < 200 * few, "{few} steps, then {named}");
    let unnamed = || -> i64 {
        site.sql().one("SELECT count(*) FROM payments WHERE visitor IS NULL", &[]).unwrap().next().unwrap()
    };
    assert!(unnamed() > 0 && site.has_retakes());
    while site.retake_on(at(0)).unwrap() {}
    assert_eq!(unnamed(), 0);
}

fn goals(site: &Site<Memory>) -> Vec<(String, VisitorId)> {
    site.fold().unwrap();
    let goals = "SELECT n.text, v.uid FROM events e JOIN strings n ON n.id = e.name JOIN visitors v ON v.id = e.visitor \
                 WHERE e.kind = 1 ORDER BY e.time, n.text";
    let goals = site.sql().rows(goals, &[]).unwrap();
    goals.into_iter().map(|mut row| (row.next().unwrap(), row.next().unwrap())).collect()
}

#[test]
fn a_subscriptions_goals_are_events_of_its_visitor_once_in_any_order() {
    let of = |mut record: Record, visitor: Option<u8>| {
        record.subscription = SubscriptionId::new("sub_1");
        record.customer = CustomerId::new("cus_1");
        record.visitor = visitor.map(person);
        record
    };
    let trial = of(record(Provider::Stripe, "sub_1", What::Trial { currency: Currency::USD }, -9_000, 0), Some(1));
    let first = of(payment("pi_1", 1900, -5_000), None);
    let ended = Goal {
        milestone: Milestone::SubscriptionEnded,
        provider: Provider::Stripe,
        subscription: SubscriptionId::new("sub_1").unwrap(),
        customer: CustomerId::new("cus_1"),
        time: at(-1_000),
    };
    let takings = [
        Taking::of(trial),
        Taking::of(first),
        Taking { goals: vec![ended], ..Taking::new(Provider::Stripe, id("sub_1"), Vec::new()) },
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let site = open();
        for index in order.into_iter().chain(order) {
            take(&site, &told(takings[index].clone(), Origin::Webhook));
        }
        let expected = ["trial_started", "trial_converted", "subscription_ended"];
        assert_eq!(goals(&site), expected.map(|name| (name.to_owned(), person(1))), "{order:?}");
    }
}

#[test]
fn a_goal_waits_for_its_visitor_and_is_told_of_while_it_is_news() {
    let site = open();
    let watch = json!({ "version": 1, "goals": "All", "payments": false, "identities": false, "activity": false });
    answer(&site, &json!({ "Watch": watch }));
    let goal = |milestone, time: i64| Goal {
        milestone,
        provider: Provider::Paddle,
        subscription: SubscriptionId::new("sub_1").unwrap(),
        customer: None,
        time: at(time),
    };
    let tell = |goals: Vec<Goal>, origin| {
        let taking = Taking { goals, ..Taking::new(Provider::Paddle, id("sub_1"), Vec::new()) };
        take(&site, &told(taking, origin));
    };
    tell(vec![goal(Milestone::SubscriptionStarted, -10)], Origin::Webhook);
    assert_eq!(goals(&site), []);
    let mut paid = record(Provider::Paddle, "txn_1", What::Payment { renewal: false, sum: sum(100) }, -9, -9);
    (paid.subscription, paid.email) = (SubscriptionId::new("sub_1"), Some("a@example.com".into()));
    take(&site, &told(Taking::of(paid), Origin::Import));
    assert_eq!(goals(&site), []);
    append(
        &site,
        1,
        Latest { time: at(-5), visitor: person(3) },
        &json!({ "PaymentHint": { "email": "A@example.com" } }),
    );
    site.fold().unwrap();
    while site.retake_on(at(0)).unwrap() {}
    assert_eq!(goals(&site), [("subscription_started".to_owned(), person(3))]);
    assert!(site.outbox(10).unwrap().is_empty(), "it was no news any more");
    for (origin, time, count) in
        [(Origin::Import, -4, 0), (Origin::Webhook, -4 * DAY, 0), (Origin::Webhook, -3, 1), (Origin::Webhook, -3, 1)]
    {
        tell(vec![goal(Milestone::SubscriptionUpgraded, time)], origin);
        assert_eq!(site.outbox(10).unwrap().len(), count, "{origin:?} {time}");
    }
    assert_eq!(goals(&site).len(), 4);
}

/// Goals of a subscription in its renewals, this many.
/// What Polar says of a subscription, which is this many cents a month.
fn seen(minutes: i64, kind: &str, cents: i64) -> ledger::Take {
    let time = at(minutes * 60_000);
    let body = json!({ "type": kind, "timestamp": time, "data": { "id": "sub_1", "customer_id": "cus_1", "amount": cents,
        "currency": "usd", "recurring_interval": "month", "recurring_interval_count": 1, "metadata": {} } });
    let envelope = sluice_providers::delivery::Envelope::read(
        Provider::Polar,
        sluice_providers::headers::Headers(&[]),
        body.to_string().as_bytes(),
    );
    let context = sluice_providers::mapped::Context::new(
        sluice_values::Environment::Production,
        "665f0b3c4d2e1a0012345678".parse().unwrap(),
        time,
    );
    let mapped = sluice_providers::lives::mapped(&envelope.unwrap(), None, &context).unwrap();
    let sluice_providers::mapped::Mapped::Take(taking) = mapped else { panic!("{mapped:?}") };
    told(taking, Origin::Webhook)
}

#[test]
fn a_subscription_that_costs_another_price_than_before_is_a_goal_once_however_often_it_is_told() {
    let site = open();
    let watch = json!({ "version": 1, "goals": "All", "payments": false, "identities": false, "activity": false });
    answer(&site, &json!({ "Watch": watch }));
    let mut paid = of_subscription(payment("txn_1", 100, -DAY), Some(1));
    (paid.provider, paid.customer) = (Provider::Polar, None);
    take(&site, &told(Taking::of(paid), Origin::Import));
    let names = |site: &Site<Memory>| goals(site).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    take(&site, &seen(-50, "subscription.created", 1900));
    take(&site, &seen(-49, "subscription.active", 1900));
    assert_eq!(names(&site), ["subscription_started"]);
    for _ in 0..2 {
        take(&site, &seen(-40, "subscription.updated", 2900));
        assert_eq!(names(&site), ["subscription_started", "subscription_upgraded"]);
    }
    // What happened before is told late: it is of the past.
    take(&site, &seen(-45, "subscription.updated", 900));
    take(&site, &seen(-30, "subscription.updated", 2900));
    assert_eq!(names(&site).len(), 2);
    take(&site, &seen(-20, "subscription.updated", 900));
    take(&site, &seen(-10, "subscription.canceled", 900));
    assert_eq!(names(&site)[2..], ["subscription_downgraded", "subscription_cancel_scheduled"]);
    assert_eq!(site.outbox(20).unwrap().len(), 4, "each is news once");
    // With the visitor goes what is remembered of the subscription.
    let count = |site: &Site<Memory>| -> i64 {
        site.sql().one("SELECT count(*) FROM seen_subscriptions", &[]).unwrap().next().unwrap()
    };
    assert_eq!(count(&site), 1);
    answer(&site, &json!({ "VisitorErasure": { "visitor": person(1), "goes_on": false } }));
    while site.erase_on(at(0)).unwrap() {}
    assert_eq!(count(&site), 0);
    take(&site, &seen(-5, "subscription.updated", 100));
    assert_eq!(count(&site), 0, "nor is it told of the past again");
}

fn renewals(count: i64) -> Vec<Goal> {
    let goal = |number| Goal {
        milestone: Milestone::SubscriptionUpgraded,
        provider: Provider::Paddle,
        subscription: SubscriptionId::new("sub_1").unwrap(),
        customer: CustomerId::new("ctm_1"),
        time: at(-1_000 + number),
    };
    (0..count).map(goal).collect()
}

fn of_subscription(mut record: Record, visitor: Option<u8>) -> Record {
    record.subscription = SubscriptionId::new("sub_1");
    record.customer = CustomerId::new("ctm_1");
    record.email = Some("a@example.com".into());
    record.visitor = visitor.map(person);
    record
}

fn owners(site: &Site<Memory>) -> BTreeMap<VisitorId, usize> {
    while site.retake_on(at(0)).unwrap() {}
    let mut owners = BTreeMap::new();
    for (_, visitor) in goals(site) {
        *owners.entry(visitor).or_default() += 1;
    }
    owners
}

#[test]
fn goals_move_to_whom_the_subscription_is_known_to_be_of_and_are_no_news_again() {
    let paid = |name: &str, time, visitor| {
        let what = What::Payment { renewal: true, sum: sum(100) };
        Taking::of(of_subscription(record(Provider::Paddle, name, what, time, time), visitor))
    };
    // Few, and more than are moved at once.
    for count in [3_usize, 450] {
        let site = open();
        let watch = json!({ "version": 1, "goals": "All", "payments": false, "identities": false, "activity": false });
        answer(&site, &json!({ "Watch": watch }));
        let taking = Taking {
            goals: renewals(i64::try_from(count).unwrap()),
            ..Taking::new(Provider::Paddle, id("sub_1"), Vec::new())
        };
        take(&site, &told(paid("txn_1", -2_000, None), Origin::Import));
        take(&site, &told(taking.clone(), Origin::Import));
        assert_eq!(owners(&site), BTreeMap::new());
        let mut number = 0;
        let mut say = |action: &Json, millis: i64, visitor: u8| {
            number += 1;
            append(&site, number, Latest { time: at(millis), visitor: person(visitor) }, action);
            site.fold().unwrap();
            owners(&site)
        };
        let all_of = |visitor: u8| BTreeMap::from([(person(visitor), count)]);
        let identifies = json!({ "Identify": { "user_id": "u", "traits": { "email": "a@example.com" } } });
        assert_eq!(say(&identifies, -500, 2), all_of(2), "an identification");
        let hint = json!({ "PaymentHint": { "email": "A@example.com" } });
        assert_eq!(say(&hint, -400, 3), all_of(3), "a hint before an identification");
        assert_eq!(say(&hint, -300, 4), all_of(4), "a later hint");
        let hint = json!({ "PaymentHint": { "paddle_transaction_id": "txn_1" } });
        assert_eq!(say(&hint, -900, 5), all_of(5), "a hint under the payment's id");
        // A customer's other purchase names the visitor.
        let what = What::Payment { renewal: false, sum: sum(7) };
        let mut other = of_subscription(record(Provider::Paddle, "txn_2", what, -100, -100), Some(6));
        other.subscription = None;
        take(&site, &told(Taking::of(other), Origin::Import));
        assert_eq!(owners(&site), all_of(6), "the customer");
        take(&site, &told(paid("txn_3", -90, Some(1)), Origin::Import));
        assert_eq!(owners(&site), all_of(1), "the subscription itself");
        // Told again, and no news.
        take(&site, &told(taking, Origin::Import));
        assert_eq!(owners(&site), all_of(1));
        assert!(site.outbox(10).unwrap().is_empty());
        // What the owner deletes moves to nobody.
        let deleted = answer(&site, &json!({ "GoalDeletion": { "visitor": person(1), "name": null, "span": null } }));
        assert_eq!(deleted, json!(count));
        take(&site, &told(paid("txn_0", -3_000, Some(7)), Origin::Import));
        assert_eq!(owners(&site), BTreeMap::new());
        let left: i64 = site.sql().one("SELECT count(*) FROM reached_goals", &[]).unwrap().next().unwrap();
        assert_eq!(left, 0);
    }
}

#[test]
fn what_is_deleted_by_visitor_or_time_does_not_come_back_with_an_event_or_an_import() {
    let of = |name: &str, visitor: u8, time: i64| {
        let mut record = payment(name, 100, time);
        record.visitor = Some(person(visitor));
        record
    };
    let messages = [
        of("pi_1", 1, -DAY),
        refund("re_1", "pi_1", 30, -DAY + 5),
        of("pi_2", 2, -DAY),
        of("pi_3", 1, -10),
        refund("re_3", "pi_3", 10, -5),
    ];
    let page: Vec<ledger::Take> =
        messages.iter().map(|record| told(Taking::of(record.clone()), Origin::Import)).collect();
    let span = json!({ "from": NOW - DAY - 1_000, "to": NOW - DAY + 1_000 });
    for (which, deleted, left) in [
        (json!({ "Visitor": [person(1), null] }), 4, vec!["pi_2"]),
        (json!({ "Visitor": [person(1), span] }), 2, vec!["pi_2", "pi_3", "re_3"]),
        (json!({ "Span": span }), 3, vec!["pi_3", "re_3"]),
    ] {
        let site = open();
        take_all(&site, &page);
        assert_eq!(answer(&site, &json!({ "PaymentDeletion": which })), json!(deleted), "{which}");
        let names = || shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>();
        assert_eq!(names(), left, "{which}");
        for record in &messages {
            taken(&site, record.clone());
        }
        take_all(&site, &page);
        assert_eq!(names(), left, "{which}: told again");
        // A correction of what is gone is no way back either.
        let mut corrected = messages[0].clone();
        corrected.version = at(5);
        taken(&site, corrected);
        assert_eq!(names(), left, "{which}: corrected");
    }
}

#[test]
fn a_visitor_who_is_erased_while_an_import_runs_does_not_come_back_with_its_next_page() {
    let of = |name: &str, visitor: Option<u8>, time: i64| {
        let mut record = payment(name, 100, time);
        (record.visitor, record.customer) = (visitor.map(person), CustomerId::new("cus_secret"));
        (record.email, record.name) = (Some("Secret@example.com".into()), Some("Secret Payer".into()));
        record
    };
    let page = |records: Vec<Record>| -> Vec<ledger::Take> {
        records.into_iter().map(|record| told(Taking::of(record), Origin::Import)).collect()
    };
    let mut by_mail = of("pi_6", None, -60);
    by_mail.customer = None;
    let mut another = of("pi_7", Some(2), -70);
    another.customer = None;
    let next = page(vec![of("pi_3", Some(1), -30), of("pi_4", None, -40), by_mail, another, payment("pi_8", 5, -80)]);
    for has_first_page in [true, false] {
        let site = open();
        if has_first_page {
            take_all(&site, &page(vec![of("pi_1", Some(1), -10), of("pi_2", None, -20)]));
        } else {
            // A visitor whose payments come with the next page only.
            let identify = json!({ "Identify": { "user_id": "u", "traits": {} } });
            append(&site, 1, Latest { time: at(-5), visitor: person(1) }, &identify);
            site.fold().unwrap();
        }
        let erased = answer(&site, &json!({ "VisitorErasure": { "visitor": person(1) } }));
        assert_eq!(erased["is_done"], true);
        take_all(&site, &next);
        let names = || shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>();
        let others = if has_first_page { vec!["pi_7", "pi_8"] } else { vec!["pi_4", "pi_6", "pi_7", "pi_8"] };
        assert_eq!(names(), others);
        let is_there = "SELECT count(*) FROM visitors WHERE uid = ?1";
        let count: i64 = site.sql().one(is_there, &[person(1).into()]).unwrap().next().unwrap();
        assert_eq!(count, 0);
        // What is paid later is told.
        take_all(&site, &page(vec![of("pi_9", Some(1), 10)]));
        assert_eq!(names().len(), others.len() + 1);
    }
}

#[test]
fn what_counted_nothing_does_not_take_the_place_of_what_is_erased() {
    let site = open();
    let of = |mut record: Record| {
        record.visitor = Some(person(1));
        record
    };
    // The backend told of a refund, too: only the provider's counts.
    let posted = |name: &str, kind: PostedKind| Posted {
        id: id(name),
        kind,
        sum: sum(409),
        time: at(0),
        visitor: Some(person(1)),
        customer: None,
        email: Some("secret@example.com".into()),
        name: None,
    };
    taken(&site, of(payment("pi_1", 500, 0)));
    post(&site, &posted("pi_1", PostedKind::Refund("r".into())));
    taken(&site, of(refund("re_1", "pi_1", 147, 1)));
    assert_eq!(shown(&site).into_keys().map(|key| key.0).collect::<Vec<_>>(), ["pi_1", "re_1"]);
    // Without the provider's refund, and with another's payment, the backend's would count.
    let mut shop = record(Provider::WooCommerce, "woocommerce:order:1", payment("pi_1", 500, 0).what, 0, 0);
    shop.ids = vec![OtherId::new("pi_1").unwrap()];
    shop.visitor = Some(person(2));
    taken(&site, shop);
    let mut cancelled = payment("pi_1", 500, 0);
    (cancelled.state, cancelled.version) = (State::Void, at(5));
    taken(&site, cancelled);
    let erased = answer(&site, &json!({ "VisitorErasure": { "visitor": person(1) } }));
    assert_eq!(erased["is_done"], true);
    let left = shown(&site);
    assert!(left.values().all(|row| !row.contains(&person(1).to_string())), "{left:?}");
    let is_there = "SELECT count(*) FROM visitors WHERE uid = ?1";
    assert_eq!(site.sql().one(is_there, &[person(1).into()]).unwrap().next::<i64>().unwrap(), 0);
}

#[test]
fn many_payments_that_are_a_visitors_because_of_one_are_all_erased() {
    let site = open();
    let of = |number: i64, visitor: Option<u8>| {
        let mut record = payment(&format!("pi_{number}"), 100, number);
        (record.visitor, record.customer) = (visitor.map(person), CustomerId::new("cus_secret"));
        record.email = Some("secret@example.com".into());
        record
    };
    let page = (0..250).map(|number| told(Taking::of(of(number, (number == 0).then_some(1))), Origin::Import));
    take_all(&site, &page.collect::<Vec<_>>());
    while site.retake_on(at(0)).unwrap() {}
    assert!(shown(&site).values().all(|row| row.contains(&person(1).to_string())));
    answer(&site, &json!({ "VisitorErasure": { "visitor": person(1) } }));
    while site.erase_on(at(0)).unwrap() {}
    assert_eq!(shown(&site).len(), 0);
}

#[test]
fn what_a_hint_has_decided_stays_when_the_hint_is_no_longer_kept() {
    for hint in [json!({ "stripe_session_id": "cs_1" }), json!({ "email": "a@example.com" })] {
        let site = open();
        let watch = json!({ "version": 1, "goals": "All", "payments": false, "identities": false, "activity": false, "retention_days": 30 });
        answer(&site, &json!({ "Watch": watch }));
        let paid = |version: i64| {
            let mut paid = payment("pi_1", 100, 0);
            (paid.ids, paid.email) = (vec![OtherId::new("cs_1").unwrap()], Some("a@example.com".into()));
            paid.version = at(version);
            paid
        };
        taken(&site, paid(0));
        append(&site, 1, Latest { time: at(-5), visitor: person(3) }, &json!({ "PaymentHint": hint }));
        site.fold().unwrap();
        while site.remove_before(at(0)).unwrap() {}
        assert_eq!(site.sql().one("SELECT count(*) FROM hints", &[]).unwrap().next::<i64>().unwrap(), 0);
        let mut more = paid(10);
        more.name = Some("Ada".into());
        assert_eq!(taken(&site, more)["changed"], 1);
        assert!(shown(&site).values().all(|row| row.contains(&person(3).to_string())), "{hint}: {:?}", shown(&site));
    }
}
