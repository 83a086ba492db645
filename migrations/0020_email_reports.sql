-- When the mails that a website's settings ask for are due. NULL: never; 0: since before anything was planned. A website that is
-- worked on has the end of its lease here.
ALTER TABLE websites ADD COLUMN weekly_report_at INTEGER;
ALTER TABLE websites ADD COLUMN traffic_look_at INTEGER;
-- Where people reached the gateway when the settings were last changed: links in the mails lead there.
ALTER TABLE websites ADD COLUMN mails_base_url TEXT;
CREATE INDEX websites_weekly_reports ON websites (weekly_report_at) WHERE weekly_report_at IS NOT NULL;
CREATE INDEX websites_traffic_looks ON websites (traffic_look_at) WHERE traffic_look_at IS NOT NULL;
UPDATE websites SET weekly_report_at = 0 WHERE json_extract(settings, '$.sendWeeklyReports');
UPDATE websites SET traffic_look_at = 0 WHERE json_extract(settings, '$.sendViralTrafficAlerts');
