//! Signatures of deliveries, as Standard Webhooks 1.0.0 defines them (spec/standard-webhooks.md).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Random bytes in a secret; the specification requires 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// The prefix of a secret.
const PREFIX: &str = "whsec_";

/// A secret that signs the deliveries of one endpoint. It has no `Debug`, so that it cannot reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(random.to_vec())
    }

    /// Parses a secret; `None` if the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text.strip_prefix(PREFIX)?).ok().filter(|bytes| !bytes.is_empty()).map(Self)
    }

    /// The secret as text, for the receiver to verify with.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.0))
    }

    /// `v1,` and the signature of a message sent at this second.
    pub fn sign(&self, message_id: &str, sent_at_secs: i64, body: &str) -> String {
        // HMAC accepts keys of any length, so there is always a signature.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        for part in [message_id, ".", &sent_at_secs.to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

/// The header's value: one signature for each secret, the newest first.
pub fn header(secrets: &[&Secret], message_id: &str, sent_at_secs: i64, body: &str) -> String {
    secrets.iter().map(|secret| secret.sign(message_id, sent_at_secs, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_libraries_test_vectors_hold() {
        // JavaScript and Go suites, then the Rust suite, of standard-webhooks.
        for (secret, id, at, body, signature) in [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
        ] {
            assert_eq!(Secret::parse(secret).unwrap().sign(id, at, body), signature);
        }
    }

    #[test]
    fn a_secret_reads_back_and_two_secrets_both_sign() {
        let [new, old] = [Secret::new([7; SECRET_BYTES]), Secret::new([9; SECRET_BYTES])];
        assert!(Secret::parse(&new.reveal()).unwrap() == new);
        for none in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%"] {
            assert!(Secret::parse(none).is_none(), "{none}");
        }
        let both = header(&[&new, &old], "msg_1", 1, "{}");
        assert_eq!(both, format!("{} {}", new.sign("msg_1", 1, "{}"), old.sign("msg_1", 1, "{}")));
    }
}
