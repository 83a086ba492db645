//! The status response: which providers are connected (docs/contract/account-api.md#11).

use serde::Deserialize;

use super::connections::{currency, select_currency};
use super::registry::Integrations;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::WebsiteId;

#[derive(Deserialize)]
struct ProviderRow {
    provider: String,
}

fn select_connected(website: WebsiteId) -> Statement {
    sql("SELECT provider FROM integrations WHERE website_id = ?1").bind(website)
}

/// GET: which providers are connected; shows nothing of the credentials.
pub async fn status(call: WebsiteCall, input: Input<()>) -> Result<Data<Integrations>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read(select_currency(website)), batch.read::<ProviderRow>(select_connected(website)))
    };
    let (website, (), (currency_row, connected), results) = call.enter(input, plan).await?;
    let currency = currency(&website, results.first(&currency_row)?)?;
    let connected = results.all(&connected)?;
    let is_connected = |provider: &str| connected.iter().any(|row| row.provider == provider);
    Ok(Data::one(Integrations::new(is_connected, currency)))
}
