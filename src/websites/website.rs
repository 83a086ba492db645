//! Websites and their settings (docs/contract/account-api.md#4).

use crate::auth::access::{Principal, WebsiteScope};
use crate::auth::role::Role;
use crate::exchange_rates;
use crate::http::call::{AccountCall, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Patch};
use crate::http::reply::{BothIds, Created, Data, Never};
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::websites::tracking_settings::Configuration;
use serde::{Deserialize, Serialize};
use sluice_engine::protocol::Revalue;
use sluice_engine::reports::goals::HasGoal;
use sluice_values::{
    AccountId, Country, Currency, Decimal, Domain, GoalName, Hostname, IpRange, Name, PathPattern, SpelledGoalName,
    TimeZone, Timestamp, WebsiteId, hex, kinds,
};

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreateWebsite")]
pub struct Create {
    domain: Domain,
    timezone: TimeZone,
    name: Option<Name>,
}

/// The body of update: every field may be left out.
// Fields that are columns of their own are not serialized; what is serialized is the patch of the `settings` column.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateWebsite")]
pub struct Update {
    #[serde(skip_serializing)]
    domain: Patch<Domain>,
    #[serde(skip_serializing)]
    name: Patch<Option<Name>>,
    #[serde(skip_serializing)]
    timezone: Patch<TimeZone>,
    #[serde(skip_serializing)]
    currency: Patch<Currency>,
    /// The goal that the website is judged by; `null` for none.
    #[serde(skip_serializing_if = "Patch::is_kept")]
    kpi: Patch<Option<SpelledGoalName>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    kpi_color_scheme: Patch<Option<ColorScheme>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    revenue_metric: Patch<Option<RevenueMetric>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    send_weekly_reports: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    send_viral_traffic_alerts: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    is_public_dashboard_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    is_public_data_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    is_cookieless: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    is_attack_mode_enabled: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    include_renewal_revenue: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    allowed_hostnames: Patch<Vec<Hostname>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    is_all_hostnames_allowed: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    excluded_ips: Patch<Vec<IpRange>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    excluded_paths: Patch<Vec<PathPattern>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    excluded_countries: Patch<Vec<Country>>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    excluded_hostnames: Patch<Vec<Hostname>>,
    /// Proxies whose `x-datafast-real-ip` counts.
    #[serde(skip_serializing_if = "Patch::is_kept")]
    trusted_proxies: Patch<Vec<IpRange>>,
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

/// What can be set beside the columns; what was never set has its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(inline)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct Settings {
    kpi: Option<GoalName>,
    kpi_color_scheme: Option<ColorScheme>,
    revenue_metric: Option<RevenueMetric>,
    send_weekly_reports: bool,
    send_viral_traffic_alerts: bool,
    is_public_dashboard_enabled: bool,
    is_public_data_enabled: bool,
    is_cookieless: bool,
    is_attack_mode_enabled: bool,
    include_renewal_revenue: bool,
    allowed_hostnames: Vec<Hostname>,
    is_all_hostnames_allowed: bool,
    excluded_ips: Vec<IpRange>,
    excluded_paths: Vec<PathPattern>,
    excluded_countries: Vec<Country>,
    excluded_hostnames: Vec<Hostname>,
    trusted_proxies: Vec<IpRange>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kpi: None,
            kpi_color_scheme: None,
            revenue_metric: None,
            send_weekly_reports: false,
            send_viral_traffic_alerts: false,
            is_public_dashboard_enabled: false,
            is_public_data_enabled: false,
            is_cookieless: false,
            is_attack_mode_enabled: false,
            // On by default (docs/contract/README.md#25).
            include_renewal_revenue: true,
            allowed_hostnames: Vec::new(),
            is_all_hostnames_allowed: false,
            excluded_ips: Vec::new(),
            excluded_paths: Vec::new(),
            excluded_countries: Vec::new(),
            excluded_hostnames: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// A website with all its settings.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Website {
    #[serde(flatten)]
    ids: BothIds<kinds::Website>,
    domain: String,
    name: Option<String>,
    /// What the tracking script names the website by.
    tracking_id: String,
    timezone: String,
    currency: String,
    #[serde(flatten)]
    settings: Settings,
    created_at: Timestamp,
}

/// A website as lists show it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedWebsite {
    #[serde(flatten)]
    ids: BothIds<kinds::Website>,
    domain: String,
    name: Option<String>,
    tracking_id: String,
    timezone: String,
    currency: String,
    /// The caller's.
    role: Role,
}

/// What create answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebsite {
    #[serde(flatten)]
    ids: BothIds<kinds::Website>,
    website_id: WebsiteId,
    domain: String,
    tracking_id: String,
}

/// What reports have to know of a website.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Row")]
pub struct ReportContext {
    /// Its domain.
    pub domain: String,
    /// Its name.
    pub name: Option<String>,
    /// The zone in which ranges and buckets are, unless another is asked for.
    pub timezone: TimeZone,
    /// What money is shown in.
    pub currency: Currency,
    /// Whether renewals count as revenue and for conversion (docs/contract/README.md#25).
    pub include_renewal_revenue: bool,
    /// Whether visitors are told apart without cookies.
    pub is_cookieless: bool,
    /// The goal that the website is judged by.
    pub kpi: Option<String>,
    /// The color in which that is shown.
    pub kpi_color_scheme: Option<ColorScheme>,
}

impl TryFrom<Row> for ReportContext {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let id = row.id;
        let settings: Settings = serde_json::from_str(&row.settings)
            .map_err(|error| PlatformError::new(format!("settings of website {id}: {error}")))?;
        let broken = |what: &str| PlatformError::new(format!("website {id} has an invalid {what}"));
        Ok(Self {
            domain: row.domain,
            name: row.name,
            timezone: row.timezone.parse().map_err(|_| broken("time zone"))?,
            currency: row.currency.parse().map_err(|_| broken("currency"))?,
            include_renewal_revenue: settings.include_renewal_revenue,
            is_cookieless: settings.is_cookieless,
            kpi: settings.kpi.map(|name| name.as_str().to_owned()),
            kpi_color_scheme: settings.kpi_color_scheme,
        })
    }
}

impl ReportContext {
    /// The statement whose row is read as a `ReportContext`.
    pub fn select(id: WebsiteId) -> Statement {
        select(id)
    }

    /// Reads the row of a statement made by [`Self::select`].
    pub fn of(results: &Results, row: &Handle<Self>, id: WebsiteId) -> Result<Self, PlatformError> {
        results.first(row)?.ok_or_else(|| missing(id))
    }

    /// An amount in minor units of the website's currency, as it is answered.
    pub fn money(&self, minor: i64) -> Decimal {
        Decimal(self.currency.major_units(minor))
    }

    /// An amount by a count, in major units with two decimals.
    pub fn money_ratio(&self, minor: i64, count: i64) -> Decimal {
        Decimal::ratio(minor, count.saturating_mul(10_i64.pow(self.currency.decimals())))
    }
}

// ---- SQL

/// The columns of a [`Row`].
const COLUMNS: &str = "id, domain, name, tracking_id, timezone, currency, settings, created_at";

/// A row of `websites`.
#[derive(Deserialize)]
struct Row {
    id: WebsiteId,
    domain: String,
    name: Option<String>,
    tracking_id: String,
    timezone: String,
    currency: String,
    settings: String,
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct ListedRow {
    id: WebsiteId,
    domain: String,
    name: Option<String>,
    tracking_id: String,
    timezone: String,
    currency: String,
    role: Role,
}

fn select(id: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM websites WHERE id = ?1")).bind(id)
}

fn select_reachable(account: AccountId, scope: &WebsiteScope) -> Statement {
    sql("SELECT websites.id, domain, name, tracking_id, timezone, currency, role \
         FROM members JOIN websites ON websites.id = members.website_id \
         WHERE members.account_id = ?1 AND (?2 OR websites.id IN (SELECT value FROM json_each(?3))) \
         ORDER BY websites.created_at, websites.id")
    .bind(account)
    .bind(scope.is_all())
    .bind_json(scope)
}

fn insert(id: WebsiteId, owner: AccountId, tracking_id: &str, create: &Create, now: Timestamp) -> Statement {
    sql("INSERT INTO websites (id, owner_id, domain, name, tracking_id, timezone, currency, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
    .bind(id)
    .bind(owner)
    .bind(create.domain.as_str())
    .bind(create.name.as_ref().map(Name::as_str))
    .bind(tracking_id)
    .bind(create.timezone.as_str())
    .bind(Currency::USD.as_str())
    .bind(now)
}

/// Adds the owner to the team.
fn insert_owner(id: WebsiteId, owner: AccountId, now: Timestamp) -> Statement {
    sql("INSERT INTO members (website_id, account_id, role, joined_at) VALUES (?1, ?2, 'owner', ?3) \
         RETURNING website_id")
    .bind(id)
    .bind(owner)
    .bind(now)
}

/// Only what was sent changes, in one statement, so that two updates at once lose nothing.
fn update(id: WebsiteId, changes: &Update, now: Timestamp) -> Statement {
    let name = changes.name.as_set().map(|name| name.as_ref().map(Name::as_str));
    sql(format!(
        "UPDATE websites SET domain = coalesce(?2, domain), name = iif(?3, ?4, name), \
         timezone = coalesce(?5, timezone), currency = coalesce(?6, currency), settings = json_patch(settings, ?7), \
         tracking_changed_at = ?8 WHERE id = ?1 RETURNING {COLUMNS}"
    ))
    .bind(id)
    .bind(changes.domain.as_set().map(Domain::as_str))
    .bind(name.is_some())
    .bind(name.flatten())
    .bind(changes.timezone.as_set().map(TimeZone::as_str))
    .bind(changes.currency.as_set().map(Currency::as_str))
    .bind_json(changes)
    .bind(now)
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
            settings: settings
                .map_err(|error| PlatformError::new(format!("settings of website {}: {error}", row.id)))?,
            created_at: row.created_at,
        })
    }
}

// ---- Handlers

/// GET: the websites that the caller can reach, oldest first.
pub async fn list(call: AccountCall, (): ()) -> Result<Data<ListedWebsite>, Error> {
    let scope = match &call.principal {
        Principal::Account { scope, .. } => scope.clone(),
        Principal::WebsiteKey { website_id, .. } => WebsiteScope::new(vec![*website_id]),
    };
    let rows: Vec<ListedRow> = call.rows(select_reachable(call.account_id(), &scope)).await?;
    let websites = rows.into_iter().map(|row| ListedWebsite {
        ids: row.id.into(),
        domain: row.domain,
        name: row.name,
        tracking_id: row.tracking_id,
        timezone: row.timezone,
        currency: row.currency,
        role: row.role,
    });
    Ok(Data::many(websites.collect()))
}

/// POST: a new website of the caller's.
pub async fn create(call: AccountCall, Body(create): Body<Create>) -> Result<Created<Data<CreatedWebsite>>, Error> {
    if let Principal::Account { scope, .. } = &call.principal
        && !scope.is_all()
    {
        return Err(Error::forbidden("this token is limited to some websites and cannot create others"));
    }
    let (id, tracking_id) = (call.call.new_id()?, new_tracking_id(&call.call.platform)?);
    let insert = insert(id, call.account_id(), &tracking_id, &create, call.call.now);
    let insert_owner = insert_owner(id, call.account_id(), call.call.now);
    let website = Website {
        ids: id.into(),
        domain: create.domain.as_str().to_owned(),
        name: create.name.map(|name| name.as_str().to_owned()),
        tracking_id,
        timezone: create.timezone.as_str().to_owned(),
        currency: Currency::USD.as_str().to_owned(),
        settings: Settings::default(),
        created_at: call.call.now,
    };
    let answer = Data::one(CreatedWebsite {
        ids: website.ids,
        website_id: id,
        domain: website.domain.clone(),
        tracking_id: website.tracking_id.clone(),
    });
    let made = call.create_once(Batch::of(insert), insert_owner, answer).await.map_err(domain_taken)?;
    let made = made.ok_or_else(|| PlatformError::new("an insert returned no row"))?;
    write_through(&call.call.platform, id, website).await?;
    Ok(made)
}

/// GET: a website with its settings.
pub async fn get(call: WebsiteCall, input: Input<()>) -> Result<Data<Website>, Error> {
    let (website, (), row, results) =
        call.enter(input, |batch, website, ()| batch.read::<Row>(select(website))).await?;
    let row = results.first(&row)?.ok_or_else(|| missing(website.id))?;
    Ok(Data::one(row.try_into()?))
}

/// PUT: changes settings.
pub async fn change(call: WebsiteCall, input: Input<Changes<Update>>) -> Result<Data<Website>, Error> {
    let (website, Changes(changes), (), _) = call.enter(input, |_, _, _| ()).await?;
    if let Some(Some(kpi)) = changes.kpi.as_set()
        && !website.site().ask(HasGoal { name: kpi.as_str().to_owned() }).await?
    {
        return Err(Error::bad_request(format!("kpi: no goal \"{kpi}\" has been tracked on this website")));
    }
    let row = website.row::<Row>(update(website.id, &changes, website.call.now)).await.map_err(domain_taken)?;
    let changed = Website::try_from(row.ok_or_else(|| missing(website.id))?)?;
    if let Some(currency) = changes.currency.as_set() {
        // What is stored in the website's currency has to follow it.
        let rates = exchange_rates::rates(&website.call.platform, website.call.now).await?.to_json();
        website.site().ask(Revalue { currency: *currency, rates }).await?;
    }
    write_through(&website.call.platform, website.id, changed.clone()).await?;
    Ok(Data::one(changed))
}

/// DELETE: always refused (docs/contract/account-api.md#4); the message is the documented one.
pub async fn delete(call: WebsiteCall, input: Input<()>) -> Result<Never, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    Err(Error::forbidden(format!(
        "Website deletion cannot be done programmatically. Please delete this website from the DataFast dashboard: \
         https://datafa.st/dashboard/{}",
        website.id
    )))
}

/// `dfid_` and 24 hexadecimal characters. Public, so it only has to be unique.
fn new_tracking_id(platform: &Platform) -> Result<String, PlatformError> {
    let bytes: [u8; 12] = platform.random()?;
    Ok(format!("dfid_{}", hex(&bytes)))
}

/// Puts what events meet into KV, under both of the website's ids.
async fn write_through(platform: &Platform, id: WebsiteId, website: Website) -> Result<(), PlatformError> {
    let configuration = Configuration::of(id, website);
    let json = serde_json::to_string(&configuration).map_err(|error| PlatformError::new(error.to_string()))?;
    platform.key_value().put(&[&configuration.tracking_id, &id.to_string()], &json).await
}

/// What events meet, from the database: where KV does not have it yet.
pub async fn tracking_configuration(platform: &Platform, name: &str) -> Result<Option<Configuration>, PlatformError> {
    let statement = sql(format!(
        "SELECT {COLUMNS} FROM websites WHERE tracking_id = ?1 \
             UNION ALL SELECT {COLUMNS} FROM websites WHERE id = ?1"
    ))
    .bind(name);
    let row = platform.database().rows::<Row>(statement).await?.into_iter().next();
    row.map(|row| Ok(Configuration::of(row.id, row.try_into()?))).transpose()
}

/// For how long a change is written to KV again by cron, in milliseconds: of two changes in one moment the earlier may
/// have been written last.
const SETTLING_MS: i64 = 150_000;

/// Writes to KV again what has changed lately.
pub async fn settle_tracking(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let statement = sql(format!(
        "SELECT {COLUMNS} FROM websites WHERE tracking_changed_at > ?1 ORDER BY tracking_changed_at LIMIT 1000"
    ))
    .bind(now.plus_millis(-SETTLING_MS));
    for row in platform.database().rows::<Row>(statement).await? {
        write_through(platform, row.id, row.try_into()?).await?;
    }
    Ok(())
}

impl Configuration {
    fn of(website_id: WebsiteId, website: Website) -> Self {
        let settings = website.settings;
        Self {
            website_id,
            tracking_id: website.tracking_id,
            domain: website.domain,
            is_cookieless: settings.is_cookieless,
            is_attack_mode_enabled: settings.is_attack_mode_enabled,
            is_all_hostnames_allowed: settings.is_all_hostnames_allowed,
            allowed_hostnames: settings.allowed_hostnames,
            excluded_ips: settings.excluded_ips,
            excluded_paths: settings.excluded_paths,
            excluded_countries: settings.excluded_countries,
            excluded_hostnames: settings.excluded_hostnames,
            trusted_proxies: settings.trusted_proxies,
        }
    }
}

fn domain_taken(error: PlatformError) -> Error {
    if error.is_unique_violation() {
        Error::conflict("domain: your account has a website with this domain already")
    } else {
        error.into()
    }
}

/// Websites are never deleted, so a role on one that is missing is a fault of ours.
fn missing(id: WebsiteId) -> PlatformError {
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
    fn settings_that_were_never_set_have_their_defaults() {
        let stored: Settings = serde_json::from_str(r#"{"isCookieless":true}"#).unwrap();
        assert_eq!(stored, Settings { is_cookieless: true, ..Settings::default() });
        assert!(stored.include_renewal_revenue);
    }
}
