//! An endpoint's secrets and headers, sealed for its row.
//!
//! Stored in `webhooks.sealed_secret`, `sealed_previous_secret` and `sealed_headers`. The sealed text of a secret is what
//! [`Secret::reveal`] gives; that of headers is a JSON object of names and values. The context that they are sealed for
//! is part of the stored format: changing it, or either text, needs a reader of the old form.

use crate::platform::PlatformError;
use crate::secrets::keyring::Keyring;
use crate::secrets::seal::NONCE_BYTES;
use sluice_values::{WebhookId, WebsiteId};
use sluice_webhook_rules::headers::CustomHeaders;
use sluice_webhook_rules::signature::Secret;

type Nonce = [u8; NONCE_BYTES];

/// Seals and opens what belongs to one endpoint. A sealed value that was copied to another row does not open.
pub struct EndpointSeal<'a> {
    keyring: &'a Keyring,
    website: WebsiteId,
    webhook: WebhookId,
}

impl<'a> EndpointSeal<'a> {
    pub fn new(keyring: &'a Keyring, website: WebsiteId, webhook: WebhookId) -> Self {
        Self { keyring, website, webhook }
    }

    pub fn seal_secret(&self, secret: &Secret, nonce: Nonce) -> Result<String, PlatformError> {
        self.seal(secret.reveal().as_bytes(), "secret", nonce)
    }

    pub fn open_secret(&self, sealed: &str) -> Result<Secret, PlatformError> {
        let secret = String::from_utf8(self.open(sealed, "secret")?).ok().and_then(|text| Secret::parse(&text));
        secret.ok_or_else(|| PlatformError::new(format!("webhook {}: the sealed value is no secret", self.webhook)))
    }

    pub fn seal_headers(&self, headers: &CustomHeaders, nonce: Nonce) -> Result<String, PlatformError> {
        let json = serde_json::to_vec(headers).map_err(|error| PlatformError::new(error.to_string()))?;
        self.seal(&json, "headers", nonce)
    }

    pub fn open_headers(&self, sealed: &str) -> Result<CustomHeaders, PlatformError> {
        serde_json::from_slice(&self.open(sealed, "headers")?)
            .map_err(|error| PlatformError::new(format!("webhook {}: headers: {error}", self.webhook)))
    }

    /// Tells it from the seal of every other endpoint.
    pub fn name(&self) -> String {
        format!("{}/{}", self.website, self.webhook)
    }

    fn context(&self, what: &str) -> String {
        format!("{}/webhooks/{}/{what}", self.website, self.webhook)
    }

    fn seal(&self, plain: &[u8], what: &str, nonce: Nonce) -> Result<String, PlatformError> {
        let context = self.context(what);
        let sealed = self.keyring.seal(plain, &context, nonce);
        sealed.map_err(|error| PlatformError::new(format!("sealing for {context}: {error}")))
    }

    fn open(&self, sealed: &str, what: &str) -> Result<Vec<u8>, PlatformError> {
        let context = self.context(what);
        let opened = self.keyring.open(sealed, &context);
        opened.map_err(|error| PlatformError::new(format!("opening for {context}: {error}")))
    }
}
