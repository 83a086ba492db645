-- When the next mail about a website is due, of either kind: cron reads one row to know that none is.
CREATE INDEX websites_mail_due ON websites
  (min(coalesce(weekly_report_at, 9007199254740991), coalesce(traffic_look_at, 9007199254740991)))
  WHERE weekly_report_at IS NOT NULL OR traffic_look_at IS NOT NULL;
