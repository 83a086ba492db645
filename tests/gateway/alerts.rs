//! Alert rules and their history (contract, account-api 9; decisions 28 and 32).

use serde_json::{Value, json};

use crate::support::{Gateway, NO_SUCH_ID, has_exactly, id_of, is_moment, statuses, together};

const ROW: [&str; 11] = [
    "_id",
    "id",
    "websiteId",
    "name",
    "trigger",
    "destination",
    "template",
    "isEnabled",
    "recentLogs",
    "createdAt",
    "updatedAt",
];

fn alert(name: &str) -> Value {
    json!({
        "name": name,
        "trigger": { "goalName": "signup" },
        "template": { "subject": "New signup", "message": "A visitor completed signup." },
        "isEnabled": true,
    })
}

#[tokio::test]
async fn an_alert_is_created_listed_changed_and_deleted() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let alerts = website.path("/alerts");
    let made = owner.post(&alerts, alert(" New signup ")).await.ok().row();
    has_exactly(&made, &ROW);
    assert_eq!((&made["name"], &made["websiteId"]), (&json!("New signup"), &json!(website.id)));
    assert_eq!(made["trigger"], json!({ "type": "goal", "goalName": "signup" }));
    assert_eq!(made["destination"], json!({ "type": "email" }));
    assert_eq!(made["template"], json!({ "subject": "New signup", "message": "A visitor completed signup." }));
    assert_eq!((&made["isEnabled"], &made["recentLogs"]), (&json!(true), &json!([])));
    assert!(is_moment(&made["createdAt"]) && is_moment(&made["updatedAt"]));
    assert_eq!(owner.get(&alerts).await.ok().row(), made);

    let path = format!("{alerts}/{}", id_of(&made));
    for (sent, field, expected) in [
        (json!({ "name": "Renamed" }), "/name", json!("Renamed")),
        (json!({ "trigger": { "goalName": " Purchase " } }), "/trigger/goalName", json!("purchase")),
        (json!({ "isEnabled": false }), "/isEnabled", json!(false)),
        // Decision 32: subject and message change separately, and null clears the subject.
        (json!({ "template": { "message": "Ten or more." } }), "/template/message", json!("Ten or more.")),
        (json!({ "template": { "subject": "Other" } }), "/template/subject", json!("Other")),
        (json!({ "template": { "subject": null } }), "/template/subject", json!(null)),
    ] {
        let before = owner.get(&alerts).await.ok().row();
        let changed = owner.put(&path, sent.clone()).await.ok().row();
        assert_eq!(changed.pointer(field), Some(&expected), "{sent}");
        let without = |row: &Value| {
            let mut row = row.clone();
            *row.pointer_mut(field).unwrap() = Value::Null;
            row["updatedAt"] = Value::Null;
            row
        };
        assert_eq!(without(&changed), without(&before), "{sent} changed something else");
    }
    assert_eq!(owner.delete(&path).await.ok().row(), json!({ "message": "Alert deleted successfully" }));
    owner.delete(&path).await.error(404);
    owner.put(&path, json!({ "name": "x" })).await.error(404);
    assert_eq!(owner.get(&alerts).await.ok().rows(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let sent =
        json!({ "name": "x", "trigger": { "goalName": " SignUp " }, "template": { "message": " Ten or more \n" } });
    let made = owner.post(&alerts, sent).await.ok().row();
    assert_eq!(made["trigger"]["goalName"], "signup", "trimmed and in lower case");
    assert_eq!((&made["template"]["subject"], &made["isEnabled"]), (&Value::Null, &json!(true)));
    // Decision 10: other text comes back exactly as sent.
    assert_eq!(made["template"]["message"], " Ten or more \n");
}

#[tokio::test]
async fn a_wrong_alert_says_what_is_wrong_and_is_not_made() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let with = |pointer: &str, value: Value| {
        let mut body = alert("x");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (sent, said) in [
        (with("/name", json!("")), "name"),
        (with("/name", json!("n".repeat(101))), "name"),
        (with("/name", json!(null)), "name"),
        (with("/trigger", json!({})), "trigger.goalName"),
        (with("/trigger", json!("signup")), "trigger"),
        (with("/trigger/goalName", json!("sign up!")), "trigger.goalName"),
        (with("/trigger/goalName", json!("g".repeat(65))), "trigger.goalName"),
        (with("/trigger/goalName", json!("")), "trigger.goalName"),
        (with("/template", json!({})), "template.message"),
        (with("/template/message", json!("nine char")), "template.message"),
        (with("/template/message", json!("m".repeat(2001))), "template.message"),
        (with("/template/subject", json!("s".repeat(201))), "template.subject"),
        (with("/template/subject", json!(7)), "template.subject"),
        (with("/isEnabled", json!("yes")), "isEnabled"),
    ] {
        let message = owner.post(&alerts, sent.clone()).await.error(400);
        assert!(message.starts_with(said), "{sent}: {message}");
    }
    assert_eq!(owner.get(&alerts).await.ok().rows(), Vec::<Value>::new());
    for (message, subject) in [("m".repeat(10), "s".to_owned()), ("ä".repeat(2000), "ä".repeat(200))] {
        let mut sent = alert("limits");
        sent["template"] = json!({ "subject": subject, "message": message });
        owner.post(&alerts, sent).await.ok();
    }
}

#[tokio::test]
async fn a_wrong_change_changes_nothing() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let made = owner.post(&alerts, alert("x")).await.ok().row();
    let path = format!("{alerts}/{}", id_of(&made));
    for wrong in [
        json!({}),
        json!({ "colour": 1 }),
        json!({ "name": null }),
        json!({ "isEnabled": null }),
        json!({ "template": { "message": null } }),
        json!({ "template": { "message": "short" } }),
        json!({ "template": null }),
        json!({ "trigger": { "goalName": null } }),
        json!({ "isEnabled": false, "trigger": { "goalName": "!" } }),
    ] {
        owner.put(&path, wrong).await.error(400);
    }
    assert_eq!(owner.get(&alerts).await.ok().rows(), [made]);
}

#[tokio::test]
async fn a_website_has_at_most_25_alerts_however_many_are_made_at_once() {
    // `account-api.md` 9: the 26th is 403.
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let answers = together((0..40).map(|number| owner.post(&alerts, alert(&format!("Alert {number}"))))).await;
    assert_eq!(statuses(&answers), [(200, 25), (403, 15)]);
    assert!(owner.post(&alerts, alert("one more")).await.error(403).starts_with("Alert limit reached"));
    let rows = owner.get(&alerts).await.ok().rows();
    assert_eq!(rows.len(), 25);
    owner.delete(&format!("{alerts}/{}", id_of(&rows[0]))).await.ok();
    let answers = together((0..4).map(|_| owner.post(&alerts, alert("again")))).await;
    assert_eq!(statuses(&answers), [(200, 1), (403, 3)]);
}

#[tokio::test]
async fn an_alert_is_reached_through_its_own_website_only() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let made = owner.post(&website.path("/alerts"), alert("x")).await.ok().row();
    let elsewhere = other.path(&format!("/alerts/{}", id_of(&made)));
    owner.put(&elsewhere, json!({ "name": "y" })).await.error(404);
    owner.delete(&elsewhere).await.error(404);
    owner.delete(&website.path("/alerts/x")).await.error(400);
    owner.delete(&website.path(&format!("/alerts/{NO_SUCH_ID}"))).await.error(404);
    assert_eq!(owner.get(&website.path("/alerts")).await.ok().rows(), [made]);
}

#[tokio::test]
async fn history_without_messages_is_empty_and_counts_nothing() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let history = website.path("/alerts/history");
    for query in ["", "?limit=50", "?limit=1000", &format!("?alertId={NO_SUCH_ID}&limit=1"), "?unknown=1"] {
        let answer = owner.get(&format!("{history}{query}")).await.ok();
        has_exactly(&answer.json(), &["status", "data", "counts"]);
        assert_eq!(answer.json()["counts"], json!({ "sent": 0, "failed": 0, "total": 0 }));
        assert_eq!(answer.rows(), Vec::<Value>::new());
    }
    // Decision 23.
    for query in ["limit=0", "limit=-1", "limit=many", "limit=", "limit=1.5", "alertId=x", "alertId="] {
        let message = owner.get(&format!("{history}?{query}")).await.error(400);
        assert!(message.starts_with(query.split('=').next().unwrap()), "{query}: {message}");
    }
}
