//! Looks at connections in the background (docs/contract/providers.md#3.3): registers their webhooks, looks every day that they
//! are still there, and every hour whether a failing connection is well again. Doing it twice does nothing twice.

use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::Value;

use super::address::{Address, is_public};
use super::ask::{Access, NO_ANSWER};
use super::connection::{Mode, Reason};
use super::events;
use super::failing::{self, Failing};
use super::imports;
use super::resync;
use super::sealing::seal_context;
use super::stored;
use super::tokens::{Owner, Sealed};
use super::verification::{self, Failure, Found};
use super::webhook_secrets::{self, WebhookSecret, renewed};
use crate::platform::column::boolean;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_providers::access::Refused;
use sluice_providers::provider::Provider;
use sluice_providers::reading::{Trouble, trouble};
use sluice_providers::request::Answer;
use sluice_providers::webhooks::{self, Wanted, Webhook};
use sluice_values::{Timestamp, WebsiteId};

/// Connections that one run looks at: their requests stay below the platform's limit.
const AT_ONCE: u32 = 3;

/// How long a look takes at most, in milliseconds; after that it is made again.
const LEASE_MS: i64 = 120_000;

const HOUR_MS: i64 = 3_600_000;

/// The waits after looks that a provider did not answer, in seconds; from then on the connection is failing.
const WAITS: [i64; 5] = [5, 30, 120, 600, 1_800];

/// The most characters of a message about a failure.
const LONGEST_MESSAGE: usize = 200;

#[derive(Deserialize)]
struct Row {
    website_id: WebsiteId,
    provider: String,
    sealed_credentials: String,
    account_id: Option<String>,
    state: String,
    #[serde(deserialize_with = "boolean")]
    test_mode: bool,
    missing_permissions: String,
    webhook_ids: String,
    sealed_webhook_secrets: Option<String>,
    #[serde(flatten)]
    token: Sealed,
    key_expires_at: Option<Timestamp>,
    setup_attempts: usize,
}

/// What a look found.
enum Outcome {
    /// How the provider's events arrive.
    Well {
        mode: Mode,
        webhook_ids: Vec<String>,
        secrets: Vec<WebhookSecret>,
    },
    /// The provider does not answer as it should.
    Later {
        after_secs: Option<u64>,
    },
    Failing(Failing),
}

/// Looks at the connections that are due.
pub async fn run_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let lease = now.plus_millis(LEASE_MS);
    let due: Vec<Row> = platform.database().rows(lease_due(lease, now)).await?;
    let looks = due.iter().map(async |row| (row, look(platform, row, lease).await));
    for (row, result) in join_all(looks).await {
        if let Err(error) = result {
            // Nothing of it is the provider's doing: the lease ends, and it is made again.
            log::failure("providers", &row.provider, &error.to_string());
        }
    }
    Ok(())
}

fn lease_due(lease: Timestamp, now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE integrations SET setup_due_at = ?1 WHERE (website_id, provider) IN (\
           SELECT website_id, provider FROM integrations WHERE setup_due_at <= ?2 ORDER BY setup_due_at LIMIT {AT_ONCE}) \
         RETURNING website_id, provider, sealed_credentials, account_id, state, test_mode, missing_permissions, webhook_ids, \
           sealed_webhook_secrets, sealed_token, token_expires_at, key_expires_at, setup_attempts"
    ))
    .bind(lease)
    .bind(now)
}

async fn look(platform: &Platform, row: &Row, lease: Timestamp) -> Result<(), PlatformError> {
    let provider: Provider = row.provider.parse().map_err(|_| PlatformError::new("no such provider"))?;
    let mut look = Look::new(platform, row, provider, lease)?;
    let outcome = look.take().await?;
    let is_well = matches!(outcome, Outcome::Well { .. });
    let mut batch = Batch::new();
    if let Outcome::Well { mode, .. } = &outcome {
        look.begin_reading(&mut batch, *mode)?;
    }
    batch.run(look.end(outcome)?);
    platform.database().run(batch).await?;
    if is_well {
        imports::enqueue_due(platform, platform.now()).await?;
    }
    Ok(())
}

struct Look<'a> {
    platform: &'a Platform,
    row: &'a Row,
    provider: Provider,
    keyring: Keyring,
    /// Only who holds it writes: a connection that is made again meanwhile is looked at anew.
    lease: Timestamp,
    missing: Vec<String>,
    test_mode: bool,
    /// When Shopify's token ends.
    token_ends_at: Option<Timestamp>,
}

impl<'a> Look<'a> {
    fn new(platform: &'a Platform, row: &'a Row, provider: Provider, lease: Timestamp) -> Result<Self, PlatformError> {
        let keyring = Keyring::from_config(&platform.config())?;
        let missing = serde_json::from_str(&row.missing_permissions).unwrap_or_default();
        Ok(Self { platform, row, provider, keyring, lease, missing, test_mode: row.test_mode, token_ends_at: None })
    }

    async fn take(&mut self) -> Result<Outcome, PlatformError> {
        let Row { website_id, sealed_credentials, token, .. } = self.row;
        let (platform, provider, website) = (self.platform, self.provider, *website_id);
        let is_verified = self.row.account_id.is_some() && self.row.state != "failing";
        let access = if is_verified {
            let access = Access::open(platform, website, provider, sealed_credentials, token)?;
            // Shopify's token is renewed in its last hour.
            match access.renewed_before(platform, platform.now().plus_millis(HOUR_MS)).await {
                Ok(ends_at) => self.token_ends_at = ends_at,
                Err(instead) => {
                    let outcome = self.judge(&instead, &[]);
                    return Ok(outcome.unwrap_or(Outcome::Later { after_secs: None }));
                }
            }
            access
        } else {
            match self.verify().await? {
                Ok(access) => access,
                Err(outcome) => return Ok(outcome),
            }
        };
        let secrets = match &self.row.sealed_webhook_secrets {
            Some(sealed) => webhook_secrets::open(&self.keyring, (website, provider), sealed)?,
            None => Vec::new(),
        };
        match platform.config().public_url().filter(|url| is_public(Some(url))) {
            Some(gateway) if !self.is_denied() => self.register(&access, &gateway, secrets).await,
            url => {
                let mode = unregistered(provider, &self.missing, &secrets, url.is_some() || self.is_denied());
                Ok(Outcome::Well { mode, webhook_ids: Vec::new(), secrets })
            }
        }
    }

    /// Whether a permission is missing without which no webhook can be made.
    fn is_denied(&self) -> bool {
        const WEBHOOKS: [&str; 5] =
            ["rak_webhook_write", "webhooks:read", "webhooks:write", "notification_setting.read", "write"];
        self.missing.iter().any(|missing| WEBHOOKS.contains(&missing.as_str()))
    }

    /// Whether the key had an end, and has come to it.
    fn has_expired(&self) -> bool {
        self.row.key_expires_at.is_some_and(|ends_at| ends_at <= self.platform.now())
    }

    /// Verifies the credentials, as connecting does, and keeps what is new of them.
    async fn verify(&mut self) -> Result<Result<Access, Outcome>, PlatformError> {
        let (platform, provider, website) = (self.platform, self.provider, self.row.website_id);
        let fault = |what: &str| PlatformError::new(format!("credentials of {provider}: {what}"));
        let context = seal_context(website, provider.name());
        let opened = self.keyring.open(&self.row.sealed_credentials, &context);
        let opened = opened.map_err(|error| fault(&error.to_string()))?;
        let known: Value = serde_json::from_slice(&opened).map_err(|_| fault("no JSON"))?;
        let credentials = stored::read(provider, &known).map_err(|_| fault("of another form"))?;
        let Found { verified, credentials, token } =
            match verification::verify(platform, provider, credentials.as_ref(), known).await {
                Ok(found) => found,
                Err(Failure::Refused(Refused::Later)) => return Ok(Err(Outcome::Later { after_secs: None })),
                Err(Failure::Refused(Refused::Invalid(_))) if self.has_expired() => {
                    return Ok(Err(Outcome::Failing(failing::expired(provider))));
                }
                Err(Failure::Refused(Refused::Invalid(message))) => return Ok(Err(refused(provider, &message))),
                Err(Failure::Ours(error)) => return Err(error),
            };
        let now = platform.now();
        self.missing = verified.missing;
        self.test_mode = verified.test_mode;
        self.token_ends_at = token.as_ref().map(|token| now.plus_millis(token.secs.saturating_mul(1_000)));
        let token = token.map(|token| token.token);
        let access = Access::of(&platform.config(), provider, &credentials, token.clone())?;
        let seal = |secret: &[u8], context: &str| {
            let sealed = self.keyring.seal(secret, context, platform.random()?);
            sealed.map_err(|error| fault(&error.to_string()))
        };
        let bytes = serde_json::to_vec(&credentials).map_err(|_| fault("no JSON"))?;
        let owner = Owner { website, provider };
        let token = token.map(|token| owner.seal(&self.keyring, &token, platform.random()?)).transpose()?;
        let account = verified.account;
        let update = self
            .update("sealed_credentials = ?4, account_id = ?5, account_name = ?6, test_mode = ?7, missing_permissions = ?8, sealed_token = ?9, token_expires_at = ?10, token_leased_until = 0, key_expires_at = ?11")
            .bind(seal(&bytes, &context)?)
            .bind(account.as_ref().map(|account| account.id.clone()))
            .bind(account.and_then(|account| account.name))
            .bind(verified.test_mode)
            .bind_json(&self.missing)
            .bind(token)
            .bind(self.token_ends_at)
            .bind(verified.expires_at);
        platform.database().run(Batch::of(update)).await?;
        Ok(Ok(access))
    }

    /// Makes the webhooks that are there the ones that are wanted.
    async fn register(
        &mut self,
        access: &Access,
        gateway: &str,
        mut secrets: Vec<WebhookSecret>,
    ) -> Result<Outcome, PlatformError> {
        let (platform, provider, website) = (self.platform, self.provider, self.row.website_id);
        // Those of webhooks that are there; a secret that was chosen and not used is none.
        let former = secrets.clone();
        let address = Address { website, provider };
        let name = website.to_string();
        let urls = address.urls(&self.keyring, gateway);
        let mut wanted = Wanted {
            url: urls.first().map_or("", String::as_str),
            website: &name,
            secret: "",
            store: access.store(),
            test_mode: self.test_mode,
            has_disputes: !self.missing.iter().any(|missing| missing == "read_shopify_payments_disputes"),
        };
        let listed = access.ask(platform, &webhooks::list(provider, &wanted)).await;
        if let Some(outcome) = self.judge(&listed, &former) {
            return Ok(outcome);
        }
        let ours = webhooks::ours(provider, &listed, &address.prefix(gateway));
        // An address under an older key stays as it is.
        if let Some(known) = urls.iter().find(|url| ours.iter().any(|webhook| webhook.url == **url)) {
            wanted.url = known;
        }
        let known: Vec<String> = serde_json::from_str(&self.row.webhook_ids).unwrap_or_default();
        let known = if secrets.is_empty() { Vec::new() } else { known };
        let mut plan = webhooks::plan(provider, &wanted, &ours, &known);
        let chosen;
        if !plan.create.is_empty() && matches!(provider, Provider::LemonSqueezy | Provider::WooCommerce) {
            chosen = match secrets.first().filter(|_| !plan.keep.is_empty() || !plan.enable.is_empty()) {
                Some(known) => known.secret.clone(),
                None => {
                    let secret = alphanumeric(platform.random()?);
                    secrets = renewed(secrets, &secret, platform.now());
                    // Before the call, since the provider may post during it.
                    let stored = self.update("sealed_webhook_secrets = ?4").bind(self.sealed(&secrets)?);
                    platform.database().run(Batch::of(stored)).await?;
                    secret
                }
            };
            wanted.secret = &chosen;
            plan = webhooks::plan(provider, &wanted, &ours, &known);
        }
        for request in plan.delete.iter().filter_map(|id| webhooks::delete(provider, id)) {
            let deleted = access.ask(platform, &request).await;
            if !webhooks::is_deleted(provider, &deleted)
                && let Some(outcome) = self.judge(&deleted, &former)
            {
                return Ok(outcome);
            }
        }
        for (_, request) in &plan.enable {
            let enabled = access.ask(platform, request).await;
            if !enabled.is_ok() {
                return Ok(match self.judge(&enabled, &former) {
                    Some(Outcome::Failing(Failing { reason: Reason::WebhookMissing, .. })) | None => {
                        switched_off(provider, &enabled)
                    }
                    Some(outcome) => outcome,
                });
            }
        }
        let is_kept = |id: &String| plan.keep.contains(id) || plan.enable.iter().any(|(enabled, _)| enabled == id);
        let mut there: Vec<Webhook> = ours.iter().filter(|webhook| is_kept(&webhook.id)).cloned().collect();
        for request in &plan.create {
            let answer = access.ask(platform, request).await;
            if let Some(made) = webhooks::created(provider, &answer) {
                there.push(made);
            } else if !(provider == Provider::Shopify && webhooks::is_taken(&answer)) {
                return Ok(self.judge(&answer, &former).unwrap_or_else(|| not_made(provider, &answer)));
            }
        }
        for secret in there.iter().filter_map(|webhook| webhook.secret.as_deref()) {
            let is_current = secrets.first().is_some_and(|known| known.secret == secret);
            if !is_current {
                secrets = renewed(secrets, secret, platform.now());
            }
        }
        let webhook_ids = there.into_iter().map(|webhook| webhook.id).collect();
        Ok(Outcome::Well { mode: Mode::Webhook, webhook_ids, secrets })
    }

    /// What an answer about webhooks means, unless it is as it should be.
    fn judge(&mut self, answer: &Answer, secrets: &[WebhookSecret]) -> Option<Outcome> {
        let provider = self.provider;
        let is_denied = match (provider, answer.status) {
            // A key that may only read.
            (Provider::WooCommerce, 401 | 403) => true,
            _ => matches!(trouble(answer), Some(Trouble::Denied(_))),
        };
        if is_denied {
            let permission = match provider {
                Provider::Stripe => "rak_webhook_write",
                Provider::Polar => "webhooks:write",
                Provider::Paddle => "notification_setting.write",
                Provider::WooCommerce => "write",
                Provider::LemonSqueezy | Provider::Shopify => {
                    let message = format!("{}: webhooks are refused", provider.title());
                    return Some(Outcome::Failing(Failing { reason: Reason::PermissionMissing, message }));
                }
            };
            if !self.missing.iter().any(|missing| missing == permission) {
                self.missing.push(permission.to_owned());
            }
            let mode = unregistered(provider, &self.missing, secrets, true);
            return Some(Outcome::Well { mode, webhook_ids: Vec::new(), secrets: secrets.to_vec() });
        }
        match trouble(answer) {
            Some(refused @ Trouble::Refused) => failing::of_trouble(provider, &refused).map(Outcome::Failing),
            Some(Trouble::Later { .. })
                if (400..500).contains(&answer.status) && !matches!(answer.status, 408 | 425 | 429) =>
            {
                Some(not_made(provider, answer))
            }
            Some(Trouble::Later { after_secs }) => Some(Outcome::Later { after_secs }),
            Some(Trouble::Denied(_)) | None => None,
        }
    }

    /// Has the past read that was never read, or that was missed, and what changes from now on.
    fn begin_reading(&self, batch: &mut Batch, mode: Mode) -> Result<(), PlatformError> {
        let (now, of) = (self.platform.now(), (self.row.website_id, self.provider));
        let from = resync::earliest(&self.platform.config(), self.provider, &self.missing, now);
        batch.run(resync::catch_up(of, self.platform.random()?, now));
        batch.run(resync::begin(of, self.platform.random()?, from, now));
        if self.row.state == "failing" {
            batch.run(events::wake(of.0, of.1, now));
            batch.run(resync::wake(of, now));
        }
        let polls = mode == Mode::Polling;
        let poll = (polls && self.provider == Provider::Stripe).then_some(now);
        let daily = || imports::next_sweep(of.0, imports::DAY_MS, now);
        let sweep = if polls && self.provider != Provider::Stripe { now } else { daily() };
        batch.run(
            self.update(
                "poll_due_at = iif(?4 IS NULL, NULL, coalesce(poll_due_at, ?4)), sweep_due_at = coalesce(sweep_due_at, ?5)",
            )
            .bind(poll)
            .bind(sweep),
        );
        Ok(())
    }

    /// The statement that ends the look.
    fn end(&self, outcome: Outcome) -> Result<Statement, PlatformError> {
        let now = self.platform.now();
        Ok(match outcome {
            Outcome::Well { mode, webhook_ids, secrets } => {
                let sealed = if secrets.is_empty() { None } else { Some(self.sealed(&secrets)?) };
                let mut next = now.plus_millis(imports::DAY_MS);
                if let Some(ends_at) = self.token_ends_at {
                    // In the last hour of Shopify's token.
                    next = next.min(ends_at.plus_millis(-HOUR_MS)).max(now.plus_millis(60_000));
                }
                self.update(
                    "mode = ?4, webhook_ids = ?5, sealed_webhook_secrets = ?6, missing_permissions = ?7, setup_due_at = ?8, setup_attempts = 0, \
                     failing_since = NULL, failing_reason = NULL, failing_message = NULL, \
                     state = CASE WHEN EXISTS (SELECT 1 FROM provider_imports i WHERE i.website_id = ?1 AND i.provider = ?2 \
                       AND i.kind = 'import' AND i.state = 'running') THEN 'importing' ELSE 'connected' END",
                )
                .bind(mode.as_str())
                .bind_json(&webhook_ids)
                .bind(sealed)
                .bind_json(&self.missing)
                .bind(next)
            }
            Outcome::Later { after_secs } => match WAITS.get(self.row.setup_attempts) {
                Some(wait) => {
                    let asked = after_secs.and_then(|secs| i64::try_from(secs).ok()).unwrap_or_default();
                    let wait = (*wait).max(asked.min(3_600));
                    self.update("setup_due_at = ?4, setup_attempts = setup_attempts + 1")
                        .bind(now.plus_millis(wait * 1_000))
                }
                None => {
                    let message = format!("{} does not answer", self.provider.title());
                    self.failing(&Failing { reason: Reason::ProviderUnreachable, message }, now)
                }
            },
            Outcome::Failing(failing) => self.failing(&failing, now),
        })
    }

    fn failing(&self, Failing { reason, message }: &Failing, now: Timestamp) -> Statement {
        let message: String = message.chars().take(LONGEST_MESSAGE).collect();
        self.update(
            "state = 'failing', failing_since = coalesce(failing_since, ?4), failing_reason = ?5, failing_message = ?6, \
             setup_due_at = ?7",
        )
        .bind(now)
        .bind(reason.as_str())
        .bind(message)
        .bind(now.plus_millis(failing::LOOK_MS))
    }

    /// A change of the row, as long as the look holds its lease; parameters begin at the fourth.
    fn update(&self, set: &str) -> Statement {
        sql(format!("UPDATE integrations SET {set} WHERE website_id = ?1 AND provider = ?2 AND setup_due_at = ?3"))
            .bind(self.row.website_id)
            .bind(self.provider.name())
            .bind(self.lease)
    }

    fn sealed(&self, secrets: &[WebhookSecret]) -> Result<String, PlatformError> {
        let of = (self.row.website_id, self.provider);
        webhook_secrets::seal(&self.keyring, of, secrets, self.platform.random()?)
    }
}

/// How events arrive where no webhook is registered. `has_address`: providers can post to the gateway.
pub fn unregistered(provider: Provider, missing: &[String], secrets: &[WebhookSecret], has_address: bool) -> Mode {
    let polls = !missing.iter().any(|missing| missing == "rak_event_read");
    // Shopify's secret is one of its credentials: it says nothing of a webhook.
    let has_secret = provider != Provider::Shopify && !secrets.is_empty();
    match provider {
        _ if has_secret => Mode::Manual,
        Provider::Stripe if polls => Mode::Polling,
        _ if has_address => Mode::Polling,
        _ => Mode::Manual,
    }
}

/// The failure of credentials that were refused; the message begins with the field of connect.
fn refused(provider: Provider, message: &str) -> Outcome {
    let why = message.split_once(": ").map_or(message, |(_, why)| why);
    let reason = if why.contains(" lacks the permission") { Reason::PermissionMissing } else { Reason::KeyRefused };
    Outcome::Failing(Failing { reason, message: format!("{}: {why}", provider.title()) })
}

fn not_made(provider: Provider, answer: &Answer) -> Outcome {
    if answer.status == NO_ANSWER {
        return Outcome::Later { after_secs: None };
    }
    let message = format!("{}: the webhook cannot be made, status {}", provider.title(), answer.status);
    Outcome::Failing(Failing { reason: Reason::WebhookMissing, message })
}

/// The provider has switched our webhook off, and does not let us switch it on.
fn switched_off(provider: Provider, answer: &Answer) -> Outcome {
    let message = format!(
        "{}: the webhook was switched off, and cannot be switched on from here (status {}); switch it on there, or delete it there",
        provider.title(),
        answer.status
    );
    Outcome::Failing(Failing { reason: Reason::WebhookDisabled, message })
}

/// A secret of 32 characters.
fn alphanumeric(random: [u8; 32]) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    random.iter().filter_map(|byte| ALPHABET.get(usize::from(*byte) % 62)).map(|byte| char::from(*byte)).collect()
}
