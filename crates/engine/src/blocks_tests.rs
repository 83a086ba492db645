//! Rows are found by their times, however they arrived, and so are those of an object of an earlier version.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::blocks::{self, Order};
use crate::memory::Memory;
use crate::parts::{EVENTS, Part, SESSIONS};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::test_website::{NOW, Website, Write, write};
use crate::totals;

/// The numbers of a part's rows whose time is in a span, from the earliest or latest on, and how many rows were read at most.
fn found(site: &Site<Memory>, part: &Part, span: Span, order: Order) -> Vec<i64> {
    let mut found = Vec::new();
    blocks::in_order(site, part, span, order, |window| {
        let mut parameters = Parameters::default();
        let (source, row) = if part.code == EVENTS.code {
            (blocks::events(site, window, &mut parameters)?, "e")
        } else {
            (blocks::sessions_begun(site, window, &mut parameters)?, "s")
        };
        let time = part.columns[0].replace("r.", &format!("{row}."));
        let (from, to) = (parameters.bind(window.from), parameters.bind(window.to));
        let direction = order.direction();
        let rows = format!(
            "SELECT {row}.id FROM {source} WHERE {time} BETWEEN {from} AND {to} ORDER BY {time} {direction}, {row}.id {direction}"
        );
        for mut row in site.sql.rows(&rows, parameters.values())? {
            found.push(row.next()?);
        }
        Ok(false)
    })
    .unwrap();
    found
}

/// The same from the table.
fn stored(site: &Site<Memory>, part: &Part, span: Span, order: Order) -> Vec<i64> {
    let (time, direction) = (part.columns[0], order.direction());
    let rows = format!(
        "SELECT r.id FROM {} r WHERE {time} BETWEEN ?1 AND ?2 ORDER BY {time} {direction}, r.id {direction}",
        part.table
    );
    let rows = site.sql.rows(&rows, &[span.from.into(), span.to.into()]).unwrap();
    rows.into_iter().map(|mut row| row.next().unwrap()).collect()
}

fn assert_all_are_found(site: &Site<Memory>, after: &dyn std::fmt::Debug) {
    let minutes = |from: i64, to: i64| Span { from: NOW + from * 60_000, to: NOW + to * 60_000 };
    for span in [Span::ALL, minutes(-9, 60), minutes(10, 20), minutes(7, 7), minutes(35, 60), minutes(50, 60)] {
        for part in [EVENTS, SESSIONS] {
            for order in [Order::Earliest, Order::Latest] {
                let (found, stored) = (found(site, &part, span, order), stored(site, &part, span, order));
                assert_eq!(found, stored, "{} of {span:?} after {after:?}", part.table);
            }
        }
    }
}

/// Turns a website's object into one of the version before blocks.
fn as_before_blocks(site: Site<Memory>) -> Site<Memory> {
    totals::settle(&site).unwrap();
    let before = [
        "DROP TABLE waiting_totals",
        "DROP TABLE new_ids",
        "DROP TABLE id_pages",
        "DROP TABLE blocks",
        "CREATE TABLE old_events (id INTEGER PRIMARY KEY, eid NOT NULL UNIQUE, time INTEGER NOT NULL, kind INTEGER NOT NULL, \
         visitor INTEGER NOT NULL, session INTEGER, owner INTEGER, page INTEGER, name INTEGER, context INTEGER, \
         referrer INTEGER, source INTEGER, source_host INTEGER, campaign INTEGER, href TEXT, data TEXT, description TEXT)",
        "INSERT INTO old_events SELECT id, eid, time, kind, visitor, session, owner, page, name, context, referrer, source, \
         source_host, campaign, href, data, description FROM events",
        "DROP TABLE events",
        "ALTER TABLE old_events RENAME TO events",
        "CREATE INDEX events_visitor ON events (visitor, time, kind, page, name)",
        "CREATE INDEX events_goals ON events (name, time, visitor) WHERE kind = 1",
        "CREATE INDEX events_links ON events (name, time, visitor) WHERE kind = 4",
        "CREATE TRIGGER events_removed AFTER DELETE ON events \
         WHEN old.id <= (SELECT last FROM segments WHERE part = 0 ORDER BY number DESC LIMIT 1) BEGIN \
         INSERT OR IGNORE INTO changed_rows (part, id) VALUES (0, old.id); END",
        "CREATE INDEX sessions_started ON sessions (started)",
        "CREATE INDEX events_time ON events (time)",
        "CREATE INDEX events_pageviews ON events (page, time, visitor, session) WHERE kind = 0",
        "DROP TABLE told",
        "DROP TABLE told_links",
        "DROP TABLE retakes",
        "DROP TABLE complete_subjects",
        "DROP TABLE removed_payments",
        "DROP TABLE removed_names",
        "DROP TABLE payers",
        "DROP TABLE waiting_goals",
        "DROP TABLE provider_links",
        "DROP TABLE dropped",
        "DROP TABLE reached_goals",
        "DROP TABLE erased_payers",
        "DROP INDEX visitors_identified",
        "DROP TABLE seen_subscriptions",
        "DROP TABLE placed_payments",
        "DROP TABLE displaced_payments",
        "DROP TABLE placed_goals",
        "DROP TRIGGER attempt_counted",
        "DROP TRIGGER missed_counted",
        "DROP TRIGGER missed_later_counted",
        "DROP TRIGGER delivery_hours_with_webhooks",
        "DROP TABLE delivery_hours",
        "DROP TABLE crawls",
        "DROP TABLE crawled_pages",
        "DROP TABLE crawl_months",
        "DROP TABLE bots",
        "ALTER TABLE payments DROP COLUMN provider",
        "ALTER TABLE payments DROP COLUMN origin",
        "ALTER TABLE payments DROP COLUMN refund_of",
        "ALTER TABLE payments DROP COLUMN subscription",
        "ALTER TABLE payments DROP COLUMN tax",
        "ALTER TABLE payments DROP COLUMN claimed",
        "ALTER TABLE payments DROP COLUMN attributed",
        "UPDATE meta SET value = 14 WHERE key = 'version'",
    ];
    for statement in before {
        site.sql.run(statement, &[]).unwrap();
    }
    Site::open(site.sql, || Ok([7; 32])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_any_span_are_found_after_every_kind_of_write(writes in prop::collection::vec(write(), 1..60)) {
        let mut website = Website::new();
        for write in &writes {
            website.write(write);
            website.site.fold().unwrap();
            assert_all_are_found(&website.site, write);
        }
    }

    #[test]
    fn an_object_of_an_earlier_version_answers_the_same_in_the_middle_of_its_migration(
        writes in prop::collection::vec(write(), 60..90), more in prop::collection::vec(write(), 1..30), takes in 0..5_usize,
    ) {
        let (mut website, mut old) = (Website::new(), Website::new());
        for write in &writes {
            website.write(write);
            old.write(write);
        }
        // More than what is done at once.
        for number in 0..200 {
            let write = Write::Event { of: 3, session: 2, minute: number % 40, variant: 0, is_goal: false };
            website.write(&write);
            old.write(&write);
        }
        website.site.fold().unwrap();
        old.site.fold().unwrap();
        old.site = as_before_blocks(old.site);
        prop_assert!(old.site.has_time_indexes());
        for (number, write) in more.iter().enumerate() {
            if number % 5 == takes {
                old.site.block_on().unwrap();
            }
            website.write(write);
            old.write(write);
            for call in reports() {
                prop_assert_eq!(old.ask(&call), website.ask(&call), "{} after {:?}", call, write);
            }
        }
        while old.site.block_on().unwrap() {}
        prop_assert!(!old.site.has_time_indexes());
        old.site.fold().unwrap();
        assert_all_are_found(&old.site, &"the migration");
        for call in reports() {
            prop_assert_eq!(old.ask(&call), website.ask(&call), "{}", call);
        }
    }
}

/// A report of each kind that reads rows by time.
fn reports() -> Vec<Json> {
    let span = json!({ "from": NOW + 10 * 60_000, "to": NOW + 25 * 60_000 });
    let filter = |field: &str, negated: bool, test: Json| json!({ "field": field, "negated": negated, "test": test });
    let pages =
        vec![filter("page", false, json!({ "Is": ["/1", "/0"] })), filter("page", true, json!({ "Contains": ["/3"] }))];
    let mut calls = vec![
        json!({ "Export": { "after": { "event": [i64::MIN >> 12, 0], "payment": [i64::MIN >> 12, 0] }, "limit": 1_000 } }),
    ];
    for filters in [vec![], pages] {
        let selection = json!({ "span": span, "filters": filters });
        let overview = json!({ "selection": selection, "zone": "UTC", "with_renewals": true, "pageviews": true, "newcomers": true });
        let buckets: Vec<_> =
            (10..25).map(|at| json!({ "from": NOW + at * 60_000, "to": NOW + (at + 1) * 60_000 - 1 })).collect();
        let needs = json!({ "visitors": true, "sessions": true, "money": true, "pageviews": true, "newcomers": true });
        calls.extend([
            json!({ "Overview": overview }),
            json!({ "Timeseries": { "overview": overview, "buckets": buckets, "needs": needs } }),
            json!({ "VisitorList": { "selection": selection, "zone": "UTC", "completed_goals": [], "limit": 10, "offset": 0 } }),
        ]);
        for by in ["Page", "Country", "Hostname"] {
            calls.push(
                json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": 10, "offset": 0 } }),
            );
        }
    }
    calls
}

#[test]
fn one_late_row_does_not_make_others_read() {
    let mut website = Website::new();
    let event = |minute: i64| Write::Event { of: 1, session: 0, minute, variant: 1, is_goal: false };
    for minute in 100..400 {
        website.write(&event(if minute % 4 == 0 { minute - 100 } else { minute }));
    }
    website.site.fold().unwrap();
    let span = Span { from: NOW + 150 * 60_000, to: NOW + 152 * 60_000 };
    let mut parameters = Parameters::default();
    let events = blocks::events(&website.site, span, &mut parameters).unwrap();
    let read: i64 =
        website.site.sql.one(&format!("SELECT count(*) FROM {events}"), parameters.values()).unwrap().next().unwrap();
    assert!((4..=16).contains(&read), "{read} events");
}

#[test]
fn rows_that_take_the_numbers_of_erased_ones_are_found() {
    let mut website = Website::new();
    let event = |of: u8, minute: i64| Write::Event { of, session: 0, minute, variant: 1, is_goal: false };
    let before = (0..10).map(|minute| event(1, minute)).chain((10..20).map(|minute| event(2, minute)));
    let after = (20..30).map(|minute| event(1, minute));
    for write in before.chain([Write::Erase(2), Write::Restart]).chain(after) {
        website.write(&write);
        website.site.fold().unwrap();
        assert_all_are_found(&website.site, &write);
    }
}
