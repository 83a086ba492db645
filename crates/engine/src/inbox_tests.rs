//! Events wait in the inbox and are folded together: whatever is read, folded, sent again or interrupted in between, the rows
//! and the reports are those of events that were stored one by one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sluice_values::{Timestamp, VisitorId};

use crate::append::Appended;
use crate::erasure_tests::contents;
use crate::event::Event;
use crate::inbox::MOST_EVENTS;
use crate::memory::Memory;
use crate::protocol::{Append, Call, Request};
use crate::sql::{Row, Sql, Value};
use crate::{Error, Site};

/// 2026-05-21T22:00:00Z: events are on two days.
const NOW: i64 = 1_779_400_800_000;

/// A database that stays when its site is gone, and fails when it is told to.
#[derive(Clone, Default)]
struct Breaking {
    memory: Rc<Memory>,
    /// The statements that are still run.
    left: Rc<Cell<Option<usize>>>,
    /// Statements with this text and one of these values fail.
    refuses: Rc<RefCell<Option<(&'static str, &'static str)>>>,
}

impl Breaking {
    fn spend(&self) -> Result<(), Error> {
        match self.left.get() {
            Some(0) => Err(Error::new("the storage has failed")),
            left => {
                self.left.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

impl Sql for Breaking {
    fn rows(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.spend()?;
        if let Some((part, text)) = *self.refuses.borrow()
            && statement.contains(part)
            && values.iter().any(|value| matches!(value, Value::Text(value) if value.contains(text)))
        {
            return Err(Error::new("refused"));
        }
        self.memory.rows(statement, values)
    }

    fn objects(&self, statement: &str, values: &[Value]) -> Result<String, Error> {
        self.spend()?;
        self.memory.objects(statement, values)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        // What fails at its end has not happened.
        self.memory.transaction(&mut || work().and_then(|()| self.spend()))
    }

    fn size(&self) -> Result<i64, Error> {
        self.memory.size()
    }
}

fn open(database: &Breaking) -> Site<Breaking> {
    Site::open(database.clone(), || Ok([7; 32])).unwrap()
}

fn event(id: u8, visitor: u8, session: Option<u8>, minute: i64) -> Event {
    let action = match id % 6 {
        0 | 1 if session.is_some() => json!("Pageview"),
        2 if session.is_some() => {
            json!({ "ExternalLink": { "url": format!("https://elsewhere.example/{}", id % 4), "text": null } })
        }
        3 => json!({ "Identify": { "user_id": format!("u{visitor}"), "traits": { "n": id } } }),
        4 => json!({ "PaymentHint": { "email": format!("{visitor}@example.com") } }),
        _ => json!({ "Goal": { "name": format!("g{}", id % 2), "properties": { "a": id }, "description": null } }),
    };
    let host = if id.is_multiple_of(5) { "other.example" } else { "example.com" };
    let page = session.map(|_| json!({ "path": format!("/{}", id % 3), "hostname": host }));
    serde_json::from_value(json!({
        "id": format!("e{id}"), "time": Timestamp::from_millis(NOW + minute * 60_000).to_string(),
        "sender": { "Visitor": VisitorId::of_random([visitor; 16]) }, "session": session.map(|session| format!("s{session}")),
        "action": action, "page": page, "href": null, "referrer": "https://r.example/",
        "source": { "name": format!("r{}", id % 2), "host": "r.example" },
        "campaign": [if id.is_multiple_of(3) { "x" } else { "" }, "", "", "", "", "", "", ""], "context": { "country": "FR", "city": format!("c{}", id % 4) },
    }))
    .unwrap()
}

fn ask<S: Sql>(site: &Site<S>, call: Call) -> Result<Json, Error> {
    let answer = site.answer(&Request { now: NOW, currency: None, call })?;
    Ok(serde_json::from_str(&answer).unwrap())
}

fn read(call: &Json) -> Call {
    serde_json::from_value(call.clone()).unwrap()
}

fn append<S: Sql>(site: &Site<S>, event: &Event) -> Result<bool, Error> {
    let answer = ask(site, Call::Append(Append { event: event.clone(), may_drop: true }))?;
    Ok(serde_json::from_value::<Appended>(answer).unwrap().is_new)
}

fn payment(number: u8) -> Call {
    read(&json!({ "Pay": { "payment": {
        "id": format!("{number:024x}"), "event_id": null, "transaction_id": format!("tx-{number}"), "kind": "New",
        "time": Timestamp::from_millis(NOW + i64::from(number) * 60_000).to_string(), "visitor": null, "amount": 100, "currency": "USD",
        "value": 100, "email": format!("{}@example.com", number % 3), "name": null, "customer_id": null,
    } } }))
}

fn overview() -> Call {
    read(&json!({ "Overview": { "selection": { "span": { "from": -(1_i64 << 52), "to": 1_i64 << 52 }, "filters": [] },
        "zone": "UTC", "with_renewals": true } }))
}

/// The rows, but for texts: a text is stored for every event that once was the first of its session.
fn rows<S: Sql>(site: &Site<S>) -> Vec<(String, Vec<Vec<Value>>)> {
    let mut rows = contents(site);
    rows.remove(0);
    let payments = "SELECT p.transaction_id, s.sid, v.uid FROM payments p LEFT JOIN sessions s ON s.id = p.session \
                    LEFT JOIN visitors v ON v.id = p.visitor ORDER BY 1";
    let first = "SELECT v.uid, s.sid, f.eid, n.eid, t.text, c.text, r.text, s.campaign IS NULL, \
                 (SELECT group_concat(t.text) FROM session_hosts h JOIN strings t ON t.id = h.hostname WHERE h.session = s.id) \
                 FROM sessions s JOIN visitors v ON v.id = s.visitor JOIN events f ON f.id = s.first \
                 LEFT JOIN events n ON n.id = s.entered LEFT JOIN pages p ON p.id = s.entry \
                 LEFT JOIN strings t ON t.id = p.path \
                 LEFT JOIN strings c ON c.id = s.city LEFT JOIN strings r ON r.id = s.referrer ORDER BY 1, 2";
    for (statement, columns) in [(payments, 3), (first, 9)] {
        let read = site.sql().rows(statement, &[]).unwrap();
        let row = |mut row: Row| (0..columns).map(|_| row.next().unwrap()).collect();
        rows.push((statement.to_owned(), read.into_iter().map(row).collect()));
    }
    rows
}

fn waiting(database: &Breaking) -> i64 {
    database.memory.one("SELECT count(*) FROM inbox", &[]).unwrap().next().unwrap()
}

/// What happens between events.
#[derive(Debug, Clone)]
enum Step {
    Event { id: u8, visitor: u8, session: Option<u8>, minute: i64 },
    Fold,
    Report,
    Reopen,
    Pay(u8),
    DeleteGoals,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let session = prop_oneof![4 => (0..3_u8).prop_map(Some), 1 => Just(None)];
    let event = (0..40_u8, 0..3_u8, session, -400..400_i64).prop_map(|(id, visitor, session, minute)| Step::Event {
        id,
        visitor,
        session,
        minute,
    });
    let other = prop_oneof![
        Just(Step::Fold),
        Just(Step::Report),
        Just(Step::Reopen),
        (0..8_u8).prop_map(Step::Pay),
        Just(Step::DeleteGoals),
    ];
    prop::collection::vec(prop_oneof![5 => event, 1 => other], 1..60)
}

fn deletion() -> Call {
    read(&json!({ "GoalDeletion": { "visitor": null, "name": "g1", "span": null } }))
}

/// Does these steps, with events stored one by one, or through the inbox with `statements` until the storage fails. After a
/// failure the site is opened again, and a step whose answer was an error is repeated.
fn done(steps: &[Step], one_by_one: bool, mut statements: Option<usize>) -> Site<Breaking> {
    let database = Breaking::default();
    let mut site = open(&database);
    let mut statements_left = statements.take();
    for step in steps {
        loop {
            database.left.set(statements_left);
            let outcome = match step {
                Step::Event { id, visitor, session, minute } => {
                    let event = event(*id, *visitor, *session, *minute);
                    if one_by_one {
                        site.append_one(&event, Timestamp::from_millis(NOW)).map(|_| ())
                    } else {
                        append(&site, &event).map(|_| ())
                    }
                }
                Step::Fold => site.fold(),
                Step::Report => ask(&site, overview()).map(|_| ()),
                Step::Reopen => Ok(()),
                Step::Pay(number) => ask(&site, payment(*number)).map(|_| ()),
                Step::DeleteGoals => ask(&site, deletion()).map(|_| ()),
            };
            let has_failed = database.left.get() == Some(0);
            statements_left = if has_failed { None } else { database.left.get() };
            database.left.set(None);
            if has_failed || matches!(step, Step::Reopen) {
                site = open(&database);
            }
            if outcome.is_ok() {
                break;
            }
            assert!(has_failed, "{step:?}: {outcome:?}");
        }
    }
    site
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_of_events_folds_reads_and_openings_leaves_the_rows_of_events_stored_one_by_one(steps in steps()) {
        let (folded, single) = (done(&steps, false, None), done(&steps, true, None));
        prop_assert_eq!(ask(&folded, overview()).unwrap(), ask(&single, overview()).unwrap());
        prop_assert_eq!(rows(&folded), rows(&single));
    }

    #[test]
    fn a_storage_that_fails_at_any_statement_loses_and_doubles_nothing(steps in steps(), at in 0..400_usize) {
        let (broken, whole) = (done(&steps, false, Some(at)), done(&steps, false, None));
        prop_assert_eq!(ask(&broken, overview()).unwrap(), ask(&whole, overview()).unwrap());
        prop_assert_eq!(rows(&broken), rows(&whole));
    }
}

#[test]
fn a_fold_that_is_interrupted_at_each_of_its_statements_is_done_once() {
    let steps: Vec<_> = (0..20_u8)
        .map(|id| Step::Event { id, visitor: id % 2, session: Some(id / 7), minute: i64::from(id) * 37 % 20 * 10 })
        .collect();
    let whole = done(&steps, false, None);
    whole.fold().unwrap();
    let mut interrupted = 0;
    for at in 0.. {
        let database = Breaking::default();
        let site = open(&database);
        for step in &steps {
            if let Step::Event { id, visitor, session, minute } = step {
                assert!(append(&site, &event(*id, *visitor, *session, *minute)).unwrap());
            }
        }
        assert_eq!(waiting(&database), 20);
        database.left.set(Some(at));
        let folded = site.fold();
        let has_failed = database.left.get() == Some(0);
        database.left.set(None);
        assert_eq!(folded.is_err(), has_failed && waiting(&database) > 0, "{at}");
        let again = open(&database);
        again.fold().unwrap();
        assert_eq!(waiting(&database), 0);
        assert_eq!(rows(&again), rows(&whole), "interrupted at statement {at}");
        interrupted += 1;
        if !has_failed {
            break;
        }
    }
    assert!(interrupted > 15, "{interrupted}");
}

#[test]
fn an_id_is_stored_once_while_its_event_waits_and_after_the_site_was_opened_again() {
    let database = Breaking::default();
    let first = event(1, 1, Some(1), 0);
    assert!(append(&open(&database), &first).unwrap());
    let site = open(&database);
    assert!(!append(&site, &first).unwrap());
    assert!(append(&site, &event(2, 1, Some(1), 0)).unwrap());
    // Of another visitor, too.
    assert!(!append(&site, &event(2, 2, Some(1), 5)).unwrap());
    assert_eq!(waiting(&database), 2);
    site.fold().unwrap();
    assert!(!append(&site, &first).unwrap());
    assert_eq!(ask(&site, read(&json!({ "Statistics": {} }))).unwrap()["events"], 2);
}

#[test]
fn what_waits_is_bounded() {
    let database = Breaking::default();
    let site = open(&database);
    for number in 0..MOST_EVENTS * 2 + 3 {
        let mut event = event(0, 1, Some(1), 0);
        event.id = format!("n{number}").parse().unwrap();
        append(&site, &event).unwrap();
        assert!(waiting(&database) < i64::try_from(MOST_EVENTS).unwrap());
    }
    assert_eq!(waiting(&database), 3);
    // Also by bytes: a few long ones are enough.
    for number in 0..40 {
        let mut event = event(0, 1, Some(1), 0);
        event.id = format!("long{number}").parse().unwrap();
        event.href = Some(format!("https://example.com/?{}", "x".repeat(60_000)));
        append(&site, &event).unwrap();
        assert!(waiting(&database) < 24, "{}", waiting(&database));
    }
}

#[test]
fn an_event_that_can_never_be_folded_is_put_aside_and_the_others_are_folded() {
    let database = Breaking::default();
    let site = open(&database);
    let sent: Vec<_> = (0..12).map(|id| event(id, id % 3, Some(id / 4), i64::from(id))).collect();
    for event in &sent {
        append(&site, event).unwrap();
    }
    *database.refuses.borrow_mut() = Some(("INSERT INTO events", "\"e5\""));
    assert_eq!(ask(&site, read(&json!({ "Statistics": {} }))).unwrap()["events"], 11);
    assert_eq!(waiting(&database), 0);
    let aside = "SELECT form, json_extract(event, '$.id'), error FROM inbox_failed";
    let mut aside = database.memory.one(aside, &[]).unwrap();
    let aside: (i64, String, String) = (aside.next().unwrap(), aside.next().unwrap(), aside.next().unwrap());
    assert_eq!((aside.0, aside.1.as_str()), (1, "e5"));
    assert!(aside.2.contains("refused"));
    // The others are as if it had never come.
    let others = open(&Breaking::default());
    for event in sent.iter().filter(|event| event.id.as_str() != "e5") {
        others.append_one(event, Timestamp::from_millis(NOW)).unwrap();
    }
    assert_eq!(rows(&site), rows(&others));
    // It goes with its visitor.
    let erasure = json!({ "VisitorErasure": { "visitor": VisitorId::of_random([2; 16]), "goes_on": false } });
    ask(&site, read(&erasure)).unwrap();
    assert!(database.memory.first("SELECT 1 FROM inbox_failed", &[]).unwrap().is_none());
}

#[test]
fn an_event_in_a_form_that_this_release_does_not_know_is_put_aside() {
    let database = Breaking::default();
    append(&open(&database), &event(1, 1, Some(1), 0)).unwrap();
    for (form, text) in [(2, "{}"), (1, "no JSON")] {
        let values = [Value::Integer(form), text.into()];
        database.memory.run("INSERT INTO inbox (form, event) VALUES (?1, ?2)", &values).unwrap();
    }
    let site = open(&database);
    assert_eq!(ask(&site, read(&json!({ "Statistics": {} }))).unwrap()["events"], 1);
    let aside: i64 = database.memory.one("SELECT count(*) FROM inbox_failed", &[]).unwrap().next().unwrap();
    assert_eq!((waiting(&database), aside), (0, 2));
}

#[test]
fn a_backends_goal_finds_the_pageview_of_its_visitor_while_it_waits() {
    let site = open(&Breaking::default());
    append(&site, &event(0, 1, Some(1), 0)).unwrap();
    let goal = |visitor| {
        let event = serde_json::to_value(event(5, visitor, None, 1)).unwrap();
        read(&json!({ "PostGoal": { "event": event } }))
    };
    assert_eq!(ask(&site, goal(2)).unwrap(), false);
    assert_eq!(ask(&site, goal(1)).unwrap(), true);
    assert_eq!(ask(&site, read(&json!({ "HasGoal": { "name": "g1" } }))).unwrap(), true);
}

#[test]
fn a_goal_that_is_told_of_is_in_the_outbox_when_it_is_stored_with_what_came_before_it() {
    let database = Breaking::default();
    let site = open(&database);
    let watch = json!({ "version": 1, "goals": { "Named": ["g1"] }, "payments": false, "identities": false, "activity": false });
    ask(&site, read(&json!({ "Watch": watch }))).unwrap();
    append(&site, &event(0, 1, Some(1), 0)).unwrap();
    // A goal that nobody asked for waits.
    append(&site, &event(10, 1, Some(1), 1)).unwrap();
    assert_eq!((waiting(&database), site.outbox(9).unwrap().len()), (2, 0));
    append(&site, &event(5, 1, Some(1), 2)).unwrap();
    assert_eq!((waiting(&database), site.outbox(9).unwrap().len()), (0, 1));
    let told = serde_json::to_value(&site.outbox(9).unwrap()[0].event).unwrap();
    assert_eq!((&told["goal"]["goalName"], &told["goal"]["city"]), (&json!("g1"), &json!("c0")));
}

/// The rows of an event are the price of its storage.
#[test]
fn an_event_is_answered_after_one_statement() {
    let database = Breaking::default();
    let site = open(&database);
    append(&site, &event(0, 1, Some(1), 0)).unwrap();
    database.memory.statements.set(0);
    append(&site, &event(1, 1, Some(1), 1)).unwrap();
    assert_eq!(database.memory.statements.get(), 1);
}
