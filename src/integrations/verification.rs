//! Whether credentials are worth storing: the provider is asked before anything is (docs/contract/providers.md#3.3).

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::ask::{Access, NO_ANSWER};
use super::provider::Verify;
use crate::platform::{Platform, PlatformError};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::provider::Provider;
use sluice_providers::request::Answer;
use sluice_providers::shopify_access::{self, Token};
use sluice_values::{Environment, Timestamp};

/// How long a verification takes at most, in milliseconds.
const LONGEST_MS: i64 = 10_000;

/// Answers that are waited for at once: the platform's limit.
const AT_ONCE: usize = 6;

/// Credentials that were verified, as they are stored.
pub struct Found {
    pub verified: Verified,
    /// The body of connect, and what was found out of how the provider is asked.
    pub credentials: Value,
    /// Shopify's.
    pub token: Option<Token>,
}

/// Why credentials are not stored.
pub enum Failure {
    Refused(Refused),
    Ours(PlatformError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<PlatformError> for Failure {
    fn from(error: PlatformError) -> Self {
        Self::Ours(error)
    }
}

/// Asks the provider what `credentials` are worth; `stored` is their JSON.
pub async fn verify(
    platform: &Platform,
    provider: Provider,
    credentials: &dyn Verify,
    stored: Value,
) -> Result<Found, Failure> {
    let deadline = platform.now().plus_millis(LONGEST_MS);
    let (config, environment) = (platform.config(), platform.config().environment());
    let mut access = Access::of(&config, provider, &stored, None)?;
    let mut token = None;
    if let Some(request) = credentials.token_request() {
        let answer = access.ask_within(platform, &request, left(platform, deadline)).await;
        let given = shopify_access::token(&answer)?;
        access = Access::of(&config, provider, &stored, Some(given.token.clone()))?;
        token = Some(given);
    }
    let checks = credentials.checks();
    if provider == Provider::WooCommerce
        && let Some(first) = checks.first()
    {
        access = reaching(platform, access, first, deadline).await;
    }
    let mut answers = answers(platform, &access, &checks, deadline).await;
    let mut stored = stored;
    if access.is_key_in_query() {
        note(&mut stored, "keyInQuery");
    }
    // Tokens of Polar's sandbox look like all others.
    let may_be_sandbox = provider == Provider::Polar
        && environment == Environment::Development
        && config.provider_base(provider)?.is_none()
        && answers.iter().any(|answer| answer.status == 401);
    if may_be_sandbox {
        note(&mut stored, "sandbox");
        access = Access::of(&config, provider, &stored, None)?;
        answers = self::answers(platform, &access, &checks, deadline).await;
    }
    let mut verified = credentials.verified(&answers, environment)?;
    verified.test_mode |= may_be_sandbox;
    Ok(Found { verified, credentials: stored, token })
}

/// Every check's answer. One that there is no time for has none.
async fn answers(platform: &Platform, access: &Access, checks: &[Check], deadline: Timestamp) -> Vec<Answer> {
    let asking = checks.iter().map(async |check| match left(platform, deadline) {
        0 => Answer::new(NO_ANSWER, Value::Null),
        left => access.ask_within(platform, &check.request, left).await,
    });
    stream::iter(asking).buffered(AT_ONCE).collect().await
}

/// How the shop takes its key: some hosts strip `Authorization`.
async fn reaching(platform: &Platform, access: Access, check: &Check, deadline: Timestamp) -> Access {
    if access.ask_once(platform, &check.request, left(platform, deadline)).await.status != 401 {
        return access;
    }
    let other = access.key_in_query();
    let again = other.ask_once(platform, &check.request, left(platform, deadline)).await;
    if matches!(again.status, NO_ANSWER | 401) { access } else { other }
}

/// Keeps with the credentials that something is so.
fn note(stored: &mut Value, what: &str) {
    if let Some(fields) = stored.as_object_mut() {
        fields.insert(what.to_owned(), Value::Bool(true));
    }
}

/// Milliseconds that are left.
fn left(platform: &Platform, deadline: Timestamp) -> u64 {
    u64::try_from(deadline.as_millis() - platform.now().as_millis()).unwrap_or_default()
}
