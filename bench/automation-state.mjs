// Fixtures of the cron benchmark: databases of many websites, some of whose alerts are due.

import { recorded } from "./recorder.mjs";

export const DUE = 10;
const OWNER = "000000000000000000000001";
const DAY_MS = 86_400_000;
const VISITOR = "0b5e3a4c-7d15-4b6e-9a39-2f3c8f1d6e7a";

// The statements since the last call: [{ sql, read }].
export async function statements(gateway) {
  return (await recorded(gateway)).batches.flat();
}

// Every website has an alert on a goal and one on a number, an endpoint, and an answer kept for an Idempotency-Key. Nothing is due; half of the metrics have to be evaluated later.
export async function fill(database, websites) {
  const now = Date.now();
  // One row for each website, whose number is `i`; values are SQL.
  const insert = (table, row) => {
    const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
    const text = `INSERT INTO ${table} (${Object.keys(row)}) ${numbers} SELECT ${Object.values(row)} FROM n`;
    return database.prepare(text).bind(websites);
  };
  const id = (kind) => `printf('${kind}%023x', i)`;
  const goal = { type: "goal", goalName: "signup" };
  const metric = { type: "metric", metric: "visitors", window: "5m", comparison: "below", threshold: 1 };
  const website = { website_id: id(1) };
  const times = { created_at: now - 90 * DAY_MS, updated_at: now - 90 * DAY_MS };
  const alert = { ...website, destination: `'{"type":"email"}'`, message: "'{{alert.name}} on {{website.domain}}'", ...times };
  await database.batch([
    database.prepare("INSERT INTO accounts (id, email, created_at) VALUES (?1, 'owner@example.com', 0)").bind(OWNER),
    insert("websites", {
      ...{ id: id(1), owner_id: `'${OWNER}'`, domain: "printf('site-%d.example.com', i)", name: "'Bench'" },
      ...{ tracking_id: "printf('dfid_%d', i)", timezone: "'UTC'", currency: "'USD'", created_at: times.created_at },
    }),
    insert("members", { ...website, account_id: `'${OWNER}'`, role: "'owner'", joined_at: 0 }),
    insert("alerts", {
      ...{ id: id(2), name: "'Signups'", condition: `'${JSON.stringify(goal)}'`, kind: "'goal'", goal_name: "'signup'", ...alert },
    }),
    insert("alerts", {
      ...{ id: id(3), name: "'Visitors'", condition: `'${JSON.stringify(metric)}'`, kind: "'metric'" },
      ...{ due_at: `iif(i % 2, ${now + DAY_MS} + i, NULL)`, ...alert },
    }),
    insert("webhooks", {
      ...{ id: id(4), ...website, url: "'https://example.com/'", event_types: `'["payment.received"]'`, goal_names: "'[]'" },
      ...{ is_enabled: 1, sealed_headers: "''", sealed_secret: "''", ...times },
    }),
    insert("idempotency_keys", { scope: id(6), holder: "'bench'", sealed_answer: "''", expires_at: `${now + DAY_MS / 2} + i` }),
  ]);
}

// Ten websites, far from each other, have an alert that is due: five a goal that was completed just now, five a number that
// is below its threshold for the first time. Each of them is one mail.
export async function makeDue(database, websites) {
  const now = Date.now();
  const ids = Array.from({ length: DUE }, (_, index) => {
    const number = Math.floor((websites * (index + 1)) / DUE);
    return (index % 2 ? "2" : "3") + number.toString(16).padStart(23, "0");
  });
  const completion = { time: now, eventId: "0".repeat(24), goalName: "signup", visitorId: VISITOR, metadata: {} };
  const these = "id IN (SELECT value FROM json_each(?1))";
  const complete = `INSERT INTO alert_completions SELECT id, ?2, ?2, ?3 FROM alerts WHERE ${these} AND kind = 'goal'`;
  const mark = `UPDATE alerts SET due_at = ?2, state = 'normal', last_message_at = NULL, firing_told = 0 WHERE ${these}`;
  await database.batch([
    database.prepare(complete).bind(JSON.stringify(ids), now, JSON.stringify(completion)),
    database.prepare(mark).bind(JSON.stringify(ids), now),
  ]);
}

// How many alerts are due or being evaluated.
export function countDue(database) {
  const text = "SELECT count(*) AS count FROM alerts WHERE due_at <= ?1 OR leased_until > 0";
  return database.prepare(text).bind(Date.now()).first("count");
}

// How many messages of alerts have been sent, as the history has it.
export function countSent(database) {
  return database.prepare("SELECT count(*) AS count FROM alert_history WHERE status = 'sent'").first("count");
}
