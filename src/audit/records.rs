//! What the audit log keeps of the rows that writes change. A test says of every column of these tables whether it is kept.

use crate::http::recording::{Record, Subject};

const OF_WEBSITE: &str = "id = ?3 AND website_id = ?2";

pub const ACCOUNT: Record = row("accounts", "id = ?3", "name");
pub const ACCESS_TOKEN: Record =
    row("access_tokens", "id = ?3", "name displayKey permissions[] websiteIds[] expiresAt* token!=token_hash");
pub const APPLICATION: Record = row("oauth_grants", "id = ?3", "name redirectUri permissions[] websiteIds[] endsAt*");
pub const SESSION: Record = row("console_sessions", "id = ?3", "method userAgent country");
pub const PASSKEY: Record = row("passkeys", "id = ?3", "name");
pub const WEBSITE: Record = Record::Row(Subject {
    table: "websites",
    row: "id = ?3",
    website: "?3",
    values: "domain name ownerId timezone currency=coalesce(wished_currency,currency) @kpi @kpiColorScheme @revenueMetric @sendWeeklyReports? \
             @sendViralTrafficAlerts? @isPublicDashboardEnabled? @isPublicDataEnabled? @isCookieless? @isAttackModeEnabled? \
             @includeRenewalRevenue? @allowedHostnames[] @isAllHostnamesAllowed? @excludedIps[] @excludedPaths[] @excludedCountries[] \
             @excludedHostnames[] @trustedProxies[] @retentionDays",
});
pub const WEBSITE_KEY: Record = row("website_keys", OF_WEBSITE, "name displayKey permissions[] key!=token_hash");
pub const GOAL: Record =
    row("goal_customizations", "website_id = ?2 AND goal_name = ?3", "displayName color description");
pub const FUNNEL: Record = row("funnels", OF_WEBSITE, "name slug steps[] isActive?");
pub const NOTE: Record = row("notes", OF_WEBSITE, "text timestamp*=noted_at");
/// An alert's link in a mail names no website.
pub const ALERT: Record = Record::Row(Subject {
    table: "alerts",
    row: "id = ?3",
    website: "(SELECT website_id FROM alerts WHERE id = ?3)",
    values: "name trigger[]=condition destination[] subject message cooldown notifyResolved? isEnabled?",
});
pub const WEBHOOK: Record = row(
    "webhooks",
    OF_WEBSITE,
    "url description eventTypes[] goalNames[] isEnabled? rateLimit headers!=sealed_headers secret!=sealed_secret",
);
pub const INVITATION: Record = row("invitations", OF_WEBSITE, "email role expiresAt* link!=code_hash");
pub const MEMBER: Record = row("members", "website_id = ?2 AND account_id = ?3", "role");
pub const INTEGRATION: Record = row(
    "integrations",
    "website_id = ?2 AND provider = ?3",
    "accountId accountName testMode? credentials!=sealed_credentials webhookSecret!=sealed_webhook_secrets",
);
/// What happens elsewhere than in a row: in a website's object, at a receiver.
pub const DEED: Record = Record::Deed;

/// Why data that comes in is not kept: it is what a website measures, a million times a day, and no change of how.
pub const DATA: Record = Record::Nothing("data of visitors and payments, not a change of what is done with them");

const fn row(table: &'static str, row: &'static str, values: &'static str) -> Record {
    Record::Row(Subject { table, row, website: "", values })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value as Json;

    use super::*;
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
        let kept: BTreeSet<&str> =
            subject.columns().map(|(name, _)| name.trim_end_matches(crate::http::recording::MARKS)).collect();
        let settings = serde_json::to_value(Settings::default()).unwrap();
        for setting in settings.as_object().unwrap().keys() {
            assert!(kept.contains(setting.as_str()), "{setting}");
        }
    }
}
