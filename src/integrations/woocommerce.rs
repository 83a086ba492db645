//! WooCommerce: connected by its own install flow, so it can only be disconnected here.

use super::{Connection, Provider};

pub struct WooCommerce;

impl Provider for WooCommerce {
    const NAME: &'static str = "woocommerce";
    const TITLE: &'static str = "WooCommerce";
    type Connection = Connection;
}
