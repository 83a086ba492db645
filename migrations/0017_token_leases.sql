-- Until when somebody renews a connection's token: one at a time (docs/contract/providers.md#4.5).
ALTER TABLE integrations ADD COLUMN token_leased_until INTEGER NOT NULL DEFAULT 0;
