//! Goals of subscriptions' lives.

use serde_json::{Value, json};

use sluice_values::GoalName;

use crate::delivery::Envelope;
use crate::headers::Headers;
use crate::lifecycle::{Heard, Milestone, Snapshot, lemonsqueezy_price, lemonsqueezy_priced, of_event};
use crate::provider::Provider;
use crate::request::Answer;

fn envelope(provider: Provider, body: &Value) -> Envelope {
    Envelope::read(provider, Headers(&[]), body.to_string().as_bytes()).unwrap()
}

fn milestones(provider: Provider, body: &Value, before: Option<&Snapshot>) -> (Vec<&'static str>, Option<Snapshot>) {
    let Heard { goals, seen } = of_event(&envelope(provider, body)).unwrap();
    let changes = seen.iter().flat_map(|seen| seen.goals(provider, before));
    let names = goals.iter().cloned().chain(changes).map(|goal| goal.milestone.name()).collect();
    (names, seen.map(|seen| seen.snapshot))
}

#[test]
fn milestones_are_the_reserved_goals() {
    let mut names: Vec<&str> = Milestone::ALL.iter().map(|milestone| milestone.name()).collect();
    for milestone in Milestone::ALL {
        assert_eq!(serde_json::to_value(milestone).unwrap(), milestone.name());
    }
    let mut reserved = GoalName::AUTOMATIC.to_vec();
    names.sort_unstable();
    reserved.sort_unstable();
    assert_eq!(names, reserved);
}

fn stripe(kind: &str, subscription: &Value, previous: &Value) -> Value {
    let mut object = json!({ "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active",
        "cancel_at_period_end": false, "cancel_at": null, "items": stripe_items(1900, 1, "month") });
    for (name, value) in subscription.as_object().unwrap() {
        object[name] = value.clone();
    }
    json!({ "id": "evt_1", "type": format!("customer.subscription.{kind}"), "created": 1_795_859_998, "livemode": true,
        "data": { "object": object, "previous_attributes": previous } })
}

fn stripe_items(amount: i64, quantity: i64, interval: &str) -> Value {
    json!({ "data": [{ "quantity": quantity, "price": { "unit_amount": amount, "currency": "eur",
        "recurring": { "interval": interval, "interval_count": 1 } } }] })
}

#[test]
fn stripe_says_what_a_subscription_was_before() {
    for (kind, now, previous, expected) in [
        ("created", json!({}), json!(null), vec!["subscription_started"]),
        ("created", json!({ "status": "trialing" }), json!(null), vec![]),
        ("created", json!({ "status": "incomplete" }), json!(null), vec![]),
        ("updated", json!({}), json!({ "status": "incomplete" }), vec!["subscription_started"]),
        ("updated", json!({}), json!({ "status": "trialing" }), vec![]),
        ("updated", json!({}), json!({ "items": stripe_items(900, 1, "month") }), vec!["subscription_upgraded"]),
        ("updated", json!({}), json!({ "items": stripe_items(1900, 2, "month") }), vec!["subscription_downgraded"]),
        ("updated", json!({}), json!({ "items": stripe_items(22_800, 1, "year") }), vec![]),
        ("updated", json!({}), json!({ "items": stripe_items(19_000, 1, "year") }), vec!["subscription_upgraded"]),
        (
            "updated",
            json!({ "cancel_at_period_end": true }),
            json!({ "cancel_at_period_end": false }),
            vec!["subscription_cancel_scheduled"],
        ),
        (
            "updated",
            json!({ "cancel_at": 1_797_000_000 }),
            json!({ "cancel_at": null }),
            vec!["subscription_cancel_scheduled"],
        ),
        (
            "updated",
            json!({ "cancel_at_period_end": true, "cancel_at": 1 }),
            json!({ "cancel_at_period_end": false, "cancel_at": null }),
            vec!["subscription_cancel_scheduled"],
        ),
        ("updated", json!({ "cancel_at_period_end": true, "cancel_at": 1 }), json!({ "cancel_at": null }), vec![]),
        ("updated", json!({}), json!({ "cancel_at_period_end": true }), vec!["subscription_reactivated"]),
        ("updated", json!({}), json!({ "cancel_at": 1_797_000_000 }), vec!["subscription_reactivated"]),
        ("updated", json!({ "cancel_at_period_end": true }), json!({ "metadata": {} }), vec![]),
        ("deleted", json!({ "status": "canceled" }), json!(null), vec!["subscription_ended"]),
        ("paused", json!({}), json!(null), vec![]),
    ] {
        assert_eq!(
            milestones(Provider::Stripe, &stripe(kind, &now, &previous), None).0,
            expected,
            "{kind} {now} {previous}"
        );
    }
}

fn polar(kind: &str, amount: i64) -> Value {
    json!({ "type": format!("subscription.{kind}"), "timestamp": "2026-11-28T09:59:53Z", "data": {
        "id": "ddc6e2b2-24d0-4d82-8669-202258386936", "customer_id": "80d26609-c522-4268-881e-4a6d4ceddbc3",
        "amount": amount, "currency": "usd", "recurring_interval": "month", "recurring_interval_count": 1 } })
}

#[test]
fn polars_amount_is_compared_with_what_was_remembered() {
    let (goals, started) = milestones(Provider::Polar, &polar("active", 1900), None);
    assert_eq!(goals, ["subscription_started"]);
    for (amount, expected) in
        [(2900, vec!["subscription_upgraded"]), (900, vec!["subscription_downgraded"]), (1900, vec![])]
    {
        assert_eq!(milestones(Provider::Polar, &polar("updated", amount), started.as_ref()).0, expected, "{amount}");
    }
    assert!(milestones(Provider::Polar, &polar("updated", 1900), None).0.is_empty());
    for (kind, expected) in [
        ("canceled", "subscription_cancel_scheduled"),
        ("uncanceled", "subscription_reactivated"),
        ("revoked", "subscription_ended"),
    ] {
        assert_eq!(milestones(Provider::Polar, &polar(kind, 1900), started.as_ref()).0, [expected], "{kind}");
    }
    assert!(milestones(Provider::Polar, &polar("created", 1900), None).0.is_empty());
}

fn paddle(kind: &str, quantity: i64, change: &Value) -> Value {
    json!({ "event_id": "evt_1", "event_type": format!("subscription.{kind}"), "occurred_at": "2026-11-28T09:59:44Z",
        "data": { "id": "sub_01", "customer_id": "ctm_01", "scheduled_change": change, "items": [
            { "quantity": quantity, "price": { "unit_price": { "amount": "4900", "currency_code": "USD" },
              "billing_cycle": { "interval": "month", "frequency": 1 } } },
            { "quantity": 1, "price": { "unit_price": { "amount": "500", "currency_code": "USD" },
              "billing_cycle": { "interval": "month", "frequency": 1 } } } ] } })
}

#[test]
fn paddles_items_and_scheduled_change_are_compared() {
    let cancel = json!({ "action": "cancel", "effective_at": "2026-12-28T00:00:00Z" });
    let (goals, first) = milestones(Provider::Paddle, &paddle("activated", 1, &json!(null)), None);
    assert_eq!(goals, ["subscription_started"]);
    let (goals, scheduled) = milestones(Provider::Paddle, &paddle("updated", 1, &cancel), first.as_ref());
    assert_eq!(goals, ["subscription_cancel_scheduled"]);
    let again = milestones(Provider::Paddle, &paddle("updated", 1, &cancel), scheduled.as_ref());
    assert!(again.0.is_empty(), "{again:?}");
    let (goals, back) = milestones(Provider::Paddle, &paddle("updated", 1, &json!(null)), scheduled.as_ref());
    assert_eq!(goals, ["subscription_reactivated"]);
    let up = milestones(Provider::Paddle, &paddle("updated", 2, &json!(null)), back.as_ref());
    assert_eq!(up.0, ["subscription_upgraded"]);
    assert_eq!(
        milestones(Provider::Paddle, &paddle("updated", 1, &json!(null)), up.1.as_ref()).0,
        ["subscription_downgraded"]
    );
    let pause = json!({ "action": "pause" });
    assert!(milestones(Provider::Paddle, &paddle("updated", 1, &pause), back.as_ref()).0.is_empty());
    assert_eq!(milestones(Provider::Paddle, &paddle("resumed", 1, &json!(null)), None).0, ["subscription_reactivated"]);
    assert_eq!(milestones(Provider::Paddle, &paddle("canceled", 1, &json!(null)), None).0, ["subscription_ended"]);
}

fn lemonsqueezy(kind: &str, status: &str, price: u64) -> Value {
    json!({ "meta": { "event_name": kind }, "data": { "type": "subscriptions", "id": "6001", "attributes": {
        "status": status, "customer_id": 880_001, "variant_id": 52, "updated_at": "2026-11-28T09:59:50.000000Z",
        "first_subscription_item": { "price_id": price, "quantity": 1 } } } })
}

#[test]
fn lemon_squeezys_variants_are_told_apart_by_their_price() {
    for (kind, status, expected) in [
        ("subscription_created", "active", vec!["subscription_started"]),
        ("subscription_created", "on_trial", vec![]),
        ("subscription_cancelled", "cancelled", vec!["subscription_cancel_scheduled"]),
        ("subscription_resumed", "active", vec!["subscription_reactivated"]),
        ("subscription_expired", "expired", vec!["subscription_ended"]),
        ("subscription_updated", "active", vec![]),
    ] {
        assert_eq!(
            milestones(Provider::LemonSqueezy, &lemonsqueezy(kind, status, 1), None).0,
            expected,
            "{kind} {status}"
        );
    }
    let price = |amount: i64, unit: &str| {
        Answer::new(
            200,
            json!({ "data": { "attributes": { "unit_price": amount, "renewal_interval_unit": unit, "renewal_interval_quantity": 1 } } }),
        )
    };
    let updated = envelope(Provider::LemonSqueezy, &lemonsqueezy("subscription_updated", "active", 7));
    assert_eq!(lemonsqueezy_price(&updated).unwrap().path, "/v1/prices/7");
    let first = lemonsqueezy_priced(&updated, &price(1900, "month")).unwrap().unwrap();
    assert!(first.goals(Provider::LemonSqueezy, None).is_empty());
    for (answer, expected) in [
        (price(2900, "month"), Some(Milestone::SubscriptionUpgraded)),
        (price(900, "month"), Some(Milestone::SubscriptionDowngraded)),
        (price(19_000, "year"), Some(Milestone::SubscriptionDowngraded)),
        (price(1900, "month"), None),
    ] {
        let seen = lemonsqueezy_priced(&updated, &answer).unwrap().unwrap();
        let goals = seen.goals(Provider::LemonSqueezy, Some(&first.snapshot));
        assert_eq!(goals.first().map(|goal| goal.milestone), expected, "{answer:?}");
    }
}

#[test]
fn shops_have_no_subscriptions_lives() {
    let shopify =
        Envelope::read(Provider::Shopify, Headers(&[("x-shopify-topic", "orders/paid")]), br#"{"id":1}"#).unwrap();
    assert_eq!(of_event(&shopify), Ok(Heard::default()));
}
