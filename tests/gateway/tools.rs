//! The tools of `/api/mcp` (docs/contract/mcp.md). The table below is copied from its section 6; nothing comes from the gateway's own.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::matrix::{PERMISSIONS, ROOM};
use crate::own_gateway::State;
use crate::support::{
    Account, Answer, Caller, Gateway, NO_SUCH_ID, VISITOR, Website, all, answer, id_of, text, together, unique,
    unique_domain, unique_email,
};

/// What the specification says about one tool.
struct Tool {
    /// Without `datafast_`.
    name: &'static str,
    /// Any of these will do.
    permissions: Vec<&'static str>,
    /// The hints: reads, writes, sets (idempotent), destroys, removes (idempotent).
    effect: &'static str,
    /// `account` for tools of an account, or the lowest role on the website.
    role: &'static str,
    confirms: bool,
}

/// tool, permission, effect, lowest role, whether it takes `confirm`
const TOOLS: &str = "
analytics_overview          analytics:read            reads    viewer  -
analytics_timeseries        analytics:read            reads    viewer  -
analytics_realtime          analytics:read            reads    viewer  -
analytics_realtime_map      analytics:read            reads    viewer  -
analytics_metadata          analytics:read            reads    viewer  -
analytics_breakdown         analytics:read            reads    viewer  -
analytics_goals             analytics:read            reads    viewer  -
analytics_goal_properties   analytics:read            reads    viewer  -
funnels_results             analytics:read            reads    viewer  -
visitors_list               analytics:read            reads    viewer  -
visitors_get                analytics:read            reads    viewer  -
websites_list               websites:read             reads    account -
websites_get                settings:read             reads    viewer  -
websites_create             websites:write            writes   account -
websites_update             settings:write            sets     member  some
goals_list                  settings:read|goals:read  reads    viewer  -
goals_customizations_list   goals:read                reads    viewer  -
goals_customize             goals:write               sets     member  -
goals_reset                 goals:write               sets     member  -
goals_events_delete         goals:write               destroys member  confirm
funnels_list                funnels:read              reads    viewer  -
funnels_create              funnels:write             writes   member  -
funnels_update              funnels:write             sets     member  -
funnels_delete              funnels:write             removes  member  -
notes_list                  notes:read                reads    viewer  -
notes_create                notes:write               writes   member  -
notes_update                notes:write               sets     member  -
notes_delete                notes:write               removes  member  confirm
mentions_list               analytics:read            reads    viewer  -
bot_traffic_summary         analytics:read            reads    owner   -
bot_traffic_pages           analytics:read            reads    owner   -
bot_traffic_usage           settings:read             reads    account -
bot_traffic_settings_get    settings:read             reads    owner   -
bot_traffic_settings_update settings:write            sets     owner   some
bot_traffic_token_create    settings:write            writes   owner   confirm
bot_traffic_token_rotate    settings:write            destroys owner   confirm
bot_traffic_token_delete    settings:write            removes  owner   confirm
alerts_list                 alerts:read               reads    viewer  -
alerts_history              alerts:read               reads    viewer  -
alerts_create               alerts:write              writes   member  -
alerts_update               alerts:write              sets     member  -
alerts_delete               alerts:write              removes  member  confirm
alerts_preview              alerts:write              reads    member  -
alerts_test                 alerts:write              writes   member  confirm
api_keys_list               api-keys:read             reads    viewer  -
api_keys_create             api-keys:write            writes   member  confirm
api_keys_roll               api-keys:write            destroys member  confirm
api_keys_delete             api-keys:write            removes  member  confirm
team_list                   team:read                 reads    viewer  -
team_invite                 team:write                writes   owner   confirm
team_remove                 team:write                removes  owner   confirm
account_get                 analytics:read            reads    account -
account_update              analytics:read            sets     account -
access_tokens_list          api-keys:read             reads    account -
access_tokens_create        api-keys:write            writes   account confirm
access_tokens_delete        api-keys:write            removes  account confirm
integrations_status         settings:read             reads    viewer  -
webhooks_list               webhooks:read             reads    viewer  -
webhooks_deliveries         webhooks:read             reads    viewer  -
webhooks_delivery_get       webhooks:read             reads    viewer  -
webhooks_create             webhooks:write            writes   member  confirm
webhooks_update             webhooks:write            sets     member  -
webhooks_delete             webhooks:write            removes  member  confirm
webhooks_test               webhooks:write            writes   member  confirm
webhooks_resend             webhooks:write            writes   member  confirm
";

/// Tools that can be called, and are not listed.
const UNLISTED: [&str; 11] = [
    "pages",
    "referrers",
    "countries",
    "regions",
    "cities",
    "devices",
    "browsers",
    "operating_systems",
    "hostnames",
    "campaigns",
    "exit_clicks",
];

/// Tools for owners that the keys of an owner may use too.
const REPORTS_OF_CRAWLERS: [&str; 2] = ["bot_traffic_summary", "bot_traffic_pages"];

fn tools() -> Vec<Tool> {
    let rows = TOOLS.lines().filter(|line| !line.is_empty());
    rows.map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [name, permissions, effect, role, confirms] = cells[..] else { panic!("{line}") };
        Tool { name, permissions: permissions.split('|').collect(), effect, role, confirms: confirms != "-" }
    })
    .collect()
}

impl Tool {
    fn full_name(&self) -> String {
        format!("datafast_{}", self.name)
    }

    fn is_open_to(&self, held: &BTreeSet<&str>) -> bool {
        held.contains("*") || self.permissions.iter().any(|permission| held.contains(permission))
    }

    /// Arguments that fit the schema and change nothing: what they name is not there, or is refused behind the door.
    fn harmless(&self) -> Value {
        match self.name {
            "analytics_breakdown" => json!({ "dimension": "pages" }),
            "analytics_goal_properties" => json!({ "eventName": "x" }),
            "funnels_results" | "funnels_delete" => json!({ "funnelId": NO_SUCH_ID }),
            "visitors_get" => json!({ "visitorId": VISITOR }),
            "websites_create" => json!({ "domain": "not a domain", "timezone": "UTC" }),
            "websites_update" => json!({ "timezone": "Nowhere/Land", "name": "x" }),
            "goals_customize" => json!({ "goalName": "x", "description": "x".repeat(2000) }),
            "goals_reset" => json!({ "goalName": "never customized" }),
            "goals_events_delete" => json!({ "name": "x" }),
            "funnels_create" => json!({ "name": "x", "steps": [] }),
            "funnels_update" => json!({ "funnelId": NO_SUCH_ID, "name": "x" }),
            "notes_create" => json!({ "text": "", "timestamp": "2026-06-01" }),
            "notes_update" => json!({ "noteId": NO_SUCH_ID, "text": "x" }),
            "notes_delete" => json!({ "noteId": NO_SUCH_ID }),
            "bot_traffic_settings_update" => json!({ "hideDashboardCard": false }),
            "alerts_create" => json!({ "name": "", "trigger": { "goalName": "x" }, "template": { "message": "x" } }),
            "alerts_update" => json!({ "alertId": NO_SUCH_ID, "name": "x" }),
            "alerts_delete" | "alerts_test" => json!({ "alertId": NO_SUCH_ID }),
            "alerts_preview" => json!({ "trigger": { "goalName": "x" } }),
            "api_keys_roll" | "api_keys_delete" => json!({ "apiKeyId": NO_SUCH_ID }),
            "team_invite" => json!({ "email": unique_email() }),
            "team_remove" => json!({ "userId": NO_SUCH_ID }),
            "account_update" => json!({ "name": "" }),
            "access_tokens_create" => json!({ "permissions": ["analytics:read"] }),
            "access_tokens_delete" => json!({ "tokenId": NO_SUCH_ID }),
            "webhooks_delivery_get" | "webhooks_resend" => {
                json!({ "webhookId": NO_SUCH_ID, "deliveryId": NO_SUCH_ID })
            }
            "webhooks_create" => json!({ "url": "https://example.com/hook" }),
            "webhooks_update" => json!({ "webhookId": NO_SUCH_ID, "description": "x" }),
            "webhooks_deliveries" | "webhooks_delete" | "webhooks_test" => json!({ "webhookId": NO_SUCH_ID }),
            _ => json!({}),
        }
    }
}

/// The result of a method, or its error.
async fn ask(caller: &Caller, method: &str, params: Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = caller.gateway.request(Method::POST, "/api/mcp").bearer_auth(&caller.token);
    let sent = answer(request.json(&message)).await;
    let json = sent.json();
    assert_eq!((sent.status, &json["id"]), (200, &json!(1)), "{sent}");
    json
}

async fn listed(caller: &Caller) -> Vec<Value> {
    let list = ask(caller, "tools/list", json!({})).await;
    list["result"]["tools"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
}

async fn names(caller: &Caller) -> Vec<String> {
    listed(caller).await.iter().map(|tool| text(&tool["name"])).collect()
}

/// What a tool answers.
async fn call(caller: &Caller, name: &str, arguments: Value) -> Value {
    let called = ask(caller, "tools/call", json!({ "name": name, "arguments": arguments })).await;
    assert!(called["result"]["content"][0]["text"].is_string(), "{called}");
    called["result"].clone()
}

/// The message of a refusal.
#[track_caller]
fn refused(result: &Value) -> String {
    assert_eq!(result["isError"], true, "{result}");
    text(&result["content"][0]["text"])
}

/// The rows of an answer.
#[track_caller]
fn rows(result: &Value) -> Vec<Value> {
    assert_eq!(result["isError"], Value::Null, "{result}");
    result["structuredContent"]["data"].as_array().unwrap().clone()
}

fn named(website: &Website, mut arguments: Value) -> Value {
    arguments["websiteId"] = json!(website.id);
    arguments
}

#[tokio::test]
async fn the_list_has_exactly_what_the_token_may_use() {
    let account = Gateway::roomy().account().await;
    let website = account.website().await;
    let sets = PERMISSIONS.map(|one| BTreeSet::from([one]));
    // The read-only recipe of the documentation.
    let recipe = BTreeSet::from([
        "analytics:read",
        "websites:read",
        "settings:read",
        "alerts:read",
        "funnels:read",
        "goals:read",
    ]);
    for held in sets.iter().chain([&recipe]) {
        let caller = account.mint(json!({ "permissions": held })).await;
        let expected: Vec<String> = tools().iter().filter(|tool| tool.is_open_to(held)).map(Tool::full_name).collect();
        assert_eq!(names(&caller).await, expected, "{held:?}");
        account.delete(&format!("/access-tokens/{}", id_of_token(&account, &caller).await)).await.ok();
    }
    let everything = listed(&account).await;
    assert_eq!(everything.len(), tools().len());
    let size = json!(everything).to_string().len();
    assert!(size < 64 * 1024, "{size} bytes");
    // A website's key: what is of the website, at the level of a member, and the reports of crawlers if the owner has made it.
    let of_key = |is_owners: bool| -> Vec<String> {
        let tools = tools().into_iter().filter(|tool| {
            ["viewer", "member"].contains(&tool.role) || is_owners && REPORTS_OF_CRAWLERS.contains(&tool.name)
        });
        tools.map(|tool| tool.full_name()).collect()
    };
    assert_eq!(names(&website.key().await).await, of_key(true));
    let member = account.gateway.account().await;
    website.admit(&member, "member").await;
    let of_member = member.post(&website.path("/apikeys"), json!({})).await.ok().row();
    assert_eq!(names(&account.gateway.caller(&text(&of_member["key"]))).await, of_key(false));
}

async fn id_of_token(account: &Account, caller: &Caller) -> String {
    let end = caller.token[caller.token.len() - 4..].to_owned();
    let tokens = account.get("/access-tokens").await.ok().rows();
    let row = tokens.iter().find(|row| text(&row["displayKey"]).ends_with(&end)).unwrap();
    id_of(row)
}

#[tokio::test]
async fn every_tool_says_what_it_does() {
    let account = Gateway::roomy().account().await;
    for (tool, listed) in tools().iter().zip(listed(&account).await) {
        let hints = &listed["annotations"];
        let (reads, destroys, repeats) = match tool.effect {
            "reads" => (true, false, true),
            "writes" => (false, false, false),
            "sets" => (false, false, true),
            "destroys" => (false, true, false),
            _ => (false, true, true),
        };
        assert_eq!(hints["readOnlyHint"], reads, "{listed}");
        assert_eq!(hints["destructiveHint"], destroys, "{listed}");
        assert_eq!(hints["idempotentHint"], repeats, "{listed}");
        assert_eq!(hints["openWorldHint"], ["alerts_test", "webhooks_test"].contains(&tool.name), "{listed}");
        let input = &listed["inputSchema"];
        assert_eq!((&input["type"], &input["additionalProperties"]), (&json!("object"), &json!(false)), "{listed}");
        assert_eq!(input["properties"]["confirm"].is_object(), tool.confirms, "{listed}");
        assert_eq!(input["properties"]["websiteId"].is_object(), tool.role != "account", "{listed}");
        assert_eq!(listed["outputSchema"]["type"], "object", "{listed}");
        for field in ["title", "description"] {
            assert!(!text(&listed[field]).is_empty(), "{listed}");
        }
    }
}

/// The permissions of a token, or of a key.
type Held = BTreeSet<&'static str>;

/// One credential of the matrix, and what it is asked.
struct Subject {
    held: Held,
    /// The role of its account on the website.
    role: Option<&'static str>,
    /// Whether its allow-list has another website only.
    is_foreign: bool,
    is_key: bool,
    caller: Caller,
}

impl Subject {
    /// The codes of errors that a call may have.
    fn expected(&self, tool: &Tool) -> &'static [Option<u64>] {
        const RANKS: [&str; 3] = ["viewer", "member", "owner"];
        let rank = |role: &str| RANKS.iter().position(|known| *known == role);
        // The owner has made the keys.
        let needed = if self.is_key && REPORTS_OF_CRAWLERS.contains(&tool.name) { "member" } else { tool.role };
        if !tool.is_open_to(&self.held) || self.is_key && (self.is_foreign || tool.role == "account") {
            &[Some(403)]
        } else if tool.role == "account" {
            &[None, Some(400), Some(403), Some(404)]
        } else if self.role.is_none() {
            &[Some(404)]
        } else if self.is_foreign || self.role.and_then(rank) < rank(needed) {
            &[Some(403)]
        } else {
            &[None, Some(400), Some(404)]
        }
    }

    /// What is wrong with the answer of a tool.
    async fn fault(&self, tool: &Tool, website: &Website) -> Option<String> {
        let arguments = tool.harmless();
        let arguments = if tool.role == "account" { arguments } else { named(website, arguments) };
        let result = call(&self.caller, &tool.full_name(), arguments).await;
        let code = result["structuredContent"]["error"]["code"].as_u64();
        let is_right = self.expected(tool).contains(&code);
        (!is_right).then(|| format!("{} with {:?} as {:?}: {result}", tool.name, self.held, self.role))
    }
}

/// Every permission but those of a tool.
fn others(tool: &Tool) -> Held {
    PERMISSIONS[1..].iter().copied().filter(|one| !tool.permissions.contains(one)).collect()
}

/// Asks every tool with tokens of `account`: each single permission, all but the tool's own, and everything on another website.
async fn faults_of_tokens(account: &Account, role: Option<&'static str>, website: &Website) -> Vec<String> {
    let other = account.website().await;
    let singles = PERMISSIONS.map(|one| (Held::from([one]), false));
    let lacking: BTreeSet<Held> = tools().iter().map(others).collect();
    let sets: Vec<(Held, bool)> = singles
        .into_iter()
        .chain(lacking.into_iter().map(|set| (set, false)))
        .chain([(Held::from(["*"]), true)])
        .collect();
    let mut wrong = Vec::new();
    for sets in sets.chunks(ROOM) {
        let subjects = all(sets.iter().map(async |(held, is_foreign)| {
            let scope: &[&str] = if *is_foreign { &[&other.id] } else { &[] };
            let caller = account.mint(json!({ "permissions": held, "websiteIds": scope })).await;
            Subject { held: held.clone(), role, is_foreign: *is_foreign, is_key: false, caller }
        }))
        .await;
        let tools = tools();
        let cells = subjects.iter().flat_map(|subject| tools.iter().map(move |tool| (subject, tool)));
        let cells = cells.filter(|(subject, tool)| subject.held.len() == 1 || subject.held == others(tool));
        wrong.extend(all(cells.map(|(subject, tool)| subject.fault(tool, website))).await.into_iter().flatten());
        let ids = all(subjects.iter().map(|subject| id_of_token(account, &subject.caller))).await;
        all(ids.iter().map(async |id| account.delete(&format!("/access-tokens/{id}")).await.ok())).await;
    }
    wrong
}

#[tokio::test]
async fn what_is_refused_by_the_api_is_refused_by_the_tool() {
    let gateway = Gateway::roomy();
    let accounts = all((0..4).map(|_| gateway.account())).await;
    let [owner, member, viewer, stranger] = &accounts[..] else { panic!("four accounts") };
    let website = owner.website().await;
    website.admit(member, "member").await;
    website.admit(viewer, "viewer").await;
    let roles = [(owner, Some("owner")), (member, Some("member")), (viewer, Some("viewer")), (stranger, None)];
    let mut wrong: Vec<String> =
        together(roles.map(|(account, role)| faults_of_tokens(account, role, &website))).await.concat();
    // A key has every permission of its own website, at the level of a member.
    for (of, is_foreign) in [(&website, false), (&stranger.website().await, true)] {
        let caller = of.key().await;
        let subject = Subject { held: Held::from(["*"]), role: Some("member"), is_foreign, is_key: true, caller };
        let faults = all(tools().iter().map(|tool| subject.fault(tool, &website))).await;
        wrong.extend(faults.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{} are wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[tokio::test]
async fn a_key_is_good_for_its_own_website() {
    let account = Gateway::roomy().account().await;
    let (website, other) = (account.website().await, account.website().await);
    let key = website.key().await;
    for name in [json!(null), json!(website.id), json!(website.domain)] {
        let arguments = if name.is_null() { json!({}) } else { json!({ "websiteId": name }) };
        let row = rows(&call(&key, "datafast_analytics_metadata", arguments).await).remove(0);
        assert_eq!(row["domain"], json!(website.domain), "{row}");
    }
    for name in [&other.id, &other.domain, "nowhere.example"] {
        let message = refused(&call(&key, "datafast_analytics_metadata", json!({ "websiteId": name })).await);
        assert!(message.contains("another website"), "{message}");
    }
    let is_refused =
        |tool: &&Tool| ["account", "owner"].contains(&tool.role) && !REPORTS_OF_CRAWLERS.contains(&tool.name);
    for tool in tools().iter().filter(is_refused) {
        let message = refused(&call(&key, &tool.full_name(), tool.harmless()).await);
        assert!(message.contains("df_ website key"), "{message}");
    }
}

#[tokio::test]
async fn a_website_is_named_by_id_tracking_id_or_domain() {
    let account = Gateway::roomy().account().await;
    let message = refused(&call(&account, "datafast_websites_get", json!({})).await);
    assert!(message.contains("reaches no website"), "{message}");
    let first = account.website().await;
    // The only one need not be named.
    assert_eq!(rows(&call(&account, "datafast_websites_get", json!({})).await)[0]["domain"], json!(first.domain));
    let second = account.website().await;
    let tracking_id = text(&account.get(&second.path("")).await.ok().row()["trackingId"]);
    for name in
        [second.id.clone(), second.id.to_uppercase(), second.domain.clone(), second.domain.to_uppercase(), tracking_id]
    {
        let row = rows(&call(&account, "datafast_websites_get", json!({ "websiteId": name })).await).remove(0);
        assert_eq!(row["domain"], json!(second.domain));
    }
    for (name, is_missing) in [(None, false), (Some("nowhere.example"), true), (Some("dfid_nowhere"), true)] {
        let arguments = name.map_or_else(|| json!({}), |name| json!({ "websiteId": name }));
        let result = call(&account, "datafast_websites_get", arguments).await;
        let message = refused(&result);
        assert_eq!(result["structuredContent"]["error"]["code"], if is_missing { 404 } else { 400 });
        for website in [&first, &second] {
            assert!(message.contains(&website.id) && message.contains(&website.domain), "{message}");
        }
    }
    // A token for one website need not name it.
    let caller = account.mint(json!({ "websiteIds": [second.id] })).await;
    assert_eq!(rows(&call(&caller, "datafast_websites_get", json!({})).await)[0]["domain"], json!(second.domain));
}

/// A website with some events.
async fn eventful(account: &Account) -> Website {
    let website = account.website().await;
    let line = |at: &str, more: Value| {
        let mut line = json!({ "id": unique(), "timestamp": at, "type": "pageview", "visitorId": VISITOR, "sessionId": "s",
            "href": "https://example.com/docs", "country": "FR" });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    website
        .import(&[
            line("2026-06-01T10:00:00Z", json!({})),
            line(
                "2026-06-01T10:01:00Z",
                json!({ "type": "custom", "extraData": { "eventName": "signup", "plan": "pro" } }),
            ),
            line("2026-06-02T10:01:00Z", json!({ "sessionId": "t", "href": "https://example.com/pricing" })),
        ])
        .await;
    website
}

#[tokio::test]
async fn a_report_is_the_answer_of_the_api() {
    let account = Gateway::roomy().account().await;
    let website = eventful(&account).await;
    let funnel = json!({ "name": unique(), "steps": [{ "name": "a", "type": "pageview", "url": "/docs" },
        { "name": "b", "type": "goal", "goalName": "signup" }] });
    let funnel = id_of(&account.post(&website.path("/funnels"), funnel).await.ok().row());
    let range = "&startAt=2026-06-01&endAt=2026-06-02";
    let of = |path: &str, query: &str| format!("/api/v1{path}?websiteId={}{query}", website.id);
    let ends = json!({ "startAt": "2026-06-01", "endAt": "2026-06-02" });
    let with = |more: Value| {
        let mut arguments: Map<String, Value> = ends.as_object().unwrap().clone();
        arguments.extend(more.as_object().unwrap().clone());
        Value::Object(arguments)
    };
    let admin = |path: &str| format!("/api/v1/admin{}", website.path(path));
    for (tool, arguments, path) in [
        ("analytics_overview", with(json!({})), of("/analytics/overview", range)),
        (
            "analytics_overview",
            json!({ "filters": { "country": "FR", "page": "contains:/docs" }, "fields": ["visitors", "revenue"] }),
            of("/analytics/overview", "&filter_country=FR&filter_page=contains%3A%2Fdocs&fields=visitors%2Crevenue"),
        ),
        (
            "analytics_timeseries",
            with(json!({ "interval": "day" })),
            of("/analytics/timeseries", &format!("{range}&fields=name,visitors,sessions,revenue&interval=day")),
        ),
        ("analytics_realtime", json!({}), of("/analytics/realtime", "")),
        ("analytics_realtime_map", json!({}), of("/analytics/realtime/map", "")),
        ("analytics_metadata", json!({ "fields": ["domain"] }), of("/analytics/metadata", "&fields=domain")),
        (
            "analytics_breakdown",
            with(json!({ "dimension": "pages", "limit": 1, "offset": 1 })),
            of("/analytics/pages", &format!("{range}&limit=1&offset=1")),
        ),
        (
            "analytics_breakdown",
            json!({ "dimension": "operating-systems" }),
            of("/analytics/operating-systems", "&limit=25"),
        ),
        ("analytics_goals", with(json!({})), of("/analytics/goals", &format!("{range}&limit=25"))),
        (
            "analytics_goal_properties",
            json!({ "eventName": "signup" }),
            of("/analytics/goals/properties", "&eventName=signup&limit=25"),
        ),
        ("funnels_results", json!({ "funnelId": funnel }), of(&format!("/analytics/funnels/{funnel}"), "")),
        (
            "visitors_list",
            json!({ "country": "FR", "utmSource": "x" }),
            of("/visitors", "&country=FR&utm_source=x&limit=25"),
        ),
        (
            "visitors_list",
            json!({ "isCustomer": false, "visitedPage": "/docs" }),
            of("/visitors", "&isCustomer=false&visitedPage=/docs&limit=25"),
        ),
        ("visitors_get", json!({ "visitorId": VISITOR }), of(&format!("/visitors/{VISITOR}"), "")),
        ("goals_list", json!({}), admin("/goals")),
        ("goals_customizations_list", json!({}), admin("/goals/customizations")),
        ("funnels_list", json!({}), admin("/funnels")),
        ("alerts_list", json!({}), admin("/alerts")),
        ("alerts_history", json!({}), admin("/alerts/history")),
        ("api_keys_list", json!({}), admin("/apikeys")),
        ("team_list", json!({}), admin("/team")),
        ("websites_get", json!({}), admin("")),
        ("integrations_status", json!({}), admin("/integrations")),
        ("webhooks_list", json!({}), admin("/webhooks")),
        ("websites_list", json!({}), "/api/v1/admin/websites".to_owned()),
        ("account_get", json!({}), "/api/v1/admin/account".to_owned()),
        ("access_tokens_list", json!({}), "/api/v1/admin/access-tokens".to_owned()),
    ] {
        let is_of_account = ["websites_list", "account_get", "access_tokens_list"].contains(&tool);
        let arguments = if is_of_account { arguments } else { named(&website, arguments) };
        let result = call(&account, &format!("datafast_{tool}"), arguments.clone()).await;
        let api = answer(account.gateway.request(Method::GET, &path).bearer_auth(&account.token)).await;
        assert_eq!(api.status, 200, "{api}");
        let mut known = (result["structuredContent"].clone(), api.json());
        for body in [&mut known.0, &mut known.1] {
            // Times that pass between the two: a visitor's, and when a token was used last.
            for row in body["data"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                row.remove("lastUsedAt");
            }
            if let Some(activity) = body.pointer_mut("/data/activity").and_then(Value::as_object_mut) {
                activity.retain(|name, _| !name.starts_with("timeSince"));
            }
        }
        assert_eq!(known.0, known.1, "{tool} {arguments}");
        let said = text(&result["content"][0]["text"]);
        let shown: Value = serde_json::from_str(said.split_once('\n').map_or(said.as_str(), |(_, json)| json)).unwrap();
        assert_eq!(shown, result["structuredContent"], "{tool}: {said}");
    }
    for dimension in UNLISTED {
        let name = format!("datafast_analytics_{dimension}");
        let path = of(&format!("/analytics/{}", dimension.replace('_', "-")), "&limit=25");
        let result = call(&account, &name, named(&website, json!({}))).await;
        let api = answer(account.gateway.request(Method::GET, &path).bearer_auth(&account.token)).await;
        assert_eq!(api.status, 200, "{api}");
        assert_eq!(result["structuredContent"], api.json(), "{name}");
    }
}

#[tokio::test]
async fn a_report_says_first_which_website_and_range_it_is_of() {
    let account = Gateway::roomy().account().await;
    let website = eventful(&account).await;
    let domain = &website.domain;
    for (tool, arguments, said) in [
        ("analytics_overview", json!({}), format!("{domain}, all time, UTC\n")),
        (
            "analytics_overview",
            json!({ "period": "all", "timezone": "Europe/Paris" }),
            format!("{domain}, all time, Europe/Paris\n"),
        ),
        (
            "analytics_breakdown",
            json!({ "dimension": "pages", "startAt": "2026-06-01", "endAt": "2026-06-30", "limit": 1 }),
            format!("{domain}, 2026-06-01 to 2026-06-30, UTC; 1 of 2 rows\n"),
        ),
        ("analytics_pages", json!({}), format!("{domain}, all time, UTC; 2 of 2 rows\n")),
    ] {
        let result = call(&account, &format!("datafast_{tool}"), named(&website, arguments)).await;
        let text = text(&result["content"][0]["text"]);
        assert!(text.starts_with(&said), "{text}");
    }
    // Named ranges are those of the zone.
    let result = call(&account, "datafast_analytics_overview", named(&website, json!({ "period": "last7d" }))).await;
    assert!(text(&result["content"][0]["text"]).contains(" to "), "{result}");
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_refused_by_name() {
    let account = Gateway::roomy().account().await;
    let website = account.website().await;
    for (tool, arguments, said) in [
        ("analytics_overview", json!({ "zebra": 1 }), "zebra: no such argument"),
        ("analytics_overview", json!({ "fields": "visitors" }), "fields: expected array"),
        ("analytics_overview", json!({ "fields": ["zebras"] }), "fields[0]: expected one of"),
        ("analytics_overview", json!({ "filters": { "planet": "Mars" } }), "filters: expected one of"),
        ("analytics_overview", json!({ "period": "fortnight" }), "period: expected one of"),
        ("analytics_overview", json!({ "period": "today", "startAt": "2026-01-01" }), "period: cannot be combined"),
        ("analytics_overview", json!({ "startAt": "2026-01-01" }), "endAt: required when startAt is given"),
        ("analytics_overview", json!({ "timezone": "Nowhere/Land" }), "timezone: "),
        ("analytics_breakdown", json!({}), "dimension: required"),
        ("analytics_breakdown", json!({ "dimension": "zebras" }), "dimension: expected one of"),
        ("analytics_breakdown", json!({ "dimension": "pages", "limit": 251 }), "limit: expected at most 250"),
        ("analytics_breakdown", json!({ "dimension": "pages", "limit": "5" }), "limit: expected integer"),
        ("analytics_goals", json!({ "limit": 0 }), "limit: expected at least 1"),
        ("funnels_results", json!({}), "funnelId: required"),
        ("funnels_results", json!({ "funnelId": "x" }), "funnelId: "),
        ("funnels_create", json!({ "name": "x" }), "steps: required"),
        ("access_tokens_create", json!({ "name": "x" }), "permissions: required"),
        ("alerts_delete", json!({ "alertId": NO_SUCH_ID, "confirm": "yes" }), "confirm: expected boolean"),
    ] {
        let is_of_account = tool.starts_with("access_tokens");
        let arguments = if is_of_account { arguments } else { named(&website, arguments) };
        let message = refused(&call(&account, &format!("datafast_{tool}"), arguments).await);
        assert!(message.contains(said), "{tool}: {message}");
    }
}

#[tokio::test]
async fn what_an_agent_makes_is_there_and_is_made_once_for_a_key() {
    let account = Gateway::roomy().account().await;
    let website = account.website().await;
    let steps =
        json!([{ "name": "a", "type": "pageview", "url": "/" }, { "name": "b", "type": "goal", "goalName": "b" }]);
    let arguments = named(&website, json!({ "name": "Tool", "steps": steps, "idempotencyKey": unique() }));
    let made = rows(&call(&account, "datafast_funnels_create", arguments.clone()).await);
    assert_eq!(rows(&call(&account, "datafast_funnels_create", arguments).await), made);
    let funnel = id_of(&made[0]);
    let renamed = named(&website, json!({ "funnelId": funnel, "name": "Renamed" }));
    assert_eq!(rows(&call(&account, "datafast_funnels_update", renamed).await)[0]["name"], "Renamed");
    rows(&call(&account, "datafast_funnels_delete", named(&website, json!({ "funnelId": funnel }))).await);
    assert!(account.get(&website.path("/funnels")).await.ok().rows().is_empty());

    let created = rows(
        &call(&account, "datafast_websites_create", json!({ "domain": unique_domain(), "timezone": "UTC" })).await,
    );
    assert!(text(&created[0]["trackingId"]).starts_with("dfid_"), "{created:?}");
    // What decides about recording is asked about; the rest is not.
    let quiet = named(&website, json!({ "name": "Quiet" }));
    assert_eq!(rows(&call(&account, "datafast_websites_update", quiet).await)[0]["name"], "Quiet");
    let loud = |confirm: bool| named(&website, json!({ "isAttackModeEnabled": true, "confirm": confirm }));
    assert_eq!(call(&account, "datafast_websites_update", loud(false)).await["structuredContent"]["status"], "preview");
    assert_eq!(account.get(&website.path("")).await.ok().row()["isAttackModeEnabled"], false);
    assert_eq!(rows(&call(&account, "datafast_websites_update", loud(true)).await)[0]["isAttackModeEnabled"], true);

    // A webhook's secret is not shown.
    let hook = named(&website, json!({ "url": "https://example.com/hook", "confirm": true }));
    let made = call(&account, "datafast_webhooks_create", hook).await;
    assert!(!made.to_string().contains("whsec_"), "{made}");
    let id = id_of(&rows(&made)[0]);
    assert!(account.get(&website.path(&format!("/webhooks/{id}/secret"))).await.ok().body.contains("whsec_"));
}

#[tokio::test]
async fn reports_of_crawlers_go_back_30_days_or_as_far_as_requests_are_kept() {
    let account = Gateway::roomy().account().await;
    let website = account.website().await;
    for (arguments, buckets) in [(json!({}), 30), (json!({ "period": "last7d" }), 7), (json!({ "period": "all" }), 401)]
    {
        let result = call(&account, "datafast_bot_traffic_summary", named(&website, arguments.clone())).await;
        let timeseries = rows(&result)[0]["timeseries"].as_array().unwrap().clone();
        assert_eq!(timeseries.len(), buckets, "{arguments}");
        // The text names the range that was counted.
        let first = text(&timeseries[0]["timestamp"])[..10].to_owned();
        let line = text(&result["content"][0]["text"]).lines().next().unwrap().to_owned();
        assert!(line.starts_with(&website.domain) && line.contains(&first), "{line}: {first}");
        let pages = call(&account, "datafast_bot_traffic_pages", named(&website, arguments)).await;
        assert!(rows(&pages).is_empty(), "{pages}");
    }
}

#[tokio::test]
async fn a_preview_writes_nothing_and_finds_what_is_not_there() {
    let state = State::new();
    let settings = [("ENVIRONMENT", "development"), ("RATE_LIMIT_PER_MINUTE", "1000")];
    let mut own = state.serve(&settings);
    let owner = own.gateway.account().await;
    let website = eventful(&owner).await;
    let member = own.gateway.account().await;
    website.admit(&member, "member").await;
    let key = id_of(&owner.post(&website.path("/apikeys"), json!({})).await.ok().row());
    let token = id_of(&owner.post("/access-tokens", json!({ "permissions": ["goals:read"] })).await.ok().row());
    let alert = json!({ "name": "x", "trigger": { "goalName": "g" }, "template": { "message": "Ten or more." } });
    let alert = id_of(&owner.post(&website.path("/alerts"), alert).await.ok().row());
    let hook = id_of(&owner.post(&website.path("/webhooks"), json!({ "url": "http://127.0.0.1:9/" })).await.ok().row());
    let note = owner.post(&website.path("/notes"), json!({ "text": "x", "timestamp": "2026-06-01" })).await;
    let note = text(&note.json()["data"][0]["id"]);
    let test = owner.post(&website.path(&format!("/webhooks/{hook}/test")), json!({})).await.ok().row();
    let delivery = text(&test["deliveryId"]);
    let team = owner.get(&website.path("/team")).await.ok();
    let user = team.rows().iter().find(|row| row["role"] == "member").map(|row| text(&row["userId"])).unwrap();
    let known = |tool: &str| match tool {
        "websites_update" => json!({ "excludedPaths": ["/x"] }),
        "goals_events_delete" => json!({ "name": "signup" }),
        "alerts_delete" | "alerts_test" => json!({ "alertId": alert }),
        "notes_delete" => json!({ "noteId": note }),
        "bot_traffic_settings_update" => json!({ "requireAuthToken": true }),
        "bot_traffic_token_create" | "bot_traffic_token_rotate" | "bot_traffic_token_delete" => json!({}),
        "api_keys_create" => json!({ "name": "x" }),
        "api_keys_roll" | "api_keys_delete" => json!({ "apiKeyId": key }),
        "team_invite" => json!({ "email": "new@example.com", "role": "viewer" }),
        "team_remove" => json!({ "userId": user }),
        "access_tokens_create" => json!({ "permissions": ["goals:read"] }),
        "access_tokens_delete" => json!({ "tokenId": token }),
        "webhooks_create" => json!({ "url": "https://example.com/hook" }),
        "webhooks_delete" | "webhooks_test" => json!({ "webhookId": hook }),
        "webhooks_resend" => json!({ "webhookId": hook, "deliveryId": delivery }),
        other => panic!("{other}: say here what it is called with"),
    };
    // One website has a token for requests of crawlers, the other none.
    let other = owner.website().await;
    owner.post(&website.path("/bot-traffic/token"), json!({})).await.ok();
    owner.get(&other.path("/bot-traffic/token")).await.ok();
    let of = |tool: &Tool, arguments: Value| match tool.name {
        "bot_traffic_token_create" => named(&other, arguments),
        _ if tool.role == "account" => arguments,
        _ => named(&website, arguments),
    };
    let confirmed: Vec<Tool> = tools().into_iter().filter(|tool| tool.confirms).collect();
    let caller = Caller { ..(*owner).clone() };
    own.stop();
    let before = stored(&state);
    own = state.serve(&settings);
    let owner = Caller { gateway: own.gateway.clone(), ..caller };
    for tool in &confirmed {
        let result = call(&owner, &tool.full_name(), of(tool, known(tool.name))).await;
        let row = rows(&result).remove(0);
        assert_eq!(result["structuredContent"]["status"], "preview", "{result}");
        assert_eq!(
            (&row["tool"], &row["confirm"]),
            (&json!(tool.full_name()), &json!("call again with confirm: true"))
        );
        if tool.name == "goals_events_delete" {
            assert_eq!(row["affects"]["deleted"], 1, "{row}");
        }
        // What is not there is found before it is confirmed.
        let missing = tool.harmless();
        if missing.to_string().contains(NO_SUCH_ID) {
            let arguments = if tool.role == "account" { missing } else { named(&website, missing) };
            let result = call(&owner, &tool.full_name(), arguments).await;
            assert_eq!(result["structuredContent"]["error"]["code"], 404, "{}: {result}", tool.name);
        }
    }
    // So is a token that is there already, or is not.
    for (website, name, arguments, code) in
        [(&website, "create", json!({}), 409), (&other, "rotate", json!({}), 404), (&other, "delete", json!({}), 404)]
    {
        let result = call(&owner, &format!("datafast_bot_traffic_token_{name}"), named(website, arguments)).await;
        assert_eq!(result["structuredContent"]["error"]["code"], code, "{name}: {result}");
    }
    let required = named(&other, json!({ "requireAuthToken": true }));
    let result = call(&owner, "datafast_bot_traffic_settings_update", required).await;
    assert_eq!(result["structuredContent"]["error"]["code"], 400, "{result}");
    own.stop();
    assert_eq!(stored(&state), before);
    // And with `confirm`, each does what it says.
    own = state.serve(&settings);
    let owner = Caller { gateway: own.gateway.clone(), ..owner };
    let last = |tool: &&Tool| {
        ["webhooks_delete", "alerts_delete", "api_keys_delete", "team_remove", "bot_traffic_token_delete"]
            .contains(&tool.name)
    };
    let (later, first): (Vec<_>, Vec<_>) = confirmed.iter().partition(last);
    for tool in first.into_iter().chain(later) {
        let mut arguments = known(tool.name);
        arguments["confirm"] = json!(true);
        let result = call(&owner, &tool.full_name(), of(tool, arguments)).await;
        assert_eq!(result["structuredContent"]["status"], "success", "{}: {result}", tool.name);
    }
    drop(own);
}

/// Every row of D1 and how much the websites' objects hold, but for when a credential was used last.
fn stored(state: &State) -> Vec<String> {
    let tables = state.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' ORDER BY name",
    );
    let names: Vec<String> = tables[0].iter().map(|row| text(&row["name"])).collect();
    let mut rows = Vec::new();
    for name in names {
        for row in state.query(&format!("SELECT * FROM \"{name}\"")).remove(0) {
            let mut row = row;
            if let Some(fields) = row.as_object_mut() {
                fields.remove("last_used_at");
            }
            rows.push(format!("{name} {row}"));
        }
    }
    rows.sort();
    for table in ["events", "totals", "deliveries"] {
        let counts = state.objects(&format!("SELECT count(*) FROM {table}"));
        rows.push(format!("{table} {counts:?}"));
    }
    let bots = state.objects("SELECT settings || token_hash FROM bots");
    rows.push(format!("bots {bots:?}"));
    rows
}

// ---- The transport (docs/contract/mcp.md#2 to #4)

const PROTOCOL: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// A POST of this text with these headers.
async fn post(caller: &Caller, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = caller.gateway.request(Method::POST, path).bearer_auth(&caller.token).body(body.to_owned());
    if headers.iter().all(|(name, _)| *name != "content-type") {
        request = request.header("content-type", "application/json");
    }
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// The message of an answer that is one.
#[track_caller]
fn well(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer}");
    answer.json()
}

fn ping() -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string()
}

#[tokio::test]
async fn both_eras_are_served_at_both_addresses() {
    let account = Gateway::roomy().account().await;
    for path in ["/api/mcp", "/mcp"] {
        for (asked, answered) in [
            ("2025-11-25", "2025-11-25"),
            ("2025-03-26", "2025-03-26"),
            ("2024-10-07", "2024-10-07"),
            ("1999-01-01", "2025-11-25"),
        ] {
            let body = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": { "protocolVersion": asked,
                "capabilities": {}, "clientInfo": { "name": "c", "version": "1" } } });
            let result = well(&post(&account, path, &body.to_string(), &[]).await)["result"].clone();
            assert_eq!(result["protocolVersion"], answered);
            assert_eq!(
                (&result["serverInfo"]["name"], &result["capabilities"]),
                (&json!("sluice"), &json!({ "tools": {} }))
            );
            assert!(text(&result["instructions"]).contains("websites_list"), "{result}");
        }
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string();
        let done =
            post(&account, path, &initialized, &[("mcp-protocol-version", "2025-11-25"), ("mcp-session-id", "x")])
                .await;
        assert_eq!((done.status, done.body.as_str()), (202, ""));
        assert!(done.headers.get("mcp-session-id").is_none());

        let meta = json!({ PROTOCOL: "2026-07-28", CAPABILITIES: {} });
        let modern = |method: &str| {
            json!({ "jsonrpc": "2.0", "id": "d", "method": method, "params": { "_meta": meta } }).to_string()
        };
        let headers = |method: &'static str| [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
        let result =
            well(&post(&account, path, &modern("server/discover"), &headers("server/discover")).await)["result"]
                .clone();
        assert_eq!(
            (&result["supportedVersions"], &result["resultType"], &result["cacheScope"]),
            (&json!(["2026-07-28"]), &json!("complete"), &json!("private"))
        );
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "sluice");
        let result = well(&post(&account, path, &modern("tools/list"), &headers("tools/list")).await)["result"].clone();
        assert_eq!((&result["ttlMs"], result["tools"].as_array().unwrap().len()), (&json!(60_000), tools().len()));
        for method in ["initialize", "ping", "subscriptions/listen"] {
            let gone = post(&account, path, &modern(method), &headers(method)).await;
            assert_eq!((gone.status, &gone.json()["error"]["code"]), (404, &json!(-32601)), "{method}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_has_its_status_and_code() {
    let account = Gateway::roomy().account().await;
    let large =
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{{\"x\":\"{}\"}}}}", "x".repeat(65_536));
    let unknown = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/list" }).to_string();
    let no_tool =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "zebra" } }).to_string();
    let batch = format!("[{},{}]", ping(), ping());
    for (body, headers, status, code) in [
        ("{", vec![], 400, Some(-32700)),
        ("{}", vec![], 400, Some(-32600)),
        (ping().as_str(), vec![("content-type", "text/plain")], 415, Some(-32000)),
        (ping().as_str(), vec![("mcp-protocol-version", "2020-01-01")], 400, Some(-32000)),
        (ping().as_str(), vec![("mcp-protocol-version", "2026-07-28")], 400, Some(-32602)),
        (ping().as_str(), vec![("content-type", "application/json; charset=utf-8")], 200, None),
        (ping().as_str(), vec![("accept", "application/json")], 200, None),
        (large.as_str(), vec![], 413, Some(-32000)),
        (unknown.as_str(), vec![], 200, Some(-32601)),
        (no_tool.as_str(), vec![], 200, Some(-32602)),
        (batch.as_str(), vec![], 200, None),
        (batch.as_str(), vec![("mcp-protocol-version", "2025-11-25")], 400, Some(-32600)),
    ] {
        let answer = post(&account, "/api/mcp", body, &headers).await;
        let found = answer.json()["error"]["code"].as_i64();
        assert_eq!((answer.status, found), (status, code), "{headers:?} {answer}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let refused = answer(account.gateway.request(method, "/api/mcp").bearer_auth(&account.token)).await;
        assert_eq!((refused.status, refused.header("allow").as_str()), (405, "POST"), "{refused}");
    }
}

#[tokio::test]
async fn a_token_is_needed_for_everything() {
    let gateway = Gateway::roomy();
    let account = gateway.account().await;
    let last = account.token.len() - 1;
    for (token, wants) in [
        (None, "Bearer realm=\"sluice\""),
        (Some("zebra".to_owned()), "Bearer realm=\"sluice\", error=\"invalid_token\""),
        (
            Some(format!("{}{}", &account.token[..last], if account.token.ends_with('x') { 'y' } else { 'x' })),
            "Bearer realm=\"sluice\", error=\"invalid_token\"",
        ),
    ] {
        let request = gateway.request(Method::POST, "/api/mcp").header("content-type", "application/json").body(ping());
        let request = match &token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let refused = answer(request).await;
        assert_eq!((refused.status, &refused.json()["error"]["code"]), (401, &json!(-32001)), "{refused}");
        let metadata = format!("{}/.well-known/oauth-protected-resource/api/mcp", gateway.url);
        assert_eq!(refused.header("www-authenticate"), format!("{wants}, resource_metadata=\"{metadata}\""));
    }
    // A token in the query or a console's cookie is none.
    let path = format!("/api/mcp?token={}&access_token={}", account.token, account.token);
    let request = gateway.request(Method::POST, &path).header("content-type", "application/json").body(ping());
    assert_eq!(answer(request).await.status, 401);
    let browser = account.browser().await;
    let request = browser.request(Method::POST, "/api/mcp").header("content-type", "application/json").body(ping());
    assert_eq!(answer(request).await.status, 401);
}

#[tokio::test]
async fn only_pages_of_known_origins_may_call() {
    let gateway = Gateway::roomy();
    let account = gateway.account().await;
    for origin in [gateway.url.as_str(), "http://localhost:6274", "http://127.0.0.1:1234", "https://[::1]:3"] {
        let answer = post(&account, "/api/mcp", &ping(), &[("origin", origin)]).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin").as_str()), (200, origin));
        assert!(answer.header("access-control-expose-headers").contains("www-authenticate"));
    }
    for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
        let answer = post(&account, "/api/mcp", &ping(), &[("origin", origin)]).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert!(answer.headers.get("access-control-allow-origin").is_none());
    }
    let preflight = |origin: &'static str| {
        let request = gateway.request(Method::OPTIONS, "/api/mcp").header("origin", origin);
        answer(request.header("access-control-request-method", "POST"))
    };
    let open = preflight("http://localhost:6274").await;
    assert_eq!((open.status, open.header("access-control-allow-methods").as_str()), (204, "POST"));
    for header in ["authorization", "mcp-protocol-version", "mcp-method", "mcp-name", "last-event-id"] {
        assert!(open.header("access-control-allow-headers").contains(header), "{header}");
    }
    assert_eq!(preflight("https://evil.example").await.status, 403);
}

#[tokio::test]
async fn a_request_counts_once_and_a_model_is_told_when_to_try_again() {
    let account = Gateway::strict().account().await;
    let account = account.mint(json!({})).await;
    let website =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "datafast_websites_list" } })
            .to_string();
    let first = post(&account, "/api/mcp", &website, &[]).await;
    let second = post(&account, "/api/mcp", &website, &[]).await;
    let remaining = |answer: &Answer| answer.header("x-ratelimit-remaining").parse::<i64>().unwrap();
    assert_eq!(remaining(&first) - remaining(&second), 1);
    together((0..58).map(|_| post(&account, "/api/mcp", &website, &[]))).await;
    let over = well(&post(&account, "/api/mcp", &website, &[]).await);
    let message = refused(&over["result"]);
    assert!(message.contains("try again in") && message.contains("seconds"), "{message}");
    let over = post(&account, "/api/mcp", &ping(), &[]).await;
    assert_eq!((over.status, &over.json()["error"]), (429, &json!("Too many requests")), "{over}");
    assert!(!over.header("retry-after").is_empty());
}
