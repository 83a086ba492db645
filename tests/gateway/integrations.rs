//! Payment providers (docs/contract/account-api.md#11).

use serde_json::{Value, json};

use crate::support::{Gateway, has_exactly};

/// Connectable providers: name in the path, a valid body, and the response.
fn connectable(environment: &str) -> [(&'static str, Value, Value); 4] {
    let (stripe, paddle) = match environment {
        "production" => ("rk_live_51AbCdEfGh", "pdl_live_apikey_01abc_def"),
        _ => ("rk_test_51AbCdEfGh", "pdl_sdbx_apikey_01abc_def"),
    };
    [
        (
            "stripe",
            json!({ "stripeRak": stripe }),
            json!({ "message": "Stripe connected successfully", "currency": "USD" }),
        ),
        (
            "lemonsqueezy",
            json!({ "lemonsqueezyApiKey": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9", "lemonsqueezyStoreId": "12345" }),
            json!({ "message": "Lemon Squeezy connected successfully", "currency": "USD" }),
        ),
        (
            "polar",
            json!({ "polarAccessToken": "polar_oat_AbCdEfGh", "polarOrgId": "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6" }),
            json!({ "message": "Polar connected successfully" }),
        ),
        (
            "paddle",
            json!({ "paddleApiKey": paddle }),
            json!({ "message": "Paddle connected successfully", "currency": "USD" }),
        ),
    ]
}

#[tokio::test]
async fn nothing_is_connected_at_first() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let off = json!({ "connected": false });
    assert_eq!(
        owner.get(&website.path("/integrations")).await.ok().row(),
        json!({
            "stripe": off, "lemonsqueezy": off, "polar": off, "paddle": { "connected": false, "keyExpiresAt": null },
            "shopify": off, "woocommerce": off, "currency": "USD",
        })
    );
}

#[tokio::test]
async fn each_provider_is_connected_and_disconnected_by_itself() {
    for (gateway, environment) in [(Gateway::roomy(), "development"), (Gateway::strict(), "production")] {
        let owner = gateway.account().await;
        let website = owner.website().await;
        owner.put(&website.path(""), json!({ "currency": "EUR" })).await.ok();
        for (provider, body, mut expected) in connectable(environment) {
            let path = website.path(&format!("/integrations/{provider}"));
            if expected.get("currency").is_some() {
                expected["currency"] = json!("EUR");
            }
            assert_eq!(owner.post(&path, body.clone()).await.ok().row(), expected, "{environment}");
            let status = owner.get(&website.path("/integrations")).await.ok().row();
            let connected: Vec<_> = status
                .as_object()
                .unwrap()
                .iter()
                .filter(|(_, state)| state["connected"] == true)
                .map(|(name, _)| name.clone())
                .collect();
            assert_eq!(connected, [provider]);
            assert_eq!(status["currency"], "EUR");
            // Connecting again replaces the credentials.
            owner.post(&path, body).await.ok();
            let title = expected["message"].as_str().unwrap().replace(" connected", " disconnected");
            assert_eq!(owner.delete(&path).await.ok().row(), json!({ "message": title }));
            let status = owner.get(&website.path("/integrations")).await.ok().row();
            assert_eq!(status[provider]["connected"], false);
        }
    }
}

#[tokio::test]
async fn disconnecting_a_provider_that_is_not_connected_is_200() {
    // Disconnecting a provider that is not connected is 200 (docs/contract/README.md#30).
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for provider in ["stripe", "lemonsqueezy", "polar", "paddle", "shopify", "woocommerce"] {
        let row = owner.delete(&website.path(&format!("/integrations/{provider}"))).await.ok().row();
        has_exactly(&row, &["message"]);
    }
}

#[tokio::test]
async fn wrong_credentials_are_400_and_neither_stored_nor_repeated() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
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
        (
            "polar",
            json!({ "polarAccessToken": "", "polarOrgId": "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6" }),
            "polarAccessToken",
        ),
        ("paddle", json!({ "paddleApiKey": "SECRETVALUE7" }), "paddleApiKey"),
        ("paddle", json!({ "paddleApiKey": 7 }), "paddleApiKey"),
    ] {
        let refused = owner.post(&website.path(&format!("/integrations/{provider}")), body.clone()).await;
        let message = refused.error(400);
        assert!(message.starts_with(field), "{body}: {message}");
        assert!(!refused.body.contains("SECRETVALUE"), "docs/contract/README.md#8: {message}");
    }
    let status = owner.get(&website.path("/integrations")).await.ok();
    assert!(!status.body.contains("true"), "{status}");
    for provider in ["shopify", "woocommerce"] {
        // They have their own install flows.
        assert_eq!(
            owner.post(&website.path(&format!("/integrations/{provider}")), json!({})).await.error(405),
            "this path takes DELETE"
        );
    }
    owner.post(&website.path("/integrations/other"), json!({})).await.error(404);
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
}

#[tokio::test]
async fn the_status_never_has_a_credential() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (provider, body, _) in connectable("development") {
        let connected = owner.post(&website.path(&format!("/integrations/{provider}")), body.clone()).await.ok();
        let status = owner.get(&website.path("/integrations")).await.ok();
        for credential in body.as_object().unwrap().values() {
            for answer in [&connected, &status] {
                assert!(!answer.body.contains(credential.as_str().unwrap()), "{answer}");
            }
        }
    }
}
