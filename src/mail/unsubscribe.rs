//! Links in mails that switch off what sends the mails (RFC 8058), and the page behind them.
//!
//! A link works without a login, so it carries a proof: an id with an HMAC over it. The keys of the HMAC are derived from
//! `ENCRYPTION_KEYS`. All of them are tried, so that links outlive a rotation. Links are in mails that were sent long ago, so neither
//! the format of a token nor a label may change.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::secrets::keyring::Keyring;

const ID_BYTES: usize = 12;
/// Bytes of the proof. Id and proof together fill whole characters of Base64, so that every character counts.
const PROOF_BYTES: usize = 24;

/// What a link switches off: another purpose has another label, and so another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label(pub &'static str);

impl Label {
    /// Proof that its holder may switch off what has this id.
    pub fn token(self, keyring: &Keyring, id: [u8; ID_BYTES]) -> String {
        let mut bytes = id.to_vec();
        if let Some(proof) = self.proofs(keyring, id).next() {
            bytes.extend(proof.finalize().into_bytes().into_iter().take(PROOF_BYTES));
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The id that a token belongs to, if it was made for this purpose with any key of the ring.
    pub fn verified(self, keyring: &Keyring, token: &str) -> Option<[u8; ID_BYTES]> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, proof) = bytes.split_at_checked(ID_BYTES)?;
        if proof.len() != PROOF_BYTES {
            return None;
        }
        let id = id.try_into().ok()?;
        // `verify_truncated_left` compares in constant time.
        self.proofs(keyring, id).any(|expected| expected.verify_truncated_left(proof).is_ok()).then_some(id)
    }

    /// The proof with each key, newest first.
    fn proofs(self, keyring: &Keyring, id: [u8; ID_BYTES]) -> impl Iterator<Item = Hmac<Sha256>> {
        keyring.macs(self.0).map(move |mac| mac.chain_update(id))
    }
}

/// The policy of the page: it has a form and a style sheet, and nothing else.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The form sends what mail services send (RFC 8058).
pub const FORM: &str = "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" \
                        value=\"One-Click\"><button>Switch it off</button></form>";

/// What is said of a link that is incomplete or was altered.
pub const BROKEN: &str = "<h1>This link does not work</h1>\n  <p>It is incomplete or was altered. Copy the whole address from the \
                          mail, without a line break.</p>";

/// The page with this content.
pub fn page(content: &str) -> String {
    include_str!("unsubscribe.html").replace("{content}", content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    const LABEL: Label = Label("a purpose");

    fn ring(list: &[u8]) -> Keyring {
        let keys: Vec<_> = list.iter().map(|byte| format!("k{byte}:{}", STANDARD.encode([*byte; 32]))).collect();
        Keyring::parse(&keys.join(",")).unwrap()
    }

    fn id(byte: u8) -> [u8; ID_BYTES] {
        [byte; ID_BYTES]
    }

    #[test]
    fn links_outlive_a_rotation_but_not_the_key_and_have_one_purpose() {
        let token = LABEL.token(&ring(&[1]), id(7));
        assert_eq!(LABEL.verified(&ring(&[2, 1]), &token), Some(id(7)));
        assert_eq!(LABEL.verified(&ring(&[2]), &token), None);
        assert_eq!(LABEL.verified(&ring(&[1]), &LABEL.token(&ring(&[2, 1]), id(7))), None, "the first key signs");
        assert_eq!(Label("another").verified(&ring(&[1]), &token), None);
    }

    #[test]
    fn every_altered_character_is_detected() {
        let token = LABEL.token(&ring(&[1]), id(7));
        for at in 0..token.len() {
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. %".chars() {
                let mut altered = token.clone();
                altered.replace_range(at..=at, &other.to_string());
                let expected = (altered == token).then(|| id(7));
                assert_eq!(LABEL.verified(&ring(&[1]), &altered), expected, "{altered}");
            }
            assert_eq!(LABEL.verified(&ring(&[1]), &token[..at]), None);
        }
        assert_eq!(LABEL.verified(&ring(&[1]), &format!("{token}AAAA")), None);
    }

    #[test]
    fn a_proof_belongs_to_its_id() {
        let bytes = |number| URL_SAFE_NO_PAD.decode(LABEL.token(&ring(&[1]), id(number))).unwrap();
        let mixed = [&bytes(7)[..ID_BYTES], &bytes(8)[ID_BYTES..]].concat();
        assert_eq!(LABEL.verified(&ring(&[1]), &URL_SAFE_NO_PAD.encode(mixed)), None);
    }

    proptest! {
        #[test]
        fn any_id_is_found_again_and_no_text_panics(id: [u8; ID_BYTES], text in ".*") {
            prop_assert_eq!(LABEL.verified(&ring(&[1, 2]), &LABEL.token(&ring(&[2]), id)), Some(id));
            prop_assert_eq!(LABEL.verified(&ring(&[1]), &text), None);
        }
    }
}
