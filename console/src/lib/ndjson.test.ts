import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { readLines } from "./ndjson.ts";

function stream(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const next = chunks.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
}

async function read(chunks: Uint8Array[]): Promise<unknown[]> {
  const values = [];
  for await (const value of readLines(stream(chunks))) values.push(value);
  return values;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("values arrive whole wherever the stream is cut, in the middle of a character too", async () => {
  const cases: { values: unknown[]; chunks: Uint8Array[] }[] = [];
  forAll((random) => {
    const values = random.list(6, () => ({ part: random.text(20), visitors: random.below(100) }));
    const all = bytes(values.map((value) => JSON.stringify(value)).join("\n") + random.one(["", "\n", "\n\n"]));
    const cuts = [0, ...random.list(8, () => random.below(all.length + 1)), all.length].sort((a, b) => a - b);
    cases.push({ values, chunks: cuts.slice(1).map((cut, at) => all.slice(cuts[at], cut)) });
  });
  for (const { values, chunks } of cases) assert.deepEqual(await read(chunks), values);
});

test("a value is there before the next one is sent", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, { highWaterMark: 2 });
  const [writer, lines] = [writable.getWriter(), readLines<{ part: string }>(readable)];
  const send = (chunk: Uint8Array) => void writer.write(chunk).catch(() => {});
  send(bytes('{"part":"overview"}\n{"part":"pa'));
  assert.equal((await lines.next()).value!.part, "overview");
  send(bytes('ges"}\n'));
  assert.equal((await lines.next()).value!.part, "pages");
  await lines.return();
});

test("an answer that was cut is an error, not fewer values", async () => {
  await assert.rejects(read([bytes('{"part":"overview"}\n{"part":"pag')]), /line 2 .* cut/);
  await assert.rejects(read([new Uint8Array([0x22, 0xf0, 0x9f])]));
});

test("a reader that stops early closes the stream", async () => {
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("1\n")),
    cancel() {
      isCancelled = true;
    },
  });
  for await (const value of readLines(source)) {
    assert.equal(value, 1);
    break;
  }
  assert.ok(isCancelled);
});
