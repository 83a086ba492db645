//! Authenticated encryption of stored values that must be read back: AES-256-GCM under one key.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The length of a nonce (NIST SP 800-38D); random ones are safe for 2^32 seals under one key.
pub const NONCE_BYTES: usize = 12;

pub struct Seal(Aes256Gcm);

/// The key is not 32 bytes long, or the sealed value was changed or belongs to something else. Reveals nothing of the
/// contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal is broken")]
pub struct Broken;

impl Seal {
    pub fn new(key: &[u8]) -> Result<Self, Broken> {
        Aes256Gcm::new_from_slice(key).map(Self).map_err(|_| Broken)
    }

    /// A seal derived from `secret` for one `purpose`: the key is their HMAC-SHA256, so every purpose has its own (NIST
    /// SP 800-108). The secret must be as hard to guess as a key.
    pub fn derived(secret: &str, purpose: &str) -> Result<Self, Broken> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).map_err(|_| Broken)?;
        mac.update(purpose.as_bytes());
        Self::new(&mac.finalize().into_bytes())
    }

    /// Seals `secret`. `scope` says what it belongs to: with any other scope, it does not open.
    pub fn close(&self, secret: &[u8], scope: &str, nonce: [u8; NONCE_BYTES]) -> Result<String, Broken> {
        let payload = Payload { msg: secret, aad: scope.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| Broken)?;
        Ok(format!("{}.{}", BASE64.encode(nonce), BASE64.encode(sealed)))
    }

    /// Opens a value that was sealed with the same `scope`.
    pub fn open(&self, sealed: &str, scope: &str) -> Result<Vec<u8>, Broken> {
        let (nonce, ciphertext) = sealed.split_once('.').ok_or(Broken)?;
        let decode = |text: &str| BASE64.decode(text).map_err(|_| Broken);
        let nonce: [u8; NONCE_BYTES] = decode(nonce)?.try_into().map_err(|_| Broken)?;
        let payload = Payload { msg: &decode(ciphertext)?, aad: scope.as_bytes() };
        self.0.decrypt(&Nonce::from(nonce), payload).map_err(|_| Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_derived_key_is_the_hmac_of_its_purpose() {
        // RFC 4231, test case 2: the key of that MAC opens what the derived seal has closed.
        let published = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00,
            0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
        ];
        let sealed = Seal::derived("Jefe", "what do ya want for nothing?").unwrap().close(b"x", "p", [1; 12]).unwrap();
        assert_eq!(Seal::new(&published).unwrap().open(&sealed, "p").unwrap(), b"x");
    }

    #[test]
    fn a_key_has_32_bytes() {
        for length in [0, 16, 31, 33] {
            assert!(Seal::new(&vec![0; length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn another_secret_purpose_or_scope_opens_nothing(
            one in "[a-z]{1,8}", other in "[a-z]{1,8}", text: Vec<u8>, nonce: [u8; 12],
        ) {
            let sealed = Seal::derived(&one, "a").unwrap().close(&text, "here", nonce).unwrap();
            prop_assert_eq!(Seal::derived(&one, "a").unwrap().open(&sealed, "here"), Ok(text));
            prop_assert!(Seal::derived(&one, "b").unwrap().open(&sealed, "here").is_err());
            prop_assert!(Seal::derived(&one, "a").unwrap().open(&sealed, "there").is_err());
            prop_assert_eq!(Seal::derived(&other, "a").unwrap().open(&sealed, "here").is_ok(), one == other);
        }
    }
}
