//! Compares the site object with the reference model of `tests/model`: random streams of events, random queries, equal
//! answers. Queries take the gateway's own path, from the query's text to the response's bytes, with SQLite in memory
//! in place of the Durable Object's.

#[path = "../tests/model/mod.rs"]
mod model;

use futures_util::FutureExt;
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
use sluice_engine::export::Place;
use sluice_engine::layout::{Layout, Standing};
use sluice_engine::memory::Memory;
use sluice_engine::merge::{MergedExport, gather};
use sluice_engine::protocol::{Call, Import, Item, Part, Request, SiteCall, VisitorErasure};
use sluice_engine::sql::{Sql, Value};
use sluice_engine::together::share;
use sluice_money::Rates;
use sluice_values::Timestamp;

/// A website in memory.
struct Gateway {
    /// The only object, or the first of several.
    site: Site<Memory>,
    /// The other shards.
    others: Vec<Site<Memory>>,
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
        Self { site, others: Vec::new(), context, now: Timestamp::from_millis(now) }
    }

    /// The same with so many shards.
    fn of_shards(website: &model::Website, now: i64, count: u32) -> Self {
        let mut gateway = Self::new(website, now);
        if count > 1 {
            gateway.others = (1..count).map(|_| Self::new(website, now).site).collect();
            for (shard, site) in (0..).zip(gateway.sites()) {
                let layout = Layout { first: 1, count };
                let join = Part::Join { layout, shard, subscriptions: Box::default(), outbox_from: 0 };
                site.answer(&Request { now, currency: None, call: join.into_call() }).unwrap();
            }
        }
        gateway
    }

    fn sites(&self) -> impl Iterator<Item = &Site<Memory>> {
        std::iter::once(&self.site).chain(&self.others)
    }

    fn answer(&self, request: &Request) -> String {
        let Standing::Shard(layout, _) = self.site.standing() else { return self.site.answer(request).unwrap() };
        let ask = async |questions: Vec<(u32, String)>| {
            let mut answers = Vec::new();
            for (shard, text) in questions {
                let request: Request = serde_json::from_str(&text).unwrap();
                answers.push(match &request.call {
                    Call::Part(Part::Home(_)) => {
                        share(&self.site, layout, &request, &async |questions| self.ask_each(questions)).await?
                    }
                    _ => self.ask_each(vec![(shard, text)])?.remove(0),
                });
            }
            Ok::<_, sluice_engine::Error>(answers)
        };
        gather(request, layout, 3 * layout.count, &ask).now_or_never().unwrap().unwrap()
    }

    fn ask_each(&self, questions: Vec<(u32, String)>) -> Result<Vec<String>, sluice_engine::Error> {
        let answer = |(shard, text): (u32, String)| {
            self.sites().nth(shard as usize).unwrap().answer(&serde_json::from_str(&text).unwrap())
        };
        questions.into_iter().map(answer).collect()
    }

    fn ask<C: SiteCall>(&self, call: C) -> C::Answer {
        let request = Request { now: self.now.as_millis(), currency: None, call: call.into_call() };
        // Serialized and parsed, as between Worker and object.
        let request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        serde_json::from_str(&self.answer(&request)).unwrap()
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
            self.sites().for_each(|site| site.cut_every(rows).unwrap());
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
            "entry-pages" => self.report::<Breakdown<EntryPageRow>>(&raw),
            "exit-pages" => self.report::<Breakdown<ExitPageRow>>(&raw),
            "channels" => self.report::<Breakdown<ChannelRow>>(&raw),
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

    /// The events of a website with several shards are in the shards of their visitors.
    #[test]
    fn every_report_of_several_shards_equals_the_models(
        (world, now, queries) in generate::case(8),
        count in prop::sample::select(vec![2, 7]),
    ) {
        let gateway = Gateway::of_shards(&world.website, now, count);
        gateway.import(&world.lines);
        check(&gateway, &world, &queries)?;
        let again = gateway.import(&world.lines);
        prop_assert!(again.iter().all(|is_new| !is_new), "all had been there");
        check(&gateway, &world, &queries)?;
    }

    /// An export of several shards has all lines, oldest first.
    #[test]
    fn an_export_of_several_shards_imports_as_the_same_website((world, now, queries) in generate::case(4)) {
        let gateway = Gateway::of_shards(&world.website, now, 3);
        gateway.import(&world.lines);
        let ask = async |questions| gateway.ask_each(questions);
        let exported = |from: Place| {
            let mut export = MergedExport::new(Layout { first: 1, count: 3 }, from);
            let mut lines: Vec<Json> = Vec::new();
            while let Some(part) = export.next(gateway.now, 6, &ask).now_or_never().unwrap().unwrap() {
                lines.extend(part.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()));
            }
            lines
        };
        let lines = exported(Place::START);
        if let Some(some) = lines.get(lines.len() / 2) {
            let since = some["timestamp"].as_str().unwrap();
            let first = lines.iter().position(|line| line["timestamp"] == since).unwrap();
            prop_assert_eq!(&exported(Place::since(since.parse().unwrap())), &lines[first..]);
        }
        let times: Vec<_> = lines.iter().map(|line| line["timestamp"].as_str().unwrap()).collect();
        prop_assert!(times.is_sorted(), "{:?}", times);
        let alone = Gateway::new(&world.website, now);
        alone.import(&lines);
        check(&alone, &world, &queries)?;
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
        let mut after = Place::START;
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
            let gone = gateway.ask(sluice_engine::delete::GoalDeletion { visitor, name: None, span: None, only_counts: false });
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
            gateway.ask(sluice_engine::delete::GoalDeletion { visitor: None, name: Some(name), span: None, only_counts: false });
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
        let erased = gateway.ask(VisitorErasure::of(visitor)).unwrap();
        prop_assert_eq!((erased.events, erased.payments, erased.is_done), (count(false), count(true), true));
        prop_assert!(gateway.ask(VisitorErasure::of(visitor)).is_none(), "a second time");
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

/// The rollups that a time series reads may change with the website's zone while it is being answered.
#[test]
fn a_time_series_in_the_zone_of_before_is_exact_in_the_report_that_changes_the_days() {
    let line = |id: &str, time: &str| {
        json!({
            "id": id, "timestamp": time, "type": "pageview", "websiteId": "dfid_model", "domain": "example.com",
            "href": "https://example.com/", "visitorId": "b0000000-7ab1-4c2d-9e3f-0123456789ab", "referrer": null,
            "sessionId": "s00000000-1111-4222-8333-444444444444",
        })
    };
    let website = model::Website {
        domain: "example.com".to_owned(),
        timezone: "Asia/Kathmandu".to_owned(),
        currency: "USD".to_owned(),
        include_renewal_revenue: false,
        name: None,
        kpi: None,
        kpi_color_scheme: None,
    };
    let lines = vec![line("1", "2025-03-18T19:00:00Z"), line("2", "2025-03-09T07:00:00Z")];
    let mut world = World { website, funnels: Vec::new(), lines };
    let mut gateway = Gateway::new(&world.website, 1_742_324_400_000);
    gateway.import(&world.lines);
    world.website.timezone = "UTC".to_owned();
    gateway.context.timezone = "UTC".parse().unwrap();
    check(&gateway, &world, &["/analytics/timeseries?timezone=Asia/Kathmandu".to_owned()]).unwrap();
}
