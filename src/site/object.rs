//! The Durable Object of a website: the shell around [`Site`] that the platform sees.

#![expect(missing_docs, reason = "the attribute macro adds functions without any")]

use std::cell::OnceCell;

use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use super::protocol::Request as SiteRequest;
use super::{DAY_MS, Site};
use crate::platform::object_sql::ObjectSql;
use crate::platform::{PlatformError, random};

/// A website's events. See the module above.
#[durable_object(alarm)]
pub struct SiteObject {
    state: State,
    site: OnceCell<Site<ObjectSql>>,
}

impl DurableObject for SiteObject {
    fn new(state: State, _: Env) -> Self {
        Self { state, site: OnceCell::new() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let body = request.bytes().await?;
        let answer = serde_json::from_slice::<SiteRequest>(&body)
            .map_err(|error| PlatformError::new(format!("no such call: {error}")))
            .and_then(|request| self.site()?.answer(&request));
        let answer = match answer {
            Ok(answer) => self.forget_salts_in_time().await.map(|()| answer),
            Err(error) => Err(error),
        };
        match answer {
            Ok(json) => Response::ok(json),
            Err(error) => {
                console_error!("site: {error}");
                Response::error("site failure", 500)
            }
        }
    }

    /// The day is over: nobody may tell its anonymous visitors any more.
    async fn alarm(&self) -> Result<Response> {
        let today = crate::platform::clock::now().as_millis().div_euclid(DAY_MS);
        self.site()?.forget_salts_before(today)?;
        Response::empty()
    }
}

impl SiteObject {
    fn site(&self) -> std::result::Result<&Site<ObjectSql>, PlatformError> {
        if let Some(site) = self.site.get() {
            return Ok(site);
        }
        let opened = Site::open(ObjectSql::new(&self.state)?, random::bytes)?;
        Ok(self.site.get_or_init(|| opened))
    }

    /// Sees to it that a new salt is deleted when its day is over, also should nobody come again.
    async fn forget_salts_in_time(&self) -> std::result::Result<(), PlatformError> {
        let Some(day) = self.site()?.take_new_salt() else { return Ok(()) };
        let end = (day + 1) * DAY_MS - crate::platform::clock::now().as_millis();
        Ok(self.state.storage().set_alarm(end.max(0)).await?)
    }
}
