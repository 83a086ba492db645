// Measures the automation of a gateway on this machine: deliveries per second compared with a floor, the delay from a goal to its
// receiver, and what a cron run costs with ever more websites. See bench/README.md.
//
//   scripts/run node bench/automation.mjs
//   BENCH_ROUNDS=8 BENCH_MESSAGES=2000 BENCH_WEBSITES=100,1000,10000 scripts/run node bench/automation.mjs
//
// BENCH_SECONDS=30 is how long goals come at each of BENCH_RATES=5,50 a second; BENCH_PARTS=deliveries,goals,delay,cron names what
// is measured. Results go to bench/automation-results.json (BENCH_OUT for elsewhere).

import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CRON, migrate, ROOT, sleep } from "../scripts/lib.mjs";
import { countDue, countSent, DUE, fill, makeDue, statements } from "./automation-state.mjs";
import { at, build, BUILT, commit, cpuSeconds, forkHere, list, machine, median, note } from "./common.mjs";
import { noteConditions, ROOMY, round, serveGateway, serveWorker, table } from "./common.mjs";
import { FRONT } from "./recorder.mjs";
import { Session } from "./session.mjs";

const PARTS = list(process.env.BENCH_PARTS ?? "deliveries,goals,delay,cron");
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 8);
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 2_000); // in each round
const SECONDS = Number(process.env.BENCH_SECONDS ?? 30); // at each rate
const RATES = list(process.env.BENCH_RATES ?? "5,50").map(Number); // goals a second
const WEBSITES = list(process.env.BENCH_WEBSITES ?? "100,1000,10000").map(Number);
const OUT = process.env.BENCH_OUT ?? join(ROOT, "bench", "automation-results.json");
const DATE = process.env.BENCH_DATE ?? new Date().toISOString();
const MOST_ROUNDS = 19; // a website has at most 20 endpoints, and each round takes one
const WARM_UP = 2;
const PATIENCE_MS = 30_000;
const VARS = {
  ENVIRONMENT: "development", // receivers are on this machine
  SETUP_SECRET: "bench",
  RATE_LIMIT_PER_MINUTE: ROOMY,
  AUTH_FAILURES_PER_MINUTE: ROOMY,
  EVENTS_PER_MINUTE: ROOMY,
  EXCHANGE_RATES_URL: "none",
};

const session = new Session("bench-automation");
const { folder } = session;
const problem = (text) => session.problem(text);
await session.run(bench);

async function bench() {
  noteConditions();
  if (ROUNDS > MOST_ROUNDS) throw new Error(`BENCH_ROUNDS is at most ${MOST_ROUNDS}`);
  const settings = { rounds: ROUNDS, messages: MESSAGES, seconds: SECONDS, rates: RATES, websites: WEBSITES };
  const results = { date: DATE, commit: commit(), machine: machine(), build: build(), settings };
  const save = () => writeFileSync(OUT, `${JSON.stringify({ ...results, problems: session.problems }, null, 2)}\n`);

  const receiver = await startReceiver();
  if (["deliveries", "goals", "delay"].some((part) => PARTS.includes(part))) {
    const targets = await serveBoth(receiver);
    if (PARTS.includes("deliveries")) {
      results.deliveries = await measureDeliveries(targets, receiver);
      save();
      printDeliveries(results.deliveries);
    }
    if (PARTS.includes("goals")) {
      results.goals = await measureGoals(targets, receiver);
      save();
      printGoals(results.goals);
    }
    if (PARTS.includes("delay")) {
      results.delay = await measureDelay(targets, receiver);
      save();
      printDelay(results.delay);
    }
    for (const target of Object.values(targets)) await session.stop(target);
  }
  if (PARTS.includes("cron")) {
    results.cron = await measureCron(receiver);
    save();
    printCron(results.cron);
  }
  save();
  session.conclude(OUT);
}

// ---- Servers

async function startReceiver() {
  const receiver = session.add(forkHere("receiver.mjs"));
  receiver.url = await new Promise((resolve, reject) => {
    receiver.child.once("message", ({ url }) => resolve(url));
    receiver.child.once("exit", (code) => reject(new Error(`the receiver stopped with ${code}`)));
  });
  // What has come to `name`, when there are `count` different messages or time is up.
  receiver.expect = (name, count, patience = PATIENCE_MS) =>
    new Promise((resolve) => {
      const hear = (answer) => {
        if (answer.name !== name) return;
        receiver.child.off("message", hear);
        const { arrivals, cpu } = answer;
        const ids = new Set(arrivals.map(({ id }) => id));
        if (ids.size !== count) problem(`${name}: ${ids.size} of ${count} messages came`);
        if (arrivals.length !== ids.size) problem(`${name}: ${arrivals.length - ids.size} of ${ids.size} messages came again`);
        resolve({ arrivals, cpu });
      };
      receiver.child.on("message", hear);
      receiver.child.send({ name, count, patience });
    });
  return receiver;
}

async function serveBoth(receiver) {
  const gateway = session.add(await serveGateway({ state: join(folder, "gateway"), vars: VARS }));
  const main = join(ROOT, "bench", "automation-floor.js");
  // Batches of five, as a consumer that only fetches would have them: the gateway's are of one, because a message has several ids.
  const queueConsumers = { "sluice-deliveries": { maxBatchSize: 5, maxBatchTimeout: 0, maxRetries: 0 } };
  const worker = { name: "floor", main, state: join(folder, "floor"), bindings: { RECEIVER: receiver.url }, options: { queueConsumers } };
  const floor = session.add(await serveWorker(worker));
  return { gateway, floor };
}

// A website with a visitor who has seen a page, and so may complete goals.
async function visitedWebsite(gateway, domain) {
  const website = await gateway.website(domain);
  await website.visit();
  return website;
}

// Asks until the answer is `wanted`; otherwise that is a problem.
async function until(what, wanted, ask, patience = PATIENCE_MS) {
  const deadline = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer === wanted) return;
    if (performance.now() > deadline) return problem(`${what}: ${answer}, not ${wanted}, after ${patience / 1000} s`);
    await sleep(20);
  }
}

// ---- Deliveries a second

// Every goal is missed by as many endpoints as there are rounds, which are off. Each round switches one of them on and has
// all it missed sent. So a round begins with a full queue, and nothing else is going on.
async function measureDeliveries({ gateway, floor }, receiver) {
  const website = await visitedWebsite(gateway, "deliveries.example.com");
  const since = new Date(Date.now() - 60_000).toISOString();
  const missed = (endpoint, dryRun) => website.row("POST", `/webhooks/${endpoint}/resend`, { since, dryRun });
  const endpoints = [];
  for (let number = 0; number <= ROUNDS; number++) {
    const url = `${receiver.url}/gateway-${number}`;
    endpoints.push((await website.row("POST", "/webhooks", { url, isEnabled: false })).id);
  }
  await completeGoals(gateway, website, MESSAGES);
  const count = async (endpoint) => (await missed(endpoint, true)).count;
  await until("goals that the endpoints missed", MESSAGES, () => count(endpoints.at(-1)), 2 * PATIENCE_MS);
  note(`${MESSAGES} goals wait for each of ${endpoints.length} endpoints`);

  gateway.begin = async (name, number) => {
    await website.rows("PUT", `/webhooks/${endpoints[number]}`, { isEnabled: true });
    const resent = await missed(endpoints[number], false);
    if (resent.count !== MESSAGES) problem(`${name}: ${resent.count} of ${MESSAGES} were sent again`);
  };
  gateway.end = async (name, number) => {
    const pending = `/webhooks/${endpoints[number]}/deliveries?status=pending&limit=1`;
    await until(`${name}: deliveries that wait`, 0, async () => (await website.rows("GET", pending)).length);
    const left = await count(endpoints[number]);
    if (left > 0) problem(`${name}: ${left} deliveries were not recorded as delivered`);
  };
  floor.begin = (name) => floor.json("POST", "/", { name, first: 0, count: MESSAGES });
  floor.end = () => {};

  const deliver = async (target, number) => {
    const name = `${target.name}-${number}`;
    const cpu = cpuSeconds(target.pid);
    const coming = receiver.expect(name, MESSAGES, PATIENCE_MS + 50 * MESSAGES);
    const start = performance.now();
    await target.begin(name, number);
    const queuedMs = performance.now() - start;
    const { arrivals, cpu: receiving } = await coming;
    await target.end(name, number);
    if (arrivals.length < 2) throw new Error(`${name}: nothing to measure`);
    const elapsed = arrivals.at(-1).at - arrivals[0].at;
    const cpuMicros = cpu === undefined ? undefined : ((cpuSeconds(target.pid) - cpu) * 1e6) / MESSAGES;
    return { rate: ((arrivals.length - 1) / elapsed) * 1000, queuedMs, cpuMicros, receiver: receiving };
  };
  const rounds = [];
  for (let number = 0; number <= ROUNDS; number++) {
    const measured = {};
    const pair = number % 2 === 0 ? [gateway, floor] : [floor, gateway];
    for (const target of pair) measured[target.name] = await deliver(target, number);
    const ratio = measured.gateway.rate / measured.floor.rate;
    const rates = `${Math.round(measured.gateway.rate)} / ${Math.round(measured.floor.rate)}`;
    note(`deliveries ${number === 0 ? "to warm up" : number}: ${rates} = ${ratio.toFixed(2)}`);
    if (number > 0) rounds.push(measured);
  }
  const of = (name, what) => rounds.map((measured) => measured[name][what]);
  const summary = (name) => Object.fromEntries(["rate", "cpuMicros", "queuedMs"].map((what) => [what, spread(of(name, what), 0)]));
  return {
    ratio: spread(rounds.map(({ gateway, floor }) => gateway.rate / floor.rate), 3),
    cpuRatio: spread(rounds.map(({ gateway, floor }) => floor.cpuMicros / gateway.cpuMicros), 3),
    gateway: summary("gateway"),
    floor: summary("floor"),
    receiver: round(Math.max(...of("gateway", "receiver"), ...of("floor", "receiver")), 2),
    rounds,
  };
}

// As many goals as fast as it goes, by the load generator of the other benchmark.
async function completeGoals(gateway, website, count) {
  const load = session.add(forkHere("load.mjs"));
  const start = `POST /api/v1/goals?websiteId=${website.id} HTTP/1.1`;
  const head = [start, `authorization: Bearer ${gateway.token}`, "content-type: application/json"].join("\r\n");
  const body = JSON.stringify({ datafast_visitor_id: website.visitor, name: "signup", metadata: { number: "#" } });
  const report = new Promise((resolve) => load.child.once("message", resolve));
  const began = now();
  load.child.send({ url: gateway.url, requests: [{ head, body, status: "200" }], connections: 16, count });
  const { wrong } = await report;
  if (Object.keys(wrong).length > 0) problem(`goals: unexpected answers ${JSON.stringify(wrong)}`);
  await session.stop(load);
  return began;
}

// ---- From goals to their receiver, as fast as it goes

// From the first request to the last arrival, with 16 connections. Each round has a website and an endpoint of its own.
async function measureGoals({ gateway }, receiver) {
  const rounds = [];
  for (let number = 0; number <= ROUNDS; number++) {
    const name = `goals-${number}`;
    const website = await visitedWebsite(gateway, `${name}.example.com`);
    await website.row("POST", "/webhooks", { url: `${receiver.url}/${name}` });
    const cpu = cpuSeconds(gateway.pid);
    const coming = receiver.expect(name, MESSAGES, PATIENCE_MS + 50 * MESSAGES);
    const began = await completeGoals(gateway, website, MESSAGES);
    const answered = now() - began;
    const { arrivals } = await coming;
    const rate = (MESSAGES / (arrivals.at(-1).at - began)) * 1000;
    const cpuMicros = cpu === undefined ? undefined : ((cpuSeconds(gateway.pid) - cpu) * 1e6) / MESSAGES;
    note(`goals to their receiver ${number === 0 ? "to warm up" : number}: ${Math.round(rate)}/s`);
    if (number > 0) rounds.push({ rate, answeredRate: (MESSAGES / answered) * 1000, cpuMicros });
  }
  return Object.fromEntries(
    ["rate", "answeredRate", "cpuMicros"].map((what) => [what, spread(rounds.map((measured) => measured[what]), 0)]),
  );
}

function printGoals({ rate, answeredRate, cpuMicros }) {
  console.log("\nGoals through 16 connections, until the last message has come: median of the rounds and quartiles\n");
  table(["goals answered per second", "messages received per second", "CPU µs each"], [[answeredRate, rate, cpuMicros].map((figure) => shown(figure))]);
}

// ---- From a goal to its receiver

async function measureDelay({ gateway, floor }, receiver) {
  const results = [];
  for (const rate of RATES) {
    const count = Math.max(1, Math.round(rate * SECONDS));
    const name = `delay-${rate}`;
    const website = await visitedWebsite(gateway, `${name}.example.com`);
    (await website.row("POST", "/webhooks", { url: `${receiver.url}/${name}` })).id;
    const complete = (number) => {
      const body = { datafast_visitor_id: website.visitor, name: "signup", metadata: { number: String(number) } };
      return gateway.call("POST", `/api/v1/goals?websiteId=${website.id}`, body);
    };
    const queue = (number) => floor.call("POST", "/", { name: `floor-${name}`, first: number, count: 1 });
    const numberOf = ({ body }) => Number(JSON.parse(body).data.metadata.number);
    const measure = (name, send, numberOf) => measureArrivals({ name, rate, count, send, numberOf }, receiver);
    const measured = await measure(name, complete, numberOf);
    results.push({ rate, gateway: measured, floor: await measure(`floor-${name}`, queue, ({ id }) => Number(id)) });
    note(`${rate} goals a second: p50 ${measured.p50} ms, p99 ${measured.p99} ms, answered after ${measured.answeredP50} ms`);
  }
  return results;
}

// Sends at a steady rate without waiting for earlier messages, and records when each arrives.
async function measureArrivals({ name, rate, count, send, numberOf }, receiver) {
  const warm = 5;
  const [sentAt, answered, sending] = [[], [], []];
  const coming = receiver.expect(name, warm + count, PATIENCE_MS + (count / rate) * 1000);
  const one = async (number) => {
    sentAt[number] = now();
    const { status, text } = await send(number);
    answered[number] = now() - sentAt[number];
    if (status !== 200) problem(`${name}: answered ${status}: ${text}`);
  };
  for (let number = 0; number < warm; number++) await one(number);
  await sleep(300);
  const start = now();
  for (let index = 0; index < count; index++) {
    const wait = start + (index * 1000) / rate - now();
    if (wait > 0) await sleep(wait);
    sending.push(one(warm + index));
  }
  await Promise.all(sending);
  const { arrivals } = await coming;
  const delays = new Map(); // of each message's first arrival
  for (const arrival of arrivals) {
    const number = numberOf(arrival);
    if (number >= warm && !delays.has(number)) delays.set(number, arrival.at - sentAt[number]);
  }
  const sorted = Float64Array.from(delays.values()).sort();
  const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => round(at(sorted, share), 1));
  return { count: sorted.length, p50, p90, p99, max, answeredP50: round(median(answered.slice(warm)), 1) };
}

// ---- Cron

// The sizes alternate, so that each run of one can be compared with a run of each other.
async function measureCron(receiver) {
  const sizes = [];
  for (const websites of WEBSITES) sizes.push(await serveMany(websites, receiver));
  for (let number = 0; number < WARM_UP + ROUNDS; number++) {
    for (const size of number % 2 === 0 ? sizes : sizes.toReversed()) {
      const idle = await runCron(size, 0, receiver);
      await makeDue(size.database, size.websites);
      const due = await runCron(size, DUE, receiver);
      if (number >= WARM_UP) size.runs.push({ idle, due });
    }
  }
  const results = [];
  for (const { gateway, websites, database, runs } of sizes) {
    const expected = (WARM_UP + ROUNDS) * DUE;
    const sent = await countSent(database);
    if (sent !== expected) problem(`cron with ${websites} websites: the history has ${sent} of ${expected} messages as sent`);
    await session.stop(gateway);
    const summary = cronSummary(runs);
    const { idleMs, ms, read, readIdle } = summary;
    results.push({ websites, ...summary });
    note(`cron, ${websites} websites: ${idleMs.median} ms and ${readIdle} rows, with ${DUE} due ${ms.median} ms and ${read} rows`);
  }
  return results;
}

async function serveMany(websites, receiver) {
  const state = join(folder, `cron-${websites}`);
  const service = { EMAIL_PROVIDER: "resend", EMAIL_API_KEY: "x", EMAIL_API_BASE: `${receiver.url}/mail-${websites}` };
  const mail = { ...service, EMAIL_FROM: "a@example.com" };
  await migrate(state);
  const gateway = await serveWorker({
    name: "gateway",
    state,
    ...BUILT,
    front: FRONT,
    bindings: { ...VARS, ...mail, ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}` },
    options: { unsafeTriggerHandlers: true }, // opens /cdn-cgi/local/scheduled
  });
  session.add(gateway);
  const database = await gateway.miniflare.getD1Database("DB");
  await fill(database, websites);
  return { websites, gateway, database, runs: [] };
}

// One run: how long its answer takes, when the mail of the last due alert arrives, and all statements until
// nothing is left to do.
async function runCron({ websites, gateway, database }, due, receiver) {
  await statements(gateway); // forgets what was before
  const coming = due > 0 ? receiver.expect(`mail-${websites}`, due) : undefined;
  const start = now();
  const response = await fetch(`${gateway.url}${CRON}`);
  const text = await response.text();
  const ms = now() - start;
  if (text !== "ok") throw new Error(`a cron run answered ${response.status}: ${text}`);
  const mailedMs = coming && (await coming).arrivals.at(-1)?.at - start;
  await until(`${websites} websites: alerts that are due`, 0, () => countDue(database));
  return { ms, mailedMs, statements: await statements(gateway) };
}

function cronSummary(runs) {
  // What also an idle run asks is cron's own; the rest is asked by those that look at what is due.
  const own = new Set(runs.flatMap(({ idle }) => idle.statements.map(({ sql }) => sql)));
  const sum = (statements, what) => statements.reduce((total, statement) => total + statement[what], 0);
  const reads = (choose) => Math.round(median(runs.map((run) => sum(choose(run), "read"))));
  const isOwn = ({ sql }) => own.has(sql);
  const texts = [...new Set(runs.flatMap(({ due }) => due.statements.map(({ sql }) => sql)))];
  return {
    idleMs: spread(runs.map(({ idle }) => idle.ms), 1),
    ms: spread(runs.map(({ due }) => due.ms), 1),
    mailedMs: spread(runs.map(({ due }) => due.mailedMs), 1),
    readIdle: reads(({ idle }) => idle.statements),
    read: reads(({ due }) => due.statements.filter(isOwn)),
    readInAll: reads(({ due }) => due.statements),
    ownStatements: own.size,
    statements: texts.map((sql) => ({
      sql,
      isOwn: own.has(sql),
      times: median(runs.map(({ due }) => due.statements.filter((one) => one.sql === sql).length)),
      read: median(runs.map(({ due }) => sum(due.statements.filter((one) => one.sql === sql), "read"))),
    })),
  };
}

// ---- Output

// Milliseconds by the clock that all processes share.
function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

// Median and quartiles.
function spread(values, digits) {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share) => {
    const place = (sorted.length - 1) * share;
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return round(below + (above - below) * (place % 1), digits);
  };
  return { median: quantile(0.5), quartiles: [quantile(0.25), quantile(0.75)] };
}

function shown({ median, quartiles }, digits = 0) {
  if (Number.isNaN(median)) return ""; // unknown on this machine
  return `${median.toFixed(digits)} (${quartiles.map((value) => value.toFixed(digits)).join("…")})`;
}

function printDeliveries({ gateway, floor, ratio, cpuRatio, receiver }) {
  console.log(`\n${MESSAGES} deliveries in each of ${ROUNDS} rounds: median and quartiles (the receiver took at most ${receiver} of a core)\n`);
  const row = (title, { rate, cpuMicros, queuedMs }) => [title, shown(rate), shown(cpuMicros), shown(queuedMs)];
  table(
    ["deliveries", "a second", "CPU µs each", "ms until all are queued"],
    [row("gateway", gateway), row("floor", floor), ["ratio", shown(ratio, 2), shown(cpuRatio, 2), ""]],
  );
}

function printDelay(results) {
  console.log(`\nFrom just before a goal is sent to its arrival at the receiver, milliseconds, ${SECONDS} s at each rate\n`);
  const row = (title, { count, p50, p90, p99, max, answeredP50 }) => [title, count, p50, p90, p99, max, answeredP50];
  table(
    ["delay", "messages", "p50", "p90", "p99", "max", "answer's p50"],
    results.flatMap(({ rate, gateway, floor }) => [row(`${rate} goals a second`, gateway), row("floor", floor)]),
  );
}

function printCron(sizes) {
  console.log(`\nA cron run, milliseconds: median of ${ROUNDS} and quartiles; ${DUE} alerts are due\n`);
  const [first, last] = [sizes[0], sizes.at(-1)];
  const rows = [
    ["nothing due, ms", ({ idleMs }) => idleMs],
    [`${DUE} due, ms`, ({ ms }) => ms],
    ["until the last mail, ms", ({ mailedMs }) => mailedMs],
    ["rows read, nothing due", ({ readIdle }) => readIdle],
    [`rows read, ${DUE} due`, ({ read }) => read],
    ["rows read with what follows", ({ readInAll }) => readInAll],
  ].map(([title, of]) => {
    const number = (size) => of(size).median ?? of(size);
    const growth = number(last) / number(first);
    const cell = (size) => (typeof of(size) === "number" ? of(size) : shown(of(size), 1));
    return [title, ...sizes.map(cell), Number.isFinite(growth) ? `×${growth.toFixed(2)}` : ""];
  });
  table(["websites", ...sizes.map(({ websites }) => websites.toLocaleString("en")), "growth"], rows);
  // A statement that reads more with more websites is what this is looking for.
  for (const { sql, read } of last.statements) {
    const before = first.statements.find((one) => one.sql === sql)?.read ?? 0;
    if (read > before) console.log(`\nreads ${before} → ${read} rows: ${sql.replace(/\s+/g, " ")}`);
  }
}
