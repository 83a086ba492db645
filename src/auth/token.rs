//! The format of tokens (docs/contract/README.md#12 and #13).
//!
//! Prefix, 30 base62 characters from a CSPRNG, then 6 base62 characters of their CRC-32. Because of the checksum, a
//! typo or a random text is refused before any storage is touched.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use sluice_values::hex;

/// Base62 in the order of the checksum's digits; the random characters come from the same alphabet.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 30 base62 characters are 178 bits.
const ENTROPY: usize = 30;
const CHECKSUM: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TokenKind {
    /// `dft_`: one account, optionally restricted to some permissions and websites.
    #[serde(rename = "dft")]
    Account,
    /// `df_`: one website.
    #[serde(rename = "df")]
    Website,
    /// `dfs_`: a session of the console, which is only ever in its cookie.
    #[serde(rename = "dfs")]
    Session,
}

impl TokenKind {
    /// The prefix of this kind.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Account => "dft_",
            Self::Website => "df_",
            Self::Session => "dfs_",
        }
    }
}

/// A raw token, as its owner holds it. It has no `Display`, and its `Debug` shows the masked form.
#[derive(Clone)]
pub struct RawToken {
    kind: TokenKind,
    text: String,
}

/// Why a text is not a token. It names only the rule, because the text may be a secret of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedToken {
    /// The prefix is neither.
    #[error("the token must start with \"dft_\" or \"df_\"")]
    Prefix,
    /// It is too long, too short, or has a character outside base62.
    #[error("a token has 36 letters and digits after its prefix")]
    Form,
    /// The checksum does not match.
    #[error("the token's checksum is wrong; it was probably mistyped or cut")]
    Checksum,
}

impl RawToken {
    /// Generates a token. `random` returns one random byte per call.
    pub fn generate(kind: TokenKind, random: impl FnMut() -> u8) -> Self {
        Self { kind, text: token_text(kind.prefix(), random) }
    }

    /// The token in a session's cookie.
    pub fn of_session(text: &str) -> Result<Self, MalformedToken> {
        Self::of_kinds(text, &[TokenKind::Session])
    }

    fn of_kinds(text: &str, kinds: &[TokenKind]) -> Result<Self, MalformedToken> {
        let (kind, body) = kinds
            .iter()
            .find_map(|kind| Some((*kind, text.strip_prefix(kind.prefix())?)))
            .ok_or(MalformedToken::Prefix)?;
        let is_base62 = body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if body.len() != ENTROPY + CHECKSUM || !is_base62 {
            return Err(MalformedToken::Form);
        }
        match body.split_at_checked(ENTROPY) {
            Some((entropy, sum)) if sum == checksum(entropy) => Ok(Self { kind, text: text.to_owned() }),
            _ => Err(MalformedToken::Checksum),
        }
    }

    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The hash, which is stored and looked up in the token's place.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.text.as_bytes()).into())
    }

    /// The masked form: first 7 characters, three dots, last 4.
    pub fn display_key(&self) -> String {
        masked(&self.text)
    }

    /// The whole token, for the one response that issues it.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

/// A token as its holder sends it. A session's is not among them: nobody but its cookie has it.
impl FromStr for RawToken {
    type Err = MalformedToken;

    fn from_str(text: &str) -> Result<Self, MalformedToken> {
        Self::of_kinds(text, &[TokenKind::Account, TokenKind::Website])
    }
}

impl fmt::Debug for RawToken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "RawToken({})", self.display_key())
    }
}

/// A token's prefix, entropy and checksum. `random` returns one random byte per call.
pub fn token_text(prefix: &str, mut random: impl FnMut() -> u8) -> String {
    let mut entropy = String::with_capacity(ENTROPY);
    while entropy.len() < ENTROPY {
        // 248 is the largest multiple of 62 in a byte: larger bytes would make some characters likelier.
        let byte = random();
        if byte < 248 {
            entropy.push(digit(u32::from(byte)));
        }
    }
    format!("{prefix}{entropy}{}", checksum(&entropy))
}

/// Whether a text is what [`token_text`] makes with this prefix.
pub fn is_token_text(prefix: &str, text: &str) -> bool {
    let body = text.strip_prefix(prefix).and_then(|body| body.split_at_checked(ENTROPY));
    body.is_some_and(|(entropy, sum)| sum == checksum(entropy))
}

/// A token's first 7 characters, three dots, and its last 4.
pub fn masked(token: &str) -> String {
    let last = token.len().saturating_sub(4);
    format!("{}...{}", token.get(..7).unwrap_or_default(), token.get(last..).unwrap_or_default())
}

/// CRC-32 (IEEE) of the entropy as 6 base62 digits, padded with zeros.
fn checksum(entropy: &str) -> String {
    let mut rest = crc32fast::hash(entropy.as_bytes());
    let mut digits = ['0'; CHECKSUM];
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        rest /= 62;
    }
    digits.iter().collect()
}

/// The base62 digit of `value` modulo 62.
fn digit(value: u32) -> char {
    ALPHABET.get((value % 62) as usize).copied().map_or('0', char::from)
}

/// SHA-256 of a whole token: stored in the database, and the name of the token's credential object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The published sample of the format (entropy and checksum; prefixes differ).
    const ENTROPY_SAMPLE: &str = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";

    #[test]
    fn the_checksum_is_that_of_the_published_sample() {
        assert_eq!(checksum(ENTROPY_SAMPLE), "0mLq17");
        assert!(format!("dft_{ENTROPY_SAMPLE}0mLq17").parse::<RawToken>().is_ok());
    }

    #[test]
    fn the_hash_is_sha_256_of_the_whole_token() {
        let token: RawToken = format!("df_{ENTROPY_SAMPLE}0mLq17").parse().unwrap();
        // printf %s df_zQWB…0mLq17 | sha256sum
        assert_eq!(token.hash().to_string(), "03c3c2c267beba5e6ed0e26cc4eca4b723da00d248f3dd12bcf7b068f9278792");
        assert_eq!(token.display_key(), "df_zQWB...Lq17");
        assert_eq!(format!("{token:?}"), "RawToken(df_zQWB...Lq17)");
    }

    #[test]
    fn garbage_is_refused_with_the_rule_it_breaks() {
        let cases = [
            ("", MalformedToken::Prefix),
            ("Bearer x", MalformedToken::Prefix),
            ("dfx_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", MalformedToken::Prefix),
            ("DFT_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", MalformedToken::Prefix),
            ("dft_", MalformedToken::Form),
            ("dft_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1", MalformedToken::Form),
            ("dft_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq177", MalformedToken::Form),
            ("dft_zQWBuTSOoRi4A9spHcVY5ncnsDkxk-0mLq17", MalformedToken::Form),
            ("dft_éQWBuTSOoRi4A9spHcVY5ncnsDkxk0mLq17", MalformedToken::Form),
            ("dft_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18", MalformedToken::Checksum),
            ("dft_zQWBuTSOoRi4A9spHcVY5ncnsDkxkj0mLq17", MalformedToken::Checksum),
        ];
        for (text, reason) in cases {
            assert_eq!(text.parse::<RawToken>().unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_session_is_no_token_and_a_token_no_session() {
        let session = RawToken::generate(TokenKind::Session, || 7);
        assert_eq!(session.reveal().parse::<RawToken>().unwrap_err(), MalformedToken::Prefix);
        assert_eq!(RawToken::of_session(session.reveal()).unwrap().hash(), session.hash());
        for kind in [TokenKind::Account, TokenKind::Website] {
            let token = RawToken::generate(kind, || 7);
            assert_eq!(RawToken::of_session(token.reveal()).unwrap_err(), MalformedToken::Prefix);
        }
        let cut = &session.reveal()[..39];
        assert_eq!(RawToken::of_session(cut).unwrap_err(), MalformedToken::Form);
    }

    #[test]
    fn other_secrets_have_the_same_form() {
        let made = token_text("x_", || 7);
        assert!(is_token_text("x_", &made) && is_token_text("", &made[2..]));
        for other in ["", "x_", &made[..37], &format!("{made}7"), &made.replace("x_", "y_"), "x_ééééééééééééééééééé"]
        {
            assert!(!is_token_text("x_", other), "{other}");
        }
    }

    #[test]
    fn bytes_that_would_bias_a_character_are_redrawn() {
        let mut bytes = [255, 248, 0, 61, 62, 247].into_iter().chain(std::iter::repeat(1));
        let token = RawToken::generate(TokenKind::Account, || bytes.next().unwrap());
        assert!(token.reveal().starts_with("dft_0z0z1111"));
    }

    proptest! {
        #[test]
        fn generated_tokens_parse(seed: Vec<u8>, website: bool) {
            let kind = if website { TokenKind::Website } else { TokenKind::Account };
            let mut bytes = seed.into_iter().chain((0..=247).cycle());
            let token = RawToken::generate(kind, || bytes.next().unwrap());
            let parsed: RawToken = token.reveal().parse().unwrap();
            prop_assert_eq!(parsed.kind(), kind);
            prop_assert_eq!(parsed.hash(), token.hash());
        }

        #[test]
        fn one_changed_character_is_always_noticed(position in 4usize..40, replacement in "[0-9A-Za-z]") {
            let right = format!("dft_{ENTROPY_SAMPLE}0mLq17");
            let mut wrong = right.clone();
            wrong.replace_range(position..=position, &replacement);
            prop_assert_eq!(wrong.parse::<RawToken>().is_ok(), wrong == right);
        }

        #[test]
        fn the_parser_never_panics(text in ".*") {
            let _ = text.parse::<RawToken>();
            let _ = format!("dft_{text}").parse::<RawToken>();
        }
    }
}
