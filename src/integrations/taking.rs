//! Sends what providers told to the website's object (docs/contract/providers.md#2).

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::Ordered as _;

use serde::de::IgnoredAny;

use crate::exchange_rates;
use crate::platform::database::sql;
use crate::platform::{Platform, PlatformError};
use crate::site;
use sluice_engine::protocol::{Take, TakeAll, Taken};
use sluice_engine::takes::{day_of, days_to_convert};
use sluice_providers::ledger::{Origin, Take as Told};
use sluice_providers::mapped::{Mapped, Taking};
use sluice_values::{Currency, Timestamp, WebsiteId, WebsiteName};

/// Which website something was told about, and how.
#[derive(Debug, Clone, Copy)]
pub struct Receiver {
    pub website: WebsiteId,
    pub currency: Currency,
    /// Since when the provider is connected: payments of before are no news.
    pub connected_at: Timestamp,
    pub origin: Origin,
    /// When it came to be known.
    pub known_at: Timestamp,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    Taken(Taken),
    /// Nothing counts; the reason.
    Ignored(String),
    /// It cannot be mapped; the reason has no customer's data.
    Failed(String),
    /// The exchange rates of this day are not known yet: nothing is stored.
    WaitsFor(String),
}

/// Sends what was made of an event, or of an object that was read.
pub async fn send(platform: &Platform, receiver: &Receiver, mapped: Mapped) -> Result<Came, PlatformError> {
    let mapped = match mapped {
        Mapped::TakeUnlessOf(ref name, _) => {
            let has_website = is_here(platform, name).await?;
            mapped.decided(has_website)
        }
        other => other,
    };
    match mapped {
        Mapped::Take(taking) | Mapped::TakeUnlessOf(_, taking) => tell(platform, receiver, taking).await,
        Mapped::Ignored { reason, void } => Ok(match void {
            Some(void) => match tell(platform, receiver, void).await? {
                Came::WaitsFor(day) => Came::WaitsFor(day),
                _ => Came::Ignored(reason.into_owned()),
            },
            None => Came::Ignored(reason.into_owned()),
        }),
        Mapped::Failed(reason) => Ok(Came::Failed(reason)),
    }
}

/// What came of a page of a provider's list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PageCame {
    /// Why objects cannot be mapped; the reasons have no customer's data.
    pub failed: Vec<String>,
    /// The exchange rates of this day are not known yet: nothing is stored, or a part.
    pub waits_for: Option<String>,
    /// Money that was not known before.
    pub added: usize,
}

/// Sends what was made of a page of objects that were read, in one message.
pub async fn send_page(
    platform: &Platform,
    receiver: &Receiver,
    page: impl IntoIterator<Item = Mapped>,
) -> Result<PageCame, PlatformError> {
    let (mut told, mut came, mut known) = (Vec::new(), PageCame::default(), Vec::new());
    for mapped in page {
        let mapped = match mapped {
            Mapped::TakeUnlessOf(ref name, _) => {
                let has_website = match known.iter().find(|(known, _)| known == name) {
                    Some((_, has_website)) => *has_website,
                    None => {
                        let has_website = is_here(platform, name).await?;
                        known.push((name.clone(), has_website));
                        has_website
                    }
                };
                mapped.decided(has_website)
            }
            other => other,
        };
        match mapped {
            Mapped::Take(taking) | Mapped::TakeUnlessOf(_, taking) => told.push(taking),
            Mapped::Ignored { void, .. } => told.extend(void),
            Mapped::Failed(reason) => came.failed.push(reason),
        }
    }
    if told.is_empty() {
        return Ok(came);
    }
    let Receiver { website, currency, connected_at, origin, known_at } = *receiver;
    let told: Vec<Told> = told.into_iter().map(|taking| Told { taking, origin, known_at }).collect();
    let now = platform.now();
    let rates = match rates(platform, &told, currency, now).await? {
        Ok(rates) => rates,
        Err(day) => return Ok(PageCame { waits_for: Some(day), ..came }),
    };
    let taken = site::ask_in(platform, website, now, currency, TakeAll { told, connected_at, rates }).await?;
    came.failed.extend(taken.refused);
    Ok(PageCame { waits_for: taken.waits_for, added: taken.added, ..came })
}

/// The rates of all days on which something was paid that has to be converted; the day whose rates are missing.
async fn rates(
    platform: &Platform,
    told: &[Told],
    currency: Currency,
    now: Timestamp,
) -> Result<Result<Vec<(String, String)>, String>, PlatformError> {
    let records = told.iter().flat_map(|told| &told.taking.records);
    let moments: BTreeMap<String, Timestamp> = records.map(|record| (day_of(record.time), record.time)).into_map();
    let days: BTreeSet<String> = told.iter().flat_map(|told| days_to_convert(told, currency)).into_set();
    let mut rates = Vec::new();
    for day in days {
        let Some(moment) = moments.get(&day) else { continue };
        match exchange_rates::of_day(platform, *moment, now).await? {
            Some(found) => rates.push((day, found.to_json())),
            None => return Ok(Err(day)),
        }
    }
    Ok(Ok(rates))
}

/// Whether this gateway has the website.
async fn is_here(platform: &Platform, name: &WebsiteName) -> Result<bool, PlatformError> {
    let select = match name {
        WebsiteName::Id(id) => sql("SELECT 1 FROM websites WHERE id = ?1").bind(*id),
        WebsiteName::Tracking(id) => sql("SELECT 1 FROM websites WHERE tracking_id = ?1").bind(id.as_str()),
    };
    Ok(!platform.database().rows::<IgnoredAny>(select).await?.is_empty())
}

/// Tells the object. Nothing is stored while the rates of a day are missing: it is to be sent again.
async fn tell(platform: &Platform, receiver: &Receiver, taking: Taking) -> Result<Came, PlatformError> {
    let Receiver { website, currency, connected_at, origin, known_at } = *receiver;
    let (told, now) = (Told { taking, origin, known_at }, platform.now());
    let rates = match rates(platform, std::slice::from_ref(&told), currency, now).await? {
        Ok(rates) => rates,
        Err(day) => return Ok(Came::WaitsFor(day)),
    };
    let take = Take { told: Box::new(told), connected_at, rates };
    Ok(match site::ask_in(platform, website, now, currency, take).await? {
        Taken { refused: Some(why), .. } => Came::Failed(why),
        Taken { waits_for: Some(day), .. } => Came::WaitsFor(day),
        taken => Came::Taken(taken),
    })
}
