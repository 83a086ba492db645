//! Goal customizations (docs/contract/account-api.md#7).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Gateway, answer, fields, has_exactly, is_moment, text, unique};
use crate::traffic::Site;

async fn patch(caller: &Caller, path: &str, body: Value) -> Answer {
    answer(caller.request(Method::PATCH, path).json(&body)).await
}

#[tokio::test]
async fn the_list_comes_with_the_palette() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let answer = owner.get(&website.path("/goals/customizations")).await.ok().json();
    assert_eq!(fields(&answer), ["colors", "data", "status"]);
    assert_eq!(answer["data"], json!([]));
    let colors = answer["colors"].as_array().unwrap();
    for color in colors {
        has_exactly(color, &["color", "label", "family"]);
        let hex = text(&color["color"]);
        assert!(hex.len() == 7 && hex.starts_with('#') && hex == hex.to_lowercase(), "{color}");
    }
    // The colors that existing clients use.
    for known in ["#f97316", "#8dcdff", "#84cc16", "#eab308", "#ec4899", "#ef4444", "#a855f7", "#14b8a6"] {
        assert!(colors.iter().any(|color| color["color"] == known), "{known}");
    }
    assert!(colors.iter().any(|color| color["color"] == "#ef4444" && color["family"] == "red"));
}

#[tokio::test]
async fn a_customization_is_created_changed_and_cleared_field_by_field() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/goals/customizations");
    let change = async |body: Value| {
        let row = patch(&owner, &path, body).await.ok().row();
        has_exactly(&row, &["goalName", "displayName", "color", "description", "updatedAt"]);
        assert!(is_moment(&row["updatedAt"]), "{row}");
        assert_eq!(row["goalName"], "sign_up");
        (row["displayName"].clone(), row["color"].clone(), row["description"].clone())
    };
    let nothing = Value::Null;
    assert_eq!(
        change(json!({ "goalName": "Sign Up", "displayName": "Signed up" })).await,
        (json!("Signed up"), nothing.clone(), nothing.clone())
    );
    assert_eq!(
        change(json!({ "goalName": "sign_up", "color": "#8DCDFF", "description": "Opened the form" })).await,
        (json!("Signed up"), json!("#8dcdff"), json!("Opened the form"))
    );
    assert_eq!(
        change(json!({ "goalName": "sign_up", "color": null })).await,
        (json!("Signed up"), nothing.clone(), json!("Opened the form"))
    );
    assert_eq!(
        change(json!({ "goalName": "sign_up", "displayName": null, "description": null, "color": "#ef4444" })).await,
        (nothing.clone(), json!("#ef4444"), nothing.clone())
    );
    assert_eq!(
        change(json!({ "goalName": "sign_up", "displayName": "d".repeat(80), "description": "ü".repeat(300) })).await,
        (json!("d".repeat(80)), json!("#ef4444"), json!("ü".repeat(300)))
    );
    patch(&owner, &path, json!({ "goalName": "buy", "displayName": "Bought" })).await.ok();
    let names = |answer: Answer| answer.ok().rows().iter().map(|row| text(&row["goalName"])).collect::<Vec<_>>();
    assert_eq!(names(owner.get(&path).await), ["buy", "sign_up"]);
    assert_eq!(names(owner.get(&format!("{path}?goalName=Sign%20Up")).await), ["sign_up"]);
    assert_eq!(names(owner.get(&format!("{path}?goalName=other")).await), Vec::<String>::new());
}

#[tokio::test]
async fn an_invalid_customization_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/goals/customizations");
    for (body, named) in [
        (json!({ "displayName": "x" }), "goalName"),
        (json!({ "goalName": "", "displayName": "x" }), "goalName"),
        (json!({ "goalName": "a/b", "displayName": "x" }), "goalName"),
        (json!({ "goalName": "identify", "displayName": "x" }), "goalName"),
        (json!({ "goalName": "g".repeat(65), "displayName": "x" }), "goalName"),
        (json!({ "goalName": 7, "displayName": "x" }), "goalName"),
        (json!({ "goalName": "x" }), "body"),
        (json!({ "goalName": "x", "colour": "#ef4444" }), "body"),
        (json!({ "goalName": "x", "color": "#123456" }), "color"),
        (json!({ "goalName": "x", "color": "red" }), "color"),
        (json!({ "goalName": "x", "color": "" }), "color"),
        (json!({ "goalName": "x", "displayName": "d".repeat(81) }), "displayName"),
        (json!({ "goalName": "x", "displayName": 7 }), "displayName"),
        (json!({ "goalName": "x", "description": "d".repeat(301) }), "description"),
        // If one field is wrong, valid ones are not changed either.
        (json!({ "goalName": "x", "displayName": "right", "color": "wrong" }), "color"),
        (json!([]), "body"),
    ] {
        let message = patch(&owner, &path, body.clone()).await.error(400);
        assert!(message.starts_with(named), "{body}: {message}");
    }
    for query in ["?goalName=a/b", "?goalName="] {
        assert!(owner.get(&format!("{path}{query}")).await.error(400).starts_with("goalName"), "{query}");
    }
    for query in ["", "?goalName=", "?goalName=a/b"] {
        assert!(owner.delete(&format!("{path}{query}")).await.error(400).starts_with("goalName"), "{query}");
    }
    assert_eq!(owner.get(&path).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_body_above_4_kilobytes_is_too_large() {
    let owner = Gateway::roomy().account().await;
    let path = owner.website().await.path("/goals/customizations");
    let body = |length: usize| {
        let bare = json!({ "goalName": "x", "displayName": "x", "padding": "" }).to_string().len();
        json!({ "goalName": "x", "displayName": "x", "padding": "p".repeat(length - bare) })
    };
    patch(&owner, &path, body(4097)).await.error(413);
    assert_eq!(owner.get(&path).await.ok().rows(), Vec::<Value>::new());
    patch(&owner, &path, body(4096)).await.ok();
    assert_eq!(owner.get(&path).await.ok().rows().len(), 1);
}

#[tokio::test]
async fn a_goal_is_shown_by_its_own_name_again() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/goals/customizations");
    patch(&owner, &path, json!({ "goalName": "sign_up", "displayName": "x" })).await.ok();
    let delete = async || owner.delete(&format!("{path}?goalName=Sign%20Up")).await.ok().row();
    assert_eq!(delete().await, json!({ "deleted": true, "goalName": "sign_up" }));
    assert_eq!(delete().await, json!({ "deleted": false, "goalName": "sign_up" }));
    assert_eq!(owner.get(&path).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn customizations_stay_on_their_website_and_with_their_team() {
    let gateway = Gateway::roomy();
    let (owner, viewer, stranger) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let (website, other) = (owner.website().await, owner.website().await);
    website.admit(&viewer, "viewer").await;
    let path = website.path("/goals/customizations");
    let body = json!({ "goalName": "x", "displayName": "X" });
    let key = website.key().await;
    patch(&key, &path, body.clone()).await.ok();
    patch(&key, &other.path("/goals/customizations"), body.clone()).await.error(403);
    let message = patch(&viewer, &path, body.clone()).await.error(403);
    assert!(message.contains("viewer"), "{message}");
    viewer.delete(&format!("{path}?goalName=x")).await.error(403);
    assert_eq!(viewer.get(&path).await.ok().rows().len(), 1);
    patch(&stranger, &path, body.clone()).await.error(404);
    stranger.get(&path).await.error(404);
    assert_eq!(owner.get(&other.path("/goals/customizations")).await.ok().rows(), Vec::<Value>::new());
    let reader = owner.mint(json!({ "permissions": ["goals:read"] })).await;
    reader.get(&path).await.ok();
    assert!(patch(&reader, &path, body.clone()).await.error(403).contains("goals:write"));
    let writer = owner.mint(json!({ "permissions": ["goals:write"] })).await;
    assert!(writer.get(&path).await.error(403).contains("goals:read"));
    patch(&writer, &path, body).await.ok();
}

#[tokio::test]
async fn tracked_goals_show_their_customization_and_keep_their_name() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = site.visit().await;
    site.take(site.goal(&visitor, "signup")).await;
    let sent = json!({ "goalName": "Signup", "displayName": "Signed up", "color": "#ef4444", "description": "Yes" });
    patch(&owner, &site.path("/goals/customizations"), sent).await.ok();
    // A goal that was never tracked is not listed.
    patch(&owner, &site.path("/goals/customizations"), json!({ "goalName": unique(), "displayName": "x" })).await.ok();
    let row = owner.get(&site.path("/goals")).await.ok().row();
    for (field, value) in
        [("name", "signup"), ("displayName", "Signed up"), ("color", "#ef4444"), ("description", "Yes")]
    {
        assert_eq!(row[field], value, "{row}");
    }
    assert_eq!(site.goals().await, [("signup".to_owned(), 1, 1)]);
}
