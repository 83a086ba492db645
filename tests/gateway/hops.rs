//! The cost of a request, as the architecture promises: an authenticated read is one hop to its credential object and
//! at most one round trip to D1; a write at most two, and one more credential object if a credential is revoked
//! (`Server-Timing`).

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sluice::email_reports::unsubscribe::Kind;
use sluice::integrations::address::Address;
use sluice::secrets::keyring::Keyring;
use sluice_providers::provider::Provider;

use crate::expected::table;
use crate::mail::{reports_link, unsubscribe_token};
use crate::matrix::unknown_token;
use crate::support::{
    ADMIN, Account, Answer, BROWSER, Gateway, Hops, NO_SUCH_ID, VISITOR, answer, authenticator, id_of, invitation_code,
    text, unique_domain, unique_email, variable,
};

/// Successful calls, each with its row of the table.
#[derive(Default)]
struct Ledger {
    seen: BTreeSet<String>,
}

impl Ledger {
    /// Records a successful call of the route `method path`, whose hops must stay within `most`.
    #[track_caller]
    fn record(&mut self, method: &str, path: &str, answer: &Answer, most: Hops) -> Value {
        assert!(matches!(answer.status, 200 | 201), "{answer}");
        let hops = answer.hops();
        assert_eq!(hops.gate, most.gate, "gates: {hops:?}, {answer}");
        assert!(hops.d1 <= most.d1 && hops.kv <= most.kv && hops.site <= most.site, "{hops:?}, {answer}");
        self.seen.insert(format!("{method} {path}"));
        if answer.header("content-type") == "application/json" { answer.json()["data"][0].clone() } else { Value::Null }
    }

    /// Records a call of an Account API route, with the hops that its method may cost.
    #[track_caller]
    fn admin(&mut self, method: &str, path: &str, answer: &Answer) -> Value {
        let most = match method {
            "GET" => Hops { gate: 1, d1: 1, kv: 0, site: 0 },
            _ => Hops { gate: 1, d1: 2, kv: 0, site: 0 },
        };
        self.record(method, &format!("{ADMIN}{path}"), answer, most)
    }

    /// Records a call that revokes a credential, which also calls the credential's object.
    #[track_caller]
    fn revoking(&mut self, method: &str, path: &str, answer: &Answer) -> Value {
        self.record(method, &format!("{ADMIN}{path}"), answer, Hops { gate: 2, d1: 2, kv: 0, site: 0 })
    }
}

/// The health check, which asks once in five seconds.
async fn health(ledger: &mut Ledger, gateway: &Gateway) {
    let get = || answer(gateway.request(Method::GET, "/healthz"));
    let mut health = get().await;
    while health.hops().gate == 0 {
        // Another test asked less than five seconds ago, and the isolate answers what it found then.
        tokio::time::sleep(Duration::from_secs(1)).await;
        health = get().await;
    }
    ledger.record("GET", "/healthz", &health, Hops { gate: 1, d1: 1, kv: 0, site: 0 });
    ledger.record("GET", "/healthz", &get().await, Hops { gate: 0, d1: 0, kv: 0, site: 0 });
}

/// The console. Signing in with a token asks the token's object.
async fn console(ledger: &mut Ledger, owner: &Account) {
    const BASE: &str = "/api/v1/console";
    let gateway = &owner.gateway;
    let get = |path: &str| answer(gateway.request(Method::GET, path));
    let nothing = Hops { gate: 0, d1: 0, kv: 0, site: 0 };
    for (path, row, status) in [
        ("/", "/", 404),
        ("/console", "/console", 200),
        ("/console/w/x", "/console/{*path}", 200),
        ("/console/api", "/console/api", 200),
        ("/console/assets/gone.js", "/console/assets/{*path}", 404),
        ("/docs", "/docs", 200),
        ("/docs/start.md", "/docs/{*path}", 200),
        ("/llms.txt", "/llms.txt", 200),
    ] {
        let page = get(path).await;
        assert_eq!((page.status, page.hops()), (status, nothing), "{page}");
        ledger.seen.insert(format!("GET {row}"));
    }
    for (path, row) in [
        (format!("/share/{NO_SUCH_ID}"), "/share/{websiteId}"),
        (format!("/widgets/{NO_SUCH_ID}/recent"), "/widgets/{websiteId}/{widget}"),
    ] {
        let page = get(&path).await;
        let hops = page.hops();
        assert!(page.status == 404 && hops.d1 <= 1 && hops.kv <= 1 && hops.site == 0, "{hops:?} {page}");
        ledger.seen.insert(format!("GET {row}"));
    }
    let status = get(&format!("{BASE}/status")).await;
    ledger.record("GET", &format!("{BASE}/status"), &status, Hops { d1: 1, ..nothing });
    let ticket = gateway.request(Method::POST, &format!("{BASE}/tickets")).bearer_auth(&gateway.setup_secret);
    let ticket = answer(ticket.json(&json!({ "email": owner.email }))).await;
    ledger.record("POST", &format!("{BASE}/tickets"), &ticket, Hops { d1: 1, ..nothing });
    // Whether the address has an account is found out after the answer.
    for email in [owner.email.as_str(), "nobody@example.com"] {
        let asked = gateway.request(Method::POST, &format!("{BASE}/sign-in-codes"));
        let asked = answer(asked.header("sec-fetch-site", "same-origin").json(&json!({ "email": email }))).await;
        ledger.record("POST", &format!("{BASE}/sign-in-codes"), &asked, nothing);
    }
    let signed_in = gateway.sign_in(json!({ "token": owner.token })).await;
    let path = format!("{BASE}/session");
    ledger.record("POST", &path, &signed_in, Hops { gate: 1, d1: 1, ..nothing });
    let ticket = gateway.ticket(&owner.email).await;
    let other = gateway.sign_in(json!({ "ticket": ticket })).await;
    let other = ledger.record("POST", &path, &other, Hops { d1: 2, ..nothing });
    let browser = gateway.browser(&signed_in);
    // Its object reads the session from D1 once, in a request of its own.
    let (reading, ending) = (Hops { gate: 1, d1: 1, ..nothing }, Hops { gate: 2, d1: 2, ..nothing });
    ledger.record("GET", &path, &browser.get(&path).await, reading);
    let sessions = format!("{BASE}/sessions");
    ledger.record("GET", &sessions, &browser.get(&sessions).await, reading);
    let deleted = browser.delete(&format!("{sessions}/{}", text(&other["id"]))).await;
    ledger.record("DELETE", &format!("{sessions}/{{sessionId}}"), &deleted, ending);
    let others = browser.delete(&format!("{sessions}?others=true")).await;
    ledger.record("DELETE", &sessions, &others, Hops { gate: 1, ..ending });
    ledger.record("DELETE", &path, &browser.delete(&path).await, Hops { d1: 1, ..ending });
}

/// Passkeys, which a gateway has where its host is a name.
async fn passkeys(ledger: &mut Ledger, owner: &Account) {
    const BASE: &str = "/api/v1/console";
    let nothing = Hops { gate: 0, d1: 0, kv: 0, site: 0 };
    let browser = owner.browser().await;
    let host = owner.gateway.url.rsplit('/').next().unwrap().replace("127.0.0.1", "localhost");
    let origin = format!("http://{host}");
    let ask = async |method: &str, path: &str, body: Value| {
        let request = browser.request(method.parse().unwrap(), &format!("{BASE}{path}")).header("host", &host);
        answer(request.json(&body)).await
    };
    let write = Hops { gate: 1, d1: 2, ..nothing };
    let options = ask("POST", "/passkeys/options", json!({})).await;
    let options = ledger.record("POST", &format!("{BASE}/passkeys/options"), &options, write);
    let made = authenticator(&["add", &text(&options["challenge"]), &origin]);
    let added = ask("POST", "/passkeys", made["answer"].clone()).await;
    let id = text(&ledger.record("POST", &format!("{BASE}/passkeys"), &added, write)["id"]);
    let again = ask("POST", "/passkeys", made["answer"].clone()).await;
    assert!(matches!(again.status, 400 | 409), "{again}");
    ledger.record("GET", &format!("{BASE}/passkeys"), &ask("GET", "/passkeys", json!({})).await, write);
    let renamed = ask("PUT", &format!("/passkeys/{id}"), json!({ "name": "Old laptop" })).await;
    ledger.record("PUT", &format!("{BASE}/passkeys/{{passkeyId}}"), &renamed, write);
    let options = ask("POST", "/session/options", json!({})).await;
    let options = ledger.record("POST", &format!("{BASE}/session/options"), &options, nothing);
    let assertion = authenticator(&["get", &text(&options["challenge"]), &origin, &text(&made["passkey"])]);
    // Its key, and the session.
    let signed_in = owner.gateway.request(Method::POST, &format!("{BASE}/session")).header("host", &host);
    let signed_in = signed_in.header("sec-fetch-site", "same-origin").json(&json!({ "passkey": assertion }));
    ledger.record("POST", &format!("{BASE}/session"), &answer(signed_in).await, Hops { d1: 2, ..nothing });
    let removed = ask("DELETE", &format!("/passkeys/{id}"), json!({})).await;
    ledger.record("DELETE", &format!("{BASE}/passkeys/{{passkeyId}}"), &removed, Hops { gate: 2, d1: 2, ..nothing });
}

/// OAuth for agents.
async fn oauth(ledger: &mut Ledger, owner: &Account, website: &str) {
    const REDIRECT: &str = "https://client.example/cb";
    let gateway = &owner.gateway;
    let nothing = Hops { gate: 0, d1: 0, kv: 0, site: 0 };
    for path in [
        "/.well-known/oauth-protected-resource/api/mcp",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
    ] {
        ledger.record("GET", path, &answer(gateway.request(Method::GET, path)).await, nothing);
    }
    // The address is counted.
    let registered = gateway.request(Method::POST, "/oauth/register").json(&json!({ "redirect_uris": [REDIRECT] }));
    let registered = answer(registered).await;
    ledger.record("POST", "/oauth/register", &registered, Hops { gate: 1, d1: 1, ..nothing });
    let client = text(&registered.json()["client_id"]);
    // RFC 7636, appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let row = "/api/v1/console/authorization";
    let asked = format!(
        "{row}?client_id={client}&redirect_uri={REDIRECT}&response_type=code&code_challenge={challenge}&code_challenge_method=S256"
    );
    let browser = owner.browser().await;
    ledger.record("GET", row, &browser.get(&asked).await, Hops { gate: 1, d1: 1, ..nothing });
    let wanted = json!({ "permissions": ["analytics:read"], "websiteIds": [website], "days": 1 });
    // The application, the roles on the websites, the grant.
    let granted = browser.post(&asked, wanted).await;
    let granted = ledger.record("POST", row, &granted, Hops { gate: 1, d1: 3, ..nothing });
    let to = text(&granted["redirectTo"]);
    let code = to.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let send = |path: &str, body: String| answer(gateway.request(Method::POST, path).body(body));
    let exchange = format!(
        "grant_type=authorization_code&client_id={client}&code={code}&code_verifier={verifier}&redirect_uri={REDIRECT}"
    );
    let pair = send("/oauth/token", exchange).await;
    ledger.record("POST", "/oauth/token", &pair, Hops { d1: 2, ..nothing });
    let refresh = text(&pair.json()["refresh_token"]);
    let refresh = format!("grant_type=refresh_token&client_id={client}&refresh_token={refresh}");
    let pair = send("/oauth/token", refresh).await;
    ledger.record("POST", "/oauth/token", &pair, Hops { gate: 1, d1: 2, ..nothing });
    let token = text(&pair.json()["access_token"]);
    let revoked = send("/oauth/revoke", format!("client_id={client}&token={token}")).await;
    assert_eq!((revoked.status, revoked.hops()), (200, Hops { gate: 1, d1: 2, ..nothing }), "{revoked}");
    ledger.seen.insert("POST /oauth/revoke".to_owned());
}

/// What the console asks in one request. The parts of a view follow after the head, which says the hops.
async fn views(ledger: &mut Ledger, owner: &Account, website: &str) {
    let browser = owner.browser().await;
    let base = "/api/v1/console/websites";
    let entered = Hops { gate: 1, d1: 1, kv: 0, site: 0 };
    let parts = "parts=overview,timeseries:day,pages:5,realtime&startAt=2026-06-01&endAt=2026-06-07&compare=previous";
    let view = browser.get(&format!("{base}/{website}/reports?{parts}")).await;
    assert_eq!(view.body.lines().count(), 4, "{view}");
    ledger.record("GET", &format!("{base}/{{websiteId}}/reports"), &view, entered);
    let installation = browser.get(&format!("{base}/{website}/installation")).await;
    ledger.record("GET", &format!("{base}/{{websiteId}}/installation"), &installation, Hops { site: 1, ..entered });
    let all = browser.get(base).await;
    let count = u32::try_from(all.rows().len()).unwrap();
    ledger.record("GET", base, &all, Hops { site: count, ..entered });
}

/// What payment providers tell.
async fn providers(ledger: &mut Ledger, owner: &Account, website: &str) {
    let keyring = Keyring::parse(&variable("SLUICE_ENCRYPTION_KEYS")).unwrap();
    let address = Address { website: website.parse().unwrap(), provider: Provider::WooCommerce };
    let ping = owner.gateway.request(Method::POST, &address.url(&keyring, ""));
    let ping = ping.header("content-type", "application/x-www-form-urlencoded").body("webhook_id=1");
    let hook = "/api/v1/hooks/{provider}/{websiteId}/{token}";
    ledger.record("POST", hook, &answer(ping).await, Hops { gate: 0, d1: 0, kv: 0, site: 0 });
    let path = |rest: &str| format!("/websites/{website}{rest}");
    let events = "/websites/{websiteId}/integrations/{provider}/events";
    ledger.admin("GET", events, &owner.get(&path("/integrations/polar/events")).await);
    let event = path(&format!("/integrations/polar/events/{NO_SUCH_ID}"));
    for (method, rest, refused) in [
        ("GET", "", owner.get(&event).await),
        ("POST", "/replay", owner.post(&format!("{event}/replay"), json!({})).await),
    ] {
        refused.error(404);
        assert_eq!((refused.hops().gate, refused.hops().d1), (1, 1), "{refused}");
        ledger.seen.insert(format!("{method} {ADMIN}{events}/{{eventId}}{rest}"));
    }
    // A shop cannot post its key to an address that is not public.
    let authorize = json!({ "storeUrl": "https://shop.example.com" });
    let refused = owner.post(&path("/integrations/woocommerce/authorize"), authorize).await;
    refused.error(409);
    assert!(refused.hops().gate == 1 && refused.hops().d1 <= 1, "{refused}");
    ledger.seen.insert(format!("POST {ADMIN}/websites/{{websiteId}}/integrations/woocommerce/authorize"));
}

/// A website's team.
async fn team(ledger: &mut Ledger, owner: &Account, website: &str) {
    let gateway = &owner.gateway;
    let path = |rest: &str| format!("/websites/{website}{rest}");
    let team = "/websites/{websiteId}/team";
    let created = owner.post(&path("/team"), json!({ "email": unique_email() })).await;
    // One more says whether the receiver has had a mail today.
    let mails = Hops { gate: 1, d1: 3, kv: 0, site: 0 };
    let created = ledger.record("POST", &format!("{ADMIN}{team}"), &created, mails);
    let waiting = "/websites/{websiteId}/team/invitations/{invitationId}";
    let own = path(&format!("/team/invitations/{}", id_of(&created)));
    let again = owner.post(&format!("{own}/resend"), json!({})).await;
    let created = ledger.record("POST", &format!("{ADMIN}{waiting}/resend"), &again, mails);
    let page = answer(gateway.request(Method::GET, &format!("/invitations/{}", id_of(&created)))).await;
    ledger.record("GET", "/invitations/{invitationId}", &page, Hops { gate: 0, d1: 0, kv: 0, site: 0 });
    let accept = gateway.request(Method::POST, &format!("/api/v1/invitations/{}/accept", id_of(&created)));
    let accept = answer(accept.json(&json!({ "code": invitation_code(&created), "name": "x" }))).await;
    let accept_path = "/api/v1/invitations/{invitationId}/accept";
    let member = ledger.record("POST", accept_path, &accept, Hops { gate: 0, d1: 2, kv: 0, site: 0 });
    ledger.admin("GET", team, &owner.get(&path("/team")).await);
    let role = owner.put(&path(&format!("/team/{}", text(&member["userId"]))), json!({ "role": "member" })).await;
    ledger.admin("PUT", &format!("{team}/{{userId}}"), &role);
    let removed = owner.delete_with(&path("/team"), json!({ "userId": member["userId"] })).await;
    ledger.admin("DELETE", team, &removed);
    let invited = owner.post(&path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let guest = crate::support::accept(gateway, &invited, "x").await.ok().row();
    let left = gateway.caller(&text(&guest["key"])).delete(&path("/team/me")).await;
    ledger.admin("DELETE", &format!("{team}/me"), &left);
    let invited = owner.post(&path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let cancelled = owner.delete(&path(&format!("/team/invitations/{}", id_of(&invited)))).await;
    ledger.admin("DELETE", waiting, &cancelled);

    // The objects of the former owner's tokens, and of the website's keys, are told: here one.
    let (giver, taker) = (gateway.account().await, gateway.account().await);
    let given = giver.website().await;
    given.admit(&taker, "viewer").await;
    let sent = json!({ "userId": taker.id, "domain": given.domain });
    let transferred = giver.post(&given.path("/team/transfer"), sent).await;
    let telling = Hops { gate: 2, d1: 3, kv: 0, site: 0 };
    ledger.record("POST", &format!("{ADMIN}{team}/transfer"), &transferred, telling);
}

#[tokio::test]
async fn every_route_stays_within_its_hops() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let mut ledger = Ledger::default();

    // The gateway itself
    let get = |path: &str| answer(gateway.request(Method::GET, path));
    health(&mut ledger, &gateway).await;
    ledger.record("GET", "/openapi.json", &get("/openapi.json").await, Hops { gate: 0, d1: 0, kv: 0, site: 0 });
    let created = gateway.setup(&unique_email(), "x").await;
    ledger.record("POST", "/api/v1/setup", &created, Hops { gate: 0, d1: 1, kv: 0, site: 0 });

    console(&mut ledger, &owner).await;
    passkeys(&mut ledger, &owner).await;

    // Account and access tokens
    ledger.admin("GET", "/account", &owner.get("/account").await);
    ledger.admin("PUT", "/account", &owner.put("/account", json!({ "name": "x" })).await);
    ledger.admin("GET", "/access-tokens", &owner.get("/access-tokens").await);

    // Websites
    let create = json!({ "domain": unique_domain(), "timezone": "UTC" });
    let writes_configuration = Hops { gate: 1, d1: 2, kv: 2, site: 1 };
    let created = owner.post("/websites", create).await;
    let created = ledger.record("POST", "/api/v1/admin/websites", &created, writes_configuration);
    let website = text(&created["websiteId"]);
    let path = |rest: &str| format!("/websites/{website}{rest}");
    ledger.admin("GET", "/websites", &owner.get("/websites").await);
    ledger.admin("GET", "/websites/{websiteId}", &owner.get(&path("")).await);
    crate::support::Website { id: website.clone(), domain: "x.example.com".to_owned(), owner: owner.caller.clone() }
        .track("signup")
        .await;
    let changed =
        owner.put(&path(""), json!({ "domain": unique_domain(), "isCookieless": true, "kpi": "signup" })).await;
    ledger.record("PUT", "/api/v1/admin/websites/{websiteId}", &changed, writes_configuration);
    let refused = owner.delete(&path("")).await;
    refused.error(403);
    assert_eq!((refused.hops().gate, refused.hops().d1), (1, 0));
    ledger.seen.insert("DELETE /api/v1/admin/websites/{websiteId}".to_owned());

    let narrow = owner.post("/access-tokens", json!({ "websiteIds": [website] })).await;
    let token = ledger.admin("POST", "/access-tokens", &narrow);
    let revoked = owner.delete(&format!("/access-tokens/{}", id_of(&token))).await;
    ledger.revoking("DELETE", "/access-tokens/{tokenId}", &revoked);

    // Website keys
    let keys = "/websites/{websiteId}/apikeys";
    let created = ledger.admin("POST", keys, &owner.post(&path("/apikeys"), json!({ "name": "x" })).await);
    let one = format!("{keys}/{{apiKeyId}}");
    let its = path(&format!("/apikeys/{}", id_of(&created)));
    ledger.admin("GET", keys, &owner.get(&path("/apikeys")).await);
    let rolled = ledger.revoking("PUT", &one, &owner.put(&its, json!({})).await);
    let key = gateway.caller(&text(&rolled["key"]));
    // A key's role needs no lookup, so a read costs no more.
    ledger.admin("GET", "/account", &key.get("/account").await);
    ledger.admin("GET", "/websites/{websiteId}/funnels", &key.get(&path("/funnels")).await);
    ledger.revoking("DELETE", &one, &owner.delete(&its).await);

    // Goals and funnels
    let tracked = owner.get(&path("/goals")).await;
    ledger.record("GET", "/api/v1/admin/websites/{websiteId}/goals", &tracked, Hops { gate: 1, d1: 1, kv: 0, site: 1 });
    let shown = "/websites/{websiteId}/goals/customizations";
    ledger.admin("GET", shown, &owner.get(&path("/goals/customizations")).await);
    let change = json!({ "goalName": "signup", "color": "#ef4444" });
    ledger.admin("PATCH", shown, &owner.patch(&path("/goals/customizations"), change).await);
    ledger.admin("DELETE", shown, &owner.delete(&path("/goals/customizations?goalName=signup")).await);
    let steps =
        json!([{ "name": "a", "type": "pageview", "url": "/" }, { "name": "b", "type": "goal", "goalName": "b" }]);
    let created = owner.post(&path("/funnels"), json!({ "name": "x", "steps": steps })).await;
    let created = ledger.admin("POST", "/websites/{websiteId}/funnels", &created);
    let its = path(&format!("/funnels/{}", id_of(&created)));
    ledger.admin("GET", "/websites/{websiteId}/funnels", &owner.get(&path("/funnels")).await);
    ledger.admin("PUT", "/websites/{websiteId}/funnels/{funnelId}", &owner.put(&its, json!({ "name": "y" })).await);
    website_api(&mut ledger, &owner, &website, &id_of(&created)).await;
    ledger.admin("DELETE", "/websites/{websiteId}/funnels/{funnelId}", &owner.delete(&its).await);

    notes(&mut ledger, &owner, &website).await;
    bots(&mut ledger, &owner, &website).await;
    views(&mut ledger, &owner, &website).await;
    providers(&mut ledger, &owner, &website).await;
    alerts(&mut ledger, &owner, &website).await;
    webhooks(&mut ledger, &owner, &website).await;

    team(&mut ledger, &owner, &website).await;

    // The audit log
    ledger.admin("GET", "/audit", &owner.get("/audit").await);
    ledger.admin("GET", "/websites/{websiteId}/audit", &owner.get(&path("/audit")).await);

    // Integrations
    let integrations = "/websites/{websiteId}/integrations";
    ledger.admin("GET", integrations, &owner.get(&path("/integrations")).await);
    for (provider, body) in crate::stand_in::connectable(true) {
        let (name, its) = (format!("{integrations}/{provider}"), path(&format!("/integrations/{provider}")));
        ledger.admin("POST", &name, &owner.post(&its, body).await);
        ledger.admin("GET", &name, &owner.get(&its).await);
        // One more says in the audit log who has asked for it.
        let resynced = owner.patch(&its, json!({})).await;
        ledger.record("PATCH", &format!("{ADMIN}{name}"), &resynced, Hops { gate: 1, d1: 3, kv: 0, site: 0 });
        let secret = owner.put(&format!("{its}/webhook"), json!({ "secret": "x" })).await;
        ledger.admin("PUT", &format!("{name}/webhook"), &secret);
        ledger.admin("DELETE", &name, &owner.delete(&its).await);
    }

    tools(&mut ledger, &owner, &website).await;
    oauth(&mut ledger, &owner, &website).await;

    let all: BTreeSet<String> = table().iter().map(|row| format!("{} {}", row.method.as_str(), row.path)).collect();
    assert_eq!(ledger.seen, all, "every route of the table was called");
}

/// A tool, which costs what its route does, and a look for the website that its text names.
async fn tools(ledger: &mut Ledger, owner: &Account, website: &str) {
    for address in ["/api/mcp", "/mcp"] {
        let arguments = json!({ "websiteId": website });
        let params = json!({ "name": "datafast_analytics_overview", "arguments": arguments });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let used = answer(owner.gateway.request(Method::POST, address).bearer_auth(&owner.token).json(&message)).await;
        ledger.record("POST", address, &used, Hops { gate: 1, d1: 2, kv: 0, site: 1 });
    }
}

/// Notes. Only a range of days of the website's own zone costs a second round trip, because the zone has to be read first.
async fn notes(ledger: &mut Ledger, owner: &Account, website: &str) {
    let (all, one) = ("/websites/{websiteId}/notes", "/websites/{websiteId}/notes/{noteId}");
    let path = format!("/websites/{website}/notes");
    let sent = json!({ "text": "x", "timestamp": "2026-06-01", "idempotencyKey": "x" });
    let created = ledger.admin("POST", all, &owner.post(&path, sent.clone()).await);
    ledger.admin("POST", all, &owner.post(&path, sent).await);
    ledger.admin("GET", all, &owner.get(&path).await);
    let days = "startAt=2026-06-01&endAt=2026-06-02";
    ledger.admin("GET", all, &owner.get(&format!("{path}?{days}&timezone=Asia/Tokyo&q=x")).await);
    let of_website = owner.get(&format!("{path}?{days}")).await;
    ledger.record("GET", &format!("{ADMIN}{all}"), &of_website, Hops { gate: 1, d1: 2, kv: 0, site: 0 });
    let its = format!("{path}/{}", id_of(&created));
    ledger.admin("PUT", one, &owner.put(&its, json!({ "timestamp": "2026-06-02" })).await);
    ledger.admin("DELETE", one, &owner.delete(&its).await);
}

/// Bot traffic, which the website's object keeps.
async fn bots(ledger: &mut Ledger, owner: &Account, website: &str) {
    let of_object = Hops { gate: 1, d1: 1, kv: 0, site: 1 };
    let crawl = json!({ "websiteId": website, "ai": { "userAgent": "GPTBot/1.3" } });
    let crawl = answer(owner.gateway.request(Method::POST, "/api/ai-crawls").json(&crawl)).await;
    ledger.record("POST", "/api/ai-crawls", &crawl, Hops { gate: 0, d1: 1, kv: 1, site: 1 });
    let usage = owner.get("/bot-traffic/usage").await;
    let count = u32::try_from(owner.get("/websites").await.rows().len()).unwrap();
    ledger.record("GET", &format!("{ADMIN}/bot-traffic/usage"), &usage, Hops { site: count, ..of_object });
    let settings = format!("/websites/{website}/bot-traffic/settings");
    let all = format!("{ADMIN}/websites/{{websiteId}}/bot-traffic");
    ledger.record("GET", &format!("{all}/settings"), &owner.get(&settings).await, of_object);
    let changed = owner.patch(&settings, json!({ "verifiedOnly": false })).await;
    // What the object has done is noted in the audit log.
    let noted = Hops { d1: 2, ..of_object };
    ledger.record("PATCH", &format!("{all}/settings"), &changed, noted);
    let token = format!("/websites/{website}/bot-traffic/token");
    for (method, done) in [
        ("POST", owner.post(&token, json!({})).await),
        ("GET", owner.get(&token).await),
        ("PUT", owner.put(&token, json!({})).await),
        ("DELETE", owner.delete(&token).await),
    ] {
        ledger.record(method, &format!("{all}/token"), &done, if method == "GET" { of_object } else { noted });
    }
}

/// Alerts. Changing the subscriptions also calls the website's object.
async fn alerts(ledger: &mut Ledger, owner: &Account, website: &str) {
    let path = |rest: &str| format!("/websites/{website}{rest}");
    let sent = json!({ "name": "x", "trigger": { "goalName": "g" }, "template": { "message": "Ten or more." } });
    let subscribing = Hops { gate: 1, d1: 3, kv: 0, site: 1 };
    let alerts = format!("{ADMIN}/websites/{{websiteId}}/alerts");
    let one = format!("{alerts}/{{alertId}}");
    let created = ledger.record("POST", &alerts, &owner.post(&path("/alerts"), sent).await, subscribing);
    let its = path(&format!("/alerts/{}", id_of(&created)));
    ledger.admin("GET", "/websites/{websiteId}/alerts", &owner.get(&path("/alerts")).await);
    ledger.admin("GET", "/websites/{websiteId}/alerts/history", &owner.get(&path("/alerts/history?limit=5")).await);
    ledger.record("PUT", &one, &owner.put(&its, json!({ "name": "y" })).await, subscribing);
    let tested = owner.post(&format!("{its}/test"), json!({})).await;
    // The message, and the audit log.
    ledger.record("POST", &format!("{one}/test"), &tested, Hops { gate: 1, d1: 3, kv: 0, site: 0 });
    let transitions = owner.get(&format!("{its}/transitions")).await;
    ledger.admin("GET", "/websites/{websiteId}/alerts/{alertId}/transitions", &transitions);
    let previewed = owner.post(&path("/alerts/preview"), json!({ "trigger": { "goalName": "g" } })).await;
    let of_report = Hops { gate: 1, d1: 1, kv: 0, site: 1 };
    ledger.record("POST", &format!("{ADMIN}/websites/{{websiteId}}/alerts/preview"), &previewed, of_report);
    let link = format!("/unsubscribe/{}", unsubscribe_token(&id_of(&created)));
    for method in [Method::GET, Method::POST] {
        let page = answer(owner.gateway.request(method.clone(), &link)).await;
        ledger.record(method.as_str(), "/unsubscribe/{token}", &page, Hops { gate: 0, d1: 1, kv: 0, site: 0 });
    }
    let link = reports_link(website, Kind::Weekly);
    for method in [Method::GET, Method::POST] {
        let page = answer(owner.gateway.request(method.clone(), &link)).await;
        ledger.record(
            method.as_str(),
            "/unsubscribe/reports/{reportsToken}",
            &page,
            Hops { gate: 0, d1: 1, kv: 0, site: 0 },
        );
    }
    ledger.record("DELETE", &one, &owner.delete(&its).await, subscribing);
}

/// Webhooks.
async fn webhooks(ledger: &mut Ledger, owner: &Account, website: &str) {
    let all = format!("{ADMIN}/websites/{{websiteId}}/webhooks");
    let one = format!("{all}/{{webhookId}}");
    let path = |rest: &str| format!("/websites/{website}/webhooks{rest}");
    let subscribing = Hops { gate: 1, d1: 3, kv: 0, site: 1 };
    let sent = json!({ "url": "http://127.0.0.1:9/", "isEnabled": true });
    let created = ledger.record("POST", &all, &owner.post(&path(""), sent).await, subscribing);
    let its = |rest: &str| path(&format!("/{}{rest}", id_of(&created)));
    ledger.admin("GET", "/websites/{websiteId}/webhooks", &owner.get(&path("")).await);
    ledger.admin("GET", "/websites/{websiteId}/webhooks/{webhookId}", &owner.get(&its("")).await);
    ledger.record("PUT", &one, &owner.put(&its(""), json!({ "description": "x" })).await, subscribing);
    // Whoever sees a secret is in the audit log.
    let seen = Hops { gate: 1, d1: 2, kv: 0, site: 0 };
    ledger.record("GET", &format!("{one}/secret"), &owner.get(&its("/secret")).await, seen);
    let rotated = owner.post(&its("/secret/rotate"), json!({})).await;
    ledger.record("POST", &format!("{one}/secret/rotate"), &rotated, subscribing);
    // Deliveries are in the website's object.
    let delivering = Hops { gate: 1, d1: 1, kv: 0, site: 1 };
    let tested = owner.post(&its("/test"), json!({})).await;
    let noted = Hops { d1: 2, ..delivering };
    let tested = ledger.record("POST", &format!("{one}/test"), &tested, noted);
    let delivery = its(&format!("/deliveries/{}", text(&tested["deliveryId"])));
    let deliveries = owner.get(&its("/deliveries?limit=5")).await;
    ledger.record("GET", &format!("{one}/deliveries"), &deliveries, delivering);
    let stats = owner.get(&its("/stats")).await;
    ledger.record("GET", &format!("{one}/stats"), &stats, delivering);
    let every = owner.get(&format!("/websites/{website}/deliveries?limit=5")).await;
    ledger.record("GET", "/api/v1/admin/websites/{websiteId}/deliveries", &every, delivering);
    let found = owner.get(&delivery).await;
    ledger.record("GET", &format!("{one}/deliveries/{{deliveryId}}"), &found, delivering);
    let resent = owner.post(&format!("{delivery}/resend"), json!({})).await;
    ledger.record("POST", &format!("{one}/deliveries/{{deliveryId}}/resend"), &resent, noted);
    let resent = owner.post(&its("/resend"), json!({ "since": "2026-01-01T00:00:00Z" })).await;
    ledger.record("POST", &format!("{one}/resend"), &resent, noted);
    ledger.record("DELETE", &one, &owner.delete(&its("")).await, Hops { d1: 3, ..subscribing });
}

/// The Website API and ingestion: a report costs its credential object, one round trip to D1 and one to the website's
/// object.
async fn website_api(ledger: &mut Ledger, owner: &Account, website: &str, funnel: &str) {
    let gateway = &owner.gateway;
    let report = Hops { gate: 1, d1: 1, kv: 0, site: 1 };
    let call = async |method: Method, path: &str, body: Option<Value>| {
        let separator = if path.contains('?') { '&' } else { '?' };
        let request = gateway.request(method, &format!("/api/v1{path}{separator}websiteId={website}"));
        let request = request.bearer_auth(&owner.token);
        answer(if let Some(body) = body { request.json(&body) } else { request }).await
    };
    for name in [
        "overview",
        "realtime",
        "realtime/map",
        "pages",
        "entry-pages",
        "exit-pages",
        "channels",
        "referrers",
        "countries",
        "regions",
        "cities",
        "devices",
        "browsers",
        "operating-systems",
        "hostnames",
        "campaigns",
        "exit-clicks",
        "goals",
    ] {
        let path = format!("/analytics/{name}");
        ledger.record("GET", &format!("/api/v1{path}"), &call(Method::GET, &path, None).await, report);
    }
    let series = call(Method::GET, "/analytics/timeseries?fields=visitors&interval=day", None).await;
    ledger.record("GET", "/api/v1/analytics/timeseries", &series, report);
    let metadata = call(Method::GET, "/analytics/metadata", None).await;
    ledger.record("GET", "/api/v1/analytics/metadata", &metadata, Hops { site: 0, ..report });
    let properties = call(Method::GET, "/analytics/goals/properties?eventName=signup", None).await;
    ledger.record("GET", "/api/v1/analytics/goals/properties", &properties, report);
    let taken = call(Method::GET, &format!("/analytics/funnels/{funnel}"), None).await;
    ledger.record("GET", "/api/v1/analytics/funnels/{funnelId}", &taken, report);
    for path in ["/analytics/bot-traffic", "/analytics/bot-traffic/pages"] {
        ledger.record("GET", &format!("/api/v1{path}"), &call(Method::GET, path, None).await, report);
    }
    let mentions = call(Method::GET, "/mentions", None).await;
    ledger.record("GET", "/api/v1/mentions", &mentions, Hops { site: 0, ..report });
    ledger.record("GET", "/api/v1/visitors", &call(Method::GET, "/visitors", None).await, report);
    let one = call(Method::GET, &format!("/visitors/{VISITOR}"), None).await;
    ledger.record("GET", "/api/v1/visitors/{visitorId}", &one, report);

    let goal = json!({ "datafast_visitor_id": VISITOR, "name": "signup" });
    // The credential object knows by now that the caller owns the website.
    let goal = call(Method::POST, "/goals", Some(goal)).await;
    ledger.record("POST", "/api/v1/goals", &goal, Hops { d1: 0, ..report });
    // One more says in the audit log what was deleted.
    let noted = Hops { d1: report.d1 + 1, ..report };
    ledger.record("DELETE", "/api/v1/goals", &call(Method::DELETE, "/goals?name=signup", None).await, noted);
    let payment = json!({ "amount": 1, "currency": "USD", "transaction_id": "t" });
    ledger.record("POST", "/api/v1/payments", &call(Method::POST, "/payments", Some(payment)).await, report);
    let gone = call(Method::DELETE, "/payments?transaction_id=t", None).await;
    // One more forgets what a payment provider sent about it.
    ledger.record("DELETE", "/api/v1/payments", &gone, Hops { d1: noted.d1 + 1, ..report });
    let user = json!({ "datafast_visitor_id": VISITOR, "user_id": "u" });
    ledger.record("POST", "/api/v1/identify", &call(Method::POST, "/identify", Some(user)).await, report);

    let erased = call(Method::DELETE, &format!("/visitors/{VISITOR}"), None).await;
    ledger.record("DELETE", "/api/v1/visitors/{visitorId}", &erased, Hops { d1: 3, site: 2, ..report });

    let line = json!({ "id": "x", "timestamp": "2026-06-01T00:00:00Z", "type": "pageview", "visitorId": VISITOR,
        "sessionId": "s", "href": "https://example.com/" });
    let import = owner.request(Method::POST, &format!("/websites/{website}/import")).body(line.to_string());
    ledger.record("POST", "/api/v1/admin/websites/{websiteId}/import", &answer(import).await, noted);
    let export = owner.get(&format!("/websites/{website}/export")).await;
    // The parts of an export are fetched while it is sent, after the header.
    ledger.record("GET", "/api/v1/admin/websites/{websiteId}/export", &export, report);

    let event = json!({ "websiteId": website, "type": "pageview", "visitorId": VISITOR, "sessionId": "s",
        "href": "https://example.com/" });
    let event = answer(gateway.request(Method::POST, "/api/events").header("user-agent", BROWSER).json(&event)).await;
    ledger.record("POST", "/api/events", &event, Hops { gate: 0, d1: 0, kv: 1, site: 1 });
    for script in ["/js/script.js", "/js/script.hash.js", "/js/script.cookieless.js"] {
        let served = answer(gateway.request(Method::GET, script)).await;
        ledger.record("GET", script, &served, Hops { gate: 0, d1: 0, kv: 0, site: 0 });
    }
}

#[tokio::test]
async fn refusals_cost_only_the_hops_that_decide() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let reader = owner.mint(json!({ "permissions": ["funnels:read"] })).await;
    let cost = |answer: &Answer| (answer.status, answer.hops().gate, answer.hops().d1, answer.hops().kv);

    // No hop for responses that need no storage (docs/contract/README.md#12).
    for garbage in ["x", "dft_", "dft_x", "Bearer", &owner.token[..39], &format!("{}x", owner.token)] {
        assert_eq!(cost(&gateway.caller(garbage).get(&website.path("/funnels")).await), (401, 0, 0, 0), "{garbage}");
    }
    assert_eq!(cost(&answer(gateway.request(Method::GET, &format!("{ADMIN}/account"))).await), (401, 0, 0, 0));
    assert_eq!(cost(&answer(gateway.request(Method::GET, "/nothing")).await), (404, 0, 0, 0));
    assert_eq!(cost(&answer(gateway.request(Method::PATCH, &format!("{ADMIN}/account"))).await), (405, 0, 0, 0));
    // The token's credential object, and the address's.
    let unknown = gateway.caller(&unknown_token("dft_"));
    assert_eq!(cost(&unknown.get("/account").await), (401, 2, 0, 0));
    assert_eq!(cost(&unknown.get("/account").await), (401, 1, 0, 0), "only the failure is counted");
    // Only the credential object if token and path decide.
    assert_eq!(cost(&reader.get(&website.path("/alerts")).await), (403, 1, 0, 0));
    assert_eq!(cost(&owner.get("/websites/x/funnels").await), (400, 1, 0, 0));
    assert_eq!(cost(&website.key().await.get("/access-tokens").await), (403, 1, 0, 0));
    // One more lookup if the website must be read.
    assert_eq!(cost(&owner.get(&format!("/websites/{NO_SUCH_ID}/funnels")).await), (404, 1, 1, 0));
    // The owner's role is known.
    assert_eq!(cost(&owner.post(&website.path("/funnels"), json!({})).await), (400, 1, 0, 0));

    let strict = Gateway::strict().account().await;
    crate::support::together((0..60).map(|_| strict.get("/account"))).await;
    assert_eq!(cost(&strict.get("/account").await), (429, 1, 0, 0));
}

#[tokio::test]
async fn a_long_list_costs_one_round_trip_like_a_short_one() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let steps =
        json!([{ "name": "a", "type": "pageview", "url": "/" }, { "name": "b", "type": "goal", "goalName": "b" }]);
    let alert = json!({ "trigger": { "goalName": "g" }, "template": { "message": "Ten or more." } });
    for number in 0..25 {
        owner.post(&website.path("/funnels"), json!({ "name": format!("{number}"), "steps": steps })).await.ok();
        let mut alert = alert.clone();
        alert["name"] = json!(format!("{number}"));
        owner.post(&website.path("/alerts"), alert).await.ok();
    }
    for list in ["/funnels", "/alerts"] {
        let answer = owner.get(&website.path(list)).await.ok();
        assert_eq!((answer.rows().len(), answer.hops()), (25, Hops { gate: 1, d1: 1, kv: 0, site: 0 }));
    }
}
