-- The currency that a website changes to while its payments are converted.
ALTER TABLE websites ADD COLUMN wished_currency TEXT;
CREATE INDEX websites_changing_currency ON websites (id) WHERE wished_currency IS NOT NULL;
