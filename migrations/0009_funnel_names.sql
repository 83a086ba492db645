-- Names of funnels are compared in Unicode NFC, which SQLite does not know: `name_key` is that form where it differs from the
-- name.
ALTER TABLE funnels ADD COLUMN name_key TEXT;
CREATE UNIQUE INDEX funnels_active_by_name_key ON funnels (website_id, coalesce(name_key, name)) WHERE is_active = 1;
DROP INDEX funnels_active_by_name;
