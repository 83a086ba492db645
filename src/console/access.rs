//! Signing in with Cloudflare Access, where it stands before this gateway: it says who has signed in there, under a key that its
//! team publishes. Such a key is fetched when it is first needed, and known for an hour.

use std::cell::RefCell;

use serde::Deserialize;

use crate::auth::assertion::{self, Issuer, Key, Known, Unset, Wrong};
use crate::http::call::{Call, SignInCall};
use crate::http::error::Error;
use crate::platform::database::{Statement, sql};
use crate::platform::outgoing::{Ask, Unanswered};
use crate::platform::{Platform, log};
use sluice_values::{AccountId, Email};

const TIMEOUT_MS: u64 = 5_000;
/// The longest answer with keys: those of a team, and their certificates, are 10 KB.
const LONGEST_ANSWER: usize = 64 * 1_024;
/// When to try again where the team's keys cannot be had, in seconds: the longest that this gateway does not ask for them.
const AGAIN_SECS: u32 = 60;

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Whose word is taken, if anybody's.
pub fn issuer(platform: &Platform) -> Result<Issuer, Unset> {
    let config = platform.config();
    Issuer::read(config.text("ACCESS_TEAM_DOMAIN"), config.text("ACCESS_AUD"), config.environment())
}

/// The address of whom Access has let through.
pub async fn email(call: &SignInCall, issuer: &Issuer) -> Result<Result<Email, Wrong>, Error> {
    let Some(jwt) = &call.assertion else { return Ok(Err(Wrong::Missing)) };
    let call = &call.call;
    let claimed = match issuer.check(jwt, call.now) {
        Ok(claimed) => claimed,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let Some(key) = key(call, issuer, &claimed.key_id).await? else { return Ok(Err(Wrong::Key)) };
    let numbers = (key.modulus.as_str(), key.exponent.as_str());
    let is_right = call.platform.verify_rs256(numbers, &claimed.signature, claimed.signed).await?;
    Ok(if is_right { Ok(claimed.email) } else { Err(Wrong::Signature) })
}

/// The team's key with this id, if it has one.
async fn key(call: &Call, issuer: &Issuer, id: &str) -> Result<Option<Key>, Error> {
    let find = || KNOWN.with_borrow(|known| (known.find(id, call.now).cloned(), known.are_known(call.now)));
    let (found, are_known) = find();
    if found.is_some() {
        return Ok(found);
    }
    if KNOWN.with_borrow_mut(|known| known.may_ask(call.now)) {
        fetch(call, issuer).await?;
        return Ok(find().0);
    }
    if are_known { Ok(None) } else { Err(unavailable()) }
}

async fn fetch(call: &Call, issuer: &Issuer) -> Result<(), Error> {
    let url = format!("{}/cdn-cgi/access/certs", issuer.origin);
    let (method, headers) = ("GET", Vec::new());
    let ask = Ask { method, url: &url, headers, body: None, timeout_ms: TIMEOUT_MS, longest_answer: LONGEST_ANSWER };
    let (keys, what_came) = match call.platform.outgoing().ask(ask).await {
        Ok(answer) if answer.status == 200 => (assertion::keys(&answer.body), "no key of RS256".to_owned()),
        Ok(answer) => (Vec::new(), format!("status {}", answer.status)),
        Err(Unanswered::TimedOut) => (Vec::new(), "no answer in time".to_owned()),
        Err(Unanswered::TooLong) => (Vec::new(), "too long an answer".to_owned()),
        Err(Unanswered::Failed) => (Vec::new(), "no answer".to_owned()),
    };
    if keys.is_empty() {
        log::failure(&call.request_id.to_string(), "the keys of Cloudflare Access", &what_came);
        return Err(unavailable());
    }
    KNOWN.with_borrow_mut(|known| known.learn(keys, call.now));
    Ok(())
}

fn unavailable() -> Error {
    let message =
        "the keys of Cloudflare Access cannot be had just now; try again in a minute, or sign in in another way";
    Error::Unavailable { message: message.to_owned(), retry_after: AGAIN_SECS }
}

// ---- SQL

#[derive(Deserialize)]
struct Row {
    id: AccountId,
    is_unverified: i64,
}

fn select(email: &Email) -> Statement {
    sql("SELECT id, verified_at IS NULL AS is_unverified FROM accounts WHERE email = ?1").bind(email.as_str())
}

/// The account with an address, and whether nobody has proved its mailbox so far.
pub async fn account(call: &Call, email: &Email) -> Result<Option<(AccountId, bool)>, Error> {
    let row = call.platform.database().rows::<Row>(select(email)).await?.into_iter().next();
    Ok(row.map(|row| (row.id, row.is_unverified != 0)))
}

/// Forgets the team's keys.
#[cfg(test)]
pub fn forget() {
    KNOWN.take();
}
