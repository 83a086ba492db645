//! The audit log of every operation: the script of `failure_tests.rs`, looked at step by step.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::failure_tests::{COOKIE, World, script};
use crate::http::recording::Record;
use crate::platform::database::sql;
use crate::routes;

fn rows(world: &World) -> Vec<Json> {
    world.memory.database.batch::<Json>(&[sql("SELECT * FROM audit_log ORDER BY at, id")]).unwrap().remove(0)
}

/// What nobody may read out of the log: the values in an answer that are shown once, and what they are stored as.
fn secrets(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Json::String(text) if ["key", "secret", "inviteUrl", "url"].contains(&name.as_str()) => {
                let secret = text.split_once("#code=").or_else(|| text.split_once("#ticket="));
                if name != "url" || secret.is_some() {
                    found.insert(secret.map_or(text.as_str(), |(_, secret)| secret).to_owned());
                }
            }
            value => secrets(value, found),
        }),
        Json::Array(list) => list.iter().for_each(|value| secrets(value, found)),
        _ => {}
    }
}

#[test]
fn every_write_leaves_one_row_that_says_who_did_what_to_what_and_no_secret() {
    let mut world = World::new();
    let mut secret = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for step in script() {
        let route = routes::table().unwrap().operation(step.operation).unwrap();
        let before = rows(&world).len();
        let answer = world.send(&step, None);
        world.keep(&step, &answer);
        if let Ok(body) = serde_json::from_str(&answer.body) {
            secrets(&body, &mut secret);
        }
        secret.extend(world.known.get("cookie").map(|cookie| cookie.split_once('=').unwrap().1.to_owned()));
        let rows = rows(&world);
        let expected = usize::from(matches!(route.record, Some(Record::Row(_) | Record::Deed)));
        let name = step.operation;
        assert_eq!(rows.len() - before, expected, "{name}: {rows:#?}");
        let Some(record) = route.record.filter(|_| expected == 1) else { continue };
        seen.insert(name);
        // Ids are counted up.
        let row = rows.iter().max_by_key(|row| row["id"].as_str().unwrap().to_owned()).unwrap();
        assert_eq!(row["operation"], name);
        assert!(row["account_id"].is_string(), "{name}: {row}");
        let (kind, client) = match step.token {
            _ if name == "signIn" => ("session", "console"),
            _ if name == "acceptInvitation" => ("invitation", "console"),
            Some("set-up") => ("setup", "api"),
            Some(COOKIE) => ("session", "console"),
            _ => ("token", "api"),
        };
        assert_eq!((&row["credential_kind"], &row["client"]), (&json!(kind), &json!(client)), "{name}: {row}");
        assert_eq!(row["credential"].is_string(), kind == "token", "{name}: {row}");
        if route.path.contains("{websiteId}") || step.path.contains("websiteId=") || name == "createWebsite" {
            assert_eq!(row["website_id"], json!(world.known["website"]), "{name}");
        }
        let (was, is) = (&row["before"], &row["after"]);
        match record {
            Record::Row(_) => {
                let target = row["target"].as_str().unwrap_or_else(|| panic!("{name}: {row}"));
                let is_named = world.filled(step.path).contains(target)
                    || answer.body.contains(target)
                    || world.known.values().any(|known| known == target)
                    || row["account_id"] == target
                    || row["website_id"] == target
                    || row["credential_id"] == target
                    || name.ends_with("connectStripe") && target == "stripe"
                    || ["customizeGoal", "connectStripe"].contains(&name);
                assert!(is_named, "{name}: {row}");
                let makes = ["create", "accept", "invite", "connect", "customize", "signIn", "grant"];
                let ends = ["cancel", "delete", "remove", "leave", "disconnect", "reset", "signOut"];
                let is_any = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
                let expected = match name {
                    // It is only marked as deleted.
                    "deleteFunnel" => (true, true),
                    _ if is_any(&makes) => (false, true),
                    _ if is_any(&ends) => (true, false),
                    _ => (true, true),
                };
                assert_eq!((was.is_string(), is.is_string()), expected, "{name}: {row}");
            }
            _ => assert!(was.is_null() && is.is_null(), "{name}: {row}"),
        }
    }
    assert!(secret.len() > 10 && seen.len() > 40, "{secret:?} {seen:?}");
    let all = json!(rows(&world)).to_string();
    // The cookie of somebody who has signed out is empty.
    for secret in secret.iter().filter(|secret| !secret.is_empty()) {
        assert!(!all.contains(secret), "{secret}");
    }
    for word in ["token_hash", "sealed", "k1:", "hooks.example.org/x?"] {
        assert!(!all.contains(word), "{word}");
    }
    let mut hex = 0;
    for letter in all.bytes() {
        hex = if letter.is_ascii_hexdigit() { hex + 1 } else { 0 };
        assert!(hex < 32, "a hash");
    }
    assert!(!all.contains("b971cbbf-7ce2-4925-902b-8f95a5fb3449"), "an erased visitor");
}

#[test]
fn what_changed_is_there_and_nothing_else() {
    let mut world = World::new();
    let mut changes = Vec::new();
    for step in script() {
        let answer = world.send(&step, None);
        world.keep(&step, &answer);
        if ["updateWebsite", "updateAccount", "updateWebhook", "rotateWebhookSecret", "deleteFunnel"]
            .contains(&step.operation)
        {
            let rows = rows(&world);
            let row = rows.iter().max_by_key(|row| row["id"].as_str().unwrap().to_owned()).unwrap();
            let read = |side: &Json| serde_json::from_str::<Json>(side.as_str().unwrap()).unwrap();
            changes.push((step.operation, read(&row["before"]), read(&row["after"])));
        }
    }
    let paths = json!(["/x"]).to_string();
    let expected = [
        ("updateAccount", json!({ "name": "Jane Doe" }), json!({ "name": "Jane" })),
        (
            "updateWebsite",
            json!({ "kpi": null, "excludedPaths[]": null }),
            json!({ "kpi": "signup", "excludedPaths[]": paths }),
        ),
        ("updateWebsite", json!({ "currency": "USD" }), json!({ "currency": "EUR" })),
    ];
    assert_eq!(changes[..3], expected);
    let rotated = changes.iter().find(|(name, ..)| *name == "rotateWebhookSecret").unwrap();
    assert_eq!(rotated, &("rotateWebhookSecret", json!({ "secret!": 1 }), json!({ "secret!": 1 })));
    let deleted = changes.iter().find(|(name, ..)| *name == "deleteFunnel").unwrap();
    assert_eq!(deleted, &("deleteFunnel", json!({ "isActive?": 1 }), json!({ "isActive?": 0 })));
}
