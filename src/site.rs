//! Calls the Durable Objects that hold a website's events. Nearly all websites have one, `{websiteId}/0`. An object that has left
//! its website to several answers which they are; an isolate remembers that, and asks them, so nothing is looked up for a
//! website with one.

use std::cell::RefCell;
use std::collections::HashMap;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::http::call::{Call, EnteredWebsite};
use crate::platform::objects::Namespace;
use crate::platform::{Platform, PlatformError};
use sluice_engine::DAY_MS;
use sluice_engine::event::VisitorKey;
use sluice_engine::export::{Export, Place};
use sluice_engine::layout::Layout;
use sluice_engine::merge::{MergedExport, ROWS_AT_ONCE, gather};
use sluice_engine::protocol::{Call as EngineCall, Part, Request, SiteCall};
use sluice_engine::salts::salted_id;
use sluice_values::{Currency, Timestamp, VisitorId, WebsiteId};

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
    let answer = match layout_of(website) {
        layout if layout.count > 1 => ask_several(platform, website, layout, request).await?,
        layout => {
            let answer = post(platform, website, layout.first, &json(&request)?).await?;
            match moved_to(&answer) {
                Some(layout) => {
                    remember(website, layout);
                    ask_several(platform, website, layout, request).await?
                }
                None => answer,
            }
        }
    };
    serde_json::from_str(&answer).map_err(|error| broken(&error))
}

/// Asks the one object that has what is not any visitor's: a text whose answer is a text.
pub async fn ask_home(platform: &Platform, website: WebsiteId, text: &str) -> Result<String, PlatformError> {
    let answer = post(platform, website, layout_of(website).first, text).await?;
    match moved_to(&answer) {
        Some(layout) => {
            remember(website, layout);
            post(platform, website, layout.first, text).await
        }
        None => Ok(answer),
    }
}

/// Spreads a website without events over so many new objects. Returns whether it is spread over so many.
pub async fn split(platform: &Platform, website: WebsiteId, count: u32, now: Timestamp) -> Result<bool, PlatformError> {
    let question = question(now, Part::Split { count }.into_call())?;
    let answer = post(platform, website, layout_of(website).first, &question).await?;
    match moved_to(&answer) {
        Some(layout) => {
            remember(website, layout);
            Ok(layout.count == count)
        }
        None => serde_json::from_str(&answer).map_err(|error| broken(&error)),
    }
}

/// Asks some shards at once; answers are in the order of the questions.
pub async fn ask_shards(
    platform: &Platform,
    website: WebsiteId,
    layout: Layout,
    questions: Vec<(u32, String)>,
) -> Result<Vec<String>, PlatformError> {
    let asked = questions.iter().map(|(shard, text)| post(platform, website, layout.first + shard, text));
    try_join_all(asked).await
}

async fn post(platform: &Platform, website: WebsiteId, object: u32, text: &str) -> Result<String, PlatformError> {
    platform.object(Namespace::Sites, &format!("{website}/{object}")).post(text).await
}

/// A call that is not about money, as an object receives it.
pub fn question(now: Timestamp, call: EngineCall) -> Result<String, PlatformError> {
    json(&Request { now: now.as_millis(), currency: None, call })
}

fn json(request: &Request) -> Result<String, PlatformError> {
    serde_json::to_string(request).map_err(|error| broken(&error))
}

fn broken(error: &serde_json::Error) -> PlatformError {
    PlatformError::new(format!("site: {error}"))
}

// ---- Several objects

async fn ask_several(
    platform: &Platform,
    website: WebsiteId,
    layout: Layout,
    mut request: Request,
) -> Result<String, PlatformError> {
    if let EngineCall::Append(append) = &mut request.call
        && let VisitorKey::Anonymous(text) = &append.event.sender
    {
        let visitor = anonymous(platform, website, layout, (request.now, text)).await?;
        append.event.sender = VisitorKey::Visitor(visitor);
    }
    gather(&request, layout, ROWS_AT_ONCE, &async |questions| ask_shards(platform, website, layout, questions).await)
        .await
}

/// The id of a visitor without cookies, which decides where the event goes. Today's salt is the home's, and remembered until the
/// day is over.
async fn anonymous(
    platform: &Platform,
    website: WebsiteId,
    layout: Layout,
    (now, text): (i64, &str),
) -> Result<VisitorId, PlatformError> {
    let today = now.div_euclid(DAY_MS);
    let known = SALTS.with_borrow_mut(|salts| {
        // Whose day is over is forgotten, whichever website is asked for.
        salts.retain(|_, (day, _)| *day >= today);
        salts.get(&website).filter(|(day, _)| *day == today).map(|(_, salt)| salt.clone())
    });
    let salt = match known {
        Some(salt) => salt,
        None => {
            let question = question(Timestamp::from_millis(now), Part::Salt.into_call())?;
            let salt: Vec<u8> = serde_json::from_str(&post(platform, website, layout.first, &question).await?)
                .map_err(|error| broken(&error))?;
            SALTS.with_borrow_mut(|salts| salts.insert(website, (today, salt.clone())));
            salt
        }
    };
    Ok(salted_id(&salt, text)?)
}

thread_local! {
    /// The websites with several objects that this isolate has met.
    static LAYOUTS: RefCell<HashMap<WebsiteId, Layout>> = RefCell::default();
    /// The salt of a day, counted from 1970-01-01, of such websites.
    static SALTS: RefCell<HashMap<WebsiteId, (i64, Vec<u8>)>> = RefCell::default();
}

/// More websites with several objects than this are not remembered at once.
const MOST_REMEMBERED: usize = 10_000;

/// A website's objects, as far as this isolate knows.
fn layout_of(website: WebsiteId) -> Layout {
    LAYOUTS.with_borrow(|known| known.get(&website).copied()).unwrap_or(Layout::ONE)
}

fn remember(website: WebsiteId, layout: Layout) {
    LAYOUTS.with_borrow_mut(|known| {
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(website, layout);
    });
}

/// The answer of an object that has left its website to others: no other answer begins like it. Sent between objects and Workers
/// of other releases: fields may be added with a default, none is renamed.
#[derive(Serialize, Deserialize)]
struct Moved {
    moved: Layout,
}

/// How a [`Moved`] begins.
const MOVED: &str = r#"{"moved":"#;

/// What an object answers to any call that has left its website to these.
pub fn moved(layout: Layout) -> Result<String, PlatformError> {
    serde_json::to_string(&Moved { moved: layout }).map_err(|error| broken(&error))
}

fn moved_to(answer: &str) -> Option<Layout> {
    let read = || serde_json::from_str::<Moved>(answer).ok();
    if answer.starts_with(MOVED) { read().map(|answer| answer.moved) } else { None }
}

impl From<sluice_engine::Error> for PlatformError {
    fn from(error: sluice_engine::Error) -> Self {
        Self::new(error.to_string())
    }
}

// ---- The website of a request

/// The objects of a website that the caller has entered.
pub struct SiteHandle<'a> {
    website: WebsiteId,
    call: &'a Call,
}

impl EnteredWebsite {
    pub fn site(&self) -> SiteHandle<'_> {
        SiteHandle { website: self.id, call: &self.call }
    }
}

/// An export, as far as it is.
pub struct Exporting {
    /// Where it began.
    from: Place,
    reached: Reached,
}

enum Reached {
    /// Of one object: where further lines begin, if there are any.
    One(Option<Place>),
    Several(Layout, MergedExport),
}

impl Exporting {
    pub const fn new(from: Place) -> Self {
        Self { from, reached: Reached::One(Some(from)) }
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

    /// The next lines of an export, which objects send at most so many of at once; `None` after the last ones.
    pub async fn export(&self, exporting: &mut Exporting, limit: u32) -> Result<Option<String>, PlatformError> {
        let Self { website, call: Call { platform, now, .. } } = self;
        let layout = layout_of(*website);
        if let Reached::One(after) = exporting.reached
            && layout.count == 1
        {
            let Some(after) = after else { return Ok(None) };
            let question = question(*now, Export { after, limit }.into_call())?;
            let answer = post(platform, *website, layout.first, &question).await?;
            match moved_to(&answer) {
                Some(layout) => remember(*website, layout),
                None => {
                    let part: sluice_engine::export::Exported =
                        serde_json::from_str(&answer).map_err(|error| broken(&error))?;
                    exporting.reached = Reached::One(part.next);
                    return Ok(Some(part.lines));
                }
            }
        }
        let layout = layout_of(*website);
        if let Reached::One(_) = exporting.reached {
            exporting.reached = Reached::Several(layout, MergedExport::new(layout, exporting.from));
        }
        let Reached::Several(layout, export) = &mut exporting.reached else { return Ok(None) };
        let layout = *layout;
        export.next(*now, limit, &async |questions| ask_shards(platform, *website, layout, questions).await).await
    }
}
