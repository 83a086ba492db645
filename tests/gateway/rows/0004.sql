-- Rows of what 0004 made. Never edited once a release has had that version.
INSERT INTO alerts (id, website_id, name, condition, destination, message, created_at, updated_at, kind, notify_resolved,
  state, state_since, in_force_since, last_message_at, firing_told, due_at) VALUES
  ('0000000000000000000000b3', '0000000000000000000000d1', 'Many visitors',
   '{"type":"metric","metric":"visitors","window":"5m","comparison":"above","threshold":10,"for":"0m","noData":"ok"}',
   '{"type":"email"}', 'There are many visitors.', 1779321604000, 1779321604000, 'metric', 1,
   'firing', 1779321605000, 1779321604000, 1779321605000, 1, 1779321665000);
INSERT INTO alert_transitions VALUES
  ('000000000000000000000071', '0000000000000000000000d1', '0000000000000000000000b3', 'normal', 'firing',
   'visitors in 5m is 12, above 10', 12, 1779321605000);
INSERT INTO alert_history VALUES
  ('000000000000000000000084', '0000000000000000000000d1', '0000000000000000000000b3', 'Many visitors', NULL, 'firing',
   '{"type":"email"}', 'failed', 'no answer', NULL, 1779321600500);
