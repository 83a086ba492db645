//! Public pages: the dashboard of a website that has switched it on, and its widgets (docs/public-pages.md).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{Answer, Gateway, Hops, NO_SUCH_ID, answer, assert_fields, unique};
use crate::traffic::{Site, moment, visitor, with};

/// The pages of a website.
const PAGES: [&str; 3] = ["/share/{id}", "/widgets/{id}/realtime", "/widgets/{id}/recent"];
const JANE: &str = "jane@example.com";

/// A page as a stranger at an address of their own gets it.
async fn open_from(gateway: &Gateway, address: &str, path: &str) -> Answer {
    answer(gateway.request(Method::GET, path).header("cf-connecting-ip", address)).await
}

async fn open(site: &Site, path: &str) -> Answer {
    open_from(&site.owner.gateway, "198.51.100.90", &path.replace("{id}", &site.id)).await
}

/// A page that is there.
async fn shown(site: &Site, path: &str) -> Answer {
    let page = open(site, path).await;
    assert_eq!(page.status, 200, "{page}");
    page
}

/// A website with these settings, on which somebody is now who has said who they are, and has paid.
async fn visited(owner: &crate::support::Account, settings: Value) -> (Site, String) {
    let site = Site::with(owner, |_| with(json!({ "isPublicDashboardEnabled": true }), settings)).await;
    let person = visitor();
    let page =
        |path: &str| json!({ "href": format!("https://{}{path}", site.domain), "referrer": "https://www.google.com/" });
    site.take(site.event(&person, page("/pricing"))).await;
    site.take(site.event(&person, page(&format!("/u/{JANE}/orders")))).await;
    site.take(site.event(
        &person,
        json!({ "type": "identify", "extraData": { "user_id": "u-17", "email": JANE, "name": "Jane Doe" } }),
    ))
    .await;
    site.take(site.event(&person, json!({ "type": "custom", "extraData": { "eventName": "secret_goal" } }))).await;
    let paid = json!({ "amount": 49, "currency": "USD", "transaction_id": unique(), "datafast_visitor_id": person, "email": JANE });
    assert_eq!(site.post("/payments", paid).await.status, 200);
    (site, person)
}

/// The number behind a label of the dashboard.
#[track_caller]
fn tile(page: &Answer, label: &str) -> String {
    let (_, rest) =
        page.body.split_once(&format!("<dt>{label}</dt><dd>")).unwrap_or_else(|| panic!("no {label}: {page}"));
    rest.split('<').next().unwrap().to_owned()
}

/// The rows of a list of the dashboard: names and numbers.
fn list(page: &Answer, title: &str) -> Vec<(String, i64)> {
    let Some((_, rest)) = page.body.split_once(&format!("<caption>{title} by visitors</caption>")) else {
        return Vec::new();
    };
    let rows = rest.split("</table>").next().unwrap().split("<tr>").skip(1);
    let between =
        |row: &str, open: &str, close: &str| row.split(open).nth(1).unwrap().split(close).next().unwrap().to_owned();
    rows.map(|row| (between(row, "<bdi>", "</bdi>"), between(row, "<td>", "</td>").replace(',', "").parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_website_that_shows_nothing_is_answered_as_one_that_is_not_there() {
    for gateway in [Gateway::roomy(), Gateway::strict()] {
        let owner = gateway.account().await;
        // Money alone is nothing.
        let site = Site::with(&owner, |_| json!({ "isPublicDataEnabled": true })).await;
        site.visit().await;
        for path in
            PAGES.into_iter().chain(["/share/{id}?period=today&theme=dark&filter_page=/", "/widgets/{id}/analytics"])
        {
            let own = open(&site, path).await;
            let by_tracking_id = open(&site, &path.replace("{id}", &site.tracking_id)).await;
            let missing = open(&site, &path.replace("{id}", NO_SUCH_ID)).await;
            let nonsense = open(&site, &path.replace("{id}", "no-id")).await;
            for page in [&own, &by_tracking_id, &missing, &nonsense] {
                assert_eq!(page.status, 404, "{page}");
                assert_eq!(page.body, missing.body, "{page}");
                let plain = |page: &Answer| {
                    let mut headers = page.headers.clone();
                    for own in ["x-request-id", "server-timing", "date"] {
                        headers.remove(own);
                    }
                    headers
                };
                assert_eq!(plain(page), plain(&missing), "{page}");
                assert!(page.header("content-security-policy").ends_with("frame-ancestors 'none'"), "{page}");
                assert!(!page.body.contains(&site.domain), "{page}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_needs_no_token_and_has_no_script() {
    let owner = Gateway::roomy().account().await;
    let (site, _) = visited(&owner, json!({ "allowedHostnames": ["partner.example"] })).await;
    let domain = &site.domain;
    for (path, ancestors) in [
        ("/share/{id}", format!("{domain}:* *.{domain}:* partner.example:* *.partner.example:*")),
        ("/widgets/{id}/realtime", "*".to_owned()),
        ("/widgets/{id}/recent", "*".to_owned()),
    ] {
        let page = shown(&site, path).await;
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            (
                "content-security-policy",
                &format!(
                    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
                ),
            ),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(name), value, "{path} {name}");
        }
        assert!(!page.body.contains("<script"), "{page}");
        assert_eq!(page.headers.get("set-cookie"), None);
        assert_eq!(page.headers.get("access-control-allow-origin"), None);
        assert_eq!(page.headers.contains_key("refresh"), path.starts_with("/widgets"), "{path}");
        let by_tracking_id = shown(&site, &path.replace("{id}", &site.tracking_id)).await;
        assert_eq!(by_tracking_id.body, page.body);
    }
    assert_eq!(shown(&site, "/share/{id}?realtime=1").await.header("refresh"), "60");
    let styled = shown(&site, "/widgets/{id}/realtime?mainTextSize=16&primaryColor=%23e78468&theme=dark").await;
    let policy = styled.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let style = format!("<style nonce=\"{nonce}\">:root:root{{--size:16px;--accent:#e78468;}}</style>");
    assert!(styled.body.contains(&style) && styled.body.contains("data-theme=\"dark\""), "{styled}");
    // Nothing but these pages may be in a frame, and they are read only.
    for path in ["/console", "/docs", "/invitations/665f0b3c4d2e1a0012345678"] {
        let policy = open_from(&owner.gateway, "198.51.100.91", path).await.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    }
    let post = owner.gateway.request(Method::POST, &format!("/share/{}", site.id));
    assert_eq!(answer(post).await.status, 405);
}

#[tokio::test]
async fn any_page_may_frame_a_dashboard_of_a_website_that_takes_events_of_any() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "isPublicDashboardEnabled": true, "isAllHostnamesAllowed": true })).await;
    let policy = shown(&site, "/share/{id}").await.header("content-security-policy");
    assert!(policy.ends_with("; frame-ancestors *"), "{policy}");
}

#[tokio::test]
async fn no_page_tells_who_anybody_is() {
    let owner = Gateway::roomy().account().await;
    for has_money in [false, true] {
        let (site, person) = visited(&owner, json!({ "isPublicDataEnabled": has_money })).await;
        owner.post(&site.path("/notes"), json!({ "text": "A secret launch", "timestamp": moment(0) })).await.ok();
        for path in
            PAGES.into_iter().chain(["/share/{id}?period=today", "/share/{id}?period=today&filter_device=desktop"])
        {
            let page = shown(&site, path).await;
            for secret in [person.as_str(), JANE, "jane", "Jane", "u-17", "secret_goal", "A secret launch"] {
                assert!(!page.body.contains(secret), "{secret}: {page}");
            }
            let is_dashboard = path.starts_with("/share");
            let has_sum = page.body.contains("USD 49.00");
            assert_eq!(has_sum, has_money && !path.ends_with("realtime"), "{path}: {page}");
            if is_dashboard {
                assert_eq!(page.body.contains("Revenue"), has_money, "{page}");
                assert_eq!(page.body.contains("Payments"), has_money, "{page}");
            }
        }
        let feed = shown(&site, "/widgets/{id}/recent").await;
        assert!(feed.body.contains("<bdi>/pricing</bdi>") && feed.body.contains("<bdi>/u/…/orders</bdi>"), "{feed}");
        let now = shown(&site, "/widgets/{id}/realtime").await;
        assert!(now.body.contains("<strong>1</strong> visitor now"), "{now}");
    }
}

/// What the API answers for the same range, filtered as the page is.
async fn same_as_the_api(site: &Site, period: &str, (start, end): (&str, &str), (filter, more): (&str, &str)) {
    let page = shown(site, &format!("/share/{{id}}?period={period}{filter}")).await;
    let range = format!("startAt={start}&endAt={end}{more}");
    let totals = site.rows(&format!("/overview?{range}")).await.remove(0);
    for (label, field) in
        [("Visitors", "visitors"), ("Sessions", "sessions"), ("Pageviews", "pageviews"), ("Payments", "payments")]
    {
        assert_eq!(tile(&page, label).replace(',', ""), totals[field].to_string(), "{period} {label}: {totals}");
    }
    let revenue = totals["revenue"].as_f64().unwrap();
    assert_eq!(tile(&page, "Revenue").replace(',', ""), format!("USD {revenue:.2}"), "{period}: {totals}");
    let rate = totals["bounce_rate"].as_f64().unwrap();
    let tile: f64 = tile(&page, "Bounce rate").trim_end_matches('%').parse().unwrap();
    assert!((tile - rate).abs() <= 0.051, "{period}: {tile} {rate}");
    for (title, route, field) in [
        ("Pages", "pages", "path"),
        ("Sources", "referrers", "referrer"),
        ("Countries", "countries", "country"),
        ("Devices", "devices", "device"),
    ] {
        let rows = site.rows(&format!("/{route}?{range}&limit=10")).await;
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row[field].as_str().unwrap().to_owned(), row["visitors"].as_i64().unwrap()))
            .collect();
        assert_eq!(list(&page, title), rows, "{period} {title}");
    }
    let rows = site.rows(&format!("/timeseries?{range}&interval=day&limit=1000")).await;
    let table = page.body.split("<caption>Visitors</caption>").nth(1).unwrap().split("</table>").next().unwrap();
    let steps: Vec<i64> =
        table.split("<td>").skip(1).map(|row| row.split('<').next().unwrap().parse().unwrap()).collect();
    let expected: Vec<i64> = rows.iter().map(|row| row["visitors"].as_i64().unwrap()).collect();
    assert_eq!(steps, expected, "{period}");
    assert!(expected.iter().sum::<i64>() > 0, "{period}: there is something to compare");
}

#[tokio::test]
async fn the_figures_are_those_of_the_api() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "isPublicDashboardEnabled": true, "isPublicDataEnabled": true })).await;
    let (mut lines, mut people) = (Vec::new(), Vec::new());
    for number in 0..60_i64 {
        let person = visitor();
        let ago = (1 + number % 25) * 86_400_000;
        let country = ["FR", "DE", "US"][usize::try_from(number % 3).unwrap()];
        for step in 0..=number % 4 {
            let path = ["/", "/pricing", "/blog/a", "/docs"][usize::try_from((number + step) % 4).unwrap()];
            let referrer = if number % 5 == 0 { json!("https://news.ycombinator.com/") } else { json!(null) };
            let fields = json!({ "href": format!("https://{}{path}", site.domain), "country": country,
                "device": "mobile", "referrer": referrer });
            lines.push(site.line(&person, &moment(step * 60_000 - ago), fields));
        }
        people.push((person, ago));
    }
    site.import(&lines).await;
    for (person, ago) in people.iter().take(5) {
        let paid = json!({ "amount": 19.5, "currency": "USD", "transaction_id": unique(), "datafast_visitor_id": person,
            "timestamp": moment(10_000 - ago) });
        assert_eq!(site.post("/payments", paid).await.status, 200);
    }
    let day = |ago: i64| moment(-ago * 86_400_000)[..10].to_owned();
    let (today, week, month) = (day(0), day(6), day(29));
    for (period, start) in [("last7d", &week), ("last30d", &month)] {
        same_as_the_api(&site, period, (start, &today), ("", "")).await;
        for (filter, value) in
            [("filter_page", "/pricing"), ("filter_country", "Germany"), ("filter_referrer", "Direct/None")]
        {
            let filter = format!("&{filter}={value}");
            let of_api = filter.replace("=", "=is:");
            same_as_the_api(&site, period, (start, &today), (&filter, &of_api)).await;
        }
    }
    // A row that the page does not list, and whatever else the address says, changes nothing.
    let whole = shown(&site, "/share/{id}?period=last30d").await.body;
    for query in [
        "&filter_page=/hidden",
        "&filter_city=Paris",
        "&limit=100000&offset=5",
        "&startAt=1970-01-01&endAt=2999-01-01",
        "&timezone=Asia/Tokyo",
    ] {
        assert_eq!(shown(&site, &format!("/share/{{id}}?period=last30d{query}")).await.body, whole, "{query}");
    }
}

#[tokio::test]
async fn what_was_found_is_shown_for_a_minute_and_costs_nothing_again() {
    let owner = Gateway::roomy().account().await;
    let (site, _) = visited(&owner, json!({})).await;
    let nothing = Hops { gate: 0, d1: 0, kv: 0, site: 0 };
    for path in PAGES {
        let first = shown(&site, path).await;
        assert!(first.hops().d1 == 1 && first.hops().site <= 6, "{:?}", first.hops());
        site.visit().await;
        let second = shown(&site, path).await;
        assert_eq!(second.hops(), nothing, "{path}");
        assert_eq!(second.body, first.body, "{path}");
    }
    let other = shown(&site, "/share/{id}?period=today").await;
    assert_ne!(other.hops(), nothing, "another range is another page");
}

/// A gateway of its own, at a time from which the current minute lasts a while.
async fn early_in_a_minute() {
    let into = jiff::Timestamp::now().as_second() % 60;
    if into > 30 {
        tokio::time::sleep(Duration::from_secs(61 - u64::try_from(into).unwrap())).await;
    }
}

#[tokio::test]
async fn an_address_gets_so_many_pages_a_minute_and_a_website_is_asked_so_often() {
    let state = State::new();
    let own = state.serve(&[("RATE_LIMIT_PER_MINUTE", "1000")]);
    let owner = own.gateway.account().await;
    let site = Site::with(&owner, |_| json!({ "isPublicDashboardEnabled": true })).await;
    early_in_a_minute().await;
    // Each of these ranges and steps is another page to look up.
    let mut refused = Vec::new();
    let periods = ["today", "yesterday", "last24h", "last7d", "last30d", "week", "month", "year", "last12m"];
    for period in periods {
        for granularity in ["hourly", "daily", "weekly", "monthly"] {
            let page = open(&site, &format!("/share/{{id}}?period={period}&granularity={granularity}")).await;
            if page.status != 200 {
                refused.push(page);
            }
        }
    }
    assert!(!refused.is_empty(), "a website is looked up 30 times a minute");
    for page in &refused {
        assert_eq!(page.status, 429, "{page}");
        let wait: u64 = page.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{page}");
    }
    shown(&site, "/share/{id}?period=today").await;
    // The rest of the address's pages, known and unknown alike.
    let sent = periods.len() * 4 + 1;
    for number in sent..300 {
        let id = if number % 2 == 0 { site.id.clone() } else { format!("{number:024x}") };
        let page = open(&site, &format!("/widgets/{id}/realtime")).await;
        // The widget itself was not looked up in time.
        assert_eq!(page.status, if number % 2 == 0 { 429 } else { 404 }, "{number}: {page}");
    }
    for path in ["/share/{id}?period=today", "/share/000000000000000000000000", "/widgets/x/y"] {
        let page = open(&site, path).await;
        assert_eq!(page.status, 429, "{path}: {page}");
        assert!(page.header("content-security-policy").ends_with("frame-ancestors 'none'"));
    }
    let other = open_from(&own.gateway, "198.51.100.99", &format!("/share/{}?period=today", site.id)).await;
    assert_eq!(other.status, 200, "{other}");
}

#[tokio::test]
async fn a_website_that_is_switched_off_shows_nothing_within_a_minute() {
    let owner = Gateway::roomy().account().await;
    let (site, _) = visited(&owner, json!({ "isPublicDataEnabled": true })).await;
    assert!(shown(&site, "/share/{id}").await.body.contains("Revenue"));
    owner.put(&site.path(""), json!({ "isPublicDataEnabled": false })).await.ok();
    // What the isolate does not remember is decided by the settings as they are.
    let fresh = shown(&site, "/share/{id}?period=today").await;
    assert!(!fresh.body.contains("Revenue"), "{fresh}");
    owner.put(&site.path(""), json!({ "isPublicDashboardEnabled": false })).await.ok();
    assert_eq!(open(&site, "/share/{id}?period=last7d").await.status, 404);
    let row = owner.get(&site.path("")).await.ok().row();
    assert_fields(&row, json!({ "isPublicDashboardEnabled": false, "isPublicDataEnabled": false }));
    for _ in 0..40 {
        if open(&site, "/share/{id}").await.status == 404 {
            return;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    panic!("still shown after 80 seconds");
}
