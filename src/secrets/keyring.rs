//! Seals secrets that must be read back: AES-256-GCM under a key from a Worker secret.
//!
//! `ENCRYPTION_KEYS` is a list `id:base64,id:base64,…`. The first key seals, every key opens. To rotate, put a new key
//! in front, and remove the old one after everything has been sealed again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::platform::PlatformError;
use crate::platform::config::Config;
pub use crate::secrets::seal::NONCE_BYTES;
use crate::secrets::seal::{Broken, Seal};

/// The keys; the first one seals.
pub struct Keyring {
    keys: Vec<Key>,
}

struct Key {
    id: String,
    seal: Seal,
    /// Derives keys for other purposes.
    derivation: Hmac<Sha256>,
}

/// What is wrong with the keys, or with a sealed value. Reveals nothing of the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// `ENCRYPTION_KEYS` is not a list of keys.
    #[error("expected `id:base64 of 32 bytes`, several of them separated by commas")]
    Keys,
    /// The key that sealed the value is not in the list.
    #[error("sealed with a key that is not in the list")]
    UnknownKey,
    /// The value was changed, or belongs to something else.
    #[error("the seal is broken")]
    Broken,
}

impl From<Broken> for VaultError {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl Keyring {
    pub fn from_config(config: &Config) -> Result<Self, PlatformError> {
        let keys = config.text("ENCRYPTION_KEYS").ok_or_else(|| PlatformError::new("ENCRYPTION_KEYS is not set"))?;
        Self::parse(&keys).map_err(|error| PlatformError::new(format!("ENCRYPTION_KEYS: {error}")))
    }

    pub fn parse(list: &str) -> Result<Self, VaultError> {
        let keys = list.split(',').map(|entry| {
            let (id, key) = entry.trim().split_once(':').ok_or(VaultError::Keys)?;
            let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let key = BASE64.decode(key).map_err(|_| VaultError::Keys)?;
            let seal = Seal::new(&key).map_err(|_| VaultError::Keys)?;
            let derivation = Hmac::new_from_slice(&key).map_err(|_| VaultError::Keys)?;
            if is_id { Ok(Key { id: id.to_owned(), seal, derivation }) } else { Err(VaultError::Keys) }
        });
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// Seals `secret`. `scope` says what it belongs to: with any other scope, it does not open.
    pub fn seal(&self, secret: &[u8], scope: &str, nonce: [u8; NONCE_BYTES]) -> Result<String, VaultError> {
        let Key { id, seal, .. } = self.keys.first().ok_or(VaultError::Keys)?;
        Ok(format!("{id}.{}", seal.close(secret, scope, nonce)?))
    }

    /// Opens a value that was sealed with the same `scope`.
    pub fn open(&self, sealed: &str, scope: &str) -> Result<Vec<u8>, VaultError> {
        let (id, sealed) = sealed.split_once('.').ok_or(VaultError::Broken)?;
        let key = self.keys.iter().find(|known| known.id == id).ok_or(VaultError::UnknownKey)?;
        Ok(key.seal.open(sealed, scope)?)
    }

    /// Derives a key for the purpose that `label` names from each key, in order: HMAC-SHA256 of the label. A leaked
    /// derived key reveals neither the key nor the keys of other purposes.
    pub fn derived(&self, label: &str) -> impl Iterator<Item = [u8; 32]> {
        self.keys.iter().map(move |key| key.derivation.clone().chain_update(label).finalize().into_bytes().into())
    }

    /// An HMAC under a key derived for the purpose that `label` names, from each key, in order.
    pub fn macs(&self, label: &str) -> impl Iterator<Item = Hmac<Sha256>> {
        self.derived(label).map(mac)
    }
}

/// An HMAC under a key, which counts as if zeros followed it (RFC 2104).
pub fn mac(key: [u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    let (start, _) = block.split_at_mut(key.len());
    start.copy_from_slice(&key);
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> String {
        BASE64.encode([byte; 32])
    }

    fn keyring(list: &str) -> Keyring {
        Keyring::parse(list).unwrap()
    }

    #[test]
    fn aes_256_gcm_gives_the_published_ciphertext() {
        // The GCM specification (McGrew and Viega), test case 14: zero key, zero nonce, one zero block.
        let sealed = keyring(&format!("k:{}", key(0))).seal(&[0; 16], "", [0; 12]).unwrap();
        let ciphertext = BASE64.decode(sealed.rsplit('.').next().unwrap()).unwrap();
        let published = 0xcea7_403d_4d60_6b6e_074e_c5d3_baf3_9d18_u128.to_be_bytes();
        let tag = 0xd0d1_c8a7_9999_6bf0_265b_98b5_d48a_b919_u128.to_be_bytes();
        assert_eq!(ciphertext, [published, tag].concat());
    }

    #[test]
    fn a_rotated_keyring_opens_old_seals_and_seals_with_the_new_key() {
        let old = keyring(&format!("k1:{}", key(1)));
        let both = keyring(&format!("k2:{}, k1:{}", key(2), key(1)));
        let sealed = old.seal(b"secret", "here", [9; 12]).unwrap();
        assert_eq!(both.open(&sealed, "here").unwrap(), b"secret");
        let resealed = both.seal(b"secret", "here", [9; 12]).unwrap();
        assert!(resealed.starts_with("k2."));
        assert_eq!(old.open(&resealed, "here"), Err(VaultError::UnknownKey));
    }

    #[test]
    fn a_sealed_value_opens_only_unchanged_and_in_its_scope() {
        let keyring = keyring(&format!("k:{}", key(3)));
        let sealed = keyring.seal(b"secret", "website/stripe", [7; 12]).unwrap();
        assert_eq!(keyring.open(&sealed, "website/paddle"), Err(VaultError::Broken));
        assert_eq!(keyring.open(&sealed.replace('=', ""), "website/stripe"), Err(VaultError::Broken));
        for broken in ["", "k", "k.x", "k.AAAA.AAAA", "k.%.%"] {
            assert!(keyring.open(broken, "website/stripe").is_err(), "{broken}");
        }
    }

    #[test]
    fn malformed_keys_are_refused() {
        for wrong in
            ["", "k", "k:", "k:AAAA", &format!(":{}", key(1)), &format!("k.1:{}", key(1)), &format!("k:{},", key(1))]
        {
            assert_eq!(Keyring::parse(wrong).err(), Some(VaultError::Keys), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_sealed_value_opens_and_any_changed_character_breaks_it(secret: Vec<u8>, nonce: [u8; 12], at: prop::sample::Index) {
            let keyring = keyring(&format!("k:{}", key(4)));
            let sealed = keyring.seal(&secret, "p", nonce).unwrap();
            prop_assert_eq!(keyring.open(&sealed, "p").unwrap(), secret);
            let at = at.index(sealed.len());
            let other = if sealed.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut changed = sealed.clone();
            changed.replace_range(at..=at, other);
            prop_assert!(keyring.open(&changed, "p").is_err());
        }
    }
}
