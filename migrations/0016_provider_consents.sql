-- Shops whose page of consent somebody was sent to (docs/contract/providers.md#4.6): one for each member of a website. The page's
-- address has the nonce, of which the hash is here.
CREATE TABLE provider_consents (
  website_id TEXT NOT NULL REFERENCES websites (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  nonce_hash TEXT NOT NULL UNIQUE,
  store_url TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (website_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_consents_expiry ON provider_consents (expires_at);
