-- Who is told of what happens on a website.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  url TEXT NOT NULL,
  description TEXT,
  -- JSON lists; an empty one leaves nothing out.
  event_types TEXT NOT NULL,
  goal_names TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  disabled_reason TEXT CHECK (disabled_reason IN ('manual', 'gone', 'failing')),
  -- JSON of the custom headers, sealed (src/secrets/keyring.rs): their values may be credentials.
  sealed_headers TEXT NOT NULL,
  -- Sealed signing secrets. The previous one signs too until it expires.
  sealed_secret TEXT NOT NULL,
  sealed_previous_secret TEXT,
  previous_secret_expires_at INTEGER,
  -- Milliseconds between two deliveries, 0 without a limit; the first free place behind what waits; when the last went out.
  slot_ms INTEGER NOT NULL DEFAULT 0,
  rate_limit INTEGER,
  next_slot_at INTEGER NOT NULL DEFAULT 0,
  last_sent_at INTEGER NOT NULL DEFAULT 0,
  -- Since when every attempt has failed, and when its owner was warned of it.
  failing_since INTEGER,
  warned_at INTEGER,
  -- The lease of the attempt that disabled it: what else follows from that is done once.
  disabled_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_by_website ON webhooks (website_id, created_at, id);

-- An event as every endpoint gets it: the same id and the same bytes.
CREATE TABLE messages (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_time ON messages (created_at);

-- A message on its way to one endpoint.
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'missed')),
  is_test INTEGER NOT NULL DEFAULT 0,
  -- Attempts in all, and how many of them belong to the present run through the schedule.
  attempt_count INTEGER NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0,
  cause TEXT NOT NULL DEFAULT 'automatic' CHECK (cause IN ('automatic', 'manual')),
  -- Of an endpoint with a rate limit: whether `next_attempt_at` is a place among what waits (1), or the moment to go (2).
  has_slot INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  -- An attempt under way: whose, and until when nobody else may make one.
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  last_status_code INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX deliveries_by_status ON deliveries (webhook_id, status, created_at DESC, id DESC);
CREATE INDEX deliveries_by_type ON deliveries (webhook_id, type, created_at DESC, id DESC);
CREATE INDEX deliveries_by_message ON deliveries (message_id);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_over ON deliveries (created_at) WHERE status <> 'pending';

CREATE TABLE delivery_attempts (
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  cause TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status_code INTEGER,
  error TEXT,
  response_body TEXT,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- How far a website object's news have been taken over: what it hands over twice counts once.
CREATE TABLE news_cursors (
  website_id TEXT PRIMARY KEY NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Completions that a goal alert has not told of yet.
CREATE TABLE alert_completions (
  alert_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  -- The event, as crates/engine/src/outbox.rs writes it.
  event TEXT NOT NULL,
  PRIMARY KEY (alert_id, seq)
) STRICT, WITHOUT ROWID;

-- What a website's object has to watch for changes with its endpoints and alerts. The version tells the newer of two
-- changes; cron tells the object once more what changed lately.
ALTER TABLE websites ADD COLUMN watch_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE websites ADD COLUMN watch_changed_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX websites_by_watch_change ON websites (watch_changed_at);


-- Where people reach the gateway, as whoever wrote the alert did: the link in its mails leads there.
ALTER TABLE alerts ADD COLUMN base_url TEXT;
