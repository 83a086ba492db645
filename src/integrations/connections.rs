//! Connecting and disconnecting providers (docs/contract/account-api.md#11).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Credentials, Provider};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use crate::secrets::keyring::Keyring;
use sluice_values::WebsiteId;

// ---- What goes out

/// The response of connect.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Connected {
    message: String,
    /// The website's currency; not returned by every provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

// ---- SQL

#[derive(Deserialize)]
pub(super) struct CurrencyRow {
    currency: String,
}

pub(super) fn select_currency(website: WebsiteId) -> Statement {
    sql("SELECT currency FROM websites WHERE id = ?1").bind(website)
}

/// Connecting again replaces the credentials.
fn store(website: &EnteredWebsite, provider: &str, sealed: String) -> Statement {
    sql("INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO UPDATE SET sealed_credentials = excluded.sealed_credentials, connected_at = excluded.connected_at \
         RETURNING provider")
    .bind(website.id)
    .bind(provider)
    .bind(sealed)
    .bind(website.call.now)
}

fn forget(website: &EnteredWebsite, provider: &str) -> Statement {
    sql("DELETE FROM integrations WHERE website_id = ?1 AND provider = ?2").bind(website.id).bind(provider)
}

// ---- Handlers

/// POST: stores a provider's credentials, sealed.
pub async fn connect<P: Credentials + DeserializeOwned + schemars::JsonSchema>(
    call: WebsiteCall,
    input: Input<Body<P>>,
) -> Result<Created<Data<Connected>>, Error> {
    let (website, Body(credentials), currency_row, results) =
        call.enter(input, |batch, website, _| batch.read(select_currency(website))).await?;
    let currency = currency(&website, results.first(&currency_row)?)?;
    let config = website.call.platform.config();
    credentials.check(config.environment()).map_err(|why| Error::bad_request(why.to_string()))?;
    let secret = serde_json::to_vec(&credentials).map_err(|error| PlatformError::new(error.to_string()))?;
    let context = seal_context(website.id, P::NAME);
    let sealed = Keyring::from_config(&config)?.seal(&secret, &context, website.call.platform.random()?);
    let sealed = sealed.map_err(|error| PlatformError::new(format!("sealing for {}: {error}", P::NAME)))?;
    let answer = Data::one(Connected {
        message: format!("{} connected successfully", P::TITLE),
        currency: P::ANSWERS_CURRENCY.then_some(currency),
    });
    let made = website.create_once(Batch::new(), store(&website, P::NAME, sealed), answer).await?;
    made.ok_or_else(|| PlatformError::new("an upsert returned no row").into())
}

/// DELETE: deletes a provider's credentials; it is not an error if there are none (docs/contract/README.md#30).
pub async fn disconnect<P: Provider>(call: WebsiteCall, input: Input<()>) -> Result<Data<Message>, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    website.run(Batch::of(forget(&website, P::NAME))).await?;
    Ok(Message::saying(format!("{} disconnected successfully", P::TITLE)))
}

/// What a provider's credentials are sealed for: a row that is moved elsewhere does not open. Part of the stored format.
pub fn seal_context(website: WebsiteId, provider: &str) -> String {
    format!("{website}/{provider}")
}

pub(super) fn currency(website: &EnteredWebsite, row: Option<CurrencyRow>) -> Result<String, PlatformError> {
    row.map(|row| row.currency).ok_or_else(|| PlatformError::new(format!("website {} is missing", website.id)))
}
