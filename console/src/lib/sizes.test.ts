import assert from "node:assert/strict";
import { test } from "node:test";
import { ordinary, sizeOf } from "./sizes.ts";

test("sizes have three digits and the unit that fits", () => {
  const written = [0, 1, 999, 1_000, 18_432_000, 200_000_000, 3_000_000_000_000_000].map((bytes) => sizeOf(bytes, ["en"]));
  assert.deepEqual(written, ["0 bytes", "1 byte", "999 bytes", "1 kB", "18.4 MB", "200 MB", "3,000 TB"]);
  assert.equal(ordinary(12_345, ["en"]), "12,345");
});
