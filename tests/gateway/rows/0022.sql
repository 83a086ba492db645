-- A row of each table that 0022 made. Never edited once a release has had that version.
INSERT INTO audit_log (id, at, account_id, credential_kind, credential_id, credential, client, country, operation, target, website_id,
  before, after) VALUES
  ('0000000000000000000000fc', 1779321600000, '0000000000000000000000a1', 'token', '0000000000000000000000e1', 'dft_abc…wxyz', 'api',
   'FR', 'updateWebsite', '0000000000000000000000d1', '0000000000000000000000d1',
   '{"name":null,"isCookieless?":0,"excludedIps[]":null}', '{"name":"Shop","isCookieless?":1,"excludedIps[]":"[\"203.0.113.7\"]"}');
