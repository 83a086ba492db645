//! Funnels (docs/contract/account-api.md#8).

use serde_json::{Value, json};

use crate::support::{Gateway, NO_SUCH_ID, assert_fields, has_exactly, id_of, is_moment, statuses, together};

const ROW: [&str; 9] = ["_id", "id", "websiteId", "name", "slug", "steps", "isActive", "createdAt", "updatedAt"];

fn page(name: &str, url: &str) -> Value {
    json!({ "name": name, "type": "pageview", "url": url })
}

fn goal(name: &str, goal: &str) -> Value {
    json!({ "name": name, "type": "goal", "goalName": goal })
}

fn funnel(name: &str) -> Value {
    json!({ "name": name, "steps": [page("Landing", "/"), goal("Signed up", "signup")] })
}

#[tokio::test]
async fn a_funnel_is_created_listed_changed_and_soft_deleted() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let funnels = website.path("/funnels");
    assert_eq!(owner.get(&funnels).await.ok().rows(), Vec::<Value>::new());

    let created = owner.post(&funnels, funnel(" Signup funnel ")).await.ok().row();
    has_exactly(&created, &ROW);
    assert_eq!(created["websiteId"], website.id);
    assert_fields(&created, json!({ "name": "Signup funnel", "slug": "signup-funnel" }));
    assert_eq!(
        created["steps"],
        json!([
            { "id": "landing", "name": "Landing", "type": "pageview", "url": "/" },
            { "id": "signed-up", "name": "Signed up", "type": "goal", "goalName": "signup" },
        ])
    );
    assert_eq!(created["isActive"], true);
    assert!(is_moment(&created["createdAt"]) && created["createdAt"] == created["updatedAt"], "{created}");
    assert_eq!(owner.get(&funnels).await.ok().row(), created);

    let path = format!("{funnels}/{}", id_of(&created));
    let renamed = owner.put(&path, json!({ "name": "Other" })).await.ok().row();
    assert_fields(
        &renamed,
        json!({ "name": "Other", "slug": "other", "steps": created["steps"], "createdAt": created["createdAt"] }),
    );
    let steps = json!([page("A", "/a"), page("A", "/b"), page("A", "/c/*")]);
    let replaced = owner.put(&path, json!({ "steps": steps })).await.ok().row();
    let ids: Vec<_> = replaced["steps"].as_array().unwrap().iter().map(|step| step["id"].clone()).collect();
    assert_eq!(ids, ["a", "a-2", "a-3"], "no two steps share an id");
    assert_eq!(replaced["name"], "Other");

    let deleted = owner.delete(&path).await.ok().row();
    assert_eq!(deleted, json!({ "message": "Funnel deleted successfully" }));
    assert_eq!(owner.get(&funnels).await.ok().rows(), Vec::<Value>::new());
    // Deleting what is already deleted is 404, a soft-deleted funnel too (docs/contract/README.md#30).
    owner.delete(&path).await.error(404);
    let back = owner.put(&path, json!({ "isActive": true })).await.ok().row();
    assert_fields(&back, json!({ "isActive": true, "name": "Other", "steps": replaced["steps"] }));
    assert_eq!(owner.get(&funnels).await.ok().rows(), [back]);
    let hidden = owner.put(&path, json!({ "isActive": false })).await.ok().row();
    assert_eq!(hidden["isActive"], false);
    assert_eq!(owner.get(&funnels).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn two_active_funnels_of_a_website_never_share_a_name() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let funnels = website.path("/funnels");
    let first = owner.post(&funnels, funnel("Signup")).await.ok().row();
    assert!(owner.post(&funnels, funnel(" Signup ")).await.error(409).starts_with("name"));
    owner.post(&other.path("/funnels"), funnel("Signup")).await.ok();

    // The name of an inactive funnel is free until the funnel is restored (docs/contract/README.md#30).
    let path = format!("{funnels}/{}", id_of(&first));
    owner.delete(&path).await.ok();
    let second = owner.post(&funnels, funnel("Signup")).await.ok().row();
    owner.put(&path, json!({ "isActive": true })).await.error(409);
    owner.put(&path, json!({ "isActive": true, "name": "Signup 2" })).await.ok();
    owner.put(&format!("{funnels}/{}", id_of(&second)), json!({ "name": "Signup 2" })).await.error(409);
    // Renaming it to its own name is no conflict.
    owner.put(&format!("{funnels}/{}", id_of(&second)), json!({ "name": "Signup" })).await.ok();
}

#[tokio::test]
async fn one_of_many_simultaneous_funnels_of_one_name_is_created() {
    let owner = Gateway::roomy().account().await;
    let funnels = owner.website().await.path("/funnels");
    let answers = together((0..20).map(|_| owner.post(&funnels, funnel("Signup")))).await;
    assert_eq!(statuses(&answers), [(200, 1), (409, 19)]);
    assert_eq!(owner.get(&funnels).await.ok().rows().len(), 1);

    // The same holds for concurrent restores and renames.
    let ids = together((0..8).map(|number| owner.post(&funnels, funnel(&format!("Funnel {number}"))))).await;
    let paths: Vec<String> = ids.iter().map(|created| format!("{funnels}/{}", id_of(&created.row()))).collect();
    let answers = together(paths.iter().map(|path| owner.put(path, json!({ "name": "Same" })))).await;
    assert_eq!(statuses(&answers), [(200, 1), (409, 7)]);
}

#[tokio::test]
async fn a_funnel_has_two_to_eight_steps_with_the_fields_of_their_types() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let funnels = website.path("/funnels");
    let created = owner.post(&funnels, funnel("Made")).await.ok().row();
    let path = format!("{funnels}/{}", id_of(&created));
    let many = |count: usize| Value::from(vec![page("x", "/"); count]);
    for (steps, expected) in [
        (many(0), "2 to 8 steps, got 0"),
        (many(1), "2 to 8 steps, got 1"),
        (many(9), "2 to 8 steps, got 9"),
        (json!([page("x", "/"), { "name": "y", "type": "pageview" }]), "steps[1]"),
        (json!([page("x", "/"), { "name": "y", "type": "goal" }]), "goalName"),
        (json!([page("x", "/"), goal("y", "Sign Up!")]), "goalName"),
        (json!([page("x", "/"), goal("y", &"g".repeat(65))]), "goalName"),
        (json!([page("x", "/"), { "name": "y", "type": "click", "url": "/" }]), "pageview"),
        (json!([page("x", "/"), { "type": "pageview", "url": "/" }]), "name"),
        (json!([page("x", "/"), page(&"n".repeat(101), "/")]), "name"),
        (json!([page("x", "/"), page("y", "")]), "url"),
        (json!([page("x", "/"), null]), "steps[1]"),
        (json!({ "0": page("x", "/") }), "steps"),
    ] {
        for answer in [
            owner.post(&funnels, json!({ "name": "New", "steps": steps })).await,
            owner.put(&path, json!({ "steps": steps })).await,
        ] {
            let message = answer.error(400);
            assert!(message.starts_with("steps") && message.contains(expected), "{expected:?}: {message}");
        }
    }
    assert_eq!(owner.get(&funnels).await.ok().rows(), [created], "nothing was made or changed");
    for count in [2, 8] {
        owner.post(&funnels, json!({ "name": format!("With {count}"), "steps": many(count) })).await.ok();
    }
    owner
        .post(&funnels, json!({ "name": "Goal", "steps": [goal("a", &"g".repeat(64)), goal("b", "a-z_0:9")] }))
        .await
        .ok();
}

#[tokio::test]
async fn a_funnel_is_reached_through_its_own_website_only() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let created = owner.post(&website.path("/funnels"), funnel("x")).await.ok().row();
    let elsewhere = other.path(&format!("/funnels/{}", id_of(&created)));
    owner.put(&elsewhere, json!({ "name": "y" })).await.error(404);
    owner.delete(&elsewhere).await.error(404);
    owner.put(&website.path(&format!("/funnels/{NO_SUCH_ID}")), json!({ "name": "y" })).await.error(404);
    owner.put(&website.path("/funnels/x"), json!({ "name": "y" })).await.error(400);
    assert_eq!(owner.get(&website.path("/funnels")).await.ok().rows(), [created]);
}

#[tokio::test]
async fn an_update_needs_something_to_change() {
    // docs/contract/README.md#6.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let created = owner.post(&website.path("/funnels"), funnel("x")).await.ok().row();
    let path = website.path(&format!("/funnels/{}", id_of(&created)));
    for nothing in [json!({}), json!({ "colour": "red" })] {
        let message = owner.put(&path, nothing).await.error(400);
        assert!(message.contains("name") && message.contains("steps") && message.contains("isActive"), "{message}");
    }
    for (wrong, field) in [
        (json!({ "isActive": "no" }), "isActive"),
        (json!({ "name": " " }), "name"),
        // If one field is wrong, valid ones are not changed either.
        (json!({ "isActive": false, "name": 7 }), "name"),
    ] {
        let message = owner.put(&path, wrong).await.error(400);
        assert!(message.starts_with(field), "{message}");
    }
    assert_eq!(owner.get(&website.path("/funnels")).await.ok().rows(), [created]);
}

#[tokio::test]
async fn a_website_key_and_a_member_manage_funnels_and_a_viewer_reads_them() {
    let gateway = Gateway::roomy();
    let (owner, member, viewer) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    website.admit(&viewer, "viewer").await;
    let funnels = website.path("/funnels");
    for (caller, name) in [(website.key().await, "by key"), (member.caller.clone(), "by member")] {
        let created = caller.post(&funnels, funnel(name)).await.ok().row();
        let path = format!("{funnels}/{}", id_of(&created));
        caller.put(&path, json!({ "name": format!("{name}, renamed") })).await.ok();
        caller.delete(&path).await.ok();
    }
    owner.post(&funnels, funnel("to read")).await.ok();
    assert_eq!(viewer.get(&funnels).await.ok().rows().len(), 1);
    let message = viewer.post(&funnels, funnel("by viewer")).await.error(403);
    // A 403 names the missing role (docs/contract/README.md#8).
    assert!(message.contains("\"member\"") && message.contains("\"viewer\""), "{message}");
}

#[tokio::test]
async fn text_is_returned_exactly_as_sent() {
    // docs/contract/README.md#10.
    let owner = Gateway::roomy().account().await;
    let funnels = owner.website().await.path("/funnels");
    let name = "\"'; DROP TABLE funnels; -- \u{0}\u{1F600} \u{202E}<script>\\u0041";
    let created = owner
        .post(&funnels, json!({ "name": name, "steps": [page(name, "/ä %20\"'*"), page("?", "/")] }))
        .await
        .ok()
        .row();
    let listed = owner.get(&funnels).await.ok().row();
    assert_fields(&listed, json!({ "name": name, "steps.0.name": name }));
    assert_eq!(listed["steps"][0]["url"], "/ä %20\"'*");
    assert_eq!(listed, created);
}

#[tokio::test]
async fn a_step_that_can_never_match_is_refused_and_one_that_can_is_shown_as_typed() {
    // docs/contract/README.md#45.
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let funnels = website.path("/funnels");
    let with = |name: &str, url: &str| json!({ "name": name, "steps": [page("A", "/"), page("B", url)] });
    for never in ["/cart?x=1", "/cart#top", "/c*t", "javascript:alert(1)", "https://elsewhere.example/cart"] {
        assert!(owner.post(&funnels, with("Never", never)).await.error(400).starts_with("steps"), "{never}");
    }
    for (number, typed) in ["/über/*", "/my page", "pricing", "/#/pricing"].into_iter().enumerate() {
        let created = owner.post(&funnels, with(&format!("F{number}"), typed)).await.ok().row();
        assert_eq!(created["steps"][1]["url"], typed);
    }
    owner.post(&funnels, with("Café", "/")).await.ok();
    owner.post(&funnels, with("Cafe\u{301}", "/")).await.error(409);
    assert!(owner.post(&funnels, with("\u{200b}\u{2060}", "/")).await.error(400).starts_with("name"));
}
