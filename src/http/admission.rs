//! Who holds a token, and what a failure costs: authentications that fail are counted against the client's address
//! (docs/contract/README.md#19).

use super::error::Error;
use crate::auth::client::CredentialClient;
use crate::auth::credential::Verdict;
use crate::auth::failures::{self, ClientAddress};
use crate::auth::limits;
use crate::auth::sliding_window::Rate;
use crate::auth::token::RawToken;
use crate::auth::unknown;
use crate::platform::{Platform, PlatformError};
use sluice_values::{Timestamp, WebsiteId};

pub struct Admission<'a> {
    platform: &'a Platform,
    client: &'a ClientAddress,
    now: Timestamp,
}

impl<'a> Admission<'a> {
    pub fn new(platform: &'a Platform, client: &'a ClientAddress, now: Timestamp) -> Self {
        Self { platform, client, now }
    }

    /// Who holds the token, if anybody, and whether they may call now; counts the request. Asks in the same hop whether the
    /// holder owns `website`.
    pub async fn ask(&self, token: &RawToken, website: Option<WebsiteId>) -> Result<Verdict, PlatformError> {
        let hash = token.hash();
        if unknown::is_unknown(hash, self.now) {
            return Ok(Verdict { principal: None, rate: None, owns: false });
        }
        let verdict = CredentialClient::new(self.platform).admit(hash, token.kind(), website).await?;
        if verdict.principal.is_none() {
            unknown::remember(hash, self.now);
        }
        Ok(verdict)
    }

    /// Counts what was looked up and is not known: 401, or 429 if the address has failed too often.
    pub async fn count_unknown(&self, message: &str) -> Error {
        match CredentialClient::new(self.platform).count_failure(&self.client.to_string()).await {
            Ok(failures) => refused(failures, message),
            Err(error) => error.into(),
        }
    }

    /// Counts what somebody asks for who may be anybody, without touching storage.
    pub fn count_ask(&self) -> Result<(), Error> {
        let limit = limits::failures_per_minute(&self.platform.config());
        let asked = failures::count_in_memory(self.client, self.now, limit);
        if asked.admitted { Ok(()) } else { Err(Error::RateLimited(asked)) }
    }

    /// Counts what was malformed, without touching storage.
    pub fn count_malformed(&self, message: &str) -> Error {
        let limit = limits::failures_per_minute(&self.platform.config());
        refused(failures::count_in_memory(self.client, self.now, limit), message)
    }
}

fn refused(failures: Rate, message: &str) -> Error {
    if failures.admitted { Error::unauthorized(message) } else { Error::RateLimited(failures) }
}
