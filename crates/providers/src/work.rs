//! The work on an event of any provider.

use sluice_values::Timestamp;

use crate::delivery::Envelope;
use crate::fields::Node;
use crate::mapped::Context;
use crate::provider::Provider;
use crate::reading::Step;
use crate::{lemonsqueezy, paddle, polar, shopify, stripe, woocommerce};

/// The first step of an event: done, or what is to be read.
pub fn step(envelope: &Envelope, context: &Context) -> Step {
    match envelope.provider {
        Provider::Stripe => stripe::step(envelope, context),
        Provider::LemonSqueezy => lemonsqueezy::step(envelope, context),
        Provider::Polar => polar::step(envelope, context),
        Provider::Paddle => paddle::step(envelope, context),
        Provider::Shopify => shopify::step(envelope, context),
        Provider::WooCommerce => woocommerce::step(envelope, context),
    }
}

/// What an event says of the connection itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The app was taken out of the shop: the connection fails.
    AppRemoved,
    /// The key has ended: the connection fails.
    KeyExpired,
    /// When the key ends, if it is told.
    KeyExpires(Option<Timestamp>),
}

pub fn signal(envelope: &Envelope) -> Option<Signal> {
    match (envelope.provider, envelope.kind.as_str()) {
        (Provider::Shopify, "app/uninstalled") => Some(Signal::AppRemoved),
        (Provider::Paddle, "api_key.expired") => Some(Signal::KeyExpired),
        (Provider::Paddle, "api_key.expiring") => {
            Some(Signal::KeyExpires(Node::new("body", &envelope.json).moment("/data/expires_at").ok()))
        }
        _ => None,
    }
}
