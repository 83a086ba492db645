-- A row of each table that 0016 made. Never edited once a release has had that version.
INSERT INTO provider_consents (website_id, account_id, nonce_hash, store_url, expires_at) VALUES
  ('0000000000000000000000d1', '0000000000000000000000a1', '4444444444444444444444444444444444444444444444444444444444444444',
   'https://shop.example.com', 4102444800000);
