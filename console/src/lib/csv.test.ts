import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { cell, csv, fileName } from "./csv.ts";

test("no spreadsheet takes a tracked text for a formula", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "\ufeff=1"]) {
    const written = cell(text);
    assert.ok(written.replace(/^"/, "").startsWith("'"), JSON.stringify(written));
  }
  assert.equal(cell(-12.5), "-12.5");
  assert.equal(cell("a=b"), "a=b");
  assert.equal(cell("/pricing"), "/pricing");
});

test("cells are quoted where they must be", () => {
  assert.equal(cell('say "hi", twice'), '"say ""hi"", twice"');
  assert.equal(cell("two\nlines"), '"two\nlines"');
  assert.equal(cell(null), "");
  assert.equal(csv(["page", "visitors"], [["/a,b", 3]]), 'page,visitors\r\n"/a,b",3\r\n');
});

test("a reader of RFC 4180 gets back what was written", () => {
  forAll((random) => {
    const rows = random.list(5, () => [random.text(), random.text(), random.text()], 1);
    const read = parse(csv(["a", "b", "c"], rows));
    assert.deepEqual(
      read.slice(1),
      rows.map((row) =>
        row.map((text) =>
          cell(text)
            .replace(/^"(.*)"$/s, "$1")
            .replaceAll('""', '"'),
        ),
      ),
    );
    for (const [at, row] of rows.entries()) {
      for (const [column, text] of row.entries()) assert.ok([text, `'${text}`].includes(read[at + 1]![column]!));
    }
  });
});

function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  const cells = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/gy;
  for (let match = cells.exec(text); match; match = cells.exec(text)) {
    rows.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === "\r\n") rows.push([]);
  }
  assert.equal(rows.pop()!.length, 0);
  return rows;
}

test("a file's name has nothing that a system takes for something else", () => {
  assert.equal(
    fileName(["example.com", "pages", "2026-11-01 to 2026-11-28", "Country is France"], "csv"),
    "example.com_pages_2026-11-01-to-2026-11-28_Country-is-France.csv",
  );
  assert.equal(fileName(["../../etc/passwd"], "csv"), "etc-passwd.csv");
  assert.equal(fileName(["a\u202egnp.exe"], "csv"), "a-gnp.exe.csv");
  assert.equal(fileName(["", "///"], "csv"), "export.csv");
});
