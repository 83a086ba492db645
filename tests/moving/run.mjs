// The programs of scripts/moving: exports of other products become import lines, which a gateway takes, and its reports say what the
// export said. The API of DataFast is stood in for by a gateway: its website is walked, imported into a second one, and the reports of
// both are compared (docs/moving.md).
//
//   scripts/run node scripts/with-gateways.mjs -- node tests/moving/run.mjs            everything
//   scripts/run node scripts/with-gateways.mjs -- node tests/moving/run.mjs umami      the checks whose name contains this

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, openAsBlob, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../../scripts/lib.mjs";
import { entries as entriesOf, lines as linesOf, rows as rowsOf } from "../../scripts/moving/products/read.mjs";
import { dayStart, eventsOf } from "../../scripts/moving/products/sums.mjs";
import { sha256 as ofBrowsers } from "../../scripts/moving/sha256.mjs";
import { sha256 as ofNode } from "../../scripts/moving/sha256.node.mjs";
import { Output, random } from "../../scripts/moving/products/write.mjs";
import { check, conclude, eventually, isWanted } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";
import { zip } from "./zip.mjs";

const FILES = join(ROOT, "tests/moving/files");
const folder = mkdtempSync(join(tmpdir(), "sluice-moving-"));
const gateway = await Gateway.given().signUp(`moving-${randomUUID()}@example.com`);
const test = async (name, body) => isWanted(name) && (await check(name, body));

// Runs a program of scripts/moving: its exit code, its lines, and what it says beside them.
function moving(program, args, { input, env, memory } = {}) {
  return new Promise((resolve) => {
    const options = memory ? [`--max-old-space-size=${memory}`] : [];
    const child = spawn("node", [...options, join(ROOT, `scripts/moving/${program}.mjs`), ...args], { env: { ...process.env, ...env } });
    const taken = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (taken[name] += text));
    child.stdin.on("error", () => {});
    if (input) input(child.stdin);
    else child.stdin.end();
    child.on("close", (code) => resolve({ code, text: taken.stdout, lines: taken.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line)), said: taken.stderr }));
  });
}

// Imports lines, twice: every line is taken, and the second time none is new.
async function imported(website, text) {
  const count = text.split("\n").filter(Boolean).length;
  for (const expected of [{ accepted: count, duplicates: 0 }, { accepted: 0, duplicates: count }]) {
    const result = await gateway.row("POST", `${website.path}/import`, text, { "content-type": "application/x-ndjson" });
    assert.deepEqual(result, { ...expected, rejected: 0, errors: [] });
  }
}

const ALL = { startAt: "2020-01-01", endAt: "2030-01-01" };
const by = async (website, path, key, query = {}) => Object.fromEntries((await website.report(`analytics/${path}`, { ...query, limit: 1000 })).map((row) => [row[key], row.completions ?? row.visitors]));
const overview = async (website, query = {}) => (await website.report("analytics/overview", query))[0];

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const gathered = async (iterator) => {
  const found = [];
  for await (const one of iterator) found.push(one);
  return found;
};
// A text in chunks of so many bytes.
async function* chunks(text, size) {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

await test("reading: rows in every spelling, however they are cut", async () => {
  const text = '\ufeffname,"note"\r\nZürich,"a ""b"", c"\r\n\n"two\nlines",\\N\n1,2,3\nx,mid"dle\n"open,never\nlast,row';
  for (const size of [1, 2, 3, 7, 1000]) {
    const found = await gathered(rowsOf(chunks(text, size)));
    assert.deepEqual(found.map(({ line, row, header, fault }) => [line, header ?? row ?? fault]), [
      [1, ["name", "note"]], [2, { name: "Zürich", note: 'a "b", c' }], [4, { name: "two\nlines", note: "" }], [6, "expected 2 cells, as the header has, got 3"],
      [7, { name: "x", note: 'mid"dle' }], [8, "a quote is opened and not closed"], [9, { name: "last", note: "row" }],
    ]);
    const plain = await gathered(linesOf(chunks("\ufeffé\r\n\nz", size)));
    assert.deepEqual(plain, [{ line: 1, text: "é" }, { line: 2, text: "" }, { line: 3, text: "z" }]);
  }
  // What is longer than any row costs its own line only.
  const long = await gathered(linesOf(chunks(`${"x".repeat(3 << 20)}\nshort`, 65_536)));
  assert.deepEqual(long.map(({ line, fault }) => [line, fault]), [[1, "longer than 1 MiB"], [2, undefined]]);
  const open = await gathered(rowsOf(chunks(`a\n"${"x\n".repeat(1 << 20)}`, 65_536)));
  assert.deepEqual(open.filter(({ fault }) => fault).map(({ line }) => line), [2]);
  assert.equal(open.length, (1 << 20) + 1);
});

await test("the digests of Node and of browsers are the same", () => {
  for (const text of ["", "a", "Zürich", "x".repeat(300)]) assert.deepEqual(ofBrowsers(text), ofNode(text));
});

await test("sums: whatever the visits were, the events made of them add up to the same tables", () => {
  const PATHS = ["/", "/a", "/b", "/c d"];
  for (let seed = 0; seed < 60; seed += 1) {
    const chance = random(`sums ${seed}`);
    const people = 1 + chance(40);
    // Visits as they were.
    const visits = Array.from({ length: people + chance(people + 1) }, (_, visit) => {
      const person = visit < people ? visit : chance(people);
      const pages = Array.from({ length: 1 + chance(4) }, () => PATHS[chance(PATHS.length)]);
      return { person, pages, country: ["DE", "US", "FR"][person % 3], device: ["desktop", "mobile"][(person + chance(2)) % 2], seconds: pages.length > 1 ? chance(600) : 0 };
    });
    const table = (of, value) => {
      const groups = Map.groupBy(visits, of);
      return [...groups].map(([key, list]) => ({ value: value(key), visits: list.length, visitors: new Set(list.map(({ person }) => person)).size }));
    };
    const views = Map.groupBy(visits.flatMap(({ pages }) => pages), (path) => path);
    const goal = { value: { name: "signup", properties: {} }, visitors: 1 + chance(people), events: people + chance(20) };
    const day = {
      date: "2026-03-29", visitors: people, visits: visits.length, pageviews: visits.reduce((sum, { pages }) => sum + pages.length, 0),
      bounces: visits.filter(({ pages }) => pages.length === 1).length, seconds: visits.reduce((sum, { seconds }) => sum + seconds, 0),
      parts: {
        page: [...views].map(([path, list]) => ({ value: { path }, pageviews: list.length })), entry: table(({ pages }) => pages[0], (key) => key), exit: table(({ pages }) => pages.at(-1), (key) => key),
        location: table(({ country }) => country, (country) => ({ country })), device: table(({ device }) => device, (device) => ({ device })), goal: [goal],
      },
    };
    const site = { domain: "example.com", timezone: "Europe/Berlin", product: "plausible" };
    const made = [...eventsOf(day, site, new Output())];
    const seen = Map.groupBy(made.filter(({ type }) => type === "pageview"), ({ sessionId }) => sessionId);
    const first = [...seen.values()].map(([line]) => line);
    const sums = (list, of) => Object.fromEntries([...Map.groupBy(list, of)].map(([key, found]) => [key, found.length]).sort());
    const told = (name, key = (value) => value) => Object.fromEntries(day.parts[name].map(({ value, visits, pageviews }) => [key(value), visits ?? pageviews]).sort());
    const path = ({ href }) => decodeURI(new URL(href).pathname);
    const where = `seed ${seed}`;
    assert.deepEqual([new Set(made.map(({ visitorId }) => visitorId)).size, seen.size], [people, visits.length], where);
    assert.deepEqual(sums(made.filter(({ type }) => type === "pageview"), path), told("page", (value) => value.path), where);
    assert.deepEqual(sums(first, path), told("entry"), where);
    for (const name of ["country", "device"]) assert.deepEqual(sums(first, (line) => line[name]), told(name === "country" ? "location" : name, (value) => value[name]), where);
    assert.equal([...seen.values()].filter((lines) => lines.length === 1).length, day.bounces, where);
    const lengths = [...seen.values()].map((lines) => Date.parse(lines.at(-1).timestamp) - Date.parse(lines[0].timestamp));
    assert.ok(Math.abs(lengths.reduce((sum, one) => sum + one, 0) - day.seconds * 1000) <= visits.length, where);
    const goals = made.filter(({ type }) => type === "custom");
    assert.deepEqual([goals.length, new Set(goals.map(({ visitorId }) => visitorId)).size], [goal.events, goal.visitors], where);
    // A day of 23 hours, within which everything is.
    const [start, end] = [dayStart("2026-03-29", site.timezone), dayStart("2026-03-30", site.timezone)];
    assert.equal(end - start, 23 * 3_600_000);
    assert.ok(made.every(({ timestamp }) => Date.parse(timestamp) >= start && Date.parse(timestamp) < end), where);
    assert.equal(new Set(made.map(({ id }) => id)).size, made.length, where);
    // Who comes twice comes from one country, as they did.
    const places = Map.groupBy(first, ({ visitorId }) => visitorId);
    const many = [...places.values()].filter((lines) => new Set(lines.map(({ country }) => country)).size > 1).length;
    assert.ok(many <= 1 + people / 8, `${where}: ${many} of ${people} visitors come from several countries`);
    assert.deepEqual([...eventsOf(day, site, new Output())], made, "and again the same");
  }
});

await test("umami: rows of its cloud", async () => {
  const [file, rejects] = [join(FILES, "umami-cloud.csv"), join(folder, "rejects.csv")];
  const own = ["--domain", "shop.example.com", "--website", "86d4095c-a2a8-4fc8-9521-103e858e2b41"];
  const made = await moving("umami", [file, ...own, "--rejects", rejects]);
  assert.equal(made.code, 1, made.said);
  assert.match(made.said, /umami-cloud\.csv:3: created_at: expected a time, got "yesterday"\numami-cloud\.csv:6: expected 24 cells, as the header has, got 2\numami-cloud\.csv:7: a quote is opened and not closed\n/);
  assert.match(made.said, /Left out: 1 measurements of performance\.\nLeft out: 1 rows of other websites\.\nThe goal "Sign Up" is called "sign_up"\./);
  assert.match(made.said, /Not told by the export: visitors beyond a month/);
  const source = readFileSync(file, "utf8").split("\n");
  assert.deepEqual(readFileSync(rejects, "utf8").trimEnd().split("\n"), [source[2], source[5], source[6]]);
  const website = await gateway.website("shop.example.com");
  await imported(website, made.text);
  const { visitors, sessions, pageviews } = await overview(website);
  assert.deepEqual({ visitors, sessions, pageviews }, { visitors: 2, sessions: 2, pageviews: 3 });
  assert.deepEqual(await by(website, "goals", "goal"), { sign_up: 1 });
  assert.deepEqual(await by(website, "pages", "path"), { "/pricing": 1, "/": 1, "/docs": 1 });
  assert.deepEqual(await by(website, "referrers", "referrer"), { Google: 1, "Direct/None": 1 });
  assert.deepEqual(await by(website, "regions", "region"), { California: 1, "Île-de-France": 1 });
  assert.deepEqual(await by(website, "browsers", "browser"), { Chrome: 1, Safari: 1 });
  assert.deepEqual(await by(website, "devices", "device"), { desktop: 1, mobile: 1 });
  // Packed, and through a pipe, it is the same.
  const packed = join(folder, "rows.csv.gz");
  writeFileSync(packed, gzipSync(readFileSync(file)));
  assert.equal((await moving("umami", [packed, ...own])).text, made.text);
  const archive = join(folder, "export.zip");
  writeFileSync(archive, zip([["website_event.csv", readFileSync(file)], ["session.csv", Buffer.from("session_id,browser\n1,chrome\n")]], { isPacked: true }));
  const unzipped = await moving("umami", [archive, ...own]);
  assert.equal(unzipped.text, made.text);
  assert.match(unzipped.said, /Left out: 1 file that is not known: session\.csv\./);
  assert.equal((await moving("umami", ["-", ...own], { input: (stdin) => stdin.end(readFileSync(file)) })).text, made.text);
});

await test("umami: rows of a database, with goals' properties, revenue and names", async () => {
  const made = await moving("umami", [join(FILES, "umami-database.csv"), "--domain", "shop.example.com"]);
  assert.equal(made.code, 1, made.said);
  assert.match(made.said, /umami-database\.csv:4: event_data: expected an object of JSON, got "\{plan"/);
  const website = await gateway.website("umami.example.com");
  await imported(website, made.text);
  const properties = await website.report("analytics/goals/properties", { eventName: "checkout:_done", propertyName: "plan" });
  assert.match(JSON.stringify(properties), /"pro"/);
  assert.deepEqual([(await overview(website)).revenue, (await overview(website)).visitors], [49.5, 1]);
  const [visitor] = await website.report("visitors", {});
  const { profile } = (await gateway.json("GET", `/api/v1/visitors/${visitor.visitorId}?websiteId=${website.id}`)).data;
  assert.equal(profile.userId, "jane@example.com");
  assert.equal((await website.report("analytics/campaigns", {}))[0].campaign.utm_campaign, "spring");
});

await test("umami: sums are no events", async () => {
  const made = await moving("umami", [join(FILES, "umami-sums.csv"), "--domain", "shop.example.com"]);
  assert.deepEqual([made.code, made.text], [2, ""]);
  assert.match(made.said, /Sums are no events: export the events/);
});

await test("umami: a file of any size passes through little memory", async () => {
  const [header, row] = readFileSync(join(FILES, "umami-cloud.csv"), "utf8").split("\n");
  const count = 100_000;
  const feed = async (stdin) => {
    stdin.write(`${header}\n`);
    for (let index = 0; index < count; index += 1000) {
      const block = Array.from({ length: 1000 }, (_, one) => row.replace("eb102a13", (index + one).toString(16).padStart(8, "0"))).join("\n");
      if (!stdin.write(`${block}\n`)) await new Promise((resolve) => stdin.once("drain", resolve));
    }
    stdin.end();
  };
  const child = await new Promise((resolve) => {
    const program = spawn("node", ["--max-old-space-size=32", join(ROOT, "scripts/moving/umami.mjs"), "-", "--domain", "shop.example.com"]);
    let [newlines, bytes, said] = [0, 0, ""];
    program.stdout.on("data", (chunk) => {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) newlines += 1;
    });
    program.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    program.stdin.on("error", () => {});
    program.on("close", (code) => resolve({ code, newlines, bytes, said }));
    feed(program.stdin);
  });
  assert.deepEqual([child.code, child.newlines], [0, count], child.said);
  return `${Math.round(child.bytes / 1e6)} MB`;
});

await test("ga4: events of BigQuery", async () => {
  const made = await moving("ga4", [join(FILES, "ga4-events.json"), "--domain", "shop.example.com"]);
  assert.equal(made.code, 1, made.said);
  assert.match(made.said, /ga4-events\.json:5: no JSON: .*\nga4-events\.json:11: event_timestamp: expected microseconds, got "soon"\nga4-events\.json:13: expected a JSON object\n/);
  assert.match(made.said, /Left out: 1 events "session_start"\.\nLeft out: 1 events without a visitor \(user_pseudo_id\)\.\nLeft out: 1 events of apps \(ANDROID\)\./);
  const website = await gateway.website("ga4.example.com");
  await imported(website, made.text);
  const { visitors, sessions, pageviews, payments } = await overview(website);
  assert.deepEqual({ visitors, sessions, pageviews, payments }, { visitors: 2, sessions: 2, pageviews: 3, payments: 1 });
  assert.deepEqual(await by(website, "goals", "goal"), { generate_lead: 1 });
  assert.deepEqual(await by(website, "countries", "country"), { Germany: 1, Türkiye: 1 });
  assert.deepEqual(await by(website, "exit-clicks", "url"), { "https://partner.example/x": 1 });
  const paid = made.lines.filter(({ type }) => type === "payment").map(({ extraData }) => [extraData.amount, extraData.currency, extraData.refunded ?? false]);
  assert.deepEqual(paid, [[49.5, "EUR", false], [10, "EUR", true]]);
  assert.deepEqual(made.lines[0].adClickIds, { gclid: "Cj0x" });
});

// The sums of a day are what its reports say.
async function hasDay(website, day, { visitors, sessions, pageviews, bounces, seconds }) {
  const found = await overview(website, { startAt: day, endAt: day });
  assert.deepEqual([day, found.visitors, found.sessions, found.pageviews], [day, visitors, sessions, pageviews]);
  if (bounces !== undefined) assert.ok(Math.abs(found.bounce_rate - (100 * bounces) / sessions) < 0.01, `${day}: ${found.bounce_rate}`);
  if (seconds !== undefined) assert.ok(Math.abs(found.avg_session_duration - (1000 * seconds) / sessions) < 50, `${day}: ${found.avg_session_duration}`);
}

const dayOnly = (day) => ({ startAt: day, endAt: day });

await test("ga4: reports of days", async () => {
  const reports = ["days", "pages", "countries", "sources", "goals"].map((name) => join(FILES, `ga4-${name}.csv`));
  const made = await moving("ga4", [...reports, "--domain", "shop.example.com", "--timezone", "America/New_York"]);
  assert.equal(made.code, 1, made.said);
  assert.match(made.said, /ga4-countries\.csv:5: sessions: expected a number, got "two"/);
  assert.match(made.said, /Left out: 1 rows of days that have no totals/);
  assert.match(made.said, /Not told by the export: times of day, journeys/);
  const website = await gateway.website("ga4-days.example.com");
  await gateway.json("PUT", website.path, { timezone: "America/New_York" });
  await imported(website, made.text);
  await hasDay(website, "2026-03-01", { visitors: 8, sessions: 10, pageviews: 25, bounces: 4, seconds: 305 });
  await hasDay(website, "2026-03-02", { visitors: 4, sessions: 4, pageviews: 4, seconds: 0 });
  await hasDay(website, "2026-03-03", { visitors: 1, sessions: 2, pageviews: 6, bounces: 0, seconds: 120 });
  assert.deepEqual(await by(website, "countries", "country", dayOnly("2026-03-01")), { Germany: 5, "United States of America": 3 });
  assert.deepEqual(await by(website, "goals", "goal"), { generate_lead: 4 });
  assert.equal((await overview(website, { ...dayOnly("2026-03-01"), filter_utm_campaign: "spring" })).sessions, 5);
  const none = await moving("ga4", [reports[1], "--domain", "shop.example.com"]);
  assert.deepEqual([none.code, none.said.split("\n")[0]], [2, "a report of the days is needed: date, sessions, totalUsers, screenPageViews and no other dimension"]);
});

await test("plausible: the zip of an export", async () => {
  const names = readdirSync(join(FILES, "plausible"));
  const files = names.map((name) => [name, readFileSync(join(FILES, "plausible", name))]);
  const [stored, packed] = [join(folder, "stored.zip"), join(folder, "packed.zip")];
  writeFileSync(stored, zip(files));
  writeFileSync(packed, zip(files, { isPacked: true }));
  const large = join(folder, "large.zip");
  writeFileSync(large, zip(files, { isLarge: true }));
  const [plain] = [...(await entriesOf(await openAsBlob(large), large)).values()];
  assert.equal(Buffer.concat(await gathered(plain())).toString(), files[0][1].toString());
  const own = ["--domain", "shop.example.com", "--timezone", "Europe/Berlin"];
  const made = await moving("plausible", [stored, ...own]);
  assert.equal(made.code, 1, made.said);
  assert.match(made.said, /imported_sources_20260301_20260303\.csv:7: expected 13 cells, as the header has, got 2/);
  assert.match(made.said, /imported_custom_events_20260301_20260303\.csv:7: events: expected a number, got "-1"/);
  assert.match(made.said, /Not told by the export: times of day, journeys/);
  assert.equal((await moving("plausible", [packed, ...own])).text, made.text, "packed, it is the same");
  const website = await gateway.website("plausible.example.com");
  await gateway.json("PUT", website.path, { timezone: "Europe/Berlin" });
  await imported(website, made.text);
  await hasDay(website, "2026-03-01", { visitors: 30, sessions: 40, pageviews: 75, bounces: 12, seconds: 4000 });
  await hasDay(website, "2026-03-02", { visitors: 5, sessions: 5, pageviews: 5, bounces: 5, seconds: 0 });
  await hasDay(website, "2026-03-03", { visitors: 3, sessions: 4, pageviews: 9, bounces: 1, seconds: 600 });
  // Each table of a day, as the lines and the reports have it.
  const first = made.lines.filter(({ id }) => id.startsWith("plausible-2026-03-01"));
  const count = (list, of) => list.reduce((counts, one) => ({ ...counts, [of(one)]: (counts[of(one)] ?? 0) + 1 }), {});
  const views = first.filter(({ type }) => type === "pageview");
  const visits = [...new Map(views.map((line) => [line.sessionId, line])).values()];
  const entries = visits.map(({ sessionId }) => views.filter((line) => line.sessionId === sessionId));
  const path = ({ href }) => decodeURI(new URL(href).pathname);
  assert.deepEqual(count(views, path), { "/": 40, "/pricing, plans": 35 });
  assert.deepEqual(count(visits, ({ device }) => device), { desktop: 25, mobile: 15 });
  assert.deepEqual(count(visits, ({ country }) => country), { DE: 26, US: 13, undefined: 1 });
  assert.deepEqual(count(entries, ([line]) => path(line)), { "/": 28, "/pricing, plans": 12 });
  assert.deepEqual(count(entries, (lines) => path(lines.at(-1))), { "/": 18, "/pricing, plans": 22 });
  const visitors = async (name, key) => by(website, name, key, dayOnly("2026-03-01"));
  assert.deepEqual(await visitors("countries", "country"), { Germany: 20, "United States of America": 9 });
  assert.deepEqual(await visitors("goals", "goal"), { signup: 6, 404: 1 });
  assert.deepEqual(await visitors("exit-clicks", "url"), { "https://partner.example/": 2 });
  const [signup] = await website.report("analytics/goals", { ...dayOnly("2026-03-01"), filter_goal: "signup" });
  assert.equal(signup.visitors, 4);
  assert.equal((await overview(website, { ...dayOnly("2026-03-01"), filter_utm_campaign: "spring" })).sessions, 5);
  const broken = join(folder, "broken.zip");
  writeFileSync(broken, readFileSync(stored).subarray(0, 2000));
  assert.match((await moving("plausible", [broken, ...own])).said, /is no zip, or its end is missing/);
});

// ── DataFast ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// A website with all that its API tells, at the domain.
async function story() {
  const website = await gateway.website();
  const visitors = Array.from({ length: 24 }, () => randomUUID());
  const at = (day, minute) => new Date(Date.UTC(2026, 4, day, 9, minute)).toISOString();
  const lines = [];
  const add = (line) => lines.push({ id: `story-${lines.length}`, ...line });
  visitors.forEach((visitorId, index) => {
    const client = {
      visitorId, country: ["DE", "US", "FR"][index % 3], region: ["DE-BE", "US-CA", "FR-IDF"][index % 3], city: ["Berlin", "Fresno", "Paris"][index % 3],
      browser: ["Chrome", "Safari"][index % 2], os: ["Windows", "Mac OS"][index % 2], device: ["desktop", "mobile", "tablet"][index % 3], viewport: { width: 1280, height: 720 },
    };
    const first = { ...client, sessionId: `a${index}`, referrer: ["https://www.google.com/", "https://news.ycombinator.com/item?id=1", null, "https://blog.partner.example/post"][index % 4] };
    const campaign = index % 4 === 2 ? "?utm_source=newsletter&utm_medium=email&ref=friend" : "";
    add({ ...first, timestamp: at(1 + (index % 5), index), type: "pageview", href: `https://${website.domain}/${campaign}` });
    if (index % 2) add({ ...first, timestamp: at(1 + (index % 5), index + 2), type: "pageview", href: `https://${website.domain}/pricing` });
    if (index % 3 === 0) add({ ...first, timestamp: at(1 + (index % 5), index + 3), type: "custom", href: `https://${website.domain}/pricing`, extraData: { eventName: "signup", plan: index % 2 ? "pro" : "free" } });
    if (index % 4 === 0) add({ ...client, sessionId: `b${index}`, referrer: null, timestamp: at(11 + (index % 5), index), type: "pageview", href: `https://${website.domain}/docs/start` });
    if (index % 5 === 0) add({ timestamp: at(12, index), type: "payment", extraData: { amount: 10 + index, currency: "USD", transaction_id: `t${index}`, datafast_visitor_id: visitorId } });
    if (index === 7) add({ timestamp: at(13, 0), type: "custom", visitorId, description: "From the server", extraData: { eventName: "activated", seats: 3 } });
    if (index === 8) add({ timestamp: at(13, 0), type: "payment", extraData: { amount: 0, currency: "USD", transaction_id: "trial", is_free_trial: true, datafast_visitor_id: visitorId } });
    if (index === 9) add({ timestamp: at(13, 0), type: "identify", visitorId, extraData: { user_id: "jane", plan: "pro" } });
  });
  const { rejected, errors } = await website.row("POST", "/import", lines.map((line) => JSON.stringify(line)).join("\n"));
  assert.equal(rejected, 0, JSON.stringify(errors));
  return { website, visitors };
}

const REPORTS = [
  "overview", "timeseries?interval=day&fields=visitors,sessions,pageviews,revenue,payments", "pages", "entry-pages", "referrers", "channels", "countries", "regions", "cities", "devices", "browsers", "operating-systems", "hostnames", "campaigns", "goals",
  "goals/properties?eventName=signup&propertyName=plan",
];

async function reportsOf(website) {
  const found = {};
  for (const report of REPORTS) {
    const [path, query] = report.split("?");
    const rows = await website.report(`analytics/${path}`, { ...Object.fromEntries(new URLSearchParams(query)), startAt: "2026-05-01", endAt: "2026-05-31", limit: 100 });
    found[report] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

const walk = (args, from = gateway.url) => moving("datafast", ["--to", folder, "--from", from, "--per-minute", "100000", ...args], { env: { DATAFAST_TOKEN: gateway.token } });

await test("datafast: a website is walked, imported into another, and their reports are the same", async () => {
  const { website, visitors } = await story();
  const made = await walk(["--website", website.domain]);
  assert.equal(made.code, 0, made.said);
  assert.match(made.said, new RegExp(`${website.domain}: 24 visitors, of 24 that the overview counts`));
  assert.match(made.said, /Not told by the export: payments that no visitor is known of/);
  const [lines, journal] = ["ndjson", "done"].map((kind) => join(folder, `${website.domain}.${kind}`));
  const whole = readFileSync(lines, "utf8");
  const second = await gateway.website();
  // The second has another domain; its own is no referrer there, and pages are those of the first.
  await imported(second, whole);
  assert.deepEqual(await reportsOf(second), await reportsOf(website));
  const detail = async (of, visitor) => (await gateway.json("GET", `/api/v1/visitors/${visitor}?websiteId=${of.id}`)).data;
  for (const visitor of [7, 8, 9].map((index) => visitors[index])) {
    const [one, other] = [await detail(website, visitor), await detail(second, visitor)];
    for (const part of ["identity", "profile"]) assert.deepEqual(other[part], one[part], part);
    for (const part of ["visitCount", "pageViewCount", "visitedPages", "completedGoals", "completedCustomGoals"]) assert.deepEqual(other.activity[part], one.activity[part], part);
  }
  // A stop in the middle of a visitor: what is there of it is written anew, and nobody is asked for twice.
  const done = readFileSync(journal, "utf8").split("\n");
  writeFileSync(journal, `${done.slice(0, 10).join("\n")}\n${done[10].slice(0, 20)}`);
  truncateSync(lines, Number(done[10].split(" ")[1].slice(0, -1)) - 7);
  const again = await walk(["--website", website.domain]);
  assert.equal(again.code, 0, again.said);
  assert.match(again.said, /10 visitors are there already/);
  const sorted = (text) => text.split("\n").sort();
  assert.deepEqual(sorted(readFileSync(lines, "utf8")), sorted(whole));
  assert.match(again.said, /\n18 requests\n/); // websites, 14 visitors, the list twice, the overview: and none for those who are there
  assert.equal((await walk(["--website", "nowhere.example"])).code, 2);
  // A website's key tells the same.
  const { key } = await website.row("POST", "/apikeys", { name: "Moving" });
  const byKey = join(folder, "by-key");
  const keyed = await moving("datafast", ["--to", byKey, "--from", gateway.url, "--per-minute", "100000"], { env: { DATAFAST_TOKEN: key } });
  assert.equal(keyed.code, 0, keyed.said);
  assert.deepEqual(sorted(readFileSync(join(byKey, `${website.domain}.ndjson`), "utf8")), sorted(whole));
});

// An API that misbehaves: refuses for a while in each of its ways, breaks, and tells odd things.
await test("datafast: it keeps to the limit, waits as long as it is told, and goes on", async () => {
  const asked = [];
  const visitorId = randomUUID();
  const visitor = { visitorId, activity: { pageViewCount: 3, visitedPages: [{ url: "example.com/", timestamp: "2026-05-01T10:00:00Z" }], completedGoals: [{ name: "payment", origin: "payment_provider", timestamp: "2026-05-01T10:05:00Z" }] } };
  const odd = { visitorId: randomUUID(), activity: { visitedPages: [{ url: "example.com/", timestamp: "never" }] } };
  const refusals = [
    (reset) => [429, { limit: 60, remaining: 0, reset: Math.ceil(reset / 1000) }],
    (reset) => [429, { limit: 60, remaining: 0, reset }],
    () => [503, { status: "error" }],
  ];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const answer = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    asked.push({ pathname, time: Date.now() });
    const refusal = pathname === "/api/v1/visitors" && refusals.shift();
    if (refusal) return answer(...refusal(Date.now() + 1500));
    if (pathname === "/api/v1/admin/websites") return answer(200, { status: "success", data: [{ _id: "665f0b3c4d2e1a0012345678", domain: "../example.com" }] });
    if (pathname === "/api/v1/visitors") return answer(200, { status: "success", data: [{ visitorId }, { visitorId: odd.visitorId }, { visitorId: "gone" }], pagination: { hasMore: false } });
    if (pathname.endsWith(visitorId)) return answer(200, { status: "success", data: visitor });
    if (pathname.endsWith(odd.visitorId)) return answer(200, { status: "success", data: odd });
    if (pathname.endsWith("overview")) return answer(200, { status: "success", data: [{ visitors: 2 }] });
    answer(404, { status: "error", error: { code: 404, message: "not here" } });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const made = await walk([], `http://127.0.0.1:${server.address().port}`);
    assert.equal(made.code, 1, made.said);
    const lists = asked.filter(({ pathname }) => pathname === "/api/v1/visitors").map(({ time }) => time);
    assert.equal(lists.length, 5, "three refusals, and the list twice");
    assert.ok(lists[1] - lists[0] >= 900 && lists[2] - lists[1] >= 1400, `${lists.map((time) => time - lists[0])}`);
    assert.match(made.said, new RegExp(`665f0b3c4d2e1a0012345678:${odd.visitorId}: expected a moment, got "never"`));
    assert.match(made.said, /Left out: 2 pageviews that the API counts, but does not list\.\nLeft out: 1 payments of which the API tells no amount\.\nLeft out: 1 visitors who are in the list and have no detail\./);
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith("665f")).sort(), ["665f0b3c4d2e1a0012345678.done", "665f0b3c4d2e1a0012345678.ndjson"]);
    // Two a minute: the third request waits.
    const before = asked.length;
    const slow = spawn("node", [join(ROOT, "scripts/moving/datafast.mjs"), "--to", join(folder, "slow"), "--from", `http://127.0.0.1:${server.address().port}`, "--per-minute", "2"], { env: { ...process.env, DATAFAST_TOKEN: "dft_x" } });
    await eventually(() => asked.length >= before + 2);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    slow.kill();
    assert.equal(asked.length, before + 2);
    // A token that is none ends it at once.
    const wrong = await moving("datafast", ["--to", folder, "--from", gateway.url], { env: { DATAFAST_TOKEN: "dft_wrong" } });
    assert.deepEqual([wrong.code, wrong.said.split(":")[0]], [2, "GET /admin/websites"]);
    assert.equal((await moving("datafast", [], { env: { DATAFAST_TOKEN: "" } })).code, 2);
  } finally {
    server.close().closeAllConnections();
  }
});

rmSync(folder, { recursive: true, force: true });
process.exit(conclude() ? 0 : 1);
