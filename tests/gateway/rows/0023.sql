-- A row of each table that 0023 made. Never edited once a release has had that version.
INSERT INTO sign_in_codes (id, account_id, secret_hash, code_hmac, client_hash, attempts, created_at, expires_at) VALUES
  ('0000000000000000000000fc', '0000000000000000000000a1', '9999999999999999999999999999999999999999999999999999999999999999',
   'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
   0, 1779321600000, 1779322500000);
INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, created_at, last_used_at) VALUES
  ('0000000000000000000000fd', '0000000000000000000000a1', 'AAECAwQFBgcICQoLDA0ODw', 'BA', 1, 'Laptop', 1779321600000, NULL);
INSERT INTO spent_challenges (challenge_hash, expires_at) VALUES
  ('cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 1779321900000);
