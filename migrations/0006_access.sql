-- Who has proved an address, what a website key may do, and who made what.

-- When the mailbox of the account was proved, by a code that only a mail carried or by the operator; null where it never was.
ALTER TABLE accounts ADD COLUMN verified_at INTEGER;

-- SHA-256 of the code that only the mail carries; `code_hash` is that of the code in the link that the inviter sees.
ALTER TABLE invitations ADD COLUMN mail_code_hash TEXT;

-- Invitations of the last day, also those that were accepted: what the limits count.
CREATE TABLE invitation_sends (
  -- The invitation's.
  id TEXT PRIMARY KEY NOT NULL,
  -- Who invited.
  account_id TEXT NOT NULL,
  email TEXT NOT NULL,
  -- Whether a mail went out: a receiver gets one a day.
  is_mailed INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invitation_sends_by_account ON invitation_sends (account_id, created_at);
CREATE INDEX invitation_sends_by_receiver ON invitation_sends (email, created_at) WHERE is_mailed = 1;
CREATE INDEX invitation_sends_by_time ON invitation_sends (created_at);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

-- What a key may do at most: a JSON list of permissions, those of the token that made it. Earlier keys could do all that a
-- member may.
ALTER TABLE website_keys ADD COLUMN permissions TEXT NOT NULL DEFAULT '["*"]';
-- The account that made the key, and the one that knows its present value; null where neither was stored.
ALTER TABLE website_keys ADD COLUMN created_by TEXT;
ALTER TABLE website_keys ADD COLUMN rolled_by TEXT;

-- The account that made the webhook, and the one that set its present address.
ALTER TABLE webhooks ADD COLUMN created_by TEXT;
ALTER TABLE webhooks ADD COLUMN url_set_by TEXT;

-- The account that made the alert, and the one that chose its present destination.
ALTER TABLE alerts ADD COLUMN created_by TEXT;
ALTER TABLE alerts ADD COLUMN destination_set_by TEXT;
