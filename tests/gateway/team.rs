//! A website's team: inviting, accepting, removing (docs/contract/account-api.md#10; docs/contract/README.md#31).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Gateway, NO_SUCH_ID, accept, accept_as, all, answer, assert_fields, has_exactly, id_of, invitation_code, is_moment,
    statuses, text, together, unique_email,
};

#[tokio::test]
async fn an_invitation_to_a_new_address_creates_an_account_with_a_token() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let email = unique_email();
    let sent = json!({ "email": format!("  {} ", email.to_uppercase()), "role": "member" });
    let invitation = owner.post(&website.path("/team"), sent).await.ok().row();
    assert_eq!(invitation["message"], "Invitation created. Send the invite link to the user.");
    assert_fields(&invitation, json!({ "email": email, "role": "member" }));
    assert_eq!(invitation["invitationId"], id_of(&invitation));
    assert!(text(&invitation["inviteUrl"]).starts_with(&format!("{}/", gateway.url)), "{invitation}");

    let accepted = accept(&gateway, &invitation, " New Person ").await.ok().row();
    let guest = gateway.caller(&text(&accepted["key"]));
    let account = guest.get("/account").await.ok().row();
    assert_fields(&account, json!({ "email": email, "name": "New Person" }));
    assert_eq!(guest.get(&website.path("/funnels")).await.status, 200);

    let team = owner.get(&website.path("/team")).await.ok();
    let rows = team.rows();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        has_exactly(row, &["_id", "id", "userId", "name", "email", "image", "role", "joinedAt"]);
        assert!(row["userId"] == row["id"] && is_moment(&row["joinedAt"]), "{row}");
    }
    let roles: Vec<_> = rows.iter().map(|row| (text(&row["email"]), text(&row["role"]))).collect();
    assert_eq!(roles, [(owner.email.clone(), "owner".to_owned()), (email, "member".to_owned())]);
    assert_eq!(team.json()["invitations"], json!([]));
}

#[tokio::test]
async fn an_invitation_to_an_existing_account_issues_no_token() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let path = website.path("/funnels");
    guest.get(&path).await.error(404);
    let invitation = owner.post(&website.path("/team"), json!({ "email": guest.email })).await.ok().row();
    assert_eq!(invitation["role"], "viewer", "the default");
    guest.get(&path).await.error(404);
    let refused = accept(&gateway, &invitation, "Somebody else").await;
    refused.error(403);
    let accepted = accept_as(&guest, &invitation).await.ok();
    assert!(!accepted.body.contains("dft_"), "{accepted}");
    assert_eq!(guest.get(&path).await.status, 200);
    assert_eq!(guest.get("/account").await.row()["name"], "Test", "the holder of a code cannot rename the account");
}

#[tokio::test]
async fn a_used_wrong_or_unknown_code_is_404() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let invitation = owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let with = async |id: &str, code: &str| {
        let path = format!("/api/v1/invitations/{id}/accept");
        answer(gateway.request(Method::POST, &path).json(&json!({ "code": code, "name": "x" }))).await
    };
    let (id, code) = (text(&invitation["invitationId"]), invitation_code(&invitation));
    for (id, code) in [(id.as_str(), "wrong"), (&id, ""), (&id, &code.to_lowercase()), (NO_SUCH_ID, &code)] {
        with(id, code).await.error(404);
    }
    with("x", &code).await.error(400);
    let path = format!("/api/v1/invitations/{id}/accept");
    answer(gateway.request(Method::POST, &path).json(&json!({ "name": "x" }))).await.error(400);

    let answers = together((0..8).map(|_| with(&id, &code))).await;
    assert_eq!(statuses(&answers), [(200, 1), (404, 7)]);
    with(&id, &code).await.error(404);
    assert_eq!(owner.get(&website.path("/team")).await.ok().rows().len(), 2);
}

#[tokio::test]
async fn an_existing_account_joins_once_even_if_the_code_is_sent_many_times_at_once() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let invitation = owner.post(&website.path("/team"), json!({ "email": guest.email })).await.ok().row();
    let answers = together((0..8).map(|_| accept_as(&guest, &invitation))).await;
    assert_eq!(statuses(&answers), [(200, 1), (404, 7)]);
    assert_eq!(owner.get(&website.path("/team")).await.ok().rows().len(), 2);
}

#[tokio::test]
async fn inviting_a_member_or_an_invited_person_is_409_and_oneself_is_400() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let team = website.path("/team");
    let invite = |email: &str| owner.post(&team, json!({ "email": email }));
    assert!(invite(&owner.email).await.error(400).starts_with("email"));
    let answers = together((0..8).map(|_| invite(&guest.email))).await;
    assert_eq!(statuses(&answers), [(200, 1), (409, 7)]);
    assert!(invite(&guest.email.to_uppercase()).await.error(409).starts_with("email"));
    let created = answers.iter().find(|answer| answer.status == 200).unwrap().row();
    accept_as(&guest, &created).await.ok();
    invite(&guest.email).await.error(409);
    // Each website has its own invitations.
    owner.post(&owner.website().await.path("/team"), json!({ "email": guest.email })).await.ok();
}

#[tokio::test]
async fn only_the_owner_sees_pending_invitations_and_no_caller_sees_their_codes() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let email = unique_email();
    let created = owner.post(&website.path("/team"), json!({ "email": email, "role": "viewer" })).await.ok().row();
    let seen = owner.get(&website.path("/team")).await.ok();
    let pending = seen.json()["invitations"].clone();
    assert_eq!(pending.as_array().unwrap().len(), 1);
    assert_fields(&pending[0], json!({ "email": email, "role": "viewer" }));
    assert_eq!(id_of(&pending[0]), text(&created["invitationId"]));
    assert!(!seen.body.contains(&invitation_code(&created)), "{seen}");
    for caller in [&member.caller, &website.key().await] {
        let seen = caller.get(&website.path("/team")).await.ok();
        assert_eq!(seen.json().get("invitations"), None, "{seen}");
        assert!(!seen.body.contains(&email), "{seen}");
        assert_eq!(seen.rows().len(), 2);
    }
}

#[tokio::test]
async fn invalid_invitations_name_the_field() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (sent, field) in [
        (json!({}), "email"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "email": "a@b@c" }), "email"),
        (json!({ "email": null }), "email"),
        (json!({ "email": unique_email(), "role": "owner" }), "role"),
        (json!({ "email": unique_email(), "role": "admin" }), "role"),
    ] {
        let message = owner.post(&website.path("/team"), sent.clone()).await.error(400);
        assert!(message.starts_with(field), "{sent}: {message}");
    }
    assert_eq!(owner.get(&website.path("/team")).await.ok().json()["invitations"], json!([]));
}

#[tokio::test]
async fn a_removed_member_is_refused_on_the_very_next_request() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let funnels = website.path("/funnels");
    website.admit(&guest, "member").await;
    let narrow = guest.mint(json!({ "websiteIds": [website.id] })).await;
    let sent = json!({ "name": "x", "steps": [{ "name": "a", "type": "pageview", "url": "/" }, { "name": "b", "type": "pageview", "url": "/" }] });
    guest.post(&funnels, sent).await.ok();
    let busy: Vec<_> = (0..50)
        .map(|number| {
            let (caller, path) = (if number % 2 == 0 { guest.caller.clone() } else { narrow.clone() }, funnels.clone());
            tokio::spawn(async move { crate::tokens::until_refused(&caller, &path).await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    let removed = owner.delete_with(&website.path("/team"), json!({ "userId": guest.id })).await.ok().row();
    assert!(removed["message"].is_string());
    for caller in [&guest.caller, &narrow] {
        let after = all((0..10).map(|_| caller.get(&funnels))).await;
        assert_eq!(statuses(&after), [(404, 10)]);
    }
    for worker in busy {
        assert_eq!(worker.await.unwrap().1, 404);
    }
    // Removing again is 404 (docs/contract/README.md#30); a new invitation is the way back.
    owner.delete_with(&website.path("/team"), json!({ "userId": guest.id })).await.error(404);
    website.admit(&guest, "viewer").await;
    assert_eq!(guest.get(&funnels).await.status, 200);
    guest.post(&funnels, json!({})).await.error(403);
}

#[tokio::test]
async fn owners_cannot_remove_themselves_and_only_owners_can_remove_others() {
    let gateway = Gateway::roomy();
    let (owner, member, viewer) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let team = website.path("/team");
    website.admit(&member, "member").await;
    website.admit(&viewer, "viewer").await;
    assert!(owner.delete_with(&team, json!({ "userId": owner.id })).await.error(400).starts_with("userId"));
    for sent in [json!({}), json!({ "userId": null }), json!({ "userId": "x" }), json!({ "userId": 7 })] {
        assert!(owner.delete_with(&team, sent).await.error(400).starts_with("userId"));
    }
    owner.delete_with(&team, json!({ "userId": NO_SUCH_ID })).await.error(404);
    owner.delete(&team).await.error(400);
    for caller in [&member.caller, &viewer.caller, &website.key().await] {
        caller.delete_with(&team, json!({ "userId": viewer.id })).await.error(403);
        caller.delete_with(&team, json!({ "userId": owner.id })).await.error(403);
        caller.post(&team, json!({ "email": unique_email() })).await.error(403);
    }
    assert_eq!(owner.get(&team).await.ok().rows().len(), 3);
}

#[tokio::test]
async fn the_invitation_page_is_the_same_for_every_caller() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let invitation = owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
    let link = text(&invitation["inviteUrl"]);
    // The code stands behind the `#`, so no server and no log sees it.
    let path = link.strip_prefix(&gateway.url).unwrap().split_once("#code=").unwrap().0;
    assert!(!path.contains(['?', '#']), "{link}");
    let page = answer(gateway.request(Method::GET, path)).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("base-uri 'none'"), "{policy}");
    assert!(policy.contains("form-action 'none'") && page.header("cache-control") == "no-store", "{page}");
    assert!(!page.body.contains("<script>") && page.body.contains("<script src=\"/pages/invitation.js\">"), "{page}");
    assert!(!page.body.contains("<style") && !policy.contains("unsafe-inline"), "{page}");
    for (path, content_type) in [("/pages/invitation.js", "text/javascript"), ("/pages/page.css", "text/css")] {
        let file = answer(gateway.request(Method::GET, path)).await;
        assert!(file.status == 200 && file.header("content-type").starts_with(content_type), "{file}");
    }
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"), "{page}");
    // The link's code must not leak in a `Referer` header.
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let unknown = answer(gateway.request(Method::GET, &format!("/invitations/{NO_SUCH_ID}?code=x"))).await;
    assert_eq!(
        (unknown.status, &unknown.body),
        (200, &page.body),
        "whether it exists is for the code's holder to learn"
    );
    // Opening the page does not use the invitation up.
    let accepted: Value = accept(&gateway, &invitation, "x").await.ok().row();
    assert!(accepted["key"].is_string());
}

#[tokio::test]
async fn a_role_is_changed_by_the_owner_and_holds_from_the_next_request_on() {
    let gateway = Gateway::roomy();
    let (owner, guest) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&guest, "viewer").await;
    let browser = guest.browser().await;
    let (own, notes) = (website.path(&format!("/team/{}", guest.id)), website.path("/notes"));
    let note = json!({ "text": "x", "timestamp": "2026-06-01" });
    let by_session = async || browser.post(&format!("/api/v1/admin{notes}"), note.clone()).await.status;
    guest.post(&notes, note.clone()).await.error(403);
    assert_eq!(by_session().await, 403);
    // A second time changes nothing more.
    for _ in 0..2 {
        let row = owner.put(&own, json!({ "role": "member" })).await.ok().row();
        has_exactly(&row, &["_id", "id", "userId", "name", "email", "image", "role", "joinedAt", "revokedKeys"]);
        assert_fields(&row, json!({ "userId": guest.id, "email": guest.email, "role": "member", "revokedKeys": [] }));
        assert_eq!((guest.post(&notes, note.clone()).await.status, by_session().await), (201, 201));
    }
    assert_eq!(owner.get(&website.path("/team")).await.ok().rows()[1]["role"], "member");
    owner.put(&own, json!({ "role": "viewer" })).await.ok();
    guest.post(&notes, note.clone()).await.error(403);
    assert_eq!((by_session().await, guest.get(&notes).await.status), (403, 200));
}

#[tokio::test]
async fn whoever_becomes_a_viewer_changes_nothing_with_a_key_either() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let keys = website.path("/apikeys");
    let issue = async |by: &crate::support::Caller, name: &str| {
        let row = by.post(&keys, json!({ "name": name })).await.ok().row();
        (id_of(&row), gateway.caller(&text(&row["key"])))
    };
    let (_, theirs) = issue(&member, "theirs").await;
    let (rolled, _) = issue(&owner, "rolled").await;
    let rolled = member.put(&format!("{keys}/{rolled}"), json!({})).await.ok().row();
    let rolled = gateway.caller(&text(&rolled["key"]));
    let (_, others) = issue(&owner, "others").await;
    let own = website.path(&format!("/team/{}", member.id));
    let kept = owner.put(&own, json!({ "role": "viewer", "revokeKeys": false })).await.ok().row();
    assert_eq!(kept["revokedKeys"], json!([]));
    assert_eq!((theirs.get(&keys).await.status, rolled.get(&keys).await.status), (200, 200));
    let gone = owner.put(&own, json!({ "role": "viewer" })).await.ok().row();
    let names: Vec<_> = gone["revokedKeys"].as_array().unwrap().iter().map(|key| text(&key["name"])).collect();
    assert_eq!(names, ["theirs", "rolled"]);
    for (key, status) in [(&theirs, 401), (&rolled, 401), (&others, 200)] {
        assert_eq!(key.get(&keys).await.status, status);
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_changed_says_why() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let of = |id: &str| website.path(&format!("/team/{id}"));
    for role in ["viewer", "member"] {
        let message = owner.put(&of(&owner.id), json!({ "role": role })).await.error(400);
        assert!(message.contains("transfer"), "{message}");
    }
    for sent in [json!({}), json!({ "role": "owner" }), json!({ "role": null }), json!({ "role": "admin" })] {
        assert!(owner.put(&of(&member.id), sent).await.error(400).starts_with("role"));
    }
    assert!(owner.put(&of("x"), json!({ "role": "viewer" })).await.error(400).starts_with("userId"));
    for id in [NO_SUCH_ID, &gateway.account().await.id] {
        assert!(owner.put(&of(id), json!({ "role": "viewer" })).await.error(404).starts_with("userId"));
    }
    for caller in [&member.caller, &website.key().await] {
        caller.put(&of(&member.id), json!({ "role": "member" })).await.error(403);
        caller.put(&of(&owner.id), json!({ "role": "viewer" })).await.error(403);
    }
    let elsewhere = gateway.account().await;
    elsewhere.put(&of(&member.id), json!({ "role": "viewer" })).await.error(404);
    let roles: Vec<_> =
        owner.get(&website.path("/team")).await.ok().rows().iter().map(|row| text(&row["role"])).collect();
    assert_eq!(roles, ["owner", "member"]);
}

#[tokio::test]
async fn an_invitation_is_cancelled_or_sent_again_and_its_earlier_link_is_dead() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let team = website.path("/team");
    let email = unique_email();
    let first = owner.post(&team, json!({ "email": email, "role": "member" })).await.ok().row();
    let own = website.path(&format!("/team/invitations/{}", id_of(&first)));
    let again = owner.post(&format!("{own}/resend"), json!({})).await.ok().row();
    has_exactly(
        &again,
        &["message", "_id", "id", "invitationId", "email", "role", "inviteUrl", "expiresAt", "sendsMail"],
    );
    assert_fields(&again, json!({ "id": id_of(&first), "email": email, "role": "member" }));
    assert!(text(&again["expiresAt"]) > text(&first["expiresAt"]), "{again}");
    assert_ne!(invitation_code(&again), invitation_code(&first));
    let listed = owner.get(&team).await.ok().json()["invitations"].clone();
    assert_fields(&listed[0], json!({ "id": id_of(&first), "state": "pending", "expiresAt": again["expiresAt"] }));
    accept(&gateway, &first, "x").await.error(404);
    accept(&gateway, &again, "x").await.ok();
    // Once it is accepted, there is nothing to send or to cancel.
    owner.post(&format!("{own}/resend"), json!({})).await.error(404);
    owner.delete(&own).await.error(404);

    let second = owner.post(&team, json!({ "email": unique_email() })).await.ok().row();
    let own = website.path(&format!("/team/invitations/{}", id_of(&second)));
    let (member, stranger) = (gateway.account().await, gateway.account().await);
    website.admit(&member, "member").await;
    for (caller, status) in [(&member.caller, 403), (&website.key().await, 403), (&stranger.caller, 404)] {
        caller.delete(&own).await.error(status);
        caller.post(&format!("{own}/resend"), json!({})).await.error(status);
    }
    // That of another website is not to be had by one's own.
    let foreign = stranger.website().await.path(&format!("/team/invitations/{}", id_of(&second)));
    stranger.delete(&foreign).await.error(404);
    stranger.post(&format!("{foreign}/resend"), json!({})).await.error(404);
    let answers = together((0..6).map(|_| owner.delete(&own))).await;
    assert_eq!(statuses(&answers), [(200, 1), (404, 5)]);
    accept(&gateway, &second, "x").await.error(404);
    assert_eq!(owner.get(&team).await.ok().json()["invitations"], json!([]));
    let same = json!({ "email": second["email"] });
    owner.post(&team, same).await.ok();
}

/// The role of each account on a website, by the list of its team.
async fn roles(caller: &crate::support::Caller, website: &crate::support::Website) -> Vec<(String, String)> {
    let rows = caller.get(&website.path("/team")).await.ok().rows();
    rows.iter().map(|row| (text(&row["userId"]), text(&row["role"]))).collect()
}

#[tokio::test]
async fn a_website_changes_hands_and_what_hangs_on_its_owner_goes_along() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "viewer").await;
    let domain = text(&owner.get(&website.path("")).await.ok().row()["domain"]);
    let (transfer, team) = (website.path("/team/transfer"), website.path("/team"));
    let narrow = owner.mint(json!({ "permissions": ["team:write", "team:read"], "websiteIds": [website.id] })).await;
    let (key, browser) = (website.key().await, owner.browser().await);
    let bots = website.path("/bot-traffic/settings");
    let of_bots = format!("/api/v1/admin{bots}");
    let traffic = "/api/v1/analytics/bot-traffic";
    let by_key = async || answer(key.gateway.request(Method::GET, traffic).bearer_auth(&key.token)).await.status;
    // Everything of the owner's knows by now that they are the owner.
    narrow.delete_with(&team, json!({ "userId": NO_SUCH_ID })).await.error(404);
    assert_eq!((owner.get(&bots).await.status, browser.get(&of_bots).await.status, by_key().await), (200, 200, 200));

    let done = owner.post(&transfer, json!({ "userId": member.id, "domain": domain })).await.ok().row();
    assert_fields(&done, json!({ "websiteId": website.id, "userId": member.id, "role": "member" }));
    assert_eq!(
        roles(&owner, &website).await,
        [(owner.id.clone(), "member".to_owned()), (member.id.clone(), "owner".to_owned())]
    );
    // From the next request on: tokens, sessions and keys of the former owner do what a member's do.
    narrow.delete_with(&team, json!({ "userId": NO_SUCH_ID })).await.error(403);
    owner.get(&bots).await.error(403);
    assert_eq!((browser.get(&of_bots).await.status, by_key().await), (403, 403));
    owner.post(&transfer, json!({ "userId": member.id, "domain": domain })).await.error(403);
    let note = json!({ "text": "x", "timestamp": "2026-06-01" });
    assert_eq!(owner.post(&website.path("/notes"), note).await.status, 201);
    assert_eq!(key.get(&website.path("/apikeys")).await.status, 200);
    assert_eq!(text(&key.get("/account").await.ok().row()["_id"]), member.id, "a key is of the website's owner");
    assert_eq!(member.get(&bots).await.status, 200);
    // The former owner may leave, and be removed with what they made.
    let gone = member.delete_with(&team, json!({ "userId": owner.id })).await.ok().row();
    assert_eq!(gone["keys"].as_array().unwrap().len(), 1, "{gone}");
    for path in [&team, &bots] {
        owner.get(path).await.error(404);
    }
    key.get("/account").await.error(401);
}

#[tokio::test]
async fn of_transfers_at_once_one_is_done_and_a_token_is_revoked_right_after() {
    let gateway = Gateway::roomy();
    let (owner, one, two) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&one, "member").await;
    website.admit(&two, "member").await;
    let domain = text(&owner.get(&website.path("")).await.ok().row()["domain"]);
    let transfer = website.path("/team/transfer");
    let second = owner.mint(json!({})).await;
    let answers = together((0..8).map(|number| {
        let to = if number % 2 == 0 { &one.id } else { &two.id };
        owner.post(&transfer, json!({ "userId": to, "domain": domain }))
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{:?}", statuses(&answers));
    assert!(answers.iter().all(|answer| [200, 403, 409].contains(&answer.status)), "{:?}", statuses(&answers));
    let roles = roles(&owner, &website).await;
    assert_eq!(roles.iter().filter(|(_, role)| role == "owner").count(), 1, "{roles:?}");
    let new = if roles.contains(&(one.id.clone(), "owner".to_owned())) { &one } else { &two };
    // Its hash is noted for the transfer still.
    let tokens = owner.get("/access-tokens").await.ok().rows();
    let id = tokens.iter().map(id_of).find(|id| *id != owner.token_id).unwrap();
    owner.delete(&format!("/access-tokens/{id}")).await.ok();
    second.get("/account").await.error(401);
    // It comes back the same way.
    new.post(&transfer, json!({ "userId": owner.id, "domain": domain })).await.ok();
    assert_eq!(owner.get(&website.path("/bot-traffic/settings")).await.status, 200);
    new.get(&website.path("/bot-traffic/settings")).await.error(403);
}

#[tokio::test]
async fn a_transfer_wants_a_member_with_room_the_domain_and_a_full_token() {
    let gateway = Gateway::roomy();
    let (owner, member, stranger) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let domain = text(&owner.get(&website.path("")).await.ok().row()["domain"]);
    let transfer = website.path("/team/transfer");
    let sent = |to: &str, domain: &str| json!({ "userId": to, "domain": domain });
    for (body, status, field) in [
        (sent(&owner.id, &domain), 400, "userId"),
        (sent(&member.id, "other.example"), 400, "domain"),
        (sent(&member.id, ""), 400, "domain"),
        (json!({ "userId": member.id }), 400, "domain"),
        (json!({ "domain": domain }), 400, "userId"),
        (sent(&stranger.id, &domain), 404, "userId"),
        (sent(NO_SUCH_ID, &domain), 404, "userId"),
    ] {
        let message = owner.post(&transfer, body.clone()).await.error(status);
        assert!(message.starts_with(field), "{body}: {message}");
    }
    let every_but_full = owner.mint(json!({ "permissions": &crate::matrix::PERMISSIONS[1..] })).await;
    assert!(every_but_full.post(&transfer, sent(&member.id, &domain)).await.error(403).contains("\"*\""));
    for caller in [&member.caller, &website.key().await] {
        caller.post(&transfer, sent(&member.id, &domain)).await.error(403);
    }
    // Nobody owns two websites with one domain.
    member.post("/websites", json!({ "domain": domain, "timezone": "UTC" })).await.ok();
    assert!(owner.post(&transfer, sent(&member.id, &domain)).await.error(409).starts_with("userId"));
    assert_eq!(roles(&owner, &website).await[0], (owner.id.clone(), "owner".to_owned()));
}

#[tokio::test]
async fn a_transfer_respects_how_many_websites_an_account_may_own() {
    let state = crate::own_gateway::State::new();
    let own = state.serve(&[("MAX_WEBSITES", "1"), ("RATE_LIMIT_PER_MINUTE", "1000")]);
    let (owner, member) = (own.gateway.account().await, own.gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    member.website().await;
    let domain = text(&owner.get(&website.path("")).await.ok().row()["domain"]);
    let sent = json!({ "userId": member.id, "domain": domain });
    let full = owner.post(&website.path("/team/transfer"), sent).await.error(403);
    assert!(full.contains("MAX_WEBSITES"), "{full}");
    assert_eq!(roles(&owner, &website).await[0], (owner.id.clone(), "owner".to_owned()));
}

#[tokio::test]
async fn a_repeated_transfer_is_refused_and_done_once() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let domain = text(&owner.get(&website.path("")).await.ok().row()["domain"]);
    let send = || {
        let request = owner.request(Method::POST, &website.path("/team/transfer")).header("idempotency-key", "once");
        answer(request.json(&json!({ "userId": member.id, "domain": domain })))
    };
    send().await.ok();
    // The answer is kept for owners, and the caller no longer is one.
    send().await.error(403);
}
