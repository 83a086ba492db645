import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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
  await context.unroute("**/import");
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
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

test("import: who may not is told why", async (visit) => {
  const { section } = await site(visit, ["settings:read", "settings:write"]);
  await section.getByText('needs the permission "goals:write"').waitFor();
  assert.equal(await section.locator("input").count(), 0);
});
