-- Payment providers (docs/contract/providers.md#3). A connection of an earlier release is looked at once: it was never verified.
ALTER TABLE integrations ADD COLUMN state TEXT NOT NULL DEFAULT 'verifying'
  CHECK (state IN ('verifying', 'importing', 'connected', 'failing'));
ALTER TABLE integrations ADD COLUMN mode TEXT NOT NULL DEFAULT 'manual' CHECK (mode IN ('webhook', 'manual', 'polling'));
ALTER TABLE integrations ADD COLUMN account_id TEXT;
ALTER TABLE integrations ADD COLUMN account_name TEXT;
ALTER TABLE integrations ADD COLUMN test_mode INTEGER NOT NULL DEFAULT 0;
-- Permissions that the key lacks and does without, as JSON.
ALTER TABLE integrations ADD COLUMN missing_permissions TEXT NOT NULL DEFAULT '[]';
-- The ids of the webhooks that were registered, as JSON: shops have one for each topic.
ALTER TABLE integrations ADD COLUMN webhook_ids TEXT NOT NULL DEFAULT '[]';
-- The secrets that sign deliveries, the newest first, as JSON and sealed.
ALTER TABLE integrations ADD COLUMN sealed_webhook_secrets TEXT;
ALTER TABLE integrations ADD COLUMN sealed_token TEXT;
ALTER TABLE integrations ADD COLUMN token_expires_at INTEGER;
ALTER TABLE integrations ADD COLUMN key_expires_at INTEGER;
ALTER TABLE integrations ADD COLUMN setup_due_at INTEGER;
ALTER TABLE integrations ADD COLUMN setup_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE integrations ADD COLUMN poll_due_at INTEGER;
ALTER TABLE integrations ADD COLUMN poll_cursor TEXT;
ALTER TABLE integrations ADD COLUMN sweep_due_at INTEGER;
ALTER TABLE integrations ADD COLUMN failing_since INTEGER;
ALTER TABLE integrations ADD COLUMN failing_reason TEXT;
ALTER TABLE integrations ADD COLUMN failing_message TEXT;
ALTER TABLE integrations ADD COLUMN last_event_at INTEGER;
ALTER TABLE integrations ADD COLUMN last_payment_at INTEGER;
CREATE INDEX integrations_setup_due ON integrations (setup_due_at) WHERE setup_due_at IS NOT NULL;
CREATE INDEX integrations_poll_due ON integrations (poll_due_at) WHERE poll_due_at IS NOT NULL;
CREATE INDEX integrations_sweep_due ON integrations (sweep_due_at) WHERE sweep_due_at IS NOT NULL;
UPDATE integrations SET setup_due_at = 0;

-- What providers have told. `sealed_body` is compressed and sealed for website, provider and key.
CREATE TABLE provider_events (
  website_id TEXT NOT NULL REFERENCES websites (id),
  provider TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL CHECK (origin IN ('webhook', 'poll', 'sweep', 'replay')),
  type TEXT NOT NULL,
  subject TEXT,
  happened_at INTEGER,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'done', 'ignored', 'failed')),
  -- Why it was ignored or failed: never a customer's data.
  reason TEXT,
  outcome TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  lease TEXT,
  sealed_body TEXT,
  PRIMARY KEY (website_id, provider, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_events_due ON provider_events (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX provider_events_age ON provider_events ((sealed_body IS NOT NULL), received_at);
CREATE INDEX provider_events_list ON provider_events (website_id, provider, received_at DESC, id DESC);
CREATE INDEX provider_events_subject ON provider_events (website_id, provider, subject, happened_at);
CREATE INDEX provider_events_bodies ON provider_events (website_id, provider, received_at) WHERE sealed_body IS NOT NULL;

-- Connections that are gone and whose webhook is yet to be deleted at the provider.
CREATE TABLE provider_cleanups (
  website_id TEXT NOT NULL REFERENCES websites (id),
  provider TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  sealed_credentials TEXT NOT NULL,
  webhook_ids TEXT NOT NULL DEFAULT '[]',
  due_at INTEGER NOT NULL,
  gives_up_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (website_id, provider, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_cleanups_due ON provider_cleanups (due_at);

-- The import of a connection's past.
CREATE TABLE provider_imports (
  website_id TEXT NOT NULL REFERENCES websites (id),
  provider TEXT NOT NULL,
  -- All of it, or what changed lately.
  kind TEXT NOT NULL DEFAULT 'import' CHECK (kind IN ('import', 'sweep')),
  run TEXT NOT NULL,
  stage TEXT NOT NULL,
  cursor TEXT,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  from_time INTEGER,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- How often the provider asked for fewer requests.
  slowed INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  lease TEXT,
  started_at INTEGER NOT NULL,
  progressed_at INTEGER,
  finished_at INTEGER,
  PRIMARY KEY (website_id, provider, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_imports_due ON provider_imports (due_at) WHERE due_at IS NOT NULL;
