//! `Idempotency-Key`: a POST that is sent again with the same key is answered again, and nothing is made twice
//! (docs/contract/automation.md#idempotency-key).
//!
//! A request with a key first *takes* it: its row is there from then on, without an answer. Who comes meanwhile is
//! refused. What the request makes is written in one transaction with its answer (`make` of
//! [`AccountCall`](super::call::AccountCall::create_once) and [`Website`](super::call::Website::create_once)); a refusal gives the key
//! back. A request that dies leaves a lease behind that ends by itself. Should one only have been slow, its
//! transaction fails on the fence once somebody else has taken the key: whatever happens, one of them makes something.
//!
//! Answers are sealed under a key that is derived from the caller's token, which is not stored. So the database alone
//! gives away neither a raw token that was answered, nor a body, nor which keys there were.

use std::cell::{Cell, RefCell};
use std::str::FromStr;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::reply::Reply;
use crate::auth::token::{RawToken, TokenHash};
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::seal::{NONCE_BYTES, Seal};
use sluice_values::{Invalid, Timestamp, hex};

/// The header with the key, as people write it.
pub const HEADER: &str = "Idempotency-Key";
/// The header of an answer that was given before.
pub const REPLAYED: &str = "idempotency-replayed";
/// Characters of a key at most.
pub const LONGEST_KEY: usize = 255;

/// How long an answer is kept: 24 hours.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a key is held for a request that does not report: a crash frees it within 30 seconds, latency included.
const LEASE_MS: i64 = 25_000;
/// After how long a request that is still busy reports.
const RENEWAL_MS: i64 = 8_000;
/// Expired rows that one run of cron deletes. More only wait: an expired row counts for nothing.
const PAGE: u32 = 2_000;
/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;

/// A key as it was sent. Every character counts, capitals too.
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

/// The name of a key's row: the same for the same credential, method, path and key only. None of them has a line break.
fn scope(token: TokenHash, method: &str, path: &str, key: &Key) -> String {
    hex(&Sha256::digest(format!("{token}\n{method}\n{path}\n{}", key.0)))
}

/// One request's claim on its key.
pub struct KeyLease {
    scope: String,
    /// Names this request among those with the same key.
    holder: String,
    seal: Seal,
    /// The hash of what has been read of the body.
    body: RefCell<Sha256>,
    fate: Cell<ResponseState>,
    renewed_at: Cell<Timestamp>,
}

/// What has become of a claim so far.
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

/// What a request with a key comes to.
pub enum Lookup {
    /// The key is new: the handler runs.
    New,
    /// Another request with the key is running.
    InProgress,
    /// The key has its response.
    Completed(Kept),
}

impl KeyLease {
    /// The claim of a request; `holder` is random.
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
            fate: Cell::new(ResponseState::Unsaved),
            renewed_at: Cell::new(now),
        })
    }

    /// Takes note of the next part of the body. The answer is kept with what has been read of it by then.
    pub fn read(&self, part: &[u8]) {
        self.body.borrow_mut().update(part);
    }

    /// The statements that take the key where it is free, and tell whose it is; [`Self::turn`] reads the second's row.
    pub fn take(&self, batch: &mut Batch, now: Timestamp) -> Handle<Row> {
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

    /// Whose turn it is, from the key's row.
    pub fn turn(&self, row: Option<&Row>) -> Result<Lookup, PlatformError> {
        let row = row.ok_or_else(|| PlatformError::new("a key was taken and has no row"))?;
        match &row.sealed_answer {
            _ if row.holder == self.holder => Ok(Lookup::New),
            None => Ok(Lookup::InProgress),
            Some(sealed) => {
                let opened = self.seal.open(sealed, &self.scope).map_err(broken)?;
                let kept = Kept::unpack(&opened).ok_or_else(|| PlatformError::new("a kept answer cannot be read"))?;
                Ok(Lookup::Completed(kept))
            }
        }
    }

    /// The statement that makes its transaction fail where somebody else has the key by now ([`Self::note`] knows that
    /// failure), and renews the lease.
    pub fn hold(&self, now: Timestamp) -> Statement {
        sql("INSERT INTO idempotency_keys (scope, holder, expires_at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (scope) DO UPDATE SET holder = iif(holder = excluded.holder, holder, NULL), \
               expires_at = excluded.expires_at")
        .bind(self.scope.as_str())
        .bind(self.holder.as_str())
        .bind(now.plus_millis(LEASE_MS))
    }

    /// The statement that keeps the answer where the statement right before it has changed something. It returns a row
    /// where it does.
    pub fn keep_if_changed(
        &self,
        reply: &Reply,
        now: Timestamp,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Statement, PlatformError> {
        let statement = sql("UPDATE idempotency_keys SET sealed_answer = ?3, expires_at = ?4 \
             WHERE scope = ?1 AND holder = ?2 AND changes() > 0 RETURNING scope");
        self.bind_answer(statement, reply, now, nonce)
    }

    /// The statement that keeps the answer of what has been done already.
    pub fn keep(&self, reply: &Reply, now: Timestamp, nonce: [u8; NONCE_BYTES]) -> Result<Statement, PlatformError> {
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
        Ok(statement.bind(sealed).bind(now.plus_millis(KEPT_MS)))
    }

    /// The statement that gives the key back. What has been answered stays.
    pub fn give_back(&self) -> Statement {
        sql("DELETE FROM idempotency_keys WHERE scope = ?1 AND holder = ?2 AND sealed_answer IS NULL")
            .bind(self.scope.as_str())
            .bind(self.holder.as_str())
    }

    /// Whether a request that is still busy should renew its lease; it is counted as done.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_due = now >= self.renewed_at.get().plus_millis(RENEWAL_MS);
        if is_due {
            self.renewed_at.set(now);
        }
        is_due
    }

    /// Takes note of the failure of a transaction with [`Self::hold`] in it.
    pub fn note(&self, error: &PlatformError) {
        if error.is_null_violation_of("idempotency_keys.holder") {
            self.fate.set(ResponseState::LeaseLost);
        }
    }

    /// Takes note that the answer is kept.
    pub fn note_kept(&self) {
        self.fate.set(ResponseState::Saved);
    }

    /// What has become of it so far.
    pub fn fate(&self) -> ResponseState {
        self.fate.get()
    }

    /// The answer to this request, whose whole body has been read, from the one that is kept.
    pub fn replay(&self, kept: Kept) -> Result<Reply, Error> {
        if kept.body_hash == self.body_hash() {
            return Ok(kept.reply.with_header(REPLAYED, "true"));
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

/// 409: a request with this key is on its way.
pub fn running() -> Error {
    Error::conflict(format!(
        "{HEADER}: a request with this idempotency key is still running; send this one again in a moment"
    ))
}

/// Whether an answer of this kind is kept: only successes are, and they are whole.
pub fn is_kept(reply: &Reply) -> bool {
    matches!(reply.status, 200..=299) && reply.stream.is_none()
}

/// An answer that is kept, and of which body.
pub struct Kept {
    body_hash: [u8; HASH_BYTES],
    reply: Reply,
}

/// The hash of the request's body, a line with status and media type, and the answer's body.
fn pack(body_hash: [u8; HASH_BYTES], reply: &Reply) -> Vec<u8> {
    let content_type = reply.headers.iter().find(|(name, _)| *name == "content-type").map(|(_, value)| value.as_str());
    let line = format!("{} {}\n", reply.status, content_type.unwrap_or_default());
    [&body_hash, line.as_bytes(), &reply.body].concat()
}

impl Kept {
    /// Reads what [`pack`] has written.
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
    PlatformError::new(format!("a kept answer: {error}"))
}

/// Deletes rows that have expired, the longest expired first.
pub async fn sweep(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let expired = sql("DELETE FROM idempotency_keys WHERE scope IN \
         (SELECT scope FROM idempotency_keys WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)");
    platform.database().run(Batch::of(expired.bind(now).bind(PAGE))).await?;
    Ok(())
}

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

    fn claim(token: &RawToken, holder: u8) -> KeyLease {
        KeyLease::new(token, "POST", "/api/v1/admin/websites", &key("k"), [holder; 16], NOW).unwrap()
    }

    /// The database with the migration's table, as the statements meet it.
    struct Rows(rusqlite::Connection);

    impl Rows {
        fn new() -> Self {
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            connection.execute_batch(include_str!("../../migrations/0003_idempotency.sql")).unwrap();
            connection.execute_batch("CREATE TABLE things (name TEXT NOT NULL)").unwrap();
            Self(connection)
        }

        /// Runs statements as one transaction; of each how many rows it returned.
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

        fn turn(&self, claim: &KeyLease, now: Timestamp) -> Lookup {
            let mut batch = Batch::new();
            claim.take(&mut batch, now);
            self.batch(&batch.into_statements()).unwrap();
            let row = self.0.query_row("SELECT holder, sealed_answer FROM idempotency_keys", [], |row| {
                Ok(Row { holder: row.get(0)?, sealed_answer: row.get(1)? })
            });
            claim.turn(row.ok().as_ref()).unwrap()
        }

        /// What `make` sends for one statement that inserts `count` things.
        fn make(&self, claim: &KeyLease, count: usize, now: Timestamp) -> Result<Vec<usize>, PlatformError> {
            let insert = "INSERT INTO things SELECT 'x' WHERE ?1 > 0 RETURNING name";
            let keep = claim.keep_if_changed(&answer(), now, [1; 12]).unwrap();
            self.batch(&[claim.hold(now), sql(insert).bind(u32::try_from(count).unwrap()), keep])
        }

        fn count(&self, table: &str) -> i64 {
            self.0.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        }
    }

    fn stored(value: &crate::platform::database::Value) -> rusqlite::types::Value {
        use crate::platform::database::Value;
        match value {
            Value::Null => rusqlite::types::Value::Null,
            Value::Integer(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Text(text) => text.clone().into(),
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
    fn stored_names_and_answers_never_change_their_form() {
        // Format-pinning: were it to change, a retry across an update of the gateway would make a thing twice.
        let token: RawToken = "df_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17".parse().unwrap();
        let claim = KeyLease::new(&token, "POST", "/api/v1/admin/websites", &key("k"), [0; 16], NOW).unwrap();
        // printf '%s\nPOST\n/api/v1/admin/websites\nk' "$(printf %s df_zQWB…0mLq17 | sha256sum | cut -c-64)" | sha256sum
        assert_eq!(claim.scope, "7fb89d828f30349d801861e94a6fa425ea7d55e2d9c99e3fa0da5ad4c4f66c40");
        claim.read(b"{}");
        let packed = pack(claim.body_hash(), &answer());
        let (hash, rest) = packed.split_at(32);
        assert_eq!(hex(hash), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
        assert_eq!(rest, b"200 application/json\n{\"key\":\"dft_x\"}");
    }

    #[test]
    fn the_first_runs_a_twin_waits_and_the_answer_is_given_again() {
        let (rows, token) = (Rows::new(), token(1));
        let (first, twin) = (claim(&token, 1), claim(&token, 2));
        first.read(b"{}");
        assert!(matches!(rows.turn(&first, NOW), Lookup::New));
        assert!(matches!(rows.turn(&twin, later(1)), Lookup::InProgress));
        assert_eq!(rows.make(&first, 1, later(2)).unwrap(), [0, 1, 1]);
        for (body, fits) in [(b"{}".as_slice(), true), (b"{} ", false), (b"", false)] {
            let again = claim(&token, 3);
            // It does not matter in how many parts a body comes.
            body.chunks(1).for_each(|part| again.read(part));
            let Lookup::Completed(kept) = rows.turn(&again, later(3)) else { panic!("not kept") };
            match again.replay(kept) {
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
    fn an_answer_is_kept_for_24_hours_and_a_lease_for_less_than_30_seconds() {
        let (rows, token) = (Rows::new(), token(1));
        rows.turn(&claim(&token, 1), NOW);
        assert!(matches!(rows.turn(&claim(&token, 2), later(LEASE_MS - 1)), Lookup::InProgress));
        let second = claim(&token, 3);
        const { assert!(LEASE_MS < 30_000) };
        assert!(matches!(rows.turn(&second, later(LEASE_MS)), Lookup::New));
        rows.make(&second, 1, later(LEASE_MS)).unwrap();
        let kept = later(LEASE_MS + KEPT_MS);
        assert!(matches!(rows.turn(&claim(&token, 4), kept.plus_millis(-1)), Lookup::Completed(_)));
        assert!(matches!(rows.turn(&claim(&token, 5), kept), Lookup::New));
    }

    #[test]
    fn what_made_nothing_is_not_kept_and_gives_its_key_back() {
        let (rows, token) = (Rows::new(), token(1));
        let first = claim(&token, 1);
        rows.turn(&first, NOW);
        assert_eq!(rows.make(&first, 0, NOW).unwrap(), [0, 0, 0]);
        rows.batch(&[first.give_back()]).unwrap();
        let second = claim(&token, 2);
        assert!(matches!(rows.turn(&second, NOW), Lookup::New));
        rows.make(&second, 1, NOW).unwrap();
        // Neither the one that was refused nor the one that was answered can undo the answer.
        rows.batch(&[first.give_back(), second.give_back()]).unwrap();
        assert!(matches!(rows.turn(&claim(&token, 3), NOW), Lookup::Completed(_)));
    }

    #[test]
    fn of_two_that_hold_the_same_key_one_makes_something() {
        for second_has_answered in [false, true] {
            let (rows, token) = (Rows::new(), token(1));
            let (slow, second) = (claim(&token, 1), claim(&token, 2));
            rows.turn(&slow, NOW);
            assert!(matches!(rows.turn(&second, later(LEASE_MS)), Lookup::New));
            if second_has_answered {
                rows.make(&second, 1, later(LEASE_MS)).unwrap();
            }
            let failure = rows.make(&slow, 1, later(LEASE_MS)).unwrap_err();
            slow.note(&failure);
            assert_eq!(slow.fate(), ResponseState::LeaseLost, "{failure}");
            rows.batch(&[slow.keep(&answer(), NOW, [1; 12]).unwrap(), slow.give_back()]).unwrap();
            if !second_has_answered {
                rows.make(&second, 1, later(LEASE_MS)).unwrap();
            }
            assert_eq!(rows.count("things"), 1);
            assert!(matches!(rows.turn(&claim(&token, 3), later(LEASE_MS)), Lookup::Completed(_)));
        }
    }

    #[test]
    fn a_slow_request_whose_key_nobody_took_keeps_its_answer() {
        let (rows, token) = (Rows::new(), token(1));
        let slow = claim(&token, 1);
        rows.turn(&slow, NOW);
        // Cron came by.
        rows.0.execute("DELETE FROM idempotency_keys", []).unwrap();
        assert_eq!(rows.make(&slow, 1, later(2 * LEASE_MS)).unwrap(), [0, 1, 1]);
        assert!(matches!(rows.turn(&claim(&token, 2), later(2 * LEASE_MS)), Lookup::Completed(_)));
    }

    #[test]
    fn a_lease_is_renewed_in_time_and_not_with_every_piece() {
        let (rows, token) = (Rows::new(), token(1));
        let busy = claim(&token, 1);
        rows.turn(&busy, NOW);
        let renewals = (0..60).map(|second| later(second * 1000)).filter(|now| {
            let is_due = busy.is_due(*now);
            if is_due {
                rows.batch(&[busy.hold(*now)]).unwrap();
            }
            assert!(matches!(rows.turn(&claim(&token, 2), *now), Lookup::InProgress));
            is_due
        });
        assert_eq!(renewals.count(), 7);
    }

    #[test]
    fn other_failures_are_no_loss_of_the_key() {
        for said in ["UNIQUE constraint failed: websites.domain", "NOT NULL constraint failed: things.name", "D1_ERROR"]
        {
            let claim = claim(&token(1), 1);
            claim.note(&PlatformError::new(said));
            assert_eq!(claim.fate(), ResponseState::Unsaved, "{said}");
        }
    }

    #[test]
    fn only_whole_successes_are_kept() {
        let statuses = [200, 201, 204, 302, 400, 404, 409, 429, 500];
        let kept: Vec<u16> = statuses.into_iter().filter(|status| is_kept(&Reply::empty(*status))).collect();
        assert_eq!(kept, [200, 201, 204]);
        assert!(!is_kept(&Reply::streamed("text/plain", Box::pin(futures_util::stream::empty()))));
    }

    #[test]
    fn cron_finds_what_has_expired_by_an_index() {
        let rows = Rows::new();
        let plan =
            "EXPLAIN QUERY PLAN SELECT scope FROM idempotency_keys WHERE expires_at <= 1 ORDER BY expires_at LIMIT 1";
        let plan: String = rows.0.query_row(plan, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("idempotency_keys_by_expiry"), "{plan}");
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
        fn an_answer_comes_back_as_it_was(status in 200_u16..300, body: Vec<u8>, sent: Vec<u8>, nonce: [u8; 12]) {
            let token = token(1);
            let (first, again) = (claim(&token, 1), claim(&token, 2));
            first.read(&sent);
            again.read(&sent);
            let reply = Reply::of(status, "application/json", body.clone());
            let sealed = first.seal.close(&pack(first.body_hash(), &reply), &first.scope, nonce).unwrap();
            let row = Row { holder: "another".to_owned(), sealed_answer: Some(sealed.clone()) };
            let Lookup::Completed(kept) = again.turn(Some(&row)).unwrap() else { panic!("not answered") };
            let replayed = again.replay(kept).unwrap();
            prop_assert_eq!((replayed.status, replayed.body), (status, body));
            // Nobody else reads it, whatever row they find it in.
            prop_assert!(claim(&RawToken::generate(TokenKind::Account, || 2), 3).turn(Some(&row)).is_err());
        }

        #[test]
        fn nothing_that_is_kept_panics_the_reader(packed: Vec<u8>) {
            let _ = Kept::unpack(&packed);
        }

        #[test]
        fn no_text_panics_the_parser(text in ".*") {
            let _ = text.parse::<Key>();
        }
    }
}
