-- A row of each table that 0021 made. Never edited once a release has had that version.
INSERT INTO oauth_clients (id, name, redirect_uris, is_used, created_at, expires_at) VALUES
  ('0000000000000000000000fa', 'Agent', '["https://client.example/cb"]', 1, 1779321600000, 9007199254740991);
INSERT INTO oauth_grants (id, account_id, client_id, redirect_uri, resource, name, permissions, website_ids, code_hash, code_challenge,
  family_hash, refresh_hash, created_at, ends_at, expires_at) VALUES
  ('0000000000000000000000fb', '0000000000000000000000a1', '0000000000000000000000fa', 'https://client.example/cb',
   'https://gateway.example/api/mcp', 'Agent (client.example)', '["analytics:read"]', '[]',
   '6666666666666666666666666666666666666666666666666666666666666666', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
   '7777777777777777777777777777777777777777777777777777777777777777', '8888888888888888888888888888888888888888888888888888888888888888',
   1779321600000, 9007199254740991, 9007199254740991);
