//! GET and PUT /account (docs/contract/account-api.md#2).

use serde_json::json;

use crate::support::{Gateway, has_exactly, id_of, is_moment};

const FIELDS: [&str; 12] = [
    "_id",
    "id",
    "name",
    "email",
    "image",
    "hasAccess",
    "planType",
    "isFreeTrialActive",
    "freeTrialStartAt",
    "billingCycleStartAt",
    "billingCycleEndAt",
    "createdAt",
];

#[tokio::test]
async fn a_token_sees_the_account_it_belongs_to() {
    let owner = Gateway::roomy().account().await;
    let row = owner.get("/account").await.ok().row();
    has_exactly(&row, &FIELDS);
    assert_eq!((id_of(&row), row["email"].as_str()), (owner.id.clone(), Some(owner.email.as_str())));
    assert_eq!(row["hasAccess"], true);
    assert!(is_moment(&row["createdAt"]), "{row}");
}

#[tokio::test]
async fn a_website_key_sees_its_owners_account_and_its_website() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = website.key().await.get("/account").await.ok().row();
    has_exactly(&row, &[&FIELDS[..], &["websiteId"]].concat());
    assert_eq!((id_of(&row), row["websiteId"].as_str()), (owner.id.clone(), Some(website.id.as_str())));
}

#[tokio::test]
async fn the_name_changes_and_nothing_else() {
    let owner = Gateway::roomy().account().await;
    let sent = json!({ "name": " Jane \"Ä\" <b>Doe</b> ", "email": "other@example.com", "id": "x" });
    let row = owner.put("/account", sent).await.ok().row();
    has_exactly(&row, &["_id", "id", "name", "email", "image"]);
    // Trimmed, and otherwise exactly as sent (docs/contract/README.md#10).
    assert_eq!(
        (row["name"].as_str(), row["email"].as_str()),
        (Some("Jane \"Ä\" <b>Doe</b>"), Some(owner.email.as_str()))
    );
    assert_eq!(owner.get("/account").await.row()["name"], row["name"]);
}

#[tokio::test]
async fn a_name_has_1_to_100_characters() {
    let owner = Gateway::roomy().account().await;
    for wrong in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": "" }),
        json!({ "name": " \n" }),
        json!({ "name": "ä".repeat(101) }),
    ] {
        let message = owner.put("/account", wrong).await.error(400);
        assert!(message.starts_with("name"), "{message}");
    }
    assert_eq!(owner.put("/account", json!({ "name": "ä".repeat(100) })).await.status, 200);
}
