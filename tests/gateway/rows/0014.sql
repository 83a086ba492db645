-- A row of each table that 0014 made. Never edited once a release has had that version.
INSERT INTO provider_events (website_id, provider, key, id, origin, type, subject, happened_at, received_at, state, outcome) VALUES
  ('0000000000000000000000d1', 'stripe', 'evt_1', '000000000000000000000051', 'webhook', 'charge.succeeded', 'pi_1',
   1779321600000, 1779321600000, 'done', '{"added":1,"changed":0,"voided":0,"unchanged":0,"unattributed":0}');
INSERT INTO provider_cleanups (website_id, provider, id, sealed_credentials, webhook_ids, due_at, gives_up_at) VALUES
  ('0000000000000000000000d1', 'polar', '000000000000000000000052', 'k1.AAAAAAAAAAAAAAAA.AAAA', '["w"]', 4102444800000, 4102444800000);
INSERT INTO provider_imports (website_id, provider, kind, run, stage, state, done, started_at, finished_at) VALUES
  ('0000000000000000000000d1', 'stripe', 'import', '000000000000000000000053', 'disputes', 'done', 7, 1779321600000, 1779321700000);
