//! Tests of what the code relies on under WebAssembly, where it runs: randomness, the clock, and the same hashes and
//! seals as natively. Run in Node by `cargo test --target wasm32-unknown-unknown --test platform_wasm`; none of it
//! needs workerd.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::HashSet;

use sluice::alerts::unsubscribe;
use sluice::auth::token::{RawToken, TokenKind};
use sluice::mail::mailer;
use sluice::mail::message::Mail;
use sluice::mail::provider::Sender;
use sluice::platform::{clock, email, random};
use sluice::secrets::keyring::{Keyring, NONCE_BYTES, VaultError};
use sluice_values::{AlertId, FunnelId, Timestamp};
use wasm_bindgen_test::wasm_bindgen_test;
use worker::js_sys::JSON;

/// 32 bytes of zeros in Base64.
const ZERO_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// 2026-01-01: the code is newer than this.
const BUILT_AFTER: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// 2100-01-01: the clock must be earlier than this.
const BUILT_BEFORE: Timestamp = Timestamp::from_millis(4_102_444_800_000);

#[wasm_bindgen_test]
fn randomness_differs_from_call_to_call_and_fills_every_byte() {
    let draws: HashSet<[u8; 16]> = (0..1000).map(|_| random::bytes().unwrap()).collect();
    assert_eq!(draws.len(), 1000);
    // A byte that is never filled would be zero in all of them: odds of 256^-1000.
    for position in 0..16 {
        assert!(draws.iter().any(|draw| draw[position] != 0), "byte {position} is never set");
    }
}

#[wasm_bindgen_test]
fn random_bytes_are_spread_evenly() {
    let bytes: [u8; 51_200] = random::bytes().unwrap();
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    // 200 of each on average with a deviation of 14: beyond 8 of those never happens.
    assert!(counts.iter().all(|count| (88..312).contains(count)), "{counts:?}");
}

#[wasm_bindgen_test]
fn the_clock_is_in_this_century_and_does_not_run_backwards() {
    let first = clock::now();
    assert!(first > BUILT_AFTER && first < BUILT_BEFORE, "{first}");
    let mut last = first;
    for _ in 0..1000 {
        let now = clock::now();
        assert!(now >= last, "{now} after {last}");
        last = now;
    }
}

#[wasm_bindgen_test]
fn the_hash_of_a_token_is_the_one_that_was_stored_natively() {
    // printf %s df_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17 | sha256sum
    let token: RawToken = "df_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17".parse().unwrap();
    assert_eq!(token.hash().to_string(), "03c3c2c267beba5e6ed0e26cc4eca4b723da00d248f3dd12bcf7b068f9278792");
}

#[wasm_bindgen_test]
fn tokens_made_here_are_well_formed_and_all_different() {
    let make = || {
        let mut bytes = random::bytes::<64>().unwrap().into_iter().cycle();
        RawToken::generate(TokenKind::Account, || bytes.next().unwrap())
    };
    let tokens: HashSet<String> = (0..200).map(|_| make().reveal().to_owned()).collect();
    assert_eq!(tokens.len(), 200);
    for token in &tokens {
        assert_eq!(token.parse::<RawToken>().unwrap().kind(), TokenKind::Account, "{token}");
    }
}

#[wasm_bindgen_test]
fn the_vault_gives_the_published_ciphertext_and_opens_what_it_sealed() {
    let keyring = Keyring::parse(&format!("k:{ZERO_KEY}")).unwrap();
    // The GCM specification (McGrew and Viega), test case 14: zero key, zero nonce, one zero block.
    let sealed = keyring.seal(&[0; 16], "", [0; NONCE_BYTES]).unwrap();
    assert_eq!(sealed, "k.AAAAAAAAAAAAAAAA.zqdAPU1ga24HTsXTuvOdGNDRyKeZmWvwJluYtdSKuRk=");

    let nonce = random::bytes().unwrap();
    let sealed = keyring.seal(b"rk_live_secret", "website/stripe", nonce).unwrap();
    assert_eq!(keyring.open(&sealed, "website/stripe").unwrap(), b"rk_live_secret");
    assert_eq!(keyring.open(&sealed, "website/paddle"), Err(VaultError::Broken));
    assert_ne!(keyring.seal(b"rk_live_secret", "website/stripe", random::bytes().unwrap()).unwrap(), sealed);
}

#[wasm_bindgen_test]
fn ids_start_with_the_second_and_never_repeat() {
    let now = clock::now();
    let ids: HashSet<String> = (0..1000).map(|_| FunnelId::new(now, random::bytes().unwrap()).to_string()).collect();
    assert_eq!(ids.len(), 1000);
    let second = format!("{:08x}", now.as_millis() / 1000);
    for id in &ids {
        assert!(id.len() == 24 && id.starts_with(&second), "{id} at {second}");
        assert_eq!(id.parse::<FunnelId>().unwrap().to_string(), *id);
    }
}

#[wasm_bindgen_test]
fn moments_are_written_as_natively() {
    assert_eq!(Timestamp::from_millis(1_779_321_600_007).to_string(), "2026-05-21T00:00:00.007Z");
    assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    let now = clock::now().to_string();
    assert!(now.len() == 24 && now.ends_with('Z'), "{now}");
}

#[wasm_bindgen_test]
fn time_zones_are_known_without_a_database_of_the_system() {
    for zone in ["UTC", "America/New_York", "Asia/Kathmandu"] {
        assert!(zone.parse::<sluice_values::TimeZone>().is_ok(), "{zone}");
    }
    assert!("Mars/Olympus".parse::<sluice_values::TimeZone>().is_err());
}

#[wasm_bindgen_test]
fn the_mail_binding_gets_a_message_with_both_parts_and_the_headers() {
    let mail = Mail::new("x", "jane@example.com".parse().unwrap(), "New\r\nsignup", "5 > 3")
        .with_unsubscribe("https://s.example/unsubscribe/t");
    let message = |sender: &str| -> serde_json::Value {
        let message = email::message(&mailer::email(&sender.parse::<Sender>().unwrap(), &mail));
        serde_json::from_str(&String::from(JSON::stringify(&message).unwrap())).unwrap()
    };
    let named = message("Acme <alerts@acme.example>");
    assert_eq!(
        named,
        serde_json::json!({
            "from": { "name": "Acme", "email": "alerts@acme.example" },
            "to": "jane@example.com",
            "subject": "New signup",
            "text": mail.text(),
            "html": mail.html(),
            "headers": {
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": "<https://s.example/unsubscribe/t>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        })
    );
    assert_eq!(message("alerts@acme.example")["from"], "alerts@acme.example");
}

#[wasm_bindgen_test]
fn unsubscribe_links_are_the_same_as_natively() {
    let keyring = Keyring::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let alert = AlertId::new(Timestamp::from_millis(1_779_321_600_000), [7; 8]);
    let token = "ag5LAAcHBwcHBwcHMGGxYdFeHasuIZhboMbTGyyycP5_0zir";
    assert_eq!(unsubscribe::token(&keyring, alert), token);
    assert_eq!(unsubscribe::verified(&keyring, token), Some(alert));
}
