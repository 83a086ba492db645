// Measures what payment providers cost a gateway on this machine, against the stand-in (tests/providers): signed events accepted a
// second, the import of a past, and what `kill -9` in the middle of either loses. See bench/README.md.
//
//   scripts/run node bench/providers.mjs
//   BENCH_EVENTS=2000 BENCH_PAYMENTS=10000 BENCH_PARTS=events,import,kills scripts/run node bench/providers.mjs
//
// BENCH_MAIN is another build than build/index.js, to compare with. It fails if anything is lost or counted twice.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, createAccount, sleep, toolEnv } from "../scripts/lib.mjs";
import { GatewayProcess } from "../scripts/gateway-process.mjs";
import { StandIn } from "../tests/providers/stand-in/index.mjs";
import { sample } from "../tests/providers/stand-in/objects.mjs";
import { SIGN } from "../tests/providers/stand-in/signing.mjs";
import { Told } from "../tests/providers/told.mjs";

const EVENTS = Number(process.env.BENCH_EVENTS ?? 2_000);
const PAYMENTS = Number(process.env.BENCH_PAYMENTS ?? 10_000);
const PARTS = (process.env.BENCH_PARTS ?? "events,import,kills").split(",");
const AT_ONCE = 32;
const PACE = 8; // requests a second that Stripe is asked at most
const PATIENCE_MS = 300_000;
const CRON_MS = 10_000;
const SETUP_SECRET = randomBytes(16).toString("hex");
const SETTINGS = { ENVIRONMENT: "development", RATE_LIMIT_PER_MINUTE: "1000000", EVENTS_PER_MINUTE: "1000000", EXCHANGE_RATES_URL: "none", SETUP_SECRET };
const POLAR_SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;

const folder = mkdtempSync(join(tmpdir(), "sluice-bench-providers-"));
const standIn = await StandIn.start({ secure: true });
const told = new Told(standIn.urls);
Object.assign(toolEnv, standIn.environment());
let gateway;
let token;

try {
  SETTINGS.ENCRYPTION_KEYS = `k1:${randomBytes(32).toString("base64")}`;
  await start();
  token = await createAccount(gateway.url, SETUP_SECRET, "owner@example.com");
  if (PARTS.includes("events")) await measureEvents();
  if (PARTS.includes("import")) await measureImport();
  if (PARTS.includes("kills")) await killInTheMiddle();
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
    const order = { ...data, id: randomUUID() };
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
  const began = Date.now();
  const taken = await post(await addressOf(connection), events);
  const accepted = Date.now() - began;
  assert.equal(taken.length, EVENTS);
  console.log(`events: ${EVENTS} signed events accepted in ${(accepted / 1000).toFixed(1)} s, ${Math.round((EVENTS / accepted) * 1000)} a second`);
  await isWorkedOn(connection);
  const found = await transactions(connection);
  assert.ok(events.every(({ id }) => found.has(id)), "an event was lost");
  console.log(`events: all worked on ${((Date.now() - began) / 1000).toFixed(1)} s after the first was posted`);
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
  const paced = own.length / PACE;
  const size = complete(await transactions(connection));
  console.log(`import: ${size} rows in ${seconds.toFixed(1)} s with ${own.length} requests, ${Math.round(size / seconds)} a second; ${Math.max(0, seconds - paced).toFixed(1)} s besides the pace of ${PACE} requests a second, ${Math.round(size / Math.max(0.1, seconds - paced))} a second`);
}

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
