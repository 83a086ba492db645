import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zip } from "../moving/zip.mjs";
import { narrowed } from "./events.mjs";
import { accessible, eventually, NOW, Owner, settled, test } from "./harness.mjs";

const DAY_MS = 86_400_000;

// Lines of pageviews, each of a visitor of its own; `wrong` are numbers of lines that are no events.
function lines(count, wrong = [], filler = "") {
  return Array.from({ length: count }, (_, at) => {
    if (wrong.includes(at + 1)) return `{"id":"w${at}","type":"<img src=x>"}`;
    const timestamp = new Date(NOW - DAY_MS - at * 1_000).toISOString();
    const href = `https://acme.example.com/${filler}`;
    return JSON.stringify({ id: `e${at}`, timestamp, type: "pageview", href, visitorId: randomUUID(), sessionId: `s${at}` });
  });
}

async function site(visit, token) {
  const owner = await Owner.signUp();
  const website = await owner.website("acme.example.com");
  const context = await visit.browser(token ? { token: await narrowed(owner, token) } : { owner });
  const page = await visit.open(context, `/console/w/${website.id}/settings?tab=data`);
  await settled(page);
  const section = page.getByRole("region", { name: "Bring the past in" });
  const choose = (file, label = "File") => section.getByLabel(label, { exact: true }).setInputFiles(file);
  const visitors = async () => {
    const query = `websiteId=${website.id}&startAt=${new Date(NOW - 40 * DAY_MS).toISOString()}&endAt=${new Date(NOW).toISOString()}`;
    return (await owner.api.row("GET", `/api/v1/analytics/overview?${query}`)).visitors;
  };
  return { owner, website, context, page, section, choose, visitors };
}

// A file is the same one after a reload if its time is.
const folder = mkdtempSync(join(tmpdir(), "sluice-import-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
function fileOf(name, content) {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test("import: a file goes up in parts, and each wrong line is named with its number in the file", async (visit) => {
  const { page, section, choose, visitors } = await site(visit);
  const wrong = [2, 12_000];
  const text = lines(12_000, wrong, "x".repeat(700)).join("\n");
  assert.ok(text.length > 9 << 20);
  await choose(fileOf("past.ndjson", text));
  await section
    .getByText("All of past.ndjson is in: 12,000 lines, 11,998 new, 0 here before, 2 rejected.")
    .waitFor({ timeout: 60_000 });
  const rows = await section.locator("tbody tr").allInnerTexts();
  assert.deepEqual(
    rows.map((row) => row.split(/\s/)[0]),
    ["2", "12,000"],
  );
  const posts = visit.calls.filter(({ method, path }) => method === "POST" && path.endsWith("/import"));
  assert.equal(posts.length, 3);
  assert.equal(await visitors(), 11_998);
  await accessible(page, "after an import");
  // The same file once more changes nothing, packed or not.
  await choose(fileOf("past.ndjson.gz", gzipSync(text)), "Another file");
  await section.getByText("12,000 lines, 0 new, 11,998 here before, 2 rejected.").waitFor({ timeout: 60_000 });
  assert.equal(await visitors(), 11_998);
});

test("import: after a reload the same file goes on where it was, and nothing is sent twice", async (visit) => {
  const { page, context, section, choose, visitors } = await site(visit);
  const text = lines(18_000, [17_999], "x".repeat(700)).join("\n");
  const file = fileOf("long.ndjson", text);
  let taken = 0;
  await context.route("**/import", async (route) => {
    taken += 1;
    if (taken === 3) await new Promise(() => {}); // the page is reloaded before this one is answered
    await route.continue();
  });
  await choose(file);
  await eventually(() => taken === 3);
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await context.unroute("**/import"); // it lets go of what it holds: before the reload, that would still be sent
  await section.getByText(/The import of long\.ndjson was interrupted after [\d,]+ lines/).waitFor();
  await accessible(page, "an import that was interrupted");
  const before = visit.calls.length;
  await choose(file);
  await section
    .getByText("All of long.ndjson is in: 18,000 lines, 17,999 new, 0 here before, 1 rejected.")
    .waitFor({ timeout: 60_000 });
  const posts = visit.calls.slice(before).filter(({ method, path }) => method === "POST" && path.endsWith("/import"));
  assert.equal(posts.length, Math.ceil(text.length / (4 << 20)) - 2);
  assert.equal(await section.locator("tbody tr td").first().textContent(), "17,999");
  assert.equal(await visitors(), 17_999);
});

test("import: a gateway that refuses for a moment is asked again, and whoever stops it can go on", async (visit) => {
  const { context, section, choose, visitors, page } = await site(visit);
  visit.expect(429, "/import");
  visit.expect(503, "/import");
  const refusals = [
    { status: 503, json: { status: "error", error: { code: 503, message: "not now" } } },
    { status: 429, headers: { "retry-after": "1" }, json: { status: "error", error: { code: 429, message: "too many" } } },
  ];
  let held;
  await context.route("**/import", async (route) => {
    const refusal = refusals.shift();
    if (refusal) return route.fulfill(refusal);
    if (held === undefined) return new Promise((resolve) => (held = resolve));
    return route.continue();
  });
  await choose(fileOf("some.ndjson", lines(10).join("\n")));
  await section.getByText("It goes on by itself in a moment.").waitFor();
  await eventually(() => held !== undefined);
  // It goes on while another page is looked at, and is still there afterwards.
  await page.getByRole("link", { name: "Exclusions" }).click();
  await page.getByLabel("Addresses").waitFor();
  await page.goBack();
  await section.getByRole("button", { name: "Stop" }).click();
  await section.getByRole("button", { name: "Go on" }).click();
  await section.getByText("10 lines, 10 new, 0 here before, 0 rejected.").waitFor();
  assert.equal(await visitors(), 10);
});

test("import: what is no file of JSON lines is named, and nothing is sent", async (visit) => {
  const { page, section, choose } = await site(visit);
  const before = visit.calls.filter(({ method }) => method === "POST").length;
  await choose(fileOf("table.csv", "id,time\n1,2\n"));
  await section.getByText("table.csv is no file of JSON lines: its first line is no JSON object.").waitFor();
  await accessible(page, "a file of another kind");
  await choose(fileOf("<b>.ndjson", "[{}]"), "Another file");
  await section.getByText("<b>.ndjson is one JSON list").waitFor();
  await choose(fileOf("broken.gz", Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(40)])), "Another file");
  await section.getByText("The file could not be read").waitFor();
  assert.equal(visit.calls.filter(({ method }) => method === "POST").length, before);
});

// ---- Exports of other products

const ROOT = new URL("../../", import.meta.url).pathname;
const FILES = join(ROOT, "tests/moving/files");
const REPORTS = ["overview", "timeseries?interval=day&fields=visitors,sessions,pageviews,revenue", "pages", "entry-pages", "referrers", "countries", "devices", "browsers", "campaigns", "goals", "exit-clicks"]; // biome-ignore format: a list

// The lines that the command makes of the same files (docs/moving.md).
function commanded(program, files, ...options) {
  const { stdout } = spawnSync("node", [join(ROOT, `scripts/moving/${program}.mjs`), ...files, ...options], {
    maxBuffer: 1 << 28,
  });
  return stdout.toString();
}

// What the page has imported is what the command's lines are: line by line, and in every report.
async function isAsCommanded({ owner, website }, expected) {
  const count = expected.trimEnd().split("\n").length;
  const path = (of) => `/api/v1/admin/websites/${of.id}/import`;
  const again = await owner.api.row("POST", path(website), expected);
  assert.deepEqual(again, { accepted: 0, duplicates: count, rejected: 0, errors: [] });
  const other = await owner.website(website.domain.replace("acme", `other-${randomUUID().slice(0, 8)}`));
  assert.equal((await owner.api.row("POST", path(other), expected)).accepted, count);
  for (const report of REPORTS) {
    const [name, query] = report.split("?");
    const rows = (of) => {
      const asked = {
        startAt: "2024-01-01",
        endAt: "2026-10-01",
        limit: "100",
        ...Object.fromEntries(new URLSearchParams(query)),
      };
      return owner.report(of, name, asked);
    };
    const sorted = (list) => list.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(sorted(await rows(website)), sorted(await rows(other)), report);
  }
  return count;
}

test("import: the zip of Plausible is recognised, converted in the page, and is what the command makes of it", async (visit) => {
  const here = await site(visit);
  const { page, section, choose } = here;
  const tables = readdirSync(join(FILES, "plausible")).map((name) => [name, readFileSync(join(FILES, "plausible", name))]);
  const archive = fileOf("export.zip", zip(tables, { isPacked: true }));
  await choose(archive);
  await section.getByText("An export of Plausible: 10 tables, 2026-03-01 to 2026-03-03.").waitFor();
  assert.equal(await section.getByLabel("Domain").inputValue(), "acme.example.com");
  const zone = section.getByLabel("Time zone of its days");
  assert.equal(await zone.inputValue(), "Europe/Paris");
  await zone.selectOption("Asia/Tokyo");
  await section.getByText("midnight in Europe/Paris: days of another zone fall across two of them").waitFor();
  await zone.selectOption("Europe/Paris");
  await section.getByText("What this export does not tell").click();
  await section.getByText("Times of day, journeys, and which visitor came from where").waitFor();
  await accessible(page, "an export that was chosen");
  const expected = commanded("plausible", [archive], "--domain", "acme.example.com", "--timezone", "Europe/Paris");
  const count = expected.trimEnd().split("\n").length;
  await section.getByRole("button", { name: "Import it" }).click();
  await section.getByText(`All of export.zip is in: ${count} lines, ${count} new, 0 here before, 0 rejected.`).waitFor();
  await section.getByText("2 rows of the export are no events").waitFor();
  const refused = await section.getByRole("region", { name: "Rows that are no events" }).locator("tbody tr").allInnerTexts();
  assert.deepEqual(refused.map((row) => row.split(/\t/)[0]).sort(), [
    "imported_custom_events_20260301_20260303.csv",
    "imported_sources_20260301_20260303.csv",
  ]);
  await section.getByText("Made of it: ").waitFor();
  await accessible(page, "an export that is in");
  assert.equal(await isAsCommanded(here, expected), count);
});

test("import: events of Umami, and of Google Analytics 4 with its reports, are what the command makes of them", async (visit) => {
  const here = await site(visit);
  const { section, choose } = here;
  const of = (name) => join(FILES, name);
  const own = ["--domain", "shop.example.com"];
  const begin = async (files, words, label = "Another file") => {
    await choose(files, label);
    await section.getByText(words).waitFor();
    await section.getByLabel("Domain").fill("https://www.shop.example.com/");
  };
  const start = () => section.getByRole("button", { name: "Import it" }).click();

  await begin(of("umami-cloud.csv"), "Events of Umami, the first of 2024-09-06.", "File");
  const websiteId = "86d4095c-a2a8-4fc8-9521-103e858e2b41";
  await section.getByLabel("Only this website's id").fill(websiteId);
  await start();
  await section.getByText("All of umami-cloud.csv is in").waitFor();
  await section.getByText("The goal “Sign Up” is called sign_up here.").waitFor();
  await section.getByText("Left out: 1 rows of other websites.").waitFor();
  let lines = commanded("umami", [of("umami-cloud.csv")], ...own, "--website", websiteId);
  // Packed, and without a name that says so.
  const events = fileOf("events", gzipSync(readFileSync(of("ga4-events.json"))));
  await begin(events, "Events of Google Analytics 4, the first of 2026-02-03.");
  await start();
  await section.getByText("All of events is in").waitFor();
  lines += commanded("ga4", [of("ga4-events.json")], ...own);
  const reports = ["days", "pages", "countries", "sources", "goals"].map((name) => of(`ga4-${name}.csv`));
  await begin(reports, "Reports of Google Analytics 4: 5 of them, 2026-03-01 to 2026-03-03.");
  await section.getByLabel("Time zone of its days").selectOption("America/New_York");
  await start();
  await section.getByText("All of ga4-days.csv, ga4-pages.csv").waitFor();
  lines += commanded("ga4", reports, ...own, "--timezone", "America/New_York");
  await isAsCommanded(here, lines);
});

test("import: an export goes on after a reload where it was, with the options that it was begun with", async (visit) => {
  const { page, context, section, choose, visitors } = await site(visit);
  const [header, row] = readFileSync(join(FILES, "umami-cloud.csv"), "utf8").split("\n");
  const count = 16_000;
  const rows = Array.from({ length: count }, (_, at) => {
    const time = new Date(NOW - DAY_MS - at * 1_000).toISOString().replace("T", " ").slice(0, 19);
    const [session, event] = [randomUUID(), randomUUID()];
    return row
      .replace("970c97c5-2071-540a-be88-098eb730ccac", session)
      .replace("dbcfe5ef-99f4-44e1-ad3f-c157eb102a13", event)
      .replace(/2024-09-06 \d\d:\d\d:\d\d/, time);
  });
  const wrong = rows.with(9_000, "one,two");
  const file = fileOf("umami.csv", [header, ...wrong].join("\n"));
  let taken = 0;
  await context.route("**/import", async (route) => {
    taken += 1;
    if (taken === 2) await new Promise(() => {}); // the page is reloaded before this one is answered
    await route.continue();
  });
  await choose(file);
  await section.getByLabel("Domain").fill("shop.example.com");
  await section.getByRole("button", { name: "Import it" }).click();
  await eventually(() => taken === 2);
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await context.unroute("**/import"); // it lets go of what it holds: before the reload, that would still be sent
  await section.getByText("Choose the same again, with the same options").waitFor();
  const before = visit.calls.length;
  await choose(file);
  await section.getByText("with these options it goes on where it was").waitFor();
  assert.equal(await section.getByLabel("Domain").inputValue(), "shop.example.com");
  await section.getByRole("button", { name: "Import it" }).click();
  await section
    .getByText("All of umami.csv is in: 15,999 lines, 15,999 new, 0 here before, 0 rejected.")
    .waitFor({ timeout: 60_000 });
  const lines = commanded("umami", [file], "--domain", "shop.example.com");
  const posts = visit.calls.slice(before).filter(({ method, path }) => method === "POST" && path.endsWith("/import"));
  assert.equal(posts.length, Math.ceil(lines.length / (4 << 20)) - 1);
  await section.getByText("1 rows of the export are no events").waitFor();
  assert.equal(await visitors(), count - 1);
});

test("import: what is broken, hostile or unknown is told in words, and no other request is made", async (visit) => {
  const { owner, website, page, section, choose } = await site(visit);
  const before = visit.calls.filter(({ method }) => method === "POST").length;
  const tables = readdirSync(join(FILES, "plausible")).map((name) => [name, readFileSync(join(FILES, "plausible", name))]);
  const whole = zip(tables, { isPacked: true });
  const told = async (file, words, label = "Another file") => {
    await choose(file, label);
    await section.getByText(words).waitFor();
  };
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["Dear diary"], "notes.txt"));
    return data;
  });
  await section.getByRole("group", { name: "Choose a file" }).dispatchEvent("drop", { dataTransfer: dropped });
  await section.getByText("notes.txt is no file of JSON lines: its first line is no JSON object.").waitFor();
  await section.getByText("What can be imported: JSON lines, an export of Plausible (.zip)").waitFor();
  await accessible(page, "a file that nobody knows");
  await told(fileOf("cut.zip", whole.subarray(0, 2_000)), "cut.zip is no zip, or its end is missing: fetch it again.");
  await told(join(FILES, "umami-sums.csv"), "Sums are no events: export the events.");
  await told(fileOf("photos.zip", zip([["a.jpg", Buffer.from([255, 216])]])), "No file in photos.zip is known.");
  assert.equal(visit.calls.filter(({ method }) => method === "POST").length, before);

  // Within an archive that looks whole: found when it is unpacked.
  const damaged = Buffer.from(whole);
  const at = damaged.indexOf("imported_visitors") + "imported_visitors_20260301_20260303.csv".length;
  damaged.fill(255, at, at + 20);
  await told(fileOf("damaged.zip", damaged), "The file could not be read; was it changed, moved or cut off?");

  // Text stays text, and what is no row is one row.
  const markup = "<img src=x onerror=alert(1)>";
  const days = "date,visitors,pageviews,bounces,visits,visit_duration\n2026-03-01,999999999999,1,0,1,0\n2026-03-02,1,1,0,1,0\n";
  const pages = `date,hostname,page,visits,visitors,pageviews\n2026-03-02,,"/${markup}=cmd|' /C calc'!A0\u202e",1,1,1\n${markup},1,1,1,1,1\n2026-03-02,"open`;
  const hostile = zip([
    ["imported_visitors.csv", Buffer.from(days)],
    ["imported_pages.csv", Buffer.from(pages)],
    [`${markup}.csv`, Buffer.from("a,b\n1,2\n")],
  ]);
  await told(fileOf("hostile.zip", hostile), "An export of Plausible: 2 tables, 2026-03-01 to 2026-03-02.");
  await section.getByRole("button", { name: "Import it" }).click();
  await section.getByText("1 lines, 1 new").waitFor();
  await section.getByText(`date: expected a day as 2026-05-01, got "${markup}"`).waitFor();
  await section.getByText("999999999999 within a day are too many").waitFor();
  await section.getByText(`Left out: 1 file that is not known: ${markup}.csv.`).waitFor();
  assert.equal(await section.locator("img").count(), 0);
  const [row] = await owner.report(website, "pages", { startAt: "2026-03-02", endAt: "2026-03-02" });
  assert.match(row.path, /img/);
});

test("import: who may not is told why", async (visit) => {
  const { section } = await site(visit, ["settings:read", "settings:write"]);
  await section.getByText('needs the permission "goals:write"').waitFor();
  assert.equal(await section.locator("input").count(), 0);
});
