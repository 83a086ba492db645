//! Passkeys in D1.

use serde::Deserialize;

use crate::platform::database::{RowValues, Statement, sql};
use sluice_values::{AccountId, PasskeyId, Timestamp};

/// The passkeys of an account.
pub const MOST: u32 = 10;

/// A passkey as it is added.
pub struct New<'a> {
    pub id: PasskeyId,
    pub account: AccountId,
    /// Base64url, as browsers name it.
    pub credential_id: &'a str,
    /// Base64url of a point.
    pub public_key: &'a str,
    pub sign_count: u32,
    pub name: &'a str,
    pub challenge_hash: &'a str,
    pub now: Timestamp,
}

impl New<'_> {
    /// Adds the passkey, unless the account has all that it may have or the challenge was answered before.
    pub fn insert(&self) -> Statement {
        RowValues::new()
            .with("id", self.id)
            .with("account_id", self.account)
            .with("credential_id", self.credential_id)
            .with("public_key", self.public_key)
            .with("sign_count", self.sign_count)
            .with("name", self.name)
            .with("created_at", self.now)
            .insert_where("passkeys")
            .then(
                " WHERE (SELECT count(*) FROM passkeys WHERE account_id = :account) < :most \
                 AND NOT EXISTS (SELECT 1 FROM spent_challenges WHERE challenge_hash = :challenge) RETURNING id",
            )
            .bind_named("account", self.account)
            .bind_named("most", MOST)
            .bind_named("challenge", self.challenge_hash)
    }
}

/// A passkey that somebody signs in with.
#[derive(Deserialize)]
pub struct Known {
    pub id: PasskeyId,
    pub account_id: AccountId,
    pub public_key: String,
}

pub fn select_known(credential_id: &str) -> Statement {
    sql("SELECT id, account_id, public_key FROM passkeys WHERE credential_id = ?1").bind(credential_id)
}

/// What signs in with a passkey: once, and with a counter that goes forward where there is one.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    pub id: PasskeyId,
    pub sign_count: u32,
    pub challenge_hash: &'a str,
}

impl Use<'_> {
    /// Whether it may be used: a condition of a statement that names `:passkey`, `:count` and `:challenge`.
    pub const CONDITION: &'static str = "EXISTS (SELECT 1 FROM passkeys WHERE id = :passkey \
                                         AND (sign_count < :count OR (sign_count = 0 AND :count = 0))) \
                                         AND NOT EXISTS (SELECT 1 FROM spent_challenges WHERE challenge_hash = :challenge)";

    /// Notes that it was used, if it may be.
    pub fn note(&self, now: Timestamp) -> Statement {
        sql("UPDATE passkeys SET sign_count = ?2, last_used_at = ?3 WHERE id = ?1 \
             AND (sign_count < ?2 OR (sign_count = 0 AND ?2 = 0)) \
             AND NOT EXISTS (SELECT 1 FROM spent_challenges WHERE challenge_hash = ?4)")
        .bind(self.id)
        .bind(self.sign_count)
        .bind(now)
        .bind(self.challenge_hash)
    }
}

/// Notes that a challenge was answered.
pub fn spend(challenge_hash: &str, ends_at: Timestamp) -> Statement {
    sql("INSERT INTO spent_challenges (challenge_hash, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        .bind(challenge_hash)
        .bind(ends_at)
}

/// Deletes all passkeys of an account.
pub fn delete_all(account: AccountId) -> Statement {
    sql("DELETE FROM passkeys WHERE account_id = ?1").bind(account)
}
