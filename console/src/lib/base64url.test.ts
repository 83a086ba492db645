import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, toBase64url } from "./base64url.ts";

test("bytes are written and read as RFC 4648 has them", () => {
  for (const [bytes, text] of [
    [[], ""],
    [[0x66], "Zg"],
    [[0x66, 0x6f], "Zm8"],
    [[0x66, 0x6f, 0x6f], "Zm9v"],
    [[0xfb, 0xff, 0xbe], "-_--"],
    [[0xff, 0xff], "__8"],
  ] as [number[], string][]) {
    assert.equal(toBase64url(Uint8Array.from(bytes).buffer), text);
    assert.deepEqual([...fromBase64url(text)], bytes);
  }
});
