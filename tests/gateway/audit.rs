//! The audit log (docs/audit.md): what each way of changing something leaves, and who reads it. Every operation is in
//! `src/audit_tests.rs`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    ADMIN, Account, Caller, Gateway, answer, assert_fields, has_exactly, id_of, is_id, is_moment, text,
};

/// The rows of a list, newest first.
async fn rows(caller: &Caller, path: &str) -> Vec<Value> {
    caller.get(path).await.ok().rows()
}

/// What was done, with how it was done, newest first.
fn told(rows: &[Value]) -> Vec<[String; 3]> {
    rows.iter().map(|row| [text(&row["operation"]), text(&row["client"]), text(&row["credential"]["kind"])]).collect()
}

#[tokio::test]
async fn a_change_is_there_with_who_what_and_the_values_before_and_after() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let changes = json!({ "name": "Shop", "isCookieless": true, "excludedIps": ["203.0.113.7"], "timezone": "UTC" });
    let changed = owner.put(&website.path(""), changes).await.ok();
    let log = rows(&owner, &website.path("/audit")).await;
    assert_eq!(
        told(&log),
        [["updateWebsite", "api", "token"], ["createWebsite", "api", "token"]].map(|row| row.map(str::to_owned))
    );
    has_exactly(
        &log[0],
        &["id", "at", "account", "credential", "client", "country", "websiteId", "operation", "target", "changes"],
    );
    assert!(is_id(&log[0]["id"]) && is_moment(&log[0]["at"]), "{}", log[0]);
    assert_fields(
        &log[0],
        json!({ "id": changed.header("x-request-id"), "websiteId": website.id, "target": website.id, "account.id": owner.id,
            "account.email": owner.email, "credential.id": owner.token_id }),
    );
    let by_field =
        |name: &str| log[0]["changes"].as_array().unwrap().iter().find(|change| change["field"] == name).cloned();
    let change =
        |field: &str, before: Value, after: Value| Some(json!({ "field": field, "before": before, "after": after }));
    assert_eq!(by_field("name"), change("name", json!("Test"), json!("Shop")));
    assert_eq!(by_field("isCookieless"), change("isCookieless", json!(null), json!(true)));
    assert_eq!(by_field("excludedIps"), change("excludedIps", json!(null), json!(["203.0.113.7"])));
    assert_eq!(log[0]["changes"].as_array().unwrap().len(), 3, "{}", log[0]);
}

#[tokio::test]
async fn what_changes_nothing_is_not_there() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let (same, wrong) = (json!({ "name": "Test" }), json!({ "timezone": "Nowhere" }));
    owner.put(&website.path(""), same).await.ok();
    owner.put(&website.path(""), wrong).await.error(400);
    owner.delete(&website.path("/funnels/0000000000000000000000ff")).await.error(404);
    owner.delete(&website.path("")).await.error(403);
    let viewer = gateway.account().await;
    viewer.put(&website.path(""), json!({ "name": "Theirs" })).await.error(404);
    let note = || {
        let request = owner.request(Method::POST, &website.path("/notes")).header("idempotency-key", "once");
        answer(request.json(&json!({ "text": "x", "timestamp": "2026-06-01" })))
    };
    assert_eq!((note().await.status, note().await.header("idempotency-replayed")), (201, "true".to_owned()));
    let log = rows(&owner, &website.path("/audit")).await;
    assert_eq!(
        told(&log).into_iter().map(|[operation, ..]| operation).collect::<Vec<_>>(),
        ["createNote", "createWebsite"]
    );
    assert_eq!(rows(&viewer, &format!("/audit?website={}", website.id)).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_change_in_a_websites_object_has_its_values_too() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let (settings, log) = (website.path("/bot-traffic/settings"), website.path("/audit?operation=updateBotSettings"));
    let change = async |body: Value| {
        owner.patch(&settings, body).await.ok();
    };
    change(json!({ "hideDashboardCard": true, "excludedCrawlerIds": ["gptbot"] })).await;
    change(json!({ "hideDashboardCard": true })).await;
    let found = rows(&owner, &log).await;
    assert_eq!(found.len(), 1, "what changes nothing leaves no row: {found:?}");
    assert_eq!(
        found[0]["changes"],
        json!([
            { "field": "excludedCrawlerIds", "before": [], "after": ["gptbot"] },
            { "field": "hideDashboardCard", "before": false, "after": true },
        ])
    );
    change(json!({ "excludedCrawlerIds": [], "groupBy": "companies" })).await;
    let found = rows(&owner, &log).await;
    assert_eq!(
        found[0]["changes"],
        json!([
            { "field": "excludedCrawlerIds", "before": ["gptbot"], "after": [] },
            { "field": "groupBy", "before": "crawlers", "after": "companies" },
        ])
    );
}

#[tokio::test]
async fn each_way_of_changing_something_says_which_it_was() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let note = json!({ "text": "x", "timestamp": "2026-06-01" });
    let path = website.path("/notes");
    let by_cli = owner.request(Method::POST, &path).header("user-agent", "sluice-cli/0.1.0").json(&note);
    assert_eq!(answer(by_cli).await.status, 201);
    let key = website.key().await;
    assert_eq!(key.post(&path, note.clone()).await.status, 201);
    let arguments = json!({ "websiteId": website.id, "text": "x", "timestamp": "2026-06-01" });
    let params = json!({ "name": "datafast_notes_create", "arguments": arguments });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let used = answer(gateway.request(Method::POST, "/api/mcp").bearer_auth(&owner.token).json(&message)).await;
    assert!(used.status == 200 && !used.body.contains("\"isError\":true"), "{used}");
    let browser = owner.browser().await;
    assert_eq!(browser.post(&format!("{ADMIN}{path}"), note).await.status, 201);
    let log = rows(&owner, &format!("{}?operation=createNote", website.path("/audit"))).await;
    let expected = [
        ["createNote", "console", "session"],
        ["createNote", "mcp", "token"],
        ["createNote", "api", "key"],
        ["createNote", "cli", "token"],
    ];
    assert_eq!(told(&log), expected.map(|row| row.map(str::to_owned)));
    // Whoever made the key answers for it.
    assert!(log.iter().all(|row| row["account"]["id"] == owner.id.as_str()), "{log:?}");
    let own = rows(&owner, "/audit?operation=signIn").await;
    assert_eq!(told(&own), [["signIn", "console", "session"].map(str::to_owned)]);
    let method = own[0]["changes"].as_array().unwrap().iter().find(|change| change["field"] == "method").cloned();
    assert_eq!(method.unwrap()["after"], "ticket");
}

#[tokio::test]
async fn no_secret_that_an_answer_shows_is_in_the_log() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let minted = owner.post("/access-tokens", json!({ "name": "CI" })).await.ok().row();
    let key = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let rolled = owner.put(&website.path(&format!("/apikeys/{}", id_of(&key))), json!({})).await.ok().row();
    let headers = json!({ "X-Secret": "header-value-1" });
    let webhook = json!({ "url": "https://hooks.example.org/x", "headers": headers });
    let webhook = owner.post(&website.path("/webhooks"), webhook).await.ok().row();
    let its = website.path(&format!("/webhooks/{}", id_of(&webhook)));
    owner.put(&its, json!({ "headers": { "X-Secret": "header-value-2" } })).await.ok();
    let shown = owner.get(&format!("{its}/secret")).await.ok().row();
    let rotated = owner.post(&format!("{its}/secret/rotate"), json!({})).await.ok().row();
    let invited =
        owner.post(&website.path("/team"), json!({ "email": crate::support::unique_email() })).await.ok().row();
    let [website_log, own] = [website.path("/audit"), "/audit".to_owned()];
    for list in [website_log.clone(), own.clone(), format!("{website_log}?format=csv"), format!("{own}?format=ndjson")]
    {
        let answer = owner.get(&list).await;
        assert_eq!(answer.status, 200, "{answer}");
        let secrets =
            [&minted["key"], &key["key"], &rolled["key"], &webhook["secret"], &shown["secret"], &rotated["secret"]];
        for secret in
            secrets.into_iter().map(text).chain([owner.token.clone(), crate::support::invitation_code(&invited)])
        {
            assert!(secret.len() > 20 && !answer.body.contains(&secret), "{list}: {secret}");
        }
        assert!(!answer.body.contains("header-value"), "{list}");
    }
    let log = rows(&owner, &format!("{website_log}?target={}", id_of(&webhook))).await;
    let secrets = |row: &Value| {
        let changes = row["changes"].as_array().unwrap().iter().filter(|change| change["isSecret"] == true);
        changes.map(|change| text(&change["field"])).collect::<Vec<_>>().join(" ")
    };
    let told: Vec<_> = log.iter().map(|row| (text(&row["operation"]), secrets(row))).collect();
    let expected = [
        ("rotateWebhookSecret", "secret"),
        ("getWebhookSecret", ""),
        ("updateWebhook", "headers"),
        ("createWebhook", "headers secret"),
    ];
    assert_eq!(told, expected.map(|(operation, secrets)| (operation.to_owned(), secrets.to_owned())));
}

#[tokio::test]
async fn a_member_reads_what_they_did_and_the_owner_what_everybody_did() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let (website, other) = (owner.website().await, owner.website().await);
    website.admit(&member, "member").await;
    let funnel = json!({ "name": "F", "steps": [{ "name": "a", "type": "pageview", "url": "/" }, { "name": "b", "type": "pageview", "url": "/b" }] });
    member.post(&website.path("/funnels"), funnel).await.ok();
    member.get(&website.path("/audit")).await.error(403);
    let of = |rows: Vec<Value>| rows.iter().map(|row| text(&row["operation"])).collect::<Vec<_>>();
    let by_member = format!("{}?account={}", website.path("/audit"), member.id);
    assert_eq!(of(rows(&owner, &by_member).await), ["createFunnel", "acceptInvitation"]);
    assert_eq!(
        of(rows(&member, &format!("/audit?website={}", website.id)).await),
        ["createFunnel", "acceptInvitation"]
    );
    assert_eq!(of(rows(&owner, &website.path("/audit")).await)[..2], ["createFunnel", "acceptInvitation"]);
    // A token of one website sees what was done there, and not what the account does elsewhere.
    let narrow = owner.mint(json!({ "permissions": ["*"], "websiteIds": [other.id] })).await;
    assert_eq!(of(rows(&narrow, "/audit").await), ["createWebsite"]);
    narrow.get(&website.path("/audit")).await.error(403);
    website.key().await.get(&website.path("/audit")).await.error(403);
    let reads = owner.mint(json!({ "permissions": ["settings:read", "api-keys:read"] })).await;
    assert!(reads.get("/audit").await.error(403).contains("\"webhooks:read\""));
}

#[tokio::test]
async fn pages_and_files_are_of_the_same_rows() {
    let gateway = Gateway::roomy();
    let owner: Account = gateway.account().await;
    let website = owner.website().await;
    for name in ["=1+1", "B", "C"] {
        owner.put(&website.path(""), json!({ "name": name })).await.ok();
    }
    let path = website.path("/audit");
    let all = rows(&owner, &path).await;
    assert_eq!(all.len(), 4);
    assert_eq!(rows(&owner, &format!("{path}?limit=2")).await, all[..2]);
    assert_eq!(rows(&owner, &format!("{path}?limit=2&offset=2")).await, all[2..]);
    let until = text(&all[3]["at"]);
    assert_eq!(rows(&owner, &format!("{path}?until={until}")).await.last(), all.last());
    let lines = owner.get(&format!("{path}?format=ndjson")).await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all);
    let table = owner.get(&format!("{path}?format=csv&operation=updateWebsite")).await;
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    assert_eq!(table.body.lines().count(), 4, "{}", table.body);
    assert!(table.body.starts_with("at,accountId,name,email,") && !table.body.contains(",=1"), "{}", table.body);
    owner.get(&format!("{path}?format=xml")).await.error(400);
    owner.get(&format!("{path}?client=telegraph")).await.error(400);
}
