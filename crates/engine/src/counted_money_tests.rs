//! Money of all time by value of a dimension, against the payments themselves, after every kind of write.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::site::COUNTED_AT_ONCE;
use crate::sql::Sql;
use crate::test_website::{Website, Write, write};

const DIMENSIONS: [&str; 10] =
    ["Hostname", "Referrer", "Country", "Region", "City", "Device", "Browser", "OperatingSystem", "Campaign", "Page"];

impl Website {
    fn breakdown(&self, by: &str, filters: &Json) -> Json {
        let selection = json!({ "span": { "from": -(1_i64 << 52), "to": 1_i64 << 52 }, "filters": filters });
        self.ask(
            &json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": 100, "offset": 0 } }),
        )
    }

    /// Compares each breakdown of all time with the one that reads the sessions and payments, because of a filter that
    /// every session passes.
    fn check(&self) -> Result<(), TestCaseError> {
        let passed = json!([{ "field": "visit_count", "negated": false, "test": { "AtLeast": 0 } }]);
        for by in DIMENSIONS {
            prop_assert_eq!(self.breakdown(by, &json!([])), self.breakdown(by, &passed), "{}", by);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_of_all_time_is_that_of_the_payments_after_every_kind_of_write(writes in prop::collection::vec(write(), 1..40)) {
        let mut website = Website::new();
        for write in &writes {
            website.write(write);
            if matches!(write, Write::Forget(_) | Write::DeleteGoals(_)) {
                website.check()?;
            }
        }
        website.check()?;
        prop_assert!(!website.site.has_uncounted(), "few visitors are counted at once");
        website.write(&Write::Event { of: 0, session: 0, minute: 0, variant: 3, is_goal: false });
        website.check()?;
    }
}

/// An object of an earlier version, or after an import, has more payments than a report counts.
#[test]
fn until_the_payments_of_many_visitors_are_counted_reports_read_them() {
    let mut website = Website::new();
    let many = u8::try_from(COUNTED_AT_ONCE + 50).unwrap();
    let lines = |of: u8| {
        let event = Write::Event { of, session: 0, minute: 0, variant: of % 4, is_goal: false };
        [event, Write::Payment { of: Some(of), minute: 1, transaction: of, kind: "New", amount: 100 }]
    };
    website.write(&Write::Import((0..many).flat_map(lines).collect()));
    let uncounted = |website: &Website| -> i64 {
        website.site.sql().one("SELECT count(*) FROM uncounted_money", &[]).unwrap().next().unwrap()
    };
    assert_eq!(uncounted(&website), i64::from(many));
    let first = website.breakdown("Page", &json!([]));
    assert_eq!(first["rows"][0]["money"]["new"], json!(100 * (i64::from(many) / 4 + 1)));
    assert_eq!((uncounted(&website), website.site.has_uncounted()), (i64::from(many) - COUNTED_AT_ONCE, true));
    assert!(!website.site.count_money_on().unwrap(), "the rest fits a step");
    assert_eq!((uncounted(&website), website.site.has_uncounted()), (0, false));
    assert_eq!(website.breakdown("Page", &json!([])), first);
    website.check().unwrap();
}

/// What an erased visitor had added is taken out with the visitor.
#[test]
fn no_sum_of_an_erased_visitor_stays() {
    let mut website = Website::new();
    website.write(&Write::Event { of: 1, session: 0, minute: 0, variant: 1, is_goal: false });
    website.write(&Write::Payment { of: Some(1), minute: 1, transaction: 1, kind: "New", amount: 100 });
    website.breakdown("Page", &json!([]));
    let sums = |website: &Website| -> (i64, i64) {
        let sums = "SELECT (SELECT count(*) FROM counted_money), (SELECT sum(new) FROM totals)";
        let mut row = website.site.sql().one(sums, &[]).unwrap();
        (row.next().unwrap(), row.next().unwrap())
    };
    assert!(sums(&website).0 == 1 && sums(&website).1 > 0);
    website.write(&Write::Erase(1));
    assert_eq!(sums(&website), (0, 0));
}
