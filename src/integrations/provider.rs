//! What a payment provider's file says of it.

use serde::Serialize;

use super::connection::Details;
use sluice_providers::access::{Check, Refused, Verified};
pub use sluice_providers::provider::Provider as Kind;
use sluice_providers::request::{Answer, Request};
use sluice_values::{Environment, Invalid};

/// A payment provider.
pub trait Provider: 'static {
    const KIND: Kind;
    /// The provider's name in paths and in the status response.
    const NAME: &'static str = Self::KIND.name();
    /// The provider's display name.
    const TITLE: &'static str = Self::KIND.title();
    /// The provider's field of the status response, made from its connection if there is one.
    type Connection: From<Option<Details>> + Serialize + schemars::JsonSchema + 'static;
}

/// How credentials are verified.
pub trait Verify {
    /// Whether the credentials may be used here: a provider's test credentials are allowed in development only. The
    /// error names the field.
    fn check(&self, environment: Environment) -> Result<(), Invalid>;

    /// The requests that tell what the credentials are worth.
    fn checks(&self) -> Vec<Check>;

    /// What the answers to [`Verify::checks`] mean.
    fn verified(&self, answers: &[Answer], environment: Environment) -> Result<Verified, Refused>;

    /// The request for the token that requests are made with, where the provider gives one for the credentials.
    fn token_request(&self) -> Option<Request> {
        None
    }

    /// The secret that signs deliveries, where it is one of the credentials.
    fn signing_secret(&self) -> Option<&str> {
        None
    }

    /// The address of a shop that the provider does not run.
    fn store_url(&self) -> Option<&str> {
        None
    }
}

/// A provider's credentials, as the body of connect contains them.
pub trait Credentials: Provider + Verify + Serialize {
    /// Whether the response of connect contains the website's currency.
    const ANSWERS_CURRENCY: bool;
}
