//! The tables of a site object, and its migrations (docs/site-object.md describes each table).
//!
//! A version is a list of statements that is never edited after its deployment; a change is a new version. An object
//! migrates itself, one transaction a version, before anything else reads it.

use crate::error::Error;
use crate::sql::Sql;

/// Every version, oldest first.
const VERSIONS: &[&[&str]] = &[
    FIRST,
    NEWS,
    PAYMENTS_IN_TIME,
    LONG_HISTORIES,
    HOSTS_AND_CURRENCIES,
    SEVERAL_REFUNDS,
    PAGEVIEWS_OF_DAYS,
    ERASURE,
    NEXT_DAYS,
    INBOX,
    MONEY_OF_TOTALS,
    SEGMENTS,
    DELIVERIES,
    DIGESTS,
    BLOCKS,
    WAITING_TOTALS,
    IDS,
    PROVIDERS,
    PROVIDER_LINKS,
    DROPPED,
    REACHED_GOALS,
    IDENTIFIED,
    &[],
    SUBSCRIPTIONS_AND_SHARDS,
    CRAWLS,
    DELIVERY_HOURS,
];

const FIRST: &[&str] = &[
    // Repeated text is stored once. `folded` is the lower-case form if it differs: filters ignore case.
    "CREATE TABLE strings (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, folded TEXT)",
    "CREATE INDEX strings_folded ON strings (folded) WHERE folded IS NOT NULL",
    "INSERT INTO strings (id, text, folded) VALUES (0, 'Direct/None', 'direct/none')",
    "CREATE TABLE pages (id INTEGER PRIMARY KEY, path INTEGER NOT NULL, hostname INTEGER NOT NULL, UNIQUE (path, hostname))",
    "CREATE TABLE campaigns (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, utm_source INTEGER, utm_medium INTEGER, \
     utm_campaign INTEGER, utm_term INTEGER, utm_content INTEGER, ref INTEGER, source INTEGER, via INTEGER)",
    // The sender's place, device and language. The digest is of the JSON text.
    "CREATE TABLE contexts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, json TEXT NOT NULL)",
    "CREATE TABLE visitors (id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, sessions INTEGER NOT NULL DEFAULT 0, \
     detached INTEGER NOT NULL DEFAULT 0, profile TEXT)",
    // The dimensions are those of the first event; `entry` is the page of the first pageview.
    "CREATE TABLE sessions (id INTEGER PRIMARY KEY, visitor INTEGER NOT NULL, sid NOT NULL, started INTEGER NOT NULL, \
     ended INTEGER NOT NULL, pageviews INTEGER NOT NULL, goals INTEGER NOT NULL, first INTEGER NOT NULL, entry INTEGER, \
     hostname INTEGER, referrer INTEGER NOT NULL, referrer_host INTEGER, campaign INTEGER, country INTEGER, \
     region INTEGER, city INTEGER, device INTEGER, browser INTEGER, os INTEGER, UNIQUE (visitor, sid))",
    "CREATE INDEX sessions_started ON sessions (started)",
    // `session` is the one that an event is part of. `owner` is no longer read: reports find a backend's goal's session.
    "CREATE TABLE events (id INTEGER PRIMARY KEY, eid NOT NULL UNIQUE, time INTEGER NOT NULL, kind INTEGER NOT NULL, \
     visitor INTEGER NOT NULL, session INTEGER, owner INTEGER, page INTEGER, name INTEGER, context INTEGER, \
     referrer INTEGER, source INTEGER, source_host INTEGER, campaign INTEGER, href TEXT, data TEXT, description TEXT)",
    // With the columns after the time, a funnel step and the search for another such event read only the index.
    "CREATE INDEX events_visitor ON events (visitor, time, kind, page, name)",
    "CREATE INDEX events_time ON events (time)",
    "CREATE INDEX events_pageviews ON events (page, time, visitor, session) WHERE kind = 0",
    "CREATE INDEX events_goals ON events (name, time, visitor) WHERE kind = 1",
    "CREATE INDEX events_links ON events (name, time, visitor) WHERE kind = 4",
    // Amounts are minor units: `amount` as it was paid, `value` in the website's currency.
    "CREATE TABLE payments (id INTEGER PRIMARY KEY, pid BLOB NOT NULL, eid UNIQUE, transaction_id TEXT NOT NULL, \
     refunded INTEGER NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL, visitor INTEGER, named INTEGER NOT NULL, \
     session INTEGER, amount INTEGER NOT NULL, currency TEXT NOT NULL, value INTEGER NOT NULL, email TEXT, name TEXT, \
     customer_id TEXT, UNIQUE (transaction_id, refunded))",
    "CREATE INDEX payments_time ON payments (time)",
    "CREATE INDEX payments_visitor ON payments (visitor, time)",
    "CREATE INDEX payments_email ON payments (email) WHERE named = 0",
    // Browsers' payment hints: the visitor of an email address or a provider's id.
    "CREATE TABLE hints (key TEXT NOT NULL, time INTEGER NOT NULL, visitor INTEGER NOT NULL, event INTEGER NOT NULL, \
     PRIMARY KEY (key, time, event)) WITHOUT ROWID",
    // Rollups. `dimension` is a code of `Dimension`; a visitor counts once per key.
    "CREATE TABLE totals (dimension INTEGER NOT NULL, key INTEGER NOT NULL, visitors INTEGER NOT NULL, \
     count INTEGER NOT NULL, PRIMARY KEY (dimension, key)) WITHOUT ROWID",
    "CREATE TABLE days (day INTEGER PRIMARY KEY, visitors INTEGER NOT NULL, sessions INTEGER NOT NULL, \
     bounces INTEGER NOT NULL, duration INTEGER NOT NULL)",
    "CREATE TABLE visitor_days (visitor INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (visitor, day)) WITHOUT ROWID",
    "CREATE TABLE day_pairs (day INTEGER NOT NULL, previous INTEGER NOT NULL, visitors INTEGER NOT NULL, \
     PRIMARY KEY (day, previous)) WITHOUT ROWID",
    "CREATE TABLE salts (day INTEGER PRIMARY KEY, salt BLOB NOT NULL)",
];

/// The outbox (`news`). Sequence numbers are never reused, because the cursor of drained entries is a sequence number.
const NEWS: &[&str] = &[
    "CREATE TABLE news (seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, happening TEXT NOT NULL)",
];

/// The index contains every column that totals read of a payment, so that a year of payments is read in one pass.
const PAYMENTS_IN_TIME: &[&str] = &[
    "DROP INDEX payments_time",
    "CREATE INDEX payments_time ON payments (time, kind, amount, value, visitor, session)",
];

/// The work of an append is bounded, however long the visitor's history is (`history.rs`). Existing visitors get their
/// rows of `visitor_keys` with their next event; existing sessions get `entered` with their next late pageview.
const LONG_HISTORIES: &[&str] = &[
    "ALTER TABLE visitors ADD COLUMN counted INTEGER NOT NULL DEFAULT 0",
    // How many sessions, or for pages, goals and exit clicks how many events, of a visitor have a value.
    "CREATE TABLE visitor_keys (visitor INTEGER NOT NULL, dimension INTEGER NOT NULL, key INTEGER NOT NULL, \
     count INTEGER NOT NULL, PRIMARY KEY (visitor, dimension, key)) WITHOUT ROWID",
    // The event of the first pageview.
    "ALTER TABLE sessions ADD COLUMN entered INTEGER",
    "CREATE INDEX sessions_visitor ON sessions (visitor, started, sid)",
    "CREATE INDEX sessions_long ON sessions (ended, started) WHERE ended - started > 86400000",
    // Entries of the outbox that were put aside, because they could not be drained again and again.
    "CREATE TABLE news_failed (seq INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, happening TEXT NOT NULL, \
     error TEXT NOT NULL)",
];

/// Further hosts that a session touched, beside the one it began on. `other` is a payment in the currency that the website
/// changes to, or has changed from.
const HOSTS_AND_CURRENCIES: &[&str] = &[
    "CREATE TABLE session_hosts (session INTEGER NOT NULL, hostname INTEGER NOT NULL, PRIMARY KEY (session, hostname)) \
     WITHOUT ROWID",
    "CREATE INDEX session_hosts_hostname ON session_hosts (hostname, session)",
    "INSERT INTO session_hosts SELECT DISTINCT e.session, p.hostname FROM events e JOIN pages p ON p.id = e.page \
     JOIN sessions s ON s.id = e.session WHERE p.hostname <> s.hostname AND (SELECT count(DISTINCT hostname) FROM pages) > 1",
    "ALTER TABLE payments ADD COLUMN other INTEGER",
];

/// A transaction may have several refunds. SQLite changes a table's constraint only with the table.
const SEVERAL_REFUNDS: &[&str] = &[
    "ALTER TABLE payments RENAME TO payments_once",
    "DROP INDEX payments_time",
    "DROP INDEX payments_visitor",
    "DROP INDEX payments_email",
    "CREATE TABLE payments (id INTEGER PRIMARY KEY, pid BLOB NOT NULL, eid UNIQUE, transaction_id TEXT NOT NULL, \
     refunded INTEGER NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL, visitor INTEGER, named INTEGER NOT NULL, \
     session INTEGER, amount INTEGER NOT NULL, currency TEXT NOT NULL, value INTEGER NOT NULL, email TEXT, name TEXT, \
     customer_id TEXT, other INTEGER, refund_id TEXT NOT NULL DEFAULT '', \
     UNIQUE (transaction_id, refunded, refund_id))",
    "INSERT INTO payments (id, pid, eid, transaction_id, refunded, time, kind, visitor, named, session, amount, currency, \
     value, email, name, customer_id, other) SELECT id, pid, eid, transaction_id, refunded, time, kind, visitor, named, session, \
     amount, currency, value, email, name, customer_id, other FROM payments_once",
    "DROP TABLE payments_once",
    "CREATE INDEX payments_time ON payments (time, kind, amount, value, visitor, session)",
    "CREATE INDEX payments_visitor ON payments (visitor, time)",
    "CREATE INDEX payments_email ON payments (email) WHERE named = 0",
];

/// The next report counts the days again, because only it knows the time zone's rules.
const PAGEVIEWS_OF_DAYS: &[&str] = &[
    "ALTER TABLE days ADD COLUMN pageviews INTEGER NOT NULL DEFAULT 0",
    "INSERT OR REPLACE INTO meta (key, value) SELECT 'stale_days', 1 WHERE EXISTS (SELECT 1 FROM events)",
];

/// Visitors can be erased, and a visitor's row has the merged profile. Profiles of before are merged with the visitor's next
/// identification.
const ERASURE: &[&str] = &[
    "CREATE INDEX hints_visitor ON hints (visitor, event)",
    // A visitor who is being erased, or is erased here and not yet outside of the object.
    "CREATE TABLE erasures (id INTEGER PRIMARY KEY AUTOINCREMENT, visitor INTEGER NOT NULL, uid BLOB NOT NULL, \
     is_done INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE erased_payments (erasure INTEGER NOT NULL, transaction_id TEXT NOT NULL, \
     PRIMARY KEY (erasure, transaction_id)) WITHOUT ROWID",
    // Strings, pages, campaigns and contexts that perhaps nothing refers to any more.
    "CREATE TABLE orphans (kind INTEGER NOT NULL, id INTEGER NOT NULL, is_new INTEGER NOT NULL, \
     PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "ALTER TABLE visitors ADD COLUMN merged TEXT",
];

/// Rollups of days in a time zone that the website is changing to (`zone_change.rs`).
const NEXT_DAYS: &[&str] = &[
    "CREATE TABLE next_days (day INTEGER PRIMARY KEY, visitors INTEGER NOT NULL, sessions INTEGER NOT NULL, \
     bounces INTEGER NOT NULL, duration INTEGER NOT NULL, pageviews INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE next_visitor_days (visitor INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (visitor, day)) WITHOUT ROWID",
    "CREATE TABLE next_day_pairs (day INTEGER NOT NULL, previous INTEGER NOT NULL, visitors INTEGER NOT NULL, \
     PRIMARY KEY (day, previous)) WITHOUT ROWID",
];

/// Live events wait in the inbox until they are folded; those that could not be folded are put aside.
const INBOX: &[&str] = &[
    INBOX_TABLE,
    // `time` is the event's, or 0 if the event cannot be read.
    "CREATE TABLE inbox_failed (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, form INTEGER NOT NULL, event TEXT NOT NULL, \
     error TEXT NOT NULL)",
];

/// Texts and campaigns are found by digests (`texts.rs`). Those of before get theirs in steps: until then, `folded` is the
/// lower-case text, and `key` the campaign.
const DIGESTS: &[&str] = &[
    "CREATE TABLE new_strings (id INTEGER PRIMARY KEY, text TEXT NOT NULL, digest INTEGER, folded TEXT)",
    "INSERT INTO new_strings (id, text, folded) SELECT id, text, ifnull(folded, text) FROM strings",
    "DROP TABLE strings",
    "ALTER TABLE new_strings RENAME TO strings",
    "UPDATE strings SET digest = 4135170795111995, folded = NULL WHERE id = 0",
    "CREATE INDEX strings_digest ON strings (digest)",
    "CREATE INDEX strings_folded ON strings (folded) WHERE folded IS NOT NULL",
    "CREATE TABLE new_campaigns (id INTEGER PRIMARY KEY, digest INTEGER, key TEXT, utm_source INTEGER, utm_medium INTEGER, \
     utm_campaign INTEGER, utm_term INTEGER, utm_content INTEGER, ref INTEGER, source INTEGER, via INTEGER)",
    "INSERT INTO new_campaigns (id, key, utm_source, utm_medium, utm_campaign, utm_term, utm_content, ref, source, via) \
     SELECT id, key, utm_source, utm_medium, utm_campaign, utm_term, utm_content, ref, source, via FROM campaigns",
    "DROP TABLE campaigns",
    "ALTER TABLE new_campaigns RENAME TO campaigns",
    "CREATE INDEX campaigns_digest ON campaigns (digest)",
    "CREATE INDEX campaigns_key ON campaigns (key) WHERE key IS NOT NULL",
];

/// The times of neighbouring rows, instead of indexes of times (`blocks.rs`).
const BLOCKS: &[&str] =
    &["CREATE TABLE blocks (part INTEGER NOT NULL, number INTEGER NOT NULL, since INTEGER NOT NULL, \
     until INTEGER NOT NULL, late_since INTEGER, late_until INTEGER, PRIMARY KEY (part, number)) WITHOUT ROWID"];

/// What events have changed of `totals` (`totals.rs`).
const WAITING_TOTALS: &[&str] = &[WAITING_TOTALS_TABLE];

/// `changes` is a list of dimension, key, visitors and count, as JSON.
pub(crate) const WAITING_TOTALS_TABLE: &str =
    "CREATE TABLE waiting_totals (id INTEGER PRIMARY KEY, changes TEXT NOT NULL)";

/// The ids of stored events, instead of an index (`id_store.rs`).
const IDS: &[&str] = &[
    // Of the events that were stored last.
    "CREATE TABLE new_ids (id INTEGER PRIMARY KEY, round INTEGER NOT NULL, ids BLOB NOT NULL)",
    // `first` is how the first id of a page may begin.
    "CREATE TABLE id_pages (first INTEGER PRIMARY KEY, ids BLOB NOT NULL)",
];

/// `form` is the form of `event`.
pub(crate) const INBOX_TABLE: &str =
    "CREATE TABLE inbox (id INTEGER PRIMARY KEY, form INTEGER NOT NULL, event TEXT NOT NULL)";

/// Money by value of a dimension (`counted_money.rs`). The payments of before are counted in steps.
const MONEY_OF_TOTALS: &[&str] = &[
    "ALTER TABLE totals ADD COLUMN new INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE totals ADD COLUMN renewal INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE totals ADD COLUMN refund INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE totals ADD COLUMN unrenewal INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE totals ADD COLUMN payments INTEGER NOT NULL DEFAULT 0",
    // What a visitor's payments have added to `totals`, as JSON.
    "CREATE TABLE counted_money (visitor INTEGER PRIMARY KEY, parts TEXT NOT NULL)",
    // Visitors whose payments have yet to be counted, or to be counted again.
    "CREATE TABLE uncounted_money (visitor INTEGER PRIMARY KEY)",
    "INSERT INTO uncounted_money SELECT DISTINCT visitor FROM payments WHERE visitor IS NOT NULL",
    "CREATE TRIGGER payments_added AFTER INSERT ON payments WHEN new.visitor IS NOT NULL BEGIN \
     INSERT OR IGNORE INTO uncounted_money (visitor) VALUES (new.visitor); END",
    "CREATE TRIGGER payments_removed AFTER DELETE ON payments WHEN old.visitor IS NOT NULL BEGIN \
     INSERT OR IGNORE INTO uncounted_money (visitor) VALUES (old.visitor); END",
    "CREATE TRIGGER payments_changed AFTER UPDATE OF visitor, session, value ON payments \
     WHEN (old.visitor, old.session, old.value) IS NOT (new.visitor, new.session, new.value) BEGIN \
     INSERT OR IGNORE INTO uncounted_money (visitor) SELECT old.visitor WHERE old.visitor IS NOT NULL; \
     INSERT OR IGNORE INTO uncounted_money (visitor) SELECT new.visitor WHERE new.visitor IS NOT NULL; END",
];

/// Sessions and events as columns (`segments.rs`). `part` is 0 for events and 1 for sessions.
const SEGMENTS: &[&str] = &[
    // `last` is the last row of the segment. Its rows are there from `since` until `until`.
    "CREATE TABLE segments (part INTEGER NOT NULL, number INTEGER NOT NULL, last INTEGER NOT NULL, \
     since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (part, number)) WITHOUT ROWID",
    "CREATE TABLE segment_columns (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    // Rows that have changed since their segment was cut.
    "CREATE TABLE changed_rows (part INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (part, id)) WITHOUT ROWID",
    "CREATE TRIGGER events_removed AFTER DELETE ON events \
     WHEN old.id <= (SELECT last FROM segments WHERE part = 0 ORDER BY number DESC LIMIT 1) BEGIN \
     INSERT OR IGNORE INTO changed_rows (part, id) VALUES (0, old.id); END",
    "CREATE TRIGGER sessions_removed AFTER DELETE ON sessions \
     WHEN old.id <= (SELECT last FROM segments WHERE part = 1 ORDER BY number DESC LIMIT 1) BEGIN \
     INSERT OR IGNORE INTO changed_rows (part, id) VALUES (1, old.id); END",
    "CREATE TRIGGER sessions_changed AFTER UPDATE ON sessions \
     WHEN old.id <= (SELECT last FROM segments WHERE part = 1 ORDER BY number DESC LIMIT 1) BEGIN \
     INSERT OR IGNORE INTO changed_rows (part, id) VALUES (1, old.id); END",
];

/// Webhooks: the endpoints as D1 has them, messages, and their deliveries (docs/deliveries.md). The statements that use these
/// tables are the gateway's.
const DELIVERIES: &[&str] = &[
    // An endpoint, with what happened to it here: its failure streak, its slots, and whether it was switched off.
    "CREATE TABLE webhooks (id TEXT PRIMARY KEY NOT NULL, url TEXT NOT NULL, event_types TEXT NOT NULL, \
     goal_names TEXT NOT NULL, is_enabled INTEGER NOT NULL, switched_on INTEGER NOT NULL, sealed_headers TEXT NOT NULL, \
     sealed_secret TEXT NOT NULL, sealed_previous_secret TEXT, previous_secret_expires_at INTEGER, \
     slot_ms INTEGER NOT NULL, next_slot_at INTEGER NOT NULL DEFAULT 0, last_sent_at INTEGER NOT NULL DEFAULT 0, \
     failing_since INTEGER, warned_at INTEGER, disabled_reason TEXT, disabled_at INTEGER, disabled_by TEXT, \
     to_tell TEXT) WITHOUT ROWID",
    "CREATE TABLE messages (id TEXT PRIMARY KEY NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, \
     created_at INTEGER NOT NULL)",
    "CREATE INDEX messages_by_time ON messages (created_at)",
    "CREATE INDEX messages_by_visitor ON messages (json_extract(payload, '$.data.visitorId')) \
     WHERE json_extract(payload, '$.data.visitorId') IS NOT NULL",
    "CREATE INDEX messages_by_transaction ON messages (json_extract(payload, '$.data.transactionId')) \
     WHERE json_extract(payload, '$.data.transactionId') IS NOT NULL",
    // `due_at` is when the object looks at a pending delivery again: at its next attempt, or when a lease or the time for
    // which it is left to the queue has ended.
    "CREATE TABLE deliveries (id TEXT PRIMARY KEY NOT NULL, webhook_id TEXT NOT NULL, message_id TEXT NOT NULL, \
     type TEXT NOT NULL, status TEXT NOT NULL, is_test INTEGER NOT NULL DEFAULT 0, \
     attempt_count INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0, cause TEXT NOT NULL DEFAULT 'automatic', \
     has_slot INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER, due_at INTEGER, lease TEXT, \
     leased_until INTEGER NOT NULL DEFAULT 0, last_status_code INTEGER, reason TEXT, created_at INTEGER NOT NULL, \
     updated_at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, created_at DESC, id DESC, type)",
    "CREATE INDEX deliveries_not_sent ON deliveries (webhook_id, status, created_at DESC, id DESC) \
     WHERE status IN ('failed', 'missed')",
    "CREATE INDEX deliveries_by_message ON deliveries (message_id)",
    "CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending'",
    "CREATE TABLE delivery_attempts (delivery_id TEXT NOT NULL, number INTEGER NOT NULL, cause TEXT NOT NULL, \
     started_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, status_code INTEGER, error TEXT, response_body TEXT, \
     PRIMARY KEY (delivery_id, number)) WITHOUT ROWID",
    // Whether endpoints have been told of an entry, which then waits for alerts.
    "ALTER TABLE news ADD COLUMN is_published INTEGER NOT NULL DEFAULT 0",
];

/// What payment providers told (`told.rs`).
const PROVIDERS: &[&str] = &[
    // `NULL` of a payment that a backend keeps; `origin` is how it was first heard of, `claimed` what a refund is said to be.
    "ALTER TABLE payments ADD COLUMN provider TEXT",
    "ALTER TABLE payments ADD COLUMN origin TEXT",
    "ALTER TABLE payments ADD COLUMN refund_of TEXT",
    "ALTER TABLE payments ADD COLUMN subscription TEXT",
    "ALTER TABLE payments ADD COLUMN tax INTEGER",
    "ALTER TABLE payments ADD COLUMN claimed INTEGER",
    "ALTER TABLE payments ADD COLUMN attributed INTEGER",
    // `told` is a `Told` as JSON, `value` its sum in `currency`, and `payment` the row that it is part of.
    "CREATE TABLE told (id INTEGER PRIMARY KEY, teller TEXT NOT NULL, transaction_id TEXT NOT NULL, \
     refunded INTEGER NOT NULL, refund_id TEXT NOT NULL, told TEXT NOT NULL, value INTEGER, currency TEXT, payment INTEGER, \
     eid, UNIQUE (transaction_id, refunded, refund_id, teller))",
    "CREATE INDEX told_payment ON told (payment) WHERE payment IS NOT NULL",
    "CREATE INDEX told_eid ON told (eid) WHERE eid IS NOT NULL",
    "CREATE TABLE told_links (link TEXT NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (link, told)) WITHOUT ROWID",
    // Links of which not all that was told has been worked out again since the last change.
    "CREATE TABLE retakes (link TEXT PRIMARY KEY, after INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE complete_subjects (subject TEXT NOT NULL, provider TEXT NOT NULL, complete TEXT NOT NULL, \
     PRIMARY KEY (subject, provider)) WITHOUT ROWID",
    // What the owner deleted, and its names.
    "CREATE TABLE removed_payments (id INTEGER PRIMARY KEY, removed TEXT NOT NULL)",
    "CREATE TABLE removed_names (name TEXT NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY (name, removed)) WITHOUT ROWID",
    "CREATE INDEX removed_names_removed ON removed_names (removed)",
    // The rows of a subscription or customer: `kind` is 0 for payments, 1 for trials, 2 for refunds; `visitor` is one whom the
    // provider names.
    "CREATE TABLE payers (payer TEXT NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL, transaction_id TEXT NOT NULL, \
     payment INTEGER NOT NULL, visitor BLOB, PRIMARY KEY (payer, kind, time, transaction_id, payment)) WITHOUT ROWID",
    "CREATE INDEX payers_payment ON payers (payment)",
    "CREATE INDEX payers_named ON payers (payer, time, transaction_id) WHERE visitor IS NOT NULL",
    "CREATE INDEX payers_unnamed ON payers (payer) WHERE visitor IS NULL",
    // Goals of subscriptions whose visitor is not known, under their payers.
    "CREATE TABLE waiting_goals (payer TEXT NOT NULL, id TEXT NOT NULL, goal TEXT NOT NULL, PRIMARY KEY (payer, id)) \
     WITHOUT ROWID",
    "CREATE INDEX waiting_goals_id ON waiting_goals (id)",
    // The address of the last identification of each visitor; later ones are added as they come.
    "INSERT OR IGNORE INTO hints (key, time, visitor, event) SELECT 'identified:' || lower(trim(merged ->> '$.traits.email[1]')), \
     merged ->> '$.traits.email[0][0]', id, merged ->> '$.traits.email[0][1]' FROM visitors \
     WHERE merged IS NOT NULL AND json_type(merged, '$.traits.email[1]') = 'text'",
];

/// What pages of an import tell about later ones (`links.rs`), as JSON.
const PROVIDER_LINKS: &[&str] =
    &["CREATE TABLE provider_links (provider TEXT NOT NULL, id TEXT NOT NULL, session TEXT, invoice TEXT, \
     PRIMARY KEY (provider, id)) WITHOUT ROWID"];

/// What was dropped before it arrived (`installation.rs`). `slot` is a number of five minutes since 1970.
const DROPPED: &[&str] = &[
    "CREATE TABLE dropped (slot INTEGER NOT NULL, reason TEXT NOT NULL, host TEXT NOT NULL, count INTEGER NOT NULL, \
     last INTEGER NOT NULL, PRIMARY KEY (slot, reason, host)) WITHOUT ROWID",
];

/// Goals of subscriptions that were reached, and whose past providers tell nothing of any more.
const REACHED_GOALS: &[&str] = &[
    // Goals as events have them, under their payers (`lifecycle_goals.rs`): whose a subscription is may come to be known later.
    "CREATE TABLE reached_goals (payer TEXT NOT NULL, visitor INTEGER NOT NULL, eid NOT NULL, goal TEXT NOT NULL, \
     PRIMARY KEY (payer, visitor, eid)) WITHOUT ROWID",
    "CREATE INDEX reached_goals_eid ON reached_goals (eid)",
    // Digests of visitors who were erased, and of what named them (`erased_payers.rs`).
    "CREATE TABLE erased_payers (digest BLOB PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
];

/// The visitors with a profile, who are searched by their names (`reports/visitors.rs`).
const IDENTIFIED: &[&str] = &["CREATE INDEX visitors_identified ON visitors (id) WHERE merged IS NOT NULL"];

/// What providers told of subscriptions, and of the payments of a website with several shards.
const SUBSCRIPTIONS_AND_SHARDS: &[&str] = &[
    // What subscriptions were like when their provider told of them last, as JSON (`seen_subscriptions.rs`).
    "CREATE TABLE seen_subscriptions (payer TEXT PRIMARY KEY NOT NULL, time INTEGER NOT NULL, snapshot TEXT NOT NULL) WITHOUT ROWID",
    // The rows that shards have in `payments`, at their home (`placed.rs`). `visitor` is an id; `state` is a number of `State`.
    "CREATE TABLE placed_payments (id INTEGER PRIMARY KEY, pid BLOB NOT NULL, eid, transaction_id TEXT NOT NULL, \
     refunded INTEGER NOT NULL, refund_id TEXT NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL, visitor BLOB, \
     named INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, value INTEGER NOT NULL, valued_in TEXT, \
     settled INTEGER, settled_in TEXT, is_converted INTEGER NOT NULL DEFAULT 0, email TEXT, name TEXT, customer_id TEXT, \
     provider TEXT, refund_of TEXT, subscription TEXT, tax INTEGER, claimed INTEGER, attributed INTEGER, origin TEXT, \
     shard INTEGER NOT NULL, state INTEGER NOT NULL, is_news INTEGER NOT NULL DEFAULT 0, \
     UNIQUE (transaction_id, refunded, refund_id))",
    "CREATE INDEX placed_payments_visitor ON placed_payments (visitor, time) WHERE visitor IS NOT NULL",
    "CREATE INDEX placed_payments_time ON placed_payments (time)",
    "CREATE INDEX placed_payments_state ON placed_payments (state) WHERE state > 0",
    "CREATE TABLE displaced_payments (transaction_id TEXT NOT NULL, refunded INTEGER NOT NULL, refund_id TEXT NOT NULL, \
     shard INTEGER NOT NULL, PRIMARY KEY (transaction_id, refunded, refund_id, shard)) WITHOUT ROWID",
    // Goals that are events in the shards of their visitors. `state`: 0 it is there, 1 it is to be stored, 2 it is to be moved if it
    // is where it was, 3 it is to be moved.
    "CREATE TABLE placed_goals (id INTEGER PRIMARY KEY, eid TEXT NOT NULL UNIQUE, goal TEXT NOT NULL, visitor BLOB NOT NULL, \
     former BLOB, is_news INTEGER NOT NULL, state INTEGER NOT NULL)",
    "CREATE INDEX placed_goals_state ON placed_goals (state) WHERE state > 0",
    "CREATE INDEX placed_goals_visitor ON placed_goals (visitor)",
];

/// Requests of crawlers (`bots.rs`). `slot` is a number of quarters of an hour, `month` one of months, since 1970.
const CRAWLS: &[&str] = &[
    "CREATE TABLE crawls (slot INTEGER NOT NULL, crawler TEXT NOT NULL, is_verified INTEGER NOT NULL, page INTEGER NOT NULL, \
     status INTEGER NOT NULL, count INTEGER NOT NULL, last INTEGER NOT NULL, \
     PRIMARY KEY (slot, crawler, is_verified, page, status)) WITHOUT ROWID",
    // `last_day` is a number of days.
    "CREATE TABLE crawled_pages (id INTEGER PRIMARY KEY, hostname TEXT NOT NULL, path TEXT NOT NULL, last_day INTEGER NOT NULL, \
     UNIQUE (hostname, path))",
    "CREATE TABLE crawl_months (month INTEGER PRIMARY KEY, counted INTEGER NOT NULL, dropped INTEGER NOT NULL)",
    // The settings as JSON, and the token: its hash, and what is shown of it.
    "CREATE TABLE bots (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, token_hash TEXT, display_token TEXT, \
     token_created_at INTEGER)",
];

/// What came of attempts and deliveries, by the hour. `hour` is a number of hours since 1970; `kind` is 0 for an attempt that was
/// accepted and 100 for one that failed, plus the number of the step of its duration, or 200 for a missed delivery. Triggers count,
/// because many statements write these rows and none may be forgotten. The gateway's `webhooks/stats.rs` reads the steps.
const DELIVERY_HOURS: &[&str] = &[
    "CREATE TABLE delivery_hours (webhook_id TEXT NOT NULL, hour INTEGER NOT NULL, kind INTEGER NOT NULL, \
     count INTEGER NOT NULL, PRIMARY KEY (webhook_id, hour, kind)) WITHOUT ROWID",
    "CREATE TRIGGER attempt_counted AFTER INSERT ON delivery_attempts BEGIN \
     INSERT INTO delivery_hours (webhook_id, hour, kind, count) SELECT webhook_id, new.started_at / 3600000, \
       iif(new.error IS NULL, 0, 100) + CASE WHEN new.duration_ms <= 10 THEN 0 WHEN new.duration_ms <= 20 THEN 1 \
       WHEN new.duration_ms <= 35 THEN 2 WHEN new.duration_ms <= 50 THEN 3 WHEN new.duration_ms <= 75 THEN 4 \
       WHEN new.duration_ms <= 100 THEN 5 WHEN new.duration_ms <= 150 THEN 6 WHEN new.duration_ms <= 200 THEN 7 \
       WHEN new.duration_ms <= 350 THEN 8 WHEN new.duration_ms <= 500 THEN 9 WHEN new.duration_ms <= 750 THEN 10 \
       WHEN new.duration_ms <= 1000 THEN 11 WHEN new.duration_ms <= 1500 THEN 12 WHEN new.duration_ms <= 2000 THEN 13 \
       WHEN new.duration_ms <= 3500 THEN 14 WHEN new.duration_ms <= 5000 THEN 15 WHEN new.duration_ms <= 10000 THEN 16 \
       ELSE 17 END, 1 FROM deliveries WHERE id = new.delivery_id \
     ON CONFLICT (webhook_id, hour, kind) DO UPDATE SET count = count + 1; END",
    "CREATE TRIGGER missed_counted AFTER INSERT ON deliveries WHEN new.status = 'missed' BEGIN \
     INSERT INTO delivery_hours (webhook_id, hour, kind, count) VALUES (new.webhook_id, new.updated_at / 3600000, 200, 1) \
     ON CONFLICT (webhook_id, hour, kind) DO UPDATE SET count = count + 1; END",
    "CREATE TRIGGER missed_later_counted AFTER UPDATE OF status ON deliveries \
     WHEN new.status = 'missed' AND old.status <> 'missed' BEGIN \
     INSERT INTO delivery_hours (webhook_id, hour, kind, count) VALUES (new.webhook_id, new.updated_at / 3600000, 200, 1) \
     ON CONFLICT (webhook_id, hour, kind) DO UPDATE SET count = count + 1; END",
    "CREATE TRIGGER delivery_hours_with_webhooks AFTER DELETE ON webhooks BEGIN \
     DELETE FROM delivery_hours WHERE webhook_id = old.id; END",
];

/// The newest version.
pub const fn newest() -> usize {
    VERSIONS.len()
}

/// Migrates the database to the newest version.
pub fn migrate(sql: &impl Sql) -> Result<(), Error> {
    migrate_to(sql, newest())
}

/// Migrates a database to this version, each version in its own transaction: what is done stays done.
pub(crate) fn migrate_to(sql: &impl Sql, wanted: usize) -> Result<(), Error> {
    sql.run("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID", &[])?;
    let version = sql.first("SELECT value FROM meta WHERE key = 'version'", &[])?;
    let version = version.map_or(Ok(0), |mut row| row.next::<i64>())?;
    let done = usize::try_from(version).unwrap_or_default();
    for (before, statements) in VERSIONS.iter().enumerate().take(wanted).skip(done) {
        let version = i64::try_from(before + 1).unwrap_or_default();
        sql.transaction(&mut || {
            for statement in *statements {
                sql.run(statement, &[])?;
            }
            sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('version', ?1)", &[version.into()])
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn migrating_twice_changes_nothing() {
        let sql = Memory::default();
        migrate(&sql).unwrap();
        sql.run("INSERT INTO strings (text) VALUES ('kept')", &[]).unwrap();
        migrate(&sql).unwrap();
        let kept: i64 = sql.one("SELECT count(*) FROM strings", &[]).unwrap().next().unwrap();
        assert_eq!(kept, 2);
    }
}
