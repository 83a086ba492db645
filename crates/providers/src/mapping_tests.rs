//! Cases of the mappers beyond the samples (docs/contract/providers.md#7).

use proptest::prelude::*;
use serde_json::{Value, json};

use sluice_values::Environment;

use crate::mapped::{Context, Mapped, Taking};
use crate::provider::Provider;
use crate::reading::Trouble;
use crate::record::{Record, State, What};
use crate::request::Answer;
use crate::samples::{Api, Sample, WEBSITE, context, production};

const V1: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
const V2: &str = "c971cbbf-7ce2-4925-902b-8f95a5fb3449";

/// A sample with its body and the answers of the API changed.
fn changed(provider: Provider, name: &str, change: impl FnOnce(&mut Value, &mut Value)) -> Sample {
    let mut sample = Sample::read(provider, name);
    let mut body = sample.json();
    change(&mut body, &mut sample.expected["api"]);
    sample.body = body.to_string().into_bytes();
    sample
}

fn stripe(name: &str, change: impl FnOnce(&mut Value)) -> Sample {
    changed(Provider::Stripe, name, |_, api| {
        let charge = api.as_object().unwrap().keys().find(|key| key.contains("/charges/")).unwrap().clone();
        change(&mut api[&charge]);
    })
}

fn taking(sample: &Sample) -> Taking {
    match sample.mapped(&production()).0 {
        Mapped::Take(taking) => taking,
        mapped => panic!("{}: {mapped:?}", sample.name),
    }
}

fn reason(sample: &Sample) -> String {
    match sample.mapped(&production()).0 {
        Mapped::Ignored { reason, .. } => reason.into_owned(),
        Mapped::Failed(reason) => format!("failed: {reason}"),
        mapped => panic!("{}: {mapped:?}", sample.name),
    }
}

/// `N 5831 USD` and the like.
fn short(record: &Record) -> String {
    let kind = match record.what {
        What::Payment { renewal: false, .. } => 'N',
        What::Payment { renewal: true, .. } => 'R',
        What::Refund { .. } => 'F',
        What::Trial { .. } => 'T',
    };
    let money = record.money();
    let void = if record.state == State::Void { " void" } else { "" };
    format!("{kind} {} {}{void}", money.amount.units(), money.currency)
}

fn shorts(sample: &Sample) -> Vec<String> {
    taking(sample).records.iter().map(short).collect()
}

fn visitor(sample: &Sample) -> Option<String> {
    taking(sample).records[0].visitor.map(|visitor| visitor.to_string())
}

// ---- Stripe

#[test]
fn stripe_counts_what_was_captured_in_the_units_of_each_currency() {
    for (amount, currency, expected) in [
        (3000, "usd", "N 3000 USD"),
        (1200, "jpy", "N 1200 JPY"),
        (1500, "kwd", "N 1500 KWD"),
        (40, "mga", "N 4000 MGA"),
        (370_000, "ugx", "N 3700 UGX"),
    ] {
        let sample = stripe("01-charge-succeeded-checkout", |charge| {
            charge["amount_captured"] = json!(amount);
            charge["amount_refunded"] = json!(amount / 2);
            charge["currency"] = json!(currency);
        });
        assert_eq!(shorts(&sample), [expected]);
    }
}

#[test]
fn stripe_charges_that_are_no_money_are_ignored() {
    for (field, value, expected) in [
        ("paid", json!(false), "not paid"),
        ("status", json!("pending"), "not paid"),
        ("status", json!("failed"), "not paid"),
        ("captured", json!(false), "not captured"),
        ("amount_captured", json!(0), "nothing was paid"),
        ("livemode", json!(false), "test mode"),
        ("amount_captured", json!(58.31), "failed: charge.amount_captured: expected a whole number"),
        (
            "amount_captured",
            json!(1_000_000_000_001_i64),
            "failed: charge.amount_captured: expected an amount from 0 to 1000000000000 minor units",
        ),
        (
            "amount_captured",
            json!(-5),
            "failed: charge.amount_captured: expected an amount from 0 to 1000000000000 minor units",
        ),
        ("currency", json!("quatloo"), "failed: charge.currency: expected an ISO 4217 currency"),
        ("created", json!(null), "failed: charge.created: expected a whole number"),
    ] {
        let sample = stripe("01-charge-succeeded-checkout", |charge| charge[field] = value);
        assert_eq!(reason(&sample), expected, "{field}");
    }
}

#[test]
fn a_captured_charge_is_read_again() {
    let sample = changed(Provider::Stripe, "11-charge-succeeded-uncaptured", |body, api| {
        body["type"] = json!("charge.captured");
        let charge = &mut api["GET /v1/charges/ch_3QvABbLkdIwHu7ix0"];
        charge["captured"] = json!(true);
        charge["amount_captured"] = json!(3000);
    });
    assert_eq!(shorts(&sample), ["N 3000 USD"]);
}

#[test]
fn a_charge_without_an_intent_has_its_own_id() {
    let sample = stripe("01-charge-succeeded-checkout", |charge| charge["payment_intent"] = json!(null));
    let record = &taking(&sample).records[0];
    assert_eq!(record.id.as_str(), "ch_3QvA1bLkdIwHu7ix0aBcDeFg");
    assert!(record.ids.is_empty());
    assert_eq!(sample.mapped(&production()).1.len(), 1);
}

#[test]
fn stripe_says_of_an_invoice_whether_it_is_a_renewal() {
    for (billing_reason, expected) in [
        (json!("subscription_create"), "N 1900 EUR"),
        (json!("subscription_cycle"), "R 1900 EUR"),
        (json!("subscription_update"), "R 1900 EUR"),
        (json!("subscription_threshold"), "R 1900 EUR"),
        (json!("subscription"), "R 1900 EUR"),
        (json!("manual"), "N 1900 EUR"),
        (json!("quote_accept"), "N 1900 EUR"),
        (json!("automatic_pending_invoice_item_invoice"), "N 1900 EUR"),
        (json!(null), "N 1900 EUR"),
    ] {
        let sample = changed(Provider::Stripe, "02-charge-succeeded-subscription-create", |_, api| {
            let list = &mut api["GET /v1/invoice_payments?payment[payment_intent]=pi_3QvA2bLkdIwHu7ix0"];
            list["data"][0]["invoice"]["billing_reason"] = billing_reason.clone();
        });
        let (mapped, asked) = sample.mapped(&production());
        let Mapped::Take(taking) = mapped else { panic!("{mapped:?}") };
        assert_eq!(short(&taking.records[0]), expected, "{billing_reason}");
        assert_eq!(asked.len(), if expected.starts_with('R') { 2 } else { 3 }, "{billing_reason}");
        assert_eq!(taking.goals.len(), usize::from(billing_reason == "subscription_cycle"));
    }
}

const CHARGE: &str = "GET /v1/charges/ch_3QvA1bLkdIwHu7ix0aBcDeFg";
const SESSIONS: &str = "GET /v1/checkout/sessions?payment_intent=pi_3QvA1bLkdIwHu7ix0hIjKlMn";
const CUSTOMER: &str = "GET /v1/customers/cus_RtA1bC2dE3fG4h";

#[test]
fn stripes_places_for_a_visitor_have_an_order() {
    let places: [fn(&mut Value); 4] = [
        |api| api[CHARGE]["metadata"] = json!({ "datafast_visitor_id": V2 }),
        |api| api[CHARGE]["payment_intent"]["metadata"] = json!({ "datafast_visitor_id": V2 }),
        |api| api[SESSIONS]["data"][0]["metadata"] = json!({ "datafast_visitor_id": V2 }),
        |api| {
            api[SESSIONS]["data"][0]["metadata"] = json!({});
            api[SESSIONS]["data"][0]["client_reference_id"] = json!(V2);
        },
    ];
    for (index, place) in places.iter().enumerate() {
        let sample = changed(Provider::Stripe, "01-charge-succeeded-checkout", |_, api| place(api));
        assert_eq!(visitor(&sample).as_deref(), Some(V2), "{index}");
    }
    let reference = |id: &str| {
        changed(Provider::Stripe, "01-charge-succeeded-checkout", |_, api| {
            api[SESSIONS]["data"][0]["metadata"] = json!({});
            api[SESSIONS]["data"][0]["client_reference_id"] = json!(id);
        })
    };
    assert_eq!(visitor(&reference(V1)).as_deref(), Some(V1));
    assert_eq!(visitor(&reference("user_42")), None);
}

#[test]
fn stripes_customer_is_asked_about_only_when_all_else_is_silent() {
    let silent = |customer: Option<Answer>| {
        let sample = changed(Provider::Stripe, "01-charge-succeeded-checkout", |_, api| {
            api[SESSIONS]["data"][0]["metadata"] = json!({});
        });
        let mut api = sample.api();
        api.answers.extend(customer.map(|customer| (CUSTOMER.to_owned(), customer)));
        let mapped = api.work(&sample.envelope(), &production());
        (mapped, api.asked)
    };
    let told = Answer::new(200, json!({ "id": "cus_RtA1bC2dE3fG4h", "metadata": { "datafast_visitor_id": V2 } }));
    let (mapped, asked) = silent(Some(told));
    let Ok(Mapped::Take(taking)) = mapped else { panic!("{mapped:?}") };
    assert_eq!(taking.records[0].visitor, Some(V2.parse().unwrap()));
    assert_eq!(asked.last().unwrap(), CUSTOMER);
    for answer in [None, Some(Answer::new(403, json!({})))] {
        let (mapped, _) = silent(answer);
        let Ok(Mapped::Take(taking)) = mapped else { panic!("{mapped:?}") };
        assert_eq!(taking.records[0].visitor, None);
    }
    let (mapped, _) = silent(Some(Answer::new(500, json!(null))));
    assert_eq!(mapped.unwrap_err(), Trouble::Later { after_secs: None });
    let (_, asked) = Sample::read(Provider::Stripe, "03-charge-succeeded-renewal").mapped(&production());
    assert_eq!(asked.len(), 2, "a renewal inherits: {asked:?}");
}

#[test]
fn a_finished_session_leads_to_its_charge() {
    let first = Sample::read(Provider::Stripe, "01-charge-succeeded-checkout");
    let mut session = first.expected["api"][SESSIONS]["data"][0].clone();
    let event = |session: &Value| {
        let mut sample = Sample::read(Provider::Stripe, "01-charge-succeeded-checkout");
        let body = json!({ "id": "evt_s", "type": "checkout.session.completed", "created": 1_795_859_999, "livemode": true, "data": { "object": session } });
        sample.body = body.to_string().into_bytes();
        sample
    };
    let intent = |sample: &mut Sample| {
        let mut charge = sample.expected["api"][CHARGE].clone();
        charge["payment_intent"] = json!("pi_3QvA1bLkdIwHu7ix0hIjKlMn");
        let intent = json!({ "id": "pi_3QvA1bLkdIwHu7ix0hIjKlMn", "object": "payment_intent", "metadata": {}, "latest_charge": charge });
        sample.expected["api"]["GET /v1/payment_intents/pi_3QvA1bLkdIwHu7ix0hIjKlMn"] = intent;
    };
    let mut sample = event(&session);
    intent(&mut sample);
    assert_eq!(taking(&sample).records, taking(&first).records, "the same record as of the charge");
    // The list does not have the session yet; the event does.
    sample.expected["api"][SESSIONS]["data"] = json!([]);
    assert_eq!(taking(&sample).records, taking(&first).records);
    sample.expected["api"]["GET /v1/payment_intents/pi_3QvA1bLkdIwHu7ix0hIjKlMn"]["latest_charge"] = json!(null);
    assert_eq!(reason(&sample), "not paid");
    // Of a subscription: by its invoice.
    session["payment_intent"] = json!(null);
    session["subscription"] = json!("sub_9");
    session["invoice"] = json!("in_9");
    let mut sample = event(&session);
    intent(&mut sample);
    sample.expected["api"]["GET /v1/invoice_payments?invoice=in_9"] = json!({ "data": [{ "payment": { "type": "payment_intent", "payment_intent": "pi_3QvA1bLkdIwHu7ix0hIjKlMn" } }] });
    assert_eq!(shorts(&sample), ["N 5831 USD"]);
    // With a trial: nothing was paid of the invoice.
    sample.expected["api"]["GET /v1/invoice_payments?invoice=in_9"] = json!({ "data": [] });
    sample.expected["api"]["GET /v1/subscriptions/sub_9"] =
        json!({ "id": "sub_9", "currency": "eur", "customer": "cus_9", "trial_start": 1_795_856_300 });
    assert_eq!(shorts(&sample), ["T 0 EUR"]);
    assert_eq!(visitor(&sample).as_deref(), Some(V1), "the session's");
    session["subscription"] = json!(null);
    session["invoice"] = json!(null);
    assert_eq!(reason(&event(&session)), "nothing was paid");
}

#[test]
fn a_trial_is_of_its_subscription_however_it_is_heard_of() {
    let invoice = Sample::read(Provider::Stripe, "04-invoice-paid-trial");
    let subscription = "GET /v1/subscriptions/sub_1QvA4bLkdIwHu7ix";
    let created = changed(Provider::Stripe, "04-invoice-paid-trial", |body, api| {
        body["type"] = json!("customer.subscription.created");
        body["data"]["object"] = api[subscription].clone();
    });
    let (one, other) = (taking(&invoice).records.remove(0), taking(&created).records.remove(0));
    assert_eq!((&one.id, one.time, one.visitor, one.what), (&other.id, other.time, other.visitor, other.what));
    let no_trial = changed(Provider::Stripe, "04-invoice-paid-trial", |_, api| {
        api[subscription]["trial_start"] = json!(null);
    });
    assert_eq!(reason(&no_trial), "nothing was paid", "a credit balance paid it");
    let of_item = changed(Provider::Stripe, "04-invoice-paid-trial", |_, api| {
        api[subscription]["trial_start"] = json!(null);
        api[subscription]["items"] = json!({ "data": [{}, { "current_trial": { "start_date": 1_795_856_300 } }] });
    });
    assert_eq!(taking(&of_item).records[0].time, taking(&invoice).records[0].time);
    let paid =
        changed(Provider::Stripe, "04-invoice-paid-trial", |body, _| body["data"]["object"]["total"] = json!(1900));
    assert_eq!(reason(&paid), "the charge tells of it");
    let active = changed(Provider::Stripe, "04-invoice-paid-trial", |body, _| {
        body["type"] = json!("customer.subscription.created");
        body["data"]["object"] = json!({ "id": "sub_1", "object": "subscription", "status": "active" });
    });
    assert_eq!(goals(&active), ["subscription_started"]);
}

fn goals(sample: &Sample) -> Vec<&'static str> {
    taking(sample).goals.iter().map(|goal| goal.milestone.name()).collect()
}

/// An event of a subscription that moves no money.
fn of_subscription(provider: Provider, body: &Value) -> Sample {
    let first = &Sample::all(provider)[0];
    Sample { body: body.to_string().into_bytes(), ..Sample::read(provider, &first.name) }
}

#[test]
fn a_subscriptions_life_is_goals_of_its_own_and_no_money() {
    let stripe = |kind: &str, object: Value, before: Value| {
        let body = json!({ "id": "evt_1", "type": format!("customer.subscription.{kind}"), "created": 1_795_859_998, "livemode": true,
            "data": { "object": object, "previous_attributes": before } });
        of_subscription(Provider::Stripe, &body)
    };
    let scheduled =
        json!({ "id": "sub_1", "object": "subscription", "status": "active", "cancel_at_period_end": true });
    let scheduled = stripe("updated", scheduled, json!({ "cancel_at_period_end": false }));
    assert_eq!(goals(&scheduled), ["subscription_cancel_scheduled"]);
    assert_eq!((taking(&scheduled).subject.as_str(), taking(&scheduled).records.len()), ("sub_1", 0));
    let ended =
        stripe("deleted", json!({ "id": "sub_1", "object": "subscription", "status": "canceled" }), json!(null));
    assert_eq!(goals(&ended), ["subscription_ended"]);
    let said = stripe(
        "updated",
        json!({ "id": "sub_1", "object": "subscription", "status": "active" }),
        json!({ "metadata": {} }),
    );
    assert_eq!(reason(&said), "no money was moved");

    let id = "ddc6e2b2-24d0-4d82-8669-202258386936";
    let polar = |kind: &str, metadata: Value| {
        let data = json!({ "id": id, "customer_id": null, "amount": 1900, "currency": "usd", "recurring_interval": "month", "metadata": metadata });
        of_subscription(Provider::Polar, &json!({ "type": kind, "timestamp": "2026-11-28T09:59:53Z", "data": data }))
    };
    assert_eq!(goals(&polar("subscription.active", json!({}))), ["subscription_started"]);
    let seen = taking(&polar("subscription.created", json!({})));
    assert_eq!((seen.goals.len(), seen.seen.is_some()), (0, true), "it is remembered what it costs");
    let another = polar("subscription.active", json!({ "datafast_website_id": "665f0b3c4d2e1a0012345679" }))
        .mapped(&production())
        .0;
    assert!(matches!(another, Mapped::TakeUnlessOf(..)), "{another:?}");
    let Mapped::Ignored { void: Some(void), .. } = another.decided(true) else { panic!() };
    assert_eq!((void.goals.len(), void.seen), (0, None), "of another website nothing is remembered");

    let paddle = json!({ "event_id": "evt_1", "event_type": "subscription.canceled", "occurred_at": "2026-11-28T09:59:44Z",
        "data": { "id": "sub_01", "status": "canceled", "scheduled_change": null, "items": [] } });
    assert_eq!(goals(&of_subscription(Provider::Paddle, &paddle)), ["subscription_ended"]);
}

#[test]
fn what_a_subscription_of_lemon_squeezy_costs_is_read_once_and_holds_up_nothing() {
    let updated = |status: &str, kind: &str, is_test: bool| {
        let attributes = json!({ "status": status, "customer_id": 880_001, "created_at": "2026-11-28T09:59:50.000000Z",
            "updated_at": "2026-11-28T09:59:50.000000Z", "first_subscription_item": { "price_id": 7, "quantity": 1 } });
        let mut sample = of_subscription(
            Provider::LemonSqueezy,
            &json!({ "meta": { "event_name": kind, "test_mode": is_test },
            "data": { "type": "subscriptions", "id": "6001", "attributes": attributes } }),
        );
        let price = json!({ "unit_price": 1900, "renewal_interval_unit": "month", "renewal_interval_quantity": 1 });
        sample.expected["api"] = json!({ "GET /v1/prices/7": { "data": { "attributes": price } } });
        sample
    };
    let sample = updated("active", "subscription_updated", false);
    let (mapped, asked) = sample.mapped(&production());
    let Mapped::Take(told) = mapped else { panic!("{mapped:?}") };
    assert_eq!((told.records.len(), told.goals.len(), told.seen.is_some()), (0, 0, true));
    assert_eq!(asked, ["GET /v1/prices/7"]);
    let trial = taking(&updated("on_trial", "subscription_created", false));
    assert_eq!((trial.records.len(), trial.seen.is_some()), (1, false), "it costs nothing yet");
    let began = taking(&updated("active", "subscription_created", false));
    assert_eq!((began.goals.len(), began.seen.is_some()), (1, true));
    let mut unknown = updated("active", "subscription_updated", false);
    unknown.expected["api"] = json!({});
    assert_eq!(reason(&unknown), "no money was moved");
    let (mapped, asked) = updated("active", "subscription_updated", true).mapped(&production());
    assert!(
        matches!(&mapped, Mapped::Ignored { reason, .. } if reason == "test mode") && asked.is_empty(),
        "{mapped:?}"
    );
}

#[test]
fn a_refund_counts_when_it_succeeded() {
    for (status, expected) in [
        ("succeeded", Ok("F 1500 USD")),
        ("failed", Ok("F 1500 USD void")),
        ("canceled", Ok("F 1500 USD void")),
        ("pending", Err("refund is pending")),
        ("requires_action", Err("refund is pending")),
    ] {
        let sample = changed(Provider::Stripe, "06-refund-created-partial", |body, _| {
            body["data"]["object"]["status"] = json!(status);
        });
        match expected {
            Ok(expected) => assert_eq!(shorts(&sample), [expected], "{status}"),
            Err(expected) => assert_eq!(reason(&sample), expected, "{status}"),
        }
    }
    // Two events within two seconds: which is later, the refund itself says.
    let sample = Sample::read(Provider::Stripe, "06-refund-created-partial");
    let mut read = sample.json()["data"]["object"].clone();
    read["status"] = json!("failed");
    let mut api = Api::of([("GET /v1/refunds/re_3QvA1bLkdIwHu7ix0ReFuNd".into(), Answer::new(200, read))]);
    let close = Context { has_close_event: true, ..production() };
    let Ok(Mapped::Take(taking)) = api.work(&sample.envelope(), &close) else { panic!() };
    assert_eq!(short(&taking.records[0]), "F 1500 USD void");
    assert_eq!(taking.records[0].version, close.now);
}

#[test]
fn a_dispute_of_a_list_counts_by_its_movements() {
    let object = Sample::read(Provider::Stripe, "08-dispute-funds-withdrawn").json()["data"]["object"].clone();
    let mapped = |status: &str, amounts: &[i64]| {
        let mut object = object.clone();
        object["status"] = json!(status);
        object["balance_transactions"] = amounts.iter().map(|amount| json!({ "amount": amount })).collect();
        crate::stripe::dispute(&crate::fields::Node::new("dispute", &object), None, production().now).unwrap()
    };
    for (status, amounts, expected) in [
        ("needs_response", &[-5831][..], Some("F 5831 USD")),
        ("won", &[-5831, 5831], Some("F 5831 USD void")),
        ("won", &[-5831, 2000], Some("F 3831 USD")),
        ("warning_needs_response", &[], None),
        ("needs_response", &[], None),
    ] {
        match mapped(status, amounts) {
            Mapped::Take(taking) => {
                assert_eq!(Some(short(&taking.records[0]).as_str()), expected, "{status} {amounts:?}");
            }
            Mapped::Ignored { .. } => assert_eq!(expected, None, "{status} {amounts:?}"),
            mapped => panic!("{mapped:?}"),
        }
    }
}

#[test]
fn troubles_of_reading_are_told_apart_and_what_is_gone_is_ignored() {
    let sample = Sample::read(Provider::Stripe, "01-charge-succeeded-checkout");
    for (key, status) in [(CHARGE, 429), (CHARGE, 500), (SESSIONS, 503), (CHARGE, 401), (SESSIONS, 403)] {
        let mut api = sample.api();
        api.answers.insert(key.into(), Answer::new(status, json!(null)));
        let trouble = api.work(&sample.envelope(), &production()).unwrap_err();
        let expected = match status {
            401 => Trouble::Refused,
            403 => Trouble::Denied(None),
            _ => Trouble::Later { after_secs: None },
        };
        assert_eq!(trouble, expected, "{key} {status}");
    }
    let gone = changed(Provider::Stripe, "01-charge-succeeded-checkout", |_, api| *api = json!({}));
    assert_eq!(reason(&gone), "gone");
}

#[test]
fn test_mode_counts_in_development_alone() {
    for (provider, name) in [
        (Provider::Stripe, "12-charge-succeeded-test-mode"),
        (Provider::LemonSqueezy, "08-order-created-test-mode"),
        (Provider::Shopify, "06-orders-paid-test"),
    ] {
        let sample = changed(provider, name, |_, api| {
            if provider == Provider::Stripe {
                *api = Sample::read(provider, "01-charge-succeeded-checkout").expected["api"].clone();
            }
        });
        assert_eq!(reason(&sample), "test mode");
        let (mapped, _) = sample.mapped(&context(Environment::Development));
        let Mapped::Take(taking) = mapped else { panic!("{provider}: {mapped:?}") };
        assert_eq!(short(&taking.records[0]), "N 5831 USD", "{provider}");
    }
}

#[test]
fn what_names_another_website_is_its_own() {
    let name = |metadata: &mut Value, website: &str| metadata["datafast_website_id"] = json!(website);
    let samples = |website: &str| {
        [
            changed(Provider::Stripe, "01-charge-succeeded-checkout", |_, api| {
                name(&mut api[SESSIONS]["data"][0]["metadata"], website);
            }),
            changed(Provider::LemonSqueezy, "01-order-created", |body, _| {
                name(&mut body["meta"]["custom_data"], website);
            }),
            changed(Provider::Polar, "01-order-paid-purchase", |body, _| name(&mut body["data"]["metadata"], website)),
            changed(Provider::Paddle, "01-transaction-completed", |body, _| {
                name(&mut body["data"]["custom_data"], website);
            }),
            changed(Provider::Shopify, "01-orders-paid", |body, _| {
                let attribute = json!({ "name": "datafast_website_id", "value": website });
                body["note_attributes"].as_array_mut().unwrap().push(attribute);
            }),
            changed(Provider::WooCommerce, "01-order-created-paid", |body, _| {
                let meta = json!({ "key": "_datafast_website_id", "value": website });
                body["meta_data"].as_array_mut().unwrap().push(meta);
            }),
        ]
    };
    for sample in samples(WEBSITE).iter().chain(&samples("no website's id")) {
        assert_eq!(taking(sample).records.len(), 1, "{}", sample.name);
    }
    for other in ["665f0b3c4d2e1a0012345679", "dfid_other"] {
        for sample in samples(other) {
            let mapped = sample.mapped(&production()).0;
            assert!(matches!(mapped, Mapped::TakeUnlessOf(..)), "{}: {mapped:?}", sample.name);
            let Mapped::Ignored { reason, void: Some(void) } = mapped.clone().decided(true) else {
                panic!("{mapped:?}")
            };
            assert_eq!(reason, "another website");
            assert!(void.records.iter().all(|record| record.state == State::Void), "its refunds count nothing");
            assert!(matches!(mapped.decided(false), Mapped::Take(_)), "{}", sample.name);
        }
    }
    let sample = &samples("dfid_mine")[0];
    let mine = Context { tracking_id: Some("dfid_mine".into()), ..production() };
    assert!(matches!(sample.mapped(&mine).0, Mapped::Take(_)));
}

// ---- Lemon Squeezy

#[test]
fn an_order_of_lemon_squeezy_is_by_its_status() {
    for (status, expected) in [
        ("paid", Ok("N 5831 USD")),
        ("refunded", Ok("N 5831 USD")),
        ("partial_refund", Ok("N 5831 USD")),
        ("fraudulent", Ok("N 5831 USD void")),
        ("failed", Ok("N 5831 USD void")),
        ("pending", Err("order is pending")),
    ] {
        let sample = changed(Provider::LemonSqueezy, "01-order-created", |body, _| {
            body["data"]["attributes"]["status"] = json!(status);
        });
        match expected {
            Ok(expected) => assert_eq!(shorts(&sample), [expected], "{status}"),
            Err(expected) => assert_eq!(reason(&sample), expected, "{status}"),
        }
    }
    let free =
        changed(Provider::LemonSqueezy, "01-order-created", |body, _| body["data"]["attributes"]["total"] = json!(0));
    assert_eq!(reason(&free), "nothing was paid");
}

#[test]
fn an_invoice_of_lemon_squeezy_is_one_payment_whatever_tells_of_it() {
    let name = "04-subscription-payment-success-renewal";
    let success = Sample::read(Provider::LemonSqueezy, name);
    let recovered = changed(Provider::LemonSqueezy, name, |body, _| {
        body["meta"]["event_name"] = json!("subscription_payment_recovered");
    });
    assert_eq!(taking(&recovered).records, taking(&success).records);
    let refunded = changed(Provider::LemonSqueezy, name, |body, _| {
        let attributes = &mut body["data"]["attributes"];
        attributes["status"] = json!("refunded");
        attributes["refunded_amount"] = json!(2261);
        attributes["refunded_amount_usd"] = json!(2600);
        attributes["refunded_at"] = json!("2026-11-29T08:00:00.000000Z");
    });
    assert_eq!(shorts(&refunded), ["R 2261 EUR", "F 2261 EUR"]);
    let records = taking(&refunded).records;
    assert_eq!(records[0].id, records[1].id);
    for status in ["pending", "void"] {
        let sample =
            changed(Provider::LemonSqueezy, name, |body, _| body["data"]["attributes"]["status"] = json!(status));
        assert_eq!(reason(&sample), "invoice is not paid");
    }
    assert_eq!(taking(&success).goals.len(), 1);
    let updated = changed(Provider::LemonSqueezy, name, |body, _| {
        body["data"]["attributes"]["billing_reason"] = json!("updated");
    });
    assert_eq!((shorts(&updated).remove(0), taking(&updated).goals.len()), ("R 2261 EUR".into(), 0));
}

#[test]
fn yen_of_lemon_squeezy_are_hundredths_or_whole_and_else_dollars() {
    let name = "09-order-created-jpy";
    let whole = changed(Provider::LemonSqueezy, name, |body, _| {
        body["data"]["attributes"]["total"] = json!(1200);
        body["data"]["attributes"]["currency_rate"] = json!("0.0067");
    });
    assert_eq!(shorts(&Sample::read(Provider::LemonSqueezy, name)), ["N 1200 JPY"]);
    assert_eq!(shorts(&whole), ["N 1200 JPY"]);
    let unsure =
        changed(Provider::LemonSqueezy, name, |body, _| body["data"]["attributes"]["currency_rate"] = json!(null));
    assert_eq!(shorts(&unsure), ["N 804 USD"]);
}

// ---- Polar

#[test]
fn polars_refunds_and_disputes_have_their_tax_in() {
    for (status, expected) in [
        ("succeeded", Ok("F 1190 USD")),
        ("failed", Ok("F 1190 USD void")),
        ("canceled", Ok("F 1190 USD void")),
        ("pending", Err("refund is pending")),
    ] {
        let sample =
            changed(Provider::Polar, "04-refund-created-partial", |body, _| body["data"]["status"] = json!(status));
        match expected {
            Ok(expected) => assert_eq!(shorts(&sample), [expected], "{status}"),
            Err(expected) => assert_eq!(reason(&sample), expected, "{status}"),
        }
    }
    let mut lost = Sample::read(Provider::Polar, "04-refund-created-partial").json()["data"].clone();
    lost["status"] = json!("lost");
    let Mapped::Take(taking) = crate::polar::dispute(&crate::fields::Node::new("dispute", &lost)).unwrap() else {
        panic!()
    };
    assert_eq!(short(&taking.records[0]), "F 1190 USD");
    assert_eq!(serde_json::to_value(&taking.records[0]).unwrap()["chargeback"], true);
}

#[test]
fn polars_order_is_by_its_status_and_its_reason() {
    for status in ["draft", "pending", "void"] {
        let sample =
            changed(Provider::Polar, "01-order-paid-purchase", |body, _| body["data"]["status"] = json!(status));
        assert_eq!(reason(&sample), format!("order is {status}"));
    }
    for (billing_reason, kind) in [
        ("purchase", 'N'),
        ("subscription_create", 'N'),
        ("subscription_cycle", 'R'),
        ("subscription_update", 'R'),
        ("subscription_meter_cycle", 'R'),
    ] {
        for status in ["paid", "refunded", "partially_refunded"] {
            let sample = changed(Provider::Polar, "01-order-paid-purchase", |body, _| {
                body["data"]["billing_reason"] = json!(billing_reason);
                body["data"]["status"] = json!(status);
            });
            assert_eq!(shorts(&sample), [format!("{kind} 5831 USD")], "{billing_reason} {status}");
        }
    }
    let never_changed =
        changed(Provider::Polar, "01-order-paid-purchase", |body, _| body["data"]["modified_at"] = json!(null));
    assert_eq!(taking(&never_changed).records[0].version, taking(&never_changed).records[0].time);
    for change in [
        |data: &mut Value| data["subscription"]["trial_end"] = json!(null),
        |data: &mut Value| data["billing_reason"] = json!("subscription_cycle"),
        |data: &mut Value| data["total_amount"] = json!(1900),
    ] {
        let sample = changed(Provider::Polar, "03-order-paid-trial", |body, _| change(&mut body["data"]));
        assert_eq!(reason(&sample), "nothing was paid");
    }
}

// ---- Paddle

#[test]
fn paddles_origins_say_what_is_a_renewal() {
    for (origin, kind) in [
        ("web", 'N'),
        ("api", 'N'),
        ("subscription_recurring", 'R'),
        ("subscription_charge", 'R'),
        ("subscription_update", 'R'),
        ("subscription_payment_method_change", 'R'),
    ] {
        let sample =
            changed(Provider::Paddle, "01-transaction-completed", |body, _| body["data"]["origin"] = json!(origin));
        assert_eq!(shorts(&sample), [format!("{kind} 5831 USD")]);
    }
}

#[test]
fn paddles_customer_does_not_hold_up_a_payment() {
    let sample = Sample::read(Provider::Paddle, "01-transaction-completed");
    for answer in [
        Answer::new(500, json!(null)),
        Answer::new(429, json!({})),
        Answer::new(403, json!({})),
        Answer::new(404, json!(null)),
    ] {
        let mut api = sample.api();
        for slot in api.answers.values_mut() {
            *slot = answer.clone();
        }
        let Ok(Mapped::Take(taking)) = api.work(&sample.envelope(), &production()) else { panic!("{answer:?}") };
        assert_eq!((short(&taking.records[0]), &taking.records[0].email), ("N 5831 USD".into(), &None), "{answer:?}");
    }
}

#[test]
fn paddles_adjustments_take_money_wait_or_move_none() {
    for (action, status, expected) in [
        ("refund", "approved", Ok("F 1190 USD")),
        ("refund", "pending_approval", Err("adjustment is pending_approval")),
        ("refund", "rejected", Ok("F 1190 USD void")),
        ("chargeback", "approved", Ok("F 1190 USD")),
        ("chargeback_warning", "approved", Ok("F 1190 USD")),
        ("chargeback_warning", "reversed", Ok("F 1190 USD void")),
        ("credit", "approved", Err("no money of the customer moves")),
        ("credit_reverse", "approved", Err("no money of the customer moves")),
    ] {
        let sample = changed(Provider::Paddle, "05-adjustment-updated-approved", |body, _| {
            body["data"]["action"] = json!(action);
            body["data"]["status"] = json!(status);
        });
        match expected {
            Ok(expected) => assert_eq!(shorts(&sample), [expected], "{action} {status}"),
            Err(expected) => assert_eq!(reason(&sample), expected, "{action} {status}"),
        }
    }
}

#[test]
fn a_reversal_of_paddle_takes_the_earliest_of_its_kind_and_amount() {
    let adjustment = |id: &str, action: &str, total: &str, day: u8| {
        json!({ "id": id, "action": action, "status": "approved", "transaction_id": "txn_01628b49d96dcde97a430dd4f5",
            "currency_code": "USD", "totals": { "total": total, "tax": "0" },
            "created_at": format!("2026-12-{day:02}T00:00:00Z"), "updated_at": format!("2026-12-{day:02}T00:00:00Z") })
    };
    let void = |list: &[Value]| {
        let sample = changed(Provider::Paddle, "08-adjustment-created-chargeback-reverse", |_, api| {
            api["GET /adjustments?transaction_id=txn_01628b49d96dcde97a430dd4f5"]["data"] = json!(list);
        });
        match sample.mapped(&production()).0 {
            Mapped::Take(taking) => {
                taking.records.iter().map(|record| format!("{} {}", record.id.as_str(), record.version)).collect()
            }
            _ => Vec::new(),
        }
    };
    let others = [
        adjustment("adj_r", "refund", "5831", 1),
        adjustment("adj_w", "chargeback_warning", "5831", 2),
        adjustment("adj_1", "chargeback", "1000", 3),
        adjustment("adj_2", "chargeback", "5831", 5),
        adjustment("adj_3", "chargeback", "5831", 4),
    ];
    assert!(void(&others).is_empty());
    let mut one = others.to_vec();
    one.push(adjustment("adj_4", "chargeback_reverse", "5831", 6));
    assert_eq!(void(&one), ["adj_3 2026-12-06T00:00:00.000Z"]);
    one.push(adjustment("adj_5", "chargeback_warning_reverse", "5831", 7));
    one.reverse();
    assert_eq!(void(&one), ["adj_3 2026-12-06T00:00:00.000Z", "adj_w 2026-12-07T00:00:00.000Z"]);
    one.push(adjustment("adj_6", "chargeback_reverse", "5831", 8));
    one.push(adjustment("adj_7", "chargeback_reverse", "5831", 9));
    assert_eq!(void(&one).len(), 3, "no more than there are");
}

#[test]
fn nothing_is_read_for_a_transaction_over_nothing() {
    let sample = changed(Provider::Paddle, "01-transaction-completed", |body, _| {
        body["data"]["details"]["totals"]["grand_total"] = json!("0");
    });
    assert_eq!((reason(&sample).as_str(), sample.mapped(&production()).1.len()), ("nothing was paid", 0));
}

// ---- Shops

#[test]
fn a_gift_card_was_a_sale_when_it_was_bought() {
    let money = |amount: &str| json!({ "presentmentMoney": { "amount": amount, "currencyCode": "USD" }, "shopMoney": { "amount": amount, "currencyCode": "USD" } });
    let order = |transactions: &Value| {
        let mut sample = Sample::read(Provider::Shopify, "01-orders-paid");
        let mut body = sample.json();
        body["payment_gateway_names"] = json!(["gift_card", "shopify_payments"]);
        sample.body = body.to_string().into_bytes();
        sample.expected["api"]["POST /admin/api/2026-07/graphql.json"] =
            json!({ "data": { "order": { "transactions": transactions } } });
        sample
    };
    let card = |amount: &str, kind: &str, status: &str| json!({ "gateway": "gift_card", "kind": kind, "status": status, "amountSet": money(amount) });
    let rest =
        json!({ "gateway": "shopify_payments", "kind": "SALE", "status": "SUCCESS", "amountSet": money("8.31") });
    for (card, expected) in [
        (card("50.00", "SALE", "SUCCESS"), Some(("N 831 USD", 831))),
        (card("50.00", "SALE", "FAILURE"), Some(("N 5831 USD", 5831))),
        (card("50.00", "REFUND", "SUCCESS"), Some(("N 5831 USD", 5831))),
        (card("58.31", "SALE", "SUCCESS"), None),
    ] {
        let sample = order(&json!([card, rest]));
        match expected {
            Some((expected, settled)) => {
                let taking = taking(&sample);
                assert_eq!(short(&taking.records[0]), expected);
                let What::Payment { sum, .. } = &taking.records[0].what else { panic!() };
                assert_eq!(sum.settled.unwrap().amount.units(), settled);
            }
            None => assert_eq!(reason(&sample), "nothing was paid"),
        }
    }
    let mut throttled = order(&json!([]));
    throttled.expected["api"]["POST /admin/api/2026-07/graphql.json"] = json!({
        "errors": [{ "extensions": { "code": "THROTTLED" } }],
        "extensions": { "cost": { "requestedQueryCost": 101, "throttleStatus": { "currentlyAvailable": 1.0, "restoreRate": 50.0 } } } });
    assert_eq!(throttled.api().work(&throttled.envelope(), &production()), Err(Trouble::Later { after_secs: Some(2) }));
}

#[test]
fn what_a_shop_does_not_count_has_refunds_that_count_nothing() {
    for name in ["06-orders-paid-test", "07-orders-paid-pos"] {
        let Mapped::Ignored { void: Some(void), .. } = Sample::read(Provider::Shopify, name).mapped(&production()).0
        else {
            panic!()
        };
        assert_eq!(void.records[0].state, State::Void, "{name}");
    }
    for status in ["pending", "authorized", "partially_paid", "voided"] {
        let sample = changed(Provider::Shopify, "01-orders-paid", |body, _| body["financial_status"] = json!(status));
        assert_eq!(reason(&sample), "not paid yet");
    }
    let cancelled =
        changed(Provider::Shopify, "01-orders-paid", |body, _| body["cancelled_at"] = json!("2026-11-29T00:00:00Z"));
    assert_eq!(shorts(&cancelled), ["N 5831 USD"], "what went back comes as refunds");
}

#[test]
fn an_app_says_that_an_order_of_shopify_recurs() {
    for (source, tags, expected) in [
        ("web", "", "N 5831 USD"),
        ("subscription_contract", "", "R 5831 USD"),
        ("web", "vip,  subscription recurring ORDER", "R 5831 USD"),
        ("web", "Subscription Recurring Order", "R 5831 USD"),
        ("web", "Subscription Recurring Orders, Subscription", "N 5831 USD"),
    ] {
        let sample = changed(Provider::Shopify, "01-orders-paid", |body, _| {
            body["source_name"] = json!(source);
            body["tags"] = json!(tags);
        });
        assert_eq!(shorts(&sample), [expected], "{source} {tags}");
    }
}

#[test]
fn woocommerce_says_that_an_order_renews_by_its_meta_or_its_origin() {
    let renewal = |key: &str, created_via: &str| {
        changed(Provider::WooCommerce, "05-order-created-renewal", |body, _| {
            body["meta_data"][0]["key"] = json!(key);
            body["created_via"] = json!(created_via);
        })
    };
    for (key, created_via, expected, subscription) in [
        ("_subscription_renewal", "checkout", "R 5831 EUR", Some("woocommerce:subscription:700")),
        ("_other", "subscription", "R 5831 EUR", None),
        ("_other", "checkout", "N 5831 EUR", None),
    ] {
        let sample = renewal(key, created_via);
        assert_eq!(shorts(&sample), [expected]);
        let found = taking(&sample).records[0].subscription.clone();
        assert_eq!(found.as_ref().map(crate::ids::SubscriptionId::as_str), subscription);
    }
}

#[test]
fn refunds_inside_an_order_are_those_of_their_own_webhook() {
    let refund = Sample::read(Provider::Shopify, "03-refunds-create-partial");
    let order = changed(Provider::Shopify, "01-orders-paid", |body, _| {
        body["refunds"] =
            json!([refund.json(), Sample::read(Provider::Shopify, "04-refunds-create-restock-only").json()]);
    });
    let whole = taking(&order);
    assert_eq!(whole.records[1..], taking(&refund).records[..]);
    assert_eq!(whole.complete, Some(whole.records[0].version));
    for (status, moved) in [("success", true), ("pending", false), ("failure", false)] {
        let sample = changed(Provider::Shopify, "03-refunds-create-partial", |body, _| {
            body["transactions"][0]["status"] = json!(status);
        });
        let found = matches!(sample.mapped(&production()).0, Mapped::Take(_));
        assert_eq!(found, moved, "{status}");
    }
    let without_money = changed(Provider::Shopify, "01-orders-paid", |body, _| body["refunds"] = json!([{ "id": 1 }]));
    assert_eq!(taking(&without_money).complete, None);
    let mixed = changed(Provider::Shopify, "03-refunds-create-partial", |body, _| {
        let mut other = body["transactions"][0].clone();
        other["currency"] = json!("EUR");
        body["transactions"].as_array_mut().unwrap().push(other);
    });
    assert_eq!(reason(&mixed), "failed: body.transactions: expected one currency");
}

#[test]
fn an_order_of_graphql_is_the_order_of_the_webhook() {
    let money = |amount: &str| json!({ "presentmentMoney": { "amount": amount, "currencyCode": "USD" }, "shopMoney": { "amount": amount, "currencyCode": "USD" } });
    let order = json!({
        "id": "gid://shopify/Order/5600000000001", "displayFinancialStatus": "PARTIALLY_REFUNDED", "test": false, "sourceName": "web",
        "tags": ["a", "b"], "paymentGatewayNames": ["shopify_payments"], "totalPriceSet": money("58.31"), "totalTaxSet": money("9.31"),
        "customAttributes": [{ "key": "datafast_visitor_id", "value": V1 }, { "key": "datafast_session_id", "value": "s0d8a0a3b-6f2f-4d0c-9a52-2f5f1f0a7c11" }],
        "email": "gil.example@example.com", "customer": { "id": "gid://shopify/Customer/7300000000001", "firstName": "Gil", "lastName": "Example" },
        "processedAt": "2026-11-28T09:59:40Z", "updatedAt": "2026-11-28T09:59:45Z",
        "refunds": [{ "id": "gid://shopify/Refund/890000000001", "createdAt": "2026-11-29T08:00:00Z",
            "transactions": { "nodes": [{ "kind": "REFUND", "status": "SUCCESS", "gateway": "shopify_payments", "amountSet": money("11.90") }] } }],
    });
    let rest = crate::shopify::rest_order(&order);
    let mut api = Api::default();
    let step = crate::shopify::order_step(&crate::fields::Node::new("order", &rest), &production()).unwrap();
    let Ok(Mapped::Take(read)) = api.follow(step, &production()) else { panic!() };
    let mut posted = taking(&Sample::read(Provider::Shopify, "01-orders-paid")).records.remove(0);
    posted.ids.clear();
    assert_eq!(read.records[0], posted);
    let refund = taking(&Sample::read(Provider::Shopify, "03-refunds-create-partial")).records.remove(0);
    assert_eq!(
        (&read.records[1].id, read.records[1].time, read.records[1].money()),
        (&refund.id, refund.time, refund.money())
    );
    assert!(api.asked.is_empty());
}

#[test]
fn an_order_of_woocommerce_counts_when_it_was_paid() {
    let name = "01-order-created-paid";
    for (status, expected) in [
        ("processing", Ok("N 5831 EUR")),
        ("completed", Ok("N 5831 EUR")),
        ("refunded", Ok("N 5831 EUR")),
        ("packed-by-hand", Ok("N 5831 EUR")),
        ("cancelled", Ok("N 5831 EUR void")),
        ("failed", Ok("N 5831 EUR void")),
        ("trash", Ok("N 5831 EUR void")),
        ("pending", Err("not paid yet")),
        ("on-hold", Err("not paid yet")),
        ("checkout-draft", Err("not paid yet")),
    ] {
        let sample = changed(Provider::WooCommerce, name, |body, _| body["status"] = json!(status));
        match expected {
            Ok(expected) => assert_eq!(shorts(&sample), [expected], "{status}"),
            Err(expected) => assert_eq!(reason(&sample), expected, "{status}"),
        }
    }
    for status in ["cancelled", "failed", "trash", "processing"] {
        let sample = changed(Provider::WooCommerce, name, |body, _| {
            body["status"] = json!(status);
            body["date_paid_gmt"] = json!(null);
        });
        assert_eq!(reason(&sample), "not paid yet", "{status}");
    }
}

#[test]
fn a_deleted_order_is_complete_without_records() {
    let mut sample = changed(Provider::WooCommerce, "01-order-created-paid", |body, _| *body = json!({ "id": 727 }));
    sample.expected["post"]["headers"]["x-wc-webhook-topic"] = json!("order.deleted");
    let come = Context { arrived_at: production().now.plus_millis(-5000), ..production() };
    let Mapped::Take(taking) = sample.mapped(&come).0 else { panic!() };
    assert_eq!(
        (taking.subject.as_str(), taking.complete, taking.records.len()),
        ("woocommerce:order:727", Some(come.arrived_at), 0)
    );
}

#[test]
fn a_refund_that_is_gone_by_the_time_of_reading_is_none() {
    let sample = changed(Provider::WooCommerce, "03-order-updated-partial-refund", |_, api| {
        api["GET /wp-json/wc/v3/orders/727/refunds"] = json!([]);
    });
    assert_eq!(shorts(&sample), ["N 5831 EUR"]);
}

// ---- All

#[test]
fn events_of_other_types_are_ignored() {
    for (provider, name, set) in [
        (Provider::Stripe, "01-charge-succeeded-checkout", "/type"),
        (Provider::LemonSqueezy, "01-order-created", "/data/type"),
        (Provider::Polar, "01-order-paid-purchase", "/type"),
        (Provider::Paddle, "01-transaction-completed", "/event_type"),
    ] {
        for kind in ["something.new", "payment_intent.succeeded", "new"] {
            let sample = changed(provider, name, |body, _| *body.pointer_mut(set).unwrap() = json!(kind));
            assert_eq!(reason(&sample), "not used", "{provider} {kind}");
        }
    }
    for (provider, name, header) in [
        (Provider::Shopify, "01-orders-paid", "x-shopify-topic"),
        (Provider::WooCommerce, "01-order-created-paid", "x-wc-webhook-topic"),
    ] {
        let mut sample = Sample::read(provider, name);
        sample.expected["post"]["headers"][header] = json!("products/create");
        assert_eq!(reason(&sample), "not used", "{provider}");
    }
}

#[test]
fn some_events_are_about_the_connection() {
    use crate::work::{Signal, signal};
    let mut uninstalled = Sample::read(Provider::Shopify, "01-orders-paid");
    uninstalled.expected["post"]["headers"]["x-shopify-topic"] = json!("app/uninstalled");
    assert_eq!(signal(&uninstalled.envelope()), Some(Signal::AppRemoved));
    for (kind, expected) in [
        ("api_key.expired", Some(Signal::KeyExpired)),
        ("api_key.expiring", Some(Signal::KeyExpires(None))),
        ("transaction.completed", None),
    ] {
        let sample = changed(Provider::Paddle, "01-transaction-completed", |body, _| body["event_type"] = json!(kind));
        assert_eq!(signal(&sample.envelope()), expected, "{kind}");
    }
}

/// Every place in a JSON value.
fn places(json: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match json {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, value)| places(value, &format!("{path}/{}", name.replace('/', "~1")), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{path}/{index}"), found));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever is in one place of a payload or an answer: no panic, and no content of it in a reason.
    #[test]
    fn no_payload_panics_or_leaks(
        provider in prop::sample::select(Provider::ALL.to_vec()),
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        is_answer in any::<bool>(),
        replacement in prop_oneof![
            Just(json!(null)), Just(json!(true)), Just(json!(-1)), Just(json!(1.5)), Just(json!(u64::MAX)), Just(json!(i64::MIN)),
            Just(json!(1_000_000_000_000_i64)),
            Just(json!("")), Just(json!("hidden ../\u{0} content")), Just(json!(["hidden"])), Just(json!({ "hidden": "content" })),
            Just(json!("9".repeat(400))), Just(json!([null, 1, {}])),
        ],
    ) {
        let samples = Sample::all(provider);
        let mut sample = which.get(&samples);
        if sample.expected["ignored"] == "ping" {
            sample = &samples[0];
        }
        let mut sample = Sample::read(provider, &sample.name);
        let mut body = sample.json();
        let target = if is_answer { &mut sample.expected["api"] } else { &mut body };
        let mut found = Vec::new();
        places(target, "", &mut found);
        found.retain(|path| !is_answer || !path.is_empty());
        if !found.is_empty() {
            *target.pointer_mut(&found[place.index(found.len())]).unwrap() = replacement;
        }
        sample.body = body.to_string().into_bytes();
        let headers = sample.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match crate::delivery::Envelope::read(provider, crate::headers::Headers(&headers), &sample.body) {
            Err(fault) => prop_assert!(!fault.0.contains("hidden"), "{:?}", fault),
            Ok(envelope) => {
                let _ = crate::lifecycle::of_event(&envelope);
                match sample.api().work(&envelope, &production()) {
                    Ok(Mapped::Failed(reason)) => prop_assert!(!reason.contains("hidden"), "{}", reason),
                    Ok(Mapped::Ignored { reason, .. }) => prop_assert!(!reason.contains("hidden"), "{}", reason),
                    Ok(Mapped::Take(taking)) => {
                        // What is taken can be sent to the website's object and read there.
                        let json = serde_json::to_value(&taking).unwrap();
                        prop_assert_eq!(serde_json::from_value::<Taking>(json).unwrap(), taking);
                    }
                    _ => {}
                }
            }
        }
    }
}
