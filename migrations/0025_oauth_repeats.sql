-- The refresh token before the present one, as SHA-256, and when it was replaced: for a while it gets the same answer again.
ALTER TABLE oauth_grants ADD COLUMN replaced_hash TEXT;
ALTER TABLE oauth_grants ADD COLUMN replaced_at INTEGER;
