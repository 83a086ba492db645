//! Tokens that a provider gives for credentials, as connections keep them: sealed, and renewed by one at a time
//! (docs/contract/providers.md#4.5).

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::sealing::token_context;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::{Keyring, NONCE_BYTES};
use sluice_providers::provider::Provider;
use sluice_providers::shopify_access::Token;
use sluice_values::{Timestamp, WebsiteId};

/// The connection whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    pub website: WebsiteId,
    pub provider: Provider,
}

/// A token as it is stored.
#[derive(Debug, Clone, Deserialize)]
pub struct Sealed {
    pub sealed_token: Option<String>,
    pub token_expires_at: Option<Timestamp>,
}

impl Sealed {
    /// Of a provider that gives none.
    pub const fn none() -> Self {
        Self { sealed_token: None, token_expires_at: None }
    }
}

/// The right to renew a token, until it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease(Timestamp);

/// How long one may renew before another one does, in milliseconds: longer than [`LONGEST_RENEWAL_MS`] and what is stored after it.
pub const LEASE_MS: i64 = 60_000;
/// How long the provider has to give a token, in milliseconds.
pub const LONGEST_RENEWAL_MS: u64 = 30_000;

impl Owner {
    fn bind(self, statement: Statement) -> Statement {
        statement.bind_named("website", self.website).bind_named("provider", self.provider.name())
    }

    pub fn open(self, keyring: &Keyring, sealed: &str) -> Result<String, PlatformError> {
        let fault = |error: String| PlatformError::new(format!("token of {}: {error}", self.provider));
        let token = keyring.open(sealed, &token_context(self.website, self.provider));
        String::from_utf8(token.map_err(|error| fault(error.to_string()))?).map_err(|_| fault("no text".to_owned()))
    }

    /// A token as it is stored.
    pub fn seal(self, keyring: &Keyring, token: &str, nonce: [u8; NONCE_BYTES]) -> Result<String, PlatformError> {
        let sealed = keyring.seal(token.as_bytes(), &token_context(self.website, self.provider), nonce);
        sealed.map_err(|error| PlatformError::new(format!("token of {}: {error}", self.provider)))
    }

    /// The token as it is now; `None` once the connection is gone.
    pub async fn read(self, platform: &Platform) -> Result<Option<Sealed>, PlatformError> {
        let select = "SELECT sealed_token, token_expires_at FROM integrations WHERE website_id = :website AND provider = :provider";
        Ok(platform.database().rows(self.bind(sql(select))).await?.pop())
    }

    /// Takes the right to renew this very token, unless another one has it.
    pub async fn lease(self, platform: &Platform, sealed: &str) -> Result<Option<Lease>, PlatformError> {
        let now = platform.now();
        let until = now.plus_millis(LEASE_MS);
        let taken: Vec<IgnoredAny> = platform.database().rows(self.take(sealed, (now, until))).await?;
        Ok((!taken.is_empty()).then_some(Lease(until)))
    }

    fn take(self, sealed: &str, (now, until): (Timestamp, Timestamp)) -> Statement {
        self.bind(sql(
            "UPDATE integrations SET token_leased_until = :until WHERE website_id = :website AND provider = :provider \
             AND token_leased_until <= :now AND sealed_token = :sealed RETURNING 1",
        ))
        .bind_named("sealed", sealed)
        .bind_named("now", now)
        .bind_named("until", until)
    }

    /// Stores the token that was renewed, unless the connection was made again meanwhile.
    pub async fn store(self, platform: &Platform, token: &Token, lease: Lease) -> Result<(), PlatformError> {
        let keyring = Keyring::from_config(&platform.config())?;
        let sealed = self.seal(&keyring, &token.token, platform.random()?)?;
        let update = self
            .bind(sql(
                "UPDATE integrations SET sealed_token = :sealed, token_expires_at = :ends, token_leased_until = 0 \
                       WHERE website_id = :website AND provider = :provider AND token_leased_until = :lease",
            ))
            .bind_named("sealed", sealed)
            .bind_named("ends", platform.now().plus_millis(token.secs.saturating_mul(1_000)))
            .bind_named("lease", lease.0);
        platform.database().run(Batch::of(update)).await.map(|_| ())
    }

    /// Leaves the renewal to others.
    pub async fn release(self, platform: &Platform, lease: Lease) -> Result<(), PlatformError> {
        let update = self
            .bind(sql("UPDATE integrations SET token_leased_until = 0 \
                       WHERE website_id = :website AND provider = :provider AND token_leased_until = :lease"))
            .bind_named("lease", lease.0);
        platform.database().run(Batch::of(update)).await.map(|_| ())
    }
}
