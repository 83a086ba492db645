//! Compares the site object with the reference model of `tests/model`: random streams of events, random queries, equal
//! answers. Queries take the gateway's own path, from the query's text to the response's bytes, with SQLite in memory
//! in place of the Durable Object's.

#[path = "../tests/model/mod.rs"]
mod model;

use model::{World, generate};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::http::input::{FromRaw, Raw};
use crate::http::reply::Answer;
use crate::reports::breakdowns::*;
use crate::reports::funnel;
use crate::reports::goals::{Counts, ExitClickRow, GoalRow, Properties};
use crate::reports::overview::Overview;
use crate::reports::report::Report;
use crate::reports::scope::Scope;
use crate::reports::timeseries::Timeseries;
use crate::reports::visitors::List;
use crate::tracking::import::{Context, item};
use crate::websites::funnels::Funnel;
use crate::websites::report_context::ReportContext;
use crate::websites::website::{OnByDefault, Settings};
use sluice_engine::Site;
use sluice_engine::memory::Memory;
use sluice_engine::protocol::{Import, Item, Request, SiteCall, VisitorErasure};
use sluice_engine::sql::{Sql, Value};
use sluice_money::Rates;
use sluice_values::Timestamp;

/// A website in memory.
struct Gateway {
    site: Site<Memory>,
    context: ReportContext,
    now: Timestamp,
}

impl Gateway {
    fn new(website: &model::Website, now: i64) -> Self {
        let context = ReportContext {
            domain: website.domain.clone(),
            name: website.name.clone(),
            timezone: website.timezone.parse().unwrap(),
            currency: website.currency.parse().unwrap(),
            settings: Settings {
                include_renewal_revenue: OnByDefault(website.include_renewal_revenue),
                ..Settings::default()
            },
        };
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        Self { site, context, now: Timestamp::from_millis(now) }
    }

    fn ask<C: SiteCall>(&self, call: C) -> C::Answer {
        let request = Request { now: self.now.as_millis(), currency: None, call: call.into_call() };
        // Serialized and parsed, as between Worker and object.
        let request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        serde_json::from_str(&self.site.answer(&request).unwrap()).unwrap()
    }

    fn items(&self, lines: &[Json]) -> Vec<Item> {
        let context = Context {
            now: self.now,
            owns: &|host| self.context.owns(host),
            currency: self.context.currency,
            rates: &|_| Rates::fallback().clone(),
            random: &|| [1; 8],
        };
        let read = |line: &Json| {
            item(line.to_string().as_bytes(), &context).unwrap_or_else(|error| panic!("{error:?}: {line}"))
        };
        lines.iter().map(read).collect()
    }

    fn import(&self, lines: &[Json]) -> Vec<bool> {
        let (items, zone) = (self.items(lines), self.context.timezone.clone());
        if items.is_empty() {
            return Vec::new();
        }
        let stored = self.ask(Import { items, zone, may_drop: true });
        // Most of the worlds are kept as columns, too, in segments of one row to three.
        let rows = self.now.as_millis() / 1_000 % 4;
        if rows > 0 {
            self.site.cut_every(rows).unwrap();
        }
        stored.into_iter().map(|is_new| is_new.unwrap()).collect()
    }

    fn report<R: Report>(&self, raw: &Raw) -> Json {
        let report = R::from_raw(raw).unwrap();
        let answer = self.ask(report.call(&self.context, self.now).unwrap());
        serde_json::from_slice(&report.body(&self.context, self.now, answer).unwrap().into_reply().body).unwrap()
    }

    fn get(&self, funnels: &[model::Funnel], path_and_query: &str) -> Json {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let raw = Raw { query: query.to_owned(), ..Raw::default() };
        match path.strip_prefix("/analytics/").unwrap_or(path) {
            "overview" => self.report::<Overview>(&raw),
            "timeseries" => self.report::<Timeseries>(&raw),
            "pages" => self.report::<Breakdown<PageRow>>(&raw),
            "referrers" => self.report::<Breakdown<ReferrerRow>>(&raw),
            "countries" => self.report::<Breakdown<CountryRow>>(&raw),
            "regions" => self.report::<Breakdown<RegionRow>>(&raw),
            "cities" => self.report::<Breakdown<CityRow>>(&raw),
            "devices" => self.report::<Breakdown<DeviceRow>>(&raw),
            "browsers" => self.report::<Breakdown<BrowserRow>>(&raw),
            "operating-systems" => self.report::<Breakdown<OperatingSystemRow>>(&raw),
            "hostnames" => self.report::<Breakdown<HostnameRow>>(&raw),
            "campaigns" => self.report::<Breakdown<CampaignRow>>(&raw),
            "exit-clicks" => self.report::<Counts<ExitClickRow>>(&raw),
            "goals" => self.report::<Counts<GoalRow>>(&raw),
            "goals/properties" => self.report::<Properties>(&raw),
            "/visitors" => self.report::<List>(&raw),
            other => {
                let id = other.strip_prefix("funnels/").unwrap_or_else(|| panic!("no report {path}"));
                let shown = funnels.iter().find(|funnel| funnel.id == id).unwrap();
                let funnel = Funnel::example(id, &shown.name, &shown.slug, &shown.steps);
                let scope = Scope::from_raw(&raw).unwrap();
                let steps = funnel.steps().unwrap();
                let taken = self.ask(funnel::question(&scope, &self.context, &steps).unwrap());
                let result = funnel::result(&self.context, &funnel, &steps, &taken);
                json!({ "status": "success", "data": [result] })
            }
        }
    }
}

fn check(gateway: &Gateway, world: &World, queries: &[String]) -> Result<(), TestCaseError> {
    for query in queries {
        let expected = world.answer(gateway.now.as_millis(), query);
        let answered = model::project(query, gateway.get(&world.funnels, query));
        prop_assert!(
            model::same(&answered, &expected),
            "{query}\nanswered {answered:#}\nexpected {expected:#}\nof {world:?}"
        );
    }
    Ok(())
}

/// Everything derived from the events, as stored and as rebuilt from scratch.
fn rollups(site: &Site<Memory>) -> Vec<Vec<Vec<Value>>> {
    [
        "SELECT * FROM days WHERE visitors <> 0 OR sessions <> 0 ORDER BY day",
        "SELECT * FROM day_pairs WHERE visitors <> 0 ORDER BY day, previous",
        "SELECT * FROM visitor_days ORDER BY visitor, day",
    ]
    .iter()
    .map(|statement| {
        let columns = if statement.contains(" days ") {
            6
        } else if statement.contains("pairs") {
            3
        } else {
            2
        };
        let rows = site.sql().rows(statement, &[]).unwrap();
        rows.into_iter().map(|mut row| (0..columns).map(|_| row.next().unwrap()).collect()).collect()
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("CASES").map_or(250, |cases| cases.parse().unwrap()), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_report_equals_the_models((world, now, queries) in generate::case(8)) {
        let gateway = Gateway::new(&world.website, now);
        gateway.import(&world.lines);
        check(&gateway, &world, &queries)?;
    }

    /// Two clients send the same events, each in its own order, and both repeat themselves.
    #[test]
    fn neither_order_nor_repetition_changes_a_report(
        (world, now, queries) in generate::case(4),
        seed in any::<u64>(),
        split in 0..64_usize,
    ) {
        let gateway = Gateway::new(&world.website, now);
        let mut shuffled = world.lines.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        // What happens in one moment is ordered by its arrival.
        let queries: Vec<_> = queries.into_iter().filter(|query| !query.contains("/funnels/")).collect();
        let split = split.min(shuffled.len());
        gateway.import(&world.lines[..split.min(world.lines.len())]);
        gateway.import(&shuffled);
        let again = gateway.import(&world.lines);
        prop_assert!(again.iter().all(|is_new| !is_new), "all had been there");
        check(&gateway, &world, &queries)?;
    }

    /// Importing an export produces the same website.
    #[test]
    fn an_export_imports_as_the_same_website((world, now, queries) in generate::case(4)) {
        let first = Gateway::new(&world.website, now);
        first.import(&world.lines);
        let mut lines = Vec::new();
        let mut after = sluice_engine::export::Place::START;
        loop {
            let part = first.ask(sluice_engine::export::Export { after, limit: 7 });
            lines.extend(part.lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()));
            match part.next {
                Some(next) => after = next,
                None => break,
            }
        }
        prop_assert!(first.import(&lines).iter().all(|is_new| !is_new), "the same ids");
        // The second website has another domain: an own host of the first must not become a source here.
        let second = Gateway::new(&model::Website { domain: "elsewhere.net".to_owned(), ..world.website.clone() }, now);
        second.import(&lines);
        check(&second, &world, &queries)?;
    }

    /// Deleted goals and payments count as if they had never been sent.
    #[test]
    fn deleted_events_are_gone_from_every_report((mut world, now, queries) in generate::case(4), which in 0..3_usize) {
        let gateway = Gateway::new(&world.website, now);
        gateway.import(&world.lines);
        let kind = |line: &Json| line["type"].as_str().unwrap().to_owned();
        let is_payment = |line: &Json| line["extraData"]["transaction_id"].is_string();
        if which == 0 {
            let visitor = world.lines.iter().find_map(|line| line["visitorId"].as_str()).map(str::to_owned);
            let visitor = visitor.map(|id| id.parse().unwrap());
            let gone = gateway.ask(sluice_engine::delete::GoalDeletion { visitor, name: None, span: None });
            let id = visitor.map(|id: sluice_values::VisitorId| id.to_string());
            let is_gone = |line: &Json| kind(line) == "custom" && line["visitorId"].as_str() == id.as_deref();
            if let Some(id) = &id {
                let mut ids: Vec<_> = world.lines.iter().filter(|line| is_gone(line)).map(|line| line["id"].to_string()).collect();
                ids.sort();
                ids.dedup();
                prop_assert_eq!(gone, i64::try_from(ids.len()).unwrap(), "{}", id);
            }
            world.lines.retain(|line| id.is_none() && kind(line) != "custom" || id.is_some() && !is_gone(line));
        } else if which == 1 {
            let name = "signup".to_owned();
            gateway.ask(sluice_engine::delete::GoalDeletion { visitor: None, name: Some(name), span: None });
            world.lines.retain(|line| line["extraData"]["eventName"] != "signup");
        } else {
            gateway.ask(sluice_engine::delete::PaymentDeletion::Span(sluice_engine::selection::Span::ALL));
            world.lines.retain(|line| !is_payment(line));
        }
        check(&gateway, &world, &queries)?;
        let kept = rollups(&gateway.site);
        gateway.site.rebuild().unwrap();
        prop_assert_eq!(kept, rollups(&gateway.site));
    }

    /// An erased visitor was never there (docs/contract/README.md#52).
    #[test]
    fn an_erased_visitor_is_gone_from_every_report((mut world, now, queries) in generate::case(4), which in any::<prop::sample::Index>()) {
        let gateway = Gateway::new(&world.website, now);
        let mut are_new = gateway.import(&world.lines).into_iter();
        world.lines.retain(|_| are_new.next().unwrap());
        let visitor_of = |line: &Json| -> Option<sluice_values::VisitorId> {
            line["extraData"]["datafast_visitor_id"].as_str().or(line["visitorId"].as_str()).map(|id| id.parse().unwrap())
        };
        let Some(visitor) = world.lines.get(which.index(world.lines.len().max(1))).and_then(visitor_of) else { return Ok(()) };
        let is_payment = |line: &Json| line["type"] == "payment" && line["extraData"]["transaction_id"].is_string();
        let count = |are_payments: bool| {
            let of_visitor = world.lines.iter().filter(|line| visitor_of(line) == Some(visitor));
            i64::try_from(of_visitor.filter(|line| is_payment(line) == are_payments).count()).unwrap()
        };
        let erased = gateway.ask(VisitorErasure { visitor, goes_on: false }).unwrap();
        prop_assert_eq!((erased.events, erased.payments, erased.is_done), (count(false), count(true), true));
        prop_assert!(gateway.ask(VisitorErasure { visitor, goes_on: false }).is_none(), "a second time");
        world.lines.retain(|line| visitor_of(line) != Some(visitor));
        check(&gateway, &world, &queries)?;
        while gateway.site.sweep().unwrap() {}
        check(&gateway, &world, &queries)?;
        let kept = rollups(&gateway.site);
        gateway.site.rebuild().unwrap();
        prop_assert_eq!(kept, rollups(&gateway.site));
    }

    /// Changing the website's time zone rebuilds the days.
    #[test]
    fn a_change_of_zone_changes_the_days((mut world, now, queries) in generate::case(4), zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])) {
        let mut gateway = Gateway::new(&world.website, now);
        gateway.import(&world.lines);
        world.website.timezone = zone.to_owned();
        gateway.context.timezone = zone.parse().unwrap();
        check(&gateway, &world, &queries)?;
    }
}
