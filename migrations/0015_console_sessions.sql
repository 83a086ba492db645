-- Sessions of the console: who has signed in where. `permissions` and `website_ids` are JSON, as those of access tokens.
CREATE TABLE console_sessions (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL UNIQUE,
  -- ticket, token, invitation.
  method TEXT NOT NULL,
  -- The access token that it was made from; with the token it ends.
  granting_token_id TEXT,
  permissions TEXT NOT NULL,
  website_ids TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  country TEXT,
  created_at INTEGER NOT NULL,
  -- Exact to the minute.
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  fresh_until INTEGER NOT NULL
) STRICT;
CREATE INDEX console_sessions_by_account ON console_sessions (account_id, created_at DESC, id DESC);
CREATE INDEX console_sessions_by_token ON console_sessions (granting_token_id, created_at DESC, id DESC)
  WHERE granting_token_id IS NOT NULL;
CREATE INDEX console_sessions_by_expiry ON console_sessions (expires_at);
CREATE INDEX console_sessions_by_use ON console_sessions (last_seen_at);

-- Tickets that the operator has had made: each signs in to one account, once, or until it expires.
CREATE TABLE console_tickets (
  ticket_hash TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  is_reusable INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX console_tickets_by_expiry ON console_tickets (expires_at);
