-- What was answered to an Idempotency-Key, see src/http/idempotency.rs. A row without an answer is a request that is
-- still running, or that a crash has ended: when it expires, its key is free again.
CREATE TABLE idempotency_keys (
  -- SHA-256 of the credential's hash, the method, the path and the key.
  scope TEXT PRIMARY KEY NOT NULL,
  -- Which request may write the answer.
  holder TEXT NOT NULL,
  -- AES-256-GCM under a key that is derived from the caller's own token.
  sealed_answer TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
