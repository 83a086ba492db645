//! The set of payments: cases of docs/contract/providers.md#7, and any order of generated histories.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use sluice_values::{Currency, Timestamp, VisitorId};

use crate::hints::Latest;
use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId};
use crate::ledger::{Ledger, Origin, Outcome, Posted, PostedKind, Take, is_news};
use crate::mapped::{Mapped, Taking};
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::record::{Cause, Record, State, What};
use crate::rows::{Known, Row, RowKey, RowKind};
use crate::samples::{NOW, Sample, production};
use crate::told::{Key, Told};

const V1: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
const V2: &str = "c971cbbf-7ce2-4925-902b-8f95a5fb3449";

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn visitor(id: &str) -> VisitorId {
    id.parse().unwrap()
}

fn take(taking: Taking) -> Take {
    Take { taking, origin: Origin::Webhook, known_at: at(NOW) }
}

/// What a sample is taken as.
fn sample(provider: Provider, name: &str) -> Take {
    changed(provider, name, |_| {})
}

fn changed(provider: Provider, name: &str, change: impl FnOnce(&mut Value)) -> Take {
    let mut sample = Sample::read(provider, name);
    let mut body = sample.json();
    change(&mut body);
    sample.body = body.to_string().into_bytes();
    match sample.mapped(&production()).0 {
        Mapped::Take(taking) | Mapped::Ignored { void: Some(taking), .. } => take(taking),
        mapped => panic!("{name}: {mapped:?}"),
    }
}

/// A row as the cases write it: `N 5831 USD → V1`.
fn short(row: &Row) -> String {
    let kind = match row.kind {
        RowKind::New => 'N',
        RowKind::Renewal => 'R',
        RowKind::Refund { .. } => 'F',
        RowKind::Trial => 'T',
    };
    let claimed =
        if row.claimed == row.counted.amount { String::new() } else { format!(" of {}", row.claimed.units()) };
    let whose = match row.visitor.map(|(visitor, _)| visitor.to_string()).as_deref() {
        Some(V1) => " → V1",
        Some(V2) => " → V2",
        Some(_) => " → V",
        None => "",
    };
    format!("{kind} {} {} {}{claimed}{whose}", row.key.id.as_str(), row.counted.amount.units(), row.counted.currency)
}

fn shorts(ledger: &Ledger) -> Vec<String> {
    ledger.rows().values().map(short).collect()
}

/// All orders of up to five things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    shorter
        .iter()
        .flat_map(|order| {
            (0..count).map(move |at| {
                let mut order = order.clone();
                order.insert(at, count - 1);
                order
            })
        })
        .collect()
}

/// Every order of the messages, each of them twice in the end, gives these rows.
fn any_order(takes: &[Take], expected: &[&str]) {
    for order in permutations(takes.len()) {
        let mut ledger = Ledger::default();
        for index in &order {
            ledger.take(&takes[*index]);
        }
        assert_eq!(shorts(&ledger), expected, "{order:?}");
        for index in &order {
            let outcome = ledger.take(&takes[*index]);
            assert_eq!(
                (&outcome.added, &outcome.changed, &outcome.voided),
                (&vec![], &vec![], &vec![]),
                "{order:?} again"
            );
        }
        assert_eq!(shorts(&ledger), expected, "{order:?} again");
    }
}

// ---- Stripe

const STRIPE: Provider = Provider::Stripe;

#[test]
fn the_same_event_thrice_is_one_row() {
    let mut ledger = Ledger::default();
    let charge = sample(STRIPE, "01-charge-succeeded-checkout");
    let pi: RowKey = RowKey { id: TransactionId::new("pi_3QvA1bLkdIwHu7ix0hIjKlMn").unwrap(), refund: None };
    assert_eq!(ledger.take(&charge), Outcome { added: vec![pi], ..Outcome::default() });
    for _ in 0..2 {
        assert_eq!(ledger.take(&charge), Outcome { unchanged: 1, ..Outcome::default() });
    }
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"]);
    let row = &ledger.rows().into_values().next().unwrap();
    assert_eq!(row.tax.map(Minor::units), Some(931));
    assert!(row.session.is_some());
}

#[test]
fn a_session_that_is_found_later_names_the_visitor_of_the_same_row() {
    let whole = sample(STRIPE, "01-charge-succeeded-checkout");
    let mut early = whole.clone();
    let record = &mut early.taking.records[0];
    (record.visitor, record.session, record.version) = (None, None, at(NOW - 1000));
    let mut ledger = Ledger::default();
    assert_eq!(ledger.take(&early).unattributed, 1);
    let later = ledger.take(&whole);
    assert!(later.added.is_empty(), "no second news");
    assert_eq!((later.changed.len(), later.unattributed), (1, 0));
    any_order(&[early, whole], &["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"]);
}

#[test]
fn a_renewal_inherits_from_its_subscription_before_or_after() {
    any_order(
        &[sample(STRIPE, "02-charge-succeeded-subscription-create"), sample(STRIPE, "03-charge-succeeded-renewal")],
        &["N pi_3QvA2bLkdIwHu7ix0 1900 EUR → V1", "R pi_3QvA3bLkdIwHu7ix0 1900 EUR → V1"],
    );
}

#[test]
fn the_first_money_after_a_trial_is_new_and_the_next_a_renewal() {
    let second = {
        let mut take = sample(STRIPE, "05-charge-succeeded-after-trial");
        let record = &mut take.taking.records[0];
        record.id = TransactionId::new("pi_second").unwrap();
        record.ids.clear();
        record.time = record.time.plus_millis(30 * 86_400_000);
        take.taking.subject = record.id.clone();
        take
    };
    let (trial, first) = (sample(STRIPE, "04-invoice-paid-trial"), sample(STRIPE, "05-charge-succeeded-after-trial"));
    any_order(
        &[trial.clone(), first.clone()],
        &["N pi_3QvA5bLkdIwHu7ix0 1900 EUR → V1", "T sub_1QvA4bLkdIwHu7ix 0 EUR → V1"],
    );
    any_order(
        &[trial.clone(), first.clone(), second],
        &["N pi_3QvA5bLkdIwHu7ix0 1900 EUR → V1", "R pi_second 1900 EUR → V1", "T sub_1QvA4bLkdIwHu7ix 0 EUR → V1"],
    );
    let mut ledger = Ledger::default();
    ledger.take(&trial);
    ledger.take(&first);
    let converts: Vec<bool> = ledger.rows().values().map(|row| row.converts).collect();
    assert_eq!(converts, [true, false]);
}

fn refund(provider: Provider, id: &str, of: &str, amount: i64, cause: Cause, state: State, version: i64) -> Record {
    let paid = Money { amount: Minor::new(amount).unwrap(), currency: Currency::USD };
    Record {
        provider,
        id: TransactionId::new(id).unwrap(),
        what: What::Refund { of: TransactionId::new(of).unwrap(), cause, sum: Sum { paid, tax: None, settled: None } },
        state,
        time: at(NOW + 1000),
        visitor: None,
        session: None,
        customer: None,
        email: None,
        name: None,
        subscription: None,
        ids: Vec::new(),
        version: at(version),
    }
}

const PI: &str = "pi_3QvA1bLkdIwHu7ix0hIjKlMn";

#[test]
fn partial_refunds_are_rows_of_their_own() {
    let of = |id: &str, amount| take(Taking::of(refund(STRIPE, id, PI, amount, Cause::Refund, State::Counts, NOW)));
    any_order(
        &[sample(STRIPE, "01-charge-succeeded-checkout"), of("re_a", 1500), of("re_b", 2000)],
        &["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1", "F re_a 1500 USD → V1", "F re_b 2000 USD → V1"],
    );
}

#[test]
fn a_refund_that_fails_goes_and_one_without_its_payment_waits() {
    let (succeeded, failed) = (sample(STRIPE, "06-refund-created-partial"), {
        // The failure is of a later second.
        let mut failed = sample(STRIPE, "07-refund-failed");
        let record = &mut failed.taking.records[0];
        record.version = record.version.plus_millis(60_000);
        failed
    });
    let payment = sample(STRIPE, "01-charge-succeeded-checkout");
    any_order(&[payment.clone(), succeeded.clone(), failed], &["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"]);
    let mut ledger = Ledger::default();
    ledger.take(&succeeded);
    assert_eq!(shorts(&ledger), ["F re_3QvA1bLkdIwHu7ix0ReFuNd 1500 USD"]);
    let outcome = ledger.take(&payment);
    assert_eq!((outcome.added.len(), outcome.changed.len()), (1, 1), "the refund has its payment's visitor");
    any_order(
        &[payment, succeeded],
        &["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1", "F re_3QvA1bLkdIwHu7ix0ReFuNd 1500 USD → V1"],
    );
}

#[test]
fn what_goes_back_is_never_more_than_what_was_paid() {
    let mut full = refund(STRIPE, "re_full", PI, 5831, Cause::Refund, State::Counts, NOW);
    full.time = at(1_795_859_950_000);
    let full = take(Taking::of(full));
    let mut chargeback = sample(STRIPE, "08-dispute-funds-withdrawn");
    chargeback.taking.records[0].time = at(1_795_859_960_000);
    any_order(
        &[sample(STRIPE, "01-charge-succeeded-checkout"), full, chargeback],
        &[
            "F du_1QvA8bLkdIwHu7ix 0 USD of 5831 → V1",
            "N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1",
            "F re_full 5831 USD → V1",
        ],
    );
}

#[test]
fn a_dispute_that_is_won_leaves_the_payment() {
    let mut reinstated = sample(STRIPE, "09-dispute-funds-reinstated");
    let record = &mut reinstated.taking.records[0];
    record.version = record.version.plus_millis(60_000);
    any_order(
        &[sample(STRIPE, "01-charge-succeeded-checkout"), sample(STRIPE, "08-dispute-funds-withdrawn"), reinstated],
        &["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"],
    );
}

#[test]
fn metadata_comes_before_hints_and_a_hint_may_come_later() {
    let session = "stripe_session_id:cs_live_a1B2c3D4e5F6g7H8";
    let late = Latest { time: at(NOW + 3_600_000), visitor: visitor(V2) };
    let mut ledger = Ledger::default();
    let mut silent = sample(STRIPE, "01-charge-succeeded-checkout");
    (silent.taking.records[0].visitor, silent.taking.records[0].session) = (None, None);
    ledger.take(&silent);
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD"]);
    ledger.hints.hint(session, late);
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V2"]);
    ledger.hints.hint(session, Latest { time: at(NOW), visitor: visitor(V1) });
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V2"], "the latest counts");
    ledger.take(&sample(STRIPE, "01-charge-succeeded-checkout"));
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"]);
    let mut old = Ledger::default();
    old.take(&silent);
    old.hints.hint("id:cs_live_a1B2c3D4e5F6g7H8", late);
    assert_eq!(shorts(&old), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V2"], "hints of earlier releases are found");
}

#[test]
fn who_it_is_has_an_order() {
    let mut ledger = Ledger::default();
    let renewal = sample(STRIPE, "03-charge-succeeded-renewal");
    ledger.take(&renewal);
    let whose = |ledger: &Ledger| {
        ledger.rows().values().next_back().unwrap().visitor.map(|(visitor, known)| (visitor.to_string(), known))
    };
    assert_eq!(whose(&ledger), None);
    ledger.hints.identify(" Bo.Example@example.com", Latest { time: at(2), visitor: visitor(V1) });
    assert_eq!(whose(&ledger), Some((V1.into(), Known::ByEmail)));
    ledger.hints.hint_email("bo.example@example.com ", Latest { time: at(1), visitor: visitor(V2) });
    assert_eq!(whose(&ledger), Some((V2.into(), Known::ByEmail)), "a hint comes before an identification");
    let related = |customer: &str, subscription: Option<&str>, id: &str, visitor: &str, time: i64| {
        let mut take = renewal.clone();
        let record = &mut take.taking.records[0];
        record.id = TransactionId::new(id).unwrap();
        record.ids.clear();
        record.customer = CustomerId::new(customer);
        record.subscription = subscription.and_then(SubscriptionId::new);
        record.visitor = Some(self::visitor(visitor));
        record.time = at(time);
        take
    };
    ledger.take(&related("cus_RtB2cD3eF4gH5i", None, "pi_0a", V1, 5));
    assert_eq!(whose(&ledger), Some((V1.into(), Known::ByRelation)), "the customer");
    ledger.take(&related("cus_RtB2cD3eF4gH5i", None, "pi_0b", V2, 4));
    assert_eq!(whose(&ledger), Some((V2.into(), Known::ByRelation)), "the earliest of the customer");
    ledger.take(&related("cus_other", Some("sub_1QvA2bLkdIwHu7ix"), "pi_0c", V1, 9));
    assert_eq!(whose(&ledger), Some((V1.into(), Known::ByRelation)), "the subscription");
    ledger.hints.hint("id:in_1QvA2bLkdIwHu7ix", Latest { time: at(1), visitor: visitor(V2) });
    assert_eq!(whose(&ledger), Some((V2.into(), Known::ByHint)));
}

#[test]
fn nobody_inherits_from_those_who_inherit() {
    // V1 is explicit for one subscription of the customer; a payment without one is of the same customer, and another
    // customer's payment of the same e-mail is not.
    let mut other = sample(STRIPE, "03-charge-succeeded-renewal");
    let record = &mut other.taking.records[0];
    record.id = TransactionId::new("pi_other").unwrap();
    record.ids.clear();
    record.subscription = SubscriptionId::new("sub_other");
    record.customer = CustomerId::new("cus_other");
    let mut between = sample(STRIPE, "03-charge-succeeded-renewal");
    between.taking.records[0].customer = CustomerId::new("cus_other");
    any_order(
        &[sample(STRIPE, "02-charge-succeeded-subscription-create"), between, other],
        &["N pi_3QvA2bLkdIwHu7ix0 1900 EUR → V1", "R pi_3QvA3bLkdIwHu7ix0 1900 EUR → V1", "R pi_other 1900 EUR"],
    );
}

// ---- The others

#[test]
fn a_subscription_of_lemon_squeezy_begins_with_one_order() {
    let ls = Provider::LemonSqueezy;
    any_order(
        &[sample(ls, "02-order-created-subscription-eur"), sample(ls, "04-subscription-payment-success-renewal")],
        &["N lemonsqueezy:order:2202 2261 EUR → V1", "R lemonsqueezy:subscription-invoice:7302 2261 EUR → V1"],
    );
}

#[test]
fn a_refund_of_lemon_squeezy_grows() {
    let ls = Provider::LemonSqueezy;
    any_order(
        &[
            sample(ls, "01-order-created"),
            sample(ls, "05-order-refunded-partial"),
            sample(ls, "06-order-refunded-full"),
        ],
        &["N lemonsqueezy:order:2201 5831 USD → V1", "F lemonsqueezy:order:2201 5831 USD → V1"],
    );
}

#[test]
fn a_trial_of_lemon_squeezy_turns_into_money() {
    let ls = Provider::LemonSqueezy;
    let first = changed(ls, "04-subscription-payment-success-renewal", |body| {
        body["data"]["attributes"]["subscription_id"] = json!(6002);
        body["data"]["attributes"]["created_at"] = json!("2026-12-12T09:59:48.000000Z");
    });
    any_order(
        &[sample(ls, "07-subscription-created-on-trial"), first],
        &["N lemonsqueezy:subscription-invoice:7302 2261 EUR → V1", "T lemonsqueezy:subscription:6002 0 USD → V1"],
    );
}

#[test]
fn a_fraudulent_order_is_void_and_an_older_update_changes_nothing() {
    let ls = Provider::LemonSqueezy;
    let fraudulent = changed(ls, "01-order-created", |body| {
        body["data"]["attributes"]["status"] = json!("fraudulent");
        body["data"]["attributes"]["updated_at"] = json!("2026-11-28T10:59:50.000000Z");
    });
    any_order(&[sample(ls, "01-order-created"), fraudulent], &[]);
}

#[test]
fn an_import_without_custom_data_forgets_no_visitor() {
    let ls = Provider::LemonSqueezy;
    let imported = changed(ls, "01-order-created", |body| body["meta"]["custom_data"] = json!(null));
    any_order(&[sample(ls, "01-order-created"), imported.clone()], &["N lemonsqueezy:order:2201 5831 USD → V1"]);
    let mut ledger = Ledger::default();
    ledger.take(&imported);
    ledger.hints.identify("cleo.example@example.com", Latest { time: at(1), visitor: visitor(V1) });
    assert_eq!(shorts(&ledger), ["N lemonsqueezy:order:2201 5831 USD → V1"]);
}

#[test]
fn a_hint_of_one_provider_is_of_no_other() {
    let order = |provider| {
        let name = if provider == Provider::LemonSqueezy { "01-order-created" } else { "01-order-created-paid" };
        let mut take = sample(provider, name);
        take.taking.records[0].visitor = None;
        take.taking.records[0].id = TransactionId::new(format!("{provider}:order:2201")).unwrap();
        take.taking.records[0].email = None;
        take
    };
    let mut ledger = Ledger::default();
    ledger.take(&order(Provider::LemonSqueezy));
    ledger.take(&order(Provider::WooCommerce));
    let mut invoice = sample(Provider::LemonSqueezy, "04-subscription-payment-success-renewal");
    let record = &mut invoice.taking.records[0];
    (record.ids, record.customer, record.email) = (vec![OtherId::new("2201").unwrap()], None, None);
    ledger.take(&invoice);
    ledger.hints.hint("lemonsqueezy_order_id:2201", Latest { time: at(1), visitor: visitor(V1) });
    assert_eq!(
        shorts(&ledger),
        [
            "N lemonsqueezy:order:2201 5831 USD → V1",
            "R lemonsqueezy:subscription-invoice:7302 2261 EUR",
            "N woocommerce:order:2201 5831 EUR"
        ]
    );
}

#[test]
fn polars_refund_is_one_and_goes_when_it_fails() {
    let polar = Provider::Polar;
    let order = "N ffb0e4fd-0a24-428d-8d0d-3140aa2a1586 5831 USD → V1";
    let refunded = changed(polar, "01-order-paid-purchase", |body| {
        body["type"] = json!("order.refunded");
        body["data"]["status"] = json!("partially_refunded");
        body["data"]["refunded_amount"] = json!(1000);
        body["data"]["modified_at"] = json!("2026-11-29T08:00:01Z");
    });
    let created = sample(polar, "04-refund-created-partial");
    any_order(
        &[sample(polar, "01-order-paid-purchase"), created.clone(), refunded],
        &["F 1d630127-108f-4fea-81f7-beee59b66dd6 1190 USD → V1", order],
    );
    any_order(&[sample(polar, "01-order-paid-purchase"), created, sample(polar, "05-refund-updated-failed")], &[order]);
}

#[test]
fn orders_of_one_checkout_are_not_the_same_money() {
    // The same checkout's id, although it is one that nobody else has.
    let polar = Provider::Polar;
    let mut ledger = Ledger::default();
    ledger.take(&sample(polar, "01-order-paid-purchase"));
    ledger.take(&sample(polar, "06-order-paid-jpy-balance"));
    ledger.take(&sample(polar, "03-order-paid-trial"));
    assert_eq!(ledger.rows().len(), 3);
}

#[test]
fn a_trial_of_polar_turns_into_money() {
    let polar = Provider::Polar;
    let first =
        changed(polar, "02-order-paid-cycle", |body| body["data"]["created_at"] = json!("2026-12-12T09:59:40Z"));
    any_order(
        &[sample(polar, "03-order-paid-trial"), first],
        &["N 4c13835c-a9e2-4c56-83e0-60bc6808fc6d 2261 USD → V1", "T f7eaa7fb-45f3-4730-8a50-3e0c1d86fdb1 0 USD → V1"],
    );
}

#[test]
fn a_chargeback_of_paddle_that_is_reversed_leaves_the_payment() {
    let paddle = Provider::Paddle;
    let payment = sample(paddle, "01-transaction-completed");
    let [taken, reversed, reversal] = [
        "06-adjustment-created-chargeback",
        "07-adjustment-updated-reversed",
        "08-adjustment-created-chargeback-reverse",
    ]
    .map(|name| sample(paddle, name));
    let expected = ["N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1"];
    any_order(&[payment.clone(), taken.clone(), reversed, reversal.clone()], &expected);
    any_order(&[payment, taken, reversal], &expected);
}

#[test]
fn a_warning_and_its_chargeback_count_once() {
    let paddle = Provider::Paddle;
    let warning = changed(paddle, "06-adjustment-created-chargeback", |body| {
        body["data"]["id"] = json!("adj_warning");
        body["data"]["action"] = json!("chargeback_warning");
        body["data"]["created_at"] = json!("2026-11-28T12:00:00Z");
    });
    any_order(
        &[sample(paddle, "01-transaction-completed"), warning, sample(paddle, "06-adjustment-created-chargeback")],
        &[
            "F adj_01103d6254a6d94bacc82e8228 0 USD of 5831 → V1",
            "F adj_warning 5831 USD → V1",
            "N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1",
        ],
    );
}

#[test]
fn an_order_of_shopify_changes_without_a_second_row() {
    let shopify = Provider::Shopify;
    let edited = changed(shopify, "01-orders-paid", |body| {
        body["total_price_set"]["presentment_money"]["amount"] = json!("68.31");
        body["total_price_set"]["shop_money"]["amount"] = json!("68.31");
        body["updated_at"] = json!("2026-11-28T06:00:00-05:00");
    });
    any_order(
        &[sample(shopify, "01-orders-paid"), edited, sample(shopify, "03-refunds-create-partial")],
        &["N shopify:order:5600000000001 6831 USD → V1", "F shopify:refund:890000000001 1190 USD → V1"],
    );
    let refund_of_pos =
        changed(shopify, "03-refunds-create-partial", |body| body["order_id"] = json!(5_600_000_000_007_i64));
    any_order(&[sample(shopify, "07-orders-paid-pos"), refund_of_pos], &[]);
}

#[test]
fn an_order_of_woocommerce_is_a_complete_subject() {
    let woo = Provider::WooCommerce;
    let [paid, refunded, deleted] =
        ["01-order-created-paid", "03-order-updated-partial-refund", "04-order-updated-refund-deleted"]
            .map(|name| sample(woo, name));
    any_order(
        &[paid.clone(), refunded.clone()],
        &["N woocommerce:order:727 5831 EUR → V1", "F woocommerce:refund:731 1000 EUR → V1"],
    );
    any_order(&[paid.clone(), refunded, deleted], &["N woocommerce:order:727 5831 EUR → V1"]);
    let cancelled = changed(woo, "06-order-updated-cancelled", |body| body["id"] = json!(727));
    any_order(&[paid.clone(), cancelled], &[]);
    let gone = Take {
        taking: Taking {
            complete: Some(at(NOW)),
            ..Taking::new(woo, TransactionId::new("woocommerce:order:727").unwrap(), Vec::new())
        },
        origin: Origin::Webhook,
        known_at: at(NOW),
    };
    any_order(&[paid.clone(), gone.clone()], &[]);
    // Restored after it was deleted, although it was last changed before.
    let mut restored = Sample::read(woo, "01-order-created-paid");
    restored.expected["post"]["headers"]["x-wc-webhook-topic"] = json!("order.restored");
    let Mapped::Take(restored) = restored.mapped(&production()).0 else { panic!() };
    let mut ledger = Ledger::default();
    for message in [&paid, &gone, &take(restored)] {
        ledger.take(message);
    }
    assert_eq!(shorts(&ledger), ["N woocommerce:order:727 5831 EUR → V1"]);
}

// ---- The same money told by several

/// The charge of the order 727, as Stripe tells of it.
fn charge_of_the_order() -> Take {
    let mut charge = sample(STRIPE, "01-charge-succeeded-checkout");
    let record = &mut charge.taking.records[0];
    record.ids = vec![OtherId::new("ch_wc727").unwrap()];
    (record.visitor, record.session) = (None, None);
    if let What::Payment { sum, .. } = &mut record.what {
        sum.paid.currency = "EUR".parse().unwrap();
    }
    charge
}

#[test]
fn a_shop_and_its_processor_tell_of_one_payment() {
    let woo = Provider::WooCommerce;
    let mut of_processor = refund(STRIPE, "re_1", PI, 1000, Cause::Refund, State::Counts, NOW);
    if let What::Refund { sum, .. } = &mut of_processor.what {
        sum.paid.currency = "EUR".parse().unwrap();
    }
    let expected = ["N woocommerce:order:727 5831 EUR → V1", "F woocommerce:refund:731 1000 EUR → V1"];
    any_order(
        &[
            sample(woo, "03-order-updated-partial-refund"),
            charge_of_the_order(),
            take(Taking::of(of_processor.clone())),
        ],
        &expected,
    );
    // Whichever knew the visitor.
    let mut silent = sample(woo, "01-order-created-paid");
    silent.taking.records[0].visitor = None;
    let mut told = charge_of_the_order();
    told.taking.records[0].visitor = Some(visitor(V2));
    any_order(&[silent, told], &["N woocommerce:order:727 5831 EUR → V2"]);
    // While the shop tells of no refund, the processor's counts.
    any_order(
        &[sample(woo, "01-order-created-paid"), charge_of_the_order(), take(Taking::of(of_processor))],
        &["F re_1 1000 EUR → V1", "N woocommerce:order:727 5831 EUR → V1"],
    );
    // A chargeback counts beside the shop's refund.
    let mut chargeback = sample(STRIPE, "08-dispute-funds-withdrawn");
    if let What::Refund { sum, .. } = &mut chargeback.taking.records[0].what {
        sum.paid.currency = "EUR".parse().unwrap();
    }
    chargeback.taking.records[0].time = at(NOW + 200_000_000);
    any_order(
        &[sample(woo, "03-order-updated-partial-refund"), charge_of_the_order(), chargeback],
        &[
            "F du_1QvA8bLkdIwHu7ix 4831 EUR of 5831 → V1",
            "N woocommerce:order:727 5831 EUR → V1",
            "F woocommerce:refund:731 1000 EUR → V1",
        ],
    );
}

#[test]
fn the_row_of_a_processor_becomes_the_shops_without_news() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.take(&charge_of_the_order()).added.len(), 1);
    let outcome = ledger.take(&sample(Provider::WooCommerce, "01-order-created-paid"));
    assert_eq!((outcome.added.len(), outcome.changed.len(), outcome.voided.len()), (0, 1, 0));
    assert_eq!(ledger.take(&charge_of_the_order()).unchanged, 1);
}

fn posted(id: &str, kind: PostedKind) -> Posted {
    let paid = Money { amount: Minor::new(5831).unwrap(), currency: Currency::USD };
    Posted {
        id: TransactionId::new(id).unwrap(),
        kind,
        sum: Sum { paid, tax: None, settled: None },
        time: at(NOW),
        visitor: None,
        customer: None,
        email: None,
        name: None,
    }
}

#[test]
fn a_backend_and_a_provider_tell_of_one_payment() {
    for id in [PI, "cs_live_a1B2c3D4e5F6g7H8", "ch_3QvA1bLkdIwHu7ix0aBcDeFg"] {
        for posted_first in [true, false] {
            let mut ledger = Ledger::default();
            let mut post = posted(id, PostedKind::Payment { renewal: false });
            post.email = Some("posted@example.com".into());
            if posted_first {
                assert_eq!(ledger.post(post.clone()).unwrap().added.len(), 1);
                let outcome = ledger.take(&sample(STRIPE, "01-charge-succeeded-checkout"));
                assert!(outcome.added.is_empty(), "no news of what is known");
            } else {
                ledger.take(&sample(STRIPE, "01-charge-succeeded-checkout"));
                assert!(ledger.post(post.clone()).unwrap().added.is_empty());
            }
            assert_eq!(ledger.post(post), None, "posted before");
            assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"], "{id} {posted_first}");
            // A refund that both tell of.
            ledger.post(posted(id, PostedKind::Refund(String::new())));
            assert_eq!(ledger.rows().len(), 2, "while Stripe tells of none");
            ledger.take(&sample(STRIPE, "06-refund-created-partial"));
            assert_eq!(
                shorts(&ledger),
                ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1", "F re_3QvA1bLkdIwHu7ix0ReFuNd 1500 USD → V1"],
                "{id} {posted_first}"
            );
        }
    }
    let mut ledger = Ledger::default();
    ledger.post(posted("2201", PostedKind::Payment { renewal: false }));
    ledger.take(&sample(Provider::LemonSqueezy, "01-order-created"));
    assert_eq!(ledger.rows().len(), 2, "order 2201 exists in every shop");
}

// ---- What the owner deleted

#[test]
fn what_the_owner_deleted_stays_deleted() {
    let charge = sample(STRIPE, "01-charge-succeeded-checkout");
    let back = sample(STRIPE, "06-refund-created-partial");
    let mut ledger = Ledger::default();
    ledger.take(&charge);
    ledger.take(&back);
    assert_eq!(ledger.remove(|row| row.key.id.is(PI)).len(), 2, "the refund goes along");
    for take in [&charge, &back] {
        assert_eq!(ledger.take(take), Outcome::default());
    }
    let other = take(Taking::of(refund(STRIPE, "re_new", PI, 100, Cause::Refund, State::Counts, NOW)));
    ledger.take(&other);
    assert!(ledger.rows().is_empty());
    let mut shops = sample(Provider::WooCommerce, "01-order-created-paid");
    shops.taking.records[0].ids = vec![OtherId::new("ch_3QvA1bLkdIwHu7ix0aBcDeFg").unwrap()];
    ledger.take(&shops);
    assert!(ledger.rows().is_empty(), "under another name too");
    ledger.restore_deleted(Provider::Paddle);
    ledger.take(&charge);
    assert!(ledger.rows().is_empty(), "of another provider");
    ledger.restore_deleted(STRIPE);
    ledger.take(&charge);
    assert_eq!(ledger.rows().len(), 1);
    ledger.remove(|_| true);
    ledger.post(posted(PI, PostedKind::Payment { renewal: false }));
    ledger.take(&charge);
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"], "posting it lifts it");
}

#[test]
fn a_refund_that_was_deleted_alone_stays_away() {
    let back = sample(STRIPE, "06-refund-created-partial");
    let mut ledger = Ledger::default();
    ledger.take(&sample(STRIPE, "01-charge-succeeded-checkout"));
    ledger.take(&back);
    assert_eq!(ledger.remove(|row| row.key.refund.is_some()).len(), 1);
    ledger.take(&back);
    assert_eq!(shorts(&ledger), ["N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1"]);
}

#[test]
fn news_are_live_recent_and_after_the_connection() {
    let mut ledger = Ledger::default();
    ledger.take(&sample(STRIPE, "01-charge-succeeded-checkout"));
    let row = ledger.rows().into_values().next().unwrap();
    let (before, after, days) = (row.time.plus_millis(-1), row.time.plus_millis(1), 86_400_000);
    for (origin, connected_at, now, expected) in [
        (Origin::Webhook, before, after, true),
        (Origin::Poll, before, after, true),
        (Origin::Sweep, before, row.time.plus_millis(3 * days), true),
        (Origin::Sweep, before, row.time.plus_millis(3 * days + 1), false),
        (Origin::Webhook, after, after, false),
        (Origin::Import, before, after, false),
        (Origin::Replay, before, after, false),
        (Origin::Api, before, after, false),
    ] {
        assert_eq!(is_news(&row, origin, connected_at, now), expected, "{origin:?}");
    }
}

#[test]
fn a_refund_in_the_shops_currency_is_capped_by_the_conversion() {
    let shopify = Provider::Shopify;
    let back = |id: i64, amount: &str, currency: &str| {
        changed(shopify, "03-refunds-create-partial", |body| {
            body["id"] = json!(id);
            body["order_id"] = json!(5_600_000_000_002_i64);
            body["transactions"][0]["amount"] = json!(amount);
            body["transactions"][0]["currency"] = json!(currency);
        })
    };
    any_order(
        &[
            sample(shopify, "02-orders-paid-presentment"),
            back(1, "29.155", "USD"),
            back(2, "58.31", "USD"),
            back(3, "10", "EUR"),
        ],
        &[
            "N shopify:order:5600000000002 9100 JPY",
            "F shopify:refund:1 2916 USD",
            "F shopify:refund:2 2915 USD of 5831",
            "F shopify:refund:3 1000 EUR",
        ],
    );
}

// ---- Any order of any history

/// A step in the history of a payer at a provider.
#[derive(Debug, Clone)]
enum Event {
    Trial,
    Payment { amount: i64, cycle: bool, visitor: Option<u8>, posted: bool, alias: bool },
    Upgrade { payment: usize, amount: i64 },
    Refund { payment: usize, amount: i64, chargeback: bool },
    Fails { refund: usize },
    Void { payment: usize },
    Shop { payment: usize, refund: Option<i64>, lists_it_later: bool },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let payment = (1..9000_i64, any::<bool>(), prop::option::of(0..3_u8), any::<bool>(), any::<bool>())
        .prop_map(|(amount, cycle, visitor, posted, alias)| Event::Payment { amount, cycle, visitor, posted, alias });
    let event = prop_oneof![
        1 => Just(Event::Trial),
        3 => payment,
        1 => (0..3_usize, 1..9000_i64).prop_map(|(payment, amount)| Event::Upgrade { payment, amount }),
        3 => (0..3_usize, 1..9000_i64, any::<bool>()).prop_map(|(payment, amount, chargeback)| Event::Refund { payment, amount, chargeback }),
        2 => (0..3_usize).prop_map(|refund| Event::Fails { refund }),
        1 => (0..3_usize).prop_map(|payment| Event::Void { payment }),
        2 => (0..3_usize, prop::option::of(1..9000_i64), any::<bool>()).prop_map(|(payment, refund, lists_it_later)| Event::Shop { payment, refund, lists_it_later }),
    ];
    prop::collection::vec(event, 1..7)
}

#[derive(Debug, Clone)]
enum Message {
    Take(Take),
    Post(Posted),
    Hint(String, Latest),
    Identify(String, Latest),
}

/// The messages of a history. Every version of one thing is of its own moment, as a provider's are.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of event")]
fn messages(provider: Provider, events: &[Event]) -> Vec<Message> {
    let mut version = NOW;
    let (mut payments, mut refunds) = (Vec::<Record>::new(), Vec::<Record>::new());
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        version += 1000;
        let time = at(NOW + 10_000 * i64::try_from(index).unwrap());
        let blank = |id: String, what: What| Record {
            provider,
            id: TransactionId::new(id).unwrap(),
            what,
            state: State::Counts,
            time,
            visitor: None,
            session: None,
            customer: CustomerId::new("customer"),
            email: Some("payer@example.com".into()),
            name: None,
            subscription: None,
            ids: Vec::new(),
            version: at(version),
        };
        let sum = |amount: i64| Sum {
            paid: Money { amount: Minor::new(amount).unwrap(), currency: Currency::USD },
            tax: None,
            settled: None,
        };
        let person = |number: u8| VisitorId::of_random([number; 16]);
        match event {
            Event::Trial => {
                let mut trial = blank(format!("sub_{index}"), What::Trial { currency: Currency::USD });
                trial.subscription = SubscriptionId::new("subscription");
                trial.visitor = Some(person(7));
                found.push(Message::Take(take(Taking::of(trial))));
            }
            Event::Payment { amount, cycle, visitor, posted, alias } => {
                let mut payment = blank(format!("pi_{index}"), What::Payment { renewal: *cycle, sum: sum(*amount) });
                payment.visitor = visitor.map(person);
                payment.subscription = cycle.then(|| SubscriptionId::new("subscription").unwrap());
                payment.ids =
                    vec![OtherId::new(if *alias { format!("cs_{index}") } else { "in_shared".to_owned() }).unwrap()];
                if *posted {
                    let id = if *alias { format!("cs_{index}") } else { format!("pi_{index}") };
                    found.push(Message::Post(self::posted(&id, PostedKind::Payment { renewal: false })));
                    found.push(Message::Post(self::posted(&id, PostedKind::Refund("one".into()))));
                }
                found.push(Message::Hint(format!("id:cs_{index}"), Latest { time, visitor: person(8) }));
                found.push(Message::Take(take(Taking::of(payment.clone()))));
                payments.push(payment);
            }
            Event::Upgrade { payment, amount } => {
                let Some(known) = payments.get_mut(*payment) else { continue };
                known.version = at(version);
                known.visitor = known.visitor.map(|_| person(6));
                if let What::Payment { sum: known, .. } = &mut known.what {
                    *known = sum(*amount);
                }
                found.push(Message::Take(take(Taking::of(known.clone()))));
            }
            Event::Refund { payment, amount, chargeback } => {
                let Some(payment) = payments.get(*payment) else { continue };
                let cause = if *chargeback { Cause::Chargeback } else { Cause::Refund };
                let what = What::Refund { of: payment.id.clone(), cause, sum: sum(*amount) };
                let refund = blank(format!("re_{index}"), what);
                found.push(Message::Take(take(Taking::of(refund.clone()))));
                refunds.push(refund);
            }
            Event::Fails { refund } => {
                let Some(refund) = refunds.get_mut(*refund) else { continue };
                (refund.state, refund.version) = (State::Void, at(version));
                found.push(Message::Take(take(Taking::of(refund.clone()))));
                found.push(Message::Identify("Payer@example.com".into(), Latest { time, visitor: person(9) }));
            }
            Event::Void { payment } => {
                let Some(payment) = payments.get_mut(*payment) else { continue };
                (payment.state, payment.version) = (State::Void, at(version));
                found.push(Message::Take(take(Taking::of(payment.clone()))));
            }
            Event::Shop { payment, refund, lists_it_later } => {
                let Some(payment) = payments.get(*payment) else { continue };
                let id = TransactionId::new(format!("woocommerce:order:{index}")).unwrap();
                let woo = |what: What, id: &TransactionId| Record {
                    provider: Provider::WooCommerce,
                    ..blank(id.as_str().to_owned(), what)
                };
                let mut order = woo(What::Payment { renewal: false, sum: sum(4200) }, &id);
                order.ids = vec![OtherId::new(payment.id.as_str()).unwrap()];
                let refund = refund.map(|amount| {
                    let what = What::Refund { of: id.clone(), cause: Cause::Refund, sum: sum(amount) };
                    woo(what, &TransactionId::new(format!("woocommerce:refund:{index}")).unwrap())
                });
                let records = std::iter::once(order.clone()).chain(refund).collect();
                let whole = |records, version| {
                    take(Taking { complete: Some(version), ..Taking::new(Provider::WooCommerce, id.clone(), records) })
                };
                found.push(Message::Take(whole(records, order.version)));
                if !lists_it_later {
                    order.version = order.version.plus_millis(500);
                    let version = order.version;
                    found.push(Message::Take(whole(vec![order], version)));
                }
            }
        }
    }
    found
}

fn hear(ledger: &mut Ledger, message: &Message) {
    match message {
        Message::Take(take) => {
            ledger.take(take);
        }
        Message::Post(posted) => {
            ledger.post(posted.clone());
        }
        Message::Hint(key, latest) => ledger.hints.hint(key, *latest),
        Message::Identify(email, latest) => ledger.hints.identify(email, *latest),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_and_any_repetition_end_in_the_same_rows(
        provider in prop::sample::select(vec![Provider::Stripe, Provider::LemonSqueezy, Provider::Polar, Provider::Paddle, Provider::Shopify]),
        events in events(),
        keys in prop::collection::vec(any::<u64>(), 24),
        repeated in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let told = messages(provider, &events);
        let mut in_order = Ledger::default();
        for message in &told {
            hear(&mut in_order, message);
        }
        let rows = in_order.rows();
        let mut order: Vec<usize> = (0..told.len()).collect();
        order.sort_by_key(|index| keys[index % keys.len()].rotate_left(u32::try_from(*index).unwrap()));
        if !told.is_empty() {
            order.extend(repeated.iter().map(|index| index.index(told.len())));
        }
        let mut shuffled = Ledger::default();
        for index in &order {
            hear(&mut shuffled, &told[*index]);
        }
        prop_assert_eq!(&shuffled.rows(), &rows, "{:?}", order);
        // Invariants of any set.
        let mut back: BTreeMap<TransactionId, i64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for row in rows.values() {
            for member in &row.members {
                prop_assert!(seen.insert(member.clone()), "{:?} is in two rows", member);
            }
            prop_assert!(row.counted.amount <= row.claimed);
            if let Some(of) = &row.refund_of {
                *back.entry(of.clone()).or_default() += row.counted.amount.units();
            }
        }
        for (of, back) in back {
            if let Some(payment) = rows.get(&RowKey { id: of, refund: None }) {
                prop_assert!(back <= payment.counted.amount.units(), "more goes back than was paid");
            }
        }
        // All of a short history's orders.
        if told.len() <= 5 {
            for order in permutations(told.len()) {
                let mut ledger = Ledger::default();
                for index in order {
                    hear(&mut ledger, &told[index]);
                }
                prop_assert_eq!(&ledger.rows(), &rows);
            }
        }
    }
}

#[test]
fn the_samples_of_a_provider_in_any_order_end_in_the_same_rows() {
    for provider in Provider::ALL {
        let takes: Vec<Take> = Sample::all(provider)
            .iter()
            .filter(|sample| sample.expected.get("records").is_some())
            // The same second: which of the two is later, the samples do not say.
            .filter(|sample| !matches!(sample.name.as_str(), "07-refund-failed" | "09-dispute-funds-reinstated"))
            .map(|one| sample(provider, &one.name))
            .collect();
        let mut first = Ledger::default();
        for take in &takes {
            first.take(take);
        }
        for rotation in 0..takes.len() {
            for step in [1, takes.len() - 1] {
                let mut ledger = Ledger::default();
                for index in 0..takes.len() {
                    ledger.take(&takes[(rotation + index * step) % takes.len()]);
                }
                assert_eq!(ledger.rows(), first.rows(), "{provider} from {rotation} by {step}");
            }
        }
    }
}

#[test]
fn what_is_sent_and_stored_is_read_again() {
    for provider in Provider::ALL {
        for one in Sample::all(provider).iter().filter(|one| one.expected.get("records").is_some()) {
            let take = sample(provider, &one.name);
            let json = serde_json::to_string(&take).unwrap();
            assert_eq!(serde_json::from_str::<Take>(&json).unwrap(), take, "{}", one.name);
            for record in take.taking.records {
                let (key, told) = (Key::of(&record), Told::new(record));
                let stored = serde_json::to_string(&(&key, &told)).unwrap();
                assert_eq!(serde_json::from_str::<(Key, Told)>(&stored).unwrap(), (key, told));
            }
        }
    }
}

// ---- What a row is worth, and which goals it completes

#[test]
fn a_row_is_worth_the_providers_conversion_or_the_days_rate() {
    use sluice_money::Rates;
    let rates = Rates::parse(r#"{"date":"2026-11-28","usd":{"eur":0.5,"gbp":0.25}}"#).unwrap();
    let mut ledger = Ledger::default();
    ledger.take(&sample(STRIPE, "02-charge-succeeded-subscription-create"));
    let row = ledger.rows().into_values().next().unwrap();
    for (currency, value) in [("USD", Some(2204)), ("EUR", Some(1900)), ("GBP", Some(950)), ("JPY", None)] {
        assert_eq!(row.value(currency.parse().unwrap(), &rates), value, "{currency}");
    }
    // A refund that counts in part is worth that part of its own conversion.
    let paddle = Provider::Paddle;
    let mut ledger = Ledger::default();
    ledger.take(&sample(paddle, "01-transaction-completed"));
    let twice = changed(paddle, "05-adjustment-updated-approved", |body| {
        body["data"]["totals"]["total"] = json!("11662");
        body["data"]["payout_totals"]["total"] = json!("23324");
    });
    ledger.take(&twice);
    let refund = ledger.rows().into_values().find(|row| row.key.refund.is_some()).unwrap();
    assert_eq!((refund.counted.amount.units(), refund.claimed.units()), (5831, 11_662));
    assert_eq!(refund.value(Currency::USD, &rates), Some(11_662));
}

#[test]
fn rows_complete_goals_and_a_first_cycle_after_a_trial_is_no_renewal() {
    let names = |row: &Row| row.milestones().iter().map(|milestone| milestone.name()).collect::<Vec<_>>();
    let mut ledger = Ledger::default();
    let trial = ledger.take(&sample(STRIPE, "04-invoice-paid-trial"));
    assert!(trial.goals.is_empty());
    let first = sample(STRIPE, "05-charge-succeeded-after-trial");
    assert_eq!(first.taking.goals.len(), 1);
    assert!(ledger.take(&first).goals.is_empty());
    let rows: Vec<Vec<&str>> = ledger.rows().values().map(names).collect();
    assert_eq!(rows, [vec!["payment", "trial_converted"], vec!["free_trial", "trial_started"]]);
    let renewal = sample(STRIPE, "03-charge-succeeded-renewal");
    let goals = ledger.take(&renewal).goals;
    assert_eq!(goals.iter().map(|goal| goal.milestone.name()).collect::<Vec<_>>(), ["subscription_renewed"]);
    assert!(ledger.take(&renewal).goals.is_empty(), "once");
}

#[test]
fn customers_of_a_backend_are_no_providers() {
    let mut ledger = Ledger::default();
    for (id, visitor) in [("a", Some(V1)), ("b", None)] {
        let mut post = posted(id, PostedKind::Payment { renewal: false });
        post.customer = CustomerId::new("cus_1");
        post.visitor = visitor.map(self::visitor);
        ledger.post(post);
    }
    assert_eq!(shorts(&ledger), ["N a 5831 USD → V1", "N b 5831 USD"]);
}
