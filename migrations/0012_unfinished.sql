-- The websites that cron has something to do for, so that a run with nothing to do reads one row.
CREATE INDEX websites_unfinished ON websites (id)
  WHERE tracking_settled = 0 OR wished_currency IS NOT NULL OR watch_synced < watch_version;
