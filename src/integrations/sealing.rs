//! What a connection's secrets are sealed for: a row that is moved elsewhere does not open. Part of the stored format.

use sluice_providers::provider::Provider;
use sluice_values::WebsiteId;

/// Of a provider's credentials.
pub fn seal_context(website: WebsiteId, provider: &str) -> String {
    format!("{website}/{provider}")
}

/// Of Shopify's token.
pub fn token_context(website: WebsiteId, provider: Provider) -> String {
    format!("{website}/{provider}/token")
}
