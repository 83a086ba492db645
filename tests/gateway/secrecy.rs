//! Secrets that are shown once stay secret: no token, key, code or credential is in storage or in a log in clear.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{answer, invitation_code, text, unique_email};

/// Where the bytes of `needle` occur.
fn found<'a>(files: &'a [(PathBuf, Vec<u8>)], needle: &str) -> Vec<&'a PathBuf> {
    let holds = |content: &[u8]| content.windows(needle.len()).any(|window| window == needle.as_bytes());
    files.iter().filter(|(_, content)| holds(content)).map(|(path, _)| path).collect()
}

#[tokio::test]
async fn no_secret_is_stored_or_logged_in_clear() {
    let state = State::new();
    let own = state.serve(&[("ENVIRONMENT", "development"), ("RATE_LIMIT_PER_MINUTE", "1000")]);
    let gateway = &own.gateway;
    let owner = gateway.account().await;
    let website = owner.website().await;

    // With an idempotency key, whole responses are stored.
    let post = async |path: &str, body: Value| {
        let request = || owner.request(Method::POST, path).header("idempotency-key", "Zebra7Once").json(&body);
        let first = answer(request()).await;
        if first.status == 200 {
            let again = answer(request()).await;
            assert_eq!((again.header("idempotency-replayed").as_str(), &again.body), ("true", &first.body));
        }
        first
    };

    // Tokens and keys: first, minted, rolled, revoked.
    let minted = post("/access-tokens", json!({ "name": "a visible name" })).await.ok().row();
    let key = post(&website.path("/apikeys"), json!({})).await.ok().row();
    let rolled = owner.put(&website.path(&format!("/apikeys/{}", text(&key["id"]))), json!({})).await.ok().row();
    let mut secrets = vec![owner.token.clone()];
    secrets.extend([&minted, &key, &rolled].map(|row| text(&row["key"])));
    for secret in &secrets {
        gateway.caller(secret).get(&website.path("/funnels")).await;
    }

    // An invitation, and an account created by one.
    let invite = async || owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let (waiting, used) = (invite().await, invite().await);
    let kept = post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let accepted = crate::support::accept(gateway, &used, "x").await.ok().row();
    secrets.extend([&waiting, &used, &kept].map(invitation_code));
    secrets.push(text(&accepted["key"]));

    // Credentials of payment providers, valid and invalid ones.
    let connect =
        async |provider: &str, body: Value| post(&website.path(&format!("/integrations/{provider}")), body).await;
    connect("stripe", json!({ "stripeRak": "sk_live_Zebra7Marble" })).await.error(400);
    connect("stripe", json!({ "stripeRak": "rk_live_Zebra7Quartz" })).await.ok();
    connect(
        "polar",
        json!({ "polarAccessToken": "polar_oat_Zebra7Basalt", "polarOrgId": "0d1e2f3a-4b5c-4d7e-8f90-a1b2c3d4e5f6" }),
    )
    .await
    .ok();
    let shop =
        json!({ "shopDomain": "sluice-demo.myshopify.com", "clientId": "Zebra7Slate", "clientSecret": "Zebra7Gneiss" });
    connect("shopify", shop).await.ok();
    let store = crate::stand_in::url("woocommerce");
    let keys = json!({ "storeUrl": store, "consumerKey": "ck_Zebra7Flint", "consumerSecret": "cs_Zebra7Chalk" });
    connect("woocommerce", keys).await.ok();
    owner.put(&website.path("/integrations/stripe/webhook"), json!({ "secret": "whsec_Zebra7Pumice" })).await.ok();
    secrets.extend(
        [
            "Zebra7Quartz",
            "Zebra7Marble",
            "Zebra7Basalt",
            "Zebra7Slate",
            "Zebra7Gneiss",
            "Zebra7Flint",
            "Zebra7Chalk",
            "Zebra7Pumice",
            "shpat_standin",
        ]
        .map(str::to_owned),
    );

    // Failures are logged, so this causes some.
    let wrong = gateway.request(Method::POST, "/api/v1/setup").bearer_auth("Zebra7Guess");
    answer(wrong.json(&json!({}))).await.error(401);
    gateway.caller(&format!("{}x", owner.token)).get("/account").await.error(401);
    own.cron().await;
    secrets.extend(["Zebra7Guess", "Zebra7Once"].map(str::to_owned));
    drop(own);

    let files = state.files();
    // Expected texts are found; otherwise the search would prove nothing.
    for visible in ["a visible name", owner.email.as_str(), &text(&minted["displayKey"]), &website.domain] {
        assert!(!found(&files, visible).is_empty(), "{visible} is not in storage");
    }
    let kept = state.query("SELECT count(*) AS count FROM idempotency_keys WHERE sealed_answer IS NOT NULL");
    assert_eq!(kept[0], [json!({ "count": 7 })]);
    for secret in &secrets {
        let places = found(&files, secret);
        assert!(places.is_empty(), "{secret} is in {places:?}");
    }
    // Nor the part after the prefix, nor a credential in hexadecimal or Base64.
    for secret in &secrets {
        let hex = secret.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert!(found(&files, &hex).is_empty(), "{secret} is stored in hexadecimal");
        // Codes of invitations have no prefix, and may have a `_` anywhere: the part after it must be long enough to
        // search.
        if let Some((_, rest)) = secret.split_once('_').filter(|(_, rest)| rest.len() >= 12) {
            assert!(found(&files, rest).is_empty(), "{secret} is stored without its prefix");
        }
    }
}
