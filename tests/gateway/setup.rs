//! POST /api/v1/setup: accounts, created by the operator of the gateway.

use reqwest::Method;
use serde_json::json;

use crate::support::{Gateway, answer, assert_fields, has_exactly, id_of, is_id, text, unique_email};

#[tokio::test]
async fn setup_creates_an_account_with_a_full_token_that_works_at_once() {
    let gateway = Gateway::roomy();
    let email = unique_email();
    let row = gateway.setup(&format!(" {} ", email.to_uppercase()), "  Jane Doe ").await.ok().row();
    has_exactly(&row, &["_id", "id", "name", "email", "image", "tokenId", "key"]);
    assert_eq!((row["name"].as_str(), row["email"].as_str()), (Some("Jane Doe"), Some(email.as_str())));
    assert!(is_id(&row["tokenId"]));

    let owner = gateway.caller(&text(&row["key"]));
    assert_eq!(id_of(&owner.get("/account").await.ok().row()), id_of(&row));
    let tokens = owner.get("/access-tokens").await.ok().rows();
    assert_eq!(tokens.len(), 1);
    assert_fields(&tokens[0], json!({ "id": row["tokenId"], "permissions": ["*"] }));
}

#[tokio::test]
async fn concurrent_setups_of_one_address_create_one_account() {
    let gateway = Gateway::roomy();
    let email = unique_email();
    let capitals = email.to_uppercase();
    let answers =
        crate::support::together([&email, &capitals, &email, &capitals].map(|email| gateway.setup(email, "x"))).await;
    assert_eq!(crate::support::statuses(&answers), [(200, 1), (409, 3)]);
    gateway.setup(&email, "x").await.error(409);
}

#[tokio::test]
async fn setup_accepts_only_its_secret() {
    let gateway = Gateway::roomy();
    let account = gateway.account().await;
    let body = json!({ "email": unique_email(), "name": "x" });
    let setup = || gateway.request(Method::POST, "/api/v1/setup").json(&body);
    answer(setup()).await.error(401);
    let almost = gateway.setup_secret[1..].to_owned();
    for wrong in ["", "x", &almost, &format!("{}x", gateway.setup_secret), &account.token] {
        answer(setup().bearer_auth(wrong)).await.error(401);
    }
    // The secret is not accepted by any other route.
    gateway.caller(&gateway.setup_secret).get("/account").await.error(401);
    assert_eq!(answer(setup().bearer_auth(&gateway.setup_secret)).await.status, 200, "and none of those made it");
}

#[tokio::test]
async fn setup_names_the_wrong_field() {
    let gateway = Gateway::roomy();
    for (body, field) in [
        (json!({ "name": "x" }), "email"),
        (json!({ "email": "nobody", "name": "x" }), "email"),
        (json!({ "email": 1, "name": "x" }), "email"),
        (json!({ "email": unique_email() }), "name"),
        (json!({ "email": unique_email(), "name": "x".repeat(101) }), "name"),
    ] {
        let request = gateway.request(Method::POST, "/api/v1/setup").bearer_auth(&gateway.setup_secret).json(&body);
        let message = answer(request).await.error(400);
        assert!(message.starts_with(field), "{message}");
    }
}
