// Measures a gateway on this machine, each figure compared with a floor measured in the same run: see bench/README.md.
//
//   make bench            BENCH_ROUNDS=4 BENCH_SECONDS=0.5 BENCH_REQUESTS=20000 BENCH_CASES=account,funnels make bench

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { SECRETS } from "../scripts/config.mjs";
import { migrate, ROOT } from "../scripts/lib.mjs";
import { at, BUILT, commit, cpuSeconds, forkHere, list, machine, median, note } from "./common.mjs";
import { noteConditions, residentMiB, ROOMY, round, serveGateway, serveWorker, table } from "./common.mjs";
import { FRONT, recordPlan } from "./recorder.mjs";
import { Session } from "./session.mjs";
import { start } from "./workers.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 8);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 1);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 100_000);
const CONNECTIONS = list(process.env.BENCH_CONNECTIONS ?? "1,16,64").map(Number);
const DATE = process.env.BENCH_DATE ?? new Date().toISOString();
const CASES = list(process.env.BENCH_CASES ?? "account,funnels,create,garbage");
const STARTS = 5;
const FUNNELS = 25;
const AIMS = { account: 0.92, funnels: 0.92, garbage: 0.9 };
const PEER_AIMS = { account: 1.1, funnels: 1.1 };

const session = new Session("bench");
const numbers = new Map(); // for each target, the number that its next funnel is named by
let load;
await session.run(bench);

async function bench() {
  noteConditions();
  const startUp = await measureStartUp();
  const targets = await serve();
  load = session.add(forkHere("load.mjs")).child;

  const all = requests(targets);
  const cases = all.filter(({ key }) => CASES.includes(key));
  for (const one of cases) await verify(one, targets);

  const results = [];
  for (const one of cases) {
    for (const connections of CONNECTIONS) results.push(await compare(one, connections, targets));
  }
  const memory = await measureMemory(all, targets.gateway, ["account", "funnels", "garbage"]);
  const floorMemory = await measureMemory(all, targets.floor, ["account", "funnels"], REQUESTS / 5);
  const size = measureSize();
  const errors = results.reduce((sum, { errors }) => sum + errors, memory.errors + floorMemory.errors);

  printTable(results);
  printRest({ size, startUp, memory, floorMemory, errors, results });
  const settings = { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS };
  const json = { date: DATE, commit: commit(), machine: machine(), settings, results, size, startUp, memory, floorMemory, errors };
  writeFileSync(join(ROOT, "bench", "results.json"), `${JSON.stringify(json, null, 2)}\n`);
  if (errors > 0) session.problem(`${errors} unexpected answers`);
  session.conclude("bench/results.json");
}

// ---- What is measured

// The gateway as scripts/gateway.mjs serves it, and both floors in this process, each with a workerd of its own.
async function serve() {
  const vars = { SETUP_SECRET: "bench", RATE_LIMIT_PER_MINUTE: ROOMY, AUTH_FAILURES_PER_MINUTE: ROOMY, MAX_FUNNELS: ROOMY };
  const gateway = session.add(await serveGateway({ state: stateOf("gateway"), vars }));

  const recorder = await serveRecorder(vars);
  const plan = await recordPlan(recorder, JSON.parse(funnel("recorded")));
  await session.stop(recorder);
  await migrate(stateOf("floor"));
  const floor = await serveHere("floor", { PLAN: plan });
  const empty = await serveHere("empty");
  await migrate(stateOf("peer"));
  const peer = await serveHere("peer", { PLAN: plan }, bundled("hono.ts"));

  // The gateway's rows, made through its API …
  const { token } = gateway;
  const website = await gateway.website("read.example.com");
  const { id: writing } = await gateway.website("write.example.com");
  const { id: reading } = website;
  for (let number = 0; number < FUNNELS; number++) {
    await website.row("POST", "/funnels", JSON.parse(funnel(String(number).padStart(8, "0"))));
  }

  // … and the same for the floor.
  const account = await gateway.row("GET", "/api/v1/admin/account");
  const funnels = await website.rows("GET", "/funnels");
  const insert = (table, row) => ({
    sql: `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => "?")})`,
    values: Object.values(row),
  });
  const made = (row) => ({ created_at: Date.parse(row.createdAt) });
  const { id: accountId, email, name, image } = account;
  const rows = [insert("accounts", { id: accountId, email, name, image, ...made(account) })];
  for (const id of [reading, writing]) {
    const settings = { domain: id, name: "Bench", tracking_id: id, timezone: "UTC", currency: "USD" };
    rows.push(insert("websites", { id, owner_id: accountId, ...settings, ...made(account) }));
    rows.push(insert("members", { website_id: id, account_id: accountId, role: "owner", joined_at: 0 }));
  }
  for (const { id, websiteId, name, slug, steps, ...row } of funnels) {
    const values = { id, website_id: websiteId, name, slug, steps: JSON.stringify(steps), ...made(row) };
    rows.push(insert("funnels", { ...values, updated_at: Date.parse(row.updatedAt) }));
  }
  // The peer checks tokens.
  const access = { id: accountId, account_id: accountId, token_hash: createHash("sha256").update(token).digest("hex") };
  const may = { display_key: "", permissions: '["*"]', website_ids: '"all"', created_at: 0 };
  for (const [target, more] of [[floor, []], [peer, [insert("access_tokens", { ...access, ...may })]]]) {
    const response = await fetch(target.url, { method: "PUT", body: JSON.stringify([...rows, ...more]) });
    if (!response.ok) throw new Error(`${target.name} did not take the rows: ${await response.text()}`);
  }
  return { gateway, floor, peer, empty, token, accountId, reading, writing };
}

// The built Worker, whose statements are recorded.
async function serveRecorder(vars) {
  const state = stateOf("recorder");
  await migrate(state);
  const bindings = { ...vars, ENCRYPTION_KEYS: SECRETS.ENCRYPTION_KEYS() };
  const recorder = session.add(await serveWorker({ name: "recorder", state, ...BUILT, front: FRONT, bindings }));
  recorder.setupSecret = vars.SETUP_SECRET;
  return recorder.signUp();
}

async function serveHere(name, bindings, main = join(ROOT, "bench", `${name}.js`)) {
  return session.add(await serveWorker({ name, main, state: stateOf(name), bindings }));
}

// A module of this folder with what it imports, in one file.
function bundled(name) {
  const main = join(session.folder, `${name}.js`);
  const options = ["--bundle", "--format=esm", "--minify", "--external:cloudflare:*", "--log-level=warning"];
  execFileSync("esbuild", [join(ROOT, "bench", name), ...options, `--outfile=${main}`]);
  return main;
}

// A funnel's body; `number` makes its name another one each time.
function funnel(number) {
  const steps = [
    { name: "Landing page", type: "pageview", url: "/" },
    { name: "Pricing", type: "pageview", url: "/pricing*" },
    { name: "Sign-up", type: "goal", goalName: "signup" },
  ];
  return JSON.stringify({ name: `Funnel ${number}`, steps });
}

function requests({ token, accountId, reading, writing }) {
  const garbage = "this-is-not-a-token-of-this-gateway-at-all";
  const of = (key, title, method, path, { status = "200", bearer = token, website, body, rows, base = "floor" }) => {
    const lines = [`${method} ${path} HTTP/1.1`, `authorization: Bearer ${bearer}`];
    if (body) lines.push("content-type: application/json");
    // The floor looks nothing up: these headers name the rows to read. The gateway gets them too, and ignores them.
    if (status === "200") lines.push(`x-account: ${accountId}`);
    if (website) lines.push(`x-website: ${website}`);
    return { key, title, request: { head: lines.join("\r\n"), body, status }, rows, base };
  };
  const funnels = (website) => `/api/v1/admin/websites/${website}/funnels`;
  return [
    of("account", "GET account", "GET", "/api/v1/admin/account", { rows: 1 }),
    of("funnels", "GET 25 funnels", "GET", funnels(reading), { rows: FUNNELS, website: reading }),
    of("create", "POST funnel", "POST", funnels(writing), { rows: 1, website: writing, body: funnel("#") }),
    of("garbage", "garbage token", "GET", "/api/v1/admin/account", { status: "401", bearer: garbage, base: "empty" }),
  ];
}

// Checks one request of each kind, to make sure that the right thing is measured.
async function verify({ title, request, rows, base }, targets) {
  const [start, ...lines] = request.head.split("\r\n");
  const [method, path] = start.split(" ");
  const headers = Object.fromEntries(lines.map((line) => line.split(": ")));
  const body = request.body?.replace("#", "verified");
  for (const target of measured(base, targets)) {
    const response = await fetch(target.url + path, { method, headers, body });
    const text = await response.text();
    const count = rows === undefined ? undefined : JSON.parse(text).data?.length;
    if (String(response.status) !== request.status || count !== rows) {
      throw new Error(`${title}: ${target.name} answered ${response.status} with ${count} rows, not ${rows}: ${text}`);
    }
  }
}

// What a case is measured on: the gateway, its floor, and where there is something to do the peer.
function measured(base, targets) {
  return [targets.gateway, targets[base], ...(base === "floor" ? [targets.peer] : [])];
}

// ---- Measuring

async function drive(target, requests, connections, limit) {
  const before = cpuSeconds(target.pid);
  const first = numbers.get(target) ?? 1_000_000;
  const report = new Promise((resolve) => load.once("message", resolve));
  load.send({ url: target.url, requests, connections, first, ...limit });
  const result = await report;
  numbers.set(target, result.first);
  const wrong = Object.entries(result.wrong);
  if (wrong.length > 0) note(`${target.name} gave unexpected answers: ${JSON.stringify(result.wrong)}`);
  const count = result.latencies.length;
  return {
    rate: (count / result.elapsed) * 1000,
    latencies: result.latencies,
    cpuMicros: before === undefined ? undefined : ((cpuSeconds(target.pid) - before) * 1e6) / count,
    errors: wrong.reduce((sum, [, number]) => sum + number, 0),
    bytes: result.bytes,
    generator: result.cpu,
  };
}

// Gateway and floor take turns in short rounds, so that whatever else the machine does meets both.
async function compare({ key, title, request, base }, connections, targets) {
  const all = measured(base, targets);
  for (const target of all) await drive(target, [request], connections, { seconds: SECONDS / 2 });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const results = {};
    for (const target of round % 2 === 0 ? all : all.toReversed()) {
      results[target.name] = await drive(target, [request], connections, { seconds: SECONDS });
    }
    rounds.push({ gateway: results.gateway, floor: results[base], peer: results.peer });
  }
  const ratios = rounds.map(({ gateway, floor }) => gateway.rate / floor.rate);
  const peerRatios = base === "floor" ? rounds.map(({ gateway, peer }) => gateway.rate / peer.rate) : undefined;
  const cpuRatios = rounds.map(({ gateway, floor }) => floor.cpuMicros / gateway.cpuMicros);
  const result = {
    key,
    title,
    connections,
    base,
    ratio: round(median(ratios), 3),
    ratioSpread: [round(Math.min(...ratios), 3), round(Math.max(...ratios), 3)],
    cpuRatio: round(median(cpuRatios), 3),
    aim: AIMS[key],
    peerRatio: peerRatios && round(median(peerRatios), 3),
    peerAim: PEER_AIMS[key],
    gateway: summary(rounds.map(({ gateway }) => gateway)),
    floor: summary(rounds.map(({ floor }) => floor)),
    peer: peerRatios && summary(rounds.map(({ peer }) => peer)),
  };
  result.errors = result.gateway.errors + result.floor.errors + (result.peer?.errors ?? 0);
  note(`${title}, ${connections}: ${result.gateway.rate} / ${result.floor.rate} = ${result.ratio}; ${result.peerRatio ?? "no"} of the peer`);
  return result;
}

function summary(rounds) {
  const latencies = Float64Array.from(rounds.flatMap(({ latencies }) => [...latencies])).sort();
  return {
    rate: Math.round(median(rounds.map(({ rate }) => rate))),
    p50: round(at(latencies, 0.5), 2),
    p99: round(at(latencies, 0.99), 2),
    requests: latencies.length,
    cpuMicros: Math.round(median(rounds.map(({ cpuMicros }) => cpuMicros))),
    bytes: rounds[0].bytes,
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
    generator: round(Math.max(...rounds.map(({ generator }) => generator)), 2),
  };
}

// What is resident of a workerd over many requests, none of which leaves anything behind.
async function measureMemory(cases, target, keys, total = REQUESTS) {
  const mix = keys.map((key) => cases.find((one) => one.key === key).request);
  const share = Math.max(1, Math.round(total / 5));
  const memory = { rssMiB: [{ requests: 0, mib: residentMiB(target.pid) }], errors: 0 };
  for (let done = share; done <= total; done += share) {
    const { errors } = await drive(target, mix, 16, { count: share });
    memory.errors += errors;
    memory.rssMiB.push({ requests: done, mib: residentMiB(target.pid) });
  }
  const sizes = memory.rssMiB.map(({ mib }) => mib);
  memory.growthMiB = round(sizes.at(-1) - sizes[0], 1);
  return memory;
}

function measureSize() {
  const files = [BUILT.main, BUILT.wasm].map((path) => readFileSync(path));
  const kib = (bytes) => round(bytes / 1024, 1);
  return {
    rawKiB: kib(files.reduce((sum, file) => sum + file.length, 0)),
    gzipKiB: kib(files.reduce((sum, file) => sum + gzipSync(file).length, 0)),
  };
}

// From starting workerd to its first answer, a refusal, which takes no storage. An empty Worker needs the same workerd
// but no module to compile and no global scope to run; so the difference is what ours takes.
async function measureStartUp() {
  const once = async (name, worker, expected) => {
    const began = performance.now();
    const miniflare = start({ ...worker, state: stateOf(`start-${name}`) });
    try {
      const url = (await miniflare.ready).origin;
      const ready = performance.now();
      const headers = { authorization: "Bearer garbage" };
      const response = await fetch(`${url}/api/v1/admin/account`, { headers });
      await response.text();
      if (response.status !== expected) throw new Error(`start-up: ${name} answered ${response.status}`);
      return { total: performance.now() - began, first: performance.now() - ready };
    } finally {
      await miniflare.dispose();
    }
  };
  const empty = { main: join(ROOT, "bench", "empty.js") };
  await once("empty", empty, 401); // the first one also warms this process up
  const runs = { gateway: [], empty: [] };
  for (let time = 0; time < STARTS; time++) {
    runs.gateway.push(await once("gateway", BUILT, 401));
    runs.empty.push(await once("empty", empty, 401));
  }
  const of = (name, what) => round(median(runs[name].map((run) => run[what])), 1);
  const result = { gatewayMs: of("gateway", "total"), emptyMs: of("empty", "total") };
  result.differenceMs = round(result.gatewayMs - result.emptyMs, 1);
  result.firstAnswerMs = { gateway: of("gateway", "first"), empty: of("empty", "first") };
  return result;
}

// ---- Processes

function stateOf(name) {
  const path = join(session.folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

// ---- Output

function printTable(results) {
  const rows = results.map(({ title, connections, gateway, floor, ratio, ratioSpread, cpuRatio, aim, base, ...row }) => [
    ...[title, connections, gateway.rate, floor.rate, base],
    ...[ratio.toFixed(2), ratioSpread.map((bound) => bound.toFixed(2)).join("…"), aim?.toFixed(2) ?? ""],
    ...[row.peer?.rate ?? "", row.peerRatio?.toFixed(2) ?? "", row.peerAim?.toFixed(2) ?? ""],
    ...[`${gateway.p50} / ${gateway.p99}`, `${floor.p50} / ${floor.p99}`],
    ...[`${gateway.cpuMicros} / ${floor.cpuMicros}`, Number.isNaN(cpuRatio) ? "" : cpuRatio.toFixed(2)],
  ]);
  const head = ["case", "conn", "req/s", "floor", "is", "ratio", "spread", "aim", "peer", "of it", "aim"];
  head.push("p50 / p99 ms", "floor's", "CPU µs/req", "ratio");
  table(head, rows, [0, 4]);
}

function growth({ rssMiB, growthMiB }) {
  const sizes = rssMiB.map(({ mib }) => Math.round(mib)).join(" → ");
  return `${sizes} MiB resident, every ${rssMiB[1]?.requests} requests: ${growthMiB} MiB more`;
}

function printRest({ size, startUp, memory, floorMemory, errors, results }) {
  const generator = Math.max(...results.flatMap(({ gateway, floor }) => [gateway.generator, floor.generator]));
  console.log(`
bundle      ${size.rawKiB} KiB, gzipped ${size.gzipKiB} KiB
start-up    ${startUp.gatewayMs} ms from starting workerd to the first refusal; an empty Worker ${startUp.emptyMs} ms: ${startUp.differenceMs} ms are ours
memory      ${growth(memory)}
floor's     ${growth(floorMemory)}
errors      ${errors}
generator   at most ${generator} of a core`);
}
