//! Websites and their settings (docs/contract/account-api.md#4).

use crate::auth::access::WebsiteScope;
use crate::auth::role::Role;
use crate::http::input::Patch;
use crate::http::reply::BothIds;
use crate::platform::PlatformError;
use crate::platform::database::{RowValues, Statement, sql};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluice_values::{
    AccountId, Country, Currency, Domain, GoalName, Hostname, Invalid, IpRange, List, Name, PathPattern,
    SpelledGoalName, TimeZone, Timestamp, WebsiteId, kinds,
};

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreateWebsite")]
pub struct Create {
    pub(super) domain: Domain,
    pub(super) timezone: TimeZone,
    pub(super) name: Option<Name>,
}

/// The body of update: every field may be left out.
// Fields that are columns of their own are not serialized; what is serialized is the patch of the `settings` column.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateWebsite")]
pub struct Update {
    #[serde(skip_serializing)]
    pub(super) domain: Patch<Domain>,
    #[serde(skip_serializing)]
    pub(super) name: Patch<Option<Name>>,
    #[serde(skip_serializing)]
    pub(super) timezone: Patch<TimeZone>,
    #[serde(skip_serializing)]
    pub(super) currency: Patch<Currency>,
    /// The goal chosen as the website's KPI; `null` for none.
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) kpi: Patch<Option<SpelledGoalName>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) kpi_color_scheme: Patch<Option<ColorScheme>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) revenue_metric: Patch<Option<RevenueMetric>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) send_weekly_reports: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) send_viral_traffic_alerts: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) is_public_dashboard_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) is_public_data_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) is_cookieless: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) is_attack_mode_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) include_renewal_revenue: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) allowed_hostnames: Patch<List<Hostname>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) is_all_hostnames_allowed: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) excluded_ips: Patch<List<IpRange>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) excluded_paths: Patch<List<PathPattern>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) excluded_countries: Patch<List<Country>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) excluded_hostnames: Patch<List<Hostname>>,
    /// Proxies whose `x-datafast-real-ip` counts.
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) trusted_proxies: Patch<List<IpRange>>,
    /// For how many days events, sessions and profiles are kept; `null` for ever.
    #[serde(skip_serializing_if = "Patch::is_kept")]
    pub(super) retention_days: Patch<Option<RetentionDays>>,
}

/// The color in which the KPI is shown.
// docs/contract/website-api.md#2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "colors")]
pub enum ColorScheme {
    Red,
    Orange,
    Yellow,
    Green,
    Purple,
    Pink,
    Gray,
    Blue,
    Teal,
    Indigo,
}

/// What the dashboard shows as revenue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RevenueMetric {
    /// All revenue of a range.
    Revenue,
    /// Monthly recurring revenue.
    Mrr,
}

// ---- What goes out

// In `websites.settings` and in KV, fields may be added with a default, none is renamed. `Update` has the same names.
/// Settings stored as JSON; a setting that was never set has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(inline)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct Settings {
    pub kpi: Option<GoalName>,
    pub kpi_color_scheme: Option<ColorScheme>,
    pub revenue_metric: Option<RevenueMetric>,
    pub send_weekly_reports: bool,
    pub send_viral_traffic_alerts: bool,
    pub is_public_dashboard_enabled: bool,
    pub is_public_data_enabled: bool,
    /// Whether visitors are identified without cookies.
    pub is_cookieless: bool,
    /// Whether only events that certainly come from a person are accepted.
    pub is_attack_mode_enabled: bool,
    // docs/contract/README.md#25.
    pub include_renewal_revenue: OnByDefault,
    /// Further hosts whose events are accepted, with their subdomains.
    #[serde(deserialize_with = "readable")]
    pub allowed_hostnames: Vec<Hostname>,
    /// Whether events from any host are accepted.
    pub is_all_hostnames_allowed: bool,
    /// Clients whose events are dropped.
    #[serde(deserialize_with = "readable")]
    pub excluded_ips: Vec<IpRange>,
    /// Pages whose events are dropped.
    #[serde(deserialize_with = "readable")]
    pub excluded_paths: Vec<PathPattern>,
    /// Countries from which events are dropped.
    #[serde(deserialize_with = "readable")]
    pub excluded_countries: Vec<Country>,
    /// Pages' hosts whose events are dropped.
    #[serde(deserialize_with = "readable")]
    pub excluded_hostnames: Vec<Hostname>,
    /// Proxies whose header with the client's address counts.
    #[serde(deserialize_with = "readable")]
    pub trusted_proxies: Vec<IpRange>,
    /// For how many days events, sessions and profiles are kept; payments stay.
    pub retention_days: Option<RetentionDays>,
}

/// A number of days: 30 to 3,650.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct RetentionDays(u32);

/// The fewest and the most days that events can be kept.
const LEAST_DAYS: u32 = 30;
const MOST_DAYS: u32 = 3_650;

// Derived schemas of a type with `try_from` leave limits out.
impl schemars::JsonSchema for RetentionDays {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RetentionDays".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": LEAST_DAYS, "maximum": MOST_DAYS })
    }
}

impl RetentionDays {
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for RetentionDays {
    type Error = Invalid;

    fn try_from(days: u32) -> Result<Self, Invalid> {
        if (LEAST_DAYS..=MOST_DAYS).contains(&days) {
            Ok(Self(days))
        } else {
            Err(Invalid::new(format!("expected 30 to 3,650 days, or null to keep events for ever, got {days}")))
        }
    }
}

/// A switch that is on where it was never set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct OnByDefault(pub bool);

impl Default for OnByDefault {
    fn default() -> Self {
        Self(true)
    }
}

/// Reads a stored list. An entry that was stored before the rules became stricter, and is refused today, matches nothing
/// and is left out.
fn readable<'de, T: FromStr, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let entries = Vec::<String>::deserialize(from)?;
    Ok(entries.iter().filter_map(|entry| entry.parse().ok()).collect())
}

/// A website with all its settings.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Website {
    #[serde(flatten)]
    pub(super) ids: BothIds<kinds::Website>,
    pub(super) domain: String,
    pub(super) name: Option<String>,
    /// The id that the tracking script sends.
    pub(super) tracking_id: String,
    pub(super) timezone: String,
    pub(super) currency: String,
    /// The currency that the website is changing to, while its payments are being converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending_currency: Option<String>,
    #[serde(flatten)]
    pub(super) settings: Settings,
    pub(super) created_at: Timestamp,
}

/// A website as lists show it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedWebsite {
    #[serde(flatten)]
    pub(super) ids: BothIds<kinds::Website>,
    pub(super) domain: String,
    pub(super) name: Option<String>,
    pub(super) tracking_id: String,
    pub(super) timezone: String,
    pub(super) currency: String,
    /// The caller's role.
    pub(super) role: Role,
}

/// The response of create.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebsite {
    #[serde(flatten)]
    pub(super) ids: BothIds<kinds::Website>,
    pub(super) website_id: WebsiteId,
    pub(super) domain: String,
    pub(super) tracking_id: String,
}

// ---- SQL

/// The columns of a [`Row`].
pub(super) const COLUMNS: &str =
    "id, domain, name, tracking_id, timezone, currency, wished_currency, settings, created_at";

/// A row of `websites`.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: WebsiteId,
    pub(super) domain: String,
    pub(super) name: Option<String>,
    pub(super) tracking_id: String,
    pub(super) timezone: String,
    pub(super) currency: String,
    pub(super) wished_currency: Option<String>,
    pub(super) settings: String,
    pub(super) created_at: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct ListedRow {
    pub(super) id: WebsiteId,
    pub(super) domain: String,
    pub(super) name: Option<String>,
    pub(super) tracking_id: String,
    pub(super) timezone: String,
    pub(super) currency: String,
    pub(super) role: Role,
}

pub(super) fn select(id: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM websites WHERE id = ?1")).bind(id)
}

pub(super) fn select_reachable(account: AccountId, scope: &WebsiteScope) -> Statement {
    sql("SELECT websites.id, domain, name, tracking_id, timezone, currency, role \
         FROM members JOIN websites ON websites.id = members.website_id \
         WHERE members.account_id = ?1 AND (?2 OR websites.id IN (SELECT value FROM json_each(?3))) \
         ORDER BY websites.created_at, websites.id")
    .bind(account)
    .bind(scope.is_all())
    .bind_json(scope)
}

/// Adds a website if the account has room for one more.
pub(super) fn insert(
    id: WebsiteId,
    owner: AccountId,
    tracking_id: &str,
    create: &Create,
    most: u32,
    now: Timestamp,
) -> Statement {
    RowValues::new()
        .with("id", id)
        .with("owner_id", owner)
        .with("domain", create.domain.as_str())
        .with("name", create.name.as_ref().map(Name::as_str))
        .with("tracking_id", tracking_id)
        .with("timezone", create.timezone.as_str())
        .with("currency", Currency::USD.as_str())
        .with("created_at", now)
        .insert_where("websites")
        .then(" WHERE (SELECT count(*) FROM websites WHERE owner_id = :owner) < :most")
        .bind_named("owner", owner)
        .bind_named("most", most)
}

/// Adds the owner to the team of a website that was added.
pub(super) fn insert_owner(id: WebsiteId, owner: AccountId, now: Timestamp) -> Statement {
    sql("INSERT INTO members (website_id, account_id, role, joined_at) \
         SELECT id, ?2, 'owner', ?3 FROM websites WHERE id = ?1 RETURNING website_id")
    .bind(id)
    .bind(owner)
    .bind(now)
}

/// Changes only the fields that were sent, in one statement, so that concurrent updates do not overwrite each other. Mails that the
/// settings ask for are due from now on; cron plans them. `base_url` is where their links lead.
pub(super) fn update(id: WebsiteId, changes: &Update, now: Timestamp, base_url: &str) -> Statement {
    let name = changes.name.as_set().map(|name| name.as_ref().map(Name::as_str));
    sql(format!(
        "UPDATE websites SET domain = coalesce(?2, domain), name = iif(?3, ?4, name), \
         timezone = coalesce(?5, timezone), \
         wished_currency = iif(?6 IS NULL, wished_currency, nullif(?6, currency)), settings = json_patch(settings, ?7), \
         watch_version = watch_version + ?9, watch_changed_at = iif(?9, ?8, watch_changed_at), \
         tracking_changed_at = ?8, tracking_settled = 0, mails_base_url = ?10, \
         weekly_report_at = iif(json_extract(json_patch(settings, ?7), '$.sendWeeklyReports'), \
           iif(?5 IS NULL OR ?5 = timezone, ifnull(weekly_report_at, 0), 0), NULL), \
         traffic_look_at = iif(json_extract(json_patch(settings, ?7), '$.sendViralTrafficAlerts'), \
           ifnull(traffic_look_at, 0), NULL) WHERE id = ?1 RETURNING {COLUMNS}"
    ))
    .bind(id)
    .bind(changes.domain.as_set().map(Domain::as_str))
    .bind(name.is_some())
    .bind(name.flatten())
    .bind(changes.timezone.as_set().map(TimeZone::as_str))
    .bind(changes.currency.as_set().map(Currency::as_str))
    .bind_json(changes)
    .bind(now)
    .bind(!changes.retention_days.is_kept())
    .bind(base_url)
}

impl TryFrom<Row> for Website {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let settings = serde_json::from_str(&row.settings);
        Ok(Self {
            ids: row.id.into(),
            domain: row.domain,
            name: row.name,
            tracking_id: row.tracking_id,
            timezone: row.timezone,
            currency: row.currency,
            pending_currency: row.wished_currency,
            settings: settings
                .map_err(|error| PlatformError::new(format!("settings of website {}: {error}", row.id)))?,
            created_at: row.created_at,
        })
    }
}

/// Websites are never deleted, so a role on a missing one is a fault of the gateway.
pub(super) fn missing(id: WebsiteId) -> PlatformError {
    PlatformError::new(format!("a role on website {id}, which does not exist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(body: &str) -> String {
        serde_json::to_string(&serde_json::from_str::<Update>(body).unwrap()).unwrap()
    }

    #[test]
    fn the_patch_of_the_settings_has_what_was_sent_and_no_column() {
        assert_eq!(patch(r#"{"name":"x","domain":"a.co","timezone":"UTC","currency":"EUR"}"#), "{}");
        assert_eq!(
            patch(r#"{"kpi":" SignUp ","isCookieless":true,"excludedIps":["10.0.0.0/8"],"revenueMetric":null}"#),
            r#"{"kpi":"signup","revenueMetric":null,"isCookieless":true,"excludedIps":["10.0.0.0/8"]}"#
        );
    }

    #[test]
    fn lists_are_checked_entry_by_entry() {
        let error = serde_json::from_str::<Update>(r#"{"excludedCountries":["DE","ZZ"]}"#).unwrap_err().to_string();
        assert!(error.contains("got \"ZZ\""), "{error}");
    }

    #[test]
    fn lists_come_back_as_they_were_typed() {
        let typed = r#"{"allowedHostnames":["Bücher.Example."],"excludedIps":["::FFFF:198.51.100.0/120"],"excludedPaths":["/über/*"]}"#;
        assert_eq!(patch(typed), typed);
        let stored: Settings = serde_json::from_str(typed).unwrap();
        let shown = serde_json::to_value(&stored).unwrap();
        assert_eq!(shown["allowedHostnames"][0], "Bücher.Example.");
        assert_eq!(shown["excludedPaths"][0], "/über/*");
        assert_eq!(shown["excludedIps"][0], "::FFFF:198.51.100.0/120");
    }

    #[test]
    fn stored_lists_are_read_after_the_rules_became_stricter() {
        let stored =
            r#"{"excludedHostnames":["x.example..","kept.example"],"excludedPaths":["/a"],"excludedCountries":["UK"]}"#;
        let stored: Settings = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_value(&stored.excluded_hostnames).unwrap(), serde_json::json!(["kept.example"]));
        assert_eq!((stored.excluded_paths.len(), stored.excluded_countries.len()), (1, 0));
    }

    #[test]
    fn mails_are_due_as_long_as_the_settings_ask_for_them() {
        use crate::platform::database::memory::Memory;
        use serde_json::{Value, json};
        let database = Memory::with_website();
        let id = "0000000000000000000000d1".parse().unwrap();
        let due = || {
            database.batch::<Value>(&[sql("SELECT weekly_report_at AS w, traffic_look_at AS t FROM websites")]).unwrap()
                [0][0]
                .clone()
        };
        let change = |body: &str| {
            let change = serde_json::from_str(body).unwrap();
            database.batch::<Value>(&[update(id, &change, Timestamp::from_millis(5), "https://s.example")]).unwrap();
            due()
        };
        assert_eq!(change(r#"{"name":"x"}"#), json!({ "w": null, "t": null }));
        assert_eq!(change(r#"{"sendWeeklyReports":true}"#), json!({ "w": 0, "t": null }));
        assert_eq!(change(r#"{"sendViralTrafficAlerts":true}"#), json!({ "w": 0, "t": 0 }));
        database.execute("UPDATE websites SET weekly_report_at = 7, traffic_look_at = 8, timezone = 'UTC'");
        assert_eq!(
            change(r#"{"sendWeeklyReports":true,"timezone":"UTC","name":"y"}"#),
            json!({ "w": 7, "t": 8 }),
            "planned"
        );
        assert_eq!(change(r#"{"timezone":"Asia/Tokyo"}"#), json!({ "w": 0, "t": 8 }), "another Monday");
        assert_eq!(change(r#"{"sendWeeklyReports":false}"#), json!({ "w": null, "t": 8 }));
        assert_eq!(change(r#"{"sendViralTrafficAlerts":false}"#), json!({ "w": null, "t": null }));
    }

    #[test]
    fn settings_that_were_never_set_have_their_defaults() {
        let stored: Settings = serde_json::from_str(r#"{"isCookieless":true}"#).unwrap();
        assert_eq!(stored, Settings { is_cookieless: true, ..Settings::default() });
        assert!(stored.include_renewal_revenue.0);
    }
}
