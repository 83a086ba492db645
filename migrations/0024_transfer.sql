-- A website changes hands. Whatever a statement says, it has one owner at most.
CREATE UNIQUE INDEX members_one_owner ON members (website_id) WHERE role = 'owner';

-- 1: the credential is not revoked; its object only reads anew who holds it, and what they own.
ALTER TABLE revocations ADD COLUMN is_live INTEGER NOT NULL DEFAULT 0;
