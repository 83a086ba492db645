//! Webhook endpoints (docs/contract/automation.md#webhook-endpoints): who is told, of what, and the secret that signs
//! it.

use crate::webhooks::queue;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::EventType;
use super::publish::{self, Outgoing};
use super::{deliveries, event, subscriptions};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Patch, Path};
use crate::http::reply::{BothIds, Created, Data, Message};
use crate::platform::database::{Rows, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use sluice_values::{DeliveryId, Invalid, SpelledGoalName, Text, Timestamp, WebhookId, WebsiteId, kinds};
use sluice_webhook_rules::destination::Destination;
use sluice_webhook_rules::headers::CustomHeaders;
use sluice_webhook_rules::signature::Secret;

/// Endpoints that a website may have at once.
const MOST: u32 = 20;
/// Goals that one endpoint may name.
const MOST_GOALS: usize = 100;
/// For how long a secret that was replaced signs too: 24 hours.
const OVERLAP_MS: i64 = 24 * 60 * 60 * 1_000;

type Description = Text<0, 500>;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateWebhook")]
pub struct Create {
    /// Where deliveries go: https, at a public address.
    url: String,
    description: Option<Description>,
    /// Left out or empty: all.
    #[serde(default)]
    event_types: Distinct<EventType>,
    /// Only these goals; left out or empty: all. Other types of events are not affected.
    #[serde(default)]
    goal_names: Distinct<SpelledGoalName>,
    /// Left out: `true`.
    is_enabled: Option<bool>,
    /// Sent with every delivery.
    #[serde(default)]
    headers: CustomHeaders,
    /// Deliveries a second at most; what comes faster waits.
    rate_limit: Option<RateLimit>,
}

/// The body of update.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateWebhook")]
pub struct Update {
    url: Patch<String>,
    /// `null` clears it.
    description: Patch<Option<Description>>,
    event_types: Patch<Distinct<EventType>>,
    goal_names: Patch<Distinct<SpelledGoalName>>,
    is_enabled: Patch<bool>,
    /// All of them; a value that was answered masked may be sent back as it is.
    headers: Patch<CustomHeaders>,
    /// `null` takes the limit away.
    rate_limit: Patch<Option<RateLimit>>,
}

/// The body of test.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "TestWebhook")]
pub struct Test {
    /// Left out: `goal.completed`.
    #[serde(default)]
    r#type: EventType,
}

/// A list in which nothing stands twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de> + PartialEq"))]
#[schemars(inline)]
pub struct Distinct<T>(#[schemars(length(max = MOST_GOALS))] Vec<T>);

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> TryFrom<Vec<T>> for Distinct<T> {
    type Error = Invalid;

    fn try_from(sent: Vec<T>) -> Result<Self, Invalid> {
        if sent.len() > MOST_GOALS {
            return Err(Invalid::new(format!("at most {MOST_GOALS}, got {}", sent.len())));
        }
        let mut list = Vec::with_capacity(sent.len());
        for one in sent {
            if !list.contains(&one) {
                list.push(one);
            }
        }
        Ok(Self(list))
    }
}

/// Whole deliveries a second: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "u32")]
#[schemars(inline)]
pub struct RateLimit(#[schemars(range(min = 1, max = 100))] u32);

impl TryFrom<u32> for RateLimit {
    type Error = Invalid;

    fn try_from(sent: u32) -> Result<Self, Invalid> {
        if (1..=100).contains(&sent) {
            Ok(Self(sent))
        } else {
            Err(Invalid::new(format!("expected 1 to 100 deliveries a second, or null for no limit, got {sent}")))
        }
    }
}

impl RateLimit {
    /// Milliseconds from one delivery to the next. A tenth more than an even spread, so that no second sees one more
    /// than it may when the network holds the first of them up.
    fn slot_ms(self) -> u32 {
        1_100_u32.div_ceil(self.0)
    }
}

// ---- What goes out

/// An endpoint.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    #[serde(flatten)]
    ids: BothIds<kinds::Webhook>,
    website_id: WebsiteId,
    url: String,
    description: Option<String>,
    event_types: Vec<EventType>,
    goal_names: Vec<String>,
    is_enabled: bool,
    /// `manual`, `gone` (it answered 410) or `failing` (for too long).
    disabled_reason: Option<String>,
    /// Values that look like credentials are masked.
    headers: BTreeMap<String, String>,
    /// Deliveries a second at most.
    rate_limit: Option<u32>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A new endpoint, with the secret that signs its deliveries.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CreatedWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    /// `whsec_…`, as the libraries of Standard Webhooks take it.
    secret: String,
}

/// The secret of an endpoint.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ShownSecret {
    /// `whsec_…`, as the libraries of Standard Webhooks take it.
    secret: String,
}

/// A new secret.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecret {
    /// `whsec_…`, as the libraries of Standard Webhooks take it.
    secret: String,
    /// Until then the secret before it signs too.
    previous_secret_expires_at: Timestamp,
}

/// What a test answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    /// The delivery of the example.
    delivery_id: DeliveryId,
}

// ---- SQL

/// A row of `webhooks`, as far as the API shows it.
#[derive(Deserialize)]
struct Row {
    id: WebhookId,
    website_id: WebsiteId,
    url: String,
    description: Option<String>,
    event_types: String,
    goal_names: String,
    is_enabled: i64,
    disabled_reason: Option<String>,
    sealed_headers: String,
    rate_limit: Option<u32>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn select_all(website: WebsiteId) -> Statement {
    sql("SELECT id, website_id, url, description, event_types, goal_names, is_enabled, disabled_reason, sealed_headers, \
         rate_limit, created_at, updated_at FROM webhooks WHERE website_id = ?1 ORDER BY created_at, id")
    .bind(website)
}

fn select_one(id: WebhookId, website: WebsiteId) -> Statement {
    sql("SELECT id, website_id, url, description, event_types, goal_names, is_enabled, disabled_reason, sealed_headers, \
         rate_limit, created_at, updated_at FROM webhooks WHERE id = ?1 AND website_id = ?2")
    .bind(id)
    .bind(website)
}

/// Whether a website has this endpoint.
pub fn exists(id: WebhookId, website: WebsiteId) -> Statement {
    sql("SELECT is_enabled FROM webhooks WHERE id = ?1 AND website_id = ?2").bind(id).bind(website)
}

/// Adds an endpoint where the website has room for one more, in one statement.
fn insert(webhook: &Webhook, limit: Option<RateLimit>, sealed_headers: String, sealed_secret: String) -> Statement {
    sql(
        "INSERT INTO webhooks (id, website_id, url, description, event_types, goal_names, is_enabled, disabled_reason, \
         sealed_headers, sealed_secret, slot_ms, rate_limit, created_at, updated_at) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13 \
         WHERE (SELECT count(*) FROM webhooks WHERE website_id = ?2) < ?14 RETURNING id",
    )
    .bind(webhook.ids.id())
    .bind(webhook.website_id)
    .bind(webhook.url.as_str())
    .bind(webhook.description.as_deref())
    .bind_json(&webhook.event_types)
    .bind_json(&webhook.goal_names)
    .bind(webhook.is_enabled)
    .bind(webhook.disabled_reason.as_deref())
    .bind(sealed_headers)
    .bind(sealed_secret)
    .bind(limit.map_or(0, RateLimit::slot_ms))
    .bind(limit.map(|limit| limit.0))
    .bind(webhook.created_at)
    .bind(MOST)
}

/// Only what was sent changes, in one statement, so that two updates at once lose nothing. Switching on forgets why it
/// was off, and how long it had been failing.
fn update(id: WebhookId, website: &EnteredWebsite, changes: &Update, sealed_headers: Option<String>) -> Statement {
    let list = |json: Option<Result<String, serde_json::Error>>| json.and_then(Result::ok);
    let limit = changes.rate_limit.as_set();
    sql("UPDATE webhooks SET url = coalesce(?3, url), description = iif(?4, ?5, description), \
         event_types = coalesce(?6, event_types), goal_names = coalesce(?7, goal_names), \
         sealed_headers = coalesce(?8, sealed_headers), slot_ms = iif(?9, ?10, slot_ms), \
         rate_limit = iif(?9, ?11, rate_limit), \
         disabled_reason = CASE WHEN ?12 IS NULL THEN disabled_reason WHEN ?12 THEN NULL \
           WHEN is_enabled THEN 'manual' ELSE disabled_reason END, \
         failing_since = iif(?12 AND NOT is_enabled, NULL, failing_since), \
         warned_at = iif(?12 AND NOT is_enabled, NULL, warned_at), \
         is_enabled = coalesce(?12, is_enabled), updated_at = ?13 WHERE id = ?1 AND website_id = ?2 \
         RETURNING id, website_id, url, description, event_types, goal_names, is_enabled, disabled_reason, \
         sealed_headers, rate_limit, created_at, updated_at")
    .bind(id)
    .bind(website.id)
    .bind(changes.url.as_set().map(|url| url.trim()))
    .bind(!changes.description.is_kept())
    .bind(shown_description(changes.description.as_set().and_then(Option::as_ref)))
    .bind(list(changes.event_types.as_set().map(serde_json::to_string)))
    .bind(list(changes.goal_names.as_set().map(serde_json::to_string)))
    .bind(sealed_headers)
    .bind(limit.is_some())
    .bind(limit.copied().flatten().map_or(0, RateLimit::slot_ms))
    .bind(limit.copied().flatten().map(|limit| limit.0))
    .bind(changes.is_enabled.as_set().copied())
    .bind(website.call.now)
}

/// Deletes an endpoint that no alert uses.
fn delete_unused(id: WebhookId, website: WebsiteId) -> Statement {
    sql("DELETE FROM webhooks WHERE id = ?1 AND website_id = ?2 \
         AND NOT EXISTS (SELECT 1 FROM alerts WHERE website_id = ?2 AND endpoint_id = ?1) RETURNING id")
    .bind(id)
    .bind(website)
}

fn select_users(id: WebhookId, website: WebsiteId) -> Statement {
    sql("SELECT name FROM alerts WHERE website_id = ?2 AND endpoint_id = ?1 ORDER BY created_at, id")
        .bind(id)
        .bind(website)
}

// ---- Secrets

/// Where an endpoint's secrets and headers are sealed: a row that is moved elsewhere does not open.
fn place(website: WebsiteId, id: WebhookId, what: &str) -> String {
    format!("{website}/webhooks/{id}/{what}")
}

fn seal(platform: &Platform, keyring: &Keyring, secret: &[u8], place: &str) -> Result<String, PlatformError> {
    let sealed = keyring.seal(secret, place, platform.random()?);
    sealed.map_err(|error| PlatformError::new(format!("sealing for {place}: {error}")))
}

fn open(keyring: &Keyring, sealed: &str, place: &str) -> Result<Vec<u8>, PlatformError> {
    keyring.open(sealed, place).map_err(|error| PlatformError::new(format!("opening for {place}: {error}")))
}

fn seal_secret(
    platform: &Platform,
    keyring: &Keyring,
    website: WebsiteId,
    id: WebhookId,
    secret: &Secret,
) -> Result<String, PlatformError> {
    seal(platform, keyring, secret.reveal().as_bytes(), &place(website, id, "secret"))
}

/// The secret that was sealed for an endpoint.
pub fn open_secret(
    keyring: &Keyring,
    website: WebsiteId,
    id: WebhookId,
    sealed: &str,
) -> Result<Secret, PlatformError> {
    let opened = open(keyring, sealed, &place(website, id, "secret"))?;
    let secret = String::from_utf8(opened).ok().and_then(|text| Secret::parse(&text));
    secret.ok_or_else(|| PlatformError::new(format!("webhook {id}: what is sealed is no secret")))
}

fn seal_headers(
    platform: &Platform,
    keyring: &Keyring,
    website: WebsiteId,
    id: WebhookId,
    headers: &CustomHeaders,
) -> Result<String, PlatformError> {
    let json = serde_json::to_vec(headers).map_err(|error| PlatformError::new(error.to_string()))?;
    seal(platform, keyring, &json, &place(website, id, "headers"))
}

/// The headers that were sealed for an endpoint.
pub fn open_headers(
    keyring: &Keyring,
    website: WebsiteId,
    id: WebhookId,
    sealed: &str,
) -> Result<CustomHeaders, PlatformError> {
    let opened = open(keyring, sealed, &place(website, id, "headers"))?;
    serde_json::from_slice(&opened).map_err(|error| PlatformError::new(format!("webhook {id}: headers: {error}")))
}

// ---- Rules

impl Row {
    fn shown(self, keyring: &Keyring) -> Result<Webhook, PlatformError> {
        let broken = |error| PlatformError::new(format!("webhook {}: {error}", self.id));
        Ok(Webhook {
            ids: self.id.into(),
            website_id: self.website_id,
            event_types: serde_json::from_str(&self.event_types).map_err(broken)?,
            goal_names: serde_json::from_str(&self.goal_names).map_err(broken)?,
            headers: open_headers(keyring, self.website_id, self.id, &self.sealed_headers)?.masked(),
            url: self.url,
            description: self.description,
            is_enabled: self.is_enabled != 0,
            disabled_reason: self.disabled_reason,
            rate_limit: self.rate_limit,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn shown_description(description: Option<&Description>) -> Option<String> {
    description.map(|text| text.as_str().to_owned()).filter(|text| !text.is_empty())
}

/// Refuses what is not sent to, before it is stored.
fn check_url(website: &EnteredWebsite, url: &str) -> Result<(), Error> {
    let environment = website.call.platform.config().environment();
    Destination::parse(url, environment).map(|_| ()).map_err(|why| Error::field("url", &why))
}

/// No such endpoint on this website.
pub fn not_found(id: WebhookId) -> Error {
    Error::not_found(format!("no webhook {id} on this website"))
}

// ---- Handlers

/// GET: the website's endpoints, oldest first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<Webhook>, Error> {
    let (website, (), mut rows) = call.enter(input, |website, ()| vec![select_all(website)]).await?;
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let webhooks = rows.all::<Row>()?.into_iter().map(|row| row.shown(&keyring)).collect::<Result<_, _>>()?;
    Ok(Data::many(webhooks))
}

/// GET: one endpoint.
pub async fn get(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<Webhook>, Error> {
    let (website, Path(id), mut rows) = call.enter(input, |website, Path(id)| vec![select_one(*id, website)]).await?;
    let row = rows.first::<Row>()?.ok_or_else(|| not_found(id))?;
    Ok(Data::one(row.shown(&Keyring::from_config(&website.call.platform.config())?)?))
}

/// POST: a new endpoint.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<CreatedWebhook>>, Error> {
    let (website, Body(create), _) = call.enter(input, |_, _| Vec::new()).await?;
    check_url(&website, &create.url)?;
    let headers = create.headers.unmasked(&CustomHeaders::default()).map_err(|why| Error::field("headers", &why))?;
    let (id, secret) = (website.call.new_id()?, Secret::new(website.call.platform.random()?));
    let is_enabled = create.is_enabled.unwrap_or(true);
    let webhook = Webhook {
        ids: id.into(),
        website_id: website.id,
        url: create.url.trim().to_owned(),
        description: shown_description(create.description.as_ref()),
        event_types: create.event_types.0,
        goal_names: create.goal_names.0.iter().map(|name| name.as_str().to_owned()).collect(),
        is_enabled,
        disabled_reason: (!is_enabled).then(|| "manual".to_owned()),
        headers: headers.masked(),
        rate_limit: create.rate_limit.map(|limit| limit.0),
        created_at: website.call.now,
        updated_at: website.call.now,
    };
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let statements = vec![
        subscriptions::changed(website.id, website.call.now),
        insert(
            &webhook,
            create.rate_limit,
            seal_headers(&website.call.platform, &keyring, website.id, id, &headers)?,
            seal_secret(&website.call.platform, &keyring, website.id, id, &secret)?,
        ),
    ];
    let answer = Data::one(CreatedWebhook { webhook, secret: secret.reveal() });
    let answer = website.create_once(statements, answer).await?.ok_or_else(|| {
        Error::forbidden(format!("Webhook limit reached (max {MOST} per website); delete one that is no longer used"))
    })?;
    subscriptions::tell(&website.call.platform, website.id, website.call.now).await?;
    Ok(answer)
}

/// PUT: changes an endpoint. Switched off, what waits for it is kept as missed.
pub async fn change(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Changes<Update>)>,
) -> Result<Data<Webhook>, Error> {
    let plan = |website, (Path(id), _): &(Path<WebhookId>, Changes<Update>)| vec![select_one(*id, website)];
    let (website, (Path(id), Changes(mut changes)), mut rows) = call.enter(input, plan).await?;
    let stored = rows.first::<Row>()?.ok_or_else(|| not_found(id))?;
    if let Some(url) = changes.url.as_set() {
        check_url(&website, url)?;
    }
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let sealed_headers = match std::mem::take(&mut changes.headers) {
        Patch::Keep => None,
        Patch::Set(headers) => {
            let before = open_headers(&keyring, website.id, id, &stored.sealed_headers)?;
            let headers = headers.unmasked(&before).map_err(|why| Error::field("headers", &why))?;
            Some(seal_headers(&website.call.platform, &keyring, website.id, id, &headers)?)
        }
    };
    let statements = vec![
        update(id, &website, &changes, sealed_headers),
        deliveries::miss_waiting(id, website.call.now),
        subscriptions::changed(website.id, website.call.now),
    ];
    let row = website.batch(statements).await?.first::<Row>()?.ok_or_else(|| not_found(id))?;
    subscriptions::tell(&website.call.platform, website.id, website.call.now).await?;
    Ok(Data::one(row.shown(&keyring)?))
}

/// DELETE: deletes an endpoint, and ends what waits for it.
pub async fn delete(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<Message>, Error> {
    #[derive(Deserialize)]
    struct User {
        name: String,
    }
    let (website, Path(id), _) = call.enter(input, |_, _| Vec::new()).await?;
    let statements = vec![
        select_users(id, website.id),
        delete_unused(id, website.id),
        deliveries::end_waiting(id, website.call.now),
        subscriptions::changed(website.id, website.call.now),
    ];
    let mut rows = website.batch(statements).await?;
    let user = rows.first::<User>()?;
    if rows.first::<serde::de::IgnoredAny>()?.is_none() {
        return Err(match user {
            Some(User { name }) => {
                Error::conflict(format!("the alert \"{name}\" sends to this webhook; change it first"))
            }
            None => not_found(id),
        });
    }
    subscriptions::tell(&website.call.platform, website.id, website.call.now).await?;
    Ok(Message::saying("Webhook deleted successfully"))
}

/// GET: the secret that signs.
pub async fn secret(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<ShownSecret>, Error> {
    #[derive(Deserialize)]
    struct Sealed {
        sealed_secret: String,
    }
    let plan = |website, Path(id): &Path<WebhookId>| {
        let select = sql("SELECT sealed_secret FROM webhooks WHERE id = ?1 AND website_id = ?2");
        vec![select.bind(*id).bind(website)]
    };
    let (website, Path(id), mut rows) = call.enter(input, plan).await?;
    let row: Sealed = rows.first()?.ok_or_else(|| not_found(id))?;
    let secret =
        open_secret(&Keyring::from_config(&website.call.platform.config())?, website.id, id, &row.sealed_secret)?;
    Ok(Data::one(ShownSecret { secret: secret.reveal() }))
}

/// POST: a new secret; the one before signs beside it for a day.
pub async fn rotate(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Created<Data<RotatedSecret>>, Error> {
    let (website, Path(id), _) = call.enter(input, |_, _| Vec::new()).await?;
    let (secret, now) = (Secret::new(website.call.platform.random()?), website.call.now);
    let expires_at = now.plus_millis(OVERLAP_MS);
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let statement =
        sql("UPDATE webhooks SET sealed_previous_secret = sealed_secret, previous_secret_expires_at = ?4, \
                         sealed_secret = ?3, updated_at = ?5 WHERE id = ?1 AND website_id = ?2 RETURNING id")
        .bind(id)
        .bind(website.id)
        .bind(seal_secret(&website.call.platform, &keyring, website.id, id, &secret)?)
        .bind(expires_at)
        .bind(now);
    let answer = Data::one(RotatedSecret { secret: secret.reveal(), previous_secret_expires_at: expires_at });
    website.create_once(vec![statement], answer).await?.ok_or_else(|| not_found(id))
}

/// POST: sends an example of an event, also to an endpoint that is off.
pub async fn test(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Body<Test>)>,
) -> Result<Created<Data<Tested>>, Error> {
    let plan = |website, (Path(id), _): &(Path<WebhookId>, Body<Test>)| vec![select_one(*id, website)];
    let (website, (Path(id), Body(test)), mut rows) = call.enter(input, plan).await?;
    let webhook = rows.first::<Row>()?.ok_or_else(|| not_found(id))?;
    let now = website.call.now;
    let body = event::example(website.id, id, &webhook.url, test.r#type, now)?;
    let (message, delivery_id) = (Outgoing::new(body, website.call.platform.random()?), website.call.new_id()?);
    let statements = publish::insert_test(website.id, id, delivery_id, &message, now);
    let answer =
        website.create_once(statements, Data::one(Tested { delivery_id })).await?.ok_or_else(|| not_found(id))?;
    queue::enqueue(&website.call.platform, &[publish::Due { id: delivery_id, at: now }], now).await;
    Ok(answer)
}

/// The rows of the endpoints that a statement found, for [`deliveries`].
pub fn read_exists(rows: &mut Rows) -> Result<Option<bool>, PlatformError> {
    #[derive(Deserialize)]
    struct Found {
        is_enabled: i64,
    }
    Ok(rows.first::<Found>()?.map(|found| found.is_enabled != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Create, String> {
        serde_json::from_str(body).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_list_means_all_and_nothing_stands_twice() {
        let create =
            parse(r#"{"url":"https://example.com","eventTypes":["goal.completed","goal.completed"]}"#).unwrap();
        assert_eq!(create.event_types.0, [EventType::GoalCompleted]);
        assert!(create.goal_names.0.is_empty());
        assert!(
            parse(r#"{"url":"https://example.com","eventTypes":["goal.done"]}"#)
                .unwrap_err()
                .contains("goal.completed")
        );
        assert!(parse(r#"{"eventTypes":[]}"#).unwrap_err().contains("url"));
    }

    #[test]
    fn limits_are_whole_deliveries_a_second() {
        for wrong in ["0", "101", "1.5", "-1", "\"5\""] {
            let body = format!(r#"{{"url":"https://example.com","rateLimit":{wrong}}}"#);
            assert!(parse(&body).is_err(), "{wrong}");
        }
        assert_eq!([1, 2, 100].map(|limit| RateLimit(limit).slot_ms()), [1_100, 550, 11]);
    }
}
