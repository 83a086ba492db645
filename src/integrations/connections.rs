//! Connecting and disconnecting providers, and their status (docs/contract/account-api.md#11).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::lemonsqueezy::LemonSqueezy;
use super::paddle::Paddle;
use super::polar::Polar;
use super::shopify::Shopify;
use super::stripe::Stripe;
use super::woocommerce::WooCommerce;
use super::{Credentials, Provider};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use crate::secrets::keyring::Keyring;
use sluice_values::{Timestamp, WebsiteId};

// ---- What goes out

/// Which providers are connected.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Integrations {
    stripe: Connection,
    lemonsqueezy: Connection,
    polar: Connection,
    paddle: PaddleConnection,
    shopify: Connection,
    woocommerce: Connection,
    /// The website's currency.
    currency: String,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Connection {
    connected: bool,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct PaddleConnection {
    connected: bool,
    key_expires_at: Option<Timestamp>,
}

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
struct CurrencyRow {
    currency: String,
}

#[derive(Deserialize)]
struct ProviderRow {
    provider: String,
}

fn select_currency(website: WebsiteId) -> Statement {
    sql("SELECT currency FROM websites WHERE id = ?1").bind(website)
}

fn select_connected(website: WebsiteId) -> Statement {
    sql("SELECT provider FROM integrations WHERE website_id = ?1").bind(website)
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

/// GET: which providers are connected; shows nothing of the credentials.
pub async fn status(call: WebsiteCall, input: Input<()>) -> Result<Data<Integrations>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read(select_currency(website)), batch.read::<ProviderRow>(select_connected(website)))
    };
    let (website, (), (currency_row, connected), results) = call.enter(input, plan).await?;
    let currency = currency(&website, results.first(&currency_row)?)?;
    let connected = results.all(&connected)?;
    let has = |provider: &str| connected.iter().any(|row| row.provider == provider);
    Ok(Data::one(Integrations {
        stripe: Connection { connected: has(Stripe::NAME) },
        lemonsqueezy: Connection { connected: has(LemonSqueezy::NAME) },
        polar: Connection { connected: has(Polar::NAME) },
        paddle: PaddleConnection { connected: has(Paddle::NAME), key_expires_at: None },
        shopify: Connection { connected: has(Shopify::NAME) },
        woocommerce: Connection { connected: has(WooCommerce::NAME) },
        currency,
    }))
}

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

fn currency(website: &EnteredWebsite, row: Option<CurrencyRow>) -> Result<String, PlatformError> {
    row.map(|row| row.currency).ok_or_else(|| PlatformError::new(format!("website {} is missing", website.id)))
}
