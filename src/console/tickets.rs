//! Tickets: the operator's way into an account, with which `make dev` opens the console too. A ticket stands in the fragment of
//! an address, which no server and no log gets to see.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::http::browser::is_loopback;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Body;
use crate::http::reply::Data;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::expired::Expired;
use sluice_values::{AccountId, Email, Environment, Timestamp, hex};

/// How long a ticket can be used: 10 minutes.
const ONCE_MS: i64 = 10 * 60 * 1_000;
/// How long one of `make dev` can be used, any number of times: 12 hours.
const REUSABLE_MS: i64 = 12 * 60 * 60 * 1_000;
/// The random bytes of a ticket.
const BYTES: usize = 24;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreateTicket")]
pub struct Create {
    /// The address of the account that the ticket signs in to.
    email: Email,
}

/// A ticket as it is sent. It has no `Debug` or `Display`.
pub struct Ticket(String);

/// The text has not the form of a ticket.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl FromStr for Ticket {
    type Err = Malformed;

    fn from_str(sent: &str) -> Result<Self, Malformed> {
        match URL_SAFE_NO_PAD.decode(sent) {
            Ok(bytes) if bytes.len() == BYTES => Ok(Self(sent.to_owned())),
            _ => Err(Malformed),
        }
    }
}

impl Ticket {
    /// What is stored of it.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

// ---- Rules

/// How a ticket can be used.
#[derive(Debug, PartialEq, Eq)]
struct Terms {
    is_reusable: bool,
    expires_at: Timestamp,
}

impl Terms {
    /// Once. In development as often as one likes, but only where nobody else can reach the gateway: a machine on the net may
    /// have been left in development.
    fn new(environment: Environment, origin: &str, now: Timestamp) -> Self {
        let is_reusable = environment == Environment::Development && is_loopback(origin);
        let expires_at = now.plus_millis(if is_reusable { REUSABLE_MS } else { ONCE_MS });
        Self { is_reusable, expires_at }
    }
}

// ---- What goes out

/// A ticket, as the address that uses it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedTicket {
    /// Opens the console, signed in; shown this once.
    url: String,
    expires_at: Timestamp,
}

// ---- SQL

/// Stores a ticket for the account with this address, if there is one.
fn insert(ticket: &Ticket, email: &Email, terms: &Terms, now: Timestamp) -> Statement {
    sql("INSERT INTO console_tickets (ticket_hash, account_id, is_reusable, created_at, expires_at) \
         SELECT ?1, id, ?3, ?4, ?5 FROM accounts WHERE email = ?2 RETURNING account_id")
    .bind(ticket.hash())
    .bind(email.as_str())
    .bind(terms.is_reusable)
    .bind(now)
    .bind(terms.expires_at)
}

#[derive(Deserialize)]
struct Row {
    account_id: AccountId,
    is_reusable: i64,
}

fn select(ticket: &Ticket, now: Timestamp) -> Statement {
    sql("SELECT account_id, is_reusable FROM console_tickets WHERE ticket_hash = ?1 AND expires_at > ?2")
        .bind(ticket.hash())
        .bind(now)
}

/// Uses a ticket up, unless it is reusable.
pub fn spend(ticket: &Ticket) -> Statement {
    sql("DELETE FROM console_tickets WHERE ticket_hash = ?1 AND is_reusable = 0").bind(ticket.hash())
}

// ---- Handlers

/// POST: makes a ticket.
pub async fn create(call: Call, Body(create): Body<Create>) -> Result<Data<IssuedTicket>, Error> {
    let ticket = Ticket(URL_SAFE_NO_PAD.encode(call.platform.random::<BYTES>()?));
    let terms = Terms::new(call.platform.config().environment(), &call.origin, call.now);
    let mut batch = Batch::new();
    let stored = batch.read::<serde::de::IgnoredAny>(insert(&ticket, &create.email, &terms, call.now));
    let results = call.platform.database().run(batch).await?;
    if results.first(&stored)?.is_none() {
        return Err(Error::not_found("email: there is no account with this address"));
    }
    let url = format!("{}/console/sign-in#ticket={}", call.base_url, ticket.0);
    Ok(Data::one(IssuedTicket { url, expires_at: terms.expires_at }))
}

/// The account that a ticket signs in to.
pub async fn account(call: &Call, ticket: &Ticket) -> Result<Option<AccountId>, Error> {
    let row = call.platform.database().rows::<Row>(select(ticket, call.now)).await?.into_iter().next();
    let is_open = |row: &Row| row.is_reusable == 0 || is_loopback(&call.origin);
    Ok(row.filter(is_open).map(|row| row.account_id))
}

// ---- Cron

/// Tickets that nobody has used.
pub const EXPIRED: Expired = Expired { table: "console_tickets", key: "ticket_hash", time: "expires_at", kept_ms: 0 };

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    #[test]
    fn only_development_on_this_machine_has_tickets_that_can_be_used_again() {
        let (here, there) = ("http://127.0.0.1:8787", "https://s.example");
        for (environment, origin, is_reusable, lifetime) in [
            (Environment::Development, here, true, REUSABLE_MS),
            (Environment::Development, there, false, ONCE_MS),
            (Environment::Production, here, false, ONCE_MS),
            (Environment::Production, there, false, ONCE_MS),
        ] {
            let expected = Terms { is_reusable, expires_at: NOW.plus_millis(lifetime) };
            assert_eq!(Terms::new(environment, origin, NOW), expected, "{environment:?} {origin}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_ticket_is_recognized_without_storage() {
        let ticket = URL_SAFE_NO_PAD.encode([7; BYTES]);
        assert!(ticket.parse::<Ticket>().is_ok());
        for other in
            ["", &ticket[1..], &format!("{ticket}A"), &ticket.replace('B', "+"), &format!("{ticket}===="), "dft_x"]
        {
            assert_eq!(other.parse::<Ticket>().err(), Some(Malformed), "{other}");
        }
    }
}
