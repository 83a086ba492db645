//! Alert rules and their history (docs/contract/account-api.md#9; docs/contract/README.md#28 and #32).

use serde_json::{Value, json};

use crate::support::{Gateway, NO_SUCH_ID, assert_fields, has_exactly, id_of, is_moment, statuses, text, together};
use crate::traffic::{Site, moment, visitor, with};

const ROW: [&str; 16] = [
    "_id",
    "id",
    "websiteId",
    "name",
    "trigger",
    "destination",
    "template",
    "isEnabled",
    "cooldown",
    "notifyResolved",
    "state",
    "stateSince",
    "recentLogs",
    "createdAt",
    "createdBy",
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
    let created = owner.post(&alerts, alert(" New signup ")).await.ok().row();
    has_exactly(&created, &ROW);
    assert_fields(&created, json!({ "name": "New signup", "websiteId": website.id }));
    assert_eq!(created["trigger"], json!({ "type": "goal", "goalName": "signup" }));
    assert_eq!(created["destination"], json!({ "type": "email" }));
    assert_eq!(created["template"], json!({ "subject": "New signup", "message": "A visitor completed signup." }));
    assert_fields(&created, json!({ "isEnabled": true, "recentLogs": [] }));
    assert!(is_moment(&created["createdAt"]) && is_moment(&created["updatedAt"]) && is_moment(&created["stateSince"]));
    assert_fields(&created, json!({ "cooldown": "0m", "notifyResolved": false }));
    assert_eq!(created["state"], "normal");
    assert_eq!(owner.get(&alerts).await.ok().row(), created);

    let path = format!("{alerts}/{}", id_of(&created));
    for (sent, field, expected) in [
        (json!({ "name": "Renamed" }), "/name", json!("Renamed")),
        (json!({ "trigger": { "goalName": " Purchase " } }), "/trigger/goalName", json!("purchase")),
        (json!({ "isEnabled": false }), "/isEnabled", json!(false)),
        // Subject and message change separately, and null clears the subject (docs/contract/README.md#32).
        (json!({ "template": { "message": "Ten or more." } }), "/template/message", json!("Ten or more.")),
        (json!({ "template": { "subject": "Other" } }), "/template/subject", json!("Other")),
        (json!({ "template": { "subject": null } }), "/template/subject", json!(null)),
        (json!({ "cooldown": "90m" }), "/cooldown", json!("90m")),
        (json!({ "notifyResolved": true }), "/notifyResolved", json!(true)),
        (json!({ "destination": { "type": "email" } }), "/destination", json!({ "type": "email" })),
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
async fn omitted_fields_have_their_defaults() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let sent =
        json!({ "name": "x", "trigger": { "goalName": " SignUp " }, "template": { "message": " Ten or more \n" } });
    let created = owner.post(&alerts, sent).await.ok().row();
    assert_eq!(created["trigger"]["goalName"], "signup", "trimmed and in lower case");
    assert_fields(&created, json!({ "template.subject": null, "isEnabled": true }));
    // Other text is returned exactly as sent (docs/contract/README.md#10).
    assert_eq!(created["template"]["message"], " Ten or more \n");
}

#[tokio::test]
async fn an_invalid_alert_names_the_field_and_is_not_created() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let with = |pointer: &str, value: Value| {
        let mut body = alert("x");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (sent, expected) in [
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
        assert!(message.starts_with(expected), "{sent}: {message}");
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
    let created = owner.post(&alerts, alert("x")).await.ok().row();
    let path = format!("{alerts}/{}", id_of(&created));
    for wrong in [
        json!({}),
        json!({ "colour": 1 }),
        json!({ "name": null }),
        json!({ "name": "" }),
        json!({ "isEnabled": null }),
        json!({ "template": { "message": "short" } }),
        json!({ "template": null }),
        json!({ "isEnabled": false, "trigger": { "goalName": "!" } }),
    ] {
        owner.put(&path, wrong).await.error(400);
    }
    assert_eq!(owner.get(&alerts).await.ok().rows(), [created]);
}

#[tokio::test]
async fn a_website_has_at_most_25_alerts_even_if_many_are_created_at_once() {
    // The 26th is 403 (docs/contract/account-api.md#9).
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
    let created = owner.post(&website.path("/alerts"), alert("x")).await.ok().row();
    let elsewhere = other.path(&format!("/alerts/{}", id_of(&created)));
    owner.put(&elsewhere, json!({ "name": "y" })).await.error(404);
    owner.delete(&elsewhere).await.error(404);
    owner.delete(&website.path("/alerts/x")).await.error(400);
    owner.delete(&website.path(&format!("/alerts/{NO_SUCH_ID}"))).await.error(404);
    assert_eq!(owner.get(&website.path("/alerts")).await.ok().rows(), [created]);
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
    // A limit below 1 or one that is not a number is 400 (docs/contract/README.md#23).
    for query in ["limit=0", "limit=-1", "limit=many", "limit=", "limit=1.5", "alertId=x", "alertId="] {
        let message = owner.get(&format!("{history}?{query}")).await.error(400);
        assert!(message.starts_with(query.split('=').next().unwrap()), "{query}: {message}");
    }
}

fn metric() -> Value {
    json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10 })
}

fn on(trigger: Value) -> Value {
    let mut body = alert("On a number");
    body["trigger"] = trigger;
    body
}

#[tokio::test]
async fn an_alert_may_have_a_metric() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let created = owner.post(&alerts, on(metric())).await.ok().row();
    has_exactly(&created, &ROW);
    let shown = with(metric(), json!({ "for": "0m", "noData": "ok" }));
    assert_fields(&created, json!({ "trigger": shown, "cooldown": "1h" }));
    let full = with(
        metric(),
        json!({ "metric": "conversion_rate", "goalName": "signup", "filters": { "country": "US", "page": "contains:/a" },
            "window": "24h", "comparison": "decrease_pct", "threshold": 12.5, "for": "60m", "noData": "keep" }),
    );
    let sent = with(on(full.clone()), json!({ "cooldown": "0m", "notifyResolved": true }));
    let created = owner.post(&alerts, sent).await.ok().row();
    assert_fields(&created, json!({ "trigger": full, "cooldown": "0m" })); // as it was sent
    assert_eq!(owner.get(&alerts).await.ok().rows()[1], created);

    let path = format!("{alerts}/{}", id_of(&created));
    for (patch, expected) in [
        (json!({ "threshold": 20 }), with(full.clone(), json!({ "threshold": 20 }))),
        (json!({ "goalName": " Buy " }), with(full.clone(), json!({ "threshold": 20, "goalName": "buy" }))),
        (metric(), shown.clone()),
        (json!({ "type": "goal", "goalName": "signup" }), json!({ "type": "goal", "goalName": "signup" })),
        (full.clone(), full.clone()),
    ] {
        let changed = owner.put(&path, json!({ "trigger": patch })).await.ok().row();
        assert_eq!(changed["trigger"], expected, "{patch}");
    }
}

#[tokio::test]
async fn concurrent_changes_of_a_trigger_are_all_kept() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let path = format!("{alerts}/{}", id_of(&owner.post(&alerts, on(metric())).await.ok().row()));
    let patches = [
        json!({ "trigger": { "threshold": 77 } }),
        json!({ "trigger": { "window": "7m" } }),
        json!({ "trigger": { "for": "3m" } }),
        json!({ "trigger": { "noData": "alert" } }),
        json!({ "trigger": { "comparison": "below" } }),
        json!({ "name": "Renamed", "cooldown": "2d" }),
    ];
    let answers = together(patches.into_iter().map(|patch| owner.put(&path, patch))).await;
    assert_eq!(statuses(&answers), [(200, 6)]);
    let row = owner.get(&alerts).await.ok().row();
    let fields = json!({ "threshold": 77, "window": "7m", "for": "3m", "noData": "alert", "comparison": "below" });
    assert_eq!(row["trigger"], with(metric(), fields));
    assert_fields(&row, json!({ "name": "Renamed", "cooldown": "2d" }));
}

#[tokio::test]
async fn an_invalid_metric_trigger_or_text_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let alerts = owner.website().await.path("/alerts");
    let trigger = |fields: Value| on(with(metric(), fields));
    let message = |text: &str| with(alert("x"), json!({ "template": { "message": text } }));
    let wrong = [
        (trigger(json!({ "metric": "moons" })), "trigger.metric"),
        (trigger(json!({ "comparison": "near" })), "trigger.comparison"),
        (trigger(json!({ "window": "4m" })), "trigger.window"),
        (trigger(json!({ "window": "31d" })), "trigger.window"),
        (trigger(json!({ "for": "25h" })), "trigger.for"),
        (trigger(json!({ "noData": "what" })), "trigger.noData"),
        (trigger(json!({ "threshold": "ten" })), "trigger.threshold"),
        (trigger(json!({ "goalName": "signup" })), "trigger: goalName"),
        (trigger(json!({ "filters": { "colour": "red" } })), "trigger.filters"),
        (trigger(json!({ "filters": { "country": "like:US" } })), "trigger.filters.country"),
        (on(json!({ "type": "metric", "metric": 7 })), "trigger.metric"),
        (on(json!({ "type": "moon" })), "trigger.type"),
        (with(alert("x"), json!({ "cooldown": "31d" })), "cooldown"),
        (with(alert("x"), json!({ "cooldown": 5 })), "cooldown"),
        (with(alert("x"), json!({ "notifyResolved": "yes" })), "notifyResolved"),
        (with(alert("x"), json!({ "destination": { "type": "pigeon" } })), "destination.type"),
        (with(alert("x"), json!({ "destination": { "type": "webhook" } })), "destination.endpointId"),
        (
            with(alert("x"), json!({ "destination": { "type": "webhook", "endpointId": "x" } })),
            "destination.endpointId",
        ),
        (message("Hello, {{colour}} and more"), "template.message: no placeholder {{colour}}"),
        (
            with(alert("x"), json!({ "template": { "subject": "{{x}}", "message": "Ten or more." } })),
            "template.subject",
        ),
    ];
    let created = owner.post(&alerts, on(metric())).await.ok().row();
    let path = format!("{alerts}/{}", id_of(&created));
    for (sent, expected) in wrong {
        for answer in [owner.post(&alerts, sent.clone()).await, owner.put(&path, sent.clone()).await] {
            // A change of one field that no longer fits may arrive after the other fields were read.
            let (error, expected) = (answer.error(400), expected.replace("trigger: goalName", "trigger"));
            assert!(error.starts_with(&expected), "{sent}: {error}");
        }
    }
    for patch in [json!({ "goalName": "signup" }), json!({ "window": "1x" }), json!({ "type": "goal" })] {
        assert!(owner.put(&path, json!({ "trigger": patch })).await.error(400).contains("trigger"));
    }
    assert_eq!(owner.get(&alerts).await.ok().rows(), [created], "nothing was made or changed");
    let all = "{{goal}} {{alert.name}} {{website.domain}} {{website.name}} {{visitor.id}} {{visitor.country}} \
               {{visitor.city}} {{visitor.device}} {{visitor.referrer}} {{metadata.plan}} {{value}} {{threshold}} \
               {{metric}} {{window}} {{count}} {{triggeredAt}}";
    let created = owner.post(&alerts, message(all)).await.ok().row();
    assert_eq!(created["template"]["message"], all, "kept as it was sent");
}

#[tokio::test]
async fn transitions_require_an_existing_alert() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let alerts = website.path("/alerts");
    let created = owner.post(&alerts, on(metric())).await.ok().row();
    let path = format!("/alerts/{}/transitions", id_of(&created));
    assert_eq!(owner.get(&website.path(&path)).await.ok().rows(), Vec::<Value>::new());
    assert_eq!(owner.get(&website.path(&format!("{path}?limit=1000&offset=7"))).await.ok().rows(), Vec::<Value>::new());
    owner.get(&other.path(&path)).await.error(404);
    owner.get(&website.path(&format!("/alerts/{NO_SUCH_ID}/transitions"))).await.error(404);
    owner.get(&website.path(&format!("{path}?limit=0"))).await.error(400);
    owner.get(&website.path(&format!("{path}?offset=-1"))).await.error(400);
}

#[tokio::test]
async fn a_preview_counts_past_firings_and_saves_nothing() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let day = |days: i64| moment(-days * 86_400_000);
    // Three visitors within a minute three days ago, one five days ago; goals two, six and eight days ago.
    let mut lines: Vec<_> = (0..3).map(|_| site.line(&visitor(), &day(3), json!({}))).collect();
    let one = visitor();
    lines.push(site.line(&one, &day(5), json!({})));
    let goal = json!({ "type": "custom", "extraData": { "eventName": "signup" } });
    lines.extend([2, 6, 8].map(|days| site.line(&one, &day(days), goal.clone())));
    site.import(&lines).await;

    let preview = async |trigger: Value| owner.post(&site.path("/alerts/preview"), json!({ "trigger": trigger })).await;
    let many = preview(with(metric(), json!({ "threshold": 2 }))).await.ok().row();
    has_exactly(&many, &["count", "firings", "series"]);
    assert_eq!((&many["count"], many["firings"].as_array().unwrap().len()), (&json!(1), 1));
    let firing = &many["firings"][0];
    has_exactly(firing, &["firedAt", "resolvedAt", "value"]);
    assert_eq!(firing["value"], 3);
    let at = |field: &str| text(&firing[field]).parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let expected = day(3).parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert!((at("firedAt") - expected).abs() <= 90_000, "{firing}");
    assert_eq!(at("resolvedAt") - at("firedAt"), 5 * 60_000, "{firing}");
    assert_eq!(preview(with(metric(), json!({ "threshold": 0 }))).await.ok().row()["count"], 4);
    assert_fields(&preview(metric()).await.ok().row(), json!({ "count": 0, "firings": [] }));
    let series = many["series"].as_array().unwrap();
    assert!(series.iter().any(|hour| hour["value"] == 3) && series.len() == 169, "{series:?}");
    has_exactly(&series[0], &["at", "value"]);

    let completed = preview(json!({ "goalName": "Signup" })).await.ok().row();
    assert_eq!(completed["count"], 2, "eight days ago is too long ago");
    let times: Vec<_> = completed["firings"].as_array().unwrap().iter().map(|one| text(&one["firedAt"])).collect();
    assert_eq!(times[0][..10], day(6)[..10]);
    assert_eq!(times[1][..10], day(2)[..10]);
    assert_fields(&completed["firings"][0], json!({ "resolvedAt": null, "value": null }));

    for wrong in [json!({}), json!({ "trigger": {} }), json!({ "trigger": with(metric(), json!({ "window": "1m" })) })]
    {
        assert!(owner.post(&site.path("/alerts/preview"), wrong).await.error(400).starts_with("trigger"));
    }
    assert_eq!(owner.get(&site.path("/alerts")).await.ok().rows(), Vec::<Value>::new());
    assert_eq!(owner.get(&site.path("/alerts/history")).await.ok().rows(), Vec::<Value>::new());
}
