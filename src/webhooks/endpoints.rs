//! The resource `webhooks` (docs/contract/automation.md#webhook-endpoints): where deliveries go, which events are sent,
//! and the secret that signs them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::event::EventType;
use super::publish::Outgoing;
use super::secrets::EndpointSeal;
use super::settings::MOST_ENDPOINTS;
use super::{event, object, subscriptions};
use crate::auth::role::Role;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Patch, Path};
use crate::http::reply::{BothIds, Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Results, RowValues, Statement, sql};
use crate::secrets::keyring::Keyring;
use sluice_values::{AccountId, DeliveryId, Invalid, LooseGoalName, Text, Timestamp, WebhookId, WebsiteId, kinds};
use sluice_webhook_rules::destination::{self, Destination};
use sluice_webhook_rules::headers::CustomHeaders;
use sluice_webhook_rules::signature::Secret;

/// The most goals that one endpoint may name, and the most entries in any list of an endpoint.
pub const MOST_GOALS: usize = 100;
/// The most deliveries per second that an endpoint may be limited to.
pub const LARGEST_RATE: u32 = 100;
/// How long a replaced secret keeps signing: 24 hours.
const OVERLAP_MS: i64 = 24 * 60 * 60 * 1_000;

type Description = Text<0, 500>;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateWebhook")]
pub struct Create {
    /// Where deliveries go: https, at a public address.
    #[schemars(schema_with = "url_schema")]
    url: String,
    description: Option<Description>,
    /// Left out or empty: all types.
    #[serde(default)]
    event_types: Distinct<EventType>,
    /// Only these goals; left out or empty: all goals. Other types of events are not affected.
    #[serde(default)]
    goal_names: Distinct<LooseGoalName>,
    /// Defaults to `true`.
    is_enabled: Option<bool>,
    /// Sent with every delivery.
    #[serde(default)]
    headers: CustomHeaders,
    /// The maximum number of deliveries per second; further ones wait.
    rate_limit: Option<RateLimit>,
}

/// The body of update.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateWebhook")]
pub struct Update {
    #[schemars(schema_with = "url_schema")]
    url: Patch<String>,
    /// `null` clears it.
    description: Patch<Option<Description>>,
    event_types: Patch<Distinct<EventType>>,
    goal_names: Patch<Distinct<LooseGoalName>>,
    is_enabled: Patch<bool>,
    /// Replaces all headers; a value that was returned masked may be sent back unchanged.
    headers: Patch<CustomHeaders>,
    /// `null` removes the limit.
    rate_limit: Patch<Option<RateLimit>>,
}

fn url_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "format": "uri", "minLength": 1, "maxLength": destination::LONGEST,
        "examples": ["https://example.com/hooks"] })
}

/// The body of test.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "TestWebhook")]
pub struct Test {
    /// Defaults to `goal.completed`.
    #[serde(default)]
    r#type: EventType,
}

/// A list without repetitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de> + PartialEq"))]
pub struct Distinct<T>(Vec<T>);

// Derived schemas of a type with `try_from` leave limits out.
impl<T: schemars::JsonSchema> schemars::JsonSchema for Distinct<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("DistinctOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let items = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "array", "items": items, "maxItems": MOST_GOALS })
    }
}

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

/// A whole number of deliveries per second: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct RateLimit(u32);

impl schemars::JsonSchema for RateLimit {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "RateLimit".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": LARGEST_RATE })
    }
}

impl TryFrom<u32> for RateLimit {
    type Error = Invalid;

    fn try_from(sent: u32) -> Result<Self, Invalid> {
        if (1..=LARGEST_RATE).contains(&sent) {
            Ok(Self(sent))
        } else {
            Err(Invalid::new(format!(
                "expected 1 to {LARGEST_RATE} deliveries a second, or null for no limit, got {sent}"
            )))
        }
    }
}

impl RateLimit {
    /// Milliseconds from one delivery to the next. A tenth more than an even spread, so that no second exceeds the
    /// limit if the network delays the first of them.
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
    /// For viewers only scheme, host and port: the rest may be a credential.
    url: String,
    description: Option<String>,
    event_types: Vec<EventType>,
    goal_names: Vec<String>,
    is_enabled: bool,
    /// `manual`, `gone` (it answered 410) or `failing` (for too long).
    disabled_reason: Option<String>,
    /// Values that look like credentials are masked.
    headers: BTreeMap<String, String>,
    /// The maximum number of deliveries per second.
    rate_limit: Option<u32>,
    /// The account whose token made it; `null` for webhooks from before this was stored.
    created_by: Option<AccountId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A new endpoint, with the secret that signs its deliveries.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CreatedWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    /// `whsec_…`, the form that the libraries of Standard Webhooks expect.
    secret: String,
}

/// The secret of an endpoint.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ShownSecret {
    /// `whsec_…`, the form that the libraries of Standard Webhooks expect.
    secret: String,
}

/// A new secret.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecret {
    /// `whsec_…`, the form that the libraries of Standard Webhooks expect.
    secret: String,
    /// The previous secret signs too until this time.
    previous_secret_expires_at: Timestamp,
}

/// The response of test.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    /// The id of the example's delivery.
    delivery_id: DeliveryId,
}

// ---- SQL

/// The columns of `webhooks` that the API shows. `event_types` and `goal_names` are JSON arrays of strings, and an
/// empty one means all: values may be added, and a name that is stored is never renamed.
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
    created_by: Option<AccountId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    const COLUMNS: &str = "id, website_id, url, description, event_types, goal_names, is_enabled, disabled_reason, \
                           sealed_headers, rate_limit, created_by, created_at, updated_at";
}

fn select_all(website: WebsiteId) -> Statement {
    sql(format!("SELECT {} FROM webhooks WHERE website_id = ?1 ORDER BY created_at, id", Row::COLUMNS)).bind(website)
}

fn select_one(id: WebhookId, website: WebsiteId) -> Statement {
    sql(format!("SELECT {} FROM webhooks WHERE id = ?1 AND website_id = ?2", Row::COLUMNS)).bind(id).bind(website)
}

/// Whether a website has an endpoint.
pub struct Existing(Handle<IgnoredAny>);

impl Existing {
    pub fn read(batch: &mut Batch, id: WebhookId, website: WebsiteId) -> Self {
        let select = sql("SELECT 1 FROM webhooks WHERE id = ?1 AND website_id = ?2");
        Self(batch.read(select.bind(id).bind(website)))
    }

    /// Refuses if the website has no such endpoint.
    pub fn check(&self, results: &Results, id: WebhookId) -> Result<(), Error> {
        results.first(&self.0)?.map(|_| ()).ok_or_else(|| not_found(id))
    }
}

/// Inserts the endpoint unless the website has [`MOST_ENDPOINTS`] already.
fn insert(webhook: &Webhook, limit: Option<RateLimit>, sealed_headers: String, sealed_secret: String) -> Statement {
    RowValues::new()
        .with("id", webhook.ids.id())
        .with("website_id", webhook.website_id)
        .with("url", webhook.url.as_str())
        .with("description", webhook.description.as_deref())
        .with_json("event_types", &webhook.event_types)
        .with_json("goal_names", &webhook.goal_names)
        .with("is_enabled", webhook.is_enabled)
        .with("disabled_reason", webhook.disabled_reason.as_deref())
        .with("sealed_headers", sealed_headers)
        .with("sealed_secret", sealed_secret)
        .with("slot_ms", limit.map_or(0, RateLimit::slot_ms))
        .with("rate_limit", limit.map(|limit| limit.0))
        .with("created_at", webhook.created_at)
        .with("updated_at", webhook.created_at)
        .with("created_by", webhook.created_by)
        .with("url_set_by", webhook.created_by)
        .insert_where("webhooks")
        .then(" WHERE (SELECT count(*) FROM webhooks WHERE website_id = :website) < :most RETURNING id")
        .bind_named("website", webhook.website_id)
        .bind_named("most", MOST_ENDPOINTS)
}

/// Changes only the given fields, in one statement, so that concurrent updates do not overwrite each other. Enabling
/// clears the reason for which the endpoint was disabled, and in the website's object its failure streak.
fn update(id: WebhookId, website: &EnteredWebsite, changes: &Update, sealed_headers: Option<String>) -> Statement {
    let json = |list: serde_json::Result<String>| list.unwrap_or_default();
    let url = changes.url.as_set().map(|url| url.trim());
    let limit = changes.rate_limit.as_set().copied();
    RowValues::new()
        .with("updated_at", website.call.now)
        .with_some("url", url)
        .with_some("description", changes.description.as_set().map(|text| shown_description(text.as_ref())))
        .with_some("event_types", changes.event_types.as_set().map(serde_json::to_string).map(json))
        .with_some("goal_names", changes.goal_names.as_set().map(serde_json::to_string).map(json))
        .with_some("sealed_headers", sealed_headers)
        .with_some("slot_ms", limit.map(|limit| limit.map_or(0, RateLimit::slot_ms)))
        .with_some("rate_limit", limit.map(|limit| limit.map(|limit| limit.0)))
        .update("webhooks")
        .then(&format!(
            ", url_set_by = iif(url = coalesce(:url, url), url_set_by, :maker), \
             disabled_reason = CASE WHEN :enabled IS NULL THEN disabled_reason WHEN :enabled THEN NULL \
               WHEN is_enabled THEN 'manual' ELSE disabled_reason END, \
             failing_since = iif(:enabled AND NOT is_enabled, NULL, failing_since), \
             warned_at = iif(:enabled AND NOT is_enabled, NULL, warned_at), \
             switched_on = switched_on + ifnull(:enabled AND NOT is_enabled, 0), \
             is_enabled = coalesce(:enabled, is_enabled) WHERE id = :id AND website_id = :website RETURNING {}",
            Row::COLUMNS
        ))
        .bind_named("url", url)
        .bind_named("maker", website.principal.maker())
        .bind_named("enabled", changes.is_enabled.as_set().copied())
        .bind_named("id", id)
        .bind_named("website", website.id)
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

// ---- Rules

impl Row {
    fn shown(self, keyring: &Keyring, role: Role) -> Result<Webhook, PlatformError> {
        let broken = |error| PlatformError::new(format!("webhook {}: {error}", self.id));
        Ok(Webhook {
            ids: self.id.into(),
            website_id: self.website_id,
            event_types: serde_json::from_str(&self.event_types).map_err(broken)?,
            goal_names: serde_json::from_str(&self.goal_names).map_err(broken)?,
            headers: EndpointSeal::new(keyring, self.website_id, self.id).open_headers(&self.sealed_headers)?.masked(),
            url: if role == Role::Viewer { destination::origin(&self.url) } else { self.url },
            description: self.description,
            is_enabled: self.is_enabled != 0,
            disabled_reason: self.disabled_reason,
            rate_limit: self.rate_limit,
            created_by: self.created_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn shown_description(description: Option<&Description>) -> Option<String> {
    description.map(|text| text.as_str().to_owned()).filter(|text| !text.is_empty())
}

/// Refuses addresses to which deliveries are not allowed.
fn check_url(website: &EnteredWebsite, url: &str) -> Result<(), Error> {
    let environment = website.call.platform.config().environment();
    let destination = Destination::parse(url, environment).map_err(|why| Error::field("url", &why))?;
    if website.call.own_origins.iter().any(|origin| destination.is_at(origin)) {
        return Err(Error::bad_request("url: this is an address of this gateway, which a webhook cannot call"));
    }
    Ok(())
}

pub fn not_found(id: WebhookId) -> Error {
    Error::not_found(format!("no webhook {id} on this website"))
}

// ---- Handlers

/// GET: the website's endpoints, oldest first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<Webhook>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| batch.read::<Row>(select_all(website));
    let (website, (), rows, results) = call.enter(input, plan).await?;
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let webhooks =
        results.all(&rows)?.into_iter().map(|row| row.shown(&keyring, website.role)).collect::<Result<_, _>>()?;
    Ok(Data::many(webhooks))
}

/// GET: one endpoint.
pub async fn get(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<Webhook>, Error> {
    let plan = |batch: &mut Batch, website, Path(id): &Path<WebhookId>| batch.read::<Row>(select_one(*id, website));
    let (website, Path(id), row, results) = call.enter(input, plan).await?;
    let row = results.first(&row)?.ok_or_else(|| not_found(id))?;
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    Ok(Data::one(row.shown(&keyring, website.role)?))
}

/// POST: creates an endpoint.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<CreatedWebhook>>, Error> {
    let (website, Body(create), (), _) = call.enter(input, |_, _, _| ()).await?;
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
        created_by: website.principal.maker(),
        created_at: website.call.now,
        updated_at: website.call.now,
    };
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let seal = EndpointSeal::new(&keyring, website.id, id);
    let sealed_headers = seal.seal_headers(&headers, website.call.platform.random()?)?;
    let sealed_secret = seal.seal_secret(&secret, website.call.platform.random()?)?;
    let insert = insert(&webhook, create.rate_limit, sealed_headers, sealed_secret);
    let changed = Batch::of(subscriptions::changed(website.id, website.call.now));
    let answer = Data::one(CreatedWebhook { webhook, secret: secret.reveal() });
    let answer = website.create_once(changed, insert, &id, answer).await?.ok_or_else(|| {
        Error::forbidden(format!(
            "Webhook limit reached (max {MOST_ENDPOINTS} per website); delete one that is no longer used"
        ))
    })?;
    subscriptions::sync_later(&website.call.platform, website.id, website.call.now).await;
    Ok(answer)
}

/// PUT: changes an endpoint. When it is switched off, its pending deliveries become `missed`.
pub async fn change(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Changes<Update>)>,
) -> Result<Data<Webhook>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Changes<Update>)| {
        batch.read::<Row>(select_one(*id, website))
    };
    let (website, (Path(id), Changes(mut changes)), stored, results) = call.enter(input, plan).await?;
    let stored = results.first(&stored)?.ok_or_else(|| not_found(id))?;
    if let Some(url) = changes.url.as_set() {
        check_url(&website, url)?;
    }
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let sealed_headers = match std::mem::take(&mut changes.headers) {
        Patch::Keep => None,
        Patch::Set(headers) => {
            let seal = EndpointSeal::new(&keyring, website.id, id);
            let before = seal.open_headers(&stored.sealed_headers)?;
            let headers = headers.unmasked(&before).map_err(|why| Error::field("headers", &why))?;
            Some(seal.seal_headers(&headers, website.call.platform.random()?)?)
        }
    };
    let mut batch = Batch::new();
    let updated = batch.read::<Row>(update(id, &website, &changes, sealed_headers));
    batch.run(subscriptions::changed(website.id, website.call.now));
    let row = website.run(batch).await?.first(&updated)?.ok_or_else(|| not_found(id))?;
    subscriptions::sync_later(&website.call.platform, website.id, website.call.now).await;
    Ok(Data::one(row.shown(&keyring, website.role)?))
}

/// DELETE: deletes an endpoint. Its pending deliveries fail.
pub async fn delete(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<Message>, Error> {
    #[derive(Deserialize)]
    struct User {
        name: String,
    }
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let mut batch = Batch::new();
    let user = batch.read::<User>(select_users(id, website.id));
    let deleted = batch.read::<IgnoredAny>(delete_unused(id, website.id));
    batch.run(subscriptions::changed(website.id, website.call.now));
    let results = website.run(batch).await?;
    if results.first(&deleted)?.is_none() {
        return Err(match results.first(&user)? {
            Some(User { name }) => {
                Error::conflict(format!("the alert \"{name}\" sends to this webhook; change it first"))
            }
            None => not_found(id),
        });
    }
    subscriptions::sync_later(&website.call.platform, website.id, website.call.now).await;
    Ok(Message::saying("Webhook deleted successfully"))
}

/// GET: the secret that signs.
pub async fn secret(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Data<ShownSecret>, Error> {
    #[derive(Deserialize)]
    struct Sealed {
        sealed_secret: String,
    }
    let plan = |batch: &mut Batch, website, Path(id): &Path<WebhookId>| {
        let select = sql("SELECT sealed_secret FROM webhooks WHERE id = ?1 AND website_id = ?2");
        batch.read::<Sealed>(select.bind(*id).bind(website))
    };
    let (website, Path(id), row, results) = call.enter(input, plan).await?;
    let row = results.first(&row)?.ok_or_else(|| not_found(id))?;
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let secret = EndpointSeal::new(&keyring, website.id, id).open_secret(&row.sealed_secret)?;
    Ok(Data::one(ShownSecret { secret: secret.reveal() }))
}

/// POST: creates a new secret; for a day the previous one signs too.
pub async fn rotate(call: WebsiteCall, input: Input<Path<WebhookId>>) -> Result<Created<Data<RotatedSecret>>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let (secret, now) = (Secret::new(website.call.platform.random()?), website.call.now);
    let expires_at = now.plus_millis(OVERLAP_MS);
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let sealed = EndpointSeal::new(&keyring, website.id, id).seal_secret(&secret, website.call.platform.random()?)?;
    let update = sql("UPDATE webhooks SET sealed_previous_secret = sealed_secret, previous_secret_expires_at = ?4, \
             sealed_secret = ?3, updated_at = ?5 WHERE id = ?1 AND website_id = ?2 RETURNING id")
    .bind(id)
    .bind(website.id)
    .bind(sealed)
    .bind(expires_at)
    .bind(now);
    let answer = Data::one(RotatedSecret { secret: secret.reveal(), previous_secret_expires_at: expires_at });
    let changed = Batch::of(subscriptions::changed(website.id, now));
    let answer = website.create_once(changed, update, &id, answer).await?.ok_or_else(|| not_found(id))?;
    subscriptions::sync_later(&website.call.platform, website.id, now).await;
    Ok(answer)
}

/// POST: sends an example of an event, even to an endpoint that is switched off.
pub async fn test(call: WebsiteCall, input: Input<(Path<WebhookId>, Body<Test>)>) -> Result<Data<Tested>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Body<Test>)| {
        batch.read::<Row>(select_one(*id, website))
    };
    let (website, (Path(id), Body(test)), row, results) = call.enter(input, plan).await?;
    let webhook = results.first(&row)?.ok_or_else(|| not_found(id))?;
    let now = website.call.now;
    let body =
        event::example(test.r#type, &event::Example { website: website.id, webhook: id, url: &webhook.url, now })?;
    let (message, delivery_id) = (Outgoing::new(body, website.call.platform.random()?), website.call.new_id()?);
    object::test(&website.call.platform, website.id, id, delivery_id, message).await?;
    Ok(Data::one(Tested { delivery_id }))
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
