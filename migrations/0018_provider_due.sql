-- When anything of a payment provider is due next, or a while before: cron reads this one row, however many connections there are.
-- It is never late: whatever comes to be due earlier says so. Cron looks for the true time after it has found something due.
CREATE TABLE provider_due (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  due_at INTEGER
) STRICT;
INSERT INTO provider_due (id, due_at) VALUES (1, 0);
CREATE TRIGGER provider_events_due_at_added AFTER INSERT ON provider_events WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER provider_events_due_at_changed AFTER UPDATE OF due_at ON provider_events WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER provider_imports_due_at_added AFTER INSERT ON provider_imports WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER provider_imports_due_at_changed AFTER UPDATE OF due_at ON provider_imports WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER provider_cleanups_due_at_added AFTER INSERT ON provider_cleanups WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER provider_cleanups_due_at_changed AFTER UPDATE OF due_at ON provider_cleanups WHEN new.due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER integrations_setup_due_at_added AFTER INSERT ON integrations WHEN new.setup_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.setup_due_at WHERE due_at IS NULL OR due_at > new.setup_due_at;
END;
CREATE TRIGGER integrations_setup_due_at_changed AFTER UPDATE OF setup_due_at ON integrations WHEN new.setup_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.setup_due_at WHERE due_at IS NULL OR due_at > new.setup_due_at;
END;
CREATE TRIGGER integrations_poll_due_at_added AFTER INSERT ON integrations WHEN new.poll_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.poll_due_at WHERE due_at IS NULL OR due_at > new.poll_due_at;
END;
CREATE TRIGGER integrations_poll_due_at_changed AFTER UPDATE OF poll_due_at ON integrations WHEN new.poll_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.poll_due_at WHERE due_at IS NULL OR due_at > new.poll_due_at;
END;
CREATE TRIGGER integrations_sweep_due_at_added AFTER INSERT ON integrations WHEN new.sweep_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.sweep_due_at WHERE due_at IS NULL OR due_at > new.sweep_due_at;
END;
CREATE TRIGGER integrations_sweep_due_at_changed AFTER UPDATE OF sweep_due_at ON integrations WHEN new.sweep_due_at IS NOT NULL BEGIN
  UPDATE provider_due SET due_at = new.sweep_due_at WHERE due_at IS NULL OR due_at > new.sweep_due_at;
END;
