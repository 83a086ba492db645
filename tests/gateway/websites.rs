//! Websites and their settings (docs/contract/account-api.md#4).

use serde_json::{Value, json};

use crate::support::{
    Gateway, NO_SUCH_ID, assert_fields, has_exactly, id_of, is_moment, statuses, text, together, unique_domain,
};

const SETTINGS: [&str; 26] = [
    "retentionDays",
    "_id",
    "id",
    "domain",
    "name",
    "trackingId",
    "trustedProxies",
    "timezone",
    "currency",
    "kpi",
    "kpiColorScheme",
    "revenueMetric",
    "sendWeeklyReports",
    "sendViralTrafficAlerts",
    "isPublicDashboardEnabled",
    "isPublicDataEnabled",
    "isCookieless",
    "isAttackModeEnabled",
    "includeRenewalRevenue",
    "allowedHostnames",
    "isAllHostnamesAllowed",
    "excludedIps",
    "excludedPaths",
    "excludedCountries",
    "excludedHostnames",
    "createdAt",
];

#[tokio::test]
async fn a_new_website_belongs_to_its_creator() {
    let owner = Gateway::roomy().account().await;
    assert_eq!(owner.get("/websites").await.ok().rows(), Vec::<Value>::new());
    let domain = unique_domain();
    let sent = json!({ "domain": domain, "timezone": "America/New_York", "name": " Example " });
    let row = owner.post("/websites", sent).await.ok().row();
    // The response of create also has `websiteId` (docs/contract/README.md#1).
    has_exactly(&row, &["_id", "id", "websiteId", "domain", "trackingId"]);
    assert_eq!(row["websiteId"], id_of(&row));
    assert_eq!(row["domain"], domain);
    assert!(text(&row["trackingId"]).starts_with("dfid_"), "{row}");

    let listed = owner.get("/websites").await.ok().row();
    has_exactly(&listed, &["_id", "id", "domain", "name", "trackingId", "timezone", "currency", "role"]);
    assert_fields(
        &listed,
        json!({ "id": row["id"], "trackingId": row["trackingId"], "name": "Example", "role": "owner", "timezone": "America/New_York", "currency": "USD" }),
    );

    let settings = owner.get(&format!("/websites/{}", id_of(&row))).await.ok().row();
    has_exactly(&settings, &SETTINGS);
    assert!(is_moment(&settings["createdAt"]));
    for (setting, default) in [
        ("kpi", json!(null)),
        ("kpiColorScheme", json!(null)),
        ("revenueMetric", json!(null)),
        ("isCookieless", json!(false)),
        // On by default (docs/contract/README.md#25).
        ("includeRenewalRevenue", json!(true)),
        ("allowedHostnames", json!([])),
        ("excludedIps", json!([])),
    ] {
        assert_eq!(settings[setting], default, "{setting}");
    }
}

#[tokio::test]
async fn domains_and_time_zones_are_validated() {
    let owner = Gateway::roomy().account().await;
    for (sent, field) in [
        (json!({ "timezone": "UTC" }), "domain"),
        (json!({ "domain": "example.com" }), "timezone"),
        (json!({ "domain": "https://example.com", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "example.com/path", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "example.com:80", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "localhost", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "127.0.0.1", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "ex ample.com", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "-x.com", "timezone": "UTC" }), "domain"),
        (json!({ "domain": "", "timezone": "UTC" }), "domain"),
        (json!({ "domain": ["example.com"], "timezone": "UTC" }), "domain"),
        (json!({ "domain": "example.com", "timezone": "Mars/Olympus" }), "timezone"),
        (json!({ "domain": "example.com", "timezone": "" }), "timezone"),
        (json!({ "domain": "example.com", "timezone": null }), "timezone"),
        (json!({ "domain": "example.com", "timezone": "UTC", "name": "x".repeat(101) }), "name"),
        (json!({ "domain": "example.com", "timezone": "UTC", "name": "" }), "name"),
    ] {
        let message = owner.post("/websites", sent.clone()).await.error(400);
        assert!(message.starts_with(field), "{sent}: {message}");
    }
    assert_eq!(owner.get("/websites").await.ok().rows(), Vec::<Value>::new());
    let row =
        owner.post("/websites", json!({ "domain": "MÜNCHEN.Example", "timezone": "Europe/Berlin" })).await.ok().row();
    assert_eq!(row["domain"], "xn--mnchen-3ya.example");
}

#[tokio::test]
async fn concurrent_requests_for_one_domain_create_one_website() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let domain = unique_domain();
    let create = |domain: &str| owner.post("/websites", json!({ "domain": domain, "timezone": "UTC" }));
    let capitals = domain.to_uppercase();
    let answers = together((0..16).map(|number| create(if number % 2 == 0 { &domain } else { &capitals }))).await;
    assert_eq!(statuses(&answers), [(200, 1), (409, 15)]);
    assert!(create(&domain).await.error(409).starts_with("domain"));
    assert_eq!(owner.get("/websites").await.ok().rows().len(), 1);

    // Another account may have the domain too.
    gateway.account().await.post("/websites", json!({ "domain": domain, "timezone": "UTC" })).await.ok();
    // No website of the account can be renamed to it.
    let other = owner.website().await;
    owner.put(&other.path(""), json!({ "domain": domain })).await.error(409);
    owner.put(&other.path(""), json!({ "domain": other.domain, "name": "its own" })).await.ok();
}

#[tokio::test]
async fn settings_change_one_by_one_and_stay() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    website.track("signup").await;
    let domain = unique_domain();
    let before = owner.get(&website.path("")).await.ok().row();
    let mut expected = before.clone();
    for (field, value) in [
        ("domain", json!(domain)),
        ("name", json!("New name")),
        ("timezone", json!("Asia/Kathmandu")),
        ("currency", json!("EUR")),
        ("kpi", json!("signup")),
        ("kpiColorScheme", json!("green")),
        ("revenueMetric", json!("mrr")),
        ("sendWeeklyReports", json!(true)),
        ("sendViralTrafficAlerts", json!(true)),
        ("isPublicDashboardEnabled", json!(true)),
        ("isPublicDataEnabled", json!(true)),
        ("isCookieless", json!(true)),
        ("isAttackModeEnabled", json!(true)),
        ("includeRenewalRevenue", json!(false)),
        ("allowedHostnames", json!(["app.example.com", "localhost"])),
        ("isAllHostnamesAllowed", json!(true)),
        ("excludedIps", json!(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"])),
        ("excludedPaths", json!(["/admin/*", "/preview"])),
        ("excludedCountries", json!(["DE", "US"])),
        ("excludedHostnames", json!(["staging.example.com"])),
        ("trustedProxies", json!(["198.51.100.0/24"])),
        ("retentionDays", json!(400)),
        // Reset, for the settings that can be empty.
        ("name", json!(null)),
        ("kpi", json!(null)),
        ("retentionDays", json!(null)),
        ("excludedIps", json!([])),
        ("isCookieless", json!(false)),
    ] {
        let changed = owner.put(&website.path(""), json!({ field: value })).await.ok().row();
        expected[field] = value;
        assert_eq!(changed, expected, "after {field}");
    }
    assert_eq!(owner.get(&website.path("")).await.ok().row(), expected);
    assert_eq!(before["trackingId"], expected["trackingId"]);
}

#[tokio::test]
async fn changes_to_different_settings_at_once_all_stay() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    website.track("signup").await;
    let changes = [
        json!({ "kpi": "signup" }),
        json!({ "isCookieless": true }),
        json!({ "excludedPaths": ["/a"] }),
        json!({ "name": "N" }),
        json!({ "currency": "GBP" }),
        json!({ "excludedCountries": ["FR"] }),
        json!({ "sendWeeklyReports": true }),
        json!({ "kpiColorScheme": "blue" }),
    ];
    let path = website.path("");
    for answer in together(changes.iter().map(|change| owner.put(&path, change.clone()))).await {
        answer.ok();
    }
    let settings = owner.get(&website.path("")).await.ok().row();
    for change in &changes {
        for (field, value) in change.as_object().unwrap() {
            assert_eq!(&settings[field], value, "{field}");
        }
    }
}

#[tokio::test]
async fn a_wrong_setting_is_named_and_nothing_changes() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let before = owner.get(&website.path("")).await.ok().row();
    for (sent, field) in [
        (json!({ "domain": "https://x.com" }), "domain"),
        (json!({ "domain": null }), "body"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "timezone": "Nowhere" }), "timezone"),
        (json!({ "currency": "BTC" }), "currency"),
        (json!({ "currency": 978 }), "currency"),
        (json!({ "kpi": "not a goal!" }), "kpi"),
        (json!({ "revenueMetric": "profit" }), "revenueMetric"),
        (json!({ "isCookieless": "yes" }), "isCookieless"),
        (json!({ "isCookieless": null }), "body"),
        (json!({ "allowedHostnames": "example.com" }), "allowedHostnames"),
        (json!({ "allowedHostnames": ["https://example.com"] }), "allowedHostnames"),
        (json!({ "excludedIps": ["300.1.1.1"] }), "excludedIps"),
        (json!({ "excludedIps": ["10.0.0.0/33"] }), "excludedIps"),
        (json!({ "excludedPaths": ["admin"] }), "excludedPaths"),
        (json!({ "excludedCountries": ["Germany"] }), "excludedCountries"),
        (json!({ "excludedCountries": ["ZZ"] }), "excludedCountries"),
        (json!({ "excludedHostnames": [7] }), "excludedHostnames"),
        (json!({ "name": "right", "currency": "wrong" }), "currency"),
        (json!({}), "body"),
        (json!({ "unknown": 1 }), "body"),
    ] {
        let message = owner.put(&website.path(""), sent.clone()).await.error(400);
        assert!(message.starts_with(field), "{sent}: {message}");
    }
    assert_eq!(owner.get(&website.path("")).await.ok().row(), before);
}

#[tokio::test]
async fn a_website_cannot_be_deleted_and_the_answer_says_where_it_can() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let refused = owner.delete(&website.path("")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.body,
        format!(
            "{{\"status\":\"error\",\"error\":{{\"code\":403,\"message\":\"Website deletion cannot be done \
             programmatically. Please delete this website from the DataFast dashboard: \
             https://datafa.st/dashboard/{}\"}}}}",
            website.id
        )
    );
    // An unreachable website, or a missing permission, is refused as such.
    gateway.account().await.delete(&website.path("")).await.error(404);
    let reader = owner.mint(json!({ "permissions": ["websites:read"] })).await;
    assert!(reader.delete(&website.path("")).await.error(403).contains("\"websites:write\""));
    website.key().await.delete(&website.path("")).await.error(403);
    owner.get(&website.path("")).await.ok();
}

#[tokio::test]
async fn a_token_with_an_allow_list_lists_only_that_and_creates_none() {
    // docs/contract/README.md#29; docs/contract/account-api.md#1.2.
    let owner = Gateway::roomy().account().await;
    let (listed, _other) = (owner.website().await, owner.website().await);
    let narrow = owner.mint(json!({ "websiteIds": [listed.id] })).await;
    assert_eq!(owner.get("/websites").await.ok().rows().len(), 2);
    assert_eq!(id_of(&narrow.get("/websites").await.ok().row()), listed.id);
    narrow.post("/websites", json!({ "domain": unique_domain(), "timezone": "UTC" })).await.error(403);
    assert_eq!(owner.get("/websites").await.ok().rows().len(), 2);
}

#[tokio::test]
async fn a_website_key_neither_lists_nor_creates_websites() {
    // docs/contract/README.md#16.
    let owner = Gateway::roomy().account().await;
    let key = owner.website().await.key().await;
    assert!(key.get("/websites").await.error(403).contains("df_"));
    assert!(
        key.post("/websites", json!({ "domain": unique_domain(), "timezone": "UTC" })).await.error(403).contains("df_")
    );
    assert!(key.put("/account", json!({ "name": "x" })).await.error(403).contains("df_"));
}

#[tokio::test]
async fn websites_shared_with_an_account_are_in_its_list_with_its_role() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let (first, second) = (owner.website().await, owner.website().await);
    first.admit(&guest, "member").await;
    second.admit(&guest, "viewer").await;
    let own = guest.website().await;
    let mut listed: Vec<_> =
        guest.get("/websites").await.ok().rows().iter().map(|row| (id_of(row), text(&row["role"]))).collect();
    listed.sort();
    let mut expected = [(first.id.clone(), "member"), (second.id, "viewer"), (own.id, "owner")]
        .map(|(id, role)| (id, role.to_owned()));
    expected.sort();
    assert_eq!(listed, expected);
    first.remove(&guest).await;
    assert_eq!(guest.get("/websites").await.ok().rows().len(), 2);
}

#[tokio::test]
async fn ids_are_checked_in_form_before_anything_is_looked_up() {
    // docs/contract/README.md#5.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for wrong in
        ["x", "665f0b3c4d2e1a001234567", "665f0b3c4d2e1a00123456789", "665f0b3c4d2e1a001234567g", "%00", "..%2f"]
    {
        let refused = owner.get(&format!("/websites/{wrong}")).await;
        refused.error(400);
        assert_eq!(refused.hops().d1, 0);
    }
    owner.get(&format!("/websites/{NO_SUCH_ID}")).await.error(404);
    owner.get(&format!("/websites/{}", website.id.to_uppercase())).await.ok();
}
