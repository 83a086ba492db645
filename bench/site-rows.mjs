// The rows that the runtime says an event writes, and what they cost: the built Worker with a module in front of it that adds up
// the counters of the websites' objects. Nothing in the product counts.

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { call, migrate } from "../scripts/lib.mjs";
import { BROWSER } from "../tests/harness/gateway.mjs";
import { BUILT, note, round, serveWorker, table } from "./common.mjs";
import { batches } from "./site-data.mjs";

// Dollars for a million, on the paid plan beyond what it includes: https://developers.cloudflare.com/durable-objects/platform/pricing/
const PRICES = { written: 1, read: 0.001, request: 0.15, workerRequest: 0.3 };
const SESSIONS = 1_000;
const OF_A_KIND = 200;
const FOLDED_AFTER_MS = 2_500; // an alarm folds what waits after a second

const METER = `
import inner, { SiteObject as Inner } from "./index.js";
export * from "./index.js";

const none = () => ({ written: 0, read: 0, statements: 0, alarms: 0 });
let sums = none();
let last;
// A cursor's counters are complete when it has been read.
function settle() {
  if (!last) return;
  sums.written += last.rowsWritten;
  sums.read += last.rowsRead;
  last = undefined;
}
let isMetered = false;
function meter({ storage }) {
  if (isMetered) return;
  isMetered = true;
  const database = Object.getPrototypeOf(storage.sql);
  const { exec } = database;
  database.exec = function (...asked) {
    settle();
    sums.statements++;
    return (last = exec.apply(this, asked));
  };
  const stored = Object.getPrototypeOf(storage);
  const { setAlarm } = stored;
  stored.setAlarm = function (...asked) {
    sums.alarms++;
    return setAlarm.apply(this, asked);
  };
}
export class SiteObject extends Inner {
  constructor(state, env) {
    meter(state);
    super(state, env);
  }
}
export default {
  ...inner,
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/metered") return inner.fetch(request, env, context);
    settle();
    const metered = sums;
    sums = none();
    return Response.json(metered);
  },
};`;

// Answers a row for each stream of events.
export async function measureRows({ session, folder, vars, problem }) {
  const state = join(folder, "rows");
  mkdirSync(state, { recursive: true });
  await migrate(state);
  const bindings = { ...vars, ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}` };
  const gateway = session.add(await serveWorker({ name: "rows", state, ...BUILT, front: METER, bindings }));
  gateway.setupSecret = vars.SETUP_SECRET;
  await gateway.signUp();
  const rows = [];
  for (const connections of [1, 8]) {
    const website = await gateway.website(`rows-${connections}.example.com`);
    const bodies = streamOf(website);
    const half = bodies.length >> 1;
    await send(gateway, website, bodies.slice(0, half), connections, problem);
    await metered(gateway);
    await send(gateway, website, bodies.slice(half), connections, problem);
    rows.push(row(`the stream of the reports, ${connections} at once`, bodies.length - half, await metered(gateway)));
  }
  for (const [title, bodyOf] of kinds()) {
    const website = await gateway.website();
    const bodies = Array.from({ length: OF_A_KIND * 2 }, (_, number) => ({ ...common(website), ...bodyOf(number, website.domain) }));
    await send(gateway, website, bodies.slice(0, OF_A_KIND), 1, problem);
    await metered(gateway);
    await send(gateway, website, bodies.slice(OF_A_KIND), 1, problem);
    rows.push(row(title, OF_A_KIND, await metered(gateway)));
  }
  await session.stop(gateway);
  return rows;
}

const common = ({ domain, trackingId }) => ({ websiteId: trackingId, domain, referrer: null, language: "en-US", timezone: "Europe/Berlin", viewport: { width: 1440, height: 790 } });
const id = (number) => `b971cbbf-7ce2-4925-902b-${String(number).padStart(12, "0")}`;

// Events of the same made-up year as the reports', as a browser sends them, all on the website's one host.
function streamOf(website) {
  const bodies = [];
  for (const { body } of batches({ sessions: SESSIONS })) {
    for (const line of body.toString().trim().split("\n")) {
      const { type, href, referrer, visitorId, sessionId, extraData } = JSON.parse(line);
      if (type === "payment") continue;
      const address = new URL(href);
      bodies.push({ ...common(website), type, href: `https://${website.domain}${address.pathname}${address.search}`, referrer, visitorId, sessionId, extraData });
    }
  }
  return bodies;
}

function kinds() {
  const of = (type, extraData) => (number, domain) => ({ type, href: `https://${domain}/${number % 40}`, visitorId: id(number >> 2), sessionId: `s${number >> 2}`, extraData });
  return [
    ["pageviews, four a session", of("pageview")],
    ["pageviews, each of a new visitor on a new page", (number, domain) => ({ type: "pageview", href: `https://${domain}/new/${number}`, visitorId: id(number), sessionId: `s${number}` })],
    ["goals", of("custom", { eventName: "signup", plan: "pro" })],
    ["clicks on links", of("external_link", { url: "https://elsewhere.example/", text: "out" })],
    ["identifications", of("identify", { user_id: "user", name: "Ada" })],
    ["payment hints", (number, domain) => of("payment", { email: `payer-${number}@example.com` })(number, domain)],
  ];
}

async function send(gateway, website, bodies, connections, problem) {
  let next = 0;
  const lane = async () => {
    while (next < bodies.length) {
      const body = bodies[next++];
      const headers = { origin: `https://${website.domain}`, "user-agent": BROWSER };
      const answer = await call(gateway.url, "POST", "/api/events", undefined, body, headers);
      const dropped = answer.headers?.get("x-sluice-dropped");
      if (answer.status !== 200 || dropped) problem(`an event was answered ${answer.status} ${dropped ?? answer.text}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
}

async function metered(gateway) {
  await sleep(FOLDED_AFTER_MS);
  return gateway.json("GET", "/metered");
}

function row(title, events, { written, read, statements, alarms }) {
  const each = { written: round((written + alarms) / events, 2), read: round(read / events, 1), statements: round(statements / events, 2) };
  // Nothing else of a request is counted in rows; an alarm's run is a request, too.
  const dollars = each.written * PRICES.written + each.read * PRICES.read + (1 + alarms / events) * PRICES.request + PRICES.workerRequest;
  note(`${title}: ${each.written} rows an event`);
  return { title, events, ...each, alarms, dollarsAMillion: round(dollars, 2) };
}

export function printRows(rows) {
  console.log("\nRows that an event writes, by the runtime's own counters, setting alarms included, and the price of a million events ($)");
  table(
    ["events", "n", "rows written", "rows read", "statements", "$ a million"],
    rows.map(({ title, events, written, read, statements, dollarsAMillion }) => [title, events, written, read, statements, dollarsAMillion.toFixed(2)]),
  );
}
