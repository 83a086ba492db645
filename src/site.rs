//! Calls the Durable Object that holds a website's events.

use sluice_engine::protocol::{Request, SiteCall};
use sluice_values::{Currency, Timestamp, WebsiteId};

use crate::http::call::{Call, EnteredWebsite};
use crate::platform::objects::Namespace;
use crate::platform::{Platform, PlatformError};

/// Calls a website's object. The number after the id is the shard; so far every website has one.
/// Calls the object of a website about money, which is in this currency.
pub async fn ask_in<C: SiteCall>(
    platform: &Platform,
    website: WebsiteId,
    now: Timestamp,
    currency: Currency,
    call: C,
) -> Result<C::Answer, PlatformError> {
    send::<C>(platform, website, Request { now: now.as_millis(), currency: Some(currency), call: call.into_call() })
        .await
}

pub async fn ask<C: SiteCall>(
    platform: &Platform,
    website: WebsiteId,
    now: Timestamp,
    call: C,
) -> Result<C::Answer, PlatformError> {
    send::<C>(platform, website, Request { now: now.as_millis(), currency: None, call: call.into_call() }).await
}

async fn send<C: SiteCall>(
    platform: &Platform,
    website: WebsiteId,
    request: Request,
) -> Result<C::Answer, PlatformError> {
    let request = serde_json::to_string(&request);
    let request = request.map_err(|error| PlatformError::new(format!("site: {error}")))?;
    let answer = platform.object(Namespace::Sites, &format!("{website}/0")).post(&request).await?;
    serde_json::from_str(&answer).map_err(|error| PlatformError::new(format!("site: {error}")))
}

impl From<sluice_engine::Error> for PlatformError {
    fn from(error: sluice_engine::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// The object of a website that the caller has entered.
pub struct SiteHandle<'a> {
    website: WebsiteId,
    call: &'a Call,
}

impl EnteredWebsite {
    pub fn site(&self) -> SiteHandle<'_> {
        SiteHandle { website: self.id, call: &self.call }
    }
}

impl SiteHandle<'_> {
    pub async fn ask<C: SiteCall>(&self, call: C) -> Result<C::Answer, PlatformError> {
        ask(&self.call.platform, self.website, self.call.now, call).await
    }

    /// Asks about money, which is in this currency.
    pub async fn ask_in<C: SiteCall>(&self, currency: Currency, call: C) -> Result<C::Answer, PlatformError> {
        ask_in(&self.call.platform, self.website, self.call.now, currency, call).await
    }
}
