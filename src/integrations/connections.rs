//! Connecting and disconnecting providers (docs/contract/account-api.md#11, docs/contract/providers.md#3.3).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Credential;
use super::address::is_public;
use super::ask::{Access, store_base};
use super::connection::State;
use super::events;
use super::provider::{Credentials, Kind, Provider, Verify};
use super::queue::{self, Hint};
use super::registration::unregistered;
use super::resync;
pub use super::sealing::seal_context;
use super::tokens::Owner;
use super::verification::{self, Failure, Found};
use super::webhook_secrets::{self, renewed};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Created, Data, Message};
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use sluice_providers::access::Refused;
use sluice_providers::ids::is_path_segment;
use sluice_providers::request::Request;
use sluice_values::{Id, Timestamp, WebsiteId, kinds};

/// For how long the webhook of a connection that is gone is tried to be deleted, in milliseconds.
const CLEANUP_MS: i64 = 24 * 60 * 60 * 1000;

/// Seconds after which a provider that does not answer may be tried again.
const RETRY_AFTER: u32 = 30;

// ---- What goes out

/// The response of connect.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Connected {
    message: String,
    /// The website's currency; not returned by every provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

// ---- What comes in

/// The body of a webhook's secret.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "SetWebhookSecret")]
pub struct SetSecret {
    /// The secret that the provider shows for the webhook, as it stands there.
    secret: Credential,
}

// ---- SQL

#[derive(Deserialize)]
pub(super) struct CurrencyRow {
    currency: String,
}

pub(super) fn select_currency(website: WebsiteId) -> Statement {
    sql("SELECT currency FROM websites WHERE id = ?1").bind(website)
}

/// What there is of a connection before it is made again.
#[derive(Deserialize)]
pub(super) struct Former {
    sealed_credentials: String,
    account_id: Option<String>,
    sealed_webhook_secrets: Option<String>,
}

pub(super) fn select_former(website: WebsiteId, provider: Kind) -> Statement {
    sql("SELECT sealed_credentials, account_id, sealed_webhook_secrets FROM integrations \
         WHERE website_id = ?1 AND provider = ?2")
    .bind(website)
    .bind(provider.name())
}

/// Leaves the webhook of a connection to be deleted at the provider.
fn clean_up(website: WebsiteId, provider: Kind, id: Id<kinds::Request>, now: Timestamp) -> Statement {
    sql("INSERT INTO provider_cleanups (website_id, provider, id, sealed_credentials, webhook_ids, due_at, gives_up_at) \
         SELECT website_id, provider, ?3, sealed_credentials, webhook_ids, ?4, ?5 FROM integrations \
         WHERE website_id = ?1 AND provider = ?2")
    .bind(website)
    .bind(provider.name())
    .bind(id)
    .bind(now)
    .bind(now.plus_millis(CLEANUP_MS))
}

fn forget(website: WebsiteId, provider: Kind) -> [Statement; 3] {
    let of = |text: &'static str| sql(text).bind(website).bind(provider.name());
    [
        of("DELETE FROM integrations WHERE website_id = ?1 AND provider = ?2"),
        of(
            "UPDATE provider_imports SET state = 'stopped', due_at = NULL WHERE website_id = ?1 AND provider = ?2 AND state = 'running'",
        ),
        events::forget_bodies(website, provider),
    ]
}

// ---- Making a connection

/// What connecting writes.
pub struct Made {
    /// Comes first.
    pub batch: Batch,
    /// The row; returns it.
    pub row: Statement,
}

/// Verifies credentials and plans their row. `own` are the addresses of this gateway.
pub(super) async fn make<P: Credentials>(
    platform: &Platform,
    website: WebsiteId,
    credentials: &P,
    former: Option<Former>,
    own: &[String],
) -> Result<Made, Error> {
    let config = platform.config();
    let environment = config.environment();
    credentials.check(environment).map_err(|why| Error::bad_request(why.to_string()))?;
    if let Some(store) = credentials.store_url() {
        for own in own {
            store_base(store, environment, Some(own)).map_err(|why| Error::field("storeUrl", &why))?;
        }
    }
    let stored = serde_json::to_value(credentials).map_err(|_| PlatformError::new("credentials that are no JSON"))?;
    let found =
        verification::verify(platform, P::KIND, credentials, stored).await.map_err(|failure| match failure {
            Failure::Refused(Refused::Invalid(message)) => Error::bad_request(message),
            Failure::Refused(Refused::Later) => Error::Unavailable {
                message: format!("{} does not answer as it should; nothing was stored", P::TITLE),
                retry_after: RETRY_AFTER,
            },
            Failure::Ours(error) => error.into(),
        })?;
    let knows_charge = match &former {
        Some(former)
            if P::KIND == Kind::Stripe && (former.account_id.is_none() || found.verified.account.is_none()) =>
        {
            knows_newest_charge(platform, website, &found).await?
        }
        _ => false,
    };
    Ok(plan(platform, website, P::KIND, credentials, found, former.map(|former| (former, knows_charge)))?)
}

/// Whether the newest charge of Stripe's that is known here is there for these credentials: the account is the same then, where
/// Stripe does not say which it is.
async fn knows_newest_charge(platform: &Platform, website: WebsiteId, found: &Found) -> Result<bool, PlatformError> {
    let newest: Option<Charged> = platform.database().rows(select_newest_charge(website)).await?.pop();
    let Some(Charged { subject }) = newest.filter(|charged| is_path_segment(&charged.subject)) else {
        return Ok(false);
    };
    let access = Access::of(&platform.config(), Kind::Stripe, &found.credentials, None)?;
    Ok(access.ask(platform, &Request::get(format!("/v1/payment_intents/{subject}"))).await.is_ok())
}

#[derive(Deserialize)]
struct Charged {
    subject: String,
}

fn select_newest_charge(website: WebsiteId) -> Statement {
    sql(
        "SELECT subject FROM provider_events WHERE website_id = ?1 AND provider = ?2 AND substr(subject, 1, 3) = 'pi_' \
         ORDER BY received_at DESC LIMIT 1",
    )
    .bind(website)
    .bind(Kind::Stripe.name())
}

fn plan(
    platform: &Platform,
    website: WebsiteId,
    provider: Kind,
    credentials: &dyn Verify,
    found: Found,
    former: Option<(Former, bool)>,
) -> Result<Made, PlatformError> {
    let Found { verified, credentials: stored, token } = found;
    let (config, now) = (platform.config(), platform.now());
    let keyring = Keyring::from_config(&config)?;
    let seal = |secret: &[u8], context: &str| {
        let sealed = keyring.seal(secret, context, platform.random()?);
        sealed.map_err(|error| PlatformError::new(format!("sealing for {provider}: {error}")))
    };
    let account = verified.account.as_ref();
    let id = account.map(|account| account.id.as_str());
    let same = former.filter(|(former, knows_charge)| {
        is_same(&keyring, website, provider, former, id, &stored).unwrap_or(*knows_charge)
    });
    let same = same.map(|(former, _)| former);
    let is_same = same.is_some();
    let mut batch = Batch::new();
    if is_same {
        batch.run(resync::catch_up((website, provider), platform.random()?, now));
        batch.run(events::wake(website, provider, now));
        batch.run(resync::wake((website, provider), now));
    } else {
        // Of another account: its webhook goes with its key.
        batch.run(clean_up(website, provider, Id::new(now, platform.random()?), now));
    }
    let mut secrets = match same.as_ref().and_then(|former| former.sealed_webhook_secrets.as_deref()) {
        Some(sealed) => webhook_secrets::open(&keyring, (website, provider), sealed)?,
        None => Vec::new(),
    };
    if let Some(secret) = credentials.signing_secret() {
        secrets = renewed(secrets, secret, now);
    }
    let sealed_secrets = match secrets.as_slice() {
        [] => None,
        secrets => Some(webhook_secrets::seal(&keyring, (website, provider), secrets, platform.random()?)?),
    };
    let token_expires_at = token.as_ref().map(|token| now.plus_millis(token.secs.saturating_mul(1_000)));
    let owner = Owner { website, provider };
    let token = token.map(|token| owner.seal(&keyring, &token.token, platform.random()?)).transpose()?;
    let has_address = is_public(config.public_url().as_deref());
    let mode = unregistered(provider, &verified.missing, &[], has_address || !verified.registers);
    let bytes = serde_json::to_vec(&stored).map_err(|_| PlatformError::new("credentials that are no JSON"))?;
    let webhooks = if is_same { "integrations.webhook_ids" } else { "'[]'" };
    let connected_at = if is_same { "integrations.connected_at" } else { "excluded.connected_at" };
    let kept_mode = "CASE WHEN integrations.mode <> 'polling' AND integrations.sealed_webhook_secrets IS NOT NULL \
                     THEN integrations.mode ELSE excluded.mode END";
    let mode_set = if is_same { kept_mode } else { "excluded.mode" };
    let rest = if is_same { "" } else { ", poll_cursor = NULL, last_event_at = NULL, last_payment_at = NULL" };
    let row = sql(format!(
        "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, state, mode, account_id, \
           account_name, test_mode, missing_permissions, sealed_webhook_secrets, sealed_token, token_expires_at, \
           key_expires_at, setup_due_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         ON CONFLICT DO UPDATE SET sealed_credentials = excluded.sealed_credentials, connected_at = {connected_at}, \
           state = excluded.state, mode = {mode_set}, account_id = excluded.account_id, \
           account_name = excluded.account_name, test_mode = excluded.test_mode, \
           missing_permissions = excluded.missing_permissions, webhook_ids = {webhooks}, \
           sealed_webhook_secrets = excluded.sealed_webhook_secrets, sealed_token = excluded.sealed_token, \
           token_expires_at = excluded.token_expires_at, token_leased_until = 0, key_expires_at = excluded.key_expires_at, \
           setup_due_at = excluded.setup_due_at, setup_attempts = 0, failing_since = NULL, failing_reason = NULL, \
           failing_message = NULL{rest} RETURNING provider"
    ))
    .bind(website)
    .bind(provider.name())
    .bind(seal(&bytes, &seal_context(website, provider.name()))?)
    .bind(now)
    .bind(State::Verifying.as_str())
    .bind(mode.as_str())
    .bind(id)
    .bind(account.and_then(|account| account.name.as_deref()).map(shortened))
    .bind(verified.test_mode)
    .bind_json(&verified.missing)
    .bind(sealed_secrets)
    .bind(token)
    .bind(token_expires_at)
    .bind(verified.expires_at)
    .bind(now);
    Ok(Made { batch, row })
}

/// Whether a connection is made again with credentials of the same account: with those that are there, where the provider
/// does not say whose they are; `None` if they are others.
fn is_same(
    keyring: &Keyring,
    website: WebsiteId,
    provider: Kind,
    former: &Former,
    account: Option<&str>,
    stored: &serde_json::Value,
) -> Option<bool> {
    if let (Some(former), Some(account)) = (former.account_id.as_deref(), account) {
        return Some(former == account);
    }
    let known = keyring.open(&former.sealed_credentials, &seal_context(website, provider.name()));
    let known = known.ok().and_then(|known| serde_json::from_slice::<serde_json::Value>(&known).ok());
    (known.as_ref() == Some(stored)).then_some(true)
}

/// The most characters of an account's name.
const LONGEST_NAME: usize = 200;

fn shortened(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

// ---- Handlers

/// POST: stores a provider's credentials, sealed, if the provider accepts them.
pub async fn connect<P: Credentials + DeserializeOwned + schemars::JsonSchema>(
    call: WebsiteCall,
    input: Input<Body<P>>,
) -> Result<Created<Data<Connected>>, Error> {
    let plan = |batch: &mut Batch, website, _: &Body<P>| {
        (batch.read(select_currency(website)), batch.read::<Former>(select_former(website, P::KIND)))
    };
    let (website, Body(credentials), (currency_row, former), results) = call.enter(input, plan).await?;
    let currency = currency(&website, results.first(&currency_row)?)?;
    let former = results.first(&former)?;
    let call = &website.call;
    let Made { batch, row } = make(&call.platform, website.id, &credentials, former, &call.own_origins).await?;
    let answer = Data::one(Connected {
        message: format!("{} connected successfully", P::TITLE),
        currency: P::ANSWERS_CURRENCY.then_some(currency),
    });
    let made = website.create_once(batch, row, &P::NAME, answer).await?;
    queue::enqueue(&website.call.platform, &[(Hint::Connected, 0)]).await;
    made.ok_or_else(|| PlatformError::new("an upsert returned no row").into())
}

/// DELETE: deletes a provider's credentials; it is not an error if there are none (docs/contract/README.md#30). The webhook is
/// deleted at the provider later.
pub async fn disconnect<P: Provider>(call: WebsiteCall, input: Input<()>) -> Result<Data<Message>, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    let mut batch = Batch::of(clean_up(website.id, P::KIND, website.call.new_id()?, website.call.now));
    for statement in forget(website.id, P::KIND) {
        batch.run(statement);
    }
    website.run(batch).await?;
    Ok(Message::saying(format!("{} disconnected successfully", P::TITLE)))
}

/// PUT: stores the secret of a webhook that the owner has made with our address.
pub async fn set_webhook_secret<P: Provider>(
    call: WebsiteCall,
    input: Input<Body<SetSecret>>,
) -> Result<Data<Message>, Error> {
    let plan = |batch: &mut Batch, website, _: &Body<SetSecret>| batch.read::<Former>(select_former(website, P::KIND));
    let (website, Body(SetSecret { secret }), former, results) = call.enter(input, plan).await?;
    let not_connected = || Error::not_found(format!("{} is not connected", P::TITLE));
    let former = results.first(&former)?.ok_or_else(not_connected)?;
    let platform = &website.call.platform;
    let keyring = Keyring::from_config(&platform.config())?;
    let of = (website.id, P::KIND);
    let known = match former.sealed_webhook_secrets.as_deref() {
        Some(sealed) => webhook_secrets::open(&keyring, of, sealed)?,
        None => Vec::new(),
    };
    let secrets = renewed(known, secret.reveal(), website.call.now);
    let sealed = webhook_secrets::seal(&keyring, of, &secrets, platform.random()?)?;
    let update = sql("UPDATE integrations SET sealed_webhook_secrets = ?3, poll_due_at = NULL, \
                        mode = CASE WHEN mode = 'webhook' THEN mode ELSE 'manual' END \
                      WHERE website_id = ?1 AND provider = ?2 RETURNING provider")
    .bind(website.id)
    .bind(P::NAME)
    .bind(sealed);
    let changed: Option<serde::de::IgnoredAny> = website.row(update).await?;
    changed.ok_or_else(not_connected)?;
    Ok(Message::saying(format!("{} webhook secret stored", P::TITLE)))
}

pub(super) fn currency(website: &EnteredWebsite, row: Option<CurrencyRow>) -> Result<String, PlatformError> {
    row.map(|row| row.currency).ok_or_else(|| PlatformError::new(format!("website {} is missing", website.id)))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::{Value, json};

    use super::*;
    use crate::integrations::stripe::Stripe;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::platform::outgoing::Sent;

    const WEBSITE: &str = "0000000000000000000000d1";
    const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[tokio::test(flavor = "current_thread")]
    async fn an_account_that_stripe_does_not_name_is_known_by_its_newest_charge() {
        for (account, known, is_same) in [
            (None, Some("pi_2"), true),
            (None, Some("pi_1"), false),
            (None, None, false),
            (Some("acct_1"), Some("pi_2"), true),
        ] {
            let memory =
                Memory::new(Database::with_website(), Timestamp::from_millis(10)).with("ENCRYPTION_KEYS", KEYS);
            memory.serve(move |request| {
                let (status, body) = match request.url.strip_prefix("https://api.stripe.com/v1/").unwrap() {
                    "account" => (403, json!({ "error": { "message": "no" } })),
                    intent if intent.starts_with("payment_intents/") => {
                        let is_there = known.is_some_and(|known| intent.ends_with(known));
                        (if is_there { 200 } else { 404 }, json!({}))
                    }
                    _ => (200, json!({ "data": [] })),
                };
                Sent::Answered { status, retry_after: None, body: body.to_string().into_bytes() }
            });
            for (at, subject) in [(1, "pi_1"), (3, "re_3"), (2, "pi_2")] {
                memory.database.execute(&format!(
                    "INSERT INTO provider_events (website_id, provider, key, id, origin, type, subject, received_at, state) \
                     VALUES ('{WEBSITE}', 'stripe', '{subject}', '{at:024x}', 'webhook', 't', '{subject}', {at}, 'done')"
                ));
            }
            let plan = memory.database.plan(&select_newest_charge(WEBSITE.parse().unwrap()));
            assert!(plan.contains("provider_events_list") && !plan.contains("TEMP B-TREE"), "{plan}");
            let account = account.map_or("NULL".to_owned(), |account: &str| format!("'{account}'"));
            let sealed = Keyring::parse(KEYS).unwrap();
            let sealed = sealed.seal(
                br#"{"stripeRak":"rk_live_old"}"#,
                &seal_context(WEBSITE.parse().unwrap(), "stripe"),
                [1; 12],
            );
            memory.database.execute(&format!(
                "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, account_id) \
                 VALUES ('{WEBSITE}', 'stripe', '{}', 5, {account})",
                sealed.unwrap()
            ));
            let memory = Rc::new(memory);
            let platform = Platform::in_memory(memory.clone());
            let website = WEBSITE.parse().unwrap();
            let former = platform.database().rows(select_former(website, Kind::Stripe)).await.unwrap().pop();
            let stripe: Stripe = serde_json::from_value(json!({ "stripeRak": "rk_live_new" })).unwrap();
            let Ok(Made { mut batch, row }) = make(&platform, website, &stripe, former, &[]).await else { panic!() };
            batch.run(row);
            platform.database().run(batch).await.unwrap();
            let select = "SELECT connected_at, (SELECT count(*) FROM provider_cleanups) AS cleanups FROM integrations";
            let rows: Vec<Value> = platform.database().rows(sql(select)).await.unwrap();
            let expected = if is_same {
                json!({ "connected_at": 5, "cleanups": 0 })
            } else {
                json!({ "connected_at": 10, "cleanups": 1 })
            };
            assert_eq!(rows, [expected], "{account} {known:?}");
        }
    }
}
