//! What is stored of visitors, and how it goes (docs/privacy.md, docs/contract/README.md#52).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{Gateway, assert_fields, text, unique};
use crate::traffic::{AGENT, FIREFOX, Site, delete, moment, visitor, with};

/// Waits until something is so.
async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..150 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within 15 seconds: {what}");
}

/// A webhook to which nobody listens, so that its deliveries wait.
async fn webhook(site: &Site) -> String {
    let created = site.owner.post(&site.path("/webhooks"), json!({ "url": "http://127.0.0.1:9/" })).await.ok().row();
    site.path(&format!("/webhooks/{}", text(&created["id"])))
}

/// Everything that a visitor can do.
async fn live(site: &Site, id: &str, word: &str) {
    let href = format!("https://{}/{word}?utm_source={word}", site.domain);
    site.take(site.event(id, json!({ "href": href, "referrer": format!("https://{word}.example/") }))).await;
    site.take(with(site.goal(id, word), json!({ "href": href }))).await;
    let hint = json!({ "type": "payment", "href": href, "extraData": { "email": format!("{word}@example.com") } });
    site.take(site.event(id, hint)).await;
    let link =
        json!({ "type": "external_link", "href": href, "extraData": { "url": format!("https://{word}.example/out") } });
    site.take(site.event(id, link)).await;
    let identity = json!({ "datafast_visitor_id": id, "user_id": format!("{word}-1"), "name": word, "email": format!("{word}@example.com") });
    assert_eq!(site.post("/identify", identity).await.status, 200);
    site.post("/goals", json!({ "datafast_visitor_id": id, "name": "backend_goal", "metadata": { "who": word } }))
        .await
        .ok();
    for named in [Some(id), None] {
        let payment = json!({ "amount": 10, "currency": "USD", "transaction_id": format!("{word}-{}", named.is_some()),
            "datafast_visitor_id": named, "email": format!("{word}@example.com"), "name": word });
        assert_eq!(site.post("/payments", payment).await.status, 200);
    }
}

#[tokio::test]
async fn an_erased_visitor_is_in_no_report_and_no_delivery() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let hook = webhook(&site).await;
    let (anna, bert) = (visitor(), visitor());
    live(&site, &bert, "bert").await;
    let reports = [
        "/analytics/overview?fields=visitors,sessions,bounce_rate,revenue,payments",
        "/analytics/pages",
        "/analytics/entry-pages",
        "/analytics/exit-pages",
        "/analytics/channels",
        "/analytics/referrers",
        "/analytics/campaigns",
        "/analytics/goals",
        "/analytics/exit-clicks",
        "/analytics/countries",
        "/visitors",
    ];
    let seen = async || {
        let mut seen = Vec::new();
        for report in reports {
            let mut answer = site.get(report).await.ok().json();
            answer.as_object_mut().unwrap().remove("meta");
            seen.push(answer);
        }
        (seen, site.export().await)
    };
    let before = seen().await;
    live(&site, &anna, "anna").await;
    let deliveries = async || -> Vec<Value> {
        let mut payloads = Vec::new();
        for row in owner.get(&format!("{hook}/deliveries?limit=100")).await.ok().rows() {
            let one = owner.get(&format!("{hook}/deliveries/{}", text(&row["id"]))).await;
            if one.status == 200 {
                payloads.push(one.row()["payload"].clone());
            }
        }
        payloads
    };
    let naming = |payloads: &[Value], words: [&str; 2]| {
        payloads.iter().filter(|one| words.iter().any(|word| one.to_string().contains(word))).count()
    };
    // A goal each of browser and backend, an identification, two payments.
    eventually("five deliveries of each", async || {
        let payloads = deliveries().await;
        naming(&payloads, [&anna, "anna"]) == 5 && naming(&payloads, [&bert, "bert"]) == 5
    })
    .await;
    let row = site.delete(&format!("/visitors/{anna}")).await.ok().row();
    assert_fields(&row, json!({ "events": 6, "payments": 2 }));
    assert!(text(&row["message"]).contains("erased"), "{row}");
    assert!(site.delete(&format!("/visitors/{anna}")).await.error(404).contains(&anna));
    site.get(&format!("/visitors/{anna}")).await.error(404);
    assert_eq!(seen().await, before);
    let payloads = deliveries().await;
    assert_eq!((naming(&payloads, [&anna, "anna"]), naming(&payloads, [&bert, "bert"])), (0, 5));
    // A later event of the same id is a new visitor's.
    site.take(site.event(&anna, json!({}))).await;
    let again = site.visitor(&anna).await;
    assert_eq!((&again["activity"]["visitCount"], &again["profile"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn erasing_needs_three_permissions_a_member_and_a_visitor() {
    let gateway = Gateway::roomy();
    let (owner, member, viewer) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    site.admit(&member, "member").await;
    site.admit(&viewer, "viewer").await;
    let anna = site.visit().await;
    let path = site.named(&format!("/visitors/{anna}"));
    let needed = ["identify:write", "goals:write", "payments:write"];
    for missing in needed {
        let held: Vec<_> = needed.into_iter().filter(|one| *one != missing).collect();
        let token = owner.mint(json!({ "permissions": held })).await;
        let message = delete(&token, &path).await.error(403);
        assert!(message.contains(missing), "{missing}: {message}");
    }
    assert!(delete(&viewer, &path).await.error(403).contains("member"));
    delete(&gateway.account().await.caller, &path).await.error(404);
    for (sent, status) in [("me", 400), ("665f0b3c4d2e1a0012345678", 400), (&visitor(), 404)] {
        assert_eq!(site.delete(&format!("/visitors/{sent}")).await.status, status, "{sent}");
    }
    // On another website the visitor is unknown.
    assert_eq!(other.delete(&format!("/visitors/{anna}")).await.status, 404);
    site.visitor(&anna).await;
    delete(&member.caller, &path).await.ok();
    // A visitor who paid and was never seen, in another spelling of the id.
    let paid = visitor();
    let payment = json!({ "amount": 1, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": paid });
    assert_eq!(site.post("/payments", payment).await.status, 200);
    let key = site.key().await;
    let row = delete(&key, &format!("/visitors/{}", paid.to_uppercase())).await.ok().row();
    assert_fields(&row, json!({ "events": 0, "payments": 1 }));
    assert_eq!(site.overview().await["revenue"], 0);
}

#[tokio::test]
async fn a_visitor_with_a_long_history_is_erased_too() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (anna, bert) = (visitor(), site.visit().await);
    let line = |number: i64| {
        let fields = json!({ "id": format!("line-{number}"), "sessionId": format!("s{}", number / 4), "href": format!("https://{}/{}", site.domain, number % 50) });
        site.line(&anna, &moment(-number * 600_000), fields)
    };
    site.import(&(0..3_000).map(line).collect::<Vec<_>>()).await;
    let row = site.delete(&format!("/visitors/{anna}")).await.ok().row();
    assert_fields(&row, json!({ "events": 3_000, "payments": 0, "message": "Visitor erased successfully" }));
    assert_eq!(site.visitors().await, 1);
    assert_eq!(site.export().await.len(), 1);
    site.visitor(&bert).await;
}

#[tokio::test]
async fn events_that_are_older_than_a_website_keeps_them_go_and_payments_stay() {
    let state = State::new();
    let own = state.serve(&[("ENVIRONMENT", "development"), ("RATE_LIMIT_PER_MINUTE", "1000")]);
    let owner = own.gateway.account().await;
    let site = Site::new(&owner).await;
    let day = 24 * 60 * 60 * 1_000;
    let (old, both) = (visitor(), visitor());
    site.import(&[
        site.line(&old, &moment(-400 * day), json!({ "id": "1", "href": format!("https://{}/old", site.domain) })),
        site.line(
            &both,
            &moment(-400 * day),
            json!({ "id": "2", "sessionId": "s1", "href": format!("https://{}/old", site.domain) }),
        ),
        site.line(
            &both,
            &moment(-20 * day),
            json!({ "id": "3", "sessionId": "s2", "href": format!("https://{}/new", site.domain) }),
        ),
        json!({ "id": "4", "timestamp": moment(-400 * day), "type": "payment", "extraData": {
            "amount": 5, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": old } }),
    ])
    .await;
    for (sent, status) in
        [(json!(29), 400), (json!(3_651), 400), (json!("90"), 400), (json!(30.5), 400), (json!(90), 200)]
    {
        let answer = owner.put(&site.path(""), json!({ "retentionDays": sent })).await;
        assert_eq!(answer.status, status, "{sent}: {answer}");
    }
    assert_eq!(owner.get(&site.path("")).await.ok().row()["retentionDays"], 90);
    assert_eq!(site.visitors().await, 2, "cron tells the website's object");
    own.cron().await;
    eventually("the old events are gone", async || site.visitors().await == 1).await;
    assert_eq!(site.rows("/pages?fields=path").await, [json!({ "path": "/new" })]);
    site.get(&format!("/visitors/{old}")).await.error(404);
    assert_eq!(site.visitor(&both).await["activity"]["visitCount"], 1);
    assert_eq!(site.overview().await["revenue"], 5);
    owner.put(&site.path(""), json!({ "retentionDays": null })).await.ok();
    assert_eq!(owner.get(&site.path("")).await.ok().row()["retentionDays"], Value::Null);
}

#[tokio::test]
async fn no_address_of_a_visitor_is_stored_or_logged() {
    let state = State::new();
    let own = state.serve(&[("ENVIRONMENT", "development"), ("RATE_LIMIT_PER_MINUTE", "1000")]);
    let owner = own.gateway.account().await;
    let addresses = ["203.0.113.77", "2001:db8:77::4242"];
    for is_cookieless in [false, true] {
        let settings = json!({ "trustedProxies": ["192.0.2.0/24"], "isCookieless": is_cookieless });
        let site = Site::with(&owner, |_| settings).await;
        webhook(&site).await;
        let goal = json!({ "name": "x", "trigger": { "goalName": "signup" }, "template": { "message": "{{visitor.id}} did." } });
        let alert = owner.post(&site.path("/alerts"), goal).await;
        assert!(alert.status == 200 || alert.status == 400, "{alert}");
        for (number, address) in addresses.into_iter().enumerate() {
            let id = visitor();
            let by_proxy = [("user-agent", FIREFOX), ("cf-connecting-ip", "192.0.2.7"), ("x-forwarded-for", address)];
            for headers in [&[("user-agent", AGENT), ("cf-connecting-ip", address)][..], &by_proxy] {
                for event in [site.event(&id, json!({})), site.goal(&id, "signup")] {
                    crate::traffic::taken(site.send_with(&event, headers).await);
                }
            }
            // What a sender says of itself in other fields is not an address.
            let line =
                site.line(&id, &moment(-60_000), json!({ "id": format!("{number}-{}", unique()), "ip": address }));
            site.import(&[line]).await;
            // Refusals and failures are logged.
            let broken = own.gateway.request(Method::POST, "/api/events").header("cf-connecting-ip", address);
            crate::support::answer(broken.body(format!("{{ \"ip\": \"{address}\""))).await.error(400);
        }
        assert!(site.visitors().await >= 2);
    }
    own.cron().await;
    drop(own);
    let files = state.files();
    let found = |needle: &[u8]| -> Vec<_> {
        files
            .iter()
            .filter(|(_, content)| content.windows(needle.len()).any(|window| window == needle))
            .map(|(path, _)| path)
            .collect()
    };
    assert!(!found(b"signup").is_empty(), "the search finds what is stored");
    for address in addresses {
        let bytes = match address.parse().unwrap() {
            std::net::IpAddr::V4(four) => four.to_ipv6_mapped().octets().to_vec(),
            std::net::IpAddr::V6(six) => six.octets().to_vec(),
        };
        let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        for needle in [address.as_bytes(), &bytes, hex.as_bytes()] {
            assert!(found(needle).is_empty(), "{address} is in {:?}", found(needle));
        }
    }
}
