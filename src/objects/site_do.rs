//! The Durable Object of a website: the shell around [`Site`].

#![expect(missing_docs, reason = "the attribute macro adds functions without any")]

use std::cell::{Cell, OnceCell};

use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::objects::site_sql::ObjectSql;
use crate::outbox;
use crate::platform::{Platform, PlatformError, clock, random};
use crate::websites::currency;
use sluice_engine::protocol::Request as SiteRequest;
use sluice_engine::{DAY_MS, Site};
use sluice_values::WebsiteId;

/// How many outbox entries are drained at once. Each may become a message of up to 20 kB.
const NEWS_AT_ONCE: u32 = 40;
/// When a failed drain is tried again, in milliseconds.
const RETRY_MS: i64 = 10_000;

/// The object: see the module's documentation.
#[durable_object(alarm)]
pub struct SiteObject {
    state: State,
    env: Env,
    site: OnceCell<Site<ObjectSql>>,
    /// Whether the alarm for the outbox is already set.
    is_woken: Cell<bool>,
}

impl DurableObject for SiteObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, site: OnceCell::new(), is_woken: Cell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let body = request.bytes().await?;
        let answer = serde_json::from_slice::<SiteRequest>(&body)
            .map_err(|error| PlatformError::new(format!("no such call: {error}")))
            .and_then(|request| Ok(self.site()?.answer(&request)?));
        let answer = match answer {
            Ok(answer) => self.wake_in_time().await.map(|()| answer),
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

    /// Drains the outbox, goes on with a change of currency, and deletes the salts of past days, so that anonymous visitors
    /// can no longer be recognized. It never fails: the platform gives up an alarm after some attempts, so what failed is
    /// tried again by another alarm.
    async fn alarm(&self) -> Result<Response> {
        let done = self.work_off().await;
        // From here on, a new outbox entry sets the alarm again.
        self.is_woken.set(false);
        let wait = done.unwrap_or_else(|error| {
            console_error!("site: the alarm's work is tried again: {error}");
            Some(RETRY_MS)
        });
        if let Some(wait) = wait
            && let Err(error) = self.state.storage().set_alarm(wait.max(0)).await
        {
            console_error!("site: the alarm could not be set: {error}");
        }
        Response::empty()
    }
}

impl SiteObject {
    fn site(&self) -> std::result::Result<&Site<ObjectSql>, PlatformError> {
        if let Some(site) = self.site.get() {
            return Ok(site);
        }
        let opened = Site::open(ObjectSql::new(&self.state)?, random_bytes)?;
        Ok(self.site.get_or_init(|| opened))
    }

    /// Sets an alarm for draining the outbox, and for deleting a new salt after its day even if no event arrives again.
    /// The alarm is stored in the same transaction as the write.
    async fn wake_in_time(&self) -> std::result::Result<(), PlatformError> {
        let site = self.site()?;
        let new_salt = site.take_new_salt();
        if self.is_woken.get() {
            return Ok(());
        }
        let wait = if site.is_changing_currency() || site.has_outbox() && !site.outbox(1)?.is_empty() {
            self.is_woken.set(true);
            0
        } else if let Some(day) = new_salt {
            (day + 1) * DAY_MS - clock::now().as_millis()
        } else {
            return Ok(());
        };
        Ok(self.state.storage().set_alarm(wait.max(0)).await?)
    }

    /// Does what is due, and returns when there is more to do, in milliseconds from now.
    async fn work_off(&self) -> std::result::Result<Option<i64>, PlatformError> {
        let site = self.site()?;
        site.forget_salts_before(clock::now().as_millis().div_euclid(DAY_MS))?;
        // One that fails does not hold up the other.
        let handed_over = self.hand_over().await;
        let converted = self.convert_payments().await;
        handed_over.and(converted)?;
        if site.has_outbox() || site.is_changing_currency() {
            return Ok(Some(0));
        }
        Ok(site.last_salt()?.map(|day| (day + 1) * DAY_MS - clock::now().as_millis()))
    }

    fn website(&self) -> std::result::Result<WebsiteId, PlatformError> {
        let name = self.state.id().name().unwrap_or_default();
        let id = name.split('/').next().unwrap_or_default();
        id.parse().map_err(|why| PlatformError::new(format!("object \"{name}\": {why}")))
    }

    /// Goes on with a change of the website's currency by a slice. After the last one the website changes.
    async fn convert_payments(&self) -> std::result::Result<(), PlatformError> {
        match self.site()?.change_currency_on()? {
            Some(change) if change.is_done => {
                currency::converted(&Platform::new(self.env.clone()), self.website()?, change.to).await
            }
            _ => Ok(()),
        }
    }

    async fn hand_over(&self) -> std::result::Result<(), PlatformError> {
        let site = self.site()?;
        let website = self.website()?;
        let platform = Platform::new(self.env.clone());
        loop {
            let news = site.outbox(NEWS_AT_ONCE)?;
            let Some(last) = news.last() else { return Ok(()) };
            outbox::drain(&platform, website, &news, clock::now()).await?;
            site.delete_from_outbox(last.seq)?;
        }
    }
}

fn random_bytes() -> std::result::Result<[u8; 32], sluice_engine::Error> {
    random::bytes().map_err(|error| sluice_engine::Error::new(error.to_string()))
}
