//! Signing in to the console, and what its sessions may do. What needs a moved clock is in `src/session_tests.rs`.

use std::sync::atomic::{AtomicU8, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::expected::console_routes;
use crate::matrix::unknown_token;
use crate::support::{
    ADMIN, Answer, Browser, Gateway, NO_SUCH_ID, answer, assert_fields, fields, has_exactly, invitation_code, is_id,
    is_moment, statuses, text, together, unique_email,
};

const SESSION: &str = "/api/v1/console/session";
const SESSIONS: &str = "/api/v1/console/sessions";
const ACCOUNT: &str = "/api/v1/admin/account";

/// An address that no other test uses.
fn address() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    format!("198.51.100.{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A browser that a token has signed in.
async fn by_token(gateway: &Gateway, token: &str) -> Browser {
    gateway.browser(&gateway.sign_in(json!({ "token": token })).await.ok())
}

// ---- Tickets

#[tokio::test]
async fn a_ticket_signs_in_once() {
    let gateway = Gateway::strict();
    let account = gateway.account().await;
    let ticket = gateway.ticket(&account.email).await;
    let signed_in = gateway.sign_in(json!({ "ticket": ticket })).await.ok();
    let row = signed_in.row();
    has_exactly(
        &row,
        &["id", "account", "method", "permissions", "websites", "freshUntil", "expiresAt", "limit", "version"],
    );
    assert_fields(
        &row,
        json!({ "method": "ticket", "permissions": ["*"], "websites": [], "account.id": account.id,
            "account.email": account.email, "account.name": "Test", "limit.limit": 600 }),
    );
    assert!(is_id(&row["id"]) && is_moment(&row["freshUntil"]) && is_moment(&row["expiresAt"]), "{row}");
    let browser = gateway.browser(&signed_in);
    assert_fields(&browser.session().await, json!({ "id": row["id"], "method": "ticket" }));
    let again = gateway.sign_in(json!({ "ticket": ticket })).await;
    assert!(again.error(401).contains("used"), "{again}");
    assert!(!again.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn of_ten_browsers_with_one_ticket_one_is_signed_in() {
    let gateway = Gateway::strict();
    let account = gateway.account().await;
    let ticket = gateway.ticket(&account.email).await;
    let here = address();
    let answers = together((0..10).map(|_| {
        let request = gateway.request(Method::POST, SESSION).header("sec-fetch-site", "same-origin");
        answer(request.header("cf-connecting-ip", &here).json(&json!({ "ticket": ticket })))
    }))
    .await;
    assert_eq!(statuses(&answers), [(200, 1), (401, 9)]);
}

#[tokio::test]
async fn in_development_a_ticket_is_good_again_and_only_on_this_machine() {
    let gateway = Gateway::roomy();
    let account = gateway.account().await;
    let ticket = gateway.ticket(&account.email).await;
    let first = gateway.browser(&gateway.sign_in(json!({ "ticket": ticket })).await.ok());
    let second = gateway.browser(&gateway.sign_in(json!({ "ticket": ticket })).await.ok());
    assert_ne!(first.cookie, second.cookie);
    for browser in [first, second] {
        browser.session().await;
    }
    let elsewhere = gateway.request(Method::POST, SESSION).header("host", "gateway.example");
    let elsewhere = elsewhere.header("sec-fetch-site", "same-origin").json(&json!({ "ticket": ticket }));
    answer(elsewhere).await.error(401);
    // One that is made for another host is good once there.
    let made = gateway.request(Method::POST, "/api/v1/console/tickets").header("host", "gateway.example");
    let made =
        answer(made.bearer_auth(&gateway.setup_secret).json(&json!({ "email": account.email }))).await.ok().row();
    let url = text(&made["url"]);
    let once = url.split("#ticket=").nth(1).unwrap();
    let statuses = [
        gateway.sign_in(json!({ "ticket": once })).await.status,
        gateway.sign_in(json!({ "ticket": once })).await.status,
    ];
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn tickets_want_the_setup_secret_and_an_account() {
    let gateway = Gateway::roomy();
    let account = gateway.account().await;
    let make = |secret: &str, email: &str| {
        let request = gateway.request(Method::POST, "/api/v1/console/tickets").bearer_auth(secret);
        answer(request.json(&json!({ "email": email })))
    };
    make("wrong", &account.email).await.error(401);
    make(&account.token, &account.email).await.error(401);
    make(&gateway.setup_secret, &unique_email()).await.error(404);
    make(&gateway.setup_secret, "nobody").await.error(400);
}

// ---- Tokens

#[tokio::test]
async fn a_narrowed_token_makes_a_narrowed_session() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let narrow = json!({ "permissions": ["analytics:read", "api-keys:write"], "websiteIds": [website.id] });
    let browser = by_token(&gateway, &owner.mint(narrow.clone()).await.token).await;
    let session = browser.session().await;
    assert_fields(&session, json!({ "method": "token", "permissions": narrow["permissions"] }));
    let [reached] = session["websites"].as_array().unwrap().as_slice() else { panic!("{session}") };
    assert_fields(
        reached,
        json!({ "id": website.id, "domain": website.domain, "role": "owner", "timezone": "UTC", "currency": "USD" }),
    );
    browser.get(&format!("/api/v1/analytics/overview?websiteId={}", website.id)).await.ok();
    let beyond = browser.get(&format!("/api/v1/analytics/overview?websiteId={}", other.id)).await;
    assert!(beyond.error(403).contains(&other.id), "{beyond}");
    let lacking = browser.get(&format!("{ADMIN}/websites/{}/funnels", website.id)).await;
    assert!(lacking.error(403).contains("\"funnels:read\""), "{lacking}");
    // It cannot hand on what it has not got.
    let minted = browser.post(&format!("{ADMIN}/access-tokens"), json!({ "permissions": ["*"] })).await;
    assert!(minted.error(403).contains("\"*\""), "{minted}");
    let minted = browser.post(&format!("{ADMIN}/access-tokens"), json!({})).await.ok().row();
    assert_fields(&minted, json!({ "permissions": narrow["permissions"], "websiteIds": [website.id] }));
}

#[tokio::test]
async fn what_is_no_whole_account_token_signs_nobody_in() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let key = owner.website().await.key().await;
    let refused = gateway.sign_in(json!({ "token": key.token })).await;
    assert!(refused.error(400).contains("website key"), "{refused}");
    for token in [owner.token[..39].to_owned(), unknown_token("dft_"), "x".to_owned(), String::new()] {
        gateway.sign_in(json!({ "token": token })).await.error(401);
    }
    for body in
        [json!({}), json!({ "ticket": "x", "token": "y" }), json!({ "ticket": null }), json!({ "access": false })]
    {
        gateway.sign_in(body).await.error(400);
    }
    gateway.sign_in(json!({ "ticket": "x" })).await.error(401);
    // A session signs nobody in.
    let browser = owner.browser().await;
    let session = browser.cookie.split_once('=').unwrap().1.to_owned();
    gateway.sign_in(json!({ "token": session })).await.error(401);
}

#[tokio::test]
async fn revoking_the_granting_token_ends_its_sessions_with_the_next_request() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let row = owner.post("/access-tokens", json!({})).await.ok().row();
    let browser = by_token(&gateway, &text(&row["key"])).await;
    let (by_other, by_ticket) = (by_token(&gateway, &owner.token).await, owner.browser().await);
    browser.session().await;
    owner.delete(&format!("/access-tokens/{}", text(&row["id"]))).await.ok();
    browser.get(SESSION).await.error(401);
    browser.get(ACCOUNT).await.error(401);
    for other in [by_other, by_ticket] {
        other.session().await;
    }
}

#[tokio::test]
async fn revoking_somebody_elses_token_ends_nothing() {
    let gateway = Gateway::roomy();
    let (owner, stranger) = (gateway.account().await, gateway.account().await);
    let browser = by_token(&gateway, &owner.token).await;
    stranger.delete(&format!("/access-tokens/{}", owner.token_id)).await.error(404);
    browser.session().await;
}

#[tokio::test]
async fn a_session_revokes_tokens_and_keeps_its_own_rights() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let browser = owner.browser().await;
    browser.delete(&format!("{ADMIN}/access-tokens/{}", owner.token_id)).await.ok();
    owner.get("/account").await.error(401);
    browser.get(ACCOUNT).await.ok();
}

// ---- Caps and limits

#[tokio::test]
async fn a_further_session_of_one_token_ends_the_oldest_of_three() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let by_ticket = owner.browser().await;
    let mut browsers = Vec::new();
    for _ in 0..5 {
        browsers.push(by_token(&gateway, &owner.token).await);
    }
    let alive = all_statuses(&browsers).await;
    assert_eq!(alive, [401, 401, 200, 200, 200]);
    by_ticket.session().await;
}

#[tokio::test]
async fn a_further_session_of_an_account_ends_the_oldest_of_ten() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let mut browsers = Vec::new();
    for _ in 0..12 {
        browsers.push(owner.browser().await);
    }
    let alive = all_statuses(&browsers).await;
    assert_eq!(alive, [[401; 2].as_slice(), &[200; 10]].concat());
    assert_eq!(browsers[11].get(SESSIONS).await.ok().rows().len(), 10);
}

async fn all_statuses(browsers: &[Browser]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for browser in browsers {
        statuses.push(browser.get(SESSION).await.status);
    }
    statuses
}

#[tokio::test]
async fn signing_in_costs_the_tokens_window_and_a_session_has_its_own() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let browser = by_token(&gateway, &owner.token).await;
    assert_eq!(owner.get("/account").await.ok().header("x-ratelimit-remaining"), "58");
    let session = browser.get(SESSION).await.ok();
    assert_eq!(
        (session.header("x-ratelimit-limit"), session.header("x-ratelimit-remaining")),
        ("600".into(), "599".into())
    );
    assert_fields(&session.row(), json!({ "limit": { "limit": 600, "remaining": 599 } }));
    together((0..70).map(|_| owner.get("/account"))).await;
    let refused = gateway.sign_in(json!({ "token": owner.token })).await;
    assert_eq!(refused.status, 429, "{refused}");
    browser.session().await;
}

#[tokio::test]
async fn of_700_requests_of_a_session_at_once_exactly_600_pass() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let browser = by_token(&gateway, &owner.token).await;
    let answers = together((0..700).map(|_| browser.get(ACCOUNT))).await;
    assert_eq!(statuses(&answers), [(200, 600), (429, 100)]);
    owner.get("/account").await.ok();
}

#[tokio::test]
async fn guessing_is_limited_for_each_address_and_valid_sign_ins_still_pass() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let from = |address: &str, body: Value| {
        let request = gateway.request(Method::POST, SESSION).header("sec-fetch-site", "same-origin");
        answer(request.header("cf-connecting-ip", address).json(&body))
    };
    let whole = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for bodies in [
        vec![json!({ "ticket": whole }); 65],
        (0..65).map(|_| json!({ "token": unknown_token("dft_") })).collect(),
        vec![json!({ "ticket": "cut" }); 65],
        vec![json!({ "token": "dft_cut" }); 65],
    ] {
        let here = address();
        let mut answers = Vec::new();
        for body in bodies {
            answers.push(from(&here, body).await);
        }
        assert_eq!(statuses(&answers), [(401, 60), (429, 5)]);
        from(&here, json!({ "ticket": gateway.ticket(&owner.email).await })).await.ok();
    }
}

// ---- The cookie

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_and_hidden_from_scripts() {
    for (gateway, start, end) in [
        (
            Gateway::strict(),
            "__Host-sluice=dfs_".to_owned(),
            "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000",
        ),
        (
            Gateway::roomy(),
            format!("sluice-{}=dfs_", Gateway::roomy().url.rsplit(':').next().unwrap()),
            "; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000",
        ),
    ] {
        let account = gateway.account().await;
        let signed_in = gateway.sign_in(json!({ "token": account.token })).await.ok();
        let cookie = signed_in.header("set-cookie");
        assert!(cookie.starts_with(&start) && cookie.ends_with(end), "{cookie}");
        assert_eq!(cookie.len(), start.len() + 36 + end.len(), "{cookie}");
        let token = cookie.split(['=', ';']).nth(1).unwrap();
        assert!(!signed_in.body.contains(token), "the token is nowhere but in the cookie");
        let out = gateway.browser(&signed_in).delete(SESSION).await.ok();
        let name = start.split('=').next().unwrap();
        assert_eq!(out.header("set-cookie"), format!("{name}={}", end.replace("2592000", "0")));
        assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    }
}

#[tokio::test]
async fn a_session_is_taken_from_its_cookie_only_and_a_token_from_its_header_only() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let browser = owner.browser().await;
    let (name, session) = browser.cookie.split_once('=').unwrap();
    gateway.caller(session).get("/account").await.error(401);
    let as_cookie = |value: &str| Browser { gateway: gateway.clone(), cookie: format!("{name}={value}") };
    for value in [&owner.token, &unknown_token("dft_"), &session[..39].to_owned(), &"dfs_x".to_owned(), &String::new()]
    {
        as_cookie(value).get(ACCOUNT).await.error(401);
    }
    for other in ["sluice", "__Host-sluice", "sluice-1"] {
        let other = Browser { gateway: gateway.clone(), cookie: format!("{other}={session}") };
        other.get(ACCOUNT).await.error(401);
    }
}

#[tokio::test]
async fn a_token_in_the_header_goes_before_the_cookie() {
    let gateway = Gateway::roomy();
    let (owner, other) = (gateway.account().await, gateway.account().await);
    let browser = owner.browser().await;
    let account = |request: reqwest::RequestBuilder| async { answer(request).await };
    let both = account(browser.request(Method::GET, ACCOUNT).bearer_auth(&other.token)).await.ok();
    assert_eq!(both.row()["id"], other.id.as_str());
    account(browser.request(Method::GET, ACCOUNT).bearer_auth(unknown_token("dft_"))).await.error(401);
    account(browser.request(Method::GET, ACCOUNT).header("authorization", "Basic x")).await.error(401);
    // Wherever the request comes from: it is not the cookie that authenticates it.
    let foreign = browser.bare(Method::GET, ACCOUNT).header("sec-fetch-site", "cross-site").bearer_auth(&other.token);
    assert_eq!(account(foreign).await.ok().row()["id"], other.id.as_str());
}

#[tokio::test]
async fn only_the_gateways_own_pages_use_the_cookie() {
    for gateway in [Gateway::roomy(), Gateway::strict()] {
        let owner = gateway.account().await;
        let browser = owner.browser().await;
        let own = gateway.url.clone();
        let port: u16 = own.rsplit(':').next().unwrap().parse().unwrap();
        let neighbour = format!("http://127.0.0.1:{}", port ^ 1);
        // What `Sec-Fetch-Site` and `Origin` say, and whether that is one of our own pages.
        let cases: &[(Option<&str>, Option<&str>, bool)] = &[
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(&own), true),
            (None, Some(&own), true),
            (Some("same-site"), None, false),
            (Some("same-site"), Some(&neighbour), false),
            (Some("cross-site"), None, false),
            (Some("cross-site"), Some("https://evil.example"), false),
            (Some("cross-site"), Some(&own), false),
            (Some("none"), None, false),
            (None, Some(&neighbour), false),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
            (None, None, false),
        ];
        for (site, origin, is_own) in cases {
            for (method, path) in [
                (Method::GET, ACCOUNT),
                (Method::GET, SESSION),
                (Method::PUT, ACCOUNT),
                (Method::DELETE, "/api/v1/console/sessions?others=true"),
            ] {
                let mut request = browser.bare(method, path).body("[]");
                if let Some(site) = site {
                    request = request.header("sec-fetch-site", *site);
                }
                if let Some(origin) = origin {
                    request = request.header("origin", *origin);
                }
                let answer = answer(request).await;
                assert_eq!(answer.status != 403, *is_own, "{site:?} {origin:?}: {answer}");
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer}");
            }
        }
        let unsaid = answer(browser.bare(Method::GET, ACCOUNT)).await;
        assert!(unsaid.error(403).contains("current browser"), "{unsaid}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing_and_signs_nobody_in() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let browser = owner.browser().await;
    let form = |path: &str| {
        browser
            .bare(Method::POST, path)
            .header("sec-fetch-site", "cross-site")
            .header("origin", "https://evil.example")
            .header("content-type", "text/plain")
    };
    let body = json!({ "domain": "evil.example", "timezone": "UTC" }).to_string();
    answer(form(&format!("{ADMIN}/websites")).body(body)).await.error(403);
    assert!(browser.session().await["websites"].as_array().unwrap().is_empty());
    let attacker = gateway.account().await;
    let signed_in = answer(form(SESSION).body(json!({ "token": attacker.token }).to_string())).await;
    signed_in.error(403);
    assert!(!signed_in.headers.contains_key("set-cookie"));
    for site in ["same-site", "none"] {
        let request = gateway.request(Method::POST, SESSION).header("sec-fetch-site", site);
        answer(request.json(&json!({ "token": attacker.token }))).await.error(403);
    }
    answer(gateway.request(Method::POST, SESSION).json(&json!({ "token": attacker.token }))).await.error(403);
    let request = gateway.request(Method::POST, SESSION).header("origin", &gateway.url);
    answer(request.json(&json!({ "token": attacker.token }))).await.ok();
}

#[tokio::test]
async fn what_a_cookie_was_good_for_is_in_no_cache() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let browser = owner.browser().await;
    for path in [
        SESSION.to_owned(),
        ACCOUNT.to_owned(),
        format!("{ADMIN}/websites/{}/export", website.id),
        format!("/api/v1/analytics/overview?websiteId={}", website.id),
        format!("{ADMIN}/websites/{NO_SUCH_ID}"),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("vary"), "Cookie, Authorization", "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn routes_for_everybody_do_not_look_at_the_cookie() {
    let gateway = Gateway::roomy();
    let browser = gateway.account().await.browser().await;
    for path in ["/api/v1/console/status", "/openapi.json", "/js/script.js", "/healthz"] {
        let answer = answer(browser.bare(Method::GET, path).header("sec-fetch-site", "cross-site")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.headers.contains_key("vary"), "{path}");
    }
}

// ---- Sessions

#[tokio::test]
async fn the_consoles_routes_take_no_token() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let key = website.key().await;
    for route in console_routes() {
        let path = route.path.replace("{websiteId}", &website.id).replace("{sessionId}", NO_SUCH_ID);
        let path = format!("{}{path}", route.base);
        let method: Method = route.method.parse().unwrap();
        for token in [&owner.token, &key.token] {
            let refused = answer(gateway.request(method.clone(), &path).bearer_auth(token)).await;
            assert!(refused.error(403).contains("session"), "{refused}");
        }
        answer(gateway.request(method.clone(), &path).bearer_auth(unknown_token("dft_"))).await.error(401);
        answer(gateway.request(method, &path)).await.error(401);
    }
}

#[tokio::test]
async fn signing_out_is_in_force_with_the_next_request() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let (browser, other) = (owner.browser().await, owner.browser().await);
    browser.delete(SESSION).await.ok();
    let refused = browser.get(ACCOUNT).await;
    assert!(refused.error(401).contains("sign in again"), "{refused}");
    browser.delete(SESSION).await.error(401);
    other.session().await;
}

#[tokio::test]
async fn devices_are_listed_and_signed_out_one_by_one_or_all_but_this() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let stranger = gateway.account().await.browser().await;
    let agent = "Firefox on a telephone";
    let request = gateway.request(Method::POST, SESSION).header("sec-fetch-site", "same-origin");
    let request = request.header("user-agent", agent).json(&json!({ "token": owner.token }));
    let first = gateway.browser(&answer(request).await.ok());
    let (second, third) = (owner.browser().await, owner.browser().await);
    let rows = second.get(SESSIONS).await.ok().rows();
    assert_eq!(rows.len(), 3);
    has_exactly(
        &rows[2],
        &["id", "method", "userAgent", "country", "createdAt", "lastSeenAt", "expiresAt", "isCurrent"],
    );
    assert_fields(&rows[2], json!({ "method": "token", "userAgent": agent, "isCurrent": false }));
    assert_eq!(rows.iter().map(|row| row["isCurrent"] == true).collect::<Vec<_>>(), [false, true, false]);
    let id = text(&rows[2]["id"]);
    stranger.delete(&format!("{SESSIONS}/{id}")).await.error(404);
    second.delete(&format!("{SESSIONS}/{id}")).await.ok();
    second.delete(&format!("{SESSIONS}/{id}")).await.error(404);
    first.get(ACCOUNT).await.error(401);
    for wrong in ["", "?others=false", "?others=1"] {
        second.delete(&format!("{SESSIONS}{wrong}")).await.error(400);
    }
    third.session().await;
    second.delete(&format!("{SESSIONS}?others=true")).await.ok();
    third.get(ACCOUNT).await.error(401);
    stranger.session().await;
    assert_eq!(second.get(SESSIONS).await.ok().rows().len(), 1);
}

#[tokio::test]
async fn a_narrowed_session_signs_out_nobody_who_can_do_more() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let full = owner.browser().await;
    let narrow = json!({ "permissions": ["api-keys:read", "api-keys:write"] });
    let token = owner.mint(narrow).await.token;
    let (browser, twin) = (by_token(&gateway, &token).await, by_token(&gateway, &token).await);
    let id = text(&full.session().await["id"]);
    let refused = browser.delete(&format!("{SESSIONS}/{id}")).await;
    assert!(refused.error(403).contains("this session lacks \"*\""), "{refused}");
    browser.delete(&format!("{SESSIONS}?others=true")).await.ok();
    full.session().await;
    twin.get(ACCOUNT).await.error(401);
}

#[tokio::test]
async fn signing_in_again_ends_the_browsers_session_before() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let browser = owner.browser().await;
    let ticket = gateway.ticket(&owner.email).await;
    let again = browser.post(SESSION, json!({ "ticket": ticket })).await.ok();
    browser.get(ACCOUNT).await.error(401);
    gateway.browser(&again).session().await;
}

#[tokio::test]
async fn recovering_an_account_ends_its_sessions() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let browser = owner.browser().await;
    let request = gateway.request(Method::POST, "/api/v1/setup").bearer_auth(&gateway.setup_secret);
    answer(request.json(&json!({ "email": owner.email, "recover": true }))).await.ok();
    browser.get(ACCOUNT).await.error(401);
}

#[tokio::test]
async fn the_status_says_how_to_sign_in_and_nothing_of_anybody() {
    // Without EMAIL_FROM mail is sent in development only, and neither gateway's host is a name.
    for (gateway, environment, email) in
        [(Gateway::roomy(), "development", true), (Gateway::strict(), "production", false)]
    {
        gateway.account().await;
        let status = answer(gateway.request(Method::GET, "/api/v1/console/status")).await.ok().row();
        assert_eq!(fields(&status), ["environment", "isEmpty", "methods", "version"]);
        assert_fields(
            &status,
            json!({ "isEmpty": false, "methods": { "token": true, "email": email, "passkey": false, "access": false },
                "environment": environment }),
        );
    }
}

// ---- Invitations

/// Accepts an invitation on its page, in a browser with or without a session.
async fn accept_on_its_page(gateway: &Gateway, invitation: &Value, cookie: Option<&str>, name: Option<&str>) -> Answer {
    let path = format!("/api/v1/invitations/{}/accept", text(&invitation["invitationId"]));
    let body = json!({ "code": invitation_code(invitation), "name": name, "session": true });
    let mut request = gateway.request(Method::POST, &path).header("sec-fetch-site", "same-origin").json(&body);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    answer(request).await
}

#[tokio::test]
async fn accepting_an_invitation_on_its_page_signs_in_and_shows_no_token() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let invite = async || {
        let sent = json!({ "email": unique_email(), "role": "member" });
        owner.post(&website.path("/team"), sent).await.ok().row()
    };
    let invitation = invite().await;
    // A page of another site starts no session, and does not use the invitation up.
    let path = format!("/api/v1/invitations/{}/accept", text(&invitation["invitationId"]));
    let body = json!({ "code": invitation_code(&invitation), "name": "Eve", "session": true });
    for site in ["cross-site", "same-site", "none"] {
        let foreign = gateway.request(Method::POST, &path).header("sec-fetch-site", site);
        answer(foreign.json(&body)).await.error(403);
    }
    let accepted = accept_on_its_page(&gateway, &invitation, None, Some("John")).await.ok();
    assert!(accepted.row().get("key").is_none(), "{accepted}");
    let session = gateway.browser(&accepted).session().await;
    assert_fields(
        &session,
        json!({ "method": "invitation", "permissions": ["*"], "account.name": "John", "websites.0.id": website.id,
            "websites.0.role": "member" }),
    );
    // Whoever is signed in as somebody else may still be somebody new; the browser is then signed in as that.
    let browser = owner.browser().await;
    let accepted = accept_on_its_page(&gateway, &invite().await, Some(&browser.cookie), Some("Mary")).await.ok();
    assert_fields(&gateway.browser(&accepted).session().await, json!({ "account.name": "Mary" }));
    browser.get(ACCOUNT).await.error(401);
}

#[tokio::test]
async fn whoever_is_signed_in_joins_a_team_as_that() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let invite = async || {
        let website = owner.website().await;
        let sent = json!({ "email": member.email, "role": "viewer" });
        (website.id.clone(), owner.post(&website.path("/team"), sent).await.ok().row())
    };
    let ((website, invitation), browser) = (invite().await, member.browser().await);
    let accepted = accept_on_its_page(&gateway, &invitation, Some(&browser.cookie), None).await.ok();
    assert!(!accepted.headers.contains_key("set-cookie"), "the session goes on");
    assert_fields(&browser.session().await, json!({ "websites.0.id": website, "websites.0.role": "viewer" }));
    // A narrowed session is not enough, as a narrowed token is not.
    let narrow = by_token(&gateway, &member.mint(json!({ "permissions": ["team:write"] })).await.token).await;
    let (_, invitation) = invite().await;
    accept_on_its_page(&gateway, &invitation, Some(&narrow.cookie), None).await.error(403);
    // From another site's page, the cookie is nobody's.
    let path = format!("/api/v1/invitations/{}/accept", text(&invitation["invitationId"]));
    let foreign = browser.bare(Method::POST, &path).header("sec-fetch-site", "cross-site");
    answer(foreign.json(&json!({ "code": invitation_code(&invitation) }))).await.error(403);
}
