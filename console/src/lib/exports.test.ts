import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { zip } from "../../../tests/moving/zip.mjs";
import { Random } from "../../test/random.ts";
import { converted, type Export, type Options, recognise } from "./exports.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FILES = join(ROOT, "tests/moving/files");
const read = (name: string) => readFileSync(join(FILES, name));
const file = (name: string, ...content: (string | Buffer)[]) => new File(content as BlobPart[], name);
const given = (...names: string[]) => names.map((name) => file(name, read(name)));
const tables = readdirSync(join(FILES, "plausible")).map((name): [string, Buffer] => [name, read(`plausible/${name}`)]);
const folder = mkdtempSync(join(tmpdir(), "sluice-exports-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

async function known(files: File[]): Promise<Export> {
  const found = await recognise(files);
  assert.ok(found);
  return found;
}

async function textOf(found: Export, options: Options) {
  const { stream, report } = converted(found, options);
  return { text: await new Response(stream).text(), ...report() };
}

// What the command makes of the same.
function commanded(program: string, files: readonly string[], ...options: string[]): string {
  const script = join(ROOT, `scripts/moving/${program}.mjs`);
  return spawnSync(process.execPath, [script, ...files, "--domain", "shop.example.com", ...options]).stdout.toString();
}

test("each export is recognised by what is in it, and becomes the lines that the command makes", async () => {
  const domain = "shop.example.com";
  const timezone = "Europe/Berlin";
  const archive = join(folder, "export.zip");
  writeFileSync(archive, zip(tables, { isPacked: true }));
  const reports = ["days", "pages", "countries", "sources", "goals"].map((name) => `ga4-${name}.csv`);
  const paths = reports.map((name) => join(FILES, name));

  const expected = commanded("plausible", [archive], "--timezone", timezone);
  assert.ok(expected.length > 10_000);
  const words = "An export of Plausible: 10 tables, 2026-03-01 to 2026-03-03";
  for (const files of [
    [file("whatever.bin", readFileSync(archive))],
    [file("stored.zip", zip([...tables, ["__MACOSX/x", Buffer.from("x")], ["notes.txt", Buffer.from("x")]]))],
    tables.map(([name, data]) => file(name, data)), // as Safari leaves them
  ]) {
    const found = await known(files);
    assert.deepEqual([found.words, found.needs], [words, ["timezone"]]);
    const made = await textOf(found, { domain, timezone });
    assert.equal(made.text, expected);
    assert.equal(made.refused, 2);
    assert.deepEqual(made.refusals.map(({ why }) => why.split(":")[0]).sort(), [
      "events",
      "expected 13 cells, as the header has, got 2",
    ]);
    // And once more, as after a stop.
    assert.equal((await textOf(found, { domain, timezone })).text, expected);
  }

  const umami = commanded("umami", [join(FILES, "umami-cloud.csv")]);
  for (const files of [
    given("umami-cloud.csv"),
    [file("x.gz", gzipSync(read("umami-cloud.csv")))],
    [file("x.zip", zip([["a/b.csv", read("umami-cloud.csv")]]))],
  ]) {
    const found = await known(files);
    assert.deepEqual([found.words, found.needs], ["Events of Umami, the first of 2024-09-06", ["website"]]);
    const made = await textOf(found, { domain });
    assert.equal(made.text, umami);
    assert.deepEqual(made.renamed, [["Sign Up", "sign_up"]]);
  }

  const events = await known([file("events", gzipSync(read("ga4-events.json")))]);
  assert.equal(events.words, "Events of Google Analytics 4, the first of 2026-02-03");
  assert.equal((await textOf(events, { domain })).text, commanded("ga4", [join(FILES, "ga4-events.json")]));

  const found = await known(given(...reports));
  assert.equal(found.words, "Reports of Google Analytics 4: 5 of them, 2026-03-01 to 2026-03-03");
  const made = await textOf(found, { domain, timezone });
  assert.equal(made.text, commanded("ga4", paths, "--timezone", timezone));
  const notes: [string, Buffer] = ["notes.txt", Buffer.from("x")];
  const archived = zip([notes, ...reports.map((name): [string, Buffer] => [name, read(name)])]);
  const unzipped = await known([file("reports.zip", archived)]);
  assert.deepEqual([unzipped.words, (await textOf(unzipped, { domain, timezone })).text], [found.words, made.text]);
  assert.equal(found.progress.read, reports.reduce((sum, name) => sum + read(name).length, 0)); // biome-ignore format: one line
});

test("lines are left as they are, and what nobody knows is told what would be taken", async () => {
  assert.equal(await recognise([file("a", '{"id":"1"}\n')]), undefined);
  assert.equal(await recognise([file("a.gz", gzipSync('{"id":"1"}\n'))]), undefined);
  const cases: [File[], RegExp][] = [
    [
      [file("a.csv", "id,time\n1,2\n")],
      /^a\.csv is no file of JSON lines.*What can be imported: JSON lines, an export of Plausible/,
    ],
    [[file("a", "")], /a is empty\. What can/],
    [[file("a.parquet", "PAR1")], /Parquet/],
    [[file("a.zip", zip([["a.txt", Buffer.from("x")]]))], /No file in a\.zip is known/],
    [[file("a.zip", zip([["a.json", Buffer.from('{"id":1}')]]))], /a\.json is not known/],
    [[file("a.zip", zip(tables).subarray(0, 2000))], /a\.zip is no zip, or its end is missing: fetch it again\.$/],
    [[file("a.zip", zip(tables.filter(([name]) => !/visitors/.test(name))))], /There is no imported_visitors\.csv/],
    [given("umami-sums.csv"), /Sums are no events: export the events/],
    [given("ga4-pages.csv"), /A report of the days is needed too/],
    [given("ga4-days.csv", "umami-cloud.csv"), /of different kinds/],
    [[file("a", "{}"), file("b", "{}")], /one at a time/],
  ];
  for (const [files, words] of cases) await assert.rejects(recognise(files), { name: "RangeError", message: words });
});

test("a damaged archive ends: with lines, or with an error", async () => {
  const whole = zip(tables, { isPacked: true, isLarge: true });
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const damaged = Buffer.from(random.below(2) ? whole : whole.subarray(0, 1 + random.below(whole.length)));
    for (let count = random.below(4); count >= 0; count--) damaged[random.below(damaged.length)] = random.below(256);
    try {
      const found = await recognise([file("a.zip", damaged)]);
      if (found) await textOf(found, { domain: "a.example" });
    } catch (error) {
      // Told in words, or the browser's own of a stream that cannot be unpacked.
      assert.ok(
        error instanceof RangeError || error instanceof TypeError || (error as Error).name === "Error",
        `seed ${seed}: ${error}`,
      );
    }
  }
});

test("hostile tables cost their rows only", async () => {
  const days = "date,visitors,pageviews,bounces,visits,visit_duration\n2026-03-01,999999999999,1,0,1,0\n2026-03-02,1,1,0,1,0\n";
  const pages = `date,hostname,page,visits,visitors,pageviews\n2026-03-02,<b>,"/<img src=x onerror=alert(1)>\u202e",1,1,1\n2026-03-02,"${"x".repeat(2 << 20)}`;
  const found = await known([file("imported_visitors.csv", days), file("imported_pages.csv", pages)]);
  const made = await textOf(found, { domain: "a.example", timezone: "UTC" });
  assert.equal(made.text.trimEnd().split("\n").length, 1);
  assert.match(
    JSON.stringify(made.refusals),
    /visitors: 999999999999 within a day are too many.*a quote is opened and not closed/,
  );
});

test("whoever stops reading stops the conversion", async () => {
  const [header, row] = read("umami-cloud.csv").toString().split("\n");
  const found = await known([file("a.csv", `${header}\n${`${row}\n`.repeat(20_000)}`)]);
  const { stream, report } = converted(found, { domain: "a.example" });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [[, count] = ["", 0]] = report().counts;
  assert.ok(count > 0 && count < 5_000, `${count}`);
  assert.equal(report().counts[0]?.[1], count);
});
