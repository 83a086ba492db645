-- When anything is due next that cron does when it is due, or a while before: of payment providers, mails about websites and revocations.
-- Cron reads this one row. It is never late: whatever comes to be due earlier says so. provider_due and the index websites_mail_due have
-- parts of it for the release before.
CREATE TABLE cron_due (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  due_at INTEGER
) STRICT;
INSERT INTO cron_due (id, due_at) VALUES (1, 0);
CREATE TRIGGER cron_revocations_revoked_at_added AFTER INSERT ON revocations BEGIN
  UPDATE cron_due SET due_at = new.revoked_at WHERE due_at IS NULL OR due_at > new.revoked_at;
END;
CREATE TRIGGER cron_provider_events_due_at_added AFTER INSERT ON provider_events WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_provider_events_due_at_changed AFTER UPDATE OF due_at ON provider_events WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_provider_imports_due_at_added AFTER INSERT ON provider_imports WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_provider_imports_due_at_changed AFTER UPDATE OF due_at ON provider_imports WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_provider_cleanups_due_at_added AFTER INSERT ON provider_cleanups WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_provider_cleanups_due_at_changed AFTER UPDATE OF due_at ON provider_cleanups WHEN new.due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.due_at WHERE due_at IS NULL OR due_at > new.due_at;
END;
CREATE TRIGGER cron_integrations_setup_due_at_added AFTER INSERT ON integrations WHEN new.setup_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.setup_due_at WHERE due_at IS NULL OR due_at > new.setup_due_at;
END;
CREATE TRIGGER cron_integrations_setup_due_at_changed AFTER UPDATE OF setup_due_at ON integrations WHEN new.setup_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.setup_due_at WHERE due_at IS NULL OR due_at > new.setup_due_at;
END;
CREATE TRIGGER cron_integrations_poll_due_at_added AFTER INSERT ON integrations WHEN new.poll_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.poll_due_at WHERE due_at IS NULL OR due_at > new.poll_due_at;
END;
CREATE TRIGGER cron_integrations_poll_due_at_changed AFTER UPDATE OF poll_due_at ON integrations WHEN new.poll_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.poll_due_at WHERE due_at IS NULL OR due_at > new.poll_due_at;
END;
CREATE TRIGGER cron_integrations_sweep_due_at_added AFTER INSERT ON integrations WHEN new.sweep_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.sweep_due_at WHERE due_at IS NULL OR due_at > new.sweep_due_at;
END;
CREATE TRIGGER cron_integrations_sweep_due_at_changed AFTER UPDATE OF sweep_due_at ON integrations WHEN new.sweep_due_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.sweep_due_at WHERE due_at IS NULL OR due_at > new.sweep_due_at;
END;
CREATE TRIGGER cron_websites_weekly_report_at_added AFTER INSERT ON websites WHEN new.weekly_report_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.weekly_report_at WHERE due_at IS NULL OR due_at > new.weekly_report_at;
END;
CREATE TRIGGER cron_websites_weekly_report_at_changed AFTER UPDATE OF weekly_report_at ON websites WHEN new.weekly_report_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.weekly_report_at WHERE due_at IS NULL OR due_at > new.weekly_report_at;
END;
CREATE TRIGGER cron_websites_traffic_look_at_added AFTER INSERT ON websites WHEN new.traffic_look_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.traffic_look_at WHERE due_at IS NULL OR due_at > new.traffic_look_at;
END;
CREATE TRIGGER cron_websites_traffic_look_at_changed AFTER UPDATE OF traffic_look_at ON websites WHEN new.traffic_look_at IS NOT NULL BEGIN
  UPDATE cron_due SET due_at = new.traffic_look_at WHERE due_at IS NULL OR due_at > new.traffic_look_at;
END;
