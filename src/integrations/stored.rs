//! Stored credentials: `integrations.sealed_credentials` holds the body of connect as JSON, and what was found out of how the
//! provider is asked. Fields may be added with a default, nothing is renamed.

use serde::Deserialize;
use serde_json::{Error, Value};

use super::lemonsqueezy::LemonSqueezy;
use super::paddle::Paddle;
use super::polar::Polar;
use super::provider::{Kind, Verify};
use super::shopify::Shopify;
use super::stripe::Stripe;
use super::woocommerce::WooCommerce;

/// Reads credentials. The error shows nothing of them.
pub fn read(provider: Kind, credentials: &Value) -> Result<Box<dyn Verify>, Error> {
    Ok(match provider {
        Kind::Stripe => Box::new(Stripe::deserialize(credentials)?),
        Kind::LemonSqueezy => Box::new(LemonSqueezy::deserialize(credentials)?),
        Kind::Polar => Box::new(Polar::deserialize(credentials)?),
        Kind::Paddle => Box::new(Paddle::deserialize(credentials)?),
        Kind::Shopify => Box::new(Shopify::deserialize(credentials)?),
        Kind::WooCommerce => Box::new(WooCommerce::deserialize(credentials)?),
    })
}
