//! Polar: an access token and the id of its organization.

use serde::{Deserialize, Serialize};

use super::{Connection, Credential, Credentials, Provider};
use sluice_values::Environment;
use sluice_values::Invalid;

/// The body of connect.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectPolar")]
pub struct Polar {
    polar_access_token: Credential,
    polar_org_id: Credential,
}

impl Provider for Polar {
    const NAME: &'static str = "polar";
    const TITLE: &'static str = "Polar";
    type Connection = Connection;
}

impl Credentials for Polar {
    const ANSWERS_CURRENCY: bool = false;

    /// The sandbox is another host; its tokens look alike.
    fn check(&self, _: Environment) -> Result<(), Invalid> {
        Ok(())
    }
}
