//! `df_` website keys: creating, listing, rolling, deleting (docs/contract/account-api.md#5).

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Gateway, NO_SUCH_ID, all, assert_fields, has_exactly, id_of, is_moment, statuses, text, together,
};
use crate::tokens::until_refused;

const ROW: [&str; 8] = ["_id", "id", "name", "displayKey", "websiteId", "createdBy", "lastUsedAt", "createdAt"];

#[tokio::test]
async fn a_key_is_shown_once_in_full_and_works() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let keys = website.path("/apikeys");
    assert_eq!(owner.get(&keys).await.ok().rows(), Vec::<Value>::new());
    let row = owner.post(&keys, json!({ "name": " Production key " })).await.ok().row();
    has_exactly(&row, &[&ROW[..], &["key"]].concat());
    assert_fields(&row, json!({ "name": "Production key", "websiteId": website.id }));
    assert!(is_moment(&row["createdAt"]) && row["lastUsedAt"].is_null(), "{row}");
    let key = text(&row["key"]);
    assert_eq!((key.len(), &key[..3]), (39, "df_"));
    assert_eq!(text(&row["displayKey"]), format!("{}...{}", &key[..7], &key[35..]));

    let unnamed = owner.post(&keys, json!({})).await.ok().row();
    assert_eq!(unnamed["name"], Value::Null);
    let listed = owner.get(&keys).await.ok();
    assert!(!listed.body.contains(&key), "the raw key is in the list");
    listed.rows().iter().for_each(|row| has_exactly(row, &ROW));
    assert_eq!(listed.rows().iter().map(id_of).collect::<Vec<_>>(), [id_of(&row), id_of(&unnamed)]);
    assert_eq!(owner.gateway.caller(&key).get(&website.path("/funnels")).await.status, 200);
}

#[tokio::test]
async fn a_rolled_key_keeps_its_record_and_its_old_value_dies_at_once() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = owner.post(&website.path("/apikeys"), json!({ "name": "Key" })).await.ok().row();
    let path = website.path(&format!("/apikeys/{}", id_of(&row)));
    let old = owner.gateway.caller(&text(&row["key"]));
    assert_eq!(old.get("/account").await.status, 200);

    let rolled = owner.put(&path, json!({})).await.ok().row();
    has_exactly(&rolled, &[&ROW[..], &["key"]].concat());
    for field in ["id", "name", "websiteId", "createdAt"] {
        assert_eq!(rolled[field], row[field], "{field}");
    }
    assert_ne!(rolled["key"], row["key"]);
    assert_ne!(rolled["displayKey"], row["displayKey"]);
    old.get("/account").await.error(401);
    assert_eq!(owner.gateway.caller(&text(&rolled["key"])).get("/account").await.status, 200);
    assert_eq!(owner.get(&website.path("/apikeys")).await.ok().rows().len(), 1);
}

#[tokio::test]
async fn a_key_gives_its_maker_nothing_that_their_token_lacks() {
    // docs/contract/README.md#41. The way round a narrow token was a key.
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let keys = website.path("/apikeys");
    let narrow = member.mint(json!({ "permissions": ["api-keys:write", "api-keys:read", "funnels:read"] })).await;
    let row = narrow.post(&keys, json!({})).await.ok().row();
    assert_eq!(row["createdBy"], member.id.as_str());
    let key = gateway.caller(&text(&row["key"]));
    assert_eq!(key.get(&website.path("/funnels")).await.status, 200);
    for path in ["", "/alerts", "/webhooks", "/team", "/integrations", "/export"] {
        key.get(&website.path(path)).await.error(403);
    }
    // A key of the key has the same ceiling and the same maker, whoever owns the website.
    let child = key.post(&keys, json!({})).await.ok().row();
    assert_eq!(child["createdBy"], member.id.as_str());
    gateway.caller(&text(&child["key"])).get(&website.path("/alerts")).await.error(403);

    // Nor does rolling a stronger one.
    let strong = owner.post(&keys, json!({})).await.ok().row();
    let of_strong = website.path(&format!("/apikeys/{}", id_of(&strong)));
    for caller in [&narrow, &key] {
        assert!(caller.put(&of_strong, json!({})).await.error(403).contains("\"*\""));
    }
    assert_eq!(gateway.caller(&text(&strong["key"])).get("/account").await.status, 200, "a refusal rolls nothing");
    let rolled = key.put(&website.path(&format!("/apikeys/{}", id_of(&child))), json!({})).await.ok().row();
    gateway.caller(&text(&rolled["key"])).get(&website.path("/alerts")).await.error(403);
    // Rolled by somebody stronger, it stays what it was.
    let rolled = owner.put(&website.path(&format!("/apikeys/{}", id_of(&child))), json!({})).await.ok().row();
    assert_eq!(rolled["createdBy"], member.id.as_str());
    gateway.caller(&text(&rolled["key"])).get(&website.path("/alerts")).await.error(403);
}

#[tokio::test]
async fn rolling_needs_no_body() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let path = website.path(&format!("/apikeys/{}", id_of(&row)));
    crate::support::answer(owner.request(reqwest::Method::PUT, &path)).await.ok();
}

#[tokio::test]
async fn rolling_bites_while_50_requests_with_the_key_are_under_way() {
    // docs/contract/README.md#14.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let path = website.path(&format!("/apikeys/{}", id_of(&row)));
    let mut key = owner.gateway.caller(&text(&row["key"]));
    let funnels = website.path("/funnels");
    for _ in 0..5 {
        let busy: Vec<_> = (0..50)
            .map(|_| {
                let (key, funnels) = (key.clone(), funnels.clone());
                tokio::spawn(async move { until_refused(&key, &funnels).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(150)).await;
        let rolled = owner.put(&path, json!({})).await.ok().row();
        let after = all((0..20).map(|_| key.get(&funnels))).await;
        assert_eq!(statuses(&after), [(401, 20)]);
        for worker in busy {
            assert_eq!(worker.await.unwrap().1, 401);
        }
        key = owner.gateway.caller(&text(&rolled["key"]));
        assert_eq!(key.get(&funnels).await.status, 200);
    }
}

#[tokio::test]
async fn of_concurrent_rolls_only_the_last_ones_key_works() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let path = website.path(&format!("/apikeys/{}", id_of(&row)));
    let rolled = together((0..8).map(|_| owner.put(&path, json!({})))).await;
    let keys: Vec<String> =
        rolled.into_iter().filter(|roll| roll.status == 200).map(|roll| text(&roll.row()["key"])).collect();
    assert!(!keys.is_empty());
    let alive =
        all(keys.iter().chain([&text(&row["key"])]).map(async |key| owner.gateway.caller(key).get("/account").await))
            .await;
    let working = alive.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(working, 1, "{:?}", statuses(&alive));
    assert_eq!(alive.iter().filter(|answer| answer.status == 401).count(), keys.len());
}

#[tokio::test]
async fn a_deleted_key_is_refused_on_the_very_next_request() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let row = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let path = website.path(&format!("/apikeys/{}", id_of(&row)));
    let key = owner.gateway.caller(&text(&row["key"]));
    assert_eq!(key.get("/account").await.status, 200);
    assert_eq!(owner.delete(&path).await.ok().row(), json!({ "deleted": true }));
    key.get("/account").await.error(401);
    owner.delete(&path).await.error(404);
    owner.put(&path, json!({})).await.error(404);
    assert_eq!(owner.get(&website.path("/apikeys")).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_website_has_at_most_10_keys_even_if_many_are_created_at_once() {
    // The 11th is 400 (docs/contract/README.md#15).
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let keys = website.path("/apikeys");
    let answers = together((0..25).map(|_| owner.post(&keys, json!({})))).await;
    assert_eq!(statuses(&answers), [(200, 10), (400, 15)]);
    assert!(owner.post(&keys, json!({})).await.error(400).contains("10"));
    assert_eq!(owner.get(&keys).await.ok().rows().len(), 10);
    // Each website has its own ten.
    owner.post(&owner.website().await.path("/apikeys"), json!({})).await.ok();
}

#[tokio::test]
async fn a_key_manages_the_keys_of_its_own_website_itself_included() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let keys = website.path("/apikeys");
    let key = website.key().await;
    let own = key.get(&keys).await.ok().row();
    let created = key.post(&keys, json!({ "name": "by key" })).await.ok().row();
    key.put(&format!("{keys}/{}", id_of(&created)), json!({})).await.ok();
    key.delete(&format!("{keys}/{}", id_of(&created))).await.ok();
    key.delete(&format!("{keys}/{}", id_of(&own))).await.ok();
    key.get(&keys).await.error(401);
}

#[tokio::test]
async fn a_key_is_reached_through_its_own_website_only() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let row = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let elsewhere = other.path(&format!("/apikeys/{}", id_of(&row)));
    owner.put(&elsewhere, json!({})).await.error(404);
    owner.delete(&elsewhere).await.error(404);
    owner.delete(&website.path(&format!("/apikeys/{NO_SUCH_ID}"))).await.error(404);
    owner.delete(&website.path("/apikeys/x")).await.error(400);
    assert_eq!(
        owner.gateway.caller(&text(&row["key"])).get("/account").await.status,
        200,
        "neither rolled nor deleted"
    );
}

#[tokio::test]
async fn a_name_is_text_of_at_most_100_characters() {
    let owner = Gateway::roomy().account().await;
    let keys = owner.website().await.path("/apikeys");
    for wrong in [json!({ "name": "x".repeat(101) }), json!({ "name": 1 }), json!({ "name": " " })] {
        assert!(owner.post(&keys, wrong).await.error(400).starts_with("name"));
    }
    owner.post(&keys, json!({ "name": null })).await.ok();
}

#[tokio::test]
async fn a_key_created_by_a_member_ends_with_the_membership_unless_it_is_kept() {
    // docs/contract/README.md#41.
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let lost = gateway.caller(&text(&member.post(&website.path("/apikeys"), json!({})).await.ok().row()["key"]));
    website.remove(&member).await;
    lost.get(&website.path("/funnels")).await.error(401);
    website.admit(&member, "member").await;
    let row = member.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let key = gateway.caller(&text(&row["key"]));
    owner.delete_with(&website.path("/team"), json!({ "userId": member.id, "revokeKeys": false })).await.ok();
    assert_eq!(key.get(&website.path("/funnels")).await.status, 200);
    assert_eq!(key.get("/account").await.ok().row()["id"], owner.id);
    owner.delete(&website.path(&format!("/apikeys/{}", id_of(&row)))).await.ok();
    key.get(&website.path("/funnels")).await.error(401);
}

#[tokio::test]
async fn a_key_changes_settings_but_not_the_domain_and_learns_of_no_other_website() {
    // docs/security.md
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let key = website.key().await;
    let path = website.path("");
    let name = json!({ "domain": website.domain, "name": "Shop" });
    assert_eq!(key.put(&path, name).await.ok().row()["name"], "Shop");
    let mut refusals = Vec::new();
    for domain in [other.domain.clone(), format!("free-{}", website.domain)] {
        refusals.push(key.put(&path, json!({ "domain": domain, "name": "Taken over" })).await.error(403));
    }
    assert_eq!(refusals[0], refusals[1]);
    let row = owner.get(&path).await.ok().row();
    assert_eq!((&row["domain"], &row["name"]), (&json!(website.domain), &json!("Shop")));
    owner.put(&path, json!({ "domain": format!("free-{}", website.domain) })).await.ok();
    owner.put(&path, json!({ "domain": other.domain })).await.error(409);
}
