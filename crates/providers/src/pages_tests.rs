//! A provider's past, read page by page from a small stand-in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use sluice_values::Timestamp;

use crate::ledger::{Ledger, Origin, Take};
use crate::mapped::{Mapped, Taking};
use crate::pages::{page, request, stages, wanted_links};
use crate::paging::{Cursor, Links, Reach};
use crate::provider::Provider;
use crate::reading::{Step, Trouble};
use crate::request::{Answer, Body, Request};
use crate::samples::{NOW, Sample, production};
use crate::stripe_pages::{events, events_request};

fn everything() -> Reach {
    Reach { from: None, until: Timestamp::from_millis(NOW), is_sweep: false, of: "12345".into() }
}

fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query.iter().find(|(one, _)| *one == name).map(|(_, value)| value.as_str())
}

/// Everything that is read, and the number of requests.
struct Read {
    takings: Vec<Taking>,
    other: Vec<Mapped>,
    requests: usize,
    pages: Vec<Cursor>,
}

fn read_all(provider: Provider, reach: &Reach, mut answer: impl FnMut(&Request) -> Answer) -> Read {
    let context = production();
    let mut read = Read { takings: Vec::new(), other: Vec::new(), requests: 0, pages: Vec::new() };
    let mut stored: Links = Links::new();
    let mut next = Some(Cursor::default());
    while let Some(cursor) = next {
        // A cursor is stored between steps.
        let cursor: Cursor = serde_json::from_value(serde_json::to_value(&cursor).unwrap()).unwrap();
        assert!(read.pages.len() < 200, "endless pages");
        read.pages.push(cursor.clone());
        let asked = request(provider, &cursor, reach).unwrap();
        read.requests += 1;
        let answered = answer(&asked);
        // Only those links that the page asks for.
        let mut links = Links::new();
        loop {
            let wanted = wanted_links(provider, &cursor, &answered, &links);
            if wanted.is_empty() {
                break;
            }
            links.extend(wanted.into_iter().map(|id| (id.clone(), stored.get(&id).cloned().unwrap_or_default())));
        }
        let page = page(provider, &cursor, reach, &answered, &links, &context).unwrap();
        for (id, link) in page.links {
            let known = stored.entry(id).or_default();
            known.session = link.session.or(known.session.take());
            known.invoice = link.invoice.or(known.invoice.take());
        }
        for mut step in page.steps {
            loop {
                match step {
                    Step::Done(Mapped::Take(taking)) => read.takings.push(taking),
                    Step::Done(mapped) => read.other.push(mapped),
                    Step::Ask(reading) => {
                        read.requests += 1;
                        let answered = answer(reading.request());
                        step = reading.answered(&answered, &context).unwrap();
                        continue;
                    }
                }
                break;
            }
        }
        next = page.next;
    }
    read
}

fn rows(read: &Read) -> Vec<String> {
    let mut ledger = Ledger::default();
    for taking in &read.takings {
        let taking = taking.clone();
        ledger.take(&Take { taking, origin: Origin::Import, known_at: Timestamp::from_millis(NOW) });
    }
    let rows = ledger.rows();
    let visitors = rows.values().filter(|row| row.visitor.is_some()).count();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.values() {
        *kinds.entry(format!("{:?}", row.kind)).or_default() += 1;
    }
    kinds
        .into_iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .chain([format!("{visitors} with a visitor")])
        .collect()
}

// ---- Stripe

fn stripe_list(items: &[Value], request: &Request) -> Answer {
    let after = parameter(request, "starting_after");
    let start = after.map_or(0, |id| items.iter().position(|item| item["id"] == id).unwrap() + 1);
    let limit: usize = parameter(request, "limit").unwrap().parse().unwrap();
    let data: Vec<&Value> = items.iter().skip(start).take(limit).collect();
    Answer::new(200, json!({ "data": data, "has_more": start + data.len() < items.len() }))
}

fn stripe_past() -> BTreeMap<&'static str, Vec<Value>> {
    let single = Sample::read(Provider::Stripe, "01-charge-succeeded-checkout").expected["api"].clone();
    let first = Sample::read(Provider::Stripe, "02-charge-succeeded-subscription-create").expected["api"].clone();
    let of = |api: &Value, path: &str| {
        api.as_object().unwrap().iter().find(|(key, _)| key.contains(path)).unwrap().1.clone()
    };
    let (charge, session) = (of(&single, "/charges/"), of(&single, "/sessions")["data"][0].clone());
    let paid = of(&first, "/invoice_payments")["data"][0].clone();
    let mut past: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
    for index in 0..130 {
        let mut charge = charge.clone();
        charge["id"] = json!(format!("ch_{index}"));
        charge["payment_intent"] = json!({ "id": format!("pi_{index}"), "metadata": {} });
        charge["customer"] = json!(format!("cus_{index}"));
        // A third by sessions of their own, a third of subscriptions whose session names them, a third of nobody.
        let mut session = session.clone();
        session["id"] = json!(format!("cs_{index}"));
        session["customer_details"]["email"] = json!(null);
        if index % 3 == 0 {
            session["payment_intent"] = json!(format!("pi_{index}"));
            past.entry("/v1/checkout/sessions").or_default().push(session);
        } else if index % 3 == 1 {
            session["payment_intent"] = json!(null);
            session["subscription"] = json!(format!("sub_{index}"));
            past.entry("/v1/checkout/sessions").or_default().push(session);
            let mut paid = paid.clone();
            paid["id"] = json!(format!("inpay_{index}"));
            paid["payment"]["payment_intent"] = json!(format!("pi_{index}"));
            paid["invoice"]["parent"]["subscription_details"] =
                json!({ "metadata": {}, "subscription": format!("sub_{index}") });
            past.entry("/v1/invoice_payments").or_default().push(paid);
        }
        past.entry("/v1/charges").or_default().push(charge);
    }
    let trial = json!({ "id": "sub_trial", "currency": "eur", "trial_start": 1_795_856_300, "metadata": {} });
    past.insert("/v1/subscriptions", vec![trial, json!({ "id": "sub_1", "currency": "eur", "trial_start": null })]);
    let mut refund = Sample::read(Provider::Stripe, "06-refund-created-partial").json()["data"]["object"].clone();
    refund["payment_intent"] = json!("pi_0");
    past.insert("/v1/refunds", vec![refund]);
    let mut dispute = Sample::read(Provider::Stripe, "08-dispute-funds-withdrawn").json()["data"]["object"].clone();
    dispute["payment_intent"] = json!("pi_1");
    dispute["balance_transactions"] = json!([{ "amount": -5831 }]);
    past.insert("/v1/disputes", vec![dispute]);
    past
}

#[test]
fn stripes_charges_are_completed_by_what_was_read_before() {
    let past = stripe_past();
    let answer = |request: &Request| {
        stripe_list(past.get(request.path.as_str()).map(Vec::as_slice).unwrap_or_default(), request)
    };
    let read = read_all(Provider::Stripe, &everything(), answer);
    assert_eq!(
        rows(&read),
        ["130 New", "2 Refund { of_renewal: false }", "1 Trial", "89 with a visitor"].map(str::to_owned).to_vec()
    );
    assert_eq!(read.requests, 1 + 1 + 1 + 2 + 1 + 1, "no request for one charge");
    assert!(read.other.iter().all(|mapped| matches!(mapped, Mapped::Ignored { .. })));
    // Died after each page, and read again from there.
    for cursor in &read.pages {
        assert_eq!(
            request(Provider::Stripe, cursor, &everything()),
            request(Provider::Stripe, &cursor.clone(), &everything())
        );
    }
}

#[test]
fn a_page_that_repeats_itself_ends() {
    let charge = &stripe_past()["/v1/charges"][0];
    let answer =
        |_: &Request| Answer::new(200, json!({ "data": [charge], "has_more": true, "url": "https://evil.example/" }));
    let read = read_all(Provider::Stripe, &everything(), answer);
    assert_eq!(read.requests, 12, "two looks at each stage");
}

#[test]
fn polling_asks_for_the_same_events_with_an_overlap() {
    let since = Timestamp::from_millis(1_795_860_000_000);
    let asked = events_request(since, None);
    assert_eq!(parameter(&asked, "created[gte]"), Some("1795859400"));
    assert_eq!(asked.query.iter().filter(|(name, _)| *name == "types[]").count(), 13);
    assert_eq!(parameter(&events_request(since, Some("evt_9")), "starting_after"), Some("evt_9"));
    let samples: Vec<Value> = Sample::all(Provider::Stripe).iter().map(Sample::json).collect();
    let found = events(&Answer::new(200, json!({ "data": samples, "has_more": true }))).unwrap();
    assert_eq!((found.events.len(), found.next.as_deref()), (12, Some("evt_CQvA1bLkdIwHu7ix0EvEnTiD")));
    for (found, sample) in found.events.iter().zip(Sample::all(Provider::Stripe)) {
        assert_eq!(found.key, sample.json()["id"].as_str().unwrap());
        assert_eq!(found.envelope, sample.envelope(), "the same as by webhook");
    }
    assert!(events(&Answer::new(403, json!({}))).is_err());
}

// ---- The others

#[test]
fn lemon_squeezys_orders_come_with_their_trials() {
    let order = Sample::read(Provider::LemonSqueezy, "01-order-created").json()["data"].clone();
    let orders: Vec<Value> = (0..130)
        .map(|index| {
            let mut order = order.clone();
            order["id"] = json!(index.to_string());
            order
        })
        .collect();
    let initial =
        Sample::read(Provider::LemonSqueezy, "03-subscription-payment-success-initial").json()["data"].clone();
    let renewal =
        Sample::read(Provider::LemonSqueezy, "04-subscription-payment-success-renewal").json()["data"].clone();
    let trial = Sample::read(Provider::LemonSqueezy, "07-subscription-created-on-trial").json()["data"].clone();
    let answer = |request: &Request| {
        assert_eq!(parameter(request, "filter[store_id]"), Some("12345"));
        let number: usize = parameter(request, "page[number]").unwrap().parse().unwrap();
        let invoices = vec![initial.clone(), renewal.clone()];
        let items = if request.path == "/v1/orders" { &orders } else { &invoices };
        let data: Vec<&Value> = items.iter().skip((number - 1) * 100).take(100).collect();
        let included = if number == 1 && request.path == "/v1/orders" { json!([trial]) } else { json!([]) };
        Answer::new(
            200,
            json!({ "data": data, "included": included, "meta": { "page": { "lastPage": items.len().div_ceil(100), "total": items.len() } } }),
        )
    };
    let read = read_all(Provider::LemonSqueezy, &everything(), answer);
    assert_eq!(rows(&read), ["130 New", "1 Renewal", "1 Trial", "0 with a visitor"].map(str::to_owned).to_vec());
    assert_eq!(read.requests, 3);
    let recent = Reach { from: Some("2027-01-01T00:00:00Z".parse().unwrap()), is_sweep: true, ..everything() };
    assert_eq!(read_all(Provider::LemonSqueezy, &recent, answer).requests, 2, "a sweep ends where nothing changed");
}

#[test]
fn polars_pages_stand_still() {
    let order = Sample::read(Provider::Polar, "01-order-paid-purchase").json()["data"].clone();
    let refund = Sample::read(Provider::Polar, "04-refund-created-partial").json()["data"].clone();
    let orders: Vec<Value> = (0..130_u32)
        .map(|index| {
            let mut order = order.clone();
            order["id"] = json!(format!("{index:08x}-0a24-428d-8d0d-3140aa2a1586"));
            order
        })
        .collect();
    let answer = |request: &Request| {
        let number: usize = parameter(request, "page").unwrap().parse().unwrap();
        let mut lost = refund.clone();
        lost["id"] = json!("2d630127-108f-4fea-81f7-beee59b66dd6");
        lost["status"] = json!("lost");
        let items = match request.path.as_str() {
            "/v1/orders/" => {
                assert_eq!(parameter(request, "created_before"), Some("2026-11-28T10:00:01.234Z"));
                orders.clone()
            }
            "/v1/refunds/" => vec![refund.clone()],
            "/v1/disputes/" => {
                assert_eq!(parameter(request, "status"), Some("lost"));
                vec![lost]
            }
            other => panic!("{other}"),
        };
        let page: Vec<&Value> = items.iter().skip((number - 1) * 100).take(100).collect();
        Answer::new(
            200,
            json!({ "items": page, "pagination": { "total_count": items.len(), "max_page": items.len().div_ceil(100) } }),
        )
    };
    let read = read_all(Provider::Polar, &everything(), answer);
    assert_eq!(
        rows(&read),
        ["130 New", "2 Refund { of_renewal: false }", "132 with a visitor"].map(str::to_owned).to_vec()
    );
    assert_eq!(read.requests, 4);
}

#[test]
fn paddles_cursor_is_an_id_and_never_an_address() {
    let transaction = Sample::read(Provider::Paddle, "01-transaction-completed").json()["data"].clone();
    let adjustments = Sample::read(Provider::Paddle, "08-adjustment-created-chargeback-reverse").expected["api"]
        ["GET /adjustments?transaction_id=txn_01628b49d96dcde97a430dd4f5"]
        .clone();
    let transactions: Vec<Value> = (0..70)
        .map(|index| {
            let mut transaction = transaction.clone();
            transaction["id"] =
                json!(if index == 0 { "txn_01628b49d96dcde97a430dd4f5".into() } else { format!("txn_{index}") });
            transaction["customer"] = json!({ "email": "fay.example@example.com" });
            transaction["adjustments"] = if index == 0 { adjustments["data"].clone() } else { json!([]) };
            transaction
        })
        .collect();
    let answer = |request: &Request| {
        if parameter(request, "transaction_id").is_some() {
            return Answer::new(200, adjustments.clone());
        }
        let of_adjustments = adjustments["data"].as_array().unwrap().clone();
        let items = if request.path == "/transactions" { &transactions } else { &of_adjustments };
        let per_page: usize = parameter(request, "per_page").unwrap().parse().unwrap();
        let start =
            parameter(request, "after").map_or(0, |id| items.iter().position(|item| item["id"] == id).unwrap() + 1);
        let data: Vec<&Value> = items.iter().skip(start).take(per_page).collect();
        let more = start + data.len() < items.len();
        Answer::new(
            200,
            json!({ "data": data, "meta": { "pagination": { "has_more": more, "next": "https://evil.example/", "estimated_total": items.len() } } }),
        )
    };
    let read = read_all(Provider::Paddle, &everything(), answer);
    assert_eq!(rows(&read), ["70 New", "70 with a visitor"].map(str::to_owned).to_vec(), "the chargeback was reversed");
    assert_eq!(read.requests, 3 + 1 + 1);
    let of_transactions = read.takings[..3].iter().map(|taking| taking.records[0].id.as_str()).collect::<Vec<_>>();
    assert_eq!(of_transactions[1..], ["adj_01103d6254a6d94bacc82e8228"; 2], "told and reversed without a request");
    assert!(read.pages.iter().all(|cursor| !cursor.after.as_deref().unwrap_or_default().contains('/')));
    assert_eq!(read.takings[0].records[0].email.as_deref(), Some("fay.example@example.com"));
}

#[test]
fn a_sweep_of_paddles_adjustments_ends_where_nothing_has_changed() {
    let from: Timestamp = "2026-11-25T00:00:00Z".parse().unwrap();
    let adjustment = |index: usize| {
        let day = if index < 60 { "2026-11-27" } else { "2026-10-01" };
        json!({ "id": format!("adj_{:04}", 500 - index), "action": "refund", "status": "pending_approval", "updated_at": format!("{day}T00:00:00Z") })
    };
    let all: Vec<Value> = (0..500).map(adjustment).collect();
    let answer = |request: &Request| {
        if request.path != "/adjustments" {
            return Answer::new(200, json!({ "data": [], "meta": { "pagination": { "has_more": false } } }));
        }
        assert_eq!(parameter(request, "order_by"), Some("id[DESC]"));
        let after = parameter(request, "after");
        let begin = after.map_or(0, |after| all.iter().position(|one| one["id"] == *after).unwrap() + 1);
        let rest = all.iter().skip(begin).take(50).collect::<Vec<_>>();
        Answer::new(200, json!({ "data": rest, "meta": { "pagination": { "has_more": begin + 50 < 500 } } }))
    };
    let reach = Reach { from: Some(from), is_sweep: true, ..everything() };
    let read = read_all(Provider::Paddle, &reach, answer);
    assert_eq!(read.requests, 1 + 3, "two with changes and one without, of ten");
}

#[test]
fn shopifys_orders_are_read_by_their_last_change() {
    let money = json!({ "presentmentMoney": { "amount": "58.31", "currencyCode": "USD" }, "shopMoney": { "amount": "58.31", "currencyCode": "USD" } });
    let answer = |request: &Request| {
        let Body::Json(body) = &request.body else { panic!() };
        let after: u64 = body["variables"]["after"].as_str().map_or(0, |after| after.parse().unwrap());
        assert!(body["variables"]["query"].as_str().unwrap().ends_with("updated_at:<'2026-11-28T10:00:01.234Z'"));
        let nodes: Vec<Value> = (after..(after + 50).min(120))
            .map(|index| {
                json!({ "id": format!("gid://shopify/Order/{}", index + 1), "displayFinancialStatus": "PAID", "sourceName": "web", "totalPriceSet": money,
                    "processedAt": "2026-11-28T09:59:40Z", "updatedAt": "2026-11-28T09:59:45Z", "refunds": [], "transactions": [],
                    "paymentGatewayNames": ["gift_card"] })
            })
            .collect();
        let page = json!({ "hasNextPage": after + 50 < 120, "endCursor": (after + 50).to_string() });
        Answer::new(
            200,
            json!({ "data": { "orders": { "nodes": nodes, "pageInfo": page }, "ordersCount": { "count": 120 } } }),
        )
    };
    let read = read_all(Provider::Shopify, &everything(), answer);
    assert_eq!(rows(&read), ["120 New", "0 with a visitor"].map(str::to_owned).to_vec());
    assert_eq!(read.requests, 3, "transactions are in the page");
    let since = Reach { from: Some("2026-11-25T00:00:00Z".parse().unwrap()), is_sweep: true, ..everything() };
    let Body::Json(body) = request(Provider::Shopify, &Cursor::default(), &since).unwrap().body else { panic!() };
    assert_eq!(
        body["variables"]["query"],
        "updated_at:>='2026-11-25T00:00:00.000Z' AND updated_at:<'2026-11-28T10:00:01.234Z'"
    );
}

#[test]
fn an_order_of_woocommerce_that_is_trashed_in_between_hides_none() {
    let order = Sample::read(Provider::WooCommerce, "01-order-created-paid").json();
    let mut orders: Vec<Value> = (1..=130)
        .map(|index| {
            let mut order = order.clone();
            order["id"] = json!(index);
            order["transaction_id"] = json!("");
            order
        })
        .collect();
    let mut looks = 0;
    let read = read_all(Provider::WooCommerce, &everything(), |request: &Request| {
        looks += 1;
        if looks == 2 {
            orders.remove(3);
        }
        let number = |name: &str| parameter(request, name).unwrap().parse::<usize>().unwrap();
        let data: Vec<&Value> = orders.iter().skip(number("offset")).take(number("per_page")).collect();
        let mut answer = Answer::new(200, json!(data));
        answer.headers.push(("x-wp-total".into(), orders.len().to_string()));
        answer
    });
    assert_eq!(rows(&read), ["130 New", "130 with a visitor"].map(str::to_owned).to_vec());
    let sweep = Reach { from: Some("2026-11-25T00:00:00Z".parse().unwrap()), is_sweep: true, ..everything() };
    let asked = request(Provider::WooCommerce, &Cursor::default(), &sweep).unwrap();
    assert_eq!(parameter(&asked, "modified_after"), Some("2026-11-25T00:00:00.000Z"));
}

#[test]
fn a_page_that_is_none_is_asked_for_again() {
    for provider in Provider::ALL {
        for (answer, expected) in [
            (Answer::new(429, json!({})), Trouble::Later { after_secs: None }),
            (Answer::new(502, Value::Null), Trouble::Later { after_secs: None }),
            (Answer::new(200, Value::Null), Trouble::Later { after_secs: None }),
            (Answer::new(200, json!({ "data": { "orders": 7 } })), Trouble::Later { after_secs: None }),
            (Answer::new(404, json!({})), Trouble::Later { after_secs: None }),
            (Answer::new(401, json!({})), Trouble::Refused),
        ] {
            for stage in 0..stages(provider).len() {
                let cursor = Cursor { stage, after: None };
                let found = page(provider, &cursor, &everything(), &answer, &Links::new(), &production());
                assert_eq!(found.err(), Some(expected.clone()), "{provider} {stage} {answer:?}");
            }
        }
        assert_eq!(request(provider, &Cursor { stage: 9, after: None }, &everything()), None);
    }
}
