-- OAuth for agents: who may ask for a token, and what their owners have granted. Codes and refresh tokens are here as SHA-256 only.

-- When the token's present value is over: tokens that OAuth issues have an end, others have none.
ALTER TABLE access_tokens ADD COLUMN expires_at INTEGER;

-- Applications that have registered themselves (RFC 7591). One that nobody has granted anything is forgotten soon.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY NOT NULL,
  -- What it calls itself.
  name TEXT NOT NULL,
  -- JSON list.
  redirect_uris TEXT NOT NULL,
  is_used INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_clients_by_expiry ON oauth_clients (expires_at);
CREATE INDEX oauth_clients_unused ON oauth_clients (created_at) WHERE is_used = 0;

-- What an account has granted to an application, from the code on. `permissions` and `website_ids` are JSON, as those of access
-- tokens.
CREATE TABLE oauth_grants (
  -- That of the access token too, which is made with the first exchange.
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- An id of `oauth_clients`, or the address of a client's metadata document.
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  resource TEXT NOT NULL,
  -- The access token's name.
  name TEXT NOT NULL,
  permissions TEXT NOT NULL,
  website_ids TEXT NOT NULL,
  code_hash TEXT NOT NULL UNIQUE,
  code_challenge TEXT NOT NULL,
  -- What all its refresh tokens begin with, and the one that is good now; null until the code is exchanged.
  family_hash TEXT UNIQUE,
  refresh_hash TEXT,
  created_at INTEGER NOT NULL,
  -- When everything is over that was granted.
  ends_at INTEGER NOT NULL,
  -- When the row is over: with its code, and once that is exchanged, with the grant.
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_grants_by_account ON oauth_grants (account_id);
CREATE INDEX oauth_grants_by_expiry ON oauth_grants (expires_at);

-- Whoever revokes the access token revokes the grant.
CREATE TRIGGER access_tokens_with_grants AFTER DELETE ON access_tokens BEGIN
  DELETE FROM oauth_grants WHERE id = OLD.id;
END;
