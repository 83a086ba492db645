-- Who has changed what (docs/audit.md). Rows outlive their website and their account, and go when their time is over: nothing refers
-- to another table.
CREATE TABLE audit_log (
  id TEXT PRIMARY KEY NOT NULL,
  at INTEGER NOT NULL,
  -- Who answers for it; unknown for a link in a mail, and for keys from before makers were stored.
  account_id TEXT,
  -- token, application, key, session, invitation, setup, link.
  credential_kind TEXT NOT NULL,
  credential_id TEXT,
  -- Its name and its masked value at that time.
  credential TEXT,
  -- console, cli, mcp, api, mail.
  client TEXT NOT NULL,
  country TEXT,
  -- An operation of the API, by its id.
  operation TEXT NOT NULL,
  -- What it was done to: an id or a name, as the API spells it.
  target TEXT,
  website_id TEXT,
  -- JSON objects of what is different: names of the API with a mark for their kind (src/http/recording.rs). Both are null where
  -- only the operation is kept; one is null where something was made or deleted.
  before TEXT,
  after TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_by_account ON audit_log (account_id, at DESC, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX audit_log_by_website ON audit_log (website_id, at DESC, id DESC) WHERE website_id IS NOT NULL;
