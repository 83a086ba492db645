//! The addresses that providers post to, one for a website and a provider (docs/contract/providers.md#3.1). Each ends in a token
//! that only this gateway can make.

use crate::http::error::Error;
use crate::platform::Platform;
use crate::secrets::keyring::Keyring;
use sluice_providers::hook_token;
use sluice_providers::provider::Provider;
use sluice_values::WebsiteId;

/// What the tokens of addresses are derived for. Part of addresses that providers have been given.
const TOKENS: &str = "provider-hooks";

/// Where a provider posts to for a website.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    pub website: WebsiteId,
    pub provider: Provider,
}

impl Address {
    /// Its URL at a gateway, with the token that new addresses get.
    pub fn url(self, keyring: &Keyring, gateway: &str) -> String {
        let Self { website, provider } = self;
        let key = keyring.derived(TOKENS).next().unwrap_or_default();
        format!("{}{}", self.prefix(gateway), hook_token::token(&key, provider, website))
    }

    /// Its URLs with the tokens of all keys, that of the key that new addresses get first.
    pub fn urls(self, keyring: &Keyring, gateway: &str) -> Vec<String> {
        let Self { website, provider } = self;
        let url = |key: [u8; 32]| format!("{}{}", self.prefix(gateway), hook_token::token(&key, provider, website));
        keyring.derived(TOKENS).map(url).collect()
    }

    /// What the URLs of all its tokens begin with.
    pub fn prefix(self, gateway: &str) -> String {
        format!("{gateway}/api/v1/hooks/{}/{}/", self.provider, self.website)
    }

    /// The address that a path names, and the token that was sent with it.
    pub fn parse(parameters: &[(String, String)]) -> Option<(Self, &str)> {
        let value = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let address = Self { website: value("websiteId")?.parse().ok()?, provider: value("provider")?.parse().ok()? };
        Some((address, value("token")?))
    }
}

/// Whether providers can post to a gateway at this address.
pub fn is_public(url: Option<&str>) -> bool {
    url.is_some_and(|url| url.starts_with("https://"))
}

/// Whether the path is of an address that was given out. All others are answered alike.
pub fn knows(platform: &Platform, parameters: &[(String, String)]) -> Result<(), Error> {
    let keyring = Keyring::from_config(&platform.config())?;
    let keys: Vec<[u8; 32]> = keyring.derived(TOKENS).collect();
    let keys: Vec<&[u8]> = keys.iter().map(<[u8; 32]>::as_slice).collect();
    let is_known = Address::parse(parameters)
        .is_some_and(|(address, token)| hook_token::is_right(&keys, address.provider, address.website, token));
    if is_known { Ok(()) } else { Err(Error::not_found("no such address")) }
}
