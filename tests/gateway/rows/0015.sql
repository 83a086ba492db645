-- A row of each table that 0015 made. Never edited once a release has had that version.
INSERT INTO console_sessions (id, account_id, token_hash, method, permissions, website_ids, user_agent, country, created_at,
  last_seen_at, expires_at, fresh_until) VALUES
  ('000000000000000000000061', '0000000000000000000000a1', '2222222222222222222222222222222222222222222222222222222222222222', 'ticket',
   '["account:read"]', '[]', 'Mozilla/5.0', 'US', 1779321600000, 1779321600000, 4102444800000, 1779325200000);
INSERT INTO console_tickets (ticket_hash, account_id, is_reusable, created_at, expires_at) VALUES
  ('3333333333333333333333333333333333333333333333333333333333333333', '0000000000000000000000a1', 0, 1779321600000, 4102444800000);
