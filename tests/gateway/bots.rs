//! Bot traffic (docs/contract/account-api.md#12, docs/contract/website-api.md#2.9 and #4.8).

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{Account, Answer, Caller, Gateway, Website, all, answer, has_exactly, is_moment, text};

const GPTBOT: &str =
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot";
const BINGBOT: &str = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";

/// What `@datafast/ai-crawl` sends about a request.
fn crawl(website: &Website, agent: &str, path: &str) -> Value {
    json!({
        "websiteId": website.id, "domain": website.domain, "href": format!("https://{}{path}", website.domain), "referrer": null,
        "ai": { "provider": "OpenAI", "agent": "GPTBot", "category": "training", "userAgent": agent, "ip": "203.0.113.7",
            "statusCode": 200, "source": "server_middleware" }
    })
}

async fn tell(gateway: &Gateway, body: &Value, token: Option<&str>) -> Answer {
    let request = gateway.request(Method::POST, "/api/ai-crawls").json(body);
    answer(if let Some(token) = token { request.bearer_auth(token) } else { request }).await
}

#[track_caller]
fn accepted(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"accepted":true}"#), "{answer}");
}

#[track_caller]
fn dropped(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"accepted":false}"#), "{answer}");
    assert_eq!(answer.header("x-sluice-dropped"), reason, "{answer}");
}

async fn report(caller: &Caller, path: &str, query: &str) -> Answer {
    let path = format!("/api/v1/analytics/bot-traffic{path}?{query}");
    answer(caller.gateway.request(Method::GET, &path).bearer_auth(&caller.token)).await
}

async fn summary(caller: &Caller, website: &Website, query: &str) -> Value {
    report(caller, "", &format!("websiteId={}{query}", website.id)).await.ok().row()
}

async fn requests(caller: &Caller, website: &Website) -> i64 {
    summary(caller, website, "").await["requests"].as_i64().unwrap()
}

async fn owner_with_website(gateway: &Gateway) -> (Account, Website) {
    let owner = gateway.account().await;
    let website = owner.website().await;
    (owner, website)
}

#[tokio::test]
async fn requests_of_crawlers_are_counted_by_what_their_user_agents_say() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    for (agent, path) in
        [(GPTBOT, "/"), (GPTBOT, "/pricing?utm_source=x"), (BINGBOT, "/pricing"), ("Claude-User/1.0", "/robots.txt")]
    {
        accepted(&tell(&gateway, &crawl(&website, agent, path), None).await);
    }
    let found = summary(&owner, &website, "").await;
    has_exactly(&found, &["requests", "verifiedRequests", "categories", "companies", "crawlers", "timeseries"]);
    assert_eq!((&found["requests"], &found["verifiedRequests"]), (&json!(4), &json!(0)));
    let first = &found["crawlers"][0];
    has_exactly(first, &["crawlerId", "name", "company", "category", "requests", "verifiedRequests", "lastSeenAt"]);
    assert_eq!(
        (&first["crawlerId"], &first["company"], &first["category"], &first["requests"]),
        (&json!("gptbot"), &json!("OpenAI"), &json!("training"), &json!(2))
    );
    assert!(is_moment(&first["lastSeenAt"]), "{first}");
    assert_eq!(found["categories"][0], json!({ "category": "training", "requests": 2 }));
    assert_eq!(found["companies"][0], json!({ "company": "OpenAI", "requests": 2 }));
    let buckets = found["timeseries"].as_array().unwrap();
    assert_eq!((buckets.len(), &buckets[29]["requests"]), (30, &json!(4)), "the last 30 days");

    for (query, number) in [
        ("&category=training", 2),
        ("&category=ai_crawler", 0),
        ("&company=Microsoft", 1),
        ("&crawlerId=claude-user", 1),
        ("&crawlerId=claude-user&category=training", 0),
        ("&verification=ip_verified", 0),
        ("&verification=user_agent_only", 4),
        ("&startAt=2026-01-01&endAt=2026-01-02", 0),
    ] {
        assert_eq!(summary(&owner, &website, query).await["requests"], number, "{query}");
    }
    let hours = summary(&owner, &website, "&interval=hour").await["timeseries"].as_array().unwrap().len();
    assert_eq!(hours, 720);

    let pages = async |query: &str| report(&owner, "/pages", &format!("websiteId={}{query}", website.id)).await.ok();
    let all = pages("").await;
    has_exactly(&all.rows()[0], &["hostname", "path", "requests", "verifiedRequests", "errorRequests", "lastSeenAt"]);
    assert_eq!((&all.rows()[0]["path"], &all.rows()[0]["requests"]), (&json!("/pricing"), &json!(2)));
    assert_eq!(all.json()["pagination"], json!({ "limit": 100, "offset": 0, "total": 3 }));
    for (query, number) in
        [("&pageSearch=PRICING", 1), ("&limit=1&offset=2", 1), ("&category=training", 2), ("&company=Apple", 0)]
    {
        assert_eq!(pages(query).await.rows().len(), number, "{query}");
    }
    for (query, named) in [
        ("category=humans", "category"),
        ("company=openai", "company"),
        ("crawlerId=x", "crawlerId"),
        ("verification=no", "verification"),
        ("interval=year", "interval"),
        ("startAt=2026-01-01", "endAt"),
    ] {
        let refused = report(&owner, "", &format!("websiteId={}&{query}", website.id)).await;
        assert!(refused.error(400).contains(named), "{query}: {refused}");
    }
}

#[tokio::test]
async fn hand_written_clients_may_leave_out_nearly_everything() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let tracking = text(&owner.get("/websites").await.ok().row()["trackingId"]);
    for body in [
        json!({ "websiteId": website.id, "ai": { "userAgent": GPTBOT } }),
        json!({ "websiteId": tracking, "href": null, "ai": { "userAgent": GPTBOT, "ip": null, "statusCode": null, "source": 7 } }),
        json!({ "websiteId": website.id.to_uppercase(), "ai": { "userAgent": GPTBOT, "ip": "x", "statusCode": "200" }, "more": {} }),
        json!({ "websiteId": website.id, "domain": website.domain, "href": format!("http://www.{}/a", website.domain),
            "ai": { "userAgent": GPTBOT, "ip": "203.0.113.7", "statusCode": 503, "source": "nginx" } }),
    ] {
        accepted(&tell(&gateway, &body, None).await);
    }
    let rows = report(&owner, "/pages", &format!("websiteId={}", website.id)).await.ok().rows();
    assert_eq!((rows[0]["path"].clone(), rows[0]["requests"].clone()), (Value::Null, json!(3)), "without a page");
    assert_eq!((rows[1]["path"].clone(), rows[1]["errorRequests"].clone()), (json!("/a"), json!(1)));
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_what_is_not_a_crawlers_is_left_out() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    for (body, status, named) in [
        (json!({ "ai": { "userAgent": GPTBOT } }), 400, "websiteId"),
        (json!({ "websiteId": "x", "ai": { "userAgent": GPTBOT } }), 400, "websiteId"),
        (json!({ "websiteId": website.id }), 400, "ai"),
        (json!({ "websiteId": website.id, "ai": {} }), 400, "userAgent"),
        (json!({ "websiteId": website.id, "ai": { "userAgent": 7 } }), 400, "userAgent"),
        (json!({ "websiteId": website.id, "href": "/a", "ai": { "userAgent": GPTBOT } }), 400, "href"),
        (json!({ "websiteId": website.id, "href": "javascript:1", "ai": { "userAgent": GPTBOT } }), 400, "href"),
        (json!({ "websiteId": "dfid_nobody", "ai": { "userAgent": GPTBOT } }), 404, "websiteId"),
        (json!([]), 400, "body"),
    ] {
        let refused = tell(&gateway, &body, None).await;
        assert!(refused.error(status).contains(named), "{body}: {refused}");
    }
    let elsewhere =
        json!({ "websiteId": website.id, "href": "https://elsewhere.example/", "ai": { "userAgent": GPTBOT } });
    dropped(&tell(&gateway, &elsewhere, None).await, "hostname");
    dropped(&tell(&gateway, &crawl(&website, crate::support::BROWSER, "/"), None).await, "unknown-crawler");
    // What the website leaves out of its events, it leaves out here.
    let choosy = owner.website().await;
    let staging = format!("staging.{}", choosy.domain);
    let excluded = json!({ "excludedPaths": ["/admin/*"], "excludedHostnames": [staging] });
    owner.put(&choosy.path(""), excluded).await.ok();
    dropped(&tell(&gateway, &crawl(&choosy, GPTBOT, "/admin/x"), None).await, "excluded-path");
    let staging =
        json!({ "websiteId": choosy.id, "href": format!("https://{staging}/"), "ai": { "userAgent": GPTBOT } });
    dropped(&tell(&gateway, &staging, None).await, "excluded-hostname");
    assert_eq!(requests(&owner, &choosy).await, 0);
    assert_eq!(requests(&owner, &website).await, 0);
    let long = crawl(&website, GPTBOT, &format!("/{}", "x".repeat(600)));
    accepted(&tell(&gateway, &long, None).await);
    let rows = report(&owner, "/pages", &format!("websiteId={}", website.id)).await.ok().rows();
    assert_eq!(rows[0]["path"], Value::Null, "a long path is not kept");
    let huge = crawl(&website, GPTBOT, &format!("/{}", "x".repeat(70_000)));
    tell(&gateway, &huge, None).await.error(413);
}

#[tokio::test]
async fn settings_decide_which_crawlers_are_counted_and_shown() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let path = website.path("/bot-traffic/settings");
    let first = owner.get(&path).await.ok().row();
    has_exactly(&first, &["websiteId", "domain", "settings", "companies"]);
    assert_eq!((&first["websiteId"], &first["domain"]), (&json!(website.id), &json!(website.domain)));
    let usual = json!({ "hiddenCrawlers": [], "excludedCrawlerIds": [], "verifiedOnly": false, "requireAuthToken": false,
        "hideDashboardCard": false, "groupBy": "crawlers" });
    assert_eq!(first["settings"], usual);
    let openai = &first["companies"][0];
    assert_eq!(
        (&openai["company"], &openai["crawlers"][0]),
        (
            &json!("OpenAI"),
            &json!({ "crawlerId": "gptbot", "name": "GPTBot", "category": "training", "isEnabled": true })
        )
    );

    let change = async |body: Value| owner.patch(&path, body).await.ok().row();
    let changed = change(json!({ "disableCompanies": ["OpenAI"], "enableCrawlerIds": ["oai-searchbot"] })).await;
    assert_eq!(changed["settings"]["excludedCrawlerIds"], json!(["gptbot", "chatgpt-user", "oai-adsbot"]));
    assert_eq!(changed["companies"][0]["crawlers"][0]["isEnabled"], false);
    let changed = change(json!({ "enableCompanies": ["OpenAI"], "disableCrawlerIds": ["gptbot", "ccbot"] })).await;
    assert_eq!(changed["settings"]["excludedCrawlerIds"], json!(["gptbot", "ccbot"]));
    assert_eq!(owner.get(&path).await.ok().row(), changed);
}

#[tokio::test]
async fn a_wrong_setting_is_refused_and_changes_nothing() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let path = website.path("/bot-traffic/settings");
    let before = owner.get(&path).await.ok().row();
    for (body, named) in [
        (json!({}), "verifiedOnly"),
        (json!({ "unknown": true }), "verifiedOnly"),
        (json!({ "verifiedOnly": "yes" }), "verifiedOnly"),
        (json!({ "groupBy": "people" }), "groupBy"),
        (json!({ "disableCompanies": ["openai"] }), "disableCompanies"),
        (json!({ "disableCrawlerIds": ["nobody"] }), "disableCrawlerIds"),
        (json!({ "hiddenCrawlers": "gptbot" }), "hiddenCrawlers"),
        (json!({ "excludedCrawlerIds": [], "disableCrawlerIds": ["gptbot"] }), "excludedCrawlerIds"),
        (json!({ "enableCrawlerIds": ["gptbot"], "disableCrawlerIds": ["gptbot"] }), "gptbot"),
        (json!({ "enableCompanies": ["Apple"], "disableCompanies": ["Apple"] }), "applebot"),
        (json!({ "requireAuthToken": true }), "requireAuthToken"),
    ] {
        let refused = owner.patch(&path, body.clone()).await;
        assert!(refused.error(400).contains(named), "{body}: {refused}");
    }
    assert_eq!(owner.get(&path).await.ok().row(), before);
}

#[tokio::test]
async fn excluded_crawlers_are_not_counted_and_hidden_ones_not_charted() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let path = website.path("/bot-traffic/settings");
    owner.patch(&path, json!({ "disableCrawlerIds": ["gptbot"], "hiddenCrawlers": ["bingbot"] })).await.ok();
    dropped(&tell(&gateway, &crawl(&website, GPTBOT, "/"), None).await, "excluded-crawler");
    accepted(&tell(&gateway, &crawl(&website, BINGBOT, "/"), None).await);
    let found = summary(&owner, &website, "").await;
    assert_eq!((&found["requests"], &found["timeseries"][29]["requests"]), (&json!(1), &json!(0)));
    let changed = owner.patch(&path, json!({ "excludedCrawlerIds": [], "hiddenCrawlers": [], "groupBy": "companies", "hideDashboardCard": true })).await;
    let settings = changed.ok().row()["settings"].clone();
    assert_eq!((&settings["groupBy"], &settings["hideDashboardCard"]), (&json!("companies"), &json!(true)));
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), None).await);
    assert_eq!(summary(&owner, &website, "").await["timeseries"][29]["requests"], 2);
    owner.patch(&path, json!({ "verifiedOnly": true })).await.ok();
    dropped(&tell(&gateway, &crawl(&website, GPTBOT, "/"), None).await, "unverified");
}

#[tokio::test]
async fn a_token_is_shown_once_and_the_old_one_is_worth_nothing() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let (path, settings) = (website.path("/bot-traffic/token"), website.path("/bot-traffic/settings"));
    let none = owner.get(&path).await.ok().row();
    let expected = json!({ "websiteId": website.id, "domain": website.domain, "hasToken": false, "displayToken": null,
        "createdAt": null, "requireAuthToken": false });
    assert_eq!(none, expected);
    owner.put(&path, json!({})).await.error(404);
    owner.delete(&path).await.error(404);

    let created = owner.post(&path, json!({})).await.ok().row();
    let first = text(&created["requestAuthToken"]);
    assert!(first.starts_with("dfbot_") && first.len() == 42, "{first}");
    assert_eq!(created["displayToken"], format!("{}...{}", &first[..7], &first[38..]));
    owner.post(&path, json!({})).await.error(409);
    let shown = owner.get(&path).await.ok();
    assert!(!shown.body.contains(&first) && shown.row()["hasToken"] == true, "{shown}");

    // Not required yet.
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), Some("anything")).await);
    owner.patch(&settings, json!({ "requireAuthToken": true })).await.ok();
    for wrong in [None, Some("dfbot_x"), Some(owner.token.as_str())] {
        let refused = tell(&gateway, &crawl(&website, GPTBOT, "/"), wrong).await;
        assert!(refused.error(401).contains("dfbot_"), "{refused}");
    }
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), Some(&first)).await);
    let second = text(&owner.put(&path, json!({})).await.ok().row()["requestAuthToken"]);
    tell(&gateway, &crawl(&website, GPTBOT, "/"), Some(&first)).await.error(401);
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), Some(&second)).await);
    // It opens nothing else.
    let other = answer(gateway.request(Method::GET, "/api/v1/admin/account").bearer_auth(&second)).await;
    assert!(other.error(401).contains("dft_"), "{other}");
    // Nor does the token of one website open another.
    let elsewhere = owner.website().await;
    let token = owner.post(&elsewhere.path("/bot-traffic/token"), json!({})).await.ok().row();
    tell(&gateway, &crawl(&website, GPTBOT, "/"), Some(&text(&token["requestAuthToken"]))).await.error(401);

    let deleted = owner.delete(&path).await.ok().row();
    assert_eq!(deleted, expected);
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), None).await);
    assert_eq!(requests(&owner, &website).await, 4);
}

#[tokio::test]
async fn a_token_that_is_asked_for_twice_with_one_key_is_made_once() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let path = format!("/api/v1/admin{}", website.path("/bot-traffic/token"));
    let ask = async |key: &str| {
        let request = gateway.request(Method::POST, &path).bearer_auth(&owner.token);
        answer(request.header("idempotency-key", key).json(&json!({}))).await
    };
    let first = ask("one").await.ok();
    let again = ask("one").await.ok();
    assert_eq!((again.header("idempotency-replayed").as_str(), &again.body), ("true", &first.body));
    ask("two").await.error(409);
    owner.patch(&website.path("/bot-traffic/settings"), json!({ "requireAuthToken": true })).await.ok();
    let token = text(&first.row()["requestAuthToken"]);
    accepted(&tell(&gateway, &crawl(&website, GPTBOT, "/"), Some(&token)).await);
}

#[tokio::test]
async fn bot_traffic_is_the_owners_alone() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let (member, viewer) = (gateway.account().await, gateway.account().await);
    website.admit(&member, "member").await;
    website.admit(&viewer, "viewer").await;
    let of_member = member.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let of_member = gateway.caller(&text(&of_member["key"]));
    let query = format!("websiteId={}", website.id);
    for path in ["", "/pages"] {
        report(&owner, path, &query).await.ok();
        // A key that the owner has made need not name its website.
        report(&website.key().await, path, "").await.ok();
        for caller in [&member.caller, &viewer.caller, &of_member] {
            let refused = report(caller, path, &query).await;
            assert!(refused.error(403).contains("owner"), "{refused}");
        }
    }
    for path in ["/bot-traffic/settings", "/bot-traffic/token"] {
        member.get(&website.path(path)).await.error(403);
        let key = website.key().await.get(&website.path(path)).await;
        assert!(key.error(403).contains("df_"), "{key}");
    }
    website.key().await.get("/bot-traffic/usage").await.error(403);
}

#[tokio::test]
async fn usage_is_of_the_websites_that_one_owns_and_the_token_reaches() {
    let gateway = Gateway::roomy();
    let (owner, website) = owner_with_website(&gateway).await;
    let other = owner.website().await;
    owner.website().await;
    for (website, number) in [(&website, 2), (&other, 1)] {
        for _ in 0..number {
            accepted(&tell(&gateway, &crawl(website, GPTBOT, "/"), None).await);
        }
    }
    let usage = owner.get("/bot-traffic/usage").await.ok().row();
    has_exactly(&usage, &["usage", "websiteStats", "billing"]);
    let of_all = &usage["usage"];
    assert_eq!(
        (&of_all["usage"], &of_all["dropped"], &of_all["allowance"], &of_all["remaining"], &of_all["isCounting"]),
        (&json!(3), &json!(0), &json!(300_000), &json!(299_997), &json!(true))
    );
    assert!(is_moment(&of_all["periodStartAt"]) && is_moment(&of_all["resetAt"]), "{of_all}");
    let stats = usage["websiteStats"].as_array().unwrap();
    assert_eq!((stats.len(), &stats[0]["websiteId"], &stats[0]["requests"]), (2, &json!(website.id), &json!(2)));
    let narrow = owner.mint(json!({ "websiteIds": [other.id] })).await;
    let usage = narrow.get("/bot-traffic/usage").await.ok().row();
    assert_eq!((&usage["usage"]["usage"], &usage["usage"]["allowance"]), (&json!(1), &json!(100_000)));
    let member = gateway.account().await;
    website.admit(&member, "member").await;
    assert_eq!(member.get("/bot-traffic/usage").await.ok().row()["usage"]["usage"], 0);
}

#[tokio::test]
async fn a_month_takes_so_many_requests_and_says_so() {
    let state = State::new();
    let ranges = "gptbot=203.0.113.0/24;bingbot=198.51.100.0/24";
    let own = state.serve(&[("MAX_BOT_REQUESTS", "3"), ("BOT_IP_RANGES", ranges)]);
    let (owner, website) = owner_with_website(&own.gateway).await;
    let sent = crawl(&website, GPTBOT, "/");
    let answers = all((0..8).map(|_| tell(&own.gateway, &sent, None))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(refused.len(), 5, "{answers:?}");
    for answer in refused {
        assert!(answer.error(429).contains("crawler_limit_reached"), "{answer}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    let found = summary(&owner, &website, "").await;
    assert_eq!(
        (&found["requests"], &found["verifiedRequests"]),
        (&json!(3), &json!(3)),
        "by the addresses that are configured"
    );
    let usage = owner.get("/bot-traffic/usage").await.ok().row()["usage"].clone();
    assert_eq!((&usage["usage"], &usage["remaining"], &usage["percentUsed"]), (&json!(3), &json!(0), &json!(100)));
    assert_eq!(usage["isCounting"], false, "{usage}");
    assert!(usage["dropped"].as_i64().unwrap() >= 1, "{usage}");
    // Another website has its own.
    let other = owner.website().await;
    accepted(&tell(&own.gateway, &crawl(&other, BINGBOT, "/"), None).await);
    assert_eq!(summary(&owner, &other, "").await["verifiedRequests"], 0, "from somewhere else");
}

#[tokio::test]
async fn a_sender_of_too_many_is_refused_for_its_own_requests_alone() {
    let state = State::new();
    let own = state.serve(&[("EVENTS_PER_MINUTE", "5")]);
    let (_, website) = owner_with_website(&own.gateway).await;
    let sent = crawl(&website, GPTBOT, "/");
    let answers = all((0..12).map(|_| tell(&own.gateway, &sent, None))).await;
    let limited = answers.iter().filter(|answer| answer.status == 429).count();
    assert!(limited >= 2, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)), "{answers:?}");
}
