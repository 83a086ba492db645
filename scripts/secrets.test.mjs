import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsIn } from "./secrets.mjs";
import { stableExamples } from "../openapi/stable.mjs";

const token = `dft_${"a1B2c3D4e5F6".repeat(3)}`;

test("whatever has the form of a token or a secret is found", () => {
  assert.deepEqual(secretsIn(`fine\n"key":"${token}"`), [{ line: 2, kind: "token" }]);
  for (const prefix of ["df", "dfbot"]) assert.deepEqual(secretsIn(`${token.replace("dft", prefix)}.`), [{ line: 1, kind: "token" }]);
  assert.deepEqual(secretsIn(`whsec_${"Q".repeat(43)}=`), [{ line: 1, kind: "webhook secret" }]);
  for (const fine of ["dft_…", "df_full_key_shown_once", "dft_MxJ...Ea1k", "dfid_0123456789abcdef01234567", "`whsec_`", `x${token}`]) {
    assert.deepEqual(secretsIn(fine), [], fine);
  }
});

test("a recorded example shows neither tokens nor secrets, and the same display key each time", () => {
  const example = { key: token, displayKey: `${token.slice(0, 7)}...${token.slice(-4)}`, secret: `whsec_${"Q".repeat(43)}=` };
  const examples = stableExamples([{ operation: "createKey", at: 0, example }], "http://127.0.0.1:1", 0);
  assert.deepEqual(secretsIn(JSON.stringify(examples)), []);
  assert.match(examples.createKey.displayKey, /^dft_[A-Za-z0-9]{3}\.\.\.[A-Za-z0-9]{4}$/);
  assert.deepEqual([examples.createKey.key, examples.createKey.secret], ["dft_…", "whsec_…"]);
});
