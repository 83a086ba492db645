//! What people type matches what is stored, wherever it can be typed (docs/contract/README.md#45).

use serde_json::{Value, json};

use crate::support::{Gateway, id_of};
use crate::traffic::{Site, dropped, moment, visitor};

#[tokio::test]
async fn a_path_as_people_see_it_matches_in_filters_funnels_alerts_and_exclusions() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "excludedPaths": ["/ärger/*"] })).await;
    let (anna, bert) = (visitor(), visitor());
    let at = |path: &str| format!("https://{}{path}", site.domain);
    site.import(&[
        site.line(&anna, &moment(-1_800_000), json!({ "id": "1", "sessionId": "a", "href": at("/start") })),
        site.line(&anna, &moment(-1_790_000), json!({ "id": "2", "sessionId": "a", "href": at("/%C3%BCber/x") })),
        site.line(&bert, &moment(-1_780_000), json!({ "id": "3", "sessionId": "b", "href": at("/start") })),
    ])
    .await;
    for path in ["/ärger/x", "/%c3%a4rger/x", "/%C3%A4rger/y/z"] {
        assert_eq!(
            dropped(&site.send(&site.event(&anna, json!({ "href": at(path) }))).await),
            "excluded-path",
            "{path}"
        );
    }
    for (typed, visitors) in [("/über/x", 1), ("/%c3%bcber/x", 1), ("/%C3%BCber/x", 1), ("/start", 2), ("/uber/x", 0)]
    {
        let query = form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>();
        let overview = site.get(&format!("/analytics/overview?fields=visitors&filter_page={query}")).await.ok().row();
        assert_eq!(overview["visitors"], visitors, "{typed}");
        let list = site.get(&format!("/visitors?visitedPage={query}")).await.ok().rows();
        assert_eq!(list.len(), visitors, "{typed}");
        let steps = json!([
            { "name": "A", "type": "pageview", "url": "/start" }, { "name": "B", "type": "pageview", "url": typed },
        ]);
        let created = owner.post(&site.path("/funnels"), json!({ "name": typed, "steps": steps })).await.ok().row();
        let taken = site.get(&format!("/analytics/funnels/{}", id_of(&created))).await.ok().row();
        // The second step comes after the first, so that a page alone is not both.
        assert_eq!(taken["completedVisitors"], if typed == "/start" { 0 } else { visitors }, "{typed}");
        let trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 0,
            "filters": { "page": typed } });
        let preview = owner.post(&site.path("/alerts/preview"), json!({ "trigger": trigger })).await.ok().row();
        assert_eq!(preview["count"], usize::from(visitors > 0), "{typed}: {preview}");
    }
}

#[tokio::test]
async fn a_country_that_iso_lacks_is_shown_filtered_and_excluded() {
    let owner = Gateway::roomy().account().await;
    let site = Site::with(&owner, |_| json!({ "excludedCountries": ["XK", "EU"] })).await;
    let line =
        |id: &str, country: &str| site.line(&visitor(), &moment(-60_000), json!({ "id": id, "country": country }));
    site.import(&[line("1", "XK"), line("2", "EU"), line("3", "US")]).await;
    let visitors = async |country: &str| {
        site.get(&format!("/analytics/overview?fields=visitors&filter_country={country}")).await.ok().row()["visitors"]
            .clone()
    };
    for country in ["XK", "Kosovo", "kosovo", "EU", "US", "XK,EU"] {
        assert_eq!(visitors(country).await, if country.contains(',') { 2 } else { 1 }, "{country}");
    }
    assert_eq!(visitors("AL").await, 0);
    let rows = site.rows("/countries?fields=country,visitors").await;
    assert!(rows.contains(&json!({ "country": "Kosovo", "visitors": 1 })), "{rows:?}");
    assert_eq!(owner.get(&site.path("")).await.ok().row()["excludedCountries"], json!(["XK", "EU"]));
    owner.put(&site.path(""), json!({ "excludedCountries": ["QM"] })).await.error(400);
}

#[tokio::test]
async fn a_currency_without_a_rate_is_refused_and_a_change_in_slices_is_pending() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    for unknown in ["XAU", "XTS"] {
        let message = owner.put(&site.path(""), json!({ "currency": unknown })).await.error(400);
        assert!(message.starts_with("currency") && message.contains(unknown), "{message}");
    }
    let payment = |number: u32| {
        json!({ "id": format!("p{number}"), "timestamp": moment(-60_000), "type": "payment",
        "extraData": { "amount": 1, "currency": "USD", "transaction_id": format!("t{number}") } })
    };
    // More than are converted at once.
    site.import(&(0..2_100).map(payment).collect::<Vec<_>>()).await;
    let before = site.overview().await;
    assert_eq!((&before["revenue"], &before["currency"]), (&json!(2_100), &json!("$")));
    let changing = owner.put(&site.path(""), json!({ "currency": "JPY" })).await.ok().row();
    assert_eq!((&changing["currency"], &changing["pendingCurrency"]), (&json!("USD"), &json!("JPY")));
    for _ in 0..100 {
        let now = owner.get(&site.path("")).await.ok().row();
        let shown = site.overview().await;
        if now["currency"] == "JPY" {
            assert_eq!(now.get("pendingCurrency"), None);
            assert!(shown["revenue"].as_f64().unwrap() > 50_000.0, "{shown}");
            return;
        }
        // As seen from outside, all is in dollars until all is in yen.
        let revenue = &shown["revenue"];
        assert!(*revenue == json!(2_100) || shown["currency"] != "$" && revenue != &Value::Null, "{shown}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the change of currency does not end");
}
