-- Notes on the charts of websites (docs/contract/account-api.md#13). A note outlives its author, and goes with its website.
CREATE TABLE notes (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id) ON DELETE CASCADE,
  author_id TEXT REFERENCES accounts (id) ON DELETE SET NULL,
  text TEXT NOT NULL,
  -- The text in the form in which it is searched.
  searched TEXT NOT NULL,
  -- When what is noted happened.
  noted_at INTEGER NOT NULL,
  -- The idempotencyKey of the body, and the SHA-256 of what was first sent with it.
  idempotency_key TEXT,
  sent_hash TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_by_time ON notes (website_id, noted_at, id);
CREATE INDEX notes_by_author ON notes (author_id) WHERE author_id IS NOT NULL;
CREATE UNIQUE INDEX notes_by_key ON notes (website_id, author_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
