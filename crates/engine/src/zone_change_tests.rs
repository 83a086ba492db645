//! A change of the time zone, in slices, while events come in and go.

use proptest::prelude::*;
use serde_json::json;
use sluice_values::{TimeZone, Timestamp};

use crate::Site;
use crate::delete::GoalDeletion;
use crate::erasure::VisitorErasure;
use crate::event::Event;
use crate::memory::Memory;
use crate::reports::overview::{Overview, Totals};
use crate::selection::{Filter, FilterField, Selection, Span, Test};
use crate::sql::{Sql, Value};
use crate::zone_change::{SLICE, go_on_by, want_at_once_below};

/// 2026-03-28T00:00:00Z: on the next day, clocks change in Europe.
const NOW: i64 = 1_774_656_000_000;
const HOUR: i64 = 3_600_000;

const ZONES: [&str; 4] = ["UTC", "Europe/Paris", "Pacific/Kiritimati", "America/St_Johns"];

fn open() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

fn event(number: i64, visitor: u8, session: Option<u8>, hour: i64) -> Event {
    let action = match number % 4 {
        0 | 1 if session.is_some() => json!("Pageview"),
        _ => json!({ "Goal": { "name": format!("g{}", number % 2), "properties": {}, "description": null } }),
    };
    serde_json::from_value(json!({
        "id": format!("e{number}"), "time": Timestamp::from_millis(NOW + hour * HOUR).to_string(),
        "sender": { "Visitor": format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{visitor:02}") },
        "session": session.map(|session| format!("s{session}")), "action": action,
        "page": { "path": "/", "hostname": "example.com" },
        "href": null, "referrer": null, "source": null, "campaign": ["", "", "", "", "", "", "", ""], "context": {},
    }))
    .unwrap()
}

fn append(site: &Site<Memory>, event: &Event) {
    site.append_one(event, event.time).unwrap();
}

/// The totals of whole days in a zone. Filters that every session passes keep reports from reading the rollups.
fn totals(site: &Site<Memory>, zone: &str, days: (i64, i64), filters: &[Filter]) -> Totals {
    let zone: TimeZone = zone.parse().unwrap();
    let start = |day: i64| {
        let date = jiff::civil::date(2026, 3, 28).checked_add(jiff::Span::new().days(day)).unwrap();
        date.to_zoned(zone.rules()).unwrap().timestamp().as_millisecond()
    };
    let selection =
        Selection { span: Span { from: start(days.0), to: start(days.1 + 1) - 1 }, filters: filters.to_vec() };
    site.overview(&Overview { selection, zone, with_renewals: true, pageviews: true, newcomers: true }).unwrap()
}

fn every_session() -> [Filter; 1] {
    [Filter { field: FilterField::VisitCount, negated: false, test: Test::AtLeast(0) }]
}

fn assert_reports_are_exact(site: &Site<Memory>, zone: &str) {
    for days in [(-4, 6), (0, 0), (1, 2)] {
        let counted = totals(site, zone, days, &every_session());
        assert_eq!(totals(site, zone, days, &[]), counted, "days {days:?} in {zone}");
    }
}

/// The rollups of days, without rows of zeros.
fn rollups(site: &Site<Memory>) -> Vec<Vec<Value>> {
    let rows = [
        "SELECT day, pageviews, visitors, sessions, bounces, duration FROM days \
         WHERE visitors OR sessions OR bounces OR duration OR pageviews ORDER BY 1",
        "SELECT visitor, day, 0, 0, 0, 0 FROM visitor_days ORDER BY 1, 2",
        "SELECT day, previous, visitors, 0, 0, 0 FROM day_pairs WHERE visitors ORDER BY 1, 2",
    ];
    let rows = rows.iter().flat_map(|rows| site.sql().rows(rows, &[]).unwrap());
    rows.map(|mut row| (0..6).map(|_| row.next().unwrap()).collect()).collect()
}

fn begin(site: &Site<Memory>, zone: &str) {
    want_at_once_below(site, &zone.parse().unwrap(), -1).unwrap();
}

#[derive(Debug, Clone)]
enum Step {
    Append { visitor: u8, session: Option<u8>, hour: i64 },
    Delete { visitor: u8, name: u8 },
    Erase { visitor: u8 },
    Slice(i64),
    Begin(usize),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = (0..4_u8, prop::option::weighted(0.8, 0..3_u8), -60..100_i64)
        .prop_map(|(visitor, session, hour)| Step::Append { visitor, session, hour });
    let delete = (0..4_u8, 0..2_u8).prop_map(|(visitor, name)| Step::Delete { visitor, name });
    let step = prop_oneof![
        8 => append,
        1 => delete,
        1 => (0..4_u8).prop_map(|visitor| Step::Erase { visitor }),
        6 => (1..4_i64).prop_map(Step::Slice),
        1 => (0..ZONES.len()).prop_map(Step::Begin),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #[test]
    fn rollups_that_are_built_in_slices_while_events_come_and_go_are_those_built_at_once(steps in steps()) {
        let (site, mut zone) = (open(), "UTC");
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Append { visitor, session, hour } => {
                    append(&site, &event(i64::try_from(number).unwrap(), visitor, session, hour));
                }
                Step::Delete { visitor, name } => {
                    let visitor = format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{visitor:02}").parse().unwrap();
                    let which = GoalDeletion { visitor: Some(visitor), name: Some(format!("g{name}")), span: None, only_counts: false };
                    site.delete_goals(&which, Timestamp::from_millis(NOW)).unwrap();
                }
                Step::Erase { visitor } => {
                    let visitor = format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{visitor:02}").parse().unwrap();
                    site.erase(&VisitorErasure::of(visitor), Timestamp::from_millis(NOW)).unwrap();
                }
                Step::Slice(rows) => drop(go_on_by(&site, rows).unwrap()),
                Step::Begin(at) => {
                    zone = ZONES[at];
                    begin(&site, zone);
                }
                // The instance is gone, with all that it had in memory.
                Step::Restart => drop(site.caches.replace(crate::site::Caches::default())),
            }
        }
        while !go_on_by(&site, 2).unwrap() {}
        let rollups_are_in = crate::zone::zone(&site).unwrap();
        prop_assert_eq!(rollups_are_in.iana_name(), Some(zone));
        let built = rollups(&site);
        site.rebuild().unwrap();
        prop_assert_eq!(built, rollups(&site));
        assert_reports_are_exact(&site, zone);
    }
}

/// A website with more events than are converted at once: `count` of them, of many visitors over many days.
fn large(count: i64) -> Site<Memory> {
    let site = open();
    for number in 0..count {
        let visitor = u8::try_from(number % 90).unwrap();
        append(&site, &event(number, visitor, Some(u8::try_from(number / 90 % 200).unwrap()), number % 2_000 - 900));
    }
    site
}

#[test]
fn no_report_waits_for_a_change_of_the_zone_and_each_is_exact_during_it() {
    let site = large(SLICE + 500);
    let mut slices = 0;
    loop {
        assert_reports_are_exact(&site, "Pacific/Kiritimati");
        // A report begins the change, and does no part of it.
        assert!(slices > 0 || site.is_changing_zone());
        site.change_zone_on().unwrap();
        slices += 1;
        assert!(slices < 100, "events that come in do not hold it up");
        // An event may come at any time.
        append(&site, &event(1_000_000 + slices, 7, Some(1), slices * 5));
        if !site.is_changing_zone() {
            break;
        }
    }
    assert!(slices > 4, "{slices}");
    assert_eq!(crate::zone::zone(&site).unwrap().iana_name(), Some("Pacific/Kiritimati"));
    assert_reports_are_exact(&site, "Pacific/Kiritimati");
    let built = rollups(&site);
    site.rebuild().unwrap();
    assert_eq!(built, rollups(&site));
}

#[test]
fn a_slice_of_a_change_takes_a_bounded_number_of_steps_whatever_the_history() {
    let most = |events: i64| {
        let site = large(events);
        begin(&site, "Europe/Paris");
        let mut most = 0;
        loop {
            site.sql().steps.set(0);
            let is_done = go_on_by(&site, 200).unwrap();
            most = most.max(site.sql().steps.get());
            if is_done {
                return most;
            }
        }
    };
    let (few, many) = (most(SLICE + 1), most(4 * SLICE));
    assert!(many < 2 * few, "{few} {many}");
}

#[test]
fn a_change_that_is_taken_back_leaves_the_rollups_as_they_were() {
    let site = large(SLICE + 500);
    let before = rollups(&site);
    begin(&site, "Europe/Paris");
    for _ in 0..3 {
        site.change_zone_on().unwrap();
    }
    begin(&site, "UTC");
    while site.is_changing_zone() {
        site.change_zone_on().unwrap();
    }
    assert_eq!(rollups(&site), before);
    assert_reports_are_exact(&site, "UTC");
}
