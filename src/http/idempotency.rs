//! `Idempotency-Key`: a POST sent again with the same key gets the saved response, and nothing is created twice
//! (docs/contract/automation.md#idempotency-key).
//!
//! A request with a key first acquires it: a row without a response is inserted. Until that row is completed, other
//! requests with the key are refused. What the request creates is written in one transaction with its response
//! ([`AccountCall::create_once`](super::call::AccountCall::create_once),
//! [`EnteredWebsite::create_once`](super::call::EnteredWebsite::create_once)); a refusal releases the key. If a request
//! dies, its lease expires. If it is merely slow and another request has acquired the key, the transaction of the slow
//! one fails because it is no longer the holder: exactly one of them creates something.
//!
//! Responses are sealed under a key derived from the caller's token, which is not stored. The database alone therefore
//! reveals neither a raw token in a response, nor a body, nor which keys were used.

use std::cell::{Cell, RefCell};
use std::str::FromStr;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::reply::Reply;
use crate::auth::token::{RawToken, TokenHash};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::expired::Expired;
use crate::secrets::seal::{NONCE_BYTES, Seal};
use sluice_values::{Invalid, Timestamp, hex};

pub const HEADER: &str = "Idempotency-Key";
/// The header of a replayed response.
pub const REPLAYED: &str = "idempotency-replayed";
/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// How long a response is stored: 24 hours.
const SAVED_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a key is leased without renewal: a crash frees it within 30 seconds, latency included.
const LEASE_MS: i64 = 25_000;
/// A request that runs longer than this renews its lease.
const RENEWAL_MS: i64 = 8_000;
/// The length of a SHA-256 hash.
const HASH_BYTES: usize = 32;

/// A key as it was sent. It is case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl FromStr for Key {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let is_printable = sent.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_printable && (1..=LONGEST_KEY).contains(&sent.len()) {
            Ok(Self(sent.to_owned()))
        } else {
            Err(Invalid::new(format!("an idempotency key has 1 to {LONGEST_KEY} printable ASCII characters")))
        }
    }
}

/// The primary key of a key's row, unique per credential, method, path and key. None of the four contains a line break.
fn scope(token: TokenHash, method: &str, path: &str, key: &Key) -> String {
    hex(&Sha256::digest(format!("{token}\n{method}\n{path}\n{}", key.0)))
}

/// One request's lease on its key.
pub struct KeyLease {
    scope: String,
    /// Identifies this request among those with the same key.
    holder: String,
    seal: Seal,
    /// The hash of the body read so far.
    body: RefCell<Sha256>,
    state: Cell<ResponseState>,
    renewed_at: Cell<Timestamp>,
}

/// What has happened to the response of the request that holds the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseState {
    /// No response is stored under the key.
    Unsaved,
    /// This request's response is stored.
    Saved,
    /// This request was slower than its lease, and another one took the key.
    LeaseLost,
}

/// A row of `idempotency_keys`.
#[derive(Debug, Deserialize)]
pub struct Row {
    holder: String,
    sealed_answer: Option<String>,
}

/// What a request finds under its key.
pub enum Lookup {
    /// The key is new: the handler runs.
    New,
    /// Another request with the key is running.
    InProgress,
    /// The key has its response.
    Completed(SavedResponse),
}

impl KeyLease {
    /// A new lease for a request; `holder` is random.
    pub fn new(
        token: &RawToken,
        method: &str,
        path: &str,
        key: &Key,
        holder: [u8; 16],
        now: Timestamp,
    ) -> Result<Self, PlatformError> {
        let scope = scope(token.hash(), method, path, key);
        let seal = Seal::derived(token.reveal(), &format!("sluice/idempotency/v1/{scope}")).map_err(broken)?;
        Ok(Self {
            scope,
            holder: hex(&holder),
            seal,
            body: RefCell::default(),
            state: Cell::new(ResponseState::Unsaved),
            renewed_at: Cell::new(now),
        })
    }

    /// Adds the next part of the body to its hash. The response is stored with the hash of what was read by then.
    pub fn hash_part(&self, part: &[u8]) {
        self.body.borrow_mut().update(part);
    }

    /// Adds the statements that acquire a free key and read its row, which [`Self::lookup`] interprets.
    pub fn acquire(&self, batch: &mut Batch, now: Timestamp) -> Handle<Row> {
        batch.run(
            sql("INSERT INTO idempotency_keys (scope, holder, expires_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (scope) DO UPDATE SET holder = excluded.holder, sealed_answer = NULL, \
                   expires_at = excluded.expires_at WHERE expires_at <= ?4")
            .bind(self.scope.as_str())
            .bind(self.holder.as_str())
            .bind(now.plus_millis(LEASE_MS))
            .bind(now),
        );
        batch.read(sql("SELECT holder, sealed_answer FROM idempotency_keys WHERE scope = ?1").bind(self.scope.as_str()))
    }

    /// Decides from the key's row whether this request runs, waits or replays.
    pub fn lookup(&self, row: Option<&Row>) -> Result<Lookup, PlatformError> {
        let row = row.ok_or_else(|| PlatformError::new("an acquired key has no row"))?;
        match &row.sealed_answer {
            _ if row.holder == self.holder => Ok(Lookup::New),
            None => Ok(Lookup::InProgress),
            Some(sealed) => {
                let opened = self.seal.open(sealed, &self.scope).map_err(broken)?;
                let saved = SavedResponse::unpack(&opened)
                    .ok_or_else(|| PlatformError::new("a stored response cannot be read"))?;
                Ok(Lookup::Completed(saved))
            }
        }
    }

    /// The statement that renews the lease, and makes its transaction fail if another request holds the key now
    /// ([`Self::note_failure`] recognizes that failure).
    pub fn renew(&self, now: Timestamp) -> Statement {
        sql("INSERT INTO idempotency_keys (scope, holder, expires_at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (scope) DO UPDATE SET holder = iif(holder = excluded.holder, holder, NULL), \
               expires_at = excluded.expires_at")
        .bind(self.scope.as_str())
        .bind(self.holder.as_str())
        .bind(now.plus_millis(LEASE_MS))
    }

    /// The statement that stores the response if the statement right before it changed a row. It returns a row if it
    /// stored the response.
    pub fn save_if_changed(
        &self,
        reply: &Reply,
        now: Timestamp,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Statement, PlatformError> {
        let statement = sql("UPDATE idempotency_keys SET sealed_answer = ?3, expires_at = ?4 \
             WHERE scope = ?1 AND holder = ?2 AND changes() > 0 RETURNING scope");
        self.bind_answer(statement, reply, now, nonce)
    }

    /// The statement that stores the response of work that is already done.
    pub fn save(&self, reply: &Reply, now: Timestamp, nonce: [u8; NONCE_BYTES]) -> Result<Statement, PlatformError> {
        let statement = sql("UPDATE idempotency_keys SET sealed_answer = ?3, expires_at = ?4 \
             WHERE scope = ?1 AND holder = ?2");
        self.bind_answer(statement, reply, now, nonce)
    }

    fn bind_answer(
        &self,
        statement: Statement,
        reply: &Reply,
        now: Timestamp,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Statement, PlatformError> {
        let sealed = self.seal.close(&pack(self.body_hash(), reply), &self.scope, nonce).map_err(broken)?;
        let statement = statement.bind(self.scope.as_str()).bind(self.holder.as_str());
        Ok(statement.bind(sealed).bind(now.plus_millis(SAVED_MS)))
    }

    /// The statement that releases the key. It does not delete a stored response.
    pub fn release(&self) -> Statement {
        sql("DELETE FROM idempotency_keys WHERE scope = ?1 AND holder = ?2 AND sealed_answer IS NULL")
            .bind(self.scope.as_str())
            .bind(self.holder.as_str())
    }

    /// Whether a long request should renew its lease now; if so, the renewal counts as done.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_due = now >= self.renewed_at.get().plus_millis(RENEWAL_MS);
        if is_due {
            self.renewed_at.set(now);
        }
        is_due
    }

    /// Records the failure of a transaction with [`Self::renew`] in it.
    pub fn note_failure(&self, error: &PlatformError) {
        if error.is_null_violation_of("idempotency_keys.holder") {
            self.state.set(ResponseState::LeaseLost);
        }
    }

    /// Marks the response as stored.
    pub fn mark_saved(&self) {
        self.state.set(ResponseState::Saved);
    }

    pub fn state(&self) -> ResponseState {
        self.state.get()
    }

    /// The response to a repeated request, whose whole body has been read, from the stored one.
    pub fn replay(&self, saved: SavedResponse) -> Result<Reply, Error> {
        if saved.body_hash == self.body_hash() {
            return Ok(saved.reply.with_header(REPLAYED, "true"));
        }
        Err(Error::conflict(format!(
            "{HEADER}: this idempotency key was used with another body in the last 24 hours; send the same body, or \
             another key"
        )))
    }

    fn body_hash(&self) -> [u8; HASH_BYTES] {
        self.body.borrow().clone().finalize().into()
    }
}

/// 409: a request with this key is still running.
pub fn in_progress() -> Error {
    Error::conflict(format!(
        "{HEADER}: a request with this idempotency key is still running; send this one again in a moment"
    ))
}

/// Whether a response is stored: only successes are, and only if they are not streamed.
pub fn is_saved(reply: &Reply) -> bool {
    matches!(reply.status, 200..=299) && reply.stream.is_none()
}

/// A stored response, and the hash of the body that it answered.
pub struct SavedResponse {
    body_hash: [u8; HASH_BYTES],
    reply: Reply,
}

/// The hash of the request's body, a line with status and media type, and the response's body. Stored for 24 hours in
/// `idempotency_keys.sealed_answer`: another form needs a reader of this one, or retries across an update of the gateway
/// fail.
fn pack(body_hash: [u8; HASH_BYTES], reply: &Reply) -> Vec<u8> {
    let content_type = reply.headers.iter().find(|(name, _)| *name == "content-type").map(|(_, value)| value.as_str());
    let line = format!("{} {}\n", reply.status, content_type.unwrap_or_default());
    [&body_hash, line.as_bytes(), &reply.body].concat()
}

impl SavedResponse {
    /// Reads what [`pack`] wrote.
    fn unpack(packed: &[u8]) -> Option<Self> {
        let (body_hash, rest) = packed.split_first_chunk::<HASH_BYTES>()?;
        let (line, body) = rest.split_at_checked(rest.iter().position(|byte| *byte == b'\n')?)?;
        let (status, content_type) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        let mut reply = Reply::empty(status.parse().ok()?);
        if !content_type.is_empty() {
            reply = reply.with_header("content-type", content_type);
        }
        reply.body = body.get(1..)?.to_vec();
        Some(Self { body_hash: *body_hash, reply })
    }
}

fn broken(error: crate::secrets::seal::Broken) -> PlatformError {
    PlatformError::new(format!("a stored response: {error}"))
}

/// Stored responses and leases that have expired. They are ignored until they are deleted.
pub const EXPIRED: Expired = Expired { table: "idempotency_keys", key: "scope", time: "expires_at", kept_ms: 0 };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::TokenKind;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn token(seed: u8) -> RawToken {
        RawToken::generate(TokenKind::Account, || seed)
    }

    fn lease(token: &RawToken, holder: u8) -> KeyLease {
        KeyLease::new(token, "POST", "/api/v1/admin/websites", &key("k"), [holder; 16], NOW).unwrap()
    }

    /// A database with the migration's table.
    struct Rows(rusqlite::Connection);

    impl Rows {
        fn new() -> Self {
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            connection.execute_batch(include_str!("../../migrations/0003_idempotency.sql")).unwrap();
            connection.execute_batch("CREATE TABLE things (name TEXT NOT NULL)").unwrap();
            Self(connection)
        }

        /// Runs statements as one transaction; returns each one's number of rows.
        fn batch(&self, statements: &[Statement]) -> Result<Vec<usize>, PlatformError> {
            self.0.execute_batch("BEGIN").unwrap();
            let counts = statements.iter().map(|statement| {
                let (sql, values) = statement.parts();
                let mut prepared = self.0.prepare(sql).unwrap();
                let mut rows = prepared.query(rusqlite::params_from_iter(values.iter().map(stored)))?;
                let mut count = 0;
                while rows.next()?.is_some() {
                    count += 1;
                }
                Ok(count)
            });
            let counts: Result<_, rusqlite::Error> = counts.collect();
            self.0.execute_batch(if counts.is_ok() { "COMMIT" } else { "ROLLBACK" }).unwrap();
            counts.map_err(|error| PlatformError::new(error.to_string()))
        }

        fn lookup(&self, lease: &KeyLease, now: Timestamp) -> Lookup {
            let mut batch = Batch::new();
            lease.acquire(&mut batch, now);
            self.batch(&batch.into_statements()).unwrap();
            let row = self.0.query_row("SELECT holder, sealed_answer FROM idempotency_keys", [], |row| {
                Ok(Row { holder: row.get(0)?, sealed_answer: row.get(1)? })
            });
            lease.lookup(row.ok().as_ref()).unwrap()
        }

        /// Runs the statements of `create_once` around a statement that inserts `count` rows.
        fn make(&self, lease: &KeyLease, count: usize, now: Timestamp) -> Result<Vec<usize>, PlatformError> {
            let insert = "INSERT INTO things SELECT 'x' WHERE ?1 > 0 RETURNING name";
            let save = lease.save_if_changed(&answer(), now, [1; 12]).unwrap();
            self.batch(&[lease.renew(now), sql(insert).bind(u32::try_from(count).unwrap()), save])
        }

        fn count(&self, table: &str) -> i64 {
            self.0.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        }
    }

    fn stored(value: &crate::platform::database::Parameter) -> rusqlite::types::Value {
        use crate::platform::database::Parameter;
        match value {
            Parameter::Null => rusqlite::types::Value::Null,
            Parameter::Integer(number) => (*number).into(),
            Parameter::Real(number) => (*number).into(),
            Parameter::Text(text) => text.clone().into(),
        }
    }

    fn answer() -> Reply {
        Reply::json(200, &serde_json::json!({ "key": "dft_x" }))
    }

    fn later(millis: i64) -> Timestamp {
        NOW.plus_millis(millis)
    }

    #[test]
    fn a_key_is_1_to_255_printable_ascii_characters() {
        for right in ["a", " ", "~", "a b", &"x".repeat(255), "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""] {
            assert!(right.parse::<Key>().is_ok(), "{right}");
        }
        for wrong in ["", "é", "a\tb", "a\nb", "\u{7f}", "\u{0}", "🦀", &"x".repeat(256)] {
            let why = wrong.parse::<Key>().unwrap_err().to_string();
            assert!(why.contains("idempotency"), "{why}");
        }
    }

    #[test]
    fn stored_scopes_and_responses_keep_their_format() {
        // Format-pinning: if it changed, a retry across an update of the gateway would create something twice.
        let token: RawToken = "df_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17".parse().unwrap();
        let lease = KeyLease::new(&token, "POST", "/api/v1/admin/websites", &key("k"), [0; 16], NOW).unwrap();
        // printf '%s\nPOST\n/api/v1/admin/websites\nk' "$(printf %s df_zQWB…0mLq17 | sha256sum | cut -c-64)" | sha256sum
        assert_eq!(lease.scope, "7fb89d828f30349d801861e94a6fa425ea7d55e2d9c99e3fa0da5ad4c4f66c40");
        lease.hash_part(b"{}");
        let packed = pack(lease.body_hash(), &answer());
        let (hash, rest) = packed.split_at(32);
        assert_eq!(hex(hash), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
        assert_eq!(rest, b"200 application/json\n{\"key\":\"dft_x\"}");
    }

    #[test]
    fn the_first_request_runs_a_concurrent_one_waits_and_a_repeat_is_replayed() {
        let (rows, token) = (Rows::new(), token(1));
        let (first, twin) = (lease(&token, 1), lease(&token, 2));
        first.hash_part(b"{}");
        assert!(matches!(rows.lookup(&first, NOW), Lookup::New));
        assert!(matches!(rows.lookup(&twin, later(1)), Lookup::InProgress));
        assert_eq!(rows.make(&first, 1, later(2)).unwrap(), [0, 1, 1]);
        for (body, fits) in [(b"{}".as_slice(), true), (b"{} ", false), (b"", false)] {
            let again = lease(&token, 3);
            // A body may arrive in any number of parts.
            body.chunks(1).for_each(|part| again.hash_part(part));
            let Lookup::Completed(saved) = rows.lookup(&again, later(3)) else { panic!("not saved") };
            match again.replay(saved) {
                Ok(reply) => {
                    assert!(fits);
                    assert_eq!((reply.status, reply.body), (200, answer().body));
                    let headers = [("content-type", "application/json".to_owned()), (REPLAYED, "true".to_owned())];
                    assert_eq!(reply.headers, headers);
                }
                Err(Error::Refused { status: 409, message }) => {
                    assert!(!fits && message.contains("idempotency"), "{message}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(rows.count("things"), 1);
    }

    #[test]
    fn a_response_is_stored_for_24_hours_and_a_lease_lasts_less_than_30_seconds() {
        let (rows, token) = (Rows::new(), token(1));
        rows.lookup(&lease(&token, 1), NOW);
        assert!(matches!(rows.lookup(&lease(&token, 2), later(LEASE_MS - 1)), Lookup::InProgress));
        let second = lease(&token, 3);
        const { assert!(LEASE_MS < 30_000) };
        assert!(matches!(rows.lookup(&second, later(LEASE_MS)), Lookup::New));
        rows.make(&second, 1, later(LEASE_MS)).unwrap();
        let saved = later(LEASE_MS + SAVED_MS);
        assert!(matches!(rows.lookup(&lease(&token, 4), saved.plus_millis(-1)), Lookup::Completed(_)));
        assert!(matches!(rows.lookup(&lease(&token, 5), saved), Lookup::New));
    }

    #[test]
    fn a_request_that_created_nothing_stores_nothing_and_releases_its_key() {
        let (rows, token) = (Rows::new(), token(1));
        let first = lease(&token, 1);
        rows.lookup(&first, NOW);
        assert_eq!(rows.make(&first, 0, NOW).unwrap(), [0, 0, 0]);
        rows.batch(&[first.release()]).unwrap();
        let second = lease(&token, 2);
        assert!(matches!(rows.lookup(&second, NOW), Lookup::New));
        rows.make(&second, 1, NOW).unwrap();
        // Neither the refused request nor the completed one can remove the stored response.
        rows.batch(&[first.release(), second.release()]).unwrap();
        assert!(matches!(rows.lookup(&lease(&token, 3), NOW), Lookup::Completed(_)));
    }

    #[test]
    fn of_two_requests_with_the_same_key_only_one_creates_something() {
        for second_has_answered in [false, true] {
            let (rows, token) = (Rows::new(), token(1));
            let (slow, second) = (lease(&token, 1), lease(&token, 2));
            rows.lookup(&slow, NOW);
            assert!(matches!(rows.lookup(&second, later(LEASE_MS)), Lookup::New));
            if second_has_answered {
                rows.make(&second, 1, later(LEASE_MS)).unwrap();
            }
            let failure = rows.make(&slow, 1, later(LEASE_MS)).unwrap_err();
            slow.note_failure(&failure);
            assert_eq!(slow.state(), ResponseState::LeaseLost, "{failure}");
            rows.batch(&[slow.save(&answer(), NOW, [1; 12]).unwrap(), slow.release()]).unwrap();
            if !second_has_answered {
                rows.make(&second, 1, later(LEASE_MS)).unwrap();
            }
            assert_eq!(rows.count("things"), 1);
            assert!(matches!(rows.lookup(&lease(&token, 3), later(LEASE_MS)), Lookup::Completed(_)));
        }
    }

    #[test]
    fn a_slow_request_whose_key_stayed_free_stores_its_response() {
        let (rows, token) = (Rows::new(), token(1));
        let slow = lease(&token, 1);
        rows.lookup(&slow, NOW);
        // Cron deletes the expired row.
        rows.0.execute("DELETE FROM idempotency_keys", []).unwrap();
        assert_eq!(rows.make(&slow, 1, later(2 * LEASE_MS)).unwrap(), [0, 1, 1]);
        assert!(matches!(rows.lookup(&lease(&token, 2), later(2 * LEASE_MS)), Lookup::Completed(_)));
    }

    #[test]
    fn a_lease_is_renewed_in_time_but_not_at_every_part() {
        let (rows, token) = (Rows::new(), token(1));
        let busy = lease(&token, 1);
        rows.lookup(&busy, NOW);
        let renewals = (0..60).map(|second| later(second * 1000)).filter(|now| {
            let is_due = busy.is_due(*now);
            if is_due {
                rows.batch(&[busy.renew(*now)]).unwrap();
            }
            assert!(matches!(rows.lookup(&lease(&token, 2), *now), Lookup::InProgress));
            is_due
        });
        assert_eq!(renewals.count(), 7);
    }

    #[test]
    fn other_failures_do_not_lose_the_lease() {
        for message in
            ["UNIQUE constraint failed: websites.domain", "NOT NULL constraint failed: things.name", "D1_ERROR"]
        {
            let lease = lease(&token(1), 1);
            lease.note_failure(&PlatformError::new(message));
            assert_eq!(lease.state(), ResponseState::Unsaved, "{message}");
        }
    }

    #[test]
    fn only_whole_successes_are_stored() {
        let statuses = [200, 201, 204, 302, 400, 404, 409, 429, 500];
        let saved: Vec<u16> = statuses.into_iter().filter(|status| is_saved(&Reply::empty(*status))).collect();
        assert_eq!(saved, [200, 201, 204]);
        assert!(!is_saved(&Reply::streamed("text/plain", Box::pin(futures_util::stream::empty()))));
    }

    proptest! {
        #[test]
        fn another_credential_method_path_or_key_is_another_scope(
            one in ("[a-c]{1,3}", "POST|PUT", "/[a-c]{0,3}", 0_u8..3), other in ("[a-c]{1,3}", "POST|PUT", "/[a-c]{0,3}", 0_u8..3),
        ) {
            let of = |(text, method, path, seed): &(String, String, String, u8)| {
                scope(token(*seed).hash(), method, path, &key(text))
            };
            prop_assert_eq!(of(&one) == of(&other), one == other);
        }

        #[test]
        fn a_stored_response_is_replayed_unchanged(status in 200_u16..300, body: Vec<u8>, sent: Vec<u8>, nonce: [u8; 12]) {
            let token = token(1);
            let (first, again) = (lease(&token, 1), lease(&token, 2));
            first.hash_part(&sent);
            again.hash_part(&sent);
            let reply = Reply::of(status, "application/json", body.clone());
            let sealed = first.seal.close(&pack(first.body_hash(), &reply), &first.scope, nonce).unwrap();
            let row = Row { holder: "another".to_owned(), sealed_answer: Some(sealed.clone()) };
            let Lookup::Completed(saved) = again.lookup(Some(&row)).unwrap() else { panic!("not answered") };
            let replayed = again.replay(saved).unwrap();
            prop_assert_eq!((replayed.status, replayed.body), (status, body));
            // No other credential can open it, whatever row it is in.
            prop_assert!(lease(&RawToken::generate(TokenKind::Account, || 2), 3).lookup(Some(&row)).is_err());
        }

        #[test]
        fn the_reader_never_panics_on_stored_bytes(packed: Vec<u8>) {
            let _ = SavedResponse::unpack(&packed);
        }

        #[test]
        fn the_parser_never_panics(text in ".*") {
            let _ = text.parse::<Key>();
        }
    }
}
