//! Shopify: connected by its own install flow, so it can only be disconnected here.

use super::{Connection, Provider};

pub struct Shopify;

impl Provider for Shopify {
    const NAME: &'static str = "shopify";
    const TITLE: &'static str = "Shopify";
    type Connection = Connection;
}
