//! Tracked goals (docs/contract/account-api.md#6).

use serde_json::{Value, json};

use crate::support::Gateway;

#[tokio::test]
async fn a_website_that_tracked_nothing_has_no_goals() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    assert_eq!(owner.get(&website.path("/goals")).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn either_permission_opens_them_and_so_does_a_website_key() {
    // docs/contract/README.md#16.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/goals");
    for permission in ["settings:read", "goals:read"] {
        owner.mint(json!({ "permissions": [permission] })).await.get(&path).await.ok();
    }
    website.key().await.get(&path).await.ok();
    let writer = owner.mint(json!({ "permissions": ["goals:write", "settings:write", "websites:read"] })).await;
    let message = writer.get(&path).await.error(403);
    assert!(message.contains("\"settings:read\"") && message.contains("\"goals:read\""), "{message}");
}
