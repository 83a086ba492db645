//! The work on an event of any provider.

use crate::delivery::Envelope;
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
    /// The app was taken out of the shop, or the key ended: the connection fails.
    KeyRefused,
    /// The key ends soon.
    KeyExpiring,
}

pub fn signal(envelope: &Envelope) -> Option<Signal> {
    match (envelope.provider, envelope.kind.as_str()) {
        (Provider::Shopify, "app/uninstalled") | (Provider::Paddle, "api_key.expired") => Some(Signal::KeyRefused),
        (Provider::Paddle, "api_key.expiring") => Some(Signal::KeyExpiring),
        _ => None,
    }
}
