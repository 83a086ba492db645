-- Over how many objects the website's events are to be spread, as the operator sets it, and over how many they are.
ALTER TABLE websites ADD COLUMN shards INTEGER NOT NULL DEFAULT 1 CHECK (shards BETWEEN 1 AND 32);
ALTER TABLE websites ADD COLUMN shards_set INTEGER NOT NULL DEFAULT 1;
-- Cron looks for them with the others that it has something to do for.
DROP INDEX websites_unfinished;
CREATE INDEX websites_unfinished ON websites (id)
  WHERE tracking_settled = 0 OR wished_currency IS NOT NULL OR watch_synced < watch_version OR shards <> shards_set;
