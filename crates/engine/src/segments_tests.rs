//! Columns against the rows that they are a second form of.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::column::Column;
use crate::dimensions::session_columns;
use crate::memory::Memory;
use crate::segments::{EVENTS, Part, Reach, SESSIONS, are_ready, of_dimension, scan};
use crate::site::Site;
use crate::sql::Sql;
use crate::test_website::{NOW, Website, Write, write};

/// The rows of a part, each with its number, as a scan gives them.
fn scanned(site: &Site<Memory>, part: &Part) -> Vec<Vec<i64>> {
    let all: Vec<usize> = (0..part.columns.len()).collect();
    let mut rows = Vec::new();
    scan(site, part, &all, &Reach::all(), |chunk| {
        for at in 0..chunk.rows() {
            let row: Vec<i64> = all.iter().map(|column| chunk.columns([*column]).unwrap()[0].get(at)).collect();
            // A hole.
            if row[2] != 0 {
                rows.push(std::iter::once(chunk.id(at)).chain(row).collect());
            }
        }
        Ok(())
    })
    .unwrap();
    rows
}

/// The same from the table.
fn stored(site: &Site<Memory>, part: &Part) -> Vec<Vec<i64>> {
    let columns = part.columns.join(", ");
    let rows = site.sql.rows(&format!("SELECT r.id, {columns} FROM {} r ORDER BY r.id", part.table), &[]).unwrap();
    rows.into_iter().map(|mut row| (0..=part.columns.len()).map(|_| row.next().unwrap()).collect()).collect()
}

/// Reports that read columns, each twice: the second time with a filter that every session passes and of which columns do not
/// tell, so that it reads the rows.
fn reports() -> Vec<[Json; 2]> {
    let filter = |field: &str, negated: bool, test: Json| json!({ "field": field, "negated": negated, "test": test });
    let passed = filter("visit_count", false, json!({ "AtLeast": 0 }));
    let filters = [
        vec![],
        vec![filter("country", false, json!({ "Is": ["france", "Germany"] }))],
        vec![filter("referrer", true, json!({ "Is": ["source 1", "Direct/None"] }))],
        vec![filter("page", false, json!({ "Is": ["/1", "/2"] })), filter("page", true, json!({ "Contains": ["/3"] }))],
        vec![
            filter("entry_page", true, json!({ "Contains": ["/0"] })),
            filter("hostname", false, json!({ "Is": ["example.com"] })),
        ],
        vec![
            filter("goal", false, json!({ "Is": ["signup", "payment"] })),
            filter("utm_source", true, json!({ "Is": ["campaign 2"] })),
        ],
        vec![filter("customer", false, json!("Holds")), filter("browser", false, json!({ "Is": ["browser 1"] }))],
    ];
    let spans = [
        (-(1_i64 << 52), 1_i64 << 52),
        (NOW + 10 * 60_000, NOW + 20 * 60_000),
        (NOW + 15 * 60_000 + 1, NOW + 15 * 60_000 + 1),
    ];
    let page = |path: &str| json!({ "Page": { "hostname": null, "path": path, "is_prefix": path == "/" } });
    let mut reports = Vec::new();
    for filters in &filters {
        for (from, to) in spans {
            let twice = |call: &dyn Fn(Json) -> Json| {
                let with = |filters: Vec<Json>| call(json!({ "span": { "from": from, "to": to }, "filters": filters }));
                let more = filters.iter().chain([&passed]).cloned().collect();
                // Money without a session has no place among filters.
                [with(filters.clone()), with(more)]
            };
            if !filters.is_empty() {
                reports.push(twice(&|selection| {
                    json!({ "Overview": { "selection": selection, "zone": "UTC", "with_renewals": true, "pageviews": true, "newcomers": true } })
                }));
                let minutes = |length: i64| -> Vec<Json> {
                    let starts = (0..40 / length).map(|number| NOW + number * length * 60_000);
                    starts.map(|start| json!({ "from": start, "to": start + length * 60_000 - 1 })).collect()
                };
                for length in [3, 20] {
                    reports.push(twice(&|selection| {
                        let needs = json!({ "visitors": true, "sessions": true, "money": true, "pageviews": true, "newcomers": true });
                        let overview = json!({ "selection": selection, "zone": "UTC", "with_renewals": false });
                        json!({ "Timeseries": { "overview": overview, "buckets": minutes(length), "needs": needs } })
                    }));
                }
                for steps in [
                    vec![page("/"), page("/1"), page("/2")],
                    vec![page("/0"), json!({ "Goal": "signup" }), page("/")],
                    vec![page("/"), json!({ "Goal": "payment" }), page("/")],
                ] {
                    reports.push(twice(
                        &|selection| json!({ "FunnelReport": { "selection": selection, "steps": steps } }),
                    ));
                }
            }
            for by in ["Country", "Referrer", "Campaign", "Page", "Hostname"] {
                reports.push(twice(&|selection| {
                    json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": 10, "offset": 0 } })
                }));
            }
        }
    }
    reports
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_are_the_rows_after_every_kind_of_write(
        writes in prop::collection::vec(write(), 1..60), rows in 1..6_i64,
    ) {
        let mut website = Website::new();
        website.cut_every = Some(rows);
        for write in &writes {
            website.write(write);
            website.site.fold().unwrap();
            for part in [EVENTS, SESSIONS] {
                prop_assert_eq!(scanned(&website.site, &part), stored(&website.site, &part), "{} after {:?}", part.table, write);
            }
        }
    }

    #[test]
    fn reports_of_columns_are_those_of_the_rows(
        writes in prop::collection::vec(write(), 20..80), more in prop::collection::vec(write(), 0..6), rows in 1..6_i64,
    ) {
        let mut website = Website::new();
        for write in &writes {
            website.write(write);
        }
        website.cut_every = Some(rows);
        website.write(&Write::Read);
        for write in &more {
            website.write(write);
        }
        website.site.fold().unwrap();
        if !are_ready(&website.site).unwrap() {
            return Ok(());
        }
        for [of_columns, of_rows] in reports() {
            prop_assert_eq!(website.ask(&of_columns), website.ask(&of_rows), "{}", of_columns);
        }
    }
}

/// A number that was given to a row is in a segment, and is not given to another.
#[test]
fn the_numbers_of_rows_that_are_gone_stay_theirs() {
    let mut website = Website::new();
    for minute in 0..8 {
        website.write(&Write::Event { of: 1, session: 0, minute, variant: 1, is_goal: false });
    }
    website.site.fold().unwrap();
    website.site.cut_every(4).unwrap();
    website.write(&Write::Forget(1_000));
    // As an object that starts anew.
    website.site.caches.take();
    website.site.cut_every(4).unwrap();
    website.write(&Write::Event { of: 2, session: 0, minute: 0, variant: 1, is_goal: false });
    website.site.fold().unwrap();
    let events = scanned(&website.site, &EVENTS);
    assert_eq!((events.len(), events[0][0]), (1, 9));
}

/// The numbers of an erased visitor's events are in no blob either.
#[test]
fn nothing_of_a_row_that_is_gone_stays_in_a_segment() {
    let mut website = Website::new();
    for minute in 0..12 {
        let of = u8::try_from(minute % 3).unwrap();
        website.write(&Write::Event { of, session: 0, minute, variant: 1, is_goal: false });
    }
    website.site.fold().unwrap();
    website.site.cut_every(2).unwrap();
    let gone: i64 =
        website.site.sql.one("SELECT id FROM visitors ORDER BY id DESC LIMIT 1", &[]).unwrap().next().unwrap();
    let has_gone = |website: &Website| {
        let blobs = website.site.sql.rows("SELECT id, data FROM segment_columns", &[]).unwrap();
        blobs.into_iter().any(|mut row| {
            let (id, blob): (i64, Vec<u8>) = (row.next().unwrap(), row.next().unwrap());
            let column = Column::parse(blob, 2).unwrap();
            id >> 32 & 0xffff == 2 && (column.get(0) == gone || column.get(1) == gone)
        })
    };
    assert!(has_gone(&website));
    let visitor: Vec<u8> =
        website.site.sql.one("SELECT uid FROM visitors WHERE id = ?1", &[gone.into()]).unwrap().next().unwrap();
    let of = (0..3).find(|of| crate::test_website::visitor(*of).as_bytes().to_vec() == visitor).unwrap();
    website.write(&Write::Erase(of));
    assert!(website.site.has_uncut());
    while website.site.cut_on().unwrap() {}
    assert!(!has_gone(&website));
}

/// A new dimension gets a column.
#[test]
fn every_dimension_of_sessions_has_its_column() {
    for column in session_columns() {
        let at = of_dimension(column).unwrap_or_else(|| panic!("no column for {column}"));
        assert!(SESSIONS.columns[at].contains(&format!("r.{column}, -1) + 1")), "{column}");
    }
}
