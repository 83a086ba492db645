//! Several shards against one object with the same events: every call has the same answer.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::test_website::{NOW, Website, Write, visitor, write_or_told};

/// Every report, with and without filters, and pages of each list.
fn reports() -> Vec<Json> {
    let filter = |field: &str, negated: bool, test: Json| json!({ "field": field, "negated": negated, "test": test });
    let filters = [
        vec![],
        vec![filter("country", false, json!({ "Is": ["france", "Germany"] }))],
        vec![
            filter("goal", false, json!({ "Is": ["signup", "payment"] })),
            filter("referrer", true, json!({ "Is": ["source 1"] })),
        ],
        vec![filter("customer", false, json!("Holds"))],
    ];
    let spans = [(-(1_i64 << 52), 1_i64 << 52), (NOW + 10 * 60_000, NOW + 20 * 60_000), (NOW, NOW + 86_400_000 - 1)];
    let page = |path: &str| json!({ "Page": { "hostname": null, "path": path, "is_prefix": path == "/" } });
    let mut reports = vec![
        json!({ "TrackedGoals": {} }),
        json!({ "HasGoal": { "name": "signup" } }),
        json!({ "HasGoal": { "name": "payment" } }),
        json!({ "Completions": { "goal": "signup", "minutes": 2_000, "most": 3, "by_hour": true } }),
    ];
    reports.extend((0..4).map(|of| json!({ "VisitorQuery": { "visitor": visitor(of) } })));
    for metric in ["visitors", "sessions", "goals", "revenue", "payments", "bounce_rate", "conversion_rate"] {
        for goal in [None, Some("signup")].into_iter().take(if metric == "conversion_rate" { 2 } else { 1 }) {
            let measure = json!({ "metric": metric, "goal": goal, "filters": [], "window_ms": 86_400_000 - 10 * 60_000, "has_base": true, "with_renewals": true });
            reports.push(json!({ "Measure": measure }));
            reports.push(json!({ "Replay": { "measure": measure, "minutes": 1_500 } }));
        }
    }
    let all = spans.map(|(from, to)| json!({ "from": from, "to": to }));
    reports.push(json!({ "Glance": { "zone": "UTC", "with_renewals": true, "spans": all, "days": all } }));
    let pages = [(100, 0), (2, 0), (2, 1), (3, 9)];
    for filters in &filters {
        for (from, to) in spans {
            let selection = json!({ "span": { "from": from, "to": to }, "filters": filters });
            let overview = json!({ "selection": selection, "zone": "UTC", "with_renewals": true, "pageviews": true, "newcomers": true });
            reports.push(json!({ "Overview": overview }));
            let buckets: Vec<Json> =
                (0..4).map(|at| json!({ "from": NOW + at * 600_000, "to": NOW + (at + 1) * 600_000 - 1 })).collect();
            let needs =
                json!({ "visitors": true, "sessions": true, "money": true, "pageviews": true, "newcomers": true });
            reports.push(json!({ "Timeseries": { "overview": overview, "buckets": buckets, "needs": needs } }));
            for steps in [
                vec![page("/"), page("/1")],
                vec![page("/0"), json!({ "Goal": "signup" }), json!({ "Goal": "payment" })],
            ] {
                reports.push(json!({ "FunnelReport": { "selection": selection, "steps": steps } }));
            }
            for (limit, offset) in pages {
                for by in ["Country", "Campaign", "Page", "Hostname"] {
                    reports.push(json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": limit, "offset": offset } }));
                }
                reports.push(json!({ "Breakdown": { "selection": selection, "by": { "CampaignKeys": [0, 1] }, "limit": limit, "offset": offset } }));
                reports.push(json!({ "GoalReport": { "selection": selection, "of_links": false, "limit": limit, "offset": offset } }));
                reports.push(json!({ "GoalProperties": { "goal": "signup", "property": null, "span": selection["span"], "limit": limit, "offset": offset } }));
                for goals in [vec![], vec!["signup", "payment"]] {
                    reports.push(json!({ "VisitorList": { "selection": selection, "zone": "UTC", "completed_goals": goals, "limit": limit, "offset": offset } }));
                }
            }
        }
    }
    reports
}

/// Hints of different visitors are never of one moment, where the order of arrival decides.
fn apart(write: Write) -> Write {
    match write {
        Write::Hint { of, minute, transaction } => {
            Write::Hint { of, minute: minute - minute % 4 + i64::from(of), transaction }
        }
        Write::Address { of, minute, address, is_hint } => {
            Write::Address { of, minute: minute - minute % 4 + i64::from(of), address, is_hint }
        }
        Write::Import(items) => Write::Import(items.into_iter().map(apart).collect()),
        other => other,
    }
}

/// What may be too early, but never too late.
fn without_next_change(mut answer: Json) -> Json {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("changes_at");
    }
    answer
}

/// A part of a refund counts, and the currency has changed since it was told: each step rounds.
#[test]
fn a_refund_that_counts_in_part_is_worth_the_same_in_a_new_currency() {
    let told = |amount| Write::Told {
        provider: "stripe",
        transaction: 2,
        kind: "refund",
        of: None,
        minute: 0,
        amount,
        address: None,
        subscription: None,
        has_goal: false,
    };
    let payment = Write::Payment { of: None, minute: 0, transaction: 2, kind: "New", amount: 215 };
    for amount in 450..470 {
        let (mut one, mut several) = (Website::new(), Website::of_shards(2));
        for write in [&Write::Currency("EUR"), &told(amount), &Write::Currency("USD"), &payment] {
            one.write(write);
            several.write(write);
        }
        several.finish();
        one.finish();
        assert_eq!(several.rows(), one.rows(), "a refund of {amount}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("CASES").map_or(16, |cases| cases.parse().unwrap()), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_shards_answer_as_one_object_after_every_kind_of_write(
        writes in prop::collection::vec(write_or_told().prop_map(apart), 1..60), count in prop::sample::select(vec![2, 7]), rows in 1..6_i64,
    ) {
        let (mut one, mut several) = (Website::new(), Website::of_shards(count));
        one.cut_every = Some(rows);
        several.cut_every = Some(rows);
        for write in &writes {
            one.write(write);
            several.write(write);
        }
        several.finish();
        one.finish();
        prop_assert_eq!(several.rows(), one.rows(), "{} shards after {:?}", count, writes);
        for report in reports() {
            prop_assert_eq!(
                without_next_change(several.ask(&report)), without_next_change(one.ask(&report)),
                "{} of {} shards after {:?}", report, count, writes
            );
        }
    }

    /// Whatever a shard is asked may fail, or its answer be lost, also while a payment moves from one to another.
    #[test]
    fn what_fails_between_shards_and_is_sent_again_is_stored_once(
        writes in prop::collection::vec((write_or_told().prop_map(apart), prop::option::of(0..9_u32)), 1..40),
        count in prop::sample::select(vec![2, 7]),
    ) {
        let (mut one, mut several) = (Website::new(), Website::of_shards(count));
        for (write, fails_after) in &writes {
            one.write(write);
            several.fails_after.set(*fails_after);
            several.write(write);
        }
        several.fails_after.set(None);
        // The home's alarm finishes what has begun.
        several.finish();
        one.finish();
        prop_assert_eq!(several.rows(), one.rows(), "{} shards after {:?}", count, writes);
        for report in reports().iter().step_by(5) {
            prop_assert_eq!(
                without_next_change(several.ask(report)), without_next_change(one.ask(report)),
                "{} of {} shards after {:?}", report, count, writes
            );
        }
    }
}
