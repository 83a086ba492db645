//! Shopify: connected by its own install flow, so there is only something to disconnect.

use super::Provider;

/// The provider.
pub struct Shopify;

impl Provider for Shopify {
    const NAME: &'static str = "shopify";
    const TITLE: &'static str = "Shopify";
}
