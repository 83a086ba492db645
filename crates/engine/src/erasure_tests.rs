//! Erasing visitors, and removing old events: what remains is as if what is gone had never been.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use sluice_values::{Timestamp, VisitorId};

use crate::Site;
use crate::erasure::VisitorErasure;
use crate::event::Event;
use crate::export::{Export, MOST_BYTES, Place};
use crate::memory::Memory;
use crate::protocol::{Call, Import, Item, Request};
use crate::sql::{Sql, Value};

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
const HOUR: i64 = 3_600_000;

fn visitor(number: u8) -> VisitorId {
    VisitorId::of_random([number; 16])
}

fn open() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

/// An event whose every text names the visitor.
fn event(of: u8, number: i64, hours: i64, action: &Json) -> Json {
    let who = format!("secret{of}");
    json!({
        "id": format!("{who}-{number}"), "time": Timestamp::from_millis(NOW + hours * HOUR + number).to_string(),
        "sender": { "Visitor": visitor(of) }, "session": format!("{who}-{}", number / 3), "action": action,
        "page": { "path": format!("/{who}/{}", number % 3), "hostname": format!("{who}.example.com") },
        "href": format!("https://{who}.example.com/?x=1"), "referrer": format!("https://{who}.example.org/"),
        "source": { "name": who, "host": format!("{who}.example.org") },
        "campaign": [who, "", "", "", "", "", "", format!("{who} via")],
        "context": {
            "country": "FR", "region": format!("{who} region"), "city": format!("{who} city"), "device": "desktop",
            "browser": format!("{who} browser"), "os": format!("{who} os"), "language": who, "adClickIds": { "gclid": who }
        }
    })
}

fn actions(of: u8) -> [Json; 5] {
    let who = format!("secret{of}");
    [
        json!("Pageview"),
        json!({ "Goal": { "name": format!("{who}_goal"), "properties": { "plan": who }, "description": who } }),
        json!({ "Identify": { "user_id": format!("{who}-user"), "traits": { "name": who, "email": format!("{who}@example.com") } } }),
        json!({ "PaymentHint": { "email": format!("{who}@example.com"), "stripe_session_id": format!("{who}-hinted") } }),
        json!({ "ExternalLink": { "url": format!("https://{who}.example.net/"), "text": who } }),
    ]
}

/// A payment of a visitor who is named, or of whoever hinted at it.
fn payment(of: u8, number: i64, is_named: bool) -> Json {
    let who = format!("secret{of}");
    json!({
        "id": format!("{:024x}", i64::from(of) * 1_000 + number), "event_id": Json::Null,
        "transaction_id": format!("{who}-tx-{number}"), "time": Timestamp::from_millis(NOW + number).to_string(),
        "kind": "New", "visitor": is_named.then(|| visitor(of)), "amount": 100, "currency": "USD", "value": 100,
        "email": format!("{who}@example.com"), "name": who, "customer_id": format!("cus_{who}")
    })
}

fn ask(site: &Site<Memory>, call: Json) -> Json {
    let call: Call = serde_json::from_value(call).unwrap();
    serde_json::from_str(&site.answer(&Request { now: NOW + 100 * HOUR, currency: None, call }).unwrap()).unwrap()
}

/// Every text of the database that has this word, also as bytes.
fn found(site: &Site<Memory>, word: &str) -> Vec<String> {
    let texts = |statement: &str| -> Vec<String> {
        site.sql().rows(statement, &[]).unwrap().into_iter().map(|mut row| row.next().unwrap()).collect()
    };
    let mut found = Vec::new();
    for table in texts("SELECT name FROM sqlite_master WHERE type = 'table'") {
        for column in texts(&format!("SELECT name FROM pragma_table_info('{table}')")) {
            let count: i64 = site
                .sql()
                .one(
                    &format!(
                        "SELECT count(*) FROM {table} WHERE instr(lower(CAST({column} AS TEXT)), ?1) > 0 \
                         OR instr(lower(hex({column})), lower(hex(?1))) > 0"
                    ),
                    &[word.into()],
                )
                .unwrap()
                .next()
                .unwrap();
            if count > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

/// Whether the bytes of a visitor's id are anywhere.
fn has_id(site: &Site<Memory>, id: VisitorId) -> bool {
    let holds = |statement: String| site.sql().first(&statement, &[id.into()]).unwrap().is_some();
    holds("SELECT 1 FROM visitors WHERE uid = ?1".to_owned())
        || holds("SELECT 1 FROM erasures WHERE uid = ?1".to_owned())
        || !found(site, &id.to_string()).is_empty()
}

fn finish(site: &Site<Memory>) {
    while site.erase_on(Timestamp::from_millis(NOW)).unwrap() {}
    while let Some(erased) = site.erased(3).unwrap() {
        site.forget_erased(&erased).unwrap();
    }
    for _ in 0..1_000 {
        if !site.sweep().unwrap() {
            return;
        }
    }
    panic!("a sweep without end");
}

/// All rows of the database without the numbers that are given to rows.
pub(crate) fn contents<S: Sql>(site: &Site<S>) -> Vec<(String, Vec<Vec<Value>>)> {
    site.fold().unwrap();
    crate::totals::settle(site).unwrap();
    let texts = "SELECT text FROM strings ORDER BY text";
    let pages = "SELECT h.text, p.text FROM pages g JOIN strings h ON h.id = g.hostname JOIN strings p ON p.id = g.path \
                 ORDER BY 1, 2";
    let key = crate::fragments::campaign_key("k");
    let totals = format!(
        "SELECT t.dimension, coalesce(p.text, {key}, s.text), t.visitors, t.count FROM totals t \
         LEFT JOIN pages g ON g.id = t.key AND t.dimension = 10 LEFT JOIN strings p ON p.id = g.path \
         LEFT JOIN campaigns k ON k.id = t.key AND t.dimension = 9 \
         LEFT JOIN strings s ON s.id = t.key AND t.dimension NOT IN (9, 10) \
         WHERE t.visitors <> 0 OR t.count <> 0 ORDER BY 1, 2, 3, 4"
    );
    let campaigns = format!("SELECT {key} FROM campaigns k ORDER BY 1");
    let sessions = "SELECT v.uid, s.sid, s.started, s.ended, s.pageviews, s.goals, r.text FROM sessions s \
                    JOIN visitors v ON v.id = s.visitor JOIN strings r ON r.id = s.referrer ORDER BY 1, 2";
    let keys = "SELECT v.uid, k.dimension, sum(k.count) FROM visitor_keys k JOIN visitors v ON v.id = k.visitor \
                WHERE k.count > 0 GROUP BY 1, 2 ORDER BY 1, 2";
    [
        (texts, 1),
        (pages, 2),
        (totals.as_str(), 4),
        (sessions, 7),
        (keys, 3),
        (campaigns.as_str(), 1),
        ("SELECT json FROM contexts ORDER BY 1", 1),
        ("SELECT day, visitors, sessions, bounces, duration + 1000 * pageviews FROM days WHERE visitors <> 0 OR sessions <> 0 ORDER BY 1", 5),
        ("SELECT day, previous, visitors FROM day_pairs WHERE visitors <> 0 ORDER BY 1, 2", 3),
        ("SELECT v.uid, d.day FROM visitor_days d JOIN visitors v ON v.id = d.visitor ORDER BY 1, 2", 2),
        ("SELECT uid, sessions, detached, counted, json_remove(merged, '$.last', '$.traits') FROM visitors ORDER BY 1", 5),
        ("SELECT h.key, h.time, v.uid FROM hints h JOIN visitors v ON v.id = h.visitor ORDER BY 1, 2, 3", 3),
        ("SELECT transaction_id, value FROM payments ORDER BY 1", 2),
        ("SELECT eid, time, kind, href, data FROM events ORDER BY 1", 5),
    ]
    .map(|(statement, columns)| {
        let rows = site.sql().rows(statement, &[]).unwrap();
        let row = |mut row: crate::sql::Row| (0..columns).map(|_| row.next().unwrap()).collect();
        (statement.to_owned(), rows.into_iter().map(row).collect())
    })
    .into()
}

fn erase(site: &Site<Memory>, of: u8) -> Json {
    ask(site, json!({ "VisitorErasure": { "visitor": visitor(of) } }))
}

fn watch(site: &Site<Memory>) {
    let all = json!({ "version": 1, "goals": "All", "payments": true, "identities": true, "activity": true });
    ask(site, json!({ "Watch": all }));
}

#[test]
fn no_byte_of_an_erased_visitor_remains_in_any_table() {
    let site = open();
    watch(&site);
    for of in [1, 2] {
        for number in 0..40 {
            let action = &actions(of)[usize::try_from(number % 5).unwrap()];
            ask(&site, json!({ "Append": { "event": event(of, number, 0, action) } }));
        }
        ask(&site, json!({ "Pay": { "payment": payment(of, 1, true) } }));
        ask(&site, json!({ "Pay": { "payment": payment(of, 2, false) } }));
    }
    site.sql().run("INSERT INTO news_failed SELECT seq, received_at, happening, 'x' FROM news", &[]).unwrap();
    let before = found(&site, "secret1");
    for table in
        ["news.happening", "news_failed.happening", "strings.text", "hints.key", "payments.email", "events.href"]
    {
        assert!(before.iter().any(|one| one == table), "{table}: {before:?}");
    }
    assert_eq!(
        erase(&site, 1),
        json!({
            "events": 40, "payments": 2, "transactions": ["secret1-tx-1", "secret1-tx-2"], "is_done": true
        })
    );
    let erased = site.erased(100).unwrap().unwrap();
    assert_eq!((erased.visitor, erased.transactions.len()), (visitor(1), 2));
    assert!(site.has_erasures() && site.has_orphans());
    finish(&site);
    assert_eq!(found(&site, "secret1"), [""; 0]);
    assert!(!has_id(&site, visitor(1)) && has_id(&site, visitor(2)));
    assert!(!site.has_erasures() && !site.has_orphans());
    assert!(!found(&site, "secret2").is_empty());
}

#[test]
fn an_unknown_visitor_and_one_who_is_erased_are_not_found_and_the_id_can_come_again() {
    let site = open();
    assert_eq!(erase(&site, 1), Json::Null);
    for number in 0..700 {
        let asked = event(1, number, 0, &json!("Pageview"));
        ask(&site, json!({ "Append": { "event": asked } }));
    }
    let begun = erase(&site, 1);
    assert_eq!((&begun["events"], &begun["is_done"]), (&json!(700), &json!(false)));
    assert_eq!(erase(&site, 1), Json::Null, "a second time, while the first goes on");
    assert_eq!(ask(&site, json!({ "VisitorQuery": { "visitor": visitor(1) } })), Json::Null);
    ask(&site, json!({ "Append": { "event": event(1, 7_000, 1, &json!("Pageview")) } }));
    let goes_on = json!({ "VisitorErasure": { "visitor": visitor(1), "goes_on": true } });
    while ask(&site, goes_on.clone())["is_done"] == false {}
    finish(&site);
    let seen = ask(&site, json!({ "VisitorQuery": { "visitor": visitor(1) } }));
    assert_eq!((&seen["visits"], &seen["pageviews"]), (&json!(1), &json!(1)));
    let fresh = open();
    ask(&fresh, json!({ "Append": { "event": event(1, 7_000, 1, &json!("Pageview")) } }));
    assert_eq!(contents(&site), contents(&fresh));
}

/// Steps that are bounded keep events from waiting.
#[test]
fn a_step_of_an_erasure_is_bounded_whatever_the_visitors_history() {
    let site = open();
    let items = (0..2_000).map(|number| {
        let event: Event = serde_json::from_value(event(1, number, 0, &actions(1)[0])).unwrap();
        Item::Event(Box::new(event))
    });
    let items: Vec<_> = items.collect();
    for part in items.chunks(1_000) {
        let import = Import { items: part.to_vec(), zone: "UTC".parse().unwrap(), may_drop: false };
        site.answer(&Request { now: NOW, currency: None, call: Call::Import(import) }).unwrap();
    }
    let mut most = 0;
    let measure = |most: &mut i64, step: &dyn Fn() -> bool| {
        site.sql().steps.set(0);
        let more = step();
        *most = (*most).max(site.sql().steps.get());
        more
    };
    measure(&mut most, &|| site.erase(&VisitorErasure::of(visitor(1)), Timestamp::from_millis(NOW)).unwrap().is_some());
    while measure(&mut most, &|| site.erase_on(Timestamp::from_millis(NOW)).unwrap()) {}
    while measure(&mut most, &|| site.sweep().unwrap()) {}
    assert!(most < 900_000, "{most}");
    finish(&site);
    assert_eq!(contents(&site), contents(&open()));
}

#[derive(Debug, Clone)]
struct Sent {
    of: u8,
    number: i64,
    hours: i64,
    kind: usize,
    /// Whether its texts are those of another visitor.
    shares: bool,
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let one = (1..4_u8, 0..90_i64, -80..80_i64, 0..7_usize, any::<bool>())
        .prop_map(|(of, number, hours, kind, shares)| Sent { of, number, hours, kind, shares });
    prop::collection::vec(one, 0..120)
}

fn store(site: &Site<Memory>, sent: &[Sent]) {
    for Sent { of, number, hours, kind, shares } in sent.iter().cloned() {
        match kind {
            5 | 6 => ask(
                site,
                json!({ "Pay": { "payment": payment(of, if kind == 5 { number } else { number + 500 }, kind == 5) } }),
            ),
            _ => {
                let texts = if shares { 9 } else { of };
                let mut event = event(texts, number, hours, &actions(texts)[kind]);
                event["id"] = json!(format!("{of}-{number}-{hours}-{kind}"));
                event["sender"] = json!({ "Visitor": visitor(of) });
                ask(site, json!({ "Append": { "event": event } }))
            }
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody else's rows change, and none of the visitor's remains: texts, rollups, payments, hints.
    #[test]
    fn an_erased_visitor_was_never_there(mut sent in sent(), swept in 0..3_usize) {
        // A hint of another visitor at the same payment would decide whose it is.
        sent.retain(|one| one.kind != 3 || !one.shares);
        let site = open();
        store(&site, &sent);
        let is_known = sent.iter().any(|one| one.of == 1 && one.kind != 6);
        prop_assert_eq!(erase(&site, 1) != Json::Null, is_known);
        // A sweep that has begun meets with what comes meanwhile.
        for _ in 0..swept {
            site.sweep().unwrap();
        }
        store(&site, &[Sent { of: 2, number: 95, hours: 0, kind: 1, shares: true }]);
        finish(&site);
        let never = open();
        let hinted = sent.iter().any(|one| one.of == 1 && one.kind == 3);
        let others: Vec<_> = sent.into_iter().filter(|one| one.of != 1 || one.kind == 6 && !hinted).collect();
        store(&never, &others);
        store(&never, &[Sent { of: 2, number: 95, hours: 0, kind: 1, shares: true }]);
        finish(&never);
        for (one, other) in contents(&site).into_iter().zip(contents(&never)) {
            prop_assert_eq!(one, other);
        }
    }
}

fn keep(site: &Site<Memory>, version: i64, days: Option<u32>) {
    let none = json!({ "version": version, "goals": { "Named": [] }, "payments": false, "identities": false, "activity": false, "retention_days": days });
    ask(site, json!({ "Watch": none }));
}

fn remove_old(site: &Site<Memory>, now: i64) {
    for _ in 0..1_000 {
        if !site.remove_old(Timestamp::from_millis(now)).unwrap() {
            return;
        }
    }
    panic!("a removal without end");
}

#[test]
fn events_are_kept_unless_the_website_says_for_how_long() {
    let site = open();
    ask(&site, json!({ "Append": { "event": event(1, 1, 0, &json!("Pageview")) } }));
    let years = NOW + 4_000 * 24 * HOUR;
    remove_old(&site, years);
    assert_eq!((site.has_old(), site.next_removal(Timestamp::from_millis(years)).unwrap()), (false, None));
    assert!(has_id(&site, visitor(1)));
    keep(&site, 1, Some(30));
    assert!(site.has_old());
    // Of the day on which the event happened, 30 days ago, everything is kept until the day is over.
    let last_moment = NOW + 31 * 24 * HOUR - 1;
    remove_old(&site, last_moment);
    assert!(has_id(&site, visitor(1)) && !site.has_old());
    assert_eq!(site.next_removal(Timestamp::from_millis(last_moment)).unwrap().unwrap().as_millis(), last_moment + 1);
    remove_old(&site, last_moment + 1);
    finish(&site);
    assert_eq!(found(&site, "secret1"), [""; 0]);
    assert!(!has_id(&site, visitor(1)));
    keep(&site, 2, None);
    assert_eq!((site.has_old(), site.next_removal(Timestamp::from_millis(years)).unwrap()), (false, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is older than the website keeps was never there; payments stay with their visitors.
    #[test]
    fn events_that_are_too_old_were_never_there(mut sent in sent(), zone in prop::sample::select(vec!["UTC", "America/St_Johns"])) {
        // A payment that was hinted at stays with its visitor, so hints are compared by `an_erased_visitor_was_never_there`.
        sent.retain(|one| one.kind != 3 && one.kind != 6);
        let open = || {
            let site = open();
            site.answer(&Request { now: NOW, currency: None, call: Call::Import(Import { items: Vec::new(), zone: zone.parse().unwrap(), may_drop: false }) }).unwrap();
            site
        };
        let site = open();
        store(&site, &sent);
        keep(&site, 1, Some(30));
        // In the middle of the times of the events.
        let now = NOW + 30 * 24 * HOUR + 12 * HOUR;
        let offset = if zone == "UTC" { 0 } else { -(2 * HOUR + HOUR / 2) };
        let since = NOW - offset;
        remove_old(&site, now);
        finish(&site);
        let never = open();
        sent.retain(|one| one.kind >= 5 || NOW + one.hours * HOUR + one.number >= since);
        store(&never, &sent);
        finish(&never);
        for (one, other) in contents(&site).into_iter().zip(contents(&never)) {
            // A visitor with many events stays counted with the few that are left.
            if !one.0.contains("visitor_keys") && !one.0.contains("counted") {
                prop_assert_eq!(one, other);
            }
        }
    }
}

#[test]
fn a_part_of_an_export_has_about_a_megabyte_whatever_the_lines_are() {
    let site = open();
    for number in 0..400 {
        let long = "x".repeat(if number % 2 == 0 { 12_000 } else { 10 });
        let action = json!({ "Identify": { "user_id": "u", "traits": { "long": long } } });
        let event: Event = serde_json::from_value(event(1, number, 0, &action)).unwrap();
        site.append_one(&event, Timestamp::from_millis(0)).unwrap();
    }
    let (mut parts, mut lines, mut after) = (0, Vec::new(), Some(Place::START));
    while let Some(place) = after {
        let part = site.export(&Export { after: place, limit: 1_000 }).unwrap();
        assert!(part.lines.len() < MOST_BYTES + 20_000, "{}", part.lines.len());
        lines.extend(part.lines.lines().map(str::to_owned));
        (after, parts) = (part.next, parts + 1);
    }
    assert_eq!((parts, lines.len()), (3, 400));
    lines.dedup();
    assert_eq!(lines.len(), 400, "no line twice");
    let few = site.export(&Export { after: Place::START, limit: 150 }).unwrap();
    assert_eq!(few.lines.lines().count(), 150);
}
