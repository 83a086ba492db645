//! What an append costs does not depend on what was stored before: the steps of SQLite's virtual machine are counted
//! for histories that a stranger, or an import, can make.

use proptest::prelude::*;
use serde_json::{Map, json};
use sluice_values::Timestamp;

use crate::Site;
use crate::event::{Action, Event, Payment};
use crate::memory::Memory;
use crate::protocol::{Import, Item};
use crate::sql::Sql;

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
/// How many events a history has before appends are measured, and how many are measured.
const BEFORE: i64 = 1_200;
const MEASURED: i64 = 150;
/// The most steps of one append. A row that is read takes at least four, so a scan of the history would take more.
const MOST_STEPS: i64 = 3_600;

/// How a history goes on. Each number chooses for the event at a position.
#[derive(Debug, Clone)]
struct Shape {
    /// A new session each time, one session for all, or several that take turns.
    sessions: i64,
    /// As sessions, for pages, goals and links.
    names: i64,
    /// Milliseconds from one event to the next; 0 for all at once.
    pace: i64,
    /// How far an event may lie behind.
    late: i64,
    /// The kinds of events, in turn.
    kinds: Vec<u8>,
    /// Before the history, the same visitor buys without being named.
    has_payments: bool,
}

fn shapes() -> impl Strategy<Value = Shape> {
    let turns = || prop_oneof![Just(1), Just(3), Just(40), Just(i64::MAX)];
    (
        turns(),
        turns(),
        prop_oneof![Just(0), Just(1), Just(1_000), Just(7_200_000)],
        prop_oneof![Just(0), Just(5_000)],
        prop::collection::vec(0_u8..6, 1..5),
        any::<bool>(),
    )
        .prop_map(|(sessions, names, pace, late, kinds, has_payments)| Shape {
            sessions,
            names,
            pace,
            late,
            kinds,
            has_payments,
        })
}

fn named(prefix: &str, number: i64, turns: i64) -> String {
    format!("{prefix}{}", if turns == i64::MAX { number } else { number % turns })
}

fn event(shape: &Shape, number: i64) -> Event {
    let kind = shape.kinds[usize::try_from(number).unwrap() % shape.kinds.len()];
    let name = named("n", number, shape.names);
    let action = match kind {
        0 | 1 => json!("Pageview"),
        2 | 5 => json!({ "Goal": { "name": name, "properties": {}, "description": null } }),
        3 => json!({ "ExternalLink": { "url": format!("https://elsewhere.example/{name}"), "text": null } }),
        _ => json!({ "PaymentHint": { "email": "payer@example.com" } }),
    };
    // Every second event of a jittering clock lies behind the one before.
    let time = NOW + number * shape.pace - if number % 2 == 0 { 0 } else { shape.late };
    let session = if kind == 5 { None } else { Some(named("s", number, shape.sessions)) };
    let country = named("C", number, shape.names);
    serde_json::from_value(json!({
        "id": format!("e{number}"), "time": Timestamp::from_millis(time).to_string(),
        "sender": { "Visitor": "b971cbbf-7ce2-4925-902b-8f95a5fb3401" }, "session": session, "action": action,
        "page": { "path": format!("/{name}"), "hostname": "example.com" },
        "href": null, "referrer": null, "source": null, "campaign": ["", "", "", "", "", "", "", ""], "context": { "country": country },
    }))
    .unwrap()
}

fn payment(number: i64) -> Payment {
    serde_json::from_value(json!({
        "id": format!("{number:024x}"), "event_id": null, "transaction_id": format!("tx-{number}"),
        "time": Timestamp::from_millis(NOW - number).to_string(), "kind": "New", "visitor": null, "amount": 100,
        "currency": "USD", "value": 100, "email": "payer@example.com", "name": null, "customer_id": null
    }))
    .unwrap()
}

fn open() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

/// The most steps that one append of a history takes, and which one that is.
fn most_steps(shape: &Shape) -> (i64, i64) {
    let site = open();
    if shape.has_payments {
        for number in 1..=5 {
            site.pay_once(&payment(number), Timestamp::from_millis(NOW)).unwrap();
        }
    }
    let append = |number: i64| {
        let event = event(shape, number);
        site.append_one(&event, event.time).unwrap();
    };
    (0..BEFORE).for_each(append);
    let measured = (BEFORE..BEFORE + MEASURED).map(|number| {
        site.sql().steps.set(0);
        append(number);
        (site.sql().steps.get(), number)
    });
    measured.max().unwrap()
}

/// The totals that deletions and late events rely on, counted from the rows.
fn assert_counts_are_exact(site: &Site<Memory>) {
    let wrong = "SELECT count(*) FROM visitor_keys k JOIN visitors v ON v.id = k.visitor WHERE k.dimension = 10 \
                 AND k.count <> (SELECT count(*) FROM events WHERE visitor = v.id AND kind = 0 AND page = k.key)";
    assert_eq!(site.sql().one(wrong, &[]).unwrap().next::<i64>().unwrap(), 0);
    crate::totals::settle(site).unwrap();
    // Only goals and exit clicks have the number of events.
    let wrong = "SELECT count(*) FROM totals t WHERE t.dimension = 3 AND (t.count <> 0 OR t.visitors <> \
                 (SELECT count(DISTINCT visitor) FROM sessions WHERE country = t.key))";
    assert_eq!(site.sql().one(wrong, &[]).unwrap().next::<i64>().unwrap(), 0);
    let wrong = "SELECT count(*) FROM totals t WHERE t.dimension = 11 AND (t.visitors <> (SELECT count(DISTINCT visitor) \
                 FROM events WHERE kind = 1 AND name = t.key) OR \
                 t.count <> (SELECT count(*) FROM events WHERE kind = 1 AND name = t.key))";
    assert_eq!(site.sql().one(wrong, &[]).unwrap().next::<i64>().unwrap(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_append_takes_a_bounded_number_of_steps_whatever_the_visitors_history(shape in shapes()) {
        let (steps, number) = most_steps(&shape);
        prop_assert!(steps <= MOST_STEPS, "event {number} took {steps} steps");
    }

    #[test]
    fn the_lines_of_an_import_take_a_bounded_number_of_steps_in_any_order(
        shape in shapes(), order in prop_oneof![Just(1_i64), Just(-1), Just(7)],
    ) {
        const LINES: i64 = 300;
        let site = open();
        let zone = "Europe/Paris".parse().unwrap();
        let mut last = 0;
        for batch in 0..4 {
            let items = (0..LINES).map(|at| {
                let number = batch * LINES + at;
                // Every line of the file is a different number below the number of all lines.
                let number = if order < 0 { 4 * LINES - 1 - number } else { number * order % (4 * LINES + 1) };
                Item::Event(Box::new(event(&shape, number)))
            });
            let import = Import { items: items.collect(), zone: sluice_values::TimeZone::clone(&zone), may_drop: false };
            site.sql().steps.set(0);
            let request = crate::protocol::Request { now: NOW, currency: None, call: crate::protocol::Call::Import(import) };
            site.answer(&request).unwrap();
            last = site.sql().steps.get() / LINES;
        }
        prop_assert!(last <= MOST_STEPS, "a line took {last} steps");
        assert_counts_are_exact(&site);
    }
}

#[test]
fn a_session_that_begins_before_or_with_many_backends_goals_takes_a_bounded_number_of_steps() {
    for (pace, late) in [(0, 0), (0, 5_000), (1, 5_000)] {
        for kinds in [vec![4], vec![0, 4], vec![5, 0], vec![5, 4], vec![0, 5]] {
            let shape = Shape { sessions: i64::MAX, names: 1, pace, late, kinds, has_payments: true };
            let (steps, number) = most_steps(&shape);
            assert!(steps <= MOST_STEPS, "{shape:?}: event {number} took {steps} steps");
        }
    }
}

#[test]
fn a_backends_goal_is_taken_in_a_bounded_number_of_steps() {
    let site = open();
    let shape = Shape { sessions: i64::MAX, names: 1, pace: 1_000, late: 0, kinds: vec![2], has_payments: false };
    let mut only_goals: Vec<Event> = (0..BEFORE).map(|number| event(&shape, number)).collect();
    // A page was seen first, and never again.
    only_goals[0].action = Action::Pageview;
    for event in &only_goals {
        site.append_one(event, event.time).unwrap();
    }
    let goal = Action::Goal { name: "paid".to_owned(), properties: Map::new(), description: None };
    let at = Timestamp::from_millis(NOW + BEFORE * 1_000);
    let crate::event::VisitorKey::Visitor(visitor) = only_goals[0].sender.clone() else { panic!("no visitor") };
    let goal = Event::of_backend("backend".parse().unwrap(), at, visitor, goal);
    site.sql().steps.set(0);
    let call = crate::protocol::Call::PostGoal(crate::protocol::PostGoal { event: goal });
    let answer = site.answer(&crate::protocol::Request { now: at.as_millis(), currency: None, call }).unwrap();
    assert_eq!(answer, "true");
    let steps = site.sql().steps.get();
    assert!(steps <= MOST_STEPS, "{steps} steps");
}

#[test]
fn one_session_of_years_does_not_make_later_reports_read_all_sessions_of_these_years() {
    let measured = |years: bool| {
        let site = open();
        let day = 86_400_000;
        let mut shape = Shape { sessions: i64::MAX, names: 1, pace: day, late: 0, kinds: vec![0], has_payments: false };
        for number in 0..700 {
            let event = event(&shape, number);
            site.append_one(&event, event.time).unwrap();
        }
        if years {
            shape.sessions = 1;
            for number in [1_000, 1_699] {
                let mut event = event(&shape, number);
                event.time = Timestamp::from_millis(NOW + (number - 1_000) * day);
                site.append_one(&event, event.time).unwrap();
            }
        }
        site.sql().steps.set(0);
        let span = crate::selection::Span { from: NOW + 697 * day + 5, to: NOW + 700 * day };
        let selection = crate::selection::Selection { span, filters: Vec::new() };
        let zone = "UTC".parse().unwrap();
        let totals = site
            .overview(&crate::reports::overview::Overview {
                selection,
                zone,
                with_renewals: true,
                pageviews: false,
                newcomers: false,
            })
            .unwrap();
        (totals.sessions, totals.visitors, site.sql().steps.get())
    };
    let (plain, long) = (measured(false), measured(true));
    assert_eq!((plain.0, long.0), (2, 2));
    assert_eq!(long.1, 1);
    assert!(long.2 < plain.2 + 500, "{plain:?} {long:?}");
}
