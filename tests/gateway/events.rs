//! `POST /api/events`: events of the script and the SDK (docs/contract/website-api.md#4 and #5,
//! docs/contract/reports.md#12 to #17).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{Gateway, NO_SUCH_ID, answer, assert_fields, statuses, text, together, unique};
use crate::traffic::{AGENT, EVENTS, FIREFOX, Site, dropped, get, is_uuid_v4, taken, visitor, with, without};

/// No event has been counted.
async fn is_empty(site: &Site) {
    let totals = site.overview().await;
    for field in ["visitors", "sessions", "revenue", "payments", "bounce_rate", "avg_session_duration"] {
        assert_eq!(totals[field], 0, "{field}: {totals}");
    }
    for report in ["/pages", "/referrers", "/countries", "/hostnames", "/goals", "/exit-clicks"] {
        assert_eq!(site.rows(report).await, Vec::<Value>::new(), "{report}");
    }
    assert_eq!(site.rows("/realtime").await, [json!({ "visitors": 0 })]);
    assert_eq!(site.get("/visitors").await.ok().rows(), Vec::<Value>::new());
    assert_eq!(site.export().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_five_types_are_accepted_under_either_id_of_the_website() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    for name in [site.tracking_id.clone(), site.id.clone()] {
        let visitor = visitor();
        let send = |kind: &str, extra: Value| {
            site.event(&visitor, json!({ "websiteId": name, "type": kind, "extraData": extra }))
        };
        for event in [
            without(send("pageview", json!({})), "extraData"),
            send("custom", json!({ "eventName": "Signup", "plan": "pro" })),
            send("identify", json!({ "user_id": "u-1", "name": "Jane", "image": "" })),
            send("payment", json!({ "email": "jane@example.com", "amount": 49, "currency": "USD" })),
            send("external_link", json!({ "url": "https://elsewhere.example/x", "text": "There" })),
        ] {
            let answer = site.take(event).await;
            assert_eq!(answer.json(), json!({}), "a visitor with a cookie gets an empty answer: {answer}");
        }
        let profile = &site.visitor(&visitor).await["profile"];
        assert_fields(profile, json!({ "userId": "u-1", "metadata": { "name": "Jane" } }));
    }
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "visitors": 2, "sessions": 2 }));
    // A browser's payments are hints, never revenue (docs/contract/reports.md#13).
    assert_fields(&totals, json!({ "revenue": 0, "payments": 0 }));
    assert_eq!(site.goals().await, [("signup".to_owned(), 2, 2)]);
    let clicks = json!({ "url": "https://elsewhere.example/x", "clicks": 2, "visitors": 2 });
    assert_eq!(site.rows("/exit-clicks").await, [clicks]);
    let plans = site.rows("/goals/properties?eventName=signup&propertyName=plan").await;
    assert_eq!(plans, [json!({ "value": "pro", "completions": 2, "visitors": 2 })]);
}

#[tokio::test]
async fn a_goal_may_come_before_the_first_pageview() {
    // docs/contract/reports.md#13.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    site.take(site.goal(&visitor, "early")).await;
    site.get(&format!("/visitors/{visitor}")).await.error(404);
    site.take(site.event(&visitor, json!({}))).await;
    assert_eq!(site.goals().await, [("early".to_owned(), 1, 1)]);
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "visitors": 1, "sessions": 1, "bounce_rate": 0 }));
}

#[tokio::test]
async fn preflight_requests_are_answered_for_every_origin() {
    let preflight = Gateway::roomy().request(Method::OPTIONS, EVENTS).header("origin", "https://anywhere.example");
    let preflight = preflight.header("access-control-request-method", "POST");
    let answer = answer(preflight.header("access-control-request-headers", "content-type")).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-methods").contains("POST"), "{:?}", answer.headers);
    let allowed = answer.header("access-control-allow-headers").to_lowercase();
    assert!(allowed.split(',').any(|name| name.trim() == "content-type"), "{allowed}");
}

#[tokio::test]
async fn every_response_is_readable_by_browsers() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "excludedPaths": ["/x"] })).await;
    let event = site.event(&visitor(), json!({}));
    for (sent, status) in [
        (event.clone(), 200),
        (with(event.clone(), json!({ "href": format!("https://{}/x", site.domain) })), 200),
        (with(event.clone(), json!({ "type": "click" })), 400),
        (with(event.clone(), json!({ "websiteId": NO_SUCH_ID })), 404),
        (with(event, json!({ "padding": "x".repeat(70_000) })), 413),
    ] {
        let answer = site.send_with(&sent, &[("origin", &format!("https://{}", site.domain))]).await;
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{answer}");
    }
    let wrong = answer(owner.gateway.request(Method::GET, EVENTS)).await;
    wrong.error(405);
    assert_eq!(wrong.header("access-control-allow-origin"), "*", "{wrong}");
}

#[tokio::test]
async fn an_unknown_website_is_404_and_a_malformed_id_400() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let event = site.event(&visitor(), json!({}));
    for (name, status) in [
        (json!(format!("dfid_{}", unique())), 404),
        (json!(NO_SUCH_ID), 404),
        (json!("example.com"), 400),
        (json!("dfid_"), 400),
        (json!(""), 400),
        (json!(7), 400),
        (json!(null), 400),
    ] {
        let message = site.send(&with(event.clone(), json!({ "websiteId": name }))).await.error(status);
        assert!(message.starts_with("websiteId"), "{name}: {message}");
    }
    let message = site.send(&without(event, "websiteId")).await.error(400);
    assert!(message.starts_with("websiteId"), "{message}");
    is_empty(&site).await;
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let gateway = Gateway::roomy();
    for body in ["{", "[]", "null", "\"x\"", "{} {}", "\u{feff}[]"] {
        let request = gateway.request(Method::POST, EVENTS).header("user-agent", AGENT);
        let message = answer(request.header("content-type", "application/json").body(body)).await.error(400);
        assert!(message.starts_with("body"), "{body:?}: {message}");
    }
    let request = gateway.request(Method::POST, EVENTS).body(&b"{\"type\":\"\xff\"}"[..]);
    assert!(answer(request).await.error(400).starts_with("body"));
}

#[tokio::test]
async fn an_invalid_event_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let event = site.event(&visitor(), json!({}));
    let custom = |extra: Value| with(event.clone(), json!({ "type": "custom", "extraData": extra }));
    let many: serde_json::Map<String, Value> = (0..11).map(|number| (format!("p{number}"), json!("x"))).collect();
    let field = |name: &str, value: Value| with(event.clone(), json!({ name: value }));
    for (sent, named) in [
        (without(event.clone(), "type"), "type"),
        (field("type", json!("click")), "type"),
        (field("type", json!("Pageview")), "type"),
        (field("type", json!(null)), "type"),
        (without(event.clone(), "visitorId"), "visitorId"),
        (field("visitorId", json!("me")), "visitorId"),
        (field("visitorId", json!("b971cbbf-7ce2-1925-902b-8f95a5fb3449")), "visitorId"),
        (field("visitorId", json!("b971cbbf7ce24925902b8f95a5fb3449")), "visitorId"),
        (field("visitorId", json!(7)), "visitorId"),
        (without(event.clone(), "sessionId"), "sessionId"),
        (field("sessionId", json!("")), "sessionId"),
        (field("sessionId", json!("s".repeat(129))), "sessionId"),
        (without(event.clone(), "href"), "href"),
        (field("href", json!("")), "href"),
        (field("href", json!("/pricing")), "href"),
        (field("href", json!("javascript:alert(1)")), "href"),
        (field("href", json!({ "path": "/" })), "href"),
        (field("id", json!("")), "id"),
        (field("id", json!("i".repeat(129))), "id"),
        (field("id", json!(7)), "id"),
        (custom(json!({})), "extraData.eventName"),
        (without(custom(json!({})), "extraData"), "extraData.eventName"),
        (custom(json!([])), "extraData.eventName"),
        (custom(json!({ "eventName": "" })), "extraData.eventName"),
        (custom(json!({ "eventName": "Sign up!" })), "extraData.eventName"),
        (custom(json!({ "eventName": "ü" })), "extraData.eventName"),
        (custom(json!({ "eventName": "g".repeat(65) })), "extraData.eventName"),
        (custom(json!({ "eventName": "identify" })), "extraData.eventName"),
        (custom(json!({ "eventName": 7 })), "extraData.eventName"),
        (custom(with(json!({ "eventName": "g" }), Value::Object(many))), "extraData"),
        (custom(json!({ "eventName": "g", "a b": 1 })), "extraData"),
        (custom(json!({ "eventName": "g", "k".repeat(65): 1 })), "extraData"),
        (with(event.clone(), json!({ "type": "identify" })), "extraData.user_id"),
        (with(event.clone(), json!({ "type": "identify", "extraData": { "user_id": " " } })), "extraData.user_id"),
        (
            with(event.clone(), json!({ "type": "identify", "extraData": { "user_id": "u".repeat(256) } })),
            "extraData.user_id",
        ),
        (with(event.clone(), json!({ "type": "external_link" })), "extraData.url"),
        (with(event.clone(), json!({ "type": "external_link", "extraData": { "url": 7 } })), "extraData.url"),
    ] {
        let message = site.send(&sent).await.error(400);
        assert!(message.starts_with(&format!("{named}:")), "{named} is to be named: {sent}: {message}");
    }
    is_empty(&site).await;
    // Values just within every limit are accepted.
    let ten: serde_json::Map<String, Value> = (0..10).map(|number| (format!("p{number}"), json!("x"))).collect();
    let name = format!("a-z_0:9{}", "g".repeat(57));
    site.take(custom(with(json!({ "eventName": name, "k".repeat(64): "x" }), json!({})))).await;
    site.take(custom(with(json!({ "eventName": name }), Value::Object(ten)))).await;
    assert_eq!(site.goals().await, [(name, 2, 1)]);
}

#[tokio::test]
async fn fields_of_an_event_beyond_the_contract_change_nothing() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let made_up = visitor();
    let event = site.event(
        &made_up,
        json!({
            "country": "FR", "region": "FR-75", "city": "Paris", "timestamp": "2020-01-01T00:00:00Z",
            "userAgent": FIREFOX, "browser": "Lynx", "os": "BeOS", "deviceVendor": "Acme", "latitude": 1, "longitude": 2,
            "description": "x", "referrerSource": { "name": "Fake", "host": "fake.example" },
            "unknown": { "deep": [1, { "x": null }] },
        }),
    );
    site.take(event).await;
    // Of any type, too: an ignored field cannot be wrong.
    let second = visitor();
    site.take(site.event(&second, json!({ "country": 7, "timestamp": {}, "userAgent": [], "latitude": "north" })))
        .await;
    let names = |rows: Vec<Value>, key: &str| -> Vec<Value> { rows.iter().map(|row| row[key].clone()).collect() };
    assert_eq!(names(site.rows("/countries").await, "country"), [json!("United States of America")]);
    assert_eq!(names(site.rows("/regions").await, "region"), [json!("Texas")]);
    assert_eq!(names(site.rows("/cities").await, "city"), [json!("Austin")]);
    assert_eq!(names(site.rows("/browsers").await, "browser"), [json!("Chrome")]);
    assert_eq!(names(site.rows("/operating-systems").await, "operating_system"), [json!("Mac OS")]);
    assert_eq!(names(site.rows("/referrers").await, "referrer"), [json!("Direct/None")]);
    let today = site.rows("/timeseries?fields=visitors&interval=hour").await;
    assert_eq!(today.iter().map(|hour| hour["visitors"].as_i64().unwrap()).max(), Some(2), "now, not in 2020");
    assert_eq!(
        site.rows("/overview?startAt=2019-12-01&endAt=2020-02-01&fields=visitors").await,
        [json!({ "visitors": 0 })]
    );
    assert_eq!(site.visitor(&made_up).await["identity"]["device"]["vendor"], "Apple");
}

#[tokio::test]
async fn an_event_with_an_id_is_stored_once() {
    let owner = Gateway::roomy().account().await;
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    let visitor = visitor();
    let once = with(site.goal(&visitor, "once"), json!({ "id": "retry-1" }));
    for _ in 0..3 {
        site.take(once.clone()).await;
    }
    // Not even as another type of event.
    site.take(with(site.goal(&visitor, "twice"), json!({ "id": "retry-1" }))).await;
    let at_once = with(site.goal(&visitor, "race"), json!({ "id": format!("ü{}", "i".repeat(127)) }));
    let answers = together((0..12).map(|_| site.send(&at_once))).await;
    assert_eq!(statuses(&answers), [(200, 12)]);
    assert_eq!(site.goals().await, [("once".to_owned(), 1, 1), ("race".to_owned(), 1, 1)]);
    // Ids are unique per website only.
    other.take(with(other.goal(&visitor, "once"), json!({ "id": "retry-1" }))).await;
    assert_eq!(other.goals().await, [("once".to_owned(), 1, 1)]);
    // Without an id, each event counts.
    for _ in 0..2 {
        site.take(site.goal(&visitor, "often")).await;
    }
    assert!(site.goals().await.contains(&("often".to_owned(), 2, 1)));
    // A repeated pageview does not undo a bounce either.
    let view = with(other.event(&crate::traffic::visitor(), json!({})), json!({ "id": "view" }));
    for _ in 0..2 {
        other.take(view.clone()).await;
    }
    assert_eq!(other.overview().await["bounce_rate"], 50);
}

#[tokio::test]
async fn ids_that_only_look_alike_are_different() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let ids = [
        "ab12",
        "AB12",
        "aB12",
        "ab12 ",
        " ab12",
        "0xab12",
        "a",
        "0a",
        "00",
        "0",
        "é",
        "e\u{301}",
        "a%20b",
        "a b",
        "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
        "B971CBBF-7CE2-4925-902B-8F95A5FB3449",
        "b971cbbf7ce24925902b8f95a5fb3449",
        "sb971cbbf-7ce2-4925-902b-8f95a5fb3449",
        "{b971cbbf-7ce2-4925-902b-8f95a5fb3449}",
        "6b0261176bcca4f56cb42f49",
        "6B0261176BCCA4F56CB42F49",
        "null",
        "1",
        "1.0",
    ];
    for _ in 0..2 {
        for id in ids {
            site.take(with(site.goal(&visitor, "g"), json!({ "id": id }))).await;
        }
    }
    let count = i64::try_from(ids.len()).unwrap();
    assert_eq!(site.goals().await, [("g".to_owned(), count, 1)]);
    let mut kept: Vec<String> = site.export().await.iter().map(|line| text(&line["id"])).collect();
    let mut ids = ids.map(str::to_owned);
    kept.sort();
    ids.sort();
    assert_eq!(kept, ids);
    // The same holds for sessions: each of these is one.
    let other = Site::new(&owner).await;
    for session in &ids {
        other.take(with(other.event(&visitor, json!({})), json!({ "sessionId": session }))).await;
    }
    assert_eq!(other.overview().await["sessions"], count);
}

#[tokio::test]
async fn excluded_events_are_dropped_with_the_reason() {
    // docs/contract/reports.md#12.
    struct Case {
        settings: fn(&str) -> Value,
        fields: fn(&str) -> Value,
        headers: Vec<(&'static str, String)>,
        reason: &'static str,
    }
    let nothing: fn(&str) -> Value = |_| json!({});
    let case = |settings, fields, headers: &[(&'static str, &str)], reason| {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Case { settings, fields, headers, reason }
    };
    let address = "cf-connecting-ip";
    let cases = [
        case(|_| json!({ "excludedIps": ["198.51.100.0/24"] }), nothing, &[(address, "198.51.100.77")], "excluded-ip"),
        case(|_| json!({ "excludedIps": ["198.51.100.7"] }), nothing, &[(address, "198.51.100.7")], "excluded-ip"),
        case(|_| json!({ "excludedIps": ["2001:db8::/32"] }), nothing, &[(address, "2001:db8:1::1")], "excluded-ip"),
        case(
            |_| json!({ "excludedPaths": ["/admin/*"] }),
            |domain| json!({ "href": format!("https://{domain}/admin/users?x=1#top") }),
            &[],
            "excluded-path",
        ),
        case(
            |_| json!({ "excludedPaths": ["/private"] }),
            |domain| json!({ "href": format!("https://{domain}/private?x=1") }),
            &[],
            "excluded-path",
        ),
        case(|_| json!({ "excludedCountries": ["DE", "US"] }), nothing, &[], "excluded-country"),
        case(
            |domain| json!({ "excludedHostnames": [format!("staging.{domain}")] }),
            |domain| json!({ "href": format!("https://Staging.{domain}/") }),
            &[],
            "excluded-hostname",
        ),
        case(
            |domain| json!({ "excludedHostnames": [domain], "isAllHostnamesAllowed": true }),
            nothing,
            &[],
            "excluded-hostname",
        ),
        case(nothing, |_| json!({ "href": "https://evil.example/" }), &[], "hostname"),
        case(nothing, |domain| json!({ "href": format!("https://evil{domain}/") }), &[], "hostname"),
        case(nothing, |domain| json!({ "href": format!("https://{domain}.evil.example/") }), &[], "hostname"),
        case(nothing, nothing, &[("origin", "https://evil.example")], "hostname"),
        case(nothing, nothing, &[("user-agent", "curl/8.5.0")], "bot"),
        case(nothing, nothing, &[("user-agent", "python-requests/2.32")], "bot"),
        case(nothing, nothing, &[("user-agent", "")], "bot"),
        case(
            nothing,
            nothing,
            &[("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")],
            "bot",
        ),
        case(
            nothing,
            nothing,
            &[(
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0.0.0 Safari/537.36",
            )],
            "bot",
        ),
        case(|_| json!({ "isAttackModeEnabled": true }), nothing, &[], "attack-mode"),
        case(|_| json!({ "isAttackModeEnabled": true }), nothing, &[("origin", "null")], "attack-mode"),
        case(
            |_| json!({ "isAttackModeEnabled": true, "isAllHostnamesAllowed": true }),
            nothing,
            &[("origin", "https://elsewhere.example")],
            "attack-mode",
        ),
    ];
    let owner = Gateway::roomy().account().await;
    for Case { settings, fields, headers, reason } in cases {
        let site = Site::with(&owner, settings).await;
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let fields = fields(&site.domain);
        for extra in [
            json!({}),
            json!({ "type": "custom", "extraData": { "eventName": "signup" } }),
            json!({ "type": "external_link", "extraData": { "url": "https://elsewhere.example/" } }),
        ] {
            let answer = site.send_with(&site.event(&visitor(), with(fields.clone(), extra)), &headers).await;
            assert_eq!(dropped(&answer), reason, "{headers:?} {fields}: {answer}");
            assert_eq!(answer.json(), json!({}), "{answer}");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
        is_empty(&site).await;
    }
}

#[tokio::test]
async fn a_page_may_read_why_an_event_was_dropped() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let answer = site.send(&site.event(&visitor(), json!({ "href": "https://evil.example/" }))).await;
    assert_eq!(dropped(&answer), "hostname");
    let exposed =
        answer.headers.get("access-control-expose-headers").map(|value| value.to_str().unwrap().to_lowercase());
    assert!(exposed.as_deref().is_some_and(|names| names.contains("x-sluice-dropped") || names == "*"), "{exposed:?}");
}

#[tokio::test]
async fn events_next_to_an_exclusion_are_accepted() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |domain| {
        json!({
            "excludedIps": ["198.51.100.0/24"], "excludedPaths": ["/admin/*", "/private"], "excludedCountries": ["DE"],
            "excludedHostnames": [format!("staging.{domain}")],
        })
    })
    .await;
    for path in ["/admin", "/private/x", "/administrator"] {
        site.take(site.event(&visitor(), json!({ "href": format!("https://{}{path}", site.domain) }))).await;
    }
    site.take(site.event(&visitor(), json!({ "href": format!("https://my.staging.{}/", site.domain) }))).await;
    let event = site.event(&visitor(), json!({}));
    taken(site.send_with(&event, &[("cf-connecting-ip", "198.51.101.1")]).await);
    assert_eq!(site.visitors().await, 5);
    let under_attack = Site::with(&owner, |_| json!({ "isAttackModeEnabled": true })).await;
    let origin = format!("https://www.{}", under_attack.domain);
    let event = under_attack.event(&visitor(), json!({}));
    taken(under_attack.send_with(&event, &[("origin", &origin)]).await);
    assert_eq!(under_attack.visitors().await, 1);
}

#[tokio::test]
async fn subdomains_and_allowed_hosts_are_accepted() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "allowedHostnames": ["other.example"] })).await;
    let hosts = [
        site.domain.clone(),
        format!("www.{}", site.domain),
        format!("a.b.{}", site.domain),
        "other.example".to_owned(),
        "shop.other.example".to_owned(),
    ];
    for host in &hosts {
        let event = site.event(&visitor(), json!({ "href": format!("https://{host}/") }));
        taken(site.send_with(&event, &[("origin", &format!("https://{host}"))]).await);
    }
    for host in ["another.example", "other.example.evil.example", "example"] {
        let event = site.event(&visitor(), json!({ "href": format!("https://{host}/") }));
        assert_eq!(dropped(&site.send(&event).await), "hostname", "{host}");
    }
    let seen = site.rows("/hostnames").await;
    let mut seen: Vec<String> = seen.iter().map(|row| text(&row["hostname"])).collect();
    let mut hosts = hosts.to_vec();
    seen.sort();
    hosts.sort();
    assert_eq!(seen, hosts);
}

#[tokio::test]
async fn a_website_may_accept_events_of_all_hosts() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "isAllHostnamesAllowed": true })).await;
    let event = site.event(&visitor(), json!({ "href": "https://anything.example/" }));
    taken(site.send_with(&event, &[("origin", "https://something-else.example")]).await);
    assert_eq!(
        site.rows("/hostnames?fields=hostname,visitors").await,
        [json!({ "hostname": "anything.example", "visitors": 1 })]
    );
}

#[tokio::test]
async fn only_a_trusted_proxy_can_state_the_clients_address() {
    // docs/contract/reports.md#16.
    let owner = Gateway::roomy().account().await;
    let site = Site::with(
        &owner,
        |_| json!({ "trustedProxies": ["192.0.2.0/24", "2001:db8::1"], "excludedIps": ["198.51.100.5"] }),
    )
    .await;
    let send = async |peer: &str, header: (&str, &str)| {
        site.send_with(&site.event(&visitor(), json!({})), &[("cf-connecting-ip", peer), header]).await
    };
    for peer in ["192.0.2.9", "2001:db8::1"] {
        let answer = send(peer, ("x-datafast-real-ip", "198.51.100.5")).await;
        assert_eq!(dropped(&answer), "excluded-ip", "{peer}");
    }
    // The header of any other sender is ignored, whether it would include or exclude.
    taken(send("203.0.113.9", ("x-datafast-real-ip", "198.51.100.5")).await);
    assert_eq!(dropped(&send("198.51.100.5", ("x-datafast-real-ip", "203.0.113.9")).await), "excluded-ip");
    // Of several addresses the last one counts that is not a trusted proxy's; the usual headers count too.
    for header in [
        ("x-forwarded-for", "203.0.113.1, 198.51.100.5, 192.0.2.7"),
        ("x-real-ip", "198.51.100.5"),
        ("x-datafast-real-ip", "198.51.100.5:4711"),
        ("x-datafast-real-ip", "[::ffff:198.51.100.5]:443"),
    ] {
        assert_eq!(dropped(&send("192.0.2.9", header).await), "excluded-ip", "{header:?}");
    }
    taken(send("203.0.113.9", ("x-forwarded-for", "198.51.100.5")).await);
    // A value that is not an address is ignored.
    taken(send("192.0.2.9", ("x-datafast-real-ip", "198.51.100.5.evil")).await);
    taken(send("192.0.2.9", ("x-datafast-real-ip", "203.0.113.9")).await);
    assert_eq!(site.visitors().await, 4);
}

#[tokio::test]
async fn without_cookies_a_visitor_is_identified_by_address_user_agent_and_website() {
    // docs/contract/website-api.md#5.5, docs/contract/reports.md#15.
    let owner = Gateway::roomy().account().await;
    let (site, other) = (
        Site::with(&owner, |_| json!({ "isCookieless": true })).await,
        Site::with(&owner, |_| json!({ "isCookieless": true })).await,
    );
    let id = async |site: &Site, ip: &str, agent: &str| {
        let event = with(site.event(&visitor(), json!({})), json!({ "cookieless": true, "visitorSessionNumber": 0 }));
        let headers = [("cf-connecting-ip", ip), ("user-agent", agent)];
        let answer = taken(site.send_with(&event, &headers).await).json();
        assert!(is_uuid_v4(&answer["visitorId"]), "{answer}");
        assert_ne!(answer["visitorId"], event["visitorId"], "it is not the browser's");
        text(&answer["visitorId"])
    };
    let first = id(&site, "203.0.113.20", AGENT).await;
    assert_eq!(id(&site, "203.0.113.20", AGENT).await, first, "the same all day");
    let elsewhere = id(&site, "203.0.113.21", AGENT).await;
    let with_another = id(&site, "203.0.113.20", FIREFOX).await;
    let on_another = id(&other, "203.0.113.20", AGENT).await;
    let mut all = vec![first.clone(), elsewhere, with_another, on_another];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!((site.visitors().await, other.visitors().await), (3, 1));
    // The browser's id is not needed, and its own flag makes no difference.
    let bare = without(site.event(&visitor(), json!({})), "visitorId");
    let answer = taken(site.send_with(&bare, &[("cf-connecting-ip", "203.0.113.20")]).await);
    assert_eq!(answer.json()["visitorId"], first.as_str());
    assert_eq!(site.visitors().await, 3);
}

#[tokio::test]
async fn without_cookies_there_are_no_profiles() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "isCookieless": true })).await;
    let id = text(&site.take(site.event(&visitor(), json!({}))).await.json()["visitorId"]);
    let identify = json!({ "type": "identify", "extraData": { "user_id": "u-1", "email": "jane@example.com" } });
    assert_eq!(site.take(site.event(&visitor(), identify)).await.json()["visitorId"], id.as_str());
    let answer = site.post("/identify", json!({ "user_id": "u-1", "datafast_visitor_id": id })).await;
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.json()["status"], "success");
    assert_eq!(answer.json()["data"].get("profileId"), None, "{answer}");
    let seen = site.visitor(&id).await;
    assert_eq!(seen.get("profile"), None, "{seen}");
    assert!(!site.get("/analytics/realtime/map").await.body.contains("u-1"));
    assert!(!Value::from(site.export().await).to_string().contains("jane@example.com"), "nor is it kept anywhere");
}

#[tokio::test]
async fn an_event_may_ask_for_no_cookies_on_a_website_that_has_them() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let cookie = visitor();
    assert_eq!(site.take(site.event(&cookie, json!({}))).await.json(), json!({}));
    let id = async || {
        let event = site.event(&visitor(), json!({ "cookieless": true }));
        text(&site.take(without(event, "visitorId")).await.json()["visitorId"])
    };
    let (first, second) = (id().await, id().await);
    assert_eq!(first, second);
    assert!(is_uuid_v4(&json!(first)) && first != cookie);
    assert_eq!(site.visitors().await, 2);
    let identify = json!({ "cookieless": true, "type": "identify", "extraData": { "user_id": "u-1", "name": "Jane" } });
    site.take(site.event(&visitor(), identify)).await;
    assert_eq!(site.visitor(&first).await.get("profile"), None);
}

/// A gateway with a low event limit, at a time from which the current minute lasts a while.
async fn narrow(state: &State) -> crate::own_gateway::OwnGateway {
    let own = state.serve(&[("EVENTS_PER_MINUTE", "5"), ("RATE_LIMIT_PER_MINUTE", "1000")]);
    let into = jiff::Timestamp::now().as_second() % 60;
    if into > 40 {
        tokio::time::sleep(Duration::from_secs(61 - u64::try_from(into).unwrap())).await;
    }
    own
}

#[tokio::test]
async fn events_are_limited_per_minute_address_and_website() {
    let state = State::new();
    let own = narrow(&state).await;
    let owner = own.gateway.account().await;
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    let from = [("cf-connecting-ip", "203.0.113.30")];
    for _ in 0..5 {
        taken(site.send_with(&site.event(&visitor(), json!({})), &from).await);
    }
    let refused = site.send_with(&site.event(&visitor(), json!({})), &from).await;
    assert_eq!(refused.status, 429, "{refused}");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    let body = refused.json();
    assert_eq!(
        refused.body,
        format!(
            r#"{{"error":"Too many requests","message":"Rate limit exceeded...","limit":5,"remaining":0,"reset":{}}}"#,
            body["reset"]
        )
    );
    taken(other.send_with(&other.event(&visitor(), json!({})), &from).await);
    taken(site.send_with(&site.event(&visitor(), json!({})), &[("cf-connecting-ip", "203.0.113.31")]).await);
    assert_eq!((site.visitors().await, other.visitors().await), (6, 1));
}

#[tokio::test]
async fn both_ids_of_a_website_share_one_event_limit() {
    // The limit is per address and website (docs/contract/README.md#19).
    let state = State::new();
    let own = narrow(&state).await;
    let owner = own.gateway.account().await;
    let site = Site::new(&owner).await;
    let from = [("cf-connecting-ip", "203.0.113.32")];
    for _ in 0..5 {
        taken(site.send_with(&site.event(&visitor(), json!({})), &from).await);
    }
    for name in [site.id.clone(), site.id.to_uppercase(), site.tracking_id.to_uppercase().replace("DFID_", "dfid_")] {
        let answer = site.send_with(&site.event(&visitor(), json!({ "websiteId": name })), &from).await;
        assert_eq!(answer.status, 429, "{name}: {answer}");
    }
}

#[tokio::test]
async fn visitors_behind_a_trusted_proxy_do_not_share_one_limit() {
    // The visitor's address counts (docs/contract/README.md#19, docs/contract/reports.md#16).
    let state = State::new();
    let own = narrow(&state).await;
    let owner = own.gateway.account().await;
    let site = Site::with(&owner, |_| json!({ "trustedProxies": ["192.0.2.7"] })).await;
    let send = async |client: &str| {
        let headers = [("cf-connecting-ip", "192.0.2.7"), ("x-datafast-real-ip", client)];
        site.send_with(&site.event(&visitor(), json!({})), &headers).await.status
    };
    for number in 0..8 {
        assert_eq!(send(&format!("203.0.113.{}", 40 + number)).await, 200, "visitor {number}");
    }
    for _ in 0..4 {
        assert_eq!(send("203.0.113.40").await, 200);
    }
    assert_eq!(send("203.0.113.40").await, 429, "each has a limit of their own");
}

#[tokio::test]
async fn the_fragment_is_a_part_of_the_page_only_where_the_event_says_so() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let href = format!("https://{}/app?x=1#/settings", site.domain);
    site.take(site.event(&visitor, json!({ "href": href, "hashIsPage": true }))).await;
    site.take(site.event(&visitor, json!({ "href": href }))).await;
    let pages = site.rows("/pages?fields=path,visitors").await;
    assert_eq!(pages, [json!({ "path": "/app", "visitors": 1 }), json!({ "path": "/app#/settings", "visitors": 1 })]);
}

#[tokio::test]
async fn the_app_sdk_reports_its_device() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let origin = format!("https://{}", site.domain);
    let send = async |platform: &str, agent: &str, device: Value| {
        let visitor = visitor();
        let href = format!("https://{}/__app/{platform}/Home", site.domain);
        let event = site.event(&visitor, json!({ "href": href, "device": device, "language": "en" }));
        taken(site.send_with(&event, &[("user-agent", agent), ("origin", &origin)]).await);
        site.visitor(&visitor).await["identity"].clone()
    };
    let iphone = send(
        "ios",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
         DataFast/1.0.0 Mobile",
        json!({ "platform": "ios", "osVersion": "17.2", "model": "iPhone15,2" }),
    )
    .await;
    assert_eq!(iphone["os"], json!({ "name": "iOS", "version": "17.2" }));
    assert_fields(&iphone["device"], json!({ "type": "mobile", "model": "iPhone15,2" }));
    let android = send(
        "android",
        "Mozilla/5.0 (Linux; Android 14; Unknown) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Mobile \
         Safari/537.36",
        json!({ "platform": "android", "osVersion": "14", "model": "Pixel 8" }),
    )
    .await;
    assert_eq!(android["os"], json!({ "name": "Android", "version": "14" }));
    assert_fields(&android["device"], json!({ "type": "mobile", "model": "Pixel 8" }));
    // On the web the version of the system is the user agent, and the model is a word.
    let web = send("web", AGENT, json!({ "platform": "web", "osVersion": AGENT, "model": "Browser" })).await;
    assert_eq!(web["os"], json!({ "name": "Mac OS", "version": "10.15.7" }));
    assert_eq!(web["browser"], json!({ "name": "Chrome", "version": "128.0.0.0" }));
    assert_eq!(web["device"]["type"], "desktop");
    assert_ne!(web["device"]["model"], "Browser");
    let devices = site.rows("/devices?fields=device,visitors").await;
    assert_eq!(devices, [json!({ "device": "mobile", "visitors": 2 }), json!({ "device": "desktop", "visitors": 1 })]);
}

#[tokio::test]
async fn a_visitor_is_described_by_the_events_of_the_script() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let href = format!("https://{}/pricing?utm_source=x&utm_medium=social&ref=hn&gclid=1", site.domain);
    site.take(site.event(
        &visitor,
        json!({ "href": href, "referrer": "https://www.google.com/search?q=x", "adClickIds": { "gclid": "G1", "other": "x" } }),
    ))
    .await;
    let own = format!("https://www.{}/pricing", site.domain);
    site.take(site.event(&visitor, json!({ "href": format!("https://{}/docs", site.domain), "referrer": own }))).await;
    let seen = site.visitor(&visitor).await;
    let identity = &seen["identity"];
    assert_eq!(identity["adClickIds"], json!({ "gclid": "G1" }));
    assert_eq!(identity["viewport"], json!({ "width": 1280, "height": 720 }));
    assert_fields(identity, json!({ "country": "US", "region": "US-TX", "city": "Austin" }));
    assert_fields(&identity["params"], json!({ "utm_source": "x", "ref": "hn" }));
    assert_eq!(identity["params"]["utm_term"], Value::Null);
    let activity = &seen["activity"];
    assert_fields(activity, json!({ "visitCount": 1, "pageViewCount": 2 }));
    assert_eq!(activity["currentUrl"], format!("{}/docs", site.domain));
    // A website's own hosts are never a referrer (docs/contract/reports.md#3).
    assert_eq!(
        site.rows("/referrers?fields=referrer,visitors").await,
        [json!({ "referrer": "Google", "visitors": 1 })]
    );
    let key = site.key().await;
    assert_eq!(get(&key, &format!("/visitors/{visitor}")).await.status, 200);
}

#[tokio::test]
async fn concurrent_events_make_one_session_of_one_visitor() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let spelled = visitor.to_uppercase();
    let session = json!({ "sessionId": "s1" });
    let views = (0..20).map(|number| {
        let href = format!("https://{}/p{}", site.domain, number % 4);
        with(site.event(if number % 2 == 0 { &visitor } else { &spelled }, session.clone()), json!({ "href": href }))
    });
    let goals = (0..20).map(|number| with(site.goal(&visitor, &format!("g{}", number % 2)), session.clone()));
    let events: Vec<Value> = views.chain(goals).collect();
    for answer in together(events.iter().map(|event| site.send(event))).await {
        taken(answer);
    }
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "visitors": 1, "sessions": 1, "bounce_rate": 0 }));
    assert_eq!(site.goals().await, [("g0".to_owned(), 10, 1), ("g1".to_owned(), 10, 1)]);
    let pages = site.rows("/pages?fields=path,visitors").await;
    assert_eq!(pages, [0, 1, 2, 3].map(|number| json!({ "path": format!("/p{number}"), "visitors": 1 })));
    let activity = site.visitor(&visitor).await["activity"].clone();
    assert_fields(&activity, json!({ "visitCount": 1, "pageViewCount": 20 }));
    // The same session id of another visitor is another session.
    site.take(site.event(&crate::traffic::visitor(), session)).await;
    assert_eq!(site.overview().await["sessions"], 2);
}

#[tokio::test]
async fn a_retry_without_cookies_gets_the_visitors_id_too() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "isCookieless": true })).await;
    let event = site.event(&visitor(), json!({ "id": "once" }));
    let (first, again) = (site.take(event.clone()).await, site.take(event).await);
    assert!(is_uuid_v4(&first.json()["visitorId"]));
    assert_eq!(first.body, again.body);
    assert_eq!(site.export().await.len(), 1);
}

#[tokio::test]
async fn any_text_of_an_event_is_returned_unchanged() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let odd = "a\u{0}b \\ \u{202e} 😀 ü %00 ); DROP TABLE events; --";
    let extra = json!({ "eventName": "odd", "value": odd });
    site.take(site.event(&visitor, json!({ "type": "custom", "extraData": extra, "sessionId": "s'; --" }))).await;
    let extra = json!({ "user_id": odd, "key \u{0} '": odd, "nested": [{ "x": odd }] });
    site.take(site.event(&visitor, json!({ "type": "identify", "extraData": extra }))).await;
    let href = format!("https://{}/%00%27/ü?utm_source=%00x", site.domain);
    site.take(site.event(&visitor, json!({ "href": href, "referrer": "https://ref.example/\u{0}'" }))).await;
    let seen = site.visitor(&visitor).await;
    assert_eq!(seen["activity"]["completedGoals"][0]["metadata"]["value"], odd);
    assert_eq!(seen["profile"]["userId"], odd);
    assert_eq!(seen["profile"]["metadata"], json!({ "key \u{0} '": odd, "nested": [{ "x": odd }] }));
    assert_eq!(site.rows("/goals/properties?eventName=odd&propertyName=value").await[0]["value"], odd);
    assert_eq!(seen["activity"]["currentUrl"], format!("{}/%00%27/%C3%BC", site.domain));
    assert_eq!(site.rows("/overview?filter_page=/%2500%2527/%25C3%25BC").await[0]["visitors"], 1);
}

#[tokio::test]
async fn a_changed_setting_takes_effect_within_a_minute() {
    // docs/contract/reports.md#17.
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    site.visit().await;
    owner.put(&site.path(""), json!({ "excludedCountries": ["US"] })).await.ok();
    let begun = tokio::time::Instant::now();
    loop {
        let answer = site.send(&site.event(&visitor(), json!({}))).await;
        assert_eq!(answer.status, 200, "{answer}");
        if answer.headers.contains_key("x-sluice-dropped") {
            assert_eq!(dropped(&answer), "excluded-country");
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it is still not in force");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
