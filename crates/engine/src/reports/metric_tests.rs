//! Measuring and replaying agree with each other and with the reports.

use super::measure::{Amount, Measure, Measured};
use super::metric::{Metric, Rows};
use super::replay::{Completions, Replay};
use crate::event::{Action, Event, Page, Payment, PaymentKind, VisitorKey};
use crate::memory::Memory;
use crate::selection::{Filter, FilterField, Selection, Span, Test};
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use proptest::prelude::*;
use sluice_values::{Id, Timestamp};

const MINUTE: i64 = 60_000;
const NOW: i64 = 1_779_321_600_000;
const RATES: [Metric; 2] = [Metric::BounceRate, Metric::ConversionRate];

fn site() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW + millis)
}

fn visitor(number: u8) -> sluice_values::VisitorId {
    format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{number:02x}").parse().unwrap()
}

fn event(id: usize, millis: i64, number: u8, session: Option<&str>, action: Action, country: &str) -> Event {
    let mut event = Event::of_backend(format!("e{id}").parse().unwrap(), at(millis), visitor(number), action);
    event.sender = VisitorKey::Visitor(visitor(number));
    event.session = session.map(|session| session.parse().unwrap());
    event.page = Some(Page { path: "/".to_owned(), hostname: "example.com".to_owned() });
    event.context.country = Some(country.to_owned());
    event
}

fn goal(name: &str) -> Action {
    Action::Goal { name: name.to_owned(), properties: serde_json::Map::new(), description: None }
}

fn payment(id: usize, millis: i64, number: u8, kind: PaymentKind, value: i64) -> Payment {
    Payment {
        id: Id::new(at(millis), [u8::try_from(id % 250).unwrap(); 8]),
        event_id: None,
        transaction_id: format!("t{id}"),
        refund_id: None,
        time: at(millis),
        kind,
        visitor: Some(visitor(number)),
        amount: value,
        currency: "USD".parse().unwrap(),
        value,
        email: None,
        name: None,
        customer_id: None,
    }
}

fn asked(metric: Metric) -> Measure {
    Measure { metric, goal: None, filters: Vec::new(), window_ms: 5 * MINUTE, has_base: false, with_renewals: true }
}

fn amount(part: i64) -> Amount {
    Amount { part, whole: None }
}

#[test]
fn without_events_every_metric_is_zero_and_never_changes() {
    let site = site();
    for metric in Metric::ALL.iter().copied() {
        let whole = RATES.contains(&metric).then_some(0);
        let base = Some(Amount { part: 0, whole });
        let measured = site.measure(&Measure { has_base: true, ..asked(metric) }, at(0)).unwrap();
        let expected = Measured { current: Amount { part: 0, whole }, base, has_events: false, changes_at: None };
        assert_eq!(measured, expected, "{metric:?}");
    }
}

#[test]
fn windows_roll_and_report_when_they_change() {
    let site = site();
    let visit = |id, millis, number| {
        let session = format!("s{number}");
        let visit = event(id, millis, number, Some(&session), Action::Pageview, "US");
        site.append_one(&visit, at(0)).unwrap();
    };
    visit(1, -6 * MINUTE, 1);
    visit(2, -5 * MINUTE, 2);
    visit(3, -5 * MINUTE + 1, 3);
    visit(4, 0, 4);
    let measured = site.measure(&Measure { has_base: true, ..asked(Metric::Visitors) }, at(0)).unwrap();
    let expected = Measured {
        current: amount(2),
        base: Some(amount(2)),
        has_events: true,
        // Visitor 3 crosses over a millisecond later.
        changes_at: Some(NOW + 1),
    };
    assert_eq!(measured, expected);
    let later = site.measure(&asked(Metric::Visitors), at(1)).unwrap();
    assert_eq!((later.current, later.changes_at), (amount(1), Some(NOW + 5 * MINUTE)));
    let empty = site.measure(&asked(Metric::Visitors), at(5 * MINUTE)).unwrap();
    assert_eq!((empty.current, empty.has_events, empty.changes_at), (amount(0), false, None));
    let early = site.measure(&asked(Metric::Visitors), at(-1)).unwrap();
    assert_eq!((early.current, early.changes_at), (amount(2), Some(NOW)), "events ahead of time enter in time");
}

#[test]
fn metrics_are_those_of_the_reports() {
    let site = site();
    let mut id = 0;
    let mut put = |millis, number, session: Option<&str>, action, country| {
        id += 1;
        site.append_one(&event(id, millis, number, session, action, country), at(0)).unwrap();
    };
    // Two pages; one page and a goal; one page alone.
    put(-3000, 1, Some("a"), Action::Pageview, "US");
    put(-2000, 1, Some("a"), Action::Pageview, "US");
    put(-3000, 2, Some("b"), Action::Pageview, "DE");
    put(-1000, 2, Some("b"), goal("signup"), "DE");
    put(-3000, 3, Some("c"), Action::Pageview, "US");
    put(-500, 3, None, goal("signup"), "US");
    put(-400, 3, None, goal("buy"), "US");
    site.pay_once(&payment(1, -300, 1, PaymentKind::New, 1000), Timestamp::from_millis(0)).unwrap();
    site.pay_once(&payment(2, -200, 1, PaymentKind::Renewal, 500), Timestamp::from_millis(0)).unwrap();
    site.pay_once(&payment(3, -100, 1, PaymentKind::Refund, 200), Timestamp::from_millis(0)).unwrap();
    let rate = |part, whole| Amount { part, whole: Some(whole) };
    let of = |change: &dyn Fn(&mut Measure), metric| {
        let mut asked = asked(metric);
        change(&mut asked);
        site.measure(&asked, at(0)).unwrap().current
    };
    for (metric, expected) in [
        (Metric::Visitors, amount(3)),
        (Metric::Sessions, amount(3)),
        (Metric::BounceRate, rate(1, 3)),
        (Metric::Goals, amount(3)),
        (Metric::Revenue, amount(1300)),
        (Metric::Payments, amount(2)),
        (Metric::ConversionRate, rate(1, 3)),
    ] {
        assert_eq!(of(&|_| (), metric), expected, "{metric:?}");
    }
    let signup = |asked: &mut Measure| asked.goal = Some("signup".to_owned());
    assert_eq!(of(&signup, Metric::Goals), amount(2));
    assert_eq!(of(&signup, Metric::ConversionRate), rate(2, 3));
    assert_eq!(of(&|asked| asked.goal = Some("nothing".to_owned()), Metric::Goals), amount(0));
    // Goals that payments complete (docs/contract/README.md#37).
    let paid = |asked: &mut Measure| asked.goal = Some("payment".to_owned());
    assert_eq!(of(&paid, Metric::Goals), amount(2));
    assert_eq!(of(&paid, Metric::ConversionRate), rate(1, 3));
    assert_eq!(of(&|asked| asked.goal = Some("free_trial".to_owned()), Metric::Goals), amount(0));
    let paid = Completions { goal: "payment".to_owned(), minutes: 5, most: 1, by_hour: false };
    let paid = site.completions(&paid, at(0)).unwrap();
    assert_eq!((paid.total, paid.times), (2, vec![NOW - 200]));
    assert_eq!(of(&|asked| asked.with_renewals = false, Metric::Revenue), amount(800));
    let american = |asked: &mut Measure| {
        asked.filters =
            vec![Filter { field: FilterField::Country, negated: false, test: Test::Is(vec!["US".to_owned()]) }];
    };
    assert_eq!(of(&american, Metric::Visitors), amount(2));
    assert_eq!(of(&american, Metric::Goals), amount(2));
    assert_eq!(of(&american, Metric::Revenue), amount(1300));
    assert_eq!(
        of(
            &|asked| {
                american(asked);
                signup(asked);
            },
            Metric::ConversionRate
        ),
        rate(1, 2)
    );
}

#[test]
fn everything_is_found_by_an_index() {
    let site = site();
    let plan = |statement: &str, parameters: &Parameters| -> String {
        let rows = site.sql.rows(&format!("EXPLAIN QUERY PLAN {statement}"), parameters.values()).unwrap();
        let detail = |mut row: Row| {
            for _ in 0..3 {
                row.next::<i64>().unwrap();
            }
            row.next::<String>().unwrap()
        };
        rows.into_iter().map(detail).collect::<Vec<_>>().join("; ")
    };
    for (rows, search) in [
        (Rows::Events, "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (Rows::Goals, "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (Rows::Sessions, "SEARCH s USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (Rows::Payments, "payments_time (time>? AND time<?)"),
    ] {
        let selection = Selection { span: Span { from: 1, to: 2 }, filters: Vec::new() };
        let mut parameters = Parameters::default();
        let source = rows.source(&site, &selection, false, &mut parameters).unwrap();
        let plan = plan(&format!("SELECT sum(1) FROM {source} AND {} BETWEEN 1 AND 2", rows.time()), &parameters);
        assert!(plan.contains(search), "{plan}");
    }
    let all = Selection { span: Span::ALL, filters: Vec::new() };
    let mut parameters = Parameters::default();
    let source = Rows::Goals.source(&site, &all, true, &mut parameters).unwrap();
    let named = format!(
        "SELECT sum(1) FROM {source} AND e.time BETWEEN 1 AND 2 AND e.name = (SELECT id FROM strings WHERE text = 'x')"
    );
    let plan = plan(&named, &parameters);
    assert!(plan.contains("events_goals (name=? AND time>? AND time<?)"), "{plan}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A replay equals the measurements at each minute; and between two measurements nothing changes before the time
    /// that the first one returns.
    #[test]
    fn a_replay_is_the_measurements_of_its_minutes(
        things in prop::collection::vec((0..40i64, 0..4u8, 0..3u8, 0..6u8), 1..25),
        metric in prop::sample::select(Metric::ALL.to_vec()),
        (window, has_base, of_goal, filtered) in (5..12i64, any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        let site = site();
        for (id, (minute, number, session, what)) in things.into_iter().enumerate() {
            let millis = (minute - 40) * MINUTE + i64::try_from(id).unwrap() * 7001 % MINUTE;
            let country = if session == 1 { "US" } else { "DE" };
            let session = format!("s{session}");
            match what {
                0..=2 => { site.append_one(&event(id, millis, number, Some(&session), Action::Pageview, country), at(0)).unwrap(); }
                3 => { site.append_one(&event(id, millis, number, Some(&session), goal("signup"), country), at(0)).unwrap(); }
                4 => { site.append_one(&event(id, millis, number, None, goal("buy"), country), at(0)).unwrap(); }
                _ => {
                    let kind = [PaymentKind::New, PaymentKind::Renewal, PaymentKind::Refund][id % 3];
                    site.pay_once(&payment(id, millis, number, kind, 100), Timestamp::from_millis(0)).unwrap();
                }
            }
        }
        let mut measure = Measure { has_base, window_ms: window * MINUTE, ..asked(metric) };
        if of_goal && metric.may_be_of_one_goal() {
            measure.goal = Some("signup".to_owned());
        }
        if filtered {
            measure.filters = vec![Filter { field: FilterField::Country, negated: false, test: Test::Is(vec!["US".to_owned()]) }];
        }
        let replayed = site.replay(&Replay { measure: measure.clone(), minutes: 45 }, at(0)).unwrap();
        let mut points = replayed.into_iter().peekable();
        let mut point = points.next().unwrap();
        prop_assert_eq!(point.at, NOW - 45 * MINUTE);
        let mut stays: Option<(i64, Measured)> = None;
        for minute in 0..=45 {
            let moment = NOW + (minute - 45) * MINUTE;
            while points.peek().is_some_and(|next| next.at <= moment) {
                point = points.next().unwrap();
            }
            let measured = site.measure(&measure, Timestamp::from_millis(moment)).unwrap();
            let replayed = (point.current, point.base, point.has_events);
            prop_assert_eq!(replayed, (measured.current, measured.base, measured.has_events), "{:?} at {}", metric, minute);
            if let Some((until, before)) = &stays
                && moment < *until
            {
                prop_assert_eq!((before.current, before.base, before.has_events), replayed);
            }
            prop_assert!(measured.changes_at.is_none_or(|at| at > moment));
            stays = Some((measured.changes_at.unwrap_or(i64::MAX), measured));
        }
    }
}

#[test]
fn completions_are_the_latest_of_the_goal() {
    let site = site();
    for id in 0..5 {
        let name = if id == 0 { "buy" } else { "signup" };
        let millis = -i64::try_from(id).unwrap() * MINUTE;
        site.append_one(&event(id, millis, 1, Some("a"), goal(name), "US"), at(0)).unwrap();
    }
    let asked = Completions { goal: "signup".to_owned(), minutes: 4, most: 2, by_hour: true };
    let found = site.completions(&asked, at(0)).unwrap();
    assert_eq!((found.total, found.times), (3, vec![NOW - 2 * MINUTE, NOW - MINUTE]));
    let hour_of = |millis: i64| millis / (60 * MINUTE);
    let hours = (1..4).fold(std::collections::BTreeMap::new(), |mut hours, ago| {
        *hours.entry(hour_of(NOW - ago * MINUTE)).or_insert(0) += 1;
        hours
    });
    assert_eq!(found.hours, hours.into_iter().collect::<Vec<_>>());
    let found = site.completions(&Completions { by_hour: false, ..asked }, at(0)).unwrap();
    assert!(found.hours.is_empty());
}

/// `CASES=… cargo test --release -- --ignored preview` prints how long the slowest preview takes.
#[test]
#[ignore = "a measurement"]
fn a_preview_of_a_hundred_thousand_events_is_quick() {
    let site = site();
    for id in 0..100_000_usize {
        let millis = -i64::try_from(id).unwrap() * 6000;
        let session = format!("s{}", id % 4000);
        let number = u8::try_from(id % 200).unwrap();
        site.append_one(&event(id, millis, number, Some(&session), Action::Pageview, "US"), at(0)).unwrap();
    }
    for metric in Metric::ALL.iter().copied() {
        for window in [5, 60, 43_200] {
            let measure = Measure { has_base: true, window_ms: window * MINUTE, ..asked(metric) };
            #[expect(clippy::disallowed_methods, reason = "it is what is measured")]
            let start = std::time::Instant::now();
            let points = site.replay(&Replay { measure: measure.clone(), minutes: 10_080 }, at(0)).unwrap();
            let replayed = start.elapsed();
            site.measure(&measure, at(0)).unwrap();
            let both = start.elapsed();
            eprintln!("{metric:?} {window}m: {replayed:?} ({} points), with measuring {both:?}", points.len());
        }
    }
}
