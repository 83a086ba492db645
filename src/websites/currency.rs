//! A change of a website's currency: its payments are converted first, in slices, and then the website changes.

use serde::Deserialize;
use sluice_engine::protocol::Revalue;
use sluice_money::Rates;
use sluice_values::{Currency, Timestamp, WebsiteId};

use super::website::{COLUMNS, Row};
use crate::platform::database::{Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::{exchange_rates, site};

/// Websites whose changes one run of cron goes on with.
const AT_ONCE: u32 = 50;

/// A website that is changing its currency.
#[derive(Deserialize)]
struct Changing {
    id: WebsiteId,
    currency: Currency,
    wished_currency: Currency,
}

fn select_changing() -> Statement {
    sql("SELECT id, currency, wished_currency FROM websites WHERE wished_currency IS NOT NULL ORDER BY id LIMIT ?1")
        .bind(AT_ONCE)
}

/// Changes the website, unless another currency has been wished for since.
fn switch(id: WebsiteId, to: Currency) -> Statement {
    sql(format!(
        "UPDATE websites SET currency = ?2, wished_currency = NULL WHERE id = ?1 AND wished_currency = ?2 \
         RETURNING {COLUMNS}"
    ))
    .bind(id)
    .bind(to.as_str())
}

/// Changes the website, once all its payments are converted. Returns it if it has changed.
pub(super) async fn finish(platform: &Platform, id: WebsiteId, to: Currency) -> Result<Option<Row>, PlatformError> {
    Ok(platform.database().rows::<Row>(switch(id, to)).await?.into_iter().next())
}

/// Changes the website, once its object has converted all payments.
pub async fn converted(platform: &Platform, id: WebsiteId, to: Currency) -> Result<(), PlatformError> {
    finish(platform, id, to).await.map(|_| ())
}

/// Converts a slice of a website's payments; the object's alarm goes on with it. Returns whether all are converted.
pub(super) async fn convert(
    platform: &Platform,
    id: WebsiteId,
    (from, to): (Currency, Currency),
    rates: &Rates,
    now: Timestamp,
) -> Result<bool, PlatformError> {
    let call = Revalue { currency: to, from: Some(from), rates: rates.to_json() };
    Ok(site::ask_in(platform, id, now, from, call).await? == 0)
}

/// Goes on with changes that have stopped on the way.
pub async fn resume(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let changing: Vec<Changing> = platform.database().rows(select_changing()).await?;
    if changing.is_empty() {
        return Ok(());
    }
    let rates = exchange_rates::rates(platform, now).await?;
    for website in changing {
        let currencies = (website.currency, website.wished_currency);
        if convert(platform, website.id, currencies, &rates, now).await? {
            finish(platform, website.id, website.wished_currency).await?;
        }
    }
    Ok(())
}
