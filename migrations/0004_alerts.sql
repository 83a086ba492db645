-- Alerts that watch numbers, where their messages go, and what each of them is at.
-- The kind of the condition's trigger, and the goal that it names.
ALTER TABLE alerts ADD COLUMN kind TEXT NOT NULL DEFAULT 'goal' CHECK (kind IN ('goal', 'metric'));
ALTER TABLE alerts ADD COLUMN goal_name TEXT;
-- The endpoint that the destination names; null for e-mail.
ALTER TABLE alerts ADD COLUMN endpoint_id TEXT;
-- As the API spells it; null for the default of its kind.
ALTER TABLE alerts ADD COLUMN cooldown TEXT;
ALTER TABLE alerts ADD COLUMN notify_resolved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN state TEXT NOT NULL DEFAULT 'normal'
  CHECK (state IN ('normal', 'pending', 'firing', 'resolved', 'nodata'));
ALTER TABLE alerts ADD COLUMN state_since INTEGER NOT NULL DEFAULT 0;
-- Completions received earlier do not count.
ALTER TABLE alerts ADD COLUMN in_force_since INTEGER NOT NULL DEFAULT 0;
-- When the last message of a firing went out: the cooldown runs from here.
ALTER TABLE alerts ADD COLUMN last_message_at INTEGER;
-- Whether the present firing has been told.
ALTER TABLE alerts ADD COLUMN firing_told INTEGER NOT NULL DEFAULT 0;
-- Completions that wait for the cooldown to be over.
ALTER TABLE alerts ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
-- When a metric has to be looked at again; null when nothing can have changed.
ALTER TABLE alerts ADD COLUMN due_at INTEGER;
-- Until when somebody is looking at it; its value tells who.
ALTER TABLE alerts ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;
-- Grows with all that has to be looked at, so that news that come during a look are not lost.
ALTER TABLE alerts ADD COLUMN news INTEGER NOT NULL DEFAULT 0;
UPDATE alerts SET goal_name = json_extract(condition, '$.goalName'), state_since = created_at, in_force_since = updated_at;

CREATE INDEX alerts_due ON alerts (due_at) WHERE due_at IS NOT NULL AND is_enabled = 1;
CREATE INDEX alerts_by_goal ON alerts (website_id, kind, goal_name) WHERE is_enabled = 1;
CREATE INDEX alerts_by_endpoint ON alerts (endpoint_id) WHERE endpoint_id IS NOT NULL;

-- What states an alert went through.
CREATE TABLE alert_transitions (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  alert_id TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  reason TEXT NOT NULL,
  value REAL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_transitions_by_alert ON alert_transitions (website_id, alert_id, at DESC, id DESC);

-- An alert need not be about a goal, may tell of an end as well, and may tell a webhook.
CREATE TABLE alert_messages (
  id TEXT PRIMARY KEY NOT NULL,
  website_id TEXT NOT NULL REFERENCES websites (id),
  alert_id TEXT NOT NULL,
  alert_name TEXT NOT NULL,
  goal_name TEXT,
  event TEXT NOT NULL CHECK (event IN ('firing', 'resolved')),
  destination TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('sent', 'failed')),
  error TEXT,
  visitor_id TEXT,
  triggered_at INTEGER NOT NULL
) STRICT;
INSERT INTO alert_messages (id, website_id, alert_id, alert_name, goal_name, event, destination, status, error, visitor_id, triggered_at)
  SELECT id, website_id, alert_id, alert_name, goal_name, 'firing', '{"type":"email"}', status, error, visitor_id, triggered_at
  FROM alert_history;
DROP TABLE alert_history;
ALTER TABLE alert_messages RENAME TO alert_history;
CREATE INDEX alert_history_by_website ON alert_history (website_id, triggered_at DESC, id);
CREATE INDEX alert_history_by_alert ON alert_history (website_id, alert_id, triggered_at DESC, id);
