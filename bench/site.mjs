// Measures a website's object on this machine: ingestion, an import, reports. Each figure is compared with a floor or
// with native SQLite, measured in the same run.
//
//   scripts/run node bench/site.mjs
//   BENCH_SESSIONS=10000,100000,1000000 BENCH_ROUNDS=8 BENCH_SECONDS=12 BENCH_REQUESTS=50 scripts/run node bench/site.mjs
//
// BENCH_PARTS=rows,ingest,reports names what is measured. Results go to bench/site-results.json (BENCH_OUT for elsewhere).
// BENCH_KEEP=DIR keeps the databases that native SQLite was asked.

import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ROOT, sleep } from "../scripts/lib.mjs";
import { Gateway } from "../tests/harness/gateway.mjs";
import { at, build, commit, cpuSeconds, forkHere, list, machine, mean, median, note } from "./common.mjs";
import { noteConditions, residentMiB, ROOMY, round, serveGateway, serveWorker, table } from "./common.mjs";
import { Session } from "./session.mjs";
import { batches, FUNNEL } from "./site-data.mjs";
import { serveWithProbe } from "./site-memory.mjs";
import { reports } from "./site-reports.mjs";
import { measureRows, printRows } from "./site-rows.mjs";

const SIZES = list(process.env.BENCH_SESSIONS ?? "10000,100000").map(Number);
const PARTS = list(process.env.BENCH_PARTS ?? "rows,ingest,reports");
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 4);
// Events are folded up to three seconds after they arrive: in a short round the gateway would leave that work to the floor's.
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CONNECTIONS = list(process.env.BENCH_CONNECTIONS ?? "16,64").map(Number);
const WEBSITES = list(process.env.BENCH_WEBSITES ?? "1,50").map(Number);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 50);
const REPORT_SECONDS = Number(process.env.BENCH_REPORT_SECONDS ?? 30); // for one report at most, but three requests at least
const IMPORT_LINES = Number(process.env.BENCH_IMPORT_LINES ?? 20_000);
const PROBE_LINES = Number(process.env.BENCH_PROBE_LINES ?? 50_000); // what the isolate's memory is watched with
const OUT = process.env.BENCH_OUT ?? join(ROOT, "bench", "site-results.json");
const DATE = process.env.BENCH_DATE ?? new Date().toISOString();
const AIMS = new Map([[1, 0.75], [50, 0.65]]); // by websites
const LONGEST_WORK_MS = 600_000;
const VARS = { SETUP_SECRET: "bench", RATE_LIMIT_PER_MINUTE: ROOMY, AUTH_FAILURES_PER_MINUTE: ROOMY, EVENTS_PER_MINUTE: ROOMY };
const MIB = 2 ** 20;

const session = new Session("bench-site");
const { folder } = session;
const problem = (text) => session.problem(text);
await session.run(bench);

async function bench() {
  noteConditions();
  const results = { date: DATE, commit: commit() };
  results.machine = machine();
  results.build = build();
  results.settings = { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS, websites: WEBSITES, sessions: SIZES, requests: REQUESTS, reportSeconds: REPORT_SECONDS, importLines: IMPORT_LINES };
  const save = () => {
    results.machine.loadAverageAfter = loadavg();
    writeFileSync(OUT, `${JSON.stringify({ ...results, problems: session.problems }, null, 2)}\n`);
  };
  if (PARTS.includes("rows")) {
    results.rows = await measureRows({ session, folder, vars: VARS, problem });
    save();
    printRows(results.rows);
  }
  if (PARTS.includes("ingest")) {
    results.ingest = await measureIngest();
    save();
    printIngest(results.ingest);
  }
  if (PARTS.includes("reports")) {
    results.sizes = [];
    for (const [at, sessions] of SIZES.entries()) {
      const isLargest = sessions === Math.max(...SIZES) && SIZES.indexOf(sessions) === at;
      const size = await measureSize(sessions, isLargest);
      results.sizes.push(size);
      save();
      printSize(size);
    }
    printGrowth(results.sizes);
  }
  save();
  session.conclude(OUT);
}

// ---- Ingestion

async function measureIngest() {
  const gateway = await serve("ingest");
  const main = join(ROOT, "bench", "site-floor.js");
  const floor = session.add(await serveWorker({ name: "floor", main, state: join(folder, "floor") }));
  const worker = session.add(forkHere("load.mjs"));
  const load = worker.child;

  const websites = [];
  for (let number = 0; number < Math.max(...WEBSITES) + 1; number++) {
    websites.push(await gateway.website(`site-${number}.example.com`));
  }
  // The single website is not one of the many: each case begins with what the other has left alone.
  const choose = (count) => (count === 1 ? websites.slice(0, 1) : websites.slice(1, count + 1));

  const cases = [];
  for (const count of WEBSITES) {
    for (const connections of CONNECTIONS) cases.push(await compareIngest(choose(count), connections, { gateway, floor }, load));
  }
  for (const count of WEBSITES) await verifyIngest(choose(count), cases.filter(({ websites }) => websites === count));
  for (const one of [worker, floor, gateway]) await session.stop(one);
  const storedBytes = objectFiles(gateway.state).reduce((sum, file) => sum + statSync(file).size, 0);
  rmSync(gateway.state, { recursive: true, force: true });
  return { aims: [...AIMS], rounds: ROUNDS, seconds: SECONDS, cases, storedBytes };
}

async function compareIngest(websites, connections, targets, load) {
  const pair = [targets.gateway, targets.floor];
  const job = { websites: websites.map(({ trackingId, domain }) => ({ trackingId, domain })), connections };
  const seen = { accepted: 0, wrong: {} };
  const drive = async (target, seconds) => {
    const before = cpuSeconds(target.pid);
    const answer = new Promise((resolve) => load.once("message", resolve));
    load.send({ ...job, url: target.url, seconds });
    const { latencies, wrong, accepted, elapsed, cpu } = await answer;
    if (target === targets.gateway) seen.accepted += accepted;
    for (const [what, count] of Object.entries(wrong)) seen.wrong[`${target.name} ${what}`] = (seen.wrong[`${target.name} ${what}`] ?? 0) + count;
    const cpuMicros = before === undefined ? undefined : ((cpuSeconds(target.pid) - before) * 1e6) / accepted;
    return { rate: (latencies.length / elapsed) * 1000, latencies, cpuMicros, generator: cpu };
  };
  // Opens the objects; the first time V8 also gets to know the code.
  for (const target of pair) await drive(target, target.isWarm ? SECONDS / 2 : SECONDS * 2);
  for (const target of pair) target.isWarm = true;
  const rounds = [];
  for (let number = 0; number < ROUNDS; number++) {
    const measured = {};
    for (const target of number % 2 === 0 ? pair : pair.toReversed()) measured[target.name] = await drive(target, SECONDS);
    rounds.push(measured);
  }
  const ratios = rounds.map(({ gateway, floor }) => gateway.rate / floor.rate);
  const cpuRatios = rounds.map(({ gateway, floor }) => floor.cpuMicros / gateway.cpuMicros);
  const result = {
    websites: websites.length,
    connections,
    ratio: round(median(ratios), 3),
    ratioSpread: [round(Math.min(...ratios), 3), round(Math.max(...ratios), 3)],
    cpuRatio: round(median(cpuRatios), 3),
    gateway: summary(rounds.map(({ gateway }) => gateway)),
    floor: summary(rounds.map(({ floor }) => floor)),
    accepted: seen.accepted,
    wrong: seen.wrong,
  };
  if (Object.keys(seen.wrong).length > 0) problem(`ingest, ${websites.length} websites, ${connections}: unexpected answers ${JSON.stringify(seen.wrong)}`);
  note(`ingest into ${websites.length}, ${connections} connections: ${result.gateway.rate} / ${result.floor.rate} = ${result.ratio}`);
  return result;
}

// Checks that every event answered with 200 is stored.
async function verifyIngest(websites, cases) {
  const expected = cases.reduce((sum, { accepted }) => sum + accepted, 0);
  let sessions = 0;
  for (const website of websites) sessions += (await website.report("analytics/overview"))[0].sessions;
  for (const one of cases) one.stored = { expected, sessions };
  if (sessions !== expected) problem(`ingest into ${websites.length}: ${expected} events were accepted, ${sessions} sessions are there`);
}

function summary(rounds) {
  const latencies = Float64Array.from(rounds.flatMap(({ latencies }) => [...latencies])).sort();
  const rates = rounds.map(({ rate }) => rate);
  return {
    rate: Math.round(median(rates)),
    rateSpread: [Math.round(Math.min(...rates)), Math.round(Math.max(...rates))],
    p50: round(at(latencies, 0.5), 2),
    p99: round(at(latencies, 0.99), 2),
    requests: latencies.length,
    cpuMicros: Math.round(median(rounds.map(({ cpuMicros }) => cpuMicros))),
    generator: round(Math.max(...rounds.map(({ generator }) => generator)), 2),
  };
}

// ---- Import and reports

async function measureSize(sessions, isLargest) {
  const name = `reports-${sessions}`;
  const gateway = await serve(name);
  const website = await gateway.website("example.com");
  const { id: funnelId } = await website.row("POST", "/funnels", { name: "Way in", steps: FUNNEL });
  const memory = { rssMiB: [["started", residentMiB(gateway.pid)]] };
  const remember = (what) => memory.rssMiB.push([what, residentMiB(gateway.pid)]);

  const imported = await measureImport(gateway, website, sessions);
  remember("after the import");
  // Reports by a workerd that has not just imported: what it holds then is theirs.
  await gateway.stop();
  await gateway.start();
  const asked = reports(funnelId);
  const measured = new Map();
  await request(gateway, `/api/v1/analytics/overview?websiteId=${website.id}`);
  // Now that the object runs, its alarm goes on with what the import has left, such as cutting columns.
  const workedOff = await untilIdle(gateway.pid);
  note(`${sessions} sessions: the object was at rest after ${workedOff} s`);
  remember("restarted, before the reports");
  const nothing = { key: "metadata", title: "metadata", path: "/api/v1/analytics/metadata" };
  const { body: _, ...baseline } = await measureReport(gateway, website, nothing, sessions);
  for (const report of asked) measured.set(report.key, await measureReport(gateway, website, report, sessions));
  remember("after the reports");
  // Several at once, as a dashboard asks them.
  const dashboard = await measureDashboard(gateway, website, asked);
  remember("after all reports at once, 5 times");
  await session.stop(gateway);

  const { file, native } = await measureNative(gateway.state, asked, name);
  const rows = asked.map((report) => compareReport(report, measured.get(report.key), native.reports.find(({ key }) => key === report.key), sessions));
  if (process.env.BENCH_KEEP) cpSync(file, join(process.env.BENCH_KEEP, `${name}.sqlite`)); // to look at statements
  rmSync(file, { force: true });
  if (isLargest) memory.isolate = await measureIsolate(gateway, website, asked, name);
  rmSync(gateway.state, { recursive: true, force: true });
  const { sizes } = native;
  const storage = { ...sizes, perEvent: round((sizes.file - sizes.free) / sizes.rows.events, 1), perSession: round((sizes.file - sizes.free) / sizes.rows.sessions, 1) };
  return { sessions, import: imported, workedOff, baseline, reports: rows, dashboard, storage, memory, nativeVersion: native.version };
}

// Waits until a process takes hardly any time for two seconds, and answers how many seconds that took.
async function untilIdle(pid) {
  const began = performance.now();
  for (let before = cpuSeconds(pid); before !== undefined && performance.now() - began < LONGEST_WORK_MS; ) {
    await sleep(2_000);
    const now = cpuSeconds(pid);
    if (now - before < 0.1) break;
    before = now;
  }
  return round((performance.now() - began) / 1000, 0);
}

async function measureImport(gateway, website, sessions) {
  const posts = [];
  const totals = { lines: 0, events: 0, payments: 0, bytes: 0, seconds: 0, accepted: 0 };
  const cpu = cpuSeconds(gateway.pid);
  for (const { body, lines, events, payments } of batches({ sessions, size: IMPORT_LINES })) {
    const began = performance.now();
    const answer = await fetch(`${gateway.url}/api/v1/admin/websites/${website.id}/import`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/x-ndjson" },
      body: streamOf(body),
      duplex: "half",
    });
    const text = await answer.text();
    const seconds = (performance.now() - began) / 1000;
    const result = answer.status === 200 ? JSON.parse(text).data[0] : undefined;
    if (result?.accepted !== lines) throw new Error(`the import of ${lines} lines answered ${answer.status}: ${text.slice(0, 500)}`);
    posts.push({ lines, seconds: round(seconds, 3), rate: Math.round(lines / seconds) });
    totals.lines += lines;
    totals.events += events;
    totals.payments += payments;
    totals.bytes += body.length;
    totals.seconds += seconds;
    totals.accepted += result.accepted;
    if (posts.length % 20 === 0) note(`imported ${totals.lines} lines, ${Math.round(totals.lines / totals.seconds)} a second`);
  }
  const rates = posts.map(({ rate }) => rate);
  const tenth = Math.max(1, Math.round(posts.length / 10));
  const result = {
    ...totals,
    seconds: round(totals.seconds, 2),
    rate: Math.round(totals.lines / totals.seconds),
    rateMedian: Math.round(median(rates)),
    rateSpread: [Math.min(...rates), Math.max(...rates)],
    rateOfFirstTenth: Math.round(median(rates.slice(0, tenth))),
    rateOfLastTenth: Math.round(median(rates.slice(-tenth))),
    mibPerSecond: round(totals.bytes / MIB / totals.seconds, 1),
    cpuMicros: cpu === undefined ? undefined : Math.round(((cpuSeconds(gateway.pid) - cpu) * 1e6) / totals.lines),
    posts: posts.length,
  };
  note(`import of ${sessions} sessions: ${result.lines} lines in ${result.seconds} s, ${result.rate} a second`);
  return result;
}

function streamOf(bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.buffer, bytes.byteOffset + at, Math.min(65_536, bytes.length - at)));
      at += 65_536;
    },
  });
}

async function measureReport(gateway, website, report, sessions) {
  const path = `${report.path}${report.path.includes("?") ? "&" : "?"}websiteId=${website.id}`;
  const [first, body, firstSite] = await request(gateway, path);
  if (!body) return { error: first };
  const [millis, site] = [[], []];
  const end = performance.now() + REPORT_SECONDS * 1000;
  const cpu = cpuSeconds(gateway.pid);
  while (millis.length < REQUESTS && (millis.length < 3 || performance.now() < end)) {
    const [taken, again, inside] = await request(gateway, path);
    if (!again) return { error: taken };
    millis.push(taken);
    site.push(inside);
  }
  const cpuMillis = cpu === undefined ? undefined : round(((cpuSeconds(gateway.pid) - cpu) * 1000) / millis.length, 2);
  const result = { ...spread(millis), firstMs: round(first, 2), cpuMs: cpuMillis, site: { ...spread(site), mean: round(mean(site), 2), firstMs: firstSite }, body };
  note(`${sessions} sessions, ${report.title}: ${result.p50} ms, ${result.site.mean} in the object`);
  return result;
}

// Milliseconds, the answer (undefined where it is no answer), milliseconds in the object. Never throws.
async function request(gateway, path) {
  const began = performance.now();
  try {
    const headers = { authorization: `Bearer ${gateway.token}` };
    const response = await fetch(gateway.url + path, { headers, signal: AbortSignal.timeout(300_000) });
    const text = await response.text();
    const millis = performance.now() - began;
    if (response.status !== 200) return [`${path} answered ${response.status}: ${text.slice(0, 300)}`];
    const inside = /site;dur=([\d.]+)/.exec(response.headers.get("server-timing") ?? "")?.[1];
    return [millis, JSON.parse(text), Number(inside)];
  } catch (error) {
    return [`${path}: ${error.cause ?? error}`];
  }
}

async function measureDashboard(gateway, website, asked) {
  const times = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    const paths = asked.map(({ path }) => `${path}${path.includes("?") ? "&" : "?"}websiteId=${website.id}`);
    const answers = await Promise.all(paths.map((path) => request(gateway, path)));
    times.push(performance.now() - began);
    for (const [error, body] of answers) if (!body) problem(`all reports at once: ${error}`);
  }
  return { reports: asked.length, medianMs: round(median(times), 1), maxMs: round(Math.max(...times), 1) };
}

async function measureNative(state, asked, name) {
  const [file] = objectFiles(state).sort((one, other) => statSync(other).size - statSync(one).size);
  const copy = join(folder, `${name}.sqlite`);
  for (const end of ["", "-wal"]) if (existsSync(file + end)) cpSync(file + end, copy + end);
  const worker = session.add(forkHere("site-native.mjs", { execArgv: ["--disable-warning=ExperimentalWarning"] }));
  const { child } = worker;
  const native = await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`native SQLite stopped with ${code}`)));
    const statements = asked.map(({ key, statements }) => ({ key, statements }));
    child.send({ file: copy, reports: statements, requests: REQUESTS, seconds: REPORT_SECONDS });
  });
  await session.stop(worker);
  return { file: copy, native };
}

function compareReport(report, gateway, native, sessions) {
  const row = { key: report.key, title: report.title };
  if (gateway.error) problem(`${sessions} sessions, ${report.title}: ${gateway.error}`);
  if (native.error) problem(`${sessions} sessions, ${report.title}, native: ${native.error}`);
  if (gateway.error || native.error) return { ...row, error: gateway.error ?? native.error };
  const { body, ...measured } = gateway;
  const [answered, found] = [report.answered(body), report.found(...native.rows)];
  const isSame = isDeepStrictEqual(answered, found);
  if (!isSame) problem(`${sessions} sessions, ${report.title}: answers differ: ${difference(answered, found)}`);
  const nativeTimes = spread(native.millis);
  return {
    ...row,
    gateway: measured,
    native: nativeTimes,
    ratio: round(measured.p50 / nativeTimes.p50, 3),
    siteRatio: round(measured.site.mean / mean(native.millis), 3),
    isSame,
  };
}

// Describes where two values differ.
function difference(answered, found, path = "") {
  if (isDeepStrictEqual(answered, found)) return undefined;
  if (answered === null || found === null || typeof answered !== "object" || typeof found !== "object") {
    return `${path || "answer"}: the gateway answers ${JSON.stringify(answered)}, SQL ${JSON.stringify(found)}`;
  }
  const keys = [...new Set([...Object.keys(answered), ...Object.keys(found)])];
  return keys.map((key) => difference(answered[key], found[key], `${path}.${key}`)).filter(Boolean).slice(0, 3).join("; ");
}

// The same reports by the same Worker, with a probe in it; then another import, whose memory is its own.
async function measureIsolate(gateway, website, asked, name) {
  const probe = await serveWithProbe({ state: gateway.state, folder: join(folder, `${name}-probe`), vars: VARS });
  session.add(probe);
  const target = new Gateway({ url: probe.url, token: gateway.token });
  const seen = [];
  const measure = async (isCollected = false) => {
    if (isCollected) probe.collect();
    const { wasm, heap = {} } = await probe.measure();
    const { usedSize, totalSize, embedderHeapUsedSize, backingStorageSize } = heap;
    const bytes = { wasm, heap: usedSize, heapTotal: totalSize, embedder: embedderHeapUsedSize, backing: backingStorageSize };
    const known = Object.entries(bytes).filter(([, size]) => size !== undefined);
    return Object.fromEntries(known.map(([name, size]) => [`${name}MiB`, round(size / MIB, 1)]));
  };
  const live = async () => {
    const { heapMiB, embedderMiB, backingMiB } = await measure(true);
    return { liveMiB: round((heapMiB ?? 0) + (embedderMiB ?? 0) + (backingMiB ?? 0), 1) };
  };
  const look = async (what) => seen.push({ what, ...(await measure()), ...(await live()) });
  await look("started");
  await request(target, `/api/v1/analytics/metadata?websiteId=${website.id}`);
  await look("first request");
  for (const report of asked) {
    const [error, body] = await request(target, `${report.path}${report.path.includes("?") ? "&" : "?"}websiteId=${website.id}`);
    if (!body) problem(`with the probe, ${report.title}: ${error}`);
    await look(report.title);
  }
  // A long import, and the export of the same: what they take at most while they run.
  const other = await target.website("import.example.com");
  const [{ body, lines }] = batches({ sessions: Math.ceil(PROBE_LINES / 2.5), seed: 2, size: PROBE_LINES });
  const headers = { authorization: `Bearer ${target.token}`, "content-type": "application/x-ndjson" };
  const watched = async (what, work) => {
    const most = {};
    let isDone = false;
    const working = work().finally(() => (isDone = true));
    while (!isDone) {
      await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 200))]);
      for (const [name, value] of Object.entries({ ...(await measure()), ...(await live()) })) most[name] = Math.max(most[name] ?? 0, value);
    }
    await working;
    seen.push({ what: `${what}, at most`, ...most });
    await look(`${what}, afterwards`);
  };
  await watched(`import of ${lines} lines`, async () => {
    const init = { method: "POST", headers, body: streamOf(body), duplex: "half" };
    const answer = await fetch(`${target.url}/api/v1/admin/websites/${other.id}/import`, init);
    const text = await answer.text();
    if (answer.status !== 200) problem(`with the probe, the import answered ${answer.status}: ${text.slice(0, 300)}`);
  });
  await watched("export of them", async () => {
    const answer = await fetch(`${target.url}/api/v1/admin/websites/${other.id}/export`, { headers });
    let count = 0;
    for await (const chunk of answer.body) for (const byte of chunk) if (byte === 10) count++;
    if (count !== lines) problem(`with the probe, ${lines} lines were imported, ${count} exported`);
  });
  await session.stop(probe);
  return { limitMiB: 128, seen };
}

// ---- Servers

async function serve(name) {
  return session.add(await serveGateway({ state: join(folder, name), vars: VARS }));
}

// The databases of the websites' objects.
function objectFiles(state) {
  const files = readdirSync(join(state, "v3"), { recursive: true }).map((file) => join(state, "v3", file));
  return files.filter((file) => /SiteObject[^/]*\/[0-9a-f]{64}\.sqlite$/.test(file));
}

// ---- Output

function spread(values) {
  const sorted = Float64Array.from(values).sort();
  return { p50: round(median([...sorted]), 3), p99: round(at(sorted, 0.99), 3), min: round(sorted[0], 3), count: sorted.length };
}

function shown(millis) {
  return millis.toFixed(millis >= 100 ? 0 : millis >= 10 ? 1 : 2);
}

function printIngest({ cases, rounds, seconds, storedBytes }) {
  const stored = new Map(cases.map(({ websites, stored }) => [websites, stored.sessions]));
  const events = [...stored.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\nIngestion: events a second, median of ${rounds} rounds of ${seconds} s, gateway and floor in turns`);
  table(
    ["websites", "conn", "events/s", "spread", "floor", "ratio", "spread", "aim", "p50 / p99 ms", "floor's", "CPU µs/event", "CPU ratio", "generator"],
    cases.map(({ websites, connections, gateway, floor, ...row }) => [
      ...[websites, connections, gateway.rate, gateway.rateSpread.join("…"), floor.rate, row.ratio.toFixed(2)],
      ...[row.ratioSpread.map((bound) => bound.toFixed(2)).join("…"), AIMS.get(websites)?.toFixed(2) ?? "", `${gateway.p50} / ${gateway.p99}`],
      ...[`${floor.p50} / ${floor.p99}`, `${gateway.cpuMicros} / ${floor.cpuMicros}`, row.cpuRatio.toFixed(2), Math.max(gateway.generator, floor.generator)],
    ]),
  );
  console.log(`${events} events stored in ${[...stored.keys()].join(" and ")} websites, ${Math.round(storedBytes / events)} bytes each with what a database takes anyway (every event is another visitor and session)`);
}

function printSize({ sessions, import: imported, baseline, reports, dashboard, storage, memory, nativeVersion }) {
  const { rows } = storage;
  console.log(`\n${sessions} sessions: ${rows.events} events, ${rows.visitors} visitors, ${rows.payments} payments, ${rows.contexts} contexts, ${rows.strings} strings`);
  console.log(
    `import   ${imported.rate} lines/s (${imported.mibPerSecond} MiB/s, ${imported.cpuMicros} µs CPU a line); median of ${imported.posts} posts ${imported.rateMedian}, ` +
      `${imported.rateSpread.join("…")}; first tenth ${imported.rateOfFirstTenth}, last tenth ${imported.rateOfLastTenth}`,
  );
  console.log(`stored   ${shown(storage.file / MIB)} MiB, ${storage.perEvent} bytes an event, ${storage.perSession} a session`);
  if (storage.parts.length > 0) console.log(`         ${storage.parts.slice(0, 14).map(({ name, bytes }) => `${name} ${(bytes / rows.events).toFixed(1)}`).join(", ")} (bytes an event)`);
  console.log(`\nReports, milliseconds; ratios are to native SQLite ${nativeVersion} on the same rows (below 1: the gateway is faster)`);
  table(
    ["report", "p50", "p99", "first", "n", "in object", "p99", "native p50", "p99", "ratio", "object's", "same answer"],
    reports.map((row) => {
      if (row.error) return [row.title, "failed", ...Array(10).fill("")];
      const { gateway, native } = row;
      return [
        ...[row.title, shown(gateway.p50), shown(gateway.p99), shown(gateway.firstMs), gateway.count, shown(gateway.site.mean), gateway.site.p99],
        ...[shown(native.p50), shown(native.p99), row.ratio.toFixed(2), row.siteRatio.toFixed(2), row.isSame ? "yes" : "NO"],
      ];
    }),
  );
  console.log(`beside them: metadata, which asks no website's object, ${shown(baseline.p50)} / ${shown(baseline.p99)} ms`);
  console.log(`all ${dashboard.reports} at once: ${dashboard.medianMs} ms, at most ${dashboard.maxMs}`);
  console.log(`memory   workerd's resident set: ${memory.rssMiB.map(([what, mib]) => `${what} ${mib} MiB`).join(", ")}`);
  if (memory.isolate) {
    console.log(`\nThe isolate's memory in MiB (limit ${memory.isolate.limitMiB}): wasm memory only grows, so a row's figure is the most so far; live is after a forced collection`);
    const cell = (value) => value ?? "";
    const rows = memory.isolate.seen.map((seen) => [seen.what, cell(seen.wasmMiB), cell(seen.heapMiB), cell(seen.heapTotalMiB), cell(seen.embedderMiB), cell(seen.backingMiB), cell(seen.liveMiB)]);
    table(["after", "wasm", "V8 heap used", "V8 heap", "embedder", "backing stores", "all but wasm, live"], rows);
  }
}

function printGrowth(sizes) {
  if (sizes.length < 2) return;
  console.log("\nGrowth: p50 over HTTP in milliseconds, and by how much each step multiplies it (native SQLite's in brackets)");
  const rows = sizes[0].reports.map(({ key, title }) => {
    const at = sizes.map(({ reports }) => reports.find((row) => row.key === key));
    const steps = at.slice(1).map((row, number) => {
      const before = at[number];
      if (row.error || before.error) return "";
      return `×${(row.gateway.p50 / before.gateway.p50).toFixed(1)} (${(row.native.p50 / before.native.p50).toFixed(1)})`;
    });
    return [title, ...at.map((row) => (row.error ? "failed" : shown(row.gateway.p50))), ...steps];
  });
  const steps = sizes.slice(1).map(({ sessions }, number) => `${sizes[number].sessions} → ${sessions}`);
  table(["report", ...sizes.map(({ sessions }) => String(sessions)), ...steps], rows);
}
