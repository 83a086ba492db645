//! One provider's entry of the status response, with what its owner needs to set it up (docs/contract/providers.md#3.5).

use serde::Serialize;

use super::address::Address;
use super::connection::{Row, select_one};
use super::provider::{Kind, Provider};
use crate::auth::permission::Permission;
use crate::auth::role::Role;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use crate::platform::PlatformError;
use crate::platform::database::Batch;
use crate::secrets::keyring::Keyring;
use sluice_providers::stripe_access::create_key_url;

/// A provider's entry of the status response, and for those who may change it how it is set up.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct One<C> {
    #[serde(flatten)]
    connection: C,
    #[serde(flatten)]
    setup: Option<Setup>,
    /// The page that makes a key with all permissions (Stripe).
    #[serde(skip_serializing_if = "Option::is_none")]
    create_key_url: Option<String>,
}

/// How a connection is set up; shown to those who hold `settings:write`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Setup {
    /// Where the provider posts to. It holds no secret, and is for the provider alone.
    webhook_url: String,
    /// Whether deliveries can be verified.
    webhook_secret_known: bool,
    /// The permissions that the credentials lack and do without.
    missing_permissions: Vec<String>,
}

/// GET: one provider's connection.
pub async fn one<P: Provider>(call: WebsiteCall, input: Input<()>) -> Result<Data<One<P::Connection>>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| batch.read::<Row>(select_one(website, P::KIND));
    let (website, (), row, results) = call.enter(input, plan).await?;
    let row = results.first(&row)?;
    let may_change = may_change(&website);
    let setup = row.as_ref().filter(|_| may_change).map(|row| setup(&website, P::KIND, row)).transpose()?;
    // A key is made before there is a connection.
    let create_key_url = (may_change && P::KIND == Kind::Stripe).then(create_key_url);
    Ok(Data::one(One { connection: row.map(Row::details).into(), setup, create_key_url }))
}

fn may_change(website: &EnteredWebsite) -> bool {
    website.role >= Role::Member && website.principal.permissions().allow(Permission::SettingsWrite)
}

fn setup(website: &EnteredWebsite, provider: Kind, row: &Row) -> Result<Setup, PlatformError> {
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    Ok(Setup {
        webhook_url: Address { website: website.id, provider }.url(&keyring, &website.call.base_url),
        webhook_secret_known: row.has_secret,
        missing_permissions: serde_json::from_str(&row.missing_permissions).unwrap_or_default(),
    })
}
