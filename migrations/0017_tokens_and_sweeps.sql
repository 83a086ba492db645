-- Until when somebody renews a connection's token: one at a time (docs/contract/providers.md#4.5).
ALTER TABLE integrations ADD COLUMN token_leased_until INTEGER NOT NULL DEFAULT 0;
-- How many payments a reading has added: a sweep that finds many says that the webhook loses some.
ALTER TABLE provider_imports ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
