//! Payment providers (docs/contract/account-api.md#11, docs/contract/providers.md#3.3). Test gateways ask a stand-in.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::{OwnGateway, State};
use crate::stand_in::{Seller, connectable};
use crate::support::{Account, Answer, Gateway, Website, answer, fields, has_exactly, is_moment, together};

const PROVIDERS: [&str; 6] = ["stripe", "lemonsqueezy", "polar", "paddle", "shopify", "woocommerce"];

/// What a connected provider shows, besides what it shows today.
const DETAILS: [&str; 10] = [
    "connected",
    "state",
    "mode",
    "testMode",
    "account",
    "connectedAt",
    "lastEventAt",
    "lastPaymentAt",
    "import",
    "failing",
];

fn title(provider: &str) -> &'static str {
    match provider {
        "stripe" => "Stripe",
        "lemonsqueezy" => "Lemon Squeezy",
        "polar" => "Polar",
        "paddle" => "Paddle",
        "shopify" => "Shopify",
        _ => "WooCommerce",
    }
}

fn off(provider: &str) -> Value {
    if provider == "paddle" {
        json!({ "connected": false, "keyExpiresAt": null })
    } else {
        json!({ "connected": false })
    }
}

async fn connect(owner: &Account, website: &Website, seller: &Seller) -> Answer {
    owner.post(&website.path(&format!("/integrations/{}", seller.provider)), seller.body.clone()).await
}

async fn shown(owner: &Account, website: &Website, provider: &str) -> Value {
    owner.get(&website.path(&format!("/integrations/{provider}"))).await.ok().row()
}

/// Nothing is connected; what makes Stripe's key is shown before there is one.
async fn is_off(owner: &Account, website: &Website, provider: &str) {
    let mut row = shown(owner, website, provider).await;
    let url = row.as_object_mut().and_then(|row| row.remove("createKeyUrl"));
    let is_stripes =
        url.is_some_and(|url| url.as_str().is_some_and(|url| url.starts_with("https://dashboard.stripe.com/")));
    assert_eq!(is_stripes, provider == "stripe", "{provider}");
    assert_eq!(row, off(provider));
}

/// A connection once it is connected.
async fn connected(own: &OwnGateway, owner: &Account, website: &Website, provider: &str) -> Value {
    for _ in 0..100 {
        own.cron().await;
        let row = shown(owner, website, provider).await;
        if row["state"] == "connected" {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{}", shown(owner, website, provider).await);
}

#[tokio::test]
async fn nothing_is_connected_at_first() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let mut expected: Value = PROVIDERS.iter().map(|name| ((*name).to_owned(), off(name))).collect();
    expected["currency"] = json!("USD");
    assert_eq!(owner.get(&website.path("/integrations")).await.ok().row(), expected);
    let reader = owner.mint(json!({ "permissions": ["settings:read"] })).await;
    for provider in PROVIDERS {
        is_off(&owner, &website, provider).await;
        let read = reader.get(&website.path(&format!("/integrations/{provider}"))).await.ok().row();
        assert_eq!(read, off(provider), "who only reads makes no key");
    }
}

#[tokio::test]
async fn each_provider_is_connected_and_disconnected_by_itself() {
    for (gateway, is_development) in [(Gateway::roomy(), true), (Gateway::strict(), false)] {
        let owner = gateway.account().await;
        let website = owner.website().await;
        owner.put(&website.path(""), json!({ "currency": "EUR" })).await.ok();
        for (provider, body) in connectable(is_development) {
            let path = website.path(&format!("/integrations/{provider}"));
            let mut expected =
                json!({ "message": format!("{} connected successfully", title(provider)), "currency": "EUR" });
            if provider == "polar" {
                expected.as_object_mut().unwrap().remove("currency");
            }
            assert_eq!(owner.post(&path, body.clone()).await.ok().row(), expected);
            let status = owner.get(&website.path("/integrations")).await.ok().row();
            for name in PROVIDERS {
                if name == provider {
                    let mut keys = DETAILS.to_vec();
                    keys.extend((name == "paddle").then_some("keyExpiresAt"));
                    has_exactly(&status[name], &keys);
                    assert_eq!(status[name]["connected"], true);
                    assert_eq!(status[name]["failing"], Value::Null);
                    assert!(is_moment(&status[name]["connectedAt"]), "{status}");
                } else {
                    assert_eq!(status[name], off(name));
                }
            }
            assert_eq!(status["currency"], "EUR");
            // Connecting again replaces the credentials.
            owner.post(&path, body).await.ok();
            let message = format!("{} disconnected successfully", title(provider));
            assert_eq!(owner.delete(&path).await.ok().row(), json!({ "message": message }));
            is_off(&owner, &website, provider).await;
        }
    }
}

#[tokio::test]
async fn a_connection_shows_whose_it_is_and_how_it_is_set_up() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        let seller = Seller::of(provider, true);
        connect(&owner, &website, &seller).await.ok();
        let row = shown(&owner, &website, provider).await;
        let (id, name) = (&row["account"]["id"], &row["account"]["name"]);
        assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{row}");
        if provider != "woocommerce" {
            assert_eq!(name, "Sluice Demo", "{row}");
        }
        // A test gateway has no address that a provider could post to.
        let mode = if provider == "stripe" { "polling" } else { "manual" };
        assert_eq!(row["mode"], mode, "{row}");
        assert!(["verifying", "importing", "connected"].iter().any(|state| row["state"] == *state), "{row}");
        let url = row["webhookUrl"].as_str().unwrap();
        let path = format!("{}/api/v1/hooks/{provider}/{}/", owner.gateway.url, website.id);
        let token = url.strip_prefix(&path).unwrap_or_else(|| panic!("{url}"));
        assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{url}");
        assert_eq!(row["webhookSecretKnown"], provider == "shopify");
        assert_eq!(row["missingPermissions"], json!([]));
        assert_eq!(row.get("createKeyUrl").is_some(), provider == "stripe");
        let tests = ["stripe", "paddle"].contains(&provider);
        assert_eq!(row["testMode"], tests, "{row}");

        // Those who only read see nothing of the set-up.
        let reader = owner.mint(json!({ "permissions": ["settings:read"] })).await;
        let read = reader.get(&website.path(&format!("/integrations/{provider}"))).await.ok().row();
        let hidden = ["webhookUrl", "webhookSecretKnown", "missingPermissions", "createKeyUrl"];
        assert!(fields(&read).iter().all(|field| !hidden.contains(&field.as_str())), "{read}");
        assert_eq!(read["account"], row["account"]);
        // The address stays over reconnecting.
        connect(&owner, &website, &seller).await.ok();
        let again = shown(&owner, &website, provider).await;
        assert_eq!((&again["webhookUrl"], &again["connectedAt"]), (&row["webhookUrl"], &row["connectedAt"]));
    }
    let paddle = shown(&owner, &website, "paddle").await;
    assert!(is_moment(&paddle["keyExpiresAt"]) || paddle["keyExpiresAt"].is_null(), "{paddle}");
}

#[tokio::test]
async fn disconnecting_a_provider_that_is_not_connected_is_200() {
    // Disconnecting a provider that is not connected is 200 (docs/contract/README.md#30).
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        let path = website.path(&format!("/integrations/{provider}"));
        has_exactly(&owner.delete(&path).await.ok().row(), &["message"]);
        owner.patch(&path, json!({})).await.error(404);
        owner.put(&format!("{path}/webhook"), json!({ "secret": "x" })).await.error(404);
    }
}

#[tokio::test]
async fn wrong_credentials_are_400_and_neither_stored_nor_repeated() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let shop = "sluice-demo.myshopify.com";
    for (provider, body, field) in [
        ("stripe", json!({}), "stripeRak"),
        ("stripe", json!({ "stripeRak": "" }), "stripeRak"),
        ("stripe", json!({ "stripeRak": "sk_live_SECRETVALUE1" }), "stripeRak"),
        ("stripe", json!({ "stripeRak": "pk_live_SECRETVALUE2" }), "stripeRak"),
        ("stripe", json!({ "stripeRak": ["rk_live_SECRETVALUE3"] }), "stripeRak"),
        ("lemonsqueezy", json!({ "lemonsqueezyApiKey": "SECRETVALUE4" }), "lemonsqueezyStoreId"),
        ("lemonsqueezy", json!({ "lemonsqueezyStoreId": "12345" }), "lemonsqueezyApiKey"),
        (
            "lemonsqueezy",
            json!({ "lemonsqueezyApiKey": "SECRETVALUE5", "lemonsqueezyStoreId": "my store" }),
            "lemonsqueezyStoreId",
        ),
        ("polar", json!({ "polarAccessToken": "SECRETVALUE6" }), "polarOrgId"),
        ("polar", json!({ "polarOrgId": "0d1e2f3a" }), "polarAccessToken"),
        ("polar", json!({ "polarAccessToken": "SECRETVALUE7", "polarOrgId": "../users" }), "polarOrgId"),
        (
            "polar",
            json!({ "polarAccessToken": "", "polarOrgId": "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6" }),
            "polarAccessToken",
        ),
        ("paddle", json!({ "paddleApiKey": "SECRETVALUE8" }), "paddleApiKey"),
        ("paddle", json!({ "paddleApiKey": 7 }), "paddleApiKey"),
        ("shopify", json!({ "clientId": "x", "clientSecret": "SECRETVALUE9" }), "shopDomain"),
        ("shopify", json!({ "shopDomain": shop, "clientId": "x" }), "clientSecret"),
        ("shopify", json!({ "shopDomain": shop, "adminApiAccessToken": "SECRETVALUE10" }), "apiSecretKey"),
        (
            "shopify",
            json!({ "shopDomain": "evil.example", "clientId": "x", "clientSecret": "SECRETVALUE11" }),
            "shopDomain",
        ),
        ("woocommerce", json!({ "consumerKey": "ck_1", "consumerSecret": "cs_SECRETVALUE12" }), "storeUrl"),
    ] {
        let refused = owner.post(&website.path(&format!("/integrations/{provider}")), body.clone()).await;
        let message = refused.error(400);
        assert!(message.starts_with(field), "{body}: {message}");
        assert!(!refused.body.contains("SECRETVALUE"), "docs/contract/README.md#8: {message}");
    }
    let status = owner.get(&website.path("/integrations")).await.ok();
    assert!(!status.body.contains("true"), "{status}");
    owner.post(&website.path("/integrations/other"), json!({})).await.error(404);
}

#[tokio::test]
async fn a_shop_inside_is_refused_and_nobody_is_asked() {
    let (development, production) = (Gateway::roomy().account().await, Gateway::strict().account().await);
    let (inside, outside) = (development.website().await, production.website().await);
    let seller = Seller::of("woocommerce", true);
    for (owner, website, store) in [
        (&development, &inside, "https://10.0.0.5"),
        (&development, &inside, "https://169.254.169.254/latest"),
        (&development, &inside, "http://shop.example.com"),
        (&development, &inside, &development.gateway.url),
        (&production, &outside, "https://10.0.0.5"),
        (&production, &outside, "http://127.0.0.1:9"),
        (&production, &outside, "http://shop.example.com"),
    ] {
        let mut body = seller.body.clone();
        body["storeUrl"] = json!(store);
        let message = owner.post(&website.path("/integrations/woocommerce"), body).await.error(400);
        assert!(message.starts_with("storeUrl: "), "{store}: {message}");
    }
    assert!(seller.requests().await.is_empty());
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_is_400_and_not_stored() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (provider, expected) in [
        ("stripe", "stripeRak: Stripe does not accept this key"),
        ("lemonsqueezy", "lemonsqueezyApiKey: Lemon Squeezy does not accept this key"),
        ("polar", "polarAccessToken: Polar does not accept this token"),
        ("paddle", "paddleApiKey: Paddle does not accept this key"),
        ("shopify", "clientId, clientSecret or shopDomain: "),
        ("woocommerce", "consumerKey: the shop does not accept this key"),
    ] {
        for how in [json!({ "isUnknown": true }), json!({ "isExpired": true })] {
            if how.get("isExpired").is_some() && provider != "stripe" {
                continue;
            }
            let seller = Seller::of(provider, true);
            seller.tell("account", how).await;
            let refused = connect(&owner, &website, &seller).await;
            let message = refused.error(400);
            assert!(message.starts_with(expected), "{message}");
            assert!(!refused.body.contains(&seller.key), "{message}");
        }
        is_off(&owner, &website, provider).await;
    }
}

#[tokio::test]
async fn all_permissions_that_are_missing_are_named_at_once() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (provider, denied, expected) in [
        (
            "stripe",
            json!(["rak_charge_read", "rak_invoice_read"]),
            "stripeRak: the key lacks the permissions rak_charge_read, rak_invoice_read",
        ),
        ("stripe", json!(["rak_customer_read"]), "stripeRak: the key lacks the permission rak_customer_read"),
        (
            "stripe",
            json!(["rak_event_read", "rak_webhook_write"]),
            "stripeRak: the key lacks the permission rak_event_read",
        ),
        (
            "polar",
            json!(["orders:read", "refunds:read"]),
            "polarAccessToken: the token lacks the permissions orders:read, refunds:read",
        ),
        (
            "paddle",
            json!(["transaction.read", "customer.read"]),
            "paddleApiKey: the key lacks the permissions transaction.read, customer.read",
        ),
        ("shopify", json!(["read_orders", "write_orders"]), "clientId: the app lacks the permission read_orders"),
        ("woocommerce", json!(["view"]), "consumerKey: the key's user may not read orders"),
    ] {
        let seller = Seller::of(provider, true);
        seller.tell("account", json!({ "denied": denied })).await;
        assert_eq!(connect(&owner, &website, &seller).await.error(400), expected);
        is_off(&owner, &website, provider).await;
    }
}

#[tokio::test]
async fn a_connection_without_the_right_to_make_webhooks_is_looked_at() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (provider, denied) in [
        ("stripe", json!(["rak_webhook_write"])),
        ("polar", json!(["webhooks:read"])),
        ("paddle", json!(["notification_setting.read"])),
    ] {
        let seller = Seller::of(provider, true);
        seller.tell("account", json!({ "denied": denied })).await;
        connect(&owner, &website, &seller).await.ok();
        let row = shown(&owner, &website, provider).await;
        assert_eq!((&row["mode"], &row["missingPermissions"]), (&json!("polling"), &denied), "{row}");
        assert_ne!(row["state"], "failing", "{row}");
    }
    let seller = Seller::of("stripe", true);
    seller.tell("account", json!({ "denied": ["rak_dispute_read"] })).await;
    connect(&owner, &website, &seller).await.ok();
    assert_eq!(shown(&owner, &website, "stripe").await["missingPermissions"], json!(["rak_dispute_read"]));
}

#[tokio::test]
async fn what_is_not_there_for_a_key_is_400_with_the_field() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let refused = async |seller: &Seller| connect(&owner, &website, seller).await.error(400);
    let store = Seller::of("lemonsqueezy", true);
    store.tell("account", json!({ "settings": { "stores": ["7"] } })).await;
    assert_eq!(refused(&store).await, "lemonsqueezyStoreId: the key has no such store");
    let mut organization = Seller::of("polar", true);
    organization.body["polarOrgId"] = json!("no-uuid");
    assert!(refused(&organization).await.starts_with("polarOrgId: "));
    let mut shop = Seller::of("shopify", true);
    shop.body["shopDomain"] = json!("another-shop.myshopify.com");
    assert_eq!(refused(&shop).await, "shopDomain: the credentials are of another shop");
    let frozen = Seller::of("shopify", true);
    frozen.tell("account", json!({ "isFrozen": true })).await;
    assert!(refused(&frozen).await.contains("shopDomain"));
    let moved = Seller::of("woocommerce", true);
    let to = "https://www.shop.example.com/wp-json/wc/v3/orders";
    moved.tell("misbehave", json!({ "how": "redirect", "to": to, "times": 10 })).await;
    assert_eq!(refused(&moved).await, "storeUrl: the shop answers at https://www.shop.example.com; use that");
    let firewall = Seller::of("woocommerce", true);
    firewall.tell("misbehave", json!({ "how": "page", "times": 10 })).await;
    assert_eq!(refused(&firewall).await, "storeUrl: something in front of the shop answers");
    let status = owner.get(&website.path("/integrations")).await.ok();
    assert!(!status.body.contains("true"), "{status}");
}

#[tokio::test]
async fn keys_for_testing_are_refused_in_production() {
    let owner = Gateway::strict().account().await;
    let website = owner.website().await;
    for (provider, body) in [
        ("stripe", json!({ "stripeRak": "rk_test_51AbCdEfGh" })),
        ("paddle", json!({ "paddleApiKey": "pdl_sdbx_apikey_01abc_def" })),
    ] {
        owner.post(&website.path(&format!("/integrations/{provider}")), body).await.error(400);
    }
    let seller = Seller::of("lemonsqueezy", false);
    seller.tell("account", json!({ "isTest": true })).await;
    assert_eq!(connect(&owner, &website, &seller).await.error(400), "lemonsqueezyApiKey: a key of the test mode");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_as_it_should_is_503_and_nothing_is_stored() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        for how in ["limit", "broken", "html", "cut", "huge"] {
            if provider == "shopify" && how == "html" {
                continue;
            }
            let seller = Seller::of(provider, true);
            seller.tell("misbehave", json!({ "how": how, "times": 50, "retryAfter": 5 })).await;
            let refused = connect(&owner, &website, &seller).await;
            refused.error(503);
            assert_eq!(refused.header("retry-after"), "30", "{provider} {how}: {refused}");
        }
        is_off(&owner, &website, provider).await;
    }
}

#[tokio::test]
async fn a_provider_has_ten_seconds_in_all() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let silent = together(PROVIDERS.map(|provider| {
        let (owner, website) = (&owner, &website);
        async move {
            let seller = Seller::of(provider, true);
            seller.tell("misbehave", json!({ "how": "silence", "times": 50, "ms": 20_000 })).await;
            connect(owner, website, &seller).await
        }
    }));
    let answered = tokio::time::timeout(Duration::from_secs(18), silent).await;
    for refused in answered.expect("an answer after ten seconds") {
        refused.error(503);
    }
}

#[tokio::test]
async fn a_connection_that_was_made_once_is_not_made_again_for_its_key() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        let seller = Seller::of(provider, true);
        let path = website.path(&format!("/integrations/{provider}"));
        let send = || answer(owner.request(Method::POST, &path).header("idempotency-key", provider).json(&seller.body));
        let first = send().await.ok();
        let asked = seller.requests().await.len();
        assert!((1..=9).contains(&asked), "{provider}: {asked} requests");
        let again = send().await.ok();
        assert_eq!((again.header("idempotency-replayed").as_str(), &again.body), ("true", &first.body));
        assert_eq!(seller.requests().await.len(), asked, "{provider}");
        let agents: Vec<Value> =
            seller.requests().await.iter().map(|one| one["headers"]["user-agent"].clone()).collect();
        assert!(
            agents.iter().all(|agent| agent.as_str().is_some_and(|agent| agent.starts_with("Sluice/"))),
            "{agents:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_key_can_be_sent_again_under_its_idempotency_key() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let seller = Seller::of("stripe", true);
    let path = website.path("/integrations/stripe");
    let send = || answer(owner.request(Method::POST, &path).header("idempotency-key", "again").json(&seller.body));
    seller.tell("account", json!({ "denied": ["rak_charge_read"] })).await;
    send().await.error(400);
    seller.tell("account", json!({ "denied": [] })).await;
    send().await.ok();
}

#[tokio::test]
async fn a_shop_whose_host_strips_the_header_is_asked_with_the_key_in_the_query() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let seller = Seller::of("woocommerce", true);
    seller.tell("account", json!({ "settings": { "stripsAuthorization": true } })).await;
    connect(&owner, &website, &seller).await.ok();
    let stripped = seller.requests().await.iter().filter(|one| one["status"] == 401).count();
    assert_eq!(stripped, 1, "it is remembered");
}

#[tokio::test]
async fn the_older_apps_of_shopify_are_connected_by_their_token() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let token = format!("shpat_{}", Seller::of("shopify", true).key);
    let body = json!({ "shopDomain": "https://sluice-demo.myshopify.com/", "adminApiAccessToken": token, "apiSecretKey": "s" });
    owner.post(&website.path("/integrations/shopify"), body).await.ok();
    let row = shown(&owner, &website, "shopify").await;
    assert_eq!(row["account"]["id"], "sluice-demo.myshopify.com");
    assert_eq!(row["webhookSecretKnown"], true);
}

#[tokio::test]
async fn the_owner_gives_the_secret_of_a_webhook_made_by_hand() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        connect(&owner, &website, &Seller::of(provider, true)).await.ok();
        let path = website.path(&format!("/integrations/{provider}"));
        for wrong in [json!({}), json!({ "secret": "" }), json!({ "secret": "a b" }), json!({ "secret": 7 })] {
            let message = owner.put(&format!("{path}/webhook"), wrong).await.error(400);
            assert!(message.starts_with("secret: "), "{message}");
        }
        let stored = owner.put(&format!("{path}/webhook"), json!({ "secret": "whsec_Zebra" })).await.ok();
        assert_eq!(stored.row(), json!({ "message": format!("{} webhook secret stored", title(provider)) }));
        let row = owner.get(&path).await.ok();
        assert!(!row.body.contains("Zebra"), "{row}");
        assert_eq!((&row.row()["mode"], &row.row()["webhookSecretKnown"]), (&json!("manual"), &json!(true)));
    }
}

#[tokio::test]
async fn an_import_is_queued_once() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        connect(&owner, &website, &Seller::of(provider, true)).await.ok();
        let path = website.path(&format!("/integrations/{provider}"));
        for wrong in ["yesterday", "2026-02-30", "2026-01-01T00:00:00Z", ""] {
            let message = owner.patch(&path, json!({ "from": wrong })).await.error(400);
            assert!(message.starts_with("from: "), "{message}");
        }
        let expected = json!({ "message": format!("{} payment resync queued", title(provider)) });
        let bare = answer(owner.request(Method::PATCH, &path)).await.ok();
        assert_eq!(bare.row(), expected, "a body is optional");
        let body = json!({ "from": "2026-01-01" });
        assert_eq!(owner.patch(&path, body).await.ok().row(), expected);
        assert!(shown(&owner, &website, provider).await["import"].is_object());
    }
}

#[tokio::test]
async fn no_answer_has_a_credential() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (provider, body) in connectable(true) {
        let path = website.path(&format!("/integrations/{provider}"));
        let connected = owner.post(&path, body.clone()).await.ok();
        let status = owner.get(&website.path("/integrations")).await.ok();
        let one = owner.get(&path).await.ok();
        let shown = ["storeUrl", "shopDomain", "polarOrgId", "lemonsqueezyStoreId"];
        for (_, credential) in body.as_object().unwrap().iter().filter(|(field, _)| !shown.contains(&field.as_str())) {
            for answer in [&connected, &status, &one] {
                assert!(!answer.body.contains(credential.as_str().unwrap()), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn webhooks_are_registered_in_the_background_and_go_with_their_connection() {
    let state = State::new();
    let own = state.serve(&[
        ("ENVIRONMENT", "development"),
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("PUBLIC_URL", "https://gateway.example"),
    ]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    for provider in PROVIDERS {
        let seller = Seller::of(provider, true);
        connect(&owner, &website, &seller).await.ok();
        // The queue, or cron, has it registered, and its past read.
        let row = connected(&own, &owner, &website, provider).await;
        assert_eq!((&row["mode"], &row["webhookSecretKnown"]), (&json!("webhook"), &json!(true)), "{row}");
        assert_eq!(row["import"]["state"], "done", "{row}");
        let made = seller.webhooks().await;
        assert!(!made.is_empty(), "{provider}");
        let url = row["webhookUrl"].as_str().unwrap();
        assert!(made.iter().all(|webhook| webhook.to_string().contains(url)), "{made:?}");
        // Connecting again keeps it.
        connect(&owner, &website, &seller).await.ok();
        own.cron().await;
        assert_eq!(seller.webhooks().await, made, "{provider}");
        owner.delete(&website.path(&format!("/integrations/{provider}"))).await.ok();
        own.cron().await;
        assert!(seller.webhooks().await.is_empty(), "{provider}");
        is_off(&owner, &website, provider).await;
    }
}
