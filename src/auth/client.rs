//! Calls the Durable Objects behind credentials: one for each token's hash, and one for each client address that failed
//! to authenticate.

use super::credential::{CredentialCall, Verdict};
use super::sliding_window::Rate;
use super::token::{TokenHash, TokenKind};
use crate::platform::objects::Namespace;
use crate::platform::{Platform, PlatformError};
use sluice_values::WebsiteId;

/// How often [`CredentialClient::forget`] tries before it reports that the object cannot be reached.
const FORGET_TRIES: u32 = 3;

pub struct CredentialClient<'a> {
    platform: &'a Platform,
}

impl<'a> CredentialClient<'a> {
    pub fn new(platform: &'a Platform) -> Self {
        Self { platform }
    }

    /// Asks who holds the token and whether they may call now.
    pub async fn admit(
        &self,
        token: TokenHash,
        kind: TokenKind,
        website: Option<WebsiteId>,
    ) -> Result<Verdict, PlatformError> {
        let answer = self.call(&token.to_string(), CredentialCall::Admit(kind, website)).await?;
        serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("credential object: {error}")))
    }

    /// Makes the credential object of a revoked token forget its holder.
    pub async fn forget(&self, token_hash: &str) -> Result<(), PlatformError> {
        let mut tries = 1;
        loop {
            match self.call(token_hash, CredentialCall::Forget).await {
                Ok(_) => return Ok(()),
                Err(error) if tries == FORGET_TRIES => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Counts a failed authentication of a client address.
    pub async fn count_failure(&self, address: &str) -> Result<Rate, PlatformError> {
        let answer = self.call(&format!("address:{address}"), CredentialCall::CountFailure).await?;
        serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("credential object: {error}")))
    }

    /// Checks that Durable Objects answer.
    pub async fn check(&self) -> Result<(), PlatformError> {
        self.call("health", CredentialCall::Ping).await.map(|_| ())
    }

    async fn call(&self, name: &str, call: CredentialCall) -> Result<String, PlatformError> {
        self.platform.object(Namespace::Credentials, name).get(&call.path()).await
    }
}
