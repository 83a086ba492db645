import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../test/random.ts";
import { added, cut, goesOn, isCompressed, isSameFile, misfit, NOTHING, readPlace, together } from "./import.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function streamOf(text: string, size: number): ReadableStream<Uint8Array> {
  const all = bytes(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < all.length; at += size) controller.enqueue(all.subarray(at, at + size));
      controller.close();
    },
  });
}

async function partsOf(text: string, size: number, most: number, skip = 0) {
  const parts = [];
  for await (const { body, ...part } of cut(streamOf(text, size), skip, most)) parts.push({ ...part, text: await body.text() });
  return parts;
}

test("parts are whole lines, together the file, and each knows its place", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const lines = Array.from({ length: random.below(40) }, () => "é".repeat(random.below(10)));
    const text = lines.join("\n") + (random.below(2) ? "\n" : "");
    const most = 24 + random.below(100);
    const parts = await partsOf(text, 1 + random.below(60), most);
    assert.equal(parts.map((part) => part.text).join(""), text, `seed ${seed}`);
    assert.ok(parts.every((part) => bytes(part.text).length <= most));
    assert.ok(parts.slice(0, -1).every((part) => part.text.endsWith("\n")));
    let at = 0;
    for (const { start, end, text, lines } of parts) {
      assert.deepEqual([start, end], [at, at + bytes(text).length]);
      assert.equal(lines, text.replace(/\n$/, "").split("\n").length);
      at = end;
    }
    // Wherever it was left, the rest is the same.
    for (const { end } of parts) {
      const rest = await partsOf(text, 1 + random.below(60), most, end);
      assert.equal(rest.map((part) => part.text).join(""), new TextDecoder().decode(bytes(text).subarray(end)));
      assert.ok(rest.every(({ start }, index) => index > 0 || start === end));
    }
  }
});

test("a line that is longer than a part is no line", async () => {
  await assert.rejects(partsOf("x".repeat(33), 8, 32), RangeError);
  assert.deepEqual(await partsOf("", 8, 32), []);
  assert.deepEqual(await partsOf("a", 8, 32), [{ start: 0, end: 1, lines: 1, text: "a" }]);
});

test("the lines of errors count from the beginning of the file", () => {
  const first = added(NOTHING, { accepted: 2, duplicates: 1, rejected: 0, errors: [] }, 3);
  const second = added(first.sum, { accepted: 0, duplicates: 0, rejected: 1, errors: [{ line: 2, message: "x" }] }, 2);
  assert.deepEqual(second, {
    sum: { lines: 5, accepted: 2, duplicates: 1, rejected: 1 },
    errors: [{ line: 5, message: "x" }],
  });
});

test("a place is read back, and what is no place is none", () => {
  const place = { name: "a.ndjson", size: 9, modified: 5, key: "k", end: 4, sum: NOTHING };
  assert.deepEqual(readPlace(JSON.stringify(place)), place);
  for (const other of [
    undefined,
    "",
    "{}",
    "null",
    JSON.stringify({ ...place, end: -1 }),
    JSON.stringify({ ...place, sum: {} }),
  ])
    assert.equal(readPlace(other), undefined, other);
  assert.ok(isSameFile(place, { name: "a.ndjson", size: 9, lastModified: 5 }));
  assert.ok(!isSameFile(place, { name: "a.ndjson", size: 9, lastModified: 6 }));
  const file = { name: "a.ndjson", size: 9, lastModified: 5 };
  const how = '{"domain":"a.example"}';
  assert.deepEqual(readPlace(JSON.stringify({ ...place, how })), { ...place, how });
  assert.equal(readPlace(JSON.stringify({ ...place, how: {} })), undefined);
  assert.ok(goesOn(place, file) && goesOn({ ...place, how }, { ...file, how }));
  assert.ok(!goesOn({ ...place, how }, { ...file, how: '{"domain":"b.example"}' }), "with other options it begins anew");
  assert.ok(!goesOn({ ...place, how }, file) && !goesOn(place, { ...file, how }));
  const other = new File(["abc"], "b.csv", { lastModified: 7 });
  assert.deepEqual(together([new File(["a"], "a.csv", { lastModified: 3 }), other]), {
    name: "a.csv, b.csv",
    size: 4,
    lastModified: 7,
  });
});

test("what is no file of JSON lines is named", () => {
  assert.equal(misfit("a", bytes('{"id":1}\n')), undefined);
  assert.equal(misfit("a", bytes('\ufeff \n{"id":1}')), undefined);
  assert.match(misfit("a.zip", bytes("PK\u0003\u0004")) ?? "", /a\.zip is an archive/);
  assert.match(misfit("a", bytes("PAR1")) ?? "", /Parquet/);
  assert.match(misfit("a", bytes("[{}]")) ?? "", /one JSON list/);
  assert.match(misfit("a.csv", bytes("id,time\n")) ?? "", /first line is no JSON object/);
  assert.match(misfit("a", bytes(" \n")) ?? "", /empty/);
  assert.ok(isCompressed(new Uint8Array([0x1f, 0x8b, 8])) && !isCompressed(bytes("{")));
});
