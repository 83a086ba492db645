import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialed, valued, worded } from "./words.ts";

test("names are words", () => {
  assert.deepEqual(["updateWebsite", "excludedIps", "rotateWebhookSecret", "connectStripe", "x", ""].map(worded), [
    "Update website",
    "Excluded ips",
    "Rotate webhook secret",
    "Connect stripe",
    "X",
    "",
  ]);
});

test("values are for people", () => {
  assert.deepEqual([null, undefined, true, false, "", "a", 0, [], ["a", "b"], [{ a: 1 }], { a: 1 }].map(valued), [
    "–",
    "–",
    "yes",
    "no",
    "empty",
    "a",
    "0",
    "none",
    "a, b",
    '[{"a":1}]',
    '{"a":1}',
  ]);
});

test("a credential is named by its kind and by itself", () => {
  assert.equal(credentialed({ kind: "key", name: "CI df_a…z" }), "website key CI df_a…z");
  assert.equal(credentialed({ kind: "session", name: null }), "session");
  assert.equal(credentialed({ kind: "later", name: null }), "later");
});
