//! Polar: an access token and the id of its organization.

use serde::{Deserialize, Serialize};

use super::Credential;
use super::connection::Connection;
use super::provider::{Credentials, Kind, Provider, Verify};
use sluice_providers::access::{Check, Refused, Verified};
use sluice_providers::ids::is_path_segment;
use sluice_providers::polar_access;
use sluice_providers::request::Answer;
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
    const KIND: Kind = Kind::Polar;
    type Connection = Connection;
}

impl Credentials for Polar {
    const ANSWERS_CURRENCY: bool = false;
}

impl Verify for Polar {
    /// The sandbox is another host; its tokens look alike. The id is a part of paths.
    fn check(&self, _: Environment) -> Result<(), Invalid> {
        if is_path_segment(self.polar_org_id.reveal()) {
            Ok(())
        } else {
            Err(Invalid::new("polarOrgId: expected the organization's id, a UUID"))
        }
    }

    fn checks(&self) -> Vec<Check> {
        polar_access::checks(self.polar_org_id.reveal())
    }

    fn verified(&self, answers: &[Answer], _: Environment) -> Result<Verified, Refused> {
        polar_access::verified(self.polar_org_id.reveal(), answers)
    }
}
