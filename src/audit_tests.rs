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
                let makes = ["create", "accept", "invite", "connect", "customize", "signIn", "grant", "add"];
                let ends = ["delete", "remove", "leave", "disconnect", "reset", "signOut", "cancel"];
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
            // The website's object tells what it found and left.
            _ if name == "updateBotSettings" => assert!(was.is_string() && is.is_string(), "{name}: {row}"),
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

/// What is kept of the rows.
mod columns {
    use std::collections::BTreeSet;

    use serde_json::Value as Json;

    use crate::audit::records::WEBSITE;
    use crate::http::recording::{MARKS, Record, Subject};
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::database::sql;
    use crate::routes;
    use crate::websites::website::Settings;

    /// Columns that are not kept, with the reason.
    const LEFT_OUT: &[(&str, &[&str], &str)] = &[
        ("", &["id", "website_id", "created_at", "updated_at"], "the row of the log says it"),
        ("access_tokens", &["account_id"], "the row of the log says it"),
        ("oauth_grants", &["account_id"], "the row of the log says it"),
        ("console_sessions", &["account_id"], "the row of the log says it"),
        ("members", &["account_id"], "the target"),
        ("accounts", &["email", "image", "verified_at"], "no route changes it"),
        ("access_tokens", &["last_used_at"], "what uses it writes it"),
        ("website_keys", &["last_used_at", "created_by", "rolled_by"], "the row of the log says it"),
        ("oauth_grants", &["client_id", "resource", "code_challenge", "expires_at"], "of the protocol"),
        (
            "oauth_grants",
            &["code_hash", "family_hash", "refresh_hash", "replaced_hash", "replaced_at"],
            "secrets that the protocol renews",
        ),
        ("console_sessions", &["granting_token_id", "passkey_id", "permissions", "website_ids"], "those of the way in"),
        ("console_sessions", &["last_seen_at", "expires_at", "fresh_until"], "they follow from the time"),
        ("console_sessions", &["token_hash"], "a session's never changes"),
        ("websites", &["tracking_id"], "no route changes it"),
        (
            "websites",
            &["tracking_changed_at", "tracking_settled", "watch_version", "watch_changed_at", "watch_synced"],
            "work that is left",
        ),
        (
            "websites",
            &["store_fill", "shards", "shards_set", "weekly_report_at", "traffic_look_at", "mails_base_url"],
            "work that is left",
        ),
        ("funnels", &["name_key"], "it follows from the name"),
        ("notes", &["author_id", "searched", "idempotency_key", "sent_hash"], "it follows from the rest"),
        ("alerts", &["kind", "goal_name", "endpoint_id"], "it follows from the trigger and the destination"),
        (
            "alerts",
            &["state", "state_since", "in_force_since", "last_message_at", "firing_told", "held"],
            "what alerts do themselves",
        ),
        (
            "alerts",
            &["due_at", "leased_until", "news", "base_url", "tests_since", "tests"],
            "what alerts do themselves",
        ),
        ("alerts", &["created_by", "destination_set_by"], "the row of the log says it"),
        (
            "webhooks",
            &["disabled_reason", "slot_ms", "next_slot_at", "last_sent_at", "failing_since", "warned_at"],
            "what deliveries do themselves",
        ),
        ("webhooks", &["disabled_by", "switched_on"], "what deliveries do themselves"),
        ("webhooks", &["sealed_previous_secret", "previous_secret_expires_at"], "they follow from the secret"),
        ("webhooks", &["created_by", "url_set_by"], "the row of the log says it"),
        ("invitations", &["mail_code_hash"], "it changes with that of the link"),
        ("passkeys", &["account_id"], "the row of the log says it"),
        ("passkeys", &["credential_id", "public_key"], "a passkey's never change"),
        ("passkeys", &["sign_count", "last_used_at"], "what uses it writes it"),
        ("members", &["joined_at"], "the row of the log says it"),
        ("goal_customizations", &["goal_name"], "the target"),
        ("integrations", &["provider"], "the target"),
        (
            "integrations",
            &["connected_at", "state", "mode", "missing_permissions", "webhook_ids"],
            "what the connection does itself",
        ),
        (
            "integrations",
            &["sealed_token", "token_expires_at", "token_leased_until", "key_expires_at"],
            "what the connection does itself",
        ),
        (
            "integrations",
            &["setup_due_at", "setup_attempts", "poll_due_at", "poll_cursor", "sweep_due_at"],
            "work that is left",
        ),
        (
            "integrations",
            &["failing_since", "failing_reason", "failing_message", "last_event_at", "last_payment_at"],
            "what the connection does itself",
        ),
    ];

    fn subjects() -> Vec<Subject> {
        let subjects = routes::table().unwrap().routes().iter().filter_map(|route| match route.record {
            Some(Record::Row(subject)) => Some((subject.table, subject)),
            _ => None,
        });
        subjects.collect::<std::collections::BTreeMap<_, _>>().into_values().collect()
    }

    #[test]
    fn every_column_that_routes_change_is_kept_or_left_out_with_a_reason() {
        let database = Database::default();
        for subject in subjects() {
            let kept: Vec<String> = subject.columns().map(|(_, column)| column).collect();
            let columns = sql(format!("SELECT name FROM pragma_table_info('{}')", subject.table));
            for column in database.batch::<Json>(&[columns]).unwrap().remove(0) {
                let column = column["name"].as_str().unwrap();
                let is_kept = kept
                    .iter()
                    .any(|kept| kept.split(|at: char| !at.is_alphanumeric() && at != '_').any(|word| word == column));
                let is_left_out = LEFT_OUT.iter().any(|(table, columns, _)| {
                    (table.is_empty() || *table == subject.table) && columns.contains(&column)
                });
                assert!(is_kept ^ is_left_out, "{}.{column}: kept {is_kept}, left out {is_left_out}", subject.table);
            }
        }
    }

    #[test]
    fn what_is_secret_is_marked() {
        for subject in subjects() {
            for (name, column) in subject.columns() {
                let is_secret = column.contains("sealed") || column.contains("hash");
                assert_eq!(is_secret, name.ends_with('!'), "{}.{column}", subject.table);
            }
        }
    }

    #[test]
    fn every_setting_of_a_website_is_kept() {
        let Record::Row(subject) = WEBSITE else { unreachable!() };
        let kept: BTreeSet<&str> = subject.columns().map(|(name, _)| name.trim_end_matches(MARKS)).collect();
        let settings = serde_json::to_value(Settings::default()).unwrap();
        for setting in settings.as_object().unwrap().keys() {
            assert!(kept.contains(setting.as_str()), "{setting}");
        }
    }
}
