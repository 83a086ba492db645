-- When a website's settings changed last: cron writes what is recent to KV once more, since of two changes in one moment
-- the earlier may have reached KV last.
ALTER TABLE websites ADD COLUMN tracking_changed_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX websites_by_tracking_change ON websites (tracking_changed_at);

-- How goals are shown. A goal without a row is shown by its name.
CREATE TABLE goal_customizations (
  website_id TEXT NOT NULL REFERENCES websites (id),
  goal_name TEXT NOT NULL,
  display_name TEXT,
  color TEXT,
  description TEXT,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (website_id, goal_name)
) STRICT, WITHOUT ROWID;
