//! Tests the stored and the wire formats against fixtures: objects of every schema version are opened and report as
//! before, and calls and results written by a released version are still read.
//!
//! `cargo test -p sluice-engine formats::record -- --ignored` writes the fixtures of the current version: an object for
//! a new version of the schema, and calls and results for a new `RELEASE`. Existing fixtures are never written again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sluice_values::ordered::Ordered as _;

use serde_json::{Value as Json, json};

use crate::inbox::FORM;
use crate::memory::Memory;
use crate::protocol::{Call, Part, Request};
use crate::shard::Shared;
use crate::sql::Sql;
use crate::test_website::{Website, Write};
use crate::{Site, schema};

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
const MINUTE: i64 = 60_000;
const ANNA: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3401";
const BERT: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3402";
const CARL: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3403";

/// The release whose calls and results are in `fixtures/wire`.
const RELEASE: &str = "0.1.0";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn open(sql: Memory) -> Site<Memory> {
    Site::open(sql, || Ok([7; 32])).unwrap()
}

fn event(id: &str, minutes: i64, sender: &Json, session: Option<&str>, action: &Json) -> Json {
    let time = sluice_values::Timestamp::from_millis(NOW + minutes * MINUTE).to_string();
    let campaign = if id.ends_with('1') { ["ads", "cpc", "spring", "", "", "", "", ""] } else { [""; 8] };
    json!({
        "id": id, "time": time, "sender": sender, "session": session, "action": action,
        "page": { "path": format!("/{}", id.len()), "hostname": "example.com" },
        "href": "https://example.com/?x=1", "referrer": "https://www.google.com/",
        "source": { "name": "Google", "host": "google.com" },
        "campaign": campaign,
        "context": {
            "country": "FR", "region": "FR-IDF", "city": "Paris", "latitude": 48.8, "longitude": 2.3,
            "device": "desktop", "vendor": "Apple", "model": "Mac", "browser": "Safari", "browserVersion": "17",
            "os": "macOS", "osVersion": "14", "language": "fr", "timezone": "Europe/Paris",
            "viewport": { "width": 800, "height": 600 }, "screen": { "width": 1600, "height": 1200 },
            "adClickIds": { "gclid": "abc" }
        }
    })
}

fn payment(number: u8, minutes: i64, visitor: Option<&str>, kind: &str, amount: i64) -> Json {
    let time = sluice_values::Timestamp::from_millis(NOW + minutes * MINUTE).to_string();
    json!({
        "id": format!("{number:024x}"), "event_id": Json::Null, "transaction_id": format!("tx-{number}"), "time": time,
        "kind": kind, "visitor": visitor, "amount": amount, "currency": "USD", "value": amount,
        "email": "Payer@Example.com", "name": "Payer", "customer_id": "cus_1"
    })
}

/// A page with [`void`] and nothing else.
fn void_page() -> Json {
    let mut page = void();
    page["told"] = json!([page["told"].take()]);
    page
}

/// An order that was cancelled, which no report counts.
fn void() -> Json {
    let time = sluice_values::Timestamp::from_millis(NOW - MINUTE).to_string();
    let record = json!({
        "provider": "woocommerce", "transactionId": "woocommerce:order:1", "kind": "payment", "renewal": false,
        "refundOf": null, "state": "void", "amount": 1900, "currency": "EUR", "tax": 303,
        "settled": { "amount": 2204, "currency": "USD" }, "time": time, "visitorId": ANNA, "sessionId": "s-anna",
        "customerId": "7", "email": "anna@example.com", "name": "Anna", "subscriptionId": "woocommerce:subscription:1",
        "ids": ["wc_order_1", "ch_1"], "version": time
    });
    json!({
        "told": {
            "provider": "woocommerce", "subject": "woocommerce:order:1", "complete": time, "records": [record],
            "goals": [{
                "milestone": "subscription_ended", "provider": "woocommerce", "subscription": "woocommerce:subscription:1",
                "customer": "7", "time": time
            }],
            "origin": "webhook", "knownAt": time
        },
        "connected_at": time,
        "rates": [["2026-05-20", "{\"date\":\"2026-05-20\",\"usd\":{\"eur\":0.5}}"]]
    })
}

/// One call of each kind, and more for kinds with several forms, in an order that leaves rows in every table.
fn calls() -> Vec<Json> {
    let visitor = |id: &str| json!({ "Visitor": id });
    let pageview = json!("Pageview");
    let goal = |name: &str| json!({ "Goal": { "name": name, "properties": { "plan": "pro" }, "description": "said" } });
    let identify = |id: &str| json!({ "Identify": { "user_id": id, "traits": { "name": "Anna" } } });
    let hint = json!({ "PaymentHint": { "email": "payer@example.com", "stripe_session_id": "tx-9" } });
    let link = json!({ "ExternalLink": { "url": "https://elsewhere.example", "text": "out" } });
    let span = json!({ "from": NOW - 86_400_000, "to": NOW + 86_400_000 });
    let all = json!({ "span": { "from": -(1_i64 << 52), "to": 1_i64 << 52 }, "filters": [] });
    let filter = |field: &str, negated: bool, test: Json| json!({ "field": field, "negated": negated, "test": test });
    let some = json!({ "span": span, "filters": [
        filter("country", false, json!({ "Is": ["France"] })), filter("page", false, json!({ "Contains": ["/"] })),
        filter("visit_count", false, json!({ "AtLeast": 1 })), filter("visit_count", true, json!({ "AtMost": 0 })),
        filter("visit_count", false, json!({ "Equals": [1, 2, 3] })), filter("customer", true, json!("Holds")),
        filter("referrer", false, json!({ "Is": ["Google"] })), filter("utm_source", true, json!({ "Is": ["none"] })),
    ] });
    let overview = |selection: &Json| json!({ "selection": selection, "zone": "Europe/Paris", "with_renewals": true });
    let measure = |metric: &str, goal: Option<&str>| json!({ "metric": metric, "goal": goal, "filters": [], "window_ms": 60 * MINUTE, "has_base": true, "with_renewals": true });
    let mut calls = vec![
        json!({ "Watch": { "version": 1, "goals": { "Named": ["signup"] }, "payments": true, "identities": true, "activity": true } }),
        json!({ "Import": { "zone": "Europe/Paris", "items": [
            { "Event": event("imported-1", -3000, &visitor(BERT), Some("s-bert"), &pageview) },
            { "Event": event("imported-2", -2999, &visitor(BERT), Some("s-bert"), &goal("signup")) },
            { "Payment": payment(1, -2998, Some(BERT), "New", 1500) },
        ] } }),
        json!({ "Append": { "event": event("a1", -50, &visitor(ANNA), Some("s-anna"), &pageview) } }),
        json!({ "Append": { "event": event("a2", -40, &visitor(ANNA), Some("s-anna"), &goal("signup")) } }),
        json!({ "Append": { "event": event("a3", -45, &visitor(ANNA), Some("s-anna"), &link) } }),
        json!({ "Append": { "event": event("a4", -39, &visitor(ANNA), Some("s-anna"), &hint) } }),
        json!({ "Append": { "event": event("a1", -50, &visitor(ANNA), Some("s-anna"), &pageview) } }),
        json!({ "Append": { "event": event("b11", -5, &json!({ "Anonymous": "a browser" }), Some("s-none"), &pageview) } }),
        json!({ "Append": { "event": event("c1", -20, &visitor(CARL), Some("s-carl-1"), &pageview) } }),
        json!({ "Append": { "event": event("c2", -90, &visitor(CARL), Some("s-carl-2"), &pageview) } }),
        json!({ "Append": { "event": event("c3", -89, &visitor(CARL), Some("s-carl-2"), &goal("bought")) } }),
        json!({ "PostGoal": { "event": event("g1", -10, &visitor(ANNA), None, &goal("signup")) } }),
        json!({ "PostGoal": { "event": event("g2", -10, &visitor("b971cbbf-7ce2-4925-902b-8f95a5fb3409"), None, &goal("signup")) } }),
        json!({ "PostIdentity": { "event": event("i1", -9, &visitor(ANNA), None, &identify("user-1")) } }),
        json!({ "Pay": { "payment": payment(2, -8, Some(ANNA), "New", 1000) } }),
        json!({ "Pay": { "payment": payment(3, -7, Some(ANNA), "Renewal", 900) } }),
        json!({ "Pay": { "payment": payment(2, -6, Some(ANNA), "Refund", 200) } }),
        json!({ "Pay": { "payment": payment(4, -5, None, "Trial", 0) } }),
        json!({ "Take": void() }),
        json!({ "TakeAll": void_page() }),
        json!({ "Export": { "after": { "event": [i64::MIN >> 12, 0], "payment": [i64::MIN >> 12, 0] }, "limit": 100 } }),
        json!({ "Export": { "after": { "event": [i64::MIN >> 12, 0], "payment": [i64::MIN >> 12, 0] }, "limit": 3 } }),
        json!({ "Overview": overview(&all) }),
        json!({ "Overview": overview(&some) }),
        json!({ "Timeseries": {
            "overview": overview(&some), "buckets": [{ "from": NOW - 86_400_000, "to": NOW - 1 }, { "from": NOW, "to": NOW + 86_399_999 }],
            "needs": { "visitors": true, "sessions": true, "money": true }
        } }),
    ];
    for by in [
        "Hostname",
        "Referrer",
        "Country",
        "Region",
        "City",
        "Device",
        "Browser",
        "OperatingSystem",
        "Campaign",
        "Page",
    ] {
        for selection in [&all, &some] {
            calls.push(
                json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": 10, "offset": 0 } }),
            );
        }
    }
    calls.extend([
        json!({ "Breakdown": { "selection": all, "by": { "CampaignKeys": [0, 2] }, "limit": 10, "offset": 0 } }),
        json!({ "GoalReport": { "selection": all, "of_links": false, "limit": 10, "offset": 0 } }),
        json!({ "GoalReport": { "selection": some, "of_links": true, "limit": 10, "offset": 0 } }),
        json!({ "GoalProperties": { "goal": "signup", "property": Json::Null, "span": span, "limit": 10, "offset": 0 } }),
        json!({ "GoalProperties": { "goal": "signup", "property": "plan", "span": span, "limit": 10, "offset": 0 } }),
        json!({ "TrackedGoals": {} }),
        json!({ "HasGoal": { "name": "signup" } }),
        json!({ "FunnelReport": { "selection": all, "steps": [
            { "Page": { "hostname": "example.com", "path": "/2", "is_prefix": true } }, { "Goal": "signup" }
        ] } }),
        json!({ "VisitorList": { "selection": all, "zone": "Europe/Paris", "completed_goals": [], "limit": 10, "offset": 0 } }),
        json!({ "VisitorList": { "selection": some, "zone": "Europe/Paris", "completed_goals": ["signup"], "limit": 10, "offset": 0 } }),
        json!({ "VisitorQuery": { "visitor": ANNA } }),
        json!({ "VisitorQuery": { "visitor": "b971cbbf-7ce2-4925-902b-8f95a5fb3409" } }),
        json!({ "Statistics": {} }),
        json!({ "Part": "Salt" }),
        json!({ "Part": { "Known": [["a1", false], ["unknown", true]] } }),
        json!({ "RealtimeCount": {} }),
        json!({ "RealtimeMap": {} }),
        json!({ "Completions": { "goal": "signup", "minutes": 600, "most": 5 } }),
    ]);
    for metric in ["visitors", "sessions", "goals", "revenue", "payments", "bounce_rate", "conversion_rate"] {
        calls.push(json!({ "Measure": measure(metric, None) }));
        calls.push(json!({ "Replay": { "measure": measure(metric, None), "minutes": 90 } }));
    }
    calls.push(json!({ "Measure": measure("conversion_rate", Some("signup")) }));
    calls.push(json!({ "Replay": { "measure": measure("conversion_rate", Some("signup")), "minutes": 90 } }));
    calls.extend(of_the_console(&span));
    calls.extend(of_crawlers(&span));
    calls
}

/// What the console asks.
fn of_the_console(span: &Json) -> Vec<Json> {
    let dropped = json!({
        "reason": "hostname", "host": "elsewhere.example", "count": 2, "last": "2026-05-20T23:59:00.000Z"
    });
    vec![
        json!({ "Glance": { "zone": "Europe/Paris", "with_renewals": true, "spans": [span], "days": [span] } }),
        json!({ "CountDropped": { "dropped": [dropped] } }),
        json!({ "Installation": {} }),
    ]
}

/// What concerns crawlers.
fn of_crawlers(span: &Json) -> Vec<Json> {
    let crawl = json!({
        "crawler": "gptbot", "is_verified": true, "page": ["example.com", "/"], "status": 200, "token_hash": "00", "month": 676,
        "most": 100, "dropped": 1
    });
    let which = json!({ "span": span, "crawlers": ["gptbot"], "is_verified": true });
    let change = json!({
        "hidden_crawlers": ["bingbot"], "excluded_crawlers": ["ccbot"], "exclude": [], "include": [], "verified_only": false,
        "require_token": true, "hides_card": true, "groups_by_company": true
    });
    [
        json!({ "Token": { "Create": { "hash": "00", "display": "dfbot_0...0000" } } }),
        json!({ "Change": change }),
        json!({ "Record": crawl }),
        json!("State"),
        json!({ "Report": { "which": which, "starts": [NOW] } }),
        json!({ "Pages": { "which": which, "search": "/", "limit": 10, "offset": 0 } }),
        json!({ "Usage": { "month": 676 } }),
    ]
    .into_iter()
    .map(|asked| json!({ "Bots": asked }))
    .collect()
}

/// Calls that delete rows.
fn deletions() -> Vec<Json> {
    let span = json!({ "from": NOW - 86_400_000, "to": NOW + 86_400_000 });
    vec![
        json!({ "Revalue": { "currency": "EUR", "rates": "{\"date\":\"2026-05-20\",\"base\":\"USD\",\"rates\":{\"EUR\":0.5}}" } }),
        json!({ "GoalDeletion": { "visitor": CARL, "name": "bought", "span": span } }),
        json!({ "GoalDeletion": { "visitor": Json::Null, "name": Json::Null, "span": Json::Null } }),
        json!({ "DeletedTransactions": { "of": { "Visitor": [ANNA, Json::Null] } } }),
        json!({ "PaymentDeletion": { "Transaction": "tx-2" } }),
        json!({ "PaymentDeletion": { "Visitor": [ANNA, Json::Null] } }),
        json!({ "PaymentDeletion": { "Span": span } }),
        json!({ "VisitorErasure": { "visitor": CARL, "goes_on": false } }),
        json!({ "VisitorErasure": { "visitor": CARL, "goes_on": true } }),
        json!({ "VisitorErasure": { "visitor": CARL, "goes_on": false } }),
        json!({ "RestoreDeleted": { "provider": "stripe" } }),
        json!({ "KeepLinks": { "provider": "stripe", "kept": [{ "id": "pi_1", "session": "{}", "invoice": null }], "wanted": ["pi_1"] } }),
    ]
}

fn request(call: &Json) -> Json {
    let mut request = json!({ "now": NOW, "call": call });
    if call.get("Take").or(call.get("TakeAll")).is_some() {
        request["currency"] = "USD".into();
    }
    request
}

/// What differs from one object to another with the same events: its size, and the rows of events that were stored together.
fn without_rows(answer: &mut Json) {
    match answer {
        Json::Array(items) => items.iter_mut().for_each(without_rows),
        Json::Object(fields) => {
            for (name, value) in fields {
                if ["bytes", "row"].contains(&name.as_str()) {
                    *value = 0.into();
                }
                without_rows(value);
            }
        }
        _ => {}
    }
}

/// The result of a call, as JSON; see [`without_rows`].
fn answer(site: &Site<Memory>, request: &Json) -> Json {
    let request: Request = serde_json::from_value(request.clone()).unwrap_or_else(|error| panic!("{error}: {request}"));
    let mut answer: Json = serde_json::from_str(&site.answer(&request).unwrap()).unwrap();
    without_rows(&mut answer);
    answer
}

/// The statements that recreate this database with its rows.
fn dump(sql: &Memory) -> String {
    let texts = |statement: &str| -> Vec<String> {
        sql.rows(statement, &[]).unwrap().into_iter().map(|mut row| row.next().unwrap()).collect()
    };
    let schema = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    let mut lines = texts(&format!("{schema} AND type <> 'trigger' ORDER BY rowid"));
    for table in texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid") {
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted = columns.iter().map(|name| format!("quote(\"{name}\")")).collect::<Vec<_>>().join(" || ', ' || ");
        lines.extend(texts(&format!(
            "SELECT 'INSERT INTO {table} ({}) VALUES (' || {quoted} || ')' FROM {table}",
            columns.join(", ")
        )));
    }
    // Not before the rows, whose writing they would note.
    lines.extend(texts(&format!("{schema} AND type = 'trigger' ORDER BY rowid")));
    lines.join(";\n") + ";\n"
}

/// The lines of a file of requests and results.
fn exchanges(name: &str) -> Vec<(Json, Json)> {
    let exchange = |line: &str| -> (Json, Json) {
        let mut line: Json = serde_json::from_str(line).unwrap();
        without_rows(&mut line["answer"]);
        (line["request"].take(), line["answer"].take())
    };
    read(name).lines().map(exchange).collect()
}

/// The result of a call, parsed and serialized by its type.
fn reread(request: &Json, answer: &Json) -> Json {
    let request: Request = serde_json::from_value(request.clone()).unwrap();
    request.call.reread(answer.clone()).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// Adds a field to every struct, as a later version may do.
fn with_new_fields(value: &Json) -> Json {
    // Objects with keys chosen by websites, and variants of enums, have no fields that Sluice could add.
    const FREE: [&str; 5] = ["properties", "traits", "metadata", "adClickIds", "extra"];
    match value {
        Json::Array(items) => items.iter().map(with_new_fields).collect(),
        Json::Object(fields) => {
            let is_name = |key: &str| key.starts_with(char::is_uppercase) || key == "payment";
            let is_variant = fields.len() == 1 && fields.keys().all(|key| is_name(key));
            let mut fields: serde_json::Map<String, Json> = fields
                .iter()
                .map(|(name, value)| {
                    let is_free = FREE.contains(&name.as_str()) || name == "PaymentHint";
                    (name.clone(), if is_free { value.clone() } else { with_new_fields(value) })
                })
                .collect();
            if !is_variant {
                fields.insert("addedLater".to_owned(), json!({ "at": 1 }));
            }
            Json::Object(fields)
        }
        other => other.clone(),
    }
}

#[test]
fn objects_of_every_schema_version_answer_every_report_as_before() {
    for version in 1..=schema::newest() {
        let site = open(Memory::of_dump(&read(&format!("object-{version}.sql"))));
        for (request, expected) in exchanges("reports.jsonl") {
            assert_eq!(answer(&site, &request), expected, "version {version}: {request}");
        }
        let stored: i64 = site.sql().one("SELECT value FROM meta WHERE key = 'version'", &[]).unwrap().next().unwrap();
        assert_eq!(usize::try_from(stored).unwrap(), schema::newest());
        let outbox = site.outbox(100).unwrap();
        assert_eq!(outbox.len(), if version == 1 { 0 } else { 8 });
        for call in deletions() {
            answer(&site, &request(&call));
        }
        site.rebuild().unwrap();
    }
}

/// The first version that counts requests of crawlers.
const WITH_CRAWLERS: usize = 25;

#[test]
fn what_any_version_has_counted_of_crawlers_is_read() {
    let reads = |call: &Json| {
        ["State", "Report", "Pages", "Usage"]
            .iter()
            .any(|name| call["Bots"] == **name || call["Bots"].get(name).is_some())
    };
    let exchanges = exchanges(&format!("wire-{RELEASE}.jsonl"));
    let exchanges: Vec<_> = exchanges.iter().filter(|(request, _)| reads(&request["call"])).collect();
    assert_eq!(exchanges.len(), 4);
    for version in WITH_CRAWLERS..=schema::newest() {
        let site = open(Memory::of_dump(&read(&format!("object-{version}.sql"))));
        for (request, expected) in &exchanges {
            assert_eq!(answer(&site, request), *expected, "version {version}: {request}");
        }
    }
}

#[test]
fn the_worker_and_an_object_of_a_released_version_understand_each_other() {
    let site = open(Memory::default());
    for (request, expected) in exchanges(&format!("wire-{RELEASE}.jsonl")) {
        // A call of the released Worker is read, and its result has the form that the released Worker reads.
        assert_eq!(answer(&site, &request), expected, "{request}");
        // A result of the released object is read, and today's calls have the form that the released object reads.
        assert_eq!(reread(&request, &expected), expected, "{request}");
        let read: Request = serde_json::from_value(request.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), request);
    }
}

#[test]
fn fields_that_a_later_version_adds_are_ignored() {
    for (request, answer) in exchanges(&format!("wire-{RELEASE}.jsonl")) {
        let read: Request =
            serde_json::from_value(with_new_fields(&request)).unwrap_or_else(|why| panic!("{why}: {request}"));
        assert_eq!(serde_json::to_value(&read).unwrap(), request);
        assert_eq!(reread(&request, &with_new_fields(&answer)), answer, "{request}");
    }
}

#[test]
fn a_released_version_wrote_every_kind_of_call() {
    let asked = exchanges(&format!("wire-{RELEASE}.jsonl"));
    let mut asked: Vec<_> =
        asked.iter().map(|(request, _)| request["call"].as_object().unwrap().keys().next().unwrap()).collect();
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), Call::COUNT, "{asked:?}");
}

/// The name of a variant, as it is sent.
fn name_of(variant: &Json) -> String {
    match variant {
        Json::Object(fields) => fields.keys().next().unwrap().clone(),
        other => other.as_str().unwrap().to_owned(),
    }
}

/// The names of all variants, by the error of one that does not exist.
fn names_of<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(json!("none")).map(|_| ()).unwrap_err().to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).into_set()
}

/// Calls that all shards answer together, and whose questions to them the writes of [`parts`] do not ask.
const MERGED: [&str; 8] =
    ["Breakdown", "GoalReport", "GoalProperties", "VisitorList", "Measure", "Replay", "RealtimeMap", "TakeAll"];

/// What the shards of a website tell one another, each kind once.
fn parts() -> Vec<Json> {
    let mut website = Website::of_shards(2);
    let minute = |of: u8| i64::from(of) + 1;
    let told = |transaction, kind, of, address, amount: i64| Write::Told {
        provider: "stripe",
        transaction,
        kind,
        of,
        minute: 40 - amount / 10,
        amount,
        address,
        subscription: Some(0),
        has_goal: true,
    };
    let paid = |of, transaction| Write::Payment { of, minute: 5, transaction, kind: "New", amount: 70 };
    let mut writes: Vec<Write> = (0..4)
        .map(|of| Write::Event { of, session: 0, minute: minute(of), variant: of % 4, is_goal: of % 2 == 0 })
        .collect();
    writes.extend([
        Write::Import(vec![Write::Event { of: 1, session: 1, minute: 9, variant: 1, is_goal: true }, paid(Some(2), 9)]),
        paid(None, 1),
        paid(None, 5),
        // Each of these is somebody else's, in another shard or in the same.
        Write::Hint { of: 0, minute: 10, transaction: 1 },
        Write::Hint { of: 1, minute: 11, transaction: 1 },
        Write::Hint { of: 2, minute: 12, transaction: 1 },
        Write::Hint { of: 3, minute: 13, transaction: 1 },
        Write::Hint { of: 0, minute: 14, transaction: 5 },
        paid(Some(3), 2),
        told(2, "payment", None, Some(1), 300),
        told(2, "refund", None, None, 30),
        told(3, "payment", Some(0), Some(1), 300),
        told(3, "payment", Some(1), Some(1), 301),
        told(4, "payment", Some(3), Some(1), 350),
        Write::DeleteTransaction(5),
    ]);
    // A payment and its goal that follow the hints of one visitor after the other.
    writes.push(Write::Told {
        provider: "stripe",
        transaction: 0,
        kind: "payment",
        of: None,
        minute: 1,
        amount: 9,
        address: Some(2),
        subscription: Some(1),
        has_goal: true,
    });
    writes.extend((0..4).map(|of| Write::Address { of, minute: 20 + minute(of), address: 2, is_hint: true }));
    writes.push(Write::Erase(1));
    website.ask(&calls()[0]);
    for write in &writes {
        website.write(write);
        website.finish();
    }
    for call in calls().iter().filter(|call| MERGED.contains(&name_of(call).as_str())) {
        website.ask(call);
    }
    website.ask(&json!({ "Append": { "event": event("n1", 1, &json!({ "Anonymous": "a browser" }), Some("s-none"), &json!("Pageview")) } }));
    let of_object =
        [json!({ "Split": { "count": 2 } }), json!({ "Handed": { "shard": 1, "entries": website.entries() } })];
    let mut kinds = BTreeMap::new();
    for told in website.heard().into_iter().chain(of_object.map(|part| request(&json!({ "Part": part })))) {
        let Some(part) = told["call"].get("Part") else { continue };
        let kind = (name_of(part), part.get("Home").map(name_of));
        // The longest has the most fields.
        let known = kinds.entry(kind).or_insert_with(|| told.clone());
        if told.to_string().len() > known.to_string().len() {
            *known = told;
        }
    }
    kinds.into_values().collect()
}

#[test]
fn shards_of_a_released_version_and_of_this_one_understand_each_other() {
    let released = read(&format!("parts-{RELEASE}.jsonl"));
    let (mut parts, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for told in released.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()) {
        for sent in [told.clone(), with_new_fields(&told)] {
            let read: Request = serde_json::from_value(sent).unwrap_or_else(|why| panic!("{why}: {told}"));
            assert_eq!(serde_json::to_value(&read).unwrap(), told);
        }
        let part = &told["call"]["Part"];
        parts.insert(name_of(part));
        shared.extend(part.get("Home").map(name_of));
    }
    assert_eq!(parts, names_of::<Part>(), "a kind that no release has sent needs a line");
    assert_eq!(shared, names_of::<Shared>(), "a kind that no release has sent needs a line");
}

/// The number of statements is most of the cost of an event.
#[test]
fn an_event_takes_a_fixed_number_of_statements() {
    let site = open(Memory::default());
    let mut taken = Vec::new();
    for call in calls() {
        site.sql().statements.set(0);
        answer(&site, &request(&call));
        if ["Append", "PostGoal", "PostIdentity", "Pay"].iter().any(|name| call.get(name).is_some()) {
            taken.push(site.sql().statements.get());
        }
    }
    assert_eq!(taken, [1, 28, 1, 1, 0, 4, 1, 1, 1, 38, 2, 15, 8, 8, 8, 8]);
}

/// An event of each action, as it waits in the inbox of a new object.
fn waiting() -> (Site<Memory>, String) {
    let site = open(Memory::default());
    let actions = [
        json!("Pageview"),
        json!({ "Goal": { "name": "signup", "properties": { "plan": "pro" }, "description": "said" } }),
        json!({ "Identify": { "user_id": "user-1", "traits": { "name": "Anna" } } }),
        json!({ "PaymentHint": { "email": "payer@example.com", "stripe_session_id": "tx-9" } }),
        json!({ "ExternalLink": { "url": "https://elsewhere.example", "text": "out" } }),
    ];
    for (number, action) in (1..).zip(&actions) {
        let mut event = event(&format!("w{number}"), -number, &json!({ "Visitor": ANNA }), Some("s-anna"), action);
        if number % 2 == 0 {
            event["is_public_id"] = true.into();
        }
        answer(&site, &request(&json!({ "Append": { "event": event } })));
    }
    let rows = site.sql().rows("SELECT event FROM inbox ORDER BY id", &[]).unwrap();
    let texts = rows.into_iter().map(|mut row| row.next::<String>().unwrap() + "\n").collect();
    (site, texts)
}

#[test]
fn events_that_any_release_left_in_the_inbox_are_folded() {
    let (today, texts) = waiting();
    let export = request(
        &json!({ "Export": { "after": { "event": [i64::MIN >> 12, 0], "payment": [i64::MIN >> 12, 0] }, "limit": 100 } }),
    );
    let exported = answer(&today, &export);
    for form in 1..=FORM {
        let stored = read(&format!("inbox-{form}.jsonl"));
        assert_eq!(form == FORM, stored == texts, "today's form is the last one");
        let site = open(Memory::default());
        for text in stored.lines() {
            let values = [form.into(), text.into()];
            site.sql().run("INSERT INTO inbox (form, event) VALUES (?1, ?2)", &values).unwrap();
        }
        assert_eq!(answer(&site, &export), exported, "form {form}");
        // A later release adds fields.
        let site = open(Memory::default());
        for text in stored.lines() {
            let text = with_new_fields(&serde_json::from_str(text).unwrap()).to_string();
            site.sql().run("INSERT INTO inbox (form, event) VALUES (?1, ?2)", &[form.into(), text.into()]).unwrap();
        }
        assert_eq!(answer(&site, &export), exported, "form {form} with new fields");
    }
}

#[test]
#[ignore = "writes the fixtures"]
fn record() {
    let site = open(Memory::default());
    let exchange = |call: &Json| {
        let request = request(call);
        format!("{}\n", json!({ "request": request, "answer": answer(&site, &request) }))
    };
    let keep = |name: &str, text: &str| {
        if !fixture(name).exists() {
            std::fs::write(fixture(name), text).unwrap();
        }
    };
    let mut wire: String = calls().iter().map(exchange).collect();
    let newest = schema::newest();
    site.cut_every(2).unwrap();
    keep(&format!("inbox-{FORM}.jsonl"), &waiting().1);
    keep(&format!("object-{newest}.sql"), &dump(site.sql()));
    keep("reports.jsonl", &calls().iter().filter(|call| is_report(call)).map(exchange).collect::<String>());
    wire.extend(deletions().iter().map(exchange));
    keep(&format!("wire-{RELEASE}.jsonl"), &wire);
    let parts: Vec<String> = parts().iter().map(Json::to_string).collect();
    keep(&format!("parts-{RELEASE}.jsonl"), &(parts.join("\n") + "\n"));
}

/// Whether a call only reads.
fn is_report(call: &Json) -> bool {
    let name = call.as_object().and_then(|call| call.keys().next().cloned()).unwrap();
    !["Watch", "Import", "Append", "PostGoal", "PostIdentity", "Pay", "Take", "TakeAll", "CountDropped", "Bots"]
        .contains(&name.as_str())
}
