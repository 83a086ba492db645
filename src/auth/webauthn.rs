//! WebAuthn, as far as passkeys need it (<https://www.w3.org/TR/webauthn-3/>): ES256 alone, and no attestation, so that nothing has
//! to be decoded but what stands at fixed places. Pure; whether a signature is right, the platform says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::secrets::keyring::Keyring;
use sluice_values::{AccountId, Timestamp, hex};

/// How long a challenge can be answered: 5 minutes.
pub const CHALLENGE_MS: i64 = 5 * 60 * 1_000;
/// The longest id of a credential, in bytes.
pub const LONGEST_CREDENTIAL_ID: usize = 1_023;
/// The bytes of an uncompressed point of P-256.
pub const POINT_BYTES: usize = 65;

/// Why what an authenticator has answered is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("clientDataJSON: not what a browser writes for this")]
    ClientData,
    #[error("clientDataJSON: from a page of another origin than this gateway's")]
    Origin,
    #[error("clientDataJSON: its challenge is not one of this gateway's, or is older than 5 minutes")]
    Challenge,
    #[error("authenticatorData: cut or not whole")]
    AuthenticatorData,
    #[error("authenticatorData: for another host than this gateway's")]
    Host,
    #[error("authenticatorData: whoever has it was not asked for a finger, a face or a PIN")]
    Unverified,
    #[error("publicKey: expected a key of ES256 (P-256)")]
    Key,
}

/// Whom passkeys are for: the host that they are bound to, and the origin of its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub id: String,
    pub origin: String,
}

impl Party {
    /// The gateway at this address. Browsers make no passkeys for IP addresses, and without https for none but this machine.
    pub fn new(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split('/').next().unwrap_or_default();
        let id = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_local = id == "localhost" || id.ends_with(".localhost");
        let is_name = !id.is_empty() && !id.starts_with('[') && id.parse::<std::net::Ipv4Addr>().is_err();
        let origin = format!("{scheme}://{}", authority.to_ascii_lowercase());
        (is_name && (scheme == "https" || is_local)).then_some(Self { id, origin })
    }
}

// ---- Challenges

/// What a challenge is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    SignIn,
    /// To add a passkey to this account.
    Add(AccountId),
}

const RANDOM_BYTES: usize = 16;
const MOMENT_BYTES: usize = 8;
const LABEL: &str = "passkey challenge";

impl Purpose {
    /// A challenge, which is stored nowhere: it carries its end, and a proof that it is ours. It is stored once it was answered.
    pub fn challenge(self, keyring: &Keyring, now: Timestamp, random: [u8; RANDOM_BYTES]) -> Option<String> {
        let mut bytes = now.plus_millis(CHALLENGE_MS).as_millis().to_be_bytes().to_vec();
        bytes.extend(random);
        let proof = self.proofs(keyring, &bytes).next()?;
        bytes.extend(proof.finalize().into_bytes());
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Until when a challenge can be answered, if it is ours, for this purpose, and not over.
    pub fn check(self, keyring: &Keyring, challenge: &str, now: Timestamp) -> Result<Timestamp, Wrong> {
        let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| Wrong::Challenge)?;
        let (signed, proof) = bytes.split_at_checked(MOMENT_BYTES + RANDOM_BYTES).ok_or(Wrong::Challenge)?;
        // `verify_slice` compares in constant time.
        if !self.proofs(keyring, signed).any(|expected| expected.verify_slice(proof).is_ok()) {
            return Err(Wrong::Challenge);
        }
        let moment = signed.first_chunk::<MOMENT_BYTES>().ok_or(Wrong::Challenge)?;
        let ends_at = Timestamp::from_millis(i64::from_be_bytes(*moment));
        if now < ends_at { Ok(ends_at) } else { Err(Wrong::Challenge) }
    }

    /// The proof with each key, newest first.
    fn proofs(self, keyring: &Keyring, signed: &[u8]) -> impl Iterator<Item = Hmac<Sha256>> {
        let about = match self {
            Self::SignIn => "sign in".to_owned(),
            Self::Add(account) => account.to_string(),
        };
        keyring.macs(LABEL).map(move |mac| mac.chain_update(signed).chain_update(&about))
    }
}

/// What is stored of a challenge that was answered.
pub fn challenge_hash(challenge: &str) -> String {
    hex(&Sha256::digest(challenge.as_bytes()))
}

// ---- What an authenticator answers

/// What was done with the authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    Create,
    Get,
}

/// The challenge that a browser has answered on one of our pages.
pub fn challenge_of(client_data: &[u8], ceremony: Ceremony, party: &Party) -> Result<String, Wrong> {
    let data: Value = serde_json::from_slice(client_data).map_err(|_| Wrong::ClientData)?;
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if text("type") != Some(kind) {
        return Err(Wrong::ClientData);
    }
    // A page of ours within a page of others has both. The policy of the console's pages has no such frames.
    let is_framed = data.get("crossOrigin").is_some_and(|framed| *framed != Value::Bool(false));
    if text("origin") != Some(&party.origin) || is_framed || data.get("topOrigin").is_some() {
        return Err(Wrong::Origin);
    }
    text("challenge").map(str::to_owned).ok_or(Wrong::ClientData)
}

/// What an authenticator says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Authenticator<'a> {
    /// How often it has signed; 0 where it does not count.
    pub sign_count: u32,
    /// The id of the credential that it has made.
    pub created: Option<&'a [u8]>,
}

/// Somebody was there, and was verified.
const PRESENT_AND_VERIFIED: u8 = 0b0000_0101;
/// A credential was made.
const CREATED: u8 = 0b0100_0000;

impl<'a> Authenticator<'a> {
    /// Reads the data (WebAuthn, 6.1): the host's hash, flags, the counter, and of a new credential its model and its id.
    pub fn read(data: &'a [u8], party: &Party) -> Result<Self, Wrong> {
        let cut = Wrong::AuthenticatorData;
        let (host, rest) = data.split_first_chunk::<32>().ok_or(cut)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(cut)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(cut)?;
        if host[..] != Sha256::digest(party.id.as_bytes())[..] {
            return Err(Wrong::Host);
        }
        if flags & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED {
            return Err(Wrong::Unverified);
        }
        let created = match flags & CREATED {
            0 => None,
            _ => {
                let (_, rest) = rest.split_first_chunk::<16>().ok_or(cut)?;
                let (length, rest) = rest.split_first_chunk::<2>().ok_or(cut)?;
                let length = usize::from(u16::from_be_bytes(*length));
                let is_bounded = (1..=LONGEST_CREDENTIAL_ID).contains(&length);
                Some(rest.get(..length).filter(|_| is_bounded).ok_or(cut)?)
            }
        };
        Ok(Self { sign_count: u32::from_be_bytes(*count), created })
    }
}

/// What stands before the point in a key of P-256 (RFC 5480), and the first byte of one that is not compressed.
const KEY_START: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// The point of a key, as a browser hands it over (`SubjectPublicKeyInfo`).
pub fn point(key: &[u8]) -> Result<[u8; POINT_BYTES], Wrong> {
    let (start, _) = key.split_first_chunk::<27>().ok_or(Wrong::Key)?;
    let point = key.get(KEY_START.len() - 1..).and_then(|point| point.try_into().ok());
    point.filter(|_| *start == KEY_START).ok_or(Wrong::Key)
}

/// A signature of ES256 as WebCrypto takes it, r and then s, from DER as authenticators write it: two whole numbers in their one
/// spelling, and nothing else.
pub fn raw_signature(der: &[u8]) -> Option<[u8; 64]> {
    let ([0x30, length], rest) = der.split_first_chunk::<2>()? else { return None };
    if usize::from(*length) != rest.len() || *length >= 0x80 {
        return None;
    }
    let mut raw = [0; 64];
    let (r, s) = raw.split_at_mut(32);
    let rest = whole_number(rest, r)?;
    whole_number(rest, s)?.is_empty().then_some(raw)
}

/// Reads a number above 0 of 32 bytes at most, and answers what follows it.
fn whole_number<'a>(der: &'a [u8], to: &mut [u8]) -> Option<&'a [u8]> {
    let ([0x02, length], rest) = der.split_first_chunk::<2>()? else { return None };
    let (number, rest) = rest.split_at_checked(usize::from(*length))?;
    let digits = match number {
        [0, digits @ ..] if digits.first().is_some_and(|first| *first >= 0x80) => digits,
        [1..=0x7f, ..] => number,
        _ => return None,
    };
    let start = to.len().checked_sub(digits.len())?;
    to.get_mut(start..)?.copy_from_slice(digits);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::json;

    fn party() -> Party {
        Party::new("https://s.example").unwrap()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn passkeys_are_for_names_and_need_https_but_for_this_machine() {
        for (url, party) in [
            ("https://s.example", Some(("s.example", "https://s.example"))),
            ("https://S.Example:8443/x", Some(("s.example", "https://s.example:8443"))),
            ("http://localhost:8787", Some(("localhost", "http://localhost:8787"))),
            ("http://a.localhost", Some(("a.localhost", "http://a.localhost"))),
            ("http://s.example", None),
            ("http://127.0.0.1:8787", None),
            ("https://198.51.100.1", None),
            ("https://[2001:db8::1]:8443", None),
            ("http://notlocalhost", None),
            ("https://", None),
            ("s.example", None),
        ] {
            let expected = party.map(|(id, origin)| Party { id: id.to_owned(), origin: origin.to_owned() });
            assert_eq!(Party::new(url), expected, "{url}");
        }
    }

    // ---- Challenges

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    fn ring(list: &[u8]) -> Keyring {
        let keys: Vec<_> = list.iter().map(|key| format!("k{key}:{}", STANDARD.encode([*key; 32]))).collect();
        Keyring::parse(&keys.join(",")).unwrap()
    }

    fn account(number: u8) -> AccountId {
        AccountId::new(NOW, [number; 8])
    }

    #[test]
    fn a_challenge_is_good_for_its_purpose_and_for_five_minutes() {
        let ring = ring(&[1]);
        let made = Purpose::Add(account(1)).challenge(&ring, NOW, [7; 16]).unwrap();
        let check = |purpose: Purpose, text: &str, millis| purpose.check(&ring, text, NOW.plus_millis(millis));
        assert_eq!(check(Purpose::Add(account(1)), &made, CHALLENGE_MS - 1), Ok(NOW.plus_millis(CHALLENGE_MS)));
        for (purpose, millis) in
            [(Purpose::Add(account(1)), CHALLENGE_MS), (Purpose::Add(account(2)), 0), (Purpose::SignIn, 0)]
        {
            assert_eq!(check(purpose, &made, millis), Err(Wrong::Challenge));
        }
    }

    #[test]
    fn a_challenge_outlives_a_rotation_but_not_its_key() {
        let made = Purpose::SignIn.challenge(&ring(&[1]), NOW, [7; 16]).unwrap();
        assert!(Purpose::SignIn.check(&ring(&[2, 1]), &made, NOW).is_ok());
        assert_eq!(Purpose::SignIn.check(&ring(&[2]), &made, NOW), Err(Wrong::Challenge));
    }

    proptest! {
        #[test]
        fn no_altered_challenge_is_ours(at in 0_usize..56, bit in 0_u8..8, other in ".*") {
            let (ring, purpose) = (ring(&[1]), Purpose::SignIn);
            let made = purpose.challenge(&ring, NOW, [7; 16]).unwrap();
            let mut altered = URL_SAFE_NO_PAD.decode(&made).unwrap();
            altered[at] ^= 1 << bit;
            prop_assert!(purpose.check(&ring, &URL_SAFE_NO_PAD.encode(&altered), NOW).is_err());
            prop_assert!(purpose.check(&ring, &other, NOW).is_err());
            prop_assert!(purpose.check(&ring, &made[..at], NOW).is_err());
        }
    }

    // ---- Client data

    #[test]
    fn only_our_own_pages_answers_are_taken() {
        let read = |ceremony, data: &Value| challenge_of(data.to_string().as_bytes(), ceremony, &party());
        let right = json!({ "type": "webauthn.get", "challenge": "abc", "origin": "https://s.example" });
        assert_eq!(read(Ceremony::Get, &right), Ok("abc".to_owned()));
        let with = |name: &str, value: Value| {
            let mut data = right.clone();
            data[name] = value;
            data
        };
        assert_eq!(read(Ceremony::Get, &with("crossOrigin", json!(false))), Ok("abc".to_owned()));
        assert_eq!(read(Ceremony::Get, &with("other_keys_can_be_added_here", json!("x"))), Ok("abc".to_owned()));
        assert_eq!(read(Ceremony::Create, &right), Err(Wrong::ClientData));
        for (name, value, wrong) in [
            ("type", json!("webauthn.create"), Wrong::ClientData),
            ("type", json!(null), Wrong::ClientData),
            ("challenge", json!(7), Wrong::ClientData),
            ("origin", json!("https://s.example:8443"), Wrong::Origin),
            ("origin", json!("http://s.example"), Wrong::Origin),
            ("origin", json!("https://evil.s.example"), Wrong::Origin),
            ("origin", json!("https://s.example/"), Wrong::Origin),
            ("origin", json!(null), Wrong::Origin),
            ("crossOrigin", json!(true), Wrong::Origin),
            ("crossOrigin", json!("false"), Wrong::Origin),
            ("topOrigin", json!("https://s.example"), Wrong::Origin),
        ] {
            assert_eq!(read(Ceremony::Get, &with(name, value.clone())), Err(wrong), "{name} {value}");
        }
        for text in ["", "[]", "null", "{", "\u{feff}{}"] {
            assert_eq!(challenge_of(text.as_bytes(), Ceremony::Get, &party()), Err(Wrong::ClientData), "{text}");
        }
    }

    // ---- Authenticator data

    fn data(host: &str, flags: u8, count: u32, rest: &[u8]) -> Vec<u8> {
        [&Sha256::digest(host.as_bytes())[..], &[flags], &count.to_be_bytes(), rest].concat()
    }

    fn created(id: &[u8]) -> Vec<u8> {
        [&[0; 16][..], &u16::try_from(id.len()).unwrap().to_be_bytes(), id, b"the key, in CBOR"].concat()
    }

    #[test]
    fn the_host_and_the_person_are_checked_and_the_counter_is_read() {
        let plain = data("s.example", 0x05, 7, &[]);
        assert_eq!(Authenticator::read(&plain, &party()), Ok(Authenticator { sign_count: 7, created: None }));
        // Backed up, as synchronised passkeys say, and with extensions.
        let synchronised = data("s.example", 0x9d, 0, b"extensions");
        assert_eq!(Authenticator::read(&synchronised, &party()), Ok(Authenticator { sign_count: 0, created: None }));
        assert_eq!(Authenticator::read(&data("evil.example", 0x05, 7, &[]), &party()), Err(Wrong::Host));
        for flags in [0x00, 0x01, 0x04, 0xfa] {
            let unverified = data("s.example", flags, 7, &created(b"id"));
            assert_eq!(Authenticator::read(&unverified, &party()), Err(Wrong::Unverified), "{flags}");
        }
        for cut in 0..plain.len() {
            assert_eq!(Authenticator::read(&plain[..cut], &party()), Err(Wrong::AuthenticatorData));
        }
    }

    #[test]
    fn a_new_credentials_id_is_bounded() {
        for (length, is_right) in [(0, false), (1, true), (1_023, true), (1_024, false)] {
            let id = vec![7; length];
            let new = data("s.example", 0x45, 0, &created(&id));
            let read = Authenticator::read(&new, &party()).map(|read| read.created.map(<[u8]>::to_vec));
            assert_eq!(read, if is_right { Ok(Some(id)) } else { Err(Wrong::AuthenticatorData) }, "{length}");
        }
        let new = data("s.example", 0x45, 0, &created(b"0123456789"));
        for cut in 37..37 + 16 + 2 + 10 {
            assert_eq!(Authenticator::read(&new[..cut], &party()), Err(Wrong::AuthenticatorData), "{cut}");
        }
    }

    // ---- Keys and signatures: those of RFC 6979, A.2.5

    const POINT: &str = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
                         7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const R: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
    const S: &str = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    #[test]
    fn a_key_of_p256_is_its_point_and_nothing_else_is_a_key() {
        let key = bytes(&format!("3059301306072a8648ce3d020106082a8648ce3d030107034200{POINT}"));
        assert_eq!(point(&key).map(|point| point.to_vec()), Ok(bytes(POINT)));
        let mut compressed = key.clone();
        compressed[26] = 2;
        let other_curve = bytes(&format!("3059301306072a8648ce3d020106082a8648ce3d030108034200{POINT}"));
        for wrong in [&key[..90], &[&key[..], &[0]].concat(), &compressed, &other_curve, &bytes(POINT), &[]] {
            assert_eq!(point(wrong), Err(Wrong::Key));
        }
    }

    #[test]
    fn a_signature_is_read_from_der() {
        let (both, small_s) = (format!("3046022100{R}022100{S}"), &S[2..].replacen("cb", "4b", 1));
        assert_eq!(raw_signature(&bytes(&both)), Some(bytes(&format!("{R}{S}")).try_into().unwrap()));
        // 31 bytes of s: the first is left out.
        let der = format!("3044022100{R}021f{small_s}");
        assert_eq!(raw_signature(&bytes(&der)), Some(bytes(&format!("{R}00{small_s}")).try_into().unwrap()));
        assert_eq!(raw_signature(&bytes("3006020101020102")).map(|raw| (raw[31], raw[63])), Some((1, 2)));
    }

    #[test]
    fn der_has_one_spelling() {
        for wrong in [
            "",
            "30",
            "3000",
            &format!("3046022100{R}022100{S}00"),       // something follows
            &format!("3047022100{R}022100{S}00"),       // within the sequence too
            &format!("3045022100{R}022100{S}"),         // another length
            &format!("308146022100{R}022100{S}"),       // a length in its long form
            &format!("30440220{R}0220{S}"),             // negative
            &format!("3046022100{R}022100{}", &S[2..]), // cut
            &format!("304702220000{R}022100{S}"),       // a further zero
            &format!("30480223010000{R}022100{S}"),     // 33 bytes of a number
            "3006020100020102",                         // r is 0
            "3006020101020100",
            "300702020001020102", // a zero that needs not be there
            "30060201010401ff",   // no whole number
            "3106020101020102",   // no sequence
            "30040200020102",
            "3003020101",
            "3009020101020102020103", // three numbers
            &"30".repeat(200),
        ] {
            assert_eq!(raw_signature(&bytes(wrong)), None, "{wrong}");
        }
    }

    /// DER as X.690 has it, to compare with.
    fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
        let number = |digits: &[u8]| {
            let digits: Vec<u8> = digits.iter().copied().skip_while(|digit| *digit == 0).collect();
            let zero = digits.first().is_some_and(|first| *first >= 0x80);
            [&[2, u8::try_from(digits.len()).unwrap() + u8::from(zero)][..], &vec![0; usize::from(zero)], &digits]
                .concat()
        };
        let numbers = [number(r), number(s)].concat();
        [&[0x30, u8::try_from(numbers.len()).unwrap()][..], &numbers].concat()
    }

    proptest! {
        #[test]
        fn every_signature_is_read_back(r: [u8; 32], s: [u8; 32], zeros in 0_usize..31) {
            let (mut r, mut s) = (r, s);
            r[..zeros].fill(0);
            s[31] |= 1;
            r[31] |= 1;
            let read = raw_signature(&der(&r, &s));
            prop_assert_eq!(read.map(|raw| raw.to_vec()), Some([r, s].concat()));
        }

        #[test]
        fn whatever_is_read_has_this_one_spelling(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(2), Just(0x30), Just(1)], 0..80)) {
            if let Some(raw) = raw_signature(&bytes) {
                prop_assert_eq!(der(&raw[..32], &raw[32..]), bytes);
            }
        }

        #[test]
        fn no_bytes_are_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Authenticator::read(&bytes, &party());
            let _ = challenge_of(&bytes, Ceremony::Get, &party());
            let _ = point(&bytes);
        }
    }
}
