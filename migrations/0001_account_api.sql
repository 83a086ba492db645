-- The resources of the Account API. Moments are milliseconds since the epoch; ids are 24 hexadecimal characters;
-- token hashes are SHA-256 in hexadecimal. Lists and structures that are only read whole are JSON.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY NOT NULL,
  email TEXT NOT NULL UNIQUE,
  name TEXT,
  image TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_tokens (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL UNIQUE,
  display_key TEXT NOT NULL,
  name TEXT,
  permissions TEXT NOT NULL,
  website_ids TEXT NOT NULL,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_tokens_by_account ON access_tokens (account_id, created_at, id);

CREATE TABLE websites (
  id TEXT PRIMARY KEY NOT NULL,
  owner_id TEXT NOT NULL REFERENCES accounts (id),
  domain TEXT NOT NULL,
  name TEXT,
  tracking_id TEXT NOT NULL UNIQUE,
  timezone TEXT NOT NULL,
  currency TEXT NOT NULL,
  -- What the owner has set, as the API spells it; a setting that is not there has its default.
  settings TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  UNIQUE (owner_id, domain)
) STRICT;

-- Who may enter a website. The owner is a member with the role owner.
CREATE TABLE members (
  website_id TEXT NOT NULL REFERENCES websites (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (website_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_account ON members (account_id, website_id);

CREATE TABLE invitations (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('member', 'viewer')),
  code_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- One at a time for each address; an accepted or expired invitation is deleted.
  UNIQUE (website_id, email)
) STRICT;

CREATE TABLE website_keys (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  token_hash TEXT NOT NULL UNIQUE,
  display_key TEXT NOT NULL,
  name TEXT,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX website_keys_by_website ON website_keys (website_id, created_at, id);

-- Hashes of revoked credentials whose gates cron tells once more to forget them.
CREATE TABLE revocations (
  token_hash TEXT PRIMARY KEY NOT NULL,
  revoked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_by_time ON revocations (revoked_at);

CREATE TABLE funnels (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  steps TEXT NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX funnels_active_by_name ON funnels (website_id, name) WHERE is_active = 1;
CREATE INDEX funnels_active_by_website ON funnels (website_id, created_at, id) WHERE is_active = 1;

CREATE TABLE alerts (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  name TEXT NOT NULL,
  -- What sets it off, as the API spells a trigger.
  condition TEXT NOT NULL,
  destination TEXT NOT NULL,
  subject TEXT,
  message TEXT NOT NULL,
  is_enabled INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_by_website ON alerts (website_id, created_at, id);

-- Outlives its alert.
CREATE TABLE alert_history (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  alert_id TEXT NOT NULL,
  alert_name TEXT NOT NULL,
  goal_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('sent', 'failed')),
  error TEXT,
  visitor_id TEXT,
  triggered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_history_by_website ON alert_history (website_id, triggered_at DESC, id);
CREATE INDEX alert_history_by_alert ON alert_history (website_id, alert_id, triggered_at DESC, id);

CREATE TABLE integrations (
  website_id TEXT NOT NULL REFERENCES websites (id),
  provider TEXT NOT NULL,
  -- AES-256-GCM: key id, nonce and ciphertext, see src/secrets/keyring.rs.
  sealed_credentials TEXT NOT NULL,
  connected_at INTEGER NOT NULL,
  PRIMARY KEY (website_id, provider)
) STRICT, WITHOUT ROWID;
