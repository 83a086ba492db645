//! `dft_` access tokens: minting, listing, revoking (docs/contract/account-api.md#3;
//! docs/contract/README.md#12 to #17).

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Caller, Gateway, NO_SUCH_ID, all, assert_fields, has_exactly, id_of, is_moment, statuses, text, together,
};

const ROW: [&str; 10] =
    ["_id", "id", "name", "displayKey", "scope", "permissions", "websiteIds", "lastUsedAt", "createdAt", "expiresAt"];

#[tokio::test]
async fn a_new_token_is_shown_once_in_full_and_works() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let sent = json!({ "name": " Read only ", "permissions": ["analytics:read", "websites:read"], "websiteIds": [website.id] });
    let row = owner.post("/access-tokens", sent).await.ok().row();
    has_exactly(&row, &[&ROW[..], &["key"]].concat());
    assert_eq!(row["name"], "Read only");
    assert_eq!(row["scope"], "user");
    assert_eq!(row["permissions"], json!(["analytics:read", "websites:read"]));
    assert_eq!(row["websiteIds"], json!([website.id]));
    assert_eq!(row["lastUsedAt"], Value::Null);
    assert!(is_moment(&row["createdAt"]));

    // Form and mask (docs/contract/README.md#12 and #13).
    let key = text(&row["key"]);
    assert_eq!((key.len(), &key[..4]), (40, "dft_"));
    assert!(key[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    assert_eq!(text(&row["displayKey"]), format!("{}...{}", &key[..7], &key[36..]));

    let listed = owner.get("/access-tokens").await.ok();
    assert!(!listed.body.contains(&key), "the raw token is in the list");
    let listed = listed.rows().into_iter().find(|listed| listed["id"] == row["id"]).unwrap();
    has_exactly(&listed, &ROW);
    let caller = owner.gateway.caller(&key);
    assert_eq!(caller.get("/account").await.status, 200);
    assert_eq!(caller.get("/websites").await.ok().rows().len(), 1);
    assert!(caller.get("/access-tokens").await.error(403).contains("\"api-keys:read\""));
}

#[tokio::test]
async fn omitted_fields_default_to_those_of_the_callers_token() {
    // docs/contract/README.md#15.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let full = owner.post("/access-tokens", json!({})).await.ok().row();
    assert_fields(&full, json!({ "name": null, "permissions": ["*"], "websiteIds": [] }));

    let narrow =
        owner.mint(json!({ "permissions": ["api-keys:write", "funnels:read"], "websiteIds": [website.id] })).await;
    for sent in
        [json!({}), json!({ "websiteIds": [] }), json!({ "permissions": null, "websiteIds": null, "name": null })]
    {
        let row = narrow.post("/access-tokens", sent).await.ok().row();
        assert_eq!(row["permissions"], json!(["api-keys:write", "funnels:read"]));
        assert_eq!(row["websiteIds"], json!([website.id]));
    }
}

#[tokio::test]
async fn a_token_cannot_grant_what_it_does_not_have() {
    // Each refusal names what is missing, and creates no token (docs/contract/README.md#15 and #29).
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let (own, other) = (owner.website().await, owner.website().await);
    let foreign = gateway.account().await.website().await;
    let narrow = owner.mint(json!({ "permissions": ["api-keys:write", "funnels:read"], "websiteIds": [own.id] })).await;
    let before = owner.get("/access-tokens").await.rows().len();

    for (caller, sent, named) in [
        (&narrow, json!({ "permissions": ["funnels:write"] }), "funnels:write"),
        (&narrow, json!({ "permissions": ["funnels:read", "team:write"] }), "team:write"),
        (&narrow, json!({ "permissions": ["*"] }), "*"),
        (&narrow, json!({ "websiteIds": [other.id] }), other.id.as_str()),
        (&narrow, json!({ "websiteIds": [own.id, other.id] }), &other.id),
        (&owner.caller, json!({ "websiteIds": [foreign.id] }), &foreign.id),
        (&owner.caller, json!({ "websiteIds": [own.id, NO_SUCH_ID] }), NO_SUCH_ID),
    ] {
        let message = caller.post("/access-tokens", sent).await.error(403);
        assert!(message.contains(named), "{message}");
    }
    assert_eq!(owner.get("/access-tokens").await.rows().len(), before);
}

#[tokio::test]
async fn every_permission_can_be_granted_by_name_and_the_wildcard_only_by_the_wildcard() {
    let owner = Gateway::roomy().account().await;
    // Every permission except the wildcard.
    let every: Vec<&str> =
        sluice::auth::permission::Permission::ALL.iter().map(|p| p.as_str()).filter(|name| *name != "*").collect();
    let by_name = owner.mint(json!({ "permissions": every })).await;
    assert!(by_name.post("/access-tokens", json!({ "permissions": ["*"] })).await.error(403).contains('*'));
    by_name.post("/access-tokens", json!({ "permissions": every })).await.ok();
}

#[tokio::test]
async fn invalid_bodies_name_the_field() {
    let owner = Gateway::roomy().account().await;
    for (sent, field) in [
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": 7 }), "name"),
        (json!({ "permissions": "funnels:read" }), "permissions"),
        (json!({ "permissions": [] }), "permissions"),
        (json!({ "permissions": ["funnels:fly"] }), "permissions"),
        (json!({ "permissions": [null] }), "permissions"),
        (json!({ "websiteIds": "x" }), "websiteIds"),
        (json!({ "websiteIds": ["x"] }), "websiteIds"),
        (json!({ "websiteIds": [7] }), "websiteIds"),
    ] {
        let message = owner.post("/access-tokens", sent).await.error(400);
        assert!(message.starts_with(field), "{message}");
    }
    assert_eq!(owner.get("/access-tokens").await.rows().len(), 1, "and none of them made a token");
}

#[tokio::test]
async fn an_account_has_at_most_20_tokens_even_if_many_are_created_at_once() {
    // The 21st is 400 (docs/contract/README.md#15).
    let owner = Gateway::roomy().account().await;
    let answers = together((0..30).map(|_| owner.post("/access-tokens", json!({})))).await;
    assert_eq!(statuses(&answers), [(200, 19), (400, 11)]);
    assert!(owner.post("/access-tokens", json!({})).await.error(400).contains("20"));
    let tokens = owner.get("/access-tokens").await.ok().rows();
    assert_eq!(tokens.len(), 20);
    // One free slot admits exactly one token.
    owner.delete(&format!("/access-tokens/{}", id_of(&tokens[7]))).await.ok();
    let answers = together((0..5).map(|_| owner.post("/access-tokens", json!({})))).await;
    assert_eq!(statuses(&answers), [(200, 1), (400, 4)]);
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_by_their_own_account_only() {
    let gateway = Gateway::roomy();
    let (owner, other) = (gateway.account().await, gateway.account().await);
    let path = format!("/access-tokens/{}", owner.token_id);
    other.delete(&path).await.error(404);
    let ids: Vec<String> = other.get("/access-tokens").await.ok().rows().iter().map(id_of).collect();
    assert_eq!(ids, std::slice::from_ref(&other.token_id));
    assert_eq!(owner.get("/account").await.status, 200, "it was not revoked");
    owner.delete(&format!("/access-tokens/{NO_SUCH_ID}")).await.error(404);
    owner.delete("/access-tokens/x").await.error(400);
}

#[tokio::test]
async fn a_revoked_token_is_refused_on_the_very_next_request() {
    // docs/contract/README.md#14.
    let owner = Gateway::roomy().account().await;
    let row = owner.post("/access-tokens", json!({})).await.ok().row();
    let path = format!("/access-tokens/{}", id_of(&row));
    let revoked = owner.gateway.caller(&text(&row["key"]));
    assert_eq!(revoked.get("/account").await.status, 200);
    assert_eq!(owner.delete(&path).await.ok().row(), json!({ "message": "Access token deleted successfully" }));
    revoked.get("/account").await.error(401);
    // Deleting what is already deleted is 404 (docs/contract/README.md#30).
    owner.delete(&path).await.error(404);
    assert_eq!(owner.get("/access-tokens").await.rows().len(), 1);
}

#[tokio::test]
async fn a_token_may_revoke_itself() {
    let owner = Gateway::roomy().account().await;
    owner.delete(&format!("/access-tokens/{}", owner.token_id)).await.ok();
    owner.get("/account").await.error(401);
}

#[tokio::test]
async fn a_narrow_token_cannot_revoke_what_reaches_further_than_itself() {
    // docs/contract/README.md#42.
    let owner = Gateway::roomy().account().await;
    let (own, other) = (owner.website().await, owner.website().await);
    let make = async |wanted: Value| owner.post("/access-tokens", wanted).await.ok().row();
    let narrow = make(json!({ "permissions": ["api-keys:write", "funnels:read"], "websiteIds": [own.id] })).await;
    let caller = owner.gateway.caller(&text(&narrow["key"]));
    for (wanted, named) in [
        (json!({}), "\"*\""),
        (json!({ "websiteIds": [own.id] }), "\"*\""),
        (json!({ "permissions": ["funnels:write"], "websiteIds": [own.id] }), "\"funnels:write\""),
        (json!({ "permissions": ["funnels:read"] }), "websites"),
        (json!({ "permissions": ["funnels:read"], "websiteIds": [own.id, other.id] }), &other.id),
    ] {
        let target = make(wanted).await;
        let path = format!("/access-tokens/{}", id_of(&target));
        let message = caller.delete(&path).await.error(403);
        assert!(message.contains(named), "{message}");
        let alive = owner.gateway.caller(&text(&target["key"]));
        assert_ne!(alive.get("/account").await.status, 401, "a refusal revokes nothing");
        owner.delete(&path).await.ok();
    }
    let first = format!("/access-tokens/{}", owner.token_id);
    assert!(caller.delete(&first).await.error(403).contains("\"*\""));
    // What lies within it, and itself.
    for wanted in [
        json!({ "permissions": ["funnels:read"], "websiteIds": [own.id] }),
        json!({ "permissions": ["api-keys:write", "funnels:read"], "websiteIds": [own.id] }),
    ] {
        caller.delete(&format!("/access-tokens/{}", id_of(&make(wanted).await))).await.ok();
    }
    caller.delete(&format!("/access-tokens/{}", id_of(&narrow))).await.ok();
    caller.get("/account").await.error(401);
    assert_eq!(owner.get("/access-tokens").await.ok().rows().len(), 1);
}

#[tokio::test]
async fn no_token_but_itself_ends_the_last_full_token_of_an_account() {
    let owner = Gateway::roomy().account().await;
    let every: Vec<&str> =
        sluice::auth::permission::Permission::ALL.iter().map(|p| p.as_str()).filter(|name| *name != "*").collect();
    let by_name = owner.mint(json!({ "permissions": every })).await;
    let website = owner.website().await;
    let scoped = owner.mint(json!({ "websiteIds": [website.id] })).await;
    let path = format!("/access-tokens/{}", owner.token_id);
    for caller in [&by_name, &scoped, &website.key().await] {
        caller.delete(&path).await.error(403);
    }
    // Two full tokens that end each other at once leave one.
    let second = owner.post("/access-tokens", json!({})).await.ok().row();
    let other = owner.gateway.caller(&text(&second["key"]));
    let its_path = format!("/access-tokens/{}", id_of(&second));
    let (first, last) = tokio::join!(owner.delete(&its_path), other.delete(&path));
    assert!([first.status, last.status].contains(&200), "{first} {last}");
    let left = [owner.get("/account").await.status, other.get("/account").await.status];
    assert_eq!(left.iter().filter(|status| **status == 200).count(), 1, "{left:?}");
}

/// Calls with `caller` without a pause until it is refused; answers the refusals' statuses and how many got through.
pub async fn until_refused(caller: &Caller, path: &str) -> (usize, u16) {
    for through in 0.. {
        match caller.get(path).await.status {
            200 => {}
            refused => return (through, refused),
        }
        assert!(through < 100_000, "never refused");
    }
    unreachable!()
}

#[tokio::test]
async fn revoking_bites_while_50_requests_with_the_token_are_under_way() {
    let owner = Gateway::roomy().account().await;
    for _ in 0..5 {
        let row = owner.post("/access-tokens", json!({})).await.ok().row();
        let revoked = owner.gateway.caller(&text(&row["key"]));
        let busy: Vec<_> = (0..50)
            .map(|_| {
                let caller = revoked.clone();
                tokio::spawn(async move { until_refused(&caller, "/account").await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(150)).await;
        owner.delete(&format!("/access-tokens/{}", id_of(&row))).await.ok();
        // Every request that starts after the response to DELETE is refused.
        let after = all((0..20).map(|_| revoked.get("/account"))).await;
        assert_eq!(statuses(&after), [(401, 20)]);
        for worker in busy {
            assert_eq!(worker.await.unwrap().1, 401);
        }
        // No request that was in flight has restored it.
        revoked.get("/account").await.error(401);
    }
}

#[tokio::test]
async fn a_new_token_works_on_its_first_request_every_time() {
    let owner = Gateway::roomy().account().await;
    for _ in 0..10 {
        let caller = owner.mint(json!({ "permissions": ["analytics:read"] })).await;
        assert_eq!(caller.get("/account").await.status, 200);
        caller.get("/websites").await.error(403);
    }
}

#[tokio::test]
async fn the_time_of_last_use_is_kept_to_the_minute() {
    // docs/contract/README.md#17.
    let owner = Gateway::roomy().account().await;
    let row = owner.post("/access-tokens", json!({})).await.ok().row();
    let used = owner.gateway.caller(&text(&row["key"]));
    let last_used = async || {
        let rows = owner.get("/access-tokens").await.ok().rows();
        rows.into_iter().find(|listed| listed["id"] == row["id"]).unwrap()["lastUsedAt"].clone()
    };
    assert_eq!(last_used().await, Value::Null);
    let before = jiff::Timestamp::now();
    assert_eq!(used.get("/account").await.hops().d1, 1, "writing it down costs the request nothing");
    let mut seen = Value::Null;
    for _ in 0..50 {
        seen = last_used().await;
        if !seen.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(is_moment(&seen), "{seen}");
    let seen: jiff::Timestamp = text(&seen).parse().unwrap();
    assert_eq!(seen.as_millisecond() % 60_000, 0, "{seen}");
    let late = before.as_millisecond() - seen.as_millisecond();
    assert!((-60_000..60_000).contains(&late), "{seen} is not the minute of {before}");
}

#[tokio::test]
async fn a_token_names_at_most_500_websites() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let mint =
        async |count: usize| owner.post("/access-tokens", json!({ "websiteIds": vec![&website.id; count] })).await;
    assert_eq!(mint(500).await.ok().row()["websiteIds"], json!([website.id]));
    assert!(mint(501).await.error(400).starts_with("websiteIds"), "named");
}
