//! Deletes the webhooks of connections that are gone, and then forgets their credentials: for 24 hours it is tried
//! (docs/contract/providers.md#3.3).

use futures_util::future::join_all;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::address::{Address, is_public};
use super::ask::Access;
use super::sealing::seal_context;
use super::stored;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_providers::provider::Provider;
use sluice_providers::shopify_access;
use sluice_providers::webhooks::{self, Wanted};
use sluice_values::{Timestamp, WebsiteId};

/// Connections that one run cleans up after: their requests stay below the platform's limit.
const AT_ONCE: u32 = 3;

/// The waits between two tries, in seconds; the last one repeats.
const WAITS: [i64; 6] = [5, 30, 120, 600, 1_800, 3_600];

#[derive(Deserialize)]
struct Row {
    website_id: WebsiteId,
    provider: String,
    id: String,
    sealed_credentials: String,
    webhook_ids: String,
    gives_up_at: Timestamp,
}

/// Cleans up what is due.
pub async fn run_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let due: Vec<Row> = platform.database().rows(lease_due(now)).await?;
    let cleaning = due.iter().map(async |row| (row, clean(platform, row).await));
    let mut batch = Batch::new();
    for (row, result) in join_all(cleaning).await {
        let is_done = result.unwrap_or_else(|error| {
            log::failure("providers", &row.provider, &error.to_string());
            false
        });
        if is_done || row.gives_up_at <= now {
            batch.run(sql("DELETE FROM provider_cleanups WHERE id = ?1").bind(row.id.as_str()));
        }
    }
    if !due.is_empty() {
        platform.database().run(batch).await?;
    }
    Ok(())
}

/// Takes what is due, and says when it is due again if nothing comes of it.
fn lease_due(now: Timestamp) -> Statement {
    let waits: Vec<String> =
        WAITS.iter().enumerate().map(|(tries, wait)| format!("WHEN {tries} THEN {}", wait * 1_000)).collect();
    let last = WAITS.last().map_or(0, |wait| wait * 1_000);
    sql(format!(
        "UPDATE provider_cleanups SET due_at = min(max(gives_up_at, ?1), ?1 + CASE attempts {} ELSE {last} END), attempts = attempts + 1 \
         WHERE id IN (SELECT id FROM provider_cleanups WHERE due_at <= ?1 ORDER BY due_at LIMIT {AT_ONCE}) \
         RETURNING website_id, provider, id, sealed_credentials, webhook_ids, gives_up_at",
        waits.join(" ")
    ))
    .bind(now)
}

/// Whether nothing of ours is left at the provider.
async fn clean(platform: &Platform, row: &Row) -> Result<bool, PlatformError> {
    let provider: Provider = row.provider.parse().map_err(|_| PlatformError::new("no such provider"))?;
    let website = row.website_id;
    let known: Vec<String> = serde_json::from_str(&row.webhook_ids).unwrap_or_default();
    let gateway = platform.config().public_url().filter(|url| is_public(Some(url)));
    if known.is_empty() && gateway.is_none() {
        return Ok(true);
    }
    let Some(access) = access(platform, row, provider).await? else { return Ok(false) };
    let mut is_done = true;
    let mut gone: Vec<String> = Vec::new();
    for id in known {
        is_done &= delete(platform, &access, provider, &id).await;
        gone.push(id);
    }
    let connected: Vec<IgnoredAny> = platform.database().rows(select_connected(website, provider)).await?;
    let Some(gateway) = gateway.filter(|_| connected.is_empty()) else { return Ok(is_done) };
    // One may have been made whose id was not stored any more.
    let name = website.to_string();
    let store = access.store().to_owned();
    let wanted = Wanted { url: "", website: &name, secret: "", store: &store, test_mode: false, has_disputes: false };
    let listed = access.ask(platform, &webhooks::list(provider, &wanted)).await;
    if !listed.is_ok() {
        // Without the right to list them there is none that we have made.
        return Ok(is_done && matches!(listed.status, 403 | 404));
    }
    for webhook in webhooks::ours(provider, &listed, &Address { website, provider }.prefix(&gateway)) {
        if !gone.contains(&webhook.id) {
            is_done &= delete(platform, &access, provider, &webhook.id).await;
        }
    }
    Ok(is_done)
}

async fn delete(platform: &Platform, access: &Access, provider: Provider, id: &str) -> bool {
    let Some(request) = webhooks::delete(provider, id) else { return true };
    webhooks::is_deleted(provider, &access.ask(platform, &request).await)
}

/// The credentials as they were; `None` while Shopify gives no token for them.
async fn access(platform: &Platform, row: &Row, provider: Provider) -> Result<Option<Access>, PlatformError> {
    let config = platform.config();
    let fault = |what: &str| PlatformError::new(format!("credentials of {provider}: {what}"));
    let context = seal_context(row.website_id, provider.name());
    let opened = Keyring::from_config(&config)?.open(&row.sealed_credentials, &context);
    let known: Value =
        serde_json::from_slice(&opened.map_err(|error| fault(&error.to_string()))?).map_err(|_| fault("no JSON"))?;
    let access = Access::of(&config, provider, &known, None)?;
    let credentials = stored::read(provider, &known).map_err(|_| fault("of another form"))?;
    let Some(request) = credentials.token_request() else { return Ok(Some(access)) };
    match shopify_access::token(&access.ask(platform, &request).await) {
        Ok(token) => Access::of(&config, provider, &known, Some(token.token)).map(Some),
        Err(_) => Ok(None),
    }
}

fn select_connected(website: WebsiteId, provider: Provider) -> Statement {
    sql("SELECT 1 FROM integrations WHERE website_id = ?1 AND provider = ?2").bind(website).bind(provider.name())
}
