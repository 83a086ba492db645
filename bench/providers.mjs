// Measures what payment providers cost a gateway on this machine, against the stand-in (tests/providers): signed events accepted a
// second, the import of a past, with the provider's pace and without one, the requests of a payment, the rows that cron reads, and
// what `kill -9` in the middle of events and of an import loses. See bench/README.md.
//
//   scripts/run node bench/providers.mjs
//   BENCH_EVENTS=2000 BENCH_PAYMENTS=10000 BENCH_PARTS=events,import,unpaced,requests,cron,kills scripts/run node bench/providers.mjs
//
// BENCH_MAIN is another build than build/index.js, to compare with. It fails if anything is lost or counted twice.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { call, createAccount, CRON, migrate, sleep, toolEnv } from "../scripts/lib.mjs";
import { GatewayProcess } from "../scripts/gateway-process.mjs";
import { StandIn } from "../tests/providers/stand-in/index.mjs";
import { sample } from "../tests/providers/stand-in/objects.mjs";
import { SIGN } from "../tests/providers/stand-in/signing.mjs";
import { Told } from "../tests/providers/told.mjs";
import { statements } from "./automation-state.mjs";
import { BUILT, cpuSeconds, serveWorker } from "./common.mjs";
import { FRONT } from "./recorder.mjs";

const EVENTS = Number(process.env.BENCH_EVENTS ?? 2_000);
const PAYMENTS = Number(process.env.BENCH_PAYMENTS ?? 10_000);
const PARTS = (process.env.BENCH_PARTS ?? "events,import,unpaced,requests,cron,kills").split(",");
const AT_ONCE = 32;
const PACE = 8; // requests a second that Stripe is asked at most
const PATIENCE_MS = 300_000;
const CRON_MS = 10_000;
const SETUP_SECRET = randomBytes(16).toString("hex");
const SETTINGS = { ENVIRONMENT: "development", RATE_LIMIT_PER_MINUTE: "1000000", EVENTS_PER_MINUTE: "1000000", EXCHANGE_RATES_URL: "none", SETUP_SECRET };
const POLAR_SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;

// What is asked for a payment of each provider that a webhook tells of. Allowed are three, two for a renewal, one for a refund (docs/contract/providers.md#6).
const ONE = [
  ["stripe", "01", "payment", 3], ["stripe", "03", "renewal", 2], ["stripe", "06", "refund", 1], ["lemonsqueezy", "01", "payment", 3],
  ["polar", "01", "payment", 3], ["paddle", "01", "payment", 3], ["shopify", "01", "payment", 3], ["woocommerce", "01", "payment", 3],
];
// Connections of which none is due, when cron's rows are counted.
const CONNECTIONS = 500;

const folder = mkdtempSync(join(tmpdir(), "sluice-bench-providers-"));
const standIn = await StandIn.start({ secure: true });
const told = new Told(standIn.urls);
Object.assign(toolEnv, standIn.environment());
let gateway;
let token;

console.log(`load of the last minute: ${loadavg()[0].toFixed(2)}`);
try {
  SETTINGS.ENCRYPTION_KEYS = `k1:${randomBytes(32).toString("base64")}`;
  await start();
  token = await createAccount(gateway.url, SETUP_SECRET, "owner@example.com");
  if (PARTS.includes("events")) await measureEvents();
  if (PARTS.includes("requests")) await countRequests();
  if (PARTS.includes("kills")) await killInTheMiddle();
  if (PARTS.includes("import")) await measureImport();
  if (PARTS.includes("unpaced")) await withoutPace(measureImport);
  if (PARTS.includes("cron")) await measureCron();
} finally {
  if (gateway?.isRunning) await gateway.stop();
  await standIn.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function start() {
  const main = process.env.BENCH_MAIN;
  gateway = await GatewayProcess.start({ state: folder, settings: SETTINGS, log: () => {}, ...(main && { main }) });
}

async function restart() {
  await gateway.kill();
  await start();
}

// The same with a gateway that asks providers as fast as it can.
async function withoutPace(measure) {
  await gateway.stop();
  SETTINGS.PROVIDER_REQUESTS_PER_SECOND = "1000";
  await start();
  await measure();
}

async function rows(method, path, body) {
  const answer = await call(gateway.url, method, `/api/v1/admin${path}`, token, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.data;
}

// ── Connections ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function connect(provider, key, body) {
  const account = told.account(provider, key);
  const domain = `shop-${randomBytes(4).toString("hex")}.example.com`;
  const [{ websiteId }] = await rows("POST", "/websites", { domain, timezone: "UTC", name: "Bench" });
  const path = `/websites/${websiteId}/integrations/${provider}`;
  await rows("POST", path, body);
  return { account, site: `/websites/${websiteId}`, path };
}

async function polar() {
  const key = `polar_oat_${randomBytes(8).toString("hex")}`;
  const connection = await connect("polar", key, { polarAccessToken: key, polarOrgId: "e87cb45c-05ad-489d-8890-4ea398345c24" });
  await rows("PUT", `${connection.path}/webhook`, { secret: POLAR_SECRET });
  await isImported(connection);
  return connection;
}

async function stripe(size) {
  const key = `rk_live_${randomBytes(8).toString("hex")}`;
  await told.account("stripe", key).load({ seed: size, size });
  return connect("stripe", key, { stripeRak: key });
}

async function status({ path }) {
  return (await rows("GET", path))[0];
}

// Waits until `done` answers something; cron runs now and then, since it makes everything that is due be looked at again.
async function cronUntil(done) {
  let next = Date.now();
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(250)) {
    if (Date.now() >= next) {
      await gateway.runCron();
      next = Date.now() + CRON_MS;
    }
    const found = await done();
    if (found) return found;
  }
  throw new Error("it takes too long");
}

function isImported(connection) {
  return cronUntil(async () => (await status(connection)).import?.state === "done");
}

// The transactions that a website has, each once.
async function transactions({ site }) {
  const answer = await call(gateway.url, "GET", `/api/v1/admin${site}/export`, token);
  const lines = answer.text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const ids = lines.filter(({ type }) => type === "payment").map(({ extraData }) => extraData.refund_id ?? extraData.transaction_id);
  assert.equal(new Set(ids).size, ids.length, "counted twice");
  return new Set(ids);
}

// ── Signed events ────────────────────────────────────────────────────────────────────────────────────────────────────

function signed(count) {
  const { data } = sample("polar", "01").json;
  return Array.from({ length: count }, () => {
    // Of another customer and another checkout: what shares an id is the same money.
    const customer = { ...data.customer, id: randomUUID() };
    const order = { ...data, id: randomUUID(), checkout_id: randomUUID(), customer_id: customer.id, customer };
    const body = JSON.stringify({ type: "order.paid", timestamp: new Date().toISOString(), data: order });
    const headers = SIGN.polar({ secrets: [POLAR_SECRET], body, at: Math.floor(Date.now() / 1000), id: randomUUID() });
    return { id: order.id, body, headers: { "content-type": "application/json", ...headers } };
  });
}

// Posts events, so many at once; answers those that were taken.
async function post(url, events, isOver = () => false) {
  const taken = [];
  const left = [...events];
  const worker = async () => {
    for (let event = left.pop(); event && !isOver(); event = left.pop()) {
      const response = await fetch(url, { method: "POST", body: event.body, headers: event.headers }).catch(() => undefined);
      if (response?.status === 200) taken.push(event.id);
      await response?.arrayBuffer().catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return taken;
}

async function addressOf(connection) {
  return (await status(connection)).webhookUrl.replace(/^https?:\/\/[^/]+/, gateway.url);
}

function isWorkedOn(connection) {
  return cronUntil(async () => (await rows("GET", `${connection.path}/events?state=received&limit=1`)).length === 0);
}

async function measureEvents() {
  const connection = await polar();
  await post(await addressOf(connection), signed(200)); // warm
  await isWorkedOn(connection);
  const events = signed(EVENTS);
  const [began, cpu] = [Date.now(), processor()];
  const taken = await post(await addressOf(connection), events);
  const accepted = Date.now() - began;
  assert.equal(taken.length, EVENTS);
  const busy = processor() - cpu;
  console.log(`events: ${EVENTS} signed events accepted in ${(accepted / 1000).toFixed(1)} s, ${Math.round((EVENTS / accepted) * 1000)} a second; ${Math.round((busy / EVENTS) * 1e6)} µs of workerd's processor each, with the work on them meanwhile`);
  await isWorkedOn(connection);
  const found = await transactions(connection);
  assert.ok(events.every(({ id }) => found.has(id)), "an event was lost");
  const whole = (Date.now() - began) / 1000;
  console.log(`events: all worked on ${whole.toFixed(1)} s after the first was posted, ${Math.round(EVENTS / whole)} a second; ${Math.round(((processor() - cpu) / EVENTS) * 1e6)} µs of workerd's processor each in all`);
}

// Seconds of processor time that the gateway's workerd has taken.
function processor() {
  return gateway.pids.slice(0, -1).reduce((all, pid) => all + (cpuSeconds(pid) ?? 0), 0);
}

// ── A past ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function complete(found) {
  const paid = [...found].filter((id) => id.startsWith("pi_")).length;
  assert.equal(paid, PAYMENTS, "payments of the past");
  return found.size;
}

async function measureImport() {
  const connection = await stripe(PAYMENTS);
  const { startedAt } = await cronUntil(async () => (await status(connection)).import);
  const { finishedAt } = (await isImported(connection)) && (await status(connection)).import;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const { requests } = await connection.account.requests({ since: Date.parse(startedAt) });
  const own = requests.filter(({ at, query }) => at <= Date.parse(finishedAt) && query.limit === "100");
  const size = complete(await transactions(connection));
  const pace = SETTINGS.PROVIDER_REQUESTS_PER_SECOND ? "without a pace" : `at ${PACE} requests a second`;
  console.log(`import ${pace}: ${size} rows in ${seconds.toFixed(1)} s with ${own.length} requests, ${Math.round(size / seconds)} a second`);
}

// ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function countRequests() {
  const asked = [];
  for (const [provider, prefix, what, most] of ONE) {
    const { site, account } = await telling(provider, prefix);
    const { requests } = await account.requests({ since: account.since });
    assert.ok(requests.length <= most, `${provider}: ${requests.map(({ path }) => path)}`);
    asked.push(`${provider} ${what} ${requests.length}`);
    assert.ok(site);
  }
  console.log(`requests: ${asked.join(", ")}`);
}

// A connection to which a sample was posted and worked on.
async function telling(provider, prefix) {
  const tag = randomBytes(6).toString("hex");
  const { key, body, secret } = {
    stripe: () => ({ key: `rk_live_${tag}`, body: { stripeRak: `rk_live_${tag}` }, secret: "whsec_bench" }),
    lemonsqueezy: () => ({ key: `lemon${tag}`, body: { lemonsqueezyApiKey: `lemon${tag}`, lemonsqueezyStoreId: "12345" }, secret: "bench-secret-0123456789" }),
    polar: () => ({ key: `polar_oat_${tag}`, body: { polarAccessToken: `polar_oat_${tag}`, polarOrgId: "e87cb45c-05ad-489d-8890-4ea398345c24" }, secret: POLAR_SECRET }),
    paddle: () => ({ key: `pdl_live_apikey_${tag.padEnd(26, "0")}_secret_abc`, body: { paddleApiKey: `pdl_live_apikey_${tag.padEnd(26, "0")}_secret_abc` }, secret: "pdl_ntfset_bench" }),
    shopify: () => ({ key: `client-${tag}`, body: { shopDomain: "sluice-demo.myshopify.com", clientId: `client-${tag}`, clientSecret: `shpss_${tag}` }, secret: `shpss_${tag}` }),
    woocommerce: () => ({ key: `ck_${tag}`, body: { storeUrl: standIn.urls.woocommerce, consumerKey: `ck_${tag}`, consumerSecret: `cs_${tag}` }, secret: "bench-secret-0123456789" }),
  }[provider]();
  const connection = await connect(provider, key, body);
  if (provider !== "shopify") await rows("PUT", `${connection.path}/webhook`, { secret });
  await isImported(connection);
  await sleep(500); // the sweep that follows
  const one = sample(provider, prefix);
  await connection.account.load({ samples: [prefix] });
  connection.account.since = Date.now();
  const type = one.expected.post.headers["x-event-name"] ?? one.expected.post.headers["x-shopify-topic"] ?? one.expected.post.headers["x-wc-webhook-topic"] ?? one.json.type ?? one.json.event_type;
  const { attempts } = await connection.account.post(one.body, { type, url: await addressOf(connection), secret });
  assert.deepEqual(attempts.map(({ status }) => status), [200]);
  await isWorkedOn(connection);
  return connection;
}

// ── Cron ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

// The rows that cron reads with so many connections, of which none is due.
async function measureCron() {
  const state = join(folder, "cron");
  await migrate(state);
  const bindings = { ...SETTINGS, ...standIn.environment() };
  const served = await serveWorker({ name: "gateway", state, ...BUILT, front: FRONT, bindings, options: { unsafeTriggerHandlers: true } });
  try {
    const database = await served.miniflare.getD1Database("DB");
    await connectAll(database);
    const run = async () => {
      await statements(served);
      assert.equal(await (await fetch(`${served.url}${CRON}`)).text(), "ok");
      return statements(served);
    };
    for (let warm = 0; warm < 3; warm += 1) await run();
    const runs = [];
    for (let at = 0; at < 5; at += 1) runs.push(await run());
    const read = runs.map((asked) => asked.reduce((sum, { read }) => sum + read, 0)).sort((one, other) => one - other);
    const told = (asked) => asked.filter(({ sql }) => /provider|integrations/.test(sql));
    const ofProviders = Math.max(...runs.map((asked) => told(asked).reduce((sum, { read }) => sum + read, 0)));
    console.log(`cron: ${read[0]} to ${read.at(-1)} rows read with nothing due and ${CONNECTIONS} connections, ${ofProviders} of them for payment providers`);
    if (process.env.BENCH_STATEMENTS) for (const { sql, read } of runs[0]) console.log(`  ${read}  ${sql.replace(/\s+/g, " ")}`);
  } finally {
    await served.stop();
  }
}

async function connectAll(database) {
  const [day, now] = [86_400_000, Date.now()];
  const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
  const id = "printf('1%023x', i)";
  const insert = (text) => database.prepare(text).bind(CONNECTIONS);
  await database.batch([
    database.prepare("INSERT INTO accounts (id, email, created_at) VALUES ('000000000000000000000001', 'owner@example.com', 0)"),
    insert(`INSERT INTO websites (id, owner_id, domain, name, tracking_id, timezone, currency, created_at) ${numbers} SELECT ${id}, '000000000000000000000001', printf('site-%d.example.com', i), 'Bench', printf('dfid_%d', i), 'UTC', 'USD', ${now - day} FROM n`),
    insert(`INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, state, mode, setup_due_at, sweep_due_at, poll_due_at) ${numbers} SELECT ${id}, 'stripe', '', ${now - day}, 'connected', 'polling', ${now + day}, ${now + day}, ${now + day} FROM n`),
    insert(`INSERT INTO provider_imports (website_id, provider, kind, run, stage, state, started_at, finished_at) ${numbers} SELECT ${id}, 'stripe', 'import', 'r', 'disputes', 'done', ${now - day}, ${now - day} FROM n`),
  ]);
}

// ── Kills ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// Ends the gateway twice in the middle of an import, and once while events come.
async function killInTheMiddle() {
  const past = await stripe(PAYMENTS);
  for (const part of [1 / 3, 2 / 3]) {
    await cronUntil(async () => ((await status(past)).import?.done ?? 0) > part * PAYMENTS);
    await restart();
  }
  await cronUntil(async () => (await status(past)).import?.state === "done");
  const size = complete(await transactions(past));

  const live = await polar();
  const url = await addressOf(live);
  const events = signed(EVENTS);
  let isOver = false;
  const posting = post(url, events, () => isOver);
  await sleep(3_000);
  await restart();
  isOver = true;
  const taken = await posting;
  await isWorkedOn(live);
  const found = await transactions(live);
  const lost = taken.filter((id) => !found.has(id));
  assert.deepEqual(lost, [], "accepted, and lost");
  // What was not answered comes again.
  await post(await addressOf(live), events.filter(({ id }) => !taken.includes(id)));
  await isWorkedOn(live);
  assert.equal((await transactions(live)).size, EVENTS);
  console.log(`kills: ${size} rows imported over two kills, ${taken.length} events accepted before a third; nothing lost, nothing twice`);
}
