// Exports as Apache Parquet, read by DuckDB and compared with the same exports as lines (docs/export.md).
//
//   scripts/run node scripts/with-gateways.mjs -- node tests/exports/run.mjs            everything
//   scripts/run node scripts/with-gateways.mjs -- node tests/exports/run.mjs empty      the checks whose name contains this

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../scripts/lib.mjs";
import { check, conclude, isWanted } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";

const gateway = await Gateway.given().signUp("exports@example.com");
const folder = mkdtempSync(join(tmpdir(), "sluice-exports-"));

// ── Random websites ──────────────────────────────────────────────────────────────────────────────────────────────────

const seed = Number(process.env.SEED ?? Date.now() % 1e9);
let state = seed;
// Numbers from 0 to below `most` (mulberry32).
function random(most) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
}
const pick = (list) => list[random(list.length)];
const TEXTS = ["plain", "Zürich", "東京", "😀 e\u0301 \u202eabc", "\"quoted\" \\ back", "0", "null", "{\"a\":1}", "x".repeat(255), "ß İ", "a,b;c\t"];
const text = () => pick(TEXTS) + (random(3) ? random(1e6) : "");
const maybe = (value) => (random(2) ? value() : undefined);
const visitors = Array.from({ length: 40 }, () => randomUUID());

function line(number) {
  const timestamp = new Date(Date.UTC(2026, 0, 1) + number * 20_000 + random(20_000)).toISOString();
  const visitorId = pick(visitors);
  const kind = pick(["pageview", "pageview", "pageview", "custom", "identify", "external_link", "payment", "backend"]);
  const own = { id: `${number}-${random(1e9)}`, timestamp };
  if (kind === "payment") {
    const extraData = {
      amount: random(1e7) / 100, currency: pick(["USD", "EUR", "JPY"]), transaction_id: `tx-${number}`,
      datafast_visitor_id: maybe(() => visitorId), email: maybe(() => `${random(99)}@exämple.com`), name: maybe(text),
      customer_id: maybe(text), renewal: maybe(() => true), refunded: maybe(() => true), refund_id: maybe(() => `re-${number}`),
    };
    return { ...own, type: "payment", extraData };
  }
  if (kind === "backend") return { ...own, type: "custom", visitorId, description: maybe(text), extraData: { eventName: pick(["signup", "trial"]), plan: text() } };
  const extraData = {
    custom: () => ({ eventName: pick(["signup", "buy", "größe"].slice(0, 2)), [`k${random(5)}`]: text() }),
    identify: () => ({ user_id: `u${random(50)}`, name: text(), age: random(99), ratio: random(1e9) / 7, tags: [1, null, { deep: text() }] }),
    external_link: () => ({ url: `https://partner.example/${random(50)}?q=ü`, text: maybe(text) }),
  }[kind]?.();
  return {
    ...own, type: kind, visitorId, sessionId: `s${visitorId.slice(1, 9)}-${Math.floor(number / 100)}`, extraData,
    href: `https://example.com/${pick(["", "pricing", "ümlaut", "a/b"])}${maybe(() => `?utm_source=s${random(9)}&q=${encodeURIComponent(text())}#top`) ?? ""}`,
    hashIsPage: maybe(() => true), referrer: maybe(() => pick(["https://www.google.com/search?q=é", "https://example.com/own", "not a url", "https://news.example/"])),
    country: maybe(() => pick(["DE", "US", "XK"])), region: maybe(text), city: maybe(text), latitude: maybe(() => random(18e6) / 1e5 - 90), longitude: maybe(() => random(36e6) / 1e5 - 180),
    device: maybe(() => pick(["desktop", "mobile", "tablet"])), deviceVendor: maybe(text), deviceModel: maybe(text), browser: maybe(text), browserVersion: maybe(text), os: maybe(text), osVersion: maybe(text),
    language: maybe(() => pick(["de", "en-US"])), timezone: maybe(() => "Europe/Berlin"), viewport: maybe(() => ({ width: random(4000), height: random(4000) })),
    screenWidth: maybe(() => random(8000)), screenHeight: maybe(() => random(8000)), adClickIds: maybe(() => ({ gclid: text(), fbclid: "x" })),
  };
}

async function importLines(site, lines) {
  for (let first = 0; first < lines.length; first += 5_000) {
    const body = lines.slice(first, first + 5_000).map((one) => JSON.stringify(one)).join("\n");
    const row = await gateway.row("POST", `${site.path}/import`, body);
    assert.deepEqual(row.errors, [], `seed ${seed}`);
  }
}

// ── Both forms ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function bytes(site, format) {
  const response = await fetch(`${gateway.url}${site.path}/export?format=${format}`, { headers: { authorization: `Bearer ${gateway.token}` } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), { ndjson: "application/x-ndjson", parquet: "application/vnd.apache.parquet" }[format]);
  assert.equal(response.headers.get("content-disposition"), `attachment; filename="${site.id}.${format}"`);
  return Buffer.from(await response.arrayBuffer());
}

async function table(site) {
  const file = join(folder, `${site.id}.parquet`);
  writeFileSync(file, await bytes(site, "parquet"));
  const { code, output } = await run(["python3", fileURLToPath(new URL("read.py", import.meta.url)), file], { quiet: true });
  assert.equal(code, 0, output);
  const [facts, ...rows] = output.trimEnd().split("\n").map((one) => JSON.parse(one));
  return { ...facts, rows };
}

async function lines(site) {
  const whole = (await bytes(site, "ndjson")).toString();
  return whole.split("\n").slice(0, -1).map((one) => JSON.parse(one));
}

// The row that a line has to be, from what docs/export.md says.
const documented = [...(await readFile(new URL("../../docs/export.md", import.meta.url), "utf8")).matchAll(/^\| `(\w+)` \| (STRING|TIMESTAMP\(MILLIS, UTC\)|INT64|DOUBLE|BOOLEAN) \|/gm)];
const columns = Object.fromEntries(documented.map(([, name, type]) => [name, type]));
const IN_DUCKDB = { STRING: "VARCHAR", "TIMESTAMP(MILLIS, UTC)": "TIMESTAMP WITH TIME ZONE", INT64: "BIGINT", DOUBLE: "DOUBLE", BOOLEAN: "BOOLEAN" };
const PAYMENTS = ["transaction_id", "refund_id", "amount", "currency", "renewal", "refunded", "is_free_trial", "datafast_visitor_id", "email", "name", "customer_id"];

function row(line) {
  const { referrerSource, viewport, extraData, adClickIds, timestamp, ...flat } = line;
  const isPayment = line.type === "payment" && extraData.transaction_id !== undefined;
  const all = {
    ...flat,
    timestamp: Date.parse(timestamp),
    referrerSourceName: referrerSource?.name,
    referrerSourceHost: referrerSource?.host,
    viewportWidth: viewport?.width,
    viewportHeight: viewport?.height,
    extraData: extraData && JSON.stringify(extraData),
    adClickIds: adClickIds && JSON.stringify(adClickIds),
    eventName: line.type === "custom" ? extraData.eventName : null,
    ...Object.fromEntries(PAYMENTS.map((name) => [name, isPayment ? extraData[name] : null])),
  };
  assert.deepEqual(Object.keys(all).filter((name) => !(name in columns)), [], "every field has a column");
  return Object.fromEntries(Object.keys(columns).map((name) => [name, all[name] ?? null]));
}

async function compare(site) {
  const [{ rows, ...facts }, sent] = [await table(site), await lines(site)];
  assert.deepEqual(facts.columns, Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, IN_DUCKDB[type]])));
  assert.equal(rows.length, sent.length);
  for (const [at, one] of rows.entries()) {
    // JSON is compared as what it says.
    const told = (row) => ({ ...row, extraData: JSON.parse(row.extraData), adClickIds: JSON.parse(row.adClickIds) });
    assert.deepEqual(told(one), told(row(sent[at])), `seed ${seed}, line ${at + 1}`);
  }
  return { facts, sent, rows };
}

// ── Checks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const checks = {
  "an empty website is a table with every column and no row": async () => {
    const { facts } = await compare(await gateway.website());
    assert.deepEqual(facts.groups, []);
  },
  "the rows of a table are the lines, whatever is in them": async () => {
    const site = await gateway.website();
    await importLines(site, Array.from({ length: 2_500 }, (_, number) => line(number)));
    const { facts, sent, rows } = await compare(site);
    assert.deepEqual([facts.groups, sent.length], [[2_500], 2_500]);
    const unfilled = Object.keys(columns).filter((name) => !rows.some((row) => row[name] !== null));
    assert.deepEqual(unfilled, ["isPublicId"], "every column was tried: only browsers choose ids");
    return `seed ${seed}`;
  },
  "a website of many rows is several groups, whose times readers can skip by": async () => {
    const site = await gateway.website();
    const count = 21_000;
    await importLines(site, Array.from({ length: count }, (_, number) => line(number)));
    const { facts, sent } = await compare(site);
    assert.ok(facts.groups.length > 1, `${facts.groups}`);
    assert.equal(facts.groups.reduce((sum, rows) => sum + rows, 0), count);
    const last = Date.parse(sent.at(-1).timestamp) - 3_600_000;
    assert.equal(facts.lastHour, sent.filter(({ timestamp }) => Date.parse(timestamp) >= last).length);
    return `groups of ${facts.groups.join(", ")}`;
  },
  "an id that a browser chose, and a live event, are in the table": async () => {
    const site = await gateway.website();
    const body = { websiteId: site.id, type: "pageview", id: "chosen", href: `https://${site.domain}/`, visitorId: visitors[0], sessionId: "s1" };
    const sent = await gateway.call("POST", "/api/events", body, { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36" });
    assert.equal(sent.status, 200, sent.text);
    const { rows } = await compare(site);
    assert.deepEqual(rows.map(({ id, isPublicId }) => [id, isPublicId]), [["chosen", true]]);
  },
  "a form that is not known is refused, and says which are": async () => {
    const site = await gateway.website();
    for (const format of ["csv", "", "PARQUET", "arrow"]) {
      const { status, json } = await gateway.call("GET", `${site.path}/export?format=${format}`);
      assert.equal(status, 400);
      assert.match(json.error.message, /^format: .*ndjson.*parquet/);
    }
  },
};

let passed = false;
try {
  for (const [name, body] of Object.entries(checks)) if (isWanted(name)) await check(name, body);
  passed = conclude();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(passed ? 0 : 1);
