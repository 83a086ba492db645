//! What filters cost: they look up sets, so their cost follows what they find, and not the history.

use proptest::prelude::*;
use serde_json::json;
use sluice_values::Timestamp;

use crate::Site;
use crate::event::Event;
use crate::memory::Memory;
use crate::reports::overview::{Overview, Totals};
use crate::selection::{Filter, FilterField, Selection, Span, Test, condition};
use crate::sql::Parameters;

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;

/// A website with as many pages, goals, countries and so on as sessions.
fn site(sessions: i64) -> Site<Memory> {
    let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
    site.write(|| {
        for number in 0..sessions {
            append(&site, number, &json!("Pageview"));
            append(
                &site,
                number,
                &json!({ "Goal": { "name": format!("g{number}"), "properties": {}, "description": null } }),
            );
        }
        Ok(())
    })
    .unwrap();
    site
}

fn append(site: &Site<Memory>, number: i64, action: &serde_json::Value) {
    let named = |prefix: &str| format!("{prefix}{number}");
    let event: Event = serde_json::from_value(json!({
        "id": format!("{number}{}", action.is_string()), "time": Timestamp::from_millis(NOW + number).to_string(),
        "sender": { "Visitor": format!("b971cbbf-7ce2-4925-902b-{number:012}") }, "session": "s", "action": action,
        "page": { "path": format!("/pages/of/some/length/{number}"), "hostname": named("h") },
        "href": null, "referrer": named("https://r"), "source": { "name": named("r"), "host": named("r") },
        "campaign": [named("u"), "", "", "", "", "", "", ""],
        "context": { "country": named("C"), "city": named("c"), "browser": named("b"), "os": named("o") },
    }))
    .unwrap();
    crate::append::append(site, &event, event.time).unwrap();
}

fn values(field: FilterField, numbers: std::ops::Range<i64>) -> Vec<String> {
    let prefix = match field {
        FilterField::Page | FilterField::EntryPage => "/pages/of/some/length/",
        FilterField::Hostname => "h",
        FilterField::Referrer => "r",
        FilterField::Country => "C",
        FilterField::City => "c",
        FilterField::Browser => "b",
        FilterField::Goal => "g",
        _ => "u",
    };
    numbers.map(|number| format!("{prefix}{number}")).collect()
}

/// The steps that it takes to build the condition of these filters.
fn steps_of(site: &Site<Memory>, filters: Vec<Filter>) -> i64 {
    site.page_sets.take();
    site.sql().steps.set(0);
    let selection = Selection { span: Span::ALL, filters };
    condition(site, &selection, &mut Parameters::default()).unwrap();
    site.sql().steps.get()
}

fn overview(site: &Site<Memory>, filters: Vec<Filter>) -> Totals {
    site.page_sets.take();
    let selection = Selection { span: Span::ALL, filters };
    site.overview(&Overview {
        selection,
        zone: "UTC".parse().unwrap(),
        with_renewals: true,
        pageviews: false,
        newcomers: false,
    })
    .unwrap()
}

fn fields() -> impl Strategy<Value = FilterField> {
    prop::sample::select(
        FilterField::of_reports()
            .filter(|field| !matches!(field, FilterField::VisitCount | FilterField::Customer))
            .collect::<Vec<_>>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_steps_of_a_filter_follow_its_values_and_not_the_history(
        filters in prop::collection::vec((fields(), any::<bool>(), 1..50_i64), 1..20),
    ) {
        let filters: Vec<Filter> = filters.into_iter().map(|(field, negated, count)| {
            Filter { field, negated, test: Test::Is(values(field, 0..count)) }
        }).collect();
        let [few, many] = [200, 1_600].map(|sessions| steps_of(&site(sessions), filters.clone()));
        prop_assert!(many <= few + few / 4 + 200, "{} {}", few, many);
    }
}

#[test]
fn the_steps_of_contains_follow_the_pages_and_neither_the_values_nor_the_filters() {
    let contains =
        |values: Vec<String>, negated| Filter { field: FilterField::Page, negated, test: Test::Contains(values) };
    let [small, large] = [site(400), site(1_600)];
    let one = |site: &Site<Memory>| steps_of(site, vec![contains(vec!["/7".to_owned()], false)]);
    let (few, many) = (one(&small), one(&large));
    assert!(many < 5 * few, "{few} {many}");
    let all =
        (0..20).map(|at| contains((at * 50..at * 50 + 50).map(|value| format!("/{value}")).collect(), at % 2 == 0));
    let heaviest = steps_of(&large, all.collect());
    assert!(heaviest <= many + many / 10 + 200, "{many} {heaviest}");
}

#[test]
fn pages_are_found_by_any_of_the_parts() {
    let site = site(120);
    let sessions = |parts: &[&str], negated| {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        let filter = |field| Filter { field, negated, test: Test::Contains(parts) };
        let totals = [FilterField::Page, FilterField::EntryPage]
            .map(|field| overview(&site, vec![filter.clone()(field)]).sessions);
        assert_eq!(totals[0], totals[1]);
        totals[0]
    };
    assert_eq!(sessions(&["length/11"], false), 11);
    assert_eq!(sessions(&["length/11", "/7", "none"], false), 22);
    assert_eq!(sessions(&["length/11", "/7"], true), 98);
    assert_eq!(sessions(&["of/some"], false), 120);
    assert_eq!(sessions(&["none"], false), 0);
    assert_eq!(sessions(&["none"], true), 120);
}

proptest! {
    /// Filters on pages are one condition together; each alone tells which sessions it passes.
    #[test]
    fn filters_on_pages_together_pass_what_each_of_them_passes(
        visits in prop::collection::vec(prop::collection::vec(0..6_i64, 0..4), 1..12),
        filters in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), 0..6_i64, 0..6_i64), 0..6),
    ) {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        for (number, pages) in visits.iter().enumerate() {
            for (at, page) in pages.iter().enumerate() {
                visit(&site, number, at, *page);
            }
        }
        let path = |page: i64| format!("/pages/of/some/length/{page}");
        let filters: Vec<Filter> = filters.iter().map(|(of_entry, negated, is_part, one, other)| {
            let field = if *of_entry { FilterField::EntryPage } else { FilterField::Page };
            let values = vec![path(*one), path(*other)];
            Filter { field, negated: *negated, test: if *is_part { Test::Contains(values) } else { Test::Is(values) } }
        }).collect();
        let passes = |filter: &Filter, pages: &[i64]| {
            let (Test::Is(values) | Test::Contains(values)) = &filter.test else { unreachable!() };
            let seen = if filter.field == FilterField::EntryPage { &pages[..1] } else { pages };
            seen.iter().any(|page| values.contains(&path(*page))) != filter.negated
        };
        let expected = visits.iter().filter(|pages| !pages.is_empty())
            .filter(|pages| filters.iter().all(|filter| passes(filter, pages))).count();
        prop_assert_eq!(overview(&site, filters.clone()).sessions, i64::try_from(expected).unwrap(), "{:?}", filters);
    }
}

fn visit(site: &Site<Memory>, session: usize, at: usize, page: i64) {
    let event: Event = serde_json::from_value(json!({
        "id": format!("{session}-{at}"), "time": Timestamp::from_millis(NOW + i64::try_from(at).unwrap()).to_string(),
        "sender": { "Visitor": "b971cbbf-7ce2-4925-902b-8f95a5fb3401" }, "session": format!("s{session}"),
        "action": "Pageview", "page": { "path": format!("/pages/of/some/length/{page}"), "hostname": "h" },
        "href": null, "referrer": null, "source": null, "campaign": ["", "", "", "", "", "", "", ""], "context": {},
    }))
    .unwrap();
    site.append_one(&event, event.time).unwrap();
}
