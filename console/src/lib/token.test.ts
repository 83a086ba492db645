import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { checkToken, problemOf } from "./token.ts";

// The published sample of the format, which src/auth/token.rs has too.
const BODY = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";

test("the published sample is a token", () => {
  assert.deepEqual(checkToken(`dft_${BODY}`), { kind: "account" });
  assert.deepEqual(checkToken(`df_${BODY}`), { kind: "website" });
  assert.equal(problemOf(`dft_${BODY}`), null);
});

test("what is wrong with a token is named", () => {
  for (const [text, why] of [
    ["", "prefix"],
    [`dfx_${BODY}`, "prefix"],
    [`DFT_${BODY}`, "prefix"],
    ["dft_", "length"],
    [`dft_${BODY.slice(1)}`, "length"],
    [`dft_${BODY}7`, "length"],
    [`dft_${BODY.replace("k", "-")}`, "characters"],
    [`dft_${BODY.replace("q", "é")}`, "characters"],
    [`dft_${BODY.slice(0, -1)}8`, "checksum"],
  ] as const) {
    assert.deepEqual(checkToken(text), { kind: "malformed", why }, text);
    assert.ok(problemOf(text)!.length > 10);
  }
  assert.equal(problemOf(`df_${BODY}`), "This is a website key. It opens the API, not the console.");
});

test("one changed character is always noticed", () => {
  forAll((random) => {
    const at = random.below(BODY.length);
    const other = random.one([..."0123456789ABCXYZabcxyz"]);
    const changed = BODY.slice(0, at) + other + BODY.slice(at + 1);
    assert.equal(checkToken(`dft_${changed}`).kind === "account", changed === BODY);
  });
});
