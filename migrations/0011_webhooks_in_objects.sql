-- How often an endpoint was switched on: its website's object, which may have switched it off, tells a later state from an
-- earlier one by it.
ALTER TABLE webhooks ADD COLUMN switched_on INTEGER NOT NULL DEFAULT 0;
-- The version of the subscriptions and endpoints that cron has sent to the website's object: what is later is sent again.
ALTER TABLE websites ADD COLUMN watch_synced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX websites_to_sync ON websites (watch_changed_at) WHERE watch_synced < watch_version;
