-- Why a delivery is `missed` although its endpoint is on; null otherwise.
ALTER TABLE deliveries ADD COLUMN reason TEXT;
-- What waits, by website: cron takes turns between websites, and a website may have only so much waiting.
CREATE INDEX deliveries_waiting ON deliveries (website_id, next_attempt_at, id) WHERE status = 'pending';

-- Since when, and how often, an alert's test mails were asked for: so many an hour are sent.
ALTER TABLE alerts ADD COLUMN tests_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN tests INTEGER NOT NULL DEFAULT 0;

-- What is forgotten in time, oldest first.
CREATE INDEX alert_history_by_time ON alert_history (triggered_at);
CREATE INDEX alert_transitions_by_time ON alert_transitions (at);

-- Whether the last change of the settings has been written to KV a second time.
ALTER TABLE websites ADD COLUMN tracking_settled INTEGER NOT NULL DEFAULT 1;
CREATE INDEX websites_unsettled ON websites (tracking_changed_at) WHERE tracking_settled = 0;
