//! What waits for `totals` against the rows.

use crate::memory::Memory;
use crate::site::Site;
use crate::sql::Sql;
use crate::test_website::{Website, Write};
use crate::totals::{DROPPED_FROM, MOST_ROWS, settle};

/// The totals of pages and countries, and the same from the rows.
fn totals(site: &Site<Memory>) -> [Vec<(i64, i64, i64)>; 2] {
    let read = |statement: &str| -> Vec<_> {
        let rows = site.sql().rows(statement, &[]).unwrap().into_iter();
        rows.map(|mut row| (row.next().unwrap(), row.next().unwrap(), row.next().unwrap())).collect()
    };
    let counted =
        "SELECT dimension, key, visitors FROM totals WHERE dimension IN (3, 10) AND visitors <> 0 ORDER BY 1, 2";
    let rows = "SELECT 3, country, count(DISTINCT visitor) FROM sessions WHERE country IS NOT NULL GROUP BY 2 UNION ALL \
                SELECT 10, page, count(DISTINCT visitor) FROM events WHERE kind = 0 GROUP BY 2 ORDER BY 1, 2";
    [read(counted), read(rows)]
}

#[test]
fn what_waits_is_bounded_and_added_exactly_once_whenever_an_object_starts_anew() {
    let mut website = Website::new();
    let mut most = 0;
    for number in 0..2 * MOST_ROWS {
        let of = u8::try_from(number % 200).unwrap();
        let variant = u8::try_from(number % 4).unwrap();
        website.write(&Write::Event { of, session: variant, minute: number % 40, variant, is_goal: false });
        website.site.fold().unwrap();
        if number % 7 == 0 {
            website.site.caches.take();
        }
        if number % 50 == 49 {
            website.write(&Write::Erase(of));
        }
        let waiting: i64 = website.site.sql().one("SELECT count(*) FROM waiting_totals", &[]).unwrap().next().unwrap();
        most = most.max(waiting);
    }
    assert!((DROPPED_FROM..MOST_ROWS).contains(&most), "{most} rows");
    settle(&website.site).unwrap();
    settle(&website.site).unwrap();
    let [counted, rows] = totals(&website.site);
    assert_eq!(counted, rows);
    assert!(rows.len() > 4);
}
