//! Codes by mail. A code is good only with the secret that the browser holds which asked for it: whoever reads the mail elsewhere, a
//! scanner of mails among them, can neither use nor spend it. Whether an address has an account is found out after the answer, so
//! neither the answer nor its time tells.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::failures::ClientAddress;
use crate::http::call::{Call, SignInCall};
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::{Data, WithCookie};
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::{Statement, sql};
use crate::platform::expired::Expired;
use crate::platform::{Platform, PlatformError, log};
use sluice_values::{AccountId, Email, Id, Timestamp, hex, kinds};

/// How long a code can be used, in seconds: 15 minutes.
const LIFE_SECS: i64 = 15 * 60;
/// The tries of a code.
pub const MOST_TRIES: u32 = 5;
/// The codes of an account in an hour.
pub const MOST_OF_ACCOUNT: u32 = 3;
/// The codes that one client address is mailed in an hour, whatever the accounts.
pub const MOST_OF_CLIENT: u32 = 10;
/// The time over which codes are counted: an hour.
const COUNTED_MS: i64 = 60 * 60 * 1_000;
/// The random bytes of a browser's secret.
const SECRET_BYTES: usize = 32;

/// What everybody is answered.
const ANSWER: &str = "If this address has an account, a code is on its way";

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AskForCode")]
pub struct Ask {
    /// The address of the account to sign in to.
    email: Email,
}

/// A code: 8 characters of Crockford's Base32, which has no letters that look like digits. It has no `Debug` or `Display`.
#[derive(PartialEq, Eq)]
pub struct Code(String);

/// The text has not the form of a code.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// The characters of a code: 40 bits are 8 of them.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

impl Code {
    fn new(random: [u8; 5]) -> Self {
        let bits = random.into_iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(byte));
        let digit = |at| usize::try_from(bits >> (5 * (LENGTH - 1 - at)) & 31).ok();
        Self((0..LENGTH).filter_map(|at| ALPHABET.get(digit(at)?)).map(|byte| char::from(*byte)).collect())
    }

    /// As people read it.
    fn shown(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }
}

impl FromStr for Code {
    type Err = Malformed;

    /// Spaces, hyphens and case do not matter, nor does it what is typed for a digit that looks like a letter.
    fn from_str(sent: &str) -> Result<Self, Malformed> {
        let meant = |character: char| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let typed = sent.chars().filter(|character| !character.is_whitespace() && *character != '-').map(meant);
        let code: String = typed.take(LENGTH + 1).collect();
        let is_whole = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        if is_whole { Ok(Self(code)) } else { Err(Malformed) }
    }
}

/// The secret of a browser that waits for a code. It has no `Debug` or `Display`.
pub struct Pending(String);

impl Pending {
    /// That of the browser, if it has one.
    pub fn of(call: &SignInCall) -> Option<Self> {
        let sent = call.call.pending_cookie().read(&call.cookies)?.to_owned();
        (URL_SAFE_NO_PAD.decode(&sent).ok()?.len() == SECRET_BYTES).then_some(Self(sent))
    }

    fn new(platform: &Platform) -> Result<Self, PlatformError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(platform.random::<SECRET_BYTES>()?)))
    }

    fn hash(&self) -> String {
        sha256(&self.0)
    }

    /// What is stored of a code: nothing that the code could be guessed from without the secret.
    fn hmac(&self, code: &Code) -> Result<String, PlatformError> {
        let mut hmac =
            Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).map_err(|error| PlatformError::new(error.to_string()))?;
        hmac.update(code.0.as_bytes());
        Ok(hex(&hmac.finalize().into_bytes()))
    }
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

// ---- What goes out

/// What everybody is answered.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct AskedForCode {
    message: &'static str,
}

type CodeId = Id<kinds::SignInCode>;

/// What the account's owner reads.
fn mail(id: CodeId, to: Email, code: &Code, base_url: &str) -> Mail {
    let body = format!(
        "Your code to sign in to Sluice: {}\n\n\
         Type it where you have asked for it, within 15 minutes. It works once, and in that browser only.\n\n\
         If you have not asked for it, ignore this mail: nobody can use the code elsewhere.",
        code.shown()
    );
    // Behind the `#`, because servers on the way and their logs do not see what stands there.
    let link = format!("{base_url}/console/sign-in#code={}", code.0);
    Mail::new(format!("sign-in/{id}"), to, "Your code to sign in to Sluice", body)
        .with_link("In the same browser", &link)
}

// ---- SQL

/// A code as it is stored.
struct New {
    id: CodeId,
    secret_hash: String,
    code_hmac: String,
    client_hash: String,
    now: Timestamp,
}

impl New {
    /// Stores the code if the address has an account and neither it nor the client has had all of its codes. Counting and adding
    /// are one statement, so that concurrent requests cannot exceed a cap together.
    fn insert(&self, email: &Email) -> Statement {
        sql("INSERT INTO sign_in_codes (id, account_id, secret_hash, code_hmac, client_hash, created_at, expires_at) \
             SELECT ?1, accounts.id, ?2, ?3, ?4, ?5, ?6 FROM accounts WHERE email = ?7 \
             AND (SELECT count(*) FROM sign_in_codes WHERE account_id = accounts.id AND created_at > ?8) < ?9 \
             AND (SELECT count(*) FROM sign_in_codes WHERE client_hash = ?4 AND created_at > ?8) < ?10 RETURNING id")
        .bind(self.id)
        .bind(self.secret_hash.as_str())
        .bind(self.code_hmac.as_str())
        .bind(self.client_hash.as_str())
        .bind(self.now)
        .bind(self.now.plus_millis(LIFE_SECS * 1_000))
        .bind(email.as_str())
        .bind(self.now.plus_millis(-COUNTED_MS))
        .bind(MOST_OF_ACCOUNT)
        .bind(MOST_OF_CLIENT)
    }
}

/// A code that this browser waits for, after a try.
#[derive(Deserialize)]
struct Tried {
    account_id: AccountId,
    is_right: i64,
    is_unverified: i64,
}

/// Counts a try against every code that the browser waits for, and uses up the right one. One statement: of two requests with the
/// same code, one finds it.
fn try_out(secret_hash: &str, code_hmac: &str, now: Timestamp) -> Statement {
    sql("UPDATE sign_in_codes SET attempts = iif(code_hmac = ?2, ?3, attempts + 1) \
         WHERE secret_hash = ?1 AND attempts < ?3 AND expires_at > ?4 RETURNING account_id, code_hmac = ?2 AS is_right, \
         (SELECT verified_at IS NULL FROM accounts WHERE accounts.id = account_id) AS is_unverified")
    .bind(secret_hash)
    .bind(code_hmac)
    .bind(MOST_TRIES)
    .bind(now)
}

// ---- Handlers

/// POST: mails a code.
pub async fn create(call: SignInCall, Body(ask): Body<Ask>) -> Result<WithCookie<Data<AskedForCode>>, Error> {
    mailer::check(&call.call.platform)
        .map_err(|why| Error::not_found(format!("this gateway sends no mail ({why}); sign in in another way")))?;
    call.admission().count_ask()?;
    // A browser keeps its secret, so that the first of two mails is good too.
    let pending = Pending::of(&call).map_or_else(|| Pending::new(&call.call.platform), Ok)?;
    let cookie = call.call.pending_cookie().keep(&pending.0, LIFE_SECS);
    let SignInCall { call, client, .. } = call;
    let (id, code) = (call.new_id()?, Code::new(call.platform.random()?));
    let platform = call.platform.clone();
    platform.after_the_answer(async move {
        if let Err(error) = send(&call, id, &pending, &code, &client, ask.email).await {
            log::failure(&call.request_id.to_string(), "a code by mail", &error.to_string());
        }
    });
    Ok(WithCookie::new(Data::one(AskedForCode { message: ANSWER }), Some(cookie)))
}

async fn send(
    call: &Call,
    id: CodeId,
    pending: &Pending,
    code: &Code,
    client: &ClientAddress,
    email: Email,
) -> Result<(), PlatformError> {
    let new = New {
        id,
        secret_hash: pending.hash(),
        code_hmac: pending.hmac(code)?,
        client_hash: sha256(&client.to_string()),
        now: call.now,
    };
    let stored = call.platform.database().rows::<serde::de::IgnoredAny>(new.insert(&email)).await?;
    if stored.is_empty() {
        return Ok(());
    }
    let mail = mail(id, email, code, &call.base_url);
    if let Err(why) = mailer::send(&call.platform, &mail).await {
        log::mail_failure(mail.id(), &why.to_string());
    }
    Ok(())
}

/// The account that a code signs in to, and whether nobody has proved its mailbox so far. The code is used up.
pub async fn account(call: &Call, pending: &Pending, code: &Code) -> Result<Option<(AccountId, bool)>, Error> {
    let statement = try_out(&pending.hash(), &pending.hmac(code)?, call.now);
    let tried = call.platform.database().rows::<Tried>(statement).await?;
    let right = tried.into_iter().find(|tried| tried.is_right != 0);
    Ok(right.map(|tried| (tried.account_id, tried.is_unverified != 0)))
}

// ---- Cron

/// Codes that no cap counts.
pub const EXPIRED: Expired = Expired { table: "sign_in_codes", key: "id", time: "created_at", kept_ms: COUNTED_MS };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_forty_bits_in_crockfords_base32() {
        for (bytes, code) in [
            ([0; 5], "0000-0000"),
            ([0xff; 5], "ZZZZ-ZZZZ"),
            ([0, 0, 0, 0, 1], "0000-0001"),
            ([0x08, 0x42, 0x10, 0x84, 0x21], "1111-1111"),
            ([0x00, 0x44, 0x32, 0x14, 0xc7], "0123-4567"),
        ] {
            assert_eq!(Code::new(bytes).shown(), code);
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = |typed: &str| typed.parse::<Code>().map(|code| code.shown());
        for typed in ["0123-abcd", " 0123 ABCD ", "oi23abcd", "OL23-ABCD", "0-1-2-3-a-b-c-d\n"] {
            assert_eq!(read(typed).as_deref(), Ok("0123-ABCD"), "{typed}");
        }
        for typed in ["", "0123ABC", "0123ABCDE", "0123ABCU", "0123ABC€", "0123ABC\u{0}", &"0".repeat(100_000)] {
            assert_eq!(read(typed), Err(Malformed));
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(bytes: [u8; 5]) {
            let code = Code::new(bytes);
            prop_assert!(code.shown().parse::<Code>().is_ok_and(|read| read == code));
        }
    }

    #[test]
    fn what_is_stored_depends_on_code_and_secret() {
        // RFC 4231 has no key of this length: computed with OpenSSL.
        let secret = Pending("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned());
        let code = Code::new([0x00, 0x44, 0x32, 0x14, 0xc7]);
        assert_eq!(secret.hmac(&code).unwrap(), HMAC);
        assert_ne!(secret.hmac(&Code::new([0; 5])).unwrap(), HMAC);
        assert_ne!(Pending(String::new()).hmac(&code).unwrap(), HMAC);
    }

    const HMAC: &str = "0b298a98a2f52932a4899eebb63ad9cefd7c9d212bfd020bb92d4991a37c5d3e";

    #[test]
    fn codes_are_found_by_indexes() {
        let database = Memory::default();
        let new = New {
            id: Id::new(Timestamp::from_millis(0), [1; 8]),
            secret_hash: "s".to_owned(),
            code_hmac: "c".to_owned(),
            client_hash: "h".to_owned(),
            now: Timestamp::from_millis(0),
        };
        for statement in
            [new.insert(&"jane@example.com".parse().unwrap()), try_out("s", "c", Timestamp::from_millis(0))]
        {
            let plan = database.plan(&statement);
            assert!(!plan.contains("SCAN") && plan.contains("sign_in_codes_by_"), "{plan}");
        }
    }
}
