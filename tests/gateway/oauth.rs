//! OAuth for agents (docs/mcp.md): metadata, registration, consent, tokens, and everything that is refused. What needs a moved clock,
//! and documents about applications, is in `src/oauth_tests.rs`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Account, Answer, Browser, Gateway, Website, answer, assert_fields, has_exactly, is_moment, statuses, text, together,
};

const AUTHORIZATION: &str = "/api/v1/console/authorization";
const REDIRECT: &str = "https://client.example/cb";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PROTECTED: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// An error as OAuth writes it: its code.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer}");
    let json = answer.json();
    has_exactly(&json, &["error", "error_description"]);
    let described = text(&json["error_description"]);
    let is_plain = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(!described.is_empty() && described.bytes().all(is_plain), "RFC 6749, 5.2: {described}");
    assert_eq!(answer.header("cache-control"), "no-store");
    text(&json["error"])
}

async fn get(gateway: &Gateway, path: &str) -> Answer {
    answer(gateway.request(Method::GET, path)).await
}

async fn post(gateway: &Gateway, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = gateway.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
    answer(request.body(form(fields))).await
}

async fn register(gateway: &Gateway, metadata: &Value) -> Answer {
    answer(gateway.request(Method::POST, "/oauth/register").json(metadata)).await
}

/// Somebody with a website, who has just signed in, and an application that asks.
struct Scene {
    owner: Account,
    website: Website,
    browser: Browser,
    client: String,
}

impl Scene {
    async fn new() -> Self {
        let gateway = Gateway::roomy();
        let owner = gateway.account().await;
        let (website, browser) = (owner.website().await, owner.browser().await);
        let registered = register(&gateway, &json!({ "client_name": "Agent", "redirect_uris": [REDIRECT] })).await;
        let client = text(&registered.json()["client_id"]);
        Self { owner, website, browser, client }
    }

    fn gateway(&self) -> &Gateway {
        &self.owner.gateway
    }

    /// What the application asks, with some of it otherwise.
    fn ask(&self, otherwise: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("client_id", self.client.as_str()),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s&1"),
        ];
        for (name, value) in otherwise {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        format!("{AUTHORIZATION}?{}", form(&fields))
    }

    fn wanted(&self) -> Value {
        json!({ "permissions": ["analytics:read", "websites:read", "api-keys:read"], "websiteIds": [self.website.id], "days": 30 })
    }

    /// A code of a grant.
    async fn code(&self, otherwise: &[(&str, &str)]) -> String {
        let granted = self.browser.post(&self.ask(otherwise), self.wanted()).await.ok().row();
        let to = text(&granted["redirectTo"]);
        to.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
    }

    async fn exchange(&self, code: &str, otherwise: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
        ];
        for (name, value) in otherwise {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        post(self.gateway(), "/oauth/token", &fields).await
    }

    async fn refresh(&self, pair: &Value, otherwise: &[(&str, &str)]) -> Answer {
        let token = text(&pair["refresh_token"]);
        let mut fields =
            vec![("grant_type", "refresh_token"), ("client_id", self.client.as_str()), ("refresh_token", &token)];
        for (name, value) in otherwise {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        post(self.gateway(), "/oauth/token", &fields).await
    }

    async fn pair(&self) -> Value {
        let answer = self.exchange(&self.code(&[]).await, &[]).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()
    }

    /// The status of a request with the access token of a pair.
    async fn status(&self, pair: &Value) -> u16 {
        self.gateway().caller(&text(&pair["access_token"])).get("/access-tokens").await.status
    }
}

// ---- Metadata

#[tokio::test]
async fn a_refusal_without_a_token_names_the_metadata_of_its_address() {
    let gateway = Gateway::roomy();
    let reads: Vec<&str> = vec![
        "analytics:read",
        "goals:read",
        "payments:read",
        "websites:read",
        "settings:read",
        "api-keys:read",
        "funnels:read",
        "alerts:read",
        "webhooks:read",
        "team:read",
        "notes:read",
    ];
    for path in ["/api/mcp", "/mcp"] {
        let bare =
            answer(gateway.request(Method::POST, path).header("content-type", "application/json").body("{}")).await;
        let wanted = format!("Bearer realm=\"sluice\", resource_metadata=\"{}{PROTECTED}{path}\"", gateway.url);
        assert_eq!((bare.status, bare.header("www-authenticate")), (401, wanted));
        let metadata = get(&gateway, &format!("{PROTECTED}{path}")).await;
        assert_fields(
            &metadata.json(),
            json!({ "resource": format!("{}{path}", gateway.url), "authorization_servers": [gateway.url],
                "bearer_methods_supported": ["header"], "scopes_supported": reads }),
        );
    }
    let server = get(&gateway, SERVER).await;
    let at = |path: &str| format!("{}{path}", gateway.url);
    assert_fields(
        &server.json(),
        json!({ "issuer": gateway.url, "authorization_endpoint": at("/console/authorize"), "token_endpoint": at("/oauth/token"),
            "registration_endpoint": at("/oauth/register"), "revocation_endpoint": at("/oauth/revoke"),
            "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": true, "client_id_metadata_document_supported": true }),
    );
    let offered = server.json()["scopes_supported"].clone();
    assert!(
        !offered
            .as_array()
            .unwrap()
            .iter()
            .any(|one| ["*", "api-keys:write", "team:write"].contains(&one.as_str().unwrap()))
    );
    for path in ["", "/api/v1/mcp", "/nothing"] {
        get(&gateway, &format!("{PROTECTED}{path}")).await.error(404);
    }
}

#[tokio::test]
async fn pages_of_any_origin_may_call() {
    let gateway = Gateway::roomy();
    for (path, method) in
        [(SERVER, "GET, HEAD"), ("/oauth/register", "POST"), ("/oauth/token", "POST"), ("/oauth/revoke", "POST")]
    {
        let preflight = gateway.request(Method::OPTIONS, path).header("origin", "https://client.example");
        let preflight = answer(preflight.header("access-control-request-method", "POST")).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, method.to_owned()));
        assert_eq!(preflight.header("access-control-allow-origin"), "*");
        assert!(preflight.header("access-control-allow-headers").contains("mcp-protocol-version"));
        let wrong = answer(gateway.request(Method::PUT, path)).await;
        assert_eq!((refused(&wrong, 405).as_str(), wrong.header("allow")), ("invalid_request", method.to_owned()));
    }
    let refusal = post(&gateway, "/oauth/token", &[]).await;
    assert_eq!(refusal.header("access-control-allow-origin"), "*");
}

// ---- Registration

#[tokio::test]
async fn an_application_registers_and_gets_no_secret() {
    let gateway = Gateway::roomy();
    let metadata = json!({ "client_name": "Agent\u{202e}\u{200b}", "redirect_uris": ["http://localhost:1234/cb", REDIRECT],
        "grant_types": ["authorization_code", "refresh_token", "implicit"], "response_types": ["code"], "scope": "analytics:read",
        "token_endpoint_auth_method": "client_secret_post", "logo_uri": "https://client.example/logo.png" });
    let registered = register(&gateway, &metadata).await;
    assert_eq!(registered.status, 201, "{registered}");
    let row = registered.json();
    has_exactly(
        &row,
        &[
            "client_id",
            "client_id_issued_at",
            "client_name",
            "redirect_uris",
            "grant_types",
            "response_types",
            "token_endpoint_auth_method",
        ],
    );
    assert_fields(
        &row,
        json!({ "client_name": "Agent", "redirect_uris": metadata["redirect_uris"], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none" }),
    );
}

#[tokio::test]
async fn what_no_application_can_be_is_not_registered() {
    let gateway = Gateway::roomy();
    for (metadata, code) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://client.example/cb"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["javascript://client.example/%0aalert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [format!("{REDIRECT}#x")] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": vec![REDIRECT; 11] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [REDIRECT], "grant_types": ["implicit"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [REDIRECT], "response_types": ["token"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [REDIRECT], "client_name": ["x"] }), "invalid_client_metadata"),
    ] {
        assert_eq!(refused(&register(&gateway, &metadata).await, 400), code, "{metadata}");
    }
    let raw = |body: String| answer(gateway.request(Method::POST, "/oauth/register").body(body));
    assert_eq!(refused(&raw("{".to_owned()).await, 400), "invalid_client_metadata");
    assert_eq!(refused(&raw(" ".repeat(16 * 1024 + 1)).await, 413), "invalid_request");
}

#[tokio::test]
async fn one_address_registers_no_more_than_it_may_fail() {
    let gateway = Gateway::strict();
    let metadata = json!({ "redirect_uris": [REDIRECT] });
    let answers = together((0..61).map(|_| {
        let request = gateway.request(Method::POST, "/oauth/register").header("cf-connecting-ip", "203.0.113.99");
        answer(request.json(&metadata))
    }))
    .await;
    assert_eq!(statuses(&answers), [(201, 60), (429, 1)]);
    let over = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused(over, 429), "temporarily_unavailable");
    over.header("retry-after");
}

// ---- Consent

#[tokio::test]
async fn the_page_of_consent_is_told_who_asks_for_what() {
    let scene = Scene::new().await;
    let asked = scene
        .browser
        .get(&scene.ask(&[("scope", "goals:write analytics:read * api-keys:write zebra")]))
        .await
        .ok()
        .row();
    has_exactly(
        &asked,
        &["name", "documentHost", "redirectHost", "isOnThisMachine", "asked", "grantable", "problem", "refuseTo"],
    );
    assert_fields(
        &asked,
        json!({ "name": "Agent", "documentHost": null, "redirectHost": "client.example", "isOnThisMachine": false, "problem": null,
            "asked": ["analytics:read", "goals:write"] }),
    );
    let to = text(&asked["refuseTo"]);
    assert_eq!(
        to,
        format!("{REDIRECT}?{}", form(&[("error", "access_denied"), ("state", "s&1"), ("iss", &scene.gateway().url)]))
    );
    // A narrowed session grants no more than it has.
    let narrow = scene.owner.mint(json!({ "permissions": ["api-keys:write", "analytics:read"] })).await;
    let browser = scene.gateway().browser(&scene.gateway().sign_in(json!({ "token": narrow.token })).await.ok());
    assert_eq!(browser.get(&scene.ask(&[])).await.ok().row()["grantable"], json!(["analytics:read"]));
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_told_to_the_application_only_where_it_may_be_told() {
    let scene = Scene::new().await;
    // Nobody is sent to an address that is not the application's own.
    for otherwise in [
        [("client_id", "000000000000000000000000")],
        [("client_id", "zebra")],
        [("client_id", "https://127.0.0.1/client.json")],
        [("redirect_uri", "https://client.example/cb/")],
        [("redirect_uri", "https://client.example/cb?x=1")],
        [("redirect_uri", "https://evil.example/cb")],
        [("redirect_uri", "http://localhost/cb")],
        [("redirect_uri", "javascript:alert(1)")],
        [("redirect_uri", "")],
        [("client_id", "")],
    ] {
        scene.browser.get(&scene.ask(&otherwise)).await.error(400);
        scene.browser.post(&scene.ask(&otherwise), scene.wanted()).await.error(400);
    }
    let gateway_itself = format!("{}/console", scene.gateway().url);
    scene.browser.get(&scene.ask(&[("client_id", &gateway_itself)])).await.error(400);
    for (otherwise, code) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("resource", "https://elsewhere.example/mcp"), "invalid_target"),
    ] {
        let asked = scene.browser.get(&scene.ask(&[otherwise])).await.ok().row();
        let (problem, to) = (text(&asked["problem"]), text(&asked["refuseTo"]));
        let described =
            form(&[("error", code), ("error_description", &problem), ("state", "s&1"), ("iss", &scene.gateway().url)]);
        assert_eq!(to, format!("{REDIRECT}?{described}"));
        let message = scene.browser.post(&scene.ask(&[otherwise]), scene.wanted()).await.error(400);
        assert_eq!(message, problem);
    }
    let long = "x".repeat(1025);
    let asked = scene.browser.get(&scene.ask(&[("state", &long)])).await.ok().row();
    assert!(text(&asked["refuseTo"]).contains("error=invalid_request") && !text(&asked["refuseTo"]).contains("state="));
}

#[tokio::test]
async fn only_the_consoles_own_page_grants_and_only_what_the_session_has() {
    let scene = Scene::new().await;
    let (gateway, ask) = (scene.gateway(), scene.ask(&[]));
    let request = |request: reqwest::RequestBuilder| answer(request.json(&scene.wanted()));
    request(gateway.request(Method::POST, &ask)).await.error(401);
    request(gateway.request(Method::POST, &ask).bearer_auth(&scene.owner.token)).await.error(403);
    request(scene.browser.bare(Method::POST, &ask)).await.error(403);
    for site in ["cross-site", "same-site", "none"] {
        request(scene.browser.bare(Method::POST, &ask).header("sec-fetch-site", site)).await.error(403);
        answer(scene.browser.bare(Method::GET, &ask).header("sec-fetch-site", site)).await.error(403);
    }
    let with = |name: &str, value: Value| {
        let mut wanted = scene.wanted();
        wanted[name] = value;
        wanted
    };
    for (wanted, status, says) in [
        (with("permissions", json!(["*"])), 400, "\"*\""),
        (with("permissions", json!(["api-keys:write"])), 400, "outlive"),
        (with("permissions", json!(["team:write"])), 400, "outlive"),
        (with("permissions", json!([])), 400, "at least one"),
        (with("permissions", json!(null)), 400, "permissions"),
        (with("websiteIds", json!(["000000000000000000000000"])), 403, "no website"),
        (with("websiteIds", json!(null)), 400, "websiteIds"),
        (with("days", json!(0)), 400, "1 to 365"),
        (with("days", json!(366)), 400, "1 to 365"),
        (with("days", json!(null)), 400, "days"),
        (json!({}), 400, "permissions"),
    ] {
        let message = scene.browser.post(&ask, wanted.clone()).await.error(status);
        assert!(message.contains(says), "{wanted}: {message}");
    }
    let (other, mine) = (scene.owner.website().await, scene.website.id.clone());
    let narrow = json!({ "permissions": ["api-keys:write", "analytics:read"], "websiteIds": [mine] });
    let narrow = scene.owner.mint(narrow).await;
    let browser = gateway.browser(&gateway.sign_in(json!({ "token": narrow.token })).await.ok());
    for (permissions, website) in [(json!(["goals:read"]), &mine), (json!(["analytics:read"]), &other.id)] {
        browser.post(&ask, json!({ "permissions": permissions, "websiteIds": [website], "days": 1 })).await.error(403);
    }
    // What it has, it hands on: no websites are the websites of the session.
    browser.post(&ask, json!({ "permissions": ["analytics:read"], "websiteIds": [], "days": 1 })).await.ok();
    let reader = scene.owner.mint(json!({ "permissions": ["analytics:read"] })).await;
    let browser = gateway.browser(&gateway.sign_in(json!({ "token": reader.token })).await.ok());
    browser.get(&ask).await.error(403);
    browser.post(&ask, json!({ "permissions": ["analytics:read"], "websiteIds": [], "days": 1 })).await.error(403);
}

// ---- Tokens

#[tokio::test]
async fn what_was_granted_is_an_ordinary_token_with_a_name_and_an_end() {
    let scene = Scene::new().await;
    let other = scene.owner.website().await;
    let granted = scene.browser.post(&scene.ask(&[]), scene.wanted()).await.ok().row();
    has_exactly(&granted, &["redirectTo"]);
    let to = text(&granted["redirectTo"]);
    let code = to.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(to, format!("{REDIRECT}?{}", form(&[("code", code), ("state", "s&1"), ("iss", &scene.gateway().url)])));
    // Until the code is exchanged there is no token.
    assert_eq!(scene.owner.get("/access-tokens").await.ok().rows().len(), 1);
    let issued = scene.exchange(code, &[]).await;
    assert_eq!((issued.status, issued.header("cache-control").as_str()), (200, "no-store"), "{issued}");
    let pair = issued.json();
    has_exactly(&pair, &["access_token", "token_type", "expires_in", "refresh_token", "scope"]);
    assert_fields(
        &pair,
        json!({ "token_type": "Bearer", "expires_in": 3600, "scope": "analytics:read websites:read api-keys:read" }),
    );
    let agent = scene.gateway().caller(&text(&pair["access_token"]));
    assert!(agent.token.starts_with("dft_"));
    let listed = agent.get("/access-tokens").await.ok().rows();
    let row = listed.iter().find(|row| row["name"] == "Agent (client.example)").unwrap();
    assert_fields(
        row,
        json!({ "permissions": ["analytics:read", "websites:read", "api-keys:read"], "websiteIds": [scene.website.id] }),
    );
    assert!(is_moment(&row["expiresAt"]) && text(&row["displayKey"]).ends_with(&agent.token[36..]), "{row}");
    assert!(listed.iter().filter(|other| *other != row).all(|other| other["expiresAt"].is_null()));
    // The same gate, permissions, websites and tools.
    let overview = |website: &str| format!("/api/v1/analytics/overview?websiteId={website}");
    let call = |path: String| answer(scene.gateway().request(Method::GET, &path).bearer_auth(&agent.token));
    call(overview(&scene.website.id)).await.ok();
    call(overview(&other.id)).await.error(403);
    agent.get(&scene.website.path("/funnels")).await.error(403);
    agent.post("/access-tokens", json!({ "name": "x" })).await.error(403);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let tools = answer(scene.gateway().request(Method::POST, "/mcp").bearer_auth(&agent.token).json(&list)).await;
    let names: Vec<String> =
        tools.json()["result"]["tools"].as_array().unwrap().iter().map(|tool| text(&tool["name"])).collect();
    assert!(
        names.contains(&"datafast_analytics_overview".to_owned())
            && !names.contains(&"datafast_funnels_list".to_owned())
    );
    // It opens the API, not the console.
    let message = scene.gateway().sign_in(json!({ "token": agent.token })).await.error(403);
    assert!(message.contains("application"), "{message}");
    // Whoever revokes it in the list revokes all of it.
    scene.owner.delete(&format!("/access-tokens/{}", text(&row["id"]))).await.ok();
    assert_eq!(scene.status(&pair).await, 401);
    assert_eq!(refused(&scene.refresh(&pair, &[]).await, 400), "invalid_grant");
}

#[tokio::test]
async fn who_uses_a_refresh_token_from_before_the_last_ends_everything() {
    let scene = Scene::new().await;
    let first = scene.pair().await;
    let id = |rows: Vec<Value>| text(&rows.iter().find(|row| row["name"] == "Agent (client.example)").unwrap()["id"]);
    let before = id(scene.owner.get("/access-tokens").await.ok().rows());
    let second = scene.refresh(&first, &[]).await;
    assert_eq!(second.status, 200, "{second}");
    let second = second.json();
    assert!(second["refresh_token"] != first["refresh_token"] && second["access_token"] != first["access_token"]);
    assert_eq!(second["scope"], first["scope"]);
    assert_eq!(
        id(scene.owner.get("/access-tokens").await.ok().rows()),
        before,
        "one row of the list, whatever its value"
    );
    assert_eq!((scene.status(&first).await, scene.status(&second).await), (401, 200));
    let third = scene.refresh(&second, &[("resource", &format!("{}/api/mcp", scene.gateway().url))]).await.json();
    assert_eq!(scene.status(&third).await, 200);
    assert_eq!(refused(&scene.refresh(&first, &[]).await, 400), "invalid_grant");
    assert_eq!(scene.status(&third).await, 401, "the old one was copied: nobody knows by whom");
    assert_eq!(refused(&scene.refresh(&third, &[]).await, 400), "invalid_grant");
    assert_eq!(scene.owner.get("/access-tokens").await.ok().rows().len(), 1);
}

#[tokio::test]
async fn ten_refreshes_at_once_get_one_pair_and_of_ten_exchanges_one_succeeds() {
    let scene = Scene::new().await;
    let pair = scene.pair().await;
    let answers = together((0..10).map(|_| scene.refresh(&pair, &[]))).await;
    assert_eq!(statuses(&answers), [(200, 10)]);
    let mut pairs: Vec<_> = answers
        .iter()
        .map(Answer::json)
        .map(|pair| (text(&pair["access_token"]), text(&pair["refresh_token"])))
        .collect();
    pairs.dedup();
    assert_eq!(pairs.len(), 1);
    assert_eq!(scene.status(&answers[0].json()).await, 200);
    let code = scene.code(&[]).await;
    let answers = together((0..10).map(|_| scene.exchange(&code, &[]))).await;
    assert_eq!(statuses(&answers), [(200, 1), (400, 9)]);
    assert_eq!(scene.owner.get("/access-tokens").await.ok().rows().len(), 2, "a code that was used twice is revoked");
}

#[tokio::test]
async fn a_code_is_bound_to_who_asked_how() {
    let scene = Scene::new().await;
    let code = scene.code(&[("resource", &format!("{}/mcp", scene.gateway().url))]).await;
    let other = register(scene.gateway(), &json!({ "redirect_uris": [REDIRECT] })).await.json();
    let other = text(&other["client_id"]);
    let verifier = VERIFIER.replace('d', "e");
    for (otherwise, error) in [
        (("grant_type", ""), "invalid_request"),
        (("grant_type", "client_credentials"), "unsupported_grant_type"),
        (("grant_type", "password"), "unsupported_grant_type"),
        (("client_id", ""), "invalid_request"),
        (("client_id", other.as_str()), "invalid_grant"),
        (("code", ""), "invalid_request"),
        (("code", "zebra"), "invalid_grant"),
        (("code_verifier", ""), "invalid_request"),
        (("code_verifier", verifier.as_str()), "invalid_grant"),
        (("code_verifier", CHALLENGE), "invalid_grant"),
        (("redirect_uri", ""), "invalid_request"),
        (("redirect_uri", "https://client.example/cb2"), "invalid_grant"),
        (("resource", "https://elsewhere.example/mcp"), "invalid_target"),
    ] {
        assert_eq!(refused(&scene.exchange(&code, &[otherwise]).await, 400), error, "{otherwise:?}");
    }
    let unknown = format!("{}{}", &code[..39], if code.ends_with('x') { 'y' } else { 'x' });
    assert_eq!(refused(&scene.exchange(&unknown, &[]).await, 400), "invalid_grant");
    let twice = format!("{}&code=x", form(&[("grant_type", "authorization_code"), ("code", &code)]));
    let twice = answer(scene.gateway().request(Method::POST, "/oauth/token").body(twice)).await;
    assert_eq!(refused(&twice, 400), "invalid_request");
    // None of that has used it up.
    let pair = scene.exchange(&code, &[("resource", &format!("{}/mcp", scene.gateway().url))]).await.json();
    assert_eq!(scene.status(&pair).await, 200);
    for (otherwise, error) in [
        (("client_id", other.as_str()), "invalid_grant"),
        (("client_id", ""), "invalid_request"),
        (("refresh_token", ""), "invalid_request"),
        (("refresh_token", "zebra"), "invalid_grant"),
        (("refresh_token", code.as_str()), "invalid_grant"),
        (("resource", &format!("{}/api/mcp", scene.gateway().url)), "invalid_target"),
    ] {
        assert_eq!(refused(&scene.refresh(&pair, &[otherwise]).await, 400), error, "{otherwise:?}");
    }
    assert_eq!(scene.status(&pair).await, 200);
    // A second use of the code, by who has the verifier, ends what came of the first.
    assert_eq!(refused(&scene.exchange(&code, &[("code_verifier", &verifier)]).await, 400), "invalid_grant");
    assert_eq!(scene.status(&pair).await, 200);
    assert_eq!(refused(&scene.exchange(&code, &[]).await, 400), "invalid_grant");
    assert_eq!(scene.status(&pair).await, 401);
}

#[tokio::test]
async fn guessing_is_limited_by_address() {
    let scene = Scene::new().await;
    let gateway = Gateway::strict();
    let answers = together((0..61).map(|_| {
        let request = gateway.request(Method::POST, "/oauth/token").header("cf-connecting-ip", "203.0.113.98");
        let fields =
            [("grant_type", "refresh_token"), ("client_id", scene.client.as_str()), ("refresh_token", "zebra")];
        answer(request.body(form(&fields)))
    }))
    .await;
    assert_eq!(statuses(&answers), [(400, 60), (429, 1)]);
}

#[tokio::test]
async fn an_account_with_as_many_tokens_as_it_may_have_grants_nothing() {
    let scene = Scene::new().await;
    let code = scene.code(&[]).await;
    for _ in 1..20 {
        scene.owner.mint(json!({})).await;
    }
    let full = scene.exchange(&code, &[]).await;
    assert_eq!(refused(&full, 400), "invalid_grant");
    assert!(text(&full.json()["error_description"]).contains("as many tokens"), "{full}");
    let message = scene.browser.post(&scene.ask(&[]), scene.wanted()).await.error(400);
    assert!(message.contains("token limit reached"), "{message}");
    // There is room again before the code is over.
    let row = scene.owner.get("/access-tokens").await.ok().rows().pop().unwrap();
    scene.owner.delete(&format!("/access-tokens/{}", text(&row["id"]))).await.ok();
    assert_eq!(scene.status(&scene.exchange(&code, &[]).await.json()).await, 200);
}

#[tokio::test]
async fn an_application_on_this_machine_takes_any_port() {
    let scene = Scene::new().await;
    let registered = register(scene.gateway(), &json!({ "redirect_uris": ["http://127.0.0.1/cb"] })).await.json();
    let (client, redirect) = (text(&registered["client_id"]), "http://127.0.0.1:49152/cb");
    let otherwise = [("client_id", client.as_str()), ("redirect_uri", redirect)];
    let asked = scene.browser.get(&scene.ask(&otherwise)).await.ok().row();
    assert_fields(&asked, json!({ "redirectHost": "127.0.0.1:49152", "isOnThisMachine": true }));
    let code = scene.code(&otherwise).await;
    assert_eq!(refused(&scene.exchange(&code, &[otherwise[0]]).await, 400), "invalid_grant");
    assert_eq!(scene.exchange(&code, &otherwise).await.status, 200);
}

#[tokio::test]
async fn an_application_with_a_scheme_of_its_own_is_answered_there() {
    let scene = Scene::new().await;
    let redirect = "cursor://anysphere.cursor-mcp/oauth/callback";
    let registered = register(scene.gateway(), &json!({ "redirect_uris": [redirect] })).await.json();
    let client = text(&registered["client_id"]);
    let otherwise = [("client_id", client.as_str()), ("redirect_uri", redirect)];
    let asked = scene.browser.get(&scene.ask(&otherwise)).await.ok().row();
    assert_fields(&asked, json!({ "redirectHost": "cursor:", "isOnThisMachine": true }));
    let granted = scene.browser.post(&scene.ask(&otherwise), scene.wanted()).await.ok().row();
    let to = text(&granted["redirectTo"]);
    assert!(to.starts_with(&format!("{redirect}?code=dfc_")), "{to}");
    let code = to.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(scene.exchange(code, &otherwise).await.status, 200);
    let elsewhere = [otherwise[0], ("redirect_uri", "cursor://evil/oauth/callback")];
    scene.browser.get(&scene.ask(&elsewhere)).await.error(400);
}

// ---- Revocation

#[tokio::test]
async fn an_application_ends_what_it_was_granted_by_either_token() {
    let scene = Scene::new().await;
    let revoke = async |token: &str, client: &str| {
        post(scene.gateway(), "/oauth/revoke", &[("token", token), ("client_id", client), ("token_type_hint", "x")])
            .await
    };
    for which in ["access_token", "refresh_token"] {
        let pair = scene.pair().await;
        let token = text(&pair[which]);
        assert_eq!(refused(&revoke(&token, "000000000000000000000000").await, 400), "invalid_grant");
        assert_eq!(scene.status(&pair).await, 200);
        let done = revoke(&token, &scene.client).await;
        assert_eq!((done.status, done.body.as_str()), (200, ""));
        assert_eq!(scene.status(&pair).await, 401);
        assert_eq!(refused(&scene.refresh(&pair, &[]).await, 400), "invalid_grant");
        assert_eq!(revoke(&token, &scene.client).await.status, 200, "once more");
    }
    // Tokens that are no application's are not its to revoke.
    for token in ["zebra", &scene.owner.token] {
        assert_eq!(revoke(token, &scene.client).await.status, 200);
    }
    scene.owner.get("/account").await.ok();
    assert_eq!(refused(&revoke("", &scene.client).await, 400), "invalid_request");
    assert_eq!(refused(&revoke("zebra", "").await, 400), "invalid_request");
}
