//! The status response: which providers are connected, and how that goes (docs/contract/account-api.md#11).

use super::connection::{Row, select};
use super::connections::{currency, select_currency};
use super::registry::Integrations;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use crate::platform::database::Batch;

/// GET: which providers are connected; shows nothing of the credentials.
pub async fn status(call: WebsiteCall, input: Input<()>) -> Result<Data<Integrations>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read(select_currency(website)), batch.read::<Row>(select(website)))
    };
    let (website, (), (currency_row, connected), results) = call.enter(input, plan).await?;
    let currency = currency(&website, results.first(&currency_row)?)?;
    let mut connected = results.all(&connected)?;
    let mut details = |provider: &str| {
        let at = connected.iter().position(|row| row.provider == provider)?;
        Some(connected.swap_remove(at).details())
    };
    Ok(Data::one(Integrations::new(&mut details, currency)))
}
