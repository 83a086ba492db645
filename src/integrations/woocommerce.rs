//! WooCommerce: connected by its own install flow, so there is only something to disconnect.

use super::Provider;

/// The provider.
pub struct WooCommerce;

impl Provider for WooCommerce {
    const NAME: &'static str = "woocommerce";
    const TITLE: &'static str = "WooCommerce";
}
