-- A row of each table that 0019 made. Never edited once a release has had that version.
INSERT INTO notes (id, website_id, author_id, text, searched, noted_at, idempotency_key, sent_hash, created_at, updated_at) VALUES
  ('0000000000000000000000f9', '0000000000000000000000d1', '0000000000000000000000a1', 'Launch', 'launch', 1779321600000, 'k1',
   '5555555555555555555555555555555555555555555555555555555555555555', 1779321600000, 1779321600000);
