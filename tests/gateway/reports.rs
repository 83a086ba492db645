//! The reports of the Website API over HTTP: parameters, refusals and the shape of responses
//! (docs/contract/website-api.md#1 to #3, docs/contract/reports.md). Their numbers are compared with a second
//! implementation in the unit tests.

use serde_json::{Value, json};

use crate::support::{
    Account, Caller, Gateway, NO_SUCH_ID, assert_fields, has_exactly, id_of, is_id, is_moment, text, unique,
};
use crate::traffic::{AGENT, FIREFOX, Site, delete, get, moment, post, visitor, with};

/// The parameters of a report.
struct Report {
    path: &'static str,
    /// The required parameters.
    needs: &'static str,
    fields: &'static [&'static str],
    has_range: bool,
    has_page: bool,
    has_filters: bool,
}

const METRICS: [&str; 3] = ["visitors", "revenue", "payments"];
const OVERVIEW: [&str; 12] = [
    "visitors",
    "sessions",
    "bounce_rate",
    "avg_session_duration",
    "currency",
    "revenue",
    "payments",
    "revenue_per_visitor",
    "conversion_rate",
    "pageviews",
    "new_visitors",
    "returning_visitors",
];
const SERIES: [&str; 9] = [
    "name",
    "visitors",
    "sessions",
    "revenue",
    "payments",
    "conversion_rate",
    "pageviews",
    "new_visitors",
    "returning_visitors",
];
const METADATA: [&str; 7] = ["domain", "timezone", "name", "logo", "kpiColorScheme", "kpi", "currency"];
const CAMPAIGN: [&str; 8] =
    ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via"];

const MAP_EVENT: [&str; 11] = [
    "_id",
    "type",
    "visitorId",
    "timestamp",
    "path",
    "countryCode",
    "extraData",
    "referrer",
    "customerName",
    "amount",
    "displayName",
];
const MAP_PAYMENT: [&str; 11] =
    ["_id", "type", "timestamp", "name", "email", "amount", "currency", "renewal", "displayName", "isNew", "visible"];

const fn breakdown(path: &'static str, fields: &'static [&'static str]) -> Report {
    Report { path, needs: "", fields, has_range: true, has_page: true, has_filters: true }
}

/// Every analytics route except that of a funnel, whose path must be created first.
fn reports() -> Vec<Report> {
    vec![
        Report { has_page: false, ..breakdown("overview", &OVERVIEW) },
        breakdown("timeseries", &SERIES),
        Report { has_range: false, has_page: false, has_filters: false, ..breakdown("metadata", &METADATA) },
        Report { has_range: false, has_page: false, has_filters: false, ..breakdown("realtime", &["visitors"]) },
        breakdown("pages", &["hostname", "path", "visitors", "revenue", "payments"]),
        breakdown("entry-pages", &["hostname", "path", "visitors", "revenue", "payments"]),
        breakdown("exit-pages", &["hostname", "path", "visitors", "revenue", "payments"]),
        breakdown("channels", &["channel", "visitors", "revenue", "payments"]),
        breakdown("referrers", &["referrer", "visitors", "revenue", "payments"]),
        breakdown("countries", &["country", "image", "visitors", "revenue", "payments"]),
        breakdown("regions", &["region", "visitors", "revenue", "payments"]),
        breakdown("cities", &["city", "visitors", "revenue", "payments"]),
        breakdown("devices", &["device", "visitors", "revenue", "payments"]),
        breakdown("browsers", &["browser", "visitors", "revenue", "payments"]),
        breakdown("operating-systems", &["operating_system", "visitors", "revenue", "payments"]),
        breakdown("hostnames", &["hostname", "visitors", "revenue", "payments"]),
        breakdown("campaigns", &["campaign", "visitors", "revenue", "payments"]),
        breakdown("exit-clicks", &["url", "clicks", "visitors"]),
        breakdown("goals", &["name", "completions", "visitors"]),
        Report { needs: "eventName=signup", has_filters: false, ..breakdown("goals/properties", &[]) },
    ]
}

/// The routes with a range, and their required parameters.
async fn ranged(owner: &Account, site: &Site) -> Vec<(String, bool, bool)> {
    let mut routes: Vec<(String, bool, bool)> = reports()
        .iter()
        .filter(|report| report.has_range)
        .map(|report| (format!("/analytics/{}?{}", report.path, report.needs), report.has_page, report.has_filters))
        .collect();
    routes.push((format!("/analytics/funnels/{}?", funnel(owner, site).await), false, true));
    routes.push(("/visitors?".to_owned(), true, false));
    routes
}

async fn funnel(owner: &Account, site: &Site) -> String {
    let steps = json!([
        { "name": "Home", "type": "pageview", "url": "/" },
        { "name": "Signed up", "type": "goal", "goalName": "signup" },
    ]);
    id_of(&owner.post(&site.path("/funnels"), json!({ "name": "F", "steps": steps })).await.ok().row())
}

#[tokio::test]
async fn every_report_names_the_parameter_that_is_wrong() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let mut tried = 0;
    for (route, has_page, has_filters) in ranged(&owner, &site).await {
        let mut wrong = vec![
            ("startAt=2026-01-01", "endAt"),
            ("endAt=2026-01-01", "startAt"),
            ("startAt=&endAt=2026-01-01", "startAt"),
            ("startAt=yesterday&endAt=2026-01-01", "startAt"),
            ("startAt=2026-02-30&endAt=2026-03-01", "startAt"),
            ("startAt=1767225600000&endAt=2026-03-01", "startAt"),
            ("startAt=2026-01-01&endAt=2026-13-01", "endAt"),
            ("startAt=2026-01-01&endAt=2026-01-01T25:00:00Z", "endAt"),
            ("startAt=2026-01-02&endAt=2026-01-01", "startAt"),
            ("startAt=2026-01-01T00:00:01Z&endAt=2026-01-01T00:00:00Z", "startAt"),
            ("timezone=Mars/Olympus", "timezone"),
            ("timezone=", "timezone"),
        ];
        if has_page {
            wrong.extend([
                ("limit=0", "limit"),
                ("limit=-1", "limit"),
                ("limit=1.5", "limit"),
                ("limit=ten", "limit"),
                ("limit=", "limit"),
                ("offset=-1", "offset"),
                ("offset=ten", "offset"),
            ]);
        }
        if has_filters {
            wrong.extend([
                ("filter_nonsense=1", "filter_nonsense"),
                ("filter_isCustomer=true", "filter_isCustomer"),
                ("filter_country=like:US", "filter_country"),
                ("filter_country=contains:US", "filter_country"),
                ("filter_page=gte:1", "filter_page"),
                ("filter_visit_count=contains:1", "filter_visit_count"),
                ("filter_visit_count=many", "filter_visit_count"),
                ("filter_city=", "filter_city"),
                ("country=like:US", "country"),
            ]);
        }
        for (query, named) in wrong {
            let message = site.get(&format!("{route}&{query}")).await.error(400);
            assert!(message.starts_with(&format!("{named}:")), "{route}&{query}: {message}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

#[tokio::test]
async fn a_field_that_a_report_does_not_have_is_refused_by_name() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    for Report { path, needs, fields, .. } in reports() {
        if fields.is_empty() {
            continue;
        }
        for wrong in ["nonsense", "visitors,", "visitors,nonsense", "Visitors", ""] {
            // The last one of a repeated parameter counts.
            let message = site.get(&format!("/analytics/{path}?{needs}&fields={wrong}")).await.error(400);
            assert!(message.starts_with("fields:"), "{path} {wrong:?}: {message}");
        }
    }
    for (query, named) in [("fields=visitors&interval=year", "interval"), ("fields=visitors&interval=", "interval")] {
        let message = site.get(&format!("/analytics/timeseries?{query}")).await.error(400);
        assert!(message.starts_with(&format!("{named}:")), "{query}: {message}");
    }
    for (query, named) in [
        ("timeseries?fields=completions", "goalName"),
        ("timeseries?fields=visitors,completions&goalName=", "goalName"),
        ("timeseries?fields=completions&goalName=a/b", "goalName"),
        ("pages?sort=path", "sort"),
        ("channels?sort=", "sort"),
        ("pages?fields=path,countryCode", "fields"),
        ("countries?fields=regionCode", "fields"),
        ("overview?fields=completions", "fields"),
        ("visitors?fields=visitorId", "fields"),
        ("visitors?fields=", "fields"),
        ("visitors?sort=visitors", "sort"),
    ] {
        let path = if query.starts_with("visitors") { format!("/{query}") } else { format!("/analytics/{query}") };
        let message = site.get(&path).await.error(400);
        assert!(message.starts_with(&format!("{named}:")), "{query}: {message}");
    }
    let long = "x".repeat(101);
    for path in ["/analytics/pages", "/analytics/goals", "/analytics/exit-clicks", "/visitors"] {
        assert!(site.get(&format!("{path}?q={long}")).await.error(400).starts_with("q:"), "{path}");
        site.get(&format!("{path}?q={}", &long[1..])).await.ok();
    }
    for (query, named) in [("", "eventName"), ("?eventName=", "eventName"), ("?eventName=a/b", "eventName")] {
        let message = site.get(&format!("/analytics/goals/properties{query}")).await.error(400);
        assert!(message.starts_with(&format!("{named}:")), "{query}: {message}");
    }
}

#[tokio::test]
async fn every_report_requires_permission_to_read_the_website() {
    let gateway = Gateway::roomy();
    let (owner, viewer, stranger) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    site.admit(&viewer, "viewer").await;
    let visitor = site.visit().await;
    let key = site.key().await;
    let writer = owner.mint(json!({ "permissions": ["goals:write", "settings:read", "goals:read"] })).await;
    let reader = owner.mint(json!({ "permissions": ["analytics:read"] })).await;
    let mut paths: Vec<String> =
        reports().iter().map(|report| format!("/analytics/{}?{}", report.path, report.needs)).collect();
    paths.push(format!("/analytics/funnels/{}?", funnel(&owner, &site).await));
    paths.extend(["/analytics/realtime/map?".to_owned(), "/visitors?".to_owned(), format!("/visitors/{visitor}?")]);
    for path in paths {
        let named = site.named(&path);
        let status = async |caller: &Caller, path: &str| get(caller, path).await.status;
        for caller in [&owner.caller, &viewer.caller, &key, &reader] {
            assert_eq!(status(caller, &named).await, 200, "{path}");
        }
        assert_eq!(status(&key, &path).await, 200, "a key names its website: {path}");
        let message = get(&owner, &path).await.error(400);
        assert!(message.starts_with("websiteId"), "{path}: {message}");
        let message = get(&owner, &format!("{path}&websiteId={}", site.domain)).await.error(400);
        assert!(message.starts_with("websiteId"), "{path}: {message}");
        get(&owner, &format!("{path}&websiteId={NO_SUCH_ID}")).await.error(404);
        get(&key, &other.named(&path)).await.error(403);
        get(&stranger, &named).await.error(404);
        get(&gateway.caller(""), &named).await.error(401);
        let message = get(&writer, &named).await.error(403);
        assert!(message.contains("analytics:read"), "{path}: {message}");
    }
}

#[tokio::test]
async fn a_limit_above_the_maximum_means_the_maximum() {
    // docs/contract/README.md#23.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    for Report { path, needs, has_page, .. } in reports() {
        let answer = site.get(&format!("/analytics/{path}?{needs}")).await.ok().json();
        if !has_page {
            assert_eq!(answer.get("pagination"), None, "{path}");
            continue;
        }
        has_exactly(&answer["pagination"], &["limit", "offset", "total"]);
        let pagination = (&answer["pagination"]["limit"], &answer["pagination"]["offset"]);
        assert_eq!(pagination, (&json!(100), &json!(0)), "{path}");
        for (limit, effective) in [("1000", 1000), ("1001", 1000), ("99999999999999999999", 1000), ("1", 1)] {
            let page = format!("/analytics/{path}?{needs}&limit={limit}&offset=3");
            let pagination = site.get(&page).await.ok().json()["pagination"].clone();
            assert_fields(&pagination, json!({ "limit": effective, "offset": 3 }));
        }
    }
    for (limit, effective) in [("", 100), ("&limit=250", 250), ("&limit=251", 250), ("&limit=1000", 250)] {
        let pagination = site.get(&format!("/visitors?timezone=UTC{limit}")).await.ok().json()["pagination"].clone();
        let expected = json!({ "limit": effective, "offset": 0, "total": 0, "hasMore": false });
        assert_eq!(pagination, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_page_of_a_report_is_part_of_the_whole() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let lines: Vec<Value> = (0..7)
        .map(|number| {
            let href = format!("https://{}/p{number}", site.domain);
            site.line(&visitor(), &format!("2026-01-0{}T00:00:00Z", number + 1), json!({ "href": href }))
        })
        .collect();
    site.import(&lines).await;
    for (path, all) in [
        ("/analytics/pages?fields=path", 7),
        ("/analytics/timeseries?fields=visitors&interval=day&startAt=2026-01-01&endAt=2026-01-07", 7),
        ("/visitors?", 7),
    ] {
        let whole = site.get(path).await.ok().rows();
        assert_eq!(whole.len(), all, "{path}");
        let mut parts = Vec::new();
        for offset in [0, 3, 6, 9] {
            let page = site.get(&format!("{path}&limit=3&offset={offset}")).await.ok();
            let pagination = page.json()["pagination"].clone();
            assert_eq!(pagination["total"], all, "{path}: {pagination}");
            if path.starts_with("/visitors") {
                assert_eq!(pagination["hasMore"], offset + 3 < all, "{pagination}");
            }
            parts.extend(page.rows());
        }
        assert_eq!(parts, whole, "{path}");
    }
}

/// A website with one visitor who has done everything.
async fn one_of_each(owner: &Account) -> (Site, String) {
    let site = Site::new(owner).await;
    let visitor = visitor();
    let href = format!("https://{}/?utm_source=x&utm_campaign=y&via=z", site.domain);
    site.take(site.event(&visitor, json!({ "href": href, "referrer": "https://news.example/" }))).await;
    let extra = json!({ "eventName": "signup", "plan": "pro" });
    site.take(site.event(&visitor, json!({ "type": "custom", "extraData": extra }))).await;
    let extra = json!({ "url": "https://out.example/" });
    site.take(site.event(&visitor, json!({ "type": "external_link", "extraData": extra }))).await;
    let payment = json!({ "amount": 10.5, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": visitor,
        "name": "Jane Doe", "email": "jane@example.com" });
    assert_eq!(site.post("/payments", payment).await.status, 200);
    (site, visitor)
}

#[tokio::test]
async fn a_report_answers_the_fields_that_were_asked_for_and_all_of_them_otherwise() {
    // docs/contract/website-api.md#1.7.
    let owner = Gateway::roomy().account().await;
    let (site, _) = one_of_each(&owner).await;
    for Report { path, needs, fields, .. } in reports() {
        if matches!(path, "timeseries" | "goals/properties") {
            continue;
        }
        // The name of a goal is returned under another key.
        let key = |field: &&'static str| if path == "goals" && *field == "name" { "goal" } else { field };
        let row = site.get(&format!("/analytics/{path}?{needs}")).await.ok().row();
        has_exactly(&row, &fields.iter().map(key).collect::<Vec<_>>());
        for field in fields {
            let alone = site.get(&format!("/analytics/{path}?fields={field}")).await.ok().row();
            has_exactly(&alone, &[key(field)]);
            assert_eq!(alone[key(field)], row[key(field)], "{path} {field}");
        }
        let two = [fields[0], fields[fields.len() - 1]];
        let asked = site.get(&format!("/analytics/{path}?fields={},{}", two[1], two[0])).await.ok().row();
        let mut wanted = two.iter().map(key).collect::<Vec<_>>();
        wanted.dedup();
        has_exactly(&asked, &wanted);
        if fields.ends_with(&METRICS) {
            let metrics = (&row["visitors"], &row["revenue"], &row["payments"]);
            assert_eq!(metrics, (&json!(1), &json!(10.5), &json!(1)), "{path}");
        }
    }
    let campaign = site.rows("/campaigns").await[0]["campaign"].clone();
    has_exactly(&campaign, &CAMPAIGN);
    assert_fields(&campaign, json!({ "utm_source": "x", "via": "z", "utm_term": "" }));
    let flat = site.rows("/campaigns?fields=utm_source,utm_campaign,visitors").await;
    assert_eq!(flat, [json!({ "utm_source": "x", "utm_campaign": "y", "visitors": 1 })]);
    let country = site.rows("/countries?fields=country,image").await;
    let image = "https://purecatamphetamine.github.io/country-flag-icons/3x2/US.svg";
    assert_eq!(country, [json!({ "country": "United States of America", "image": image })]);
    // docs/contract/reports.md#8, docs/contract/README.md#25.
    let goals = site.rows("/goals").await;
    assert_eq!(goals, [json!({ "goal": "signup", "completions": 1, "visitors": 1 })]);
    let clicks = site.rows("/exit-clicks").await;
    assert_eq!(clicks, [json!({ "url": "https://out.example/", "clicks": 1, "visitors": 1 })]);
    let properties = site.rows("/goals/properties?eventName=signup").await;
    assert_eq!(properties, [json!({ "property": "plan", "completions": 1, "visitors": 1 })]);
    let values = site.rows("/goals/properties?eventName=signup&propertyName=plan").await;
    assert_eq!(values, [json!({ "value": "pro", "completions": 1, "visitors": 1 })]);
    assert_eq!(site.rows("/goals/properties?eventName=signup&propertyName=Plan").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_time_series_looks_as_documented() {
    // docs/contract/website-api.md#2.2, docs/contract/README.md#21 and #24, docs/contract/reports.md#6.
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "timezone": "Asia/Kolkata" })).await;
    let paid = visitor();
    site.import(&[site.line(&paid, "2026-01-01T18:30:00Z", json!({}))]).await;
    let payment = json!({ "amount": 3, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": paid,
        "timestamp": "2026-01-01T19:00:00Z" });
    site.post("/payments", payment).await;
    let range = "startAt=2026-01-01&endAt=2026-01-03";
    let answer = site.get(&format!("/analytics/timeseries?fields=sessions,revenue,name&interval=day&{range}")).await;
    let answer = answer.ok().json();
    has_exactly(&answer, &["status", "fields", "interval", "timezone", "currency", "totals", "data", "pagination"]);
    assert_eq!(answer["fields"], json!(["sessions", "revenue", "name", "payments"]), "revenue brings the payments");
    assert_fields(&answer, json!({ "interval": "day", "timezone": "Asia/Kolkata", "currency": "$" }));
    let none = json!({ "new": 0, "renewal": 0, "refund": 0 });
    let breakdown = json!({ "new": 3, "renewal": 0, "refund": 0 });
    assert_eq!(answer["totals"], json!({ "sessions": 1, "revenue": 3, "revenueBreakdown": breakdown, "payments": 1 }));
    let bucket = |day: usize, full: bool| {
        let (count, money) = (i64::from(full), if full { &breakdown } else { &none });
        json!({ "sessions": count, "revenue": 3 * count, "revenueBreakdown": money, "payments": count,
            "name": format!("{day:02} Jan"), "timestamp": format!("2026-01-{day:02}T00:00:00+05:30") })
    };
    assert_eq!(answer["data"], json!([bucket(1, false), bucket(2, true), bucket(3, false)]));
    let plain = site.get(&format!("/analytics/timeseries?fields=visitors&interval=week&{range}&timezone=UTC")).await;
    let plain = plain.ok().json();
    assert_fields(&plain, json!({ "currency": null, "timezone": "UTC" }));
    assert_eq!(plain["data"], json!([{ "visitors": 1, "name": "29 Dec", "timestamp": "2026-01-01T00:00:00Z" }]));
    // A range within one day is shown by hour.
    let hours =
        site.get("/analytics/timeseries?fields=visitors&interval=month&startAt=2026-01-02&endAt=2026-01-02").await;
    let hours = hours.ok().json();
    assert_eq!((&hours["interval"], hours["data"].as_array().unwrap().len()), (&json!("hour"), 24));
    assert_eq!(hours["data"][0], json!({ "visitors": 1, "name": "00:00", "timestamp": "2026-01-02T00:00:00+05:30" }));
    for (interval, buckets) in [("hour", 24), ("day", 30), ("month", 12)] {
        let rows = site.rows(&format!("/timeseries?fields=visitors&interval={interval}")).await;
        assert_eq!(rows.len(), buckets, "{interval}");
    }
    let message = site
        .get("/analytics/timeseries?fields=visitors&interval=hour&startAt=0001-01-01&endAt=9000-01-01")
        .await
        .error(400);
    assert!(message.contains("startAt") || message.contains("interval"), "{message}");
}

#[tokio::test]
async fn reports_tell_more_where_it_is_named() {
    // docs/analytics.md
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (anna, bert) = (visitor(), visitor());
    let host = site.domain.clone();
    let line = |visitor: &str, minute: u32, fields: Value| {
        let place = json!({ "country": "US", "region": "US-CA", "city": "San José" });
        with(site.line(visitor, &format!("2026-01-01T10:{minute:02}:00Z"), place), fields)
    };
    site.import(&[
        line(&anna, 0, json!({ "href": format!("https://{host}/?utm_source=google&utm_medium=cpc") })),
        line(&anna, 1, json!({ "href": format!("https://{host}/Über/uns") })),
        line(&anna, 1, json!({ "type": "identify", "extraData": { "user_id": "Nr-7", "name": "Ann Oak", "email": "ann@oak.example" } })),
        line(&anna, 2, json!({ "type": "custom", "extraData": { "eventName": "signup" } })),
        line(&bert, 0, json!({ "href": format!("https://{host}/blog"), "country": "CR", "region": "SJ", "referrer": "https://chatgpt.com/" })),
    ])
    .await;
    let payment = json!({ "amount": 3, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": anna,
        "timestamp": "2026-01-01T11:00:00Z", "email": "Pay@Er.example" });
    assert_eq!(site.post("/payments", payment).await.status, 200);
    let range = "startAt=2026-01-01&endAt=2026-01-01";
    let series = "fields=bounce_rate,avg_session_duration,revenue_per_visitor,completions&goalName=signup";
    let answer = site.get(&format!("/analytics/timeseries?{series}&{range}")).await.ok().json();
    let totals =
        json!({ "bounce_rate": 50, "avg_session_duration": 60_000, "revenue_per_visitor": 1.5, "completions": 1 });
    assert_eq!((&answer["totals"], &answer["currency"]), (&totals, &json!("$")));
    assert_fields(&answer["data"][10], json!({ "bounce_rate": 50, "avg_session_duration": 60_000, "completions": 1 }));
    assert_fields(&answer["data"][11], json!({ "bounce_rate": 0, "revenue_per_visitor": 0, "completions": 0 }));

    let rows = async |path: &str| site.rows(path).await;
    assert_eq!(
        rows("/entry-pages?fields=path,visitors").await,
        [json!({ "path": "/", "visitors": 1 }), json!({ "path": "/blog", "visitors": 1 })]
    );
    assert_eq!(
        rows("/exit-pages?fields=path,visitors&q=%C3%BCBER").await,
        Vec::<Value>::new(),
        "paths are percent-encoded"
    );
    assert_eq!(rows("/exit-pages?fields=path&q=/%25c3%259CBER").await, [json!({ "path": "/%C3%9Cber/uns" })]);
    assert_eq!(
        rows("/channels?fields=channel,revenue,conversion_rate&sort=revenue").await,
        [
            json!({ "channel": "Paid Search", "revenue": 3, "conversion_rate": 100 }),
            json!({ "channel": "AI Assistants", "revenue": 0, "conversion_rate": 0 }),
        ]
    );
    assert_eq!(rows("/cities?fields=city,visitors").await, [json!({ "city": "San José", "visitors": 2 })]);
    let places = rows("/cities?fields=city,countryCode,regionCode,visitors,conversion_rate").await;
    let place = |country: &str, region: Value, rate: i64| {
        json!({ "city": "San José", "countryCode": country, "regionCode": region,
        "visitors": 1, "conversion_rate": rate })
    };
    assert_eq!(places, [place("CR", Value::Null, 0), place("US", json!("US-CA"), 100)]);
    assert_eq!(rows("/countries?fields=countryCode&q=RICA&sort=revenue").await.len(), 2);
    let found = site.get("/analytics/countries?q=costa").await.ok().json();
    assert_eq!((found["data"].as_array().unwrap().len(), &found["pagination"]["total"]), (1, &json!(1)));

    let listed = async |query: &str| site.get(&format!("/visitors?{query}")).await.ok().rows();
    let fields = "fields=displayName,isCustomer,revenue,visitCount,firstSeenAt";
    let all = listed(&format!("{fields}&sort=revenue")).await;
    let documented = ["visitorId", "lastSeenAt", "currentUrl", "identity", "acquisition"];
    let by_name = ["displayName", "isCustomer", "revenue", "visitCount", "firstSeenAt"];
    has_exactly(&all[0], &[&documented[..], &by_name[..]].concat());
    assert_fields(
        &all[0],
        json!({ "visitorId": anna, "displayName": "Ann Oak", "isCustomer": true, "revenue": 3, "visitCount": 1,
        "firstSeenAt": "2026-01-01T10:00:00.000Z" }),
    );
    assert_fields(&all[1], json!({ "visitorId": bert, "displayName": null, "isCustomer": false, "revenue": 0 }));
    has_exactly(&listed("").await[0], &documented);
    for q in ["oak", "OAK.example", "nr-", "pay@", &anna[..9], &anna.to_uppercase()] {
        let found = listed(&format!("q={q}")).await;
        assert_eq!(found.iter().map(|row| text(&row["visitorId"])).collect::<Vec<_>>(), [anna.as_str()], "{q}");
    }
    assert_eq!(listed("q=nobody").await, Vec::<Value>::new());
    assert_eq!(listed("q=%20").await.len(), 2);
    assert_eq!(listed("q=oak&completedGoal=signup&sort=revenue").await.len(), 1);
    assert_eq!(listed("q=oak&country=CR").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_time_series_without_parameters_has_days_and_all_fields() {
    // docs/contract/README.md#38 and #39.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (one, other) = (visitor(), visitor());
    let mut later = site.line(&one, "2026-01-02T10:00:00Z", json!({}));
    later["sessionId"] = json!("another");
    site.import(&[
        site.line(&one, "2026-01-01T10:00:00Z", json!({})),
        later,
        site.line(&other, "2026-01-02T23:00:00Z", json!({ "country": "FR" })),
    ])
    .await;
    let answer = site.get("/analytics/timeseries?startAt=2026-01-01&endAt=2026-01-03").await.ok().json();
    assert_eq!((&answer["interval"], &answer["fields"]), (&json!("day"), &json!(SERIES)));
    let numbers = |row: &Value| {
        ["visitors", "pageviews", "new_visitors", "returning_visitors"].map(|name| row[name].as_i64().unwrap())
    };
    let rows: Vec<_> = answer["data"].as_array().unwrap().iter().map(numbers).collect();
    assert_eq!(rows, [[1, 1, 1, 0], [2, 2, 1, 1], [0, 0, 0, 0]]);
    assert_eq!(numbers(&answer["totals"]), [2, 3, 2, 0]);
    assert_eq!(site.rows("/timeseries").await.len(), 30, "the last 30 days");
    let overview = async |query: &str| numbers(&site.rows(&format!("/overview?{query}")).await[0]);
    assert_eq!(overview("").await, [2, 3, 2, 0]);
    assert_eq!(overview("startAt=2026-01-02&endAt=2026-01-02").await, [2, 2, 1, 1]);
    // From here on the rollups do not help.
    assert_eq!(overview("startAt=2026-01-02T09:00:00Z&endAt=2026-01-02T11:00:00Z").await, [1, 1, 0, 1]);
    assert_eq!(overview("startAt=2026-01-02&endAt=2026-01-02&filter_country=FR").await, [1, 1, 1, 0]);
    assert_eq!(overview("startAt=2026-01-02&endAt=2026-01-02&filter_country=is_not:FR").await, [1, 1, 0, 1]);
    let hours =
        site.get("/analytics/timeseries?startAt=2026-01-02&endAt=2026-01-02&fields=pageviews,new_visitors").await;
    let hours = hours.ok().json();
    assert_eq!(hours["interval"], "hour");
    assert_fields(&hours["data"][10], json!({ "pageviews": 1, "new_visitors": 0 }));
    assert_fields(&hours["data"][23], json!({ "pageviews": 1, "new_visitors": 1 }));
}

#[tokio::test]
async fn filters_are_read_by_both_of_their_names() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (one, other) = (visitor(), visitor());
    let href = |path: &str| format!("https://{}{path}", site.domain);
    let fields = json!({ "country": "FR", "city": "Paris", "userAgent": FIREFOX, "href": href("/blog/a"), "referrer": "https://www.google.com/" });
    site.import(&[
        site.line(&one, "2026-01-01T00:00:00Z", fields),
        site.line(
            &other,
            "2026-01-01T00:00:00Z",
            json!({ "country": "US", "userAgent": AGENT, "href": href("/?utm_source=x") }),
        ),
        site.line(
            &other,
            "2026-01-02T00:00:00Z",
            json!({ "sessionId": "s2", "country": "US", "href": href("/pricing") }),
        ),
    ])
    .await;
    for (filter, visitors) in [
        ("country=FR", 1),
        ("country=france,US", 2),
        ("country=is_not:France", 1),
        ("country=United%20States", 1),
        ("city=is_not:paris", 1),
        ("browser=firefox", 1),
        ("os=Windows,Mac%20OS", 2),
        ("device=desktop", 2),
        ("referrer=Google", 1),
        ("referrer=Direct/None", 1),
        ("page=contains:/blog", 1),
        ("page=/blog", 0),
        ("page=/pricing", 1),
        ("page=does_not_contain:/blog", 1),
        ("entry_page=/", 1),
        ("utm_source=is_not:x", 2),
        ("visit_count=2", 1),
        ("visit_count=gte:1", 2),
        ("visit_count=lte:1", 1),
        ("goal=none", 0),
    ] {
        for prefix in ["", "filter_"] {
            let rows = site.rows(&format!("/overview?fields=visitors&{prefix}{filter}")).await;
            assert_eq!(rows[0]["visitors"], visitors, "{prefix}{filter}");
        }
    }
    // Several filters must all match.
    assert_eq!(site.rows("/overview?filter_country=US&filter_page=/pricing").await[0]["sessions"], 1);
    assert_eq!(site.rows("/overview?filter_country=FR&filter_page=/pricing").await[0]["sessions"], 0);
    // Realtime reports are not filtered (docs/contract/website-api.md#1.8).
    site.visit().await;
    assert_eq!(site.rows("/realtime?filter_country=FR&startAt=2020-01-01").await, [json!({ "visitors": 1 })]);
}

#[tokio::test]
async fn visitors_are_listed_newest_first_and_found_by_their_actions() {
    // docs/contract/website-api.md#3.2, docs/contract/reports.md#10.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (early, late, buyer) = (visitor(), visitor(), visitor());
    let href = |path: &str| format!("https://{}{path}", site.domain);
    let seoul = json!({ "country": "KR", "region": "KR-11", "city": "Seoul", "userAgent": FIREFOX });
    let query = "utm_source=s&utm_medium=m&utm_campaign=c&utm_term=t&utm_content=n&ref=r&source=o&via=v";
    let entry = json!({ "href": href(&format!("/blog/one?{query}")), "referrer": "https://t.co/x" });
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup" }, "href": href("/blog/one") });
    site.import(&[
        site.line(&early, "2026-01-01T00:00:00Z", with(seoul.clone(), entry)),
        site.line(&early, "2026-01-05T00:00:00Z", with(seoul, goal)),
        site.line(
            &late,
            "2026-01-03T00:00:00Z",
            json!({ "country": "US", "userAgent": AGENT, "href": "https://app.example/x" }),
        ),
        site.line(&buyer, "2026-01-02T00:00:00Z", json!({ "country": "US", "href": href("/pricing") })),
    ])
    .await;
    let trial = json!({ "amount": 0, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": buyer });
    assert_eq!(site.post("/payments", trial).await.status, 200);
    let found = async |query: &str| -> Vec<String> {
        site.get(&format!("/visitors?{query}")).await.ok().rows().iter().map(|row| text(&row["visitorId"])).collect()
    };
    assert_eq!(found("").await, [late.clone(), buyer.clone(), early.clone()]);
    for (query, expected) in [
        ("visitedPage=/pricing", vec![&buyer]),
        ("page=/pricing,/x", vec![&late, &buyer]),
        ("visitedPageContains=blog", vec![&early]),
        ("pageContains=blog", vec![&early]),
        ("completedGoal=signup", vec![&early]),
        ("goal=SignUp", vec![&early]),
        ("goal=other", vec![]),
        ("isCustomer=true", vec![&buyer]),
        ("hasRevenue=true", vec![&buyer]),
        ("isCustomer=false", vec![&late, &early]),
        ("country=KR", vec![&early]),
        ("country=South%20Korea,United%20States%20of%20America", vec![&late, &buyer, &early]),
        ("region=KR-11", vec![&early]),
        ("city=seoul", vec![&early]),
        ("browser=Firefox", vec![&early]),
        ("os=Mac%20OS", vec![&late]),
        ("device=desktop", vec![&late, &early]),
        ("referrer=X", vec![&early]),
        ("hostname=app.example", vec![&late]),
        ("utm_source=s&utm_medium=m&utm_campaign=c&utm_term=t&utm_content=n&ref=r&source=o&via=v", vec![&early]),
        ("via=other", vec![]),
        ("startAt=2026-01-02&endAt=2026-01-03", vec![&late, &buyer]),
        ("startAt=2026-01-02&endAt=2026-01-03&country=US&page=/x", vec![&late]),
    ] {
        assert_eq!(found(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let row = site.get("/visitors?country=KR").await.ok().row();
    let expected = json!({
        "visitorId": early, "lastSeenAt": "2026-01-01T00:00:00.000Z", "currentUrl": format!("{}/blog/one", site.domain),
        "identity": { "country": "KR", "region": "KR-11", "city": "Seoul", "browser": "Firefox", "os": "Windows", "device": "desktop" },
        "acquisition": { "referrer": "X", "utm_source": "s", "utm_medium": "m", "utm_campaign": "c", "utm_term": "t",
            "utm_content": "n", "ref": "r", "source": "o", "via": "v" },
    });
    assert_eq!(row, expected);
    let completed = site.get("/visitors?completedGoal=signup").await.ok().row();
    assert_eq!(completed["lastSeenAt"], "2026-01-05T00:00:00.000Z", "when the goal was completed");
    let many = vec!["/x"; 51].join(",");
    for (query, named) in [
        ("completedGoal=signup&isCustomer=true", "completedGoal"),
        ("goal=signup&hasRevenue=false", "completedGoal"),
        ("isCustomer=yes", "isCustomer"),
        ("isCustomer=", "isCustomer"),
        (&format!("visitedPage={many}"), "visitedPage"),
        ("country=", "country"),
    ] {
        let message = site.get(&format!("/visitors?{query}")).await.error(400);
        assert!(message.starts_with(named), "{query}: {message}");
    }
    assert_eq!(found(&format!("visitedPage={}", vec!["/x"; 50].join(","))).await, [late]);
}

#[tokio::test]
async fn one_visitor_is_shown_with_all_their_actions() {
    // docs/contract/website-api.md#3.3, docs/contract/reports.md#11.
    let owner = Gateway::roomy().account().await;
    let (site, id) = one_of_each(&owner).await;
    let seen = site.visitor(&id).await;
    has_exactly(&seen, &["visitorId", "identity", "activity", "prediction"]);
    assert_fields(&seen, json!({ "visitorId": id, "prediction": null }));
    let identity = &seen["identity"];
    let keys =
        ["country", "countryCode", "region", "city", "params", "adClickIds", "browser", "os", "device", "viewport"];
    has_exactly(identity, &keys);
    has_exactly(&identity["params"], &CAMPAIGN);
    has_exactly(&identity["device"], &["type", "vendor", "model"]);
    let activity = &seen["activity"];
    let keys = [
        "visitCount",
        "pageViewCount",
        "timeSinceFirstVisit",
        "timeSinceCurrentVisit",
        "firstVisitAt",
        "lastVisitAt",
        "currentUrl",
        "visitedPages",
        "completedGoals",
        "completedCustomGoals",
    ];
    has_exactly(activity, &keys);
    assert!(is_moment(&activity["firstVisitAt"]) && is_moment(&activity["lastVisitAt"]), "{activity}");
    assert!((0..60_000).contains(&activity["timeSinceFirstVisit"].as_i64().unwrap()), "milliseconds: {activity}");
    let url = format!("{}/", site.domain);
    assert_fields(activity, json!({ "currentUrl": url, "visitedPages.0.url": url }));
    let goals: Vec<_> = activity["completedGoals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|goal| (text(&goal["name"]), text(&goal["origin"])))
        .collect();
    let expected = [("signup", "manual"), ("payment", "payment_provider")];
    assert_eq!(goals, expected.map(|(name, origin)| (name.to_owned(), origin.to_owned())));
    let payment = &activity["completedGoals"][1];
    assert!(payment["amount"].is_number() && payment["currency"] == "USD", "{payment}");
    assert!(activity["completedGoals"][0].get("amount").is_none(), "{activity}");
    assert_eq!(activity["completedCustomGoals"].as_array().unwrap().len(), 1);
    assert_eq!(activity["completedCustomGoals"][0]["isServer"], false);
    assert_eq!(site.get(&format!("/visitors/{}", id.to_uppercase())).await.json()["data"]["visitorId"], id.as_str());
    let unknown = visitor();
    assert!(site.get(&format!("/visitors/{unknown}")).await.error(404).contains(&unknown));
    for wrong in ["me", NO_SUCH_ID, "b971cbbf-7ce2-1925-902b-8f95a5fb3449", "b971cbbf7ce24925902b8f95a5fb3449"] {
        let message = site.get(&format!("/visitors/{wrong}")).await.error(400);
        assert!(message.contains("UUID"), "{wrong}: {message}");
    }
}

#[tokio::test]
async fn present_visitors_are_shown_on_a_map() {
    // docs/contract/website-api.md#2.5, docs/contract/README.md#22.
    let owner = Gateway::roomy().account().await;
    let (site, id) = one_of_each(&owner).await;
    let identify = json!({ "type": "identify", "extraData": { "user_id": "u-1", "name": "Jane" } });
    site.take(site.event(&id, identify)).await;
    let second = site.visit().await;
    // A visitor of nine minutes ago is present, one of eleven minutes ago is not.
    let (gone, still) = (visitor(), visitor());
    site.import(&[
        site.line(&gone, &moment(-11 * 60_000), json!({})),
        site.line(&still, &moment(-9 * 60_000), json!({})),
    ])
    .await;
    assert_eq!(site.rows("/realtime").await, [json!({ "visitors": 3 })]);
    let answer = site.get("/analytics/realtime/map").await;
    assert_eq!(answer.status, 200, "{answer}");
    let map = answer.json()["data"].clone();
    has_exactly(
        &map,
        &["count", "visitors", "conversionMetrics", "hasConversionPredictions", "recentEvents", "recentPayments"],
    );
    assert_fields(&map, json!({ "count": 3, "hasConversionPredictions": false }));
    let visitors = map["visitors"].as_array().unwrap();
    let mut ids: Vec<String> = visitors.iter().map(|row| text(&row["visitorId"])).collect();
    let mut expected = vec![id.clone(), second, still];
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    let one = visitors.iter().find(|row| row["visitorId"] == id.as_str()).unwrap();
    let keys = [
        "visitorId",
        "location",
        "system",
        "currentUrl",
        "referrer",
        "sessionStartTime",
        "visitCount",
        "params",
        "latitude",
        "longitude",
        "isCustomer",
        "customerName",
        "customerEmail",
        "profileData",
        "conversionLikelihood",
    ];
    has_exactly(one, &keys);
    assert_eq!(one["location"], json!({ "city": "Austin", "region": "US-TX", "countryCode": "US" }));
    let system =
        json!({ "browser": { "name": "Chrome" }, "os": { "name": "Mac OS" }, "device": { "type": "desktop" } });
    assert_eq!(one["system"], system);
    assert_fields(
        one,
        json!({ "currentUrl": "/", "visitCount": 1, "isCustomer": true, "customerName": "Jane Doe", "customerEmail": "jane@example.com" }),
    );
    let profile = json!({ "displayName": "Jane", "userId": "u-1", "hasProfile": true, "isRandomName": false });
    assert_eq!(one["profileData"], profile);
    assert!(
        is_moment(&one["sessionStartTime"]) && one["latitude"].is_number() && one["longitude"].is_number(),
        "{one}"
    );
    has_exactly(&one["params"], &CAMPAIGN);
    let events = map["recentEvents"].as_array().unwrap();
    let mut moments = Vec::new();
    for event in events {
        has_exactly(event, &MAP_EVENT);
        assert!(is_id(&event["_id"]) && event["extraData"].is_object(), "{event}");
        moments.push(text(&event["timestamp"]));
    }
    assert!(moments.is_sorted_by(|one, next| one >= next), "newest first: {moments:?}");
    assert!(events.iter().any(|event| event["type"] == "custom" && event["extraData"]["plan"] == "pro"), "{events:?}");
    let payments = map["recentPayments"].as_array().unwrap();
    assert_eq!(payments.len(), 1);
    has_exactly(&payments[0], &MAP_PAYMENT);
    assert!(is_id(&payments[0]["_id"]));
    for (key, value) in [
        ("type", json!("payment_received")),
        ("amount", json!(10.5)),
        ("currency", json!("USD")),
        ("renewal", json!(false)),
    ] {
        assert_eq!(payments[0][key], value, "{key}");
    }
}

#[tokio::test]
async fn metadata_shows_the_settings() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "timezone": "Asia/Kolkata", "currency": "EUR", "name": "Shop" })).await;
    let metadata = async || site.rows("/metadata").await[0].clone();
    let expected = json!({
        "domain": site.domain, "timezone": "Asia/Kolkata", "name": "Shop", "logo": null, "kpiColorScheme": "orange",
        "kpi": null, "currency": "EUR",
    });
    assert_eq!(metadata().await, expected);
    let visitor = site.visit().await;
    site.take(site.goal(&visitor, "signup")).await;
    owner.put(&site.path(""), json!({ "kpi": " SignUp ", "kpiColorScheme": "teal", "name": null })).await.ok();
    let changed = metadata().await;
    assert_fields(&changed, json!({ "kpi": "signup", "kpiColorScheme": "teal", "name": null }));
}

#[tokio::test]
async fn a_kpi_is_a_goal_that_was_tracked() {
    // docs/contract/account-api.md#4, docs/contract/reports.md#19.
    let owner = Gateway::roomy().account().await;
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    let set = async |kpi: Value| owner.put(&site.path(""), json!({ "kpi": kpi, "name": "Changed" })).await;
    let stored = async || owner.get(&site.path("")).await.ok().row();
    let visitor = other.visit().await;
    other.take(other.goal(&visitor, "signup")).await;
    let message = set(json!("signup")).await.error(400);
    assert!(message.starts_with("kpi") && message.contains("signup"), "tracked elsewhere: {message}");
    assert_ne!(stored().await["name"], "Changed", "nothing of it was done");
    let visitor = site.visit().await;
    site.take(site.goal(&visitor, "signup")).await;
    set(json!("Signup")).await.ok();
    assert_eq!(stored().await["kpi"], "signup");
    for wrong in [json!("a/b"), json!(""), json!(7)] {
        assert!(set(wrong).await.error(400).starts_with("kpi"));
    }
    set(json!(null)).await.ok();
    assert_eq!(stored().await["kpi"], Value::Null);
    site.delete("/goals?name=signup").await.ok();
    set(json!("signup")).await.error(400);
}

#[tokio::test]
async fn tracked_goals_are_ordered_by_frequency() {
    // docs/contract/account-api.md#6.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitors = [site.visit().await, site.visit().await, site.visit().await];
    for name in ["a", "c", "c", "c", "b", "b"] {
        site.take(site.goal(&visitors[0], name)).await;
    }
    site.take(site.goal(&visitors[1], "a")).await;
    site.take(site.goal(&visitors[1], "a")).await;
    site.take(site.goal(&visitors[1], "a")).await;
    let rows = owner.get(&site.path("/goals")).await.ok().rows();
    let row = |name: &str, total: i64, uv: i64, rate: f64| {
        json!({ "name": name, "total": total, "uv": uv, "conversionRate": rate, "eventType": "custom",
            "displayName": null, "color": null, "description": null })
    };
    assert_eq!(rows, [row("a", 4, 2, 0.6667), row("c", 3, 1, 0.3333), row("b", 2, 1, 0.3333)]);
}

#[tokio::test]
async fn goals_are_ordered_by_completions_then_by_name() {
    // docs/contract/README.md#35.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let [one, two, three] = [site.visit().await, site.visit().await, site.visit().await];
    for (visitor, name) in [(&one, "z"), (&one, "z"), (&one, "z"), (&one, "b"), (&two, "b"), (&two, "a"), (&three, "a")]
    {
        site.take(site.goal(visitor, name)).await;
    }
    let expected = [("z", 3, 1), ("a", 2, 2), ("b", 2, 2)].map(|(name, count, who)| (name.to_owned(), count, who));
    assert_eq!(site.goals().await, expected);
    let day = moment(0)[..10].to_owned();
    let rows =
        site.rows(&format!("/goals?startAt={day}&endAt=9999-01-01&timezone=UTC&fields=name&limit=2&offset=1")).await;
    assert_eq!(rows, [json!({ "goal": "a" }), json!({ "goal": "b" })]);
}

#[tokio::test]
async fn a_visitor_was_last_seen_on_their_last_page_whatever_the_filters() {
    // docs/contract/README.md#36.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (who, other) = (visitor(), visitor());
    let second = |fields: Value| with(json!({ "sessionId": "second", "country": "FR" }), fields);
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup" } });
    site.import(&[
        site.line(&who, "2026-01-01T10:00:00Z", json!({ "country": "US" })),
        site.line(&who, "2026-01-02T10:00:00Z", second(json!({}))),
        site.line(&who, "2026-01-02T11:00:00Z", second(goal.clone())),
        site.line(&who, "2026-01-09T11:00:00Z", with(json!({ "sessionId": "third", "country": "US" }), goal)),
        site.line(&other, "2026-01-01T12:00:00Z", json!({ "country": "US" })),
    ])
    .await;
    let seen = async |query: &str| -> Vec<(String, String)> {
        let rows = site.get(&format!("/visitors?{query}")).await.ok().rows();
        rows.iter().map(|row| (text(&row["visitorId"]), text(&row["lastSeenAt"]))).collect()
    };
    let at = |id: &String, moment: &str| (id.clone(), format!("2026-01-{moment}:00:00.000Z"));
    assert_eq!(seen("country=US&endAt=2026-01-05&startAt=2026-01-01").await, [at(&who, "02T10"), at(&other, "01T12")]);
    assert_eq!(seen("startAt=2026-01-01&endAt=2026-01-01").await, [at(&other, "01T12"), at(&who, "01T10")]);
    // A goal does not hide the last page; where there is no page, what there is counts.
    assert_eq!(seen("country=FR").await, [at(&who, "02T10")]);
    assert_eq!(seen("startAt=2026-01-08&endAt=2026-01-10").await, [at(&who, "09T11")]);
    // The goal was completed in the range, in whatever session.
    assert_eq!(seen("completedGoal=signup&country=US&startAt=2026-01-01&endAt=2026-01-05").await, [at(&who, "02T11")]);
    assert_eq!(seen("completedGoal=signup").await, [at(&who, "09T11")]);
    assert_eq!(seen("completedGoal=signup&startAt=2026-01-03&endAt=2026-01-04").await, []);
    let sessions =
        async |query: &str| site.rows(&format!("/overview?fields=sessions&{query}")).await[0]["sessions"].clone();
    assert_eq!(sessions("filter_goal=signup&startAt=2026-01-01&endAt=2026-01-02&timezone=UTC").await, 2);
    assert_eq!(sessions("filter_goal=signup&startAt=2026-01-01&endAt=2026-01-01&timezone=UTC").await, 0);
}

#[tokio::test]
async fn goals_that_payments_complete_are_goals_but_not_in_the_goals_report() {
    // docs/contract/README.md#37.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (payer, trier, refunded) = (visitor(), visitor(), visitor());
    site.import(&[
        site.line(&payer, "2026-01-01T10:00:00Z", json!({})),
        site.line(&trier, "2026-01-01T10:00:00Z", json!({})),
        site.line(&refunded, "2026-01-01T10:00:00Z", json!({})),
    ])
    .await;
    let mut number = 0;
    for (who, fields) in [
        (Some(&payer), json!({ "amount": 5 })),
        (Some(&payer), json!({ "amount": 5, "renewal": true })),
        (Some(&trier), json!({ "amount": 0 })),
        (Some(&refunded), json!({ "amount": 5, "refunded": true })),
        (None, json!({ "amount": 5 })),
    ] {
        number += 1;
        let payment = with(
            json!({ "currency": "USD", "transaction_id": format!("t{number}"),
            "datafast_visitor_id": who, "timestamp": format!("2026-01-02T10:0{number}:00Z") }),
            fields,
        );
        assert_eq!(site.post("/payments", payment).await.status, 200);
    }
    // Nobody can send them.
    let automatic = [
        "payment",
        "free_trial",
        "trial_started",
        "trial_converted",
        "subscription_started",
        "subscription_upgraded",
        "subscription_downgraded",
        "subscription_renewed",
        "subscription_cancel_scheduled",
        "subscription_reactivated",
        "subscription_ended",
        " Payment ",
    ];
    for name in automatic {
        let message = site.send(&site.goal(&payer, name)).await;
        assert_eq!(message.status, 400, "{message}");
        let body = json!({ "datafast_visitor_id": payer, "name": name });
        site.post("/goals", body).await.error(400);
    }
    // Nor does the report have those that an import brings.
    site.import(&[site.line(
        &trier,
        "2026-01-03T10:00:00Z",
        json!({ "type": "custom", "extraData": { "eventName": "subscription_ended", "why": "x" } }),
    )])
    .await;
    assert_eq!(site.goals().await, []);
    assert_eq!(site.rows("/goals?startAt=2026-01-01&endAt=2026-01-09").await, Vec::<Value>::new());
    for name in ["payment", "subscription_ended"] {
        assert_eq!(site.rows(&format!("/goals/properties?eventName={name}")).await, Vec::<Value>::new());
    }
    let tracked = owner.get(&site.path("/goals")).await.ok().rows();
    let tracked: Vec<_> =
        tracked.iter().map(|row| (text(&row["name"]), row["total"].clone(), row["uv"].clone())).collect();
    let row = |name: &str, total: i64, uv: i64| (name.to_owned(), json!(total), json!(uv));
    assert_eq!(tracked, [row("payment", 3, 1), row("free_trial", 1, 1), row("subscription_ended", 1, 1)]);
    owner.put(&site.path(""), json!({ "kpi": "payment" })).await.ok();
    let found = async |query: &str| -> Vec<String> {
        site.get(&format!("/visitors?{query}")).await.ok().rows().iter().map(|row| text(&row["visitorId"])).collect()
    };
    assert_eq!(found("completedGoal=payment").await, vec![payer.clone()]);
    assert_eq!(found("completedGoal=free_trial,subscription_ended").await, vec![trier.clone()]);
    assert_eq!(found("completedGoal=payment&startAt=2026-01-03&endAt=2026-01-09").await, Vec::<String>::new());
    let visitors =
        async |query: &str| site.rows(&format!("/overview?fields=visitors&{query}")).await[0]["visitors"].clone();
    assert_eq!(visitors("filter_goal=payment").await, 1);
    assert_eq!(visitors("filter_goal=is_not:payment").await, 2);
    assert_eq!(visitors("filter_goal=payment,subscription_ended").await, 2);
    let step = |name: &str| json!({ "name": name, "type": "goal", "goalName": name });
    let page = json!({ "name": "Page", "type": "pageview", "url": "/" });
    let funnel = async |steps: Value| {
        let funnel = owner.post(&site.path("/funnels"), json!({ "name": unique(), "steps": steps })).await.ok().row();
        let row = site.get(&format!("/analytics/funnels/{}", id_of(&funnel))).await.ok().row();
        row["steps"].as_array().unwrap().iter().map(|step| step["visitors"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(funnel(json!([page, step("payment"), step("payment")])).await, [3, 1, 1]);
    assert_eq!(funnel(json!([page, step("free_trial"), step("subscription_ended")])).await, [3, 1, 1]);
    assert_eq!(funnel(json!([step("payment"), page])).await, [1, 0]);
}

#[tokio::test]
async fn who_pays_without_a_visit_in_the_range_converts_nobody() {
    // docs/contract/reports.md#4.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (before, now, both) = (visitor(), visitor(), visitor());
    let mut again = site.line(&both, "2026-02-01T10:00:00Z", json!({}));
    again["sessionId"] = json!("again");
    site.import(&[
        site.line(&before, "2026-01-01T10:00:00Z", json!({ "country": "FR" })),
        site.line(&both, "2026-01-01T10:00:00Z", json!({ "country": "FR" })),
        site.line(&now, "2026-02-01T10:00:00Z", json!({ "country": "US" })),
        again,
    ])
    .await;
    for (number, who) in [&before, &both].into_iter().enumerate() {
        let payment = json!({ "amount": 9, "currency": "USD", "transaction_id": format!("t{number}"), "renewal": true,
            "datafast_visitor_id": who, "timestamp": "2026-02-01T12:00:00Z" });
        assert_eq!(site.post("/payments", payment).await.status, 200);
    }
    let rate = async |query: &str| {
        let row = site.rows(&format!("/overview?fields=visitors,payments,conversion_rate&{query}")).await[0].clone();
        (row["visitors"].clone(), row["payments"].clone(), row["conversion_rate"].clone())
    };
    let of = |visitors: i64, payments: i64, rate: i64| (json!(visitors), json!(payments), json!(rate));
    assert_eq!(rate("startAt=2026-02-01&endAt=2026-02-01").await, of(2, 2, 50));
    assert_eq!(rate("startAt=2026-02-01T11:00:00Z&endAt=2026-02-01T13:00:00Z").await, of(0, 2, 0));
    assert_eq!(rate("startAt=2026-02-01&endAt=2026-02-01&filter_country=FR").await, of(0, 1, 0));
    let days =
        site.get("/analytics/timeseries?fields=conversion_rate,visitors&startAt=2026-01-31&endAt=2026-02-02").await;
    let days: Vec<_> = days.ok().rows().iter().map(|row| row["conversion_rate"].clone()).collect();
    assert_eq!(days, [json!(0), json!(50), json!(0)]);
}

#[tokio::test]
async fn money_per_visitor_has_the_decimals_of_its_currency() {
    // docs/contract/README.md#11.
    let owner = Gateway::roomy().account().await;
    for (currency, amount, each) in [("JPY", 100.0, json!(33)), ("KWD", 1.0, json!(0.333)), ("USD", 1.0, json!(0.33))] {
        let site = Site::with(&owner, |_| json!({ "currency": currency })).await;
        let lines: Vec<_> = (0..3).map(|_| site.line(&visitor(), "2026-01-01T10:00:00Z", json!({}))).collect();
        site.import(&lines).await;
        let payment = json!({ "amount": amount, "currency": currency, "transaction_id": "t",
            "timestamp": "2026-01-01T12:00:00Z" });
        assert_eq!(site.post("/payments", payment).await.status, 200);
        assert_eq!(site.overview().await["revenue_per_visitor"], each, "{currency}");
    }
}

#[tokio::test]
async fn a_funnel_has_up_to_8_steps_and_steps_may_share_a_moment() {
    // docs/contract/reports.md#9.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (who, other) = (visitor(), visitor());
    let href = |step: usize| json!({ "href": format!("https://{}/{step}", site.domain) });
    let lines: Vec<_> = (1..=8).map(|step| site.line(&who, "2026-01-01T10:00:00Z", href(step))).collect();
    site.import(&lines).await;
    let lines: Vec<_> = (1..=8).rev().map(|step| site.line(&other, "2026-01-01T10:00:00Z", href(step))).collect();
    site.import(&lines).await;
    let steps = |count: usize| -> Vec<Value> {
        let step = |number| json!({ "name": format!("{number}"), "type": "pageview", "url": format!("/{number}") });
        (1..=count).map(step).collect()
    };
    for count in [2, 5, 6, 8] {
        let body = json!({ "name": unique(), "steps": steps(count) });
        let funnel = owner.post(&site.path("/funnels"), body).await.ok().row();
        for query in ["", "?filter_hostname=", "?filter_visit_count="] {
            let value = if query.contains("host") { site.domain.as_str() } else { "1" };
            let query = if query.is_empty() { String::new() } else { format!("{query}{value}") };
            let row = site.get(&format!("/analytics/funnels/{}{query}", id_of(&funnel))).await.ok().row();
            let visitors: Vec<_> =
                row["steps"].as_array().unwrap().iter().map(|step| step["visitors"].clone()).collect();
            assert_eq!(visitors[0], 2, "{count} {query}");
            assert!(visitors[1..].iter().all(|visitors| *visitors == 1) && visitors.len() == count, "{visitors:?}");
        }
    }
    let message = owner.post(&site.path("/funnels"), json!({ "name": "F", "steps": steps(9) })).await.error(400);
    assert!(message.contains("2 to 8 steps, got 9"), "{message}");
}

#[tokio::test]
async fn a_funnel_is_counted_until_it_is_deleted() {
    // docs/contract/website-api.md#3.1, docs/contract/README.md#26, docs/contract/reports.md#9.
    let owner = Gateway::roomy().account().await;
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    let id = funnel(&owner, &site).await;
    let path = format!("/analytics/funnels/{id}");
    let (first, second) = (visitor(), visitor());
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup" } });
    site.import(&[
        site.line(&first, "2026-01-01T00:00:00Z", json!({})),
        site.line(&first, "2026-01-01T00:00:05Z", goal.clone()),
        // Not in this order.
        site.line(&second, "2026-01-01T00:00:00Z", goal),
        site.line(&second, "2026-01-01T00:00:05Z", json!({})),
    ])
    .await;
    let payment = json!({ "amount": 7, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": first,
        "timestamp": "2026-01-02T00:00:00Z" });
    site.post("/payments", payment).await;
    let row = site.get(&path).await.ok().row();
    has_exactly(
        &row,
        &["funnelId", "name", "slug", "totalVisitors", "completedVisitors", "conversionRate", "revenue", "steps"],
    );
    assert_fields(
        &row,
        json!({ "funnelId": id, "name": "F", "slug": "f", "totalVisitors": 2, "completedVisitors": 1, "conversionRate": 50, "revenue": 7 }),
    );
    let keys =
        ["id", "name", "type", "visitors", "conversionRate", "stepConversionRate", "dropOff", "dropOffRate", "revenue"];
    for (step, numbers) in row["steps"].as_array().unwrap().iter().zip([[2, 100, 100, 0, 0, 7], [1, 50, 50, 1, 50, 7]])
    {
        has_exactly(step, &keys);
        for (key, number) in keys.iter().skip(3).zip(numbers) {
            assert_eq!(step[*key], number, "{key}: {step}");
        }
    }
    assert_eq!(site.get(&format!("{path}?startAt=2026-01-02&endAt=2026-01-03")).await.ok().row()["totalVisitors"], 0);
    other.get(&path).await.error(404);
    site.get(&format!("/analytics/funnels/{NO_SUCH_ID}")).await.error(404);
    site.get("/analytics/funnels/f").await.error(400);
    owner.delete(&site.path(&format!("/funnels/{id}"))).await.ok();
    let message = site.get(&path).await.error(404);
    assert!(message.contains(&id), "{message}");
}

#[tokio::test]
async fn nothing_of_one_website_is_in_another_ones_reports() {
    let gateway = Gateway::roomy();
    let (owner, neighbour) = (gateway.account().await, gateway.account().await);
    let (site, id) = one_of_each(&owner).await;
    let mine = Site::new(&owner).await;
    let theirs = Site::new(&neighbour).await;
    for other in [&mine, &theirs] {
        let everything = async || {
            let mut answers = Vec::new();
            for Report { path, needs, .. } in reports() {
                answers.push(other.get(&format!("/analytics/{path}?{needs}")).await.ok().json());
            }
            answers.push(other.get("/visitors").await.ok().json());
            answers.push(other.get("/analytics/realtime/map").await.json());
            answers.push(other.owner.get(&other.path("/goals")).await.ok().json());
            answers.push(Value::from(other.export().await));
            answers
        };
        let before = everything().await;
        assert!(!Value::from(before.clone()).to_string().contains(&id));
        other.get(&format!("/visitors/{id}")).await.error(404);
        other.post("/goals", json!({ "datafast_visitor_id": id, "name": "x" })).await.error(404);
        other.post("/identify", json!({ "datafast_visitor_id": id, "user_id": "x" })).await.error(404);
        other.delete("/payments?transaction_id=t").await.error(404);
        for path in ["/goals?name=signup", "/payments?startAt=2020-01-01&endAt=2030-01-01"] {
            other.delete(path).await.ok();
        }
        // An id of one website does not give access to another.
        let key = other.key().await;
        get(&key, &site.named("/analytics/overview")).await.error(403);
        post(&key, &site.named("/goals"), json!({ "datafast_visitor_id": id, "name": "x" })).await.error(403);
        delete(&key, &site.named("/goals?name=signup")).await.error(403);
        assert_eq!(everything().await, before);
    }
    delete(&neighbour, &site.named("/goals?name=signup")).await.error(404);
    assert_eq!(site.goals().await, [("signup".to_owned(), 1, 1)]);
    assert_eq!(site.overview().await["revenue"], 10.5);
}

#[tokio::test]
async fn a_website_of_another_time_zone_has_reports_of_live_events() {
    let owner = Gateway::roomy().account().await;
    for zone in ["Asia/Kolkata", "America/New_York", "UTC"] {
        let site = Site::with(&owner, |_| json!({ "timezone": zone })).await;
        site.visit().await;
        assert_eq!(site.get("/analytics/overview").await.ok().row()["visitors"], 1, "{zone}");
        let range = format!("startAt={}&endAt={}", moment(-86_400_000), moment(0));
        let overview = site.get(&format!("/analytics/overview?{range}")).await;
        assert_eq!(overview.ok().row()["visitors"], 1, "{zone}");
        site.visit().await;
        let answer = site.get("/analytics/timeseries?fields=visitors&interval=day").await.ok().json();
        assert_eq!(answer["totals"]["visitors"], 2, "{zone}");
        assert_eq!(answer["data"].as_array().unwrap().last().unwrap()["visitors"], 2, "today in {zone}");
        assert_eq!(site.get("/visitors").await.ok().rows().len(), 2, "{zone}");
    }
}

#[tokio::test]
async fn a_new_time_zone_applies_to_the_past_too() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    site.import(&[
        site.line(&visitor(), "2026-01-01T20:00:00Z", json!({})),
        site.line(&visitor(), "2026-01-01T10:00:00Z", json!({})),
    ])
    .await;
    let days = async || {
        let range = "startAt=2026-01-01&endAt=2026-01-02";
        let rows = site.rows(&format!("/timeseries?fields=visitors,sessions&interval=day&{range}")).await;
        let second = site.rows("/overview?startAt=2026-01-02&endAt=2026-01-02").await[0].clone();
        let pages = site.rows("/pages?startAt=2026-01-02&endAt=2026-01-02&fields=visitors").await;
        let visitors = rows.iter().map(|row| row["visitors"].as_i64().unwrap()).collect::<Vec<_>>();
        (visitors, second["sessions"].clone(), pages.len())
    };
    assert_eq!(days().await, (vec![2, 0], json!(0), 0));
    owner.put(&site.path(""), json!({ "timezone": "Asia/Kolkata" })).await.ok();
    assert_eq!(days().await, (vec![1, 1], json!(1), 1));
    // New events count by the new days, and the past is not counted twice.
    site.import(&[site.line(&visitor(), "2026-01-01T21:00:00Z", json!({}))]).await;
    assert_eq!(days().await, (vec![1, 2], json!(2), 1));
    owner.put(&site.path(""), json!({ "timezone": "America/New_York" })).await.ok();
    assert_eq!(days().await, (vec![3, 0], json!(0), 0));
    assert_eq!(site.visitors().await, 3);
}

#[tokio::test]
async fn a_new_currency_applies_to_the_past_too() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let payment =
        json!({ "amount": 100, "currency": "USD", "transaction_id": "t", "timestamp": "2026-01-01T20:00:00Z" });
    assert_eq!(site.post("/payments", payment).await.status, 200);
    owner.put(&site.path(""), json!({ "currency": "EUR" })).await.ok();
    let totals = site.overview().await;
    let revenue = totals["revenue"].as_f64().unwrap();
    assert!(totals["currency"] == "€" && revenue > 50.0 && (revenue - 100.0).abs() > 0.5, "{totals}");
    owner.put(&site.path(""), json!({ "currency": "USD" })).await.ok();
    assert_eq!(site.overview().await["revenue"], 100, "from what was paid, not from what it was worth");
}

#[tokio::test]
async fn filter_values_are_matched_literally() {
    // Paths and goals exactly, names in any case (docs/contract/reports.md#2).
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let line = |path: &str, city: &str| {
        let href = format!("https://{}{path}", site.domain);
        site.line(&visitor(), "2026-01-01T00:00:00Z", json!({ "href": href, "city": city }))
    };
    site.import(&[line("/a_b", "Köln"), line("/axb", "Århus"), line("/a%25b", "O'Fallon"), line("/A_B", "A*B[c]?")])
        .await;
    for (filter, visitors) in [
        ("page=contains:_", 2),
        ("page=contains:%2525", 1),
        ("page=contains:%25", 1),
        ("page=contains:a_", 1),
        ("page=contains:*", 0),
        ("page=contains:'", 0),
        ("page=/a_b", 1),
        ("page=is_not:/a_b", 3),
        ("page=/a%25b", 0),
        ("page=/a%2525b", 1),
        ("city=K%C3%96LN", 1),
        ("city=%C3%A5rhus", 1),
        ("city=is_not:K%C3%96LN", 3),
        ("city=o'fallon", 1),
        ("city=a*b[c]?", 1),
        ("city=_%C3%B6ln", 0),
        ("city=%25", 0),
    ] {
        let rows = site.rows(&format!("/overview?fields=visitors&filter_{filter}")).await;
        assert_eq!(rows[0]["visitors"], visitors, "{filter}");
    }
}
