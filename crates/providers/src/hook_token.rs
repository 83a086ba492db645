//! The token in the address that a provider posts to (docs/contract/providers.md#3.1). It proves nothing; it keeps strangers
//! from costing reads.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use sluice_values::WebsiteId;

use crate::provider::Provider;

/// Characters of a token.
const LENGTH: usize = 32;
/// Digits of 256 bits in base 62.
const DIGITS: usize = 43;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The token of a website's address at a provider, under a key derived for such addresses.
pub fn token(key: &[u8], provider: Provider, website: WebsiteId) -> String {
    // HMAC accepts keys of any length, so there is always a token.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{provider}/{website}").as_bytes());
    let mut number: Vec<u8> = mac.finalize().into_bytes().to_vec();
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        *digit = ALPHABET.get(usize::from(rest)).copied().unwrap_or_default();
    }
    digits.iter().take(LENGTH).map(|digit| char::from(*digit)).collect()
}

/// Whether the token is right under any of the keys; takes the same time for any wrong token.
pub fn is_right(keys: &[&[u8]], provider: Provider, website: WebsiteId, sent: &str) -> bool {
    let mut found = false;
    for key in keys {
        let expected = token(key, provider, website);
        let differences = expected.bytes().zip(sent.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
        found |= std::hint::black_box(differences) == 0 && sent.len() == LENGTH && expected.len() == LENGTH;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_provider_and_one_website_and_outlives_its_key() {
        let website: WebsiteId = "665f0b3c4d2e1a0012345678".parse().unwrap();
        let other: WebsiteId = "665f0b3c4d2e1a0012345679".parse().unwrap();
        let mine = token(b"old", Provider::Stripe, website);
        assert_eq!(mine.len(), 32);
        assert!(mine.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(is_right(&[b"new", b"old"], Provider::Stripe, website, &mine));
        assert!(!is_right(&[b"new"], Provider::Stripe, website, &mine));
        assert!(!is_right(&[b"old"], Provider::Polar, website, &mine));
        assert!(!is_right(&[b"old"], Provider::Stripe, other, &mine));
        for wrong in ["", &mine[1..], &format!("{mine}0"), &mine.to_lowercase(), &"0".repeat(32), "ä"] {
            assert!(!is_right(&[b"new", b"old"], Provider::Stripe, website, wrong), "{wrong}");
        }
    }

    #[test]
    fn the_digits_are_the_number_in_base_62() {
        // HMAC-SHA-256("key", "stripe/665f0b3c4d2e1a0012345678") in base 62, its first 32 digits, by other software.
        let website: WebsiteId = "665f0b3c4d2e1a0012345678".parse().unwrap();
        assert_eq!(token(b"key", Provider::Stripe, website), "v7PwJji4mln7ZZaf92TcJlrgBJWDSWB2");
    }
}
