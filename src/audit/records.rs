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
