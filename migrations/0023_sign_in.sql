-- Ways to sign in to the console besides tickets and tokens.

-- Codes by mail, of addresses that have an account. A row stays for the hour over which codes are counted.
CREATE TABLE sign_in_codes (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- SHA-256 of the secret that only the browser has which asked.
  secret_hash TEXT NOT NULL,
  -- HMAC-SHA256 of the code under that secret.
  code_hmac TEXT NOT NULL,
  -- SHA-256 of the client address that asked.
  client_hash TEXT NOT NULL,
  -- Tries so far; as many as there may be once the code is used up.
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_codes_by_secret ON sign_in_codes (secret_hash);
CREATE INDEX sign_in_codes_by_account ON sign_in_codes (account_id, created_at);
CREATE INDEX sign_in_codes_by_client ON sign_in_codes (client_hash, created_at);
CREATE INDEX sign_in_codes_by_time ON sign_in_codes (created_at);

-- Passkeys: each signs in to its account with everything that the account may do.
CREATE TABLE passkeys (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- As the authenticator names it; Base64url.
  credential_id TEXT NOT NULL UNIQUE,
  -- An uncompressed point of P-256; Base64url.
  public_key TEXT NOT NULL,
  -- The signature counter of the last sign-in; 0 where the authenticator has none.
  sign_count INTEGER NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_account ON passkeys (account_id, created_at, id);

-- Challenges that were answered, as SHA-256: none is answered twice.
CREATE TABLE spent_challenges (
  challenge_hash TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_challenges_by_expiry ON spent_challenges (expires_at);

-- The passkey that a session was signed in with; with the passkey it ends.
ALTER TABLE console_sessions ADD COLUMN passkey_id TEXT;
