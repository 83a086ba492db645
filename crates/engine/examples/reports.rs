//! How long reports take natively: `cargo run --release -p sluice-engine --features memory --example reports -- 1000000`
//! fills SQLite in memory with so many sessions of a year, in the shape of bench/site-data.mjs (three events a session), and
//! prints the milliseconds of each report from the rows, and from the columns.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use serde_json::{Value as Json, json};
use sluice_engine::Site;
use sluice_engine::memory::Memory;
use sluice_engine::protocol::Request;
use sluice_engine::sql::{Sql, Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

const DAY: i64 = 86_400_000;
/// 2025-01-01T00:00:00Z.
const FROM: i64 = 1_735_689_600_000;
const PATHS: i64 = 2_000;
/// Timed this often; the median counts.
const TURNS: usize = 5;

/// A generator of numbers (PCG).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 ^ (self.0 >> 18)) >> 27
    }

    fn below(&mut self, bound: i64) -> i64 {
        i64::try_from(self.next()).unwrap_or_default() % bound
    }

    fn is(&mut self, percent: i64) -> bool {
        self.below(1_000) < percent * 10
    }

    /// A number below a bound; the first are the most frequent.
    fn skewed(&mut self, bound: i64) -> i64 {
        let (mut at, mut width) = (0, bound);
        while width > 1 && self.is(55) {
            width /= 2;
        }
        at += self.below(width.max(1));
        at
    }
}

/// Stores texts, and returns the number of each.
fn texts(sql: &Memory, texts: impl Iterator<Item = String>) -> Outcome<Vec<i64>> {
    let insert = "INSERT INTO strings (text, folded) VALUES (?1, ?2) RETURNING id";
    texts.map(|text| Ok(sql.one(insert, &[text.as_str().into(), text.to_lowercase().into()])?.next()?)).collect()
}

fn at(list: &[i64], index: i64) -> i64 {
    usize::try_from(index).ok().and_then(|index| list.get(index % list.len())).copied().unwrap_or_default()
}

#[expect(clippy::too_many_lines, reason = "what makes a session, from first to last")]
fn fill(sql: &Memory, sessions: i64) -> Outcome<()> {
    let mut random = Chance(1);
    let named = |name: &'static str, count: i64| (0..count).map(move |number| format!("{name} {number}"));
    let countries = texts(sql, std::iter::once("United States of America".to_owned()).chain(named("Country", 59)))?;
    let cities = texts(sql, named("City", 500))?;
    let devices = texts(sql, ["desktop", "mobile", "tablet"].into_iter().map(str::to_owned))?;
    let browsers = texts(sql, named("Browser", 9))?;
    let systems = texts(sql, named("System", 6))?;
    let sources = texts(sql, std::iter::once("Google".to_owned()).chain(named("source", 59)))?;
    let goals = texts(sql, std::iter::once("signup".to_owned()).chain(named("goal", 11)))?;
    let hosts = texts(sql, ["example.com", "www.example.com", "app.example.com"].into_iter().map(str::to_owned))?;
    let path = |number: i64| match number {
        0 => "/".to_owned(),
        1 => "/pricing".to_owned(),
        2 => "/signup".to_owned(),
        3..1_400 => format!("/blog/post-{number}"),
        _ => format!("/docs/chapter-{number}"),
    };
    let paths = texts(sql, (0..PATHS).map(path))?;
    let mut pages = Vec::new();
    for host in &hosts {
        for path in &paths {
            let insert = "INSERT INTO pages (path, hostname) VALUES (?1, ?2) RETURNING id";
            pages.push(sql.one(insert, &[(*path).into(), (*host).into()])?.next::<i64>()?);
        }
    }
    sql.run("INSERT INTO contexts (id, digest, json) VALUES (1, x'00', '{}')", &[])?;
    let (mut visitors, mut events) = (0_i64, 0_i64);
    // What happened within the last hour comes in the order of time.
    let mut waiting: BTreeMap<(i64, i64), [Value; 6]> = BTreeMap::new();
    for session in 1..=sessions {
        let started = FROM + (session * 10 + random.below(10)) * (365 * DAY - DAY / 8) / (sessions * 10);
        let visitor = if visitors > 0 && random.is(37) {
            visitors - random.below(visitors).min(random.below(visitors))
        } else {
            visitors += 1;
            let uid: Vec<u8> = visitors.to_be_bytes().into_iter().chain(random.next().to_be_bytes()).collect();
            sql.run("INSERT INTO visitors (id, uid) VALUES (?1, ?2)", &[visitors.into(), uid.into()])?;
            visitors
        };
        sql.run("UPDATE visitors SET sessions = sessions + 1 WHERE id = ?1", &[visitor.into()])?;
        let host = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2].get(usize::try_from(random.below(10))?).copied().unwrap_or_default();
        let way = random.is(8);
        let mut views = 1;
        while views < 40 && random.is(if views == 1 { 55 } else { 70 }) {
            views += 1;
        }
        let (mut time, mut entry) = (started, None);
        let mut put = |time: &mut i64, kind: i64, page: i64, name: Option<i64>, random: &mut Chance| {
            events += 1;
            waiting.insert(
                (*time, events),
                [kind.into(), visitor.into(), session.into(), page.into(), name.into(), events.into()],
            );
            *time += 1_000 + random.below(90_000);
        };
        for view in 0..views {
            let path = match (way, view) {
                (true, 0) => 0,
                (true, 1) => 5 + random.below(1_000),
                (true, 2) => 1,
                (true, 3) => 2,
                _ => random.skewed(PATHS),
            };
            let page = at(&pages, host * PATHS + path);
            entry = entry.or(Some(page));
            put(&mut time, 0, page, None, &mut random);
        }
        let goal = random.is(10);
        if goal {
            let name = if way && views >= 4 { 0 } else { random.skewed(12) };
            put(&mut time, 1, entry.unwrap_or_default(), Some(at(&goals, name)), &mut random);
        }
        let source = if random.is(45) { 0 } else { at(&sources, random.skewed(60)) };
        let (country, device) = (random.skewed(60), random.skewed(3));
        sql.run(
            "INSERT INTO sessions (id, visitor, sid, started, ended, pageviews, goals, first, entry, hostname, referrer, country, \
             city, device, browser, os) VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            &[
                session.into(), visitor.into(), started.into(), (time - 1).into(), i64::from(views).into(), goal.into(),
                entry.into(), at(&hosts, host).into(), source.into(), at(&countries, country).into(),
                at(&cities, country * 8 + random.skewed(8)).into(), at(&devices, device).into(),
                at(&browsers, random.skewed(9)).into(), at(&systems, random.skewed(6)).into(),
            ],
        )?;
        if random.is(1) {
            let amount = 900 + random.below(10_000);
            sql.run(
                "INSERT INTO payments (pid, transaction_id, refunded, time, kind, visitor, named, session, amount, currency, \
                 value) VALUES (?1, ?2, 0, ?3, ?4, ?5, 1, ?6, ?7, 'USD', ?7)",
                &[session.to_be_bytes().to_vec().into(), format!("tx{session}").into(), time.into(), random.below(2).into(),
                  visitor.into(), session.into(), amount.into()],
            )?;
            sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.into()])?;
        }
        while let Some(first) = waiting.first_entry()
            && (first.key().0 < started - DAY / 24 || session == sessions)
        {
            let ((time, _), [kind, visitor, session, page, name, number]) = first.remove_entry();
            let eid: Vec<u8> =
                time.to_be_bytes().into_iter().chain(random.next().to_be_bytes().into_iter().take(4)).collect();
            sql.run(
                "INSERT INTO events (eid, time, kind, visitor, session, page, name, context) VALUES (?1 || ?8, ?2, ?3, ?4, ?5, ?6, \
                 ?7, 1)",
                &[eid.into(), time.into(), kind, visitor, session, page, name, number],
            )?;
        }
    }
    sql.run(
        "INSERT INTO totals (dimension, key, visitors, count) SELECT 10, page, count(DISTINCT visitor), count(*) FROM events \
         WHERE kind = 0 GROUP BY page",
        &[],
    )?;
    sql.run(
        "INSERT INTO totals (dimension, key, visitors, count) SELECT 3, country, count(DISTINCT visitor), count(*) FROM sessions \
         GROUP BY country",
        &[],
    )?;
    sql.run(
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('longest', (SELECT max(ended - started) FROM sessions))",
        &[],
    )?;
    Ok(())
}

fn reports() -> Vec<(&'static str, Json)> {
    let all = json!({ "from": -(1_i64 << 52), "to": 1_i64 << 52 });
    let to = FROM + 365 * DAY - 1;
    let month = json!({ "from": to - 30 * DAY + 1, "to": to });
    let is = |field: &str, value: &str| json!({ "field": field, "negated": false, "test": { "Is": [value] } });
    let three = vec![is("country", "United States of America"), is("device", "desktop"), is("referrer", "Google")];
    let select = |span: &Json, filters: &[Json]| json!({ "span": span, "filters": filters });
    let overview = |selection: Json| json!({ "selection": selection, "zone": "UTC", "with_renewals": true, "pageviews": true, "newcomers": true });
    let by = |selection: Json, by: &str| json!({ "Breakdown": { "selection": selection, "by": { "Dimension": by }, "limit": 100, "offset": 0 } });
    let page =
        |path: &str, is_prefix: bool| json!({ "Page": { "hostname": null, "path": path, "is_prefix": is_prefix } });
    let steps = json!([page("/", false), page("/blog/", true), page("/pricing", false), page("/signup", false), { "Goal": "signup" }]);
    let list = |filters: &[Json]| json!({ "VisitorList": { "selection": select(&all, filters), "zone": "UTC", "completed_goals": [], "limit": 20, "offset": 0 } });
    let days: Vec<_> =
        (0..365).map(|day| json!({ "from": FROM + day * DAY, "to": FROM + (day + 1) * DAY - 1 })).collect();
    let series = |filters: &[Json]| {
        let span = json!({ "from": FROM, "to": to });
        let needs = json!({ "visitors": true, "sessions": true, "money": true, "pageviews": true, "newcomers": true });
        json!({ "Timeseries": { "overview": overview(select(&span, filters)), "buckets": days, "needs": needs } })
    };
    vec![
        ("overview, all time", json!({ "Overview": overview(select(&all, &[])) })),
        ("overview, 3 filters", json!({ "Overview": overview(select(&all, &three)) })),
        ("overview, 3 filters, 30 days", json!({ "Overview": overview(select(&month, &three)) })),
        ("overview, page", json!({ "Overview": overview(select(&all, &[is("page", "/pricing")])) })),
        ("pages, all time", by(select(&all, &[]), "Page")),
        ("pages, 30 days", by(select(&month, &[]), "Page")),
        ("pages, 3 filters", by(select(&all, &three), "Page")),
        ("countries, all time", by(select(&all, &[]), "Country")),
        ("countries, 30 days", by(select(&month, &[]), "Country")),
        ("countries, page", by(select(&all, &[is("page", "/pricing")]), "Country")),
        ("funnel, 5 steps", json!({ "FunnelReport": { "selection": select(&all, &[]), "steps": steps } })),
        (
            "funnel, 5 steps, 3 filters",
            json!({ "FunnelReport": { "selection": select(&all, &three), "steps": steps } }),
        ),
        ("time series, 365 days", series(&[])),
        ("time series, 3 filters", series(&three)),
        ("visitors", list(&[])),
        ("visitors, page", list(&[is("page", "/pricing")])),
    ]
}

#[expect(clippy::disallowed_methods, reason = "a program that only runs natively")]
fn now() -> Instant {
    Instant::now()
}

fn time(site: &Site<Memory>, call: &Json) -> Outcome<(f64, String)> {
    let request: Request = serde_json::from_value(json!({ "now": FROM + 365 * DAY, "call": call }))?;
    let (mut taken, mut answer) = (Vec::new(), String::new());
    for _ in 0..TURNS {
        let begun = now();
        answer = site.answer(&request)?;
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    taken.sort_by(f64::total_cmp);
    Ok((taken.get(TURNS / 2).copied().unwrap_or_default(), answer))
}

fn main() -> Outcome<()> {
    let sessions = std::env::args().nth(1).map_or(Ok(100_000), |count| count.parse())?;
    let site = Site::open(Memory::default(), || Ok([7; 32]))?;
    let begun = now();
    site.sql()
        .transaction(&mut || fill(site.sql(), sessions).map_err(|why| sluice_engine::Error::new(why.to_string())))?;
    site.block_all()?;
    site.rebuild()?;
    println!("{sessions} sessions in {:.1} s", begun.elapsed().as_secs_f64());
    // The first breakdown of all time finds that payments have yet to be counted.
    for (_, call) in reports().iter().filter(|(name, _)| *name == "pages, all time") {
        time(&site, call)?;
    }
    while site.count_money_on()? {}
    let before = site.sql().size()?;
    let of_rows =
        reports().into_iter().map(|(name, call)| Ok((name, time(&site, &call)?))).collect::<Outcome<Vec<_>>>()?;
    let (begun, mut steps, mut longest) = (now(), 0, 0.0_f64);
    loop {
        let step = now();
        let has_more = site.cut_on()?;
        longest = longest.max(step.elapsed().as_secs_f64() * 1_000.0);
        steps += 1;
        if !has_more {
            break;
        }
    }
    let (size, taken) = (site.sql().size()?, begun.elapsed().as_secs_f64());
    println!("{steps} steps in {taken:.1} s, the longest {longest:.1} ms");
    println!("{} bytes a session, of which {} are columns", size / sessions, (size - before) / sessions);
    for ((name, call), (_, (rows, expected))) in reports().into_iter().zip(of_rows) {
        let (columns, answer) = time(&site, &call)?;
        let is_same = if answer == expected { "" } else { "  DIFFERENT" };
        println!("{name:32} {rows:9.2} ms of rows {columns:9.2} ms of columns{is_same}");
    }
    Ok(())
}
