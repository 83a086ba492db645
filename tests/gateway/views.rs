//! What the console asks for: several reports at once, all websites, what arrives at one.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Account, Answer, Browser, Gateway, NO_SUCH_ID, assert_fields, id_of, is_moment, text, together};
use crate::traffic::{Site, dropped, get, moment, visitor, with, without};

/// The path of a view of a website.
fn path(website: &str, query: &str) -> String {
    format!("/api/v1/console/websites/{website}/reports?{query}")
}

/// A website and a session that sees it.
struct Console {
    owner: Account,
    site: Site,
    browser: Browser,
    funnel: String,
}

/// Parts, and the path and query of the route of each.
const PARTS: [(&str, &str); 32] = [
    ("overview", "overview"),
    ("timeseries", "timeseries"),
    ("timeseries:hour", "timeseries?interval=hour"),
    ("timeseries:day", "timeseries?interval=day"),
    ("timeseries:hour:50:10", "timeseries?interval=hour&limit=50&offset=10"),
    ("timeseries:week", "timeseries?interval=week"),
    ("timeseries:month", "timeseries?interval=month"),
    ("pages", "pages"),
    ("pages:2:1", "pages?limit=2&offset=1"),
    ("entry-pages:10", "entry-pages?limit=10"),
    ("exit-pages", "exit-pages"),
    ("channels:10", "channels?limit=10"),
    ("referrers:10", "referrers?limit=10"),
    ("countries:250", "countries?limit=250"),
    ("regions:10", "regions?limit=10"),
    ("cities:10", "cities?limit=10"),
    ("devices", "devices"),
    ("browsers:1", "browsers?limit=1"),
    ("operating-systems:5000", "operating-systems?limit=5000"),
    ("hostnames:10", "hostnames?limit=10"),
    ("campaigns:10", "campaigns?limit=10"),
    ("campaigns.utm_source:10", "campaigns?limit=10&fields=utm_source,visitors,revenue,payments"),
    ("campaigns.via", "campaigns?fields=via,visitors,revenue,payments"),
    ("exit-clicks:10", "exit-clicks?limit=10"),
    ("goals:10", "goals?limit=10"),
    ("realtime", "realtime"),
    ("realtime-map", "realtime/map"),
    ("metadata", "metadata"),
    ("funnel.{funnel}", "funnels/{funnel}"),
    ("timeseries.signup:day:20", "timeseries?interval=day&limit=20&filter_goal=is:signup"),
    ("goal-properties.signup", "goals/properties?eventName=signup"),
    ("goal-properties.signup/plan:5", "goals/properties?eventName=signup&propertyName=plan&limit=5"),
];

/// The parts that are compared with no other range.
const WITHOUT_RANGE: [&str; 5] =
    ["realtime", "realtime-map", "metadata", "goal-properties.signup", "goal-properties.signup/plan:5"];

impl Console {
    /// A website with two weeks of visits from several places, with goals, links and payments.
    async fn filled() -> Self {
        let owner = Gateway::roomy().account().await;
        let site = Site::new(&owner).await;
        let (mut lines, mut payments) = (Vec::new(), Vec::new());
        for number in 0..40_u32 {
            let (visitor, day) = (visitor(), 1 + number % 14);
            let at = |minute: u32| format!("2026-05-{day:02}T{:02}:{minute:02}:00Z", number % 24);
            let country = ["FR", "DE", "US"][number as usize % 3];
            let place = json!({ "country": country, "region": "US-CA", "city": "Springfield" });
            let line = |minute: u32, fields: Value| {
                let line = site.line(&visitor, &at(minute), place.clone());
                with(line, fields)
            };
            let page = ["", "pricing", "blog/a", "blog/b"][number as usize % 4];
            let href = format!("https://{}/{page}?utm_source=mail&via=x{}", site.domain, number % 2);
            lines.push(line(0, json!({ "href": href, "referrer": "https://www.google.com/" })));
            if number % 2 == 0 {
                lines.push(line(5, json!({ "href": format!("https://{}/pricing", site.domain) })));
                lines.push(line(6, json!({ "type": "custom", "extraData": { "eventName": "signup", "plan": "pro" } })));
                lines.push(line(7, json!({ "type": "external_link", "extraData": { "url": "https://out.example/" } })));
            }
            if number % 5 == 0 {
                payments.push(json!({ "datafast_visitor_id": visitor, "amount": 10.5, "currency": "USD",
                    "transaction_id": format!("t{number}"), "timestamp": at(9) }));
            }
        }
        site.import(&lines).await;
        for payment in payments {
            assert_eq!(site.post("/payments", payment).await.status, 200);
        }
        let steps = json!([
            { "name": "Any", "type": "pageview", "url": "/*" }, { "name": "Done", "type": "goal", "goalName": "signup" }
        ]);
        let funnel = owner.post(&site.path("/funnels"), json!({ "name": "f", "steps": steps })).await.ok().row();
        let browser = owner.browser().await;
        Self { browser, funnel: id_of(&funnel), owner, site }
    }

    async fn ask(&self, query: &str) -> Answer {
        self.browser.get(&path(&self.site.id, query)).await
    }

    /// The lines of a view.
    async fn lines(&self, query: &str) -> Vec<String> {
        let answer = self.ask(query).await;
        assert_eq!((answer.status, answer.header("content-type").as_str()), (200, "application/x-ndjson"), "{answer}");
        assert!(answer.body.ends_with('\n'), "{answer}");
        answer.body.lines().map(str::to_owned).collect()
    }

    /// Asks for all parts, and for each by its route, both with these parameters. The first are the parameters of the view
    /// alone, the last those of the route with the compared range.
    async fn compare_all(&self, of_view: &str, shared: &str, compared: Option<&str>) {
        for parts in PARTS.chunks(20) {
            let names: Vec<_> = parts.iter().map(|(name, _)| name.replace("{funnel}", &self.funnel)).collect();
            // What is encoded in a part is encoded once more in the query.
            let sent = names.join(",").replace('%', "%25");
            let lines = self.lines(&format!("parts={sent}&{of_view}&{shared}")).await;
            assert_eq!(lines.len(), parts.len());
            let route = async |path: &str, query: &str| {
                let path = path.replace("{funnel}", &self.funnel);
                let joint = if path.contains('?') { '&' } else { '?' };
                get(&self.owner, &self.site.named(&format!("/analytics/{path}{joint}{query}"))).await
            };
            let asked = together(parts.iter().map(|(name, path)| async {
                let compared = compared.filter(|_| !WITHOUT_RANGE.contains(name));
                let compared = match compared {
                    Some(query) => Some(route(path, query).await),
                    None => None,
                };
                (route(path, shared).await, compared)
            }))
            .await;
            for ((name, line), (body, compared)) in names.iter().zip(&lines).zip(asked) {
                let compare = compared.map_or(String::new(), |compared| {
                    format!(",\"compareStatus\":{},\"compare\":{}", compared.status, compared.body)
                });
                let expected =
                    format!("{{\"part\":\"{name}\",\"status\":{},\"body\":{}{compare}}}", body.status, body.body);
                assert_eq!(*line, expected, "{of_view}&{shared}");
            }
        }
    }
}

#[tokio::test]
async fn every_part_is_to_the_byte_what_its_route_answers() {
    let console = Console::filled().await;
    let week = "startAt=2026-05-04&endAt=2026-05-10";
    for shared in [
        String::new(),
        week.to_owned(),
        "startAt=2026-05-07&endAt=2026-05-07&timezone=Asia/Kathmandu".to_owned(),
        "startAt=2026-05-04T10:00:00Z&endAt=2026-05-05T09:30:00Z".to_owned(),
        format!("{week}&filter_country=is_not:FR"),
        "filter_page=contains:/blog&filter_device=desktop".to_owned(),
        "filter_goal=signup&filter_country=DE,US&filter_country=US&filter_referrer=Google".to_owned(),
        // What the routes refuse.
        "startAt=2026-05-04".to_owned(),
        "startAt=yesterday&endAt=2026-05-04".to_owned(),
        "startAt=2026-05-05&endAt=2026-05-04".to_owned(),
        "startAt=0001-01-01&endAt=9999-12-31".to_owned(),
        format!("{week}&timezone=Mars/Olympus"),
        format!("{week}&filter_colour=red"),
        format!("{week}&filter_visit_count=many&filter_page="),
    ] {
        console.compare_all("", &shared, None).await;
    }
}

#[tokio::test]
async fn a_view_is_compared_with_what_its_routes_answer_for_the_other_range() {
    let console = Console::filled().await;
    let filters = "filter_country=FR,DE";
    let (week, before) = ("startAt=2026-05-08&endAt=2026-05-14", "startAt=2026-05-01&endAt=2026-05-07");
    let year = "startAt=2025-05-08&endAt=2025-05-14";
    let moments = "startAt=2026-05-08T00:00:00Z&endAt=2026-05-09T11:59:59.999Z";
    let moments_before = "startAt=2026-05-06T12:00:00Z&endAt=2026-05-07T23:59:59.999Z";
    for (of_view, range, other) in [
        ("compare=previous", week, before),
        ("compare=year", week, year),
        ("compare=custom&compareStartAt=2026-05-01&compareEndAt=2026-05-07", week, before),
        ("compare=previous", moments, moments_before),
    ] {
        console.compare_all(of_view, &format!("{range}&{filters}"), Some(&format!("{other}&{filters}"))).await;
    }
    // A range that cannot be compared hurts no answer.
    for (query, message) in [
        ("compare=previous", "compare: needs startAt and endAt"),
        ("compare=custom&startAt=2026-05-08&endAt=2026-05-14", "compareStartAt, compareEndAt: required"),
    ] {
        let lines = console.lines(&format!("parts=overview,realtime&{query}")).await;
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!((&line["status"], &line["compareStatus"]), (&json!(200), &json!(400)), "{line}");
        assert!(text(&line["compare"]["error"]["message"]).starts_with(message), "{line}");
        assert!(!lines[1].contains("compare"), "{}", lines[1]);
    }
}

#[tokio::test]
async fn a_part_takes_the_parameters_of_its_route_under_its_name() {
    let console = Console::filled().await;
    let parts = "parts=pages:2,pages,timeseries:day,campaigns.utm_source,cities,goals";
    let own = "pages.sort=revenue&pages.q=BLOG&timeseries.fields=completions,bounce_rate&timeseries.goalName=signup\
               &campaigns.utm_source.q=mai&cities.fields=city,countryCode,visitors&goals.sort=never&referrers.q=none&pages.limit=1";
    let range = "startAt=2026-05-04&endAt=2026-05-10";
    let lines = console.lines(&format!("{parts}&{own}&{range}")).await;
    for (line, path) in lines.iter().zip([
        "pages?limit=2&sort=revenue&q=blog",
        "pages?sort=revenue&q=blog",
        "timeseries?interval=day&fields=completions,bounce_rate&goalName=signup",
        "campaigns?fields=utm_source,visitors,revenue,payments&q=mai",
        "cities?fields=city,countryCode,visitors",
        "goals?x",
    ]) {
        let route = get(&console.owner, &console.site.named(&format!("/analytics/{path}&{range}"))).await.ok();
        assert!(line.ends_with(&format!("\"status\":200,\"body\":{}}}", route.body)), "{path}: {line}");
    }
    let refused =
        console.lines(&format!("parts=pages,timeseries&pages.sort=name&timeseries.fields=completions&{range}")).await;
    let messages = ["sort: ", "goalName: required with the field completions"];
    for (line, message) in refused.iter().zip(messages) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["status"] == 400 && text(&line["body"]["error"]["message"]).starts_with(message), "{line}");
    }
}

#[tokio::test]
async fn a_part_that_fails_hurts_no_other() {
    let console = Console::filled().await;
    let lines = console
        .lines(&format!("parts=overview,funnel.{NO_SUCH_ID},timeseries:hour,goals&startAt=0001-01-01&endAt=9999-12-31"))
        .await;
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 404, 400, 200], "{lines:?}");
    assert_eq!(lines[0]["body"]["data"][0]["visitors"], 40, "{}", lines[0]);
    assert!(text(&lines[1]["body"]["error"]["message"]).contains("no funnel"), "{}", lines[1]);
}

#[tokio::test]
async fn a_view_has_lists_of_the_account_api_and_a_visitor_too() {
    let console = Console::filled().await;
    let Console { owner, site, .. } = &console;
    let look = json!({ "goalName": "signup", "displayName": "Signed up" });
    owner.patch(&site.path("/goals/customizations"), look).await.ok();
    let steps =
        json!([{ "name": "A", "type": "pageview", "url": "/" }, { "name": "B", "type": "goal", "goalName": "signup" }]);
    for number in 0..20 {
        let funnel = json!({ "name": format!("f{number}"), "steps": steps });
        owner.post(&site.path("/funnels"), funnel).await.ok();
    }
    let visitor = text(&site.get("/visitors?limit=1").await.ok().rows()[0]["visitorId"]);
    let names = [
        "funnels",
        "goal-customizations",
        &format!("visitor.{visitor}"),
        "visitor.4a0c1de6-53c1-4c35-9b41-2b9d1c0f0a01",
    ];
    let lines = console.lines(&format!("parts={}&compare=previous", names.join(","))).await;
    let routes = [
        owner.get(&site.path("/funnels")).await,
        owner.get(&site.path("/goals/customizations")).await,
        site.get(&format!("/visitors/{visitor}")).await,
        site.get("/visitors/4a0c1de6-53c1-4c35-9b41-2b9d1c0f0a01").await,
    ];
    for ((name, line), route) in names.iter().zip(&lines).zip(&routes) {
        let part: Value = serde_json::from_str(line).unwrap();
        let mut expected = route.json();
        // It says how long ago something was.
        let mut body = part["body"].clone();
        for answer in [&mut expected, &mut body] {
            if let Some(activity) = answer.pointer_mut("/data/activity") {
                activity["timeSinceFirstVisit"] = json!(null);
                activity["timeSinceCurrentVisit"] = json!(null);
            }
        }
        assert_eq!((&part["part"], &part["status"], &body), (&json!(name), &json!(route.status), &expected));
        assert!(!line.contains("compareStatus"), "{line}");
    }

    // Each funnel is a line of its own, as many as a view can have.
    let lines = console.lines("parts=overview,funnel.*,goals").await;
    let parts: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &parts[0]["part"], &parts[19]["part"]), (20, &json!("overview"), &json!("goals")));
    let listed = routes[0].rows();
    assert_eq!(listed.len(), 21);
    for (part, funnel) in parts[1..19].iter().zip(&listed) {
        assert_eq!((text(&part["part"]), part["status"].as_u64()), (format!("funnel.{}", id_of(funnel)), Some(200)));
        assert_eq!(part["body"]["data"][0]["name"], funnel["name"]);
    }

    // What the session may not read is refused in its part.
    let gateway = Gateway::roomy();
    let token = owner.mint(json!({ "permissions": ["analytics:read"] })).await.token;
    let narrow = gateway.sign_in(json!({ "token": token })).await.ok();
    let answer = gateway.browser(&narrow).get(&path(&site.id, "parts=funnels,goal-customizations,overview")).await;
    let statuses: Vec<_> = answer.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    for (line, missing) in statuses.iter().zip(["funnels:read", "goals:read"]) {
        assert_eq!(line["status"], 403, "{line}");
        assert!(text(&line["body"]["error"]["message"]).contains(missing), "{line}");
    }
    assert_eq!(statuses[2]["status"], 200);
}

#[tokio::test]
async fn what_is_no_view_is_refused() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let site = Site::new(&owner).await;
    let browser = owner.browser().await;
    let asked = async |query: &str| browser.get(&path(&site.id, query)).await;
    for (query, message) in [
        ("", "parts: required, but missing"),
        ("parts=", "parts[0]: no part \"\""),
        ("parts=overview,realtime,goals,visitors", "parts[3]: no part \"visitors\""),
        ("parts=overview,pages:0", "parts[1]: "),
        ("parts=timeseries:year", "parts[0]: expected hour, day, week or month"),
        ("parts=funnel.1", "parts[0]: "),
        ("parts=overview&compare=never", "compare: "),
        ("parts=overview&compare=custom&compareStartAt=then", "compareStartAt: "),
    ] {
        let found = asked(query).await.error(400);
        assert!(found.starts_with(message), "{query}: {found}");
    }
    let parts = |count| format!("parts={}", vec!["realtime"; count].join(","));
    assert_eq!(asked(&parts(20)).await.body.lines().count(), 20);
    assert_eq!(asked(&parts(21)).await.error(400), "parts: at most 20 parts, got 21");

    let view = path(&site.id, "parts=overview");
    // Access is refused before the input.
    browser.get(&path(NO_SUCH_ID, "parts=nothing")).await.error(404);
    gateway.account().await.browser().await.get(&view).await.error(404);
    for (wanted, missing) in [(json!({ "permissions": ["goals:read"] }), "analytics:read")] {
        let narrow = gateway.sign_in(json!({ "token": owner.mint(wanted).await.token })).await.ok();
        let message = gateway.browser(&narrow).get(&view).await.error(403);
        assert!(message.contains(missing), "{message}");
    }
}

#[tokio::test]
async fn a_view_costs_one_hop_to_its_session_and_one_round_trip() {
    let console = Console::filled().await;
    let query =
        format!("parts=overview,timeseries:day,pages:5,funnel.{},funnel.{NO_SUCH_ID}&compare=year", console.funnel);
    console.lines(&query).await;
    let hops = console.ask(&query).await.hops();
    assert!(hops.gate == 1 && hops.d1 <= 1 && hops.kv == 0, "{hops:?}");
}

/// Reads lines of a chunked response from a socket that buffers little, so that the gateway can send no more than is read.
struct Slow {
    reader: BufReader<TcpStream>,
}

impl Slow {
    fn get(Browser { gateway, cookie }: &Browser, path: &str) -> Self {
        let host = gateway.url.strip_prefix("http://").unwrap().trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::with_capacity(512, stream);
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        Self { reader }
    }

    /// The next line that contains this.
    fn find(&mut self, part: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if line.contains(part) {
                return Some(line);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_is_read_before_the_last_part_is_computed() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let browser = owner.browser().await;
    // So long that no buffer on the way holds a view of them.
    let long = "x".repeat(1_900);
    let lines: Vec<_> = (0..1_000)
        .map(|number| {
            let href = format!("https://{}/{number}/{long}", site.domain);
            site.line(&visitor(), "2026-05-01T00:00:00Z", json!({ "href": href }))
        })
        .collect();
    for lines in lines.chunks(250) {
        site.import(lines).await;
    }
    let parts = vec!["pages:1000"; 18].join(",");
    let path = path(&site.id, &format!("parts=overview,{parts},realtime"));
    let mut slow = Slow::get(&browser, &path);
    let first = slow.find("\"part\":\"overview\"").unwrap();
    assert!(first.contains("\"status\":200"), "{first}");
    // What happens now is in the last part.
    site.visit().await;
    let last = slow.find("\"part\":\"realtime\"").unwrap();
    assert!(last.contains("\"data\":[{\"visitors\":1}]"), "{last}");
}

// ---- All websites

const WEBSITES: &str = "/api/v1/console/websites";

/// The rows, and the other fields.
async fn websites(browser: &Browser, query: &str) -> (Vec<Value>, Value) {
    let answer = browser.get(&format!("{WEBSITES}?{query}")).await.ok();
    (answer.rows(), answer.json())
}

/// A range as the query of a report.
fn range(from: i64, to: i64) -> String {
    let at = |millis| jiff::Timestamp::from_millisecond(millis).unwrap();
    format!("startAt={}&endAt={}", at(from), at(to))
}

#[tokio::test]
async fn the_figures_of_all_websites_are_what_their_reports_answer() {
    const DAY: i64 = 86_400_000;
    let owner = Gateway::roomy().account().await;
    let (busy, quiet) = (Site::new(&owner).await, Site::new(&owner).await);
    owner.put(&busy.path(""), json!({ "name": "Busy", "timezone": "Asia/Kathmandu" })).await.ok();
    // From now to 20 days ago, around every edge that matters.
    let mut lines = Vec::new();
    for hours in [1, 5, 23, 25, 30, 47, 49, 100, 150, 169, 170, 200, 250, 300, 330, 340, 480] {
        lines.push(busy.line(&visitor(), &moment(-hours * 3_600_000), json!({})));
    }
    busy.import(&lines).await;
    for (hours, amount) in [(2, 10), (30, 20), (100, 40), (180, 80), (330, 160)] {
        let payment = json!({ "amount": amount, "currency": "USD", "transaction_id": format!("t{hours}"),
            "timestamp": moment(-hours * 3_600_000) });
        assert_eq!(busy.post("/payments", payment).await.status, 200);
    }
    busy.visit().await;
    let browser = owner.browser().await;
    let (rows, all) = websites(&browser, "").await;
    let as_of = all["asOf"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let now = as_of.as_millisecond();
    assert_eq!(rows.iter().map(|row| text(&row["id"])).collect::<Vec<_>>(), [busy.id.as_str(), quiet.id.as_str()]);
    let figures = async |query: String| {
        let totals = busy.rows(&format!("/overview?fields=visitors,revenue&{query}")).await.remove(0);
        (totals["visitors"].clone(), totals["revenue"].clone())
    };
    let local = as_of.to_zoned(jiff::tz::TimeZone::get("Asia/Kathmandu").unwrap());
    let date = |days: i32| local.date().checked_sub(jiff::Span::new().days(days)).unwrap();
    let until = local.checked_sub(jiff::Span::new().days(7)).unwrap().timestamp();
    let before = format!("startAt={}&endAt={until}", date(13));
    for (name, query, query_before) in [
        ("day", range(now - DAY + 1, now), range(now - 2 * DAY + 1, now - DAY)),
        ("week", format!("startAt={}&endAt={}", date(6), date(0)), before),
    ] {
        let ((visitors, revenue), (visitors_before, revenue_before)) =
            (figures(query).await, figures(query_before).await);
        let expected = json!({ "visitors": visitors, "revenue": revenue,
            "visitorsBefore": visitors_before, "revenueBefore": revenue_before });
        assert_eq!(rows[0][name], expected, "{name}");
        assert!(visitors_before.as_i64().unwrap() > 0 && revenue != revenue_before, "{expected}");
    }
    let query = format!("/timeseries?fields=visitors&interval=day&startAt={}&endAt={}", date(6), date(0));
    let days: Vec<Value> = busy.rows(&query).await.iter().map(|row| row["visitors"].clone()).collect();
    assert_eq!(rows[0]["sparkline"], json!(days));
    let online = busy.rows("/realtime").await[0]["visitors"].clone();
    assert_fields(
        &rows[0],
        json!({ "online": online, "hasEvents": true, "name": "Busy", "role": "owner",
        "timezone": "Asia/Kathmandu", "currency": "USD", "domain": busy.domain }),
    );
    assert!(is_moment(&rows[0]["lastEventAt"]) && is_moment(&rows[0]["createdAt"]), "{}", rows[0]);
    let nothing = json!({ "visitors": 0, "revenue": 0, "visitorsBefore": 0, "revenueBefore": 0 });
    assert_fields(
        &rows[1],
        json!({ "online": 0, "day": nothing, "week": nothing, "lastEventAt": null,
        "hasEvents": false, "sparkline": [0, 0, 0, 0, 0, 0, 0] }),
    );
    let (day, totals) = (&rows[0]["day"], &all["totals"]);
    assert_eq!(
        *totals,
        json!({ "visitors": day["visitors"], "visitorsBefore": day["visitorsBefore"], "online": online,
        "revenue": [{ "currency": "USD", "revenue": day["revenue"], "revenueBefore": day["revenueBefore"] }] })
    );
    assert_eq!(all["unavailable"], 0);
}

#[tokio::test]
async fn websites_come_in_pages_in_the_order_of_their_figures() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let mut sites = Vec::new();
    for visits in [0, 2, 1] {
        let site = Site::new(&owner).await;
        for _ in 0..visits {
            site.visit().await;
        }
        sites.push(site);
    }
    let other = gateway.account().await;
    let shared = Site::new(&other).await;
    shared.admit(&owner, "viewer").await;
    sites.push(shared);
    let browser = owner.browser().await;
    let order = async |query: &str| -> Vec<usize> {
        let (rows, _) = websites(&browser, query).await;
        rows.iter().map(|row| sites.iter().position(|site| row["id"] == site.id).unwrap()).collect()
    };
    let by_domain = |mut places: Vec<usize>| {
        places.sort_by_key(|at| sites[*at].domain.clone());
        places
    };
    let expected = [vec![1, 2], by_domain(vec![0, 3])].concat();
    for sort in ["", "sort=visitors", "sort=online", "sort=weekVisitors"] {
        assert_eq!(order(sort).await, expected, "{sort}");
    }
    assert_eq!(order("sort=domain").await, by_domain(vec![0, 1, 2, 3]));
    assert_eq!(order("sort=created").await, [3, 2, 1, 0]);
    assert_eq!(order("sort=lastEvent").await[..2], [2, 1]);
    assert_eq!(order("limit=2&offset=1").await, expected[1..3]);
    assert_eq!(order("limit=2&offset=1&sort=created").await, [2, 1]);
    let upper = sites[2].domain.to_uppercase();
    assert_eq!(order(&format!("q={upper}")).await, [2]);
    assert_eq!(order("q=nowhere").await, [0; 0]);
    let (rows, all) = websites(&browser, "limit=1&sort=domain").await;
    assert_eq!(all["pagination"], json!({ "limit": 1, "offset": 0, "total": 4 }));
    // Of a page in this order, only its own websites are asked.
    assert!(all["totals"].is_null() && rows[0]["online"].is_i64(), "{all}");
    let (rows, _) = websites(&browser, "").await;
    let role = |at: usize| rows.iter().find(|row| row["id"] == sites[at].id).unwrap()["role"].clone();
    assert_eq!((role(3), role(0)), (json!("viewer"), json!("owner")));
    for (query, message) in [("sort=size", "sort: "), ("limit=0", "limit: "), ("offset=-1", "offset: ")] {
        let refused = browser.get(&format!("{WEBSITES}?{query}")).await.error(400);
        assert!(refused.starts_with(message), "{refused}");
    }
    // A session sees what its token sees.
    let narrow = async |wanted: Value| {
        let signed_in = gateway.sign_in(json!({ "token": owner.mint(wanted).await.token })).await.ok();
        gateway.browser(&signed_in)
    };
    let browser = narrow(json!({ "permissions": ["websites:read"], "websiteIds": [sites[1].id] })).await;
    let (rows, all) = websites(&browser, "").await;
    assert_eq!(rows.len(), 1);
    assert_fields(&rows[0], json!({ "id": sites[1].id, "online": null, "day": null, "hasEvents": null }));
    assert!(all["totals"].is_null(), "{all}");
    let browser = narrow(json!({ "permissions": ["analytics:read"] })).await;
    assert!(browser.get(WEBSITES).await.error(403).contains("websites:read"));
}

// ---- What arrives

#[tokio::test]
async fn what_is_dropped_is_counted_by_reason_and_host() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "excludedPaths": ["/admin/*"] })).await;
    let browser = owner.browser().await;
    let path = format!("{WEBSITES}/{}/installation", site.id);
    let installed = async || browser.get(&path).await.ok().row();
    let empty = installed().await;
    assert_eq!(empty, json!({ "firstEventAt": null, "lastEventAt": null, "hosts": [], "dropped": [], "arrivals": [] }));
    let at = |href: &str| site.event(&visitor(), json!({ "href": href }));
    for _ in 0..3 {
        assert_eq!(dropped(&site.send(&at("https://shop.example.org/x")).await), "hostname");
    }
    let from_elsewhere = site.event(&visitor(), json!({}));
    let sent = site.send_with(&from_elsewhere, &[("origin", "https://frame.example.net")]).await;
    assert_eq!(dropped(&sent), "hostname");
    assert_eq!(dropped(&site.send(&at(&format!("https://{}/admin/x", site.domain))).await), "excluded-path");
    assert_eq!(dropped(&site.send_with(&site.event(&visitor(), json!({})), &[("user-agent", "curl/8")]).await), "bot");
    site.send(&without(site.event(&visitor(), json!({})), "sessionId")).await.error(400);
    site.visit().await;
    site.take(with(site.goal(&visitor(), "signup"), json!({ "href": format!("https://www.{}/a?b=c", site.domain) })))
        .await;
    let mut found = Value::Null;
    for _ in 0..60 {
        found = installed().await;
        let counted = found["dropped"].as_array().unwrap().iter().map(|row| row["count"].as_i64().unwrap());
        if counted.sum::<i64>() == 7 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let rows = found["dropped"].as_array().unwrap();
    let of = |reason: &str| rows.iter().find(|row| row["reason"] == reason).unwrap_or_else(|| panic!("{found}"));
    assert_eq!(rows.len(), 4, "{found}");
    assert_fields(
        of("hostname"),
        json!({ "count": 4, "example": "frame.example.net", "hosts.0.hostname": "frame.example.net",
        "hosts.0.count": 1, "hosts.1.hostname": "shop.example.org", "hosts.1.count": 3 }),
    );
    for (reason, count) in [("excluded-path", 1), ("bot", 1), ("invalid", 1)] {
        assert_fields(of(reason), json!({ "count": count, "example": site.domain }));
        assert!(is_moment(&of(reason)["lastAt"]), "{found}");
    }
    let arrivals = found["arrivals"].as_array().unwrap();
    assert_eq!(arrivals.len(), 2, "{found}");
    assert_fields(&arrivals[0], json!({ "type": "custom", "hostname": format!("www.{}", site.domain), "path": "/a" }));
    assert_fields(
        &arrivals[1],
        json!({ "type": "pageview", "hostname": site.domain, "path": "/", "device": "desktop" }),
    );
    assert_eq!((&found["firstEventAt"], &found["lastEventAt"]), (&arrivals[1]["at"], &arrivals[0]["at"]));
    let hosts: Vec<_> =
        found["hosts"].as_array().unwrap().iter().map(|row| (&row["hostname"], &row["events"])).collect();
    assert_eq!(hosts.len(), 2, "{found}");
    assert!(hosts.contains(&(&json!(site.domain), &json!(1))), "{found}");
}
