-- One row of the tables that 0005 made. Never edited once a release has had that version.
INSERT INTO webhooks VALUES
  ('000000000000000000000071', '0000000000000000000000d1', 'https://example.com/hook', 'Ours', '["goal.completed"]', '["signup"]', 0,
   'failing', 'k1.AAAAAAAAAAAAAAAA.AAAA', 'k1.AAAAAAAAAAAAAAAA.AAAA', NULL, NULL, 110, 10, 0, 0, 1779321600000, 1779321600000, NULL,
   1779321600000, 1779321600000);
INSERT INTO messages VALUES ('msg_1', '0000000000000000000000d1', 'goal.completed', '{}', 1779321600000);
INSERT INTO deliveries VALUES
  ('000000000000000000000061', '0000000000000000000000d1', '000000000000000000000071', 'msg_1', 'goal.completed', 'missed', 0, 1, 1,
   'automatic', 0, NULL, NULL, 0, 500, 1779321600000, 1779321600000);
INSERT INTO delivery_attempts VALUES ('000000000000000000000061', 1, 'automatic', 1779321600000, 12, 500, 'status', 'no');
INSERT INTO news_cursors VALUES ('0000000000000000000000d1', 3);
INSERT INTO alert_completions VALUES ('0000000000000000000000b1', 3, 1779321600000, '{}');
