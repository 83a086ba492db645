//! What a backend sends and deletes: goals, payments, identities (docs/contract/website-api.md#3.4 to #3.8,
//! docs/contract/reports.md#13 and #14).

use reqwest::Method;
use serde_json::{Value, json};

use crate::matrix::unknown_token;
use crate::support::{
    Answer, Caller, Gateway, NO_SUCH_ID, answer, assert_fields, fields, is_id, statuses, text, together, unique,
};
use crate::traffic::{Site, api, delete, get, post, visitor, with, without};

/// The response to an invalid payment: plain JSON.
#[track_caller]
fn plain_error(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{answer}");
    let json = answer.json();
    assert_eq!(fields(&json), ["error"], "{answer}");
    text(&json["error"])
}

/// The five routes, each with a valid request.
fn writes(visitor: &str) -> Vec<(Method, String, Value)> {
    let goal = json!({ "datafast_visitor_id": visitor, "name": "signup" });
    let payment = json!({ "amount": 1, "currency": "USD", "transaction_id": unique() });
    let identity = json!({ "datafast_visitor_id": visitor, "user_id": "u" });
    vec![
        (Method::POST, "/goals".to_owned(), goal),
        (Method::DELETE, "/goals?name=signup".to_owned(), Value::Null),
        (Method::POST, "/payments".to_owned(), payment),
        (Method::DELETE, format!("/payments?datafast_visitor_id={visitor}"), Value::Null),
        (Method::POST, "/identify".to_owned(), identity),
    ]
}

async fn call(caller: &Caller, method: &Method, path: &str, body: &Value) -> Answer {
    let request = api(caller, method.clone(), path);
    answer(if body.is_null() { request } else { request.json(body) }).await
}

#[tokio::test]
async fn a_key_implies_its_website_and_a_token_has_to_name_one() {
    // docs/contract/website-api.md#1.1, docs/contract/account-api.md#1, docs/contract/README.md#5 and #29.
    let gateway = Gateway::roomy();
    let (owner, viewer, member) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    site.admit(&viewer, "viewer").await;
    site.admit(&member, "member").await;
    let stranger = gateway.account().await;
    let key = site.key().await;
    let reader = owner.mint(json!({ "permissions": ["analytics:read", "settings:write", "goals:read"] })).await;
    let elsewhere = owner.mint(json!({ "permissions": ["*"], "websiteIds": [other.id] })).await;
    let permissions = ["goals:write", "goals:write", "payments:write", "payments:write", "identify:write"];
    for ((method, path, body), permission) in writes(&site.visit().await).into_iter().zip(permissions) {
        let named = site.named(&path);
        let what = format!("{method} {path}");
        let missing = call(&owner, &method, &path, &body).await;
        assert_eq!(missing.status, 400, "{missing}");
        assert!(missing.body.contains("websiteId"), "{missing}");
        let malformed = call(&owner, &method, &format!("{named}x"), &body).await;
        assert_eq!(malformed.status, 400, "{malformed}");
        assert!(malformed.body.contains("websiteId"), "{malformed}");
        let unknown = named.replace(&site.id, NO_SUCH_ID);
        call(&owner, &method, &unknown, &body).await.error(404);
        call(&stranger, &method, &named, &body).await.error(404);
        call(&key, &method, &other.named(&path), &body).await.error(403);
        call(&elsewhere, &method, &named, &body).await.error(403);
        call(&gateway.caller(&unknown_token("dft_")), &method, &named, &body).await.error(401);
        call(&gateway.caller(""), &method, &named, &body).await.error(401);
        let message = call(&viewer, &method, &named, &body).await.error(403);
        assert!(message.contains("viewer") && message.contains("member"), "{what}: {message}");
        let message = call(&reader, &method, &named, &body).await.error(403);
        assert!(message.contains(permission), "{what}: {message}");
        // A caller who may not write is refused before the body is checked.
        if !body.is_null() {
            call(&viewer, &method, &named, &json!({})).await.error(403);
        }
        let writer = owner.mint(json!({ "permissions": [permission] })).await;
        for (caller, path) in [(&key, &path), (&key, &named), (&writer, &named), (&member.caller, &named)] {
            let answer = call(caller, &method, path, &body).await;
            assert_eq!(answer.status, 200, "{answer}");
        }
    }
    // It was one transaction, and without a visitor.
    assert_eq!(site.overview().await["payments"], 1);
}

#[tokio::test]
async fn a_goal_of_a_backend_is_stored_under_its_plain_name() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (key, visitor) = (site.key().await, site.visit().await);
    for (sent, alias) in [("Sign Up", "datafast_visitor_id"), (" sign_up ", "visitorId"), ("SIGN_UP", "visitorId")] {
        let row = post(&key, "/goals", json!({ alias: visitor, "name": sent, "description": "Reported by the shop" }))
            .await
            .ok()
            .row();
        assert_eq!(row["message"], "Custom event created successfully");
        assert!(is_id(&row["eventId"]), "{row}");
        assert_eq!(fields(&row), ["eventId", "message"]);
    }
    for name in ["checkout:step-2", &"g".repeat(64)] {
        post(&key, "/goals", json!({ "datafast_visitor_id": visitor, "name": name })).await.ok();
    }
    // Completions descending, then the name (docs/contract/README.md#35).
    let goals = [("sign_up".to_owned(), 3, 1), ("checkout:step-2".to_owned(), 1, 1), ("g".repeat(64), 1, 1)];
    assert_eq!(site.goals().await, goals);
    let seen = site.visitor(&visitor).await;
    let goals = &seen["activity"]["completedGoals"];
    assert_fields(&goals[0], json!({ "name": "sign_up", "origin": "manual" }));
    let custom = &seen["activity"]["completedCustomGoals"][0];
    assert_fields(custom, json!({ "isServer": true, "description": "Reported by the shop" }));
    // It neither begins nor extends a session (docs/contract/reports.md#1).
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "sessions": 1, "avg_session_duration": 0 }));
}

#[tokio::test]
async fn the_metadata_of_a_goal_is_short_and_sanitized() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = site.visit().await;
    let metadata = json!({
        "plan": "pro", "html": "<script>alert('x')</script>", "link": "javascript:alert(1)", "a-b_0": "x".repeat(255),
        "k".repeat(64): "v",
    });
    site.post("/goals", json!({ "datafast_visitor_id": visitor, "name": "buy", "metadata": metadata })).await.ok();
    let kept = site.visitor(&visitor).await["activity"]["completedGoals"][0]["metadata"].clone();
    assert_fields(&kept, json!({ "plan": "pro", "a-b_0": "x".repeat(255) }));
    assert!(!text(&kept["html"]).contains(['<', '>', '\'']), "{kept}");
    assert!(!text(&kept["link"]).contains("javascript:"), "{kept}");
    let rows = site.rows("/goals/properties?eventName=buy").await;
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert!(rows.contains(&json!({ "property": "plan", "completions": 1, "visitors": 1 })), "{rows:?}");
}

#[tokio::test]
async fn an_invalid_goal_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let goal = json!({ "datafast_visitor_id": site.visit().await, "name": "signup" });
    let field = |name: &str, value: Value| with(goal.clone(), json!({ name: value }));
    let many: serde_json::Map<String, Value> = (0..11).map(|number| (format!("p{number}"), json!("x"))).collect();
    for (sent, named) in [
        (without(goal.clone(), "name"), "name"),
        (field("name", json!("identify")), "name"),
        (field("name", json!(" Identify ")), "name"),
        (field("name", json!("")), "name"),
        (field("name", json!("   ")), "name"),
        (field("name", json!("sign/up")), "name"),
        (field("name", json!("inscripción")), "name"),
        (field("name", json!("g".repeat(65))), "name"),
        (field("name", json!(7)), "name"),
        (without(goal.clone(), "datafast_visitor_id"), "datafast_visitor_id"),
        (field("datafast_visitor_id", json!("me")), "datafast_visitor_id"),
        (field("datafast_visitor_id", json!("b971cbbf-7ce2-1925-902b-8f95a5fb3449")), "datafast_visitor_id"),
        (field("description", json!(7)), "description"),
        (field("metadata", json!([])), "metadata"),
        (field("metadata", json!("x")), "metadata"),
        (field("metadata", Value::Object(many)), "metadata"),
        (field("metadata", json!({ "a b": "x" })), "metadata"),
        (field("metadata", json!({ "": "x" })), "metadata"),
        (field("metadata", json!({ "k".repeat(65): "x" })), "metadata"),
    ] {
        let message = site.post("/goals", sent.clone()).await.error(400);
        assert!(message.starts_with(&format!("{named}:")), "{named} is to be named: {sent}: {message}");
    }
    for body in ["{", "[]", "null", "x"] {
        let request = api(&owner, Method::POST, &site.named("/goals")).header("content-type", "application/json");
        assert!(answer(request.body(body)).await.error(400).starts_with("body"), "{body}");
    }
    let unknown = visitor();
    let message = site.post("/goals", field("datafast_visitor_id", json!(unknown))).await.error(404);
    assert!(message.contains(&unknown), "{message}");
    assert_eq!(site.goals().await, []);
}

/// A website with two visitors and their goals in January and February: `(first, second)`.
async fn with_past_goals(site: &Site) -> (String, String) {
    let (first, second) = (visitor(), visitor());
    let goal = |visitor: &str, time: &str, name: &str| {
        site.line(visitor, time, json!({ "type": "custom", "extraData": { "eventName": name } }))
    };
    site.import(&[
        site.line(&first, "2026-01-10T10:00:00Z", json!({})),
        goal(&first, "2026-01-10T10:00:01Z", "signup"),
        goal(&first, "2026-01-31T23:59:59.999Z", "signup"),
        goal(&first, "2026-02-10T10:00:00Z", "buy"),
        site.line(&second, "2026-01-10T10:00:00Z", json!({})),
        goal(&second, "2026-02-01T00:00:00Z", "signup"),
        goal(&second, "2026-02-10T10:00:00Z", "buy"),
    ])
    .await;
    (first, second)
}

#[tokio::test]
async fn goals_are_deleted_by_visitor_by_name_and_by_time() {
    let owner = Gateway::roomy().account().await;
    let signup = |count, visitors| ("signup".to_owned(), count, visitors);
    let buy = |count, visitors| ("buy".to_owned(), count, visitors);
    let range = |start: &str, end: &str| json!({ "start": start, "end": end });
    let january = range("2026-01-01T00:00:00.000Z", "2026-01-31T23:59:59.999Z");
    let from_february = range("2026-02-01T00:00:00.000Z", "2026-02-10T10:00:00.000Z");
    for (query, left, expected) in [
        ("name=Sign%20Up", vec![signup(3, 2), buy(2, 2)], json!({ "goal_name": "sign_up" })),
        ("name=SignUp", vec![buy(2, 2)], json!({ "goal_name": "signup" })),
        ("datafast_visitor_id=FIRST", vec![buy(1, 1), signup(1, 1)], json!({ "datafast_visitor_id": "FIRST" })),
        (
            "datafast_visitor_id=FIRST&name=signup",
            vec![buy(2, 2), signup(1, 1)],
            json!({ "datafast_visitor_id": "FIRST", "goal_name": "signup" }),
        ),
        ("startAt=2026-01-01&endAt=2026-01-31", vec![buy(2, 2), signup(1, 1)], json!({ "timeRange": january })),
        ("start=2026-01-01&end=2026-01-31", vec![buy(2, 2), signup(1, 1)], json!({ "timeRange": january })),
        (
            "startAt=2026-02-01T00:00:00Z&endAt=2026-02-10T10:00:00Z",
            vec![signup(2, 1)],
            json!({ "timeRange": from_february }),
        ),
        (
            "name=buy&datafast_visitor_id=FIRST&start=2026-01-01&end=2026-01-31",
            vec![signup(3, 2), buy(2, 2)],
            json!({ "timeRange": january, "goal_name": "buy", "datafast_visitor_id": "FIRST" }),
        ),
    ] {
        let site = Site::new(&owner).await;
        let (first, _) = with_past_goals(&site).await;
        let row = site.delete(&format!("/goals?{}", query.replace("FIRST", &first))).await.ok().row();
        let expected: Value = serde_json::from_str(&expected.to_string().replace("FIRST", &first)).unwrap();
        for field in ["goal_name", "datafast_visitor_id", "timeRange"] {
            assert_eq!(row.get(field), expected.get(field), "{query}: {row}");
        }
        assert!(text(&row["message"]).starts_with("Goal events deleted successfully"), "{row}");
        let mut goals = site.goals().await;
        let mut left = left;
        goals.sort();
        left.sort();
        assert_eq!(goals, left, "{query}");
    }
}

#[tokio::test]
async fn a_deletion_of_goals_requires_a_condition() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    with_past_goals(&site).await;
    for (query, named) in [
        ("", "name"),
        ("?timezone=UTC", "name"),
        ("?startAt=2026-01-01", "endAt"),
        ("?endAt=2026-01-01", "startAt"),
        ("?start=2026-01-01", "end"),
        ("?end=2026-01-01", "start"),
        ("?name=signup&startAt=2026-01-01", "endAt"),
        ("?startAt=yesterday&endAt=2026-01-01", "startAt"),
        ("?startAt=2026-01-01&endAt=2026-13-01", "endAt"),
        ("?startAt=2026-02-01&endAt=2026-01-01", "startAt"),
        ("?startAt=2026-01-01&endAt=2026-02-01&timezone=Mars", "timezone"),
        ("?datafast_visitor_id=me", "datafast_visitor_id"),
        ("?name=a/b", "name"),
        ("?name=", "name"),
        ("?name=identify", "name"),
    ] {
        let message = site.delete(&format!("/goals{query}")).await.error(400);
        let (expected, _) = message.split_once(": ").unwrap();
        assert!(expected.contains(named), "{query}: {message}");
    }
    assert_eq!(site.goals().await.len(), 2, "nothing was deleted");
}

#[tokio::test]
async fn a_deleted_goal_is_gone_from_every_report_at_once() {
    // A deleted event is gone from every report at once (docs/contract/README.md#27).
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = site.visit().await;
    let extra = json!({ "type": "custom", "extraData": { "eventName": "signup", "plan": "pro" } });
    site.take(site.event(&visitor, extra)).await;
    site.post("/goals", json!({ "datafast_visitor_id": visitor, "name": "signup" })).await.ok();
    let steps = json!([
        { "name": "Home", "type": "pageview", "url": "/" },
        { "name": "Signed up", "type": "goal", "goalName": "signup" },
    ]);
    let funnel = owner.post(&site.path("/funnels"), json!({ "name": "F", "steps": steps })).await.ok().row();
    let funnel = format!("/funnels/{}", text(&funnel["id"]));
    assert_eq!(site.rows(&funnel).await[0]["completedVisitors"], 1);
    assert_eq!(site.rows("/overview?filter_goal=signup").await[0]["visitors"], 1);
    assert_eq!(site.overview().await["bounce_rate"], 0);
    site.delete("/goals?name=signup").await.ok();
    assert_eq!(site.goals().await, []);
    assert_eq!(site.rows("/goals/properties?eventName=signup").await, Vec::<Value>::new());
    assert_eq!(site.rows("/overview?filter_goal=signup").await[0]["visitors"], 0);
    assert_eq!(site.rows(&funnel).await[0]["completedVisitors"], 0);
    assert_eq!(owner.get(&site.path("/goals")).await.ok().rows(), Vec::<Value>::new());
    assert_eq!(site.get("/visitors?completedGoal=signup").await.ok().rows(), Vec::<Value>::new());
    let activity = site.visitor(&visitor).await["activity"].clone();
    assert_fields(&activity, json!({ "completedGoals": [], "completedCustomGoals": [] }));
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "bounce_rate": 100, "visitors": 1, "sessions": 1 }));
    assert!(!site.get("/analytics/realtime/map").await.body.contains("signup"));
    assert_eq!(site.export().await.len(), 1);
}

fn payment(transaction: &str, fields: Value) -> Value {
    with(json!({ "amount": 49.99, "currency": "USD", "transaction_id": transaction }), fields)
}

/// Records a payment; returns the message.
async fn pay(site: &Site, sent: Value) -> String {
    let answer = site.post("/payments", sent.clone()).await;
    assert_eq!(answer.status, 200, "{answer}");
    let json = answer.json();
    assert_eq!(fields(&json), ["message", "transaction_id"], "plain JSON without status: {answer}");
    assert_eq!(json["transaction_id"], sent["transaction_id"]);
    text(&json["message"])
}

#[tokio::test]
async fn a_transaction_counts_once_and_so_does_its_refund() {
    // docs/contract/reports.md#14, docs/contract/README.md#25.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = site.visit().await;
    let sent = payment("t-1", json!({ "datafast_visitor_id": visitor }));
    assert_eq!(pay(&site, sent.clone()).await, "Payment recorded and attributed successfully");
    assert!(pay(&site, sent.clone()).await.contains("duplicate"));
    assert!(pay(&site, with(sent.clone(), json!({ "amount": 1, "currency": "EUR" }))).await.contains("duplicate"));
    let money = async || {
        let totals = site.overview().await;
        (totals["revenue"].as_f64().unwrap(), totals["payments"].as_i64().unwrap())
    };
    assert_eq!(money().await, (49.99, 1));
    let refund = with(sent.clone(), json!({ "refunded": true, "amount": 20 }));
    assert!(!pay(&site, refund.clone()).await.contains("duplicate"));
    assert!(pay(&site, refund).await.contains("duplicate"));
    assert_eq!(money().await, (29.99, 1));
    let race = payment("t-2", json!({ "amount": 10 }));
    let answers = together((0..12).map(|_| site.post("/payments", race.clone()))).await;
    assert_eq!(statuses(&answers), [(200, 12)]);
    assert_eq!(answers.iter().filter(|answer| !answer.body.contains("duplicate")).count(), 1);
    assert_eq!(money().await, (39.99, 2));
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "conversion_rate": 100, "currency": "$" }));
}

#[tokio::test]
async fn renewals_trials_and_refunds_are_distinguished() {
    let owner = Gateway::roomy().account().await;
    for includes in [true, false] {
        let site = Site::with(&owner, |_| json!({ "includeRenewalRevenue": includes })).await;
        let (payer, renewer, trier) = (site.visit().await, site.visit().await, site.visit().await);
        for sent in [
            payment("new", json!({ "amount": 100, "datafast_visitor_id": payer })),
            payment("renewal", json!({ "amount": 30, "renewal": true, "datafast_visitor_id": renewer })),
            payment("refund", json!({ "amount": 15, "refunded": true, "datafast_visitor_id": payer })),
            payment("zero", json!({ "amount": 0, "datafast_visitor_id": trier })),
            payment("trial", json!({ "amount": 20, "is_free_trial": true, "datafast_visitor_id": trier })),
        ] {
            pay(&site, sent).await;
        }
        let answer = site.get("/analytics/timeseries?fields=revenue,conversion_rate&interval=day").await.ok().json();
        let totals = &answer["totals"];
        assert_eq!(totals["revenueBreakdown"], json!({ "new": 100, "renewal": 30, "refund": 15 }));
        let (revenue, rate) = if includes { (115, 66.67) } else { (85, 33.33) };
        assert_fields(totals, json!({ "revenue": revenue, "payments": 2 }));
        assert_eq!(totals["conversion_rate"], rate, "{totals}");
        let overview = site.overview().await;
        for field in ["revenue", "payments", "conversion_rate"] {
            assert_eq!(overview[field], totals[field], "{field}");
        }
        let names = async |visitor: &str| {
            let goals = site.visitor(visitor).await["activity"]["completedGoals"].clone();
            let goals = goals.as_array().unwrap().clone();
            assert!(goals.iter().all(|goal| goal["origin"] == "payment_provider"), "{goals:?}");
            goals.iter().map(|goal| text(&goal["name"])).collect::<Vec<_>>()
        };
        assert_eq!(names(&payer).await, ["payment"]);
        assert_eq!(names(&renewer).await, ["payment"]);
        assert_eq!(names(&trier).await, ["free_trial", "free_trial"]);
        // Payments are no goals of the goals report (docs/contract/website-api.md#2.7), and a trial makes a customer
        // (docs/contract/reports.md#10).
        assert_eq!(site.goals().await, []);
        assert_eq!(site.get("/visitors?isCustomer=true").await.ok().rows().len(), 3);
    }
}

#[tokio::test]
async fn amounts_are_exact_to_the_smallest_unit_of_their_currency() {
    // Responses show money in the currency's own decimals, and no cent is lost (docs/contract/README.md#11).
    let owner = Gateway::roomy().account().await;
    for (currency, amounts, revenue) in [
        ("USD", vec![json!(0.1), json!(0.2)], json!(0.3)),
        ("USD", vec![json!(19.999)], json!(20)),
        ("USD", vec![json!(1e2), json!(0.01)], json!(100.01)),
        ("USD", vec![json!(999_999_999.99)], json!(999_999_999.99)),
        ("JPY", vec![json!(500), json!(500)], json!(1000)),
        ("JPY", vec![json!(499.6)], json!(500)),
    ] {
        let site = Site::with(&owner, |_| json!({ "currency": currency })).await;
        for (number, amount) in amounts.iter().enumerate() {
            pay(&site, payment(&number.to_string(), json!({ "amount": amount, "currency": currency.to_lowercase() })))
                .await;
        }
        assert_eq!(site.overview().await["revenue"], revenue, "{currency} {amounts:?}");
    }
}

#[tokio::test]
async fn an_invalid_payment_is_refused_in_plain_json() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let good = payment("t", json!({}));
    let field = |name: &str, value: Value| with(good.clone(), json!({ name: value }));
    for (sent, named) in [
        (without(good.clone(), "amount"), "amount"),
        (field("amount", json!(-1)), "amount"),
        (field("amount", json!(-0.01)), "amount"),
        (field("amount", json!("49 USD")), "amount"),
        (field("amount", json!(0.001)), "amount"),
        (field("amount", json!(null)), "amount"),
        (field("amount", json!(true)), "amount"),
        (field("amount", json!(1e300)), "amount"),
        (without(good.clone(), "currency"), "currency"),
        (field("currency", json!("ABC")), "currency"),
        (field("currency", json!("$")), "currency"),
        (field("currency", json!(null)), "currency"),
        (field("currency", json!(7)), "currency"),
        (without(good.clone(), "transaction_id"), "transaction_id"),
        (field("transaction_id", json!("")), "transaction_id"),
        (field("transaction_id", json!(7)), "transaction_id"),
        (field("transaction_id", json!("t".repeat(256))), "transaction_id"),
        (field("datafast_visitor_id", json!("me")), "datafast_visitor_id"),
        (field("datafast_visitor_id", json!(7)), "datafast_visitor_id"),
        (field("renewal", json!("true")), "renewal"),
        (field("renewal", json!(1)), "renewal"),
        (field("refunded", json!("false")), "refunded"),
        (field("refunded", json!(0)), "refunded"),
        (field("is_free_trial", json!({})), "is_free_trial"),
        (field("timestamp", json!("yesterday")), "timestamp"),
        (field("timestamp", json!(1_700_000_000)), "timestamp"),
        (field("email", json!(7)), "email"),
    ] {
        let answer = site.post("/payments", sent.clone()).await;
        assert_eq!(answer.status, 400, "{sent}");
        let message = plain_error(&answer);
        assert!(message.starts_with(&format!("{named}:")), "{named} is to be named: {sent}: {message}");
    }
    for body in ["{", "[]", "null"] {
        let request = api(&owner, Method::POST, &site.named("/payments")).header("content-type", "application/json");
        assert!(plain_error(&answer(request.body(body)).await).starts_with("body"), "{body}");
    }
    assert_eq!(site.overview().await["payments"], 0);
    assert_eq!(site.export().await, Vec::<Value>::new());
}

#[tokio::test]
async fn money_is_converted_into_the_currency_of_the_website() {
    // Without rates of the day, the built-in table is used.
    let shipped: Value = serde_json::from_str(include_str!("../../crates/money/src/rates.json")).unwrap();
    let rate = |code: &str| shipped["usd"][code].as_f64().unwrap();
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "currency": "EUR" })).await;
    pay(&site, payment("usd", json!({ "amount": 100 }))).await;
    let totals = site.overview().await;
    let expected = 100.0 * rate("eur");
    assert!((totals["revenue"].as_f64().unwrap() - expected).abs() < 0.006, "{totals}, expected {expected}");
    assert_eq!(totals["currency"], "€");
    pay(&site, payment("jpy", json!({ "amount": 10_000, "currency": "JPY" }))).await;
    let expected = expected + 10_000.0 / rate("jpy") * rate("eur");
    let revenue = site.overview().await["revenue"].as_f64().unwrap();
    assert!((revenue - expected).abs() < 0.011, "{revenue}, expected {expected}");
    pay(&site, payment("eur", json!({ "amount": 1, "currency": "EUR" }))).await;
    let with_euro = site.overview().await["revenue"].as_f64().unwrap();
    assert!((with_euro - revenue - 1.0).abs() < 1e-9, "its own currency is not converted");
    // Gold has a code and no minor units.
    let message = plain_error(&site.post("/payments", payment("xau", json!({ "currency": "XAU" }))).await);
    assert!(message.starts_with("currency") || message.starts_with("amount"), "{message}");
    let rows = site.get("/analytics/realtime/map").await.json()["data"]["recentPayments"].clone();
    let expected: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["amount"], &row["currency"])).collect();
    assert!(expected.contains(&(&json!(10_000), &json!("JPY"))), "as it was paid: {rows}");
}

#[tokio::test]
async fn a_payment_without_a_visitor_counts_only_without_filters() {
    // docs/contract/reports.md#4.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let payer = site.visit().await;
    assert_eq!(pay(&site, payment("none", json!({ "amount": 5 }))).await, "Payment recorded successfully");
    pay(&site, payment("some", json!({ "amount": 7, "datafast_visitor_id": payer }))).await;
    assert_eq!(site.overview().await["revenue"], 12);
    assert_eq!(site.rows("/overview?filter_country=US").await[0]["revenue"], 7);
    let country = site.rows("/countries?fields=revenue,payments").await;
    assert_eq!(country, [json!({ "revenue": 7, "payments": 1 })]);
}

#[tokio::test]
async fn a_browsers_hint_may_come_before_or_after_its_payment() {
    // docs/contract/website-api.md#6, docs/contract/reports.md#13.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let hint = |visitor: &str, extra: Value| site.event(visitor, json!({ "type": "payment", "extraData": extra }));
    let transaction = format!("cs_test_{}", unique());
    let email = json!({ "email": "Jane@Example.com", "amount": 1000, "currency": "USD" });
    for (extra, sent) in [
        (email, payment("by-mail", json!({ "amount": 10, "email": " jane@example.com" }))),
        (
            json!({ "email": "joe@example.com" }),
            payment("other-name", json!({ "amount": 10, "customer_email": "JOE@example.com" })),
        ),
        (json!({ "stripe_session_id": transaction }), payment(&transaction, json!({ "amount": 10 }))),
        (json!({ "paddle_transaction_id": "txn_1" }), payment("txn_1", json!({ "amount": 10 }))),
    ] {
        for hint_first in [true, false] {
            let site = Site::new(&owner).await;
            let visitor = site.visit().await;
            let hint = with(
                hint(&visitor, extra.clone()),
                json!({ "websiteId": site.id, "href": format!("https://{}/", site.domain) }),
            );
            if hint_first {
                site.take(hint).await;
                assert_eq!(site.overview().await["revenue"], 0, "a hint is no money");
                pay(&site, sent.clone()).await;
            } else {
                pay(&site, sent.clone()).await;
                assert_eq!(site.rows("/overview?filter_country=US").await[0]["revenue"], 0);
                site.take(hint).await;
            }
            let what = format!("{extra}, hint first: {hint_first}");
            assert_eq!(site.overview().await["revenue"], 10, "{what}");
            assert_eq!(site.rows("/overview?filter_country=US").await[0]["revenue"], 10, "{what}");
            let goals = site.visitor(&visitor).await["activity"]["completedGoals"].clone();
            assert_fields(&goals[0], json!({ "name": "payment", "origin": "payment_provider" }));
            assert_eq!(site.get("/visitors?isCustomer=true").await.ok().rows().len(), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn a_hint_does_not_overrule_a_named_visitor() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (named, hinted) = (site.visit().await, site.visit().await);
    let hint = json!({ "type": "payment", "extraData": { "email": "a@example.com" } });
    site.take(site.event(&hinted, hint.clone())).await;
    pay(&site, payment("t", json!({ "email": "a@example.com", "datafast_visitor_id": named }))).await;
    site.take(site.event(&hinted, hint)).await;
    assert_eq!(site.visitor(&named).await["activity"]["completedGoals"][0]["name"], "payment");
    assert_eq!(site.visitor(&hinted).await["activity"]["completedGoals"], json!([]));
}

#[tokio::test]
async fn payments_are_deleted_by_transaction_by_visitor_and_by_time() {
    let owner = Gateway::roomy().account().await;
    let january = json!({ "start": "2026-01-01T00:00:00.000Z", "end": "2026-01-31T23:59:59.999Z" });
    for (query, left, expected) in [
        // The payment and its refund; all other parameters are ignored.
        ("transaction_id=a&datafast_visitor_id=SECOND", 36, json!({ "transaction_id": "a" })),
        ("tx_id=a", 36, json!({ "transaction_id": "a" })),
        ("datafast_visitor_id=FIRST", 32, json!({ "datafast_visitor_id": "FIRST" })),
        (
            "datafast_visitor_id=FIRST&startAt=2026-01-01&endAt=2026-01-31",
            36,
            json!({ "datafast_visitor_id": "FIRST", "timeRange": january }),
        ),
        ("startAt=2026-01-01&endAt=2026-01-31", 20, json!({ "timeRange": january })),
        ("start=2026-01-01&end=2026-01-31", 20, json!({ "timeRange": january })),
    ] {
        let site = Site::new(&owner).await;
        let (first, second) = (site.visit().await, site.visit().await);
        for sent in [
            payment("a", json!({ "amount": 3, "datafast_visitor_id": first, "timestamp": "2026-01-10T00:00:00Z" })),
            payment(
                "a",
                json!({ "amount": 1, "refunded": true, "datafast_visitor_id": first, "timestamp": "2026-01-11T00:00:00Z" }),
            ),
            payment("b", json!({ "amount": 4, "datafast_visitor_id": first, "timestamp": "2026-02-10T00:00:00Z" })),
            payment(
                "c",
                json!({ "amount": 8, "datafast_visitor_id": second, "timestamp": "2026-01-31T23:59:59.999Z" }),
            ),
            payment("d", json!({ "amount": 16, "datafast_visitor_id": second, "timestamp": "2026-02-01T00:00:00Z" })),
            payment("e", json!({ "amount": 8, "timestamp": "2026-01-20T00:00:00Z" })),
        ] {
            pay(&site, sent).await;
        }
        assert_eq!(site.overview().await["revenue"], 38);
        let query = query.replace("FIRST", &first).replace("SECOND", &second);
        let row = site.delete(&format!("/payments?{query}")).await.ok().row();
        let expected: Value = serde_json::from_str(&expected.to_string().replace("FIRST", &first)).unwrap();
        for field in ["transaction_id", "datafast_visitor_id", "timeRange"] {
            assert_eq!(row.get(field), expected.get(field), "{query}: {row}");
        }
        assert!(text(&row["message"]).contains("deleted successfully"), "{row}");
        assert_eq!(site.overview().await["revenue"], left, "{query}");
    }
}

#[tokio::test]
async fn a_deletion_of_payments_requires_a_condition_and_an_existing_transaction() {
    let owner = Gateway::roomy().account().await;
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    let visitor = site.visit().await;
    pay(&site, payment("t", json!({ "datafast_visitor_id": visitor }))).await;
    for (query, named) in [
        ("", "transaction_id"),
        ("?startAt=2026-01-01", "endAt"),
        ("?end=2026-01-01", "start"),
        ("?startAt=x&endAt=2026-01-01", "startAt"),
        ("?startAt=2026-02-01&endAt=2026-01-01", "startAt"),
        ("?datafast_visitor_id=me", "datafast_visitor_id"),
        ("?transaction_id=", "transaction_id"),
    ] {
        let message = site.delete(&format!("/payments{query}")).await.error(400);
        assert!(message.split_once(": ").unwrap().0.contains(named), "{query}: {message}");
    }
    assert!(site.delete("/payments?tx_id=unknown").await.error(404).contains("unknown"));
    other.delete("/payments?transaction_id=t").await.error(404);
    assert_eq!(site.overview().await["payments"], 1);
    site.delete("/payments?transaction_id=t").await.ok();
    // Deleting what is already deleted is 404 (docs/contract/README.md#30).
    site.delete("/payments?transaction_id=t").await.error(404);
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "revenue": 0, "conversion_rate": 0 }));
    assert_eq!(site.rows("/countries?fields=revenue").await, [json!({ "revenue": 0 })]);
    assert_eq!(site.visitor(&visitor).await["activity"]["completedGoals"], json!([]));
    assert_eq!(site.get("/visitors?isCustomer=true").await.ok().rows(), Vec::<Value>::new());
    // A deleted payment may be recorded again.
    assert!(!pay(&site, payment("t", json!({ "amount": 2 }))).await.contains("duplicate"));
    assert_eq!(site.overview().await["revenue"], 2);
}

#[tokio::test]
async fn a_payment_has_its_own_time_and_no_later_session() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let line = |session: &str, time: &str, source: &str| {
        let href = format!("https://{}/?utm_source={source}", site.domain);
        site.line(&visitor, time, json!({ "sessionId": session, "href": href }))
    };
    site.import(&[line("s1", "2026-01-10T10:00:00Z", "one"), line("s2", "2026-01-12T10:00:00Z", "two")]).await;
    pay(
        &site,
        payment("t", json!({ "amount": 9, "datafast_visitor_id": visitor, "timestamp": "2026-01-11T10:00:00+02:00" })),
    )
    .await;
    let campaigns = site.rows("/campaigns?fields=utm_source,revenue").await;
    assert_eq!(campaigns, [json!({ "utm_source": "one", "revenue": 9 }), json!({ "utm_source": "two", "revenue": 0 })]);
    assert_eq!(site.rows("/overview?startAt=2026-01-11T08:00:00Z&endAt=2026-01-11T08:00:00Z").await[0]["revenue"], 9);
    assert_eq!(site.rows("/overview?startAt=2026-01-12&endAt=2026-01-13").await[0]["revenue"], 0);
}

#[tokio::test]
async fn a_visitor_is_identified_and_their_traits_are_merged() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (key, visitor) = (site.key().await, site.visit().await);
    let identify = async |fields: Value| {
        let body = with(json!({ "user_id": "u-1", "datafast_visitor_id": visitor }), fields);
        let answer = post(&key, "/identify", body).await;
        assert_eq!(answer.status, 200, "{answer}");
        assert_eq!(answer.json()["status"], "success");
        let data = answer.json()["data"].clone();
        assert!(is_id(&data["profileId"]), "{answer}");
        (text(&data["message"]), text(&data["profileId"]))
    };
    assert_eq!(site.visitor(&visitor).await.get("profile"), None);
    let (message, profile) =
        identify(json!({ "email": "jane@example.com", "plan": { "name": "free", "seats": 1 } })).await;
    assert_eq!(message, "User profile created successfully");
    let (message, again) = identify(json!({ "plan": { "name": "pro" }, "company": "Acme" })).await;
    assert_eq!((message.as_str(), &again), ("User profile updated successfully", &profile));
    let seen = get(&key, &format!("/visitors/{visitor}")).await.json()["data"]["profile"].clone();
    assert_eq!(seen["userId"], "u-1");
    let merged = json!({ "email": "jane@example.com", "plan": { "name": "pro" }, "company": "Acme" });
    assert_eq!(seen["metadata"], merged, "shallow: the last word on each key");
    assert!(crate::support::is_moment(&seen["identifiedAt"]), "{seen}");
    // None of it belongs to a session (docs/contract/reports.md#1).
    assert_eq!(site.overview().await["bounce_rate"], 100);
}

#[tokio::test]
async fn a_visitor_identified_by_the_script_is_not_created_again() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = site.visit().await;
    let extra = json!({ "user_id": "u-1", "name": "Jane" });
    site.take(site.event(&visitor, json!({ "type": "identify", "extraData": extra }))).await;
    assert_eq!(site.visitor(&visitor).await["profile"]["userId"], "u-1");
    let answer =
        site.post("/identify", json!({ "user_id": "u-1", "datafast_visitor_id": visitor, "plan": "pro" })).await;
    assert_eq!(answer.ok_object().json()["data"]["message"], "User profile updated successfully");
    let profile = site.visitor(&visitor).await["profile"].clone();
    assert_eq!(profile["metadata"], json!({ "name": "Jane", "plan": "pro" }));
}

#[tokio::test]
async fn an_invalid_identity_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let good = json!({ "user_id": "u", "datafast_visitor_id": site.visit().await });
    let field = |name: &str, value: Value| with(good.clone(), json!({ name: value }));
    for (sent, named) in [
        (without(good.clone(), "user_id"), "user_id"),
        (field("user_id", json!("")), "user_id"),
        (field("user_id", json!("u".repeat(256))), "user_id"),
        (field("user_id", json!(null)), "user_id"),
        (without(good.clone(), "datafast_visitor_id"), "datafast_visitor_id"),
        (field("datafast_visitor_id", json!("me")), "datafast_visitor_id"),
        (field("datafast_visitor_id", json!("b971cbbf-7ce2-1925-902b-8f95a5fb3449")), "datafast_visitor_id"),
    ] {
        let message = site.post("/identify", sent.clone()).await.error(400);
        // serde's flattening may lose which field is wrong; this checks that it is reported.
        assert!(message.starts_with(&format!("{named}:")), "{named} is to be named: {sent}: {message}");
    }
    site.post("/identify", field("datafast_visitor_id", json!(visitor()))).await.error(404);
    site.post("/identify", field("user_id", json!("u".repeat(255)))).await.ok_object();
    delete(&site.key().await, "/identify").await.error(405);
}

impl Answer {
    /// The same for a response with an object.
    #[track_caller]
    fn ok_object(self) -> Self {
        assert_eq!(self.status, 200, "{self}");
        assert!(self.json()["data"].is_object(), "{self}");
        self
    }
}
